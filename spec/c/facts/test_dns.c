/*
 * test_dns.c: questions and answers, message by message, and what is none.
 */
#include "facts/dns.h"

#include "check.h"

static mc_dns *dns;
static mc_dns_facts facts;

static const uint8_t client[16] = { 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff, 192, 0, 2, 10 };
static const uint8_t other[16] = { 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff, 192, 0, 2, 11 };
static const uint8_t resolver[16] = { 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff, 192, 0, 2, 53 };
static const uint8_t server[16] = { 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff, 192, 0, 2, 80 };
static const uint8_t server6[16] = { 0x20, 0x01, 0x0d, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 80 };

#define HEADER 12
#define A    1
#define AAAA 28

typedef struct message {
    uint8_t bytes[600];
    size_t len;
} message;

static void put(message *m, const void *p, size_t n)
{
    memcpy(m->bytes + m->len, p, n);
    m->len += n;
}

static void put16(message *m, unsigned v)
{
    put(m, (const uint8_t[]){ (uint8_t)(v >> 8), (uint8_t)v }, 2);
}

/* "www.example.org" as labels. */
static void put_name(message *m, const char *name)
{
    while (*name != '\0') {
        const size_t n = strcspn(name, ".");
        const uint8_t length = (uint8_t)n;

        put(m, &length, 1);
        put(m, name, n);
        name += n + (name[n] == '.');
    }
    put(m, "", 1);
}

static message asks(unsigned id, const char *name, unsigned type)
{
    message m = { .len = 0 };

    put16(&m, id);
    put16(&m, 0x0100);
    put16(&m, 1);
    put16(&m, 0);
    put16(&m, 0);
    put16(&m, 0);
    put_name(&m, name);
    put16(&m, type);
    put16(&m, 1);
    return m;
}

static message answers(unsigned id, const char *name, unsigned type, unsigned code)
{
    message m = asks(id, name, type);

    m.bytes[2] = 0x81;
    m.bytes[3] = (uint8_t)(0x80 | code);
    return m;
}

/* One more record, whose name points to that of the question. */
static void put_record(message *m, unsigned type, const void *data, unsigned length)
{
    put(m, "\xc0\x0c", 2);
    put16(m, type);
    put16(m, 1);
    put(m, "\0\0\0\x3c", 4);
    put16(m, length);
    put(m, data, length);
    m->bytes[7]++;
}

static void begin(void)
{
    mc_dns_close(dns);
    dns = mc_dns_open();
    CHECK(dns != NULL);
}

static void send(const message *m, const uint8_t *from, const uint8_t *to, bool asked, uint64_t frame, int ms)
{
    mc_other o = { .kind = MC_OTHER_UDP, .ip_version = 4, .sport = asked ? 4000 : MC_DNS_PORT,
                   .dport = asked ? MC_DNS_PORT : 4000, .payload = m->bytes, .captured = (uint32_t)m->len };

    memcpy(o.src, from, 16);
    memcpy(o.dst, to, 16);
    CHECK(mc_dns_add(dns, &o, frame, ms * MC_NS_PER_MS));
}

static void ask(unsigned id, const char *name, unsigned type, uint64_t frame, int ms)
{
    const message m = asks(id, name, type);

    send(&m, client, resolver, true, frame, ms);
}

static void answer(unsigned id, const char *name, unsigned type, unsigned code, uint64_t frame, int ms)
{
    const message m = answers(id, name, type, code);

    send(&m, resolver, client, false, frame, ms);
}

static void count(int last_ms)
{
    mc_dns_get_facts(dns, last_ms * MC_NS_PER_MS, &facts);
}

