/*
 * test_reader.c: the parsers for pcap and pcapng: every dialect, every field,
 * and what damage is called.
 */
#include "capture_bytes.h"

#include "check.h"
#include "capture/reader.h"

#define S 1000000000LL

/* Three packets: at 1.000001 s, 2.5 s, 3.000000 s + 10^6 units of a microsecond. */
static void put_three(bytes *b, bool patched, uint32_t unit)
{
    unsigned i;
    static const uint32_t fractions[3] = { 1, 500000, 1000000 };

    for (i = 0; i < 3; i++) {
        put_pcap_record(b, patched, i + 1, fractions[i] * unit, 20 + i, 100 + i);
        put_payload(b, i, 20 + i);
    }
}

static void check_three(const outcome *o)
{
    CHECK_EQ(o->status, MC_END);
    CHECK_EQ(o->packets, 3);
    CHECK_EQ(o->times[0], S + 1000);
    CHECK_EQ(o->times[1], 2 * S + S / 2);
    CHECK_EQ(o->times[2], 4 * S);    /* a fraction of a whole second is carried (IN-13) */
    CHECK_EQ(o->caplens[2], 22);
    CHECK_EQ(o->wirelens[2], 102);
    CHECK_EQ(o->linktypes[0], 1);
    CHECK(!o->facts.truncated);
}

static void test_pcap_in_every_order_and_precision(void)
{
    static const uint32_t magics[] = { MAGIC_US, MAGIC_NS, MAGIC_PATCHED };
    uint64_t sum = 0;
    size_t i, big;

    for (i = 0; i < 3; i++)
        for (big = 0; big < 2; big++) {
            bytes b = { .big = big };
            outcome o;

            put_pcap_header(&b, magics[i], 2, 4, 65535, 1);
            put_three(&b, magics[i] == MAGIC_PATCHED, magics[i] == MAGIC_NS ? 1000 : 1);
            o = read_bytes(&b);
            check_three(&o);
            if (sum == 0)
                sum = o.sum;
            CHECK(o.sum == sum);
            CHECK_STR(o.facts.format, "pcap");
            CHECK_EQ(o.facts.nanoseconds, magics[i] == MAGIC_NS);
            CHECK_EQ(o.facts.swapped, big);      /* the tests run on little-endian machines */
            CHECK_EQ(o.facts.snaplen, 65535);
            CHECK_EQ(o.facts.interfaces, 1);
            CHECK_EQ(o.facts.bytes_done, b.len);
            CHECK_EQ(o.facts.bytes_total, b.len);
            CHECK_EQ(o.facts.inflated_bytes, b.len);
            free(b.p);
        }
}

/*
 * 'count' packets with record headers of 'header' bytes, as 'magic' does not tell.  What is
 * behind the first 16 is filled with 'filler': some writers left there what was in memory.
 */
static bytes odd_headers(uint32_t magic, bool big, size_t header, unsigned count, unsigned filler)
{
    bytes b = { .big = big };
    unsigned i;
    size_t n;

    put_pcap_header(&b, magic, 2, 4, 65535, 1);
    for (i = 0; i < count; i++) {
        put_pcap_record(&b, false, 1600000000 + i, 500000 - i, 60 + i, 60 + i);
        for (n = 16; n < header; n++)
            put_number(&b, filler, 1);
        put_payload(&b, i, 60 + i);
    }
    return b;
}

static void test_pcap_longer_record_headers_are_found_by_trying(void)
{
    static const struct { uint32_t magic; size_t header; } kinds[] = {
        { MAGIC_US, 20 }, { MAGIC_US, 24 }, { MAGIC_PATCHED, 28 }, { MAGIC_US, 16 }, { MAGIC_PATCHED, 24 },
        { MAGIC_NS, 16 },
    };
    static const unsigned fillers[] = { 0, 1, 0x7f, 0xff };
    static const char *const readers[] = { NULL, "read" };
    size_t i, big, fill, how;
    unsigned count;

    for (i = 0; i < MC_ARRAY_LEN(kinds); i++)
        for (big = 0; big < 2; big++)
            for (fill = 0; fill < MC_ARRAY_LEN(fillers); fill++)
                for (how = 0; how < 2; how++)
                    for (count = 2; count < 8; count++) {
                        bytes b = odd_headers(kinds[i].magic, big, kinds[i].header, count, fillers[fill]);
                        outcome o = read_bytes_by(b.p, b.len, readers[how], 16);

                        CHECK_EQ(o.status, MC_END);
                        CHECK(!o.facts.truncated);
                        CHECK_EQ(o.packets, count);
                        CHECK_EQ(o.caplens[1], 61);
                        CHECK_EQ(o.times[1] / S, 1600000001);
                        free(b.p);
                    }
}

