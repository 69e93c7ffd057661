/*
 * The decoder's rules: verdicts and lengths.
 */
#include "check.h"
#include "frame.h"

static frame f;

/* -------------------------------------------------------------- the usual */

static void test_the_usual_frame(void)
{
    mc_segment seg = { 0 };

    frame_plain(&f, 11);
    CHECK_EQ(frame_decode(&f, 1, &seg), MC_V_TCP);
    CHECK(frame_is_plain(&seg, 4, 11));
    CHECK_EQ(seg.ip_id, 0x1234);
    CHECK_EQ(seg.has, MC_HAS_IPID | MC_HAS_DF);
    CHECK_EQ(seg.reassembled, 0);

    frame_tcp(&f, 0);
    frame_ipv6(&f, 6);
    frame_ether(&f, 0x86dd);
    CHECK_EQ(frame_decode(&f, 1, &seg), MC_V_TCP);
    CHECK(frame_is_plain(&seg, 6, 0));
    CHECK_EQ(seg.has, MC_HAS_DF);
}

static void test_every_flag_is_kept(void)
{
    mc_segment seg = { 0 };
    unsigned flags;

    for (flags = 0; flags < 256; flags++) {
        frame_plain(&f, 0);
        frame_start(&f)[14 + 20 + 13] = (uint8_t)flags;
        CHECK_EQ(frame_decode(&f, 1, &seg), MC_V_TCP);
        CHECK_EQ(seg.flags, flags);
    }
}

static void test_link_types_that_are_not_known(void)
{
    mc_segment seg = { 0 };

    mc_decoder *d = frame_decoder();
    size_t count = 7;

    frame_plain(&f, 11);
    CHECK_EQ(frame_decode_whole(d, &f, 147, &seg, &count), MC_V_UNDECODED);
    CHECK_EQ(count, 0);
    CHECK_EQ(frame_decode_whole(d, &f, 0xffffffff, &seg, &count), MC_V_UNDECODED);
    mc_decoder_close(d);
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
        frame_plain(&f, 11);
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

    frame_plain(&f, 11);                         /* ARP */
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

    frame_plain(&f, 11);                         /* IP version 5 */
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

    frame_plain(&f, 11);
    frame_udp(&f, 50000, 6343);
    frame_ipv4(&f, 17);
    frame_ether(&f, 0x0800);
    CHECK_EQ(frame_decode(&f, 1, &seg), MC_V_NOT_TCP);
}

/* Pieces of a link layer's own making are not put together, and are told as what they are. */
static void test_link_layer_fragments(void)
{
    static const uint8_t arcnet[][11] = {
        { 1, 2, 212, 1, 0, 7 },                                      /* first of two */
        { 1, 2, 212, 0xff, 0xff, 0xff, 212, 1, 0, 7 },               /* the same, an exception */
    };
    static const uint8_t wlan[][2] = { { 0x04, 0x00 }, { 0x00, 0x01 } };   /* more; number 1 */
    mc_segment seg = { 0 };
    size_t i;

    for (i = 0; i < 2; i++) {
        frame_tcp(&f, 11);
        frame_ipv4(&f, 6);
        frame_put(&f, arcnet[i], i == 0 ? 6 : 10);
        CHECK_EQ(frame_decode(&f, 7, &seg), MC_V_FRAGMENT);

        frame_tcp(&f, 11);
        frame_ipv4(&f, 6);
        frame_snap(&f, 0x0800);
        frame_zeros(&f, 24);
        frame_start(&f)[0] = 0x08;
        frame_start(&f)[1] = wlan[i][0];
        frame_start(&f)[22] = wlan[i][1];
        CHECK_EQ(frame_decode(&f, 105, &seg), MC_V_FRAGMENT);
    }
}

