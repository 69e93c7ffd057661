/*
 * curl_table.c: finding libcurl at run time.
 */
#include "curl_table.h"

#include <dlfcn.h>
#include <errno.h>
#include <pthread.h>
#include <time.h>

#include "show.h"

static const struct {
    const char *name;
    size_t offset;
} functions[] = {
#define X(name) { "curl_" #name, offsetof(mc_curl, name) },
    MC_CURL_FUNCTIONS(X)
#undef X
};

_Static_assert(sizeof(void *) == sizeof(void (*)(void)), "dlsym() gives functions as pointers");

/* Written once, under the lock below, before anybody reads it. */
static mc_curl table;

static mc_status load(mc_error *err)
{
    static const char *const names[] = {
#ifdef __APPLE__
        "libcurl.4.dylib",
#endif
        "libcurl.so.4", "libcurl-gnutls.so.4",
    };
    char shown[MC_SHOW_SIZE];
    const char *why = "";
    void *library = NULL, *function;
    mc_curl found;
    size_t i;

    /* Not to be unloaded: libcurl and what it brings register with the process. */
    for (i = 0; i < MC_ARRAY_LEN(names) && library == NULL; i++)
        library = dlopen(names[i], RTLD_NOW | RTLD_LOCAL | RTLD_NODELETE);
    if (library == NULL) {
        why = dlerror();
        return mc_fail(err, MC_UNSUPPORTED, 0, "URLs need libcurl, which cannot be loaded: %s",
                       mc_show_text(shown, sizeof shown, why != NULL ? why : "unknown reason"));
    }
    memset(&found, 0, sizeof found);
    for (i = 0; i < MC_ARRAY_LEN(functions); i++) {
        function = dlsym(library, functions[i].name);
        if (function == NULL) {
            dlclose(library);
            return mc_fail(err, MC_UNSUPPORTED, 0, "URLs need a newer libcurl: this one has no %s()",
                           functions[i].name);
        }
        memcpy((char *)&found + functions[i].offset, &function, sizeof function);
    }
    dlclose(library);
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
