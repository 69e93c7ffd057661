/*
 * test_beside.c: what a capture holds besides TCP: datagrams, ARP, ICMP, and questions of names.
 */
#include "check.h"
#include "facts/beside.h"

#define MS MC_NS_PER_MS

static mc_beside *beside;
static mc_beside_facts facts;
static uint64_t frame;

static void begin(void)
{
    mc_beside_close(beside);
    beside = mc_beside_open();
    CHECK(beside != NULL);
    frame = 0;
}

static const mc_beside_facts *at(int64_t last_ms)
{
    mc_beside_get_facts(beside, last_ms * MS, &facts);
    return &facts;
}

static void host(uint8_t addr[16], unsigned octet)
{
    const uint8_t bytes[16] = { 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff, 10, 0, 0, (uint8_t)octet };

    memcpy(addr, bytes, sizeof bytes);
}

static void udp(unsigned from, unsigned sport, unsigned to, unsigned dport, const uint8_t *p, uint32_t n, int64_t ms)
{
    mc_other o = { .kind = MC_OTHER_UDP, .ip_version = 4, .sport = (uint16_t)sport, .dport = (uint16_t)dport, .payload = p,
                   .captured = n };

    host(o.src, from);
    host(o.dst, to);
    CHECK(mc_beside_add(beside, &o, ++frame, ms * MS));
}

static const mc_datagram_end *end_of(unsigned octet, unsigned port)
{
    mc_endpoint e = { .port = (uint16_t)port };

    host(e.addr, octet);
    return mc_beside_find(beside, &e);
}

/* ------------------------------------------------------------------ datagrams */

static void test_datagrams_belong_to_the_end_with_the_lower_port(void)
{
    begin();
    udp(1, 50000, 9, 123, NULL, 0, 0);
    udp(9, 123, 1, 50000, NULL, 0, 1);
    udp(2, 50000, 9, 123, NULL, 0, 2);
    CHECK(end_of(9, 123) != NULL);
    CHECK_EQ(end_of(9, 123)->datagrams, 3);
    CHECK_EQ(end_of(9, 123)->first_frame, 1);
    CHECK(end_of(1, 50000) == NULL);
    CHECK_EQ(at(10)->datagrams, 3);
    CHECK_EQ(at(10)->quic, 0);
}

/* More ends than are told apart: counted, but in the sum alone. */
static void test_no_more_ends_than_there_is_room_for(void)
{
    unsigned i;

    begin();
    for (i = 0; i < MC_BESIDE_ENDS + 10; i++)
        udp(1, 60000, 9, 1000 + i, NULL, 0, i);
    udp(1, 60000, 9, 1000, NULL, 0, 9000);
    CHECK_EQ(end_of(9, 1000)->datagrams, 2);
    CHECK(end_of(9, 1000 + MC_BESIDE_ENDS) == NULL);
    CHECK_EQ(at(0)->datagrams, MC_BESIDE_ENDS + 11);
}

/* RFC 8999: long headers of versions that are in use, and nothing that merely has the highest bit. */
static void test_quic_is_known_by_its_long_header(void)
{
    static const struct {
        uint8_t bytes[8];
        uint32_t captured;
        bool quic;
    } all[] = {
        { { 0xc0, 0, 0, 0, 1, 8 }, 8, true },                /* RFC 9000 */
        { { 0xd0, 0x6b, 0x33, 0x43, 0xcf, 8 }, 8, true },    /* RFC 9369 */
        { { 0xc0, 0xff, 0, 0, 29, 8 }, 8, true },            /* a draft */
        { { 0xc0, 'Q', '0', '5', '0', 8 }, 8, true },        /* Google's */
        { { 0x40, 0, 0, 0, 1, 8 }, 8, false },               /* a short header */
        { { 0x80, 0, 0, 0, 1, 8 }, 8, false },               /* without the fixed bit */
        { { 0xc0, 0, 0, 0, 7, 8 }, 8, false },               /* no such version */
        { { 0xc0, 0, 0, 0, 1, 21 }, 8, false },              /* a connection id that is too long */
        { { 0xc0, 0, 0, 0, 1, 8 }, 6, false },               /* cut */
        { { 0x80, 0, 0, 0, 0, 0 }, 8, false },               /* version negotiation is padded */
    };
    static uint8_t padded[1200] = { 0x80, 0, 0, 0, 0, 8 };
    size_t i;

    for (i = 0; i < sizeof all / sizeof all[0]; i++) {
        begin();
        udp(1, 50000, 9, 443, all[i].bytes, all[i].captured, 0);
        CHECK_EQ(at(1)->quic, all[i].quic);
        CHECK_EQ(end_of(9, 443)->quic, all[i].quic);
    }
    begin();
    udp(9, 443, 1, 50000, padded, sizeof padded, 0);
    udp(1, 50000, 9, 443, all[0].bytes, 8, 1);
    CHECK_EQ(at(1)->quic, 2);
    CHECK_EQ(end_of(9, 443)->quic_version, 1);
}

