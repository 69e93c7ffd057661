/*
 * test_damage.c: broken captures.  The parsers are held against libpcap: every
 * truncation, every byte set to five values, thousands of random mutations; the same
 * packets, the same damage at the same place, or a difference that is written
 * down here.  Then files whose outcome is known beforehand.
 */
#include "capture_bytes.h"

#include "check.h"

/* A small capture of each format, with something of everything. */
static bytes small_pcap(bool big, uint32_t magic)
{
    bytes b = { .big = big };
    unsigned i;

    put_pcap_header(&b, magic, 2, 4, 100, 1);
    for (i = 0; i < 4; i++) {
        put_pcap_record(&b, magic == MAGIC_PATCHED, 1000 + i, i * 1000, 20 + 30 * i, 200);
        put_payload(&b, i, 20 + 30 * i);
    }
    return b;
}

static bytes small_pcapng(bool big)
{
    bytes b = { .big = big };
    size_t at;

    put_section(&b);
    put_interface(&b, 1, 100, 6, 5);
    put_enhanced(&b, 0, 1000001, 1, 20, 200);
    at = begin_block(&b, 4);
    put32(&b, 0);
    end_block(&b, at);
    put_interface(&b, 1, 100, 9, 0);
    put_enhanced(&b, 1, 1000001, 2, 33, 200);
    put_simple(&b, 3, 30, 30);
    put_obsolete(&b, 1, 0, 77, 4, 40, 60);
    put_section(&b);
    put_interface(&b, 1, 100, -1, 0);
    put_enhanced(&b, 0, 3, 5, 21, 21);
    return b;
}

/*
 * What libpcap 1.10 ends at and the parsers read on: it has one link type, one
 * snapshot length and one byte order for a whole file; its first section header is
 * followed by any other before an interface.  1.10.5 also wants zeros between the link
 * type and the bits above it, which 1.10.3 does not look at.
 */
static bool reads_less(const char *words)
{
    static const char *const known[] = {
        "an interface has a type", "an interface has a snapshot length",
        "the file has sections with different byte orders", "savefile linktype reserved field not zero",
    };
    size_t i;

    for (i = 0; i < MC_ARRAY_LEN(known); i++)
        if (strstr(words, known[i]) != NULL)
            return true;
    return false;
}

static const char *words_of(const outcome *o)
{
    return o->status == MC_END ? o->facts.truncated_reason : o->err.msg;
}

/* Within the file header libpcap counts what it got from the fifth byte on; 1.11 has two other texts, with numbers. */
static bool same_words(const outcome *own, const outcome *lib)
{
    static const char *const texts[][2] = {
        { "file header bytes", "file header bytes" },
        { "archaic pcap savefile format", "unsupported pcap savefile version " },
        { "block total length in header and trailer don't match", "block total length in header " },
    };
    const char *a = words_of(own), *b = words_of(lib);
    size_t i;

    if (strcmp(a, b) == 0)
        return true;
    for (i = 0; i < MC_ARRAY_LEN(texts); i++)
        if (strstr(a, texts[i][0]) != NULL && strstr(b, texts[i][1]) != NULL)
            return true;
    return false;
}

static bool same_times(const outcome *own, const outcome *lib)
{
    uint64_t i;

    for (i = 0; i < own->packets && i < SEEN_MAX; i++) {
        /* Out of the range of int64 nanoseconds libpcap wraps and the parsers stop. */
        if (own->times[i] == INT64_MAX || own->times[i] <= -INT64_MAX)
            continue;
        /* Ticks of 2^-n: libpcap's product of 64 bits overflows, so only seconds hold. */
        if (own->times[i] != lib->times[i]
            && own->times[i] / 1000000000 != lib->times[i] / 1000000000)
            return false;
    }
    return true;
}

/* Reads from memory, which is faster than a file for each of many thousand cases. */
static outcome read_memory(const uint8_t *p, size_t length, const char *reader, size_t batch)
{
    mc_options options = MC_OPTIONS_INIT;
    mc_input input = { .path = NULL };
    uint8_t *copy = malloc(length + 1);
    outcome o;

    memcpy(copy, p, length);
    /* an empty stream is longer by nothing: fmemopen() has no use for length 0 */
    input.stream = length == 0 ? fopen("/dev/null", "rb") : fmemopen(copy, length, "rb");
    options.switches = &(mc_switches)MC_SWITCHES(mc_reading_named(reader));
    o = read_inputs(&input, 1, &options, batch);
    fclose(input.stream);
    free(copy);
    return o;
}

