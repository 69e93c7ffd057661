/*
 * test_source.c: files, handles, compressions, several inputs, and limits.
 */
#include "capture_bytes.h"

#include <errno.h>
#include <fcntl.h>
#include <math.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>
#include <zlib.h>

#include "check.h"
#include "temp_folder.h"
#include "base/sanitize.h"
#include "capture/way.h"
#include "stage/url_policy.h"
#include "stage/stage.h"

static bytes gzipped(const void *data, size_t length)
{
    bytes b = { .big = false };
    z_stream z = { .next_in = NULL };
    uint8_t *out = malloc(length + length / 100 + 1000), *copy = malloc(length + 1);

    memcpy(copy, data, length);
    CHECK_EQ(deflateInit2(&z, 6, Z_DEFLATED, MAX_WBITS + 16, 8, Z_DEFAULT_STRATEGY), Z_OK);
    z.next_in = copy;
    z.avail_in = (unsigned)length;
    z.next_out = out;
    z.avail_out = (unsigned)(length + length / 100 + 1000);
    CHECK_EQ(deflate(&z, Z_FINISH), Z_STREAM_END);
    put(&b, out, z.total_out);
    deflateEnd(&z);
    free(out);
    free(copy);
    return b;
}

static outcome read_plain(const char *path)
{
    const mc_options options = MC_OPTIONS_INIT;

    return read_path(path, &options);
}

/* ------------------------------------------------------------------ files only */

static void expect_error(const char *path, mc_status status, const char *words)
{
    outcome o;
    int before = count_descriptors();

    alarm(20);                       /* nothing here may wait */
    o = read_plain(path);
    alarm(0);
    CHECK_EQ(o.status, status);
    CHECK(strstr(o.err.msg, words) != NULL);
    CHECK(strncmp(o.err.msg, path, strlen(path)) == 0 || strchr(path, '\n') != NULL
          || path[0] == '\0');
    CHECK_EQ(count_descriptors(), before);
    if (check_failures > 0 && strstr(o.err.msg, words) == NULL)
        fprintf(stderr, "%s\n", o.err.msg);
}

static void test_only_regular_files_are_opened(void)
{
    struct sockaddr_un address = { .sun_family = AF_UNIX };
    int fd = socket(AF_UNIX, SOCK_STREAM, 0);
    bytes b = capture_of(0, 1, 60);

    mkfifo(name_of("fifo"), 0600);
    snprintf(address.sun_path, sizeof address.sun_path, "%s", name_of("socket"));
    CHECK_EQ(bind(fd, (struct sockaddr *)&address, sizeof address), 0);
    CHECK_EQ(symlink("loop", name_of("loop")), 0);
    CHECK_EQ(symlink("/dev/stdin", name_of("to_stdin")), 0);
    write_file("plain", b.p, b.len);
    CHECK_EQ(symlink("plain", name_of("to_plain")), 0);

    expect_error(name_of("none"), MC_NOT_FOUND, "No such file");
    expect_error(name_of("plain/more"), MC_NOT_FOUND, "Not a directory");
    expect_error("", MC_NOT_FOUND, "empty file name: No such file");
    expect_error(folder, MC_NOT_FILE, "a folder");
    expect_error(name_of("fifo"), MC_NOT_FILE, "a FIFO");
    expect_error(name_of("socket"), MC_NOT_FILE, "a socket");
    expect_error("/dev/null", MC_NOT_FILE, "a device");
    expect_error("/dev/zero", MC_NOT_FILE, "a device");
    expect_error("-", MC_NOT_FILE, "standard input");
    expect_error("/dev/stdin", MC_NOT_FILE, "open descriptor");
    expect_error("/dev/fd/0", MC_NOT_FILE, "open descriptor");
    expect_error("/proc/self/fd/0", MC_NOT_FILE, "open descriptor");
    expect_error(name_of("loop"), MC_IO, "Too many levels");
    expect_error("bad\nname\x1b[1m", MC_NOT_FOUND, "bad\\x0aname\\x1b[1m: No such file");
    CHECK_EQ(read_plain(name_of("to_plain")).packets, 1);
    /* standard input may well be a file; its name is refused all the same */
    CHECK_EQ(read_plain(name_of("to_stdin")).status, MC_NOT_FILE);
    close(fd);
    free(b.p);
}

