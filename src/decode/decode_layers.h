/*
 * decode_layers.h: what the layer readers of the decoder share.
 *
 * A reader takes its header off the front of what is left of the frame, looks at it, and
 * says which layer comes next.  It calls no other reader: the loop in decode.c does, so
 * that nothing recurses and the work has a bound.
 */
#ifndef MC_DECODE_LAYERS_H
#define MC_DECODE_LAYERS_H

#include "decode/decode.h"
#include "decode/fragments.h"

/* Headers that one frame may have, the sub-frames of an aggregate included. */
#define MC_MAX_LAYERS 256

/* Aggregates within aggregates (an A-MSDU that carries a tunnel that carries one). */
#define MC_MAX_PENDING 4

/* Every layer: its name and its reader, one row each. */
#define MC_LAYER_MAP(X)                                                     \
    X(ETHER,        mc_read_ether)                                          \
    X(DSA,          mc_read_dsa)                                            \
    X(EDSA,         mc_read_edsa)                                           \
    X(DSA_PREPENDED,mc_read_dsa_prepended)                                  \
    X(LLC,          mc_read_llc)                                            \
    X(VLAN,         mc_read_vlan)                                           \
    X(ITAG,         mc_read_itag)                                           \
    X(VNTAG,        mc_read_vntag)                                          \
    X(FABRICPATH,   mc_read_fabricpath)                                     \
    X(CMD,          mc_read_cmd)                                            \
    X(MPLS,         mc_read_mpls)                                           \
    X(PPPOE,        mc_read_pppoe)                                          \
    X(PPP,          mc_read_ppp)                                            \
    X(PPP_DIR,      mc_read_ppp_dir)                                        \
    X(CHDLC,        mc_read_chdlc)                                          \
    X(FRELAY,       mc_read_frelay)                                         \
    X(NULL,         mc_read_null)                                           \
    X(SLL,          mc_read_sll)                                            \
    X(SLL2,         mc_read_sll2)                                           \
    X(FDDI,         mc_read_fddi)                                           \
    X(TOKEN_RING,   mc_read_token_ring)                                     \
    X(ARCNET,       mc_read_arcnet)                                         \
    X(ARCNET_LINUX, mc_read_arcnet_linux)                                   \
    X(IPOIB,        mc_read_ipoib)                                          \
    X(NFLOG,        mc_read_nflog)                                          \
    X(PFLOG,        mc_read_pflog)                                          \
    X(ENC,          mc_read_enc)                                            \
    X(SLIP,         mc_read_slip)                                           \
    X(IPNET,        mc_read_ipnet)                                          \
    X(PPI,          mc_read_ppi)                                            \
    X(PKTAP,        mc_read_pktap)                                          \
    X(JUNIPER,      mc_read_juniper)                                        \
    X(RADIOTAP,     mc_read_radiotap)                                       \
    X(PRISM,        mc_read_prism)                                          \
    X(AVS,          mc_read_avs)                                            \
    X(WLAN,         mc_read_wlan)                                           \
    X(AMSDU,        mc_read_amsdu)                                          \
    X(ARP,          mc_read_arp)                                            \
    X(IP,           mc_read_ip)                                             \
    X(HOPOPTS,      mc_read_hopopts)                                        \
    X(EXTENSION,    mc_read_extension)                                      \
    X(ROUTING,      mc_read_routing)                                        \
    X(FRAGMENT,     mc_read_fragment)                                       \
    X(AH,           mc_read_ah)                                             \
    X(IPCOMP,       mc_read_ipcomp)                                         \
    X(ICMP,         mc_read_icmp)                                           \
    X(UDP,          mc_read_udp)                                            \
    X(TCP,          mc_read_tcp)                                            \
    X(GRE,          mc_read_gre)                                            \
    X(ERSPAN,       mc_read_erspan)                                         \
    X(ERSPAN3,      mc_read_erspan3)                                        \
    X(WCCP,         mc_read_wccp)                                           \
    X(ETHERIP,      mc_read_etherip)                                        \
    X(VXLAN,        mc_read_vxlan)                                          \
    X(GENEVE,       mc_read_geneve)                                         \
    X(GTP,          mc_read_gtp)                                            \
    X(TEREDO,       mc_read_teredo)                                         \
    X(AYIYA,        mc_read_ayiya)

