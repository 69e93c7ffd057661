/*
 * aggregates.c: one walk over the connections.
 */
#include "outcomes/aggregates.h"

#include <stdlib.h>

#include "outcomes/answers.h"
#include "outcomes/attempts.h"
#include "outcomes/causes.h"
#include "facts/distinct.h"
#include "facts/first_few.h"
#include "outcomes/limits.h"
#include "outcomes/missing.h"
#include "outcomes/openings.h"
#include "outcomes/outcome.h"
#include "outcomes/strays.h"
#include "facts/stats.h"
#include "outcomes/top_connections.h"
#include "tcp/attempt.h"
#include "tcp/bytes.h"
#include "tcp/doubt.h"
#include "tcp/seq.h"
#include "tcp/state.h"

#define LARGEST_WINDOW (1u << 30)    /* RFC 7323, 2.3 */
#define UNDER_WAY_NS MC_NS_PER_S     /* the longest way and a delayed acknowledgement (RFC 6298 begins with 1 s) */
#define IDLE_RESET_MS 1000           /* a reset so long after an answer ends a connection that lay idle */

/* What a walk over the connections needs. */
typedef struct aggregates {
    const mc_speech *speech;
    const mc_timeline *timeline;
    mc_distinct clients;
    uint64_t ports[65536 / 64];      /* a bit each */
    bool no_memory;
    mc_first_few outcomes[MC_O_COUNT][2];
    mc_attempt_sums attempts;
    mc_first_few resets[MC_RESET_PHASE_COUNT][2], suspects[2], black_holes[2], silent, waiting, unaccepted, swallowed;
    mc_strays strays;
    mc_openings openings;
    uint64_t brief_one_sided[2];     /* of the one-sided: where it may be what was under way when the capture began */
    uint64_t answered, waits;        /* connections: with data of the server; with a request that still waits */
    int64_t longest_wait_ns;
    double score_of[MC_HALF_OPEN_BYTES + 1];     /* of a half-open connection with so many bytes; 0: not yet known */
} aggregates;

/* -------------------------------------------------------------- connections */

/* Resets that ended work in progress: those whose sender is worth a doubt. */
static bool is_abrupt(unsigned phase)
{
    return phase == MC_RESET_MID_DATA || phase == MC_RESET_WITHOUT_DATA || phase == MC_RESET_HALF_OPEN ||
           phase == MC_RESET_REFUSED;
}

static void add_reset(aggregates *x, mc_connection_facts *f, const mc_conn *c, uint32_t after_ms, mc_outcome_id outcome)
{
    unsigned by = c->reset_by, signs = c->reset_signs;

    if (c->reset_phase == MC_RESET_NONE)
        return;
    f->reset_connections++;
    f->resets[c->reset_phase][by]++;
    x->no_memory |= !mc_first_few_note(&x->resets[c->reset_phase][by], c->begin, c->at.reset_frame);
    if (c->reset_phase == MC_RESET_MID_DATA && after_ms >= IDLE_RESET_MS && (c->flags & MC_C_TURN_SERVER) != 0) {
        int64_t after_ns = after_ms * MC_NS_PER_MS;

        if (f->idle_resets[by]++ == 0 || after_ns < f->idle_reset_ns[by])
            f->idle_reset_ns[by] = after_ns;
    }
    if (!is_abrupt(c->reset_phase))
        return;
    f->sign_ttl[by] += (signs & MC_SIGN_TTL) != 0;
    f->sign_ip_id[by] += (signs & MC_SIGN_IP_ID) != 0;
    f->sign_sequence[by] += (signs & MC_SIGN_SEQUENCE) != 0;
    f->sign_race[by] += (signs & MC_SIGN_RACE) != 0;
    f->sign_soon[by] += (signs & MC_SIGN_SOON) != 0;
    f->sign_echo[by] += c->reset_echoes;
    f->sign_both += (signs & MC_SIGN_BOTH) != 0;
    f->counter_ttl[by] += (signs & MC_SIGN_TTL_SAME) != 0;
    f->counter_ip_id[by] += (signs & MC_SIGN_ID_NEXT) != 0;
    /* what has another explanation needs no other sender */
    if (mc_reset_is_suspect(c) &&
        (outcome == MC_O_NOT_BY_ENDPOINT || outcome == MC_O_REFUSED || outcome == MC_O_BROKEN_HANDSHAKE ||
         outcome == MC_O_ANSWERED_LATE)) {
        f->sign_two_or_more[by]++;
        x->no_memory |= !mc_first_few_note(&x->suspects[by], c->begin, c->at.reset_frame);
    }
}