/* Reads both ways; false, with words on standard error, when they differ unexpectedly. */
static bool agree(const char *what, size_t where, const uint8_t *p, size_t length, bool pcapng)
{
    outcome own = read_memory(p, length, "own", 16);
    outcome lib = read_memory(p, length, "libpcap", 1);
    bool good;

    if (reads_less(words_of(&lib)))
        good = own.packets >= lib.packets;
    else if (own.facts.over_snaplen > 0)     /* libpcap clips such packets, or gives up in pcapng */
        good = pcapng ? own.packets >= lib.packets : own.packets == lib.packets;
    else
        good = own.packets == lib.packets && own.status == lib.status && own.sum == lib.sum
            && own.facts.truncated == lib.facts.truncated && same_words(&own, &lib)
            && same_times(&own, &lib)
            /* libpcap's pcapng records begin where the last packet's block ended */
            && (pcapng ? own.facts.truncated_offset >= lib.facts.truncated_offset
                       : own.facts.truncated_offset == lib.facts.truncated_offset);
    if (!good)
        fprintf(stderr, "%s %zu: own %s %" PRIu64 " at %" PRIu64 " \"%s\", libpcap %s %" PRIu64
                " at %" PRIu64 " \"%s\"\n", what, where, mc_status_code(own.status), own.packets,
                own.facts.truncated_offset, words_of(&own), mc_status_code(lib.status), lib.packets,
                lib.facts.truncated_offset, words_of(&lib));
    return good;
}

static bytes sample(size_t which)
{
    return which == 0 ? small_pcap(false, MAGIC_US)
         : which == 1 ? small_pcap(true, MAGIC_NS)
         : which == 2 ? small_pcap(false, MAGIC_PATCHED)
         : which == 3 ? small_pcapng(false)
                      : small_pcapng(true);
}

#define SAMPLES 5

static void test_every_truncation_is_as_libpcap_has_it(void)
{
    size_t which, n;

    for (which = 0; which < SAMPLES; which++) {
        bytes b = sample(which);

        for (n = 0; n <= b.len; n++)
            CHECK(agree("cut", n, b.p, n, which >= 3));
        free(b.p);
    }
}

static void test_a_cut_between_records_is_no_damage_and_within_one_is(void)
{
    bytes b = small_pcap(false, MAGIC_US);
    size_t n, boundary = 24, record = 0;

    for (n = 24; n <= b.len; n++) {
        outcome o = read_bytes_by(b.p, n, "read", 16);

        if (n == boundary) {
            CHECK_EQ(o.status, MC_END);
            CHECK_EQ(o.packets, record);
            CHECK(!o.facts.truncated);
            boundary += 16 + 20 + 30 * record;
            record++;
        } else if (record == 1) {
            CHECK_EQ(o.status, MC_TRUNCATED);
        } else {
            CHECK_EQ(o.status, MC_END);
            CHECK_EQ(o.packets, record - 1);
            CHECK(o.facts.truncated);
            CHECK_EQ(o.facts.truncated_offset, boundary - (16 + 20 + 30 * (record - 1)));
            CHECK_STR(o.facts.truncated_input, file_name);
        }
    }
    free(b.p);
}

static void test_every_byte_at_five_values_is_as_libpcap_has_it(void)
{
    static const uint8_t values[] = { 0x00, 0x01, 0x7f, 0x80, 0xff };
    size_t which, n, v;

    for (which = 0; which < SAMPLES; which++) {
        bytes b = sample(which);

        for (n = 0; n < b.len; n++) {
            uint8_t before = b.p[n];

            for (v = 0; v < MC_ARRAY_LEN(values); v++) {
                /* payload changes nothing: a part of it is enough */
                if (v > 0 && which != 0 && n % 3 != 0 && n > 200)
                    break;
                b.p[n] = values[v];
                CHECK(agree("byte", n * 256 + values[v], b.p, b.len, which >= 3));
            }
            b.p[n] = before;
        }
        free(b.p);
    }
}

/* xorshift64*: the same sequence everywhere */
static uint64_t next_random(uint64_t *state)
{
    *state ^= *state >> 12;
    *state ^= *state << 25;
    *state ^= *state >> 27;
    return *state * 0x2545f4914f6cdd1du;
}

