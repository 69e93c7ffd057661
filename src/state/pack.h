/*
 * pack.h: numbers of any size as bytes, seven bits in each, the least first; and back, of bytes
 * that nobody can trust.
 */
#ifndef MC_PACK_H
#define MC_PACK_H

#include <stdlib.h>

#include "base/base.h"

typedef struct mc_packer {
    uint8_t *bytes;
    size_t count, room;
    bool no_memory;                  /* from then on nothing is kept */
} mc_packer;

/* What is left; 'bad': more was asked for than there was, or something that cannot be. */
typedef struct mc_unpacker {
    const uint8_t *p, *end;
    bool bad;
} mc_unpacker;

#define MC_PACKED_NUMBER 10          /* bytes of a number, at most */

/* Room for 'more' bytes. */
static inline bool mc_pack_room(mc_packer *k, size_t more)
{
    size_t room = k->room > 0 ? k->room : 4096;
    uint8_t *bytes;

    if (MC_LIKELY(k->room - k->count >= more) || k->no_memory)
        return !k->no_memory;
    while (room - k->count < more)
        room *= 2;
    bytes = realloc(k->bytes, room);
    k->no_memory = bytes == NULL;
    if (bytes == NULL)
        return false;
    k->bytes = bytes;
    k->room = room;
    return true;
}

/* Where there is room: writes at 'p' and returns what is behind. */
static inline uint8_t *mc_put(uint8_t *p, uint64_t n)
{
    for (; n >= 0x80; n >>= 7)
        *p++ = (uint8_t)(n | 0x80);
    *p++ = (uint8_t)n;
    return p;
}

static inline void mc_pack(mc_packer *k, uint64_t n)
{
    if (mc_pack_room(k, MC_PACKED_NUMBER))
        k->count = (size_t)(mc_put(k->bytes + k->count, n) - k->bytes);
}

/* One that may be negative, so that small ones stay small. */
static inline uint64_t mc_folded(int64_t n)
{
    return (uint64_t)n << 1 ^ (n < 0 ? UINT64_MAX : 0);
}

static inline uint8_t *mc_put_signed(uint8_t *p, int64_t n)
{
    return mc_put(p, mc_folded(n));
}

static inline uint8_t *mc_put_bytes(uint8_t *p, const void *from, size_t len)
{
    memcpy(p, from, len);
    return p + len;
}

static inline void mc_pack_signed(mc_packer *k, int64_t n)
{
    mc_pack(k, mc_folded(n));
}

static inline void mc_pack_bytes(mc_packer *k, const void *p, size_t len)
{
    if (len == 0 || !mc_pack_room(k, len))
        return;
    memcpy(k->bytes + k->count, p, len);
    k->count += len;
}

/* A text; its length is in front. */
static inline void mc_pack_text(mc_packer *k, const char *text)
{
    const size_t len = text != NULL ? strlen(text) : 0;

    mc_pack(k, len);
    mc_pack_bytes(k, text, len);
}

static inline uint64_t mc_unpack(mc_unpacker *u)
{
    uint64_t n = 0;
    unsigned shift = 0;
    uint8_t byte;

    if (MC_LIKELY(u->p != u->end && *u->p < 0x80))
        return *u->p++;
    do {
        if (MC_UNLIKELY(u->p == u->end || shift > 63)) {
            u->bad = true;
            return 0;
        }
        byte = *u->p++;
        n |= (uint64_t)(byte & 0x7f) << shift;
        shift += 7;
    } while ((byte & 0x80) != 0);
    return n;
}

/* The same; whether it has one byte or two is no branch, as nobody can foresee it. */
static inline uint64_t mc_unpack_few(mc_unpacker *u)
{
    unsigned low, high, two;

    if (MC_UNLIKELY(u->end - u->p < 2))
        return mc_unpack(u);
    low = u->p[0];
    two = low >> 7;
    high = u->p[1] & (0 - two);
    if (MC_UNLIKELY(high >= 0x80))
        return mc_unpack(u);
    u->p += 1 + two;
    return (low & 0x7f) | high << 7;
}

static inline int64_t mc_unpack_few_signed(mc_unpacker *u)
{
    const uint64_t n = mc_unpack_few(u);

    return (int64_t)(n >> 1 ^ (0 - (n & 1)));
}

/* One of at most 'most'. */
static inline uint64_t mc_unpack_most(mc_unpacker *u, uint64_t most)
{
    const uint64_t n = mc_unpack(u);

    u->bad |= n > most;
    return n > most ? 0 : n;
}

static inline int64_t mc_unpack_signed(mc_unpacker *u)
{
    const uint64_t n = mc_unpack(u);

    return (int64_t)(n >> 1 ^ (0 - (n & 1)));
}

/* 'len' bytes where they lie; NULL: they are not there. */
static inline const uint8_t *mc_unpack_bytes(mc_unpacker *u, size_t len)
{
    const uint8_t *p = u->p;

    if ((size_t)(u->end - u->p) < len) {
        u->bad = true;
        return NULL;
    }
    u->p += len;
    return p;
}

/* A text of less than 'size' bytes, which may be anything but NUL. */
static inline void mc_unpack_text(mc_unpacker *u, char *out, size_t size)
{
    const size_t len = (size_t)mc_unpack_most(u, size - 1);
    const uint8_t *p = mc_unpack_bytes(u, len);

    if (p != NULL && len > 0)
        memcpy(out, p, len);
    out[p != NULL ? len : 0] = 0;
    u->bad |= p != NULL && memchr(p, 0, len) != NULL;
}

#endif
