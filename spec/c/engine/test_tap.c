/*
 * test_tap.c: what a tap notes of a segment, and by what payloads are told apart.
 */
#include <stdlib.h>

#include "check.h"
#include "engine/tap.h"

#define MOST 300u

static uint8_t bytes[MOST];

static void fill(void)
{
    uint32_t i;

    for (i = 0; i < MOST; i++)
        bytes[i] = (uint8_t)(i * 37 + 11);
}

/* In memory of its own, so that a read beside it shows. */
static void digest(const uint8_t *p, uint32_t captured, bool whole, uint32_t out[MC_DIGESTS])
{
    uint8_t *copy = malloc(captured > 0 ? captured : 1);

    if (copy == NULL)
        abort();
    memcpy(copy, p, captured);
    memset(out, 0, MC_DIGESTS * sizeof *out);
    mc_tap_digest(copy, captured, whole, out);
    free(copy);
}

static void test_each_digest_is_of_so_many_bytes(void)
{
    uint32_t all[MC_DIGESTS], d[MC_DIGESTS], len;

    fill();
    digest(bytes, MOST, true, all);
    for (len = 0; len <= MOST; len++) {
        digest(bytes, len, true, d);
        CHECK_EQ(d[0], len >= 16 ? all[0] : 0);
        CHECK_EQ(d[1], len >= 64 ? all[1] : 0);
        CHECK((d[2] != 0) == (len > 0));
        digest(bytes, len, false, d);
        CHECK_EQ(d[0], len >= 16 ? all[0] : 0);
        CHECK_EQ(d[1], len >= 64 ? all[1] : 0);
        CHECK_EQ(d[2], 0);
    }
}

/* Each bit counts, wherever it stands, and so does the length. */
static void test_every_change_shows(void)
{
    uint32_t was[MC_DIGESTS], d[MC_DIGESTS], len, i;
    unsigned bit;

    fill();
    for (len = 1; len <= MOST; len += len < 150 ? 1 : 29) {
        digest(bytes, len, true, was);
        for (i = 0; i < len; i++)
            for (bit = 0; bit < 8; bit++) {
                bytes[i] ^= (uint8_t)(1u << bit);
                digest(bytes, len, true, d);
                CHECK(d[2] != was[2]);
                CHECK((d[0] != was[0]) == (i < 16 && len >= 16));
                CHECK((d[1] != was[1]) == (i < 64 && len >= 64));
                bytes[i] ^= (uint8_t)(1u << bit);
            }
    }
    memset(bytes, 0, sizeof bytes);
    digest(bytes, 1, true, was);
    for (len = 2; len <= MOST; len++) {          /* zeros, of which there are more */
        digest(bytes, len, true, d);
        CHECK(d[2] != was[2]);
        memcpy(was, d, sizeof was);
    }
}

static void test_what_changes_places_shows(void)
{
    uint32_t was[MC_DIGESTS], d[MC_DIGESTS], i, k;
    uint8_t piece[8];

    fill();
    digest(bytes, 256, true, was);
    for (i = 0; i < 256; i += 8)
        for (k = i + 8; k < 256; k += 8) {
            memcpy(piece, bytes + i, 8);
            memcpy(bytes + i, bytes + k, 8);
            memcpy(bytes + k, piece, 8);
            digest(bytes, 256, true, d);
            CHECK(d[2] != was[2]);
            memcpy(bytes + k, bytes + i, 8);
            memcpy(bytes + i, piece, 8);
        }
}

