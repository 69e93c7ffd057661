/*
 * test_early_threads.c: files that threads inflate before their turn, held against the same files in their turn.
 */
#include "capture_bytes.h"

#include <unistd.h>
#include <zlib.h>

#include "check.h"
#include "temp_folder.h"

enum { KINDS = 14, LISTS = 150, MOST = 6 };

static char paths[KINDS][160];

static bytes gzipped(const bytes *from)
{
    const size_t room = from->len + from->len / 100 + 1000;
    bytes b = { .big = false };
    z_stream z = { .next_in = from->p };
    uint8_t *out = malloc(room);

    CHECK_EQ(deflateInit2(&z, 1, Z_DEFLATED, MAX_WBITS + 16, 8, Z_DEFAULT_STRATEGY), Z_OK);
    z.avail_in = (unsigned)from->len;
    z.next_out = out;
    z.avail_out = (unsigned)room;
    CHECK_EQ(deflate(&z, Z_FINISH), Z_STREAM_END);
    put(&b, out, z.total_out);
    deflateEnd(&z);
    free(out);
    return b;
}

/* 'count' packets of up to 'most' bytes. */
static bytes drawn_capture(unsigned count, uint32_t most)
{
    bytes b = { .big = false };
    unsigned i;

    put_pcap_header(&b, MAGIC_US, 2, 4, 262144, 1);
    for (i = 0; i < count; i++) {
        const uint32_t length = 1 + (uint32_t)rand() % most;

        put_pcap_record(&b, false, i, 0, length, length);
        put_payload(&b, (unsigned)rand(), length);
    }
    return b;
}

static void keep(unsigned at, const bytes *b, size_t length)
{
    char leaf[16];

    snprintf(leaf, sizeof leaf, "%u", at);
    snprintf(paths[at], sizeof paths[at], "%s", write_file(leaf, b->p, length));
}

static void make_files(void)
{
    bytes plain = drawn_capture(300, 1500), large = drawn_capture(2500, 1500), records = drawn_capture(12, 200000), z, twice, more;
    unsigned i;

    keep(0, &plain, plain.len);
    z = gzipped(&plain);
    keep(1, &z, z.len);
    twice = gzipped(&z);
    keep(2, &twice, twice.len);                  /* compressed twice */
    keep(3, &z, z.len - 4);                      /* its end is missing */
    keep(4, &z, 10);                             /* less than is needed to know it */
    keep(5, &z, 40);
    keep(6, &z, 0);
    put(&z, "no gzip follows", 15);
    keep(7, &z, z.len);
    free(z.p);
    free(twice.p);
    z = gzipped(&large);
    keep(8, &z, z.len);                          /* many blocks */
    keep(9, &z, z.len / 2);
    z.p[z.len / 3] ^= 0x55;
    keep(10, &z, z.len);                         /* damaged */
    free(z.p);
    z = gzipped(&records);
    keep(11, &z, z.len);                         /* records that are longer than a block has room for in front */
    free(z.p);
    for (i = 0; i < 30; i++)
        large.p[large.len / 2 + i] = 0xff;
    z = gzipped(&large);
    keep(12, &z, z.len);                         /* sound gzip of a damaged capture */
    free(z.p);
    more = gzipped(&plain);
    put(&more, "\0\0\0\0", 4);
    keep(13, &more, more.len);
    free(more.p);
    free(plain.p);
    free(large.p);
    free(records.p);
}

/* Reads up to 'most' packets of 'inputs'. */
static outcome read_up_to(const mc_input *inputs, size_t count, const mc_options *options, uint64_t most)
{
    mc_packet packets[64];
    mc_source *s = NULL;
    outcome o;
    size_t n, i;

    memset(&o, 0, sizeof o);
    o.status = mc_source_open(&s, inputs, count, options, &o.err);
    while (o.status == MC_OK && o.packets < most) {
        o.status = mc_source_next(s, packets, (size_t)mc_min_u64(16, most - o.packets), &n, 50, &o.err);
        for (i = 0; i < n; i++, o.packets++)
            o.sum = fnv(fnv(o.sum, &packets[i].time_ns, 8), packets[i].data, packets[i].caplen);
    }
    if (s != NULL)
        mc_source_get_facts(s, &o.facts);
    mc_source_close(s);
    return o;
}

static bool are_same_words(const char *a, const char *b)
{
    return (a == NULL) == (b == NULL) && (a == NULL || strcmp(a, b) == 0);
}

