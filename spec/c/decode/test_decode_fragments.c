/*
 * Fragments on their way through the decoder (IN-10, E11 to E13).
 */
#include "check.h"
#include "frame.h"

static frame whole, part;

#define PAYLOAD 2000

/*
 * Makes 'part' of bytes [from, to) of the IP payload in 'whole', as an Ethernet frame.
 */
static void build_part(uint8_t version, uint8_t protocol, size_t from, size_t to)
{
    bool more = to < frame_length(&whole);

    frame_payload(&part, 0);
    frame_put(&part, frame_start(&whole) + from, to - from);
    if (version == 4) {
        frame_ipv4(&part, protocol);
        frame_set16(&part, 6, (more ? 0x2000u : 0) | (unsigned)(from / 8));
        frame_ether(&part, 0x0800);
        return;
    }
    FRAME_PUT(&part, protocol, 0, (uint8_t)(from >> 8), (uint8_t)((from & 0xff) | more), 0x11, 0x22, 0x33, 0x44);
    frame_ipv6(&part, 44);
    frame_ether(&part, 0x86dd);
}

static mc_verdict decode_part(mc_decoder *d, size_t captured, mc_segment *segs, size_t *count)
{
    if (captured > frame_length(&part))
        captured = frame_length(&part);
    return frame_decode_with(d, &part, 1, captured, frame_length(&part), segs, count);
}

/* E11: the segment is in the frame that completes it, in any order. */
static void test_a_segment_in_three_fragments(void)
{
    static const size_t cuts[] = { 0, 800, 1600, PAYLOAD + 20 };
    static const unsigned orders[][3] = {
        { 0, 1, 2 }, { 0, 2, 1 }, { 1, 0, 2 }, { 1, 2, 0 }, { 2, 0, 1 }, { 2, 1, 0 },
    };
    mc_segment segs[MC_MAX_SEGMENTS];
    mc_decode_stats stats;
    mc_verdict verdict;
    uint8_t version;
    size_t count, i, k;

    for (version = 4; version <= 6; version = (uint8_t)(version + 2)) {
        mc_decoder *d = frame_decoder();

        for (i = 0; i < MC_ARRAY_LEN(orders); i++) {
            for (k = 0; k < 3; k++) {
                frame_tcp(&whole, PAYLOAD);
                build_part(version, 6, cuts[orders[i][k]], cuts[orders[i][k] + 1]);
                verdict = decode_part(d, SIZE_MAX, segs, &count);
                CHECK_EQ(verdict, k < 2 ? MC_V_FRAGMENT : MC_V_TCP);
                CHECK_EQ(count, k < 2 ? 0 : 1);
            }
            CHECK(frame_is_plain(&segs[0], version, PAYLOAD));
            CHECK_EQ(segs[0].reassembled, 1);
            CHECK_EQ(segs[0].has & MC_HAS_IPID, MC_HAS_IPID);
            CHECK_EQ(segs[0].ip_id, version == 4 ? 0x1234 : 0x3344);
        }
        mc_decode_get_stats(d, &stats);
        CHECK_EQ(stats.fragments, 18);
        CHECK_EQ(stats.reassembled, 6);
        CHECK_EQ(stats.incomplete_fragments, 0);
        mc_decoder_close(d);
    }
}

/* E12: without one of them there is no segment. */
static void test_an_incomplete_datagram_gives_no_segment(void)
{
    mc_decoder *d = frame_decoder();
    mc_segment segs[MC_MAX_SEGMENTS];
    mc_decode_stats stats;
    size_t count;

    frame_tcp(&whole, PAYLOAD);
    build_part(4, 6, 0, 800);
    CHECK_EQ(decode_part(d, SIZE_MAX, segs, &count), MC_V_FRAGMENT);
    build_part(4, 6, 1600, PAYLOAD + 20);
    CHECK_EQ(decode_part(d, SIZE_MAX, segs, &count), MC_V_FRAGMENT);
    CHECK_EQ(count, 0);
    mc_decode_get_stats(d, &stats);
    CHECK_EQ(stats.fragments, 2);
    CHECK_EQ(stats.reassembled, 0);
    CHECK_EQ(stats.incomplete_fragments, 1);
    mc_decoder_close(d);
}

