/*
 * test_source_threads.c: a source a thread, eight at once: files, compressed files, filters and
 * transfers, whose libraries are loaded by whoever comes first.  Worth most under
 * ThreadSanitizer.
 */
#include <pthread.h>

#include "capture_bytes.h"

#include "check.h"
#include "capture/filter.h"
#include "packed_captures.h"

enum { THREADS = 8, ROUNDS = 10 };

static char names[3][128];

typedef struct worker {
    pthread_t thread;
    unsigned wrong;
} worker;

static uint64_t count_packets(const char *path, const char *reader, mc_status *status)
{
    mc_options options = MC_OPTIONS_INIT;
    mc_input input = { .path = path };
    outcome o;

    options.switches = &(mc_switches)MC_SWITCHES(mc_reading_named(reader));
    o = read_inputs(&input, 1, &options, 16);
    *status = o.status;
    return o.packets;
}

static void *work(void *argument)
{
    worker *w = argument;
    mc_status status;
    mc_filter *f;
    mc_error err;
    unsigned i;

    for (i = 0; i < ROUNDS; i++) {
        w->wrong += count_packets("http://127.0.0.1:1/x", NULL, &status) != 0 || status != MC_CONNECT;
        w->wrong += count_packets(names[0], NULL, &status) != 1200 || status != MC_END;
        w->wrong += count_packets(names[1], NULL, &status) != 30 || status != MC_END;
        w->wrong += count_packets(names[1], "libpcap", &status) != 30 || status != MC_END;
        w->wrong += count_packets("/nowhere", NULL, &status) != 0 || status != MC_NOT_FOUND;
        w->wrong += mc_filter_open(&f, "tcp port 80", &err) != MC_OK;
        mc_filter_close(f);
    }
    return NULL;
}

static void write_file(char *name, const void *data, size_t length)
{
    FILE *f = fopen(name, "wb");

    if (f == NULL || fwrite(data, 1, length, f) != length || fclose(f) != 0)
        exit(3);
}

static void test_eight_threads(void)
{
    worker workers[THREADS];
    bytes b = { .big = false };
    unsigned i;

    put_pcap_header(&b, MAGIC_US, 2, 4, 65535, 1);
    for (i = 0; i < 1200; i++) {
        put_pcap_record(&b, false, i, 0, 1000, 1000);
        put_payload(&b, i, 1000);
    }
    for (i = 0; i < 2; i++)
        snprintf(names[i], sizeof names[i], "/tmp/mcpcap_threads_%ld_%u", (long)getpid(), i);
    write_file(names[0], b.p, b.len);
    write_file(names[1], packed_gzip, sizeof packed_gzip);
    memset(workers, 0, sizeof workers);
    for (i = 0; i < THREADS; i++)
        CHECK_EQ(pthread_create(&workers[i].thread, NULL, work, &workers[i]), 0);
    for (i = 0; i < THREADS; i++) {
        CHECK_EQ(pthread_join(workers[i].thread, NULL), 0);
        CHECK_EQ(workers[i].wrong, 0);
    }
    for (i = 0; i < 2; i++)
        unlink(names[i]);
    free(b.p);
}

int main(void)
{
    RUN(test_eight_threads);
    CHECK(sizeof packed_zstd + sizeof packed_xz + sizeof packed_lz4 + sizeof packed_bzip2 > 0);
    return DONE();
}
