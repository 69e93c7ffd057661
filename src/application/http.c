/*
 * http.c: first lines.
 */
#include "application/http.h"

unsigned mc_http_status(const uint8_t *p, size_t len)
{
    if (len < 12 || memcmp(p, "HTTP/1.", 7) != 0 || (p[7] != '0' && p[7] != '1') || p[8] != ' ' || p[9] < '1' || p[9] > '5' ||
        p[10] < '0' || p[10] > '9' || p[11] < '0' || p[11] > '9')
        return 0;
    if (len > 12 && p[12] != ' ' && p[12] != '\r' && p[12] != '\n')
        return 0;
    return (p[9] - '0') * 100u + (p[10] - '0') * 10u + (p[11] - '0');
}

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

#define WORD(a, b, c, d) ((uint32_t)(a) << 24 | (uint32_t)(b) << 16 | (uint32_t)(c) << 8 | (uint32_t)(d))

bool mc_http_is_usual_request(const uint8_t *p, size_t len)
{
    if (len < 8)
        return false;
    switch (mc_be32(p)) {
    case WORD('G', 'E', 'T', ' '):
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

/* ------------------------------------------------------------------ extent */

#define CHUNKS_MOST 16               /* read of what came with the head */
#define EXTENT_MOST 0x7fffffffu      /* half of the numbers that a sequence has */

typedef struct field_line {
    const uint8_t *value;
    size_t len;
} field_line;

/* Eight letters in small ones; the other signs of names of fields stay what they are. */
static inline uint64_t small_letters(const void *p)
{
    uint64_t word;

    memcpy(&word, p, sizeof word);
    return word | 0x2020202020202020ull;
}

/* Is 'v' the field 'name' of 'n' letters, 8 to 24 and a constant, in any case?  Then 'out' is what it says, without the
   blanks around it. */
MC_INLINE bool is_field(mc_view v, const char *name, size_t n, field_line *out)
{
    if (v.len <= n || v.p[n] != ':' || small_letters(v.p) != small_letters(name) ||
        small_letters(v.p + n - 8) != small_letters(name + n - 8) ||
        (n > 16 && small_letters(v.p + 8) != small_letters(name + 8)))
        return false;
    v.p += n + 1;
    v.len -= n + 1;
    while (v.len > 0 && (*v.p == ' ' || *v.p == '\t')) {
        v.p++;
        v.len--;
    }
    while (v.len > 0 && (v.p[v.len - 1] == ' ' || v.p[v.len - 1] == '\t' || v.p[v.len - 1] == '\r'))
        v.len--;
    *out = (field_line){ v.p, v.len };
    return true;
}

#define IS_FIELD(v, name, out) is_field(v, name, sizeof(name) - 1, out)

/* Does 'f' begin with 'word', in any case? */
static bool begins_in_any_case(const field_line *f, const char *word)
{
    size_t i;

    for (i = 0; word[i] != 0; i++)
        if (i == f->len || (f->value[i] | 0x20) != ((uint8_t)word[i] | 0x20))
            return false;
    return true;
}

static bool read_decimal(const field_line *f, uint64_t *out)
{
    size_t i;

    *out = 0;
    for (i = 0; i < f->len; i++) {
        if (f->value[i] < '0' || f->value[i] > '9' || *out > EXTENT_MOST)
            return false;
        *out = *out * 10 + (uint64_t)(f->value[i] - '0');
    }
    return f->len > 0;
}

static bool is_chunked(const field_line *f)
{
    static const char word[] = "chunked";
    const size_t n = sizeof word - 1;
    size_t i;

    if (f->len < n || (f->len > n && f->value[f->len - n - 1] != ' ' && f->value[f->len - n - 1] != ','))
        return false;
    for (i = 0; i < n; i++)
        if ((f->value[f->len - n + i] | 0x20) != (uint8_t)word[i])
            return false;
    return true;
}

typedef struct framing {
    uint64_t length;
    bool told, chunked, strange;     /* a Content-Length; in chunks; what cannot be relied on */
    bool events;
} framing;

/* The lines after the first, to the empty one.  Returns the length of the head; 0: it does not end here. */
static size_t read_head(framing *f, const uint8_t *p, size_t len)
{
    size_t at = 0, lines = 0;

    memset(f, 0, sizeof *f);
    for (;; lines++) {
        const uint8_t *end = memchr(p + at, '\n', len - at);
        mc_view v = { p + at, 0 };
        field_line said;
        uint64_t length;

        if (end == NULL)
            return 0;
        v.len = (size_t)(end - v.p);
        at += v.len + 1;
        if (v.len == 0 || (v.len == 1 && v.p[0] == '\r'))
            return lines > 0 ? at : 0;
        if (lines == 0)
            continue;
        if (IS_FIELD(v, "content-length", &said)) {
            const bool number = read_decimal(&said, &length);

            f->strange |= !number || (f->told && f->length != length);
            f->told = true;
            f->length = length;
        } else if (IS_FIELD(v, "transfer-encoding", &said)) {
            f->strange |= f->chunked || !is_chunked(&said);
            f->chunked = true;
        } else if (IS_FIELD(v, "content-type", &said)) {
            f->events = begins_in_any_case(&said, "text/event-stream");
        }
    }
}

/* The size that a chunk's line begins with (RFC 9112, 7.1); false: it is none. */
static bool read_chunk_size(mc_view v, uint64_t *out)
{
    size_t n = 0;

    *out = 0;
    for (; n < v.len; n++) {
        const uint8_t b = v.p[n], low = b | 0x20;

        if (b >= '0' && b <= '9')
            *out = *out << 4 | (uint64_t)(b - '0');
        else if (low >= 'a' && low <= 'f')
            *out = *out << 4 | (uint64_t)(low - 'a' + 10);
        else
            break;
        if (*out > EXTENT_MOST)
            return false;
    }
    return n > 0 && (n == v.len || v.p[n] == '\r' || v.p[n] == ';' || v.p[n] == ' ');
}

#define LAST_CHUNK 5u                /* the shortest: "0", and two ends of a line */

/* Follows the chunks from one line to the next, as far as the lines are here. */
static bool read_chunks(mc_http_extent *out, const uint8_t *p, size_t len, size_t at)
{
    uint64_t size, next = at;
    int i;

    out->read = (uint32_t)at;
    out->least = true;
    for (i = 0; i < CHUNKS_MOST && next < len; i++) {
        const uint8_t *end = memchr(p + next, '\n', len - (size_t)next);

        if (end == NULL)
            break;
        if (!read_chunk_size((mc_view){ p + next, (size_t)(end - p) - (size_t)next }, &size))
            return false;
        out->read = (uint32_t)(end - p) + 1;
        if (size == 0)
            return false;                        /* all of it is here, but for what may follow the last chunk */
        next = out->read + size + 2;
    }
    if (next + LAST_CHUNK > EXTENT_MOST)
        return false;
    out->length = (uint32_t)next + LAST_CHUNK;
    return true;
}

bool mc_http_extent_read(mc_http_extent *out, const uint8_t *p, size_t len)
{
    framing f;
    size_t head;

    memset(out, 0, sizeof *out);
    head = read_head(&f, p, len);
    if (head == 0)
        return false;
    out->read = (uint32_t)head;
    out->events = f.events;
    if (f.strange || (!f.told && !f.chunked))
        return false;
    if (f.chunked)
        return read_chunks(out, p, len, head);
    out->length = (uint32_t)(head + f.length);
    return head + f.length <= EXTENT_MOST;
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