static void test_messages_name_the_file_safely(void)
{
    char shown[MC_SANITIZED_SIZE];

    CHECK_STR(mc_sanitize_text(shown, sizeof shown, "plain n\xc3\xa4me.pcap"), "plain n\xc3\xa4me.pcap");
    CHECK_STR(mc_sanitize_text(shown, sizeof shown, "a\x7f\x1b\r\n\t"), "a\\x7f\\x1b\\x0d\\x0a\\x09");
    CHECK_STR(mc_sanitize_text(shown, sizeof shown, "c1 \xc2\x85 bidi \xe2\x80\xae tag \xf3\xa0\x81\x81"),
              "c1 \\xc2\\x85 bidi \\xe2\\x80\\xae tag \\xf3\\xa0\\x81\\x81");
    CHECK_STR(mc_sanitize_text(shown, sizeof shown, "bad \xff\xc0\x80\xed\xa0\x80 end"),
              "bad \\xff\\xc0\\x80\\xed\\xa0\\x80 end");
    CHECK_STR(mc_sanitize_text(shown, 20, "0123456789abcdefghijklmnopqrstuvwxyz"), "0123456789...uvwxyz");
    CHECK_STR(mc_sanitize_url(shown, sizeof shown, "HTTP://user:pw@Host:81/a/b?q=secret#frag"),
              "http://Host:81/a/b");
    CHECK_STR(mc_sanitize_url(shown, sizeof shown, "https://user:p/w@host/x"), "URL");
    CHECK_STR(mc_sanitize_url(shown, sizeof shown, "http://a b@c/"), "URL");
    CHECK_STR(mc_sanitize_url(shown, sizeof shown, "ftp://host:21/a?secret"), "ftp://host:21/a");
    CHECK_STR(mc_sanitize_url(shown, sizeof shown, "http://h:secret/a#secret"), "http://h/a");
    CHECK_STR(mc_sanitize_url(shown, sizeof shown, "http://[::1/x"), "http://[::1/x");
    CHECK_STR(mc_sanitize_url(shown, sizeof shown, "http://u:sec/ret@h/"), "URL");
}

/* ------------------------------------------------------------------ mapping */

static void test_large_files_are_mapped(void)
{
    bytes b = capture_of(0, 3000, 1000);
    const char *name = write_file("large", b.p, b.len);
    mc_options options = MC_OPTIONS_INIT;
    outcome mapped = read_plain(name), plain, lib, turns;

    options.switches = &(mc_switches)MC_SWITCHES(MC_READING_PLAIN);
    plain = read_path(name, &options);
    options.switches = &(mc_switches)MC_SWITCHES(MC_READING_LIBPCAP);
    lib = read_path(name, &options);
    options.switches = &(mc_switches)MC_SWITCHES(MC_READING_TURNS);
    turns = read_path(name, &options);
    CHECK_EQ(turns.packets, 3000);
    CHECK(turns.sum == plain.sum);
    CHECK_EQ(turns.facts.bytes_done, b.len);
    if (strcmp(turns.facts.reader, "mapped") == 0) {
        CHECK(turns.facts.bytes_by_way[MC_WAY_MAPPED] > b.len / 4);
        CHECK(turns.facts.bytes_by_way[MC_WAY_READ] > b.len / 4);
    }
    CHECK_EQ(turns.facts.bytes_by_way[0] + turns.facts.bytes_by_way[1], strcmp(turns.facts.reader, "mapped") == 0 ? b.len : 0);
    /* "read" where the file system gives no leases */
    CHECK(strcmp(mapped.facts.reader, "mapped") == 0 || strcmp(mapped.facts.reader, "read") == 0);
    CHECK_STR(plain.facts.reader, "read");
    CHECK_STR(lib.facts.reader, "libpcap");
    CHECK_EQ(mapped.packets, 3000);
    CHECK(mapped.sum == plain.sum && mapped.sum == lib.sum);
    CHECK_EQ(mapped.facts.bytes_done, b.len);
    CHECK_EQ(plain.facts.bytes_done, b.len);
    CHECK_EQ(lib.facts.bytes_done, b.len);

    /* damage is found at the same place */
    name = write_file("large", b.p, b.len - 500);
    mapped = read_plain(name);
    options.switches = &(mc_switches)MC_SWITCHES(MC_READING_PLAIN);
    plain = read_path(name, &options);
    CHECK_EQ(mapped.packets, 2999);
    CHECK_EQ(plain.packets, 2999);
    CHECK_EQ(mapped.facts.truncated_offset, b.len - 1016);
    CHECK_EQ(plain.facts.truncated_offset, b.len - 1016);
    CHECK_STR(mapped.facts.truncated_reason, plain.facts.truncated_reason);
    free(b.p);
}

