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

/* On which ends a segment matches: where it goes, and its key. */
typedef struct mc_match {
    mc_flow_key key;
    uint64_t fingerprint;            /* of the packet, for finding copies of it */
    uint32_t hash;
    uint32_t packet;                 /* which one of the batch */
    bool from_server;                /* the source is the server */
    bool self;                       /* source and destination are the same endpoint */
    bool undecided;                  /* both ends match: the connection's opener decides */
} mc_match;

mc_status mc_analysis_init(mc_analysis *a, const mc_endpoint *server, const mc_options *options,
                           mc_error *err);
void mc_analysis_free(mc_analysis *a);

/* False: a segment with these ends is none of this server's.  Else all of 'm' is set but
   the fingerprint and the packet. */
MC_INLINE bool mc_analysis_match(const mc_analysis *a, const mc_ends *e, mc_match *m)
{
    bool from = e->src[1] == a->server_addr[1] && e->src[0] == a->server_addr[0] &&
                (a->server.port == 0 || a->server.port == e->sport);
    bool to = e->dst[1] == a->server_addr[1] && e->dst[0] == a->server_addr[0] &&
              (a->server.port == 0 || a->server.port == e->dport);

    if (!from && !to)
        return false;
    m->self = m->undecided = m->key.both = false;
    if (MC_UNLIKELY(from && to)) {
        m->self = e->sport == e->dport;
        m->undecided = m->key.both = !m->self;
        from = false;
    }
    m->from_server = from;
    if (from) {
        memcpy(m->key.peer, e->dst, sizeof e->dst);
        m->key.peer_port = e->dport;
        m->key.server_port = e->sport;
    } else {
        memcpy(m->key.peer, e->src, sizeof e->src);
        m->key.peer_port = e->sport;
        m->key.server_port = e->dport;
    }
    m->hash = mc_flows_hash(a->flows, &m->key);
    return true;
}

/* The frame that a segment came in. */
typedef struct mc_frame {
    uint64_t number;                 /* from 1 */
    int64_t time_ns;
    uint32_t wirelen, caplen;
} mc_frame;

/* Takes 'count' segments in order; they lie in 'packets', of which the first is frame 'first'. */
void mc_analysis_segments(mc_analysis *a, const mc_match *matches, const mc_segment *segments, uint32_t count,
                          const mc_packet *packets, uint64_t first);

#endif
