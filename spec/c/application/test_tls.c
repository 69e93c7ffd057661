/*
 * test_tls.c: records, hellos and lists of certificates, whole, cut off and with lengths that lie.
 */
#include "application/tls.h"
#include "check.h"
#include "says.h"

static said s;
static mc_tls_hello h;
static uint8_t *copy;

/* Reads the first 'len' bytes of what was said; what is found lies in 'copy'. */
static bool read_cut(size_t len, bool client)
{
    free(copy);
    copy = says_copy(s.p, len);
    return mc_tls_read_hello(&h, (mc_view){ copy, len }, client);
}

static bool read_hello(hello o, bool client)
{
    s.len = 0;
    says_hello_body(&s, &o, client);
    return read_cut(s.len, client);
}

static bool is_text(mc_view v, const char *text)
{
    return v.len == strlen(text) && memcmp(v.p, text, v.len) == 0;
}

static unsigned record_of(uint8_t type, uint8_t major, uint8_t minor, unsigned length)
{
    const uint8_t p[5] = { type, major, minor, (uint8_t)(length >> 8), (uint8_t)length };

    return mc_tls_record(p);
}

static void test_what_is_surely_a_hello(void)
{
    static const uint8_t fine[] = { 22, 3, 1, 0, 200, 1, 0, 0, 196, 3, 3 };
    static const struct {
        uint8_t at, value;
    } odd[] = { { 0, 23 }, { 1, 2 }, { 2, 5 }, { 5, 2 }, { 6, 1 }, { 8, 100 }, { 9, 2 }, { 10, 5 }, { 3, 1 } };
    uint8_t p[sizeof fine];
    size_t i;

    CHECK(mc_tls_is_client_hello(fine, sizeof fine));
    CHECK(!mc_tls_is_client_hello(fine, sizeof fine - 1));
    for (i = 0; i < MC_ARRAY_LEN(odd); i++) {
        memcpy(p, fine, sizeof fine);
        p[odd[i].at] = odd[i].value;
        CHECK(!mc_tls_is_client_hello(p, sizeof p));
    }
    memcpy(p, fine, sizeof fine);
    p[4] = 4;                                    /* the record ends with the message's header */
    CHECK(!mc_tls_is_client_hello(p, sizeof p));
    p[4] = 60;                                   /* the message goes on in another record */
    CHECK(mc_tls_is_client_hello(p, sizeof p));
}

static void test_records(void)
{
    CHECK_EQ(record_of(22, 3, 1, 100), 100);
    CHECK_EQ(record_of(20, 3, 0, 1), 1);
    CHECK_EQ(record_of(23, 3, 4, MC_TLS_RECORD_MOST), MC_TLS_RECORD_MOST);
    CHECK_EQ(record_of(23, 3, 3, MC_TLS_RECORD_MOST + 1), 0);
    CHECK_EQ(record_of(19, 3, 3, 100), 0);
    CHECK_EQ(record_of(24, 3, 3, 100), 0);
    CHECK_EQ(record_of(22, 2, 3, 100), 0);
    CHECK_EQ(record_of(22, 3, 5, 100), 0);
    CHECK_EQ(record_of(22, 3, 3, 0), 0);
}

static void test_names_of_numbers(void)
{
    static const char *const versions[] = { "SSL 3.0", "TLS 1.0", "TLS 1.1", "TLS 1.2", "TLS 1.3" };
    unsigned i, alerts = 0;

    for (i = 0; i < 5; i++)
        CHECK_STR(mc_tls_version_name(0x0300 + i), versions[i]);
    CHECK(mc_tls_version_name(0x0305) == NULL);
    CHECK(mc_tls_version_name(0) == NULL);
    CHECK_STR(mc_tls_alert_name(0), "close_notify");
    CHECK_STR(mc_tls_alert_name(40), "handshake_failure");
    CHECK_STR(mc_tls_alert_name(121), "ech_required");
    CHECK(mc_tls_alert_name(1) == NULL);
    CHECK(mc_tls_alert_name(255) == NULL);
    for (i = 0; i < 256; i++)
        alerts += mc_tls_alert_name((uint8_t)i) != NULL;
    CHECK_EQ(alerts, 35);
    CHECK_STR(mc_tls_message_name(1), "ClientHello");
    CHECK_STR(mc_tls_message_name(67), "NextProtocol");
    CHECK(mc_tls_message_name(3) == NULL);
    for (i = 0; i < 256; i++)
        CHECK_EQ(mc_tls_is_message((uint8_t)i), mc_tls_message_name((uint8_t)i) != NULL);
}

static void test_what_a_client_says(void)
{
    CHECK(read_hello((hello){ .name = "www.example", .alpn = "h2", .session = "abc", .tls13 = true, .psk = true, .early = true,
                              .ech = true, .ticket = true, .pad = 50 }, true));
    CHECK(is_text(h.sni, "www.example"));
    CHECK(is_text(h.alpn, "h2"));
    CHECK(is_text(h.session, "abc"));
    CHECK_EQ(h.version, 0x0304);
    CHECK(h.resumes && h.early && h.encrypted && h.ticket && !h.retry);
    CHECK(read_hello((hello){ .version = 0x0301, .bare = true }, true));
    CHECK_EQ(h.version, 0x0301);
    CHECK(h.sni.len == 0 && h.alpn.len == 0 && h.session.len == 0);
    CHECK(!h.resumes && !h.early && !h.encrypted && !h.ticket && !h.retry);
    CHECK(read_hello((hello){ .retry = true }, true));       /* a client's random means nothing */
    CHECK(!h.retry);
}

