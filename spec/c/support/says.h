/*
 * says.h: what connections say first, byte by byte, for tests: TLS and certificates.
 *
 * A text has room of its own; what is put to it goes behind what is there.
 */
#ifndef SAYS_H
#define SAYS_H

#include <stdlib.h>
#include <string.h>

#include "base/base.h"

#define SAID_MOST 80000

typedef struct said {
    size_t len;
    uint8_t p[SAID_MOST];
} said;

static inline void say(said *s, const void *p, size_t n)
{
    if (n > SAID_MOST - s->len)
        abort();
    memcpy(s->p + s->len, p, n);
    s->len += n;
}

static inline void say_text(said *s, const char *text)
{
    say(s, text, strlen(text));
}

#define SAY(s, ...) say((s), (const uint8_t[]){ __VA_ARGS__ }, sizeof((const uint8_t[]){ __VA_ARGS__ }))

static inline void say_many(said *s, uint8_t byte, size_t n)
{
    while (n-- > 0)
        say(s, &byte, 1);
}

/* Room for a length of 'size' bytes, of what follows until says_end(). */
static inline size_t says_begin(said *s, unsigned size)
{
    say_many(s, 0, size);
    return s->len;
}

/* A number of 'size' bytes that ends before 'at'. */
static inline void says_set(said *s, size_t at, unsigned size, size_t value)
{
    for (; size > 0; size--, value >>= 8)
        s->p[--at] = (uint8_t)value;
}

static inline void says_end(said *s, size_t at, unsigned size)
{
    says_set(s, at, size, s->len - at);
}

/* A copy of exactly that size, so that a sanitizer sees what is read beyond. */
static inline uint8_t *says_copy(const void *p, size_t len)
{
    uint8_t *copy = malloc(len > 0 ? len : 1);

    if (copy == NULL)
        abort();
    memcpy(copy, p, len);
    return copy;
}

/* ------------------------------------------------------------------- hellos */

typedef struct hello {
    const char *name, *alpn, *session;           /* NULL: none */
    unsigned version;                            /* 0: 0x0303 */
    bool tls13, psk, ticket, early, ech, retry, bare;        /* bare: without extensions */
    size_t pad;
} hello;

static inline size_t says_extension(said *s, unsigned type)
{
    SAY(s, (uint8_t)(type >> 8), (uint8_t)type);
    return says_begin(s, 2);
}

static inline void says_extensions(said *s, const hello *o, bool client)
{
    const size_t all = says_begin(s, 2);
    size_t at, list;

    if (o->name != NULL) {
        at = says_extension(s, 0);
        list = says_begin(s, 2);
        SAY(s, 0, 0, (uint8_t)strlen(o->name));
        say_text(s, o->name);
        says_end(s, list, 2);
        says_end(s, at, 2);
    }
    if (o->alpn != NULL) {
        at = says_extension(s, 16);
        list = says_begin(s, 2);
        SAY(s, (uint8_t)strlen(o->alpn));
        say_text(s, o->alpn);
        says_end(s, list, 2);
        says_end(s, at, 2);
    }
    if (o->tls13 && client)
        SAY(s, 0, 43, 0, 5, 4, 0x0a, 0x0a, 3, 4);            /* grease, 1.3 */
    else if (o->tls13)
        SAY(s, 0, 43, 0, 2, 3, 4);
    if (o->ech)
        SAY(s, 0xfe, 0x0d, 0, 3, 1, 2, 3);
    if (o->pad > 0) {
        at = says_extension(s, 21);
        say_many(s, 0, o->pad);
        says_end(s, at, 2);
    }
    if (o->ticket)
        SAY(s, 0, 35, 0, 4, 't', 't', 't', 't');
    if (o->early)
        SAY(s, 0, 42, 0, 0);
    if (o->psk)
        SAY(s, 0, 41, 0, 2, 0, 0);
    says_end(s, all, 2);
}

