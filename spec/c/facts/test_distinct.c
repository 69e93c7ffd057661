/*
 * test_distinct.c: how many different addresses there are, counted or estimated.
 */
#include <stdlib.h>

#include "check.h"
#include "facts/distinct.h"

/* The address of number 'n'; of IPv4 or IPv6. */
static void put_address(uint8_t addr[16], uint32_t n, bool v6)
{
    static const uint8_t first[2][16] = { { [10] = 0xff, [11] = 0xff, [12] = 10 }, { 0x20, 0x01, 0x0d, 0xb8 } };

    memcpy(addr, first[v6], 16);
    addr[13] = (uint8_t)(n >> 16);
    addr[14] = (uint8_t)(n >> 8);
    addr[15] = (uint8_t)n;
}

/* Counts so many addresses, each so often; at most 'room' were announced. */
static uint64_t count_of(uint32_t many, unsigned often, uint32_t room, bool v6, bool *exact)
{
    mc_distinct *d = malloc(sizeof *d);
    uint8_t addr[16];
    uint64_t count;
    uint32_t n;
    unsigned k;

    if (d == NULL)
        abort();
    mc_distinct_init(d, room);
    for (k = 0; k < often; k++)
        for (n = 0; n < many; n++) {
            put_address(addr, n, v6);
            mc_distinct_add(d, addr);
        }
    count = mc_distinct_count(d, exact);
    mc_distinct_free(d);
    free(d);
    return count;
}

static void test_few_are_counted(void)
{
    static const uint32_t many[] = { 0, 1, 15, 16, 17, 1000, MC_DISTINCT_EXACT };
    bool exact;
    size_t i;

    for (i = 0; i < MC_ARRAY_LEN(many); i++) {
        CHECK_EQ(count_of(many[i], 3, many[i] * 3, i % 2 != 0, &exact), many[i]);
        CHECK(exact);
    }
}

static void test_many_are_estimated(void)
{
    static const uint32_t many[] = { MC_DISTINCT_EXACT + 1, 200000, 3000000 };
    bool exact;
    size_t i;

    for (i = 0; i < MC_ARRAY_LEN(many); i++) {
        int64_t count = (int64_t)count_of(many[i], 1, many[i], i % 2 != 0, &exact);

        CHECK(!exact);
        CHECK(llabs(count - (int64_t)many[i]) < (int64_t)many[i] / 20);
        CHECK(count <= many[i]);             /* that many were announced */
    }
}

static void test_zeros_are_an_address_too(void)
{
    static const uint8_t zeros[16], one[16] = { [15] = 1 };
    mc_distinct *d = malloc(sizeof *d);
    bool exact;
    unsigned i;

    if (d == NULL)
        abort();
    mc_distinct_init(d, 100);
    for (i = 0; i < 40; i++)
        mc_distinct_add(d, i % 2 != 0 ? zeros : one);
    CHECK_EQ(mc_distinct_count(d, &exact), 2);
    CHECK(exact);
    mc_distinct_free(d);
    free(d);
}

int main(void)
{
    RUN(test_few_are_counted);
    RUN(test_many_are_estimated);
    RUN(test_zeros_are_an_address_too);
    return DONE();
}
