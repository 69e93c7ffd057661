/*
 * strays.c: whose single packets are.
 */
#include "outcomes/strays.h"

#include "facts/stats.h"
#include "tcp/seq.h"

#define NEAR    65536u               /* so far beyond what was sent up to the end may be what comes next */
#define AT_ONCE MC_NS_PER_S
#define LEAST   3u                   /* packets of a connection that others can be told to belong to */

void mc_strays_note(mc_strays *t, const mc_conn *c)
{
    const unsigned dir = c->endpoint[0].packets > 0 ? 0 : 1;
    const mc_endpoint_state *d = &c->endpoint[dir];
    mc_stray *s;

    if (d->packets != 1 || c->endpoint[!dir].packets != 0 || (c->flags & (MC_C_MID_STREAM | MC_C_SELF)) != MC_C_MID_STREAM ||
        (d->known & (MC_KNOWN_NXT | MC_KNOWN_ACK)) != (MC_KNOWN_NXT | MC_KNOWN_ACK) || (d->once & MC_ONCE_RST) != 0)
        return;
    if (t->count >= MC_STRAYS) {
        t->count = MC_STRAYS + 1;
        return;
    }
    s = &t->item[t->count++];
    *s = (mc_stray){ .frame = mc_conn_first_frame(c), .bytes = d->payload_bytes,
                     .time_ns = c->first_ns, .end = d->nxt, .ack = d->last_ack, .peer_port = c->peer_port,
                     .server_port = c->server_port, .dir = (uint8_t)dir };
    memcpy(s->peer, c->peer, sizeof s->peer);
}

/* Lies 'seq' within what this side has sent? */
static bool is_within(const mc_endpoint_state *d, uint32_t seq)
{
    return (d->known & (MC_KNOWN_BASE | MC_KNOWN_NXT)) == (MC_KNOWN_BASE | MC_KNOWN_NXT) &&
           seq - d->base <= d->nxt - d->base + NEAR;
}

void mc_strays_look(mc_strays *t, const mc_conn *c)
{
    uint32_t i;

    if (c->endpoint[0].packets + c->endpoint[1].packets < LEAST)
        return;
    for (i = 0; i < t->count; i++) {
        mc_stray *s = &t->item[i];

        if (!s->found && memcmp(s->peer, c->peer, sizeof s->peer) == 0 &&
            (s->peer_port != c->peer_port || s->server_port != c->server_port) && s->time_ns >= c->first_ns &&
            mc_ns_since(s->time_ns, mc_conn_last(c)) <= AT_ONCE && is_within(&c->endpoint[s->dir], s->end) &&
            is_within(&c->endpoint[!s->dir], s->ack))
            s->found = true;
    }
}

void mc_strays_sum(const mc_strays *t, mc_connection_facts *f)
{
    uint32_t i;

    for (i = 0; i < t->count && mc_strays_any(t); i++) {
        const mc_stray *s = &t->item[i];

        if (!s->found)
            continue;
        f->strays++;
        f->stray_bytes += s->bytes;
        mc_insert_example(&f->stray_examples, s->frame);
    }
}
