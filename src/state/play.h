/*
 * play.h: reads a log of segments.  What it gives may be anything that a capture may hold; what no log
 * can say is 'bad', and nothing more is given then.
 */
#ifndef MC_PLAY_H
#define MC_PLAY_H

#include "state/edges.h"
#include "state/log.h"

typedef struct mc_play {
    mc_log_slot *slots;
    uint32_t used;                   /* of them the first are in use, or were; slots of others are empty */
    uint32_t slot;
    uint64_t frame;
    int64_t time_ns;
    uint64_t left;                   /* records of this chunk */
    mc_unpacker column[MC_LOG_COLUMNS];
    mc_edges_read edges;
    bool bad;
} mc_play;

bool mc_play_init(mc_play *p);
void mc_play_free(mc_play *p);

/* A piece begins: nothing is known of any connection. */
void mc_play_begin(mc_play *p);

/* What belongs to the records that come next and does not stand in them.  False: no memory. */
bool mc_play_edges(mc_play *p, const uint8_t *bytes, size_t count);

/* The chunk whose records come next; its bytes must stay until they are given. */
void mc_play_chunk(mc_play *p, const uint8_t *bytes, size_t count);

/*
 * The next record.  False: there is none in this chunk, or it is bad.  Of a segment with payload 'segment.payload'
 * is where the 'kept' bytes of it lie, and segment.captured how many there were.
 */
bool mc_play_next(mc_play *p, mc_logged *out);

#endif
