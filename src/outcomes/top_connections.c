/*
 * top_connections.c: the most telling connections, and one of them in full.
 */
#include "outcomes/top_connections.h"

#include <math.h>
#include <stdlib.h>

#include "outcomes/limits.h"
#include "outcomes/outcome.h"
#include "tcp/attempt.h"
#include "tcp/bytes.h"
#include "tcp/repeats.h"
#include "tcp/sent.h"
#include "tcp/state.h"
#include "tcp/rules.h"

_Static_assert(MC_HISTORY_SIZE < sizeof(((mc_top_connection *)0)->history), "room for the end");

#define BLACK_HOLE_RUN 3             /* a full segment sent so often in vain is stuck */
#define FLIGHT_RUN     2             /* ... and so often where all of a flight of long ones found no answer: ... */
#define FLIGHT_OTHERS  3u            /* ... so many besides the first, ... */
#define FLIGHT_NS      MC_NS_PER_S   /* ... so soon after the peer's latest packet */
#define BLACK_HOLE_LEN 1200u         /* IPv6 asks any link for 1,280 bytes (RFC 8200, 5), and IPv4's have hardly less:
                                        shorter segments do not vanish for their length */

int64_t mc_conn_zero_window_ns(const mc_conn *c, unsigned dir)
{
    const mc_detail *x = c->endpoint[dir].detail;
    int64_t sum;

    if (x == NULL)
        return 0;
    sum = x->zero_ns;
    if (x->zero_open && mc_conn_last(c) > x->zero_since_ns)
        sum = mc_ns_plus(sum, mc_ns_since(mc_conn_last(c), x->zero_since_ns));    /* still closed when last seen */
    return sum;
}

/*
 * What 'h' sent behind the long segment is shorter than what a link takes, and found no answer either, though it leaves a
 * hole, and that is answered at once (RFC 5681, 4.2): the peer is silent for another reason.
 */
static bool is_short_unanswered(const mc_endpoint_state *h, const mc_endpoint_state *peer)
{
    unsigned i;

    for (i = 0; i < h->sent_count; i++) {
        const mc_sent *e = mc_sent_get(h, i);

        if (mc_seq_after(e->start, h->detail->stuck_seq) && e->end - e->start < BLACK_HOLE_LEN &&
            peer->seen_ns < mc_sent_time(e))
            return true;
    }
    return false;
}

/* A flight of long segments, sent when the peer was there a moment before, and not one of them was answered. */
static bool is_flight_unanswered(const mc_endpoint_state *h, const mc_endpoint_state *peer)
{
    unsigned i, others = 0;

    for (i = 0; i < h->sent_count; i++) {
        const mc_sent *e = mc_sent_get(h, i);

        if (!mc_seq_after(e->start, h->detail->stuck_seq))
            continue;
        if (mc_sent_time(e) < peer->seen_ns)
            return false;
        /* the others go with the first: one that is sent later, as a probe is, tells less */
        others += mc_ns_since(mc_sent_time(e), peer->seen_ns) < FLIGHT_NS;
    }
    return others >= FLIGHT_OTHERS;
}

/* The first copy of the segment that is stuck, as long as it is outstanding; NULL: it is not known. */
static const mc_sent *stuck_segment(const mc_endpoint_state *h)
{
    unsigned i;

    for (i = 0; i < h->sent_count; i++)
        if (mc_sent_get(h, i)->start == h->detail->stuck_seq)
            return mc_sent_get(h, i);
    return NULL;
}

/*
 * Long segments had passed, and now one is stuck while the peer goes on: it has said something new since, which was
 * acknowledged by a short segment, as it has waited for longer than its timer and not said it again.
 */
static bool is_narrowed(const mc_endpoint_state *h, const mc_endpoint_state *peer)
{
    const mc_sent *e = stuck_segment(h);

    return e != NULL && h->detail->stuck_max >= BLACK_HOLE_RUN && h->detail->stuck_run == h->detail->stuck_max &&
           peer->nxt_ns > mc_sent_time(e) && mc_ns_since(peer->nxt_ns, mc_sent_time(e)) >= MC_NS_PER_S && peer->sent_count == 0 &&
           (peer->detail == NULL || peer->detail->retransmissions == 0) && mc_ns_since(h->seen_ns, peer->nxt_ns) >= MC_NS_PER_S;
}

