/*
 * lua_overview.c: all servers of a capture, for Lua.
 */
#include "lua/lua_overview.h"

#include "session/overview.h"
#include "lua/lua_args.h"
#include "lua/lua_fields.h"
#include "lua/lua_push.h"
#include "lua/lua_reading.h"

#define OVERVIEW "mcpcap.core.overview"
#define MOST_ROWS 65536

typedef struct overview_ud {
    mc_session *session;                 /* NULL: not open yet, or closed */
    mc_overview_facts facts;             /* the latest: an error may come while they become a table */
} overview_ud;

static overview_ud *check_self(lua_State *L)
{
    overview_ud *ud = luaL_testudata(L, 1, OVERVIEW);

    if (ud == NULL)
        luaL_error(L, "bad self (overview expected, got %s)", luaL_typename(L, 1));
    return ud;
}

static mc_session *check_open(lua_State *L)
{
    overview_ud *ud = check_self(L);

    if (ud->session == NULL)
        luaL_error(L, "the overview is closed");
    return ud->session;
}

/* The server { ip, port } at 'i'. */
static void check_server(lua_State *L, const char *fname, int i, mc_endpoint *server)
{
    mc_error err;
    const char *address;
    unsigned port;

    lua_rawgeti(L, i, 1);
    lua_rawgeti(L, i, 2);
    address = mc_check_text(L, fname, 3, -2, "server_ip");
    port = (unsigned)mc_check_number(L, fname, 3, -1, "port", 0, 65535, false);
    if (mc_endpoint_parse(server, address, port, &err) != MC_OK)
        mc_misuse(L, fname, 3, err.msg);
    lua_pop(L, 2);
}

/***
Opens a capture for looking at all its servers.
@function overview
@tparam string fname name of the public function, for messages
@tparam string|file|table path_or_url what to read
@tparam[opt] table options see the README
@tparam integer room so many servers are watched at most
@tparam[opt] table|boolean servers those that are watched, as `{ ip, port }`; nil: they are found; true: likewise, and
a second reading can follow
@treturn[1] overview with the methods `step`, `progress`, `stop` and `close` of a session, and `facts` and `server`
@treturn[2] nil
@treturn[2] string message
@treturn[2] string code
@raise on misuse, naming the argument
*/
int mc_core_overview(lua_State *L)
{
    const char *fname = luaL_checkstring(L, 1);
    mc_options options = MC_OPTIONS_INIT;
    mc_crowd_options crowd = { NULL, 0, false };
    mc_endpoint *servers;
    mc_input *inputs;
    mc_error err;
    overview_ud *ud;
    size_t count;
    uint32_t i;

    lua_settop(L, 5);
    inputs = mc_check_inputs(L, fname, 2, &count);
    if (!lua_isnil(L, 3))
        mc_check_options(L, fname, 2, 3, &options);
    crowd.count = (uint32_t)mc_check_number(L, fname, 3, 4, "room", 0, MC_CROWD_MOST, false);
    crowd.first_of_two = lua_isboolean(L, 5) && lua_toboolean(L, 5);
    if (lua_istable(L, 5)) {
        if (lua_rawlen(L, 5) < crowd.count)
            crowd.count = (uint32_t)lua_rawlen(L, 5);
        servers = lua_newuserdata(L, (crowd.count + 1u) * sizeof *servers);
        for (i = 0; i < crowd.count; i++) {
            lua_rawgeti(L, 5, (int)i + 1);
            check_server(L, fname, lua_gettop(L), &servers[i]);
            lua_pop(L, 1);
        }
        crowd.servers = servers;
    }
    ud = mc_newuserdata(L, sizeof *ud);
    memset(ud, 0, sizeof *ud);
    luaL_setmetatable(L, OVERVIEW);
    lua_newtable(L);
    mc_pin_inputs(L, lua_gettop(L), 2);
    mc_setuservalue(L, -2);
    if (mc_overview_open(&ud->session, inputs, count, &crowd, &options, &err) != MC_OK)
        return mc_push_error(L, &err);
    return 1;
}

static int overview_step(lua_State *L)
{
    mc_session *s = check_open(L);
    size_t budget;
    unsigned wait_ms;
    mc_error err;

    mc_check_slice(L, &budget, &wait_ms);
    mc_check_handles(L, "overview");
    return mc_push_step(L, mc_session_step(s, budget, wait_ms, &err), &err);
}

