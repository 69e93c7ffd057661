/*
 * test_talk.c: who is listened to and for how long: HTTP, PROXY headers, tunnels, connections whose
 * beginning is not there, and many at once.
 */
#include "hearing.h"

static void says_from(const char *text)
{
    said_now.len = strlen(text);
    memcpy(said_now.p, text, said_now.len);
}

/* What said_now says, of a connection that is not listened to. */
static uint32_t late_now(unsigned dir)
{
    const mc_heard h = { .payload = said_now.p, .captured = (uint32_t)said_now.len, .len = (uint32_t)said_now.len,
                         .seq = seq[dir], .hash = mc_flows_hash(flows, &key), .dir = dir, .turn = true, .timed = true,
                         .now = now_ns, .took = -1, .frame = ++frame };

    flags = mc_talks_hear_late(&talks, flows, conn, &h);
    conn->flags = (conn->flags & ~TURNS) | flags;
    seq[dir] += (uint32_t)said_now.len;
    return flags;
}

static uint32_t hear_late(unsigned dir, hello o)
{
    said_now.len = 0;
    says_hello(&said_now, o);
    return late_now(dir);
}

static void test_answers(void)
{
    static const unsigned status[] = { 200, 404, 503, 500, 502, 504, 200 };
    char text[60];
    size_t i;

    hear_one();
    for (i = 0; i < MC_ARRAY_LEN(status); i++) {
        CHECK_EQ(hear_text(C, GET), TURNS);
        snprintf(text, sizeof text, "HTTP/1.1 %u Reason\r\n\r\n", status[i]);
        CHECK_EQ(hear_text(S, text), TURNS);
    }
    tell();
    CHECK_EQ(row.speaks, MC_SPEAKS_HTTP);
    CHECK_EQ(row.http.requests, 7);
    CHECK_EQ(row.http.answers, 7);
    CHECK_EQ(row.http.status[0], 200);
    CHECK_EQ(row.http.count[0], 2);
    CHECK_EQ(row.http.status[3], 500);
    CHECK_EQ(row.http.others, 2);                /* a fifth code and a sixth */
    CHECK(!row.http.unanswered);
    CHECK_EQ(facts.http.connections, 1);
    CHECK_EQ(facts.http.kind[MC_HTTP_FINE], 3);
    CHECK_EQ(facts.http.kind[MC_HTTP_FAILED], 1);
    CHECK_EQ(facts.http.kind[MC_HTTP_GATEWAY], 3);
    CHECK_EQ(facts.http.examples[MC_HTTP_GATEWAY].count, 3);
    CHECK_EQ(facts.http.examples[MC_HTTP_GATEWAY].frame[0], 6);
    CHECK_EQ(facts.http.examples[MC_HTTP_FINE].count, 0);
    CHECK_EQ(facts.http.took[MC_HTTP_FINE].count, 3);
    CHECK_EQ(facts.http.status[504 - 100], 1);
}

static void test_interim_answers(void)
{
    hear_one();
    hear_text(C, GET);
    CHECK_EQ(hear_text(S, "HTTP/1.1 100 Continue\r\n\r\n"), ALL);        /* the answer is to come, in this turn or not */
    CHECK_EQ(hear_text(S, "HTTP/1.1 103 Early Hints\r\n\r\n"), ALL);
    CHECK_EQ(hear_text(S, "HTTP/1.1 201 Created\r\n\r\n"), TURNS);
    CHECK_EQ(hear_text(S, "HTTP/1.1 100 Continue\r\n\r\n"), TURNS);      /* of no request */
    tell();
    CHECK_EQ(row.http.answers, 1);
    CHECK_EQ(row.http.status[0], 100);
    CHECK_EQ(row.http.count[0], 2);
    CHECK_EQ(row.http.status[2], 201);
    CHECK_EQ(facts.http.status[0], 2);
    CHECK_EQ(facts.http.status[3], 1);
    CHECK_EQ(facts.http.answers, 1);
}

