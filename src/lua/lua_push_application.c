/*
 * lua_push_application.c: TLS, HTTP and the PROXY protocol as Lua tables.
 */
#include "lua/lua_push.h"

#include "application/tls.h"
#include "lua/lua_fields.h"

/* "0x7f1c" where a version has no name. */
static void set_version(lua_State *L, const char *name, unsigned version)
{
    char text[16];

    if (version == 0)
        return;
    snprintf(text, sizeof text, "0x%04x", version);
    set_string(L, name, mc_tls_version_name(version) != NULL ? mc_tls_version_name(version) : text);
}

static void set_alert_name(lua_State *L, uint8_t code)
{
    char text[8];

    snprintf(text, sizeof text, "%u", (unsigned)code);
    set_string(L, "name", mc_tls_alert_name(code) != NULL ? mc_tls_alert_name(code) : text);
}

static void set_said(lua_State *L, const char *name, const mc_said *said)
{
    int i;

    if (said[0].connections == 0)
        return;
    lua_newtable(L);
    for (i = 0; i < MC_SAID_MOST && said[i].connections > 0; i++) {
        lua_createtable(L, 0, 2);
        set_string(L, "name", said[i].text);
        set_count(L, "connections", said[i].connections);
        lua_rawseti(L, -2, i + 1);
    }
    lua_setfield(L, -2, name);
}

static void set_versions(lua_State *L, const mc_tls_facts *f)
{
    unsigned i;

    lua_newtable(L);
    for (i = 0; i < MC_ARRAY_LEN(f->version); i++)
        if (f->version[i] > 0)
            set_count(L, i > 0 ? mc_tls_version_name(0x02ff + i) : "other", f->version[i]);
    lua_setfield(L, -2, "versions");
}

static void set_alerts(lua_State *L, const mc_tls_facts *f)
{
    uint32_t i;

    lua_newtable(L);
    for (i = 0; i < f->alert_count; i++) {
        const mc_tls_alert *a = &f->alert[i];

        lua_createtable(L, 0, 8);
        set_alert_name(L, a->code);
        set_string(L, "by", side_name(a->side));
        set_bool(L, "fatal", a->fatal);
        set_bool(L, "instead_of_hello", a->before_hello);
        set_count(L, "count", a->count);
        set_string(L, "sni", a->sni);
        set_examples(L, "frames", &a->examples);
        lua_rawseti(L, -2, (int)i + 1);
    }
    lua_setfield(L, -2, "alerts");
}

static void push_certificate(lua_State *L, const mc_tls_certificate *c)
{
    lua_createtable(L, 0, 10);
    set_string(L, "subject", c->subject);
    set_string(L, "issuer", c->issuer);
    set_string(L, "name", c->name);
    set_number(L, "not_before_time", (double)c->not_before);
    set_number(L, "not_after_time", (double)c->not_after);
}

static void set_certificates(lua_State *L, const mc_tls_facts *f)
{
    uint32_t i;

    lua_newtable(L);
    for (i = 0; i < f->certificate_count; i++) {
        const mc_tls_certificate *c = &f->certificate[i];

        push_certificate(L, c);
        set_count(L, "connections", c->count);
        set_count(L, "expired", c->expired);
        set_count(L, "not_yet_valid", c->early);
        set_count(L, "frame", c->frame);
        set_time(L, "seen_time", c->seen_ns);
        lua_rawseti(L, -2, (int)i + 1);
    }
    lua_setfield(L, -2, "certificates");
}

static void set_unanswered(lua_State *L, const mc_unanswered *u)
{
    if (u->count == 0)
        return;
    lua_createtable(L, 0, 5);
    set_count(L, "count", u->count);
    set_ms(L, "longest_ms", u->longest_ns);
    set_count(L, "server_ended", u->closed);
    set_count(L, "client_ended", u->left);
    set_examples(L, "frames", &u->examples);
    lua_setfield(L, -2, "unanswered");
}

