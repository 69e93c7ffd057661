/*
 * begun.h: outcomes that the way in which a connection was begun explains (tcp/attempt.h).
 */
#ifndef MC_BEGUN_H
#define MC_BEGUN_H

#include "outcomes/outcome.h"

/* MC_O_COUNT: there is nothing out of the ordinary about it. */
mc_outcome mc_outcome_of_opening(const mc_conn *c, const mc_story *story);

#endif
