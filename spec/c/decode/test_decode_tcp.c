/*
 * The last layer: TCP header, options, checksum.
 */
#include "check.h"
#include "decode_same.h"
#include "decode/decode_tcp.h"
#include "frame.h"

static frame f;

/* ------------------------------------------------------------- TCP headers */

/* E7, E8: what the snap length leaves of the header. */
static void test_cut_tcp_headers(void)
{
    mc_segment segs[MC_MAX_SEGMENTS];
    mc_decoder *d = frame_decoder();
    mc_decode_stats stats;
    size_t count, n;

    frame_plain(&f, 10);
    CHECK_EQ(frame_decode_with(d, &f, 1, 54, 64, segs, &count), MC_V_TCP);
    CHECK_EQ(segs[0].len, 10);
    for (n = 0; n < 20; n++)
        CHECK_EQ(frame_decode_with(d, &f, 1, 34 + n, 64, segs, &count), MC_V_TRUNCATED);
    mc_decode_get_stats(d, &stats);
    CHECK_EQ(stats.sliced_headers, 20);
    CHECK_EQ(stats.malformed_segments, 0);
    mc_decoder_close(d);
}

/* E9: offsets of 0, 4 and 15 words. */
static void test_data_offsets(void)
{
    uint8_t options[40] = { 0 };
    mc_segment seg = { 0 };
    unsigned words;

    for (words = 0; words < 5; words++) {
        frame_plain(&f, 40);
        frame_start(&f)[14 + 20 + 12] = (uint8_t)(words << 4);
        CHECK_EQ(frame_decode(&f, 1, &seg), MC_V_MALFORMED);
    }
    frame_plain(&f, 4);
    frame_start(&f)[14 + 20 + 12] = 0xf0;
    CHECK_EQ(frame_decode(&f, 1, &seg), MC_V_MALFORMED);

    frame_tcp_options(&f, options, sizeof options, 0);
    frame_ipv4(&f, 6);
    frame_ether(&f, 0x0800);
    CHECK_EQ(frame_decode(&f, 1, &seg), MC_V_TCP);
    CHECK_EQ(seg.len, 0);
}

static mc_verdict decode_options(const void *options, size_t n, mc_segment *seg)
{
    frame_tcp_options(&f, options, n, 5);
    frame_ipv4(&f, 6);
    frame_ether(&f, 0x0800);
    memset(seg, 0xaa, sizeof *seg);
    return frame_decode(&f, 1, seg);
}

#define OPTIONS(seg, ...)                                                   \
    CHECK_EQ(decode_options((const uint8_t[]){ __VA_ARGS__ },               \
                            sizeof((const uint8_t[]){ __VA_ARGS__ }), (seg)), \
             MC_V_TCP)

#define IP_BITS (MC_HAS_IPID | MC_HAS_DF)

/* IN-14 */
static void test_options_of_a_syn(void)
{
    mc_segment seg;

    OPTIONS(&seg, 2, 4, 0x05, 0xb4, 4, 2, 8, 10, 0, 0, 1, 0, 0, 0, 2, 0, 1, 3, 3, 7);
    CHECK_EQ(seg.has, IP_BITS | MC_HAS_MSS | MC_HAS_SACKOK | MC_HAS_TS | MC_HAS_SCALE);
    CHECK_EQ(seg.mss, 1460);
    CHECK_EQ(seg.scale, 7);
    CHECK_EQ(seg.ts_val, 256);
    CHECK_EQ(seg.ts_ecr, 512);
    CHECK_EQ(seg.sack_count, 0);
    CHECK_EQ(seg.len, 5);
}

static void test_timestamps_in_the_usual_shape(void)
{
    mc_segment seg;

    OPTIONS(&seg, 1, 1, 8, 10, 1, 2, 3, 4, 5, 6, 7, 8);
    CHECK_EQ(seg.has, IP_BITS | MC_HAS_TS);
    CHECK_EQ(seg.ts_val, 0x01020304);
    CHECK_EQ(seg.ts_ecr, 0x05060708);
    CHECK_EQ(seg.mss, 0);
    CHECK_EQ(seg.scale, 0);
}

