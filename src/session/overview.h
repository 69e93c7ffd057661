/*
 * overview.h: all servers of a capture, and what there is besides TCP.
 *
 * A session that was opened here is stepped, stopped and closed as any other.  One reading finds
 * the servers and watches those that come first; if others turn out to be worth it more, or some
 * were found late, a second reading of the same capture watches just these.
 */
#ifndef MC_OVERVIEW_H
#define MC_OVERVIEW_H

#include "session/crowd.h"
#include "mcpcap.h"

/* A host of which so many ports were tried that never answered but by refusing is one row. */
#define MC_OVERVIEW_CLOSED_PORTS 10
#define MC_OVERVIEW_CLOSED_HOSTS 20

typedef struct mc_closed_host {
    uint8_t addr[16];
    uint64_t ports, connections, refused, unanswered;
} mc_closed_host;

typedef struct mc_overview_facts {
    mc_capture_facts capture;
    mc_census_server *servers;       /* those chosen for a closer look first, then by trouble */
    uint32_t count, chosen;
    uint64_t others;                 /* connections of servers past MC_CENSUS_SERVERS */
    uint64_t connections_not_kept;   /* segments of connections past max_connections */
    mc_closed_host closed[MC_OVERVIEW_CLOSED_HOSTS];     /* those with most ports first; not among 'servers' */
    uint32_t closed_count;
    uint64_t closed_hosts;           /* in all */
    mc_beside_facts beside;
    uint64_t memory_bytes;           /* of the census */
} mc_overview_facts;

/* 'crowd' says whether servers are given or found.  A session that finds them has these facts. */
mc_status mc_overview_open(mc_session **out, const mc_input *inputs, size_t input_count,
                           const mc_crowd_options *crowd, const mc_options *options, mc_error *err);

/* So far; 'choose' servers are worth a closer look at most.  To be freed.  False: no memory. */
bool mc_overview_get_facts(mc_session *s, uint32_t choose, mc_overview_facts *out);
void mc_overview_free(mc_overview_facts *f);

/*
 * The facts of one server, as mc_session_facts() gives them, or NULL: 'failed' says whether memory
 * is short; else it is not watched.  'first' and 'whole' as of mc_crowd_find().  Borrowed until the
 * next call with 's'.
 */
const mc_facts *mc_overview_server(mc_session *s, const mc_endpoint *server, uint64_t first, bool *whole, bool *failed);

/* The datagrams from and to that end, or NULL. */
const mc_datagram_end *mc_overview_datagrams(const mc_session *s, const mc_endpoint *at);

#endif
