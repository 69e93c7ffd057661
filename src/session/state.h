/*
 * state.h: a session that goes on behind what a file says, and one that is written to a file.
 */
#ifndef MC_SESSION_STATE_H
#define MC_SESSION_STATE_H

#include "decode/decode.h"
#include "mcpcap.h"
#include "state/piece.h"

struct mc_session;

/* What a session keeps for being saved, and of the state that it began with. */
typedef struct mc_replay mc_replay;

typedef struct mc_saving {
    mc_looked_at looked_at;
    mc_state_facts inherited;        /* of the state that it began with */
    mc_piece_place place;            /* of the piece that is being read */
    FILE *spool;                     /* NULL: it is not kept; borrowed */
    mc_capture_facts begun;          /* sums when the piece began */
    mc_capture_facts apart;          /* sums of frames that are kept as they are ... */
    mc_capture_facts apart_at;       /* ... all, when the latest was begun */
    mc_replay *replay;               /* NULL: it began with nothing */
    bool replayed;                   /* all of it is done */
} mc_saving;

/* What is not asked for is as it was in options.state. */
mc_status mc_saving_inherit(mc_saving *v, mc_options *options, mc_error *err);

/* Opens options.state and the log to be kept in options.spool. */
mc_status mc_saving_open(struct mc_session *s, const mc_endpoint *server, const mc_options *options, mc_error *err);
void mc_saving_close(struct mc_session *s);

/* Goes on with the state that it began with, by about 'budget' records.  MC_END: that is done. */
mc_status mc_saving_step(struct mc_session *s, size_t *budget, mc_error *err);

#endif
