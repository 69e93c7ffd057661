/*
 * lua_push.c: the result, its directions and its capture; each push function leaves
 * one table on the stack.
 *
 * Times become seconds, durations milliseconds (their names say so), frame
 * numbers and counters integers.  What is not known is left out.
 */
#include "lua/lua_push.h"

#include <stdio.h>
#include <time.h>

#include "capture/reader.h"
#include "facts/stats.h"
#include "lua/lua_fields.h"

/* ---------------------------------------------------------------- direction */

static void push_late(lua_State *L, const mc_late_facts *l)
{
    lua_createtable(L, 0, 26);
#define COUNT(f) set_count(L, #f, l->f)
    COUNT(resent);
    COUNT(reordered);
    COUNT(duplicated);
    COUNT(undecided);
    COUNT(not_late);
    COUNT(resent_seen);
    COUNT(resent_unseen);
    COUNT(resent_needless);
    COUNT(resent_shorter);
    COUNT(resent_syns);
    COUNT(resent_fins);
    COUNT(dsacks_unseen);
    COUNT(resent_fins_needless);
    COUNT(by_repetition);
    COUNT(by_copy);
    COUNT(by_timestamp);
    COUNT(by_ip_id);
    COUNT(by_ack);
    COUNT(by_time);
    COUNT(lost_after_timeout);
    COUNT(lost_early);
    COUNT(lost_untold);
    COUNT(reordered_bursts);
    COUNT(doubled_arrived);
#undef COUNT
}

static void push_causes(lua_State *L, const mc_late_facts *l)
{
    lua_createtable(L, 0, MC_RESENT_CAUSES);
#define X(name) set_count(L, #name, l->cause[MC_RESENT_##name]);
    MC_RESENT_CAUSE_MAP(X)
#undef X
}

static void push_odd(lua_State *L, const mc_odd_facts *o)
{
    lua_createtable(L, 0, 12);
#define COUNT(f) set_count(L, #f, o->f)
    COUNT(padding);
    COUNT(far_seq);
    COUNT(far_ack);
    COUNT(far_bytes);
    COUNT(sack_outside);
    COUNT(ack_loop);
    COUNT(no_ack);
    COUNT(unseen_acks);
    COUNT(unseen_bytes);
    COUNT(keep_alives);
#undef COUNT
}

static void push_direction(lua_State *L, const mc_facts *f, int dir)
{
    const mc_direction_facts *d = &f->direction[dir];
    const mc_counts *n = &d->counts;
    int ttl;

    lua_createtable(L, 0, 64);
#define X(name) set_count(L, #name, d->counts.name);
    MC_COUNTER_MAP(X)
#undef X
    push_late(L, &d->late);
    lua_setfield(L, -2, "late_segments");
    push_causes(L, &d->late);
    lua_setfield(L, -2, "resent_causes");
    push_odd(L, &d->odd);
    lua_setfield(L, -2, "odd_segments");
    if (n->data_packets > 0)
        set_number(L, "retransmission_rate", (double)n->retransmissions / (double)n->data_packets);
    set_durations(L, "rtt_ms", &d->rtt);
    mc_set_limits(L, &d->limits);
    mc_set_syn_options(L, &f->connections, dir);
    set_ms(L, "zero_window_ms", d->zero_window_ns);
    set_count(L, "max_segment", d->max_segment);
    if (d->max_window > 0)
        set_count(L, "max_window", d->max_window);
    if (n->packet_count > 0 && f->capture.times_known) {
        set_time(L, "first_time", d->first_ns);
        set_time(L, "last_time", d->last_ns);
        mc_set_rates(L, n->payload_bytes, n->unique_bytes, seconds_of(d->last_ns) - seconds_of(d->first_ns), 1);
    }
    lua_newtable(L);
    for (ttl = 0; ttl < 256; ttl++) {
        if (d->ttl_hops[ttl] == 0)
            continue;
        mc_pushcount(L, d->ttl_hops[ttl]);
        lua_rawseti(L, -2, ttl);
    }
    lua_setfield(L, -2, "ttl");
    lua_createtable(L, 0, 34);
#define X(name) set_examples(L, #name, &d->examples.name);
    MC_EXAMPLE_MAP(X)
#undef X
#define X(name) set_examples(L, #name, &d->cause_examples[MC_RESENT_##name]);
    MC_RESENT_CAUSE_MAP(X)
#undef X
    lua_setfield(L, -2, "examples");
}

