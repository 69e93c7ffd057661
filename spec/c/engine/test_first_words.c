/*
 * test_first_words.c: what the first bytes of a stream are recognised as.
 */
#include <stdlib.h>

#include "check.h"
#include "engine/first_words.h"

static char out[200];
static mc_first_look look;

/* What is said of the first 'length' of these bytes, in a block of exactly that size. */
static const char *words(const void *bytes, size_t length)
{
    uint8_t *copy = malloc(length > 0 ? length : 1);

    CHECK(copy != NULL);
    memcpy(copy, bytes, length);
    mc_first_words(out, sizeof out, copy, length, &look);
    free(copy);
    return out;
}

static const char *text(const char *line)
{
    return words(line, strlen(line));
}

/* A record with one handshake message; 'body' behind the message's header. */
static size_t record(uint8_t *to, uint8_t type, const uint8_t *body, size_t length)
{
    const uint8_t head[9] = { 22, 3, 1, (uint8_t)((length + 4) >> 8), (uint8_t)(length + 4), type, 0, (uint8_t)(length >> 8),
                              (uint8_t)length };

    memcpy(to, head, sizeof head);
    memcpy(to + sizeof head, body, length);
    return length + sizeof head;
}

static const uint8_t extensions[] = {
    0, 0, 0, 10, 0, 8, 0, 0, 5, 'a', '.', 'o', 'r', 'g',     /* the name */
    0, 16, 0, 5, 0, 3, 2, 'h', '2',                          /* ALPN */
    0, 43, 0, 7, 6, 0x7a, 0x7a, 3, 4, 3, 3,                  /* versions: grease, 1.3, 1.2 */
    0, 41, 0, 0, 0, 42, 0, 0, 0xfe, 0x0d, 0, 0, 0, 99, 0, 0, /* resumption, early data, encrypted, an unknown one */
};

/* A hello with the first 'count' bytes of the extensions. */
static size_t hello(uint8_t *to, bool client, size_t count)
{
    uint8_t body[200] = { 3, 3 };
    size_t n = 34;

    body[n++] = 0;                                           /* no session */
    if (client) {
        body[n++] = 0;
        body[n++] = 2;
        n += 2;                                              /* one suite */
        body[n++] = 1;
        n++;                                                 /* no compression */
    } else {
        n += 3;
    }
    body[n++] = (uint8_t)(count >> 8);
    body[n++] = (uint8_t)count;
    memcpy(body + n, extensions, count);
    return record(to, client ? 1 : 2, body, n + count);
}

static void test_a_client_hello(void)
{
    uint8_t b[300];
    size_t n = hello(b, true, sizeof extensions), i;

    CHECK_STR(words(b, n), "TLS 1.3 ClientHello for a.org, h2, resumption, early data, encrypted part");
    CHECK_EQ(look.kind, MC_FIRST_CLIENT_HELLO);
    CHECK_STR(look.sni, "a.org");
    CHECK_STR(look.alpn, "h2");
    CHECK_STR(look.version, "TLS 1.3");
    CHECK(look.resumes && look.early && look.encrypted);
    for (i = 6; i < n; i++) {                                /* more of it follows */
        CHECK(mc_first_words(out, sizeof out, b, i, &look));
        CHECK_STR(words(b, i), "TLS ClientHello begins");
    }
    n = hello(b, true, 0);
    CHECK_STR(words(b, n), "TLS 1.2 ClientHello");
    CHECK(!look.resumes && look.sni[0] == 0);
    b[5 + 4] = 3;
    b[5 + 5] = 1;
    CHECK_STR(words(b, n), "TLS 1.0 ClientHello");
    b[5 + 5] = 9;
    CHECK_STR(words(b, n), "TLS ClientHello");
}

