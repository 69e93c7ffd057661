/*
 * facts.c: from the sums and the connections to what a caller reads.
 *
 * Nothing here changes what is counted, so it may be asked at any time.
 */
#include <math.h>
#include <stdlib.h>

#include "account.h"
#include "bytes.h"
#include "rows.h"
#include "session.h"
#include "state.h"
#include "tcp.h"

_Static_assert(MC_RESET_PHASES == MC_RESET_PHASE_COUNT, "as the public header says");
_Static_assert(MC_CS_COUNT == MC_CONN_STATE_COUNT, "as the public header says");

#define IDLE_RESET_MS 1000           /* a reset so long after an answer ends a connection that lay idle */
#define SKETCH_BITS 12               /* of the estimate of distinct clients: within 2 % */
#define EXACT_CLIENTS 65536          /* so many are counted exactly */

const char *mc_conn_state_name(int state, bool text)
{
    if (state < 0 || state >= MC_CS_COUNT)
        return "OTH";
    return text ? mc_conn_state_text((mc_conn_state)state) : mc_conn_state_code((mc_conn_state)state);
}

const char *mc_reset_phase_name(int phase)
{
    return mc_reset_phase_code(phase > 0 && phase < MC_RESET_PHASES ? (mc_reset_phase)phase : MC_RESET_NONE);
}

const char *mc_rules_name(void)
{
    return MC_RULES_NAME;
}

void mc_facts_free(mc_facts *f)
{
    free(f->rows);
    free(f->buckets);
    f->rows = NULL;
    f->buckets = NULL;
}

static mc_durations durations_of(const mc_hist *h)
{
    mc_durations d = { 0 };

    if (h->count == 0)
        return d;
    d.count = h->count;
    d.min_ns = h->min_ns;
    d.max_ns = h->max_ns;
    d.median_ns = mc_hist_quantile(h, 0.5);
    d.p95_ns = mc_hist_quantile(h, 0.95);
    d.mean_ns = h->sum_ns / (double)h->count;
    return d;
}

/* --------------------------------------------------------- distinct clients */

/*
 * Exact in a hash set up to EXACT_CLIENTS; beyond it a HyperLogLog estimate
 * (Flajolet et al. 2007) with 4,096 registers, so memory does not follow a flood.
 */
typedef struct distinct {
    uint8_t (*set)[16];
    uint32_t mask, used;
    uint8_t registers[1u << SKETCH_BITS];
} distinct;

static uint64_t mix_address(const uint8_t addr[16])
{
    uint64_t a, b;

    memcpy(&a, addr, 8);
    memcpy(&b, addr + 8, 8);
    a = (a ^ (b * 0x9e3779b97f4a7c15ull)) * 0xd6e8feb86659fd93ull;
    a ^= a >> 32;
    a *= 0xd6e8feb86659fd93ull;
    return a ^ a >> 32;
}

static void distinct_add(distinct *d, const uint8_t addr[16])
{
    static const uint8_t none[16] = { 0 };
    uint64_t h = mix_address(addr), rest = h << SKETCH_BITS | 1ull << (SKETCH_BITS - 1);
    uint8_t rank = (uint8_t)(__builtin_clzll(rest) + 1);
    uint32_t i;

    if (rank > d->registers[h >> (64 - SKETCH_BITS)])
        d->registers[h >> (64 - SKETCH_BITS)] = rank;
    if (d->set == NULL || d->used > EXACT_CLIENTS)
        return;
    for (i = (uint32_t)h & d->mask; memcmp(d->set[i], none, 16) != 0; i = (i + 1) & d->mask)
        if (memcmp(d->set[i], addr, 16) == 0)
            return;
    memcpy(d->set[i], addr, 16);
    d->used++;
}