/* A reset so long after the segment before it does not answer that. */
#define NO_REPLY_MS 1000u

/*
 * Of black holes: which are sure, and which the other side's reset cut off.  A reset without ACK that answers a copy of what
 * is stuck shows that this one came (RFC 9293, 3.10.7.1): who sent it may have been away until then.
 */
static void add_black_hole(mc_connection_facts *f, const mc_conn *c, unsigned i, const mc_outcome *outcome)
{
    const mc_endpoint_state *h = &c->endpoint[i];
    const bool cut = outcome->id == MC_O_CUT_OFF && outcome->by != i;
    const bool answered = cut && outcome->detail == 1 && (outcome->ms < NO_REPLY_MS || outcome->ms * MC_NS_PER_MS <= c->irtt_ns);

    if (h->detail == NULL || !mc_endpoint_is_black_hole(h, &c->endpoint[!i]))
        return;
    /* what passed before the capture began nobody knows: perhaps as long ones, and then the peer is gone */
    f->sure_black_holes[i] += !answered && mc_endpoint_is_sure_black_hole(h) && (c->flags & MC_C_MID_STREAM) == 0;
    f->black_hole_resets[i] += cut && !answered;
}

/* ... and what it has asked for it lacks (RFC 5681, 3.2). */
static bool is_unsure(const mc_conn *c, unsigned receiver)
{
    const mc_detail *x = c->endpoint[receiver].detail;

    return mc_is_silent_on_copies(c, receiver) && ((c->flags & MC_C_MID_STREAM) != 0 || x == NULL || x->asked_ns == 0);
}

/* What is known of an endpoint with details only. */
static void add_detail(aggregates *x, mc_facts *f, const mc_conn *c, unsigned i)
{
    const mc_endpoint_state *h = &c->endpoint[i];
    const bool is_black_hole = mc_endpoint_is_black_hole(h, &c->endpoint[!i]);
    uint32_t lost;

    mc_limits_add(&f->direction[i].limits, c, i);
    f->direction[i].zero_window_ns = mc_ns_plus(f->direction[i].zero_window_ns, mc_conn_zero_window_ns(c, i));
    f->connections.with_zero_window[i] += h->detail->zero_windows > 0;
    f->connections.with_closing_window[i] += h->detail->zero_windows > 0 && h->detail->closed;
    mc_causes_end(&f->direction[i], c, i, is_black_hole, f->capture.last_ns, &lost);
    f->connections.lossy_connections[i] += lost > 0;
    f->connections.lossy_unsure[i] += lost > 0 && is_unsure(c, !i);
    if (mc_in_doubt(h)) {                        /* nothing followed */
        const mc_doubt *q = h->detail->doubt;

        f->direction[i].odd.far_seq += q->kind == MC_DOUBT_FAR;
        f->direction[i].odd.far_ack += q->ack_far;
        if (q->kind == MC_DOUBT_FAR || q->ack_far)
            mc_insert_example(&f->direction[i].examples.far_numbers, q->ack_far ? q->ack_frame : q->frame);
    }
    if (is_black_hole) {
        f->connections.black_holes[i]++;
        if (h->detail->stuck_max_len > f->connections.black_hole_len[i])
            f->connections.black_hole_len[i] = h->detail->stuck_max_len;
        x->no_memory |= !mc_first_few_note(&x->black_holes[i], c->begin, h->detail->stuck_frame);
    }
}

MC_INLINE void add_endpoint(aggregates *x, mc_facts *f, const mc_conn *c, unsigned i)
{
    const mc_endpoint_state *h = &c->endpoint[i];
    mc_counts *n = &f->direction[i].counts;
    const uint32_t window = mc_endpoint_max_window(h);

    if (h->packets > 0 && h->seen_ns > f->direction[i].last_ns)
        f->direction[i].last_ns = h->seen_ns;    /* see mc_account_time() */
    n->packet_count += h->packets;
    n->byte_count += h->byte_count;
    n->data_packets += mc_data_packets(h);
    n->payload_bytes += h->payload_bytes;
    n->unique_bytes += h->detail == NULL ? h->payload_bytes : mc_bytes_unique(h);
    n->retransmitted_bytes += h->detail == NULL ? 0 : mc_bytes_retransmitted(h);
    if (!mc_missing_is_nothing(h, &c->endpoint[!i]))
        mc_missing_add(f, c, i);
    if (window > f->direction[i].max_window)
        f->direction[i].max_window = window;
    if (h->ttl_max != 0)
        f->direction[i].ttl_hops[h->ttl_max]++;
    if (h->detail != NULL)
        add_detail(x, f, c, i);
}

