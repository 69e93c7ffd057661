/*
 * test_follow.c: files that are being written, and lists of them that become longer.
 */
#include "capture_bytes.h"

#include <unistd.h>

#include "check.h"
#include "temp_folder.h"

/* What is read of a list that is followed. */
typedef struct following {
    mc_source *source;
    uint64_t packets;
} following;

static mc_input input_of(const char *leaf)
{
    static char names[4][160];
    static unsigned turn;
    mc_input input = { .path = NULL };

    turn = (turn + 1) % 4;
    snprintf(names[turn], sizeof names[0], "%s", leaf != NULL ? name_of(leaf) : "");
    input.path = names[turn];
    return input;
}

static following begin(const char *leaf)
{
    mc_options options = MC_OPTIONS_INIT;
    const mc_input input = input_of(leaf);
    following f = { .packets = 0 };
    mc_error err;

    options.follow = true;
    CHECK_EQ(mc_source_open(&f.source, &input, 1, &options, &err), MC_OK);
    return f;
}

static mc_status add(following *f, const char *leaf, mc_error *err)
{
    const mc_input input = input_of(leaf);

    return mc_source_add(f->source, &input, err);
}

/* Reads until there is nothing more for now. */
static mc_status read_on(following *f)
{
    mc_packet packets[16];
    unsigned idle = 0;
    mc_status status;
    mc_error err;
    size_t count;

    do {
        status = mc_source_next(f->source, packets, 16, &count, 0, &err);
        f->packets += count;
        idle = count == 0 ? idle + 1 : 0;
    } while (status == MC_OK && idle < 8);       /* one that opens or looks gives no packets */
    return status;
}

static void append(const char *leaf, const bytes *b, size_t from, size_t to)
{
    FILE *file = fopen(name_of(leaf), from == 0 ? "wb" : "ab");

    CHECK_EQ(fwrite(b->p + from, 1, to - from, file), to - from);
    fclose(file);
}

static void test_the_end_of_a_growing_file_is_none(void)
{
    bytes b = capture_of(0, 10, 60);
    following f;

    append("grows", &b, 0, 0);                   /* empty: not even a header yet */
    f = begin("grows");
    CHECK_EQ(read_on(&f), MC_OK);
    append("grows", &b, 0, b.len / 2 + 7);       /* within a record */
    CHECK_EQ(read_on(&f), MC_OK);
    CHECK(f.packets > 0 && f.packets < 10);
    append("grows", &b, b.len / 2 + 7, b.len);
    CHECK_EQ(read_on(&f), MC_OK);
    CHECK_EQ(f.packets, 10);
    mc_source_last(f.source);
    CHECK_EQ(read_on(&f), MC_END);
    CHECK_EQ(f.packets, 10);
    mc_source_close(f.source);
    free(b.p);
}

static void test_what_was_written_before_the_next_file_came_is_read(void)
{
    bytes one = capture_of(0, 10, 60), two = capture_of(10, 5, 60);
    mc_source_facts facts;
    following f;

    append("one", &one, 0, one.len / 2);
    f = begin("one");
    read_on(&f);
    append("one", &one, one.len / 2, one.len);
    append("two", &two, 0, two.len);
    CHECK_EQ(add(&f, "two", NULL), MC_OK);
    CHECK_EQ(read_on(&f), MC_OK);
    CHECK_EQ(f.packets, 15);
    mc_source_get_facts(f.source, &facts);
    CHECK_EQ(facts.inputs, 2);
    CHECK_EQ(facts.bytes_total, one.len + two.len);
    CHECK(!facts.truncated);
    mc_source_close(f.source);
    free(one.p);
    free(two.p);
}

static void test_a_file_that_is_deleted_before_its_turn_is_read(void)
{
    bytes one = capture_of(0, 10, 60), two = capture_of(10, 5, 60);
    const int before = count_descriptors();
    following f;

    append("one", &one, 0, one.len);
    append("two", &two, 0, two.len);
    append("three", &two, 0, two.len);
    f = begin("one");
    CHECK_EQ(add(&f, "two", NULL), MC_OK);
    CHECK_EQ(unlink(name_of("two")), 0);
    CHECK_EQ(read_on(&f), MC_OK);
    CHECK_EQ(f.packets, 15);
    CHECK_EQ(add(&f, "three", NULL), MC_OK);     /* closed unread */
    mc_source_close(f.source);
    CHECK_EQ(count_descriptors(), before);
    free(one.p);
    free(two.p);
}

