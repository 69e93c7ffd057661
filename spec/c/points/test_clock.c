/*
 * test_clock.c: what the differences of two clocks' times tell: offset, drift, steps, the way.
 *
 * A segment of direction 0 passes point 0 first, unless a test says otherwise.
 */
#include "points/clock.h"

#include "check.h"

#define MS MC_NS_PER_MS
#define S  MC_NS_PER_S

static mc_clock clock_;

static void begin(void)
{
    mc_clock_free(&clock_);
    CHECK(mc_clock_init(&clock_));
}

/* One segment each way at 'at', point 1's clock 'ahead', each way as long as said. */
static void both_ways(int64_t at, int64_t ahead, int64_t forth, int64_t back)
{
    mc_clock_add(&clock_, 0, at, at + ahead + forth);
    mc_clock_add(&clock_, 1, at, at + ahead - back);
}

static mc_clock_facts facts(void)
{
    mc_clock_facts f;

    mc_clock_fill(&clock_, 0, &f);
    return f;
}

/* -------------------------------------------------------------------- offset */

static void test_nothing_is_known_of_nothing(void)
{
    int64_t ns, blur;

    begin();
    CHECK(!mc_clock_difference(&clock_, &ns));
    CHECK(!mc_clock_round_trip(&clock_, 0, &ns, &blur));
    CHECK(!mc_clock_expected(&clock_, 0, 0, &ns, &blur));
    CHECK(!facts().known);
    CHECK(!facts().round_trip_known);
    CHECK_EQ(facts().delay[0].count, 0);
}

static void test_the_offset_is_the_middle_of_both_ways(void)
{
    mc_clock_facts f;
    int i;

    begin();
    for (i = 0; i < 10; i++)
        both_ways(i * MS, 700 * MS, (3 + i % 4) * MS, (3 + i % 3) * MS);
    f = facts();
    CHECK(f.known && f.round_trip_known);
    CHECK_EQ(f.offset_ns, 700 * MS);
    CHECK_EQ(f.round_trip_ns, 6 * MS);
    CHECK_EQ(f.uncertainty_ns, 3 * MS);                      /* all that an asymmetry could hide */
    CHECK(!f.drift_known);                                   /* 10 ms are too short for one */
    CHECK_EQ(f.delay[0].count, 10);
    CHECK_EQ(f.delay[0].min_ns, 0);                          /* above the smallest */
    CHECK_EQ(f.delay[0].max_ns, 3 * MS);
    CHECK_EQ(f.delay[1].max_ns, 2 * MS);
}

/* Of one direction alone clock and way cannot be told apart. */
static void test_one_direction_tells_no_offset(void)
{
    int64_t ns, blur;

    begin();
    mc_clock_add(&clock_, 1, 5 * S, 5 * S + 40 * MS);
    mc_clock_add(&clock_, 1, 6 * S, 6 * S + 42 * MS);
    CHECK(!facts().known);
    CHECK(!mc_clock_round_trip(&clock_, 0, &ns, &blur));
    CHECK(mc_clock_difference(&clock_, &ns));                /* but how far to read ahead */
    CHECK_EQ(ns, 42 * MS);
    CHECK_EQ(facts().delay[0].count, 0);
    CHECK_EQ(facts().delay[1].count, 2);
    mc_clock_add(&clock_, 0, 7 * S, 7 * S + 44 * MS);
    CHECK(mc_clock_difference(&clock_, &ns));
    CHECK_EQ(ns, 43 * MS);
}

/* The way there and back is negative for the order of the points that is not theirs. */
static void test_the_sign_of_the_way_tells_the_order(void)
{
    int64_t ns, blur;

    begin();
    both_ways(0, S, 3 * MS, 2 * MS);
    both_ways(100 * S, S, 3 * MS, 2 * MS);
    CHECK(mc_clock_round_trip(&clock_, 0, &ns, &blur));
    CHECK_EQ(ns, 5 * MS);
    CHECK_EQ(blur, 100 * S / 5000);                          /* of 200 ppm */
    CHECK(mc_clock_round_trip(&clock_, 1, &ns, &blur));
    CHECK_EQ(ns, -5 * MS);
}

