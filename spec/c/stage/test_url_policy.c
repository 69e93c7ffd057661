/*
 * test_url_policy.c: which URLs and addresses are let through.
 */
#include <arpa/inet.h>
#include <netinet/in.h>

#include "check.h"
#include "stage/url_policy.h"

static void test_what_is_a_url(void)
{
    static const char *const urls[] = {
        "http://h/", "HTTPS://h", "ftp://h/x", "file:///etc/passwd", "x+y-z.1://a", " http://h",
        "\t\nhttp://h", "gopher://h", "http://", "javascript://x",
    };
    static const char *const paths[] = {
        "", "-", "a.pcap", "/a/b", "./http://x", "http:/x", "http:x", "http", "://x", "1http://x",
        "c:\\x", "a b://x", "h\nttp://x",
    };
    size_t i;

    for (i = 0; i < MC_ARRAY_LEN(urls); i++)
        CHECK(mc_url_is(urls[i]));
    for (i = 0; i < MC_ARRAY_LEN(paths); i++)
        CHECK(!mc_url_is(paths[i]));
}

static void test_urls_are_taken_apart(void)
{
    static const struct { const char *url, *host, *hostport, *path; unsigned port; bool https; } good[] = {
        { "http://example.com/a.pcap", "example.com", "example.com", "/a.pcap", 80, false },
        { "HtTpS://Example.com", "Example.com", "Example.com", "", 443, true },
        { "http://h:8080/x?y=z#w", "h", "h:8080", "/x", 8080, false },
        { "http://h?q", "h", "h", "", 80, false },
        { "http://h#f", "h", "h", "", 80, false },
        { "http://h:/x", "h", "h", "/x", 80, false },
        { "http://u:p@h:1/x", "h", "h:1", "/x", 1, false },
        { "http://u:p@q@h/x@y", "h", "h", "/x@y", 80, false },
        { "http://[2001:db8::1]:81/x", "2001:db8::1", "[2001:db8::1]:81", "/x", 81, false },
        { "http://[::ffff:1.2.3.4]/", "::ffff:1.2.3.4", "[::ffff:1.2.3.4]", "/", 80, false },
        { "http://h:65535", "h", "h:65535", "", 65535, false },
        { "http://b\xc3\xbc" "cher.example/", "b\xc3\xbc" "cher.example", "b\xc3\xbc" "cher.example",
          "/", 80, false },
        { "http://2130706433/", "2130706433", "2130706433", "/", 80, false },
    };
    static const char *const bad[] = {
        "http://", "http:///x", "http://:80/", "http://h:0/", "http://h:65536/", "http://h:99999999999/",
        "http://h:8x/", "http://h:-1/", "http://a b/", "http://h/a b", "http://h/\n", "http://h\r\nX: y/",
        "http://h\t/", "http://h/\x7f", "http://h\\@evil/", "http://h%2eevil/", "http://h%00/",
        "http://[::1/", "http://[::1]x/", "http://[fe80::1%25eth0]/", "http://[v1.x]/", "http://h,i/",
        "http://u@/", "http://@/", "ftp://h/x", "file:///x", "httpx://h", "http+unix://h", "//h/x", "h/x",
        " http://h/", "http://h/ ", "http://u:pa/ss@h/",
    };
    mc_url u;
    mc_error err;
    size_t i;

    for (i = 0; i < MC_ARRAY_LEN(good); i++) {
        CHECK_EQ(mc_url_split(&u, good[i].url, &err), MC_OK);
        CHECK(u.host_len == strlen(good[i].host) && memcmp(u.host, good[i].host, u.host_len) == 0);
        CHECK(u.hostport_len == strlen(good[i].hostport)
              && memcmp(u.hostport, good[i].hostport, u.hostport_len) == 0);
        CHECK(u.path_len == strlen(good[i].path) && memcmp(u.path, good[i].path, u.path_len) == 0);
        CHECK_EQ(u.port, good[i].port);
        CHECK_EQ(u.https, good[i].https);
    }
    for (i = 0; i < MC_ARRAY_LEN(bad); i++) {
        mc_status status = mc_url_split(&u, bad[i], &err);

        if (status != MC_URL)
            fprintf(stderr, "accepted: %s\n", bad[i]);
        CHECK_EQ(status, MC_URL);
        CHECK(strstr(err.msg, "h/") == NULL && strstr(err.msg, "pa") == NULL);
    }
}

