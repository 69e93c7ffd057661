/*
 * limits.h: what limited a side of a connection, and a direction of all.
 */
#ifndef MC_FACTS_LIMITS_H
#define MC_FACTS_LIMITS_H

#include "tcp/conn.h"

/* What was found about side 'dir' of 'c'; time_ns 0: it cannot be told. */
void mc_limits_of(const mc_conn *c, unsigned dir, mc_limit_shares *out);

/* Adds the same to the sums of its direction. */
void mc_limits_add(mc_limit_facts *f, const mc_conn *c, unsigned dir);

#endif
