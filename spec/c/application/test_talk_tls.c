/*
 * test_talk_tls.c: what handshakes of TLS say besides: alerts, certificates, where they end and what waits then.
 */
#include "hearing.h"

/* ---------------------------------------------------------------------- alerts */

static void test_an_alert_instead_of_a_hello(void)
{
    const mc_tls_alert *a;

    hear_one();
    HEAR(C, says_hello(&said_now, (hello){ .name = NAME }));
    HEAR(S, says_alert(&said_now, 2, 40));
    HEAR(C, says_alert(&said_now, 1, 0));
    HEAR(C, says_alert(&said_now, 1, 90));
    tell();
    CHECK_EQ(row.tls.alerts, 3);
    CHECK_EQ(row.tls.alert[0].code, 40);
    CHECK_EQ(row.tls.alert[0].side, S);
    CHECK_EQ(row.tls.alert[0].frame, 2);
    CHECK(row.tls.alert[0].fatal);
    CHECK_EQ(row.tls.alert[1].code, 0);
    CHECK_EQ(row.tls.alert[1].side, C);
    CHECK(!row.tls.alert[1].fatal);
    CHECK_EQ(row.tls.ended_behind, C);
    CHECK_STR(row.tls.last_message, "alert");
    CHECK_EQ(facts.tls.alerts, 3);
    CHECK_EQ(facts.tls.alert_count, 3);
    a = &facts.tls.alert[0];
    CHECK(a->code == 40 && a->side == S && a->fatal && a->before_hello);
    CHECK_STR(a->sni, NAME);
    CHECK_EQ(a->examples.count, 1);
    CHECK_EQ(a->examples.frame[0], 2);
    CHECK(!facts.tls.alert[1].before_hello);     /* the client's own */
}

/* The same from several connections is one kind; behind a hello it is another. */
static void test_kinds_of_alerts(void)
{
    unsigned i;

    begin_hearing(false);
    for (i = 1; i <= 3; i++) {
        hear_connection(i);
        HEAR(C, says_hello(&said_now, (hello){ .name = i == 1 ? NAME : "other.example" }));
        if (i == 3)
            HEAR(S, says_server_hello(&said_now, (hello){ 0 }));
        HEAR(S, says_alert(&said_now, 2, 40));
    }
    tell();
    CHECK_EQ(facts.tls.alert_count, 2);
    CHECK_EQ(facts.tls.alert[0].count, 2);
    CHECK_EQ(facts.tls.alert[0].examples.count, 2);
    CHECK_STR(facts.tls.alert[0].sni, NAME);     /* of the first */
    CHECK_EQ(facts.tls.alert[1].count, 1);
    CHECK(!facts.tls.alert[1].before_hello);
    for (i = 0; i < 20; i++) {                   /* past the list they are counted, and kept by their rows */
        hear_connection(10 + i);
        HEAR(C, says_hello(&said_now, (hello){ .name = NAME }));
        HEAR(S, says_alert(&said_now, 1, (uint8_t)(100 + i)));
    }
    tell();
    CHECK_EQ(facts.tls.alert_count, MC_TLS_ALERT_KINDS);
    CHECK_EQ(facts.tls.alerts, 23);
    CHECK_EQ(row.tls.alert[0].code, 119);
    hear_one();                                  /* more than their number can count */
    HEAR(C, says_hello(&said_now, (hello){ .name = NAME }));
    for (i = 0; i < 300; i++)
        says_alert(&said_now, 1, 90);
    hear(S, said_now.p, said_now.len);
    tell();
    CHECK_EQ(row.tls.alerts, 255);
}

/* What is encrypted, or of another size, is no alert that can be read. */
static void test_alerts_that_cannot_be_read(void)
{
    hear_one();
    hear_12((hello){ .name = NAME }, (hello){ 0 }, (certificate){ .subject = NAME });
    HEAR(C, (says_change(&said_now), says_alert(&said_now, 2, 40)));
    HEAR(S, says_sealed(&said_now, 21, 26));
    HEAR(S, says_alert(&said_now, 7, 40));       /* a level that there is not */
    tell();
    CHECK_EQ(row.tls.alerts, 0);
    CHECK_EQ(facts.tls.alerts, 0);
    CHECK_STR(row.tls.last_message, "alert");
    HEAR(S, says_alert(&said_now, 1, 0));        /* this side has not changed its cipher yet */
    tell();
    CHECK_EQ(row.tls.alerts, 1);
}

