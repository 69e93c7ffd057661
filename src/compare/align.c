/*
 * align.c: pairs what waits in both queues of one direction.
 *
 * First the copies that are told by timestamps or identification, then those that time and order
 * tell, then bytes that came in other pieces.  What is left and old enough stays alone.
 */
#include "compare/align.h"

#include <stdlib.h>

#include "compare/alone.h"
#include "compare/answers.h"
#include "compare/match.h"
#include "compare/pieces.h"
#include "points/points.h"
#include "points/queue.h"
#include "points/room.h"

#define CHAIN_MOST    64             /* segments of the same place that are looked at */
#define HORIZON_NS    (5 * MC_NS_PER_S)          /* a segment that is not there after so long is not there */
#define WAIT_MOST     256            /* segments that wait for the difference of numbers to show */
#define LONELY_MOST   256            /* of those without a partner that are looked at for the only one like them */
#define LONG_AGO_NS   (30 * MC_NS_PER_S)
#define EARLY_TIMES   8
#define REWRITTEN_LEAST 2            /* segments with other timestamps, each the only one of its place */

/* The queue as a list of numbers. */
static bool collect(mc_between *b, mc_pair *p, unsigned side, unsigned dir)
{
    const mc_queue *q = &mc_trail_at(b, p->trail[side])->way[dir].queue;
    uint32_t n, i = 0;

    if (!mc_room(&b->left[side], &b->left_room[side], q->count))
        return false;
    for (n = q->first; n != 0; n = mc_record_at(b, n)->next) {
        mc_record_at(b, n)->matched = false;
        b->left[side][i++] = n;
    }
    b->left_count[side] = i;
    return true;
}

static uint32_t place_hash(const mc_pair *p, unsigned side, const mc_seen *s)
{
    uint64_t h = mc_seq_at0(p, side, s->dir, s->seq) * 0x9e3779b97f4a7c15u;

    h ^= ((uint64_t)s->len << 32 | mc_ack_at0(p, side, s)) * 0xc2b2ae3d27d4eb4fu;
    h ^= (uint64_t)(s->flags & MC_FLAGS_COMPARED) * 0x165667b19e3779f9u;
    return (uint32_t)(h >> 32 ^ h);
}

static void match_pair(mc_between *b, mc_pair *p, unsigned side, mc_record *r, mc_record *other)
{
    r->matched = other->matched = true;
    mc_matched(b, p, mc_sight_of(side == 0 ? r : other), mc_sight_of(side == 0 ? other : r));
}

static void match_somehow(mc_between *b, mc_pair *p, unsigned side, mc_record *r, mc_record *other)
{
    r->matched = other->matched = true;
    mc_matched_somehow(b, p, mc_sight_of(side == 0 ? r : other), mc_sight_of(side == 0 ? other : r));
}

/* How many that are left at 'side', and came by before 'until', are like 's' in all that the path keeps; '*oldest' is the
   first of them. */
static uint32_t count_copies(const mc_between *b, unsigned side, uint32_t slot, const mc_seen *s, int64_t until,
                             const mc_record **oldest)
{
    uint32_t i, n = 0;
    unsigned looked = 0;

    for (i = b->slot[side][slot]; i != 0 && looked < CHAIN_MOST; i = b->chain[side][i - 1], looked++) {
        const mc_record *c = mc_record_at(b, b->left[side][i - 1]);

        if (c->matched || c->seen.seq != s->seq || c->seen.len != s->len || c->seen.ack != s->ack ||
            ((c->seen.flags ^ s->flags) & MC_FLAGS_COMPARED) != 0 || c->seen.win != s->win || c->seen.time_ns >= until)
            continue;
        if (n++ == 0)
            *oldest = c;
    }
    return i != 0 ? UINT32_MAX : n;
}

