/*
 * lua_mcpcap.c: mcpcap.core, the binding: the only file that includes lua.h.
 *
 * Arguments first, work in C, tables last.  A session's userdata and its
 * metatable exist before the session does, and the session is closed by one
 * function, any number of times.  Read from the bottom.
 */
#include <arpa/inet.h>
#include <math.h>
#include <stdlib.h>
#include <strings.h>
#include <unistd.h>

#include "base.h"
#include "lua_compat.h"
#include "lua_push.h"
#include "show.h"

#define SESSION "mcpcap.core.session"
#define MAX_INTEGER 9007199254740992.0   /* 2^53: what every Lua's numbers hold exactly */

typedef struct session_ud {
    mc_session *session;                 /* NULL: not open yet, or closed */
} session_ud;

/* ---------------------------------------------------------------- arguments */

/* How far above this function the public one's caller is: methods of a session are called
   directly, but for facts(); above core.open() lie two Lua functions. */
enum { CALLER = 1, CALLER_OF_RESULT, CALLER_OF_OPEN };

/* Raises a misuse of argument 'arg' of the public function 'fname'. */
static int misuse(lua_State *L, const char *fname, int arg, const char *what)
{
    luaL_where(L, lua_type(L, 1) == LUA_TUSERDATA ? CALLER : CALLER_OF_OPEN);
    lua_pushfstring(L, "bad argument #%d to '%s' (%s)", arg, fname, what);
    lua_concat(L, 2);
    return lua_error(L);
}

/* Raises another misuse of a session. */
static int refuse(lua_State *L, int level, const char *what)
{
    luaL_where(L, level);
    lua_pushstring(L, what);
    lua_concat(L, 2);
    return lua_error(L);
}

/* The string at 'i', without NUL bytes. */
static const char *check_text(lua_State *L, const char *fname, int arg, int i, const char *name)
{
    size_t len;
    const char *s;

    if (lua_type(L, i) != LUA_TSTRING)
        misuse(L, fname, arg, lua_pushfstring(L, "%s: string expected, got %s", name, luaL_typename(L, i)));
    s = lua_tolstring(L, i, &len);
    if (memchr(s, 0, len) != NULL)
        misuse(L, fname, arg, lua_pushfstring(L, "%s: contains a NUL byte", name));
    return s;
}

/* The number at 'i': whole unless 'fraction', min..max. */
static double check_number(lua_State *L, const char *fname, int arg, int i, const char *name, double min,
                           double max, bool fraction)
{
    double v;

    if (lua_type(L, i) != LUA_TNUMBER)
        misuse(L, fname, arg, lua_pushfstring(L, "%s: number expected, got %s", name, luaL_typename(L, i)));
    v = lua_tonumber(L, i);
    if (!(v >= min && v <= max) || (!fraction && floor(v) != v)) {
        char text[128];

        snprintf(text, sizeof text, "%s: %s from %.0f to %.0f expected, got %.14g", name,
                 fraction ? "number" : "integer", min, max, v);
        misuse(L, fname, arg, text);
    }
    return v;
}

typedef enum option_kind { OPT_STRING, OPT_U64, OPT_U32, OPT_BOOL, OPT_SECONDS, OPT_LIST, OPT_URL, OPT_LUA } option_kind;

typedef struct option_field {
    const char *name;
    option_kind kind;
    size_t offset;
    size_t offset2;                      /* of the "is set" flag, or of the list's length */
    double min, max;
} option_field;

#define FIELD(f) offsetof(mc_options, f)

/* Every option, by name; what is not here is an error, because a misspelt option
   must not be silence. */
