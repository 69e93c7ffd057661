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
    uint8_t peer[16];
    uint16_t peer_port, server_port;
    bool both;                       /* both ends are the server's address: ports in either order */
} mc_flow_key;

typedef struct mc_flows mc_flows;

/* 'max' connections at most.  NULL: no memory. */
mc_flows *mc_flows_open(uint32_t max);
void mc_flows_close(mc_flows *f);                /* accepts NULL */

uint32_t mc_flows_hash(const mc_flows *f, const mc_flow_key *key);

/* Fetches the table's line, then the connection's, ahead of use. */
void mc_flows_prefetch_slot(const mc_flows *f, uint32_t hash);
void mc_flows_prefetch_conn(const mc_flows *f, uint32_t hash);

/* Too many for the caches: fetching ahead pays. */
bool mc_flows_are_many(const mc_flows *f);

/* The current connection of 'key', or NULL. */
mc_conn *mc_flows_find(const mc_flows *f, const mc_flow_key *key, uint32_t hash);

/*
 * A new, cleared connection of 'key', which takes the place of the current one, if
 * any; that one stays in the list.  NULL: the bound is reached or there is no
 * memory; mc_flows_is_full() tells.
 */
mc_conn *mc_flows_add(mc_flows *f, const mc_flow_key *key, uint32_t hash);

bool mc_flows_is_full(const mc_flows *f);

/* All connections in the order of their first segment. */
uint32_t mc_flows_count(const mc_flows *f);
mc_conn *mc_flows_at(const mc_flows *f, uint32_t i);

/* Bytes of memory that the table and its connections take. */
uint64_t mc_flows_memory(const mc_flows *f);

#endif
