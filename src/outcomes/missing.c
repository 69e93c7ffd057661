/*
 * missing.c: what was not captured, and what has vanished on the way.
 */
#include "outcomes/missing.h"

#include "tcp/attempt.h"
#include "tcp/doubt.h"
#include "tcp/timers.h"

/* Longer than the first repetitions take, on any way. */
#define WAITED_NS (3 * MC_NS_PER_S)
#define SEVERAL   2u
/* A header of TCP holds so many bytes of options, for which the MSS leaves room (RFC 6691). */
#define MOST_OPTIONS 40u

/* The capture ends so soon after that a repair may be under way (RFC 6298, 2.1). */
static bool is_recent(const mc_conn *c, int64_t since, int64_t end_ns)
{
    return mc_ns_since(end_ns, since) < MC_FIRST_RTO_NS || mc_ns_since(mc_conn_last(c), since) < MC_RTO_NS;
}

/*
 * The client has waited in vain, for an answer or the rest of one, and closes.  Who acknowledges that under a number
 * behind several full segments has sent them long ago, in all likelihood, and sends them again and again by then
 * (RFC 6298, 5.4); none has come, though as long ones may have passed before.
 */
static bool is_told_at_the_end(const mc_conn *c, unsigned dir, uint32_t bytes, uint32_t longest)
{
    const mc_endpoint_state *h = &c->endpoint[dir], *r = &c->endpoint[!dir];

    return dir == MC_SERVER && bytes >= SEVERAL * longest && (r->once & MC_ONCE_FIN) != 0 &&
           (h->known & MC_KNOWN_ACK) != 0 && h->last_ack == r->nxt && h->nxt_ns >= r->nxt_ns &&
           (c->flags & MC_C_TURN) != 0 && mc_ns_since(r->nxt_ns, c->at.turn_ns) >= WAITED_NS;
}

/* The client has asked in vain for what lies before it since then, and closes: it has not come, whatever its length. */
static bool is_asked_to_the_end(const mc_conn *c, unsigned dir, int64_t since)
{
    const mc_endpoint_state *r = &c->endpoint[!dir];

    return dir == MC_SERVER && (r->once & MC_ONCE_FIN) != 0 && mc_ns_since(r->nxt_ns, since) >= WAITED_NS;
}

/*
 * Bytes that 'h' must have sent, that nobody has seen, and that the peer has asked for to the
 * end: below data that was seen, or below later sequence numbers of 'h'.  Segments as long
 * that pass, another explanation of the numbers, or too little time speak against it.
 */
static uint64_t vanished_of(const mc_conn *c, unsigned dir, int64_t end_ns)
{
    const mc_endpoint_state *h = &c->endpoint[dir], *r = &c->endpoint[!dir];
    const mc_detail *x = h->detail;
    uint32_t seen = (h->known & MC_KNOWN_BYTES) != 0 ? h->highest_end : h->base + 1;
    const uint32_t longest = r->mss != 0 ? r->mss - (uint32_t)mc_min_u64(r->mss, 60) : 1200;
    int64_t since;
    uint64_t bytes = 0, hole;
    bool told = false;

    if ((h->known & MC_KNOWN_NXT) == 0 || (h->options & MC_OPT_SEEN) == 0 || c->reset_phase != MC_RESET_NONE ||
        (r->known & MC_KNOWN_ACK) == 0 || (c->flags & MC_C_SELF) != 0 || mc_attempt_is_foreign(c, dir))
        return 0;
    if (x != NULL && (x->loop_run > 4 || (x->doubt != NULL && (x->doubt->padded > 0 || mc_in_doubt(h)))))
        return 0;
    hole = mc_bytes_missing(h, true);
    if (hole > 0 && r->dup > 0 && x != NULL && x->opening.time_ns != 0 && mc_bytes_missing_below(h, true, r->last_ack) == 0) {
        since = x->range_count > 1 ? x->ranges[1].opening.time_ns : x->opening.time_ns;
        told = is_asked_to_the_end(c, dir, since);
        if (told || !is_recent(c, since, end_ns))
            bytes = hole;
    }
    seen += (h->once & MC_ONCE_FIN) != 0;
    if (mc_seq_after(h->nxt, seen) && !mc_seq_after(r->last_ack, seen) && h->nxt - seen <= mc_far_limit(r)) {
        const bool at_end = is_told_at_the_end(c, dir, h->nxt - seen, longest);

        if (at_end || !is_recent(c, h->nxt_ns, end_ns))
            bytes += h->nxt - seen;
        told |= at_end;
    }
    told &= r->mss != 0 && h->max_acked_len + MOST_OPTIONS >= r->mss;
    return !told && h->max_acked_len >= mc_min_u64(bytes, longest) ? 0 : bytes;
}

