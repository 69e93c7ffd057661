/*
 * decode_fast.h: the common shapes, decoded inline in front of mc_decode().
 *
 * Ethernet with at most two VLAN tags, or what "any" interfaces, tunnels and loopbacks have in its place; IPv4 without
 * options and fragments or IPv6 without extension headers; TCP.  Everything else, and everything strange, is not handled
 * here.  What is handled gives exactly the segment of the full path.
 *
 * In steps, so that a segment that nobody wants is never written down: find the headers,
 * look at both ends, then fill the segment, or only take what the fast path needs of it.
 */
#ifndef MC_DECODE_FAST_H
#define MC_DECODE_FAST_H

#include "decode/decode_tcp.h"

/* Where the headers of a common frame lie. */
typedef struct mc_headers {
    const uint8_t *ip, *tcp;
    uint32_t left;                   /* bytes from 'tcp' to the end of what was captured */
    uint32_t wire;                   /* bytes that the segment has, header included */
    uint32_t header;                 /* bytes of the TCP header */
    bool v6;
} mc_headers;

/* Both ends of a segment; addresses as mc_segment has them, in words. */
typedef struct mc_endpoints {
    uint64_t src[2], dst[2];
    uint32_t ports;                  /* source, then destination */
} mc_endpoints;

/* Looks at the IP header at 'at' and a TCP header behind it. */
MC_INLINE bool mc_decode_check(mc_headers *h, const mc_packet *packet, uint32_t at, bool v6);

/* Is a frame of this link type of a common shape, mostly? */
static inline bool mc_decode_is_common_link(uint32_t linktype);

/* The address family that BSD loopbacks have in front of a packet; does it say IP? */
static inline uint32_t mc_decode_family(const uint8_t *p);
static inline bool mc_decode_is_ip_family(uint32_t family);

/* Where a type or a family says that IP begins, in a frame of a common link that is not Ethernet and has 20 bytes or more;
   or false. */
MC_INLINE bool mc_decode_skip_link(const mc_packet *packet, uint32_t *at);

/* Finds the headers of an Ethernet frame, or of one of another link, or returns false: ask mc_decode(). */
MC_INLINE bool mc_decode_find_ethernet(const mc_packet *packet, mc_headers *h);
MC_INLINE bool mc_decode_find_other(const mc_packet *packet, mc_headers *h);

/* The same of any frame. */
MC_INLINE bool mc_decode_find(const mc_packet *packet, mc_headers *h);

/* Where the IP header of a frame lies whose headers mc_decode_find() has found before. */
MC_INLINE uint32_t mc_decode_ip_at(const mc_packet *packet, bool *v6);

/* Both ends of an IPv4 segment; addresses as they lie. */
typedef struct mc_endpoints4 {
    uint32_t src, dst;
    uint32_t ports;                  /* source, then destination */
} mc_endpoints4;

/* Of headers that are not h->v6. */
MC_INLINE mc_endpoints4 mc_decode_endpoints4(const mc_headers *h);

/* 'v6' is h->v6, a constant where both are common. */
MC_INLINE mc_endpoints mc_decode_endpoints(const mc_headers *h, bool v6);

/* The ends of a segment that is decoded already. */
static inline mc_endpoints mc_endpoints_of(const mc_segment *s);

/* 'v6' is h->v6. */
MC_INLINE void mc_decode_fill(mc_segment *seg, const mc_headers *h, bool v6);

/* No flag but ACK and PSH; no option, or timestamps alone, in the one usual place: such a segment may be taken briefly. */
MC_INLINE bool mc_decode_is_bare(const mc_headers *h);
MC_INLINE bool mc_decode_has_timestamps(const mc_headers *h);

/*
 * True for a SYN as nearly all stacks send it: no flag but ECE and CWR, no payload, no
 * acknowledgement number, a window, and the options in one of these orders: none, MSS,
 * Linux's, BSD's, Windows's.  Then 'syn_options' says what mc_tcp_read_options() would, and
 * 'timestamps' where they lie, or NULL.
 */
MC_INLINE bool mc_decode_is_syn(const mc_headers *h, mc_syn_options *syn_options, const uint8_t **timestamps);

