/*
 * pool.h: memory for what connections need now and then: blocks of powers of
 * two, reused by size, all freed at once, within a limit.
 */
#ifndef MC_POOL_H
#define MC_POOL_H

#include "base.h"

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

/* 1 << bits bytes, aligned to 16, not cleared; NULL past the limit or without memory. */
void *mc_pool_alloc(mc_pool *p, unsigned bits);
void mc_pool_free(mc_pool *p, void *block, unsigned bits);   /* accepts NULL */

/* The smallest 'bits' whose block holds 'size' bytes. */
unsigned mc_pool_bits(size_t size);

#endif
