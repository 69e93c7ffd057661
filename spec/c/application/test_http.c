/*
 * test_http.c: first lines of HTTP, and PROXY headers, good and broken.
 */
#include "application/http.h"
#include "check.h"
#include "says.h"

static unsigned status_of(const char *text, size_t len)
{
    uint8_t *copy = says_copy(text, len);
    const unsigned status = mc_http_status(copy, len);

    free(copy);
    return status;
}

static bool is_request(const char *text)
{
    uint8_t *copy = says_copy(text, strlen(text));
    const bool request = mc_http_is_request(copy, strlen(text));

    free(copy);
    return request;
}

#define STATUS(text) status_of((text), strlen(text))

static void test_status_lines(void)
{
    CHECK_EQ(STATUS("HTTP/1.1 200 OK\r\n"), 200);
    CHECK_EQ(STATUS("HTTP/1.0 599 \r\n"), 599);
    CHECK_EQ(STATUS("HTTP/1.1 100\r\n"), 100);
    CHECK_EQ(STATUS("HTTP/1.1 404\n"), 404);
    CHECK_EQ(STATUS("HTTP/1.1 503"), 503);       /* all that there is */
    CHECK_EQ(STATUS("HTTP/1.1 50"), 0);
    CHECK_EQ(STATUS("HTTP/1.1 2000"), 0);
    CHECK_EQ(STATUS("HTTP/1.2 200 OK"), 0);
    CHECK_EQ(STATUS("HTTP/2.0 200 OK"), 0);
    CHECK_EQ(STATUS("HTTP/1.1_200 OK"), 0);
    CHECK_EQ(STATUS("HTTP/1.1 099 OK"), 0);
    CHECK_EQ(STATUS("HTTP/1.1 600 OK"), 0);
    CHECK_EQ(STATUS("HTTP/1.1 2/0 OK"), 0);
    CHECK_EQ(STATUS("HTTP/1.1 2:0 OK"), 0);
    CHECK_EQ(STATUS("HTTP/1.1 20/ OK"), 0);
    CHECK_EQ(STATUS("HTTP/1.1 20: OK"), 0);
    CHECK_EQ(STATUS("http/1.1 200 OK"), 0);
    CHECK_EQ(STATUS(""), 0);
}

static void test_requests(void)
{
    static const char *const good[] = { "GET / HTTP/1.1", "PUT /a HTTP/1.1", "POST / HTTP/1.1", "HEAD / HTTP/1.1", "OPTIONS *",
                                        "DELETE / HTTP/1.1", "PATCH / HTTP/1.1", "TRACE / HTTP/1.1", "CONNECT a:443",
                                        "PROPFIND / HTTP/1.1",
                                        "QUERY /a HTTP/1.1\r\n", "M-SEARCH * HTTP/1.0\n",
                                        "CONNECT a:443 HTTP/1.1\r\n", "POST / HTTP/1.0 \r\n", "OPTIONS * HTTP/2.0\n", "GET /a/b\r\n" };
    static const char *const none[] = { "GET", "GET / H", "GETTING ON", "PUTS / HTTP", "POSTED / H", "HEADER / H", "OPTIONAL / H",
                                        "DELETED / H", "PATCHES / H", "TRACED / H", "CONNECTS / H", "PROPFINDS", "PROPPATCH /",
                                        "BREW / HTCPCP", "CONNECT", "get / http/1.1",
                                        "CONNECT 192.0.2.1\n", "CONNECT 192.0.2.1 4050\r\n", "OPTIONS rtsp://a RTSP/1.0\r\n",
                                        "OPTIONS sip:a@b SIP/2.0\r\n", "DELETE \n", "PUT k 12345678\n" };
    size_t i;

    for (i = 0; i < MC_ARRAY_LEN(good); i++)
        CHECK(is_request(good[i]));
    for (i = 0; i < MC_ARRAY_LEN(none); i++)
        CHECK(!is_request(none[i]));
    CHECK(mc_http_is_connect((const uint8_t *)"CONNECT a", 9));
    CHECK(!mc_http_is_connect((const uint8_t *)"CONNECT", 7));
    CHECK(!mc_http_is_connect((const uint8_t *)"GET / HTTP", 10));
    CHECK(mc_http_is_two((const uint8_t *)PREFACE, strlen(PREFACE)));
    CHECK(!mc_http_is_two((const uint8_t *)PREFACE, strlen(PREFACE) - 1));
    CHECK(!mc_http_is_two((const uint8_t *)"PRI * HTTP/2.0\r\n\r\nSM\r\n\r!", 24));
}

