/*
 * lua_fields.c: the fields that take more than one call.
 */
#include "lua/lua_fields.h"

#include <arpa/inet.h>

void mc_push_address(lua_State *L, const uint8_t addr[16])
{
    static const uint8_t mapped[12] = { 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff };
    char text[INET6_ADDRSTRLEN];

    if (memcmp(addr, mapped, sizeof mapped) == 0)
        inet_ntop(AF_INET, addr + 12, text, sizeof text);
    else
        inet_ntop(AF_INET6, addr, text, sizeof text);
    lua_pushstring(L, text);
}

void mc_push_endpoint(lua_State *L, const uint8_t addr[16], const uint16_t *port)
{
    const char *text;

    mc_push_address(L, addr);
    text = lua_tostring(L, -1);
    lua_pushfstring(L, strchr(text, ':') != NULL ? "[%s]:" : "%s:", text);
    if (port != NULL)
        lua_pushinteger(L, *port);
    else
        lua_pushliteral(L, "any");
    lua_concat(L, 2);
    lua_remove(L, -2);
}

void mc_set_rates(lua_State *L, uint64_t payload, uint64_t unique, double time, double units_a_second)
{
    if (time <= 0)
        return;
    set_number(L, "throughput_bps", 8 * units_a_second * (double)payload / time);
    set_number(L, "goodput_bps", 8 * units_a_second * (double)unique / time);
}
