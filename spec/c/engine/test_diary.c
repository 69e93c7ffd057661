/*
 * test_diary.c: what an entry holds, what TLS says in plain text, and which of many entries are selected.
 */
#include "engine/diary.h"

#include "check.h"
#include "tcp/rules.h"

#define C MC_CLIENT
#define S MC_SERVER

static mc_diary *diary;
static mc_conn conn;
static uint64_t frame;

static void begin(void)
{
    const mc_flow_key key = { .peer_port = 40000, .server_port = 443 };

    mc_diary_close(diary);
    diary = mc_diary_open(&key);
    CHECK(diary != NULL);
    memset(&conn, 0, sizeof conn);
    mc_endpoint_state_init(&conn.endpoint[C]);
    mc_endpoint_state_init(&conn.endpoint[S]);
    conn.endpoint[C].base = 1000;
    conn.endpoint[S].base = 5000;
    conn.begin = 1;
    frame = 0;
}

static mc_segment segment(uint8_t flags, uint32_t seq, const void *payload, uint32_t len)
{
    return (mc_segment){ .flags = flags, .seq = seq, .ack = 5001, .len = len, .len_known = true, .payload = payload,
                         .captured = len, .win = 1000 };
}

/* What came of it. */
static const mc_diary_entry *note(unsigned dir, const mc_segment *s, int ms, const mc_diary_news *more)
{
    mc_diary_news n = more != NULL ? *more : (mc_diary_news){ .fresh = s->len };

    n.conn = &conn;
    n.dir = dir;
    n.segment = s;
    n.frame = ++frame;
    n.now = ms * MC_NS_PER_MS;
    mc_diary_note(diary, &n);
    return mc_diary_at(diary, mc_diary_size(diary) - 1);
}

static const mc_diary_entry *say(unsigned dir, const void *payload, uint32_t len, int ms)
{
    const mc_segment s = segment(MC_TH_ACK, 1001, payload, len);

    return note(dir, &s, ms, NULL);
}

static void test_an_entry(void)
{
    const mc_diary_entry *e;
    mc_segment s;

    begin();
    s = segment(MC_TH_SYN, 1000, NULL, 0);
    s.has = MC_HAS_MSS | MC_HAS_TS;
    s.mss = 1460;
    s.ts_val = 7;
    e = note(C, &s, 0, NULL);
    CHECK_EQ(e->seq, 0);
    CHECK_EQ(e->raw_seq, 1000);
    CHECK_EQ(e->ack, 0);                         /* no flag, no number */
    CHECK_EQ(e->mss, 1460);
    CHECK_EQ(e->ts_val, 7);
    CHECK_EQ(e->window, 1000);
    CHECK_EQ(e->wait_ns, -1);
    CHECK_EQ(e->since_ns, -1);

    conn.endpoint[C].scale = 3;
    conn.endpoint[C].dup = 2;
    s = segment(MC_TH_ACK, 1001, NULL, 0);
    s.has = MC_HAS_SACK;
    s.sack_count = 2;
    s.sack[0][0] = 5101;
    s.sack[0][1] = 5201;
    s.sack[1][0] = 5301;
    s.sack[1][1] = 5401;
    e = note(C, &s, 10, &(mc_diary_news){ .events = MC_TCP_DUPLICATE_ACK });
    CHECK_EQ(e->seq, 1);
    CHECK_EQ(e->ack, 1);
    CHECK_EQ(e->window, 8000);
    CHECK_EQ(e->dup, 2);
    CHECK_EQ(e->sack[0][0], 101);
    CHECK_EQ(e->sack[1][1], 401);
    CHECK_EQ(e->mss, 0);

    e = note(C, &s, 20, &(mc_diary_news){ .verdict = 1, .since_ns = 5 });
    CHECK_EQ(e->since_ns, 5);
    CHECK_EQ(e->dup, 0);
    e = note(C, &s, 20, &(mc_diary_news){ .timeless = true });
    CHECK_EQ(e->time_ns, MC_NO_TIME);
}

