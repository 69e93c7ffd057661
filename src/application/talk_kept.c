/*
 * talk_kept.c: which connections are kept, and where.
 */
#include "application/talk_part.h"

#define SEARCH 64                    /* connections looked at, for one that can go */

static void take_out(mc_talks *t, uint32_t number)
{
    mc_talk *k = mc_talk_at(t, number);

    mc_talk_give_up_ear(t, k, 0);
    mc_talk_give_up_ear(t, k, 1);
    if (k->more && mc_talk_more_of(t, k)->seldom != NULL)
        mc_store_give_back(&t->seldom, mc_talk_more_of(t, k)->seldom->number);
    if (k->more)
        memset(mc_talk_more_of(t, k), 0, sizeof(mc_talk_more));
    if (k->listed)
        memset(mc_talk_statuses_of(t, k), 0, sizeof(mc_talk_statuses));
    memset(k, 0, sizeof *k);
}

void mc_talk_drop(mc_talks *t, uint32_t number)
{
    take_out(t, number);
    mc_talk_at(t, number)->unused = t->unused;
    t->unused = number;
}

static bool can_go(const mc_talk *k)
{
    return k->over || (k->speaks == MC_SPEAKS_HTTP && !k->pending);
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
    t->reused = true;
    take_out(t, t->hand);
    return t->hand;
}

static uint32_t take_unused(mc_talks *t)
{
    const uint32_t number = t->unused;
    mc_talk *k = mc_talk_at(t, number);

    t->unused = k->unused;
    k->unused = 0;
    return number;
}

uint32_t mc_talk_keep(mc_talks *t, const mc_conn *c, uint32_t hash)
{
    const uint32_t number = t->unused != 0 ? take_unused(t) : t->store.used == t->most ? make_room(t) : mc_store_take(&t->store);
    mc_talk *k;

    if (number == 0) {
        t->no_memory = true;
        return 0;
    }
    k = mc_talk_at(t, number);
    k->begin = c->begin;
    k->hash = hash;
    k->place = (uint16_t)(number - 1);
    k->anew = (c->flags & MC_C_TURNS) != 0;      /* it was kept before, and had to go */
    return number;
}

#define READY_MORE 2048u             /* items whose memory is asked for in one call */

static bool reach_more(mc_talks *t, uint32_t place)
{
    if (t->more == NULL && (t->more = mc_pages_alloc(t->most * sizeof(mc_talk_more), false)) == NULL)
        return false;
    while (t->more_ready <= place) {
        const uint32_t next = t->most - t->more_ready < READY_MORE ? t->most - t->more_ready : READY_MORE;

        if (t->more_ready > 0)                   /* a small capture touches what it needs of the first ones */
            mc_pages_populate(t->more + t->more_ready * sizeof(mc_talk_more), next * sizeof(mc_talk_more));
        t->more_ready += next;
    }
    return true;
}

bool mc_talk_need_more(mc_talks *t, mc_talk *k)
{
    if (k->more)
        return true;
    if (k->place >= t->more_ready && !reach_more(t, k->place)) {
        t->no_memory = true;
        return false;
    }
    k->more = true;
    mc_talk_tls_of(t, k)->last = MC_LAST_NONE;
    return true;
}

bool mc_talk_need_statuses(mc_talks *t, mc_talk *k)
{
    if (t->statuses == NULL && (t->statuses = mc_pages_alloc(t->most * sizeof(mc_talk_statuses), false)) == NULL) {
        t->no_memory = true;
        return false;
    }
    k->listed = true;
    return true;
}

bool mc_talk_need_seldom(mc_talks *t, mc_talk_more *more)
{
    uint32_t number;

    if (more->seldom != NULL)
        return true;
    number = mc_store_take(&t->seldom);
    if (number == 0) {
        t->no_memory = true;
        return false;
    }
    more->seldom = mc_store_at(&t->seldom, number);
    more->seldom->number = number;
    return true;
}
