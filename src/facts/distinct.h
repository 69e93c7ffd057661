/*
 * distinct.h: how many different addresses there are.
 *
 * Exact in a hash set up to MC_DISTINCT_EXACT; beyond it a HyperLogLog estimate (Flajolet et
 * al. 2007) with 4,096 registers, so memory does not follow a flood.
 */
#ifndef MC_DISTINCT_H
#define MC_DISTINCT_H

#include "base/base.h"

#define MC_DISTINCT_EXACT 65536      /* so many are counted exactly; the standard error for more is 1.6 % */
#define MC_DISTINCT_BITS  12
#define MC_DISTINCT_AHEAD 16         /* places in the set that are fetched together */

typedef struct mc_distinct {
    uint64_t (*set)[2];              /* an address of zeros is a free place; NULL: all is estimated */
    bool counting;                   /* there is one, and few enough have come */
    bool has_zeros;                  /* so that one is noted here */
    uint32_t mask, used;
    uint32_t most;                   /* no more addresses than this will come, so an estimate is no more */
    uint8_t registers[1u << MC_DISTINCT_BITS];
    uint32_t pending;                /* addresses on their way to the set, whose memory is being fetched */
    struct {
        uint64_t addr[2];
        uint32_t at;
    } ahead[MC_DISTINCT_AHEAD];
} mc_distinct;

/* At most 'count' addresses will come. */
void mc_distinct_init(mc_distinct *d, uint32_t count);
void mc_distinct_free(mc_distinct *d);

/* Puts into the set what is on its way there. */
void mc_distinct_settle(mc_distinct *d);

/* Equal for equal addresses, in every run. */
static inline uint64_t mc_distinct_hash(const uint8_t addr[16]);

/* One address more, new or not. */
static inline void mc_distinct_add(mc_distinct *d, const uint8_t addr[16]);

/* How many there were; '*exact': counted, not estimated. */
uint64_t mc_distinct_count(mc_distinct *d, bool *exact);

/* ------------------------------------------------------------------ bodies */

static inline uint64_t mc_distinct_hash(const uint8_t addr[16])
{
    uint64_t a, b;

    memcpy(&a, addr, 8);
    memcpy(&b, addr + 8, 8);
    /* the last steps of splitmix64 (public domain); what tells addresses apart may lie in the
       uppermost bits alone, from where no product brings it down */
    a ^= b * 0x9e3779b97f4a7c15ull;
    a = (a ^ a >> 30) * 0xbf58476d1ce4e5b9ull;
    a = (a ^ a >> 27) * 0x94d049bb133111ebull;
    return a ^ a >> 31;
}

static inline void mc_distinct_add(mc_distinct *d, const uint8_t addr[16])
{
    uint64_t h = mc_distinct_hash(addr), rest = h << MC_DISTINCT_BITS | 1ull << (MC_DISTINCT_BITS - 1);
    uint8_t rank = (uint8_t)(__builtin_clzll(rest) + 1);

    if (rank > d->registers[h >> (64 - MC_DISTINCT_BITS)])
        d->registers[h >> (64 - MC_DISTINCT_BITS)] = rank;
    if (!d->counting)
        return;
    memcpy(d->ahead[d->pending].addr, addr, 16);
    d->ahead[d->pending].at = (uint32_t)h & d->mask;
    MC_PREFETCH(d->set[h & d->mask]);
    if (++d->pending == MC_DISTINCT_AHEAD)
        mc_distinct_settle(d);
}

#endif