/* What is likely the same tells the way for as long as nothing is sure, and no longer. */
static void test_what_is_likely_tells_until_something_is_sure(void)
{
    int64_t ns, blur;

    begin();
    mc_clock_add_likely(&clock_, 1, 2 * S, 2 * S + 6 * MS);
    CHECK(mc_clock_difference(&clock_, &ns));
    CHECK_EQ(ns, 6 * MS);
    CHECK(!mc_clock_round_trip(&clock_, 0, &ns, &blur));     /* one direction only */
    mc_clock_add_likely(&clock_, 0, S, S + 10 * MS);
    mc_clock_add_likely(&clock_, 0, 2 * S, 2 * S + 12 * MS);
    mc_clock_add_likely(&clock_, 0, 3 * S, 3 * S + 9 * MS);
    mc_clock_add_likely(&clock_, 1, 4 * S, 4 * S + 5 * MS);
    CHECK(mc_clock_round_trip(&clock_, 0, &ns, &blur));
    CHECK_EQ(ns, 3 * MS);                                    /* 9 less 6, the barest of each */
    CHECK_EQ(blur, 2 * S / 5000);
    CHECK(mc_clock_expected(&clock_, 0, 0, &ns, &blur));
    CHECK_EQ(ns, 9 * MS);
    CHECK_EQ(blur, 3 * MS);
    CHECK(mc_clock_expected(&clock_, 1, 0, &ns, &blur));
    CHECK_EQ(ns, 6 * MS);
    CHECK(mc_clock_difference(&clock_, &ns));
    CHECK_EQ(ns, 9 * MS);

    mc_clock_add(&clock_, 0, 5 * S, 5 * S + 20 * MS);
    CHECK(mc_clock_difference(&clock_, &ns));
    CHECK_EQ(ns, 20 * MS);
    CHECK(mc_clock_expected(&clock_, 0, 0, &ns, &blur));
    CHECK_EQ(ns, 20 * MS);
}

/* Delays change: what came by last says what the next one takes. */
static void test_the_latest_say_what_is_expected(void)
{
    int64_t ns, spread;

    begin();
    mc_clock_add(&clock_, 0, 0, 3 * MS);
    mc_clock_add(&clock_, 0, 10 * S, 10 * S + 30 * MS);
    mc_clock_add(&clock_, 0, 10 * S + MS, 10 * S + 35 * MS);
    mc_clock_add(&clock_, 1, 20 * S, 20 * S - MS);           /* a later one, of the other direction */
    CHECK(mc_clock_expected(&clock_, 0, 0, &ns, &spread));
    CHECK_EQ(ns, 30 * MS);
    CHECK_EQ(spread, 4 * MS);
    CHECK(mc_clock_expected(&clock_, 0, 1, &ns, &spread));   /* if it passes point 1 first, the other end */
    CHECK_EQ(ns, 34 * MS);
}

/* ----------------------------------------------------------- drift and steps */

/* For 'seconds' an exchange every 100 ms; point 1's clock is wrong by 'ppm' from the first on. */
static void drift(int seconds, int64_t ppm)
{
    int64_t at;

    for (at = 0; at < seconds * S; at += 100 * MS)
        both_ways(at, at / 1000000 * ppm, 2 * MS, 2 * MS);
}

static void test_a_drift_moves_both_directions(void)
{
    mc_clock_facts f;

    begin();
    drift(60, 50);
    f = facts();
    CHECK(f.drift_known);
    CHECK(f.drift_ppm > 49 && f.drift_ppm < 51);
    CHECK_EQ(f.steps, 0);
    CHECK(f.delay[0].max_ns < MS / 10);                      /* the drift is no delay */
    CHECK(f.offset_ns > MS && f.offset_ns < 2 * MS);         /* in the middle of the time: 1.5 ms */
}

static void test_a_clock_that_runs_slow_drifts_the_other_way(void)
{
    begin();
    drift(60, -80);
    CHECK(facts().drift_ppm < -79 && facts().drift_ppm > -81);
}

/* The near miss: a queue that fills moves one direction, and is a delay. */
static void test_a_queue_that_fills_is_no_drift(void)
{
    mc_clock_facts f;
    int64_t at;

    begin();
    for (at = 0; at < 60 * S; at += 100 * MS)
        both_ways(at, 0, 2 * MS + at / 2000, 2 * MS);
    f = facts();
    CHECK(f.drift_known && f.drift_ppm > -1 && f.drift_ppm < 1);
    CHECK(f.delay[0].max_ns > 25 * MS);
    CHECK(f.delay[1].max_ns < MS);
}

/* No crystal is wrong by a tenth: something else moves both. */
static void test_a_drift_that_no_crystal_has_is_none(void)
{
    begin();
    drift(60, 100000);
    CHECK(facts().drift_known && facts().drift_ppm == 0);
}

