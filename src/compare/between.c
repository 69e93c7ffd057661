/*
 * between.c: takes the segments of two points, looks through what waits now and then, and sums up.
 */
#include "compare/between.h"

#include <stdlib.h>

#include "compare/alone.h"
#include "compare/pairs.h"
#include "compare/parts.h"
#include "compare/points.h"
#include "compare/prints.h"
#include "compare/queue.h"
#include "compare/trails.h"
#include "compare/unpaired.h"

#define LOOK_AFTER 8192u             /* segments between two looks through the queues */
#define STRIDE     4u                /* segments between two steps of going ahead */
#define END_AFTER  16u               /* such looks between two for pairs that are over */

/* --------------------------------------------------------------- begin and end */

mc_status mc_between_open(mc_between **out, uint64_t seed, uint32_t window, uint32_t rows, mc_error *err)
{
    mc_between *b = calloc(1, sizeof *b);

    *out = NULL;
    if (b == NULL)
        return mc_fail(err, MC_NOMEM, 0, "out of memory");
    mc_store_init(&b->trails, sizeof(mc_trail), MC_TRAIL_BITS);
    mc_store_init(&b->records, sizeof(mc_record), MC_RECORD_BITS);
    mc_store_init(&b->pairs, sizeof(mc_pair), MC_PAIR_BITS);
    mc_store_init(&b->prints, sizeof(mc_print), 8);
    b->seed = seed;
    b->window = window;
    b->wanted = rows;
    b->rows = calloc((size_t)rows + 1, sizeof *b->rows);
    if (b->rows == NULL || !mc_trails_init(b) || !mc_prints_init(b) || !mc_clock_init(&b->clock)) {
        mc_between_close(b);
        return mc_fail(err, MC_NOMEM, 0, "out of memory");
    }
    *out = b;
    return MC_OK;
}

void mc_between_close(mc_between *b)
{
    unsigned i;

    if (b == NULL)
        return;
    mc_store_destroy(&b->trails);
    mc_store_destroy(&b->records);
    mc_store_destroy(&b->pairs);
    mc_store_destroy(&b->prints);
    for (i = 0; i < 2; i++) {
        free(b->side[i].head);
        free(b->left[i]);
        free(b->slot[i]);
        free(b->chain[i]);
        mc_hist_free(&b->wait[i]);
    }
    mc_hist_free(&b->wait_between);
    mc_clock_free(&b->clock);
    free(b->print_head);
    free(b->list);
    free(b->rows);
    free(b);
}

/* ------------------------------------------------------------------- segments */

/* Too many segments wait: the oldest trails without a partner are given up, until half the room is free. */
static void make_window(mc_between *b)
{
    mc_pairs_rest(b, true);                      /* with what there is: later it will be gone */
    mc_pairs_look(b, MC_PAIRS_ALL);
    mc_unpaired_give_up(b, b->window / 2);
    if (b->waiting > b->window / 2)
        mc_pairs_look(b, MC_PAIRS_FINAL);        /* all that wait are in pairs: they wait no longer */
}

static void look(mc_between *b)
{
    b->since = 0;
    if (b->single > 0)
        mc_pairs_rest(b, false);
    if (mc_points_know_clocks(b) || b->listed > 0)
        mc_pairs_look(b, b->waiting > b->window / 2 ? MC_PAIRS_ALL : MC_PAIRS_DUE);
    if (mc_points_know_clocks(b) && ++b->looks % END_AFTER == 0)
        mc_pairs_end_old(b);
}

static bool take(mc_between *b, unsigned side, const mc_tapped *segment)
{
    const uint32_t n = mc_trails_take(b, side, segment);
    mc_noted noted;
    mc_sight sight = { &segment->seen, &noted };
    mc_trail *t;

    b->no_memory |= n == 0;
    if (b->no_memory)
        return false;
    t = mc_trail_at(b, n);
    b->side[side].taken[segment->seen.dir]++;
    if ((segment->seen.flags & (MC_TH_ACK | MC_TH_RST)) == MC_TH_ACK)
        b->side[side].acked[!segment->seen.dir] = true;
    mc_trail_take(t, &segment->seen, &noted);
    if (t->given_up)
        return true;
    if (t->pair == 0)
        mc_pairs_find(b, n, &segment->seen);
    if (t->pair == 0)
        mc_queue_record(b, &t->way[segment->seen.dir].queue, sight);
    else
        mc_pairs_take(b, t->pair, side, sight);
    if (++b->since >= LOOK_AFTER)
        look(b);
    if (b->waiting > b->window)
        make_window(b);
    return !b->no_memory;
}