static void test_damage_ends_a_file_and_not_the_list(void)
{
    bytes one = capture_of(0, 10, 60), two = capture_of(10, 5, 60);
    mc_source_facts facts;
    following f;
    mc_error err;

    append("one", &one, 0, one.len - 3);
    append("rubbish", &one, 30, 90);
    append("two", &two, 0, two.len);
    f = begin("one");
    CHECK_EQ(add(&f, "rubbish", &err), MC_OK);
    CHECK_EQ(add(&f, "two", &err), MC_OK);
    CHECK_EQ(read_on(&f), MC_OK);
    CHECK_EQ(f.packets, 14);
    mc_source_get_facts(f.source, &facts);
    CHECK(facts.truncated);
    mc_source_last(f.source);
    CHECK_EQ(read_on(&f), MC_END);
    mc_source_close(f.source);
    free(one.p);
    free(two.p);
}

static void test_what_is_not_taken(void)
{
    const mc_options options = MC_OPTIONS_INIT;
    bytes one = capture_of(0, 10, 60);
    const mc_input input = input_of("one");
    following f;
    mc_error err;

    append("one", &one, 0, one.len);
    CHECK_EQ(mc_source_open(&f.source, &input, 1, &options, &err), MC_OK);
    CHECK_EQ(add(&f, "one", &err), MC_INVALID);  /* nothing is followed */
    mc_source_close(f.source);

    f = begin("one");
    CHECK_EQ(add(&f, "missing", &err), MC_NOT_FOUND);
    CHECK(strstr(err.msg, "missing: ") != NULL);
    CHECK_EQ(add(&f, ".", &err), MC_NOT_FILE);
    f.packets = 0;
    CHECK_EQ(read_on(&f), MC_OK);
    CHECK_EQ(f.packets, 10);
    mc_source_last(f.source);
    CHECK_EQ(add(&f, "one", &err), MC_INVALID);
    CHECK_EQ(read_on(&f), MC_END);
    mc_source_close(f.source);
    free(one.p);
}

static mc_status open_two(const char *first, const char *second)
{
    const mc_input inputs[2] = { input_of(first), input_of(second) };
    mc_options options = MC_OPTIONS_INIT;
    mc_source *source = NULL;
    mc_status status;
    mc_error err;

    options.follow = true;
    status = mc_source_open(&source, inputs, second == NULL ? 1 : 2, &options, &err);
    mc_source_close(source);
    return status;
}

static void test_a_list_that_begins_with_what_is_not_there(void)
{
    bytes one = capture_of(0, 10, 60);

    append("one", &one, 0, one.len);
    CHECK_EQ(open_two("one", "missing"), MC_NOT_FOUND);
    CHECK_EQ(open_two("missing", "one"), MC_NOT_FOUND);
    CHECK_EQ(open_two("missing", NULL), MC_NOT_FOUND);
    CHECK_EQ(open_two("one", "one"), MC_OK);
    free(one.p);
}

static void test_a_file_that_becomes_shorter(void)
{
    bytes one = capture_of(0, 10, 60), two = capture_of(10, 5, 60);
    mc_source_facts facts;
    following f;

    append("one", &one, 0, one.len);
    append("two", &two, 0, two.len);
    f = begin("one");
    read_on(&f);
    CHECK_EQ(truncate(name_of("one"), 100), 0);
    CHECK_EQ(read_on(&f), MC_OK);
    mc_source_get_facts(f.source, &facts);
    CHECK(facts.truncated);
    CHECK(strstr(facts.truncated_reason, "shorter") != NULL);
    CHECK_EQ(add(&f, "two", NULL), MC_OK);
    CHECK_EQ(read_on(&f), MC_OK);
    CHECK_EQ(f.packets, 15);
    mc_source_close(f.source);
    free(one.p);
    free(two.p);
}

int main(void)
{
    int before;

    if (!make_folder())
        return 3;
    before = count_descriptors();
    RUN(test_the_end_of_a_growing_file_is_none);
    RUN(test_what_was_written_before_the_next_file_came_is_read);
    RUN(test_a_file_that_is_deleted_before_its_turn_is_read);
    RUN(test_damage_ends_a_file_and_not_the_list);
    RUN(test_what_is_not_taken);
    RUN(test_a_list_that_begins_with_what_is_not_there);
    RUN(test_a_file_that_becomes_shorter);
    CHECK_EQ(count_descriptors(), before);
    remove_folder();
    return DONE();
}
