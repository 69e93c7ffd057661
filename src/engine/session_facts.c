/*
 * session_facts.c: from the sums to what a caller reads.
 *
 * Nothing here changes what is counted, so it may be asked at any time.
 */
#include <stdlib.h>

#include "engine/session.h"
#include "facts/aggregates.h"
#include "facts/outcome.h"
#include "tcp/rules.h"
#include "tcp/state.h"

_Static_assert(MC_CS_COUNT == MC_CONN_STATE_COUNT, "as the public header says");
_Static_assert((int)MC_O_COUNT == MC_OUTCOME_COUNT, "as the public header says");

const char *mc_conn_state_name(int state, bool text)
{
    if (state < 0 || state >= MC_CS_COUNT)
        return NULL;
    return text ? mc_conn_state_text((mc_conn_state)state) : mc_conn_state_code((mc_conn_state)state);
}

const char *mc_reset_phase_name(int phase)
{
    return phase >= 0 && phase < MC_RESET_PHASE_COUNT ? mc_reset_phase_code((mc_reset_phase)phase) : NULL;
}

const char *mc_reset_sign_name(unsigned sign)
{
    switch (sign) {
    case MC_SIGN_TTL:
        return "ttl";
    case MC_SIGN_IP_ID:
        return "ip_id";
    case MC_SIGN_SEQUENCE:
        return "sequence";
    case MC_SIGN_RACE:
        return "race";
    case MC_SIGN_BOTH:
        return "both";
    case MC_SIGN_TTL_SAME:
        return "against_ttl";
    case MC_SIGN_SOON:
        return "soon";
    case MC_SIGN_ID_NEXT:
        return "against_ip_id";
    default:
        return NULL;
    }
}

const char *mc_outcome_name(int outcome, bool text)
{
    if (outcome < 0 || outcome >= MC_O_COUNT)
        return NULL;
    return text ? mc_outcome_text((mc_outcome_id)outcome) : mc_outcome_code((mc_outcome_id)outcome);
}

static const char *const rules_names[MC_RULES_COUNT] = {
    [MC_RULES_WIRESHARK_4_0] = "wireshark-4.0",
    [MC_RULES_WIRESHARK_4_4] = "wireshark-4.4",
    [MC_RULES_WIRESHARK_4_6] = "wireshark-4.6",
};

const char *mc_rules_name(mc_rules rules)
{
    return rules_names[(unsigned)rules < MC_RULES_COUNT ? rules : MC_RULES_NEWEST];
}

bool mc_rules_parse(mc_rules *out, const char *name)
{
    unsigned i;

    for (i = 0; i < MC_RULES_COUNT; i++)
        if (strcmp(rules_names[i], name) == 0) {
            *out = (mc_rules)i;
            return true;
        }
    return false;
}

/* ----------------------------------------------------------------- the rest */

static bool fill_timeline(mc_session *s, mc_facts *f)
{
    uint32_t max = s->buckets_wanted < MC_TL_CAPACITY ? s->buckets_wanted : MC_TL_CAPACITY, i;
    mc_bucket *folded;
    int dir;

    if (max == 0 || !s->capture.times_known)
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
    c->sliced_headers = dec.sliced_headers;
    c->incomplete_fragments = dec.incomplete_fragments;
    c->reassembled = dec.reassembled;
    c->too_deep = dec.too_deep;
    c->bad_ip_checksums = dec.bad_ip_checksums;
    c->filter_unfit_frames = s->filter != NULL ? mc_filter_unfit(s->filter) : 0;
    c->time_regressions = s->analysis.time_regressions;
    c->max_regression_ns = s->analysis.max_regression_ns;
    c->overlong_ip_frames = dec.overlong_ip;
    c->connections_not_kept = s->analysis.not_kept;
    c->memory_bytes = mc_flows_memory(s->analysis.flows) + s->analysis.pool.taken +
                      mc_store_memory(&s->analysis.speech.dialogues);
}

static bool fill(mc_session *s)
{
    mc_facts *f = &s->facts;
    const mc_analysis *a = &s->analysis;
    int dir;

    mc_facts_free(f);
    memset(f, 0, sizeof *f);
    f->rules = a->rules;
    f->server = a->server;
    for (dir = 0; dir < 2; dir++) {
        f->direction[dir] = a->direction[dir];
        f->direction[dir].rtt = mc_hist_durations(&a->rtt[dir]);
        f->direction[dir].limits.untold = a->limits_untold;
    }
    f->handshake_rtt[MC_CLIENT] = mc_hist_durations(&a->to_client);
    f->handshake_rtt[MC_SERVER] = mc_hist_durations(&a->to_server);
    f->server_response = mc_hist_durations(&a->response);
    f->client_think = mc_hist_durations(&a->think);
    f->slow_answers = a->slow_answers;
    f->connections.attempts.examples = a->attempt_examples;
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
    if (!mc_aggregates_fill(a->flows, &a->speech, &s->scanners, s->top_wanted, f) || !fill_timeline(s, f))
        return false;
    for (dir = 0; dir < 2; dir++) {
        mc_direction_facts *d = &f->direction[dir];

        f->capture.matched_segments += d->counts.packet_count;
        if (d->counts.packet_count == 0)
            d->first_ns = d->last_ns = 0;
    }
    return true;
}

const mc_facts *mc_session_facts(mc_session *s)
{
    return fill(s) ? &s->facts : NULL;
}
