/*
 * test_overview.c: a server among many, and a session with a diary, are what they would be alone, on
 * every bundled capture; with arguments (FILE ...) on those.
 */
#include <glob.h>

#include "overview_same.h"
#include "talk_kinds.h"

static mc_input open_file(void *path)
{
    return (mc_input){ .path = path };
}

static void close_file(const mc_input *input)
{
    (void)input;
}

static void compare(char *path)
{
    const overview_source from = { open_file, close_file, path };
    mc_options options = MC_OPTIONS_INIT;
    int before = check_failures;

    compare_overview(&from, &options, 128, 4);
    compare_overview(&from, &options, 1, 4);
    options.connections = 3;
    options.max_connections = 2;
    compare_overview(&from, &options, 8, 2);
    if (check_failures != before)
        fprintf(stderr, "%s differs\n", path);
}

static void test_every_bundled_capture(void)
{
    glob_t found;
    size_t i;

    CHECK(glob(FIXTURES "/*.pcap*", 0, NULL, &found) == 0);
    CHECK(found.gl_pathc > 20);
    for (i = 0; i < found.gl_pathc; i++)
        compare(found.gl_pathv[i]);
    globfree(&found);
}

/* Names that are asked for are kept for all servers; no rows, as these hold references to what was said. */
static void test_a_capture_of_all_kinds(void)
{
    mc_options options = MC_OPTIONS_INIT;
    char path[160], words[MC_CHOICES_WORDS];
    const mc_crowd_options found = { NULL, 8, false };
    overview_source from = { open_file, close_file, path };
    mc_session *s = NULL;
    mc_input input;
    mc_error err;
    talk t;

    talk_of_all_kinds(&t);
    snprintf(path, sizeof path, "%s", file_with(t.file.p, t.file.len));
    options.connections = 0;
    compare_overview(&from, &options, 8, 8);
    compare_overview(&from, &options, 1, 8);
    options.application = false;
    compare_overview(&from, &options, 8, 8);
    input = open_file(path);
    CHECK_EQ(mc_overview_open(&s, &input, 1, &found, &options, &err), MC_OK);
    mc_session_choices(s, words);
    CHECK_STR(words, "reading: nothing yet\n");
    run_to_end(s, 10);
    mc_session_choices(s, words);
    CHECK(strncmp(words, "reading: ", 9) == 0 && strstr(words, "pages: ") == NULL);
    mc_session_close(s);
    drop_file();
    talk_free(&t);
}

int main(int argc, char **argv)
{
    int i;

    for (i = 1; i < argc; i++)
        compare(argv[i]);
    if (argc > 1)
        return check_failures != 0;
    RUN(test_every_bundled_capture);
    RUN(test_a_capture_of_all_kinds);
    return DONE();
}
