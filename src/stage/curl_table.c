/*
 * curl_table.c: finding libcurl at run time.
 */
#include "stage/curl_table.h"

#include <errno.h>
#include <pthread.h>
#include <time.h>

#include "base/library.h"

static const char *const files[] = {
#ifdef __APPLE__
    "libcurl.4.dylib",
#endif
    "libcurl.so.4", "libcurl-gnutls.so.4",
};

static const mc_library_function functions[] = {
#define X(name) { "curl_" #name, offsetof(mc_curl, name) },
    MC_CURL_FUNCTIONS(X)
#undef X
};

static const mc_library library = {
    "URLs need", "libcurl", files, MC_ARRAY_LEN(files), functions, MC_ARRAY_LEN(functions),
};

/* Written once, under the lock below, before anybody reads it. */
static mc_curl table;

static mc_status load(mc_error *err)
{
    mc_curl found;
    mc_status status = mc_library_load(&library, &found, sizeof found, err);

    if (status != MC_OK)
        return status;
    if (found.global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK)
        return mc_fail(err, MC_NOMEM, 0, "libcurl cannot be initialised");
    table = found;
    return MC_OK;
}

mc_status mc_curl_load(const mc_curl **out, mc_error *err)
{
    static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
    static bool loaded;
    mc_status status = MC_OK;

    pthread_mutex_lock(&lock);
    if (!loaded) {
        status = load(err);
        loaded = status == MC_OK;
    }
    pthread_mutex_unlock(&lock);
    *out = &table;
    return status;
}

void mc_pipe_guard_begin(mc_pipe_guard *g)
{
    sigset_t set;

    sigemptyset(&set);
    sigpending(&set);
    g->pending = sigismember(&set, SIGPIPE) == 1;
    sigemptyset(&set);
    sigaddset(&set, SIGPIPE);
    pthread_sigmask(SIG_BLOCK, &set, &g->before);
}

void mc_pipe_guard_end(mc_pipe_guard *g)
{
    const struct timespec at_once = { .tv_sec = 0 };
    sigset_t set;

    if (!g->pending) {
        sigemptyset(&set);
        sigaddset(&set, SIGPIPE);
        while (sigtimedwait(&set, NULL, &at_once) < 0 && errno == EINTR)
            ;
    }
    pthread_sigmask(SIG_SETMASK, &g->before, NULL);
}
