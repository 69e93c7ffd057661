/*
 * stage_url.c: a transfer over HTTP or HTTPS, pulled through libcurl's multi
 * interface: it never blocks longer than it is told to, and nothing touches the disk.
 *
 * Redirects are followed here and not by libcurl, so that each hop passes the
 * same checks as the first URL.  Addresses are checked when a socket is asked
 * for, after the name lookup: what the text of a URL looks like proves nothing.
 */
#include "stage/stage.h"

#include <errno.h>
#include <stdlib.h>
#include <strings.h>
#include <time.h>

#include "stage/curl_table.h"
#include "base/guard.h"
#include "base/sanitize.h"
#include "stage/url_policy.h"

/* Downloaded and not yet read; libcurl pauses when it is full. */
#define BUFFER (512u * 1024)

/* Under so many bytes a second a transfer counts as stalled. */
#define SLOW 1000

/* Time between two calls that is blamed on the network; the caller may have slept. */
#define BLAME_MS 1000

/* The body of a redirect is thrown away, and interim responses are read over, but
   not for ever. */
#define REDIRECT_BODY (1024u * 1024)
#define HEADERS (1024u * 1024)

typedef struct url_stage {
    mc_stage base;
    const mc_curl *curl;
    const mc_options *options;       /* the source's, which outlives the stage */
    char *url;                       /* of this hop */
    CURLM *multi;
    CURL *easy;
    uint32_t hops;
    long code;                       /* HTTP status once the headers are complete, else 0 */
    long long length;                /* Content-Length, -1: none yet */
    bool headers_done, paused;
    bool opened, refused;            /* sockets of this hop: some allowed, some not */
    bool over;                       /* 'end' is the answer once the buffer is empty */
    mc_status end;
    mc_error error;
    mc_status abort;                 /* why a callback stopped the transfer, or MC_OK */
    mc_error abort_error;
    char words[CURL_ERROR_SIZE];
    uint8_t *buffer;
    size_t begin, end_at;            /* unread bytes are [begin, end_at) */
    size_t skipped, headers;         /* bytes of a redirect's body, of header lines */
    uint64_t max_bytes;
    int64_t started_ms, seen_ms;     /* the first hop's begin, the last call */
    int64_t window_ms, slow_ms;      /* see watch_speed() */
    uint64_t window_bytes, traffic;
} url_stage;

static int64_t now_ms(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / MC_NS_PER_MS;
}

/* ------------------------------------------------------------------ callbacks */

/* Remembers why; the callback then returns what makes libcurl stop. */
MC_PRINTF(4, 5)
static size_t stop(url_stage *st, mc_status status, int detail, const char *format, ...)
{
    va_list args;

    if (st->abort == MC_OK) {
        va_start(args, format);
        vsnprintf(st->abort_error.msg, sizeof st->abort_error.msg, format, args);
        va_end(args);
        st->abort_error.status = st->abort = status;
        st->abort_error.detail = detail;
    }
    return 0;
}

static bool is_redirect(long code)
{
    return code == 301 || code == 302 || code == 303 || code == 307 || code == 308;
}

static size_t on_body(char *data, size_t one, size_t size, void *user)
{
    url_stage *st = user;

    (void)one;
    st->traffic += size;
    if (is_redirect(st->code)) {
        st->skipped += size;
        return st->skipped > REDIRECT_BODY
                 ? stop(st, MC_HTTP, (int)st->code, "a redirect with too long a body")
                 : size;
    }
    if (st->code != 200)
        return stop(st, MC_HTTP, (int)st->code, "HTTP status %ld", st->code);
    if (st->max_bytes != 0 && st->base.done > st->max_bytes)
        return stop(st, MC_LIMIT, 0, "more than %llu bytes of download (max_bytes)", (unsigned long long)st->max_bytes);
    if (st->begin > 0) {
        memmove(st->buffer, st->buffer + st->begin, st->end_at - st->begin);
        st->end_at -= st->begin;
        st->begin = 0;
    }
    if (size > BUFFER - st->end_at) {
        st->paused = true;
        st->traffic -= size;
        return CURL_WRITEFUNC_PAUSE;
    }
    memcpy(st->buffer + st->end_at, data, size);
    st->end_at += size;
    st->base.done += size;
    return size;
}

/*
 * An encoding that nobody asked for.  Those that stand for a compression known here are
 * seen by their first bytes like any compressed capture.
 */
static bool is_known_encoding(const char *value, size_t length)
{
    static const char *const known[] = { "", "identity", "gzip", "x-gzip", "zstd", "xz", "bzip2" };
    size_t i;

    for (i = 0; i < MC_ARRAY_LEN(known); i++)
        if (strlen(known[i]) == length && strncasecmp(known[i], value, length) == 0)
            return true;
    return false;
}

