/*
 * analysis.h: one server's segments in, sums out.
 *
 * The way of a segment: its connection (flow) -> rules (tcp) -> bytes -> states
 * and endings (state) -> late or not, and why (late) -> the sums of its direction.
 */
#ifndef MC_ANALYSIS_H
#define MC_ANALYSIS_H

#include "conn.h"
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
    mc_direction_facts direction[2];
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
    uint64_t matched_segments;
    bool no_memory;
    bool general_only;               /* for tests: no segment takes the short way */
} mc_analysis;

/* On which ends a segment matches: where it goes, and its key. */
typedef struct mc_match {
    mc_flow_key key;
    uint64_t fingerprint;            /* of the packet, for finding copies of it */
    uint32_t hash;
    bool from_server;                /* the source is the server */
    bool self;                       /* source and destination are the same endpoint */
    bool undecided;                  /* both ends match: the connection's opener decides */
} mc_match;

mc_status mc_analysis_init(mc_analysis *a, const mc_endpoint *server, const mc_options *options,
                           mc_error *err);
void mc_analysis_free(mc_analysis *a);

/* False: the segment is none of this server's. */
static inline bool mc_analysis_match(const mc_analysis *a, const mc_segment *s, mc_match *m)
{
    uint64_t src[2], dst[2];
    bool from, to;

    memcpy(src, s->src, sizeof src);
    memcpy(dst, s->dst, sizeof dst);
    from = src[1] == a->server_addr[1] && src[0] == a->server_addr[0] &&
           (a->server.port == 0 || a->server.port == s->sport);
    to = dst[1] == a->server_addr[1] && dst[0] == a->server_addr[0] &&
         (a->server.port == 0 || a->server.port == s->dport);
    if (!from && !to)
        return false;
    m->self = from && to && s->sport == s->dport;
    m->undecided = from && to && !m->self;
    m->from_server = from && !to;
    m->key.both = m->undecided;
    if (m->from_server) {
        memcpy(m->key.peer, dst, sizeof dst);
        m->key.peer_port = s->dport;
        m->key.server_port = s->sport;
    } else {
        memcpy(m->key.peer, src, sizeof src);
        m->key.peer_port = s->sport;
        m->key.server_port = s->dport;
    }
    m->hash = mc_flows_hash(a->flows, &m->key);
    m->fingerprint = mc_copies_fingerprint(s);
    return true;
}

/* The frame that a segment came in. */
typedef struct mc_frame {
    uint64_t number;                 /* from 1 */
    int64_t time_ns;
    uint32_t wirelen, caplen;
    uint8_t counted[2];              /* its bytes have been counted in this direction */
} mc_frame;

void mc_analysis_segment(mc_analysis *a, const mc_match *m, const mc_segment *s, mc_frame *frame);

#endif
