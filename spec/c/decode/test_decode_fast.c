/*
 * The fast path: what it takes, and that it says what the full path says.
 */
#include "check.h"
#include "decode/decode_fast.h"
#include "frame_kinds.h"

static frame f;

/* The kinds that the fast path is for; it must leave all others to the full path. */
static bool is_common(size_t kind)
{
    static const char *const common[] = {
        "ethernet", "ethernet6", "vlan", "vlan6", "qinq", "null_little", "null_big", "null6_netbsd", "null6_freebsd",
        "null6_darwin", "null6_linux", "null6_windows", "sll", "sll2", "raw4", "raw6",
    };
    const uint32_t linktype = frame_kinds[kind].linktype;
    size_t i;

    if (linktype == 12 || linktype == 14)        /* raw IP, as some BSDs numbered it once */
        return false;
    for (i = 0; i < MC_ARRAY_LEN(common); i++)
        if (strcmp(frame_kinds[kind].name, common[i]) == 0)
            return true;
    return false;
}

static void test_it_takes_the_common_shapes_and_no_others(void)
{
    mc_packet packet = { 0 };
    mc_segment seg;
    size_t i;

    for (i = 0; i < MC_ARRAY_LEN(frame_kinds); i++) {
        frame_kinds[i].build(&f);
        packet.data = frame_start(&f);
        packet.caplen = packet.wirelen = (uint32_t)frame_length(&f);
        packet.linktype = frame_kinds[i].linktype;
        memset(&seg, 0xaa, sizeof seg);
        if (mc_decode_fast(&packet, &seg) != is_common(i)) {
            fprintf(stderr, "    in %s\n", frame_kinds[i].name);
            CHECK(false);
        }
        if (is_common(i))
            CHECK(frame_is_plain(&seg, frame_kinds[i].version, PAYLOAD));
    }
}

/* Where the headers were found the payload is found again, all of what there is of it. */
static void check_payload(const mc_packet *packet)
{
    mc_headers h;
    const uint8_t *payload;
    uint32_t captured = 1234, left;

    if (!mc_decode_find(packet, &h))
        return;
    payload = mc_decode_payload(packet, h.wire - h.header, &captured);
    if (h.left <= h.header) {
        CHECK(payload == NULL && captured == 1234);
        return;
    }
    left = h.left - h.header;
    CHECK(payload == h.tcp + h.header);
    CHECK_EQ(captured, left < h.wire - h.header ? left : h.wire - h.header);
}

/* What the summary of a plain segment leaves out is found again, too. */
static void check_plain(const mc_packet *packet)
{
    mc_headers h;
    mc_segment s;
    mc_plain p;

    if (!mc_decode_find(packet, &h) || !(mc_decode_is_bare(&h) || mc_decode_has_timestamps(&h)))
        return;
    CHECK(mc_decode_fast(packet, &s));
    p = mc_decode_plain(packet);
    CHECK(p.payload == s.payload && p.has == s.has && p.tos == s.tos);
    CHECK_EQ(p.left < s.len ? p.left : s.len, s.captured);
}

static void check_both(mc_decoder *fast, mc_decoder *general, uint32_t linktype, size_t captured, size_t wire)
{
    mc_packet packet = { 0 };
    uint8_t *copy = malloc(captured > 0 ? captured : 1);

    if (copy == NULL)
        abort();
    memcpy(copy, frame_start(&f), captured);
    packet.data = copy;
    packet.caplen = (uint32_t)captured;
    packet.wirelen = (uint32_t)wire;
    packet.linktype = linktype;
    CHECK(same_decode(fast, general, &packet));
    check_payload(&packet);
    check_plain(&packet);
    free(copy);
}