static void test_another_protocol_takes_over(void)
{
    hear_one();
    hear_text(C, GET);
    CHECK_EQ(hear_text(S, "HTTP/1.1 101 Switching Protocols\r\n\r\n"), NOTHING);
    tell();
    CHECK_EQ(row.http.status[0], 101);
    CHECK_EQ(row.speaks, MC_SPEAKS_HTTP);
}

static void test_a_tunnel(void)
{
    hear_one();
    hear_text(C, "CONNECT a.example:443 HTTP/1.1\r\n\r\n");
    CHECK_EQ(hear_text(S, "HTTP/1.1 403 Forbidden\r\n\r\n"), TURNS);
    hear_text(C, "CONNECT a.example:443 HTTP/1.1\r\n\r\n");
    CHECK_EQ(hear_text(S, "HTTP/1.1 200 OK\r\n\r\n"), ALL);
    CHECK_EQ(HEAR(C, says_hello(&said_now, (hello){ .name = "a.example", .tls13 = true })), ALL);
    tell();
    CHECK_EQ(row.speaks, MC_SPEAKS_TLS);
    CHECK_STR(row.tls.sni, "a.example");
    CHECK_EQ(row.http.answers, 2);
    CHECK_EQ(facts.http.connections, 1);
    CHECK_EQ(facts.tls.connections, 1);
    hear_connection(2);                          /* HTTP in HTTP is one connection of it */
    hear_text(C, "CONNECT a.example:80 HTTP/1.1\r\n\r\n");
    hear_text(S, "HTTP/1.1 200 OK\r\n\r\n");
    CHECK_EQ(hear_text(C, GET), TURNS);
    CHECK_EQ(hear_text(S, FINE), TURNS);
    tell();
    CHECK_EQ(row.http.answers, 2);
    CHECK_EQ(facts.http.connections, 2);
}

/* HEAD, and requests one behind the other: each turn's first line counts. */
static void test_requests_in_one_turn(void)
{
    hear_one();
    hear_text(C, "HEAD / HTTP/1.1\r\n\r\n");
    hear_text(S, FINE);
    hear_text(C, GET GET GET);
    hear_text(S, FINE FINE FINE);
    tell();
    CHECK_EQ(row.http.requests, 2);
    CHECK_EQ(row.http.answers, 2);
}

static void test_an_answer_without_beginning(void)
{
    int i;

    hear_one();
    hear_text(C, GET);
    for (i = 0; i < 8; i++)
        CHECK_EQ(hear_text(S, "the middle of something"), ALL);
    CHECK_EQ(hear_text(S, "the middle of something"), TURNS);            /* it has had its time */
    tell();
    CHECK_EQ(row.http.answers, 0);
    CHECK(!row.http.unanswered);
    hear_text(C, GET);
    tell();
    CHECK(row.http.unanswered);
    CHECK_EQ(row.http.unanswered_frame, 11);
    hear_text(S, "the middle of something");
    CHECK_EQ(hear_text(S, FINE), TURNS);
    tell();
    CHECK_EQ(row.http.answers, 1);
    CHECK_EQ(hear_text(S, "more of a body"), TURNS);
    CHECK_EQ(hear_text(C, "more of a request"), TURNS);
}

static void test_what_is_not_timed(void)
{
    hear_one();
    untimed = true;
    hear_text(C, GET);
    hear_text(S, FINE);
    tell();
    CHECK_EQ(facts.http.took[MC_HTTP_FINE].count, 0);
    CHECK_EQ(row.http.slowest_ns, -1);
    CHECK_EQ(row.http.slowest_status, 200);
}

/* ---------------------------------------------------------------- what begins */

