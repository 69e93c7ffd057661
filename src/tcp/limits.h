/*
 * limits.h: what limits a transfer, in shares of its time.
 *
 * A side that moves more than a little data is looked at now and then: at its first data
 * after 'due_ns'.  Each look says why that segment was not sent earlier, and gives its reason
 * the time since the look before.  Pauses are longer than the step between two looks, so
 * each of them is seen; within a steady stream the looks are a sample of it.  What acknowledgements
 * said meanwhile stands in the endpoint states: nothing is done when one passes.
 *
 * docs/limits.md says what each reason rests on.
 */
#ifndef MC_LIMITS_H
#define MC_LIMITS_H

#include "base/base.h"

#define MC_LIMITS_FROM  64           /* data segments of a side from which on it is followed */
#define MC_LIMITS_PAUSE 8            /* ... where it pauses in the middle of its turn */
#define MC_LIMITS_MAX   8192         /* sides that are followed at most */

#define MC_LIMIT_EDGES 8

/* Of one side.  Times are those of the capture point. */
typedef struct mc_limits {
    int64_t due_ns;                  /* the first data from then on is looked at */
    int64_t begun_ns, last_ns;       /* time is given away from ... to */
    int64_t round_ns;                /* the round trip in hand began; 0: there is none */
    uint64_t begun_bytes;            /* payload before */
    float ms[MC_LIMIT_COUNT];        /* by reason, looks that were left out counted like their neighbours */
    float factor;                    /* ... which count so often; 0: the side is not followed */
    float window_ms;                 /* given away since looks were left out last */
    uint32_t looks;
    uint32_t edge[MC_LIMIT_EDGES];   /* up to where the peer allowed to send ... */
    uint32_t edge_us[MC_LIMIT_EDGES];            /* ... since when, after 'begun_ns' */
    uint32_t round_bytes;            /* payload when the round began, its low bits */
    float rate;                      /* of the round before, bytes/ms; 0: not known */
    float rtt_sum_ms;                /* of the endpoint state, at the latest look ... */
    uint32_t rtt_count;
    float rtt_ms;                    /* ... and the mean of what was new then */
    uint32_t ts_first;               /* timestamp at 'begun_ns'; 0: none */
    float late_least_ms;             /* the least delay of a segment behind its timestamp, against the first */
    uint32_t recover_to;             /* until this is acknowledged, a loss is under repair */
    uint32_t longest;                /* segment that was looked at */
    float best;                      /* rate of the fastest round, bytes/ms; 0: none */
    float queued_ms;                 /* of MC_LIMIT_WINDOW: with a queue on the way */
    float zero_ms;                   /* the peer's window was closed, up to the latest look */
    uint32_t window_most, window_least;          /* that the peer announced; since the greatest */
    uint8_t edge_at, edge_count;
    uint8_t marks;                   /* MC_LM_ */
    uint8_t queued;                  /* looks in a row that found a queue, saturating */
} mc_limits;

_Static_assert(MC_LIMIT_COUNT == 11, "mc_detail with it fills its block of memory");

#define MC_LM_GROWING    0x01        /* the latest round was faster than the one before */
#define MC_LM_LOST       0x04        /* something was sent again for loss */
#define MC_LM_RECOVERS   0x08        /* 'recover_to' is not acknowledged yet */
#define MC_LM_TIMEOUT    0x10        /* ... and a timeout began the repair */
#define MC_LM_TS_UNFIT   0x20        /* timestamps do not count milliseconds */
#define MC_LM_NO_WAY     0x40        /* how far away the sender is was not known */
#define MC_LM_NO_WINDOW  0x80        /* the peer's window was not known */

/* Data of the side, as it stood before this segment came. */
typedef struct mc_limits_look {
    int64_t now;
    int64_t before_ns;               /* its latest data, SYN or FIN before */
    uint32_t end;
    uint32_t len;
    uint32_t ts_val;                 /* 0: none */
    uint32_t outstanding;            /* segments that were not acknowledged */
    uint32_t tail;                   /* length of the latest of them */
    bool pushed;
    bool lost;                       /* sent again because the first copy was lost */
} mc_limits_look;

struct mc_conn;

/* Begins to follow a side, 'since' a time when it had sent 'bytes'. */
void mc_limits_begin(mc_limits *x, int64_t since, uint64_t bytes);

/* Looks at data of endpoint 'dir', which is followed. */
void mc_limits_take(mc_limits *x, const struct mc_conn *c, unsigned dir, const mc_limits_look *s);

/* The peer of endpoint 'dir' has announced another window without acknowledging more. */
void mc_limits_window(mc_limits *x, const struct mc_conn *c, unsigned dir);

/* The shortest round trip of a side's data, as far as it is known. */
int64_t mc_limits_round_trip(const struct mc_conn *c, unsigned dir);

static inline bool mc_limits_are_followed(const mc_limits *x)
{
    return x->factor > 0;
}

#endif
