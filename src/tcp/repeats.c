/*
 * repeats.c: evidence on what was sent again.
 */
#include "tcp/repeats.h"

#include "tcp/seq.h"
#include "tcp/timers.h"

/*
 * No timer runs so short: a copy that follows sooner, on a longer way, was sent long
 * after the first one, which has waited on its way to here.
 */
#define NO_TIMER_NS   (5 * MC_NS_PER_MS)
/* So short runs none on any way: the smallest timeouts are hundreds of milliseconds, a tail loss probe
   waits for two ticks of a clock or more (RFC 8985, 7.2). */
#define NEVER_NS      (2 * MC_NS_PER_MS)
#define HELD_NS       (10 * MC_NS_PER_MS)    /* less may be the clock's tick */
/* Whoever is asked to repeat something does so within this time. */
#define ASKED_NS      MC_NS_PER_S
#define CLOCK_NS      (10 * MC_NS_PER_MS)    /* a tick of a host's clock */
/* Where the option is missing (RFC 9293, 3.7.1). */
#define SMALLEST_MSS  536u

static int64_t shorter(int64_t a, int64_t b)
{
    return a <= 0 ? b : b <= 0 || a < b ? a : b;
}

int64_t mc_way_to(const mc_conn *c, unsigned side)
{
    const mc_endpoint_state *peer = &c->endpoint[!side];
    int64_t way = 0;

    if (side == c->originator && (c->flags & MC_C_HS_DONE) != 0)
        way = c->to_client_ns;
    else if (side != c->originator && (c->flags & MC_C_HS_SYN_ACK) != 0)
        way = c->to_server_ns;
    if (peer->rtt_count > 0)
        way = shorter(way, mc_ns_of_ms((double)peer->rtt_min_ms));
    return way;
}

int64_t mc_whole_way(const mc_conn *c)
{
    const int64_t a = mc_way_to(c, 0), b = mc_way_to(c, 1);

    if (a > 0 && b > 0)
        return shorter(c->irtt_ns, mc_ns_plus(a, b));
    return c->irtt_ns > 0 ? c->irtt_ns : 0;
}

/*
 * How long the first copy waited at least, by the timestamps of both.  A tick is a
 * millisecond or more (RFC 7323, 5.4); a clock that ticks faster would say that more time
 * passed than the connection is old.
 */
static int64_t wait_of(const mc_conn *c, uint32_t ticks, int64_t since, int64_t now)
{
    const int64_t apart = ((int64_t)ticks - 1) * MC_NS_PER_MS;

    if (ticks < 2 || ticks > 0x7fffffff || since < 0 || apart > mc_ns_since(now, c->first_ns))
        return 0;
    return apart - since;
}

void mc_repeats_asked(mc_detail *x, uint32_t from, uint32_t to, int64_t now)
{
    if (x->asked_ns == 0 || mc_ns_since(now, x->asked_ns) > ASKED_NS || mc_seq_before(from, x->asked_from)) {
        x->asked_from = from;
        x->asked_to = to;
    } else if (mc_seq_after(to, x->asked_to)) {
        x->asked_to = to;
    }
    x->asked_ns = now;
}

/* Had the peer asked for what begins at 'seq', since it was sent? */
static bool was_asked_for(const mc_detail *x, uint32_t seq, int64_t first_ns, int64_t now)
{
    return x != NULL && x->asked_ns != 0 && x->asked_ns >= first_ns && mc_ns_since(now, x->asked_ns) <= ASKED_NS &&
           mc_seq_not_after(x->asked_from, seq) && mc_seq_before(seq, x->asked_to);
}

/* The peer's duplicate acknowledgements ask for what ends at 'end' and was sent first at 'since'. */
static bool is_asked_for(const mc_endpoint_state *peer, uint32_t end, int64_t since)
{
    return (peer->dup > 1 || (peer->dup == 1 && peer->seen_ns > since)) && mc_seq_before(peer->last_ack, end);
}

/*
 * A receiver acknowledges every second full segment at once (RFC 5681, 4.2): what lies before this one and is not
 * acknowledged though it was sent no later is late, or what is said of it.
 */
static bool waits_for_more(const mc_endpoint_state *peer, const mc_segment *s)
{
    return (peer->known & MC_KNOWN_ACK) != 0 && peer->mss > 0 && mc_seq_before(peer->last_ack, s->seq) &&
           s->seq - peer->last_ack >= 2u * peer->mss && peer->dup == 0;
}

