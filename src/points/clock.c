/*
 * clock.c: offset, drift and steps of two clocks, and delays between them.
 */
#include "points/clock.h"

#include <math.h>
#include <stdlib.h>

#include "points/clock_steps.h"

#define FIRST_WIDTH_NS  (MC_NS_PER_S / 4)
#define DRIFT_LEAST_NS  (2 * MC_NS_PER_S)        /* over a shorter time a drift is not told from jitter */
#define DRIFT_MOST      1e-3         /* crystals are wrong by 1e-4 at most */
#define BLUR_PARTS      5000         /* of a time: a drift of 200 ppm */
#define EARLY           64           /* differences that tell the order: no drift shows in so few */

bool mc_clock_init(mc_clock *c)
{
    unsigned d;

    *c = (mc_clock){ .width_ns = FIRST_WIDTH_NS };
    for (d = 0; d < 2; d++) {
        c->stride[d] = 1;
        c->sample[d] = malloc(MC_CLOCK_SAMPLES * sizeof *c->sample[d]);
    }
    return c->sample[0] != NULL && c->sample[1] != NULL;
}

void mc_clock_free(mc_clock *c)
{
    free(c->sample[0]);
    free(c->sample[1]);
    c->sample[0] = c->sample[1] = NULL;
}

static void join(mc_clock_bucket *to, const mc_clock_bucket *from)
{
    unsigned d;

    for (d = 0; d < 2; d++) {
        if (from->count[d] == 0)
            continue;
        if (to->count[d] == 0 || from->low[d] < to->low[d])
            to->low[d] = from->low[d];
        if (to->count[d] == 0 || from->high[d] > to->high[d])
            to->high[d] = from->high[d];
        to->count[d] += from->count[d];
    }
}

/* Buckets twice as wide. */
static void widen(mc_clock *c)
{
    uint32_t i;

    for (i = 0; i < MC_CLOCK_BUCKETS / 2; i++) {
        mc_clock_bucket b = c->bucket[2 * i];

        join(&b, &c->bucket[2 * i + 1]);
        c->bucket[i] = b;
    }
    memset(&c->bucket[MC_CLOCK_BUCKETS / 2], 0, MC_CLOCK_BUCKETS / 2 * sizeof c->bucket[0]);
    c->width_ns = c->width_ns > INT64_MAX / 2 ? INT64_MAX : c->width_ns * 2;
    c->used = (c->used + 1) / 2;
}

/* Keeps every stride-th difference; the list halves when it is full. */
static void add_sample(mc_clock *c, unsigned dir, int64_t time0, int64_t difference)
{
    uint32_t i;

    if (++c->skipped[dir] < c->stride[dir])
        return;
    c->skipped[dir] = 0;
    if (c->samples[dir] == MC_CLOCK_SAMPLES) {
        for (i = 0; i < MC_CLOCK_SAMPLES / 2; i++)
            c->sample[dir][i] = c->sample[dir][2 * i + 1];
        c->samples[dir] = MC_CLOCK_SAMPLES / 2;
        c->stride[dir] *= 2;
    }
    c->sample[dir][c->samples[dir]++] = (mc_clock_sample){ time0, difference };
}

/* Most times are of the same bucket as the one before. */
static void find_bucket(mc_clock *c, int64_t time0)
{
    const int64_t age = time0 < c->start_ns ? 0 : mc_ns_since(time0, c->start_ns);

    while (age / c->width_ns >= MC_CLOCK_BUCKETS)
        widen(c);
    c->current = (uint32_t)(age / c->width_ns);
    c->current_from = c->current == 0 ? INT64_MIN : mc_ns_plus(c->start_ns, c->current * c->width_ns);
    c->current_to = mc_ns_plus(c->start_ns, mc_ns_plus(c->current * c->width_ns, c->width_ns));
    if (c->current >= c->used)
        c->used = c->current + 1;
}

