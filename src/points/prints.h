/*
 * prints.h: finds the trail of the same connection at the other point.
 */
#ifndef MC_PRINTS_H
#define MC_PRINTS_H

#include "points/parts.h"

/* Two trails that are one connection. */
typedef struct mc_found {
    uint32_t trail[2];               /* by side */
    const mc_print *print[2];        /* of the segment that tells it; NULL: there is none, or it has not all numbers */
    bool by_bytes;                   /* the segment's bytes are what tells it */
    bool translated;                 /* their ends are not the same */
    bool by_numbers;                 /* the numbers of both directions are */
} mc_found;

bool mc_prints_init(mc_between *b);

/* The marks that 's' gives its trail, which has no partner.  True: they tell it at once. */
bool mc_prints_add(mc_between *b, uint32_t trail, const mc_seen *s, mc_found *found);

/* By all marks of the trail, the strongest first; true: there is one. */
bool mc_prints_search(mc_between *b, uint32_t trail, mc_found *found);
void mc_prints_forget(mc_between *b, mc_trail *t);

#endif
