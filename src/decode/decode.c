/*
 * decode.c: the loop over the layers, and the tables that lead from one to the next.
 */
#include "decode/decode.h"

#include <stdlib.h>

#include "decode/decode_fast.h"
#include "decode/decode_layers.h"

static layer (*const readers[L_COUNT])(decoding *) = {
#define X(name, reader) [L_##name] = reader,
    MC_LAYER_MAP(X)
#undef X
};

/* LINKTYPE_ values; 11, 12, 14, 18, 19 are values that some BSDs wrote for 100, 101, 106. */
static const struct {
    uint32_t linktype;
    layer first;
} linktypes[] = {
    { 0, L_NULL },          { 1, L_ETHER },         { 6, L_TOKEN_RING },   { 7, L_ARCNET },
    { 8, L_SLIP },          { 9, L_PPP },           { 10, L_FDDI },        { 11, L_LLC },
    { 12, L_IP },           { 14, L_IP },           { 19, L_LLC },         { 50, L_PPP },
    { 51, L_PPPOE },        { 100, L_LLC },         { 101, L_IP },         { 104, L_CHDLC },
    { 105, L_WLAN },        { 106, L_LLC },         { 107, L_FRELAY },     { 108, L_NULL },
    { 109, L_ENC },         { 113, L_SLL },         { 117, L_PFLOG },      { 119, L_PRISM },
    { 127, L_RADIOTAP },    { 129, L_ARCNET_LINUX }, { 163, L_AVS },       { 166, L_PPP_DIR },
    { 178, L_JUNIPER },     { 192, L_PPI },         { 204, L_PPP_DIR },    { 219, L_MPLS },
    { 228, L_IP },          { 229, L_IP },          { 239, L_NFLOG },      { 242, L_IPOIB },
    { 226, L_IPNET },       { 258, L_PKTAP },       { 276, L_SLL2 },       { 281, L_DSA },
    { 282, L_DSA_PREPENDED }, { 284, L_DSA },       { 285, L_EDSA },
};

static const struct {
    uint16_t type;
    layer next;
} ethertypes[] = {
    { 0x0800, L_IP },       { 0x86dd, L_IP },       { 0x0806, L_ARP },     /* RFC 894, 2464, 826 */
    { 0x8100, L_VLAN },     { 0x88a8, L_VLAN },                            /* 802.1Q, 802.1ad */
    { 0x9100, L_VLAN },     { 0x9200, L_VLAN },     { 0x9300, L_VLAN },    /* before 802.1ad */
    { 0x88e7, L_ITAG },     { 0x8926, L_VNTAG },    { 0x8903, L_FABRICPATH },
    { 0x8909, L_CMD },                                                     /* Cisco: security group tag */
    { 0x8847, L_MPLS },     { 0x8848, L_MPLS },                            /* RFC 3032, 5 */
    { 0x8864, L_PPPOE },    { 0x880b, L_PPP },                             /* RFC 2516, RFC 3518 */
    { 0x6558, L_ETHER },                                                   /* RFC 1701: bridging */
};

static const struct {
    uint8_t protocol;
    layer next;
} ip_protocols[] = {
    { 6, L_TCP },           { 17, L_UDP },          { 1, L_ICMP },         { 58, L_ICMP },
    { 0, L_HOPOPTS },       { 43, L_ROUTING },      { 44, L_FRAGMENT },    { 60, L_EXTENSION },
    { 135, L_EXTENSION },   { 139, L_EXTENSION },   { 140, L_EXTENSION },  { 51, L_AH },
    { 4, L_IP },            { 41, L_IP },           { 47, L_GRE },         { 97, L_ETHERIP },
    { 137, L_MPLS },
};

layer mc_layer_of_linktype(uint32_t linktype)
{
    size_t i;

    for (i = 0; i < MC_ARRAY_LEN(linktypes); i++)
        if (linktypes[i].linktype == linktype)
            return linktypes[i].first;
    return L_DONE;
}

layer mc_layer_of_ethertype(uint16_t type)
{
    size_t i;

    for (i = 0; i < MC_ARRAY_LEN(ethertypes); i++)
        if (ethertypes[i].type == type)
            return ethertypes[i].next;
    return L_DONE;
}

layer mc_layer_of_ip_protocol(uint8_t protocol)
{
    size_t i;

    for (i = 0; i < MC_ARRAY_LEN(ip_protocols); i++)
        if (ip_protocols[i].protocol == protocol)
            return ip_protocols[i].next;
    return L_DONE;
}

bool mc_decode_knows(uint32_t linktype)
{
    return mc_layer_of_linktype(linktype) != L_DONE;
}

