/*
 * test_source_memory.c: the k-th allocation fails, for k = 1, 2, ... until the work is done
 * without meeting it; once, and for good.  Each time: no crash, an outcome that is
 * true, nothing kept, and the same work succeeds right after.
 *
 * The allocator is replaced by glibc's own behind a counter, so libpcap's, libcurl's and the
 * decompressors' allocations fail too (but not pcap_compile(): libpcap 1.10.3 crashes in it when
 * its scanner gets no memory).  Sanitizers bring their own allocator: then
 * there is nothing to test here.
 */
#include "capture_bytes.h"

#include "check.h"
#include "packed_captures.h"

#if defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
#define HAS_SANITIZER
#endif
#endif
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__) || !defined(__GLIBC__)
#define HAS_SANITIZER
#endif

#ifdef HAS_SANITIZER

static void test_nothing_here(void)
{
    CHECK(sizeof packed_gzip + sizeof packed_zstd + sizeof packed_xz + sizeof packed_lz4
          + sizeof packed_bzip2 > 0);
}

int main(void)
{
    RUN(test_nothing_here);
    return DONE();
}

#else

#include <errno.h>

void *__libc_malloc(size_t size);
void *__libc_calloc(size_t count, size_t size);
void *__libc_realloc(void *p, size_t size);
void __libc_free(void *p);

static _Atomic long live, fail_at, fail_for_good;

/* Whether this allocation is the one. */
static bool fails(void)
{
    if (fail_at == 0)
        return false;
    if (fail_at == 1) {
        if (!fail_for_good)
            fail_at = 0;
        errno = ENOMEM;
        return true;
    }
    fail_at--;
    return false;
}

void *malloc(size_t size)
{
    void *p = fails() ? NULL : __libc_malloc(size);

    live += p != NULL;
    return p;
}

void *calloc(size_t count, size_t size)
{
    void *p = fails() ? NULL : __libc_calloc(count, size);

    live += p != NULL;
    return p;
}

void *realloc(void *old, size_t size)
{
    void *p = fails() ? NULL : __libc_realloc(old, size);

    live += old == NULL && p != NULL;
    live -= old != NULL && size == 0;
    return p;
}

void free(void *p)
{
    live -= p != NULL;
    __libc_free(p);
}

/* ------------------------------------------------------------------ the work */

typedef struct job {
    const char *name;
    const char *path;                /* or NULL: a handle over the file */
    const char *file;
    const char *reader;
    const char *root;
    mc_status status;
    uint64_t packets;
} job;

/* Small, so that it needs no allocation of its own. */
typedef struct result {
    mc_status status;
    uint64_t packets;
    bool truncated;
    char words[MC_ERRMSG_SIZE];
} result;

static result run(const job *j)
{
    mc_options options = MC_OPTIONS_INIT;
    const char *roots[1] = { j->root }, *hosts[1] = { "127.0.0.1" };
    mc_input input = { .path = j->path };
    mc_packet packets[16];
    mc_source_facts facts;
    mc_source *s = NULL;
    mc_error err;
    result r;
    size_t n;

    memset(&r, 0, sizeof r);
    options.switches = &(mc_switches)MC_SWITCHES(mc_reading_named(j->reader));
    options.roots = j->root != NULL ? roots : NULL;
    options.root_count = 1;
    options.url_hosts = hosts;
    options.url_host_count = 1;
    if (j->path == NULL) {
        input.stream = fopen(j->file, "rb");
        if (input.stream == NULL) {
            r.status = MC_NOMEM;
            return r;
        }
    }
    r.status = mc_source_open(&s, &input, 1, &options, &err);
    while (r.status == MC_OK) {
        r.status = mc_source_next(s, packets, 16, &n, 10, &err);
        r.packets += n;
    }
    if (s != NULL) {
        mc_source_get_facts(s, &facts);
        r.truncated = facts.truncated;
        snprintf(r.words, sizeof r.words, "%s", facts.truncated_reason);
    }
    if (r.status != MC_END)
        snprintf(r.words, sizeof r.words, "%s", err.msg);
    mc_source_close(s);
    if (input.stream != NULL)
        fclose(input.stream);
    return r;
}

/*
 * With an allocation missing the work may end early, and say so; it may also
 * succeed by another way.  It may not end well with less.
 */
static bool is_true(const job *j, const result *r)
{
    if (r->status == MC_END)
        return r->truncated ? r->packets <= j->packets && r->words[0] != '\0'
                            : j->status == MC_END && r->packets == j->packets;
    return r->words[0] != '\0' || j->path == NULL;
}

