/*
 * beside.c: tables of datagram ends and of hardware addresses, and sums.
 */
#include "facts/beside.h"

#include <stdlib.h>

#include "facts/hardware.h"
#include "table/flow.h"

#define SLOTS (2 * MC_BESIDE_ENDS)

typedef struct owner {
    uint8_t addr[16];
    mc_hardware_claims claims;       /* none: the place is free */
} owner;

struct mc_beside {
    uint64_t seed[2];                /* so that a capture cannot choose its collisions */
    mc_beside_facts facts;
    mc_dns *dns;                     /* NULL: no such datagram yet */
    uint32_t ends;
    mc_datagram_end end[SLOTS];
    owner owners[MC_ARP_ADDRESSES];
};

mc_beside *mc_beside_open(void)
{
    mc_beside *t = calloc(1, sizeof *t);

    if (t != NULL)
        mc_flows_seed(t->seed);
    return t;
}

void mc_beside_close(mc_beside *t)
{
    if (t == NULL)
        return;
    mc_dns_close(t->dns);
    free(t);
}

static uint32_t place_of(const mc_beside *t, const uint8_t addr[16], uint16_t port)
{
    uint64_t a, b, h;
    uint32_t i;

    memcpy(&a, addr, 8);
    memcpy(&b, addr + 8, 8);
    h = mc_fold(b ^ t->seed[0], a ^ port ^ t->seed[1]);
    i = (uint32_t)(h >> 32) % SLOTS;
    while (t->end[i].datagrams != 0 && (t->end[i].at.port != port || memcmp(t->end[i].at.addr, addr, 16) != 0))
        i = (i + 1) % SLOTS;
    return i;
}

const mc_datagram_end *mc_beside_find(const mc_beside *t, const mc_endpoint *at)
{
    const mc_datagram_end *e = &t->end[place_of(t, at->addr, at->port)];

    return e->datagrams != 0 ? e : NULL;
}

/* RFC 8999, 5.1: the highest bit, a version, connection ids; of the versions those that are used. */
static bool is_quic(const mc_other *o, uint32_t *version)
{
    const uint8_t *p = o->payload;

    if (p == NULL || o->captured < 7 || (p[0] & 0x80) == 0)
        return false;
    *version = mc_be32(p + 1);
    if (*version == 0)                           /* version negotiation */
        return p[5] <= 20 && o->captured >= 1200;
    return (p[0] & 0x40) != 0 && p[5] <= 20 &&
           (*version == 1 || *version == 0x6b3343cf ||       /* RFC 9000; RFC 9369 */
            *version >> 8 == 0xff0000 || *version >> 16 == 0x5130);      /* drafts; Google's "Q0.." */
}

static void add_datagram(mc_beside *t, const mc_other *o, uint64_t frame)
{
    const bool to = o->dport <= o->sport;
    mc_datagram_end *e = &t->end[place_of(t, to ? o->dst : o->src, to ? o->dport : o->sport)];
    uint32_t version = 0;
    const bool quic = is_quic(o, &version);

    t->facts.datagrams++;
    t->facts.quic += quic;
    if (e->datagrams == 0) {
        if (t->ends == MC_BESIDE_ENDS)
            return;
        t->ends++;
        memcpy(e->at.addr, to ? o->dst : o->src, 16);
        e->at.port = to ? o->dport : o->sport;
        e->first_frame = frame;
    }
    e->datagrams++;
    e->quic += quic;
    if (e->quic_version == 0)
        e->quic_version = version;
}

/* The place of an address, a free one if it has none yet; MC_ARP_ADDRESSES: there is no room. */
static uint32_t place_of_owner(const mc_beside *t, const uint8_t addr[16])
{
    const uint32_t first = (mc_word4(addr + 12) * 0x9e3779b1u) >> 16;
    uint32_t n, i;

    for (n = 0; n < MC_ARP_ADDRESSES; n++) {
        i = (first + n) % MC_ARP_ADDRESSES;
        if (t->owners[i].claims.count == 0 || memcmp(t->owners[i].addr, addr, sizeof t->owners[i].addr) == 0)
            return i;
    }
    return MC_ARP_ADDRESSES;
}