/* ------------------------------------------------------------------- PROXY */

static mc_proxy proxy;

static size_t proxy_of(const void *p, size_t len)
{
    uint8_t *copy = says_copy(p, len);
    const size_t taken = mc_proxy_read(&proxy, copy, len);

    free(copy);
    return taken;
}

#define PROXY(text) proxy_of((text), strlen(text))

static bool is_client(const char *text, unsigned port)
{
    mc_endpoint e;
    mc_error err;

    return mc_endpoint_parse(&e, text, 0, &err) == MC_OK && memcmp(e.addr, proxy.client, 16) == 0 && proxy.port == port &&
           proxy.named;
}

static bool is_sure(const char *text)
{
    return mc_http_is_sure_request((const uint8_t *)text, strlen(text));
}

static void test_sure_requests(void)
{
    CHECK(is_sure("GET / HTTP/1.1"));
    CHECK(is_sure("POST http://a.example/"));
    CHECK(!is_sure("GET x HTTP/1.1"));
    CHECK(!is_sure("LABEL / HTTP/1.1\r\n"));
    CHECK(!is_sure("OPTIONS "));
}

static void test_the_first_version(void)
{
    CHECK_EQ(PROXY(PROXY_1), strlen(PROXY_1));
    CHECK_EQ(proxy.version, 1);
    CHECK(is_client("203.0.113.9", 56324));
    CHECK_EQ(PROXY(PROXY_1 GET), strlen(PROXY_1));
    CHECK_EQ(PROXY("PROXY TCP6 2001:db8::9 2001:db8::1 65535 443\r\n"), 46);
    CHECK(is_client("2001:db8::9", 65535));
    CHECK_EQ(PROXY("PROXY UNKNOWN\r\n"), 15);
    CHECK_EQ(proxy.version, 1);
    CHECK(!proxy.named);
    CHECK_EQ(PROXY("PROXY UNKNOWN ffff::1 ffff::2 65535 1\r\n"), 39);
    CHECK(!proxy.named);
}

/* Headers that end as they must, and name nobody. */
static void test_first_headers_that_name_nobody(void)
{
    static const char *const broken[] = {
        "PROXY TCP4 203.0.113.9 10.0.0.2 65536 443\r\n", "PROXY TCP4 203.0.113.9 10.0.0.2 5x 443\r\n",
        "PROXY TCP4 203.0.113.9 10.0.0.2 12345678 443\r\n", "PROXY TCP4 203.0.113 10.0.0.2 5 443\r\n",
        "PROXY TCP5 203.0.113.9 10.0.0.2 5 443\r\n", "PROXY TCP4 203.0.113.9 10.0.0.2 5\r\n", "PROXY TCP4  10.0.0.2 5 443\r\n",
        "PROXY TCP4 203.0.113.9\r\n", "PROXY \r\nx", "PROXY LONGFAMILY 203.0.113.9 10.0.0.2 5 443\r\n",
        "PROXY TCP4 203.0.113.9 1111:2222:3333:4444:5555:6666:7777:8888:9999:aaaa 5 443\r\n",
    };
    size_t i;

    for (i = 0; i < MC_ARRAY_LEN(broken); i++) {
        CHECK_EQ(PROXY(broken[i]), strchr(broken[i], '\n') + 1 - broken[i]);
        CHECK_EQ(proxy.version, 1);
        CHECK(!proxy.named);
    }
}

