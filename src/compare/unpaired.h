/*
 * unpaired.h: trails without a partner, and why they have none.
 */
#ifndef MC_UNPAIRED_H
#define MC_UNPAIRED_H

#include "points/parts.h"

/* The oldest are given up, and nothing of them waits, until at most 'most' segments wait. */
void mc_unpaired_give_up(mc_between *b, uint32_t most);

/* All that are left at the end are counted. */
void mc_unpaired_rest(mc_between *b);

#endif
