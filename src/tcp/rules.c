/*
 * rules.c: one segment against the state of its connection.
 *
 * The numbers in the comments are those of the rules as the documentation
 * (docs/rules.md) lists them; their order matters.
 */
#include "tcp/rules.h"

#include "tcp/bytes.h"

#define FAST_RETRANSMISSION_NS (20 * MC_NS_PER_MS)   /* as the reference: after the second duplicate */
#define OUT_OF_ORDER_NS        (3 * MC_NS_PER_MS)    /* as the reference, while the round trip is unknown */

#define SFR (MC_TH_SYN | MC_TH_FIN | MC_TH_RST)

/* mc_conn.completeness: a FIN or a RST was seen. */
#define ENDED (16 | 32)

/* In order of the versions: what a set of rules has, later ones have too. */
#define SINCE_4_4(rules) ((rules) >= MC_RULES_WIRESHARK_4_4)
#define SINCE_4_6(rules) ((rules) >= MC_RULES_WIRESHARK_4_6)

void mc_endpoint_state_init(mc_endpoint_state *h)
{
    memset(h, 0, sizeof *h);
    h->scale = MC_SCALE_UNKNOWN;
    h->ttl_min = 255;
    h->data_over = 0u - MC_LIMITS_FROM;
}

void mc_tcp_forget(mc_conn *c, mc_pool *pool)
{
    unsigned i;

    for (i = 0; i < 2; i++) {
        mc_endpoint_state *d = &c->endpoint[i];

        mc_sent_release(d, pool);
        d->known &= MC_KNOWN_BYTES;
        d->options &= (uint8_t)~MC_NXT_BY_ACK;
        d->scale = MC_SCALE_UNKNOWN;
        d->last_ack = 0;
        d->win = 0;
        d->dup = 0;
        d->last_events = 0;
        if (d->detail != NULL)
            d->detail->block_count = 0;
    }
    c->flags |= MC_C_SYN_FORGOTTEN;
    c->irtt_ns = 0;
    c->completeness = 0;
}

/* -------------------------------------------------------------------- rules */

/* Rules 1 to 9: what the segment is by itself, and as an acknowledgement. */
static uint32_t apply_window_rules(mc_endpoint_state *d, const mc_endpoint_state *r, const mc_segment *s)
{
    uint32_t events = 0;
    bool at_next = (d->known & MC_KNOWN_NXT) != 0 && s->seq == d->nxt;
    bool win_known = (d->known & MC_KNOWN_WIN) != 0;
    bool repeats_ack;

    if (s->len == 1 && at_next && (r->known & MC_KNOWN_WIN) != 0 && r->win == 0)
        return MC_TCP_ZERO_WINDOW_PROBE;                                             /* 1 */
    if (s->win == 0 && (s->flags & SFR) == 0)
        events |= MC_TCP_ZERO_WINDOW;                                                /* 2 */
    if ((d->known & MC_KNOWN_NXT) != 0 && mc_seq_after(s->seq, d->nxt) && (s->flags & MC_TH_RST) == 0)
        events |= MC_TCP_LOST_SEGMENT;                                               /* 3 */
    if ((s->flags & SFR) != 0)
        return events;
    if (s->len <= 1 && (d->known & MC_KNOWN_NXT) != 0 && s->seq == d->nxt - 1)
        events |= MC_TCP_KEEP_ALIVE;                                                 /* 4 */
    if (s->len > 0) {
        if (r->scale != MC_SCALE_UNKNOWN && (r->known & MC_KNOWN_WIN) != 0 &&
            s->seq + s->len == r->last_ack + mc_announced_window(r))
            events |= MC_TCP_WINDOW_FULL;                                            /* 6 */
        return events;
    }
    repeats_ack = at_next && s->ack == d->last_ack;
    if (!repeats_ack)
        return events;
    if (s->win != 0 && (!win_known || s->win != d->win))
        return events | MC_TCP_WINDOW_UPDATE;                                        /* 5 */
    if (!win_known)
        return events;
    if (s->win != 0 && (r->last_events & MC_TCP_KEEP_ALIVE) != 0)
        return events | MC_TCP_KEEP_ALIVE_ACK;                                       /* 7 */
    if (s->win == 0 && d->win == 0 && (r->last_events & MC_TCP_ZERO_WINDOW_PROBE) != 0)
        return events | MC_TCP_ZERO_WINDOW_PROBE_ACK;                                /* 8 */
    if (s->win != 0) {                                                               /* 9 */
        if (d->dup == MC_DUP_POISON)
            d->dup = 1;
        else if (d->dup < MC_DUP_POISON - 1)
            d->dup++;
        events |= MC_TCP_DUPLICATE_ACK;
    }
    return events;
}