static void test_what_a_server_says(void)
{
    CHECK(read_hello((hello){ .alpn = "http/1.1", .session = "abc", .tls13 = true, .psk = true }, false));
    CHECK(is_text(h.alpn, "http/1.1"));
    CHECK(is_text(h.session, "abc"));
    CHECK_EQ(h.version, 0x0304);
    CHECK(h.resumes && !h.retry);
    CHECK(read_hello((hello){ .tls13 = true, .retry = true }, false));
    CHECK(h.retry);
    CHECK_EQ(h.version, 0x0304);
    CHECK(read_hello((hello){ .name = "of.the.client" }, false));
    CHECK_EQ(h.sni.len, 0);
    CHECK_EQ(h.version, 0x0303);
    CHECK(!h.resumes);
}

static void test_what_is_no_hello(void)
{
    CHECK(!read_hello((hello){ .version = 0x0203 }, true));
    CHECK(!read_hello((hello){ .version = 0x7f12 }, true));
    CHECK(read_hello((hello){ .version = 0x7f12, .alpn = "h2" }, false));        /* a draft: only its version is read */
    CHECK(h.version == 0x7f12 && h.alpn.len == 0);
    CHECK(!read_hello((hello){ .version = 0x0403 }, false));
    CHECK(read_hello((hello){ .bare = true }, true));
    CHECK(!read_cut(33, true));
    CHECK(!read_cut(0, false));
}

/* A body with the extension 'type' of these bytes alone. */
static bool read_extension(unsigned type, const char *body, size_t len, bool client)
{
    const hello bare = { .bare = true };
    size_t all, at;

    s.len = 0;
    says_hello_body(&s, &bare, client);
    all = says_begin(&s, 2);
    at = says_extension(&s, type);
    say(&s, body, len);
    says_end(&s, at, 2);
    says_end(&s, all, 2);
    return read_cut(s.len, client);
}

static void test_versions(void)
{
    CHECK(read_extension(43, "\6\3\1\3\3\3\2", 7, true));    /* the best of them */
    CHECK_EQ(h.version, 0x0303);
    CHECK(read_extension(43, "\4\x7f\x1c\x1a\x1a", 5, true));            /* a draft and grease: none that is known */
    CHECK_EQ(h.version, 0x0303);
    CHECK(read_extension(43, "", 0, true));
    CHECK_EQ(h.version, 0x0303);
    CHECK(read_extension(43, "\4\3\4\3", 4, true));          /* half a version at the end */
    CHECK_EQ(h.version, 0x0304);
    CHECK(read_extension(43, "\3", 1, false));
    CHECK_EQ(h.version, 0x0303);
    CHECK(read_extension(43, "\x7f\x1c", 2, false));         /* chosen is what it says */
    CHECK_EQ(h.version, 0x7f1c);
}

static void test_names_that_lie(void)
{
    CHECK(read_extension(0, "\0\7\0\0\4name", 9, true));
    CHECK(is_text(h.sni, "name"));
    CHECK(read_extension(0, "\0\7\0\0\3name", 9, true));     /* one byte short */
    CHECK(is_text(h.sni, "nam"));
    CHECK(read_extension(0, "\0\7\0\xff\xffname", 9, true)); /* longer than what there is */
    CHECK(is_text(h.sni, "name"));
    CHECK(read_extension(0, "\0\7\1\0\4name", 9, true));     /* no host name */
    CHECK_EQ(h.sni.len, 0);
    CHECK(read_extension(0, "\0\3\0\0\0", 5, true));
    CHECK_EQ(h.sni.len, 0);
    CHECK(read_extension(0, "\0", 1, true));
    CHECK_EQ(h.sni.len, 0);
}

static void test_protocols_that_lie(void)
{
    CHECK(read_extension(16, "\0\3\2h2", 5, true));
    CHECK(is_text(h.alpn, "h2"));
    CHECK(read_extension(16, "\0\6\2\x1a\x1a\2h2", 8, true));            /* grease says nothing */
    CHECK(is_text(h.alpn, "h2"));
    CHECK(read_extension(16, "\0\3\2\x1a\x1a", 5, true));
    CHECK_EQ(h.alpn.len, 0);
    CHECK(read_extension(16, "\0\3\2\x1a\x2a", 5, true));    /* is none */
    CHECK_EQ(h.alpn.len, 2);
    CHECK(read_extension(16, "\0\3\1h2", 5, true));          /* one byte short */
    CHECK(is_text(h.alpn, "h"));
    CHECK(read_extension(16, "\0\3\3h2", 5, true));          /* one byte too long */
    CHECK_EQ(h.alpn.len, 0);
    CHECK(read_extension(16, "\0", 1, true));
    CHECK_EQ(h.alpn.len, 0);
    CHECK(read_extension(16, "\0\0", 2, false));
    CHECK_EQ(h.alpn.len, 0);
    CHECK(read_extension(35, "", 0, true));                  /* a client that would take a ticket has none */
    CHECK(!h.ticket);
    CHECK(read_extension(0x5a5a, "?", 1, true));
    CHECK_EQ(h.version, 0x0303);
}

