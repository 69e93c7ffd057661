/*
 * attempt.c: how a connection was begun.
 */
#include "tcp/attempt.h"

#include "tcp/rules.h"
#include "tcp/seq.h"
#include "tcp/timers.h"

/* A stack goes on repeating a SYN for three minutes or so (RFC 1122, 4.2.3.5). */
#define ATTEMPT_NS (180 * MC_NS_PER_S)
/* No stack repeats a SYN so soon: RFC 6298 says after a second, the shortest timers in use
   wait some hundred milliseconds. */
#define SOON_NS (100 * MC_NS_PER_MS)
/* Timestamps tick once a millisecond or slower (RFC 7323, 5.4); so much more between two
   of them than between the packets is waiting. */
#define HELD_MS 100
#define MOST_RISES 7u
/* So many SYNs with a TTL that rises from one to the next are no change of the route. */
#define TRACE_RISES 3u
/* Timers of hosts are so exact. */
#define TIMER_SLACK_MS 100

static mc_attempt *attempt_of(mc_conn *c, mc_pool *pool)
{
    mc_detail *x = mc_detail_of(&c->endpoint[c->originator], pool);

    if (x == NULL)
        return NULL;
    if (x->attempt == NULL) {
        x->attempt = mc_pool_alloc(pool, mc_pool_bits(sizeof *x->attempt));
        if (x->attempt != NULL)
            memset(x->attempt, 0, sizeof *x->attempt);
    }
    return x->attempt;
}

static void mark(mc_conn *c, unsigned marks, mc_pool *pool)
{
    mc_attempt *t = attempt_of(c, pool);

    if (t != NULL)
        t->marks |= (uint16_t)marks;
}

/* What answers a SYN for which there is no connection acknowledges it (RFC 9293, 3.10.7.1). */
static void note_bare_reset(mc_conn *c, mc_pool *pool)
{
    mc_attempt *t = attempt_of(c, pool);

    if (t != NULL)
        t->bare_reset = true;
}

uint32_t mc_attempt_isn(const mc_conn *c, unsigned dir)
{
    const mc_attempt *t = mc_attempt_of(c);

    if (t != NULL && dir != c->originator && (t->marks & MC_A_CHOSEN) != 0)
        return t->own_isn;
    return c->endpoint[dir].base;
}

bool mc_attempt_is_foreign(const mc_conn *c, unsigned dir)
{
    return (c->flags & MC_C_REPLAYED) != 0 || ((mc_attempt_marks(c) & MC_A_FOREIGN) != 0 && dir != c->originator);
}

/* ------------------------------------------------------- one after the other */

mc_attempt_link mc_attempt_leave(mc_conn *c, unsigned dir, const mc_segment *s, int64_t now, mc_pool *pool)
{
    mc_attempt_link link = { 0 };
    const mc_endpoint_state *o = &c->endpoint[dir], *r = &c->endpoint[!dir];
    int64_t since = mc_ns_since(now, c->syn_ns);
    mc_attempt *t;

    /* an attempt that was refused, or that the opener ended when it had its answer, is over; the order of a file may be wrong */
    if (dir != c->originator || (c->flags & (MC_C_SELF | MC_C_MID_STREAM | MC_C_HS_DONE | MC_C_HS_SYN)) != MC_C_HS_SYN ||
        !mc_attempt_only_opens(c) || (r->once & MC_ONCE_RST) != 0 ||
        ((o->once & MC_ONCE_RST) != 0 && (r->once & MC_ONCE_SYN) != 0) || since < -MC_NS_PER_S || since >= ATTEMPT_NS ||
        (t = attempt_of(c, pool)) == NULL)
        return link;
    t->marks |= MC_A_GOES_ON;
    link.goes_on = true;
    link.syn_count = c->syn_count;
    link.syn_ns = c->syn_ns;
    link.attempt = *t;
    link.attempt.marks = (uint16_t)((t->marks & (MC_A_STALE | MC_A_STALE_RESET | MC_A_HELD)) | MC_A_CONTINUED);
    link.attempt.syn_acks = 0;
    link.attempt.isn_count = 0;
    if (o->ttl_max != 0 && s->ttl > o->ttl_max && link.attempt.rises < MOST_RISES)
        link.attempt.rises++;
    if (link.attempt.since_ns == 0)
        link.attempt.since_ns = c->first_ns;
    return link;
}

