/*
 * filter.h: BPF expressions, compiled and run by libpcap.
 */
#ifndef MC_FILTER_H
#define MC_FILTER_H

#include "decode/decode.h"

typedef struct mc_filter mc_filter;

/*
 * Checks 'expression': MC_FILTER, with the expression and libpcap's words, when it is
 * wrong for every usual link type.  Host names in it are looked up, which may block.
 */
mc_status mc_filter_open(mc_filter **out, const char *expression, mc_error *err);
void mc_filter_close(mc_filter *f);              /* accepts NULL */

/*
 * The first name in 'expression' that libpcap may ask the network for, such as that of a host, and its length; NULL:
 * there is none.  Names of ports and protocols are known without.
 */
const char *mc_filter_asks_for(const char *expression, size_t *length);

/*
 * True if the packet passes.  The expression is compiled for each link type as it comes;
 * packets of one that it makes no sense for do not pass, and are counted.
 */
bool mc_filter_match(mc_filter *f, const mc_packet *packet);

/* Packets that did not pass because of their link type alone. */
uint64_t mc_filter_unfit(const mc_filter *f);

#endif
