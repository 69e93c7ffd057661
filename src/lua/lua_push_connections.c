/*
 * lua_push_connections.c: one connection as a Lua table.
 */
#include "lua/lua_push.h"

#include "tcp/conn.h"
#include "lua/lua_fields.h"

static void push_endpoint_facts(lua_State *L, const mc_top_endpoint *h, double duration_ms)
{
    lua_createtable(L, 0, 32);
#define COUNT(f) set_count(L, #f, h->f)
    COUNT(packet_count);
    COUNT(byte_count);
    COUNT(payload_bytes);
    COUNT(unique_bytes);
    COUNT(retransmitted_bytes);
    COUNT(missing_bytes);
    COUNT(data_packets);
    COUNT(retransmissions);
    COUNT(out_of_order);
    COUNT(rst_count);
    COUNT(resent);
    COUNT(reordered);
    COUNT(duplicated);
    COUNT(zero_windows);
#undef COUNT
    mc_set_rates(L, h->payload_bytes, h->unique_bytes, duration_ms, 1000);
    set_ms(L, "zero_window_ms", h->zero_window_ns);
    if (h->ttl != 0)
        set_count(L, "ttl", h->ttl);
    if (h->max_window > 0)
        set_count(L, "max_window", h->max_window);
    if (h->rtt_count > 0) {
        lua_createtable(L, 0, 4);
        set_count(L, "count", h->rtt_count);
        set_ms(L, "min", h->rtt_min_ns);
        set_ms(L, "mean", h->rtt_mean_ns);
        lua_setfield(L, -2, "rtt_ms");
    }
    mc_set_limit_shares(L, &h->limits);
    if (!h->syn_seen)
        return;
    set_count(L, "initial_window", h->initial_window);
    set_bool(L, "sack_permitted", h->sack_offered);
    set_bool(L, "timestamps", h->timestamps_offered);
    if (h->mss_known)
        set_count(L, "mss", h->mss);
    if (h->scale_offered)
        set_count(L, "window_scale", h->scale);
}

static void set_row_handshake(lua_State *L, const mc_top_connection *r)
{
    lua_createtable(L, 0, 5);
    if (r->to_server_known)
        set_ms(L, "syn_synack_ms", r->to_server_ns);
    if (r->to_client_known) {
        set_ms(L, "synack_ack_ms", r->to_client_ns);
        set_ms(L, "total_ms", mc_ns_plus(r->to_server_ns, r->to_client_ns));
    }
    if (r->syn_seen)
        set_count(L, "syn_retransmits", r->syn_retransmits);
    lua_setfield(L, -2, "handshake");
    if (r->irtt_ns > 0)
        set_ms(L, "irtt_ms", r->irtt_ns);
}

static void set_row_reset(lua_State *L, const mc_top_connection *r)
{
    static const unsigned signs[] = { MC_SIGN_TTL,  MC_SIGN_IP_ID,    MC_SIGN_SEQUENCE, MC_SIGN_RACE,
                                      MC_SIGN_BOTH, MC_SIGN_TTL_SAME, MC_SIGN_ID_NEXT, MC_SIGN_SOON };
    size_t i;
    int n = 0;

    if (r->reset_phase == 0)
        return;
    lua_createtable(L, 0, 6);
    set_string(L, "by", side_name(r->reset_by));
    set_string(L, "phase", mc_reset_phase_name(r->reset_phase));
    set_count(L, "frame", r->reset_frame);
    set_ms(L, "after_ms", r->reset_after_ns);
    set_count(L, "ttl", r->reset_ttl);
    lua_newtable(L);
    for (i = 0; i < MC_ARRAY_LEN(signs); i++) {
        if ((r->reset_signs & signs[i]) == 0)
            continue;
        lua_pushstring(L, mc_reset_sign_name(signs[i]));
        lua_rawseti(L, -2, ++n);
    }
    lua_setfield(L, -2, "signs");
    lua_setfield(L, -2, "reset");
}

static void set_outcome(lua_State *L, const mc_top_connection *r)
{
    lua_createtable(L, 0, 5);
    set_string(L, "code", mc_outcome_name(r->outcome, false));
    set_string(L, "text", mc_outcome_name(r->outcome, true));
    set_string(L, "by", side_name(r->outcome_by));
    set_ms(L, "ms", r->outcome_ns);
    set_count(L, "bytes", r->outcome_bytes);
    lua_setfield(L, -2, "outcome");
}

/* What both sides offered; unknown without both SYNs. */
static void set_row_options(lua_State *L, const mc_top_connection *r)
{
    const mc_top_endpoint *a = &r->endpoint[0], *b = &r->endpoint[1];

    set_string(L, "ecn", r->ecn);
    if (!a->syn_seen || !b->syn_seen)
        return;
    set_bool(L, "window_scaling", a->scale_offered && b->scale_offered);
    set_bool(L, "sack", a->sack_offered && b->sack_offered);
    set_bool(L, "timestamps", a->timestamps_offered && b->timestamps_offered);
}

void mc_push_connection(lua_State *L, const mc_facts *f, const mc_top_connection *r)
{
    int64_t origin = f->capture.first_ns;
    double duration_ms = r->last_ns > r->first_ns ? (double)mc_ns_since(r->last_ns, r->first_ns) / 1e6 : 0;

    lua_createtable(L, 0, 40);
    set_endpoint(L, "client", r->client, &r->client_port);
    set_endpoint(L, "server", f->server.addr, &r->server_port);
    set_address(L, "client_ip", r->client);
    set_count(L, "client_port", r->client_port);
    set_count(L, "server_port", r->server_port);
    set_outcome(L, r);
    set_string(L, "state", mc_conn_state_name(r->state, false));
    set_string(L, "state_text", mc_conn_state_name(r->state, true));
    set_string(L, "history", r->history);
    set_bool(L, "history_complete", !r->history_full);
    set_bool(L, "initiated_by_server", r->opened_by_server);
    set_bool(L, "mid_stream", r->mid_stream);
    set_bool(L, "port_reused", r->port_reused);
    set_bool(L, "approximate_bytes", r->approximate_bytes);
    set_bool(L, "approximate_rtt", r->approximate_rtt);
    set_count(L, "first_frame", r->first_frame);
    if (r->timed) {
        set_time(L, "first_time", r->first_ns);
        set_ms(L, "first_ms", mc_ns_since(r->first_ns, origin));
        set_ms(L, "last_ms", mc_ns_since(r->last_ns, origin));
        set_number(L, "duration_ms", duration_ms);
    }
    set_count(L, "completeness", (uint64_t)r->completeness);
    set_ms(L, "max_idle_ms", r->max_idle_ns);
    set_count(L, "idle_gaps", r->idle_gaps);
    if (r->closer >= 0) {
        set_string(L, "closed_by", side_name(r->closer));
        set_string(L, "closed_with", r->closed_by_fin ? "fin" : "rst");
    }
    set_row_handshake(L, r);
    set_row_options(L, r);
    set_row_reset(L, r);
    if (r->requests > 0) {
        lua_createtable(L, 0, 3);
        set_count(L, "count", r->requests);
        set_ms(L, "mean", r->response_mean_ns);
        set_ms(L, "max", r->response_max_ns);
        lua_setfield(L, -2, "server_response_ms");
    }
    push_endpoint_facts(L, &r->endpoint[0], duration_ms);
    lua_setfield(L, -2, "client_to_server");
    push_endpoint_facts(L, &r->endpoint[1], duration_ms);
    lua_setfield(L, -2, "server_to_client");
    mc_set_row_application(L, &r->application);
    set_number(L, "score", r->score);
}
