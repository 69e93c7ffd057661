/*
 * first_words.h: what the payload of one segment begins with, in a few words: a TLS record, a
 * line of HTTP/1.  Looks at this segment alone.
 */
#ifndef MC_FIRST_WORDS_H
#define MC_FIRST_WORDS_H

#include "base/base.h"

/* Writes them to 'out', fit to be shown; "" where nothing is recognised. */
void mc_first_words(char *out, size_t size, const uint8_t *p, size_t len);

#endif