bool mc_is_silent_on_copies(const mc_conn *c, unsigned side)
{
    const mc_endpoint_state *h = &c->endpoint[side];

    return (h->detail == NULL || !h->detail->sack_known) &&
           ((c->flags & MC_C_MID_STREAM) != 0 || (h->options & c->endpoint[!side].options & MC_OPT_SACK) == 0);
}

mc_repeat mc_repeat_of(const mc_conn *c, unsigned dir, const mc_segment *s, const mc_first_copy *first, bool seen,
                       int64_t now, uint64_t frame)
{
    const mc_endpoint_state *d = &c->endpoint[dir];
    const int64_t whole = mc_whole_way(c);
    mc_repeat r = { .seq = s->seq, .end = s->seq + s->len, .old_end = s->seq + s->len, .time_ns = now, .since_ns = -1, .frame = frame,
                    .flags = MC_REPEAT_OPEN };

    if ((s->has & MC_HAS_TS) != 0)
        r.ts_val = s->ts_val;
    if (seen)
        r.flags |= MC_REPEAT_SEEN;
    if (r.end == d->highest_end)
        r.flags |= MC_REPEAT_TAIL;
    r.followed = mc_seq_before(r.end, d->highest_end);
    r.due_ns = mc_ns_plus(whole, CLOCK_NS);
    r.lone = (r.flags & MC_REPEAT_TAIL) != 0 && (c->endpoint[!dir].known & MC_KNOWN_ACK) != 0 &&
             c->endpoint[!dir].last_ack == s->seq && whole > 0 &&
             s->len <= (c->endpoint[!dir].mss != 0 ? c->endpoint[!dir].mss : SMALLEST_MSS);
    if (was_asked_for(c->endpoint[!dir].detail, s->seq, first->known ? first->time_ns : INT64_MIN, now))
        r.flags |= MC_REPEAT_ASKED;
    /* who answers what lies behind a hole lacks what is in it (RFC 5681, 3.2); where packets come by twice, so do answers */
    r.untold = seen && first->known && (r.flags & MC_REPEAT_ASKED) == 0 && mc_is_silent_on_copies(c, !dir) &&
               !(r.followed && is_asked_for(&c->endpoint[!dir], r.end, first->time_ns) && (d->detail == NULL || d->detail->duplicated == 0));
    if (!first->known)
        return r;
    r.first_end = first->end;
    r.since_ns = now >= first->time_ns ? mc_ns_since(now, first->time_ns) : -1;
    if (r.since_ns < 0)
        return r;
    if (r.ts_val != 0 && first->ts_val != 0) {
        const int64_t waited = wait_of(c, r.ts_val - first->ts_val, r.since_ns, now);

        if (waited >= HELD_NS && waited >= r.since_ns)
            r.flags |= MC_REPEAT_HELD;
    } else if ((r.since_ns < NO_TIMER_NS && whole > 4 * NO_TIMER_NS) ||
               (r.since_ns < NEVER_NS && !is_asked_for(&c->endpoint[!dir], r.end, first->time_ns))) {
        r.flags |= MC_REPEAT_HELD;
    }
    if (whole > 0 && r.since_ns < whole)
        r.flags |= MC_REPEAT_SOON;
    r.waits = whole > 0 && r.since_ns >= whole && waits_for_more(&c->endpoint[!dir], s);
    return r;
}

/*
 * Of one segment the acknowledgement may be delayed (RFC 9293, 3.8.6.3), which a probe of the tail waits for as well
 * (RFC 8985, 7.2): until then it is not late.
 */
static int64_t probe_time(const mc_repeat *r)
{
    return r->lone ? mc_ns_plus(MC_USUAL_ACK_DELAY_NS, r->due_ns) : MC_RTO_NS;
}

/* The first copy arrived; why was it sent again? */
static unsigned needless_cause(const mc_repeat *r)
{
    if ((r->flags & MC_REPEAT_HELD) != 0)
        return MC_RESENT_held_back;
    if ((r->flags & MC_REPEAT_ASKED) != 0)
        return MC_RESENT_asked_for;
    if ((r->flags & MC_REPEAT_SOON) != 0)
        return MC_RESENT_timer_too_short;
    if ((r->flags & MC_REPEAT_TAIL) != 0 && r->since_ns >= 0 && r->since_ns < probe_time(r))
        return MC_RESENT_tail_probe;
    return MC_RESENT_arrived;
}

