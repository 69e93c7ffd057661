/*
 * faulty_server.h: the web server that misbehaves (spec/http_faults.py), and what a transfer from it must come to.
 */
#ifndef FAULTY_SERVER_H
#define FAULTY_SERVER_H

#include <sys/wait.h>
#include <unistd.h>

#include "capture_bytes.h"

#include "check.h"

static unsigned port, tls_port, badname_port, expired_port, early_port, mute_port, full_port, closing_port, port6;
static char authority[256];
static pid_t server;
static int server_stdin;

static inline bool start_server(void)
{
    char line[512] = "";
    int in[2], out[2];
    FILE *f;

    if (pipe(in) != 0 || pipe(out) != 0)
        return false;
    server = fork();
    if (server == 0) {
        dup2(in[0], 0);
        dup2(out[1], 1);
        close(in[0]);
        close(in[1]);
        close(out[0]);
        close(out[1]);
        execlp("python3", "python3", HTTP_FAULTS, (char *)NULL);
        _exit(127);
    }
    close(in[0]);
    close(out[1]);
    server_stdin = in[1];
    f = fdopen(out[0], "r");
    if (f == NULL || fgets(line, sizeof line, f) == NULL)
        return false;
    fclose(f);
    return sscanf(line, "%u %u %u %255s %u %u %u %u %u %u", &port, &tls_port, &badname_port, authority, &expired_port, &early_port,
                  &mute_port, &full_port, &closing_port, &port6) == 10;
}

static inline void stop_server(void)
{
    close(server_stdin);
    waitpid(server, NULL, 0);
}

static inline outcome fetch_with(const char *url, const mc_options *options)
{
    mc_input input = { .path = url };
    outcome o = read_inputs(&input, 1, options, 16);

    if (strstr(o.err.msg, "secret") != NULL || strstr(o.err.msg, "hidden") != NULL
        || strstr(o.facts.truncated_input, "secret") != NULL
        || strstr(o.facts.truncated_reason, "hidden") != NULL) {
        fprintf(stderr, "%s\n", o.err.msg);
        CHECK(false);                /* a secret is told */
    }
    return o;
}

static inline outcome fetch_from(const char *endpoint, const mc_options *options)
{
    char url[256];

    snprintf(url, sizeof url, "http://127.0.0.1:%u/%s", port, endpoint);
    return fetch_with(url, options);
}

static inline void show(const char *name, const outcome *o)
{
    fprintf(stderr, "%s: %s, %" PRIu64 " packets, \"%s\" \"%s\"\n", name, mc_status_code(o->status),
            o->packets, o->err.msg, o->facts.truncated_reason);
}

typedef struct expected {
    const char *endpoint;
    mc_status status;
    int packets;                     /* -1: some */
    const char *words;               /* of the error or of the reason; NULL: a plain end */
} expected;

static inline void check_endpoint(const expected *e, const mc_options *options)
{
    int before = count_descriptors();
    outcome o = fetch_from(e->endpoint, options);
    bool good = o.status == e->status
             && (e->packets < 0 ? o.packets > 0 : o.packets == (uint64_t)e->packets)
             && o.facts.truncated == (e->status == MC_END && e->words != NULL)
             && (e->words == NULL || strstr(o.status == MC_END ? o.facts.truncated_reason
                                                               : o.err.msg, e->words) != NULL);

    if (!good)
        show(e->endpoint, &o);
    CHECK(good);
    CHECK_EQ(count_descriptors(), before);
}

#endif
