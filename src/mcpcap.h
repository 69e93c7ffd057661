/*
 * mcpcap.h: the public interface of the core, a C library that knows no Lua.
 *
 * A session reads captures in slices and keeps count:
 *
 *     mc_options options = MC_OPTIONS_INIT;
 *     mc_input input = { .path = "capture.pcap" };
 *     mc_endpoint server;
 *     mc_session *s = NULL;
 *     mc_error err;
 *
 *     if (mc_endpoint_parse(&server, "10.0.0.2", 443, &err) != MC_OK ||
 *         mc_session_open(&s, &input, 1, &server, &options, &err) != MC_OK)
 *         return fail(&err);
 *     while ((status = mc_session_step(s, 10000, 100, &err)) == MC_OK)
 *         ;
 *     if (status == MC_END)
 *         print(mc_session_facts(s));
 *     mc_session_close(s);
 *
 * Nothing is printed, nothing is global, no callback is made.  A session must
 * be used by one thread at a time; different sessions are independent.
 */
#ifndef MCPCAP_H
#define MCPCAP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#ifdef __cplusplus
extern "C" {
#endif

#define MC_VERSION "0.1.0"

/* ------------------------------------------------------------------ errors */

/* The closed list of outcomes: enum value, the code that Lua sees, default text. */
#define MC_STATUS_MAP(X)                                                    \
    X(OK,          "ok",          "no error")                               \
    X(END,         "end",         "end of the capture")                     \
    X(NOT_FOUND,   "not_found",   "no such file")                           \
    X(NOT_FILE,    "not_file",    "not a regular file")                     \
    X(DENIED,      "denied",      "not allowed")                            \
    X(IO,          "io",          "input/output error")                     \
    X(FORMAT,      "format",      "not a capture file")                     \
    X(LINK_TYPE,   "link_type",   "link type that carries no IP")           \
    X(FILTER,      "filter",      "bad filter expression")                  \
    X(URL,         "url",         "bad URL")                                \
    X(RESOLVE,     "resolve",     "host name cannot be resolved")           \
    X(CONNECT,     "connect",     "connection failed")                      \
    X(TLS,         "tls",         "TLS failed")                             \
    X(HTTP,        "http",        "unexpected HTTP answer")                 \
    X(NETWORK,     "network",     "transfer failed")                        \
    X(TIMEOUT,     "timeout",     "time limit reached")                     \
    X(LIMIT,       "limit",       "limit reached")                          \
    X(CANCELLED,   "cancelled",   "cancelled")                              \
    X(TRUNCATED,   "truncated",   "the capture ends early")                 \
    X(NOMEM,       "nomem",       "out of memory")                          \
    X(UNSUPPORTED, "unsupported", "not supported by this build")            \
    X(INVALID,     "invalid",     "invalid argument")

typedef enum mc_status {
#define X(id, code, text) MC_##id,
    MC_STATUS_MAP(X)
#undef X
    MC_STATUS_COUNT
} mc_status;

#define MC_ERRMSG_SIZE 512

/* One line, no final stop, the object first; fit to be shown to a person:
   no control bytes, no user, password or query of a URL. */
typedef struct mc_error {
    mc_status status;
    int detail;                      /* errno, a CURLcode, an HTTP status, or 0 */
    char msg[MC_ERRMSG_SIZE];
} mc_error;

const char *mc_status_code(mc_status status);    /* "not_found" */
const char *mc_status_text(mc_status status);    /* "no such file" */

/* ------------------------------------------------------------------- input */

/*
 * One input: a path of a regular file, an http:// or https:// URL (scheme in any
 * case), or an open stream.  A path is never a device, a FIFO or standard input.
 */
typedef struct mc_input {
    const char *path;                /* path or URL, or NULL when 'stream' is given */
    FILE *stream;                    /* read to its end; borrowed, never closed here */
} mc_input;

typedef struct mc_endpoint {
    uint8_t addr[16];                /* IPv4 as ::ffff:a.b.c.d */
    uint16_t port;                   /* 0: any */
} mc_endpoint;

/*
 * Reads an address in any spelling that inet_pton() takes; "::ffff:10.0.0.2" is
 * 10.0.0.2.  'port' 0 means any.  MC_INVALID otherwise.
 */
mc_status mc_endpoint_parse(mc_endpoint *out, const char *address, unsigned port, mc_error *err);

/* ----------------------------------------------------------------- options */

/* Every limit of zero means "none", unless it says otherwise. */
typedef struct mc_options {
    const char *filter;              /* BPF expression, or NULL */
    uint64_t max_packets;            /* frames read */
    uint64_t max_bytes;              /* bytes after decompression: of a download or of inflated data */
    uint64_t max_connections;        /* connections kept in memory; never 0 */
    uint32_t timeout_ms;             /* the whole work, from the open on */
    uint32_t connect_timeout_ms;     /* name lookup and connect, URLs only */
    uint32_t stall_timeout_ms;       /* a URL that sends under 1,000 bytes a second for so long */
    uint32_t connections;            /* connection rows wanted */
    uint32_t buckets;                /* of the timeline, at most */
    int64_t bucket_ns;               /* first width of a bucket; 0: chosen */
    bool has_start, has_end;         /* time window: start <= t < end */
    int64_t start_ns, end_ns;
    bool verify_checksums;

    /* URL policy */
    bool url_allowed;                /* false: every URL is refused */
    bool url_private;                /* false: refuse loopback, private and other special addresses */
    const char *const *url_hosts;    /* NULL, or the only hosts allowed on every hop */
    size_t url_host_count;
    uint32_t url_max_redirects;
    const char *url_ca_file;         /* NULL: the system's */

    /* local policy */
    const char *const *roots;        /* NULL, or the folders that local paths must lie in */
    size_t root_count;

    const char *reader;              /* NULL: chosen; "own" or "libpcap" (for comparing them);
                                        "read": the own reader without mapping */
} mc_options;

#define MC_OPTIONS_INIT                                                     \
    {                                                                       \
        .max_connections = 1000000, .connect_timeout_ms = 10000,            \
        .stall_timeout_ms = 15000, .connections = 10, .buckets = 60,        \
        .url_allowed = true, .url_private = true, .url_max_redirects = 5    \
    }

/* @@FACTS@@ */

#ifdef __cplusplus
}
#endif

#endif
