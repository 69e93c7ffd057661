/*
 * way.c: timing both ways, and choosing.
 */
#include "capture/way.h"

#define LEAST_FILE ((uint64_t)64 << 20)          /* the looks at a smaller one could cost more than they bring */
#define PIECE      ((uint64_t)2 << 20)           /* pages of a mapping are given back as often */
#define TURN       ((uint64_t)16 << 10)
#define PIECES     6                 /* of a look: three of each way, of which the quickest counts */
#define STRETCH    ((uint64_t)128 << 20)
#define STRETCH_MOST ((uint64_t)1 << 30)
#define CLEARLY    0.92              /* a way that is faster by less stays out: what is measured varies by as much */

void mc_ways_begin(mc_ways *w, mc_reading how, uint64_t total)
{
    *w = (mc_ways){ .until = UINT64_MAX, .stretch = STRETCH, .turns = how == MC_READING_TURNS };
    if (w->turns)
        w->until = TURN;
    else if (how == MC_READING_CHOSEN && total >= LEAST_FILE)
        w->until = PIECE;            /* the first piece warms up */
}

static void decide(mc_ways *w)
{
    const mc_way other = w->best == MC_WAY_MAPPED ? MC_WAY_READ : MC_WAY_MAPPED;

    w->looks++;
    memcpy(w->found, w->least, sizeof w->found);
    if (w->least[other] < w->least[w->best] * CLEARLY) {
        w->best = other;
        w->stretch = STRETCH;
    } else if (w->stretch < STRETCH_MOST) {
        w->stretch *= 2;
    }
}

void mc_ways_stop(mc_ways *w, uint64_t done)
{
    w->bytes[w->now] += done - w->begun;
    w->begun = done;
    w->now = MC_WAY_READ;
    w->until = UINT64_MAX;
}

mc_way mc_ways_next(mc_ways *w, uint64_t done, int64_t cpu_ns)
{
    const double cost = (double)(cpu_ns - w->begun_ns) / (double)(done - w->begun);

    w->bytes[w->now] += done - w->begun;
    w->begun = done;
    if (w->turns) {
        w->until = done + TURN;
        w->now = w->now == MC_WAY_MAPPED ? MC_WAY_READ : MC_WAY_MAPPED;
        return w->now;
    }
    if (!w->looking) {
        w->looking = true;
        w->pieces = 0;
        w->least[MC_WAY_MAPPED] = w->least[MC_WAY_READ] = 1e300;
    } else {
        if (cost < w->least[w->now])
            w->least[w->now] = cost;
        w->pieces++;
    }
    if (w->pieces < PIECES) {
        w->until = done + PIECE;
        w->now = w->pieces % 2 == 0 ? w->best : w->best == MC_WAY_MAPPED ? MC_WAY_READ : MC_WAY_MAPPED;
    } else {
        decide(w);
        w->looking = false;
        w->until = done + w->stretch;
        w->now = w->best;
    }
    return w->now;
}

void mc_ways_start(mc_ways *w, int64_t cpu_ns)
{
    w->begun_ns = cpu_ns;
}
