/*
 * steady.c: the short way; see mc_analysis_segment() for the general one.
 */
#include "steady.h"

#include "account.h"
#include "sent.h"

/* What both sides must know of each other before anything can be steady. */
#define KNOWN (MC_KNOWN_BASE | MC_KNOWN_NXT | MC_KNOWN_CONTIG | MC_KNOWN_ACK | MC_KNOWN_WIN)

/* Options and marks that the general way looks at. */
#define SPECIAL (MC_HAS_MSS | MC_HAS_SCALE | MC_HAS_SACKOK | MC_HAS_SACK | MC_BAD_CHECKSUM)

/* What must hold of half 'd', whose peer is 'r', for any segment of it. */
static bool is_settled(const mc_half *d, const mc_half *r)
{
    return (d->known & r->known & KNOWN) == KNOWN && (d->known & MC_SYN_WINDOW) == 0 &&
           d->contig == d->nxt && d->last_events == 0 && r->last_events == 0 &&
           d->state == MC_ST_ESTABLISHED && (d->detail == NULL || !d->detail->zero_open);
}

void mc_steady_prepare(mc_conn *c)
{
    unsigned dir;

    c->ready = 0;
    if ((c->flags & (MC_C_SELF | MC_C_BEGUN)) != MC_C_BEGUN || c->reset_phase != MC_RESET_NONE ||
        (c->flags & (MC_C_HS_SYN_ACK | MC_C_HS_DONE)) == MC_C_HS_SYN_ACK ||
        ((c->flags & MC_C_SYN) != 0 && c->irtt_ns == 0))
        return;
    for (dir = 0; dir < 2; dir++) {
        const mc_half *d = &c->half[dir];

        if (!is_settled(d, &c->half[!dir]))
            continue;
        if ((d->once & MC_ONCE_ACK) != 0 && (c->completeness & 4) != 0)
            c->ready |= (uint8_t)(MC_READY_ACK << (2 * dir));
        if ((d->once & MC_ONCE_DATA) != 0 && (c->completeness & 8) != 0 &&
            (d->known & MC_KNOWN_BYTES) != 0 && d->top == d->nxt)
            c->ready |= (uint8_t)(MC_READY_DATA << (2 * dir));
    }
}

/*
 * True if no rule gives a flag and no state changes; the numbers are those of the
 * rules in tcp.c.  That the next sequence number is also the end of what followed
 * on without a hole is part of being ready, and the short way keeps it so.
 */
static inline bool is_steady(const mc_conn *c, unsigned dir, const mc_half *d, const mc_half *r,
                             const mc_segment *s)
{
    unsigned ready = c->ready >> (2 * dir);

    if ((s->flags & (uint8_t)~MC_TH_PSH) != MC_TH_ACK || (s->has & SPECIAL) != 0 || !s->len_known ||
        s->win == 0 || r->win == 0 ||                                                /* 1, 2 */
        s->seq != d->nxt ||                                                          /* 3, 4, 7, 8 */
        mc_seq_after(s->ack, r->contig))                                             /* 12 */
        return false;
    if (s->len == 0)
        return (ready & MC_READY_ACK) != 0 && s->ack != d->last_ack;                 /* 5, 9 */
    if ((ready & MC_READY_DATA) == 0 || mc_seq_not_after(s->seq + s->len, r->last_ack) || /* 14 */
        d->sent_count >= MC_SENT_LIMIT)
        return false;
    return r->scale == MC_SCALE_UNKNOWN ||                                           /* 6 */
           s->seq + s->len !=
               r->last_ack + ((uint32_t)r->win
                              << ((r->known & MC_SYN_WINDOW) != 0 || r->scale < 0 ? 0 : r->scale));
}

bool mc_steady_segment(mc_analysis *a, const mc_match *m, mc_conn *c, unsigned dir, const mc_segment *s,
                       mc_frame *frame)
{
    mc_half *d = &c->half[dir], *r = &c->half[!dir];
    int64_t now = frame->time_ns;
    mc_rtt_sample sample;

    if (!is_steady(c, dir, d, r, s))
        return false;
    mc_account_header(a, c, dir, s, frame);
    mc_account_gap(a, c, now);
    a->direction[dir].counts.repeated_frames += mc_copies_see(a->copies, m->fingerprint, now);
    d->packets++;
    if (s->len > 0) {
        uint32_t end = s->seq + s->len;

        d->data_packets++;
        d->payload_bytes += s->len;
        d->top = end;
        if (d->detail != NULL)
            d->detail->top += s->len;
        d->nxt = d->contig = end;
        d->nxt_ns = now;
        if (s->ack != d->last_ack)
            d->dup = 0;                                                              /* 11 */
        mc_sent_append(c, d, &a->pool, s->seq, end, now, false);                     /* 18 */
        mc_account_turn(a, c, dir, true, now, frame->number);
        mc_account_mss(a, r, dir, s, frame->number);
    } else {
        d->dup = 0;
    }
    d->win = s->win;                                                                 /* 21 */
    d->last_ack = s->ack;
    d->seen_ns = now;
    if (r->sent_count > 0) {                                                         /* 22 */
        sample.taken = false;
        mc_sent_acknowledge(r, s->ack, now, &a->pool, &sample);
        if (sample.taken)
            mc_account_rtt(a, r, !dir, &sample);
    }
    mc_account_ip(d, s);
    if (s->win > d->max_raw_window)
        d->max_raw_window = s->win;
    c->last_dir = dir & 1;
    return true;
}
