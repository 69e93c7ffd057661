/*
 * packed.h: connections that are over, in less than half of the memory.
 *
 * Nothing is lost: a late segment unpacks the connection, which then is what it was.
 * Most of a connection's numbers follow from others of it (the next sequence number
 * from the first one and the payload), or are the same in all connections of a server
 * (options, states, history), so most words of the difference are zero and left out.
 */
#ifndef MC_PACKED_H
#define MC_PACKED_H

#include "tcp/conn.h"
#include "base/pages.h"

#define MC_CONN_WORDS (sizeof(mc_conn) / 4)

typedef struct mc_packed {
    uint16_t units;                  /* size, in 16 bytes; 0: the rest of the block is unused */
    uint16_t used;                   /* 0: the place is free */
    uint32_t mask[MC_CONN_WORDS / 32];           /* which words of the connection they are */
    uint32_t word[];                 /* of a free place: the number of the next free one of this size */
} mc_packed;

#define MC_PACKED_UNIT  16
#define MC_PACKED_UNITS ((sizeof(mc_packed) + sizeof(mc_conn)) / MC_PACKED_UNIT)     /* of the longest */

_Static_assert(sizeof(mc_packed) == 16, "one unit");

/* Places for packed connections; their numbers count from 1. */
typedef struct mc_packs {
    mc_blocks blocks;
    uint32_t fill;                   /* units used in the last block */
    uint32_t free[MC_PACKED_UNITS + 1];          /* by size: the latest given back; 0: none */
    /* of the first that was packed: the others are kept as differences from it */
    bool has_model;
    int64_t model_ns;                /* mc_conn.first_ns */
    uint64_t model_begin;
    uint32_t model[MC_CONN_WORDS];   /* what is the same in most connections; else 0 */
} mc_packs;

void mc_packs_init(mc_packs *t);
void mc_packs_destroy(mc_packs *t);

/* Packs 'c'; returns the number, or 0 if there is no place within 'limit' bytes (and a
   block) for all. */
uint32_t mc_packs_add(mc_packs *t, const mc_conn *c, uint64_t limit);

/* Builds the connection of that number in 'c'. */
void mc_packs_get(const mc_packs *t, uint32_t number, mc_conn *c);

void mc_packs_remove(mc_packs *t, uint32_t number);

/* The first number after 'number' (0: of all) that is in use; 0: there is none. */
uint32_t mc_packs_next(const mc_packs *t, uint32_t number);

/* Bytes of memory taken. */
uint64_t mc_packs_memory(const mc_packs *t);

#define MC_PACKS_BLOCK_BITS 14       /* units a block: 256 KiB */

static inline mc_packed *mc_packs_at(const mc_packs *t, uint32_t number)
{
    uint32_t i = number - 1;

    return (mc_packed *)(void *)(t->blocks.at[i >> MC_PACKS_BLOCK_BITS] +
                                 (size_t)(i & ((1u << MC_PACKS_BLOCK_BITS) - 1)) * MC_PACKED_UNIT);
}

#endif
