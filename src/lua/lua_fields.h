/*
 * lua_fields.h: setting the fields of the table on top of the stack.
 */
#ifndef MC_LUA_FIELDS_H
#define MC_LUA_FIELDS_H

#include "base/base.h"
#include "lua/lua_compat.h"
#include "mcpcap.h"

/* Sets the rates of bytes that came within 'time', in units of which a second has so many. */
void mc_set_rates(lua_State *L, uint64_t payload, uint64_t unique, double time, double units_a_second);

/* Pushes an address as text: "10.0.0.2", "2001:db8::2". */
void mc_push_address(lua_State *L, const uint8_t addr[16]);

/* Pushes an endpoint as text: "10.0.0.2:443", "[2001:db8::2]:443", without 'port' "10.0.0.2:any". */
void mc_push_endpoint(lua_State *L, const uint8_t addr[16], const uint16_t *port);

static inline void set_count(lua_State *L, const char *name, uint64_t v)
{
    mc_pushcount(L, v);
    lua_setfield(L, -2, name);
}

static inline void set_number(lua_State *L, const char *name, double v)
{
    lua_pushnumber(L, v);
    lua_setfield(L, -2, name);
}

static inline void set_bool(lua_State *L, const char *name, bool v)
{
    lua_pushboolean(L, v);
    lua_setfield(L, -2, name);
}

/* Nothing for NULL. */
static inline void set_string(lua_State *L, const char *name, const char *v)
{
    if (v == NULL)
        return;
    lua_pushstring(L, v);
    lua_setfield(L, -2, name);
}

static inline void set_ms(lua_State *L, const char *name, int64_t ns)
{
    set_number(L, name, (double)ns / 1e6);
}

/* Seconds since 1970; whole seconds and the rest apart, so that nothing is lost before the sum. */
static inline double seconds_of(int64_t ns)
{
    return (double)(ns / MC_NS_PER_S) + (double)(ns % MC_NS_PER_S) / 1e9;
}

static inline void set_time(lua_State *L, const char *name, int64_t ns)
{
    set_number(L, name, seconds_of(ns));
}

static inline const char *side_name(int side)
{
    return side == 0 ? "client" : "server";
}

static inline void set_address(lua_State *L, const char *name, const uint8_t addr[16])
{
    mc_push_address(L, addr);
    lua_setfield(L, -2, name);
}

static inline void set_endpoint(lua_State *L, const char *name, const uint8_t addr[16], const uint16_t *port)
{
    mc_push_endpoint(L, addr, port);
    lua_setfield(L, -2, name);
}

/* An array of frame numbers. */
static inline void set_examples(lua_State *L, const char *name, const mc_examples *e)
{
    uint32_t i;

    lua_createtable(L, (int)e->count, 0);
    for (i = 0; i < e->count; i++) {
        mc_pushcount(L, e->frame[i]);
        lua_rawseti(L, -2, (int)i + 1);
    }
    lua_setfield(L, -2, name);
}

/* {count, min, median, p95, max, mean} in milliseconds. */
static inline void set_durations(lua_State *L, const char *name, const mc_durations *d)
{
    lua_createtable(L, 0, 8);
    set_count(L, "count", d->count);
    if (d->count > 0) {
        set_ms(L, "min", d->min_ns);
        set_ms(L, "median", d->median_ns);
        set_ms(L, "p95", d->p95_ns);
        set_ms(L, "max", d->max_ns);
        set_number(L, "mean", d->mean_ns / 1e6);
    }
    lua_setfield(L, -2, name);
}

/* Pairs are {client = a, server = b}. */
static inline void set_examples_pair(lua_State *L, const char *name, const mc_examples v[2])
{
    lua_createtable(L, 0, 2);
    set_examples(L, "client", &v[0]);
    set_examples(L, "server", &v[1]);
    lua_setfield(L, -2, name);
}

static inline void set_pair(lua_State *L, const char *name, const uint64_t v[2])
{
    lua_createtable(L, 0, 2);
    set_count(L, "client", v[0]);
    set_count(L, "server", v[1]);
    lua_setfield(L, -2, name);
}

#endif