void mc_attempt_join(mc_conn *c, const mc_attempt_link *link, mc_pool *pool)
{
    mc_attempt *t = link->goes_on ? attempt_of(c, pool) : NULL;

    if (t == NULL)
        return;
    *t = link->attempt;
    c->syn_count = link->syn_count;
    c->syn_ns = link->syn_ns;
}

bool mc_attempt_is_replay(const mc_conn *c, unsigned dir, const mc_segment *s, int64_t now)
{
    const mc_endpoint_state *d = &c->endpoint[dir], *r = &c->endpoint[!dir];

    const bool both_ended = d->state >= MC_ST_CLOSED && r->state >= MC_ST_CLOSED;

    if ((s->flags & MC_TH_SYN) == 0 || (c->flags & MC_C_SELF) != 0 || (c->flags & MC_C_BEGUN) == 0)
        return false;
    /* an answer with a number of its own: the SYN is not in the capture */
    if ((s->flags & MC_TH_ACK) != 0)
        return both_ended && s->seq != d->base;
    if (mc_is_ttl_foreign(d, s->ttl))
        return false;                            /* another hop limit: a late copy, from another place */
    if (both_ended)
        return true;
    /* no stack opens anew what is open, with the same number, after an answer; what was late on its way is not that late,
       and what bears the very time of the first packet, behind later ones, is a record that stands in the file again */
    if (s->seq == d->base && (c->flags & MC_C_HS_DONE) != 0 && (d->once & r->once & MC_ONCE_DATA) != 0 &&
        ((mc_ns_since(now, d->seen_ns) >= MC_NS_PER_S && mc_ns_since(now, r->seen_ns) >= MC_NS_PER_S) ||
         (now == c->first_ns && d->seen_ns > now && r->seen_ns > now)))
        return true;
    /* a reset ends both sides, once there is a connection: a SYN-ACK, or what follows it */
    return (d->state == MC_ST_RESET && (r->once & MC_ONCE_SYN) != 0) ||
           (r->state == MC_ST_RESET && (d->once & (MC_ONCE_ACK | MC_ONCE_DATA)) != 0);
}

void mc_attempt_replay(mc_conn *c, const mc_conn *old, mc_pool *pool)
{
    unsigned i;

    for (i = 0; i < 2; i++) {
        mc_endpoint_state *to = &c->endpoint[i];
        const mc_endpoint_state *from = &old->endpoint[i];

        to->nxt_ns = from->nxt_ns;
        to->seen_ns = from->seen_ns;
        to->base = from->base;
        to->nxt = from->nxt;
        to->contiguous_end = from->contiguous_end;
        to->last_ack = from->last_ack;
        to->win = from->win;
        to->dup = from->dup;
        to->known = (uint8_t)(from->known & ~MC_KNOWN_BYTES);
        to->scale = from->scale;
        to->options = from->options & MC_NXT_BY_ACK;
        to->last_events = from->last_events;
        to->sent = from->sent;
        to->sent_count = from->sent_count;
        to->ring_bits = from->ring_bits;
        if (from->detail != NULL && from->detail->block_count > 0 && mc_detail_of(to, pool) != NULL) {
            to->detail->block_count = from->detail->block_count;
            memcpy(to->detail->block, from->detail->block, sizeof to->detail->block);
        }
    }
    c->flags |= MC_C_REPLAYED | (old->flags & (MC_C_SYN | MC_C_SYN_FORGOTTEN | MC_C_REUSED | MC_C_SENT_FULL));
    c->syn_ns = old->syn_ns;
    c->irtt_ns = old->irtt_ns;
    c->completeness = old->completeness;
    c->last_dir = old->last_dir;
}

/* ------------------------------------------------------------- one segment */

/* Were two SYNs sent further apart than they came?  'ticks' lie between their timestamps. */
static bool is_held(uint32_t ticks, int64_t came_apart)
{
    return ticks < ATTEMPT_NS / MC_NS_PER_MS && came_apart >= 0 && 2 * (int64_t)ticks >= 3 * (came_apart / MC_NS_PER_MS) + 2 * HELD_MS;
}

