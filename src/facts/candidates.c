/*
 * candidates.c: a table of endpoints; direct-mapped in sets of eight.
 */
#include "facts/candidates.h"

#include <stdlib.h>

#include "tcp/state.h"

#define WAYS 8
#define SETS (MC_CANDIDATE_ROOM / WAYS)

struct mc_candidates {
    mc_candidate entries[SETS][WAYS];
};

mc_candidates *mc_candidates_open(void)
{
    return calloc(1, sizeof(mc_candidates));
}

void mc_candidates_close(mc_candidates *t)
{
    free(t);
}

static mc_candidate *entry_of(mc_candidates *t, const uint8_t addr[16], uint16_t port)
{
    uint64_t a, b, h;
    mc_candidate *set, *least;
    unsigned i;

    memcpy(&a, addr, 8);
    memcpy(&b, addr + 8, 8);
    h = (a ^ (b * 0x9e3779b97f4a7c15ull) ^ port) * 0xd6e8feb86659fd93ull;
    set = t->entries[(h >> 32) % SETS];
    least = set;
    for (i = 0; i < WAYS; i++) {
        if (set[i].packets != 0 && set[i].port == port && memcmp(set[i].addr, addr, 16) == 0)
            return &set[i];
        if (set[i].packets < least->packets)
            least = &set[i];
    }
    memset(least, 0, sizeof *least);
    memcpy(least->addr, addr, 16);
    least->port = port;
    return least;
}

void mc_candidates_add(mc_candidates *t, const mc_segment *s, uint32_t frame_bytes)
{
    mc_candidate *from = entry_of(t, s->src, s->sport), *to;
    unsigned f = s->flags & (MC_TH_SYN | MC_TH_ACK);

    from->packets++;
    from->bytes += frame_bytes;
    if (f == (MC_TH_SYN | MC_TH_ACK)) {
        from->syn_acks++;
        from->serves = true;
    }
    to = entry_of(t, s->dst, s->dport);
    to->packets++;
    to->bytes += frame_bytes;
    if (f == MC_TH_SYN) {
        to->syns++;
        to->serves = true;
    }
    if (f == 0 || f == MC_TH_ACK) {
        /* no handshake seen yet: the ports must tell */
        if (mc_state_sender_serves(s))
            entry_of(t, s->src, s->sport)->serves = true;
        else if (s->sport != s->dport)
            entry_of(t, s->dst, s->dport)->serves |= s->dport < 1024;
    }
}

void mc_candidates_join(mc_candidates *t, const mc_candidate *other)
{
    mc_candidate *c = entry_of(t, other->addr, other->port);

    c->packets += other->packets;
    c->bytes += other->bytes;
    c->syns += other->syns;
    c->syn_acks += other->syn_acks;
    c->serves |= other->serves;
}

const mc_candidate *mc_candidates_at(const mc_candidates *t, uint32_t i)
{
    const mc_candidate *c = &t->entries[i / WAYS][i % WAYS];

    return c->packets != 0 ? c : NULL;
}

/* Greater: likelier. */
static double rank_of(const mc_candidate *c, const mc_endpoint *asked)
{
    double rank = (double)c->packets + 10.0 * (double)(c->syns + c->syn_acks);

    if (memcmp(c->addr, asked->addr, 16) == 0)
        rank += 1e15;
    else if (asked->port != 0 && c->port == asked->port)
        rank += 1e12;
    return rank;
}

bool mc_candidates_has_address(const mc_candidates *t, const uint8_t addr[16])
{
    unsigned set, way;

    for (set = 0; set < SETS; set++)
        for (way = 0; way < WAYS; way++)
            if (t->entries[set][way].packets != 0 && memcmp(t->entries[set][way].addr, addr, 16) == 0)
                return true;
    return false;
}

uint32_t mc_candidates_rank(const mc_candidates *t, const mc_endpoint *asked, mc_candidate *out,
                            uint64_t *total)
{
    uint32_t count = 0, at;
    unsigned set, way;

    *total = 0;
    for (set = 0; set < SETS; set++) {
        for (way = 0; way < WAYS; way++) {
            const mc_candidate *c = &t->entries[set][way];

            if (c->packets == 0 || !c->serves)
                continue;
            ++*total;
            for (at = count; at > 0; at--) {
                double a = rank_of(c, asked), b = rank_of(&out[at - 1], asked);

                if (a < b || (a <= b && memcmp(c->addr, out[at - 1].addr, sizeof c->addr) > 0))
                    break;
                if (at < MC_CANDIDATES)
                    out[at] = out[at - 1];
            }
            if (at < MC_CANDIDATES) {
                out[at] = *c;
                if (count < MC_CANDIDATES)
                    count++;
            }
        }
    }
    return count;
}
