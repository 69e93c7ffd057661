/*
 * test_sweeps.c: who asks many hosts for one port, and who does not.
 */
#include "check.h"
#include "table/sweeps.h"

#include <stdlib.h>

typedef struct host {
    uint64_t addr[2];
} host;

static host ipv4(unsigned a, unsigned b, unsigned c, unsigned d)
{
    const uint8_t bytes[16] = { [10] = 0xff, 0xff, (uint8_t)a, (uint8_t)b, (uint8_t)c, (uint8_t)d };
    host h;

    memcpy(h.addr, bytes, sizeof bytes);
    return h;
}

static host ipv6(unsigned network, unsigned last)
{
    const uint8_t bytes[16] = { 0x20, 1, 0xd, 0xb8, [6] = (uint8_t)(network >> 8), (uint8_t)network,
                                [14] = (uint8_t)(last >> 8), (uint8_t)last };
    host h;

    memcpy(h.addr, bytes, sizeof bytes);
    return h;
}

static void ask(mc_sweeps *t, host client, host of, uint16_t port, bool answers)
{
    mc_sweeps_note(t, client.addr, of.addr, port, false);
    if (answers)
        mc_sweeps_note(t, client.addr, of.addr, port, true);
}

static mc_sweep find(const mc_sweeps *t, host client, host server, uint16_t port, bool near)
{
    return mc_sweeps_find(t, client.addr, server.addr, port, near);
}

static mc_sweeps *new_table(void)
{
    mc_sweeps *t = calloc(1, sizeof *t);

    CHECK(t != NULL);
    return t;
}

static void test_a_sweep_is_told_from_a_client_of_many(void)
{
    mc_sweeps *t = new_table();
    const host sweeper = ipv4(198, 51, 100, 9), user = ipv4(198, 51, 100, 10), server = ipv4(192, 0, 2, 80);
    mc_sweep s;
    unsigned i;

    CHECK(!mc_sweeps_any(NULL));
    CHECK(!mc_sweeps_any(t));
    for (i = 1; i <= 40; i++) {
        ask(t, sweeper, ipv4(192, 0, 2, 100 + i), 22, i % 10 == 0);
        ask(t, user, ipv4(192, 0, 2, 100 + i), 443, i % 10 != 0);
    }
    CHECK(mc_sweeps_any(t));
    s = find(t, sweeper, server, 22, true);
    CHECK(mc_sweep_is_one(&s));
    CHECK(s.asked >= 20 && s.asked <= 40);
    CHECK(s.answered >= 2 && s.answered <= 4);
    s = find(t, user, server, 443, true);
    CHECK(!mc_sweep_is_one(&s));
    CHECK(s.answered * 2 > s.asked);
    s = find(t, sweeper, server, 443, true);     /* another port, another client: nothing */
    CHECK_EQ(s.asked, 0u);
    s = find(t, user, server, 22, true);
    CHECK_EQ(s.asked, 0u);
    free(t);
}

static void test_near_and_far(void)
{
    mc_sweeps *t = new_table();
    const host client = ipv4(198, 51, 100, 9), client6 = ipv6(7, 9);
    mc_sweep s;
    unsigned i;

    for (i = 1; i <= 40; i++) {
        ask(t, client, ipv4(203, 0, i, 80), 22, false);
        ask(t, client6, ipv6(1, i), 22, false);
    }
    s = find(t, client, ipv4(192, 0, 2, 80), 22, false);
    CHECK(mc_sweep_is_one(&s));
    s = find(t, client, ipv4(192, 0, 2, 80), 22, true);
    CHECK_EQ(s.asked, 0u);
    s = find(t, client, ipv4(203, 0, 7, 99), 22, true);      /* the one host of that network */
    CHECK_EQ(s.asked, 1u);
    s = find(t, client6, ipv6(1, 80), 22, true);
    CHECK(mc_sweep_is_one(&s));
    s = find(t, client6, ipv6(2, 80), 22, true);
    CHECK_EQ(s.asked, 0u);
    free(t);
}

static void test_the_server_itself_is_none_of_the_others(void)
{
    mc_sweeps *t = new_table();
    const host client = ipv4(198, 51, 100, 9), server = ipv4(192, 0, 2, 80);
    mc_sweep s;

    ask(t, client, server, 22, true);
    s = find(t, client, server, 22, true);
    CHECK_EQ(s.asked, 0u);
    CHECK_EQ(s.answered, 0u);
    s = find(t, client, ipv4(192, 0, 2, 81), 22, true);
    CHECK_EQ(s.asked, 1u);
    CHECK_EQ(s.answered, 1u);
    free(t);
}

static void test_fifteen_are_few(void)
{
    const mc_sweep few = { MC_SWEEP_HOSTS - 1, 0 }, many = { MC_SWEEP_HOSTS, MC_SWEEP_HOSTS / MC_SWEEP_SHARE };
    const mc_sweep answered = { MC_SWEEP_HOSTS, MC_SWEEP_HOSTS / MC_SWEEP_SHARE + 1 };

    CHECK(!mc_sweep_is_one(&few));
    CHECK(mc_sweep_is_one(&many));
    CHECK(!mc_sweep_is_one(&answered));
}

/* 10,000 clients of 20 servers each, all of which answer, are no crowd that hides one who sweeps; nor do they look as if. */
static void test_users_do_not_look_like_a_sweep(void)
{
    mc_sweeps *t = new_table();
    const host server = ipv4(192, 0, 2, 80);
    unsigned i, k, wrong = 0;

    for (i = 0; i < 10000; i++)
        for (k = 0; k < 20; k++)
            ask(t, ipv4(10, 1, i / 256, i % 256), ipv4(203, k, i % 251, i % 13), 443, true);
    for (i = 0; i < 10000; i++) {
        const mc_sweep s = find(t, ipv4(10, 1, i / 256, i % 256), server, 443, false);

        wrong += mc_sweep_is_one(&s);
    }
    CHECK_EQ(wrong, 0u);
    free(t);
}

/* Where each place is one of a sweep's, who comes by chance would be one, too. */
static void test_nothing_is_said_where_all_sweep(void)
{
    mc_sweeps *t = new_table();
    unsigned i, k;

    for (i = 0; i < 20; i++)
        for (k = 1; k <= 60; k++)
            ask(t, ipv4(10, 0, i / 256, i % 256), ipv4(203, 0, 113, k), 22, false);
    CHECK(mc_sweeps_any(t));
    for (i = 0; i < 5000; i++)
        for (k = 1; k <= 60; k++)
            ask(t, ipv4(10, 0, i / 256, i % 256), ipv4(203, 0, 113, k), 22, false);
    CHECK(!mc_sweeps_any(t));
    free(t);
}

int main(void)
{
    RUN(test_a_sweep_is_told_from_a_client_of_many);
    RUN(test_near_and_far);
    RUN(test_the_server_itself_is_none_of_the_others);
    RUN(test_fifteen_are_few);
    RUN(test_users_do_not_look_like_a_sweep);
    RUN(test_nothing_is_said_where_all_sweep);
    return DONE();
}
