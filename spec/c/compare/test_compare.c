/*
 * test_compare.c: several captures read in step, and what lies between each two of them.
 */
#include "check.h"
#include "compare/compare.h"
#include "path_captures.h"

#define CONNECTIONS 40

static mc_compare *comparison;
static bytes captures[MC_COMPARE_POINTS];
static FILE *streams[MC_COMPARE_POINTS];

/* Of these captures, in this order. */
static mc_status open_points(const bytes *list, size_t count, uint32_t window, mc_error *err)
{
    static mc_input inputs[MC_COMPARE_POINTS];
    mc_compare_source sources[MC_COMPARE_POINTS + 1];
    mc_options options = MC_OPTIONS_INIT;
    size_t i;

    for (i = 0; i < count && i < MC_COMPARE_POINTS; i++) {
        if (streams[i] != NULL)
            fclose(streams[i]);
        streams[i] = fmemopen(list[i].p, list[i].len, "rb");
        CHECK(streams[i] != NULL);
        inputs[i] = (mc_input){ .stream = streams[i] };
        sources[i] = (mc_compare_source){ .inputs = &inputs[i], .input_count = 1 };
        CHECK_EQ(mc_endpoint_parse(&sources[i].server, "10.0.0.2", 7777, err), MC_OK);
    }
    options.connections = 5;
    mc_compare_close(comparison);
    return mc_compare_open(&comparison, sources, count, &options, window, err);
}

static void make(unsigned points, const uint8_t *hidden)
{
    unsigned i;

    for (i = 0; i < points; i++) {
        free(captures[i].p);
        captures[i] = path_capture(i, points, CONNECTIONS, hidden);
    }
}

static const mc_compare_facts *finish(void)
{
    mc_error err;

    while (mc_compare_step(comparison, 100, 0, &err) == MC_OK)
        ;
    return mc_compare_get_facts(comparison);
}

static void test_two_points(void)
{
    const mc_compare_facts *f;
    mc_error err;

    make(2, NULL);
    CHECK_EQ(open_points(captures, 2, 0, &err), MC_OK);
    f = finish();
    CHECK(f != NULL);
    CHECK_EQ(f->points, 2);
    CHECK(f->window > 100000);                               /* the default */
    CHECK_EQ(f->order[0], 0);
    CHECK_EQ(f->unclear[0] + f->unclear[1], 0);
    CHECK_EQ(f->facts[1]->capture.frames, 6 * CONNECTIONS);
    CHECK_EQ(f->between[0]->paired, CONNECTIONS);
    CHECK_EQ(f->between[0]->direction[0].at_both, 3 * CONNECTIONS);
    CHECK_EQ(f->between[0]->direction[1].at_both, 3 * CONNECTIONS);
    CHECK_EQ(f->between[0]->clock.round_trip_ns, 2 * PATH_MS * MC_NS_PER_MS);
    CHECK(f->between[0]->order_known && f->between[0]->near == 0);
    CHECK_EQ(f->between[0]->row_count, 5);
    CHECK(mc_compare_get_facts(comparison)->between[0] == f->between[0]);        /* asked again */
}

/* However they are given, they come in the order of the path, and what lies between two neighbours is that. */
static void test_points_are_put_in_order(void)
{
    static const unsigned orders[][4] = { { 0, 1, 2, 3 }, { 3, 2, 1, 0 }, { 2, 0, 3, 1 }, { 1, 3, 0, 2 } };
    uint8_t hidden[CONNECTIONS] = { 0 };
    const mc_compare_facts *f;
    bytes list[4];
    mc_error err;
    size_t i, k;

    hidden[7] = 0x3;                                         /* lost between the second and the third */
    make(4, hidden);
    for (i = 0; i < sizeof orders / sizeof orders[0]; i++) {
        for (k = 0; k < 4; k++)
            list[k] = captures[orders[i][k]];
        CHECK_EQ(open_points(list, 4, 0, &err), MC_OK);
        f = finish();
        for (k = 0; k < 4; k++)
            CHECK_EQ(orders[i][f->order[k]], k);
        for (k = 0; k < 3; k++) {
            const uint32_t *side = f->side[k];
            const mc_between_direction *d = &f->between[k]->direction[1];

            CHECK(side[0] < side[1]);
            CHECK_EQ(orders[i][side[0]] + orders[i][side[1]], 2 * k + 1);
            CHECK_EQ(d->at_both, 3 * CONNECTIONS - (k == 1) - (k == 0));
            CHECK_EQ(d->alone[MC_ALONE_lost][0].count + d->alone[MC_ALONE_lost][1].count +
                     d->alone[MC_ALONE_missed][0].count + d->alone[MC_ALONE_missed][1].count, k == 1);
        }
    }
}

