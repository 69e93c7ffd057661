/*
 * frame_tunnels.h: a builder for each tunnel and for IP's own headers; see frame_kinds.h.
 */
#ifndef FRAME_TUNNELS_H
#define FRAME_TUNNELS_H

#include "frame_links.h"

/* The outer headers of a tunnel have other addresses, ports and a TTL that must not show. */
static void outer_ipv4(frame *f, uint8_t protocol)
{
    frame_ipv4(f, protocol);
    memcpy(frame_start(f) + 12, "\xc0\x00\x02\x01\xc0\x00\x02\x02", 8);
    frame_start(f)[8] = 17;
    frame_ether(f, 0x0800);
}

static void outer_ipv6(frame *f, uint8_t next)
{
    frame_ipv6(f, next);
    frame_start(f)[8] = 0xfd;
    frame_start(f)[7] = 17;
    frame_ether(f, 0x86dd);
}

static void ip4_in_ip4(frame *f)
{
    ip4(f);
    outer_ipv4(f, 4);
}

static void ip6_in_ip4(frame *f)
{
    ip6(f);
    outer_ipv4(f, 41);
}

static void ip4_in_ip6(frame *f)
{
    ip4(f);
    outer_ipv6(f, 4);
}

static void ip6_in_ip6(frame *f)
{
    ip6(f);
    outer_ipv6(f, 41);
}

static void gre(frame *f)
{
    ip4(f);
    FRAME_PUT(f, 0x00, 0x00, 0x08, 0x00);
    outer_ipv4(f, 47);
}

static void gre6_all_fields(frame *f)
{
    ip6(f);
    FRAME_PUT(f, 0xb0, 0x00, 0x86, 0xdd, 0, 0, 0, 0, 0, 0, 0, 9, 0, 0, 0, 1);
    outer_ipv6(f, 47);
}

/* One source route entry of 4 bytes, then the empty one. */
static void gre_routing(frame *f)
{
    ip4(f);
    FRAME_PUT(f, 0x40, 0x00, 0x08, 0x00, 0, 0, 0, 0, 0x08, 0x00, 0, 4, 10, 0, 0, 9, 0, 0, 0, 0);
    outer_ipv4(f, 47);
}

static void gre_mpls(frame *f)
{
    ip4(f);
    FRAME_PUT(f, 0x00, 0x00, 0x88, 0x47, 0x00, 0x01, 0x01, 0xff);
    outer_ipv4(f, 47);
}

static void gre_bridge(frame *f)
{
    vlan(f);
    FRAME_PUT(f, 0x20, 0x00, 0x65, 0x58, 0, 0, 0, 1);
    outer_ipv4(f, 47);
}

/* Version 1: key (payload length, call), sequence and acknowledgment numbers. */
static void gre_pptp(frame *f)
{
    size_t length;

    ppp(f);
    length = frame_length(f);
    FRAME_PUT(f, 0x30, 0x81, 0x88, 0x0b, 0, (uint8_t)length, 0, 1, 0, 0, 0, 5, 0, 0, 0, 4);
    outer_ipv4(f, 47);
}

static void erspan1(frame *f)
{
    ether4(f);
    FRAME_PUT(f, 0x00, 0x00, 0x88, 0xbe);
    outer_ipv4(f, 47);
}

static void erspan2(frame *f)
{
    ether4(f);
    FRAME_PUT(f, 0x10, 0x00, 0x88, 0xbe, 0, 0, 0, 1, 0x10, 0x0a, 0, 0, 0, 0, 0, 0);
    outer_ipv4(f, 47);
}

static void erspan3(frame *f)
{
    ether4(f);
    FRAME_PUT(f, 0x10, 0x00, 0x22, 0xeb, 0, 0, 0, 1, 0x20, 0x0a, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0);
    outer_ipv4(f, 47);
}

static void erspan3_subheader(frame *f)
{
    ether4(f);
    FRAME_PUT(f, 0x10, 0x00, 0x88, 0xbe, 0, 0, 0, 1, 0x20, 0x0a, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1,
              1, 2, 3, 4, 5, 6, 7, 8);
    outer_ipv4(f, 47);
}

