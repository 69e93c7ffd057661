/*
 * fuzz_words.c: what connections and lookups say, to its readers without a capture around it.
 *
 * An input is which reader (1 byte, see below), then
 *   certificate, hello    one message
 *   lookups               messages: how (1 byte: see LOOKUP_), length (2, big-endian), bytes
 *   talk                  segments of one connection, in the same form: see SEGMENT_
 * Each piece is a block of exactly its size, so that a sanitizer sees what is read beyond.  A text that cannot be shown, a
 * view that lies outside of what it was read from and a sum that cannot be stop the run.
 *
 * Built with MCPCAP_FUZZ_REPLAY it has a main() of its own, which needs no fuzzer:
 *
 *     replay_words [-n N]             seeds of its own, and N random changes of each
 *     replay_words -w FOLDER          writes the seeds instead
 */
#include <stdio.h>
#include <stdlib.h>

#include "application/certificate.h"
#include "application/http.h"
#include "application/tls.h"
#include "facts/dns.h"
#define HEARING_MOST 100
#include "hearing.h"

#ifdef MCPCAP_FUZZ_REPLAY
#include "replay.h"
#endif

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

typedef enum reader { READ_CERTIFICATE, READ_HELLO, READ_LOOKUPS, READ_TALK, READERS } reader;

#define LOOKUP_BACK    0x01          /* from the server */
#define LOOKUP_STREAM  0x02          /* over TCP */
#define LOOKUP_LATE    0x04          /* seconds after the one before */

#define SEGMENT_BACK   0x01          /* from the server */
#define SEGMENT_CUT    0x02          /* half of it was captured */
#define SEGMENT_LOST   0x04          /* the one before it is not in the capture */
#define SEGMENT_AGAIN  0x08          /* at the number of the one before it */
#define SEGMENT_LATE   0x10          /* heard as one behind plain words */
#define SEGMENT_OTHER  0x20          /* on another connection, from its beginning */
#define SEGMENT_EMPTY  0x40          /* its payload was not kept */

static void require(bool condition)
{
    if (!condition)
        abort();
}

static void require_within(mc_view part, const uint8_t *from, size_t size)
{
    require(part.len == 0 || (part.p >= from && part.len <= size && (size_t)(part.p - from) <= size - part.len));
}

/* Fit to be shown: it ends, and no byte of it moves a terminal. */
static void require_text(const char *text)
{
    size_t i;

    for (i = 0; text != NULL && text[i] != '\0'; i++)
        require(i < 4 * MC_NAME_MOST && (uint8_t)text[i] >= ' ' && text[i] != 0x7f);
}

/* What it does not rest on may be anything. */
static void require_rests(const mc_certificate *c, uint8_t *copy, size_t size)
{
    mc_certificate again;
    size_t i;

    require(c->key <= c->key_end && c->key_end <= c->read && c->read <= size);
    for (i = c->key; i < size; i++)
        if (i < c->key_end || i >= c->read)
            copy[i] ^= 0xff;
    require(mc_certificate_read(&again, (mc_view){ copy, size }));
    require(memcmp(&again, c, sizeof again) == 0);
}

static void read_certificate(const uint8_t *p, size_t size)
{
    uint8_t *copy = says_copy(p, size);
    mc_certificate c;

    if (mc_certificate_read(&c, (mc_view){ copy, size })) {
        require_within(c.issuer, copy, size);
        require_within(c.subject, copy, size);
        require_within(c.name, copy, size);
        require_rests(&c, copy, size);
    }
    free(copy);
}

static void read_hello(const uint8_t *p, size_t size)
{
    uint8_t *copy = says_copy(p, size);
    mc_tls_hello h;
    mc_proxy proxy;
    unsigned client, status;

    for (client = 0; client < 2; client++)
        if (mc_tls_read_hello(&h, (mc_view){ copy, size }, client != 0)) {
            require_within(h.session, copy, size);
            require_within(h.sni, copy, size);
            require_within(h.alpn, copy, size);
        }
    require_within(mc_tls_first_certificate((mc_view){ copy, size }), copy, size);
    require(mc_proxy_read(&proxy, copy, size) <= size);
    status = mc_http_status(copy, size);
    require(status == 0 || (status >= 100 && status <= 599));
    require(!mc_http_is_sure_request(copy, size) || mc_http_is_usual_request(copy, size));
    (void)mc_tls_is_client_hello(copy, size);
    (void)mc_http_is_request(copy, size);
    (void)mc_http_is_two(copy, size);
    free(copy);
}

/* The next piece of a script; false: there is none. */
static bool take_piece(mc_view *rest, uint8_t *how, mc_view *piece)
{
    const uint8_t *h = mc_take(rest, 3);

    if (h == NULL)
        return false;
    *how = h[0];
    piece->len = mc_be16(h + 1);
    if (piece->len > rest->len)
        piece->len = rest->len;
    piece->p = mc_take(rest, piece->len);
    return true;
}

