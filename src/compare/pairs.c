/*
 * pairs.c: connections that were seen at both points.
 */
#include "compare/pairs.h"

#include <stdlib.h>

#include "compare/align.h"
#include "compare/match.h"
#include "compare/proxies.h"
#include "compare/rebound.h"
#include "points/points.h"
#include "points/prints.h"
#include "points/queue.h"
#include "points/trails.h"

#define LINGER_NS   (60 * MC_NS_PER_S)           /* a connection that is over may still see repetitions */
#define PAIR_AGE_NS (2 * MC_NS_PER_S)
#define FIRST_LISTED 256u
#define AHEAD_MOST  8                /* waiting segments that a new one is compared with at once */
#define WHOLE_LEAST 4096u            /* segments of each side before trails are paired by weak prints, when
                                        nothing else has told how the clocks differ */

static uint32_t waiting_of(const mc_trail *t0, const mc_trail *t1)
{
    return t0->way[0].queue.count + t0->way[1].queue.count + t1->way[0].queue.count + t1->way[1].queue.count;
}

/* The pair has segments in its queues. */
static bool list_pair(mc_between *b, uint32_t pair, int64_t due)
{
    mc_pair *p = mc_pair_at(b, pair);
    const uint32_t room = b->list_room > 0 ? b->list_room * 2 : FIRST_LISTED;
    mc_listed *more;

    if (b->listed == b->list_room) {
        more = realloc(b->list, room * sizeof *more);
        if (more == NULL) {
            b->no_memory = true;
            return false;
        }
        b->list = more;
        b->list_room = room;
    }
    b->list[b->listed++] = (mc_listed){ pair, { due, due } };
    p->listed = b->listed;
    return true;
}

/* It has none any more. */
static void unlist_pair(mc_between *b, mc_pair *p)
{
    const mc_listed last = b->list[--b->listed];

    b->list[p->listed - 1] = last;
    mc_pair_at(b, last.pair)->listed = p->listed;
    p->listed = 0;
}

/* --------------------------------------------------------------------- to pair */

/* By how much numbers differ, where both have shown their first one. */
static void find_shift(const mc_between *b, mc_pair *p, unsigned dir)
{
    const mc_trail *t0 = mc_trail_at(b, p->trail[0]), *t1 = mc_trail_at(b, p->trail[1]);

    if (t0->way[dir].isn_known && t1->way[dir].isn_known) {
        p->shift[dir] = t1->way[dir].isn - t0->way[dir].isn;
        p->shift_known[dir] = true;
    }
}

static void pair_up(mc_between *b, const mc_found *found)
{
    mc_trail *t0 = mc_trail_at(b, found->trail[0]), *t1 = mc_trail_at(b, found->trail[1]);
    const mc_print *print0 = found->print[0], *print1 = found->print[1];
    const uint32_t number = mc_store_take(&b->pairs);
    unsigned d;
    mc_pair *p;

    if (number == 0) {
        b->no_memory = true;
        return;
    }
    p = mc_pair_at(b, number);
    p->trail[0] = found->trail[0];
    p->trail[1] = found->trail[1];
    for (d = 0; d < 2; d++) {
        find_shift(b, p, d);
        if (p->shift_known[d])
            continue;
        if (print0 != NULL)
            p->shift[d] = print0->dir == d ? print1->seq - print0->seq : print1->ack - print0->ack;
        p->shift_known[d] = print0 != NULL || (found->by_numbers && !(t0->opened && t1->opened));
    }
    if (found->by_bytes)
        p->proxied = mc_is_proxied(b, p, print0, print1);
    p->row.translated = found->translated && !p->proxied;    /* of a proxy everything is another's */
    p->row.proxied = p->proxied;
    p->row.key[0] = t0->key;
    p->row.key[1] = t1->key;
    p->row.first_ns = t0->first_ns;
    t0->pair = t1->pair = number;
    b->single -= 2;
    mc_prints_forget(b, t0);
    mc_prints_forget(b, t1);
    b->facts.paired++;
    b->facts.translated += p->row.translated;
    b->facts.proxied += p->proxied;
    if (p->proxied) {
        for (d = 0; d < 2; d++) {
            mc_queue_drop(b, &t0->way[d].queue);
            mc_queue_drop(b, &t1->way[d].queue);
        }
        return;
    }
    if (waiting_of(t0, t1) > 0)
        list_pair(b, number, INT64_MIN);
}

