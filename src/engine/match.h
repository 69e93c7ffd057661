/*
 * match.h: what all paths share: the analysis as it stands, and a segment of the
 * server on its way through it.
 */
#ifndef MC_MATCH_H
#define MC_MATCH_H

#include "application/talk.h"
#include "base/pool.h"
#include "capture/prefetcher.h"
#include "decode/decode_fast.h"
#include "engine/diary.h"
#include "outcomes/dialogue.h"
#include "facts/resolved.h"
#include "facts/stats.h"
#include "table/flow.h"
#include "tcp/copies.h"
#include "tcp/recent.h"

/* Memory for unacknowledged segments, holes and other details of all connections. */
#define MC_DETAIL_MEMORY ((uint64_t)64 << 20)

typedef struct mc_analysis {
    mc_endpoint server;
    uint64_t server_addr[2];         /* server.addr, as its bytes lie */
    uint32_t server4;                /* the same of IPv4 */
    bool is_v4;
    uint32_t port_twice, port_mask;  /* its port, in both halves; which bits must be equal: none if any port is */
    mc_flows *flows;
    mc_pool pool;                    /* lists: rings and ranges */
    mc_copies *copies;
    mc_recents *recents;
    mc_direction_facts direction[2]; /* without what the connections know: facts.c adds it */
    uint64_t counted[2];             /* the latest frame whose bytes were counted in this direction */
    mc_timeline timeline;
    mc_hist to_server, to_client;    /* the handshake: SYN to SYN-ACK, SYN-ACK to ACK */
    mc_hist response, think;
    mc_speech speech;
    mc_talks talks;
    mc_lookups *lookups;             /* whoever has them; NULL: nobody has asked for a name, or it is not wanted */
    mc_resolved resolved;
    mc_hardware_facts hardware;      /* but for the claims */
    mc_examples slow_answers;        /* the slowest first */
    int64_t slow_answer_ns[MC_EXAMPLES];
    mc_hist rtt[2];
    mc_attempt_examples attempt_examples;
    uint64_t time_regressions;
    int64_t max_regression_ns;
    uint64_t idle_gaps;
    int64_t max_idle_ns;
    int64_t clock_ns;                /* the time of what carries none: of the frames before this batch */
    uint64_t segments;               /* so many have come, on whatever path */
    uint64_t not_kept;               /* segments whose connection found no place */
    bool no_memory;
    mc_rules rules;
    uint32_t limits_followed;        /* sides (limits.h) */
    bool limits_untold;              /* there were more */
    bool sample_parts;               /* mc_rules_sample_parts() */
    mc_diary *diary;                 /* NULL, or where each segment of one pair is noted */
    struct mc_overheard *overheard;  /* NULL, or where payloads that were heard are noted (listen.h) */
    const struct mc_kept *kept;      /* NULL, or which payloads are not whole (listen.h) */
} mc_analysis;

/* One segment of the server: on which ends it matches, and what the fast paths need of it. */
typedef struct mc_match {
    mc_flow_key key;
    mc_segment_summary summary;
    mc_syn_options syn_options;      /* of a SYN that is not decoded */
    const mc_packet *packet;         /* it came in this one */
    const mc_segment *segment;       /* NULL: not decoded; it is the packet's only one, which tells the rest */
    mc_conn *guess;                  /* likely its connection; never NULL */
    uint64_t fingerprint;            /* of the packet, for finding copies of it */
    uint32_t hash;
    uint8_t kind;                    /* MC_MATCH_ */
} mc_match;

#define MC_MATCH_FROM_SERVER 1       /* the source is the server */
#define MC_MATCH_SELF        2       /* source and destination are the same endpoint */
#define MC_MATCH_UNDECIDED   4       /* both ends match: the connection's opener decides */
#define MC_MATCH_MARKED      8       /* another flag than ACK and PSH, another option than timestamps */
#define MC_MATCH_UNSEEN      16      /* else plain, but its options are cut off: where data was sent again it may say more */

/* One end is the server, and nothing is marked.  What is neither plain nor decoded is a SYN, or both ends are. */
MC_INLINE bool mc_match_is_plain(const mc_match *m);

/* The same, but that its options may be unseen. */
MC_INLINE bool mc_match_is_nearly_plain(const mc_match *m);

/* The endpoint that sent a segment from port 'sport'. */
MC_INLINE unsigned mc_match_side(const mc_match *m, const mc_conn *c, uint32_t sport);

/* Sets the key of 'm' and what comes of it, where one end at least is the server's, else
   returns false.  'ports' are the source's, then the destination's. */
MC_INLINE bool mc_match_set(const mc_analysis *a, mc_match *m, bool from, bool to, uint64_t peer_first,
                            uint64_t peer_second, uint32_t ports);

/*
 * False: a segment with these ends is none of this server's.  Else the key and what comes
 * of it is set in 'm'; the packet and one of the functions below do the rest.  One of the
 * ends is the server's, so the sum of both and the server (without carry) is the peer's.
 */
MC_INLINE bool mc_analysis_match(const mc_analysis *a, const mc_endpoints *e, mc_match *m);

/* The same of IPv4. */
MC_INLINE bool mc_analysis_match4(const mc_analysis *a, const mc_endpoints4 *e, mc_match *m);

/* What the match says of its segment besides the ends: a plain one that still lies in its packet ... */
MC_INLINE void mc_match_plain(mc_match *m, mc_segment_summary summary, const mc_packet *packet);