/* ------------------------------------------------------------------ capture */

static void set_link_types(lua_State *L, const mc_capture_facts *c)
{
    uint32_t i;

    lua_createtable(L, (int)c->link_type_count, 0);
    for (i = 0; i < c->link_type_count; i++) {
        const mc_link_type *t = &c->link_types[i];
        const char *name = mc_linktype_name(t->number);

        lua_createtable(L, 0, 4);
        set_count(L, "number", t->number);
        set_string(L, "name", name != NULL ? name : "unknown");
        set_bool(L, "decoded", t->decoded);
        set_count(L, "frames", t->frames);
        lua_rawseti(L, -2, (int)i + 1);
    }
    lua_setfield(L, -2, "link_types");
}

void mc_push_capture(lua_State *L, const mc_capture_facts *c, uint64_t port_reuses)
{
    lua_createtable(L, 0, 49);
    set_string(L, "format", c->format);
    set_string(L, "compression", c->compression);
    set_string(L, "reader", c->reader);
    set_bool(L, "nanoseconds", c->nanoseconds);
    set_bool(L, "byte_swapped", c->swapped);
    if (c->snaplen > 0)
        set_count(L, "snaplen", c->snaplen);
#define COUNT(f) set_count(L, #f, c->f)
    COUNT(interfaces);
    COUNT(inputs);
    COUNT(frames);
    COUNT(matched_frames);
    COUNT(other_tcp_frames);
    COUNT(not_tcp_frames);
    COUNT(undecoded_frames);
    COUNT(fragment_frames);
    COUNT(sliced_header_frames);
    COUNT(malformed_frames);
    COUNT(filtered_frames);
    COUNT(filter_unfit_frames);
    COUNT(outside_window_frames);
    COUNT(timeless_frames);
    COUNT(record_frames);
    COUNT(tcp_segments);
    COUNT(matched_segments);
    COUNT(icmp_quoted);
    COUNT(malformed_segments);
    COUNT(sliced_headers);
    COUNT(incomplete_fragments);
    COUNT(too_deep);
    COUNT(sliced_frames);
    COUNT(sliced_bytes);
    COUNT(time_regressions);
    COUNT(overlong_ip_frames);
    COUNT(inner_length_frames);
    COUNT(compressed_frames);
    COUNT(connections_not_kept);
    if (c->short_of_memory)
        set_bool(L, "short_of_memory", true);
    COUNT(bad_ip_checksums);
#undef COUNT
    if (c->time_regressions > 0)
        set_ms(L, "max_regression_ms", c->max_regression_ns);
    set_count(L, "port_reuses", port_reuses);
    set_count(L, "reassembled_datagrams", c->reassembled);
    set_count(L, "bytes_read", c->bytes_done);
    if (c->bytes_total > 0)
        set_count(L, "bytes_total", c->bytes_total);
    set_count(L, "inflated_bytes", c->inflated_bytes);
    if (c->drops_known)
        set_count(L, "dropped_by_capture", c->dropped_reported);
    set_link_types(L, c);
    if (c->times_known) {
        set_time(L, "first_time", c->first_ns);
        set_time(L, "last_time", c->last_ns);
        set_ms(L, "duration_ms", mc_ns_since(c->last_ns, c->first_ns));
    }
    if (c->truncated) {
        lua_createtable(L, 0, 3);
        set_string(L, "reason", c->truncated_reason);
        set_string(L, "input", c->truncated_input);
        set_count(L, "offset", c->truncated_offset);
        lua_setfield(L, -2, "truncated");
    }
    if (c->stopped != MC_OK) {
        lua_createtable(L, 0, 2);
        set_string(L, "reason", mc_status_code(c->stopped));
        set_string(L, "message", c->stopped_reason);
        lua_setfield(L, -2, "stopped");
    }
}

/* -------------------------------------------------------------------- whole */