void mc_pairs_find(mc_between *b, uint32_t trail, const mc_seen *s)
{
    mc_found found;

    if (mc_prints_add(b, trail, s, &found))
        pair_up(b, &found);
}

static bool is_old(const mc_trail *t, const int64_t now[2])
{
    return t->first_ns < mc_ns_plus(now[t->side], -PAIR_AGE_NS);
}

void mc_pairs_rest(mc_between *b, bool final)
{
    const bool known = mc_points_know_clocks(b);
    mc_found found;
    int64_t now[2];
    uint32_t n;

    if (!known && !final && ((mc_taken(&b->side[0]) < WHOLE_LEAST && !b->side[0].ended) ||
                             (mc_taken(&b->side[1]) < WHOLE_LEAST && !b->side[1].ended)))
        return;
    now[0] = known && !final ? mc_points_read(b, 0) : INT64_MAX;
    now[1] = known && !final ? mc_points_read(b, 1) : INT64_MAX;
    for (n = 1; n <= b->trails.end; n++) {
        const mc_trail *t = mc_trail_at(b, n);

        if (t->side == MC_NO_SIDE || t->pair != 0 || t->given_up || !is_old(t, now))
            continue;
        if (t->print_count > 0 && mc_prints_search(b, n, &found))
            pair_up(b, &found);
        else
            mc_rebound_find(b, n);
    }
}

/* --------------------------------------------------------------------- to end */

/* More telling pairs push out others. */
static void offer_row(mc_between *b, mc_pair *p)
{
    mc_pair_row *row = &p->row;
    uint32_t i, at;
    unsigned d;

    row->score = 0;
    for (d = 0; d < 2; d++) {
        row->at_both[d] = p->at_both[d];
        row->score += 10.0 * (double)(row->alone[d][MC_ALONE_lost] + row->alone[d][MC_ALONE_injected]);
        row->score += 3.0 * (double)(row->open[d][0][0] + row->open[d][1][0] + row->open[d][0][1] +
                                    row->open[d][1][1] + row->alone[d][MC_ALONE_missed]);
        row->score += 1e-6 * (double)row->at_both[d];
    }
    row->score += (double)(row->wait_ns[b->near] / MC_NS_PER_MS) / 100.0;
    row->shifted = !p->proxied && (p->shift[0] != 0 || p->shift[1] != 0);
    for (d = 0; d < 2; d++) {
        const mc_trail *t = mc_trail_at(b, p->trail[d]);

        row->first_frame[d] = t->first_frame;
        row->packets[d] = (uint64_t)t->way[0].packets + t->way[1].packets;
    }
    for (at = b->row_count; at > 0 && b->rows[at - 1].score < row->score; at--)
        ;
    if (at >= b->wanted)
        return;
    if (b->row_count < b->wanted)
        b->row_count++;
    for (i = b->row_count - 1; i > at; i--)
        b->rows[i] = b->rows[i - 1];
    b->rows[at] = *row;
}

static void end_pair(mc_between *b, uint32_t pair)
{
    mc_pair *p = mc_pair_at(b, pair);

    offer_row(b, p);
    b->facts.shifted += p->row.shifted;
    mc_trails_free(b, p->trail[0]);
    mc_trails_free(b, p->trail[1]);
    mc_store_give_back(&b->pairs, pair);         /* cleared: no trail */
}

