/*
 * test_url_faults.c: each fault of the network has an error or a reason of its own, which names the URL without its
 * secrets; what came before it is kept.
 */
#include "faulty_server.h"

/* What is shown of a URL with a password, a query and a fragment. */
static const char *shown(const char *scheme, const char *host, unsigned at, const char *endpoint)
{
    static char text[256];

    snprintf(text, sizeof text, "%s://%s:%u/%s", scheme, host, at, endpoint);
    return text;
}

/* With secrets wherever a URL can have one. */
static outcome fetch_secretly(const char *scheme, const char *host, unsigned at, const char *endpoint, const mc_options *options)
{
    char url[256];

    snprintf(url, sizeof url, "%s://hidden:secret@%s:%u/%s?token=secret#secret", scheme, host, at, endpoint);
    return fetch_with(url, options);
}

/* The error, or the reason for which it is not whole, and the URL that it names. */
static void check_fault(const expected *e, const char *scheme, const char *host, unsigned at, const mc_options *options)
{
    int before = count_descriptors();
    outcome o = fetch_secretly(scheme, host, at, e->endpoint, options);
    const char *url = shown(scheme, host, at, e->endpoint), *said = o.status == MC_END ? o.facts.truncated_reason : o.err.msg;
    bool good = o.status == e->status && o.packets == (uint64_t)e->packets && o.facts.truncated == (e->status == MC_END && e->words != NULL);

    if (e->words != NULL) {
        good &= strstr(said, e->words) != NULL;
        good &= o.status == MC_END ? strcmp(o.facts.truncated_input, url) == 0 : strncmp(said, url, strlen(url)) == 0;
        good &= o.status == MC_END || strncmp(said + strlen(url), ": ", 2) == 0;
        good &= strlen(said) > (o.status == MC_END ? 3 : strlen(url) + 5);       /* the cause */
    }
    if (!good)
        show(url, &o);
    CHECK(good);
    CHECK_EQ(count_descriptors(), before);
}

static void check_faults(const expected *list, size_t count, const mc_options *options)
{
    size_t i;

    for (i = 0; i < count; i++)
        check_fault(&list[i], "http", "127.0.0.1", port, options);
}

/* ------------------------------------------------------------------ tests */

static void test_unusual_answers_that_are_right(void)
{
    static const expected list[] = {
        { "ok_lines", MC_END, 5, NULL },
        { "ok_http_10", MC_END, 5, NULL },
        { "ok_trailer", MC_END, 5, NULL },
        { "ok_upper", MC_END, 5, NULL },
        { "chunks_and_length", MC_END, 5, NULL },
        { "encoding_none", MC_END, 5, NULL },    /* the bytes are a capture, whatever the header says */
    };
    const mc_options options = MC_OPTIONS_INIT;

    check_faults(list, MC_ARRAY_LEN(list), &options);
}

static void test_each_fault_names_the_url_and_the_cause(void)
{
    static const expected list[] = {
        { "reset_answer", MC_NETWORK, 0, "" },
        { "reset_headers", MC_NETWORK, 0, "" },
        { "close_answer", MC_NETWORK, 0, "Empty reply" },
        { "close_headers", MC_NETWORK, 0, "" },  /* libcurl 7.88 takes it for an end */
        { "close_interim", MC_NETWORK, 0, "" },
        { "reset_record", MC_END, 2, "" },
        { "reset_boundary", MC_END, 2, "" },
        { "reset_end", MC_END, 5, "" },
        { "chunk_reset", MC_END, 2, "" },
        { "chunk_no_last", MC_END, 5, "" },
        { "chunk_cut", MC_END, 2, "" },
        { "chunk_trailer_cut", MC_END, 5, "" },
        { "chunk_bad_size", MC_END, 2, "" },
        { "short_header", MC_NETWORK, 0, "" },
        { "short_record", MC_END, 2, "208 bytes " },
        { "short_boundary", MC_END, 2, "228 bytes " },
        { "short_one", MC_END, 5, "1 bytes " },
        { "encoding_br", MC_UNSUPPORTED, 0, "Content-Encoding \"br\" unasked" },
        { "gzip_no_trailer", MC_END, 5, "the gzip data ends early" },
        { "gzip_bad_check", MC_END, 5, "incorrect data check" },
        { "range_unasked", MC_HTTP, 0, "HTTP status 206" },
        { "status_416", MC_HTTP, 0, "HTTP status 416" },
        { "status_407", MC_HTTP, 0, "HTTP status 407" },
        { "status_304", MC_HTTP, 0, "HTTP status 304" },
        { "no_http", MC_HTTP, 0, "HTTP/0.9" },
        { "length_two", MC_HTTP, 0, "two different Content-Lengths" },
        { "length_negative", MC_HTTP, 0, "Content-Length" },
        { "status_text", MC_HTTP, 0, "" },
        { "endless_headers", MC_NETWORK, 0, "" },
        { "endless_line", MC_HTTP, 0, "header line" },
        { "html", MC_FORMAT, 0, "unknown file format" },
        { "empty", MC_FORMAT, 0, "" },
    };
    const mc_options options = MC_OPTIONS_INIT;

    check_faults(list, MC_ARRAY_LEN(list), &options);
}

