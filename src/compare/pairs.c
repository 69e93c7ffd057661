/*
 * pairs.c: connections that were seen at both points.
 */
#include "compare/pairs.h"

#include "compare/align.h"
#include "compare/match.h"
#include "compare/points.h"
#include "compare/prints.h"
#include "compare/queue.h"
#include "compare/room.h"
#include "compare/trails.h"

#define LINGER_NS   (60 * MC_NS_PER_S)           /* a connection that is over may still see repetitions */
#define PAIR_AGE_NS (2 * MC_NS_PER_S)
#define AHEAD_MOST  8                /* waiting segments that a new one is compared with at once */
#define WHOLE_LEAST 4096u            /* segments of each side before trails are paired by weak prints, when
                                        nothing else has told how the clocks differ */

static uint32_t waiting_of(const mc_trail *t0, const mc_trail *t1)
{
    return t0->queue[0].count + t0->queue[1].count + t1->queue[0].count + t1->queue[1].count;
}

/* The pair has segments in its queues. */
static void list_pair(mc_between *b, uint32_t pair)
{
    mc_pair *p = mc_pair_at(b, pair);

    if (p->waiting)
        return;
    if (!mc_room(&b->list, &b->list_room, b->listed + 1)) {
        b->no_memory = true;
        return;
    }
    p->waiting = true;
    b->list[b->listed++] = pair;
}

/* --------------------------------------------------------------------- to pair */

/* Same data, but another connection: what the ends agreed on in the handshake is not what was agreed
   on at the other point, although no one segment's way explains it. */
static bool is_proxied(const mc_trail *t0, const mc_trail *t1, const mc_print *print0, const mc_print *print1)
{
    if (print0->kind != print1->kind || !t0->opened || !t1->opened)
        return false;
    return t0->isn_known[0] && t1->isn_known[0] && t0->isn_known[1] && t1->isn_known[1] &&
           t0->isn[0] != t1->isn[0] && t0->isn[1] != t1->isn[1];
}

static const mc_seen *syn_of(const mc_between *b, const mc_trail *t, unsigned dir)
{
    const uint32_t n = t->queue[dir].first;

    return n != 0 && (mc_record_at(b, n)->seen.flags & MC_TH_SYN) != 0 ? &mc_record_at(b, n)->seen : NULL;
}

/* Are the SYNs the same?  By what stays when options are taken out, else by all options. */
static bool same_syns(const mc_between *b, const mc_trail *t0, const mc_trail *t1)
{
    unsigned d;

    for (d = 0; d < 2; d++) {
        const mc_seen *s0 = syn_of(b, t0, d), *s1 = syn_of(b, t1, d);

        if (s0 == NULL || s1 == NULL)
            continue;
        if ((s0->has & s1->has & MC_HAS_TS) != 0)
            return s0->ts_val == s1->ts_val;
        if (s0->ip_id != 0 && s0->ip_id == s1->ip_id)
            return true;
        if (((s0->has ^ s1->has) & (MC_HAS_SACKOK | MC_HAS_SCALE)) != 0 || s0->scale != s1->scale)
            return false;
    }
    return true;
}

/* By how much numbers differ, where both have shown their first one. */
static void find_shift(const mc_between *b, mc_pair *p, unsigned dir)
{
    const mc_trail *t0 = mc_trail_at(b, p->trail[0]), *t1 = mc_trail_at(b, p->trail[1]);

    if (t0->isn_known[dir] && t1->isn_known[dir]) {
        p->shift[dir] = t1->isn[dir] - t0->isn[dir];
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
        p->proxied = is_proxied(t0, t1, print0, print1) && !same_syns(b, t0, t1);
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
            mc_queue_drop(b, &t0->queue[d]);
            mc_queue_drop(b, &t1->queue[d]);
        }
        return;
    }
    if (waiting_of(t0, t1) > 0)
        list_pair(b, number);
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

        if (t->side != MC_NO_SIDE && t->pair == 0 && !t->given_up && t->print_count > 0 && is_old(t, now) &&
            mc_prints_search(b, n, &found))
            pair_up(b, &found);
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
        row->packets[d] = (uint64_t)t->packets[0] + t->packets[1];
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

        if (p->trail[0] == 0 || p->waiting)
            continue;
        t0 = mc_trail_at(b, p->trail[0]);
        t1 = mc_trail_at(b, p->trail[1]);
        if ((mc_trail_is_over(t0) || !t0->listed) && (mc_trail_is_over(t1) || !t1->listed) &&
            t0->last_ns < mc_ns_plus(now[0], -LINGER_NS) && t1->last_ns < mc_ns_plus(now[1], -LINGER_NS))
            end_pair(b, n);
    }
}