/* Pieces of a file of 'total' bytes that cost so much each way; returns what was read by read(). */
static uint64_t bytes_read(uint64_t total, double mapped, double plain)
{
    mc_ways w;
    uint64_t done = 0, by_way[MC_WAY_COUNT] = { 0, 0 };
    double now = 0;

    mc_ways_begin(&w, MC_READING_CHOSEN, total);
    while (done < total) {
        uint64_t until = w.until < total ? w.until : total;

        now += (double)(until - done) * (w.now == MC_WAY_MAPPED ? mapped : plain);
        done = until;
        if (done == w.until) {
            mc_ways_next(&w, done, (int64_t)now);
            mc_ways_start(&w, (int64_t)now);
        }
    }
    mc_ways_add(&w, total, by_way);
    CHECK_EQ(by_way[0] + by_way[1], total);
    if (w.looks > 0)                                                /* what it went by can be told */
        CHECK(fabs(w.found[MC_WAY_MAPPED] - mapped) < 0.01 && fabs(w.found[MC_WAY_READ] - plain) < 0.01);
    CHECK(w.looks > 0 || total < ((uint64_t)64 << 20));
    return by_way[MC_WAY_READ];
}

static void test_the_faster_way_goes_on(void)
{
    const uint64_t gib = (uint64_t)1 << 30, mib = (uint64_t)1 << 20;

    CHECK_EQ(bytes_read(63 * mib, 1.0, 0.1), 0);                    /* too small to be worth a look */
    CHECK(bytes_read(4 * gib, 1.0, 0.5) > 4 * gib / 100 * 98);
    CHECK(bytes_read(4 * gib, 0.5, 1.0) < 4 * gib / 100 * 1);
    CHECK(bytes_read(4 * gib, 1.0, 0.95) < 4 * gib / 100 * 1);      /* hardly faster: it stays as it is */
}

/* Another process cuts the file and lets it grow, again and again: packets or a
   partial result, never a signal. */
static void test_a_file_that_shrinks(void)
{
    bytes b = capture_of(0, 3000, 1000);
    const mc_options options = MC_OPTIONS_INIT;
    unsigned round, good = 0;
    mc_error err;

    for (round = 0; round < 25; round++) {
        const char *name = write_file("shrinks", b.p, b.len);
        mc_input input = { .path = name };
        mc_packet packets[8];
        mc_source_facts facts;
        mc_source *s = NULL;
        mc_status status;
        size_t n, i;
        unsigned sum = 0;
        uint64_t total = 0;
        pid_t child;
        int how;

        CHECK_EQ(mc_source_open(&s, &input, 1, &options, &err), MC_OK);
        CHECK_EQ(mc_source_next(s, packets, 8, &n, 0, &err), MC_OK);
        total += n;
        child = fork();
        if (child == 0)
            _exit(truncate(name, 24 + 1016 * (round % 5) + round) == 0 ? 0 : 1);
        do {
            status = mc_source_next(s, packets, 8, &n, 0, &err);
            for (i = 0; i < n; i++) {
                CHECK_EQ(packets[i].caplen, 1000);
                sum += packets[i].data[0] + packets[i].data[packets[i].caplen - 1];
            }
            total += n;
        } while (status == MC_OK);
        mc_source_get_facts(s, &facts);
        CHECK_EQ(status, MC_END);
        CHECK(total == 3000 || facts.truncated);
        good += facts.truncated || sum == 0;     /* so that the bytes are read */
        mc_source_close(s);
        CHECK(waitpid(child, &how, 0) == child && WIFEXITED(how) && WEXITSTATUS(how) == 0);
    }
    (void)good;                      /* how often the truncation comes in time is luck */
    free(b.p);
}