/* Redirects lead to an error that is told of where they led, and shows no secret of that place either. */
static void test_faults_behind_a_redirect(void)
{
    static const expected list[] = {
        { "redirect_pair", MC_HTTP, 0, "more than 5 redirects" },
        { "redirect_closed", MC_CONNECT, 0, "127.0.0.1" },
        { "redirect_file", MC_URL, 0, "redirected: the URL's scheme is not http or https" },
        { "redirect_truncated", MC_END, 2, "228 bytes " },
        { "redirect_quiet", MC_HTTP, 0, "HTTP status 404" },
    };
    mc_options options = MC_OPTIONS_INIT;
    size_t i;
    outcome o;

    for (i = 0; i < MC_ARRAY_LEN(list); i++)
        check_endpoint(&list[i], &options);
    options.connect_timeout_ms = 5000;
    o = fetch_from("redirect_unknown", &options);
    CHECK(o.status == MC_RESOLVE || o.status == MC_TIMEOUT);
    o = fetch_from("redirect_empty", &options);
    CHECK(o.status == MC_URL || o.status == MC_HTTP || o.status == MC_RESOLVE);
    CHECK_EQ(o.packets, 0);
    o = fetch_from("redirect_long", &options);
    CHECK(o.status == MC_URL || o.status == MC_HTTP || o.status == MC_NETWORK);
    CHECK_EQ(o.packets, 0);
    options.stall_timeout_ms = 400;
    check_endpoint(&(expected){ "redirect_stall", MC_TIMEOUT, 0, "stalled" }, &options);
}

static void test_encodings_that_break(void)
{
    const mc_options options = MC_OPTIONS_INIT;
    outcome o = fetch_from("encoding_changed", &options);

    CHECK(o.status == MC_END ? o.facts.truncated : o.status == MC_FORMAT);
    CHECK(o.packets < 2000);
    o = fetch_from("gzip_cut_encoded", &options);
    CHECK(o.packets > 0 && o.facts.truncated);
    o = fetch_from("encoding_deflate", &options);
    CHECK(o.status == MC_UNSUPPORTED || o.status == MC_END);
    CHECK(o.status != MC_END || o.packets == 5);
    o = fetch_from("gzip_behind", &options);
    CHECK_EQ(o.packets, 5);
}

