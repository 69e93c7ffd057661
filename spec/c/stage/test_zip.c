/*
 * test_zip.c: compressed streams in pieces of any size, cut at every byte, damaged
 * at every byte, with members, padding and garbage behind them.
 */
#include "capture_bytes.h"

#include "check.h"
#include "packed_captures.h"
#include "stage/stage.h"
#include "stage/zip.h"

static bytes capture_of(unsigned count)
{
    bytes b = { .big = false };
    unsigned i;

    put_pcap_header(&b, MAGIC_US, 2, 4, 65535, 1);
    for (i = 0; i < count; i++) {
        put_pcap_record(&b, false, i, 0, 100, 100);
        put_payload(&b, i, 100);
    }
    return b;
}

static const struct {
    const char *name;
    const uint8_t *p;
    size_t length;
} packed[] = {
    { "gzip", packed_gzip, sizeof packed_gzip },    { "zstd", packed_zstd, sizeof packed_zstd },
    { "xz", packed_xz, sizeof packed_xz },          { "lz4", packed_lz4, sizeof packed_lz4 },
    { "bzip2", packed_bzip2, sizeof packed_bzip2 },
};

/* ------------------------------------------------------------------ a stage of drops */

typedef struct drip {
    mc_stage base;
    const uint8_t *p;
    size_t left, size;               /* bytes still to come; at most so many a call */
    bool dry;                        /* every other call gives nothing */
    mc_status end;
} drip;

static mc_status drip_read(mc_stage *base, uint8_t *out, size_t size, size_t *got,
                           unsigned wait_ms, mc_error *err)
{
    drip *d = (drip *)base;

    (void)wait_ms;
    *got = 0;
    d->dry = !d->dry;
    if (d->dry)
        return MC_OK;
    if (d->left == 0)
        return d->end == MC_END ? MC_END : mc_fail(err, d->end, 0, "the stage below failed");
    *got = d->left < d->size ? d->left : d->size;
    *got = *got < size ? *got : size;
    memcpy(out, d->p, *got);
    d->p += *got;
    d->left -= *got;
    return MC_OK;
}

static void drip_close(mc_stage *base)
{
    free(base);
}

static const mc_stage_ops drip_ops = { drip_read, drip_close, NULL };

typedef struct inflated {
    bytes out;
    mc_status status;
    mc_error err;
} inflated;

/* Inflates through drops of 'drop' bytes and rooms of 'room' bytes. */
static inflated inflate_all(const char *name, const uint8_t *p, size_t length, size_t drop,
                            size_t room, mc_status end)
{
    inflated r = { .status = MC_OK };
    drip *d = calloc(1, sizeof *d);
    mc_stage *top = &d->base;
    uint8_t *buffer = malloc(room);
    size_t got, calls = 0;

    d->base.ops = &drip_ops;
    d->p = p;
    d->left = length;
    d->size = drop;
    d->end = end;
    r.status = mc_stage_zip_push(&top, name, p, 0, &r.err);
    while (r.status == MC_OK && calls++ < 1000000) {
        r.status = mc_stage_read(top, buffer, room, &got, 0, &r.err);
        if (r.status == MC_OK)
            put(&r.out, buffer, got);
    }
    /* the end is for good */
    if (r.status != MC_OK) {
        mc_status again;

        do
            again = mc_stage_read(top, buffer, room, &got, 0, &r.err);
        while (again == MC_OK && calls++ < 1000000);
        CHECK_EQ(again, r.status);
    }
    mc_stage_close(top);
    free(buffer);
    return r;
}

static bool is_whole(const inflated *r, const bytes *want)
{
    return r->status == MC_END && r->out.len == want->len
        && memcmp(r->out.p, want->p, want->len) == 0;
}

/* ------------------------------------------------------------------ tests */

static void test_pieces_of_any_size(void)
{
    static const size_t sizes[] = { 1, 3, 17, 100, 5000 };
    bytes want = capture_of(30);
    size_t i, a, b;

    for (i = 0; i < MC_ARRAY_LEN(packed); i++) {
        if (mc_zip_codec_find(packed[i].name) == NULL)
            continue;
        for (a = 0; a < MC_ARRAY_LEN(sizes); a++)
            for (b = 0; b < MC_ARRAY_LEN(sizes); b++) {
                inflated r = inflate_all(packed[i].name, packed[i].p, packed[i].length, sizes[a],
                                         sizes[b], MC_END);

                CHECK(is_whole(&r, &want));
                free(r.out.p);
            }
    }
    free(want.p);
}

