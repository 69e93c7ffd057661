/*
 * steady.c: the short way; see mc_analysis_segment() for the general one.
 */
#include "steady.h"

/* What both sides must know of each other before anything can be steady. */
#define KNOWN (MC_KNOWN_BASE | MC_KNOWN_NXT | MC_KNOWN_CONTIG | MC_KNOWN_ACK | MC_KNOWN_WIN)

/*
 * What must hold of half 'd', whose peer is 'r', for any segment of it.  Only a SYN, FIN
 * or RST changes the state of a side that has one.
 */
static bool is_settled(const mc_half *d, const mc_half *r)
{
    return (d->known & r->known & KNOWN) == KNOWN && d->contig == d->nxt && d->last_events == 0 &&
           r->last_events == 0 && d->state != MC_ST_INACTIVE && (d->detail == NULL || !d->detail->zero_open);
}

void mc_steady_prepare(mc_conn *c)
{
    unsigned dir;

    c->ready = 0;
    if ((c->flags & (MC_C_SELF | MC_C_BEGUN)) != MC_C_BEGUN || c->reset_phase != MC_RESET_NONE ||
        (c->flags & (MC_C_HS_SYN_ACK | MC_C_HS_DONE)) == MC_C_HS_SYN_ACK ||
        ((c->flags & MC_C_SYN) != 0 && c->irtt_ns == 0) || c->half[0].win == 0 || c->half[1].win == 0)
        return;
    for (dir = 0; dir < 2; dir++) {
        const mc_half *d = &c->half[dir];

        if (!is_settled(d, &c->half[!dir]))
            continue;
        c->ready |= (uint8_t)(MC_READY_SETTLED << dir);
        if ((d->known & MC_SYN_WINDOW) != 0)
            continue;
        if ((d->once & MC_ONCE_ACK) != 0 && (c->completeness & 4) != 0)
            c->ready |= (uint8_t)(MC_READY_ACK << (2 * dir));
        if ((d->once & MC_ONCE_DATA) != 0 && (c->completeness & 8) != 0 &&
            (d->known & MC_KNOWN_BYTES) != 0 && d->top == d->nxt)
            c->ready |= (uint8_t)(MC_READY_DATA << (2 * dir));
    }
}