/* Each stage of a connection can stand still. */
static void test_each_stall_ends_and_names_its_url(void)
{
    static const expected list[] = {
        { "stall_answer", MC_TIMEOUT, 0, "stalled" },
        { "stall_status", MC_TIMEOUT, 0, "stalled" },
        { "stall_headers", MC_TIMEOUT, 0, "stalled" },
    };
    static const expected later[] = {
        { "stall_close", MC_END, 5, "stalled" },
        { "stall_boundary", MC_END, 2, "stalled" },
        { "chunk_drip", MC_END, 2, "stalled" },
    };
    mc_options options = MC_OPTIONS_INIT;

    options.stall_timeout_ms = 400;
    check_faults(list, MC_ARRAY_LEN(list), &options);
    check_fault(&(expected){ "mute", MC_TIMEOUT, 0, "stalled" }, "http", "127.0.0.1", mute_port, &options);
    options.stall_timeout_ms = 2000;
    check_faults(later, MC_ARRAY_LEN(later), &options);
    options.connect_timeout_ms = 400;
    check_fault(&(expected){ "full", MC_TIMEOUT, 0, "" }, "http", "127.0.0.1", full_port, &options);
    if (tls_port != 0)               /* the ClientHello finds no answer */
        check_fault(&(expected){ "mute", MC_TIMEOUT, 0, "" }, "https", "127.0.0.1", mute_port, &options);
}

static void test_faults_of_tls(void)
{
    static const expected list[] = {
        { "stall_boundary", MC_END, 2, "stalled" },
        { "reset_boundary", MC_END, 2, "" },
        { "short_boundary", MC_END, 2, "" },
        { "chunk_cut", MC_END, 2, "" },
    };
    mc_options options = MC_OPTIONS_INIT;
    size_t i;

    if (tls_port == 0) {
        SKIPPED("no openssl to make certificates with");
        return;
    }
    check_fault(&(expected){ "ok", MC_TLS, 0, "certificate" }, "https", "127.0.0.1", tls_port, &options);
    options.url_ca_file = authority;
    options.stall_timeout_ms = 2000;
    check_fault(&(expected){ "ok", MC_END, 5, NULL }, "https", "127.0.0.1", tls_port, &options);
    check_fault(&(expected){ "ok", MC_TLS, 0, "certificate has expired" }, "https", "127.0.0.1", expired_port, &options);
    check_fault(&(expected){ "ok", MC_TLS, 0, "certificate is not yet valid" }, "https", "127.0.0.1", early_port, &options);
    check_fault(&(expected){ "ok", MC_TLS, 0, "127.0.0.1" }, "https", "127.0.0.1", badname_port, &options);
    check_fault(&(expected){ "ok", MC_TLS, 0, "" }, "https", "127.0.0.1", closing_port, &options);
    for (i = 0; i < MC_ARRAY_LEN(list); i++)
        check_fault(&list[i], "https", "127.0.0.1", tls_port, &options);
}

static void test_addresses_of_the_newer_kind(void)
{
    static const expected list[] = {
        { "ok", MC_END, 5, NULL },
        { "status_404", MC_HTTP, 0, "HTTP status 404" },
        { "short_boundary", MC_END, 2, "228 bytes " },
        { "reset_answer", MC_NETWORK, 0, "" },
    };
    mc_options options = MC_OPTIONS_INIT;
    size_t i;

    if (port6 == 0) {
        SKIPPED("no IPv6 on this machine");
        return;
    }
    for (i = 0; i < MC_ARRAY_LEN(list); i++)
        check_fault(&list[i], "http", "[::1]", port6, &options);
    options.url_private = false;
    check_fault(&(expected){ "ok", MC_DENIED, 0, "" }, "http", "[::1]", port6, &options);
}

/* After all of this the next transfer is as good as the first. */
static void test_a_good_transfer_behind_them(void)
{
    const mc_options options = MC_OPTIONS_INIT;

    check_fault(&(expected){ "ok_long", MC_END, 2000, NULL }, "http", "127.0.0.1", port, &options);
}

int main(void)
{
    if (!start_server()) {
        fprintf(stderr, "%s: does not start\n", HTTP_FAULTS);
        return 1;
    }
    RUN(test_unusual_answers_that_are_right);
    RUN(test_each_fault_names_the_url_and_the_cause);
    RUN(test_faults_behind_a_redirect);
    RUN(test_encodings_that_break);
    RUN(test_each_stall_ends_and_names_its_url);
    RUN(test_faults_of_tls);
    RUN(test_addresses_of_the_newer_kind);
    RUN(test_a_good_transfer_behind_them);
    stop_server();
    return DONE();
}
