/*
 * between.h: two points of a path: what came by at both, and what only at one.
 *
 * Segments of both points are given as they are read.  Trails of the same connection are
 * paired, and the segments of a pair are paired in turn: at once where a segment is the
 * next one of the other point's queue, else when enough has been read to be sure.
 */
#ifndef MC_BETWEEN_H
#define MC_BETWEEN_H

#include "points/between_facts.h"
#include "engine/tap.h"

mc_status mc_between_open(mc_between **out, uint64_t seed, uint32_t window, uint32_t rows, mc_error *err);
void mc_between_close(mc_between *b);            /* accepts NULL */

/* Segments came by at 'side'.  False: no memory. */
bool mc_between_take(mc_between *b, unsigned side, const mc_tapped *list, size_t count);

/* All frames of 'side' before 'ns' have been read; the first of all came at 'first_ns'.  A side that
   is at its end says so. */
void mc_between_read(mc_between *b, unsigned side, int64_t first_ns, int64_t ns, bool ended);

/* What to add to a time at side 0 to have that at side 1, as far as it is known. */
bool mc_between_difference(const mc_between *b, int64_t *ns);

/* Segments that wait for a partner. */
uint32_t mc_between_waiting(const mc_between *b);

/* After the end of both sides.  Borrowed.  NULL: no memory. */
const mc_between_facts *mc_between_finish(mc_between *b, const uint64_t dropped[2]);

/* Another two points, of which the first is the same and the second lies further on: what came by there has passed here.  'on_side'
   is the first one's side of them.  When both are finished. */
void mc_between_arrived(mc_between *b, unsigned dir, const mc_between_facts *on, unsigned on_side);

#endif
