/*
 * attempt.h: how a connection was begun, where that was out of the ordinary.
 *
 * An attempt to connect is what one open() of an application sends: it may repeat its
 * SYN, with the same initial number or another, meet an old connection of the pair, get
 * several SYN-ACKs.  The rules (rules.h) follow Wireshark, which goes by sequence numbers
 * alone; what is kept here is for verdicts.  It lies in the details of the side that
 * opens the connection, and most connections have none.
 */
#ifndef MC_ATTEMPT_H
#define MC_ATTEMPT_H

#include "base/pool.h"
#include "tcp/bytes.h"
#include "tcp/conn.h"
#include "tcp/recent.h"
#include "tcp/seq.h"

/* mc_attempt.marks */
#define MC_A_STALE       0x0001      /* a SYN was answered by an acknowledgement of something else (RFC 5961, 4; RFC 9293,
                                        3.10.7.4): the other side still holds an older connection of the pair */
#define MC_A_STALE_RESET 0x0002      /* ... which the opener reset */
#define MC_A_GOES_ON     0x0004      /* the attempt goes on in the pair's next connection: a SYN with another number */
#define MC_A_CONTINUED   0x0008      /* it began in the one before */
#define MC_A_FOREIGN     0x0010      /* the rules' numbers of the responder come from somewhere else */
#define MC_A_TWO_NUMBERS 0x0020      /* SYN-ACKs with different numbers */
#define MC_A_CHOSEN      0x0040      /* own_isn is set */
#define MC_A_HELD        0x0080      /* by their timestamps the SYNs were sent further apart than they came */
#define MC_A_SOON        0x0100      /* SYNs closer than any timer */
#define MC_A_DEFERRED    0x0200      /* a SYN-ACK after the handshake echoes its last step: that had arrived */
#define MC_A_SYN_DATA    0x0400      /* the SYN's data was not taken ... */
#define MC_A_SYN_AGAIN   0x0800      /* ... and came again after the SYN-ACK */
#define MC_A_SHUT        0x1000      /* the SYN-ACK's window is 0 */
#define MC_A_OTHER_SYN   0x2000      /* the SYN-ACK answers another SYN; stale once the opener resets it (RFC 9293, 3.10.7.3) */
#define MC_A_LATE_ANSWER 0x4000      /* one SYN-ACK for each of several SYNs: none was lost, they were late */
#define MC_A_NUMBERED    0x8000      /* refused by a reset whose sequence number is not 0 (RFC 9293, 3.10.7.1) */

/* What a segment's sender was like before the rules took the segment. */
typedef struct mc_attempt_before {
    uint32_t base;
    uint8_t once;                    /* MC_ONCE_ */
    int64_t syn_ns;
    bool twice;                      /* the segment is a copy of the one before */
} mc_attempt_before;

/* What an attempt hands on to the pair's next connection. */
typedef struct mc_attempt_link {
    bool goes_on;
    uint8_t syn_count;
    int64_t syn_ns;
    mc_attempt attempt;
} mc_attempt_link;

/* What is kept of the attempt; NULL: nothing. */
static inline const mc_attempt *mc_attempt_of(const mc_conn *c);

/* Its marks (MC_A_); 0 where nothing is kept. */
static inline unsigned mc_attempt_marks(const mc_conn *c);

static inline bool mc_attempt_is_replayed(const mc_conn *c);

/* The initial sequence number of endpoint 'dir', as the connection has it. */
uint32_t mc_attempt_isn(const mc_conn *c, unsigned dir);

/* True if the rules' numbers of endpoint 'dir' are not those that it sends by. */
bool mc_attempt_is_foreign(const mc_conn *c, unsigned dir);

/*
 * A SYN 's' of endpoint 'dir' with another number than the connection has: does the attempt
 * go on with it?  Notes that it does.
 */
mc_attempt_link mc_attempt_leave(mc_conn *c, unsigned dir, const mc_segment *s, int64_t now, mc_pool *pool);

/* The same in the connection that begins with that SYN. */
void mc_attempt_join(mc_conn *c, const mc_attempt_link *link, mc_pool *pool);

/* A SYN of the number that the connection began with, or a SYN-ACK with another one: both ends
   have ended that one, so a new one begins (RFC 9293, 3.10.7). */
bool mc_attempt_is_replay(const mc_conn *c, unsigned dir, const mc_segment *s, int64_t now);

/* Gives the new connection 'c' what the rules know of 'old', and its lists. */
void mc_attempt_replay(mc_conn *c, const mc_conn *old, mc_pool *pool);

/*
 * What one segment says of the attempt: call it after the rules (mc_tcp_segment) and before
 * the states (mc_state_segment).  Returns MC_TCP_STALE, or 0.
 */
uint32_t mc_attempt_segment(mc_conn *c, unsigned dir, const mc_segment *s, int64_t now,
                            const mc_attempt_before *before, mc_pool *pool);