/* Damage behind the first record is damage: what follows makes no sense in any other way. */
static void test_pcap_damage_is_no_other_record_header(void)
{
    size_t at;
    unsigned value;

    for (at = 0; at < 16; at++)
        for (value = 0; value < 256; value += 51) {
            bytes b = odd_headers(MAGIC_US, false, 16, 8, 0);
            outcome o;

            b.p[24 + 16 + 60 + at] = (uint8_t)value;
            o = read_bytes(&b);
            CHECK_EQ(o.caplens[0], 60);
            CHECK(o.packets == 1 || o.times[1] / S == 1600000001 || at < 8);
            CHECK(o.packets < 3 || o.packets == 8);
            free(b.p);
        }
}

static void test_pcap_old_versions_have_their_lengths_turned(void)
{
    static const struct { unsigned major, minor; bool turned; } versions[] = {
        { 2, 0, true }, { 2, 2, true }, { 2, 3, true }, { 2, 3, false }, { 2, 4, false },
        { 543, 0, true },
    };
    size_t i;

    for (i = 0; i < MC_ARRAY_LEN(versions); i++) {
        bytes b = { .big = false };
        outcome o;

        put_pcap_header(&b, MAGIC_US, versions[i].major, versions[i].minor, 65535, 1);
        put_pcap_record(&b, false, 1, 0, versions[i].turned ? 90 : 30, versions[i].turned ? 30 : 90);
        put_payload(&b, 0, 30);
        o = read_bytes(&b);
        CHECK_EQ(o.packets, 1);
        CHECK_EQ(o.caplens[0], 30);
        CHECK_EQ(o.wirelens[0], 90);
        free(b.p);
    }
}

static void test_pcap_times_before_1970(void)
{
    bytes b = { .big = false };
    outcome o;

    put_pcap_header(&b, MAGIC_US, 2, 4, 65535, 1);
    put_pcap_record(&b, false, 0xffffffff, 999999, 0, 60);
    put_pcap_record(&b, false, 0x80000000, 0, 0, 60);
    put_pcap_record(&b, false, 0, 0xffffffff, 0, 0xffffffff);
    o = read_bytes(&b);
    CHECK_EQ(o.packets, 3);
    CHECK_EQ(o.times[0], -1000);
    CHECK_EQ(o.times[1], -2147483648LL * S);
    CHECK_EQ(o.times[2], 4294967295000LL);
    CHECK_EQ(o.wirelens[2], 4294967295LL);
    free(b.p);
}

static void test_pcap_packets_over_the_snapshot_length_are_whole(void)
{
    bytes b = { .big = true };
    outcome o;

    put_pcap_header(&b, MAGIC_US, 2, 4, 30, 1);
    put_pcap_record(&b, false, 1, 0, 50, 90);
    put_payload(&b, 1, 50);
    put_pcap_record(&b, false, 2, 0, 30, 90);
    put_payload(&b, 2, 30);
    o = read_bytes(&b);
    CHECK_EQ(o.packets, 2);
    CHECK_EQ(o.caplens[0], 50);
    CHECK_EQ(o.caplens[1], 30);
    CHECK_EQ(o.facts.over_snaplen, 1);
    CHECK_EQ(o.facts.snaplen, 30);
    free(b.p);
}