static int overview_progress(lua_State *L)
{
    uint64_t done, total;

    mc_session_progress(check_open(L), &done, &total);
    return mc_push_progress(L, done, total);
}

static int overview_choices(lua_State *L)
{
    char words[MC_CHOICES_WORDS];

    mc_session_choices(check_open(L), words);
    lua_pushstring(L, words);
    return 1;
}

static int overview_stop(lua_State *L)
{
    mc_session *s = check_open(L);

    mc_session_stop(s, MC_CANCELLED, mc_check_reason(L));
    return 0;
}

static int overview_close(lua_State *L)
{
    overview_ud *ud = check_self(L);
    mc_session *s = ud->session;

    ud->session = NULL;
    mc_session_close(s);
    mc_overview_free(&ud->facts);
    return 0;
}

/* ------------------------------------------------------------------- facts */

static void push_server(lua_State *L, const mc_session *s, const mc_census_server *r)
{
    const mc_datagram_end *d = mc_overview_datagrams(s, &r->at);

    lua_createtable(L, 0, 20);
    set_endpoint(L, "server", r->at.addr, &r->at.port);
    set_address(L, "ip", r->at.addr);
    set_count(L, "port", r->at.port);
    set_bool(L, "guessed", r->guessed);
    set_count(L, "connections", r->connections);
    set_count(L, "packets", r->packets);
    set_count(L, "bytes", r->bytes);
    set_count(L, "refused", r->refused);
    set_count(L, "unanswered", r->unanswered);
    set_count(L, "half_open", r->half_open);
    set_count(L, "reset", r->reset);
    set_count(L, "first_frame", r->first_frame);
    if (d == NULL)
        return;
    set_count(L, "udp_datagrams", d->datagrams);
    if (d->quic > 0) {
        set_count(L, "quic_packets", d->quic);
        set_count(L, "quic_version", d->quic_version);
    }
}

static void push_closed(lua_State *L, const mc_closed_host *h)
{
    lua_createtable(L, 0, 5);
    set_address(L, "ip", h->addr);
    set_count(L, "ports", h->ports);
    set_count(L, "connections", h->connections);
    set_count(L, "refused", h->refused);
    set_count(L, "unanswered", h->unanswered);
}

static void set_dns_example(lua_State *L, const char *name, const mc_dns_example *e)
{
    if (e->frame == 0)
        return;
    lua_createtable(L, 0, 5);
    set_count(L, "frame", e->frame);
    set_string(L, "name", e->name);
    set_address(L, "client", e->client);
    set_address(L, "server", e->server);
    set_ms(L, "wait_ms", e->wait_ns);
    lua_setfield(L, -2, name);
}

static void push_dns(lua_State *L, const mc_dns_facts *d)
{
    lua_createtable(L, 0, 16);
    set_count(L, "questions", d->questions);
    set_count(L, "answers", d->answers);
    set_count(L, "repeated", d->repeated);
    set_count(L, "unanswered", d->unanswered);
    set_count(L, "no_name", d->no_name);
    set_count(L, "failed", d->failed);
    set_count(L, "refused", d->refused);
    set_count(L, "other_errors", d->other_errors);
    set_count(L, "slow", d->slow);
    set_durations(L, "wait_ms", &d->wait);
    set_dns_example(L, "slowest", &d->slowest);
    set_dns_example(L, "first_unanswered", &d->first_unanswered);
    set_dns_example(L, "first_no_name", &d->first_no_name);
    set_dns_example(L, "first_failed", &d->first_failed);
}

static void push_beside(lua_State *L, const mc_beside_facts *b)
{
    uint32_t i;
    int side;

    lua_createtable(L, 0, 12);
#define COUNT(f) set_count(L, #f, b->f)
    COUNT(arp_requests);
    COUNT(arp_replies);
    COUNT(arp_others);
    COUNT(icmp_errors);
    COUNT(icmp_echoes);
    COUNT(icmp_others);
#undef COUNT
    set_count(L, "udp_datagrams", b->datagrams);
    set_count(L, "quic_packets", b->quic);
    lua_newtable(L);
    for (i = 0; i < MC_ARP_CONFLICTS && i < b->arp_conflicts; i++) {
        const mc_arp_conflict *c = &b->arp_conflict[i];

        lua_createtable(L, 0, 3);
        set_address(L, "ip", c->addr);
        lua_createtable(L, 2, 0);
        for (side = 0; side < 2; side++) {
            mc_push_mac(L, c->mac[side]);
            lua_rawseti(L, -2, side + 1);
        }
        lua_setfield(L, -2, "macs");
        lua_createtable(L, 2, 0);
        for (side = 0; side < 2; side++) {
            mc_pushcount(L, c->frame[side]);
            lua_rawseti(L, -2, side + 1);
        }
        lua_setfield(L, -2, "frames");
        lua_rawseti(L, -2, (int)i + 1);
    }
    lua_setfield(L, -2, "arp_conflicts");
    push_dns(L, &b->dns);
    lua_setfield(L, -2, "dns");
}

