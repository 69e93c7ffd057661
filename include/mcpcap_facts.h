/*
 * mcpcap_facts.h: what a session has found out: what mc_session_facts() gives.  Programs
 * include mcpcap.h, which has the functions and says what the units are.
 */
#ifndef MCPCAP_FACTS_H
#define MCPCAP_FACTS_H

#include <stdbool.h>
#include <stdint.h>

#include "mcpcap_application.h"
#include "mcpcap_direction.h"
#include "mcpcap_types.h"

/* --------------------------------------------------------- all connections */

/* In which phase the first reset of a connection came; see mc_reset_phase_name(). */
typedef enum mc_reset_phase {
    MC_RESET_NONE,
    MC_RESET_REFUSED,                /* the answer to a SYN */
    MC_RESET_HALF_OPEN,              /* before the handshake was complete */
    MC_RESET_WITHOUT_DATA,           /* after the handshake, before any data */
    MC_RESET_MID_DATA,               /* data had passed, no side had closed */
    MC_RESET_HALF_CLOSED,            /* the answer to the other side's FIN */
    MC_RESET_LATE,                   /* the answer to data or acks after its own FIN */
    MC_RESET_AFTER_CLOSE,            /* both sides had closed: benign */
    MC_RESET_STRAY,                  /* nothing else of the connection was seen */
    MC_RESET_PHASE_COUNT
} mc_reset_phase;

/* Signs that a reset was not sent by the endpoint in whose name it comes; each alone
   proves nothing.  See mc_reset_sign_name(). */
#define MC_SIGN_TTL       0x01       /* TTL apart from that side's other packets */
#define MC_SIGN_IP_ID     0x02       /* IP identification out of that side's run */
#define MC_SIGN_SEQUENCE  0x04       /* sequence number not the next one of that side */
#define MC_SIGN_RACE      0x08       /* that side goes on sending after its reset */
#define MC_SIGN_TTL_SAME  0x10       /* counter-evidence: same TTL as its other packets */
#define MC_SIGN_ID_NEXT   0x20       /* counter-evidence: the next IP identification of its run */
#define MC_SIGN_BOTH      0x40       /* resets "from" both sides within a millisecond */
#define MC_SIGN_SOON      0x80       /* it answers what cannot have come to that side so soon */
#define MC_SIGNS_AGAINST  (MC_SIGN_TTL | MC_SIGN_IP_ID | MC_SIGN_SEQUENCE | MC_SIGN_RACE | MC_SIGN_BOTH | MC_SIGN_SOON)

/* States of a connection, in Zeek's vocabulary; see mc_conn_state_name(). */
#define MC_CONN_STATE_COUNT 13

/* What became of connections, and the side that it is about; see mc_outcome_name(). */
#define MC_OUTCOME_COUNT 36

typedef struct mc_outcome_facts {
    uint64_t connections;
    int64_t shortest_ns, longest_ns;
    uint64_t bytes;                  /* sum */
    uint32_t detail;                 /* the greatest */
    mc_examples examples;
} mc_outcome_facts;

/*
 * How connections were begun, where that was out of the ordinary: connections, by who opened
 * them (0 client, 1 server).
 */
#define MC_ATTEMPT_MAP(X)                                                                               \
    X(stale)                    /* a SYN was answered by an acknowledgement of an older connection */   \
    X(stale_opened)             /* of these: opened after that */                                       \
    X(renumbered)               /* the SYN came again with another number; all count as one attempt */ \
    X(held)                     /* by their timestamps the SYNs were sent further apart than they came */ \
    X(soon)                     /* SYNs closer than any timer */                                        \
    X(replayed)                 /* begins with the number of the pair's connection before, which was over */ \
    X(syn_acks_differ)          /* SYN-ACKs with different numbers */                                   \
    X(late_answers)             /* one SYN-ACK for each of several SYNs: none was lost, they were late */ \
    X(deferred)                 /* a SYN-ACK after the handshake echoes its last step */                \
    X(syn_data)                 /* data in the SYN */                                                   \
    X(syn_data_left)            /* of these: it was not taken, and came again after the SYN-ACK */      \
    X(syn_data_dropped)         /* the SYN that carried data got no answer, and opened when it came again without */ \
    X(window_shut)              /* the SYN-ACK's window is 0 */                                         \
    X(withdrawn)                /* answered, and reset by the opener before its last step */            \
    X(checked)                  /* opened, and reset by the opener within a second, without data */     \
    X(swallowed)                /* opened, and all data then repeated in vain: no packet comes back */  \
    X(single)                   /* unanswered, and the SYN was not repeated, though there was time */   \
    X(ignored)                  /* half open: SYN-ACKs repeated in vain, while the opener does not repeat its SYN */ \
    X(refused_numbered)         /* refused by a reset whose sequence number is not 0 */                 \
    X(refused_bare)             /* refused by a reset without an acknowledgement */                     \
    X(refused_late)             /* refused by a reset that came seconds after the last SYN */           \
    X(young)                    /* half open, and the capture ends within a second of the SYN-ACK */   \
    X(unanswered_alone)         /* unanswered for sure, while other hosts answered the same client at the same port */ \
    X(unanswered_everywhere)    /* the same, where it asked two other hosts or more, and none answered */ \
    X(scanned)                  /* by clients that tried ten other ports of the server or more, or swept */ \
    X(swept)                    /* of these: by clients that asked many other hosts for the same port, of which few answered */ \
    X(swept_near)               /* of these: hosts of the server's own network */                       \
    X(scanned_unanswered)       /* of these: unanswered, half open, for sure; refused */                      \
    X(scanned_half_open)                                                                                \
    X(scanned_refused)

