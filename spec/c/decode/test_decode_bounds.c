/*
 * Several segments in one frame, and frames that nest too deep.
 */
#include "check.h"
#include "frame.h"

static frame f;

/* One sub-frame of an A-MSDU; padded to 4 unless it is the last. */
static void put_subframe(frame *all, frame *one, bool last)
{
    size_t length = frame_length(one);

    FRAME_PUT(one, 2, 0, 0, 0, 0, 2, 2, 0, 0, 0, 0, 1, (uint8_t)(length >> 8), (uint8_t)length);
    if (!last)
        while (frame_length(one) % 4 != 0)
            frame_pad(one, 1, 0xee);
    frame_put(all, frame_start(one), frame_length(one));
}

static void build_amsdu(frame *all, unsigned subframes)
{
    static frame one;
    unsigned i;

    frame_payload(all, 0);
    for (i = 0; i < subframes; i++) {
        frame_tcp(&one, subframes - i);
        frame_ipv4(&one, 6);
        frame_snap(&one, 0x0800);
        put_subframe(all, &one, i == 0);
    }
    FRAME_PUT(all, 0x88, 0x01, 0, 0, 2, 0, 0, 0, 0, 9, 2, 0, 0, 0, 0, 1, 2, 0, 0, 0, 0, 2, 0x10, 0x00, 0x80, 0x00);
}

static void test_every_subframe_of_an_aggregate_is_read(void)
{
    mc_segment segs[MC_MAX_SEGMENTS];
    mc_verdict verdict;
    size_t count, i, n, length;

    build_amsdu(&f, 5);
    frame_pad(&f, 4, 0xee);                      /* check sequence */
    length = frame_length(&f);
    CHECK_EQ(frame_decode_cut(&f, 105, length, length, segs, &count), MC_V_TCP);
    CHECK_EQ(count, 5);
    for (i = 0; i < count; i++)
        CHECK(frame_is_plain(&segs[i], 4, (uint32_t)i + 1));

    for (n = 0; n < length; n++) {               /* cut: those before the cut stay */
        verdict = frame_decode_cut(&f, 105, n, length, segs, &count);
        CHECK_EQ(verdict, n < 26 + 14 + 8 + 40 ? MC_V_TRUNCATED : MC_V_TCP);
        for (i = 0; i < count; i++)
            CHECK(frame_is_plain(&segs[i], 4, (uint32_t)i + 1));
    }
}

static void test_an_aggregate_of_too_many_segments(void)
{
    mc_segment segs[MC_MAX_SEGMENTS];
    size_t count;

    build_amsdu(&f, MC_MAX_SEGMENTS + 10);
    CHECK_EQ(frame_decode_cut(&f, 105, frame_length(&f), frame_length(&f), segs, &count), MC_V_TCP);
    CHECK_EQ(count, MC_MAX_SEGMENTS);
}

/* An aggregate in a tunnel in an aggregate, deeper than remainders are kept. */
static void test_aggregates_within_aggregates(void)
{
    static frame inner, outer;
    mc_segment segs[MC_MAX_SEGMENTS];
    size_t count;
    unsigned i;

    build_amsdu(&f, 2);
    for (i = 0; i < 10; i++) {
        inner = f;
        FRAME_PUT(&inner, 0x00, 0x00, 0x82, 0x00);
        frame_ipv4(&inner, 47);
        frame_snap(&inner, 0x0800);
        frame_tcp(&outer, 100 + i);
        frame_ipv4(&outer, 6);
        frame_snap(&outer, 0x0800);
        frame_payload(&f, 0);
        put_subframe(&f, &outer, true);
        put_subframe(&f, &inner, false);
        FRAME_PUT(&f, 0x88, 0x01, 0, 0, 2, 0, 0, 0, 0, 9, 2, 0, 0, 0, 0, 1, 2, 0, 0, 0, 0, 2, 0x10,
                  0x00, 0x80, 0x00);
    }
    CHECK_EQ(frame_decode_cut(&f, 105, frame_length(&f), frame_length(&f), segs, &count), MC_V_TCP);
    CHECK_EQ(count, 5);                          /* the innermost first one, and four remainders */
    for (i = 0; i < 4; i++)
        CHECK(frame_is_plain(&segs[1 + i], 4, 106 + i));
}

/* ------------------------------------------------------------- depth (M5) */

static void check_depth(uint32_t linktype, mc_verdict want, uint64_t too_deep)
{
    mc_decoder *d = frame_decoder();
    mc_segment segs[MC_MAX_SEGMENTS];
    mc_decode_stats stats;
    size_t count;

    CHECK_EQ(frame_decode_whole(d, &f, linktype, segs, &count), want);
    mc_decode_get_stats(d, &stats);
    CHECK_EQ(stats.too_deep, too_deep);
    mc_decoder_close(d);
}

static void test_many_headers_cost_no_more_than_the_budget(void)
{
    unsigned i;

    frame_tcp(&f, 11);                           /* 50 tags: still a segment */
    frame_ipv4(&f, 6);
    frame_vlan(&f, 0x0800);
    for (i = 1; i < 50; i++)
        frame_vlan(&f, 0x8100);
    frame_ether(&f, 0x8100);
    check_depth(1, MC_V_TCP, 0);

    for (i = 0; i < 15000; i++)                  /* 15,000: not */
        frame_vlan(&f, 0x8100);
    frame_ether(&f, 0x8100);
    check_depth(1, MC_V_MALFORMED, 1);

    frame_tcp(&f, 11);                           /* 180 extension headers */
    FRAME_PUT(&f, 6, 0, 1, 4, 0, 0, 0, 0);
    for (i = 1; i < 180; i++)
        FRAME_PUT(&f, 60, 0, 1, 4, 0, 0, 0, 0);
    frame_ipv6(&f, 60);
    frame_ether(&f, 0x86dd);
    check_depth(1, MC_V_TCP, 0);

    frame_tcp(&f, 11);                           /* 400 nested IP headers */
    frame_ipv4(&f, 6);
    for (i = 1; i < 400; i++)
        frame_ipv4(&f, 4);
    check_depth(101, MC_V_MALFORMED, 1);

    frame_tcp(&f, 11);                           /* 1,000 labels */
    frame_ipv4(&f, 6);
    FRAME_PUT(&f, 0, 1, 1, 0xff);
    for (i = 1; i < 1000; i++)
        FRAME_PUT(&f, 0, 1, 0, 0xff);
    check_depth(219, MC_V_MALFORMED, 1);

    frame_payload(&f, 0);                        /* an aggregate of empty sub-frames */
    frame_zeros(&f, 60000);
    FRAME_PUT(&f, 0x88, 0x01, 0, 0, 2, 0, 0, 0, 0, 9, 2, 0, 0, 0, 0, 1, 2, 0, 0, 0, 0, 2, 0x10, 0x00, 0x80, 0x00);
    check_depth(105, MC_V_MALFORMED, 1);
}

/* Captured information that names itself. */
static void test_link_types_within_link_types(void)
{
    unsigned i;

    frame_plain(&f, 11);
    for (i = 0; i < 1000; i++)
        FRAME_PUT(&f, 0, 0, 8, 0, 192, 0, 0, 0);
    check_depth(192, MC_V_MALFORMED, 1);
}

int main(void)
{
    RUN(test_every_subframe_of_an_aggregate_is_read);
    RUN(test_an_aggregate_of_too_many_segments);
    RUN(test_aggregates_within_aggregates);
    RUN(test_many_headers_cost_no_more_than_the_budget);
    RUN(test_link_types_within_link_types);
    return DONE();
}
