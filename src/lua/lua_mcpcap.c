/*
 * lua_mcpcap.c: mcpcap.core, the binding.
 *
 * Arguments first, work in C, tables last.  A session's userdata and its
 * metatable exist before the session does, and the session is closed by one
 * function, any number of times.  Read from the bottom.
 */
#include <sys/stat.h>
#include <unistd.h>

#include "lua/lua_args.h"
#include "lua/lua_compare.h"
#include "lua/lua_connection.h"
#include "lua/lua_fields.h"
#include "lua/lua_ladder.h"
#include "lua/lua_overview.h"
#include "lua/lua_push.h"
#include "lua/lua_reading.h"
#include "base/sandbox.h"
#include "capture/pcap_table.h"
#include "stage/curl_table.h"
#include "stage/zip.h"
#include "base/sanitize.h"
#include "stage/url_policy.h"
#include "base/switches.h"

/***
The binding of the C core: what `mcpcap` and the command are built on.
Its functions may change at any version; `mcpcap` has what is promised.
@module mcpcap.core
*/

#define SESSION "mcpcap.core.session"

typedef struct session_ud {
    mc_session *session;                 /* NULL: not open yet, or closed */
    FILE *spool;                         /* NULL, or what it keeps for being saved */
} session_ud;

/* ------------------------------------------------------------------ session */

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
        mc_refuse(L, level, lua_pushfstring(L, "calling '%s' on a bad self (session expected, got %s)", name,
                                         luaL_typename(L, 1)));
    lua_replace(L, 1);
    return ud;
}

/* The same; it must be open. */
static session_ud *check_session(lua_State *L, const char *name, int level)
{
    session_ud *ud = check_self(L, name, level);

    if (ud->session == NULL)
        mc_refuse(L, level, "the session is closed");
    return ud;
}

/***
Opens a session.
@function open
@tparam string fname name of the public function, for messages
@tparam string|file|table path_or_url what to read
@tparam string server_ip address of the server
@tparam[opt] integer port its port
@tparam[opt] table options see the README
@tparam[opt] string reader for tests and benchmarks: "read" or "libpcap" (see switches.h)
@treturn[1] session
@treturn[2] nil
@treturn[2] string message
@treturn[2] string code
@raise on misuse, naming the argument
*/
static int core_open(lua_State *L)
{
    const char *fname = luaL_checkstring(L, 1);
    mc_switches switches = MC_SWITCHES(MC_READING_CHOSEN);
    mc_options options = MC_OPTIONS_INIT;
    mc_endpoint server;
    mc_input *inputs;
    mc_error err;
    session_ud *ud;
    size_t count;

    lua_settop(L, 6);
    switches.reading = mc_reading_named(luaL_optstring(L, 6, NULL));
    options.switches = &switches;
    inputs = mc_check_inputs_or_none(L, fname, 2, &count);
    mc_check_server(L, fname, &server);
    if (!lua_isnil(L, 5))
        mc_check_options(L, fname, 4, 5, &options);
    if (count == 0 && options.state == NULL)
        mc_misuse(L, fname, 1, "path_or_url: empty array");
    ud = mc_newuserdata(L, sizeof *ud);
    ud->session = NULL;
    ud->spool = NULL;
    luaL_setmetatable(L, SESSION);
    if (!lua_isnil(L, 5)) {
        lua_getfield(L, 5, "save");
        if (!lua_isnil(L, -1) && (ud->spool = mc_open_spool(lua_tostring(L, -1), &err)) == NULL)
            return mc_push_error(L, &err);
        lua_pop(L, 1);
        options.spool = ud->spool;
    }
    lua_newtable(L);
    mc_pin_inputs(L, lua_gettop(L), 2);
    mc_setuservalue(L, -2);
    if (mc_session_open(&ud->session, inputs, count, &server, &options, &err) != MC_OK)
        return mc_push_error(L, &err);
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
    session_ud *ud = check_session(L, "step", MC_CALLER);
    size_t budget;
    unsigned wait_ms;
    mc_error err;

    mc_check_slice(L, &budget, &wait_ms);
    mc_check_handles(L, "session");
    return mc_push_step(L, mc_session_step(ud->session, budget, wait_ms, &err), &err);
}

/***
Bytes read so far, and in all (0 when that is not known).
@function session:progress
@treturn integer done
@treturn integer total
*/
static int session_progress(lua_State *L)
{
    session_ud *ud = check_session(L, "progress", MC_CALLER);
    uint64_t done, total;

    mc_session_progress(ud->session, &done, &total);
    return mc_push_progress(L, done, total);
}

