/*
 * mutate.h: changes to captures that stay captures, for libFuzzer.
 *
 * A capture is a row of units, records (pcap) or blocks (pcapng), both little-endian: one is left out, put twice, moved, or changed
 * inside with its lengths made right; or of a segment a field is changed as TCP knows it: a number, flags, the window, who sends
 * it, the time.  One change in two is libFuzzer's own, which knows nothing of all that.
 */
#ifndef MUTATE_H
#define MUTATE_H

#include <stdint.h>
#include <string.h>

#include "base/base.h"
#include "decode_same.h"

size_t LLVMFuzzerMutate(uint8_t *data, size_t size, size_t most);

#define MUTATE_UNITS 4096u

typedef struct mutated {
    uint8_t *p;
    size_t size, most;
    bool blocks;                     /* pcapng */
    unsigned count;
    uint32_t at[MUTATE_UNITS + 1];   /* where units begin; the last one is where they end */
} mutated;

static inline void mutate_put32(uint8_t *p, uint32_t value)
{
    p[0] = (uint8_t)value;
    p[1] = (uint8_t)(value >> 8);
    p[2] = (uint8_t)(value >> 16);
    p[3] = (uint8_t)(value >> 24);
}

static inline void mutate_put32_be(uint8_t *p, uint32_t value)
{
    p[0] = (uint8_t)(value >> 24);
    p[1] = (uint8_t)(value >> 16);
    p[2] = (uint8_t)(value >> 8);
    p[3] = (uint8_t)value;
}

/* False: there are no two units. */
static inline bool mutate_find_units(mutated *m)
{
    const uint32_t magic = m->size >= 28 ? mc_le32(m->p) : 0;
    size_t at = 24, len;

    m->count = 0;
    m->blocks = magic == 0x0a0d0d0au;
    if (m->blocks)
        at = 0;
    else if (magic != 0xa1b2c3d4u && magic != 0xa1b23c4du)
        return false;
    while (m->count < MUTATE_UNITS && at + 16 <= m->size) {
        len = m->blocks ? mc_le32(m->p + at + 4) : 16u + (size_t)mc_le32(m->p + at + 8);
        if (len < 12 || len > m->size - at)
            break;
        m->at[m->count++] = (uint32_t)at;
        at += len;
    }
    m->at[m->count] = (uint32_t)at;
    return m->count > 1;
}

/* Bytes 'from' to 'to' become 'size' bytes: room is made, or closed. */
static inline bool mutate_room(mutated *m, size_t from, size_t to, size_t size)
{
    if (m->size - (to - from) + size > m->most)
        return false;
    memmove(m->p + from + size, m->p + to, m->size - to);
    m->size = m->size - (to - from) + size;
    return true;
}

/* Unit 'i' once more, behind unit 'to'. */
static inline void mutate_copy(mutated *m, unsigned i, unsigned to)
{
    const size_t len = m->at[i + 1] - m->at[i], at = m->at[to + 1];
    const size_t from = m->at[i] >= at ? m->at[i] + len : m->at[i];

    if (mutate_room(m, at, at, len))
        memmove(m->p + at, m->p + from, len);
}

/* Where its packet begins and how long that is; 0: it has none. */
static inline size_t mutate_packet(const mutated *m, unsigned i, size_t *len)
{
    const uint8_t *unit = m->p + m->at[i];
    const size_t size = m->at[i + 1] - m->at[i], begin = m->blocks ? 28 : 16;

    if (m->blocks && (mc_le32(unit) != 6 || size < 32))
        return 0;
    *len = m->blocks ? mc_le32(unit + 20) : size - 16;
    return *len <= size - begin - (m->blocks ? 4 : 0) ? m->at[i] + begin : 0;
}

