/*
 * exchange.h: a connection, segment by segment, through the parts of tcp/ alone.
 *
 * Client 0 begins at 100, server 1 at 500; windows are 1,000 and not scaled unless a test
 * says otherwise.
 */
#ifndef EXCHANGE_H
#define EXCHANGE_H

#include <stdlib.h>

#include "check.h"
#include "tcp/attempt.h"
#include "tcp/bytes.h"
#include "tcp/late.h"
#include "tcp/rules.h"
#include "tcp/state.h"

#define C 0
#define S 1

#define SYN     MC_TH_SYN
#define ACK     MC_TH_ACK
#define FIN     (MC_TH_FIN | MC_TH_ACK)
#define RST     MC_TH_RST
#define SYN_ACK (MC_TH_SYN | MC_TH_ACK)

/* What the last segment gave. */
typedef struct outcome {
    uint32_t events;
    uint32_t stale;                  /* MC_TCP_STALE: the segment is none of this connection */
    mc_rtt_sample sample;
    mc_bytes_news news;
    mc_late_kind kind;               /* of a late one, else MC_LATE_UNDECIDED */
    mc_late_evidence evidence;
} outcome;

__attribute__((unused)) static mc_conn conn;
__attribute__((unused)) static mc_pool pool;
__attribute__((unused)) static outcome last;
__attribute__((unused)) static uint64_t frame;
__attribute__((unused)) static mc_rules rules = MC_RULES_WIRESHARK_4_0;      /* whose flags are looked at */

/* A connection of which nothing is known. */
static inline void nothing(void)
{
    mc_pool_destroy(&pool);
    memset(&conn, 0, sizeof conn);
    mc_endpoint_state_init(&conn.endpoint[C]);
    mc_endpoint_state_init(&conn.endpoint[S]);
    frame = 0;
}

/* Endpoint 'dir' sends 's' at 'now'. */
static inline uint32_t send_at(unsigned dir, const mc_segment *s, int64_t now)
{
    mc_endpoint_state *d = &conn.endpoint[dir], before = *d;
    const bool known = (d->known & MC_KNOWN_NXT) != 0, rst = (s->flags & RST) != 0;
    const uint32_t next = d->nxt;
    const int64_t gap = (conn.flags & MC_C_BEGUN) != 0 ? mc_ns_since(now, mc_conn_last(&conn)) : 0;

    mc_attempt_before was = { d->base, d->once, conn.syn_ns, false };

    if ((conn.flags & MC_C_BEGUN) == 0 && frame == 0) {
        mc_state_begin(&conn, dir, s, true);
        conn.first_ns = now;
    }
    memset(&last, 0, sizeof last);
    last.kind = MC_LATE_UNDECIDED;
    d->packets++;
    last.events = mc_tcp_segment(rules, &conn, dir, s, now, &pool, &last.sample);
    if (mc_attempt_is_open(&conn, dir, s->flags)) {
        was.twice = mc_state_is_twice(&conn, dir, false, gap);
        last.stale = mc_attempt_segment(&conn, dir, s, now, &was, &pool);
    }
    if (s->len > 0)
        mc_bytes_add(&conn, dir, s, now, !rst && (last.events & MC_TCP_KEEP_ALIVE) == 0, &pool, &last.news);
    if (s->win == 0 && !rst)
        mc_detail_of(d, &pool);
    if ((last.events & MC_TCP_LATE) != 0) {
        mc_first_copy first = { 0 };
        uint32_t start;

        first.known = mc_sent_holds(d, s->seq, s->len, &start, &first.end, &first.time_ns);
        last.kind = mc_late_judge(&conn, dir, s, &last.news, false, &first, now, &last.evidence);
    }
    if ((last.events & MC_TCP_ANY_RETRANSMISSION) != 0 && s->len > 0)
        mc_sent_mark(d, s->seq, s->seq + s->len);
    mc_state_segment(&conn, dir, s, last.events | last.stale, s->len > 0 && known && mc_seq_not_after(s->seq + s->len, next), now,
                     gap, ++frame, rst ? &before : d);
    if (!rst) {
        if (s->ttl < d->ttl_min)
            d->ttl_min = s->ttl;
        if (s->ttl > d->ttl_max)
            d->ttl_max = s->ttl;
        d->ip_id = s->ip_id;
    }
    conn.last_dir = (uint8_t)dir;
    return last.events;
}

static inline mc_segment segment(uint8_t flags, uint32_t seq, uint32_t ack, uint32_t len, uint16_t win)
{
    return (mc_segment){
        .flags = flags, .seq = seq, .ack = ack, .len = len, .win = win, .len_known = true, .ttl = 64,
        .sport = 40000, .dport = 80,
    };
}

/* The same with the usual window, at a time in milliseconds. */
static inline uint32_t send(unsigned dir, uint8_t flags, uint32_t seq, uint32_t ack, uint32_t len, int ms)
{
    const mc_segment s = segment(flags, seq, ack, len, 1000);

    return send_at(dir, &s, ms * MC_NS_PER_MS);
}

static inline uint32_t send_window(unsigned dir, uint8_t flags, uint32_t seq, uint32_t ack, uint32_t len, int ms,
                                   uint16_t win)
{
    const mc_segment s = segment(flags, seq, ack, len, win);

    return send_at(dir, &s, ms * MC_NS_PER_MS);
}

/* SYN at 0 ms, SYN-ACK at 10, ACK at 20. */
static inline void handshake(void)
{
    nothing();
    CHECK_EQ(send(C, SYN, 100, 0, 0, 0), 0);
    CHECK_EQ(send(S, SYN_ACK, 500, 101, 0, 10), 0);
    CHECK_EQ(send(C, ACK, 101, 501, 0, 20), 0);
}

static inline bool history_is(const char *letters)
{
    return conn.history_len == strlen(letters) && memcmp(conn.history, letters, conn.history_len) == 0;
}

#endif
