/*
 * lua_compare.h: mcpcap.core.compare().
 */
#ifndef MC_LUA_COMPARE_H
#define MC_LUA_COMPARE_H

#include "lua/lua_compat.h"

int mc_core_compare(lua_State *L);

/* Makes the metatable; called once with the module. */
void mc_compare_register(lua_State *L);

#endif