/* Copies of a packet have the same timestamps; a repetition has newer ones, as a rule. */
MC_INLINE uint64_t mc_timestamp_mark(uint32_t ts_val, uint32_t ts_ecr);

/* The timestamp of a segment without SACK blocks, by its mark; 0: none. */
MC_INLINE uint32_t mc_mark_ts_val(uint64_t mark);

/* The mark of a segment that is decoded. */
static inline uint64_t mc_segment_mark(const mc_segment *s);

/* What is needed of such a segment, or of such a SYN, whose timestamps lie at 'timestamps'; NULL: it has
   none.  'v6' is h->v6. */
MC_INLINE mc_segment_summary mc_decode_summary(const mc_headers *h, bool v6, const uint8_t *timestamps);

/* The same of a SYN that is decoded already. */
MC_INLINE mc_syn_options mc_syn_options_of(const mc_segment *s);

/* What is needed of a segment that is decoded already. */
MC_INLINE mc_segment_summary mc_summary_of(const mc_segment *s);

/* The payload of a frame whose headers mc_decode_find() has found before, and how much of it there is, at most 'len'
   bytes; NULL, and 'captured' stays: none of it. */
MC_INLINE const uint8_t *mc_decode_payload(const mc_packet *packet, uint32_t len, uint32_t *captured);

/* Of a plain segment whose headers mc_decode_find() has found before: what its summary does not say. */
typedef struct mc_plain {
    const uint8_t *payload;
    uint32_t left;                   /* bytes from there to the end of what was captured */
    uint8_t has, tos;                /* as mc_segment has them */
} mc_plain;

MC_INLINE mc_plain mc_decode_plain(const mc_packet *packet);

/* All of it: true, or false and nothing is written. */
static inline bool mc_decode_fast(const mc_packet *packet, mc_segment *seg);

/* Is the payload of 's', a segment over IPv4 of 'most' bytes with its header at most, and whose header is one of the shortest,
   all there and zero?  Over any link. */
bool mc_decode_is_zeros(const mc_packet *packet, const mc_segment *s, uint32_t most);

_Static_assert(MC_HAS_DF == 0x40, "the bit of the header's flag");

/* ------------------------------------------------------------------ bodies */

MC_INLINE bool mc_decode_check(mc_headers *h, const mc_packet *packet, uint32_t at, bool v6)
{
    const uint32_t ip_header = v6 ? 40 : 20;
    const uint8_t *ip = packet->data + at;
    uint32_t ip_total, header;

    if (MC_UNLIKELY(packet->caplen < at + ip_header + MC_TCP_HEADER))
        return false;
    if (v6) {
        if (MC_UNLIKELY((ip[0] & 0xf0) != 0x60 || ip[6] != 6))
            return false;
        ip_total = 40u + mc_be16(ip + 4);
    } else {
        if (MC_UNLIKELY(ip[0] != 0x45 || (mc_be32(ip + 6) & 0x3fff00ff) != 6))   /* no fragment, TCP */
            return false;
        ip_total = mc_be16(ip + 2);
    }
    header = (uint32_t)(ip[ip_header + 12] & 0xf0) >> 2;
    if (MC_UNLIKELY(at + ip_total > packet->wirelen || header < MC_TCP_HEADER || ip_total < ip_header + header))
        return false;
    h->ip = ip;
    h->tcp = ip + ip_header;
    h->left = packet->caplen - at - ip_header;
    h->wire = ip_total - ip_header;
    h->header = header;
    h->v6 = v6;
    return true;
}

static inline bool mc_decode_is_common_link(uint32_t linktype)
{
    switch (linktype) {
    case MC_LINKTYPE_ETHERNET:
    case MC_LINKTYPE_COOKED:
    case MC_LINKTYPE_COOKED_2:
    case MC_LINKTYPE_RAW:
    case MC_LINKTYPE_IPV4:
    case MC_LINKTYPE_IPV6:
    case MC_LINKTYPE_NULL:
    case MC_LINKTYPE_LOOP:
        return true;
    default:
        return false;
    }
}

/* The machine that captured writes it in its own order (OpenBSD: big-endian); it is a small number, so the order shows. */
static inline uint32_t mc_decode_family(const uint8_t *p)
{
    const uint32_t family = mc_le32(p);

    return (family & 0xffff0000) == 0 ? family : mc_be32(p);
}