static void note_conflict(mc_beside_facts *f, const uint8_t addr[16], const mc_hardware_claims *claims)
{
    if (f->arp_conflicts < MC_ARP_CONFLICTS) {
        mc_arp_conflict *c = &f->arp_conflict[f->arp_conflicts];

        memcpy(c->addr, addr, sizeof c->addr);
        memcpy(c->mac, claims->mac, sizeof c->mac);
        memcpy(c->frame, claims->frame, sizeof c->frame);
    }
    f->arp_conflicts++;
}

/* Who says that an address is its own; no address at all is asked for by who has none yet (RFC 5227). */
static void note_owner(mc_beside *t, const mc_other *o, uint64_t frame)
{
    static const uint8_t none[16];
    const bool v4 = o->kind == MC_OTHER_ARP;
    const uint32_t place = place_of_owner(t, o->claimed);
    owner *w;
    uint32_t claimants;

    if ((v4 ? mc_word4(o->claimed + 12) == 0 : memcmp(o->claimed, none, sizeof none) == 0) || place == MC_ARP_ADDRESSES)
        return;
    w = &t->owners[place];
    claimants = w->claims.count;
    memcpy(w->addr, o->claimed, sizeof w->addr);
    mc_hardware_claim(&w->claims, o->mac, frame);
    if (claimants == 1 && w->claims.count == 2)
        note_conflict(&t->facts, o->claimed, &w->claims);
}

static void add_arp(mc_beside *t, const mc_other *o)
{
    t->facts.arp_requests += o->op == 1;
    t->facts.arp_replies += o->op == 2;
    t->facts.arp_others += o->op != 1 && o->op != 2;
}

static void add_icmp(mc_beside *t, const mc_other *o)
{
    const bool v4 = o->ip_version == 4;
    const bool error = v4 ? o->type == 3 || o->type == 4 || o->type == 11 || o->type == 12 : o->type >= 1 && o->type <= 4;
    const bool echo = v4 ? o->type == 8 || o->type == 0 : o->type == 128 || o->type == 129;

    t->facts.icmp_errors += error;
    t->facts.icmp_echoes += echo;
    t->facts.icmp_others += !error && !echo;
}

mc_dns *mc_beside_dns(mc_beside *t)
{
    if (t->dns == NULL)
        t->dns = mc_dns_open();
    return t->dns;
}

bool mc_beside_add(mc_beside *t, const mc_other *o, uint64_t frame, int64_t now)
{
    if (mc_other_claims(o))
        note_owner(t, o, frame);
    switch (o->kind) {
    case MC_OTHER_ARP:
        add_arp(t, o);
        return true;
    case MC_OTHER_ICMP:
        add_icmp(t, o);
        return true;
    case MC_OTHER_UDP:
        add_datagram(t, o, frame);
        if (o->sport != MC_DNS_PORT && o->dport != MC_DNS_PORT)
            return true;
        return mc_beside_dns(t) != NULL && mc_dns_add(t->dns, o, frame, now);
    case MC_OTHER_NONE:
        return true;
    }
    return true;
}

const mc_hardware_claims *mc_beside_claims(const mc_beside *t, const uint8_t addr[16])
{
    const uint32_t place = place_of_owner(t, addr);

    return place < MC_ARP_ADDRESSES && t->owners[place].claims.count > 0 ? &t->owners[place].claims : NULL;
}

void mc_beside_get_facts(const mc_beside *t, int64_t last_ns, mc_beside_facts *out)
{
    *out = t->facts;
    if (t->dns != NULL)
        mc_dns_get_facts(t->dns, last_ns, &out->dns);
}
