/*
 * resolved.h: the connections of one server that a lookup led to.  Bounded: names, and connections
 * that are kept for their rows; sums go on.
 */
#ifndef MC_RESOLVED_H
#define MC_RESOLVED_H

#include "facts/dns.h"
#include "facts/stats.h"
#include "mcpcap.h"

#define MC_RESOLVED_NAMES 64
#define MC_RESOLVED_ROWS  65536

typedef struct mc_resolved_name {
    uint64_t hash, connections;
    char text[MC_DNS_NAME];
} mc_resolved_name;

/* One connection. */
typedef struct mc_resolved_row {
    uint64_t begin;                  /* frame of its first segment */
    uint64_t frame;                  /* of the first question */
    int64_t wait_ns, until_ns;
    uint16_t port;                   /* the client's */
    uint16_t name;                   /* from 1; 0: not kept */
    uint16_t again, failures;        /* saturating */
    bool half;
} mc_resolved_row;

typedef struct mc_resolved {
    mc_name_facts facts;             /* without durations, names and losses */
    mc_hist wait, until;
    mc_resolved_name *names;         /* NULL: there are none yet */
    uint32_t name_count;
    mc_resolved_row *rows;
    uint32_t row_count, row_room;
} mc_resolved;

void mc_resolved_free(mc_resolved *t);

/* A connection from 'port' of 'client' begins: did a lookup lead to it?  False: no memory. */
bool mc_resolved_begin(mc_resolved *t, mc_lookups *lookups, const uint8_t client[16], uint16_t port, const uint8_t server[16],
                       uint64_t frame, int64_t now);

/* 'lookups' may be NULL.  Texts are borrowed. */
void mc_resolved_get_facts(const mc_resolved *t, const mc_lookups *lookups, int64_t last_ns, mc_name_facts *out);
void mc_resolved_get_row(const mc_resolved *t, uint64_t begin, uint16_t port, mc_row_name *out);

uint64_t mc_resolved_memory(const mc_resolved *t);

#endif