void mc_clock_add(mc_clock *c, unsigned dir, int64_t time0, int64_t time1)
{
    const int64_t difference = mc_ns_since(time1, time0);
    mc_clock_bucket one = { 0 };

    if (c->count[0] + c->count[1] == 0) {
        c->start_ns = c->until_ns[0] = time0;
        c->until_ns[1] = time1;
    }
    c->until_ns[0] = time0 > c->until_ns[0] ? time0 : c->until_ns[0];
    c->until_ns[1] = time1 > c->until_ns[1] ? time1 : c->until_ns[1];
    one.low[dir] = one.high[dir] = difference;
    one.count[dir] = 1;
    if (MC_UNLIKELY(time0 < c->current_from || time0 >= c->current_to))
        find_bucket(c, time0);
    join(&c->bucket[c->current], &one);
    if (c->count[dir] < EARLY) {
        c->early_ns[dir] = mc_ns_since(time0, c->start_ns);
        if (c->count[dir] == 0 || difference < c->low[dir])
            c->low[dir] = difference;
        if (c->count[dir] == 0 || difference > c->high[dir])
            c->high[dir] = difference;
    }
    c->count[dir]++;
    c->recent[dir] = difference;
    add_sample(c, dir, time0, difference);
}

void mc_clock_add_likely(mc_clock *c, unsigned dir, int64_t time0, int64_t time1)
{
    const int64_t difference = mc_ns_since(time1, time0);

    if (c->likely[dir]++ == 0) {
        c->likely_low[dir] = c->likely_high[dir] = difference;
        c->likely_from[dir] = time0;
    }
    if (difference < c->likely_low[dir])
        c->likely_low[dir] = difference;
    if (difference > c->likely_high[dir])
        c->likely_high[dir] = difference;
    c->likely_ns[dir] = mc_ns_since(time0, c->likely_from[dir]);
}

bool mc_clock_round_trip(const mc_clock *c, unsigned near, int64_t *ns, int64_t *blur_ns)
{
    const bool sure = c->count[0] != 0 && c->count[1] != 0;
    const int64_t *low = sure ? c->low : c->likely_low, *high = sure ? c->high : c->likely_high;
    const int64_t *time = sure ? c->early_ns : c->likely_ns;

    if (!sure && (c->likely[0] == 0 || c->likely[1] == 0))
        return false;
    *ns = near == 0 ? mc_ns_since(low[0], high[1]) : mc_ns_since(low[1], high[0]);
    *blur_ns = (time[0] > time[1] ? time[0] : time[1]) / BLUR_PARTS;
    return true;
}

bool mc_clock_difference(const mc_clock *c, int64_t *ns)
{
    if (c->count[0] == 0 && c->count[1] == 0) {
        if (c->likely[0] + c->likely[1] == 0)
            return false;
        *ns = c->likely[0] != 0 ? c->likely_low[0] : c->likely_high[1];
        return true;
    }
    if (c->count[0] != 0 && c->count[1] != 0)
        *ns = c->recent[0] / 2 + c->recent[1] / 2;
    else
        *ns = c->count[0] != 0 ? c->recent[0] : c->recent[1];
    return true;
}

/* ------------------------------------------------------------------ at the end */

/* Of one bucket: the difference of the smallest delay of a direction.  Data that go from point 0 to
   point 1 have the smallest difference then, the others the greatest. */
static int64_t bare(const mc_clock_bucket *b, unsigned dir, unsigned near)
{
    return (dir == 0) == (near == 0) ? b->low[dir] : b->high[dir];
}

/* Clocks that are centuries apart differ by more than can be told. */
static int64_t whole(double ns)
{
    return ns >= 9e18 ? INT64_MAX : ns <= -9e18 ? INT64_MIN : (int64_t)ns;
}

static int by_value(const void *a, const void *b)
{
    const double x = *(const double *)a, y = *(const double *)b;

    return (x > y) - (x < y);
}

/* The latest bucket of a direction that began by then, by the clock of that side; else the first; NULL: there is none. */
static const mc_clock_bucket *bucket_at(const mc_clock *c, unsigned dir, unsigned near, unsigned side, int64_t time_ns)
{
    const mc_clock_bucket *found = NULL;
    uint32_t i;

    for (i = c->used; i-- > 0;) {
        const mc_clock_bucket *b = &c->bucket[i];
        const int64_t begin = i == 0 ? c->start_ns : mc_ns_plus(c->start_ns, i * c->width_ns);

        if (b->count[dir] == 0)
            continue;
        found = b;
        if (mc_ns_plus(begin, side == 0 ? 0 : bare(b, dir, near)) <= time_ns)
            break;
    }
    return found;
}

