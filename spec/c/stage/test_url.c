/*
 * test_url.c: transfers from a web server that misbehaves (spec/http_faults.py): each
 * endpoint has one outcome, leaves no descriptor behind, and tells no secret.
 */
#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <time.h>

#include "faulty_server.h"

#include "base/guard.h"
#include "stage/curl_table.h"

/* ------------------------------------------------------------------ tests */

static void test_good_transfers(void)
{
    static const expected list[] = {
        { "ok", MC_END, 5, NULL },
        { "ok?token=secret#secret", MC_END, 5, NULL },
        { "ok_long", MC_END, 2000, NULL },
        { "ok_chunked", MC_END, 5, NULL },
        { "ok_close", MC_END, 5, NULL },
        { "ok_gzip", MC_END, 5, NULL },
        { "ok_gzip_encoded", MC_END, 5, NULL },
        { "ok_twice", MC_END, 5, NULL },
        { "ok_interim", MC_END, 5, NULL },
        { "ok_pieces", MC_END, 5, NULL },
        { "echo", MC_END, 5, NULL },             /* no encoding asked for, nothing told */
        { "cookie", MC_END, 5, NULL },           /* none kept */
        { "long_boundary", MC_END, 2, NULL },    /* what is over the length is not the body */
        { "redirect_relative", MC_END, 5, NULL },
        { "redirect_301", MC_END, 5, NULL },
        { "redirect_308", MC_END, 5, NULL },
        { "redirect_host", MC_END, 5, NULL },
        { "hop_4", MC_END, 5, NULL },
    };
    const mc_options options = MC_OPTIONS_INIT;
    outcome o;
    size_t i;

    for (i = 0; i < MC_ARRAY_LEN(list); i++)
        check_endpoint(&list[i], &options);
    o = fetch_from("ok", &options);
    CHECK_STR(o.facts.reader, "stream");
    CHECK_EQ(o.facts.bytes_done, 404);
    CHECK_EQ(o.facts.bytes_total, 404);
}

static void test_faults_of_the_transport_are_never_a_plain_end(void)
{
    static const expected list[] = {
        { "reset_answer", MC_NETWORK, 0, "" },
        { "reset_headers", MC_NETWORK, 0, "" },
        { "reset_record", MC_END, 2, "" },
        { "reset_boundary", MC_END, 2, "" },
        { "close_answer", MC_NETWORK, 0, "Empty reply" },
        /* libcurl 7.88: "with 394 bytes remaining to read"; 8.14: "with 394 bytes missing" */
        { "short_header", MC_NETWORK, 0, "394 bytes " },
        { "short_record", MC_END, 2, "208 bytes " },
        { "short_boundary", MC_END, 2, "228 bytes " },
        { "short_one", MC_END, 5, "1 bytes " },
        { "long_record", MC_END, 2, "tried to read 60 captured bytes, only got 4" },
        { "chunk_no_last", MC_END, 5, "" },
        { "chunk_cut", MC_END, 2, "" },
        { "chunk_bad_size", MC_END, 2, "" },
        { "chunk_huge_size", MC_END, 2, "" },
        { "chunk_no_newline", MC_END, 2, "" },
        { "gzip_cut", MC_END, -1, "the gzip data ends early" },
        { "gzip_cut_encoded", MC_END, -1, "the gzip data ends early" },
        { "gzip_no_trailer", MC_END, 5, "the gzip data ends early" },
        { "gzip_bad_check", MC_END, 5, "incorrect data check" },
        { "length_4gib", MC_END, 5, "4294966892 bytes " },
        { "length_two", MC_HTTP, 0, "two different Content-Lengths" },
        { "length_negative", MC_HTTP, 0, "Content-Length" },
        { "length_text", MC_HTTP, 0, "Content-Length" },
        { "empty", MC_FORMAT, 0, "truncated dump file" },
        { "html", MC_FORMAT, 0, "unknown file format" },
        { "encoding_br", MC_UNSUPPORTED, 0, "Content-Encoding \"br\" unasked" },
        { "no_http", MC_HTTP, 0, "HTTP/0.9" },
        { "http_09", MC_HTTP, 0, "HTTP/0.9" },
        { "endless_headers", MC_NETWORK, 0, "" },
        { "endless_line", MC_HTTP, 0, "header line" },
        { "endless_interim", MC_NETWORK, 0, "" },
        { "endless_redirect", MC_HTTP, 0, "too long a body" },
    };
    const mc_options options = MC_OPTIONS_INIT;
    size_t i;

    for (i = 0; i < MC_ARRAY_LEN(list); i++)
        check_endpoint(&list[i], &options);
}

