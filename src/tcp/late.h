/*
 * late.h: what a late segment really was: sent again, overtaken on its way, or
 * the same packet twice.  The reference's labels (retransmission, out of order)
 * hang on one time limit; here the packet's own evidence decides.
 */
#ifndef MC_LATE_H
#define MC_LATE_H

#include "tcp/bytes.h"
#include "tcp/repeats.h"

typedef enum mc_late_kind {
    MC_LATE_RESENT,
    MC_LATE_REORDERED,
    MC_LATE_DUPLICATED,
    MC_LATE_UNDECIDED,
    MC_LATE_NOT                      /* not late at all: what the rules compare it with is of another connection
                                        or attempt, or it brings data of a SYN that the other side left */
} mc_late_kind;

typedef enum mc_late_evidence {
    MC_BY_NOTHING,
    MC_BY_REPETITION,                /* all of its bytes were seen before */
    MC_BY_COPY,                      /* the same header, IP identification included, a moment ago */
    MC_BY_TIMESTAMP,                 /* TCP timestamp older or newer than that of the data above the hole */
    MC_BY_IP_ID,                     /* the same for the IP identification, where it counts up */
    MC_BY_ACK,                       /* the receiver had asked for it (duplicate acks, SACK) */
    MC_BY_TIME                       /* sooner than any answer could be, or after a retransmission timeout */
} mc_late_evidence;

/* 'copy': an identical packet was seen less than a second before; 'first': what is known of the first copy. */
mc_late_kind mc_late_judge(const mc_conn *c, unsigned dir, const mc_segment *s, const mc_bytes_news *news,
                           bool copy, const mc_first_copy *first, int64_t now, mc_late_evidence *evidence);

#endif
