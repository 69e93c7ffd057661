/*
 * chunk.h: the file of a state: a head of 16 bytes, then chunks, each of which says what it is, how long
 * it is and by which sums it is whole; the last one says how many there are.  docs/state.md has the format.
 *
 * What is read here may be anything: what is not what was written is an error that names the file.
 */
#ifndef MC_CHUNK_H
#define MC_CHUNK_H

#include <stdio.h>

#include "base/base.h"

#define MC_STATE_VERSION 3u
#define MC_CHUNK_BYTES   (256u * 1024)           /* so many are worth a chunk ... */
#define MC_CHUNK_MOST    (16u * 1024 * 1024)     /* ... and so many it may have */

typedef enum mc_chunk_kind {
    MC_CHUNK_OPTIONS = 1,            /* what is looked at, and how: the first */
    MC_CHUNK_PIECE,                  /* a piece of the series begins */
    MC_CHUNK_SEGMENTS,               /* what its frames hold */
    MC_CHUNK_EVENTS,                 /* what else was noticed of the server */
    MC_CHUNK_SUMS,                   /* what its frames add up to: the piece ends */
    MC_CHUNK_END,
    MC_CHUNK_EDGES,                  /* what belongs to the segments behind it and is kept aside */
    MC_CHUNK_KINDS
} mc_chunk_kind;

typedef struct mc_chunk {
    mc_chunk_kind kind;
    const uint8_t *bytes;            /* good until the next one is read */
    uint32_t count;
} mc_chunk;

/* A sum of several heads, with one more.  Without the sum that a head ends with: a CRC that goes on over a text and that
   text's own CRC is the same for all texts. */
uint32_t mc_chunk_sum(uint32_t sum, const uint8_t *head);

/* ----------------------------------------------------------------- writing */

typedef struct mc_chunk_writer {
    FILE *file;
    uint64_t chunks;
    uint32_t sum;                    /* of all heads of chunks */
    uint8_t *room;                   /* for packed bytes */
    size_t room_bytes;
} mc_chunk_writer;

/* The head of the file. */
bool mc_chunk_begin(mc_chunk_writer *w, FILE *file);

/* A chunk, compressed where a library is there; false: it could not be written (errno), or there is no memory. */
bool mc_chunk_write(mc_chunk_writer *w, mc_chunk_kind kind, const void *bytes, size_t count);

/* The last chunk; the file is complete. */
bool mc_chunk_finish(mc_chunk_writer *w);

void mc_chunk_writer_free(mc_chunk_writer *w);

/* ----------------------------------------------------------------- reading */

typedef struct mc_chunk_reader {
    FILE *file;
    char name[256];                  /* fit to be shown; in front of each message */
    uint64_t chunks;
    uint32_t sum;
    bool spool;
    bool ended;                      /* the last chunk was read: the file is whole */
    uint8_t head[24];                /* of the chunk, as it lies */
    uint8_t *stored, *bytes;
    size_t stored_room, bytes_room;
} mc_chunk_reader;

/* 'spool': chunks alone, without the head of the file and without an end. */
mc_status mc_chunk_open(mc_chunk_reader *r, FILE *file, const char *name, bool spool, mc_error *err);

/* A file by its name, which the reader closes; whatever comes back, mc_chunk_reader_close() is due. */
mc_status mc_chunk_open_path(mc_chunk_reader *r, const char *path, mc_error *err);

/* The next chunk.  MC_END: there is none; in a file that is not a spool that means that all was there. */
mc_status mc_chunk_read(mc_chunk_reader *r, mc_chunk *out, mc_error *err);

/* The same in two steps: the next chunk as it is stored, 'bytes' NULL, which is enough to copy it; and what is in it. */
mc_status mc_chunk_next(mc_chunk_reader *r, mc_chunk *out, mc_error *err);
mc_status mc_chunk_unpack(mc_chunk_reader *r, mc_chunk *out, mc_error *err);

/* The chunk that was read last goes to 'w' as it lies. */
bool mc_chunk_copy(mc_chunk_writer *w, const mc_chunk_reader *r);

/* Says that what is in the file cannot be. */
mc_status mc_chunk_damaged(const mc_chunk_reader *r, const char *what, mc_error *err);

void mc_chunk_reader_free(mc_chunk_reader *r);
void mc_chunk_reader_close(mc_chunk_reader *r);  /* with its file */

#endif
