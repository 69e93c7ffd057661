/*
 * lua_connection.h: one connection, segment by segment, for Lua.
 */
#ifndef MC_LUA_CONNECTION_H
#define MC_LUA_CONNECTION_H

#include "lua/lua_compat.h"

int mc_core_connection(lua_State *L);
void mc_connection_register(lua_State *L);

#endif
