/*
 * test_steady.c: the short ways (steady.h, usual.h) leave the same behind as the
 * general one, and connections kept in short the same as those kept in full, on every
 * bundled capture; with arguments (FILE ADDRESS PORT ...) on those.
 */
#include <glob.h>
#include <stdlib.h>

#include "check.h"
#include "conn_same.h"
#include "session.h"

/* Ways that must make no difference. */
typedef enum way {
    ORDINARY,
    GENERAL_ONLY,                    /* no segment goes the short way */
    IN_FULL,                         /* no connection is kept in short */
    AT_ONCE                          /* each is packed as soon as it is over */
} way;

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
    s->analysis.general_only = how == GENERAL_ONLY;
    s->analysis.flows->plain = how == IN_FULL;
    if (how == AT_ONCE) {
        s->analysis.flows->linger = 0;
        s->analysis.flows->gather_from = 2;
        s->analysis.flows->scattered_from = 0;
    }
    while (mc_session_step(s, 0, 0, &err) == MC_OK)
        ;
    return s;
}

static bool is_same_row(const mc_row *a, const mc_row *b)
{
    return memcmp(a, b, sizeof *a) == 0;
}

static void compare_with(const char *path, const char *address, unsigned port, way how)
{
    mc_session *a = analyse(path, address, port, ORDINARY), *b = analyse(path, address, port, how);
    const mc_facts *x = a != NULL ? mc_session_facts(a) : NULL, *y = b != NULL ? mc_session_facts(b) : NULL;
    uint32_t i;
    int dir;

    CHECK((x == NULL) == (y == NULL));
    if (x != NULL && y != NULL) {
        int before = check_failures;

        for (dir = 0; dir < 2; dir++)
            CHECK(memcmp(&x->direction[dir], &y->direction[dir], sizeof x->direction[dir]) == 0);
        CHECK(memcmp(&x->connections, &y->connections, sizeof x->connections) == 0);
        CHECK(memcmp(&x->handshake_to_server, &y->handshake_to_server, sizeof x->handshake_to_server) == 0);
        CHECK(memcmp(&x->server_response, &y->server_response, sizeof x->server_response) == 0);
        CHECK(memcmp(&x->client_think, &y->client_think, sizeof x->client_think) == 0);
        CHECK(memcmp(&x->slow_answers, &y->slow_answers, sizeof x->slow_answers) == 0);
        compare_connections(a->analysis.flows, b->analysis.flows);
        CHECK_EQ(x->row_count, y->row_count);
        for (i = 0; i < x->row_count && i < y->row_count; i++)
            CHECK(is_same_row(&x->rows[i], &y->rows[i]));
        CHECK_EQ(x->bucket_count, y->bucket_count);
        CHECK(x->bucket_count == 0 ||
              memcmp(x->buckets, y->buckets, x->bucket_count * sizeof *x->buckets) == 0);
        if (check_failures != before)
            fprintf(stderr, "%s differs in way %d\n", path, (int)how);
    }
    mc_session_close(a);
    mc_session_close(b);
}

static void compare(const char *path, const char *address, unsigned port)
{
    compare_with(path, address, port, GENERAL_ONLY);
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

int main(int argc, char **argv)
{
    int i;

    for (i = 1; i + 2 < argc; i += 3)
        compare(argv[i], argv[i + 1], (unsigned)atol(argv[i + 2]));
    if (argc > 1)
        return check_failures != 0;
    RUN(test_every_bundled_capture);
    return DONE();
}