static void test_every_cut_is_noticed(void)
{
    bytes want = capture_of(30);
    size_t i, n;

    for (i = 0; i < MC_ARRAY_LEN(packed); i++) {
        if (mc_zip_codec_find(packed[i].name) == NULL)
            continue;
        for (n = 1; n < packed[i].length; n++) {
            inflated r = inflate_all(packed[i].name, packed[i].p, n, 64, 4096, MC_END);

            CHECK_EQ(r.status, MC_TRUNCATED);
            CHECK(strstr(r.err.msg, "data ends early") != NULL);
            CHECK(r.out.len <= want.len
                  && (r.out.len == 0 || memcmp(r.out.p, want.p, r.out.len) == 0));
            free(r.out.p);
            /* a failure below has the say */
            if (n % 16 == 0) {
                r = inflate_all(packed[i].name, packed[i].p, n, 64, 4096, MC_NETWORK);
                CHECK_EQ(r.status, MC_NETWORK);
                CHECK_STR(r.err.msg, "the stage below failed");
                free(r.out.p);
            }
        }
    }
    free(want.p);
}

/* All of these have checksums: what comes to a good end is whole. */
static void test_no_changed_byte_is_believed(void)
{
    static const uint8_t masks[] = { 0x10, 0xff };
    bytes want = capture_of(30);
    uint8_t copy[2048];
    size_t i, n, m;

    for (i = 0; i < MC_ARRAY_LEN(packed); i++) {
        if (mc_zip_codec_find(packed[i].name) == NULL)
            continue;
        for (n = 0; n < packed[i].length; n++)
            for (m = 0; m < MC_ARRAY_LEN(masks); m++) {
                inflated r;

                memcpy(copy, packed[i].p, packed[i].length);
                copy[n] ^= masks[m];
                r = inflate_all(packed[i].name, copy, packed[i].length, 4096, 4096, MC_END);
                CHECK(r.status != MC_OK);
                if (r.status == MC_END && !is_whole(&r, &want)) {
                    fprintf(stderr, "%s: byte %zu ^ %02x\n", packed[i].name, n, masks[m]);
                    CHECK(is_whole(&r, &want));
                }
                free(r.out.p);
            }
    }
    free(want.p);
}

/* A wrong checksum at the end says that something is wrong, and takes away nothing. */
static void test_damage_loses_nothing_before_it(void)
{
    static const size_t sizes[] = { 1, 17, 100, 5000 };
    bytes want = capture_of(30);
    uint8_t copy[2048];
    size_t i, a, b;

    for (i = 0; i < MC_ARRAY_LEN(packed); i++) {
        /* of xz the index stands last; the checksum of the data lies before it */
        const size_t at = strcmp(packed[i].name, "xz") == 0 ? packed[i].length - 12 - 8 - 8 : packed[i].length - 2;

        if (mc_zip_codec_find(packed[i].name) == NULL || strcmp(packed[i].name, "bzip2") == 0)
            continue;
        memcpy(copy, packed[i].p, packed[i].length);
        copy[at] ^= 0x10;
        for (a = 0; a < MC_ARRAY_LEN(sizes); a++)
            for (b = 0; b < MC_ARRAY_LEN(sizes); b++) {
                inflated r = inflate_all(packed[i].name, copy, packed[i].length, sizes[a], sizes[b], MC_END);

                CHECK_EQ(r.status, MC_FORMAT);
                CHECK_EQ(r.out.len, want.len);
                CHECK(r.out.len == want.len && memcmp(r.out.p, want.p, want.len) == 0);
                free(r.out.p);
            }
        if (check_failures > 0)
            printf("# %s\n", packed[i].name);
    }
    free(want.p);
}

