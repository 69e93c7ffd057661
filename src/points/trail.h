/*
 * trail.h: one connection as it was seen at one point of the path.
 *
 * A trail keeps the segments that have no partner at the other point yet, and what of those
 * before them is needed to judge the rest: which bytes came by, what was acknowledged.
 */
#ifndef MC_TRAIL_H
#define MC_TRAIL_H

#include "base/store.h"
#include "engine/tap.h"

#define MC_COVER_RANGES 4
#define MC_PROOFS 4
#define MC_PRINTS 22                 /* marks by which the other point's trail is found, at most */

/* Both ends of something, in bytes from the trail's first sequence number on. */
typedef struct mc_stretch {
    int64_t from, to;
} mc_stretch;

/* The latest few stretches that something is known of. */
typedef struct mc_proofs {
    mc_stretch of[MC_PROOFS];
    uint32_t count;                  /* of all; the first of them are forgotten */
    int64_t forgotten_to;            /* these end here at last */
} mc_proofs;

/* Which bytes of a direction came by; with too many holes the lowest one counts as filled. */
typedef struct mc_cover {
    uint32_t base;                   /* sequence number of byte 0 */
    uint8_t count;
    bool begun;
    mc_stretch range[MC_COVER_RANGES]; /* in order, apart from each other */
} mc_cover;

/* What its trail knew of a segment when it came by. */
typedef struct mc_noted {
    uint32_t wait_us;                /* data that begin an answer: how long it was waited for; 0: they do not */
    uint32_t ordinal;                /* counted in its direction */
    uint16_t late;                   /* MC_LATE_ */
} mc_noted;

/* A segment that waits for its partner. */
typedef struct mc_record {
    uint32_t next;                   /* in the queue; 0: the last */
    mc_noted noted;
    bool matched;
    mc_seen seen;
} mc_record;

/* A segment as one point has it. */
typedef struct mc_sight {
    const mc_seen *seen;
    const mc_noted *noted;
} mc_sight;

static inline mc_sight mc_sight_of(const mc_record *r)
{
    return (mc_sight){ &r->seen, &r->noted };
}

#define MC_LATE_ACKED 1              /* all its bytes had been acknowledged when it came by */
#define MC_LATE_COVERED 2            /* all its bytes had come by before */
#define MC_LATE_TWIN    4            /* the same packet came by shortly before */
#define MC_LATE_ECHO   32            /* a reset like one that came by shortly before, in all that it has */
#define MC_LATE_SEVERAL 16           /* several at the other side may be it */
#define MC_LATE_OTHER   8            /* other bytes with the same numbers did */

#define MC_LATEST 4

/* What tells copies of a segment from each other; two fill a line of the caches. */
typedef struct mc_copy {
    _Alignas(MC_LINE / 2) uint32_t seq;
    uint32_t ack, len, mark, digest;
    uint16_t ip_id;
    uint8_t flags;
    uint8_t ttl;                     /* 0: none yet */
} mc_copy;

typedef struct mc_queue {
    uint32_t first, last, count;     /* numbers of records */
    uint32_t after;                  /* the latest partner was found behind this one; 0: in front */
} mc_queue;

/* One direction of a trail.  What every segment needs comes first, and fills one line of the caches. */
typedef struct mc_way {
    _Alignas(MC_LINE) mc_queue queue;
    uint32_t acked;                  /* highest acknowledgement of what this direction sent */
    uint32_t packets;
    int64_t last_ns;                 /* of the latest segment that was no reset */
    bool isn_known, ack_known, ttl_known;
    uint8_t ttl;                     /* of the latest segment with data or SYN */
    uint8_t payload_packets;         /* up to 255 */
    uint16_t mss;                    /* what this side says in its SYN that it takes; 0: nothing */
    mc_cover cover;
    uint32_t isn;
    uint32_t alone_seq;              /* the latest place of which copies were at this point only */
    uint32_t alone_copies;           /* so many */
    mc_copy latest[MC_LATEST];
    mc_proofs missed;                /* bytes that were acknowledged, by SACK too, before they first came by: a copy was missed */
    mc_proofs again;                 /* bytes that came by again */
    mc_proofs twice;                 /* that came by once, and twice to their receiver, as a SACK block says */
} mc_way;

/* What every segment needs comes first here, too. */
typedef struct mc_trail {
    _Alignas(MC_LINE) uint32_t hash; /* in the point's table; of one that is given back the store's */
    uint32_t next;                   /* in that table */
    uint32_t pair;                   /* 0: none yet */
    bool listed;                     /* in that table: the pair's current connection */
    bool ambiguous, given_up;
    bool begun;                      /* it has a segment */
    mc_flow_key key;
    int64_t last_ns;
    int64_t asked_ns;                /* the client's latest new data */
    bool opened;                     /* its SYN was seen */
    uint8_t opener;                  /* direction of that SYN */
    uint8_t fins, resets;            /* bits: directions that sent one */
    uint8_t side;                    /* of its point */
    uint8_t turn;                    /* direction of the latest data; 2: none yet */
    uint8_t print_count;
    mc_way way[2];
    int64_t first_ns;
    uint64_t first_frame;
    uint32_t prints[MC_PRINTS];
} mc_trail;

_Static_assert(offsetof(mc_way, cover.range[1]) == MC_LINE && offsetof(mc_trail, way) == MC_LINE, "lines of the caches");

/* Where the byte with sequence number 'seq' lies. */
int64_t mc_cover_place(mc_cover *c, uint32_t seq);

/* True: all of 'r' is covered. */
bool mc_cover_has(const mc_cover *c, mc_stretch r);

/* Some byte of 'r' is covered. */
bool mc_cover_touches(const mc_cover *c, mc_stretch r);
void mc_cover_add(mc_cover *c, mc_stretch r);

/* Bytes of sequence space that a segment takes: SYN and FIN count one each. */
static inline uint32_t mc_seen_space(const mc_seen *s)
{
    return s->len + ((s->flags & MC_TH_SYN) != 0) + ((s->flags & MC_TH_FIN) != 0);
}

static inline bool mc_seq_before(uint32_t a, uint32_t b)
{
    return (int32_t)(a - b) < 0;
}

/* Both are of the same client and port of the server. */
static inline bool mc_same_ends(const mc_flow_key *a, const mc_flow_key *b)
{
    return a->peer[0] == b->peer[0] && a->peer[1] == b->peer[1] && a->peer_port == b->peer_port &&
           a->server_port == b->server_port;
}

/* True: all of 'r' is one of these. */
bool mc_proofs_have(const mc_proofs *p, mc_stretch r);

/* A segment comes by: the trail's own state, and what it knew until then. */
void mc_trail_take(mc_trail *t, const mc_seen *s, mc_noted *noted);

/* Both sides have closed it, or one has reset it. */
static inline bool mc_trail_is_over(const mc_trail *t)
{
    return t->resets != 0 || t->fins == 3;
}

/* One end says that it has got these bytes of direction 'dir', though not all before them. */
void mc_trail_sacked(mc_trail *t, unsigned dir, uint32_t from, uint32_t to);

/* Must this segment begin another connection of the same pair of ends? */
bool mc_trail_is_new(const mc_trail *t, const mc_seen *s);

#endif
