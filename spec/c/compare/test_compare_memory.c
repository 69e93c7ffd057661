/*
 * test_compare_memory.c: memory ends during a comparison: requests all along fail once, and once for
 * good.  Nothing crashes, nothing leaks, and what is told is what is told with enough of it.
 */
#include <stdlib.h>

#include "compare/compare.h"
#include "fail_along.h"
#include "two_points.h"

#include "path_captures.h"

#define CONNECTIONS 20

static bytes captures[3];

static uint64_t sum_of(const mc_between_facts *f)
{
    uint64_t parts[] = { f->trails[0], f->trails[1], f->paired, f->given_up, f->direction[0].at_both,
                         f->direction[1].at_both, all_alone(f), f->row_count, f->wait[0].count };

    return fnv(1, parts, sizeof parts);
}

/* Three captures, with all that belongs to them. */
static uint64_t compare_captures(void)
{
    mc_input inputs[3];
    mc_compare_source sources[3];
    mc_options options = MC_OPTIONS_INIT;
    const mc_compare_facts *f = NULL;
    mc_compare *c = NULL;
    uint64_t sum = 0;
    mc_status status;
    mc_error err;
    unsigned i;

    for (i = 0; i < 3; i++) {
        inputs[i] = (mc_input){ .stream = fmemopen(captures[i].p, captures[i].len, "rb") };
        CHECK(inputs[i].stream != NULL);
        sources[i] = (mc_compare_source){ .inputs = &inputs[i], .input_count = 1 };
        CHECK_EQ(mc_endpoint_parse(&sources[i].server, "10.0.0.2", 7777, &err), MC_OK);
    }
    options.connections = 3;
    status = mc_compare_open(&c, sources, 3, &options, 0, &err);
    while (status == MC_OK)
        status = mc_compare_step(c, 100, 0, &err);
    CHECK(status == MC_END || status == MC_NOMEM);
    if (status == MC_END)
        f = mc_compare_get_facts(c);
    if (f != NULL)
        sum = f->facts[0]->capture.truncated || f->facts[1]->capture.truncated || f->facts[2]->capture.truncated
                  ? CUT_SHORT : sum_of(f->between[0]) ^ sum_of(f->between[1]);
    mc_compare_close(c);
    for (i = 0; i < 3; i++)
        fclose(inputs[i].stream);
    return sum;
}

/* Many connections at two points, so that every table and list grows. */
static uint64_t compare_segments(void)
{
    const uint64_t dropped[2] = { 0, 0 };
    const mc_between_facts *f = NULL;
    uint64_t sum = 0;
    bool whole = true;
    mc_error err;
    unsigned side, i;

    if (mc_between_open(&between, 1, WINDOW, ROWS, &err) != MC_OK) {
        CHECK_EQ(err.status, MC_NOMEM);
        return 0;
    }
    ids = 0;
    for (side = 0; side < 2 && whole; side++)
        for (i = 0; i < 2100 && whole; i++) {
            mc_tapped t = segment(1 + i, C, SYN, 1000 + 7 * i, 0, 0);

            t.seen.time_ns = (WAY_MS * side + i) * MC_NS_PER_MS;
            t.seen.frame = i + 1;
            whole = mc_between_take(between, side, &t, 1);
        }
    for (side = 0; side < 2 && whole; side++)                /* other pieces at each */
        for (i = 0; i < 100 && whole; i++) {
            mc_tapped t = segment(1, S, ACK, 5000 + i * (side + 1) * 100, 1001, 100 * (side + 1));

            t.seen.time_ns = (10000 + i - (side == 1 ? WAY_MS : 0)) * MC_NS_PER_MS;
            t.seen.frame = 5000 + i;
            whole = mc_between_take(between, side, &t, 1);
        }
    for (side = 0; side < 2; side++)
        mc_between_read(between, side, 0, 20000 * MC_NS_PER_MS, true);
    f = mc_between_finish(between, dropped);
    CHECK(whole || f == NULL);                               /* what could not be kept is not told */
    if (f != NULL)
        sum = sum_of(f);
    mc_between_close(between);
    between = NULL;
    return sum;
}

static void test_requests_of_a_comparison_of_captures_fail(void)
{
    uint8_t hidden[CONNECTIONS] = { 0 };
    unsigned i;

    hidden[5] = 1;
    for (i = 0; i < 3; i++)
        captures[i] = path_capture(i, 3, CONNECTIONS, hidden);
    fail_along(compare_captures, false);
    fail_along(compare_captures, true);
    for (i = 0; i < 3; i++)
        free(captures[i].p);
}

static void test_requests_of_a_comparison_of_segments_fail(void)
{
    fail_along(compare_segments, false);
    fail_along(compare_segments, true);
}

int main(void)
{
    RUN(test_requests_of_a_comparison_of_captures_fail);
    RUN(test_requests_of_a_comparison_of_segments_fail);
    return DONE();
}
