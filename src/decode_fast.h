/*
 * decode_fast.h: the common shapes, decoded inline in front of mc_decode().
 *
 * Ethernet, at most two VLAN tags, IPv4 without options and fragments or IPv6 without
 * extension headers, TCP.  Everything else, and everything strange, is not handled here.
 * What is handled gives exactly the segment of the general way.
 *
 * In two steps, so that a segment that nobody wants is never written down: find the
 * headers, then (having looked at the endpoints) fill the segment.
 */
#ifndef MC_DECODE_FAST_H
#define MC_DECODE_FAST_H

#include "decode_tcp.h"

/* Where the headers of a common frame lie. */
typedef struct mc_headers {
    const uint8_t *ip, *tcp;
    uint32_t captured;               /* bytes at 'tcp' that are there, padding left out */
    uint32_t wire;                   /* bytes that the segment has, header included */
    uint32_t header;                 /* bytes of the TCP header */
    bool v6;
} mc_headers;

/* Both ends of a segment; addresses as mc_segment has them, in words. */
typedef struct mc_ends {
    uint64_t src[2], dst[2];
    uint16_t sport, dport;
} mc_ends;

/* Looks at an IP header of 'ip_header' bytes and a TCP header behind it. */
MC_INLINE bool mc_decode_check(mc_headers *h, const uint8_t *ip, uint32_t captured, uint32_t wire,
                               uint32_t ip_header, uint32_t ip_total)
{
    uint32_t header = (uint32_t)(ip[ip_header + 12] >> 4) * 4;

    if (MC_UNLIKELY(ip_total > wire || header < MC_TCP_HEADER || ip_total < ip_header + header))
        return false;
    h->ip = ip;
    h->tcp = ip + ip_header;
    h->captured = (captured < ip_total ? captured : ip_total) - ip_header;
    h->wire = ip_total - ip_header;
    h->header = header;
    h->v6 = ip_header == 40;
    return true;
}

/* Finds the headers of 'packet', or returns false: ask mc_decode(). */
MC_INLINE bool mc_decode_find(const mc_packet *packet, mc_headers *h)
{
    const uint8_t *ip = packet->data + 14;
    uint32_t captured = packet->caplen, wire = packet->wirelen > captured ? packet->wirelen : captured;
    uint16_t type;

    if (MC_UNLIKELY(packet->linktype != 1 || captured < 14 + 20 + MC_TCP_HEADER))
        return false;
    captured -= 14;
    wire -= 14;
    type = mc_be16(ip - 2);
    if (MC_UNLIKELY(type == 0x8100 || type == 0x88a8)) {
        type = mc_be16(ip + 2);
        ip += 4;
        captured -= 4;
        wire -= 4;
        if (type == 0x8100 || type == 0x88a8) {
            type = mc_be16(ip + 2);
            ip += 4;
            captured -= 4;
            wire -= 4;
        }
        if (captured < 20 + MC_TCP_HEADER)
            return false;
    }
    if (MC_LIKELY(type == 0x0800)) {
        if (MC_UNLIKELY(ip[0] != 0x45 || ip[9] != 6 || (mc_be16(ip + 6) & 0x3fff) != 0))
            return false;
        return mc_decode_check(h, ip, captured, wire, 20, mc_be16(ip + 2));
    }
    if (MC_UNLIKELY(type != 0x86dd || captured < 40 + MC_TCP_HEADER || (ip[0] & 0xf0) != 0x60 || ip[6] != 6))
        return false;
    return mc_decode_check(h, ip, captured, wire, 40, 40u + mc_be16(ip + 4));
}

/* 'v6' is h->v6, a constant where both are common. */
MC_INLINE mc_ends mc_decode_ends(const mc_headers *h, bool v6)
{
    mc_ends e;

    if (!v6) {
        e.src[0] = e.dst[0] = 0;
        e.src[1] = mc_mapped_word(h->ip + 12);
        e.dst[1] = mc_mapped_word(h->ip + 16);
    } else {
        memcpy(e.src, h->ip + 8, 16);
        memcpy(e.dst, h->ip + 24, 16);
    }
    e.sport = mc_be16(h->tcp);
    e.dport = mc_be16(h->tcp + 2);
    return e;
}

MC_INLINE void mc_decode_fill(mc_segment *seg, const mc_headers *h, const mc_ends *e, bool v6)
{
    memcpy(seg->src, e->src, 16);
    memcpy(seg->dst, e->dst, 16);
    seg->reassembled = 0;
    if (!v6) {
        seg->ttl = h->ip[8];
        seg->ip_id = mc_be16(h->ip + 4);
        seg->has = (uint8_t)(MC_HAS_IPID | (h->ip[6] & 0x40));       /* the bit of MC_HAS_DF */
        seg->ip_version = 4;
    } else {
        seg->ttl = h->ip[7];
        seg->ip_id = 0;
        seg->has = MC_HAS_DF;
        seg->ip_version = 6;
    }
    mc_tcp_fill(seg, h->tcp, h->captured, h->wire, h->header);
}

/* Both steps: true, or false and nothing is written. */
static inline bool mc_decode_fast(const mc_packet *packet, mc_segment *seg)
{
    mc_headers h;
    mc_ends e;

    if (!mc_decode_find(packet, &h))
        return false;
    e = mc_decode_ends(&h, h.v6);
    mc_decode_fill(seg, &h, &e, h.v6);
    return true;
}

_Static_assert(MC_HAS_DF == 0x40, "the bit of the header's flag");

#endif
