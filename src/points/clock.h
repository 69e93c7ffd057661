/*
 * clock.h: how the clocks of two points differ, and how long the way between them takes.
 *
 * All there is are differences: the time of a segment at point 1 less that at point 0.
 * They hold the difference of the clocks and the way; the smallest of each direction are
 * the clocks' difference and the bare way.
 */
#ifndef MC_CLOCK_H
#define MC_CLOCK_H

#include "base/base.h"

#define MC_CLOCK_BUCKETS 64
#define MC_CLOCK_SAMPLES 16384

typedef struct mc_clock_bucket {
    int64_t low[2], high[2];         /* of the differences, by direction; valid when count > 0 */
    uint64_t count[2];
} mc_clock_bucket;

typedef struct mc_clock_sample {
    int64_t time_ns;                 /* at point 0 */
    int64_t difference_ns;
} mc_clock_sample;

typedef struct mc_clock {
    int64_t start_ns, width_ns;
    uint32_t used;                   /* buckets */
    uint32_t current;                /* the one of the latest time, and which times are of it */
    int64_t current_from, current_to;
    mc_clock_bucket bucket[MC_CLOCK_BUCKETS];
    mc_clock_sample *sample[2];      /* every 'stride'th */
    uint32_t samples[2], stride[2], skipped[2];
    uint64_t count[2];
    int64_t low[2], high[2];         /* of the first differences, for the order of the points */
    int64_t early_ns[2];             /* the time that these took */
    /* the same of segments that are likely the same, for as long as nothing is sure */
    int64_t likely_low[2], likely_high[2], likely_from[2], likely_ns[2];
    uint64_t likely[2];
    int64_t recent[2];               /* the latest difference */
    int64_t until_ns[2];             /* of each point: the time of the latest segment; valid when any is counted */
} mc_clock;

typedef struct mc_clock_facts {
    bool known;                      /* the offset is: there are differences of both directions */
    int64_t offset_ns;               /* of point 1 to point 0, at the middle of the time */
    int64_t uncertainty_ns;          /* half of the bare way there and back: what an asymmetry could hide;
                                        more where the end of one direction may be later, or a clock set */
    bool drift_known;
    double drift_ppm;
    uint32_t steps;                  /* times that the clocks jumped apart */
    int64_t step_ns;                 /* the greatest of these */
    int64_t step_at_ns;              /* when, by point 0 */
    bool round_trip_known;
    int64_t round_trip_ns;           /* the bare way between the points, there and back */
    mc_durations delay[2];           /* above the smallest, by direction */
} mc_clock_facts;

bool mc_clock_init(mc_clock *c);
void mc_clock_free(mc_clock *c);

/* A segment of direction 'dir' came by at 'time0' and 'time1'. */
void mc_clock_add(mc_clock *c, unsigned dir, int64_t time0, int64_t time1);

/* Likely the same: it tells the order and about how long the way takes, until something is sure. */
void mc_clock_add_likely(mc_clock *c, unsigned dir, int64_t time0, int64_t time1);

/* The two ways in which the points may lie: 'near' is the one nearer to the client.  Of the right
   one the way there and back is not negative.  'blur_ns' is what a drift may have made of it.  False:
   nothing came by in one direction. */
bool mc_clock_round_trip(const mc_clock *c, unsigned near, int64_t *ns, int64_t *blur_ns);

/* The side that the way there and back tells to be nearer to the client, within times so short that no clock runs far: a clock
   that was set spoils one of them only.  False: none does, or they contradict each other. */
bool mc_clock_nearer_by_way(const mc_clock *c, unsigned *near);

/* By all that is kept, at the end: the one of the two ways that nothing contradicts, if the other is contradicted. */
bool mc_clock_nearer(const mc_clock *c, unsigned *near);

/* What to add to a time at point 0 to have that at point 1, roughly, as things stand. */
bool mc_clock_difference(const mc_clock *c, int64_t *ns);

/* The smallest difference of a direction that came by lately, that is, the one of the smallest delay, and
   how far the others lie from it. */
bool mc_clock_expected(const mc_clock *c, unsigned dir, unsigned near, int64_t *ns, int64_t *spread_ns);

/* The same as it was at a time, by the clock of point 'side'. */
bool mc_clock_expected_at(const mc_clock *c, unsigned dir, unsigned near, unsigned side, int64_t time_ns, int64_t *ns,
                          int64_t *spread_ns);

/* All that can be said at the end; 'near' is the point nearer to the client. */
void mc_clock_fill(const mc_clock *c, unsigned near, mc_clock_facts *out);

#endif