static void erspan3_ip(frame *f)
{
    ip4(f);
    FRAME_PUT(f, 0x10, 0x00, 0x22, 0xeb, 0, 0, 0, 1, 0x20, 0x0a, 0, 0, 0, 0, 0, 0, 0, 0, 0x08, 0);
    outer_ipv4(f, 47);
}

static void wccp1(frame *f)
{
    ip4(f);
    FRAME_PUT(f, 0x00, 0x00, 0x88, 0x3e);
    outer_ipv4(f, 47);
}

static void wccp2(frame *f)
{
    ip4(f);
    FRAME_PUT(f, 0x00, 0x00, 0x88, 0x3e, 0x00, 0x00, 0x00, 0x07);
    outer_ipv4(f, 47);
}

static void gre_aruba(frame *f)
{
    wlan_data(f);
    FRAME_PUT(f, 0x00, 0x00, 0x82, 0x10);
    outer_ipv4(f, 47);
}

static void gre_in_udp(frame *f)
{
    ip4(f);
    FRAME_PUT(f, 0x00, 0x00, 0x08, 0x00);
    frame_udp(f, 50000, 4754);
    outer_ipv4(f, 17);
}

static void mpls_in_udp(frame *f)
{
    ip4(f);
    FRAME_PUT(f, 0x00, 0x01, 0x01, 0xff);
    frame_udp(f, 50000, 6635);
    outer_ipv4(f, 17);
}

static void etherip(frame *f)
{
    ether4(f);
    FRAME_PUT(f, 0x30, 0x00);
    outer_ipv4(f, 97);
}

static void vxlan(frame *f)
{
    ether4(f);
    FRAME_PUT(f, 0x08, 0, 0, 0, 0, 0, 7, 0);
    frame_udp(f, 50000, 4789);
    outer_ipv4(f, 17);
}

static void vxlan_linux(frame *f)
{
    ethernet6(f);
    FRAME_PUT(f, 0x08, 0, 0, 0, 0, 0, 7, 0);
    frame_udp(f, 50000, 8472);
    outer_ipv6(f, 17);
}

/* One option of 4 bytes of head and 4 of value. */
static void geneve(frame *f)
{
    ether4(f);
    FRAME_PUT(f, 0x02, 0, 0x65, 0x58, 0, 0, 7, 0, 0x01, 0x02, 0x80, 0x01, 1, 2, 3, 4);
    frame_udp(f, 50000, 6081);
    outer_ipv4(f, 17);
}

static void geneve_ip(frame *f)
{
    ip6(f);
    FRAME_PUT(f, 0x00, 0, 0x86, 0xdd, 0, 0, 7, 0);
    frame_udp(f, 50000, 6081);
    outer_ipv4(f, 17);
}

static void gtp(frame *f)
{
    size_t length;

    ip4(f);
    length = frame_length(f);
    FRAME_PUT(f, 0x30, 0xff, 0, (uint8_t)length, 0, 0, 0, 1);
    frame_udp(f, 2152, 2152);
    outer_ipv4(f, 17);
}

/* Sequence number and two extension headers: 4 bytes (type 0x85), then 8 (type 0x40). */
static void gtp_extensions(frame *f)
{
    size_t length;

    ip4(f);
    FRAME_PUT(f, 0, 9, 0, 0x85, 1, 1, 2, 0x40, 2, 1, 2, 3, 4, 5, 6, 0);
    length = frame_length(f);
    FRAME_PUT(f, 0x36, 0xff, 0, (uint8_t)length, 0, 0, 0, 1);
    frame_udp(f, 2152, 2152);
    outer_ipv4(f, 17);
}

/* Only a sequence number: what stands where an extension would be named is not to be read. */
static void gtp_sequence(frame *f)
{
    size_t length;

    ip4(f);
    FRAME_PUT(f, 0, 9, 0, 0x85);
    length = frame_length(f);
    FRAME_PUT(f, 0x32, 0xff, 0, (uint8_t)length, 0, 0, 0, 1);
    frame_udp(f, 2152, 2152);
    outer_ipv4(f, 17);
}

