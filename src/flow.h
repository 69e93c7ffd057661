/*
 * flow.h: the table of connections of one server address.
 *
 * One end of every connection is the server's address, so a key is the other
 * end's address and both ports.  Connections live in blocks that never move; the
 * hash table holds their numbers.  Its hash is keyed by a random seed, so that a
 * capture cannot choose its collisions.
 */
#ifndef MC_FLOW_H
#define MC_FLOW_H

#include "conn.h"

/* Both ends of one segment, seen from the server. */
typedef struct mc_flow_key {
    uint64_t peer[2];                /* the address, as its bytes lie */
    uint16_t peer_port, server_port;
    bool both;                       /* both ends are the server's address: ports in either order */
} mc_flow_key;

typedef struct mc_slot {
    uint32_t hash;
    uint32_t number;                 /* of the connection, counted from 1; 0: empty */
} mc_slot;

#define MC_BLOCK_BITS 14             /* connections a block: 6 MiB, three large pages */

typedef struct mc_flows {
    mc_slot *slots;
    uint32_t mask;
    uint32_t used;                   /* slots */
    uint32_t count, max;             /* connections */
    mc_conn **blocks;
    uint32_t block_count, block_room;
    uint64_t seed[2];
    bool no_memory;
} mc_flows;

_Static_assert(sizeof(mc_slot) == 8, "eight slots a cache line");

/* 'max' connections at most.  NULL: no memory. */
mc_flows *mc_flows_open(uint32_t max);
void mc_flows_close(mc_flows *f);                /* accepts NULL */

/* All connections in the order of their first segment. */
static inline uint32_t mc_flows_count(const mc_flows *f)
{
    return f->count;
}

static inline mc_conn *mc_flows_at(const mc_flows *f, uint32_t i)
{
    return &f->blocks[i >> MC_BLOCK_BITS][i & ((1u << MC_BLOCK_BITS) - 1)];
}

MC_INLINE uint64_t mc_fold(uint64_t a, uint64_t b)
{
    __extension__ typedef unsigned __int128 u128;
    u128 product = (u128)a * b;

    return (uint64_t)product ^ (uint64_t)(product >> 64);
}

MC_INLINE uint32_t mc_flows_hash(const mc_flows *f, const mc_flow_key *key)
{
    uint64_t ports, h;

    if (MC_UNLIKELY(key->both) && key->peer_port > key->server_port)
        ports = (uint64_t)key->server_port << 16 | key->peer_port;
    else
        ports = (uint64_t)key->peer_port << 16 | key->server_port;
    h = mc_fold(key->peer[0] ^ f->seed[0], key->peer[1] ^ f->seed[1]);
    h = mc_fold(h ^ f->seed[1], (ports | 0xa5c3b10000000000ull) ^ f->seed[0]);
    return (uint32_t)(h ^ h >> 32);
}

static inline bool mc_flows_is_of(const mc_conn *c, const mc_flow_key *key)
{
    uint64_t peer[2];

    memcpy(peer, c->peer, sizeof peer);
    if (peer[1] != key->peer[1] || peer[0] != key->peer[0])
        return false;
    if (c->peer_port == key->peer_port && c->server_port == key->server_port)
        return true;
    return key->both && c->peer_port == key->server_port && c->server_port == key->peer_port;
}

/* The slot of 'key', or the empty one where it belongs. */
MC_INLINE mc_slot *mc_flows_slot(const mc_flows *f, const mc_flow_key *key, uint32_t hash)
{
    uint32_t i = hash & f->mask;

    for (;; i = (i + 1) & f->mask) {
        mc_slot *s = &f->slots[i];

        if (s->number == 0 || (s->hash == hash && mc_flows_is_of(mc_flows_at(f, s->number - 1), key)))
            return s;
    }
}

/* The current connection of 'key', or NULL. */
MC_INLINE mc_conn *mc_flows_find(const mc_flows *f, const mc_flow_key *key, uint32_t hash)
{
    uint32_t i = hash & f->mask;

    for (;; i = (i + 1) & f->mask) {
        const mc_slot *s = &f->slots[i];
        mc_conn *c;

        if (s->number == 0)
            return NULL;
        if (s->hash != hash)
            continue;
        c = mc_flows_at(f, s->number - 1);
        if (MC_LIKELY(mc_flows_is_of(c, key)))
            return c;
    }
}

/* Too many for the caches: fetching ahead pays. */
static inline bool mc_flows_are_many(const mc_flows *f)
{
    return f->count >= 1024;         /* 384 KiB: a good part of a second-level cache */
}

/*
 * Fetches the table's line, then the connection's, ahead of use.  Inline at any rate: gcc
 * takes a function that only fetches for one without effect, and drops the call.
 */
MC_INLINE void mc_flows_prefetch_slot(const mc_flows *f, uint32_t hash)
{
    MC_PREFETCH(&f->slots[hash & f->mask]);
}

MC_INLINE void mc_flows_prefetch_conn(const mc_flows *f, uint32_t hash)
{
    uint32_t i = hash & f->mask;
    const char *c;
    size_t at;

    while (f->slots[i].hash != hash && f->slots[i].number != 0)
        i = (i + 1) & f->mask;
    if (f->slots[i].number == 0)
        return;
    c = (const char *)mc_flows_at(f, f->slots[i].number - 1);
#pragma GCC unroll 8
    for (at = 0; at < sizeof(mc_conn); at += 64)
        MC_PREFETCH(c + at);
}

/*
 * A new, cleared connection of 'key', which takes the place of the current one, if
 * any; that one stays in the list.  NULL: the bound is reached or there is no
 * memory; mc_flows_is_full() tells.
 */
mc_conn *mc_flows_add(mc_flows *f, const mc_flow_key *key, uint32_t hash);

bool mc_flows_is_full(const mc_flows *f);

/* Bytes of memory that the table and its connections take. */
uint64_t mc_flows_memory(const mc_flows *f);

#endif
