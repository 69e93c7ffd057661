/*
 * pcap_table.h: libpcap, loaded when a caller's filter, a file that only libpcap reads or
 * the name of a rare link type needs it.
 *
 * It brings a dozen libraries of its own (D-Bus, systemd, RDMA), and most captures are
 * read without it.
 */
#ifndef MC_PCAP_TABLE_H
#define MC_PCAP_TABLE_H

#include <pcap/pcap.h>

#include "base/base.h"

#define MC_PCAP_FUNCTIONS(X)                                                \
    X(open_dead) X(compile) X(freecode) X(offline_filter)                   \
    X(fopen_offline_with_tstamp_precision) X(next_ex) X(close) X(geterr)    \
    X(datalink) X(is_swapped) X(snapshot) X(datalink_val_to_name)

typedef struct mc_pcap {
#define X(name) __typeof__(&pcap_##name) name;
    MC_PCAP_FUNCTIONS(X)
#undef X
} mc_pcap;

/*
 * The loaded library, which stays for the life of the process.  MC_UNSUPPORTED when it
 * is not there; a failure is tried anew the next time.
 */
mc_status mc_pcap_load(const mc_pcap **out, mc_error *err);

#endif
