/*
 * fuzz_session.c: the whole way from any bytes to the facts, in all ways that must make no
 * difference: that two differ stops the run.
 *
 * An input is how to go (1 byte: see the bits below), the server's IPv4 address (4) and port
 * (2), then the bytes of a capture.
 *
 * Built with MCPCAP_FUZZ_REPLAY it has a main() of its own, which needs no fuzzer:
 *
 *     replay_session [-n N] [FILE ADDRESS PORT ...]
 *     replay_session -w FOLDER [FILE ADDRESS PORT ...]    writes the seeds instead
 *
 * runs each capture, or small ones of its own when none is given, and N random changes of each.
 */
#include <stdlib.h>

#include "overview_same.h"
#include "session_same.h"

#ifndef MCPCAP_FUZZ_REPLAY
#include "mutate.h"
#endif

#ifdef MCPCAP_FUZZ_REPLAY
#include "capture_bytes.h"
#include "replay.h"
#endif

#define ANY_PORT   0x01
#define CHECKSUMS  0x02
#define FEW        0x04              /* room for a few connections only */
#define ASK_EARLY  0x08              /* the facts are asked for before the end, too */
#define PREAMBLE   7

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static mc_session *analyse(const uint8_t *data, FILE *stream, way how)
{
    mc_options options = MC_OPTIONS_INIT;
    mc_input input = { .path = NULL, .stream = stream };
    mc_endpoint server;
    mc_session *s = NULL;
    char address[16];
    mc_error err;
    unsigned steps = 0;

    snprintf(address, sizeof address, "%u.%u.%u.%u", data[1], data[2], data[3], data[4]);
    options.connections = 8;
    options.max_bytes = 1 << 20;     /* a bomb is no find */
    options.verify_checksums = (data[0] & CHECKSUMS) != 0;
    if ((data[0] & FEW) != 0)
        options.max_connections = 3;
    if (mc_endpoint_parse(&server, address, (data[0] & ANY_PORT) != 0 ? 0 : mc_be16(data + 5), &err) != MC_OK ||
        mc_session_open(&s, &input, 1, &server, &options, &err) != MC_OK)
        return NULL;
    go_this_way(s, how);
    while (mc_session_step(s, 37, 0, &err) == MC_OK)
        if ((data[0] & ASK_EARLY) != 0 && steps++ < 8 && mc_session_facts(s) == NULL)
            abort();
    return s;
}

typedef struct stretch {
    uint8_t *at;
    size_t size;
} stretch;

static mc_input open_bytes(void *arg)
{
    stretch *b = arg;

    return (mc_input){ .stream = fmemopen(b->at, b->size, "rb") };
}

static void close_bytes(const mc_input *input)
{
    fclose(input->stream);
}

/* Its servers one among others, and their connections with a diary. */
static void try_overview(const uint8_t *data, uint8_t *capture, size_t size)
{
    stretch b = { capture, size };
    const overview_source from = { open_bytes, close_bytes, &b };
    mc_options options = MC_OPTIONS_INIT;

    options.connections = 8;
    options.max_bytes = 1 << 20;
    options.verify_checksums = (data[0] & CHECKSUMS) != 0;
    compare_overview(&from, &options, (data[0] & FEW) != 0 ? 1 : 16, 2);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    mc_session *all[WAYS] = { NULL };
    uint8_t *copy;
    unsigned i;

    if (size <= PREAMBLE)
        return 0;
    copy = malloc(size - PREAMBLE);
    if (copy == NULL)
        abort();
    memcpy(copy, data + PREAMBLE, size - PREAMBLE);
    for (i = 0; i < WAYS; i++) {
        FILE *stream = fmemopen(copy, size - PREAMBLE, "rb");

        if (stream == NULL)
            abort();
        all[i] = analyse(data, stream, (way)i);
        fclose(stream);
        if ((all[i] == NULL) != (all[0] == NULL))
            abort();
        if (i > 0 && all[i] != NULL)
            compare_sessions(all[0], all[i]);
    }
    try_overview(data, copy, size - PREAMBLE);
    if (check_failures != 0)
        abort();
    for (i = 0; i < WAYS; i++)
        mc_session_close(all[i]);
    free(copy);
    return 0;
}