static void test_sack_blocks(void)
{
    mc_segment seg;

    OPTIONS(&seg, 1, 1, 5, 10, 0, 0, 0, 9, 0, 0, 0, 10);
    CHECK_EQ(seg.sack_count, 1);
    CHECK_EQ(seg.sack[0][1], 10);
    OPTIONS(&seg, 1, 1, 5, 18, 0, 0, 0, 1, 0, 0, 0, 2, 0, 0, 0, 3, 0, 0, 0, 4);
    CHECK_EQ(seg.has, IP_BITS | MC_HAS_SACK);
    CHECK_EQ(seg.sack_count, 2);
    CHECK_EQ(seg.sack[0][0], 1);
    CHECK_EQ(seg.sack[0][1], 2);
    CHECK_EQ(seg.sack[1][0], 3);
    CHECK_EQ(seg.sack[1][1], 4);
    OPTIONS(&seg, 1, 1, 5, 34, 0, 0, 0, 1, 0, 0, 0, 2, 0, 0, 0, 3, 0, 0, 0, 4, 0, 0, 0, 5, 0, 0, 0, 6,
            0, 0, 0, 7, 0, 0, 0, 8);
    CHECK_EQ(seg.sack_count, 4);
    CHECK_EQ(seg.sack[3][1], 8);
    OPTIONS(&seg, 1, 1, 1, 5, 9, 0, 0, 0, 1, 0, 0, 0);   /* not a number of blocks */
    CHECK_EQ(seg.has, IP_BITS);
    CHECK_EQ(seg.sack_count, 0);
}

/* Of options that the snapshot length cuts, the first block may still tell where it begins. */
static void test_a_sack_block_that_is_cut(void)
{
    static const uint8_t options[] = { 1, 1, 8, 10, 0, 0, 0, 1, 0, 0, 0, 2, 1, 1, 5, 10, 0, 0, 0, 9, 0, 0, 0, 10 };
    static const uint8_t others[] = { 1, 1, 5, 9, 0, 0, 0, 9 }, several[] = { 5, 18, 0, 0, 0, 1, 0, 0, 0, 2, 0, 0, 0, 3 };
    mc_segment seg = { 0 };
    size_t n;

    for (n = 14; n <= sizeof options; n++) {
        memset(&seg, 0, sizeof seg);
        mc_tcp_read_options(&seg, options, n);
        CHECK_EQ(seg.sack_cut, n >= 20 && n < sizeof options ? MC_SACK_EDGE : 0);
        CHECK_EQ(seg.sack_count, n == sizeof options);
        CHECK_EQ(seg.sack[0][0], n >= 20 ? 9 : 0);
    }
    memset(&seg, 0, sizeof seg);
    mc_tcp_read_options(&seg, others, sizeof others);        /* not a number of blocks */
    CHECK(!seg.sack_cut);
    mc_tcp_read_options(&seg, several, sizeof several);      /* where the first one is whole it may be none of these */
    CHECK(!seg.sack_cut);
    mc_tcp_read_options(&seg, (const uint8_t[]){ 30, 12, 0, 0, 0, 9 }, 6);
    CHECK(!seg.sack_cut);
}

static void test_scales_above_14_count_as_14(void)
{
    mc_segment seg;

    OPTIONS(&seg, 3, 3, 14, 1);
    CHECK_EQ(seg.scale, 14);
    OPTIONS(&seg, 3, 3, 15, 1);
    CHECK_EQ(seg.scale, 14);
    OPTIONS(&seg, 3, 3, 255, 1);
    CHECK_EQ(seg.scale, 14);
    OPTIONS(&seg, 3, 3, 0, 1);
    CHECK_EQ(seg.scale, 0);
    CHECK_EQ(seg.has, IP_BITS | MC_HAS_SCALE);
}