static uint64_t distinct_count(const distinct *d, bool *exact)
{
    double sum = 0, m = 1u << SKETCH_BITS, estimate;
    unsigned i, zeros = 0;

    *exact = d->set != NULL && d->used <= EXACT_CLIENTS;
    if (*exact)
        return d->used;
    for (i = 0; i < 1u << SKETCH_BITS; i++) {
        sum += ldexp(1, -d->registers[i]);
        zeros += d->registers[i] == 0;
    }
    estimate = 0.7213 / (1 + 1.079 / m) * m * m / sum;
    if (estimate < 2.5 * m && zeros > 0)
        estimate = m * log(m / zeros);
    return (uint64_t)estimate;
}

/* -------------------------------------------------------------- connections */

/* An answer, a repetition of the SYN: they come within so long after it (RFC 6298, 2.1). */
#define PATIENCE_NS MC_NS_PER_S

static void sum_handshake(mc_connection_facts *f, const mc_conn *c, int64_t end_ns)
{
    const mc_half *r = &c->half[!c->originator];
    unsigned by = c->originator;
    bool broken_off = c->reset_phase == MC_RESET_HALF_OPEN && c->reset_by == by;

    if ((c->flags & MC_C_SYN) == 0 || (c->flags & MC_C_MID_STREAM) != 0)
        return;
    f->attempted[by]++;
    if (c->syn_count > 1) {
        f->retried[by]++;
        f->syn_retries[by] += c->syn_count - 1u;
    }
    if (c->reset_phase == MC_RESET_REFUSED && (c->syn_count > 1 || (r->once & MC_ONCE_SYN) == 0)) {
        f->refused[by]++;
    } else if ((c->flags & MC_C_HS_DONE) != 0 ||
               (c->half[by].once & (MC_ONCE_ACK | MC_ONCE_DATA | MC_ONCE_FIN)) != 0) {
        /* the opener's acknowledgement proves the SYN-ACK, captured or not */
        f->completed[by]++;
        f->completed_retried[by] += c->syn_count > 1;
        f->answers_missed[by] += (c->flags & MC_C_ANSWER_MISSED) != 0;
        if (c->half[0].payload_bytes + c->half[1].payload_bytes == 0)
            f->data_less++;
    } else if ((r->once & MC_ONCE_ANY) == 0) {
        f->unanswered[by]++;
        f->unanswered_unproven[by] += broken_off || (c->syn_count <= 1 && end_ns - c->syn_ns < PATIENCE_NS);
    } else {
        /* a server that misses the last step repeats its SYN-ACK */
        f->half_open[by]++;
        f->half_open_unproven[by] += broken_off || (c->syn_count <= 1 && r->packets <= 1);
    }
}

static unsigned count_bits(unsigned v)
{
    return (unsigned)__builtin_popcount(v);
}

/* Resets that ended work in progress: those whose sender is worth a doubt. */
static bool is_abrupt(unsigned phase)
{
    return phase == MC_RESET_MID_DATA || phase == MC_RESET_IDLE || phase == MC_RESET_HALF_OPEN ||
           phase == MC_RESET_REFUSED;
}

static void sum_reset(mc_connection_facts *f, const mc_conn *c)
{
    unsigned by = c->reset_by, signs = c->reset_signs;

    if (c->reset_phase == MC_RESET_NONE)
        return;
    f->reset_connections++;
    f->resets[c->reset_phase][by]++;
    mc_add_example(&f->reset_examples[c->reset_phase][by], c->at.reset_frame);
    if (c->reset_phase == MC_RESET_MID_DATA && c->reset_after_ms >= IDLE_RESET_MS &&
        (c->flags & MC_C_TURN_SERVER) != 0) {
        if (f->idle_resets[by]++ == 0 || c->reset_after_ms < f->idle_reset_ms[by])
            f->idle_reset_ms[by] = c->reset_after_ms;
    }
    if (!is_abrupt(c->reset_phase))
        return;
    f->sign_ttl[by] += (signs & MC_SIGN_TTL) != 0;
    f->sign_ip_id[by] += (signs & MC_SIGN_IP_ID) != 0;
    f->sign_sequence[by] += (signs & MC_SIGN_SEQUENCE) != 0;
    f->sign_race[by] += (signs & MC_SIGN_RACE) != 0;
    f->sign_both += (signs & MC_SIGN_BOTH) != 0;
    f->counter_ttl[by] += (signs & MC_SIGN_TTL_SAME) != 0;
    f->counter_ip_id[by] += (signs & MC_SIGN_ID_NEXT) != 0;
    if (count_bits(signs & (MC_SIGN_TTL | MC_SIGN_IP_ID | MC_SIGN_SEQUENCE | MC_SIGN_RACE | MC_SIGN_BOTH)) >= 2) {
        f->sign_two_or_more[by]++;
        mc_add_example(&f->suspect_examples[by], c->at.reset_frame);
    }
}

