/*
 * pool.h: memory for what connections need now and then: blocks of powers of
 * two, reused by size, all freed at once, within a limit.
 */
#ifndef MC_POOL_H
#define MC_POOL_H

#include "base/base.h"

#define MC_POOL_MIN_BITS 5           /* 32 bytes */
#define MC_POOL_MAX_BITS 18          /* 256 KiB */

typedef struct mc_pool {
    uint64_t limit;                  /* bytes; 0: none */
    uint64_t used;                   /* bytes handed out */
    uint64_t taken;                  /* bytes taken from the system */
    void *chunks;                    /* all of them, linked by their first word */
    void *free_blocks[MC_POOL_MAX_BITS + 1];
    uint8_t *carve;                  /* rest of the newest chunk */
    size_t carve_len;
} mc_pool;

void mc_pool_init(mc_pool *p, uint64_t limit);
void mc_pool_destroy(mc_pool *p);

/* A block that was not yet in use. */
void *mc_pool_carve(mc_pool *p, unsigned bits);

/* 1 << bits bytes, aligned to 16, not cleared; NULL past the limit or without memory. */
static inline void *mc_pool_alloc(mc_pool *p, unsigned bits);

static inline void mc_pool_free(mc_pool *p, void *block, unsigned bits);   /* accepts NULL */

/* The smallest 'bits' whose block holds 'size' bytes. */
unsigned mc_pool_bits(size_t size);

/* ------------------------------------------------------------------ bodies */

static inline void *mc_pool_alloc(mc_pool *p, unsigned bits)
{
    uint64_t size = (uint64_t)1 << bits;
    void *block;

    if (bits > MC_POOL_MAX_BITS || p->used + size - 1 > p->limit - 1)   /* no limit: 0 - 1 is beyond all */
        return NULL;
    block = p->free_blocks[bits];
    if (block != NULL)
        memcpy(&p->free_blocks[bits], block, sizeof block);
    else if ((block = mc_pool_carve(p, bits)) == NULL)
        return NULL;
    p->used += size;
    return block;
}

static inline void mc_pool_free(mc_pool *p, void *block, unsigned bits)
{
    if (block == NULL)
        return;
    memcpy(block, &p->free_blocks[bits], sizeof p->free_blocks[bits]);
    p->free_blocks[bits] = block;
    p->used -= (uint64_t)1 << bits;
}

#endif
