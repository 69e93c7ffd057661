/*
 * frame.c: headers with right lengths and checksums.
 */
#include "frame.h"

#include <stdlib.h>
#include <string.h>

#include "tls.h"

#define MTU          1500u
#define MIN_FRAME    60u             /* without the checksum; shorter ones are padded */
#define SMALL_PAYLOAD 10u            /* 64-byte frames with Ethernet, IPv4 and TCP without options */
#define TEXT_SIZE    (1u << 17)      /* payload is cut out of this much text */
#define OTHER_SERVER 0x0a000063u

typedef struct endpoints {
    uint8_t src[16], dst[16];        /* IPv4 in the last four bytes */
    uint16_t sport, dport;
} endpoints;

struct frame_maker {
    traffic_settings settings;
    uint32_t ip_len;
    uint32_t options_len;            /* of a data segment */
    uint32_t max_payload;
    tls_speech *speech;              /* NULL: no TLS */
    uint8_t text[TEXT_SIZE + MTU];   /* the end repeats the beginning */
};

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

/* --------------------------------------------------------------------- text */

static void fill_text(frame_maker *m, uint64_t seed)
{
    static const char *const words[] = {
        "the ", "request ", "of ", "a ", "client ", "header: ", "value\r\n", "and ", "{\"name\": ",
        "\"server\", ", "content ", "length ", "to ", "0.7 ", "<div class=\"row\">", "</div>\n", "is ", "in ",
        "cache ", "time ", "null, ", "true} ", "http://www.example.com/", "index.html ", "font ", "at ",
        "price ", "list ", "image/png ", "function() ", "return ", "window "
    };
    size_t at = 0;

    while (at < TEXT_SIZE) {
        char text[32];
        size_t length;

        seed = seed * 6364136223846793005ull + 1442695040888963407ull;
        if (m->settings.text == TEXT_WORDS && (seed >> 40) % 8 != 0) {
            const char *word = words[(seed >> 33) % (sizeof words / sizeof words[0])];

            length = strlen(word);
            memcpy(text, word, length);
        } else {
            uint64_t bits = m->settings.text == TEXT_ZERO ? 0 : seed ^ seed >> 29;

            length = 4;
            put32((uint8_t *)text, (uint32_t)(bits >> 24));
        }
        if (length > TEXT_SIZE - at)
            length = TEXT_SIZE - at;
        memcpy(m->text + at, text, length);
        at += length;
    }
    memcpy(m->text + TEXT_SIZE, m->text, MTU);
}

frame_maker *frame_maker_open(const traffic_settings *settings, uint64_t seed)
{
    frame_maker *m = calloc(1, sizeof *m);

    if (m == NULL)
        return NULL;
    m->settings = *settings;
    m->ip_len = settings->ipv6 ? 40 : 20;
    if (settings->size == SIZE_SMALL) {
        m->max_payload = SMALL_PAYLOAD;
    } else {
        m->options_len = 12;
        m->max_payload = MTU - m->ip_len - 20 - m->options_len;
    }
    fill_text(m, seed);
    if (settings->tls == 0)
        return m;
    m->speech = tls_speech_open(settings->tls, seed);
    if (m->speech == NULL) {
        free(m);
        return NULL;
    }
    return m;
}

void frame_maker_close(frame_maker *m)
{
    if (m != NULL)
        tls_speech_close(m->speech);
    free(m);
}

uint32_t frame_max_payload(const frame_maker *m)
{
    return m->max_payload;
}

uint32_t frame_flight_length(const frame_maker *m, unsigned flight)
{
    return tls_flight_length(m->speech, flight);
}

uint32_t frame_notify_length(const frame_maker *m)
{
    uint8_t notify[TLS_NOTIFY_MOST];

    return tls_put_notify(m->speech, notify);
}

/* ---------------------------------------------------------------- checksums */

/* RFC 1071: the sum may be formed in any order, so eight bytes at a time. */
static uint64_t sum_bytes(uint64_t sum, const uint8_t *p, size_t length)
{
    uint64_t word;

    for (; length >= 8; p += 8, length -= 8) {
        memcpy(&word, p, 8);
        sum += word;
        sum += sum < word;
    }
    word = 0;
    memcpy(&word, p, length);
    sum += word;
    return sum + (sum < word);
}

static void put_checksum(uint8_t *at, uint64_t sum)
{
    uint16_t folded;

    sum = (sum & 0xffffffff) + (sum >> 32);
    sum = (sum & 0xffff) + (sum >> 16 & 0xffff) + (sum >> 32);
    sum = (sum & 0xffff) + (sum >> 16);
    sum = (sum & 0xffff) + (sum >> 16);
    folded = (uint16_t)~sum;
    memcpy(at, &folded, 2);          /* the sum was formed in this machine's order */
}

