/*
 * The decoder's rules: verdicts, lengths, quotes, aggregates, bounds.
 */
#include "check.h"
#include "frame.h"

static frame f;

/* -------------------------------------------------------------- the usual */

static void test_the_usual_frame(void)
{
    mc_segment seg = { 0 };

    frame_usual(&f, 11);
    CHECK_EQ(frame_decode(&f, 1, &seg), MC_V_TCP);
    CHECK(frame_is_usual(&seg, 4, 11));
    CHECK_EQ(seg.ip_id, 0x1234);
    CHECK_EQ(seg.has, MC_HAS_IPID | MC_HAS_DF);
    CHECK_EQ(seg.reassembled, 0);

    frame_tcp(&f, 0);
    frame_ipv6(&f, 6);
    frame_ether(&f, 0x86dd);
    CHECK_EQ(frame_decode(&f, 1, &seg), MC_V_TCP);
    CHECK(frame_is_usual(&seg, 6, 0));
    CHECK_EQ(seg.has, MC_HAS_DF);
}

static void test_every_flag_is_kept(void)
{
    mc_segment seg = { 0 };
    unsigned flags;

    for (flags = 0; flags < 256; flags++) {
        frame_usual(&f, 0);
        frame_start(&f)[14 + 20 + 13] = (uint8_t)flags;
        CHECK_EQ(frame_decode(&f, 1, &seg), MC_V_TCP);
        CHECK_EQ(seg.flags, flags);
    }
}

static void test_link_types_that_are_not_known(void)
{
    mc_segment seg = { 0 };

    frame_usual(&f, 11);
    CHECK_EQ(frame_decode(&f, 147, &seg), MC_V_UNDECODED);
    CHECK_EQ(frame_decode(&f, 0xffffffff, &seg), MC_V_UNDECODED);
    CHECK(!mc_decode_knows(147));
    CHECK(!mc_decode_knows(0xffffffff));
}

/* A decoder meets several link types in one capture. */
static void test_the_link_type_may_change_from_frame_to_frame(void)
{
    mc_decoder *d = frame_decoder();
    mc_segment segs[MC_MAX_SEGMENTS];
    size_t count;
    unsigned i;

    for (i = 0; i < 3; i++) {
        frame_usual(&f, 11);
        CHECK_EQ(frame_decode_whole(d, &f, 1, segs, &count), MC_V_TCP);
        CHECK_EQ(frame_decode_whole(d, &f, 147, segs, &count),
                 MC_V_UNDECODED);
        f.at += 14;
        CHECK_EQ(frame_decode_whole(d, &f, 101, segs, &count), MC_V_TCP);
    }
    mc_decoder_close(d);
    mc_decoder_close(NULL);
}

static void test_frames_without_tcp(void)
{
    mc_segment seg = { 0 };

    frame_usual(&f, 11);                         /* ARP */
    frame_set16(&f, 12, 0x0806);
    CHECK_EQ(frame_decode(&f, 1, &seg), MC_V_NOT_TCP);

    frame_payload(&f, 100);                      /* DNS */
    frame_udp(&f, 50000, 53);
    frame_ipv4(&f, 17);
    frame_ether(&f, 0x0800);
    CHECK_EQ(frame_decode(&f, 1, &seg), MC_V_NOT_TCP);

    frame_payload(&f, 100);                      /* ESP: encrypted */
    frame_ipv6(&f, 50);
    frame_ether(&f, 0x86dd);
    CHECK_EQ(frame_decode(&f, 1, &seg), MC_V_NOT_TCP);

    frame_payload(&f, 100);                      /* IPComp: compressed (D10) */
    frame_ipv4(&f, 108);
    frame_ether(&f, 0x0800);
    CHECK_EQ(frame_decode(&f, 1, &seg), MC_V_NOT_TCP);

    frame_usual(&f, 11);                         /* IP version 5 */
    frame_start(&f)[14] = 0x55;
    CHECK_EQ(frame_decode(&f, 1, &seg), MC_V_NOT_TCP);
}

/*
 * An sFlow sample and an OpenFlow message hold frames that did not travel here (IN-12,
 * D6).
 */
static void test_frames_within_application_data_are_not_segments(void)
{
    mc_segment seg = { 0 };

    frame_usual(&f, 11);
    frame_udp(&f, 50000, 6343);
    frame_ipv4(&f, 17);
    frame_ether(&f, 0x0800);
    CHECK_EQ(frame_decode(&f, 1, &seg), MC_V_NOT_TCP);
}

