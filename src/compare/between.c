/*
 * between.c: takes the segments of two points, looks through what waits now and then, and sums up.
 */
#include "compare/between.h"

#include <stdlib.h>

#include "compare/alone.h"
#include "compare/pairs.h"
#include "compare/rebound.h"
#include "points/parts.h"
#include "points/points.h"
#include "points/prints.h"
#include "points/queue.h"
#include "points/trails.h"
#include "compare/unpaired.h"

#define LOOK_AFTER 8192u             /* segments between two looks through the queues */
#define AHEAD      8u                /* segments between two steps of looking one up */
#define REST_AFTER_NS MC_NS_PER_S        /* of the capture, between two searches of those that have no partner */
#define SCATTERED  1024u             /* trails, which lie in more than 300 pages, and their pairs in as many */
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
    b->trails.blocks.paging = b->pairs.blocks.paging = MC_PAGES_CHOSEN;
    b->trails.blocks.large_from = b->pairs.blocks.large_from = UINT32_MAX;   /* before they are many */
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
    if (!b->scattered && b->trails.used >= SCATTERED) {
        b->scattered = true;
        mc_store_enlarge(&b->trails);
        mc_store_enlarge(&b->pairs);
    }
    if (b->single > 0 && (b->side[0].read_ns >= b->rest_due_ns || !mc_points_know_clocks(b) || b->waiting > b->window / 2)) {
        b->rest_due_ns = mc_ns_plus(b->side[0].read_ns, REST_AFTER_NS);
        mc_pairs_rest(b, false);
    }
    if (mc_points_know_clocks(b) || b->listed > 0)
        mc_pairs_look(b, b->waiting > b->window / 2 ? MC_PAIRS_ALL : MC_PAIRS_DUE);
    if (mc_points_know_clocks(b) && ++b->looks % END_AFTER == 0)
        mc_pairs_end_old(b);
}

static bool take(mc_between *b, unsigned side, const mc_tapped *segment, uint32_t trail)
{
    const uint32_t n = mc_trails_take(b, side, segment, trail);
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
    if (MC_UNLIKELY(segment->sack[0] != segment->sack[1]))
        mc_trail_sacked(t, !segment->seen.dir, segment->sack[0], segment->sack[1]);
    if (t->given_up)
        return true;
    if (t->pair == 0)
        mc_pairs_find(b, n, &segment->seen);
    if (t->pair == 0)
        mc_queue_record(b, &t->way[segment->seen.dir].queue, sight);
    else
        mc_pairs_take(b, t, sight);
    if (++b->since >= LOOK_AFTER)
        look(b);
    if (b->waiting > b->window)
        make_window(b);
    return !b->no_memory;
}

/*
 * What a segment needs lies all over the memory: its trail by way of a slot, the pair by way of the trail, the other trail
 * by way of the pair.  Each step is taken AHEAD segments before the next one, so that what it asks for has come by then.
 * What has changed since is found again when the segment is taken: nothing is believed here.
 */
MC_INLINE uint32_t ask_for_trail(const mc_between *b, unsigned side, const mc_tapped *s)
{
    const uint32_t n = mc_trails_first(b, side, s);
    const mc_trail *t;

    if (n == 0)
        return 0;
    t = mc_trail_at(b, n);
    MC_PREFETCH(t);
    MC_PREFETCH(&t->way[0]);
    MC_PREFETCH(&t->way[1]);
    MC_PREFETCH(&t->way[s->seen.dir].latest[0]);
    MC_PREFETCH(&t->way[s->seen.dir].latest[MC_LATEST / 2]);
    return n;
}

MC_INLINE uint32_t ask_for_pair(const mc_between *b, const mc_tapped *s, uint32_t *trail)
{
    uint32_t pair;

    *trail = mc_trails_find(b, *trail, s);
    pair = *trail != 0 ? mc_trail_at(b, *trail)->pair : 0;
    if (pair != 0)
        MC_PREFETCH(mc_pair_at(b, pair));
    return pair;
}

MC_INLINE void ask_for_other(const mc_between *b, unsigned side, const mc_tapped *s, uint32_t pair)
{
    const unsigned d = s->seen.dir;
    const mc_pair *p = mc_pair_at(b, pair);
    const mc_trail *other;

    if (MC_UNLIKELY(p->trail[!side] == 0))
        return;                                  /* it has ended since */
    other = mc_trail_at(b, p->trail[!side]);
    MC_PREFETCH(&other->way[0]);
    MC_PREFETCH(&other->way[1]);
    MC_PREFETCH(&p->passed[d][p->passed_at[d] % MC_PASSED]);
}

bool mc_between_take(mc_between *b, unsigned side, const mc_tapped *list, size_t count)
{
    uint32_t trail[4 * AHEAD] = { 0 }, pair[4 * AHEAD] = { 0 };              /* those on their way, in turn */
    size_t i;

    for (i = 0; i < count + 4 * AHEAD; i++) {
        const size_t second = i - AHEAD, third = i - 2 * AHEAD, fourth = i - 3 * AHEAD, now = i - 4 * AHEAD;

        if (now < count && !take(b, side, &list[now], trail[now % (4 * AHEAD)]))
            return false;
        if (fourth < count && pair[fourth % (4 * AHEAD)] != 0)
            ask_for_other(b, side, &list[fourth], pair[fourth % (4 * AHEAD)]);
        if (third < count)
            pair[third % (4 * AHEAD)] = ask_for_pair(b, &list[third], &trail[third % (4 * AHEAD)]);
        if (second < count)
            trail[second % (4 * AHEAD)] = ask_for_trail(b, side, &list[second]);
        if (i < count)
            mc_trails_prefetch(b, side, &list[i]);
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
    mc_rebound_find_all(b);                      /* what waits is looked for before it is judged */
    mc_pairs_look(b, MC_PAIRS_ALL);              /* what is sure tells the clocks' difference, which pairs the rest */
    mc_pairs_rest(b, true);
    mc_pairs_look(b, MC_PAIRS_FINAL);
    mc_points_end(b);
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

void mc_between_arrived(mc_between *b, unsigned dir, const mc_between_facts *on, unsigned on_side)
{
    if (b->facts.order_known && on->order_known)
        mc_alone_arrived(b, dir, on, on_side);
}