static const option_field option_fields[] = {
    { "filter",             OPT_STRING,  FIELD(filter), 0, 0, 0 },
    { "max_packets",        OPT_U64,     FIELD(max_packets), 0, 1, MAX_INTEGER },
    { "max_bytes",          OPT_U64,     FIELD(max_bytes), 0, 1, MAX_INTEGER },
    { "max_connections",    OPT_U64,     FIELD(max_connections), 0, 1, 1e9 },
    { "timeout_ms",         OPT_U32,     FIELD(timeout_ms), 0, 1, 4294967295.0 },
    { "connect_timeout_ms", OPT_U32,     FIELD(connect_timeout_ms), 0, 1, 4294967295.0 },
    { "stall_timeout_ms",   OPT_U32,     FIELD(stall_timeout_ms), 0, 1, 4294967295.0 },
    { "connections",        OPT_U32,     FIELD(connections), 0, 0, 1e9 },
    { "buckets",            OPT_U32,     FIELD(buckets), 0, 0, 1000 },
    { "bucket_seconds",     OPT_SECONDS, FIELD(bucket_ns), 0, 1e-3, 1e7 },
    { "start_time",         OPT_SECONDS, FIELD(start_ns), FIELD(has_start), -9e9, 9e9 },
    { "end_time",           OPT_SECONDS, FIELD(end_ns), FIELD(has_end), -9e9, 9e9 },
    { "verify_checksums",   OPT_BOOL,    FIELD(verify_checksums), 0, 0, 0 },
    { "roots",              OPT_LIST,    FIELD(roots), FIELD(root_count), 0, 0 },
    { "reader",             OPT_STRING,  FIELD(reader), 0, 0, 0 },
    { "url",                OPT_URL,     0, 0, 0, 0 },
    { "progress",           OPT_LUA,     0, 0, 0, 0 },  /* a function; the Lua layer calls it */
    { NULL, OPT_BOOL, 0, 0, 0, 0 }
};

/* The fields of the 'url' option. */
static const option_field url_fields[] = {
    { "allowed",       OPT_BOOL,   FIELD(url_allowed), 0, 0, 0 },
    { "private",       OPT_BOOL,   FIELD(url_private), 0, 0, 0 },
    { "hosts",         OPT_LIST,   FIELD(url_hosts), FIELD(url_host_count), 0, 0 },
    { "max_redirects", OPT_U32,    FIELD(url_max_redirects), 0, 0, 50 },
    { "ca_file",       OPT_STRING, FIELD(url_ca_file), 0, 0, 0 },
    { NULL, OPT_BOOL, 0, 0, 0, 0 }
};

/* A table of strings at 'i' becomes an array of pointers, kept by a userdata on the stack. */
static void check_list(lua_State *L, const char *fname, int arg, int i, const char *name, char *base,
                       const option_field *f)
{
    size_t n, k;
    const char **list;

    if (!lua_istable(L, i))
        misuse(L, fname, arg, lua_pushfstring(L, "%s: table of strings expected, got %s", name, luaL_typename(L, i)));
    n = lua_rawlen(L, i);
    list = lua_newuserdata(L, (n + 1) * sizeof *list);
    for (k = 0; k < n; k++) {
        lua_rawgeti(L, i, (int)k + 1);
        list[k] = check_text(L, fname, arg, lua_gettop(L), name);
        lua_pop(L, 1);                   /* the table keeps it */
    }
    memcpy(base + f->offset, &list, sizeof list);
    memcpy(base + f->offset2, &n, sizeof n);
}

static void check_options(lua_State *L, const char *fname, int arg, int i, const option_field *fields,
                          const char *prefix, mc_options *out);

