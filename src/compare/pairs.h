/*
 * pairs.h: trails of both points that are one connection, and their segments.
 */
#ifndef MC_PAIRS_H
#define MC_PAIRS_H

#include "points/parts.h"

/* The trail looks for its partner by what 's' tells. */
void mc_pairs_find(mc_between *b, uint32_t trail, const mc_seen *s);

/* Trails without a partner look for one once more, with what they have. */
void mc_pairs_rest(mc_between *b, bool final);

/* A segment of a trail that has a partner came by: it finds its like, or waits. */
void mc_pairs_take(mc_between *b, mc_trail *t, mc_sight s);

typedef enum mc_pairs_which {
    MC_PAIRS_DUE,                    /* those of which more can be said by now */
    MC_PAIRS_ALL,
    MC_PAIRS_FINAL                   /* all, and nothing more will come */
} mc_pairs_which;

/* What waits is compared. */
void mc_pairs_look(mc_between *b, mc_pairs_which which);

/* Those that have been over for a while make room; at the end all. */
void mc_pairs_end_old(mc_between *b);
void mc_pairs_end_all(mc_between *b);

#endif
