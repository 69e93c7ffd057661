/*
 * flow.c: connections, in full and in short.
 */
#include "table/flow.h"

#include <stdlib.h>
#include <sys/random.h>
#include <time.h>

#include "base/pages.h"
#include "tcp/rules.h"

#define PACKED_BYTES 256u            /* a connection: bounds what packed ones may take together */

_Static_assert(MC_MAX_SEGMENTS < 1 << MC_BEGIN_BITS, "room for all that begin in one frame");

void mc_flows_seed(uint64_t seed[2])
{
    struct timespec now;

    if (getrandom(seed, 2 * sizeof *seed, GRND_NONBLOCK) == 2 * sizeof *seed)
        return;
    clock_gettime(CLOCK_MONOTONIC, &now);
    seed[0] = (uint64_t)now.tv_nsec * 0x9e3779b97f4a7c15ull ^ (uint64_t)(uintptr_t)seed;
    seed[1] = (uint64_t)now.tv_sec * 0xd6e8feb86659fd93ull ^ (uint64_t)(uintptr_t)&mc_flows_seed;
}

mc_flows *mc_flows_open(uint32_t max, bool ipv4)
{
    mc_flows *f = calloc(1, sizeof *f);

    if (f == NULL)
        return NULL;
    f->max = max > 0 ? max : 1;
    if (f->max > MC_MAX_CONNECTIONS)
        f->max = MC_MAX_CONNECTIONS;
    if (!mc_slots_init(&f->slots)) {
        free(f);
        return NULL;
    }
    mc_store_init(&f->conns, sizeof(mc_conn), MC_CONN_BITS);
    f->ipv4 = ipv4;
    mc_store_init(&f->half_opens, mc_half_open_size(ipv4), MC_HALF_OPEN_BITS);
    mc_packs_init(&f->packs);
    mc_stories_init(&f->stories);
    mc_flows_switch(f, &(mc_switches)MC_SWITCHES(MC_READING_CHOSEN));
    mc_flows_seed(f->seed);
    return f;
}

void mc_flows_switch(mc_flows *f, const mc_switches *switches)
{
    f->switches = *switches;
    f->conns.blocks.large_from = 2;
    f->conns.blocks.paging = switches->paging;       /* the rest is written and read in order, where small pages do */
}

void mc_flows_close(mc_flows *f)
{
    if (f == NULL)
        return;
    mc_store_destroy(&f->conns);
    mc_store_destroy(&f->half_opens);
    mc_packs_destroy(&f->packs);
    mc_stories_destroy(&f->stories);
    mc_slots_free(&f->slots);
    free(f);
}

/* ------------------------------------------------------------------ records */

/* Room for one connection more? */
static bool make_room(mc_flows *f)
{
    if (f->count >= f->max || f->no_memory)
        return false;
    if (!mc_slots_make_room(&f->slots))
        f->no_memory = true;
    return !f->no_memory;
}

/* Builds what is kept as a record in 'c', which must be zero if that is a half-open one. */
static void build(const mc_flows *f, uint32_t ref, mc_conn *c)
{
    uint32_t number = ref & ~MC_REF_KIND;

    if (ref < MC_REF_PACKED)
        mc_half_open_build(mc_flows_half_open(f, number), f->ipv4, c);
    else
        mc_packs_get(&f->packs, number, c);
}

bool mc_flows_is_record_of(const mc_flows *f, uint32_t ref, const mc_flow_key *key)
{
    const mc_half_open *h;
    uint64_t peer[2];
    mc_conn c;

    if (ref < MC_REF_PACKED) {
        h = mc_flows_half_open(f, ref);
        mc_half_open_get_peer(h, peer, f->ipv4);
        return mc_flows_is_of((const uint8_t *)peer, h->ports, key);
    }
    build(f, ref, &c);
    return mc_flows_is_of(c.peer, c.ports, key);
}

/* --------------------------------------------------------------------- over */

/*
 * What packed connections may take: no more than all connections in full would take
 * together.  Where most of them are open at a time, packing gains nothing any more: their
 * places are there, and no others will come.
 */
static uint64_t pack_limit(const mc_flows *f)
{
    uint64_t all = f->max * (uint64_t)sizeof(mc_conn);
    uint64_t others = mc_store_memory(&f->conns) + mc_store_memory(&f->half_opens);

    return mc_min_u64(f->max * (uint64_t)PACKED_BYTES, all > others ? all - others : 0);
}

static void pack_first(mc_flows *f)
{
    const uint32_t old = f->over[f->over_first].ref;
    uint32_t *ref = mc_slots_find_ref(&f->slots, f->over[f->over_first].hash, old), number;
    mc_conn *c = mc_flows_conn(f, old);

    f->over_first = (f->over_first + 1) % MC_FLOWS_LINGER;
    f->over_count--;
    c->flags &= ~(uint32_t)MC_C_WAITS;
    /* without a slot another connection has taken its place, and nothing more can come */
    if (ref != NULL && !mc_conn_is_over(c))
        return;
    number = mc_packs_add(&f->packs, c, pack_limit(f));
    if (number == 0)
        return;
    mc_store_give_back(&f->conns, old);
    if (ref != NULL)
        *ref = number | MC_REF_PACKED;
}

/* The next one to be packed was out of use for long. */
MC_INLINE void prefetch_first(const mc_flows *f)
{
    const mc_conn *c = mc_flows_conn(f, f->over[f->over_first].ref);

    MC_PREFETCH(c);
    mc_flows_prefetch_rest(c);
    mc_flows_prefetch_slot(f, f->over[f->over_first].hash);
}