static void test_a_server_hello(void)
{
    static const uint8_t again[] = { 0xcf, 0x21, 0xad, 0x74, 0xe5, 0x9a, 0x61, 0x11 };
    uint8_t b[300];
    size_t n = hello(b, false, 0), i;

    CHECK_STR(words(b, n), "TLS 1.2 ServerHello");
    CHECK_EQ(look.kind, MC_FIRST_SERVER_HELLO);
    memcpy(b + 11, again, sizeof again);
    CHECK_STR(words(b, n), "TLS 1.2 HelloRetryRequest");
    CHECK_EQ(look.kind, MC_FIRST_RETRY);
    for (i = 9; i < 9 + 34; i++)                             /* cut before its random ends: nothing is said */
        CHECK_STR(words(b, i), "");
}

/* RFC 8446, 6: what is known by its code, and what is encrypted. */
static void test_alerts(void)
{
    uint8_t b[7] = { 21, 3, 3, 0, 2, 2, 48 };

    CHECK_STR(words(b, 7), "TLS alert unknown_ca (fatal)");
    CHECK(look.kind == MC_FIRST_ALERT && look.fatal);
    CHECK_STR(look.alert, "unknown_ca");
    b[5] = 1;
    b[6] = 0;
    CHECK_STR(words(b, 7), "TLS alert close_notify (warning)");
    CHECK(!look.fatal);
    b[6] = 200;
    CHECK_STR(words(b, 7), "TLS alert, encrypted");
    b[6] = 0;
    b[5] = 3;
    CHECK_STR(words(b, 7), "TLS alert, encrypted");
    CHECK_STR(words(b, 6), "TLS alert, encrypted");
}

static void test_other_records(void)
{
    const uint8_t none[4] = { 0 };
    uint8_t b[32] = { 20, 3, 3, 0, 1, 1 };
    size_t n;

    CHECK_STR(words(b, 6), "TLS ChangeCipherSpec");
    b[0] = 23;
    CHECK_STR(words(b, 6), "");
    CHECK_EQ(look.kind, MC_FIRST_TLS_DATA);
    n = record(b, 11, none, 4);
    CHECK_STR(words(b, n), "TLS Certificate");
    b[6] = 0x77;                                             /* a length that no message has */
    CHECK_STR(words(b, n), "TLS handshake, encrypted");
    n = record(b, 99, none, 4);
    CHECK_STR(words(b, n), "TLS handshake, encrypted");
    CHECK_STR(words(b, 8), "");                              /* cut in the message's header */
}

/* The near misses of a record: its type, version and length. */
static void test_what_is_no_record(void)
{
    static const uint8_t all[][6] = {
        { 19, 3, 3, 0, 1, 1 }, { 24, 3, 3, 0, 1, 1 }, { 20, 2, 3, 0, 1, 1 }, { 20, 3, 5, 0, 1, 1 }, { 20, 3, 3, 0, 0, 1 },
        { 20, 3, 3, 0x50, 0, 1 },
    };
    size_t i;

    for (i = 0; i < sizeof all / sizeof all[0]; i++) {
        CHECK_STR(words(all[i], 6), "");
        CHECK_EQ(look.kind, MC_FIRST_OTHER);
    }
    CHECK_STR(words(all[0], 0), "");
}

static void test_a_line_of_http(void)
{
    CHECK_STR(text("GET /index.html HTTP/1.1\r\nHost: a"), "GET /index.html HTTP/1.1");
    CHECK_STR(text("HTTP/1.1 404 Not Found\nServer: b"), "HTTP/1.1 404 Not Found");
    CHECK_STR(text("POST /login?password=secret HTTP/1.1\r\n"), "POST /login?...");
    CHECK_STR(text("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"), "HTTP/2 begins");
    CHECK_STR(text("GETTING on"), "");
    CHECK_STR(text("SSH-2.0-OpenSSH"), "");
    CHECK_STR(text("GE"), "");
    CHECK_STR(words("GET /\0x", 7), "GET /.x");
}

int main(void)
{
    RUN(test_a_client_hello);
    RUN(test_a_server_hello);
    RUN(test_alerts);
    RUN(test_other_records);
    RUN(test_what_is_no_record);
    RUN(test_a_line_of_http);
    return DONE();
}