static void test_what_is_no_first_header(void)
{
    static said s;
    size_t len;

    for (len = 0; len < strlen(PROXY_1); len++)
        CHECK_EQ(proxy_of(PROXY_1, len), 0);     /* its end is not there yet */
    CHECK_EQ(PROXY("PROXY TCP4 203.0.113.9 10.0.0.2 56324 443\n"), 0);
    CHECK_EQ(PROXY("PROXY and nothing else"), 0);
    CHECK_EQ(PROXY("PROXI TCP4 203.0.113.9 10.0.0.2 56324 443\r\n"), 0);
    s.len = 0;                                   /* 107 bytes at most */
    say_text(&s, "PROXY UNKNOWN ");
    say_many(&s, 'x', 105 - s.len);
    say_text(&s, "\r\n");
    CHECK_EQ(proxy_of(s.p, s.len), 107);
    s.len -= 2;
    say_text(&s, "x\r\n");
    CHECK_EQ(proxy_of(s.p, s.len), 0);
}

static uint8_t two[70] = "\r\n\r\n\0\r\nQUIT\n";

static size_t second(uint8_t command, uint8_t family, unsigned length, size_t len)
{
    size_t i;

    two[12] = command;
    two[13] = family;
    two[14] = (uint8_t)(length >> 8);
    two[15] = (uint8_t)length;
    for (i = 16; i < sizeof two; i++)
        two[i] = (uint8_t)i;
    return proxy_of(two, len);
}

static void test_the_second_version(void)
{
    CHECK_EQ(proxy_of(PROXY_2, 28), 28);
    CHECK_EQ(proxy.version, 2);
    CHECK(is_client("203.0.113.9", 56324));
    CHECK_EQ(second(0x21, 0x21, 36, 60), 52);
    CHECK(is_client("1011:1213:1415:1617:1819:1a1b:1c1d:1e1f", 0x3031));
    CHECK_EQ(second(0x21, 0x11, 20, 40), 36);    /* with what else it may say behind the addresses */
    CHECK(is_client("16.17.18.19", 0x1819));
    CHECK_EQ(second(0x20, 0x11, 12, 30), 28);    /* LOCAL: of the proxy itself */
    CHECK(!proxy.named);
    CHECK_EQ(second(0x20, 0x21, 36, 60), 52);
    CHECK(!proxy.named);
    CHECK_EQ(second(0x21, 0x12, 12, 30), 28);    /* UDP */
    CHECK(!proxy.named);
    CHECK_EQ(second(0x21, 0x11, 11, 30), 27);    /* too short for an address */
    CHECK(!proxy.named);
    CHECK_EQ(second(0x21, 0x21, 35, 60), 51);
    CHECK(!proxy.named);
    CHECK_EQ(second(0x20, 0, 0, 16), 16);        /* without addresses */
    CHECK_EQ(proxy.version, 2);
}

static void test_what_is_no_second_header(void)
{
    size_t len;

    CHECK_EQ(second(0x11, 0x11, 12, 30), 0);     /* another version */
    CHECK_EQ(second(0x31, 0x11, 12, 30), 0);
    CHECK_EQ(second(0x21, 0x11, 0xffff, 60), 0); /* not all there */
    for (len = 0; len < 28; len++)
        CHECK_EQ(second(0x21, 0x11, 12, len), 0);
    two[11] = '\r';
    CHECK_EQ(second(0x21, 0x11, 12, 30), 0);
    two[11] = '\n';
}

/* The length of the message that 'text' begins; 0: it is not told. */
static uint32_t extent_of(const char *text, mc_http_extent *e)
{
    uint8_t *copy = says_copy(text, strlen(text));
    const bool told = mc_http_extent_read(e, copy, strlen(text));

    CHECK(e->read <= strlen(text));
    free(copy);
    return told ? e->length : 0;
}