/* ISA-L, where it is installed, and zlib come to the same end. */
static void test_both_gzip_decoders_agree(void)
{
    uint8_t copy[sizeof packed_gzip];
    size_t n;
    unsigned bit;

    for (n = 0; n < sizeof packed_gzip; n++)
        for (bit = n < 20 ? 0 : n % 4; bit < 8; bit += n < 20 ? 1 : 4) {
            inflated a, b;

            memcpy(copy, packed_gzip, sizeof copy);
            copy[n] ^= (uint8_t)(1u << bit);
            /* reserved header flags: ISA-L does not look at them (RFC 1952, 2.3.1.2) */
            if (n == 3 && bit >= 5)
                continue;
            a = inflate_all("gzip", copy, sizeof copy, 4096, 4096, MC_END);
            b = inflate_all("gzip by zlib", copy, sizeof copy, 4096, 4096, MC_END);
            if (a.status != b.status) {
                fprintf(stderr, "byte %zu bit %u: %s \"%s\", zlib %s \"%s\"\n", n, bit,
                        mc_status_code(a.status), a.err.msg, mc_status_code(b.status), b.err.msg);
                /* a cut and a damage are told apart by what was looked for first */
                CHECK(a.status != MC_END && b.status != MC_END);
            }
            free(a.out.p);
            free(b.out.p);
        }
}

/* A header with a sum of its own (RFC 1952, 2.3.1), in pieces of any size, of the first member and of a later one. */
static void test_a_header_with_a_sum(void)
{
    static const uint8_t head[12] = { 0x1f, 0x8b, 8, 2, 0, 0, 0, 0, 0, 3, 0xa7, 0x77 };
    static const size_t sizes[] = { 1, 3, 11, 4096 };
    bytes one = capture_of(30), want = { .big = false };
    size_t i, members;

    for (members = 1; members <= 3; members++) {
        put(&want, one.p, one.len);
        for (i = 0; i < MC_ARRAY_LEN(sizes); i++) {
            bytes b = { .big = false };
            inflated r;
            size_t n;

            for (n = 0; n < members; n++) {      /* the second one has none */
                put(&b, n == 1 ? packed_gzip : head, n == 1 ? 10 : sizeof head);
                put(&b, packed_gzip + 10, sizeof packed_gzip - 10);
            }
            r = inflate_all("gzip", b.p, b.len, sizes[i], 4096, MC_END);
            CHECK(is_whole(&r, &want));
            free(r.out.p);
            b.p[10] ^= 1;
            r = inflate_all("gzip", b.p, b.len, sizes[i], 4096, MC_END);
            CHECK_EQ(r.status, MC_FORMAT);
            CHECK_EQ(r.out.len, 0);
            free(r.out.p);
            free(b.p);
        }
    }
    free(one.p);
    free(want.p);
}

static void test_members_padding_and_garbage(void)
{
    size_t i, n;

    for (i = 0; i < MC_ARRAY_LEN(packed); i++) {
        bytes one = capture_of(30), b = { .big = false }, want = { .big = false };
        inflated r;

        if (mc_zip_codec_find(packed[i].name) == NULL)
            continue;
        for (n = 0; n < 3; n++) {
            put(&b, packed[i].p, packed[i].length);
            put(&want, one.p, one.len);
        }
        r = inflate_all(packed[i].name, b.p, b.len, 50, 4096, MC_END);
        CHECK(is_whole(&r, &want));
        free(r.out.p);
        put_zeros(&b, 200);
        r = inflate_all(packed[i].name, b.p, b.len, 50, 4096, MC_END);
        CHECK(is_whole(&r, &want));
        free(r.out.p);
        put(&b, "x", 1);
        r = inflate_all(packed[i].name, b.p, b.len, 50, 4096, MC_END);
        CHECK_EQ(r.status, MC_FORMAT);
        CHECK(strstr(r.err.msg, "after the end of the") != NULL);
        CHECK_EQ(r.out.len, want.len);
        free(r.out.p);
        /* the stage below fails after the last member: no good end either */
        r = inflate_all(packed[i].name, packed[i].p, packed[i].length, 50, 4096, MC_NETWORK);
        CHECK_EQ(r.status, MC_NETWORK);
        CHECK_EQ(r.out.len, one.len);
        free(r.out.p);
        free(b.p);
        free(want.p);
        free(one.p);
    }
}

