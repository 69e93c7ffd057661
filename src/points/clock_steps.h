/*
 * clock_steps.h: where two clocks jump apart, by what cannot be otherwise.
 *
 * What goes from point 0 to point 1 takes some time: the clocks' difference is at most the
 * difference of its times, and at least that of what goes the other way.  Where these bounds
 * contradict those before, a clock was set: else something had arrived before it was sent.
 */
#ifndef MC_CLOCK_STEPS_H
#define MC_CLOCK_STEPS_H

#include "base/base.h"
#include "points/clock.h"

#define MC_CLOCK_STEPS 16            /* so many are told apart; all are counted */
#define MC_STEP_LEAST_NS (2 * MC_NS_PER_MS)

typedef struct mc_clock_step {
    int64_t time_ns;                 /* at point 0: the first that shows it */
    double jump_ns;
} mc_clock_step;

typedef struct mc_clock_steps {
    uint32_t count, kept;
    uint32_t contradicted;           /* marks that cannot be, as things stood before them */
    mc_clock_step step[MC_CLOCK_STEPS];
    /* at the end, when only one direction shows anything: its way has become longer, or a clock was set */
    bool unsure[2];
    int64_t unsure_from_ns;
    double unsure_ns;
} mc_clock_steps;

/* A difference of one direction; 'bounds_above': the clocks' difference is at most this one. */
typedef struct mc_clock_mark {
    int64_t time_ns;
    double difference_ns;
    bool bounds_above;
} mc_clock_mark;

/* The marks in order of time. */
void mc_clock_find_steps(const mc_clock_mark *mark, size_t count, mc_clock_steps *out);

/* By how much all steps up to that time have moved the clocks apart. */
double mc_clock_moved(const mc_clock_steps *s, int64_t time_ns);

#endif
