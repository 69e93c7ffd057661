/*
 * test_alloc.c: memory ends: every request of the core, and every request of Lua,
 * fails once, and once for good.  Nothing crashes, nothing leaks, no descriptor stays
 * open, no result is silently wrong, and the same work succeeds right after.
 */
#include <dirent.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/switches.h"
#include "check.h"
#include "failing_memory.h"
#include "lua/lua_compat.h"
#include "mcpcap.h"
#include "packed_captures.h"

#define SERVER "192.0.2.80"
#define SMALL  FIXTURES "/bare-tcp.pcap"
#define MAIN   FIXTURES "/web-session.pcapng"

int luaopen_mcpcap_core(lua_State *L);

static int descriptors(void)
{
    DIR *d = opendir("/proc/self/fd");
    int n = 0;

    if (d == NULL)
        return -1;
    while (readdir(d) != NULL)
        n++;
    closedir(d);
    return n;
}

/* ------------------------------------------------------------------ the core */

typedef struct job {
    const char *name;
    const char *path[2];
    const char *reader, *filter, *root;
    bool stream;
} job;

static const job jobs[] = {
    { .name = "mapped", .path = { MAIN } },
    { .name = "read", .path = { MAIN }, .reader = "read" },
    { .name = "libpcap", .path = { SMALL }, .reader = "libpcap" },
    { .name = "stream", .path = { SMALL }, .stream = true },
    { .name = "two, filtered, rooted", .path = { SMALL, MAIN }, .filter = "tcp", .root = "/" },
};

/*
 * Does the whole work.  Returns the status of its end, and the frames that the result
 * owns up to: of a result that is partial and says so, ~0.
 */
static mc_status work(const job *j, uint64_t *frames)
{
    mc_input inputs[2] = { { .path = j->path[0] }, { .path = j->path[1] } };
    mc_options options = MC_OPTIONS_INIT;
    FILE *stream = j->stream ? fopen(j->path[0], "rb") : NULL;
    const mc_facts *facts;
    mc_session *s = NULL;
    mc_endpoint server;
    mc_status status;
    mc_error err;

    *frames = 0;
    options.switches = &(mc_switches)MC_SWITCHES(mc_reading_named(j->reader));
    options.filter = j->filter;
    if (j->root != NULL) {
        options.roots = &j->root;
        options.root_count = 1;
    }
    if (stream != NULL)
        inputs[0] = (mc_input){ .stream = stream };
    status = mc_endpoint_parse(&server, SERVER, 0, &err);
    if (status == MC_OK)
        status = mc_session_open(&s, inputs, j->path[1] != NULL ? 2 : 1, &server, &options, &err);
    while (status == MC_OK)
        status = mc_session_step(s, 0, 1000, &err);
    if (status == MC_END) {
        facts = mc_session_facts(s);
        if (facts == NULL)
            status = MC_NOMEM;
        else if (facts->capture.truncated || facts->capture.stopped != MC_OK)
            *frames = UINT64_MAX;
        else
            *frames = facts->capture.frames;
    }
    mc_session_close(s);
    if (stream != NULL)
        fclose(stream);
    return status;
}

static void fail_each(const job *j, bool for_good)
{
    uint64_t want, have;
    mc_status status;
    long n, open = descriptors();

    CHECK_EQ(work(j, &want), MC_END);
    CHECK(want > 0 && want != UINT64_MAX);
    for (n = 1;; n++) {
        begin_failing(n, for_good);
        status = work(j, &have);
        memory.on = false;
        if (memory.failed == 0)
            break;                       /* there is no n-th request */
        /* Some requests can be done without; then the result is whole, or says that it is not. */
        if (status == MC_END)
            CHECK(have == want || have == UINT64_MAX);
        else
            CHECK_EQ(status, MC_NOMEM);
        CHECK_EQ(memory.live_count, 0);
        CHECK_EQ(descriptors(), open);
        CHECK_EQ(work(j, &have), MC_END);
        CHECK_EQ(have, want);
        if (check_failures > 10)
            break;
    }
    CHECK(n > 5);
}

static void test_each_request_of_the_core_fails(void)
{
    size_t i;

    for (i = 0; i < sizeof jobs / sizeof jobs[0]; i++) {
        int before = check_failures;

        fail_each(&jobs[i], false);
        fail_each(&jobs[i], true);
        if (check_failures != before)
            fprintf(stderr, "in the job \"%s\"\n", jobs[i].name);
    }
}

