/*
 * fuzz_text.c: what a caller writes: addresses, URLs and the names in filters.
 *
 * An input is a port (2 bytes, big-endian), then the text, without bytes of value 0.  An address that is read another way
 * when it is shown and read again, a part of a URL that lies outside of it, a secret of it that is shown, and an IPv4 address that
 * is treated otherwise inside of an IPv6 address, stop the run.
 *
 * Built with MCPCAP_FUZZ_REPLAY it has a main() of its own: replay_text [-n N] changes texts of its own; -w FOLDER writes them.
 */
#include <arpa/inet.h>
#include <stdlib.h>
#include <string.h>

#include "base/base.h"
#include "capture/filter.h"
#include "mcpcap.h"
#include "stage/url_policy.h"

#ifdef MCPCAP_FUZZ_REPLAY
#include "replay.h"
#endif

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void require(bool condition)
{
    if (!condition)
        abort();
}

static void try_address(const char *text, unsigned port)
{
    static const uint8_t mapped[12] = { [10] = 0xff, 0xff };
    mc_endpoint first, second;
    char shown[INET6_ADDRSTRLEN];
    const bool is_four = inet_pton(AF_INET, text, shown) == 1;
    mc_error err;

    if (mc_endpoint_parse(&first, text, port, &err) != MC_OK) {
        require(!is_four && memchr(err.msg, '\0', sizeof err.msg) != NULL);
        return;
    }
    require(first.port == port);
    if (memcmp(first.addr, mapped, sizeof mapped) == 0) {
        require(inet_ntop(AF_INET, first.addr + 12, shown, sizeof shown) != NULL);
        require(mc_ipv4_is_special(first.addr + 12) == mc_ipv6_is_special(first.addr));
    } else {
        require(inet_ntop(AF_INET6, first.addr, shown, sizeof shown) != NULL);
    }
    require(mc_endpoint_parse(&second, shown, port, &err) == MC_OK);
    require(memcmp(first.addr, second.addr, sizeof first.addr) == 0);
}

static void require_within(const char *part, size_t len, const char *text)
{
    const size_t size = strlen(text);

    require(part >= text && len <= size && (size_t)(part - text) <= size - len);
}

/* The name that a filter asks for is a word of it, and no address. */
static void try_filter(const char *text)
{
    size_t length = 0;
    const char *const name = mc_filter_asks_for(text, &length);

    if (name != NULL) {
        require(length > 0);
        require_within(name, length, text);
    }
}

static void try_url(const char *text)
{
    mc_options options = MC_OPTIONS_INIT;
    char shown[300];
    mc_error err;
    mc_url url;
    size_t i;

    require(mc_sanitize_url(shown, sizeof shown, text) == shown);
    for (i = 0; shown[i] != '\0'; i++)
        require(i < sizeof shown && (uint8_t)shown[i] >= ' ' && shown[i] != 0x7f);
    if (mc_url_split(&url, text, &err) != MC_OK) {
        require(!mc_url_is(text) || strpbrk(shown, "@?#") == NULL);
        require(memchr(err.msg, '\0', sizeof err.msg) != NULL);
        return;
    }
    require(strpbrk(shown, "?#") == NULL && strstr(shown, "://") != NULL);
    i = (size_t)(strstr(shown, "://") - shown) + 3;
    if (strlen(text) < sizeof shown / 5)         /* a longer one may be shown without its middle */
        require(strcspn(shown + i, "@") >= strcspn(shown + i, "/"));
    require(mc_url_is(text) && url.host_len > 0);
    require_within(url.host, url.host_len, text);
    require_within(url.hostport, url.hostport_len, text);
    require_within(url.path, url.path_len, text);
    require(url.host >= url.hostport && url.host_len <= url.hostport_len);
    require(memchr(url.host, '/', url.host_len) == NULL && memchr(url.host, '@', url.host_len) == NULL);
    (void)mc_url_check(&url, &options, &err);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char *text;

    if (size < 2 || memchr(data + 2, 0, size - 2) != NULL)
        return 0;
    text = malloc(size - 1);
    if (text == NULL)
        abort();
    memcpy(text, data + 2, size - 2);
    text[size - 2] = '\0';
    try_address(text, mc_be16(data));
    try_url(text);
    try_filter(text);
    free(text);
    return 0;
}

#ifdef MCPCAP_FUZZ_REPLAY
static const char *const texts[] = {
    "192.0.2.80", "2001:db8::80", "::ffff:192.0.2.80", "[2001:db8::80]", "fe80::1%eth0", "http://www.example/a.pcap",
    "https://user:secret@www.example:8443/a/b.pcapng?token=secret#part", "HTTP://[2001:db8::80]:80/", "http://192.0.2.80",
    "https://www.example/a%20b.pcap", "http://www.example:99999/", "file:///etc/passwd", "\thttp://www.example/",
    "tcp port http and not (host www.example or net 10.0.0.0/8)", "ether host aa:bb:cc:dd:ee:ff or ip proto \\tcp",
};

static mc_view seed(unsigned number)
{
    static uint8_t input[200] = { 0, 80 };
    const size_t len = strlen(texts[number]);

    memcpy(input + 2, texts[number], len);
    return (mc_view){ input, len + 2 };
}

int main(int argc, char **argv)
{
    return replay_seeds(argc, argv, MC_ARRAY_LEN(texts), seed);
}
#endif