#ifndef MCPCAP_FUZZ_REPLAY
size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t most, unsigned seed);

size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t most, unsigned seed)
{
    if (size <= PREAMBLE || seed % 16 == 0)
        return LLVMFuzzerMutate(data, size, most);
    return PREAMBLE + mutate_capture(data + PREAMBLE, size - PREAMBLE, most - PREAMBLE, seed);
}
#endif

#ifdef MCPCAP_FUZZ_REPLAY
#define MAX_INPUT (1u << 20)

/* Replaces the input in 'out' by the capture, for that server. */
static size_t read_capture(const char *path, const char *address, const char *port, uint8_t *out)
{
    const size_t n = replay_capture(path, address, port, out + 1, out + PREAMBLE, MAX_INPUT - PREAMBLE);

    out[0] = 0;
    return n > 0 ? n + PREAMBLE : 0;
}

/* The frame of a segment between 192.0.2.7:40000 and 192.0.2.80:80; 'back': it comes from there. */
static void put_segment(bytes *b, unsigned number, bool back, unsigned flags, unsigned len, uint32_t seq, uint32_t ack)
{
    static const uint8_t ends[2][4] = { { 192, 0, 2, 7 }, { 192, 0, 2, 80 } };
    static const uint16_t ports[2] = { 40000, 80 };

    put_zeros(b, 12);
    put16(b, 0x0800);
    put16(b, 0x4500);
    put16(b, 40 + len);
    put16(b, 1000 + number);
    put16(b, 0x4000);
    put16(b, 64u << 8 | 6);
    put16(b, 0);
    put(b, ends[back], 4);
    put(b, ends[!back], 4);
    put16(b, ports[back]);
    put16(b, ports[!back]);
    put32(b, seq);
    put32(b, ack);
    put16(b, 0x5000u | flags);
    put16(b, number % 9 == 8 ? 0 : 8000);
    put32(b, 0);
    put_zeros(b, len);
}

/* A connection from its SYN to its end, with a hole and a segment sent twice.  'odd': at
   times that are as far apart as can be. */
static size_t build_own(uint8_t *out, bool odd)
{
    static const struct {
        bool back;
        uint8_t flags, len;
        uint16_t seq, ack;
    } steps[] = {
        { false, MC_TH_SYN, 0, 100, 0 },       { true, MC_TH_SYN | MC_TH_ACK, 0, 500, 101 },
        { false, MC_TH_ACK, 0, 101, 501 },     { false, MC_TH_ACK | MC_TH_PSH, 20, 101, 501 },
        { true, MC_TH_ACK, 0, 501, 121 },      { true, MC_TH_ACK, 30, 501, 121 },
        { true, MC_TH_ACK, 30, 501, 121 },     { true, MC_TH_ACK, 9, 541, 121 },
        { false, MC_TH_ACK, 0, 121, 531 },     { true, MC_TH_ACK, 10, 531, 121 },
        { false, MC_TH_ACK, 0, 121, 550 },     { true, MC_TH_ACK | MC_TH_FIN, 0, 550, 121 },
        { false, MC_TH_ACK | MC_TH_FIN, 0, 121, 551 }, { true, MC_TH_ACK, 0, 551, 122 },
    };
    static const uint64_t last = (uint64_t)INT64_MAX + 5000000000000000000u;     /* with the offset below */
    const uint64_t times[] = { 0, last, 5, last - 1, 6000000000000000000u };
    static const uint8_t server[] = { 192, 0, 2, 80, 0, 80 };
    bytes b = { .big = false }, frame = { .big = true };
    size_t size, at;
    unsigned i;

    if (odd) {
        put_section(&b);
        put_interface(&b, 1, 65535, 9, -5000000000);
    } else {
        put_pcap_header(&b, MAGIC_US, 2, 4, 65535, 1);
    }
    for (i = 0; i < MC_ARRAY_LEN(steps); i++) {
        frame.len = 0;
        put_segment(&frame, i, steps[i].back, steps[i].flags, steps[i].len, steps[i].seq, steps[i].ack);
        at = b.len + 28;
        if (odd) {
            put_enhanced(&b, 0, times[i % MC_ARRAY_LEN(times)], 0, (uint32_t)frame.len, (uint32_t)frame.len);
            memcpy(b.p + at, frame.p, frame.len);
        } else {
            put_pcap_record(&b, false, 1, i * 1000, (uint32_t)frame.len, (uint32_t)frame.len);
            put(&b, frame.p, frame.len);
        }
    }
    out[0] = 0;
    memcpy(out + 1, server, sizeof server);
    memcpy(out + PREAMBLE, b.p, b.len);
    size = b.len + PREAMBLE;
    free(b.p);
    free(frame.p);
    return size;
}

