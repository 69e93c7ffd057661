/*
 * decode_tunnel.c: tunnels over IP and over UDP.
 */
#include "decode/decode_layers.h"

/* ---------------------------------------------------------------------- GRE */

/*
 * RFC 1701: source route entries of family (2), offset (1), length (1); family 0, length
 * 0 ends.
 */
static bool take_gre_routes(decoding *s, size_t *missing)
{
    const uint8_t *h;

    for (;;) {
        *missing = 4;
        h = take(s, 4);
        if (h == NULL)
            return false;
        if (h[3] == 0)
            return true;
        *missing = h[3];
        if (take(s, h[3]) == NULL)
            return false;
    }
}

/* Aruba mirrors 802.11 frames under types 0x8200, 0x8210, ... 0x8370. */
static bool is_aruba(uint16_t type)
{
    return type >= 0x8200 && type <= 0x8370 && (type & 0x000f) == 0;
}

/*
 * RFC 2784, 2890 and, for the bits they took away, 1701; version 1 is RFC 2637 (PPTP),
 * whose key holds the payload length in its first half.
 */
layer mc_read_gre(decoding *s)
{
    const uint8_t *h = take(s, 4);
    uint16_t flags, type;
    size_t missing;
    layer next;

    if (h == NULL)
        return cut(s, 4);
    flags = mc_be16(h);
    type = mc_be16(h + 2);
    if ((flags & 0x0007) > 1)
        return stop(s, MC_V_NOT_TCP);
    if ((flags & 0xc000) != 0 && take(s, 4) == NULL)     /* checksum, offset: both or none */
        return cut(s, 4);
    if ((flags & 0x2000) != 0) {                         /* key */
        h = take(s, 4);
        if (h == NULL)
            return cut(s, 4);
    }
    if ((flags & 0x1000) != 0 && take(s, 4) == NULL)     /* sequence number */
        return cut(s, 4);
    if ((flags & 0x0007) == 1) {
        if ((flags & 0x0080) != 0 && take(s, 4) == NULL) /* acknowledgment number */
            return cut(s, 4);
        if ((flags & 0x2000) != 0)
            bound(s, mc_be16(h));
    }
    if ((flags & 0x4000) != 0 && !take_gre_routes(s, &missing))
        return cut(s, missing);

    switch (type) {
    case 0x88be:                                         /* ERSPAN type I has no own header */
        return (flags & 0x1000) != 0 ? L_ERSPAN : L_ETHER;
    case 0x22eb:
        return L_ERSPAN3;
    case 0x883e:
        return L_WCCP;
    case 0x6400:                                         /* older number of bridging */
        return L_ETHER;
    default:
        next = mc_layer_of_ethertype(type);
        return follow(s, next == L_DONE && is_aruba(type) ? L_WLAN : next);
    }
}

/* ERSPAN type II: version (4 bits) and 60 more; the version may say that it is type III. */
layer mc_read_erspan(decoding *s)
{
    if (s->rest.len == 0)
        return cut(s, 1);
    switch (s->rest.p[0] >> 4) {
    case 1:
        return skip(s, 8, L_ETHER);
    case 2:
        return L_ERSPAN3;
    default:
        return stop(s, MC_V_NOT_TCP);
    }
}

/*
 * Type III: 12 bytes, 8 more when the last bit says so; the frame type is Ethernet (0) or
 * IP (2).
 */
layer mc_read_erspan3(decoding *s)
{
    const uint8_t *h = take(s, 12);
    unsigned type;

    if (h == NULL)
        return cut(s, 12);
    type = (h[10] >> 2) & 0x1f;
    if ((h[11] & 1) != 0 && take(s, 8) == NULL)
        return cut(s, 8);
    return follow(s, type == 0 ? L_ETHER : type == 2 ? L_IP : L_DONE);
}

/* WCCP version 2 has a redirect header (4) in front of IP, version 1 has none. */
layer mc_read_wccp(decoding *s)
{
    if (s->rest.len == 0)
        return cut(s, 1);
    return skip(s, s->rest.p[0] >> 4 == 4 ? 0 : 4, L_IP);
}

/* RFC 3378: version 3 (4 bits), reserved (12 bits), frame. */
layer mc_read_etherip(decoding *s)
{
    const uint8_t *h = take(s, 2);

    if (h == NULL)
        return cut(s, 2);
    return follow(s, h[0] >> 4 == 3 ? L_ETHER : L_DONE);
}

/* ----------------------------------------------------------------- over UDP */

/*
 * RFC 7348, 5: flags (1; 0x08: there is an identifier), reserved (3), identifier (3),
 * reserved (1).
 */
