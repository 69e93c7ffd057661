/*
 * fast_path.h: what the in-order path and the handshake path share: the effect of the
 * rules on a segment for which none of them gives a flag.
 */
#ifndef MC_FAST_PATH_H
#define MC_FAST_PATH_H

#include "engine/account.h"
#include "engine/limits.h"
#include "tcp/sent.h"

/* Rule 6: does data up to 'end' fill the window that 'r' has announced? */
MC_INLINE bool mc_fast_path_fills_window(const mc_endpoint_state *r, uint32_t end);

/* mc_fast_path_is_odd() of a short one. */
bool mc_fast_path_short_is_odd(const mc_match *m);

/* May it be a TLS alert or padded?  These are for the full path. */
MC_INLINE bool mc_fast_path_is_odd(const mc_match *m);

/* Finds out, after a segment on the full path, which ones may be short next. */
void mc_fast_path_prepare(mc_conn *c);

/* Data, of a segment that begins at the end of what was seen: all but the rules, whose turn it is, and an odd length. */
MC_INLINE void mc_fast_path_data(mc_analysis *a, mc_conn *c, unsigned dir, mc_direction_facts *facts, mc_endpoint_state *d,
                                 const mc_segment_summary *s, int64_t now, uint64_t row[MC_TL_ROWS]);

/* Rules 18 to 20: up to 'end' is sent, and followed on without a hole. */
MC_INLINE void mc_fast_path_advance(mc_analysis *a, mc_conn *c, mc_endpoint_state *d, uint32_t start, uint32_t end,
                                    int64_t now);

/* Rule 21. */
MC_INLINE void mc_fast_path_note(mc_endpoint_state *d, const mc_segment_summary *s, int64_t now);

/* Rule 22: what endpoint 'acked' (r) had sent. */
MC_INLINE void mc_fast_path_acknowledge(mc_analysis *a, mc_endpoint_state *r, unsigned acked, uint32_t ack,
                                        int64_t now);

/* ------------------------------------------------------------------ bodies */

MC_INLINE bool mc_fast_path_fills_window(const mc_endpoint_state *r, uint32_t end)
{
    return r->scale != MC_SCALE_UNKNOWN && end == r->last_ack + mc_announced_window(r);
}

MC_INLINE bool mc_fast_path_is_odd(const mc_match *m)
{
    return MC_UNLIKELY(m->summary.len - 1 < MC_TLS_ALERT_MOST) && mc_fast_path_short_is_odd(m);
}

MC_INLINE void mc_fast_path_data(mc_analysis *a, mc_conn *c, unsigned dir, mc_direction_facts *facts, mc_endpoint_state *d,
                                 const mc_segment_summary *s, int64_t now, uint64_t row[MC_TL_ROWS])
{
    mc_account_payload(facts, s->len, row);
    d->payload_bytes += s->len;
    d->highest_end = s->seq + s->len;
    if (d->detail != NULL) {
        d->detail->highest_end += s->len;
        if (MC_UNLIKELY(now >= d->detail->limits.due_ns))
            mc_limits_look_at(a, c, dir, s, now);
    }
    if (MC_UNLIKELY(++d->data_over == 0))
        mc_limits_look_at(a, c, dir, s, now);
}

MC_INLINE void mc_fast_path_advance(mc_analysis *a, mc_conn *c, mc_endpoint_state *d, uint32_t start, uint32_t end,
                                    int64_t now)
{
    mc_sent_append(c, d, &a->pool, start, end, now, false);
    d->nxt = d->contiguous_end = end;
    d->nxt_ns = now;
}

MC_INLINE void mc_fast_path_note(mc_endpoint_state *d, const mc_segment_summary *s, int64_t now)
{
    d->win = s->win;
    d->last_ack = s->ack;
    d->seen_ns = now;
    if (s->win > d->max_raw_window)
        d->max_raw_window = s->win;
}

MC_INLINE void mc_fast_path_acknowledge(mc_analysis *a, mc_endpoint_state *r, unsigned acked, uint32_t ack, int64_t now)
{
    mc_rtt_sample sample;

    if (r->sent_count == 0)
        return;
    sample.taken = false;
    mc_sent_acknowledge(r, ack, now, a->sample_parts, &a->pool, &sample);
    if (sample.taken)
        mc_account_rtt(a, r, acked, &sample, now);
}

static inline bool mc_has_repeats(const mc_endpoint_state *d)
{
    return d->detail != NULL && d->detail->repeat_count > 0;
}

/* Options that were cut off may say that data came twice, if any was sent again: mc_note_sack() is to be asked. */
static inline bool mc_may_report(const mc_conn *c, unsigned sack_cut)
{
    return sack_cut == MC_SACK_EDGE ||
           (sack_cut == MC_SACK_UNSEEN && (mc_has_repeats(&c->endpoint[0]) || mc_has_repeats(&c->endpoint[1])));
}

#endif
