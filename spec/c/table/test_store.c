/*
 * test_store.c: connections that are kept in short are what they would be in full: the
 * same random segments go through two analyses, one of which keeps everything in full.
 */
#include <stdlib.h>

#include "engine/analysis.h"
#include "check.h"
#include "conn_same.h"
#include "outcomes/aggregates.h"

#define PAIRS 60                     /* that segments are chosen among */

/* Numbers that are the same in every run. */
static uint32_t state_of_chance;

static uint32_t chance(uint32_t below)
{
    state_of_chance = state_of_chance * 1664525u + 1013904223u;
    return (uint32_t)(((uint64_t)(state_of_chance >> 8) * below) >> 24);
}

static bool once_in(uint32_t n)
{
    return chance(n) == 0;
}

/* Where the two sides of a pair are; what is sent lies near it. */
typedef struct talk {
    uint32_t next[2];
    bool v6;
} talk;

static talk talks[PAIRS];

static const uint8_t server_addr[16] = { 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff, 10, 0, 0, 1 };

static void random_options(mc_segment *s)
{
    if (!once_in(4)) {
        s->has |= MC_HAS_MSS;
        s->mss = (uint16_t)(chance(3) * 700);
    }
    if (!once_in(3)) {
        s->has |= MC_HAS_SCALE;
        s->scale = (uint8_t)chance(15);
    }
    if (!once_in(3))
        s->has |= MC_HAS_SACKOK;
    if (!once_in(3)) {
        s->has |= MC_HAS_TS;
        s->ts_val = chance(1000);
    }
}

static uint8_t random_flags(void)
{
    static const uint8_t some[] = {
        MC_TH_SYN, MC_TH_SYN, MC_TH_SYN | MC_TH_ACK, MC_TH_FIN | MC_TH_ACK, MC_TH_FIN | MC_TH_ACK, MC_TH_RST,
        MC_TH_RST | MC_TH_ACK, MC_TH_SYN | MC_TH_ECE | MC_TH_CWR, MC_TH_SYN | MC_TH_FIN, MC_TH_SYN | MC_TH_PSH, 0,
    };

    return chance(3) > 0 ? MC_TH_ACK : some[chance((uint32_t)sizeof some)];
}

/* A segment of pair 'pair' that may be anything, and is often what could follow. */
static void random_segment(mc_segment *s, uint32_t pair, bool opens)
{
    talk *t = &talks[pair];
    uint8_t peer[16] = { 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff, 10, 1, 0, 0 };
    unsigned dir = opens ? once_in(10) : chance(2);

    memset(s, 0, sizeof *s);
    peer[15] = (uint8_t)(pair % 5);
    if (t->v6)
        peer[0] = 0x20;
    memcpy(dir != 0 ? s->src : s->dst, server_addr, 16);
    memcpy(dir != 0 ? s->dst : s->src, peer, 16);
    s->sport = (uint16_t)(dir != 0 ? 443 : 1024 + pair);
    s->dport = (uint16_t)(dir != 0 ? 1024 + pair : 443);
    if (pair == 0) {                             /* the server talks to itself, on two ports or on one */
        memcpy(s->src, server_addr, 16);
        memcpy(s->dst, server_addr, 16);
        if (once_in(4))
            s->sport = s->dport = 443;
    }
    s->flags = opens ? MC_TH_SYN : random_flags();
    s->seq = once_in(5) ? t->next[dir] - chance(3000) + 1000 : t->next[dir];
    if ((s->flags & MC_TH_ACK) != 0 || once_in(20))
        s->ack = once_in(5) ? t->next[!dir] - chance(2000) + 500 : t->next[!dir];
    s->len = (s->flags & MC_TH_SYN) != 0 ? (once_in(20) ? 1u : 0u) : chance(3) * 500 + chance(2);
    s->len_known = !once_in(200);
    s->win = once_in(10) ? 0 : (uint16_t)(1 + chance(65535));
    s->ip_version = t->v6 ? 6 : 4;
    s->ttl = once_in(100) ? 0 : (uint8_t)(60 + chance(3));
    if (!once_in(3)) {
        s->has |= MC_HAS_IPID;
        s->ip_id = (uint16_t)chance(70);
    }
    if ((s->flags & MC_TH_SYN) != 0)
        random_options(s);
    if (once_in(50))
        s->has |= MC_BAD_CHECKSUM;
    if (once_in(50)) {
        s->has |= MC_HAS_SACK;
        s->sack_count = 1;
        s->sack[0][0] = t->next[!dir] + 500;
        s->sack[0][1] = t->next[!dir] + 1000;
    }
    if (mc_seq_before(t->next[dir], s->seq + s->len))
        t->next[dir] = s->seq + s->len;
    if ((s->flags & (MC_TH_SYN | MC_TH_FIN)) != 0)
        t->next[dir]++;
}

