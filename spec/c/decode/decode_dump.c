/*
 * decode_dump.c: prints what the decoder makes of a capture that libpcap can read.
 *
 *     decode_dump [-v] CAPTURE...    one line a segment; -v: one more a frame, with its verdict
 *     decode_dump -c CAPTURE...      checks that the fast path and the full path agree, on each
 *                                    frame and on mutations of it, every one in an exactly sized copy
 *     decode_dump -t CAPTURE...      nanoseconds a frame, the frames held in memory
 *
 * Fields: frame, source, destination, ports, seq, ack, flags, window, length (? unknown), TTL,
 * IP identification, MSS, scale, timestamps, SACK.
 */
#include <arpa/inet.h>
#include <inttypes.h>
#include <pcap/pcap.h>
#include <stdlib.h>
#include <time.h>

#include "base/base.h"
#include "decode/decode.h"
#include "decode_same.h"

#define MUTATIONS 20

static const char *const verdicts[MC_V_COUNT] = {
    [MC_V_TCP] = "tcp",             [MC_V_NOT_TCP] = "not-tcp",
    [MC_V_UNDECODED] = "undecoded", [MC_V_FRAGMENT] = "fragment",
    [MC_V_TRUNCATED] = "truncated", [MC_V_MALFORMED] = "malformed",
};

static void print_address(const uint8_t *address)
{
    static const uint8_t mapped[12] = { [10] = 0xff, [11] = 0xff };
    char text[INET6_ADDRSTRLEN] = "";

    if (memcmp(address, mapped, sizeof mapped) == 0)
        inet_ntop(AF_INET, address + 12, text, sizeof text);
    else
        inet_ntop(AF_INET6, address, text, sizeof text);
    printf("\t%s", text);
}

static void print_segment(uint64_t frame, const mc_segment *seg)
{
    unsigned i;

    printf("%" PRIu64, frame);
    print_address(seg->src);
    print_address(seg->dst);
    printf("\t%u\t%u\t%" PRIu32 "\t%" PRIu32 "\t%u\t%u\t", seg->sport, seg->dport, seg->seq, seg->ack,
           seg->flags, seg->win);
    if (seg->len_known)
        printf("%" PRIu32, seg->len);
    else
        printf("?");
    printf("\t%u\t", seg->ttl);
    if (seg->has & MC_HAS_IPID)
        printf("%u", seg->ip_id);
    printf("\t");
    if (seg->has & MC_HAS_MSS)
        printf("%u", seg->mss);
    printf("\t");
    if (seg->has & MC_HAS_SCALE)
        printf("%u", seg->scale);
    printf("\t");
    if (seg->has & MC_HAS_TS)
        printf("%" PRIu32 ":%" PRIu32, seg->ts_val, seg->ts_ecr);
    printf("\t");
    for (i = 0; i < seg->sack_count; i++)
        printf("%s%" PRIu32 "-%" PRIu32, i > 0 ? "," : "", seg->sack[i][0], seg->sack[i][1]);
    printf("\n");
}

static void dump(mc_decoder *d, const mc_packet *packet, uint64_t frame, bool verbose)
{
    mc_segment segs[MC_MAX_SEGMENTS];
    size_t count, i;
    mc_verdict verdict = mc_decode(d, packet, segs, &count);

    for (i = 0; i < count; i++)
        print_segment(frame, &segs[i]);
    if (verbose)
        printf("%" PRIu64 "\t%s%s\n", frame, verdicts[verdict],
               mc_decode_icmp(d) != NULL ? ", quotes tcp" : "");
}

/* Both ways on copies of the frame, of a part of it, and of it with some bytes changed. */
static uint64_t check(mc_decoder *fast, mc_decoder *general, const mc_packet *packet, uint32_t *random)
{
    uint64_t different = 0;
    unsigned i, k;

    for (i = 0; i <= MUTATIONS; i++) {
        mc_packet copy = *packet;
        uint8_t *bytes;

        if (i > 0 && i % 4 == 0)
            copy.caplen = same_random(random) % (packet->caplen + 1);
        bytes = malloc(copy.caplen > 0 ? copy.caplen : 1);
        if (bytes == NULL)
            abort();
        memcpy(bytes, packet->data, copy.caplen);
        for (k = 0; i > 0 && copy.caplen > 0 && k < i % 5; k++)
            bytes[same_random(random) % (copy.caplen < 90 ? copy.caplen : 90)] = (uint8_t)same_random(random);
        copy.data = bytes;
        if (!same_decode(fast, general, &copy))
            different++;
        free(bytes);
    }
    return different;
}