/* The same, with the truncation certain to come between two calls: the kernel says by
   signal that somebody waits for the lease. */
static void test_a_lease_is_given_back_when_somebody_writes(void)
{
    bytes b = capture_of(0, 3000, 1000);
    const char *name = write_file("leased", b.p, b.len);
    const mc_options options = MC_OPTIONS_INIT;
    const struct timespec patience = { .tv_sec = 30 };
    mc_input input = { .path = name };
    mc_packet packets[8];
    mc_source_facts facts;
    mc_source *s = NULL;
    mc_error err;
    mc_status status;
    sigset_t urgent;
    uint64_t total = 0;
    pid_t child;
    size_t n;
    int how;

    sigemptyset(&urgent);
    sigaddset(&urgent, SIGURG);
    sigprocmask(SIG_BLOCK, &urgent, NULL);
    CHECK_EQ(mc_source_open(&s, &input, 1, &options, &err), MC_OK);
    CHECK_EQ(mc_source_next(s, packets, 8, &n, 0, &err), MC_OK);
    total += n;
    mc_source_get_facts(s, &facts);
    child = fork();
    if (child == 0)
        _exit(truncate(name, 24 + 1016 * 1000 + 16) == 0 ? 0 : 1);
    if (strcmp(facts.reader, "mapped") == 0) {
        CHECK_EQ(sigtimedwait(&urgent, NULL, &patience), SIGURG);
        CHECK_EQ(waitpid(child, &how, WNOHANG), 0);      /* it waits for us */
    }
    /* it is looked for before each 256 KiB */
    while (total < 400 && mc_source_next(s, packets, 8, &n, 0, &err) == MC_OK)
        total += n;
    CHECK(waitpid(child, &how, 0) == child && WIFEXITED(how) && WEXITSTATUS(how) == 0);
    do {
        status = mc_source_next(s, packets, 8, &n, 0, &err);
        total += n;
    } while (status == MC_OK);
    mc_source_get_facts(s, &facts);
    CHECK_EQ(status, MC_END);
    CHECK(facts.truncated);
    CHECK_STR(facts.truncated_reason, "the file became shorter while it was read");
    CHECK_EQ(total, 1000);
    CHECK_EQ(facts.truncated_offset, 24 + 1016 * 1000);
    mc_source_close(s);
    sigprocmask(SIG_UNBLOCK, &urgent, NULL);
    free(b.p);
}

static void test_a_file_that_grows_ends_where_it_ended(void)
{
    bytes b = capture_of(0, 3, 60);
    const char *name = write_file("grows", b.p, b.len);
    const mc_options options = MC_OPTIONS_INIT;
    mc_input input = { .path = name };
    mc_packet packets[1];
    mc_source *s = NULL;
    mc_error err;
    uint64_t total = 0;
    size_t n;
    FILE *f;

    CHECK_EQ(mc_source_open(&s, &input, 1, &options, &err), MC_OK);
    do {
        f = fopen(name, "ab");
        CHECK(f != NULL && fwrite(b.p + 24, 1, 76, f) == 76 && fclose(f) == 0);
        n = 0;
        if (mc_source_next(s, packets, 1, &n, 0, &err) != MC_OK)
            break;
        total += n;
    } while (total < 100);
    CHECK_EQ(total, 3);
    mc_source_close(s);
    free(b.p);
}

/* ------------------------------------------------------------------ handles */

