/*
 * test_talk_tls.c: handshakes: what is kept of them, in whatever pieces they come, and what waits at the end.
 */
#include "hearing.h"

#define NAME "www.example"

/* TLS 1.3: hello, hello, the client's last step, and the server's first data. */
static void hear_13(hello client, hello server)
{
    client.tls13 = server.tls13 = true;
    HEAR(C, says_hello(&said_now, client));
    HEAR(S, (says_server_hello(&said_now, server), says_change(&said_now), says_sealed(&said_now, 23, 900)));
    HEAR(C, (says_change(&said_now), says_sealed(&said_now, 23, 60)));
}

/* TLS 1.2, up to the server's first flight. */
static void hear_12(hello client, hello server, certificate c)
{
    HEAR(C, says_hello(&said_now, client));
    HEAR(S, says_flight(&said_now, server, c));
}

/* A message alone in a record of type 22. */
static void says_one(said *s, uint8_t type, size_t len)
{
    const size_t at = says_record(s, 22), message = says_message(s, type);

    say_many(s, 0, len);
    says_end(s, message, 3);
    says_end(s, at, 2);
}

/* ------------------------------------------------------------ whole handshakes */

static void test_version_13(void)
{
    hear_one();
    hear_13((hello){ .name = NAME, .alpn = "h2" }, (hello){ 0 });
    CHECK_EQ(flags, TURNS);
    tell();
    CHECK_EQ(row.speaks, MC_SPEAKS_TLS);
    CHECK_EQ(row.tls.offered, 0x0304);
    CHECK_EQ(row.tls.version, 0x0304);
    CHECK_STR(row.tls.sni, NAME);
    CHECK_STR(row.tls.alpn_offered, "h2");
    CHECK(row.tls.alpn == NULL);                 /* encrypted */
    CHECK_EQ(row.tls.client_frame, 1);
    CHECK_EQ(row.tls.server_frame, 2);
    CHECK_EQ(row.tls.server_hello_ns, 10 * MC_NS_PER_MS);
    CHECK_EQ(row.tls.handshake_ns, 20 * MC_NS_PER_MS);
    CHECK_EQ(row.tls.first_data_ns, -1);
    CHECK_EQ(row.tls.ended_behind, -1);
    CHECK_EQ(hear_text(C, "more of the client's"), TURNS);
    CHECK_EQ(hear_text(S, "an answer"), NOTHING);
    tell();
    CHECK_EQ(row.tls.first_data_ns, 20 * MC_NS_PER_MS);
    CHECK_EQ(facts.tls.connections, 1);
    CHECK_EQ(facts.tls.client_hellos, 1);
    CHECK_EQ(facts.tls.server_hellos, 1);
    CHECK_EQ(facts.tls.completed, 1);
    CHECK_EQ(facts.tls.version[5], 1);
    CHECK_EQ(facts.tls.server_hello.count, 1);
    CHECK_EQ(facts.tls.handshake.count, 1);
    CHECK_EQ(facts.tls.first_data.count, 1);
    CHECK_STR(facts.tls.sni[0].text, NAME);
    CHECK_EQ(facts.tls.sni[0].connections, 1);
    CHECK_EQ(facts.tls.alpn[0].connections, 0);  /* offered is not chosen */
}

static void test_version_12(void)
{
    hear_one();
    hear_12((hello){ .name = NAME, .alpn = "h2" }, (hello){ .alpn = "h2" },
            (certificate){ .issuer = "An Issuer", .subject = NAME, .dns = "*.example" });
    HEAR(C, (says_one(&said_now, 16, 60), says_change(&said_now), says_sealed(&said_now, 22, 40)));
    CHECK_EQ(flags, ALL);                        /* the server's last step is to come */
    tell();
    CHECK_EQ(facts.tls.completed, 0);
    CHECK_EQ(row.tls.handshake_ns, -1);
    CHECK_EQ(row.tls.ended_behind, C);
    CHECK_STR(row.tls.last_message, "encrypted handshake message");
    HEAR(S, (says_change(&said_now), says_sealed(&said_now, 22, 40)));
    CHECK_EQ(flags, TURNS);
    tell();
    CHECK_EQ(row.tls.version, 0x0303);
    CHECK_STR(row.tls.alpn, "h2");
    CHECK_EQ(row.tls.handshake_ns, 30 * MC_NS_PER_MS);
    CHECK(row.tls.certificate == &facts.tls.certificate[0]);
    CHECK_STR(row.tls.certificate->subject, NAME);
    CHECK_STR(row.tls.certificate->issuer, "An Issuer");
    CHECK_STR(row.tls.certificate->name, "*.example");
    CHECK_EQ(row.tls.certificate->frame, 2);
    CHECK_EQ(row.tls.ended_behind, -1);
    CHECK_EQ(facts.tls.completed, 1);
    CHECK_EQ(facts.tls.version[4], 1);
    CHECK_STR(facts.tls.alpn[0].text, "h2");
}

