/*
 * distinct.c: a set while there are few, an estimate when there are many.
 */
#include "facts/distinct.h"

#include <math.h>
#include <stdlib.h>

void mc_distinct_init(mc_distinct *d, uint32_t count)
{
    uint32_t size = 64;

    memset(d, 0, sizeof *d);
    d->most = count;
    while (size < 2 * (count < MC_DISTINCT_EXACT ? count : MC_DISTINCT_EXACT))
        size *= 2;
    d->set = calloc(size, sizeof *d->set);
    d->mask = size - 1;
    d->counting = d->set != NULL;
}

void mc_distinct_free(mc_distinct *d)
{
    free(d->set);
    d->set = NULL;
}

void mc_distinct_settle(mc_distinct *d)
{
    uint32_t n, i;

    for (n = 0; n < d->pending && d->used <= MC_DISTINCT_EXACT; n++) {
        const uint64_t *addr = d->ahead[n].addr;

        if ((addr[0] | addr[1]) == 0) {
            d->used += !d->has_zeros;
            d->has_zeros = true;
            continue;
        }
        for (i = d->ahead[n].at; (d->set[i][0] | d->set[i][1]) != 0; i = (i + 1) & d->mask)
            if (d->set[i][0] == addr[0] && d->set[i][1] == addr[1])
                break;
        if ((d->set[i][0] | d->set[i][1]) != 0)
            continue;
        d->set[i][0] = addr[0];
        d->set[i][1] = addr[1];
        d->used++;
    }
    d->pending = 0;
    d->counting = d->set != NULL && d->used <= MC_DISTINCT_EXACT;
}

uint64_t mc_distinct_count(mc_distinct *d, bool *exact)
{
    double sum = 0, m = 1u << MC_DISTINCT_BITS, estimate;
    unsigned i, zeros = 0;

    mc_distinct_settle(d);
    *exact = d->set != NULL && d->used <= MC_DISTINCT_EXACT;
    if (*exact)
        return d->used;
    for (i = 0; i < 1u << MC_DISTINCT_BITS; i++) {
        sum += ldexp(1, -d->registers[i]);
        zeros += d->registers[i] == 0;
    }
    estimate = 0.7213 / (1 + 1.079 / m) * m * m / sum;
    if (estimate < 2.5 * m && zeros > 0)
        estimate = m * log(m / zeros);
    return mc_min_u64((uint64_t)estimate, d->most);
}
