/*
 * endpoint.c: addresses from text.
 */
#include <arpa/inet.h>

#include "base/base.h"

static const uint8_t v4_prefix[12] = { 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff };

mc_status mc_endpoint_parse(mc_endpoint *out, const char *address, unsigned port, mc_error *err)
{
    memset(out, 0, sizeof *out);
    if (port > 65535)
        return mc_fail(err, MC_INVALID, 0, "port %u is not in 1..65535", port);
    out->port = (uint16_t)port;
    memcpy(out->addr, v4_prefix, sizeof v4_prefix);
    if (inet_pton(AF_INET, address, out->addr + 12) == 1)
        return MC_OK;
    if (inet_pton(AF_INET6, address, out->addr) == 1)
        return MC_OK;
    return mc_fail(err, MC_INVALID, 0, "not an IPv4 or IPv6 address");
}
