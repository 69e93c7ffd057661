/*
 * reader_ahead.h: fetching memory ahead while a chain of records is walked.
 *
 * Each step waits for memory at the next header, so lines ahead are fetched early.
 * Small records: what lies linearly ahead.  Large ones come in two sizes as a rule (a
 * full segment, a bare acknowledgement): the four places where the third record from
 * here may be.  Sizes that cannot be guessed: every line.  A fetch outside of the
 * mapping does nothing, hence integers, not pointers.
 */
#ifndef MC_READER_AHEAD_H
#define MC_READER_AHEAD_H

#include "base/base.h"
#include "capture/prefetcher.h"

typedef enum mc_ahead_how {
    MC_AHEAD_NOT,                    /* it is no mapped file */
    MC_AHEAD_PREFETCHED,                /* a prefetcher was there already (prefetcher.h) */
    MC_AHEAD_SMALL,
    MC_AHEAD_GUESS,
    MC_AHEAD_ALL
} mc_ahead_how;

typedef struct mc_ahead {
    mc_ahead_how how;                /* for the next records, from what the last ones looked like */
    uint32_t large, small;           /* sizes of records seen last, for the guess */
    uint32_t hits;                   /* how many of this run were of these sizes */
    size_t step;                     /* mean size of the last run's records */
} mc_ahead;

#define MC_AHEAD_SWEPT 2048          /* longer records are better walked: most lines would be fetched in vain */

#define MC_AHEAD_INIT { .how = MC_AHEAD_ALL, .large = 1516, .small = 82 }

/* Before the record of 'size' bytes, behind which 'next' lies; 'how' is a constant in a loop that counts. */
MC_INLINE void mc_ahead_fetch(mc_ahead *a, mc_ahead_how how, uintptr_t next, uint32_t size);

/* After a run of 'count' records of 'bytes' in all. */
static inline void mc_ahead_choose(mc_ahead *a, size_t count, size_t bytes);

/*
 * A prefetcher for what lies behind a run of 'count' records: 'left' mapped bytes at 'at'.
 * Nothing can be fetched of pages that the kernel has not mapped yet, and sweeping does
 * not make it map them, so the last byte of the next run is looked at.  'whole': all bytes of
 * the records will be read.
 */
static inline mc_prefetcher mc_ahead_prefetcher(const mc_ahead *a, const uint8_t *at, size_t left, size_t count,
                                                uint32_t size_at, uint32_t more, uint32_t headers, bool whole);

/* How to fetch a run of up to 'max' records, of which a prefetcher has seen 'fetched'. */
static inline mc_ahead_how mc_ahead_now(const mc_ahead *a, uint32_t fetched, size_t max);

/* ------------------------------------------------------------------ bodies */

MC_INLINE void mc_ahead_fetch(mc_ahead *a, mc_ahead_how how, uintptr_t next, uint32_t size)
{
    uintptr_t at;
    unsigned i;

    if (how == MC_AHEAD_SMALL)
        MC_PREFETCH(next + 4096);
    if (how == MC_AHEAD_NOT || how == MC_AHEAD_SMALL)
        return;
    if (how == MC_AHEAD_GUESS) {
        at = next + 3 * (uintptr_t)a->small;
        for (i = 0; i < 4; i++, at += (uintptr_t)a->large - a->small) {
            MC_PREFETCH(at);
            MC_PREFETCH(at + 64);
        }
    } else if (how == MC_AHEAD_ALL) {
        for (at = next + 1024; at < next + 1024 + size; at += 64)
            MC_PREFETCH(at);
    }
    if (size == a->large || size == a->small)
        a->hits++;
    else if (size >= 512)
        a->large = size;
    else
        a->small = size;
}

static inline void mc_ahead_choose(mc_ahead *a, size_t count, size_t bytes)
{
    if (count >= 16)
        a->how = bytes / count < 272 ? MC_AHEAD_SMALL : a->hits > count / 2 ? MC_AHEAD_GUESS : MC_AHEAD_ALL;
    a->hits = 0;
    a->step = count > 0 ? bytes / count : 0;
}

static inline mc_prefetcher mc_ahead_prefetcher(const mc_ahead *a, const uint8_t *at, size_t left, size_t count,
                                                uint32_t size_at, uint32_t more, uint32_t headers, bool whole)
{
    mc_prefetcher s = { .at = at, .size_at = size_at, .more = more, .headers = headers + 82, .whole = whole };

    if (a->how != MC_AHEAD_SMALL)
        s.left = left;
    if ((a->how == MC_AHEAD_ALL || (a->how == MC_AHEAD_GUESS && whole)) && a->step < MC_AHEAD_SWEPT && count * a->step < left) {
        s.sweep = (uint32_t)(a->step + MC_PREFETCHER_LINE) & ~(MC_PREFETCHER_LINE - 1);
        (void)*(const volatile uint8_t *)(at + count * a->step);
    } else if (a->how == MC_AHEAD_GUESS) {
        s.large = a->large;
        s.small = a->small;
    }
    return s;
}

static inline mc_ahead_how mc_ahead_now(const mc_ahead *a, uint32_t fetched, size_t max)
{
    return a->how != MC_AHEAD_SMALL && fetched + 4 >= max ? MC_AHEAD_PREFETCHED : a->how;
}

#endif
