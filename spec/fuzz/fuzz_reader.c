/*
 * fuzz_reader.c: any bytes as an input of a source, and to the parsers in pieces that are exact
 * copies, so that a sanitizer sees a read past them.
 *
 * A libFuzzer target; with MCPCAP_FUZZ_REPLAY a program of its own:
 *
 *     replay_reader [-n N] [FILE...]
 *     replay_reader -w FOLDER         writes small captures of its own
 *
 * runs each file, or those when none is given, and N random changes of each.
 */
#include <stdlib.h>

#include "capture/reader.h"
#include "capture/source.h"

#ifndef MCPCAP_FUZZ_REPLAY
#include "mutate.h"
#endif

#ifdef MCPCAP_FUZZ_REPLAY
#include "capture_bytes.h"
#include "packed_captures.h"
#include "replay.h"
#endif

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Touches every byte, so that a wrong pointer is noticed. */
static uint64_t touch(const mc_packet *packets, size_t count)
{
    uint64_t sum = 0;
    size_t i, k;

    for (i = 0; i < count; i++) {
        for (k = 0; k < packets[i].caplen; k++)
            sum += packets[i].data[k];
        sum += (uint64_t)packets[i].time_ns;
    }
    return sum;
}

/* In pieces of changing size; the number of packets, which must not depend on them. */
static size_t push(mc_reader *r, const uint8_t *data, size_t size, size_t piece, bool *bad)
{
    mc_packet packets[8];
    size_t from = 0, length = 0, used, count, total = 0;
    mc_parse verdict = MC_PARSE_MORE;
    uint8_t *copy;

    while (verdict == MC_PARSE_MORE && (from + length < size || r->waits)) {
        r->ended = from + length == size;
        length += piece;
        if (length > size - from)
            length = size - from;
        do {
            copy = malloc(length > 0 ? length : 1);
            if (copy == NULL)
                abort();
            if (length > 0)
                memcpy(copy, data + from, length);
            verdict = mc_reader_consume(r, copy, length, &used, packets, 8, &count);
            if (used > length || count > 8)
                abort();
            touch(packets, count);
            free(copy);
            from += used;
            length -= used;
            total += count;
        } while (verdict == MC_PARSE_FULL);
    }
    *bad = verdict == MC_PARSE_BAD;
    if (!*bad)
        mc_reader_at_end(r, data + from, length);
    mc_reader_close(r);
    return total;
}

static void push_both(const uint8_t *data, size_t size, mc_reader *(*open)(void))
{
    bool bad_whole, bad_pieces;
    size_t whole = push(open(), data, size, size > 0 ? size : 1, &bad_whole);
    size_t pieces = push(open(), data, size, size > 4096 ? 997 : 13, &bad_pieces);

    if (whole != pieces || bad_whole != bad_pieces)
        abort();
}

static void read_source(const uint8_t *data, size_t size)
{
    mc_options options = MC_OPTIONS_INIT;
    mc_input input = { .path = NULL };
    mc_packet packets[16];
    mc_source_facts facts;
    mc_source *s = NULL;
    mc_error err;
    size_t count, calls = 0;
    uint8_t *copy = malloc(size > 0 ? size : 1);

    if (copy == NULL || size == 0) {
        free(copy);
        return;
    }
    memcpy(copy, data, size);
    input.stream = fmemopen(copy, size, "rb");
    options.max_bytes = 1 << 20;     /* a bomb is no find */
    if (input.stream != NULL && mc_source_open(&s, &input, 1, &options, &err) == MC_OK) {
        while (mc_source_next(s, packets, 16, &count, 0, &err) == MC_OK && calls++ < 1000000)
            touch(packets, count);
        mc_source_get_facts(s, &facts);
        mc_source_close(s);
    }
    if (input.stream != NULL)
        fclose(input.stream);
    free(copy);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    push_both(data, size, mc_reader_pcap_open);
    push_both(data, size, mc_reader_pcapng_open);
    read_source(data, size);
    return 0;
}

#ifndef MCPCAP_FUZZ_REPLAY
size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t most, unsigned seed);

size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t most, unsigned seed)
{
    return mutate_capture(data, size, most, seed);
}
#endif

#ifdef MCPCAP_FUZZ_REPLAY
static const char *folder;           /* seeds are written to it instead */

static void replay(const uint8_t *data, size_t size, unsigned long rounds)
{
    static unsigned number;
    uint32_t random = 1;

    if (folder != NULL) {
        if (!replay_write(folder, number++, data, size))
            abort();
        return;
    }
    LLVMFuzzerTestOneInput(data, size);
    while (rounds-- > 0)
        replay_changed(data, size, &random);
}

static void replay_own(unsigned long rounds)
{
    bytes b = { .big = false };
    unsigned i;

    put_pcap_header(&b, MAGIC_US, 2, 4, 100, 1);
    for (i = 0; i < 4; i++) {
        put_pcap_record(&b, false, i, i, 20 + i, 100);
        put_payload(&b, i, 20 + i);
    }
    replay(b.p, b.len, rounds);
    b.len = 0;
    put_section(&b);
    put_interface(&b, 1, 100, 9, 1);
    put_enhanced(&b, 0, 1, 1, 33, 60);
    put_simple(&b, 2, 30, 30);
    put_obsolete(&b, 0, 1, 5, 3, 20, 20);
    put_section(&b);
    put_interface(&b, 101, 0, 0x80 | 20, 0);
    put_enhanced(&b, 0, 1, 1, 33, 60);
    replay(b.p, b.len, rounds);
    free(b.p);
    replay(packed_gzip, sizeof packed_gzip, rounds);
    replay(packed_zstd, sizeof packed_zstd, rounds);
    replay(packed_xz, sizeof packed_xz, rounds);
    replay(packed_lz4, sizeof packed_lz4, rounds);
    replay(packed_bzip2, sizeof packed_bzip2, rounds);
}

int main(int argc, char **argv)
{
    unsigned long rounds = 0;
    bool any = false;
    uint8_t *data;
    size_t size, room = 1 << 20;
    FILE *f;
    int i;

    for (i = 1; i < argc; i++) {
        if (strcmp(argv[i], "-n") == 0 && i + 1 < argc) {
            rounds = strtoul(argv[++i], NULL, 10);
            continue;
        }
        if (strcmp(argv[i], "-w") == 0 && i + 1 < argc) {
            folder = argv[++i];
            continue;
        }
        f = fopen(argv[i], "rb");
        if (f == NULL)
            return 1;
        data = malloc(room);
        size = data == NULL ? 0 : fread(data, 1, room, f);
        fclose(f);
        replay(data, size, rounds);
        free(data);
        any = true;
    }
    if (!any)
        replay_own(rounds);
    return 0;
}
#endif