static void read_lookups(const uint8_t *p, size_t size)
{
    static const uint8_t ends[2][16] = { { [10] = 0xff, 0xff, 192, 0, 2, 7 }, { [10] = 0xff, 0xff, 192, 0, 2, 53 } };
    mc_dns *dns = mc_dns_open();
    mc_view rest = { p, size }, piece;
    mc_dns_facts out;
    uint64_t number = 0;
    int64_t now = MC_NS_PER_S;
    uint8_t how;

    require(dns != NULL && mc_dns_lead(dns, NULL) != NULL);
    while (take_piece(&rest, &how, &piece)) {
        const unsigned back = (how & LOOKUP_BACK) != 0;
        uint8_t *copy = says_copy(piece.p, piece.len);

        now += (how & LOOKUP_LATE) != 0 ? 3 * MC_NS_PER_S : MC_NS_PER_MS;
        if ((how & LOOKUP_STREAM) != 0) {
            mc_segment s = { .len = (uint32_t)piece.len, .captured = (uint32_t)piece.len, .payload = copy, .len_known = true,
                             .sport = back ? 53 : 4000, .dport = back ? 4000 : 53, .flags = MC_TH_ACK, .ip_version = 4 };

            memcpy(s.src, ends[back], 16);
            memcpy(s.dst, ends[!back], 16);
            require(mc_dns_add_stream(dns, &s, ++number, now));
        } else {
            mc_other o = { .kind = MC_OTHER_UDP, .ip_version = 4, .payload = copy, .captured = (uint32_t)piece.len,
                           .sport = back ? 53 : 4000, .dport = back ? 4000 : 53 };

            memcpy(o.src, ends[back], 16);
            memcpy(o.dst, ends[!back], 16);
            require(mc_dns_add(dns, &o, ++number, now));
        }
        free(copy);
    }
    mc_dns_get_facts(dns, now, &out);
    require(out.answers <= out.questions);
    require(out.no_name + out.failed + out.refused + out.other_errors <= out.answers);
    require_text(out.slowest.name);
    require_text(out.first_unanswered.name);
    require_text(out.first_no_name.name);
    require_text(out.first_failed.name);
    mc_dns_close(dns);
}

static void hear_piece(uint8_t how, mc_view piece, unsigned *connection)
{
    const unsigned dir = (how & SEGMENT_BACK) != 0 ? S : C;
    const uint32_t len = (uint32_t)piece.len, captured = (how & SEGMENT_CUT) != 0 ? len / 2 : len;

    if ((how & SEGMENT_OTHER) != 0 && *connection < HEARING_MOST)
        hear_connection(++*connection);
    if ((how & SEGMENT_AGAIN) != 0)
        seq[dir] -= len;
    if ((how & SEGMENT_LOST) != 0)
        seq[dir] += 100;
    if ((how & SEGMENT_EMPTY) != 0) {
        conn->flags = (conn->flags & ~TURNS) | hear_nothing(dir, len);
    } else if ((how & SEGMENT_LATE) != 0) {
        uint8_t *copy = says_copy(piece.p, captured);
        const mc_heard h = { .payload = copy, .captured = captured, .len = len, .seq = seq[dir], .hash = mc_flows_hash(flows, &key),
                             .dir = dir, .turn = true, .timed = true, .now = now_ns, .took = -1, .frame = ++frame };

        if (mc_talks_begins_late(copy, captured) != 0)
            conn->flags = (conn->flags & ~TURNS) | mc_talks_hear_late(&talks, flows, conn, &h);
        free(copy);
    } else {
        hear_at(dir, seq[dir], piece.p, captured, len);
    }
    seq[dir] += len;
}

static void read_talk(const uint8_t *p, size_t size)
{
    mc_view rest = { p, size }, piece;
    unsigned i, connection = 1;
    uint8_t how;

    hear_one();
    while (take_piece(&rest, &how, &piece))
        hear_piece(how, piece, &connection);
    tell();
    require_text(row.tls.sni);
    require_text(row.tls.alpn);
    require_text(row.tls.alpn_offered);
    for (i = 0; i < MC_ROW_STATUS; i++)
        require(row.http.status[i] == 0 || (row.http.status[i] >= 100 && row.http.status[i] <= 599));
    require(facts.http.connections <= connection && facts.tls.connections <= connection);
    stop_hearing();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size == 0)
        return 0;
    switch ((reader)(data[0] % READERS)) {
    case READ_CERTIFICATE: read_certificate(data + 1, size - 1); break;
    case READ_HELLO: read_hello(data + 1, size - 1); break;
    case READ_LOOKUPS: read_lookups(data + 1, size - 1); break;
    default: read_talk(data + 1, size - 1); break;
    }
    return 0;
}

#ifdef MCPCAP_FUZZ_REPLAY

static said input;

static void put_piece(uint8_t how, const said *what)
{
    SAY(&input, how, (uint8_t)(what->len >> 8), (uint8_t)what->len);
    say(&input, what->p, what->len);
}

static void put_words(uint8_t how, const char *text)
{
    said_now.len = 0;
    say_text(&said_now, text);
    put_piece(how, &said_now);
}

#define PUT(how, words) (said_now.len = 0, (words), put_piece((how), &said_now))

