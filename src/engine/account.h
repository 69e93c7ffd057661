/*
 * account.h: the sums that every segment adds to, on whatever path.  What most segments
 * do is inline.
 */
#ifndef MC_ACCOUNT_H
#define MC_ACCOUNT_H

#include "engine/match.h"
#include "tcp/sent.h"
#include "tcp/state.h"
#include "tcp/timers.h"

#define MC_IDLE_REMARK_NS (10 * MC_NS_PER_MS)    /* shorter silences are not kept as the longest */
#define MC_IDLE_GAP_NS    MC_NS_PER_S            /* a longer silence is an idle gap */
#define MC_TINY_PAYLOAD   64                     /* bytes; headers alone are 54 or more */

/* Flags other than ACK and PSH, and bad checksums. */
void mc_account_flags(mc_analysis *a, unsigned dir, const mc_segment *s, const mc_frame *frame);

/* That a segment has come; returns the bucket of the timeline. */
MC_INLINE mc_bucket *mc_account_arrival(mc_analysis *a, unsigned dir, int64_t now);

/*
 * The first and the last time of a direction.  The short paths leave both alone where a side goes on later than it was
 * seen last: when the connections are summed up, seen_ns tells the rest.
 */
MC_INLINE void mc_account_time(mc_direction_facts *facts, int64_t now);

/* Before another time takes the place of that which 'd' was seen last. */
MC_INLINE void mc_account_seen(mc_direction_facts *facts, const mc_endpoint_state *d);

/* Both, where the side does not go on later. */
void mc_account_earlier(mc_direction_facts *facts, const mc_endpoint_state *d, int64_t now);

/* The 'len' bytes of payload, at least one, that it brings ... */
MC_INLINE void mc_account_payload(mc_direction_facts *facts, uint32_t len, uint64_t row[MC_TL_ROWS]);

/* ... which may be very few ... */
void mc_account_tiny(mc_direction_facts *facts, uint32_t len, uint64_t frame);

/* ... or more than the MSS of 'peer': captured before the network card cut it. */
void mc_account_mss(mc_direction_facts *facts, const mc_endpoint_state *peer, uint32_t len, uint64_t frame);

/* One of both is so. */
MC_INLINE bool mc_account_is_odd_length(const mc_endpoint_state *peer, uint32_t len);

/* A frame may hold several segments: its bytes are counted with the first of each direction. */
MC_INLINE bool mc_account_is_first(mc_analysis *a, unsigned dir, uint64_t frame);

/* That a segment of 'c' has come, and the bytes of its frame. */
static inline mc_bucket *mc_account_frame(mc_analysis *a, mc_conn *c, unsigned dir, const mc_frame *frame);

/*
 * What a segment says by itself; 'c' may be NULL.  What a connection counts itself
 * (packets, bytes, payload) is added to its direction's sums at the end, by aggregates.c.
 */
static inline void mc_account_header(mc_analysis *a, mc_conn *c, unsigned dir, const mc_segment *s,
                                     const mc_frame *frame);

/* mc_account_gap() where the time is long or negative. */
int64_t mc_account_idle(mc_analysis *a, mc_conn *c, int64_t now);

/* The time since the connection's segment before; 0 for its first ('begun' is false). */
MC_INLINE int64_t mc_account_gap(mc_analysis *a, mc_conn *c, bool begun, int64_t now);

/* The same of a step of the handshake or of closing, before which it is often long. */
MC_INLINE int64_t mc_account_step_gap(mc_analysis *a, mc_conn *c, int64_t now);

/* Of mc_conn.flags: the turn is of side 'dir'. */
MC_INLINE uint32_t mc_turn_of(unsigned dir);

/*
 * Whose turn it is, after 'len' bytes of side 'dir', new ones if 'fresh': data after the other
 * side's data is an answer.  'outstanding' segments of the side were not acknowledged before
 * this one, or MC_NOT_IN_ORDER.  Call it before mc_account_ip() takes 'ip_id'.
 */
void mc_account_turn(mc_analysis *a, mc_conn *c, unsigned dir, bool fresh, uint32_t len, uint16_t ip_id,
                     uint32_t outstanding, int64_t now, uint64_t frame);

/* The latest data is that side's. */
static inline bool mc_is_in_turn(const mc_conn *c, unsigned dir);

/* Side 'dir' sends a TLS alert.  True: it follows that side's data, or is the server's farewell, and is no answer: it ends a
   wait, and begins none. */
static inline bool mc_account_alert(mc_conn *c, unsigned dir, int64_t now);

/* mc_account_turn() of new data in order, where the side goes on without a pause and nobody listens; false: it is not so, and
   nothing is done.  After a reset no segment takes a short path. */
MC_INLINE bool mc_account_goes_on(mc_conn *c, unsigned dir, int64_t now);

/* The same where it does not, before the data is among what is outstanding. */
void mc_account_turn_change(mc_analysis *a, mc_conn *c, unsigned dir, const mc_segment_summary *s, int64_t now,
                            uint64_t frame);

