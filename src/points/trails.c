/*
 * trails.c: the trails of both points.
 */
#include "points/trails.h"

#include <stdlib.h>

#include "points/prints.h"
#include "points/queue.h"

#define FIRST_HEADS 1024u

bool mc_trails_init(mc_between *b)
{
    unsigned side;

    for (side = 0; side < 2; side++) {
        b->side[side].mask = FIRST_HEADS - 1;
        b->side[side].head = calloc(FIRST_HEADS, sizeof *b->side[side].head);
        if (b->side[side].head == NULL)
            return false;
    }
    return true;
}

static void grow_side(mc_between *b, mc_side *s)
{
    const uint32_t mask = s->mask * 2 + 1;
    uint32_t *head = calloc((size_t)mask + 1, sizeof *head), i, n, next;

    if (head == NULL)
        return;
    for (i = 0; i <= s->mask; i++)
        for (n = s->head[i]; n != 0; n = next) {
            mc_trail *t = mc_trail_at(b, n);

            next = t->next;
            t->next = head[t->hash & mask];
            head[t->hash & mask] = n;
        }
    free(s->head);
    s->head = head;
    s->mask = mask;
}

static void unlist(mc_between *b, uint32_t trail)
{
    mc_trail *t = mc_trail_at(b, trail);
    mc_side *s = &b->side[t->side];
    uint32_t *at = &s->head[t->hash & s->mask];

    if (!t->listed)
        return;
    while (*at != trail)
        at = &mc_trail_at(b, *at)->next;
    *at = t->next;
    t->listed = false;
    s->count--;
}

/* Is it still the one, and not given back or in another's place? */
static bool is_of(const mc_trail *t, unsigned side, const mc_tapped *segment)
{
    return t->listed && t->side == side && mc_same_ends(&t->key, &segment->key);
}

uint32_t mc_trails_take(mc_between *b, unsigned side, const mc_tapped *segment, uint32_t known)
{
    mc_side *s = &b->side[side];
    uint32_t n = known;
    mc_trail *t;

    if (n == 0 || !is_of(mc_trail_at(b, n), side, segment))
        n = mc_trails_find(b, mc_trails_first(b, side, segment), segment);
    if (n != 0) {
        if (!mc_trail_is_new(mc_trail_at(b, n), &segment->seen))
            return n;
        unlist(b, n);
    }
    n = mc_store_take(&b->trails);
    if (n == 0)
        return 0;
    t = mc_trail_at(b, n);
    t->key = segment->key;
    t->hash = segment->hash;
    t->side = (uint8_t)side;
    t->listed = true;
    t->next = s->head[t->hash & s->mask];
    s->head[t->hash & s->mask] = n;
    s->count++;
    b->facts.trails[side]++;
    b->single++;
    if (s->count > s->mask / 2)
        grow_side(b, s);
    return n;
}

void mc_trails_rename(mc_between *b, uint32_t from, uint32_t to)
{
    mc_trail *t = mc_trail_at(b, to);
    const mc_trail *other = mc_trail_at(b, from);
    mc_side *s = &b->side[t->side];

    unlist(b, to);
    t->key = other->key;
    t->hash = other->hash;
    mc_trails_free(b, from);
    t->listed = true;
    t->next = s->head[t->hash & s->mask];
    s->head[t->hash & s->mask] = to;
    s->count++;
}

void mc_trails_free(mc_between *b, uint32_t trail)
{
    mc_trail *t = mc_trail_at(b, trail);

    b->single -= t->pair == 0;
    mc_prints_forget(b, t);
    unlist(b, trail);
    mc_queue_drop(b, &t->way[0].queue);
    mc_queue_drop(b, &t->way[1].queue);
    mc_store_give_back(&b->trails, trail);
    t->side = MC_NO_SIDE;
}