static void test_waits(void)
{
    const mc_segment s = segment(MC_TH_ACK, 1001, "x", 1);

    begin();
    CHECK_EQ(say(C, "GET", 3, 0)->wait_ns, -1);              /* nobody has spoken before */
    CHECK_EQ(say(C, "GET", 3, 100)->wait_ns, -1);
    CHECK_EQ(say(S, "yes", 3, 400)->wait_ns, 300 * MC_NS_PER_MS);
    CHECK_EQ(note(C, &s, 500, &(mc_diary_news){ .fresh = 0 })->wait_ns, -1);         /* nothing new */
    CHECK_EQ(note(C, &s, 500, &(mc_diary_news){ .fresh = 1, .timeless = true })->wait_ns, -1);
    CHECK_EQ(say(C, "", 0, 500)->wait_ns, -1);
    CHECK_EQ(say(C, "GET", 3, 600)->wait_ns, 200 * MC_NS_PER_MS);
    conn.begin = 2;                              /* another connection of the pair: nobody has spoken on it */
    CHECK_EQ(say(S, "yes", 3, 700)->wait_ns, -1);
}

/* The beginning of a hello with nothing in it, 'client' or server; its length. */
static uint32_t hello(uint8_t b[64], bool client)
{
    const uint32_t body = client ? 39 : 38;

    memset(b, 0, 64);
    memcpy(b, (const uint8_t[]){ 22, 3, 3, 0, (uint8_t)(body + 4), client ? 1 : 2, 0, 0, (uint8_t)body, 3, 3 }, 11);
    if (client) {
        b[9 + 34 + 2] = 0;                       /* no session, no suite ... */
        b[9 + 37] = 1;                           /* ... one compression */
    }
    return body + 9;
}

static void test_what_tls_says(void)
{
    static const uint8_t again[] = { 0xcf, 0x21, 0xad, 0x74, 0xe5, 0x9a, 0x61, 0x11 };
    static const uint8_t alert[] = { 21, 3, 3, 0, 2, 2, 48 }, data[] = { 23, 3, 3, 0, 4, 1, 2, 3, 4 };
    const mc_tls_told *t;
    uint8_t b[64];
    uint32_t n;
    unsigned i;

    begin();
    CHECK(mc_diary_tls(diary, 1) == NULL);
    say(S, data, sizeof data, 0);                /* 1: before any hello */
    n = hello(b, true);
    CHECK_STR(say(C, b, n, 1)->says, "TLS 1.2 ClientHello");
    say(C, b, n, 2);                             /* 3: the first one counts */
    n = hello(b, false);
    memcpy(b + 11, again, sizeof again);
    say(S, b, n, 3);
    say(S, b, n, 4);
    n = hello(b, false);
    say(S, b, n, 5);
    say(S, b, n, 6);
    say(C, data, sizeof data, 7);                /* 8: the client's is no answer */
    say(S, data, sizeof data, 8);
    say(S, data, sizeof data, 9);
    t = mc_diary_tls(diary, 1);
    CHECK(t != NULL);
    if (t == NULL)
        return;
    CHECK_EQ(t->client_frame, 2);
    CHECK_EQ(t->retry_frame, 4);
    CHECK_EQ(t->server_frame, 6);
    CHECK_EQ(t->server_ns, 5 * MC_NS_PER_MS);
    CHECK_EQ(t->data_frame, 9);
    CHECK_EQ(t->alerts, 0);
    for (i = 0; i < MC_TLS_ALERTS + 2; i++)
        say(S, alert, sizeof alert, 10);
    CHECK_EQ(t->alerts, MC_TLS_ALERTS + 2);
    CHECK_EQ(t->alert[0].frame, 11);
    CHECK_EQ(t->alert[0].dir, S);
    CHECK(t->alert[MC_TLS_ALERTS - 1].fatal);
    CHECK_STR(t->alert[MC_TLS_ALERTS - 1].name, "unknown_ca");
}

static void test_tls_of_several_connections(void)
{
    uint8_t b[64];
    uint32_t n;
    unsigned i;

    begin();
    n = hello(b, true);
    for (i = 1; i <= MC_TLS_TOLD + 1; i++) {
        conn.begin = i;
        say(C, b, n, (int)i);
    }
    for (i = 1; i <= MC_TLS_TOLD; i++)
        CHECK(mc_diary_tls(diary, i) != NULL && mc_diary_tls(diary, i)->client_frame == i);
    CHECK(mc_diary_tls(diary, MC_TLS_TOLD + 1) == NULL);     /* the first ones are kept */
}