/* Where nothing matched: who else there is. */
static void set_candidates(lua_State *L, const mc_facts *f)
{
    uint32_t i;

    lua_createtable(L, (int)f->candidate_count, 0);
    for (i = 0; i < f->candidate_count; i++) {
        const mc_candidate *c = &f->candidates[i];

        lua_createtable(L, 0, 6);
        set_address(L, "ip", c->addr);
        set_count(L, "port", c->port);
        set_count(L, "packets", c->packets);
        set_count(L, "bytes", c->bytes);
        set_count(L, "syns", c->syns);
        set_count(L, "syn_acks", c->syn_acks);
        lua_rawseti(L, -2, (int)i + 1);
    }
    lua_setfield(L, -2, "candidates");
    set_count(L, "candidates_total", f->candidates_total);
    set_bool(L, "address_seen", f->address_seen);
}

static void push_icmp(lua_State *L, const mc_facts *f)
{
    uint32_t i;

    lua_createtable(L, (int)f->icmp_count, 0);
    for (i = 0; i < f->icmp_count; i++) {
        const mc_icmp_facts *k = &f->icmp[i];

        lua_createtable(L, 0, 8);
        set_count(L, "ip_version", k->ip_version);
        set_count(L, "type", k->type);
        set_count(L, "code", k->code);
        set_string(L, "about", k->about == 0 ? "client_to_server" : "server_to_client");
        set_count(L, "count", k->count);
        set_address(L, "reporter", k->reporter);
        set_examples(L, "frames", &k->examples);
        if (k->mtu > 0)
            set_count(L, "mtu", k->mtu);
        lua_rawseti(L, -2, (int)i + 1);
    }
}

static void push_bucket_row(lua_State *L, const mc_facts *f, int dir, size_t offset)
{
    uint32_t i;

    lua_createtable(L, (int)f->bucket_count, 0);
    for (i = 0; i < f->bucket_count; i++) {
        const uint64_t *pair = (const uint64_t *)(const void *)((const char *)&f->buckets[i] + offset);

        mc_pushcount(L, pair[dir]);
        lua_rawseti(L, -2, (int)i + 1);
    }
}

