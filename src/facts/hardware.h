/*
 * hardware.h: hardware addresses that a server's packets come from and go to, and who claims its
 * address by ARP.  A few of each.
 */
#ifndef MC_HARDWARE_H
#define MC_HARDWARE_H

#include "decode/decode.h"
#include "mcpcap.h"

/* A SYN-ACK or a reset of the server, which 'to' is sent to. */
MC_INLINE void mc_hardware_note(mc_hardware_facts *h, const mc_packet *p, const uint8_t to[16], bool reset, uint64_t frame);

/* Whoever has 'mac' claims an address. */
void mc_hardware_claim(mc_hardware_claims *c, const uint8_t mac[6], uint64_t frame);

/* ------------------------------------------------------------------ bodies */

/* The same where another address may come than did before. */
void mc_hardware_note_other(mc_hardware_facts *h, const mc_packet *p, const uint8_t to[16], bool reset, uint64_t frame);

/* The address that was the latest one, if it is 'mac', which two bytes more follow; NULL: it is another one. */
MC_INLINE mc_hardware_address *mc_hardware_latest(mc_hardware_side *s, const uint8_t *mac)
{
    mc_hardware_address *a = &s->at[s->latest];

    return s->count > 0 && memcmp(a->mac, mac, 4) == 0 && memcmp(a->mac + 4, mac + 4, 2) == 0 ? a : NULL;
}

MC_INLINE void mc_hardware_again(mc_hardware_address *a, const uint8_t peer[16], uint64_t frame, int64_t now)
{
    if (!a->several)
        a->several = memcmp(a->peer, peer, 16) != 0;
    a->syn_acks++;
    a->last_frame = frame;
    a->last_ns = now;
}

MC_INLINE void mc_hardware_note(mc_hardware_facts *h, const mc_packet *p, const uint8_t to[16], bool reset, uint64_t frame)
{
    mc_hardware_address *from, *at;

    if (p->linktype != MC_LINKTYPE_ETHERNET || p->caplen < 14 || p->time_ns == MC_NO_TIME)
        return;
    from = mc_hardware_latest(&h->from, p->data + 6);
    at = mc_hardware_latest(&h->to, p->data);
    if (MC_UNLIKELY(reset || from == NULL || at == NULL)) {
        mc_hardware_note_other(h, p, to, reset, frame);
        return;
    }
    mc_hardware_again(from, to, frame, p->time_ns);
    mc_hardware_again(at, to, frame, p->time_ns);
}

#endif