/* A stream alone has no second reading, in which its two points would be told apart. */
static void test_how_many_can_be_compared(void)
{
    mc_error err;

    make(1, NULL);
    CHECK_EQ(open_points(captures, 1, 0, &err), MC_INVALID);
    CHECK(strstr(err.msg, "only once") != NULL);
    CHECK(comparison == NULL);
    CHECK_EQ(open_points(captures, 0, 0, &err), MC_INVALID);
    CHECK_EQ(open_points(captures, MC_COMPARE_POINTS + 1, 0, &err), MC_INVALID);
    CHECK(strstr(err.msg, "to 6 captures") != NULL);
}

/* The second is no capture: it has nothing, and says why; the first is as it would be alone. */
static void test_what_cannot_be_read_says_why(void)
{
    const mc_compare_facts *f;
    uint8_t words[] = "no capture";
    const bytes none = { .p = words, .len = sizeof words };
    mc_error err;

    make(2, NULL);
    free(captures[1].p);
    captures[1] = (bytes){ 0 };
    CHECK_EQ(open_points((bytes[2]){ captures[0], none }, 2, 0, &err), MC_OK);
    while (mc_compare_step(comparison, 0, 0, &err) == MC_OK)
        ;
    f = mc_compare_get_facts(comparison);
    CHECK_EQ(f->facts[1]->capture.stopped, MC_FORMAT);
    CHECK_EQ(f->facts[1]->capture.frames, 0);
    CHECK(f->facts[1]->capture.stopped_reason[0] != '\0');
    CHECK_EQ(f->facts[0]->capture.stopped, MC_OK);
    CHECK(f->facts[0]->capture.frames > 0);
    CHECK_EQ(f->between[0]->paired, 0);
}

/* Small steps, and a budget and an error that are not given, come to the same. */
static void test_steps_of_any_size_come_to_the_same(void)
{
    static const size_t budgets[] = { 1, 7, 255, 256, 0 };
    uint64_t done, total;
    mc_error err;
    size_t i;

    make(2, NULL);
    for (i = 0; i < sizeof budgets / sizeof budgets[0]; i++) {
        CHECK_EQ(open_points(captures, 2, 300, &err), MC_OK);
        while (mc_compare_step(comparison, budgets[i], 0, NULL) == MC_OK)
            ;
        mc_compare_progress(comparison, &done, &total);
        CHECK_EQ(done, captures[0].len + captures[1].len);
        CHECK_EQ(mc_compare_get_facts(comparison)->between[0]->paired, CONNECTIONS);
        CHECK_EQ(mc_compare_get_facts(comparison)->window, 300);
    }
}

/* Broken off in the midst: what was read by then is compared, and says so. */
static void test_a_comparison_that_is_stopped_has_facts(void)
{
    const mc_compare_facts *f;
    mc_error err;

    make(2, NULL);
    CHECK_EQ(open_points(captures, 2, 0, &err), MC_OK);
    CHECK_EQ(mc_compare_step(comparison, 100, 0, &err), MC_OK);
    mc_compare_stop(comparison, MC_CANCELLED, "enough");
    f = mc_compare_get_facts(comparison);
    CHECK(f != NULL);
    CHECK_EQ(f->facts[0]->capture.stopped, MC_CANCELLED);
    CHECK_EQ(f->facts[1]->capture.stopped, MC_CANCELLED);
    CHECK(f->facts[0]->capture.frames < 6 * CONNECTIONS);
}

/* One of them ends in the midst of a packet: the other is read on. */
static void test_a_capture_that_is_cut_ends_sooner(void)
{
    const mc_compare_facts *f;
    mc_error err;

    make(2, NULL);
    captures[1].len /= 2;
    CHECK_EQ(open_points(captures, 2, 0, &err), MC_OK);
    f = finish();
    CHECK_EQ(f->facts[0]->capture.frames, 6 * CONNECTIONS);
    CHECK(f->facts[1]->capture.frames < 6 * CONNECTIONS);
    CHECK(f->between[0]->unpaired[MC_UNPAIRED_outside][0] > 10);
    CHECK_EQ(f->between[0]->unpaired[MC_UNPAIRED_no_partner][0], 0);
}

/* While nothing tells how the clocks differ, and much waits, they are read by the times as they stand. */
static void test_points_with_nothing_in_common(void)
{
    const mc_compare_facts *f;
    bytes other = { .big = false };
    mc_error err;
    unsigned i;

    make(1, NULL);
    put_pcap_header(&other, MAGIC_US, 2, 4, 65535, 1);
    for (i = 0; i < 200; i++)                                /* a session that is no other one's */
        put_segment(&other, 1000000 + 20000 * i, 50000, false, MC_TH_ACK, 1 + 50 * i, 1, 50, 0);
    CHECK_EQ(open_points((bytes[2]){ captures[0], other }, 2, 60, &err), MC_OK);
    f = finish();
    CHECK_EQ(f->between[0]->paired, 0);
    CHECK(!f->between[0]->order_known);
    CHECK(f->between[0]->given_up > 0);
    CHECK_EQ(f->order[0], 0);                                /* as they were given */
    free(other.p);
}

