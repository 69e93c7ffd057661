/*
 * test_bytes.c: the union of byte ranges, against a plain bitmap.
 */
#include <stdlib.h>

#include "tcp/bytes.h"
#include "check.h"
#include "tcp/rules.h"

static mc_conn conn;
static mc_pool pool;

static void begin(uint32_t base)
{
    memset(&conn, 0, sizeof conn);
    mc_endpoint_state_init(&conn.endpoint[0]);
    mc_endpoint_state_init(&conn.endpoint[1]);
    conn.endpoint[0].base = base;
    mc_pool_destroy(&pool);
}

static mc_bytes_news add_at(uint32_t seq, uint32_t len, int64_t now)
{
    mc_segment s = { .seq = seq, .len = len, .flags = MC_TH_ACK, .len_known = true };
    mc_bytes_news news;

    mc_bytes_add(&conn, 0, &s, now, true, &pool, &news);
    return news;
}

static mc_bytes_news add(uint32_t seq, uint32_t len)
{
    return add_at(seq, len, 0);
}

static void test_in_order_needs_no_details(void)
{
    begin(1000);
    CHECK_EQ(add(1001, 100).fresh, 100);
    CHECK_EQ(add(1101, 100).fresh, 100);
    CHECK(conn.endpoint[0].detail == NULL);
    CHECK_EQ(mc_bytes_unique(&conn.endpoint[0]), 200);
    CHECK_EQ(mc_bytes_missing(&conn.endpoint[0], true), 0);
}

static void test_overlap_counts_what_is_new(void)
{
    begin(1000);
    add(1001, 100);
    CHECK_EQ(add(1051, 100).fresh, 50);
    CHECK_EQ(add(1051, 200).fresh, 100);
    CHECK_EQ(mc_bytes_unique(&conn.endpoint[0]), 250);
    CHECK_EQ(mc_bytes_retransmitted(&conn.endpoint[0]), 150);
}

static void test_a_hole_is_missing_until_it_is_filled(void)
{
    mc_bytes_news news;

    begin(1000);
    add(1001, 100);
    CHECK_EQ(add_at(1201, 100, 7).fresh, 100);
    CHECK_EQ(mc_bytes_missing(&conn.endpoint[0], true), 100);
    news = add_at(1101, 100, 9);
    CHECK_EQ(news.fresh, 100);
    CHECK(news.fills);
    CHECK_EQ(news.above.time_ns, 7);
    CHECK_EQ(mc_bytes_missing(&conn.endpoint[0], true), 0);
    CHECK_EQ(conn.endpoint[0].detail->range_count, 0);
    CHECK_EQ(conn.endpoint[0].detail->lo, conn.endpoint[0].detail->highest_end - 300);
    CHECK_EQ((uint32_t)conn.endpoint[0].detail->highest_end, conn.endpoint[0].highest_end);
}

static void test_the_start_of_the_stream_may_be_missing(void)
{
    begin(1000);
    add(3001, 10);
    CHECK_EQ(mc_bytes_missing(&conn.endpoint[0], true), 2000);
    CHECK_EQ(mc_bytes_missing(&conn.endpoint[0], false), 0);
}

/* A SYN with number 1000, which the other side may have answered; the first data begins at 'start'. */
static bool keeps_syn(bool is_acknowledged, uint32_t flags, uint32_t start)
{
    begin(1000);
    conn.flags |= flags;
    conn.endpoint[0].options |= MC_OPT_SEEN;
    conn.endpoint[0].known |= MC_KNOWN_NXT;
    if (is_acknowledged) {
        conn.endpoint[1].known |= MC_KNOWN_ACK;
        conn.endpoint[1].last_ack = 1001;
    }
    add(start, 10);
    return (conn.endpoint[0].options & MC_OPT_SEEN) != 0;
}

static void test_a_syn_that_is_of_another_attempt(void)
{
    CHECK(keeps_syn(true, 0, 3001));
    CHECK(!keeps_syn(false, 0, 3001));
    CHECK(keeps_syn(false, 0, 1001));
    /* nobody sends a gigabyte that nothing is seen of */
    CHECK(!keeps_syn(true, 0, 1000000000));
    CHECK(!keeps_syn(true, 0, 0xf0000000));
    CHECK(keeps_syn(true, MC_C_SYN_ACK, 1000000000));
}

static void test_sequence_numbers_wrap(void)
{
    begin(0xfffffff0);
    CHECK_EQ(add(0xfffffff1, 10).fresh, 10);
    CHECK_EQ(add(0xfffffffb, 10).fresh, 10);
    CHECK_EQ(add(0xfffffffb, 10).fresh, 0);
    CHECK_EQ(add(5, 10).fresh, 10);
    CHECK_EQ(add(0xfffffffb, 20).fresh, 0);
    CHECK_EQ(mc_bytes_unique(&conn.endpoint[0]), 30);
    CHECK_EQ(mc_bytes_missing(&conn.endpoint[0], true), 0);
}

