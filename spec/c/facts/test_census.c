/*
 * test_census.c: which servers there are, and what their connections went through.
 *
 * Client n is 10.0.0.n at port 40000; servers are 10.0.1.n.
 */
#include <stdlib.h>

#include "check.h"
#include "facts/census.h"

#define SYN     MC_TH_SYN
#define ACK     MC_TH_ACK
#define FIN     (MC_TH_FIN | MC_TH_ACK)
#define RST     MC_TH_RST
#define SYN_ACK (MC_TH_SYN | MC_TH_ACK)
#define MS      MC_NS_PER_MS

static mc_census *census;
static mc_census_server *servers;
static uint32_t count;
static uint64_t others, frame;

static void begin(uint64_t most)
{
    mc_census_close(census);
    census = mc_census_open(most);
    CHECK(census != NULL);
    frame = 0;
}

static void put_address(uint64_t words[2], uint32_t address)
{
    const uint8_t bytes[16] = { 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff, (uint8_t)(address >> 24), (uint8_t)(address >> 16),
                                (uint8_t)(address >> 8), (uint8_t)address };

    memcpy(words, bytes, sizeof bytes);
}

/* A segment of 100 bytes on the wire; true: it begins a connection that is counted. */
static bool between(uint32_t from, unsigned sport, uint32_t to, unsigned dport, uint8_t flags, uint32_t seq, uint32_t len, int64_t ms)
{
    mc_endpoints ends = { .ports = (uint32_t)sport << 16 | dport };
    mc_census_segment s = { .ends = &ends, .seq = seq, .len = len, .flags = flags };
    mc_endpoint server;
    bool begins;

    put_address(ends.src, from);
    put_address(ends.dst, to);
    s.hash = mc_census_hash(census, &ends);
    mc_census_add(census, &s, 100, ++frame, ms * MS, &begins, &server);
    return begins;
}

static bool up(unsigned client, unsigned server, unsigned port, uint8_t flags, uint32_t seq, uint32_t len, int64_t ms)
{
    return between(0x0a000000 + client, 40000, 0x0a000100 + server, port, flags, seq, len, ms);
}

static bool down(unsigned client, unsigned server, unsigned port, uint8_t flags, uint32_t seq, uint32_t len, int64_t ms)
{
    return between(0x0a000100 + server, port, 0x0a000000 + client, 40000, flags, seq, len, ms);
}

static void opening(unsigned client, unsigned server, unsigned port, int64_t ms)
{
    up(client, server, port, SYN, 1000, 0, ms);
    down(client, server, port, SYN_ACK, 5000, 0, ms + 1);
    up(client, server, port, ACK, 1001, 0, ms + 2);
}

/* The server with that last octet and port; NULL: there is none. */
static const mc_census_server *server_at(unsigned octet, unsigned port)
{
    uint32_t i;

    free(servers);
    servers = mc_census_servers(census, &count, &others);
    CHECK(servers != NULL);
    for (i = 0; i < count; i++)
        if (servers[i].at.addr[15] == octet && servers[i].at.port == port)
            return &servers[i];
    return NULL;
}

/* Each connection of a server by what became of it. */
static void test_what_became_of_connections(void)
{
    const mc_census_server *s;

    begin(1000);
    opening(1, 9, 443, 0);                                   /* all right */
    up(1, 9, 443, FIN, 1001, 0, 10);
    up(2, 9, 443, SYN, 1000, 0, 20);                         /* refused */
    down(2, 9, 443, RST | ACK, 0, 0, 21);
    up(3, 9, 443, SYN, 1000, 0, 30);                         /* never answered, asked twice */
    up(3, 9, 443, SYN, 1000, 0, 1030);
    up(4, 9, 443, SYN, 1000, 0, 40);                         /* answered, and no more of its client */
    down(4, 9, 443, SYN_ACK, 5000, 0, 41);
    opening(5, 9, 443, 50);                                  /* reset when open */
    down(5, 9, 443, RST, 5001, 0, 60);
    opening(6, 9, 443, 70);                                  /* a reset behind the end is none */
    up(6, 9, 443, FIN, 1001, 0, 80);
    down(6, 9, 443, RST, 5001, 0, 81);
    s = server_at(9, 443);
    CHECK(s != NULL && count == 1);
    CHECK_EQ(s->connections, 6);
    CHECK_EQ(s->refused, 1);
    CHECK_EQ(s->unanswered, 1);
    CHECK_EQ(s->half_open, 1);
    CHECK_EQ(s->reset, 1);
    CHECK_EQ(s->packets, frame);
    CHECK_EQ(s->bytes, 100 * frame);
    CHECK_EQ(s->first_frame, 1);
    CHECK(s->listens && !s->guessed);
    CHECK_EQ(others, 0);
}

