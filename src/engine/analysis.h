/*
 * analysis.h: one server's segments in, sums out.
 *
 * The way of a segment: its connection (flow) -> rules (tcp) -> bytes -> states
 * and endings (state) -> late or not, and why (late) -> the sums of its direction.
 */
#ifndef MC_ANALYSIS_H
#define MC_ANALYSIS_H

#include "engine/match.h"

mc_status mc_analysis_init(mc_analysis *a, const mc_endpoint *server, const mc_options *options,
                           mc_error *err);
void mc_analysis_free(mc_analysis *a);

/* Are the payload bytes of 's', so few that they may be padding, and whose headers are the shortest, all there and zero? */
bool mc_analysis_is_zeros(const mc_match *m, const mc_segment *s);

/* Takes 'count' segments, in order, of packets that begin at 'packets' with frame 'first'. */
void mc_analysis_segments(mc_analysis *a, mc_match *matches, uint32_t count, const mc_packet *packets,
                          uint64_t first, mc_prefetcher *prefetcher);

#endif