/* A frame of 'len' bytes of payload, with so many tags, and timestamps or not. */
static uint32_t put_frame(uint8_t *f, bool v6, unsigned tags, bool timestamps, uint32_t len)
{
    const uint32_t header = timestamps ? 32 : 20;
    uint8_t *p = f, *ip;
    uint32_t i;

    memset(p, 2, 12);
    p += 12;
    for (i = 0; i < tags; i++) {
        memcpy(p, "\x81\0\0\5", 4);
        p += 4;
    }
    memcpy(p, v6 ? "\x86\xdd" : "\x08\0", 2);
    ip = p += 2;
    if (v6) {
        memcpy(ip, "\x6b\x80\0\0", 4);
        ip[4] = (uint8_t)((header + len) >> 8);
        ip[5] = (uint8_t)(header + len);
        ip[6] = 6;
        ip[7] = 61;
        memset(ip + 8, 0x20, 32);
        p += 40;
    } else {
        memcpy(ip, "\x45\xb8", 2);
        ip[2] = (uint8_t)((20 + header + len) >> 8);
        ip[3] = (uint8_t)(20 + header + len);
        memcpy(ip + 4, "\x12\x34\x40\0\x3d\6\0\0", 8);
        memset(ip + 12, 10, 8);
        p += 20;
    }
    memset(p, 0, header);
    memcpy(p, "\xc0\1\1\xbb\1\2\3\4\5\6\7\x8", 12);
    p[12] = (uint8_t)(header << 2);
    p[13] = MC_TH_ACK | MC_TH_PSH;
    memcpy(p + 14, "\x10\xff", 2);
    if (timestamps)
        memcpy(p + 20, "\1\1\x8\xa\x11\x12\x13\x14\x21\x22\x23\x24", 12);
    p += header;
    for (i = 0; i < len; i++)
        *p++ = (uint8_t)(i * 7 + 1);
    return (uint32_t)(p - f);
}

/* One that is not decoded is noted as one that is. */
static void test_a_plain_one_is_noted_as_a_decoded_one(void)
{
    static const uint32_t lengths[] = { 0, 1, 15, 16, 63, 64, 200 };
    mc_tap tap = { 0 };
    uint8_t frame[512];
    unsigned kind, l, tags;
    uint32_t cut;

    for (kind = 0; kind < 4; kind++)
        for (tags = 0; tags < 3; tags++)
            for (l = 0; l < MC_ARRAY_LEN(lengths); l++)
                for (cut = 0; cut <= lengths[l]; cut += lengths[l] < 70 ? 1 : 13) {
                    const bool v6 = (kind & 1) != 0, timestamps = (kind & 2) != 0;
                    const uint32_t whole = put_frame(frame, v6, tags, timestamps, lengths[l]);
                    const mc_packet packet = { .data = frame, .caplen = whole - cut, .wirelen = whole, .time_ns = 5, .linktype = 1 };
                    mc_match plain = { .hash = 9, .kind = MC_MATCH_FROM_SERVER, .packet = &packet, .key = { .peer = { 1, 2 } } }, decoded = plain;
                    mc_segment s;
                    mc_headers h = { 0 };

                    CHECK(mc_decode_fast(&packet, &s) && mc_decode_find(&packet, &h));
                    mc_match_plain(&plain, mc_decode_summary(&h, v6, timestamps ? h.tcp + 24 : NULL), &packet);
                    mc_match_decoded(&decoded, &s, &packet);
                    tap.count = 0;
                    mc_tap_take(&tap, &plain, 1, &packet, 3);
                    mc_tap_take(&tap, &decoded, 1, &packet, 3);
                    CHECK_EQ(tap.count, 2);
                    CHECK(memcmp(&tap.items[0], &tap.items[1], sizeof tap.items[0]) == 0);
                    CHECK_EQ(tap.items[0].seen.captured, lengths[l] - cut);
                    CHECK_EQ(tap.items[0].seen.ts_ecr, timestamps ? 0x21222324 : 0);
                    CHECK_EQ(tap.items[0].seen.frame, 3);
                }
    mc_tap_free(&tap);
}

/* What has no time is of no use to who reads along. */
static void test_what_has_no_time_is_not_noted(void)
{
    mc_tap tap = { 0 };
    uint8_t frame[512];
    mc_headers h = { 0 };
    const uint32_t len = put_frame(frame, false, 0, true, 20);
    const mc_packet packet = { .data = frame, .caplen = len, .wirelen = len, .time_ns = MC_NO_TIME, .linktype = 1 };
    mc_match plain = { .packet = &packet };

    CHECK(mc_decode_find(&packet, &h));
    mc_match_plain(&plain, mc_decode_summary(&h, false, h.tcp + 24), &packet);
    mc_tap_take(&tap, &plain, 1, &packet, 1);
    CHECK(tap.count == 0 && tap.unclear == 1);
    mc_tap_free(&tap);
}

int main(void)
{
    RUN(test_each_digest_is_of_so_many_bytes);
    RUN(test_every_change_shows);
    RUN(test_what_changes_places_shows);
    RUN(test_a_plain_one_is_noted_as_a_decoded_one);
    RUN(test_what_has_no_time_is_not_noted);
    return DONE();
}
