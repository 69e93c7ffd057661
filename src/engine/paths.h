/*
 * paths.h: the short ways of a segment.  All else takes the full path (analysis.c), and all paths leave
 * the same behind (spec/c/engine/test_paths.c, test_fast_paths.c).
 */
#ifndef MC_PATHS_H
#define MC_PATHS_H

#include "engine/match.h"

/*
 * In order (in_order.c).  In the middle of a connection most segments are data that follow on, or
 * acknowledgements that move on.  For them none of the rules gives a flag, no state changes and no letter is
 * due, so what is left is a handful of sums.
 */

#define MC_IN_ORDER_AHEAD 16         /* segments whose memory is fetched ahead of the current one */

/*
 * Takes the segments that are in order, up to the first one that is not: true, and another
 * path must take run->next.  False: that was the end.
 */
bool mc_in_order_run(mc_analysis *a, mc_run *run);

/*
 * The steps that nearly every connection takes, each on a way of its own (handshake.c): SYN, SYN-ACK and the
 * last step of the handshake, the first data and the first acknowledgement of a side, FIN.  Where such a segment
 * is just what is due, no rule gives a flag, and what it leaves behind is known beforehand.
 *
 * All take the segment and return true, or return false and change nothing: then the full path must take it.
 */

/* The plain segment of 'm', of connection 'c', of which something is ready. */
bool mc_handshake_plain(mc_analysis *a, const mc_match *m, mc_conn *c, const mc_frame *frame);

/* The SYN of 'm', with an acknowledgement number of 0, a window and no payload, of a pair
   without a connection. */
bool mc_handshake_syn(mc_analysis *a, const mc_match *m, const mc_syn_options *syn_options, uint64_t number);

/* Any other, 's'; 'c' is NULL for a pair without a connection. */
bool mc_handshake_marked(mc_analysis *a, const mc_match *m, mc_conn *c, const mc_segment *s, const mc_frame *frame);

#endif