/* The BSDs and others number IPv6 each in their own way; IPv4 is 2 everywhere. */
static inline bool mc_decode_is_ip_family(uint32_t family)
{
    return family == 2 || family == 10 || family == 23 || family == 24 || family == 28 || family == 30;
}

MC_INLINE bool mc_decode_skip_link(const mc_packet *packet, uint32_t *at)
{
    const uint8_t *data = packet->data;
    uint16_t type;

    switch (packet->linktype) {
    case MC_LINKTYPE_COOKED:                     /* see mc_read_sll() ... */
        *at = 16;
        type = mc_be16(data + 14);
        break;
    case MC_LINKTYPE_COOKED_2:                   /* ... and mc_read_sll2() */
        *at = 20;
        type = mc_be16(data);
        break;
    case MC_LINKTYPE_RAW:
    case MC_LINKTYPE_IPV4:
    case MC_LINKTYPE_IPV6:
        *at = 0;
        return true;
    case MC_LINKTYPE_NULL:
    case MC_LINKTYPE_LOOP:
        *at = 4;
        return mc_decode_is_ip_family(mc_decode_family(data));
    default:
        return false;
    }
    return type == 0x0800 || type == 0x86dd;
}

MC_INLINE bool mc_decode_find_other(const mc_packet *packet, mc_headers *h)
{
    uint32_t at;

    if (MC_UNLIKELY(packet->caplen < 20 + MC_TCP_HEADER) || !mc_decode_skip_link(packet, &at))
        return false;
    /* what IP says of its version counts, as it does in mc_read_ip() */
    return MC_LIKELY(packet->data[at] >> 4 == 4) ? mc_decode_check(h, packet, at, false) : mc_decode_check(h, packet, at, true);
}

MC_INLINE bool mc_decode_find(const mc_packet *packet, mc_headers *h)
{
    return MC_LIKELY(packet->linktype == MC_LINKTYPE_ETHERNET) ? mc_decode_find_ethernet(packet, h)
                                                               : mc_decode_find_other(packet, h);
}

MC_INLINE uint32_t mc_decode_ip_at(const mc_packet *packet, bool *v6)
{
    const uint8_t *data = packet->data;
    uint32_t at = 14;
    uint16_t type;

    if (MC_LIKELY(packet->linktype == MC_LINKTYPE_ETHERNET)) {
        for (type = mc_be16(data + 12); MC_UNLIKELY(type == 0x8100 || type == 0x88a8); at += 4)
            type = mc_be16(data + at + 2);
        *v6 = type != 0x0800;
    } else {
        mc_decode_skip_link(packet, &at);
        *v6 = data[at] >> 4 != 4;
    }
    return at;
}

MC_INLINE bool mc_decode_find_ethernet(const mc_packet *packet, mc_headers *h)
{
    const uint8_t *data = packet->data;
    uint32_t at = 14;
    uint16_t type;

    if (MC_UNLIKELY(packet->caplen < 14 + 20 + MC_TCP_HEADER))
        return false;
    type = mc_be16(data + 12);
    if (MC_LIKELY(type == 0x0800))
        return mc_decode_check(h, packet, 14, false);
    if (type == 0x8100 || type == 0x88a8) {
        type = mc_be16(data + 16);
        at = 18;
        if (type == 0x8100 || type == 0x88a8) {
            type = mc_be16(data + 20);
            at = 22;
        }
    }
    return type == 0x86dd   ? mc_decode_check(h, packet, at, true)
           : type == 0x0800 ? mc_decode_check(h, packet, at, false)
                            : false;
}

MC_INLINE mc_endpoints4 mc_decode_endpoints4(const mc_headers *h)
{
    return (mc_endpoints4){ mc_word4(h->ip + 12), mc_word4(h->ip + 16), mc_be32(h->tcp) };
}

