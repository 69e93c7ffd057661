/*
 * tap.c: from a match to what who reads along is shown.
 */
#include "engine/tap.h"

#include <stdlib.h>

#define FIRST_ROOM 512
#define MULTIPLIER 0x9e3779b97f4a7c15ull

#define LANES      4u
#define BLOCK      (16u * LANES)
#define FIRST_PART 16u               /* bytes that the first digests are of */
#define NEXT_PART  BLOCK

/* Digits of pi, as good as any: one for each step of a lane, and how the lane begins.  No two are the same: factors that cancel
   each other are zero, and hide the other one. */
static const uint64_t key[LANES] = { 0x243f6a8885a308d3ull, 0x13198a2e03707345ull, 0xa4093822299f31d1ull, 0x082efa98ec4e6c89ull };

#define LANES_BEGIN { 0x452821e638d01377ull, 0xbe5466cf34e90c6dull, 0xc0ac29b7c97c50ddull, 0x3f84d5b5b5470917ull }

static inline uint64_t word8(const uint8_t *p)
{
    uint64_t word;

    memcpy(&word, p, sizeof word);
    return word;
}

/* Both halves of the product: each bit of either factor moves many of them. */
static inline uint64_t fold(uint64_t a, uint64_t b)
{
#ifdef __SIZEOF_INT128__
    __extension__ typedef unsigned __int128 wide;
    const wide product = (wide)a * b;

    return (uint64_t)product ^ (uint64_t)(product >> 64);
#else
    const uint64_t low = (a & 0xffffffff) * (b & 0xffffffff), high = (a >> 32) * (b >> 32);
    const uint64_t cross = (a >> 32) * (b & 0xffffffff) + (low >> 32), other = (a & 0xffffffff) * (b >> 32) + (cross & 0xffffffff);

    return (other << 32 | (low & 0xffffffff)) ^ (high + (cross >> 32) + (other >> 32));
#endif
}

static inline uint64_t stir(uint64_t lane, const uint8_t *p, unsigned i)
{
    return fold(word8(p) ^ key[i], word8(p + 8) ^ lane);
}

/* Written out, so that lanes lie in registers. */
static inline void stir_block(uint64_t lane[LANES], const uint8_t *p)
{
    lane[0] = stir(lane[0], p, 0);
    lane[1] = stir(lane[1], p + 16, 1);
    lane[2] = stir(lane[2], p + 32, 2);
    lane[3] = stir(lane[3], p + 48, 3);
}

static inline uint32_t finish(const uint64_t lane[LANES], uint32_t len)
{
    const uint64_t h = fold(fold(lane[0] ^ key[0], lane[1] ^ key[1]) ^ len, fold(lane[2] ^ key[2], lane[3] ^ key[3]));

    return (uint32_t)(h ^ h >> 32);
}

/* Of all bytes, where they are fewer than FIRST_PART. */
static uint32_t digest_short(const uint8_t *p, uint32_t len)
{
    uint64_t lane[LANES] = LANES_BEGIN;
    uint8_t padded[FIRST_PART] = { 0 };

    memcpy(padded, p, len);
    lane[0] = stir(lane[0], padded, 0);
    return finish(lane, len);
}

/* Four lanes, so that one multiplication need not wait for the other; each digest goes on where the one before it ends. */
void mc_tap_digest(const uint8_t *p, uint32_t captured, bool whole, uint32_t digest[MC_DIGESTS])
{
    uint64_t lane[LANES] = LANES_BEGIN;
    uint32_t left = captured;

    if (captured < FIRST_PART) {
        if (whole && captured > 0)
            digest[MC_DIGESTS - 1] = digest_short(p, captured);
        return;
    }
    digest[0] = (uint32_t)(stir(stir(key[2], p, 0), p, 1) >> 32);
    if (captured >= NEXT_PART) {
        stir_block(lane, p);
        digest[1] = finish(lane, NEXT_PART);
        p += BLOCK;
        left -= BLOCK;
    }
    if (!whole)
        return;
    for (; left >= BLOCK; p += BLOCK, left -= BLOCK)
        stir_block(lane, p);
    if (left >= 16)
        lane[0] = stir(lane[0], p, 0);
    if (left >= 32)
        lane[1] = stir(lane[1], p + 16, 1);
    if (left >= 48)
        lane[2] = stir(lane[2], p + 32, 2);
    if (left % 16 > 0)                           /* with some of those before it */
        lane[3] = stir(lane[3], p + left - 16, 3);
    digest[MC_DIGESTS - 1] = finish(lane, captured);
}