static void test_a_clock_that_is_set_steps_once(void)
{
    mc_clock_facts f;
    int64_t at;

    begin();
    for (at = 0; at < 60 * S; at += 100 * MS)
        both_ways(at, at < 30 * S ? 0 : 80 * MS, 2 * MS, 2 * MS);
    f = facts();
    CHECK_EQ(f.steps, 1);
    CHECK_EQ(f.step_ns, 80 * MS);
    CHECK(f.step_at_ns > 29 * S && f.step_at_ns < 31 * S);
    CHECK(f.drift_ppm > -1 && f.drift_ppm < 1);              /* what is left has none */
    CHECK_EQ(f.delay[0].count, 0);                           /* it would look like a delay of 80 ms */
}

/* Within two seconds, amidst a bucket, and by more than the way there and back; by less it may be another route. */
static void test_a_step_in_a_short_capture(void)
{
    const int64_t steps[2] = { 400 * MS, 250 * MS };
    unsigned i;
    int64_t at;

    for (i = 0; i < 2; i++) {
        begin();
        for (at = 0; at < 1900 * MS; at += 50 * MS)
            both_ways(at, at < 850 * MS ? 0 : steps[i], 150 * MS, 150 * MS);
        CHECK_EQ(facts().steps, i == 0);
        CHECK_EQ(facts().step_ns, i == 0 ? steps[0] : 0);
    }
}

/* Set forth and back again: the greater of both is shown. */
static void test_of_two_steps_the_greater_is_shown(void)
{
    mc_clock_facts f;
    int64_t at;

    begin();
    for (at = 0; at < 60 * S; at += 100 * MS)
        both_ways(at, at < 20 * S ? 0 : at < 40 * S ? 50 * MS : -40 * MS, MS, MS);
    f = facts();
    CHECK_EQ(f.steps, 2);
    CHECK_EQ(f.step_ns, -90 * MS);
    CHECK(f.step_at_ns > 39 * S && f.step_at_ns < 41 * S);
}

/* The near misses of a step: too small, one way only, less than the way itself. */
static void test_a_route_that_changes_is_no_step(void)
{
    static const struct {
        int64_t ahead, forth, back;
    } after[] = {
        { MS, 2 * MS, 2 * MS },                              /* both jump by 1 ms */
        { 0, 60 * MS, 2 * MS },                              /* one way is longer */
        { 0, 60 * MS, 60 * MS },                             /* both are */
    };
    size_t i;
    int64_t at;

    for (i = 0; i < sizeof after / sizeof after[0]; i++) {
        begin();
        for (at = 0; at < 60 * S; at += 100 * MS)
            if (at < 30 * S)
                both_ways(at, 0, 2 * MS, 2 * MS);
            else
                both_ways(at, after[i].ahead, after[i].forth, after[i].back);
        CHECK_EQ(facts().steps, 0);
        CHECK(facts().delay[0].count > 0);
    }
}

/* Only one direction shows anything afterwards: the clock is set back by more than the way, or something arrived before
   it was sent. */
static void test_one_direction_shows_a_step(void)
{
    mc_clock_facts f;
    int64_t at;

    begin();
    for (at = 0; at < S; at += 50 * MS)
        both_ways(at, 0, 2 * MS, 2 * MS);
    for (; at < 2 * S; at += 300 * MS)
        mc_clock_add(&clock_, 0, at, at - 80 * MS + 2 * MS);
    f = facts();
    CHECK_EQ(f.steps, 1);
    CHECK_EQ(f.step_ns, -80 * MS);
    CHECK_EQ(f.offset_ns, 0);
    CHECK_EQ(f.uncertainty_ns, 2 * MS);
}

/* Set forward it looks like a longer way: nobody knows, and so much less is sure of the offset. */
static void test_a_step_that_may_be_a_longer_way_leaves_it_open(void)
{
    mc_clock_facts f;
    int64_t at;

    begin();
    for (at = 0; at < S; at += 50 * MS)
        both_ways(at, 0, 2 * MS, 2 * MS);
    for (; at < 2 * S; at += 300 * MS)
        mc_clock_add(&clock_, 0, at, at + 80 * MS + 2 * MS);
    f = facts();
    CHECK_EQ(f.steps, 0);
    CHECK_EQ(f.offset_ns, 0);
    CHECK_EQ(f.uncertainty_ns, 82 * MS);
    CHECK_EQ(f.delay[0].max_ns, 0);                          /* nor is it sure to be a delay */
}

