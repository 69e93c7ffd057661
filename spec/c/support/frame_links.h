/*
 * frame_links.h: a builder for each link layer, tag and radio header; see frame_kinds.h.
 */
#ifndef FRAME_LINKS_H
#define FRAME_LINKS_H

#include "frame.h"

#define PAYLOAD 11

/* --------------------------------------------------------- what is inside */

static void ip4(frame *f)
{
    frame_tcp(f, PAYLOAD);
    frame_ipv4(f, 6);
}

static void ip6(frame *f)
{
    frame_tcp(f, PAYLOAD);
    frame_ipv6(f, 6);
}

static void ether4(frame *f)
{
    ip4(f);
    frame_ether(f, 0x0800);
}

/* ---------------------------------------------------------- one link layer */

static void ethernet(frame *f) { ether4(f); }

static void ethernet6(frame *f)
{
    ip6(f);
    frame_ether(f, 0x86dd);
}

/* 802.3: the type field is the length of an LLC frame; SNAP names the type. */
static void llc_snap(frame *f)
{
    ip4(f);
    frame_snap(f, 0x0800);
    frame_ether(f, (unsigned)frame_length(f));
}

static void llc_ip(frame *f)
{
    ip4(f);
    FRAME_PUT(f, 0x06, 0x06, 0x03);
    frame_ether(f, (unsigned)frame_length(f));
}

static void llc_nlpid(frame *f)
{
    ip4(f);
    FRAME_PUT(f, 0xfe, 0xfe, 0x03, 0xcc);
    frame_ether(f, (unsigned)frame_length(f));
}

static void llc_nlpid6(frame *f)
{
    ip6(f);
    FRAME_PUT(f, 0xfe, 0xfe, 0x03, 0x8e);
    frame_ether(f, (unsigned)frame_length(f));
}

/* 802.1H keeps its own number for frames that came from Ethernet. */
static void llc_tunnel(frame *f)
{
    ip4(f);
    FRAME_PUT(f, 0xaa, 0xaa, 0x03, 0x00, 0x00, 0xf8, 0x08, 0x00);
    frame_ether(f, (unsigned)frame_length(f));
}

/* RFC 2684 and 2427: a bridged frame with (1) and without (7) its check sequence. */
static void llc_bridged(frame *f)
{
    ether4(f);
    FRAME_PUT(f, 0xaa, 0xaa, 0x03, 0x00, 0x80, 0xc2, 0x00, 0x01);
}

static void vlan(frame *f)
{
    ip4(f);
    frame_vlan(f, 0x0800);
    frame_ether(f, 0x8100);
}

static void vlan6(frame *f)
{
    ip6(f);
    frame_vlan(f, 0x86dd);
    frame_ether(f, 0x8100);
}

static void qinq(frame *f)
{
    ip4(f);
    frame_vlan(f, 0x0800);
    frame_vlan(f, 0x8100);
    frame_ether(f, 0x88a8);
}

static void three_tags(frame *f)
{
    ip6(f);
    frame_vlan(f, 0x86dd);
    frame_vlan(f, 0x8100);
    frame_vlan(f, 0x9100);
    frame_ether(f, 0x9200);
}

static void vlan_snap(frame *f)
{
    ip4(f);
    frame_snap(f, 0x0800);
    frame_vlan(f, (unsigned)frame_length(f));
    frame_ether(f, 0x8100);
}

static void itag(frame *f)
{
    ether4(f);
    FRAME_PUT(f, 0x00, 0x01, 0x02, 0x03);        /* priority, service identifier */
    frame_ether(f, 0x88e7);
}

static void backbone(frame *f)
{
    itag(f);
    f->at += 14;
    frame_vlan(f, 0x88e7);
    frame_ether(f, 0x88a8);
}

static void vntag(frame *f)
{
    ip4(f);
    FRAME_PUT(f, 0x00, 0x01, 0x00, 0x02, 0x08, 0x00);
    frame_ether(f, 0x8926);
}

static void fabricpath(frame *f)
{
    ether4(f);
    FRAME_PUT(f, 0x04, 0x20);                    /* tag, TTL */
    frame_ether(f, 0x8903);
}

static void cisco_metadata(frame *f)
{
    ip4(f);
    FRAME_PUT(f, 0x01, 0x01, 0x00, 0x01, 0x00, 0x07, 0x08, 0x00);    /* version, length, option, tag, type */
    frame_ether(f, 0x8909);
}

static void cisco_metadata_vlan(frame *f)
{
    ip6(f);
    FRAME_PUT(f, 0x01, 0x01, 0x00, 0x01, 0x00, 0x07, 0x86, 0xdd);
    frame_vlan(f, 0x8909);
    frame_ether(f, 0x8100);
}

