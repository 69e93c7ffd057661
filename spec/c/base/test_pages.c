/*
 * test_pages.c: blocks that move into large pages keep what is in them.
 */
#include "check.h"
#include "base/store.h"

#define SIZE 1216u
#define BITS 11u

static void write(mc_store *t, uint32_t to)
{
    uint32_t n;

    while (t->used < to) {
        n = mc_store_take(t);
        CHECK(n == t->used);
        memset(mc_store_at(t, n), (int)(n % 251), SIZE);
    }
}

static bool is_kept(const mc_store *t)
{
    uint32_t n, i;

    for (n = 1; n <= t->used; n++) {
        const uint8_t *p = mc_store_at(t, n);

        for (i = 0; i < SIZE; i += 304)
            if (p[i] != n % 251 || (uintptr_t)p % 64 != 0)
                return false;
    }
    return true;
}

static void test_enlarging_keeps_all(mc_paging paging, uint32_t before, uint32_t after)
{
    mc_store t;

    mc_store_init(&t, SIZE, BITS);
    t.blocks.paging = paging;
    t.blocks.large_from = UINT32_MAX;
    mc_store_enlarge(&t);                        /* there is nothing yet */
    CHECK_EQ(t.blocks.large_from, UINT32_MAX);
    write(&t, before);
    CHECK_EQ(t.blocks.large, 0);
    mc_store_enlarge(&t);
    CHECK(paging == MC_PAGES_CHOSEN || t.blocks.large_from == UINT32_MAX);
    write(&t, after);
    CHECK(is_kept(&t));
    mc_store_destroy(&t);
}

/* They cost more than they may: the next blocks are small again. */
static void test_dear_ones_are_left(void)
{
    mc_store t;

    mc_store_init(&t, SIZE, BITS);
    t.blocks.paging = MC_PAGES_CHOSEN;
    t.blocks.large_from = UINT32_MAX;
    write(&t, 5000);
    t.blocks.small_ns = 1;
    mc_store_enlarge(&t);
    CHECK_EQ(t.blocks.large_from, UINT32_MAX);
    write(&t, 7000);
    CHECK_EQ(t.blocks.large, 0);
    CHECK(is_kept(&t));
    mc_store_destroy(&t);
}

static void test_one_block(void)
{
    test_enlarging_keeps_all(MC_PAGES_CHOSEN, 1500, 2000);
}

static void test_more_blocks(void)
{
    test_enlarging_keeps_all(MC_PAGES_CHOSEN, 1500, 7000);
    test_enlarging_keeps_all(MC_PAGES_CHOSEN, 5000, 7000);
}

static void test_only_where_it_is_to_be_chosen(void)
{
    test_enlarging_keeps_all(MC_PAGES_SMALL, 1500, 5000);
}

int main(void)
{
    RUN(test_one_block);
    RUN(test_more_blocks);
    RUN(test_dear_ones_are_left);
    RUN(test_only_where_it_is_to_be_chosen);
    return DONE();
}
