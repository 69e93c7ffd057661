/*
 * stats.c: the log-scale histogram and the timeline that widens.
 */
#include "facts/stats.h"

#include <stdlib.h>

/* ---------------------------------------------------------------- histogram */

static int64_t middle_of(unsigned bucket)
{
    unsigned octave = bucket >> MC_HIST_STEP_BITS;
    uint64_t step = bucket & ((1u << MC_HIST_STEP_BITS) - 1);
    uint64_t low;

    if (octave == 0)
        return (int64_t)step;
    low = ((1u << MC_HIST_STEP_BITS) + step) << (octave - 1);
    return (int64_t)(low + ((1ull << (octave - 1)) >> 1));
}

bool mc_hist_begin(mc_hist *h)
{
    h->buckets = calloc(MC_HIST_BUCKETS, sizeof *h->buckets);
    h->min_ns = INT64_MAX;
    h->max_ns = 0;
    return h->buckets != NULL;
}

int64_t mc_hist_quantile(const mc_hist *h, double share)
{
    uint64_t rank, seen = 0;
    int64_t v;
    unsigned i;

    if (h->count == 0)
        return 0;
    rank = (uint64_t)(share * (double)h->count);
    if ((double)rank < share * (double)h->count)
        rank++;                                  /* nearest rank: the ceiling */
    if (rank == 0)
        rank = 1;
    if (rank == 1)
        return h->min_ns;
    if (rank >= h->count)
        return h->max_ns;
    for (i = mc_hist_bucket((uint64_t)h->min_ns); i < MC_HIST_BUCKETS; i++) {
        seen += h->buckets[i];
        if (seen >= rank)
            break;
    }
    v = middle_of(i);
    if (v < h->min_ns)
        return h->min_ns;
    return v > h->max_ns ? h->max_ns : v;
}

mc_durations mc_hist_durations(const mc_hist *h)
{
    mc_durations d = { 0 };

    if (h->count == 0)
        return d;
    d.count = h->count;
    d.min_ns = h->min_ns;
    d.max_ns = h->max_ns;
    d.median_ns = mc_hist_quantile(h, 0.5);
    d.p95_ns = mc_hist_quantile(h, 0.95);
    d.mean_ns = h->sum_ns / (double)h->count;
    return d;
}

#define SPREAD_BUCKETS (MC_HIST_BUCKETS / MC_SPREAD_STEPS)       /* of the histogram make a step */

_Static_assert(SPREAD_BUCKETS * MC_SPREAD_STEPS == MC_HIST_BUCKETS, "whole steps");

void mc_hist_spread(const mc_hist *h, mc_spread *out)
{
    unsigned i, last;

    memset(out, 0, sizeof *out);
    if (h->count == 0)
        return;
    /* below and above are zeros alone, in pages that nobody has touched yet */
    last = mc_hist_bucket((uint64_t)h->max_ns);
    for (i = mc_hist_bucket((uint64_t)h->min_ns); i <= last; i++)
        out->count[i / SPREAD_BUCKETS] += h->buckets[i];
}

int64_t mc_spread_edge(unsigned step)
{
    const unsigned bucket = step * SPREAD_BUCKETS, octave = bucket >> MC_HIST_STEP_BITS;
    const uint64_t within = bucket & ((1u << MC_HIST_STEP_BITS) - 1);

    if (step >= MC_SPREAD_STEPS)
        return INT64_MAX;
    return (int64_t)(octave == 0 ? within : ((1u << MC_HIST_STEP_BITS) + within) << (octave - 1));
}

void mc_hist_free(mc_hist *h)
{
    free(h->buckets);
    h->buckets = NULL;
    h->count = 0;
}

/* ----------------------------------------------------------------- timeline */

bool mc_timeline_init(mc_timeline *t, int64_t width_ns)
{
    memset(t, 0, sizeof *t);
    t->width_ns = width_ns > 0 ? width_ns : MC_NS_PER_MS;
    t->buckets = malloc(MC_TL_CAPACITY * sizeof *t->buckets);    /* cleared as they come into use */
    return t->buckets != NULL;
}

void mc_timeline_free(mc_timeline *t)
{
    free(t->buckets);
    t->buckets = NULL;
}