static void test_only_200_is_a_capture(void)
{
    static const unsigned codes[] = { 201, 203, 204, 206, 300, 304, 305, 400, 401, 403, 404, 407, 410,
                                      416, 418, 429, 500, 502, 503, 504, 599 };
    const mc_options options = MC_OPTIONS_INIT;
    char endpoint[32], words[32];
    size_t i;

    for (i = 0; i < MC_ARRAY_LEN(codes); i++) {
        expected e = { endpoint, MC_HTTP, 0, words };
        outcome o;

        snprintf(endpoint, sizeof endpoint, "status_%u", codes[i]);
        snprintf(words, sizeof words, "HTTP status %u", codes[i]);
        check_endpoint(&e, &options);
        o = fetch_from(endpoint, &options);
        CHECK_EQ(o.err.detail, codes[i]);
    }
}

static void test_redirects_are_bounded_and_checked(void)
{
    static const expected list[] = {
        { "hop_5", MC_HTTP, 0, "more than 5 redirects" },
        { "redirect_loop", MC_HTTP, 0, "more than 5 redirects" },
        { "redirect_nowhere", MC_HTTP, 0, "HTTP status 302" },
        { "redirect_404", MC_HTTP, 0, "HTTP status 404" },
        { "redirect_quiet", MC_HTTP, 0, "HTTP status 404" },
        { "redirect_crlf", MC_END, 5, NULL },    /* the rest is a header of the answer, not ours */
    };
    static const char *const schemes[] = { "file", "ftp", "ftps", "gopher", "dict", "scp", "sftp", "smb",
                                           "ldap", "telnet", "tftp", "imap", "data", "rtsp", "mqtt" };
    const char *const hosts[] = { "127.0.0.1" };
    mc_options options = MC_OPTIONS_INIT;
    expected e;
    char endpoint[64];
    size_t i;

    for (i = 0; i < MC_ARRAY_LEN(list); i++)
        check_endpoint(&list[i], &options);
    for (i = 0; i < MC_ARRAY_LEN(schemes); i++) {
        snprintf(endpoint, sizeof endpoint, "redirect_to_%s", schemes[i]);
        e = (expected){ endpoint, MC_URL, 0, "redirected: the URL's scheme is not http or https" };
        check_endpoint(&e, &options);
    }
    e = (expected){ "redirect_blank", MC_URL, 0, "redirected: the URL has a blank" };
    if (fetch_from("redirect_blank", &options).status != MC_HTTP)    /* escaped: then it is a 404 */
        check_endpoint(&e, &options);

    options.url_max_redirects = 1;
    e = (expected){ "hop_0", MC_END, 5, NULL };
    check_endpoint(&e, &options);
    e = (expected){ "hop_1", MC_HTTP, 0, "more than 1 redirects" };
    check_endpoint(&e, &options);
    options.url_max_redirects = 0;
    e = (expected){ "redirect_301", MC_HTTP, 0, "more than 0 redirects" };
    check_endpoint(&e, &options);

    options.url_max_redirects = 5;
    options.url_hosts = hosts;
    options.url_host_count = 1;
    e = (expected){ "redirect_301", MC_END, 5, NULL };
    check_endpoint(&e, &options);
    e = (expected){ "redirect_host", MC_DENIED, 0, "redirected: this host is not among" };
    check_endpoint(&e, &options);
}

