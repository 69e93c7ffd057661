/*
 * lua_push.h: facts as Lua tables.
 */
#ifndef MC_LUA_PUSH_H
#define MC_LUA_PUSH_H

#include "lua_compat.h"
#include "mcpcap.h"

/* Pushes one table; raises when memory is short. */
void mc_push_facts(lua_State *L, const mc_facts *facts);

/* Pushes one connection; 'origin' is the time of the capture's first packet. */
void mc_push_row(lua_State *L, const mc_row *row, int64_t origin);

/* Pushes an address as text: "10.0.0.2", "2001:db8::2". */
void mc_push_address(lua_State *L, const uint8_t addr[16]);

#endif
