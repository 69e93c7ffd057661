/*
 * replay.h: gives a session what a file has kept of another one.
 */
#ifndef MC_REPLAY_H
#define MC_REPLAY_H

#include "session/state.h"

mc_status mc_replay_open(mc_replay **out, struct mc_session *s, const char *path, mc_error *err);
void mc_replay_close(mc_replay *r);              /* accepts NULL */

/* Goes on by about 'budget' records, which are taken off.  MC_END: all of it is given. */
mc_status mc_replay_step(mc_replay *r, struct mc_session *s, size_t *budget, mc_error *err);

/* Its pieces go to 'w' as they lie in the file. */
mc_status mc_replay_copy(mc_replay *r, mc_chunk_writer *w, mc_error *err);

#endif