static void test_private_addresses_are_refused_when_asked(void)
{
    static const char *const spellings[] = {
        "127.0.0.1", "127.1", "2130706433", "0x7f000001", "0177.0.0.1", "localhost", "[::1]",
        "[::ffff:127.0.0.1]", "[::127.0.0.1]", "0.0.0.0", "[::]", "10.0.0.1", "169.254.169.254",
        "192.168.1.1", "100.64.0.1", "[fe80::1]", "[fd00::1]", "224.0.0.1", "255.255.255.255",
        "[64:ff9b::7f00:1]", "[2002:7f00:1::]",
    };
    mc_options options = MC_OPTIONS_INIT;
    char url[128];
    size_t i;
    int before;

    options.url_private = false;
    options.connect_timeout_ms = 5000;
    for (i = 0; i < MC_ARRAY_LEN(spellings); i++) {
        outcome o;

        before = count_descriptors();
        snprintf(url, sizeof url, "http://%s:%u/ok", spellings[i], port);
        o = fetch_with(url, &options);
        if (o.status != MC_DENIED)
            show(url, &o);
        CHECK_EQ(o.status, MC_DENIED);
        CHECK_EQ(o.packets, 0);
        CHECK_EQ(count_descriptors(), before);
    }
    options.url_allowed = false;
    CHECK_EQ(fetch_with("http://example.com/", &options).status, MC_DENIED);
}

static void test_urls_that_are_refused_before_any_use(void)
{
    static const char *const urls[] = {
        "ftp://127.0.0.1/x", "file:///etc/passwd", "gopher://127.0.0.1/", "http://", "http://u:secret@/",
        "http://h:secret/", "http://ho st/", "http://h/\r\nX-Injected: secret", "http://h\\@secret/",
        " http://h/secret", "http://u:sec/ret@h/", "http://[::1", "data://x,y",
    };
    const mc_options options = MC_OPTIONS_INIT;
    size_t i;

    for (i = 0; i < MC_ARRAY_LEN(urls); i++) {
        outcome o = fetch_with(urls[i], &options);

        CHECK_EQ(o.status, MC_URL);
        CHECK(strstr(o.err.msg, ": the URL") != NULL);
        CHECK(strstr(o.err.msg, "secret") == NULL || strstr(urls[i], "h/secret") != NULL);
    }
}

static void test_passwords_are_used_and_not_told(void)
{
    const mc_options options = MC_OPTIONS_INIT;
    char url[128];
    outcome o;

    snprintf(url, sizeof url, "http://user:secret@127.0.0.1:%u/auth?secret#secret", port);
    CHECK_EQ(fetch_with(url, &options).packets, 5);
    snprintf(url, sizeof url, "http://hidden:secret@127.0.0.1:%u/auth?secret", port);
    o = fetch_with(url, &options);
    CHECK_EQ(o.status, MC_HTTP);
    CHECK_EQ(o.err.detail, 401);
    snprintf(url, sizeof url, "http://127.0.0.1:%u/auth: HTTP status 401", port);
    CHECK_STR(o.err.msg, url);
    snprintf(url, sizeof url, "http://hidden:secret@127.0.0.1:%u/short_boundary?secret", port);
    o = fetch_with(url, &options);
    CHECK(o.facts.truncated);
    snprintf(url, sizeof url, "http://127.0.0.1:%u/short_boundary", port);
    CHECK_STR(o.facts.truncated_input, url);
}

/* Whatever the environment says. */
static void test_proxies_of_the_environment_are_not_used(void)
{
    const mc_options options = MC_OPTIONS_INIT;

    setenv("http_proxy", "http://127.0.0.1:1/", 1);
    setenv("all_proxy", "http://127.0.0.1:1/", 1);
    setenv("ALL_PROXY", "http://127.0.0.1:1/", 1);
    CHECK_EQ(fetch_from("ok", &options).packets, 5);
    unsetenv("http_proxy");
    unsetenv("all_proxy");
    unsetenv("ALL_PROXY");
}

