/*
 * generate.c: writes large captures whose counters are known.
 *
 *     generate [options] FILE          ("-": standard output)
 *
 * The same options and seed give the same bytes.  What was sent goes to --expect FILE,
 * one "name value" a line; names with a 0 or 1 are directions (0: client to server).
 */
#include <getopt.h>
#include <stdlib.h>
#include <string.h>

#include "record.h"
#include "traffic.h"

#define BUFFER_SIZE (1u << 20)

typedef struct job {
    traffic_settings traffic;
    const record_format *format;
    uint64_t packets;
    uint32_t snaplen;
    const char *path, *expect;
} job;

static const char usage_text[] =
    "usage: generate [options] FILE\n"
    "  --packets N        frames to write (1000000)\n"
    "  --live N           connections open at a time (1000)\n"
    "  --requests N       requests of a connection (3)\n"
    "  --answer N         mean segments of an answer (11)\n"
    "  --size KIND        full, small, random: of data segments (full)\n"
    "  --text KIND        words, random, zero: what payload looks like (words)\n"
    "  --snaplen N        bytes kept of a frame (all)\n"
    "  --loss PPM         data segments lost and sent again, in a million (6000)\n"
    "  --reorder PPM      data segments overtaken by their successor (0)\n"
    "  --burst PERCENT    chance that the next frame is of the same connection (0)\n"
    "  --noise PERCENT    frames of other servers and protocols (0)\n"
    "  --gap NS           mean time between frames, at least 1000 (2000)\n"
    "  --ipv6, --vlan     what lies below TCP\n"
    "  --http             requests and answers begin as those of HTTP do\n"
    "  --tls VERSION      they are records of TLS 1.2 or 1.3, behind a whole handshake; with --size full\n"
    "  --flood            SYNs only, each from another endpoint\n"
    "  --format NAME      us, ns, swapped, swapped-ns, pcapng, pcapng-ns, pcapng-swapped (us)\n"
    "  --seed N           of the random numbers (1)\n"
    "  --expect FILE      write what was sent\n";

enum { OPT_FIRST = 256, OPT_PACKETS, OPT_LIVE, OPT_REQUESTS, OPT_ANSWER, OPT_SIZE, OPT_TEXT, OPT_SNAPLEN,
       OPT_LOSS, OPT_REORDER, OPT_BURST, OPT_NOISE, OPT_GAP, OPT_IPV6, OPT_VLAN, OPT_HTTP, OPT_TLS, OPT_FLOOD,
       OPT_FORMAT, OPT_SEED, OPT_EXPECT };

static const struct option options[] = {
    { "packets", required_argument, NULL, OPT_PACKETS }, { "live", required_argument, NULL, OPT_LIVE },
    { "requests", required_argument, NULL, OPT_REQUESTS }, { "answer", required_argument, NULL, OPT_ANSWER },
    { "size", required_argument, NULL, OPT_SIZE },       { "text", required_argument, NULL, OPT_TEXT },
    { "snaplen", required_argument, NULL, OPT_SNAPLEN }, { "loss", required_argument, NULL, OPT_LOSS },
    { "reorder", required_argument, NULL, OPT_REORDER }, { "burst", required_argument, NULL, OPT_BURST },
    { "noise", required_argument, NULL, OPT_NOISE },     { "gap", required_argument, NULL, OPT_GAP },
    { "ipv6", no_argument, NULL, OPT_IPV6 },             { "vlan", no_argument, NULL, OPT_VLAN },
    { "http", no_argument, NULL, OPT_HTTP },             { "tls", required_argument, NULL, OPT_TLS },
    { "flood", no_argument, NULL, OPT_FLOOD },           { "format", required_argument, NULL, OPT_FORMAT },
    { "seed", required_argument, NULL, OPT_SEED },       { "expect", required_argument, NULL, OPT_EXPECT },
    { NULL, 0, NULL, 0 }
};

static bool read_number(const char *text, uint64_t least, uint64_t most, uint64_t *out)
{
    char *end;

    *out = strtoull(text, &end, 10);
    return end != text && *end == '\0' && *out >= least && *out <= most;
}

static bool read_u32(const char *text, uint32_t least, uint32_t most, uint32_t *out)
{
    uint64_t number;
    bool ok = read_number(text, least, most, &number);

    *out = (uint32_t)number;
    return ok;
}

/* The place of 'text' in a list that ends with NULL, or -1. */
static int place_of(const char *text, const char *const *names)
{
    int i;

    for (i = 0; names[i] != NULL; i++)
        if (strcmp(names[i], text) == 0)
            return i;
    return -1;
}

