/*
 * aggregates.h: what all connections together say, and the most telling of them.
 */
#ifndef MC_AGGREGATES_H
#define MC_AGGREGATES_H

#include "facts/stats.h"
#include "outcomes/attempts.h"
#include "outcomes/dialogue.h"
#include "table/flow.h"

/*
 * Adds up 'flows' into 'f', whose server, capture, direction and response facts must be set, and forms at most
 * 'top_wanted' rows; 'elsewhere' (or NULL) says what clients do besides, 'timeline' (or NULL) who spoke when.  Changes
 * nothing in 'flows'.  False: no memory.
 */
bool mc_aggregates_fill(const mc_flows *flows, const mc_speech *speech, const mc_elsewhere *elsewhere,
                        const mc_timeline *timeline, uint32_t top_wanted, mc_facts *f);

/* Frees what a result holds; what is left may be filled again. */
void mc_facts_free(mc_facts *f);

#endif