MC_INLINE mc_endpoints mc_decode_endpoints(const mc_headers *h, bool v6)
{
    mc_endpoints e;

    if (!v6) {
        e.src[0] = e.dst[0] = 0;
        e.src[1] = mc_mapped_word(mc_word4(h->ip + 12));
        e.dst[1] = mc_mapped_word(mc_word4(h->ip + 16));
    } else {
        memcpy(e.src, h->ip + 8, 16);
        memcpy(e.dst, h->ip + 24, 16);
    }
    e.ports = mc_be32(h->tcp);
    return e;
}

static inline mc_endpoints mc_endpoints_of(const mc_segment *s)
{
    mc_endpoints e = { .ports = (uint32_t)s->sport << 16 | s->dport };

    memcpy(e.src, s->src, sizeof e.src);
    memcpy(e.dst, s->dst, sizeof e.dst);
    return e;
}

MC_INLINE void mc_decode_fill(mc_segment *seg, const mc_headers *h, bool v6)
{
    const mc_endpoints e = mc_decode_endpoints(h, v6);
    uint32_t captured = h->left < h->wire ? h->left : h->wire;       /* without padding */

    memcpy(seg->src, e.src, 16);
    memcpy(seg->dst, e.dst, 16);
    seg->reassembled = 0;
    if (!v6) {
        seg->ttl = h->ip[8];
        seg->tos = h->ip[1];
        seg->ip_id = mc_be16(h->ip + 4);
        seg->has = (uint8_t)(MC_HAS_IPID | (h->ip[6] & 0x40));       /* the bit of MC_HAS_DF */
        seg->ip_version = 4;
    } else {
        seg->ttl = h->ip[7];
        seg->tos = (uint8_t)(mc_be16(h->ip) >> 4);
        seg->ip_id = 0;
        seg->has = MC_HAS_DF;
        seg->ip_version = 6;
    }
    mc_tcp_fill(seg, h->tcp, captured, h->wire, h->header);
}

/* Header length and flags but PSH. */
MC_INLINE unsigned mc_decode_looks(const mc_headers *h)
{
    return mc_be16(h->tcp + 12) & (0xf0ffu & ~(unsigned)MC_TH_PSH);
}

MC_INLINE bool mc_decode_is_bare(const mc_headers *h)
{
    return mc_decode_looks(h) == (0x5000 | MC_TH_ACK);
}

MC_INLINE bool mc_decode_has_timestamps(const mc_headers *h)
{
    return mc_decode_looks(h) == (0x8000 | MC_TH_ACK) && h->left >= 32 && mc_be32(h->tcp + 20) == 0x0101080a;
}

MC_INLINE bool mc_decode_is_syn(const mc_headers *h, mc_syn_options *syn_options, const uint8_t **timestamps)
{
    const uint8_t *t = h->tcp;
    uint32_t scale;

    if ((t[13] & (uint8_t)~(MC_TH_ECE | MC_TH_CWR)) != MC_TH_SYN || mc_be32(t + 8) != 0 || mc_be16(t + 14) == 0 ||
        h->wire != h->header || h->left < h->header)
        return false;
    *syn_options = (mc_syn_options){ 0 };
    *timestamps = NULL;
    if (h->header == MC_TCP_HEADER)
        return true;
    if (mc_be16(t + 20) != 0x0204)
        return false;
    syn_options->mss = mc_be16(t + 22);
    syn_options->has = MC_HAS_MSS;
    if (h->header == 40 && mc_be32(t + 24) == 0x0402080a) {          /* SACK permitted and timestamps, scale */
        scale = mc_be32(t + 36);
        *timestamps = t + 28;
        syn_options->has = MC_HAS_MSS | MC_HAS_SCALE | MC_HAS_SACKOK | MC_HAS_TS;
    } else if (h->header == 40 && mc_be32(t + 28) == 0x0402080a) {   /* scale, SACK permitted and timestamps */
        scale = mc_be32(t + 24);
        *timestamps = t + 32;
        syn_options->has = MC_HAS_MSS | MC_HAS_SCALE | MC_HAS_SACKOK | MC_HAS_TS;
    } else if (h->header == 32 && mc_be32(t + 28) == 0x01010402) {   /* scale, SACK permitted */
        scale = mc_be32(t + 24);
        syn_options->has = MC_HAS_MSS | MC_HAS_SCALE | MC_HAS_SACKOK;
    } else {
        return h->header == 24;
    }
    syn_options->scale = (uint8_t)scale;
    return scale >> 8 == 0x010303 && syn_options->scale <= 14;
}