static void feed(mc_analysis *a, const mc_segment *s, uint64_t number, int64_t now, uint32_t wirelen)
{
    mc_packet p = { .caplen = wirelen, .wirelen = wirelen, .time_ns = now };
    mc_match m;
    const mc_endpoints endpoints = mc_endpoints_of(s);

    CHECK(mc_analysis_match(a, &endpoints, &m));
    mc_match_decoded(&m, s, &p);
    mc_analysis_segments(a, &m, 1, &p, number, &(mc_prefetcher){ 0 });
}

static void start(mc_analysis *a, bool plain, uint64_t max)
{
    mc_options options = MC_OPTIONS_INIT;
    mc_endpoint server = { .port = 443 };
    mc_error err;

    memcpy(server.addr, server_addr, sizeof server.addr);
    options.max_connections = max;
    CHECK_EQ(mc_analysis_init(a, &server, &options, &err), MC_OK);
    a->flows->switches.kept_in_full = plain;
}

static void sum_up(const mc_analysis *a, mc_facts *f)
{
    memset(f, 0, sizeof *f);
    memcpy(f->direction, a->direction, sizeof f->direction);
    f->capture.last_ns = 5 * MC_NS_PER_S;
    CHECK(mc_aggregates_fill(a->flows, &a->speech, NULL, &a->timeline, 50, f));
}

static void compare_sums(const mc_analysis *a, const mc_analysis *b)
{
    static mc_facts x, y;

    sum_up(a, &x);
    sum_up(b, &y);
    CHECK(memcmp(x.direction, y.direction, sizeof x.direction) == 0);
    CHECK(memcmp(&x.connections, &y.connections, sizeof x.connections) == 0);
    CHECK_EQ(x.top_count, y.top_count);
    CHECK(memcmp(x.top_connections, y.top_connections, x.top_count * sizeof *x.top_connections) == 0);
    free(x.top_connections);
    free(y.top_connections);
}

/* 'count' random segments through both, with a look at both every now and then. */
static void run_both(mc_analysis *a, mc_analysis *b, uint32_t count)
{
    int64_t now = MC_NS_PER_S;
    uint64_t frame = 0;
    uint32_t i;

    memset(talks, 0, sizeof talks);
    for (i = 0; i < PAIRS; i++) {
        talks[i].next[0] = chance(1u << 24) << 8;
        talks[i].next[1] = chance(1u << 24) << 8;
        talks[i].v6 = i % 3 == 1;
    }
    for (i = 0; i < count; i++) {
        uint32_t wirelen = once_in(10) ? 60 + chance(2000) : 74;
        mc_segment s;

        random_segment(&s, chance(PAIRS), i < count / 8);
        if (chance(4) > 0)
            now += chance(1000000);
        else if (once_in(20))
            now -= chance(5000);
        else
            now += chance(40000000);
        frame += !once_in(8);                    /* some share a frame */
        feed(a, &s, frame + 1, now, wirelen);
        feed(b, &s, frame + 1, now, wirelen);
        if (once_in(count / 8))
            compare_connections(a->flows, b->flows);
    }
    compare_connections(a->flows, b->flows);
    compare_sums(a, b);
}

static void test_what_is_kept_in_short_is_what_it_would_be_in_full(void)
{
    uint32_t round;

    for (round = 0; round < 60; round++) {
        mc_analysis a, b;

        state_of_chance = round * 7919 + 1;
        start(&a, false, 1000);
        start(&b, true, 1000);
        a.flows->switches.gather_from = 4;
        a.flows->switches.linger = round % 6;             /* the fewer wait, the more are packed and unpacked */
        run_both(&a, &b, 50 + round * 20);
        mc_analysis_free(&a);
        mc_analysis_free(&b);
        if (check_failures > 0)
            break;
    }
}