bool mc_endpoint_is_black_hole(const mc_endpoint_state *h, const mc_endpoint_state *peer)
{
    const mc_detail *x = h->detail;

    return x != NULL && x->stuck_max >= FLIGHT_RUN && (x->stuck_max_len > h->max_acked_len || is_narrowed(h, peer)) &&
           x->stuck_max_len >= BLACK_HOLE_LEN && h->max_acked_len > 0 && !is_short_unanswered(h, peer) && !mc_repeat_is_answered_each_time(h, peer) &&
           (x->stuck_max >= BLACK_HOLE_RUN || is_flight_unanswered(h, peer));
}

bool mc_endpoint_is_sure_black_hole(const mc_endpoint_state *h)
{
    return h->detail->stuck_max >= BLACK_HOLE_RUN;
}

double mc_conn_score(const mc_conn *c, const mc_speech *speech)
{
    static const double by_phase[MC_RESET_PHASE_COUNT] = {
        [MC_RESET_REFUSED] = 300,   [MC_RESET_HALF_OPEN] = 350, [MC_RESET_WITHOUT_DATA] = 300,
        [MC_RESET_MID_DATA] = 1000, [MC_RESET_HALF_CLOSED] = 40, [MC_RESET_LATE] = 30,
        [MC_RESET_AFTER_CLOSE] = 5, [MC_RESET_STRAY] = 10,
    };
    double score = by_phase[c->reset_phase], zero = 0, resent = 0;
    const double response_ms = (double)mc_response_max_ms(speech, c);
    unsigned i;

    for (i = 0; i < 2; i++) {
        const mc_endpoint_state *h = &c->endpoint[i];

        if (h->detail == NULL)
            continue;
        zero += (double)mc_conn_zero_window_ns(c, i) / (double)MC_NS_PER_MS;
        resent += h->detail->resent;
        if (mc_endpoint_is_black_hole(h, &c->endpoint[!i]))
            score += 900;
    }
    if (c->endpoint[c->originator].state == MC_ST_SYN_SENT && mc_state_of(c) == MC_CS_S0)       /* of no other state */
        score += 280 + 10.0 * c->syn_count;
    else if (c->syn_count > 1)
        score += 60.0 * (c->syn_count - 1u);
    score += zero > 0 ? 400 + (zero > 60000 ? 300 : zero / 200) : 0;
    score += resent > 0 ? 50 + 20 * sqrt(resent) : 0;
    score += response_ms > 100 ? 30 + sqrt(response_ms) : 0;
    score += sqrt((double)(c->endpoint[0].byte_count + c->endpoint[1].byte_count)) / 100;
    return score;
}

/* True: a is less telling than b; the later one is, of equals. */
static bool is_less(const mc_ranked *a, const mc_ranked *b)
{
    if (a->score < b->score)
        return true;
    return a->score <= b->score && a->begin > b->begin;
}

/* A heap whose root is the least telling of those kept. */
static void sift_down(mc_ranked *heap, uint32_t count, uint32_t i)
{
    for (;;) {
        uint32_t least = i, child = 2 * i + 1;
        mc_ranked swap;

        if (child < count && is_less(&heap[child], &heap[least]))
            least = child;
        if (child + 1 < count && is_less(&heap[child + 1], &heap[least]))
            least = child + 1;
        if (least == i)
            return;
        swap = heap[i];
        heap[i] = heap[least];
        heap[least] = swap;
        i = least;
    }
}

static void insert(mc_ranked *heap, uint32_t *count, uint32_t room, mc_ranked r)
{
    uint32_t i;

    if (*count < room) {
        i = (*count)++;
        heap[i] = r;
        while (i > 0 && is_less(&heap[i], &heap[(i - 1) / 2])) {
            mc_ranked swap = heap[i];

            heap[i] = heap[(i - 1) / 2];
            heap[(i - 1) / 2] = swap;
            i = (i - 1) / 2;
        }
    } else if (is_less(&heap[0], &r)) {
        heap[0] = r;
        sift_down(heap, *count, 0);
    }
}

