/*
 * test_threads.c: one Lua state a thread, at the same time: files, failures, URLs.  Run
 * under ThreadSanitizer it shows that nothing is shared that is not guarded.
 */
#include <arpa/inet.h>
#include <netinet/in.h>
#include <pthread.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include "check.h"
#include "lua/lua_compat.h"

#define THREADS 8
#define STATES  5                        /* one after the other in each thread */

int luaopen_mcpcap_core(lua_State *L);

/* ------------------------------------------------------- a server of one file */

typedef struct server {
    int fd;
    int port;
    char *body;
    size_t length;
} server;

static void answer(const server *s, int fd)
{
    char request[4096], head[128];
    size_t sent = 0;
    ssize_t n = recv(fd, request, sizeof request, 0);
    int length = snprintf(head, sizeof head, "HTTP/1.1 200 OK\r\nContent-Length: %zu\r\nConnection: close\r\n\r\n",
                          s->length);

    if (n <= 0 || send(fd, head, (size_t)length, MSG_NOSIGNAL) != length)
        return;
    while (sent < s->length) {
        n = send(fd, s->body + sent, s->length - sent, MSG_NOSIGNAL);
        if (n <= 0)
            return;
        sent += (size_t)n;
    }
}

/* Until the listening socket is shut down. */
static void *serve(void *arg)
{
    const server *s = arg;
    int fd;

    while ((fd = accept(s->fd, NULL, NULL)) >= 0) {
        answer(s, fd);
        close(fd);
    }
    return NULL;
}

static void open_server(server *s, const char *path)
{
    struct sockaddr_in address = { .sin_family = AF_INET, .sin_addr = { htonl(INADDR_LOOPBACK) } };
    socklen_t size = sizeof address;
    FILE *f = fopen(path, "rb");
    long length = 0;

    memset(s, 0, sizeof *s);
    CHECK(f != NULL);
    if (f != NULL) {
        fseek(f, 0, SEEK_END);
        length = ftell(f);
        rewind(f);
        s->length = (size_t)length;
        s->body = malloc(s->length);
        CHECK(s->body != NULL && fread(s->body, 1, s->length, f) == s->length);
        fclose(f);
    }
    s->fd = socket(AF_INET, SOCK_STREAM, 0);
    CHECK(bind(s->fd, (struct sockaddr *)&address, sizeof address) == 0);
    CHECK(listen(s->fd, 64) == 0);
    CHECK(getsockname(s->fd, (struct sockaddr *)&address, &size) == 0);
    s->port = ntohs(address.sin_port);
}

/* ---------------------------------------------------------------- the threads */

static const char work[] =
    "local file, url = ...\n"
    "local mcpcap = require 'mcpcap'\n"
    "local report = require 'mcpcap.report'\n"
    "local a = assert(mcpcap.analyze_traffic_flow(file, '192.0.2.80', 80))\n"
    "local b, message, code = mcpcap.analyze_traffic_flow(url, '192.0.2.80', 80)\n"
    "if not b and code ~= 'unsupported' then error(message) end\n"
    "assert(not b or b.total_packets == a.total_packets)\n"
    "assert(select(3, mcpcap.analyze_traffic_flow('/nonexistent', '::1')) == 'not_found')\n"
    "assert(select(3, mcpcap.analyze_traffic_flow(file, '::1', 1, { filter = 'bad bad' })) == 'filter')\n"
    "local core = require 'mcpcap.core'\n"
    "local c = assert(core.open('open', file, '192.0.2.80', 80, { filter = 'tcp' }, 'libpcap'))\n"
    "c = setmetatable({ core = c, file = file }, core.session)\n"
    "while c:step(10) == 'more' do end\n"
    "assert(c:result().client_to_server.packet_count == a.client_to_server.packet_count)\n"
    "local session = assert(mcpcap.open(file, '192.0.2.80', 80))\n"
    "while session:step(10) == 'more' do end\n"
    "assert(session:result().total_packets == a.total_packets)\n"
    "if a.total_packets % 2 == 0 then session:close() end\n"
    "assert(not pcall(mcpcap.analyze_traffic_flow, file, 'x'))\n"
    "assert(#report.render(a, 'text') > 100)\n";

typedef struct job {
    const char *file, *url;
    char error[512];
} job;

static void *run(void *arg)
{
    job *j = arg;
    int i;

    for (i = 0; i < STATES && j->error[0] == 0; i++) {
        lua_State *L = luaL_newstate();

        if (L == NULL)
            return NULL;
        luaL_openlibs(L);
        lua_getglobal(L, "package");
        lua_pushliteral(L, LUA_DIR "/?.lua;" LUA_DIR "/?/init.lua");
        lua_setfield(L, -2, "path");
        lua_getfield(L, -1, "preload");
        lua_pushcfunction(L, luaopen_mcpcap_core);
        lua_setfield(L, -2, "mcpcap.core");
        lua_settop(L, 0);
        if (luaL_loadstring(L, work) == 0) {
            lua_pushstring(L, j->file);
            lua_pushstring(L, j->url);
            lua_pcall(L, 2, 0, 0);
        }
        if (lua_type(L, -1) == LUA_TSTRING)
            snprintf(j->error, sizeof j->error, "%s", lua_tostring(L, -1));
        lua_close(L);
    }
    return NULL;
}

static void test_a_state_a_thread(void)
{
    static const char file[] = FIXTURES "/web-session.pcapng";
    pthread_t threads[THREADS], serving;
    job jobs[THREADS];
    char url[64];
    server s;
    int i;

    open_server(&s, file);
    snprintf(url, sizeof url, "http://127.0.0.1:%d/web-session.pcapng", s.port);
    CHECK_EQ(pthread_create(&serving, NULL, serve, &s), 0);
    for (i = 0; i < THREADS; i++) {
        jobs[i] = (job){ .file = file, .url = url };
        CHECK_EQ(pthread_create(&threads[i], NULL, run, &jobs[i]), 0);
    }
    for (i = 0; i < THREADS; i++) {
        CHECK_EQ(pthread_join(threads[i], NULL), 0);
        CHECK_STR(jobs[i].error, "");
    }
    shutdown(s.fd, SHUT_RDWR);
    CHECK_EQ(pthread_join(serving, NULL), 0);
    close(s.fd);
    free(s.body);
}

int main(void)
{
    RUN(test_a_state_a_thread);
    return DONE();
}
