/*
 * test_slots.c: the table of references: what was put in is found, whatever the hashes.
 */
#include "check.h"
#include "table/slots.h"

static uint32_t draw(uint64_t *state)
{
    *state = *state * 6364136223846793005ull + 1442695040888963407ull;
    return (uint32_t)(*state >> 33) | 0x80000000u;
}

static bool put(mc_slots *t, uint32_t hash, uint32_t ref)
{
    if (!mc_slots_make_room(t))
        return false;
    mc_slots_put(t, hash, ref);
    return true;
}

/* By the way of a lookup: line by line, until one is not full. */
static bool is_found(const mc_slots *t, uint32_t hash, uint32_t ref)
{
    uint32_t at = hash & t->mask;

    for (;; at = (at + 1) & t->mask) {
        unsigned found = mc_slots_match(&t->lines[at], hash);

        for (; found != 0; found &= found - 1)
            if (t->lines[at].ref[__builtin_ctz(found)] == ref)
                return true;
        if (mc_slots_is_last(&t->lines[at]))
            return false;
    }
}

static void test_match_tells_each_slot(void)
{
    mc_slot_line line = { { 0 }, { 0 } };
    unsigned i;

    CHECK_EQ(mc_slots_match(&line, 0x80000001u), 0u);
    for (i = 0; i < MC_SLOTS_A_LINE; i++) {
        CHECK(mc_slots_is_last(&line));
        line.hash[i] = 0x80000000u + i;
        line.ref[i] = i + 1;
    }
    CHECK(!mc_slots_is_last(&line));
    for (i = 0; i < MC_SLOTS_A_LINE; i++)
        CHECK_EQ(mc_slots_match(&line, 0x80000000u + i), 1u << i);
    line.hash[2] = line.hash[7] = 0xffffffffu;
    CHECK_EQ(mc_slots_match(&line, 0xffffffffu), 0x84u);
}

static void test_all_are_found_while_the_table_grows(void)
{
    const uint32_t count = 400000;   /* past the size from which pages move when it grows */
    uint64_t state = 1, again;
    mc_slots t;
    uint32_t i;

    CHECK(mc_slots_init(&t));
    for (i = 1; i <= count; i++)
        CHECK(put(&t, draw(&state), i));
    CHECK_EQ(t.used, count);
    CHECK(mc_slots_memory(&t) <= (uint64_t)count * 22);
    for (again = 1, i = 1; i <= count; i++) {
        uint32_t hash = draw(&again), *ref = mc_slots_find_ref(&t, hash, i);

        CHECK(is_found(&t, hash, i));
        CHECK(ref != NULL && *ref == i);
        CHECK(mc_slots_find_ref(&t, hash, count + i) == NULL);
    }
    mc_slots_free(&t);
}

/* Equal hashes spill into the lines behind, around the end of the table too. */
static void test_equal_hashes_are_all_found(void)
{
    uint32_t i, hash = 0xffffffffu;
    mc_slots t;

    CHECK(mc_slots_init(&t));
    for (i = 1; i <= 100; i++)
        CHECK(put(&t, hash, i));
    for (i = 1; i <= 100; i++) {
        CHECK(is_found(&t, hash, i));
        CHECK(mc_slots_find_ref(&t, hash, i) != NULL);
    }
    CHECK(!is_found(&t, hash, 101));
    CHECK(!is_found(&t, 0x80000000u | (hash & t.mask), 1) || (0x80000000u | (hash & t.mask)) == hash);
    CHECK(mc_slots_guess(&t, hash) == 1);
    mc_slots_free(&t);
}

/* Crowded at the end of the table and over it, at every size that it has. */
static void test_crowds_around_the_end_are_found_while_the_table_grows(void)
{
    const uint32_t count = 3000;
    uint64_t state = 2, again;
    uint32_t i;
    mc_slots t;

    CHECK(mc_slots_init(&t));
    for (i = 1; i <= count; i++) {
        uint32_t hash = draw(&state), seen, n;

        CHECK(put(&t, i % 3 == 0 ? hash : hash | 0xffff8, i));
        if ((i & (i - 1)) != 0 && i % 97 != 0)
            continue;
        for (again = 2, seen = 1; seen <= i; seen++) {
            hash = draw(&again);
            CHECK(is_found(&t, seen % 3 == 0 ? hash : hash | 0xffff8, seen));
        }
        for (n = 0, seen = 0; n <= t.mask; n++)
            seen += (uint32_t)__builtin_popcount(mc_slots_equal(t.lines[n].ref, 0));
        CHECK_EQ(seen, (t.mask + 1) * MC_SLOTS_A_LINE - i);
    }
    mc_slots_free(&t);
}

/* The first that came in is the first of its hash, however often the table has grown. */
static void test_the_order_of_equal_hashes_stays(void)
{
    uint32_t i, hash = 0xfffffffeu;
    mc_slots t;

    CHECK(mc_slots_init(&t));
    for (i = 1; i <= 1000; i++) {
        CHECK(put(&t, hash, i));
        CHECK_EQ(mc_slots_guess(&t, hash), 1u);
    }
    mc_slots_free(&t);
}

int main(void)
{
    RUN(test_match_tells_each_slot);
    RUN(test_all_are_found_while_the_table_grows);
    RUN(test_equal_hashes_are_all_found);
    RUN(test_crowds_around_the_end_are_found_while_the_table_grows);
    RUN(test_the_order_of_equal_hashes_stays);
    return DONE();
}