static void see_syn(mc_conn *c, const mc_segment *s, int64_t now, const mc_attempt_before *before, mc_pool *pool)
{
    const mc_endpoint_state *r = &c->endpoint[!c->originator];
    mc_attempt *t;
    int64_t apart = mc_ns_since(now, before->syn_ns);

    if (c->syn_count == 0 || (before->twice && (s->has & MC_HAS_TS) == 0) || (t = attempt_of(c, pool)) == NULL)
        return;
    if (t->since_ns == 0)
        t->since_ns = c->first_ns;
    if (before->twice) {                         /* by its time; the answer may say that it was another one */
        if (t->syn_ts == 0)
            t->syn_ts = s->ts_val;
        return;
    }
    if (apart >= 0 && apart < SOON_NS)
        t->marks |= MC_A_SOON;
    if (c->syn_len > 0 && s->len == 0 && (r->once & MC_ONCE_SYN) == 0) {
        t->bare = true;
        t->syn_data_at = c->syn_len;
    }
    if ((s->has & MC_HAS_TS) == 0)
        return;
    /* where an answer has passed already, it tells the timestamp of the SYN before */
    if (t->syn_ts == 0 && (r->once & MC_ONCE_SYN) != 0 && (r->known & MC_KNOWN_BYTES) == 0)
        t->syn_ts = r->highest_end;
    if (t->syn_ts != 0 && is_held(s->ts_val - t->syn_ts, apart))
        t->marks |= MC_A_HELD;
    t->syn_ts = s->ts_val;
}

/* The first SYN-ACK: it says which SYN it answers, and whether their data was taken. */
static void see_answer(mc_conn *c, unsigned dir, const mc_segment *s, int64_t now, mc_pool *pool)
{
    mc_endpoint_state *d = &c->endpoint[dir];
    const mc_attempt *known = mc_attempt_of(c);
    uint32_t acked = s->ack - (c->endpoint[!dir].base + 1);
    mc_attempt *t;

    /* the data of a SYN that came again without it follows the SYN-ACK */
    if (known != NULL && known->bare && c->syn_len == 0)
        c->syn_len = (uint16_t)known->syn_data_at;
    if ((d->known & MC_KNOWN_BYTES) == 0)
        d->highest_end = (s->has & MC_HAS_TS) != 0 ? s->ts_ecr : 0;
    if (s->win != 0 && (c->syn_len == 0 || acked >= c->syn_len) && (known == NULL || known->since_ns == 0))
        return;
    if ((t = attempt_of(c, pool)) == NULL)
        return;
    if (s->win == 0)
        t->marks |= MC_A_SHUT;
    if (c->syn_len > 0 && acked < c->syn_len) {
        t->marks |= MC_A_SYN_DATA;
        t->syn_data_at = s->ack;
    }
    if (t->since_ns == 0)
        return;
    t->waited_ms = now > t->since_ns ? (uint32_t)mc_min_u64((uint64_t)mc_ns_since(now, t->since_ns) / MC_NS_PER_MS, UINT32_MAX) : 0;
    /* the SYN that it answers is the one before the latest: now that one's timestamp is known too */
    if (c->syn_count <= 2 && t->syn_ts != 0 && (s->has & MC_HAS_TS) != 0 && s->ts_ecr != 0 && s->ts_ecr != t->syn_ts) {
        if ((c->flags & MC_C_HS_SYN_ACK) == 0)
            c->to_server_ns = t->since_ns;
        if (is_held(t->syn_ts - s->ts_ecr, mc_ns_since(c->syn_ns, t->since_ns)))
            t->marks |= MC_A_HELD;
        else
            t->marks &= (uint16_t)~MC_A_SOON;    /* they were sent as they came: a short timer */
    }
}

/*
 * The first SYN-ACK that was seen came when the server would repeat one that was lost: a timeout
 * after the first SYN had come there.  The one in hand answers the latest SYN, so it tells the way.
 */
static bool may_repeat_a_lost_one(const mc_conn *c, const mc_attempt *t, int64_t now)
{
    static const int64_t timeout_ms[] = { 1000, 3000 };      /* RFC 6298, 2.1; RFC 2988, 2.1 */
    const int64_t way_ms = mc_ns_since(now, c->syn_ns) / MC_NS_PER_MS;
    unsigned i;

    for (i = 0; i < MC_ARRAY_LEN(timeout_ms); i++) {
        int64_t off = (int64_t)t->waited_ms - timeout_ms[i] - way_ms;

        if (off >= -TIMER_SLACK_MS && off <= TIMER_SLACK_MS)
            return true;
    }
    return false;
}