static void test_a_question_and_its_answer(void)
{
    begin();
    ask(7, "www.example.org", A, 1, 0);
    answer(7, "WWW.example.ORG", A, 0, 2, 30);   /* names are compared without case */
    ask(8, "www.example.org", AAAA, 3, 40);
    answer(8, "www.example.org", AAAA, 0, 4, 340);
    answer(8, "www.example.org", AAAA, 0, 5, 350);           /* the same again is no answer more */
    count(5000);
    CHECK_EQ(facts.questions, 2);
    CHECK_EQ(facts.answers, 2);
    CHECK_EQ(facts.unanswered, 0);
    CHECK_EQ(facts.slow, 1);
    CHECK_EQ(facts.slowest.frame, 3);
    CHECK_EQ(facts.slowest.wait_ns, 300 * MC_NS_PER_MS);
    CHECK_STR(facts.slowest.name, "www.example.org");
    CHECK(memcmp(facts.slowest.server, resolver, 16) == 0);
}

static void test_answers_to_another_question(void)
{
    begin();
    ask(7, "www.example.org", A, 1, 0);
    answer(8, "www.example.org", A, 0, 2, 10);
    answer(7, "www.example.net", A, 0, 3, 10);
    answer(7, "www.example.organ", A, 0, 4, 10);
    answer(7, "www.example.org", AAAA, 0, 5, 10);
    count(500);
    CHECK_EQ(facts.answers, 0);
    CHECK_EQ(facts.unanswered, 0);               /* too soon to tell */
    count(5000);
    CHECK_EQ(facts.unanswered, 1);
    CHECK_EQ(facts.first_unanswered.frame, 1);
    CHECK_EQ(facts.first_unanswered.wait_ns, 5 * MC_NS_PER_S);
}

static void test_questions_put_again(void)
{
    begin();
    ask(7, "www.example.org", A, 1, 0);
    ask(7, "www.example.org", A, 2, 1000);
    answer(7, "www.example.org", A, 0, 3, 1100);
    count(5000);
    CHECK_EQ(facts.questions, 1);
    CHECK_EQ(facts.repeated, 1);
    CHECK_EQ(facts.slowest.wait_ns, 1100 * MC_NS_PER_MS);    /* since it was put first */

    ask(7, "www.example.org", A, 4, 2000);       /* the number is taken again */
    ask(7, "mail.example.org", A, 5, 6000);      /* and once more, without an answer */
    count(6000);
    CHECK_EQ(facts.questions, 3);
    CHECK_EQ(facts.repeated, 1);
    CHECK_EQ(facts.unanswered, 1);
    CHECK_EQ(facts.first_unanswered.frame, 4);
}

static void test_errors(void)
{
    begin();
    ask(1, "no.example.org", A, 1, 0);
    answer(1, "no.example.org", A, 3, 2, 10);
    ask(2, "none.example.org", A, 3, 20);
    answer(2, "none.example.org", A, 3, 4, 30);
    ask(3, "broken.example.org", A, 5, 40);
    answer(3, "broken.example.org", A, 2, 6, 50);
    ask(4, "secret.example.org", A, 7, 60);
    answer(4, "secret.example.org", A, 5, 8, 70);
    ask(5, "odd.example.org", A, 9, 80);
    answer(5, "odd.example.org", A, 4, 10, 90);
    count(100);
    CHECK_EQ(facts.answers, 5);
    CHECK_EQ(facts.no_name, 2);
    CHECK_EQ(facts.failed, 1);
    CHECK_EQ(facts.refused, 1);
    CHECK_EQ(facts.other_errors, 1);
    CHECK_EQ(facts.first_no_name.frame, 1);
    CHECK_EQ(facts.first_failed.frame, 5);
    CHECK_STR(facts.first_failed.name, "broken.example.org");
}

/* What is left of a message after a change is counted as no question. */
static void is_none(message m, size_t len)
{
    begin();
    m.len = len;
    send(&m, client, resolver, true, 1, 0);
    count(5000);
    CHECK_EQ(facts.questions, 0);
}