static void test_other_protocols(void)
{
    hear_one();
    CHECK_EQ(hear_text(C, PREFACE), NOTHING);
    tell();
    CHECK_EQ(row.speaks, MC_SPEAKS_HTTP2);
    CHECK_EQ(facts.http.http2, 1);
    hear_connection(2);
    CHECK_EQ(hear_text(S, "220 mail.example ESMTP\r\n"), NOTHING);
    tell();
    CHECK_EQ(row.speaks, MC_SPEAKS_UNKNOWN);
    hear_connection(3);
    CHECK_EQ(hear_text(C, "\x16\x09\1\0\5hello"), NOTHING);
    hear_connection(4);
    CHECK_EQ(hear_text(C, "\x16\3\1\xff\xffhello"), NOTHING);
    hear_connection(5);
    CHECK_EQ(hear_text(C, "GET"), ALL);          /* a word, which may be one of HTTP's */
    CHECK_EQ(hear_text(C, " / HTTP/1.1\r\n\r\n"), TURNS);
    hear_connection(6);
    CHECK_EQ(hear_text(C, "HELO"), ALL);
    CHECK_EQ(hear_text(C, " example\r\n"), NOTHING);
    tell();
    CHECK_EQ(facts.tls.connections, 0);
    CHECK_EQ(facts.http.connections, 1);
}

/* What begins with a byte that nothing known begins with is not kept, unless it may be the middle of something. */
static void test_what_nobody_knows_is_not_kept(void)
{
    uint64_t memory;
    unsigned i;

    hear_one();
    CHECK_EQ(hear_text(C, "\x05\x01 a request of its own"), NOTHING);
    CHECK_EQ(mc_talks_memory(&talks), 0);
    hear_connection(2);
    CHECK_EQ(hear_text(C, "ZREM key"), NOTHING); /* that is known a byte later */
    memory = mc_talks_memory(&talks);
    for (i = 100; i < 300; i++) {
        hear_connection(i);
        CHECK_EQ(hear_text(C, "ZREM key"), NOTHING);
    }
    CHECK_EQ(mc_talks_memory(&talks), memory);
    hear_connection(2);
    hear_text(C, PROXY_1 "ZREM key");
    tell();
    CHECK_EQ(row.proxy, 1);                      /* of this one there is */
    hear_connection(3);
    CHECK_EQ(hear_at(C, 104, " / HTTP/1.1\r\n\r\n", 15, 15), ALL);         /* not the first byte: a method comes before it */
    CHECK_EQ(hear_at(C, 101, "GET", 3, 3), TURNS);
    hear_middle(4);
    CHECK_EQ(hear_text(C, "\x05\x01 the rest of a body"), TURNS);
    CHECK_EQ(hear_text(S, FINE), TURNS);
    tell();
    CHECK_EQ(row.http.answers, 1);
}

static void test_a_word_that_is_cut_off(void)
{
    hear_one();
    CHECK_EQ(hear_at(C, 101, "GET", 3, 200), NOTHING);       /* more of it will not be there */
    tell();
    CHECK_EQ(row.speaks, MC_SPEAKS_UNKNOWN);
}

static void test_nothing_to_hear(void)
{
    hear_one();
    CHECK_EQ(hear_nothing(C, 100), NOTHING);
    tell();
    CHECK_EQ(row.speaks, MC_SPEAKS_UNKNOWN);
    hear_connection(2);
    hear_text(C, GET);
    tell();
    CHECK(row.http.unanswered);
    CHECK_EQ(hear_nothing(S, 100), TURNS);       /* an answer that cannot be read is one; the next may be */
    tell();
    CHECK(!row.http.unanswered);
    talks.wanted = false;
    hear_connection(3);
    CHECK_EQ(hear_text(C, GET), NOTHING);
}