static void expect_same(const outcome *a, const outcome *b)
{
    const mc_source_facts *f = &a->facts, *g = &b->facts;

    CHECK_EQ(a->status, b->status);
    CHECK_EQ(a->packets, b->packets);
    CHECK_EQ(a->sum, b->sum);
    CHECK(a->status == MC_END || a->status == MC_OK || strcmp(a->err.msg, b->err.msg) == 0);
    CHECK_EQ(f->bytes_done, g->bytes_done);
    CHECK_EQ(f->bytes_total, g->bytes_total);
    CHECK_EQ(f->inflated_bytes, g->inflated_bytes);
    CHECK_EQ(f->inputs, g->inputs);
    CHECK_EQ(f->truncated, g->truncated);
    CHECK_EQ(f->truncated_offset, g->truncated_offset);
    CHECK(are_same_words(f->truncated_reason, g->truncated_reason) && are_same_words(f->truncated_input, g->truncated_input));
    CHECK(are_same_words(f->format, g->format) && are_same_words(f->compression, g->compression));
    CHECK(are_same_words(f->reader, g->reader));
}

static void compare(const unsigned *kinds, size_t count, uint64_t max_bytes, uint64_t most)
{
    const int before = check_failures;
    mc_options options = MC_OPTIONS_INIT;
    mc_input inputs[MOST] = { { .path = NULL } };
    outcome want, got;
    unsigned jobs;
    size_t i;

    for (i = 0; i < count; i++)
        inputs[i].path = paths[kinds[i]];
    options.max_bytes = max_bytes;
    want = read_up_to(inputs, count, &options, most);
    for (jobs = 2; jobs <= 4; jobs++) {
        options.jobs = jobs;
        got = read_up_to(inputs, count, &options, most);
        expect_same(&got, &want);
    }
    if (check_failures != before) {
        fprintf(stderr, "max_bytes %llu, %llu packets, files", (unsigned long long)max_bytes, (unsigned long long)most);
        for (i = 0; i < count; i++)
            fprintf(stderr, " %u", kinds[i]);
        fprintf(stderr, "\n");
    }
}

static void test_each_file_alone(void)
{
    unsigned kind;

    for (kind = 0; kind < KINDS; kind++) {
        compare(&kind, 1, 0, UINT64_MAX);
        compare(&kind, 1, 100000, UINT64_MAX);
    }
}

static void test_lists_that_are_drawn(void)
{
    unsigned kinds[MOST], n;
    size_t count, i;

    for (n = 0; n < LISTS; n++) {
        count = 1 + (size_t)rand() % MOST;
        for (i = 0; i < count; i++)              /* damaged ones end a list: half of it is sound */
            kinds[i] = rand() % 2 ? (unsigned)rand() % KINDS : (unsigned[]){ 0, 1, 8, 11 }[rand() % 4];
        compare(kinds, count, rand() % 4 ? 0 : (uint64_t)(rand() % 3000000), rand() % 3 ? UINT64_MAX : (uint64_t)(rand() % 4000));
    }
}

/* Who has been waited for by nobody ends all the same, and so does who waits for room. */
static void test_sources_that_are_closed_early(void)
{
    mc_options options = MC_OPTIONS_INIT;
    mc_input inputs[40];
    const int descriptors = count_descriptors();
    outcome o;
    size_t i;

    for (i = 0; i < MC_ARRAY_LEN(inputs); i++)
        inputs[i] = (mc_input){ .path = paths[i % 3 == 2 ? 0 : 8] };
    options.jobs = 3;
    for (i = 0; i < 20; i++) {
        o = read_up_to(inputs, MC_ARRAY_LEN(inputs), &options, i * i * 10);
        CHECK_EQ(o.status, MC_OK);
    }
    inputs[39].path = "/nowhere";
    CHECK_EQ(read_up_to(inputs, MC_ARRAY_LEN(inputs), &options, 1).status, MC_NOT_FOUND);
    CHECK_EQ(count_descriptors(), descriptors);
}

/* What is followed is not read early: more may come. */
static void test_a_list_that_is_followed(void)
{
    mc_options options = MC_OPTIONS_INIT;
    mc_input input = { .path = paths[1] };
    mc_packet packets[64];
    mc_source *s;
    mc_error err;
    uint64_t seen = 0;
    size_t n;

    options.jobs = 4;
    options.follow = true;
    CHECK_EQ(mc_source_open(&s, &input, 1, &options, &err), MC_OK);
    input.path = paths[8];
    CHECK_EQ(mc_source_add(s, &input, &err), MC_OK);
    mc_source_last(s);
    while (mc_source_next(s, packets, 64, &n, 0, &err) == MC_OK)
        seen += n;
    CHECK_EQ(seen, 2800);
    mc_source_close(s);
}

int main(void)
{
    CHECK(make_folder());
    srand(7);
    make_files();
    RUN(test_each_file_alone);
    RUN(test_lists_that_are_drawn);
    RUN(test_sources_that_are_closed_early);
    RUN(test_a_list_that_is_followed);
    remove_folder();
    return DONE();
}
