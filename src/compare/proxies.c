/*
 * proxies.c: the same data at both points: one connection, or two that a proxy joins?
 *
 * A device that writes numbers of its own into each segment passes it on all the same: each one comes by at both points, those
 * of a direction at one of them first.  A proxy answers by itself: what the client gets of it was at the other point later, or never.
 */
#include "compare/proxies.h"

#include "compare/match.h"

#define LOOKED_AT      64            /* segments of each direction and point */
#define FORTH_LEAST    3u            /* so many must agree: a handshake, and something after it */
#define BACK_LEAST     2u

/* Same data under other numbers of both ends. */
static bool has_other_numbers(const mc_trail *t0, const mc_trail *t1, const mc_print *print0, const mc_print *print1)
{
    bool differ = false;
    unsigned d;

    if (print0->kind != print1->kind)
        return false;
    for (d = 0; d < 2; d++) {
        if (!t0->way[d].isn_known || !t1->way[d].isn_known)
            continue;                            /* a capture may have missed that SYN */
        if (t0->way[d].isn == t1->way[d].isn)
            return false;
        differ = true;
    }
    return differ;
}

static const mc_seen *syn_of(const mc_between *b, const mc_trail *t, unsigned dir)
{
    const uint32_t n = t->way[dir].queue.first;

    return n != 0 && (mc_record_at(b, n)->seen.flags & MC_TH_SYN) != 0 ? &mc_record_at(b, n)->seen : NULL;
}

/* Are two SYNs of a direction the same?  By what is one stack's own; -1: nothing of that is left. */
static int same_stamps(const mc_seen *s0, const mc_seen *s1)
{
    if ((s0->has & s1->has & MC_HAS_TS) != 0)
        return s0->ts_val == s1->ts_val;
    return s0->ip_id != 0 && s1->ip_id != 0 ? s0->ip_id == s1->ip_id : -1;
}

/* Are the SYNs the same?  By what stays when options are taken out, else by all options; timestamps alone may have been
   taken out if nothing else is another's. */
static bool same_syns(const mc_between *b, const mc_trail *t0, const mc_trail *t1)
{
    const unsigned options = MC_HAS_SACKOK | MC_HAS_SCALE | (mc_same_ends(&t0->key, &t1->key) ? 0u : MC_HAS_TS);
    bool other = false, same_options = true;
    unsigned d;

    for (d = 0; d < 2; d++) {
        const mc_seen *s0 = syn_of(b, t0, d), *s1 = syn_of(b, t1, d);

        if (s0 == NULL || s1 == NULL)
            continue;
        switch (same_stamps(s0, s1)) {
        case 1:
            return true;
        case 0:
            other = true;
            break;
        default:
            same_options = same_options && ((s0->has ^ s1->has) & options) == 0 && s0->scale == s1->scale;
        }
    }
    return !other && same_options;
}

/* The first segments of a direction that are at both points under the numbers as they differ: the least and the greatest
   difference of their times. */
typedef struct passage {
    int64_t low, high;
    unsigned count;
    unsigned same, other;            /* of these: data with (not) the same identification */
    bool data;
} passage;

static passage passage_of(const mc_between *b, const mc_pair *p, unsigned dir, bool syns)
{
    const mc_queue *q0 = &mc_trail_at(b, p->trail[0])->way[dir].queue, *q1 = &mc_trail_at(b, p->trail[1])->way[dir].queue;
    uint32_t n = q0->first, after = q1->first, m;
    passage out = { .low = INT64_MAX, .high = INT64_MIN };
    int64_t difference;
    unsigned i, k;

    for (i = 0; n != 0 && i < LOOKED_AT; i++, n = mc_record_at(b, n)->next) {
        const mc_seen *s = &mc_record_at(b, n)->seen;

        if (!syns && (s->flags & MC_TH_SYN) != 0)
            continue;
        for (m = after, k = 0; m != 0 && k < LOOKED_AT; m = mc_record_at(b, m)->next, k++)
            if (mc_same_place(p, 0, s, &mc_record_at(b, m)->seen))
                break;
        if (m == 0 || k == LOOKED_AT)
            continue;
        difference = mc_ns_since(mc_record_at(b, m)->seen.time_ns, s->time_ns);

        out.low = difference < out.low ? difference : out.low;
        out.high = difference > out.high ? difference : out.high;
        out.count++;
        out.data |= s->len > 0;
        if (s->len > 0 && s->ip_id != 0 && s->ip_id == mc_record_at(b, m)->seen.ip_id)
            out.same++;
        else if (s->len > 0)
            out.other++;
        after = mc_record_at(b, m)->next;
    }
    return out;
}

/* Nothing is there before it was sent, in one of the two orders of the points. */
static bool is_in_order(const passage *forth, const passage *back)
{
    return forth->count >= FORTH_LEAST && back->count >= BACK_LEAST && back->data &&
           (forth->low > back->high || back->low > forth->high);
}

/*
 * All segments of both directions are in order.  With a proxy between, the client's last part of the handshake contradicts the one, the
 * first data of the server the other.  What answers SYNs for the server and then passes on contradicts it in its SYNs alone; that its
 * data are the same packets their identifications say.
 */
static bool is_passed_on(const mc_between *b, const mc_pair *p)
{
    passage forth, back;

    if (!p->shift_known[0] || !p->shift_known[1])
        return false;
    forth = passage_of(b, p, MC_CLIENT_TO_SERVER, true);
    back = passage_of(b, p, MC_SERVER_TO_CLIENT, true);
    if (is_in_order(&forth, &back))
        return true;
    forth = passage_of(b, p, MC_CLIENT_TO_SERVER, false);
    back = passage_of(b, p, MC_SERVER_TO_CLIENT, false);
    return forth.same > 0 && back.same > 0 && forth.other + back.other == 0 && is_in_order(&forth, &back);
}

bool mc_is_proxied(const mc_between *b, const mc_pair *p, const mc_print *print0, const mc_print *print1)
{
    const mc_trail *t0 = mc_trail_at(b, p->trail[0]), *t1 = mc_trail_at(b, p->trail[1]);

    return has_other_numbers(t0, t1, print0, print1) && !same_syns(b, t0, t1) && !is_passed_on(b, p);
}