/* Keeps the frames of a capture and decodes them again and again. */
static void clock_frames(mc_decoder *d, pcap_t *p, uint32_t linktype)
{
    enum { FRAMES = 20000 };
    static mc_packet packets[FRAMES];
    mc_segment segs[MC_MAX_SEGMENTS];
    struct pcap_pkthdr *h;
    const u_char *data;
    struct timespec from, to;
    size_t n = 0, i, count, total = 0;
    unsigned round, rounds;
    double ns;

    while (n < FRAMES && pcap_next_ex(p, &h, &data) == 1) {
        uint8_t *bytes = malloc(h->caplen + 1);

        if (bytes == NULL)
            abort();
        memcpy(bytes, data, h->caplen);
        packets[n].data = bytes;
        packets[n].caplen = h->caplen;
        packets[n].wirelen = h->len;
        packets[n].linktype = linktype;
        packets[n].time_ns = 0;
        n++;
    }
    if (n == 0)
        return;
    rounds = (unsigned)(2000000 / n + 1);
    clock_gettime(CLOCK_MONOTONIC, &from);
    for (round = 0; round < rounds; round++)
        for (i = 0; i < n; i++) {
            mc_decode(d, &packets[i], segs, &count);
            total += count;
        }
    clock_gettime(CLOCK_MONOTONIC, &to);
    ns = (double)(to.tv_sec - from.tv_sec) * 1e9 + (double)(to.tv_nsec - from.tv_nsec);
    printf("%.1f ns a frame, %zu frames, %zu segments\n", ns / (double)n / (double)rounds, n,
           total / rounds);
    for (i = 0; i < n; i++)
        free((void *)(uintptr_t)packets[i].data);
}

int main(int argc, char **argv)
{
    bool verbose = argc > 1 && strcmp(argv[1], "-v") == 0;
    bool checking = argc > 1 && strcmp(argv[1], "-c") == 0;
    bool clocking = argc > 1 && strcmp(argv[1], "-t") == 0;
    uint64_t different = 0;
    uint32_t random = 1;
    int i, failed = 0;

    for (i = verbose || checking || clocking ? 2 : 1; i < argc; i++) {
        char errbuf[PCAP_ERRBUF_SIZE];
        mc_decoder *fast = NULL, *general = NULL;
        struct pcap_pkthdr *h;
        const u_char *data;
        mc_packet packet = { 0 };
        uint64_t frame = 0;
        int status = 0;
        pcap_t *p = pcap_open_offline_with_tstamp_precision(argv[i], PCAP_TSTAMP_PRECISION_NANO, errbuf);

        if (p == NULL) {
            fprintf(stderr, "%s: %s\n", argv[i], errbuf);
            failed = 1;
            continue;
        }
        if (mc_decoder_open(&fast, false, NULL) != MC_OK || mc_decoder_open(&general, true, NULL) != MC_OK)
            abort();
        packet.linktype = (uint32_t)pcap_datalink(p);
        if (clocking)
            clock_frames(fast, p, packet.linktype);
        while (!clocking && (status = pcap_next_ex(p, &h, &data)) == 1) {
            packet.data = data;
            packet.caplen = h->caplen;
            packet.wirelen = h->len;
            packet.time_ns = (int64_t)h->ts.tv_sec * MC_NS_PER_S + h->ts.tv_usec;
            frame++;
            if (checking)
                different += check(fast, general, &packet, &random);
            else
                dump(fast, &packet, frame, verbose);
        }
        if (status == PCAP_ERROR) {
            fprintf(stderr, "%s: %s\n", argv[i], pcap_geterr(p));
            failed = 1;
        }
        mc_decoder_close(fast);
        mc_decoder_close(general);
        pcap_close(p);
    }
    if (different != 0)
        fprintf(stderr, "%" PRIu64 " frames decoded differently\n", different);
    return failed || different != 0;
}
