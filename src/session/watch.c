/*
 * watch.c: one server among the frames, and what a caller reads of it.
 */
#include "session/watch.h"

#include <stdlib.h>

#include "facts/hardware.h"
#include "outcomes/aggregates.h"

static bool is_end(const mc_watch *w, const uint8_t addr[16], uint16_t port)
{
    const mc_endpoint *server = &w->analysis.server;

    return memcmp(addr, server->addr, 16) == 0 && (server->port == 0 || server->port == port);
}

bool mc_watch_is_quoted(const mc_watch *w, const mc_icmp_quote *q)
{
    return is_end(w, q->src, q->sport) || is_end(w, q->dst, q->dport);
}

void mc_watch_note_icmp(mc_watch *w, const mc_icmp_quote *q, uint64_t frame)
{
    const bool from = is_end(w, q->src, q->sport);
    mc_icmp_facts *k;
    uint32_t i;

    if (!mc_watch_is_quoted(w, q))
        return;
    for (i = 0; i < w->icmp_count; i++) {
        k = &w->icmp[i];
        if (k->ip_version == q->ip_version && k->type == q->type && k->code == q->code && k->about == from)
            break;
    }
    if (i == MC_ICMP_KINDS) {
        w->icmp_others++;
        return;
    }
    k = &w->icmp[i];
    if (i == w->icmp_count) {
        w->icmp_count++;
        k->ip_version = q->ip_version;
        k->type = q->type;
        k->code = q->code;
        k->about = from;
        memcpy(k->reporter, q->reporter, 16);
    }
    k->count++;
    if (q->mtu != 0 && (k->mtu == 0 || q->mtu < k->mtu))
        k->mtu = q->mtu;
    if (k->examples.count < MC_EXAMPLES)
        k->examples.frame[k->examples.count++] = frame;
}

void mc_watch_note_claim(mc_watch *w, const mc_other *claim, uint64_t frame)
{
    if (memcmp(claim->claimed, w->analysis.server.addr, 16) == 0)
        mc_hardware_claim(&w->claims, claim->mac, frame);
}

/* ---------------------------------------------------------------- its facts */

static bool fill_timeline(const mc_analysis *a, uint32_t buckets_wanted, mc_facts *f)
{
    uint32_t max = buckets_wanted < MC_TL_CAPACITY ? buckets_wanted : MC_TL_CAPACITY, i;
    mc_bucket *folded;
    int dir;

    if (max == 0 || !f->capture.times_known)
        return true;
    folded = calloc(max, sizeof *folded);
    f->buckets = calloc(max, sizeof *f->buckets);
    if (folded == NULL || f->buckets == NULL) {
        free(folded);
        return false;
    }
    f->bucket_count = mc_timeline_fold(&a->timeline, folded, max, &f->bucket_ns);
    f->timeline_start_ns = a->timeline.start_ns;
    for (i = 0; i < f->bucket_count; i++) {
        for (dir = 0; dir < 2; dir++) {
            f->buckets[i].packets[dir] = folded[i].value[dir][MC_TL_PACKETS];
            f->buckets[i].payload_bytes[dir] = folded[i].value[dir][MC_TL_PAYLOAD_BYTES];
            f->buckets[i].retransmissions[dir] = folded[i].value[dir][MC_TL_RETRANSMISSIONS];
            f->buckets[i].resets[dir] = folded[i].value[dir][MC_TL_RESETS];
            f->buckets[i].zero_windows[dir] = folded[i].value[dir][MC_TL_ZERO_WINDOWS];
        }
    }
    free(folded);
    return true;
}