/* Sets one option from the value on the top of the stack; may leave one userdata more there. */
static void check_option(lua_State *L, const char *fname, int arg, const option_field *f, const char *prefix,
                         mc_options *out)
{
    char *base = (char *)out;
    const char *name = lua_pushfstring(L, "option '%s%s'", prefix, f->name);
    int i = lua_gettop(L) - 1;
    double v;

    switch (f->kind) {
    case OPT_STRING: {
        const char *s = check_text(L, fname, arg, i, name);
        memcpy(base + f->offset, &s, sizeof s);
        break;
    }
    case OPT_U64: {
        uint64_t u = (uint64_t)check_number(L, fname, arg, i, name, f->min, f->max, false);
        memcpy(base + f->offset, &u, sizeof u);
        break;
    }
    case OPT_U32: {
        uint32_t u = (uint32_t)check_number(L, fname, arg, i, name, f->min, f->max, false);
        memcpy(base + f->offset, &u, sizeof u);
        break;
    }
    case OPT_BOOL:
        if (!lua_isboolean(L, i))
            misuse(L, fname, arg, lua_pushfstring(L, "%s: boolean expected, got %s", name, luaL_typename(L, i)));
        *(bool *)(base + f->offset) = lua_toboolean(L, i) != 0;
        break;
    case OPT_SECONDS: {
        int64_t whole;

        v = check_number(L, fname, arg, i, name, f->min, f->max, true);
        whole = (int64_t)floor(v);
        whole = whole * MC_NS_PER_S + (int64_t)llround((v - floor(v)) * 1e9);
        memcpy(base + f->offset, &whole, sizeof whole);
        if (f->offset2 != 0)
            *(bool *)(base + f->offset2) = true;
        break;
    }
    case OPT_LIST:
        check_list(L, fname, arg, i, name, base, f);
        break;
    case OPT_URL:
        if (!lua_istable(L, i))
            misuse(L, fname, arg, lua_pushfstring(L, "%s: table expected, got %s", name, luaL_typename(L, i)));
        check_options(L, fname, arg, i, url_fields, "url.", out);
        break;
    case OPT_LUA:
        if (!lua_isfunction(L, i))
            misuse(L, fname, arg, lua_pushfstring(L, "%s: function expected, got %s", name, luaL_typename(L, i)));
        break;
    }
}

/* Reads the option table at 'i'.  Strings and lists stay on the stack or in the table. */
static void check_options(lua_State *L, const char *fname, int arg, int i, const option_field *fields,
                          const char *prefix, mc_options *out)
{
    const option_field *f;

    lua_pushnil(L);
    while (lua_next(L, i) != 0) {
        size_t len = 0;
        const char *key = lua_type(L, -2) == LUA_TSTRING ? lua_tolstring(L, -2, &len) : NULL;

        for (f = fields; f->name != NULL; f++)
            if (key != NULL && strlen(f->name) == len && strcmp(f->name, key) == 0)
                break;
        if (f->name == NULL)
            misuse(L, fname, arg, lua_pushfstring(L, "option '%s%s': unknown", prefix,
                                                  key != NULL ? key : luaL_typename(L, -2)));
        lua_pop(L, 1);
    }
    for (f = fields; f->name != NULL; f++) {
        luaL_checkstack(L, 8, "too many options");
        lua_getfield(L, i, f->name);
        if (lua_isnil(L, -1))
            lua_pop(L, 1);
        else
            check_option(L, fname, arg, f, prefix, out);
    }
}

/* One input from the value at 'i'. */
static void check_input(lua_State *L, const char *fname, int i, mc_input *out)
{
    int open;
    FILE *f = mc_tofile(L, i, &open);

    memset(out, 0, sizeof *out);
    if (f != NULL || lua_isuserdata(L, i)) {
        if (f == NULL)
            misuse(L, fname, 1, "path_or_url: closed file handle, or no file handle at all");
        if (!open)
            misuse(L, fname, 1, "path_or_url: closed file handle");
        out->stream = f;
        return;
    }
    if (lua_type(L, i) != LUA_TSTRING)
        misuse(L, fname, 1, lua_pushfstring(L, "path_or_url: string, file handle or array of them expected, got %s",
                                            luaL_typename(L, i)));
    out->path = check_text(L, fname, 1, i, "path_or_url");
    if (out->path[0] == 0)
        misuse(L, fname, 1, "path_or_url: empty string");
}

