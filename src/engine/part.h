/*
 * part.h: which of several places of one capture a frame was seen at.
 *
 * A file that was merged of captures of several points, or taken on a router, tells them by the
 * interface, the VLAN, or the hosts of the link (a pair of Ethernet addresses, in either order).
 */
#ifndef MC_PART_H
#define MC_PART_H

#include "decode/decode.h"

typedef enum mc_part_by { MC_PART_NONE, MC_PART_INTERFACE, MC_PART_VLAN, MC_PART_LINK, MC_PART_WAYS } mc_part_by;

static inline uint32_t mc_part_vlan(const mc_packet *p)
{
    const bool tagged = p->linktype == MC_LINKTYPE_ETHERNET && p->caplen >= 16 &&
                        (mc_be16(p->data + 12) == 0x8100 || mc_be16(p->data + 12) == 0x88a8);

    return tagged ? 1u + (mc_be16(p->data + 14) & 0x0fff) : 0;
}

static inline uint32_t mc_part_link(const mc_packet *p)
{
    const uint8_t *d = p->data;
    uint64_t to, from, h;

    if (p->linktype != MC_LINKTYPE_ETHERNET || p->caplen < 14)
        return 0;
    to = (uint64_t)mc_be32(d) << 16 | mc_be16(d + 4);
    from = (uint64_t)mc_be32(d + 6) << 16 | mc_be16(d + 10);
    h = (to + from) * 0xc2b2ae3d27d4eb4fu + (to ^ from);
    return (uint32_t)(h * 0x9e3779b97f4a7c15u >> 32);
}

static inline uint32_t mc_part_of(const mc_packet *p, mc_part_by by)
{
    switch (by) {
    case MC_PART_INTERFACE:
        return p->linktype == MC_LINKTYPE_COOKED_2 && p->caplen >= 8 ? mc_be32(p->data + 4) : p->iface;
    case MC_PART_VLAN:
        return mc_part_vlan(p);
    case MC_PART_LINK:
        return mc_part_link(p);
    default:
        return 0;
    }
}

#endif
