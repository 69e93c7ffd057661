/*
 * lua_compare.c: several captures read together, for Lua.
 */
#include "lua/lua_compare.h"

#include "compare/compare.h"
#include "lua/lua_args.h"
#include "lua/lua_fields.h"
#include "lua/lua_push.h"
#include "lua/lua_reading.h"

#define COMPARISON "mcpcap.core.comparison"

typedef struct compare_ud {
    mc_compare *compare;                 /* NULL: not open yet, or closed */
} compare_ud;

static compare_ud *check_self(lua_State *L)
{
    compare_ud *ud = luaL_testudata(L, 1, COMPARISON);

    if (ud == NULL)
        luaL_error(L, "bad self (comparison expected, got %s)", luaL_typename(L, 1));
    return ud;
}

static mc_compare *check_open(lua_State *L)
{
    compare_ud *ud = check_self(L);

    if (ud->compare == NULL)
        luaL_error(L, "the comparison is closed");
    return ud->compare;
}

/* ------------------------------------------------------------------- open */

/* The server of source 'i': a pair { ip, port } of the list at 7, else the arguments at 3 and 4. */
static void check_server(lua_State *L, const char *fname, int i, mc_endpoint *server)
{
    bool own = false;

    if (lua_istable(L, 7)) {
        lua_rawgeti(L, 7, i);
        own = lua_istable(L, -1);
        if (own) {                           /* where mc_check_server() looks */
            lua_pushvalue(L, 3);
            lua_pushvalue(L, 4);
            lua_rawgeti(L, -3, 1);
            lua_replace(L, 3);
            lua_rawgeti(L, -3, 2);
            lua_replace(L, 4);
        } else {
            lua_pop(L, 1);
        }
    }
    mc_check_server(L, fname, server);
    if (own) {
        lua_replace(L, 4);
        lua_replace(L, 3);
        lua_pop(L, 1);
    }
}

/***
Opens captures of several points of a path, to be read together.
@function compare
@tparam string fname name of the public function, for messages
@tparam table sources one value for each point: a path, a URL, a file handle, or an array of these
@tparam string server_ip address of the server
@tparam[opt] integer port its port
@tparam[opt] table options see the README
@tparam[opt] integer window segments that may wait for their partners
@tparam[opt] table servers for a source whose server has another address: `{ ip, port }` in its place, else false
@treturn[1] comparison with the methods `step`, `progress`, `stop`, `facts` and `close` of a session
@treturn[2] nil
@treturn[2] string message
@treturn[2] string code
@raise on misuse, naming the argument
*/
int mc_core_compare(lua_State *L)
{
    const char *fname = luaL_checkstring(L, 1);
    mc_options options = MC_OPTIONS_INIT;
    mc_compare_source sources[MC_COMPARE_POINTS];
    uint32_t window = 0;
    mc_error err;
    compare_ud *ud;
    size_t count, i;

    lua_settop(L, 7);
    if (!lua_istable(L, 2))
        mc_misuse(L, fname, 1, lua_pushfstring(L, "sources: array expected, got %s", luaL_typename(L, 2)));
    count = lua_rawlen(L, 2);
    if (count < 1 || count > MC_COMPARE_POINTS)
        mc_misuse(L, fname, 1, lua_pushfstring(L, "sources: from 1 to %d captures expected, got %d", MC_COMPARE_POINTS,
                                            (int)count));
    luaL_checkstack(L, 64, "too many captures");
    for (i = 0; i < count; i++) {
        lua_rawgeti(L, 2, (int)i + 1);
        sources[i].inputs = mc_check_inputs(L, fname, lua_gettop(L), &sources[i].input_count);
        check_server(L, fname, (int)i + 1, &sources[i].server);
    }
    if (!lua_isnil(L, 5))
        mc_check_options(L, fname, 4, 5, &options);
    if (!lua_isnil(L, 6))
        window = (uint32_t)mc_check_number(L, fname, 4, 6, "option 'window'", 1024, 1e8, false);
    ud = mc_newuserdata(L, sizeof *ud);
    ud->compare = NULL;
    luaL_setmetatable(L, COMPARISON);
    lua_newtable(L);
    for (i = 0; i < count; i++) {
        lua_rawgeti(L, 2, (int)i + 1);
        mc_pin_inputs(L, lua_gettop(L) - 1, lua_gettop(L));
        lua_pop(L, 1);
    }
    mc_setuservalue(L, -2);
    if (mc_compare_open(&ud->compare, sources, count, &options, window, &err) != MC_OK)
        return mc_push_error(L, &err);
    return 1;
}