static size_t check_encoding(url_stage *st, const char *value, size_t length)
{
    char copy[48], shown[96];

    while (length > 0 && (*value == ' ' || *value == '\t')) {
        value++;
        length--;
    }
    while (length > 0 && (unsigned char)value[length - 1] <= ' ')
        length--;
    if (is_known_encoding(value, length))
        return 1;
    snprintf(copy, sizeof copy, "%.*s", (int)mc_min_u64(length, sizeof copy - 1), value);
    return stop(st, MC_UNSUPPORTED, 0, "the server sends Content-Encoding \"%s\" unasked, which "
                "is not supported", mc_sanitize_text(shown, sizeof shown, copy));
}

/*
 * RFC 9110, 8.6: a length that is no number, or a second one that differs, is an
 * error.  libcurl takes one of them and calls the cut transfer whole.
 */
static size_t check_length(url_stage *st, const char *value, size_t length)
{
    long long number = 0;
    size_t digits = 0;

    while (length > 0 && (*value == ' ' || *value == '\t')) {
        value++;
        length--;
    }
    while (length > 0 && (unsigned char)value[length - 1] <= ' ')
        length--;
    for (; digits < length && digits < 18 && value[digits] >= '0' && value[digits] <= '9'; digits++)
        number = number * 10 + (value[digits] - '0');
    if (digits == 0 || digits != length)
        return stop(st, MC_HTTP, 0, "the answer has a Content-Length that is no length");
    if (st->length >= 0 && st->length != number)
        return stop(st, MC_HTTP, 0, "the answer has two different Content-Lengths");
    st->length = number;
    return 1;
}

/* Whether a header line has this name (with colon, in small letters). */
static bool has_name(const char *line, size_t size, const char *name)
{
    size_t n = strlen(name);

    return size > n && strncasecmp(line, name, n) == 0;
}

/* One header line, the empty one at the end included. */
static size_t on_header(char *line, size_t one, size_t size, void *user)
{
    static const char encoding[] = "content-encoding:", length[] = "content-length:";
    url_stage *st = user;
    long code = 0;

    (void)one;
    st->traffic += size;
    st->headers += size;
    if (st->headers > HEADERS)
        return stop(st, MC_HTTP, 0, "more than %u bytes of headers", HEADERS);
    if (st->headers_done)
        return size;                 /* trailers of a chunked body */
    if (st->curl->easy_getinfo(st->easy, CURLINFO_RESPONSE_CODE, &code) != CURLE_OK)
        code = 0;
    if (code == 200 && has_name(line, size, encoding)
        && check_encoding(st, line + sizeof encoding - 1, size - (sizeof encoding - 1)) == 0)
        return 0;
    if (code == 200 && has_name(line, size, length)
        && check_length(st, line + sizeof length - 1, size - (sizeof length - 1)) == 0)
        return 0;
    if (size > 2 || (size == 2 && line[0] != '\r') || (size == 1 && line[0] != '\n'))
        return size;
    if (code < 200)
        return size;                 /* an interim response: others follow */
    st->headers_done = true;
    st->code = code;
    if (code != 200 && !is_redirect(code))
        return stop(st, MC_HTTP, (int)code, "HTTP status %ld", code);
    if (code == 200 && st->length > 0)
        st->base.total = (uint64_t)st->length;
    return size;
}

static curl_socket_t on_socket(void *user, curlsocktype purpose, struct curl_sockaddr *address)
{
    url_stage *st = user;
    int fd;

    if (purpose != CURLSOCKTYPE_IPCXN
        || (!st->options->url_private
            && mc_address_is_special(&address->addr, address->addrlen))) {
        st->refused = true;
        return CURL_SOCKET_BAD;
    }
    st->opened = true;
    fd = socket(address->family, address->socktype | SOCK_CLOEXEC, address->protocol);
    return fd < 0 ? CURL_SOCKET_BAD : fd;
}

/* ------------------------------------------------------------------ hops */

static void end_hop(url_stage *st)
{
    if (st->easy != NULL) {
        st->curl->multi_remove_handle(st->multi, st->easy);
        st->curl->easy_cleanup(st->easy);
    }
    st->easy = NULL;
}

/* The options of a transfer.  All are needed: one that this libcurl does not know
   might be the one that keeps it within bounds. */