/* The inputs from argument 'i'; the array of them is a userdata left on the stack. */
static mc_input *check_inputs(lua_State *L, const char *fname, int i, size_t *count)
{
    mc_input *inputs;
    size_t n = lua_istable(L, i) ? lua_rawlen(L, i) : 1, k;

    if (n == 0)
        misuse(L, fname, 1, "path_or_url: empty array");
    inputs = lua_newuserdata(L, n * sizeof *inputs);
    for (k = 0; k < n; k++) {
        if (!lua_istable(L, i)) {
            check_input(L, fname, i, &inputs[k]);
            continue;
        }
        lua_rawgeti(L, i, (int)k + 1);
        check_input(L, fname, lua_gettop(L), &inputs[k]);
        lua_pop(L, 1);                   /* the table keeps it */
    }
    *count = n;
    return inputs;
}

static void check_server(lua_State *L, const char *fname, mc_endpoint *server)
{
    mc_error err;
    const char *address = check_text(L, fname, 2, 3, "server_ip");
    unsigned port = 0;

    if (!lua_isnoneornil(L, 4))
        port = (unsigned)check_number(L, fname, 3, 4, "port", 1, 65535, false);
    if (mc_endpoint_parse(server, address, port, &err) != MC_OK)
        misuse(L, fname, 2, lua_pushfstring(L, "server_ip: %s", err.msg));
}

/* ------------------------------------------------------------------ session */

static int push_error(lua_State *L, const mc_error *err)
{
    lua_pushnil(L);
    lua_pushstring(L, err->msg);
    lua_pushstring(L, mc_status_code(err->status));
    return 3;
}

/* The session of the public method 'name'; a table that has it as 'core' will do. */
static session_ud *check_self(lua_State *L, const char *name, int level)
{
    session_ud *ud;

    luaL_checkany(L, 1);
    if (lua_istable(L, 1)) {
        lua_pushliteral(L, "core");
        lua_rawget(L, 1);
    } else {
        lua_pushvalue(L, 1);
    }
    ud = luaL_testudata(L, -1, SESSION);
    if (ud == NULL)
        refuse(L, level, lua_pushfstring(L, "calling '%s' on a bad self (session expected, got %s)", name,
                                         luaL_typename(L, 1)));
    lua_replace(L, 1);
    return ud;
}

/* The same; it must be open. */
static session_ud *check_session(lua_State *L, const char *name, int level)
{
    session_ud *ud = check_self(L, name, level);

    if (ud->session == NULL)
        refuse(L, level, "the session is closed");
    return ud;
}

/* The handles that the session reads from must not have been closed behind its back. */
static void check_handles(lua_State *L)
{
    size_t n, k;
    int open;

    mc_getuservalue(L, 1);
    n = lua_rawlen(L, -1);
    for (k = 1; k <= n; k++) {
        lua_rawgeti(L, -1, (int)k);
        mc_tofile(L, -1, &open);
        if (lua_isuserdata(L, -1) && !open)
            refuse(L, CALLER, "the file handle that the session reads was closed");
        lua_pop(L, 1);
    }
    lua_pop(L, 1);
}

/* Keeps the handles among the inputs alive as long as the userdata on the top. */
static void pin_inputs(lua_State *L, int i)
{
    size_t n, k;

    lua_newtable(L);
    if (lua_istable(L, i)) {
        n = lua_rawlen(L, i);
        for (k = 1; k <= n; k++) {
            lua_rawgeti(L, i, (int)k);
            lua_rawseti(L, -2, (int)k);
        }
    } else {
        lua_pushvalue(L, i);
        lua_rawseti(L, -2, 1);
    }
    mc_setuservalue(L, -2);
}

