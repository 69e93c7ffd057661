/*
 * fuzz_state.c: a state that nobody can trust, with right sums: what is in its chunks may be anything.
 *
 * An input is a row of chunks: kind (1), length (2), bytes.  They stand behind options that fit.
 *
 * Built with MCPCAP_FUZZ_REPLAY it has a main() of its own: replay_state [-n N] changes the state of a capture
 * of its own; replay_state -w FOLDER writes it.
 */
#include <stdlib.h>
#include <unistd.h>

#include "mcpcap.h"
#include "state/piece.h"

#ifdef MCPCAP_FUZZ_REPLAY
#include "capture_bytes.h"
#endif
#include "replay.h"

static mc_endpoint server;

static void write_state(FILE *file, const uint8_t *data, size_t size)
{
    const mc_options options = MC_OPTIONS_INIT;
    mc_chunk_writer w = { 0 };
    mc_looked_at looked_at;
    mc_packer k = { 0 };

    mc_chunk_begin(&w, file);
    mc_looked_at_set(&looked_at, &server, &options);
    mc_looked_at_pack(&k, &looked_at);
    mc_chunk_write(&w, MC_CHUNK_OPTIONS, k.bytes, k.count);
    free(k.bytes);
    while (size >= 3) {
        size_t len = mc_le16(data + 1);

        if (len > size - 3)
            len = size - 3;
        mc_chunk_write(&w, (mc_chunk_kind)(data[0] % MC_CHUNK_KINDS), data + 3, len);
        data += 3 + len;
        size -= 3 + len;
    }
    mc_chunk_finish(&w);
    mc_chunk_writer_free(&w);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static char path[] = "/tmp/fuzz-state-XXXXXX";
    static int fd = -1;
    mc_options options = MC_OPTIONS_INIT;
    mc_session *s = NULL;
    mc_error err;
    FILE *file;

    if (fd < 0) {
        fd = mkstemp(path);
        if (fd < 0 || mc_endpoint_parse(&server, "192.0.2.80", 80, &err) != MC_OK)
            abort();
    }
    file = fopen(path, "wb");
    if (file == NULL)
        abort();
    write_state(file, data, size);
    fclose(file);
    options.state = path;
    options.max_connections = 64;
    if (mc_session_open(&s, NULL, 0, &server, &options, &err) == MC_OK) {
        mc_status status;

        do
            status = mc_session_step(s, 37, 0, &err);
        while (status == MC_OK);
        if (status == MC_END && mc_session_facts(s) == NULL)
            abort();
    }
    mc_session_close(s);
    return 0;
}

#ifdef MCPCAP_FUZZ_REPLAY
#define MOST (1u << 16)

/* A capture of the server: two connections' worth of segments, one of them in fragments; from the 'first' frame on. */
static void build_capture(bytes *b, unsigned first)
{
    static const uint8_t ends[2][4] = { { 192, 0, 2, 7 }, { 192, 0, 2, 80 } };
    uint32_t next[2] = { 100, 500 };
    unsigned i;

    put_pcap_header(b, MAGIC_US, 2, 4, 65535, 1);
    for (i = 0; i < 40; i++) {
        const unsigned back = i == 0 ? 0 : i == 1 ? 1 : i % 3 == 0, len = i < 3 ? 0 : i * 7 % 60;
        const unsigned flags = i == 0 ? MC_TH_SYN : i == 1 ? MC_TH_SYN | MC_TH_ACK : i == 39 ? MC_TH_FIN | MC_TH_ACK : MC_TH_ACK;
        bytes f = { .big = true };

        put_zeros(&f, 12);
        put16(&f, 0x0800);
        put16(&f, 0x4500);
        put16(&f, 40 + len);
        put16(&f, 1000 + i);
        put16(&f, i == 20 ? 0x2000 : 0x4000);
        put16(&f, 64u << 8 | 6);
        put16(&f, 0);
        put(&f, ends[back], 4);
        put(&f, ends[!back], 4);
        put16(&f, back ? 80 : 40000);
        put16(&f, back ? 40000 : 80);
        put32(&f, next[back]);
        put32(&f, i == 0 ? 0 : next[!back]);
        put16(&f, 0x5000u | flags);
        put16(&f, 8000);
        put32(&f, 0);
        put_zeros(&f, len);
        next[back] += len + (i < 2);
        if (i >= first) {
            put_pcap_record(b, false, 1, i * 1000, (uint32_t)f.len, (uint32_t)f.len);
            put(b, f.p, f.len);
        }
        free(f.p);
    }
}

/* Its state as an input, or a part of it: 'alone', the handshake is in another one, and what is said is kept aside. */
static size_t build_input(uint8_t *out, bool alone)
{
    char path[] = "/tmp/fuzz-saved-XXXXXX";
    const int fd = mkstemp(path);
    mc_options options = MC_OPTIONS_INIT;
    bytes b = { .big = false };
    mc_input input = { .path = NULL };
    mc_session *s = NULL;
    mc_chunk_reader r;
    mc_chunk chunk;
    mc_error err;
    size_t size = 0;
    FILE *file;

    build_capture(&b, alone ? 3 : 0);
    options.alone = alone;
    input.stream = fmemopen(b.p, b.len, "rb");
    options.spool = tmpfile();
    if (fd < 0 || input.stream == NULL || options.spool == NULL || mc_endpoint_parse(&server, "192.0.2.80", 80, &err) != MC_OK ||
        mc_session_open(&s, &input, 1, &server, &options, &err) != MC_OK)
        abort();
    while (mc_session_step(s, 0, 0, &err) == MC_OK)
        ;
    if (mc_session_save(s, path, &err) != MC_OK)
        abort();
    mc_session_close(s);
    fclose(options.spool);
    fclose(input.stream);
    free(b.p);
    file = fopen(path, "rb");
    if (file == NULL || mc_chunk_open(&r, file, path, false, &err) != MC_OK)
        abort();
    while (mc_chunk_read(&r, &chunk, &err) == MC_OK) {
        if (chunk.kind == MC_CHUNK_OPTIONS)
            continue;
        if (size + 3 + chunk.count > MOST)
            abort();
        out[size] = (uint8_t)chunk.kind;
        out[size + 1] = (uint8_t)chunk.count;
        out[size + 2] = (uint8_t)(chunk.count >> 8);
        memcpy(out + size + 3, chunk.bytes, chunk.count);
        size += 3 + chunk.count;
    }
    mc_chunk_reader_free(&r);
    fclose(file);
    close(fd);
    unlink(path);
    return size;
}

int main(int argc, char **argv)
{
    const unsigned long times = argc > 2 && strcmp(argv[1], "-n") == 0 ? strtoul(argv[2], NULL, 10) : 200;
    uint8_t *input = malloc(MOST);
    uint32_t random = 1;
    bool written = true;
    unsigned alone;

    if (input == NULL)
        abort();
    for (alone = 0; alone < 2; alone++) {
        const size_t size = build_input(input, alone != 0);
        unsigned long n = times;

        if (argc > 2 && strcmp(argv[1], "-w") == 0) {
            written &= replay_write(argv[2], alone, input, size);
            continue;
        }
        LLVMFuzzerTestOneInput(input, size);
        while (n-- > 0)
            replay_changed(input, size, &random);
    }
    free(input);
    return written ? 0 : 1;
}
#endif
