/*
 * curl_table.h: libcurl, loaded when the first URL is opened.
 *
 * Linked in, it would cost every user of a local file some five milliseconds and ten
 * megabytes; as a shared object of our own it would have to be found by path.
 * So its few functions are looked up by name.
 */
#ifndef MC_CURL_TABLE_H
#define MC_CURL_TABLE_H

#define CURL_DISABLE_TYPECHECK
#include <curl/curl.h>

#include "base/base.h"

#define MC_CURL_FUNCTIONS(X)                                                \
    X(global_init)                                                          \
    X(easy_init) X(easy_cleanup) X(easy_setopt) X(easy_getinfo)             \
    X(easy_pause) X(easy_strerror)                                          \
    X(multi_init) X(multi_cleanup) X(multi_add_handle) X(multi_remove_handle) \
    X(multi_perform) X(multi_poll) X(multi_info_read)

typedef struct mc_curl {
#define X(name) __typeof__(&curl_##name) name;
    MC_CURL_FUNCTIONS(X)
#undef X
} mc_curl;

/*
 * The loaded and initialised library, which stays for the life of the process.
 * MC_UNSUPPORTED when it is not there; a failure is tried anew the next time.
 */
mc_status mc_curl_load(const mc_curl **out, mc_error *err);

/*
 * The file of the authorities to trust where a libcurl that is built in cannot know it:
 * the environment's SSL_CERT_FILE, or the first there is of the usual ones.  NULL where
 * libcurl knows it by itself, or there is none.
 */
const char *mc_curl_authorities(void);

#endif
