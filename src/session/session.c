/*
 * session.c: the whole way: source -> decode -> match -> analysis.
 */
#include "session/session.h"

#include <stdlib.h>
#include <time.h>

#include "capture/reader.h"
#include "session/frames.h"
#include "base/sanitize.h"
#include "outcomes/aggregates.h"
#include "stage/url_policy.h"

#define DEFAULT_BUDGET 8192          /* packets a step: about a millisecond */

static int64_t monotonic_ns(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * MC_NS_PER_S + now.tv_nsec;
}

static mc_status open_parts(mc_session *s, const mc_input *inputs, size_t input_count,
                            const mc_endpoint *server, const mc_options *options, mc_error *err)
{
    mc_status status = mc_analysis_init(&s->watch.analysis, server, options, err);

    if (status == MC_OK)
        status = mc_decoder_open(&s->decoder, options->verify_checksums, err);
    if (status == MC_OK && options->rules == MC_RULES_WIRESHARK_4_6)
        mc_decoder_set_exact_gtp(s->decoder);
    if (status == MC_OK && options->filter != NULL)
        status = mc_filter_open(&s->filter, options->filter, err);
    if (status == MC_OK)
        status = mc_source_open(&s->source, inputs, input_count, options, err);
    return status;
}

mc_status mc_session_open(mc_session **out, const mc_input *inputs, size_t input_count,
                          const mc_endpoint *server, const mc_options *given, mc_error *err)
{
    mc_session *s = calloc(1, sizeof *s);
    mc_options own = *given;
    const mc_options *const options = &own;
    mc_status status;

    *out = NULL;
    if (s == NULL)
        return mc_fail(err, MC_NOMEM, 0, "out of memory");
    status = own.state != NULL ? mc_saving_inherit(&s->saving, &own, err) : MC_OK;
    if (status != MC_OK) {
        free(s);
        return status;
    }
    s->max_packets = options->max_packets;
    s->top_wanted = options->connections;
    s->buckets_wanted = options->buckets;
    s->has_start = options->has_start;
    s->has_end = options->has_end;
    s->start_ns = options->start_ns;
    s->end_ns = options->end_ns;
    if (options->timeout_ms != 0)
        s->deadline_ns = monotonic_ns() + options->timeout_ms * MC_NS_PER_MS;
    s->input_count = input_count;
    if (input_count == 0 || inputs[0].path == NULL)
        snprintf(s->input_name, sizeof s->input_name, "(stream)");
    else if (strstr(inputs[0].path, "://") != NULL)
        mc_sanitize_url(s->input_name, sizeof s->input_name, inputs[0].path);
    else
        mc_sanitize_text(s->input_name, sizeof s->input_name, inputs[0].path);
    s->verify_checksums = options->verify_checksums;
    s->wants_names = options->application;
    s->filtering = s->has_start || s->has_end || options->filter != NULL;
    s->clock_ns = s->piece_clock_ns = MC_NO_TIME;
    status = open_parts(s, inputs, input_count, server, options, err);
    if (status == MC_OK && (options->state != NULL || options->spool != NULL))
        status = mc_saving_open(s, server, options, err);
    if (status != MC_OK) {
        mc_session_close(s);
        return status;
    }
    *out = s;
    return MC_OK;
}

void mc_session_close(mc_session *s)
{
    if (s == NULL)
        return;
    mc_saving_close(s);
    mc_source_close(s->source);
    mc_filter_close(s->filter);
    mc_decoder_close(s->decoder);
    mc_candidates_close(s->candidates);
    mc_crowd_close(s->crowd);
    mc_dns_close(s->names);
    mc_analysis_free(&s->watch.analysis);
    mc_facts_free(&s->facts);
    free(s);
}

/* ------------------------------------------------------------------- frames */

/* False: the frame lies outside the window or the filter, as what has no time or is no packet does. */
static bool is_wanted(mc_session *s, const mc_packet *p)
{
    if ((s->has_start && p->time_ns < s->start_ns) ||
        (s->has_end && (p->time_ns >= s->end_ns || p->time_ns == MC_NO_TIME))) {
        s->capture.outside_window_frames++;
        return false;
    }
    if (s->part_by != MC_PART_NONE && mc_part_of(p, s->part_by) != s->part)
        return false;
    return s->filter == NULL || (p->linktype != MC_LINKTYPE_RECORD && mc_filter_match(s->filter, p));
}

/* The number of the frame in what is read now. */
static uint64_t number_in_piece(const mc_session *s, const mc_packet *p)
{
    return s->first_number + (uint64_t)(p - s->packets) - s->before.frames - s->before.filtered_frames;
}