/* Behind plain words, of which nothing was kept. */
static void test_what_begins_late(void)
{
    static const uint8_t record[] = { 22, 3, 3, 0, 40, 1, 0, 0, 36, 3, 3, 9 };

    hear_one();
    CHECK_EQ(hear_text(S, "220 mail.example ESMTP\r\n"), NOTHING);
    CHECK_EQ(hear_late(C, (hello){ .name = "a.example", .tls13 = true }), ALL);
    CHECK_EQ(HEAR(S, says_server_hello(&said_now, (hello){ .tls13 = true })), ALL);
    tell();
    CHECK_EQ(row.speaks, MC_SPEAKS_TLS);
    CHECK_STR(row.tls.sni, "a.example");
    CHECK_EQ(row.tls.version, 0x0304);
    CHECK_EQ(facts.tls.connections, 1);
    CHECK_EQ(hear_late(C, (hello){ .name = "b.example", .tls13 = true }), NOTHING);      /* TLS within TLS is encrypted */
    tell();
    CHECK_STR(row.tls.sni, "a.example");
    hear_connection(2);                          /* an upgrade (RFC 2817) */
    hear_text(C, GET);
    CHECK_EQ(hear_text(S, "HTTP/1.1 101 Switching Protocols\r\n\r\n"), NOTHING);
    CHECK_EQ(hear_late(C, (hello){ .name = "c.example", .tls13 = true }), ALL);
    tell();
    CHECK_STR(row.tls.sni, "c.example");
    hear_connection(3);                          /* what is upgraded to is no HTTP/1 */
    hear_text(C, GET);
    hear_text(S, "HTTP/1.1 101 Switching Protocols\r\n\r\n");
    says_from(GET);
    CHECK_EQ(late_now(C), NOTHING);
    hear_connection(4);                          /* a tunnel of SOCKS */
    CHECK_EQ(hear_text(C, "\5\1"), NOTHING);
    says_from(GET);
    CHECK_EQ(late_now(C), TURNS);
    CHECK_EQ(hear_text(S, FINE), TURNS);
    tell();
    CHECK_EQ(row.http.answers, 1);
    CHECK_EQ(mc_talks_begins_late(record, sizeof record), 0);            /* a hello of 36 bytes is none */
    CHECK_EQ(mc_talks_begins_late((const uint8_t *)"GET on with it, please", 22), 0);
    CHECK_EQ(mc_talks_begins_late((const uint8_t *)"HTTP/1.1 400 Bad Request", 24), MC_TALK_BEGINNING);
    CHECK_EQ(mc_talks_begins_late((const uint8_t *)"GET http://a.example/ HTTP/1.1", 30), MC_TALK_BEGINNING);
}

static void test_proxy_headers(void)
{
    hear_one();
    hear_text(C, PROXY_1 GET);
    hear_text(S, FINE);
    tell();
    CHECK_EQ(row.proxy, 1);
    CHECK(row.proxy_named);
    CHECK_EQ(row.proxy_port, 56324);
    CHECK_EQ(row.proxy_client[12], 203);
    CHECK_EQ(row.http.answers, 1);
    hear_connection(2);                          /* alone in its segment, and another one behind it that is none */
    CHECK_EQ(hear(C, PROXY_2, 28), ALL);
    CHECK_EQ(HEAR(C, says_hello(&said_now, (hello){ .name = "b.example" })), ALL);
    tell();
    CHECK_EQ(row.proxy, 2);
    CHECK_STR(row.tls.sni, "b.example");
    hear_connection(3);
    CHECK_EQ(hear_text(C, PROXY_1 PROXY_1), NOTHING);
    tell();
    CHECK_EQ(row.speaks, MC_SPEAKS_UNKNOWN);
    hear_connection(4);
    CHECK_EQ(hear_text(C, "PROXY UNKNOWN\r\n" GET), TURNS);
    tell();
    CHECK_EQ(row.proxy, 1);
    CHECK(!row.proxy_named);
    CHECK_EQ(facts.proxy.connections[0], 3);
    CHECK_EQ(facts.proxy.connections[1], 1);
    CHECK_EQ(facts.proxy.clients, 3);
}

