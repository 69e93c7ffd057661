/*
 * log.h: a log of the segments of one server: what the analysis is given of each, in few bytes, so that
 * it can be given the same once more without the capture.
 *
 * Of each connection and direction both sides of the log (record.c, play.c) remember the segment
 * before in a lane; a record says only what does not follow from that.  Lanes lie in slots, which are used
 * anew for another connection when there are more connections than slots: the record says so.
 *
 * A record has 16 bits that say how each field is written, and the fields that do not follow.  They stand in
 * four columns, since like compresses well with like.  docs/state.md has the format.
 */
#ifndef MC_LOG_H
#define MC_LOG_H

#include "decode/decode.h"
#include "state/pack.h"

#define MC_LOG_SLOTS  65536u
#define MC_LOG_CAPTURED 262144u      /* payload bytes at hand, at most */

/* The 16 bits. */
#define MC_LOG_SAME_SLOT  0x0001     /* as the record before */
#define MC_LOG_BACK       0x0002     /* the direction: from the slot's second end */
#define MC_LOG_NEXT_FRAME 0x0004     /* the frame behind the record's before */
#define MC_LOG_NEXT_SEQ   0x0008     /* where the side's segment before ended */
#define MC_LOG_ACK        0x0030     /* a step from the side's before; ... */
#define MC_LOG_ACK_SAME   0x0010     /* ... the same; ... */
#define MC_LOG_ACK_ALL    0x0020     /* ... all that the other side sent; ... */
#define MC_LOG_RAW        0x0030     /* ... or this is no segment but a frame as it was captured */
#define MC_LOG_LEN        0x00c0     /* none; ... */
#define MC_LOG_LEN_SAME   0x0040     /* ... as long as the side's data before; ... */
#define MC_LOG_LEN_OTHER  0x0080     /* ... another length */
#define MC_LOG_SAME_WIN   0x0100
#define MC_LOG_ID         0x0600     /* the same IP identification; ... */
#define MC_LOG_ID_NEXT    0x0200     /* ... one more; ... */
#define MC_LOG_ID_OTHER   0x0400     /* ... a step */
#define MC_LOG_FLAGS      0x1800     /* ACK; ... */
#define MC_LOG_FLAGS_PUSH 0x0800     /* ... PSH and ACK; ... */
#define MC_LOG_FLAGS_ALL  0x1000     /* ... others */
#define MC_LOG_TS         0x6000     /* timestamps as of the side's segment before, or none; ... */
#define MC_LOG_TS_NEXT    0x2000     /* ... a step, and the other side's latest echoed; ... */
#define MC_LOG_TS_OTHER   0x4000     /* ... two steps; ... */
#define MC_LOG_TS_ECHO    0x6000     /* ... the same, and the other side's latest echoed */
#define MC_LOG_MORE       0x8000     /* eight bits more: */

#define MC_LOG_KEY        0x01       /* whose slot it is from now on */
#define MC_LOG_HEADER     0x02       /* what hardly changes: TTL, TOS, bytes around the payload ... */
#define MC_LOG_OPTIONS    0x04
#define MC_LOG_ALERT      0x08       /* the payload is a TLS alert */
#define MC_LOG_ZEROS      0x10       /* the payload may be padding: zeros */
#define MC_LOG_PAYLOAD    0x20
#define MC_LOG_TIMELESS   0x40       /* the frame has no time; the record's is that of the frame before */
#define MC_LOG_CAPTURED_OTHER 0x80   /* so much of the payload was captured */

/* One side of a connection, as of its latest segment. */
typedef struct mc_log_lane {
    uint32_t next, ack, len;
    uint32_t ts_val, ts_ecr;
    int32_t around[2];               /* bytes of the frame beyond the payload: without payload, with */
    uint32_t snap;                   /* frames are captured so far ... */
    uint32_t excess;                 /* ... or so much further than they are long, which some files say */
    uint32_t held;                   /* payload bytes at hand, at most */
    uint16_t win, ip_id;
    uint8_t ttl, tos, has;
} mc_log_lane;

typedef struct mc_log_ends {
    uint8_t first[16], second[16];
    uint16_t first_port, second_port;
    uint8_t ip_version;              /* 0: the slot is empty */
} mc_log_ends;

typedef struct mc_log_slot {
    mc_log_ends ends;
    uint8_t over;                    /* of who writes: MC_LOG_OVER */
    mc_log_lane lane[2];
} mc_log_slot;

#define MC_LOG_OVER 4                /* a side's FIN was seen (1, 2), and, or a reset: the slot may go to another connection soon */

/* A record as it is given and taken. */
typedef struct mc_logged {
    mc_segment segment;              /* of a raw frame: nothing */
    mc_packet packet;                /* of a segment: 'data' is not used */
    uint64_t frame;                  /* of the piece, from 1 */
    int64_t time_ns;                 /* of a frame without one: that of the one before, or MC_NO_TIME if that is in another piece */
    bool raw, timeless, zeros;
    bool has_hardware;               /* of answers to SYNs and of resets: where the frame came from and went */
    uint8_t hardware[12];
    uint32_t kept;                   /* payload bytes that the log keeps */
    bool aside;                      /* who writes: they do not stand in the record, but in a chunk of their own (edges.h) */
} mc_logged;

/* The four columns. */
typedef enum mc_log_column { MC_LOG_BITS, MC_LOG_TIMES, MC_LOG_FIELDS, MC_LOG_PAYLOADS, MC_LOG_COLUMNS } mc_log_column;

/* Hardware addresses are kept of such segments. */
static inline bool mc_log_has_hardware(unsigned flags)
{
    return (flags & MC_TH_RST) != 0 || (flags & (MC_TH_SYN | MC_TH_ACK)) == (MC_TH_SYN | MC_TH_ACK);
}

/* Empties a slot for 'ends'. */
static inline void mc_log_slot_begin(mc_log_slot *slot, const mc_log_ends *ends)
{
    memset(slot, 0, sizeof *slot);
    slot->ends = *ends;
    slot->lane[0].snap = slot->lane[1].snap = UINT32_MAX;
    slot->lane[0].held = slot->lane[1].held = UINT32_MAX;
}

/* The segment is the side's latest. */
static inline void mc_log_lane_note(mc_log_lane *lane, const mc_segment *s)
{
    lane->next = s->seq + s->len + ((s->flags & MC_TH_SYN) != 0) + ((s->flags & MC_TH_FIN) != 0);
    lane->ack = s->ack;
    if (s->len > 0)
        lane->len = s->len;
    lane->win = s->win;
    lane->ip_id = s->ip_id;
    if ((s->has & MC_HAS_TS) != 0) {
        lane->ts_val = s->ts_val;
        lane->ts_ecr = s->ts_ecr;
    }
}

#endif
