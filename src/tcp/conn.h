/*
 * conn.h: one TCP connection as the analysis keeps it.
 *
 * The sides are those of the caller's server: MC_CLIENT sends client-to-server
 * segments, MC_SERVER the others; who opened the connection is another matter
 * (mc_conn.originator).  What each segment touches stands first and together;
 * what most connections never need hangs off as 'detail'.
 */
#ifndef MC_CONN_H
#define MC_CONN_H

#include "decode/decode.h"
#include "tcp/limits.h"

/* ----------------------------------------------------------------- details */

/* When and how a range of bytes began that left a hole below it: what a late
   segment is compared with. */
typedef struct mc_opening {
    int64_t time_ns;
    uint32_t ts_val;
    uint16_t ip_id;
    bool has_ts, has_ip_id;
} mc_opening;

/* Stream bytes seen, [lo, hi), as unwrapped sequence numbers. */
typedef struct mc_range {
    uint64_t lo, hi;
    mc_opening opening;
} mc_range;

#define MC_MAX_RANGES 64             /* a side; past it the lowest hole is closed */

/* How a connection was begun, where that was out of the ordinary (attempt.h). */
typedef struct mc_attempt {
    int64_t since_ns;                /* the attempt's first SYN, once it was sent again; 0: not known */
    uint32_t syn_ts;                 /* timestamp of the latest SYN that was sent again; 0: none */
    uint32_t isn[2];                 /* numbers of the SYN-ACKs before the latest, the later one first */
    uint32_t own_isn;                /* number of the SYN-ACK that the opener has taken */
    uint32_t syn_data_at;            /* from here on the data of the SYN was not taken, and has not come again; before the
                                        SYN-ACK its length, once the SYN is 'bare' */
    uint32_t waited_ms;              /* first SYN to SYN-ACK, where the SYN was sent again */
    uint32_t shut_ms;                /* from a SYN-ACK with window 0 to another window */
    uint16_t marks;                  /* MC_A_ */
    uint8_t syn_acks;                /* from the second on, saturating */
    uint8_t isn_count : 2;
    uint8_t rises : 3;               /* SYNs with another number and a higher TTL than the one before, saturating */
    bool bare : 1;                   /* the SYN carried data, and came again without */
    bool bare_reset : 1;             /* refused by a reset without an acknowledgement (RFC 9293, 3.10.7.1) */
    bool echoed : 1;                 /* a SYN-ACK that came again echoes data of the opener (RFC 7323, 4.3): that had arrived */
} mc_attempt;

_Static_assert(sizeof(mc_attempt) == 40, "no padding: it is compared by its bytes");

/* Of one side; allocated when something out of the ordinary happens to it. */
typedef struct mc_detail {
    uint64_t lo, highest_end;        /* the topmost range; its end is mc_endpoint_state.highest_end in 64 bits */
    bool zero_open;                  /* the window is closed since zero_since_ns */
    bool closed;                     /* ... and had been open before */
    bool stuck_df : 1, sack_known : 1, top_known : 1;
    uint32_t lost;                   /* of the resent: for want of the first copy */
    mc_opening opening;              /* of the topmost range */
    uint64_t retransmitted_bytes;
    uint64_t skipped_bytes;          /* payload of RST and keep-alive segments, no stream bytes */
    uint64_t closed_holes;           /* bytes of holes that were given up */
    mc_range *ranges;                /* below the topmost one, ascending */
    uint16_t range_count, range_room;
    uint32_t retransmissions;
    uint32_t out_of_order;
    uint32_t repeats;                /* payload that does not pass the highest end (history letter T) */
    uint32_t zero_windows;
    uint32_t zero_letters;           /* segments that count for the history letter W */
    uint32_t resent, reordered, duplicated;
    uint32_t more_rsts;              /* past what mc_conn.rst_count can hold */
    int64_t zero_since_ns;
    int64_t zero_ns;                 /* time spent with a zero window */
    int64_t shut_ns;                 /* its latest word that the window is closed; 0: none */
    uint32_t stuck_seq;              /* the segment that is being sent again and again ... */
    uint32_t stuck_len;
    uint32_t stuck_run;              /* ... so many times without the peer's ack moving */
    uint32_t stuck_max;              /* the longest such run, and the length of its segment */
    uint32_t stuck_max_len;
    uint64_t stuck_frame;            /* its latest copy */
    uint32_t sacked_to;              /* highest end that this side has sacked */
    uint32_t top_ts;                 /* timestamp of the latest segment above a hole, once top_known */
    uint32_t piece_end, piece_ts;    /* where the latest copy of what this side had sent ends, and its timestamp; 0: none */
    uint32_t asked_from, asked_to;   /* what this side's duplicate acks and SACK blocks have asked for of late ... */
    int64_t asked_ns;                /* ... and when it did so last; 0: never */
    int64_t refused_ns;              /* until then data came beyond the peer's window, which had shrunk; 0: none */
    uint32_t refused_from;           /* ... from here on */
    uint32_t block[MC_MAX_SACK][2];  /* of the latest segment's SACK, as the rules keep them (rule 15) */
    uint8_t repeats_open;            /* of the list below: what no acknowledgement has settled yet */
    uint8_t repeat_count, repeat_room, repeat_next;
    uint8_t block_count;
    uint16_t loop_run;               /* acknowledgements out of step in a row, each an answer to the other side's ... */
    uint32_t loop_packet;            /* ... up to this packet of this side */
    struct mc_repeat *repeat_list;       /* what this side has sent again of late (repeats.h) */
    struct mc_doubt *doubt;          /* a segment that may not be what it seems (doubt.h) */
    int64_t reordered_ns;            /* the latest overtaken segment */
    mc_attempt *attempt;             /* of the side that opened the connection; NULL: as usual */
    mc_limits limits;                /* of a side that moves much data */
} mc_detail;