/* Up to 1500 it is a length, above a type; types begin at 1536. */
static void test_where_lengths_end_and_types_begin(void)
{
    mc_segment seg = { 0 };
    unsigned type;

    for (type = 1499; type <= 1501; type++) {
        frame_tcp(&f, 1600);
        frame_ipv4(&f, 6);
        frame_snap(&f, 0x0800);
        frame_ether(&f, type);
        CHECK_EQ(frame_decode(&f, 1, &seg), type <= 1500 ? MC_V_TCP : MC_V_NOT_TCP);
        if (type <= 1500)
            CHECK_EQ(seg.len, type - 8 - 40);
    }
}

/* Tunnels that say that they carry something else, or another version of themselves. */
static void test_tunnels_of_other_things(void)
{
    static const struct { uint8_t protocol; uint16_t port; uint8_t head[12]; size_t length; } heads[] = {
        { 47, 0, { 0x00, 0x00, 0x12, 0x34 }, 4 },                    /* GRE, an unknown type */
        { 47, 0, { 0x00, 0x02, 0x08, 0x00 }, 4 },                    /* version 2 */
        { 47, 0, { 0x00, 0x00, 0x82, 0x01 }, 4 },                    /* not Aruba's numbers */
        { 47, 0, { 0x00, 0x00, 0x83, 0x80 }, 4 },
        { 47, 0, { 0x10, 0x00, 0x88, 0xbe, 0, 0, 0, 1, 0x30 }, 12 }, /* ERSPAN, version 3 */
        { 97, 0, { 0x20, 0x00 }, 2 },                                /* EtherIP, version 2 */
        { 17, 4789, { 0x00 }, 8 },                                   /* VXLAN without an identifier */
        { 17, 6081, { 0x40, 0x00, 0x08, 0x00 }, 8 },                 /* Geneve, version 1 */
        { 17, 2152, { 0x30, 0x01, 0x00, 0xff }, 8 },                 /* GTP: an echo request */
        { 17, 2152, { 0x50, 0xff, 0x00, 0xff }, 8 },                 /* version 2 */
        { 17, 2152, { 0x34, 0xff, 0x00, 0xff, [11] = 0x40 }, 12 },   /* an extension of length 0 */
        { 17, 5072, { 0x41, 0x52, 0x10, 0x29 }, 8 },                 /* AYIYA: no operation */
        { 17, 4790, { 0 }, 0 },                                      /* a port of nobody here */
    };
    mc_segment seg = { 0 };
    size_t i;

    for (i = 0; i < MC_ARRAY_LEN(heads); i++) {
        frame_plain(&f, 11);
        f.at += heads[i].port == 2152 || heads[i].port == 6081 || heads[i].protocol == 47 ? 14 : 0;
        if (heads[i].port == 2152 && heads[i].length == 12)
            FRAME_PUT(&f, 0);
        frame_put(&f, heads[i].head, heads[i].length);
        if (heads[i].port != 0)
            frame_udp(&f, 50000, heads[i].port);
        frame_ipv4(&f, heads[i].protocol);
        frame_ether(&f, 0x0800);
        if (frame_decode(&f, 1, &seg) != MC_V_NOT_TCP) {
            fprintf(stderr, "    in row %zu\n", i);
            CHECK(false);
        }
    }
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

    frame_plain(&f, 0);                          /* E1: 54 bytes, padded to 60 */
    frame_pad(&f, 6, 0);
    CHECK_EQ(frame_decode(&f, 1, &seg), MC_V_TCP);
    CHECK_EQ(seg.len, 0);

    frame_plain(&f, 3);                          /* E2 */
    frame_pad(&f, 143, 0);
    CHECK_EQ(frame_decode(&f, 1, &seg), MC_V_TCP);
    CHECK_EQ(seg.len, 3);
}

/* E3, IN-5: segmentation offload leaves the total length at 0. */
static void test_total_length_zero_means_the_whole_frame(void)
{
    mc_segment segs[MC_MAX_SEGMENTS];
    size_t count;

    frame_plain(&f, 5000);
    frame_set16(&f, 16, 0);
    CHECK_EQ(frame_decode(&f, 1, segs), MC_V_TCP);
    CHECK_EQ(segs[0].len, 5000);
    CHECK_EQ(frame_decode_cut(&f, 1, 96, frame_length(&f), segs, &count), MC_V_TCP);
    CHECK_EQ(segs[0].len, 5000);

    frame_plain(&f, 3);
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

    frame_plain(&f, 100);
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
    CHECK_EQ(stats.sliced_headers, 0);
    mc_decoder_close(d);
}

