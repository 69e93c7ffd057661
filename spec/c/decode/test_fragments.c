/*
 * The store of fragments alone: order, overlap, ends, bounds.
 */
#include <stdlib.h>

#include "check.h"
#include "decode_same.h"
#include "decode/fragments.h"

static const uint8_t client[16] = { [15] = 1 }, server[16] = { [15] = 2 };
static uint8_t bytes[70000];                     /* byte i of a datagram is i / 8 + i % 251 */

static void set_bytes(void)
{
    size_t i;

    for (i = 0; i < sizeof bytes; i++)
        bytes[i] = (uint8_t)(i / 8 + i % 251);
}

/* bytes[offset..offset+len) of the datagram 'id'. */
static mc_fragment piece(uint32_t id, uint32_t offset, size_t len, bool more)
{
    mc_fragment p = { 0 };

    p.src = client;
    p.dst = server;
    p.id = id;
    p.version = 4;
    p.protocol = 6;
    p.more = more;
    p.offset = offset;
    p.data.p = bytes + offset;
    p.data.len = len;
    return p;
}

static bool add(mc_fragments *s, uint32_t id, uint32_t offset, size_t len, bool more, mc_datagram *out)
{
    mc_fragment p = piece(id, offset, len, more);

    return mc_fragments_add(s, &p, out);
}

static bool is_whole(const mc_datagram *g, size_t len)
{
    return g->data.len == len && memcmp(g->data.p, bytes, len) == 0 && g->protocol == 6;
}

/* Every order of five pieces, the last of an odd length. */
static void test_pieces_come_in_any_order(void)
{
    static const struct { uint32_t offset; size_t len; bool more; } parts[5] = {
        { 0, 800, true }, { 800, 8, true }, { 808, 1480, true }, { 2288, 16, true }, { 2304, 13, false },
    };
    mc_fragments *s = mc_fragments_open();
    mc_datagram whole;
    unsigned order, i, k, left[5], n, pick, done = 0;

    for (order = 0; order < 120; order++) {
        for (i = 0; i < 5; i++)
            left[i] = i;
        for (i = 0, n = order; i < 5; i++) {
            pick = n % (5 - i);
            n /= 5 - i;
            k = left[pick];
            left[pick] = left[4 - i];
            if (!add(s, 7, parts[k].offset, parts[k].len, parts[k].more, &whole)) {
                CHECK(i < 4);
                continue;
            }
            CHECK_EQ(i, 4);
            CHECK(is_whole(&whole, 2317));
            mc_fragments_release(s);
            done++;
        }
    }
    CHECK_EQ(done, 120);
    CHECK_EQ(mc_fragments_incomplete(s), 0);
    CHECK_EQ(mc_fragments_bytes(s), 0);
    mc_fragments_close(s);
    mc_fragments_close(NULL);
}

static void test_repeated_and_overlapping_pieces(void)
{
    mc_fragments *s = mc_fragments_open();
    mc_datagram whole;
    uint8_t other[64];
    mc_fragment p;

    memset(other, 0xee, sizeof other);
    CHECK(!add(s, 7, 16, 16, true, &whole));
    CHECK(!add(s, 7, 16, 16, true, &whole));
    p = piece(7, 0, 32, true);                   /* its second half came before */
    p.data.p = other;
    CHECK(!mc_fragments_add(s, &p, &whole));
    CHECK(add(s, 7, 24, 16, false, &whole));
    CHECK_EQ(whole.data.len, 40);
    CHECK(memcmp(whole.data.p, other, 16) == 0);
    CHECK(memcmp(whole.data.p + 16, bytes + 16, 24) == 0);
    mc_fragments_close(s);                       /* frees what was handed out, too */
}

/*
 * Of two ends the first counts; what is beyond it is cut off; an end before what came is
 * no end.
 */
