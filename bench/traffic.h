/*
 * traffic.h: connections that behave, one packet at a time.
 *
 * Clients open connections to one server, send requests, get answers, acknowledge every
 * second segment and close.  Segments get lost on either side of the capture point and
 * are sent again, or overtake each other.  The same settings and seed give the same
 * packets on every machine; what was sent is counted, so that an analysis can be
 * held against it.
 */
#ifndef BENCH_TRAFFIC_H
#define BENCH_TRAFFIC_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef enum traffic_size {
    SIZE_FULL,                       /* data fills 1,500 bytes of IP */
    SIZE_SMALL,                      /* 64-byte frames, no timestamps, short ones padded to 60 */
    SIZE_RANDOM                      /* payload uniform from 1 to the full size */
} traffic_size;

typedef enum traffic_text {
    TEXT_WORDS,                      /* compresses about 1:3 */
    TEXT_RANDOM,                     /* like TLS */
    TEXT_ZERO
} traffic_text;

typedef struct traffic_settings {
    uint32_t live;                   /* connections open at a time */
    uint32_t requests;               /* of a connection */
    uint32_t answer;                 /* mean length of an answer in segments */
    uint32_t loss_ppm;               /* data segments lost, half of them before the capture point */
    uint32_t reorder_ppm;            /* data segments that overtake their predecessor */
    uint32_t burst;                  /* per cent: the next packet is of the same connection */
    uint32_t noise;                  /* per cent of frames that are not the server's */
    uint32_t gap_ns;                 /* mean time between frames, 1,000 at least */
    traffic_size size;
    traffic_text text;
    bool ipv6, vlan;
    bool http;                       /* requests and answers begin with lines of HTTP */
    uint32_t tls;                    /* connections begin with a whole handshake of TLS 1.2 or 1.3 (12, 13); 0: they do not */
    bool flood;                      /* nothing but SYNs, each from another endpoint */
    uint64_t seed;
} traffic_settings;

#define TRAFFIC_SETTINGS_INIT                                                        \
    { .live = 1000, .requests = 3, .answer = 11, .loss_ppm = 6000, .gap_ns = 2000, .seed = 1 }

/* What was sent, per direction: 0 client to server, 1 server to client. */
typedef struct traffic_counts {
    uint64_t packets[2], wire_bytes[2], payload_bytes[2], unique_bytes[2], data_packets[2];
    uint64_t syns[2], syn_acks[2], fins[2];
    uint64_t resent[2], resent_seen[2], reordered[2];
    uint64_t connections, noise;
} traffic_counts;

typedef struct traffic traffic;

/* NULL: no memory. */
traffic *traffic_open(const traffic_settings *settings);
void traffic_close(traffic *t);

#define TRAFFIC_FRAME 1600

/* Builds the next frame in 'frame' (TRAFFIC_FRAME bytes); returns its length on the wire. */
uint32_t traffic_next(traffic *t, uint8_t *frame, int64_t *time_ns);

const traffic_counts *traffic_sent(const traffic *t);

/* The server: "10.0.0.1" or "2001:db8::1", port 443. */
const char *traffic_server(const traffic_settings *settings);
#define TRAFFIC_PORT 443

#endif
