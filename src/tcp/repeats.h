/*
 * repeats.h: what became of the data that a side has sent again.
 *
 * That a segment is sent again proves no loss: an acknowledgement may show that the
 * first copy arrived (RFC 3522, Eifel; RFC 2883, D-SACK), and then something else was
 * late, or the sender's timer too short.  The latest repetitions of a side are kept
 * until the peer's acknowledgements tell, and a little longer.
 */
#ifndef MC_REPEATS_H
#define MC_REPEATS_H

#include "base/pool.h"
#include "mcpcap.h"
#include "tcp/conn.h"

#define MC_MAX_REPEATS 64                /* a side */

/* mc_repeat.flags */
#define MC_REPEAT_OPEN  0x01             /* nothing tells yet */
#define MC_REPEAT_SEEN  0x02             /* the first copy was captured */
#define MC_REPEAT_TAIL  0x04             /* nothing was sent beyond it */
#define MC_REPEAT_HELD  0x08             /* by its timestamps the first copy waited before it came by here */
#define MC_REPEAT_SOON  0x10             /* no acknowledgement could be back */
#define MC_REPEAT_COPY  0x20             /* the same packet twice, not sent again */
#define MC_REPEAT_EARLY 0x80             /* all there was, sent again sooner than its acknowledgement may be delayed,
                                            and no D-SACK tells whether it had arrived */
#define MC_REPEAT_ASKED 0x40             /* the peer's duplicate acknowledgements had asked for it */

typedef struct mc_repeat {
    uint32_t seq, end;
    uint32_t first_end;                  /* where the first copy ends; 0: not known */
    uint32_t ts_val;                     /* 0: none */
    int64_t time_ns;
    int64_t since_ns;                    /* from the first copy; -1: not known */
    int64_t due_ns;                      /* a round trip, and a tick of a host's clock */
    uint64_t frame;
    uint32_t named;                      /* bytes that a D-SACK has named */
    uint32_t old_end;                    /* where what was sent before ends: new data may be behind it */
    uint8_t cause;                       /* mc_resent_cause, so far */
    uint8_t flags;
    bool waits : 1;                      /* before it lies as much as is acknowledged at once, unacknowledged and not
                                            sent again: the sender waits for more than this */
    bool followed : 1;                   /* more had been sent behind it */
    bool half_told : 1;                  /* the acknowledgement has moved to its end: the next one tells */
    bool lone : 1;                       /* all that its sender had in flight, one segment */
    bool untold : 1;                     /* nothing tells whether it was lost, or its acknowledgement */
} mc_repeat;

/* What is known of the first copy of a segment. */
typedef struct mc_first_copy {
    bool known;
    bool ts_differs;                     /* no copy that was seen before has this timestamp */
    bool older;                          /* its timestamp is older than that of what its side has sent last */
    uint32_t end, ts_val;                /* 0: not known */
    int64_t time_ns;
    int64_t latest_ns;                   /* of the latest copy; 0: not known */
} mc_first_copy;

/* Takes note of 's', a copy of what its side had sent, or a piece of it. */
static inline void mc_note_piece(mc_detail *x, const mc_segment *s)
{
    x->piece_end = s->seq + s->len;
    x->piece_ts = (s->has & MC_HAS_TS) != 0 ? s->ts_val : 0;
}

/* The timestamp of the copy that ends where 's' begins: so did what both were cut out of.  0: not known. */
static inline uint32_t mc_piece_clock(const mc_endpoint_state *d, const mc_segment *s)
{
    return d->detail != NULL && d->detail->piece_end == s->seq ? d->detail->piece_ts : 0;
}

/* Of causes (mc_resent_cause): the first copy did not arrive. */
static inline bool mc_is_loss(unsigned cause)
{
    return cause == MC_RESENT_lost_before || cause == MC_RESENT_lost_behind;
}

/* What the other side says may tell of another cause. */
static inline bool mc_is_open_cause(unsigned cause)
{
    return mc_is_loss(cause) || cause == MC_RESENT_unsettled;
}

/*
 * The time there and back between here and endpoint 'side', the shortest known;
 * the same of the whole way.  0: not known.
 */
int64_t mc_way_to(const mc_conn *c, unsigned side);
int64_t mc_whole_way(const mc_conn *c);

/*
 * Endpoint 'dir' asks for [from, to): by its third duplicate acknowledgement (RFC 5681, 3.2) or by SACK
 * blocks above a hole (RFC 6675, 4).
 */
void mc_repeats_asked(mc_detail *x, uint32_t from, uint32_t to, int64_t now);

/*
 * Nothing shows that endpoint 'side' would say if data came twice (RFC 2883): it sends no SACK, and both sides have not
 * agreed on that, as far as is known.
 */
bool mc_is_silent_on_copies(const mc_conn *c, unsigned side);

/* Takes note of 's', which endpoint 'dir' has sent again; what is known of it so far.  'frame' is its number. */
mc_repeat mc_repeat_of(const mc_conn *c, unsigned dir, const mc_segment *s, const mc_first_copy *first, bool seen,
                       int64_t now, uint64_t frame);

/* A cause became another one. */
typedef void mc_recount(void *arg, const mc_repeat *r, unsigned from);

/* The cause of one that was sent again although its acknowledgement had passed here. */
unsigned mc_repeat_needless(const mc_repeat *r);

/* Puts 'r' on the list; the oldest gives way. */
void mc_repeats_add(mc_detail *x, mc_pool *pool, const mc_repeat *r);

/*
 * What segment 's' of the peer says of what endpoint 'dir' has sent again.  'acked' is the
 * peer's acknowledgement number before it; 'repeats_ack': a duplicate acknowledgement while
 * nothing is outstanding; 'gap': what the peer had sent just before is not in the capture.
 */
void mc_repeats_acknowledge(mc_conn *c, unsigned dir, const mc_segment *s, uint32_t acked, bool repeats_ack,
                            bool gap, int64_t now, mc_recount *recount, void *arg);

/* The end of what was sent again from 'seq' on, the latest of several; 'seq': nothing was. */
uint32_t mc_repeats_end_of(const mc_detail *x, uint32_t seq);

/* A D-SACK of [lo, hi); returns how many copies of packets it names. */
unsigned mc_repeats_report(mc_detail *x, uint32_t lo, uint32_t hi, mc_recount *recount, void *arg);

/* Was something of the list sent again, and all of it acknowledged by 'ack'? */
bool mc_repeats_is_acknowledged(const mc_detail *x, uint32_t ack);

/*
 * The latest that 'h' sent is old, and the peer has answered it with one duplicate acknowledgement more: what is sent again
 * arrives there (RFC 9293, 3.10.7.4), and is not taken.
 */
bool mc_repeat_is_answered_each_time(const mc_endpoint_state *h, const mc_endpoint_state *peer);

/* The capture has ended at 'end_ns': what is still open, by what can be known. */
void mc_repeats_end(const mc_conn *c, unsigned dir, bool black_hole, int64_t end_ns, mc_recount *recount, void *arg);

#endif
