/*
 * compare.h: captures of several points of one path, read together.
 *
 * Each is read by a session of its own, which counts as ever; what lies between two points
 * is worked out meanwhile.  The captures are read in step, by their times as soon as it is
 * known how their clocks differ.
 */
#ifndef MC_COMPARE_H
#define MC_COMPARE_H

#include "points/between_facts.h"

#define MC_COMPARE_POINTS 6

/* One point: its inputs, read as one, and the server's address there. */
typedef struct mc_compare_source {
    const mc_input *inputs;
    size_t input_count;
    mc_endpoint server;
} mc_compare_source;

typedef struct mc_compare_facts {
    uint32_t points;
    uint32_t order[MC_COMPARE_POINTS];           /* points from the client on, by their place in the list given */
    const mc_facts *facts[MC_COMPARE_POINTS];    /* of each alone */
    uint64_t unclear[MC_COMPARE_POINTS];         /* segments that could not be compared */
    /* between the point of a place in the order and the next one; side 0 is the one that was given first */
    const mc_between_facts *between[MC_COMPARE_POINTS - 1];
    uint32_t side[MC_COMPARE_POINTS - 1][2];     /* which points its sides are */
    uint32_t window;
} mc_compare_facts;

typedef struct mc_compare mc_compare;

/* One source alone is a file that holds the traffic of two points: it is read once more for each of them.
   'window': segments that may wait for their partners; 0: the default. */
mc_status mc_compare_open(mc_compare **out, const mc_compare_source *sources, size_t count, const mc_options *options,
                          uint32_t window, mc_error *err);

/* As mc_session_step(), of all together.  A capture that cannot be read is at its end, and its facts say why. */
mc_status mc_compare_step(mc_compare *c, size_t budget, unsigned wait_ms, mc_error *err);
void mc_compare_stop(mc_compare *c, mc_status reason, const char *message);
void mc_compare_progress(const mc_compare *c, uint64_t *done, uint64_t *total);

/* After the end, or a stop.  Borrowed.  NULL: no memory. */
const mc_compare_facts *mc_compare_get_facts(mc_compare *c);
void mc_compare_close(mc_compare *c);            /* accepts NULL */

#endif