/* What of the capture's facts is this server's. */
static void fill_capture(const mc_watch *w, mc_capture_facts *c)
{
    const mc_analysis *a = &w->analysis;

    c->matched_frames = w->matched_frames;
    c->other_tcp_frames -= w->matched_frames;
    c->time_regressions = a->time_regressions;
    c->max_regression_ns = a->max_regression_ns;
    c->connections_not_kept = a->not_kept;
    c->short_of_memory = a->not_kept > 0 && mc_flows_is_short(a->flows);
    c->memory_bytes = mc_flows_memory(a->flows) + a->pool.taken + mc_store_memory(&a->speech.dialogues) +
                      mc_talks_memory(&a->talks) + mc_resolved_memory(&a->resolved);
}

void mc_watch_fill_row(const mc_watch *w, const mc_application_facts *facts, mc_top_connection *row)
{
    const mc_analysis *a = &w->analysis;

    mc_talks_get_row(&a->talks, a->flows, row->talk, row->begin, facts, &row->application);
    mc_resolved_get_row(&a->resolved, row->first_frame, row->client_port, &row->application.asked);
}

bool mc_watch_fill(const mc_watch *w, const mc_sweeps *sweeps, const mc_capture_facts *capture, uint32_t top_wanted,
                   uint32_t buckets_wanted, mc_facts *f)
{
    const mc_analysis *a = &w->analysis;
    const mc_elsewhere elsewhere = { &w->scanners, sweeps };
    uint32_t i;
    int dir;

    mc_facts_free(f);
    memset(f, 0, sizeof *f);
    f->rules = a->rules;
    f->server = a->server;
    for (dir = 0; dir < 2; dir++) {
        f->direction[dir] = a->direction[dir];
        f->direction[dir].rtt = mc_hist_durations(&a->rtt[dir]);
        mc_hist_spread(&a->rtt[dir], &f->data_rtt_spread[dir]);
        f->direction[dir].limits.untold = a->limits_untold;
    }
    f->handshake_rtt[MC_CLIENT] = mc_hist_durations(&a->to_client);
    f->handshake_rtt[MC_SERVER] = mc_hist_durations(&a->to_server);
    f->server_response = mc_hist_durations(&a->response);
    f->client_think = mc_hist_durations(&a->think);
    mc_hist_spread(&a->to_client, &f->handshake_rtt_spread[MC_CLIENT]);
    mc_hist_spread(&a->to_server, &f->handshake_rtt_spread[MC_SERVER]);
    mc_hist_spread(&a->response, &f->server_response_spread);
    mc_hist_spread(&a->think, &f->client_think_spread);
    f->slow_answers = a->slow_answers;
    f->connections.attempts.examples = a->attempt_examples;
    f->connections.idle_gaps = a->idle_gaps;
    f->connections.max_idle_ns = a->max_idle_ns;
    memcpy(f->icmp, w->icmp, sizeof f->icmp);
    f->icmp_count = w->icmp_count;
    f->icmp_others = w->icmp_others;
    f->hardware = a->hardware;
    f->hardware.claims = w->claims;
    f->capture = *capture;
    fill_capture(w, &f->capture);
    if (!mc_aggregates_fill(a->flows, &a->speech, &elsewhere, &a->timeline,
                            top_wanted > MC_ROWS_LEAST ? top_wanted : MC_ROWS_LEAST, f) ||
        !fill_timeline(a, buckets_wanted, f))
        return false;
    mc_talks_get_facts(&a->talks, a->flows, capture->last_ns, &f->application);
    mc_resolved_get_facts(&a->resolved, a->lookups, capture->last_ns, &f->application.names);
    f->rows_kept = f->top_count;
    f->top_count = f->rows_kept < top_wanted ? f->rows_kept : top_wanted;
    for (i = 0; i < f->rows_kept; i++)
        mc_watch_fill_row(w, &f->application, &f->top_connections[i]);
    for (dir = 0; dir < 2; dir++) {
        mc_direction_facts *d = &f->direction[dir];

        f->capture.matched_segments += d->counts.packet_count;
        if (d->counts.packet_count == 0)
            d->first_ns = d->last_ns = 0;
    }
    return true;
}