/* Nothing at all comes back, and what comes by lies at two levels: a clock was set, or the way is another.  No delay is told. */
static void test_two_levels_of_one_direction_are_no_delays(void)
{
    static const int64_t jump[] = { 80 * MS, -80 * MS };
    mc_clock_facts f;
    int64_t at;
    int i;

    for (i = 0; i < 2; i++) {
        begin();
        for (at = 0; at < 2 * S; at += 50 * MS)
            mc_clock_add(&clock_, 0, at, at + 2 * MS + at % (150 * MS) / 100 + (at < S ? 0 : jump[i]));
        f = facts();
        CHECK(!f.known && f.steps == 0);
        CHECK_EQ(f.delay[0].count, 0);
    }
    begin();
    for (at = 0; at < 2 * S; at += 50 * MS)      /* that of point 0 was set back */
        mc_clock_add(&clock_, 0, at < S ? at : at - 900 * MS, at + 2 * MS);
    CHECK_EQ(facts().delay[0].count, 0);
}

/* The near misses: one that is late, a queue that fills and empties, and one that goes on filling. */
static void test_one_direction_that_is_held_up_shows_delays(void)
{
    int64_t at;
    int i;

    for (i = 0; i < 4; i++) {
        begin();
        for (at = 0; at < 2 * S; at += 50 * MS)
            mc_clock_add(&clock_, 0, at, at + 2 * MS + (i == 0 ? (at == S) * 80 * MS
                                                        : i == 1 ? (at >= S && at < S + 300 * MS) * 80 * MS
                                                        : i == 2 ? at / 20 : (at >= S) * MS));
        CHECK_EQ(facts().delay[0].count, 40);
        CHECK(facts().delay[0].max_ns >= MS);
    }
}

/* The near misses: a queue that fills while nothing comes back, and both ways once more after that. */
static void test_a_queue_at_the_end_leaves_nothing_open(void)
{
    mc_clock_facts f;
    int64_t at;
    int i;

    for (i = 0; i < 2; i++) {
        begin();
        for (at = 0; at < S; at += 50 * MS)
            both_ways(at, 0, 2 * MS, 2 * MS);
        for (; at < 2 * S; at += 10 * MS)
            mc_clock_add(&clock_, 0, at, at + 2 * MS + (i == 0 ? (at - S) / 10 : 80 * MS));
        if (i == 1)
            both_ways(at, 0, 82 * MS, 2 * MS);
        f = facts();
        CHECK_EQ(f.steps, 0);
        CHECK_EQ(f.uncertainty_ns, 2 * MS);
        CHECK(f.delay[0].max_ns > 79 * MS);
    }
}

/* One segment of which another copy was taken for it is no step. */
static void test_one_odd_segment_is_no_step(void)
{
    int64_t at;

    begin();
    for (at = 0; at < 4 * S; at += 50 * MS) {
        if (at == 2 * S)
            mc_clock_add(&clock_, 0, at - MS, at - MS - 200 * MS);
        both_ways(at, 0, 2 * MS, 2 * MS);
    }
    CHECK_EQ(facts().steps, 0);
}

/* Points of which nothing tells the order until a clock is set: the wrong one is contradicted all the time. */
static void test_what_contradicts_an_order_tells_the_other(void)
{
    unsigned near = 2;
    int64_t at;

    begin();
    for (at = 0; at < S; at += 50 * MS)
        both_ways(at, at < S / 2 ? 0 : 500 * MS, 20 * MS, 20 * MS);
    CHECK(mc_clock_nearer(&clock_, &near));
    CHECK_EQ(near, 0);
    begin();
    both_ways(0, 0, MS / 10, MS / 10);
    CHECK(!mc_clock_nearer(&clock_, &near));                 /* so near that either may be */
}

/* A clock that is set early hides the order from the least of all, and not from what came by before. */
static void test_short_times_tell_the_order_before_a_clock_is_set(void)
{
    unsigned near = 2, ahead;
    int64_t ns, blur, at;

    for (ahead = 0; ahead < 2; ahead++) {
        begin();
        for (at = 0; at < S; at += 50 * MS)
            both_ways(at, 0, MS / 5, ahead == 0 ? MS / 5 : -MS / 5);
        mc_clock_add(&clock_, 0, 2 * S, 2 * S - 1500 * MS);
        CHECK(mc_clock_round_trip(&clock_, 0, &ns, &blur));
        CHECK(ns < 0);
        CHECK_EQ(mc_clock_nearer_by_way(&clock_, &near), ahead == 0);       /* the near miss: nothing lies between */
        CHECK(ahead == 1 || near == 0);
    }
    begin();
    both_ways(0, 0, MS, MS);
    both_ways(2 * S, 0, -MS, -MS);
    CHECK(!mc_clock_nearer_by_way(&clock_, &near));          /* and the other way round */
}

/* ---------------------------------------------------------------- what is kept */

