/*
 * tls.c: flights of TLS 1.2 (RFC 5246) and 1.3 (RFC 8446), written once and copied for each connection.
 *
 * All of it is written from its end to its beginning, as each length stands in front of what it counts.
 */
#include "tls.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#define FLIGHT_MOST  8192u
#define RANDOM_AT    11u             /* of a flight that begins with a hello: record (5), message (4), version (2) */
#define RANDOM_SIZE  32u
#define HOSTS        8u              /* names that clients ask for: www0 ... www7 */
#define HELLO_LENGTH 512u            /* message of a ClientHello: browsers fill it up to that (RFC 7685) */
#define TICKET       192u

typedef struct tls_flight {
    uint8_t bytes[FLIGHT_MOST];
    uint32_t length;
} tls_flight;

struct tls_speech {
    unsigned version;
    uint32_t host_at;                /* of the first flight: where the number in the name is */
    uint64_t noise;
    tls_flight flight[TLS_FLIGHTS];
};

/* Bytes are put in front of what is there; 'at' is where that begins. */
typedef struct writer {
    tls_speech *speech;
    uint8_t *bytes;
    uint32_t at;
} writer;

static uint32_t mark(const writer *w)
{
    return w->at;
}

static void put(writer *w, const void *p, size_t n)
{
    w->at -= (uint32_t)n;
    memcpy(w->bytes + w->at, p, n);
}

static void put_number(writer *w, uint32_t value, unsigned bytes)
{
    for (; bytes > 0; bytes--, value >>= 8)
        w->bytes[--w->at] = (uint8_t)value;
}

static void put_noise(writer *w, size_t n)
{
    for (; n > 0; n--) {
        w->speech->noise = w->speech->noise * 6364136223846793005ull + 1442695040888963407ull;
        w->bytes[--w->at] = (uint8_t)(w->speech->noise >> 56);
    }
}

/* The length of what was put since 'from'. */
static void put_length(writer *w, uint32_t from, unsigned bytes)
{
    put_number(w, from - w->at, bytes);
}

/* --------------------------------------------------------------- certificates */

#define DER_INTEGER  0x02
#define DER_BITS     0x03
#define DER_OCTETS   0x04
#define DER_TEXT     0x0c
#define DER_PRINTED  0x13
#define DER_UTC      0x17
#define DER_SEQUENCE 0x30
#define DER_SET      0x31
#define DER_DNS_NAME 0x82
#define DER_VERSION  0xa0
#define DER_MORE     0xa3

static void der(writer *w, uint32_t from, uint8_t tag)
{
    const uint32_t length = from - w->at;

    if (length < 0x80)
        put_number(w, length, 1);
    else if (length < 0x100)
        put_number(w, 0x8100 | length, 2);
    else
        put_number(w, 0x820000 | length, 3);
    put_number(w, tag, 1);
}

static void der_text(writer *w, uint8_t tag, const char *text)
{
    const uint32_t from = mark(w);

    put(w, text, strlen(text));
    der(w, from, tag);
}

/* A number, or a string of bits, of 'n' bytes. */
static void der_noise(writer *w, uint8_t tag, size_t n)
{
    const uint32_t from = mark(w);

    put_noise(w, n);
    w->bytes[w->at] = (uint8_t)((w->bytes[w->at] & 0x7f) | 0x40);
    if (tag == DER_BITS)
        put_number(w, 0, 1);
    der(w, from, tag);
}

/* One of organization (10) and common name (3) each, as a sequence of sets of pairs. */
static void der_name(writer *w, const char *organization, const char *common)
{
    const uint32_t from = mark(w);
    const struct { uint32_t oid; uint8_t tag; const char *text; } part[] = {
        { 0x550403, DER_TEXT, common }, { 0x55040a, DER_TEXT, organization }, { 0x550406, DER_PRINTED, "AQ" },
    };
    size_t i;

    for (i = 0; i < sizeof part / sizeof part[0]; i++) {
        const uint32_t begin = mark(w);

        if (part[i].text == NULL)
            continue;
        der_text(w, part[i].tag, part[i].text);
        put_number(w, part[i].oid, 3);
        put_number(w, 0x0603, 2);
        der(w, begin, DER_SEQUENCE);
        der(w, begin, DER_SET);
    }
    der(w, from, DER_SEQUENCE);
}

