/*
 * test_stats.c: the histogram and the timeline.
 */
#include "check.h"
#include "facts/stats.h"

static void test_an_empty_histogram_has_no_values(void)
{
    mc_hist h = { 0 };

    CHECK_EQ(mc_hist_quantile(&h, 0.5), 0);
    CHECK(mc_hist_add(&h, -1));
    CHECK_EQ(h.count, 0);
    mc_hist_free(&h);
}

static void test_quantiles_are_within_their_error(void)
{
    mc_hist h = { 0 };
    int64_t i, q;

    for (i = 1; i <= 100000; i++)
        CHECK(mc_hist_add(&h, i * 1000));
    CHECK_EQ(h.count, 100000);
    CHECK_EQ(h.min_ns, 1000);
    CHECK_EQ(h.max_ns, 100000000);
    q = mc_hist_quantile(&h, 0.5);
    CHECK(q > 49200000 && q < 50800000);
    q = mc_hist_quantile(&h, 0.95);
    CHECK(q > 93500000 && q < 96500000);
    CHECK_EQ(mc_hist_quantile(&h, 0), 1000);
    CHECK_EQ(mc_hist_quantile(&h, 1), 100000000);
    mc_hist_free(&h);
}

static void test_a_single_sample_is_every_quantile(void)
{
    mc_hist h = { 0 };

    CHECK(mc_hist_add(&h, 12345678));
    CHECK_EQ(mc_hist_quantile(&h, 0.5), 12345678);
    CHECK_EQ(mc_hist_quantile(&h, 0.95), 12345678);
    mc_hist_free(&h);
}

static void test_a_spread_has_every_sample_in_its_step(void)
{
    static const int64_t samples[] = { 0, 7, 8, 31, 32, 39, 40, 1000, 123456789, INT64_MAX };
    mc_hist h = { 0 };
    mc_spread spread;
    uint64_t sum = 0;
    unsigned i, k;

    mc_hist_spread(&h, &spread);
    for (i = 0; i < MC_SPREAD_STEPS; i++)
        CHECK_EQ(spread.count[i], 0);
    for (i = 0; i < MC_ARRAY_LEN(samples); i++)
        CHECK(mc_hist_add(&h, samples[i]));
    mc_hist_spread(&h, &spread);
    for (k = 0; k < MC_SPREAD_STEPS; k++) {
        uint32_t expected = 0;

        CHECK(mc_spread_edge(k) < mc_spread_edge(k + 1));
        for (i = 0; i < MC_ARRAY_LEN(samples); i++)
            expected += samples[i] >= mc_spread_edge(k) && (samples[i] < mc_spread_edge(k + 1) || k == MC_SPREAD_STEPS - 1);
        CHECK_EQ(spread.count[k], expected);
        sum += spread.count[k];
    }
    CHECK_EQ(sum, MC_ARRAY_LEN(samples));
    CHECK_EQ(mc_spread_edge(0), 0);
    CHECK_EQ(mc_spread_edge(4), 32);
    CHECK_EQ(mc_spread_edge(8), 64);
    mc_hist_free(&h);
}

static void test_the_extremes_have_buckets(void)
{
    mc_hist h = { 0 };

    CHECK(mc_hist_add(&h, 0));
    CHECK(mc_hist_add(&h, INT64_MAX));
    CHECK(mc_hist_add(&h, 31));
    CHECK(mc_hist_add(&h, 32));
    CHECK_EQ(mc_hist_quantile(&h, 0.5), 31);
    CHECK_EQ(mc_hist_quantile(&h, 0.75), 32);
    CHECK_EQ(mc_hist_quantile(&h, 1), INT64_MAX);
    mc_hist_free(&h);
}

static uint64_t packets(const mc_bucket *b, uint32_t n)
{
    uint64_t sum = 0;

    while (n-- > 0)
        sum += b[n].value[0][MC_TL_PACKETS];
    return sum;
}

static void test_the_timeline_widens_and_keeps_its_sum(void)
{
    mc_timeline t;
    mc_bucket out[60];
    int64_t width, now;
    uint32_t n;

    CHECK(mc_timeline_init(&t, 0));
    for (now = 0; now < 100 * MC_NS_PER_S; now += 10 * MC_NS_PER_MS)
        mc_timeline_at(&t, 5 + now)->value[0][MC_TL_PACKETS]++;
    n = mc_timeline_fold(&t, out, 60, &width);
    CHECK_EQ(width, 2 * MC_NS_PER_S);
    CHECK_EQ(n, 50);
    CHECK_EQ(packets(out, n), 10000);
    CHECK_EQ(out[0].value[0][MC_TL_PACKETS], 200);
    CHECK_EQ(out[49].value[0][MC_TL_PACKETS], 200);
    mc_timeline_free(&t);
}