/***
Opens a session.
@function open
@tparam string fname name of the public function, for messages
@tparam string|file|table path_or_url what to read
@tparam string server_ip address of the server
@tparam[opt] integer port its port
@tparam[opt] table options see the README
@treturn[1] session
@treturn[2] nil
@treturn[2] string message
@treturn[2] string code
@raise on misuse, naming the argument
*/
static int core_open(lua_State *L)
{
    const char *fname = luaL_checkstring(L, 1);
    mc_options options = MC_OPTIONS_INIT;
    mc_endpoint server;
    mc_input *inputs;
    mc_error err;
    session_ud *ud;
    size_t count;

    lua_settop(L, 5);
    inputs = check_inputs(L, fname, 2, &count);
    check_server(L, fname, &server);
    if (!lua_isnil(L, 5)) {
        if (!lua_istable(L, 5))
            misuse(L, fname, 4, lua_pushfstring(L, "options: table expected, got %s", luaL_typename(L, 5)));
        check_options(L, fname, 4, 5, option_fields, "", &options);
        if (options.has_start && options.has_end && options.start_ns >= options.end_ns)
            misuse(L, fname, 4, "option 'start_time': not before option 'end_time'");
        if (options.reader != NULL && strcmp(options.reader, "own") != 0 &&
            strcmp(options.reader, "libpcap") != 0 && strcmp(options.reader, "read") != 0)
            misuse(L, fname, 4, "option 'reader': 'own', 'read' or 'libpcap' expected");
    }
    ud = mc_newuserdata(L, sizeof *ud);
    ud->session = NULL;
    luaL_setmetatable(L, SESSION);
    pin_inputs(L, 2);
    if (mc_session_open(&ud->session, inputs, count, &server, &options, &err) != MC_OK)
        return push_error(L, &err);
    return 1;
}

/***
Reads a slice.
@function session:step
@tparam[opt] integer budget packets at most
@tparam[opt=0] integer wait_ms how long an idle source may be waited for
@treturn[1] string "more" or "done"
@treturn[2] nil
@treturn[2] string message
@treturn[2] string code
*/
static int session_step(lua_State *L)
{
    session_ud *ud = check_session(L, "step", CALLER);
    double budget = 0, wait_ms = 0;
    mc_error err;

    if (!lua_isnoneornil(L, 2))
        budget = check_number(L, "step", 1, 2, "budget", 0, MAX_INTEGER, false);
    if (!lua_isnoneornil(L, 3))
        wait_ms = check_number(L, "step", 2, 3, "wait_ms", 0, 3600000, false);
    check_handles(L);
    switch (mc_session_step(ud->session, (size_t)budget, (unsigned)wait_ms, &err)) {
    case MC_OK:
        lua_pushliteral(L, "more");
        return 1;
    case MC_END:
        lua_pushliteral(L, "done");
        return 1;
    default:
        return push_error(L, &err);
    }
}

/***
Bytes read so far, and in all (0 when that is not known).
@function session:progress
@treturn integer done
@treturn integer total
*/
static int session_progress(lua_State *L)
{
    session_ud *ud = check_session(L, "progress", CALLER);
    uint64_t done, total;

    mc_session_progress(ud->session, &done, &total);
    mc_pushcount(L, done);
    mc_pushcount(L, total);
    return 2;
}

/***
Ends the work here; what was read stays.
@function session:stop
@tparam[opt] string message why
*/
static int session_stop(lua_State *L)
{
    session_ud *ud = check_session(L, "stop", CALLER);
    const char *why = "stopped by the caller";

    if (!lua_isnoneornil(L, 2))
        why = check_text(L, "stop", 1, 2, "message");
    mc_session_stop(ud->session, MC_CANCELLED, why);
    return 0;
}

/***
The counts so far, as the layers above read them.
@function session:facts
@treturn[1] table
@treturn[2] nil
@treturn[2] string message
@treturn[2] string code
*/
static int session_facts(lua_State *L)
{
    session_ud *ud = check_session(L, "result", CALLER_OF_RESULT);
    const mc_facts *facts = mc_session_facts(ud->session);

    if (facts == NULL) {
        mc_error err;

        mc_fail(&err, MC_NOMEM, 0, "out of memory");
        return push_error(L, &err);
    }
    mc_push_facts(L, facts);
    return 1;
}

