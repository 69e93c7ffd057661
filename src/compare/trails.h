/*
 * trails.h: the trails of both points, found by their ends.
 */
#ifndef MC_TRAILS_H
#define MC_TRAILS_H

#include "compare/parts.h"

bool mc_trails_init(mc_between *b);

/* The trail of a segment: that of its ends, or a new one.  0: no memory. */
uint32_t mc_trails_take(mc_between *b, unsigned side, const mc_tapped *segment);
void mc_trails_free(mc_between *b, uint32_t trail);

#endif
