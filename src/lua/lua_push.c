/*
 * lua_push.c: one push function a struct; each leaves one table on the stack.
 *
 * Times become seconds, durations milliseconds (their names say so), frame
 * numbers and counters integers.  What is not known is left out.
 */
#include "lua/lua_push.h"

#include <stdio.h>
#include <time.h>

#include "lua/lua_fields.h"
#include "capture/reader.h"

static void push_examples(lua_State *L, const mc_examples *e)
{
    uint32_t i;

    lua_createtable(L, (int)e->count, 0);
    for (i = 0; i < e->count; i++) {
        mc_pushcount(L, e->frame[i]);
        lua_rawseti(L, -2, (int)i + 1);
    }
}

static void set_examples(lua_State *L, const char *name, const mc_examples *e)
{
    push_examples(L, e);
    lua_setfield(L, -2, name);
}

/* {count, min, median, p95, max, mean} in milliseconds. */
static void push_durations(lua_State *L, const mc_durations *d)
{
    lua_createtable(L, 0, 8);
    set_count(L, "count", d->count);
    if (d->count > 0) {
        set_ms(L, "min", d->min_ns);
        set_ms(L, "median", d->median_ns);
        set_ms(L, "p95", d->p95_ns);
        set_ms(L, "max", d->max_ns);
        set_number(L, "mean", d->mean_ns / 1e6);
    }
}

static void set_durations(lua_State *L, const char *name, const mc_durations *d)
{
    push_durations(L, d);
    lua_setfield(L, -2, name);
}

/* Pairs are {client = a, server = b}. */
static void set_durations_pair(lua_State *L, const char *name, const mc_durations *client, const mc_durations *server)
{
    lua_createtable(L, 0, 2);
    set_durations(L, "client", client);
    set_durations(L, "server", server);
    lua_setfield(L, -2, name);
}

static void set_examples_pair(lua_State *L, const char *name, const mc_examples v[2])
{
    lua_createtable(L, 0, 2);
    set_examples(L, "client", &v[0]);
    set_examples(L, "server", &v[1]);
    lua_setfield(L, -2, name);
}

static void set_pair(lua_State *L, const char *name, const uint64_t v[2])
{
    lua_createtable(L, 0, 2);
    set_count(L, "client", v[0]);
    set_count(L, "server", v[1]);
    lua_setfield(L, -2, name);
}

/* ---------------------------------------------------------------- direction */

static void push_late(lua_State *L, const mc_late_facts *l)
{
    lua_createtable(L, 0, 24);
#define COUNT(f) set_count(L, #f, l->f)
    COUNT(resent);
    COUNT(reordered);
    COUNT(duplicated);
    COUNT(undecided);
    COUNT(not_late);
    COUNT(resent_seen);
    COUNT(resent_unseen);
    COUNT(resent_needless);
    COUNT(resent_syns);
    COUNT(resent_fins);
    COUNT(resent_fins_needless);
    COUNT(by_repetition);
    COUNT(by_copy);
    COUNT(by_timestamp);
    COUNT(by_ip_id);
    COUNT(by_ack);
    COUNT(by_time);
    COUNT(lost_after_timeout);
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
    COUNT(unseen_acks);
    COUNT(unseen_bytes);
    COUNT(keep_alives);
#undef COUNT
}

/* What all SYNs of one side agree on; what they differ in is left out. */
static void set_offer(lua_State *L, const mc_connection_facts *c, int i)
{
    uint64_t n = c->syns_seen[i];

    if (n > 0 && c->initial_window_min[i] == c->initial_window_max[i])
        set_count(L, "initial_window", c->initial_window_max[i]);
    if (c->mss_max[i] != 0 && c->mss_min[i] == c->mss_max[i])
        set_count(L, "mss", c->mss_max[i]);
    if (c->scales_seen[i] == n && n > 0 && c->scale_min[i] == c->scale_max[i])
        set_count(L, "window_scale", c->scale_max[i]);
    if (n > 0 && (c->sack_permitted[i] == 0 || c->sack_permitted[i] == n))
        set_bool(L, "sack_permitted", c->sack_permitted[i] != 0);
    if (n > 0 && (c->timestamps[i] == 0 || c->timestamps[i] == n))
        set_bool(L, "timestamps", c->timestamps[i] != 0);
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
    set_offer(L, &f->connections, dir);
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
    lua_createtable(L, 0, 16);
#define X(name) set_examples(L, #name, &d->examples.name);
    MC_EXAMPLE_MAP(X)
#undef X
#define X(name) set_examples(L, #name, &d->cause_examples[MC_RESENT_##name]);
    MC_RESENT_CAUSE_MAP(X)
#undef X
    lua_setfield(L, -2, "examples");
}

/* -------------------------------------------------------------- connections */

