/*
 * causes.h: the sums of why data was sent again, which later evidence may change.
 */
#ifndef MC_CAUSES_H
#define MC_CAUSES_H

#include "tcp/repeats.h"

/* Whose sums change with a cause. */
typedef struct mc_cause_sums {
    mc_direction_facts *facts;
    uint32_t *lost;                  /* of the connection: segments lost on their way */
} mc_cause_sums;

/* One more with this cause, or one less. */
void mc_causes_count(const mc_cause_sums *s, const mc_repeat *r, unsigned cause, bool more);

/* For repeats.h; 'arg' is a mc_cause_sums. */
void mc_causes_recount(void *arg, const mc_repeat *r, unsigned from);

/* The capture is over: what is still open on endpoint 'dir'; '*lost' of it. */
void mc_causes_end(mc_direction_facts *facts, const mc_conn *c, unsigned dir, bool black_hole, int64_t end_ns,
                   uint32_t *lost);

#endif
