/*
 * hardware.c: the few addresses in the order in which they came.
 */
#include "facts/hardware.h"

static bool is_none(const uint8_t mac[6])
{
    static const uint8_t zero[6];

    return memcmp(mac, zero, 6) == 0;
}

static void note(mc_hardware_side *s, const uint8_t mac[6], const uint8_t peer[16], bool reset, uint64_t frame, int64_t now)
{
    mc_hardware_address *a;
    uint32_t i = s->latest;

    if (is_none(mac))
        return;
    if (i >= s->count || memcmp(s->at[i].mac, mac, 6) != 0) {
        for (i = 0; i < s->count && memcmp(s->at[i].mac, mac, 6) != 0; i++)
            ;
        if (i == MC_HARDWARE_MOST) {
            s->others++;
            return;
        }
        s->switches += s->count > 0;
        s->latest = i;
    }
    a = &s->at[i];
    if (i == s->count) {
        s->count++;
        memcpy(a->mac, mac, 6);
        memcpy(a->peer, peer, 16);
        a->first_frame = frame;
        a->first_ns = now;
    }
    a->several |= memcmp(a->peer, peer, 16) != 0;
    a->resets += reset;
    a->syn_acks += !reset;
    a->last_frame = frame;
    a->last_ns = now;
}

void mc_hardware_note_other(mc_hardware_facts *h, const mc_packet *p, const uint8_t to[16], bool reset, uint64_t frame)
{
    note(&h->from, p->data + 6, to, reset, frame, p->time_ns);
    if (!reset)
        note(&h->to, p->data, to, false, frame, p->time_ns);
}

void mc_hardware_claim(mc_hardware_claims *c, const uint8_t mac[6], uint64_t frame)
{
    uint32_t i;

    for (i = 0; i < c->count && memcmp(c->mac[i], mac, 6) != 0; i++)
        ;
    if (i == MC_HARDWARE_CLAIMS) {
        c->others++;
        return;
    }
    if (i == c->count) {
        c->count++;
        memcpy(c->mac[i], mac, 6);
        c->frame[i] = frame;
    }
    c->switches += i != c->latest;
    c->latest = i;
    c->claims[i]++;
}
