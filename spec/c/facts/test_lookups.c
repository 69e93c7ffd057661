/*
 * test_lookups.c: which questions belong together, what led to a connection, and what came to nothing.
 */
#include "facts/resolved.h"

#include "check.h"

static mc_lookups *lookups;
static mc_led led;

static const uint8_t client[16] = { 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff, 192, 0, 2, 10 };
static const uint8_t server[16] = { 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff, 192, 0, 2, 80 };
static const uint8_t elsewhere[16] = { 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff, 192, 0, 2, 81 };
static const uint8_t www[] = "\3www\7example\3org", upper[] = "\3WWW\7example\3ORG", mail[] = "\4mail\7example\3org";
static const uint8_t record[] = "\xc0\x0c\0\1\0\1\0\0\0\x3c\0\4\xc0\0\2\x50";      /* A 192.0.2.80 */

#define A     MC_RECORD_A
#define AAAA  MC_RECORD_AAAA
#define HTTPS MC_RECORD_HTTPS

static void begin(void)
{
    mc_lookups_close(lookups);
    lookups = mc_lookups_open(server);
    CHECK(lookups != NULL);
}

static mc_asked asked(const uint8_t *name, unsigned type, uint64_t frame, int ms)
{
    return (mc_asked){ client, name, strlen((const char *)name) + 1, type, frame, ms * MC_NS_PER_MS };
}

static void ask(const uint8_t *name, unsigned type, uint64_t frame, int ms)
{
    const mc_asked q = asked(name, type, frame, ms);

    mc_lookups_ask(lookups, &q);
}

/* 'count' is that of records: one names the server. */
static void answer(const uint8_t *name, unsigned type, unsigned code, unsigned count, int ms)
{
    const mc_asked q = asked(name, type, 0, ms);
    const mc_reply reply = { code, false, { record, sizeof record - 1 }, count };

    mc_lookups_answer(lookups, &q, &reply);
}

static bool connects(int ms)
{
    return mc_lookups_led(lookups, client, server, ms * MC_NS_PER_MS, &led);
}

/* How many came to nothing, by how. */
static unsigned lost(mc_name_loss how, int last_ms)
{
    unsigned n = 0;
    uint32_t i;
    mc_lost l;

    for (i = 0; i < mc_lookups_lost_count(lookups); i++)
        n += mc_lookups_lost(lookups, i, last_ms * MC_NS_PER_MS, &l) && l.how == how;
    return n;
}

static void test_two_kinds_of_addresses_are_one_lookup(void)
{
    begin();
    ask(www, A, 1, 0);
    ask(upper, AAAA, 2, 1);
    answer(www, A, 0, 1, 20);
    CHECK(connects(25));
    CHECK_EQ(led.frame, 1);
    CHECK_EQ(led.wait_ns, 20 * MC_NS_PER_MS);
    CHECK_EQ(led.until_ns, 5 * MC_NS_PER_MS);
    CHECK(led.open && led.first);
    answer(www, AAAA, 0, 0, 30);
    CHECK(connects(31) && !led.open && !led.first);          /* the second connection */

    begin();
    ask(www, A, 1, 0);
    answer(www, A, 0, 1, 20);
    ask(www, AAAA, 2, 21);                       /* one after the other */
    answer(www, AAAA, 0, 0, 321);
    CHECK(connects(322) && led.frame == 1 && led.wait_ns == 321 * MC_NS_PER_MS);
}

static void test_a_question_that_stays_open(void)
{
    begin();
    ask(www, A, 1, 0);
    ask(www, AAAA, 2, 0);
    answer(www, A, 0, 1, 20);
    ask(www, A, 3, 5000);                        /* both once more, as one had no answer */
    ask(www, AAAA, 4, 5000);
    answer(www, A, 0, 1, 5020);
    CHECK(connects(10020));
    CHECK_EQ(led.frame, 1);
    CHECK_EQ(led.again, 1);
    CHECK_EQ(led.wait_ns, 5020 * MC_NS_PER_MS);
    CHECK_EQ(led.until_ns, 5000 * MC_NS_PER_MS);
    CHECK(led.open);
    CHECK(!connects(25000));

    begin();
    ask(www, A, 1, 0);
    ask(www, HTTPS, 2, 0);                       /* nobody waits for that one */
    answer(www, A, 0, 1, 20);
    CHECK(connects(30) && !led.open);
}

static void test_again_and_after_errors(void)
{
    begin();
    ask(www, A, 1, 0);
    ask(www, A, 2, 1);                           /* a copy, or to another server at the same time */
    ask(www, A, 3, 1001);
    answer(www, A, 2, 0, 1500);                  /* SERVFAIL */
    ask(www, A, 4, 1501);                        /* of another server */
    answer(www, A, 0, 1, 1510);
    CHECK(connects(1511));
    CHECK_EQ(led.frame, 1);
    CHECK_EQ(led.again, 1);
    CHECK_EQ(led.failures, 1);
    CHECK_EQ(led.wait_ns, 1510 * MC_NS_PER_MS);
    CHECK_EQ(lost(MC_NAME_FAILED, 9000), 0);
    ask(www, A, 5, 3000);                        /* it has led to a connection: this is another one */
    answer(www, A, 0, 1, 3001);
    CHECK(connects(3002) && led.frame == 5 && led.failures == 0 && led.first);
}