/* A stream without a SYN, of which more pieces are seen than there is room for: above the
   first one, below it, and in the holes between. */
static size_t build_holes(uint8_t *out)
{
    static const uint8_t server[] = { 192, 0, 2, 80, 0, 80 };
    bytes b = { .big = false }, frame = { .big = true };
    size_t size;
    unsigned i;

    put_pcap_header(&b, MAGIC_US, 2, 4, 65535, 1);
    for (i = 0; i < 120; i++) {
        const uint32_t step = (i + 1) / 2 * 64, at = i % 2 == 0 ? 100000 + step : 100000 - step;

        frame.len = 0;
        put_segment(&frame, i, true, MC_TH_ACK, 16, i < 100 ? at : 96800 + 32 + (i - 100) * 64, 500);
        put_pcap_record(&b, false, 1, i * 1000, (uint32_t)frame.len, (uint32_t)frame.len);
        put(&b, frame.p, frame.len);
    }
    out[0] = 0;
    memcpy(out + 1, server, sizeof server);
    memcpy(out + PREAMBLE, b.p, b.len);
    size = b.len + PREAMBLE;
    free(b.p);
    free(frame.p);
    return size;
}

static void run(uint8_t *input, size_t size, unsigned long changes)
{
    uint32_t random = 1;
    unsigned i;

    for (i = 0; i < 16; i++) {
        input[0] = (uint8_t)i;
        LLVMFuzzerTestOneInput(input, size);
    }
    while (changes-- > 0) {
        input[0] = (uint8_t)(same_random(&random) % 16);
        replay_changed(input, size, &random);
    }
}

int main(int argc, char **argv)
{
    static uint8_t input[MAX_INPUT];
    const char *folder = NULL;
    unsigned long changes = 0;
    int i, runs = 0;

    for (i = 1; i + 1 < argc && argv[i][0] == '-'; i += 2) {
        if (argv[i][1] == 'n')
            changes = strtoul(argv[i + 1], NULL, 10);
        else
            folder = argv[i + 1];
    }
    for (; i + 2 < argc; i += 3) {
        size_t size = read_capture(argv[i], argv[i + 1], argv[i + 2], input);

        if (size == 0 || (folder != NULL && !replay_write(folder, (unsigned)runs, input, size))) {
            fprintf(stderr, "%s: cannot be read or written\n", argv[i]);
            return 1;
        }
        if (folder == NULL)
            run(input, size, changes);
        runs++;
    }
    if (runs == 0 && folder != NULL)
        return replay_write(folder, 900, input, build_own(input, false)) && replay_write(folder, 901, input, build_own(input, true)) &&
               replay_write(folder, 902, input, build_holes(input)) ? 0 : 1;
    if (runs == 0) {
        run(input, build_own(input, false), changes);
        run(input, build_own(input, true), changes);
        run(input, build_holes(input), changes / 4);
    }
    return 0;
}
#endif