bool mc_clock_expected_at(const mc_clock *c, unsigned dir, unsigned near, unsigned side, int64_t time_ns, int64_t *ns,
                          int64_t *spread_ns)
{
    const mc_clock_bucket *b = bucket_at(c, dir, near, side, time_ns);

    if (b != NULL) {
        *ns = bare(b, dir, near);
        *spread_ns = mc_ns_since(b->high[dir], b->low[dir]);
        return true;
    }
    if (c->likely[dir] == 0)
        return false;
    *ns = (dir == 0) == (near == 0) ? c->likely_low[dir] : c->likely_high[dir];
    *spread_ns = mc_ns_since(c->likely_high[dir], c->likely_low[dir]);
    return true;
}

bool mc_clock_expected(const mc_clock *c, unsigned dir, unsigned near, int64_t *ns, int64_t *spread_ns)
{
    return mc_clock_expected_at(c, dir, near, 0, INT64_MAX, ns, spread_ns);
}

bool mc_clock_nearer_by_way(const mc_clock *c, unsigned *near)
{
    const int64_t blur = c->width_ns / BLUR_PARTS + MC_NS_PER_US;
    unsigned votes[2] = { 0, 0 };
    uint32_t i;

    for (i = 0; i < c->used; i++) {
        const mc_clock_bucket *b = &c->bucket[i];

        if (b->count[0] == 0 || b->count[1] == 0)
            continue;
        votes[0] += mc_ns_since(b->low[0], b->high[1]) > blur;
        votes[1] += mc_ns_since(b->low[1], b->high[0]) > blur;
    }
    *near = votes[1] > 0;
    return (votes[0] > 0) != (votes[1] > 0);
}

typedef struct level {
    double time, middle, way;        /* of a bucket: when, where the clocks' difference lies, the way there and back */
    double bare[2];                  /* the difference of the smallest delay, by direction */
} level;

/* The median of the slopes between all two of the levels: a few odd ones move it not. */
static double slope_in(const level *l, uint32_t n, unsigned dir, double *slopes)
{
    size_t count = 0;
    uint32_t i, k;

    for (i = 0; i < n; i++)
        for (k = i + 1; k < n; k++)
            slopes[count++] = (l[k].bare[dir] - l[i].bare[dir]) / (l[k].time - l[i].time);
    if (count == 0)
        return 0;
    qsort(slopes, count, sizeof *slopes, by_value);
    return slopes[count / 2];
}

/* A drift moves both directions alike; a queue that grows or empties moves one.  What both share is the
   drift, if a clock can be so wrong. */
static double slope_of(const level *l, uint32_t n, double *slopes)
{
    const double forth = slope_in(l, n, 0, slopes), back = slope_in(l, n, 1, slopes);
    const double slope = forth * back <= 0 ? 0 : fabs(forth) < fabs(back) ? forth : back;

    return fabs(slope) <= DRIFT_MOST ? slope : 0;
}

/* By the clock of point 0, or ('other') of point 1. */
static bool is_earlier(const mc_clock_mark *x, const mc_clock_mark *y, bool other)
{
    if (other) {
        const double s = (double)x->time_ns + x->difference_ns, t = (double)y->time_ns + y->difference_ns;

        if (s != t)
            return s < t;
    }
    return x->time_ns < y->time_ns;
}

/* From 'at' on: those in order. */
static size_t end_of_run(const mc_clock_mark *mark, size_t at, size_t count, bool other)
{
    while (++at < count && !is_earlier(&mark[at], &mark[at - 1], other))
        ;
    return at < count ? at : count;
}

/*
 * Puts marks in order; those of one time stay in turn.  They come nearly in order, so what is in order already is joined, two
 * runs at a time, and 'room', for as many, takes them in turn.  Returns where they are: 'mark' or 'room'.
 */
static mc_clock_mark *put_in_order(mc_clock_mark *mark, mc_clock_mark *room, size_t count, bool other)
{
    size_t from, middle, end, i, k, n;
    mc_clock_mark *joined;

    while (end_of_run(mark, 0, count, other) < count) {
        for (from = 0; from < count; from = end) {
            middle = end_of_run(mark, from, count, other);
            end = middle < count ? end_of_run(mark, middle, count, other) : count;
            for (n = i = from, k = middle; n < end; n++)
                room[n] = i < middle && (k == end || !is_earlier(&mark[k], &mark[i], other)) ? mark[i++] : mark[k++];
        }
        joined = room;
        room = mark;
        mark = joined;
    }
    return mark;
}