/***
Closes the session and all it holds; any number of times.
@function session:close
*/
static int session_close(lua_State *L)
{
    session_ud *ud = check_self(L, "close", CALLER);
    mc_session *s = ud->session;

    ud->session = NULL;
    mc_session_close(s);
    return 0;
}

static int session_tostring(lua_State *L)
{
    session_ud *ud = check_self(L, "tostring", CALLER);

    if (ud->session == NULL)
        lua_pushliteral(L, SESSION " (closed)");
    else
        lua_pushfstring(L, SESSION " (%p)", (void *)ud->session);
    return 1;
}

/***
Whether a file descriptor is a terminal.
@function isatty
@tparam integer fd 0, 1 or 2
@treturn boolean
*/
static int core_isatty(lua_State *L)
{
    lua_pushboolean(L, isatty((int)luaL_checkinteger(L, 1)));
    return 1;
}

/***
An address in its shortest spelling.
@function canonical_address
@tparam string address any spelling
@treturn[1] string
@treturn[2] nil
*/
static int core_canonical_address(lua_State *L)
{
    size_t len;
    const char *s = luaL_checklstring(L, 1, &len);
    mc_endpoint e;

    if (memchr(s, 0, len) != NULL || mc_endpoint_parse(&e, s, 0, NULL) != MC_OK) {
        lua_pushnil(L);
        return 1;
    }
    mc_push_address(L, e.addr);
    return 1;
}

/***
The name of an input: a path as it is, a URL without user, password, query and fragment,
"-" for standard input.
@function input_name
@tparam string|file input
@treturn string
*/
static int core_input_name(lua_State *L)
{
    const char *text = lua_tostring(L, 1);
    size_t room;
    int open;

    if (text == NULL) {
        lua_pushstring(L, mc_tofile(L, 1, &open) == stdin ? "-" : "(stream)");
    } else if (strncasecmp(text, "http://", 7) == 0 || strncasecmp(text, "https://", 8) == 0) {
        room = 4 * strlen(text) + 16;    /* each byte may become \xNN */
        lua_pushstring(L, mc_show_url(lua_newuserdata(L, room), room, text));
    } else {
        lua_settop(L, 1);
    }
    return 1;
}

/* Of a session of the core, and of a public one, a table whose field 'core' is the former. */
static const luaL_Reg session_methods[] = {
    { "step", session_step },
    { "progress", session_progress },
    { "stop", session_stop },
    { "facts", session_facts },
    { "close", session_close },
    { "__close", session_close },
    { "__tostring", session_tostring },
    { NULL, NULL }
};

static const luaL_Reg session_meta[] = {
    { "__gc", session_close },
    { "__close", session_close },
    { "__tostring", session_tostring },
    { NULL, NULL }
};

static const luaL_Reg core_functions[] = {
    { "open", core_open },
    { "isatty", core_isatty },
    { "canonical_address", core_canonical_address },
    { "input_name", core_input_name },
    { NULL, NULL }
};

__attribute__((visibility("default"))) int luaopen_mcpcap_core(lua_State *L);

int luaopen_mcpcap_core(lua_State *L)
{
    luaL_newlib(L, core_functions);
    lua_pushliteral(L, MC_VERSION);
    lua_setfield(L, -2, "version");
    lua_pushstring(L, mc_rules_name());
    lua_setfield(L, -2, "rules");
    lua_newtable(L);
    luaL_setfuncs(L, session_methods, 0);
    lua_pushvalue(L, -1);
    lua_setfield(L, -2, "__index");
    lua_pushliteral(L, "mcpcap.session");
    lua_setfield(L, -2, "__name");
    /* Filled even if it is there: memory may have ended in the middle of it, the last time. */
    luaL_newmetatable(L, SESSION);
    luaL_setfuncs(L, session_meta, 0);
    lua_pushvalue(L, -2);
    lua_setfield(L, -2, "__index");
    lua_pushliteral(L, SESSION);
    lua_setfield(L, -2, "__name");
    lua_pop(L, 1);
    lua_setfield(L, -2, "session");
    return 1;
}
