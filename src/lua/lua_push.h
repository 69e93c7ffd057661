/*
 * lua_push.h: facts as Lua tables.
 */
#ifndef MC_LUA_PUSH_H
#define MC_LUA_PUSH_H

#include "lua/lua_compat.h"
#include "mcpcap.h"

/* Pushes the result without what is opinion; raises when memory is short. */
void mc_push_facts(lua_State *L, const mc_facts *facts);

/* Pushes one connection of 'f'. */
void mc_push_connection(lua_State *L, const mc_facts *f, const mc_top_connection *row);

/* Pushes which side has more of what. */
void mc_push_balances(lua_State *L, const mc_facts *f);

/* Sets the rates of bytes that came within 'time', in units of which a second has so many. */
void mc_set_rates(lua_State *L, uint64_t payload, uint64_t unique, double time, double units_a_second);

/* Pushes an address as text: "10.0.0.2", "2001:db8::2". */
void mc_push_address(lua_State *L, const uint8_t addr[16]);

/* Pushes an endpoint as text: "10.0.0.2:443", "[2001:db8::2]:443", without 'port' "10.0.0.2:any". */
void mc_push_endpoint(lua_State *L, const uint8_t addr[16], const uint16_t *port);

#endif