static void test_stalls_end(void)
{
    static const expected list[] = {
        { "stall_answer", MC_TIMEOUT, 0, "stalled" },
        { "stall_status", MC_TIMEOUT, 0, "stalled" },
        { "stall_headers", MC_TIMEOUT, 0, "stalled" },
        { "stall_body", MC_TIMEOUT, 0, "stalled" },
        { "trickle_headers", MC_TIMEOUT, 0, "stalled" },
        { "trickle_body", MC_TIMEOUT, 0, "stalled" },
    };
    /* These have something to give first: time enough for a busy machine to do so. */
    static const expected later[] = {
        { "stall_record", MC_END, 2, "stalled" },
        { "stall_boundary", MC_END, 2, "stalled" },
        { "stall_chunk", MC_END, 2, "stalled" },
        { "stall_end", MC_END, 5, "stalled" },
    };
    mc_options options = MC_OPTIONS_INIT;
    size_t i;

    options.stall_timeout_ms = 400;
    for (i = 0; i < MC_ARRAY_LEN(list); i++)
        check_endpoint(&list[i], &options);
    options.stall_timeout_ms = 2000;
    for (i = 0; i < MC_ARRAY_LEN(later); i++)
        check_endpoint(&later[i], &options);
    options.stall_timeout_ms = 0;
    options.timeout_ms = 400;
    check_endpoint(&(expected){ "stall_answer", MC_TIMEOUT, 0, "timed out" }, &options);
    options.timeout_ms = 2000;
    check_endpoint(&(expected){ "stall_boundary", MC_END, 2, "timed out" }, &options);
}

static void test_a_call_returns_while_the_network_is_idle(void)
{
    const mc_options options = MC_OPTIONS_INIT;
    mc_packet packets[4];
    mc_source *s = NULL;
    mc_error err;
    char url[128];
    mc_input input = { .path = url };
    unsigned calls;
    size_t n, total = 0;

    snprintf(url, sizeof url, "http://127.0.0.1:%u/stall_boundary", port);
    CHECK_EQ(mc_source_open(&s, &input, 1, &options, &err), MC_OK);
    alarm(60);                       /* a call that hangs ends the test */
    for (calls = 0; calls < 2000 && total < 2; calls++) {
        CHECK_EQ(mc_source_next(s, packets, 4, &n, 20, &err), MC_OK);
        total += n;
    }
    CHECK_EQ(total, 2);
    for (calls = 0; calls < 100; calls++) {
        CHECK_EQ(mc_source_next(s, packets, 4, &n, 0, &err), MC_OK);
        CHECK_EQ(n, 0);
    }
    alarm(0);
    mc_source_close(s);              /* in the middle of it */
}

static void test_limits_hold_for_what_never_ends(void)
{
    static const char *const endless[] = { "endless_body", "endless_chunks", "bomb_gzip" };
    mc_options options = MC_OPTIONS_INIT;
    size_t i;

    options.max_bytes = 8 * 1024 * 1024;
    for (i = 0; i < MC_ARRAY_LEN(endless); i++)
        check_endpoint(&(expected){ endless[i], MC_LIMIT, -1, "max_bytes" }, &options);
    options.max_bytes = 404;
    check_endpoint(&(expected){ "ok", MC_END, 5, NULL }, &options);
    options.max_bytes = 403;
    check_endpoint(&(expected){ "ok", MC_LIMIT, 4, "max_bytes" }, &options);
}

static void test_names_and_connections_that_fail(void)
{
    mc_options options = MC_OPTIONS_INIT;
    outcome o;

    options.connect_timeout_ms = 5000;
    o = fetch_with("http://no-such-host.invalid/a", &options);
    if (o.status != MC_RESOLVE)
        show("invalid", &o);
    CHECK(o.status == MC_RESOLVE || o.status == MC_TIMEOUT);     /* where there is no name server */
    o = fetch_with("http://127.0.0.1:1/a", &options);
    CHECK_EQ(o.status, MC_CONNECT);
    CHECK(strncmp(o.err.msg, "http://127.0.0.1:1/a: ", 22) == 0);
}

