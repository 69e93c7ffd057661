/*
 * places.h: which two points of a path one capture holds.
 */
#ifndef MC_PLACES_H
#define MC_PLACES_H

#include "compare/compare.h"
#include "engine/part.h"

typedef struct mc_places {
    mc_part_by by;
    uint32_t part[2];
} mc_places;

/* Reads the beginning of the capture.  MC_INVALID: the server's traffic is at one place, or nothing tells two apart. */
mc_status mc_places_find(const mc_compare_source *source, const mc_options *options, mc_places *out, mc_error *err);

#endif
