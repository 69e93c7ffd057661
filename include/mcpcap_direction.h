/*
 * mcpcap_direction.h: what a session has found out of one direction of the traffic, and the shapes that
 * other facts have as well: durations, spreads, frames that are examples.  Programs include mcpcap.h.
 */
#ifndef MCPCAP_DIRECTION_H
#define MCPCAP_DIRECTION_H

#include <stdbool.h>
#include <stdint.h>

/*
 * Counters of one direction: name, meaning.  They follow the rule set
 * mc_options.rules; docs/rules.md has the rules and the display filters that give
 * the same numbers.
 */
#define MC_COUNTER_MAP(X)                                                                   \
    X(packet_count)             /* segments */                                              \
    X(byte_count)               /* bytes on the wire, a frame once */                       \
    X(captured_bytes)           /* bytes in the file */                                     \
    X(payload_bytes)            /* TCP payload, by the IP length */                         \
    X(unique_bytes)             /* stream bytes seen, each once */                          \
    X(retransmitted_bytes)      /* stream bytes seen again */                               \
    X(missing_bytes)            /* stream bytes never seen, below ones that were */         \
    X(syn_count)                /* segments with SYN, SYN-ACK included */                   \
    X(syn_ack_count)                                                                        \
    X(rst_count)                                                                            \
    X(fin_count)                                                                            \
    X(data_packets)             /* payload > 0 */                                           \
    X(retransmissions)          /* plain + fast + spurious */                               \
    X(fast_retransmissions)                                                                 \
    X(spurious_retransmissions)                                                             \
    X(out_of_order)                                                                         \
    X(capture_duplicates)       /* of the late ones: the same packet captured twice */      \
    X(repeated_frames)          /* any segment that is a copy of one less than 1 s before */ \
    X(repeated_other_ttl)       /* those that came another number of hops */ \
    X(lost_segments)            /* gaps noticed */                                          \
    X(lost_segments_foreign)    /* of these: by numbers of another connection, so no gap */ \
    X(acked_unseen)             /* acknowledges data that was not captured */               \
    X(acked_unseen_foreign)     /* of these: likewise */                                    \
    X(reused_ports)             /* SYN or SYN-ACK with a new number on a pair in use */     \
    X(duplicate_acks)                                                                       \
    X(max_duplicate_acks)       /* longest run */                                           \
    X(keep_alives)                                                                          \
    X(keep_alives_foreign)      /* of these: likewise, so none */                           \
    X(keep_alive_acks)                                                                      \
    X(zero_windows)             /* advertised by this side */                               \
    X(zero_window_probes)                                                                   \
    X(zero_window_probe_acks)                                                               \
    X(window_updates)                                                                       \
    X(window_full)              /* this side filled the other's window */                   \
    X(ece_count)                                                                            \
    X(cwr_count)                                                                            \
    X(rtt_samples_raw)          /* for comparing with tcp.analysis.ack_rtt */               \
    X(timeout_retransmissions)  /* data resent 200 ms or more after the first time */            \
    X(dsack_count)              /* D-SACK blocks sent: the peer resent needlessly */        \
    X(segments_over_mss)        /* longer than the peer's MSS: captured before segmentation */ \
    X(tiny_segments)            /* 1 to 64 payload bytes */                                 \
    X(bad_checksums)                                                                        \
    X(unanalysed)               /* length unknown, or the connection table was full */

typedef struct mc_counts {
#define X(name) uint64_t name;
    MC_COUNTER_MAP(X)
#undef X
} mc_counts;

/*
 * Why data was sent again.  Each data segment that was has one cause, and what has
 * another one than 'lost' was not lost.
 */
#define MC_RESENT_CAUSE_MAP(X)                                                                       \
    X(lost_before)         /* the first copy never came by here */                                   \
    X(lost_behind)         /* it did, and nothing shows that it arrived */                           \
    X(arrived)             /* it arrived: an acknowledgement stems from it, and came late */         \
    X(acks_missing)        /* its acknowledgement had passed here in time, and did not get through */ \
    X(asked_for)           /* it arrived, and duplicate acknowledgements or SACK blocks had asked for it meanwhile */ \
    X(timer_too_short)     /* sent again sooner than any acknowledgement could be back */            \
    X(held_back)           /* it waited before it came by here, and was repeated meanwhile */        \
    X(tail_probe)          /* the last segment once more, before its time: it asks for an answer */  \
    X(probe)               /* a byte of old data, or data into a closed window */                    \
    X(to_reset)            /* the peer answers with a bare reset: it knows of no such connection */  \
    X(to_silence)          /* the peer never says anything more */                                   \
    X(unsettled)           /* nothing tells whether the first copy arrived */