/***
All servers so far.
@function overview:facts
@tparam integer choose so many are worth a closer look at most
@tparam integer most rows of the list at most
@treturn[1] table
@treturn[2] nil
@treturn[2] string message
@treturn[2] string code
*/
static int overview_facts(lua_State *L)
{
    mc_session *s = check_open(L);
    uint32_t choose = (uint32_t)mc_check_number(L, "facts", 1, 2, "choose", 0, MC_CROWD_MOST, false);
    uint32_t most = (uint32_t)mc_check_number(L, "facts", 2, 3, "most", 0, MOST_ROWS, false);
    mc_overview_facts *f = &check_self(L)->facts;
    uint32_t i;

    mc_overview_free(f);
    if (!mc_overview_get_facts(s, choose, f))
        return mc_push_no_memory(L);
    lua_createtable(L, 0, 12);
    mc_push_capture(L, &f->capture, 0);
    lua_setfield(L, -2, "capture");
    set_count(L, "server_count", f->count);
    set_count(L, "chosen", f->chosen);
    set_count(L, "connections_of_others", f->others);
    set_count(L, "connections_not_kept", f->connections_not_kept);
    set_count(L, "closed_hosts", f->closed_hosts);
    lua_createtable(L, (int)f->count, 0);
    for (i = 0; i < f->count && i < most; i++) {
        push_server(L, s, &f->servers[i]);
        lua_rawseti(L, -2, (int)i + 1);
    }
    lua_setfield(L, -2, "servers");
    lua_newtable(L);
    for (i = 0; i < f->closed_count; i++) {
        push_closed(L, &f->closed[i]);
        lua_rawseti(L, -2, (int)i + 1);
    }
    lua_setfield(L, -2, "closed");
    push_beside(L, &f->beside);
    lua_setfield(L, -2, "beside");
    return 1;
}

/***
The counts of one server, as `session:facts` gives them.
@function overview:server
@tparam string ip
@tparam integer port
@tparam integer first_frame of that server
@treturn[1] table
@treturn[1] boolean whether nothing of it was missed
@treturn[2] nil it is not watched
@treturn[3] nil
@treturn[3] string message
@treturn[3] string code
*/
static int overview_server(lua_State *L)
{
    mc_session *s = check_open(L);
    const char *ip = luaL_checkstring(L, 2);
    const unsigned port = (unsigned)mc_check_number(L, "server", 2, 3, "port", 0, 65535, false);
    const uint64_t first = (uint64_t)mc_check_number(L, "server", 3, 4, "first_frame", 0, MC_MAX_INTEGER, false);
    const mc_facts *facts;
    mc_endpoint server;
    mc_error err;
    bool whole, failed;

    if (mc_endpoint_parse(&server, ip, port, &err) != MC_OK)
        return luaL_error(L, "%s", err.msg);
    facts = mc_overview_server(s, &server, first, &whole, &failed);
    if (facts == NULL && failed)
        return mc_push_no_memory(L);
    if (facts == NULL) {
        lua_pushnil(L);
        return 1;
    }
    mc_push_facts(L, facts);
    lua_pushboolean(L, whole);
    return 2;
}

static const luaL_Reg methods[] = {
    { "step", overview_step },
    { "progress", overview_progress },
    { "choices", overview_choices },
    { "stop", overview_stop },
    { "facts", overview_facts },
    { "server", overview_server },
    { "close", overview_close },
    { "__gc", overview_close },
    { "__close", overview_close },
    { NULL, NULL }
};

void mc_overview_register(lua_State *L)
{
    luaL_newmetatable(L, OVERVIEW);
    luaL_setfuncs(L, methods, 0);
    lua_pushvalue(L, -1);
    lua_setfield(L, -2, "__index");
    lua_pop(L, 1);
}
