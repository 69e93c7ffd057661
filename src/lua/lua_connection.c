/*
 * lua_connection.c: one connection, segment by segment, for Lua.
 */
#include "lua/lua_connection.h"

#include "session/connection.h"
#include "lua/lua_args.h"
#include "lua/lua_fields.h"
#include "lua/lua_push.h"
#include "lua/lua_reading.h"
#include "tcp/rules.h"

#define CONNECTION "mcpcap.core.connection"

typedef struct connection_ud {
    mc_session *session;                 /* NULL: not open yet, or closed */
    bool finding;                        /* it looks for a connection; else it tells one */
} connection_ud;

static connection_ud *check_self(lua_State *L)
{
    connection_ud *ud = luaL_testudata(L, 1, CONNECTION);

    if (ud == NULL)
        luaL_error(L, "bad self (connection expected, got %s)", luaL_typename(L, 1));
    return ud;
}

static mc_session *check_open(lua_State *L)
{
    connection_ud *ud = check_self(L);

    if (ud->session == NULL)
        luaL_error(L, "the connection is closed");
    return ud->session;
}

/***
Opens a capture for looking at one connection.
@function connection
@tparam string fname name of the public function, for messages
@tparam string|file|table path_or_url what to read
@tparam string server_ip address of the server
@tparam integer port its port; nil only where a connection is looked for
@tparam[opt] table options see the README
@tparam[opt] table client `{ ip, port }`: it is told; nil: one is looked for
@treturn[1] connection with the methods `step`, `progress`, `stop` and `close` of a session, and `find`, `facts`, `rows`
@treturn[2] nil
@treturn[2] string message
@treturn[2] string code
@raise on misuse, naming the argument
*/
int mc_core_connection(lua_State *L)
{
    const char *fname = luaL_checkstring(L, 1);
    mc_options options = MC_OPTIONS_INIT;
    mc_endpoint server, client = { { 0 }, 0 };
    mc_input *inputs;
    mc_error err;
    connection_ud *ud;
    mc_status status;
    size_t count;

    lua_settop(L, 6);
    inputs = mc_check_inputs(L, fname, 2, &count);
    mc_check_server(L, fname, &server);
    if (!lua_isnil(L, 5))
        mc_check_options(L, fname, 4, 5, &options);
    ud = mc_newuserdata(L, sizeof *ud);
    ud->session = NULL;
    ud->finding = lua_isnil(L, 6);
    luaL_setmetatable(L, CONNECTION);
    lua_newtable(L);
    mc_pin_inputs(L, lua_gettop(L), 2);
    mc_setuservalue(L, -2);
    if (ud->finding) {
        status = mc_session_open(&ud->session, inputs, count, &server, &options, &err);
    } else {
        lua_rawgeti(L, 6, 1);
        lua_rawgeti(L, 6, 2);
        if (mc_endpoint_parse(&client, luaL_checkstring(L, -2), (unsigned)luaL_checkinteger(L, -1), &err) != MC_OK)
            return mc_misuse(L, fname, 4, lua_pushfstring(L, "client: %s", err.msg));
        lua_pop(L, 2);
        status = mc_connection_open(&ud->session, inputs, count, &server, &client, &options, &err);
    }
    return status == MC_OK ? 1 : mc_push_error(L, &err);
}

static int connection_step(lua_State *L)
{
    mc_session *s = check_open(L);
    size_t budget;
    unsigned wait_ms;
    mc_error err;

    mc_check_slice(L, &budget, &wait_ms);
    mc_check_handles(L, "connection");
    return mc_push_step(L, mc_session_step(s, budget, wait_ms, &err), &err);
}

/***
Looks for a connection in a slice.
@function connection:find
@tparam integer budget packets at most
@tparam integer wait_ms
@tparam integer frame a frame of it; 0: it is the `number`th to begin
@tparam integer number
@treturn[1] string "more" or "done"
@treturn[1] ?table `{ client_ip, client_port, server_port, begin }`; nil: there is none
@treturn[2] nil
@treturn[2] string message
@treturn[2] string code
*/
static int connection_find(lua_State *L)
{
    mc_session *s = check_open(L);
    const uint64_t frame = (uint64_t)mc_check_number(L, "find", 3, 4, "frame", 0, MC_MAX_INTEGER, false);
    const uint64_t number = (uint64_t)mc_check_number(L, "find", 4, 5, "number", 0, MC_MAX_INTEGER, false);
    mc_connection_place place;
    size_t budget;
    unsigned wait_ms;
    mc_status status;
    mc_error err;
    bool found;

    mc_check_slice(L, &budget, &wait_ms);
    mc_check_handles(L, "connection");
    status = mc_connection_find(s, frame, number, budget > 0 ? budget : 8192, wait_ms, &place, &found, &err);
    if (status != MC_END || !found)
        return mc_push_step(L, status, &err);
    lua_pushliteral(L, "done");
    lua_createtable(L, 0, 4);
    set_address(L, "client_ip", place.client.addr);
    set_count(L, "client_port", place.client.port);
    set_count(L, "server_port", place.server.port);
    set_count(L, "begin", place.begin);
    return 2;
}