/* Encrypted, without data, and management frames. */
static void test_wlan_frames_without_data(void)
{
    static const uint8_t control[][2] = { { 0x08, 0x41 }, { 0x48, 0x01 }, { 0x80, 0x00 }, { 0xc8, 0x01 },
                                          { 0xd4, 0x00 } };
    mc_segment seg = { 0 };
    size_t i;

    for (i = 0; i < MC_ARRAY_LEN(control); i++) {
        frame_tcp(&f, 11);
        frame_ipv4(&f, 6);
        frame_snap(&f, 0x0800);
        frame_zeros(&f, 22);
        frame_put(&f, control[i], 2);
        CHECK_EQ(frame_decode(&f, 105, &seg), MC_V_NOT_TCP);
    }
}

/* ----------------------------------------------------------------- lengths */

static void test_padding_is_not_payload(void)
{
    mc_segment seg = { 0 };

    frame_usual(&f, 0);                          /* E1: 54 bytes, padded to 60 */
    frame_pad(&f, 6, 0);
    CHECK_EQ(frame_decode(&f, 1, &seg), MC_V_TCP);
    CHECK_EQ(seg.len, 0);

    frame_usual(&f, 3);                          /* E2 */
    frame_pad(&f, 143, 0);
    CHECK_EQ(frame_decode(&f, 1, &seg), MC_V_TCP);
    CHECK_EQ(seg.len, 3);
}

/* E3, IN-5: segmentation offload leaves the total length at 0. */
static void test_total_length_zero_means_the_whole_frame(void)
{
    mc_segment segs[MC_MAX_SEGMENTS];
    size_t count;

    frame_usual(&f, 5000);
    frame_set16(&f, 16, 0);
    CHECK_EQ(frame_decode(&f, 1, segs), MC_V_TCP);
    CHECK_EQ(segs[0].len, 5000);
    CHECK_EQ(frame_decode_cut(&f, 1, 96, frame_length(&f), segs, &count), MC_V_TCP);
    CHECK_EQ(segs[0].len, 5000);

    frame_usual(&f, 3);
    frame_set16(&f, 16, 0);
    frame_pad(&f, 3, 0);
    CHECK_EQ(frame_decode(&f, 1, segs), MC_V_TCP);
    CHECK_EQ(segs[0].len, 6);
}

/* E4: more than the frame has; less; too little for TCP; too little for IP. */
static void test_total_lengths_that_lie(void)
{
    mc_segment seg = { 0 };
    mc_decoder *d = frame_decoder();
    mc_decode_stats stats;
    size_t count;

    frame_usual(&f, 100);
    frame_set16(&f, 16, 2000);
    CHECK_EQ(frame_decode(&f, 1, &seg), MC_V_TCP);
    CHECK_EQ(seg.len, 100);

    frame_set16(&f, 16, 50);
    CHECK_EQ(frame_decode(&f, 1, &seg), MC_V_TCP);
    CHECK_EQ(seg.len, 10);

    frame_set16(&f, 16, 30);
    CHECK_EQ(frame_decode_whole(d, &f, 1, &seg, &count), MC_V_MALFORMED);
    CHECK_EQ(count, 0);
    frame_set16(&f, 16, 19);
    CHECK_EQ(frame_decode_whole(d, &f, 1, &seg, &count), MC_V_NOT_TCP);
    mc_decode_get_stats(d, &stats);
    CHECK_EQ(stats.malformed_segments, 1);
    CHECK_EQ(stats.truncated_headers, 0);
    mc_decoder_close(d);
}

static void test_ip_headers_that_lie(void)
{
    mc_segment seg = { 0 };

    frame_usual(&f, 100);
    frame_start(&f)[14] = 0x44;                  /* header of 16 bytes */
    CHECK_EQ(frame_decode(&f, 1, &seg), MC_V_NOT_TCP);
    frame_start(&f)[14] = 0x4f;                  /* 60 bytes, of which 40 are options: TCP is payload */
    CHECK(frame_decode(&f, 1, &seg) != MC_V_UNDECODED);
    frame_usual(&f, 0);
    frame_start(&f)[14] = 0x4f;                  /* longer than its total length */
    CHECK_EQ(frame_decode(&f, 1, &seg), MC_V_NOT_TCP);
}

