/*
 * tls.h: what both sides of TLS say until they are agreed: the four flights of a whole handshake, as bytes.
 *
 * Lengths, records, messages, extensions and certificates are such as browsers and servers send; keys, signatures and what
 * is encrypted are noise.
 */
#ifndef BENCH_TLS_H
#define BENCH_TLS_H

#include <stddef.h>
#include <stdint.h>

#define TLS_FLIGHTS 4                /* the client's first, the server's, ... */
#define TLS_RECORD_HEADER 5
#define TLS_APPLICATION_DATA 23
#define TLS_NOTIFY_MOST 32           /* bytes of a close_notify, encrypted */

typedef struct tls_speech tls_speech;

/* 'version': 12 or 13, in tenths.  NULL: no memory. */
tls_speech *tls_speech_open(unsigned version, uint64_t seed);
void tls_speech_close(tls_speech *s);

uint32_t tls_flight_length(const tls_speech *s, unsigned flight);

/* Bytes 'at' to 'at' + 'len' of a flight of connection 'number', which has randoms of its own. */
void tls_flight_copy(const tls_speech *s, unsigned flight, uint32_t number, uint32_t at, uint32_t len, uint8_t *out);

/* Writes the header of a record of encrypted data. */
void tls_put_record(uint8_t *out, uint32_t length);

/* A close_notify; returns its length. */
uint32_t tls_put_notify(const tls_speech *s, uint8_t *out);

#endif
