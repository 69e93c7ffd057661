/*
 * openings.h: what SYNs and SYN-ACKs offer, over all connections, and the sums of those
 * connections that are nothing but a SYN.
 */
#ifndef MC_OPENINGS_H
#define MC_OPENINGS_H

#include "table/halfopen.h"

#define MC_OPENING_BITS 3

/* Connections that offer the same, as most of one server do, are counted together until others take their place. */
typedef struct mc_openings {
    struct mc_opening_kind {
        uint64_t word[2];            /* of each endpoint: MSS, window, options, scale; of the second who opened, too */
        uint64_t count;
    } kind[1 << MC_OPENING_BITS];
} mc_openings;

/* All of a kind are in 'f', and it is empty. */
void mc_openings_flush(struct mc_opening_kind *k, mc_connection_facts *f);

/* Adds what both sides of 'c' have offered; all of it is in 'f' after mc_openings_finish(). */
static inline void mc_openings_add(mc_openings *o, mc_connection_facts *f, const mc_conn *c);
void mc_openings_finish(mc_openings *o, mc_connection_facts *f);

/*
 * What all of them that one side opened have to say.  A flood leaves millions, so little is
 * done for each: what has few values is counted by value.
 */
typedef struct mc_half_opens {
    uint64_t count, bytes;
    uint64_t single, scanned;        /* no repetition of their SYN can be under way; they are of a scan */
    uint64_t options[128];           /* by mc_half_open.options */
    uint64_t scales[16];             /* of those with the option */
    uint64_t ttls[256];
    uint32_t window_min, window_max;
    uint32_t mss_max, mss_below_min; /* one less than the least; 0, which is none, is then the greatest */
} mc_half_opens;

_Static_assert((MC_OPT_SEEN | MC_OPT_SACK | MC_OPT_TS | MC_OPT_SCALE | MC_OPT_ECE | MC_OPT_CWR | MC_OPT_MSS) < 128,
               "fit for mc_half_opens.options");

#define MC_HALF_OPENS_INIT { .window_min = UINT16_MAX, .mss_below_min = UINT16_MAX }

/* 'count' more that say the same as 'h': all but their number, time, port, identification and address. */
void mc_half_opens_note(mc_half_opens *n, const mc_half_open *h, uint64_t count);

/* Do both say so? */
MC_INLINE bool mc_half_opens_are_alike(const mc_half_open *a, const mc_half_open *b);

/*
 * Adds all that endpoint 'by' opened: what a walk adds for each connection, of which is known
 * beforehand that they add nothing to most of the sums.
 */
void mc_openings_add_half_open(mc_facts *f, const mc_half_opens *n, unsigned by);

/* ------------------------------------------------------------------ bodies */

static inline uint64_t mc_openings_word(const mc_endpoint_state *h)
{
    return (uint64_t)h->mss | (uint64_t)h->initial_window << 16 | (uint64_t)h->options << 32 | (uint64_t)h->shift << 40;
}

static inline void mc_openings_add(mc_openings *o, mc_connection_facts *f, const mc_conn *c)
{
    const uint64_t first = mc_openings_word(&c->endpoint[0]);
    const uint64_t second = mc_openings_word(&c->endpoint[1]) | (uint64_t)c->originator << 48;
    struct mc_opening_kind *k = &o->kind[(first + second) * 0x9e3779b97f4a7c15u >> (64 - MC_OPENING_BITS)];

    if (MC_UNLIKELY(first != k->word[0] || second != k->word[1])) {
        mc_openings_flush(k, f);
        k->word[0] = first;
        k->word[1] = second;
    }
    k->count++;
}

MC_INLINE bool mc_half_opens_are_alike(const mc_half_open *a, const mc_half_open *b)
{
    _Static_assert(offsetof(mc_half_open, peer) - offsetof(mc_half_open, ttl) == 4, "TTL, options, scale, bytes and side");

    return memcmp(&a->ttl, &b->ttl, 4) == 0 && a->win == b->win && a->mss == b->mss;
}

#endif