/* Since 4.4: an acknowledgement that takes the byte of a probe. */
static bool takes_probe(const mc_endpoint_state *d, const mc_endpoint_state *r, const mc_segment *s)
{
    return (r->last_events & MC_TCP_ZERO_WINDOW_PROBE) != 0 && (d->known & MC_KNOWN_ACK) != 0 &&
           s->ack == d->last_ack + 1 && (d->known & MC_KNOWN_NXT) != 0 && s->seq == d->nxt;
}

/* What was sent up to 'ack' was seen. */
static void see_up_to(mc_endpoint_state *r, uint32_t ack)
{
    r->nxt = r->contiguous_end = ack;
    r->known |= MC_KNOWN_NXT | MC_KNOWN_CONTIGUOUS;
}

/* Rule 8 since 4.4, of a probe whose byte was taken while the window stays closed. */
static uint32_t apply_taken_probe_rule(const mc_endpoint_state *d, mc_endpoint_state *r, const mc_segment *s)
{
    if (s->len > 0 || (s->flags & SFR) != 0 || s->win != 0 || (d->known & MC_KNOWN_WIN) == 0 || d->win != 0 ||
        !takes_probe(d, r, s))
        return 0;
    see_up_to(r, s->ack);
    return MC_TCP_ZERO_WINDOW_PROBE_ACK;
}

/* The end of the run of segments on the list that begins just at 'ack'; without one, 'ack'. */
static uint32_t seen_from(const mc_endpoint_state *r, uint32_t ack)
{
    uint32_t left = 0, right = 0;
    unsigned i;

    for (i = r->sent_count; i-- > 0;) {
        const mc_sent *e = mc_sent_get(r, i);

        if (left == right) {
            left = e->start;
            right = e->end;
        }
        if (!mc_seq_before(e->start, ack)) {
            if (e->end != left)
                right = e->end;
            left = e->start;
        }
    }
    return left == ack && mc_seq_after(right, ack) ? right : ack;
}

/* Rule 12 since 4.4. */
static uint32_t apply_later_unseen_rule(const mc_endpoint_state *d, mc_endpoint_state *r, const mc_segment *s)
{
    if ((s->flags & MC_TH_ACK) == 0 || (r->known & MC_KNOWN_CONTIGUOUS) == 0 ||
        !mc_seq_after(s->ack, r->contiguous_end))
        return 0;
    if (takes_probe(d, r, s)) {
        see_up_to(r, s->ack);
        return MC_TCP_WINDOW_UPDATE;
    }
    r->contiguous_end = seen_from(r, s->ack);
    return MC_TCP_ACKED_UNSEEN;
}

/* Rule 12: the acknowledgement covers data that was not captured. */
static uint32_t apply_unseen_rule(mc_endpoint_state *r, const mc_segment *s)
{
    if ((s->flags & MC_TH_ACK) == 0 || (r->known & MC_KNOWN_CONTIGUOUS) == 0 || !mc_seq_after(s->ack, r->contiguous_end))
        return 0;
    if ((r->known & MC_KNOWN_NXT) != 0 && mc_seq_before(r->contiguous_end, r->nxt)) {
        r->contiguous_end = r->nxt;
        return MC_TCP_ACKED_UNSEEN;
    }
    if (r->dup == 0) {
        r->dup = MC_DUP_POISON;
        return MC_TCP_ACKED_UNSEEN;
    }
    r->dup = MC_DUP_POISON;
    return 0;
}

/* Less than 'limit' after 'then'; a step back in time is "within" since 4.6 only. */
static inline bool is_within(mc_rules rules, int64_t now, int64_t then, int64_t limit)
{
    if (SINCE_4_6(rules) && now < then)
        return limit > 0;
    return (uint64_t)now - (uint64_t)then < (uint64_t)limit;
}

/*
 * Rule 15 since 4.4: no block of the peer's latest SACK covers the segment.  The blocks'
 * edges are relative and are compared with absolute numbers, as the reference does by default.
 */