/* What the SYN or SYN-ACK of half 'i' says, over all connections. */
static void sum_offer(mc_connection_facts *f, const mc_half *h, unsigned i)
{
    if ((h->options & MC_OPT_SEEN) == 0)
        return;
    if (f->syns_seen[i]++ == 0 || h->initial_window < f->initial_window_min[i])
        f->initial_window_min[i] = h->initial_window;
    if (h->initial_window > f->initial_window_max[i])
        f->initial_window_max[i] = h->initial_window;
    f->sack_permitted[i] += (h->options & MC_OPT_SACK) != 0;
    f->timestamps[i] += (h->options & MC_OPT_TS) != 0;
    if ((h->options & MC_OPT_SCALE) == 0)
        return;
    if (f->scales_seen[i]++ == 0 || h->shift < f->scale_min[i])
        f->scale_min[i] = h->shift;
    if (h->shift > f->scale_max[i])
        f->scale_max[i] = h->shift;
}

static void sum_options(mc_connection_facts *f, const mc_conn *c)
{
    const mc_half *o = &c->half[c->originator], *r = &c->half[!c->originator];
    unsigned i, both = o->options & r->options;

    for (i = 0; i < 2; i++) {
        const mc_half *h = &c->half[i];

        sum_offer(f, h, i);
        if ((h->options & MC_OPT_MSS) == 0)
            continue;
        if (f->mss_min[i] == 0 || h->mss < f->mss_min[i])
            f->mss_min[i] = h->mss;
        if (h->mss > f->mss_max[i])
            f->mss_max[i] = h->mss;
    }
    if ((both & MC_OPT_SEEN) == 0)
        return;
    f->both_syns++;
    f->scale_offered += (o->options & MC_OPT_SCALE) != 0;
    f->scale_agreed += (both & MC_OPT_SCALE) != 0;
    f->sack_offered += (o->options & MC_OPT_SACK) != 0;
    f->sack_agreed += (both & MC_OPT_SACK) != 0;
    f->ts_offered += (o->options & MC_OPT_TS) != 0;
    f->ts_agreed += (both & MC_OPT_TS) != 0;
    if ((o->options & (MC_OPT_ECE | MC_OPT_CWR)) == (MC_OPT_ECE | MC_OPT_CWR)) {
        f->ecn_offered++;
        f->ecn_agreed += (r->options & (MC_OPT_ECE | MC_OPT_CWR)) == MC_OPT_ECE;
    }
}

/* What 'h' must have sent by its later sequence numbers, and nobody has seen. */
static uint32_t vanished_of(const mc_conn *c, const mc_half *h, const mc_half *r)
{
    uint32_t seen = (h->known & MC_KNOWN_BYTES) != 0 ? h->top : h->base + 1;

    if ((h->once & MC_ONCE_FIN) != 0)
        seen++;
    if ((h->known & MC_KNOWN_NXT) == 0 || (h->options & MC_OPT_SEEN) == 0 || c->reset_phase != MC_RESET_NONE ||
        (r->known & MC_KNOWN_ACK) == 0 || !mc_seq_after(h->nxt, seen) || mc_seq_after(r->last_ack, seen))
        return 0;
    return h->nxt - seen;
}