static int compare_step(lua_State *L)
{
    mc_compare *c = check_open(L);
    size_t budget;
    unsigned wait_ms;
    mc_error err;

    mc_check_slice(L, &budget, &wait_ms);
    mc_check_handles(L, "comparison");
    return mc_push_step(L, mc_compare_step(c, budget, wait_ms, &err), &err);
}

static int compare_progress(lua_State *L)
{
    uint64_t done, total;

    mc_compare_progress(check_open(L), &done, &total);
    return mc_push_progress(L, done, total);
}

static int compare_stop(lua_State *L)
{
    mc_compare *c = check_open(L);

    mc_compare_stop(c, MC_CANCELLED, mc_check_reason(L));
    return 0;
}

static int compare_close(lua_State *L)
{
    compare_ud *ud = check_self(L);
    mc_compare *c = ud->compare;

    ud->compare = NULL;
    mc_compare_close(c);
    return 0;
}

/* ------------------------------------------------------------------- facts */

/* Each side's value as the Lua layer has its points: { of side 0, of side 1 }. */
static void set_sides(lua_State *L, const char *name, const uint64_t v[2])
{
    lua_createtable(L, 2, 0);
    mc_pushcount(L, v[0]);
    lua_rawseti(L, -2, 1);
    mc_pushcount(L, v[1]);
    lua_rawseti(L, -2, 2);
    lua_setfield(L, -2, name);
}

/* Frames { of side 0 or 0, of side 1 or 0 }. */
static void set_frames(lua_State *L, const char *name, const mc_frame_pairs *e)
{
    uint32_t i;
    int side;

    lua_createtable(L, (int)e->count, 0);
    for (i = 0; i < e->count; i++) {
        lua_createtable(L, 2, 0);
        for (side = 0; side < 2; side++) {
            mc_pushcount(L, e->frame[i][side]);
            lua_rawseti(L, -2, side + 1);
        }
        lua_rawseti(L, -2, (int)i + 1);
    }
    lua_setfield(L, -2, name);
}

static void push_alone(lua_State *L, const mc_alone_facts *f)
{
    int kind;

    lua_createtable(L, 0, 4);
    set_count(L, "count", f->count);
    set_count(L, "bytes", f->bytes);
    set_frames(L, "examples", &f->examples);
    lua_createtable(L, 0, MC_KINDS);
    for (kind = 0; kind < MC_KINDS; kind++)
        set_count(L, mc_segment_kind_name((mc_segment_kind)kind), f->kind[kind]);
    lua_setfield(L, -2, "kind");
}

static void push_direction(lua_State *L, const mc_between_direction *d)
{
    int i, side;

    lua_createtable(L, 0, 16);
    set_count(L, "at_both", d->at_both);
    set_count(L, "at_both_bytes", d->at_both_bytes);
    set_count(L, "reordered", d->reordered);
    set_frames(L, "reordered_examples", &d->reordered_examples);
    set_sides(L, "resegmented", d->resegmented);
    for (i = 0; i < MC_ALONES; i++) {
        lua_createtable(L, 2, 0);
        for (side = 0; side < 2; side++) {
            push_alone(L, &d->alone[i][side]);
            lua_rawseti(L, -2, side + 1);
        }
        lua_setfield(L, -2, mc_alone_name((mc_alone)i));
    }
    lua_createtable(L, 0, MC_CHANGES);
    for (i = 0; i < MC_CHANGES; i++) {
        lua_createtable(L, 0, 3);
        set_count(L, "packets", d->change[i].packets);
        set_count(L, "connections", d->change[i].connections);
        set_frames(L, "examples", &d->change[i].examples);
        lua_setfield(L, -2, mc_change_name((mc_change)i));
    }
    lua_setfield(L, -2, "change");
    if (d->hops_known) {
        set_number(L, "hops_min", d->hops_min);
        set_number(L, "hops_max", d->hops_max);
    }
    if (d->change[MC_CHANGE_mss].packets > 0)
        set_sides(L, "mss", (uint64_t[2]){ d->mss[0], d->mss[1] });
    if (d->change[MC_CHANGE_window_scale].packets > 0)
        set_sides(L, "window_scale", (uint64_t[2]){ d->scale[0], d->scale[1] });
}

