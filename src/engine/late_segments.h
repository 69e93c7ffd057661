/*
 * late_segments.h: late segments and what follows from them, in the sums of their
 * direction: Wireshark's counters on the one hand, the product's own verdict on the
 * other.  The verdict goes by the bytes that were seen, not by Wireshark's labels.
 */
#ifndef MC_LATE_SEGMENTS_H
#define MC_LATE_SEGMENTS_H

#include "engine/account.h"
#include "outcomes/causes.h"
#include "tcp/attempt.h"
#include "tcp/bytes.h"
#include "tcp/repeats.h"

/* So many duplicate acknowledgements make a sender repeat a segment (RFC 5681, 3.2). */
#define MC_FAST_RETRANSMIT 3u

/* A segment on the full path, and what is known of it. */
typedef struct mc_taken {
    mc_conn *conn;
    unsigned dir;
    const mc_segment *segment;
    uint32_t hash;                   /* of its ends */
    uint32_t events;                 /* flags of the rules */
    mc_bytes_news news;
    bool copy;                       /* an identical packet was seen less than a second before */
    bool in_stream;                  /* its payload belongs to the stream */
    bool at_window;                  /* the peer's window was closed when it was sent */
    const mc_attempt_before *was;    /* what its sender was like before it */
    const uint32_t *ack_before;      /* this side's acknowledgement number before it; NULL: not known */
    int64_t now;
    int64_t new_ns;                  /* when its sender had sent new numbers last */
    uint64_t frame;
    mc_diary_news *told;             /* gets the verdict; never NULL */
} mc_taken;

/* The rules' flags MC_TCP_LATE. */
void mc_count_late_events(mc_analysis *a, const mc_taken *t);

/* True where Wireshark's word for the segment is keep-alive, but its byte was never acknowledged. */
bool mc_is_repeated_byte(const mc_taken *t);

/* A keep-alive that is one: a byte that was acknowledged, or none, just below what comes next. */
bool mc_is_probe(const mc_taken *t);

/* The verdict on the segment, if it is late. */
void mc_judge_late(mc_analysis *a, const mc_taken *t);

/* ------------------------------------------------- what the peer says: acknowledged.c */

/* What the segment says of what the other side has sent again. */
void mc_judge_acknowledged(mc_analysis *a, const mc_taken *t);

void mc_note_sack(mc_analysis *a, const mc_taken *t);

/* Takes note of a duplicate acknowledgement. */
void mc_note_duplicate_ack(mc_analysis *a, const mc_taken *t);

/* Both sides acknowledge what the other has not sent, and answer each other. */
void mc_follow_ack_loop(mc_analysis *a, const mc_taken *t);

#endif