static void mpls(frame *f)
{
    ip4(f);
    FRAME_PUT(f, 0x00, 0x01, 0x01, 0xff);        /* label 16, bottom of stack, TTL 255 */
    frame_ether(f, 0x8847);
}

static void mpls6_stack(frame *f)
{
    ip6(f);
    FRAME_PUT(f, 0x00, 0x01, 0x01, 0xff);
    FRAME_PUT(f, 0x00, 0x02, 0x00, 0xff);        /* not the bottom */
    frame_ether(f, 0x8848);
}

static void mpls_pseudowire(frame *f)
{
    ether4(f);
    FRAME_PUT(f, 0x00, 0x00, 0x00, 0x07);        /* control word, sequence number 7 */
    FRAME_PUT(f, 0x00, 0x01, 0x01, 0xff);
    frame_ether(f, 0x8847);
}

static void linktype_mpls(frame *f)
{
    mpls(f);
    f->at += 14;
}

static void pppoe(frame *f)
{
    unsigned length;

    ip4(f);
    FRAME_PUT(f, 0x00, 0x21);
    length = (unsigned)frame_length(f);
    FRAME_PUT(f, 0x11, 0x00, 0x00, 0x01, 0x00, (uint8_t)length);
    frame_ether(f, 0x8864);
}

static void pppoe6_qinq(frame *f)
{
    unsigned length;

    ip6(f);
    FRAME_PUT(f, 0x00, 0x57);
    length = (unsigned)frame_length(f);
    FRAME_PUT(f, 0x11, 0x00, 0x00, 0x01, 0x00, (uint8_t)length);
    frame_vlan(f, 0x8864);
    frame_vlan(f, 0x8100);
    frame_ether(f, 0x88a8);
}

static void linktype_pppoe(frame *f)
{
    pppoe(f);
    f->at += 14;
}

static void ppp(frame *f)
{
    ip4(f);
    FRAME_PUT(f, 0xff, 0x03, 0x00, 0x21);
}

static void ppp_short(frame *f)
{
    ip4(f);
    FRAME_PUT(f, 0x21);                          /* address, control and half the protocol left out */
}

static void ppp_mpls(frame *f)
{
    ip4(f);
    FRAME_PUT(f, 0xff, 0x03, 0x02, 0x81, 0x00, 0x01, 0x01, 0xff);
}

static void ppp_with_direction(frame *f)
{
    ppp(f);
    FRAME_PUT(f, 0x01);
}

static void chdlc(frame *f)
{
    ip4(f);
    FRAME_PUT(f, 0x0f, 0x00, 0x08, 0x00);
}

static void frelay(frame *f)
{
    ip4(f);
    FRAME_PUT(f, 0x18, 0x41, 0x03, 0xcc);        /* two bytes of address, NLPID of IPv4 */
}

static void frelay6(frame *f)
{
    ip6(f);
    FRAME_PUT(f, 0x18, 0x41, 0x03, 0x8e);
}

static void frelay_snap(frame *f)
{
    ip6(f);
    FRAME_PUT(f, 0x18, 0x40, 0x01, 0x03, 0x00, 0x80, 0x00, 0x00, 0x00, 0x86, 0xdd);
}

static void frelay_cisco(frame *f)
{
    ip4(f);
    FRAME_PUT(f, 0x18, 0x41, 0x08, 0x00);
}

static void null_little(frame *f)
{
    ip4(f);
    FRAME_PUT(f, 2, 0, 0, 0);
}

static void null_big(frame *f)
{
    ip4(f);
    FRAME_PUT(f, 0, 0, 0, 2);
}

static void null6_netbsd(frame *f)
{
    ip6(f);
    FRAME_PUT(f, 24, 0, 0, 0);
}

static void null6_freebsd(frame *f)
{
    ip6(f);
    FRAME_PUT(f, 0, 0, 0, 28);
}

static void null6_darwin(frame *f)
{
    ip6(f);
    FRAME_PUT(f, 30, 0, 0, 0);
}

static void null6_linux(frame *f)
{
    ip6(f);
    FRAME_PUT(f, 10, 0, 0, 0);
}

static void null6_windows(frame *f)
{
    ip6(f);
    FRAME_PUT(f, 0, 0, 0, 23);
}

static void sll(frame *f)
{
    ip4(f);
    FRAME_PUT(f, 0, 0, 0, 1, 0, 6, 2, 0, 0, 0, 0, 1, 0, 0, 0x08, 0x00);
}