unsigned mc_repeat_needless(const mc_repeat *r)
{
    const unsigned cause = needless_cause(r);

    return cause == MC_RESENT_arrived ? MC_RESENT_acks_missing : cause;
}

void mc_repeats_add(mc_detail *x, mc_pool *pool, const mc_repeat *r)
{
    if (x->repeat_count == x->repeat_room && x->repeat_room < MC_MAX_REPEATS) {
        const unsigned bits = mc_pool_bits(sizeof *r * (x->repeat_room == 0 ? 4u : x->repeat_room * 2u));
        mc_repeat *bigger = mc_pool_alloc(pool, bits);

        if (bigger != NULL) {
            if (x->repeat_list != NULL) {
                memcpy(bigger, x->repeat_list, x->repeat_count * sizeof *bigger);
                mc_pool_free(pool, x->repeat_list, mc_pool_bits(sizeof *r * x->repeat_room));
            }
            x->repeat_list = bigger;
            x->repeat_room = (uint8_t)(x->repeat_room == 0 ? 4u : x->repeat_room * 2u);
        }
    }
    if (x->repeat_room == 0)
        return;
    if (x->repeat_count < x->repeat_room) {
        x->repeat_list[x->repeat_count++] = *r;
    } else {
        if ((x->repeat_list[x->repeat_next].flags & MC_REPEAT_OPEN) != 0)
            x->repeats_open--;
        x->repeat_list[x->repeat_next] = *r;
        x->repeat_next = (uint8_t)((x->repeat_next + 1u) % x->repeat_room);
    }
    if ((r->flags & MC_REPEAT_OPEN) != 0)
        x->repeats_open++;
}

/* A loss is 'untold', or no longer, and has these flags: it is counted anew. */
static void doubt(mc_repeat *r, bool untold, unsigned flags, mc_recount *recount, void *arg)
{
    const unsigned cause = r->cause;

    r->cause = MC_RESENT_unsettled;
    recount(arg, r, cause);
    r->untold = untold;
    r->flags = (uint8_t)flags;
    r->cause = (uint8_t)cause;
    recount(arg, r, MC_RESENT_unsettled);
}

static void settle(mc_detail *x, mc_repeat *r, unsigned cause, mc_recount *recount, void *arg)
{
    const unsigned from = r->cause;

    if ((r->flags & MC_REPEAT_OPEN) != 0) {
        r->flags &= (uint8_t)~MC_REPEAT_OPEN;
        x->repeats_open--;
    }
    if (cause == from) {
        /* the receiver has nothing of what lay behind: data was lost */
        if (r->untold && r->half_told)
            doubt(r, false, r->flags, recount, arg);
        return;
    }
    r->cause = (uint8_t)cause;
    recount(arg, r, from);
}

/*
 * By an acknowledgement that could not say whether 'r' came twice: the snapshot length has cut its options, or it is a reset.
 * Where no timer had to run out for the second copy (RFC 8985, 7), the first one's acknowledgement may only have been delayed.
 */
static void settle_by(mc_detail *x, mc_repeat *r, const mc_segment *s, unsigned cause, mc_recount *recount, void *arg)
{
    const bool reset = (s->flags & MC_TH_RST) != 0;
    const bool early = (r->flags & MC_REPEAT_TAIL) != 0 && r->since_ns >= 0 && r->since_ns < MC_RTO_NS;

    if (cause == r->cause && cause == MC_RESENT_lost_behind && (r->flags & MC_REPEAT_ASKED) == 0 &&
        (reset || s->sack_cut == MC_SACK_UNSEEN)) {
        if (reset && early)
            cause = MC_RESENT_unsettled;
        else
            doubt(r, true, r->flags | (early ? MC_REPEAT_EARLY : 0u), recount, arg);
    }
    settle(x, r, cause, recount, arg);
}

/* A receiver that sends no D-SACK answers each segment that it has already with one acknowledgement more. */
static void take_off_one(mc_detail *x, uint32_t ack, mc_recount *recount, void *arg)
{
    mc_repeat *latest = NULL;
    unsigned i;

    for (i = 0; i < x->repeat_count; i++) {
        mc_repeat *r = &x->repeat_list[i];

        if ((r->flags & (MC_REPEAT_OPEN | MC_REPEAT_COPY | MC_REPEAT_SEEN)) == MC_REPEAT_SEEN && mc_is_open_cause(r->cause) &&
            mc_seq_not_after(r->end, ack) && (latest == NULL || r->time_ns >= latest->time_ns))
            latest = r;
    }
    if (latest != NULL)
        settle(x, latest, needless_cause(latest), recount, arg);
}