/*
 * Side 'dir' closes, with 'len' bytes in the same segment.  It has said all: only now can its
 * request be answered; one that closes after a long wait has given up waiting.
 */
static inline void mc_account_close(mc_analysis *a, mc_conn *c, unsigned dir, uint32_t ack, uint32_t len, int64_t now);

/* A round trip of data that endpoint 'acked' (r) had sent. */
MC_INLINE void mc_account_rtt(mc_analysis *a, mc_endpoint_state *r, unsigned acked, const mc_rtt_sample *sample,
                              int64_t now);

/* mc_endpoint_state.id_run after one small step more.  When its half is full, half of both stays, so that the recent
   counts; a table, as nobody can foresee when. */
extern const uint8_t mc_id_run_after[256];

/* How the side's IPv4 identifications go on. */
MC_INLINE void mc_account_id(mc_endpoint_state *d, uint16_t ip_id);

/* What of the IP header is compared with later packets of the same side; not of resets. */
MC_INLINE void mc_account_ip(mc_endpoint_state *d, uint8_t ttl, uint16_t ip_id);

/* ------------------------------------------------------------------ bodies */

MC_INLINE void mc_account_seen(mc_direction_facts *facts, const mc_endpoint_state *d)
{
    if (d->packets > 0 && d->seen_ns > facts->last_ns)
        facts->last_ns = d->seen_ns;
}

MC_INLINE mc_bucket *mc_account_arrival(mc_analysis *a, unsigned dir, int64_t now)
{
    mc_bucket *bucket = mc_timeline_at(&a->timeline, now);

    bucket->value[dir][MC_TL_PACKETS]++;
    return bucket;
}

MC_INLINE void mc_account_time(mc_direction_facts *facts, int64_t now)
{
    if (now < facts->first_ns)
        facts->first_ns = now;
    if (now > facts->last_ns)
        facts->last_ns = now;
}

MC_INLINE void mc_account_payload(mc_direction_facts *facts, uint32_t len, uint64_t row[MC_TL_ROWS])
{
    row[MC_TL_PAYLOAD_BYTES] += len;
    if (len > facts->max_segment)
        facts->max_segment = len;
}

MC_INLINE bool mc_account_is_odd_length(const mc_endpoint_state *peer, uint32_t len)
{
    return MC_UNLIKELY(len <= MC_TINY_PAYLOAD) || MC_UNLIKELY(len > peer->mss && peer->mss != 0);
}

MC_INLINE bool mc_account_is_first(mc_analysis *a, unsigned dir, uint64_t frame)
{
    bool first = a->counted[dir] != frame;

    a->counted[dir] = frame;
    return first;
}

static inline mc_bucket *mc_account_frame(mc_analysis *a, mc_conn *c, unsigned dir, const mc_frame *frame)
{
    mc_direction_facts *facts = &a->direction[dir];

    c->endpoint[dir].packets++;
    if (mc_account_is_first(a, dir, frame->number)) {
        facts->counts.captured_bytes += frame->caplen;
        c->endpoint[dir].byte_count += frame->wirelen;
    }
    return mc_account_arrival(a, dir, frame->time_ns);
}

static inline void mc_account_header(mc_analysis *a, mc_conn *c, unsigned dir, const mc_segment *s,
                                     const mc_frame *frame)
{
    mc_direction_facts *facts = &a->direction[dir];
    mc_counts *n = &facts->counts;
    bool data = s->len > 0 && s->len_known;
    mc_bucket *bucket;

    mc_account_time(facts, frame->time_ns);
    if (c != NULL) {
        mc_account_seen(facts, &c->endpoint[dir]);
        bucket = mc_account_frame(a, c, dir, frame);
        c->endpoint[dir].data_over += data;
    } else {
        bucket = mc_account_arrival(a, dir, frame->time_ns);
        n->packet_count++;
        n->data_packets += data;
        n->payload_bytes += data ? s->len : 0;
        if (mc_account_is_first(a, dir, frame->number)) {
            n->byte_count += frame->wirelen;
            n->captured_bytes += frame->caplen;
        }
    }
    if (data) {
        mc_account_payload(facts, s->len, bucket->value[dir]);
        mc_account_tiny(facts, s->len, frame->number);
    }
    if ((s->flags & (uint8_t)~(MC_TH_ACK | MC_TH_PSH)) != 0 || (s->has & MC_BAD_CHECKSUM) != 0)
        mc_account_flags(a, dir, s, frame);
}

MC_INLINE int64_t mc_account_gap(mc_analysis *a, mc_conn *c, bool begun, int64_t now)
{
    int64_t gap = begun ? (int64_t)((uint64_t)now - (uint64_t)mc_conn_last(c)) : 0;

    if (MC_UNLIKELY((uint64_t)gap > (uint64_t)MC_IDLE_REMARK_NS))    /* or negative */
        return mc_account_idle(a, c, now);
    return gap;
}