/* sha256WithRSAEncryption (11) or rsaEncryption (1). */
static void der_algorithm(writer *w, uint8_t which)
{
    const uint32_t from = mark(w);

    put(w, "\x05\x00", 2);
    put_number(w, which, 1);
    put(w, "\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x01", 10);
    der(w, from, DER_SEQUENCE);
}

/* An RSA key of 'size' bytes. */
static void der_key(writer *w, size_t size)
{
    const uint32_t from = mark(w);

    put(w, "\x02\x03\x01\x00\x01", 5);
    der_noise(w, DER_INTEGER, size);
    der(w, from, DER_SEQUENCE);
    put_number(w, 0, 1);
    der(w, from, DER_BITS);
    der_algorithm(w, 1);
    der(w, from, DER_SEQUENCE);
}

/* The names that a certificate holds for, as an extension (RFC 5280, 4.2.1.6); and two others, with key identifiers. */
static void der_extensions(writer *w, unsigned names)
{
    const uint32_t from = mark(w);
    uint32_t begin = from, value;

    for (value = mark(w); names > 0; names--) {
        char name[] = "www0.example.org";

        name[3] = (char)('0' + (names - 1) % 10);
        der_text(w, DER_DNS_NAME, name);
    }
    if (mark(w) != value) {
        der(w, value, DER_SEQUENCE);
        der(w, value, DER_OCTETS);
        put(w, "\x06\x03\x55\x1d\x11", 5);
        der(w, begin, DER_SEQUENCE);
    }
    begin = value = mark(w);
    put_noise(w, 20);
    der(w, value, 0x80);
    der(w, value, DER_SEQUENCE);
    der(w, value, DER_OCTETS);
    put(w, "\x06\x03\x55\x1d\x23", 5);           /* of the issuer's key */
    der(w, begin, DER_SEQUENCE);
    begin = value = mark(w);
    put_noise(w, 20);
    der(w, value, DER_OCTETS);
    der(w, value, DER_OCTETS);
    put(w, "\x06\x03\x55\x1d\x0e", 5);           /* of its own */
    der(w, begin, DER_SEQUENCE);
    der(w, from, DER_SEQUENCE);
    der(w, from, DER_MORE);
}

static void put_certificate(writer *w, const char *common, const char *issuer, unsigned names, size_t key, size_t signature)
{
    const uint32_t from = mark(w);
    uint32_t begin, dates;

    der_noise(w, DER_BITS, signature);
    der_algorithm(w, 11);
    begin = mark(w);
    der_extensions(w, names);
    der_key(w, key);
    der_name(w, names > 0 ? NULL : "Bench", common);
    dates = mark(w);
    der_text(w, DER_UTC, "400101000000Z");
    der_text(w, DER_UTC, "200101000000Z");
    der(w, dates, DER_SEQUENCE);
    der_name(w, "Bench", issuer);
    der_algorithm(w, 11);
    der_noise(w, DER_INTEGER, 16);
    put(w, "\xa0\x03\x02\x01\x02", 5);
    der(w, begin, DER_SEQUENCE);
    der(w, from, DER_SEQUENCE);
    put_length(w, from, 3);
}

/* ------------------------------------------------------------------- messages */

static void message(writer *w, uint32_t from, uint8_t type)
{
    put_length(w, from, 3);
    put_number(w, type, 1);
}

static void record(writer *w, uint32_t from, uint8_t type, uint8_t minor)
{
    put_length(w, from, 2);
    put_number(w, 0x0300u | minor, 2);
    put_number(w, type, 1);
}

static void put_encrypted(writer *w, uint8_t type, uint32_t length)
{
    const uint32_t from = mark(w);

    put_noise(w, length);
    if (type == 22)
        w->bytes[w->at] = 0;                     /* the explicit nonce of AES-GCM counts from 0 (RFC 5288) */
    record(w, from, type, 3);
}

static void put_change(writer *w)
{
    const uint32_t from = mark(w);

    put_number(w, 1, 1);
    record(w, from, 20, 3);
}

static void extension(writer *w, uint32_t from, uint32_t type)
{
    put_length(w, from, 2);
    put_number(w, type, 2);
}

static void put_extension(writer *w, uint32_t type, const char *body, size_t n)
{
    const uint32_t from = mark(w);

    put(w, body, n);
    extension(w, from, type);
}

#define EXTENSION(w, type, text) put_extension(w, type, text, sizeof text - 1)

