/*
 * decode_ip.c: IPv4 (RFC 791), IPv6 (RFC 8200), fragments, ICMP, UDP.
 */
#include "decode/decode_layers.h"
#include "decode/decode_tcp.h"

/* ---------------------------------------------------------------- fragments */

/*
 * One piece of a datagram; what is left of the layer is its payload (IN-10).  Pieces of
 * what is not followed anyway are not held: they would push others out.
 */
static layer take_fragment(decoding *s, uint8_t protocol, uint32_t id, uint32_t offset,
                           bool more)
{
    layer next = mc_layer_of_ip_protocol(protocol);
    mc_fragment fragment;
    mc_datagram whole;

    s->decoder->stats.fragments++;
    if (next == L_DONE || next == L_ICMP || next == L_IPCOMP)
        return stop(s, MC_V_NOT_TCP);
    if (s->rest.len < s->wire || s->overclaims || s->len_unknown) {
        if (offset != 0)
            return stop(s, MC_V_FRAGMENT);
        s->len_unknown = true;
        return next;
    }

    fragment.src = s->src;
    fragment.dst = s->dst;
    fragment.id = id;
    fragment.version = s->ip_version;
    fragment.protocol = protocol;
    fragment.more = more;
    fragment.offset = offset;
    fragment.data = s->rest;
    fragment.time_ns = s->packet->time_ns;
    if (!mc_fragments_add(s->decoder->fragments, &fragment, &whole))
        return stop(s, MC_V_FRAGMENT);

    s->decoder->stats.reassembled++;
    s->reassembled = true;
    s->rest = whole.data;
    s->wire = whole.data.len;
    return follow(s, mc_layer_of_ip_protocol(whole.protocol));
}

/* --------------------------------------------------------------------- IPv4 */

/*
 * RFC 791, 3.1: while a source route is not at its end, the last address in it is the
 * destination.
 */
static void find_route_end(decoding *s, const uint8_t *p, size_t len)
{
    mc_view rest = { p, len };
    const uint8_t *o;

    while (rest.len >= 2 && rest.p[0] != 0) {
        if (rest.p[0] == 1) {
            mc_take(&rest, 1);
            continue;
        }
        if (rest.p[1] < 2)
            return;
        o = mc_take(&rest, rest.p[1]);
        if (o == NULL)
            return;
        if ((o[0] == 131 || o[0] == 137) && o[1] >= 7 && o[2] >= 4 && o[2] + 3 <= o[1])
            mc_map_ipv4(s->final_dst, o + o[1] - 4);
    }
}

static layer read_ipv4(decoding *s)
{
    const uint8_t *h = s->rest.p;
    size_t header, total;
    uint16_t fragment;

    if (s->rest.len < 20)
        return cut(s, 20);
    header = (size_t)(h[0] & 0x0f) * 4;
    total = mc_be16(h + 2);
    s->no_length = total == 0;                   /* IN-5: segmentation offload */
    s->overclaims = total > s->wire;
    s->decoder->stats.overlong_ip += s->overclaims;
    if (header < 20 || (total < header && !s->no_length))
        return stop(s, MC_V_NOT_TCP);
    if (!s->no_length)
        bound(s, total);
    if (take(s, header) == NULL)
        return cut(s, header);
    if (s->decoder->verify_checksums && !mc_checksum_is_good(h, header))
        s->decoder->stats.bad_ip_checksums++;

    s->inside_ip = true;
    s->ip_version = 4;
    s->ttl = h[8];
    s->tos = h[1];
    s->ip_id = mc_be16(h + 4);
    s->ip_has = (uint8_t)(MC_HAS_IPID | ((h[6] & 0x40) != 0 ? MC_HAS_DF : 0));
    mc_map_ipv4(s->src, h + 12);
    mc_map_ipv4(s->dst, h + 16);
    memcpy(s->final_dst, s->dst, sizeof s->final_dst);
    if (header > 20)
        find_route_end(s, h + 20, header - 20);

    fragment = mc_be16(h + 6);
    if ((fragment & 0x3fff) != 0)
        return take_fragment(s, h[9], s->ip_id, (fragment & 0x1fffu) * 8,
                             (fragment & 0x2000) != 0);
    return follow(s, mc_layer_of_ip_protocol(h[9]));
}

/* --------------------------------------------------------------------- IPv6 */

