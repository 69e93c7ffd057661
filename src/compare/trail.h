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
#define MC_PROOFS 2
#define MC_PRINTS 12                 /* marks by which the other point's trail is found, at most */

/* Both ends of something, in bytes from the trail's first sequence number on. */
typedef struct mc_stretch {
    int64_t from, to;
} mc_stretch;

/* Which bytes of a direction came by; with too many holes the lowest one counts as filled. */
typedef struct mc_cover {
    mc_stretch range[MC_COVER_RANGES]; /* in order, apart from each other */
    uint32_t count;
    uint32_t base;                   /* sequence number of byte 0 */
    bool begun;
} mc_cover;

/* A segment that waits for its partner. */
typedef struct mc_record {
    uint32_t next;                   /* in the queue; 0: the last */
    uint32_t wait_us;                /* data that begin an answer: how long it was waited for; 0: they do not */
    uint32_t ordinal;                /* counted in its direction */
    uint16_t late;                   /* MC_LATE_ */
    bool matched;
    mc_seen seen;
} mc_record;

#define MC_LATE_ACKED 1              /* all its bytes had been acknowledged when it came by */
#define MC_LATE_COVERED 2            /* all its bytes had come by before */
#define MC_LATE_TWIN    4            /* the same packet came by shortly before */
#define MC_LATE_SEVERAL 16           /* several at the other side may be it */
#define MC_LATE_OTHER   8            /* other bytes with the same numbers did */

#define MC_LATEST 4

/* What tells copies of a segment from each other. */
typedef struct mc_copy {
    uint32_t seq, ack, len, mark, digest;
    uint16_t ip_id;
    uint8_t flags;
    bool valid;
} mc_copy;

typedef struct mc_queue {
    uint32_t first, last, count;     /* numbers of records */
} mc_queue;

typedef struct mc_trail {
    uint32_t next_free;              /* of the store */
    uint32_t next, hash;             /* in the point's table */
    bool listed;                     /* in that table: the pair's current connection */
    bool ambiguous, given_up;
    bool opened;                     /* its SYN was seen */
    uint8_t opener;                  /* direction of that SYN */
    uint8_t fins, resets;            /* bits: directions that sent one */
    uint8_t side;                    /* of its point */
    bool isn_known[2], ack_known[2], ttl_known[2];
    uint8_t ttl[2];                  /* of the latest segment with data or SYN */
    uint8_t turn;                    /* direction of the latest data; 2: none yet */
    uint32_t pair;                   /* 0: none yet */
    uint32_t isn[2];
    uint16_t mss[2];                 /* what each side says in its SYN that it takes; 0: nothing */
    uint32_t acked[2];               /* highest acknowledgement of what this direction sent */
    uint32_t ordinal[2];
    uint32_t packets[2], payload_packets[2];
    mc_queue queue[2];
    mc_cover cover[2];
    mc_copy latest[2][MC_LATEST];
    mc_stretch proof[2][MC_PROOFS];    /* bytes that were acknowledged before they first came by: a copy was missed */
    uint8_t proofs[2];
    int64_t first_ns, last_ns, asked_ns;
    int64_t last_dir_ns[2];          /* of the latest segment of the direction that was no reset */
    uint64_t first_frame;
    uint32_t prints[MC_PRINTS];
    uint8_t print_count;
    mc_flow_key key;
} mc_trail;

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

/* A segment comes by: the trail's own state; fills all of 'r' but its place in a queue. */
void mc_trail_take(mc_trail *t, const mc_seen *s, mc_record *r);

/* Both sides have closed it, or one has reset it. */
static inline bool mc_trail_is_over(const mc_trail *t)
{
    return t->resets != 0 || t->fins == 3;
}

/* Must this segment begin another connection of the same pair of ends? */
bool mc_trail_is_new(const mc_trail *t, const mc_seen *s);

#endif