/* -------------------------------------------------------------- certificates */

static void test_certificates(void)
{
    unsigned i;

    begin_hearing(false);
    now_ns = 1893456000 * MC_NS_PER_S;           /* 2030 */
    for (i = 1; i <= 4; i++) {
        hear_connection(i);
        hear_12((hello){ .name = NAME }, (hello){ 0 },
                (certificate){ .subject = NAME, .to = i == 3 ? "291231235959Z" : NULL, .from = i == 4 ? "310101000000Z" : NULL });
        tell();
        CHECK(row.tls.certificate == &facts.tls.certificate[i > 2 ? i - 2 : 0]);
    }
    CHECK_EQ(facts.tls.certificate_count, 3);
    CHECK_EQ(facts.tls.certificate[0].count, 2);
    CHECK_EQ(facts.tls.certificate[0].frame, 2);
    CHECK_EQ(facts.tls.certificate[0].expired + facts.tls.certificate[0].early, 0);
    CHECK_EQ(facts.tls.certificate[1].expired, 1);
    CHECK_EQ(facts.tls.certificate[1].early, 0);
    CHECK_EQ(facts.tls.certificate[2].expired, 0);
    CHECK_EQ(facts.tls.certificate[2].early, 1);
    untimed = true;                              /* nothing is said of what it was valid at */
    hear_connection(5);
    hear_12((hello){ .name = NAME }, (hello){ 0 }, (certificate){ .subject = NAME, .to = "291231235959Z" });
    tell();
    CHECK_EQ(facts.tls.certificate[1].count, 2);
    CHECK_EQ(facts.tls.certificate[1].expired, 1);
}

static void test_certificates_past_the_list(void)
{
    char name[20];
    unsigned i;

    begin_hearing(false);
    for (i = 1; i <= MC_TLS_CERTIFICATES + 1; i++) {
        hear_connection(i);
        snprintf(name, sizeof name, "n%u.example", i);
        hear_12((hello){ .name = name }, (hello){ 0 }, (certificate){ .subject = name });
        tell();
        CHECK_EQ(row.tls.certificate != NULL, i <= MC_TLS_CERTIFICATES);
    }
    CHECK_EQ(facts.tls.certificate_count, MC_TLS_CERTIFICATES);
    hear_connection(20);                         /* the client's is not the server's, and the first one counts */
    HEAR(C, says_hello(&said_now, (hello){ .name = NAME }));
    said_now.len = 0;
    says_flight(&said_now, (hello){ 0 }, (certificate){ .subject = "n1.example" });
    says_flight(&said_now, (hello){ 0 }, (certificate){ .subject = "n2.example" });
    hear(S, said_now.p, said_now.len);
    tell();
    CHECK_STR(row.tls.certificate->subject, "n1.example");
    CHECK_EQ(row.tls.server_frame, frame);
    hear_connection(21);
    HEAR(C, says_hello(&said_now, (hello){ .name = NAME }));
    HEAR(C, says_flight(&said_now, (hello){ 0 }, (certificate){ .subject = "n1.example" }));
    tell();
    CHECK(row.tls.certificate == NULL);
}

/* A chain that no ear holds: what there is of its first certificate is read. */
static void test_a_long_chain(void)
{
    hear_one();
    HEAR(C, says_hello(&said_now, (hello){ .name = NAME }));
    said_now.len = 0;
    says_flight(&said_now, (hello){ 0 }, (certificate){ .subject = NAME, .key = 15000 });
    hear_in(S, said_now.p, said_now.len, 1400);
    tell();
    CHECK(row.tls.certificate != NULL && strcmp(row.tls.certificate->subject, NAME) == 0);
}

/* A flight whose messages have records of their own, the certificate's with another one behind it; 'joined': with the message
   that follows it. */
