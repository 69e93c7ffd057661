/*
 * test_fast_paths.c: the fast paths (paths.h) leave the same behind as the
 * general one, and connections kept in short the same as those kept in full, on every
 * bundled capture; with arguments (FILE ADDRESS PORT ...) on those.
 */
#include <glob.h>
#include <stdlib.h>

#include "check.h"
#include "session_same.h"
#include "talk_kinds.h"
#include "temp_folder.h"

static mc_session *analyse(const char *path, const char *address, unsigned port, way how)
{
    mc_options options = MC_OPTIONS_INIT;
    mc_input input = { .path = path };
    mc_endpoint server;
    mc_session *s = NULL;
    mc_error err;

    options.connections = 1000;
    if (mc_endpoint_parse(&server, address, port, &err) != MC_OK ||
        mc_session_open(&s, &input, 1, &server, &options, &err) != MC_OK)
        return NULL;
    go_this_way(s, how);
    while (mc_session_step(s, 0, 0, &err) == MC_OK)
        ;
    return s;
}

static void compare_with(const char *path, const char *address, unsigned port, way how)
{
    mc_session *a = analyse(path, address, port, ORDINARY), *b = analyse(path, address, port, how);
    int before = check_failures;

    CHECK((a == NULL) == (b == NULL));
    if (a != NULL && b != NULL)
        compare_sessions(a, b);
    if (check_failures != before)
        fprintf(stderr, "%s differs in way %d\n", path, (int)how);
    mc_session_close(a);
    mc_session_close(b);
}

static void compare(const char *path, const char *address, unsigned port)
{
    compare_with(path, address, port, FULL_PATH_ONLY);
    compare_with(path, address, port, IN_FULL);
    compare_with(path, address, port, AT_ONCE);
}

/* The text between quotes, or the digits, that follow '"name": ' in 'json'. */
static bool read_field(const char *json, const char *name, char *out, size_t room)
{
    const char *p = strstr(json, name);
    size_t n = 0;

    if (p == NULL)
        return false;
    for (p += strlen(name); *p == '"' || *p == ':' || *p == ' '; p++)
        ;
    while (n + 1 < room && *p != 0 && strchr("\",}\n ", *p) == NULL)
        out[n++] = *p++;
    out[n] = 0;
    return n > 0;
}

static unsigned compared;

static void test_every_bundled_capture(void)
{
    static char json[65536];
    glob_t found;
    size_t i;

    CHECK(glob(FIXTURES "/*.pcap*", 0, NULL, &found) == 0);
    for (i = 0; i < found.gl_pathc; i++) {
        char path[1024], address[64], port[8];
        const char *capture = found.gl_pathv[i];
        FILE *f;

        snprintf(path, sizeof path, "%.*s.expected.json", (int)(strrchr(capture, '.') - capture), capture);
        f = fopen(path, "r");
        if (f == NULL)
            continue;
        json[fread(json, 1, sizeof json - 1, f)] = 0;
        fclose(f);
        if (read_field(json, "\"server_ip\"", address, sizeof address) &&
            read_field(json, "\"server_port\"", port, sizeof port)) {
            compare(capture, address, (unsigned)atol(port));
            compare(capture, address, 0);
            compared++;
        }
    }
    globfree(&found);
    CHECK(compared >= 30);
}

/* Names that were asked for, TLS and HTTP: each session has texts of its own, which say the same. */
static void test_what_is_said_is_the_same(void)
{
    talk t;

    talk_of_all_kinds(&t);
    compare(write_file("said", t.file.p, t.file.len), "192.0.2.80", 80);
    talk_free(&t);
}

int main(int argc, char **argv)
{
    int i;

    for (i = 1; i + 2 < argc; i += 3)
        compare(argv[i], argv[i + 1], (unsigned)atol(argv[i + 2]));
    if (argc > 1)
        return check_failures != 0;
    RUN(test_every_bundled_capture);
    if (!make_folder())
        return 1;
    RUN(test_what_is_said_is_the_same);
    remove_folder();
    return DONE();
}