static bool is_not_sacked(const mc_endpoint_state *r, const mc_segment *s)
{
    const mc_detail *x = r->detail;
    unsigned i;

    if (x == NULL)
        return false;
    for (i = 0; i < x->block_count; i++)
        if (s->seq >= x->block[i][0] && s->seq + s->len <= x->block[i][1])
            return false;
    return x->block_count > 0;
}

/* Rule 16 since 4.4: one segment of the list holds all of this one. */
static bool is_held(const mc_endpoint_state *d, const mc_segment *s)
{
    unsigned i;

    for (i = 0; i < d->sent_count; i++) {
        const mc_sent *e = mc_sent_get(d, i);

        if (mc_seq_not_after(e->start, s->seq) && mc_seq_not_after(s->seq + s->len, e->end))
            return true;
    }
    return false;
}

/* Rule 16. */
static bool is_out_of_order(mc_rules rules, const mc_conn *c, const mc_endpoint_state *d, const mc_endpoint_state *r,
                            const mc_segment *s, int64_t now)
{
    /* nothing was sent before 1970: of a side that is silent the reference has the time 0 */
    int64_t since = !SINCE_4_6(rules) ? d->nxt_ns : (r->known & MC_KNOWN_WIN) != 0 ? r->seen_ns : 0;
    uint32_t end = s->seq + s->len + ((s->flags & (MC_TH_SYN | MC_TH_FIN)) != 0);

    if (!is_within(rules, now, since, c->irtt_ns > 0 ? c->irtt_ns : OUT_OF_ORDER_NS))
        return false;
    if (!SINCE_4_4(rules))
        return d->nxt != end;
    return (d->nxt != end || (d->options & MC_NXT_BY_ACK) != 0) && !is_held(d, s);
}

/* Rules 13 to 17: is it late, and which kind of late? */
static uint32_t apply_late_rules(mc_rules rules, const mc_conn *c, const mc_endpoint_state *d,
                                 const mc_endpoint_state *r, const mc_segment *s, int64_t now)
{
    bool behind = (d->known & MC_KNOWN_NXT) != 0 && mc_seq_before(s->seq, d->nxt);
    uint32_t end = s->seq + s->len;

    if (s->len > 0 && (r->known & MC_KNOWN_ACK) != 0 && mc_seq_not_after(end, r->last_ack))
        return MC_TCP_SPURIOUS;                                                      /* 14 */
    if (s->len > 1 && s->seq == d->nxt - 1)
        behind = false;
    if (!behind)
        return 0;
    if (r->dup >= 2 && is_within(rules, now, r->seen_ns, FAST_RETRANSMISSION_NS) &&
        (r->last_ack == s->seq || (SINCE_4_4(rules) && is_not_sacked(r, s))))
        return MC_TCP_FAST;                                                          /* 15 */
    if (is_out_of_order(rules, c, d, r, s, now))
        return MC_TCP_OUT_OF_ORDER;                                                  /* 16 */
    return MC_TCP_RETRANSMISSION;                                                    /* 17 */
}

/* The blocks of the latest segment's SACK; a window update that carries some repeats an acknowledgement. */
static uint32_t take_blocks(mc_endpoint_state *d, const mc_endpoint_state *r, const mc_segment *s, mc_pool *pool,
                            uint32_t events)
{
    mc_detail *x = d->detail;
    unsigned i;

    if ((s->has & MC_HAS_SACK) == 0) {
        if (x != NULL)
            x->block_count = 0;
        return events;
    }
    x = mc_detail_of(d, pool);
    if (x != NULL) {
        x->block_count = s->sack_count;
        for (i = 0; i < s->sack_count; i++) {
            x->block[i][0] = s->sack[i][0] - r->base;
            x->block[i][1] = s->sack[i][1] - r->base;
        }
    }
    if ((events & MC_TCP_WINDOW_UPDATE) == 0)
        return events;
    if (d->dup < MC_DUP_POISON - 1)
        d->dup++;
    return (events & ~MC_TCP_WINDOW_UPDATE) | MC_TCP_DUPLICATE_ACK;                  /* 9 */
}

