/*
 * test_flow.c: the table of connections: one current connection a pair, in three kinds of
 * keeping, within a bound.
 */
#include <stdlib.h>

#include "check.h"
#include "table/flow.h"

static mc_flows *flows;

/* The pair of the server's port 443 and that port of 10.0.0.2, or of 2001::2 where 'v6'. */
static mc_flow_key key_of(uint16_t port, bool v6)
{
    static const uint8_t addresses[2][16] = { { 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff, 10, 0, 0, 2 },
                                              { 0x20, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 2 } };
    mc_flow_key key = { .peer_port = port, .server_port = 443 };

    memcpy(key.peer, addresses[v6], sizeof key.peer);
    return key;
}

static mc_conn *find(uint16_t port)
{
    const mc_flow_key key = key_of(port, false);

    return mc_flows_find(flows, &key, mc_flows_hash(flows, &key));
}

static mc_conn *add(uint16_t port, uint64_t frame)
{
    const mc_flow_key key = key_of(port, false);

    return mc_flows_add(flows, &key, mc_flows_hash(flows, &key), frame);
}

static mc_half_open *add_half_open(uint16_t port, uint64_t frame, bool v6)
{
    const mc_flow_key key = key_of(port, v6);
    mc_half_open *h = mc_flows_add_half_open(flows, &key, mc_flows_hash(flows, &key), frame);

    if (h != NULL) {
        memset((uint8_t *)h + offsetof(mc_half_open, time_ns), 0,
               offsetof(mc_half_open, peer_port) - offsetof(mc_half_open, time_ns));
        h->seq = 1000u + port;
        h->win = 5000;
        h->mss = 1460;
        h->ip_id = 7;
        h->ttl = 64;
        h->options = MC_OPT_SEEN | MC_OPT_MSS;
        h->scale = 0;
        h->bytes = 74;
        h->by_server = 0;
    }
    return h;
}

/* Both sides of the connection have ended it. */
static void end(uint16_t port)
{
    const mc_flow_key key = key_of(port, false);
    mc_conn *c = find(port);

    CHECK(c != NULL);
    if (c == NULL)
        return;
    c->endpoint[0].state = c->endpoint[1].state = MC_ST_CLOSED;
    mc_flows_settle(flows, c, mc_flows_hash(flows, &key));
}

static uint32_t count_of(uint32_t kind)
{
    uint32_t n = 0, ref = kind;

    while ((ref = mc_flows_next(flows, ref)) != 0)
        n++;
    return n;
}

static void test_what_was_added_is_found(void)
{
    const mc_conn *c;

    flows = mc_flows_open(100, true);
    CHECK(find(1) == NULL);
    c = add(1, 5);
    CHECK(c != NULL && find(1) == c);
    CHECK(find(2) == NULL);
    CHECK_EQ(c->peer_port, 1);
    CHECK_EQ(c->server_port, 443);
    CHECK_EQ(mc_conn_first_frame(c), 5);
    CHECK_EQ(mc_flows_count(flows), 1);
    mc_flows_close(flows);
    mc_flows_close(NULL);
}

/* A pair that is used again: the new connection is found, the old one stays among all. */
static void test_a_pair_has_one_current_connection(void)
{
    const mc_conn *old, *new;

    flows = mc_flows_open(100, true);
    old = add(1, 5);
    new = add(1, 5);
    CHECK(old != new && find(1) == new);
    CHECK(old->begin < new->begin);
    CHECK_EQ(mc_conn_first_frame(new), 5);
    CHECK_EQ(mc_flows_count(flows), 2);
    CHECK_EQ(count_of(MC_REF_FULL), 2);
    mc_flows_close(flows);
}

/* Both ends are the server's address: the ports in either order name the same pair. */
static void test_ports_in_either_order(void)
{
    mc_flow_key key = key_of(1000, false), turned = key_of(443, false);
    const mc_conn *c;

    key.both = turned.both = true;
    turned.server_port = 1000;
    flows = mc_flows_open(100, true);
    CHECK_EQ(mc_flows_hash(flows, &key), mc_flows_hash(flows, &turned));
    c = mc_flows_add(flows, &key, mc_flows_hash(flows, &key), 1);
    CHECK(mc_flows_find(flows, &turned, mc_flows_hash(flows, &turned)) == c);
    turned.both = false;
    CHECK(mc_flows_find(flows, &turned, mc_flows_hash(flows, &key)) == NULL);
    mc_flows_close(flows);
}

