/*
 * decode.h: one captured packet in, a verdict and its TCP segments out.
 *
 * Pure but for the reassembly of IP fragments, which the decoder keeps.
 * The innermost IP header in front of TCP counts; outer headers, tags, labels
 * and tunnel keys play no part in a segment's addresses.
 */
#ifndef MC_DECODE_H
#define MC_DECODE_H

#include "base/base.h"

/* One packet as a reader hands it out; 'data' is borrowed. */
typedef struct mc_packet {
    const uint8_t *data;
    uint32_t caplen;             /* bytes present at 'data' */
    uint32_t wirelen;            /* bytes on the wire, >= caplen as a rule */
    int64_t time_ns;             /* since 1970; or MC_NO_TIME */
    uint32_t linktype;           /* LINKTYPE_ value of the file; or MC_LINKTYPE_RECORD */
    uint32_t iface;              /* pcapng interface, counted over all sections; 0 in pcap */
} mc_packet;

/* What a frame turned out to be.  Each frame has exactly one verdict. */
typedef enum mc_verdict {
    MC_V_TCP,                    /* at least one TCP segment came out */
    MC_V_NOT_TCP,                /* decoded, and there is no TCP in it */
    MC_V_UNDECODED,              /* link type not known here */
    MC_V_FRAGMENT,               /* an IP fragment held back, or of a datagram never completed */
    MC_V_TRUNCATED,              /* cut short before the end of the TCP header, or of a header before it */
    MC_V_MALFORMED,              /* TCP with an impossible header length (or a tunnel too deep) */
    MC_V_COUNT
} mc_verdict;

#define MC_LINKTYPE_NULL     0u
#define MC_LINKTYPE_ETHERNET 1u
#define MC_LINKTYPE_RAW      101u
#define MC_LINKTYPE_LOOP     108u
#define MC_LINKTYPE_COOKED   113u
#define MC_LINKTYPE_IPV4     228u
#define MC_LINKTYPE_IPV6     229u
#define MC_LINKTYPE_COOKED_2 276u

/* No packet, but a record that counts as a frame (a journal entry, a custom block). */
#define MC_LINKTYPE_RECORD 0xffffffffu

/* Of a packet in a block that carries no time, and of such records. */
#define MC_NO_TIME INT64_MIN

#define MC_TH_FIN 0x01
#define MC_TH_SYN 0x02
#define MC_TH_RST 0x04
#define MC_TH_PSH 0x08
#define MC_TH_ACK 0x10
#define MC_TH_URG 0x20
#define MC_TH_ECE 0x40
#define MC_TH_CWR 0x80

/* mc_segment.has */
#define MC_HAS_MSS      0x01
#define MC_HAS_SCALE    0x02
#define MC_HAS_SACKOK   0x04
#define MC_HAS_TS       0x08
#define MC_HAS_SACK     0x10
#define MC_HAS_IPID     0x20     /* IPv4, or an IPv6 fragment header */
#define MC_HAS_DF       0x40     /* IPv4 don't-fragment, or IPv6 */
#define MC_BAD_CHECKSUM 0x80     /* only when checksums are verified */

#define MC_MAX_SACK 4

/* subtypes of the Multipath TCP option (RFC 8684, 8.2) */
#define MC_MPTCP_JOIN   1
#define MC_MPTCP_TCPRST 8

/*
 * One TCP segment.  IPv4 addresses are kept as ::ffff:a.b.c.d, so that one
 * 16-byte comparison serves both families.
 */
typedef struct mc_segment {
    uint8_t src[16], dst[16];
    uint16_t sport, dport;
    uint32_t seq, ack;
    uint32_t len;                /* TCP payload bytes, from the IP length (IN-4) */
    uint16_t win;                /* raw, unscaled */
    uint8_t flags;               /* MC_TH_ */
    uint8_t has;                 /* MC_HAS_ */
    uint16_t ip_id;
    uint8_t ttl;                 /* or hop limit */
    uint8_t reassembled;         /* 1: this segment came out of IP fragments */
    /* the same in nearly all segments, hence side by side: one word is written */
    bool len_known;              /* false: a first fragment that cannot be completed (IN-10) */
    uint8_t ip_version;          /* 4 or 6 */
    uint8_t scale;               /* window scale shift, 0..14 */
    uint8_t sack_count;
    uint8_t mptcp;               /* 1 + subtype of its Multipath TCP option (RFC 8684, 3), 0: none */
    uint8_t mptcp_reset;         /* 1 + reason of its MP_TCPRST */
    bool alert;                  /* the payload is a TLS alert by itself */
    uint8_t sack_cut;            /* MC_SACK_ */
    uint16_t mss;
    uint32_t ts_val, ts_ecr;
    uint32_t sack[MC_MAX_SACK][2];
    uint8_t tos;                 /* DSCP and ECN: type of service, or traffic class */
    uint32_t captured;           /* payload bytes at 'payload' */
    const uint8_t *payload;      /* in the packet; of a reassembled one good until the next frame is decoded */
} mc_segment;

/* mc_segment.sack_cut: the snapshot length took ... */
#define MC_SACK_EDGE   1             /* ... all of its first SACK block but the left edge: sack[0][0] */
#define MC_SACK_UNSEEN 2             /* ... options of which nothing is known: there may have been a block */

/* An identification of 0 says nothing: some stacks set it on all, or on resets. */
static inline bool mc_has_ip_id(const mc_segment *s)
{
    return (s->has & MC_HAS_IPID) != 0 && s->ip_id != 0;
}