static void put_share(writer *w, bool client)
{
    const uint32_t from = mark(w);

    put_noise(w, 32);
    put_length(w, from, 2);
    put_number(w, 29, 2);                        /* x25519 */
    if (client)
        put_length(w, from, 2);
    extension(w, from, 51);
}

static void put_sni(writer *w)
{
    const uint32_t from = mark(w);

    put(w, "www0.example.org", 16);
    w->speech->host_at = w->at + 3;
    put_length(w, from, 2);
    put_number(w, 0, 1);
    put_length(w, from, 2);
    extension(w, from, 0);
}

static void put_client_extensions(writer *w, uint32_t padding)
{
    const uint32_t from = mark(w), begin = w->at;

    memset(w->bytes + w->at - padding, 0, padding);
    w->at -= padding;
    extension(w, begin, 21);
    EXTENSION(w, 43, "\x04\x03\x04\x03\x03");
    EXTENSION(w, 45, "\x01\x01");
    put_share(w, true);
    EXTENSION(w, 18, "");
    EXTENSION(w, 13, "\x00\x10\x04\x03\x08\x04\x04\x01\x05\x03\x08\x05\x05\x01\x08\x06\x06\x01");
    EXTENSION(w, 5, "\x01\x00\x00\x00\x00");
    EXTENSION(w, 16, "\x00\x0c\x02h2\x08http/1.1");
    EXTENSION(w, 35, "");
    EXTENSION(w, 11, "\x01\x00");
    EXTENSION(w, 10, "\x00\x06\x00\x1d\x00\x17\x00\x18");
    EXTENSION(w, 0xff01, "\x00");
    EXTENSION(w, 23, "");
    put_sni(w);
    put_length(w, from, 2);
}

static void put_client_hello(writer *w)
{
    static const char suites[] = "\x13\x01\x13\x02\x13\x03\xc0\x2b\xc0\x2f\xc0\x2c\xc0\x30\xcc\xa9\xcc\xa8\xc0\x13\xc0\x14"
                                 "\x00\x9c\x00\x9d\x00\x2f\x00\x35";
    const uint32_t from = mark(w);
    uint32_t padding = 0;

    for (;;) {                                   /* the second time with what is missing */
        w->at = from;
        put_client_extensions(w, padding);
        put(w, "\x01\x00", 2);
        put(w, suites, sizeof suites - 1);
        put_number(w, sizeof suites - 1, 2);
        put_noise(w, 32);
        put_number(w, 32, 1);
        put_noise(w, RANDOM_SIZE);
        put_number(w, 0x0303, 2);
        message(w, from, 1);
        if (padding > 0)
            break;
        padding = HELLO_LENGTH - (from - w->at);
    }
    record(w, from, 22, 1);
}

static void put_server_hello(writer *w)
{
    const uint32_t from = mark(w);

    if (w->speech->version == 13) {
        EXTENSION(w, 43, "\x03\x04");
        put_share(w, false);
    } else {
        EXTENSION(w, 23, "");
        EXTENSION(w, 16, "\x00\x09\x08http/1.1");
        EXTENSION(w, 35, "");
        EXTENSION(w, 11, "\x01\x00");
        EXTENSION(w, 0xff01, "\x00");
    }
    put_length(w, from, 2);
    put(w, w->speech->version == 13 ? "\x13\x01\x00" : "\xc0\x2f\x00", 3);
    put_noise(w, 32);
    put_number(w, 32, 1);
    put_noise(w, RANDOM_SIZE);
    put_number(w, 0x0303, 2);
    message(w, from, 2);
    record(w, from, 22, 3);
}

static void put_chain(writer *w)
{
    const uint32_t from = mark(w);

    put_certificate(w, "Bench Intermediate", "Bench Root", 0, 256, 512);
    put_certificate(w, "www0.example.org", "Bench Intermediate", 60, 256, 256);
    put_length(w, from, 3);
    message(w, from, 11);
    record(w, from, 22, 3);
}

static void put_key_exchange(writer *w)
{
    const uint32_t from = mark(w);

    put_noise(w, 256);
    put_number(w, 256, 2);
    put_number(w, 0x0804, 2);
    put_noise(w, 32);
    put(w, "\x03\x00\x1d\x20", 4);
    message(w, from, 12);
    record(w, from, 22, 3);
}

static void put_hello_done(writer *w)
{
    const uint32_t from = mark(w);

    message(w, from, 14);
    record(w, from, 22, 3);
}

