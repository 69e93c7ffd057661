/*
 * clock_steps.c: bounds of the clocks' difference, and where they contradict each other.
 */
#include "points/clock_steps.h"

#include <math.h>

#define DRIFT_PARTS 1000             /* of a time: crystals are wrong by less, and a clock that is slewed hardly by more */
#define VOTES       7                /* marks behind one that are asked whether they say the same */
#define NEARBY      64               /* marks that tell by how much the clocks jump */
#define BEFORE      16               /* marks of a direction that tell what was usual before its end */
#define TAIL_LEAST  2                /* one alone may be another copy of its segment */

/* What is known of the clocks' difference: 'bound[1]' is the most, 'bound[0]' the least. */
typedef struct bounds {
    bool known[2];
    double bound[2];
    double seen[2];                  /* the same as it was seen: a bound grows old */
    int64_t time_ns;
} bounds;

/* How far a mark lies beyond what can be; negative: it does not. */
static double beyond(const bounds *b, const mc_clock_mark *m)
{
    if (!b->known[!m->bounds_above])
        return -INFINITY;
    return m->bounds_above ? b->bound[0] - m->difference_ns : m->difference_ns - b->bound[1];
}

/* Bounds of some time ago are as much wider as the clocks may have drifted. */
static void grow_old(bounds *b, int64_t time_ns)
{
    const double drift = (double)mc_ns_since(time_ns, b->time_ns) / DRIFT_PARTS;

    if (drift > 0) {
        b->bound[1] += drift;
        b->bound[0] -= drift;
    }
    b->time_ns = time_ns;
}

static void narrow(bounds *b, const mc_clock_mark *m)
{
    const bool above = m->bounds_above;

    if (!b->known[above] || (above ? m->difference_ns < b->bound[1] : m->difference_ns > b->bound[0]))
        b->bound[above] = b->seen[above] = m->difference_ns;
    b->known[above] = true;
}

/* Do those behind mark 'at', and those right before it that go the other way, say the same?  Another copy of its segment
   is taken for it now and then. */
static bool is_borne_out(const mc_clock_mark *mark, size_t count, size_t at, const bounds *before)
{
    bounds after = { .time_ns = mark[at].time_ns };
    unsigned yes = 0, no = 0;
    size_t i;

    narrow(&after, &mark[at]);
    for (i = at + 1; i < count && yes + no < VOTES; i++) {
        const mc_clock_mark *m = &mark[i];
        const bool like = m->bounds_above == mark[at].bounds_above;

        if (like ? beyond(before, m) > (double)MC_STEP_LEAST_NS : beyond(&after, m) <= (double)MC_STEP_LEAST_NS)
            yes++;
        else
            no++;
    }
    for (i = at; i-- > 0 && yes <= VOTES && mark[i].bounds_above != mark[at].bounds_above; yes++)
        if (beyond(&after, &mark[i]) > (double)MC_STEP_LEAST_NS)
            break;
    return yes > no;
}

/* By how much the marks from 'at' on lie beside the bounds before. */
static double jump_of(const mc_clock_mark *mark, size_t count, size_t at, const bounds *before)
{
    bounds after = { .time_ns = mark[at].time_ns };
    double jump = 0;
    unsigned both = 0, d;
    size_t i;

    for (i = at; i < count && i < at + NEARBY; i++)
        narrow(&after, &mark[i]);
    for (d = 0; d < 2; d++)
        if (before->known[d] && after.known[d]) {
            jump += after.seen[d] - before->seen[d];
            both++;
        }
    if (both == 0)                               /* at least so much */
        return mark[at].bounds_above ? -beyond(before, &mark[at]) : beyond(before, &mark[at]);
    return jump / both;
}

/*
 * Marks of one direction alone, which lie at two levels: all before a moment at one, all behind it at another, and further
 * apart than those of each.  What it was is not told; a queue would grow and empty.
 */
