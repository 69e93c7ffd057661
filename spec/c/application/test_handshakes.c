/*
 * test_handshakes.c: handshakes of TLS: what is kept of them, in whatever pieces they come.
 */
#include "hearing.h"

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
    CHECK_EQ(facts.tls.http2_offered, 1);
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
    stop_hearing();
    return DONE();
}
