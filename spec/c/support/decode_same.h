/*
 * decode_same.h: holds the fast path against the full path.
 */
#ifndef DECODE_SAME_H
#define DECODE_SAME_H

#include <string.h>

#include "decode/decode.h"

/* A small generator (xorshift), so that every run is the same. */
static inline uint32_t same_random(uint32_t *state)
{
    *state ^= *state << 13;
    *state ^= *state >> 17;
    *state ^= *state << 5;
    return *state;
}

/*
 * Whether both segments say the same; a verified checksum is nothing that the fast path
 * knows.
 */
static inline bool same_segment(const mc_segment *a, const mc_segment *b)
{
    return memcmp(a->src, b->src, 16) == 0 && memcmp(a->dst, b->dst, 16) == 0 &&
           a->sport == b->sport && a->dport == b->dport && a->seq == b->seq && a->ack == b->ack &&
           a->len == b->len && a->win == b->win && a->flags == b->flags &&
           (a->has & ~MC_BAD_CHECKSUM) == (b->has & ~MC_BAD_CHECKSUM) &&
           a->len_known == b->len_known && a->ip_version == b->ip_version && a->ttl == b->ttl &&
           a->alert == b->alert && a->mptcp == b->mptcp && a->mptcp_reset == b->mptcp_reset &&
           a->scale == b->scale && a->sack_count == b->sack_count &&
           a->reassembled == b->reassembled && a->mss == b->mss && a->ip_id == b->ip_id &&
           a->ts_val == b->ts_val && a->ts_ecr == b->ts_ecr &&
           memcmp(a->sack, b->sack, a->sack_count * sizeof a->sack[0]) == 0;
}

/*
 * Decodes 'packet' with 'fast' and with 'general', a decoder that verifies checksums and
 * therefore never takes the fast path.  True: the same came out. What a reader forgets to
 * write differs, since both start from other bytes.
 */
static inline bool same_decode(mc_decoder *fast, mc_decoder *general, const mc_packet *packet)
{
    mc_segment a[MC_MAX_SEGMENTS], b[MC_MAX_SEGMENTS];
    size_t a_count, b_count, i;
    mc_verdict va, vb;

    memset(a, 0x55, sizeof a);
    memset(b, 0xaa, sizeof b);
    for (i = 0; i < MC_MAX_SEGMENTS; i++)        /* any bool must be one of two */
        a[i].len_known = a[i].alert = !(b[i].len_known = b[i].alert = true);
    va = mc_decode(fast, packet, a, &a_count);
    vb = mc_decode(general, packet, b, &b_count);
    if (va != vb || a_count != b_count)
        return false;
    for (i = 0; i < a_count; i++)
        if (!same_segment(&a[i], &b[i]))
            return false;
    return true;
}

#endif
