/*
 * test_overview.c: a server among many, and a session with a diary, are what they would be alone, on
 * every bundled capture; with arguments (FILE ...) on those.
 */
#include <glob.h>

#include "overview_same.h"

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

int main(int argc, char **argv)
{
    int i;

    for (i = 1; i < argc; i++)
        compare(argv[i]);
    if (argc > 1)
        return check_failures != 0;
    RUN(test_every_bundled_capture);
    return DONE();
}
