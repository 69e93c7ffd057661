/*
 * test_prefetcher.c: a prefetcher goes from record to record, and no further than what is mapped.
 */
#include "check.h"
#include "capture/reader_ahead.h"

static uint8_t bytes[4096];

/* A record of 'size' bytes at 'at' whose size field leaves out 'more' of them. */
static size_t put(size_t at, uint32_t size, uint32_t size_at, uint32_t more)
{
    uint32_t stated = size - more;

    bytes[at + size_at] = (uint8_t)stated;
    bytes[at + size_at + 1] = (uint8_t)(stated >> 8);
    bytes[at + size_at + 2] = bytes[at + size_at + 3] = 0;
    return at + size;
}

static void test_it_goes_from_record_to_record(void)
{
    mc_prefetcher s = { .at = bytes, .left = sizeof bytes, .size_at = 8, .more = 16, .headers = 98 };
    size_t second = put(0, 100, 8, 16), third = put(second, 1516, 8, 16);

    put(third, 82, 8, 16);
    mc_prefetcher_step(&s);
    CHECK(s.at == bytes + second && s.left == sizeof bytes - second);
    mc_prefetcher_step(&s);
    CHECK(s.at == bytes + third && s.left == sizeof bytes - third);
    CHECK_EQ(s.steps, 2);
}

static void test_it_stops_at_garbage_and_at_the_end(void)
{
    mc_prefetcher s = { .at = bytes, .left = sizeof bytes, .size_at = 4 };

    put(0, 4097, 4, 0);              /* longer than what is there */
    mc_prefetcher_step(&s);
    CHECK(s.at == bytes && s.left == 0 && s.steps == 0);
    mc_prefetcher_step(&s);
    CHECK(s.at == bytes && s.steps == 0);

    s.left = sizeof bytes;
    put(0, 4, 4, 0);                 /* shorter than any: it would go round in circles */
    mc_prefetcher_step(&s);
    CHECK(s.at == bytes && s.left == 0);

    s.left = sizeof bytes;
    put(0, sizeof bytes - 31, 4, 0); /* no header can follow */
    mc_prefetcher_step(&s);
    CHECK_EQ(s.left, 31);
    CHECK_EQ(s.steps, 1);
    mc_prefetcher_step(&s);
    CHECK_EQ(s.left, 31);
    CHECK_EQ(s.steps, 1);
}

static void test_it_sweeps_what_it_cannot_walk(void)
{
    mc_prefetcher s = { .at = bytes, .left = 1000, .size_at = 4, .sweep = 448 };

    memset(bytes, 0xff, sizeof bytes);           /* no record that it could walk from */
    mc_prefetcher_step(&s);
    CHECK(s.at == bytes + 448 && s.left == 552);
    mc_prefetcher_step(&s);
    CHECK(s.at == bytes + 896 && s.left == 104);
    CHECK_EQ(s.steps, 2);
    mc_prefetcher_step(&s);                           /* the rest is less than a step */
    CHECK(s.at == bytes + 896 && s.left == 0);
    CHECK_EQ(s.steps, 2);
}

static void test_it_sweeps_what_is_read_whole(void)
{
    const mc_ahead guess = { .how = MC_AHEAD_GUESS, .large = 1516, .small = 82, .step = 900 };
    const mc_ahead giant = { .how = MC_AHEAD_GUESS, .large = 65536, .small = 82, .step = 3000 };
    const mc_ahead small = { .how = MC_AHEAD_SMALL, .step = 112 };
    mc_prefetcher s = mc_ahead_prefetcher(&guess, bytes, sizeof bytes, 4, 8, 16, 16, true);

    CHECK(s.whole && s.left == sizeof bytes && s.large == 0);
    CHECK_EQ(s.sweep, 960);
    mc_prefetcher_step(&s);
    CHECK(s.at == bytes + 960);

    s = mc_ahead_prefetcher(&guess, bytes, sizeof bytes, 4, 8, 16, 16, false);
    CHECK(!s.whole && s.sweep == 0 && s.large == 1516 && s.small == 82);
    s = mc_ahead_prefetcher(&guess, bytes, 3600, 4, 8, 16, 16, true);        /* the next run is not all there */
    CHECK(s.sweep == 0 && s.large == 1516);
    s = mc_ahead_prefetcher(&giant, bytes, sizeof bytes, 1, 8, 16, 16, true);
    CHECK(s.sweep == 0 && s.large == 65536);
    s = mc_ahead_prefetcher(&small, bytes, sizeof bytes, 4, 8, 16, 16, true);
    CHECK(s.sweep == 0 && s.left == 0);
}

int main(void)
{
    RUN(test_it_goes_from_record_to_record);
    RUN(test_it_stops_at_garbage_and_at_the_end);
    RUN(test_it_sweeps_what_it_cannot_walk);
    RUN(test_it_sweeps_what_is_read_whole);
    return DONE();
}
