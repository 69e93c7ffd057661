/*
 * candidates.h: which servers a capture has, in case it has not the one that was
 * asked for.  Bounded: past MC_CANDIDATE_ROOM endpoints the least busy give way.
 */
#ifndef MC_CANDIDATES_H
#define MC_CANDIDATES_H

#include "decode/decode.h"

#define MC_CANDIDATE_ROOM 4096

typedef struct mc_candidates mc_candidates;

mc_candidates *mc_candidates_open(void);         /* NULL: no memory */
void mc_candidates_close(mc_candidates *t);      /* accepts NULL */

/* Counts both ends of a segment. */
void mc_candidates_add(mc_candidates *t, const mc_segment *s, uint32_t frame_bytes);

/* Adds what another table has of an endpoint. */
void mc_candidates_join(mc_candidates *t, const mc_candidate *other);

/* The endpoint at place 'i', below MC_CANDIDATE_ROOM; NULL: none is there. */
const mc_candidate *mc_candidates_at(const mc_candidates *t, uint32_t i);

/* Whether 'addr' is one end of any segment. */
bool mc_candidates_has_address(const mc_candidates *t, const uint8_t addr[16]);

/*
 * Writes the likeliest servers to 'out' (room for MC_CANDIDATES), those of
 * 'asked' (its address, then its port) first among equals, and returns their
 * number; 'total' gets the number of endpoints that look like servers.
 */
uint32_t mc_candidates_rank(const mc_candidates *t, const mc_endpoint *asked, mc_candidate *out,
                            uint64_t *total);

#endif