static void test_random_mutations_are_as_libpcap_has_it(void)
{
    const char *wanted = getenv("MCPCAP_MUTATIONS");
    unsigned long rounds = wanted != NULL ? strtoul(wanted, NULL, 10) : 4000;
    uint64_t state = 0x9e3779b97f4a7c15u;
    unsigned long i;
    size_t changes;

    for (i = 0; i < rounds; i++) {
        size_t which = next_random(&state) % SAMPLES;
        bytes b = sample(which);
        size_t length = b.len;

        for (changes = 1 + next_random(&state) % 6; changes > 0; changes--) {
            size_t at = next_random(&state) % length;

            switch (next_random(&state) % 4) {
            case 0:
                b.p[at] = (uint8_t)next_random(&state);
                break;
            case 1:
                b.p[at] ^= (uint8_t)(1u << next_random(&state) % 8);
                break;
            case 2:                  /* bytes fall out */
                memmove(b.p + at, b.p + at + (at + 4 <= length ? 4 : 0),
                        length - at - (at + 4 <= length ? 4 : 0));
                length -= at + 4 <= length ? 4 : 0;
                break;
            default:
                set32(&b, at + 4 <= length ? at : 0, next_random(&state) % 3 == 0
                                                        ? 0xffffffffu : next_random(&state) % 300);
                break;
            }
        }
        CHECK(agree("mutation", i, b.p, length, which >= 3));
        free(b.p);
    }
}

/* ------------------------------------------------------------------ known outcomes */

typedef struct known {
    const char *name;
    mc_status status;
    uint64_t packets;
    const char *words;               /* part of the reason; NULL: no damage */
} known;

static unsigned known_count;

static void expect(const known *k, const uint8_t *p, size_t length)
{
    outcome o = read_bytes_by(p, length, NULL, 16);
    bool good = o.status == k->status && o.packets == k->packets
             && (k->words == NULL ? !o.facts.truncated && o.status == MC_END
                                  : strstr(words_of(&o), k->words) != NULL)
             && (k->status == MC_END || strncmp(o.err.msg, file_name, strlen(file_name)) == 0)
             && o.facts.truncated == (k->status == MC_END && k->words != NULL);

    known_count++;
    if (!good)
        fprintf(stderr, "%s: %s %" PRIu64 " \"%s\"\n", k->name, mc_status_code(o.status), o.packets,
                words_of(&o));
    CHECK(good);
}

static void test_files_that_are_no_captures(void)
{
    static const struct { const char *name, *bytes; size_t length; } files[] = {
        { "text", "Hello, world, this is no capture\n", 33 },
        { "HTML", "<!DOCTYPE html><html></html>", 28 },
        { "JSON", "{\"a\": [1, 2, 3, 4, 5]}", 22 },
        { "ELF", "\177ELF\2\1\1\0\0\0\0\0\0\0\0\0\3\0", 18 },
        { "a text about snoop", "snoop is a tool of Solaris", 26 },
        { "zeros", "\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0", 16 },
        { "a text file that begins like pcapng", "\n\r\r\nHello, world, hello", 24 },
        { "ERF or so", "\1\2\3\4\5\6\7\10\11\12\13\14\15\16\17\20", 16 },
        { "nearly pcap", "\xd4\xc3\xb2\xa0\2\0\4\0aaaaaaaaaaaaaaaa", 24 },
        { "the BZh of a text", "BZhello world, this is text", 27 },
    };
    static const struct { const char *name, *bytes; size_t length; const char *words; } packed[] = {
        { "zip", "PK\3\4aaaaaaaaaaaaaaaaaaaa", 24, "compressed with zip" },
        { "7z", "7z\xbc\xaf\x27\x1c" "aaaaaaaaaaaaaaaa", 22, "compressed with 7z" },
        { "compress", "\x1f\x9d\x90" "aaaaaaaaaaaaaaaaaa", 21, "compressed with compress" },
        { "old lz4", "\2\x21\x4c\x18" "aaaaaaaaaaaaaaaa", 20, "compressed with legacy lz4" },
    };
    static const struct { const char *name, *bytes; size_t length; const char *words; } foreign[] = {
        { "snoop", "snoop\0\0\0\0\0\0\2\0\0\0\4aaaaaaaa", 24, "Sun snoop, which is not read here; editcap -F pcapng" },
        { "NetMon", "GMBU\0\2\0\0aaaaaaaaaaaaaaaa", 24,
          "Microsoft Network Monitor 2, which is not read here; with TZ set to the time zone it was written in, editcap" },
        { "K12", "+---------+---------------+----------+\r\n03:15:07", 48, "K12 text" },
        { "Sniffer", "XCP\0002.001\0aaaaaaaaaaaa", 22, "Windows Sniffer" },
        { "Observer", "ObserverPktBufferVersion=15.00\0\0", 32, "Observer" },
        { "rf5", "\0\0\2\0\22\5\0\20aaaaaaaa", 16, "Tektronix K12" },
    };
    size_t i;

    for (i = 0; i < MC_ARRAY_LEN(files); i++) {
        known k = { files[i].name, MC_FORMAT, 0, "unknown file format" };

        expect(&k, (const uint8_t *)files[i].bytes, files[i].length);
    }
    for (i = 0; i < MC_ARRAY_LEN(packed); i++) {
        known k = { packed[i].name, MC_UNSUPPORTED, 0, packed[i].words };

        expect(&k, (const uint8_t *)packed[i].bytes, packed[i].length);
    }
    for (i = 0; i < MC_ARRAY_LEN(foreign); i++) {
        known k = { foreign[i].name, MC_FORMAT, 0, foreign[i].words };

        expect(&k, (const uint8_t *)foreign[i].bytes, foreign[i].length);
    }
    for (i = 0; i < 4; i++) {
        known k = { "too short for a magic", MC_FORMAT, 0, "truncated dump file" };

        expect(&k, (const uint8_t *)"\xd4\xc3\xb2", i);
    }
}

