/*
 * test_filter.c: BPF expressions over captures of several link types.
 */
#include <stdlib.h>

#include "check.h"
#include "capture/filter.h"

/* 10.0.0.1:1000 > 10.0.0.2:443, TCP; as bare IP from the 15th byte on. */
static const uint8_t frame[54] = {
    0, 0, 0, 0, 0, 2, 0, 0, 0, 0, 0, 1, 0x08, 0x00,
    0x45, 0, 0, 40, 0, 1, 0, 0, 64, 6, 0, 0, 10, 0, 0, 1, 10, 0, 0, 2,
    0x03, 0xe8, 0x01, 0xbb, 0, 0, 0, 1, 0, 0, 0, 0, 0x50, 2, 0, 0, 0, 0, 0, 0,
};

static mc_packet ethernet(void)
{
    return (mc_packet){ .data = frame, .caplen = 54, .wirelen = 54, .linktype = 1 };
}

static mc_packet raw(void)
{
    return (mc_packet){ .data = frame + 14, .caplen = 40, .wirelen = 40, .linktype = 101 };
}

static bool passes(const char *expression, mc_packet packet)
{
    mc_filter *f = NULL;
    mc_error err;
    bool passed;

    CHECK_EQ(mc_filter_open(&f, expression, &err), MC_OK);
    passed = f != NULL && mc_filter_match(f, &packet);
    mc_filter_close(f);
    return passed;
}

static void test_the_same_expression_on_each_link_type(void)
{
    static const char *const good[] = {
        "", "tcp", "port 443", "host 10.0.0.2 and tcp dst port 443", "tcp[tcpflags] & tcp-syn != 0",
        "greater 40",
    };
    static const char *const bad[] = { "udp", "port 80", "host 10.0.0.3", "ip6", "greater 60" };
    size_t i;

    for (i = 0; i < MC_ARRAY_LEN(good); i++) {
        CHECK(passes(good[i], ethernet()));
        CHECK(passes(good[i], raw()));
    }
    for (i = 0; i < MC_ARRAY_LEN(bad); i++) {
        CHECK(!passes(bad[i], ethernet()));
        CHECK(!passes(bad[i], raw()));
    }
}

static void test_one_filter_serves_many_link_types(void)
{
    mc_filter *f = NULL;
    mc_error err;
    mc_packet p;
    unsigned i;

    CHECK_EQ(mc_filter_open(&f, "ether host 0:0:0:0:0:1", &err), MC_OK);
    p = ethernet();
    CHECK(mc_filter_match(f, &p));
    p = raw();
    CHECK(!mc_filter_match(f, &p));      /* bare IP has no Ethernet addresses */
    CHECK(!mc_filter_match(f, &p));
    CHECK_EQ(mc_filter_unfit(f), 2);
    p = ethernet();
    CHECK(mc_filter_match(f, &p));
    CHECK_EQ(mc_filter_unfit(f), 2);
    /* thousands of link types do not cost thousands of compilations */
    for (i = 0; i < 100000; i++) {
        p.linktype = 300 + i;
        CHECK(!mc_filter_match(f, &p));
    }
    mc_filter_close(f);
}

static void test_expressions_that_only_some_link_types_have(void)
{
    mc_filter *f = NULL;
    mc_error err;
    mc_packet p = ethernet();

    CHECK_EQ(mc_filter_open(&f, "wlan addr1 0:0:0:0:0:1", &err), MC_OK);
    CHECK(f != NULL && !mc_filter_match(f, &p));
    CHECK_EQ(mc_filter_unfit(f), 1);
    mc_filter_close(f);
}

static void test_wrong_expressions_are_quoted(void)
{
    static const char *const wrong[] = { "prot 80", "tcp and", "host 1.2.3.4.5", "(", "port 99999" };
    mc_filter *f = NULL;
    mc_error err;
    size_t i;

    for (i = 0; i < MC_ARRAY_LEN(wrong); i++) {
        CHECK_EQ(mc_filter_open(&f, wrong[i], &err), MC_FILTER);
        CHECK(f == NULL);
        CHECK(strncmp(err.msg, "filter \"", 8) == 0);
        CHECK(strstr(err.msg, wrong[i]) != NULL);
        CHECK(strlen(err.msg) > strlen(wrong[i]) + strlen("filter \"\": "));
    }
    CHECK_EQ(mc_filter_open(&f, "bad\n\x1b[0m", &err), MC_FILTER);
    CHECK(strchr(err.msg, '\n') == NULL && strchr(err.msg, '\x1b') == NULL);
    mc_filter_close(NULL);
}

