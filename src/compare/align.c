/*
 * align.c: pairs what waits in both queues of one direction.
 *
 * First the copies that are told by timestamps or identification, then those that time and order
 * tell, then bytes that came in other pieces.  What is left and old enough stays alone.
 */
#include "compare/align.h"

#include <stdlib.h>

#include "compare/alone.h"
#include "compare/match.h"
#include "points/points.h"
#include "points/queue.h"
#include "points/room.h"

#define CHAIN_MOST    64             /* segments of the same place that are looked at */
#define HORIZON_NS    (5 * MC_NS_PER_S)          /* a segment that is not there after so long is not there */
#define TOLERANCE_NS  (2 * MC_NS_PER_MS)         /* besides the way: nothing is there before it was sent */
#define WAIT_MOST     256            /* segments that wait for the difference of numbers to show */
#define LONELY_MOST   256            /* of those without a partner that are looked at for the only one like them */
#define LONG_AGO_NS   (30 * MC_NS_PER_S)
#define LONGEST_PIECE 65536
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

/* How much quicker than those that are known to be the same a segment may have been. */
static int64_t tolerance(const mc_between *b)
{
    int64_t way, blur;

    return mc_clock_round_trip(&b->clock, b->near, &way, &blur) && way > 0 ? mc_ns_plus(way, TOLERANCE_NS) : TOLERANCE_NS;
}

/* How much later than the quickest ones it would have been under way; false: nothing is known of that. */
static bool delay_above(const mc_between *b, unsigned dir, int64_t time0, int64_t time1, int64_t *above)
{
    int64_t expected, spread;

    if (!mc_clock_expected(&b->clock, dir, b->near, &expected, &spread))
        return false;
    *above = mc_ns_since(mc_ns_since(time1, time0), expected);
    if (mc_before(b, dir) != 0)
        *above = -*above;
    return true;
}

static void match_pair(mc_between *b, mc_pair *p, unsigned side, mc_record *r, mc_record *other)
{
    r->matched = other->matched = true;
    mc_matched(b, p, mc_sight_of(side == 0 ? r : other), mc_sight_of(side == 0 ? other : r));
}

/* How many that are left at 'side', and came by before 'until', are like 's' in all that the path keeps. */
static uint32_t count_copies(const mc_between *b, unsigned side, uint32_t slot, const mc_seen *s, int64_t until)
{
    uint32_t i, n = 0;
    unsigned looked = 0;

    for (i = b->slot[side][slot]; i != 0 && looked < CHAIN_MOST; i = b->chain[side][i - 1], looked++) {
        const mc_record *c = mc_record_at(b, b->left[side][i - 1]);

        n += !c->matched && c->seen.seq == s->seq && c->seen.len == s->len && c->seen.ack == s->ack &&
             ((c->seen.flags ^ s->flags) & MC_FLAGS_COMPARED) == 0 && c->seen.win == s->win && c->seen.time_ns < until;
    }
    return i != 0 ? UINT32_MAX : n;
}

/* Are there as many copies of it at both points?  Then they are paired in order. */
static bool are_as_many(const mc_between *b, unsigned first, uint32_t slot, const mc_record *c, const mc_record *r,
                        const int64_t until[2])
{
    const uint32_t n = count_copies(b, first, slot, &c->seen, until[first]);

    return n > 1 && n != UINT32_MAX && n == count_copies(b, !first, slot, &r->seen, until[!first]);
}

/* The best partner of 'r', which came by at the second point, among the same places at the first.  'until': up to
   when all have been read that may be copies of it; NULL: only one that is sure. */