/* Every value of every header byte, one at a time, and every cut. */
static void test_every_change_of_one_byte(void)
{
    static const uint8_t options[] = { 1, 1, 8, 10, 1, 2, 3, 4, 5, 6, 7, 8 };
    mc_decoder *fast = frame_decoder(), *general = NULL;
    size_t i, at, length, n;
    uint32_t linktype;
    unsigned value;
    uint8_t was;

    CHECK_EQ(mc_decoder_open(&general, true, NULL), MC_OK);
    for (i = 0; i < MC_ARRAY_LEN(frame_kinds) + 2; i++) {
        linktype = 1;
        if (i < MC_ARRAY_LEN(frame_kinds)) {
            if (!is_common(i))
                continue;
            linktype = frame_kinds[i].linktype;
            frame_kinds[i].build(&f);
        } else {
            frame_tcp_options(&f, options, sizeof options, 3);
            if (i == MC_ARRAY_LEN(frame_kinds)) {
                frame_ipv4(&f, 6);
                frame_ether(&f, 0x0800);
            } else {
                frame_ipv6(&f, 6);
                frame_ether(&f, 0x86dd);
            }
        }
        frame_pad(&f, 7, 0xee);
        length = frame_length(&f);
        for (at = 0; at < length; at++) {
            was = frame_start(&f)[at];
            for (value = 0; value < 256; value++) {
                frame_start(&f)[at] = (uint8_t)value;
                check_both(fast, general, linktype, length, length);
            }
            frame_start(&f)[at] = was;
        }
        for (n = 0; n <= length; n++) {
            check_both(fast, general, linktype, n, length);
            check_both(fast, general, linktype, n, n);
            check_both(fast, general, linktype, length, n);
        }
    }
    mc_decoder_close(fast);
    mc_decoder_close(general);
}

/* Every total length with and without bytes missing: bounds meet in all ways. */
static void test_every_total_length(void)
{
    mc_decoder *fast = frame_decoder(), *general = NULL;
    unsigned total, words;
    size_t length;

    CHECK_EQ(mc_decoder_open(&general, true, NULL), MC_OK);
    for (words = 0; words < 16; words++) {
        frame_plain(&f, 60);
        frame_start(&f)[14 + 20 + 12] = (uint8_t)(words << 4);
        length = frame_length(&f);
        for (total = 0; total < 140; total++) {
            frame_set16(&f, 16, total);
            check_both(fast, general, 1, length, length);
            check_both(fast, general, 1, length, length + 20);
            check_both(fast, general, 1, 60, length);
            check_both(fast, general, 1, 54, 54);
        }
    }
    mc_decoder_close(fast);
    mc_decoder_close(general);
}

/* What is read of a SYN where it lies is what its decoded segment says. */
static bool check_syn(mc_decoder *general, size_t length)
{
    mc_packet packet = { .data = frame_start(&f), .caplen = (uint32_t)length, .wirelen = (uint32_t)length,
                         .linktype = 1 };
    mc_segment seg[MC_MAX_SEGMENTS];
    mc_headers headers;
    mc_syn_options syn_options, same;
    const uint8_t *timestamps;
    mc_segment_summary here, decoded;
    size_t count;

    if (!mc_decode_find(&packet, &headers) || !mc_decode_is_syn(&headers, &syn_options, &timestamps))
        return false;
    CHECK_EQ(mc_decode(general, &packet, seg, &count), MC_V_TCP);
    same = mc_syn_options_of(&seg[0]);
    CHECK(syn_options.mss == same.mss && syn_options.scale == same.scale && syn_options.has == same.has);
    CHECK((seg[0].flags & (uint8_t)~(MC_TH_ECE | MC_TH_CWR)) == MC_TH_SYN);
    CHECK(seg[0].len_known && seg[0].len == 0 && seg[0].ack == 0 && seg[0].win != 0);
    CHECK((seg[0].has & (MC_HAS_SACK | MC_BAD_CHECKSUM)) == 0);
    here = mc_decode_summary(&headers, headers.v6, timestamps);
    decoded = mc_summary_of(&seg[0]);
    CHECK_EQ(here.mark, decoded.mark);
    CHECK_EQ(here.numbers, decoded.numbers);
    CHECK(here.ports == decoded.ports && here.ttl == decoded.ttl && here.ip_id == decoded.ip_id);
    return true;
}