_Static_assert(sizeof(mc_detail) <= 512, "a block of memory");

/* ---------------------------------------------------------- endpoint state */

/* A segment sent and not yet acknowledged. */
typedef struct mc_sent {
    uint32_t start, end;
    uint64_t stamp;                  /* time_ns * 2 + (no round-trip sample from it) */
} mc_sent;

#define MC_SENT_LIMIT 10000          /* entries a side (docs/rules.md, rule 18) */

/* mc_endpoint_state.known */
#define MC_KNOWN_BASE   0x01
#define MC_KNOWN_NXT    0x02
#define MC_KNOWN_CONTIGUOUS 0x04
#define MC_KNOWN_ACK    0x08
#define MC_KNOWN_WIN    0x10
#define MC_KNOWN_BYTES  0x20         /* 'highest_end' is set */
#define MC_SYN_WINDOW   0x40         /* between a SYN of this side and its first ACK without SYN */
#define MC_SENT_MIXED   0x80         /* the sent list is not in sequence order */

/* mc_endpoint_state.options: of this side's SYN or SYN-ACK */
#define MC_OPT_MSS     MC_HAS_MSS
#define MC_OPT_SCALE   MC_HAS_SCALE
#define MC_OPT_SACK    MC_HAS_SACKOK
#define MC_OPT_TS      MC_HAS_TS
#define MC_OPT_ECE     (MC_TH_ECE >> 2)
#define MC_OPT_CWR     (MC_TH_CWR >> 2)
#define MC_OPT_SEEN    0x40
#define MC_NXT_BY_ACK  0x80          /* no option: the segment that moved 'nxt' last, by more than a SYN or FIN, had no data */

#define MC_SCALE_UNKNOWN (-1)
#define MC_SCALE_NONE    (-2)
#define MC_DUP_POISON    0xffff      /* compares as "two or more" and as "not none" */

/* Endpoint states (Zeek's vocabulary). */
typedef enum mc_tcp_state {
    MC_ST_INACTIVE,
    MC_ST_SYN_SENT,
    MC_ST_SYN_ACK_SENT,
    MC_ST_PARTIAL,
    MC_ST_ESTABLISHED,
    MC_ST_CLOSED,
    MC_ST_RESET
} mc_tcp_state;

/* mc_endpoint_state.once: what this side has sent so far */
#define MC_ONCE_SYN   0x01
#define MC_ONCE_FIN   0x02
#define MC_ONCE_RST   0x04
#define MC_ONCE_DATA  0x08
#define MC_ONCE_ACK   0x10
#define MC_ONCE_MULTI 0x20           /* SYN, FIN, RST together */
#define MC_ONCE_CHECKSUM 0x40
#define MC_ONCE_ANY   0x80

