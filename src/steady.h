/*
 * steady.h: the segment that most segments are, on a short way.
 *
 * In the middle of a connection most segments are data that follow on, or
 * acknowledgements that move on.  For them none of the rules gives a flag, no
 * state changes and no letter is due, so what is left is a handful of sums.
 */
#ifndef MC_STEADY_H
#define MC_STEADY_H

#include "analysis.h"

/* Finds out, after a segment on the general way, which ones may be short next. */
void mc_steady_prepare(mc_conn *c);

/*
 * Takes segment 's' of half 'dir' of 'c' and returns true, or returns false and
 * changes nothing: then the general way must take it.  Both ways leave the same
 * behind (spec/c/test_steady.c).
 */
bool mc_steady_segment(mc_analysis *a, const mc_match *m, mc_conn *c, unsigned dir, const mc_segment *s,
                       mc_frame *frame);

#endif