/* The list of delays halves again and again: they stay those of the whole time. */
static void test_many_delays_are_thinned_out(void)
{
    const uint32_t n = 5 * MC_CLOCK_SAMPLES;
    mc_clock_facts f;
    uint32_t i;

    begin();
    for (i = 0; i < n; i++)
        mc_clock_add(&clock_, 0, i * MS, i * MS + (i / 7 % 100 + 1) * MS);
    f = facts();
    CHECK(clock_.samples[0] <= MC_CLOCK_SAMPLES);
    CHECK_EQ(f.delay[0].count, n);
    CHECK(f.delay[0].median_ns >= 48 * MS && f.delay[0].median_ns <= 51 * MS);
    CHECK(f.delay[0].p95_ns >= 93 * MS && f.delay[0].p95_ns <= 96 * MS);
    CHECK(f.delay[0].mean_ns > 48.0 * MS && f.delay[0].mean_ns < 51.0 * MS);
}

/* The buckets widen with the time, over centuries too, and lose none of the smallest delays. */
static void test_the_buckets_widen_with_the_time(void)
{
    int64_t ns, blur;

    begin();
    both_ways(0, 0, 5 * MS, 5 * MS);
    both_ways(3600 * S, 0, 2 * MS, 2 * MS);
    CHECK_EQ(facts().round_trip_ns, 4 * MS);
    CHECK_EQ(facts().offset_ns, 0);
    both_ways(INT64_MAX / 2, 0, 7 * MS, 7 * MS);
    CHECK(clock_.used <= MC_CLOCK_BUCKETS);
    CHECK(facts().known);
    CHECK(mc_clock_round_trip(&clock_, 0, &ns, &blur));
    CHECK_EQ(ns, 4 * MS);
}

/* Earlier than the first of all, as the other direction may be: it counts to the first bucket. */
static void test_times_before_the_first_count_to_the_first(void)
{
    begin();
    both_ways(10 * S, 0, 5 * MS, 5 * MS);
    both_ways(9 * S, 0, 2 * MS, 2 * MS);
    CHECK_EQ(clock_.used, 1);
    CHECK_EQ(facts().round_trip_ns, 4 * MS);
}

/* Clocks that are apart by more than can be told, and jump by more: what is told is the most that can be. */
static void test_clocks_that_are_centuries_apart(void)
{
    mc_clock_facts f;

    begin();
    mc_clock_add(&clock_, 0, 0, INT64_MIN);
    mc_clock_add(&clock_, 0, 1, INT64_MAX);
    f = facts();
    CHECK_EQ(f.delay[0].max_ns, INT64_MAX);

    begin();
    both_ways(0, INT64_MIN + S, MS, MS);
    both_ways(10 * S, INT64_MAX - 20 * S, MS, MS);
    f = facts();
    CHECK_EQ(f.steps, 1);
    CHECK_EQ(f.step_ns, INT64_MAX);
}

int main(void)
{
    RUN(test_nothing_is_known_of_nothing);
    RUN(test_the_offset_is_the_middle_of_both_ways);
    RUN(test_one_direction_tells_no_offset);
    RUN(test_the_sign_of_the_way_tells_the_order);
    RUN(test_what_is_likely_tells_until_something_is_sure);
    RUN(test_the_latest_say_what_is_expected);
    RUN(test_a_drift_moves_both_directions);
    RUN(test_a_clock_that_runs_slow_drifts_the_other_way);
    RUN(test_a_queue_that_fills_is_no_drift);
    RUN(test_a_drift_that_no_crystal_has_is_none);
    RUN(test_a_clock_that_is_set_steps_once);
    RUN(test_a_step_in_a_short_capture);
    RUN(test_of_two_steps_the_greater_is_shown);
    RUN(test_a_route_that_changes_is_no_step);
    RUN(test_one_direction_shows_a_step);
    RUN(test_a_step_that_may_be_a_longer_way_leaves_it_open);
    RUN(test_a_queue_at_the_end_leaves_nothing_open);
    RUN(test_two_levels_of_one_direction_are_no_delays);
    RUN(test_one_direction_that_is_held_up_shows_delays);
    RUN(test_one_odd_segment_is_no_step);
    RUN(test_what_contradicts_an_order_tells_the_other);
    RUN(test_short_times_tell_the_order_before_a_clock_is_set);
    RUN(test_many_delays_are_thinned_out);
    RUN(test_the_buckets_widen_with_the_time);
    RUN(test_times_before_the_first_count_to_the_first);
    RUN(test_clocks_that_are_centuries_apart);
    mc_clock_free(&clock_);
    return DONE();
}