static void says_chain_of(bool joined, certificate own)
{
    size_t record, message, list, one;

    said_now.len = 0;
    says_server_hello(&said_now, (hello){ 0 });
    record = says_record(&said_now, 22);
    message = says_message(&said_now, 11);
    list = says_begin(&said_now, 3);
    one = says_begin(&said_now, 3);
    says_der(&said_now, &own);
    says_end(&said_now, one, 3);
    one = says_begin(&said_now, 3);
    say_many(&said_now, 0x30, 2000);
    says_end(&said_now, one, 3);
    says_end(&said_now, list, 3);
    says_end(&said_now, message, 3);
    if (!joined) {
        says_end(&said_now, record, 2);
        record = says_record(&said_now, 22);
    }
    SAY(&said_now, 14, 0, 0, 0);
    says_end(&said_now, record, 2);
}

static void says_chain(bool joined)
{
    says_chain_of(joined, (certificate){ .subject = NAME });
}

/* Two of them, as the first is always read where all of it is kept. */
static void hear_chains(bool joined, size_t most)
{
    unsigned i;

    begin_hearing(false);
    for (i = 1; i <= 2; i++) {
        hear_connection(i);
        HEAR(C, says_hello(&said_now, (hello){ .name = NAME }));
        says_chain(joined);
        hear_in(S, said_now.p, said_now.len, most);
    }
    tell();
}

/* What stands behind the server's own certificate is passed over, and need not be kept until it is all there. */
static void test_a_chain_in_pieces(void)
{
    size_t most;

    for (most = 16; most < 2600; most += most < 1300 ? 1 : 97) {
        unsigned joined;

        for (joined = 0; joined < 2; joined++) {
            hear_chains(joined != 0, most);
            CHECK(row.tls.certificate != NULL && strcmp(row.tls.certificate->subject, NAME) == 0);
            CHECK_EQ(facts.tls.certificate[0].count, 2);
            CHECK_EQ(facts.tls.certificate_count, 1);
            CHECK_STR(row.tls.last_message, "ServerHelloDone");
            CHECK_EQ(row.tls.ended_behind, S);
        }
    }
}

/* A server has several, and each is known again by what its facts rest on, though it ends in another segment; what is like one of
   them but for a name, or comes only later, is another. */
static void test_certificates_that_come_again(void)
{
    static const certificate own[] = {
        { .subject = NAME, .dns = "a.example", .key = 1500 }, { .subject = NAME, .dns = "b.example", .key = 1500 },
        { .subject = "c.example", .key = 1500 },              { .subject = "d.example", .dns = "d.example", .key = 70 },
        { .subject = "e.example", .dns = "d.example", .key = 70 }, { .subject = "d.example", .dns = "e.example", .key = 70 },
    };
    size_t most;
    unsigned i;

    for (most = 300; most <= 2100; most += 600) {
        begin_hearing(false);
        for (i = 0; i < 10 * MC_ARRAY_LEN(own); i++) {
            const certificate *x = &own[i < MC_ARRAY_LEN(own) ? i : i * 7 / 3 % MC_ARRAY_LEN(own)];

            hear_connection(i + 1);
            HEAR(C, says_hello(&said_now, (hello){ .name = NAME }));
            says_chain_of(i % 3 == 0, *x);
            hear_in(S, said_now.p, said_now.len, most);
            tell();
            CHECK(row.tls.certificate == &facts.tls.certificate[x - own]);
            CHECK_STR(row.tls.certificate->subject, x->subject);
            CHECK(x->dns == NULL ? row.tls.certificate->name == NULL : strcmp(row.tls.certificate->name, x->dns) == 0);
            CHECK_STR(row.tls.last_message, "ServerHelloDone");
        }
        CHECK_EQ(facts.tls.certificate_count, MC_ARRAY_LEN(own));
    }
}

/* One that is known need not be kept until all of it has come, so any number of them may come at once. */
static void test_a_certificate_of_many_at_once(void)
{
    const certificate own = { .subject = NAME, .dns = NAME, .key = 1500 };
    unsigned i;

    begin_hearing(false);
    for (i = 1; i <= 3 * MC_EARS; i++) {
        hear_connection(i);
        HEAR(C, says_hello(&said_now, (hello){ .name = NAME }));
        says_chain_of(false, own);
        hear_in(S, said_now.p, i == 1 ? said_now.len : 2000, 2000);
    }
    for (i = 2; i <= 3 * MC_EARS; i++) {
        hear_again(i, 0, 501 + 2000);
        hear_in(S, said_now.p + 2000, said_now.len - 2000, 2000);
        tell();
        CHECK(row.tls.certificate == &facts.tls.certificate[0]);
        CHECK_STR(row.tls.last_message, "ServerHelloDone");
    }
    CHECK_EQ(facts.tls.certificate[0].count, 3 * MC_EARS);
}

