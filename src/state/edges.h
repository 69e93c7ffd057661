/*
 * edges.h: what connections say whose beginning is in another piece, until it is known what it is.
 *
 * A piece that is read alone keeps the first bytes of each side of such a connection, in case a handshake of TLS was
 * under way.  Most of it is never asked for.  When enough of a side has come to say so, that goes: of what is no TLS
 * all but the beginnings of segments, and of TLS what is encrypted.  Whoever asks for what went is told that it is
 * not there (mc_kept_part); nobody is told something else.
 */
#ifndef MC_EDGES_H
#define MC_EDGES_H

#include "application/ears.h"
#include "decode/decode.h"
#include "state/pack.h"

/* Of what begins before the piece: so many bytes of each side are kept in whole ... */
#define MC_LOG_EDGE_BYTES MC_EAR_BYTES
/* ... and then the beginnings of so many segments of each turn. */
#define MC_LOG_EDGE_SEGMENTS 16

#define MC_EDGES_MOST  (64u << 20)   /* bytes of all of them; what comes then is kept in its record, whole */
#define MC_EDGES_CHUNK (4u << 20)    /* bytes of a chunk's records: it ends then */

typedef struct mc_edge_item {
    size_t at;                       /* where its bytes lie */
    uint32_t next;                   /* of its side: the one behind it, from 1 */
    uint32_t len, kept;
    uint32_t needed;                 /* what was asked for in this piece */
    uint8_t in_turn;                 /* the how manieth of its turn it is */
    bool veiled;                     /* what is encrypted of it has gone: zeros */
} mc_edge_item;

/* A side, as far as it goes on without a gap. */
typedef struct mc_edge_side {
    uint32_t first, last;            /* items, from 1 */
    uint32_t next_seq, bytes;
    bool torn;                       /* something was missing, or came again: what follows is kept whole */
} mc_edge_side;

typedef struct mc_edges {
    mc_packer bytes;
    mc_edge_item *item;
    uint32_t count, room;
    mc_edge_side *side;
    uint32_t sides, side_room;
    uint32_t *ends;                  /* of each chunk of records: items up to its end */
    uint32_t chunks, ends_room;
    size_t chunk_bytes;              /* of the chunk that is being made */
    uint8_t *stream;                 /* a side's bytes in a row, and behind them as many marks of where records begin */
    size_t stream_room;              /* ... for so many bytes of it */
    bool no_memory;
} mc_edges;

void mc_edges_free(mc_edges *e);

/* Takes the payload of a segment, 'len' bytes of it; '*side' is the number of its side, 0 before its first.  False: there is no
   room any more. */
bool mc_edges_add(mc_edges *e, uint32_t *side, const mc_segment *s, uint32_t len, uint8_t in_turn, uint32_t needed);

/* A chunk of records ends. */
void mc_edges_end_chunk(mc_edges *e);

/* What is kept of each: once all has come. */
void mc_edges_settle(mc_edges *e);

/* What belongs to the records of chunk 'i', from 0.  False: nothing does. */
bool mc_edges_pack(const mc_edges *e, uint32_t i, mc_packer *out);

/* Of who reads them. */
typedef struct mc_edges_read {
    mc_unpacker lens;
    const uint8_t *whole, *whole_end, *veiled, *veiled_end;
    uint8_t *bytes;                  /* of the chunk */
    size_t room;
} mc_edges_read;

void mc_edges_read_free(mc_edges_read *r);

/* A chunk of them, for the records that come next.  False: no memory; '*bad': it cannot be. */
bool mc_edges_read_chunk(mc_edges_read *r, const uint8_t *bytes, size_t count, bool *bad);

/* The next one, of a segment of which 'captured' bytes were there; NULL: there is none, or it cannot be. */
const uint8_t *mc_edges_read_next(mc_edges_read *r, uint32_t captured, uint32_t *len);

/* All were asked for. */
static inline bool mc_edges_are_read(const mc_edges_read *r)
{
    return r->lens.p == r->lens.end;
}

#endif