/***
What was chosen by measuring it, in words, a line each; another in each run.
@function session:choices
@treturn string
*/
static int session_choices(lua_State *L)
{
    session_ud *ud = check_session(L, "choices", MC_CALLER);
    char words[MC_CHOICES_WORDS];

    mc_session_choices(ud->session, words);
    lua_pushstring(L, words);
    return 1;
}

/***
One more input for a session with the option `follow`.
@function session:add
@tparam string|file|table path_or_url
@treturn[1] boolean true
@treturn[2] nil
@treturn[2] string message
@treturn[2] string code
*/
static int session_add(lua_State *L)
{
    session_ud *ud = check_session(L, "add", MC_CALLER);
    size_t count, i, k;
    mc_input *inputs;
    mc_error err;
    int list;

    lua_settop(L, 2);
    inputs = mc_check_inputs(L, "add", 2, &count);
    mc_getuservalue(L, 1);
    list = lua_gettop(L);
    mc_pin_inputs(L, list, 2);
    for (i = 0; i < count && mc_session_add(ud->session, &inputs[i], &err) == MC_OK; i++)
        ;
    for (k = i; k < count; k++) {                /* these are not read */
        lua_pushnil(L);
        lua_rawseti(L, list, (int)lua_rawlen(L, list));
    }
    if (i < count)
        return mc_push_error(L, &err);
    lua_pushboolean(L, 1);
    return 1;
}

/***
How many inputs are read, or being read.
@function session:inputs
@treturn integer
*/
static int session_inputs(lua_State *L)
{
    lua_pushinteger(L, (lua_Integer)mc_session_inputs(check_session(L, "inputs", MC_CALLER)->session));
    return 1;
}

/***
No more inputs come: what is there is read to its end.
@function session:finish
*/
static int session_finish(lua_State *L)
{
    mc_session_last(check_session(L, "finish", MC_CALLER)->session);
    return 0;
}

/***
Ends the work here; what was read stays.
@function session:stop
@tparam[opt] string message why
*/
static int session_stop(lua_State *L)
{
    session_ud *ud = check_session(L, "stop", MC_CALLER);

    mc_session_stop(ud->session, MC_CANCELLED, mc_check_reason(L));
    return 0;
}

/***
The counts so far, as the layers above read them.
@function session:facts
@treturn[1] table
@treturn[1] boolean true: no rule has anything to say on it
@treturn[2] nil
@treturn[2] string message
@treturn[2] string code
*/
static int session_facts(lua_State *L)
{
    session_ud *ud = check_session(L, "result", MC_CALLER_OF_RESULT);
    const mc_facts *facts = mc_session_facts(ud->session);

    if (facts == NULL)
        return mc_push_no_memory(L);
    mc_push_facts(L, facts);
    lua_pushboolean(L, mc_facts_quiet(facts));
    return 2;
}

/***
Closes the session and all it holds; any number of times.
@function session:close
*/
static int session_close(lua_State *L)
{
    session_ud *ud = check_self(L, "close", MC_CALLER);
    mc_session *s = ud->session;

    ud->session = NULL;
    mc_session_close(s);
    if (ud->spool != NULL)
        fclose(ud->spool);
    ud->spool = NULL;
    return 0;
}

static int session_tostring(lua_State *L)
{
    session_ud *ud = check_self(L, "tostring", MC_CALLER);

    if (ud->session == NULL)
        lua_pushliteral(L, SESSION " (closed)");
    else
        lua_pushfstring(L, SESSION " (%p)", (void *)ud->session);
    return 1;
}

/***
Writes all that was learnt so far to a file, from which another session goes on (option `state`).
@function session:save
@tparam string path
@treturn[1] boolean true
@treturn[2] nil
@treturn[2] string message
@treturn[2] string code
*/
static int session_save(lua_State *L)
{
    session_ud *ud = check_session(L, "save", MC_CALLER);
    const char *path = mc_check_text(L, "save", 1, 2, "path");
    mc_error err;

    if (mc_session_save(ud->session, path, &err) != MC_OK)
        return mc_push_error(L, &err);
    lua_pushboolean(L, 1);
    return 1;
}

/***
The names of the inputs of the state that the session began with.
@function session:names
@treturn table
*/
static int session_names(lua_State *L)
{
    session_ud *ud = check_session(L, "names", MC_CALLER);
    const char *name;
    size_t i;

    lua_newtable(L);
    for (i = 0; (name = mc_session_name(ud->session, i)) != NULL; i++) {
        lua_pushstring(L, name);
        lua_rawseti(L, -2, (int)i + 1);
    }
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
Whether two names lead to one file: by links, or spelt otherwise.
@function is_same_file
@tparam string a
@tparam string b
@treturn boolean false where one of them is not there
*/
static int core_is_same_file(lua_State *L)
{
    struct stat a, b;

    lua_pushboolean(L, stat(luaL_checkstring(L, 1), &a) == 0 && stat(luaL_checkstring(L, 2), &b) == 0
                       && a.st_dev == b.st_dev && a.st_ino == b.st_ino);
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
        lua_pushstring(L, mc_sanitize_url(lua_newuserdata(L, room), room, text));
    } else {
        lua_settop(L, 1);
    }
    return 1;
}