static void test_hosts_and_switches(void)
{
    static const char *const hosts[] = { "example.com", "10.0.0.1" };
    static const struct { const char *url; mc_status status; } cases[] = {
        { "http://example.com/", MC_OK },        { "http://EXAMPLE.com:99/", MC_OK },
        { "http://example.com./", MC_OK },       { "http://10.0.0.1/", MC_OK },
        { "http://a.example.com/", MC_DENIED },  { "http://example.com.evil/", MC_DENIED },
        { "http://example.co/", MC_DENIED },     { "http://0x0a000001/", MC_DENIED },
        { "http://example.com@evil/", MC_DENIED },
    };
    mc_options options = MC_OPTIONS_INIT;
    mc_error err;
    mc_url u;
    size_t i;

    options.url_hosts = hosts;
    options.url_host_count = MC_ARRAY_LEN(hosts);
    for (i = 0; i < MC_ARRAY_LEN(cases); i++) {
        CHECK_EQ(mc_url_split(&u, cases[i].url, &err), MC_OK);
        CHECK_EQ(mc_url_check(&u, &options, &err), cases[i].status);
    }
    options.url_host_count = 0;          /* a list without hosts allows none */
    CHECK_EQ(mc_url_check(&u, &options, &err), MC_DENIED);
    options.url_hosts = NULL;
    CHECK_EQ(mc_url_check(&u, &options, &err), MC_OK);
    options.url_allowed = false;
    CHECK_EQ(mc_url_check(&u, &options, &err), MC_DENIED);
}

static void test_special_addresses(void)
{
    static const char *const special[] = {
        "0.0.0.0", "0.1.2.3", "10.0.0.1", "10.255.255.255", "100.64.0.0", "100.127.255.255", "127.0.0.1",
        "127.255.255.255", "169.254.169.254", "172.16.0.1", "172.31.255.255", "192.0.0.1", "192.0.2.1",
        "192.88.99.1", "192.168.0.1", "192.168.255.255", "198.18.0.0", "198.19.255.255", "198.51.100.1",
        "203.0.113.255", "224.0.0.1", "239.255.255.255", "240.0.0.1", "255.255.255.255",
        "::", "::1", "::7f00:1", "::127.0.0.1", "::8.8.8.8", "::ffff:127.0.0.1", "::ffff:10.0.0.1",
        "::ffff:0:127.0.0.1", "64:ff9b::127.0.0.1", "64:ff9b::169.254.169.254", "64:ff9b:1::8.8.8.8",
        "100::1", "2001::1", "2001:0:53aa:64c:0:0:0:1", "2001:10::1", "2001:db8::1", "2002:7f00:1::",
        "2002:a9fe:a9fe::1", "2002:c0a8:1::1", "3fff::1", "3fff:fff::1", "4000::1", "5f00::1", "fc00::1",
        "fd12:3456::1", "fe80::1", "febf::1", "fec0::1", "ff02::1", "ff0e::1",
        "2600::5efe:10.0.0.1", "2600::200:5efe:192.168.0.1",
    };
    static const char *const ordinary[] = {
        "1.1.1.1", "8.8.8.8", "9.255.255.255", "11.0.0.0", "100.63.255.255", "100.128.0.0", "126.255.255.255",
        "128.0.0.1", "169.253.255.255", "169.255.0.0", "172.15.255.255", "172.32.0.0", "192.0.1.0",
        "192.0.3.0", "192.167.255.255", "192.169.0.0", "198.17.255.255", "198.20.0.0", "203.0.112.255",
        "223.255.255.255", "2606:4700::1111", "2001:4860:4860::8888", "2001:200::1", "2001:db9::1",
        "2002:808:808::1", "64:ff9b::8.8.8.8", "::ffff:8.8.8.8", "2600::1", "3ffe::1",
        "2600::5efe:8.8.8.8", "2000::1",
    };
    struct sockaddr_in v4 = { .sin_family = AF_INET };
    struct sockaddr_in6 v6 = { .sin6_family = AF_INET6 };
    struct sockaddr other = { .sa_family = AF_UNIX };
    size_t i, k;

    for (k = 0; k < 2; k++)
        for (i = 0; i < (k == 0 ? MC_ARRAY_LEN(special) : MC_ARRAY_LEN(ordinary)); i++) {
            const char *text = k == 0 ? special[i] : ordinary[i];
            bool is_special;

            if (inet_pton(AF_INET, text, &v4.sin_addr) == 1)
                is_special = mc_address_is_special((const struct sockaddr *)&v4, sizeof v4);
            else {
                CHECK_EQ(inet_pton(AF_INET6, text, &v6.sin6_addr), 1);
                is_special = mc_address_is_special((const struct sockaddr *)&v6, sizeof v6);
            }
            if (is_special != (k == 0))
                fprintf(stderr, "%s\n", text);
            CHECK_EQ(is_special, k == 0);
        }
    CHECK(mc_address_is_special(&other, sizeof other));
    CHECK(mc_address_is_special((const struct sockaddr *)&v4, 4));   /* too short to be one */
}

int main(void)
{
    RUN(test_what_is_a_url);
    RUN(test_urls_are_taken_apart);
    RUN(test_hosts_and_switches);
    RUN(test_special_addresses);
    return DONE();
}