/*
 * In the order in which the segments of the middle of a connection touch it: of its sender and of its receiver the first
 * line, and one second line, that of the side whose data it carries or acknowledges.
 */
typedef struct mc_endpoint_state {
    /* each segment of either side touches these 64 bytes */
    int64_t seen_ns;                 /* the latest segment of this side */
    uint64_t byte_count;
    uint32_t base;                   /* initial sequence number */
    uint32_t nxt;                    /* highest sequence end sent */
    uint32_t contiguous_end;         /* end of the data that followed on without a hole */
    uint32_t last_ack;
    uint32_t packets;
    uint32_t ending;                 /* history memory: end of the first FIN, then start of the first RST */
    /* in words that are the same, or not, of connections of one server together (packed.c) */
    uint16_t win;                    /* raw */
    uint16_t max_raw_window;
    uint16_t dup;                    /* duplicate acks in a row */
    uint16_t sent_count;             /* of 'sent' */
    uint16_t mss, initial_window;
    uint16_t ip_id;                  /* the latest that was not 0 */
    uint8_t id_run;                  /* IPv4 identification: small steps forward (low half), others (above), MC_ID_SKIPS */
    uint8_t last_events;             /* MC_TCP_KEEP_ALIVE, MC_TCP_ZERO_WINDOW_PROBE of the latest segment */
    uint8_t known;                   /* MC_KNOWN_ ... */
    int8_t scale;
    uint8_t once;                    /* MC_ONCE_ */
    uint8_t options;                 /* MC_OPT_ */
    uint8_t ttl_min, ttl_max;        /* of segments without RST; ttl_max 0: none */
    uint8_t state, previous_state;   /* mc_tcp_state */

    /* ... and its data, or an acknowledgement of it, the next 64 */
    union {                          /* segments sent and not yet acknowledged */
        mc_sent single;              /* ring_bits == 0: room for one */
        struct {
            mc_sent *items;          /* room for 1 << ring_bits */
            uint16_t head, mask;
        } ring;
    } sent;
    mc_detail *detail;
    int64_t nxt_ns;                  /* when 'nxt' last moved */
    uint64_t payload_bytes;
    uint32_t highest_end;            /* end of the topmost range of bytes seen; before there are any: the
                                        timestamp that this side's SYN-ACK echoes */
    uint32_t data_over;              /* segments with data, less MC_LIMITS_FROM: see mc_data_packets() */
    uint32_t rtt_count;
    float rtt_sum_ms, rtt_min_ms;
    uint16_t max_acked_len;          /* longest segment that was acknowledged, saturating */
    uint8_t ring_bits;
    uint8_t shift;                   /* window scale offered */
} mc_endpoint_state;

_Static_assert(offsetof(mc_endpoint_state, sent) == 64, "one cache line");
_Static_assert(sizeof(mc_endpoint_state) == 128, "two cache lines");

/* Has none of the side's segments, of which there is one at least, had this TTL? */
static inline bool mc_is_ttl_foreign(const mc_endpoint_state *h, uint8_t ttl)
{
    return ttl < h->ttl_min || ttl > h->ttl_max;
}

static inline uint32_t mc_data_packets(const mc_endpoint_state *h)
{
    return h->data_over + MC_LIMITS_FROM;
}

/* The window that 'h' has announced last, in bytes; while its scale is not known, as if there were none. */
static inline uint32_t mc_announced_window(const mc_endpoint_state *h)
{
    return (uint32_t)h->win << ((h->known & MC_SYN_WINDOW) != 0 || h->scale < 0 ? 0 : h->scale);
}

#define MC_ID_STEP   64u              /* identifications that run: the side's other packets lie between */
#define MC_ID_COUNTS 4u              /* so many steps of one: a host that counts each connection's packets for themselves */

static inline unsigned mc_id_steps(const mc_endpoint_state *h)
{
    return h->id_run & 0x0fu;
}

static inline unsigned mc_id_jumps(const mc_endpoint_state *h)
{
    return h->id_run >> 4 & 7u;
}

/* Of late a step was longer than one: packets of that side are missing, or its host numbers those of others as well. */
#define MC_ID_SKIPS_BIT 7
#define MC_ID_SKIPS     (1u << MC_ID_SKIPS_BIT)

/* How many packets lie between those of side 'h', whose latest is before, and its next one with identification 'id'; 0:
   none, or its identifications do not tell. */