/* Are there as many copies at both points, and are these the oldest?  Then they are paired in order. */
static bool are_as_many(const mc_between *b, unsigned first, uint32_t slot, const mc_record *c, const mc_record *r,
                        const int64_t until[2])
{
    const mc_record *oldest_c = NULL, *oldest_r = NULL;
    const uint32_t n = count_copies(b, first, slot, &c->seen, until[first], &oldest_c);

    return n > 1 && n != UINT32_MAX && oldest_c == c &&
           n == count_copies(b, !first, slot, &r->seen, until[!first], &oldest_r) && oldest_r == r;
}

/* A little quicker than the quickest, or much slower: while few have come by the quickest are not known. */
static mc_record *likelier(mc_record *early, int64_t early_above, mc_record *best, int64_t best_above)
{
    return early != NULL && best != NULL && best_above / EARLY_TIMES > -early_above ? early : best;
}

/* The best partner of 'r', which came by at the second point, among the same places at the first.  'until': up to
   when all have been read that may be copies of it; NULL: only one that is sure.  'usual': only one whose delay is. */
static mc_record *find_partner(mc_between *b, const mc_pair *p, unsigned first, const mc_record *r,
                               uint32_t slot, const int64_t *until, bool usual)
{
    mc_record *best = NULL, *early = NULL;
    bool best_alike = false;                     /* it has the same window, which few things on a way change */
    int64_t best_above = 0, early_above = INT64_MIN;
    unsigned looked = 0;
    uint32_t *at = &b->slot[first][slot];

    for (; *at != 0 && looked < CHAIN_MOST; at = &b->chain[first][*at - 1], looked++) {
        mc_record *c = mc_record_at(b, b->left[first][*at - 1]);
        const mc_seen *s0, *s1;
        mc_likeness likeness;
        int64_t above;
        bool alike;

        while (c->matched) {                     /* out of the chain, for good */
            *at = b->chain[first][*at - 1];
            if (*at == 0)
                return likelier(early, early_above, best, best_above);
            c = mc_record_at(b, b->left[first][*at - 1]);
        }
        s0 = first == 0 ? &c->seen : &r->seen;
        s1 = first == 0 ? &r->seen : &c->seen;
        if (!mc_same_place(p, first, &c->seen, &r->seen))
            continue;
        likeness = mc_compare_copies(b, p, s0, s1);
        if (likeness == MC_OTHER_COPY || (until == NULL && likeness != MC_SAME_COPY))
            continue;
        if (!mc_points_delay_above(b, r->seen.dir, s0->time_ns, s1->time_ns, &above)) {
            if (best == NULL && !usual)
                best = c;
            continue;
        }
        if (above > LONG_AGO_NS || (likeness != MC_SAME_COPY && above < -mc_points_tolerance(b))) {
            if (above < 0 && above > early_above && above > -EARLY_TIMES * mc_points_tolerance(b)) {
                early = c;
                early_above = above;
            }
            continue;
        }
        if (usual && likeness != MC_SAME_COPY && above > mc_points_tolerance(b))
            continue;
        alike = c->seen.win == r->seen.win;
        if (!alike && likeness != MC_SAME_COPY && mc_seen_space(&r->seen) == 0 && mc_windows_kept(b, r->seen.dir))
            continue;                            /* what only says that the window is another now */
        if (until != NULL && alike && !best_alike && are_as_many(b, first, slot, c, r, until))
            return c;
        if (best == NULL || alike > best_alike || (alike == best_alike && llabs(above) < llabs(best_above))) {
            best = c;
            best_above = above;
            best_alike = alike;
        }
    }
    return likelier(early, early_above, best, best_above);
}

/* The segments that are left at 'side' by their place: chains, in order.  The same slots at both sides; returns their
   mask; 0: no memory. */
static uint32_t chain_places(mc_between *b, const mc_pair *p, unsigned side)
{
    const uint32_t n = b->left_count[side], most = n > b->left_count[!side] ? n : b->left_count[!side];
    uint32_t mask = 15, i;

    while (mask < 2 * most)
        mask = mask * 2 + 1;
    if (!mc_room(&b->slot[side], &b->slot_room[side], mask + 1) ||
        !mc_room(&b->chain[side], &b->chain_room[side], n))
        return 0;
    memset(b->slot[side], 0, (mask + 1) * sizeof *b->slot[side]);
    for (i = n; i-- > 0;) {
        const uint32_t slot = place_hash(p, side, &mc_record_at(b, b->left[side][i])->seen) & mask;

        b->chain[side][i] = b->slot[side][slot];
        b->slot[side][slot] = i + 1;
    }
    return mask;
}

