/*
 * decode_link.c: link layers of wires and of operating systems.
 */
#include "decode/decode_fast.h"
#include "decode/decode_layers.h"

/*
 * What follows an Ethernet address pair, a tag or SNAP: a type, or (up to 1500, 802.3)
 * the length of an LLC frame.
 */
static layer follow_type(decoding *s, uint16_t type)
{
    if (type > 1500)
        return follow(s, mc_layer_of_ethertype(type));
    bound(s, type);
    return L_LLC;
}

layer mc_read_ether(decoding *s)
{
    const uint8_t *h = take(s, 14);

    if (h == NULL)
        return cut(s, 14);
    return follow_type(s, mc_be16(h + 12));
}

/* Ethernet on its way to a switch chip: a tag of the chip's (4) in front of the type. */
layer mc_read_dsa(decoding *s)
{
    const uint8_t *h = take(s, 18);

    if (h == NULL)
        return cut(s, 18);
    return follow_type(s, mc_be16(h + 16));
}

/* The same with a type of its own (2) and two bytes of zero before the tag. */
layer mc_read_edsa(decoding *s)
{
    const uint8_t *h = take(s, 22);

    if (h == NULL)
        return cut(s, 22);
    return follow_type(s, mc_be16(h + 20));
}

/* The tag in front of the whole frame. */
layer mc_read_dsa_prepended(decoding *s)
{
    return skip(s, 4, L_ETHER);
}

/* 802.1Q: control information (2), type (2). */
layer mc_read_vlan(decoding *s)
{
    const uint8_t *h = take(s, 4);

    if (h == NULL)
        return cut(s, 4);
    return follow_type(s, mc_be16(h + 2));
}

/* 802.1ah, 9.7: control information (4), then the customer's frame from its addresses on. */
layer mc_read_itag(decoding *s)
{
    return skip(s, 4, L_ETHER);
}

/* 802.1BR / VN-Tag: tag (4), type (2). */
layer mc_read_vntag(decoding *s)
{
    const uint8_t *h = take(s, 6);

    if (h == NULL)
        return cut(s, 6);
    return follow_type(s, mc_be16(h + 4));
}

/* Cisco FabricPath: forwarding tag and TTL (2), then the whole customer frame. */
layer mc_read_fabricpath(decoding *s)
{
    return skip(s, 2, L_ETHER);
}

/*
 * Cisco metadata: version and length (1 each), one option (4: kind, security group tag),
 * type (2).  The length is not believed: tshark does not, and no frame with more was seen.
 */
layer mc_read_cmd(decoding *s)
{
    const uint8_t *h = take(s, 8);

    if (h == NULL)
        return cut(s, 8);
    return follow_type(s, mc_be16(h + 6));
}

/*
 * 802.2 LLC: DSAP, SSAP, control (1 for unnumbered frames).  IP comes in SNAP (RFC 1042),
 * by its own SAP (0x06), or behind an ISO NLPID (RFC 2684).
 */
layer mc_read_llc(decoding *s)
{
    const uint8_t *h = take(s, 3);
    uint32_t oui, linktype = s->packet->linktype;
    uint16_t pid;
    bool atm = linktype == 100 || linktype == 11;

    if (h == NULL)
        return cut(s, 3);
    if (h[2] != 0x03)
        return stop(s, MC_V_NOT_TCP);
    if (h[0] == 0x06 && h[1] == 0x06)
        return L_IP;
    if (h[0] == 0xfe && h[1] == 0xfe) {
        h = take(s, 1);
        if (h == NULL)
            return cut(s, 1);
        return follow(s, h[0] == 0xcc || h[0] == 0x8e ? L_IP : L_DONE);
    }
    if (h[0] != 0xaa || h[1] != 0xaa)
        return stop(s, MC_V_NOT_TCP);

    h = take(s, 5);
    if (h == NULL)
        return cut(s, 5);
    oui = (uint32_t)h[0] << 16 | (uint32_t)h[1] << 8 | h[2];
    pid = mc_be16(h + 3);
    if (oui == 0x000000 || oui == 0x0000f8)      /* 802.1H: bridge-tunnel encapsulation */
        return follow(s, pid > 1500 ? mc_layer_of_ethertype(pid) : L_DONE);
    if (oui == 0x0080c2 && (pid == 0x0001 || pid == 0x0007))
        return skip(s, atm ? 2 : 0, L_ETHER);    /* bridged; RFC 2684, 5.2 pads */
    return stop(s, MC_V_NOT_TCP);
}