layer mc_read_vxlan(decoding *s)
{
    const uint8_t *h = take(s, 8);

    if (h == NULL)
        return cut(s, 8);
    return follow(s, (h[0] & 0x08) != 0 ? L_ETHER : L_DONE);
}

/*
 * RFC 8926, 3.4: version (2 bits), options in 4 bytes (6 bits), flags (1), type (2),
 * identifier (4).
 */
layer mc_read_geneve(decoding *s)
{
    const uint8_t *h = take(s, 8);
    size_t options;

    if (h == NULL)
        return cut(s, 8);
    if (h[0] >> 6 != 0)
        return stop(s, MC_V_NOT_TCP);
    options = (h[0] & 0x3fu) * 4;
    return skip(s, options, mc_layer_of_ethertype(mc_be16(h + 2)));
}

/* Whether the IP packet in hand says that it is as long as the layer is; nothing else is said to be wrong here. */
static bool fills_layer(const decoding *s)
{
    const uint8_t *h = s->rest.p;

    if (s->rest.len >= 4 && h[0] >> 4 == 4)
        return mc_be16(h + 2) == s->wire;
    if (s->rest.len >= 6 && h[0] >> 4 == 6)
        return (size_t)40 + mc_be16(h + 4) == s->wire;
    return true;
}

/*
 * 3GPP TS 29.281, 5.1: version 1 (3 bits), protocol type (1), reserved (1), E, S, PN (1
 * each), type (1; 255 carries a user's packet), length of all after the first 8 bytes
 * (2), tunnel (4). Any of E, S, PN adds 4 bytes, the last of which names an extension
 * header; each of these has its length in 4 bytes in front and the next one's type at its
 * end.
 */
layer mc_read_gtp(decoding *s)
{
    const uint8_t *h = take(s, 8);
    uint8_t extension = 0;
    size_t length;

    if (h == NULL)
        return cut(s, 8);
    if ((h[0] & 0xf0) != 0x30 || h[1] != 0xff)
        return stop(s, MC_V_NOT_TCP);
    bound(s, mc_be16(h + 2));
    if ((h[0] & 0x07) != 0) {
        bool named = (h[0] & 0x04) != 0;

        h = take(s, 4);
        if (h == NULL)
            return cut(s, 4);
        extension = named ? h[3] : 0;
    }
    while (extension != 0) {
        if (s->rest.len == 0)
            return cut(s, 1);
        length = s->rest.p[0] * 4u;
        if (length == 0)
            return stop(s, MC_V_NOT_TCP);
        h = take(s, length);
        if (h == NULL)
            return cut(s, length);
        extension = h[length - 1];
    }
    if (s->decoder->exact_gtp && !fills_layer(s)) {
        s->decoder->stats.inner_lengths++;
        return stop(s, MC_V_NOT_TCP);
    }
    return L_IP;
}

/*
 * RFC 4380, 5.1.1: perhaps authentication (00 01, lengths of identifier and of value,
 * both, nonce (8), confirmation (1)), perhaps origin (00 00, 6 bytes), then IPv6.
 */
layer mc_read_teredo(decoding *s)
{
    const uint8_t *h = s->rest.p;
    size_t length;

    if (s->rest.len < 4)
        return cut(s, 4);
    if (h[0] == 0 && h[1] == 1) {
        length = 13u + h[2] + h[3];
        if (take(s, length) == NULL)
            return cut(s, length);
        h = s->rest.p;
        if (s->rest.len < 2)
            return cut(s, 2);
    }
    if (h[0] == 0 && h[1] == 0 && take(s, 8) == NULL)
        return cut(s, 8);
    if (s->rest.len == 0)
        return cut(s, 1);
    return follow(s, s->rest.p[0] >> 4 == 6 ? L_IP : L_DONE);
}

/*
 * AYIYA (draft-massar-v6ops-ayiya-02, 3): log2 of the identity's length (4 bits), its
 * type (4), length of the signature in 4 bytes (4 bits), hash (4), authentication (4),
 * operation (4; 1 forwards), next header (1), time (4), identity, signature.
 */
layer mc_read_ayiya(decoding *s)
{
    const uint8_t *h = take(s, 8);
    size_t length;

    if (h == NULL)
        return cut(s, 8);
    if ((h[2] & 0x0f) != 1)
        return stop(s, MC_V_NOT_TCP);
    length = ((size_t)1 << (h[0] >> 4)) + (h[1] >> 4) * 4u;
    return skip(s, length, mc_layer_of_ip_protocol(h[3]));
}