typedef enum layer {
    L_DONE,                      /* decoding->verdict says how it ended */
#define X(name, reader) L_##name,
    MC_LAYER_MAP(X)
#undef X
    L_COUNT
} layer;

/* One frame on its way through the readers. */
typedef struct decoding {
    mc_decoder *decoder;
    const mc_packet *packet;

    mc_view rest;                /* captured bytes of the layer in hand */
    size_t wire;                 /* bytes it had on the wire, within every enclosing length;
                                    rest.len <= wire */

    /* of the innermost IP header so far */
    uint8_t src[16], dst[16];
    uint8_t final_dst[16];       /* of the pseudo header: where a source route ends */
    uint8_t ip_version, ttl, tos;
    uint8_t ip_has;              /* MC_HAS_IPID, MC_HAS_DF */
    uint16_t ip_id;

    bool inside_ip;              /* an IP header was read: what follows is somebody's payload */
    bool no_length;              /* its length was 0: the frame's end is the end (IN-5, IN-6) */
    bool overclaims;             /* its length is more than there was on the wire */
    bool len_unknown;            /* in a first fragment that cannot be completed */
    bool reassembled;            /* in a datagram put together from fragments */
    bool wlan_padded;            /* the 802.11 header is padded to 4 bytes */

    mc_verdict verdict;          /* of the chain in hand */
    mc_verdict frame_verdict;    /* the most telling one of all chains so far */

    /* sub-frames of aggregates, still to be read */
    struct {
        mc_view rest;
        size_t wire;
        bool inside_ip, len_unknown, reassembled;
    } pending[MC_MAX_PENDING];
    size_t pending_count;

    mc_segment *out;
    size_t count;
} decoding;

struct mc_decoder {
    mc_fragments *fragments;
    mc_decode_stats stats;
    mc_icmp_quote quote;
    bool has_quote;
    mc_other other;
    bool verify_checksums;
    bool exact_gtp;
    uint32_t linktype;           /* the last one looked up, */
    layer first;                 /* and where it leads */
};

#define X(name, reader) layer reader(decoding *s);
MC_LAYER_MAP(X)
#undef X

/* Where the values of the usual number spaces lead; L_DONE when to nothing known. */
layer mc_layer_of_linktype(uint32_t linktype);
layer mc_layer_of_ethertype(uint16_t type);
layer mc_layer_of_ip_protocol(uint8_t protocol);

/* RFC 1071: whether the words of 'p', its checksum among them, add up. */
bool mc_checksum_is_good(const uint8_t *p, size_t len);

/* Ends the chain. */
static inline layer stop(decoding *s, mc_verdict verdict);

/* Goes on to 'next', or ends the chain without TCP when that is L_DONE. */
static inline layer follow(decoding *s, layer next);

/*
 * Takes the first 'n' bytes off the layer in hand, or returns NULL when they were not
 * captured.
 */
static inline const uint8_t *take(decoding *s, size_t n);

/*
 * Ends the chain because take(s, n) had nothing.  Beyond the snap length, or in a frame
 * too short for its link header, that is a cut; a payload too short for what its port or
 * protocol promises was something else.
 */
static inline layer cut(decoding *s, size_t n);

/* Skips a header of 'n' bytes that tells nothing. */
static inline layer skip(decoding *s, size_t n, layer next);

/* A length field: the layer in hand has at most 'n' bytes from here on (IN-3). */
static inline void bound(decoding *s, size_t n);

/* ------------------------------------------------------------------ bodies */

static inline layer stop(decoding *s, mc_verdict verdict)
{
    s->verdict = verdict;
    return L_DONE;
}

static inline layer follow(decoding *s, layer next)
{
    return next != L_DONE ? next : stop(s, MC_V_NOT_TCP);
}

static inline const uint8_t *take(decoding *s, size_t n)
{
    const uint8_t *p = mc_take(&s->rest, n);

    if (p != NULL)
        s->wire -= n;
    return p;
}

static inline layer cut(decoding *s, size_t n)
{
    return stop(s, s->inside_ip && n > s->wire ? MC_V_NOT_TCP : MC_V_TRUNCATED);
}

static inline layer skip(decoding *s, size_t n, layer next)
{
    return take(s, n) != NULL ? follow(s, next) : cut(s, n);
}

static inline void bound(decoding *s, size_t n)
{
    if (n < s->wire)
        s->wire = n;
    if (s->rest.len > s->wire)
        s->rest.len = s->wire;
}

#endif