static layer read_ipv6(decoding *s)
{
    const uint8_t *h = s->rest.p;
    size_t total;

    if (s->rest.len < 40)
        return cut(s, 40);
    total = 40u + mc_be16(h + 4);
    s->no_length = total == 40;                  /* IN-6: jumbogram, or offload */
    s->overclaims = total > s->wire;
    s->decoder->stats.overlong_ip += s->overclaims;
    if (!s->no_length)
        bound(s, total);
    if (take(s, 40) == NULL)
        return cut(s, 40);

    s->inside_ip = true;
    s->ip_version = 6;
    s->ttl = h[7];
    s->tos = (uint8_t)(mc_be16(h) >> 4);
    s->ip_id = 0;
    s->ip_has = MC_HAS_DF;                       /* routers do not fragment IPv6 */
    memcpy(s->src, h + 8, 16);
    memcpy(s->dst, h + 24, 16);
    memcpy(s->final_dst, s->dst, sizeof s->final_dst);
    return follow(s, mc_layer_of_ip_protocol(h[6]));
}

/* Which IP it is says the first nibble, better than the layer below. */
layer mc_read_ip(decoding *s)
{
    if (s->rest.len == 0)
        return cut(s, 1);
    switch (s->rest.p[0] >> 4) {
    case 4:
        return read_ipv4(s);
    case 6:
        return read_ipv6(s);
    default:
        return stop(s, MC_V_NOT_TCP);
    }
}

/* Takes an extension header: next (1), length in 8 bytes without the first 8 (1), ... */
static const uint8_t *take_extension(decoding *s, size_t *length)
{
    *length = s->rest.len < 2 ? 2 : (s->rest.p[1] + 1u) * 8;
    return *length > 2 ? take(s, *length) : NULL;
}

/*
 * Hop-by-hop options.  RFC 2675, 2: the payload length of a jumbogram is in an option
 * (194), counted from this header on.
 */
layer mc_read_hopopts(decoding *s)
{
    size_t before = s->wire, length, at;
    const uint8_t *h = take_extension(s, &length);
    uint32_t jumbo;

    if (h == NULL)
        return cut(s, length);
    if (!s->no_length)
        return follow(s, mc_layer_of_ip_protocol(h[0]));

    for (at = 2; at + 1 < length; at += h[at] == 0 ? 1 : 2u + h[at + 1]) {
        if (h[at] != 0xc2 || h[at + 1] != 4 || at + 6 > length)
            continue;
        jumbo = mc_be32(h + at + 2);
        if (jumbo < length)
            return stop(s, MC_V_NOT_TCP);
        s->overclaims = jumbo > before;
        bound(s, jumbo - length);
        break;
    }
    return follow(s, mc_layer_of_ip_protocol(h[0]));
}

/* Destination options, mobility, HIP, shim6: nothing to read in them. */
layer mc_read_extension(decoding *s)
{
    size_t length;
    const uint8_t *h = take_extension(s, &length);

    if (h == NULL)
        return cut(s, length);
    return follow(s, mc_layer_of_ip_protocol(h[0]));
}

/*
 * Routing headers: next, length, type, segments left.  While segments are left, the
 * checksum is over the final destination: the last address of types 0 (RFC 2460, 4.4) and
 * 2 (RFC 6275, 6.4), the first one of type 4 (RFC 8754, 2).
 */
layer mc_read_routing(decoding *s)
{
    size_t length, last;
    const uint8_t *h = take_extension(s, &length);

    if (h == NULL)
        return cut(s, length);
    if (h[3] != 0 && length >= 24) {
        last = 8 + ((length - 8) / 16 - 1) * 16;
        if (h[2] == 0 || h[2] == 2)
            memcpy(s->final_dst, h + last, 16);
        else if (h[2] == 4)
            memcpy(s->final_dst, h + 8, 16);
    }
    return follow(s, mc_layer_of_ip_protocol(h[0]));
}

/*
 * RFC 8200, 4.5: next (1), reserved (1), offset (13 bits), reserved (2), more (1),
 * identification (4).
 */
layer mc_read_fragment(decoding *s)
{
    const uint8_t *h = take(s, 8);
    uint32_t id;

    if (h == NULL)
        return cut(s, 8);
    id = mc_be32(h + 4);
    s->ip_id = (uint16_t)id;
    s->ip_has |= MC_HAS_IPID;
    if ((mc_be16(h + 2) & 0xfff9) == 0)          /* RFC 6946: alone, not a piece of anything */
        return follow(s, mc_layer_of_ip_protocol(h[0]));
    return take_fragment(s, h[0], id, mc_be16(h + 2) & 0xfff8u, (h[3] & 1) != 0);
}

