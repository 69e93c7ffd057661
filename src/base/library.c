/*
 * library.c: dlopen() and dlsym(), or what is built in.
 */
#include "base/library.h"

#include <pthread.h>

#ifndef MCPCAP_BUILT_IN
#include <dlfcn.h>
#endif

#include "base/sanitize.h"

_Static_assert(sizeof(void *) == sizeof(void (*)(void)), "dlsym() gives functions as pointers");

#ifdef MCPCAP_BUILT_IN
mc_status mc_library_load(const mc_library *library, void *table, size_t size, mc_error *err)
{
    size_t i;

    (void)err;
    memset(table, 0, size);
    for (i = 0; i < library->function_count; i++)
        memcpy((char *)table + library->functions[i].offset, &library->functions[i].built_in, sizeof(void (*)(void)));
    return MC_OK;
}
#else
/* Room for the table of any library. */
#define MAX_FUNCTIONS 32

mc_status mc_library_load(const mc_library *library, void *table, size_t size, mc_error *err)
{
    void *found[MAX_FUNCTIONS], *handle = NULL, *function;
    char shown[MC_SANITIZED_SIZE];
    const char *why;
    size_t i;

    if (size > sizeof found)
        return mc_fail(err, MC_UNSUPPORTED, 0, "%s: too many functions", library->name);
    /* Not to be unloaded: a library may have registered something with the process. */
    for (i = 0; i < library->file_count && handle == NULL; i++)
        handle = dlopen(library->files[i], RTLD_NOW | RTLD_LOCAL | RTLD_NODELETE);
    if (handle == NULL) {
        why = dlerror();
        return mc_fail(err, MC_UNSUPPORTED, 0, "%s %s, which cannot be loaded: %s", library->who,
                       library->name, mc_sanitize_text(shown, sizeof shown, why != NULL ? why : "unknown reason"));
    }
    memset(found, 0, sizeof found);
    for (i = 0; i < library->function_count; i++) {
        function = dlsym(handle, library->functions[i].name);
        if (function == NULL) {
            dlclose(handle);
            return mc_fail(err, MC_UNSUPPORTED, 0, "%s a newer %s: this one has no %s()", library->who,
                           library->name, library->functions[i].name);
        }
        memcpy((char *)found + library->functions[i].offset, &function, sizeof function);
    }
    dlclose(handle);
    memcpy(table, found, size);
    return MC_OK;
}
#endif

mc_status mc_library_load_once(const mc_library *library, void *table, size_t size, bool *loaded,
                               mc_error *err)
{
    static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
    mc_status status = MC_OK;

    pthread_mutex_lock(&lock);
    if (!*loaded) {
        status = mc_library_load(library, table, size, err);
        *loaded = status == MC_OK;
    }
    pthread_mutex_unlock(&lock);
    return status;
}