/*
 * E13: the first one cut by the snap length: ports, flags, but no length; the others
 * cannot help.
 */
static void test_a_cut_first_fragment_gives_a_segment_of_unknown_length(void)
{
    mc_segment segs[MC_MAX_SEGMENTS];
    mc_decode_stats stats;
    uint8_t version;
    size_t count;

    for (version = 4; version <= 6; version = (uint8_t)(version + 2)) {
        mc_decoder *d = frame_decoder();
        size_t header = version == 4 ? 34 : 62;

        frame_tcp(&whole, PAYLOAD);
        build_part(version, 6, 0, 800);
        CHECK_EQ(decode_part(d, header + 30, segs, &count), MC_V_TCP);
        CHECK_EQ(count, 1);
        CHECK(!segs[0].len_known);
        CHECK_EQ(segs[0].len, 0);
        CHECK_EQ(segs[0].reassembled, 0);
        segs[0].len_known = true;
        CHECK(frame_is_plain(&segs[0], version, 0));
        build_part(version, 6, 800, 1600);
        CHECK_EQ(decode_part(d, SIZE_MAX, segs, &count), MC_V_FRAGMENT);
        build_part(version, 6, 1600, PAYLOAD + 20);
        CHECK_EQ(decode_part(d, header + 30, segs, &count), MC_V_FRAGMENT);
        build_part(version, 6, 0, 800);
        CHECK_EQ(decode_part(d, header + 19, segs, &count), MC_V_TRUNCATED);
        mc_decode_get_stats(d, &stats);
        CHECK_EQ(stats.fragments, 4);
        CHECK_EQ(stats.sliced_headers, 1);
        CHECK_EQ(stats.malformed_segments, 0);
        mc_decoder_close(d);
    }
}

/*
 * A frame shorter than the fragment in it says is cut as well: its datagram would have a
 * hole.
 */
static void test_a_fragment_longer_than_its_frame(void)
{
    mc_decoder *d = frame_decoder();
    mc_segment segs[MC_MAX_SEGMENTS];
    size_t count;

    frame_tcp(&whole, PAYLOAD);
    build_part(4, 6, 0, 800);
    CHECK_EQ(decode_part(d, SIZE_MAX, segs, &count), MC_V_FRAGMENT);
    build_part(4, 6, 800, PAYLOAD + 20);
    part.end -= 100;
    CHECK_EQ(decode_part(d, SIZE_MAX, segs, &count), MC_V_FRAGMENT);
    CHECK_EQ(count, 0);
    build_part(4, 6, 800, PAYLOAD + 20);
    CHECK_EQ(decode_part(d, SIZE_MAX, segs, &count), MC_V_TCP);
    CHECK(frame_is_plain(&segs[0], 4, PAYLOAD));
    mc_decoder_close(d);
}

/* A tiny first fragment holds less than the TCP header; nothing is wrong with the whole. */
static void test_tiny_fragments(void)
{
    mc_decoder *d = frame_decoder();
    mc_segment segs[MC_MAX_SEGMENTS];
    mc_verdict verdict = MC_V_NOT_TCP;
    size_t at, count = 0;

    frame_tcp(&whole, 60);
    for (at = 0; at < 80; at += 8) {
        build_part(4, 6, at, at + 8);
        verdict = decode_part(d, SIZE_MAX, segs, &count);
        CHECK_EQ(verdict, at < 72 ? MC_V_FRAGMENT : MC_V_TCP);
    }
    CHECK_EQ(count, 1);
    CHECK(frame_is_plain(&segs[0], 4, 60));
    mc_decoder_close(d);
}

