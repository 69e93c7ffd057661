/*
 * decode_numbers.c: the tables that lead from one layer to the next.
 */
#include "decode/decode_layers.h"

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
    { 137, L_MPLS },        { 108, L_IPCOMP },
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