static void test_what_is_no_question(void)
{
    const message good = asks(1, "www.example.org", A);
    message m = good;
    mc_other o = { .kind = MC_OTHER_UDP, .sport = 4000, .dport = MC_DNS_PORT };
    char name[300];

    is_none(m, 11);                              /* not even a header */
    is_none(m, 20);                              /* the name is cut off ... */
    is_none(m, m.len - 1);                       /* ... or the class */
    m.bytes[2] |= 0x28;                          /* another kind: an update (RFC 2136) */
    is_none(m, m.len);
    m = good;
    m.bytes[5] = 2;                              /* two questions */
    is_none(m, m.len);
    m = good;
    m.bytes[12] = 0xc0;                          /* compressed */
    is_none(m, m.len);
    memset(name, 'a', sizeof name);
    name[63] = name[127] = name[191] = '.';
    name[256] = '\0';
    m = asks(1, name, A);                        /* longer than any name (RFC 1035, 3.1) */
    is_none(m, m.len);

    begin();
    CHECK(mc_dns_add(dns, &o, 1, 0));            /* of several IP fragments: its bytes lie in no packet */
    o.payload = good.bytes;
    o.captured = (uint32_t)good.len;
    CHECK(mc_dns_add(dns, &o, 1, MC_NO_TIME));
    o.dport = 5353;                              /* asked from that port, not there */
    o.sport = MC_DNS_PORT;
    CHECK(mc_dns_add(dns, &o, 1, 0));
    m = answers(1, "www.example.org", A, 0);     /* what looks like an answer, sent to that port */
    o.payload = m.bytes;
    o.sport = 4000;
    o.dport = MC_DNS_PORT;
    CHECK(mc_dns_add(dns, &o, 1, 0));
    count(5000);
    CHECK_EQ(facts.questions, 0);
    CHECK_EQ(facts.answers, 0);
}

/* So much of a message was captured, and it had more. */
static void send_cut(const message *m, size_t len, bool asked, uint64_t frame, int ms)
{
    mc_other o = { .kind = MC_OTHER_UDP, .ip_version = 4, .sport = asked ? 4000 : MC_DNS_PORT,
                   .dport = asked ? MC_DNS_PORT : 4000, .payload = m->bytes, .captured = (uint32_t)len, .is_cut = true };

    memcpy(o.src, asked ? client : resolver, 16);
    memcpy(o.dst, asked ? resolver : client, 16);
    CHECK(mc_dns_add(dns, &o, frame, ms * MC_NS_PER_MS));
}

static void test_questions_that_are_cut(void)
{
    const message m = asks(7, "www.example.org", A), other_name = answers(7, "wwx.example.org", A, 3);
    const message no_name = answers(7, "www.example.org", A, 3);
    message bad;
    size_t len;

    for (len = 13; len < m.len; len++) {         /* within the name, and within type and class */
        begin();
        send_cut(&m, len, true, 1, 0);
        count(5000);
        CHECK_EQ(facts.questions, 1);
        CHECK_EQ(facts.unanswered, 1);
        send_cut(&other_name, len < 16 ? 16 : len, false, 2, 10);
        count(5000);
        CHECK_EQ(facts.answers, len < 16);       /* what differs was not captured */
        send_cut(&no_name, len, false, 3, 20);
        count(5000);
        CHECK_EQ(facts.answers, 1);
        CHECK_EQ(facts.no_name, 1);
        CHECK_EQ(facts.unanswered, 0);
    }
    begin();
    send_cut(&m, 12 + 7, true, 1, 0);
    send_cut(&m, 12 + 7, true, 2, 1000);
    count(5000);
    CHECK_EQ(facts.repeated, 1);
    CHECK_STR(facts.first_unanswered.name, "www.ex...");
    send_cut(&no_name, 12 + 9, false, 3, 1020);  /* the other way has shorter headers */
    count(5000);
    CHECK_EQ(facts.answers, 1);
    begin();
    send_cut(&m, 12, true, 1, 0);                /* nothing of the name */
    bad = m;
    bad.bytes[12] = 0xc0;
    send_cut(&bad, 20, true, 2, 0);
    count(5000);
    CHECK_EQ(facts.questions, 0);
}