/* Sends the client's hello in two pieces, the second one as it is told. */
static const char *rest(const mc_segment *second, unsigned dir, bool copy)
{
    static uint8_t b[64];
    mc_segment s;
    const uint32_t n = hello(b, true);

    begin();
    s = segment(MC_TH_ACK, 1001, b, 20);
    CHECK_STR(note(C, &s, 0, NULL)->says, "TLS ClientHello begins");
    s = *second;
    s.payload = b + 20;
    if (s.len == 0)
        s.len = s.captured = n - 20;
    return note(dir, &s, 1, &(mc_diary_news){ .fresh = s.len, .copy = copy })->says;
}

static void test_a_hello_that_goes_on(void)
{
    mc_segment s = segment(MC_TH_ACK, 1021, NULL, 0);

    CHECK_STR(rest(&s, C, false), "TLS 1.2 ClientHello");
    CHECK(mc_diary_tls(diary, 1) != NULL && mc_diary_tls(diary, 1)->client_frame == 2);
    CHECK_STR(rest(&s, C, true), "");            /* the same packet, captured twice */
    CHECK_STR(rest(&s, S, false), "");
    s.seq = 1022;
    CHECK_STR(rest(&s, C, false), "");           /* a byte is missing */
    s = segment(MC_TH_ACK, 1021, NULL, 10);
    CHECK_STR(rest(&s, C, false), "TLS ClientHello goes on");
    s.captured = 5;
    CHECK_STR(rest(&s, C, false), "");           /* not all of it was captured */
    conn.begin = 2;
    s.len = s.captured = 28;
    s.seq = 1031;
    CHECK_STR(note(C, &s, 2, NULL)->says, "");   /* of another connection */
}

static void test_a_hello_that_is_too_long(void)
{
    static uint8_t b[MC_FIRST_WORDS_MOST + 100];
    mc_segment s;

    begin();
    hello(b, true);
    memcpy(b + 3, (const uint8_t[]){ 0x40, 0x40, 1, 0, 0x40, 0x3c }, 6);
    s = segment(MC_TH_ACK, 1001, b, 1000);
    CHECK_STR(note(C, &s, 0, NULL)->says, "TLS ClientHello begins");
    s = segment(MC_TH_ACK, 2001, b + 1000, MC_FIRST_WORDS_MOST - 999);
    CHECK_STR(note(C, &s, 1, NULL)->says, "");
    CHECK(!diary->no_memory);
    s = segment(MC_TH_ACK, 2001 + MC_FIRST_WORDS_MOST - 999, b, 10);
    CHECK_STR(note(C, &s, 2, NULL)->says, "TLS ClientHello begins");         /* it starts anew */
}

static void test_causes_that_change(void)
{
    const mc_segment s = segment(MC_TH_ACK, 1001, "x", 1);

    begin();
    note(C, &s, 0, NULL);
    note(C, &s, 1, &(mc_diary_news){ .cause = 1 + MC_RESENT_unsettled });
    note(C, &s, 2, NULL);
    mc_diary_recount(diary, 2, MC_RESENT_arrived);
    CHECK_EQ(mc_diary_at(diary, 1)->cause, 1 + MC_RESENT_arrived);
    mc_diary_recount(diary, 3, MC_RESENT_arrived);           /* it was not sent again */
    CHECK_EQ(mc_diary_at(diary, 2)->cause, 0);
    mc_diary_recount(diary, 9, MC_RESENT_arrived);           /* not in the diary */
    mc_diary_recount(diary, 0, MC_RESENT_arrived);
    CHECK_EQ(mc_diary_at(diary, 0)->cause, 0);
}

/* A hundred acknowledgements, 1 ms after each other. */
static void bore(unsigned count)
{
    const mc_segment s = segment(MC_TH_ACK, 1001, NULL, 0);
    unsigned i;

    for (i = 0; i < count; i++)
        note(C, &s, (int)frame, NULL);
}

static bool is_shown(uint64_t of)
{
    return mc_diary_at(diary, (uint32_t)of - 1)->shown;
}

/* What weighs alone among many others is selected with its neighbours, or without. */
static void expect_selected(const mc_segment *s, const mc_diary_news *news, bool neighbours)
{
    begin();
    bore(50);
    note(C, s, 50, news);
    bore(49);
    CHECK(mc_diary_select(diary, 1, 0, UINT64_MAX, 24) <= 25);
    CHECK(is_shown(51));
    CHECK_EQ(is_shown(50), neighbours);
    CHECK_EQ(is_shown(52), neighbours);
    CHECK(is_shown(1) && is_shown(100));
}