static void test_a_half_open_connection_becomes_a_full_one(void)
{
    mc_conn *c, room;
    uint32_t ref;

    flows = mc_flows_open(100, true);
    CHECK(add_half_open(9, 3, false) != NULL);
    CHECK_EQ(count_of(MC_REF_HALF_OPEN), 1);
    CHECK_EQ(count_of(MC_REF_FULL), 0);
    ref = mc_flows_next(flows, MC_REF_HALF_OPEN);
    CHECK_EQ(mc_flows_look(flows, ref, &room)->endpoint[0].base, 1009);
    c = find(9);
    CHECK(c != NULL);
    CHECK_EQ(count_of(MC_REF_HALF_OPEN), 0);
    CHECK_EQ(count_of(MC_REF_FULL), 1);
    CHECK(c != NULL && c->endpoint[0].nxt == 1010 && c->endpoint[0].mss == 1460 && c->fast_path == MC_FAST_SYN_ACK);
    CHECK_EQ(mc_conn_first_frame(c), 3);
    CHECK_EQ(mc_flows_count(flows), 1);
    mc_flows_close(flows);

    flows = mc_flows_open(100, true);            /* no room for such an address */
    CHECK(add_half_open(9, 3, true) == NULL);
    mc_flows_close(flows);
    flows = mc_flows_open(100, false);
    CHECK(add_half_open(9, 3, true) != NULL);
    mc_flows_close(flows);
}

static void test_those_that_are_over_are_packed_when_others_follow(void)
{
    uint16_t port;
    const mc_conn *c;

    flows = mc_flows_open(1000, true);
    for (port = 1; port <= MC_FLOWS_LINGER; port++) {
        add(port, port);
        end(port);
    }
    CHECK_EQ(count_of(MC_REF_PACKED), 0);
    end(1);                                      /* it waits already */
    for (; port <= MC_FLOWS_LINGER + 3; port++) {
        add(port, port);
        end(port);
    }
    CHECK_EQ(count_of(MC_REF_PACKED), 3);
    CHECK_EQ(mc_flows_count(flows), MC_FLOWS_LINGER + 3);
    c = find(2);                                 /* one more segment of it */
    CHECK(c != NULL && c->peer_port == 2 && mc_conn_first_frame(c) == 2 && mc_conn_is_over(c));
    CHECK_EQ(count_of(MC_REF_PACKED), 2);
    CHECK(find(2) == c);
    mc_flows_close(flows);
}

/* One that lives again while it waits is not packed. */
static void test_one_that_lives_again_stays_in_full(void)
{
    uint16_t port;
    mc_conn *c;

    flows = mc_flows_open(1000, true);
    add(1, 1);
    end(1);
    c = find(1);
    c->endpoint[0].state = c->endpoint[1].state = MC_ST_ESTABLISHED;
    for (port = 2; port <= MC_FLOWS_LINGER + 2; port++) {
        add(port, port);
        end(port);
    }
    CHECK(find(1) == c);
    CHECK((c->flags & MC_C_WAITS) == 0);
    CHECK_EQ(count_of(MC_REF_PACKED), 1);
    mc_flows_close(flows);
}

static void test_the_bound_holds(void)
{
    uint16_t port;

    flows = mc_flows_open(10, true);
    for (port = 1; port <= 5; port++)
        CHECK(add(port, 1) != NULL);
    for (; port <= 10; port++)
        CHECK(add_half_open(port, 1, false) != NULL);
    CHECK(mc_flows_is_full(flows));
    CHECK(add(11, 1) == NULL);
    CHECK(add_half_open(12, 1, false) == NULL);
    for (port = 1; port <= 10; port++)
        CHECK(find(port) != NULL);               /* what is kept stays of use */
    CHECK(find(11) == NULL);
    mc_flows_close(flows);
    flows = mc_flows_open(0, true);
    CHECK(add(1, 1) != NULL);
    CHECK(add(2, 1) == NULL);
    mc_flows_close(flows);
}