/* How often the kept times of a point go back. */
static uint32_t times_back(const mc_clock *c, unsigned side)
{
    uint32_t n = 0, i;
    unsigned d;

    for (d = 0; d < 2; d++)
        for (i = 1; i < c->samples[d]; i++) {
            const mc_clock_sample *s = &c->sample[d][i];
            const int64_t gone = mc_ns_since(s->time_ns, s[-1].time_ns);

            n += (side == 0 ? gone : mc_ns_plus(gone, mc_ns_since(s->difference_ns, s[-1].difference_ns))) < -MC_STEP_LEAST_NS;
        }
    return n;
}

/* All kept differences in order of time, by the clock that was set back less often (of one direction, as they came).  They
   lie in 'memory', which the caller frees; NULL: out of memory. */
static mc_clock_mark *marks_of(const mc_clock *c, unsigned near, size_t *count, void **memory)
{
    const size_t most = (size_t)c->samples[0] + c->samples[1] + 1;
    mc_clock_mark *mark = malloc(2 * most * sizeof *mark);
    unsigned d;
    uint32_t i;

    *memory = mark;
    *count = 0;
    for (d = 0; d < 2 && mark != NULL; d++)
        for (i = 0; i < c->samples[d]; i++) {
            const mc_clock_sample *s = &c->sample[d][i];

            mark[(*count)++] = (mc_clock_mark){ s->time_ns, (double)s->difference_ns, (d == 0) == (near == 0) };
        }
    if (mark != NULL && c->samples[0] > 0 && c->samples[1] > 0)              /* one alone is in order, even if its clock is set back */
        return put_in_order(mark, mark + most, *count, times_back(c, 1) < times_back(c, 0));
    return mark;
}

static uint32_t steps_of(const mc_clock *c, unsigned near, mc_clock_steps *out)
{
    size_t count;
    void *memory;
    const mc_clock_mark *mark = marks_of(c, near, &count, &memory);

    *out = (mc_clock_steps){ 0 };
    if (mark != NULL)
        mc_clock_find_steps(mark, count, out);
    free(memory);
    return out->count;
}

/* Those of the order that is contradicted least: the one that is given may be a guess. */
static uint32_t steps_at_least(const mc_clock *c, unsigned near, mc_clock_steps *out)
{
    mc_clock_steps other;

    if (steps_of(c, near, out) == 0)
        return 0;
    steps_of(c, !near, &other);
    if (other.contradicted < out->contradicted)
        *out = other;
    return out->count;
}

bool mc_clock_nearer(const mc_clock *c, unsigned *near)
{
    mc_clock_steps steps[2];
    unsigned i;

    if (c->count[0] == 0 || c->count[1] == 0)
        return false;
    for (i = 0; i < 2; i++)
        steps_of(c, i, &steps[i]);
    *near = steps[1].contradicted < steps[0].contradicted;
    return steps[0].contradicted != steps[1].contradicted;
}

/* The buckets that show both directions. */
static uint32_t levels_of(const mc_clock *c, const mc_clock_bucket *bucket, unsigned near, level *l)
{
    uint32_t n = 0, i;

    for (i = 0; i < c->used; i++) {
        const mc_clock_bucket *b = &bucket[i];
        double forth, back;

        if (b->count[0] == 0 || b->count[1] == 0)
            continue;
        forth = (double)bare(b, 0, near);
        back = (double)bare(b, 1, near);
        l[n].time = (double)c->start_ns + ((double)i + 0.5) * (double)c->width_ns;
        l[n].bare[0] = forth;
        l[n].bare[1] = back;
        l[n].middle = (forth + back) / 2;
        l[n++].way = fabs(forth - back);
    }
    return n;
}

/* The same as if the clocks had not been set, from the kept differences: all lie at the level of the first. */
static uint32_t levels_unmoved(const mc_clock *c, const mc_clock_steps *steps, unsigned near, level *l)
{
    mc_clock_bucket bucket[MC_CLOCK_BUCKETS];
    unsigned d;
    uint32_t i;

    memset(bucket, 0, sizeof bucket);
    for (d = 0; d < 2; d++)
        for (i = 0; i < c->samples[d]; i++) {
            const mc_clock_sample *s = &c->sample[d][i];
            const int64_t age = s->time_ns < c->start_ns ? 0 : mc_ns_since(s->time_ns, c->start_ns);
            mc_clock_bucket one = { 0 };

            one.low[d] = one.high[d] = whole((double)s->difference_ns - mc_clock_moved(steps, s->time_ns));
            one.count[d] = 1;
            join(&bucket[age / c->width_ns], &one);
        }
    return levels_of(c, bucket, near, l);
}