/* --------------------------------------------------------- in the middle */

/* The capture began later: something begins with each turn, four times. */
static void test_a_beginning_that_is_not_there(void)
{
    unsigned i;

    begin_hearing(false);
    hear_middle(1);
    CHECK_EQ(hear_text(C, "rest of a body"), TURNS);
    CHECK_EQ(hear_text(C, "more of it"), TURNS); /* no turn */
    CHECK_EQ(hear_text(S, FINE), TURNS);
    tell();
    CHECK_EQ(row.speaks, MC_SPEAKS_HTTP);
    CHECK_EQ(row.http.answers, 1);
    hear_middle(2);
    for (i = 0; i < 4; i++)
        CHECK_EQ(hear_text(i % 2, "nothing that is known"), TURNS);
    CHECK_EQ(hear_text(C, "nothing that is known"), NOTHING);
    hear_middle(3);
    hear_text(C, "rest of a body");
    HEAR(S, says_server_hello(&said_now, (hello){ .tls13 = true }));
    tell();
    CHECK_EQ(row.speaks, MC_SPEAKS_TLS);
    CHECK_EQ(row.tls.version, 0x0304);
}

static void test_what_came_before(void)
{
    hear_one();
    CHECK_EQ(hear_at(C, 99, "\0\0" GET, (uint32_t)strlen(GET) + 2, (uint32_t)strlen(GET) + 2), TURNS);
    tell();
    CHECK_EQ(row.http.requests, 1);
    hear_connection(2);
    CHECK_EQ(hear_at(C, 91, "before", 6, 6), ALL);           /* all of it */
    CHECK_EQ(hear_text(C, GET), TURNS);
}

/* 200 segments of a beginning that never ends. */
static void test_a_beginning_that_does_not_end(void)
{
    int i;

    hear_one();
    for (i = 0; i < 199; i++)
        CHECK_EQ(hear_at(C, 200 + 3 * (uint32_t)i, "x", 1, 1), ALL);
    CHECK_EQ(hear_at(C, 900, "x", 1, 1), NOTHING);
}

/* ------------------------------------------------------------------ many */

/* The first part of a hello that needs an ear. */
static void half_a_hello(unsigned number)
{
    hear_connection(number);
    said_now.len = 0;
    says_hello(&said_now, (hello){ .name = "half.example" });
    hear(C, said_now.p, 40);
}

static void second_half(unsigned number)
{
    hear_again(number, 141, 501);
    said_now.len = 0;
    says_hello(&said_now, (hello){ .name = "half.example" });
    hear(C, said_now.p + 40, said_now.len - 40);
    tell();
}

static void test_ears_that_are_stolen(void)
{
    unsigned i;

    begin_hearing(true);
    for (i = 1; i <= 3; i++)
        half_a_hello(i);
    second_half(1);                              /* whose ear the third took */
    CHECK_EQ(row.speaks, MC_SPEAKS_TLS);
    CHECK(row.tls.sni == NULL);
    CHECK_EQ(facts.tls.client_hellos, 0);
    second_half(2);
    CHECK_STR(row.tls.sni, "half.example");
    second_half(3);
    CHECK_STR(row.tls.sni, "half.example");
    CHECK_EQ(facts.tls.client_hellos, 2);
    CHECK_EQ(facts.tls.sni[0].connections, 2);
    HEAR(S, says_server_hello(&said_now, (hello){ .tls13 = true }));     /* the other side of one without is heard */
    hear_again(1, 200, 501);
    HEAR(S, says_server_hello(&said_now, (hello){ .tls13 = true }));
    tell();
    CHECK_EQ(row.tls.version, 0x0304);
    begin_hearing(false);                        /* with as many as there are usually, each has one */
    for (i = 1; i <= 3; i++)
        half_a_hello(i);
    second_half(1);
    CHECK_STR(row.tls.sni, "half.example");
}

