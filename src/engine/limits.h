/*
 * limits.h: which data segments are looked at for what limits a transfer (tcp/limits.h).
 */
#ifndef MC_ENGINE_LIMITS_H
#define MC_ENGINE_LIMITS_H

#include "engine/match.h"

/* Data of a side in the middle of its turn, after a pause: from here on it is followed. */
void mc_limits_pause(mc_analysis *a, mc_conn *c, unsigned dir, int64_t now);

/* A segment that has to be looked at, as a fast path has it before it is among what is outstanding. */
void mc_limits_look_at(mc_analysis *a, mc_conn *c, unsigned dir, const mc_segment_summary *s, int64_t now);

/* The same on the full path, which has moved on: 'look' holds what was before. */
void mc_limits_look_back(mc_analysis *a, mc_conn *c, unsigned dir, mc_limits_look *look);

/* What the look needs of the side before the rules take its segment. */
void mc_limits_before(const mc_endpoint_state *d, const mc_segment *s, int64_t now, mc_limits_look *look);

/* The peer of endpoint 'dir' has announced another window without acknowledging more. */
void mc_limits_note_window(mc_conn *c, unsigned dir);

static inline bool mc_limits_are_due(const mc_endpoint_state *d, int64_t now)
{
    return d->data_over == 0 || (d->detail != NULL && now >= d->detail->limits.due_ns);
}

#endif
