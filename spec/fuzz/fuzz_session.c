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
 *     replay_session -w FOLDER FILE ADDRESS PORT ...    writes the seeds instead
 *
 * runs each capture, or a small one of its own when none is given, and N random changes of each.
 */
#include <stdlib.h>

#include "session_same.h"

#ifdef MCPCAP_FUZZ_REPLAY
#include "capture_bytes.h"
#endif

#define ANY_PORT   0x01
#define CHECKSUMS  0x02
#define FEW        0x04              /* room for a few connections only */
#define ASK_EARLY  0x08              /* the facts are asked for before the end, too */
#define PREAMBLE   7

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static mc_session *analyse(const uint8_t *data, size_t size, FILE *stream, way how)
{
    mc_options options = MC_OPTIONS_INIT;
    mc_input input = { .path = NULL, .stream = stream };
    mc_endpoint server;
    mc_session *s = NULL;
    char address[16];
    mc_error err;
    unsigned steps = 0;

    (void)size;
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
        all[i] = analyse(data, size, stream, (way)i);
        fclose(stream);
        if ((all[i] == NULL) != (all[0] == NULL))
            abort();
        if (i > 0 && all[i] != NULL)
            compare_sessions(all[0], all[i]);
    }
    if (check_failures != 0)
        abort();
    for (i = 0; i < WAYS; i++)
        mc_session_close(all[i]);
    free(copy);
    return 0;
}

#ifdef MCPCAP_FUZZ_REPLAY
#define MAX_INPUT (1u << 20)

static uint32_t random_state = 1;

static uint32_t random_below(uint32_t n)
{
    random_state = random_state * 1664525u + 1013904223u;
    return (uint32_t)((uint64_t)random_state * n >> 32);
}

/* Changes a few bytes, or cuts. */
static void run_changed(const uint8_t *input, size_t size)
{
    size_t n = random_below(8) == 0 ? random_below((uint32_t)size + 1) : size;
    uint8_t *copy = malloc(n > 0 ? n : 1);
    unsigned changes;

    if (copy == NULL)
        abort();
    memcpy(copy, input, n);
    for (changes = random_below(12); n > 0 && changes > 0; changes--)
        copy[random_below((uint32_t)n)] = (uint8_t)random_below(256);
    LLVMFuzzerTestOneInput(copy, n);
    free(copy);
}

/* Replaces the input in 'out' by the capture, for that server. */
static size_t read_capture(const char *path, const char *address, const char *port, uint8_t *out)
{
    mc_endpoint server;
    mc_error err;
    size_t n;
    FILE *in = fopen(path, "rb");

    if (in == NULL || mc_endpoint_parse(&server, address, (unsigned)atoi(port), &err) != MC_OK) {
        if (in != NULL)
            fclose(in);
        return 0;
    }
    out[0] = 0;
    memcpy(out + 1, server.addr + 12, 4);
    out[5] = (uint8_t)(server.port >> 8);
    out[6] = (uint8_t)server.port;
    n = fread(out + PREAMBLE, 1, MAX_INPUT - PREAMBLE, in);
    fclose(in);
    return n + PREAMBLE;
}

static bool write_seed(const char *folder, int number, const uint8_t *input, size_t size)
{
    char path[1024];
    FILE *out;

    snprintf(path, sizeof path, "%s/seed-%d", folder, number);
    out = fopen(path, "wb");
    return out != NULL && fwrite(input, 1, size, out) == size && fclose(out) == 0;
}

/* A connection from its SYN to its end, with a segment sent twice. */
static size_t build_own(uint8_t *out)
{
    static const struct {
        bool back;
        uint8_t flags, len;
        uint16_t seq, ack;
    } steps[] = {
        { false, MC_TH_SYN, 0, 100, 0 },           { true, MC_TH_SYN | MC_TH_ACK, 0, 500, 101 },
        { false, MC_TH_ACK, 0, 101, 501 },         { false, MC_TH_ACK | MC_TH_PSH, 20, 101, 501 },
        { true, MC_TH_ACK, 0, 501, 121 },          { true, MC_TH_ACK, 30, 501, 121 },
        { true, MC_TH_ACK, 30, 501, 121 },         { true, MC_TH_ACK, 9, 531, 121 },
        { false, MC_TH_ACK, 0, 121, 540 },         { true, MC_TH_ACK | MC_TH_FIN, 0, 540, 121 },
        { false, MC_TH_ACK | MC_TH_FIN, 0, 121, 541 }, { true, MC_TH_ACK, 0, 541, 122 },
    };
    static const uint8_t client[] = { 192, 0, 2, 7 }, server[] = { 192, 0, 2, 80 };
    bytes b = { .big = false };
    size_t size;
    unsigned i;

    put_pcap_header(&b, MAGIC_US, 2, 4, 65535, 1);
    for (i = 0; i < MC_ARRAY_LEN(steps); i++) {
        const unsigned ip = 40u + steps[i].len;

        b.big = false;
        put_pcap_record(&b, false, 1, i * 1000, 14 + ip, 14 + ip);
        b.big = true;
        put_zeros(&b, 12);
        put16(&b, 0x0800);
        put16(&b, 0x4500);
        put16(&b, ip);
        put16(&b, 1000 + i);
        put16(&b, 0x4000);
        put16(&b, 64u << 8 | 6);
        put16(&b, 0);
        put(&b, steps[i].back ? server : client, 4);
        put(&b, steps[i].back ? client : server, 4);
        put16(&b, steps[i].back ? 80 : 40000);
        put16(&b, steps[i].back ? 40000 : 80);
        put32(&b, steps[i].seq);
        put32(&b, steps[i].ack);
        put16(&b, 0x5000u | steps[i].flags);
        put16(&b, 8000);
        put32(&b, 0);
        put_zeros(&b, steps[i].len);
    }
    out[0] = 0;
    memcpy(out + 1, server, 4);
    out[5] = 0;
    out[6] = 80;
    memcpy(out + PREAMBLE, b.p, b.len);
    size = b.len + PREAMBLE;
    free(b.p);
    return size;
}

static void run(uint8_t *input, size_t size, unsigned long changes)
{
    unsigned i;

    for (i = 0; i < 16; i++) {
        input[0] = (uint8_t)i;
        LLVMFuzzerTestOneInput(input, size);
    }
    while (changes-- > 0) {
        input[0] = (uint8_t)random_below(16);
        run_changed(input, size);
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

        if (size == 0 || (folder != NULL && !write_seed(folder, runs, input, size))) {
            fprintf(stderr, "%s: cannot be read or written\n", argv[i]);
            return 1;
        }
        if (folder == NULL)
            run(input, size, changes);
        runs++;
    }
    if (runs == 0)
        run(input, build_own(input), changes);
    return 0;
}
#endif