/* Data that was sent again on a connection that the other side has not taken is no loss on the way. */
static void add_unaccepted(mc_attempt_facts *a, const mc_conn *c)
{
    const mc_attempt *t = mc_attempt_of(c);
    unsigned i;

    for (i = 0; i < 2; i++) {
        const mc_detail *x = c->endpoint[i].detail;
        uint32_t again = i == c->originator ? c->syn_count : t != NULL ? t->syn_acks : 0;

        again -= again > 0;
        if (x != NULL && x->resent > again)
            a->unaccepted_resent[i] += x->resent - again;
    }
}

/* The client had sent nothing when the SYN-ACK came again: its data, if any came, was taken at once.
   Where there are timestamps the SYN-ACK's echo says whether the last step had come. */
static bool spoke_late(const mc_conn *c)
{
    const mc_endpoint_state *client = &c->endpoint[MC_CLIENT], *server = &c->endpoint[MC_SERVER];
    const uint32_t syns = c->originator == MC_CLIENT && c->syn_count > 0 ? c->syn_count - 1u : 0;

    return client->payload_bytes == 0 ||
           ((c->flags & MC_C_SERVER_FIRST) == 0 && (client->options & server->options & MC_OPT_TS) == 0 &&
            server->payload_bytes > 0 && (client->detail == NULL || client->detail->resent <= syns));
}

/* The opener lost its first data and nothing else: what a server whose accept queue is full drops with the last step. */
static void add_first_lost(mc_attempt_facts *a, const mc_conn *c)
{
    const mc_endpoint_state *o = &c->endpoint[c->originator];
    const mc_detail *x = o->detail;
    uint32_t i, n = 0;

    if (x == NULL || x->lost == 0 || (c->flags & (MC_C_HS_DONE | MC_C_UNACCEPTED)) != MC_C_HS_DONE)
        return;
    for (i = 0; i < x->repeat_count; i++) {
        const mc_repeat *r = &x->repeat_list[i];

        n += r->cause == MC_RESENT_lost_behind && r->seq == o->base + 1;
    }
    if (n == 0 || n != x->lost)
        return;
    a->first_lost[c->originator]++;
    a->first_lost_segments[c->originator] += n;
}

/*
 * What side 'dir' sends shows that the other side spoke, though nothing of it was captured:
 * the acknowledgement number moves, a handshake goes on, or more data passes than any
 * window without a scale allows.  'brief': what was under way when the capture began is acknowledged
 * a while longer, and no more than that shows.
 */
static bool shows_a_peer(const mc_conn *c, unsigned dir, bool *brief)
{
    const mc_endpoint_state *h = &c->endpoint[dir], *peer = &c->endpoint[!dir];
    uint32_t moved;

    *brief = false;
    /* one packet proves nothing, and data in a SYN needs no answer */
    if ((h->once & (MC_ONCE_ACK | MC_ONCE_DATA | MC_ONCE_FIN)) == 0 || h->packets < 2 || (h->known & MC_KNOWN_ACK) == 0)
        return false;
    if ((h->once & MC_ONCE_SYN) != 0 || mc_bytes_unique(h) > 0xffff)
        return true;
    *brief = mc_ns_since(h->seen_ns, c->first_ns) < UNDER_WAY_NS;
    moved = h->last_ack - (peer->base + 1);
    return (peer->known & MC_KNOWN_BASE) != 0 && moved != 0 && moved < LARGEST_WINDOW;
}