#define MC_ATTEMPT_EXAMPLE_MAP(X) \
    X(stale) X(held) X(replayed) X(syn_acks_differ) X(deferred) X(syn_data_left) X(window_shut) X(swallowed)

typedef struct mc_attempt_examples {
#define X(name) mc_examples name;
    MC_ATTEMPT_EXAMPLE_MAP(X)
#undef X
} mc_attempt_examples;

typedef struct mc_attempt_facts {
#define X(name) uint64_t name[2];
    MC_ATTEMPT_MAP(X)
#undef X
    uint32_t stale_waited_ms[2];     /* of the stale: the longest time to the SYN-ACK */
    int64_t window_shut_ns[2];       /* from the SYN-ACK to the first window that is not 0, all together */
    uint64_t first_lost[2];          /* connections of which this side lost its first data, and nothing else; ... */
    uint64_t first_lost_segments[2]; /* ... how many copies of it */
    uint64_t unaccepted_resent[2];   /* data sent again by this side on connections not accepted, or swallowed */
    uint64_t check_count;            /* withdrawn and checked, of clients */
    bool one_checker;                /* all of them by one client, namely ... */
    uint8_t checker[16];
    int64_t check_span_ns;           /* from the first of them to the last */
    uint32_t scan_ports;             /* other ports that the busiest of those clients tried */
    uint32_t everywhere_hosts;       /* other hosts that the busiest of those asked in vain, at least */
    uint64_t other_ports_answered;   /* SYN-ACKs of the server's other ports */
    mc_examples other_ports_answered_frames;
    uint32_t sweep_hosts;            /* other hosts that the busiest of those that swept asked, at least, 64 at most */
    uint32_t sweep_answered;         /* how many of them answered, at least */
    mc_attempt_examples examples;
} mc_attempt_facts;

