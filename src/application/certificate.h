/*
 * certificate.h: names and dates of an X.509 certificate (RFC 5280), nothing else of it: no key, no
 * signature, no trust.
 */
#ifndef MC_CERTIFICATE_H
#define MC_CERTIFICATE_H

#include "base/base.h"

typedef struct mc_certificate {
    int64_t not_before, not_after;   /* seconds since 1970 */
    mc_view issuer, subject;         /* the common name, or else the organization; empty: none */
    mc_view name;                    /* the first DNS name of the alternative names; empty: none, or cut off */
    uint32_t read;                   /* all of this rests on so many bytes ... */
    uint32_t key, key_end;           /* ... but for these of them, which are its key */
} mc_certificate;

/* Reads the DER at 'der', which may be cut off.  False: its dates cannot be read. */
bool mc_certificate_read(mc_certificate *c, mc_view der);

#endif