/* A receiver acknowledges every second segment at once (RFC 5681, 4.2); so many are never left for one acknowledgement. */
#define NEVER_AT_ONCE 4u

/*
 * Does the acknowledgement take up much, and report in the same breath that a part of it came twice (RFC 2883)?  What
 * the receiver had said of the first copies went before it, and has not come by.
 */
static bool tells_of_lost_acks(const mc_segment *s, uint32_t acked, uint32_t most)
{
    return s->sack_count > 0 && mc_seq_not_after(s->sack[0][1], s->ack) &&
           mc_seq_not_after(acked, s->sack[0][0]) && mc_seq_before(acked, s->ack) && s->ack - acked >= NEVER_AT_ONCE * most;
}

/*
 * A probe of the last segment (RFC 8985, 7), while more before it was late, and what is acknowledged now reaches over
 * both: nothing before it had to be sent again, so nothing was lost.
 */
static bool came_late_with_all(const mc_detail *x, const mc_repeat *r, uint32_t acked)
{
    unsigned i;

    if (!r->waits || (r->flags & (MC_REPEAT_TAIL | MC_REPEAT_SEEN | MC_REPEAT_ASKED)) != (MC_REPEAT_TAIL | MC_REPEAT_SEEN) ||
        r->since_ns >= MC_RTO_NS || !mc_seq_before(acked, r->seq))
        return false;
    for (i = 0; i < x->repeat_count; i++)
        if (mc_seq_not_after(acked, x->repeat_list[i].seq) && mc_seq_before(x->repeat_list[i].seq, r->seq) &&
            (x->repeat_list[i].flags & MC_REPEAT_COPY) == 0)
            return false;
    return true;
}

/* Was something of [lo, hi) sent again, 'r' apart? */
static bool is_again(const mc_detail *x, const mc_repeat *r, uint32_t lo, uint32_t hi)
{
    unsigned i;

    for (i = 0; i < x->repeat_count; i++) {
        const mc_repeat *o = &x->repeat_list[i];

        if (o != r && (o->flags & MC_REPEAT_COPY) == 0 && mc_seq_before(o->seq, hi) && mc_seq_before(lo, o->end))
            return true;
    }
    return false;
}

/*
 * A timer ran out, and the acknowledgement moves to the end of what was sent again and no further, where more had been sent
 * behind the first copy and nobody had asked for any.  The next one tells (F-RTO: RFC 5682, 2.1).
 */
static bool is_half_told(const mc_repeat *r, const mc_detail *peer, uint32_t ack)
{
    return (r->flags & (MC_REPEAT_SEEN | MC_REPEAT_ASKED)) == MC_REPEAT_SEEN && r->followed && r->cause == MC_RESENT_lost_behind &&
           r->end == ack && r->since_ns >= MC_RTO_NS &&
           (peer == NULL || peer->asked_ns == 0 || peer->asked_ns < mc_ns_since(r->time_ns, r->since_ns));
}

/*
 * It moves on over what lay behind: that did not come there before the first copy, or it would have been asked for, nor
 * behind the second, which was sent so much later.  So the first copy was on its way as long.
 */
static bool was_on_its_way(const mc_detail *x, const mc_repeat *r, const mc_detail *peer, uint32_t acked, uint32_t ack)
{
    return is_half_told(r, peer, acked) && mc_seq_after(ack, acked) && !is_again(x, r, acked, ack);
}

/* What half was told of, by the acknowledgement that comes next: data that brings none says nothing. */
static void tell_the_rest(mc_detail *x, const mc_detail *peer, const mc_segment *s, uint32_t acked, bool gap,
                          mc_recount *recount, void *arg)
{
    unsigned i;

    for (i = 0; i < x->repeat_count; i++) {
        mc_repeat *r = &x->repeat_list[i];

        if ((r->flags & MC_REPEAT_OPEN) != 0 && r->half_told && (s->flags & MC_TH_ACK) != 0 && (s->ack != acked || s->len == 0))
            settle(x, r, !gap && was_on_its_way(x, r, peer, acked, s->ack) ? needless_cause(r) : r->cause, recount, arg);
    }
}

/*
 * Why 'r' came, of which a first copy was seen, now that all of it is acknowledged, behind 'acked': by an echo older than it,
 * or sooner than the way takes.
 */