static void sll_vlan(frame *f)
{
    ip6(f);
    frame_vlan(f, 0x86dd);
    FRAME_PUT(f, 0, 0, 0, 1, 0, 6, 2, 0, 0, 0, 0, 1, 0, 0, 0x81, 0x00);
}

static void sll_llc(frame *f)
{
    ip4(f);
    frame_snap(f, 0x0800);
    FRAME_PUT(f, 0, 0, 0, 1, 0, 6, 2, 0, 0, 0, 0, 1, 0, 0, 0x00, 0x04);
}

static void sll2(frame *f)
{
    ip6(f);
    FRAME_PUT(f, 0x86, 0xdd, 0, 0, 0, 0, 0, 2, 0, 1, 0, 6, 2, 0, 0, 0, 0, 1, 0, 0);
}

static void sll2_llc(frame *f)
{
    ip4(f);
    frame_snap(f, 0x0800);
    FRAME_PUT(f, 0x00, 0x04, 0, 0, 0, 0, 0, 2, 0, 1, 0, 6, 2, 0, 0, 0, 0, 1, 0, 0);
}

static void fddi(frame *f)
{
    ip4(f);
    frame_snap(f, 0x0800);
    FRAME_PUT(f, 0x57, 2, 0, 0, 0, 0, 2, 2, 0, 0, 0, 0, 1);
}

static void token_ring(frame *f)
{
    ip4(f);
    frame_snap(f, 0x0800);
    FRAME_PUT(f, 0x10, 0x40, 2, 0, 0, 0, 0, 2, 0x82, 0, 0, 0, 0, 1, 0x04, 0x80, 0x00, 0x12);
}

static void arcnet_1051(frame *f)
{
    ip4(f);
    FRAME_PUT(f, 1, 2, 240);
}

static void arcnet_1201(frame *f)
{
    ip4(f);
    FRAME_PUT(f, 1, 2, 212, 0, 0, 7);
}

static void arcnet_exception(frame *f)
{
    ip4(f);
    FRAME_PUT(f, 1, 2, 212, 0xff, 0xff, 0xff, 212, 0, 0, 7);
}

static void arcnet_linux(frame *f)
{
    ip6(f);
    FRAME_PUT(f, 1, 2, 0, 0, 196, 0, 0, 7);
}

static void ipoib(frame *f)
{
    ip4(f);
    FRAME_PUT(f, 0x08, 0x00, 0x00, 0x00);
    frame_zeros(f, 40);
}

/*
 * Attribute 1 (packet header), 10 (prefix, of a length that needs padding), 9 (the
 * packet).
 */
static void nflog(frame *f)
{
    size_t length;

    ip4(f);
    length = frame_length(f) + 4;
    FRAME_PUT(f, (uint8_t)length, 0, 9, 0);
    FRAME_PUT(f, 5, 0, 10, 0, 0, 0, 0, 0);
    FRAME_PUT(f, 8, 0, 1, 0, 0x08, 0x00, 1, 0);
    FRAME_PUT(f, 2, 0, 0, 5);
}

static void nflog_big(frame *f)
{
    size_t length;

    ip6(f);
    length = frame_length(f) + 4;
    FRAME_PUT(f, 0, (uint8_t)length, 0, 9);
    FRAME_PUT(f, 0, 8, 0, 1, 0x86, 0xdd, 1, 0);
    FRAME_PUT(f, 10, 0, 0, 5);
}

static void pflog(frame *f)
{
    ip4(f);
    frame_zeros(f, 62);
    FRAME_PUT(f, 61, 2);                         /* 61 is 64 with its padding */
}

static void enc(frame *f)
{
    ip4(f);
    FRAME_PUT(f, 2, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0);
}

static void slip(frame *f)
{
    ip4(f);
    frame_zeros(f, 16);
}

static void juniper(frame *f)
{
    ether4(f);
    FRAME_PUT(f, 0x4d, 0x47, 0x43, 0x81, 0x00, 0x02, 0xaa, 0xbb);
}

static void juniper_no_ether(frame *f)
{
    ip4(f);
    FRAME_PUT(f, 0x4d, 0x47, 0x43, 0x02, 0, 0, 0, 2);
}

static void dsa(frame *f)
{
    ip4(f);
    FRAME_PUT(f, 2, 0, 0, 0, 0, 2, 2, 0, 0, 0, 0, 1, 0xc0, 0x0a, 0, 0, 0x08, 0x00);
}

