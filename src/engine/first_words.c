/*
 * first_words.c: bounded readers of what protocols begin with.
 */
#include "engine/first_words.h"

#include "base/sanitize.h"

#define NAME_MOST 80

/* Copies what can stand in a message: printable ASCII, the rest as dots. */
static void copy_name(char *out, size_t room, const uint8_t *p, size_t len)
{
    size_t i;

    for (i = 0; i < len && i + 1 < room; i++)
        out[i] = p[i] > 0x20 && p[i] < 0x7f ? (char)p[i] : '.';
    out[i] = 0;
}

/* --------------------------------------------------------------------- TLS */

static const char *version_name(unsigned version)
{
    switch (version) {
    case 0x0300:
        return "SSL 3.0";
    case 0x0301:
        return "TLS 1.0";
    case 0x0302:
        return "TLS 1.1";
    case 0x0303:
        return "TLS 1.2";
    case 0x0304:
        return "TLS 1.3";
    default:
        return "TLS";
    }
}

/* RFC 8446, 6; RFC 5246, 7.2. */
static const char *alert_name(uint8_t code)
{
    static const struct {
        uint8_t code;
        const char *name;
    } names[] = {
        { 0, "close_notify" },           { 10, "unexpected_message" },    { 20, "bad_record_mac" },
        { 21, "decryption_failed" },     { 22, "record_overflow" },       { 40, "handshake_failure" },
        { 42, "bad_certificate" },       { 43, "unsupported_certificate" }, { 44, "certificate_revoked" },
        { 45, "certificate_expired" },   { 46, "certificate_unknown" },   { 47, "illegal_parameter" },
        { 48, "unknown_ca" },            { 49, "access_denied" },         { 50, "decode_error" },
        { 51, "decrypt_error" },         { 70, "protocol_version" },      { 71, "insufficient_security" },
        { 80, "internal_error" },        { 86, "inappropriate_fallback" }, { 90, "user_canceled" },
        { 100, "no_renegotiation" },     { 109, "missing_extension" },    { 110, "unsupported_extension" },
        { 112, "unrecognized_name" },    { 113, "bad_certificate_status_response" }, { 115, "unknown_psk_identity" },
        { 116, "certificate_required" }, { 120, "no_application_protocol" },
    };
    size_t i;

    for (i = 0; i < MC_ARRAY_LEN(names); i++)
        if (names[i].code == code)
            return names[i].name;
    return NULL;
}

/* Takes a vector with a length of 'bytes' bytes off 'v'; what was cut off is missing at its end. */
static mc_view take_vector(mc_view *v, unsigned bytes, bool *ok)
{
    mc_view inner = { v->p, 0 };
    const uint8_t *h = mc_take(v, bytes);
    size_t length = 0;
    unsigned i;

    *ok = h != NULL;
    if (h == NULL)
        return inner;
    for (i = 0; i < bytes; i++)
        length = length << 8 | h[i];
    inner.p = v->p;
    inner.len = length < v->len ? length : v->len;
    *ok = length <= v->len;
    mc_take(v, inner.len);
    return inner;
}

/* The version of a ServerHello, or what a ClientHello offers (RFC 8446, 4.2.1), else 'version'. */
static unsigned chosen_version(mc_view body, bool client, unsigned version)
{
    unsigned best = 0;

    if (!client)
        return body.len >= 2 ? mc_be16(body.p) : version;
    if (body.len < 1)
        return version;
    for (mc_take(&body, 1); body.len >= 2; mc_take(&body, 2)) {
        const unsigned v = mc_be16(body.p);

        if (v >= 0x0300 && v <= 0x0304 && v > best)          /* others are reserved or grease (RFC 8701) */
            best = v;
    }
    return best != 0 ? best : version;
}

typedef struct hello {
    unsigned version;
    mc_first_look *look;
} hello;