static CURLcode set_up(url_stage *st, int64_t left_ms)
{
    const mc_curl *c = st->curl;
    const mc_options *o = st->options;
    CURLcode bad = CURLE_OK;

#define SET(option, value)                                                  \
    do {                                                                    \
        if (bad == CURLE_OK)                                                \
            bad = c->easy_setopt(st->easy, CURLOPT_##option, value);        \
    } while (0)
    SET(ERRORBUFFER, st->words);
    SET(URL, st->url);
#if LIBCURL_VERSION_NUM >= 0x075500
    SET(PROTOCOLS_STR, "http,https");
    SET(REDIR_PROTOCOLS_STR, "http,https");
#else
    SET(PROTOCOLS, (long)(CURLPROTO_HTTP | CURLPROTO_HTTPS));
    SET(REDIR_PROTOCOLS, (long)(CURLPROTO_HTTP | CURLPROTO_HTTPS));
#endif
    SET(FOLLOWLOCATION, 0L);
    SET(NOSIGNAL, 1L);
    SET(NOPROGRESS, 1L);
    SET(PROXY, "");                  /* an environment variable is no policy */
    SET(NETRC, (long)CURL_NETRC_IGNORED);
    SET(SSL_VERIFYPEER, 1L);
    SET(SSL_VERIFYHOST, 2L);
    SET(USERAGENT, "mcpcap/" MC_VERSION);
    SET(WRITEFUNCTION, on_body);
    SET(WRITEDATA, st);
    SET(HEADERFUNCTION, on_header);
    SET(HEADERDATA, st);
    SET(OPENSOCKETFUNCTION, on_socket);
    SET(OPENSOCKETDATA, st);
    if (o->url_ca_file != NULL || mc_curl_authorities() != NULL)
        SET(CAINFO, o->url_ca_file != NULL ? o->url_ca_file : mc_curl_authorities());
    if (o->url_ca_file != NULL)
        SET(CAPATH, NULL);
    if (o->connect_timeout_ms != 0)
        SET(CONNECTTIMEOUT_MS, (long)o->connect_timeout_ms);
    if (o->timeout_ms != 0)
        SET(TIMEOUT_MS, (long)left_ms);
#undef SET
    return bad;
}

static mc_status begin_hop(url_stage *st)
{
    mc_url parts;
    int64_t left = 0;
    CURLcode bad;
    mc_status status = mc_url_split(&parts, st->url, &st->error);

    if (status == MC_OK)
        status = mc_url_check(&parts, st->options, &st->error);
    if (status != MC_OK)
        return status;
    if (st->options->timeout_ms != 0) {
        /* a little longer than the whole work may take: who watches that clock speaks first */
        left = st->started_ms + st->options->timeout_ms + 250 - now_ms();
        if (left <= 0)
            return mc_fail(&st->error, MC_TIMEOUT, 0, "time limit of %u ms reached",
                           st->options->timeout_ms);
    }
    st->code = 0;
    st->length = -1;
    st->headers_done = st->paused = st->opened = st->refused = false;
    st->skipped = st->headers = 0;
    st->words[0] = '\0';
    st->easy = st->curl->easy_init();
    if (st->easy == NULL)
        return mc_stage_errno(&st->error, ENOMEM);
    bad = set_up(st, left);
    if (bad == CURLE_OUT_OF_MEMORY)
        return mc_stage_errno(&st->error, ENOMEM);
    if (bad != CURLE_OK)
        return mc_fail(&st->error, MC_UNSUPPORTED, (int)bad, "this libcurl is too old for URLs");
    if (st->curl->multi_add_handle(st->multi, st->easy) != CURLM_OK)
        return mc_stage_errno(&st->error, ENOMEM);
    return MC_OK;
}

/* ------------------------------------------------------------------ outcomes */

static mc_status status_of(CURLcode result)
{
    switch ((int)result) {
    case CURLE_URL_MALFORMAT:
        return MC_URL;
    case CURLE_COULDNT_RESOLVE_HOST:
    case CURLE_COULDNT_RESOLVE_PROXY:
        return MC_RESOLVE;
    case CURLE_COULDNT_CONNECT:
        return MC_CONNECT;
    case CURLE_UNSUPPORTED_PROTOCOL:         /* of the answer: HTTP/0.9, or no HTTP at all */
    case CURLE_WEIRD_SERVER_REPLY:
    case CURLE_TOO_MANY_REDIRECTS:
    case CURLE_HTTP_RETURNED_ERROR:
        return MC_HTTP;
    case CURLE_OPERATION_TIMEDOUT:
        return MC_TIMEOUT;
    case CURLE_OUT_OF_MEMORY:
        return MC_NOMEM;
    case CURLE_SSL_CONNECT_ERROR:
    case CURLE_SSL_ENGINE_NOTFOUND:
    case CURLE_SSL_ENGINE_SETFAILED:
    case CURLE_SSL_CERTPROBLEM:
    case CURLE_SSL_CIPHER:
    case CURLE_PEER_FAILED_VERIFICATION:
    case CURLE_SSL_ENGINE_INITFAILED:
    case CURLE_SSL_CACERT_BADFILE:
    case CURLE_SSL_SHUTDOWN_FAILED:
    case CURLE_SSL_CRL_BADFILE:
    case CURLE_SSL_ISSUER_ERROR:
    case CURLE_SSL_PINNEDPUBKEYNOTMATCH:
    case CURLE_SSL_INVALIDCERTSTATUS:
        return MC_TLS;
    default:
        return MC_NETWORK;
    }
}

static mc_status transfer_failed(url_stage *st, CURLcode result)
{
    char shown[MC_SANITIZED_SIZE];

    if (st->abort != MC_OK) {
        st->error = st->abort_error;
        return st->abort;
    }
    if (st->refused && !st->opened && result == CURLE_COULDNT_CONNECT)
        return mc_fail(&st->error, MC_DENIED, 0, "the host's address is not a public one, and "
                       "such addresses are not allowed");
    /* a header line that is longer than libcurl keeps: since 8.6 CURLE_TOO_LARGE, before that the other */
    if (((int)result == 100 || result == CURLE_OUT_OF_MEMORY) && st->opened && !st->headers_done)
        return mc_fail(&st->error, MC_HTTP, (int)result, "a header line that is too long%s",
                       result == CURLE_OUT_OF_MEMORY ? ", or out of memory" : "");
    mc_sanitize_text(shown, sizeof shown,
                 st->words[0] != '\0' ? st->words : st->curl->easy_strerror(result));
    return mc_fail(&st->error, status_of(result), (int)result, "%s", shown);
}

/* Sets out for where a redirect points to. */
static mc_status follow(url_stage *st)
{
    const char *target = NULL;
    char *copy, cause[MC_ERRMSG_SIZE];
    mc_status status;
    long code = st->code;

    if (st->curl->easy_getinfo(st->easy, CURLINFO_REDIRECT_URL, &target) != CURLE_OK
        || target == NULL)
        return mc_fail(&st->error, MC_HTTP, (int)code, "HTTP status %ld without a place to go to",
                       code);
    if (st->hops == st->options->url_max_redirects)
        return mc_fail(&st->error, MC_HTTP, (int)code, "more than %u redirects",
                       st->options->url_max_redirects);
    copy = strdup(target);
    if (copy == NULL)
        return mc_stage_errno(&st->error, ENOMEM);
    end_hop(st);
    free(st->url);
    st->url = copy;
    st->hops++;
    status = begin_hop(st);
    if (status != MC_OK && (status == MC_URL || status == MC_DENIED)) {
        snprintf(cause, sizeof cause, "%s", st->error.msg);
        mc_fail(&st->error, status, 0, "redirected: %.*s", MC_ERRMSG_SIZE - 16, cause);
    }
    return status;
}

/* Looks whether the transfer has ended, and how. */
static void check_done(url_stage *st)
{
    CURLMsg *message;
    CURLcode result;
    int left;

    while (!st->over && (message = st->curl->multi_info_read(st->multi, &left)) != NULL) {
        if (message->msg != CURLMSG_DONE)
            continue;
        result = message->data.result;
        if (result != CURLE_OK || st->abort != MC_OK)
            st->end = transfer_failed(st, result);
        else if (is_redirect(st->code))
            st->end = follow(st);
        else if (st->code == 200)
            st->end = MC_END;
        else
            st->end = st->code == 0 ? mc_fail(&st->error, MC_NETWORK, 0, "the connection ended within the headers of the answer")
                                    : mc_fail(&st->error, MC_HTTP, (int)st->code, "HTTP status %ld", st->code);
        st->over = st->end != MC_OK;
    }
}

/*
 * A transfer that crawls: less than SLOW bytes a second, second after second, for the
 * whole of the allowed time.  Not libcurl's own watch, which counts whole seconds only, and
 * the time that the caller spends elsewhere too.
 */
static void watch_speed(url_stage *st)
{
    const int64_t allowed = st->options->stall_timeout_ms, now = now_ms();
    int64_t window = allowed < 1000 ? allowed : 1000, passed = now - st->seen_ms;
    curl_off_t connected = 0;

    st->seen_ms = now;
    if (allowed == 0 || st->over || st->easy == NULL)
        return;
    if (st->options->connect_timeout_ms != 0
        && st->curl->easy_getinfo(st->easy, CURLINFO_PRETRANSFER_TIME_T, &connected) == CURLE_OK
        && connected == 0)
        return;                      /* another clock is running */
    st->window_ms += passed < BLAME_MS ? passed : BLAME_MS;
    if (st->paused) {
        st->window_ms = st->slow_ms = 0;
        st->window_bytes = st->traffic;
    }
    if (st->window_ms < window)
        return;
    if ((st->traffic - st->window_bytes) * 1000 >= (uint64_t)(SLOW * st->window_ms))
        st->slow_ms = 0;
    else
        st->slow_ms += st->window_ms;
    st->window_ms = 0;
    st->window_bytes = st->traffic;
    if (st->slow_ms >= allowed) {
        st->end = mc_fail(&st->error, MC_TIMEOUT, 0, "stalled: under %d bytes a second for %lld ms",
                          SLOW, (long long)allowed);
        st->over = true;
    }
}

/* ------------------------------------------------------------------ reading */

static mc_status begin_transfer(url_stage *st)
{
    st->buffer = malloc(BUFFER);
    if (st->buffer == NULL)
        return mc_stage_errno(&st->error, ENOMEM);
    if (mc_curl_load(&st->curl, &st->error) != MC_OK)
        return st->error.status;
    st->multi = st->curl->multi_init();
    if (st->multi == NULL)
        return mc_stage_errno(&st->error, ENOMEM);
    st->started_ms = st->seen_ms = now_ms();
    return begin_hop(st);
}

/* Lets libcurl do what it can do now. */
static void perform(url_stage *st)
{
    int running;
    CURLMcode bad;

    if (st->paused && st->begin == st->end_at) {
        st->paused = false;
        st->curl->easy_pause(st->easy, CURLPAUSE_CONT);
    }
    bad = st->curl->multi_perform(st->multi, &running);
    if (bad != CURLM_OK && bad != CURLM_CALL_MULTI_PERFORM) {
        st->over = true;
        st->end = mc_fail(&st->error, bad == CURLM_OUT_OF_MEMORY ? MC_NOMEM : MC_NETWORK, (int)bad,
                          "transfer failed (libcurl multi error %d)", (int)bad);
        return;
    }
    check_done(st);
    watch_speed(st);
}

static mc_status url_read(mc_stage *base, uint8_t *out, size_t size, size_t *got,
                          unsigned wait_ms, mc_error *err)
{
    url_stage *st = (url_stage *)base;
    mc_guard guard;

    *got = 0;
    if (st->begin == st->end_at && !st->over) {
        mc_guard_begin(&guard, SIGPIPE);
        if (st->multi == NULL) {
            st->end = begin_transfer(st);
            st->over = st->end != MC_OK;
        }
        if (!st->over)
            perform(st);
        if (st->begin == st->end_at && !st->over && wait_ms > 0) {
            st->curl->multi_poll(st->multi, NULL, 0, wait_ms > 600000 ? 600000 : (int)wait_ms, NULL);
            perform(st);
        }
        mc_guard_end(&guard);
    }
    *got = (size_t)mc_min_u64(size, st->end_at - st->begin);
    if (*got > 0) {
        memcpy(out, st->buffer + st->begin, *got);
        st->begin += *got;
        return MC_OK;
    }
    if (!st->over)
        return MC_OK;
    if (st->end != MC_END)
        *err = st->error;
    return st->end;
}

static void url_close(mc_stage *base)
{
    url_stage *st = (url_stage *)base;
    mc_guard guard;

    mc_guard_begin(&guard, SIGPIPE);
    end_hop(st);
    if (st->multi != NULL)
        st->curl->multi_cleanup(st->multi);
    mc_guard_end(&guard);
    free(st->buffer);
    free(st->url);
    free(st);
}

mc_status mc_stage_url_open(mc_stage **out, const char *url, const mc_options *options,
                            mc_error *err)
{
    static const mc_stage_ops ops = { url_read, url_close, NULL };
    url_stage *st;
    mc_url parts;
    mc_status status = mc_url_split(&parts, url, err);

    if (status == MC_OK)
        status = mc_url_check(&parts, options, err);
    if (status != MC_OK)
        return status;
    st = calloc(1, sizeof *st);
    if (st == NULL)
        return mc_stage_errno(err, ENOMEM);
    st->url = strdup(url);
    if (st->url == NULL) {
        free(st);
        return mc_stage_errno(err, ENOMEM);
    }
    st->base.ops = &ops;
    st->base.limited = true;
    st->options = options;
    st->max_bytes = options->max_bytes;
    *out = &st->base;
    return MC_OK;                    /* cppcheck-suppress memleak ; *out owns it, by its first member */
}
