/*
 * replay.h: changed copies of inputs, for the programs that replay without a fuzzer.
 */
#ifndef REPLAY_H
#define REPLAY_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/base.h"
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

/* Puts the server's IPv4 address and port at 'server' (6 bytes), and at 'out' the first bytes of the capture.  Returns
   how many these are; 0: it cannot be read. */
static inline size_t replay_capture(const char *path, const char *address, const char *port, uint8_t *server,
                                    uint8_t *out, size_t most)
{
    mc_endpoint end;
    mc_error err;
    size_t n;
    FILE *in = fopen(path, "rb");

    if (in == NULL || mc_endpoint_parse(&end, address, (unsigned)atoi(port), &err) != MC_OK) {
        if (in != NULL)
            fclose(in);
        return 0;
    }
    memcpy(server, end.addr + 12, 4);
    server[4] = (uint8_t)(end.port >> 8);
    server[5] = (uint8_t)end.port;
    n = fread(out, 1, most, in);
    fclose(in);
    return n;
}

/* The input as a seed of its own in 'folder'. */
static inline bool replay_write(const char *folder, unsigned number, const uint8_t *input, size_t size)
{
    char path[1024];
    bool written;
    FILE *out;

    snprintf(path, sizeof path, "%s/seed-%03u", folder, number);
    out = fopen(path, "wb");
    if (out == NULL)
        return false;
    written = fwrite(input, 1, size, out) == size;
    return fclose(out) == 0 && written;
}

/* The main() of a target with seeds of its own, by number: each is run, and -n N random changes of it; with -w FOLDER they are
   written instead.  An input stays until the next one is asked for. */
static inline int replay_seeds(int argc, char **argv, unsigned count, mc_view (*seed)(unsigned number))
{
    const unsigned long rounds = argc > 2 && strcmp(argv[1], "-n") == 0 ? strtoul(argv[2], NULL, 10) : 0;
    const char *folder = argc > 2 && strcmp(argv[1], "-w") == 0 ? argv[2] : NULL;
    uint32_t random = 1;
    unsigned long n;
    unsigned i;

    for (i = 0; i < count; i++) {
        const mc_view input = seed(i);

        if (folder != NULL) {
            if (!replay_write(folder, i, input.p, input.len))
                return 1;
            continue;
        }
        LLVMFuzzerTestOneInput(input.p, input.len);
        for (n = 0; n < rounds; n++)
            replay_changed(input.p, input.len, &random);
    }
    return 0;
}

#endif