static void test_pcap_headers_with_known_outcomes(void)
{
    static const struct { unsigned major, minor; const char *words; } versions[] = {
        { 0, 0, "archaic" }, { 1, 4, "archaic" }, { 2, 5, "unsupported pcap savefile version 2.5" },
        { 3, 0, "version 3.0" }, { 543, 1, "version 543.1" }, { 65535, 65535, "65535.65535" },
        { 2, 65535, "2.65535" }, { 1, 0, "archaic" },
    };
    static const struct { uint32_t snaplen, caplen; mc_status status; const char *words; } lengths[] = {
        { 65535, 262144, MC_END, NULL },
        { 65535, 262145, MC_FORMAT, "invalid packet capture length 262145, bigger than snaplen of 65535" },
        { 0, 262145, MC_FORMAT, "bigger than snaplen of 262144" },
        { 0x7fffffff, 262145, MC_FORMAT, "bigger than maximum of 262144" },
        { 0xffffffff, 0xffffffff, MC_FORMAT, "invalid packet capture length 4294967295" },
        { 0x80000000, 0x80000000, MC_FORMAT, "invalid packet capture length 2147483648" },
        { 1, 100, MC_END, NULL },
        { 65535, 0, MC_END, NULL },
    };
    size_t i, big, magic;
    static const uint32_t magics[] = { MAGIC_US, MAGIC_NS, MAGIC_PATCHED };

    for (big = 0; big < 2; big++)
        for (magic = 0; magic < 3; magic++) {
            for (i = 0; i < MC_ARRAY_LEN(versions); i++) {
                known k = { "version", MC_FORMAT, 0, versions[i].words };
                bytes b = { .big = big };

                put_pcap_header(&b, magics[magic], versions[i].major, versions[i].minor, 65535, 1);
                put_zeros(&b, 100);
                expect(&k, b.p, b.len);
                free(b.p);
            }
            for (i = 0; i < MC_ARRAY_LEN(lengths); i++) {
                known k = { "length", lengths[i].status, lengths[i].status == MC_END,
                            lengths[i].words };
                bytes b = { .big = big };

                /* not Ethernet, whose snapshot length the patched libpcap raised by 14 */
                put_pcap_header(&b, magics[magic], 2, 4, lengths[i].snaplen, 101);
                put_pcap_record(&b, magic == 2, 1, 1, lengths[i].caplen, lengths[i].caplen);
                put_payload(&b, 1, lengths[i].caplen > 262144 ? 100 : lengths[i].caplen);
                expect(&k, b.p, b.len);
                free(b.p);
            }
        }
}

