/*
 * tls.c: bounded readers of records and hellos.
 */
#include "application/tls.h"

#define DRAFT 0x7f                   /* versions 0x7f00 .. of drafts (RFC 8446, 4.2.1 of draft 28) */

const char *mc_tls_version_name(unsigned version)
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
        return NULL;
    }
}

typedef struct named {
    uint8_t code;
    const char *name;
} named;

static const char *name_of(const named *names, size_t count, uint8_t code)
{
    size_t i;

    for (i = 0; i < count; i++)
        if (names[i].code == code)
            return names[i].name;
    return NULL;
}

const char *mc_tls_alert_name(uint8_t code)
{
    static const named names[] = {
        { 0, "close_notify" },
        { 10, "unexpected_message" },
        { 20, "bad_record_mac" },
        { 21, "decryption_failed" },
        { 22, "record_overflow" },
        { 30, "decompression_failure" },
        { 40, "handshake_failure" },
        { 41, "no_certificate" },
        { 42, "bad_certificate" },
        { 43, "unsupported_certificate" },
        { 44, "certificate_revoked" },
        { 45, "certificate_expired" },
        { 46, "certificate_unknown" },
        { 47, "illegal_parameter" },
        { 48, "unknown_ca" },
        { 49, "access_denied" },
        { 50, "decode_error" },
        { 51, "decrypt_error" },
        { 60, "export_restriction" },
        { 70, "protocol_version" },
        { 71, "insufficient_security" },
        { 80, "internal_error" },
        { 86, "inappropriate_fallback" },
        { 90, "user_canceled" },
        { 100, "no_renegotiation" },
        { 109, "missing_extension" },
        { 110, "unsupported_extension" },
        { 111, "certificate_unobtainable" },
        { 112, "unrecognized_name" },
        { 113, "bad_certificate_status_response" },
        { 114, "bad_certificate_hash_value" },
        { 115, "unknown_psk_identity" },
        { 116, "certificate_required" },
        { 120, "no_application_protocol" },
        { 121, "ech_required" },
    };

    return name_of(names, MC_ARRAY_LEN(names), code);
}

const char *mc_tls_message_name(uint8_t type)
{
    static const named names[] = {
        { 0, "HelloRequest" },        { 1, "ClientHello" },       { 2, "ServerHello" },        { 4, "NewSessionTicket" },
        { 8, "EncryptedExtensions" }, { 11, "Certificate" },      { 12, "ServerKeyExchange" }, { 13, "CertificateRequest" },
        { 14, "ServerHelloDone" },    { 15, "CertificateVerify" }, { 16, "ClientKeyExchange" }, { 20, "Finished" },
        { 22, "CertificateStatus" },  { 67, "NextProtocol" },
    };

    return name_of(names, MC_ARRAY_LEN(names), type);
}

/* ------------------------------------------------------------------ hellos */

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

static bool is_grease(mc_view name)
{
    return name.len == 2 && (name.p[0] & 0x0f) == 0x0a && name.p[0] == name.p[1];
}

/* List (2), names (1) (RFC 7301, 3.1); reserved ones say nothing (RFC 8701). */
static mc_view first_protocol(mc_view list)
{
    mc_view name = { list.p, 0 };
    bool ok = mc_take(&list, 2) != NULL;

    while (ok && list.len > 0) {
        name = take_vector(&list, 1, &ok);
        if (ok && !is_grease(name))
            return name;
    }
    name.len = 0;
    return name;
}

/* Bits of the types that read_extension() knows: most say nothing here. */
#define KNOWN_EXTENSIONS (1ull << 0 | 1ull << 16 | 1ull << 35 | 1ull << 41 | 1ull << 42 | 1ull << 43)
#define ENCRYPTED_HELLO  0xfe0du

static void read_extension(mc_tls_hello *h, unsigned type, mc_view body, bool client)
{
    switch (type) {
    case 0:                                      /* RFC 6066, 3: list (2), type (1), name (2) */
        if (client && body.len > 5 && body.p[2] == 0) {
            h->sni.p = body.p + 5;
            h->sni.len = mc_be16(body.p + 3) < body.len - 5 ? mc_be16(body.p + 3) : body.len - 5;
        }
        break;
    case 16:
        h->alpn = first_protocol(body);
        break;
    case 35:
        h->ticket = body.len > 0;
        break;
    case 41:
        h->resumes = true;
        break;
    case 42:
        h->early = true;
        break;
    case 43:
        h->version = chosen_version(body, client, h->version);
        break;
    case ENCRYPTED_HELLO:                        /* encrypted ClientHello (RFC 9849) */
        h->encrypted = true;
        break;
    default:
        break;
    }
}

/* Each has a type (2) and a length (2); one that is cut off says nothing. */
static inline void read_extensions(mc_tls_hello *h, mc_view v, bool client)
{
    size_t at, next;                             /* the one in hand, behind its head, and where it ends */

    for (at = 4; at <= v.len; at = next + 4) {
        const uint32_t head = mc_be32(v.p + at - 4), type = head >> 16;

        next = at + (head & 0xffff);
        if (next > v.len)
            break;
        if (MC_UNLIKELY(type < 64 ? (KNOWN_EXTENSIONS >> type & 1) != 0 : type == ENCRYPTED_HELLO))
            read_extension(h, type, (mc_view){ v.p + at, next - at }, client);
    }
}

/* RFC 8446, 4.1.3: the random of a ServerHello that asks for another ClientHello. */
static bool is_retry(mc_view v)
{
    static const uint8_t random[8] = { 0xcf, 0x21, 0xad, 0x74, 0xe5, 0x9a, 0x61, 0x11 };

    return memcmp(v.p + 2, random, sizeof random) == 0;
}

#define LEAST_HELLO 38u              /* version, random, lengths of session and ciphers, one cipher ... (RFC 5246, 7.4.1.2) */

bool mc_tls_is_client_hello(const uint8_t *p, size_t len)
{
    unsigned record, message;

    if (len < MC_TLS_SURE || p[0] != MC_TLS_HANDSHAKE || p[5] != MC_TLS_CLIENT_HELLO || p[6] != 0 || p[9] != 3 || p[10] > 4)
        return false;
    record = mc_tls_record(p);
    message = 4u + mc_be16(p + 7);
    return record > 4 && record <= message && message >= 4 + LEAST_HELLO;
}

/* RFC 8446, 4.1.2 and 4.1.3: version (2), random (32), session, suites, compression, extensions. */
bool mc_tls_read_hello(mc_tls_hello *h, mc_view v, bool client)
{
    bool ok;

    memset(h, 0, sizeof *h);
    if (v.len < 34 || (v.p[0] != 3 && (client || v.p[0] != DRAFT)))
        return false;
    h->version = mc_be16(v.p);
    if (v.p[0] == DRAFT)
        return true;                             /* of TLS 1.3 before its 22nd draft: another shape, with nothing to read */
    h->retry = !client && is_retry(v);
    mc_take(&v, 34);
    h->session = take_vector(&v, 1, &ok);
    if (ok && client) {
        take_vector(&v, 2, &ok);
        if (ok)
            take_vector(&v, 1, &ok);
    } else if (ok) {
        ok = mc_take(&v, 3) != NULL;
    }
    if (!ok)
        return true;
    read_extensions(h, take_vector(&v, 2, &ok), client);
    return true;
}

/* RFC 5246, 7.4.2: list (3) of certificates (3). */
mc_view mc_tls_first_certificate(mc_view body)
{
    mc_view first = { body.p, 0 };
    bool ok;

    if (mc_take(&body, 3) != NULL)
        first = take_vector(&body, 3, &ok);
    return first;
}
