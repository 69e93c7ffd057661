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
unsigned mc_http_status(const uint8_t *p, size_t len);

/* A request begins at 'p'. */
bool mc_http_is_request(const uint8_t *p, size_t len);

/* One of a method of every day, which its first 10 bytes tell: the line may end in a segment to come. */
bool mc_http_is_usual_request(const uint8_t *p, size_t len);

/* A CONNECT does (RFC 9110, 9.3.6). */
bool mc_http_is_connect(const uint8_t *p, size_t len);

/* One of every day for a path or an address: nothing but HTTP begins so, whatever came before. */
bool mc_http_is_sure_request(const uint8_t *p, size_t len);

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

#endif