/* The body of a hello, without the message's header. */
static inline void says_hello_body(said *s, const hello *o, bool client)
{
    static const uint8_t retry[8] = { 0xcf, 0x21, 0xad, 0x74, 0xe5, 0x9a, 0x61, 0x11 };
    const unsigned version = o->version != 0 ? o->version : 0x0303;
    const char *session = o->session != NULL ? o->session : "";

    SAY(s, (uint8_t)(version >> 8), (uint8_t)version);
    if (o->retry)
        say(s, retry, sizeof retry);
    say_many(s, 'r', o->retry ? 24 : 32);
    SAY(s, (uint8_t)strlen(session));
    say_text(s, session);
    if (client)
        SAY(s, 0, 2, 0x13, 1, 1, 0);
    else
        SAY(s, 0x13, 1, 0);
    if (!o->bare)
        says_extensions(s, o, client);
}

static inline size_t says_message(said *s, uint8_t type)
{
    SAY(s, type);
    return says_begin(s, 3);
}

static inline void says_client(said *s, hello o)
{
    const size_t at = says_message(s, 1);

    says_hello_body(s, &o, true);
    says_end(s, at, 3);
}

static inline void says_server(said *s, hello o)
{
    const size_t at = says_message(s, 2);

    says_hello_body(s, &o, false);
    says_end(s, at, 3);
}

/* ------------------------------------------------------------------ records */

static inline size_t says_record(said *s, uint8_t type)
{
    SAY(s, type, 3, 3);
    return says_begin(s, 2);
}

/* A ClientHello in a record of its own. */
static inline void says_hello(said *s, hello o)
{
    const size_t at = says_record(s, 22);

    says_client(s, o);
    says_end(s, at, 2);
}

static inline void says_server_hello(said *s, hello o)
{
    const size_t at = says_record(s, 22);

    says_server(s, o);
    says_end(s, at, 2);
}

/* Many bytes of type 'type'. */
static inline void says_sealed(said *s, uint8_t type, size_t n)
{
    const size_t at = says_record(s, type);

    say_many(s, 0xc7, n);
    says_end(s, at, 2);
}

static inline void says_change(said *s)
{
    SAY(s, 20, 3, 3, 0, 1, 1);
}

static inline void says_alert(said *s, uint8_t level, uint8_t code)
{
    SAY(s, 21, 3, 3, 0, 2, level, code);
}

/* ------------------------------------------------------------- certificates */

typedef struct certificate {
    const char *issuer, *subject;                /* common names; NULL: organizations alone */
    const char *organization;                    /* of both; NULL: none */
    const char *from, *to;                       /* NULL: 2023, 2033; 15 letters: GeneralizedTime */
    const char *dns;                             /* NULL: no alternative names */
    bool mail_first;                             /* another kind of alternative name before it */
    bool critical;                               /* the alternative names are marked so */
    bool common_last;                            /* the organization stands before the common name */
    bool one_set;                                /* both in one set */
    bool no_version;                             /* X.509 v1 */
    bool keys;                                   /* another extension before the names */
    size_t key;                                  /* bytes of the key; 0: 20 */
} certificate;

/* Lengths of three bytes in any case, which readers take. */
static inline size_t der(said *s, uint8_t tag)
{
    SAY(s, tag, 0x82);
    return says_begin(s, 2);
}

static inline void der_text(said *s, uint8_t tag, const char *text)
{
    SAY(s, tag, (uint8_t)strlen(text));
    say_text(s, text);
}

static inline void der_pair(said *s, uint8_t type, const char *text)
{
    const size_t at = der(s, 0x30);

    SAY(s, 6, 3, 0x55, 4, type);
    der_text(s, 12, text);
    says_end(s, at, 2);
}

