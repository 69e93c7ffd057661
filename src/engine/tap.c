/*
 * tap.c: from a match to what who reads along is shown.
 */
#include "engine/tap.h"

#include <stdlib.h>

#define FIRST_ROOM 512
#define MULTIPLIER 0x9e3779b97f4a7c15ull

static uint64_t word8(const uint8_t *p)
{
    uint64_t word;

    memcpy(&word, p, sizeof word);
    return word;
}

static uint64_t stir(uint64_t h, uint64_t word)
{
    h = (h ^ word) * MULTIPLIER;
    return h ^ h >> 32;
}

/* Four lanes, so that one multiplication need not wait for the other. */
uint32_t mc_tap_digest(const uint8_t *p, size_t len)
{
    uint64_t lane[4] = { len, 1, 2, 3 }, h;
    uint8_t rest[8] = { 0 };

    for (; len >= 32; p += 32, len -= 32) {
        lane[0] = stir(lane[0], word8(p));
        lane[1] = stir(lane[1], word8(p + 8));
        lane[2] = stir(lane[2], word8(p + 16));
        lane[3] = stir(lane[3], word8(p + 24));
    }
    h = stir(stir(stir(lane[0], lane[1]), lane[2]), lane[3]);
    for (; len >= 8; p += 8, len -= 8)
        h = stir(h, word8(p));
    if (len > 0) {
        memcpy(rest, p, len);
        h = stir(h, word8(rest));
    }
    h = stir(h, 0);
    return (uint32_t)(h ^ h >> 32);
}

static void note(mc_tapped *to, const mc_match *m, const mc_segment *s, uint64_t frame, mc_part_by by)
{
    static const uint32_t part[MC_DIGESTS - 1] = { 16, 64 };
    mc_seen *n = &to->seen;
    uint32_t captured = s->captured < s->len ? s->captured : s->len;
    unsigned i;

    to->key = m->key;
    to->hash = m->hash;
    to->part = mc_part_of(m->packet, by);
    to->sack[0] = to->sack[1] = 0;
    if (MC_UNLIKELY((s->has & MC_HAS_SACK) != 0 && s->sack_count > 0)) {
        to->sack[0] = s->sack[0][0];
        to->sack[1] = s->sack[0][1];
    }
    *n = (mc_seen){
        .time_ns = m->packet->time_ns, .frame = frame, .seq = s->seq, .ack = s->ack, .len = s->len,
        .ts_val = s->ts_val, .ts_ecr = s->ts_ecr, .mark = (uint32_t)(mc_segment_mark(s) * MULTIPLIER >> 32),
        .captured = captured, .win = s->win,
        .ip_id = (s->has & MC_HAS_IPID) != 0 ? s->ip_id : 0, .mss = (s->has & MC_HAS_MSS) != 0 ? s->mss : 0,
        .flags = s->flags, .has = s->has, .ttl = s->ttl, .tos = s->tos,
        .scale = (s->has & MC_HAS_SCALE) != 0 ? s->scale : 0,
        .dir = (m->kind & MC_MATCH_FROM_SERVER) != 0 ? MC_SERVER_TO_CLIENT : MC_CLIENT_TO_SERVER,
        .cut = s->payload != NULL && !s->reassembled && s->payload > m->packet->data + m->packet->caplen,
    };
    if (captured == 0)
        return;
    for (i = 0; i < MC_DIGESTS - 1 && captured >= part[i]; i++)
        n->digest[i] = mc_tap_digest(s->payload, part[i]);
    if (captured == s->len)
        n->digest[MC_DIGESTS - 1] = mc_tap_digest(s->payload, captured);
}

static bool make_room(mc_tap *t, size_t count)
{
    size_t room = t->room > 0 ? t->room : FIRST_ROOM;
    mc_tapped *items;

    while (room < t->count + count)
        room *= 2;
    if (room == t->room)
        return true;
    items = realloc(t->items, room * sizeof *items);
    if (items == NULL)
        return false;
    t->items = items;
    t->room = room;
    return true;
}

void mc_tap_take(mc_tap *t, const mc_match *matches, uint32_t count, const mc_packet *packets, uint64_t first)
{
    mc_segment local;
    mc_headers headers;
    uint32_t i;

    if (!make_room(t, count)) {
        t->no_memory = true;
        return;
    }
    for (i = 0; i < count; i++) {
        const mc_match *m = &matches[i];
        const mc_segment *s = m->segment;

        if (s == NULL && mc_decode_find(m->packet, &headers)) {
            mc_decode_fill(&local, &headers, headers.v6);
            s = &local;
        }
        if (s == NULL || !s->len_known || (m->kind & (MC_MATCH_SELF | MC_MATCH_UNDECIDED)) != 0 || m->packet->time_ns == MC_NO_TIME) {
            t->unclear++;
            continue;
        }
        note(&t->items[t->count++], m, s, first + (uint64_t)(m->packet - packets), t->part_by);
    }
}

void mc_tap_free(mc_tap *t)
{
    free(t->items);
    *t = (mc_tap){ 0 };
}