/* A pcapng with one good packet, then 'type' with a body, and the reason that ends it. */
static void test_pcapng_blocks_with_known_outcomes(void)
{
    static const struct {
        const char *name;
        uint32_t type, total, trailer;   /* 0: as it should be */
        const char *body;
        size_t length;
        const char *words;
    } blocks[] = {
        { "length 0", 6, 0xffffffff, 0, "", 0, "length of 4294967295 that is not a multiple of 4" },
        { "length 8", 6, 8, 0, "", 0, "length of 8 < 12" },
        { "length 4", 7, 4, 0, "", 0, "length of 4 < 12" },
        { "length 11", 7, 11, 0, "", 0, "length of 11 < 12" },
        { "length 13", 7, 13, 0, "", 0, "length of 13 that is not a multiple of 4" },
        { "length 17 MiB", 7, 17825792, 0, "", 0, "pcapng block size 17825792 > maximum 16777216" },
        { "length 2 GiB", 7, 0x80000000, 0, "", 0, "pcapng block size 2147483648" },
        { "length 4 GiB", 7, 0xfffffffc, 0, "", 0, "pcapng block size 4294967292" },
        { "length 16 MiB", 7, 16777216, 0, "", 0, "tried to read 16777208 bytes, only got 4" },
        { "trailer", 7, 0, 16, "abcdefgh", 8, "header and trailer don't match" },
        { "trailer 0", 7, 0, 0xffffffff, "abcdefgh", 8, "header and trailer don't match" },
        { "empty packet", 6, 0, 0, "", 0, "block of type 6 in pcapng dump file is too short" },
        { "short packet", 6, 0, 0, "abcdefghijklmnop", 16, "block of type 6" },
        { "short old packet", 2, 0, 0, "abcdefghijklmnop", 16, "block of type 2" },
        { "empty simple packet", 3, 0, 0, "", 0, "block of type 3" },
        { "unknown interface", 6, 0, 0, "\7\0\0\0aaaaaaaa\0\0\0\0\0\0\0\0", 20,
          "a packet arrived on interface 7, but there's no" },
        { "unknown old interface", 2, 0, 0, "\7\0\0\0aaaaaaaa\0\0\0\0\0\0\0\0", 20,
          "a packet arrived on interface 7, but there's no" },
        { "packet over the snapshot length and over the block", 6, 0, 0, "\0\0\0\0aaaaaaaa\1\1\0\0\0\0\0\0", 20,
          "block of type 6" },
        { "packet over any length", 6, 0, 0, "\0\0\0\0aaaaaaaa\1\0\4\0\0\0\0\0", 20,
          "invalid packet capture length 262145, bigger than snaplen of 256" },
        { "packet over the block", 6, 0, 0, "\0\0\0\0aaaaaaaa\5\0\0\0\5\0\0\0abcd", 24,
          "block of type 6" },
        { "simple packet over the block", 3, 0, 0, "\5\0\0\0abcd", 8, "block of type 3" },
        { "short interface", 1, 0, 0, "\1\0\0\0", 4, "block of type 1" },
        { "resolution without a value", 1, 0, 0, "\1\0\0\0\0\1\0\0\11\0\0\0", 12,
          "if_tsresol option with length 0 != 1" },
        { "option over the block", 1, 0, 0, "\1\0\0\0\0\1\0\0\2\0\377\377abcd", 16, "block of type 1" },
        { "end of options with length", 1, 0, 0, "\1\0\0\0\0\1\0\0\0\0\4\0abcd", 16,
          "opt_endofopt option with length 4 != 0" },
        { "resolution of two bytes", 1, 0, 0, "\1\0\0\0\0\1\0\0\11\0\2\0abcd", 16,
          "if_tsresol option with length 2 != 1" },
        { "two resolutions", 1, 0, 0, "\1\0\0\0\0\1\0\0\11\0\1\0\6aaa\11\0\1\0\6aaa", 24,
          "more than one if_tsresol option" },
        { "resolution 10^-20", 1, 0, 0, "\1\0\0\0\0\1\0\0\11\0\1\0\24aaa", 16, "10^-20 is too high" },
        { "resolution 2^-64", 1, 0, 0, "\1\0\0\0\0\1\0\0\11\0\1\0\300aaa", 16, "2^-64 is too high" },
        { "offset of four bytes", 1, 0, 0, "\1\0\0\0\0\1\0\0\16\0\4\0abcd", 16,
          "if_tsoffset option with length 4 != 8" },
        { "two offsets", 1, 0, 0,
          "\1\0\0\0\0\1\0\0\16\0\10\0abcdefgh\16\0\10\0abcdefgh", 32, "more than one if_tsoffset" },
        { "section without magic", 0x0a0d0d0a, 0, 0, "aaaaaaaaaaaaaaaa", 16, "bad byte order magic" },
        { "short section", 0x0a0d0d0a, 0, 0, "\x4d\x3c\x2b\x1a", 4, "too short" },
        { "section version", 0x0a0d0d0a, 0, 0, "\x4d\x3c\x2b\x1a\2\0\0\0\377\377\377\377\377\377\377\377",
          16, "unknown pcapng savefile major version number 2" },
    };
    size_t i, good;

    for (good = 0; good < 2; good++)
        for (i = 0; i < MC_ARRAY_LEN(blocks); i++) {
            bytes b = { .big = false };
            known k = { blocks[i].name, good ? MC_END : MC_FORMAT, good, blocks[i].words };
            size_t at;

            put_section(&b);
            put_interface(&b, 1, 256, -1, 0);
            if (good)
                put_enhanced(&b, 0, 1, 1, 30, 30);
            at = begin_block(&b, blocks[i].type);
            put(&b, blocks[i].body, blocks[i].length);
            end_block(&b, at);
            if (blocks[i].total != 0)
                set32(&b, at + 4, blocks[i].total);
            if (blocks[i].trailer != 0)
                set32(&b, b.len - 4, blocks[i].trailer);
            if (strstr(blocks[i].words, "only got") != NULL && !good)
                k.status = MC_TRUNCATED;
            expect(&k, b.p, b.len);
            free(b.p);
        }
}

