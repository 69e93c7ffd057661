/*
 * fast_path.c: which segments may take a fast path next.
 */
#include "engine/fast_path.h"

#include "tcp/attempt.h"
#include "tcp/doubt.h"
#include "tcp/rules.h"

/* What both sides must know of each other before anything can be in order. */
#define KNOWN (MC_KNOWN_BASE | MC_KNOWN_NXT | MC_KNOWN_CONTIGUOUS | MC_KNOWN_ACK | MC_KNOWN_WIN)

/*
 * What must hold of endpoint 'd', whose peer is 'r', for any segment of it.  Only a SYN, FIN
 * or RST changes the state of a side that has one.
 */
static bool is_settled(const mc_endpoint_state *d, const mc_endpoint_state *r)
{
    return (d->known & r->known & KNOWN) == KNOWN && d->contiguous_end == d->nxt && d->last_events == 0 &&
           r->last_events == 0 && d->state != MC_ST_INACTIVE &&
           (d->detail == NULL || (!d->detail->zero_open && d->detail->block_count == 0));
}

/* Something about this side waits for what the next segments say. */
static bool is_waiting(const mc_endpoint_state *d)
{
    return (d->detail != NULL && (d->detail->repeats_open > 0 || mc_in_doubt(d))) || mc_doubt_is_unseen(d) ||
           mc_is_far_ahead(d);
}

void mc_fast_path_prepare(mc_conn *c)
{
    unsigned dir;

    c->fast_path = 0;
    if ((c->flags & (MC_C_SELF | MC_C_BEGUN | MC_C_NO_TIME)) != MC_C_BEGUN || c->reset_phase != MC_RESET_NONE ||
        (c->flags & (MC_C_HS_SYN_ACK | MC_C_HS_DONE)) == MC_C_HS_SYN_ACK ||
        ((c->endpoint[0].once | c->endpoint[1].once) & MC_ONCE_RST) != 0 ||      /* one that ended nothing */
        (mc_attempt_marks(c) & (MC_A_FOREIGN | MC_A_CHOSEN)) == MC_A_FOREIGN ||
        ((c->flags & (MC_C_HS_SYN | MC_C_SYN_ACK)) == MC_C_HS_SYN && mc_attempt_only_opens(c)) ||
        mc_tcp_awaits_round_trip(c) || c->endpoint[0].win == 0 || c->endpoint[1].win == 0 ||
        is_waiting(&c->endpoint[0]) || is_waiting(&c->endpoint[1]))
        return;
    for (dir = 0; dir < 2; dir++) {
        const mc_endpoint_state *d = &c->endpoint[dir];

        if (!is_settled(d, &c->endpoint[!dir]))
            continue;
        c->fast_path |= (uint8_t)(MC_FAST_SETTLED << dir);
        if ((d->known & MC_SYN_WINDOW) != 0)
            continue;
        if ((d->once & MC_ONCE_ACK) != 0 && (c->completeness & 4) != 0)
            c->fast_path |= (uint8_t)(MC_FAST_ACK << dir);
        if ((d->once & MC_ONCE_DATA) != 0 && (c->completeness & 8) != 0 && (d->options & MC_NXT_BY_ACK) == 0 &&
            (d->known & MC_KNOWN_BYTES) != 0 && d->highest_end == d->nxt)
            c->fast_path |= (uint8_t)(MC_FAST_DATA << dir);
    }
}

bool mc_fast_path_short_is_odd(const mc_match *m)
{
    mc_headers h;

    if (mc_may_be_padding(m->summary.len, m->summary.flags))
        return true;
    if (m->segment != NULL)
        return m->segment->alert;
    return mc_decode_find(m->packet, &h) && h.left > h.header &&
           mc_tls_is_alert(h.tcp + h.header, h.left - h.header, h.wire - h.header);
}