/* It counts when all of its message has come, in whatever order that is. */
static void test_a_chain_that_comes_late(void)
{
    size_t len;

    hear_chains(false, 1400);
    hear_connection(3);
    HEAR(C, says_hello(&said_now, (hello){ .name = NAME }));
    says_chain(false);
    len = said_now.len;
    hear_at(S, seq[S], said_now.p, 1000, 1000);
    tell();
    CHECK(row.tls.certificate == NULL);
    CHECK_STR(row.tls.last_message, "ServerHello");
    hear_at(S, seq[S] + 1400, said_now.p + 1400, (uint32_t)len - 1400, (uint32_t)len - 1400);
    tell();
    CHECK(row.tls.certificate == NULL);
    CHECK_EQ(facts.tls.certificate[0].count, 2);
    hear_at(S, seq[S] + 1000, said_now.p + 1000, 400, 400);
    tell();
    CHECK(row.tls.certificate == &facts.tls.certificate[0]);
    CHECK_EQ(facts.tls.certificate[0].count, 3);
    CHECK_STR(row.tls.last_message, "ServerHelloDone");
}

static bool speaks_on;

/* How many turns its first words may take, of a connection whose hellos were these. */
static uint32_t opening_of(hello asks, hello answers)
{
    hear_one();
    HEAR(C, says_hello(&said_now, asks));
    CHECK_EQ(mc_talks_opening_turns(&talks, &flows->stories, conn, &speaks_on), 0);
    HEAR(S, says_server_hello(&said_now, answers));
    return mc_talks_opening_turns(&talks, &flows->stories, conn, &speaks_on);
}

static void test_words_of_the_protocol_itself(void)
{
    CHECK_EQ(opening_of((hello){ .tls13 = true }, (hello){ .tls13 = true }), 3);
    CHECK_EQ(opening_of((hello){ .alpn = "h2" }, (hello){ .alpn = "h2" }), 3);
    CHECK(speaks_on);
    CHECK_EQ(opening_of((hello){ .alpn = "h2" }, (hello){ .alpn = "http/1.1" }), 3);
    CHECK(!speaks_on);
    CHECK_EQ(opening_of((hello){ 0 }, (hello){ 0 }), 3);
    CHECK(!speaks_on);
    hear_one();
    CHECK_EQ(mc_talks_opening_turns(&talks, &flows->stories, conn, &speaks_on), 0);
    HEAR(C, says_hello(&said_now, (hello){ .tls13 = true }));
    HEAR(S, says_server_hello(&said_now, (hello){ .tls13 = true, .retry = true }));
    HEAR(C, says_hello(&said_now, (hello){ .tls13 = true }));
    HEAR(S, says_server_hello(&said_now, (hello){ .tls13 = true }));
    CHECK_EQ(mc_talks_opening_turns(&talks, &flows->stories, conn, &speaks_on), 4);
}

/* ------------------------------------------------------------- what waits */

/* One client hello, of which the server has acknowledged 'acked' bytes, 5 s before the capture's end. */
static void hear_unanswered(uint32_t acked)
{
    hear_one();
    HEAR(C, says_hello(&said_now, (hello){ .name = NAME }));
    conn->endpoint[C].known |= MC_KNOWN_NXT;
    conn->endpoint[S].known |= MC_KNOWN_NXT;
    conn->endpoint[S].nxt = conn->endpoint[C].last_ack = 501;
    conn->endpoint[C].nxt = conn->endpoint[C].highest_end = seq[C];
    if (acked > 0) {
        conn->endpoint[S].known |= MC_KNOWN_ACK;
        conn->endpoint[S].last_ack = 101 + (acked < UINT32_MAX ? acked : (uint32_t)said_now.len);
    }
    now_ns += 5 * MC_NS_PER_S;
}

