/*
 * openings.c: sums of what was offered.
 */
#include "outcomes/openings.h"

#include "outcomes/outcome.h"
#include "tcp/state.h"

/* What the SYN or SYN-ACK of endpoint 'i' says, of 'count' connections. */
static void add_syn_options(mc_connection_facts *f, uint64_t word, uint64_t count, unsigned i)
{
    const uint16_t mss = (uint16_t)word, window = (uint16_t)(word >> 16);
    const unsigned options = (unsigned)(word >> 32) & 0xff, shift = (unsigned)(word >> 40) & 0xff;

    if ((options & MC_OPT_SEEN) == 0)
        return;
    if (f->syns_seen[i] == 0 || window < f->initial_window_min[i])
        f->initial_window_min[i] = window;
    f->syns_seen[i] += count;
    if (window > f->initial_window_max[i])
        f->initial_window_max[i] = window;
    f->sack_permitted[i] += (options & MC_OPT_SACK) != 0 ? count : 0;
    f->timestamps[i] += (options & MC_OPT_TS) != 0 ? count : 0;
    if ((options & MC_OPT_MSS) != 0 && mss != 0) {               /* 0 is none, and stands for unknown */
        if (f->mss_min[i] == 0 || mss < f->mss_min[i])
            f->mss_min[i] = mss;
        if (mss > f->mss_max[i])
            f->mss_max[i] = mss;
    }
    if ((options & MC_OPT_SCALE) == 0)
        return;
    if (f->scales_seen[i] == 0 || shift < f->scale_min[i])
        f->scale_min[i] = shift;
    f->scales_seen[i] += count;
    if (shift > f->scale_max[i])
        f->scale_max[i] = shift;
}

void mc_openings_flush(struct mc_opening_kind *k, mc_connection_facts *f)
{
    const unsigned opener = (unsigned)(k->word[1] >> 48) & 1;
    const unsigned options[2] = { (unsigned)(k->word[0] >> 32) & 0xff, (unsigned)(k->word[1] >> 32) & 0xff };
    const unsigned offered = options[opener], answered = options[!opener], both = offered & answered;
    const uint64_t count = k->count;

    k->count = 0;
    if (count == 0)
        return;
    add_syn_options(f, k->word[0], count, 0);
    add_syn_options(f, k->word[1], count, 1);
    if ((both & MC_OPT_SEEN) == 0)
        return;
    f->both_syns += count;
    f->scale_offered += (offered & MC_OPT_SCALE) != 0 ? count : 0;
    f->scale_agreed += (both & MC_OPT_SCALE) != 0 ? count : 0;
    f->sack_offered += (offered & MC_OPT_SACK) != 0 ? count : 0;
    f->sack_agreed += (both & MC_OPT_SACK) != 0 ? count : 0;
    f->ts_offered += (offered & MC_OPT_TS) != 0 ? count : 0;
    f->ts_agreed += (both & MC_OPT_TS) != 0 ? count : 0;
    if ((offered & (MC_OPT_ECE | MC_OPT_CWR)) != (MC_OPT_ECE | MC_OPT_CWR))
        return;
    f->ecn_offered += count;
    f->ecn_agreed += (answered & (MC_OPT_ECE | MC_OPT_CWR)) == MC_OPT_ECE ? count : 0;
}

void mc_openings_finish(mc_openings *o, mc_connection_facts *f)
{
    unsigned i;

    for (i = 0; i < MC_ARRAY_LEN(o->kind); i++)
        mc_openings_flush(&o->kind[i], f);
}

/* ----------------------------------------------------------- half-open ones */

void mc_half_opens_note(mc_half_opens *n, const mc_half_open *h, uint64_t count)
{
    const uint32_t window = h->win, mss = h->mss, mss_below = mss - 1;

    n->count += count;
    n->bytes += h->bytes * count;
    n->options[h->options & 127] += count;
    n->scales[h->scale & 15] += (h->options & MC_OPT_SCALE) != 0 ? count : 0;
    n->ttls[h->ttl] += count;
    if (window < n->window_min)
        n->window_min = window;
    if (window > n->window_max)
        n->window_max = window;
    if (mss > n->mss_max)
        n->mss_max = mss;
    if (mss_below < n->mss_below_min)
        n->mss_below_min = mss_below;
}

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
