/*
 * ears.h: streams that are heard from their beginning: what has come of one, in order or not, until
 * a message is whole.  Few at a time: the oldest makes room.
 */
#ifndef MC_EARS_H
#define MC_EARS_H

#include "base/base.h"

#define MC_EARS       32             /* unless it is said otherwise ... */
#define MC_EARS_MOST  250            /* ... at most so many */
#define MC_EAR_BYTES  (16384 + 1024) /* a ClientHello of 16 KiB, its records' headers, and a segment's beginning */
#define MC_EAR_RANGES 8

typedef struct mc_ear {
    uint32_t owner;                  /* who listens; 0: nobody */
    uint8_t side;
    uint32_t filled;                 /* bytes from the first on */
    uint32_t range_count;            /* of what lies beyond */
    struct {
        uint32_t lo, hi;
    } range[MC_EAR_RANGES];
    uint8_t bytes[MC_EAR_BYTES];
} mc_ear;

typedef struct mc_ears {
    mc_ear *at[MC_EARS_MOST];        /* made when they are needed */
    uint32_t most, next;
} mc_ears;

void mc_ears_init(mc_ears *t, uint32_t most);
void mc_ears_free(mc_ears *t);
uint64_t mc_ears_memory(const mc_ears *t);

/*
 * An ear for 'owner' and its side; whose it was before is written to 'was' and 'was_side' (0: nobody).
 * Returns its number, from 1; 0: no memory.
 */
uint8_t mc_ears_take(mc_ears *t, uint32_t owner, uint8_t side, uint32_t *was, uint8_t *was_side);

/* It is not needed any more. */
void mc_ears_give_back(mc_ears *t, uint8_t number);

static inline mc_ear *mc_ears_at(const mc_ears *t, uint8_t number)
{
    return t->at[number - 1];
}

/* Keeps 'len' bytes from position 'at' on; what does not fit is left out. */
void mc_ear_put(mc_ear *e, uint32_t at, const uint8_t *p, uint32_t len);

/* The first 'len' bytes are done with, whether they have come or not. */
void mc_ear_drop(mc_ear *e, uint32_t len);

#endif