/* The server's hello alone: nothing is timed by it, and the version is known. */
static void test_a_handshake_without_its_beginning(void)
{
    begin_hearing(false);
    hear_middle(1);
    HEAR(S, says_server_hello(&said_now, (hello){ .tls13 = true }));
    HEAR(C, says_sealed(&said_now, 23, 60));
    hear_text(S, "an answer");
    tell();
    CHECK_EQ(row.tls.offered, 0);
    CHECK_EQ(row.tls.version, 0x0304);
    CHECK_EQ(row.tls.server_hello_ns, -1);
    CHECK_EQ(row.tls.handshake_ns, -1);
    CHECK_EQ(row.tls.first_data_ns, 10 * MC_NS_PER_MS);
    CHECK_EQ(facts.tls.client_hellos, 0);
    CHECK_EQ(facts.tls.completed, 1);
    CHECK_EQ(facts.tls.server_hello.count, 0);
    CHECK_EQ(facts.tls.handshake.count, 0);
}

static void test_times_that_are_not_to_be_trusted(void)
{
    hear_one();
    untimed = true;
    hear_13((hello){ .name = NAME }, (hello){ 0 });
    hear_text(S, "an answer");
    tell();
    CHECK_EQ(facts.tls.completed, 1);
    CHECK_EQ(facts.tls.server_hello.count, 0);
    CHECK_EQ(facts.tls.handshake.count, 0);
    CHECK_EQ(facts.tls.first_data.count, 0);
    CHECK_EQ(row.tls.server_hello_ns, -1);
    CHECK_EQ(row.tls.handshake_ns, -1);
    CHECK_EQ(row.tls.first_data_ns, -1);
}

/* RFC 8446, 4.1.4: a second hello of the client is no second handshake. */
static void test_a_retry(void)
{
    hear_one();
    HEAR(C, says_hello(&said_now, (hello){ .name = NAME, .tls13 = true }));
    HEAR(S, says_server_hello(&said_now, (hello){ .tls13 = true, .retry = true }));
    tell();
    CHECK(row.tls.retry);
    CHECK_EQ(row.tls.version, 0);
    CHECK_EQ(facts.tls.server_hellos, 0);
    hear_13((hello){ .name = "other.example" }, (hello){ 0 });
    tell();
    CHECK_STR(row.tls.sni, NAME);
    CHECK_EQ(row.tls.client_frame, 1);
    CHECK_EQ(row.tls.server_frame, 4);
    CHECK_EQ(facts.tls.retries, 1);
    CHECK_EQ(facts.tls.client_hellos, 1);
    CHECK_EQ(facts.tls.completed, 1);
}

/* A session id that comes back (RFC 5246), a key that is taken (RFC 8446), and near misses of both. */
static void test_resumption(void)
{
    static const struct {
        hello client, server;
        bool offered, resumed;
    } kinds[] = {
        { { .session = "1234" }, { .session = "1234" }, true, true },
        { { .session = "1234" }, { .session = "1235" }, true, false },
        { { .name = NAME }, { .session = "1234" }, false, false },           /* the server's new one */
        { { .ticket = true }, { .session = "" }, true, false },
        { { .tls13 = true, .psk = true }, { .tls13 = true, .psk = true }, true, true },
        { { .tls13 = true, .psk = true }, { .tls13 = true }, true, false },
        { { .tls13 = true, .session = "1234" }, { .tls13 = true, .session = "1234" }, false, false },   /* for middleboxes */
        { { .tls13 = true, .session = "1234" }, { .session = "9" }, false, false },
    };
    unsigned i, offered = 0, resumed = 0;

    begin_hearing(false);
    for (i = 0; i < MC_ARRAY_LEN(kinds); i++) {
        hear_connection(i + 1);
        HEAR(C, says_hello(&said_now, kinds[i].client));
        HEAR(S, says_server_hello(&said_now, kinds[i].server));
        tell();
        CHECK_EQ(row.tls.resumption_offered, kinds[i].offered);
        CHECK_EQ(row.tls.resumed, kinds[i].resumed);
        offered += kinds[i].offered;
        resumed += kinds[i].resumed;
    }
    CHECK_EQ(facts.tls.resumption_offered, offered);
    CHECK_EQ(facts.tls.resumed, resumed);
}

