/*
 * test_proxies.c: the same bytes under other numbers: passed on, or another connection; and those of the same ends, one after another.
 */
#include "two_points.h"

/* What client 1 has at the first point, under the numbers and ends of client 'n' at the second. */
static mc_tapped renumbered(mc_tapped t, unsigned n)
{
    t = as_client(t, n);
    t.seen.seq += t.seen.dir == C ? 7000000 : 3000000;
    if ((t.seen.flags & ACK) != 0)
        t.seen.ack += t.seen.dir == C ? 3000000 : 7000000;
    return t;
}

/* A request and its answer; the handshakes name no option that tells them apart, and not the same ones. */
static void exchange(bool proxied, bool answered)
{
    mc_tapped list[8] = {
        plain(segment(1, C, SYN, 1000, 0, 0)), plain(segment(1, S, SYN_ACK, 5000, 1001, 0)),
        plain(segment(1, C, ACK, 1001, 5001, 0)), plain(segment(1, C, ACK, 1001, 5001, 400)),
        plain(segment(1, S, ACK, 5001, 1401, 0)), plain(segment(1, S, ACK, 5001, 1401, 300)),
        plain(segment(1, C, ACK, 1401, 5301, 0)),
    };
    /* at the proxy, which opens its own connection when the client's is open, and answers by itself */
    static const int64_t near_ms[] = { 0, 1, 2, 3, 4, 60, 61 }, far_ms[] = { 10, 40, 41, 42, 72, 50, 51 };
    unsigned i, k;

    for (i = 0; i < 7; i++)
        if (answered || i != 5) {
            mc_tapped other = renumbered(list[i], 61);

            if ((other.seen.flags & SYN) != 0)
                other.seen.has |= MC_HAS_SCALE;
            if (!proxied) {
                pass_as(list[i], other, 20 * i);
                continue;
            }
            pass(0, list[i], near_ms[i]);
            list[i] = other;
        }
    for (k = 0; proxied && k < 80; k++)
        for (i = 0; i < 7; i++)
            if (far_ms[i] == k && (answered || i != 5))
                pass(1, list[i], k);
}

static void test_what_is_passed_on_is_no_proxy_s(void)
{
    const mc_between_facts *f;

    begin();
    exchange(false, true);
    f = finish();
    CHECK_EQ(f->paired, 1);
    CHECK_EQ(f->proxied, 0);
    CHECK_EQ(f->shifted, 1);
    CHECK_EQ(f->direction[C].at_both + f->direction[S].at_both, 7);
    CHECK_EQ(all_alone(f), 0);
}

/* The near miss: one segment for each here, too, but what the client gets was not at the other point before. */
static void test_what_is_answered_by_something_between_is_a_proxy_s(void)
{
    begin();
    exchange(true, true);
    CHECK_EQ(finish()->proxied, 1);
    begin();
    exchange(true, false);                                   /* without an answer nothing tells that it is passed on */
    CHECK_EQ(finish()->proxied, 1);
}

static void one_of_several(int64_t ms, int64_t far_ms)
{
    const mc_tapped syn = plain(segment(1, C, SYN, 1000 + (uint32_t)ms, 0, 0)), asks = plain(segment(1, C, ACK, 1001 + (uint32_t)ms, 5001, 400));
    mc_tapped same = asks;

    fill(&same, 77);
    pass(0, syn, ms);
    pass(1, renumbered(syn, 1), far_ms);
    pass(0, same, ms + 10);
    pass(1, renumbered(same, 1), far_ms + 10);
    pass(0, plain(segment(1, S, FIN, 5001, 1401 + (uint32_t)ms, 0)), ms + 20);
    pass(1, renumbered(plain(segment(1, S, FIN, 5001, 1401 + (uint32_t)ms, 0)), 1), far_ms + 20);
    pass(0, plain(segment(1, C, RST, 1401 + (uint32_t)ms, 0, 0)), ms + 30);
    pass(1, renumbered(plain(segment(1, C, RST, 1401 + (uint32_t)ms, 0, 0)), 1), far_ms + 30);
}

/* Connections of the same two ends with the same bytes follow one another: they are the same in turn. */
static void test_connections_of_the_same_ends_are_the_same_in_turn(void)
{
    const mc_between_facts *f;

    begin();
    one_of_several(0, 5);
    one_of_several(1000, 1005);
    one_of_several(3000, 3005);
    f = finish();
    CHECK_EQ(f->paired, 3);
}

/* The near misses: they follow at other distances; one is at one point only. */
static void test_connections_of_the_same_ends_at_other_distances(void)
{
    begin();
    one_of_several(0, 5);
    one_of_several(1000, 2005);
    one_of_several(3000, 3005);
    CHECK_EQ(finish()->paired, 0);
    begin();
    one_of_several(0, 5);
    one_of_several(1000, 1005);
    pass(0, plain(segment(1, C, SYN, 50000, 0, 0)), 4000);
    {
        mc_tapped same = plain(segment(1, C, ACK, 50001, 5001, 400));

        fill(&same, 77);
        pass(0, same, 4010);
    }
    CHECK_EQ(finish()->paired, 0);
}

/* The client's numbers and both ends' ports are rewritten, those of the server are not: its own tell the connection. */
static void test_numbers_of_the_server_alone_tell(void)
{
    const mc_between_facts *f;
    unsigned n, i;

    for (i = 0; i < 2; i++) {
        begin();
        for (n = 1; n < 4; n++) {
            mc_tapped syn = plain(segment(n, C, SYN, 1000 * n, 0, 0)), answer = plain(segment(n, S, SYN_ACK, 77000 * n, 1000 * n + 1, 0));
            mc_tapped other = as_client(syn, 60 + n), behind = as_client(answer, 60 + n);

            other.seen.seq += 4321;
            behind.seen.ack += 4321;
            behind.seen.seq += i == 1 ? 99 : 0;              /* the near miss: these, too */
            pass_as(syn, other, 100 * n);
            pass_as(answer, behind, 100 * n + 10);
        }
        f = finish();
        CHECK_EQ(f->paired, i == 0 ? 3 : 0);
        CHECK_EQ(f->shifted, i == 0 ? 3 : 0);
    }
}

int main(void)
{
    RUN(test_what_is_passed_on_is_no_proxy_s);
    RUN(test_what_is_answered_by_something_between_is_a_proxy_s);
    RUN(test_connections_of_the_same_ends_are_the_same_in_turn);
    RUN(test_connections_of_the_same_ends_at_other_distances);
    RUN(test_numbers_of_the_server_alone_tell);
    mc_between_close(between);
    return DONE();
}