/* The only one left at 'side' with the place of 'r', which is of the other side; NULL: none, or several. */
static mc_record *only_like(mc_between *b, const mc_pair *p, unsigned side, const mc_record *r, uint32_t mask)
{
    mc_record *found = NULL;
    unsigned looked = 0;
    uint32_t i;

    for (i = b->slot[side][place_hash(p, !side, &r->seen) & mask]; i != 0; i = b->chain[side][i - 1]) {
        mc_record *c = mc_record_at(b, b->left[side][i - 1]);

        if (++looked > CHAIN_MOST)
            return NULL;
        if (!mc_same_place(p, side, &c->seen, &r->seen))
            continue;
        if (found != NULL)
            return NULL;
        found = c;
    }
    return found;
}

void mc_align_likely(mc_between *b, mc_pair *p)
{
    unsigned dir;
    uint32_t mask, i;

    for (dir = 0; dir < 2; dir++) {
        if (!p->shift_known[0] || !p->shift_known[1] || !collect(b, p, 0, dir) || !collect(b, p, 1, dir) ||
            b->left_count[0] == 0 || b->left_count[1] == 0 || (mask = chain_places(b, p, 0)) == 0)
            continue;
        /* two that find the same one are no pair: the first marks it, the second takes it out */
        for (i = 0; i < b->left_count[1]; i++) {
            mc_record *r = mc_record_at(b, b->left[1][i]), *c = only_like(b, p, 0, r, mask);

            /* a SYN-ACK under another number may be another one */
            if (c == NULL || ((r->seen.flags & MC_TH_SYN) != 0 && p->shift[dir] != 0))
                continue;
            r->matched = true;
            if (c->matched)
                c->noted.late |= MC_LATE_SEVERAL;
            c->matched = true;
        }
        for (i = 0; i < b->left_count[1]; i++) {
            const mc_record *r = mc_record_at(b, b->left[1][i]), *c = r->matched ? only_like(b, p, 0, r, mask) : NULL;

            if (c != NULL && (c->noted.late & MC_LATE_SEVERAL) == 0)
                mc_clock_add_likely(&b->clock, dir, c->seen.time_ns, r->seen.time_ns);
        }
    }
}

/* Of the copies of 'r', which is of the other side, that are left at 'side' none has its timestamp: bit 1; none its echo: bit 2. */
static unsigned has_others_only(const mc_between *b, const mc_pair *p, unsigned side, const mc_record *r, uint32_t mask)
{
    unsigned looked = 0, others = 0, same = 0;
    uint32_t i;

    for (i = b->slot[side][place_hash(p, !side, &r->seen) & mask]; i != 0; i = b->chain[side][i - 1]) {
        const mc_record *c = mc_record_at(b, b->left[side][i - 1]);

        if (++looked > CHAIN_MOST)
            return 0;
        if (!mc_same_place(p, side, &c->seen, &r->seen))
            continue;
        if ((c->seen.has & MC_HAS_TS) == 0)
            return 0;
        others |= (c->seen.ts_val != r->seen.ts_val ? 1u : 0) | (c->seen.ts_ecr != r->seen.ts_ecr ? 2u : 0);
        same |= (c->seen.ts_val == r->seen.ts_val ? 1u : 0) | (c->seen.ts_ecr == r->seen.ts_ecr ? 2u : 0);
    }
    return others & ~same;
}

/*
 * Something on the way may write timestamps of its own (to hide how long a host is up, say).  They are taken for the
 * host's own until segments that are the only ones of their place at both points have others, and none has the same; or
 * one has waited long, and of all copies at the other point none has its own.
 */
