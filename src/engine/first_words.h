/*
 * first_words.h: what some bytes of a stream begin with, in a few words: a TLS record, a line of
 * HTTP/1.
 */
#ifndef MC_FIRST_WORDS_H
#define MC_FIRST_WORDS_H

#include "base/base.h"

#define MC_FIRST_WORDS_MOST 16384    /* a ClientHello may be so long and still be read */

/* The same for programs; 'kind' says what is set. */
typedef enum mc_first_kind { MC_FIRST_OTHER, MC_FIRST_CLIENT_HELLO, MC_FIRST_SERVER_HELLO, MC_FIRST_RETRY, MC_FIRST_ALERT,
                             MC_FIRST_TLS_DATA } mc_first_kind;

typedef struct mc_first_look {
    mc_first_kind kind;
    const char *version;             /* "TLS 1.3": the best one that is offered, or the one that is chosen */
    char sni[80], alpn[24];          /* "": none */
    bool resumes, early, encrypted;
    const char *alert;               /* "unknown_ca" */
    bool fatal;
} mc_first_look;

/*
 * Writes them to 'out', fit to be shown; "" where nothing is recognised.  True: it is a ClientHello
 * of which more follows; with that behind it there is more to say.
 */
bool mc_first_words(char *out, size_t size, const uint8_t *p, size_t len, mc_first_look *look);

#endif
