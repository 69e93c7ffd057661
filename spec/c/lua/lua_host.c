/*
 * lua_host.c: a Lua that is built with the project's compiler options, so that a
 * sanitizer's runtime is part of it:
 *
 *     lua_host SCRIPT [ARGUMENT...]
 *
 * Preloading the runtime into the system's Lua would do too, but then every
 * program that a spec starts would run under it.
 */
#include <stdio.h>

#include <lauxlib.h>
#include <lua.h>
#include <lualib.h>

/* Adds a traceback to an error message; other values pass. */
static int explain(lua_State *L)
{
    if (lua_type(L, 1) != LUA_TSTRING)
        return 1;
    lua_getglobal(L, "debug");
    lua_getfield(L, -1, "traceback");
    lua_pushvalue(L, 1);
    lua_pushinteger(L, 2);
    lua_call(L, 2, 1);
    return 1;
}

int main(int argc, char **argv)
{
    lua_State *L = luaL_newstate();
    int i, status;

    if (L == NULL || argc < 2) {
        fprintf(stderr, "usage: lua_host SCRIPT [ARGUMENT...]\n");
        return 2;
    }
    luaL_openlibs(L);
    lua_createtable(L, argc - 2, 2);
    for (i = 0; i < argc; i++) {
        lua_pushstring(L, argv[i]);
        lua_rawseti(L, -2, i - 1);       /* arg[0] is the script, arg[-1] this program */
    }
    lua_setglobal(L, "arg");
    lua_pushcfunction(L, explain);
    status = luaL_loadfile(L, argv[1]);
    if (status == 0) {
        for (i = 2; i < argc; i++)
            lua_pushstring(L, argv[i]);
        status = lua_pcall(L, argc - 2, 0, 1);
    }
    if (status != 0)
        fprintf(stderr, "lua_host: %s\n", lua_tostring(L, -1));
    lua_close(L);
    return status != 0;
}
