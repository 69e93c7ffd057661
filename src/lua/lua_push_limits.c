/*
 * lua_push_limits.c: what limits transfers, as Lua tables.
 */
#include "lua/lua_push.h"

#include "lua/lua_fields.h"

static void set_shares(lua_State *L, const int64_t ns[MC_LIMIT_COUNT], int64_t time_ns)
{
    lua_createtable(L, 0, MC_LIMIT_COUNT);
#define X(name, key) set_number(L, #key, (double)ns[MC_LIMIT_##name] / (double)time_ns);
    MC_LIMIT_MAP(X)
#undef X
    lua_setfield(L, -2, "shares");
}

static void set_shares_of_one(lua_State *L, const mc_limit_shares *s, const char *key)
{
    if (s->time_ns <= 0)
        return;
    lua_createtable(L, 0, 8);
    set_string(L, "by", mc_limited_name((int)s->by));
    set_ms(L, "time_ms", s->time_ns);
    set_count(L, "payload_bytes", s->payload_bytes);
    if (s->window_most > 0) {
        set_count(L, "greatest_window", s->window_most);
        set_count(L, "least_window", s->window_least);
    }
    set_ms(L, "round_trip_ms", s->round_trip_ns);
    if (s->best_bps > 0)
        set_number(L, "best_bps", s->best_bps);
    set_shares(L, s->ns, s->time_ns);
    lua_setfield(L, -2, key);
}

void mc_set_limit_shares(lua_State *L, const mc_limit_shares *s)
{
    set_shares_of_one(L, s, "limits");
}

static void set_limited(lua_State *L, const mc_limited_facts *f)
{
    lua_createtable(L, 0, 6);
    set_count(L, "connections", f->connections);
    set_count(L, "payload_bytes", f->payload_bytes);
    set_ms(L, "time_ms", f->time_ns);
    set_ms(L, "longest_ms", f->longest_ns);
    set_shares_of_one(L, &f->longest, "longest");
    set_examples(L, "frames", &f->examples);
}

void mc_set_limits(lua_State *L, const mc_limit_facts *f)
{
    int i;

    if (f->connections == 0 && f->undecided == 0)
        return;
    lua_createtable(L, 0, 7);
    set_count(L, "connections", f->connections);
    set_count(L, "undecided", f->undecided);
    set_bool(L, "all_followed", !f->untold);
    set_ms(L, "time_ms", f->time_ns);
    set_count(L, "payload_bytes", f->payload_bytes);
    if (f->time_ns > 0)
        set_shares(L, f->ns, f->time_ns);
    lua_createtable(L, 0, MC_LIMITED_COUNT);
    for (i = 0; i < MC_LIMITED_COUNT; i++) {
        if (f->by[i].connections == 0)
            continue;
        set_limited(L, &f->by[i]);
        lua_setfield(L, -2, mc_limited_name(i));
    }
    lua_setfield(L, -2, "by");
    lua_setfield(L, -2, "limits");
}
