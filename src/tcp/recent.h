/*
 * recent.h: the latest data segments of all connections: when the first copy of a
 * repeated one passed, and with which timestamp.  What was acknowledged is in no other
 * list, and a side's timestamps are not kept.
 */
#ifndef MC_RECENT_H
#define MC_RECENT_H

#include "base/base.h"
#include "tcp/copies.h"

#define MC_RECENT 4096               /* segments, a power of two */

typedef struct mc_recent_segment {
    int64_t time_ns;
    uint32_t ts_val;                 /* 0: none */
    uint32_t len;
} mc_recent_segment;

/* The keys stand by themselves, so that they are looked through quickly. */
typedef struct mc_recents {
    mc_four key[MC_RECENT / 4];
    mc_recent_segment segment[MC_RECENT];
    uint32_t next;
} mc_recents;

/* 'hash': of the connection's ends; 'dir': who sends. */
MC_INLINE uint32_t mc_recent_key(uint32_t hash, unsigned dir, uint32_t seq)
{
    return (hash + dir) * 0x9e3779b1u ^ seq;
}

MC_INLINE void mc_recents_note(mc_recents *t, uint32_t key, uint32_t len, uint32_t ts_val, int64_t now)
{
    const uint32_t i = t->next++ & (MC_RECENT - 1);

    t->key[i >> 2][i & 3] = key;
    t->segment[i] = (mc_recent_segment){ now, ts_val, len };
}

/*
 * The earliest segment with this key since 'since', and the latest; false: there is none.
 */
bool mc_recents_find(const mc_recents *t, uint32_t key, int64_t since, mc_recent_segment *first,
                     mc_recent_segment *last);

#endif
