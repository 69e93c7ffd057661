/*
 * curl_table.c: finding libcurl at run time.
 */
#include "stage/curl_table.h"

#include <pthread.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/library.h"

static const char *const files[] = {
#ifdef __APPLE__
    "libcurl.4.dylib",
#endif
    "libcurl.so.4", "libcurl-gnutls.so.4",
};

static const mc_library_function functions[] = {
#define X(name) MC_LIBRARY_FUNCTION(curl_##name, mc_curl, name),
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

#ifdef MCPCAP_BUILT_IN
const char *mc_curl_authorities(void)
{
    static const char *const usual[] = {
        "/etc/ssl/certs/ca-certificates.crt",                 /* Debian, Arch, Gentoo */
        "/etc/pki/ca-trust/extracted/pem/tls-ca-bundle.pem",  /* Fedora, RHEL */
        "/etc/pki/tls/certs/ca-bundle.crt",
        "/var/lib/ca-certificates/ca-bundle.pem",             /* openSUSE */
        "/etc/ssl/ca-bundle.pem",
        "/etc/ssl/cert.pem",                                  /* Alpine */
    };
    const char *named = getenv("SSL_CERT_FILE");
    size_t i;

    if (named != NULL && named[0] != '\0')
        return named;
    for (i = 0; i < MC_ARRAY_LEN(usual); i++)
        if (access(usual[i], R_OK) == 0)
            return usual[i];
    return NULL;
}
#else
const char *mc_curl_authorities(void)
{
    return NULL;
}
#endif