static void find_rewritten(mc_between *b, mc_pair *p, unsigned first, uint32_t mask, uint32_t other_mask, int64_t old)
{
    unsigned others[2] = { 0, 0 }, e;
    uint32_t i;

    for (i = 0; i < b->left_count[!first] && (p->clock_kept | p->clock_rewritten) != 3; i++) {
        const mc_record *r = mc_record_at(b, b->left[!first][i]);
        const unsigned vote = r->seen.time_ns < old ? REWRITTEN_LEAST : 1;           /* it will soon count as alone */
        const mc_record *c = (r->seen.has & MC_HAS_TS) != 0 ? only_like(b, p, first, r, mask) : NULL;
        const unsigned d = r->seen.dir;

        if (c != NULL && (c->seen.has & MC_HAS_TS) != 0 && only_like(b, p, !first, c, other_mask) == r) {
            others[d] += c->seen.ts_val != r->seen.ts_val ? vote : 0;
            if (c->seen.ts_val == r->seen.ts_val)
                p->clock_kept |= (uint8_t)(1u << d);
            others[!d] += c->seen.ts_ecr != r->seen.ts_ecr ? vote : 0;
        } else if (r->seen.time_ns < old && (r->seen.has & MC_HAS_TS) != 0) {
            const unsigned bits = has_others_only(b, p, first, r, mask);

            others[d] += (bits & 1) != 0 ? vote : 0;
            others[!d] += (bits & 2) != 0 ? vote : 0;
        }
    }
    for (e = 0; e < 2; e++)
        if ((p->clock_kept >> e & 1) == 0 && others[e] >= REWRITTEN_LEAST)
            p->clock_rewritten |= (uint8_t)(1u << e);
}

/* What of those that are alike is looked for in turn.  As long as nothing tells the order of the points a late one may as well
   be one that was sent before another was. */
typedef enum match_pass { SURE, USUAL, ANY, MATCH_PASSES } match_pass;

/* Segments at the first point by their place; then those at the second look for theirs, in order. */
static bool match_places(mc_between *b, mc_pair *p, unsigned first, const int64_t until[2], int64_t old)
{
    const uint32_t n = b->left_count[first], m = b->left_count[!first];
    const bool ordered = b->by_delay || b->by_ttl;
    uint32_t mask, other_mask, i;
    unsigned pass;

    if (n == 0 || m == 0)
        return true;
    mask = chain_places(b, p, first);
    other_mask = chain_places(b, p, !first);
    if (mask == 0 || other_mask == 0)
        return false;
    if ((p->clock_kept | p->clock_rewritten) != 3)
        find_rewritten(b, p, first, mask, other_mask, old);
    for (pass = SURE; pass < MATCH_PASSES; pass++)
        for (i = 0; i < m && !(pass == USUAL && ordered); i++) {
            mc_record *r = mc_record_at(b, b->left[!first][i]), *c;

            if (r->matched || (pass != SURE && r->seen.time_ns >= until[!first]))
                continue;
            c = find_partner(b, p, first, r, place_hash(p, !first, &r->seen) & mask, pass == SURE ? NULL : until, pass == USUAL);
            if (c != NULL)
                match_pair(b, p, first, c, r);
        }
    return true;
}

/* How many of those left at 'side' may be the same as 'r', of the other side ('any': or another copy); '*one' is the first of
   them. */
static unsigned count_like(mc_between *b, const mc_pair *p, unsigned side, const mc_record *r, bool any, mc_record **one)
{
    unsigned n = 0;
    uint32_t i;

    for (i = 0; i < b->left_count[side] && n < CHAIN_MOST; i++) {
        mc_record *c = mc_record_at(b, b->left[side][i]);

        if (c->matched || !mc_same_place(p, side, &c->seen, &r->seen) ||
            (!any && mc_compare_copies(b, p, side == 0 ? &c->seen : &r->seen, side == 0 ? &r->seen : &c->seen) == MC_OTHER_COPY))
            continue;
        if (n++ == 0)
            *one = c;
    }
    return n;
}

