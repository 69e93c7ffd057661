/*
 * late.c: evidence on late segments.
 */
#include "late.h"

/* Sooner than this after the first copy nobody sends again without being asked. */
#define TOO_SOON_NS MC_NS_PER_MS

static int64_t round_trip_of(const mc_conn *c)
{
    const mc_half *a = &c->half[0], *b = &c->half[1];

    if (c->irtt_ns > 0)
        return c->irtt_ns;
    if (a->rtt_count > 0 && b->rtt_count > 0)
        return (int64_t)((double)(a->rtt_min_ms + b->rtt_min_ms) * (double)MC_NS_PER_MS);
    return 0;
}

/* Identifications of this side count up, packet by packet. */
static bool ids_run(const mc_half *d)
{
    return mc_id_steps(d) >= 2 && mc_id_steps(d) > 4 * mc_id_jumps(d);
}

static mc_late_kind judge_repetition(const mc_conn *c, const mc_half *d, const mc_segment *s, bool copy,
                                     int64_t now, mc_late_evidence *evidence)
{
    int64_t when, rtt = round_trip_of(c);

    if (copy) {
        *evidence = MC_BY_COPY;
        return MC_LATE_DUPLICATED;
    }
    *evidence = MC_BY_REPETITION;
    /* without an identification the time since the first copy must do */
    if (((s->has & MC_HAS_IPID) == 0 || s->ip_id == 0) && mc_tcp_first_sent(d, s->seq, &when) && now >= when &&
        now - when < TOO_SOON_NS) {
        if (rtt > 0 && now - when < rtt / 2) {
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

mc_late_kind mc_late_judge(const mc_conn *c, unsigned dir, const mc_segment *s, const mc_bytes_news *news,
                           bool copy, int64_t now, mc_late_evidence *evidence)
{
    const mc_half *d = &c->half[dir], *r = &c->half[!dir];
    const mc_opening *above = &news->above;
    int64_t elapsed, rtt;
    bool asked;

    if (s->len == 0 || news->fresh == 0)
        return judge_repetition(c, d, s, copy, now, evidence);
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
    if (above->has_ip_id && (s->has & MC_HAS_IPID) != 0 && s->ip_id != 0 && s->ip_id != above->ip_id &&
        ids_run(d)) {
        *evidence = MC_BY_IP_ID;
        return (uint16_t)(s->ip_id - above->ip_id) > 0x7fff ? MC_LATE_REORDERED : MC_LATE_RESENT;
    }
    elapsed = now - above->time_ns;
    rtt = round_trip_of(c);
    if (rtt > 0 && elapsed >= 0 && elapsed < rtt / 2) {
        *evidence = MC_BY_TIME;
        return MC_LATE_REORDERED;
    }
    /* the receiver asked for just this: duplicate acks, or SACK above the hole */
    asked = (r->known & MC_KNOWN_ACK) != 0 && mc_seq_not_after(r->last_ack, s->seq) &&
            (r->dup >= 2 || (r->detail != NULL && r->detail->sack_known &&
                             mc_seq_after(r->detail->sacked_to, s->seq)));
    if (asked) {
        *evidence = MC_BY_ACK;
        return MC_LATE_RESENT;
    }
    if (elapsed >= MC_RTO_NS && elapsed >= rtt) {
        *evidence = MC_BY_TIME;
        return MC_LATE_RESENT;
    }
    return MC_LATE_UNDECIDED;
}

/* ------------------------------------------------------------------- copies */

static uint64_t mix(uint64_t h, uint64_t v)
{
    h = (h ^ v) * 0x9e3779b97f4a7c15ull;
    return h ^ h >> 29;
}

bool mc_copies_see(mc_copies *t, const mc_conn *c, unsigned dir, const mc_segment *s, int64_t now)
{
    uint64_t h;
    uint32_t tag, time = (uint32_t)((uint64_t)now >> 10);   /* about a microsecond a tick */
    unsigned set, i;
    bool seen = false;

    if ((s->has & MC_HAS_IPID) == 0 || s->ip_id == 0)
        return false;
    h = mix(0x2545f4914f6cdd1dull, (uint64_t)s->seq << 32 | s->ack);
    h = mix(h, (uint64_t)s->win << 48 | (uint64_t)s->ip_id << 32 | s->len);
    h = mix(h, c->first_frame << 10 | (uint64_t)s->flags << 2 | dir << 1 | 1);
    set = (unsigned)(h >> 53);
    tag = (uint32_t)h | 1;                       /* never the empty entry's 0 */
    for (i = 0; i < 8; i++)
        if (t->entries[set][i].tag == tag && time - t->entries[set][i].time < (uint32_t)(MC_NS_PER_S >> 10))
            seen = true;
    memmove(&t->entries[set][1], &t->entries[set][0], 7 * sizeof t->entries[0][0]);
    t->entries[set][0].tag = tag;
    t->entries[set][0].time = time;
    return seen;
}
