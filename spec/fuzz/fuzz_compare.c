/*
 * fuzz_compare.c: two captures of any bytes, compared.
 *
 * An input is the window (1 byte), the server's IPv4 address (4) and port (2), the length of the
 * first capture (3 bytes), then both captures.
 *
 * Built with MCPCAP_FUZZ_REPLAY it has a main() of its own, which needs no fuzzer:
 *
 *     replay_compare [-n N] [FILE ADDRESS PORT ...]
 *     replay_compare -w FOLDER FILE ADDRESS PORT ...    writes the seeds instead
 *
 * compares each capture with itself, and N times with random changes of both.
 */
#include <stdio.h>
#include <stdlib.h>

#include "compare/compare.h"

#ifndef MCPCAP_FUZZ_REPLAY
#include "mutate.h"
#endif

#ifdef MCPCAP_FUZZ_REPLAY
#include "replay.h"
#endif

#define PREAMBLE 10

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* All that a side has is told in one way or another. */
static void check(const mc_between_facts *f)
{
    unsigned side, dir, what;

    if (f->near < 0 || f->near > 1)
        abort();
    for (dir = 0; dir < 2; dir++)
        for (side = 0; side < 2; side++)
            for (what = 0; what < MC_ALONES; what++)
                if (f->direction[dir].alone[what][side].examples.count > f->direction[dir].alone[what][side].count)
                    abort();
    if (f->paired > f->trails[0] || f->paired > f->trails[1])
        abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    mc_options options = MC_OPTIONS_INIT;
    mc_input inputs[2] = { { .path = NULL } };
    mc_compare_source sources[2];
    const mc_compare_facts *facts;
    mc_compare *c = NULL;
    char address[16];
    size_t first;
    uint8_t *copy;
    mc_error err;
    unsigned i;

    if (size <= PREAMBLE)
        return 0;
    copy = malloc(size - PREAMBLE);
    if (copy == NULL)
        abort();
    memcpy(copy, data + PREAMBLE, size - PREAMBLE);
    size -= PREAMBLE;
    first = (size_t)data[7] << 16 | (size_t)data[8] << 8 | data[9];
    if (first > size)
        first = size;
    if (first == 0 || first == size) {
        free(copy);
        return 0;
    }
    snprintf(address, sizeof address, "%u.%u.%u.%u", data[1], data[2], data[3], data[4]);
    options.connections = 4;
    options.max_bytes = 1 << 20;
    inputs[0].stream = fmemopen(copy, first, "rb");
    inputs[1].stream = fmemopen(copy + first, size - first, "rb");
    for (i = 0; i < 2; i++) {
        sources[i] = (mc_compare_source){ .inputs = &inputs[i], .input_count = 1 };
        if (inputs[i].stream == NULL || mc_endpoint_parse(&sources[i].server, address, mc_be16(data + 5), &err) != MC_OK)
            abort();
    }
    if (mc_compare_open(&c, sources, 2, &options, 4u + data[0], &err) == MC_OK) {
        while (mc_compare_step(c, 37, 0, &err) == MC_OK)
            ;
        facts = mc_compare_get_facts(c);
        if (facts == NULL)
            abort();
        check(facts->between[0]);
    }
    mc_compare_close(c);
    fclose(inputs[0].stream);
    fclose(inputs[1].stream);
    free(copy);
    return 0;
}

#ifndef MCPCAP_FUZZ_REPLAY
size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t most, unsigned seed);

/* One of both captures; where the first one ends follows. */
size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t most, unsigned seed)
{
    static uint8_t piece[1u << 20];
    size_t first, second, now;

    first = size > PREAMBLE ? (size_t)data[7] << 16 | (size_t)data[8] << 8 | data[9] : 0;
    if (first == 0 || first >= size - PREAMBLE || size > sizeof piece || seed % 16 == 0)
        return LLVMFuzzerMutate(data, size, most);
    second = size - PREAMBLE - first;
    if (seed % 3 == 0)
        return PREAMBLE + first + mutate_capture(data + PREAMBLE + first, second, most - PREAMBLE - first, seed);
    memcpy(piece, data + PREAMBLE, first);
    now = mutate_capture(piece, first, mc_min_u64(sizeof piece, most - PREAMBLE - second), seed);
    memmove(data + PREAMBLE + now, data + PREAMBLE + first, second);
    memcpy(data + PREAMBLE, piece, now);
    data[7] = (uint8_t)(now >> 16);
    data[8] = (uint8_t)(now >> 8);
    data[9] = (uint8_t)now;
    return PREAMBLE + now + second;
}
#endif

#ifdef MCPCAP_FUZZ_REPLAY
#define MAX_INPUT (1u << 20)

static size_t read_twice(const char *path, const char *address, const char *port, uint8_t *out)
{
    const size_t n = replay_capture(path, address, port, out + 1, out + PREAMBLE, MAX_INPUT);

    out[0] = 200;
    out[7] = (uint8_t)(n >> 16);
    out[8] = (uint8_t)(n >> 8);
    out[9] = (uint8_t)n;
    memcpy(out + PREAMBLE + n, out + PREAMBLE, n);
    return n > 0 ? 2 * n + PREAMBLE : 0;
}

static void replay(const uint8_t *input, size_t size, unsigned changes, uint32_t *random)
{
    LLVMFuzzerTestOneInput(input, size);
    while (changes-- > 0)
        replay_changed(input, size, random);
}

int main(int argc, char **argv)
{
    static uint8_t input[2 * MAX_INPUT + PREAMBLE];
    const char *folder = NULL;
    unsigned changes = 0;
    uint32_t random = 1;
    size_t size;
    int i = 1;

    if (argc > 2 && strcmp(argv[1], "-n") == 0)
        changes = (unsigned)atoi(argv[2]);
    if (argc > 2 && strcmp(argv[1], "-w") == 0)
        folder = argv[2];
    if (argc > 2 && argv[1][0] == '-')
        i = 3;
    for (; i + 2 < argc; i += 3) {
        size = read_twice(argv[i], argv[i + 1], argv[i + 2], input);
        if (size == 0 || (folder != NULL && !replay_write(folder, (unsigned)i, input, size)))
            return 1;
        if (folder == NULL)
            replay(input, size, changes, &random);
    }
    return 0;
}
#endif
