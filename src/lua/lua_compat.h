/*
 * lua_compat.h: what of the Lua API differs between 5.1, LuaJIT, 5.2, 5.3 and 5.4,
 * brought to one shape.  Included by the binding alone.
 */
#ifndef MC_LUA_COMPAT_H
#define MC_LUA_COMPAT_H

#include <stdint.h>

#include <lauxlib.h>
#include <lua.h>
#include <lualib.h>

#if LUA_VERSION_NUM < 502            /* 5.1, LuaJIT */
#define lua_rawlen(L, i) lua_objlen((L), (i))
#ifndef luaL_newlib                  /* LuaJIT 2.1 has it, Lua 5.1 has not */
static inline void mc_setfuncs(lua_State *L, const luaL_Reg *l)
{
    for (; l->name != NULL; l++) {
        lua_pushcfunction(L, l->func);
        lua_setfield(L, -2, l->name);
    }
}
static inline void mc_setmetatable(lua_State *L, const char *name)
{
    luaL_getmetatable(L, name);
    lua_setmetatable(L, -2);
}
static inline void *mc_testudata(lua_State *L, int i, const char *name)
{
    void *p = lua_touserdata(L, i);

    if (p == NULL || !lua_getmetatable(L, i))
        return NULL;
    luaL_getmetatable(L, name);
    if (!lua_rawequal(L, -1, -2))
        p = NULL;
    lua_pop(L, 2);
    return p;
}
#define luaL_setmetatable    mc_setmetatable
#define luaL_testudata       mc_testudata
#define luaL_setfuncs(L, l, n) mc_setfuncs((L), (l))
#define luaL_newlib(L, l)    (lua_newtable(L), mc_setfuncs((L), (l)))
#endif
/* a userdata's own table: its environment, its user value */
#define mc_newuserdata(L, size) lua_newuserdata((L), (size))
#define mc_setuservalue(L, i)   ((void)lua_setfenv((L), (i)))
#define mc_getuservalue(L, i)   lua_getfenv((L), (i))
#elif LUA_VERSION_NUM < 504
#define mc_newuserdata(L, size) lua_newuserdata((L), (size))
#define mc_setuservalue(L, i)   lua_setuservalue((L), (i))
#define mc_getuservalue(L, i)   ((void)lua_getuservalue((L), (i)))
#else
#define mc_newuserdata(L, size) lua_newuserdatauv((L), (size), 1)
#define mc_setuservalue(L, i)   ((void)lua_setiuservalue((L), (i), 1))
#define mc_getuservalue(L, i)   ((void)lua_getiuservalue((L), (i), 1))
#endif

/* A counter: an integer where Lua has them, else a number, exact to 2^53. */
static inline void mc_pushcount(lua_State *L, uint64_t v)
{
#if LUA_VERSION_NUM >= 503
    lua_pushinteger(L, (lua_Integer)v);
#else
    lua_pushnumber(L, (lua_Number)v);
#endif
}

/*
 * The FILE* of a Lua file handle at 'i', or NULL if there is none.  'open' says
 * whether the handle is still open.
 */
static inline FILE *mc_tofile(lua_State *L, int i, int *open)
{
#if LUA_VERSION_NUM >= 502
    luaL_Stream *p = (luaL_Stream *)luaL_testudata(L, i, LUA_FILEHANDLE);

    *open = p != NULL && p->closef != NULL;
    return p != NULL ? p->f : NULL;
#else
    FILE **p = (FILE **)luaL_testudata(L, i, LUA_FILEHANDLE);

    *open = p != NULL && *p != NULL;
    return p != NULL ? *p : NULL;
#endif
}

#endif