/* Nothing is believed after the end, or after a length that leads nowhere. */
static void test_where_options_stop(void)
{
    mc_segment seg;

    OPTIONS(&seg, 0, 2, 4, 5, 2, 4, 5, 180);     /* end of options */
    CHECK_EQ(seg.has, IP_BITS);
    OPTIONS(&seg, 253, 0, 2, 4, 5, 180, 1, 1);   /* length 0 */
    CHECK_EQ(seg.has, IP_BITS);
    OPTIONS(&seg, 253, 1, 2, 4, 5, 180, 1, 1);   /* length 1 */
    CHECK_EQ(seg.has, IP_BITS);
    OPTIONS(&seg, 2, 4, 5, 180, 8, 10, 1, 2);    /* beyond the header */
    CHECK_EQ(seg.has, IP_BITS | MC_HAS_MSS);
    OPTIONS(&seg, 1, 1, 1, 2);                   /* a kind without its length */
    CHECK_EQ(seg.has, IP_BITS);
    OPTIONS(&seg, 2, 3, 5, 3, 2, 7, 4, 3, 0, 1, 1, 1);   /* lengths that their kinds do not have */
    CHECK_EQ(seg.has, IP_BITS);
    OPTIONS(&seg, 253, 4, 1, 1, 2, 4, 5, 180);   /* unknown kinds are passed over */
    CHECK_EQ(seg.has, IP_BITS | MC_HAS_MSS);
}

/* IN-9: options beyond the captured bytes are treated as absent. */
static void test_cut_options(void)
{
    static const uint8_t options[] = { 1, 1, 8, 10, 1, 2, 3, 4, 5, 6, 7, 8 };
    mc_segment segs[MC_MAX_SEGMENTS];
    size_t count, n;

    frame_tcp_options(&f, options, sizeof options, 50);
    frame_ipv4(&f, 6);
    frame_ether(&f, 0x0800);
    for (n = 54; n < 66; n++) {
        CHECK_EQ(frame_decode_cut(&f, 1, n, frame_length(&f), segs, &count), MC_V_TCP);
        CHECK_EQ(segs[0].has, IP_BITS);
        CHECK_EQ(segs[0].len, 50);
    }
    CHECK_EQ(frame_decode_cut(&f, 1, 66, frame_length(&f), segs, &count), MC_V_TCP);
    CHECK_EQ(segs[0].has, IP_BITS | MC_HAS_TS);
}

/* --------------------------------------------------------------- checksums */

static mc_verdict decode_verified(mc_segment *segs, size_t captured, mc_decode_stats *stats)
{
    mc_decoder *d = NULL;
    mc_verdict verdict;
    size_t count;

    CHECK_EQ(mc_decoder_open(&d, true, NULL), MC_OK);
    verdict = frame_decode_with(d, &f, 1, captured, frame_length(&f), segs, &count);
    mc_decode_get_stats(d, stats);
    mc_decoder_close(d);
    return verdict;
}

/* Sets the checksum of the segment in front of 'f', for these addresses. */
static void sum_segment(const void *src, const void *dst, size_t address)
{
    uint8_t pseudo[72] = { 0 };
    uint32_t sum;

    memcpy(pseudo, src, address);
    memcpy(pseudo + address, dst, address);
    pseudo[address * 2 + 1] = 6;
    pseudo[address * 2 + 2] = (uint8_t)(frame_length(&f) >> 8);
    pseudo[address * 2 + 3] = (uint8_t)frame_length(&f);
    sum = (uint16_t)~frame_sum(pseudo, address * 2 + 4, 0);
    frame_set16(&f, 16, 0);
    frame_set16(&f, 16, frame_sum(frame_start(&f), frame_length(&f), sum));
}

/* E10: a wrong checksum changes nothing, and is told when asked for. */
/*
 * Options in any mixture, cut anywhere, say the same wherever they lie: three NOPs in front
 * are none of the shapes that are read by words.
 */