static mc_record *find_partner(mc_between *b, const mc_pair *p, unsigned first, const mc_record *r,
                               uint32_t slot, const int64_t *until)
{
    mc_record *best = NULL;
    bool best_alike = false;                     /* it has the same window, which few things on a way change */
    int64_t best_above = 0;
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
                return best;
            c = mc_record_at(b, b->left[first][*at - 1]);
        }
        s0 = first == 0 ? &c->seen : &r->seen;
        s1 = first == 0 ? &r->seen : &c->seen;
        if (!mc_same_place(p, first, &c->seen, &r->seen))
            continue;
        likeness = mc_compare_copies(b, p, s0, s1);
        if (likeness == MC_OTHER_COPY || (until == NULL && likeness != MC_SAME_COPY))
            continue;
        if (!delay_above(b, r->seen.dir, s0->time_ns, s1->time_ns, &above)) {
            if (best == NULL)
                best = c;
            continue;
        }
        if (above > LONG_AGO_NS || (likeness != MC_SAME_COPY && above < -tolerance(b)))
            continue;
        alike = c->seen.win == r->seen.win;
        if (until != NULL && alike && !best_alike && are_as_many(b, first, slot, c, r, until))
            return c;
        if (best == NULL || alike > best_alike || (alike == best_alike && llabs(above) < llabs(best_above))) {
            best = c;
            best_above = above;
            best_alike = alike;
        }
    }
    return best;
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

            if (c == NULL)
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

/*
 * Something on the way may write timestamps of its own (to hide how long a host is up, say).  They are taken for the
 * host's own until segments that are the only ones of their place at both points have others, and none has the same.
 */
static void find_rewritten(mc_between *b, mc_pair *p, unsigned first, uint32_t mask, uint32_t other_mask, int64_t old)
{
    unsigned others[2] = { 0, 0 }, e;
    bool waits = false;                          /* one that will soon count as alone */
    uint32_t i;

    for (i = 0; i < b->left_count[!first] && (p->clock_kept | p->clock_rewritten) != 3; i++) {
        const mc_record *r = mc_record_at(b, b->left[!first][i]);
        const mc_record *c = (r->seen.has & MC_HAS_TS) != 0 ? only_like(b, p, first, r, mask) : NULL;
        const unsigned d = r->seen.dir;

        if (c == NULL || (c->seen.has & MC_HAS_TS) == 0 || only_like(b, p, !first, c, other_mask) != r)
            continue;
        waits = waits || r->seen.time_ns < old;
        others[d] += c->seen.ts_val != r->seen.ts_val;
        if (c->seen.ts_val == r->seen.ts_val)
            p->clock_kept |= (uint8_t)(1u << d);
        others[!d] += c->seen.ts_ecr != r->seen.ts_ecr;
    }
    for (e = 0; e < 2; e++)
        if ((p->clock_kept >> e & 1) == 0 && others[e] >= (waits ? 1 : REWRITTEN_LEAST))
            p->clock_rewritten |= (uint8_t)(1u << e);
}

/* Segments at the first point by their place; then those at the second look for theirs, in order. */
static bool match_places(mc_between *b, mc_pair *p, unsigned first, const int64_t soon[2], int64_t old, bool final)
{
    const uint32_t n = b->left_count[first], m = b->left_count[!first];
    const int64_t until[2] = { final ? INT64_MAX : soon[0], final ? INT64_MAX : soon[1] };
    uint32_t mask, other_mask, i;
    unsigned pass;

    if (n == 0 || m == 0)
        return true;
    mask = chain_places(b, p, first);
    other_mask = chain_places(b, p, !first);
    if (mask == 0 || other_mask == 0)
        return false;
    if ((p->clock_kept | p->clock_rewritten) != 3)
        find_rewritten(b, p, first, mask, other_mask, final ? INT64_MAX : old);
    for (pass = 0; pass < 2; pass++)
        for (i = 0; i < m; i++) {
            mc_record *r = mc_record_at(b, b->left[!first][i]), *c;

            if (r->matched || (pass > 0 && !final && r->seen.time_ns >= soon[!first]))
                continue;
            c = find_partner(b, p, first, r, place_hash(p, !first, &r->seen) & mask, pass == 0 ? NULL : until);
            if (c != NULL)
                match_pair(b, p, first, c, r);
        }
    return true;
}

/* How many of those left at 'side' may be the same as 'r', of the other side; '*one' is one of them. */
static unsigned count_like(mc_between *b, const mc_pair *p, unsigned side, mc_record *r, mc_record **one)
{
    unsigned n = 0;
    uint32_t i;

    for (i = 0; i < b->left_count[side] && n < 2; i++) {
        mc_record *c = mc_record_at(b, b->left[side][i]);

        if (c->matched || !mc_same_place(p, side, &c->seen, &r->seen) ||
            mc_compare_copies(b, p, side == 0 ? &c->seen : &r->seen, side == 0 ? &r->seen : &c->seen) == MC_OTHER_COPY)
            continue;
        *one = c;
        n++;
    }
    return n;
}

