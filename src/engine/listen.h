/*
 * listen.h: segments on their way to what listens to their connection (application/talk.h).
 */
#ifndef MC_LISTEN_H
#define MC_LISTEN_H

#include "engine/match.h"

/* The full path: a segment with data that was not seen before. */
void mc_listen(mc_analysis *a, mc_conn *c, unsigned dir, uint32_t hash, const mc_segment *s, int64_t now, bool timed,
               uint64_t frame);

/*
 * A short path: data in order for which mc_account_goes_on() says no: it may be listened to, and the turn may be another
 * one.  Both is seen to here.
 */
void mc_listen_in_order(mc_analysis *a, mc_conn *c, unsigned dir, const mc_match *m, int64_t now, uint64_t frame);

#endif