/* A SYN-ACK so soon after the last step left before that had come: ways differ by so much from packet to packet. */
static bool is_on_its_way(const mc_conn *c, int64_t since_done)
{
    return c->irtt_ns > 0 && since_done < mc_ns_plus(c->to_server_ns, c->to_server_ns / 8);
}

/* Data of side 'dir' passed here so long ago that it has come to the server, or was lost. */
static bool has_been_told(const mc_conn *c, unsigned dir, int64_t now)
{
    const mc_endpoint_state *h = &c->endpoint[dir];

    return h->payload_bytes > 0 && mc_ns_since(now, h->nxt_ns) >= mc_ns_plus(c->to_server_ns, MC_RTO_NS);
}

/* One more SYN-ACK. */
static void see_next_answer(mc_conn *c, unsigned dir, const mc_segment *s, int64_t now,
                            const mc_attempt_before *before, mc_pool *pool)
{
    const mc_endpoint_state *d = &c->endpoint[dir];
    bool done = (c->flags & MC_C_HS_DONE) != 0;
    uint32_t echo = (s->has & MC_HAS_TS) != 0 ? s->ts_ecr : 0;
    int64_t since_done = mc_ns_since(now, mc_ns_plus(c->syn_ns, c->irtt_ns));
    mc_attempt *t = attempt_of(c, pool);

    if (t == NULL || (before->twice && s->seq == before->base))
        return;
    if (t->syn_acks == 0)
        t->syn_acks = 1;
    if (t->syn_acks < 0xff)
        t->syn_acks++;
    if (c->syn_count > 1 && t->syn_acks >= c->syn_count && (c->flags & MC_C_ANSWER_MISSED) == 0 &&
        !(s->seq == before->base && may_repeat_a_lost_one(c, t, now)))
        t->marks |= MC_A_LATE_ANSWER;
    /* the SYN came again behind its answer, and the last step passed before the second answer: it takes the first one */
    if (c->syn_count == 2 && t->syn_acks == 2 && done && (c->flags & MC_C_ANSWER_MISSED) != 0 && s->seq == before->base)
        t->marks |= MC_A_LATE_ANSWER;
    if (s->seq != before->base) {
        t->marks |= MC_A_FOREIGN | MC_A_TWO_NUMBERS;
        if (done && (t->marks & MC_A_CHOSEN) == 0) {
            t->marks |= MC_A_CHOSEN;
            t->own_isn = before->base;
        }
        t->isn[1] = t->isn[0];
        t->isn[0] = before->base;
        if (t->isn_count < 2)
            t->isn_count++;
        return;
    }
    if (!done || (t->marks & MC_A_TWO_NUMBERS) != 0)
        return;
    /* a timestamp newer than those of the SYNs is that of the last step: it has arrived, and the
       server waits for data (TCP_DEFER_ACCEPT), of which none can have come there */
    if (!has_been_told(c, !dir, now) && echo != 0 && (d->known & MC_KNOWN_BYTES) == 0 && d->highest_end != 0 &&
        mc_seq_after(echo, d->highest_end) && (t->syn_ts == 0 || mc_seq_after(echo, t->syn_ts)))
        t->marks |= MC_A_DEFERRED;
    else if (t->syn_acks > c->syn_count && s->len == 0 && !is_on_its_way(c, since_done) &&
             (c->irtt_ns <= 0 || since_done + c->irtt_ns - c->to_server_ns >= SOON_NS))       /* no timer is so short */
        c->flags |= MC_C_UNACCEPTED;
}

/* The opener's acknowledgement says which of several SYN-ACKs it has taken. */
static void choose(mc_conn *c, unsigned dir, uint32_t isn)
{
    mc_detail *x = c->endpoint[dir].detail;
    mc_attempt *t = x != NULL ? x->attempt : NULL;
    bool seen = isn == c->endpoint[!dir].base;
    unsigned i;

    if (t == NULL || (t->marks & (MC_A_FOREIGN | MC_A_CHOSEN)) != MC_A_FOREIGN)
        return;
    for (i = 0; i < t->isn_count; i++)
        seen |= isn == t->isn[i];
    if (!seen)
        return;
    t->own_isn = isn;
    t->marks |= MC_A_CHOSEN;
}

