/*
 * lua_ladder.h: mcpcap.core.segments().
 */
#ifndef MC_LUA_LADDER_H
#define MC_LUA_LADDER_H

#include "lua/lua_compat.h"

int mc_core_segments(lua_State *L);

#endif
