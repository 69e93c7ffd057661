/*
 * session.c: the whole way: source -> decode -> match -> analysis.
 */
#include "session/session.h"

#include <stdlib.h>
#include <time.h>

#include "capture/reader.h"
#include "session/take.h"
#include "base/monotonic.h"
#include "base/sanitize.h"
#include "outcomes/aggregates.h"
#include "stage/url_policy.h"

#define DEFAULT_BUDGET 8192          /* packets a step: about a millisecond */

/* Where URLs may not lead everywhere, a filter's names are not looked up: that too reaches out, and takes its time. */
static mc_status open_filter(mc_session *s, const mc_options *options, mc_error *err)
{
    const bool is_free = options->url_allowed && options->url_private && options->url_host_count == 0;
    char name[64], shown[MC_SANITIZED_SIZE];
    size_t length = 0;
    const char *const asked = is_free ? NULL : mc_filter_asks_for(options->filter, &length);

    if (asked == NULL)
        return mc_filter_open(&s->filter, options->filter, err);
    snprintf(name, sizeof name, "%.*s", (int)(length < sizeof name ? length : sizeof name - 1), asked);
    return mc_fail(err, MC_FILTER, 0, "filter: \"%s\" is neither an address nor a word of filters, and names are not "
                   "looked up", mc_sanitize_text(shown, sizeof shown, name));
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
        status = open_filter(s, options, err);
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
        s->deadline_ns = mc_monotonic_ns() + options->timeout_ms * MC_NS_PER_MS;
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
    free(s->sweeps);
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
    const int64_t waited = mc_source_waited(s->source), most = (int64_t)wait_ms * MC_NS_PER_MS;
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
        if (s->deadline_ns != 0 && mc_monotonic_ns() >= s->deadline_ns)
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
            mc_session_take_frames(s, s->packets, s->packets + count);
        } else {
            for (i = 0; i < count; i++) {
                if (is_wanted(s, &s->packets[i]))
                    mc_session_take_frames(s, &s->packets[i], &s->packets[i + 1]);
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
        if (most > 0 && mc_source_waited(s->source) - waited >= most)
            return MC_OK;                        /* it comes in drops, each of them waited for */
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