static void test_what_is_selected(void)
{
    mc_segment s = segment(MC_TH_ACK, 1001, "GET / HTTP/1.1\r\n", 16);
    unsigned i;

    begin();
    bore(100);
    CHECK_EQ(mc_diary_select(diary, 1, 0, UINT64_MAX, 24), 14);      /* its beginning and its end */
    CHECK_EQ(mc_diary_select(diary, 1, 0, UINT64_MAX, 1000), 100);
    CHECK_EQ(mc_diary_select(diary, 1, 0, UINT64_MAX, 40), 20);
    CHECK_EQ(mc_diary_select(diary, 1, 20, 29, 1000), 10);
    CHECK(is_shown(20) && is_shown(29) && !is_shown(19) && !is_shown(30));
    CHECK_EQ(mc_diary_select(diary, 2, 0, UINT64_MAX, 1000), 0);     /* no such connection */
    CHECK_EQ(mc_diary_select(diary, 1, 101, UINT64_MAX, 1000), 0);

    expect_selected(&s, NULL, false);            /* words */
    s = segment(MC_TH_ACK, 1001, "x", 1);
    expect_selected(&s, &(mc_diary_news){ .cause = 1 + MC_RESENT_lost_behind }, true);
    expect_selected(&s, &(mc_diary_news){ .verdict = 1 }, true);
    expect_selected(&s, &(mc_diary_news){ .events = MC_TCP_LOST_SEGMENT }, true);
    expect_selected(&s, &(mc_diary_news){ .events = MC_TCP_ZERO_WINDOW }, true);
    expect_selected(&s, &(mc_diary_news){ .events = MC_TCP_DUPLICATE_ACK }, false);
    expect_selected(&s, &(mc_diary_news){ .copy = true }, false);
    s.flags |= MC_TH_FIN;
    expect_selected(&s, NULL, true);
    s.flags = MC_TH_RST;
    expect_selected(&s, NULL, true);

    /* a silence */
    s.flags = MC_TH_ACK;
    for (i = 0; i < 2; i++) {
        begin();
        bore(50);
        note(C, &s, i == 0 ? 1000 : 2000, &(mc_diary_news){ .fresh = 0 });
        for (frame = 2000; frame < 2049;)
            bore(1);
        mc_diary_select(diary, 1, 0, UINT64_MAX, 24);
        CHECK(is_shown(51));
        CHECK_EQ(mc_diary_at(diary, 49)->shown, i == 1);
    }
}

static void test_what_weighs_more_comes_first(void)
{
    mc_segment s = segment(MC_TH_ACK, 1001, "GET / HTTP/1.1\r\n", 16), fin = segment(MC_TH_ACK | MC_TH_FIN, 1001, NULL, 0);
    unsigned i;

    begin();
    bore(10);
    for (i = 0; i < 40; i++)
        note(C, &s, (int)frame, NULL);
    note(C, &fin, (int)frame, NULL);
    bore(10);
    mc_diary_select(diary, 1, 0, UINT64_MAX, 8);
    CHECK(is_shown(51));
    /* entries of another connection between are not told */
    begin();
    bore(5);
    conn.begin = 2;
    note(C, &fin, 10, NULL);
    conn.begin = 1;
    bore(5);
    CHECK_EQ(mc_diary_select(diary, 1, 0, UINT64_MAX, 100), 10);
    CHECK(!is_shown(6));
}

static void test_whose_it_is(void)
{
    mc_flow_key key = { .peer_port = 40000, .server_port = 443 };

    begin();
    CHECK(!mc_diary_is_of(NULL, &key));
    CHECK(mc_diary_is_of(diary, &key));
    key.server_port = 444;
    CHECK(!mc_diary_is_of(diary, &key));
    key.server_port = 40000;
    key.peer_port = 443;
    CHECK(!mc_diary_is_of(diary, &key));
    key.both = true;                             /* of one host with itself, from the other end */
    CHECK(mc_diary_is_of(diary, &key));
    key.peer[1] = 1;
    CHECK(!mc_diary_is_of(diary, &key));
}

int main(void)
{
    RUN(test_an_entry);
    RUN(test_waits);
    RUN(test_what_tls_says);
    RUN(test_tls_of_several_connections);
    RUN(test_a_hello_that_goes_on);
    RUN(test_a_hello_that_is_too_long);
    RUN(test_causes_that_change);
    RUN(test_what_is_selected);
    RUN(test_what_weighs_more_comes_first);
    RUN(test_whose_it_is);
    mc_diary_close(diary);
    mc_diary_close(NULL);
    return DONE();
}
