/*
 * source_dump: what a source gives, one line a packet and one at the end.
 *
 *     source_dump [-q] [-r own|read|libpcap] [-b max_bytes] [-n] INPUT...
 *
 * "-" is standard input as a handle.  -q prints the end alone, -n one line for the
 * packets together.  For comparing readers: the output depends on nothing but
 * the input.
 */
#include <inttypes.h>
#include <stdlib.h>

#include "base/switches.h"
#include "capture/source.h"

/* FNV-1a */
static uint64_t checksum(uint64_t sum, const void *data, size_t length)
{
    const uint8_t *p = data;

    while (length-- > 0)
        sum = (sum ^ *p++) * 0x100000001b3u;
    return sum;
}

int main(int argc, char **argv)
{
    static mc_packet packets[64];
    mc_switches switches = MC_SWITCHES(MC_READING_CHOSEN);
    mc_options options = MC_OPTIONS_INIT;
    mc_input inputs[64];
    mc_source_facts facts;
    mc_source *source = NULL;
    mc_error err;
    mc_status status;
    bool quiet = false, sum_only = false;
    size_t n = 0, count, i;
    uint64_t total = 0, sum = 0xcbf29ce484222325u, bytes = 0;
    int a;

    options.switches = &switches;
    for (a = 1; a < argc; a++) {
        if (strcmp(argv[a], "-q") == 0)
            quiet = true;
        else if (strcmp(argv[a], "-n") == 0)
            sum_only = true;
        else if (strcmp(argv[a], "-r") == 0 && a + 1 < argc)
            switches.reading = mc_reading_named(argv[++a]);
        else if (strcmp(argv[a], "-b") == 0 && a + 1 < argc)
            options.max_bytes = strtoull(argv[++a], NULL, 10);
        else if (n < MC_ARRAY_LEN(inputs))
            inputs[n++] = strcmp(argv[a], "-") == 0 ? (mc_input){ .stream = stdin }
                                                    : (mc_input){ .path = argv[a] };
    }
    status = mc_source_open(&source, inputs, n, &options, &err);
    while (status == MC_OK) {
        status = mc_source_next(source, packets, MC_ARRAY_LEN(packets), &count, 100, &err);
        for (i = 0; i < count; i++) {
            const mc_packet *p = &packets[i];
            uint64_t own;

            if (quiet) {
                bytes += p->caplen;
                continue;
            }
            own = checksum(0xcbf29ce484222325u, p->data, p->caplen);
            if (sum_only)
                sum = checksum(sum, &own, sizeof own) ^ (uint64_t)p->time_ns ^ p->wirelen;
            else
                printf("%" PRId64 " %u %u %u %016" PRIx64 "\n", p->time_ns, p->caplen, p->wirelen,
                       p->linktype, own);
        }
        total += count;
    }
    if (status != MC_END) {
        printf("error %s: %s\n", mc_status_code(status), err.msg);
    } else {
        mc_source_get_facts(source, &facts);
        printf("end: %" PRIu64 " packets", total);
        if (sum_only)
            printf(", sum %016" PRIx64, sum);
        if (facts.truncated)
            printf(", truncated at %" PRIu64 ": %s", facts.truncated_offset,
                   facts.truncated_reason);
        printf("\n");
        fprintf(stderr, "%s%s%s by %s, %" PRIu64 " of %" PRIu64 " bytes, %" PRIu64
                " inflated, %u interfaces, snaplen %u%s%s, %" PRIu64 " over it, %" PRIu64
                " dropped%s, %" PRIu64 " packet bytes\n", facts.format != NULL ? facts.format : "?",
                facts.compression != NULL ? " in " : "",
                facts.compression != NULL ? facts.compression : "",
                facts.reader != NULL ? facts.reader : "?", facts.bytes_done, facts.bytes_total,
                facts.inflated_bytes, facts.interfaces, facts.snaplen,
                facts.nanoseconds ? ", ns" : "", facts.swapped ? ", swapped" : "",
                facts.over_snaplen, facts.dropped_reported, facts.drops_known ? " (known)" : "",
                bytes);
    }
    mc_source_close(source);
    return status == MC_END ? 0 : 1;
}