static void push_clock(lua_State *L, const mc_clock_facts *c)
{
    lua_createtable(L, 0, 8);
    if (c->known) {
        set_ms(L, "offset_ms", c->offset_ns);
        set_ms(L, "uncertainty_ms", c->uncertainty_ns);
        set_ms(L, "round_trip_ms", c->round_trip_ns);
        if (c->drift_known)
            set_number(L, "drift_ppm", c->drift_ppm);
        set_count(L, "steps", c->steps);
        if (c->steps > 0) {
            set_ms(L, "step_ms", c->step_ns);
            set_time(L, "step_time", c->step_at_ns);
        }
    }
}

static void push_row(lua_State *L, const mc_pair_row *r)
{
    int side, dir, i;

    lua_createtable(L, 0, 12);
    for (side = 0; side < 2; side++) {
        uint8_t peer[16];

        memcpy(peer, r->key[side].peer, sizeof peer);
        set_endpoint(L, side == 0 ? "client_0" : "client_1", peer, &r->key[side].peer_port);
        set_count(L, side == 0 ? "server_port_0" : "server_port_1", r->key[side].server_port);
    }
    set_sides(L, "first_frame", r->first_frame);
    set_sides(L, "packets", r->packets);
    set_time(L, "start_time", r->first_ns);
    set_bool(L, "translated", r->translated);
    set_bool(L, "shifted", r->shifted);
    set_bool(L, "proxied", r->proxied);
    set_bool(L, "answered", r->answered);
    set_bool(L, "rebound", r->rebound);
    for (dir = 0; dir < 2; dir++) {
        lua_createtable(L, 0, MC_ALONES + 1);
        set_count(L, "at_both", r->at_both[dir]);
        for (i = 0; i < MC_ALONES; i++)
            set_count(L, mc_alone_name((mc_alone)i), r->alone[dir][i]);
        lua_setfield(L, -2, dir == 0 ? "client_to_server" : "server_to_client");
    }
    set_count(L, "waits", r->waits);
    if (r->waits > 0) {
        lua_createtable(L, 2, 0);
        for (side = 0; side < 2; side++) {
            lua_pushnumber(L, (double)r->wait_ns[side] / 1e6);
            lua_rawseti(L, -2, side + 1);
        }
        lua_setfield(L, -2, "wait_ms");
        set_sides(L, "wait_frame", r->wait_frame);
    }
}

