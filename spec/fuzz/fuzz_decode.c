/*
 * fuzz_decode.c: the decoder on hostile frames.
 *
 * An input is a link type (1 byte: an index into the list below; beyond it: unknown), then frames: captured
 * length (2), bytes that were cut off (2), both big-endian, and the bytes. Each
 * frame is decoded in a block of exactly its size, in both ways; that
 * they differ, or a segment that cannot be, stops the run.
 *
 * Built with MCPCAP_FUZZ_REPLAY it has a main() of its own, which needs no fuzzer:
 *
 *     replay_decode [-n MUTATIONS] FILE...    each input, then so many changed copies of it
 *     replay_decode -w FOLDER                 writes the seeds: one input for each encapsulation
 */
#include <stdio.h>
#include <stdlib.h>

#include "decode/decode.h"
#include "frame_kinds.h"

#ifdef MCPCAP_FUZZ_REPLAY
#include "replay.h"
#endif

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const uint32_t linktypes[] = {
    1,   0,   6,   7,   8,   9,   10,  11,  12,  14,  19,  50,  51,  100, 101, 104, 105, 106, 107, 108,
    109, 113, 117, 119, 127, 129, 163, 166, 178, 192, 204, 219, 228, 229, 239, 242, 258, 276,
    226, 281, 282, 284, 285,
};

static void require(bool condition)
{
    if (!condition)
        abort();
}

static void check_frame(mc_decoder *fast, mc_decoder *general, const mc_packet *packet)
{
    mc_segment segs[MC_MAX_SEGMENTS];
    mc_decoder *alone = frame_decoder();
    mc_verdict verdict;
    size_t count, i;

    require(same_decode(fast, general, packet));
    require((mc_decode_icmp(fast) != NULL) == (mc_decode_icmp(general) != NULL));

    verdict = mc_decode(alone, packet, segs, &count);
    require(verdict < MC_V_COUNT && count <= MC_MAX_SEGMENTS && (count > 0) == (verdict == MC_V_TCP));
    for (i = 0; i < count; i++) {
        require(segs[i].scale <= 14 && segs[i].sack_count <= MC_MAX_SACK);
        require(segs[i].ip_version == 4 || segs[i].ip_version == 6);
        require(segs[i].len <= packet->caplen || segs[i].len <= packet->wirelen);
    }
    mc_decoder_close(alone);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    mc_view rest = { data, size };
    const uint8_t *h = mc_take(&rest, 1);
    mc_decoder *fast, *general = NULL;
    mc_packet packet = { 0 };

    if (h == NULL)
        return 0;
    packet.linktype = h[0] < MC_ARRAY_LEN(linktypes) ? linktypes[h[0]] : 147;
    fast = frame_decoder();
    require(mc_decoder_open(&general, true, NULL) == MC_OK);

    while ((h = mc_take(&rest, 4)) != NULL) {
        size_t captured = mc_be16(h);
        uint8_t *copy;

        if (captured > rest.len)
            captured = rest.len;
        copy = malloc(captured > 0 ? captured : 1);
        require(copy != NULL);
        memcpy(copy, mc_take(&rest, captured), captured);
        packet.data = copy;
        packet.caplen = (uint32_t)captured;
        packet.wirelen = (uint32_t)captured + mc_be16(h + 2);
        packet.time_ns += MC_NS_PER_S;
        check_frame(fast, general, &packet);
        free(copy);
    }
    mc_decoder_close(fast);
    mc_decoder_close(general);
    return 0;
}

#ifdef MCPCAP_FUZZ_REPLAY

#define MAX_INPUT (1u << 20)

static size_t read_file(const char *path, uint8_t *out)
{
    FILE *in = fopen(path, "rb");
    size_t n;

    if (in == NULL)
        return 0;
    n = fread(out, 1, MAX_INPUT, in);
    fclose(in);
    return n;
}

static uint8_t index_of(uint32_t linktype)
{
    uint8_t i;

    for (i = 0; i < MC_ARRAY_LEN(linktypes); i++)
        if (linktypes[i] == linktype)
            return i;
    return UINT8_MAX;
}

/* One encapsulation as an input. */
static size_t build_seed(size_t kind, uint8_t *out)
{
    static frame f;
    size_t length;

    frame_kinds[kind].build(&f);
    length = frame_length(&f);
    out[0] = index_of(frame_kinds[kind].linktype);
    out[1] = (uint8_t)(length >> 8);
    out[2] = (uint8_t)length;
    out[3] = 0;
    out[4] = 0;
    memcpy(out + 5, frame_start(&f), length);
    return 5 + length;
}

static int write_seeds(const char *folder)
{
    uint8_t seed[4096];
    char path[4096];
    size_t kind, length;
    FILE *out;

    for (kind = 0; kind < MC_ARRAY_LEN(frame_kinds); kind++) {
        length = build_seed(kind, seed);
        snprintf(path, sizeof path, "%s/%03zu-%s", folder, kind, frame_kinds[kind].name);
        out = fopen(path, "wb");
        if (out == NULL || fwrite(seed, 1, length, out) != length) {
            fprintf(stderr, "%s: cannot be written\n", path);
            return 1;
        }
        fclose(out);
    }
    return 0;
}

int main(int argc, char **argv)
{
    static uint8_t input[MAX_INPUT];
    unsigned long mutations = 0, m, runs = 0;
    uint32_t random = 1;
    size_t size, kind;
    int i = 1;

    if (argc == 3 && strcmp(argv[1], "-w") == 0)
        return write_seeds(argv[2]);
    if (argc > 2 && strcmp(argv[1], "-n") == 0) {
        mutations = strtoul(argv[2], NULL, 10);
        i = 3;
    }
    for (kind = 0; kind < MC_ARRAY_LEN(frame_kinds); kind++) {
        size = build_seed(kind, input);
        LLVMFuzzerTestOneInput(input, size);
        for (m = 0; m < mutations; m++)
            replay_changed(input, size, &random);
        runs += mutations + 1;
    }
    for (; i < argc; i++) {
        size = read_file(argv[i], input);
        LLVMFuzzerTestOneInput(input, size);
        for (m = 0; m < mutations; m++)
            replay_changed(input, size, &random);
        runs += mutations + 1;
    }
    printf("%lu inputs\n", runs);
    return 0;
}

#endif
