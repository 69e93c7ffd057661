/*
 * listen.h: segments on their way to what listens to their connection (application/talk.h).
 */
#ifndef MC_LISTEN_H
#define MC_LISTEN_H

#include "engine/account.h"

/* Payloads that were heard, for who keeps what they say.  In the order of the segments. */
#define MC_OVERHEARD 256             /* of a batch */

typedef struct mc_overheard {
    uint32_t count;
    struct {
        uint64_t frame;
        const uint8_t *payload;
        uint32_t needed;             /* bytes of it */
    } item[MC_OVERHEARD];
} mc_overheard;

/* Where payloads lie of which not all is kept: some of it, nothing, or all but what is encrypted. */
struct mc_kept {
    const uint8_t *some, *some_end;
    const uint8_t *none;
    const uint8_t *veiled, *veiled_end;
};

/* The full path: the segment 's' of 'm', with data that was not seen before. */
void mc_listen(mc_analysis *a, mc_conn *c, unsigned dir, const mc_match *m, const mc_segment *s, int64_t now,
               bool timed, uint64_t frame);

/*
 * A short path: data in order for which mc_account_goes_on() says no: it may be listened to, and the turn may be another
 * one.  Both is seen to here.
 */
MC_INLINE void mc_listen_in_order(mc_analysis *a, mc_conn *c, unsigned dir, const mc_match *m, int64_t now, uint64_t frame);

/* A client opens a connection: was it told the address just before? */
MC_INLINE void mc_listen_begin(mc_analysis *a, const mc_flow_key *key, int64_t now, uint64_t frame);

/* ------------------------------------------------------------------ bodies */

/* A short path: what nobody listens to, and where another protocol may begin. */
void mc_listen_late(mc_analysis *a, mc_conn *c, unsigned dir, const mc_match *m, int64_t now, uint64_t frame);

/* 'len' bytes of side 'dir', the beginning of a turn, come early enough for another protocol to begin with them. */
MC_INLINE bool mc_is_early(const mc_conn *c, unsigned dir, uint32_t len)
{
    return c->endpoint[dir].payload_bytes - len <= MC_LATE_MOST;
}

/* The same of data that is listened to. */
void mc_listen_first(mc_analysis *a, mc_conn *c, unsigned dir, const mc_match *m, int64_t now, uint64_t frame);

/* The same of one that begins a turn where another one was heard before, of the client and of the server. */
void mc_listen_request(mc_analysis *a, mc_conn *c, const mc_match *m, int64_t now, uint64_t frame);
void mc_listen_answer(mc_analysis *a, mc_conn *c, const mc_match *m, int64_t now, uint64_t frame);

/* It is the other side's turn, and this one is listened to when it begins one. */
MC_INLINE bool mc_is_turn_heard(const mc_conn *c, unsigned dir)
{
    return (c->flags & (MC_C_HEARD | MC_C_TURNS | MC_C_TURN | MC_C_TURN_SERVER)) ==
           (MC_C_HEARD | MC_C_TURNS | mc_turn_of(dir ^ 1));
}

/* Is a segment of either side? */
MC_INLINE bool mc_is_heard_at_all(const mc_conn *c)
{
    return (c->flags & (MC_C_HEARD | MC_C_TURNS)) != MC_C_HEARD;
}

/* Is a segment of side 'dir' listened to? */
MC_INLINE bool mc_is_listened_to(const mc_conn *c, unsigned dir)
{
    return (c->flags & MC_C_HEARD) == 0 || ((c->flags & MC_C_TURNS) != 0 && !mc_is_in_turn(c, dir));
}

MC_INLINE void mc_listen_in_order(mc_analysis *a, mc_conn *c, unsigned dir, const mc_match *m, int64_t now, uint64_t frame)
{
    if (mc_is_turn_heard(c, dir))
        (dir == MC_CLIENT ? mc_listen_request : mc_listen_answer)(a, c, m, now, frame);
    else if (mc_is_listened_to(c, dir))
        mc_listen_first(a, c, dir, m, now, frame);
    else if (mc_is_early(c, dir, m->summary.len) && !mc_is_in_turn(c, dir))
        mc_listen_late(a, c, dir, m, now, frame);
    else
        mc_account_turn_change(a, c, dir, &m->summary, now, frame);
}

/* The same where somebody has asked for a name. */
void mc_listen_lookup(mc_analysis *a, const mc_flow_key *key, int64_t now, uint64_t frame);

MC_INLINE void mc_listen_begin(mc_analysis *a, const mc_flow_key *key, int64_t now, uint64_t frame)
{
    if (MC_UNLIKELY(a->lookups != NULL))
        mc_listen_lookup(a, key, now, frame);
}

#endif