static void push_between(lua_State *L, const mc_between_facts *f, const uint32_t point[2])
{
    uint32_t n;
    int i;

    lua_createtable(L, 0, 24);
    set_sides(L, "point", (uint64_t[2]){ point[0] + 1, point[1] + 1 });
    set_count(L, "near", (uint64_t)f->near + 1);
    set_bool(L, "order_known", f->order_known);
    set_bool(L, "by_delay", f->by_delay);
    set_bool(L, "by_ttl", f->by_ttl);
    set_bool(L, "same_point", f->same_point);
    set_sides(L, "connections", f->trails);
    set_count(L, "paired", f->paired);
    set_count(L, "translated", f->translated);
    set_count(L, "shifted", f->shifted);
    set_count(L, "proxied", f->proxied);
    set_count(L, "answered", f->answered);
    set_frames(L, "answered_examples", &f->answered_examples);
    set_count(L, "rebound", f->rebound);
    if (f->rebound > 0) {
        lua_pushnumber(L, (double)f->rebound_ns / 1e6);
        lua_setfield(L, -2, "rebound_after_ms");
    }
    set_frames(L, "rebound_examples", &f->rebound_examples);
    set_count(L, "given_up", f->given_up);
    lua_createtable(L, 0, MC_UNPAIREDS);
    for (i = 0; i < MC_UNPAIREDS; i++) {
        lua_createtable(L, 0, 2);
        set_sides(L, "count", f->unpaired[i]);
        set_frames(L, "examples", &f->unpaired_examples[i]);
        lua_setfield(L, -2, mc_unpaired_name((mc_unpaired)i));
    }
    lua_setfield(L, -2, "unpaired");
    push_direction(L, &f->direction[0]);
    lua_setfield(L, -2, "client_to_server");
    push_direction(L, &f->direction[1]);
    lua_setfield(L, -2, "server_to_client");
    push_clock(L, &f->clock);
    lua_setfield(L, -2, "clock");
    lua_createtable(L, 2, 0);
    for (i = 0; i < 2; i++) {
        lua_createtable(L, 0, 1);
        set_durations(L, "ms", &f->clock.delay[i]);
        lua_rawseti(L, -2, i + 1);
    }
    lua_setfield(L, -2, "delay");
    lua_createtable(L, 0, 3);
    set_durations(L, "side_0", &f->wait[0]);
    set_durations(L, "side_1", &f->wait[1]);
    set_durations(L, "between", &f->wait_between);
    lua_setfield(L, -2, "wait");
    lua_createtable(L, (int)f->row_count, 0);
    for (n = 0; n < f->row_count; n++) {
        push_row(L, &f->rows[n]);
        lua_rawseti(L, -2, (int)n + 1);
    }
    lua_setfield(L, -2, "pairs");
}

/* { points = the facts of each, order = places, between = of each two neighbours, unclear, window } */
static int compare_facts(lua_State *L)
{
    const mc_compare_facts *f = mc_compare_get_facts(check_open(L));
    uint32_t i;

    if (f == NULL)
        return mc_push_no_memory(L);
    lua_createtable(L, 0, 6);
    lua_createtable(L, (int)f->points, 0);
    for (i = 0; i < f->points; i++) {
        mc_push_facts(L, f->facts[i]);
        lua_rawseti(L, -2, (int)i + 1);
    }
    lua_setfield(L, -2, "points");
    lua_createtable(L, (int)f->points, 0);
    for (i = 0; i < f->points; i++) {
        mc_pushcount(L, f->order[i] + 1);
        lua_rawseti(L, -2, (int)i + 1);
    }
    lua_setfield(L, -2, "order");
    lua_createtable(L, (int)f->points, 0);
    for (i = 0; i < f->points; i++) {
        mc_pushcount(L, f->unclear[i]);
        lua_rawseti(L, -2, (int)i + 1);
    }
    lua_setfield(L, -2, "unclear");
    lua_createtable(L, (int)f->points, 0);
    for (i = 0; i + 1 < f->points; i++) {
        push_between(L, f->between[i], f->side[i]);
        lua_rawseti(L, -2, (int)i + 1);
    }
    lua_setfield(L, -2, "between");
    set_count(L, "window", f->window);
    return 1;
}

static const luaL_Reg methods[] = {
    { "step", compare_step },
    { "progress", compare_progress },
    { "stop", compare_stop },
    { "facts", compare_facts },
    { "close", compare_close },
    { "__gc", compare_close },
    { "__close", compare_close },
    { NULL, NULL }
};

void mc_compare_register(lua_State *L)
{
    luaL_newmetatable(L, COMPARISON);
    luaL_setfuncs(L, methods, 0);
    lua_pushvalue(L, -1);
    lua_setfield(L, -2, "__index");
    lua_pop(L, 1);
}