static void sum_half(mc_facts *f, const mc_conn *c, unsigned i)
{
    const mc_half *h = &c->half[i];
    mc_counts *n = &f->direction[i].counts;
    bool syn = (h->options & MC_OPT_SEEN) != 0;
    int64_t zero = mc_conn_zero_window_ns(c, i);

    n->packet_count += h->packets;
    n->byte_count += h->byte_count;
    n->data_packets += h->data_packets;
    n->payload_bytes += h->payload_bytes;
    n->unique_bytes += mc_bytes_unique(h);
    n->retransmitted_bytes += mc_bytes_retransmitted(h);
    n->missing_bytes += mc_bytes_missing(h, syn);
    f->direction[i].zero_window_ns += zero;
    f->connections.vanished_bytes[i] += vanished_of(c, h, &c->half[!i]);
    f->connections.vanished_connections[i] += vanished_of(c, h, &c->half[!i]) > 0;
    if (mc_half_max_window(h) > f->direction[i].max_window)
        f->direction[i].max_window = mc_half_max_window(h);
    if (h->ttl_max != 0)
        f->direction[i].ttl_hops[h->ttl_max]++;
    if (h->detail != NULL) {
        f->connections.zero_window_connections[i] += h->detail->zero_windows > 0;
        f->connections.lossy_connections[i] += h->detail->resent > 0;
    }
    if (mc_half_is_black_hole(h)) {
        f->connections.black_holes[i]++;
        if (h->detail->stuck_max_len > f->connections.black_hole_len[i])
            f->connections.black_hole_len[i] = h->detail->stuck_max_len;
        mc_add_example(&f->connections.black_hole_examples[i], h->detail->stuck_frame);
    }
}

/*
 * The handshake's last step passed here, and the server acts as if it had not: it
 * repeats its SYN-ACK, or says nothing more while short requests are sent again.
 */
static bool is_unaccepted(const mc_conn *c)
{
    const mc_half *client = &c->half[MC_CLIENT], *server = &c->half[MC_SERVER];

    if ((c->flags & MC_C_UNACCEPTED) != 0)
        return true;
    return c->originator == MC_CLIENT && (c->flags & MC_C_HS_DONE) != 0 &&
           (server->once & (MC_ONCE_ACK | MC_ONCE_DATA | MC_ONCE_FIN | MC_ONCE_RST)) == 0 &&
           client->detail != NULL && client->detail->stuck_max >= 2 && client->detail->stuck_max_len <= 500;
}

/* How long the client waited in vain for the first byte of an answer. */
static int64_t silence_of(const mc_conn *c)
{
    const mc_half *client = &c->half[MC_CLIENT], *server = &c->half[MC_SERVER];
    uint32_t begin = server->base + 1;

    if (client->payload_bytes == 0 || server->payload_bytes != 0 || server->packets == 0)
        return 0;
    /* its sequence number has moved, or was acknowledged: an answer that was not captured */
    if ((server->known & (MC_KNOWN_BASE | MC_KNOWN_NXT)) == (MC_KNOWN_BASE | MC_KNOWN_NXT) &&
        mc_seq_after(server->nxt, begin + ((server->once & MC_ONCE_FIN) != 0)))
        return 0;
    if ((server->known & MC_KNOWN_BASE) != 0 && mc_seq_after(client->last_ack, begin + 1))
        return 0;
    if (c->reset_phase != MC_RESET_NONE)
        return c->reset_by == MC_CLIENT ? c->reset_after_ms * MC_NS_PER_MS : 0;
    return (c->flags & MC_C_TURN) != 0 ? mc_conn_last(c) - c->at.turn_ns : 0;
}

