/*
 * trails.h: the trails of both points, found by their ends.
 */
#ifndef MC_TRAILS_H
#define MC_TRAILS_H

#include "points/parts.h"

bool mc_trails_init(mc_between *b);

/* Looking up a trail in steps, so that the memory that each needs can be asked for ahead: where its list is, the first of
   that list, and from there on the one with the segment's ends.  0: none. */
static inline void mc_trails_prefetch(const mc_between *b, unsigned side, const mc_tapped *segment)
{
    MC_PREFETCH(&b->side[side].head[segment->hash & b->side[side].mask]);
}

static inline uint32_t mc_trails_first(const mc_between *b, unsigned side, const mc_tapped *segment)
{
    return b->side[side].head[segment->hash & b->side[side].mask];
}

static inline uint32_t mc_trails_find(const mc_between *b, uint32_t first, const mc_tapped *segment)
{
    while (first != 0 && !mc_same_ends(&mc_trail_at(b, first)->key, &segment->key))
        first = mc_trail_at(b, first)->next;
    return first;
}

/* The trail of a segment: that of its ends, or a new one.  'known': the one that was found for it before others came, or 0.
   0: no memory. */
uint32_t mc_trails_take(mc_between *b, unsigned side, const mc_tapped *segment, uint32_t known);
/* Trail 'to' has the ends of trail 'from' of the same point from now on, which is no more. */
void mc_trails_rename(mc_between *b, uint32_t from, uint32_t to);

void mc_trails_free(mc_between *b, uint32_t trail);

#endif