static void test_ends_that_disagree(void)
{
    mc_fragments *s = mc_fragments_open();
    mc_datagram whole;

    CHECK(!add(s, 1, 8, 12, false, &whole));     /* ends at 20 */
    CHECK(!add(s, 1, 16, 40, false, &whole));    /* at 56 */
    CHECK(!add(s, 1, 400, 80, true, &whole));
    CHECK(add(s, 1, 0, 8, true, &whole));
    CHECK(is_whole(&whole, 20));

    CHECK(!add(s, 2, 32, 32, true, &whole));
    CHECK(!add(s, 2, 8, 12, false, &whole));     /* would end before 64 */
    CHECK(!add(s, 2, 0, 32, true, &whole));
    CHECK(add(s, 2, 64, 3, false, &whole));
    CHECK(is_whole(&whole, 67));

    CHECK(!add(s, 3, 16, 8, false, &whole));     /* ends at 24 */
    CHECK(!add(s, 3, 8, 3, false, &whole));      /* at 11: what follows those three bytes is not known by that */
    CHECK(!add(s, 3, 0, 8, true, &whole));
    CHECK(add(s, 3, 8, 8, true, &whole));
    CHECK(is_whole(&whole, 24));
    mc_fragments_close(s);
}

static void test_an_empty_last_piece(void)
{
    mc_fragments *s = mc_fragments_open();
    mc_datagram whole;

    CHECK(!add(s, 1, 0, 64, true, &whole));
    CHECK(add(s, 1, 64, 0, false, &whole));
    CHECK(is_whole(&whole, 64));
    mc_fragments_close(s);
}

/* RFC 791, 3.2: all but the last are multiples of 8; what is over is not used. */
static void test_an_odd_piece_in_the_middle(void)
{
    mc_fragments *s = mc_fragments_open();
    mc_datagram whole;

    CHECK(!add(s, 1, 0, 21, true, &whole));
    CHECK(!add(s, 1, 24, 8, false, &whole));
    CHECK(add(s, 1, 16, 8, true, &whole));
    CHECK(is_whole(&whole, 32));
    CHECK(!add(s, 1, 0, 7, true, &whole));
    mc_fragments_close(s);
}

static void test_the_greatest_datagram_and_beyond(void)
{
    mc_fragments *s = mc_fragments_open();
    mc_datagram whole;

    CHECK(!add(s, 1, 0, 65528, true, &whole));
    CHECK(!add(s, 1, 65528, 8, false, &whole));  /* 65,536: the ping of death */
    CHECK(add(s, 1, 65528, 7, false, &whole));
    CHECK(is_whole(&whole, 65535));
    mc_fragments_release(s);
    CHECK(!add(s, 2, 65528, 8, true, &whole));
    CHECK_EQ(mc_fragments_count(s), 0);          /* no use: not even begun */
    mc_fragments_close(s);
}

/* IN-10: source, destination, identification, and for IPv4 the protocol. */
static void test_what_makes_a_datagram_its_own(void)
{
    mc_fragments *s = mc_fragments_open();
    mc_datagram whole;
    mc_fragment p;
    unsigned i;

    CHECK(!add(s, 1, 0, 8, true, &whole));
    for (i = 0; i < 5; i++) {
        p = piece(1, 8, 8, false);
        if (i == 0)
            p.src = server;
        if (i == 1)
            p.dst = client;
        if (i == 2)
            p.id = 2;
        if (i == 3)
            p.protocol = 17;
        if (i == 4)
            p.version = 6;
        CHECK(!mc_fragments_add(s, &p, &whole));
    }
    CHECK_EQ(mc_fragments_count(s), 6);
    CHECK(add(s, 1, 8, 8, false, &whole));

    p = piece(9, 8, 8, false);                   /* IPv6: what the first one says */
    p.version = 6;
    p.protocol = 60;
    CHECK(!mc_fragments_add(s, &p, &whole));
    p = piece(9, 0, 8, true);
    p.version = 6;
    CHECK(mc_fragments_add(s, &p, &whole));
    CHECK(is_whole(&whole, 16));
    mc_fragments_close(s);
}