static void test_each_allocation_fails(const job *j)
{
    long k, before = 0, good = 0;
    int descriptors, again;
    result r;

    for (k = 0; k < 3; k++)
        r = run(j);                  /* what is made once a process is made now */
    if (r.status != j->status || r.packets != j->packets)
        fprintf(stderr, "%s: %s %" PRIu64 " \"%s\"\n", j->name, mc_status_code(r.status), r.packets,
                r.words);
    CHECK_EQ(r.status, j->status);
    CHECK_EQ(r.packets, j->packets);
    for (fail_for_good = 0; fail_for_good < 2; fail_for_good++)
        for (k = 1; k < 20000; k++) {
            descriptors = count_descriptors();
            /* What a library keeps for the process it keeps once: a leak comes again. */
            for (again = 0; again < 3; again++) {
                before = live;
                fail_at = k;
                r = run(j);
                good = fail_at > 1;  /* the k-th was not reached */
                fail_at = 0;
                if (live == before)
                    break;
            }
            if (live != before || !is_true(j, &r)) {
                fprintf(stderr, "%s, allocation %ld%s: %s %" PRIu64 " \"%s\", %ld blocks more\n",
                        j->name, k, fail_for_good ? " and all after" : "", mc_status_code(r.status),
                        r.packets, r.words, live - before);
                CHECK(false);
            }
            CHECK_EQ(count_descriptors(), descriptors);
            if (good)
                break;
        }
    r = run(j);
    CHECK_EQ(r.status, j->status);
    CHECK_EQ(r.packets, j->packets);
}

static char folder[64];

static const char *write_file(const char *leaf, const void *data, size_t length)
{
    static char names[16][160];
    static unsigned count;
    char *name = names[count++];
    FILE *f;

    snprintf(name, sizeof names[0], "%s/%s", folder, leaf);
    f = fopen(name, "wb");
    if (f == NULL || fwrite(data, 1, length, f) != length || fclose(f) != 0)
        exit(3);
    return name;
}

static void test_all_jobs(void)
{
    bytes pcap = { .big = true }, pcapng = { .big = false }, large = { .big = false };
    const char *name;
    job jobs[16];
    size_t n = 0, i;

    memset(jobs, 0, sizeof jobs);
    put_pcap_header(&pcap, MAGIC_US, 2, 4, 65535, 239);
    for (i = 0; i < 5; i++) {
        put_pcap_record(&pcap, false, 1, 1, 60, 60);
        put_payload(&pcap, 1, 60);
    }
    put_section(&pcapng);
    for (i = 0; i < 9; i++)
        put_interface(&pcapng, 1, 0, -1, 0);
    put_enhanced(&pcapng, 8, 1, 1, 60, 60);
    put_enhanced(&pcapng, 1, 1, 1, 200000, 200000);
    put_pcap_header(&large, MAGIC_US, 2, 4, 65535, 1);
    for (i = 0; i < 1100; i++) {
        put_pcap_record(&large, false, 1, 1, 1000, 1000);
        put_payload(&large, 1, 1000);
    }
    name = write_file("nflog", pcap.p, pcap.len);
    jobs[n++] = (job){ "pcap", name, NULL, NULL, NULL, MC_END, 5 };
    jobs[n++] = (job){ "roots", name, NULL, NULL, folder, MC_END, 5 };
    jobs[n++] = (job){ "handle", NULL, name, NULL, NULL, MC_END, 5 };
    jobs[n++] = (job){ "libpcap", name, NULL, "libpcap", NULL, MC_END, 5 };
    jobs[n++] = (job){ "mapped", write_file("large", large.p, large.len), NULL, NULL, NULL,
                       MC_END, 1100 };
    jobs[n++] = (job){ "pcapng", write_file("pcapng", pcapng.p, pcapng.len), NULL, NULL, NULL,
                       MC_END, 2 };
    jobs[n++] = (job){ "gzip", write_file("gz", packed_gzip, sizeof packed_gzip), NULL, NULL, NULL,
                       MC_END, 30 };
    jobs[n++] = (job){ "no file", "/nowhere/none", NULL, NULL, NULL, MC_NOT_FOUND, 0 };
    jobs[n++] = (job){ "no capture", write_file("text", "what is this", 12), NULL, NULL, NULL,
                       MC_FORMAT, 0 };
    jobs[n++] = (job){ "refused", "http://127.0.0.1:1/x", NULL, NULL, NULL, MC_CONNECT, 0 };
    for (i = 0; i < n; i++)
        test_each_allocation_fails(&jobs[i]);
    free(pcap.p);
    free(pcapng.p);
    free(large.p);
}

int main(void)
{
    char command[128];

    snprintf(folder, sizeof folder, "/tmp/mcpcap_XXXXXX");
    if (mkdtemp(folder) == NULL)
        return 3;
    RUN(test_all_jobs);
    snprintf(command, sizeof command, "rm -rf %s", folder);
    if (system(command) != 0)
        return 3;
    return DONE();
}
#endif