/* E5, IN-6: BIG TCP without the jumbo option. */
static void test_ipv6_payload_length_zero_means_the_whole_frame(void)
{
    mc_segment segs[MC_MAX_SEGMENTS];
    size_t count;

    frame_tcp(&f, 80000);
    frame_ipv6(&f, 6);
    frame_set16(&f, 4, 0);
    frame_ether(&f, 0x86dd);
    CHECK_EQ(frame_decode(&f, 1, segs), MC_V_TCP);
    CHECK_EQ(segs[0].len, 80000);
    CHECK_EQ(frame_decode_cut(&f, 1, 100, frame_length(&f), segs, &count), MC_V_TCP);
    CHECK_EQ(segs[0].len, 80000);
}

/* RFC 2675: the length is in an option, counted from the hop-by-hop header on. */
static void test_jumbo_payload_option(void)
{
    mc_segment seg = { 0 };

    frame_tcp(&f, 80000);
    FRAME_PUT(&f, 6, 0, 0xc2, 4, 0, 0, 0, 0);
    frame_set32(&f, 4, 80028);
    frame_ipv6(&f, 0);
    frame_set16(&f, 4, 0);
    frame_ether(&f, 0x86dd);
    frame_pad(&f, 4, 0xee);                      /* a check sequence */
    CHECK_EQ(frame_decode(&f, 1, &seg), MC_V_TCP);
    CHECK_EQ(seg.len, 80000);

    frame_set32(&f, 14 + 40 + 4, 1000);          /* says less than there is */
    CHECK_EQ(frame_decode(&f, 1, &seg), MC_V_TCP);
    CHECK_EQ(seg.len, 1000 - 28);
    frame_set32(&f, 14 + 40 + 4, 7);             /* less than its own header */
    CHECK_EQ(frame_decode(&f, 1, &seg), MC_V_NOT_TCP);
    frame_set32(&f, 14 + 40 + 4, 0xffffffff);
    CHECK_EQ(frame_decode(&f, 1, &seg), MC_V_TCP);
    CHECK_EQ(seg.len, 80004);

    frame_set16(&f, 14 + 4, 128);                /* an ordinary length: the option has no say */
    frame_set32(&f, 14 + 40 + 4, 7);
    CHECK_EQ(frame_decode(&f, 1, &seg), MC_V_TCP);
    CHECK_EQ(seg.len, 100);
}

/* IN-6: a tunnel inside a packet without length has a UDP length of 0 too. */
static void test_udp_length_zero(void)
{
    mc_segment seg = { 0 };

    frame_tcp(&f, 80000);
    frame_ipv6(&f, 6);
    frame_set16(&f, 4, 0);
    frame_ether(&f, 0x86dd);
    FRAME_PUT(&f, 0x08, 0, 0, 0, 0, 0, 7, 0);
    frame_udp(&f, 50000, 4789);
    frame_set16(&f, 4, 0);
    frame_ipv6(&f, 17);
    frame_set16(&f, 4, 0);
    frame_ether(&f, 0x86dd);
    CHECK_EQ(frame_decode(&f, 1, &seg), MC_V_TCP);
    CHECK_EQ(seg.len, 80000);

    frame_set16(&f, 14 + 4, 200);                /* but not in a packet that has one */
    CHECK_EQ(frame_decode(&f, 1, &seg), MC_V_NOT_TCP);
}

/* E6 */
static void test_ipv6_payload_lengths(void)
{
    mc_segment seg = { 0 };

    frame_tcp(&f, 30);
    frame_ipv6(&f, 6);
    frame_ether(&f, 0x86dd);
    frame_set16(&f, 14 + 4, 520);
    CHECK_EQ(frame_decode(&f, 1, &seg), MC_V_TCP);
    CHECK_EQ(seg.len, 30);

    frame_set16(&f, 14 + 4, 50);
    frame_pad(&f, 106, 0);
    CHECK_EQ(frame_decode(&f, 1, &seg), MC_V_TCP);
    CHECK_EQ(seg.len, 30);
}