/* After a minute the identification is in use anew; a clock that goes back proves nothing. */
static void test_an_old_datagram_is_not_completed(void)
{
    static const struct { int64_t first, second; bool whole; } times[] = {
        { 0, MC_FRAGMENTS_NS, true },
        { 0, MC_FRAGMENTS_NS + 1, false },
        { 0, -MC_FRAGMENTS_NS * 10, true },
        { INT64_MIN, INT64_MAX, false },
        { INT64_MAX, INT64_MIN, true },
    };
    mc_datagram whole;
    mc_fragment p;
    size_t i;

    for (i = 0; i < MC_ARRAY_LEN(times); i++) {
        mc_fragments *s = mc_fragments_open();

        p = piece(1, 0, 8, true);
        p.time_ns = times[i].first;
        CHECK(!mc_fragments_add(s, &p, &whole));
        p = piece(1, 8, 8, false);
        p.time_ns = times[i].second;
        CHECK_EQ(mc_fragments_add(s, &p, &whole), times[i].whole);
        CHECK_EQ(mc_fragments_incomplete(s), times[i].whole ? 0 : 2);
        mc_fragments_close(s);
    }
}

/* The oldest goes first; those behind it are whole all the same. */
static void test_a_flood_of_first_pieces_is_bounded(void)
{
    mc_fragments *s = mc_fragments_open();
    mc_datagram whole;
    uint32_t i;

    for (i = 0; i < 100000; i++) {
        CHECK(!add(s, i, 0, 8, true, &whole));
        if (mc_fragments_count(s) > MC_FRAGMENTS_DATAGRAMS || mc_fragments_bytes(s) > MC_FRAGMENTS_BYTES)
            break;
    }
    CHECK_EQ(i, 100000);
    CHECK_EQ(mc_fragments_count(s), MC_FRAGMENTS_DATAGRAMS);
    CHECK_EQ(mc_fragments_incomplete(s), 100000);
    CHECK(add(s, 100000 - MC_FRAGMENTS_DATAGRAMS, 8, 5, false, &whole));
    CHECK(is_whole(&whole, 13));
    CHECK(!add(s, 99999 - MC_FRAGMENTS_DATAGRAMS, 8, 5, false, &whole));
    mc_fragments_close(s);
}

static void test_a_flood_of_bytes_is_bounded(void)
{
    mc_fragments *s = mc_fragments_open();
    mc_datagram whole;
    uint32_t i;

    for (i = 0; i < 1000; i++) {                 /* a few bytes that ask for 64 KiB */
        CHECK(!add(s, i, 65520, 8, true, &whole));
        CHECK(mc_fragments_bytes(s) <= MC_FRAGMENTS_BYTES);
    }
    CHECK_EQ(mc_fragments_count(s), MC_FRAGMENTS_BYTES / 65536);
    for (i = 990; i < 1000; i++) {               /* the newest are still there */
        CHECK(!add(s, i, 0, 65520, true, &whole));
        CHECK(add(s, i, 65528, 0, false, &whole));
        CHECK(is_whole(&whole, 65528));
    }
    mc_fragments_release(s);
    CHECK(mc_fragments_bytes(s) <= MC_FRAGMENTS_BYTES);
    CHECK_EQ(mc_fragments_incomplete(s), 990);
    mc_fragments_close(s);
}

/* Random pieces of random datagrams: what comes out whole holds the bytes that went in. */
static void test_random_pieces(void)
{
    mc_fragments *s = mc_fragments_open();
    mc_datagram whole;
    uint32_t random = 3, i, done = 0;

    for (i = 0; i < 200000; i++) {
        uint32_t id = same_random(&random) % 300, length = 40 + id * 13, offset, len;

        offset = same_random(&random) % (length / 8 + 1) * 8;
        len = 8 + same_random(&random) % 64 * 8;
        if (offset + len > length)
            len = length - offset;
        if (add(s, id, offset, len, offset + len < length, &whole)) {
            CHECK(is_whole(&whole, length));
            done++;
        }
        if (i % 10 == 0)
            mc_fragments_release(s);
    }
    CHECK(done > 1000);
    mc_fragments_close(s);
}

int main(void)
{
    set_bytes();
    RUN(test_pieces_come_in_any_order);
    RUN(test_repeated_and_overlapping_pieces);
    RUN(test_ends_that_disagree);
    RUN(test_an_empty_last_piece);
    RUN(test_an_odd_piece_in_the_middle);
    RUN(test_the_greatest_datagram_and_beyond);
    RUN(test_what_makes_a_datagram_its_own);
    RUN(test_an_old_datagram_is_not_completed);
    RUN(test_a_flood_of_first_pieces_is_bounded);
    RUN(test_a_flood_of_bytes_is_bounded);
    RUN(test_random_pieces);
    return DONE();
}
