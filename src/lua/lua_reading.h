/*
 * lua_reading.h: what a session and a comparison are for Lua alike: they keep the handles that
 * they read from, and answer in one way.
 */
#ifndef MC_LUA_READING_H
#define MC_LUA_READING_H

#include "base/base.h"
#include "lua/lua_compat.h"

/* Raises a misuse that is of no argument, at the place of the caller so many levels up. */
int mc_refuse(lua_State *L, int level, const char *what);

/* Adds the input at 'i', or the array of them, to the array at 'list': that of a userdata keeps handles alive. */
void mc_pin_inputs(lua_State *L, int list, int i);

/* None of the handles that the userdata at 1 keeps may have been closed behind its back; it is a 'what'. */
void mc_check_handles(lua_State *L, const char *what);

/* The arguments of step() at 2 and 3. */
void mc_check_slice(lua_State *L, size_t *budget, unsigned *wait_ms);

/* The argument of stop() at 2. */
const char *mc_check_reason(lua_State *L);

/* These push what a function of Lua returns, and tell how many values that is. */
int mc_push_error(lua_State *L, const mc_error *err);
int mc_push_no_memory(lua_State *L);
int mc_push_step(lua_State *L, mc_status status, const mc_error *err);
int mc_push_progress(lua_State *L, uint64_t done, uint64_t total);

/* Where a session keeps what may be saved to 'path': a file beside it, which has no name any more.  NULL: why not. */
FILE *mc_open_spool(const char *path, mc_error *err);

int mc_core_write_file(lua_State *L);
int mc_core_state_facts(lua_State *L);
int mc_core_state_join(lua_State *L);

#endif