/* ------------------------------------------------------------------ headers */

/* Multiplying by an odd number permutes, so no two numbers share an endpoint. */
static void set_client(const frame_maker *m, uint8_t addr[16], uint16_t *port, uint32_t number)
{
    if (m->settings.flood) {
        put32(addr + 12, 0x50000000u | (number * 2654435761u & 0x0fffffffu));
        *port = (uint16_t)(1024 + number % 60000);
    } else {
        put32(addr + 12, 0x0b000000u | (number * 40503u & 0xffffu));
        *port = (uint16_t)(32768u + (number >> 16) * 7u % 28000u);
    }
    if (m->settings.ipv6)
        memcpy(addr, "\x20\x01\x0d\xb8\0\x01\0\0\0\0\0\0", 12);
}

static endpoints endpoints_of(const frame_maker *m, const frame_segment *s)
{
    endpoints e;
    uint8_t *client = s->dir == 0 ? e.src : e.dst, *server = s->dir == 0 ? e.dst : e.src;

    memset(&e, 0, sizeof e);
    set_client(m, client, s->dir == 0 ? &e.sport : &e.dport, s->client);
    if (m->settings.ipv6)
        memcpy(server, "\x20\x01\x0d\xb8\0\0\0\0\0\0\0\0\0\0\0\x01", 16);
    else
        put32(server + 12, 0x0a000001);
    *(s->dir == 0 ? &e.dport : &e.sport) = TRAFFIC_PORT;
    return e;
}

static uint8_t *put_ethernet(const frame_maker *m, uint8_t *p, uint32_t type, bool from_server)
{
    memcpy(p, from_server ? "\x02\0\0\0\0\x02\x02\0\0\0\0\x01" : "\x02\0\0\0\0\x01\x02\0\0\0\0\x02", 12);
    p += 12;
    if (m->settings.vlan) {
        put32(p, 0x81000064);
        p += 4;
    }
    put16(p, type);
    return p + 2;
}

/* The IP header of 'length' bytes of payload; returns the pseudo header's sum. */
static uint64_t put_ip(const frame_maker *m, uint8_t *p, const endpoints *e, uint32_t protocol,
                       uint32_t length, uint16_t id, uint8_t ttl)
{
    uint8_t pseudo[4] = { 0, (uint8_t)protocol, 0, 0 };
    uint64_t sum;

    put16(pseudo + 2, length);
    memset(p, 0, m->ip_len);
    if (m->settings.ipv6) {
        p[0] = 0x60;
        put16(p + 4, length);
        p[6] = (uint8_t)protocol;
        p[7] = ttl;
        memcpy(p + 8, e->src, 16);
        memcpy(p + 24, e->dst, 16);
        sum = sum_bytes(0, p + 8, 32);
    } else {
        p[0] = 0x45;
        put16(p + 2, 20 + length);
        put16(p + 4, id);
        p[6] = 0x40;
        p[8] = ttl;
        p[9] = (uint8_t)protocol;
        memcpy(p + 12, e->src + 12, 4);
        memcpy(p + 16, e->dst + 12, 4);
        sum = sum_bytes(0, p + 12, 8);
        put_checksum(p + 10, sum_bytes(0, p, 20));
    }
    return sum_bytes(sum, pseudo, 4);
}

/* Options as a Linux host sends them; returns their length. */
static uint32_t put_options(const frame_maker *m, uint8_t *p, const frame_segment *s)
{
    bool stamped = m->options_len != 0;
    uint32_t n = 0;

    if ((s->flags & FRAME_SYN) != 0) {
        memcpy(p, "\x02\x04\0\0\x04\x02", 6);
        put16(p + 2, MTU - m->ip_len - 20);
        n = 6;
        if (stamped) {
            memcpy(p + n, "\x08\x0a", 2);
            n += 2;
        } else {
            memcpy(p + n, "\x01\x01", 2);
            n += 2;
        }
    } else if (stamped) {
        memcpy(p, "\x01\x01\x08\x0a", 4);
        n = 4;
    }
    if (stamped) {
        put32(p + n, s->ts_val);
        put32(p + n + 4, s->ts_ecr);
        n += 8;
    }
    if ((s->flags & FRAME_SYN) != 0) {
        memcpy(p + n, "\x01\x03\x03\x07", 4);
        n += 4;
    }
    if (s->has_sack) {
        memcpy(p + n, "\x01\x01\x05\x0a", 4);
        put32(p + n + 4, s->sack[0]);
        put32(p + n + 8, s->sack[1]);
        n += 12;
    }
    return n;
}

