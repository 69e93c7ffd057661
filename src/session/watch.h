/*
 * watch.h: what is kept of one server besides the frames, which are nobody's.
 */
#ifndef MC_WATCH_H
#define MC_WATCH_H

#include "engine/analysis.h"
#include "table/scanners.h"
#include "table/sweeps.h"

#define MC_ROWS_LEAST 10             /* opinions rest on so many connections, whatever is to be shown */

typedef struct mc_watch {
    mc_analysis analysis;
    mc_scanners scanners;            /* who tries its other ports */
    mc_icmp_facts icmp[MC_ICMP_KINDS];
    uint32_t icmp_count;
    uint64_t icmp_others;
    mc_hardware_claims claims;       /* who claims the server's address */
    uint64_t matched_frames;         /* those that hold a segment of it */
} mc_watch;

/* The quoted header is of one of the server's segments. */
bool mc_watch_is_quoted(const mc_watch *w, const mc_icmp_quote *q);

/* An ICMP error about one of the server's connections is evidence. */
void mc_watch_note_icmp(mc_watch *w, const mc_icmp_quote *q, uint64_t frame);

/* What claims an address (mc_other_claims()) may claim the server's. */
void mc_watch_note_claim(mc_watch *w, const mc_other *claim, uint64_t frame);

/* A SYN that opens: neither an answer nor part of a reset. */
static inline bool mc_watch_is_syn(unsigned flags)
{
    return (flags & (MC_TH_SYN | MC_TH_ACK | MC_TH_RST)) == MC_TH_SYN;
}

/* Opens, or answers who does. */
static inline bool mc_watch_has_syn(unsigned flags)
{
    return (flags & (MC_TH_SYN | MC_TH_RST)) == MC_TH_SYN;
}

/* A segment with mc_watch_has_syn(): who asks whom for which port. */
static inline void mc_watch_note_asked(mc_sweeps *sweeps, const mc_endpoints *e, unsigned flags)
{
    if (mc_watch_is_syn(flags))
        mc_sweeps_note(sweeps, e->src, e->dst, (uint16_t)e->ports, false);
    else
        mc_sweeps_note(sweeps, e->dst, e->src, (uint16_t)(e->ports >> 16), true);
}

/* A SYN from 'src' to port 'port' of 'dst', which are not what was asked for: another port of
   the server? */
static inline void mc_watch_note_other_port(mc_watch *w, const uint64_t src[2], const uint64_t dst[2], uint32_t port,
                                            uint64_t frame)
{
    const uint64_t *server = w->analysis.server_addr;

    if (dst[0] == server[0] && dst[1] == server[1])
        mc_scanners_note(&w->scanners, src, (uint16_t)port, frame);
}

/* A SYN-ACK from 'src', which is no answer of what was asked for: of another port of the server?  'dst' is who asked. */
static inline bool mc_watch_is_other_answer(const mc_watch *w, const uint64_t src[2], const uint64_t dst[2])
{
    const uint64_t *server = w->analysis.server_addr;

    return src[0] == server[0] && src[1] == server[1] && (dst[0] != server[0] || dst[1] != server[1]);
}

/*
 * What a caller reads of it, as of a capture with the facts 'capture', but for the candidates.  'sweeps': who asks many
 * hosts for one port; NULL: nobody.
 * 'f' is freed first, and must be freed.  False: no memory.
 */
bool mc_watch_fill(const mc_watch *w, const mc_sweeps *sweeps, const mc_capture_facts *capture, uint32_t top_wanted,
                   uint32_t buckets_wanted, mc_facts *f);

/* What the connection of a row says; certificates are those of 'facts', which must live as long as the row. */
void mc_watch_fill_row(const mc_watch *w, const mc_application_facts *facts, mc_top_connection *row);

#endif