static void test_another_lookup(void)
{
    begin();
    ask(www, A, 1, 0);
    answer(www, A, 0, 1, 10);
    ask(www, A, 2, 4000);
    answer(www, A, 0, 1, 4010);
    CHECK(connects(4011) && led.frame == 2);

    begin();
    ask(www, A, 1, 0);                           /* no answer, and nobody waits so long */
    ask(www, A, 2, 20000);
    answer(www, A, 0, 1, 20010);
    CHECK(connects(20011) && led.frame == 2 && led.again == 0);
    CHECK_EQ(lost(MC_NAME_UNANSWERED, 30000), 1);

    begin();
    ask(www, A, 1, 0);
    answer(www, A, 0, 1, 10);
    CHECK(!mc_lookups_led(lookups, client, elsewhere, 11 * MC_NS_PER_MS, &led));
    CHECK(!mc_lookups_led(lookups, server, server, 11 * MC_NS_PER_MS, &led));
    ask(mail, A, 2, 20);                         /* the latest name counts */
    answer(mail, A, 0, 1, 30);
    CHECK(connects(31) && led.frame == 2);
    answer(mail, A, 0, 1, 40);                   /* nothing is asked */
    CHECK(connects(41) && !led.first && led.until_ns == 11 * MC_NS_PER_MS);
}

static void test_what_came_to_nothing(void)
{
    begin();
    ask(www, A, 1, 0);
    CHECK_EQ(lost(MC_NAME_UNANSWERED, 999), 0);  /* too soon to tell */
    CHECK_EQ(lost(MC_NAME_UNANSWERED, 1000), 1);
    answer(www, A, 3, 0, 1100);
    CHECK_EQ(lost(MC_NAME_UNANSWERED, 9000), 0);
    CHECK_EQ(lost(MC_NAME_NONE, 9000), 1);
    ask(mail, A, 2, 2000);
    answer(mail, A, 5, 0, 2010);
    CHECK_EQ(lost(MC_NAME_REFUSED, 9000), 1);

    begin();
    ask(www, AAAA, 1, 0);
    answer(www, AAAA, 0, 0, 10);                 /* there is none, and that is an answer */
    ask(mail, HTTPS, 2, 0);
    answer(mail, HTTPS, 4, 0, 10);
    CHECK_EQ(lost(MC_NAME_UNANSWERED, 9000) + lost(MC_NAME_REFUSED, 9000), 0);
}

static void test_more_than_is_kept(void)
{
    uint8_t name[] = "\2aa\7example\3org";
    unsigned i;

    begin();
    for (i = 0; i < 60000; i++) {
        name[1] = (uint8_t)('a' + i % 200);
        name[2] = (uint8_t)(1 + i / 256);
        ask(name, A, i + 1, (int)i);
        answer(name, A, i % 2 == 0 ? 2 : 0, i % 2, (int)i);
    }
    CHECK(connects(60000) && led.frame == 60000);
    CHECK(lost(MC_NAME_FAILED, 70000) <= MC_LOST_MOST + MC_LOOKUPS_MOST);
}

/* Names of a server, and connections of its rows. */
static void test_the_connections_of_a_server(void)
{
    static mc_resolved r;
    mc_name_facts f;
    mc_row_name row;
    unsigned i;

    begin();
    CHECK(mc_resolved_begin(&r, lookups, client, 4000, server, 1, 0));
    mc_resolved_get_facts(&r, lookups, 0, &f);
    CHECK_EQ(f.connections, 0);
    for (i = 0; i < 3; i++) {
        const int at = 10000 * (int)i;

        ask(i < 2 ? www : mail, A, 10 * i + 1, at);
        answer(i < 2 ? www : mail, A, 0, 1, at + 300 * (int)i);
        CHECK(mc_resolved_begin(&r, lookups, client, (uint16_t)(4000 + i), server, 10 * i + 3, (at + 700) * MC_NS_PER_MS));
        CHECK(mc_resolved_begin(&r, lookups, client, (uint16_t)(4100 + i), server, 10 * i + 3, (at + 800) * MC_NS_PER_MS));
    }
    ask(mail, A, 91, 50000);
    mc_resolved_get_facts(&r, lookups, 60 * MC_NS_PER_S, &f);
    CHECK_EQ(f.lookups, 3);
    CHECK_EQ(f.connections, 6);
    CHECK_EQ(f.wait.count, 3);
    CHECK_EQ(f.slow, 2);
    CHECK_EQ(f.longest_ns, 600 * MC_NS_PER_MS);
    CHECK_EQ(f.longest_frame, 21);
    CHECK_STR(f.longest_name, "mail.example.org");
    CHECK_STR(f.name[0].text, "www.example.org");
    CHECK_EQ(f.name[0].connections, 4);
    CHECK_EQ(f.lost[MC_NAME_UNANSWERED], 1);     /* of a name that is the server's */
    CHECK_EQ(f.lost_examples[MC_NAME_UNANSWERED].frame[0], 91);
    mc_resolved_get_row(&r, 13, 4101, &row);
    CHECK_EQ(row.frame, 11);
    CHECK_EQ(row.until_ns, 500 * MC_NS_PER_MS);
    CHECK_STR(row.name, "www.example.org");
    mc_resolved_get_row(&r, 13, 4000, &row);
    CHECK_EQ(row.frame, 0);
    mc_resolved_get_row(&r, 14, 4001, &row);
    CHECK_EQ(row.frame, 0);
    CHECK(mc_resolved_memory(&r) > 0);
    mc_resolved_free(&r);
}

int main(void)
{
    RUN(test_two_kinds_of_addresses_are_one_lookup);
    RUN(test_a_question_that_stays_open);
    RUN(test_again_and_after_errors);
    RUN(test_another_lookup);
    RUN(test_what_came_to_nothing);
    RUN(test_more_than_is_kept);
    RUN(test_the_connections_of_a_server);
    mc_lookups_close(lookups);
    mc_lookups_close(NULL);
    return DONE();
}