/* Acknowledged and not seen, of what was sent since the capture began. */
static uint64_t unseen_of(const mc_endpoint_state *h, const mc_endpoint_state *r, bool syn)
{
    const uint64_t unseen = mc_bytes_missing_below(h, syn, r->last_ack);
    const uint64_t before = r->detail != NULL && r->detail->doubt != NULL ? r->detail->doubt->before : 0;

    return unseen - mc_min_u64(unseen, before);
}

void mc_missing_add(mc_facts *f, const mc_conn *c, unsigned i)
{
    const mc_endpoint_state *h = &c->endpoint[i], *r = &c->endpoint[!i];
    const bool syn = (h->options & MC_OPT_SEEN) != 0;
    const uint64_t vanished = vanished_of(c, i, f->capture.last_ns);

    f->direction[i].counts.missing_bytes += mc_bytes_missing_from(h, mc_attempt_isn(c, i), syn);
    if ((r->known & MC_KNOWN_ACK) != 0 && !mc_in_doubt(r) && !mc_is_in_ack_loop(r) && (c->flags & MC_C_SELF) == 0 &&
        mc_attempt_isn(c, i) == h->base)
        f->direction[!i].odd.unseen_bytes += unseen_of(h, r, syn);
    f->connections.vanished_bytes[i] += vanished;
    f->connections.with_vanished_bytes[i] += vanished > 0;
}

bool mc_missing_words(const mc_conn *c)
{
    unsigned i;

    if ((c->flags & (MC_C_MID_STREAM | MC_C_SYN_ACK)) == MC_C_MID_STREAM)
        return true;
    for (i = 0; i < 2; i++) {
        const mc_endpoint_state *h = &c->endpoint[i], *peer = &c->endpoint[!i];

        if ((h->options & MC_OPT_SEEN) != 0 &&
            (((h->known & MC_KNOWN_NXT) != 0 && mc_seq_after(h->nxt, h->base + 1u)) ||
             ((peer->known & MC_KNOWN_ACK) != 0 && mc_seq_after(peer->last_ack, h->base + 1u))))
            return true;
    }
    return false;
}

bool mc_missing_answer(const mc_conn *c)
{
    const mc_endpoint_state *k = &c->endpoint[MC_CLIENT], *s = &c->endpoint[MC_SERVER];
    const unsigned fin = (s->once & MC_ONCE_FIN) != 0;

    if ((s->known & (MC_KNOWN_BYTES | MC_KNOWN_NXT)) != (MC_KNOWN_BYTES | MC_KNOWN_NXT))
        return false;
    return mc_seq_after(s->nxt, s->highest_end + fin) ||
           ((k->known & MC_KNOWN_ACK) != 0 && mc_seq_after(k->last_ack, s->highest_end + fin));
}

/* So long after the last repetition whoever did not answer may still be heard. */
#define HEARD_NS (10 * MC_NS_PER_S)

bool mc_is_heard_behind(const mc_timeline *timeline, const mc_conn *c, unsigned by, int64_t since_ns)
{
    const int64_t way = c->irtt_ns > 0 ? c->irtt_ns : 0;

    return timeline != NULL && since_ns != 0 &&
           mc_timeline_has(timeline, !by, mc_ns_plus(since_ns, way), mc_ns_plus(c->endpoint[by].seen_ns, HEARD_NS));
}

bool mc_is_heard_elsewhere(const mc_timeline *timeline, const mc_conn *c, int64_t since_ns, int64_t end_ns)
{
    const mc_endpoint_state *client = &c->endpoint[MC_CLIENT];
    const int64_t way = c->irtt_ns > 0 ? c->irtt_ns : 0;

    /* a reset needs no answer, and where it stands among them is not kept */
    return timeline != NULL && c->reset_phase == MC_RESET_NONE && mc_ns_since(end_ns, client->seen_ns) >= mc_ns_plus(way, MC_RTO_NS) &&
           mc_timeline_has(timeline, MC_SERVER, mc_ns_plus(since_ns, way), client->seen_ns);
}
