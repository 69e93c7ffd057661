/*
 * in_order.h: the segment that most segments are, on a fast path.
 *
 * In the middle of a connection most segments are data that follow on, or
 * acknowledgements that move on.  For them none of the rules gives a flag, no
 * state changes and no letter is due, so what is left is a handful of sums.
 */
#ifndef MC_IN_ORDER_H
#define MC_IN_ORDER_H

#include "engine/match.h"

#define MC_IN_ORDER_AHEAD 16         /* segments whose memory is fetched ahead of the current one */

/*
 * Takes the segments that are in order, up to the first one that is not: true, and another
 * path must take run->next.  False: that was the end.  All paths leave the same behind
 * (spec/c/engine/test_fast_paths.c, test_paths.c).
 */
bool mc_in_order_run(mc_analysis *a, mc_run *run);

#endif