static void test_pcapng_packets_over_the_snapshot_length_are_whole(void)
{
    bytes b = { .big = false };
    outcome o;

    put_section(&b);
    put_interface(&b, 1, 50, -1, 0);
    put_enhanced(&b, 0, 1, 0, 60, 60);
    put_enhanced(&b, 0, 2, 1, 50, 60);
    put_simple(&b, 2, 64, 64);                   /* all of it is there ... */
    put_simple(&b, 3, 50, 64);                   /* ... or as much as was stated */
    o = read_bytes(&b);
    CHECK(!o.facts.truncated);
    CHECK_EQ(o.packets, 4);
    CHECK_EQ(o.caplens[0], 60);
    CHECK_EQ(o.caplens[1], 50);
    CHECK_EQ(o.caplens[2], 64);
    CHECK_EQ(o.caplens[3], 50);
    CHECK_EQ(o.facts.over_snaplen, 2);
    free(b.p);
}

static void test_pcap_link_type(void)
{
    static const struct { uint32_t stated, meant; } types[] = {
        { 1, 1 }, { 101, 101 }, { 12, 101 }, { 0xf4000001, 1 }, { 276, 276 },
    };
    size_t i;

    for (i = 0; i < MC_ARRAY_LEN(types); i++) {
        bytes b = { .big = false };
        outcome o;

        put_pcap_header(&b, MAGIC_US, 2, 4, 0, types[i].stated);
        put_three(&b, false, 1);
        o = read_bytes(&b);
        CHECK_EQ(o.packets, 3);
        CHECK_EQ(o.linktypes[0], types[i].meant);
        CHECK_EQ(o.facts.snaplen, 0);            /* none stated */
        free(b.p);
    }
}

/* NFLOG headers are written in the order of the machine that captured. */
static void test_nflog_lengths_are_turned(void)
{
    mc_options options = MC_OPTIONS_INIT;
    mc_packet packets[4];
    mc_source *s;
    mc_error err;
    size_t n = 0, i, big;

    for (big = 0; big < 2; big++) {
        bytes b = { .big = big };
        mc_input input;

        put_pcap_header(&b, MAGIC_US, 2, 4, 0, 239);
        for (i = 0; i < 2; i++) {
            put_pcap_record(&b, false, 1, 0, 4 + 8 + 5, 17);
            put(&b, "\2\0\0\0", 4);
            put16(&b, 8);            /* an entry of type 1, then one of type 9 that is cut */
            put16(&b, 1);
            put(&b, "abcd", 4);
            put16(&b, 100);
            put16(&b, 9);
            put(&b, "x", 1);
        }
        input = (mc_input){ .path = file_with(b.p, b.len) };
        CHECK_EQ(mc_source_open(&s, &input, 1, &options, &err), MC_OK);
        for (i = 0; i < 2; i++) {
            n = 0;
            while (n == 0 && mc_source_next(s, packets, 1, &n, 0, &err) == MC_OK)
                ;
            CHECK_EQ(n, 1);
            CHECK(n == 1 && memcmp(packets[0].data, "\2\0\0\0\10\0\1\0abcd\144\0\11\0x", 17) == 0);
        }
        mc_source_close(s);
        free(b.p);
    }
}

/* ------------------------------------------------------------------ pcapng */

static void test_pcapng_in_both_orders(void)
{
    uint64_t sum = 0;
    size_t big;

    for (big = 0; big < 2; big++) {
        bytes b = { .big = big };
        outcome o;

        put_section(&b);
        put_interface(&b, 1, 65535, -1, 0);
        put_enhanced(&b, 0, 1000001, 0, 20, 100);
        put_enhanced(&b, 0, 2500000, 1, 21, 101);
        put_enhanced(&b, 0, 4000000, 2, 22, 102);
        o = read_bytes(&b);
        check_three(&o);
        if (sum == 0)
            sum = o.sum;
        CHECK(o.sum == sum);
        CHECK_STR(o.facts.format, "pcapng");
        CHECK_EQ(o.facts.swapped, big);
        CHECK_EQ(o.facts.interfaces, 1);
        CHECK_EQ(o.facts.nanoseconds, 0);
        free(b.p);
    }
}

