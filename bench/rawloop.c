/*
 * rawloop.c: the bare loop over libpcap that analyses are measured against: it opens a
 * capture and counts its packets, nothing else.
 */
#include <pcap/pcap.h>
#include <stdio.h>

int main(int argc, char **argv)
{
    char error[PCAP_ERRBUF_SIZE];
    struct pcap_pkthdr *header;
    const u_char *data;
    unsigned long long n = 0;
    pcap_t *p;

    if (argc != 2) {
        fputs("usage: rawloop FILE\n", stderr);
        return 2;
    }
    p = pcap_open_offline(argv[1], error);
    if (p == NULL) {
        fprintf(stderr, "rawloop: %s\n", error);
        return 1;
    }
    while (pcap_next_ex(p, &header, &data) == 1)
        n++;
    pcap_close(p);
    printf("%llu\n", n);
    return 0;
}
