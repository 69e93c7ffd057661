/*
 * between_facts.h: what lies between two points of a path, as it is told at the end.
 *
 * "Side" is the point, 0 or 1, in the order in which the captures were given; "near" is
 * the one of them that is nearer to the client.
 */
#ifndef MC_BETWEEN_FACTS_H
#define MC_BETWEEN_FACTS_H

#include "points/clock.h"
#include "facts/stats.h"
#include "table/flow.h"

typedef struct mc_between mc_between;            /* where they are gathered */

/* What may differ between a segment at one point and the same one at the other. */
#define MC_CHANGE_MAP(X)                                                            \
    X(mss) X(window_scale) X(sack_permitted) X(timestamps) X(sequence_shift)        \
    X(ttl) X(dscp) X(ecn) X(window) X(flags) X(ip_id) X(payload) X(checksum)

typedef enum mc_change {
#define X(name) MC_CHANGE_##name,
    MC_CHANGE_MAP(X)
#undef X
    MC_CHANGES
} mc_change;

/* Frames of both captures; 0 where there is none. */
typedef struct mc_frame_pairs {
    uint32_t count;
    uint64_t frame[MC_EXAMPLES][2];
} mc_frame_pairs;

/* What became of segments that have no partner at the other point. */
#define MC_ALONE_MAP(X)                                                                               \
    X(lost)            /* sent past the first point, never at the second: lost between */             \
    X(injected)        /* at the second point, never at the first: made between */                    \
    X(missed)          /* it was there: the capture at the other point missed it */                   \
    X(duplicated)      /* one copy more than at the first point */                                    \
    X(undecided)       /* a capture that missed others may have missed it too */                      \
    X(outside)         /* the other capture had not begun, or was over */

typedef enum mc_alone {
#define X(name) MC_ALONE_##name,
    MC_ALONE_MAP(X)
#undef X
    MC_ALONES
} mc_alone;

/* Kinds of segments. */
#define MC_SEGMENT_KIND_MAP(X) X(syn) X(data) X(fin) X(rst) X(ack)

typedef enum mc_segment_kind {
#define X(name) MC_KIND_##name,
    MC_SEGMENT_KIND_MAP(X)
#undef X
    MC_KINDS
} mc_segment_kind;

typedef struct mc_alone_facts {
    uint64_t count;
    uint64_t kind[MC_KINDS];
    uint64_t bytes;                  /* of the stream */
    mc_frame_pairs examples;
} mc_alone_facts;

typedef struct mc_change_facts {
    uint64_t packets, connections;
    mc_frame_pairs examples;
} mc_change_facts;

typedef struct mc_between_direction {
    uint64_t at_both;                /* segments; cut otherwise at the two points: the more numerous ones */
    uint64_t at_both_bytes;          /* payload */
    uint64_t resegmented[2];         /* segments of each side that the other side has in other pieces */
    uint64_t reordered;
    mc_frame_pairs reordered_examples;
    mc_alone_facts alone[MC_ALONES][2];          /* by the side that has it */
    /* of the alone without proof either way: decided when it is known whether the other capture missed any */
    mc_alone_facts open[2];
    mc_change_facts change[MC_CHANGES];
    bool hops_known;
    int hops_min, hops_max;          /* how much lower the TTL is behind */
    uint32_t mss[2], scale[2];       /* of the last changed SYN, at each side */
} mc_between_direction;

/* Why a trail has no partner. */
#define MC_UNPAIRED_MAP(X)                                                              \
    X(outside)       /* the other capture does not cover its time */                   \
    X(no_partner)    /* nothing at the other point is like it */                       \
    X(unanswered)    /* of those: nothing but SYNs, which never arrive */              \
    X(ambiguous)     /* several may be it */                                           \
    X(window)        /* given up when too many segments waited */

typedef enum mc_unpaired {
#define X(name) MC_UNPAIRED_##name,
    MC_UNPAIRED_MAP(X)
#undef X
    MC_UNPAIREDS
} mc_unpaired;

/* One pair of trails, as it is shown. */
typedef struct mc_pair_row {
    mc_flow_key key[2];
    uint64_t first_frame[2], packets[2];
    int64_t first_ns;
    uint64_t at_both[2], alone[2][MC_ALONES];    /* by direction */
    uint64_t open[2][2][2];          /* without proof, by direction, side that has it, and 1 for resets; decided
                                        at the end */
    uint64_t waits;
    int64_t wait_ns[2];              /* the longest answer: at each side */
    uint64_t wait_frame[2];
    bool translated, shifted, proxied;
    bool rebound;                    /* it went on under another end at one point */
    bool answered;                   /* its SYN was answered between the points */
    double score;
} mc_pair_row;

typedef struct mc_between_facts {
    uint64_t trails[2];              /* connections seen at each side */
    uint64_t paired, translated, shifted, proxied;
    uint64_t answered;               /* of the paired: something between the points answered the SYN */
    mc_frame_pairs answered_examples;
    uint64_t rebound;                /* of the paired: went on under another end at one point */
    int64_t rebound_ns;              /* after so long a silence, at least */
    mc_frame_pairs rebound_examples;
    uint64_t unpaired[MC_UNPAIREDS][2];
    mc_frame_pairs unpaired_examples[MC_UNPAIREDS];
    uint64_t given_up;               /* segments that did not find their partner before the window was full */
    int near;                        /* the side nearer to the client */
    bool order_known;
    bool by_delay, by_ttl;           /* what the order rests on */
    bool same_point;                 /* nothing lies between: no delay, no hop */
    mc_between_direction direction[2];
    mc_clock_facts clock;
    mc_durations wait[2];            /* of the same answers, at each side */
    mc_durations wait_between;       /* what of each lies between */
    mc_pair_row *rows;
    uint32_t row_count;
} mc_between_facts;

/* Adds one example; past MC_EXAMPLES of them, none. */
void mc_note_frames(mc_frame_pairs *e, uint64_t frame0, uint64_t frame1);

const char *mc_change_name(mc_change change);
const char *mc_alone_name(mc_alone alone);
const char *mc_unpaired_name(mc_unpaired reason);
const char *mc_segment_kind_name(mc_segment_kind kind);

#endif