/* While nothing but SYNs has passed: an acknowledgement that is none of them. */
static bool is_stale(const mc_conn *c, unsigned dir, const mc_segment *s)
{
    const mc_endpoint_state *o = &c->endpoint[!dir];
    uint32_t acked = s->ack - (o->base + 1);

    return (c->flags & (MC_C_HS_SYN | MC_C_SYN_ACK | MC_C_SELF)) == MC_C_HS_SYN &&
           /* the acknowledgement that answers a SYN is bare (RFC 9293, 3.10.7.4); a FIN or data, sent again, is not about it */
           (s->flags & (MC_TH_SYN | MC_TH_RST | MC_TH_ACK | MC_TH_FIN)) == MC_TH_ACK && s->len == 0 &&
           mc_attempt_only_opens(c) && acked > c->syn_len;
}

void mc_attempt_hears_echo(mc_conn *c, unsigned dir, const mc_segment *s, const mc_recents *recents, mc_recent_key k)
{
    mc_detail *x = c->endpoint[c->originator].detail;
    mc_recent_segment first, last;

    if (dir == c->originator || x == NULL || x->attempt == NULL || (c->flags & MC_C_UNACCEPTED) == 0 ||
        (s->flags & MC_TH_SYN) == 0 || (s->has & MC_HAS_TS) == 0 || s->ts_ecr == 0)
        return;
    /* the first copy may bear the timestamp of the last step, which alone may have arrived */
    if (mc_recents_find(recents, k, c->first_ns, &first, &last) && last.ts_val == s->ts_ecr && last.ts_val != first.ts_val)
        x->attempt->echoed = true;
}

uint32_t mc_attempt_segment(mc_conn *c, unsigned dir, const mc_segment *s, int64_t now,
                            const mc_attempt_before *before, mc_pool *pool)
{
    unsigned f = s->flags & (MC_TH_SYN | MC_TH_ACK | MC_TH_RST);

    if (dir == c->originator) {
        if (f == MC_TH_SYN) {
            see_syn(c, s, now, before, pool);
        } else if (f == MC_TH_ACK) {
            choose(c, dir, s->ack - 1);
        } else if ((f & MC_TH_RST) != 0 && (c->flags & MC_C_SYN_ACK) == 0 &&
                   (mc_attempt_marks(c) & MC_A_STALE) != 0) {
            mark(c, MC_A_STALE_RESET, pool);
            return MC_TCP_STALE;
        } else if ((f & MC_TH_RST) != 0 && (mc_attempt_marks(c) & MC_A_OTHER_SYN) != 0 && mc_attempt_only_opens(c)) {
            mark(c, MC_A_STALE, pool);
        }
        return 0;
    }
    if (f == (MC_TH_SYN | MC_TH_ACK)) {
        if ((before->once & MC_ONCE_SYN) != 0) {
            see_next_answer(c, dir, s, now, before, pool);
        } else {
            if ((before->once & MC_ONCE_ANY) != 0 && s->seq != before->base)
                mark(c, MC_A_FOREIGN, pool);
            see_answer(c, dir, s, now, pool);
            /* whoever takes it all the same has no stack that goes by the numbers */
            if ((c->flags & (MC_C_HS_SYN | MC_C_SELF)) == MC_C_HS_SYN && s->ack - (c->endpoint[!dir].base + 1) > c->syn_len)
                mark(c, MC_A_OTHER_SYN, pool);
        }
        return 0;
    }
    if ((f & MC_TH_RST) != 0 && s->seq != 0 && (c->flags & (MC_C_HS_SYN | MC_C_SYN_ACK)) == MC_C_HS_SYN)
        mark(c, MC_A_NUMBERED, pool);
    if ((f & (MC_TH_RST | MC_TH_ACK)) == MC_TH_RST && (c->flags & (MC_C_HS_SYN | MC_C_SYN_ACK | MC_C_SELF)) == MC_C_HS_SYN && mc_attempt_only_opens(c))
        note_bare_reset(c, pool);
    if (!is_stale(c, dir, s))
        return 0;
    mark(c, MC_A_STALE, pool);
    return MC_TCP_STALE;
}

