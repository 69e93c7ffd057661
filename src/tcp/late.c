/*
 * late.c: evidence on late segments.
 */
#include "tcp/late.h"

#include "tcp/seq.h"
#include "tcp/timers.h"

/* Sooner than this after the first copy nobody sends again without being asked. */
#define TOO_SOON_NS MC_NS_PER_MS
/* What takes longer between two points of the path is not told from a repetition here. */
#define HELD_UP_NS  (50 * MC_NS_PER_MS)

/* The longest tick of a clock of timestamps. */
#define TICK_NS MC_NS_PER_S

static int64_t round_trip_of(const mc_conn *c)
{
    const mc_endpoint_state *a = &c->endpoint[0], *b = &c->endpoint[1];

    if (c->irtt_ns > 0)
        return c->irtt_ns;
    if (a->rtt_count > 0 && b->rtt_count > 0)
        return mc_ns_of_ms((double)a->rtt_min_ms + (double)b->rtt_min_ms);
    return 0;
}

/* By chance a number lies so close behind another one time in a thousand. */
#define CLOSE_IDS 64u

/* Identification 'id' was given just before 'other'. */
static bool is_just_before(uint16_t id, uint16_t other)
{
    const uint16_t behind = (uint16_t)(other - id);

    return behind > 0 && behind <= CLOSE_IDS;
}

/* Identification 'id' was given just after 'other', by a side that has hardly drawn any at random: a SYN-ACK may have none. */
static bool is_just_behind(const mc_endpoint_state *d, uint16_t id, uint16_t other)
{
    return mc_id_jumps(d) < 2 && is_just_before(other, id);
}

/* Identifications of this side count up, packet by packet. */
static bool ids_run(const mc_endpoint_state *d)
{
    return mc_id_steps(d) >= 2 && mc_id_steps(d) > 4 * mc_id_jumps(d);
}

/* It comes when the sender's timer is due, who may keep the identification (RFC 1122, 3.2.1.5). */
static bool is_due(const mc_first_copy *first, int64_t now)
{
    return first->known && mc_ns_since(now, first->time_ns) >= MC_RTO_NS;
}

/*
 * Nothing in it tells it from its copy, but it has passed more routers than others of its side: a host sends each
 * by the same way, and a capture of two points shows each twice.  What is sent again has a timestamp of its own.
 */
static bool is_further_on(const mc_endpoint_state *d, const mc_segment *s, const mc_first_copy *first, int64_t now)
{
    return !mc_has_ip_id(s) && first->known && ((s->has & MC_HAS_TS) == 0 || (first->ts_val != 0 && !first->ts_differs)) &&
           now >= first->time_ns && mc_ns_since(now, first->time_ns) < MC_RTO_NS && s->ttl < d->ttl_max;
}

/*
 * It has passed more routers than others of its side, and comes sooner than anybody sends again: a capture of two points shows
 * it twice, and in between its host's interface has cut it, or put it together (TSO, GRO), so that it is no copy by its
 * identification.
 */
static bool is_cut_further_on(const mc_endpoint_state *d, const mc_segment *s, const mc_first_copy *first, int64_t now, int64_t rtt)
{
    const int64_t since = mc_ns_since(now, d->nxt_ns), age = mc_ns_since(now, first->time_ns);
    /* what the host sends again has a clock of its own, and the TTL of what it sent before */
    const bool same_clock = first->known && (s->has & MC_HAS_TS) != 0 && s->ts_val != 0 && first->ts_val == s->ts_val;

    if (s->len == 0 || s->ttl >= d->ttl_max || first->ts_differs || now < d->nxt_ns)
        return false;
    if (since < TOO_SOON_NS && since < rtt / 2)
        return true;
    /*
     * Nobody misses it, and is heard, sooner than the way there and back takes (RFC 5681, 3.2); where the SYN came by at two
     * points, at least half of that is known.
     */
    return (same_clock || first->older) && (age < HELD_UP_NS || age / 2 < rtt);
}

