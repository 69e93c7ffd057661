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
 *
 * Units: what was measured is in nanoseconds (`_ns`), points in time count from 1970,
 * time limits that the caller sets are in milliseconds (`_ms`), and everything else is
 * a count.  Pairs have the client at 0 and the server at 1 (MC_CLIENT, MC_SERVER).
 *
 * Compatibility: MC_VERSION is semantic.  Within one minor version (0.2.x) programs
 * need not be compiled again: no function, field or value changes or moves, and none is
 * added to a struct.  Another minor version before 1.0 may change all of it and has
 * another soname; CHANGELOG.md says what.  A caller fills mc_options by MC_OPTIONS_INIT
 * and mc_input by designated members, so that what is added at a new version stands at
 * its default.  mc_session is opaque; mc_facts is made by the library alone.
 */
#ifndef MCPCAP_H
#define MCPCAP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "mcpcap_facts.h"
#include "mcpcap_types.h"

#ifdef __cplusplus
extern "C" {
#endif

#ifdef __GNUC__                      /* what the shared library shows */
#pragma GCC visibility push(default)
#endif

#define MC_VERSION "0.2.0"

/* ------------------------------------------------------------------- input */

/*
 * One input: a path of a regular file, an http:// or https:// URL (scheme in any
 * case), or an open stream.  A path is never a device, a FIFO or standard input.
 */
typedef struct mc_input {
    const char *path;                /* path or URL, or NULL when 'stream' is given */
    FILE *stream;                    /* read to its end; borrowed, never closed here */
} mc_input;

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
    bool follow;                     /* inputs that are being written: see mc_session_add() */
    bool application;                /* look at what connections say first: TLS, HTTP, names */
    mc_rules rules;
    uint32_t jobs;                   /* threads that inflate compressed files before their turn; 0, 1: none */

    /* states: see mc_session_save() */
    const char *state;               /* NULL, or the file to go on behind; what is not asked for otherwise (filter, window,
                                        rules) is as it was there */
    FILE *spool;                     /* NULL, or where the session keeps what is saved: empty, read and written, borrowed */
    bool alone;                      /* it is one piece of a series, and what came before is not known: a part */
    uint32_t piece, pieces;          /* which part, of how many; 0: not numbered */

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

    /* NULL: what this library's own tests switch; no part of the interface */
    const struct mc_switches *switches;
} mc_options;

#define MC_OPTIONS_INIT                                                     \
    {                                                                       \
        .max_connections = 1000000, .connect_timeout_ms = 10000,            \
        .stall_timeout_ms = 15000, .connections = 10, .buckets = 60,        \
        .url_allowed = true, .url_private = true, .url_max_redirects = 5,   \
        .rules = MC_RULES_NEWEST, .application = true                       \
    }

/* ------------------------------------------------------------------- names */

const char *mc_status_code(mc_status status);    /* "not_found" */
const char *mc_status_text(mc_status status);    /* "no such file" */

/* Names of what facts hold as numbers; NULL for a number that has none. */
const char *mc_conn_state_name(int state, bool text);   /* "SF", or "closed by both sides" */
const char *mc_reset_phase_name(int phase);             /* "mid_data" */
const char *mc_reset_sign_name(unsigned sign);          /* of one MC_SIGN_ bit: "ttl" */
const char *mc_outcome_name(int outcome, bool text);    /* "closed", or what it says */
const char *mc_limited_name(int limited);                /* of an mc_limited: "small_window" */
const char *mc_rules_name(mc_rules rules);              /* "wireshark-4.6" */
bool mc_rules_parse(mc_rules *out, const char *name);   /* false: no such rules */

/* ----------------------------------------------------------------- session */

typedef struct mc_session mc_session;

/*
 * Opens the first input.  Everything that is kept of the arguments is copied,
 * but for streams, which are borrowed.
 */
mc_status mc_session_open(mc_session **out, const mc_input *inputs, size_t input_count,
                          const mc_endpoint *server, const mc_options *options, mc_error *err);

/*
 * Reads at most 'budget' packets (0: a default share).  When the source has
 * nothing to give, it waits for at most 'wait_ms'; when it gives little at a time, for less than
 * twice that, all together.
 *   MC_OK        there may be more
 *   MC_END       finished; mc_session_facts() is whole, or says why it is not
 *                (capture.truncated, capture.stopped)
 *   other        an error before the first packet was read
 */
mc_status mc_session_step(mc_session *s, size_t budget, unsigned wait_ms, mc_error *err);

/*
 * For a session opened with options.follow: one more input, behind the others.  The last
 * input is followed as it grows: at its end there is nothing yet (MC_OK) until another one
 * stands behind it or mc_session_last() has been called; then it ends where it ends.
 *   MC_OK        it will be read; damage in it ends it, not the session
 *   MC_INVALID   the session follows nothing, or no more was to come
 *   other        why it cannot be opened; the session is as before
 */
mc_status mc_session_add(mc_session *s, const mc_input *input, mc_error *err);

/* No more inputs come. */
void mc_session_last(mc_session *s);

/* How many inputs are read, or being read. */
size_t mc_session_inputs(const mc_session *s);

/*
 * Writes all that the session has learnt so far to a file, from which another session goes on as if it had read
 * the same (options.state): its facts are equal.  The file is written beside its place and renamed.  The session goes
 * on as it would have.  It must have been opened with options.spool, where it keeps a log; that is what is
 * written.  An input that is not read to its end is not part of the state beyond what was read.
 */
mc_status mc_session_save(mc_session *s, const char *path, mc_error *err);

/* The names of all inputs, those of the state first; NULL behind the last. */
const char *mc_session_name(const mc_session *s, size_t i);

/* What a state or a part was made of. */
typedef struct mc_state_facts {
    mc_endpoint server;
    mc_rules rules;
    bool verify_checksums, application, has_start, has_end, alone;
    int64_t start_ns, end_ns;
    char filter[4096];
} mc_state_facts;

mc_status mc_state_describe(const char *path, mc_state_facts *out, mc_error *err);

/*
 * Joins the files of neighbours, in their order, to one file: 'output' is written beside its place and renamed.  What
 * is damaged, of another server, doubled or missing is an error that names the file.
 */
mc_status mc_state_join(const char *const *paths, size_t count, const char *output, mc_error *err);

/* Ends the work here: the next step is MC_END, capture.stopped is 'reason'. */
void mc_session_stop(mc_session *s, mc_status reason, const char *message);

/* Bytes read so far and in all (0: not known). */
void mc_session_progress(const mc_session *s, uint64_t *done, uint64_t *total);

/*
 * The facts so far, at any time; borrowed until the next call with 's'.
 * NULL: no memory.
 */
const mc_facts *mc_session_facts(mc_session *s);

/*
 * In words, a line each, what the program has chosen by measuring it while it worked: how files are read, and in which
 * pages connections lie.  Other words in each run, and about time alone: no result depends on it.
 */
#define MC_CHOICES_WORDS 512
void mc_session_choices(const mc_session *s, char words[MC_CHOICES_WORDS]);

void mc_session_close(mc_session *s);            /* accepts NULL */

#ifdef __GNUC__
#pragma GCC visibility pop
#endif

#ifdef __cplusplus
}
#endif

#endif