static void ends(unsigned side, int64_t after_ms)
{
    conn->flags |= MC_C_CLOSER;
    conn->closer = side & 1;
    conn->endpoint[0].state = conn->endpoint[1].state = MC_ST_CLOSED;
    conn->last_dir = side & 1;
    conn->endpoint[side].seen_ns = 1000 * MC_NS_PER_S + after_ms * MC_NS_PER_MS;
}

static void test_a_hello_that_nothing_follows(void)
{
    hear_unanswered(UINT32_MAX);
    tell();
    CHECK_EQ(facts.tls.unanswered.count, 1);
    CHECK_EQ(facts.tls.unanswered.longest_ns, 5 * MC_NS_PER_S + 10 * MC_NS_PER_MS);
    CHECK_EQ(facts.tls.unanswered.examples.frame[0], 1);
    CHECK_EQ(facts.tls.unanswered.closed + facts.tls.unanswered.left, 0);
    CHECK_EQ(row.tls.ended_behind, C);
    CHECK_STR(row.tls.last_message, "ClientHello");
    ends(S, 30);                                 /* at once: that is an answer of a kind */
    tell();
    CHECK_EQ(facts.tls.unanswered.count, 1);
    CHECK_EQ(facts.tls.unanswered.closed, 1);
    ends(C, 30);                                 /* who leaves at once did not wait */
    tell();
    CHECK_EQ(facts.tls.unanswered.count, 0);
    ends(C, 3000);
    tell();
    CHECK_EQ(facts.tls.unanswered.left, 1);
    CHECK_EQ(facts.tls.unanswered.longest_ns, 3 * MC_NS_PER_S);
}

/* Near misses: what was not waited for, did not arrive, was not captured, or was answered. */
static void test_what_is_not_unanswered(void)
{
    hear_unanswered(UINT32_MAX);
    now_ns -= 4500 * MC_NS_PER_MS;               /* the capture ends half a second later */
    tell();
    CHECK_EQ(facts.tls.unanswered.count, 0);
    hear_unanswered(20);                         /* a part came to the server */
    tell();
    CHECK_EQ(facts.tls.unanswered.count, 0);
    CHECK_EQ(facts.tls.hellos_lost, 0);
    hear_unanswered(0);
    tell();
    CHECK_EQ(facts.tls.unanswered.count, 0);
    hear_unanswered(UINT32_MAX);
    conn->endpoint[C].known |= MC_KNOWN_ACK;
    conn->endpoint[C].last_ack = 900;            /* the client has taken what the capture has not */
    tell();
    CHECK_EQ(facts.tls.unanswered.count, 0);
    hear_unanswered(UINT32_MAX);
    conn->endpoint[S].once |= MC_ONCE_DATA;
    tell();
    CHECK_EQ(facts.tls.unanswered.count, 0);
    hear_unanswered(UINT32_MAX);
    conn->flags |= MC_C_NO_TIME;
    tell();
    CHECK_EQ(facts.tls.unanswered.count, 0);
    hear_unanswered(UINT32_MAX);
    HEAR(C, says_alert(&said_now, 2, 90));       /* the client gave it up */
    conn->endpoint[S].last_ack = conn->endpoint[C].nxt = seq[C];
    tell();
    CHECK_EQ(facts.tls.unanswered.count, 0);
    CHECK_EQ(facts.tls.client_hellos, 1);
}

/* Sent again, and nothing of it acknowledged: it never came there. */
static void test_a_hello_that_is_lost(void)
{
    mc_detail detail;

    memset(&detail, 0, sizeof detail);
    detail.resent = 2;
    hear_unanswered(0);
    conn->endpoint[S].known |= MC_KNOWN_ACK;
    conn->endpoint[S].last_ack = 101;
    tell();
    CHECK_EQ(facts.tls.hellos_lost, 0);          /* not sent again */
    conn->endpoint[C].detail = &detail;
    tell();
    CHECK_EQ(facts.tls.hellos_lost, 1);
    CHECK_EQ(facts.tls.lost_len, seq[C] - 101);
    CHECK_EQ(facts.tls.passed_len, 0);
    CHECK_EQ(facts.tls.unanswered.count, 0);
    CHECK_EQ(facts.tls.lost_examples.count, 1);
    conn->endpoint[C].detail = NULL;
    hear_connection(2);
    hear_12((hello){ .name = NAME, .pad = 30 }, (hello){ 0 }, (certificate){ .subject = NAME });
    tell();
    CHECK_EQ(facts.tls.passed_len, seq[C] - 101);
}

