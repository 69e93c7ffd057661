/*
 * lua_state.h: states and parts for Lua.
 */
#ifndef MC_LUA_STATE_H
#define MC_LUA_STATE_H

#include "base/base.h"
#include "lua/lua_compat.h"

/* Where a session keeps what may be saved to 'path': a file beside it, which has no name any more.  NULL: why not. */
FILE *mc_open_spool(const char *path, mc_error *err);

int mc_core_state_facts(lua_State *L);
int mc_core_state_join(lua_State *L);

#endif
