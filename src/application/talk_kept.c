/*
 * talk_kept.c: which connections are kept, and where.
 */
#include "application/talk_part.h"

#include <stdlib.h>

#define SLOTS_FIRST  256u
#define SLOTS_FACTOR 4               /* they grow by */
#define SEARCH       64              /* connections looked at, for one that can go */

static void put(mc_talks *t, uint32_t number, uint32_t hash)
{
    uint32_t i = hash & t->slot_mask;

    while (t->slot[i] != 0)
        i = (i + 1) & t->slot_mask;
    t->slot[i] = (hash >> MC_TALK_NUMBER_BITS << MC_TALK_NUMBER_BITS) | number;
}

/* Slots for one connection more. */
static bool have_slots(mc_talks *t)
{
    uint32_t *const old = t->slot, count = old != NULL ? t->slot_mask + 1 : 0, i, bigger;

    if (t->store.used < count / 2)
        return true;
    bigger = count == 0 ? SLOTS_FIRST : count * SLOTS_FACTOR;
    if (bigger > MC_TALK_NUMBER + 1)
        bigger = MC_TALK_NUMBER + 1;
    t->slot = bigger > count ? calloc(bigger, sizeof *t->slot) : NULL;
    if (t->slot == NULL) {
        t->slot = old;
        return bigger == count;                  /* there are twice as many as connections: enough */
    }
    t->slot_mask = bigger - 1;
    for (i = 0; i < count; i++)
        if (old[i] != 0)
            put(t, old[i] & MC_TALK_NUMBER, mc_talk_at(t, old[i] & MC_TALK_NUMBER)->hash);
    free(old);
    return true;
}

/* What lies behind its slot, and would no more be found, moves up. */
static void free_slot(mc_talks *t, uint32_t number, uint32_t hash)
{
    const uint32_t mask = t->slot_mask;
    uint32_t i = hash & mask, k;

    while ((t->slot[i] & MC_TALK_NUMBER) != number)
        i = (i + 1) & mask;
    for (k = (i + 1) & mask; t->slot[k] != 0; k = (k + 1) & mask) {
        const uint32_t home = mc_talk_at(t, t->slot[k] & MC_TALK_NUMBER)->hash & mask;

        if (((k - home) & mask) >= ((k - i) & mask)) {
            t->slot[i] = t->slot[k];
            i = k;
        }
    }
    t->slot[i] = 0;
}

static void take_out(mc_talks *t, uint32_t number)
{
    mc_talk *k = mc_talk_at(t, number);

    free_slot(t, number, k->hash);
    mc_talk_give_up_ear(t, k, 0);
    mc_talk_give_up_ear(t, k, 1);
    if (k->more != NULL)
        mc_store_give_back(&t->more, k->more->number);
}

void mc_talk_drop(mc_talks *t, uint32_t number)
{
    take_out(t, number);
    mc_store_give_back(&t->store, number);
}

static bool can_go(const mc_talk *k)
{
    return k->over || (k->speaks == MC_SPEAKS_HTTP && !k->http.pending);
}

/* Where all that may be kept are: one of them makes room. */
static uint32_t make_room(mc_talks *t)
{
    uint32_t i;

    for (i = 0; i < SEARCH; i++) {
        t->hand = t->hand % t->most + 1;
        if (can_go(mc_talk_at(t, t->hand)))
            break;
    }
    t->facts.untold += i == SEARCH;
    take_out(t, t->hand);
    memset(mc_talk_at(t, t->hand), 0, sizeof(mc_talk));
    return t->hand;
}

uint32_t mc_talk_keep(mc_talks *t, const mc_conn *c, uint32_t hash)
{
    const uint32_t number = t->store.used == t->most ? make_room(t) : have_slots(t) ? mc_store_take(&t->store) : 0;
    mc_talk *k;

    if (number == 0) {
        t->no_memory = true;
        return 0;
    }
    k = mc_talk_at(t, number);
    k->begin = c->begin;
    k->hash = mc_talk_hash(hash, c->begin);
    memcpy(k->peer, c->peer, sizeof k->peer);
    k->ports = c->ports;
    k->anew = (c->flags & MC_C_TURNS) != 0;      /* it was kept before, and had to go */
    put(t, number, k->hash);
    return number;
}

bool mc_talk_need_more(mc_talks *t, mc_talk *k)
{
    uint32_t number;

    if (k->more != NULL)
        return true;
    number = mc_store_take(&t->more);
    if (number == 0) {
        t->no_memory = true;
        return false;
    }
    k->more = mc_store_item(&t->more, number, sizeof(mc_talk_more), t->more.bits);
    k->more->number = number;
    k->more->tls.last = MC_LAST_NONE;
    return true;
}
