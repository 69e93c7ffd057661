/*
 * stats.h: a histogram of durations and a timeline.  Neither knows of TCP.
 */
#ifndef MC_STATS_H
#define MC_STATS_H

#include "base/base.h"

/*
 * Durations in nanoseconds, log-scale: 32 steps an octave, so a percentile is
 * off by at most 1/64 (1.6 %) of itself; minimum and maximum are exact.
 */
#define MC_HIST_STEP_BITS 5
#define MC_HIST_BUCKETS   ((64 - MC_HIST_STEP_BITS) << MC_HIST_STEP_BITS)

typedef struct mc_hist {
    uint64_t count;
    int64_t min_ns, max_ns;
    double sum_ns;
    uint32_t *buckets;               /* allocated with the first sample */
} mc_hist;

/* Makes room for the first sample. */
bool mc_hist_begin(mc_hist *h);

/* Below 2^5 each value has its own bucket; above, the five bits after the
   leading one choose the step within the octave. */
MC_INLINE unsigned mc_hist_bucket(uint64_t v);

/* Adds a sample; a negative one is not a duration and is left out.  False: no memory. */
static inline bool mc_hist_add(mc_hist *h, int64_t ns);

/* The value below which 'share' (0..1) of the samples lie (nearest rank); 0 without samples. */
int64_t mc_hist_quantile(const mc_hist *h, double share);

/* What a caller reads of it. */
mc_durations mc_hist_durations(const mc_hist *h);

/* The same in steps of a quarter of an octave. */
void mc_hist_spread(const mc_hist *h, mc_spread *out);

/* The shortest duration that counts into a step; of MC_SPREAD_STEPS: where the last one ends. */
int64_t mc_spread_edge(unsigned step);

void mc_hist_free(mc_hist *h);

/* ---------------------------------------------------------------- timeline */

typedef enum mc_timeline_row {
    MC_TL_PACKETS,
    MC_TL_PAYLOAD_BYTES,
    MC_TL_RETRANSMISSIONS,
    MC_TL_RESETS,
    MC_TL_ZERO_WINDOWS,
    MC_TL_ROWS
} mc_timeline_row;

typedef struct mc_bucket {
    uint64_t value[2][MC_TL_ROWS];   /* by direction */
} mc_bucket;

#define MC_TL_CAPACITY 1000

/*
 * Buckets of equal width from the first time on.  When time runs past the last
 * one, neighbours are merged (by 2 and by 5 in turn, so that widths stay round),
 * so one pass and a fixed amount of memory are enough.
 */
typedef struct mc_timeline {
    int64_t start_ns;
    int64_t width_ns;
    uint32_t used;
    bool by_five;                    /* the next merge is by 5 */
    bool started;
    mc_bucket *buckets;              /* MC_TL_CAPACITY of them */
    int64_t current_ns;              /* 'current' is the bucket of the times from here on ... */
    uint64_t current_width;          /* ... so far; 0: there is none */
    mc_bucket *current;
} mc_timeline;

/* 'width_ns' 0: one millisecond to begin with.  False: no memory. */
bool mc_timeline_init(mc_timeline *t, int64_t width_ns);
void mc_timeline_free(mc_timeline *t);

mc_bucket *mc_timeline_find(mc_timeline *t, int64_t now);

/* Packets of direction 'dir' came in a bucket that lies within [from, to) as a whole. */
bool mc_timeline_has(const mc_timeline *t, unsigned dir, int64_t from, int64_t to);

/* The bucket of 'now'; times before the first one count into the first bucket. */
static inline mc_bucket *mc_timeline_at(mc_timeline *t, int64_t now);

/*
 * Sums the timeline up into at most 'max' buckets at 'out' (room for 'max') of a
 * round width, which is written to 'width_ns'.  Returns how many were used.
 */
uint32_t mc_timeline_fold(const mc_timeline *t, mc_bucket *out, uint32_t max, int64_t *width_ns);

/* Frames to look at: the first MC_EXAMPLES of a kind, each once. */
static inline void mc_add_example(mc_examples *e, uint64_t frame);

/* The same where frames come in no order: the first ones stay, in order. */
void mc_insert_example(mc_examples *e, uint64_t frame);

/* ------------------------------------------------------------------ bodies */

MC_INLINE unsigned mc_hist_bucket(uint64_t v)
{
    unsigned shift;

    if (v < (1u << MC_HIST_STEP_BITS))
        return (unsigned)v;
    shift = 63u - (unsigned)__builtin_clzll(v) - MC_HIST_STEP_BITS;
    return (shift << MC_HIST_STEP_BITS) + (unsigned)(v >> shift);
}

static inline bool mc_hist_add(mc_hist *h, int64_t ns)
{
    MC_KEEP(h);
    if (MC_UNLIKELY(ns < 0))
        return true;
    if (MC_UNLIKELY(h->buckets == NULL) && !mc_hist_begin(h))
        return false;
    if (ns < h->min_ns)
        h->min_ns = ns;
    if (ns > h->max_ns)
        h->max_ns = ns;
    h->count++;
    h->sum_ns += (double)ns;
    h->buckets[mc_hist_bucket((uint64_t)ns)]++;
    return true;
}

static inline mc_bucket *mc_timeline_at(mc_timeline *t, int64_t now)
{
    if (MC_LIKELY((uint64_t)now - (uint64_t)t->current_ns < t->current_width))
        return t->current;
    return mc_timeline_find(t, now);
}

static inline void mc_add_example(mc_examples *e, uint64_t frame)
{
    if (e->count < MC_EXAMPLES && (e->count == 0 || e->frame[e->count - 1] != frame))
        e->frame[e->count++] = frame;
}

#endif
