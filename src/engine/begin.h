/*
 * begin.h: connections that a segment begins.
 */
#ifndef MC_BEGIN_H
#define MC_BEGIN_H

#include "engine/match.h"

/* The connection that 's' begins; 'reused': on a pair that has one.  NULL: there is no place for it. */
mc_conn *mc_begin_connection(mc_analysis *a, const mc_match *m, const mc_segment *s,
                             const mc_frame *frame, bool reused);

/* A SYN with another number than the current connection 'c' has.  NULL: as above. */
mc_conn *mc_begin_anew(mc_analysis *a, mc_conn *c, unsigned dir, const mc_match *m, const mc_segment *s,
                       const mc_frame *frame);

/*
 * A SYN with the number of the current connection 'c', which is over.  Wireshark goes on with
 * that one, so the new one takes over what the rules know.  Without a place for it the old one
 * begins again (state.c).
 */
mc_conn *mc_begin_replay(mc_analysis *a, mc_conn *c, const mc_match *m, const mc_segment *s, const mc_frame *frame);

#endif