/*
 * RFC 3032, 2.1: label (20 bits), traffic class (3), bottom of stack (1), TTL (8).  What
 * the last label carries is not said, so look at the first nibble, as routers do; 0 is
 * the control word of a pseudowire (RFC 4385, 3).
 */
layer mc_read_mpls(decoding *s)
{
    const uint8_t *h = take(s, 4);

    if (h == NULL)
        return cut(s, 4);
    if ((h[2] & 0x01) == 0)
        return L_MPLS;
    if (s->rest.len == 0)
        return cut(s, 1);
    if (s->rest.p[0] >> 4 == 0)
        return skip(s, 4, L_ETHER);
    return L_IP;
}

/* RFC 2516, 4: version and type (1), code (1; 0 in a session), session (2), length (2). */
layer mc_read_pppoe(decoding *s)
{
    const uint8_t *h = take(s, 6);

    if (h == NULL)
        return cut(s, 6);
    if (h[1] != 0)
        return stop(s, MC_V_NOT_TCP);
    bound(s, mc_be16(h + 4));
    return L_PPP;
}

/*
 * RFC 1661, 2; RFC 1662, 3.1: address and control (ff 03) may be absent, and a protocol
 * number with an odd first byte has only that one.  Captures of serial lines may hold
 * Cisco HDLC under the same link type.
 */
layer mc_read_ppp(decoding *s)
{
    const uint8_t *h;
    uint16_t protocol;

    if (s->rest.len < 2)
        return cut(s, 2);
    if (s->rest.p[0] == 0xff && s->rest.p[1] == 0x03)
        take(s, 2);
    else if ((s->rest.p[0] == 0x0f || s->rest.p[0] == 0x8f) && s->rest.p[1] == 0)
        return L_CHDLC;
    h = take(s, 1);
    if (h == NULL)
        return cut(s, 1);
    protocol = h[0];
    if ((protocol & 1) == 0) {
        h = take(s, 1);
        if (h == NULL)
            return cut(s, 1);
        protocol = (uint16_t)(protocol << 8 | h[0]);
    }
    switch (protocol) {
    case 0x0021:                                 /* RFC 1332 */
    case 0x0057:                                 /* RFC 5072 */
        return L_IP;
    case 0x0281:                                 /* RFC 3032, 4.3 */
    case 0x0283:
        return L_MPLS;
    default:
        return stop(s, MC_V_NOT_TCP);
    }
}

/* One byte in front says which way the frame went. */
layer mc_read_ppp_dir(decoding *s)
{
    return skip(s, 1, L_PPP);
}

/* Cisco HDLC (RFC 1547, 4.3.1): address (1), control (1), type (2). */
layer mc_read_chdlc(decoding *s)
{
    const uint8_t *h = take(s, 4);

    if (h == NULL)
        return cut(s, 4);
    return follow(s, mc_layer_of_ethertype(mc_be16(h + 2)));
}

/*
 * RFC 2427, 3: Q.922 address (2 to 4 bytes, the last one is odd), control (03), perhaps
 * padding, NLPID.  Cisco writes a type right after the address.
 */
layer mc_read_frelay(decoding *s)
{
    const uint8_t *h;
    uint8_t nlpid;
    unsigned i;

    for (i = 0; i < 4; i++) {
        h = take(s, 1);
        if (h == NULL)
            return cut(s, 1);
        if (h[0] & 1)
            break;
    }
    h = take(s, 2);
    if (h == NULL)
        return cut(s, 2);
    if (h[0] != 0x03)
        return follow(s, mc_layer_of_ethertype(mc_be16(h)));
    nlpid = h[1];
    if (nlpid == 0) {
        h = take(s, 1);
        if (h == NULL)
            return cut(s, 1);
        nlpid = h[0];
    }
    if (nlpid == 0xcc || nlpid == 0x8e)
        return L_IP;
    if (nlpid != 0x80)
        return stop(s, MC_V_NOT_TCP);
    h = take(s, 5);                              /* SNAP */
    if (h == NULL)
        return cut(s, 5);
    if (h[0] != 0 || h[1] != 0 || h[2] != 0)
        return stop(s, MC_V_NOT_TCP);
    return follow(s, mc_layer_of_ethertype(mc_be16(h + 3)));
}