/* The usual orders of options, and each of them with every other value of every byte. */
static void test_syns(void)
{
    static const struct {
        uint8_t options[20];
        size_t length;
        bool usual;
    } kinds[] = {
        { { 0 }, 0, true },
        { { 2, 4, 5, 0xb4 }, 4, true },
        { { 2, 4, 5, 0xb4, 4, 2, 8, 10, 1, 2, 3, 4, 0, 0, 0, 0, 1, 3, 3, 7 }, 20, true },        /* Linux */
        { { 2, 4, 5, 0xb4, 1, 3, 3, 6, 4, 2, 8, 10, 1, 2, 3, 4, 0, 0, 0, 0 }, 20, true },        /* FreeBSD */
        { { 2, 4, 5, 0xb4, 1, 3, 3, 8, 1, 1, 4, 2 }, 12, true },                                 /* Windows */
        { { 2, 4, 5, 0xb4, 1, 3, 3, 6, 1, 1, 8, 10, 1, 2, 3, 4, 0, 0, 0, 0 }, 20, false },
        { { 2, 4, 5, 0xb4, 4, 2, 8, 10, 1, 2, 3, 4, 0, 0, 0, 0, 1, 3, 3, 15 }, 20, false },      /* too large */
        { { 8, 10, 1, 2, 3, 4, 0, 0, 0, 0, 1, 1 }, 12, false },
    };
    mc_decoder *general = NULL;
    size_t i, at, length, taken = 0;
    unsigned value;
    uint8_t was;

    CHECK_EQ(mc_decoder_open(&general, false, NULL), MC_OK);
    for (i = 0; i < MC_ARRAY_LEN(kinds); i++) {
        frame_tcp_options(&f, kinds[i].options, kinds[i].length, 0);
        frame_ipv4(&f, 6);
        frame_ether(&f, 0x0800);
        length = frame_length(&f);
        frame_start(&f)[34 + 13] = MC_TH_SYN;
        memset(frame_start(&f) + 34 + 8, 0, 4);
        CHECK_EQ(check_syn(general, length), kinds[i].usual);
        for (at = 14; at < length; at++) {
            was = frame_start(&f)[at];
            for (value = 0; value < 256; value++) {
                frame_start(&f)[at] = (uint8_t)value;
                taken += check_syn(general, length);
            }
            frame_start(&f)[at] = was;
        }
    }
    CHECK(taken > 10000);                        /* most bytes say nothing about the options */
    mc_decoder_close(general);
}

/* Zeros are found behind any link, and where the payload is that of a whole segment over IPv4. */
static void test_zeros(void)
{
    const uint32_t most = MC_TCP_HEADER + PAYLOAD;
    mc_decoder *d = frame_decoder();
    mc_packet packet = { 0 };
    mc_segment segs[MC_MAX_SEGMENTS], seg;
    unsigned found = 0;
    uint8_t *payload;
    size_t i, count;
    bool plain;

    for (i = 0; i < MC_ARRAY_LEN(frame_kinds); i++) {
        frame_kinds[i].build(&f);
        packet.data = frame_start(&f);
        packet.caplen = packet.wirelen = (uint32_t)frame_length(&f);
        packet.linktype = frame_kinds[i].linktype;
        CHECK_EQ(mc_decode(d, &packet, segs, &count), MC_V_TCP);
        seg = segs[0];
        if (seg.payload < packet.data || seg.payload >= packet.data + packet.caplen)
            continue;
        CHECK(!mc_decode_is_zeros(&packet, &seg, most));
        payload = frame_start(&f) + (seg.payload - packet.data);
        memset(payload, 0, PAYLOAD);
        /* behind options of IP, or another header, nobody looks */
        plain = seg.ip_version == 4 && strcmp(frame_kinds[i].name, "ipv4_options") != 0 && strcmp(frame_kinds[i].name, "ah") != 0;
        if (mc_decode_is_zeros(&packet, &seg, most) != plain) {
            fprintf(stderr, "    in %s\n", frame_kinds[i].name);
            CHECK(false);
        }
        found += plain;
        CHECK(!mc_decode_is_zeros(&packet, &seg, most - 1));
        packet.caplen = (uint32_t)(seg.payload - packet.data) + PAYLOAD - 1;
        CHECK(!mc_decode_is_zeros(&packet, &seg, most));
        packet.caplen = packet.wirelen;
        payload[PAYLOAD - 1] = 1;
        CHECK(!mc_decode_is_zeros(&packet, &seg, most));
        seg.reassembled = 1;
        payload[PAYLOAD - 1] = 0;
        CHECK(!mc_decode_is_zeros(&packet, &seg, most));
    }
    CHECK(found > 20);
    mc_decoder_close(d);
}

int main(void)
{
    RUN(test_zeros);
    RUN(test_it_takes_the_common_shapes_and_no_others);
    RUN(test_every_change_of_one_byte);
    RUN(test_every_total_length);
    RUN(test_syns);
    return DONE();
}