static void test_bytes_below_the_first_are_new(void)
{
    begin(0);
    add(5000, 100);
    CHECK_EQ(add(4000, 50).fresh, 50);
    CHECK_EQ(mc_bytes_missing(&conn.endpoint[0], false), 950);
    /* what is missing at the very beginning, as far as it is acknowledged */
    CHECK_EQ(mc_bytes_missing_below(&conn.endpoint[0], true, conn.endpoint[0].base + 1), 0);
    CHECK_EQ(mc_bytes_missing_below(&conn.endpoint[0], true, 3000), 2999);
    CHECK_EQ(mc_bytes_missing_below(&conn.endpoint[0], true, 4050), 3999);
    CHECK_EQ(mc_bytes_missing_below(&conn.endpoint[0], true, 5100), 3999 + 950);
}

/* Random segments against a bitmap, with few holes at a time and with many. */
static void test_against_a_bitmap(void)
{
    enum { SPAN = 4000 };
    static unsigned char seen[SPAN + 400];
    unsigned round, i, j;

    for (round = 0; round < 300; round++) {
        uint32_t base = (uint32_t)rand() * 2u, unique = 0;
        unsigned lowest = SPAN, highest = 0, holes = 0;

        begin(base);
        memset(seen, 0, sizeof seen);
        for (i = 0; i < 40; i++) {
            unsigned at = (unsigned)rand() % SPAN, len = 1 + (unsigned)rand() % 300, fresh = 0;
            mc_bytes_news news = add(base + 1 + at, len);

            for (j = at; j < at + len; j++) {
                fresh += !seen[j];
                seen[j] = 1;
            }
            CHECK_EQ(news.fresh, fresh);
            unique += fresh;
            if (at < lowest)
                lowest = at;
            if (at + len > highest)
                highest = at + len;
        }
        for (j = lowest; j < highest; j++)
            holes += !seen[j];
        CHECK_EQ(mc_bytes_unique(&conn.endpoint[0]), unique);
        CHECK_EQ(mc_bytes_missing(&conn.endpoint[0], false), holes);
        CHECK_EQ(mc_bytes_missing(&conn.endpoint[0], true), holes + lowest);
        CHECK((conn.flags & MC_C_RANGES_FULL) == 0);
    }
}

/* The ranges of side 0 lie apart from each other, in order, below the topmost one. */
static void check_ranges(void)
{
    const mc_detail *x = conn.endpoint[0].detail;
    unsigned i;

    if (x == NULL)
        return;
    CHECK(x->range_count <= MC_MAX_RANGES);
    CHECK(x->lo < x->highest_end);
    CHECK_EQ((uint32_t)x->highest_end, conn.endpoint[0].highest_end);
    for (i = 0; i < x->range_count; i++) {
        CHECK(x->ranges[i].lo < x->ranges[i].hi);
        CHECK(x->ranges[i].hi < (i + 1u < x->range_count ? x->ranges[i + 1].lo : x->lo));
    }
}

/*
 * More ranges than there is room for, from above, from below and from anywhere.  What is
 * seen is then approximate, but in one direction only: a byte of a hole that was given up
 * stays missing, and what was seen and what is missing make up the whole.
 */
static void test_a_full_list_against_a_bitmap(void)
{
    enum { SPAN = 8000 };
    static unsigned char seen[SPAN + 400];
    unsigned round, i, j, full = 0;

    for (round = 0; round < 300; round++) {
        const uint32_t base = (uint32_t)rand() * 2u;
        const unsigned steps = 60 + (unsigned)rand() % 200, distance = 15 + (unsigned)rand() % 50;
        unsigned lowest = SPAN + 400, highest = 0, unique = 0;

        begin(base);
        memset(seen, 0, sizeof seen);
        for (i = 0; i < steps; i++) {
            const unsigned kind = round % 3 == 2 ? (unsigned)rand() % 8 : round % 3;
            unsigned at = (unsigned)rand() % SPAN, len = 1 + (unsigned)rand() % 12, missing = 0;
            const unsigned place = i * distance % (SPAN / 2);

            if (kind < 2 && (i % 16 != 15))          /* else somewhere, and now and then far */
                at = kind == 0 ? SPAN / 2 + place : SPAN / 2 - place;
            else if (rand() % 4 == 0)
                len = 1 + (unsigned)rand() % 400;
            add(base + 1 + at, len);
            for (j = at; j < at + len; j++) {
                unique += !seen[j];
                seen[j] = 1;
            }
            if (at < lowest)
                lowest = at;
            if (at + len > highest)
                highest = at + len;
            for (j = lowest; j < highest; j++)
                missing += !seen[j];
            check_ranges();
            CHECK_EQ(mc_bytes_unique(&conn.endpoint[0]) + mc_bytes_missing(&conn.endpoint[0], false), highest - lowest);
            CHECK_EQ(mc_bytes_missing(&conn.endpoint[0], true), mc_bytes_missing(&conn.endpoint[0], false) + lowest);
            if ((conn.flags & MC_C_RANGES_FULL) == 0)
                CHECK_EQ(mc_bytes_missing(&conn.endpoint[0], false), missing);
            else
                CHECK(mc_bytes_missing(&conn.endpoint[0], false) >= missing);
            CHECK(mc_bytes_unique(&conn.endpoint[0]) <= unique);
            CHECK_EQ(mc_bytes_unique(&conn.endpoint[0]) + mc_bytes_retransmitted(&conn.endpoint[0]),
                     conn.endpoint[0].payload_bytes);
        }
        full += (conn.flags & MC_C_RANGES_FULL) != 0;
    }
    CHECK(full > 100 && full < 300);
}

