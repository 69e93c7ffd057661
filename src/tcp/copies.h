/*
 * copies.h: the same packet captured twice, as behind a mirror port.
 */
#ifndef MC_COPIES_H
#define MC_COPIES_H

#ifdef __SSE2__
#include <emmintrin.h>
#endif

#include "decode/decode.h"

/*
 * Packets seen twice.  Recent fingerprints in 4,096 sets, the latest four of each:
 * in practice the last 10,000 packets, up to a second old.
 */
#define MC_COPY_SETS 4096
#define MC_COPY_WAYS 4

typedef uint32_t mc_four __attribute__((vector_size(16)));

typedef struct mc_copy_set {
    mc_four tag, time;               /* the latest first */
} mc_copy_set;

_Static_assert(MC_COPY_SETS == 1 << 12 && MC_COPY_WAYS == 4, "as written out here");

typedef struct mc_copies {
    mc_copy_set sets[MC_COPY_SETS];
} mc_copies;

/* One more in front; the last one falls out. */
MC_INLINE mc_four mc_four_push(mc_four v, uint32_t first);

/* Is one of the four 'wanted'? */
MC_INLINE bool mc_four_has(mc_four v, uint32_t wanted);

/*
 * What a copy has in common with its original; 0: it cannot be told from others.
 * It is the same in every run, and so is what it finds.  'peer' is the address of the
 * end that is not the server.
 */
MC_INLINE uint64_t mc_copies_fingerprint(const mc_segment_summary *s, const uint64_t peer[2]);

/* Fetches ahead of mc_copies_see(). */
MC_INLINE void mc_copies_prefetch(const mc_copies *t, uint64_t fingerprint);

/* True if the fingerprint was seen less than a second before; notes it for the next. */
MC_INLINE bool mc_copies_see(mc_copies *t, uint64_t fingerprint, int64_t now);

#define MC_COPY_TICKS ((uint32_t)(MC_NS_PER_S >> 10))    /* a second, in ticks of about a microsecond */

/* Is 'tag' there, from less than 'within' ticks before 'time'?  (recent.c) */
bool mc_copies_find(const mc_copy_set *set, uint32_t tag, uint32_t time, uint32_t within);

/* The same, if less than 'within' ticks have passed. */
MC_INLINE bool mc_copies_see_within(mc_copies *t, uint64_t fingerprint, int64_t now, uint32_t within);

/* ------------------------------------------------------------------ bodies */

MC_INLINE mc_four mc_four_push(mc_four v, uint32_t first)
{
#if defined(__has_builtin)
#if __has_builtin(__builtin_shufflevector)
    v = __builtin_shufflevector(v, v, 0, 0, 1, 2);
    v[0] = first;
    return v;
#endif
#endif
    return (mc_four){ first, v[0], v[1], v[2] };
}

MC_INLINE bool mc_four_has(mc_four v, uint32_t wanted)
{
    const mc_four same = (mc_four)(v == (mc_four){ wanted, wanted, wanted, wanted });
#ifdef __SSE2__
    return _mm_movemask_epi8((__m128i)same) != 0;
#else
    return (same[0] | same[1] | same[2] | same[3]) != 0;
#endif
}

MC_INLINE uint64_t mc_copies_fingerprint(const mc_segment_summary *s, const uint64_t peer[2])
{
    __extension__ typedef unsigned __int128 u128;
    uint64_t a = s->numbers, b = s->sent_as ^ ((uint64_t)s->len << 8 | s->flags) << 24;
    u128 product;

    if (s->ip_id == 0 && s->mark == 0)
        return 0;
    a ^= ((peer[1] ^ peer[0] << 29 ^ peer[0] >> 35) + s->mark) * 0x9e3779b97f4a7c15ull;
    product = (u128)a * b;
    return ((uint64_t)product ^ (uint64_t)(product >> 64)) | 1;
}

MC_INLINE void mc_copies_prefetch(const mc_copies *t, uint64_t fingerprint)
{
    MC_PREFETCH(&t->sets[fingerprint >> 52]);
}

MC_INLINE bool mc_copies_see_within(mc_copies *t, uint64_t fingerprint, int64_t now, uint32_t within)
{
    mc_copy_set *set = &t->sets[fingerprint >> 52];
    uint32_t tag = (uint32_t)fingerprint, time = (uint32_t)((uint64_t)now >> 10);  /* about a microsecond a tick */
    bool seen = false;

    if (fingerprint == 0)
        return false;
    if (MC_UNLIKELY(mc_four_has(set->tag, tag)))
        seen = mc_copies_find(set, tag, time, within);
    set->tag = mc_four_push(set->tag, tag);
    set->time = mc_four_push(set->time, time);
    return seen;
}

MC_INLINE bool mc_copies_see(mc_copies *t, uint64_t fingerprint, int64_t now)
{
    return mc_copies_see_within(t, fingerprint, now, MC_COPY_TICKS);
}

#endif