/* Ports that are used again: another connection, and the one before it keeps what became of it. */
static void test_a_pair_that_is_used_again(void)
{
    const mc_census_server *s;

    begin(1000);
    opening(1, 9, 443, 0);
    down(1, 9, 443, RST, 5001, 0, 10);
    CHECK(!up(1, 9, 443, SYN, 90000, 0, 1000));              /* the pair is known */
    down(1, 9, 443, RST | ACK, 0, 0, 1001);
    up(1, 9, 443, SYN, 90000, 0, 1100);                      /* the same SYN again is the same try */
    s = server_at(9, 443);
    CHECK_EQ(s->connections, 2);
    CHECK_EQ(s->reset, 1);
    CHECK_EQ(s->refused, 1);
}

static void test_slow_answers_and_what_is_sent_again(void)
{
    const mc_census_server *s;

    begin(1000);
    opening(1, 9, 443, 0);
    up(1, 9, 443, ACK, 1001, 100, 10);
    down(1, 9, 443, ACK, 5001, 100, 209);                    /* 199 ms */
    up(1, 9, 443, ACK, 1101, 100, 300);
    down(1, 9, 443, ACK, 5101, 100, 500);                    /* 200 ms */
    down(1, 9, 443, ACK, 5101, 100, 800);                    /* sent again */
    up(1, 9, 443, ACK, 1200, 1, 900);                        /* a keep-alive's byte is not */
    up(1, 9, 443, ACK, 1201, 100, 5000);                     /* a client that thinks is no slow server */
    s = server_at(9, 443);
    CHECK_EQ(s->slow, 1);
    CHECK_EQ(s->again, 1);
}

/* No SYN was seen: the end whose port is a server's, that others open, that more share, or the lower port. */
static void test_whose_server_it_is_without_a_handshake(void)
{
    begin(1000);
    down(1, 9, 443, ACK, 5001, 100, 0);                      /* the server's first */
    up(1, 9, 443, ACK, 1001, 0, 1);
    CHECK(server_at(9, 443) != NULL && count == 1);
    CHECK(servers[0].guessed && servers[0].listens);

    begin(1000);
    between(0x0a000001, 41000, 0x0a000109, 40999, ACK, 1, 0, 0);          /* neither is */
    CHECK(server_at(9, 40999) != NULL && count == 1);
    CHECK(!servers[0].listens);                              /* nothing came from it */

    begin(1000);
    between(0x0a000001, 30001, 0x0a000109, 41000, ACK, 1, 0, 0);          /* shared by three */
    between(0x0a000109, 41000, 0x0a000002, 30002, ACK, 1, 0, 1);
    between(0x0a000003, 30003, 0x0a000109, 41000, ACK, 1, 0, 2);
    CHECK(server_at(9, 41000) != NULL && count == 1);
    CHECK_EQ(servers[0].connections, 3);

    begin(1000);
    between(0x0a000001, 30001, 0x0a000109, 41000, SYN, 1, 0, 0);          /* opened by another one */
    between(0x0a000109, 41000, 0x0a000002, 443, ACK, 1, 0, 1);
    CHECK(server_at(9, 41000) != NULL && count == 1);
    CHECK(!servers[0].guessed);
}

/* A SYN-ACK without its SYN tells as much. */
static void test_a_syn_ack_alone_tells_the_server(void)
{
    begin(1000);
    between(0x0a000109, 50000, 0x0a000001, 443, SYN_ACK, 1, 0, 0);
    CHECK(server_at(9, 50000) != NULL && count == 1);
    CHECK(!servers[0].guessed && servers[0].listens);
}

static void test_no_more_connections_than_there_is_room_for(void)
{
    unsigned i;

    begin(3);
    for (i = 1; i <= 5; i++)
        CHECK_EQ(up(i, 9, 443, SYN, 1000, 0, i), i <= 3);
    up(5, 9, 443, ACK, 1001, 0, 10);
    CHECK_EQ(server_at(9, 443)->connections, 3);
    CHECK_EQ(mc_census_not_kept(census), 3);
    CHECK(mc_census_memory(census) > 0);
}

/* Every server of a scan is told apart, and tables grow for them. */
static void test_two_thousand_ports(void)
{
    unsigned i;

    begin(10000);
    for (i = 0; i < 2000; i++) {
        up(1, 9, 1 + i, SYN, 1000, 0, i);
        down(1, 9, 1 + i, RST | ACK, 0, 0, i);
    }
    CHECK(server_at(9, 2000) != NULL);
    CHECK_EQ(count, 2000);
    CHECK_EQ(server_at(9, 1234)->refused, 1);
    CHECK(!server_at(9, 1234)->listens);
}

int main(void)
{
    RUN(test_what_became_of_connections);
    RUN(test_a_pair_that_is_used_again);
    RUN(test_slow_answers_and_what_is_sent_again);
    RUN(test_whose_server_it_is_without_a_handshake);
    RUN(test_a_syn_ack_alone_tells_the_server);
    RUN(test_no_more_connections_than_there_is_room_for);
    RUN(test_two_thousand_ports);
    mc_census_close(census);
    mc_census_close(NULL);
    free(servers);
    return DONE();
}