static void test_names_as_text(void)
{
    message m = asks(1, "", A);

    begin();
    send(&m, client, resolver, true, 1, 0);      /* the root */
    count(5000);
    CHECK_STR(facts.first_unanswered.name, ".");
    begin();
    m = asks(1, "a\x1b-b.org", A);
    m.bytes[12 + 3] = '\0';
    send(&m, client, resolver, true, 1, 0);
    count(5000);
    CHECK_STR(facts.first_unanswered.name, "a\\x1b?b.org");
}

static void test_more_questions_than_are_kept(void)
{
    unsigned i;

    begin();
    for (i = 0; i < 2 * MC_DNS_OPEN; i++)
        ask(i, "www.example.org", A, i + 1, 100 * (int)i);
    count(2000000);
    CHECK_EQ(facts.questions, 2 * MC_DNS_OPEN);
    CHECK_EQ(facts.unanswered, 2 * MC_DNS_OPEN);
    CHECK_EQ(facts.first_unanswered.frame, 1);
}

static mc_led led;

/* Did the answer 'm' to 'whom', 10 ms after the client's question, lead the client to 'about', at 'ms'? */
static bool leads(const message *m, const uint8_t *whom, const uint8_t *about, int ms)
{
    mc_lookups *lookups;

    begin();
    lookups = mc_dns_lead(dns, about);
    CHECK(lookups != NULL && mc_dns_lead(dns, NULL) == lookups);
    ask(9, "www.example.org", m->bytes[HEADER + 18], 1, 0);
    send(m, resolver, whom, false, 2, 10);
    return mc_lookups_led(lookups, client, about, ms * MC_NS_PER_MS, &led);
}

static bool told(const message *m, const uint8_t *whom, const uint8_t *about)
{
    CHECK(!leads(m, whom, about, 9));            /* before it was said */
    return leads(m, whom, about, 10);
}

static void test_what_a_client_is_told_of_a_server(void)
{
    message m = answers(9, "www.example.org", A, 0);

    CHECK(!told(&m, client, server));            /* no record */
    put_record(&m, 5, "\3web\7example\3org", 17);            /* a CNAME first */
    put_record(&m, A, other + 12, 4);
    CHECK(!told(&m, client, server));
    put_record(&m, A, server + 12, 4);
    CHECK(told(&m, client, server));
    CHECK_EQ(led.frame, 1);
    CHECK_EQ(led.wait_ns, 10 * MC_NS_PER_MS);
    CHECK_EQ(led.until_ns, 0);
    CHECK(led.first && !led.open && led.again == 0 && led.failures == 0);
    CHECK_EQ(led.name_len, 17);
    CHECK(leads(&m, client, server, 5010));
    CHECK_EQ(led.until_ns, 5 * MC_NS_PER_S);
    CHECK(!leads(&m, client, server, 5011));     /* long ago */
    CHECK(!told(&m, other, server));             /* told to another one */
    m.len--;
    CHECK(!told(&m, client, server));            /* cut off in the address */
    m.len -= 12;
    CHECK(!told(&m, client, server));            /* ... in the record's head */
    m.len -= 3;
    CHECK(!told(&m, client, server));            /* ... in its name */

    m = answers(9, "www.example.org", AAAA, 0);
    put_name(&m, "www.example.org");             /* spelled out */
    put16(&m, AAAA);
    put16(&m, 1);
    put(&m, "\0\0\0\x3c", 4);
    put16(&m, 16);
    put(&m, server6, 16);
    m.bytes[7] = 1;
    CHECK(told(&m, client, server6));
    CHECK(!told(&m, client, server));
    m.bytes[HEADER + 17 + 4] = 0x80;             /* neither a label nor a pointer */
    CHECK(!told(&m, client, server6));

    m = answers(9, "www.example.org", A, 3);
    put_record(&m, A, server + 12, 4);
    CHECK(!told(&m, client, server));            /* an error names nobody */
    m = answers(9, "www.example.org", A, 0);
    m.bytes[2] |= 2;
    put_record(&m, A, server + 12, 4);
    CHECK(!told(&m, client, server));            /* cut short: it is asked for over TCP */

    /* an IPv6 address that ends with the bytes of an IPv4 address is not that one */
    m = answers(9, "www.example.org", A, 0);
    put_record(&m, A, server6 + 12, 4);
    CHECK(!told(&m, client, server6));
}

