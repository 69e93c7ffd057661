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

/*
 * Must a frame be looked at once more behind what came before, so that it is kept as it is?  Pieces of IP datagrams, the
 * first of which may lie in another piece; names that are asked for; claims of the server's address.  'was': what the decoder
 * had counted before it.
 */
bool mc_saving_keeps_frame(const struct mc_session *s, mc_verdict verdict, const mc_segment *segments, size_t count,
                           const mc_decode_stats *was);

/* It is: what it adds to the sums between both calls is left out of the piece's.  Its 'count' segments are the next ones
   of the session. */
void mc_saving_frame_begins(struct mc_session *s, const mc_packet *p, size_t count, const mc_decode_stats *was);
void mc_saving_frame_ends(struct mc_session *s);

#endif