/* 512 are kept: one that waits for nothing makes room, and else the next one does. */
static void test_more_connections_than_are_kept(void)
{
    unsigned i;

    begin_hearing(true);
    for (i = 1; i <= 512; i++) {
        hear_connection(i);
        hear_text(C, GET);
        if (i == 30)
            hear_text(S, FINE);
    }
    tell();
    CHECK_EQ(facts.untold, 0);
    hear_connection(513);
    hear_text(C, GET);
    hear_again(30, 200, 600);
    tell();
    CHECK_EQ(row.speaks, MC_SPEAKS_UNKNOWN);     /* this one had its answer */
    CHECK_EQ(facts.untold, 0);
    hear_text(C, GET);                           /* it comes back: nobody can go now, and one is not told of */
    tell();
    CHECK_EQ(facts.untold, 1);
    CHECK_EQ(row.http.requests, 1);
    CHECK_EQ(facts.http.connections, 513);       /* 514 times, once twice */
    CHECK_EQ(facts.http.requests, 514);
    for (i = 2; i <= 513; i++) {
        hear_again(i, 200, 600);
        tell();
        CHECK_EQ(row.http.requests, i != 94);    /* the search went on for 64, and took the last */
    }
}

/* However many are kept, and had nothing to keep, in between, and come back between the same ends. */
static void test_each_one_that_is_kept_is_found(void)
{
    unsigned i;

    begin_hearing(false);
    for (i = 1; i <= 5000; i++) {
        hear_connection(i % 5 == 4 ? 4 : i);
        if (i % 3 == 0 && i % 5 != 4)
            hear_text(C, "ZREM key");
        else
            hear_text(C, GET);
        if (i % 2 == 0 && flags != NOTHING)
            hear_text(S, FINE);
    }
    for (i = 1; i <= 5000; i++) {
        if (i % 5 == 4 && i != 4)
            continue;
        hear_again(i, 200, 600);
        tell();
        CHECK_EQ(row.http.requests, i % 3 != 0);
        CHECK_EQ(row.http.answers, i == 4 ? 0 : i % 2 == 0 && i % 3 != 0);
        CHECK_EQ(row.http.unanswered, row.http.requests > row.http.answers);
    }
    CHECK_EQ(facts.http.connections, 1000 + 4000 - 1333);
    CHECK_EQ(facts.untold, 0);
}

static void test_names_that_have_no_room(void)
{
    char name[20];
    unsigned i;

    begin_hearing(true);
    for (i = 1; i <= 129; i++) {
        hear_connection(i);
        snprintf(name, sizeof name, "n%u.example", i);
        HEAR(C, says_hello(&said_now, (hello){ .name = name }));
        tell();
        CHECK_EQ(row.tls.sni != NULL, i <= 128);
    }
    CHECK_EQ(facts.tls.client_hellos, 129);
}

static void test_memory_is_counted(void)
{
    uint64_t before;

    begin_hearing(false);
    CHECK_EQ(mc_talks_memory(&talks), 0);
    half_a_hello(1);
    before = mc_talks_memory(&talks);
    CHECK(before > MC_EAR_BYTES);
    second_half(1);
    CHECK(mc_talks_memory(&talks) > before + MC_NAME_MOST);  /* names */
}