/* How long the client waited in vain for the first byte of an answer. */
static int64_t silence_of(const mc_conn *c, const mc_outcome *outcome)
{
    const mc_endpoint_state *client = &c->endpoint[MC_CLIENT], *server = &c->endpoint[MC_SERVER];
    uint32_t begin = server->base + 1;

    if (outcome->id == MC_O_NO_ANSWER)
        return outcome->ms * MC_NS_PER_MS;
    if (c->reset_phase != MC_RESET_NONE)
        return 0;
    if (client->payload_bytes == 0 || server->payload_bytes != 0 || server->packets == 0)
        return 0;
    /* its sequence number has moved, or was acknowledged: an answer that was not captured */
    if ((server->known & (MC_KNOWN_BASE | MC_KNOWN_NXT)) == (MC_KNOWN_BASE | MC_KNOWN_NXT) &&
        mc_seq_after(server->nxt, begin + ((server->once & MC_ONCE_FIN) != 0)))
        return 0;
    if ((server->known & MC_KNOWN_BASE) != 0 && mc_seq_after(client->last_ack, begin + 1))
        return 0;
    /* it has acknowledged none of it: nothing shows that it was asked */
    if ((server->known & MC_KNOWN_ACK) != 0 && (client->known & MC_KNOWN_BASE) != 0 && server->last_ack == client->base + 1)
        return 0;
    if ((c->flags & MC_C_TURN) == 0)
        return 0;
    /* once the server has closed nobody waits; that its FIN is sent again and again is another matter */
    return mc_ns_since((server->once & MC_ONCE_FIN) != 0 ? server->nxt_ns : mc_conn_last(c), c->at.turn_ns);
}

/* All that the client says of a stream that was picked up midway is a byte: that of a keep-alive (RFC 9293, 3.8.4). */
static bool may_be_a_probe(const mc_conn *c)
{
    const mc_endpoint_state *k = &c->endpoint[MC_CLIENT];

    /* 'base' is the number before the first */
    return (c->flags & MC_C_MID_STREAM) != 0 && (k->known & MC_KNOWN_BYTES) != 0 && k->highest_end - k->base == 2;
}

/* A client that has asked and is still there waits until the capture ends: so long, a server answers. */
#define STILL_WAITS_NS (30 * MC_NS_PER_S)

static int64_t wait_of(const mc_conn *c, int64_t silence, int64_t end_ns)
{
    const mc_endpoint_state *client = &c->endpoint[MC_CLIENT];

    /* silence: it has begun, and nothing speaks against it */
    if (silence <= 0 || c->reset_phase != MC_RESET_NONE || (c->flags & MC_C_CLOSER) != 0 || client->sent_count > 0)
        return 0;
    return mc_ns_since(end_ns, c->at.turn_ns);
}

static void add_outcome(aggregates *x, mc_connection_facts *f, const mc_conn *c, mc_outcome o)
{
    mc_outcome_facts *n = &f->outcomes[o.id][o.by];
    int64_t ns = o.ms * MC_NS_PER_MS;

    if (n->connections++ == 0 || ns < n->shortest_ns)
        n->shortest_ns = ns;
    if (ns > n->longest_ns)
        n->longest_ns = ns;
    n->bytes += o.bytes;
    if (o.detail > n->detail)
        n->detail = o.detail;
    if (o.frame != 0)
        x->no_memory |= !mc_first_few_note(&x->outcomes[o.id][o.by], c->begin, o.frame);
}

