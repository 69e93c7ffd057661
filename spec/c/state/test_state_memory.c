/*
 * test_state_memory.c: memory ends while an analysis is saved, joined, or goes on: requests all along fail once, and once for
 * good.  Nothing crashes, nothing leaks, and what a state tells is what it tells with enough of it.
 */
#include <unistd.h>

#include "fail_along.h"
#include "saved.h"
#include "talk_kinds.h"
#include "temp_folder.h"

static char pieces[2][160], parts[2][160], state[160], joined[160];

static void name(char to[160], const char *path)
{
    snprintf(to, 160, "%s", path);
}

static uint64_t sum_of(mc_session *s)
{
    const mc_facts *f = s != NULL ? mc_session_facts(s) : NULL;
    uint64_t sum = 0;

    if (f != NULL) {
        CHECK(f->capture.short_of_memory == (f->capture.connections_not_kept > 0));      /* there are less than 'usual' has */
        sum = fnv(1, f->direction, sizeof f->direction);
        sum = f->capture.truncated || f->capture.stopped != MC_OK || f->capture.connections_not_kept > 0 ||
              f->connections.untold > 0 || !f->connections.clients_exact ? CUT_SHORT : fnv(sum, &f->connections, sizeof f->connections);
    }
    mc_session_close(s);
    return sum;
}

/* Of a saved file; 0: none was saved, and then no half of one is left. */
static uint64_t sum_of_state(bool saved, const char *path)
{
    const int on = memory.on;
    uint64_t sum = 0;

    memory.on = false;
    if (saved)
        sum = sum_of(go_on(path, NULL, 0));
    else
        CHECK(access(path, F_OK) != 0);
    CHECK(!saved || unlink(path) == 0);
    memory.on = on;
    return sum;
}

static uint64_t save_all(void)
{
    const char *const all[2] = { pieces[0], pieces[1] };

    return sum_of_state(save_of(all, 2, usual, joined), joined);
}

static uint64_t save_behind(void)
{
    const char *const second[1] = { pieces[1] };
    mc_options options = usual;

    options.state = state;
    return sum_of_state(save_of(second, 1, options, joined), joined);
}

static uint64_t save_piece(void)
{
    return sum_of_state(save_part(pieces[0], 1, 1, joined), joined);
}

static uint64_t join(void)
{
    const char *const both[2] = { parts[0], parts[1] };

    return sum_of_state(mc_state_join(both, 2, joined, &failure) == MC_OK, joined);
}

static uint64_t go_behind(void)
{
    const char *const second[1] = { pieces[1] };

    return sum_of(go_on(state, second, 1));
}

static void test_requests_of_what_is_saved_fail(void)
{
    fail_along(save_all, false);
    fail_along(save_all, true);
    fail_along(save_piece, false);
    fail_along(save_piece, true);
}

static void test_requests_of_what_goes_on_fail(void)
{
    fail_along(go_behind, false);
    fail_along(go_behind, true);
    fail_along(save_behind, false);
    fail_along(save_behind, true);
}

static void test_requests_of_what_is_joined_fail(void)
{
    fail_along(join, false);
    fail_along(join, true);
}

/* Two pieces of a capture of all kinds of frames, a part of each, and the state behind the first. */
static bool make_pieces(void)
{
    const char *const first[1] = { pieces[0] };
    size_t at = 24, records = 0, middle = 0;
    bytes second = { .big = false };
    talk t;

    talk_of_all_kinds(&t);
    for (; at + 16 <= t.file.len; at += 16 + mc_le32(t.file.p + at + 8))
        if (++records == 90)
            middle = at;
    put(&second, t.file.p, 24);
    put(&second, t.file.p + middle, t.file.len - middle);
    name(pieces[0], write_file("first", t.file.p, middle));
    name(pieces[1], write_file("second", second.p, second.len));
    name(parts[0], name_of("part0"));
    name(parts[1], name_of("part1"));
    name(state, name_of("state"));
    name(joined, name_of("joined"));
    free(second.p);
    talk_free(&t);
    return middle > 0 && save_part(pieces[0], 1, 2, parts[0]) && save_part(pieces[1], 2, 2, parts[1]) &&
           save_of(first, 1, usual, state);
}

int main(void)
{
    usual = (mc_options)MC_OPTIONS_INIT;
    usual.max_connections = 1000;
    target = talk_host(SERVER, 80);
    if (!make_folder() || !make_pieces())
        return fprintf(stderr, "%s\n", failure.msg), 1;
    RUN(test_requests_of_what_is_saved_fail);
    RUN(test_requests_of_what_goes_on_fail);
    RUN(test_requests_of_what_is_joined_fail);
    remove_folder();
    return DONE();
}
