/*
 * openings.c: sums of what was offered.
 */
#include "outcomes/openings.h"

#include "outcomes/outcome.h"
#include "tcp/state.h"

/* What the SYN or SYN-ACK of endpoint 'i' says, over all connections. */
static inline void add_syn_options(mc_connection_facts *f, unsigned options, uint16_t window, uint8_t shift,
                                   uint16_t mss, unsigned i)
{
    if ((options & MC_OPT_SEEN) == 0)
        return;
    if (f->syns_seen[i]++ == 0 || window < f->initial_window_min[i])
        f->initial_window_min[i] = window;
    if (window > f->initial_window_max[i])
        f->initial_window_max[i] = window;
    f->sack_permitted[i] += (options & MC_OPT_SACK) != 0;
    f->timestamps[i] += (options & MC_OPT_TS) != 0;
    if ((options & MC_OPT_MSS) != 0 && mss != 0) {               /* 0 is none, and stands for unknown */
        if (f->mss_min[i] == 0 || mss < f->mss_min[i])
            f->mss_min[i] = mss;
        if (mss > f->mss_max[i])
            f->mss_max[i] = mss;
    }
    if ((options & MC_OPT_SCALE) == 0)
        return;
    if (f->scales_seen[i]++ == 0 || shift < f->scale_min[i])
        f->scale_min[i] = shift;
    if (shift > f->scale_max[i])
        f->scale_max[i] = shift;
}

void mc_openings_add(mc_connection_facts *f, const mc_conn *c)
{
    const mc_endpoint_state *o = &c->endpoint[c->originator], *r = &c->endpoint[!c->originator];
    unsigned i, both = o->options & r->options;

    for (i = 0; i < 2; i++) {
        const mc_endpoint_state *h = &c->endpoint[i];

        add_syn_options(f, h->options, h->initial_window, h->shift, h->mss, i);
    }
    if ((both & MC_OPT_SEEN) == 0)
        return;
    f->both_syns++;
    f->scale_offered += (o->options & MC_OPT_SCALE) != 0;
    f->scale_agreed += (both & MC_OPT_SCALE) != 0;
    f->sack_offered += (o->options & MC_OPT_SACK) != 0;
    f->sack_agreed += (both & MC_OPT_SACK) != 0;
    f->ts_offered += (o->options & MC_OPT_TS) != 0;
    f->ts_agreed += (both & MC_OPT_TS) != 0;
    if ((o->options & (MC_OPT_ECE | MC_OPT_CWR)) == (MC_OPT_ECE | MC_OPT_CWR)) {
        f->ecn_offered++;
        f->ecn_agreed += (r->options & (MC_OPT_ECE | MC_OPT_CWR)) == MC_OPT_ECE;
    }
}

/* ----------------------------------------------------------- half-open ones */

/* The same as add_syn_options() for each. */
static void add_offers(mc_connection_facts *c, const mc_half_opens *n, unsigned by)
{
    uint32_t i;

    if (c->syns_seen[by] == 0 || n->window_min < c->initial_window_min[by])
        c->initial_window_min[by] = n->window_min;
    if (n->window_max > c->initial_window_max[by])
        c->initial_window_max[by] = n->window_max;
    c->syns_seen[by] += n->count;
    for (i = 0; i < MC_ARRAY_LEN(n->options); i++) {
        c->sack_permitted[by] += (i & MC_OPT_SACK) != 0 ? n->options[i] : 0;
        c->timestamps[by] += (i & MC_OPT_TS) != 0 ? n->options[i] : 0;
    }
    if (n->mss_max != 0 && (c->mss_min[by] == 0 || n->mss_below_min + 1u < c->mss_min[by]))
        c->mss_min[by] = n->mss_below_min + 1u;
    if (n->mss_max > c->mss_max[by])
        c->mss_max[by] = n->mss_max;
    for (i = 0; i < MC_ARRAY_LEN(n->scales); i++) {
        if (n->scales[i] == 0)
            continue;
        if (c->scales_seen[by] == 0 || i < c->scale_min[by])
            c->scale_min[by] = i;
        if (i > c->scale_max[by])
            c->scale_max[by] = i;
        c->scales_seen[by] += n->scales[i];
    }
}

void mc_openings_add_half_open(mc_facts *f, const mc_half_opens *n, unsigned by)
{
    mc_connection_facts *c = &f->connections;
    mc_direction_facts *d = &f->direction[by];
    unsigned ttl;

    if (n->count == 0)
        return;
    c->opened_by[by] += n->count;
    c->total += n->count;
    c->state[MC_CS_S0] += n->count;
    c->attempted[by] += n->count;
    c->unanswered[by] += n->count;
    c->outcomes[MC_O_UNANSWERED][by].connections += n->count;
    c->unanswered_unproven[by] += n->count;
    c->attempts.single[by] += n->single;
    c->attempts.scanned[by] += n->scanned;
    d->counts.packet_count += n->count;
    d->counts.byte_count += n->bytes;
    if (n->window_max > d->max_window)
        d->max_window = n->window_max;
    for (ttl = 1; ttl < MC_ARRAY_LEN(n->ttls); ttl++)
        d->ttl_hops[ttl] += n->ttls[ttl];
    add_offers(c, n, by);
}