static void push_resets(lua_State *L, const mc_connection_facts *c)
{
    int phase;

    lua_createtable(L, 0, 12);
    set_count(L, "connections", c->reset_connections);
    set_pair(L, "after_idle", c->idle_resets);
    lua_createtable(L, 0, 2);
    set_ms(L, "client", c->idle_reset_ns[0]);
    set_ms(L, "server", c->idle_reset_ns[1]);
    lua_setfield(L, -2, "after_idle_ms");
    for (phase = 1; phase < MC_RESET_PHASE_COUNT; phase++) {
        lua_createtable(L, 0, 3);
        set_count(L, "client", c->resets[phase][0]);
        set_count(L, "server", c->resets[phase][1]);
        set_examples_pair(L, "frames", c->reset_examples[phase]);
        lua_setfield(L, -2, mc_reset_phase_name(phase));
    }
    lua_createtable(L, 0, 10);
    set_pair(L, "ttl", c->sign_ttl);
    set_pair(L, "ip_id", c->sign_ip_id);
    set_pair(L, "sequence", c->sign_sequence);
    set_pair(L, "race", c->sign_race);
    set_pair(L, "soon", c->sign_soon);
    set_count(L, "both", c->sign_both);
    set_pair(L, "two_or_more", c->sign_two_or_more);
    set_pair(L, "against_ttl", c->counter_ttl);
    set_pair(L, "against_ip_id", c->counter_ip_id);
    set_examples_pair(L, "frames", c->suspect_examples);
    lua_setfield(L, -2, "signs");
}

/* {code = {client = {...}, server = {...}}}: what there is of it. */
static void set_outcomes(lua_State *L, const mc_connection_facts *c)
{
    int id, by;

    lua_createtable(L, 0, 8);
    for (id = 0; id < MC_OUTCOME_COUNT; id++) {
        if (c->outcomes[id][0].connections + c->outcomes[id][1].connections == 0)
            continue;
        lua_createtable(L, 0, 2);
        for (by = 0; by < 2; by++) {
            const mc_outcome_facts *o = &c->outcomes[id][by];

            if (o->connections == 0)
                continue;
            lua_createtable(L, 0, 5);
            set_count(L, "connections", o->connections);
            set_ms(L, "shortest_ms", o->shortest_ns);
            set_ms(L, "longest_ms", o->longest_ns);
            set_count(L, "bytes", o->bytes);
            if (o->detail > 0)
                set_count(L, "detail", o->detail);
            set_examples(L, "frames", &o->examples);
            lua_setfield(L, -2, by == 0 ? "client" : "server");
        }
        lua_setfield(L, -2, mc_outcome_name(id, false));
    }
    lua_setfield(L, -2, "outcomes");
}

static void push_handshakes(lua_State *L, const mc_connection_facts *c)
{
    lua_createtable(L, 0, 12);
    set_pair(L, "attempted", c->attempted);
    set_pair(L, "completed", c->completed);
    set_pair(L, "refused", c->refused);
    set_pair(L, "unanswered", c->unanswered);
    set_pair(L, "half_open", c->half_open);
    set_pair(L, "unanswered_unproven", c->unanswered_unproven);
    set_pair(L, "half_open_unproven", c->half_open_unproven);
    set_pair(L, "completed_retried", c->completed_retried);
    set_pair(L, "answers_missed", c->answers_missed);
    set_pair(L, "syn_retransmits", c->syn_retransmits);
    set_pair(L, "retried", c->retried);
    set_count(L, "without_data", c->data_less);
}