static void test_each_request_of_a_decompressor_fails(void)
{
    static const struct {
        const uint8_t *bytes;
        size_t length;
    } packed[] = {
        { packed_gzip, sizeof packed_gzip }, { packed_zstd, sizeof packed_zstd },
        { packed_xz, sizeof packed_xz },     { packed_lz4, sizeof packed_lz4 },
        { packed_bzip2, sizeof packed_bzip2 },
    };
    size_t i;

    for (i = 0; i < sizeof packed / sizeof packed[0]; i++) {
        char path[] = "/tmp/test_alloc_XXXXXX";
        job j = { .name = "packed", .path = { path } };
        uint64_t frames;
        int fd = mkstemp(path);

        CHECK(fd >= 0);
        CHECK_EQ(write(fd, packed[i].bytes, packed[i].length), packed[i].length);
        close(fd);
        if (work(&j, &frames) != MC_UNSUPPORTED) {
            fail_each(&j, false);
            fail_each(&j, true);
        }
        unlink(path);
    }
}

/* ----------------------------------------------------------------------- Lua */

typedef struct lua_memory {
    bool on, for_good;
    long n, asked, failed;
    size_t bytes;
} lua_memory;

static void *lua_alloc(void *ud, void *p, size_t old_size, size_t size)
{
    lua_memory *m = ud;
    void *more;

    if (p == NULL)
        old_size = 0;                    /* then it is a kind of object */
    if (size == 0) {
        __real_free(p);
        m->bytes -= old_size;
        return NULL;
    }
    if (m->on && size > old_size) {      /* Lua counts on shrinking */
        m->asked++;
        if (m->n != 0 && (m->asked == m->n || (m->for_good && m->asked > m->n))) {
            m->failed++;
            return NULL;
        }
    }
    more = __real_realloc(p, size);
    if (more != NULL)
        m->bytes += size - old_size;
    return more;
}

/* A state with its libraries and the module's paths, before anything fails. */
static lua_State *state_with(lua_memory *m)
{
    lua_State *L;

    memset(m, 0, sizeof *m);
#if LUA_VERSION_NUM >= 505
    L = lua_newstate(lua_alloc, m, 0);
#else
    L = lua_newstate(lua_alloc, m);
#endif
    if (L == NULL)
        return NULL;
    luaL_openlibs(L);
    lua_getglobal(L, "package");
    lua_pushliteral(L, LUA_DIR "/?.lua;" LUA_DIR "/?/init.lua");
    lua_setfield(L, -2, "path");
    lua_getfield(L, -1, "preload");
    lua_pushcfunction(L, luaopen_mcpcap_core);
    lua_setfield(L, -2, "mcpcap.core");
    lua_pop(L, 2);
    return L;
}

/* Loading the core, and a session by its functions: few requests, so each can fail. */
static const char core_work[] =
    "local core = require 'mcpcap.core'\n"
    "local path = ...\n"
    "local handle = assert(io.open(path, 'rb'))\n"
    "local session, message = core.open('open', { path, handle }, '" SERVER "', 80,\n"
    "  { filter = 'tcp', roots = { '/' }, url = { hosts = { 'a' } }, connections = 3 })\n"
    "if not session then error(message, 0) end\n"
    "repeat\n"
    "  local state, why = session:step(100)\n"
    "  if not state then error(why, 0) end\n"
    "until state == 'done'\n"
    "session:progress() tostring(session)\n"
    "local facts = assert(session:facts())\n"
    "session:close() handle:close()\n"
    "return facts.capture.frames";

/* The whole, with the Lua layer. */
static const char whole_work[] =
    "local path = ...\n"
    "local result = assert(require('mcpcap').analyze_traffic_flow(path, '" SERVER "', 80))\n"
    "return result.total_packets";

static const char other_work[] =
    "local path, m = ..., require('mcpcap')\n"
    "local all, message, code = m.overview(path)\n"
    "if not all then error(code .. ': memory: ' .. message, 0) end\n"
    "local one\n"
    "one, message, code = m.connection(path, '" SERVER "', 80, { number = 1 })\n"
    "if not one then error(code .. ': memory: ' .. message, 0) end\n"
    "return all.total_packets + all.server_count + one.segment_count";

/*
 * Runs 'code', in which the n-th request fails (0: none).  Returns the number that it
 * gives, or -1 and the message in 'why'.
 */
static double run(lua_State *L, lua_memory *m, long n, const char *code, char *why, size_t size)
{
    double result = -1;
    int status;

    lua_settop(L, 0);
    if (luaL_loadstring(L, code) == 0) {
        lua_pushliteral(L, SMALL);
        m->n = n;
        m->asked = m->failed = 0;
        m->on = n != 0;                  /* from here on an error is caught */
        status = lua_pcall(L, 1, 1, 0);
        m->on = false;
        if (status == 0)
            result = lua_tonumber(L, -1);
    }
    if (result < 0)
        snprintf(why, size, "%s", lua_type(L, -1) == LUA_TSTRING ? lua_tostring(L, -1) : "?");
    lua_settop(L, 0);
    return result;
}