/***
Gives up, for good, all files but some, writing, running programs, and sockets: for
programs that do nothing but answer.  See base/sandbox.h.
@function sandbox
@tparam table readable files and folders that may still be read
@tparam boolean sockets whether there may be connections
@treturn[1] boolean true
@treturn[2] nil
@treturn[2] string why the system has none
*/
static int core_sandbox(lua_State *L)
{
    mc_sandbox_rules rules = { 0 };
    mc_error error;
    const char **list;

    luaL_checktype(L, 1, LUA_TTABLE);
    rules.sockets = lua_toboolean(L, 2);
    rules.readable_count = lua_rawlen(L, 1);
    list = lua_newuserdata(L, (rules.readable_count + 1) * sizeof *list);
    for (size_t i = 0; i < rules.readable_count; i++) {
        lua_rawgeti(L, 1, (int)i + 1);
        list[i] = luaL_checkstring(L, -1);
        lua_pop(L, 1);                   /* the table keeps it */
    }
    rules.readable = list;
    if (mc_sandbox_enter(&rules, &error) == MC_OK) {
        lua_pushboolean(L, 1);
        return 1;
    }
    lua_pushnil(L);
    lua_pushstring(L, error.msg);
    return 2;
}

/* Sets the field of the table on the top: true, or why it is not to be had. */
static void set_part(lua_State *L, const char *name, mc_status status, const mc_error *error)
{
    if (status == MC_OK)
        lua_pushboolean(L, 1);
    else
        lua_pushstring(L, error->msg);
    lua_setfield(L, -2, name);
}

/***
What the system has of what is only needed now and then; loads it.
@function parts
@treturn table by name ("libcurl", "libpcap", "gzip", "zstd", "xz", "lz4", "bzip2", "sandbox"): true, or
why it is not to be had; false: this build knows nothing of it
*/
static int core_parts(lua_State *L)
{
    static const char *const codecs[] = { "gzip", "zstd", "xz", "lz4", "bzip2" };
    const mc_zip_codec *codec;
    const mc_curl *curl;
    const mc_pcap *pcap;
    mc_error error;

    lua_newtable(L);
    set_part(L, "libcurl", mc_curl_load(&curl, &error), &error);
    set_part(L, "libpcap", mc_pcap_load(&pcap, &error), &error);
    set_part(L, "sandbox", mc_sandbox_available(&error), &error);
    for (size_t i = 0; i < MC_ARRAY_LEN(codecs); i++) {
        codec = mc_zip_codec_find(codecs[i]);
        if (codec != NULL) {
            set_part(L, codecs[i], codec->load(&error), &error);
        } else {
            lua_pushboolean(L, 0);
            lua_setfield(L, -2, codecs[i]);
        }
    }
    return 1;
}

/* Of a session of the core, and of a public one, a table whose field 'core' is the former. */
static const luaL_Reg session_methods[] = {
    { "step", session_step },
    { "progress", session_progress },
    { "choices", session_choices },
    { "stop", session_stop },
    { "add", session_add },
    { "finish", session_finish },
    { "inputs", session_inputs },
    { "save", session_save },
    { "names", session_names },
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
    { "compare", mc_core_compare },
    { "segments", mc_core_segments },
    { "overview", mc_core_overview },
    { "connection", mc_core_connection },
    { "isatty", core_isatty },
    { "is_same_file", core_is_same_file },
    { "write_file", mc_core_write_file },
    { "state_facts", mc_core_state_facts },
    { "state_join", mc_core_state_join },
    { "canonical_address", core_canonical_address },
    { "input_name", core_input_name },
    { "sandbox", core_sandbox },
    { "parts", core_parts },
    { NULL, NULL }
};

__attribute__((visibility("default"))) int luaopen_mcpcap_core(lua_State *L);

int luaopen_mcpcap_core(lua_State *L)
{
    mc_compare_register(L);
    mc_overview_register(L);
    mc_connection_register(L);
    luaL_newlib(L, core_functions);
    lua_pushliteral(L, MC_VERSION);
    lua_setfield(L, -2, "version");
    lua_pushstring(L, mc_rules_name(MC_RULES_NEWEST));
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
