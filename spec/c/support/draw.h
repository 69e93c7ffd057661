/*
 * draw.h: a fixed row of pseudo-random numbers.
 */
#ifndef DRAW_H
#define DRAW_H

#include <stdbool.h>
#include <stdint.h>

static uint64_t random_state;

/* The row of round 'n'. */
static inline void draw_from(unsigned long n)
{
    random_state = (uint64_t)n * 0x632be59bd9b4e019ull;
}

/* splitmix64 */
static inline uint32_t draw(uint32_t below)
{
    uint64_t z = random_state += 0x9e3779b97f4a7c15ull;

    z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9ull;
    z = (z ^ z >> 27) * 0x94d049bb133111ebull;
    return (uint32_t)((z ^ z >> 31) >> 32) % below;
}

static inline bool one_in(uint32_t n)
{
    return draw(n) == 0;
}

#endif
