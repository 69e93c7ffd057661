/*
 * take.h: private: frames of a session.
 */
#ifndef MC_TAKE_H
#define MC_TAKE_H

#include "session/session.h"

/* A segment of the server has come: who else there is does not matter any more. */
void mc_session_begin_matching(mc_session *s);

/* The frames from 'p' to 'end', all of them wanted, of the session's packets. */
void mc_session_take_frames(mc_session *s, const mc_packet *p, const mc_packet *end);

/* One frame that is not handled by a short way; what waits goes to the analysis. */
void mc_session_take_frame(mc_session *s, const mc_packet *p);
void mc_session_flush(mc_session *s);

/* Who asks many hosts for one port; NULL: no memory. */
mc_sweeps *mc_session_sweeps(mc_session *s);

#endif
