/*
 * rules.c: one segment against the state of its connection.
 *
 * The numbers in the comments are those of the rules as the documentation
 * (docs/rules.md) lists them; their order matters.
 */
#include "tcp/rules.h"

#define FAST_RETRANSMISSION_NS (20 * MC_NS_PER_MS)   /* as the reference: after the second duplicate */
#define OUT_OF_ORDER_NS        (3 * MC_NS_PER_MS)    /* as the reference, while the round trip is unknown */

#define SFR (MC_TH_SYN | MC_TH_FIN | MC_TH_RST)

void mc_endpoint_state_init(mc_endpoint_state *h)
{
    memset(h, 0, sizeof *h);
    h->scale = MC_SCALE_UNKNOWN;
    h->ttl_min = 255;
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
        if (r->scale != MC_SCALE_UNKNOWN && (r->known & MC_KNOWN_WIN) != 0) {
            unsigned shift = (r->known & MC_SYN_WINDOW) != 0 || r->scale < 0 ? 0 : (unsigned)r->scale;

            if (s->seq + s->len == r->last_ack + ((uint32_t)r->win << shift))
                events |= MC_TCP_WINDOW_FULL;                                        /* 6 */
        }
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

/* Less than 'limit' after 'then'; a step back in time is not "within". */
static inline bool is_within(int64_t now, int64_t then, int64_t limit)
{
    return (uint64_t)now - (uint64_t)then < (uint64_t)limit;
}

/* Rules 13 to 17: is it late, and which kind of late? */
static uint32_t apply_late_rules(const mc_conn *c, const mc_endpoint_state *d, const mc_endpoint_state *r, const mc_segment *s,
                                 int64_t now)
{
    bool behind = (d->known & MC_KNOWN_NXT) != 0 && mc_seq_before(s->seq, d->nxt);
    uint32_t end = s->seq + s->len;

    if (s->len > 0 && (r->known & MC_KNOWN_ACK) != 0 && mc_seq_not_after(end, r->last_ack))
        return MC_TCP_SPURIOUS;                                                      /* 14 */
    if (s->len > 1 && s->seq == d->nxt - 1)
        behind = false;
    if (!behind)
        return 0;
    if (r->dup >= 2 && r->last_ack == s->seq && is_within(now, r->seen_ns, FAST_RETRANSMISSION_NS))
        return MC_TCP_FAST;                                                          /* 15 */
    if (is_within(now, d->nxt_ns, c->irtt_ns > 0 ? c->irtt_ns : OUT_OF_ORDER_NS) &&
        d->nxt != end + ((s->flags & (MC_TH_SYN | MC_TH_FIN)) != 0))
        return MC_TCP_OUT_OF_ORDER;                                                  /* 16 */
    return MC_TCP_RETRANSMISSION;                                                    /* 17 */
}

uint32_t mc_tcp_segment(mc_conn *c, unsigned dir, const mc_segment *s, int64_t now, mc_pool *pool,
                        mc_rtt_sample *sample)
{
    mc_endpoint_state *d = &c->endpoint[dir];
    mc_endpoint_state *r = (c->flags & MC_C_SELF) != 0 ? d : &c->endpoint[!dir];
    unsigned flags = s->flags;
    bool takes_room = s->len > 0 || (flags & (MC_TH_SYN | MC_TH_FIN)) != 0;
    uint32_t end = s->seq + s->len, events = 0;

    sample->taken = false;
    if ((flags & MC_TH_SYN) != 0 && (d->known & MC_KNOWN_BASE) != 0) {
        if ((flags & MC_TH_ACK) == 0) {                                              /* CO-2 */
            d->nxt = d->contiguous_end;
            d->known = (uint8_t)((d->known & ~MC_KNOWN_NXT) |
                                 ((d->known & MC_KNOWN_CONTIGUOUS) != 0 ? MC_KNOWN_NXT : 0));
        } else if (s->seq != d->base) {                                              /* CO-3 */
            d->base = s->seq;
            events = MC_TCP_REUSED_PORTS;
        }
    }
    if ((d->known & MC_KNOWN_BASE) == 0) {                                           /* CO-4 */
        d->base = (flags & MC_TH_SYN) != 0 ? s->seq : s->seq - 1;
        d->known |= MC_KNOWN_BASE;
    }
    if ((r->known & MC_KNOWN_BASE) == 0 && (flags & MC_TH_ACK) != 0) {
        r->base = s->ack - 1;
        r->known |= MC_KNOWN_BASE;
    }

    events |= apply_window_rules(d, r, s);                                           /* 1 - 9 */
    if (s->ack != d->last_ack)
        d->dup = 0;                                                                  /* 11 */
    events |= apply_unseen_rule(r, s);                                               /* 12 */
    if (takes_room && (events & MC_TCP_KEEP_ALIVE) == 0)
        events |= apply_late_rules(c, d, r, s, now);                                 /* 13 - 17 */

    if (takes_room && d->sent_count < MC_SENT_LIMIT) {                               /* 18 */
        bool unclear = (flags & MC_TH_SYN) != 0 || (events & MC_TCP_LATE) != 0;

        if ((flags & (MC_TH_SYN | MC_TH_FIN)) != 0)
            end++;
        mc_sent_append(c, d, pool, s->seq, end, now, unclear);
    }
    if ((events & MC_TCP_ZERO_WINDOW_PROBE) == 0) {
        /* the sequence number 0 of a reset says nothing of its sender's (RFC 9293, 3.10.7.1) */
        bool says_nothing = (flags & MC_TH_RST) != 0 && end == 0;

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
        mc_sent_acknowledge(r, s->ack, now, pool, sample);                              /* 22 */

    if ((flags & MC_TH_SYN) != 0) {                                                  /* 23 */
        d->known |= MC_SYN_WINDOW;
        if ((flags & MC_TH_ACK) == 0) {
            c->syn_ns = now;
            c->flags |= MC_C_SYN;
        }
    } else if ((flags & MC_TH_ACK) != 0) {
        /* times that run backwards give a negative one, which counts as unknown */
        if ((c->flags & MC_C_SYN) != 0 && c->irtt_ns == 0)
            c->irtt_ns = mc_ns_since(now, c->syn_ns);
        d->known &= (uint8_t)~MC_SYN_WINDOW;
    }
    if ((s->has & MC_HAS_SCALE) != 0 || (flags & MC_TH_SYN) != 0)
        mc_tcp_apply_scale(d, r, s);                                                   /* 24 */
    return events;
}
