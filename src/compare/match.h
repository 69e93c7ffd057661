/*
 * match.h: one segment seen at both points.
 */
#ifndef MC_COMPARE_MATCH_H
#define MC_COMPARE_MATCH_H

#include "points/parts.h"

#define MC_FLAGS_COMPARED (MC_TH_FIN | MC_TH_SYN | MC_TH_RST | MC_TH_ACK)

/* How alike two segments of a direction are whose numbers, lengths and flags are the same: copies
   that differ, nothing known, or the same copy for certain. */
typedef enum mc_likeness { MC_OTHER_COPY, MC_ALIKE, MC_SAME_COPY } mc_likeness;

/* The timestamps of the end that sends direction 'dir' tell copies from each other. */
static inline bool mc_clock_told(const mc_pair *p, unsigned dir)
{
    return (p->clock_rewritten >> dir & 1) == 0;
}

mc_likeness mc_compare_copies(const mc_between *b, const mc_pair *p, const mc_seen *s0, const mc_seen *s1);

/* Same place in the stream, same length and flags; 's' was seen at 'side', 'other' at the other. */
static inline bool mc_same_place(const mc_pair *p, unsigned side, const mc_seen *s, const mc_seen *other)
{
    return s->len == other->len && ((s->flags ^ other->flags) & MC_FLAGS_COMPARED) == 0 &&
           mc_seq_at0(p, side, s->dir, s->seq) == mc_seq_at0(p, !side, s->dir, other->seq) &&
           mc_ack_at0(p, side, s) == mc_ack_at0(p, !side, other);
}

/* Timestamps of the same segment, or of pieces of it. */
void mc_note_timestamps(mc_between *b, mc_pair *p, const mc_seen *s0, const mc_seen *s1);

/* Both are the same segment. */
void mc_matched(mc_between *b, mc_pair *p, mc_sight at0, mc_sight at1);

/* SYNs of a direction, each another copy: something on the way makes them anew, so that their numbers and options are all that they have
   in common. */
void mc_matched_anew(mc_between *b, mc_pair *p, const mc_seen *s0, const mc_seen *s1);

/* The same where several are alike, and which of them is which is not told: no time and no order comes of it. */
void mc_matched_somehow(mc_between *b, mc_pair *p, mc_sight at0, mc_sight at1);

#endif
