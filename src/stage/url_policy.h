/*
 * url_policy.h: which URLs may be fetched from which addresses.  Pure: no
 * network, no library.  The transfer (stage_url.c) asks here before every hop
 * and for every address that it is about to connect to.
 */
#ifndef MC_URL_POLICY_H
#define MC_URL_POLICY_H

#include <sys/socket.h>

#include "base/base.h"

/* A URL taken apart; the pointers lie in the text that was split. */
typedef struct mc_url {
    bool https;
    const char *host;                /* without brackets */
    size_t host_len;
    const char *hostport;            /* host with brackets, and ":port" where it was given */
    size_t hostport_len;
    uint16_t port;                   /* 80 or 443 when the URL has none */
    const char *path;                /* without query and fragment; may be empty */
    size_t path_len;
} mc_url;

/*
 * Whether 'text' is meant as a URL and not as a local path: it begins with a scheme and
 * "//" (blanks and control bytes in front do not hide one).
 */
bool mc_url_is(const char *text);

/*
 * Takes an http or https URL apart (RFC 3986, 3), strictly: a character that
 * two programs could read differently (control bytes, blanks, backslashes, an escape in the
 * host) is MC_URL.  The message never quotes the URL.
 */
mc_status mc_url_split(mc_url *out, const char *text, mc_error *err);

/*
 * Whether 'url' may be fetched under 'options' as far as its text says:
 * MC_DENIED when URLs or this host are not allowed.
 */
mc_status mc_url_check(const mc_url *url, const mc_options *options, mc_error *err);

/*
 * Whether an address is not an ordinary one of the public internet: loopback,
 * private, link-local, carrier NAT, multicast, documentation, reserved,
 * unspecified, or an IPv6 address that carries such an IPv4 address in it
 * (mapped, compatible, NAT64, 6to4, Teredo, ISATAP).  Unknown families are special.
 */
bool mc_address_is_special(const struct sockaddr *address, size_t length);
bool mc_ipv4_is_special(const uint8_t address[4]);
bool mc_ipv6_is_special(const uint8_t address[16]);

/*
 * mc_sanitize_text() for a URL, which loses user, password, query and fragment.  A text
 * that cannot be used as one is shown as far as nothing in it can be a secret: with an '@', a
 * blank, a backslash or a control byte in it as "URL" alone, because where its secrets lie
 * cannot be known; without what stands where a port should.  Returns 'out'.
 */
char *mc_sanitize_url(char *out, size_t size, const char *url);

#endif
