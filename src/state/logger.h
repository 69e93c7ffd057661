/*
 * logger.h: keeps what a session's frames say of its server: the log of its segments with as much of
 * their payload as may be listened to, and what else was noticed of it.
 *
 * Two kinds of logs.  Behind what was analysed before, what is listened to is known, and just that is kept.
 * Of a piece that is read alone nobody knows what came before: of connections whose handshake is not in it
 * more is kept, so that whoever reads the piece behind others finds what may be asked for.
 */
#ifndef MC_LOGGER_H
#define MC_LOGGER_H

#include <stdio.h>

#include "engine/listen.h"
#include "facts/candidates.h"
#include "state/chunk.h"
#include "state/edges.h"
#include "state/record.h"

/* What else is kept of a connection: of its slot. */
typedef struct mc_log_edge {
    uint32_t bytes[2];               /* kept of each side */
    uint32_t aside[2];               /* where it lies (mc_edges) */
    uint8_t handshake;               /* 1: a SYN was seen, 2: its answer */
    uint8_t side, in_turn;           /* whose turn it is, and how many segments of it came */
} mc_log_edge;

typedef enum mc_log_event { MC_EVENT_SYN = 1, MC_EVENT_ICMP, MC_EVENT_SYN_ACK } mc_log_event;

typedef struct mc_logger {
    bool alone;
    bool raw;                        /* the frame that is being looked at is kept as it is */
    bool failed;                     /* the spool could not be written */
    int cause;                       /* errno then */
    bool no_memory;
    mc_record record;
    mc_log_edge *edges;
    mc_edges aside;                  /* what is kept of them, until the end */
    mc_overheard overheard;
    mc_candidates *candidates;       /* of frames that are not raw, as long as nothing has matched */
    mc_packer events, chunk;
    uint64_t before, event_frame;    /* frames in front of the piece; of the event before, in the piece */
    mc_chunk_writer spool;
} mc_logger;

/* NULL: no memory.  'spool' is written from its beginning, and read again; borrowed.  Frame numbers are those of the analysis;
   of these so many are 'before' the piece, whose own are kept. */
mc_logger *mc_logger_open(FILE *spool, bool alone, uint64_t before);
void mc_logger_close(mc_logger *l);              /* accepts NULL */

/* Segments that the analysis has just taken. 'clock_ns': the time of the frame before 'packets', or MC_NO_TIME. */
void mc_logger_segments(mc_logger *l, const mc_match *matches, uint32_t count, const mc_packet *packets, uint64_t first,
                        int64_t clock_ns);

/* A frame that must be looked at once more, behind what came before: a piece of an IP datagram. */
void mc_logger_frame(mc_logger *l, const mc_packet *p, const mc_packet *packets, uint64_t first, int64_t clock_ns);

/* A SYN to another port of the server; an answer from there; an ICMP error about it. */
void mc_logger_syn(mc_logger *l, const uint64_t peer[2], uint16_t port, uint64_t frame);
void mc_logger_syn_ack(mc_logger *l, uint64_t frame);
void mc_logger_icmp(mc_logger *l, const mc_icmp_quote *q, uint64_t frame);

/* All that was kept is in the spool. */
bool mc_logger_flush(mc_logger *l);

/* What belongs to chunk 'i' of the segments in the spool, from 0, as a chunk of its own, written to 'w' in front of it where there
   is such a thing.  Behind mc_logger_flush(). */
bool mc_logger_write_edges(mc_logger *l, uint32_t i, mc_chunk_writer *w);

#endif
