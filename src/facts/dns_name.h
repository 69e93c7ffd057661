/*
 * dns_name.h: names as they lie in messages (RFC 1035, 3.1 and 4.1.4).
 */
#ifndef MC_DNS_NAME_H
#define MC_DNS_NAME_H

#include "base/base.h"

#define MC_NAME_BYTES 255            /* the longest name, its lengths and the root's included */
#define MC_DNS_NAME   256            /* a name as text, fit to be shown, and its end */

/* Labels from 'p' on, up to and with the root's; 0: none, or compressed, which no question needs to be. */
size_t mc_dns_name_length(const uint8_t *p, size_t left);

/* Of a name that the capture has cut: the bytes that are there, its last label may lack some; 0: it is none. */
size_t mc_dns_name_begin(const uint8_t *p, size_t left);

/* Names are compared without case (RFC 4343). */
bool mc_dns_is_same(const uint8_t *a, size_t a_len, const uint8_t *b, size_t b_len);
uint64_t mc_dns_hash(const uint8_t *name, size_t len);

/* "www.example.org", with what cannot be shown as \xNN; "www.exa..." of one that is cut. */
void mc_dns_spell(char out[MC_DNS_NAME], const uint8_t *name, size_t len);

/* Skips the name of a record: labels, up to the root's or a pointer.  False: it is cut off. */
bool mc_dns_skip_name(mc_view *v);

#endif