static void test_the_bound_holds_for_all_kinds_together(void)
{
    mc_analysis a, b;
    uint32_t i;

    state_of_chance = 3;
    start(&a, false, 20);
    start(&b, true, 20);
    run_both(&a, &b, 500);
    for (i = 0; i < 2; i++) {
        const mc_analysis *x = i == 0 ? &a : &b;

        CHECK_EQ(mc_flows_count(x->flows), 20);
        CHECK(mc_flows_is_full(x->flows));
        CHECK(x->not_kept > 0);
    }
    CHECK_EQ(a.not_kept, b.not_kept);
    mc_analysis_free(&a);
    mc_analysis_free(&b);
}

/* A plain SYN from the 'i'-th of many clients. */
static void a_syn(mc_segment *s, uint32_t i)
{
    static const uint8_t client[16] = { 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff };

    memset(s, 0, sizeof *s);
    memcpy(s->src, client, 16);
    memcpy(s->src + 12, &i, 4);
    memcpy(s->dst, server_addr, 16);
    s->sport = 50000;
    s->dport = 443;
    s->seq = i;
    s->win = 1024;
    s->flags = MC_TH_SYN;
    s->len_known = true;
    s->ttl = 64;
    s->ip_version = 4;
}

/* The server's SYN-ACK, or its reset, to that client. */
static void a_reply(mc_segment *s, uint32_t i, uint8_t flags)
{
    uint8_t client[16];

    a_syn(s, i);
    memcpy(client, s->src, 16);
    memcpy(s->src, s->dst, 16);
    memcpy(s->dst, client, 16);
    s->sport = 443;
    s->dport = 50000;
    s->ack = s->seq + 1;
    s->flags = flags;
}

#define SLOTS(count) ((count) * 22)  /* at most: three eighths of them used */

static void test_memory_of_each_kind(void)
{
    enum { COUNT = 200000 };
    mc_analysis a;
    mc_segment s;
    uint32_t i;

    start(&a, false, COUNT);
    for (i = 0; i < COUNT; i++) {
        a_syn(&s, i);
        feed(&a, &s, i + 1, i, 60);
    }
    CHECK_EQ(mc_flows_count(a.flows), COUNT);
    CHECK(mc_flows_memory(a.flows) <= COUNT * 36 + SLOTS(COUNT) + (1u << 20));
    /* answered, each becomes a connection, and the records' memory is given back */
    for (i = 0; i < COUNT; i++) {
        a_reply(&s, i, MC_TH_SYN | MC_TH_ACK);
        feed(&a, &s, COUNT + i + 1, COUNT + i, 60);
    }
    CHECK_EQ(mc_flows_count(a.flows), COUNT);
    CHECK(mc_flows_memory(a.flows) <= COUNT * sizeof(mc_conn) + SLOTS(COUNT) + (8u << 20));
    /* over, they take no more than they did */
    for (i = 0; i < COUNT; i++) {
        a_reply(&s, i, MC_TH_RST | MC_TH_ACK);
        feed(&a, &s, 2 * COUNT + i + 1, 2 * COUNT + i, 60);
    }
    CHECK(mc_flows_memory(a.flows) <= COUNT * sizeof(mc_conn) + SLOTS(COUNT) + (8u << 20));
    mc_analysis_free(&a);
}

static void test_connections_that_are_over_take_half(void)
{
    enum { COUNT = 100000 };
    mc_analysis a;
    mc_segment s;
    uint32_t i;

    start(&a, false, COUNT);
    for (i = 0; i < COUNT; i++) {
        a_syn(&s, i);
        feed(&a, &s, 3 * i + 1, 3000 * i, 60);
        a_reply(&s, i, MC_TH_SYN | MC_TH_ACK);
        feed(&a, &s, 3 * i + 2, 3000 * i + 1000, 60);
        a_reply(&s, i, MC_TH_RST | MC_TH_ACK);
        feed(&a, &s, 3 * i + 3, 3000 * i + 2000, 60);
    }
    CHECK_EQ(mc_flows_count(a.flows), COUNT);
    CHECK(mc_flows_memory(a.flows) <= COUNT * sizeof(mc_conn) / 2 + SLOTS(COUNT) + (8u << 20));
    mc_analysis_free(&a);
}

int main(void)
{
    RUN(test_what_is_kept_in_short_is_what_it_would_be_in_full);
    RUN(test_the_bound_holds_for_all_kinds_together);
    RUN(test_memory_of_each_kind);
    RUN(test_connections_that_are_over_take_half);
    return DONE();
}
