/*
 * lua_ladder.c: the segments of one connection around one moment, for Lua: what a drawing shows.
 */
#include "lua/lua_ladder.h"

#include "session/session.h"
#include "lua/lua_args.h"
#include "lua/lua_fields.h"
#include "lua/lua_push.h"
#include "lua/lua_reading.h"

#define BEFORE 14                    /* segments before the moment, and from it on */
#define BEHIND 26
#define MARKS  64
#define TURN   256

typedef struct look {
    mc_seen seen[BEFORE + BEHIND];
    uint32_t before, behind;         /* the ones before are a ring until the moment is there */
    uint64_t marks[MARKS];           /* frames, one of which is the moment */
    uint32_t mark_count;
    int64_t moment_ns;               /* INT64_MAX: it is one of the frames; INT64_MIN: the first segment */
} look;

static bool is_moment(const look *l, const mc_seen *s)
{
    uint32_t i;

    for (i = 0; i < l->mark_count; i++)
        if (l->marks[i] == s->frame)
            return true;
    return s->time_ns >= l->moment_ns;
}

/* False: there is no more room. */
static bool take(look *l, const mc_seen *s)
{
    if (l->behind == 0 && !is_moment(l, s)) {
        l->seen[l->before++ % BEFORE] = *s;
        return true;
    }
    if (l->behind < BEHIND)
        l->seen[BEFORE + l->behind++] = *s;
    return l->behind < BEHIND;
}

static void push_segment(lua_State *L, const mc_seen *s)
{
    lua_createtable(L, 0, 8);
    set_count(L, "frame", s->frame);
    set_time(L, "time", s->time_ns);
    set_count(L, "dir", s->dir);
    set_count(L, "seq", s->seq);
    set_count(L, "ack", (s->flags & MC_TH_ACK) != 0 ? s->ack : 0);
    set_count(L, "len", s->len);
    set_count(L, "flags", s->flags);
}

static int push_look(lua_State *L, const look *l)
{
    const uint32_t kept = l->before < BEFORE ? l->before : BEFORE;
    uint32_t i;

    lua_createtable(L, (int)(kept + l->behind), 0);
    for (i = 0; i < kept; i++) {
        push_segment(L, &l->seen[(l->before - kept + i) % BEFORE]);
        lua_rawseti(L, -2, (int)i + 1);
    }
    for (i = 0; i < l->behind; i++) {
        push_segment(L, &l->seen[BEFORE + i]);
        lua_rawseti(L, -2, (int)(kept + i) + 1);
    }
    if (l->behind == 0)
        return 1;
    set_time(L, "moment", l->seen[BEFORE].time_ns);
    return 1;
}

/***
Reads the segments of one connection around one moment.
@function segments
@tparam string fname name of the public function, for messages
@tparam string|table source a path or URL, or an array of these
@tparam string server_ip address of the server
@tparam[opt] integer port its port
@tparam[opt] table options as of `open`
@tparam string client_ip address of the client
@tparam integer client_port its port
@tparam table|number moment frame numbers, the first one of the connection is it; or a time
@treturn[1] table of `{ frame, time, dir, seq, ack, len, flags }`, with `moment`, the time of the first from there on
@treturn[2] nil
@treturn[2] string message
@treturn[2] string code
*/
int mc_core_segments(lua_State *L)
{
    const char *fname = luaL_checkstring(L, 1), *client;
    mc_options options = MC_OPTIONS_INIT;
    mc_endpoint server, peer;
    mc_session *s = NULL;
    mc_tap tap = { 0 };
    look l = { .moment_ns = INT64_MAX };
    mc_input *inputs;
    mc_status status;
    mc_error err;
    size_t count, i;
    bool more = true, no_memory;

    lua_settop(L, 8);
    luaL_checkstack(L, 16, "too many arguments");
    client = luaL_checkstring(L, 6);
    if (mc_endpoint_parse(&peer, client, (unsigned)luaL_checkinteger(L, 7), &err) != MC_OK)
        return mc_push_error(L, &err);
    if (lua_istable(L, 8)) {
        for (i = 0; i < lua_rawlen(L, 8) && l.mark_count < MARKS; i++) {
            lua_rawgeti(L, 8, (int)i + 1);
            l.marks[l.mark_count++] = (uint64_t)lua_tonumber(L, -1);
            lua_pop(L, 1);
        }
    } else {
        l.moment_ns = (int64_t)(luaL_checknumber(L, 8) * 1e9);
    }
    inputs = mc_check_inputs(L, fname, 2, &count);
    mc_check_server(L, fname, &server);
    if (!lua_isnil(L, 5))
        mc_check_options(L, fname, 4, 5, &options);
    status = mc_session_open(&s, inputs, count, &server, &options, &err);
    if (status != MC_OK)
        return mc_push_error(L, &err);
    s->tap = &tap;
    while (status == MC_OK && more && !tap.no_memory) {
        status = mc_session_step(s, TURN, 100, &err);
        for (i = 0; i < tap.count && more; i++) {
            const mc_flow_key *key = &tap.items[i].key;

            if (memcmp(key->peer, peer.addr, sizeof key->peer) == 0 && key->peer_port == peer.port)
                more = take(&l, &tap.items[i].seen);
        }
        tap.count = 0;
    }
    mc_session_close(s);
    no_memory = tap.no_memory;
    mc_tap_free(&tap);
    if (no_memory)
        return mc_push_no_memory(L);
    if (status != MC_OK && status != MC_END)
        return mc_push_error(L, &err);
    return push_look(L, &l);
}