static bool tell_apart(const mc_between *b, unsigned side, const mc_record *r, const mc_record *other)
{
    return mc_points_tell_apart(b, side == 0 ? &r->seen : &other->seen, side == 0 ? &other->seen : &r->seen);
}

/*
 * What has waited long is taken for the one like it, whatever the clocks say: it is likelier that one of them was set
 * than that one copy was lost behind the first point and another one never came by it.  As many copies at both points are
 * paired in order; of unlike numbers so many were at both, and which ones is not told.  Not where the clocks are known, and
 * tell them apart.
 */
static void match_only(mc_between *b, mc_pair *p, unsigned first, const int64_t old[2])
{
    unsigned looked = 0;
    uint32_t i;

    for (i = 0; i < b->left_count[!first] && looked < LONELY_MOST; i++) {
        mc_record *r = mc_record_at(b, b->left[!first][i]), *c = NULL, *back = NULL;
        unsigned n, m;

        if (r->matched || r->seen.time_ns >= old[!first])
            continue;
        looked++;
        n = count_like(b, p, first, r, false, &c);
        if (n == 0 && (r->seen.flags & MC_TH_SYN) != 0 && (p->syns_at_both >> r->seen.dir & 1) == 0 &&
            count_like(b, p, first, r, true, &c) > 0) {
            r->matched = c->matched = true;      /* what answers SYNs for the server gives it one of its own */
            mc_matched_anew(b, p, first == 0 ? &c->seen : &r->seen, first == 0 ? &r->seen : &c->seen);
            continue;
        }
        m = n > 0 ? count_like(b, p, !first, c, false, &back) : 0;
        if (n == 0 || back != r || (n + m > 2 && (c->seen.time_ns >= old[first] || tell_apart(b, first, c, r))))
            continue;
        if (n == m)
            match_pair(b, p, first, c, r);
        else
            match_somehow(b, p, first, c, r);
    }
}

/* ------------------------------------------------------------------ the rest */

/* Takes what has its partner, and what is old enough to have none, out of the queue.  Returns when more can be said. */
static int64_t clear(mc_between *b, mc_pair *p, unsigned side, unsigned dir, int64_t soon, int64_t old, bool final)
{
    mc_queue *q = &mc_trail_at(b, p->trail[side])->way[dir].queue;
    uint32_t n = q->first, next;
    int64_t due = INT64_MAX, then;

    *q = (mc_queue){ 0 };
    for (; n != 0; n = next) {
        mc_record *r = mc_record_at(b, n);

        next = r->next;
        if (!r->matched && (final || r->seen.time_ns < old)) {
            mc_alone_note(b, p, side, r);
            r->matched = true;
        }
        if (r->matched) {
            mc_queue_free(b, n);
            continue;
        }
        mc_queue_append(b, q, n);
        then = mc_ns_plus(r->seen.time_ns, r->seen.time_ns >= soon ? MC_ALIGN_SOON_NS : HORIZON_NS);
        due = then < due ? then : due;
    }
    return due;
}

/* The same acknowledgement, of a side that has shown no more than that: what refuses a SYN has a number of its own. */
static bool shift_by_ack(mc_between *b, mc_pair *p, unsigned dir)
{
    const uint32_t n = mc_trail_at(b, p->trail[0])->way[dir].queue.first, m = mc_trail_at(b, p->trail[1])->way[dir].queue.first;
    const mc_seen *s, *o;

    if (n == 0 || m == 0 || !p->shift_known[!dir])
        return false;
    s = &mc_record_at(b, n)->seen;
    o = &mc_record_at(b, m)->seen;
    if ((s->flags & MC_TH_ACK) == 0 || ((s->flags ^ o->flags) & MC_FLAGS_COMPARED) != 0 || s->len != o->len ||
        o->ack - s->ack != p->shift[!dir])
        return false;
    p->shift[dir] = o->seq - s->seq;
    return true;
}

