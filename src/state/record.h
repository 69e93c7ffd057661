/*
 * record.h: writes a log of segments.
 */
#ifndef MC_RECORD_H
#define MC_RECORD_H

#include "decode/decode_fast.h"
#include "state/log.h"

#define MC_LOG_WAYS 4u               /* slots that a connection may have */

/* Of the slots of a set: a mark of whose each is, when it was used last (0: never), and where it is.  Slots are given away in a
   row, so that those in use lie close together, here and for whoever reads the log. */
typedef struct mc_log_set {
    uint32_t mark[MC_LOG_WAYS], used[MC_LOG_WAYS];
    uint16_t slot[MC_LOG_WAYS];
} mc_log_set;

typedef struct mc_record {
    mc_log_slot *slots;
    mc_log_set *sets;
    uint32_t given;                  /* so many slots are in use, or were */
    uint16_t *over;                  /* ways of connections that are over; a ring of MC_LOG_SLOTS */
    uint32_t over_first, over_count;
    mc_log_set *set;                 /* where mc_record_slot() has found or made room */
    uint32_t way;
    uint32_t clock;
    uint32_t slot;                   /* of the record before */
    uint64_t frame;                  /* likewise */
    int64_t time_ns;
    uint64_t count;                  /* records in the columns */
    mc_packer column[MC_LOG_COLUMNS];
    bool no_memory;
} mc_record;

bool mc_record_init(mc_record *r);
void mc_record_free(mc_record *r);

/* By what a segment's slot is found; where it will be looked for is fetched, and, when that is there, where it likely lies: the
   way of its set, or MC_LOG_WAYS. */
uint64_t mc_record_hash(const mc_record *r, const mc_segment *s);
uint32_t mc_record_prefetch(const mc_record *r, uint64_t hash);

/* The slot of a segment, and whether it was that of its connection already; 'back': the segment comes from the second end. */
uint32_t mc_record_slot(mc_record *r, const mc_segment *s, uint64_t hash, bool *known, bool *back);

/* The same of ends alone, of which the way is 'likely' this one. */
uint64_t mc_record_hash_ends(const mc_record *r, const mc_endpoints *e);
uint32_t mc_record_slot_ends(mc_record *r, const mc_endpoints *e, uint8_t ip_version, uint64_t hash, uint32_t likely, bool *known,
                             bool *back);

/* A segment without options but timestamps, and of whose payload nothing is kept. */
typedef struct mc_record_plain {
    const mc_segment_summary *summary;
    uint64_t frame;
    int64_t time_ns;
    uint32_t wirelen, caplen, captured;
    uint8_t has, tos;
} mc_record_plain;

/* Room for 'count' records of which mc_record_brief() adds some.  False: no memory. */
bool mc_record_room(mc_record *r, uint32_t count);

/* Adds its record, which is the one that mc_record_segment() would add.  False, and nothing is done: there is more to be said than
   this.  'slot' is known. */
bool mc_record_brief(mc_record *r, const mc_record_plain *l, uint32_t slot, bool back);

/* Adds a record; 'slot', 'known' and 'back' as mc_record_slot() has just given them. */
void mc_record_segment(mc_record *r, const mc_logged *l, uint32_t slot, bool known, bool back);

/* A frame as it was captured. */
void mc_record_raw(mc_record *r, const mc_logged *l);

/* Bytes in the columns. */
static inline size_t mc_record_bytes(const mc_record *r)
{
    size_t bytes = 0;
    unsigned i;

    for (i = 0; i < MC_LOG_COLUMNS; i++)
        bytes += r->column[i].count;
    return bytes;
}

/* The columns as the bytes of a chunk, which are appended to 'out'; they are empty then. */
void mc_record_take(mc_record *r, mc_packer *out);

#endif
