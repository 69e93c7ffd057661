/*
 * slots.h: the hash table of the connections: references by hash, which a capture with
 * many connections waits for.
 *
 * Eight slots share a cache line; a hash belongs to one line, or the next ones when that
 * is full.  All eight are compared at once, so that a lookup takes one line and no
 * branch that cannot be foreseen.  Nothing is ever taken out.
 */
#ifndef MC_SLOTS_H
#define MC_SLOTS_H

#ifdef __SSE2__
#include <emmintrin.h>
#endif

#include "base/base.h"

#define MC_SLOTS_A_LINE 8

/* The slots in use stand first. */
typedef struct mc_slot_line {
    uint32_t hash[MC_SLOTS_A_LINE];
    uint32_t ref[MC_SLOTS_A_LINE];   /* 0: empty */
} mc_slot_line;

_Static_assert(sizeof(mc_slot_line) == 64, "a cache line");

typedef struct mc_slots {
    mc_slot_line *lines;
    uint32_t mask;                   /* lines - 1 */
    uint32_t used;                   /* slots ... */
    uint32_t limit;                  /* ... and how many may be: three quarters */
} mc_slots;

/* False: no memory. */
bool mc_slots_init(mc_slots *t);
void mc_slots_free(mc_slots *t);
uint64_t mc_slots_memory(const mc_slots *t);

/* Doubles the table.  False: no memory. */
bool mc_slots_grow(mc_slots *t);

/* Makes room for one more.  False: no memory. */
static inline bool mc_slots_make_room(mc_slots *t);

/* Where 'ref' stands, which came in with 'hash'; NULL: nowhere. */
uint32_t *mc_slots_find_ref(const mc_slots *t, uint32_t hash, uint32_t ref);

/* Which of eight words, of a line, are 'wanted'; a bit each, and maybe the same bits again above. */
MC_INLINE unsigned mc_slots_compare(const uint32_t words[MC_SLOTS_A_LINE], uint32_t wanted);

/* The same, a bit each. */
MC_INLINE unsigned mc_slots_equal(const uint32_t words[MC_SLOTS_A_LINE], uint32_t wanted);

/* Which slots of a line have the hash; hashes are never 0, so they are in use. */
MC_INLINE unsigned mc_slots_match(const mc_slot_line *line, uint32_t hash);

/* The last line that may hold a hash which belongs to it: the next one is not in use for that. */
MC_INLINE bool mc_slots_is_last(const mc_slot_line *line);

/* Puts a reference in, of a table in parts. */
MC_INLINE void mc_slots_put_in(mc_slot_line *lines, uint32_t mask, uint32_t hash, uint32_t ref);

/* Puts a reference in, for which there must be room. */
MC_INLINE void mc_slots_put(mc_slots *t, uint32_t hash, uint32_t ref);

/* Fetches the line where a hash is looked for first. */
MC_INLINE void mc_slots_prefetch(const mc_slots *t, uint32_t hash);

/* The first reference of a hash, as a guess to fetch its memory by; 0: none. */
MC_INLINE uint32_t mc_slots_guess(const mc_slots *t, uint32_t hash);

/* ------------------------------------------------------------------ bodies */

static inline bool mc_slots_make_room(mc_slots *t)
{
    return MC_LIKELY(t->used < t->limit) || mc_slots_grow(t);
}

MC_INLINE unsigned mc_slots_compare(const uint32_t words[MC_SLOTS_A_LINE], uint32_t wanted)
{
#ifdef __SSE2__
    const __m128i each = _mm_set1_epi32((int)wanted);
    __m128i low = _mm_load_si128((const __m128i *)(const void *)words);
    __m128i high = _mm_load_si128((const __m128i *)(const void *)(words + 4));

    low = _mm_packs_epi32(_mm_cmpeq_epi32(low, each), _mm_cmpeq_epi32(high, each));
    return (unsigned)_mm_movemask_epi8(_mm_packs_epi16(low, low));   /* twice the same */
#else
    unsigned i, found = 0;

    for (i = 0; i < MC_SLOTS_A_LINE; i++)
        found |= (unsigned)(words[i] == wanted) << i;
    return found;
#endif
}

MC_INLINE unsigned mc_slots_equal(const uint32_t words[MC_SLOTS_A_LINE], uint32_t wanted)
{
    return mc_slots_compare(words, wanted) & 0xffu;
}

MC_INLINE unsigned mc_slots_match(const mc_slot_line *line, uint32_t hash)
{
    return mc_slots_equal(line->hash, hash);
}

MC_INLINE bool mc_slots_is_last(const mc_slot_line *line)
{
    return line->ref[MC_SLOTS_A_LINE - 1] == 0;
}

MC_INLINE void mc_slots_put_in(mc_slot_line *lines, uint32_t mask, uint32_t hash, uint32_t ref)
{
    mc_slot_line *line = &lines[hash & mask];
    unsigned empty = mc_slots_equal(line->ref, 0), i;

    while (MC_UNLIKELY(empty == 0)) {
        line = line == &lines[mask] ? lines : line + 1;
        empty = mc_slots_equal(line->ref, 0);
    }
    i = (unsigned)__builtin_ctz(empty);
    line->hash[i] = hash;
    line->ref[i] = ref;
}

MC_INLINE void mc_slots_put(mc_slots *t, uint32_t hash, uint32_t ref)
{
    mc_slots_put_in(t->lines, t->mask, hash, ref);
    t->used++;
}

MC_INLINE void mc_slots_prefetch(const mc_slots *t, uint32_t hash)
{
    MC_PREFETCH(&t->lines[hash & t->mask]);
}

MC_INLINE uint32_t mc_slots_guess(const mc_slots *t, uint32_t hash)
{
    uint32_t at = hash & t->mask;
    unsigned found;

    while (MC_UNLIKELY((found = mc_slots_compare(t->lines[at].hash, hash)) == 0)) {
        if (mc_slots_is_last(&t->lines[at]))
            return 0;
        at = (at + 1) & t->mask;
    }
    return t->lines[at].ref[(size_t)__builtin_ctzll(found)];
}

#endif