/* More is not to be hoped for. */
static bool waits_long(const mc_between *b, const mc_pair *p, unsigned dir, const int64_t old[2])
{
    const mc_queue *q[2];
    unsigned i;

    for (i = 0; i < 2; i++) {
        q[i] = &mc_trail_at(b, p->trail[i])->way[dir].queue;
        if (q[i]->first != 0 && mc_record_at(b, q[i]->first)->seen.time_ns < old[i])
            return true;
    }
    return q[0]->count + q[1]->count >= WAIT_MOST;
}

/* Numbers that differ by what nobody told: the first data that are the same tell it. */
static void guess_shift(mc_between *b, mc_pair *p, unsigned dir)
{
    uint32_t n, m;

    p->shift_known[dir] = true;
    for (n = mc_trail_at(b, p->trail[0])->way[dir].queue.first; n != 0; n = mc_record_at(b, n)->next) {
        const mc_seen *s = &mc_record_at(b, n)->seen;

        if (s->len < 16 || s->captured != s->len)
            continue;
        for (m = mc_trail_at(b, p->trail[1])->way[dir].queue.first; m != 0; m = mc_record_at(b, m)->next) {
            const mc_seen *o = &mc_record_at(b, m)->seen;

            if (o->len == s->len && o->captured == o->len && o->digest[2] == s->digest[2]) {
                p->shift[dir] = o->seq - s->seq;
                return;
            }
        }
        return;
    }
}

static bool has_waiting(const mc_between *b, const mc_pair *p, unsigned dir)
{
    return mc_trail_at(b, p->trail[0])->way[dir].queue.count + mc_trail_at(b, p->trail[1])->way[dir].queue.count > 0;
}

/* By how much the numbers of both directions differ.  False: what comes may tell it. */
static bool know_shifts(mc_between *b, mc_pair *p, const int64_t old[2], bool final)
{
    unsigned d;

    for (d = 0; d < 2; d++) {
        if (p->shift_known[d])
            continue;
        if (shift_by_ack(b, p, d))
            p->shift_known[d] = true;
        else if (final || waits_long(b, p, d, old))
            guess_shift(b, p, d);
        else
            return false;
    }
    return true;
}

static bool match_all(mc_between *b, mc_pair *p, unsigned dir, const int64_t until[2], const int64_t long_ago[2])
{
    const unsigned first = mc_before(b, dir);

    if (!collect(b, p, 0, dir) || !collect(b, p, 1, dir) || !match_places(b, p, first, until, long_ago[!first]) ||
        !mc_match_pieces(b, p, dir, until, false))
        return false;
    match_only(b, p, first, long_ago);
    return mc_match_pieces(b, p, dir, long_ago, true);
}

void mc_align(mc_between *b, mc_pair *p, const int64_t now[2], bool final, int64_t due[2])
{
    const int64_t soon[2] = { mc_ns_plus(now[0], -MC_ALIGN_SOON_NS), mc_ns_plus(now[1], -MC_ALIGN_SOON_NS) };
    const int64_t old[2] = { mc_ns_plus(now[0], -HORIZON_NS), mc_ns_plus(now[1], -HORIZON_NS) };
    int64_t until[2], long_ago[2];
    unsigned side, dir;

    if (!know_shifts(b, p, old, final)) {
        due[0] = due[1] = INT64_MIN;             /* with whatever comes */
        return;
    }
    if (!b->near_fixed)
        mc_points_order(b);
    for (side = 0; side < 2; side++) {
        until[side] = final ? INT64_MAX : soon[side];
        long_ago[side] = final ? INT64_MAX : old[side];
    }
    for (dir = 0; dir < 2; dir++)
        if (has_waiting(b, p, dir) && !match_all(b, p, dir, until, long_ago)) {
            b->no_memory = true;
            return;
        }
    mc_answers_settle(b, p, final);
    for (dir = 0; dir < 2; dir++)
        for (side = 0; has_waiting(b, p, dir) && side < 2; side++) {
            const int64_t then = clear(b, p, side, dir, soon[side], old[side], final);

            due[side] = then < due[side] ? then : due[side];
        }
}