/* The inside of a unit, by libFuzzer; the lengths follow. */
static inline void mutate_inside(mutated *m, unsigned i)
{
    size_t len, at = mutate_packet(m, i, &len), now, pad;
    uint8_t piece[2048];

    if (at == 0 || len == 0 || len > sizeof piece)
        return;
    memcpy(piece, m->p + at, len);
    now = LLVMFuzzerMutate(piece, len, sizeof piece);
    pad = m->blocks ? (4 - now % 4) % 4 : 0;
    if (!mutate_room(m, at, m->blocks ? m->at[i + 1] - 4 : m->at[i + 1], now + pad))
        return;
    memcpy(m->p + at, piece, now);
    memset(m->p + at + now, 0, pad);
    if (m->blocks) {
        mutate_put32(m->p + m->at[i] + 4, (uint32_t)(32 + now + pad));
        mutate_put32(m->p + at + now + pad, (uint32_t)(32 + now + pad));
        mutate_put32(m->p + m->at[i] + 20, (uint32_t)now);
    } else {
        mutate_put32(m->p + m->at[i] + 8, (uint32_t)now);
    }
}

/* A field of TCP behind Ethernet and IPv4, or the time. */
static inline void mutate_field(mutated *m, unsigned i, uint32_t *random)
{
    static const uint32_t steps[] = { 1, 2, 20, 1448, 65535, 1u << 20, 1u << 31, UINT32_MAX, (uint32_t)-1448, (uint32_t)-20 };
    static const uint8_t flags[] = { 0x02, 0x12, 0x10, 0x18, 0x11, 0x14, 0x04, 0x00, 0x31, 0xd0 };
    const uint32_t step = steps[same_random(random) % MC_ARRAY_LEN(steps)];
    size_t len, at = mutate_packet(m, i, &len);
    uint8_t *ip = m->p + at + 14, *tcp = ip + 20, swap[4];

    if (at == 0 || len < 14 + 40 || ip[9] != 6 || ip[0] != 0x45)
        return;
    switch (same_random(random) % 8) {
    case 0: mutate_put32_be(tcp + 4, mc_be32(tcp + 4) + step); break;
    case 1: mutate_put32_be(tcp + 8, mc_be32(tcp + 8) + step); break;
    case 2: tcp[13] = flags[same_random(random) % MC_ARRAY_LEN(flags)]; break;
    case 3: tcp[14] = 0, tcp[15] = (uint8_t)(step & 1); break;
    case 4: ip[8] = (uint8_t)(ip[8] - 1); break;
    case 5: ip[3] = (uint8_t)(ip[3] + step); break;
    case 6:
        memcpy(swap, ip + 12, 4), memcpy(ip + 12, ip + 16, 4), memcpy(ip + 16, swap, 4);
        memcpy(swap, tcp, 2), memcpy(tcp, tcp + 2, 2), memcpy(tcp + 2, swap, 2);
        break;
    default:
        ip = m->p + m->at[i] + (m->blocks ? 16 : 0);        /* low half of a block's time; seconds of a record's */
        mutate_put32(ip, mc_le32(ip) + step);
        break;
    }
}

/* The new size of the capture at 'p', which has room for 'most' bytes. */
static inline size_t mutate_capture(uint8_t *p, size_t size, size_t most, unsigned seed)
{
    static mutated m;
    uint32_t random = seed | 1;
    unsigned i, k;

    m.p = p;
    m.size = size;
    m.most = most;
    if (same_random(&random) % 2 == 0 || !mutate_find_units(&m))
        return LLVMFuzzerMutate(p, size, most);
    for (k = 1 + same_random(&random) % 3; k > 0 && mutate_find_units(&m); k--) {
        i = same_random(&random) % m.count;
        switch (same_random(&random) % 8) {
        case 0: mutate_room(&m, m.at[i], m.at[i + 1], 0); break;
        case 1: mutate_copy(&m, i, i); break;
        case 2: mutate_copy(&m, i, same_random(&random) % m.count); break;
        case 3: mutate_inside(&m, i); break;
        default: mutate_field(&m, i, &random); break;
        }
    }
    return m.size;
}

#endif