/*
 * Whatever a whole datagram carries is followed: here VXLAN, and in it a fragmented
 * datagram.
 */
static void test_a_tunnel_in_fragments_that_carries_fragments(void)
{
    static frame inner[2];
    mc_decoder *d = frame_decoder();
    mc_segment segs[MC_MAX_SEGMENTS];
    mc_decode_stats stats;
    size_t count, i, length;
    mc_verdict verdict = MC_V_NOT_TCP;

    frame_tcp(&whole, PAYLOAD);
    length = frame_length(&whole);
    build_part(6, 6, 0, 1000);
    inner[0] = part;
    build_part(6, 6, 1000, length);
    inner[1] = part;
    for (i = 0; i < 2; i++) {
        whole = inner[i];
        FRAME_PUT(&whole, 0x08, 0, 0, 0, 0, 0, 7, 0);
        frame_udp(&whole, 50000, 4789);
        length = frame_length(&whole);
        build_part(4, 17, 512, length);
        verdict = decode_part(d, SIZE_MAX, segs, &count);
        CHECK_EQ(verdict, MC_V_FRAGMENT);
        build_part(4, 17, 0, 512);
        verdict = decode_part(d, SIZE_MAX, segs, &count);
        CHECK_EQ(verdict, i == 0 ? MC_V_FRAGMENT : MC_V_TCP);
    }
    CHECK_EQ(count, 1);
    CHECK(frame_is_plain(&segs[0], 6, PAYLOAD));
    CHECK_EQ(segs[0].reassembled, 1);
    mc_decode_get_stats(d, &stats);
    CHECK_EQ(stats.fragments, 6);
    CHECK_EQ(stats.reassembled, 3);
    mc_decoder_close(d);
}

/* A tunnel whose first fragment is cut: the segment in it has no known length either. */
static void test_a_tunnel_in_a_cut_first_fragment(void)
{
    mc_decoder *d = frame_decoder();
    mc_segment segs[MC_MAX_SEGMENTS];
    size_t count;

    frame_tcp(&whole, PAYLOAD);
    frame_ipv4(&whole, 6);
    build_part(4, 4, 0, 800);
    CHECK_EQ(decode_part(d, 100, segs, &count), MC_V_TCP);
    CHECK_EQ(count, 1);
    CHECK(!segs[0].len_known);
    mc_decoder_close(d);
}

/* Pieces of what is not followed are told at once and push nothing out. */
static void test_fragments_that_cannot_carry_tcp(void)
{
    mc_decoder *d = frame_decoder();
    mc_segment segs[MC_MAX_SEGMENTS];
    mc_decode_stats stats;
    size_t count;

    frame_payload(&whole, 3000);
    build_part(4, 1, 0, 1480);                   /* a large ping */
    CHECK_EQ(decode_part(d, SIZE_MAX, segs, &count), MC_V_NOT_TCP);
    build_part(4, 50, 0, 1480);
    CHECK_EQ(decode_part(d, SIZE_MAX, segs, &count), MC_V_NOT_TCP);
    build_part(4, 17, 0, 1480);                  /* UDP may be a tunnel */
    CHECK_EQ(decode_part(d, SIZE_MAX, segs, &count), MC_V_FRAGMENT);
    build_part(4, 17, 1480, 3000);
    CHECK_EQ(decode_part(d, SIZE_MAX, segs, &count), MC_V_NOT_TCP);
    mc_decode_get_stats(d, &stats);
    CHECK_EQ(stats.fragments, 4);
    CHECK_EQ(stats.reassembled, 1);
    CHECK_EQ(stats.incomplete_fragments, 0);
    mc_decoder_close(d);
}

