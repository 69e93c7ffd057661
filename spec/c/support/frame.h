/*
 * frame.h: builds frames for the tests of the decoder, from the inside out.
 *
 *     frame f;
 *
 *     frame_tcp(&f, 11);                      TCP header and 11 bytes of payload
 *     frame_ipv4(&f, 6);                      in front of it IPv4, its lengths set
 *     FRAME_PUT(&f, 0x00, 0x0a, 0x08, 0x00);  any header, byte by byte
 *     frame_ether(&f, 0x8100);
 *
 * Unless changed, the segment goes from 10.0.0.1:40000 (2001:db8::1) to 10.0.0.2:7777
 * (2001:db8::2), seq 1001, ack 5001, flags ACK and PSH, window 1000.
 */
#ifndef FRAME_H
#define FRAME_H

#include <stdlib.h>
#include <string.h>

#include "decode/decode.h"
#include "decode_same.h"

#define FRAME_SIZE 400000

typedef struct frame {
    uint8_t bytes[FRAME_SIZE];
    size_t at, end;              /* the frame is bytes[at..end) */
} frame;

static inline size_t frame_length(const frame *f)
{
    return f->end - f->at;
}

static inline uint8_t *frame_start(frame *f)
{
    return f->bytes + f->at;
}

/* Puts 'n' bytes in front. */
static inline void frame_put(frame *f, const void *p, size_t n)
{
    if (n > f->at)
        abort();
    f->at -= n;
    memcpy(f->bytes + f->at, p, n);
}

#define FRAME_PUT(f, ...)                                                   \
    frame_put((f), (const uint8_t[]){ __VA_ARGS__ }, sizeof((const uint8_t[]){ __VA_ARGS__ }))

/* Puts 'n' bytes of zero in front. */
static inline void frame_zeros(frame *f, size_t n)
{
    if (n > f->at)
        abort();
    f->at -= n;
    memset(f->bytes + f->at, 0, n);
}

/* Adds 'n' bytes of 'byte' behind: padding, a check sequence. */
static inline void frame_pad(frame *f, size_t n, uint8_t byte)
{
    if (n > FRAME_SIZE - f->end)
        abort();
    memset(f->bytes + f->end, byte, n);
    f->end += n;
}

static inline void frame_set16(frame *f, size_t at, unsigned value)
{
    frame_start(f)[at] = (uint8_t)(value >> 8);
    frame_start(f)[at + 1] = (uint8_t)value;
}

static inline void frame_set32(frame *f, size_t at, uint32_t value)
{
    frame_set16(f, at, value >> 16);
    frame_set16(f, at + 2, value & 0xffff);
}

/* Begins with 'n' bytes of payload. */
static inline void frame_payload(frame *f, size_t n)
{
    size_t i;

    f->at = FRAME_SIZE - 100000;
    f->end = f->at;
    if (n > f->at)
        abort();
    f->at -= n;
    for (i = 0; i < n; i++)
        f->bytes[f->at + i] = (uint8_t)('a' + i % 26);
}

/*
 * Begins with a TCP header with 'length' bytes of options (a multiple of 4) and 'n' of
 * payload.
 */
static inline void frame_tcp_options(frame *f, const void *options, size_t length, size_t n)
{
    frame_payload(f, n);
    frame_put(f, options, length);
    FRAME_PUT(f, 0x9c, 0x40, 0x1e, 0x61,         /* ports 40000, 7777 */
              0x00, 0x00, 0x03, 0xe9,            /* seq 1001 */
              0x00, 0x00, 0x13, 0x89,            /* ack 5001 */
              (uint8_t)((5 + length / 4) << 4), 0x18, 0x03, 0xe8,
              0x00, 0x00, 0x00, 0x00);           /* checksum, urgent pointer */
}

static inline void frame_tcp(frame *f, size_t n)
{
    frame_tcp_options(f, "", 0, n);
}

/* RFC 1071, written down at its simplest. */
static inline uint16_t frame_sum(const uint8_t *p, size_t n, uint32_t sum)
{
    size_t i;

    for (i = 0; i < n; i++)
        sum += i % 2 == 0 ? (uint32_t)p[i] << 8 : p[i];
    while (sum > 0xffff)
        sum = (sum & 0xffff) + (sum >> 16);
    return (uint16_t)~sum;
}

static inline void frame_ipv4(frame *f, uint8_t protocol)
{
    FRAME_PUT(f, 0x45, 0x00, 0x00, 0x00,         /* version, header length; total length */
              0x12, 0x34, 0x40, 0x00,            /* identification; don't fragment */
              0x40, protocol, 0x00, 0x00,        /* TTL 64, protocol, checksum */
              10, 0, 0, 1, 10, 0, 0, 2);
    frame_set16(f, 2, (unsigned)frame_length(f) & 0xffff);
    frame_set16(f, 10, frame_sum(frame_start(f), 20, 0));
}

