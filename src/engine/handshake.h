/*
 * handshake.h: the steps that nearly every connection takes, each on a way of its own.
 *
 * SYN, SYN-ACK and the last step of the handshake, the first data and the first
 * acknowledgement of a side, FIN: where such a segment is just what is due, no rule
 * gives a flag, and what it leaves behind is known beforehand.  What lies between
 * these steps is in order (in_order.h); all else takes the full path.
 *
 * All take the segment and return true, or return false and change nothing:
 * then the full path must take it.  All paths leave the same behind
 * (spec/c/engine/test_paths.c, test_fast_paths.c).
 */
#ifndef MC_HANDSHAKE_H
#define MC_HANDSHAKE_H

#include "engine/match.h"

/* The plain segment of 'm', of connection 'c', of which something is ready. */
bool mc_handshake_plain(mc_analysis *a, const mc_match *m, mc_conn *c, const mc_frame *frame);

/* The SYN of 'm', with an acknowledgement number of 0, a window and no payload, of a pair
   without a connection. */
bool mc_handshake_syn(mc_analysis *a, const mc_match *m, const mc_syn_options *syn_options, uint64_t number);

/* Any other, 's'; 'c' is NULL for a pair without a connection. */
bool mc_handshake_marked(mc_analysis *a, const mc_match *m, mc_conn *c, const mc_segment *s, const mc_frame *frame);

#endif