static int most_telling_first(const void *a, const void *b)
{
    return is_less(a, b) ? 1 : -1;
}

/* Connections keep milliseconds as floats, which are short. */
static int64_t ns_of(double ms)
{
    return llround(ms * (double)MC_NS_PER_MS);
}

static void fill_endpoint(mc_top_endpoint *out, const mc_conn *c, unsigned i)
{
    const mc_endpoint_state *h = &c->endpoint[i];
    const mc_detail *x = h->detail;

    out->packet_count = h->packets;
    out->byte_count = h->byte_count;
    out->payload_bytes = h->payload_bytes;
    out->unique_bytes = mc_bytes_unique(h);
    out->retransmitted_bytes = mc_bytes_retransmitted(h);
    out->missing_bytes = mc_bytes_missing_from(h, mc_attempt_isn(c, i), (h->options & MC_OPT_SEEN) != 0);
    out->data_packets = mc_data_packets(h);
    out->rst_count = c->rst_count[i];
    if (x != NULL) {
        out->rst_count += x->more_rsts;
        out->retransmissions = x->retransmissions;
        out->out_of_order = x->out_of_order;
        out->resent = x->resent;
        out->reordered = x->reordered;
        out->duplicated = x->duplicated;
        out->zero_windows = x->zero_windows;
        out->zero_window_ns = mc_conn_zero_window_ns(c, i);
    }
    out->rtt_count = h->rtt_count;
    if (h->rtt_count > 0) {
        out->rtt_min_ns = ns_of(h->rtt_min_ms);
        out->rtt_mean_ns = ns_of((double)h->rtt_sum_ms / h->rtt_count);
    }
    out->syn_seen = (h->options & MC_OPT_SEEN) != 0;
    out->sack_offered = (h->options & MC_OPT_SACK) != 0;
    out->timestamps_offered = (h->options & MC_OPT_TS) != 0;
    out->scale_offered = (h->options & MC_OPT_SCALE) != 0;
    out->mss_known = (h->options & MC_OPT_MSS) != 0;
    out->fin_seen = (h->once & MC_ONCE_FIN) != 0;
    out->mss = h->mss;
    out->initial_window = h->initial_window;
    out->max_window = mc_endpoint_max_window(h);
    out->scale = h->shift;
    out->ttl = h->ttl_max;
    mc_limits_of(c, i, &out->limits);
}

/* RFC 3168, 6.1.1: ECE and CWR on the SYN offer it, ECE alone on the SYN-ACK agrees. */
static const char *ecn_of(const mc_conn *c)
{
    unsigned offered = c->endpoint[c->originator].options, answer = c->endpoint[!c->originator].options;
    const unsigned both = MC_OPT_ECE | MC_OPT_CWR;

    if ((c->flags & MC_C_SYN) == 0 || (offered & MC_OPT_SEEN) == 0)
        return NULL;
    if ((offered & both) != both)
        return "none";
    return (answer & both) == MC_OPT_ECE ? "negotiated" : "offered";
}

/* From the segment before the reset to that; where it was not kept, the other side's latest is that segment. */
static uint32_t reset_after_ms(const mc_conn *c, const mc_story *story)
{
    const int64_t ns = mc_ns_since(c->endpoint[c->reset_by].seen_ns, c->endpoint[!c->reset_by].seen_ns);

    if (story->reset.says != 0 || c->reset_phase == MC_RESET_NONE || c->reset_phase == MC_RESET_STRAY || ns < 0)
        return story->reset.after_ms;
    return (uint32_t)mc_min_u64((uint64_t)ns / MC_NS_PER_MS, UINT32_MAX);
}