/*
 * What has waited long is taken for the only one like it, whatever the clocks say: it is likelier that
 * one of them was set than that one copy was lost behind the first point and another one never came by it.
 */
static void match_only(mc_between *b, mc_pair *p, unsigned first, const int64_t old[2], bool final)
{
    unsigned looked = 0;
    uint32_t i;

    for (i = 0; i < b->left_count[!first] && looked < LONELY_MOST; i++) {
        mc_record *r = mc_record_at(b, b->left[!first][i]), *c = NULL, *back = NULL;

        if (r->matched || (!final && r->seen.time_ns >= old[!first]))
            continue;
        looked++;
        if (count_like(b, p, first, r, &c) == 1 && count_like(b, p, !first, c, &back) == 1 && back == r)
            match_pair(b, p, first, c, r);
    }
}

/* ------------------------------------------------------- bytes in other pieces */

typedef struct piece {
    int32_t from;                    /* relative to the first of all */
    uint32_t len;
    uint32_t number;                 /* of the record */
    bool used;
} piece;

static int by_place(const void *a, const void *b)
{
    const piece *x = a, *y = b;

    return x->from != y->from ? (x->from > y->from) - (x->from < y->from) : (x->number > y->number) - (x->number < y->number);
}

static piece *pieces_of(const mc_between *b, const mc_pair *p, unsigned side, uint32_t base, uint32_t *count)
{
    piece *list = malloc((b->left_count[side] + 1) * sizeof *list);
    uint32_t i, n = 0;

    for (i = 0; list != NULL && i < b->left_count[side]; i++) {
        const mc_record *r = mc_record_at(b, b->left[side][i]);

        if (r->matched || r->seen.len == 0 || (r->seen.flags & (MC_TH_RST | MC_TH_SYN)) != 0)
            continue;
        list[n++] = (piece){ (int32_t)(mc_seq_at0(p, side, r->seen.dir, r->seen.seq) - base), r->seen.len,
                             b->left[side][i], false };
    }
    if (n > 1)
        qsort(list, n, sizeof *list, by_place);
    *count = n;
    return list;
}

/* May 's', at the first point, be what 'other' is a part of, or the reverse? */
static bool may_be_of(const mc_between *b, const mc_pair *p, unsigned first, const mc_seen *s, const mc_seen *other)
{
    int64_t above;

    if ((s->has & other->has & MC_HAS_TS) != 0 && mc_clock_told(p, s->dir))
        return s->ts_val == other->ts_val;
    if (!delay_above(b, s->dir, first == 0 ? s->time_ns : other->time_ns, first == 0 ? other->time_ns : s->time_ns,
                     &above))
        return true;
    return above >= -tolerance(b) && above < MC_ALIGN_SOON_NS / 5;
}

typedef struct gap {
    uint32_t from, bytes;
} gap;

#define GAPS_MOST 64

