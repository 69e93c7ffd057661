/*
 * part.h: which of several places of one capture a frame was seen at.
 *
 * A file that was merged of captures of several points tells them by the interface, by the hosts of
 * the link (a pair of Ethernet addresses, in either order) and by the VLAN.
 */
#ifndef MC_PART_H
#define MC_PART_H

#include "decode/decode.h"

static inline uint32_t mc_part_of(const mc_packet *p)
{
    uint64_t h = p->iface + 1u, mac[2];
    const uint8_t *d = p->data;

    if (p->linktype == MC_LINKTYPE_ETHERNET && p->caplen >= 18) {
        mac[0] = (uint64_t)mc_be32(d) << 16 | mc_be16(d + 4);
        mac[1] = (uint64_t)mc_be32(d + 6) << 16 | mc_be16(d + 10);
        h = h * 0x9e3779b97f4a7c15u + (mac[0] + mac[1]) * 0xc2b2ae3d27d4eb4fu + (mac[0] ^ mac[1]);
        if (mc_be16(d + 12) == 0x8100 || mc_be16(d + 12) == 0x88a8)
            h = h * 0x9e3779b97f4a7c15u + 1 + (mc_be16(d + 14) & 0x0fff);
    }
    h *= 0x9e3779b97f4a7c15u;
    return (uint32_t)(h >> 32);
}

#endif
