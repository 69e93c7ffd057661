/*
 * batches.h: segments that are analysed together.
 *
 * Whoever includes it says how many (BATCH), how long a frame is at most (FRAME), and writes one.
 */
#ifndef BATCHES_H
#define BATCHES_H

#include "check.h"
#include "engine/analysis.h"

typedef struct batch {
    mc_segment segments[BATCH];
    uint8_t frames[BATCH][FRAME];
    mc_packet packets[BATCH];
    mc_match matches[BATCH];
    uint32_t count;
    uint64_t first;                  /* frame number of the first */
} batch;

/* The frame of 's'; how many bytes of it were captured. */
static uint32_t write_frame(uint8_t *frame, const mc_segment *s);

static inline void flush(batch *b, mc_analysis *a)
{
    mc_analysis_segments(a, b->matches, b->count, b->packets, b->first, &(mc_prefetcher){ 0 });
    b->first += b->count;
    b->count = 0;
}

/* Adds 's' behind 'headers' bytes, decoded; its match, and where its packet is. */
static inline mc_match *place(batch *b, const mc_analysis *a, const mc_segment *s, uint32_t headers, int64_t now,
                              mc_packet **packet)
{
    mc_segment *segment = &b->segments[b->count];
    mc_match *m = &b->matches[b->count];
    const mc_endpoints endpoints = mc_endpoints_of(s);
    uint8_t *frame = b->frames[b->count];

    *packet = &b->packets[b->count++];
    *segment = *s;
    **packet = (mc_packet){ .data = frame, .wirelen = s->len + headers, .time_ns = now, .linktype = MC_LINKTYPE_ETHERNET };
    (*packet)->caplen = write_frame(frame, s);
    if (s->payload != NULL)
        segment->payload = frame + ((*packet)->caplen - s->captured);
    memset(m, 0, sizeof *m);
    CHECK(mc_analysis_match(a, &endpoints, m));
    mc_match_decoded(m, segment, *packet);
    return m;
}

static inline bool is_same_hist(const mc_hist *a, const mc_hist *b)
{
    return a->count == b->count && a->min_ns == b->min_ns && a->max_ns == b->max_ns &&
           memcmp(&a->sum_ns, &b->sum_ns, sizeof a->sum_ns) == 0 &&
           (a->count == 0 || memcmp(a->buckets, b->buckets, MC_HIST_BUCKETS * sizeof *a->buckets) == 0);
}

#endif