/* The same of every segment. */
static inline void note_match(mc_tapped *to, const mc_match *m, uint64_t frame, mc_part_by by)
{
    to->key = m->key;
    to->hash = m->hash;
    to->part = mc_part_of(m->packet, by);
    to->sack[0] = to->sack[1] = 0;
    to->seen = (mc_seen){
        .time_ns = m->packet->time_ns, .frame = frame, .seq = m->summary.seq, .ack = m->summary.ack, .len = m->summary.len,
        .mark = (uint32_t)(m->summary.mark * MULTIPLIER >> 32), .win = m->summary.win, .flags = (uint8_t)m->summary.flags,
        .ttl = (uint8_t)m->summary.ttl,
        .dir = (m->kind & MC_MATCH_FROM_SERVER) != 0 ? MC_SERVER_TO_CLIENT : MC_CLIENT_TO_SERVER,
    };
}

static void note(mc_tapped *to, const mc_match *m, const mc_segment *s, uint64_t frame, mc_part_by by)
{
    mc_seen *n = &to->seen;

    note_match(to, m, frame, by);
    if (MC_UNLIKELY((s->has & MC_HAS_SACK) != 0 && s->sack_count > 0)) {
        to->sack[0] = s->sack[0][0];
        to->sack[1] = s->sack[0][1];
    }
    n->ts_val = s->ts_val;
    n->ts_ecr = s->ts_ecr;
    n->captured = s->captured < s->len ? s->captured : s->len;
    n->ip_id = (s->has & MC_HAS_IPID) != 0 ? s->ip_id : 0;
    n->mss = (s->has & MC_HAS_MSS) != 0 ? s->mss : 0;
    n->has = s->has;
    n->tos = s->tos;
    n->scale = (s->has & MC_HAS_SCALE) != 0 ? s->scale : 0;
    n->cut = s->payload != NULL && !s->reassembled && s->payload > m->packet->data + m->packet->caplen;
    mc_tap_digest(s->payload, n->captured, n->captured == n->len, n->digest);
}

/* The same of a plain one that still lies in its packet: its summary says nearly all. */
static void note_plain(mc_tapped *to, const mc_match *m, uint64_t frame, mc_part_by by)
{
    mc_seen *n = &to->seen;
    const mc_plain p = mc_decode_plain(m->packet);

    note_match(to, m, frame, by);
    n->ip_id = m->summary.ip_id;
    n->has = p.has;
    n->tos = p.tos;
    if ((p.has & MC_HAS_TS) != 0) {
        n->ts_val = (uint32_t)(m->summary.mark >> 32);
        n->ts_ecr = (uint32_t)m->summary.mark;
    }
    n->captured = p.left < n->len ? p.left : n->len;
    mc_tap_digest(p.payload, n->captured, n->captured == n->len, n->digest);
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
        const uint64_t frame = first + (uint64_t)(m->packet - packets);
        const mc_segment *s = m->segment;

        if (MC_LIKELY(s == NULL && mc_match_is_plain(m) && m->packet->time_ns != MC_NO_TIME)) {
            note_plain(&t->items[t->count++], m, frame, t->part_by);
            continue;
        }
        if (s == NULL && mc_decode_find(m->packet, &headers)) {
            mc_decode_fill(&local, &headers, headers.v6);
            s = &local;
        }
        if (s == NULL || !s->len_known || (m->kind & (MC_MATCH_SELF | MC_MATCH_UNDECIDED)) != 0 || m->packet->time_ns == MC_NO_TIME) {
            t->unclear++;
            continue;
        }
        note(&t->items[t->count++], m, s, frame, t->part_by);
    }
}

void mc_tap_free(mc_tap *t)
{
    free(t->items);
    *t = (mc_tap){ 0 };
}
