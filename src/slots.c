/*
 * slots.c: the hash table of the connections.
 */
#include "slots.h"

#include "pages.h"

#define FIRST_LINES 32u

static size_t bytes_of(uint32_t lines)
{
    return (size_t)lines * sizeof(mc_slot_line);
}

bool mc_slots_init(mc_slots *t)
{
    *t = (mc_slots){ .lines = mc_pages_alloc(bytes_of(FIRST_LINES), false), .mask = FIRST_LINES - 1 };
    return t->lines != NULL;
}

void mc_slots_free(mc_slots *t)
{
    mc_pages_free(t->lines, bytes_of(t->mask + 1));
    t->lines = NULL;
}

uint64_t mc_slots_memory(const mc_slots *t)
{
    return bytes_of(t->mask + 1);
}

void mc_slots_put(mc_slots *t, uint32_t hash, uint32_t ref)
{
    mc_slot_line *line;
    uint32_t at = hash & t->mask;
    int i;

    while (!mc_slots_is_last(&t->lines[at]))
        at = (at + 1) & t->mask;
    line = &t->lines[at];
    i = __builtin_ctz(mc_slots_equal(line->ref, 0));
    line->hash[i] = hash;
    line->ref[i] = ref;
    t->used++;
}

bool mc_slots_make_room(mc_slots *t)
{
    mc_slots bigger = { .mask = t->mask * 2 + 1 };
    uint32_t at;
    unsigned i;

    if ((uint64_t)t->used + 1 <= ((uint64_t)t->mask + 1) * MC_SLOTS_A_LINE * 3 / 4)
        return true;
    if (t->mask > UINT32_MAX / 4 / MC_SLOTS_A_LINE)
        return false;
    bigger.lines = mc_pages_alloc(bytes_of(bigger.mask + 1), true);
    if (bigger.lines == NULL)
        return false;
    for (at = 0; at <= t->mask; at++)
        for (i = 0; i < MC_SLOTS_A_LINE && t->lines[at].ref[i] != 0; i++)
            mc_slots_put(&bigger, t->lines[at].hash[i], t->lines[at].ref[i]);
    mc_slots_free(t);
    *t = bigger;
    return true;
}

uint32_t *mc_slots_find_ref(const mc_slots *t, uint32_t hash, uint32_t ref)
{
    uint32_t at = hash & t->mask;

    for (;; at = (at + 1) & t->mask) {
        mc_slot_line *line = &t->lines[at];
        unsigned found = mc_slots_equal(line->ref, ref);

        if (found != 0)
            return &line->ref[__builtin_ctz(found)];
        if (mc_slots_is_last(line))
            return NULL;
    }
}