typedef enum mc_resent_cause {
#define X(name) MC_RESENT_##name,
    MC_RESENT_CAUSE_MAP(X)
#undef X
    MC_RESENT_CAUSES
} mc_resent_cause;

/* What the late segments of a direction really were: those that repeat stream bytes or fill a hole. */
typedef struct mc_late_facts {
    uint64_t resent, reordered, duplicated, undecided;
    uint64_t not_late;               /* the rules compare them with numbers of another connection or attempt, or
                                        they bring data of a SYN that the other side left */
    uint64_t resent_seen;            /* resent, and the first copy was captured: lost behind the capture
                                        point, or not lost at all */
    uint64_t resent_unseen;          /* resent, and the first copy was not: lost before the capture point */
    uint64_t resent_needless;        /* resent although an ack of it had been captured */
    uint64_t resent_shorter;         /* resent with other borders than the first copy, which was no longer than the peer's MSS:
                                        as a router asks for, or a window that is nearly full */
    uint64_t resent_syns;            /* of the resent: SYN or SYN-ACK */
    uint64_t resent_fins;            /* of the resent: FIN without payload */
    uint64_t dsacks_unseen;          /* acknowledgements of what was sent again whose options the snapshot length has cut */
    uint64_t resent_fins_needless;   /* of those: acknowledged before, or sent again in answer to the peer's FIN */
    uint64_t by_repetition, by_copy, by_timestamp, by_ip_id, by_ack, by_time; /* what decided */
    uint64_t cause[MC_RESENT_CAUSES];        /* of the resent with data */
    uint64_t lost_after_timeout;     /* of the lost: 200 ms or more after the first copy */
    uint64_t lost_early;             /* of the lost: the only segment, sooner than its acknowledgement may be delayed,
                                        and without SACK nothing says whether it had arrived */
    uint64_t lost_untold;            /* of the lost: it was lost, or its acknowledgement, and nothing tells which */
    uint64_t reordered_bursts;       /* the reordered, those of one flight counted once */
    uint64_t doubled_arrived;        /* of the duplicated: the receiver says that it got both (D-SACK) */
} mc_late_facts;

/* Segments that are not what they seem; no verdict rests on them. */
typedef struct mc_odd_facts {
    uint64_t padding;                /* 1 to 6 bytes that the numbers do not count: Ethernet padding */
    uint64_t far_seq;                /* sequence number far from all that its side has sent, and back again */
    uint64_t far_ack;                /* acknowledgement number likewise */
    uint64_t far_bytes;              /* the greatest such distance */
    uint64_t sack_outside;           /* SACK blocks of bytes that were never sent */
    uint64_t ack_loop;               /* acknowledgements that answer each other, both out of step */
    uint64_t no_ack;                 /* data without ACK, SYN or RST: no receiver takes it (RFC 9293, 3.10.7.4) */
    uint64_t unseen_acks;            /* acknowledgements of data that is not in the capture ... */
    uint64_t unseen_bytes;           /* ... and never came: so many bytes */
    uint64_t keep_alives;            /* probes of an acknowledged byte, or without one */
} mc_odd_facts;

typedef struct mc_durations {
    uint64_t count;
    int64_t min_ns, median_ns, p95_ns, max_ns;
    double mean_ns;
} mc_durations;

#define MC_SPREAD_STEPS 236          /* four an octave of nanoseconds */

/* How durations spread: samples by steps whose upper edge is at most 1.25 times the lower one. */
typedef struct mc_spread {
    uint32_t count[MC_SPREAD_STEPS];
} mc_spread;

#define MC_EXAMPLES 5

/* First frame numbers of a kind of event. */
typedef struct mc_examples {
    uint32_t count;                  /* at most MC_EXAMPLES */
    uint64_t frame[MC_EXAMPLES];
} mc_examples;

#define MC_EXAMPLE_MAP(X)                                                                  \
    X(retransmissions) X(out_of_order) X(lost_segments) X(acked_unseen) X(duplicate_acks)  \
    X(zero_windows) X(window_full) X(keep_alives) X(resets) X(syns) X(capture_duplicates)  \
    X(reordered) X(tiny_segments) X(segments_over_mss) X(syn_retransmits)                  \
    X(padding) X(far_numbers) X(sack_outside) X(ack_loop) X(unseen_acks) X(probes) X(resent_fins)

