/*
 * points.h: which point is nearer to the client, and how far both have been read.
 */
#ifndef MC_POINTS_H
#define MC_POINTS_H

#include "points/parts.h"

/* Finds the nearer one, as far as it can be said. */
void mc_points_order(mc_between *b);

/* When all has been read. */
void mc_points_end(mc_between *b);

/* Up to when has the other side, too, been read?  In the time of 'side'. */
int64_t mc_points_read(const mc_between *b, unsigned side);

static inline bool mc_points_know_clocks(const mc_between *b)
{
    return b->clock.count[0] + b->clock.count[1] > 0;
}

#endif
