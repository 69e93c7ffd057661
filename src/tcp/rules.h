/*
 * rules.h: the rules of sequence analysis.
 *
 * The rules give the flags that Wireshark gives (tcp.analysis.*), of the version that
 * the caller chooses, so that every count can be checked there; the few wanted
 * differences are named at the rule.  They know two endpoints of a connection and one
 * segment, nothing else.
 */
#ifndef MC_RULES_H
#define MC_RULES_H

#include "tcp/conn.h"
#include "tcp/sent.h"

/* Flags of one segment. */
#define MC_TCP_ZERO_WINDOW_PROBE      0x0001u
#define MC_TCP_KEEP_ALIVE             0x0002u
#define MC_TCP_ZERO_WINDOW            0x0004u
#define MC_TCP_LOST_SEGMENT           0x0008u   /* a segment before this one was not captured */
#define MC_TCP_WINDOW_UPDATE          0x0010u
#define MC_TCP_WINDOW_FULL            0x0020u
#define MC_TCP_KEEP_ALIVE_ACK         0x0040u
#define MC_TCP_ZERO_WINDOW_PROBE_ACK  0x0080u
#define MC_TCP_DUPLICATE_ACK          0x0100u
#define MC_TCP_ACKED_UNSEEN           0x0200u   /* acknowledges data that was not captured */
#define MC_TCP_SPURIOUS               0x0400u   /* retransmission of acknowledged data */
#define MC_TCP_FAST                   0x0800u   /* fast retransmission */
#define MC_TCP_OUT_OF_ORDER           0x1000u
#define MC_TCP_RETRANSMISSION         0x2000u   /* none of the two above: plain */
#define MC_TCP_REUSED_PORTS           0x4000u
/* of no rule */
#define MC_TCP_COPY                   0x8000u   /* the same packet captured once more, says the caller */
#define MC_TCP_OTHER_NUMBER           0x10000u  /* a SYN-ACK with another number than the one before it */
#define MC_TCP_STALE                  0x20000u  /* the segment belongs to an older connection of the pair */

#define MC_TCP_ANY_RETRANSMISSION (MC_TCP_SPURIOUS | MC_TCP_FAST | MC_TCP_RETRANSMISSION)
#define MC_TCP_LATE               (MC_TCP_ANY_RETRANSMISSION | MC_TCP_OUT_OF_ORDER)

/* True if the segment begins a new connection on a pair in use: a SYN with
   another sequence number than the one its side began with (CO-1). */
static inline bool mc_tcp_begins_anew(const mc_endpoint_state *d, const mc_segment *s);

/* Rule 24, and what the option says of this side; of a SYN, or where there is the option. */
static inline void mc_tcp_apply_scale(mc_endpoint_state *d, mc_endpoint_state *r, const mc_segment *s);

/* What rules 18 to 21 leave of a SYN or a SYN-ACK that is the first segment of its side. */
static inline void mc_tcp_begin_endpoint(mc_endpoint_state *d, uint32_t seq, uint16_t win, int64_t now);

/*
 * Applies the rules to one segment that endpoint 'dir' of 'c' sent at 'now' and
 * brings both endpoints up to date.  Returns the flags.  'sample' gets the
 * round-trip sample that the segment's acknowledgement gives of the other side's
 * data.  Memory for the list of unacknowledged segments comes from 'pool'; when
 * there is none, samples are given up (MC_C_SENT_FULL), never flags.
 * A segment of unknown length must not be given.
 */
uint32_t mc_tcp_segment(mc_rules rules, mc_conn *c, unsigned dir, const mc_segment *s, int64_t now, mc_pool *pool,
                        mc_rtt_sample *sample);

/*
 * What the rules know of 'c' is forgotten, as on a pair of ports that is used anew: the
 * next segment is the first for them.  What else is known of the connection stays.
 */
void mc_tcp_forget(mc_conn *c, mc_pool *pool);

/* The first acknowledgement after the SYN gives the first round trip (rule 23), and has not come. */
static inline bool mc_tcp_awaits_round_trip(const mc_conn *c);

/* Whether an acknowledgement of part of a segment gives a round-trip sample (rule 22). */
static inline bool mc_rules_sample_parts(mc_rules rules);

/* An endpoint that nothing is known of. */
void mc_endpoint_state_init(mc_endpoint_state *h);

/* ------------------------------------------------------------------ bodies */

static inline bool mc_tcp_begins_anew(const mc_endpoint_state *d, const mc_segment *s)
{
    return (s->flags & (MC_TH_SYN | MC_TH_ACK)) == MC_TH_SYN && (d->known & MC_KNOWN_BASE) != 0 &&
           s->seq != d->base;
}

static inline void mc_tcp_apply_scale(mc_endpoint_state *d, mc_endpoint_state *r, const mc_segment *s)
{
    if ((s->has & MC_HAS_SCALE) != 0)
        d->scale = (int8_t)s->scale;
    if ((s->flags & MC_TH_SYN) == 0)
        return;
    if (d->scale == MC_SCALE_UNKNOWN)
        d->scale = r->scale = MC_SCALE_NONE;
    else if ((s->flags & MC_TH_ACK) != 0 && r->scale == MC_SCALE_NONE)
        d->scale = MC_SCALE_NONE;
}

static inline void mc_tcp_begin_endpoint(mc_endpoint_state *d, uint32_t seq, uint16_t win, int64_t now)
{
    d->base = seq;
    d->nxt = d->contiguous_end = seq + 1;
    d->nxt_ns = d->seen_ns = now;
    d->win = win;
    d->sent.single = (mc_sent){ seq, seq + 1, (uint64_t)now << 1 | 1 };
    d->sent_count = 1;
    d->known = MC_KNOWN_BASE | MC_KNOWN_NXT | MC_KNOWN_CONTIGUOUS | MC_KNOWN_WIN | MC_SYN_WINDOW;
    d->options |= MC_NXT_BY_ACK;
    d->once = MC_ONCE_SYN | MC_ONCE_ANY;
}

static inline bool mc_tcp_awaits_round_trip(const mc_conn *c)
{
    return (c->flags & (MC_C_SYN | MC_C_SYN_FORGOTTEN)) == MC_C_SYN && c->irtt_ns == 0;
}

static inline bool mc_rules_sample_parts(mc_rules rules)
{
    return rules >= MC_RULES_WIRESHARK_4_4;
}

#endif