static void test_pcapng_files_with_known_outcomes(void)
{
    static const struct { uint32_t value; size_t at; const char *words; } headers[] = {
        { 16, 4, "invalid length" }, { 27, 4, "invalid length" }, { 1048580, 4, "invalid length" },
        { 0xffffffff, 4, "invalid length" }, { 0, 4, "invalid length" },
        { 0x00000002, 12, "unsupported pcapng savefile version 2.0" },
        { 0x00010001, 12, "unsupported pcapng savefile version 1.1" },
        { 0x00030001, 12, "unsupported pcapng savefile version 1.3" },
    };
    size_t i;

    for (i = 0; i < MC_ARRAY_LEN(headers); i++) {
        bytes b = small_pcapng(false);
        known k = { "section header", MC_FORMAT, 0, headers[i].words };

        set32(&b, headers[i].at, headers[i].value);
        expect(&k, b.p, b.len);
        free(b.p);
    }
    for (i = 0; i < 3; i++) {
        bytes b = { .big = false };
        known k = { "no interface", MC_FORMAT, 0, i == 0 ? "has no Interface Description Blocks"
                                                         : "before any Interface Description" };

        put_section(&b);
        if (i == 1)
            put_simple(&b, 1, 20, 20);
        if (i == 2)
            put_enhanced(&b, 0, 1, 1, 20, 20);
        expect(&k, b.p, b.len);
        free(b.p);
    }
    {
        bytes b = { .big = false };
        known k = { "interfaces without packets", MC_END, 0, NULL };

        put_section(&b);
        put_interface(&b, 1, 0, -1, 0);
        expect(&k, b.p, b.len);
        free(b.p);
    }
}

/* Memory follows the data: an hour of interfaces, a block that claims much. */
static void test_many_interfaces(void)
{
    bytes b = { .big = false };
    known k = { "100,000 interfaces", MC_END, 1, NULL };
    unsigned i;

    put_section(&b);
    for (i = 0; i < 100000; i++)
        put_interface(&b, i % 300, 65535 + i, -1, 0);
    put_enhanced(&b, 99999, 1, 1, 30, 30);
    expect(&k, b.p, b.len);
    free(b.p);
}

static void test_there_were_enough_of_them(void)
{
    CHECK(known_count >= 150);
}

int main(void)
{
    RUN(test_every_truncation_is_as_libpcap_has_it);
    RUN(test_a_cut_between_records_is_no_damage_and_within_one_is);
    RUN(test_every_byte_at_five_values_is_as_libpcap_has_it);
    RUN(test_random_mutations_are_as_libpcap_has_it);
    RUN(test_files_that_are_no_captures);
    RUN(test_pcap_headers_with_known_outcomes);
    RUN(test_pcapng_blocks_with_known_outcomes);
    RUN(test_pcapng_files_with_known_outcomes);
    RUN(test_many_interfaces);
    RUN(test_there_were_enough_of_them);
    drop_file();
    return DONE();
}
