/*
 * test_heard_paths.c: handshakes of TLS say the same on the fast paths (listen.h) as on the full one: whole streams, cut into
 * segments of any length, of which some are lost, come twice, in another order, or are cut off.
 *
 * All is drawn from a fixed row of pseudo-random numbers.  An argument is a number of rounds, each with other numbers.
 */
#include <stdlib.h>

#include "engine/analysis.h"
#include "application/talk.h"
#include "check.h"
#include "draw.h"
#include "says.h"

#define CONNECTIONS 1200
#define AT_ONCE     40               /* in hand, their segments mixed: more than there are ears */
#define BATCH       64
#define LONGEST     1460u
#define HEADERS     54u
#define FRAME       (HEADERS + LONGEST)
#define TURNS       6                /* parts of what both sides say, in turn */

#include "batches.h"

/* --------------------------------------------------------------- what is said */

#define STREAMS 6

/* Both sides in turn, the client first. */
typedef struct stream {
    said turn[TURNS];
} stream;

static stream streams[STREAMS];

static void says_many_records(said *s, certificate c, bool two)
{
    const size_t record = says_record(s, 22), message = says_message(s, 11), list = says_begin(s, 3);
    size_t one = says_begin(s, 3);

    says_der(s, &c);
    says_end(s, one, 3);
    one = says_begin(s, 3);
    say_many(s, 0x30, 1500);
    says_end(s, one, 3);
    says_end(s, list, 3);
    says_end(s, message, 3);
    says_end(s, record, 2);
    SAY(s, 22, 3, 3, 0, 8, 12, 0, 0, 4, 1, 2, 3, 4);
    if (two)                                     /* a message over two records */
        SAY(s, 22, 3, 3, 0, 6, 13, 0, 0, 4, 1, 2, 22, 3, 3, 0, 2, 3, 4);
    SAY(s, 22, 3, 3, 0, 4, 14, 0, 0, 0);
}

static void say_old(stream *x, certificate c, unsigned how)
{
    const hello asks = { .name = how == 0 ? "first.example" : "second.example" };

    says_hello(&x->turn[0], asks);
    if (how == 0) {
        says_flight(&x->turn[1], (hello){ 0 }, c);
    } else {
        says_server_hello(&x->turn[1], (hello){ 0 });
        says_many_records(&x->turn[1], c, how == 2);
    }
    SAY(&x->turn[2], 22, 3, 3, 0, 6, 16, 0, 0, 2, 9, 9);
    says_change(&x->turn[2]);
    says_sealed(&x->turn[2], 22, 40);
    SAY(&x->turn[3], 22, 3, 3, 0, 8, 4, 0, 0, 4, 9, 9, 9, 9);
    says_change(&x->turn[3]);
    says_sealed(&x->turn[3], 22, 40);
}

static void say_new(stream *x, bool alert)
{
    const hello asks = { .name = "third.example", .alpn = "h2", .tls13 = true };

    says_hello(&x->turn[0], asks);
    says_server_hello(&x->turn[1], (hello){ .tls13 = true });
    says_change(&x->turn[1]);
    says_sealed(&x->turn[1], 23, 30);
    says_sealed(&x->turn[1], 23, 2600);
    says_sealed(&x->turn[1], 23, 60);
    if (alert)
        says_alert(&x->turn[2], 2, 48);
    says_change(&x->turn[2]);
    says_sealed(&x->turn[2], 23, 60);
    says_sealed(&x->turn[3], 23, 200);
}

static void say_all(void)
{
    const certificate first = { .issuer = "CA", .subject = "a.example", .dns = "a.example", .key = 270 };
    const certificate second = { .issuer = "CA", .subject = "a.example", .dns = "b.example", .key = 270 };
    const certificate large = { .issuer = "CA", .subject = "c.example", .dns = "c.example", .key = 2000, .keys = true };
    unsigned i;

    say_old(&streams[0], first, 0);
    say_old(&streams[1], second, 1);
    say_old(&streams[2], large, 1);
    say_old(&streams[3], first, 2);
    say_new(&streams[4], false);
    say_new(&streams[5], true);
    for (i = 0; i < STREAMS; i++) {
        says_sealed(&streams[i].turn[4], 23, 300);
        says_sealed(&streams[i].turn[5], 23, 5000);
    }
}

/* ------------------------------------------------------------------ segments */

typedef struct track {
    const stream *says;
    uint32_t next[2];
    uint32_t at;                     /* of the turn in hand */
    uint16_t port;
    unsigned step, turn, faults;     /* one fault in so many segments; 0: none */
    unsigned most;                   /* bytes of a segment */
    bool held;                       /* 'late' comes after the next one */
    mc_segment late;
} track;