MC_INLINE int64_t mc_account_step_gap(mc_analysis *a, mc_conn *c, int64_t now)
{
    const int64_t gap = (int64_t)((uint64_t)now - (uint64_t)mc_conn_last(c));      /* as mc_account_gap() has it */
    float ms;

    if (MC_LIKELY((uint64_t)gap <= (uint64_t)MC_IDLE_REMARK_NS))
        return gap;
    if (MC_UNLIKELY(gap < 0 || gap > MC_IDLE_GAP_NS))
        return mc_account_idle(a, c, now);
    ms = (float)((double)gap / (double)MC_NS_PER_MS);
    if (ms > c->max_idle_ms)
        c->max_idle_ms = ms;
    if (MC_UNLIKELY(gap > a->max_idle_ns))
        a->max_idle_ns = gap;
    return gap;
}

MC_INLINE uint32_t mc_turn_of(unsigned dir)
{
    return MC_C_TURN + MC_C_TURN_SERVER / MC_SERVER * dir;
}

static inline bool mc_is_in_turn(const mc_conn *c, unsigned dir)
{
    return (c->flags & (MC_C_TURN | MC_C_TURN_SERVER)) == mc_turn_of(dir);
}

static inline bool mc_account_alert(mc_conn *c, unsigned dir, int64_t now)
{
    c->flags |= (uint32_t)MC_C_ALERT << dir;
    if (mc_is_in_turn(c, dir))
        return true;
    /* after answers it is a farewell, or ends a session that was idle: it answers nothing that was asked (RFC 8446, 6.1) */
    if (dir != MC_SERVER || c->requests == 0 || c->reset_phase != MC_RESET_NONE)
        return false;
    c->flags |= mc_turn_of(dir) | MC_C_TURN_SMALL;
    c->at.turn_ns = now;
    return true;
}

MC_INLINE bool mc_account_goes_on(mc_conn *c, unsigned dir, int64_t now)
{
    if ((c->flags & (MC_C_TURN | MC_C_TURN_SERVER | MC_C_HEARD)) != (mc_turn_of(dir) | MC_C_HEARD) ||
        (uint64_t)now - (uint64_t)c->at.turn_ns >= (uint64_t)MC_PAUSE_NS)
        return false;
    c->at.turn_ns = now;
    return true;
}

static inline void mc_account_close(mc_analysis *a, mc_conn *c, unsigned dir, uint32_t ack, uint32_t len, int64_t now)
{
    if ((c->flags & MC_C_DIALOGUE) != 0)
        mc_speech_close(&a->speech, c, dir, ack, now);
    if (len == 0 && mc_is_in_turn(c, dir) && c->reset_phase == MC_RESET_NONE &&
        mc_ns_since(now, c->at.turn_ns) < MC_SILENCE_NS)
        c->at.turn_ns = now;
}

MC_INLINE void mc_account_rtt(mc_analysis *a, mc_endpoint_state *r, unsigned acked, const mc_rtt_sample *sample,
                              int64_t now)
{
    float ms;

    a->direction[acked].counts.rtt_samples_raw++;
    if (!sample->clear || sample->ns < 0)
        return;
    if (MC_UNLIKELY(sample->ns >= MC_DELAYED_ACK_NS) && acked == MC_CLIENT)
        mc_speech_late_ack(&a->speech, mc_conn_of(r, acked), sample->ns, now);
    if (!mc_hist_add(&a->rtt[acked], sample->ns))
        a->no_memory = true;
    ms = (float)((double)sample->ns / (double)MC_NS_PER_MS);
    if (r->rtt_count == 0 || ms < r->rtt_min_ms)
        r->rtt_min_ms = ms;
    r->rtt_sum_ms += ms;
    r->rtt_count++;
}

MC_INLINE void mc_account_id(mc_endpoint_state *d, uint16_t ip_id)
{
    const uint16_t step = (uint16_t)(ip_id - d->ip_id);

    if (d->ip_id != 0 && step != 0) {
        if (step <= MC_ID_STEP)
            d->id_run = (uint8_t)(mc_id_run_after[d->id_run] | (step != 1) << MC_ID_SKIPS_BIT);
        else if (mc_id_jumps(d) < 7)
            d->id_run = (uint8_t)(d->id_run + 0x10);
    }
    d->ip_id = ip_id;
}

/* A copy of a segment just before: at another point of the path, if its sender's TTL is not always the same. */
MC_INLINE void mc_account_copy(mc_direction_facts *facts, const mc_endpoint_state *d, uint8_t ttl)
{
    facts->counts.repeated_frames++;
    facts->counts.repeated_other_ttl += d->ttl_max != 0 && (d->ttl_min != d->ttl_max || d->ttl_max != ttl);
}

MC_INLINE void mc_account_ip(mc_endpoint_state *d, uint8_t ttl, uint16_t ip_id)
{
    if (ttl < d->ttl_min)
        d->ttl_min = ttl;
    if (ttl > d->ttl_max)
        d->ttl_max = ttl;
    if (ip_id != 0)
        mc_account_id(d, ip_id);
}

#endif
