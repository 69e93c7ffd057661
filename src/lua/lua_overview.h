/*
 * lua_overview.h: all servers of a capture, for Lua.
 */
#ifndef MC_LUA_OVERVIEW_H
#define MC_LUA_OVERVIEW_H

#include "lua/lua_compat.h"

int mc_core_overview(lua_State *L);
void mc_overview_register(lua_State *L);

#endif
