/*
 * seq.h: arithmetic on sequence numbers.
 */
#ifndef MC_SEQ_H
#define MC_SEQ_H

#include <stdbool.h>
#include <stdint.h>

/* a < b, modulo 2^32 (RFC 9293, 3.4).  At a distance of exactly 2^31 both a < b
   and b < a hold, as in the reference. */
static inline bool mc_seq_before(uint32_t a, uint32_t b)
{
    return (uint32_t)(a - b) > 0x7fffffffu;
}

static inline bool mc_seq_after(uint32_t a, uint32_t b)
{
    return mc_seq_before(b, a);
}

static inline bool mc_seq_not_after(uint32_t a, uint32_t b)
{
    return a == b || mc_seq_before(a, b);
}

/* How far 'a' and 'b' are apart, the nearer way round. */
static inline uint32_t mc_seq_distance(uint32_t a, uint32_t b)
{
    return mc_seq_before(a, b) ? b - a : a - b;
}

#endif