static void test_certificates_are_verified(void)
{
    mc_options options = MC_OPTIONS_INIT;
    char url[128];
    outcome o;

    if (tls_port == 0) {
        SKIPPED("no openssl to make certificates with");
        return;
    }
    snprintf(url, sizeof url, "https://127.0.0.1:%u/ok", tls_port);
    CHECK_EQ(fetch_with(url, &options).status, MC_TLS);          /* unknown authority */
    options.url_ca_file = authority;
    o = fetch_with(url, &options);
    if (o.packets != 5)
        show(url, &o);
    CHECK_EQ(o.packets, 5);
    snprintf(url, sizeof url, "https://127.0.0.1:%u/short_boundary", tls_port);
    o = fetch_with(url, &options);
    CHECK_EQ(o.packets, 2);
    CHECK(o.facts.truncated);
    /* the farewell to a connection that is gone must not end this process (SIGPIPE) */
    snprintf(url, sizeof url, "https://127.0.0.1:%u/reset_boundary", tls_port);
    o = fetch_with(url, &options);
    CHECK_EQ(o.packets, 2);
    CHECK(o.facts.truncated);
    snprintf(url, sizeof url, "https://127.0.0.1:%u/ok", badname_port);
    CHECK_EQ(fetch_with(url, &options).status, MC_TLS);          /* another name */
    CHECK_EQ(fetch_from("redirect_tls", &options).packets, 5);
    options.url_ca_file = "/no/such/file";
    snprintf(url, sizeof url, "https://127.0.0.1:%u/ok", tls_port);
    CHECK_EQ(fetch_with(url, &options).status, MC_TLS);
    snprintf(url, sizeof url, "https://127.0.0.1:%u/ok", port);  /* no TLS there */
    CHECK_EQ(fetch_with(url, &options).status, MC_TLS);
}

/* Within the guard a broken pipe is an errno and nothing else, and no trace is left. */
static void test_the_guard_takes_sigpipe_away(void)
{
    mc_guard guard;
    sigset_t after;
    int ends[2];

    CHECK_EQ(pipe(ends), 0);
    close(ends[0]);
    mc_guard_begin(&guard, SIGPIPE);
    CHECK_EQ(write(ends[1], "x", 1), -1);
    CHECK_EQ(errno, EPIPE);
    mc_guard_end(&guard);
    close(ends[1]);
    sigpending(&after);
    CHECK_EQ(sigismember(&after, SIGPIPE), 0);
    pthread_sigmask(SIG_BLOCK, NULL, &after);
    CHECK_EQ(sigismember(&after, SIGPIPE), 0);
}

static void test_a_url_and_a_file_are_one_capture(void)
{
    const mc_options options = MC_OPTIONS_INIT;
    bytes b = { .big = false };
    char url[128];
    mc_input inputs[3];
    outcome o;

    put_pcap_header(&b, MAGIC_US, 2, 4, 65535, 1);
    put_pcap_record(&b, false, 1, 0, 60, 60);
    put_payload(&b, 1, 60);
    snprintf(url, sizeof url, "http://127.0.0.1:%u/ok_gzip", port);
    inputs[0] = (mc_input){ .path = url };
    inputs[1] = (mc_input){ .path = file_with(b.p, b.len) };
    inputs[2] = (mc_input){ .path = url };
    o = read_inputs(inputs, 3, &options, 16);
    CHECK_EQ(o.status, MC_END);
    CHECK_EQ(o.packets, 11);
    CHECK_EQ(o.facts.inputs, 3);
    /* a later URL that is refused is refused at once */
    inputs[2].path = "ftp://x/";
    o = read_inputs(inputs, 3, &options, 16);
    CHECK_EQ(o.status, MC_URL);
    CHECK_EQ(o.packets, 0);
    drop_file();
    free(b.p);
}

int main(void)
{
    if (!start_server()) {
        fprintf(stderr, "%s: does not start\n", HTTP_FAULTS);
        return 1;
    }
    RUN(test_good_transfers);
    RUN(test_faults_of_the_transport_are_never_a_plain_end);
    RUN(test_only_200_is_a_capture);
    RUN(test_redirects_are_bounded_and_checked);
    RUN(test_private_addresses_are_refused_when_asked);
    RUN(test_urls_that_are_refused_before_any_use);
    RUN(test_passwords_are_used_and_not_told);
    RUN(test_proxies_of_the_environment_are_not_used);
    RUN(test_stalls_end);
    RUN(test_a_call_returns_while_the_network_is_idle);
    RUN(test_limits_hold_for_what_never_ends);
    RUN(test_names_and_connections_that_fail);
    RUN(test_certificates_are_verified);
    RUN(test_the_guard_takes_sigpipe_away);
    RUN(test_a_url_and_a_file_are_one_capture);
    stop_server();
    return DONE();
}
