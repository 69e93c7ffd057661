/*
 * align.h: pairs what waits in both queues of one direction.
 */
#ifndef MC_ALIGN_H
#define MC_ALIGN_H

#include "points/parts.h"

#define MC_ALIGN_SOON_NS (1 * MC_NS_PER_S)       /* what looks alike is told apart when so much more was read */

/* Pairs what can be paired of the queues of both directions.  'now' is a time of each side: all
   before it has been read at both.  'due' is lowered to when more can be said of what still waits. */
void mc_align(mc_between *b, mc_pair *p, const int64_t now[2], bool final, int64_t due[2]);

/* What waits and has its like once at each side is likely the same: tells the clocks, until something is sure. */
void mc_align_likely(mc_between *b, mc_pair *p);

#endif