static void set_tls(lua_State *L, const mc_tls_facts *f)
{
    if (f->connections == 0)
        return;
    lua_createtable(L, 0, 25);
    set_count(L, "connections", f->connections);
    set_count(L, "client_hellos", f->client_hellos);
    set_count(L, "server_hellos", f->server_hellos);
    set_count(L, "retries", f->retries);
    set_count(L, "completed", f->completed);
    set_count(L, "resumption_offered", f->resumption_offered);
    set_count(L, "resumed", f->resumed);
    set_count(L, "http2_offered", f->http2_offered);
    set_count(L, "early_data", f->early_data);
    set_count(L, "encrypted_hello", f->encrypted_hello);
    set_versions(L, f);
    set_said(L, "sni", f->sni);
    set_said(L, "alpn", f->alpn);
    set_durations(L, "server_hello_ms", &f->server_hello);
    set_durations(L, "handshake_ms", &f->handshake);
    set_durations(L, "first_data_ms", &f->first_data);
    set_count(L, "slow", f->slow);
    set_examples(L, "slow_frames", &f->slow_hellos);
    set_unanswered(L, &f->unanswered);
    if (f->not_spoken.count > 0) {
        lua_createtable(L, 0, 3);
        set_count(L, "count", f->not_spoken.count);
        set_count(L, "http", f->not_spoken.http);
        set_examples(L, "frames", &f->not_spoken.examples);
        lua_setfield(L, -2, "not_spoken");
    }
    if (f->hellos_lost > 0) {
        lua_createtable(L, 0, 4);
        set_count(L, "count", f->hellos_lost);
        set_count(L, "shortest_bytes", f->lost_len);
        set_count(L, "longest_passed_bytes", f->passed_len);
        set_examples(L, "frames", &f->lost_examples);
        lua_setfield(L, -2, "hello_lost");
    }
    if (f->hellos_cut > 0) {
        lua_createtable(L, 0, 2);
        set_count(L, "count", f->hellos_cut);
        set_examples(L, "frames", &f->cut_examples);
        lua_setfield(L, -2, "hello_cut");
    }
    if (f->alerts > 0) {
        set_alerts(L, f);
        set_count(L, "alert_count", f->alerts);
    }
    if (f->certificate_count > 0)
        set_certificates(L, f);
    lua_setfield(L, -2, "tls");
}

static void set_cut_short(lua_State *L, const char *key, const mc_cut_short *c)
{
    if (c->closed + c->reset == 0)
        return;
    lua_createtable(L, 0, 4);
    set_count(L, "closed", c->closed);
    set_count(L, "reset", c->reset);
    set_count(L, "missing_bytes", c->missing_bytes);
    set_examples(L, "frames", &c->examples);
    lua_setfield(L, -2, key);
}

static void set_left(lua_State *L, const char *key, const mc_http_left *l, bool stalled)
{
    if (l->count == 0)
        return;
    lua_createtable(L, 0, 7);
    set_count(L, "count", l->count);
    set_count(L, "by_reset", l->resets);
    set_count(L, "taken_bytes", l->taken_bytes);
    set_count(L, "whole_bytes", l->whole_bytes);
    if (stalled) {
        set_ms(L, "longest_ms", l->longest_ns);
        set_count(L, "not_ended", l->open);
    }
    set_examples(L, "frames", &l->examples);
    lua_setfield(L, -2, key);
}

