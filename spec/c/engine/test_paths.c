/*
 * test_paths.c: the fast paths (paths.h) leave the same behind as the general
 * one, on connections that mostly go as they should and now and then do not.
 *
 * The segments are drawn from a fixed row of pseudo-random numbers.  An argument is a
 * number of rounds, each with other numbers.
 */
#include <stdlib.h>

#include "engine/analysis.h"
#include "check.h"
#include "conn_same.h"
#include "draw.h"

#define CONNECTIONS 4000
#define AT_ONCE     4                /* connections in hand, their segments mixed */
#define BATCH       64               /* segments analysed together at most */
#define WORDS       32               /* bytes of payload that are captured at most */
#define FRAME       (34 + 32 + WORDS)

#include "batches.h"

/* Both ends of a connection, as they think it stands; 0 is the client. */
typedef struct track {
    uint16_t port;
    uint32_t next[2];
    uint16_t win[2], ip_id[2];
    unsigned steps, faults;          /* one fault in so many fields; 0: none */
    uint8_t scale[2];
    bool tight;                      /* small windows, often filled */
    bool has_ts;
} track;

static void begin(track *t, uint16_t port)
{
    static const uint32_t isn[] = { 0, 0xffffffff, 0xfffffffe, 0x7fffffff, 0x80000000, 1 };
    static const unsigned faults[] = { 0, 200, 60, 20, 8 };
    unsigned side;

    memset(t, 0, sizeof *t);
    t->port = port;
    t->faults = faults[draw(MC_ARRAY_LEN(faults))];
    t->tight = one_in(3);
    t->has_ts = one_in(2);
    for (side = 0; side < 2; side++) {
        t->next[side] = one_in(2) ? isn[draw(MC_ARRAY_LEN(isn))] : draw(UINT32_MAX);
        t->win[side] = (uint16_t)(t->tight ? 1 + draw(300) : 1000 + draw(60000));
        t->ip_id[side] = one_in(3) ? 0 : (uint16_t)draw(65536);
        t->scale[side] = (uint8_t)draw(t->tight ? 2 : 8);
    }
    if (one_in(10))
        t->steps = 1 + draw(4);                  /* picked up later */
}

static uint8_t choose_flags(track *t, unsigned *side)
{
    uint32_t kind = draw(100);

    *side = draw(2);
    switch (t->steps++) {
    case 0:
        *side = 0;
        return MC_TH_SYN | (one_in(5) ? MC_TH_ECE | MC_TH_CWR : 0);
    case 1:
        *side = 1;
        return MC_TH_SYN | MC_TH_ACK;
    case 2:
        *side = 0;
        return MC_TH_ACK;
    default:
        break;
    }
    if (kind < 10)
        return MC_TH_FIN | MC_TH_ACK;
    if (t->faults != 0 && kind < 14)
        return kind < 12 ? MC_TH_RST : (uint8_t)(MC_TH_SYN | (one_in(2) ? MC_TH_ACK : 0));
    return one_in(3) ? MC_TH_ACK | MC_TH_PSH : MC_TH_ACK;
}

static uint32_t near(uint32_t n)
{
    return n + draw(5) - 2;
}

/* One field in so many is not what it should be. */
static void spoil(const track *t, unsigned side, mc_segment *s)
{
    if (one_in(t->faults))
        s->seq = one_in(8) ? draw(UINT32_MAX) : one_in(2) ? near(s->seq) : s->seq - draw(3000);
    if (one_in(t->faults))
        s->ack = one_in(8) ? draw(UINT32_MAX) : one_in(2) ? near(s->ack) : s->ack + 1000 - draw(3000);
    if (one_in(t->faults))
        s->len = draw(3);
    if (one_in(t->faults))
        s->win = (uint16_t)(one_in(2) ? 0 : draw(65536));
    if (one_in(t->faults))
        s->flags ^= (uint8_t)(1u << draw(8));
    if (one_in(t->faults))
        s->has ^= (uint8_t)(1u << draw(8));
    if (one_in(t->faults))
        s->ip_id = (uint16_t)(t->ip_id[side] + draw(400) - 200);
    if (one_in(t->faults))
        s->ttl = (uint8_t)draw(256);
    if (one_in(t->faults * 2))
        s->len_known = false;
}

