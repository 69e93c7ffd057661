/*
 * A frame for each encapsulation: decoded whole, with padding behind, and at every cut.
 */
#include "check.h"
#include "frame_kinds.h"

static frame f;

static void test_each_encapsulation_gives_its_segment(void)
{
    mc_segment seg;
    size_t i;

    for (i = 0; i < MC_ARRAY_LEN(frame_kinds); i++) {
        memset(&seg, 0, sizeof seg);
        frame_kinds[i].build(&f);
        CHECK(mc_decode_knows(frame_kinds[i].linktype));
        CHECK_EQ(frame_decode(&f, frame_kinds[i].linktype, &seg), MC_V_TCP);
        if (!frame_is_plain(&seg, frame_kinds[i].version, PAYLOAD)) {
            fprintf(stderr, "    in %s: len %u\n", frame_kinds[i].name, (unsigned)seg.len);
            CHECK(false);
        }
    }
}

/* Trailers are not payload (IN-3), whatever the layers. */
static void test_bytes_behind_the_ip_length_are_not_payload(void)
{
    mc_segment seg;
    size_t i;

    for (i = 0; i < MC_ARRAY_LEN(frame_kinds); i++) {
        memset(&seg, 0, sizeof seg);
        frame_kinds[i].build(&f);
        frame_pad(&f, 50, 0xee);
        CHECK_EQ(frame_decode(&f, frame_kinds[i].linktype, &seg), MC_V_TCP);
        if (!frame_is_plain(&seg, frame_kinds[i].version, PAYLOAD)) {
            fprintf(stderr, "    in %s: len %u\n", frame_kinds[i].name, (unsigned)seg.len);
            CHECK(false);
        }
    }
}

/*
 * Cut by the snap length: truncated up to the end of the TCP header, the full length from
 * there on.
 */
static void test_every_prefix_is_truncated(void)
{
    mc_segment segs[MC_MAX_SEGMENTS];
    size_t i, n, count, length;
    mc_verdict verdict;

    for (i = 0; i < MC_ARRAY_LEN(frame_kinds); i++) {
        frame_kinds[i].build(&f);
        length = frame_length(&f);
        for (n = 0; n <= length; n++) {
            memset(segs, 0, sizeof segs);
            verdict = frame_decode_cut(&f, frame_kinds[i].linktype, n, length, segs, &count);
            if (n < length - PAYLOAD ? verdict != MC_V_TRUNCATED || count != 0
                                     : verdict != MC_V_TCP || count != 1 ||
                                           !frame_is_plain(&segs[0], frame_kinds[i].version, PAYLOAD)) {
                fprintf(stderr, "    in %s, cut at %zu of %zu: verdict %d\n", frame_kinds[i].name, n, length,
                        (int)verdict);
                CHECK(false);
            }
        }
    }
}

/* A frame that really was so short has no segment, or one of the bytes that are there. */
static void test_every_short_frame_has_an_honest_verdict(void)
{
    mc_segment segs[MC_MAX_SEGMENTS];
    size_t i, n, count, length;
    mc_verdict verdict;

    for (i = 0; i < MC_ARRAY_LEN(frame_kinds); i++) {
        frame_kinds[i].build(&f);
        length = frame_length(&f);
        for (n = 0; n < length; n++) {
            memset(segs, 0, sizeof segs);
            verdict = frame_decode_cut(&f, frame_kinds[i].linktype, n, n, segs, &count);
            if (n < length - PAYLOAD ? (verdict != MC_V_TRUNCATED && verdict != MC_V_NOT_TCP &&
                                        verdict != MC_V_MALFORMED) ||
                                           count != 0
                                     : verdict != MC_V_TCP || count != 1 ||
                                           segs[0].len != PAYLOAD - (length - n)) {
                fprintf(stderr, "    in %s, %zu of %zu: verdict %d\n", frame_kinds[i].name, n, length, (int)verdict);
                CHECK(false);
            }
        }
    }
}

/* Mutations of every frame: nothing is read beyond the end, and both ways agree. */
static void test_changed_frames_decode_alike_in_both_ways(void)
{
    mc_decoder *fast = frame_decoder(), *general = NULL;
    uint32_t random = 7;
    size_t i, k;
    unsigned round;

    CHECK_EQ(mc_decoder_open(&general, true, NULL), MC_OK);
    for (i = 0; i < MC_ARRAY_LEN(frame_kinds); i++) {
        for (round = 0; round < 300; round++) {
            mc_packet packet = { 0 };
            uint8_t *copy;

            frame_kinds[i].build(&f);
            for (k = same_random(&random) % 4; k > 0; k--)
                frame_start(&f)[same_random(&random) % frame_length(&f)] = (uint8_t)same_random(&random);
            packet.wirelen = (uint32_t)frame_length(&f);
            packet.caplen = round % 3 == 0 ? same_random(&random) % (packet.wirelen + 1) : packet.wirelen;
            packet.linktype = frame_kinds[i].linktype;
            copy = malloc(packet.caplen > 0 ? packet.caplen : 1);
            if (copy == NULL)
                abort();
            memcpy(copy, frame_start(&f), packet.caplen);
            packet.data = copy;
            CHECK(same_decode(fast, general, &packet));
            free(copy);
        }
    }
    mc_decoder_close(fast);
    mc_decoder_close(general);
}

int main(void)
{
    RUN(test_each_encapsulation_gives_its_segment);
    RUN(test_bytes_behind_the_ip_length_are_not_payload);
    RUN(test_every_prefix_is_truncated);
    RUN(test_every_short_frame_has_an_honest_verdict);
    RUN(test_changed_frames_decode_alike_in_both_ways);
    return DONE();
}