static int connection_progress(lua_State *L)
{
    uint64_t done, total;

    mc_session_progress(check_open(L), &done, &total);
    return mc_push_progress(L, done, total);
}

static int connection_stop(lua_State *L)
{
    mc_session *s = check_open(L);

    mc_session_stop(s, MC_CANCELLED, mc_check_reason(L));
    return 0;
}

static int connection_close(lua_State *L)
{
    connection_ud *ud = check_self(L);
    mc_session *s = ud->session;

    ud->session = NULL;
    mc_session_close(s);
    return 0;
}

/* ------------------------------------------------------------------- facts */

static const struct {
    uint32_t event;
    const char *name;                /* of the display filter's field, tcp.analysis.NAME */
} labels[] = {
    { MC_TCP_REUSED_PORTS, "reused_ports" },
    { MC_TCP_RETRANSMISSION, "retransmission" },
    { MC_TCP_FAST, "fast_retransmission" },
    { MC_TCP_SPURIOUS, "spurious_retransmission" },
    { MC_TCP_OUT_OF_ORDER, "out_of_order" },
    { MC_TCP_LOST_SEGMENT, "lost_segment" },
    { MC_TCP_ACKED_UNSEEN, "ack_lost_segment" },
    { MC_TCP_DUPLICATE_ACK, "duplicate_ack" },
    { MC_TCP_KEEP_ALIVE, "keep_alive" },
    { MC_TCP_KEEP_ALIVE_ACK, "keep_alive_ack" },
    { MC_TCP_ZERO_WINDOW, "zero_window" },
    { MC_TCP_ZERO_WINDOW_PROBE, "zero_window_probe" },
    { MC_TCP_ZERO_WINDOW_PROBE_ACK, "zero_window_probe_ack" },
    { MC_TCP_WINDOW_UPDATE, "window_update" },
    { MC_TCP_WINDOW_FULL, "window_full" },
};

static const char *const verdicts[] = { "resent", "reordered", "duplicated", "undecided", "not_late" };
static const char *const evidences[] = { NULL, "repetition", "copy", "timestamp", "ip_id", "ack", "time" };
static const char *const causes[] = {
#define X(name) #name,
    MC_RESENT_CAUSE_MAP(X)
#undef X
};

static void set_labels(lua_State *L, uint32_t events)
{
    size_t i;
    int n = 0;

    lua_newtable(L);
    for (i = 0; i < MC_ARRAY_LEN(labels); i++) {
        if ((events & labels[i].event) == 0)
            continue;
        lua_pushstring(L, labels[i].name);
        lua_rawseti(L, -2, ++n);
    }
    lua_setfield(L, -2, "labels");
}

static void set_flags(lua_State *L, uint8_t flags)
{
    static const struct {
        uint8_t bit;
        const char *name;
    } names[] = { { MC_TH_SYN, "SYN" }, { MC_TH_FIN, "FIN" }, { MC_TH_RST, "RST" }, { MC_TH_PSH, "PSH" },
                  { MC_TH_ACK, "ACK" }, { MC_TH_URG, "URG" }, { MC_TH_ECE, "ECE" }, { MC_TH_CWR, "CWR" } };
    luaL_Buffer b;
    size_t i;
    bool any = false;

    luaL_buffinit(L, &b);
    for (i = 0; i < MC_ARRAY_LEN(names); i++) {
        if ((flags & names[i].bit) == 0)
            continue;
        if (any)
            luaL_addchar(&b, ' ');
        luaL_addstring(&b, names[i].name);
        any = true;
    }
    luaL_pushresult(&b);
    lua_setfield(L, -2, "flags");
}