static void test_where_handshakes_end(void)
{
    hear_one();
    HEAR(C, says_hello(&said_now, (hello){ .name = NAME }));
    HEAR(S, says_server_hello(&said_now, (hello){ 0 }));
    tell();
    CHECK_EQ(row.tls.ended_behind, S);
    CHECK_STR(row.tls.last_message, "ServerHello");
    HEAR(C, says_change(&said_now));
    tell();
    CHECK_EQ(row.tls.ended_behind, C);
    CHECK_STR(row.tls.last_message, "ChangeCipherSpec");
    HEAR(S, says_sealed(&said_now, 23, 10));     /* data of TLS 1.2 without its last step */
    tell();
    CHECK_EQ(row.tls.ended_behind, S);
    CHECK_STR(row.tls.last_message, "encrypted data");
    CHECK_EQ(facts.tls.completed, 0);
}

/* --------------------------------------------------------- TLS to a plain port */

static void test_a_server_that_speaks_no_tls(void)
{
    hear_one();
    HEAR(C, says_hello(&said_now, (hello){ .name = NAME }));
    hear_text(S, "HTTP/1.1 400 Bad Request\r\n\r\n");
    tell();
    CHECK_EQ(facts.tls.not_spoken.count, 1);
    CHECK_EQ(facts.tls.not_spoken.http, 1);
    CHECK_EQ(facts.tls.not_spoken.examples.frame[0], 2);
    hear_connection(2);
    HEAR(C, says_hello(&said_now, (hello){ .name = NAME }));
    hear_text(S, "SSH-2.0-OpenSSH_9.2\r\n");
    hear_text(S, "Invalid SSH identification string.\r\n");
    tell();
    CHECK_EQ(facts.tls.not_spoken.count, 2);
    CHECK_EQ(facts.tls.not_spoken.http, 1);
}

static void test_servers_that_may_speak_tls(void)
{
    hear_one();                                  /* its first bytes are not here */
    HEAR(C, says_hello(&said_now, (hello){ .name = NAME }));
    seq[S] += 700;
    hear_text(S, "anything at all");
    hear_connection(3);                          /* no records any more, behind the first of them */
    HEAR(C, says_hello(&said_now, (hello){ .name = NAME }));
    HEAR(S, says_alert(&said_now, 2, 40));
    hear_text(S, "and some text");
    hear_connection(4);                          /* the client's own */
    HEAR(C, says_hello(&said_now, (hello){ .name = NAME }));
    hear_text(C, "and some text");
    hear_connection(5);
    hear_12((hello){ .name = NAME }, (hello){ 0 }, (certificate){ .subject = NAME });
    hear_connection(6);                          /* the server is who begins */
    HEAR(S, says_hello(&said_now, (hello){ .name = NAME }));
    hear_text(C, "HTTP/1.1 400 Bad Request\r\n\r\n");
    tell();
    CHECK_EQ(facts.tls.not_spoken.count, 0);
}

int main(void)
{
    RUN(test_words_of_the_protocol_itself);
    RUN(test_an_alert_instead_of_a_hello);
    RUN(test_kinds_of_alerts);
    RUN(test_alerts_that_cannot_be_read);
    RUN(test_certificates);
    RUN(test_certificates_past_the_list);
    RUN(test_a_long_chain);
    RUN(test_a_chain_in_pieces);
    RUN(test_a_chain_that_comes_late);
    RUN(test_certificates_that_come_again);
    RUN(test_a_certificate_of_many_at_once);
    RUN(test_a_hello_that_nothing_follows);
    RUN(test_what_is_not_unanswered);
    RUN(test_a_hello_that_is_lost);
    RUN(test_where_handshakes_end);
    RUN(test_a_server_that_speaks_no_tls);
    RUN(test_servers_that_may_speak_tls);
    stop_hearing();
    return DONE();
}
