/*
 * first_few.c: a short list in order.
 */
#include "facts/first_few.h"

#include <stdlib.h>

#include "facts/stats.h"

bool mc_first_few_insert(mc_first_few *l, uint64_t begin, uint64_t frame)
{
    uint32_t i = l->count, last;

    if (l->items == NULL && (l->items = malloc(MC_FIRST_FEW * sizeof *l->items)) == NULL)
        return false;
    if (i < MC_FIRST_FEW)
        l->count++;
    else
        i--;
    for (last = i; i > 0 && l->items[i - 1].begin > begin; i--)
        ;
    memmove(&l->items[i + 1], &l->items[i], (last - i) * sizeof *l->items);
    l->items[i].begin = begin;
    l->items[i].frame = frame;
    return true;
}

void mc_first_few_give(mc_examples *e, mc_first_few *l)
{
    uint32_t i;

    for (i = 0; i < l->count; i++)
        mc_add_example(e, l->items[i].frame);
    free(l->items);
    *l = (mc_first_few){ 0 };
}