static void test_options_by_words_and_one_by_one(void)
{
    static const struct {
        uint8_t len, bytes[12];
    } parts[] = {
        { 4, { 2, 4, 0x05, 0xb4 } },
        { 12, { 4, 2, 8, 10, 1, 2, 3, 4, 5, 6, 7, 8 } },
        { 12, { 1, 1, 8, 10, 9, 8, 7, 6, 5, 4, 3, 2 } },
        { 4, { 1, 3, 3, 7 } },
        { 4, { 1, 3, 3, 200 } },
        { 4, { 1, 1, 4, 2 } },
        { 12, { 1, 1, 5, 10, 0, 0, 0, 1, 0, 0, 0, 2 } },
        { 4, { 4, 2, 0, 0 } },
        { 4, { 2, 5, 1, 1 } },
        { 4, { 1, 3, 4, 1 } },
        { 3, { 3, 3, 9 } },
        { 1, { 1 } },
        { 2, { 254, 2 } },
    };
    uint32_t state = 1;
    unsigned round;

    for (round = 0; round < 20000; round++) {
        uint8_t moved[64] = { 1, 1, 1 }, *block = moved + 3;
        mc_segment here = { 0 }, there = { 0 };
        size_t len = 0, cut;

        while (len < 28) {
            unsigned i = same_random(&state) % MC_ARRAY_LEN(parts);

            memcpy(block + len, parts[i].bytes, parts[i].len);
            len += parts[i].len;
        }
        if (same_random(&state) % 4 == 0)
            block[same_random(&state) % len] = (uint8_t)same_random(&state);
        cut = same_random(&state) % 3 == 0 ? same_random(&state) % (len + 1) : len;
        mc_tcp_read_options(&here, block, cut);
        mc_tcp_read_options(&there, moved, cut + 3);
        CHECK(memcmp(&here, &there, sizeof here) == 0);
    }
}

static void test_checksums(void)
{
    mc_segment segs[MC_MAX_SEGMENTS];
    mc_decode_stats stats;
    size_t payload;

    for (payload = 10; payload < 12; payload++) {
        frame_tcp(&f, payload);
        sum_segment("\x0a\x00\x00\x01", "\x0a\x00\x00\x02", 4);
        frame_ipv4(&f, 6);
        frame_ether(&f, 0x0800);
        frame_pad(&f, 5, 0xee);
        CHECK_EQ(decode_verified(segs, frame_length(&f), &stats), MC_V_TCP);
        CHECK(frame_is_plain(&segs[0], 4, (uint32_t)payload));
        CHECK_EQ(segs[0].has & MC_BAD_CHECKSUM, 0);
        CHECK_EQ(stats.bad_ip_checksums, 0);

        frame_start(&f)[14 + 40 + payload - 1] ^= 1;
        CHECK_EQ(decode_verified(segs, frame_length(&f), &stats), MC_V_TCP);
        CHECK(frame_is_plain(&segs[0], 4, (uint32_t)payload));
        CHECK_EQ(segs[0].has & MC_BAD_CHECKSUM, MC_BAD_CHECKSUM);
        /* what was not captured cannot be added up */
        CHECK_EQ(decode_verified(segs, 14 + 40 + payload - 1, &stats), MC_V_TCP);
        CHECK_EQ(segs[0].has & MC_BAD_CHECKSUM, 0);
        /* nor is it looked at unless asked for */
        CHECK_EQ(frame_decode(&f, 1, segs), MC_V_TCP);
        CHECK_EQ(segs[0].has & MC_BAD_CHECKSUM, 0);

        frame_start(&f)[14 + 8] ^= 1;            /* TTL */
        CHECK_EQ(decode_verified(segs, frame_length(&f), &stats), MC_V_TCP);
        CHECK_EQ(stats.bad_ip_checksums, 1);
    }
}

static const uint8_t client6[16] = { 0x20, 0x01, 0x0d, 0xb8, [15] = 1 };
static const uint8_t server6[16] = { 0x20, 0x01, 0x0d, 0xb8, [15] = 2 };
static const uint8_t far6[16] = { 0x20, 0x01, 0x0d, 0xb8, [15] = 9 };