typedef struct mc_connection_facts {
    uint64_t total;                  /* connections seen (kept in the table) */
    uint64_t state[MC_CONN_STATE_COUNT];
    uint64_t opened_by[2], mid_stream;
    uint64_t port_reuses;            /* a new connection on a pair that was in use */
    uint64_t clients;                /* distinct client addresses */
    bool clients_exact;              /* false: an estimate, standard error 1.6 % */
    uint64_t server_ports;           /* distinct server ports */
    uint64_t one_sided[2];           /* connections in use of which only this side was captured */
    uint64_t silent_answers;         /* a request, acknowledged, and not a byte of answer */
    int64_t max_silence_ns;
    mc_examples silent_examples;
    uint64_t strays, stray_bytes;    /* single packets that are another connection's by their numbers; their data */
    mc_examples stray_examples;
    uint64_t unaccepted;             /* the SYN-ACK came again although the last step of the handshake had passed */
    uint64_t unaccepted_idle;        /* of them: the client had sent no data then, so a server may wait for it on purpose */
    uint64_t unaccepted_echoed;      /* of them: the SYN-ACK echoes data of the client, which had arrived therefore */
    mc_examples unaccepted_examples;
    uint64_t with_data;              /* connections that carried payload */

    /* of those whose SYN was seen, by who opened them (0 client, 1 server) */
    uint64_t attempted[2], completed[2], refused[2], unanswered[2], half_open[2];
    /* of those: too little follows to say so.  The SYN was not repeated; nobody repeats anything,
       so the last step may have passed uncaptured; or the opener itself broke off */
    uint64_t unanswered_unproven[2], half_open_unproven[2];
    uint64_t completed_retried[2];   /* of the completed: the SYN had to be repeated */
    uint64_t answers_missed[2];      /* of those: the SYN came again although its answer had passed here */
    uint64_t syn_retransmits[2];     /* SYNs after the first, of all connections */
    uint64_t retried[2];             /* connections with such retries */
    uint64_t data_less;              /* completed handshakes without payload */
    mc_attempt_facts attempts;

    /* resets: connections by phase of the first one and by who sent it */
    uint64_t resets[MC_RESET_PHASE_COUNT][2];
    mc_examples reset_examples[MC_RESET_PHASE_COUNT][2];
    uint64_t reset_connections;
    uint64_t idle_resets[2];         /* of those in mid-data: a second or more after an answer, nothing outstanding */
    int64_t idle_reset_ns[2];        /* the shortest such wait */
    /* signs on those resets that were no refusal and no answer to a close; by their sender */
    uint64_t sign_ttl[2], sign_ip_id[2], sign_sequence[2], sign_race[2], sign_soon[2], sign_both;
    uint64_t sign_echo[2];           /* the number is one of the other side's */
    uint64_t sign_two_or_more[2];    /* two signs or more on one reset */
    uint64_t counter_ttl[2], counter_ip_id[2];
    mc_examples suspect_examples[2];

    mc_outcome_facts outcomes[MC_OUTCOME_COUNT][2];
    uint64_t untold;                 /* times that memory for what is remembered of a connection was short */

    /* options of connections with both SYN and SYN-ACK */
    uint64_t both_syns, scale_offered, scale_agreed, sack_offered, sack_agreed, ts_offered, ts_agreed;
    uint64_t ecn_offered, ecn_agreed;
    uint32_t mss_min[2], mss_max[2];
    /* of each side's SYNs: how many, and what they say */
    uint64_t syns_seen[2], sack_permitted[2], timestamps[2], scales_seen[2];
    uint32_t scale_min[2], scale_max[2], initial_window_min[2], initial_window_max[2];

    uint64_t idle_gaps;              /* longer than a second */
    int64_t max_idle_ns;
    uint64_t with_zero_window[2];
    uint64_t with_closing_window[2]; /* ... that had been open before */
    uint64_t lossy_connections[2];   /* with segments resent in this direction */
    uint64_t lossy_unsure[2];        /* ... whose receiver sent no SACK, and whose sides have not agreed on it */
    uint64_t idle_lost_heard[2];     /* vanished_idle of this side, whose other side is heard on other connections meanwhile or just after */
    uint64_t gone_here;              /* the server answers no repetition any more, and speaks on other connections meanwhile */
    uint64_t black_holes[2];         /* full-size segments sent again and again in vain, small ones pass */
    uint64_t sure_black_holes[2];    /* ... so often that nothing else is left */
    uint64_t black_hole_resets[2];   /* ... and the other side's reset cut them off, which answers none of them */
    uint32_t black_hole_len[2];      /* the length of those segments */
    mc_examples black_hole_examples[2];
    /* bytes that this side's sequence numbers have passed, and that were neither captured
       nor acknowledged: they vanish before the capture point */
    uint64_t vanished_bytes[2], with_vanished_bytes[2];
    uint64_t with_incomplete_history;
    uint64_t with_approximate_bytes; /* too many holes for exact byte counts */
    uint64_t with_approximate_rtt;   /* gave up round-trip samples (memory bound) */
} mc_connection_facts;

/* ------------------------------------------------------------- the capture */

/* ICMP errors about this server's connections, by type. */
#define MC_ICMP_KINDS 16
typedef struct mc_icmp_facts {
    uint8_t ip_version, type, code;
    uint8_t about;                   /* direction of the quoted segment */
    uint16_t mtu;                    /* smallest next-hop MTU told, or 0 */
    uint64_t count;
    uint8_t reporter[16];            /* of the first */
    mc_examples examples;
} mc_icmp_facts;

/* A server that the capture does have. */
#define MC_CANDIDATES 20
typedef struct mc_candidate {
    uint8_t addr[16];
    uint16_t port;
    uint64_t packets, bytes, syns, syn_acks; /* syns: received; syn_acks: sent */
    bool serves;                     /* a SYN to it or a SYN-ACK from it was seen */
} mc_candidate;