static void test_compressed_files_are_captures(void)
{
    bytes plain = capture_of(30);
    outcome want = read_bytes(&plain), o;
    size_t i;

    for (i = 0; i < MC_ARRAY_LEN(packed); i++) {
        o = read_bytes_by(packed[i].p, packed[i].length, NULL, 16);
        if (mc_zip_codec_find(packed[i].name) == NULL) {
            CHECK_EQ(o.status, MC_UNSUPPORTED);
            CHECK(strstr(o.err.msg, packed[i].name) != NULL);
            continue;
        }
        CHECK_EQ(o.status, MC_END);
        CHECK_EQ(o.packets, 30);
        CHECK(o.sum == want.sum);
        CHECK_STR(o.facts.compression, packed[i].name);
        CHECK_STR(o.facts.format, "pcap");
        CHECK_EQ(o.facts.inflated_bytes, plain.len);
        CHECK_EQ(o.facts.bytes_done, packed[i].length);
        CHECK_EQ(o.facts.bytes_total, packed[i].length);
        /* and to libpcap as well */
        o = read_bytes_by(packed[i].p, packed[i].length, "libpcap", 16);
        CHECK_EQ(o.packets, 30);
        CHECK(o.sum == want.sum);
        /* cut within: what came before, and why it ends */
        o = read_bytes_by(packed[i].p, packed[i].length - 1, NULL, 16);
        if (o.packets > 0) {
            CHECK_EQ(o.status, MC_END);
            CHECK(o.facts.truncated);
            CHECK(strstr(o.facts.truncated_reason, "data ends early") != NULL);
            o = read_bytes_by(packed[i].p, packed[i].length - 1, "libpcap", 16);
            CHECK(o.facts.truncated);
            CHECK(strstr(o.facts.truncated_reason, "data ends early") != NULL);
        } else {
            CHECK_EQ(o.status, MC_TRUNCATED);
        }
    }
    free(plain.p);
}

/* A stored block of deflate around 'data': compression without a compressor. */
static bytes stored_gzip(const void *data, size_t length)
{
    static const uint8_t header[10] = { 0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 255 };
    bytes b = { .big = false };
    uint32_t crc = 0xffffffff;
    size_t i;
    int bit;

    put(&b, header, sizeof header);
    put(&b, "\1", 1);
    put16(&b, (unsigned)length);
    put16(&b, (unsigned)length ^ 0xffff);
    put(&b, data, length);
    for (i = 0; i < length; i++) {
        crc ^= ((const uint8_t *)data)[i];
        for (bit = 0; bit < 8; bit++)
            crc = crc >> 1 ^ (crc & 1 ? 0xedb88320u : 0);
    }
    put32(&b, crc ^ 0xffffffff);
    put32(&b, length);
    return b;
}

static void test_two_layers_and_no_more(void)
{
    bytes plain = capture_of(5), once = stored_gzip(plain.p, plain.len),
          twice = stored_gzip(once.p, once.len), thrice = stored_gzip(twice.p, twice.len);
    outcome o = read_bytes(&once);

    CHECK_EQ(o.packets, 5);
    o = read_bytes(&twice);
    CHECK_EQ(o.packets, 5);
    CHECK_STR(o.facts.compression, "gzip");
    o = read_bytes(&thrice);
    CHECK_EQ(o.status, MC_FORMAT);
    CHECK(strstr(o.err.msg, "compressed more than 2 times") != NULL);
    free(plain.p);
    free(once.p);
    free(twice.p);
    free(thrice.p);
}

/* Members without contents, a thousand of them and then the capture; and a call's
   work is bounded while nothing comes of it. */
static void test_empty_members(void)
{
    bytes plain = capture_of(5), once = stored_gzip(plain.p, plain.len),
          nothing = stored_gzip("", 0), b = { .big = false };
    outcome o;
    size_t i;

    for (i = 0; i < 1000; i++)
        put(&b, nothing.p, nothing.len);
    put(&b, once.p, once.len);
    o = read_bytes(&b);
    CHECK_EQ(o.packets, 5);
    CHECK_EQ(o.status, MC_END);
    for (i = 0; i < 150000; i++)
        put(&b, nothing.p, nothing.len);
    o = read_bytes(&b);
    CHECK_EQ(o.packets, 5);
    CHECK_EQ(o.status, MC_END);
    CHECK(o.calls >= 4);
    free(plain.p);
    free(once.p);
    free(nothing.p);
    free(b.p);
}

int main(void)
{
    RUN(test_pieces_of_any_size);
    RUN(test_every_cut_is_noticed);
    RUN(test_no_changed_byte_is_believed);
    RUN(test_damage_loses_nothing_before_it);
    RUN(test_both_gzip_decoders_agree);
    RUN(test_a_header_with_a_sum);
    RUN(test_members_padding_and_garbage);
    RUN(test_compressed_files_are_captures);
    RUN(test_two_layers_and_no_more);
    RUN(test_empty_members);
    drop_file();
    return DONE();
}