/* Hands what is pending to the analysis. */
void mc_session_flush(mc_session *s)
{
    if (MC_UNLIKELY(s->tap != NULL))
        mc_tap_take(s->tap, s->matches, s->pending, s->packets, s->first_number);
    mc_analysis_segments(&s->watch.analysis, s->matches, s->pending, s->packets, s->first_number, s->prefetcher);
    if (MC_UNLIKELY(s->logger != NULL))
        mc_logger_segments(s->logger, s->matches, s->pending, s->packets, number_in_piece(s, s->packets), s->piece_clock_ns);
    s->pending = s->decoded = 0;
}

/* While nothing has matched, who else there is is remembered. */
static void note_candidate(mc_session *s, const mc_segment *segment, uint32_t frame_bytes)
{
    if (s->candidates == NULL && (s->candidates = mc_candidates_open()) == NULL)
        s->watch.analysis.no_memory = true;
    else
        mc_candidates_add(s->candidates, segment, frame_bytes);
    if (MC_UNLIKELY(s->logger != NULL && !s->logger->raw))
        mc_candidates_add(s->logger->candidates, segment, frame_bytes);
}

void mc_session_begin_matching(mc_session *s)
{
    s->matching = true;
    mc_candidates_close(s->candidates);
    s->candidates = NULL;
}

static void note_other_port(mc_session *s, const mc_endpoints *e, const mc_packet *p)
{
    const uint64_t *server = s->watch.analysis.server_addr;

    mc_watch_note_other_port(&s->watch, e->src, e->dst, e->ports & 0xffff, s->first_number + (uint64_t)(p - s->packets));
    if (MC_UNLIKELY(s->logger != NULL) && e->dst[0] == server[0] && e->dst[1] == server[1])
        mc_logger_syn(s->logger, e->src, (uint16_t)e->ports, number_in_piece(s, p));
}

/* Before a question or an answer: the segments before it come first. */
static bool hear_names(mc_session *s)
{
    mc_analysis *a = &s->watch.analysis;

    if (s->pending > 0)
        mc_session_flush(s);
    if (s->names == NULL) {
        s->names = mc_dns_open();
        if (s->names != NULL)
            a->lookups = mc_dns_lead(s->names, a->server.addr);
        a->no_memory |= a->lookups == NULL;
    }
    return a->lookups != NULL;
}

static void note_datagram(mc_session *s, const mc_packet *p)
{
    const mc_other *o = mc_decode_other(s->decoder);

    if (o->kind == MC_OTHER_UDP && mc_dns_is_port((uint32_t)o->sport << 16 | o->dport) && hear_names(s) &&
        !mc_dns_add(s->names, o, s->first_number + (uint64_t)(p - s->packets), p->time_ns))
        s->watch.analysis.no_memory = true;
}

/* Of another server's connection. */
static void note_stream(mc_session *s, const mc_segment *segment, const mc_packet *p)
{
    if (segment->len > 0 && hear_names(s) &&
        !mc_dns_add_stream(s->names, segment, s->first_number + (uint64_t)(p - s->packets), p->time_ns))
        s->watch.analysis.no_memory = true;
}

/* Keeps those of the 'count' segments at the end of the list that are the server's;
   returns true if there is one. */
static bool take_segments(mc_session *s, const mc_packet *p, size_t count)
{
    const mc_segment *from = &s->segments[s->decoded];
    bool matched = false;
    size_t i;

    s->capture.tcp_segments += count;
    if (MC_UNLIKELY(s->crowd != NULL)) {
        mc_crowd_segments(s->crowd, from, count, p);
        return false;
    }
    for (i = 0; i < count; i++) {
        mc_match *m = &s->matches[s->pending];
        const mc_endpoints endpoints = mc_endpoints_of(&from[i]);

        if (mc_analysis_match(&s->watch.analysis, &endpoints, m)) {
            if (&s->segments[s->decoded] != &from[i])
                s->segments[s->decoded] = from[i];
            mc_match_decoded(m, &s->segments[s->decoded++], p);
            s->pending++;
            matched = true;
            continue;
        }
        if (mc_watch_is_syn(from[i].flags))
            note_other_port(s, &endpoints, p);
        else if (mc_dns_is_port(endpoints.ports) && s->wants_names)
            note_stream(s, &from[i], p);
        if (!s->matching)
            note_candidate(s, &from[i], p->wirelen);
    }
    if (matched && !s->matching)
        mc_session_begin_matching(s);
    return matched;
}