/* ----------------------------------------------------------------- ARP, ICMP */

static void arp(unsigned op, unsigned octet, uint8_t mac)
{
    mc_other o = { .kind = MC_OTHER_ARP, .op = (uint16_t)op, .claims = op == 1 || op == 2,
                   .mac = { 2, 0, 0, 0, 0, mac } };

    host(o.claimed, octet);
    if (octet == 0)
        memset(o.claimed + 12, 0, 4);
    CHECK(mc_beside_add(beside, &o, ++frame, 0));
}

static void test_two_hosts_with_one_address_conflict(void)
{
    begin();
    arp(1, 5, 1);
    arp(2, 6, 2);
    arp(2, 5, 3);                                            /* another one */
    arp(2, 5, 1);                                            /* told once */
    arp(1, 0, 4);                                            /* none has this address: who has none yet asks */
    arp(1, 0, 5);
    arp(0, 6, 7);                                            /* of another kind */
    CHECK_EQ(at(0)->arp_conflicts, 1);
    CHECK_EQ(facts.arp_requests, 3);
    CHECK_EQ(facts.arp_replies, 3);
    CHECK_EQ(facts.arp_others, 1);
    CHECK_EQ(facts.arp_conflict[0].addr[15], 5);
    CHECK_EQ(facts.arp_conflict[0].mac[0][5], 1);
    CHECK_EQ(facts.arp_conflict[0].mac[1][5], 3);
    CHECK(facts.arp_conflict[0].frame[0] == 1 && facts.arp_conflict[0].frame[1] == 3);
}

static void test_the_first_conflicts_are_shown_and_all_are_counted(void)
{
    unsigned i;

    begin();
    for (i = 1; i <= MC_ARP_CONFLICTS + 3; i++) {
        arp(1, i, 1);
        arp(1, i, 2);
    }
    CHECK_EQ(at(0)->arp_conflicts, MC_ARP_CONFLICTS + 3);
}

static const mc_hardware_claims *claims_of(unsigned octet)
{
    uint8_t addr[16];

    host(addr, octet);
    return mc_beside_claims(beside, addr);
}

static void test_who_claims_an_address(void)
{
    const mc_hardware_claims *claims;

    begin();
    arp(1, 6, 9);
    arp(1, 5, 1);
    arp(2, 5, 3);
    arp(2, 5, 1);
    claims = claims_of(5);
    CHECK(claims != NULL);
    CHECK_EQ(claims->count, 2);
    CHECK(claims->mac[0][5] == 1 && claims->mac[1][5] == 3);
    CHECK(claims->frame[0] == 2 && claims->frame[1] == 3);
    CHECK(claims->claims[0] == 2 && claims->claims[1] == 1 && claims->switches == 2);
    CHECK(claims_of(7) == NULL);
}

/* 64:ff9b::10.0.0.5 (RFC 6052) is not 10.0.0.5, which ARP is about. */
static void test_nobody_claims_an_ipv6_address(void)
{
    uint8_t addr[16] = { 0, 0x64, 0xff, 0x9b, 0, 0, 0, 0, 0, 0, 0, 0, 10, 0, 0, 5 };

    begin();
    arp(1, 5, 1);
    CHECK(mc_beside_claims(beside, addr) == NULL);
}

/* Neighbour advertisements are counted as ICMP; an address may end with zeros, but there is none of zeros alone. */
static void test_two_hosts_with_one_address_of_ipv6(void)
{
    mc_other o = { .kind = MC_OTHER_ICMP, .ip_version = 6, .type = 136, .claims = true, .claimed = { 0x20, 1 } };
    uint8_t mac;

    begin();
    for (mac = 1; mac < 3; mac++) {
        o.mac[5] = mac;
        CHECK(mc_beside_add(beside, &o, ++frame, 0));
    }
    CHECK_EQ(at(0)->arp_conflicts, 1);
    CHECK_EQ(facts.icmp_others, 2);
    CHECK_EQ(facts.arp_others, 0);
    memset(o.claimed, 0, sizeof o.claimed);
    CHECK(mc_beside_add(beside, &o, ++frame, 0));
    CHECK(mc_beside_claims(beside, o.claimed) == NULL);
}

