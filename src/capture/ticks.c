/*
 * ticks.c: timestamps of any unit.
 */
#include "capture/ticks.h"

void mc_ticks_prepare(mc_ticks *t)
{
    const int64_t far_away = 4000000000LL;       /* seconds: the year 2096 */

    t->multiply = 0;
    if (MC_NS_PER_S % (int64_t)mc_min_u64(t->a_second, MC_NS_PER_S + 1) == 0
        && t->offset > -far_away && t->offset < far_away) {
        t->multiply = (uint32_t)((uint64_t)MC_NS_PER_S / t->a_second);
        t->short_max = (uint64_t)(INT64_MAX - far_away * MC_NS_PER_S) / t->multiply;
    }
}

/* floor(fraction * 10^9 / 2^shift), without overflow for fraction < 2^shift <= 2^63. */
static uint64_t scale_binary(uint64_t fraction, unsigned shift)
{
    uint64_t high, low;

    if (shift < 32)
        return fraction * (uint64_t)MC_NS_PER_S >> shift;
    high = (fraction >> 32) * (uint64_t)MC_NS_PER_S;
    low = (fraction & 0xffffffffu) * (uint64_t)MC_NS_PER_S;
    return (high + (low >> 32)) >> (shift - 32);
}

int64_t mc_ticks_ns(const mc_ticks *t, uint64_t ticks)
{
    const int64_t limit = INT64_MAX / MC_NS_PER_S - 1;
    uint64_t seconds, fraction;
    int64_t sum;

    if (MC_LIKELY(mc_ticks_are_short(t, ticks)))
        return mc_ticks_short_ns(t, ticks);
    seconds = ticks / t->a_second;
    fraction = ticks % t->a_second;
    if (t->a_second > (uint64_t)MC_NS_PER_S && t->shift == 0)
        fraction /= t->a_second / (uint64_t)MC_NS_PER_S;
    else if (t->shift != 0)
        fraction = scale_binary(fraction, t->shift);
    else
        fraction *= (uint64_t)MC_NS_PER_S / t->a_second;
    if (t->offset >= 0 && seconds > (uint64_t)(INT64_MAX - t->offset))
        return INT64_MAX;
    /* Seconds above 2^63 with a negative offset may come back into range. */
    if (t->offset < 0 && seconds > (uint64_t)INT64_MAX) {
        seconds -= (uint64_t)-(t->offset + 1) + 1;
        if (seconds > (uint64_t)INT64_MAX)
            return INT64_MAX;
        sum = (int64_t)seconds;
    } else {
        sum = (int64_t)seconds + t->offset;
    }
    if (sum > limit)
        return INT64_MAX;
    if (sum < -limit)
        return -INT64_MAX;           /* INT64_MIN is MC_NO_TIME */
    return sum * MC_NS_PER_S + (int64_t)fraction;
}