static void read_extension(hello *h, unsigned type, mc_view body, bool client)
{
    bool ok;

    switch (type) {
    case 0:                                      /* RFC 6066, 3: list (2), type (1), name (2) */
        if (client && body.len > 5 && body.p[2] == 0)
            copy_name(h->look->sni, sizeof h->look->sni, body.p + 5, mc_be16(body.p + 3) < body.len - 5 ? mc_be16(body.p + 3) : body.len - 5);
        break;
    case 16:                                     /* RFC 7301, 3.1: list (2), names (1) */
        if (body.len > 2) {
            mc_view name;

            mc_take(&body, 2);
            name = take_vector(&body, 1, &ok);
            if (ok)
                copy_name(h->look->alpn, sizeof h->look->alpn, name.p, name.len);
        }
        break;
    case 41:
        h->look->resumes = true;
        break;
    case 42:
        h->look->early = true;
        break;
    case 43:
        h->version = chosen_version(body, client, h->version);
        break;
    case 0xfe0d:                                 /* encrypted ClientHello */
        h->look->encrypted = true;
        break;
    default:
        break;
    }
}

/* RFC 8446, 4.1.2 and 4.1.3: version (2), random (32), session, suites, compression, extensions. */
static bool read_hello(hello *h, mc_view v, bool client)
{
    mc_view extensions;
    bool ok;

    if (v.len < 34)
        return false;
    h->version = mc_be16(v.p);
    mc_take(&v, 34);
    take_vector(&v, 1, &ok);
    if (ok && client) {
        take_vector(&v, 2, &ok);
        if (ok)
            take_vector(&v, 1, &ok);
    } else if (ok) {
        ok = mc_take(&v, 3) != NULL;
    }
    if (!ok)
        return true;
    extensions = take_vector(&v, 2, &ok);
    while (extensions.len >= 4) {
        const unsigned type = mc_be16(extensions.p);
        mc_view body;

        mc_take(&extensions, 2);
        body = take_vector(&extensions, 2, &ok);
        if (ok)
            read_extension(h, type, body, client);
    }
    return true;
}

/* RFC 8446, 4.1.3: the random of a ServerHello that asks for another one. */
static bool is_retry(mc_view v)
{
    static const uint8_t random[8] = { 0xcf, 0x21, 0xad, 0x74, 0xe5, 0x9a, 0x61, 0x11 };

    return v.len >= 34 && memcmp(v.p + 2, random, sizeof random) == 0;
}

/* Messages of one record: type (1), length (3). */
static void handshake_words(char *out, size_t size, mc_view v, unsigned record_version, mc_first_look *look)
{
    static const struct {
        uint8_t type;
        const char *name;
    } names[] = {
        { 0, "HelloRequest" },      { 4, "NewSessionTicket" },    { 11, "Certificate" },  { 12, "ServerKeyExchange" },
        { 13, "CertificateRequest" }, { 14, "ServerHelloDone" },  { 15, "CertificateVerify" },
        { 16, "ClientKeyExchange" }, { 20, "Finished" },          { 22, "CertificateStatus" },
    };
    const bool client = v.len > 0 && v.p[0] == 1;
    hello h = { .version = record_version, .look = look };
    size_t i;

    if (v.len < 4)
        return;
    if (client || v.p[0] == 2) {
        const bool retry = !client && is_retry((mc_view){ v.p + 4, v.len - 4 });

        if (!read_hello(&h, (mc_view){ v.p + 4, v.len - 4 }, client))
            return;
        look->kind = client ? MC_FIRST_CLIENT_HELLO : retry ? MC_FIRST_RETRY : MC_FIRST_SERVER_HELLO;
        look->version = version_name(h.version);
        snprintf(out, size, "%s %s%s%s%s%s%s%s%s", look->version,
                 client ? "ClientHello" : retry ? "HelloRetryRequest" : "ServerHello", look->sni[0] != 0 ? " for " : "",
                 look->sni, look->alpn[0] != 0 ? ", " : "", look->alpn, look->resumes ? ", resumption" : "",
                 look->early ? ", early data" : "", look->encrypted ? ", encrypted part" : "");
        return;
    }
    for (i = 0; i < MC_ARRAY_LEN(names); i++)
        if (names[i].type == v.p[0] && ((size_t)v.p[1] << 16 | mc_be16(v.p + 2)) <= 0xffff) {
            snprintf(out, size, "TLS %s", names[i].name);
            return;
        }
    snprintf(out, size, "TLS handshake, encrypted");
}

