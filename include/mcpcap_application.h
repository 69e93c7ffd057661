/*
 * mcpcap_application.h: what the first bytes of connections say of TLS, HTTP and names, as a
 * session has found it out.  Programs include mcpcap.h.
 *
 * All texts are fit to be shown, and borrowed as the facts are.  Times are at the capture point.
 */
#ifndef MCPCAP_APPLICATION_H
#define MCPCAP_APPLICATION_H

#include <stdbool.h>
#include <stdint.h>

#include "mcpcap_direction.h"

/* What a connection speaks, as far as its first bytes tell. */
typedef enum mc_protocol {
    MC_SPEAKS_UNKNOWN,               /* nothing of these, or not heard */
    MC_SPEAKS_TLS,
    MC_SPEAKS_HTTP,                  /* version 1 */
    MC_SPEAKS_HTTP2                  /* without TLS, by prior knowledge (RFC 9113, 3.3) */
} mc_protocol;

/* A name that a capture says, and how many connections say it. */
typedef struct mc_said {
    const char *text;
    uint64_t connections;
} mc_said;

#define MC_SAID_MOST 8

/* What one side asked for, which came to the other, which then sent nothing. */
typedef struct mc_unanswered {
    uint64_t count;
    int64_t longest_ns;
    mc_examples examples;
    uint64_t closed;                 /* of these: who was asked closed or reset the connection in answer */
    uint64_t left;                   /* of these: who asked did */
} mc_unanswered;

/* --------------------------------------------------------------------- TLS */

/* ClientHellos to a server that speaks something else: its own first bytes, in answer or before, are no TLS. */
typedef struct mc_tls_not_spoken {
    uint64_t count;
    uint64_t http;                   /* of these: it answered with a status line of HTTP */
    mc_examples examples;            /* its first bytes, or the ClientHello that came behind them */
} mc_tls_not_spoken;

/* A plain alert (RFC 8446, 6); 'side' has sent it. */
typedef struct mc_tls_alert {
    uint8_t code, side;
    bool fatal;
    bool before_hello;               /* instead of a ServerHello */
    uint64_t count;
    const char *sni;                 /* of the first; NULL: it has none */
    mc_examples examples;
} mc_tls_alert;

#define MC_TLS_ALERT_KINDS 16
#define MC_TLS_CERTIFICATES 8

/* The certificate of a server, as far as it can be read. */
typedef struct mc_tls_certificate {
    const char *subject, *issuer;    /* common names, or else organizations; NULL: none */
    const char *name;                /* the first DNS name of its alternative names; NULL: none */
    int64_t not_before, not_after;   /* seconds since 1970 */
    uint64_t count;                  /* connections */
    uint64_t expired, early;         /* of these, when it was not valid any more, or not yet */
    uint64_t frame;                  /* the first that ends it */
    int64_t seen_ns;
} mc_tls_certificate;

typedef struct mc_tls_facts {
    uint64_t connections;            /* with a record of it */
    uint64_t client_hellos, server_hellos, retries;
    uint64_t version[6];             /* chosen: others, SSL 3.0, TLS 1.0 .. 1.3 */
    uint64_t resumption_offered, resumed, early_data, encrypted_hello;
    uint64_t http2_offered;          /* before other protocols (RFC 7301, 3.1) */
    uint64_t completed;              /* handshakes, as far as can be seen */
    mc_durations server_hello;       /* ClientHello to ServerHello, without the way to the server and back where known */
    mc_durations handshake;          /* ClientHello to the last step */
    mc_durations first_data;         /* the last step to the server's first data */
    mc_examples slow_hellos;         /* ServerHellos that took 200 ms of the server's own, and more: the first */
    uint64_t slow;
    mc_unanswered unanswered;        /* whole ClientHellos */
    mc_tls_not_spoken not_spoken;
    uint64_t hellos_lost;            /* a ClientHello was sent again, and nothing of it acknowledged */
    uint32_t lost_len, passed_len;   /* the shortest first segment of these, the longest first segment of the others */
    mc_examples lost_examples;
    uint64_t hellos_cut;             /* the beginning of a ClientHello was acknowledged, and the rest never came by */
    mc_examples cut_examples;        /* the first segments of these */
    uint64_t alerts;                 /* with those of kinds past the list */
    mc_tls_alert alert[MC_TLS_ALERT_KINDS];
    uint32_t alert_count;
    mc_tls_certificate certificate[MC_TLS_CERTIFICATES];
    uint32_t certificate_count;
    mc_said sni[MC_SAID_MOST], alpn[MC_SAID_MOST];       /* the most frequent first */
} mc_tls_facts;

/* -------------------------------------------------------------------- HTTP */

/* How an answer is counted: by who fails. */
typedef enum mc_http_kind {
    MC_HTTP_FINE,                    /* below 500 */
    MC_HTTP_FAILED,                  /* 5xx: the server's own */
    MC_HTTP_GATEWAY,                 /* 502, 503, 504: of a proxy, or of a server that is not ready */
    MC_HTTP_KINDS
} mc_http_kind;

/* Messages that end before the length that their head told (RFC 9112, 8), of one side: it has closed or reset the connection. */
typedef struct mc_cut_short {
    uint64_t closed, reset;          /* by a FIN first; by a reset */
    uint64_t missing_bytes;          /* at the least */
    mc_examples examples;            /* where these began */
} mc_cut_short;

/* Answers whose head told a length, and which the client did not wait for: it closed or reset the connection before that was
   reached. */