static void test_early_data_and_an_encrypted_hello(void)
{
    hear_one();
    hear_13((hello){ .psk = true, .early = true, .ech = true }, (hello){ .psk = true });
    tell();
    CHECK(row.tls.early_data);
    CHECK(row.tls.encrypted_hello);
    CHECK_EQ(facts.tls.early_data, 1);
    CHECK_EQ(facts.tls.encrypted_hello, 1);
    CHECK_EQ(facts.tls.handshake.count, 0);      /* its data is no last step */
}

/* Without the way to the server and back, where the handshake of TCP has told it. */
static void test_the_servers_own_time(void)
{
    unsigned i;

    begin_hearing(false);
    for (i = 0; i < 3; i++) {
        hear_connection(i + 1);
        if (i > 0) {
            conn->flags |= MC_C_HS_SYN_ACK;
            conn->originator = C;
            conn->to_server_ns = (i == 1 ? 150 : 900) * MC_NS_PER_MS;
        }
        HEAR(C, says_hello(&said_now, (hello){ .name = NAME }));
        now_ns += (i == 0 ? 189 : i == 1 ? 340 : 500) * MC_NS_PER_MS;
        last_dir = -1;                           /* the data before it is further off than this segment says */
        HEAR(S, says_server_hello(&said_now, (hello){ 0 }));
    }
    tell();
    CHECK_EQ(facts.tls.server_hello.count, 3);
    CHECK_EQ(facts.tls.slow, 1);                 /* 199 ms; 350 - 150 ms; no less than nothing */
    CHECK_EQ(facts.tls.slow_hellos.count, 1);
    CHECK_EQ(facts.tls.slow_hellos.frame[0], 4);
    CHECK_EQ(facts.tls.server_hello.min_ns, 0);
}

static void test_versions_are_counted(void)
{
    static const unsigned version[] = { 0x0300, 0x0301, 0x0302, 0x0303, 0x7f1c, 0x02ff };
    unsigned i;

    begin_hearing(false);
    for (i = 0; i < MC_ARRAY_LEN(version); i++) {
        hear_connection(i + 1);
        HEAR(C, says_hello(&said_now, (hello){ .bare = true }));
        HEAR(S, says_server_hello(&said_now, (hello){ .bare = true, .version = version[i] }));
    }
    tell();
    for (i = 1; i <= 4; i++)
        CHECK_EQ(facts.tls.version[i], 1);
    CHECK_EQ(facts.tls.version[0], facts.tls.server_hellos - 4);
    CHECK_EQ(facts.tls.version[5], 0);
}

/* --------------------------------------------------------------------- pieces */

/* In segments of one byte, of ten, of 1,000: the same. */
static void test_a_handshake_in_pieces(void)
{
    static const size_t most[] = { 1, 10, 100, 1000 };
    size_t i;

    for (i = 0; i < MC_ARRAY_LEN(most); i++) {
        hear_one();
        said_now.len = 0;
        says_hello(&said_now, (hello){ .name = NAME, .pad = 100 });
        hear_in(C, said_now.p, said_now.len, most[i] * 4);
        said_now.len = 0;
        says_flight(&said_now, (hello){ .alpn = "h2" }, (certificate){ .subject = NAME });
        hear_in(S, said_now.p, said_now.len, most[i] * 4);
        HEAR(C, (says_one(&said_now, 16, 60), says_change(&said_now), says_sealed(&said_now, 22, 40)));
        HEAR(S, (says_change(&said_now), says_sealed(&said_now, 22, 40)));
        tell();
        CHECK_STR(row.tls.sni, NAME);
        CHECK_STR(row.tls.alpn, "h2");
        CHECK(row.tls.certificate != NULL && strcmp(row.tls.certificate->subject, NAME) == 0);
        CHECK_EQ(facts.tls.completed, 1);
        CHECK_EQ(facts.tls.client_hellos, 1);
        CHECK_EQ(facts.tls.server_hellos, 1);
    }
}

/* The second segment of a hello comes before the first one. */
static void test_pieces_out_of_order(void)
{
    hear_one();
    said_now.len = 0;
    says_hello(&said_now, (hello){ .name = NAME, .pad = 2000 });
    hear_at(C, 101 + 1000, said_now.p + 1000, 1000, 1000);
    tell();
    CHECK_EQ(row.speaks, MC_SPEAKS_UNKNOWN);
    hear_at(C, 101, said_now.p, 1000, 1000);
    hear_at(C, 101 + 2000, said_now.p + 2000, (uint32_t)said_now.len - 2000, (uint32_t)said_now.len - 2000);
    tell();
    CHECK_STR(row.tls.sni, NAME);
    CHECK_EQ(row.tls.client_frame, 3);           /* when it was whole */
}