static void set_http(lua_State *L, const mc_http_facts *f)
{
    static const char *const kinds[MC_HTTP_KINDS] = { "fine", "failed", "gateway" };
    unsigned i;
    char code[8];

    if (f->connections == 0 && f->http2 == 0)
        return;
    lua_createtable(L, 0, 12);
    set_count(L, "connections", f->connections);
    set_count(L, "http2_connections", f->http2);
    set_count(L, "requests", f->requests);
    set_count(L, "answers", f->answers);
    set_count(L, "open_ended", f->open_ended);
    lua_newtable(L);
    for (i = 0; i < MC_ARRAY_LEN(f->status); i++)
        if (f->status[i] > 0) {
            snprintf(code, sizeof code, "%u", i + 100);
            set_count(L, code, f->status[i]);
        }
    lua_setfield(L, -2, "status");
    for (i = 0; i < MC_HTTP_KINDS; i++) {
        if (f->kind[i] == 0)
            continue;
        lua_createtable(L, 0, 3);
        set_count(L, "count", f->kind[i]);
        set_durations(L, "answer_ms", &f->took[i]);
        if (i != MC_HTTP_FINE)
            set_examples(L, "frames", &f->examples[i]);
        lua_setfield(L, -2, kinds[i]);
    }
    set_unanswered(L, &f->unanswered);
    set_cut_short(L, "requests_cut_short", &f->cut_short[MC_CLIENT]);
    set_cut_short(L, "answers_cut_short", &f->cut_short[MC_SERVER]);
    set_left(L, "answers_broken_off", &f->broken_off, false);
    set_left(L, "answers_stalled", &f->stalled, true);
    if (f->to_tls.alerts + f->to_tls.told > 0) {
        lua_createtable(L, 0, 3);
        set_count(L, "alerts", f->to_tls.alerts);
        set_count(L, "told", f->to_tls.told);
        set_examples(L, "frames", &f->to_tls.examples);
        lua_setfield(L, -2, "to_tls");
    }
    lua_setfield(L, -2, "http");
}

static void set_lost(lua_State *L, const mc_name_facts *f)
{
    static const char *const names[MC_NAME_LOSSES] = { "unanswered", "no_name", "failed", "refused" };
    int i;

    lua_createtable(L, 0, MC_NAME_LOSSES);
    for (i = 0; i < MC_NAME_LOSSES; i++) {
        lua_createtable(L, 0, 2);
        set_count(L, "lookups", f->lost[i]);
        set_examples(L, "frames", &f->lost_examples[i]);
        lua_setfield(L, -2, names[i]);
    }
    lua_setfield(L, -2, "lost");
}

/* Nothing where no lookup led to the server. */
static void set_names(lua_State *L, const mc_name_facts *f)
{
    if (f->connections == 0)
        return;
    lua_createtable(L, 0, 12);
    set_count(L, "lookups", f->lookups);
    set_count(L, "connections", f->connections);
    set_durations(L, "wait_ms", &f->wait);
    set_durations(L, "connect_ms", &f->until);
    set_count(L, "slow", f->slow);
    set_examples(L, "slow_frames", &f->slow_examples);
    set_count(L, "repeated", f->again);
    set_count(L, "failed_first", f->failed);
    set_count(L, "half_answered", f->half);
    if (f->longest_frame != 0) {
        lua_createtable(L, 0, 3);
        set_string(L, "name", f->longest_name);
        set_count(L, "frame", f->longest_frame);
        set_ms(L, "wait_ms", f->longest_ns);
        lua_setfield(L, -2, "longest");
    }
    set_said(L, "names", f->name);
    set_lost(L, f);
    lua_setfield(L, -2, "dns");
}

void mc_set_application(lua_State *L, const mc_application_facts *f)
{
    set_names(L, &f->names);
    set_tls(L, &f->tls);
    set_http(L, &f->http);
    if (f->proxy.connections[0] + f->proxy.connections[1] > 0) {
        lua_createtable(L, 0, 3);
        set_count(L, "v1", f->proxy.connections[0]);
        set_count(L, "v2", f->proxy.connections[1]);
        set_count(L, "clients_named", f->proxy.clients);
        lua_setfield(L, -2, "proxy_protocol");
    }
    if (f->untold > 0)
        set_count(L, "application_untold", f->untold);
}

/* --------------------------------------------------------------- one connection */

