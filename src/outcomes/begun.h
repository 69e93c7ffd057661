/*
 * begun.h: outcomes that the way in which a connection was begun explains (tcp/attempt.h).
 */
#ifndef MC_BEGUN_H
#define MC_BEGUN_H

#include "outcomes/outcome.h"

/* MC_O_COUNT: there is nothing out of the ordinary about it. */
mc_outcome mc_outcome_of_opening(const mc_conn *c, const mc_story *story);

/* What was never sent is acknowledged, and reset: that says nothing of the attempt (RFC 9293, 3.10.7.4); somebody else answered. */
bool mc_acks_other_numbers(const mc_conn *c);

/*
 * The opener acknowledged what its peer had never sent, and the reset that answers this bears that number and no
 * acknowledgement (RFC 9293, 3.10.7.4): it was no reset of this connection, whose data passed behind it both ways.
 */
bool mc_reset_answers_other_numbers(const mc_conn *c, const mc_story *story);

#endif