/* What is needed of a segment in the middle of a connection. */
typedef struct mc_segment_summary {
    union {
        struct {                     /* in this order, so that both are read, or compared, at once */
#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
            uint32_t ack, seq;
#else
            uint32_t seq, ack;
#endif
        };
        uint64_t numbers;            /* seq, then ack */
    };
    union {
        struct {
            uint32_t ports;          /* source, then destination */
            uint16_t win;
            uint16_t ip_id;          /* 0: none */
        };
        uint64_t sent_as;            /* all three */
    };
    uint32_t len;
    uint16_t flags;
    uint16_t ttl;
    uint64_t mark;                   /* of the timestamps and SACK blocks; 0: there are none */
} mc_segment_summary;

/* What a SYN says of its side; 0 where it says nothing. */
typedef struct mc_syn_options {
    uint16_t mss;
    uint8_t scale;
    uint8_t has;                     /* MC_HAS_MSS, MC_HAS_SCALE, MC_HAS_SACKOK, MC_HAS_TS */
} mc_syn_options;

#define MC_MAX_SEGMENTS 32       /* of one frame (A-MSDU) */

typedef struct mc_decoder mc_decoder;

/* What the decoder saw besides segments. */
typedef struct mc_decode_stats {
    uint64_t malformed_segments;   /* IN-8 */
    uint64_t sliced_headers;    /* IN-9 */
    uint64_t icmp_quoted;          /* ICMP errors that quote TCP (IN-12) */
    uint64_t fragments;            /* IP fragments seen */
    uint64_t reassembled;          /* datagrams completed */
    uint64_t incomplete_fragments; /* datagrams given up or still incomplete */
    uint64_t overlong_ip;          /* IP headers whose length goes beyond the frame on the wire */
    uint64_t compressed;           /* packets whose payload is compressed (IPComp): not looked into */
    uint64_t inner_lengths;        /* packets in GTP-U not looked into for their length */
    uint64_t too_deep;             /* frames that ran out of the depth budget */
    uint64_t bad_ip_checksums;     /* only when checksums are verified */
} mc_decode_stats;

/* An ICMP error that quotes a TCP header; it is evidence, never a segment. */
typedef struct mc_icmp_quote {
    uint8_t src[16], dst[16];    /* of the quoted packet */
    uint16_t sport, dport;
    uint8_t reporter[16];        /* who sent the ICMP error */
    uint8_t ip_version, type, code;
    uint16_t mtu;                /* fragmentation needed / packet too big: next-hop MTU, else 0 */
} mc_icmp_quote;

/* What a frame without TCP is, where it is one of a few kinds. */
typedef enum mc_other_kind { MC_OTHER_NONE, MC_OTHER_ARP, MC_OTHER_ICMP, MC_OTHER_UDP } mc_other_kind;

typedef struct mc_other {
    mc_other_kind kind;
    uint8_t ip_version;          /* all but ARP: of the innermost IP header */
    uint8_t src[16], dst[16];    /* likewise */
    uint8_t type, code;          /* ICMP */
    uint16_t sport, dport;       /* UDP */
    uint16_t op;                 /* ARP, with IPv4 addresses over 48-bit ones: 1 request, 2 reply; else 0 */
    bool claims;                 /* such ARP, or a neighbour advertisement (RFC 4861): whoever has 'mac' claims 'claimed' */
    uint8_t mac[6], claimed[16];
    const uint8_t *payload;      /* UDP: good until the next frame is decoded */
    uint32_t captured;           /* bytes there */
    bool is_cut;                 /* the datagram had more */
} mc_other;

/* A host says which hardware address is that of an IP address. */
static inline bool mc_other_claims(const mc_other *o)
{
    return (o->kind == MC_OTHER_ARP || o->kind == MC_OTHER_ICMP) && o->claims;
}

/*
 * Makes a decoder.  'verify_checksums' sets MC_BAD_CHECKSUM on segments.
 * MC_NOMEM is the only failure.
 */
mc_status mc_decoder_open(mc_decoder **out, bool verify_checksums, mc_error *err);
void mc_decoder_close(mc_decoder *d);            /* accepts NULL */

/*
 * From here on a packet in GTP-U is one only if it is just as long as what the tunnel carries
 * (Wireshark since 4.6).
 */
void mc_decoder_set_exact_gtp(mc_decoder *d);

/*
 * Decodes one frame.  Writes at most MC_MAX_SEGMENTS segments to 'out' and
 * their number to 'count' (0 unless the verdict is MC_V_TCP).  Nothing in
 * 'out' points into the packet but 'payload'.  Never fails: a strange packet is a verdict.
 */
mc_verdict mc_decode(mc_decoder *d, const mc_packet *packet, mc_segment *out, size_t *count);

/*
 * The ICMP error that the last frame given to mc_decode() carried, or NULL.
 * Borrowed until the next call.
 */
const mc_icmp_quote *mc_decode_icmp(const mc_decoder *d);

/* What the last frame given to mc_decode() holds, which held no TCP.  Borrowed until the next call. */
const mc_other *mc_decode_other(const mc_decoder *d);

/* Counts so far; incomplete_fragments includes the datagrams still open. */
void mc_decode_get_stats(const mc_decoder *d, mc_decode_stats *out);

/* Whether frames of this LINKTYPE_ value can be decoded at all. */
bool mc_decode_knows(uint32_t linktype);

#endif