static void push_timeline(lua_State *L, const mc_facts *f)
{
    static const char *const directions[2] = { "client_to_server", "server_to_client" };
    int dir;

    lua_createtable(L, 0, 4);
    if (f->bucket_count > 0) {
        set_ms(L, "bucket_ms", f->bucket_ns);
        set_time(L, "start_time", f->timeline_start_ns);
    }
    for (dir = 0; dir < 2; dir++) {
        lua_createtable(L, 0, 4);
#define ROW(field)                                                       \
        push_bucket_row(L, f, dir, offsetof(mc_timeline_bucket, field)); \
        lua_setfield(L, -2, #field)
        ROW(packets);
        ROW(payload_bytes);
        ROW(retransmissions);
        ROW(resets);
        ROW(zero_windows);
#undef ROW
        lua_setfield(L, -2, directions[dir]);
    }
}

/* { edges_ms = { from, ..., to }, counts = { ... } } of the steps from the first to the last that has a sample; nothing
   where none has.  Into the table at the top. */
static void set_spread(lua_State *L, const mc_spread *s)
{
    unsigned first = 0, last = MC_SPREAD_STEPS, i;

    while (last > 0 && s->count[last - 1] == 0)
        last--;
    while (first < last && s->count[first] == 0)
        first++;
    if (first == last)
        return;
    lua_createtable(L, 0, 2);
    lua_createtable(L, (int)(last - first + 1), 0);
    for (i = first; i <= last; i++) {
        lua_pushnumber(L, (lua_Number)mc_spread_edge(i) / 1e6);
        lua_rawseti(L, -2, (int)(i - first) + 1);
    }
    lua_setfield(L, -2, "edges_ms");
    lua_createtable(L, (int)(last - first), 0);
    for (i = first; i < last; i++) {
        mc_pushcount(L, s->count[i]);
        lua_rawseti(L, -2, (int)(i - first) + 1);
    }
    lua_setfield(L, -2, "counts");
    lua_setfield(L, -2, "spread");
}

static void set_spread_durations(lua_State *L, const char *name, const mc_durations *d, const mc_spread *s)
{
    set_durations(L, name, d);
    lua_getfield(L, -1, name);
    set_spread(L, s);
    lua_pop(L, 1);
}

static void push_latency(lua_State *L, const mc_facts *f)
{
    lua_createtable(L, 0, 8);
    lua_createtable(L, 0, 2);
    set_spread_durations(L, "client", &f->handshake_rtt[0], &f->handshake_rtt_spread[0]);
    set_spread_durations(L, "server", &f->handshake_rtt[1], &f->handshake_rtt_spread[1]);
    lua_setfield(L, -2, "handshake_rtt_ms");
    lua_createtable(L, 0, 2);                    /* what goes to a side is the other one's data */
    set_spread_durations(L, "client", &f->direction[1].rtt, &f->data_rtt_spread[1]);
    set_spread_durations(L, "server", &f->direction[0].rtt, &f->data_rtt_spread[0]);
    lua_setfield(L, -2, "data_rtt_ms");
    set_spread_durations(L, "server_response_ms", &f->server_response, &f->server_response_spread);
    set_spread_durations(L, "client_think_ms", &f->client_think, &f->client_think_spread);
    set_examples(L, "slow_answer_frames", &f->slow_answers);
}

static bool is_leap(int year)
{
    return (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
}

/* The time now: "2026-03-01T10:00:00Z".  gmtime() would read the files of the time zone first. */
static void push_now(lua_State *L)
{
    static const uint8_t month_days[12] = { 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31 };
    int64_t now = time(NULL), days = now / 86400, left = now % 86400, length;
    int year, month;
    char text[64];

    for (year = 1970;; year++, days -= length) {
        length = 365 + is_leap(year);
        if (days < length)
            break;
    }
    for (month = 0;; month++, days -= length) {
        length = month_days[month] + (month == 1 && is_leap(year));
        if (days < length)
            break;
    }
    snprintf(text, sizeof text, "%04d-%02d-%02dT%02d:%02d:%02dZ", year, month + 1, (int)days + 1,
             (int)(left / 3600), (int)(left / 60 % 60), (int)(left % 60));
    lua_pushstring(L, text);
}

static const char *status_of(const mc_capture_facts *c)
{
    return c->tcp_segments == 0 ? "no_tcp" : c->matched_segments == 0 ? "no_match" : "ok";
}

void mc_push_facts(lua_State *L, const mc_facts *f)
{
    const char *status = status_of(&f->capture);
    uint32_t i;

    luaL_checkstack(L, 20, "no room for the result");
    lua_createtable(L, 0, 28);           /* room for what Lua adds */
    set_string(L, "rules", mc_rules_name(f->rules));
    set_string(L, "status", status);
    set_count(L, "total_packets", f->capture.frames);
    set_count(L, "tcp_packets_found", f->capture.tcp_segments);
    set_count(L, "connection_count", f->connections.total);
    push_now(L);
    lua_setfield(L, -2, "analysis_timestamp");
    set_endpoint(L, "server", f->server.addr, f->server.port != 0 ? &f->server.port : NULL);
    set_address(L, "server_ip", f->server.addr);
    if (f->server.port != 0)
        set_count(L, "server_port", f->server.port);
    push_direction(L, f, 0);
    lua_setfield(L, -2, "client_to_server");
    push_direction(L, f, 1);
    lua_setfield(L, -2, "server_to_client");
    mc_push_connection_sums(L, &f->connections);
    mc_push_answers(L, &f->answers);
    lua_setfield(L, -2, "answers");
    lua_setfield(L, -2, "connection_sums");
    mc_push_capture(L, &f->capture, f->connections.port_reuses);
    lua_setfield(L, -2, "capture");
    lua_createtable(L, (int)f->rows_kept, 0);
    for (i = 0; i < f->rows_kept; i++) {
        mc_push_connection(L, f, &f->top_connections[i]);
        lua_rawseti(L, -2, (int)i + 1);
    }
    lua_setfield(L, -2, "connections");
    if (f->top_count < f->rows_kept)
        set_count(L, "rows_wanted", f->top_count);
    mc_push_balances(L, f);
    mc_push_handshakes(L, &f->connections);
    lua_setfield(L, -2, "handshakes");
    mc_push_resets(L, &f->connections);
    lua_setfield(L, -2, "resets");
    push_latency(L, f);
    lua_setfield(L, -2, "latency");
    lua_setfield(L, -2, "analysis");
    push_icmp(L, f);
    lua_setfield(L, -2, "icmp");
    mc_set_application(L, &f->application);
    mc_set_hardware(L, &f->hardware, f->capture.first_ns);
    if (strcmp(status, "no_match") == 0)
        set_candidates(L, f);
    push_timeline(L, f);
    lua_setfield(L, -2, "timeline");
}