static void look_at_one_way(const mc_clock_mark *mark, size_t count, mc_clock_steps *out)
{
    double low = INFINITY, high = -INFINITY, wide = 0;
    size_t parted = 0, i;

    for (i = 0; i < count; i++) {                /* where a mark lies furthest from the one before it */
        const double gap = i == 0 ? 0 : fabs(mark[i].difference_ns - mark[i - 1].difference_ns);

        if (gap > wide) {
            wide = gap;
            parted = i;
        }
    }
    if (parted < TAIL_LEAST || count - parted < TAIL_LEAST)
        return;
    for (i = 0; i < count; i++) {
        if (i == parted) {
            if (high - low > wide / 2)
                return;
            low = INFINITY;
            high = -INFINITY;
        }
        low = fmin(low, mark[i].difference_ns);
        high = fmax(high, mark[i].difference_ns);
    }
    if (high - low > wide / 2 || wide <= (double)MC_STEP_LEAST_NS)
        return;
    out->unsure[mark[0].bounds_above] = true;
    out->unsure_from_ns = INT64_MIN;             /* which of the two levels is the usual one is not told either */
    out->unsure_ns = wide;
}

/*
 * The last marks are of one direction, and all lie further off than those of its kind before, by more than the way there
 * and back: a longer way looks like a clock that was set.
 */
static void look_at_tail(const mc_clock_mark *mark, size_t count, size_t from, const bounds *known, mc_clock_steps *out)
{
    const bool above = mark[count - 1].bounds_above;
    const double sign = above ? 1 : -1, way = known->seen[1] - known->seen[0];
    double least = INFINITY;
    size_t tail = count, i;

    if (!known->known[0] || !known->known[1]) {
        if (from == 0)
            look_at_one_way(mark, count, out);
        return;
    }
    for (i = count; i-- > from && mark[i].bounds_above == above;) {
        const double delay = sign * (mark[i].difference_ns - known->seen[above]);
        double usual = -INFINITY;
        size_t k, seen = 0;

        least = delay < least ? delay : least;
        for (k = i; k-- > from && seen < BEFORE;)
            if (mark[k].bounds_above == above) {
                usual = fmax(usual, sign * (mark[k].difference_ns - known->seen[above]));
                seen++;
            }
        if (seen > 0 && least > fmax((double)MC_STEP_LEAST_NS, way) && least - usual > fmax((double)MC_STEP_LEAST_NS, way)) {
            tail = i;
            break;
        }
    }
    if (count - tail < TAIL_LEAST)
        return;
    out->unsure[above] = true;
    out->unsure_from_ns = mark[tail].time_ns;
    out->unsure_ns = least;
}

void mc_clock_find_steps(const mc_clock_mark *mark, size_t count, mc_clock_steps *out)
{
    bounds b = { .time_ns = count > 0 ? mark[0].time_ns : 0 };
    size_t from = 0, i;

    *out = (mc_clock_steps){ 0 };
    for (i = 0; i < count; i++) {
        const mc_clock_mark *m = &mark[i];

        grow_old(&b, m->time_ns);
        if (beyond(&b, m) <= (double)MC_STEP_LEAST_NS) {
            narrow(&b, m);
            continue;
        }
        out->contradicted++;
        if (!is_borne_out(mark, count, i, &b))
            continue;
        if (out->kept < MC_CLOCK_STEPS)
            out->step[out->kept++] = (mc_clock_step){ m->time_ns, jump_of(mark, count, i, &b) };
        out->count++;
        b = (bounds){ .time_ns = m->time_ns };
        narrow(&b, m);
        from = i;
    }
    if (count > 0)
        look_at_tail(mark, count, from, &b, out);
}

double mc_clock_moved(const mc_clock_steps *s, int64_t time_ns)
{
    double moved = 0;
    uint32_t i;

    for (i = 0; i < s->kept && s->step[i].time_ns <= time_ns; i++)
        moved += s->step[i].jump_ns;
    return moved;
}
