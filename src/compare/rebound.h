/*
 * rebound.h: connections that go on under another end of the client at one of the points.
 */
#ifndef MC_COMPARE_REBOUND_H
#define MC_COMPARE_REBOUND_H

#include "points/parts.h"

/* A trail that begins in the midst and has no partner: is it the rest of a pair, which something between the points gave another end?
   Then what it has is the pair's, and it is no more. */
void mc_rebound_find(mc_between *b, uint32_t trail);

/* The same of all trails. */
void mc_rebound_find_all(mc_between *b);

#endif