void mc_pairs_end_old(mc_between *b)
{
    const int64_t now[2] = { mc_points_read(b, 0), mc_points_read(b, 1) };
    uint32_t n;

    for (n = 1; n <= b->pairs.end; n++) {
        mc_pair *p = mc_pair_at(b, n);
        const mc_trail *t0, *t1;

        if (p->trail[0] == 0 || p->listed != 0)
            continue;
        t0 = mc_trail_at(b, p->trail[0]);
        t1 = mc_trail_at(b, p->trail[1]);
        if ((mc_trail_is_over(t0) || !t0->listed) && (mc_trail_is_over(t1) || !t1->listed) &&
            t0->last_ns < mc_ns_plus(now[0], -LINGER_NS) && t1->last_ns < mc_ns_plus(now[1], -LINGER_NS))
            end_pair(b, n);
    }
}

/* One that has to make room does so, unless something of it waits. */
static void let_go(mc_between *b, uint32_t pair)
{
    mc_pair *p = mc_pair_at(b, pair);

    if (waiting_of(mc_trail_at(b, p->trail[0]), mc_trail_at(b, p->trail[1])) > 0)
        return;
    if (p->listed != 0)
        unlist_pair(b, p);
    end_pair(b, pair);
}

/* One more is over; the one that was so longest makes room, as soon as nothing of it waits. */
static void note_over(mc_between *b, uint32_t pair)
{
    uint32_t *at = &b->ring[b->over_count++ % MC_OVER];
    const uint32_t old = *at;

    mc_pair_at(b, pair)->over = true;
    *at = pair;
    if (old == 0 || old == pair || mc_pair_at(b, old)->trail[0] == 0 || !mc_pair_at(b, old)->over)
        return;
    mc_pair_at(b, old)->leaves = true;
    let_go(b, old);
}

void mc_pairs_end_all(mc_between *b)
{
    uint32_t n;

    for (n = 1; n <= b->pairs.end; n++)
        if (mc_pair_at(b, n)->trail[0] != 0)
            end_pair(b, n);
}

/* -------------------------------------------------------------------- segments */

/* Is it behind all that came by at the other side?  Resets have numbers of their own. */
static bool is_ahead(const mc_pair *p, unsigned side, const mc_seen *s, const mc_trail *there)
{
    const mc_way *w = &there->way[s->dir], *back = &there->way[!s->dir];
    const uint32_t space = mc_seen_space(s);
    uint32_t seq, ack, end;

    if ((s->flags & MC_TH_RST) != 0)
        return false;
    if (space > 0) {
        seq = side == 0 ? s->seq + p->shift[s->dir] : s->seq - p->shift[s->dir];
        end = w->cover.count > 0 ? w->cover.base + (uint32_t)w->cover.range[w->cover.count - 1].to : seq;
        return mc_seq_before(end, seq + space);
    }
    ack = side == 0 ? s->ack + p->shift[!s->dir] : s->ack - p->shift[!s->dir];
    return (s->flags & MC_TH_ACK) != 0 && (!back->ack_known || mc_seq_before(back->acked, ack));
}

/* Looks for its like among AHEAD_MOST behind record 'before' (0: from the front). */
static bool match_behind(mc_between *b, mc_pair *p, unsigned side, mc_sight s, mc_queue *q, uint32_t before)
{
    uint32_t n = before != 0 ? mc_record_at(b, before)->next : q->first, i;

    for (i = 0; n != 0 && i < AHEAD_MOST; before = n, n = mc_record_at(b, n)->next, i++) {
        const mc_record *o = mc_record_at(b, n);

        if (!mc_same_place(p, side, s.seen, &o->seen) ||
            (o->seen.win != s.seen->win && mc_seen_space(s.seen) == 0 && mc_windows_kept(b, s.seen->dir)) ||
            mc_compare_copies(b, p, side == 0 ? s.seen : &o->seen, side == 0 ? &o->seen : s.seen) != MC_SAME_COPY)
            continue;
        mc_matched(b, p, side == 0 ? s : mc_sight_of(o), side == 0 ? mc_sight_of(o) : s);
        mc_queue_take_out(b, q, before, n);
        q->after = before;
        return true;
    }
    return false;
}