static void add_connection(aggregates *x, mc_facts *f, const mc_conn *c, const mc_story *story)
{
    mc_connection_facts *n = &f->connections;
    const mc_outcome_id plain = mc_outcome_of_plain(c);
    const mc_outcome outcome = plain == MC_O_COUNT ? mc_outcome_of(c, story, f->capture.last_ns)
                                                   : (mc_outcome){ .id = plain,
                                                                   .by = plain == MC_O_OPEN ? c->originator : c->closer };
    const bool swallowed = outcome.id == MC_O_SWALLOWED;
    const int64_t silence = silence_of(c, &outcome), wait = wait_of(c, silence, f->capture.last_ns);
    bool brief;
    unsigned i;

    n->total++;
    n->state[mc_state_of(c)]++;
    if ((c->flags & MC_C_MID_STREAM) != 0)
        n->mid_stream++;
    n->opened_by[c->originator]++;
    n->port_reuses += (c->flags & MC_C_REUSED) != 0;
    mc_distinct_add(&x->clients, c->peer);
    x->ports[c->server_port / 64] |= 1ull << c->server_port % 64;
    for (i = 0; i < 2; i++)
        if (c->endpoint[!i].packets == 0 && (c->flags & MC_C_SELF) == 0 && shows_a_peer(c, i, &brief)) {
            n->one_sided[i]++;
            x->brief_one_sided[i] += brief;
        }
    n->with_data += c->endpoint[0].payload_bytes + c->endpoint[1].payload_bytes > 0;
    mc_answers_add(&f->answers, x->speech, c);
    if (swallowed) {
        n->attempts.swallowed[c->originator]++;
        add_unaccepted(&n->attempts, c);
        x->no_memory |= !mc_first_few_note(&x->swallowed, c->begin, c->endpoint[c->originator].detail->stuck_frame);
    } else if (silence >= MC_SILENCE_NS && !may_be_a_probe(c) && !mc_answers_are_unwanted(x->speech, c)) {
        n->silent_answers++;
        if (silence > n->max_silence_ns)
            n->max_silence_ns = silence;
        x->no_memory |= !mc_first_few_note(&x->silent, c->begin, mc_conn_first_frame(c));
    } else if (wait >= STILL_WAITS_NS && !may_be_a_probe(c) && !mc_answers_are_unwanted(x->speech, c)) {
        x->waits++;
        if (wait > x->longest_wait_ns)
            x->longest_wait_ns = wait;
        x->no_memory |= !mc_first_few_note(&x->waiting, c->begin, mc_conn_first_frame(c));
    }
    mc_strays_note(&x->strays, c);
    add_first_lost(&n->attempts, c);
    x->answered += c->endpoint[MC_SERVER].payload_bytes > 0;
    if ((c->flags & MC_C_UNACCEPTED) != 0) {
        n->unaccepted++;
        add_unaccepted(&n->attempts, c);
        n->unaccepted_idle += spoke_late(c);
        n->unaccepted_echoed += mc_attempt_of(c) != NULL && mc_attempt_of(c)->echoed;
        x->no_memory |= !mc_first_few_note(&x->unaccepted, c->begin, mc_conn_first_frame(c));
    }
    n->with_incomplete_history += (c->flags & MC_C_HISTORY_FULL) != 0;
    n->with_approximate_bytes += (c->flags & MC_C_RANGES_FULL) != 0;
    n->with_approximate_rtt += (c->flags & MC_C_SENT_FULL) != 0;
    mc_attempts_add(&x->attempts, n, c, outcome.id, f->capture.last_ns);
    add_reset(x, n, c, story->reset.after_ms, outcome.id);
    add_outcome(x, n, c, outcome);
    n->gone_here += (outcome.id == MC_O_PEER_GONE || outcome.id == MC_O_VANISHED_IDLE) && outcome.by == MC_CLIENT &&
                    mc_is_heard_elsewhere(x->timeline, c, story->vain[MC_CLIENT].since_ns, f->capture.last_ns);
    n->idle_lost_heard[outcome.by] += outcome.id == MC_O_VANISHED_IDLE &&
                                      mc_is_heard_behind(x->timeline, c, outcome.by, story->vain[outcome.by].since_ns);
    for (i = 0; i < 2; i++)
        add_black_hole(n, c, i, &outcome);
    mc_openings_add(&x->openings, n, c);
    add_endpoint(x, f, c, 0);
    add_endpoint(x, f, c, 1);
}

/* ------------------------------------------------------------------ the walk */

/* What is the same of most half-open connections, one after the other. */
typedef struct half_open_walk {
    mc_half_opens side[2];
    uint64_t first[2];               /* one that began later is none of the first few of its side */
    uint32_t port;
    const mc_half_open *like;        /* 'more' in a row say the same as this one, the first of them; NULL: there is none yet */
    uint64_t more;
    double score;                    /* of it */
} half_open_walk;

static inline void add_half_open(aggregates *x, half_open_walk *w, const mc_half_open *h, mc_attempt_facts *a, bool ipv4,
                                 int64_t end_ns)
{
    const unsigned by = h->by_server;
    uint64_t peer[2];

    mc_half_open_get_peer(h, peer, ipv4);
    mc_distinct_add(&x->clients, (const uint8_t *)peer);
    if (MC_UNLIKELY(h->server_port != w->port)) {
        w->port = h->server_port;
        x->ports[w->port / 64] |= 1ull << w->port % 64;
    }
    if (MC_UNLIKELY(h->begin <= w->first[by])) {
        mc_first_few *l = &x->outcomes[MC_O_UNANSWERED][by];

        x->no_memory |= !mc_first_few_note(l, h->begin, h->begin >> MC_BEGIN_BITS);
        if (l->count == MC_FIRST_FEW)
            w->first[by] = l->items[MC_FIRST_FEW - 1].begin;
    }
    w->side[by].single += mc_ns_since(end_ns, h->time_ns) >= MC_NS_PER_S;        /* as mc_attempts_add() says */
    w->side[by].scanned += by == 0 && mc_attempts_is_scanned(&x->attempts, a, peer, h->server_port, false);
}