static void test_pcapng_interfaces_may_differ(void)
{
    bytes b = { .big = false };
    outcome o;

    put_section(&b);
    put_interface(&b, 1, 96, 9, 0);
    put_interface(&b, 101, 0, -1, 100);
    put_interface(&b, 113, 262144, 0, -10);
    put_enhanced(&b, 0, 1500000001, 1, 10, 10);
    put_enhanced(&b, 1, 1500000, 2, 200, 200);
    put_enhanced(&b, 2, 11, 3, 30, 30);
    o = read_bytes(&b);
    CHECK_EQ(o.status, MC_END);
    CHECK_EQ(o.packets, 3);
    CHECK_EQ(o.linktypes[0], 1);
    CHECK_EQ(o.linktypes[1], 101);
    CHECK_EQ(o.linktypes[2], 113);
    CHECK_EQ(o.ifaces[2], 2);
    CHECK_EQ(o.times[0], 1500000001);
    CHECK_EQ(o.times[1], 101 * S + S / 2);
    CHECK_EQ(o.times[2], S);
    CHECK_EQ(o.facts.interfaces, 3);
    CHECK_EQ(o.facts.snaplen, 262144);
    CHECK(o.facts.nanoseconds);
    CHECK(!o.facts.truncated);
    free(b.p);
}

static void test_pcapng_resolutions(void)
{
    static const struct { int resolution; uint64_t ticks; int64_t offset, want; } cases[] = {
        { 0, 7, 0, 7 * S },
        { 3, 1500, 0, S + S / 2 },
        { 6, 1, 0, 1000 },
        { 9, 123456789012345678u, 0, 123456789012345678 },
        { 12, 1999999999999u, 0, 1999999999 },
        { 19, 15000000000000000000u, 0, S + S / 2 },
        { 0x80, 5, 0, 5 * S },
        { 0x80 | 1, 3, 0, S + S / 2 },
        { 0x80 | 10, 1024 + 512, 0, S + S / 2 },
        { 0x80 | 32, 0x180000000u, 0, S + S / 2 },
        { 0x80 | 34, 0x7ffffffffu, 0, S + 999999999 },
        { 0x80 | 50, 3ull << 49, 0, S + S / 2 },
        { 0x80 | 63, 0xffffffffffffffffu, 0, S + 999999999 },
        { 6, 0, -1, -S },
        { 6, 500000, -1, -S / 2 },
        { 0, 0xffffffffffffffffu, 0, INT64_MAX },
        { 6, 0xffffffffffffffffu, 0, INT64_MAX },
        { 6, 0, INT64_MAX, INT64_MAX },
        { 6, 0, INT64_MIN, -INT64_MAX },
        { 0, 0xffffffffffffffffu, INT64_MIN, INT64_MAX },
        { 0, 9223372036854775809u, INT64_MIN, S },
        { 0, 9223372036u, 0, INT64_MAX },
        { 6, 18446744073709551u, 0, INT64_MAX },
        { 9, 9223372036854775807u, 0, INT64_MAX },
    };
    size_t i, big;

    for (big = 0; big < 2; big++)
        for (i = 0; i < MC_ARRAY_LEN(cases); i++) {
            bytes b = { .big = big };
            outcome o;

            put_section(&b);
            put_interface(&b, 1, 0, cases[i].resolution, cases[i].offset);
            put_enhanced(&b, 0, cases[i].ticks, 1, 4, 4);
            o = read_bytes(&b);
            CHECK_EQ(o.packets, 1);
            /* the very ends may round: nobody's clock is there */
            if (cases[i].want != INT64_MAX || o.times[0] < INT64_MAX - 2 * S)
                CHECK_EQ(o.times[0], cases[i].want);
            free(b.p);
        }
}

static void test_pcapng_sections_change_everything(void)
{
    bytes b = { .big = false };
    outcome o;

    put_section(&b);
    put_interface(&b, 1, 65535, -1, 0);
    put_interface(&b, 1, 65535, -1, 0);
    put_enhanced(&b, 1, 1000000, 1, 40, 40);
    b.big = true;
    put_section(&b);
    put_interface(&b, 101, 128, 9, 0);
    put_enhanced(&b, 0, 2 * S, 2, 41, 41);
    b.big = false;
    put_section(&b);
    put_interface(&b, 276, 128, 6, 0);
    put_enhanced(&b, 0, 3000000, 3, 42, 42);
    o = read_bytes(&b);
    CHECK_EQ(o.status, MC_END);
    CHECK_EQ(o.packets, 3);
    CHECK_EQ(o.ifaces[0], 1);
    CHECK_EQ(o.ifaces[1], 2);
    CHECK_EQ(o.ifaces[2], 3);
    CHECK_EQ(o.linktypes[1], 101);
    CHECK_EQ(o.times[1], 2 * S);
    CHECK_EQ(o.times[2], 3 * S);
    CHECK_EQ(o.facts.interfaces, 4);
    CHECK(!o.facts.truncated);
    free(b.p);
}