static inline unsigned mc_id_missing(const mc_endpoint_state *h, uint16_t id)
{
    const unsigned step = (uint16_t)(id - h->ip_id);

    return id == 0 || h->ip_id == 0 || h->id_run >> 4 != 0 || mc_id_steps(h) < MC_ID_COUNTS || step < 2 || step > MC_ID_STEP
               ? 0 : step - 1;
}

/* -------------------------------------------------------------- connection */

/* mc_conn.flags */
#define MC_C_REUSED        0x0001    /* a new connection on a pair that was in use (CO-1) */
#define MC_C_SELF          0x0002    /* both ends equal: one endpoint holds everything */
#define MC_C_SYN           0x0004    /* a SYN (without ACK) was seen */
#define MC_C_SYN_ACK       0x0008
#define MC_C_HS_SYN        0x0010    /* handshake.syn_ns is set and open */
#define MC_C_HS_SYN_ACK    0x0020    /* the SYN-ACK that answers it was seen: to_server_ns is set */
#define MC_C_HS_DONE       0x0040    /* the ACK was seen: to_client_ns is set */
#define MC_C_FIN_FIRST     0x0080    /* 'closer' is set by a FIN ... */
#define MC_C_CLOSER        0x0100    /* ... or by a RST */
#define MC_C_SWAPPED       0x0200    /* roles swapped: history begins with ^ */
#define MC_C_HISTORY_FULL  0x0400
#define MC_C_RANGES_FULL   0x0800    /* a hole was given up: byte counts are approximate */
#define MC_C_SENT_FULL     0x1000    /* round-trip samples were given up */
#define MC_C_TURN          0x2000    /* data has passed: 'turn_ns' is the latest of it */
#define MC_C_MID_STREAM    0x4000    /* the first segment seen was no SYN */
#define MC_C_TURN_SERVER   0x8000    /* the data in hand is the server's */
#define MC_C_NO_TIME       0x80000000u  /* a segment of it carried no time: nothing is timed on it from there on */
#define MC_C_BEGUN         0x20000   /* a segment of this incarnation was analysed */
#define MC_C_UNACCEPTED    0x10000   /* SYN-ACK again although the last step of the handshake had passed */
#define MC_C_ANSWER_MISSED 0x40000   /* SYN again although its answer had passed */
#define MC_C_WAITS         0x80000   /* waits to be packed (flow.c); says nothing of the connection */
#define MC_C_IDLE_CLOSE    0x100000  /* the first FIN ended its longest silence, max_idle_ms, which is a second or more */
#define MC_C_TURN_SMALL    0x200000  /* the data in hand began with a segment that is mostly header */
#define MC_C_SUBFLOW       0x400000  /* MP_JOIN on its SYN: a path more of another connection (RFC 8684, 3.2) */
#define MC_C_SYN_FORGOTTEN 0x10000000u/* of the SYN that was seen the rules know no more (mc_tcp_forget) */
#define MC_C_REPLAYED      0x8000000 /* begins with the number of the pair's connection before, which both ends had ended:
                                        for the rules it is one with that (attempt.h) */
#define MC_C_ALERT         0x800000  /* side 0 has sent a TLS alert by itself; shifted by 1: side 1 */
#define MC_C_SERVER_FIRST  0x2000000 /* the first data was the server's */
#define MC_C_HEARD         0x20000000u /* what it says is not listened to any more ... */
#define MC_C_TURNS         0x40000000u /* ... but at the beginning of each turn (application/talk.h) */
#define MC_C_DIALOGUE      0x4000000 /* 'dialogue' is the number of a record */

/* mc_conn.fast_path: endpoint 0; shifted by 1 for endpoint 1 */
#define MC_FAST_ACK       0x01       /* a pure acknowledgement of this endpoint */
#define MC_FAST_DATA      0x04       /* data of this endpoint */
#define MC_FAST_IN_ORDER  0x0f       /* these two of both endpoints: the in-order path (paths.h) */
/* ... and the steps of the handshake path (paths.h) */
#define MC_FAST_SETTLED   0x10       /* nothing is open about this endpoint: its first data, first ACK or FIN */
#define MC_FAST_SYN_ACK   0x40       /* alone: one SYN passed, nothing else */
#define MC_FAST_HANDSHAKE 0x80       /* alone: its SYN-ACK followed, nothing else */