static void test_handles_of_every_kind(void)
{
    const mc_options options = MC_OPTIONS_INIT;
    bytes b = capture_of(0, 50, 1000);
    mc_input input = { .path = NULL };
    char first[8];
    outcome o;
    int ends[2];

    /* a file, from its beginning and from where the caller has read to */
    input.stream = fopen(write_file("handle", b.p, b.len), "rb");
    o = read_inputs(&input, 1, &options, 16);
    CHECK_EQ(o.packets, 50);
    CHECK_EQ(o.facts.bytes_done, b.len);
    CHECK_EQ(o.facts.bytes_total, b.len);
    CHECK_STR(o.facts.reader, "stream");
    o = read_inputs(&input, 1, &options, 16);    /* it is at its end now, and still open */
    CHECK_EQ(o.status, MC_FORMAT);
    CHECK(strstr(o.err.msg, "file handle: truncated dump file") != NULL);
    fclose(input.stream);
    put(&b, "skip me", 7);
    memmove(b.p + 7, b.p, b.len - 7);
    memcpy(b.p, "skip me", 7);
    input.stream = fopen(write_file("handle", b.p, b.len), "rb");
    CHECK_EQ(fread(first, 1, 6, input.stream), 6);
    CHECK_EQ(fgetc(input.stream), 'e');
    ungetc('e', input.stream);
    CHECK_EQ(fgetc(input.stream), 'e');
    CHECK_EQ(read_inputs(&input, 1, &options, 16).packets, 50);
    fclose(input.stream);

    /* a pipe with a whole capture in it */
    CHECK_EQ(pipe(ends), 0);
    CHECK_EQ(write(ends[1], b.p + 7, b.len - 7), (long)b.len - 7);
    close(ends[1]);
    input.stream = fdopen(ends[0], "rb");
    o = read_inputs(&input, 1, &options, 16);
    CHECK_EQ(o.packets, 50);
    CHECK_EQ(o.facts.bytes_total, 0);
    fclose(input.stream);

    /* nothing, a folder, a handle for writing */
    input.stream = fopen("/dev/null", "rb");
    o = read_inputs(&input, 1, &options, 16);
    CHECK_EQ(o.status, MC_FORMAT);
    fclose(input.stream);
    input.stream = fopen(folder, "rb");
    o = read_inputs(&input, 1, &options, 16);
    CHECK_EQ(o.status, MC_NOT_FILE);
    fclose(input.stream);
    input.stream = fopen(name_of("write"), "wb");
    o = read_inputs(&input, 1, &options, 16);
    CHECK_EQ(o.status, MC_IO);
    CHECK(strstr(o.err.msg, "not open for reading") != NULL);
    fclose(input.stream);
    free(b.p);
}

static void on_alarm(int signal)
{
    (void)signal;
}

static void test_an_idle_pipe_does_not_hold_a_call(void)
{
    const mc_options options = MC_OPTIONS_INIT;
    const struct itimerval often = { { 0, 50000 }, { 0, 50000 } }, never = { { 0, 0 }, { 0, 0 } };
    struct sigaction action = { .sa_handler = on_alarm }, before;
    bytes b = capture_of(0, 2, 60);
    mc_input input = { .path = NULL };
    mc_packet packets[4];
    mc_source *s = NULL;
    mc_error err;
    size_t n, at = 0, total = 0, step;
    int ends[2];

    CHECK_EQ(pipe(ends), 0);
    input.stream = fdopen(ends[0], "rb");
    CHECK_EQ(mc_source_open(&s, &input, 1, &options, &err), MC_OK);
    alarm(20);
    for (step = 0; step < 5; step++) {
        CHECK_EQ(mc_source_next(s, packets, 4, &n, 0, &err), MC_OK);
        CHECK_EQ(n, 0);
    }
    /* byte by byte: each record comes out when its last byte is in */
    for (; at < b.len; at++) {
        CHECK_EQ(write(ends[1], b.p + at, 1), 1);
        CHECK_EQ(mc_source_next(s, packets, 4, &n, 0, &err), MC_OK);
        if (n == 0)
            CHECK_EQ(mc_source_next(s, packets, 4, &n, 0, &err), MC_OK);
        total += n;
        CHECK_EQ(total, at + 1 == b.len ? 2 : at + 1 >= b.len - 76 ? 1 : 0);
    }
    alarm(0);
    /* a signal ends the wait */
    sigaction(SIGALRM, &action, &before);
    setitimer(ITIMER_REAL, &often, NULL);
    CHECK_EQ(mc_source_next(s, packets, 4, &n, 600000, &err), MC_OK);
    CHECK_EQ(n, 0);
    setitimer(ITIMER_REAL, &never, NULL);
    sigaction(SIGALRM, &before, NULL);
    close(ends[1]);
    CHECK_EQ(mc_source_next(s, packets, 4, &n, 0, &err), MC_END);
    mc_source_close(s);
    fclose(input.stream);
    free(b.p);
}

/* ------------------------------------------------------------------ several inputs */