/* RFC 4302, 2: next (1), length in 4 bytes without the first 8 (1), ... */
layer mc_read_ah(decoding *s)
{
    const uint8_t *h = s->rest.p;

    if (s->rest.len < 2)
        return cut(s, 2);
    return skip(s, (h[1] + 2u) * 4, mc_layer_of_ip_protocol(h[0]));
}

/* ---------------------------------------------------------------------- ARP */

/* RFC 826: hardware (2), protocol (2), lengths (1, 1), operation (2), sender's and target's addresses. */
layer mc_read_arp(decoding *s)
{
    static const uint8_t usual[6] = { 0, 1, 8, 0, 6, 4 };
    const uint8_t *h = take(s, 28);
    mc_other *o = &s->decoder->other;

    o->kind = MC_OTHER_ARP;
    o->op = 0;
    o->claims = false;
    if (h == NULL || memcmp(h, usual, sizeof usual) != 0)
        return stop(s, MC_V_NOT_TCP);
    o->op = mc_be16(h + 6);
    o->claims = o->op == 1 || o->op == 2;
    memcpy(o->mac, h + 8, sizeof o->mac);
    mc_map_ipv4(o->claimed, h + 14);
    return stop(s, MC_V_NOT_TCP);
}

/* --------------------------------------------------------------------- ICMP */

/* Finds the TCP header in a quoted IPv6 packet: its next-header value, 'v' moved up to it. */
static uint8_t skip_quoted_extensions(mc_view *v, uint8_t next)
{
    const uint8_t *h;
    unsigned i;

    for (i = 0; i < 8; i++) {
        if (next != 0 && next != 43 && next != 44 && next != 60)
            return next;
        if (v->len < 8)
            return 59;
        h = mc_take(v, next == 44 ? 8 : (v->p[1] + 1u) * 8);
        if (h == NULL || (next == 44 && (mc_be16(h + 2) & 0xfff8) != 0))
            return 59;
        next = h[0];
    }
    return 59;
}

/*
 * Reads addresses and ports of a quoted TCP packet; RFC 792 promises 8 bytes behind the
 * IP header.
 */
static bool read_quote(mc_icmp_quote *q, mc_view v)
{
    const uint8_t *h = v.p;
    uint8_t protocol;

    if (v.len >= 20 && h[0] >> 4 == 4) {
        if ((h[0] & 0x0f) < 5 || mc_take(&v, (h[0] & 0x0fu) * 4) == NULL ||
            (mc_be16(h + 6) & 0x1fff) != 0)
            return false;
        protocol = h[9];
        mc_map_ipv4(q->src, h + 12);
        mc_map_ipv4(q->dst, h + 16);
        q->ip_version = 4;
    } else if (v.len >= 40 && h[0] >> 4 == 6) {
        mc_take(&v, 40);
        protocol = skip_quoted_extensions(&v, h[6]);
        memcpy(q->src, h + 8, 16);
        memcpy(q->dst, h + 24, 16);
        q->ip_version = 6;
    } else {
        return false;
    }
    if (protocol != 6 || v.len < 4)
        return false;
    q->sport = mc_be16(v.p);
    q->dport = mc_be16(v.p + 2);
    return true;
}

/* What the frame holds besides TCP, of the innermost IP header. */
static void note_other(const decoding *s, mc_other_kind kind)
{
    mc_other *o = &s->decoder->other;

    o->kind = kind;
    o->ip_version = s->ip_version;
    o->claims = false;
    memcpy(o->src, s->src, sizeof o->src);
    memcpy(o->dst, s->dst, sizeof o->dst);
}

/* IPComp (RFC 3173): what it carries is not looked into, whatever it is. */
layer mc_read_ipcomp(decoding *s)
{
    s->decoder->stats.compressed++;
    return stop(s, MC_V_NOT_TCP);
}

#define ADVERTISEMENT 136
#define ROUTER        0x80
#define OVERRIDE      0x20

/*
 * RFC 4861, 4.4: flags (1), reserved (3), target (16), options in units of 8 bytes; 7.1.2: from this link only.  Without
 * the override flag it is of a proxy or an anycast address (7.2.4), and a router that speaks for another address than
 * the one it speaks from is a proxy, whatever it sets: neither claims anything.
 */
