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
    pool.limit = 0;
}

int main(void)
{
    RUN(test_in_order_needs_no_details);
    RUN(test_overlap_counts_what_is_new);
    RUN(test_a_hole_is_missing_until_it_is_filled);
    RUN(test_the_start_of_the_stream_may_be_missing);
    RUN(test_sequence_numbers_wrap);
    RUN(test_bytes_below_the_first_are_new);
    RUN(test_against_a_bitmap);
    RUN(test_too_many_holes_are_given_up_and_said);
    RUN(test_without_memory_the_counts_go_on);
    mc_pool_destroy(&pool);
    return DONE();
}
