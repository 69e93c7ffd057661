/*
 * first_few.h: examples of the connections that began first, from a walk that meets them in
 * no order.
 */
#ifndef MC_FIRST_FEW_H
#define MC_FIRST_FEW_H

#include "decode/decode.h"

typedef struct mc_first_few {
    uint32_t count;
    struct mc_first_frame {
        uint64_t begin, frame;
    } *items;                        /* MC_FIRST_FEW of them, allocated with the first: most lists stay empty */
} mc_first_few;

/*
 * An example that repeats the one before it is left out, and a frame carries at most
 * MC_MAX_SEGMENTS segments, so the first MC_EXAMPLES are among so many:
 */
#define MC_FIRST_FEW ((MC_EXAMPLES - 1) * MC_MAX_SEGMENTS + 1)

/* Frame 'frame' of a connection that began at 'begin' (mc_conn.begin).  False: no memory. */
static inline bool mc_first_few_note(mc_first_few *l, uint64_t begin, uint64_t frame);

/* Hands the list over, and frees it. */
void mc_first_few_give(mc_examples *e, mc_first_few *l);

/* ------------------------------------------------------------------ bodies */

/* The same of one that may be among them. */
bool mc_first_few_insert(mc_first_few *l, uint64_t begin, uint64_t frame);

static inline bool mc_first_few_note(mc_first_few *l, uint64_t begin, uint64_t frame)
{
    return (l->count == MC_FIRST_FEW && begin > l->items[MC_FIRST_FEW - 1].begin) || mc_first_few_insert(l, begin, frame);
}

#endif
