/*
 * lua_push_answers.c: who answers, who waits and who pauses, as a Lua table.
 */
#include "lua/lua_push.h"

#include "lua/lua_fields.h"

static void set_kind(lua_State *L, const char *name, const mc_answer_facts *f, mc_answer_kind kind)
{
    const mc_long_times *l = &f->slowest[kind];

    lua_createtable(L, 0, 7);
    set_count(L, "answers", f->answers[kind]);
    set_count(L, "acked_late", f->acked_late[kind]);
    set_count(L, "slow", f->slow[kind]);
    set_count(L, "very_slow", f->very_slow[kind]);
    set_count(L, "connections", l->connections);
    set_ms(L, "max_ms", l->max_ns);
    set_examples(L, "frames", &l->examples);
    lua_setfield(L, -2, name);
}

static void set_long_times(lua_State *L, const char *name, const mc_long_times *l)
{
    lua_createtable(L, 0, 5);
    set_count(L, "connections", l->connections);
    set_count(L, "count", l->count);
    set_ms(L, "sum_ms", l->sum_ns);
    set_ms(L, "max_ms", l->max_ns);
    set_examples(L, "frames", &l->examples);
    lua_setfield(L, -2, name);
}

static void push_side(lua_State *L, const mc_answer_facts *f, unsigned dir)
{
    lua_createtable(L, 0, 8);
    set_count(L, "unheard", f->unheard[dir]);
    set_examples(L, "unheard_frames", &f->unheard_examples[dir]);
    set_durations(L, "ack_wait_ms", &f->waits[dir]);
    set_count(L, "ack_not_awaited", f->waits_not[dir]);
    set_examples(L, "ack_wait_frames", &f->wait_examples[dir]);
    lua_createtable(L, 0, 5);
    set_count(L, "connections", f->small_mss[dir]);
    set_count(L, "mss", f->small_mss_least[dir]);
    set_count(L, "segments", f->small_mss_segments[dir]);
    set_count(L, "payload_bytes", f->small_mss_bytes[dir]);
    set_examples(L, "frames", &f->small_mss_examples[dir]);
    lua_setfield(L, -2, "small_mss");
}

void mc_push_answers(lua_State *L, const mc_answer_facts *f)
{
    lua_createtable(L, 0, 19);
    set_kind(L, "asked", f, MC_ANSWERS_ASKED);
    set_kind(L, "unasked", f, MC_ANSWERS_UNASKED);
    set_kind(L, "relayed", f, MC_ANSWERS_RELAYED);
    set_kind(L, "long_poll", f, MC_ANSWERS_PATIENT);
    lua_createtable(L, 0, 13);
    set_count(L, "connections", f->looped.connections);
    set_count(L, "answers", f->looped.answers);
    set_count(L, "slow", f->looped.slow);
    set_count(L, "timed", f->looped.timed);
    set_count(L, "timed_slow", f->looped.timed_slow);
    set_ms(L, "timed_ms", f->looped.timed_ns);
    set_count(L, "single", f->looped.single);
    if (f->looped.single > 0) {
        set_ms(L, "single_least_ms", f->looped.single_least_ns);
        set_ms(L, "single_most_ms", f->looped.single_most_ns);
    }
    set_count(L, "same", f->looped.same);
    set_count(L, "same_slow", f->looped.same_slow);
    if (f->looped.same > 0) {
        set_ms(L, "same_least_ms", f->looped.same_least_ns);
        set_ms(L, "same_most_ms", f->looped.same_most_ns);
    }
    lua_setfield(L, -2, "looped");
    set_count(L, "unsure", f->unsure);
    set_count(L, "relayed_handshakes", f->relayed);
    set_durations(L, "late_ack_ms", &f->late_acks);
    set_count(L, "server_first", f->server_first);
    set_long_times(L, "first_byte", &f->first_bytes);
    set_long_times(L, "first_pause", &f->first_pauses);
    set_long_times(L, "unspoken", &f->unspoken);
    set_long_times(L, "halts", &f->halts);
    set_count(L, "halt_pauses", f->halt_pauses);
    set_count(L, "loose_halts", f->loose_halts);
    set_long_times(L, "drips", &f->drips);
    set_count(L, "drip_pieces", f->drip_pieces);
    set_count(L, "drip_bytes", f->drip_bytes);
    set_long_times(L, "one_way", &f->one_way);
    set_count(L, "one_way_resets", f->one_way_resets);
    set_count(L, "vain_resets", f->vain_resets);
    push_side(L, f, 0);
    lua_setfield(L, -2, "client");
    push_side(L, f, 1);
    lua_setfield(L, -2, "server");
}
