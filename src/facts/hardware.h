/*
 * hardware.h: hardware addresses that a server's packets come from and go to, and who claims its
 * address by ARP.  A few of each.
 */
#ifndef MC_HARDWARE_H
#define MC_HARDWARE_H

#include "decode/decode.h"
#include "mcpcap.h"

/* A SYN-ACK or a reset of the server, which 'to' is sent to. */
void mc_hardware_note(mc_hardware_facts *h, const mc_packet *p, const uint8_t to[16], bool reset, uint64_t frame);

/* Whoever has 'mac' claims an address. */
void mc_hardware_claim(mc_hardware_claims *c, const uint8_t mac[6], uint64_t frame);

#endif
