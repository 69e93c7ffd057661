/*
 * replay.h: changed copies of inputs, for the programs that replay without a fuzzer.
 */
#ifndef REPLAY_H
#define REPLAY_H

#include <stdlib.h>
#include <string.h>

#include "decode_same.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Runs a copy in a block of exactly its size: a few bytes changed, one in four cut. */
static inline void replay_changed(const uint8_t *input, size_t size, uint32_t *random)
{
    size_t n = same_random(random) % 4 == 0 ? same_random(random) % (size + 1) : size;
    uint8_t *copy = malloc(n > 0 ? n : 1);
    unsigned changes;

    if (copy == NULL)
        abort();
    memcpy(copy, input, n);
    for (changes = same_random(random) % 8; n > 0 && changes > 0; changes--)
        copy[same_random(random) % n] = (uint8_t)same_random(random);
    LLVMFuzzerTestOneInput(copy, n);
    free(copy);
}

#endif