typedef struct mc_http_left {
    uint64_t count, resets;          /* of these: by a reset */
    uint64_t open;                   /* ... that nobody had ended when the capture did */
    uint64_t taken_bytes, whole_bytes;           /* of their bodies: acknowledged; told */
    int64_t longest_ns;              /* of those that had stopped: how long nothing had come */
    mc_examples examples;            /* where these answers began */
} mc_http_left;

/* Plain requests to a server that speaks TLS there. */
typedef struct mc_http_to_tls {
    uint64_t alerts;                 /* answered with an alert of TLS */
    uint64_t told;                   /* answered with 400 in plain text, which says so */
    mc_examples examples;            /* these answers */
} mc_http_to_tls;

typedef struct mc_http_facts {
    uint64_t connections, http2;     /* of version 1; of version 2 without TLS */
    uint64_t requests, answers;      /* the first one of each turn */
    uint64_t status[500];            /* by code less 100 */
    mc_durations took[MC_HTTP_KINDS];            /* end of the request to the beginning of the answer */
    uint64_t kind[MC_HTTP_KINDS];
    mc_examples examples[MC_HTTP_KINDS];         /* first answers; of fine ones none */
    mc_unanswered unanswered;        /* requests */
    mc_cut_short cut_short[2];       /* requests, answers */
    mc_http_left broken_off;         /* as they came */
    mc_http_left stalled;            /* after nothing had come for long, though all that had was acknowledged */
    uint64_t open_ended;             /* answers that begin without a length of theirs */
    mc_http_to_tls to_tls;
} mc_http_facts;

/* ------------------------------------------------------------------ others */

typedef struct mc_proxy_facts {
    uint64_t connections[2];         /* with a header of version 1, 2 (the PROXY protocol) */
    uint64_t clients;                /* of these: it names the client */
} mc_proxy_facts;

/* Names of the server that clients asked for in vain. */
typedef enum mc_name_loss {
    MC_NAME_UNANSWERED,
    MC_NAME_NONE,                    /* NXDOMAIN */
    MC_NAME_FAILED,                  /* SERVFAIL */
    MC_NAME_REFUSED,                 /* REFUSED, and all other errors */
    MC_NAME_LOSSES
} mc_name_loss;

/* What clients asked for a name before they connected (DNS, RFC 1035); a lookup is all questions for one name. */
typedef struct mc_name_facts {
    uint64_t lookups;                /* that led a client to the server: its next connection was here */
    uint64_t connections;            /* that began with it, or shortly after */
    mc_durations wait;               /* of lookups: the first question to the latest answer */
    mc_durations until;              /* the latest answer to the connection */
    uint64_t slow;                   /* they took 200 ms or more, an open question included */
    mc_examples slow_examples;       /* first questions */
    uint64_t again, failed, half;    /* lookups: with a question put again; with an error before; with one not answered */
    int64_t longest_ns;              /* of the slow ones */
    uint64_t longest_frame;
    const char *longest_name;        /* NULL: none, or not kept */
    mc_said name[MC_SAID_MOST];      /* the most frequent first */
    uint64_t lost[MC_NAME_LOSSES];   /* lookups of these names that came to nothing */
    mc_examples lost_examples[MC_NAME_LOSSES];
} mc_name_facts;

typedef struct mc_application_facts {
    mc_tls_facts tls;
    mc_http_facts http;
    mc_proxy_facts proxy;
    mc_name_facts names;
    uint64_t untold;                 /* connections for which there was no room */
} mc_application_facts;

/* ---------------------------------------------------------- one connection */

#define MC_ROW_ALERTS 2
#define MC_ROW_STATUS 4

typedef struct mc_row_alert {
    uint64_t frame;
    uint8_t code, side;
    bool fatal;
} mc_row_alert;

typedef struct mc_row_tls {
    uint16_t offered, version;       /* 0: not known */
    const char *sni, *alpn_offered, *alpn;
    bool retry, resumption_offered, resumed, early_data, encrypted_hello;
    uint64_t client_frame, server_frame;
    int64_t server_hello_ns, handshake_ns;       /* since the ClientHello; -1: not known */
    int64_t first_data_ns;           /* of the server, since the last step; -1: not known */
    mc_row_alert alert[MC_ROW_ALERTS];
    uint32_t alerts;
    const mc_tls_certificate *certificate;
    int ended_behind;                /* not complete: the side of the last message, or -1 ... */
    const char *last_message;        /* ... and which it was */
} mc_row_tls;

typedef struct mc_row_http {
    uint32_t requests, answers;
    uint16_t status[MC_ROW_STATUS];
    uint32_t count[MC_ROW_STATUS];
    uint32_t others;                 /* answers of other codes */
    int64_t slowest_ns;
    uint16_t slowest_status;
    bool unanswered;                 /* the last request */
    uint64_t unanswered_frame;
    uint32_t missing_bytes[2];       /* of the last request, of the last answer: it is cut short */
    uint64_t cut_frame;              /* where that began */
} mc_row_http;

/* The name that a client asked for before a connection. */
typedef struct mc_row_name {
    uint64_t frame;                  /* the first question; 0: there was none */
    const char *name;                /* NULL: not kept */
    int64_t wait_ns;                 /* from there to the latest answer */
    int64_t until_ns;                /* from there to the connection */
    uint32_t again, failures;        /* questions put again; answers that were errors */
    bool half;                       /* a question for another kind of address was not answered by then */
} mc_row_name;

typedef struct mc_row_application {
    mc_row_name asked;
    mc_protocol speaks;              /* MC_SPEAKS_UNKNOWN: nothing is known */
    mc_row_tls tls;
    mc_row_http http;
    uint8_t proxy;                   /* version of its PROXY header; 0: none */
    bool proxy_named;                /* it names the client: */
    uint8_t proxy_client[16];
    uint16_t proxy_port;
} mc_row_application;

#endif
