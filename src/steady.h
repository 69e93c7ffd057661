/*
 * steady.h: the segment that most segments are, on a short way.
 *
 * In the middle of a connection most segments are data that follow on, or
 * acknowledgements that move on.  For them none of the rules gives a flag, no
 * state changes and no letter is due, so what is left is a handful of sums.
 */
#ifndef MC_STEADY_H
#define MC_STEADY_H

#include "account.h"
#include "sent.h"

/* Rule 6: does data up to 'end' fill the window that 'r' has announced? */
MC_INLINE bool mc_steady_fills_window(const mc_half *r, uint32_t end)
{
    return r->scale != MC_SCALE_UNKNOWN &&
           end == r->last_ack + ((uint32_t)r->win
                                 << ((r->known & MC_SYN_WINDOW) != 0 || r->scale < 0 ? 0 : r->scale));
}

/* Finds out, after a segment on the general way, which ones may be short next. */
void mc_steady_prepare(mc_conn *c);

/*
 * True if no rule gives a flag and no state changes, for a plain segment (see
 * decode_fast.h); the numbers are those of the rules in tcp.c.  What is part of being
 * ready, and what the short way keeps so: that the next sequence number is also the end
 * of what followed on without a hole, and that neither window is closed.
 */
MC_INLINE bool mc_steady_is(const mc_conn *c, unsigned dir, const mc_half *d, const mc_half *r, const mc_brief *s)
{
    unsigned ready = (unsigned)c->ready >> (2 * dir);

    if (s->seq != d->nxt ||                                                          /* 3, 4, 7, 8 */
        mc_seq_after(s->ack, r->contig) ||                                           /* 12 */
        s->win == 0)                                                                 /* 1, 2 */
        return false;
    if (s->len == 0)
        return (ready & MC_READY_ACK) != 0 && s->ack != d->last_ack;                 /* 5, 9 */
    if ((ready & MC_READY_DATA) == 0 || mc_seq_not_after(s->seq + s->len, r->last_ack) || /* 14 */
        d->sent_count >= MC_SENT_LIMIT)
        return false;
    return !mc_steady_fills_window(r, s->seq + s->len);                              /* 6 */
}

/* -------------------------------------------- what the steady and the usual way share */

/* Data, of a segment that begins at the end of what was seen: all but the rules. */
MC_INLINE void mc_steady_data(mc_analysis *a, mc_direction_facts *facts, mc_conn *c, unsigned dir, mc_half *d,
                              const mc_half *peer, const mc_brief *s, int64_t now, uint64_t frame, mc_bucket *bucket)
{
    mc_account_payload(facts, dir, s->len, frame, bucket);
    mc_account_mss(facts, peer, s->len, frame);
    mc_account_turn(a, c, dir, true, now, frame);
    d->data_packets++;
    d->payload_bytes += s->len;
    d->top = s->seq + s->len;
    if (d->detail != NULL)
        d->detail->top += s->len;
}

/* Rules 18 to 20: up to 'end' is sent, and followed on without a hole. */
MC_INLINE void mc_steady_advance(mc_analysis *a, mc_conn *c, mc_half *d, uint32_t start, uint32_t end, int64_t now)
{
    mc_sent_append(c, d, &a->pool, start, end, now, false);
    d->nxt = d->contig = end;
    d->nxt_ns = now;
}

/* Rule 21. */
MC_INLINE void mc_steady_note(mc_half *d, const mc_brief *s, int64_t now)
{
    d->win = s->win;
    d->last_ack = s->ack;
    d->seen_ns = now;
    if (s->win > d->max_raw_window)
        d->max_raw_window = s->win;
}

/* Rule 22: what half 'acked' (r) had sent. */
MC_INLINE void mc_steady_acknowledge(mc_analysis *a, mc_half *r, unsigned acked, uint32_t ack, int64_t now)
{
    mc_rtt_sample sample;

    if (r->sent_count == 0)
        return;
    sample.taken = false;
    mc_sent_acknowledge(r, ack, now, &a->pool, &sample);
    if (sample.taken)
        mc_account_rtt(a, r, acked, &sample);
}

/* --------------------------------------------------------------------- the steady way */

/*
 * Takes the plain segment of 'm' and returns true, or returns false and changes
 * nothing: then another way must take it.  All ways leave the same behind
 * (spec/c/test_steady.c, test_ways.c).
 */
MC_INLINE bool mc_steady_segment(mc_analysis *a, const mc_match *m, mc_conn *c, const mc_packet *p, uint64_t frame)
{
    const mc_brief *s = &m->brief;
    const unsigned dir = m->kind & MC_MATCH_FROM_SERVER;
    mc_half *d = &c->half[dir], *r = &c->half[dir ^ 1];
    mc_direction_facts *facts = &a->direction[dir];
    const int64_t now = p->time_ns;
    mc_bucket *bucket;

    MC_KEEP(d);
    MC_KEEP(r);
    if (!mc_steady_is(c, dir, d, r, s))
        return false;
    MC_KEEP(facts);
    mc_account_gap(a, c, true, now);
    bucket = mc_account_arrival(a, facts, dir, now);
    d->packets++;
    if (MC_LIKELY(!m->decoded) || mc_account_is_first(a, dir, frame)) {
        facts->counts.captured_bytes += p->caplen;
        d->byte_count += p->wirelen;
    }
    if (s->len == 0 || s->ack != d->last_ack)
        d->dup = 0;                                                                  /* 11 */
    if (s->len > 0) {
        mc_steady_data(a, facts, c, dir, d, r, s, now, frame, bucket);
        mc_steady_advance(a, c, d, s->seq, s->seq + s->len, now);
    }
    mc_steady_note(d, s, now);
    c->last_dir = dir & 1;
    mc_account_ip(d, s->ttl, s->ip_id);
    if (MC_UNLIKELY(mc_copies_see(a->copies, m->fingerprint, now)))
        facts->counts.repeated_frames++;
    mc_steady_acknowledge(a, r, dir ^ 1, s->ack, now);
    return true;
}

#endif