/* IN-3: the PPPoE length (2 + 40) ends the segment before the IP length (46) does. */
static void test_the_smallest_enclosing_length_counts(void)
{
    mc_segment seg = { 0 };

    frame_tcp(&f, 6);
    frame_ipv4(&f, 6);
    FRAME_PUT(&f, 0x11, 0x00, 0x00, 0x01, 0x00, 42, 0x00, 0x21);
    frame_ether(&f, 0x8864);
    CHECK_EQ(frame_decode(&f, 1, &seg), MC_V_TCP);
    CHECK_EQ(seg.len, 0);

    frame_tcp(&f, 100);                          /* 802.3 length */
    frame_ipv4(&f, 6);
    frame_snap(&f, 0x0800);
    frame_ether(&f, 8 + 40 + 10);
    CHECK_EQ(frame_decode(&f, 1, &seg), MC_V_TCP);
    CHECK_EQ(seg.len, 10);

    frame_usual(&f, 100);                        /* UDP length */
    FRAME_PUT(&f, 0x08, 0, 0, 0, 0, 0, 7, 0);
    frame_udp(&f, 50000, 4789);
    frame_set16(&f, 4, 8 + 8 + 54 + 20);
    frame_ipv4(&f, 17);
    frame_ether(&f, 0x0800);
    CHECK_EQ(frame_decode(&f, 1, &seg), MC_V_TCP);
    CHECK_EQ(seg.len, 20);

    frame_tcp(&f, 100);                          /* outer IP length */
    frame_ipv4(&f, 6);
    frame_ipv4(&f, 4);
    frame_set16(&f, 2, 60 + 30);
    frame_ether(&f, 0x0800);
    CHECK_EQ(frame_decode(&f, 1, &seg), MC_V_TCP);
    CHECK_EQ(seg.len, 30);
}

/* A writer that forgot to count a tag's bytes: what was captured was there. */
static void test_an_original_length_below_the_captured_one(void)
{
    mc_segment segs[MC_MAX_SEGMENTS];
    size_t count;

    frame_usual(&f, 100);
    CHECK_EQ(frame_decode_cut(&f, 1, 154, 0, segs, &count), MC_V_TCP);
    CHECK_EQ(segs[0].len, 100);
    f.at += 14;
    CHECK_EQ(frame_decode_cut(&f, 101, 140, 136, segs, &count), MC_V_TCP);
    CHECK_EQ(segs[0].len, 100);
}

/* ------------------------------------------------------------------- quotes */

/* E14, E16: 28 and 40 bytes of a packet, and what the error says. */
static void test_icmp_errors_quote_and_are_no_segments(void)
{
    static const struct { uint8_t type, code; uint16_t mtu; size_t quoted; } errors[] = {
        { 11, 0, 0, 28 }, { 3, 1, 0, 40 }, { 3, 4, 1400, 28 }, { 12, 0, 0, 51 }, { 4, 0, 0, 28 },
    };
    mc_decoder *d = frame_decoder();
    mc_segment segs[MC_MAX_SEGMENTS];
    const mc_icmp_quote *q;
    mc_decode_stats stats;
    size_t i, count;

    for (i = 0; i < MC_ARRAY_LEN(errors); i++) {
        frame_tcp(&f, 11);
        frame_ipv4(&f, 6);
        f.end = f.at + errors[i].quoted;
        FRAME_PUT(&f, errors[i].type, errors[i].code, 0, 0, 0, 0, (uint8_t)(errors[i].mtu >> 8),
                  (uint8_t)errors[i].mtu);
        frame_ipv4(&f, 1);
        frame_start(&f)[15] = 7;                 /* from 10.0.0.7 */
        frame_ether(&f, 0x0800);
        CHECK_EQ(frame_decode_whole(d, &f, 1, segs, &count), MC_V_NOT_TCP);
        CHECK_EQ(count, 0);
        q = mc_decode_icmp(d);
        CHECK(q != NULL);
        if (q == NULL)
            continue;
        CHECK_EQ(q->type, errors[i].type);
        CHECK_EQ(q->code, errors[i].code);
        CHECK_EQ(q->mtu, errors[i].mtu);
        CHECK_EQ(q->ip_version, 4);
        CHECK_EQ(q->sport, 40000);
        CHECK_EQ(q->dport, 7777);
        CHECK_EQ(q->src[15], 1);
        CHECK_EQ(q->dst[15], 2);
        CHECK_EQ(q->reporter[15], 7);
        CHECK_EQ(q->reporter[11], 0xff);
    }
    frame_usual(&f, 11);                         /* the next frame has none */
    CHECK_EQ(frame_decode_whole(d, &f, 1, segs, &count), MC_V_TCP);
    CHECK(mc_decode_icmp(d) == NULL);
    mc_decode_get_stats(d, &stats);
    CHECK_EQ(stats.icmp_quoted, MC_ARRAY_LEN(errors));
    mc_decoder_close(d);
}