/* Without a SYN: 64 ranges, of which the lowest hole is given up for one that lies in it. */
static void test_a_range_within_the_hole_that_is_given_up(void)
{
    unsigned i;

    begin(0);
    for (i = 0; i <= MC_MAX_RANGES; i++)             /* the topmost one is not in the list */
        add(10000 + i * 2000, 100);
    CHECK_EQ(conn.endpoint[0].detail->range_count, MC_MAX_RANGES);
    CHECK_EQ(mc_bytes_missing(&conn.endpoint[0], false), MC_MAX_RANGES * 1900);
    CHECK_EQ(add(11000, 100).fresh, 100);
    check_ranges();
    CHECK((conn.flags & MC_C_RANGES_FULL) != 0);
    CHECK_EQ(mc_bytes_missing(&conn.endpoint[0], false), MC_MAX_RANGES * 1900 - 100);
    CHECK_EQ(add(9000, 100).fresh, 100);
    check_ranges();
    CHECK_EQ(mc_bytes_missing(&conn.endpoint[0], false), MC_MAX_RANGES * 1900 - 100 + 900);
}

static void test_too_many_holes_are_given_up_and_said(void)
{
    unsigned i;

    begin(0);
    for (i = 0; i < 1000; i++)
        CHECK_EQ(add(1 + i * 20, 10).fresh, 10);
    CHECK((conn.flags & MC_C_RANGES_FULL) != 0);
    CHECK_EQ(mc_bytes_unique(&conn.endpoint[0]), 10000);
    CHECK_EQ(mc_bytes_missing(&conn.endpoint[0], true), 9990);
    CHECK(conn.endpoint[0].detail->range_count <= MC_MAX_RANGES);
}

static void test_without_memory_the_counts_go_on(void)
{
    mc_segment s = { .len = 10, .len_known = true };
    mc_bytes_news news;
    unsigned i;

    begin(0);
    pool.limit = 1;
    for (i = 0; i < 20; i++) {
        s.seq = 1 + i * 20;
        mc_bytes_add(&conn, 0, &s, 0, true, &pool, &news);
    }
    CHECK_EQ(conn.endpoint[0].payload_bytes, 200);
    CHECK((conn.flags & MC_C_RANGES_FULL) != 0);
    pool.limit = 0;

    /* memory for the details, but not for a list: each hole is given up at once */
    begin(0);
    add(1001, 100);
    add(1201, 100);
    add(1401, 100);
    begin(0);
    add(5000, 100);
    CHECK(conn.endpoint[0].detail != NULL);
    pool.limit = 1;
    CHECK_EQ(add(5200, 100).fresh, 100);
    CHECK_EQ(mc_bytes_missing(&conn.endpoint[0], false), 100);
    CHECK_EQ(add(4000, 100).fresh, 100);
    CHECK_EQ(mc_bytes_missing(&conn.endpoint[0], false), 1000);
    CHECK_EQ(add(4100, 100).fresh, 0);
    CHECK_EQ(mc_bytes_missing(&conn.endpoint[0], true), 4999);
    CHECK_EQ(mc_bytes_unique(&conn.endpoint[0]), 300);
    CHECK((conn.flags & MC_C_RANGES_FULL) != 0);
    pool.limit = 0;
}

int main(void)
{
    RUN(test_in_order_needs_no_details);
    RUN(test_overlap_counts_what_is_new);
    RUN(test_a_hole_is_missing_until_it_is_filled);
    RUN(test_the_start_of_the_stream_may_be_missing);
    RUN(test_a_syn_that_is_of_another_attempt);
    RUN(test_sequence_numbers_wrap);
    RUN(test_bytes_below_the_first_are_new);
    RUN(test_against_a_bitmap);
    RUN(test_a_full_list_against_a_bitmap);
    RUN(test_a_range_within_the_hole_that_is_given_up);
    RUN(test_too_many_holes_are_given_up_and_said);
    RUN(test_without_memory_the_counts_go_on);
    mc_pool_destroy(&pool);
    return DONE();
}
