/*
 * slots.c: the hash table of the connections.
 */
#include "table/slots.h"

#include "base/pages.h"

#define FIRST_LINES 32u

static size_t bytes_of(uint32_t lines)
{
    return (size_t)lines * sizeof(mc_slot_line);
}

static void set_mask(mc_slots *t, uint32_t mask)
{
    t->mask = mask;
    t->limit = (mask + 1) / 4 * 3 * MC_SLOTS_A_LINE;
}

bool mc_slots_init(mc_slots *t)
{
    *t = (mc_slots){ .lines = mc_pages_alloc(bytes_of(FIRST_LINES), false) };
    set_mask(t, FIRST_LINES - 1);
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

/*
 * The table has twice the lines now, and its slots still lie where they belonged: each goes
 * on to where it belongs, which is the line of the same place in one of both halves, or one
 * behind it when that is full.
 *
 * It begins with a line that holds none but its own.  Then those that are put back never
 * come into a line that is still to be emptied: they are no more than were up to there before.
 */
static void spread(mc_slots *t, uint32_t old_mask)
{
    mc_slot_line *const lines = t->lines;
    const uint32_t mask = t->mask;
    mc_slot_line was;
    uint32_t first = 0, n;
    unsigned i;

    while (!mc_slots_is_last(&lines[(first - 1) & old_mask]))
        first++;
    for (n = 0; n <= old_mask; n++) {
        mc_slot_line *line = &lines[(first + n) & old_mask];

        was = *line;
        memset(line, 0, sizeof *line);
        for (i = 0; i < MC_SLOTS_A_LINE && was.ref[i] != 0; i++)
            mc_slots_put_in(lines, mask, was.hash[i], was.ref[i]);
    }
}

bool mc_slots_grow(mc_slots *t)
{
    const uint32_t old_mask = t->mask;
    mc_slot_line *bigger;

    if (old_mask > UINT32_MAX / 4 / MC_SLOTS_A_LINE)
        return false;
    bigger = mc_pages_grow(t->lines, bytes_of(old_mask + 1), bytes_of(old_mask + 1) * 2, true);
    if (bigger == NULL)
        return false;
    t->lines = bigger;
    set_mask(t, old_mask * 2 + 1);
    spread(t, old_mask);
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