/*
 * A clock of timestamps ticks once a second at least (RFC 7323, 5.4), and whoever sends again reads it: what comes later with
 * the same one is a record that stands there again, made by hand or played.
 */
static bool is_stopped_in_time(const mc_segment *s, const mc_first_copy *first, int64_t now)
{
    return first->known && (s->has & MC_HAS_TS) != 0 && s->ts_val != 0 && first->ts_val == s->ts_val && !first->ts_differs &&
           mc_ns_since(now, first->time_ns) >= TICK_NS;
}

static mc_late_kind judge_repetition(const mc_conn *c, const mc_endpoint_state *d, const mc_segment *s, bool copy, const mc_first_copy *first,
                                     int64_t now, mc_late_evidence *evidence)
{
    const int64_t rtt = round_trip_of(c);
    /* what was sent again is captured twice as well */
    const int64_t before = first->latest_ns > first->time_ns ? first->latest_ns : first->time_ns;

    /* what has a timestamp of its own is no copy made on the way, whatever else is equal */
    if ((copy && !first->ts_differs && !is_due(first, now)) || is_further_on(d, s, first, now) ||
        is_cut_further_on(d, s, first, now, rtt)) {
        *evidence = MC_BY_COPY;
        return MC_LATE_DUPLICATED;
    }
    /* by one way only it is no copy of another point of the path */
    if (is_stopped_in_time(s, first, now) || (copy && !first->ts_differs && d->ttl_min != d->ttl_max)) {
        *evidence = MC_BY_NOTHING;
        return MC_LATE_UNDECIDED;
    }
    *evidence = MC_BY_REPETITION;
    /* without an identification the time since the first copy must do */
    if (!mc_has_ip_id(s) && first->known && !first->ts_differs && now >= before && mc_ns_since(now, before) < TOO_SOON_NS) {
        if (rtt > 0 && mc_ns_since(now, before) < rtt / 2) {
            *evidence = MC_BY_TIME;
            return MC_LATE_DUPLICATED;
        }
        if (rtt == 0) {
            *evidence = MC_BY_NOTHING;
            return MC_LATE_UNDECIDED;
        }
    }
    return MC_LATE_RESENT;
}

/*
 * A FIN without payload behind what is known.  One that was seen before was sent
 * again; otherwise it was overtaken, or its first copy was lost before it got here.
 */
static mc_late_kind judge_fin(const mc_conn *c, const mc_endpoint_state *d, const mc_segment *s, bool copy,
                              const mc_first_copy *first, int64_t now, mc_late_evidence *evidence)
{
    int64_t rtt = round_trip_of(c);

    if (copy || (d->once & MC_ONCE_FIN) != 0)
        return judge_repetition(c, d, s, copy, first, now, evidence);
    if (mc_has_ip_id(s) && d->ip_id != 0 && s->ip_id != d->ip_id && ids_run(d)) {
        *evidence = MC_BY_IP_ID;
        return (uint16_t)(s->ip_id - d->ip_id) > 0x7fff ? MC_LATE_REORDERED : MC_LATE_RESENT;
    }
    if (rtt > 0 && now >= d->nxt_ns && mc_ns_since(now, d->nxt_ns) < rtt / 2) {
        *evidence = MC_BY_TIME;
        return MC_LATE_REORDERED;
    }
    *evidence = MC_BY_NOTHING;
    return MC_LATE_UNDECIDED;
}