/* What protocols begin with, at once or behind others. */
static const uint8_t *draw_words(void)
{
    static const uint8_t words[][WORDS] = {
        "220 mail.example ESMTP",        "EHLO a.example",
        "GET /a HTTP/1.1",               "HTTP/1.1 200 OK",
        "HTTP/1.1 100 Continue",         "CONNECT a.example:443 HTTP/1.1",
        { 22, 3, 1, 0, 200, 1, 0, 0, 196, 3, 3 }, { 22, 3, 3, 0, 70, 2, 0, 0, 66, 3, 3 },
        { 22, 3, 1, 0, 200, 1, 9, 0, 196, 3, 3 }, { 23, 3, 3, 0, 20 },
        { 20, 3, 3, 0, 1, 1 },
        { 9, 0, 0, 8, 4, 210, 22, 47 },
    };

    return words[draw(MC_ARRAY_LEN(words))];
}

static void make_segment(track *t, mc_segment *s)
{
    static const uint16_t lengths[] = { 1, 2, 60, 536, 1460 };
    unsigned side;
    uint8_t flags = choose_flags(t, &side);
    uint32_t room;

    memset(s, 0, sizeof *s);
    s->flags = flags;
    s->ip_version = 4;
    s->ttl = side == 0 ? 64 : 57;
    s->src[10] = s->src[11] = s->dst[10] = s->dst[11] = 0xff;
    s->src[12] = s->dst[12] = 10;
    s->src[15] = side == 0 ? 2 : 1;
    s->dst[15] = side == 0 ? 1 : 2;
    s->sport = side == 0 ? t->port : 443;
    s->dport = side == 0 ? 443 : t->port;
    s->seq = t->next[side];
    s->ack = (flags & MC_TH_ACK) != 0 ? t->next[!side] : 0;
    s->len_known = true;
    if (!one_in(4))
        t->win[side] = (uint16_t)(t->tight ? 1 + draw(300) : 1000 + draw(60000));
    s->win = t->win[side];
    s->has = MC_HAS_IPID | MC_HAS_DF | (t->has_ts ? MC_HAS_TS : 0);
    s->ts_val = draw(1000);
    s->ip_id = t->ip_id[side];
    if (t->ip_id[side] != 0)
        t->ip_id[side]++;
    if ((flags & MC_TH_SYN) != 0) {
        if (!one_in(5)) {
            s->has |= MC_HAS_MSS | MC_HAS_SCALE;
            s->mss = 1460;
            s->scale = t->scale[side];
        }
    } else if ((flags & MC_TH_RST) == 0) {
        if (!one_in(3))
            s->len = lengths[draw(MC_ARRAY_LEN(lengths))];
        room = t->next[side] + ((uint32_t)t->win[!side] << t->scale[!side]) - s->seq;
        if (s->len > 0 && t->tight && one_in(2) && room > 0 && room < 2000)
            s->len = room;
    }
    if (t->faults != 0) {
        if (one_in(t->faults) && s->len > 0)
            t->next[side] += s->len;             /* this one is lost: the next stands apart */
        s->seq = t->next[side];
        spoil(t, side, s);
    }
    /* what is not there is 0 */
    if ((s->has & MC_HAS_TS) == 0)
        s->ts_val = 0;
    if ((s->has & MC_HAS_IPID) == 0)
        s->ip_id = 0;
    if (s->len > 0) {
        s->payload = draw_words();
        s->captured = s->len < WORDS ? s->len : WORDS;
    }
    s->sack_count = (s->has & MC_HAS_SACK) != 0 ? 1 : 0;
    s->sack[0][0] = s->ack + 100;
    s->sack[0][1] = s->ack + 200;
    s->sack_cut = (s->has & MC_HAS_SACK) == 0 && t->faults != 0 && one_in(50) ? one_in(3) ? MC_SACK_UNSEEN : MC_SACK_EDGE : 0;
    if (s->sack_cut != 0 && one_in(2))
        s->sack[0][0] = s->ack - 100;            /* a D-SACK */
    if ((s->flags & MC_TH_RST) == 0)
        t->next[side] = s->seq + s->len + ((s->flags & (MC_TH_SYN | MC_TH_FIN)) != 0);
}

