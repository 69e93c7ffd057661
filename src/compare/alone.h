/*
 * alone.h: a segment that was seen at one point only.
 */
#ifndef MC_ALONE_H
#define MC_ALONE_H

#include "points/parts.h"

/* It has no partner, and that is final. */
void mc_alone_note(mc_between *b, mc_pair *p, unsigned side, const mc_record *r);

/* 'bytes' from 'from' on of a longer piece at 'side' have none. */
void mc_alone_piece(mc_between *b, mc_pair *p, unsigned side, const mc_record *r, uint32_t from, uint32_t bytes);

/* All that waits of a direction of a trail is 'what'. */
void mc_alone_queue(mc_between *b, const mc_trail *t, unsigned dir, mc_alone what);

/* At the end: what was left open, in the sums and in the rows. */
void mc_alone_decide(mc_between *b);

/* What never came to the second point never came to one that lies further on: of a direction, what is lost beyond what was
   lost on the longer way 'on' (its first point is side 'on_side' there) the second capture missed. */
void mc_alone_arrived(mc_between *b, unsigned dir, const mc_between_facts *on, unsigned on_side);

#endif