static void note_icmp(mc_session *s, const mc_icmp_quote *quote, const mc_packet *p)
{
    mc_watch_note_icmp(&s->watch, quote, s->first_number + (uint64_t)(p - s->packets));
    if (MC_UNLIKELY(s->logger != NULL) && mc_watch_is_quoted(&s->watch, quote))
        mc_logger_icmp(s->logger, quote, number_in_piece(s, p));
}

/* What a frame turned out to be. */
static void take_verdict(mc_session *s, const mc_packet *p, mc_verdict verdict, size_t count)
{
    mc_capture_facts *c = &s->capture;
    const mc_icmp_quote *quote;

    switch (verdict) {
    case MC_V_TCP:
        s->watch.matched_frames += take_segments(s, p, count);
        c->other_tcp_frames++;
        break;
    case MC_V_NOT_TCP:
        c->not_tcp_frames++;
        quote = mc_decode_icmp(s->decoder);
        if (MC_UNLIKELY(s->crowd != NULL)) {
            mc_crowd_other(s->crowd, mc_decode_other(s->decoder), quote, p);
            break;
        }
        if (mc_decode_other(s->decoder)->kind == MC_OTHER_ARP)
            mc_watch_note_arp(&s->watch, mc_decode_other(s->decoder), s->first_number + (uint64_t)(p - s->packets));
        else if (s->wants_names)
            note_datagram(s, p);
        if (quote != NULL)
            note_icmp(s, quote, p);
        break;
    case MC_V_UNDECODED:
        c->undecoded_frames++;
        break;
    case MC_V_FRAGMENT:
        c->fragment_frames++;
        break;
    case MC_V_TRUNCATED:
        c->sliced_header_frames++;
        break;
    case MC_V_MALFORMED:
    case MC_V_COUNT:
        c->malformed_frames++;
        break;
    }
}

/* Any frame. */
void mc_session_take_frame(mc_session *s, const mc_packet *p)
{
    mc_capture_facts *c = &s->capture;
    mc_decode_stats was;
    mc_verdict verdict;
    size_t count;

    if (s->pending > MC_BATCH)                   /* room for those of a whole frame */
        mc_session_flush(s);
    if (MC_UNLIKELY(p->linktype == MC_LINKTYPE_RECORD)) {
        c->record_frames++;
        c->timeless_frames--;                /* of packets only */
        c->not_tcp_frames++;
        return;
    }
    if (MC_UNLIKELY(s->logger != NULL))
        mc_decode_get_stats(s->decoder, &was);
    verdict = mc_decode(s->decoder, p, &s->segments[s->decoded], &count);
    if (MC_UNLIKELY(s->logger != NULL) && mc_saving_keeps_frame(s, verdict, &s->segments[s->decoded], count, &was)) {
        mc_saving_frame_begins(s, p, count, &was);
        take_verdict(s, p, verdict, count);
        mc_saving_frame_ends(s);
    } else {
        take_verdict(s, p, verdict, count);
    }
}

/* A frame of a common shape: true if it is the server's.  A plain segment or SYN is not
   even decoded: only the little that the fast paths need is taken from it. */
MC_INLINE bool take_common(mc_session *s, mc_match *m, const mc_packet *p, const mc_headers *h, bool v6, bool many)
{
    mc_segment *decoded;
    mc_syn_options syn_options;
    const uint8_t *timestamps;

    if (v6) {
        const mc_endpoints endpoints = mc_decode_endpoints(h, true);

        if (!mc_analysis_match(&s->watch.analysis, &endpoints, m))
            return false;
    } else {
        const mc_endpoints4 endpoints = mc_decode_endpoints4(h);

        if (!mc_analysis_match4(&s->watch.analysis, &endpoints, m))
            return false;
    }
    if (many)
        mc_flows_prefetch_slot(s->watch.analysis.flows, m->hash);
    if (MC_LIKELY(mc_decode_has_timestamps(h))) {
        mc_match_plain(m, mc_decode_summary(h, v6, h->tcp + 24), p);
    } else if (mc_decode_is_bare(h)) {
        mc_match_plain(m, mc_decode_summary(h, v6, NULL), p);
    } else if (mc_decode_is_syn(h, &syn_options, &timestamps)) {
        mc_match_syn(m, mc_decode_summary(h, v6, timestamps), syn_options, p);
    } else {
        decoded = &s->segments[s->decoded++];
        mc_decode_fill(decoded, h, v6);
        mc_match_decoded(m, decoded, p);
    }
    return true;
}

/* A segment of another server's connection that may hold a question for a name, or an answer.  Its headers are found once
   more: where they are handed over they lie in memory for all frames. */
