/*
 * http.h: how HTTP begins (RFC 9112, RFC 9113), and the PROXY protocol in front of anything.
 */
#ifndef MC_HTTP_H
#define MC_HTTP_H

#include "base/base.h"

static inline bool mc_begins(const uint8_t *p, size_t len, const char *word)
{
    const size_t n = strlen(word);

    return len >= n && memcmp(p, word, n) == 0;
}

/* The status of an answer that begins at 'p', 100 to 599; 0: none begins there. */
static inline unsigned mc_http_status(const uint8_t *p, size_t len);

/* A request begins at 'p'. */
bool mc_http_is_request(const uint8_t *p, size_t len);

/* One of a method of every day, which its first 10 bytes tell: the line may end in a segment to come.  Where it ends here, it
 * names a version of HTTP, or is a GET (HTTP/0.9). */
static inline bool mc_http_is_usual_request(const uint8_t *p, size_t len);

/* The same of any method but GET, of 8 bytes or more. */
bool mc_http_is_usual_but_get(const uint8_t *p, size_t len);

/* A CONNECT does (RFC 9110, 9.3.6). */
bool mc_http_is_connect(const uint8_t *p, size_t len);

/* One of every day for a path or an address: nothing but HTTP begins so, whatever came before. */
bool mc_http_is_sure_request(const uint8_t *p, size_t len);

/* What the head of a message says of the length of what follows it (RFC 9112, 6). */
typedef struct mc_http_extent {
    uint32_t read;                   /* bytes that this rests on */
    uint32_t length;                 /* of the whole message, the head included */
    bool least;                      /* it is longer: chunked, and the last chunk is not here */
    bool open;                       /* its head tells no length, and its end is not here: it may be made as it goes */
    bool events;                     /* it is a stream of events, told of a length or not (text/event-stream) */
} mc_http_extent;

/*
 * The extent of the message that begins at 'p', whose head is to be there to its end.  False: it has none, or says nothing
 * of its length, or too little is there.  Of an answer it holds only if a body can follow: not to HEAD or CONNECT, not of 204
 * or 304.
 */
bool mc_http_extent_read(mc_http_extent *out, const uint8_t *p, size_t len);

/* A HEAD begins at 'p' (RFC 9110, 9.3.2): its answer has no body, whatever it says of one. */
bool mc_http_is_head(const uint8_t *p, size_t len);

/* HTTP/2 by prior knowledge (RFC 9113, 3.4). */
bool mc_http_is_two(const uint8_t *p, size_t len);

typedef struct mc_proxy {
    uint8_t version;                 /* 1 or 2 */
    bool named;
    uint8_t client[16];
    uint16_t port;
} mc_proxy;

/* The length of a PROXY header at 'p', all of which is there; 0: there is none. */
size_t mc_proxy_read(mc_proxy *out, const uint8_t *p, size_t len);

/* ------------------------------------------------------------------ bodies */

#define MC_FOUR_LETTERS(a, b, c, d) ((uint32_t)(a) << 24 | (uint32_t)(b) << 16 | (uint32_t)(c) << 8 | (uint32_t)(d))

/* "HTTP/1.1 200", and what ends a status. */
static inline unsigned mc_http_status(const uint8_t *p, size_t len)
{
    uint32_t digits;

    if (len < 12 || mc_be32(p) != MC_FOUR_LETTERS('H', 'T', 'T', 'P') ||
        (mc_be32(p + 4) | 1) != MC_FOUR_LETTERS('/', '1', '.', '1'))
        return 0;
    digits = mc_be32(p + 8) ^ MC_FOUR_LETTERS(' ', '0', '0', '0');   /* each is its own byte, if it is one */
    if (((digits | (digits + 0x060606)) & 0xfff0f0f0) != 0 || (digits >> 16) - 1 > 4 ||
        (len > 12 && p[12] != ' ' && p[12] != '\r' && p[12] != '\n'))
        return 0;
    return (digits >> 16) * 100 + (digits >> 8 & 0xf) * 10 + (digits & 0xf);
}

static inline bool mc_http_is_usual_request(const uint8_t *p, size_t len)
{
    return len >= 8 && (mc_be32(p) == MC_FOUR_LETTERS('G', 'E', 'T', ' ') || mc_http_is_usual_but_get(p, len));
}

#endif