#define EXTENT(text) extent_of((text), &e)

static void test_lengths(void)
{
    mc_http_extent e;

    CHECK_EQ(EXTENT("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n"), 39 + 10);
    CHECK_EQ(e.read, 39);
    CHECK(!e.least);
    CHECK_EQ(EXTENT("HTTP/1.1 200 OK\ncontent-length:\t10 \n\n"), 38 + 10 - 1);
    CHECK_EQ(EXTENT("HTTP/1.1 200 OK\r\nContent-Length: 10\r\nContent-Length: 10\r\n\r\nabc"), 59 + 10);
    CHECK_EQ(EXTENT("HTTP/1.1 200 OK\r\nContent-Length: 10\r\nContent-Length: 11\r\n\r\n"), 0);
    CHECK_EQ(EXTENT("HTTP/1.1 200 OK\r\nContent-Length: 10, 10\r\n\r\n"), 0);
    CHECK_EQ(EXTENT("HTTP/1.1 200 OK\r\nContent-Length: \r\n\r\n"), 0);
    CHECK_EQ(EXTENT("HTTP/1.1 200 OK\r\nContent-Length: 99999999999999999999\r\n\r\n"), 0);
    CHECK_EQ(EXTENT("HTTP/1.1 200 OK\r\nContent-Length: 2147483640\r\n\r\n"), 0);
    CHECK_EQ(EXTENT("HTTP/1.1 200 OK\r\nContent-Lengths: 10\r\nContent: 5\r\n\r\n"), 0);
    CHECK_EQ(EXTENT("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n"), 0);        /* the head goes on */
    CHECK_EQ(EXTENT("HTTP/1.1 200 OK\r\n\r\n"), 0);
    CHECK_EQ(EXTENT("\r\n"), 0);
}

#define IN_CHUNKS "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"       /* 47 bytes */

static void test_chunks(void)
{
    mc_http_extent e;

    CHECK_EQ(EXTENT(IN_CHUNKS), 47 + 5);
    CHECK(e.least);
    CHECK_EQ(EXTENT(IN_CHUNKS "5\r\nhello\r\n"), 47 + 10 + 5);
    CHECK_EQ(EXTENT(IN_CHUNKS "5;a=b\r\nhello\r\n1F\r\nx"), 47 + 14 + 4 + 31 + 2 + 5);
    CHECK_EQ(e.read, 47 + 14 + 4);
    CHECK_EQ(EXTENT(IN_CHUNKS "5\r\nhello\r\n1F"), 47 + 10 + 5);             /* the line is cut off */
    CHECK_EQ(EXTENT(IN_CHUNKS "5\r\nhello\r\n0\r\n\r\n"), 0);                /* all of it */
    CHECK_EQ(EXTENT(IN_CHUNKS "x\r\nhello\r\n"), 0);
    CHECK_EQ(EXTENT(IN_CHUNKS "5x\r\nhello\r\n"), 0);
    CHECK_EQ(EXTENT(IN_CHUNKS "\r\nhello\r\n"), 0);
    CHECK_EQ(EXTENT(IN_CHUNKS "FFFFFFFFFFFFFFFFF\r\nhello\r\n"), 0);
    CHECK_EQ(EXTENT(IN_CHUNKS "7fffffff\r\nhello\r\n"), 0);
    CHECK_EQ(EXTENT(IN_CHUNKS "1\na\r\n1\na\r\n1\na\r\n1\na\r\n1\na\r\n1\na\r\n1\na\r\n1\na\r\n1\na\r\n1\na\r\n1\na\r\n"
                    "1\na\r\n1\na\r\n1\na\r\n1\na\r\n1\na\r\n1\na\r\n1\na\r\n"), 47 + 16 * 5 + 5);
    CHECK_EQ(EXTENT("HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip, Chunked\r\nContent-Length: 9\r\n\r\n"), 72 + 5);
    CHECK_EQ(EXTENT("HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip\r\nContent-Length: 9\r\n\r\n"), 0);
    CHECK_EQ(EXTENT("HTTP/1.1 200 OK\r\nTransfer-Encoding: unchunked\r\n\r\n"), 0);
    CHECK_EQ(EXTENT("HTTP/1.1 200 OK\r\nTransfer-Encoding: notchunks\r\n\r\n"), 0);
    CHECK_EQ(EXTENT("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n"), 0);
}

