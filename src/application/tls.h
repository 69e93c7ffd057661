/*
 * tls.h: what TLS says in plain text: records, hellos, alerts (RFC 8446, RFC 5246, RFC 6066, RFC 7301).
 */
#ifndef MC_TLS_H
#define MC_TLS_H

#include "base/base.h"

#define MC_TLS_RECORD_HEADER 5
#define MC_TLS_RECORD_MOST   (16384 + 2048)      /* RFC 5246, 6.2.3 */

/* types of records */
#define MC_TLS_CHANGE_CIPHER 20
#define MC_TLS_ALERT_RECORD  21
#define MC_TLS_HANDSHAKE     22
#define MC_TLS_APPLICATION   23

/* types of messages */
#define MC_TLS_CLIENT_HELLO  1
#define MC_TLS_SERVER_HELLO  2
#define MC_TLS_CERTIFICATE   11

typedef struct mc_tls_hello {
    unsigned version;                /* chosen, or the best that is offered */
    bool retry;                      /* a HelloRetryRequest */
    bool resumes, early, encrypted;  /* extensions; 'resumes': of a server the key is accepted */
    mc_view session;                 /* session id */
    bool ticket;                     /* a ticket of RFC 5077 */
    mc_view sni, alpn;               /* the first of each; empty: none */
} mc_tls_hello;

/* The length of the record's content, or 0: there is no record at 'p', which has MC_TLS_RECORD_HEADER bytes. */
static inline unsigned mc_tls_record(const uint8_t *p);

#define MC_TLS_SURE 11               /* bytes that tell a ClientHello from anything else */

/* A ClientHello begins at 'p': its record, its message and its version say so. */
bool mc_tls_is_client_hello(const uint8_t *p, size_t len);

/* Reads the message behind its header of four bytes, as much of it as there is.  False: it is none. */
bool mc_tls_read_hello(mc_tls_hello *h, mc_view body, bool client);

/* The first certificate of a Certificate message (up to TLS 1.2), as much of it as there is; empty: none. */
mc_view mc_tls_first_certificate(mc_view body);

/* Names; NULL for a number that has none. */
const char *mc_tls_version_name(unsigned version);
const char *mc_tls_alert_name(uint8_t code);
const char *mc_tls_message_name(uint8_t type);

/* Messages of this type have a name. */
static inline bool mc_tls_is_message(uint8_t type);

/* ------------------------------------------------------------------ bodies */

static inline unsigned mc_tls_record(const uint8_t *p)
{
    const unsigned length = mc_be16(p + 3);

    return (uint8_t)(p[0] - MC_TLS_CHANGE_CIPHER) <= MC_TLS_APPLICATION - MC_TLS_CHANGE_CIPHER && p[1] == 3 && p[2] <= 4 &&
                   length <= MC_TLS_RECORD_MOST
               ? length
               : 0;
}

/* A bit for each type that mc_tls_message_name() knows: asked of each message, so not by its name. */
static inline bool mc_tls_is_message(uint8_t type)
{
    return type < 64 ? (0x51f917ull >> type & 1) != 0 : type == 67;
}

#endif