MC_NOINLINE static void take_stream(mc_session *s, const mc_packet *p)
{
    mc_segment segment;
    mc_headers headers;

    if (!mc_decode_find(p, &headers))
        return;
    mc_decode_fill(&segment, &headers, headers.v6);
    note_stream(s, &segment, p);
}

/* Frames of which most are common. */
static void take_ethernet(mc_session *s, const mc_packet *p, const mc_packet *end)
{
    const bool many = mc_flows_are_many(s->watch.analysis.flows) && !mc_flows_are_scattered(s->watch.analysis.flows);
    const uint64_t all = (uint64_t)(end - p);
    uint64_t uncommon = 0, others = 0;
    mc_match *m = &s->matches[s->pending];
    mc_headers headers;

    for (; p < end; p++) {
        if (MC_UNLIKELY(!mc_decode_find(p, &headers))) {
            s->pending = (uint32_t)(m - s->matches);
            mc_session_take_frame(s, p);
            m = &s->matches[s->pending];
            uncommon++;
        } else if (MC_LIKELY(!headers.v6) ? take_common(s, m, p, &headers, false, many)
                                          : take_common(s, m, p, &headers, true, many)) {
            m++;
        } else {
            others++;
            if (MC_UNLIKELY(mc_watch_is_syn(headers.tcp[13]))) {
                const mc_endpoints ends = mc_decode_endpoints(&headers, headers.v6);

                note_other_port(s, &ends, p);
            } else if (MC_UNLIKELY(mc_dns_is_port(mc_be32(headers.tcp)) && s->wants_names)) {
                s->pending = (uint32_t)(m - s->matches);
                if (MC_UNLIKELY(s->logger != NULL)) {
                    mc_session_take_frame(s, p);
                    others--;
                    uncommon++;
                } else {
                    take_stream(s, p);
                }
                m = &s->matches[s->pending];
            }
        }
    }
    s->pending = (uint32_t)(m - s->matches);
    s->capture.tcp_segments += all - uncommon;
    s->watch.matched_frames += all - uncommon - others;
    s->capture.other_tcp_frames += all - uncommon;
}

/* Frames for many servers, of which most are common. */
static void take_crowd(mc_session *s, const mc_packet *p, const mc_packet *end)
{
    while (p < end) {
        const size_t taken = mc_crowd_common(s->crowd, p, (size_t)(end - p));

        s->capture.tcp_segments += taken;
        s->capture.other_tcp_frames += taken;
        p += taken;
        if (taken == 0)
            mc_session_take_frame(s, p++);
    }
}

/*
 * The frames from 'p' to 'end', all of them wanted.  Until something has matched all go
 * through mc_decode(), so that who else there is can be remembered.
 */
static void take_frames(mc_session *s, const mc_packet *p, const mc_packet *end)
{
    bool ethernet;

    s->watch.analysis.clock_ns = s->clock_ns != MC_NO_TIME ? s->clock_ns : 0;
    if (MC_UNLIKELY(s->crowd != NULL))
        mc_crowd_begin(s->crowd, s->packets, s->first_number, s->watch.analysis.clock_ns, s->prefetcher);
    ethernet = mc_frames_note(&s->capture, p, (size_t)(end - p));

    if (MC_UNLIKELY(s->crowd != NULL) && ethernet && !s->verify_checksums)
        take_crowd(s, p, end);
    else if (MC_LIKELY(ethernet && s->matching && !s->verify_checksums))
        take_ethernet(s, p, end);
    else
        for (; p < end; p++)
            mc_session_take_frame(s, p);
}

/* The frames of a batch are done with: the next one without a time is as old as the last one with one. */
static void move_clock(mc_session *s, const mc_packet *packets, size_t count)
{
    while (count > 0 && packets[count - 1].time_ns == MC_NO_TIME)
        count--;
    if (count > 0)
        s->clock_ns = s->piece_clock_ns = packets[count - 1].time_ns;
}

/*
 * A classic pcap file has one link type: if no IP can be in it, there is nothing
 * to analyse.  (In pcapng others may follow; there they are counted.)
 */
static bool is_undecodable(mc_session *s, const mc_packet *first, mc_error *err)
{
    mc_source_facts f;
    const char *name;

    if (mc_decode_knows(first->linktype))
        return false;
    mc_source_get_facts(s->source, &f);
    if (f.format == NULL || strcmp(f.format, "pcap") != 0 || s->input_count != 1)
        return false;
    name = mc_linktype_name(first->linktype);
    mc_fail(err, MC_LINK_TYPE, (int)first->linktype, "%s: link type %u (%s) carries no IP that is understood here",
            s->input_name, (unsigned)first->linktype, name != NULL ? name : "unknown");
    return true;
}