static void read_advertisement(const decoding *s, const uint8_t *h)
{
    mc_view v = s->rest;
    mc_other *o = &s->decoder->other;
    const uint8_t *target = mc_take(&v, sizeof o->claimed), *option;

    if (s->ttl != 255 || h[1] != 0 || target == NULL || (h[4] & OVERRIDE) == 0 ||
        ((h[4] & ROUTER) != 0 && memcmp(target, s->src, sizeof o->claimed) != 0))
        return;
    while (v.len >= 8 && v.p[1] != 0) {
        option = mc_take(&v, v.p[1] * 8u);
        if (option == NULL)
            return;
        if (option[0] == 2 && option[1] == 1) {              /* target link-layer address, of 48 bits */
            o->claims = true;
            memcpy(o->claimed, target, sizeof o->claimed);
            memcpy(o->mac, option + 2, sizeof o->mac);
            return;
        }
    }
}

/*
 * ICMP (RFC 792) and ICMPv6 (RFC 4443): type (1), code (1), checksum (2), four bytes that
 * depend, and in an error the packet that caused it (IN-12: evidence, never a segment).
 */
layer mc_read_icmp(decoding *s)
{
    const uint8_t *h = take(s, 8);
    mc_icmp_quote *q = &s->decoder->quote;
    uint32_t mtu = 0;
    bool error;

    if (h == NULL)
        return stop(s, MC_V_NOT_TCP);
    note_other(s, MC_OTHER_ICMP);
    s->decoder->other.type = h[0];
    s->decoder->other.code = h[1];
    if (s->ip_version == 4) {
        error = h[0] == 3 || h[0] == 4 || h[0] == 5 || h[0] == 11 || h[0] == 12;
        if (h[0] == 3 && h[1] == 4)              /* RFC 1191, 4 */
            mtu = mc_be16(h + 6);
    } else {
        error = h[0] >= 1 && h[0] <= 4;
        if (h[0] == 2)
            mtu = mc_be32(h + 4);
        if (h[0] == ADVERTISEMENT)
            read_advertisement(s, h);
    }
    if (!error || !read_quote(q, s->rest))
        return stop(s, MC_V_NOT_TCP);

    memcpy(q->reporter, s->src, sizeof q->reporter);
    q->type = h[0];
    q->code = h[1];
    q->mtu = (uint16_t)(mtu > 0xffff ? 0xffff : mtu);
    s->decoder->has_quote = true;
    s->decoder->stats.icmp_quoted++;
    return stop(s, MC_V_NOT_TCP);
}

/* ---------------------------------------------------------------------- UDP */

/* Tunnels over UDP, by the port of either end. */
static const struct {
    uint16_t port;
    layer next;
} udp_ports[] = {
    { 4789, L_VXLAN },  { 8472, L_VXLAN },       /* RFC 7348; what Linux took before */
    { 6081, L_GENEVE }, { 2152, L_GTP },         /* RFC 8926; 3GPP TS 29.281 */
    { 3544, L_TEREDO }, { 5072, L_AYIYA },       /* RFC 4380 */
    { 4754, L_GRE },    { 6635, L_MPLS },        /* RFC 8086; RFC 7510 */
};

#define DNS_PORT 53

static layer layer_of_udp_port(uint16_t port)
{
    size_t i;

    for (i = 0; i < MC_ARRAY_LEN(udp_ports); i++)
        if (udp_ports[i].port == port)
            return udp_ports[i].next;
    return L_DONE;
}

/* RFC 768; a length of 0 is that of a jumbogram (RFC 2675, 4) or of segmentation offload. */
layer mc_read_udp(decoding *s)
{
    const uint8_t *h = take(s, 8);
    size_t length;
    layer next;

    if (h == NULL)
        return cut(s, 8);
    length = mc_be16(h + 4);
    if (length >= 8)
        bound(s, length - 8);
    else if (length != 0 || !s->no_length)
        return stop(s, MC_V_NOT_TCP);

    if (mc_be16(h) == DNS_PORT || mc_be16(h + 2) == DNS_PORT)
        next = L_DONE;                           /* whoever asks does so from any port */
    else if ((next = layer_of_udp_port(mc_be16(h + 2))) == L_DONE)
        next = layer_of_udp_port(mc_be16(h));
    if (next == L_DONE) {
        mc_other *o = &s->decoder->other;

        note_other(s, MC_OTHER_UDP);
        o->sport = mc_be16(h);
        o->dport = mc_be16(h + 2);
        o->payload = s->rest.p;
        o->captured = (uint32_t)s->rest.len;
        o->is_cut = length >= 8 && s->rest.len < length - 8;
    }
    return follow(s, next);
}
