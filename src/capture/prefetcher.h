/*
 * prefetcher.h: walks ahead of the reader while others work.
 *
 * Each step along a chain of large records waits for memory, and to guess where the
 * records behind lie wastes half of what is fetched.  But while the last packets are
 * analysed, nothing waits: a step now and then finds the next record's place and has
 * its headers fetched, so that the reader meets them in the cache.  Where records come in
 * all sizes each step would have to wait for the one before, with nothing fetched on a
 * guess: there a prefetcher sweeps, and has all of what lies ahead fetched, line by line.  So
 * it does where all bytes of the packets will be read.  A prefetcher decides nothing and is
 * believed nothing: what it meets may be garbage.
 */
#ifndef MC_PREFETCHER_H
#define MC_PREFETCHER_H

#include "base/base.h"

typedef struct mc_prefetcher {
    const uint8_t *at;               /* a record that is fetched already */
    size_t left;                     /* mapped bytes from there on; 0: there is nothing to do */
    uint32_t size_at;                /* where a record has its size (little-endian) ... */
    uint32_t more;                   /* ... and how much longer it is */
    uint32_t headers;                /* bytes of a record that are looked at */
    uint32_t large, small;           /* likely sizes; 0: they are not known */
    uint32_t sweep;                  /* bytes a step, in whole lines; 0: it walks */
    uint32_t steps;                  /* done so far */
    bool whole;                      /* all that is swept will be read: more than a first-level cache holds */
} mc_prefetcher;

#define MC_PREFETCHER_LEAST 32       /* bytes of any record header, at least */
#define MC_PREFETCHER_LINE  64u      /* bytes of a cache line */

/* Of a prefetcher that sweeps: there is something left. */
MC_INLINE void mc_prefetcher_sweep(mc_prefetcher *s);

/* One step of either kind; nothing when nothing is left. */
MC_INLINE void mc_prefetcher_step(mc_prefetcher *s);

/* ------------------------------------------------------------------ bodies */

MC_INLINE void mc_prefetcher_sweep(mc_prefetcher *s)
{
    const uintptr_t at = (uintptr_t)s->at;
    uint32_t line;

    if (s->left < s->sweep) {
        s->left = 0;
        return;
    }
    if (s->whole)
        for (line = 0; line < s->sweep; line += MC_PREFETCHER_LINE)
            MC_PREFETCH_LATER(at + line);
    else
        for (line = 0; line < s->sweep; line += MC_PREFETCHER_LINE)
            MC_PREFETCH_ONCE(at + line);
    s->at += s->sweep;
    s->left -= s->sweep;
    s->steps++;
}

MC_INLINE void mc_prefetcher_step(mc_prefetcher *s)
{
    uintptr_t next;
    uint32_t size;

    if (s->left < MC_PREFETCHER_LEAST)
        return;
    if (s->sweep != 0) {
        mc_prefetcher_sweep(s);
        return;
    }
    size = mc_le32(s->at + s->size_at) + s->more;
    if (MC_UNLIKELY(size < 16 || size > s->left)) {
        s->left = 0;
        return;
    }
    s->at += size;
    s->left -= size;
    s->steps++;
    next = (uintptr_t)s->at;
    MC_PREFETCH(next);
    MC_PREFETCH(next + 64);
    MC_PREFETCH(next + s->headers);
    if (s->large != 0) {
        MC_PREFETCH(next + s->large);
        MC_PREFETCH(next + s->small);
    }
}

#endif