static void test_what_a_bucket_between_two_times_holds(void)
{
    const int64_t ms = MC_NS_PER_MS;
    mc_timeline t;

    CHECK(mc_timeline_init(&t, 0));
    CHECK(!mc_timeline_has(&t, 0, INT64_MIN, INT64_MAX));
    mc_timeline_at(&t, 7 * ms)->value[0][MC_TL_PACKETS]++;
    mc_timeline_at(&t, 10 * ms)->value[1][MC_TL_PACKETS]++;
    mc_timeline_at(&t, 20 * ms)->value[0][MC_TL_PACKETS]++;
    CHECK(mc_timeline_has(&t, 1, 10 * ms, 11 * ms));
    CHECK(!mc_timeline_has(&t, 0, 10 * ms, 11 * ms));
    CHECK(!mc_timeline_has(&t, 1, 10 * ms + 1, 20 * ms));       /* it may have come before */
    CHECK(!mc_timeline_has(&t, 1, 7 * ms, 11 * ms - 1));        /* ... or after */
    CHECK(mc_timeline_has(&t, 0, 11 * ms, 30 * ms));
    CHECK(!mc_timeline_has(&t, 0, 21 * ms, INT64_MAX));
    mc_timeline_free(&t);
}

static void test_a_given_width_is_kept_while_it_fits(void)
{
    mc_timeline t;
    mc_bucket out[600];
    int64_t width;

    CHECK(mc_timeline_init(&t, 7 * MC_NS_PER_S));
    mc_timeline_at(&t, 0)->value[1][MC_TL_RESETS]++;
    mc_timeline_at(&t, 69 * MC_NS_PER_S)->value[1][MC_TL_RESETS]++;
    CHECK_EQ(mc_timeline_fold(&t, out, 600, &width), 10);
    CHECK_EQ(width, 7 * MC_NS_PER_S);
    CHECK_EQ(out[9].value[1][MC_TL_RESETS], 1);
    mc_timeline_free(&t);
}

static void test_time_before_the_start_and_far_beyond(void)
{
    mc_timeline t;
    mc_bucket out[10];
    int64_t width;
    uint32_t n;

    CHECK(mc_timeline_init(&t, 0));
    mc_timeline_at(&t, 1000)->value[0][MC_TL_PACKETS]++;
    mc_timeline_at(&t, -5000)->value[0][MC_TL_PACKETS]++;
    mc_timeline_at(&t, INT64_MAX)->value[0][MC_TL_PACKETS]++;
    mc_timeline_at(&t, INT64_MIN)->value[0][MC_TL_PACKETS]++;
    n = mc_timeline_fold(&t, out, 10, &width);
    CHECK(n <= 10);
    CHECK_EQ(packets(out, n), 4);
    mc_timeline_free(&t);
}

/* As far apart as times can be, in so few buckets that the width of one is beyond 64 bits. */
static void test_centuries_in_a_few_buckets(void)
{
    uint32_t max;

    for (max = 1; max <= 4; max++) {
        mc_timeline t;
        mc_bucket out[4];
        int64_t width;
        uint32_t n;

        CHECK(mc_timeline_init(&t, 0));
        mc_timeline_at(&t, INT64_MIN)->value[0][MC_TL_PACKETS]++;
        mc_timeline_at(&t, 0)->value[0][MC_TL_PACKETS]++;
        mc_timeline_at(&t, INT64_MAX)->value[0][MC_TL_PACKETS]++;
        n = mc_timeline_fold(&t, out, max, &width);
        CHECK(n >= 1 && n <= max);
        CHECK(width >= INT64_MAX / (int64_t)max);
        CHECK_EQ(packets(out, n), 3);
        mc_timeline_free(&t);
    }
}

int main(void)
{
    RUN(test_an_empty_histogram_has_no_values);
    RUN(test_quantiles_are_within_their_error);
    RUN(test_a_single_sample_is_every_quantile);
    RUN(test_a_spread_has_every_sample_in_its_step);
    RUN(test_the_extremes_have_buckets);
    RUN(test_the_timeline_widens_and_keeps_its_sum);
    RUN(test_what_a_bucket_between_two_times_holds);
    RUN(test_a_given_width_is_kept_while_it_fits);
    RUN(test_time_before_the_start_and_far_beyond);
    RUN(test_centuries_in_a_few_buckets);
    return DONE();
}