static unsigned acked_cause(const mc_detail *x, const mc_repeat *r, uint32_t acked, bool echo, bool soon, bool gap)
{
    if ((echo && mc_seq_not_after(r->seq, acked)) || soon || came_late_with_all(x, r, acked))
        return needless_cause(r);
    /* what the peer had said before is missing here: it may have acknowledged the first copy */
    return gap ? MC_RESENT_unsettled : r->cause;
}

void mc_repeats_acknowledge(mc_conn *c, unsigned dir, const mc_segment *s, uint32_t acked, bool repeats_ack,
                            bool gap, int64_t now, mc_recount *recount, void *arg)
{
    const uint32_t most = c->endpoint[!dir].mss != 0 ? c->endpoint[!dir].mss : SMALLEST_MSS;
    const mc_detail *peer = c->endpoint[!dir].detail;
    mc_detail *x = c->endpoint[dir].detail;
    const int64_t way = mc_way_to(c, !dir);
    const bool lost_acks = tells_of_lost_acks(s, acked, most);
    bool echo = (s->has & MC_HAS_TS) != 0 && s->ts_ecr != 0;
    unsigned i;

    if (x->repeats_open > 0)
        tell_the_rest(x, peer, s, acked, gap, recount, arg);
    if (x->repeats_open == 0) {
        if (repeats_ack && (s->has & MC_HAS_SACK) == 0)
            take_off_one(x, s->ack, recount, arg);
        return;
    }
    /*
     * An echo older than the first copy of all that is acknowledged stems from first copies;
     * but only at the left edge, where the receiver takes the timestamp over (RFC 7323, 4.3).
     */
    for (i = 0; i < x->repeat_count && echo; i++) {
        const mc_repeat *r = &x->repeat_list[i];

        if ((r->flags & MC_REPEAT_OPEN) != 0 && mc_seq_not_after(r->end, s->ack))
            echo = r->ts_val != 0 && mc_seq_before(s->ts_ecr, r->ts_val);
    }
    for (i = 0; i < x->repeat_count; i++) {
        mc_repeat *r = &x->repeat_list[i];

        if ((r->flags & MC_REPEAT_OPEN) == 0)
            continue;
        if ((s->flags & (MC_TH_RST | MC_TH_ACK)) == MC_TH_RST) {
            settle(x, r, MC_RESENT_to_reset, recount, arg);
        } else if ((s->flags & MC_TH_ACK) == 0) {
            continue;
        } else if (r->half_told) {
            continue;
        } else if (mc_seq_not_after(r->end, s->ack)) {
            const bool soon = way > 0 && mc_ns_since(now, r->time_ns) < way / 2;
            const unsigned cause = (r->flags & MC_REPEAT_SEEN) == 0 ? r->cause
                                   : lost_acks                      ? mc_repeat_needless(r)
                                                                    : acked_cause(x, r, acked, echo, soon, gap);

            r->half_told = cause == r->cause && mc_seq_before(acked, s->ack) && is_half_told(r, peer, s->ack);
            if (!r->half_told)
                settle_by(x, r, s, cause, recount, arg);
        } else if (r->first_end == s->ack && mc_seq_before(r->seq, s->ack)) {
            settle(x, r, needless_cause(r), recount, arg);
        } else if ((s->flags & MC_TH_RST) != 0 && (r->flags & (MC_REPEAT_ASKED | MC_REPEAT_SEEN)) == MC_REPEAT_SEEN &&
                   mc_seq_not_after(s->ack, r->seq)) {
            /* it had asked for nothing, and leaves: whether it was there to take anything is not known */
            settle(x, r, MC_RESENT_unsettled, recount, arg);
        } else if (mc_seq_before(r->seq, s->ack) && r->end - r->seq <= most) {
            /* packets arrive whole: the peer has it, and does not take all of it */
            settle(x, r, MC_RESENT_unsettled, recount, arg);
        }
    }
}

/* How a block of a D-SACK lies to a copy: a packet that came twice is named as it came (RFC 2883, 4), or a part of it is. */
typedef enum { IS_EXACT, IS_WITHIN, IS_ACROSS, FITS } fit;

static fit fit_of(const mc_repeat *r, uint32_t lo, uint32_t hi)
{
    return r->seq == lo && (r->end == hi || r->old_end == hi)             ? IS_EXACT
           : mc_seq_not_after(r->seq, lo) && mc_seq_not_after(hi, r->end) ? IS_WITHIN
                                                                          : IS_ACROSS;
}

