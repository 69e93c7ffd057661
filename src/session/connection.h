/*
 * connection.h: one connection of a server, segment by segment.
 *
 * A session that was opened here is stepped, stopped and closed as any other.  A connection that
 * is known by a frame or a number only has to be found first, by a reading of its own.
 */
#ifndef MC_ENGINE_CONNECTION_H
#define MC_ENGINE_CONNECTION_H

#include "engine/diary.h"
#include "mcpcap.h"

/* The connection between 'client' and the session's server is told; one of its pair if there are several. */
mc_status mc_connection_open(mc_session **out, const mc_input *inputs, size_t input_count, const mc_endpoint *server,
                             const mc_endpoint *client, const mc_options *options, mc_error *err);

/* The diary is kept as long as the session. */
mc_diary *mc_connection_diary(mc_session *s);

/* Who is at the other end of a segment in the frame after those that were read; see mc_connection_find(). */
typedef struct mc_connection_place {
    mc_endpoint client, server;
    uint64_t begin;                  /* mc_conn.begin; 0: of the frame's connection it is not known yet */
} mc_connection_place;

/*
 * Reads on until it is known where the connection with frame 'frame' or, if that is 0, the one that is
 * the 'number'th to begin, has its ends.  MC_OK: not yet.  MC_END: it is known, or it never will be
 * ('found' is false).
 */
mc_status mc_connection_find(mc_session *s, uint64_t frame, uint64_t number, size_t budget, unsigned wait_ms,
                             mc_connection_place *out, bool *found, mc_error *err);

/* A connection of the diary's pair: the one that 'begin' says, or holds a segment of frame 'frame', or the first. */
typedef struct mc_connection_told {
    uint64_t begin, number;          /* the how many-th of all to begin, from 1 */
    uint64_t others;                 /* connections of the same pair */
    uint64_t other_frame[MC_EXAMPLES];           /* first frames of the first ones */
    mc_top_connection row;
} mc_connection_told;

/* False: there is none.  Brings the causes in the diary up to their last word. */
bool mc_connection_tell(mc_session *s, uint64_t begin, uint64_t frame, mc_connection_told *out);

#endif