static void test_three_pieces_are_one_capture(void)
{
    const mc_options options = MC_OPTIONS_INIT;
    bytes whole = capture_of(0, 30, 100), a = capture_of(0, 10, 100), c = capture_of(20, 10, 100);
    bytes b = { .big = false };
    mc_input inputs[3];
    outcome o, one;
    unsigned i;

    put_section(&b);
    put_interface(&b, 1, 65535, -1, 0);
    for (i = 10; i < 20; i++)
        put_enhanced(&b, 0, i * 1000000ull, i, 100, 100);
    one = read_plain(write_file("whole", whole.p, whole.len));
    inputs[0] = (mc_input){ .path = write_file("a", a.p, a.len) };
    inputs[1] = (mc_input){ .path = write_file("b", b.p, b.len) };
    inputs[2] = (mc_input){ .path = write_file("c", c.p, c.len) };
    o = read_inputs(inputs, 3, &options, 16);
    CHECK_EQ(o.status, MC_END);
    CHECK_EQ(o.packets, 30);
    CHECK(o.sum == one.sum);
    CHECK_EQ(o.times[29], one.times[29]);
    CHECK_EQ(o.facts.inputs, 3);
    CHECK_EQ(o.facts.interfaces, 3);
    CHECK_EQ(o.ifaces[15], 1);
    CHECK_EQ(o.ifaces[29], 2);
    CHECK_EQ(o.facts.bytes_done, a.len + b.len + c.len);
    CHECK_EQ(o.facts.bytes_total, a.len + b.len + c.len);
    CHECK_EQ(o.facts.inflated_bytes, a.len + b.len + c.len);
    CHECK_STR(o.facts.format, "pcap");

    /* damage in a piece ends the capture there, and names the piece */
    inputs[1].path = write_file("b", b.p, b.len - 10);
    o = read_inputs(inputs, 3, &options, 16);
    CHECK_EQ(o.packets, 19);
    CHECK(o.facts.truncated);
    CHECK_STR(o.facts.truncated_input, inputs[1].path);

    /* a later name that is wrong is an error at once */
    inputs[2].path = name_of("not there");
    o = read_inputs(inputs, 3, &options, 16);
    CHECK_EQ(o.status, MC_NOT_FOUND);
    CHECK_EQ(o.packets, 0);
    free(whole.p);
    free(a.p);
    free(b.p);
    free(c.p);
}

/* ------------------------------------------------------------------ limits */

static void test_max_bytes_counts_inflated_bytes_and_not_plain_files(void)
{
    mc_options options = MC_OPTIONS_INIT;
    bytes b = capture_of(0, 100, 84), z = gzipped(b.p, b.len);
    const char *plain, *zipped;
    outcome o;

    plain = write_file("limit", b.p, b.len);
    zipped = write_file("limit.gz", z.p, z.len);
    options.max_bytes = b.len;
    o = read_path(zipped, &options);
    CHECK_EQ(o.status, MC_END);
    CHECK_EQ(o.packets, 100);
    options.max_bytes = b.len - 1;
    o = read_path(zipped, &options);
    CHECK_EQ(o.status, MC_LIMIT);
    CHECK_EQ(o.packets, 99);
    CHECK(strstr(o.err.msg, "limit.gz: more than 10023 bytes") != NULL);
    options.max_bytes = 10;
    o = read_path(zipped, &options);
    CHECK_EQ(o.status, MC_LIMIT);
    o = read_path(plain, &options);
    CHECK_EQ(o.status, MC_END);
    CHECK_EQ(o.packets, 100);
    free(b.p);
    free(z.p);
}

int main(void)
{
    int before;

    if (!make_folder())
        return 3;
    before = count_descriptors();
    RUN(test_only_regular_files_are_opened);
    RUN(test_messages_name_the_file_safely);
    RUN(test_large_files_are_mapped);
    RUN(test_the_faster_way_goes_on);
    RUN(test_a_file_that_shrinks);
    RUN(test_a_lease_is_given_back_when_somebody_writes);
    RUN(test_a_file_that_grows_ends_where_it_ended);
    RUN(test_handles_of_every_kind);
    RUN(test_an_idle_pipe_does_not_hold_a_call);
    RUN(test_three_pieces_are_one_capture);
    RUN(test_max_bytes_counts_inflated_bytes_and_not_plain_files);
    CHECK_EQ(count_descriptors(), before);
    remove_folder();
    return DONE();
}