static void test_checksums_over_ipv6(void)
{
    mc_segment segs[MC_MAX_SEGMENTS];
    mc_decode_stats stats;

    frame_tcp(&f, 11);
    sum_segment(client6, server6, 16);
    frame_ipv6(&f, 6);
    frame_ether(&f, 0x86dd);
    CHECK_EQ(decode_verified(segs, frame_length(&f), &stats), MC_V_TCP);
    CHECK_EQ(segs[0].has & MC_BAD_CHECKSUM, 0);
    frame_start(&f)[60] ^= 1;
    CHECK_EQ(decode_verified(segs, frame_length(&f), &stats), MC_V_TCP);
    CHECK_EQ(segs[0].has & MC_BAD_CHECKSUM, MC_BAD_CHECKSUM);
}

/*
 * RFC 8200, 8.1: on the way along a route the checksum is over where it ends; the key is
 * the header's.
 */
static void test_checksums_along_a_source_route(void)
{
    mc_segment segs[MC_MAX_SEGMENTS];
    mc_decode_stats stats;
    unsigned type;

    for (type = 0; type <= 4; type += 2) {
        frame_tcp(&f, 11);
        sum_segment(client6, far6, 16);
        if (type == 4) {                         /* its list is the wrong way round */
            frame_zeros(&f, 16);
            frame_put(&f, far6, 16);
        } else {
            frame_put(&f, far6, 16);
            frame_zeros(&f, 16);
        }
        FRAME_PUT(&f, 6, 4, (uint8_t)type, 1, 0, 0, 0, 0);
        frame_ipv6(&f, 43);
        frame_ether(&f, 0x86dd);
        CHECK_EQ(decode_verified(segs, frame_length(&f), &stats), MC_V_TCP);
        CHECK_EQ(segs[0].has & MC_BAD_CHECKSUM, 0);
        CHECK(memcmp(segs[0].dst, server6, 16) == 0);
        frame_start(&f)[14 + 40 + 3] = 0;        /* no segment left: the header's destination */
        CHECK_EQ(decode_verified(segs, frame_length(&f), &stats), MC_V_TCP);
        CHECK_EQ(segs[0].has & MC_BAD_CHECKSUM, MC_BAD_CHECKSUM);
    }

    frame_tcp(&f, 11);                           /* a list of one address */
    sum_segment(client6, far6, 16);
    frame_put(&f, far6, 16);
    FRAME_PUT(&f, 6, 2, 0, 1, 0, 0, 0, 0);
    frame_ipv6(&f, 43);
    frame_ether(&f, 0x86dd);
    CHECK_EQ(decode_verified(segs, frame_length(&f), &stats), MC_V_TCP);
    CHECK_EQ(segs[0].has & MC_BAD_CHECKSUM, 0);

    frame_tcp(&f, 11);                           /* loose source route, pointer at its only address */
    sum_segment("\x0a\x00\x00\x01", "\x0a\x00\x00\x09", 4);
    FRAME_PUT(&f, 131, 7, 4, 10, 0, 0, 9, 0);
    frame_ipv4(&f, 6);
    frame_start(&f)[0] = 0x47;
    frame_ether(&f, 0x0800);
    CHECK_EQ(decode_verified(segs, frame_length(&f), &stats), MC_V_TCP);
    CHECK_EQ(segs[0].has & MC_BAD_CHECKSUM, 0);
    frame_start(&f)[14 + 20 + 2] = 8;            /* past it: the header's destination */
    CHECK_EQ(decode_verified(segs, frame_length(&f), &stats), MC_V_TCP);
    CHECK_EQ(segs[0].has & MC_BAD_CHECKSUM, MC_BAD_CHECKSUM);
}

int main(void)
{
    RUN(test_cut_tcp_headers);
    RUN(test_data_offsets);
    RUN(test_options_of_a_syn);
    RUN(test_timestamps_in_the_usual_shape);
    RUN(test_sack_blocks);
    RUN(test_a_sack_block_that_is_cut);
    RUN(test_scales_above_14_count_as_14);
    RUN(test_where_options_stop);
    RUN(test_cut_options);
    RUN(test_options_by_words_and_one_by_one);
    RUN(test_checksums);
    RUN(test_checksums_over_ipv6);
    RUN(test_checksums_along_a_source_route);
    return DONE();
}
