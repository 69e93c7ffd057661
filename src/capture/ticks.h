/*
 * ticks.h: what the timestamps of a pcapng interface mean (if_tsresol, if_tsoffset).
 */
#ifndef MC_TICKS_H
#define MC_TICKS_H

#include "base/base.h"

typedef struct mc_ticks {
    uint64_t a_second;               /* so many */
    uint8_t shift;                   /* a_second is 2^shift; 0: a power of ten, or 2^0 */
    int64_t offset;                  /* seconds */
    uint32_t multiply;               /* nanoseconds a tick, 0: not a whole number */
    uint64_t short_max;              /* up to here tick * multiply + offset cannot overflow */
} mc_ticks;

/* Sets what follows from 'a_second' and 'offset'. */
void mc_ticks_prepare(mc_ticks *t);

/* True where two operations give the time, as for nearly all captures. */
MC_INLINE bool mc_ticks_are_short(const mc_ticks *t, uint64_t ticks)
{
    return t->multiply != 0 && ticks <= t->short_max;
}

MC_INLINE int64_t mc_ticks_short_ns(const mc_ticks *t, uint64_t ticks)
{
    return (int64_t)(ticks * t->multiply) + t->offset * MC_NS_PER_S;
}

/* Nanoseconds since 1970; times outside of int64 (1677 to 2262) stop at its ends, but for INT64_MIN. */
int64_t mc_ticks_ns(const mc_ticks *t, uint64_t ticks);

#endif