/* Only what there is: most captures have none of it. */
static void push_attempts(lua_State *L, const mc_attempt_facts *a)
{
    lua_newtable(L);
#define X(name)                                \
    if (a->name[0] > 0 || a->name[1] > 0)      \
        set_pair(L, #name, a->name);
    MC_ATTEMPT_MAP(X)
#undef X
#define X(name)                                \
    if (a->examples.name.count > 0)            \
        set_examples(L, #name "_frames", &a->examples.name);
    MC_ATTEMPT_EXAMPLE_MAP(X)
#undef X
    if (a->stale_opened[0] > 0)
        set_count(L, "stale_waited_ms", a->stale_waited_ms[0]);
    if (a->window_shut[0] > 0)
        set_ms(L, "window_shut_ms", a->window_shut_ns[0]);
    if (a->unaccepted_resent[0] > 0 || a->unaccepted_resent[1] > 0)
        set_pair(L, "unaccepted_resent", a->unaccepted_resent);
    if (a->scanned[0] > 0)
        set_count(L, "scan_ports", a->scan_ports);
    if (a->check_count == 0)
        return;
    if (a->one_checker)
        set_address(L, "checker", a->checker);
    if (a->check_count > 1)
        set_ms(L, "check_interval_ms", a->check_span_ns / (int64_t)(a->check_count - 1));
}

static void push_options(lua_State *L, const mc_connection_facts *c)
{
    lua_createtable(L, 0, 12);
    set_count(L, "both_syns", c->both_syns);
#define COUNT(f) set_count(L, #f, c->f)
    COUNT(scale_offered);
    COUNT(scale_agreed);
    COUNT(sack_offered);
    COUNT(sack_agreed);
    COUNT(ts_offered);
    COUNT(ts_agreed);
    COUNT(ecn_offered);
    COUNT(ecn_agreed);
#undef COUNT
}

static void push_offer(lua_State *L, const mc_connection_facts *c, int i)
{
    lua_createtable(L, 0, 8);
    set_count(L, "syns", c->syns_seen[i]);
    if (c->mss_max[i] != 0) {
        set_count(L, "mss_min", c->mss_min[i]);
        set_count(L, "mss_max", c->mss_max[i]);
    }
    set_offer(L, c, i);
}

static void push_connection_sums(lua_State *L, const mc_connection_facts *c)
{
    int i;

    lua_createtable(L, 0, 32);
#define COUNT(f) set_count(L, #f, c->f)
    COUNT(mid_stream);
    COUNT(clients);
    COUNT(server_ports);
    COUNT(with_data);
    COUNT(idle_gaps);
    COUNT(untold);
    COUNT(with_incomplete_history);
    COUNT(with_approximate_bytes);
    COUNT(with_approximate_rtt);
#undef COUNT
    set_bool(L, "clients_exact", c->clients_exact);
    set_ms(L, "max_idle_ms", c->max_idle_ns);
    set_pair(L, "opened_by", c->opened_by);
    set_pair(L, "one_sided", c->one_sided);
    set_count(L, "silent_answers", c->silent_answers);
    set_ms(L, "max_silence_ms", c->max_silence_ns);
    set_examples(L, "silent_frames", &c->silent_examples);
    set_count(L, "unaccepted", c->unaccepted);
    set_count(L, "unaccepted_idle", c->unaccepted_idle);
    set_examples(L, "unaccepted_frames", &c->unaccepted_examples);
    set_pair(L, "with_zero_window", c->with_zero_window);
    set_pair(L, "lossy", c->lossy_connections);
    set_pair(L, "black_hole", c->black_holes);
    set_pair(L, "vanished_bytes", c->vanished_bytes);
    set_pair(L, "with_vanished_bytes", c->with_vanished_bytes);
    lua_createtable(L, 0, 2);
    set_count(L, "client", c->black_hole_len[0]);
    set_count(L, "server", c->black_hole_len[1]);
    lua_setfield(L, -2, "black_hole_bytes");
    set_examples_pair(L, "black_hole_frames", c->black_hole_examples);
    lua_newtable(L);
    for (i = 0; i < MC_CONN_STATE_COUNT; i++)
        if (c->state[i] > 0)
            set_count(L, mc_conn_state_name(i, false), c->state[i]);
    lua_setfield(L, -2, "states");
    set_outcomes(L, c);
    push_attempts(L, &c->attempts);
    lua_setfield(L, -2, "attempts");
    push_options(L, c);
    push_offer(L, c, 0);
    lua_setfield(L, -2, "client");
    push_offer(L, c, 1);
    lua_setfield(L, -2, "server");
    lua_setfield(L, -2, "options");
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

static void push_capture(lua_State *L, const mc_capture_facts *c, uint64_t port_reuses)
{
    lua_createtable(L, 0, 48);
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
    COUNT(connections_not_kept);
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
#undef ROW
        lua_setfield(L, -2, directions[dir]);
    }
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
    push_connection_sums(L, &f->connections);
    mc_push_answers(L, &f->answers);
    lua_setfield(L, -2, "answers");
    lua_setfield(L, -2, "connection_sums");
    push_capture(L, &f->capture, f->connections.port_reuses);
    lua_setfield(L, -2, "capture");
    lua_createtable(L, (int)f->top_count, 0);
    for (i = 0; i < f->top_count; i++) {
        mc_push_connection(L, f, &f->top_connections[i]);
        lua_rawseti(L, -2, (int)i + 1);
    }
    lua_setfield(L, -2, "connections");
    mc_push_balances(L, f);
    push_handshakes(L, &f->connections);
    lua_setfield(L, -2, "handshakes");
    push_resets(L, &f->connections);
    lua_setfield(L, -2, "resets");
    lua_createtable(L, 0, 8);
    set_durations_pair(L, "handshake_rtt_ms", &f->handshake_rtt[0], &f->handshake_rtt[1]);
    set_durations_pair(L, "data_rtt_ms", &f->direction[1].rtt, &f->direction[0].rtt);
    set_durations(L, "server_response_ms", &f->server_response);
    set_durations(L, "client_think_ms", &f->client_think);
    set_examples(L, "slow_answer_frames", &f->slow_answers);
    lua_setfield(L, -2, "latency");
    lua_setfield(L, -2, "analysis");
    push_icmp(L, f);
    lua_setfield(L, -2, "icmp");
    if (strcmp(status, "no_match") == 0)
        set_candidates(L, f);
    push_timeline(L, f);
    lua_setfield(L, -2, "timeline");
}