void mc_top_connection_fill(mc_top_connection *out, const mc_conn *c, const mc_story *story, const mc_speech *speech,
                            int64_t end_ns, double score)
{
    const mc_outcome outcome = mc_outcome_of(c, story, end_ns);

    memset(out, 0, sizeof *out);
    out->begin = c->begin;
    out->talk = mc_story_talk(c, story);
    memcpy(out->client, c->peer, 16);
    out->client_port = c->peer_port;
    out->server_port = c->server_port;
    fill_endpoint(&out->endpoint[0], c, 0);
    fill_endpoint(&out->endpoint[1], c, 1);
    out->timed = (c->flags & MC_C_NO_TIME) == 0;
    out->first_ns = c->first_ns;
    out->last_ns = (c->flags & MC_C_BEGUN) != 0 ? mc_conn_last(c) : c->first_ns;
    out->first_frame = mc_conn_first_frame(c);
    out->state = (int)mc_state_of(c);
    memcpy(out->history, c->history, c->history_len);
    out->history_full = (c->flags & MC_C_HISTORY_FULL) != 0;
    out->opened_by_server = c->originator == MC_SERVER;
    out->mid_stream = (c->flags & MC_C_MID_STREAM) != 0;
    out->port_reused = (c->flags & MC_C_REUSED) != 0;
    out->syn_seen = (c->flags & MC_C_SYN) != 0;
    out->syn_ack_seen = (c->flags & MC_C_SYN_ACK) != 0;
    out->syn_retransmits = c->syn_count > 1 ? c->syn_count - 1u : 0;
    out->to_server_known = out->timed && (c->flags & MC_C_HS_SYN_ACK) != 0 && c->to_server_ns >= 0;
    out->to_client_known = out->timed && (c->flags & MC_C_HS_DONE) != 0 && c->to_client_ns >= 0;
    out->to_server_ns = c->to_server_ns;
    out->to_client_ns = c->to_client_ns;
    out->irtt_ns = out->timed && c->irtt_ns > 0 ? c->irtt_ns : 0;
    out->closer = (c->flags & MC_C_CLOSER) != 0 ? c->closer : -1;
    out->closed_by_fin = (c->flags & MC_C_FIN_FIRST) != 0;
    out->completeness = c->completeness;
    out->max_idle_ns = ns_of(c->max_idle_ms);
    out->idle_gaps = c->idle_gaps;
    out->reset_phase = c->reset_phase;
    out->reset_by = c->reset_by;
    out->reset_frame = c->reset_phase != MC_RESET_NONE ? c->at.reset_frame : 0;
    out->reset_after_ns = reset_after_ms(c, story) * MC_NS_PER_MS;
    out->reset_signs = c->reset_signs;
    out->reset_ttl = c->reset_ttl;
    out->outcome = (int)outcome.id;
    out->outcome_by = outcome.by;
    out->outcome_ns = outcome.ms * MC_NS_PER_MS;
    out->outcome_bytes = outcome.bytes;
    out->requests = c->requests;
    out->response_max_ns = ns_of(mc_response_max_ms(speech, c));
    out->response_mean_ns = c->requests > 0 ? ns_of((double)mc_response_sum_ms(speech, c) / c->requests) : 0;
    out->approximate_bytes = (c->flags & MC_C_RANGES_FULL) != 0;
    out->approximate_rtt = (c->flags & MC_C_SENT_FULL) != 0;
    out->ecn = ecn_of(c);
    out->score = score;
}

bool mc_ranking_init(mc_ranking *r, uint32_t room)
{
    r->count = 0;
    r->room = room;
    r->heap = calloc(room > 0 ? room : 1, sizeof *r->heap);
    return r->heap != NULL;
}

void mc_ranking_free(mc_ranking *r)
{
    free(r->heap);
    r->heap = NULL;
}

void mc_ranking_insert(mc_ranking *r, double score, uint64_t begin, uint32_t ref)
{
    if (r->room > 0)
        insert(r->heap, &r->count, r->room, (mc_ranked){ score, begin, ref });
}

void mc_ranking_sort(mc_ranking *r)
{
    qsort(r->heap, r->count, sizeof *r->heap, most_telling_first);
}
