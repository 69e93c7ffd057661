/*
 * pieces.h: pairs the bytes of segments that have no like at the other point.
 */
#ifndef MC_COMPARE_PIECES_H
#define MC_COMPARE_PIECES_H

#include "points/parts.h"

/* Of what is left of both queues (collected) and came by before 'until', by side.  'any_time': whatever the clocks say, for
   what has waited long.  False: out of memory. */
bool mc_match_pieces(mc_between *b, mc_pair *p, unsigned dir, const int64_t until[2], bool any_time);

#endif
