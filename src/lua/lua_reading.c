/*
 * lua_reading.c: what a session and a comparison are for Lua alike.
 */
#include "lua/lua_reading.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/guard.h"
#include "base/sanitize.h"
#include "lua/lua_args.h"
#include "lua/lua_fields.h"
#include "mcpcap.h"

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

/* ------------------------------------------------------------------ states */

FILE *mc_open_spool(const char *path, mc_error *err)
{
    const size_t length = strlen(path);
    char *name = malloc(length + sizeof ".XXXXXX"), shown[MC_SANITIZED_SIZE];
    FILE *file;
    int fd;

    if (name == NULL) {
        mc_fail(err, MC_NOMEM, 0, "out of memory");
        return NULL;
    }
    memcpy(name, path, length);
    memcpy(name + length, ".XXXXXX", sizeof ".XXXXXX");
    fd = mkostemp(name, O_CLOEXEC);
    file = fd >= 0 ? fdopen(fd, "w+b") : NULL;
    if (file == NULL)
        mc_fail_errno(err, MC_IO, errno, mc_sanitize_text(shown, sizeof shown, path));
    if (fd >= 0)
        unlink(name);
    free(name);
    return file;
}

/* What is there of a file is taken back: half of a report passes for a whole one.  Only a file is; a link stays, empty. */
static void take_back(int fd, const char *path, const struct stat *made)
{
    struct stat now;

    if (!S_ISREG(made->st_mode) || ftruncate(fd, 0) != 0)
        return;
    if (lstat(path, &now) == 0 && now.st_dev == made->st_dev && now.st_ino == made->st_ino)
        unlink(path);
}

static bool write_whole(int fd, const char *text, size_t length)
{
    size_t done = 0;

    while (done < length) {
        const ssize_t n = write(fd, text + done, length - done);

        if (n < 0 && errno != EINTR)
            return false;
        done += n > 0 ? (size_t)n : 0;
    }
    return true;
}

/* 0, or the number of the system's error. */
static int write_file(const char *path, const char *text, size_t length)
{
    const int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
    struct stat made = { .st_mode = 0 };
    mc_guard guard;
    int error = 0;

    if (fd < 0)
        return errno;
    mc_guard_begin(&guard, SIGXFSZ);
    if (fstat(fd, &made) != 0 || !write_whole(fd, text, length))
        error = errno;
    mc_guard_end(&guard);
    if (error != 0)
        take_back(fd, path, &made);
    if (close(fd) != 0 && error == 0)
        error = errno;
    return error;
}

/***
Writes a file, whole or not at all; what is a device or a pipe gets what it takes.
@function write_file
@tparam string path
@tparam string text
@treturn[1] boolean true
@treturn[2] nil
@treturn[2] string message
@treturn[2] string code
*/
int mc_core_write_file(lua_State *L)
{
    size_t length;
    const char *path = mc_check_text(L, "write_file", 1, 1, "path"), *text = luaL_checklstring(L, 2, &length);
    const int error = write_file(path, text, length);
    char shown[MC_SANITIZED_SIZE];
    mc_error err;

    if (error != 0) {
        mc_fail_errno(&err, MC_IO, error, mc_sanitize_text(shown, sizeof shown, path));
        return mc_push_error(L, &err);
    }
    lua_pushboolean(L, 1);
    return 1;
}

/***
What a state or a part was made of.
@function state_facts
@tparam string path
@treturn[1] table `server_ip`, `port`, `rules`, `filter`, `start_time`, `end_time` (seconds), `verify_checksums`,
`application`, `alone`
@treturn[2] nil
@treturn[2] string message
@treturn[2] string code
*/
int mc_core_state_facts(lua_State *L)
{
    const char *path = mc_check_text(L, "state_facts", 1, 1, "path");
    mc_state_facts f;
    mc_error err;

    if (mc_state_describe(path, &f, &err) != MC_OK)
        return mc_push_error(L, &err);
    lua_createtable(L, 0, 9);
    mc_push_address(L, f.server.addr);
    lua_setfield(L, -2, "server_ip");
    if (f.server.port != 0) {
        lua_pushinteger(L, f.server.port);
        lua_setfield(L, -2, "port");
    }
    lua_pushstring(L, mc_rules_name(f.rules));
    lua_setfield(L, -2, "rules");
    if (f.filter[0] != 0) {
        lua_pushstring(L, f.filter);
        lua_setfield(L, -2, "filter");
    }
    if (f.has_start) {
        lua_pushnumber(L, (lua_Number)f.start_ns / 1e9);
        lua_setfield(L, -2, "start_time");
    }
    if (f.has_end) {
        lua_pushnumber(L, (lua_Number)f.end_ns / 1e9);
        lua_setfield(L, -2, "end_time");
    }
    lua_pushboolean(L, f.verify_checksums);
    lua_setfield(L, -2, "verify_checksums");
    lua_pushboolean(L, f.application);
    lua_setfield(L, -2, "application");
    lua_pushboolean(L, f.alone);
    lua_setfield(L, -2, "alone");
    return 1;
}

/***
Joins the files of neighbours to one.
@function state_join
@tparam table paths
@tparam string output
@treturn[1] boolean true
@treturn[2] nil
@treturn[2] string message
@treturn[2] string code
*/
int mc_core_state_join(lua_State *L)
{
    const char *output = mc_check_text(L, "state_join", 2, 2, "output"), **paths;
    mc_error err;
    size_t n, i;

    luaL_checktype(L, 1, LUA_TTABLE);
    n = lua_rawlen(L, 1);
    paths = lua_newuserdata(L, (n + 1) * sizeof *paths);
    for (i = 0; i < n; i++) {
        lua_rawgeti(L, 1, (int)i + 1);
        paths[i] = mc_check_text(L, "state_join", 1, lua_gettop(L), "paths");
        lua_pop(L, 1);                           /* the table keeps it */
    }
    if (mc_state_join(paths, n, output, &err) != MC_OK)
        return mc_push_error(L, &err);
    lua_pushboolean(L, 1);
    return 1;
}
