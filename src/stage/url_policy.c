/*
 * url_policy.c: taking URLs apart, and the table of special addresses.
 */
#include "stage/url_policy.h"

#include "base/sanitize.h"

#include <netinet/in.h>
#include <strings.h>

static bool is_alpha(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

/* RFC 3986, 3.1.  Returns the scheme's length, or 0 when there is none before "://". */
static size_t scheme_length(const char *text)
{
    size_t n = 0;

    if (!is_alpha(text[0]))
        return 0;
    while (is_alpha(text[n]) || is_digit(text[n]) || text[n] == '+' || text[n] == '-'
           || text[n] == '.')
        n++;
    return strncmp(text + n, "://", 3) == 0 ? n : 0;
}

bool mc_url_is(const char *text)
{
    while ((unsigned char)text[0] <= ' ' && text[0] != '\0')
        text++;
    return scheme_length(text) != 0;
}

static bool is_host_char(unsigned char c)
{
    /* Bytes above 0x7f are international names, which the transfer encodes. */
    return is_alpha((char)c) || is_digit((char)c) || c == '.' || c == '-' || c == '_' || c == '~'
        || c >= 0x80;
}

static bool is_ipv6_char(unsigned char c)
{
    return is_digit((char)c) || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F') || c == ':'
        || c == '.';
}

/* Reads "host", "host:port", "[v6]" or "[v6]:port" of 'length' bytes. */
static mc_status split_authority(mc_url *out, const char *text, size_t length, mc_error *err)
{
    const char *end = text + length, *p;
    unsigned long port = 0;

    out->hostport = text;
    out->hostport_len = length;
    if (length > 0 && text[0] == '[') {
        p = memchr(text, ']', length);
        if (p == NULL)
            return mc_fail(err, MC_URL, 0, "the URL's host has no closing bracket");
        out->host = text + 1;
        out->host_len = (size_t)(p - text) - 1;
        for (p = out->host; *p != ']'; p++)
            if (!is_ipv6_char((unsigned char)*p))
                return mc_fail(err, MC_URL, 0, "the URL's host is no IPv6 address");
        p++;
    } else {
        out->host = text;
        for (p = text; p < end && *p != ':'; p++)
            if (!is_host_char((unsigned char)*p))
                return mc_fail(err, MC_URL, 0, "the URL's host has a character not allowed there");
        out->host_len = (size_t)(p - text);
    }
    if (out->host_len == 0)
        return mc_fail(err, MC_URL, 0, "the URL has no host");
    if (out->host_len > 255)
        return mc_fail(err, MC_URL, 0, "the URL's host is too long");
    if (p == end)
        return MC_OK;
    if (*p != ':')
        return mc_fail(err, MC_URL, 0, "the URL's host is followed by something else");
    /* "host:" is allowed and means the usual port (RFC 3986, 3.2.3) */
    if (++p == end) {
        out->hostport_len--;
        return MC_OK;
    }
    for (; p < end; p++) {
        if (!is_digit(*p) || port > 65535)
            return mc_fail(err, MC_URL, 0, "the URL's port is not a number from 1 to 65535");
        port = port * 10 + (unsigned long)(*p - '0');
    }
    if (port == 0 || port > 65535)
        return mc_fail(err, MC_URL, 0, "the URL's port is not a number from 1 to 65535");
    out->port = (uint16_t)port;
    return MC_OK;
}

mc_status mc_url_split(mc_url *out, const char *text, mc_error *err)
{
    const char *p, *authority, *at = NULL;
    size_t scheme = scheme_length(text), length;

    memset(out, 0, sizeof *out);
    for (p = text; *p != '\0'; p++)
        if ((unsigned char)*p <= ' ' || *p == 0x7f || *p == '\\')
            return mc_fail(err, MC_URL, 0, "the URL has a blank, a backslash or a control byte in it");
    if (scheme == 0)
        return mc_fail(err, MC_URL, 0, "the URL has no scheme");
    out->https = scheme == 5 && strncasecmp(text, "https", 5) == 0;
    if (!out->https && !(scheme == 4 && strncasecmp(text, "http", 4) == 0))
        return mc_fail(err, MC_URL, 0, "the URL's scheme is not http or https");
    out->port = out->https ? 443 : 80;

    authority = text + scheme + 3;
    length = strcspn(authority, "/?#");
    out->path = authority + length;
    out->path_len = strcspn(out->path, "?#");
    for (p = authority; p < authority + length; p++)
        if (*p == '@')
            at = p;
    if (at != NULL) {
        length -= (size_t)(at + 1 - authority);
        authority = at + 1;
    }
    return split_authority(out, authority, length, err);
}

mc_status mc_url_check(const mc_url *url, const mc_options *options, mc_error *err)
{
    size_t i, length = url->host_len;

    if (!options->url_allowed)
        return mc_fail(err, MC_DENIED, 0, "URLs are not allowed");
    if (options->url_hosts == NULL)
        return MC_OK;
    if (length > 1 && url->host[length - 1] == '.')      /* "host." is host, fully qualified */
        length--;
    for (i = 0; i < options->url_host_count; i++)
        if (strlen(options->url_hosts[i]) == length
            && strncasecmp(options->url_hosts[i], url->host, length) == 0)
            return MC_OK;
    return mc_fail(err, MC_DENIED, 0, "this host is not among the allowed ones");
}

/* ------------------------------------------------------------------ addresses */

/* IANA IPv4 Special-Purpose Address Registry (RFC 6890), and multicast and
   class E, which stand in registries of their own. */
static const struct {
    uint8_t prefix[4];
    unsigned bits;
} special_ipv4[] = {
    { { 0, 0, 0, 0 }, 8 },           /* this network, RFC 1122 */
    { { 10, 0, 0, 0 }, 8 },          /* private, RFC 1918 */
    { { 100, 64, 0, 0 }, 10 },       /* carrier NAT, RFC 6598 */
    { { 127, 0, 0, 0 }, 8 },         /* loopback */
    { { 169, 254, 0, 0 }, 16 },      /* link-local, RFC 3927; cloud metadata */
    { { 172, 16, 0, 0 }, 12 },       /* private */
    { { 192, 0, 0, 0 }, 24 },        /* protocol assignments */
    { { 192, 0, 2, 0 }, 24 },        /* documentation, RFC 5737 */
    { { 192, 88, 99, 0 }, 24 },      /* 6to4 relays, RFC 7526 */
    { { 192, 168, 0, 0 }, 16 },      /* private */
    { { 198, 18, 0, 0 }, 15 },       /* benchmarks, RFC 2544 */
    { { 198, 51, 100, 0 }, 24 },     /* documentation */
    { { 203, 0, 113, 0 }, 24 },      /* documentation */
    { { 224, 0, 0, 0 }, 4 },         /* multicast */
    { { 240, 0, 0, 0 }, 4 },         /* reserved, and broadcast */
};

/* What is special inside 2000::/3; all else outside of it is special anyway. */
static const struct {
    uint8_t prefix[6];
    unsigned bits;
} special_ipv6[] = {
    { { 0x20, 0x01, 0x00 }, 23 },                   /* protocol assignments, Teredo, ORCHID: RFC 2928 */
    { { 0x20, 0x01, 0x0d, 0xb8 }, 32 },             /* documentation, RFC 3849 */
    { { 0x3f, 0xff, 0x00 }, 20 },                   /* documentation, RFC 9637 */
};

static bool has_prefix(const uint8_t *address, const uint8_t *prefix, unsigned bits)
{
    unsigned whole = bits / 8, rest = bits % 8;

    return memcmp(address, prefix, whole) == 0
        && (rest == 0 || ((address[whole] ^ prefix[whole]) >> (8 - rest)) == 0);
}

bool mc_ipv4_is_special(const uint8_t address[4])
{
    size_t i;

    for (i = 0; i < MC_ARRAY_LEN(special_ipv4); i++)
        if (has_prefix(address, special_ipv4[i].prefix, special_ipv4[i].bits))
            return true;
    return false;
}

bool mc_ipv6_is_special(const uint8_t address[16])
{
    static const uint8_t mapped[12] = { 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff };
    static const uint8_t translated[12] = { 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff, 0, 0 };
    static const uint8_t nat64[12] = { 0x00, 0x64, 0xff, 0x9b };
    size_t i;

    /* ::ffff:a.b.c.d, ::ffff:0:a.b.c.d (RFC 2765), 64:ff9b::a.b.c.d (RFC 6052):
       as good or bad as the address in them.  ::a.b.c.d (RFC 4291, 2.5.5.1) is
       deprecated and not routed: special, like all outside of 2000::/3. */
    if (memcmp(address, mapped, 12) == 0 || memcmp(address, translated, 12) == 0
        || memcmp(address, nat64, 12) == 0)
        return mc_ipv4_is_special(address + 12);
    if ((address[0] & 0xe0) != 0x20)
        return true;
    for (i = 0; i < MC_ARRAY_LEN(special_ipv6); i++)
        if (has_prefix(address, special_ipv6[i].prefix, special_ipv6[i].bits))
            return true;
    /* 2002:aabb:ccdd::/48 (RFC 3056) */
    if (address[0] == 0x20 && address[1] == 0x02)
        return mc_ipv4_is_special(address + 2);
    /* ...:[02]00:5efe:a.b.c.d (RFC 5214, 6.1) */
    if ((address[8] & 0xfd) == 0 && address[9] == 0 && address[10] == 0x5e && address[11] == 0xfe)
        return mc_ipv4_is_special(address + 12);
    return false;
}

bool mc_address_is_special(const struct sockaddr *address, size_t length)
{
    struct sockaddr_in v4;
    struct sockaddr_in6 v6;
    uint8_t bytes[4];

    if (address->sa_family == AF_INET && length >= sizeof v4) {
        memcpy(&v4, address, sizeof v4);
        memcpy(bytes, &v4.sin_addr, 4);
        return mc_ipv4_is_special(bytes);
    }
    if (address->sa_family == AF_INET6 && length >= sizeof v6) {
        memcpy(&v6, address, sizeof v6);
        return mc_ipv6_is_special(v6.sin6_addr.s6_addr);
    }
    return true;
}

/* A URL that cannot be used, as far as no part of it can be a secret: nothing with an '@',
   and of "host:port" the port only where it is one. */
static bool show_bad_url(char *out, size_t size, const char *url)
{
    size_t scheme = scheme_length(url), host, length, digits;
    const char *authority = url + scheme + 3, *path;

    if (scheme == 0 || strpbrk(url, "@\\") != NULL)
        return false;
    for (path = url; *path != '\0'; path++)
        if ((unsigned char)*path <= ' ' || *path == 0x7f)
            return false;
    length = strcspn(authority, "/?#");
    path = authority + length;
    if (*authority != '[') {
        host = strcspn(authority, ":/?#");
        digits = host < length ? strspn(authority + host + 1, "0123456789") : 0;
        if (host < length && host + 1 + digits != length)
            length = host;
    }
    snprintf(out, size, "%.*s://%.*s%.*s", (int)mc_min_u64(scheme, 20), url,
             (int)mc_min_u64(length, 300), authority,
             (int)mc_min_u64(strcspn(path, "?#"), 200), path);
    return true;
}

char *mc_sanitize_url(char *out, size_t size, const char *url)
{
    mc_url parts;
    char clean[2 * MC_SANITIZED_SIZE];

    if (mc_url_split(&parts, url, NULL) != MC_OK)
        return mc_sanitize_text(out, size, show_bad_url(clean, sizeof clean, url) ? clean : "URL");
    snprintf(clean, sizeof clean, "%s://%.*s%.*s", parts.https ? "https" : "http",
             (int)mc_min_u64(parts.hostport_len, 300), parts.hostport,
             (int)mc_min_u64(parts.path_len, 200), parts.path);
    return mc_sanitize_text(out, size, clean);
}
