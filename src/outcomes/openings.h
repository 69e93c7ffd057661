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
    uint64_t count, bytes, single, scanned;
    uint64_t options[128];           /* by mc_half_open.options */
    uint64_t scales[16];             /* of those with the option */
    uint64_t ttls[256];
    uint32_t window_min, window_max;
    uint32_t mss_max, mss_below_min; /* one less than the least; 0, which is none, is then the greatest */
} mc_half_opens;

_Static_assert((MC_OPT_SEEN | MC_OPT_SACK | MC_OPT_TS | MC_OPT_SCALE | MC_OPT_ECE | MC_OPT_CWR | MC_OPT_MSS) < 128,
               "fit for mc_half_opens.options");

#define MC_HALF_OPENS_INIT { .window_min = UINT16_MAX, .mss_below_min = UINT16_MAX }

/* One more; 'single': no repetition of its SYN can be under way, 'scanned': it is one of a scan. */
static inline void mc_half_opens_note(mc_half_opens *n, const mc_half_open *h, bool single, bool scanned);

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

static inline void mc_half_opens_note(mc_half_opens *n, const mc_half_open *h, bool single, bool scanned)
{
    const uint32_t window = h->win, mss = h->mss, mss_below = mss - 1;

    n->count++;
    n->bytes += h->bytes;
    n->single += single;
    n->scanned += scanned;
    n->options[h->options & 127]++;
    n->scales[h->scale & 15] += (h->options & MC_OPT_SCALE) != 0;
    n->ttls[h->ttl]++;
    if (MC_UNLIKELY(window < n->window_min))
        n->window_min = window;
    if (MC_UNLIKELY(window > n->window_max))
        n->window_max = window;
    if (MC_UNLIKELY(mss > n->mss_max))
        n->mss_max = mss;
    if (MC_UNLIKELY(mss_below < n->mss_below_min))
        n->mss_below_min = mss_below;
}

#endif
