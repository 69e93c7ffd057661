/*
 * points.h: which point is nearer to the client, and how far both have been read.
 */
#ifndef MC_POINTS_H
#define MC_POINTS_H

#include "points/parts.h"

#define MC_APART_NS (200 * MC_NS_PER_MS)         /* so much later than the quickest it is likelier another copy */

/* Finds the nearer one, as far as it can be said. */
void mc_points_order(mc_between *b);

/* When all has been read. */
void mc_points_end(mc_between *b);

/* Up to when has the other side, too, been read?  In the time of 'side'. */
int64_t mc_points_read(const mc_between *b, unsigned side);

/* How much quicker than those that are known to be the same a segment may have been. */
int64_t mc_points_tolerance(const mc_between *b);

/* How much later than the quickest ones it would have been under way; false: nothing is known of that. */
bool mc_points_delay_above(const mc_between *b, unsigned dir, int64_t time0, int64_t time1, int64_t *above);

/* Were the clocks, as far as anything shows, such that the two cannot be the same?  Nothing shows that behind the latest segment that
   was at both points. */
bool mc_points_tell_apart(const mc_between *b, const mc_seen *s0, const mc_seen *s1);

static inline bool mc_points_know_clocks(const mc_between *b)
{
    return b->clock.count[0] + b->clock.count[1] > 0;
}

#endif
