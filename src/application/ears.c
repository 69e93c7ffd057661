/*
 * ears.c: bytes in their order.
 */
#include "application/ears.h"

#include <stdlib.h>

void mc_ears_init(mc_ears *t, uint32_t most)
{
    memset(t, 0, sizeof *t);
    t->most = most < MC_EARS_MOST ? most : MC_EARS_MOST;
}

void mc_ears_free(mc_ears *t)
{
    uint32_t i;

    for (i = 0; i < MC_EARS_MOST; i++) {
        free(t->at[i]);
        t->at[i] = NULL;
    }
}

uint64_t mc_ears_memory(const mc_ears *t)
{
    uint64_t bytes = 0;
    uint32_t i;

    for (i = 0; i < MC_EARS_MOST; i++)
        bytes += t->at[i] != NULL ? sizeof *t->at[i] : 0;
    return bytes;
}

uint8_t mc_ears_take(mc_ears *t, uint32_t owner, uint8_t side, uint32_t *was, uint8_t *was_side)
{
    uint32_t i;
    mc_ear *e;

    *was = 0;
    for (i = 0; i < t->most && t->at[i] != NULL && t->at[i]->owner != 0; i++)
        ;
    if (i == t->most) {
        i = t->next;
        t->next = (t->next + 1) % t->most;
    }
    if (t->at[i] == NULL)
        t->at[i] = malloc(sizeof *t->at[i]);
    else {
        *was = t->at[i]->owner;
        *was_side = t->at[i]->side;
    }
    e = t->at[i];
    if (e == NULL)
        return 0;
    e->owner = owner;
    e->side = side;
    e->filled = e->range_count = 0;
    return (uint8_t)(i + 1);
}

void mc_ears_give_back(mc_ears *t, uint8_t number)
{
    t->at[number - 1]->owner = 0;
}

/* What has come to lie next to the first bytes joins them. */
static void join(mc_ear *e)
{
    uint32_t i = 0;

    while (i < e->range_count) {
        if (e->range[i].lo > e->filled) {
            i++;
            continue;
        }
        if (e->range[i].hi > e->filled)
            e->filled = e->range[i].hi;
        e->range[i] = e->range[--e->range_count];
        i = 0;
    }
}

void mc_ear_put(mc_ear *e, uint32_t at, const uint8_t *p, uint32_t len)
{
    uint32_t i;

    if (at >= MC_EAR_BYTES)
        return;
    if (len > MC_EAR_BYTES - at)
        len = MC_EAR_BYTES - at;
    if (at > e->filled) {
        for (i = 0; i < e->range_count; i++)
            if (at <= e->range[i].hi && at + len >= e->range[i].lo)
                break;
        if (i == MC_EAR_RANGES)
            return;
        if (i == e->range_count) {
            e->range[i].lo = at;
            e->range[i].hi = at + len;
            e->range_count++;
        }
        if (at < e->range[i].lo)
            e->range[i].lo = at;
        if (at + len > e->range[i].hi)
            e->range[i].hi = at + len;
    } else if (at + len > e->filled) {
        e->filled = at + len;
    }
    memcpy(e->bytes + at, p, len);
    join(e);
}

/* Where what is kept ends. */
static uint32_t last_of(const mc_ear *e)
{
    uint32_t last = e->filled, i;

    for (i = 0; i < e->range_count; i++)
        if (e->range[i].hi > last)
            last = e->range[i].hi;
    return last;
}

void mc_ear_drop(mc_ear *e, uint32_t len)
{
    const uint32_t last = last_of(e);
    uint32_t i = 0;

    if (len == 0)
        return;
    while (i < e->range_count)                   /* what lies below is not wanted any more */
        if (e->range[i].hi <= len) {
            e->range[i] = e->range[--e->range_count];
        } else {
            e->range[i].lo = e->range[i].lo > len ? e->range[i].lo - len : 0;
            e->range[i].hi -= len;
            i++;
        }
    if (len < last)
        memmove(e->bytes, e->bytes + len, last - len);
    e->filled = e->filled > len ? e->filled - len : 0;
    join(e);
}
