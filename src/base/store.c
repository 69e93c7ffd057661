/*
 * store.c: blocks of pages.
 */
#include "base/store.h"

static size_t block_bytes(const mc_store *t)
{
    return (size_t)t->size << t->bits;
}

void mc_store_init(mc_store *t, uint32_t size, uint32_t bits)
{
    memset(t, 0, sizeof *t);
    t->size = size;
    t->bits = bits;
}

void mc_store_destroy(mc_store *t)
{
    mc_blocks_free(&t->blocks, block_bytes(t));
}

uint32_t mc_store_take_seldom(mc_store *t)
{
    uint32_t number = t->free;

    if (number != 0) {
        t->used++;
        memcpy(&t->free, mc_store_at(t, number), sizeof t->free);
        memset(mc_store_at(t, number), 0, sizeof t->free);
        return number;
    }
    if (!mc_blocks_add(&t->blocks, block_bytes(t)))
        return 0;
    t->used++;
    return ++t->end;
}

void mc_store_give_back(mc_store *t, uint32_t number)
{
    uint8_t *item = mc_store_at(t, number);

    memset(item, 0, t->size);
    memcpy(item, &t->free, sizeof t->free);
    t->free = number;
    t->used--;
}

void mc_store_enlarge(mc_store *t)
{
    mc_blocks_enlarge(&t->blocks, block_bytes(t));
}

void mc_store_trim(mc_store *t)
{
    uint32_t blocks = (t->used >> t->bits) + 1, i;

    for (i = t->used + 1; i <= t->end && (i - 1) >> t->bits < blocks; i++)
        memset(mc_store_at(t, i), 0, t->size);
    mc_blocks_trim(&t->blocks, blocks, block_bytes(t));
    t->end = t->used;
    t->free = 0;
}

uint64_t mc_store_memory(const mc_store *t)
{
    return (uint64_t)t->blocks.count * block_bytes(t);
}