/* Counts those that were like w->like, and takes 'h' in its place. */
MC_NOINLINE static void begin_kind(half_open_walk *w, const mc_half_open *h)
{
    if (w->more > 0)
        mc_half_opens_note(&w->side[w->like->by_server], w->like, w->more);
    w->like = h;
    w->more = 0;
}

static double score_half_open(aggregates *x, const mc_flows *flows, const mc_half_open *h, uint32_t ref)
{
    double *score = &x->score_of[h->bytes];
    mc_conn room;

    if (*score <= 0)
        *score = mc_conn_score(mc_flows_look(flows, ref, &room), x->speech);
    return *score;
}

static void walk_half_opens(aggregates *x, const mc_flows *flows, mc_facts *f, mc_ranking *ranking)
{
    half_open_walk w = { .side = { MC_HALF_OPENS_INIT, MC_HALF_OPENS_INIT }, .first = { UINT64_MAX, UINT64_MAX },
                         .port = UINT32_MAX };
    const uint32_t end = flows->half_opens.end, size = flows->half_opens.size;
    const bool ipv4 = flows->ipv4;
    uint32_t ref, from;

    for (from = 0; from < end; from += 1u << MC_HALF_OPEN_BITS) {
        const uint32_t until = end - from < 1u << MC_HALF_OPEN_BITS ? end : from + (1u << MC_HALF_OPEN_BITS);
        const uint8_t *at = (const uint8_t *)mc_flows_half_open(flows, from + 1);

        for (ref = (from + 1) | MC_REF_HALF_OPEN; ref <= (until | MC_REF_HALF_OPEN); ref++, at += size) {
            const mc_half_open *h = (const mc_half_open *)(const void *)at;

            if (MC_UNLIKELY(h->begin == 0))
                continue;
            add_half_open(x, &w, h, &f->connections.attempts, ipv4, f->capture.last_ns);
            if (MC_UNLIKELY(w.like == NULL || !mc_half_opens_are_alike(h, w.like))) {
                begin_kind(&w, h);
                w.score = score_half_open(x, flows, h, ref);
            }
            w.more++;
            mc_ranking_offer(ranking, w.score, h->begin, ref);
        }
    }
    begin_kind(&w, NULL);
    mc_openings_add_half_open(f, &w.side[0], 0);
    mc_openings_add_half_open(f, &w.side[1], 1);
}

static void walk_connections(aggregates *x, const mc_flows *flows, uint32_t kind, mc_facts *f, mc_ranking *ranking)
{
    uint32_t ref = kind;

    while ((ref = mc_flows_next(flows, ref)) != 0) {
        mc_conn room;
        const mc_conn *c = mc_flows_look(flows, ref, &room);

        add_connection(x, f, c, mc_story_look(&flows->stories, c));
        if (ranking->room > 0)
            mc_ranking_offer(ranking, mc_conn_score(c, x->speech), c->begin, ref);
    }
}

/* Where others were answered, those who still wait do so in vain: the protocol is none in which only the client speaks. */
static void add_waits(aggregates *x, mc_connection_facts *f)
{
    if (x->answered == 0)
        return;
    f->silent_answers += x->waits;
    if (x->longest_wait_ns > f->max_silence_ns)
        f->max_silence_ns = x->longest_wait_ns;
    mc_first_few_give(&f->silent_examples, &x->waiting);
}

static void find_strays(aggregates *x, const mc_flows *flows, mc_connection_facts *f)
{
    static const uint32_t kinds[] = { MC_REF_FULL, MC_REF_PACKED };
    unsigned i;

    for (i = 0; i < 2 && mc_strays_any(&x->strays); i++) {
        uint32_t ref = kinds[i];

        while ((ref = mc_flows_next(flows, ref)) != 0) {
            mc_conn room;

            mc_strays_look(&x->strays, mc_flows_look(flows, ref, &room));
        }
    }
    mc_strays_sum(&x->strays, f);
}