/* Lua 5.1 keeps a mark for a module whose loading was broken off, and then refuses it. */
static void forget_broken_modules(lua_State *L)
{
    if (luaL_dostring(L, "for name, value in pairs(package.loaded) do\n"
                         "  if type(value) == 'userdata' then package.loaded[name] = nil end\n"
                         "end") != 0)
        CHECK_STR(lua_tostring(L, -1), "");
}

/*
 * The n-th request fails, for each n in steps of 'stride'; after one in eight the work is done
 * again.  With 'fresh' the module is loaded each time, else it was loaded before.
 */
static void fail_each_of_lua(const char *code, bool for_good, bool fresh, long stride)
{
    int open = descriptors();
    lua_memory m;
    lua_State *L = state_with(&m);
    char why[200] = "";
    double want = L != NULL ? run(L, &m, 0, code, why, sizeof why) : -1, have;
    long n, failures = 0;
    bool finished = false;

    CHECK(want > 0);
    CHECK_STR(why, "");
    for (n = 1; !finished && check_failures < 10; n += stride) {
        if (fresh) {
            lua_close(L);
            CHECK_EQ(m.bytes, 0);
            L = state_with(&m);
        }
        m.for_good = for_good;
        have = run(L, &m, n, code, why, sizeof why);
        finished = m.failed == 0;
        failures += !finished;
        /* A failure is met by a collection and a second try, which succeeds when only one fails. */
        if (have >= 0)
            CHECK_EQ(have, want);
        else
            CHECK(strstr(why, "memory") != NULL);
        if (have < 0 && strstr(why, "memory") == NULL)
            fprintf(stderr, "request %ld: %s\n", n, why);
        forget_broken_modules(L);
        lua_gc(L, LUA_GCCOLLECT, 0);
        CHECK_EQ(memory.live_count, 0);
        CHECK_EQ(descriptors(), open);
        if (n / stride % 8 == 0 || finished) {
            have = run(L, &m, 0, code, why, sizeof why);
            CHECK_EQ(have, want);
            if (have < 0)
                fprintf(stderr, "after request %ld: %s\n", n, why);
        }
    }
    CHECK(failures > 20);
    lua_close(L);
    CHECK_EQ(m.bytes, 0);
    CHECK_EQ(descriptors(), open);
}

/* One that fails once is met by a collection, whose moments matter less than the failures for good. */
static void test_each_request_of_lua_fails_in_a_session(void)
{
    fail_each_of_lua(core_work, false, false, 3);
    fail_each_of_lua(core_work, true, false, 1);
}

static void test_each_request_of_lua_fails_while_loading(void)
{
    fail_each_of_lua(core_work, false, true, 7);
    fail_each_of_lua(core_work, true, true, 3);
}

/* Thousands of requests: every so many, each time others. */
static void test_requests_of_lua_fail_in_the_whole_work(void)
{
    fail_each_of_lua(whole_work, false, false, 5);
    fail_each_of_lua(whole_work, true, false, 7);
    fail_each_of_lua(whole_work, true, true, 101);
}

/* The core's memory ends while Lua's does not: nil, a message and the code. */
static void hear_of_the_core(const char *code)
{
    lua_memory m;
    lua_State *L = state_with(&m);
    char why[200] = "";
    double want = run(L, &m, 0, code, why, sizeof why), have;
    long n;

    CHECK(want > 0);
    for (n = 1; n < 1000; n++) {
        begin_failing(n, true);
        have = run(L, &m, 0, code, why, sizeof why);
        memory.on = false;
        if (memory.failed == 0)
            break;
        if (have >= 0)
            CHECK_EQ(have, want);
        else
            CHECK(strncmp(why, "nomem: memory: ", 15) == 0);
        CHECK_EQ(memory.live_count, 0);
    }
    CHECK(n > 5);
    lua_close(L);
    CHECK_EQ(m.bytes, 0);
}

static void test_lua_hears_of_the_core(void)
{
    hear_of_the_core("local m = require('mcpcap')\n"
                     "local result, message, code = m.analyze_traffic_flow(..., '" SERVER "', 80)\n"
                     "if result then return result.total_packets end\n"
                     "error(code .. ': memory: ' .. message, 0)");
    hear_of_the_core(other_work);
}

static void test_requests_of_lua_fail_in_overviews_and_connections(void)
{
    fail_each_of_lua(other_work, false, false, 41);
    fail_each_of_lua(other_work, true, false, 23);
}

int main(void)
{
    RUN(test_each_request_of_the_core_fails);
    RUN(test_each_request_of_a_decompressor_fails);
    RUN(test_each_request_of_lua_fails_in_a_session);
    RUN(test_each_request_of_lua_fails_while_loading);
    RUN(test_requests_of_lua_fail_in_the_whole_work);
    RUN(test_requests_of_lua_fail_in_overviews_and_connections);
    RUN(test_lua_hears_of_the_core);
    return DONE();
}