static void begin(track *t, uint16_t port)
{
    static const unsigned faults[] = { 0, 0, 200, 30, 8 };
    static const unsigned most[] = { LONGEST, LONGEST, 700, 90, 7 };

    memset(t, 0, sizeof *t);
    t->says = &streams[draw(STREAMS)];
    t->port = port;
    t->faults = faults[draw(MC_ARRAY_LEN(faults))];
    t->most = most[draw(MC_ARRAY_LEN(most))];
    t->next[0] = one_in(2) ? 0xfffffff0u : draw(UINT32_MAX);
    t->next[1] = draw(UINT32_MAX);
}

static void address(uint8_t *a, uint8_t last)
{
    memset(a, 0, 16);
    a[10] = a[11] = 0xff;
    a[12] = 10;
    a[15] = last;
}

static mc_segment segment_of(track *t, unsigned side, uint8_t flags)
{
    mc_segment s = { .flags = flags, .ip_version = 4, .ttl = side == 0 ? 64 : 57, .len_known = true, .win = 60000,
                     .has = MC_HAS_IPID | MC_HAS_DF, .ip_id = 1 };

    address(s.src, side == 0 ? 2 : 1);
    address(s.dst, side == 0 ? 1 : 2);
    s.sport = side == 0 ? t->port : 443;
    s.dport = side == 0 ? 443 : t->port;
    s.seq = t->next[side];
    s.ack = (flags & MC_TH_ACK) != 0 ? t->next[!side] : 0;
    return s;
}