static bool read_option(job *j, int option, const char *value)
{
    static const char *const sizes[] = { "full", "small", "random", NULL };
    static const char *const texts[] = { "words", "random", "zero", NULL };
    static const char *const versions[] = { "1.2", "1.3", NULL };
    traffic_settings *t = &j->traffic;
    int place;

    switch (option) {
    case OPT_PACKETS:
        return read_number(value, 1, UINT32_MAX, &j->packets);
    case OPT_LIVE:
        return read_u32(value, 1, 100000000, &t->live);
    case OPT_REQUESTS:
        return read_u32(value, 1, 255, &t->requests);
    case OPT_ANSWER:
        return read_u32(value, 1, 32000, &t->answer);
    case OPT_SIZE:
        place = place_of(value, sizes);
        t->size = (traffic_size)place;
        return place >= 0;
    case OPT_TEXT:
        place = place_of(value, texts);
        t->text = (traffic_text)place;
        return place >= 0;
    case OPT_SNAPLEN:
        return read_u32(value, 54, 262144, &j->snaplen);
    case OPT_LOSS:
        return read_u32(value, 0, 1000000, &t->loss_ppm);
    case OPT_REORDER:
        return read_u32(value, 0, 1000000, &t->reorder_ppm);
    case OPT_BURST:
        return read_u32(value, 0, 100, &t->burst);
    case OPT_NOISE:
        return read_u32(value, 0, 99, &t->noise);
    case OPT_GAP:
        return read_u32(value, 1000, 1000000000, &t->gap_ns);
    case OPT_IPV6:
        return t->ipv6 = true;
    case OPT_VLAN:
        return t->vlan = true;
    case OPT_HTTP:
        return t->http = true;
    case OPT_TLS:
        place = place_of(value, versions);
        t->tls = 12 + (uint32_t)place;
        return place >= 0;
    case OPT_FLOOD:
        return t->flood = true;
    case OPT_FORMAT:
        return (j->format = record_format_named(value)) != NULL;
    case OPT_SEED:
        return read_number(value, 0, UINT64_MAX, &t->seed);
    case OPT_EXPECT:
        j->expect = value;
        return true;
    default:
        return false;
    }
}

static bool read_arguments(job *j, int argc, char **argv)
{
    int option;

    while ((option = getopt_long(argc, argv, "", options, NULL)) != -1) {
        if (option < OPT_FIRST)
            return false;                        /* getopt has said why */
        if (!read_option(j, option, optarg)) {
            fprintf(stderr, "generate: bad value: %s\n", optarg);
            return false;
        }
    }
    if (optind != argc - 1 || (j->traffic.tls != 0 && (j->traffic.http || j->traffic.size != SIZE_FULL)))
        return false;
    j->path = argv[optind];
    return true;
}

static void write_expected(FILE *f, const traffic_counts *c, const recorder *r, const uint64_t captured[2])
{
    int dir;

    fprintf(f, "frames %llu\n", (unsigned long long)r->frames);
    fprintf(f, "connections %llu\n", (unsigned long long)c->connections);
    fprintf(f, "noise %llu\n", (unsigned long long)c->noise);
    for (dir = 0; dir < 2; dir++) {
        const struct { const char *name; uint64_t value; } rows[] = {
            { "packet_count", c->packets[dir] },       { "byte_count", c->wire_bytes[dir] },
            { "captured_bytes", captured[dir] },       { "payload_bytes", c->payload_bytes[dir] },
            { "unique_bytes", c->unique_bytes[dir] },  { "data_packets", c->data_packets[dir] },
            { "syn_count", c->syns[dir] },             { "syn_ack_count", c->syn_acks[dir] },
            { "fin_count", c->fins[dir] },             { "resent", c->resent[dir] },
            { "resent_seen", c->resent_seen[dir] },    { "reordered", c->reordered[dir] },
        };
        size_t i;

        for (i = 0; i < sizeof rows / sizeof rows[0]; i++)
            fprintf(f, "%s%d %llu\n", rows[i].name, dir, (unsigned long long)rows[i].value);
    }
}

static bool save_expected(const job *j, const traffic_counts *c, const recorder *r, const uint64_t captured[2])
{
    FILE *f = fopen(j->expect, "w");

    if (f == NULL)
        return false;
    write_expected(f, c, r, captured);
    return fclose(f) == 0;
}

/* Which way a frame went, seen from what was sent so far; -1: noise. */
static int way_of(const traffic_counts *c, uint64_t to_server_before, uint64_t noise_before)
{
    if (c->noise != noise_before)
        return -1;
    return c->packets[0] == to_server_before;
}

static bool generate(const job *j, traffic *t, FILE *out)
{
    const traffic_counts *sent = traffic_sent(t);
    uint64_t captured[2] = { 0, 0 }, i;
    uint8_t frame[TRAFFIC_FRAME];
    recorder r;

    recorder_begin(&r, out, j->format, j->snaplen);
    for (i = 0; i < j->packets && !r.failed; i++) {
        uint64_t before = sent->packets[0], noise = sent->noise;
        int64_t time_ns;
        uint32_t length = traffic_next(t, frame, &time_ns);
        uint32_t kept = recorder_add(&r, time_ns, frame, length);
        int way = way_of(sent, before, noise);

        if (way >= 0)
            captured[way] += kept;
    }
    if (fflush(out) != 0)
        r.failed = true;
    if (r.failed)
        perror(j->path);
    else if (j->expect != NULL && !save_expected(j, sent, &r, captured))
        perror(j->expect);
    else
        return true;
    return false;
}

int main(int argc, char **argv)
{
    job j = { .traffic = TRAFFIC_SETTINGS_INIT, .packets = 1000000 };
    char *buffer;
    traffic *t;
    FILE *out;
    bool ok;

    j.format = record_format_named("us");
    if (!read_arguments(&j, argc, argv)) {
        fputs(usage_text, stderr);
        return 2;
    }
    out = strcmp(j.path, "-") == 0 ? stdout : fopen(j.path, "wb");
    if (out == NULL) {
        perror(j.path);
        return 1;
    }
    t = traffic_open(&j.traffic);
    buffer = malloc(BUFFER_SIZE);
    if (t == NULL || buffer == NULL) {
        fputs("generate: out of memory\n", stderr);
        return 1;
    }
    setvbuf(out, buffer, _IOFBF, BUFFER_SIZE);
    ok = generate(&j, t, out);
    if (out != stdout && fclose(out) != 0)
        ok = false;
    else if (out == stdout)
        setvbuf(stdout, NULL, _IONBF, 0);        /* the buffer goes before the stream does */
    free(buffer);
    traffic_close(t);
    return ok ? 0 : 1;
}
