/*
 * apart.h: frames of a session that is kept for being saved which are kept as they are.
 */
#ifndef MC_APART_H
#define MC_APART_H

#include "session/session.h"

/*
 * Must a frame be looked at once more behind what came before?  Pieces of IP datagrams, the first of which may lie in
 * another piece; names that are asked for; claims of the server's address.  'was': what the decoder had counted before it.
 */
bool mc_apart_is_due(const mc_session *s, mc_verdict verdict, const mc_segment *segments, size_t count, const mc_decode_stats *was);

/* It is: what it adds to the sums between both calls is left out of the piece's. */
void mc_apart_begins(mc_session *s, const mc_packet *p, const mc_decode_stats *was);
void mc_apart_ends(mc_session *s);

#endif