#define MC_LINK_TYPES 16
typedef struct mc_link_type {
    uint32_t number;
    bool decoded;                    /* false: its frames are not understood */
    uint64_t frames;
} mc_link_type;

/* What was read and how well; the classes of frames add up to 'frames'. */
typedef struct mc_capture_facts {
    const char *format, *compression, *reader;
    bool nanoseconds, swapped, drops_known;
    uint32_t snaplen, interfaces, inputs;
    uint64_t bytes_done, bytes_total, inflated_bytes;
    uint64_t bytes_by_way[2];    /* of files that could be mapped: over the mapping, by read(); the faster way is found by timing,
                                    so these are not the same in each run */
    uint64_t dropped_reported;       /* by the capturing system */
    mc_link_type link_types[MC_LINK_TYPES];
    uint32_t link_type_count;
    uint64_t link_type_others;       /* frames of link types past the list */

    uint64_t frames;
    uint64_t matched_frames, other_tcp_frames, not_tcp_frames, undecoded_frames, fragment_frames,
        sliced_header_frames, malformed_frames;
    uint64_t filtered_frames;        /* left out by the filter or the time window; not in 'frames' */
    uint64_t outside_window_frames;  /* of these, outside the time window */
    uint64_t filter_unfit_frames;    /* of these, of a link type that the filter cannot be compiled for */
    uint64_t tcp_segments;           /* in all frames */
    uint64_t matched_segments;
    uint64_t icmp_quoted, malformed_segments, sliced_headers, incomplete_fragments, reassembled;
    uint64_t too_deep, bad_ip_checksums;
    uint64_t sliced_frames;          /* captured shorter than on the wire */
    uint64_t sliced_bytes;
    uint64_t timeless_frames;        /* packets in blocks that carry none: they have no part in any time here */
    uint64_t record_frames;          /* of not_tcp_frames: no packets, but records that count as frames (a journal) */
    uint64_t inner_length_frames;    /* of not_tcp_frames: GTP-U not looked into, for the inner packet's length */
    uint64_t compressed_frames;      /* of not_tcp_frames: their IP payload is compressed (IPComp), whatever it is */
    uint64_t overlong_ip_frames;     /* IP headers whose length goes beyond the frame's stated length */
    uint64_t time_regressions;       /* frames of a connection that run backwards in time */
    int64_t max_regression_ns;       /* the largest of these steps */
    bool times_known;                /* some frame carries a time */
    int64_t first_ns, last_ns;       /* earliest and latest time; valid when times_known */

    bool truncated;
    uint64_t truncated_offset;
    char truncated_reason[MC_ERRMSG_SIZE], truncated_input[MC_ERRMSG_SIZE];
    mc_status stopped;               /* MC_OK, or the limit that ended the work */
    char stopped_reason[MC_ERRMSG_SIZE];
    bool short_of_memory;            /* what bounded the connections was not max_connections, but memory */
    uint64_t connections_not_kept;   /* segments that would have begun one past the bound */
    uint64_t memory_bytes;           /* taken for connections */
} mc_capture_facts;

/* ---------------------------------------------------------- one connection */

/* One side of a connection row. */
typedef struct mc_top_endpoint {
    uint64_t packet_count, byte_count, payload_bytes, unique_bytes, retransmitted_bytes, missing_bytes;
    uint64_t data_packets, retransmissions, out_of_order, rst_count;
    uint64_t resent, reordered, duplicated;
    uint64_t zero_windows;
    int64_t zero_window_ns;
    uint32_t rtt_count;
    int64_t rtt_min_ns, rtt_mean_ns;
    bool syn_seen, sack_offered, timestamps_offered, scale_offered, mss_known, fin_seen;
    uint16_t mss, initial_window;
    uint32_t max_window;
    uint8_t scale, ttl;
    mc_limit_shares limits;
} mc_top_endpoint;