static void dsa_vlan(frame *f)
{
    ip6(f);
    frame_vlan(f, 0x86dd);
    FRAME_PUT(f, 2, 0, 0, 0, 0, 2, 2, 0, 0, 0, 0, 1, 0xc0, 0x0a, 0, 0, 0x81, 0x00);
}

static void edsa(frame *f)
{
    ip4(f);
    FRAME_PUT(f, 2, 0, 0, 0, 0, 2, 2, 0, 0, 0, 0, 1, 0xda, 0xda, 0, 0, 0xc0, 0x0a, 0, 0, 0x08,
              0x00);
}

static void dsa_prepended(frame *f)
{
    ether4(f);
    FRAME_PUT(f, 0, 0, 0x20, 5);
}

static void ipnet(frame *f)
{
    ip4(f);
    FRAME_PUT(f, 1, 2, 0, 0, 0, 0, 0, 84, 0, 0, 0, 2, 0, 0, 0, 0, 0xff, 0xff, 0xff, 0xff, 0, 0, 0,
              0);
}

static void raw4(frame *f) { ip4(f); }

static void raw6(frame *f) { ip6(f); }

static void pktap(frame *f)
{
    ether4(f);
    frame_zeros(f, 96);
    FRAME_PUT(f, 108, 0, 0, 0, 1, 0, 0, 0, 1, 0, 0, 0);
}

/* RFC 2684: two bytes of padding in front of a bridged frame. */
static void atm_bridged(frame *f)
{
    ether4(f);
    FRAME_PUT(f, 0xaa, 0xaa, 0x03, 0x00, 0x80, 0xc2, 0x00, 0x07, 0x00, 0x00);
}

static void atm_routed(frame *f)
{
    ip4(f);
    frame_snap(f, 0x0800);
}

/* ------------------------------------------------------------------- radio */

/* A data frame from a station to an access point. */
static void wlan_data(frame *f)
{
    ip4(f);
    frame_snap(f, 0x0800);
    FRAME_PUT(f, 0x08, 0x01, 0, 0, 2, 0, 0, 0, 0, 9, 2, 0, 0, 0, 0, 1, 2, 0, 0, 0, 0, 2, 0x10, 0x00);
}

/* Between access points (four addresses), with QoS and HT control. */
static void wlan_qos_wds(frame *f)
{
    ip6(f);
    frame_snap(f, 0x86dd);
    FRAME_PUT(f, 0x88, 0x83, 0, 0, 2, 0, 0, 0, 0, 9, 2, 0, 0, 0, 0, 1, 2, 0, 0, 0, 0, 2, 0x10, 0x00,
              2, 0, 0, 0, 0, 3, 0x00, 0x00, 0, 0, 0, 0);
}

/* Radiotap of 8 bytes without fields. */
static void radiotap(frame *f)
{
    wlan_data(f);
    FRAME_PUT(f, 0, 0, 8, 0, 0, 0, 0, 0);
}

/*
 * Two presence words, a time (aligned to 16), flags that say "padded": QoS header of 26
 * is 28.
 */
static void radiotap_padded(frame *f)
{
    ip4(f);
    frame_snap(f, 0x0800);
    FRAME_PUT(f, 0x88, 0x01, 0, 0, 2, 0, 0, 0, 0, 9, 2, 0, 0, 0, 0, 1, 2, 0, 0, 0, 0, 2, 0x10, 0x00,
              0x00, 0x00, 0xee, 0xee);
    FRAME_PUT(f, 0, 0, 25, 0, 0x03, 0, 0, 0x80, 0, 0, 0, 0, 0xee, 0xee, 0xee, 0xee,
              1, 2, 3, 4, 5, 6, 7, 8, 0x20);
}

/* The same flags byte without its padding bit, and no time in front of it. */
static void radiotap_flags(frame *f)
{
    wlan_data(f);
    FRAME_PUT(f, 0, 0, 9, 0, 0x02, 0, 0, 0, 0xdf);
}

static void ppi_wlan(frame *f)
{
    wlan_data(f);
    FRAME_PUT(f, 0, 0, 12, 0, 105, 0, 0, 0, 0, 0, 0, 0);
}

static void ppi_ether(frame *f)
{
    ether4(f);
    FRAME_PUT(f, 0, 0, 8, 0, 1, 0, 0, 0);
}

static void prism(frame *f)
{
    wlan_data(f);
    frame_zeros(f, 136);
    FRAME_PUT(f, 0x44, 0, 0, 0, 144, 0, 0, 0);
}

static void avs(frame *f)
{
    wlan_data(f);
    frame_zeros(f, 56);
    FRAME_PUT(f, 0x80, 0x21, 0x10, 0x01, 0, 0, 0, 64);
}

#endif
