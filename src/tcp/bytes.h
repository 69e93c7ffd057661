/*
 * bytes.h: which bytes of a stream were seen: what is new in a segment, what is
 * repeated, which holes are left.
 */
#ifndef MC_BYTES_H
#define MC_BYTES_H

#include "tcp/conn.h"
#include "base/pool.h"

/* What one segment brought. */
typedef struct mc_bytes_news {
    uint64_t fresh;                  /* bytes never seen before */
    bool fills;                      /* some of them lie below bytes that were seen: a hole gets smaller */
    mc_opening above;                /* fills: how the range above that hole began */
} mc_bytes_news;

/*
 * Adds the 's->len' payload bytes of 's' to endpoint 'dir'.  'in_stream' is false for
 * segments whose payload is none of the stream (RST, keep-alive).  Without memory
 * for a hole the counts become approximate (MC_C_RANGES_FULL).
 */
void mc_bytes_add(mc_conn *c, unsigned dir, const mc_segment *s, int64_t now, bool in_stream,
                  mc_pool *pool, mc_bytes_news *news);

/* The details of endpoint 'd', made if there are none yet; NULL without memory. */
mc_detail *mc_detail_of(mc_endpoint_state *d, mc_pool *pool);

/* Sums for the report, at any time. */
uint64_t mc_bytes_unique(const mc_endpoint_state *d);
uint64_t mc_bytes_retransmitted(const mc_endpoint_state *d);
uint64_t mc_bytes_missing_from(const mc_endpoint_state *d, uint32_t isn, bool syn_seen);

static inline uint64_t mc_bytes_missing(const mc_endpoint_state *d, bool syn_seen)
{
    return mc_bytes_missing_from(d, d->base, syn_seen);
}

/* Of these, what lies below the acknowledgement number 'ack' of the peer, and what it covers beyond. */
uint64_t mc_bytes_missing_below(const mc_endpoint_state *d, bool syn_seen, uint32_t ack);

/* Beyond this distance of a number from what its side has sent nothing is in order: so much where windows are scaled. */
#define MC_FAR_LEAST (1u << 20)

uint32_t mc_far_limit(const mc_endpoint_state *receiver);

#endif