/* The next segment of a connection; its length is 0 where all is said. */
static mc_segment next_segment(track *t)
{
    const unsigned side = t->turn & 1;
    const said *turn;
    mc_segment s;

    if (t->step < 3) {
        s = segment_of(t, t->step == 1, t->step == 0 ? MC_TH_SYN : t->step == 1 ? MC_TH_SYN | MC_TH_ACK : MC_TH_ACK);
        t->next[t->step == 1] += t->step < 2;
        t->step++;
        return s;
    }
    s = segment_of(t, side, MC_TH_ACK);
    if (t->turn == TURNS)
        return s;
    turn = &t->says->turn[t->turn];
    s.len = 1 + draw(t->most);
    if (s.len > turn->len - t->at || one_in(3))
        s.len = (uint32_t)mc_min_u64(turn->len - t->at, t->most);
    s.payload = turn->p + t->at;
    s.captured = t->faults != 0 && one_in(t->faults * 4) ? draw(s.len + 1) : s.len;
    t->next[side] += s.len;
    t->at += s.len;
    if (t->at == turn->len) {
        t->at = 0;
        t->turn++;
    }
    return s;
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

static uint32_t write_frame(uint8_t *frame, const mc_segment *s)
{
    uint8_t *ip = frame + 14, *tcp = ip + 20;

    memset(frame, 0, HEADERS);
    put16(frame + 12, 0x0800);
    ip[0] = 0x45;
    put16(ip + 2, 40 + s->len);
    put16(ip + 4, s->ip_id);
    ip[6] = 0x40;
    ip[8] = s->ttl;
    ip[9] = 6;
    memcpy(ip + 12, s->src + 12, 4);
    memcpy(ip + 16, s->dst + 12, 4);
    put16(tcp, s->sport);
    put16(tcp + 2, s->dport);
    put32(tcp + 4, s->seq);
    put32(tcp + 8, s->ack);
    tcp[12] = 0x50;
    tcp[13] = s->flags;
    put16(tcp + 14, s->win);
    if (s->captured > 0)
        memcpy(tcp + 20, s->payload, s->captured);
    return HEADERS + s->captured;
}

static void add(batch *b, const mc_analysis *a, const mc_segment *s, bool plain, int64_t now)
{
    mc_headers headers;
    mc_packet *packet;
    mc_match *m = place(b, a, s, HEADERS, now, &packet);

    if (plain && mc_decode_find(packet, &headers) && mc_decode_is_bare(&headers))
        mc_match_plain(m, mc_decode_summary(&headers, false, NULL), packet);
}

/* ------------------------------------------------------------------- results */

static bool is_same_text(const char *a, const char *b)
{
    return a == NULL || b == NULL ? a == b : strcmp(a, b) == 0;
}

static void compare_facts(mc_tls_facts a, mc_tls_facts b)
{
    uint32_t i;

    CHECK_EQ(a.certificate_count, b.certificate_count);
    for (i = 0; i < MC_TLS_CERTIFICATES; i++) {
        mc_tls_certificate *x = &a.certificate[i], *y = &b.certificate[i];

        CHECK(is_same_text(x->subject, y->subject) && is_same_text(x->issuer, y->issuer) && is_same_text(x->name, y->name));
        x->subject = x->issuer = x->name = y->subject = y->issuer = y->name = NULL;
    }
    for (i = 0; i < MC_TLS_ALERT_KINDS; i++) {
        CHECK(is_same_text(a.alert[i].sni, b.alert[i].sni));
        a.alert[i].sni = b.alert[i].sni = NULL;
    }
    CHECK(memcmp(&a, &b, sizeof a) == 0);
}

static void compare_row(mc_row_tls a, mc_row_tls b)
{
    CHECK(is_same_text(a.last_message, b.last_message) && is_same_text(a.sni, b.sni) && is_same_text(a.alpn, b.alpn));
    CHECK(is_same_text(a.alpn_offered, b.alpn_offered));
    CHECK_EQ(a.certificate != NULL, b.certificate != NULL);
    if (a.certificate != NULL && b.certificate != NULL)
        CHECK(is_same_text(a.certificate->name, b.certificate->name));
    CHECK_EQ(a.ended_behind, b.ended_behind);
    CHECK_EQ(a.version, b.version);
    CHECK_EQ(a.resumed, b.resumed);
    CHECK_EQ(a.client_frame, b.client_frame);
    CHECK_EQ(a.server_frame, b.server_frame);
    CHECK_EQ(a.server_hello_ns, b.server_hello_ns);
    CHECK_EQ(a.handshake_ns, b.handshake_ns);
    CHECK_EQ(a.first_data_ns, b.first_data_ns);
    CHECK_EQ(a.alerts, b.alerts);
    CHECK(memcmp(a.alert, b.alert, sizeof a.alert) == 0);
}

static void compare(const mc_analysis *a, const mc_analysis *b)
{
    const mc_talks *t = &a->talks, *u = &b->talks;
    uint32_t number;

    CHECK(t->facts.tls.connections > CONNECTIONS - 30);      /* of some, all beginnings are cut off or lost */
    CHECK(t->facts.tls.completed > CONNECTIONS / 3 && t->facts.tls.alerts > 0);
    CHECK(t->facts.tls.certificate_count >= 3);  /* cut off, one has no name */
    compare_facts(t->facts.tls, u->facts.tls);
    CHECK(is_same_hist(&t->server_hello, &u->server_hello));
    CHECK(is_same_hist(&t->handshake, &u->handshake));
    CHECK(is_same_hist(&t->first_data, &u->first_data));
    CHECK(is_same_hist(&a->response, &b->response) && is_same_hist(&a->think, &b->think));
    CHECK_EQ(t->names.count, u->names.count);
    CHECK_EQ(t->store.end, u->store.end);
    for (number = 1; number <= t->store.end && number <= u->store.end; number++) {
        const uint64_t begun = *(const uint64_t *)mc_store_at(&t->store, number);
        mc_row_application x, y;

        CHECK_EQ(begun, *(const uint64_t *)mc_store_at(&u->store, number));
        mc_talks_get_row(t, a->flows, number, begun, &t->facts, &x);
        mc_talks_get_row(u, b->flows, number, begun, &u->facts, &y);
        CHECK_EQ(x.speaks, y.speaks);
        compare_row(x.tls, y.tls);
    }
}

/* Some at a time on the fast paths, one by one on the full path. */
static void test_handshakes_say_the_same(void)
{
    static batch some, one;
    static track tracks[AT_ONCE];
    mc_options options = MC_OPTIONS_INIT;
    mc_endpoint server;
    mc_analysis *a = calloc(1, sizeof *a), *b = calloc(1, sizeof *b);
    mc_error err;
    int64_t now = 1700000000 * MC_NS_PER_S;
    unsigned begun, at, left = AT_ONCE;

    CHECK(a != NULL && b != NULL && mc_endpoint_parse(&server, "10.0.0.1", 443, &err) == MC_OK &&
          mc_analysis_init(a, &server, &options, &err) == MC_OK && mc_analysis_init(b, &server, &options, &err) == MC_OK);
    b->flows->switches.full_path_only = true;
    some.first = one.first = 1;
    for (begun = 0; begun < AT_ONCE; begun++)
        begin(&tracks[begun], (uint16_t)(10000 + begun));
    while (left > 0) {
        track *t = &tracks[at = draw(AT_ONCE)];
        mc_segment s;
        unsigned copies;

        if (t->turn == TURNS && !t->held) {
            if (begun == CONNECTIONS && t->port != 0)
                left--;
            if (begun < CONNECTIONS)
                begin(t, (uint16_t)(10000 + begun++));
            else
                t->port = 0;
            continue;
        }
        s = t->held && one_in(2) ? t->late : next_segment(t);
        if (t->held && s.seq == t->late.seq)
            t->held = false;
        if (t->faults != 0 && t->step == 3 && s.len > 0 && one_in(t->faults)) {
            if (t->held || one_in(3))
                continue;                        /* it is lost */
            t->late = s;
            t->held = true;
            continue;
        }
        now += draw(3) * 1000000;
        for (copies = t->faults != 0 && one_in(t->faults) ? 2 : 1; copies > 0; copies--) {
            add(&some, a, &s, !one_in(8), now);
            if (some.count == BATCH || one_in(30))
                flush(&some, a);
            add(&one, b, &s, false, now);
            flush(&one, b);
        }
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
    long round, rounds = argc > 1 ? atol(argv[1]) : 3;

    say_all();
    for (round = 0; round < rounds; round++) {
        draw_from((unsigned long)round);
        RUN(test_handshakes_say_the_same);
    }
    return DONE();
}