/* RFC 8446, 5.1: a message may go over several records, and a record hold several messages. */
static void test_messages_over_records(void)
{
    static const size_t most[] = { 1, 3, 4, 5, 50, 300 };       /* headers of messages are cut as well */
    static said flight;
    size_t i, at, part, record;

    says_server(&flight, (hello){ .alpn = "h2" });
    says_certificate(&flight, (certificate){ .subject = NAME });
    SAY(&flight, 14, 0, 0, 0);
    for (i = 0; i < MC_ARRAY_LEN(most); i++) {
        hear_one();
        HEAR(C, says_hello(&said_now, (hello){ .name = NAME }));
        said_now.len = 0;
        for (at = 0; at < flight.len; at += part) {
            part = flight.len - at < most[i] ? flight.len - at : most[i];
            record = says_record(&said_now, 22);
            say(&said_now, flight.p + at, part);
            says_end(&said_now, record, 2);
        }
        hear(S, said_now.p, said_now.len);
        tell();
        CHECK_EQ(row.tls.version, 0x0303);
        CHECK_STR(row.tls.alpn, "h2");
        CHECK(row.tls.certificate != NULL && strcmp(row.tls.certificate->subject, NAME) == 0);
        CHECK_STR(row.tls.last_message, "ServerHelloDone");
    }
}

/* A snap length leaves the beginning of a hello, which has the name. */
static void test_what_is_cut_off(void)
{
    uint32_t len;

    hear_one();
    said_now.len = 0;
    says_hello(&said_now, (hello){ .name = NAME, .tls13 = true, .pad = 500 });
    len = (uint32_t)said_now.len;
    hear_at(C, 101, said_now.p, 100, len);
    tell();
    CHECK_STR(row.tls.sni, NAME);
    CHECK_EQ(row.tls.client_frame, 1);
    said_now.len = 0;
    says_server_hello(&said_now, (hello){ .tls13 = true });
    says_sealed(&said_now, 23, 1000);
    hear_at(S, 501, said_now.p, 100, (uint32_t)said_now.len);
    tell();
    CHECK_EQ(row.tls.version, 0x0304);
    CHECK_EQ(flags, NOTHING);                    /* neither side is to be followed on */
    hear_connection(2);
    hear_at(C, 101, said_now.p, 7, len);         /* not even a whole header of a message */
    tell();
    CHECK_EQ(row.speaks, MC_SPEAKS_TLS);
    CHECK_EQ(facts.tls.client_hellos, 1);
}

/* What follows is not TLS any more: that side says nothing more, the other one may. */
static void test_no_records_any_more(void)
{
    hear_one();
    HEAR(C, (says_hello(&said_now, (hello){ .name = NAME, .tls13 = true }), say_text(&said_now, "hello, is this plain?")));
    CHECK_EQ(flags, ALL);
    HEAR(S, says_server_hello(&said_now, (hello){ .tls13 = true }));
    tell();
    CHECK_EQ(row.tls.version, 0x0304);
    CHECK_EQ(HEAR(S, say_text(&said_now, "plain text")), NOTHING);
    tell();
    CHECK_EQ(facts.tls.completed, 0);
}

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

int main(void)
{
    RUN(test_version_13);
    RUN(test_version_12);
    RUN(test_a_handshake_without_its_beginning);
    RUN(test_times_that_are_not_to_be_trusted);
    RUN(test_a_retry);
    RUN(test_resumption);
    RUN(test_early_data_and_an_encrypted_hello);
    RUN(test_the_servers_own_time);
    RUN(test_versions_are_counted);
    RUN(test_a_handshake_in_pieces);
    RUN(test_pieces_out_of_order);
    RUN(test_messages_over_records);
    RUN(test_what_is_cut_off);
    RUN(test_no_records_any_more);
    RUN(test_an_alert_instead_of_a_hello);
    RUN(test_kinds_of_alerts);
    RUN(test_alerts_that_cannot_be_read);
    RUN(test_certificates);
    RUN(test_certificates_past_the_list);
    RUN(test_a_long_chain);
    RUN(test_a_hello_that_nothing_follows);
    RUN(test_what_is_not_unanswered);
    RUN(test_a_hello_that_is_lost);
    RUN(test_where_handshakes_end);
    stop_hearing();
    return DONE();
}
