/*
 * halfopen.c: what the rules (rules.c) and the states (state.c) make of a plain SYN.
 */
#include "table/halfopen.h"

#include "tcp/rules.h"

void mc_half_open_build(const mc_half_open *h, bool ipv4, mc_conn *c)
{
    uint64_t peer[2];
    unsigned dir = h->by_server;
    mc_endpoint_state *d = &c->endpoint[dir], *r = &c->endpoint[!dir];

    d->ttl_min = r->ttl_min = 255;               /* as mc_endpoint_state_init() does */
    d->data_over = r->data_over = 0u - MC_LIMITS_FROM;
    d->packets = 1;
    d->byte_count = h->bytes;
    mc_tcp_begin_endpoint(d, h->seq, h->win, h->time_ns);
    d->initial_window = h->win;
    if ((h->options & MC_OPT_SCALE) != 0) {                                          /* 24 */
        d->scale = (int8_t)h->scale;
        r->scale = MC_SCALE_UNKNOWN;
    } else {
        d->scale = r->scale = MC_SCALE_NONE;
    }
    d->options = h->options | MC_NXT_BY_ACK;
    d->mss = h->mss;
    d->shift = h->scale;
    d->ip_id = h->ip_id;
    if (h->ttl < d->ttl_min)
        d->ttl_min = h->ttl;
    d->ttl_max = h->ttl;
    d->state = MC_ST_SYN_SENT;

    mc_half_open_get_peer(h, peer, ipv4);
    memcpy(c->peer, peer, sizeof c->peer);
    c->ports = h->ports;
    c->begin = h->begin;
    c->flags = MC_C_SYN | MC_C_HS_SYN | MC_C_BEGUN;
    c->originator = dir & 1;
    c->last_dir = dir & 1;
    c->syn_count = 1;
    c->completeness = 1;
    c->first_ns = c->syn_ns = c->to_server_ns = h->time_ns;
    c->fast_path = MC_FAST_SYN_ACK;
    c->history[0] = 'S';
    c->history_len = 1;
}