/* One more is over; the one that was so longest makes room, if nothing of it waits. */
static void note_over(mc_between *b, uint32_t pair)
{
    uint32_t *at = &b->ring[b->over_count++ % MC_OVER];
    const uint32_t old = *at;

    mc_pair_at(b, pair)->over = true;
    *at = pair;
    if (old != 0 && old != pair && mc_pair_at(b, old)->trail[0] != 0 && mc_pair_at(b, old)->over &&
        !mc_pair_at(b, old)->waiting)
        end_pair(b, old);
}

void mc_pairs_end_all(mc_between *b)
{
    uint32_t n;

    for (n = 1; n <= b->pairs.end; n++)
        if (mc_pair_at(b, n)->trail[0] != 0)
            end_pair(b, n);
}

/* -------------------------------------------------------------------- segments */

/* The usual case: it is the next one, or nearly, of those that wait at the other side. */
static bool match_at_once(mc_between *b, mc_pair *p, unsigned side, const mc_record *r)
{
    mc_queue *q = &mc_trail_at(b, p->trail[!side])->queue[r->seen.dir];
    uint32_t n, before = 0, i;

    for (n = q->first, i = 0; n != 0 && i < AHEAD_MOST; before = n, n = mc_record_at(b, n)->next, i++) {
        const mc_record *o = mc_record_at(b, n);

        if (!mc_same_place(p, side, &r->seen, &o->seen) ||
            mc_compare_copies(b, p, side == 0 ? &r->seen : &o->seen, side == 0 ? &o->seen : &r->seen) != MC_SAME_COPY)
            continue;
        mc_matched(b, p, side == 0 ? r : o, side == 0 ? o : r);
        mc_queue_take_out(b, q, before, n);
        return true;
    }
    return false;
}

void mc_pairs_take(mc_between *b, uint32_t pair, unsigned side, const mc_record *r)
{
    mc_pair *p = mc_pair_at(b, pair);
    mc_trail *t = mc_trail_at(b, p->trail[side]);
    const unsigned d = r->seen.dir;
    bool in_place;

    if (!p->over && mc_trail_is_over(t) && mc_trail_is_over(mc_trail_at(b, p->trail[!side])))
        note_over(b, pair);
    if (p->proxied)
        return;
    if (MC_UNLIKELY(!p->shift_known[d]))
        find_shift(b, p, d);
    in_place = p->shift_known[d] && (p->shift_known[!d] || (r->seen.flags & MC_TH_ACK) == 0);
    if (!(MC_LIKELY(in_place) && match_at_once(b, p, side, r)) && mc_queue_record(b, &t->queue[d], r))
        list_pair(b, pair);
}

void mc_pairs_look(mc_between *b, bool final)
{
    const bool known = mc_points_know_clocks(b) || final;
    int64_t now[2];
    uint32_t i, kept = 0;

    if (!b->near_fixed && (b->clock.count[0] == 0 || b->clock.count[1] == 0))
        for (i = 0; i < b->listed; i++)
            mc_align_likely(b, mc_pair_at(b, b->list[i]));
    now[0] = known ? mc_points_read(b, 0) : INT64_MIN;
    now[1] = known ? mc_points_read(b, 1) : INT64_MIN;
    for (i = 0; i < b->listed; i++) {
        const uint32_t number = b->list[i];
        mc_pair *p = mc_pair_at(b, number);
        const mc_trail *t0 = mc_trail_at(b, p->trail[0]), *t1 = mc_trail_at(b, p->trail[1]);
        unsigned d;

        for (d = 0; d < 2; d++)
            if (t0->queue[d].count + t1->queue[d].count > 0)
                mc_align(b, p, d, now, final);
        if (waiting_of(t0, t1) == 0)
            p->waiting = false;
        else
            b->list[kept++] = number;
    }
    b->listed = kept;
}