static const char *asked(const char *expression)
{
    static char name[200];
    size_t n = 0;
    const char *const at = mc_filter_asks_for(expression, &n);

    if (at == NULL)
        return "";
    snprintf(name, sizeof name, "%.*s", (int)n, at);
    return name;
}

static void test_names_that_would_be_looked_up(void)
{
    static const char *const none[] = {
        "", "tcp", "tcp port 443 and net 10.1.0.0/16", "host 10.0.0.2 and not (dst port http or https)",
        "tcp[tcpflags] & (tcp-syn|tcp-fin) != 0", "tcp[13]&2=2", "ip[2:2] > 5", "ether host 0:0:0:0:0:1",
        "ether host aa-bb-cc-dd-ee-ff", "ether host aabb.ccdd.eeff", "host 2001:db8::1", "host ::1 or host ::ffff:10.0.0.1",
        "net 10", "net 10.1", "net 10.0.0.0 mask 255.0.0.0", "ip proto \\tcp", "ip proto tcp", "port ftp-data",
        "portrange ftp-data-ftp", "icmp[icmptype] == icmp-echoreply", "greater 40 && less 0x50", "vlan 100 and ip6",
        "wlan type mgt subtype beacon", "not port 80", "!tcp", "ip6 protochain 6",
    };
    static const struct {
        const char *expression, *name;
    } some[] = {
        { "host www.example.com", "www.example.com" }, { "www.example.com", "www.example.com" },
        { "tcp and src secret.example.org.", "secret.example.org." }, { "net backbone", "backbone" },
        { "port 80 and host a.b", "a.b" }, { "port http and src www", "www" }, { "host 1.2.3.4.example", "1.2.3.4.example" },
        { "host 1.2.3.4.", "1.2.3.4." }, { "host 1.2.3.4.5", "1.2.3.4.5" }, { "host dead.beef", "dead.beef" },
        { "dead:beef", "dead" }, { "host \\tcp", "\\tcp" }, { "gateway snup", "snup" }, { "host(a)or(b)", "a" },
        { "tcp-syn-x", "tcp-syn-x" }, { "ether host ace", "ace" }, { "host 0x7f.example", "0x7f.example" },
        { "host aa:bb:cc:dd:ee:ff.example.com", "aa" }, { "host x_y-", "x_y" }, { "len-20 > 5", "len-20" },
        { "port 80 or\thost\na", "a" }, { "on eth0 and www", "www" }, { "TCP AND PORT 80", "TCP" }, { "llc or www", "www" },
    };
    char longest[400];
    size_t i;

    for (i = 0; i < MC_ARRAY_LEN(none); i++)
        CHECK_STR(asked(none[i]), "");
    for (i = 0; i < MC_ARRAY_LEN(some); i++)
        CHECK_STR(asked(some[i].expression), some[i].name);
    memset(longest, 'a', sizeof longest - 1);
    longest[sizeof longest - 1] = '\0';
    CHECK_EQ(strlen(asked(longest)), 199);
}

/* The captured bytes are what there is: a filter that looks further does not pass. */
static void test_short_packets(void)
{
    uint8_t *exact;
    mc_packet p;
    mc_filter *f = NULL;
    mc_error err;
    uint32_t n;

    CHECK_EQ(mc_filter_open(&f, "tcp port 443", &err), MC_OK);
    for (n = 0; n <= 54; n++) {
        exact = malloc(n + 1);
        memcpy(exact + 1, frame, n);
        p = ethernet();
        p.data = exact + 1;
        p.caplen = n;
        CHECK_EQ(mc_filter_match(f, &p), n >= 38);
        free(exact);
    }
    mc_filter_close(f);
}

int main(void)
{
    RUN(test_the_same_expression_on_each_link_type);
    RUN(test_one_filter_serves_many_link_types);
    RUN(test_expressions_that_only_some_link_types_have);
    RUN(test_wrong_expressions_are_quoted);
    RUN(test_names_that_would_be_looked_up);
    RUN(test_short_packets);
    return DONE();
}
