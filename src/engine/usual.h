/*
 * usual.h: the steps that nearly every connection takes, each on a way of its own.
 *
 * SYN, SYN-ACK and the last step of the handshake, the first data and the first
 * acknowledgement of a side, FIN: where such a segment is just what is due, no rule
 * gives a flag, and what it leaves behind is known beforehand.  What lies between
 * these steps is steady (steady.h); all else takes the general way.
 *
 * All take the segment and return true, or return false and change nothing:
 * then the general way must take it.  All ways leave the same behind
 * (spec/c/engine/test_ways.c, test_steady.c).
 */
#ifndef MC_USUAL_H
#define MC_USUAL_H

#include "engine/analysis.h"

/* The plain segment of 'm', of connection 'c', of which something is ready. */
bool mc_usual_plain(mc_analysis *a, const mc_match *m, mc_conn *c, const mc_frame *frame);

/* The SYN of 'm', with an acknowledgement number of 0, a window and no payload, of a pair
   without a connection. */
bool mc_usual_syn(mc_analysis *a, const mc_match *m, const mc_offer *offer, const mc_frame *frame);

/* Any other, 's'; 'c' is NULL for a pair without a connection. */
bool mc_usual_marked(mc_analysis *a, const mc_match *m, mc_conn *c, const mc_segment *s, const mc_frame *frame);

#endif