/* Records move together when most of them have become connections. */
static void test_records_are_gathered(void)
{
    uint16_t port;

    flows = mc_flows_open(1000, true);
    flows->switches.gather_from = 8;
    for (port = 1; port <= 40; port++)
        add_half_open(port, port, false);
    for (port = 1; port <= 35; port++)
        CHECK(find(port) != NULL);
    CHECK_EQ(count_of(MC_REF_HALF_OPEN), 5);
    CHECK(flows->half_opens.end < 40);
    for (port = 1; port <= 40; port++) {
        const mc_conn *c = find(port);

        CHECK(c != NULL && c->peer_port == port && mc_conn_first_frame(c) == port);
    }
    CHECK_EQ(mc_flows_count(flows), 40);
    mc_flows_close(flows);
}

static void test_what_is_fetched_ahead_is_only_a_guess(void)
{
    mc_flow_key key = key_of(1, false);
    const uint32_t hash = 0x80000001u;

    flows = mc_flows_open(100, true);
    CHECK(mc_flows_guess(flows, hash) == &flows->no_conn);
    CHECK_EQ(flows->no_conn.fast_path, 0);
    add_half_open(1, 1, false);
    CHECK(mc_flows_guess(flows, mc_flows_hash(flows, &key)) == &flows->no_conn);
    CHECK(mc_flows_guess(flows, mc_flows_hash(flows, &key)) != find(1));
    CHECK(mc_flows_guess(flows, mc_flows_hash(flows, &key)) == find(1));
    CHECK(!mc_flows_are_many(flows) && !mc_flows_are_scattered(flows));
    mc_flows_close(flows);
}

/* Lines that are looked at to find each of 50,000 addresses in a row, in a table that is about as full as one may be. */
static double lines_a_lookup(const mc_flows *f)
{
    enum { COUNT = 50000, LINES = 8192 };
    static uint8_t used[LINES];
    double looked_at = (double)COUNT;
    uint32_t i, at;

    memset(used, 0, sizeof used);
    for (i = 0; i < COUNT; i++) {
        uint8_t address[16] = { 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff, 10, (uint8_t)(i >> 16), (uint8_t)(i >> 8), (uint8_t)i };
        mc_flow_key key = { .peer_port = 40000, .server_port = 443 };

        memcpy(key.peer, address, sizeof key.peer);
        for (at = mc_flows_hash(f, &key) % LINES; used[at] == MC_SLOTS_A_LINE; at = (at + 1) % LINES)
            looked_at++;
        used[at]++;
    }
    return looked_at / (double)COUNT;
}

/* What stands in a row in a capture must not do so in the table, whatever the seed is. */
static void test_no_seed_is_a_bad_one(void)
{
    mc_flows *f = mc_flows_open(1, true);
    uint64_t state = 88172645463325252ull;
    double most = 0;
    unsigned i, k;

    for (i = 0; i < 200; i++) {
        for (k = 0; k < 2; k++) {
            state ^= state << 13;
            state ^= state >> 7;
            state ^= state << 17;
            f->seed[k] = state * 0x2545f4914f6cdd1dull;
        }
        most = lines_a_lookup(f) > most ? lines_a_lookup(f) : most;
    }
    CHECK(most > 1 && most < 1.3);
    mc_flows_close(f);
}

int main(void)
{
    RUN(test_what_was_added_is_found);
    RUN(test_a_pair_has_one_current_connection);
    RUN(test_ports_in_either_order);
    RUN(test_a_half_open_connection_becomes_a_full_one);
    RUN(test_those_that_are_over_are_packed_when_others_follow);
    RUN(test_one_that_lives_again_stays_in_full);
    RUN(test_the_bound_holds);
    RUN(test_records_are_gathered);
    RUN(test_what_is_fetched_ahead_is_only_a_guess);
    RUN(test_no_seed_is_a_bad_one);
    return DONE();
}
