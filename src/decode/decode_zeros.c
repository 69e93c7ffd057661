/*
 * decode_zeros.c: payload that is nothing but zeros.
 */
#include "decode/decode_fast.h"

#define IP_HEADER 20u

/* The headers of 's', that of TCP being 'header' bytes long, behind whatever link they came by. */
static bool find_headers(const mc_packet *packet, const mc_segment *s, uint32_t header, mc_headers *h)
{
    const uintptr_t data = (uintptr_t)packet->data, at = (uintptr_t)s->payload;
    const uint32_t before = IP_HEADER + header;

    return at >= data + before && at <= data + packet->caplen &&
           mc_decode_check(h, packet, (uint32_t)(at - data) - before, false) && h->header == header;
}

bool mc_decode_is_zeros(const mc_packet *packet, const mc_segment *s, uint32_t most)
{
    mc_headers h;
    uint32_t i;

    if (s->ip_version != 4 || s->reassembled)
        return false;
    if (!(packet->linktype == MC_LINKTYPE_ETHERNET && mc_decode_find_ethernet(packet, &h)) &&
        !find_headers(packet, s, MC_TCP_HEADER, &h) && !find_headers(packet, s, MC_TCP_HEADER + 4, &h))
        return false;
    if (h.wire > most || h.wire - h.header != s->len || h.left < h.wire)
        return false;
    for (i = h.header; i < h.wire && h.tcp[i] == 0; i++)
        ;
    return i == h.wire;
}