static inline void der_name(said *s, const certificate *o, const char *common)
{
    const size_t all = der(s, 0x30);
    size_t set;
    unsigned i;

    set = der(s, 0x31);
    SAY(s, 0x30, 8, 6, 2, 0x55, 4, 12, 2, 'x', 'y');         /* a type of two bytes */
    der_pair(s, 6, "XX");                                    /* a country */
    says_end(s, set, 2);
    set = der(s, 0x31);
    for (i = 0; i < 2; i++) {
        if ((i == 0) == o->common_last && o->organization != NULL)
            der_pair(s, 10, o->organization);
        if ((i == 0) != o->common_last && common != NULL)
            der_pair(s, 3, common);
        if (i == 0 && !o->one_set) {
            says_end(s, set, 2);
            set = der(s, 0x31);
        }
    }
    says_end(s, set, 2);
    says_end(s, all, 2);
}

static inline void der_time(said *s, const char *time, const char *usual)
{
    const char *t = time != NULL ? time : usual;

    der_text(s, strlen(t) >= 15 ? 24 : 23, t);
}

static inline void says_alternative(said *s, const certificate *o)
{
    const size_t all = der(s, 0xa3), list = der(s, 0x30);
    size_t one, octets, names;

    if (o->keys)
        SAY(s, 0x30, 7, 6, 3, 0x55, 29, 15, 4, 0);
    one = der(s, 0x30);
    SAY(s, 6, 3, 0x55, 29, 17);
    if (o->critical)
        SAY(s, 1, 1, 255);
    octets = der(s, 4);
    names = der(s, 0x30);
    if (o->mail_first)
        der_text(s, 0x81, "root@example");
    der_text(s, 0x82, o->dns);
    der_text(s, 0x82, "second.example");
    says_end(s, names, 2);
    says_end(s, octets, 2);
    says_end(s, one, 2);
    says_end(s, list, 2);
    says_end(s, all, 2);
}

static inline void says_der(said *s, const certificate *o)
{
    const size_t whole = der(s, 0x30), tbs = der(s, 0x30);
    size_t at;

    if (!o->no_version)
        SAY(s, 0xa0, 3, 2, 1, 2);
    SAY(s, 2, 1, 7, 0x30, 3, 6, 1, 42);
    der_name(s, o, o->issuer);
    at = der(s, 0x30);
    der_time(s, o->from, "230101000000Z");
    der_time(s, o->to, "330101000000Z");
    says_end(s, at, 2);
    der_name(s, o, o->subject);
    at = der(s, 0x30);
    say_many(s, 'K', o->key > 0 ? o->key : 20);
    says_end(s, at, 2);
    if (o->dns != NULL)
        says_alternative(s, o);
    says_end(s, tbs, 2);
    SAY(s, 0x30, 3, 6, 1, 42, 3, 2, 'S', 'S');
    says_end(s, whole, 2);
}

/* A Certificate message. */
static inline void says_certificate(said *s, certificate o)
{
    const size_t at = says_message(s, 11), list = says_begin(s, 3), one = says_begin(s, 3);

    says_der(s, &o);
    says_end(s, one, 3);
    says_end(s, list, 3);
    says_end(s, at, 3);
}

/* The server's first flight of TLS 1.2, in one record. */
static inline void says_flight(said *s, hello o, certificate c)
{
    const size_t at = says_record(s, 22);

    says_server(s, o);
    says_certificate(s, c);
    SAY(s, 14, 0, 0, 0);
    says_end(s, at, 2);
}

/* ---------------------------------------------------------------- HTTP */

#define GET     "GET / HTTP/1.1\r\nHost: www.example\r\n\r\n"
#define FINE    "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"
#define PREFACE "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"

#define PROXY_1 "PROXY TCP4 203.0.113.9 10.0.0.2 56324 443\r\n"
#define PROXY_2 "\r\n\r\n\0\r\nQUIT\n\x21\x11\0\x0c\xcb\0\x71\x09\x0a\0\0\2\xdc\x04\x01\xbb"

#endif