/* A datagram of UDP, whole or in pieces, is at hand until the next frame. */
static void test_a_datagram_of_udp_in_fragments(void)
{
    mc_segment segs[MC_MAX_SEGMENTS];
    mc_decoder *d = frame_decoder();
    const mc_other *o = mc_decode_other(d);
    size_t count;

    frame_payload(&whole, PAYLOAD);
    frame_udp(&whole, 53, 4000);
    build_part(4, 17, 0, 800);
    CHECK_EQ(decode_part(d, SIZE_MAX, segs, &count), MC_V_FRAGMENT);
    CHECK_EQ(o->kind, MC_OTHER_NONE);
    build_part(4, 17, 800, PAYLOAD + 8);
    CHECK_EQ(decode_part(d, SIZE_MAX, segs, &count), MC_V_NOT_TCP);
    CHECK_EQ(o->kind, MC_OTHER_UDP);
    CHECK_EQ(o->sport, 53);
    CHECK_EQ(o->dport, 4000);
    CHECK_EQ(o->captured, PAYLOAD);
    CHECK(o->payload != NULL && memcmp(o->payload, frame_start(&whole) + 8, PAYLOAD) == 0);
    mc_decoder_close(d);
}

/* By its port a datagram may be of a tunnel; what is to or from port 53 is of none: a host asks from any port. */
static void test_a_question_from_the_port_of_a_tunnel(void)
{
    static const uint16_t tunnels[] = { 4789, 6081, 2152, 3544 };
    mc_segment segs[MC_MAX_SEGMENTS];
    mc_decoder *d = frame_decoder();
    const mc_other *o = mc_decode_other(d);
    size_t i, count;

    for (i = 0; i < 2 * MC_ARRAY_LEN(tunnels); i++) {
        const uint16_t tunnel = tunnels[i / 2];

        frame_payload(&whole, 40);
        frame_udp(&whole, i % 2 == 0 ? tunnel : 53, i % 2 == 0 ? 53 : tunnel);
        frame_ipv4(&whole, 17);
        frame_ether(&whole, 0x0800);
        CHECK_EQ(frame_decode_whole(d, &whole, 1, segs, &count), MC_V_NOT_TCP);
        CHECK_EQ(o->kind, MC_OTHER_UDP);
        CHECK_EQ(o->captured, 40);
    }
    mc_decoder_close(d);
}

/*
 * Every part of every fragment, in a decoder that remembers: no byte beyond the end is
 * read.
 */
static void test_every_prefix_of_a_fragment(void)
{
    mc_segment segs[MC_MAX_SEGMENTS];
    mc_verdict verdict;
    uint8_t version;
    size_t n, count;

    for (version = 4; version <= 6; version = (uint8_t)(version + 2)) {
        mc_decoder *d = frame_decoder();

        frame_tcp(&whole, 100);
        build_part(version, 6, 0, 64);
        for (n = 0; n < frame_length(&part); n++) {
            verdict = decode_part(d, n, segs, &count);
            CHECK_EQ(verdict, n < (version == 4 ? 54u : 82u) ? MC_V_TRUNCATED : MC_V_TCP);
        }
        build_part(version, 6, 64, 120);
        for (n = 0; n < frame_length(&part); n++) {
            verdict = decode_part(d, n, segs, &count);
            CHECK_EQ(verdict, n < (version == 4 ? 34u : 62u) ? MC_V_TRUNCATED : MC_V_FRAGMENT);
        }
        mc_decoder_close(d);
    }
}

int main(void)
{
    RUN(test_a_segment_in_three_fragments);
    RUN(test_an_incomplete_datagram_gives_no_segment);
    RUN(test_a_cut_first_fragment_gives_a_segment_of_unknown_length);
    RUN(test_a_fragment_longer_than_its_frame);
    RUN(test_tiny_fragments);
    RUN(test_a_tunnel_in_fragments_that_carries_fragments);
    RUN(test_a_tunnel_in_a_cut_first_fragment);
    RUN(test_fragments_that_cannot_carry_tcp);
    RUN(test_a_datagram_of_udp_in_fragments);
    RUN(test_a_question_from_the_port_of_a_tunnel);
    RUN(test_every_prefix_of_a_fragment);
    return DONE();
}
