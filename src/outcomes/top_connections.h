/*
 * top_connections.h: which connections a report shows, and what it shows of each.
 */
#ifndef MC_TOP_CONNECTIONS_H
#define MC_TOP_CONNECTIONS_H

#include "outcomes/dialogue.h"
#include "tcp/story.h"

typedef struct mc_ranked {
    double score;
    uint64_t begin;                  /* mc_conn.begin */
    uint32_t ref;                    /* of the connection (flow.h) */
} mc_ranked;

/* The 'room' most telling connections of those offered. */
typedef struct mc_ranking {
    mc_ranked *heap;
    uint32_t count, room;
} mc_ranking;

bool mc_ranking_init(mc_ranking *r, uint32_t room);      /* false: no memory */
void mc_ranking_free(mc_ranking *r);
void mc_ranking_insert(mc_ranking *r, double score, uint64_t begin, uint32_t ref);

static inline void mc_ranking_offer(mc_ranking *r, double score, uint64_t begin, uint32_t ref)
{
    const mc_ranked *least = &r->heap[0];

    /* most are less telling than all that are kept */
    if (r->count < r->room || score > least->score || begin < least->begin)
        mc_ranking_insert(r, score, begin, ref);
}

/* The most telling first; of equals the one that began first. */
void mc_ranking_sort(mc_ranking *r);

/*
 * How telling a connection is.  Weights order kinds of trouble before amounts of
 * traffic; within a kind, more of it comes first.
 */
double mc_conn_score(const mc_conn *c, const mc_speech *speech);

/* 'story' is its story, 'end_ns' when the capture ends. */
void mc_top_connection_fill(mc_top_connection *out, const mc_conn *c, const mc_story *story, const mc_speech *speech,
                            int64_t end_ns, double score);

/* Time that endpoint 'dir' of 'c' spent with a zero window. */
int64_t mc_conn_zero_window_ns(const mc_conn *c, unsigned dir);

/* Long segments of 'h' go unanswered by 'peer', again and again, while shorter ones were acknowledged. */
bool mc_endpoint_is_black_hole(const mc_endpoint_state *h, const mc_endpoint_state *peer);

/* ... and it was repeated so often that a peer which has gone just then is no other reading; 'h' is one. */
bool mc_endpoint_is_sure_black_hole(const mc_endpoint_state *h);

/* The greatest window advertised; 0 while its scale is not known. */
static inline uint32_t mc_endpoint_max_window(const mc_endpoint_state *h)
{
    uint32_t window = 0;

    if (h->scale != MC_SCALE_UNKNOWN)
        window = (uint32_t)h->max_raw_window << (h->scale > 0 ? h->scale : 0);
    return h->initial_window > window ? h->initial_window : window;
}

#endif
