/*
 * ICMP errors: what they quote is evidence, never a segment (IN-12).
 */
#include "check.h"
#include "frame.h"

static frame f;

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
    frame_plain(&f, 11);                         /* the next frame has none */
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

/* Types 1 to 4 are errors; a packet on its way along a route is quoted with its routing header. */
static void test_icmpv6_error_types(void)
{
    mc_decoder *d = frame_decoder();
    mc_segment segs[MC_MAX_SEGMENTS];
    unsigned type;
    size_t count;

    for (type = 0; type < 256; type++) {
        frame_tcp(&f, 11);
        FRAME_PUT(&f, 6, 0, 0, 0, 0, 0, 0, 0);
        FRAME_PUT(&f, 43, 0, 1, 4, 0, 0, 0, 0);
        frame_ipv6(&f, 0);
        FRAME_PUT(&f, (uint8_t)type, 3, 0, 0, 0, 0, 0x05, 0);
        frame_ipv6(&f, 58);
        frame_ether(&f, 0x86dd);
        CHECK_EQ(frame_decode_whole(d, &f, 1, segs, &count), MC_V_NOT_TCP);
        CHECK((mc_decode_icmp(d) != NULL) == (type >= 1 && type <= 4));
        if (mc_decode_icmp(d) != NULL) {
            CHECK_EQ(mc_decode_icmp(d)->mtu, type == 2 ? 1280 : 0);
            CHECK_EQ(mc_decode_icmp(d)->dport, 7777);
        }
    }

    frame_tcp(&f, 11);                           /* a later fragment has no ports */
    FRAME_PUT(&f, 6, 0, 0, 9, 0, 0, 0, 1);
    frame_ipv6(&f, 44);
    FRAME_PUT(&f, 1, 3, 0, 0, 0, 0, 0, 0);
    frame_ipv6(&f, 58);
    frame_ether(&f, 0x86dd);
    CHECK_EQ(frame_decode_whole(d, &f, 1, segs, &count), MC_V_NOT_TCP);
    CHECK(mc_decode_icmp(d) == NULL);
    mc_decoder_close(d);
}

/* A neighbour advertisement of 'target' (::'last'), 'n' bytes of it, whose source is 2001:db8::1. */
static bool is_claimed(unsigned flags, uint8_t last, uint8_t hops, uint8_t option, uint8_t length, unsigned n, uint8_t code)
{
    mc_decoder *d = frame_decoder();
    mc_segment segs[MC_MAX_SEGMENTS];
    const mc_other *o = mc_decode_other(d);
    bool claimed;
    size_t count;

    frame_plain(&f, 0);
    FRAME_PUT(&f, option, length, 2, 0, 0, 0, 0, 9);
    FRAME_PUT(&f, 14, 1, 0, 0, 0, 0, 0, 0);      /* another option before it */
    FRAME_PUT(&f, 0x20, 0x01, 0x0d, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, last);
    FRAME_PUT(&f, 136, code, 0, 0, (uint8_t)flags, 0, 0, 0);
    if (n < frame_length(&f))
        f.end = f.at + n;
    frame_ipv6(&f, 58);
    frame_start(&f)[7] = hops;
    frame_ether(&f, 0x86dd);
    CHECK_EQ(frame_decode_whole(d, &f, 1, segs, &count), MC_V_NOT_TCP);
    CHECK_EQ(o->kind, MC_OTHER_ICMP);
    claimed = mc_other_claims(o);
    if (claimed)
        CHECK(o->claimed[0] == 0x20 && o->claimed[15] == last && o->mac[0] == 2 && o->mac[5] == 9);
    mc_decoder_close(d);
    return claimed;
}

static void test_neighbour_advertisements(void)
{
    CHECK(is_claimed(0x60, 1, 255, 2, 1, 40, 0));
    CHECK(is_claimed(0xa0, 1, 255, 2, 1, 40, 0));            /* a router's own */
    CHECK(is_claimed(0x60, 3, 255, 2, 1, 40, 0));            /* a host's, from another of its addresses */
    CHECK(!is_claimed(0xe0, 3, 255, 2, 1, 40, 0));           /* a router for another */
    CHECK(!is_claimed(0x40, 1, 255, 2, 1, 40, 0));           /* of a proxy: no override */
    CHECK(!is_claimed(0x60, 1, 254, 2, 1, 40, 0));           /* from beyond a router */
    CHECK(!is_claimed(0x60, 1, 255, 1, 1, 40, 0));           /* no such option */
    CHECK(!is_claimed(0x60, 1, 255, 2, 0, 40, 0));           /* lengths that lie */
    CHECK(!is_claimed(0x60, 1, 255, 2, 2, 40, 0));
    CHECK(!is_claimed(0x60, 1, 255, 2, 1, 39, 0));           /* cut off */
    CHECK(!is_claimed(0x60, 1, 255, 2, 1, 20, 0));
    CHECK(!is_claimed(0x60, 1, 255, 2, 1, 40, 1));           /* of another code */
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

int main(void)
{
    RUN(test_icmp_errors_quote_and_are_no_segments);
    RUN(test_icmpv6_errors);
    RUN(test_icmpv6_error_types);
    RUN(test_neighbour_advertisements);
    RUN(test_icmp_that_quotes_no_tcp);
    return DONE();
}