/* BSD loopback: the address family (4). */
layer mc_read_null(decoding *s)
{
    const uint8_t *h = take(s, 4);

    if (h == NULL)
        return cut(s, 4);
    return follow(s, mc_decode_is_ip_family(mc_decode_family(h)) ? L_IP : L_DONE);
}

/* Linux "cooked", version 1: packet type (2), ARPHRD (2), address (2 + 8), protocol (2). */
layer mc_read_sll(decoding *s)
{
    const uint8_t *h = take(s, 16);
    uint16_t protocol;

    if (h == NULL)
        return cut(s, 16);
    protocol = mc_be16(h + 14);
    if (protocol == 0x0004)                      /* LINUX_ETH_P_802_2 */
        return L_LLC;
    return follow(s, mc_layer_of_ethertype(protocol));
}

/*
 * Version 2: protocol (2), reserved (2), interface (4), ARPHRD (2), type (1), address (1
 * + 8).
 */
layer mc_read_sll2(decoding *s)
{
    const uint8_t *h = take(s, 20);
    uint16_t protocol;

    if (h == NULL)
        return cut(s, 20);
    protocol = mc_be16(h);
    if (protocol == 0x0004)
        return L_LLC;
    return follow(s, mc_layer_of_ethertype(protocol));
}

/* FDDI: frame control (1), addresses (12).  Only LLC frames (0101xxxx) carry data. */
layer mc_read_fddi(decoding *s)
{
    const uint8_t *h = take(s, 13);

    if (h == NULL)
        return cut(s, 13);
    return follow(s, (h[0] & 0xf0) == 0x50 ? L_LLC : L_DONE);
}

/* 802.5: access control, frame control (01xxxxxx: LLC), addresses, perhaps a source route. */
layer mc_read_token_ring(decoding *s)
{
    const uint8_t *h = take(s, 14);

    if (h == NULL)
        return cut(s, 14);
    if ((h[1] & 0xc0) != 0x40)
        return stop(s, MC_V_NOT_TCP);
    if ((h[8] & 0x80) == 0)
        return L_LLC;
    if (s->rest.len == 0)
        return cut(s, 1);
    return skip(s, s->rest.p[0] & 0x1f, L_LLC);  /* the route's own length */
}

/*
 * What follows an ARCNET type.  RFC 1051 has nothing in between; RFC 1201 has a split
 * flag (1) and a sequence number (2), and a frame of an awkward length is an exception:
 * filler (ff ff ff), then the type again, the flag and the number.
 */
static layer follow_arcnet(decoding *s, uint8_t type, bool exceptions)
{
    const uint8_t *h;
    uint8_t split;

    if (type == 240)
        return L_IP;
    if (type != 212 && type != 196)
        return stop(s, MC_V_NOT_TCP);
    h = take(s, 3);
    if (h == NULL)
        return cut(s, 3);
    split = h[0];
    if (exceptions && split == 0xff) {
        h = take(s, 4);
        if (h == NULL)
            return cut(s, 4);
        split = h[1];
    }
    if (split != 0)                              /* split over frames; not put together */
        return stop(s, MC_V_FRAGMENT);
    return L_IP;
}

/* As the BSDs capture it: source, destination, type. */
layer mc_read_arcnet(decoding *s)
{
    const uint8_t *h = take(s, 3);

    if (h == NULL)
        return cut(s, 3);
    return follow_arcnet(s, h[2], true);
}

/* As Linux does: an offset (2) in between, exceptions already resolved. */
layer mc_read_arcnet_linux(decoding *s)
{
    const uint8_t *h = take(s, 5);

    if (h == NULL)
        return cut(s, 5);
    return follow_arcnet(s, h[4], false);
}

/* Global routing header (40), then RFC 4391, 6: type (2), reserved (2). */
layer mc_read_ipoib(decoding *s)
{
    const uint8_t *h = take(s, 44);

    if (h == NULL)
        return cut(s, 44);
    return follow(s, mc_layer_of_ethertype(mc_be16(h + 40)));
}

