/*
 * flow.c: open addressing with linear probing; 8-byte slots of hash and number,
 * at most half of them used.
 */
#include "flow.h"

#include <stdlib.h>
#include <sys/random.h>
#include <time.h>

#include "pages.h"
#include "tcp.h"

#define BLOCK_CONNS (1u << MC_BLOCK_BITS)
#define BLOCK_BYTES (BLOCK_CONNS * sizeof(mc_conn))
#define FIRST_SLOTS 256u

static void make_seed(uint64_t seed[2])
{
    struct timespec now;

    if (getrandom(seed, 2 * sizeof *seed, GRND_NONBLOCK) == 2 * sizeof *seed)
        return;
    clock_gettime(CLOCK_MONOTONIC, &now);
    seed[0] = (uint64_t)now.tv_nsec * 0x9e3779b97f4a7c15ull ^ (uint64_t)(uintptr_t)seed;
    seed[1] = (uint64_t)now.tv_sec * 0xd6e8feb86659fd93ull ^ (uint64_t)(uintptr_t)&make_seed;
}

mc_flows *mc_flows_open(uint32_t max)
{
    mc_flows *f = calloc(1, sizeof *f);

    if (f == NULL)
        return NULL;
    f->max = max > 0 ? max : 1;
    f->mask = FIRST_SLOTS - 1;
    f->slots = mc_pages_alloc(FIRST_SLOTS * sizeof *f->slots, false);
    if (f->slots == NULL) {
        free(f);
        return NULL;
    }
    make_seed(f->seed);
    return f;
}

void mc_flows_close(mc_flows *f)
{
    uint32_t i;

    if (f == NULL)
        return;
    for (i = 0; i < f->block_count; i++)
        mc_pages_free(f->blocks[i], BLOCK_BYTES);
    free(f->blocks);
    mc_pages_free(f->slots, ((size_t)f->mask + 1) * sizeof *f->slots);
    free(f);
}

static bool grow_slots(mc_flows *f)
{
    uint32_t size = f->mask + 1, i, j;
    mc_slot *bigger;

    if (size > UINT32_MAX / 4)
        return false;
    bigger = mc_pages_alloc((size_t)size * 2 * sizeof *bigger, true);
    if (bigger == NULL)
        return false;
    for (i = 0; i < size; i++) {
        if (f->slots[i].number == 0)
            continue;
        for (j = f->slots[i].hash & (size * 2 - 1); bigger[j].number != 0; j = (j + 1) & (size * 2 - 1))
            ;
        bigger[j] = f->slots[i];
    }
    mc_pages_free(f->slots, (size_t)size * sizeof *f->slots);
    f->slots = bigger;
    f->mask = size * 2 - 1;
    return true;
}

static mc_conn *new_conn(mc_flows *f)
{
    uint32_t block = f->count >> MC_BLOCK_BITS;

    if (block == f->block_count) {
        if (f->block_count == f->block_room) {
            uint32_t room = f->block_room == 0 ? 16 : f->block_room * 2;
            mc_conn **bigger = realloc(f->blocks, room * sizeof(*bigger));

            if (bigger == NULL)
                return NULL;
            f->blocks = bigger;
            f->block_room = room;
        }
        f->blocks[block] = mc_pages_alloc(BLOCK_BYTES, block > 0);
        if (f->blocks[block] == NULL)
            return NULL;
        f->block_count++;
    }
    return mc_flows_at(f, f->count++);
}

mc_conn *mc_flows_add(mc_flows *f, const mc_flow_key *key, uint32_t hash)
{
    mc_slot *s;
    mc_conn *c;

    if (f->count >= f->max)
        return NULL;
    if ((f->used + 1) * 2ull > f->mask && !grow_slots(f)) {
        f->no_memory = true;
        return NULL;
    }
    c = new_conn(f);
    if (c == NULL) {
        f->no_memory = true;
        return NULL;
    }
    mc_half_init(&c->half[0]);
    mc_half_init(&c->half[1]);
    memcpy(c->peer, key->peer, sizeof c->peer);
    c->peer_port = key->peer_port;
    c->server_port = key->server_port;
    s = mc_flows_slot(f, key, hash);
    if (s->number == 0)
        f->used++;
    s->hash = hash;
    s->number = f->count;
    return c;
}

bool mc_flows_is_full(const mc_flows *f)
{
    return f->count >= f->max || f->no_memory;
}

uint64_t mc_flows_memory(const mc_flows *f)
{
    return ((uint64_t)f->mask + 1) * sizeof(mc_slot) + (uint64_t)f->block_count * BLOCK_CONNS * sizeof(mc_conn);
}
