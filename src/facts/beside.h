/*
 * beside.h: what a capture holds besides TCP, counted: datagrams by the end that is likely the
 * server's, QUIC among them, ICMP, ARP, DNS.
 */
#ifndef MC_BESIDE_H
#define MC_BESIDE_H

#include "decode/decode.h"
#include "facts/dns.h"
#include "mcpcap.h"

#define MC_BESIDE_ENDS 4096          /* ends of datagrams told apart */

/* Datagrams between anybody and the end with the lower port. */
typedef struct mc_datagram_end {
    mc_endpoint at;
    uint64_t datagrams;              /* 0: the place is free */
    uint64_t quic;                   /* of these: QUIC packets with a long header (RFC 8999, 5.1) */
    uint32_t quic_version;           /* of the first of them that says one */
    uint64_t first_frame;
} mc_datagram_end;

/* Two hardware addresses answer for one IP address. */
#define MC_ARP_ADDRESSES 1024
#define MC_ARP_CONFLICTS 5
typedef struct mc_arp_conflict {
    uint8_t addr[16];
    uint8_t mac[2][6];
    uint64_t frame[2];               /* the first of each */
} mc_arp_conflict;

typedef struct mc_beside_facts {
    uint64_t datagrams, quic;        /* of UDP that is no tunnel known here */
    uint64_t arp_requests, arp_replies, arp_others;
    uint64_t icmp_errors, icmp_echoes, icmp_others;      /* errors: whatever packet they quote */
    uint64_t arp_conflicts;          /* addresses; the first ones: */
    mc_arp_conflict arp_conflict[MC_ARP_CONFLICTS];
    mc_dns_facts dns;
} mc_beside_facts;

typedef struct mc_beside mc_beside;

mc_beside *mc_beside_open(void);                 /* NULL: no memory */
void mc_beside_close(mc_beside *t);              /* accepts NULL */

/* A frame without TCP.  False: no memory. */
bool mc_beside_add(mc_beside *t, const mc_other *o, uint64_t frame, int64_t now);

/* Who claims that address; NULL: nobody, or it is not kept. */
const mc_hardware_claims *mc_beside_claims(const mc_beside *t, const uint8_t addr[16]);

/* Questions for names and their answers: those of datagrams are taken there as they are added.  NULL: no memory. */
mc_dns *mc_beside_dns(mc_beside *t);

/* The datagrams of that end, or NULL. */
const mc_datagram_end *mc_beside_find(const mc_beside *t, const mc_endpoint *at);

/* Of a capture that ends at 'last_ns'. */
void mc_beside_get_facts(const mc_beside *t, int64_t last_ns, mc_beside_facts *out);

#endif