/* Over TCP: what one segment carries. */
static void stream(const message *m, bool asked, uint64_t frame, int ms)
{
    mc_segment s = { .ip_version = 4, .sport = asked ? 4000 : MC_DNS_PORT, .dport = asked ? MC_DNS_PORT : 4000,
                     .len = (uint32_t)m->len, .captured = (uint32_t)m->len, .payload = m->bytes };

    memcpy(s.src, asked ? client : resolver, 16);
    memcpy(s.dst, asked ? resolver : client, 16);
    CHECK(mc_dns_add_stream(dns, &s, frame, ms * MC_NS_PER_MS));
}

static void put_message(message *m, message one, unsigned length_bytes)
{
    const uint8_t length[2] = { (uint8_t)(one.len >> 8), (uint8_t)one.len };

    put(m, length + 2 - length_bytes, length_bytes);
    put(m, one.bytes, one.len);
}

/* The length in front of a message comes with it, or in a segment of its own, or half of it does. */
static void test_messages_in_a_stream(void)
{
    unsigned with, i;

    for (with = 0; with <= 2; with++) {
        message questions = { .len = 0 }, first = { .len = 0 }, rest = { .len = 0 };

        begin();
        put_message(&questions, asks(7, "www.example.org", A), 2);
        put_message(&questions, asks(8, "www.example.net", AAAA), 2);
        stream(&questions, true, 1, 0);
        put(&first, "\0\x21", 2 - with);
        if (first.len > 0)
            stream(&first, false, 2, 5);
        put_message(&rest, answers(7, "www.example.org", A, 5), with);
        if (with > 0)
            put_message(&rest, answers(8, "www.example.net", AAAA, 5), 2);
        stream(&rest, false, 3, 5);
        count(5000);
        CHECK_EQ(facts.questions, 2);
        CHECK_EQ(facts.answers, with > 0 ? 2 : 1);
        CHECK_EQ(facts.refused, with > 0 ? 2 : 1);
    }
    /* more than 255 bytes, of which the lower half of the length comes with them: the records are read to the last */
    for (i = 0; i < 2; i++) {
        message m = answers(9, "www.example.org", A, 0), one = { .len = 0 };
        mc_lookups *lookups;
        mc_led found;

        begin();
        lookups = mc_dns_lead(dns, NULL);
        CHECK(lookups != NULL);
        ask(9, "www.example.org", A, 1, 0);
        while (m.len < 300)
            put_record(&m, A, other + 12, 4);
        put_record(&m, A, server + 12, 4);
        put_message(&one, m, i + 1);
        stream(&one, false, 2, 5);
        CHECK(mc_lookups_led(lookups, client, server, 6 * MC_NS_PER_MS, &found));
    }
    /* neither: what is no message with the byte in front, and without */
    {
        message m = { .len = 0 };

        begin();
        put(&m, "\x21", 1);
        put(&m, "\0\x07\x01\0\0\x02\0\0\0\0\0\0\3www\0\0\1\0\1", 22);
        stream(&m, true, 1, 0);
        count(5000);
        CHECK_EQ(facts.questions, 0);
    }
}

int main(void)
{
    RUN(test_a_question_and_its_answer);
    RUN(test_answers_to_another_question);
    RUN(test_questions_put_again);
    RUN(test_errors);
    RUN(test_what_is_no_question);
    RUN(test_questions_that_are_cut);
    RUN(test_names_as_text);
    RUN(test_more_questions_than_are_kept);
    RUN(test_what_a_client_is_told_of_a_server);
    RUN(test_messages_in_a_stream);
    mc_dns_close(dns);
    mc_dns_close(NULL);
    return DONE();
}