/* One segment of the first point: which of its bytes are in pieces at the second? */
static void match_piece(mc_between *b, mc_pair *p, unsigned first, const piece *u, piece *d, uint32_t count,
                        uint32_t *begin)
{
    mc_record *r = mc_record_at(b, u->number);
    const int64_t end = (int64_t)u->from + u->len;
    int64_t at = u->from;
    gap gaps[GAPS_MOST];
    uint32_t i, n = 0, used = 0, covered = 0;

    while (*begin < count && (int64_t)d[*begin].from + LONGEST_PIECE < u->from)
        (*begin)++;
    for (i = *begin; i < count && d[i].from < end; i++) {
        const int64_t to = (int64_t)d[i].from + d[i].len;
        mc_record *other = mc_record_at(b, d[i].number);

        if (to <= u->from || !may_be_of(b, p, first, &r->seen, &other->seen))
            continue;
        if (d[i].from > at && n < GAPS_MOST)
            gaps[n++] = (gap){ (uint32_t)(at - u->from), (uint32_t)(d[i].from - at) };
        if (to > at) {
            covered += (uint32_t)((to < end ? to : end) - (d[i].from > at ? d[i].from : at));
            at = to;
        }
        if (used++ == 0 && d[i].from == u->from)
            mc_clock_add(&b->clock, r->seen.dir, first == 0 ? r->seen.time_ns : other->seen.time_ns,
                         first == 0 ? other->seen.time_ns : r->seen.time_ns);
        if (p->clock_rewritten != 0)
            mc_note_timestamps(b, p, first == 0 ? &r->seen : &other->seen, first == 0 ? &other->seen : &r->seen);
        d[i].used = true;
        other->matched = true;
    }
    if (covered == 0)
        return;
    if (at < end && n < GAPS_MOST)
        gaps[n++] = (gap){ (uint32_t)(at - u->from), (uint32_t)(end - at) };
    r->matched = true;
    b->facts.direction[r->seen.dir].resegmented[first]++;
    b->facts.direction[r->seen.dir].at_both_bytes += covered;
    for (i = 0; i < n; i++)
        mc_alone_piece(b, p, first, r, gaps[i].from, gaps[i].bytes);
}

static bool match_pieces(mc_between *b, mc_pair *p, unsigned dir, unsigned first, const int64_t soon[2], bool final)
{
    mc_between_direction *sums = &b->facts.direction[dir];
    uint32_t n, m, i, begin = 0, before, behind = 0;
    piece *u, *d;
    uint32_t base;

    if (b->left_count[0] == 0 || b->left_count[1] == 0)
        return true;
    base = mc_seq_at0(p, first, dir, mc_record_at(b, b->left[first][0])->seen.seq);
    u = pieces_of(b, p, first, base, &n);
    d = pieces_of(b, p, !first, base, &m);
    if (u == NULL || d == NULL) {
        free(u);
        free(d);
        return false;
    }
    before = (uint32_t)sums->resegmented[first];
    for (i = 0; i < m; i++)
        if (mc_record_at(b, d[i].number)->seen.len > p->mss && mc_record_at(b, d[i].number)->seen.len < 9000)
            p->mss = (uint16_t)mc_record_at(b, d[i].number)->seen.len;
    for (i = 0; i < n && m > 0; i++)
        if (final || mc_record_at(b, u[i].number)->seen.time_ns < soon[first])
            match_piece(b, p, first, &u[i], d, m, &begin);
    for (i = 0; i < m; i++)
        behind += d[i].used;
    before = (uint32_t)sums->resegmented[first] - before;
    sums->resegmented[!first] += behind;
    sums->at_both += before > behind ? before : behind;
    p->at_both[dir] += before > behind ? before : behind;
    free(u);
    free(d);
    return true;
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

void mc_align(mc_between *b, mc_pair *p, unsigned dir, const int64_t now[2], bool final, int64_t due[2])
{
    const int64_t soon[2] = { mc_ns_plus(now[0], -MC_ALIGN_SOON_NS), mc_ns_plus(now[1], -MC_ALIGN_SOON_NS) };
    const int64_t old[2] = { mc_ns_plus(now[0], -HORIZON_NS), mc_ns_plus(now[1], -HORIZON_NS) };
    unsigned first, d;

    for (d = 0; d < 2; d++)
        if (!p->shift_known[d]) {
            if (shift_by_ack(b, p, d))
                p->shift_known[d] = true;
            else if (final || waits_long(b, p, d, old))
                guess_shift(b, p, d);
            else {
                due[0] = due[1] = INT64_MIN;     /* with whatever comes */
                return;
            }
        }
    if (!b->near_fixed)
        mc_points_order(b);
    first = mc_before(b, dir);
    if (!collect(b, p, 0, dir) || !collect(b, p, 1, dir) || !match_places(b, p, first, soon, old[!first], final) ||
        !match_pieces(b, p, dir, first, soon, final)) {
        b->no_memory = true;
        return;
    }
    match_only(b, p, first, old, final);
    for (d = 0; d < 2; d++) {
        const int64_t then = clear(b, p, d, dir, soon[d], old[d], final);

        due[d] = then < due[d] ? then : due[d];
    }
}