#define MC_HISTORY_SIZE 16

/* mc_conn.notes: nothing notable has happened, but what it says is kept (application/talk.h). */
#define MC_STORY_NONE_BUT_TALK 0x80000000u

typedef struct mc_conn {
    mc_endpoint_state endpoint[2];

    /* most segments touch these 64 bytes */
    uint8_t peer[16];                /* the client's address */
    union {
        struct {
            uint16_t peer_port, server_port;
        };
        uint32_t ports;              /* both of them, as they lie */
    };
    uint32_t flags;                  /* MC_C_ */
    union {
        int64_t turn_ns;             /* the latest data of the side whose turn it is; until a reset */
        uint64_t reset_frame;        /* once reset_phase is set */
    } at;
    uint8_t fast_path;               /* MC_FAST_: what may take a fast path (paths.h) */
    uint8_t originator : 1;          /* which endpoint opened it */
    uint8_t closer : 1;              /* which endpoint ended it first */
    uint8_t reset_by : 1;            /* endpoint of the first RST */
    uint8_t reset_phase : 4;         /* mc_reset_phase */
    uint8_t reset_echoes : 1;        /* the first RST bears a number of the other endpoint's, as no stack sends it */
    uint8_t last_dir;                /* endpoint of the latest segment */
    uint8_t reset_signs;             /* MC_SIGN_ */
    float max_idle_ms;
    union {
        struct {
            float max_ms, sum_ms;
        } response;                  /* of its answers */
        uint32_t dialogue;           /* with MC_C_DIALOGUE: the record that has them (dialogue.h) */
    };
    uint16_t requests;               /* request-to-answer turns measured, saturating */
    uint16_t idle_gaps;              /* saturating */
    uint16_t syn_len;                /* payload of the latest SYN */
    uint8_t syn_count;               /* SYNs without ACK, saturating */
    uint8_t completeness;            /* tshark's bit set */
    uint32_t notes;                  /* number of its story (story.h), or MC_STORY_NONE_BUT_TALK and that of what it says; 0: neither */
    uint8_t rst_count[2];            /* resets sent; what is more is in the details */
    uint8_t reset_ttl;
    uint8_t history_len;

    /* the handshake and the ends */
    int64_t first_ns;                /* capture time of the first segment */
    int64_t syn_ns;                  /* latest SYN without ACK (rule 23), valid with MC_C_SYN */
    int64_t irtt_ns;                 /* 0: unknown */
    int64_t to_server_ns;            /* handshake: SYN to SYN-ACK; while open: time of the SYN */
    int64_t to_client_ns;            /* handshake: SYN-ACK to ACK; while open: time of the SYN-ACK */
    uint64_t begin;                  /* order of beginning; 0: no connection */
    char history[MC_HISTORY_SIZE];
} mc_conn;

_Static_assert(sizeof(mc_conn) == 384, "six cache lines");
_Static_assert(offsetof(mc_conn, first_ns) == 320, "the sixth is seldom touched");
_Static_assert(MC_RESET_PHASE_COUNT <= 16, "four bits");

_Static_assert(offsetof(mc_conn, endpoint) == 0, "mc_conn_of() begins there");

/* The connection whose endpoint 'dir' 'h' is. */
static inline mc_conn *mc_conn_of(mc_endpoint_state *h, unsigned dir)
{
    return (mc_conn *)(void *)(h - dir);
}

/*
 * mc_conn.begin: the frame of the first segment, and below it which one it is of the
 * connections that begin in that frame.
 */
#define MC_BEGIN_BITS 6
#define MC_BEGIN_MASK ((1ull << 48) - 1)         /* what is kept of it in a record */

static inline uint64_t mc_conn_first_frame(const mc_conn *c)
{
    return c->begin >> MC_BEGIN_BITS;
}

/* Both sides have ended it, or one has broken it off: little more is to be expected. */
static inline bool mc_conn_is_over(const mc_conn *c)
{
    unsigned a = c->endpoint[0].state, b = c->endpoint[1].state;

    return (a >= MC_ST_CLOSED && b >= MC_ST_CLOSED) || a == MC_ST_RESET || b == MC_ST_RESET;
}

/* Capture time of the latest segment. */
static inline int64_t mc_conn_last(const mc_conn *c)
{
    return c->endpoint[c->last_dir].seen_ns;
}

#endif
