/*
 * parts.h: private: two points, their trails and pairs, as the files of this room and of compare/ share them.
 */
#ifndef MC_PARTS_H
#define MC_PARTS_H

#include "points/between_facts.h"
#include "points/clock.h"
#include "points/trail.h"

#define MC_OVER         1024         /* so many that are over are kept at most */
#define MC_LEAST_WAY_NS (1 * MC_NS_PER_US)       /* as exactly as most captures tell time */
#define MC_NO_SIDE      2            /* of a trail that is not in use */
#define MC_PASSED       16           /* the latest matched that are looked at for reordering */

/* In which place of its direction a segment passed each side. */
typedef struct mc_passed {
    _Alignas(MC_LINE / 2) uint32_t at[2];
    uint64_t frame[2];
    bool late;                       /* counted as overtaken */
} mc_passed;

/* Two SYN-ACKs under other numbers: none, it is not sure whose they are, the server's, or a device's between the points. */
typedef enum mc_answer_state { MC_ANSWER_NONE, MC_ANSWER_HELD, MC_ANSWER_OWN, MC_ANSWER_MADE } mc_answer_state;

/* They, and the differences of the times of what came by at both points since, by direction. */
typedef struct mc_answer {
    mc_answer_state state;
    bool other;                      /* they are no copies of each other */
    uint32_t forth, back;
    int64_t time_ns[2];
    uint64_t frame[2];
    int64_t forth_low, forth_high, back_low, back_high;
} mc_answer;

/* What every segment needs comes first, and fills one line of the caches. */
typedef struct mc_pair {
    _Alignas(MC_LINE) uint32_t listed;           /* its place in the list of those with segments in their queues, from 1; 0: none;
                                                    of one that is given back the store's */
    uint32_t trail[2];               /* 0: it is given back */
    uint32_t shift[2];               /* sequence numbers at side 1 less those at side 0, by direction */
    uint32_t highest[2][2];          /* of the matched, by direction and side */
    uint32_t at_both[2];             /* by direction */
    uint16_t changed[2];             /* bits of mc_change: this connection is counted */
    uint16_t mss;                    /* the longest segment seen in one piece */
    bool shift_known[2];
    uint8_t clock_kept, clock_rewritten;         /* bits, by the end whose timestamps are (not) the same at both points */
    bool proxied;                    /* another connection with the same data: segments are not compared */
    bool over;
    bool leaves;                     /* as soon as nothing of it waits */
    uint8_t resets_at_both, syns_at_both;        /* bits: directions */
    uint8_t passed_at[2];
    mc_passed passed[2][MC_PASSED];
    mc_answer answer;
    mc_pair_row row;
} mc_pair;

_Static_assert(offsetof(mc_pair, passed) == MC_LINE, "a line of the caches");

/* A pair with segments in its queues. */
typedef struct mc_listed {
    uint32_t pair;
    int64_t due_ns[2];               /* when more can be said of them, by the clock of each side */
} mc_listed;

/* A mark by which a trail may be found from the other point. */
typedef struct mc_print {
    uint32_t next_free;
    uint32_t next;                   /* with the same slot */
    uint64_t value;
    uint32_t trail;
    uint32_t seq, ack;
    uint32_t begins;                 /* digest of its first 64 bytes; 0: they were not captured */
    uint8_t kind, dir;
    bool filled;                     /* its sender had more to send */
} mc_print;

typedef struct mc_side {
    uint32_t *head;                  /* trails by hash */
    uint32_t mask, count;
    int64_t first_ns, read_ns;       /* of its capture: the first frame; all before this have been read */
    bool begun, ended;
    uint64_t dropped;
    uint64_t taken[2];               /* segments, by direction */
    bool acked[2];                   /* something of that direction was acknowledged */
} mc_side;

static inline uint64_t mc_taken(const mc_side *s)
{
    return s->taken[0] + s->taken[1];
}

struct mc_between {
    mc_store trails, records, pairs, prints;
    mc_side side[2];
    uint32_t *print_head;
    uint32_t print_mask;
    uint64_t seed;
    uint32_t window, wanted;         /* segments that may wait; rows */
    uint32_t waiting;
    uint32_t spare;                  /* the latest of the records that wait no longer; 0: none */
    uint32_t since;                  /* segments taken since queues were looked through */
    uint32_t looks;
    bool scattered;                  /* there are so many trails that hardly one lies in a page whose translation is at hand */
    int64_t rest_due_ns;             /* when trails without a partner look for one again, by the clock of side 0 */
    uint32_t ring[MC_OVER], over_count;          /* pairs that are over, in turn */
    uint64_t strays[2][2];           /* segments of trails without a partner that begin in the midst, by side and direction */
    uint32_t single;                 /* trails without a partner */
    mc_listed *list;                 /* pairs with waiting segments */
    uint32_t listed, list_room;
    bool near_fixed, by_delay, by_ttl;
    bool order_sure;                 /* by delay, and nothing will change it */
    unsigned near;
    int64_t hops;                    /* sum of TTL differences, positive where side 0 is nearer to the client */
    uint64_t hopped;
    uint64_t with_bytes, bare[2];    /* the matched that have a place in the stream; those that have none, by direction */
    uint64_t resets[2];              /* of the matched, by direction */
    uint64_t id_kept[2], id_changed[2];          /* IP identifications of the matched, by direction */
    uint64_t win_kept[2], win_changed[2];        /* windows, the same */
    mc_clock clock;
    mc_hist wait[2], wait_between;
    mc_between_facts facts;
    mc_pair_row *rows;
    uint32_t row_count;
    /* for aligning */
    uint32_t *left[2];
    uint32_t left_room[2], left_count[2];
    uint32_t *slot[2], *chain[2];
    uint32_t slot_room[2], chain_room[2];
    bool no_memory, finished;
};

#define MC_TRAIL_BITS  11            /* blocks that large pages fit into */
#define MC_RECORD_BITS 8
#define MC_PAIR_BITS   11

static inline mc_trail *mc_trail_at(const mc_between *b, uint32_t n)
{
    return mc_store_item(&b->trails, n, sizeof(mc_trail), MC_TRAIL_BITS);
}

static inline mc_record *mc_record_at(const mc_between *b, uint32_t n)
{
    return mc_store_item(&b->records, n, sizeof(mc_record), MC_RECORD_BITS);
}

static inline mc_pair *mc_pair_at(const mc_between *b, uint32_t n)
{
    return mc_store_item(&b->pairs, n, sizeof(mc_pair), MC_PAIR_BITS);
}

/* Numbers of side 1 as they are at side 0. */
static inline uint32_t mc_seq_at0(const mc_pair *p, unsigned side, unsigned dir, uint32_t seq)
{
    return side == 0 ? seq : seq - p->shift[dir];
}

/* Segments that carry no acknowledgement have no such number. */
static inline uint32_t mc_ack_at0(const mc_pair *p, unsigned side, const mc_seen *s)
{
    return (s->flags & MC_TH_ACK) == 0 ? 0 : mc_seq_at0(p, side, !s->dir, s->ack);
}

/* The side that a segment of direction 'dir' passes first. */
static inline unsigned mc_before(const mc_between *b, unsigned dir)
{
    return dir == MC_CLIENT_TO_SERVER ? b->near : !b->near;
}

/* Identifications are the same at both points, as far as they were seen. */
static inline bool mc_ids_kept(const mc_between *b, unsigned dir)
{
    return b->id_kept[dir] > 4 * b->id_changed[dir];
}

static inline bool mc_windows_kept(const mc_between *b, unsigned dir)
{
    return b->win_kept[dir] > 4 * b->win_changed[dir];
}

#endif
