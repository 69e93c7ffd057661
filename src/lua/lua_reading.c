/*
 * lua_reading.c: what a session and a comparison are for Lua alike.
 */
#include "lua/lua_reading.h"

#include "lua/lua_args.h"

int mc_refuse(lua_State *L, int level, const char *what)
{
    luaL_where(L, level);
    lua_pushstring(L, what);
    lua_concat(L, 2);
    return lua_error(L);
}

void mc_pin_inputs(lua_State *L, int list, int i)
{
    const bool several = lua_istable(L, i);
    const size_t n = several ? lua_rawlen(L, i) : 1;
    size_t k, at = lua_rawlen(L, list);

    for (k = 1; k <= n; k++) {
        if (several)
            lua_rawgeti(L, i, (int)k);
        else
            lua_pushvalue(L, i);
        lua_rawseti(L, list, (int)++at);
    }
}

void mc_check_handles(lua_State *L, const char *what)
{
    size_t n, k;
    int open;

    mc_getuservalue(L, 1);
    n = lua_rawlen(L, -1);
    for (k = 1; k <= n; k++) {
        lua_rawgeti(L, -1, (int)k);
        mc_tofile(L, -1, &open);
        if (lua_isuserdata(L, -1) && !open)
            mc_refuse(L, MC_CALLER, lua_pushfstring(L, "the file handle that the %s reads was closed", what));
        lua_pop(L, 1);
    }
    lua_pop(L, 1);
}

void mc_check_slice(lua_State *L, size_t *budget, unsigned *wait_ms)
{
    *budget = 0;
    *wait_ms = 0;
    if (!lua_isnoneornil(L, 2))
        *budget = (size_t)mc_check_number(L, "step", 1, 2, "budget", 0, MC_MAX_INTEGER, false);
    if (!lua_isnoneornil(L, 3))
        *wait_ms = (unsigned)mc_check_number(L, "step", 2, 3, "wait_ms", 0, 3600000, false);
}

const char *mc_check_reason(lua_State *L)
{
    return lua_isnoneornil(L, 2) ? "stopped by the caller" : mc_check_text(L, "stop", 1, 2, "message");
}

int mc_push_error(lua_State *L, const mc_error *err)
{
    lua_pushnil(L);
    lua_pushstring(L, err->msg);
    lua_pushstring(L, mc_status_code(err->status));
    return 3;
}

int mc_push_no_memory(lua_State *L)
{
    mc_error err;

    mc_fail(&err, MC_NOMEM, 0, "out of memory");
    return mc_push_error(L, &err);
}

int mc_push_step(lua_State *L, mc_status status, const mc_error *err)
{
    if (status != MC_OK && status != MC_END)
        return mc_push_error(L, err);
    lua_pushstring(L, status == MC_OK ? "more" : "done");
    return 1;
}

int mc_push_progress(lua_State *L, uint64_t done, uint64_t total)
{
    mc_pushcount(L, done);
    mc_pushcount(L, total);
    return 2;
}
