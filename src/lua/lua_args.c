/*
 * lua_args.c: from the arguments of Lua's caller to what the core takes.
 */
#include "lua/lua_args.h"

#include <math.h>

#include "base/sanitize.h"

int mc_misuse(lua_State *L, const char *fname, int arg, const char *what)
{
    luaL_where(L, lua_type(L, 1) == LUA_TUSERDATA ? MC_CALLER : MC_CALLER_OF_OPEN);
    lua_pushfstring(L, "bad argument #%d to '%s' (%s)", arg, fname, what);
    lua_concat(L, 2);
    return lua_error(L);
}

const char *mc_check_text(lua_State *L, const char *fname, int arg, int i, const char *name)
{
    size_t len;
    const char *s;

    if (lua_type(L, i) != LUA_TSTRING)
        mc_misuse(L, fname, arg, lua_pushfstring(L, "%s: string expected, got %s", name, luaL_typename(L, i)));
    s = lua_tolstring(L, i, &len);
    if (memchr(s, 0, len) != NULL)
        mc_misuse(L, fname, arg, lua_pushfstring(L, "%s: contains a NUL byte", name));
    return s;
}

double mc_check_number(lua_State *L, const char *fname, int arg, int i, const char *name, double min, double max,
                       bool fraction)
{
    double v;

    if (lua_type(L, i) != LUA_TNUMBER)
        mc_misuse(L, fname, arg, lua_pushfstring(L, "%s: number expected, got %s", name, luaL_typename(L, i)));
    v = lua_tonumber(L, i);
    if (!(v >= min && v <= max) || (!fraction && floor(v) != v)) {
        char text[128];

        snprintf(text, sizeof text, "%s: %s from %.0f to %.0f expected, got %.14g", name,
                 fraction ? "number" : "integer", min, max, v);
        mc_misuse(L, fname, arg, text);
    }
    return v;
}