static void test_pcapng_simple_and_obsolete_blocks(void)
{
    bytes b = { .big = false };
    outcome o;

    put_section(&b);
    put_interface(&b, 1, 40, -1, 0);
    put_simple(&b, 1, 33, 33);
    put_simple(&b, 2, 40, 900);      /* as much as the snapshot length allows */
    put_obsolete(&b, 0, 3, 5000000, 3, 20, 60);
    put_obsolete(&b, 0, 0xffff, 5000000, 4, 20, 60);
    o = read_bytes(&b);
    CHECK_EQ(o.packets, 4);
    CHECK_EQ(o.caplens[0], 33);
    CHECK_EQ(o.caplens[1], 40);
    CHECK_EQ(o.wirelens[1], 900);
    CHECK_EQ(o.times[0], MC_NO_TIME);
    CHECK_EQ(o.times[2], 5 * S);
    CHECK(o.facts.drops_known);
    CHECK_EQ(o.facts.dropped_reported, 3);
    free(b.p);
}

static void put_statistics(bytes *b, uint32_t iface, uint64_t dropped, uint64_t by_system)
{
    size_t at = begin_block(b, 5);

    put32(b, iface);
    put_zeros(b, 8);
    put16(b, 5);
    put16(b, 8);
    put_number(b, dropped, 8);
    put16(b, 7);
    put16(b, 8);
    put_number(b, by_system, 8);
    put32(b, 0);
    end_block(b, at);
}

static void test_pcapng_statistics_count_since_the_beginning(void)
{
    size_t big;

    for (big = 0; big < 2; big++) {
        bytes b = { .big = big };
        outcome o;

        put_section(&b);
        put_interface(&b, 1, 0, -1, 0);
        put_interface(&b, 1, 0, -1, 0);
        put_enhanced(&b, 0, 1, 1, 20, 20);
        put_statistics(&b, 0, 5, 1);
        put_statistics(&b, 1, 100, 0);
        put_statistics(&b, 0, 7, 2);             /* instead of the first one */
        put_statistics(&b, 9, 1000, 0);          /* of nobody */
        put_section(&b);
        put_interface(&b, 1, 0, -1, 0);
        put_statistics(&b, 0, 10, 0);
        o = read_bytes(&b);
        CHECK_EQ(o.packets, 1);
        CHECK(o.facts.drops_known);
        CHECK_EQ(o.facts.dropped_reported, 9 + 100 + 10);
        free(b.p);
    }
}

static void test_pcapng_other_blocks_are_skipped(void)
{
    static const uint32_t types[] = { 4, 5, 7, 10, 8, 0x80000bad, 0x80000001, 0xffffffff };
    bytes b = { .big = false };
    outcome o;
    size_t i, at;

    put_section(&b);
    for (i = 0; i < MC_ARRAY_LEN(types); i++) {
        at = begin_block(&b, types[i]);
        put_payload(&b, 9, 4 * i);
        end_block(&b, at);
        if (i == 3)
            put_interface(&b, 1, 0, -1, 0);
        if (i >= 3)
            put_enhanced(&b, 0, i, (unsigned)i, 30, 30);
    }
    at = begin_block(&b, 7);
    put_zeros(&b, 3 * 1024 * 1024);
    end_block(&b, at);
    put_enhanced(&b, 0, 99, 99, 30, 30);
    o = read_bytes(&b);
    CHECK_EQ(o.status, MC_END);
    CHECK_EQ(o.packets, 6);
    CHECK_EQ(o.records, 0);
    CHECK(!o.facts.truncated);
    free(b.p);
}