/* A record: type (1), version (2), length (2).  'more': it is a ClientHello that does not end here. */
static bool tls_words(char *out, size_t size, const uint8_t *p, size_t len, bool *more, mc_first_look *look)
{
    mc_view v = { p, len };
    unsigned length;

    if (len < 6 || p[0] < 20 || p[0] > 23 || p[1] != 3 || p[2] > 4)
        return false;
    length = mc_be16(p + 3);
    if (length == 0 || length > 16384 + 2048)
        return false;
    mc_take(&v, 5);
    if (v.len > length)
        v.len = length;
    switch (p[0]) {
    case 20:
        snprintf(out, size, "TLS ChangeCipherSpec");
        return true;
    case 21:
        if (length == 2 && v.len == 2 && (v.p[0] == 1 || v.p[0] == 2) && alert_name(v.p[1]) != NULL) {
            look->kind = MC_FIRST_ALERT;
            look->alert = alert_name(v.p[1]);
            look->fatal = v.p[0] == 2;
            snprintf(out, size, "TLS alert %s (%s)", look->alert, look->fatal ? "fatal" : "warning");
        } else {
            snprintf(out, size, "TLS alert, encrypted");
        }
        return true;
    case 22:
        *more = v.p[0] == 1 && v.len < length;
        if (*more)
            snprintf(out, size, "TLS ClientHello begins");
        else
            handshake_words(out, size, v, mc_be16(p + 1), look);
        return true;
    default:
        look->kind = MC_FIRST_TLS_DATA;          /* application data: nothing to say */
        return true;
    }
}

/* -------------------------------------------------------------------- HTTP */

static bool begins(const uint8_t *p, size_t len, const char *word)
{
    const size_t n = strlen(word);

    return len >= n && memcmp(p, word, n) == 0;
}

/* RFC 9112: the first line, without what stands behind a '?', which may be a secret. */
static void http_words(char *out, size_t size, const uint8_t *p, size_t len)
{
    static const char *const methods[] = { "GET ", "POST ", "PUT ", "HEAD ", "DELETE ", "OPTIONS ", "PATCH ", "CONNECT ",
                                           "HTTP/1.0 ", "HTTP/1.1 ", "PRI * HTTP/2.0" };
    char line[NAME_MOST];
    size_t i, n;

    for (i = 0; i < MC_ARRAY_LEN(methods); i++)
        if (begins(p, len, methods[i]))
            break;
    if (i == MC_ARRAY_LEN(methods))
        return;
    if (i == MC_ARRAY_LEN(methods) - 1) {
        snprintf(out, size, "HTTP/2 begins");
        return;
    }
    for (n = 0; n < len && n + 4 < sizeof line && p[n] != '\r' && p[n] != '\n'; n++) {
        if (p[n] == '?') {
            memcpy(line + n, "?...", 4);
            n += 4;
            break;
        }
        line[n] = p[n] != 0 ? (char)p[n] : '.';
    }
    line[n] = 0;
    mc_sanitize_text(out, size, line);
}

bool mc_first_words(char *out, size_t size, const uint8_t *p, size_t len, mc_first_look *look)
{
    bool more = false;

    memset(look, 0, sizeof *look);
    out[0] = 0;
    if (!tls_words(out, size, p, len, &more, look))
        http_words(out, size, p, len);
    return more;
}