static void sum_connection(mc_facts *f, const mc_conn *c, distinct *clients, uint8_t *ports)
{
    mc_connection_facts *n = &f->connections;
    unsigned i;

    n->total++;
    n->state[mc_state_of(c)]++;
    if ((c->flags & MC_C_MID_STREAM) != 0)
        n->mid_stream++;
    if (c->originator == MC_CLIENT)
        n->opened_by_client++;
    else
        n->opened_by_server++;
    n->port_reuses += (c->flags & MC_C_REUSED) != 0;
    distinct_add(clients, c->peer);
    ports[c->server_port >> 3] |= (uint8_t)(1u << (c->server_port & 7));
    for (i = 0; i < 2; i++)
        if ((c->half[i].once & (MC_ONCE_ACK | MC_ONCE_DATA | MC_ONCE_FIN)) != 0 &&
            c->half[!i].packets == 0 && (c->flags & MC_C_SELF) == 0)
            n->one_sided[i]++;
    n->with_data += c->half[0].payload_bytes + c->half[1].payload_bytes > 0;
    if (silence_of(c) >= MC_SILENCE_NS) {
        n->silent_answers++;
        if (silence_of(c) > n->max_silence_ns)
            n->max_silence_ns = silence_of(c);
        mc_add_example(&n->silent_examples, c->first_frame);
    }
    if (is_unaccepted(c)) {
        n->unaccepted++;
        n->unaccepted_idle += c->half[MC_CLIENT].payload_bytes == 0;
        mc_add_example(&n->unaccepted_examples, c->first_frame);
    }
    n->full_histories += (c->flags & MC_C_HISTORY_FULL) != 0;
    n->approximate_bytes += (c->flags & MC_C_RANGES_FULL) != 0;
    n->approximate_rtt += (c->flags & MC_C_SENT_FULL) != 0;
    sum_handshake(n, c, f->capture.last_ns);
    sum_reset(n, c);
    sum_options(n, c);
    sum_half(f, c, 0);
    sum_half(f, c, 1);
}

/* One walk over the connections: sums and the most telling ones. */
static bool fill_connections(mc_session *s, mc_facts *f)
{
    const mc_flows *flows = s->analysis.flows;
    uint32_t count = mc_flows_count(flows), i, room = s->rows_wanted < count ? s->rows_wanted : count;
    mc_ranking ranking;
    distinct *clients = calloc(1, sizeof *clients);
    uint8_t *ports = calloc(8192, 1);
    uint32_t size = 64;
    bool ok = mc_ranking_init(&ranking, room) && clients != NULL && ports != NULL;

    if (ok) {
        while (size < 2 * (count < EXACT_CLIENTS ? count : EXACT_CLIENTS) + 2)
            size *= 2;
        clients->set = calloc(size, sizeof *clients->set);
        clients->mask = size - 1;
        for (i = 0; i < count; i++) {
            const mc_conn *c = mc_flows_at(flows, i);

            sum_connection(f, c, clients, ports);
            mc_ranking_offer(&ranking, c, i);
        }
        f->connections.clients = distinct_count(clients, &f->connections.clients_exact);
        for (i = 0; i < 8192; i++)
            if (ports[i] != 0)
                f->connections.server_ports += count_bits(ports[i]);
        mc_ranking_sort(&ranking);
        f->rows = ranking.count > 0 ? calloc(ranking.count, sizeof *f->rows) : NULL;
        ok = ranking.count == 0 || f->rows != NULL;
    }
    if (ok) {
        for (i = 0; i < ranking.count; i++)
            mc_row_fill(&f->rows[i], mc_flows_at(flows, ranking.heap[i].number), ranking.heap[i].score);
        f->row_count = ranking.count;
    }
    if (clients != NULL)
        free(clients->set);
    free(clients);
    free(ports);
    mc_ranking_free(&ranking);
    return ok;
}

/* ----------------------------------------------------------------- the rest */

static bool fill_timeline(mc_session *s, mc_facts *f)
{
    uint32_t max = s->buckets_wanted < MC_TL_CAPACITY ? s->buckets_wanted : MC_TL_CAPACITY, i;
    mc_bucket *folded;
    int dir;

    if (max == 0)
        return true;
    folded = calloc(max, sizeof *folded);
    f->buckets = calloc(max, sizeof *f->buckets);
    if (folded == NULL || f->buckets == NULL) {
        free(folded);
        return false;
    }
    f->bucket_count = mc_timeline_fold(&s->analysis.timeline, folded, max, &f->bucket_ns);
    f->timeline_start_ns = s->analysis.timeline.start_ns;
    for (i = 0; i < f->bucket_count; i++) {
        for (dir = 0; dir < 2; dir++) {
            f->buckets[i].packets[dir] = folded[i].value[dir][MC_TL_PACKETS];
            f->buckets[i].payload_bytes[dir] = folded[i].value[dir][MC_TL_PAYLOAD_BYTES];
            f->buckets[i].retransmissions[dir] = folded[i].value[dir][MC_TL_RETRANSMISSIONS];
            f->buckets[i].resets[dir] = folded[i].value[dir][MC_TL_RESETS];
        }
    }
    free(folded);
    return true;
}