/* What the segments of a turn need lies all over the memory: it is asked for some segments before, step by step.  Inline: a call of
   what only asks for memory has no effect that a compiler must keep. */
MC_INLINE void go_ahead(const mc_between *b, unsigned side, const mc_tapped *list, size_t count, size_t at)
{
    const mc_side *s = &b->side[side];
    const mc_trail *t, *other;
    const mc_pair *p;
    const mc_way *w;
    uint32_t n;

    if (at + 4 * STRIDE < count)
        MC_PREFETCH(&s->head[list[at + 4 * STRIDE].hash & s->mask]);
    if (at + 3 * STRIDE < count && (n = s->head[list[at + 3 * STRIDE].hash & s->mask]) != 0) {
        t = mc_trail_at(b, n);
        w = &t->way[list[at + 3 * STRIDE].seen.dir];
        MC_PREFETCH(t);
        MC_PREFETCH(w);
        MC_PREFETCH(&t->way[!list[at + 3 * STRIDE].seen.dir]);
        MC_PREFETCH(&w->latest[0]);
        MC_PREFETCH(&w->latest[MC_LATEST - 1]);
    }
    if (at + 2 * STRIDE < count && (n = s->head[list[at + 2 * STRIDE].hash & s->mask]) != 0 &&
        (n = mc_trail_at(b, n)->pair) != 0)
        MC_PREFETCH(mc_pair_at(b, n));
    if (at + STRIDE < count && (n = s->head[list[at + STRIDE].hash & s->mask]) != 0 &&
        (n = mc_trail_at(b, n)->pair) != 0) {
        const unsigned d = list[at + STRIDE].seen.dir;

        p = mc_pair_at(b, n);
        other = mc_trail_at(b, p->trail[!side]);
        MC_PREFETCH(&other->way[0]);
        MC_PREFETCH(&other->way[1]);
        MC_PREFETCH(&p->passed[d][p->passed_at[d] % MC_PASSED]);
    }
}

bool mc_between_take(mc_between *b, unsigned side, const mc_tapped *list, size_t count)
{
    size_t i;

    for (i = 0; i < count; i++) {
        go_ahead(b, side, list, count, i);
        if (!take(b, side, &list[i]))
            return false;
    }
    return true;
}

void mc_between_read(mc_between *b, unsigned side, int64_t first_ns, int64_t ns, bool ended)
{
    mc_side *s = &b->side[side];

    s->begun = true;
    s->first_ns = first_ns;
    s->read_ns = ns;
    s->ended = ended;
}

bool mc_between_difference(const mc_between *b, int64_t *ns)
{
    return mc_clock_difference(&b->clock, ns);
}

uint32_t mc_between_waiting(const mc_between *b)
{
    return b->waiting;
}

/* --------------------------------------------------------------------- the end */

/* TTLs fall from the point that is passed first to the other. */
static void turn_hops(mc_between_direction *d, bool other_first)
{
    const int least = d->hops_min;

    if (other_first) {
        d->hops_min = -d->hops_max;
        d->hops_max = -least;
    }
}

const mc_between_facts *mc_between_finish(mc_between *b, const uint64_t dropped[2])
{
    mc_between_facts *f = &b->facts;
    int64_t way, blur;
    unsigned side;

    if (b->finished)
        return b->no_memory ? NULL : f;
    b->finished = true;
    for (side = 0; side < 2; side++) {
        b->side[side].dropped = dropped[side];
        b->side[side].ended = true;
    }
    mc_pairs_look(b, MC_PAIRS_ALL);              /* what is sure tells the clocks' difference, which pairs the rest */
    mc_pairs_rest(b, true);
    mc_pairs_look(b, MC_PAIRS_FINAL);
    if (!b->near_fixed)
        mc_points_order(b);
    mc_unpaired_rest(b);
    mc_pairs_end_all(b);
    mc_alone_decide(b);
    if (b->no_memory)
        return NULL;
    for (side = 0; side < 2; side++)
        turn_hops(&f->direction[side], mc_before(b, side) != 0);
    f->near = (int)b->near;
    f->by_delay = b->by_delay;
    f->by_ttl = b->by_ttl;
    f->order_known = b->by_delay || b->by_ttl;
    f->same_point = !f->order_known && f->paired > 0 && mc_clock_round_trip(&b->clock, 0, &way, &blur) &&
                    way < MC_LEAST_WAY_NS && way > -MC_LEAST_WAY_NS;
    mc_clock_fill(&b->clock, b->near, &f->clock);
    for (side = 0; side < 2; side++)
        f->wait[side] = mc_hist_durations(&b->wait[side]);
    f->wait_between = mc_hist_durations(&b->wait_between);
    f->rows = b->rows;
    f->row_count = b->row_count;
    return f;
}