/* The lengths between the random and the extensions: one byte short, one too long, longest. */
static void test_lengths_that_lie(void)
{
    static const struct {
        size_t at;                   /* behind the field */
        unsigned size;
    } fields[] = { { 35, 1 }, { 40, 2 }, { 43, 1 }, { 46, 2 } };
    const hello o = { .session = "abc", .name = "a.example" };
    unsigned i, lie;

    for (i = 0; i < MC_ARRAY_LEN(fields); i++)
        for (lie = 0; lie < 3; lie++) {
            size_t value = 0, k;

            s.len = 0;
            says_hello_body(&s, &o, true);
            for (k = fields[i].size; k > 0; k--)
                value = value << 8 | s.p[fields[i].at - k];
            says_set(&s, fields[i].at, fields[i].size, lie == 0 ? value - 1 : lie == 1 ? value + 1 : SIZE_MAX);
            CHECK(read_cut(s.len, true));        /* it is a hello in any case */
            CHECK_EQ(h.version, 0x0303);
            CHECK(h.sni.p == NULL || h.sni.p + h.sni.len <= copy + s.len);
        }
    s.len = 0;
    says_hello_body(&s, &o, true);
    says_set(&s, 35, 1, 255);
    CHECK(read_cut(s.len, true));
    CHECK_EQ(h.session.len, s.len - 35);         /* to the end, and nothing follows */
    CHECK_EQ(h.sni.len, 0);
}

/* Where an extension says more than its list has, it and what follows are left out; those before it are known. */
static void test_an_extension_that_lies(void)
{
    const hello o = { .alpn = "h2", .name = "a.example" };

    s.len = 0;
    says_hello_body(&s, &o, true);
    says_set(&s, s.len - 5, 2, 6);               /* that of ALPN, the last: one byte too long */
    CHECK(read_cut(s.len, true));
    CHECK(is_text(h.sni, "a.example"));
    CHECK_EQ(h.alpn.len, 0);
    says_set(&s, s.len - 5, 2, 4);               /* and one short: the last byte begins nothing */
    CHECK(read_cut(s.len, true));
    CHECK_EQ(h.alpn.len, 0);
}

/* Cut anywhere: what is told is what a whole one says, or nothing. */
static void test_hellos_that_are_cut_off(void)
{
    const hello o = { .name = "a.example", .alpn = "h2", .session = "abc", .tls13 = true, .psk = true, .early = true };
    size_t len;
    int client;

    for (client = 0; client < 2; client++) {
        s.len = 0;
        says_hello_body(&s, &o, client == 1);
        for (len = 0; len <= s.len; len++) {
            CHECK_EQ(read_cut(len, client == 1), len >= 34);
            if (len < 34)
                continue;
            CHECK(h.version == 0x0303 || h.version == 0x0304);
            CHECK(h.alpn.len == 0 || is_text(h.alpn, "h2"));
            CHECK(h.session.len <= 3);
            CHECK(h.sni.len == 0 || is_text(h.sni, "a.example"));
        }
        CHECK(h.resumes && h.early);
        CHECK_EQ(h.version, 0x0304);
    }
}

static mc_view first_of(const char *body, size_t len)
{
    free(copy);
    copy = says_copy(body, len);
    return mc_tls_first_certificate((mc_view){ copy, len });
}

static void test_the_first_certificate(void)
{
    CHECK(is_text(first_of("\0\0\14\0\0\3one\0\0\3two", 15), "one"));
    CHECK(is_text(first_of("\0\0\14\0\0\2one\0\0\3two", 15), "on"));
    CHECK(is_text(first_of("\0\0\6\0\0\377one", 9), "one"));  /* longer than what there is */
    CHECK_EQ(first_of("\0\0\0", 3).len, 0);
    CHECK_EQ(first_of("\0\0\3\0\0", 5).len, 0);
    CHECK_EQ(first_of("\0\0", 2).len, 0);
    CHECK_EQ(first_of("", 0).len, 0);
}

int main(void)
{
    RUN(test_records);
    RUN(test_what_is_surely_a_hello);
    RUN(test_names_of_numbers);
    RUN(test_what_a_client_says);
    RUN(test_what_a_server_says);
    RUN(test_what_is_no_hello);
    RUN(test_versions);
    RUN(test_names_that_lie);
    RUN(test_protocols_that_lie);
    RUN(test_lengths_that_lie);
    RUN(test_an_extension_that_lies);
    RUN(test_hellos_that_are_cut_off);
    RUN(test_the_first_certificate);
    free(copy);
    return DONE();
}
