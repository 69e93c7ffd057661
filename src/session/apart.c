/*
 * apart.c: frames that are kept as they are.
 */
#include "session/apart.h"

/* The sums that a frame may add to; those of the source are no business of one. */
static void get_sums(const mc_session *s, mc_capture_facts *c)
{
    mc_decode_stats dec;

    *c = s->capture;
    mc_decode_get_stats(s->decoder, &dec);
    mc_session_decoded(c, &dec);
    c->matched_frames = s->watch.matched_frames;
}

bool mc_apart_is_due(const mc_session *s, mc_verdict verdict, const mc_segment *segments, size_t count,
                           const mc_decode_stats *was)
{
    const mc_other *o;
    mc_decode_stats is;
    size_t i;

    mc_decode_get_stats(s->decoder, &is);
    if (is.fragments != was->fragments)
        return true;
    if (verdict == MC_V_NOT_TCP) {
        o = mc_decode_other(s->decoder);
        return mc_other_claims(o) ? memcmp(o->claimed, s->watch.analysis.server.addr, 16) == 0
                                  : s->wants_names && o->kind == MC_OTHER_UDP &&
                                        mc_dns_is_port((uint32_t)o->sport << 16 | o->dport);
    }
    for (i = 0; verdict == MC_V_TCP && s->wants_names && i < count; i++)
        if (segments[i].len > 0 && mc_dns_is_port((uint32_t)segments[i].sport << 16 | segments[i].dport))
            return true;
    return false;
}

void mc_apart_begins(mc_session *s, const mc_packet *p, const mc_decode_stats *was)
{
    mc_capture_facts now, before;

    mc_logger_frame(s->logger, p, s->packets, s->first_number, s->piece_clock_ns);
    s->logger->raw = true;
    get_sums(s, &now);
    before = now;
    mc_session_decoded(&before, was);
    /* what decoding it has added; the rest is added later */
    mc_sums_less(&s->saving.apart, &before, &now);
    s->saving.apart_at = now;
}

void mc_apart_ends(mc_session *s)
{
    mc_capture_facts now;

    get_sums(s, &now);
    mc_sums_less(&s->saving.apart, &s->saving.apart_at, &now);
    s->logger->raw = false;
}