static void set_options(lua_State *L, const mc_diary_entry *e)
{
    unsigned i;

    lua_newtable(L);
    if (e->mss != 0)
        set_count(L, "mss", e->mss);
    if ((e->has & MC_HAS_SCALE) != 0)
        set_count(L, "window_scale", e->scale);
    if ((e->has & MC_HAS_SACKOK) != 0)
        set_bool(L, "sack_permitted", true);
    if ((e->has & MC_HAS_TS) != 0) {
        set_count(L, "timestamp", e->ts_val);
        set_count(L, "timestamp_echo", e->ts_ecr);
    }
    if (e->sack[0][1] != e->sack[0][0]) {
        lua_newtable(L);
        for (i = 0; i < MC_MAX_SACK && e->sack[i][1] != e->sack[i][0]; i++) {
            mc_pushcount(L, e->sack[i][0]);
            lua_rawseti(L, -2, 2 * (int)i + 1);
            mc_pushcount(L, e->sack[i][1]);
            lua_rawseti(L, -2, 2 * (int)i + 2);
        }
        lua_setfield(L, -2, "sack");
    }
    lua_setfield(L, -2, "options");
}

static void push_entry(lua_State *L, const mc_diary_entry *e, int64_t first_ns)
{
    lua_createtable(L, 0, 24);
    set_count(L, "frame", e->frame);
    if (e->time_ns != MC_NO_TIME)
        set_ms(L, "time_ms", mc_ns_since(e->time_ns, first_ns));
    set_string(L, "from", side_name(e->dir));
    set_flags(L, e->flags);
    set_count(L, "seq", e->seq);
    if ((e->flags & MC_TH_ACK) != 0)
        set_count(L, "ack", e->ack);
    set_count(L, "payload_bytes", e->len);
    set_count(L, "window", e->window);
    set_options(L, e);
    set_labels(L, e->events);
    if (e->dup > 0)
        set_count(L, "duplicate_ack_number", e->dup);
    if (e->verdict > 0)
        set_string(L, "verdict", verdicts[e->verdict - 1]);
    if (e->by > 0)
        set_string(L, "verdict_by", evidences[e->by]);
    if (e->cause > 0)
        set_string(L, "cause", causes[e->cause - 1]);
    if (e->since_ns >= 0)
        set_ms(L, "since_first_ms", e->since_ns);
    if (e->copy)
        set_bool(L, "copy", true);
    if (e->wait_ns >= 0)
        set_ms(L, "answer_ms", e->wait_ns);
    if (e->says[0] != 0)
        set_string(L, "says", e->says);
}

/* Nothing where no TLS was seen. */
static void set_tls(lua_State *L, const mc_tls_told *t)
{
    uint32_t i;

    if (t == NULL || (t->client_frame | t->server_frame | t->alerts) == 0)
        return;
    lua_createtable(L, 0, 12);
    if (t->client_frame != 0) {
        set_count(L, "client_hello_frame", t->client_frame);
        set_string(L, "offered", t->client.version);
        set_string(L, "sni", t->client.sni[0] != 0 ? t->client.sni : NULL);
        set_string(L, "alpn_offered", t->client.alpn[0] != 0 ? t->client.alpn : NULL);
        set_bool(L, "resumption", t->client.resumes);
        set_bool(L, "early_data", t->client.early);
        set_bool(L, "encrypted_hello", t->client.encrypted);
    }
    if (t->server_frame != 0) {
        set_count(L, "server_hello_frame", t->server_frame);
        set_string(L, "version", t->server.version);
        set_string(L, "alpn", t->server.alpn[0] != 0 ? t->server.alpn : NULL);
        if (t->client_frame != 0)
            set_ms(L, "server_hello_ms", mc_ns_since(t->server_ns, t->client_ns));
    }
    if (t->retry_frame != 0)
        set_count(L, "retry_frame", t->retry_frame);
    if (t->data_frame != 0 && t->client_frame != 0)
        set_ms(L, "first_data_ms", mc_ns_since(t->data_ns, t->client_ns));
    lua_newtable(L);
    for (i = 0; i < t->alerts && i < MC_TLS_ALERTS; i++) {
        lua_createtable(L, 0, 4);
        set_count(L, "frame", t->alert[i].frame);
        set_string(L, "from", side_name(t->alert[i].dir));
        set_string(L, "name", t->alert[i].name);
        set_bool(L, "fatal", t->alert[i].fatal);
        lua_rawseti(L, -2, (int)i + 1);
    }
    lua_setfield(L, -2, "alerts");
    lua_setfield(L, -2, "tls");
}

/* What was left out since the entry that was shown last. */
typedef struct skipped {
    uint64_t segments, from, to, bytes[2];
    int64_t from_ns, to_ns;
} skipped;

static void skip(skipped *k, const mc_diary_entry *e)
{
    if (k->segments++ == 0) {
        k->from = e->frame;
        k->from_ns = e->time_ns;
    }
    k->to = e->frame;
    k->to_ns = e->time_ns;
    k->bytes[e->dir] += e->len;
}

