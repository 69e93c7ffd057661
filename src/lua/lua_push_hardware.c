/*
 * lua_push_hardware.c: hardware addresses, as Lua tables.
 */
#include "lua/lua_push.h"

#include "lua/lua_fields.h"

void mc_push_mac(lua_State *L, const uint8_t mac[6])
{
    char text[32];

    snprintf(text, sizeof text, "%02x:%02x:%02x:%02x:%02x:%02x", mac[0], mac[1], mac[2], mac[3], mac[4], mac[5]);
    lua_pushstring(L, text);
}

static void set_side(lua_State *L, const char *name, const mc_hardware_side *s, int64_t origin)
{
    uint32_t i;

    lua_createtable(L, 0, 3);
    lua_createtable(L, (int)s->count, 0);
    for (i = 0; i < s->count; i++) {
        const mc_hardware_address *a = &s->at[i];

        lua_createtable(L, 0, 8);
        mc_push_mac(L, a->mac);
        lua_setfield(L, -2, "mac");
        set_count(L, "syn_acks", a->syn_acks);
        set_count(L, "resets", a->resets);
        set_bool(L, "several_clients", a->several);
        set_count(L, "first_frame", a->first_frame);
        set_count(L, "last_frame", a->last_frame);
        set_ms(L, "first_ms", mc_ns_since(a->first_ns, origin));
        set_ms(L, "last_ms", mc_ns_since(a->last_ns, origin));
        lua_rawseti(L, -2, (int)i + 1);
    }
    lua_setfield(L, -2, "addresses");
    set_count(L, "switches", s->switches);
    set_count(L, "others", s->others);
    lua_setfield(L, -2, name);
}

static void set_claims(lua_State *L, const mc_hardware_claims *c)
{
    uint32_t i;

    if (c->count == 0)
        return;
    lua_createtable(L, 0, 3);
    lua_createtable(L, (int)c->count, 0);
    for (i = 0; i < c->count; i++) {
        lua_createtable(L, 0, 3);
        mc_push_mac(L, c->mac[i]);
        lua_setfield(L, -2, "mac");
        set_count(L, "claims", c->claims[i]);
        set_count(L, "first_frame", c->frame[i]);
        lua_rawseti(L, -2, (int)i + 1);
    }
    lua_setfield(L, -2, "addresses");
    set_count(L, "switches", c->switches);
    set_count(L, "others", c->others);
    lua_setfield(L, -2, "arp");
}

void mc_set_hardware(lua_State *L, const mc_hardware_facts *h, int64_t origin)
{
    if (h->from.count == 0 && h->claims.count == 0)
        return;
    lua_createtable(L, 0, 3);
    set_side(L, "from_server", &h->from, origin);
    set_side(L, "to_clients", &h->to, origin);
    set_claims(L, &h->claims);
    lua_setfield(L, -2, "hardware");
}
