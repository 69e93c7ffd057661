/*
 * test_ears.c: bytes in order and out of it, and who has an ear.
 */
#include "application/ears.h"
#include "check.h"

#include <stdlib.h>

static mc_ears ears;
static mc_ear *e;
static uint32_t was;
static uint8_t was_side;

static void begin(uint32_t most)
{
    mc_ears_free(&ears);
    mc_ears_init(&ears, most);
    e = mc_ears_at(&ears, mc_ears_take(&ears, 1, 0, &was, &was_side));
}

static void put(uint32_t at, const char *text)
{
    mc_ear_put(e, at, (const uint8_t *)text, (uint32_t)strlen(text));
}

/* That, and no more, lies there in order. */
static bool holds(const char *text)
{
    return e->filled == strlen(text) && memcmp(e->bytes, text, e->filled) == 0;
}

static void test_bytes_in_order(void)
{
    begin(2);
    CHECK(holds(""));
    put(0, "abc");
    put(3, "def");
    CHECK(holds("abcdef"));
    put(2, "cd");                                /* was there */
    CHECK(holds("abcdef"));
    put(4, "efgh");                              /* half of it */
    CHECK(holds("abcdefgh"));
}

static void test_bytes_out_of_order(void)
{
    begin(2);
    put(6, "ghi");
    put(3, "d");
    CHECK(holds(""));
    put(0, "abc");
    CHECK(holds("abcd"));
    put(4, "ef");
    CHECK(holds("abcdefghi"));
    CHECK_EQ(e->range_count, 0);
}

static void test_ranges_that_touch(void)
{
    begin(2);
    put(10, "kl");
    put(12, "mn");                               /* behind */
    put(8, "ij");                                /* in front */
    put(9, "jklmno");                            /* over both */
    CHECK_EQ(e->range_count, 1);
    put(20, "uv");
    put(14, "opqrstuvw");                        /* joins two: they may lie as two ... */
    put(0, "abcdefgh");
    CHECK(holds("abcdefghijklmnopqrstuvw"));     /* ... and are one at the end */
    CHECK_EQ(e->range_count, 0);
}

/* More holes than are kept: what is left out can come again. */
static void test_more_holes_than_are_kept(void)
{
    uint32_t i;

    begin(2);
    for (i = 0; i <= MC_EAR_RANGES; i++)
        put(2 + 2 * i, "x");
    CHECK_EQ(e->range_count, MC_EAR_RANGES);
    put(0, "ab");
    for (i = 0; i < MC_EAR_RANGES; i++)
        put(3 + 2 * i, "y");
    CHECK_EQ(e->filled, 2 + 2 * MC_EAR_RANGES);
    CHECK_EQ(e->range_count, 0);
    put(e->filled, "x");
    CHECK_EQ(e->filled, 3 + 2 * MC_EAR_RANGES);
}

static void test_what_does_not_fit(void)
{
    static uint8_t much[MC_EAR_BYTES + 100];

    begin(2);
    memset(much, 'm', sizeof much);
    mc_ear_put(e, MC_EAR_BYTES, much, 10);
    mc_ear_put(e, UINT32_MAX, much, 10);
    CHECK_EQ(e->range_count, 0);
    mc_ear_put(e, MC_EAR_BYTES - 4, much, 10);
    CHECK_EQ(e->range_count, 1);
    mc_ear_put(e, 0, much, sizeof much);
    CHECK_EQ(e->filled, MC_EAR_BYTES);
    CHECK_EQ(e->range_count, 0);
    mc_ear_drop(e, MC_EAR_BYTES);
    CHECK_EQ(e->filled, 0);
}

static void test_what_is_done_with(void)
{
    begin(2);
    put(0, "abcdef");
    put(8, "ij");
    put(12, "mn");
    mc_ear_drop(e, 0);
    CHECK(holds("abcdef"));
    mc_ear_drop(e, 2);
    CHECK(holds("cdef"));
    put(4, "gh");
    CHECK(holds("cdefghij"));
    mc_ear_drop(e, 11);                          /* into what has not come yet, and into a range */
    CHECK(holds("n"));
    mc_ear_drop(e, 1);
    put(3, "rs");
    put(7, "vw");
    mc_ear_drop(e, 5);                           /* a whole range */
    CHECK(holds(""));
    CHECK_EQ(e->range_count, 1);
    put(0, "tu");
    CHECK(holds("tuvw"));
    mc_ear_drop(e, UINT32_MAX);
    CHECK(holds(""));
}

/* The oldest makes room: three streams with two ears. */
static void test_ears_that_are_taken_away(void)
{
    uint8_t number;

    mc_ears_free(&ears);
    mc_ears_init(&ears, 2);
    CHECK_EQ(mc_ears_take(&ears, 11, 0, &was, &was_side), 1);
    CHECK_EQ(was, 0);
    CHECK_EQ(mc_ears_take(&ears, 22, 1, &was, &was_side), 2);
    CHECK_EQ(was, 0);
    e = mc_ears_at(&ears, 1);
    put(0, "abc");
    put(9, "x");
    CHECK_EQ(mc_ears_take(&ears, 33, 1, &was, &was_side), 1);
    CHECK_EQ(was, 11);
    CHECK_EQ(was_side, 0);
    CHECK_EQ(e->filled + e->range_count, 0);     /* nothing is left of the one before */
    CHECK_EQ(mc_ears_take(&ears, 44, 0, &was, &was_side), 2);
    CHECK_EQ(was, 22);
    CHECK_EQ(was_side, 1);
    mc_ears_give_back(&ears, 1);                 /* then a free one, whoever would be the next */
    number = mc_ears_take(&ears, 55, 0, &was, &was_side);
    CHECK_EQ(number, 1);
    CHECK_EQ(was, 0);
    CHECK_EQ(mc_ears_at(&ears, number)->owner, 55);
}

static void test_as_many_as_there_are(void)
{
    uint32_t i;

    mc_ears_free(&ears);
    mc_ears_init(&ears, 1000);
    for (i = 1; i <= MC_EARS_MOST; i++) {
        CHECK_EQ(mc_ears_take(&ears, i, 0, &was, &was_side), i);
        CHECK_EQ(was, 0);
    }
    CHECK_EQ(mc_ears_take(&ears, i, 0, &was, &was_side), 1);
    CHECK_EQ(was, 1);
}

int main(void)
{
    RUN(test_bytes_in_order);
    RUN(test_bytes_out_of_order);
    RUN(test_ranges_that_touch);
    RUN(test_more_holes_than_are_kept);
    RUN(test_what_does_not_fit);
    RUN(test_what_is_done_with);
    RUN(test_ears_that_are_taken_away);
    RUN(test_as_many_as_there_are);
    mc_ears_free(&ears);
    return DONE();
}
