/*
 * pool.c: a size-class allocator; blocks go back to their class, chunks to the
 * system only at the end.
 */
#include "base/pool.h"

#include <stdlib.h>

#define HEADER     16                /* keeps blocks aligned; holds the link */
#define CHUNK_SIZE ((size_t)64 * 1024 - HEADER)

void mc_pool_init(mc_pool *p, uint64_t limit)
{
    memset(p, 0, sizeof *p);
    p->limit = limit;
}

void mc_pool_destroy(mc_pool *p)
{
    void *chunk = p->chunks, *next;

    for (; chunk != NULL; chunk = next) {
        memcpy(&next, chunk, sizeof next);
        free(chunk);
    }
    mc_pool_init(p, p->limit);
}

unsigned mc_pool_bits(size_t size)
{
    unsigned bits = MC_POOL_MIN_BITS;

    while (((size_t)1 << bits) < size)
        bits++;
    return bits;
}

static uint8_t *new_chunk(mc_pool *p, size_t size)
{
    uint8_t *chunk = malloc(HEADER + size);

    if (chunk == NULL)
        return NULL;
    memcpy(chunk, &p->chunks, sizeof p->chunks);
    p->chunks = chunk;
    p->taken += HEADER + size;
    return chunk + HEADER;
}

void *mc_pool_carve(mc_pool *p, unsigned bits)
{
    size_t size = (size_t)1 << bits;
    void *block;

    if (size > CHUNK_SIZE / 4)
        return new_chunk(p, size);
    if (p->carve_len < size) {
        uint8_t *chunk = new_chunk(p, CHUNK_SIZE);

        if (chunk == NULL)
            return NULL;
        p->carve = chunk;            /* what was left of the old one is given up */
        p->carve_len = CHUNK_SIZE;
    }
    block = p->carve;
    p->carve += size;
    p->carve_len -= size;
    return block;
}