/* Of those that there is no room for nothing is told, whoever claims them. */
static void test_no_more_addresses_than_there_is_room_for(void)
{
    mc_other o = { .kind = MC_OTHER_ARP, .op = 1, .claims = true, .mac = { 2, 0, 0, 0, 0, 1 } };
    unsigned i;

    begin();
    host(o.claimed, 1);
    for (i = 0; i < MC_ARP_ADDRESSES; i++) {
        o.claimed[13] = (uint8_t)(1 + i / 250);
        o.claimed[14] = (uint8_t)(1 + i % 250);
        CHECK(mc_beside_add(beside, &o, ++frame, 0));
    }
    CHECK(mc_beside_claims(beside, o.claimed) != NULL);
    arp(1, 5, 1);
    arp(1, 5, 2);
    CHECK(claims_of(5) == NULL);
    CHECK_EQ(at(0)->arp_conflicts, 0);
}

static void test_icmp_is_an_error_an_echo_or_something_else(void)
{
    static const struct {
        uint8_t version, type;
        int kind;                                            /* 0 error, 1 echo, 2 other */
    } all[] = {
        { 4, 3, 0 }, { 4, 4, 0 }, { 4, 11, 0 }, { 4, 12, 0 }, { 4, 8, 1 }, { 4, 0, 1 }, { 4, 5, 2 }, { 4, 128, 2 },
        { 6, 1, 0 }, { 6, 4, 0 }, { 6, 128, 1 }, { 6, 129, 1 }, { 6, 135, 2 }, { 6, 0, 2 },
    };
    size_t i;

    for (i = 0; i < sizeof all / sizeof all[0]; i++) {
        const mc_other o = { .kind = MC_OTHER_ICMP, .ip_version = all[i].version, .type = all[i].type };

        begin();
        CHECK(mc_beside_add(beside, &o, 1, 0));
        CHECK_EQ(at(0)->icmp_errors, all[i].kind == 0);
        CHECK_EQ(facts.icmp_echoes, all[i].kind == 1);
        CHECK_EQ(facts.icmp_others, all[i].kind == 2);
    }
    CHECK(mc_beside_add(beside, &(mc_other){ .kind = MC_OTHER_NONE }, 2, 0));
}

/* ---------------------------------------------------------------------- names */

/* A message about www.example, or WWW.EXAMPLE: 0x80 in 'flags' is an answer, 'code' what it says. */
static void dns(bool answer, unsigned id, const char *www, uint8_t flags, uint8_t code, int64_t ms)
{
    uint8_t p[64] = { (uint8_t)(id >> 8), (uint8_t)id, flags, code, 0, 1, 0, 0, 0, 0, 0, 0, 3 };
    uint32_t n = 13;

    memcpy(p + n, www, 3);
    memcpy(p + n + 3, "\7example", 9);
    n += 12;
    p[n + 1] = 1;
    p[n + 3] = 1;
    n += 4;
    if (answer)
        udp(53, 53, 1, 40000, p, n, ms);
    else
        udp(1, 40000, 53, 53, p, n, ms);
}

static void test_questions_and_their_answers(void)
{
    begin();
    dns(false, 7, "www", 1, 0, 0);
    dns(true, 7, "WWW", 0x81, 0, 50);                        /* without case */
    dns(false, 8, "www", 1, 0, 1000);
    dns(false, 8, "www", 1, 0, 2000);                        /* asked again */
    dns(true, 8, "www", 0x81, 0, 2100);
    dns(true, 8, "www", 0x81, 0, 2101);                      /* answered already */
    dns(true, 9, "www", 0x81, 0, 2200);                      /* nobody asked */
    CHECK_EQ(at(3000)->dns.questions, 2);
    CHECK_EQ(facts.dns.answers, 2);
    CHECK_EQ(facts.dns.repeated, 1);
    CHECK_EQ(facts.dns.unanswered, 0);
    CHECK_EQ(facts.dns.slow, 1);                             /* 1.1 s from the first time on */
    CHECK_EQ(facts.dns.slowest.wait_ns, 1100 * MS);
    CHECK_EQ(facts.dns.slowest.frame, 3);
    CHECK_STR(facts.dns.slowest.name, "www.example");
    CHECK_EQ(facts.dns.wait.count, 2);
}