static void teredo(frame *f)
{
    ip6(f);
    frame_udp(f, 50000, 3544);
    outer_ipv4(f, 17);
}

/* Authentication with an identifier of 2 and a value of 3 bytes, then an origin. */
static void teredo_indications(frame *f)
{
    ip6(f);
    FRAME_PUT(f, 0, 1, 2, 3, 'i', 'd', 'a', 'b', 'c', 1, 2, 3, 4, 5, 6, 7, 8, 0,
              0, 0, 0x12, 0x34, 0xf5, 0xff, 0xff, 0xfd);
    frame_udp(f, 3544, 50000);
    outer_ipv4(f, 17);
}

/* Identity of 2^4 bytes, signature of 5 * 4, forward, IPv6. */
static void ayiya(frame *f)
{
    ip6(f);
    frame_zeros(f, 36);
    FRAME_PUT(f, 0x41, 0x52, 0x11, 41, 0, 0, 0, 0);
    frame_udp(f, 50000, 5072);
    outer_ipv4(f, 17);
}

/* Authentication header: 12 bytes and an integrity value of 12. */
static void ah(frame *f)
{
    frame_tcp(f, PAYLOAD);
    frame_zeros(f, 22);
    FRAME_PUT(f, 6, 4);
    frame_ipv4(f, 51);
    frame_ether(f, 0x0800);
}

static void ah6(frame *f)
{
    frame_tcp(f, PAYLOAD);
    frame_zeros(f, 22);
    FRAME_PUT(f, 6, 4);
    frame_ipv6(f, 51);
    frame_ether(f, 0x86dd);
}

/*
 * Hop-by-hop (8 bytes), routing type 0 without segments left (24), destination (16),
 * atomic fragment (8).
 */
static void extensions(frame *f)
{
    frame_tcp(f, PAYLOAD);
    FRAME_PUT(f, 6, 0, 0, 0, 0, 0, 0, 1);
    FRAME_PUT(f, 44, 1, 1, 12, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0);
    FRAME_PUT(f, 60, 2, 0, 0, 0, 0, 0, 0, 0xfe, 0x80, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 9);
    FRAME_PUT(f, 43, 0, 1, 4, 0, 0, 0, 0);
    frame_ipv6(f, 0);
    frame_ether(f, 0x86dd);
}

/* Mobility, host identity, shim6: as long as they say that something follows. */
static void rare_extensions(frame *f)
{
    frame_tcp(f, PAYLOAD);
    FRAME_PUT(f, 6, 0, 0, 0, 0, 0, 0, 0);
    FRAME_PUT(f, 140, 0, 0, 0, 0, 0, 0, 0);
    FRAME_PUT(f, 139, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0);
    frame_ipv6(f, 135);
    frame_ether(f, 0x86dd);
}

static void mpls_in_ip(frame *f)
{
    ip4(f);
    FRAME_PUT(f, 0x00, 0x01, 0x01, 0xff);
    outer_ipv4(f, 137);
}

static void ipv4_options(frame *f)
{
    frame_tcp(f, PAYLOAD);
    FRAME_PUT(f, 1, 1, 1, 0);
    frame_ipv4(f, 6);
    frame_start(f)[0] = 0x46;
    frame_ether(f, 0x0800);
}

/* IPv6 in GRE in UDP in VXLAN in MPLS in a VLAN. */
static void babel(frame *f)
{
    ip6(f);
    FRAME_PUT(f, 0x00, 0x00, 0x86, 0xdd);
    frame_udp(f, 50000, 4754);
    frame_ipv6(f, 17);
    frame_ether(f, 0x86dd);
    FRAME_PUT(f, 0x08, 0, 0, 0, 0, 0, 7, 0);
    frame_udp(f, 50000, 4789);
    frame_ipv4(f, 17);
    FRAME_PUT(f, 0x00, 0x01, 0x01, 0xff);
    frame_vlan(f, 0x8847);
    frame_ether(f, 0x8100);
}

#endif
