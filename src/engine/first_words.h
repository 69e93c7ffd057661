/*
 * first_words.h: what some bytes of a stream begin with, in a few words: a TLS record, a line of
 * HTTP/1.
 */
#ifndef MC_FIRST_WORDS_H
#define MC_FIRST_WORDS_H

#include "base/base.h"

#define MC_FIRST_WORDS_MOST 16384    /* a ClientHello may be so long and still be read */

/*
 * Writes them to 'out', fit to be shown; "" where nothing is recognised.  True: it is a ClientHello
 * of which more follows; with that behind it there is more to say.
 */
bool mc_first_words(char *out, size_t size, const uint8_t *p, size_t len);

#endif