/* How the two points of one merged file may be told apart. */
typedef enum told_by { BY_NOTHING, BY_LINK, BY_VLAN } told_by;

static uint64_t time_at(const bytes *b, size_t at)
{
    return at < b->len ? (uint64_t)mc_le32(b->p + at) * 1000000 + mc_le32(b->p + at + 4) : UINT64_MAX;
}

/* The records of two captures in order of time; those of the second are marked. */
static bytes merge(const bytes *a, const bytes *b, told_by how)
{
    const bytes *from[2] = { a, b };
    bytes out = { .big = false };
    size_t at[2] = { 24, 24 };

    put(&out, a->p, 24);
    while (at[0] < a->len || at[1] < b->len) {
        const unsigned second = time_at(b, at[1]) < time_at(a, at[0]);
        const uint8_t *record = from[second]->p + at[second];
        const uint32_t n = mc_le32(record + 8), more = second && how == BY_VLAN ? 4 : 0;
        const uint8_t tag[4] = { 0x81, 0, 0, 7 };
        const size_t begins = out.len;

        put(&out, record, 8);
        put32(&out, n + more);
        put32(&out, n + more);
        put(&out, record + 16, 12);
        put(&out, tag, more);
        put(&out, record + 28, n - 12);
        if (second && how == BY_LINK)
            out.p[begins + 16] = out.p[begins + 22] = 4;     /* other hosts */
        at[second] += 16 + n;
    }
    return out;
}

/* One file with the traffic of two points, and a server that may not be in it. */
static mc_status open_file(const bytes *b, const char *server, mc_error *err)
{
    const mc_input input = { .path = file_with(b->p, b->len) };
    mc_compare_source source = { .inputs = &input, .input_count = 1 };
    mc_options options = MC_OPTIONS_INIT;
    mc_status status;

    CHECK_EQ(mc_endpoint_parse(&source.server, server, 7777, err), MC_OK);
    options.connections = 5;
    mc_compare_close(comparison);
    status = mc_compare_open(&comparison, &source, 1, &options, 0, err);
    if (status == MC_OK)
        CHECK_EQ(finish() != NULL, true);
    drop_file();
    return status;
}

static void test_two_points_in_one_file(void)
{
    static const told_by ways[] = { BY_LINK, BY_VLAN };
    const mc_compare_facts *f;
    mc_error err;
    size_t i;

    make(2, NULL);
    for (i = 0; i < sizeof ways / sizeof ways[0]; i++) {
        bytes both = merge(&captures[0], &captures[1], ways[i]);

        CHECK_EQ(open_file(&both, "10.0.0.2", &err), MC_OK);
        f = mc_compare_get_facts(comparison);
        CHECK_EQ(f->points, 2);
        CHECK_EQ(f->between[0]->paired, CONNECTIONS);
        CHECK_EQ(f->between[0]->direction[0].at_both, 3 * CONNECTIONS);
        CHECK(f->between[0]->order_known);
        free(both.p);
    }
}

/* The near misses: one point, two that nothing tells apart, another server. */
static void test_one_file_that_cannot_be_split(void)
{
    mc_error err;
    bytes both;

    make(2, NULL);
    CHECK_EQ(open_file(&captures[0], "10.0.0.2", &err), MC_INVALID);
    CHECK(strstr(err.msg, "neither interface, VLAN nor link") != NULL);
    both = merge(&captures[0], &captures[1], BY_NOTHING);
    CHECK_EQ(open_file(&both, "10.0.0.2", &err), MC_INVALID);
    CHECK_EQ(open_file(&both, "10.0.0.99", &err), MC_INVALID);
    CHECK(strstr(err.msg, "no traffic of this server") != NULL);
    CHECK(comparison == NULL);
    free(both.p);
}

int main(void)
{
    unsigned i;

    RUN(test_two_points);
    RUN(test_points_are_put_in_order);
    RUN(test_how_many_can_be_compared);
    RUN(test_what_cannot_be_read_says_why);
    RUN(test_steps_of_any_size_come_to_the_same);
    RUN(test_a_comparison_that_is_stopped_has_facts);
    RUN(test_a_capture_that_is_cut_ends_sooner);
    RUN(test_points_with_nothing_in_common);
    RUN(test_two_points_in_one_file);
    RUN(test_one_file_that_cannot_be_split);
    mc_compare_close(comparison);
    for (i = 0; i < MC_COMPARE_POINTS; i++) {
        free(captures[i].p);
        if (streams[i] != NULL)
            fclose(streams[i]);
    }
    return DONE();
}