MC_INLINE uint64_t mc_timestamp_mark(uint32_t ts_val, uint32_t ts_ecr)
{
    return (uint64_t)ts_val << 32 | ts_ecr;
}

MC_INLINE uint32_t mc_mark_ts_val(uint64_t mark)
{
    return (uint32_t)(mark >> 32);
}

static inline uint64_t mc_segment_mark(const mc_segment *s)
{
    uint64_t mark = (s->has & MC_HAS_TS) != 0 ? mc_timestamp_mark(s->ts_val, s->ts_ecr) : 0;
    uint32_t i;

    for (i = 0; (s->has & MC_HAS_SACK) != 0 && i < s->sack_count; i++)
        mark = ((mark ^ s->sack[i][0]) * 0x9e3779b97f4a7c15ull ^ s->sack[i][1]) | 1;
    return mark;
}

MC_INLINE mc_segment_summary mc_decode_summary(const mc_headers *h, bool v6, const uint8_t *timestamps)
{
    const uint8_t *t = h->tcp;

    return (mc_segment_summary){
        .numbers = mc_be64(t + 4), .len = h->wire - h->header, .ports = mc_be32(t),
        .win = mc_be16(t + 14), .ip_id = v6 ? 0 : mc_be16(h->ip + 4), .flags = t[13], .ttl = h->ip[v6 ? 7 : 8],
        .mark = timestamps != NULL ? mc_be64(timestamps) : 0,
    };
}

MC_INLINE mc_syn_options mc_syn_options_of(const mc_segment *s)
{
    return (mc_syn_options){
        .mss = (s->has & MC_HAS_MSS) != 0 ? s->mss : 0, .scale = (s->has & MC_HAS_SCALE) != 0 ? s->scale : 0,
        .has = s->has & (MC_HAS_MSS | MC_HAS_SCALE | MC_HAS_SACKOK | MC_HAS_TS),
    };
}

MC_INLINE mc_segment_summary mc_summary_of(const mc_segment *s)
{
    return (mc_segment_summary){
        .seq = s->seq, .ack = s->ack, .len = s->len, .ports = (uint32_t)s->sport << 16 | s->dport,
        .win = s->win, .ip_id = s->ip_id, .flags = s->flags, .ttl = s->ttl, .mark = mc_segment_mark(s),
    };
}

MC_INLINE const uint8_t *mc_decode_payload(const mc_packet *packet, uint32_t len, uint32_t *captured)
{
    const uint8_t *data = packet->data;
    bool v6;
    uint32_t at = mc_decode_ip_at(packet, &v6), left;

    at += v6 ? 40 : 20;
    at += (uint32_t)(data[at + 12] & 0xf0) >> 2;
    if (MC_UNLIKELY(packet->caplen <= at))
        return NULL;
    left = packet->caplen - at;
    *captured = left < len ? left : len;
    return data + at;
}

MC_INLINE mc_plain mc_decode_plain(const mc_packet *packet)
{
    bool v6;
    const uint8_t *ip = packet->data + mc_decode_ip_at(packet, &v6), *tcp;
    uint32_t header;
    mc_plain p;

    if (MC_LIKELY(!v6)) {
        tcp = ip + 20;
        p.has = (uint8_t)(MC_HAS_IPID | (ip[6] & 0x40));
        p.tos = ip[1];
    } else {
        tcp = ip + 40;
        p.has = MC_HAS_DF;
        p.tos = (uint8_t)(mc_be16(ip) >> 4);
    }
    header = (uint32_t)(tcp[12] & 0xf0) >> 2;
    p.has |= header != MC_TCP_HEADER ? MC_HAS_TS : 0;        /* no other option is plain */
    p.payload = tcp + header;
    p.left = packet->caplen - (uint32_t)(p.payload - packet->data);
    return p;
}

static inline bool mc_decode_fast(const mc_packet *packet, mc_segment *seg)
{
    mc_headers h;

    if (!mc_decode_find(packet, &h))
        return false;
    mc_decode_fill(seg, &h, h.v6);
    return true;
}

#endif
