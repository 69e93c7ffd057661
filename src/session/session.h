/*
 * session.h: private: what a session holds.
 */
#ifndef MC_SESSION_H
#define MC_SESSION_H

#include "facts/candidates.h"
#include "capture/filter.h"
#include "capture/source.h"
#include "session/crowd.h"
#include "engine/tap.h"
#include "session/state.h"
#include "session/watch.h"
#include "state/logger.h"

#define MC_BATCH 64                  /* packets matched at most before their connections are touched ... */
#define MC_SMALL_BATCH 32            /* ... and where these are in the caches, or nearly so */
#define MC_PENDING (2 * MC_BATCH + MC_MAX_SEGMENTS)  /* segments: a frame may hold several */

struct mc_session {
    mc_source *source;
    mc_filter *filter;               /* NULL: none */
    mc_decoder *decoder;
    bool verify_checksums;
    bool matching;                   /* a segment of the server has come */
    mc_candidates *candidates;       /* before that: who else there is; NULL: nobody yet */
    mc_watch watch;                  /* the server that was asked for */
    mc_sweeps *sweeps;               /* who asks many hosts for one port; NULL: there are no other hosts yet */
    mc_capture_facts capture;        /* the part that is counted frame by frame; all frames with TCP are others there */

    char input_name[256];            /* of the first input, fit to be shown */
    size_t input_count;
    uint64_t max_packets;
    uint32_t top_wanted, buckets_wanted;
    bool has_start, has_end, filtering;  /* filtering: a filter, a time window or a part is given */
    mc_part_by part_by;              /* only frames of this part; MC_PART_NONE: all */
    uint32_t part;
    int64_t start_ns, end_ns;
    int64_t deadline_ns;             /* monotonic; 0: none */
    bool ended;

    mc_packet packets[MC_BATCH];
    mc_prefetcher *prefetcher;       /* walks ahead of them */
    mc_crowd *crowd;                 /* NULL, or the servers instead of 'watch' */
    bool wants_names;
    mc_dns *names;                   /* what clients ask for the server's name; NULL: nothing yet */
    mc_tap *tap;                     /* NULL, or where each segment of the server is noted */
    mc_logger *logger;               /* NULL, or what keeps the session for being saved */
    mc_saving saving;
    mc_capture_facts before;         /* of the state that it began with */
    mc_sums_words before_words;
    char **input_names;              /* of its inputs */
    size_t input_name_count;
    int64_t clock_ns, piece_clock_ns;/* the time of the last frame that has one; the same of those in this piece */
    uint64_t first_number;           /* frame number of packets[0] */

    /* the server's segments on their way to the analysis, and those that are decoded already */
    mc_match matches[MC_PENDING];
    mc_segment segments[MC_PENDING];
    uint32_t decoded;
    uint32_t pending;
    mc_facts facts;                  /* what mc_session_facts() gives */
};

/* What of the capture's facts is no server's for itself: all frames with TCP are others there. */
void mc_session_capture(const mc_session *s, mc_capture_facts *c);

/* The same without the state that it began with. */
void mc_session_own_capture(const mc_session *s, mc_capture_facts *c);

/* What of it the decoder knows. */
void mc_session_decoded(mc_capture_facts *c, const mc_decode_stats *dec);

/* Frames that came, wanted or not. */
static inline uint64_t mc_session_frames(const mc_session *s)
{
    return s->before.frames + s->before.filtered_frames + s->capture.frames + s->capture.filtered_frames;
}

#endif
