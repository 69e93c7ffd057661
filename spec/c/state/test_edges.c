/*
 * test_edges.c: what is kept of payload until it is known what it is, and what is read of it again.
 */
#include <stdlib.h>

#include "application/talk.h"
#include "check.h"
#include "state/edges.h"

enum { MSS = 1000, SEGMENTS = 40 };

static uint8_t stream[SEGMENTS * MSS];

static void put_noise(void)
{
    uint32_t n = 7, i;

    for (i = 0; i < sizeof stream; i++) {
        n = n * 1103515245 + 12345;
        stream[i] = (uint8_t)(n >> 16);
    }
}

/* Records from 'at' on, each of 'length' bytes. */
static void put_records(size_t at, uint8_t type, uint16_t length)
{
    for (; at + 5 <= sizeof stream; at += 5u + length) {
        const uint8_t header[5] = { type, 3, 3, (uint8_t)(length >> 8), (uint8_t)length };

        memcpy(stream + at, header, sizeof header);
    }
}

/* The stream in segments, of which number 'odd' comes twice. */
static void add_all(mc_edges *e, uint32_t segments, uint32_t odd)
{
    uint32_t side = 0, i;

    for (i = 0; i < segments; i++) {
        const mc_segment s = { .seq = i * MSS - 5000u, .len = MSS, .payload = stream + (size_t)i * MSS };

        CHECK(mc_edges_add(e, &side, &s, MSS, 9, i == 3 ? MC_TALK_OPAQUE : i == 4 ? UINT32_MAX : 0));
        if (i == odd)
            CHECK(mc_edges_add(e, &side, &s, MSS, 9, 0));
    }
    CHECK_EQ(side, 1);
    mc_edges_end_chunk(e);
    mc_edges_settle(e);
    mc_edges_settle(e);
}

static uint32_t kept_of(const mc_edges *e, uint32_t *veiled)
{
    uint32_t i, kept = 0;

    for (i = 0, *veiled = 0; i < e->count; i++) {
        kept += e->item[i].kept;
        *veiled += e->item[i].veiled;
    }
    return kept;
}

static void test_what_is_no_tls_goes_once_that_is_sure(void)
{
    mc_edges e = { .count = 0 };
    uint32_t veiled;

    put_noise();
    add_all(&e, SEGMENTS, SEGMENTS);
    CHECK_EQ(kept_of(&e, &veiled), (SEGMENTS - 2) * MC_TALK_BEGINNING + 2 * MSS);
    CHECK_EQ(veiled, 0);
    mc_edges_free(&e);
    add_all(&e, 17, SEGMENTS);                   /* the rest of a record may be as long */
    CHECK_EQ(kept_of(&e, &veiled), 17 * MSS);
    mc_edges_free(&e);
    add_all(&e, SEGMENTS, 20);                   /* what follows what came again stays */
    CHECK_EQ(kept_of(&e, &veiled), 19 * MC_TALK_BEGINNING + 2 * MSS + (SEGMENTS - 20) * MSS);
    mc_edges_free(&e);
}

static void test_what_is_encrypted_is_veiled(void)
{
    mc_edges e = { .count = 0 };
    mc_edges_read r = { .room = 0 };
    mc_packer k = { .count = 0 };
    uint32_t veiled, i, len;
    bool bad = false;

    put_noise();
    put_records(2500, 23, 5000);
    add_all(&e, 16, SEGMENTS);
    CHECK_EQ(kept_of(&e, &veiled), 16 * MSS);
    CHECK_EQ(veiled, 15);                        /* all but what was asked for */
    CHECK(mc_edges_pack(&e, 0, &k));
    CHECK(mc_edges_read_chunk(&r, k.bytes, k.count, &bad) && !bad);
    for (i = 0; i < 16; i++) {
        const uint8_t *p = mc_edges_read_next(&r, MSS, &len);
        const uint8_t *const is = stream + (size_t)i * MSS;

        CHECK(p != NULL && len == MSS && memcmp(p, is, MC_TALK_BEGINNING) == 0);
        CHECK_EQ(p >= r.whole_end, i != 4);
        if (p == NULL)
            break;
        if (i == 2 || i == 7 || i == 12)         /* where a record begins */
            CHECK(memcmp(p + (2500 + i / 5 * 5005u) % MSS, is + (2500 + i / 5 * 5005u) % MSS, 5) == 0);
        CHECK_EQ(p[999], i == 4 ? is[999] : 0);
    }
    CHECK(mc_edges_are_read(&r) && mc_edges_read_next(&r, MSS, &len) == NULL);
    k.count = 0;
    CHECK(!mc_edges_pack(&e, 1, &k));
    mc_edges_free(&e);
    put_noise();
    put_records(2500, 22, 5000);                 /* plain: nothing goes */
    add_all(&e, 16, SEGMENTS);
    CHECK_EQ(kept_of(&e, &veiled), 16 * MSS);
    CHECK_EQ(veiled, 0);
    mc_edges_free(&e);
    put_noise();
    put_records(2500, 23, 20000);                /* two ways to read it: so it is not known */
    put_records(7400, 23, 18000);
    add_all(&e, 12, SEGMENTS);
    CHECK_EQ(kept_of(&e, &veiled), 12 * MSS);
    mc_edges_free(&e);
    mc_edges_read_free(&r);
    free(k.bytes);
}

static void test_there_is_a_bound(void)
{
    static uint8_t many[MC_EDGES_MOST / 64];
    mc_edges e = { .count = 0 };
    uint32_t i, side = 0;

    for (i = 0; i < 65; i++) {
        const mc_segment s = { .seq = i * (uint32_t)sizeof many, .len = sizeof many, .payload = many };

        CHECK_EQ(mc_edges_add(&e, &side, &s, sizeof many, 1, 0), i < 64);
    }
    CHECK(e.chunk_bytes >= MC_EDGES_CHUNK);
    mc_edges_end_chunk(&e);
    CHECK_EQ(e.chunk_bytes, 0);
    mc_edges_free(&e);
}

/* Numbers of items, their bytes twice, and those. */
static void test_what_cannot_be_is_bad(void)
{
    static const uint8_t fine[] = { 2, 4, 3, 'a', 'b', 'c' }, more[] = { 2, 4, 5, 'a', 'b', 'c' }, none[] = { 9, 4 };
    mc_edges_read r = { .room = 0 };
    uint32_t len = 0;
    bool bad = false;

    CHECK(mc_edges_read_chunk(&r, fine, sizeof fine, &bad) && !bad);
    CHECK(mc_edges_read_next(&r, 1, &len) == NULL);                  /* more than was captured */
    CHECK(mc_edges_read_chunk(&r, fine, sizeof fine, &bad) && !bad);
    CHECK(mc_edges_read_next(&r, 7, &len) != NULL && len == 2 && !mc_edges_are_read(&r));
    CHECK(mc_edges_read_next(&r, 2, &len) == NULL);                  /* zeros stand for all of it */
    CHECK(mc_edges_read_chunk(&r, more, sizeof more, &bad) && bad);
    bad = false;
    CHECK(mc_edges_read_chunk(&r, none, sizeof none, &bad) && bad);
    bad = false;
    CHECK(mc_edges_read_chunk(&r, none, 0, &bad) && bad);
    CHECK(mc_edges_read_next(&r, 9, &len) == NULL);
    mc_edges_read_free(&r);
}

int main(void)
{
    RUN(test_what_is_no_tls_goes_once_that_is_sure);
    RUN(test_what_is_encrypted_is_veiled);
    RUN(test_there_is_a_bound);
    RUN(test_what_cannot_be_is_bad);
    return DONE();
}