/* -------------------------------------------------------------------- steps */

void mc_session_stop(mc_session *s, mc_status reason, const char *message)
{
    if (s->ended)
        return;
    s->ended = true;
    s->capture.stopped = reason;
    snprintf(s->capture.stopped_reason, sizeof s->capture.stopped_reason, "%s", message);
}

mc_status mc_session_add(mc_session *s, const mc_input *input, mc_error *err)
{
    mc_error local;
    mc_status status;

    if (err == NULL)
        err = &local;
    if (s->ended)
        return mc_fail(err, MC_INVALID, 0, "no more inputs are taken");
    status = mc_source_add(s->source, input, err);
    if (status == MC_OK)
        s->input_count++;
    return status;
}

void mc_session_last(mc_session *s)
{
    mc_source_last(s->source);
}

size_t mc_session_inputs(const mc_session *s)
{
    mc_source_facts f;

    mc_source_get_facts(s->source, &f);
    return f.inputs;
}

/* How many packets the next batch may have; 0: the limit is reached. */
static size_t batch_size(const mc_session *s, size_t budget)
{
    uint64_t read = mc_session_frames(s);
    uint64_t most = mc_flows_are_scattered(s->watch.analysis.flows) ? MC_BATCH : MC_SMALL_BATCH;
    uint64_t left = s->max_packets == 0 ? most : s->max_packets > read ? s->max_packets - read : 0;

    return (size_t)mc_min_u64(mc_min_u64(left, most), budget);
}

/* A failure after the first packet is a partial result; before it an error. */
static mc_status end_with(mc_session *s, mc_status status, mc_error *err)
{
    if (status == MC_END) {
        s->ended = true;
        return MC_END;
    }
    if (mc_session_frames(s) == 0 || status == MC_NOMEM)
        return status;
    mc_session_stop(s, status, err->msg);
    return MC_END;
}

mc_status mc_session_step(mc_session *s, size_t budget, unsigned wait_ms, mc_error *err)
{
    mc_error local;
    mc_status status;
    size_t count, i;

    if (err == NULL)
        err = &local;
    if (budget == 0)
        budget = DEFAULT_BUDGET;
    while (budget > 0) {
        size_t max = batch_size(s, budget);

        if (s->ended)
            return MC_END;
        if (MC_UNLIKELY(s->saving.replay != NULL && !s->saving.replayed)) {
            status = mc_saving_step(s, &budget, err);
            if (status != MC_OK && status != MC_END)
                return status;
            continue;
        }
        if (max == 0) {
            char text[64];

            snprintf(text, sizeof text, "stopped after %llu packets (max_packets)",
                     (unsigned long long)s->max_packets);
            mc_session_stop(s, MC_LIMIT, text);
            return MC_END;
        }
        if (s->deadline_ns != 0 && monotonic_ns() >= s->deadline_ns)
            return end_with(s, mc_fail(err, MC_TIMEOUT, 0, "stopped when the time was up (timeout_ms)"), err);
        status = mc_source_next(s->source, s->packets, max, &count, wait_ms, err);
        if (status != MC_OK)
            return end_with(s, status, err);
        if (count > 0 && mc_session_frames(s) == 0 && s->saving.place.kind != MC_PIECE_ALONE &&
            is_undecodable(s, &s->packets[0], err))
            return MC_LINK_TYPE;
        s->prefetcher = mc_source_prefetcher(s->source);
        s->first_number = mc_session_frames(s) + 1;
        if (MC_LIKELY(!s->filtering)) {
            take_frames(s, s->packets, s->packets + count);
        } else {
            for (i = 0; i < count; i++) {
                if (is_wanted(s, &s->packets[i]))
                    take_frames(s, &s->packets[i], &s->packets[i + 1]);
                else
                    s->capture.filtered_frames++;
            }
        }
        mc_session_flush(s);
        move_clock(s, s->packets, count);
        if (s->watch.analysis.no_memory || s->watch.analysis.speech.no_memory ||
            (s->crowd != NULL && mc_crowd_no_memory(s->crowd)))
            return mc_fail(err, MC_NOMEM, 0, "out of memory");
        if (count == 0)
            return MC_OK;                        /* idle: the caller decides what to do meanwhile */
        budget -= count;
    }
    return MC_OK;
}

void mc_session_progress(const mc_session *s, uint64_t *done, uint64_t *total)
{
    mc_source_facts f;

    mc_source_get_facts(s->source, &f);
    *done = f.bytes_done;
    *total = f.bytes_total;
}