static void add_bucket(mc_bucket *to, const mc_bucket *from)
{
    int dir, row;

    for (dir = 0; dir < 2; dir++)
        for (row = 0; row < MC_TL_ROWS; row++)
            to->value[dir][row] += from->value[dir][row];
}

/* Merges each 'by' neighbours into one. */
static void widen(mc_timeline *t, uint32_t by)
{
    uint32_t i, n = (t->used + by - 1) / by;
    mc_bucket sum;

    for (i = 0; i < t->used; i++) {
        if (i % by == 0)
            memset(&sum, 0, sizeof sum);
        add_bucket(&sum, &t->buckets[i]);
        if (i % by == by - 1 || i == t->used - 1)
            t->buckets[i / by] = sum;
    }
    t->used = n;
    t->width_ns *= by;
}

mc_bucket *mc_timeline_find(mc_timeline *t, int64_t now)
{
    uint64_t since, i;

    if (!t->started) {
        t->started = true;
        t->start_ns = now;
    }
    since = now > t->start_ns ? (uint64_t)now - (uint64_t)t->start_ns : 0;
    while (since / (uint64_t)t->width_ns >= MC_TL_CAPACITY) {
        if (t->width_ns > INT64_MAX / 5)
            break;                               /* centuries: everything into the last */
        widen(t, t->by_five ? 5 : 2);
        t->by_five = !t->by_five;
    }
    i = mc_min_u64(since / (uint64_t)t->width_ns, MC_TL_CAPACITY - 1);
    if (i >= t->used) {
        memset(t->buckets + t->used, 0, (i + 1 - t->used) * sizeof *t->buckets);
        t->used = (uint32_t)i + 1;
    }
    t->current = &t->buckets[i];
    t->current_width = 0;                        /* none, where the sum below would overflow */
    if (now >= t->start_ns && t->start_ns < INT64_MAX / 2 && t->start_ns > INT64_MIN / 2 &&
        t->width_ns < INT64_MAX / (4 * MC_TL_CAPACITY) && i < MC_TL_CAPACITY - 1) {
        t->current_ns = t->start_ns + (int64_t)i * t->width_ns;
        t->current_width = (uint64_t)t->width_ns;
    }
    return t->current;
}

/* 1, 2 or 5 times a power of ten? */
static bool is_round(int64_t v)
{
    while (v >= 10 && v % 10 == 0)
        v /= 10;
    return v == 1 || v == 2 || v == 5;
}

/* 'by' buckets' width; what 64 bits cannot say (centuries) stops at their end. */
bool mc_timeline_has(const mc_timeline *t, unsigned dir, int64_t from, int64_t to)
{
    int64_t at = t->start_ns;
    uint32_t i;

    for (i = 0; t->started && i < t->used && mc_ns_plus(at, t->width_ns) <= to; i++, at = mc_ns_plus(at, t->width_ns))
        if (at >= from && t->buckets[i].value[dir][MC_TL_PACKETS] > 0)
            return true;
    return false;
}

static int64_t width_of(const mc_timeline *t, uint32_t by)
{
    return t->width_ns > INT64_MAX / by ? INT64_MAX : t->width_ns * by;
}

uint32_t mc_timeline_fold(const mc_timeline *t, mc_bucket *out, uint32_t max, int64_t *width_ns)
{
    uint32_t by = 1, i;

    *width_ns = t->width_ns;
    if (max == 0 || t->used == 0)
        return 0;
    while ((t->used + by - 1) / by > max)
        by++;
    if (by > 1 && is_round(t->width_ns))
        while (by < MC_TL_CAPACITY && !is_round(width_of(t, by)))
            by++;
    memset(out, 0, max * sizeof *out);
    for (i = 0; i < t->used; i++)
        add_bucket(&out[i / by], &t->buckets[i]);
    *width_ns = width_of(t, by);
    return (t->used + by - 1) / by;
}

void mc_insert_example(mc_examples *e, uint64_t frame)
{
    uint32_t i = e->count;

    while (i > 0 && e->frame[i - 1] > frame)
        i--;
    if (i == MC_EXAMPLES || (i > 0 && e->frame[i - 1] == frame))
        return;
    if (e->count < MC_EXAMPLES)
        e->count++;
    memmove(e->frame + i + 1, e->frame + i, (e->count - i - 1) * sizeof *e->frame);
    e->frame[i] = frame;
}
