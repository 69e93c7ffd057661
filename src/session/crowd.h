/*
 * crowd.h: many servers of one capture, each watched as if it alone had been asked for.
 *
 * Either the servers are given, and nothing else is counted; or they are found: each end that
 * connections go to is watched from its first connection on, as long as there is room, and a
 * census says which there are, which would have been worth it, and which were found too late.
 */
#ifndef MC_CROWD_H
#define MC_CROWD_H

#include "session/watch.h"
#include "facts/beside.h"
#include "facts/census.h"

#define MC_CROWD_MOST 1024           /* servers that may be watched at a time */

typedef struct mc_crowd mc_crowd;

typedef struct mc_crowd_options {
    const mc_endpoint *servers;      /* given; NULL: they are found */
    uint32_t count;                  /* given so many, or room for so many */
    bool first_of_two;               /* a second reading can follow: once there are more servers than room
                                        none is watched any more */
} mc_crowd_options;

mc_status mc_crowd_open(mc_crowd **out, const mc_crowd_options *crowd, const mc_options *options, mc_error *err);
void mc_crowd_close(mc_crowd *c);                /* accepts NULL */

/* The next packets are those from 'packets' on, of which the first is frame 'first'; what carries no time is
   as old as 'clock_ns'. */
void mc_crowd_begin(mc_crowd *c, const mc_packet *packets, uint64_t first, int64_t clock_ns,
                    mc_prefetcher *prefetcher);

/* The segments of one of these packets. */
void mc_crowd_segments(mc_crowd *c, const mc_segment *segments, size_t count, const mc_packet *p);

/*
 * The first of these packets, those that are Ethernet frames of the common shape with a time; returns how
 * many it took.  The next one is for mc_decode() and the functions here, and then it may go on.
 */
size_t mc_crowd_common(mc_crowd *c, const mc_packet *p, size_t n);

/* One that holds none; 'quote' is the TCP header that an ICMP error quotes, or NULL. */
void mc_crowd_other(mc_crowd *c, const mc_other *other, const mc_icmp_quote *quote, const mc_packet *p);

bool mc_crowd_no_memory(const mc_crowd *c);

/*
 * The watch of 'server', whose first segment came in frame 'first'; NULL: it is not watched.
 * 'whole': nothing of it was missed, so that the watch is what it would be if that server alone
 * had been asked for.
 */
const mc_watch *mc_crowd_find(const mc_crowd *c, const mc_endpoint *server, uint64_t first, bool *whole);

const mc_census *mc_crowd_census(const mc_crowd *c);     /* NULL: the servers were given */
const mc_beside *mc_crowd_beside(const mc_crowd *c);     /* likewise */
const mc_sweeps *mc_crowd_sweeps(const mc_crowd *c);

#endif