typedef struct mc_top_connection {
    uint64_t begin;                  /* order of beginning */
    uint32_t talk;                   /* where what it says is kept: says nothing to a caller */
    mc_row_application application;
    uint8_t client[16];
    uint16_t client_port, server_port;
    mc_top_endpoint endpoint[2];
    bool timed;                      /* false: a segment of it carried no time, so it has none */
    int64_t first_ns, last_ns;
    uint64_t first_frame;
    int state;                       /* for mc_conn_state_name() */
    char history[20];
    bool history_full, opened_by_server, mid_stream, port_reused, syn_seen, syn_ack_seen;
    uint32_t syn_retransmits;
    bool to_server_known, to_client_known;
    int64_t to_server_ns, to_client_ns;
    int64_t irtt_ns;                 /* 0: unknown */
    int closer;                      /* a side, or -1 */
    bool closed_by_fin;
    int completeness;
    int64_t max_idle_ns;             /* silences under 10 ms are not kept */
    uint32_t idle_gaps;
    int reset_phase;                 /* mc_reset_phase; MC_RESET_NONE: no reset */
    int reset_by;                    /* a side */
    uint64_t reset_frame;
    int64_t reset_after_ns;          /* since the segment before it */
    unsigned reset_signs;            /* MC_SIGN_ bits */
    uint8_t reset_ttl;
    int outcome, outcome_by;         /* for mc_outcome_name(); a side */
    int64_t outcome_ns;
    uint64_t outcome_bytes;
    uint32_t requests;
    int64_t response_max_ns, response_mean_ns;
    bool approximate_bytes, approximate_rtt;
    const char *ecn;                 /* "negotiated", "offered", "none"; NULL: the SYN was not seen */
    double score;                    /* how telling it is */
} mc_top_connection;

/* ------------------------------------------------------- answers and waits */

/* What an answer's time can be trusted to say. */
typedef enum mc_answer_kind {
    MC_ANSWERS_ASKED,                /* the client asks, the server answers */
    MC_ANSWERS_UNASKED,              /* the server also speaks unasked, or first, or nobody knows who asks */
    MC_ANSWERS_RELAYED,              /* another host than the one that sends the data answered the handshake */
    MC_ANSWERS_PATIENT,              /* the client waits 20 s and more, and asks again at once: a long poll */
    MC_ANSWER_KINDS
} mc_answer_kind;

/* Times of one kind, and where to look. */
typedef struct mc_long_times {
    uint64_t connections, count;     /* with such times; of them */
    int64_t sum_ns, max_ns;
    mc_examples examples;            /* the longest first ... */
    int64_t example_ns[MC_EXAMPLES]; /* ... and how long they are */
} mc_long_times;

/* Answers where the client asks, of connections on which most take a second and more, and it asks again at once. */
typedef struct mc_looped {
    uint64_t connections, answers, slow;
    uint64_t timed, timed_slow;      /* answers as long as the longest of their connection: a timer has ended them; slow ones there */
    int64_t timed_ns;                /* the longest of these */
    uint64_t single;                 /* connections with one answer, of a second and more; they count in none of the above */
    int64_t single_least_ns, single_most_ns;
    uint64_t same, same_slow;        /* connections on which the same question, asked again at once, is answered after times that differ
                                        by a factor of 4 and more; slow answers there */
    int64_t same_least_ns, same_most_ns;
} mc_looped;

/* Who answers, who waits, who pauses; times are of the named side's own, without the way. */
typedef struct mc_answer_facts {
    uint64_t answers[MC_ANSWER_KINDS];           /* all of them */
    uint64_t slow[MC_ANSWER_KINDS], very_slow[MC_ANSWER_KINDS];          /* 200 ms and more; 1 s and more */
    uint64_t acked_late[MC_ANSWER_KINDS];        /* of the slow ones: with them came the first acknowledgement of the request,
                                        later than it may be delayed: nobody knows when that came */
    mc_long_times slowest[MC_ANSWER_KINDS];      /* of the slow ones */
    mc_looped looped;
    mc_durations late_acks;          /* requests that were acknowledged later than any timer allows */
    uint64_t server_first;           /* connections with a handshake on which the server speaks first */
    mc_long_times first_bytes;       /* of those: it took 200 ms or more, and its answers do not */
    mc_long_times first_pauses;      /* of those: it took so long, and what it says later takes long too, or nothing follows */
    mc_long_times unspoken;          /* the client opened, waited 2 s and more, and ended it: neither side had said a word */
    mc_long_times halts;             /* the server stopped in the middle of its answer: 200 ms and more, all acknowledged;
                                        'count' is of answers */
    uint64_t halt_pauses;            /* how often, in all */
    uint64_t loose_halts;            /* answers of those in a few small pieces: no great one was broken off */
    mc_long_times drips;             /* the server gave its answer in small pieces, with pauses of 50 ms and more before each;
                                        'count' is of answers, the sum of these pauses, the frames end the longest */
    uint64_t drip_pieces, drip_bytes;
    mc_long_times one_way;           /* the client speaks again and again, and gets not a byte; 'count' of its messages
                                        that followed a pause */
    uint64_t one_way_resets;         /* of these connections: the client ended them by a reset, before either side had closed */
    uint64_t vain_resets;            /* connections that the client reset when what it had asked again had no answer either, and
                                        all before had had one */
    uint64_t unheard[2];             /* connections on which that side goes on sending, and nothing acknowledges it */
    mc_examples unheard_examples[2];
    mc_durations waits[2];           /* how long that side's small segments waited for an acknowledgement that was delayed */
    uint64_t waits_not[2];           /* such segments that came after such an acknowledgement, but not at once */
    mc_examples wait_examples[2];
    /* that side asks, by its MSS option, for segments shorter than any host must take, and gets them */
    uint64_t small_mss[2], small_mss_segments[2], small_mss_bytes[2];
    uint32_t small_mss_least[2];
    mc_examples small_mss_examples[2];           /* first frames of the connections */
    uint64_t relayed;                /* connections whose handshake another host answered */
    uint64_t unsure;                 /* slow answers to a client that is mostly as brief as who only confirms what it is told, or
                                        that also spoke again unanswered: where nothing can be read, they may be none */
} mc_answer_facts;