static void test_answers_that_say_no(void)
{
    static const uint8_t codes[] = { 3, 2, 5, 4, 3 };
    unsigned i;

    begin();
    for (i = 0; i < sizeof codes; i++) {
        dns(false, i, "www", 1, 0, 10 * i);
        dns(true, i, "www", 0x81, codes[i], 10 * i + 1);
    }
    CHECK_EQ(at(1000)->dns.no_name, 2);
    CHECK_EQ(facts.dns.failed, 1);
    CHECK_EQ(facts.dns.refused, 1);
    CHECK_EQ(facts.dns.other_errors, 1);
    CHECK_EQ(facts.dns.first_no_name.frame, 1);
    CHECK_EQ(facts.dns.first_failed.frame, 3);
}

/* Nothing came, and the capture goes on long enough to say so. */
static void test_a_question_that_nobody_answers(void)
{
    begin();
    dns(false, 7, "www", 1, 0, 0);
    CHECK_EQ(at(999)->dns.unanswered, 0);
    CHECK_EQ(at(1000)->dns.unanswered, 1);
    CHECK_EQ(facts.dns.first_unanswered.frame, 1);
    dns(false, 7, "abc", 1, 0, 5000);                        /* the identification is used for another one */
    CHECK_EQ(at(5001)->dns.unanswered, 1);
    CHECK_EQ(facts.dns.questions, 2);
    dns(true, 7, "www", 0x81, 0, 5100);                      /* no answer to that one */
    CHECK_EQ(at(7000)->dns.unanswered, 2);
}

/* What is no question of one name, or cut, is counted as a datagram only. */
static void test_other_messages_are_left_alone(void)
{
    uint8_t p[40] = { 0, 1, 1, 0, 0, 1, 0, 0, 0, 0, 0, 0, 1, 'a', 0, 0, 1, 0, 1 };
    uint32_t n;

    begin();
    for (n = 0; n < 19; n++)
        udp(1, 40000, 53, 53, p, n, 0);
    udp(1, 40000, 53, 53, NULL, 0, 0);                       /* of fragments */
    p[2] = 0x29;                                             /* an update */
    udp(1, 40000, 53, 53, p, 19, 0);
    p[2] = 1;
    p[5] = 2;                                                /* two questions */
    udp(1, 40000, 53, 53, p, 19, 0);
    p[5] = 1;
    p[12] = 0xc0;                                            /* a pointer */
    udp(1, 40000, 53, 53, p, 19, 0);
    CHECK_EQ(at(5000)->dns.questions, 0);
    CHECK_EQ(facts.datagrams, 23);
    p[12] = 1;
    udp(53, 53, 1, 40000, p, 19, 0);                         /* a question from the port of servers is none */
    CHECK_EQ(at(5000)->dns.questions, 0);
    udp(1, 40000, 53, 53, p, 19, 0);
    CHECK_EQ(at(5000)->dns.questions, 1);
}

/* More questions than can be kept: those that give way are counted. */
static void test_many_questions(void)
{
    unsigned i;

    begin();
    for (i = 0; i < 3 * MC_DNS_OPEN; i++)
        dns(false, i, "www", 1, 0, 2000 + 10 * i);
    CHECK_EQ(at(1000000)->dns.questions, 3 * MC_DNS_OPEN);
    CHECK_EQ(facts.dns.unanswered, 3 * MC_DNS_OPEN);
    CHECK_EQ(facts.dns.first_unanswered.frame, 1);
}

int main(void)
{
    RUN(test_datagrams_belong_to_the_end_with_the_lower_port);
    RUN(test_no_more_ends_than_there_is_room_for);
    RUN(test_quic_is_known_by_its_long_header);
    RUN(test_two_hosts_with_one_address_conflict);
    RUN(test_the_first_conflicts_are_shown_and_all_are_counted);
    RUN(test_who_claims_an_address);
    RUN(test_nobody_claims_an_ipv6_address);
    RUN(test_two_hosts_with_one_address_of_ipv6);
    RUN(test_no_more_addresses_than_there_is_room_for);
    RUN(test_icmp_is_an_error_an_echo_or_something_else);
    RUN(test_questions_and_their_answers);
    RUN(test_answers_that_say_no);
    RUN(test_a_question_that_nobody_answers);
    RUN(test_other_messages_are_left_alone);
    RUN(test_many_questions);
    mc_beside_close(beside);
    mc_beside_close(NULL);
    return DONE();
}
