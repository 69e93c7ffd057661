/*
 * recent.h: the latest data segments of all connections: when the first copy of a
 * repeated one passed, and with which timestamp.  What was acknowledged is in no other
 * list, and a side's timestamps are not kept.
 */
#ifndef MC_RECENT_H
#define MC_RECENT_H

#include "base/base.h"
#include "tcp/copies.h"

/* In several rings, told apart by the key, so that one of a few is looked through. */
#define MC_RECENT_RINGS 16
#define MC_RECENT       256          /* segments of a ring */

typedef struct mc_recent_segment {
    int64_t time_ns;
    uint32_t ts_val;                 /* 0: none */
    uint32_t len;                    /* 0: no segment yet */
} mc_recent_segment;

/* The keys stand by themselves, so that they are looked through quickly. */
typedef struct mc_recents {
    uint32_t key[MC_RECENT_RINGS * MC_RECENT];
    mc_recent_segment segment[MC_RECENT_RINGS * MC_RECENT];
    uint8_t next[MC_RECENT_RINGS];
} mc_recents;

_Static_assert(MC_RECENT == UINT8_MAX + 1 && MC_RECENT_RINGS == 1 << 4, "how the rings are counted");

/*
 * Of a segment that begins at 'seq'; 'hash': of the connection's ends, 'dir': who sends.  Which
 * ring it is comes from the number alone: a hash has another seed in each run.
 */
typedef struct mc_recent_key {
    uint32_t spread, key;
} mc_recent_key;

MC_INLINE mc_recent_key mc_recent_key_of(uint32_t hash, unsigned dir, uint32_t seq)
{
    const uint32_t spread = seq * 0x9e3779b1u;

    return (mc_recent_key){ spread, spread + hash + dir };
}

MC_INLINE uint32_t mc_recent_ring(mc_recent_key k)
{
    return k.spread >> 28;
}

MC_INLINE void mc_recents_note(mc_recents *t, mc_recent_key k, uint32_t len, uint32_t ts_val, int64_t now)
{
    const uint32_t ring = mc_recent_ring(k), i = ring * MC_RECENT | t->next[ring]++;

    t->key[i] = k.key;
    t->segment[i] = (mc_recent_segment){ now, ts_val, len };
}

/*
 * The earliest segment of these since 'since', and the latest; false: there is none.
 */
bool mc_recents_find(const mc_recents *t, mc_recent_key k, int64_t since, mc_recent_segment *first,
                     mc_recent_segment *last);

/* The latest of these has a newer timestamp than 'ts_val' (RFC 7323, 5.2); 0: none. */
bool mc_recents_are_newer(const mc_recents *t, mc_recent_key k, uint32_t ts_val);

#endif