/* The next sequence number of endpoint 'dir', as the connection has it. */
static uint32_t next_of(const mc_conn *c, unsigned dir)
{
    const mc_endpoint_state *d = &c->endpoint[dir];

    return ((d->known & MC_KNOWN_BYTES) != 0 ? d->highest_end : mc_attempt_isn(c, dir) + 1) +
           ((d->once & MC_ONCE_FIN) != 0);
}

uint32_t mc_attempt_explains(const mc_conn *c, unsigned dir, const mc_segment *s, uint32_t events, uint32_t stale)
{
    const bool foreign = mc_attempt_is_foreign(c, dir);
    uint32_t explained = 0;

    if (stale != 0)
        return events & (MC_TCP_LOST_SEGMENT | MC_TCP_ACKED_UNSEEN | MC_TCP_KEEP_ALIVE);
    if (foreign && (events & MC_TCP_LOST_SEGMENT) != 0 &&
        ((s->flags & MC_TH_SYN) != 0 || mc_seq_not_after(s->seq, next_of(c, dir))))
        explained |= MC_TCP_LOST_SEGMENT;
    if (foreign && (events & MC_TCP_KEEP_ALIVE) != 0 && s->seq != next_of(c, dir) - 1)
        explained |= MC_TCP_KEEP_ALIVE;
    if ((events & MC_TCP_ACKED_UNSEEN) != 0 && mc_attempt_is_foreign(c, !dir) &&
        mc_seq_not_after(s->ack, next_of(c, !dir)))
        explained |= MC_TCP_ACKED_UNSEEN;
    return explained;
}

bool mc_attempt_is_first(const mc_conn *c, unsigned dir, const mc_segment *s, const mc_bytes_news *news,
                         const mc_attempt_before *before)
{
    if (!mc_attempt_is_foreign(c, dir))
        return false;
    if ((s->flags & MC_TH_SYN) != 0)
        return (before->once & MC_ONCE_SYN) == 0 || s->seq != before->base;
    if (s->len > 0)
        return news->fresh == s->len && !news->fills;
    return (s->flags & MC_TH_FIN) != 0 && (before->once & MC_ONCE_FIN) == 0;
}

bool mc_attempt_repeats_syn_data(mc_conn *c, unsigned dir, const mc_segment *s)
{
    mc_detail *x = c->endpoint[dir].detail;
    mc_attempt *t;
    uint32_t left;

    if (dir != c->originator || x == NULL || x->attempt == NULL || (x->attempt->marks & MC_A_SYN_DATA) == 0 ||
        (s->flags & MC_TH_SYN) != 0 || s->seq != x->attempt->syn_data_at)
        return false;
    t = x->attempt;
    left = c->endpoint[dir].base + 1 + c->syn_len - t->syn_data_at;
    if (left == 0)
        return false;
    t->marks |= MC_A_SYN_AGAIN;
    t->syn_data_at += s->len < left ? s->len : left;
    return true;
}

bool mc_attempt_is_trace(const mc_conn *c)
{
    const mc_attempt *t = mc_attempt_of(c);

    return t != NULL && t->rises >= TRACE_RISES;
}

bool mc_attempt_was_given_up(const mc_conn *c)
{
    const mc_attempt *t = mc_attempt_of(c);

    return c->reset_phase == MC_RESET_HALF_OPEN && c->reset_by == c->originator && (c->flags & MC_C_SUBFLOW) == 0 &&
           c->syn_count > 1 && t != NULL && t->since_ns != 0 && (c->flags & MC_C_NO_TIME) == 0 && t->rises < TRACE_RISES &&
           mc_ns_since(c->endpoint[c->originator].seen_ns, t->since_ns) >= MC_FIRST_RTO_NS - MC_RTO_NS;
}

bool mc_attempt_says_nothing_taken(const mc_conn *c)
{
    return c->syn_len > 0 && mc_attempt_only_opens(c) && (mc_attempt_marks(c) & MC_A_SYN_DATA) != 0 &&
           (c->endpoint[!c->originator].once & MC_ONCE_DATA) == 0;
}