static void wait_to_be_packed(mc_flows *f, mc_conn *c, uint32_t number, uint32_t hash)
{
    uint32_t at;

    if (f->switches.kept_in_full || (c->flags & MC_C_WAITS) != 0)
        return;
    if (f->over_count == MC_FLOWS_LINGER)
        pack_first(f);
    c->flags |= MC_C_WAITS;
    at = (f->over_first + f->over_count) % MC_FLOWS_LINGER;
    f->over[at].hash = hash;
    f->over[at].ref = number;
    f->over_count++;
    while (f->over_count > f->switches.linger)
        pack_first(f);
    if (f->over_count == MC_FLOWS_LINGER)
        prefetch_first(f);
}

void mc_flows_over(mc_flows *f, mc_conn *c, uint32_t hash)
{
    uint32_t at = hash & f->slots.mask;

    for (;; at = (at + 1) & f->slots.mask) {
        const mc_slot_line *line = &f->slots.lines[at];
        unsigned found = mc_slots_match(line, hash);

        for (; found != 0; found &= found - 1) {
            uint32_t ref = line->ref[__builtin_ctz(found)];

            if (ref < MC_REF_HALF_OPEN && mc_flows_conn(f, ref) == c) {
                wait_to_be_packed(f, c, ref, hash);
                return;
            }
        }
    }
}

/* -------------------------------------------------------------- connections */

mc_conn *mc_flows_add(mc_flows *f, const mc_flow_key *key, uint32_t hash, uint64_t frame)
{
    mc_conn *c, *current;
    uint32_t number, before, *ref;

    if (!make_room(f))
        return NULL;
    number = mc_store_take(&f->conns);
    if (number == 0) {
        f->no_memory = true;
        return NULL;
    }
    c = mc_flows_conn(f, number);
    mc_endpoint_state_init(&c->endpoint[0]);
    mc_endpoint_state_init(&c->endpoint[1]);
    memcpy(c->peer, key->peer, sizeof c->peer);
    c->peer_port = key->peer_port;
    c->server_port = key->server_port;
    c->begin = mc_flows_begin(f, frame);
    ref = mc_flows_find_ref(f, key, hash, &current);
    f->count++;
    if (ref == NULL) {
        mc_slots_put(&f->slots, hash, number);
        return c;
    }
    before = *ref;
    *ref = number;
    if (current != NULL) {
        current->fast_path = 0;
        wait_to_be_packed(f, current, before, hash);
    }
    return c;
}

uint32_t mc_flows_take_half_open_seldom(mc_flows *f)
{
    uint32_t number;

    if (f->switches.kept_in_full || !make_room(f))
        return 0;
    number = mc_store_take(&f->half_opens);
    if (number == 0)
        f->no_memory = true;
    return number;
}

/*
 * Most half-open connections are soon in use: the records of a busy moment would hold
 * memory to the end.  Moves those behind into the holes, and gives the rest back.  At
 * least three were given back for each one that moves.
 */
MC_NOINLINE static void gather_half_opens(mc_flows *f)
{
    uint32_t from = f->half_opens.end, to = 1;

    for (; from > f->half_opens.used; from--) {
        const mc_half_open *h = mc_flows_half_open(f, from);
        mc_flow_key key = { .ports = h->ports };

        if (h->begin == 0)
            continue;
        while (mc_flows_half_open(f, to)->begin != 0)
            to++;
        mc_half_open_get_peer(h, key.peer, f->ipv4);
        *mc_slots_find_ref(&f->slots, mc_flows_hash(f, &key), from | MC_REF_HALF_OPEN) = to | MC_REF_HALF_OPEN;
        memcpy(mc_flows_half_open(f, to), h, f->half_opens.size);
    }
    mc_store_trim(&f->half_opens);
}

mc_conn *mc_flows_make_full(mc_flows *f, uint32_t *ref)
{
    uint32_t record = *ref & ~MC_REF_KIND, number = mc_store_take(&f->conns);
    mc_conn *c;

    if (number == 0) {
        f->no_memory = true;
        return NULL;
    }
    c = mc_flows_conn(f, number);
    build(f, *ref, c);
    if (*ref >= MC_REF_PACKED) {
        mc_packs_remove(&f->packs, record);
        *ref = number;
        return c;
    }
    mc_store_give_back(&f->half_opens, record);
    *ref = number;
    if (f->half_opens.end >= f->switches.gather_from && f->half_opens.used < f->half_opens.end / 4)
        gather_half_opens(f);
    return c;
}

const mc_conn *mc_flows_look(const mc_flows *f, uint32_t ref, mc_conn *room)
{
    if (ref < MC_REF_HALF_OPEN)
        return mc_flows_conn(f, ref);
    if (ref < MC_REF_PACKED)
        memset(room, 0, sizeof *room);
    build(f, ref, room);
    return room;
}

const mc_conn *mc_flows_look_for(const mc_flows *f, uint32_t hash, uint64_t begin, mc_conn *room)
{
    const mc_slots *t = &f->slots;
    const mc_slot_line *line = &t->lines[hash & t->mask];

    for (;; line = line == &t->lines[t->mask] ? t->lines : line + 1) {
        unsigned found = mc_slots_match(line, hash);

        for (; found != 0; found &= found - 1) {
            const mc_conn *c = mc_flows_look(f, line->ref[__builtin_ctz(found)], room);

            if (c->begin == begin)
                return c;
        }
        if (mc_slots_is_last(line))
            return NULL;
    }
}

bool mc_flows_is_full(const mc_flows *f)
{
    return f->count >= f->max || f->no_memory;
}

bool mc_flows_is_short(const mc_flows *f)
{
    return f->no_memory;
}

uint64_t mc_flows_memory(const mc_flows *f)
{
    return mc_slots_memory(&f->slots) + mc_store_memory(&f->conns) +
           mc_store_memory(&f->half_opens) + mc_packs_memory(&f->packs) + mc_stories_memory(&f->stories);
}
