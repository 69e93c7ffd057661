/*
 * mcpcap_types.h: the words that options and facts share.  Programs include mcpcap.h.
 */
#ifndef MCPCAP_TYPES_H
#define MCPCAP_TYPES_H

#include <stdint.h>

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

/* ----------------------------------------------------- endpoints and sides */

typedef struct mc_endpoint {
    uint8_t addr[16];                /* IPv4 as ::ffff:a.b.c.d */
    uint16_t port;                   /* 0: any */
} mc_endpoint;

#define MC_CLIENT_TO_SERVER 0
#define MC_SERVER_TO_CLIENT 1
#define MC_CLIENT 0                  /* of pairs: what is the client's, and what is the server's */
#define MC_SERVER 1

/* ------------------------------------------------------------------- rules */

/*
 * Whose rules the counters follow: those of Wireshark's versions from this one on, up to
 * the next in the list.  Opinions do not follow them.
 */
typedef enum mc_rules {
    MC_RULES_WIRESHARK_4_0,
    MC_RULES_WIRESHARK_4_4,
    MC_RULES_WIRESHARK_4_6,
    MC_RULES_COUNT
} mc_rules;

#define MC_RULES_NEWEST MC_RULES_WIRESHARK_4_6

#endif
