/*
 * way.h: which of two ways of reading a file goes on: over a mapping, or by read() into a buffer.
 *
 * Either may be the faster one by half: a mapping copies nothing, but where a host backs its guest with small
 * pages each page that is touched costs a walk through two page tables.  So both ways are timed on the work
 * itself: pieces of the file go one way and the other in turn, by the processor time that all of the work on
 * them takes.  The faster one goes on, and is looked at again now and then.  What is read is the same.
 */
#ifndef MC_WAY_H
#define MC_WAY_H

#include "base/base.h"
#include "base/switches.h"

typedef enum mc_way { MC_WAY_MAPPED, MC_WAY_READ, MC_WAY_COUNT } mc_way;

typedef struct mc_ways {
    mc_way now, best;
    uint64_t until;                  /* bytes of the file: there the piece in hand ends; UINT64_MAX: nothing is to be chosen */
    uint64_t begun;
    int64_t begun_ns;
    bool looking;                    /* pieces are timed */
    bool turns;                      /* of tests: one and the other in turn */
    uint32_t pieces;                 /* timed in this look */
    double least[MC_WAY_COUNT];      /* nanoseconds a byte, in this look */
    uint32_t looks;                  /* that have come to an end, and what the latest of them has found: */
    double found[MC_WAY_COUNT];
    uint64_t stretch;                /* bytes to the next look; 0: no file has begun */
    uint64_t bytes[MC_WAY_COUNT];    /* that have gone this way */
} mc_ways;

/* A file of 'total' bytes, which is mapped. */
void mc_ways_begin(mc_ways *w, mc_reading how, uint64_t total);

/* The piece in hand ends at 'done', at 'cpu_ns'; returns the way of the next one.  When that has begun, mc_ways_start(). */
mc_way mc_ways_next(mc_ways *w, uint64_t done, int64_t cpu_ns);
void mc_ways_start(mc_ways *w, int64_t cpu_ns);

/* The file cannot be mapped any more: what lies behind 'done' is read. */
void mc_ways_stop(mc_ways *w, uint64_t done);

/* Adds the bytes that have gone each way, up to 'done'. */
static inline void mc_ways_add(const mc_ways *w, uint64_t done, uint64_t by_way[MC_WAY_COUNT]);

/* ------------------------------------------------------------------ bodies */

static inline void mc_ways_add(const mc_ways *w, uint64_t done, uint64_t by_way[MC_WAY_COUNT])
{
    if (w->stretch == 0)
        return;                      /* nothing could be mapped */
    by_way[MC_WAY_MAPPED] += w->bytes[MC_WAY_MAPPED];
    by_way[MC_WAY_READ] += w->bytes[MC_WAY_READ];
    by_way[w->now] += done - w->begun;
}

#endif