static void test_icmpv6_errors(void)
{
    static const uint8_t client6[16] = { 0x20, 0x01, 0x0d, 0xb8, [15] = 1 };
    static const uint8_t server6[16] = { 0x20, 0x01, 0x0d, 0xb8, [15] = 2 };
    mc_decoder *d = frame_decoder();
    mc_segment segs[MC_MAX_SEGMENTS];
    const mc_icmp_quote *q;
    size_t count, n;

    for (n = 0; n <= 48 + 16 + 31; n++) {
        frame_tcp(&f, 11);
        FRAME_PUT(&f, 6, 0, 1, 4, 0, 0, 0, 0);
        FRAME_PUT(&f, 60, 0, 0, 0, 0, 0, 0, 1);          /* a first fragment */
        frame_ipv6(&f, 44);
        if (n < frame_length(&f))
            f.end = f.at + n;
        FRAME_PUT(&f, 2, 0, 0, 0, 0, 1, 0, 0);           /* too big: an MTU above 16 bits */
        frame_ipv6(&f, 58);
        frame_ether(&f, 0x86dd);
        CHECK_EQ(frame_decode_whole(d, &f, 1, segs, &count), MC_V_NOT_TCP);
        q = mc_decode_icmp(d);
        CHECK((q != NULL) == (n >= 40 + 16 + 4));
        if (q == NULL)
            continue;
        CHECK_EQ(q->ip_version, 6);
        CHECK_EQ(q->mtu, 65535);
        CHECK_EQ(q->sport, 40000);
        CHECK_EQ(q->dport, 7777);
        CHECK(memcmp(q->src, client6, 16) == 0);
        CHECK(memcmp(q->dst, server6, 16) == 0);
    }
    mc_decoder_close(d);
}

static void test_icmp_that_quotes_no_tcp(void)
{
    mc_decoder *d = frame_decoder();
    mc_segment segs[MC_MAX_SEGMENTS];
    size_t count;
    unsigned i;

    for (i = 0; i < 4; i++) {
        frame_tcp(&f, 11);
        frame_ipv4(&f, i == 0 ? 17 : 6);         /* UDP */
        if (i == 1)
            frame_set16(&f, 6, 0x0010);          /* not the first fragment */
        if (i == 2)
            frame_start(&f)[0] = 0x42;           /* no IP header */
        FRAME_PUT(&f, i == 3 ? 8 : 3, 1, 0, 0, 0, 0, 0, 0);  /* 8: an echo request */
        frame_ipv4(&f, 1);
        frame_ether(&f, 0x0800);
        CHECK_EQ(frame_decode_whole(d, &f, 1, segs, &count), MC_V_NOT_TCP);
        CHECK(mc_decode_icmp(d) == NULL);
    }
    mc_decoder_close(d);
}

/* ------------------------------------------------- several segments a frame */

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
        CHECK(frame_is_usual(&segs[i], 4, (uint32_t)i + 1));

    for (n = 0; n < length; n++) {               /* cut: those before the cut stay */
        verdict = frame_decode_cut(&f, 105, n, length, segs, &count);
        CHECK_EQ(verdict, n < 26 + 14 + 8 + 40 ? MC_V_TRUNCATED : MC_V_TCP);
        for (i = 0; i < count; i++)
            CHECK(frame_is_usual(&segs[i], 4, (uint32_t)i + 1));
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

    frame_usual(&f, 11);
    for (i = 0; i < 1000; i++)
        FRAME_PUT(&f, 0, 0, 8, 0, 192, 0, 0, 0);
    check_depth(192, MC_V_MALFORMED, 1);
}

int main(void)
{
    RUN(test_the_usual_frame);
    RUN(test_every_flag_is_kept);
    RUN(test_link_types_that_are_not_known);
    RUN(test_the_link_type_may_change_from_frame_to_frame);
    RUN(test_frames_without_tcp);
    RUN(test_frames_within_application_data_are_not_segments);
    RUN(test_wlan_frames_without_data);
    RUN(test_padding_is_not_payload);
    RUN(test_total_length_zero_means_the_whole_frame);
    RUN(test_total_lengths_that_lie);
    RUN(test_ip_headers_that_lie);
    RUN(test_ipv6_payload_length_zero_means_the_whole_frame);
    RUN(test_jumbo_payload_option);
    RUN(test_udp_length_zero);
    RUN(test_ipv6_payload_lengths);
    RUN(test_the_smallest_enclosing_length_counts);
    RUN(test_an_original_length_below_the_captured_one);
    RUN(test_icmp_errors_quote_and_are_no_segments);
    RUN(test_icmpv6_errors);
    RUN(test_icmp_that_quotes_no_tcp);
    RUN(test_every_subframe_of_an_aggregate_is_read);
    RUN(test_an_aggregate_of_too_many_segments);
    RUN(test_many_headers_cost_no_more_than_the_budget);
    RUN(test_link_types_within_link_types);
    return DONE();
}