/* A server that greets in plain text, and a client that speaks TLS without having asked for it. */
static void test_a_greeting_before_a_hello(void)
{
    hear_one();
    hear_text(S, "SSH-2.0-OpenSSH_9.2\r\n");
    conn->endpoint[S].once |= MC_ONCE_DATA;
    hear_late(C, (hello){ .name = "a.example" });
    hear_text(S, "Invalid SSH identification string.\r\n");
    tell();
    CHECK_EQ(facts.tls.not_spoken.count, 1);
    CHECK_EQ(facts.tls.not_spoken.http, 0);
    CHECK_EQ(facts.tls.not_spoken.examples.frame[0], 2);
    hear_connection(2);                          /* who has asked */
    hear_text(S, "220 mail.example ESMTP\r\n");
    conn->endpoint[S].once |= MC_ONCE_DATA;
    hear_text(C, "STARTTLS\r\n");
    hear_text(S, "220 ready\r\n");
    hear_late(C, (hello){ .name = "a.example" });
    hear_text(S, "hm?\r\n");
    hear_connection(3);                          /* inside of a tunnel */
    hear_text(C, "CONNECT a.example:443 HTTP/1.1\r\n\r\n");
    hear_text(S, FINE);
    HEAR(C, says_hello(&said_now, (hello){ .name = "a.example" }));
    hear_text(S, "hm?\r\n");
    tell();
    CHECK_EQ(facts.tls.not_spoken.count, 1);
}

/* ------------------------------------------------------ plain HTTP to a port of TLS */

static void test_a_server_that_wants_tls(void)
{
    static const char told[] = "HTTP/1.1 400 Bad Request\r\nContent-Length: 80\r\n\r\n"
                               "<title>400 The plain HTTP request was sent to HTTPS port</title>";

    hear_one();
    hear_text(C, GET);
    HEAR(S, says_alert(&said_now, 2, 10));
    tell();
    CHECK_EQ(facts.http.to_tls.alerts, 1);
    CHECK_EQ(facts.http.to_tls.told, 0);
    CHECK_EQ(facts.http.to_tls.examples.frame[0], 2);
    hear_connection(2);
    hear_text(C, GET);
    hear_text(S, told);
    tell();
    CHECK_EQ(facts.http.to_tls.told, 1);
    CHECK(talks.needed > MC_TALK_BEGINNING);     /* what says so lies behind its beginning */
    hear_connection(3);                          /* no more than its beginning was kept */
    hear_text(C, GET);
    hear_at(S, seq[S], told, MC_TALK_BEGINNING, sizeof told - 1);
    hear_connection(4);                          /* another fault of the request */
    hear_text(C, GET);
    hear_text(S, "HTTP/1.1 400 Bad Request\r\n\r\nno such HTTP request");
    hear_connection(5);                          /* the answer to a later one */
    hear_text(C, GET);
    hear_text(S, FINE);
    hear_text(C, GET);
    hear_text(S, told);
    hear_text(C, GET);
    HEAR(S, says_alert(&said_now, 2, 10));
    hear_connection(6);                          /* a warning, and what is longer */
    hear_text(C, GET);
    HEAR(S, says_alert(&said_now, 1, 0));
    hear_connection(7);
    hear_text(C, GET);
    HEAR(S, says_sealed(&said_now, 21, 26));
    tell();
    CHECK_EQ(facts.http.to_tls.alerts + facts.http.to_tls.told, 2);
}

int main(void)
{
    RUN(test_answers);
    RUN(test_interim_answers);
    RUN(test_another_protocol_takes_over);
    RUN(test_a_tunnel);
    RUN(test_requests_in_one_turn);
    RUN(test_an_answer_without_beginning);
    RUN(test_what_is_not_timed);
    RUN(test_other_protocols);
    RUN(test_what_nobody_knows_is_not_kept);
    RUN(test_a_word_that_is_cut_off);
    RUN(test_nothing_to_hear);
    RUN(test_what_begins_late);
    RUN(test_proxy_headers);
    RUN(test_a_beginning_that_is_not_there);
    RUN(test_what_came_before);
    RUN(test_a_beginning_that_does_not_end);
    RUN(test_ears_that_are_stolen);
    RUN(test_more_connections_than_are_kept);
    RUN(test_each_one_that_is_kept_is_found);
    RUN(test_names_that_have_no_room);
    RUN(test_memory_is_counted);
    RUN(test_a_greeting_before_a_hello);
    RUN(test_a_server_that_wants_tls);
    stop_hearing();
    return DONE();
}
