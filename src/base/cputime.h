/*
 * cputime.h: what the own work costs, for choosing between two ways of doing it.
 */
#ifndef MC_CPUTIME_H
#define MC_CPUTIME_H

#include <time.h>

#include "base/base.h"

/* Processor time of this thread, its system calls included: what others do counts little. */
static inline int64_t mc_cpu_ns(void)
{
    struct timespec now;

    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
    return (int64_t)now.tv_sec * MC_NS_PER_S + now.tv_nsec;
}

#endif