/* Wherever its lines end, and wherever it is cut off, up to and behind all that is looked at together. */
static void test_heads_of_all_lengths(void)
{
    char text[256];
    mc_http_extent e;
    int pad, body, cut;

    for (pad = 0; pad < 140; pad++)
        for (body = 0; body < 3; body++) {
            const int head = snprintf(text, sizeof text, "HTTP/1.1 200 OK\r\nX: %0*d\r\nContent-Length: 17\r\n%s\r\n", pad, 0,
                                      body == 1 ? "Content-Type: text/event-stream\r\n" : "");

            snprintf(text + head, sizeof text - (size_t)head, "%.*s", body * 7, "Content-Length: 9\n\n");
            CHECK_EQ(EXTENT(text), head + 17);
            CHECK_EQ(e.read, head);
            CHECK_EQ(e.events, body == 1);
            for (cut = head - 1; cut >= 0; cut--) {
                text[cut] = 0;
                CHECK_EQ(EXTENT(text), 0);
                CHECK_EQ(e.read, 0);
                CHECK(!e.events);
            }
        }
}

/* Names as they are, longer ones and shorter ones; the latest type counts. */
static void test_names_of_fields(void)
{
    mc_http_extent e;

    CHECK_EQ(EXTENT("HTTP/1.1 200 OK\nCONTENT-LENGTH:9\n\n"), 34 + 9);
    CHECK_EQ(EXTENT("HTTP/1.1 200 OK\nXContent-Length: 9\n\n"), 0);
    CHECK_EQ(EXTENT("HTTP/1.1 200 OK\n Content-Length: 9\n\n"), 0);
    CHECK_EQ(EXTENT("HTTP/1.1 200 OK\nContent-Length : 9\n\n"), 0);
    CHECK_EQ(EXTENT("HTTP/1.1 200 OK\nContent-Length: 9\nContent-Length:\n\n"), 0);
    CHECK_EQ(EXTENT("HTTP/1.1 200 OK\nTransfer-Encoding:chunked\n\n"), 43 + 5);
    CHECK_EQ(EXTENT("HTTP/1.1 200 OK\ntransfer-encoding:  chunked \n\n5"), 46 + 5);
    CHECK_EQ(EXTENT("HTTP/1.1 200 OK\nTransfer-Encodings:chunked\n\n"), 0);
    EXTENT("HTTP/1.1 200 OK\nContent-Type:\ttext/event-stream;a\n\n");
    CHECK(e.events);
    EXTENT("HTTP/1.1 200 OK\nContent-Type: text/event-stream\nContent-Type:\n\n");
    CHECK(!e.events);
    EXTENT("HTTP/1.1 200 OK\nContent-Type: text/event-strea\n\n");
    CHECK(!e.events);
    CHECK_EQ(EXTENT(IN_CHUNKS "no size, and no end of a line"), 0);
}

int main(void)
{
    RUN(test_lengths);
    RUN(test_chunks);
    RUN(test_heads_of_all_lengths);
    RUN(test_names_of_fields);
    RUN(test_status_lines);
    RUN(test_requests);
    RUN(test_sure_requests);
    RUN(test_the_first_version);
    RUN(test_first_headers_that_name_nobody);
    RUN(test_what_is_no_first_header);
    RUN(test_the_second_version);
    RUN(test_what_is_no_second_header);
    return DONE();
}