static void put_client_key(writer *w)
{
    const uint32_t from = mark(w);

    put_noise(w, 32);
    put_number(w, 32, 1);
    message(w, from, 16);
    record(w, from, 22, 3);
}

static void put_ticket(writer *w)
{
    const uint32_t from = mark(w);

    put_noise(w, TICKET);
    put_number(w, TICKET, 2);
    put_number(w, 7200, 4);
    message(w, from, 4);
    record(w, from, 22, 3);
}

/* -------------------------------------------------------------------- flights */

/* What is said last is put first. */
static void put_flight(writer *w, unsigned number)
{
    const bool newer = w->speech->version == 13;

    if (number == 0) {
        put_client_hello(w);
    } else if (number == 1 && newer) {
        put_encrypted(w, 23, 53);                /* Finished */
        put_encrypted(w, 23, 281);               /* CertificateVerify */
        put_encrypted(w, 23, 3170);              /* Certificate */
        put_encrypted(w, 23, 32);                /* EncryptedExtensions */
        put_change(w);
        put_server_hello(w);
    } else if (number == 1) {
        put_hello_done(w);
        put_key_exchange(w);
        put_chain(w);
        put_server_hello(w);
    } else if (number == 2) {
        put_encrypted(w, newer ? 23 : 22, newer ? 53 : 40);      /* Finished */
        put_change(w);
        if (!newer)
            put_client_key(w);
    } else if (newer) {
        put_encrypted(w, 23, TICKET + 52);
        put_encrypted(w, 23, TICKET + 52);
    } else {
        put_encrypted(w, 22, 40);
        put_change(w);
        put_ticket(w);
    }
}

tls_speech *tls_speech_open(unsigned version, uint64_t seed)
{
    tls_speech *s = calloc(1, sizeof *s);
    unsigned i;

    if (s == NULL)
        return NULL;
    s->version = version;
    s->noise = seed;
    for (i = 0; i < TLS_FLIGHTS; i++) {
        tls_flight *f = &s->flight[i];
        writer w = { s, f->bytes, FLIGHT_MOST };

        put_flight(&w, i);
        f->length = FLIGHT_MOST - w.at;
        memmove(f->bytes, f->bytes + w.at, f->length);
        if (i == 0)
            s->host_at -= w.at;
    }
    return s;
}

void tls_speech_close(tls_speech *s)
{
    free(s);
}

uint32_t tls_flight_length(const tls_speech *s, unsigned flight)
{
    return s->flight[flight].length;
}

/* The session follows the random, behind its length; TLS 1.3 says it again, TLS 1.2 gives another one. */
static void set_own(const tls_speech *s, unsigned number_of_flight, uint32_t number, uint8_t *hello)
{
    uint64_t own = (uint64_t)number * 0x9e3779b97f4a7c15ull ^ number_of_flight;

    memcpy(hello + RANDOM_AT, &own, sizeof own);
    if (s->version == 13)
        own = (uint64_t)number * 0x94d049bb133111ebull;
    memcpy(hello + RANDOM_AT + RANDOM_SIZE + 1, &own, sizeof own);
    if (s->version == 13 && number_of_flight == 1)
        memcpy(hello + RANDOM_AT + RANDOM_SIZE + 1 + sizeof own, s->flight[0].bytes + RANDOM_AT + RANDOM_SIZE + 1 + sizeof own,
               RANDOM_SIZE - sizeof own);
    if (number_of_flight == 0)
        hello[s->host_at] = (uint8_t)('0' + number % HOSTS);
}

void tls_flight_copy(const tls_speech *s, unsigned flight, uint32_t number, uint32_t at, uint32_t len, uint8_t *out)
{
    memcpy(out, s->flight[flight].bytes + at, len);
    if (at == 0 && flight < 2)
        set_own(s, flight, number, out);
}

void tls_put_record(uint8_t *out, uint32_t length)
{
    const uint8_t header[TLS_RECORD_HEADER] = { TLS_APPLICATION_DATA, 3, 3, (uint8_t)(length >> 8), (uint8_t)length };

    memcpy(out, header, sizeof header);
}

uint32_t tls_put_notify(const tls_speech *s, uint8_t *out)
{
    const uint32_t length = s->version == 13 ? 19 : 26;

    memset(out, 0x5a, TLS_RECORD_HEADER + length);
    tls_put_record(out, length);
    out[0] = s->version == 13 ? TLS_APPLICATION_DATA : 21;
    return TLS_RECORD_HEADER + length;
}