/* tcp.completeness.  A SYN of an endpoint that begins with it starts anew. */
static void follow_completeness(mc_conn *c, const mc_segment *s, bool begins)
{
    unsigned f = s->flags;

    if ((f & MC_TH_RST) != 0)
        c->completeness |= 32;
    if ((f & (MC_TH_SYN | MC_TH_ACK)) == MC_TH_SYN) {
        if (begins)
            c->completeness = (uint8_t)((f & MC_TH_RST) != 0 ? 1 | 32 : 1) | (s->len > 0 ? 8 : 0);
        return;
    }
    if ((f & MC_TH_SYN) != 0)
        c->completeness |= 2;
    else if ((f & MC_TH_ACK) != 0)
        c->completeness |= s->len > 0 ? 8 : 4;
    if ((f & (MC_TH_FIN | MC_TH_ACK)) == (MC_TH_FIN | MC_TH_ACK))
        c->completeness |= 16;
}

/*
 * The same in 4.0: the connection's first segment sets only the bits 1 and 8; one that
 * reuses a pair of ports is no first one for the bits 8 and 32.
 */
static void follow_completeness_4_0(mc_conn *c, const mc_segment *s, bool first)
{
    unsigned f = s->flags;
    bool reused = (c->flags & MC_C_REUSED) != 0;

    if ((f & MC_TH_RST) != 0 && (!first || reused))
        c->completeness |= 32;
    if ((f & (MC_TH_SYN | MC_TH_ACK)) == MC_TH_SYN) {
        if (first)
            c->completeness |= (uint8_t)(s->len > 0 && !reused ? 1 | 8 : 1);
        return;
    }
    if (first) {
        if (s->len > 0 && (f & MC_TH_ACK) != 0 && (f & MC_TH_SYN) == 0)
            c->completeness |= 8;
        return;
    }
    if ((f & (MC_TH_SYN | MC_TH_ACK)) == (MC_TH_SYN | MC_TH_ACK))
        c->completeness |= 2;
    else if ((f & MC_TH_ACK) != 0)
        c->completeness |= s->len > 0 ? 8 : 4;
    if ((f & (MC_TH_FIN | MC_TH_ACK)) == (MC_TH_FIN | MC_TH_ACK))
        c->completeness |= 16;
}

/* Whether the SYN, or SYN-ACK, is the first segment of a pair of ports used anew, of an endpoint that has begun. */
static bool uses_ports_anew(mc_rules rules, const mc_conn *c, const mc_endpoint_state *d, const mc_segment *s)
{
    return SINCE_4_4(rules) && ((c->completeness & ENDED) != 0 || s->seq != d->base);
}

