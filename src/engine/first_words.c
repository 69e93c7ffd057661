/*
 * first_words.c: bounded readers of what protocols begin with.
 */
#include "engine/first_words.h"

#include "application/http.h"
#include "application/tls.h"
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

/* Messages of one record: type (1), length (3). */
static void handshake_words(char *out, size_t size, mc_view v, mc_first_look *look)
{
    const bool client = v.len > 0 && v.p[0] == MC_TLS_CLIENT_HELLO;
    mc_tls_hello hello;

    if (v.len < 4)
        return;
    if (client || v.p[0] == MC_TLS_SERVER_HELLO) {
        if (!mc_tls_read_hello(&hello, (mc_view){ v.p + 4, v.len - 4 }, client))
            return;
        look->kind = client ? MC_FIRST_CLIENT_HELLO : hello.retry ? MC_FIRST_RETRY : MC_FIRST_SERVER_HELLO;
        look->version = mc_tls_version_name(hello.version) != NULL ? mc_tls_version_name(hello.version) : "TLS";
        look->resumes = hello.resumes;
        look->early = hello.early;
        look->encrypted = hello.encrypted;
        copy_name(look->sni, sizeof look->sni, hello.sni.p, hello.sni.len);
        copy_name(look->alpn, sizeof look->alpn, hello.alpn.p, hello.alpn.len);
        snprintf(out, size, "%s %s%s%s%s%s%s%s%s", look->version,
                 client ? "ClientHello" : hello.retry ? "HelloRetryRequest" : "ServerHello", look->sni[0] != 0 ? " for " : "",
                 look->sni, look->alpn[0] != 0 ? ", " : "", look->alpn, look->resumes ? ", resumption" : "",
                 look->early ? ", early data" : "", look->encrypted ? ", encrypted part" : "");
        return;
    }
    if (mc_tls_message_name(v.p[0]) != NULL && ((size_t)v.p[1] << 16 | mc_be16(v.p + 2)) <= 0xffff) {
        snprintf(out, size, "TLS %s", mc_tls_message_name(v.p[0]));
        return;
    }
    snprintf(out, size, "TLS handshake, encrypted");
}

/* A record: type (1), version (2), length (2).  'more': it is a ClientHello that does not end here. */
static bool tls_words(char *out, size_t size, const uint8_t *p, size_t len, bool *more, mc_first_look *look)
{
    mc_view v = { p, len };
    const unsigned length = len > MC_TLS_RECORD_HEADER ? mc_tls_record(p) : 0;

    if (length == 0)
        return false;
    mc_take(&v, MC_TLS_RECORD_HEADER);
    if (v.len > length)
        v.len = length;
    switch (p[0]) {
    case MC_TLS_CHANGE_CIPHER:
        snprintf(out, size, "TLS ChangeCipherSpec");
        return true;
    case MC_TLS_ALERT_RECORD:
        if (length == 2 && v.len == 2 && (v.p[0] == 1 || v.p[0] == 2) && mc_tls_alert_name(v.p[1]) != NULL) {
            look->kind = MC_FIRST_ALERT;
            look->alert = mc_tls_alert_name(v.p[1]);
            look->fatal = v.p[0] == 2;
            snprintf(out, size, "TLS alert %s (%s)", look->alert, look->fatal ? "fatal" : "warning");
        } else {
            snprintf(out, size, "TLS alert, encrypted");
        }
        return true;
    case MC_TLS_HANDSHAKE:
        *more = v.p[0] == MC_TLS_CLIENT_HELLO && v.len < length;
        if (*more)
            snprintf(out, size, "TLS ClientHello begins");
        else
            handshake_words(out, size, v, look);
        return true;
    default:
        look->kind = MC_FIRST_TLS_DATA;          /* application data: nothing to say */
        return true;
    }
}

/* -------------------------------------------------------------------- HTTP */

/* RFC 9112: the first line, without what stands behind a '?', which may be a secret. */
static void http_words(char *out, size_t size, const uint8_t *p, size_t len)
{
    static const char *const methods[] = { "GET ", "POST ", "PUT ", "HEAD ", "DELETE ", "OPTIONS ", "PATCH ", "CONNECT ",
                                           "HTTP/1.0 ", "HTTP/1.1 ", "PRI * HTTP/2.0" };
    char line[NAME_MOST];
    size_t i, n;

    for (i = 0; i < MC_ARRAY_LEN(methods); i++)
        if (mc_begins(p, len, methods[i]))
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