typedef enum option_kind {
    OPT_STRING, OPT_U64, OPT_U32, OPT_BOOL, OPT_SECONDS, OPT_MS, OPT_LIST, OPT_URL, OPT_LUA, OPT_RULES, OPT_TEXT
} option_kind;

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
    { "max_packets",        OPT_U64,     FIELD(max_packets), 0, 1, MC_MAX_INTEGER },
    { "max_bytes",          OPT_U64,     FIELD(max_bytes), 0, 1, MC_MAX_INTEGER },
    { "max_connections",    OPT_U64,     FIELD(max_connections), 0, 1, 1e9 },
    { "timeout_ms",         OPT_U32,     FIELD(timeout_ms), 0, 1, 4294967295.0 },
    { "connect_timeout_ms", OPT_U32,     FIELD(connect_timeout_ms), 0, 1, 4294967295.0 },
    { "stall_timeout_ms",   OPT_U32,     FIELD(stall_timeout_ms), 0, 1, 4294967295.0 },
    { "connections",        OPT_U32,     FIELD(connections), 0, 0, 1e9 },
    { "buckets",            OPT_U32,     FIELD(buckets), 0, 0, 1000 },
    { "bucket_ms",          OPT_MS,      FIELD(bucket_ns), 0, 1, 1e10 },
    { "start_time",         OPT_SECONDS, FIELD(start_ns), FIELD(has_start), -9e9, 9e9 },
    { "end_time",           OPT_SECONDS, FIELD(end_ns), FIELD(has_end), -9e9, 9e9 },
    { "verify_checksums",   OPT_BOOL,    FIELD(verify_checksums), 0, 0, 0 },
    { "follow",             OPT_BOOL,    FIELD(follow), 0, 0, 0 },
    { "application",        OPT_BOOL,    FIELD(application), 0, 0, 0 },
    { "jobs",               OPT_U32,     FIELD(jobs), 0, 1, 256 },
    { "state",              OPT_STRING,  FIELD(state), 0, 0, 0 },
    { "save",               OPT_TEXT,    0, 0, 0, 0 },  /* a path; core.open() sees to it */
    { "alone",              OPT_BOOL,    FIELD(alone), 0, 0, 0 },
    { "piece",              OPT_U32,     FIELD(piece), 0, 1, 4294967295.0 },
    { "pieces",             OPT_U32,     FIELD(pieces), 0, 1, 4294967295.0 },
    { "roots",              OPT_LIST,    FIELD(roots), FIELD(root_count), 0, 0 },
    { "rules",              OPT_RULES,   FIELD(rules), 0, 0, 0 },
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
        mc_misuse(L, fname, arg, lua_pushfstring(L, "%s: table of strings expected, got %s", name, luaL_typename(L, i)));
    n = lua_rawlen(L, i);
    list = lua_newuserdata(L, (n + 1) * sizeof *list);
    for (k = 0; k < n; k++) {
        lua_rawgeti(L, i, (int)k + 1);
        list[k] = mc_check_text(L, fname, arg, lua_gettop(L), name);
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
    char shown[MC_SANITIZED_SIZE];
    double v;

    switch (f->kind) {
    case OPT_STRING: {
        const char *s = mc_check_text(L, fname, arg, i, name);
        memcpy(base + f->offset, &s, sizeof s);
        break;
    }
    case OPT_U64: {
        uint64_t u = (uint64_t)mc_check_number(L, fname, arg, i, name, f->min, f->max, false);
        memcpy(base + f->offset, &u, sizeof u);
        break;
    }
    case OPT_U32: {
        uint32_t u = (uint32_t)mc_check_number(L, fname, arg, i, name, f->min, f->max, false);
        memcpy(base + f->offset, &u, sizeof u);
        break;
    }
    case OPT_BOOL:
        if (!lua_isboolean(L, i))
            mc_misuse(L, fname, arg, lua_pushfstring(L, "%s: boolean expected, got %s", name, luaL_typename(L, i)));
        *(bool *)(base + f->offset) = lua_toboolean(L, i) != 0;
        break;
    case OPT_SECONDS: {
        int64_t whole;

        v = mc_check_number(L, fname, arg, i, name, f->min, f->max, true);
        whole = (int64_t)floor(v);
        whole = whole * MC_NS_PER_S + (int64_t)llround((v - floor(v)) * 1e9);
        memcpy(base + f->offset, &whole, sizeof whole);
        if (f->offset2 != 0)
            *(bool *)(base + f->offset2) = true;
        break;
    }
    case OPT_MS: {
        int64_t ns = llround(mc_check_number(L, fname, arg, i, name, f->min, f->max, true) * 1e6);

        memcpy(base + f->offset, &ns, sizeof ns);
        break;
    }
    case OPT_LIST:
        check_list(L, fname, arg, i, name, base, f);
        break;
    case OPT_URL:
        if (!lua_istable(L, i))
            mc_misuse(L, fname, arg, lua_pushfstring(L, "%s: table expected, got %s", name, luaL_typename(L, i)));
        check_options(L, fname, arg, i, url_fields, "url.", out);
        break;
    case OPT_RULES:
        if (!mc_rules_parse((mc_rules *)(void *)(base + f->offset), mc_check_text(L, fname, arg, i, name)))
            mc_misuse(L, fname, arg, lua_pushfstring(L, "%s: 'wireshark-4.0', 'wireshark-4.4' or 'wireshark-4.6' expected, got '%s'",
                                                     name, mc_sanitize_text(shown, sizeof shown, lua_tostring(L, i))));
        break;
    case OPT_TEXT:
        mc_check_text(L, fname, arg, i, name);
        break;
    case OPT_LUA:
        if (!lua_isfunction(L, i))
            mc_misuse(L, fname, arg, lua_pushfstring(L, "%s: function expected, got %s", name, luaL_typename(L, i)));
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
            mc_misuse(L, fname, arg, lua_pushfstring(L, "option '%s%s': unknown", prefix,
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
            mc_misuse(L, fname, 1, "path_or_url: closed file handle, or no file handle at all");
        if (!open)
            mc_misuse(L, fname, 1, "path_or_url: closed file handle");
        out->stream = f;
        return;
    }
    if (lua_type(L, i) != LUA_TSTRING)
        mc_misuse(L, fname, 1, lua_pushfstring(L, "path_or_url: string, file handle or array of them expected, got %s",
                                            luaL_typename(L, i)));
    out->path = mc_check_text(L, fname, 1, i, "path_or_url");
    if (out->path[0] == 0)
        mc_misuse(L, fname, 1, "path_or_url: empty string");
}

mc_input *mc_check_inputs(lua_State *L, const char *fname, int i, size_t *count)
{
    mc_input *inputs = mc_check_inputs_or_none(L, fname, i, count);

    if (*count == 0)
        mc_misuse(L, fname, 1, "path_or_url: empty array");
    return inputs;
}

mc_input *mc_check_inputs_or_none(lua_State *L, const char *fname, int i, size_t *count)
{
    mc_input *inputs;
    size_t n = lua_istable(L, i) ? lua_rawlen(L, i) : 1, k;

    inputs = lua_newuserdata(L, (n + 1) * sizeof *inputs);
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

void mc_check_server(lua_State *L, const char *fname, mc_endpoint *server)
{
    mc_error err;
    const char *address = mc_check_text(L, fname, 2, 3, "server_ip");
    unsigned port = 0;

    if (!lua_isnoneornil(L, 4))
        port = (unsigned)mc_check_number(L, fname, 3, 4, "port", 1, 65535, false);
    if (mc_endpoint_parse(server, address, port, &err) != MC_OK)
        mc_misuse(L, fname, 2, lua_pushfstring(L, "server_ip: %s", err.msg));
}

static bool is_saved(lua_State *L, int i, const mc_options *out)
{
    bool saves;

    lua_getfield(L, i, "save");
    saves = !lua_isnil(L, -1);
    lua_pop(L, 1);
    return saves || out->alone;
}

void mc_check_options(lua_State *L, const char *fname, int arg, int i, mc_options *out)
{
    if (!lua_istable(L, i))
        mc_misuse(L, fname, arg, lua_pushfstring(L, "options: table expected, got %s", luaL_typename(L, i)));
    check_options(L, fname, arg, i, option_fields, "", out);
    if (out->follow && strcmp(fname, "open") != 0)
        mc_misuse(L, fname, arg, "option 'follow': only a session that open() gives can follow");
    if (out->piece > out->pieces)
        mc_misuse(L, fname, arg, "option 'piece': greater than option 'pieces'");
    if (strcmp(fname, "open") != 0 && is_saved(L, i, out))
        mc_misuse(L, fname, arg, "options 'save' and 'alone': only a session that open() gives can be saved");
    if (strcmp(fname, "open") != 0 && strcmp(fname, "analyze_traffic_flow") != 0 && out->state != NULL)
        mc_misuse(L, fname, arg, "option 'state': only an analysis of one server goes on from a state");
    if (out->has_start && out->has_end && out->start_ns >= out->end_ns)
        mc_misuse(L, fname, arg, "option 'start_time': not before option 'end_time'");
}