/* A question for www.example, or the answer to it: 'code' and so many addresses. */
static void put_lookup(uint8_t how, uint8_t number, unsigned code, unsigned addresses)
{
    static const uint8_t name[] = { 3, 'w', 'w', 'w', 7, 'e', 'x', 'a', 'm', 'p', 'l', 'e', 0, 0, 1, 0, 1 };
    static const uint8_t address[] = { 0xc0, 12, 0, 1, 0, 1, 0, 0, 0, 60, 0, 4, 192, 0, 2, 80 };
    const size_t stream = (how & LOOKUP_STREAM) != 0 ? 2 : 0;

    said_now.len = 0;
    if (stream > 0)
        SAY(&said_now, 0, (uint8_t)(12 + sizeof name + addresses * sizeof address));
    SAY(&said_now, 0, number, (how & LOOKUP_BACK) != 0 ? 0x81 : 1, (uint8_t)code, 0, 1, 0, (uint8_t)addresses, 0, 0, 0, 0);
    say(&said_now, name, sizeof name);
    while (addresses-- > 0)
        say(&said_now, address, sizeof address);
    put_piece(how, &said_now);
}

static void put_lookups(void)
{
    unsigned stream;

    for (stream = 0; stream <= LOOKUP_STREAM; stream += LOOKUP_STREAM) {
        put_lookup((uint8_t)stream, 1, 0, 0);
        put_lookup((uint8_t)(stream | LOOKUP_BACK), 1, 0, 2);
        put_lookup((uint8_t)stream, 2, 0, 0);
        put_lookup((uint8_t)(stream | LOOKUP_LATE), 2, 0, 0);
        put_lookup((uint8_t)(stream | LOOKUP_BACK), 2, 3, 0);
    }
}

static void put_certificate(void)
{
    const certificate c = { .issuer = "An authority", .subject = NAME, .organization = "Nobody", .dns = NAME, .mail_first = true };

    says_der(&input, &c);
}

static void put_hello(void)
{
    const hello h = { .name = NAME, .alpn = "h2", .session = "0123456789", .tls13 = true, .psk = true, .early = true, .ech = true };

    says_hello_body(&input, &h, true);
}

static void put_tls13(void)
{
    const hello h = { .name = NAME, .alpn = "http/1.1", .tls13 = true };

    PUT(0, says_hello(&said_now, h));
    PUT(SEGMENT_BACK, (says_server_hello(&said_now, h), says_change(&said_now), says_sealed(&said_now, 23, 90)));
    PUT(0, (says_change(&said_now), says_sealed(&said_now, 23, 60)));
    PUT(SEGMENT_BACK, says_sealed(&said_now, 23, 60));
}

static void put_tls12(void)
{
    const hello h = { .name = NAME, .alpn = "http/1.1", .ticket = true };
    const certificate c = { .issuer = "An authority", .subject = NAME, .dns = NAME };

    PUT(0, says_hello(&said_now, h));
    PUT(SEGMENT_BACK, says_flight(&said_now, h, c));
    PUT(0, says_alert(&said_now, 2, 42));
}

static void put_http(void)
{
    put_words(0, "PROXY TCP4 198.51.100.7 192.0.2.80 4000 80\r\n");
    put_words(0, "GET /one HTTP/1.1\r\nHost: " NAME "\r\n\r\n");
    put_words(SEGMENT_BACK, "HTTP/1.1 100 Continue\r\n\r\n");
    put_words(SEGMENT_BACK, "HTTP/1.1 503 Service Unavailable\r\nContent-Length: 0\r\n\r\n");
    put_words(SEGMENT_AGAIN, "PROPFIND / HTTP/1.1\r\n\r\n");
    put_words(SEGMENT_OTHER, "CONNECT " NAME ":443 HTTP/1.1\r\n\r\n");
    put_words(SEGMENT_BACK, "HTTP/1.1 200 OK\r\n\r\n");
    put_tls13();
}

static void put_greeting(void)
{
    put_words(SEGMENT_BACK, "220 " NAME " ESMTP\r\n");
    put_words(0, "STARTTLS\r\n");
    put_words(SEGMENT_BACK, "220 go on\r\n");
    PUT(SEGMENT_LATE, says_hello(&said_now, (hello){ .name = NAME }));
    put_words(SEGMENT_OTHER | SEGMENT_LATE, "GET / HTTP/1.1\r\n\r\n");
    put_words(SEGMENT_BACK | SEGMENT_LATE, "HTTP/1.0 404 Not Found\r\n\r\n");
}

static const struct {
    reader what;
    void (*put)(void);
} seeds[] = {
    { READ_CERTIFICATE, put_certificate }, { READ_HELLO, put_hello }, { READ_LOOKUPS, put_lookups },
    { READ_TALK, put_tls13 }, { READ_TALK, put_tls12 }, { READ_TALK, put_http }, { READ_TALK, put_greeting },
};

static mc_view seed(unsigned number)
{
    input.len = 0;
    SAY(&input, (uint8_t)seeds[number].what);
    seeds[number].put();
    return (mc_view){ input.p, input.len };
}

int main(int argc, char **argv)
{
    return replay_seeds(argc, argv, MC_ARRAY_LEN(seeds), seed);
}
#endif
