/*
 * monotonic.h: the clock that nobody sets, for how long something takes.
 */
#ifndef MC_MONOTONIC_H
#define MC_MONOTONIC_H

#include <time.h>

#include "base/base.h"

static inline int64_t mc_monotonic_ns(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * MC_NS_PER_S + now.tv_nsec;
}

#endif
