/*
 * store.c: blocks of pages.
 */
#include "store.h"

#include <stdlib.h>

#include "pages.h"

static size_t block_bytes(const mc_store *t)
{
    return (size_t)t->size << t->bits;
}

void mc_store_init(mc_store *t, uint32_t size, uint32_t bits, bool fill)
{
    memset(t, 0, sizeof *t);
    t->size = size;
    t->bits = bits;
    t->fill = fill;
}

void mc_store_destroy(mc_store *t)
{
    uint32_t i;

    for (i = 0; i < t->block_count; i++)
        mc_pages_free(t->blocks[i], block_bytes(t));
    free(t->blocks);
}

static bool add_block(mc_store *t)
{
    if (t->block_count == t->block_room) {
        uint32_t room = t->block_room == 0 ? 16 : t->block_room * 2;
        uint8_t **bigger = realloc(t->blocks, room * sizeof(*bigger));

        if (bigger == NULL)
            return false;
        t->blocks = bigger;
        t->block_room = room;
    }
    t->blocks[t->block_count] = mc_pages_alloc(block_bytes(t), false);
    if (t->blocks[t->block_count] == NULL)
        return false;
    if (t->fill && t->block_count > 0)
        mc_pages_fill(t->blocks[t->block_count], block_bytes(t));
    t->block_count++;
    return true;
}

uint32_t mc_store_take(mc_store *t)
{
    uint32_t number = t->free;

    if (number != 0) {
        t->used++;
        memcpy(&t->free, mc_store_at(t, number), sizeof t->free);
        memset(mc_store_at(t, number), 0, sizeof t->free);
        return number;
    }
    if (t->end >> t->bits == t->block_count && !add_block(t))
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

void mc_store_trim(mc_store *t)
{
    uint32_t blocks = (t->used >> t->bits) + 1, i;

    for (i = t->used + 1; i <= t->end && (i - 1) >> t->bits < blocks; i++)
        memset(mc_store_at(t, i), 0, t->size);
    for (; t->block_count > blocks; t->block_count--)
        mc_pages_free(t->blocks[t->block_count - 1], block_bytes(t));
    t->end = t->used;
    t->free = 0;
}

uint64_t mc_store_memory(const mc_store *t)
{
    return (uint64_t)t->block_count * block_bytes(t);
}