/*
 * A SYN-ACK of endpoint 'dir' that comes again: does it echo the timestamp of the opener's first data as that was sent
 * again, as 'recents' have it under the key 'k'?  Notes that it does.
 */
void mc_attempt_hears_echo(mc_conn *c, unsigned dir, const mc_segment *s, const mc_recents *recents, mc_recent_key k);

/*
 * Which of 'events' come from numbers that are none of this connection: of MC_TCP_LOST_SEGMENT,
 * MC_TCP_ACKED_UNSEEN and MC_TCP_KEEP_ALIVE.  'stale' is what mc_attempt_segment() said; call it
 * before the segment's bytes are added.
 */
uint32_t mc_attempt_explains(const mc_conn *c, unsigned dir, const mc_segment *s, uint32_t events, uint32_t stale);

/* A segment that the rules call late: is it the first of its kind by the numbers of the connection? */
bool mc_attempt_is_first(const mc_conn *c, unsigned dir, const mc_segment *s, const mc_bytes_news *news,
                         const mc_attempt_before *before);

/* The window of 'dir' is open again after 'ns': if it was closed from the SYN-ACK on, notes that. */
static inline void mc_attempt_window_opens(mc_conn *c, unsigned dir, int64_t ns);

/* A late segment that repeats data of a SYN which the other side left; notes that it came. */
bool mc_attempt_repeats_syn_data(mc_conn *c, unsigned dir, const mc_segment *s);

/* Has the opener sent nothing but SYNs (and resets)?  A SYN may carry data. */
static inline bool mc_attempt_only_opens(const mc_conn *c);

/* Has mc_attempt_segment() something to see in a segment with 'flags'? */
static inline bool mc_attempt_is_open(const mc_conn *c, unsigned dir, unsigned flags);

/* ------------------------------------------------------------------ bodies */

static inline const mc_attempt *mc_attempt_of(const mc_conn *c)
{
    const mc_detail *x = c->endpoint[c->originator].detail;

    return x != NULL ? x->attempt : NULL;
}

static inline unsigned mc_attempt_marks(const mc_conn *c)
{
    const mc_attempt *t = mc_attempt_of(c);

    return t != NULL ? t->marks : 0;
}

static inline bool mc_attempt_is_replayed(const mc_conn *c)
{
    return (c->flags & MC_C_REPLAYED) != 0;
}

static inline void mc_attempt_window_opens(mc_conn *c, unsigned dir, int64_t ns)
{
    mc_detail *x = c->endpoint[c->originator].detail;

    if (dir != c->originator && x != NULL && x->attempt != NULL && (x->attempt->marks & MC_A_SHUT) != 0 &&
        x->attempt->shut_ms == 0)
        x->attempt->shut_ms = (uint32_t)mc_min_u64((uint64_t)ns / MC_NS_PER_MS, UINT32_MAX);
}

static inline bool mc_attempt_only_opens(const mc_conn *c)
{
    const unsigned data = c->syn_len > 0 ? 0 : MC_ONCE_DATA;

    return (c->endpoint[c->originator].once & (MC_ONCE_ACK | MC_ONCE_FIN | data)) == 0;
}

/*
 * The opener goes on behind its SYN, as who has been answered does, captured or not.  What the SYN itself carries is no sign
 * of it: it leaves before any answer (RFC 9293, 3.10.1; RFC 7413, 3).
 */
static inline bool mc_attempt_goes_on(const mc_conn *c)
{
    const mc_endpoint_state *o = &c->endpoint[c->originator];

    return (o->once & (MC_ONCE_ACK | MC_ONCE_FIN)) != 0 ||
           ((o->once & MC_ONCE_DATA) != 0 && (c->syn_len == 0 || mc_seq_after(o->nxt, o->base + 1 + c->syn_len)));
}

static inline bool mc_attempt_is_open(const mc_conn *c, unsigned dir, unsigned flags)
{
    return (flags & MC_TH_SYN) != 0 || (c->flags & (MC_C_HS_SYN | MC_C_HS_DONE)) == MC_C_HS_SYN ||
           (dir == c->originator && (mc_attempt_marks(c) & (MC_A_FOREIGN | MC_A_CHOSEN)) == MC_A_FOREIGN);
}

/*
 * Who has sent its SYN again waits for the answer, and who gives up before one comes sends nothing (RFC 9293, 3.10.5): a
 * reset of the answer is of a host that does not know the attempt any more (3.10.7.1).
 */
bool mc_attempt_was_given_up(const mc_conn *c);

/* All that was ever said stood in the SYN, whose answer did not take it; no last step of the handshake came (RFC 9293, 3.10.7.2:
   such data waits for it). */
bool mc_attempt_says_nothing_taken(const mc_conn *c);

/* Its SYNs trace the way: another number each time, and a TTL that rises, which no stack of a host does. */
bool mc_attempt_is_trace(const mc_conn *c);

#endif