/* ... or a SYN that still does ... */
MC_INLINE void mc_match_syn(mc_match *m, mc_segment_summary summary, mc_syn_options syn_options,
                            const mc_packet *packet);

/* ... or any one that is decoded. */
static inline void mc_match_decoded(mc_match *m, const mc_segment *s, const mc_packet *packet);

/* The frame that a segment came in. */
typedef struct mc_frame {
    uint64_t number;                 /* from 1 */
    int64_t time_ns;                 /* of one without a time: that of the last frame with one */
    bool timeless;                   /* it carries no time */
    uint32_t wirelen, caplen;
} mc_frame;

/* Segments on their way through the analysis. */
typedef struct mc_run {
    mc_match *next, *end;
    mc_match *ahead;                 /* up to here memory is being fetched */
    const mc_packet *packets;        /* packets[0] is frame 'first' */
    uint64_t first;
    mc_prefetcher *prefetcher;       /* may go ahead meanwhile */
    bool guessed;                    /* mc_match.guess is set in all of them */
} mc_run;

/* The number of the frame that 'm' came in. */
static inline uint64_t mc_run_frame(const mc_run *run, const mc_match *m);

/* ------------------------------------------------------------------ bodies */

MC_INLINE bool mc_match_is_plain(const mc_match *m)
{
    return m->kind <= MC_MATCH_FROM_SERVER;
}

MC_INLINE bool mc_match_is_nearly_plain(const mc_match *m)
{
    return (m->kind & (unsigned)~MC_MATCH_UNSEEN) <= MC_MATCH_FROM_SERVER;
}

MC_INLINE unsigned mc_match_side(const mc_match *m, const mc_conn *c, uint32_t sport)
{
    return MC_UNLIKELY((m->kind & MC_MATCH_UNDECIDED) != 0) ? sport == c->server_port
                                                            : m->kind & MC_MATCH_FROM_SERVER;
}

MC_INLINE bool mc_match_set(const mc_analysis *a, mc_match *m, bool from, bool to, uint64_t peer_first,
                            uint64_t peer_second, uint32_t ports)
{
    unsigned turn;                   /* the peer's port comes first: whose it is nobody can foresee, so no branch */

    m->kind = from;
    m->key.both = false;
    if (MC_UNLIKELY(from == to)) {
        if (!from)
            return false;
        m->key.both = ports >> 16 != (ports & 0xffff);
        m->kind = m->key.both ? MC_MATCH_UNDECIDED : MC_MATCH_SELF;
        from = false;
    }
    turn = (unsigned)(from == (__BYTE_ORDER__ != __ORDER_LITTLE_ENDIAN__)) << 4;
    m->key.ports = ports << turn | ports >> (-turn & 31);
    m->key.peer[0] = peer_first;
    m->key.peer[1] = peer_second;
    m->hash = mc_flows_hash(a->flows, &m->key);
    return true;
}

MC_INLINE bool mc_analysis_match(const mc_analysis *a, const mc_endpoints *e, mc_match *m)
{
    const uint64_t *server = a->server_addr;
    const uint32_t wrong = (e->ports ^ a->port_twice) & a->port_mask;
    const uint64_t src[2] = { e->src[0] ^ server[0], e->src[1] ^ server[1] };
    const uint64_t dst[2] = { e->dst[0] ^ server[0], e->dst[1] ^ server[1] };

    return mc_match_set(a, m, (src[0] | src[1] | wrong >> 16) == 0, (dst[0] | dst[1] | (wrong & 0xffff)) == 0,
                        src[0] ^ e->dst[0], src[1] ^ e->dst[1], e->ports);
}

MC_INLINE bool mc_analysis_match4(const mc_analysis *a, const mc_endpoints4 *e, mc_match *m)
{
    const uint32_t wrong = (e->ports ^ a->port_twice) & a->port_mask;
    const uint32_t src = e->src ^ a->server4, dst = e->dst ^ a->server4;

    return a->is_v4 && mc_match_set(a, m, (src | wrong >> 16) == 0, (dst | (wrong & 0xffff)) == 0, 0,
                                    mc_mapped_word(src ^ e->dst), e->ports);
}

MC_INLINE void mc_match_plain(mc_match *m, mc_segment_summary summary, const mc_packet *packet)
{
    m->summary = summary;
    m->packet = packet;
    m->segment = NULL;
}

MC_INLINE void mc_match_syn(mc_match *m, mc_segment_summary summary, mc_syn_options syn_options,
                            const mc_packet *packet)
{
    mc_match_plain(m, summary, packet);
    m->syn_options = syn_options;
    m->kind |= MC_MATCH_MARKED;
}

static inline void mc_match_decoded(mc_match *m, const mc_segment *s, const mc_packet *packet)
{
    m->summary = mc_summary_of(s);
    m->packet = packet;
    m->segment = s;
    if ((s->flags & (uint8_t)~MC_TH_PSH) != MC_TH_ACK || !s->len_known || packet->time_ns == MC_NO_TIME ||
        (s->has & (MC_HAS_MSS | MC_HAS_SCALE | MC_HAS_SACKOK | MC_HAS_SACK | MC_BAD_CHECKSUM)) != 0 ||
        s->sack_cut == MC_SACK_EDGE)
        m->kind |= MC_MATCH_MARKED;
    else if (s->sack_cut == MC_SACK_UNSEEN)
        m->kind |= MC_MATCH_UNSEEN;
}

static inline uint64_t mc_run_frame(const mc_run *run, const mc_match *m)
{
    return run->first + (uint64_t)(m->packet - run->packets);
}

#endif