/* A journal's entries, system events and custom blocks are frames, before and after any interface. */
static void test_pcapng_records_that_are_no_packets_are_frames(void)
{
    static const uint32_t types[] = { 9, 0x204, 0x216, 0x221, 0xbad, 0x40000bad };
    bytes b = { .big = false };
    outcome o;
    size_t i, at;

    put_section(&b);
    for (i = 0; i < MC_ARRAY_LEN(types); i++) {
        at = begin_block(&b, types[i]);
        put_payload(&b, 9, 40);
        end_block(&b, at);
        if (i == 0)
            put_interface(&b, 1, 0, -1, 0);
        put_enhanced(&b, 0, i, (unsigned)i, 30, 30);
    }
    o = read_bytes(&b);
    CHECK_EQ(o.status, MC_END);
    CHECK_EQ(o.packets, 6);
    CHECK_EQ(o.records, 6);
    CHECK(!o.facts.truncated);
    free(b.p);
}

/* Whatever the pieces, the packets are the same: fed byte by byte and by odd sizes. */
static void test_pieces_of_any_size(void)
{
    static const size_t sizes[] = { 1, 2, 3, 7, 24, 57, 4096 };
    mc_packet packets[8];
    size_t i, format, used, count, length, total, from;

    for (format = 0; format < 2; format++) {
        bytes b = { .big = format };

        if (format == 0) {
            put_pcap_header(&b, MAGIC_US, 2, 4, 65535, 1);
            put_three(&b, false, 1);
        } else {
            put_section(&b);
            put_interface(&b, 1, 0, 9, 0);
            put_enhanced(&b, 0, 1, 0, 20, 100);
            put_enhanced(&b, 0, 2, 1, 21, 101);
            put_enhanced(&b, 0, 3, 2, 22, 102);
        }
        for (i = 0; i < MC_ARRAY_LEN(sizes); i++) {
            mc_reader *r = format == 0 ? mc_reader_pcap_open() : mc_reader_pcapng_open();

            total = from = length = 0;
            while (from + length < b.len || length > 0) {
                /* an exact copy, so that a read past it is seen by a sanitizer */
                uint8_t *copy;
                mc_parse verdict;

                length += sizes[i];
                if (from + length > b.len)
                    length = b.len - from;
                copy = malloc(length + 1);
                memcpy(copy + 1, b.p + from, length);
                do {
                    verdict = mc_reader_consume(r, copy + 1, length, &used, packets, 2, &count);
                    CHECK(count <= 2 && used <= length);
                    memmove(copy + 1, copy + 1 + used, length - used);
                    from += used;
                    length -= used;
                    total += count;
                } while (verdict == MC_PARSE_FULL);
                CHECK_EQ(verdict, MC_PARSE_MORE);
                free(copy);
                if (verdict == MC_PARSE_BAD || from + length == b.len)
                    break;
            }
            CHECK_EQ(total, 3);
            CHECK(mc_reader_at_end(r, b.p + from, length));
            mc_reader_close(r);
        }
        free(b.p);
    }
}

int main(void)
{
    RUN(test_pcap_in_every_order_and_precision);
    RUN(test_pcap_longer_record_headers_are_found_by_trying);
    RUN(test_pcap_damage_is_no_other_record_header);
    RUN(test_pcap_old_versions_have_their_lengths_turned);
    RUN(test_pcap_times_before_1970);
    RUN(test_pcap_packets_over_the_snapshot_length_are_whole);
    RUN(test_pcapng_packets_over_the_snapshot_length_are_whole);
    RUN(test_pcap_link_type);
    RUN(test_nflog_lengths_are_turned);
    RUN(test_pcapng_in_both_orders);
    RUN(test_pcapng_interfaces_may_differ);
    RUN(test_pcapng_resolutions);
    RUN(test_pcapng_sections_change_everything);
    RUN(test_pcapng_simple_and_obsolete_blocks);
    RUN(test_pcapng_statistics_count_since_the_beginning);
    RUN(test_pcapng_other_blocks_are_skipped);
    RUN(test_pcapng_records_that_are_no_packets_are_frames);
    RUN(test_pieces_of_any_size);
    drop_file();
    return DONE();
}