/* The usual case: it is the next one, or nearly, of those that wait at the other side. */
static bool match_at_once(mc_between *b, mc_pair *p, unsigned side, mc_sight s, mc_trail *there)
{
    mc_queue *q = &there->way[s.seen->dir].queue;

    if (q->first == 0 || is_ahead(p, side, s.seen, there))
        return false;
    return match_behind(b, p, side, s, q, q->after) || (q->after != 0 && match_behind(b, p, side, s, q, 0));
}

/* It waits; what came before it may be told from others like it when more has been read. */
static void wait_for_like(mc_between *b, uint32_t pair, mc_trail *t, mc_sight s)
{
    mc_pair *p = mc_pair_at(b, pair);
    const int64_t then = mc_ns_plus(s.seen->time_ns, MC_ALIGN_SOON_NS);
    int64_t *due;

    if (!mc_queue_record(b, &t->way[s.seen->dir].queue, s) || (p->listed == 0 && !list_pair(b, pair, INT64_MAX)))
        return;
    due = &b->list[p->listed - 1].due_ns[t->side];
    if (then < *due)
        *due = then;
}

void mc_pairs_take(mc_between *b, mc_trail *t, mc_sight s)
{
    const uint32_t pair = t->pair;
    mc_pair *p = mc_pair_at(b, pair);
    const unsigned side = t->side, d = s.seen->dir;
    mc_trail *there = mc_trail_at(b, p->trail[!side]);
    bool in_place;

    if (!p->over && mc_trail_is_over(t) && mc_trail_is_over(there))
        note_over(b, pair);
    if (p->proxied)
        return;
    if (MC_UNLIKELY(!p->shift_known[d]))
        find_shift(b, p, d);
    in_place = p->shift_known[d] && (p->shift_known[!d] || (s.seen->flags & MC_TH_ACK) == 0);
    if (!(MC_LIKELY(in_place) && match_at_once(b, p, side, s, there)))
        wait_for_like(b, pair, t, s);
}

/* Looks at one of the list.  True: something of it still waits. */
static bool look_at(mc_between *b, mc_listed *l, const int64_t now[2], bool final)
{
    mc_pair *p = mc_pair_at(b, l->pair);
    const mc_trail *t0 = mc_trail_at(b, p->trail[0]), *t1 = mc_trail_at(b, p->trail[1]);
    int64_t due[2] = { INT64_MAX, INT64_MAX };

    mc_align(b, p, now, final, due);
    l->due_ns[0] = due[0];
    l->due_ns[1] = due[1];
    return waiting_of(t0, t1) > 0;
}

void mc_pairs_look(mc_between *b, mc_pairs_which which)
{
    const bool final = which == MC_PAIRS_FINAL, known = mc_points_know_clocks(b) || final;
    int64_t now[2];
    uint32_t i;

    if (!b->near_fixed && (b->clock.count[0] == 0 || b->clock.count[1] == 0))
        for (i = 0; i < b->listed; i++)
            mc_align_likely(b, mc_pair_at(b, b->list[i].pair));
    now[0] = known ? mc_points_read(b, 0) : INT64_MIN;
    now[1] = known ? mc_points_read(b, 1) : INT64_MIN;
    for (i = 0; i < b->listed;) {
        mc_listed *l = &b->list[i];
        const uint32_t pair = l->pair;

        if (known && which == MC_PAIRS_DUE && l->due_ns[0] > now[0] && l->due_ns[1] > now[1]) {
            i++;
        } else if (look_at(b, l, now, final)) {
            i++;
        } else {
            unlist_pair(b, mc_pair_at(b, pair));
            if (mc_pair_at(b, pair)->leaves)
                end_pair(b, pair);
        }
    }
}
