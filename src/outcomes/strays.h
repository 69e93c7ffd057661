/*
 * strays.h: single packets that belong to another connection: their port was damaged, or
 * rewritten on the way.
 *
 * A packet that is all that was seen of its pair, and whose numbers lie within what both
 * sides of another connection of the same host have sent at that time, is that
 * connection's: by chance that is one in millions.
 */
#ifndef MC_STRAYS_H
#define MC_STRAYS_H

#include "base/base.h"
#include "tcp/conn.h"

#define MC_STRAYS 64u                /* more single packets are no damage: nothing is said of them then */

typedef struct mc_stray {
    uint8_t peer[16];
    uint64_t frame, bytes;
    int64_t time_ns;
    uint32_t end, ack;
    uint16_t peer_port, server_port;
    uint8_t dir;
    bool found;
} mc_stray;

typedef struct mc_strays {
    uint32_t count;
    mc_stray item[MC_STRAYS];
} mc_strays;

/* First with each connection: may it be one? */
void mc_strays_note(mc_strays *t, const mc_conn *c);

/* Is there any to look for? */
static inline bool mc_strays_any(const mc_strays *t);

/* Then with each connection again: is any of them its own? */
void mc_strays_look(mc_strays *t, const mc_conn *c);

/* In the end. */
void mc_strays_sum(const mc_strays *t, mc_connection_facts *f);

/* ------------------------------------------------------------------ bodies */

static inline bool mc_strays_any(const mc_strays *t)
{
    return t->count > 0 && t->count <= MC_STRAYS;
}

#endif