static void give_all_examples(aggregates *x, mc_connection_facts *f)
{
    unsigned phase, id, i;

    mc_first_few_give(&f->silent_examples, &x->silent);
    add_waits(x, f);
    free(x->waiting.items);
    mc_first_few_give(&f->unaccepted_examples, &x->unaccepted);
    mc_first_few_give(&f->attempts.examples.swallowed, &x->swallowed);
    for (i = 0; i < 2; i++) {
        for (phase = 0; phase < MC_RESET_PHASE_COUNT; phase++)
            mc_first_few_give(&f->reset_examples[phase][i], &x->resets[phase][i]);
        for (id = 0; id < MC_O_COUNT; id++)
            mc_first_few_give(&f->outcomes[id][i].examples, &x->outcomes[id][i]);
        mc_first_few_give(&f->suspect_examples[i], &x->suspects[i]);
        mc_first_few_give(&f->black_hole_examples[i], &x->black_holes[i]);
    }
}

static bool fill_top_connections(const mc_flows *flows, const mc_speech *speech, mc_facts *f, mc_ranking *ranking)
{
    uint32_t i;

    if (ranking->count == 0)
        return true;
    mc_ranking_sort(ranking);
    f->top_connections = calloc(ranking->count, sizeof *f->top_connections);
    if (f->top_connections == NULL)
        return false;
    for (i = 0; i < ranking->count; i++) {
        mc_conn room;
        const mc_conn *c = mc_flows_look(flows, ranking->heap[i].ref, &room);

        mc_top_connection_fill(&f->top_connections[i], c, mc_story_look(&flows->stories, c), speech, f->capture.last_ns,
                               ranking->heap[i].score);
    }
    f->top_count = ranking->count;
    return true;
}

bool mc_aggregates_fill(const mc_flows *flows, const mc_speech *speech, const mc_elsewhere *elsewhere,
                        const mc_timeline *timeline, uint32_t top_wanted, mc_facts *f)
{
    uint32_t count = mc_flows_count(flows), i;
    mc_ranking ranking;
    aggregates *x = calloc(1, sizeof *x);
    bool ok = mc_ranking_init(&ranking, top_wanted < count ? top_wanted : count) && x != NULL;

    if (ok) {
        x->speech = speech;
        x->timeline = timeline;
        mc_distinct_init(&x->clients, count);
        if (elsewhere != NULL)
            x->attempts.elsewhere = *elsewhere;
        x->attempts.any_scanner = mc_scanners_any(x->attempts.elsewhere.scanners);
        x->attempts.any_sweep = mc_sweeps_any(x->attempts.elsewhere.sweeps);
        x->attempts.any = x->attempts.any_scanner || x->attempts.any_sweep;
        x->attempts.tells_others = mc_sweeps_tell(x->attempts.elsewhere.sweeps);
        if (x->attempts.elsewhere.scanners != NULL) {
            f->connections.attempts.other_ports_answered = x->attempts.elsewhere.scanners->answers;
            f->connections.attempts.other_ports_answered_frames = x->attempts.elsewhere.scanners->answer_frames;
        }
        memcpy(x->attempts.server, f->server.addr, sizeof x->attempts.server);
        walk_half_opens(x, flows, f, &ranking);
        walk_connections(x, flows, MC_REF_FULL, f, &ranking);
        walk_connections(x, flows, MC_REF_PACKED, f, &ranking);
        mc_openings_finish(&x->openings, &f->connections);
        find_strays(x, flows, &f->connections);
        f->connections.clients = mc_distinct_count(&x->clients, &f->connections.clients_exact);
        for (i = 0; i < MC_ARRAY_LEN(x->ports); i++)
            if (x->ports[i] != 0)
                f->connections.server_ports += (unsigned)__builtin_popcountll(x->ports[i]);
        mc_answers_finish(&f->answers, speech, f->server_response.count);
        give_all_examples(x, &f->connections);
        for (i = 0; i < 2; i++)                  /* a capture that has both directions just begins in the middle */
            if (f->direction[!i].counts.packet_count > 0)
                f->connections.one_sided[i] -= x->brief_one_sided[i];
        f->connections.untold = flows->stories.untold;
        mc_distinct_free(&x->clients);
        ok = !x->no_memory && fill_top_connections(flows, speech, f, &ranking);
    }
    free(x);
    mc_ranking_free(&ranking);
    return ok;
}

void mc_facts_free(mc_facts *f)
{
    free(f->top_connections);
    free(f->buckets);
    f->top_connections = NULL;
    f->buckets = NULL;
}
