/*
 * analysis.h: one server's segments in, sums out.
 *
 * The way of a segment: its connection (flow) -> rules (tcp) -> bytes -> states
 * and endings (state) -> late or not, and why (late) -> the sums of its direction.
 */
#ifndef MC_ANALYSIS_H
#define MC_ANALYSIS_H

#include "conn.h"
#include "decode_fast.h"
#include "flow.h"
#include "late.h"
#include "scout.h"
#include "pool.h"
#include "stats.h"

/* Memory for unacknowledged segments, holes and other details of all connections. */
#define MC_DETAIL_MEMORY ((uint64_t)64 << 20)

/* A request without any answer for so long is left unanswered. */
#define MC_SILENCE_NS (2 * MC_NS_PER_S)

typedef struct mc_analysis {
    mc_endpoint server;
    uint64_t server_addr[2];         /* server.addr, as its bytes lie */
    mc_flows *flows;
    mc_pool pool;                    /* lists: rings and ranges */
    mc_copies *copies;
    mc_direction_facts direction[2]; /* without what the connections know: facts.c adds it */
    uint64_t counted[2];             /* the latest frame whose bytes were counted in this direction */
    mc_timeline timeline;
    mc_hist to_server, to_client;    /* handshake halves */
    mc_hist response, think;
    mc_examples slow_answers;        /* the slowest first */
    int64_t slow_answer_ns[MC_EXAMPLES];
    mc_hist rtt[2];
    uint64_t time_regressions;
    uint64_t idle_gaps;
    int64_t max_idle_ns;
    uint64_t not_kept;               /* segments whose connection found no place */
    bool no_memory;
    bool general_only;               /* for tests: no segment takes the short way */
} mc_analysis;

/* One segment of the server: on which ends it matches, and what the short ways need of it. */
typedef struct mc_match {
    mc_flow_key key;
    mc_brief brief;
    mc_offer offer;                  /* of a SYN that is not decoded */
    uint64_t fingerprint;            /* of the packet, for finding copies of it */
    uint32_t hash;
    uint16_t packet;                 /* which one of the batch */
    uint16_t segment;                /* which one of the decoded ones, if it is decoded */
    bool decoded;                    /* else it is the packet's only one, and the packet tells the rest */
    bool plain;                      /* no flag but ACK and PSH, no option but timestamps; what is neither
                                        decoded nor plain is a SYN */
    uint8_t kind;                    /* MC_MATCH_ */
} mc_match;

#define MC_MATCH_FROM_SERVER 1       /* the source is the server */
#define MC_MATCH_SELF        2       /* source and destination are the same endpoint */
#define MC_MATCH_UNDECIDED   4       /* both ends match: the connection's opener decides */

/* The half that sent a segment from port 'sport'. */
MC_INLINE unsigned mc_match_side(const mc_match *m, const mc_conn *c, uint32_t sport)
{
    return MC_UNLIKELY((m->kind & MC_MATCH_UNDECIDED) != 0) ? sport == c->server_port
                                                            : m->kind & MC_MATCH_FROM_SERVER;
}

mc_status mc_analysis_init(mc_analysis *a, const mc_endpoint *server, const mc_options *options,
                           mc_error *err);
void mc_analysis_free(mc_analysis *a);

/* False: a segment with these ends is none of this server's.  Else the key and what comes
   of it is set in 'm'; the packet and one of the functions below do the rest. */
MC_INLINE bool mc_analysis_match(const mc_analysis *a, const mc_ends *e, mc_match *m)
{
    const uint64_t *server = a->server_addr;
    const uint16_t port = a->server.port;
    bool from = (e->src[1] == server[1]) & (e->src[0] == server[0]) & ((port == 0) | (port == e->sport));
    bool to = (e->dst[1] == server[1]) & (e->dst[0] == server[0]) & ((port == 0) | (port == e->dport));

    if (!(from | to))
        return false;
    m->kind = from;
    m->key.both = false;
    if (MC_UNLIKELY(from & to)) {
        m->kind = e->sport == e->dport ? MC_MATCH_SELF : MC_MATCH_UNDECIDED;
        m->key.both = e->sport != e->dport;
        from = false;
    }
    m->key.peer[0] = from ? e->dst[0] : e->src[0];
    m->key.peer[1] = from ? e->dst[1] : e->src[1];
    m->key.peer_port = from ? e->dport : e->sport;
    m->key.server_port = from ? e->sport : e->dport;
    m->hash = mc_flows_hash(a->flows, &m->key);
    return true;
}

/* What the match says of its segment besides the ends: a plain one that still lies in its packet ... */
MC_INLINE void mc_match_plain(mc_match *m, mc_brief brief)
{
    m->brief = brief;
    m->fingerprint = mc_copies_fingerprint(&brief, m->key.peer);
    m->decoded = false;
    m->plain = true;
}

/* ... or a SYN that still does ... */
MC_INLINE void mc_match_syn(mc_match *m, mc_brief brief, mc_offer offer)
{
    mc_match_plain(m, brief);
    m->offer = offer;
    m->plain = false;
}

/* ... or any one, 's', which is number 'segment' of the decoded ones. */
static inline void mc_match_decoded(mc_match *m, const mc_segment *s, uint32_t segment)
{
    mc_match_plain(m, mc_decode_brief_of(s));
    m->decoded = true;
    m->segment = (uint16_t)segment;
    m->plain = (s->flags & (uint8_t)~MC_TH_PSH) == MC_TH_ACK && s->len_known &&
               (s->has & (MC_HAS_MSS | MC_HAS_SCALE | MC_HAS_SACKOK | MC_HAS_SACK | MC_BAD_CHECKSUM)) == 0;
}

/* The frame that a segment came in. */
typedef struct mc_frame {
    uint64_t number;                 /* from 1 */
    int64_t time_ns;
    uint32_t wirelen, caplen;
} mc_frame;

/* Takes 'count' segments in order; packets[0] is frame 'first'.  'scout' may go ahead meanwhile. */
void mc_analysis_segments(mc_analysis *a, const mc_match *matches, uint32_t count, const mc_segment *segments,
                          const mc_packet *packets, uint64_t first, mc_scout *scout);

#endif