/* --------------------------------------------------------------- the whole */

typedef struct mc_timeline_bucket {
    uint64_t packets[2], payload_bytes[2], retransmissions[2], resets[2], zero_windows[2];
} mc_timeline_bucket;

/* A hardware address (of Ethernet) that SYN-ACKs and resets of the server come from, or SYN-ACKs go to. */
typedef struct mc_hardware_address {
    uint8_t mac[6];
    uint8_t peer[16];                /* the first client ... */
    bool several;                    /* ... and there were others */
    uint64_t syn_acks, resets;
    uint64_t first_frame, last_frame;
    int64_t first_ns, last_ns;
} mc_hardware_address;

#define MC_HARDWARE_MOST 4

typedef struct mc_hardware_side {
    mc_hardware_address at[MC_HARDWARE_MOST];    /* the first one first */
    uint32_t count, latest;
    uint64_t switches;               /* how often another one than before came */
    uint64_t others;                 /* segments of further addresses */
} mc_hardware_side;

#define MC_HARDWARE_CLAIMS 2

/* Who claims the server's address by ARP (RFC 826): as the sender of requests and replies. */
typedef struct mc_hardware_claims {
    uint8_t mac[MC_HARDWARE_CLAIMS][6];
    uint64_t frame[MC_HARDWARE_CLAIMS];          /* the first of each */
    uint64_t claims[MC_HARDWARE_CLAIMS];
    uint32_t count, latest;
    uint64_t switches, others;
} mc_hardware_claims;

typedef struct mc_hardware_facts {
    mc_hardware_side from, to;
    mc_hardware_claims claims;
} mc_hardware_facts;

typedef struct mc_facts {
    mc_rules rules;                  /* whose the counters are */
    mc_endpoint server;              /* whose traffic this is */
    mc_direction_facts direction[2];
    mc_connection_facts connections;
    mc_capture_facts capture;
    mc_durations handshake_rtt[2];   /* to the client and back, to the server and back */
    mc_durations server_response;    /* last byte of a request to the first byte of the answer */
    mc_durations client_think;       /* the reverse */
    mc_spread handshake_rtt_spread[2], data_rtt_spread[2], server_response_spread, client_think_spread;
    mc_examples slow_answers;        /* first frames of the slowest answers, the slowest first */
    mc_answer_facts answers;
    mc_application_facts application;
    mc_hardware_facts hardware;
    mc_icmp_facts icmp[MC_ICMP_KINDS];
    uint32_t icmp_count;
    uint64_t icmp_others;
    mc_candidate candidates[MC_CANDIDATES];  /* only when nothing matched */
    uint32_t candidate_count;
    uint64_t candidates_total;
    bool address_seen;               /* nothing matched, but the address is there */
    mc_top_connection *top_connections;      /* the most telling first */
    uint32_t top_count;              /* no more than were asked for; ... */
    uint32_t rows_kept;              /* ... behind them lie those that opinions rest on, which are the same whatever was asked for */
    mc_timeline_bucket *buckets;
    uint32_t bucket_count;
    int64_t bucket_ns, timeline_start_ns;
} mc_facts;

#endif