uint32_t mc_tcp_segment(mc_rules rules, mc_conn *c, unsigned dir, const mc_segment *s, int64_t now, mc_pool *pool,
                        mc_rtt_sample *sample)
{
    mc_endpoint_state *d = &c->endpoint[dir];
    mc_endpoint_state *r = (c->flags & MC_C_SELF) != 0 ? d : &c->endpoint[!dir];
    unsigned flags = s->flags;
    bool takes_room = s->len > 0 || (flags & (MC_TH_SYN | MC_TH_FIN)) != 0, begins, says_nothing;
    uint32_t end = s->seq + s->len, events = 0, other = 0;

    sample->taken = false;
    if ((flags & (MC_TH_SYN | MC_TH_ACK)) == (MC_TH_SYN | MC_TH_ACK) && (d->once & MC_ONCE_SYN) != 0 && s->seq != d->base)
        other = MC_TCP_OTHER_NUMBER;
    if ((flags & MC_TH_SYN) != 0 && (d->known & MC_KNOWN_BASE) != 0) {
        if (uses_ports_anew(rules, c, d, s)) {
            mc_tcp_forget(c, pool);
            events = MC_TCP_REUSED_PORTS;
        } else if ((flags & MC_TH_ACK) == 0) {                                       /* CO-2 */
            d->nxt = d->contiguous_end;
            d->known = (uint8_t)((d->known & ~MC_KNOWN_NXT) |
                                 ((d->known & MC_KNOWN_CONTIGUOUS) != 0 ? MC_KNOWN_NXT : 0));
        } else if (s->seq != d->base) {                                              /* CO-3 */
            d->base = s->seq;
            events = MC_TCP_REUSED_PORTS;
        }
    }
    begins = (d->known & MC_KNOWN_BASE) == 0;
    if (begins) {                                                                    /* CO-4 */
        d->base = (flags & MC_TH_SYN) != 0 ? s->seq : s->seq - 1;
        d->known |= MC_KNOWN_BASE;
    }
    if ((r->known & MC_KNOWN_BASE) == 0 && (flags & MC_TH_ACK) != 0) {
        r->base = s->ack - 1;
        r->known |= MC_KNOWN_BASE;
    }

    events |= apply_window_rules(d, r, s);                                           /* 1 - 9 */
    if (SINCE_4_4(rules))
        events |= apply_taken_probe_rule(d, r, s);                                   /* 8 */
    if (s->ack != d->last_ack)
        d->dup = 0;                                                                  /* 11 */
    events |= SINCE_4_4(rules) ? apply_later_unseen_rule(d, r, s) : apply_unseen_rule(r, s); /* 12 */
    if (takes_room && (events & MC_TCP_KEEP_ALIVE) == 0)
        events |= apply_late_rules(rules, c, d, r, s, now);                          /* 13 - 17 */

    if (takes_room && d->sent_count < MC_SENT_LIMIT) {                               /* 18 */
        bool unclear = (flags & MC_TH_SYN) != 0 || (events & MC_TCP_LATE) != 0;

        if ((flags & (MC_TH_SYN | MC_TH_FIN)) != 0)
            end++;
        mc_sent_append(c, d, pool, s->seq, end, now, unclear);
    }
    /* the sequence number 0 of a reset says nothing of its sender's (RFC 9293, 3.10.7.1) */
    says_nothing = (flags & MC_TH_RST) != 0 && end == 0;
    /* a SYN or FIN that moves it by its own number alone leaves what moved it before; a probe counts */
    if (!says_nothing && ((d->known & MC_KNOWN_NXT) == 0 ||
                          mc_seq_after(end, d->nxt + ((flags & (MC_TH_SYN | MC_TH_FIN)) != 0)))) {
        if (s->len > 0)
            d->options &= (uint8_t)~MC_NXT_BY_ACK;
        else
            d->options |= MC_NXT_BY_ACK;
    }
    if ((events & MC_TCP_ZERO_WINDOW_PROBE) == 0) {
        if (!says_nothing && ((d->known & MC_KNOWN_NXT) == 0 || mc_seq_after(end, d->nxt))) { /* 19 */
            d->nxt = end;
            d->nxt_ns = now;
            d->known |= MC_KNOWN_NXT;
        }
        if ((d->known & MC_KNOWN_NXT) != 0 &&
            ((d->known & MC_KNOWN_CONTIGUOUS) == 0 || s->seq == d->contiguous_end)) {            /* 20 */
            d->contiguous_end = d->nxt;
            d->known |= MC_KNOWN_CONTIGUOUS;
        }
    }
    d->win = s->win;                                                                 /* 21 */
    d->last_ack = s->ack;
    d->seen_ns = now;
    d->last_events = (uint8_t)(events & (MC_TCP_KEEP_ALIVE | MC_TCP_ZERO_WINDOW_PROBE));
    d->known |= MC_KNOWN_WIN;
    /* an acknowledgement of 0 is one only if the flag says so */
    if ((flags & MC_TH_ACK) != 0 || s->ack != 0)
        d->known |= MC_KNOWN_ACK;
    else
        d->known &= (uint8_t)~MC_KNOWN_ACK;
    if (r->sent_count > 0)
        mc_sent_acknowledge(r, s->ack, now, mc_rules_sample_parts(rules), pool, sample); /* 22 */

    if ((flags & MC_TH_SYN) != 0) {                                                  /* 23 */
        d->known |= MC_SYN_WINDOW;
        if ((flags & MC_TH_ACK) == 0) {
            c->syn_ns = now;
            c->flags = (c->flags & ~MC_C_SYN_FORGOTTEN) | MC_C_SYN;
        }
    } else if ((flags & MC_TH_ACK) != 0) {
        /* times that run backwards give a negative one, which counts as unknown */
        if (mc_tcp_awaits_round_trip(c))
            c->irtt_ns = mc_ns_since(now, c->syn_ns);
        d->known &= (uint8_t)~MC_SYN_WINDOW;
    }
    if ((s->has & MC_HAS_SCALE) != 0 || (flags & MC_TH_SYN) != 0)
        mc_tcp_apply_scale(d, r, s);                                                 /* 24 */
    if (SINCE_4_4(rules))
        events = take_blocks(d, r, s, pool, events);
    if (SINCE_4_4(rules))
        follow_completeness(c, s, begins);
    else
        follow_completeness_4_0(c, s, (c->flags & (MC_C_BEGUN | MC_C_REPLAYED)) == 0);
    return events | other;
}