static int64_t later(int64_t now)
{
    switch (draw(8)) {
    case 0:
        return now;
    case 1:
        return now + draw(30) * 100 * MC_NS_PER_MS;
    case 2:
        return now - (one_in(10) ? (int64_t)draw(100000) : 0);
    default:
        return now + draw(5000000);
    }
}

/* A clock that is set anew may say anything. */
static int64_t time_of(int64_t now)
{
    static const int64_t odd[] = { -INT64_MAX, INT64_MAX, 0, -1 };

    return one_in(200) ? odd[draw(MC_ARRAY_LEN(odd))] : now;
}

static void put16(uint8_t *p, uint32_t v)
{
    p[0] = (uint8_t)(v >> 8);
    p[1] = (uint8_t)v;
}

static void put32(uint8_t *p, uint32_t v)
{
    put16(p, v >> 16);
    put16(p + 2, v);
}

/* The frame of 's', a segment of IPv4 without options but timestamps; returns what of it is captured. */
static uint32_t write_frame(uint8_t *frame, const mc_segment *s)
{
    uint32_t header = (s->has & MC_HAS_TS) != 0 ? 32 : 20;
    uint8_t *ip = frame + 14, *tcp = ip + 20;

    memset(frame, 0, FRAME);
    put16(frame + 12, 0x0800);
    ip[0] = 0x45;
    put16(ip + 2, 20 + header + s->len);
    put16(ip + 4, s->ip_id);
    ip[6] = (s->has & MC_HAS_DF) != 0 ? 0x40 : 0;
    ip[8] = s->ttl;
    ip[9] = 6;
    memcpy(ip + 12, s->src + 12, 4);
    memcpy(ip + 16, s->dst + 12, 4);
    put16(tcp, s->sport);
    put16(tcp + 2, s->dport);
    put32(tcp + 4, s->seq);
    put32(tcp + 8, s->ack);
    tcp[12] = (uint8_t)(header << 2);
    tcp[13] = s->flags;
    put16(tcp + 14, s->win);
    if (header > 20) {
        put32(tcp + 20, 0x0101080a);
        put32(tcp + 24, s->ts_val);
        put32(tcp + 28, s->ts_ecr);
    }
    if (s->captured > 0)
        memcpy(tcp + header, s->payload, s->captured);
    return 34 + header + s->captured;
}

/* Segments on their way to an analysis. */
/* Adds 's', decoded; or, if it is 'plain', as it lies in its packet. */
static void add(batch *b, const mc_analysis *a, const mc_segment *s, bool plain, int64_t now)
{
    mc_headers headers;
    mc_packet *packet;
    mc_match *m = place(b, a, s, 66, now, &packet);

    if (plain) {
        bool found = mc_decode_find(packet, &headers) && (mc_decode_is_bare(&headers) || mc_decode_has_timestamps(&headers));

        CHECK(found);
        if (found)
            mc_match_plain(m, mc_decode_summary(&headers, false, mc_decode_has_timestamps(&headers) ? headers.tcp + 24 : NULL), packet);
    }
}

static bool is_plain(const mc_segment *s)
{
    return (s->flags & (uint8_t)~MC_TH_PSH) == MC_TH_ACK && s->len_known && !s->sack_cut && (s->has & MC_HAS_IPID) != 0 &&
           (s->has & ~(MC_HAS_IPID | MC_HAS_DF | MC_HAS_TS)) == 0;
}

