/*
 * http.c: first lines.
 */
#include "application/http.h"

#define LONGEST_METHOD 32            /* of those that nobody knows (RFC 9110, 9.1): capitals and hyphens */

/* A line of any method, to its end: "LABEL /a HTTP/1.1". */
static bool is_request_line(const uint8_t *p, size_t len)
{
    static const char version[] = " HTTP/1.";
    const size_t tail = sizeof version - 1;
    const uint8_t *end = memchr(p, '\n', len);
    size_t n = 0, line;

    if (end == NULL)
        return false;
    line = (size_t)(end - p);
    line -= line > 0 && end[-1] == '\r';
    while (n < line && n < LONGEST_METHOD && ((p[n] >= 'A' && p[n] <= 'Z') || (n > 0 && p[n] == '-')))
        n++;
    if (n == 0 || n == line || p[n] != ' ' || line < n + 2 + tail + 1)
        return false;
    return memcmp(p + line - tail - 1, version, tail) == 0 && (p[line - 1] == '0' || p[line - 1] == '1');
}

/* The first line is there to its end, and names no version of HTTP: another protocol has the same word (RFC 9112, 3). */
static bool is_line_of_another(const uint8_t *p, size_t len)
{
    static const char version[] = " HTTP/";
    const size_t tail = sizeof version - 1 + 3;            /* "1.1" */
    const uint8_t *end = memchr(p, '\n', len);
    size_t line;

    if (end == NULL)
        return false;
    line = (size_t)(end - p);
    while (line > 0 && (p[line - 1] == '\r' || p[line - 1] == ' '))
        line--;
    return line < tail || memcmp(p + line - tail, version, sizeof version - 1) != 0;
}

#define WORD MC_FOUR_LETTERS

static bool begins_but_get(const uint8_t *p, size_t len)
{
    switch (mc_be32(p)) {
    case WORD('P', 'U', 'T', ' '):
        return true;
    case WORD('P', 'O', 'S', 'T'):
    case WORD('H', 'E', 'A', 'D'):
        return p[4] == ' ';
    case WORD('O', 'P', 'T', 'I'):
        return mc_begins(p, len, "OPTIONS ");
    case WORD('D', 'E', 'L', 'E'):
        return mc_begins(p, len, "DELETE ");
    case WORD('P', 'A', 'T', 'C'):
        return mc_begins(p, len, "PATCH ");
    case WORD('T', 'R', 'A', 'C'):
        return mc_begins(p, len, "TRACE ");
    case WORD('C', 'O', 'N', 'N'):
        return mc_begins(p, len, "CONNECT ");
    case WORD('P', 'R', 'O', 'P'):               /* RFC 4918 */
        return mc_begins(p, len, "PROPFIND ");
    default:
        return false;
    }
}

bool mc_http_is_usual_but_get(const uint8_t *p, size_t len)
{
    return begins_but_get(p, len) && !is_line_of_another(p, len);
}

bool mc_http_is_request(const uint8_t *p, size_t len)
{
    return mc_http_is_usual_request(p, len) || (len > 0 && p[0] >= 'A' && p[0] <= 'Z' && is_request_line(p, len));
}

bool mc_http_is_connect(const uint8_t *p, size_t len)
{
    return mc_begins(p, len, "CONNECT ");
}

bool mc_http_is_sure_request(const uint8_t *p, size_t len)
{
    const uint8_t *space = mc_http_is_usual_request(p, len) ? memchr(p, ' ', len) : NULL;
    const size_t left = space != NULL ? len - (size_t)(space + 1 - p) : 0;

    return left > 0 && (space[1] == '/' || mc_begins(space + 1, left, "http://"));
}

bool mc_http_is_two(const uint8_t *p, size_t len)
{
    return mc_begins(p, len, "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n");
}

bool mc_http_is_head(const uint8_t *p, size_t len)
{
    return mc_begins(p, len, "HEAD ");
}

/* ------------------------------------------------------------------- PROXY */

/* A word up to the next space, as an ended string.  False: it is too long, or there is none. */
static bool take_word(mc_view *v, char *out, size_t size)
{
    size_t n = 0;

    while (n < v->len && v->p[n] != ' ' && n + 1 < size)
        n++;
    if (n == 0 || n >= v->len || v->p[n] != ' ')
        return false;
    memcpy(out, v->p, n);
    out[n] = 0;
    mc_take(v, n + 1);
    return true;
}

static bool port_of(const char *text, uint16_t *out)
{
    unsigned long port = 0;

    for (; *text >= '0' && *text <= '9' && port <= 65535; text++)
        port = port * 10 + (unsigned long)(*text - '0');
    *out = (uint16_t)port;
    return *text == 0 && port <= 65535;
}

/* "PROXY TCP4 192.0.2.1 198.51.100.2 56324 443\r\n", 107 bytes at most. */
static size_t read_first(mc_proxy *out, const uint8_t *p, size_t len)
{
    const uint8_t *end = memchr(p, '\n', len < 107 ? len : 107);
    mc_view v = { p + 6, 0 };
    char family[8], client[48], server[48], port[8];
    mc_endpoint from;
    mc_error err;

    if (end == NULL || end[-1] != '\r')
        return 0;
    v.len = (size_t)(end - p) - 7;
    out->version = 1;
    if (take_word(&v, family, sizeof family) && take_word(&v, client, sizeof client) && take_word(&v, server, sizeof server) &&
        take_word(&v, port, sizeof port) && (strcmp(family, "TCP4") == 0 || strcmp(family, "TCP6") == 0) &&
        port_of(port, &out->port) && mc_endpoint_parse(&from, client, 0, &err) == MC_OK) {
        memcpy(out->client, from.addr, sizeof out->client);
        out->named = true;
    }
    return (size_t)(end - p) + 1;
}

/* Signature (12), version and command (1), family (1), length (2), addresses, ports. */
static size_t read_second(mc_proxy *out, const uint8_t *p, size_t len)
{
    const size_t length = mc_be16(p + 14);

    if (p[12] >> 4 != 2 || len - 16 < length)
        return 0;
    out->version = 2;
    if ((p[12] & 0x0f) == 1 && p[13] == 0x11 && length >= 12) {
        out->client[10] = out->client[11] = 0xff;
        memcpy(out->client + 12, p + 16, 4);
        out->port = mc_be16(p + 24);
        out->named = true;
    } else if ((p[12] & 0x0f) == 1 && p[13] == 0x21 && length >= 36) {
        memcpy(out->client, p + 16, 16);
        out->port = mc_be16(p + 48);
        out->named = true;
    }
    return 16 + length;
}

size_t mc_proxy_read(mc_proxy *out, const uint8_t *p, size_t len)
{
    static const uint8_t signature[12] = { '\r', '\n', '\r', '\n', 0, '\r', '\n', 'Q', 'U', 'I', 'T', '\n' };

    memset(out, 0, sizeof *out);
    if (len > 8 && memcmp(p, "PROXY ", 6) == 0)
        return read_first(out, p, len);
    if (len >= 16 && memcmp(p, signature, sizeof signature) == 0)
        return read_second(out, p, len);
    return 0;
}
