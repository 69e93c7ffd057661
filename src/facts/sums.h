/*
 * sums.h: what all connections together say, and the most telling of them.
 */
#ifndef MC_SUMS_H
#define MC_SUMS_H

#include "table/flow.h"

/*
 * Adds up 'flows' into 'f', whose capture and direction facts must be set, and forms at
 * most 'rows_wanted' rows.  Changes nothing in 'flows'.  False: no memory.
 */
bool mc_sums_fill(const mc_flows *flows, uint32_t rows_wanted, mc_facts *f);

#endif