static void note_steps(const mc_clock_steps *steps, mc_clock_facts *out)
{
    uint32_t i;

    out->steps = steps->count;
    for (i = 0; i < steps->kept; i++)
        if (fabs(steps->step[i].jump_ns) > fabs((double)out->step_ns)) {
            out->step_ns = whole(steps->step[i].jump_ns);
            out->step_at_ns = steps->step[i].time_ns;
        }
}

static int by_size(const void *a, const void *b)
{
    const int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;

    return (x > y) - (x < y);
}

/* Delays of one direction above the smallest, drift taken out; from the samples before 'until'. */
static void fill_delays(const mc_clock *c, unsigned dir, unsigned near, double slope, int64_t until, mc_durations *out)
{
    const double sign = (dir == 0) == (near == 0) ? 1 : -1;
    int64_t *sorted = malloc(((size_t)c->samples[dir] + 1) * sizeof *sorted), least;
    double sum = 0;
    uint32_t n = 0, i;

    *out = (mc_durations){ 0 };
    if (sorted == NULL)
        return;
    for (i = 0; i < c->samples[dir]; i++) {
        const mc_clock_sample *s = &c->sample[dir][i];

        if (s->time_ns < until)
            sorted[n++] = whole(sign * ((double)s->difference_ns - slope * (double)mc_ns_since(s->time_ns, c->start_ns)));
    }
    if (n == 0) {
        free(sorted);
        return;
    }
    qsort(sorted, n, sizeof *sorted, by_size);
    least = sorted[0];
    for (i = 0; i < n; i++) {
        sorted[i] = mc_ns_since(sorted[i], least);
        sum += (double)sorted[i];
    }
    out->count = c->count[dir];
    out->min_ns = 0;
    out->median_ns = sorted[(n - 1) / 2];
    out->p95_ns = sorted[(uint32_t)(((uint64_t)n * 95 + 99) / 100) - 1];
    out->max_ns = sorted[n - 1];
    out->mean_ns = sum / n;
    free(sorted);
}

void mc_clock_fill(const mc_clock *c, unsigned near, mc_clock_facts *out)
{
    double *slopes = malloc(MC_CLOCK_BUCKETS * MC_CLOCK_BUCKETS / 2 * sizeof *slopes), slope = 0, least_way = 0;
    level l[MC_CLOCK_BUCKETS];
    mc_clock_steps steps = { 0 };
    uint32_t n, i;

    *out = (mc_clock_facts){ 0 };
    n = levels_of(c, c->bucket, near, l);
    if (steps_at_least(c, near, &steps) > 0 && n > 0) {
        note_steps(&steps, out);
        n = levels_unmoved(c, &steps, near, l);
    }
    if (n > 0 && slopes != NULL) {
        out->known = true;
        if (l[n - 1].time - l[0].time >= (double)DRIFT_LEAST_NS) {
            slope = slope_of(l, n, slopes);
            out->drift_known = true;
            out->drift_ppm = slope * 1e6;
        }
        for (i = 0; i < n; i++)
            if (i == 0 || l[i].way < least_way)
                least_way = l[i].way;
        out->uncertainty_ns = whole(least_way / 2 + (steps.unsure[0] || steps.unsure[1] ? steps.unsure_ns : 0));
        /* of the buckets the one whose way is shortest says most about the offset */
        for (i = 0; i < n; i++)
            if (l[i].way <= least_way)
                out->offset_ns = whole(l[i].middle + slope * (l[n / 2].time - l[i].time));
    }
    out->round_trip_known = out->known;
    out->round_trip_ns = whole(least_way);
    for (i = 0; i < 2 && out->steps == 0; i++)   /* a step would look like a delay */
        fill_delays(c, i, near, slope, steps.unsure[(i == 0) == (near == 0)] ? steps.unsure_from_ns : INT64_MAX,
                    &out->delay[i]);
    free(slopes);
}