/*
 * Why a side that moves data did not send it earlier; all of its time, from the first data that was
 * looked at to its last, has one of these reasons (docs/limits.md).
 */
#define MC_LIMIT_MAP(X)                                                                    \
    X(PEER, other_side)              /* nothing to send: the other side had the turn */    \
    X(ANSWER, answering)             /* asked, and nothing of the answer was sent yet */   \
    X(PAUSE, pausing)                /* nothing to send in the middle of its turn */       \
    X(WRITES, writing)               /* the same while earlier data was on the way */      \
    X(WINDOW, receiver_window)       /* the receiver's window was full */                  \
    X(CLOSED, closed_window)         /* the receiver's window was closed */                \
    X(FAST, recovery)                /* loss was under repair, without a timeout */        \
    X(TIMEOUT, timeouts)             /* ... after one */                                   \
    X(PATH, path)                    /* a queue on the way: the path's own rate */         \
    X(START, slow_start)             /* the sender had not found its rate yet */           \
    X(SENDER, sender_window)         /* waited for acknowledgements: its buffer or congestion window */

typedef enum mc_limit {
#define X(name, key) MC_LIMIT_##name,
    MC_LIMIT_MAP(X)
#undef X
    MC_LIMIT_COUNT
} mc_limit;

/* What limited most of a transfer's own time, the other side's turns left out. */
#define MC_LIMITED_MAP(X)                                                                  \
    X(APPLICATION, application)      /* the sending application */                         \
    X(SMALL_WINDOW, small_window)    /* the receiver's window, which stays open: less than the way holds */ \
    X(SLOW_READER, slow_reader)      /* the receiver's window, which shrinks and closes */ \
    X(LOSS, loss)                    /* losses and their repair */                         \
    X(PATH, path)                    /* the path's own rate */                             \
    X(SENDER, sender)                /* the sender's buffer or congestion window, or a path without a queue */ \
    X(START, slow_start)             /* over before the sender found its rate */           \
    X(MIXED, mixed)                  /* none of these for half of it */

typedef enum mc_limited {
#define X(name, key) MC_LIMITED_##name,
    MC_LIMITED_MAP(X)
#undef X
    MC_LIMITED_COUNT
} mc_limited;

/* What limited one side of a connection. */
typedef struct mc_limit_shares {
    int64_t time_ns;                 /* in all; 0: the side was not followed, or it cannot be told */
    int64_t ns[MC_LIMIT_COUNT];
    uint64_t payload_bytes;          /* that passed in that time */
    uint32_t window_most, window_least;          /* of the receiver; since the greatest; 0: not known */
    int64_t round_trip_ns;           /* the shortest */
    double best_bps;                 /* of its fastest round trip; 0: none was seen whole */
    mc_limited by;
} mc_limit_shares;

typedef struct mc_limited_facts {
    uint64_t connections, payload_bytes;
    int64_t time_ns, longest_ns;
    mc_limit_shares longest;         /* of the connection with most time */
    mc_examples examples;            /* first frames of the connections with most time, those first */
    int64_t example_ns[MC_EXAMPLES];
} mc_limited_facts;

/* What limited one direction, over all connections whose side moved data enough to be followed. */
typedef struct mc_limit_facts {
    uint64_t connections, undecided; /* told; not told: one side was not captured, or the way is not known */
    int64_t time_ns;
    int64_t ns[MC_LIMIT_COUNT];
    uint64_t payload_bytes;
    bool untold;                     /* there was no room to follow all */
    mc_limited_facts by[MC_LIMITED_COUNT];
} mc_limit_facts;

typedef struct mc_direction_facts {
    mc_counts counts;
    mc_limit_facts limits;
    mc_late_facts late;
    mc_odd_facts odd;
    mc_examples cause_examples[MC_RESENT_CAUSES];
    mc_durations rtt;                /* of data sent this way, measured on the ack that comes back (Karn) */
    int64_t zero_window_ns;          /* sum over connections of this side's time with a zero window */
    int64_t first_ns, last_ns;       /* valid when packet_count > 0 */
    uint32_t max_window;             /* greatest scaled window advertised; 0: unknown */
    uint64_t max_segment;            /* longest payload */
    uint64_t ttl_hops[256];          /* connections by the TTL of this side's first segment */
    struct {
#define X(name) mc_examples name;
        MC_EXAMPLE_MAP(X)
#undef X
    } examples;
} mc_direction_facts;

#endif