static void set_row_tls(lua_State *L, const mc_row_tls *t)
{
    uint32_t i;

    lua_createtable(L, 0, 16);
    set_version(L, "offered", t->offered);
    set_version(L, "version", t->version);
    set_string(L, "sni", t->sni);
    set_string(L, "alpn_offered", t->alpn_offered);
    set_string(L, "alpn", t->alpn);
    set_bool(L, "retry", t->retry);
    set_bool(L, "resumption_offered", t->resumption_offered);
    set_bool(L, "resumed", t->resumed);
    set_bool(L, "early_data", t->early_data);
    set_bool(L, "encrypted_hello", t->encrypted_hello);
    if (t->client_frame != 0)
        set_count(L, "client_hello_frame", t->client_frame);
    if (t->server_frame != 0)
        set_count(L, "server_hello_frame", t->server_frame);
    if (t->server_hello_ns >= 0)
        set_ms(L, "server_hello_ms", t->server_hello_ns);
    if (t->handshake_ns >= 0)
        set_ms(L, "handshake_ms", t->handshake_ns);
    if (t->first_data_ns >= 0)
        set_ms(L, "first_data_ms", t->first_data_ns);
    if (t->alerts > 0) {
        lua_newtable(L);
        for (i = 0; i < t->alerts && i < MC_ROW_ALERTS; i++) {
            lua_createtable(L, 0, 4);
            set_count(L, "frame", t->alert[i].frame);
            set_string(L, "from", side_name(t->alert[i].side));
            set_alert_name(L, t->alert[i].code);
            set_bool(L, "fatal", t->alert[i].fatal);
            lua_rawseti(L, -2, (int)i + 1);
        }
        lua_setfield(L, -2, "alerts");
    }
    if (t->certificate != NULL) {
        push_certificate(L, t->certificate);
        lua_setfield(L, -2, "certificate");
    }
    if (t->ended_behind >= 0 && t->last_message != NULL) {
        lua_createtable(L, 0, 2);
        set_string(L, "from", side_name(t->ended_behind));
        set_string(L, "message", t->last_message);
        lua_setfield(L, -2, "last_message");
    }
    lua_setfield(L, -2, "tls");
}

static void set_row_http(lua_State *L, const mc_row_http *h)
{
    char code[8];
    int i;

    lua_createtable(L, 0, 8);
    set_count(L, "requests", h->requests);
    set_count(L, "answers", h->answers);
    lua_newtable(L);
    for (i = 0; i < MC_ROW_STATUS && h->status[i] != 0; i++) {
        snprintf(code, sizeof code, "%u", (unsigned)h->status[i]);
        set_count(L, code, h->count[i]);
    }
    if (h->others > 0)
        set_count(L, "other", h->others);
    lua_setfield(L, -2, "status");
    if (h->slowest_ns >= 0 && h->slowest_status != 0) {
        set_ms(L, "slowest_ms", h->slowest_ns);
        set_count(L, "slowest_status", h->slowest_status);
    }
    if (h->unanswered)
        set_count(L, "unanswered_frame", h->unanswered_frame);
    for (i = 0; i < 2; i++)
        if (h->missing_bytes[i] > 0) {
            lua_createtable(L, 0, 2);
            set_count(L, "missing_bytes", h->missing_bytes[i]);
            set_count(L, "frame", h->cut_frame);
            lua_setfield(L, -2, i == MC_CLIENT ? "request_cut_short" : "answer_cut_short");
        }
    lua_setfield(L, -2, "http");
}

static void set_row_name(lua_State *L, const mc_row_name *n)
{
    lua_createtable(L, 0, 7);
    set_string(L, "name", n->name);
    set_count(L, "frame", n->frame);
    set_ms(L, "wait_ms", n->wait_ns);
    set_ms(L, "before_ms", n->until_ns);
    set_count(L, "repeated", n->again);
    set_count(L, "errors", n->failures);
    set_bool(L, "half_answered", n->half);
    lua_setfield(L, -2, "dns");
}

void mc_set_row_application(lua_State *L, const mc_row_application *r)
{
    if (r->asked.frame != 0)
        set_row_name(L, &r->asked);
    if (r->speaks == MC_SPEAKS_TLS)
        set_row_tls(L, &r->tls);
    if (r->http.requests > 0 || r->http.answers > 0)
        set_row_http(L, &r->http);
    else if (r->speaks == MC_SPEAKS_HTTP2)
        set_bool(L, "http2", true);
    if (r->proxy == 0)
        return;
    lua_createtable(L, 0, 2);
    set_count(L, "version", r->proxy);
    if (r->proxy_named)
        set_endpoint(L, "client", r->proxy_client, &r->proxy_port);
    lua_setfield(L, -2, "proxy_protocol");
}
