/*
 * command.c: the command as one executable: an interpreter of Lua with our files inside.
 *
 * Nothing is looked for outside: no variable of the environment and no file beside the
 * captures has a say in what runs.
 */
#include "command/command.h"

#include <lauxlib.h>
#include <limits.h>
#include <lua.h>
#include <lualib.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

int luaopen_mcpcap_core(lua_State *L);
int luaopen_luv(lua_State *L);

static lua_State *running;

/* ----------------------------------------------------------------- Ctrl-C */

/* As the interpreter lua has it: the next step of Lua raises "interrupted!". */
static void stop(lua_State *L, lua_Debug *where)
{
    (void)where;
    lua_sethook(L, NULL, 0, 0);
    luaL_error(L, "interrupted!");
}

/* Without SA_RESTART: a read that waits comes back. */
static void on_signal(int number, void (*handler)(int))
{
    struct sigaction action = { .sa_handler = handler };

    sigemptyset(&action.sa_mask);
    sigaction(number, &action, NULL);
}

static void on_interrupt(int number)
{
    on_signal(number, SIG_DFL);          /* a second one ends the process */
    lua_sethook(running, stop, LUA_MASKCALL | LUA_MASKRET | LUA_MASKLINE | LUA_MASKCOUNT, 1);
}

/* ---------------------------------------------------------------- modules */

static int load_file(lua_State *L)
{
    const mc_lua_file *file = lua_touserdata(L, lua_upvalueindex(1));

    if (luaL_loadbufferx(L, file->text, file->length, file->chunk, "bt") != LUA_OK)
        return lua_error(L);
    lua_pushvalue(L, 1);
    lua_call(L, 1, 1);
    return 1;
}

static void add_modules(lua_State *L)
{
    luaL_getsubtable(L, LUA_REGISTRYINDEX, LUA_PRELOAD_TABLE);
    for (size_t i = 0; i < mc_lua_file_count; i++) {
        mc_lua_file *file = lua_newuserdatauv(L, sizeof *file, 0);
        *file = mc_lua_files[i];
        lua_pushcclosure(L, load_file, 1);
        lua_setfield(L, -2, mc_lua_files[i].module);
    }
    lua_pushcfunction(L, luaopen_mcpcap_core);
    lua_setfield(L, -2, "mcpcap.core");
    lua_pushcfunction(L, luaopen_luv);
    lua_setfield(L, -2, "luv");
    lua_pop(L, 1);
    lua_getglobal(L, "package");
    lua_pushliteral(L, "");
    lua_setfield(L, -2, "path");
    lua_pushliteral(L, "");
    lua_setfield(L, -2, "cpath");
    lua_pop(L, 1);
}

/* ------------------------------------------------------------------- words */

/* This program's path: what `mcpcap install` enters into the settings of others. */
static void push_program(lua_State *L, const char *word)
{
    char path[PATH_MAX];
    ssize_t length = strchr(word, '/') == NULL ? readlink("/proc/self/exe", path, sizeof path) : -1;

    if (length > 0 && (size_t)length < sizeof path)
        lua_pushlstring(L, path, (size_t)length);
    else
        lua_pushstring(L, word);
}

static int with_traceback(lua_State *L)
{
    const char *message = lua_tostring(L, 1);

    luaL_traceback(L, L, message != NULL ? message : "(an error that is no text)", 1);
    return 1;
}

/* The words of the command line. */
typedef struct words {
    int count;
    char **list;
} words;

static int run(lua_State *L)
{
    static const char text[] = "os.exit(require('mcpcap.cli').main(arg, io.stdout, io.stderr))";
    const words *w = lua_touserdata(L, 1);

    luaL_openlibs(L);
    add_modules(L);
    lua_createtable(L, w->count, 1);
    for (int i = 0; i < w->count; i++) {
        if (i == 0)
            push_program(L, w->list[0]);
        else
            lua_pushstring(L, w->list[i]);
        lua_rawseti(L, -2, i);
    }
    lua_setglobal(L, "arg");
    lua_gc(L, LUA_GCGEN, 0, 0);
    if (luaL_loadbufferx(L, text, sizeof text - 1, "=mcpcap", "t") != LUA_OK)
        return lua_error(L);
    lua_call(L, 0, 0);
    return 0;
}

int main(int argc, char **argv)
{
    lua_State *L = luaL_newstate();
    words w = { argc, argv };

    if (L == NULL || argc < 1) {
        fputs("mcpcap: out of memory\n", stderr);
        return EXIT_FAILURE;
    }
    running = L;
    on_signal(SIGINT, on_interrupt);
    lua_pushcfunction(L, with_traceback);
    lua_pushcfunction(L, run);
    lua_pushlightuserdata(L, &w);
    if (lua_pcall(L, 1, 0, 1) != LUA_OK)
        fprintf(stderr, "mcpcap: %s\n", lua_tostring(L, -1));
    lua_close(L);
    return EXIT_FAILURE;
}