mc_status mc_decoder_open(mc_decoder **out, bool verify_checksums, mc_error *err)
{
    mc_decoder *d = calloc(1, sizeof *d);

    *out = NULL;
    if (d == NULL)
        return mc_fail(err, MC_NOMEM, 0, "out of memory");
    d->fragments = mc_fragments_open();
    if (d->fragments == NULL) {
        free(d);
        return mc_fail(err, MC_NOMEM, 0, "out of memory");
    }
    d->verify_checksums = verify_checksums;
    d->linktype = 1;
    d->first = L_ETHER;
    *out = d;
    return MC_OK;
}

void mc_decoder_set_exact_gtp(mc_decoder *d)
{
    d->exact_gtp = true;
}

void mc_decoder_close(mc_decoder *d)
{
    if (d == NULL)
        return;
    mc_fragments_close(d->fragments);
    free(d);
}

const mc_icmp_quote *mc_decode_icmp(const mc_decoder *d)
{
    return d->has_quote ? &d->quote : NULL;
}

const mc_other *mc_decode_other(const mc_decoder *d)
{
    return &d->other;
}

void mc_decode_get_stats(const mc_decoder *d, mc_decode_stats *out)
{
    *out = d->stats;
    out->incomplete_fragments = mc_fragments_incomplete(d->fragments);
}

/* Of several chains in one frame the most telling verdict stands. */
static unsigned weight(mc_verdict verdict)
{
    static const uint8_t weights[MC_V_COUNT] = {
        [MC_V_NOT_TCP] = 0,   [MC_V_UNDECODED] = 1, [MC_V_FRAGMENT] = 2,
        [MC_V_TRUNCATED] = 3, [MC_V_MALFORMED] = 4, [MC_V_TCP] = 5,
    };

    return weights[verdict];
}

/* Ends a chain and starts the next sub-frame of an aggregate, if there is one. */
static layer next_chain(decoding *s)
{
    if (weight(s->verdict) > weight(s->frame_verdict))
        s->frame_verdict = s->verdict;
    if (s->pending_count == 0)
        return L_DONE;

    s->pending_count--;
    s->rest = s->pending[s->pending_count].rest;
    s->wire = s->pending[s->pending_count].wire;
    s->inside_ip = s->pending[s->pending_count].inside_ip;
    s->len_unknown = s->pending[s->pending_count].len_unknown;
    s->reassembled = s->pending[s->pending_count].reassembled;
    return L_AMSDU;
}

/* The full path: any frame, layer by layer. */
static mc_verdict decode_layers(mc_decoder *d, const mc_packet *packet, mc_segment *out,
                                size_t *count)
{
    decoding s;
    layer next;
    unsigned depth;

    if (packet->linktype != d->linktype) {
        d->linktype = packet->linktype;
        d->first = mc_layer_of_linktype(packet->linktype);
    }
    next = d->first;
    if (next == L_DONE)
        return MC_V_UNDECODED;

    s.decoder = d;
    s.packet = packet;
    s.rest.p = packet->data;
    s.rest.len = packet->caplen;
    /* Bytes that were captured were on the wire, whatever a broken writer says. */
    s.wire = packet->wirelen > packet->caplen ? packet->wirelen : packet->caplen;
    s.inside_ip = false;
    s.no_length = false;
    s.overclaims = false;
    s.len_unknown = false;
    s.reassembled = false;
    s.wlan_padded = false;
    s.verdict = MC_V_NOT_TCP;
    s.frame_verdict = MC_V_NOT_TCP;
    s.pending_count = 0;
    s.out = out;
    s.count = 0;

    for (depth = 0; depth < MC_MAX_LAYERS; depth++) {
        next = readers[next](&s);
        if (next == L_DONE)
            next = next_chain(&s);
        if (next == L_DONE)
            break;
    }
    if (next != L_DONE) {
        d->stats.too_deep++;
        if (weight(MC_V_MALFORMED) > weight(s.frame_verdict))
            s.frame_verdict = MC_V_MALFORMED;
    }
    mc_fragments_release(d->fragments);
    *count = s.count;
    return s.frame_verdict;
}

mc_verdict mc_decode(mc_decoder *d, const mc_packet *packet, mc_segment *out, size_t *count)
{
    d->has_quote = false;
    if (MC_LIKELY(!d->verify_checksums) && MC_LIKELY(mc_decode_fast(packet, out))) {
        *count = 1;
        return MC_V_TCP;
    }
    *count = 0;
    d->other.kind = MC_OTHER_NONE;
    return decode_layers(d, packet, out, count);
}