/*
 * NFLOG: family (1), version (1), resource (2), then attributes of length (2), type (2)
 * and value, padded to 4, in the byte order of the machine that captured. Attribute 9 is
 * the packet, from its network header on.  The first attribute shows the order: types are
 * small numbers.
 */
layer mc_read_nflog(decoding *s)
{
    const uint8_t *h = take(s, 4);
    size_t length, padded;
    unsigned type;
    bool big;

    if (h == NULL)
        return cut(s, 4);
    if (h[1] != 0)
        return stop(s, MC_V_NOT_TCP);
    big = s->rest.len >= 4 && mc_le16(s->rest.p + 2) > 0xff;
    for (;;) {
        h = take(s, 4);
        if (h == NULL)
            return cut(s, 4);
        length = big ? mc_be16(h) : mc_le16(h);
        type = big ? mc_be16(h + 2) : mc_le16(h + 2);
        if (length < 4)
            return stop(s, MC_V_NOT_TCP);
        if (type == 9) {
            bound(s, length - 4);
            return L_IP;
        }
        padded = (length - 4 + 3) & ~(size_t)3;
        if (take(s, padded) == NULL)
            return cut(s, padded);
    }
}

/* OpenBSD pf log: length of the header without its padding to 4, family. */
layer mc_read_pflog(decoding *s)
{
    if (s->rest.len < 2)
        return cut(s, 2);
    if (!mc_decode_is_ip_family(s->rest.p[1]))
        return stop(s, MC_V_NOT_TCP);
    return skip(s, ((size_t)s->rest.p[0] + 3) & ~(size_t)3, L_IP);
}

/* OpenBSD IPsec interface: family (4), SPI (4), flags (4). */
layer mc_read_enc(decoding *s)
{
    return skip(s, 12, L_IP);
}

/*
 * Solaris IP observability: version (1), family (1), hook (2), length (4), interfaces (8), zones (8).
 */
layer mc_read_ipnet(decoding *s)
{
    return skip(s, 24, L_IP);
}

/* BSD SLIP: direction (1), compressed header or what it would be (15). */
layer mc_read_slip(decoding *s)
{
    return skip(s, 16, L_IP);
}

/* Per-packet information: version, flags, length (2), link type (4), all little-endian. */
layer mc_read_ppi(decoding *s)
{
    const uint8_t *h = s->rest.p;

    if (s->rest.len < 8)
        return cut(s, 8);
    if (mc_le16(h + 2) < 8)
        return stop(s, MC_V_NOT_TCP);
    return skip(s, mc_le16(h + 2), mc_layer_of_linktype(mc_le32(h + 4)));
}

/*
 * Apple's "any" interface: length (4), record type (4), link type (4), in the writer's
 * order.
 */
layer mc_read_pktap(decoding *s)
{
    const uint8_t *h = s->rest.p;
    uint32_t length, linktype;

    if (s->rest.len < 12)
        return cut(s, 12);
    length = mc_le32(h);
    linktype = mc_le32(h + 8);
    if (length > 0xffff) {
        length = mc_be32(h);
        linktype = mc_be32(h + 8);
    }
    if (length < 12)
        return stop(s, MC_V_NOT_TCP);
    return skip(s, length, mc_layer_of_linktype(linktype));
}

/*
 * Juniper Ethernet: magic "MGC", flags; with 0x80 a length (2) and as many bytes of
 * extensions; with 0x02 no Ethernet header, but a protocol (4).
 */
layer mc_read_juniper(decoding *s)
{
    const uint8_t *h = take(s, 4);
    uint8_t flags;
    size_t extensions;

    if (h == NULL)
        return cut(s, 4);
    if (h[0] != 0x4d || h[1] != 0x47 || h[2] != 0x43)
        return stop(s, MC_V_NOT_TCP);
    flags = h[3];
    if (flags & 0x80) {
        h = take(s, 2);
        if (h == NULL)
            return cut(s, 2);
        extensions = mc_be16(h);
        if (take(s, extensions) == NULL)
            return cut(s, extensions);
    }
    if (flags & 0x02)
        return skip(s, 4, L_IP);
    return L_ETHER;
}
