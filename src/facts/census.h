/*
 * census.h: who talks to whom over TCP: all connections of a capture in a few words each,
 * and which end of each is the server's.
 *
 * Enough to count servers and to see which of them are worth a closer look; what these look
 * like is for an analysis of each.  Bounded by the connections and servers that are kept.
 */
#ifndef MC_CENSUS_H
#define MC_CENSUS_H

#include "decode/decode_fast.h"
#include "mcpcap.h"

#define MC_CENSUS_SERVERS 65536      /* told apart at most */

/* An endpoint that connections go to. */
typedef struct mc_census_server {
    mc_endpoint at;
    bool listens;                    /* it has answered a SYN by a SYN-ACK, or data came from it */
    bool guessed;                    /* no SYN and no SYN-ACK of any of its connections: by the ports alone */
    uint64_t connections, packets, bytes;        /* of frames on the wire */
    uint64_t refused, unanswered, half_open, reset;
    uint64_t again;                  /* data segments behind what was sent already */
    uint64_t slow;                   /* answers that began 200 ms or more after the request */
    uint64_t first_frame;            /* of all segments to it or from it */
} mc_census_server;

typedef struct mc_census mc_census;

mc_census *mc_census_open(uint64_t max_connections);     /* NULL: no memory */
void mc_census_close(mc_census *t);              /* accepts NULL */

/* What is counted of a segment. */
typedef struct mc_census_segment {
    const mc_endpoints *ends;
    uint32_t hash;                   /* mc_census_hash() of them */
    uint32_t seq, len;               /* len 0 where it is not known */
    uint8_t flags;
} mc_census_segment;

/* The same in both directions, and never 0. */
uint32_t mc_census_hash(const mc_census *t, const mc_endpoints *ends);

/* Fetches what a segment with this hash will need: first the one, then, a little later, the other. */
void mc_census_prefetch(const mc_census *t, uint32_t hash);
void mc_census_prefetch_rest(const mc_census *t, uint32_t hash);

/*
 * Counts a segment.  'begins': it is the first of its two ends; then 'server' is which of them
 * is likely the server, as far as this segment tells.  False: there is no room for one more
 * connection, or no memory.
 */
bool mc_census_add(mc_census *t, const mc_census_segment *s, uint32_t frame_bytes, uint64_t frame, int64_t now, bool *begins,
                   mc_endpoint *server);

/* Segments of connections for which there was no room. */
uint64_t mc_census_not_kept(const mc_census *t);

/* It was memory that some of them found no place for. */
bool mc_census_is_short(const mc_census *t);

uint64_t mc_census_memory(const mc_census *t);

/*
 * All servers so far, in no order; their number is written to 'count', and the connections of
 * those past MC_CENSUS_SERVERS to 'others'.  To be freed.  NULL: no memory.
 */
mc_census_server *mc_census_servers(const mc_census *t, uint32_t *count, uint64_t *others);

#endif