static void fill_capture(mc_session *s, mc_capture_facts *c)
{
    mc_source_facts src;
    mc_decode_stats dec;

    *c = s->capture;
    mc_source_get_facts(s->source, &src);
    mc_decode_get_stats(s->decoder, &dec);
    c->format = src.format;
    c->compression = src.compression;
    c->reader = src.reader;
    c->nanoseconds = src.nanoseconds;
    c->swapped = src.swapped;
    c->drops_known = src.drops_known;
    c->snaplen = src.snaplen;
    c->interfaces = src.interfaces;
    c->inputs = src.inputs;
    c->bytes_done = src.bytes_done;
    c->bytes_total = src.bytes_total;
    c->inflated_bytes = src.inflated_bytes;
    c->dropped_reported = src.dropped_reported;
    c->truncated = src.truncated;
    c->truncated_offset = src.truncated_offset;
    memcpy(c->truncated_reason, src.truncated_reason, sizeof c->truncated_reason);
    memcpy(c->truncated_input, src.truncated_input, sizeof c->truncated_input);
    c->icmp_quoted = dec.icmp_quoted;
    c->malformed_segments = dec.malformed_segments;
    c->truncated_headers = dec.truncated_headers;
    c->incomplete_fragments = dec.incomplete_fragments;
    c->reassembled = dec.reassembled;
    c->too_deep = dec.too_deep;
    c->bad_ip_checksums = dec.bad_ip_checksums;
    c->filter_unfit_frames = s->filter != NULL ? mc_filter_unfit(s->filter) : 0;
    c->time_regressions = s->analysis.time_regressions;
    c->connections_not_kept = s->analysis.not_kept;
    c->memory_bytes = mc_flows_memory(s->analysis.flows) + s->analysis.pool.taken;
}

bool mc_facts_fill(mc_session *s)
{
    mc_facts *f = &s->facts;
    const mc_analysis *a = &s->analysis;
    int dir;

    mc_facts_free(f);
    memset(f, 0, sizeof *f);
    for (dir = 0; dir < 2; dir++) {
        f->direction[dir] = a->direction[dir];
        f->direction[dir].rtt = durations_of(&a->rtt[dir]);
    }
    f->handshake_to_server = durations_of(&a->to_server);
    f->handshake_to_client = durations_of(&a->to_client);
    f->server_response = durations_of(&a->response);
    f->client_think = durations_of(&a->think);
    f->slow_answers = a->slow_answers;
    f->connections.idle_gaps = a->idle_gaps;
    f->connections.max_idle_ns = a->max_idle_ns;
    memcpy(f->icmp, s->icmp, sizeof f->icmp);
    f->icmp_count = s->icmp_count;
    f->icmp_others = s->icmp_others;
    fill_capture(s, &f->capture);
    if (s->candidates != NULL) {
        f->candidate_count = mc_candidates_rank(s->candidates, &a->server, f->candidates, &f->candidates_total);
        f->address_seen = mc_candidates_has_address(s->candidates, a->server.addr);
    }
    if (!fill_connections(s, f) || !fill_timeline(s, f))
        return false;
    for (dir = 0; dir < 2; dir++) {
        mc_direction_facts *d = &f->direction[dir];

        f->capture.matched_segments += d->counts.packet_count;
        if (d->counts.packet_count == 0)
            d->first_ns = d->last_ns = 0;
    }
    return true;
}
