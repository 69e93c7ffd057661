/*
 * lua_push_rates.c: what follows from the counts of both directions: rates, and which
 * side has more.
 */
#include "lua/lua_push.h"

#include "lua/lua_fields.h"

/* A share above HEAVY is heavy, and one below its reciprocal is the other side's, so that
   swapping the sides swaps the label; the flow has the bounds of the original instead. */
#define HEAVY             1.2
#define FLOW_SERVER_HEAVY 0.8

/* Whose the greater part is: the client's 'a' or the server's 'b'. */
static const char *label_of(uint64_t a, uint64_t b, double server_heavy)
{
    double ratio;

    if (a == 0 && b == 0)
        return "none";
    if (b == 0)
        return "client_only";
    if (a == 0)
        return "server_only";
    ratio = (double)a / (double)b;
    return ratio > HEAVY ? "client_heavy" : ratio < server_heavy ? "server_heavy" : "balanced";
}

/* The ratio is left out where it cannot be formed. */
static void set_balance(lua_State *L, const char *name, uint64_t a, uint64_t b)
{
    lua_createtable(L, 0, 4);
    set_count(L, "client", a);
    set_count(L, "server", b);
    if (a > 0 && b > 0)
        set_number(L, "ratio", (double)a / (double)b);
    else if (b > 0)
        set_count(L, "ratio", 0);
    set_string(L, "label", label_of(a, b, 1 / HEAVY));
    lua_setfield(L, -2, name);
}

void mc_push_balances(lua_State *L, const mc_facts *f)
{
    const mc_counts *c = &f->direction[0].counts, *s = &f->direction[1].counts;

    lua_createtable(L, 0, 12);           /* room for what Lua adds */
    if (s->packet_count > 0)
        set_number(L, "asymmetry_ratio", (double)c->packet_count / (double)s->packet_count);
    else
        set_count(L, "asymmetry_ratio", 0);
    set_string(L, "primary_rst_source", c->rst_count > s->rst_count ? "client"
                                        : s->rst_count > c->rst_count ? "server" : "balanced");
    set_string(L, "data_flow_direction", label_of(c->packet_count, s->packet_count, FLOW_SERVER_HEAVY));
    lua_createtable(L, 0, 4);
    set_balance(L, "packets", c->packet_count, s->packet_count);
    set_balance(L, "wire_bytes", c->byte_count, s->byte_count);
    set_balance(L, "payload_bytes", c->payload_bytes, s->payload_bytes);
    lua_setfield(L, -2, "asymmetry");
}