static inline void frame_ipv6(frame *f, uint8_t next)
{
    size_t payload = frame_length(f);

    FRAME_PUT(f, 0x60, 0x00, 0x00, 0x00,         /* version */
              0x00, 0x00, next, 0x40,            /* payload length, next header, hop limit 64 */
              0x20, 0x01, 0x0d, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1,
              0x20, 0x01, 0x0d, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 2);
    frame_set16(f, 4, (unsigned)payload & 0xffff);
}

static inline void frame_udp(frame *f, unsigned sport, unsigned dport)
{
    frame_zeros(f, 8);
    frame_set16(f, 0, sport);
    frame_set16(f, 2, dport);
    frame_set16(f, 4, (unsigned)frame_length(f));
}

static inline void frame_ether(frame *f, unsigned type)
{
    FRAME_PUT(f, 2, 0, 0, 0, 0, 2, 2, 0, 0, 0, 0, 1, 0, 0);
    frame_set16(f, 12, type);
}

/* One VLAN tag; goes between frame_ether() and what it carries. */
static inline void frame_vlan(frame *f, unsigned type)
{
    FRAME_PUT(f, 0x00, 0x0a, 0, 0);
    frame_set16(f, 2, type);
}

static inline void frame_snap(frame *f, unsigned type)
{
    FRAME_PUT(f, 0xaa, 0xaa, 0x03, 0x00, 0x00, 0x00, 0, 0);
    frame_set16(f, 6, type);
}

/* The usual frame: Ethernet, IPv4, TCP. */
static inline void frame_plain(frame *f, size_t n)
{
    frame_tcp(f, n);
    frame_ipv4(f, 6);
    frame_ether(f, 0x0800);
}

/* ------------------------------------------------------------------ decoding */

static inline mc_decoder *frame_decoder(void)
{
    mc_decoder *d = NULL;

    if (mc_decoder_open(&d, false, NULL) != MC_OK)
        abort();
    return d;
}

/*
 * Decodes the first 'caplen' bytes of a frame of 'wirelen', copied to a block of exactly
 * that size.
 */
static inline mc_verdict frame_decode_with(mc_decoder *d, const frame *f, uint32_t linktype,
                                           size_t caplen, size_t wirelen, mc_segment *out,
                                           size_t *count)
{
    uint8_t *copy = malloc(caplen > 0 ? caplen : 1);
    mc_packet packet = { 0 };
    mc_verdict verdict;

    if (copy == NULL)
        abort();
    memcpy(copy, f->bytes + f->at, caplen);
    packet.data = copy;
    packet.caplen = (uint32_t)caplen;
    packet.wirelen = (uint32_t)wirelen;
    packet.linktype = linktype;
    verdict = mc_decode(d, &packet, out, count);
    free(copy);
    return verdict;
}

static inline mc_verdict frame_decode_whole(mc_decoder *d, const frame *f, uint32_t linktype,
                                            mc_segment *out, size_t *count)
{
    return frame_decode_with(d, f, linktype, frame_length(f), frame_length(f), out, count);
}

/* The same with a decoder of its own; 'out' has room for MC_MAX_SEGMENTS. */
static inline mc_verdict frame_decode_cut(const frame *f, uint32_t linktype, size_t caplen,
                                          size_t wirelen, mc_segment *out, size_t *count)
{
    mc_decoder *d = frame_decoder();
    mc_verdict verdict = frame_decode_with(d, f, linktype, caplen, wirelen, out, count);

    mc_decoder_close(d);
    return verdict;
}

/* The whole frame; 'out' is the first segment. */
static inline mc_verdict frame_decode(const frame *f, uint32_t linktype, mc_segment *out)
{
    mc_segment segs[MC_MAX_SEGMENTS];
    size_t count;
    size_t length = frame_length(f);
    mc_verdict verdict = frame_decode_cut(f, linktype, length, length, segs, &count);

    if (count > 0)
        *out = segs[0];
    return verdict;
}

/* Whether the segment is the one that frame_tcp() makes, with 'len' bytes of payload. */
static inline bool frame_is_plain(const mc_segment *seg, uint8_t version, uint32_t len)
{
    static const uint8_t v4[2][16] = {
        { 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff, 10, 0, 0, 1 },
        { 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff, 10, 0, 0, 2 },
    };
    static const uint8_t v6[2][16] = {
        { 0x20, 0x01, 0x0d, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1 },
        { 0x20, 0x01, 0x0d, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 2 },
    };

    return memcmp(seg->src, version == 4 ? v4[0] : v6[0], 16) == 0 &&
           memcmp(seg->dst, version == 4 ? v4[1] : v6[1], 16) == 0 && seg->ip_version == version &&
           seg->sport == 40000 && seg->dport == 7777 && seg->seq == 1001 && seg->ack == 5001 &&
           seg->flags == (MC_TH_ACK | MC_TH_PSH) && seg->win == 1000 && seg->ttl == 64 &&
           seg->len == len && seg->len_known;
}

#endif
