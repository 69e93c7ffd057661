/*
 * analyse.c: the core alone, without Lua: analyses a capture and prints its counters,
 * one "name value" a line, so that ways of reading can be compared.
 *
 *     analyse [-q] [-r READER] [-p small|large] [-m CONNECTIONS] [-R RULES] FILE SERVER PORT      ("-": standard input)
 */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/switches.h"
#include "mcpcap.h"

static void print_facts(const mc_facts *f)
{
    int dir;

    printf("frames %llu\n", (unsigned long long)f->capture.frames);
    printf("connections %llu\n", (unsigned long long)f->connections.total);
    printf("matched_frames %llu\n", (unsigned long long)f->capture.matched_frames);
    printf("connections_not_kept %llu\n", (unsigned long long)f->capture.connections_not_kept);
    for (dir = 0; dir < 2; dir++) {
        const mc_direction_facts *d = &f->direction[dir];

#define X(name) printf(#name "%d %llu\n", dir, (unsigned long long)d->counts.name);
        MC_COUNTER_MAP(X)
#undef X
        printf("resent%d %llu\n", dir, (unsigned long long)d->late.resent);
        printf("resent_seen%d %llu\n", dir, (unsigned long long)d->late.resent_seen);
        printf("reordered%d %llu\n", dir, (unsigned long long)d->late.reordered);
        printf("duplicated%d %llu\n", dir, (unsigned long long)d->late.duplicated);
        printf("undecided%d %llu\n", dir, (unsigned long long)d->late.undecided);
        printf("rtt_count%d %llu\n", dir, (unsigned long long)d->rtt.count);
        printf("rtt_median_ns%d %lld\n", dir, (long long)d->rtt.median_ns);
    }
}

static int fail(const char *words)
{
    fprintf(stderr, "analyse: %s\n", words);
    return 1;
}

int main(int argc, char **argv)
{
    mc_switches switches = MC_SWITCHES(MC_READING_CHOSEN);
    mc_options options = MC_OPTIONS_INIT;
    mc_input input = { 0 };
    mc_endpoint server;
    mc_session *s = NULL;
    const mc_facts *facts;
    mc_status status;
    mc_error err;
    char choices[MC_CHOICES_WORDS];
    bool quiet = false;
    int option;

    options.switches = &switches;
    while ((option = getopt(argc, argv, "aqr:m:R:p:")) != -1) {
        if (option == 'q')
            quiet = true;
        else if (option == 'a')
            options.application = false;
        else if (option == 'r')
            switches.reading = mc_reading_named(optarg);
        else if (option == 'p')
            switches.paging = strcmp(optarg, "large") == 0   ? MC_PAGES_LARGE
                              : strcmp(optarg, "small") == 0 ? MC_PAGES_SMALL
                                                             : MC_PAGES_CHOSEN;
        else if (option == 'R') {
            if (!mc_rules_parse(&options.rules, optarg))
                return 2;
        } else if (option == 'm')
            options.max_connections = strtoull(optarg, NULL, 10);
        else
            return 2;
    }
    if (argc - optind != 3) {
        fputs("usage: analyse [-q] [-a] [-r READER] [-p small|large] [-m CONNECTIONS] FILE SERVER PORT\n", stderr);
        return 2;
    }
    if (strcmp(argv[optind], "-") == 0)
        input.stream = stdin;
    else
        input.path = argv[optind];
    if (mc_endpoint_parse(&server, argv[optind + 1], (unsigned)strtoul(argv[optind + 2], NULL, 10), &err) != MC_OK ||
        mc_session_open(&s, &input, 1, &server, &options, &err) != MC_OK)
        return fail(err.msg);
    while ((status = mc_session_step(s, 65536, 100, &err)) == MC_OK)
        ;
    facts = status == MC_END ? mc_session_facts(s) : NULL;
    if (facts != NULL) {
        fprintf(stderr, "reader %s\n", facts->capture.reader);
        fprintf(stderr, "mapped_bytes %llu\n", (unsigned long long)facts->capture.bytes_by_way[0]);
        fprintf(stderr, "read_bytes %llu\n", (unsigned long long)facts->capture.bytes_by_way[1]);
        mc_session_choices(s, choices);
        fputs(choices, stderr);
        fprintf(stderr, "connection_bytes %llu\n", (unsigned long long)facts->capture.memory_bytes);
        if (!quiet)
            print_facts(facts);
    }
    mc_session_close(s);
    return facts != NULL ? 0 : fail(err.msg);
}