mc_late_kind mc_late_judge(const mc_conn *c, unsigned dir, const mc_segment *s, const mc_bytes_news *news,
                           bool copy, const mc_first_copy *first, int64_t now, mc_late_evidence *evidence)
{
    const mc_endpoint_state *d = &c->endpoint[dir], *r = &c->endpoint[!dir];
    const mc_opening *above = &news->above;
    int64_t elapsed, rtt;
    bool asked, dated;

    if (s->len == 0 && (s->flags & (MC_TH_SYN | MC_TH_FIN)) == MC_TH_FIN)
        return judge_fin(c, d, s, copy, first, now, evidence);
    if (s->len == 0 || news->fresh == 0)
        return judge_repetition(c, d, s, copy, first, now, evidence);
    *evidence = MC_BY_NOTHING;
    if (!news->fills) {
        /* old bytes and new ones behind them: only a sender that repeats itself does that */
        *evidence = MC_BY_REPETITION;
        return MC_LATE_RESENT;
    }
    if (above->has_ts && (s->has & MC_HAS_TS) != 0 && s->ts_val != above->ts_val) {
        *evidence = MC_BY_TIMESTAMP;
        return mc_seq_before(s->ts_val, above->ts_val) ? MC_LATE_REORDERED : MC_LATE_RESENT;
    }
    /* older than what has come since: whoever sends again does so with the clock of that time (RFC 7323, 5.4) */
    if (above->has_ts && (s->has & MC_HAS_TS) != 0 && d->detail != NULL && d->detail->top_known &&
        mc_seq_before(s->ts_val, d->detail->top_ts)) {
        *evidence = MC_BY_TIMESTAMP;
        return MC_LATE_REORDERED;
    }
    dated = above->time_ns != 0 && (c->flags & MC_C_NO_TIME) == 0;
    elapsed = mc_ns_since(now, above->time_ns);
    rtt = round_trip_of(c);
    /* the receiver asked for just this: duplicate acks, or SACK above the hole */
    asked = (r->known & MC_KNOWN_ACK) != 0 && mc_seq_not_after(r->last_ack, s->seq) &&
            (r->dup >= 2 || (r->detail != NULL && r->detail->sack_known &&
                             mc_seq_after(r->detail->sacked_to, s->seq)));
    if (above->has_ip_id && mc_has_ip_id(s) && s->ip_id != above->ip_id &&
        (ids_run(d) || is_just_before(s->ip_id, above->ip_id) || is_just_behind(d, s->ip_id, above->ip_id))) {
        if ((uint16_t)(s->ip_id - above->ip_id) > 0x7fff) {
            *evidence = MC_BY_IP_ID;
            return MC_LATE_REORDERED;
        }
        /* nobody can have missed it so soon: a device has numbered the packets anew, or both were held back somewhere */
        if (!asked && dated && elapsed >= 0 && elapsed < MC_NS_PER_MS && elapsed < rtt / 8)
            return MC_LATE_UNDECIDED;
        *evidence = MC_BY_IP_ID;
        return MC_LATE_RESENT;
    }
    /* of the first range of a stream picked up midway the beginning is not kept; whoever sends again numbers anew */
    if (above->time_ns == 0 && mc_has_ip_id(s) && d->ip_id != 0 && is_just_before(s->ip_id, d->ip_id)) {
        *evidence = MC_BY_IP_ID;
        return MC_LATE_REORDERED;
    }
    if (dated && rtt > 0 && elapsed >= 0 && elapsed < rtt / 2) {
        *evidence = MC_BY_TIME;
        return MC_LATE_REORDERED;
    }
    /* one block above the hole moves nobody to send again at once (RFC 6675, 2; RFC 8985, 6.2): where the way is not known, what
       fills it so soon after may have been overtaken */
    if (asked && r->dup < 2 && rtt == 0 && dated && elapsed >= 0 && elapsed < TOO_SOON_NS)
        return MC_LATE_UNDECIDED;
    if (asked) {
        *evidence = MC_BY_ACK;
        return MC_LATE_RESENT;
    }
    if (dated && elapsed >= MC_RTO_NS && elapsed >= rtt) {
        *evidence = MC_BY_TIME;
        return MC_LATE_RESENT;
    }
    return MC_LATE_UNDECIDED;
}
