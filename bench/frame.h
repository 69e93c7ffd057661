/*
 * frame.h: segments as bytes: Ethernet, at most one VLAN tag, IPv4 or IPv6, TCP; and
 * frames that have nothing to do with the server.
 */
#ifndef BENCH_FRAME_H
#define BENCH_FRAME_H

#include "traffic.h"

#define FRAME_FIN 0x01
#define FRAME_SYN 0x02
#define FRAME_PSH 0x08
#define FRAME_ACK 0x10

/* What the data of a segment begins with. */
typedef enum frame_words {
    FRAME_TEXT,
    FRAME_REQUEST,
    FRAME_STATUS,
    FRAME_RECORD,                    /* of TLS, with encrypted data */
    FRAME_NOTIFY,                    /* of TLS, and nothing else: its close */
    FRAME_FLIGHT                     /* a part of a flight of TLS's handshake, and nothing else */
} frame_words;

typedef struct frame_segment {
    uint32_t client;                 /* number of the client's endpoint */
    int dir;                         /* 0 client to server */
    uint8_t flags;
    bool has_sack;
    uint8_t words;                   /* frame_words */
    uint8_t flight;                  /* of FRAME_FLIGHT ... */
    uint16_t at;                     /* ... which part of it */
    uint16_t record;                 /* of FRAME_RECORD: bytes in it */
    uint16_t len, id;
    uint32_t seq, ack, ts_val, ts_ecr;
    uint32_t sack[2];
} frame_segment;

typedef struct frame_maker frame_maker;

/* NULL: no memory. */
frame_maker *frame_maker_open(const traffic_settings *settings, uint64_t seed);
void frame_maker_close(frame_maker *m);

uint32_t frame_max_payload(const frame_maker *m);

/* Bytes of a flight of TLS, and of its close. */
uint32_t frame_flight_length(const frame_maker *m, unsigned flight);
uint32_t frame_notify_length(const frame_maker *m);

/* Both return the length of the frame. */
uint32_t frame_make(frame_maker *m, uint8_t *frame, const frame_segment *s);
uint32_t frame_make_noise(frame_maker *m, uint8_t *frame, uint64_t random);

#endif