static void compare(const mc_analysis *a, const mc_analysis *b)
{
    CHECK(mc_flows_count(a->flows) > CONNECTIONS);           /* some pairs are used again */
    compare_connections(a->flows, b->flows);
    compare_dialogues(&a->speech, &b->speech);
    CHECK(a->direction[0].counts.repeated_frames > 0 && a->direction[1].counts.repeated_frames > 0);
    CHECK(memcmp(a->direction, b->direction, sizeof a->direction) == 0);
    CHECK(is_same_hist(&a->to_server, &b->to_server));
    CHECK(is_same_hist(&a->to_client, &b->to_client));
    CHECK(is_same_hist(&a->response, &b->response));
    CHECK(is_same_hist(&a->think, &b->think));
    CHECK(is_same_hist(&a->rtt[0], &b->rtt[0]));
    CHECK(is_same_hist(&a->rtt[1], &b->rtt[1]));
    CHECK(memcmp(&a->slow_answers, &b->slow_answers, sizeof a->slow_answers) == 0);
    CHECK_EQ(a->timeline.used, b->timeline.used);
    CHECK(memcmp(a->timeline.buckets, b->timeline.buckets, a->timeline.used * sizeof *a->timeline.buckets) == 0);
    CHECK_EQ(a->time_regressions, b->time_regressions);
    CHECK_EQ(a->idle_gaps, b->idle_gaps);
    CHECK_EQ(a->max_idle_ns, b->max_idle_ns);
    CHECK_EQ(a->not_kept, b->not_kept);
    CHECK(a->talks.facts.tls.connections > 0 && a->talks.facts.http.connections > 0);
    CHECK(memcmp(&a->talks.facts.tls, &b->talks.facts.tls, sizeof a->talks.facts.tls) == 0);
    CHECK(memcmp(&a->talks.facts.http, &b->talks.facts.http, sizeof a->talks.facts.http) == 0);
    CHECK_EQ(a->segments, b->segments);
    CHECK_EQ(a->pool.used, b->pool.used);
}

/* Some at a time on the fast paths, one by one on the full path. */
static void test_all_ways_leave_the_same_behind(void)
{
    static batch some, one;
    mc_options options = MC_OPTIONS_INIT;
    mc_endpoint server;
    mc_analysis *a = calloc(1, sizeof *a), *b = calloc(1, sizeof *b);
    mc_error err;
    track tracks[AT_ONCE];
    int64_t now = 1700000000 * MC_NS_PER_S;
    unsigned i, at;

    CHECK(a != NULL && b != NULL && mc_endpoint_parse(&server, "10.0.0.1", 443, &err) == MC_OK &&
          mc_analysis_init(a, &server, &options, &err) == MC_OK &&
          mc_analysis_init(b, &server, &options, &err) == MC_OK);
    b->flows->switches.full_path_only = true;
    if (one_in(2))
        a->flows->switches.scattered_from = 0;
    some.first = one.first = 1;
    for (at = 0; at < AT_ONCE; at++)
        begin(&tracks[at], (uint16_t)(10000 + at));
    for (i = AT_ONCE; i < CONNECTIONS + AT_ONCE;) {
        mc_segment s;
        unsigned copies;
        int64_t when;

        at = draw(AT_ONCE);
        make_segment(&tracks[at], &s);
        now = later(now);
        when = time_of(now);
        for (copies = one_in(12) ? 2 : 1; copies > 0; copies--) {     /* some are captured twice */
            add(&some, a, &s, is_plain(&s) && one_in(2), when);
            if (some.count == BATCH || one_in(30))
                flush(&some, a);
            add(&one, b, &s, false, when);
            flush(&one, b);
        }
        if (one_in(25))
            begin(&tracks[at], (uint16_t)(10000 + i++));
    }
    flush(&some, a);
    compare(a, b);
    mc_analysis_free(a);
    mc_analysis_free(b);
    free(a);
    free(b);
}

int main(int argc, char **argv)
{
    long round, rounds = argc > 1 ? atol(argv[1]) : 10;

    for (round = 0; round < rounds; round++) {
        draw_from((unsigned long)round);
        RUN(test_all_ways_leave_the_same_behind);
    }
    return DONE();
}