static void test_ip_headers_that_lie(void)
{
    mc_segment seg = { 0 };

    frame_plain(&f, 100);
    frame_start(&f)[14] = 0x44;                  /* header of 16 bytes */
    CHECK_EQ(frame_decode(&f, 1, &seg), MC_V_NOT_TCP);
    frame_start(&f)[14] = 0x4f;                  /* 60 bytes, of which 40 are options: TCP is payload */
    CHECK(frame_decode(&f, 1, &seg) != MC_V_UNDECODED);
    frame_plain(&f, 0);
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

    /* the option cut short by the end of its header: what follows is not its value */
    frame_start(&f)[14 + 40 + 2] = 1;
    frame_start(&f)[14 + 40 + 3] = 2;
    frame_set32(&f, 14 + 40 + 4, 0x0000c204);
    CHECK_EQ(frame_decode(&f, 1, &seg), MC_V_TCP);
    CHECK_EQ(seg.len, 80004);
    frame_start(&f)[14 + 40 + 2] = 0xc2;
    frame_start(&f)[14 + 40 + 3] = 4;

    frame_set16(&f, 14 + 4, 128);                /* an ordinary length: the option has no say */
    frame_set32(&f, 14 + 40 + 4, 7);
    CHECK_EQ(frame_decode(&f, 1, &seg), MC_V_TCP);
    CHECK_EQ(seg.len, 100);
}

static void test_jumbo_payload_option_behind_others(void)
{
    mc_segment seg = { 0 };

    frame_tcp(&f, 70000);
    FRAME_PUT(&f, 6, 1, 0, 5, 2, 0, 0, 0xc2, 4, 0, 0, 0, 0, 1, 1, 0);
    frame_set32(&f, 9, 70036);
    frame_ipv6(&f, 0);
    frame_set16(&f, 4, 0);
    frame_ether(&f, 0x86dd);
    frame_pad(&f, 4, 0xee);
    CHECK_EQ(frame_decode(&f, 1, &seg), MC_V_TCP);
    CHECK_EQ(seg.len, 70000);
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

    frame_plain(&f, 100);                        /* UDP length */
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

    frame_plain(&f, 100);
    CHECK_EQ(frame_decode_cut(&f, 1, 154, 0, segs, &count), MC_V_TCP);
    CHECK_EQ(segs[0].len, 100);
    f.at += 14;
    CHECK_EQ(frame_decode_cut(&f, 101, 140, 136, segs, &count), MC_V_TCP);
    CHECK_EQ(segs[0].len, 100);
}

int main(void)
{
    RUN(test_the_usual_frame);
    RUN(test_every_flag_is_kept);
    RUN(test_link_types_that_are_not_known);
    RUN(test_the_link_type_may_change_from_frame_to_frame);
    RUN(test_frames_without_tcp);
    RUN(test_link_layer_fragments);
    RUN(test_where_lengths_end_and_types_begin);
    RUN(test_tunnels_of_other_things);
    RUN(test_frames_within_application_data_are_not_segments);
    RUN(test_wlan_frames_without_data);
    RUN(test_padding_is_not_payload);
    RUN(test_total_length_zero_means_the_whole_frame);
    RUN(test_total_lengths_that_lie);
    RUN(test_ip_headers_that_lie);
    RUN(test_ipv6_payload_length_zero_means_the_whole_frame);
    RUN(test_jumbo_payload_option);
    RUN(test_jumbo_payload_option_behind_others);
    RUN(test_udp_length_zero);
    RUN(test_ipv6_payload_lengths);
    RUN(test_the_smallest_enclosing_length_counts);
    RUN(test_an_original_length_below_the_captured_one);
    return DONE();
}
