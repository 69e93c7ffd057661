/*
 * session_facts.c: from the sums to what a caller reads.
 *
 * Nothing here changes what is counted, so it may be asked at any time.
 */
#include <stdlib.h>

#include "session/session.h"
#include "outcomes/aggregates.h"
#include "outcomes/outcome.h"
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

void mc_session_decoded(mc_capture_facts *c, const mc_decode_stats *dec)
{
    c->icmp_quoted = dec->icmp_quoted;
    c->malformed_segments = dec->malformed_segments;
    c->sliced_headers = dec->sliced_headers;
    c->incomplete_fragments = dec->incomplete_fragments;
    c->reassembled = dec->reassembled;
    c->too_deep = dec->too_deep;
    c->bad_ip_checksums = dec->bad_ip_checksums;
    c->overlong_ip_frames = dec->overlong_ip;
    c->inner_length_frames = dec->inner_lengths;
    c->compressed_frames = dec->compressed;
}

void mc_session_own_capture(const mc_session *s, mc_capture_facts *c)
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
    memcpy(c->bytes_by_way, src.bytes_by_way, sizeof c->bytes_by_way);
    c->dropped_reported = src.dropped_reported;
    c->truncated = src.truncated;
    c->truncated_offset = src.truncated_offset;
    memcpy(c->truncated_reason, src.truncated_reason, sizeof c->truncated_reason);
    memcpy(c->truncated_input, src.truncated_input, sizeof c->truncated_input);
    mc_session_decoded(c, &dec);
    c->filter_unfit_frames = s->filter != NULL ? mc_filter_unfit(s->filter) : 0;
}

void mc_session_capture(const mc_session *s, mc_capture_facts *c)
{
    mc_capture_facts own;

    mc_session_own_capture(s, &own);
    if (s->saving.replay == NULL) {
        *c = own;
        return;
    }
    *c = s->before;
    mc_sums_join(c, &own);
}

const mc_facts *mc_session_facts(mc_session *s)
{
    mc_facts *f = &s->facts;
    mc_capture_facts capture;

    mc_session_capture(s, &capture);
    if (!mc_watch_fill(&s->watch, s->sweeps, &capture, s->top_wanted, s->buckets_wanted, f))
        return NULL;
    if (s->candidates != NULL) {
        f->candidate_count = mc_candidates_rank(s->candidates, &f->server, f->candidates, &f->candidates_total);
        f->address_seen = mc_candidates_has_address(s->candidates, f->server.addr);
    }
    return f;
}
