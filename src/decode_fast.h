/*
 * decode_fast.h: the common shapes, decoded inline in front of mc_decode().
 *
 * Ethernet, at most two VLAN tags, IPv4 without options and fragments or IPv6 without
 * extension headers, TCP.  Everything else, and everything strange, is not handled here.
 * What is handled gives exactly the segment of the general way.
 */
#ifndef MC_DECODE_FAST_H
#define MC_DECODE_FAST_H

#include "decode_tcp.h"

/*
 * Decodes 'packet' to 'seg' and returns true, or returns false: ask mc_decode(), which
 * tries this first when checksums are not verified.  A loop that calls it itself spares
 * the call; mc_decode_icmp() then still tells of the last frame that mc_decode() was
 * given.
 */
static inline bool mc_decode_fast(const mc_packet *packet, mc_segment *seg)
{
    const uint8_t *ip, *t;
    size_t captured = packet->caplen;
    size_t wire = packet->wirelen > packet->caplen ? packet->wirelen : packet->caplen;
    size_t at = 14, header, ip_header, ip_total;
    uint16_t type;

    if (MC_UNLIKELY(packet->linktype != 1 || captured < 14 + 20 + MC_TCP_HEADER))
        return false;

    type = mc_be16(packet->data + 12);
    if (type == 0x8100 || type == 0x88a8) {
        type = mc_be16(packet->data + 16);
        at = 18;
        if (type == 0x8100 || type == 0x88a8) {
            type = mc_be16(packet->data + 20);
            at = 22;
        }
    }
    ip = packet->data + at;
    captured -= at;
    wire -= at;

    if (MC_LIKELY(type == 0x0800)) {
        ip_header = 20;
        if (MC_UNLIKELY(captured < 20 + MC_TCP_HEADER || ip[0] != 0x45 || ip[9] != 6 ||
                        (mc_be16(ip + 6) & 0x3fff) != 0))
            return false;
        ip_total = mc_be16(ip + 2);
    } else if (type == 0x86dd) {
        ip_header = 40;
        if (MC_UNLIKELY(captured < 40 + MC_TCP_HEADER || (ip[0] & 0xf0) != 0x60 || ip[6] != 6))
            return false;
        ip_total = 40u + mc_be16(ip + 4);
    } else {
        return false;
    }
    if (MC_UNLIKELY(ip_total > wire || ip_total < ip_header + MC_TCP_HEADER))
        return false;
    if (captured > ip_total)
        captured = ip_total;         /* padding */

    t = ip + ip_header;
    header = (size_t)(t[12] >> 4) * 4;
    if (MC_UNLIKELY(header < MC_TCP_HEADER || header > ip_total - ip_header))
        return false;

    if (ip_header == 20) {
        mc_map_ipv4(seg->src, ip + 12);
        mc_map_ipv4(seg->dst, ip + 16);
        seg->ip_version = 4;
        seg->ttl = ip[8];
        seg->ip_id = mc_be16(ip + 4);
        seg->has = (uint8_t)(MC_HAS_IPID | ((ip[6] & 0x40) != 0 ? MC_HAS_DF : 0));
    } else {
        memcpy(seg->src, ip + 8, 16);
        memcpy(seg->dst, ip + 24, 16);
        seg->ip_version = 6;
        seg->ttl = ip[7];
        seg->ip_id = 0;
        seg->has = MC_HAS_DF;
    }
    seg->reassembled = 0;
    mc_tcp_fill(seg, t, captured - ip_header, ip_total - ip_header, header);
    return true;
}

#endif