/* Requests and answers are longer than what tells them. */
static void put_words(const frame_maker *m, uint8_t *payload, const frame_segment *s)
{
    static const char *const words[] = {
        [FRAME_REQUEST] = "GET /index.html HTTP/1.1\r\nHost: www.example.org\r\nAccept: */*\r\n\r\n",
        [FRAME_STATUS] = "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nTransfer-Encoding: chunked\r\n\r\n",
    };
    size_t length;

    switch ((frame_words)s->words) {
    case FRAME_TEXT:
        break;
    case FRAME_RECORD:
        tls_put_record(payload, s->record);
        break;
    case FRAME_NOTIFY:
        tls_put_notify(m->speech, payload);
        break;
    case FRAME_FLIGHT:
        tls_flight_copy(m->speech, s->flight, s->client, s->at, s->len, payload);
        break;
    default:
        length = strlen(words[s->words]);
        memcpy(payload, words[s->words], s->len < length ? s->len : length);
        break;
    }
}

uint32_t frame_make(frame_maker *m, uint8_t *frame, const frame_segment *s)
{
    endpoints e = endpoints_of(m, s);
    uint8_t *ip = put_ethernet(m, frame, m->settings.ipv6 ? 0x86dd : 0x0800, s->dir == 1);
    uint8_t *tcp = ip + m->ip_len;
    uint32_t header = 20 + put_options(m, tcp + 20, s), length = header + s->len, total;
    uint64_t sum = put_ip(m, ip, &e, 6, length, s->id, s->dir == 0 ? 57 : 64);

    put16(tcp, e.sport);
    put16(tcp + 2, e.dport);
    put32(tcp + 4, s->seq);
    put32(tcp + 8, s->ack);
    tcp[12] = (uint8_t)(header / 4 << 4);
    tcp[13] = s->flags;
    put16(tcp + 14, (s->flags & FRAME_SYN) != 0 ? 64240 : s->dir == 0 ? 2053 : 502);
    put32(tcp + 16, 0);
    /* the same sequence numbers carry the same bytes, whenever they are sent */
    memcpy(tcp + header, m->text + (s->client * 40503u + s->seq) % TEXT_SIZE, s->len);
    put_words(m, tcp + header, s);
    put_checksum(tcp + 16, sum_bytes(sum, tcp, length));
    total = (uint32_t)(tcp - frame) + length;
    if (total < MIN_FRAME) {
        memset(frame + total, 0, MIN_FRAME - total);
        total = MIN_FRAME;
    }
    return total;
}

/* -------------------------------------------------------------------- noise */

/* Half TCP of another server, the rest datagrams, some ARP. */
uint32_t frame_make_noise(frame_maker *m, uint8_t *frame, uint64_t random)
{
    uint32_t kind = (uint32_t)(random % 100), length = (uint32_t)(random >> 8) % 1400;
    endpoints e;
    uint8_t *ip, *next;
    uint64_t sum;

    if (kind >= 95) {
        uint8_t *arp = put_ethernet(m, frame, 0x0806, false);

        memset(arp, 0, 46);
        memcpy(arp, "\0\x01\x08\0\x06\x04\0\x01", 8);
        put32(arp + 14, OTHER_SERVER);
        put32(arp + 24, 0x0a000000u | ((uint32_t)(random >> 32) & 0xff));
        return (uint32_t)(arp - frame) + 46;
    }
    memset(&e, 0, sizeof e);
    put32(e.src + 12, 0x0a000000u | (uint32_t)(random >> 40));
    put32(e.dst + 12, OTHER_SERVER);
    e.sport = (uint16_t)(random >> 24 | 1024);
    e.dport = (uint16_t)(kind < 50 ? 9998 : 9999);
    ip = put_ethernet(m, frame, m->settings.ipv6 ? 0x86dd : 0x0800, false);
    next = ip + m->ip_len;
    put16(next, e.sport);
    put16(next + 2, e.dport);
    if (kind < 50) {
        memset(next + 4, 0, 16);
        put32(next + 4, (uint32_t)random);
        put32(next + 8, (uint32_t)(random >> 16));
        next[12] = 5 << 4;
        next[13] = FRAME_ACK;
        put16(next + 14, 1000);
        memcpy(next + 20, m->text, length);
        length += 20;
        sum = put_ip(m, ip, &e, 6, length, (uint16_t)random, 60);
        put_checksum(next + 16, sum_bytes(sum, next, length));
    } else {
        length += 8;
        put16(next + 4, length);
        put16(next + 6, 0);
        memcpy(next + 8, m->text, length - 8);
        sum = put_ip(m, ip, &e, 17, length, (uint16_t)random, 60);
        put_checksum(next + 6, sum_bytes(sum, next, length));
    }
    length += (uint32_t)(next - frame);
    if (length < MIN_FRAME) {
        memset(frame + length, 0, MIN_FRAME - length);
        length = MIN_FRAME;
    }
    return length;
}