/* The same of what was sent again ('copies' false), or of what came twice, and lies so. */
static bool report(mc_detail *x, uint32_t lo, uint32_t hi, bool copies, fit how, mc_recount *recount, void *arg)
{
    unsigned i;

    for (i = 0; i < x->repeat_count; i++) {
        mc_repeat *r = &x->repeat_list[i];
        /* of what came with new data behind it only the old part can have come twice */
        const uint32_t from = mc_seq_before(lo, r->seq) ? r->seq : lo, to = mc_seq_before(hi, r->old_end) ? hi : r->old_end;
        const uint32_t len = r->old_end - r->seq;

        if (((r->flags & MC_REPEAT_COPY) != 0) != copies || r->named >= len || !mc_seq_before(from, to) ||
            fit_of(r, lo, hi) != how)
            continue;
        r->named += to - from;
        if (r->named < len)
            continue;
        if (!copies && mc_is_open_cause(r->cause))
            settle(x, r, needless_cause(r), recount, arg);
        /* one D-SACK tells of one copy that came twice */
        return true;
    }
    return false;
}

static bool report_any(mc_detail *x, uint32_t lo, uint32_t hi, bool copies, mc_recount *recount, void *arg)
{
    fit how;

    for (how = IS_EXACT; how < FITS; how++)
        if (report(x, lo, hi, copies, how, recount, arg))
            return true;
    return false;
}

unsigned mc_repeats_report(mc_detail *x, uint32_t lo, uint32_t hi, mc_recount *recount, void *arg)
{
    /* the receiver has had no part in what only the capture shows twice */
    return !report_any(x, lo, hi, false, recount, arg) && report_any(x, lo, hi, true, recount, arg);
}

uint32_t mc_repeats_end_of(const mc_detail *x, uint32_t seq)
{
    uint32_t end = seq;
    unsigned i;

    for (i = 0; i < x->repeat_count; i++)
        if (x->repeat_list[i].seq == seq)
            end = x->repeat_list[i].end;
    return end;
}

bool mc_repeats_is_acknowledged(const mc_detail *x, uint32_t ack)
{
    unsigned i;

    for (i = 0; i < x->repeat_count; i++)
        if (mc_seq_not_after(x->repeat_list[i].end, ack))
            return true;
    return false;
}

bool mc_repeat_is_answered_each_time(const mc_endpoint_state *h, const mc_endpoint_state *peer)
{
    return peer->dup >= h->detail->stuck_run && h->detail->stuck_run > 0 && peer->seen_ns >= h->seen_ns &&
           mc_ns_since(h->seen_ns, h->nxt_ns) >= MC_RTO_NS;
}

void mc_repeats_end(const mc_conn *c, unsigned dir, bool black_hole, int64_t end_ns, mc_recount *recount, void *arg)
{
    const mc_detail *x = c->endpoint[dir].detail;
    const mc_endpoint_state *peer = &c->endpoint[!dir];
    const int64_t way = mc_way_to(c, !dir);
    const bool refused = mc_repeat_is_answered_each_time(&c->endpoint[dir], peer);
    unsigned i, waiting = 0;
    int64_t latest = INT64_MIN;

    for (i = 0; i < x->repeat_count; i++)
        if ((x->repeat_list[i].flags & MC_REPEAT_OPEN) != 0) {
            waiting++;
            if (x->repeat_list[i].time_ns > latest)
                latest = x->repeat_list[i].time_ns;
        }
    for (i = 0; i < x->repeat_count && !black_hole; i++) {
        mc_repeat r = x->repeat_list[i];
        const unsigned from = r.cause;
        /* what the peer has said since then, it has said without the first copy */
        const int64_t then = way > 0 && r.since_ns > 0 ? mc_ns_plus(mc_ns_since(r.time_ns, r.since_ns), way) : r.time_ns;

        if ((r.flags & (MC_REPEAT_OPEN | MC_REPEAT_SEEN)) != (MC_REPEAT_OPEN | MC_REPEAT_SEEN) ||
            (peer->seen_ns > then && !refused))
            continue;
        if (refused || peer->packets == 0 || (waiting < 2 && mc_ns_since(end_ns, latest) < MC_NS_PER_S))
            r.cause = MC_RESENT_unsettled;
        else
            r.cause = MC_RESENT_to_silence;
        if (r.cause != from)
            recount(arg, &r, from);
    }
}
