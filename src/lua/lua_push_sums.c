/*
 * lua_push_sums.c: the sums over all connections: how they were opened, what became of
 * them, who reset them.
 */
#include "lua/lua_push.h"

#include "lua/lua_fields.h"

void mc_set_syn_options(lua_State *L, const mc_connection_facts *c, int side)
{
    uint64_t n = c->syns_seen[side];

    if (n > 0 && c->initial_window_min[side] == c->initial_window_max[side])
        set_count(L, "initial_window", c->initial_window_max[side]);
    if (c->mss_max[side] != 0 && c->mss_min[side] == c->mss_max[side])
        set_count(L, "mss", c->mss_max[side]);
    if (c->scales_seen[side] == n && n > 0 && c->scale_min[side] == c->scale_max[side])
        set_count(L, "window_scale", c->scale_max[side]);
    if (n > 0 && (c->sack_permitted[side] == 0 || c->sack_permitted[side] == n))
        set_bool(L, "sack_permitted", c->sack_permitted[side] != 0);
    if (n > 0 && (c->timestamps[side] == 0 || c->timestamps[side] == n))
        set_bool(L, "timestamps", c->timestamps[side] != 0);
}

void mc_push_resets(lua_State *L, const mc_connection_facts *c)
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
    lua_createtable(L, 0, 11);
    set_pair(L, "ttl", c->sign_ttl);
    set_pair(L, "ip_id", c->sign_ip_id);
    set_pair(L, "sequence", c->sign_sequence);
    set_pair(L, "race", c->sign_race);
    set_pair(L, "soon", c->sign_soon);
    set_pair(L, "echo", c->sign_echo);
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

void mc_push_handshakes(lua_State *L, const mc_connection_facts *c)
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
    if (a->first_lost[0] > 0 || a->first_lost[1] > 0) {
        set_pair(L, "first_lost", a->first_lost);
        set_pair(L, "first_lost_segments", a->first_lost_segments);
    }
    if (a->unaccepted_resent[0] > 0 || a->unaccepted_resent[1] > 0)
        set_pair(L, "unaccepted_resent", a->unaccepted_resent);
    if (a->scanned[0] > 0)
        set_count(L, "scan_ports", a->scan_ports);
    if (a->unanswered_everywhere[0] > 0)
        set_count(L, "everywhere_hosts", a->everywhere_hosts);
    if (a->swept[0] > 0) {
        set_count(L, "sweep_hosts", a->sweep_hosts);
        set_count(L, "sweep_answered", a->sweep_answered);
    }
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

static void push_syn_options(lua_State *L, const mc_connection_facts *c, int side)
{
    lua_createtable(L, 0, 8);
    set_count(L, "syns", c->syns_seen[side]);
    if (c->mss_max[side] != 0) {
        set_count(L, "mss_min", c->mss_min[side]);
        set_count(L, "mss_max", c->mss_max[side]);
    }
    mc_set_syn_options(L, c, side);
}

void mc_push_connection_sums(lua_State *L, const mc_connection_facts *c)
{
    int i;

    lua_createtable(L, 0, 40);
#define COUNT(f) set_count(L, #f, c->f)
    COUNT(mid_stream);
    COUNT(clients);
    COUNT(server_ports);
    if (c->attempts.other_ports_answered > 0) {
        set_count(L, "other_ports_answered", c->attempts.other_ports_answered);
        set_examples(L, "other_ports_answered_frames", &c->attempts.other_ports_answered_frames);
    }
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
    set_count(L, "strays", c->strays);
    set_count(L, "stray_bytes", c->stray_bytes);
    set_examples(L, "stray_frames", &c->stray_examples);
    set_count(L, "unaccepted", c->unaccepted);
    set_count(L, "unaccepted_idle", c->unaccepted_idle);
    set_count(L, "unaccepted_echoed", c->unaccepted_echoed);
    set_examples(L, "unaccepted_frames", &c->unaccepted_examples);
    set_pair(L, "with_zero_window", c->with_zero_window);
    set_pair(L, "with_closing_window", c->with_closing_window);
    set_pair(L, "lossy", c->lossy_connections);
    set_pair(L, "lossy_unsure", c->lossy_unsure);
    set_count(L, "gone_here", c->gone_here);
    set_pair(L, "idle_lost_heard", c->idle_lost_heard);
    set_pair(L, "black_hole", c->black_holes);
    set_pair(L, "black_hole_sure", c->sure_black_holes);
    set_pair(L, "black_hole_reset", c->black_hole_resets);
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
    push_syn_options(L, c, 0);
    lua_setfield(L, -2, "client");
    push_syn_options(L, c, 1);
    lua_setfield(L, -2, "server");
    lua_setfield(L, -2, "options");
}
