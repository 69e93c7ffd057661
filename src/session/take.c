/*
 * take.c: frames on their way to the analysis of one server, or to the crowd.
 */
#include "session/take.h"

#include <stdlib.h>

#include "session/apart.h"
#include "session/frames.h"

static uint64_t number_of(const mc_session *s, const mc_packet *p)
{
    return s->first_number + (uint64_t)(p - s->packets);
}

/* Hands what is pending to the analysis. */
void mc_session_flush(mc_session *s)
{
    if (MC_UNLIKELY(s->tap != NULL))
        mc_tap_take(s->tap, s->matches, s->pending, s->packets, s->first_number);
    mc_analysis_segments(&s->watch.analysis, s->matches, s->pending, s->packets, s->first_number, s->prefetcher);
    if (MC_UNLIKELY(s->logger != NULL))
        mc_logger_segments(s->logger, s->matches, s->pending, s->packets, s->first_number, s->piece_clock_ns);
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

mc_sweeps *mc_session_sweeps(mc_session *s)
{
    if (s->sweeps == NULL)
        s->sweeps = calloc(1, sizeof *s->sweeps);
    s->watch.analysis.no_memory |= s->sweeps == NULL;
    return s->sweeps;
}

/* A SYN, or an answer to one, that is not of the server's port. */
MC_NOINLINE static void note_other_syn(mc_session *s, const mc_endpoints *e, unsigned flags, const mc_packet *p)
{
    const uint64_t *server = s->watch.analysis.server_addr;
    mc_sweeps *sweeps = mc_session_sweeps(s);

    if (sweeps != NULL)
        mc_watch_note_asked(sweeps, e, flags);
    if (!mc_watch_is_syn(flags)) {
        if (mc_watch_is_other_answer(&s->watch, e->src, e->dst)) {
            mc_scanners_note_answer(&s->watch.scanners, number_of(s, p));
            if (MC_UNLIKELY(s->logger != NULL))
                mc_logger_syn_ack(s->logger, number_of(s, p));
        }
        return;
    }
    mc_watch_note_other_port(&s->watch, e->src, e->dst, e->ports & 0xffff, number_of(s, p));
    if (MC_UNLIKELY(s->logger != NULL) && e->dst[0] == server[0] && e->dst[1] == server[1])
        mc_logger_syn(s->logger, e->src, (uint16_t)e->ports, number_of(s, p));
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
        !mc_dns_add(s->names, o, number_of(s, p), p->time_ns))
        s->watch.analysis.no_memory = true;
}

/* Of another server's connection. */
static void note_stream(mc_session *s, const mc_segment *segment, const mc_packet *p)
{
    if (segment->len > 0 && hear_names(s) &&
        !mc_dns_add_stream(s->names, segment, number_of(s, p), p->time_ns))
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
        if (mc_watch_has_syn(from[i].flags))
            note_other_syn(s, &endpoints, from[i].flags, p);
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
    mc_watch_note_icmp(&s->watch, quote, number_of(s, p));
    if (MC_UNLIKELY(s->logger != NULL) && mc_watch_is_quoted(&s->watch, quote))
        mc_logger_icmp(s->logger, quote, number_of(s, p));
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
        if (mc_other_claims(mc_decode_other(s->decoder)))
            mc_watch_note_claim(&s->watch, mc_decode_other(s->decoder), number_of(s, p));
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
    if (MC_UNLIKELY(s->logger != NULL) && mc_apart_is_due(s, verdict, &s->segments[s->decoded], count, &was)) {
        const uint32_t at = s->decoded;

        mc_session_flush(s);
        memmove(s->segments, &s->segments[at], count * sizeof *s->segments);
        mc_apart_begins(s, p, &was);
        take_verdict(s, p, verdict, count);
        mc_session_flush(s);
        mc_apart_ends(s);
    } else {
        const uint32_t at = s->decoded;
        uint32_t i;
        bool reassembled = false;

        take_verdict(s, p, verdict, count);
        for (i = at; i < s->decoded; i++)
            reassembled |= s->segments[i].reassembled != 0;
        if (MC_UNLIKELY(reassembled))
            mc_session_flush(s);                 /* before the datagram is gone */
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

/* Frames of a common link; 'ethernet' is a constant. */
MC_INLINE void take_link(mc_session *s, const mc_packet *p, const mc_packet *end, bool ethernet)
{
    const bool many = mc_flows_are_many(s->watch.analysis.flows) && !mc_flows_are_scattered(s->watch.analysis.flows);
    const uint64_t all = (uint64_t)(end - p);
    uint64_t uncommon = 0, others = 0;
    mc_match *m = &s->matches[s->pending];
    mc_headers headers;

    for (; p < end; p++) {
        const bool found = ethernet ? mc_decode_find_ethernet(p, &headers) : mc_decode_find_other(p, &headers);

        if (MC_UNLIKELY(!found)) {
            s->pending = (uint32_t)(m - s->matches);
            mc_session_take_frame(s, p);
            m = &s->matches[s->pending];
            uncommon++;
        } else if (MC_LIKELY(!headers.v6) ? take_common(s, m, p, &headers, false, many)
                                          : take_common(s, m, p, &headers, true, many)) {
            m++;
        } else {
            others++;
            if (MC_UNLIKELY(mc_watch_has_syn(headers.tcp[13]))) {
                const mc_endpoints ends = mc_decode_endpoints(&headers, headers.v6);

                note_other_syn(s, &ends, headers.tcp[13], p);
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

/* One function each, so that the compiler has the registers of each to itself. */
MC_NOINLINE static void take_other_link(mc_session *s, const mc_packet *p, const mc_packet *end)
{
    take_link(s, p, end, false);
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
void mc_session_take_frames(mc_session *s, const mc_packet *p, const mc_packet *end)
{
    bool common;

    s->watch.analysis.clock_ns = s->clock_ns != MC_NO_TIME ? s->clock_ns : 0;
    if (MC_UNLIKELY(s->crowd != NULL))
        mc_crowd_begin(s->crowd, s->packets, s->first_number, s->watch.analysis.clock_ns, s->prefetcher);
    common = mc_frames_note(&s->capture, p, (size_t)(end - p));

    if (MC_UNLIKELY(s->crowd != NULL) && common && !s->verify_checksums)
        take_crowd(s, p, end);
    else if (MC_LIKELY(common && s->matching && !s->verify_checksums) && p->linktype == MC_LINKTYPE_ETHERNET)
        take_link(s, p, end, true);
    else if (common && s->matching && !s->verify_checksums)
        take_other_link(s, p, end);
    else
        for (; p < end; p++)
            mc_session_take_frame(s, p);
}
