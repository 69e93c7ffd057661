/*
 * store.h: many items of one size, numbered from 1, in blocks that never move.
 * What is given back is handed out again first: it is still in the caches.
 */
#ifndef MC_STORE_H
#define MC_STORE_H

#include "base/pages.h"

typedef struct mc_store {
    mc_blocks blocks;
    uint32_t size;                   /* of an item, bytes; at least 4 */
    uint32_t bits;                   /* 1 << bits items a block */
    uint32_t end;                    /* the highest number handed out */
    uint32_t used;                   /* items in use */
    uint32_t free;                   /* the latest given back, and by its first four bytes the one before; 0: none */
} mc_store;

void mc_store_init(mc_store *t, uint32_t size, uint32_t bits);
void mc_store_destroy(mc_store *t);

/* 'size' and 'bits' again, so that they can be constants. */
MC_INLINE void *mc_store_item(const mc_store *t, uint32_t number, size_t size, unsigned bits);

/* The item of that number, from 1. */
static inline void *mc_store_at(const mc_store *t, uint32_t number);

/* Where one was given back, or a block more is needed. */
uint32_t mc_store_take_seldom(mc_store *t);

/* The number of an item, all zero; 0: no memory. */
static inline uint32_t mc_store_take(mc_store *t);

/* The next one lies in memory that is there and was never in use; then this gives it. */
MC_INLINE bool mc_store_is_ready(const mc_store *t);
MC_INLINE uint32_t mc_store_take_ready(mc_store *t);

/* The item is cleared, but for its first four bytes. */
void mc_store_give_back(mc_store *t, uint32_t number);

/* mc_blocks_enlarge() of its blocks. */
void mc_store_enlarge(mc_store *t);

/* Gives back the memory behind the first 'used' items, all of which must be in use. */
void mc_store_trim(mc_store *t);

/* Bytes of memory taken. */
uint64_t mc_store_memory(const mc_store *t);

/* ------------------------------------------------------------------ bodies */

MC_INLINE void *mc_store_item(const mc_store *t, uint32_t number, size_t size, unsigned bits)
{
    uint32_t i = number - 1;

    return t->blocks.at[i >> bits] + (i & ((1u << bits) - 1)) * size;
}

static inline void *mc_store_at(const mc_store *t, uint32_t number)
{
    return mc_store_item(t, number, t->size, t->bits);
}

MC_INLINE bool mc_store_is_ready(const mc_store *t)
{
    return t->free == 0 && t->end >> t->bits != t->blocks.count;
}

MC_INLINE uint32_t mc_store_take_ready(mc_store *t)
{
    t->used++;
    return ++t->end;
}

static inline uint32_t mc_store_take(mc_store *t)
{
    return mc_store_is_ready(t) ? mc_store_take_ready(t) : mc_store_take_seldom(t);
}

#endif