static void push_skipped(lua_State *L, const skipped *k)
{
    lua_createtable(L, 0, 1);
    lua_createtable(L, 0, 6);
    set_count(L, "segments", k->segments);
    set_count(L, "first_frame", k->from);
    set_count(L, "last_frame", k->to);
    set_pair(L, "payload_bytes", k->bytes);
    if (k->from_ns != MC_NO_TIME && k->to_ns != MC_NO_TIME)
        set_ms(L, "duration_ms", mc_ns_since(k->to_ns, k->from_ns));
    lua_setfield(L, -2, "skipped");
}

/***
The connection, and what is to be shown of it.
@function connection:facts
@tparam integer begin of `find`; 0: not known
@tparam integer frame of it; 0: none
@tparam integer most rows, about
@tparam integer from rows of frames from here on
@tparam integer to and up to this one
@treturn[1] table `{ capture, connection, number, rows, segments, kept, shown, others, other_frames, status }`
@treturn[2] nil
@treturn[2] string message
@treturn[2] string code
*/
static int connection_facts(lua_State *L)
{
    mc_session *s = check_open(L);
    const uint64_t begin = (uint64_t)mc_check_number(L, "facts", 1, 2, "begin", 0, 1.8e19, false);
    const uint64_t frame = (uint64_t)mc_check_number(L, "facts", 2, 3, "frame", 0, MC_MAX_INTEGER, false);
    const uint32_t most = (uint32_t)mc_check_number(L, "facts", 3, 4, "most", 1, MC_DIARY_MOST, false);
    const uint64_t from = (uint64_t)mc_check_number(L, "facts", 4, 5, "from", 0, MC_MAX_INTEGER, false);
    const uint64_t to = (uint64_t)mc_check_number(L, "facts", 5, 6, "to", 0, MC_MAX_INTEGER, false);
    const mc_facts *facts = mc_session_facts(s);
    mc_diary *d = mc_connection_diary(s);
    mc_connection_told told;
    skipped left = { 0 };
    uint64_t segments = 0;
    uint32_t shown, i;
    int n = 0;

    if (facts == NULL)
        return mc_push_no_memory(L);
    lua_createtable(L, 0, 12);
    mc_push_facts(L, facts);
    lua_setfield(L, -2, "result");
    if (!mc_connection_tell(s, begin, frame, &told))
        return 1;
    mc_push_connection(L, facts, &told.row);
    lua_setfield(L, -2, "connection");
    set_tls(L, mc_diary_tls(d, told.begin));
    set_count(L, "number", told.number);
    set_count(L, "others", told.others);
    lua_newtable(L);
    for (i = 0; i < told.others && i < MC_EXAMPLES; i++) {
        mc_pushcount(L, told.other_frame[i]);
        lua_rawseti(L, -2, (int)i + 1);
    }
    lua_setfield(L, -2, "other_frames");
    shown = mc_diary_select(d, told.begin, from, to, most);
    lua_createtable(L, (int)shown, 0);
    for (i = 0; i < mc_diary_size(d); i++) {
        const mc_diary_entry *e = mc_diary_at(d, i);

        if (e->begin != told.begin)
            continue;
        segments++;
        if (e->frame < from || e->frame > to)
            continue;
        if (!e->shown) {
            skip(&left, e);
            continue;
        }
        if (left.segments > 0) {
            push_skipped(L, &left);
            lua_rawseti(L, -2, ++n);
            left.segments = left.bytes[0] = left.bytes[1] = 0;
        }
        push_entry(L, e, told.row.first_ns);
        lua_rawseti(L, -2, ++n);
    }
    if (left.segments > 0) {
        push_skipped(L, &left);
        lua_rawseti(L, -2, ++n);
    }
    lua_setfield(L, -2, "rows");
    set_count(L, "segments", segments);
    set_count(L, "shown", shown);
    set_count(L, "not_kept", d->count - mc_diary_size(d));
    return 1;
}

static const luaL_Reg methods[] = {
    { "step", connection_step },
    { "find", connection_find },
    { "progress", connection_progress },
    { "stop", connection_stop },
    { "facts", connection_facts },
    { "close", connection_close },
    { "__gc", connection_close },
    { "__close", connection_close },
    { NULL, NULL }
};

void mc_connection_register(lua_State *L)
{
    luaL_newmetatable(L, CONNECTION);
    luaL_setfuncs(L, methods, 0);
    lua_pushvalue(L, -1);
    lua_setfield(L, -2, "__index");
    lua_pop(L, 1);
}
