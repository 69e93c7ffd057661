/*
 * piece.h: what a state says besides its log: what was looked at, and of each piece where it stands in the
 * series and what it adds up to.
 */
#ifndef MC_PIECE_H
#define MC_PIECE_H

#include "facts/candidates.h"
#include "mcpcap.h"
#include "state/chunk.h"
#include "state/sums.h"
#include "table/sweeps.h"

#define MC_PIECE_NAMES 65536u        /* inputs of a piece */

/* What decides what is in a log: all of them but 'alone', which is of a piece. */
typedef mc_state_facts mc_looked_at;

/* False: the filter is too long. */
bool mc_looked_at_set(mc_looked_at *l, const mc_endpoint *server, const mc_options *options);
void mc_looked_at_pack(mc_packer *k, const mc_looked_at *l);

/* What a file that was just opened says of it. */
mc_status mc_looked_at_read(mc_chunk_reader *r, mc_looked_at *out, mc_error *err);

/* NULL: both are the same; else what is not. */
const char *mc_looked_at_differs(const mc_looked_at *a, const mc_looked_at *b);

/* How much was known when the piece was read. */
typedef enum mc_piece_kind {
    MC_PIECE_FIRST,                  /* nothing came before */
    MC_PIECE_FOLLOWS,                /* the pieces in front of it */
    MC_PIECE_ALONE                   /* nobody knew what came before */
} mc_piece_kind;

/* Its place in the series, if it was told: the 'number'th of 'of', or 0. */
typedef struct mc_piece_place {
    mc_piece_kind kind;
    uint32_t number, of;
} mc_piece_place;

void mc_piece_place_pack(mc_packer *k, const mc_piece_place *p);

/* The chunk begins a piece: here. */
mc_status mc_piece_place_of(const mc_chunk_reader *r, const mc_chunk *chunk, mc_piece_place *out, mc_error *err);

/* Pieces one behind the other: whether each is where it must be. */
typedef struct mc_series {
    uint64_t count;
    mc_piece_place last;
    uint32_t check;                  /* of the piece that is being read */
    uint64_t *seen;                  /* marks of all pieces with frames */
    size_t room, seen_count;
} mc_series;

/* 'place' comes next; 'first_of_file': it is the first piece of its file. */
mc_status mc_series_piece(mc_series *s, const mc_chunk_reader *r, const mc_piece_place *place, bool first_of_file, mc_error *err);

/* A chunk of the piece was read; its sums, which end it. */
void mc_series_chunk(mc_series *s, const mc_chunk_reader *r);
mc_status mc_series_sums(mc_series *s, const mc_chunk_reader *r, const mc_capture_facts *sums, mc_error *err);

/* The series is whole, if its pieces are numbered. */
mc_status mc_series_end(const mc_series *s, const mc_chunk_reader *r, mc_error *err);
void mc_series_free(mc_series *s);

/* What ends a piece. */
typedef struct mc_piece_sums {
    mc_capture_facts sums;
    mc_sums_words words;
    bool matched;                    /* a segment of the server came */
    int64_t clock_ns;                /* the time of the last frame that has one, or MC_NO_TIME */
    char **names;                    /* of its inputs */
    uint32_t name_count;
} mc_piece_sums;

/* 'candidates' are written where nothing matched; NULL: there are none, likewise 'sweeps'. */
void mc_piece_sums_pack(mc_packer *k, const mc_piece_sums *p, const mc_candidates *candidates, const mc_sweeps *sweeps);

/* What is read is to be freed; 'candidates' and 'sweeps' get what was written, unless they are NULL. False: no memory. */
bool mc_piece_sums_unpack(mc_unpacker *u, mc_piece_sums *p, mc_candidates *candidates, mc_sweeps *sweeps);
void mc_piece_sums_free(mc_piece_sums *p);

#endif
