/*
 * fragments.c: a table of open datagrams; each has a buffer and a bit for every unit of
 * eight bytes that came.
 */
#include "decode/fragments.h"

#include <stdlib.h>

#define UNIT  8u
#define UNITS (MC_FRAGMENTS_LENGTH / UNIT + 1)

typedef struct datagram {
    struct datagram *older, *newer;      /* by first arrival */
    size_t slot;
    uint8_t src[16], dst[16];
    uint32_t id;
    uint8_t version, key_protocol;
    uint8_t protocol;                    /* as the fragment at offset 0 says */
    bool have_end;
    int64_t first_ns;
    size_t end;                          /* length of the whole, once known */
    size_t held;                         /* units that came */
    size_t reach;                        /* end of the last unit that came */
    size_t size;                         /* of 'bytes' */
    uint8_t *bytes;
    uint8_t have[UNITS / 8];             /* a bit for each unit */
} datagram;

_Static_assert(UNITS % 8 == 0, "whole bytes of unit bits");

struct mc_fragments {
    size_t count;
    uint32_t hashes[MC_FRAGMENTS_DATAGRAMS];
    datagram *slots[MC_FRAGMENTS_DATAGRAMS];
    datagram *oldest, *newest;
    datagram *done;                      /* handed out, chained by 'older' */
    size_t bytes;                        /* of the buffers of open datagrams */
    uint64_t given_up;
};

mc_fragments *mc_fragments_open(void)
{
    return calloc(1, sizeof(mc_fragments));
}

static void free_datagram(datagram *g)
{
    free(g->bytes);
    free(g);
}

void mc_fragments_release(mc_fragments *f)
{
    while (f->done != NULL) {
        datagram *g = f->done;

        f->done = g->older;
        free_datagram(g);
    }
}

/* Takes 'g' out of the table; it still has its memory. */
static void take_out(mc_fragments *f, datagram *g)
{
    if (g->older != NULL)
        g->older->newer = g->newer;
    else
        f->oldest = g->newer;
    if (g->newer != NULL)
        g->newer->older = g->older;
    else
        f->newest = g->older;

    f->count--;
    f->slots[g->slot] = f->slots[f->count];
    f->hashes[g->slot] = f->hashes[f->count];
    f->slots[g->slot]->slot = g->slot;
    f->bytes -= g->size;
}

static void give_up(mc_fragments *f, datagram *g)
{
    take_out(f, g);
    free_datagram(g);
    f->given_up++;
}

void mc_fragments_close(mc_fragments *f)
{
    if (f == NULL)
        return;
    mc_fragments_release(f);
    while (f->oldest != NULL)
        give_up(f, f->oldest);
    free(f);
}

uint64_t mc_fragments_incomplete(const mc_fragments *f)
{
    return f->given_up + f->count;
}

size_t mc_fragments_count(const mc_fragments *f)
{
    return f->count;
}

size_t mc_fragments_bytes(const mc_fragments *f)
{
    return f->bytes;
}

/*
 * The protocol is part of an IPv4 datagram's key, but not of an IPv6 one's (RFC 8200,
 * 4.5).
 */
static uint8_t key_protocol(const mc_fragment *p)
{
    return p->version == 4 ? p->protocol : 0;
}

/* Only to be quick: keys are compared whole, and there are never many. */
static uint32_t hash_of(const mc_fragment *p)
{
    uint64_t h = p->id * 0x9e3779b97f4a7c15u + key_protocol(p), word;
    size_t i;

    for (i = 0; i < 32; i += 8) {
        memcpy(&word, i < 16 ? p->src + i : p->dst + (i - 16), 8);
        h = (h ^ word) * 0xff51afd7ed558ccdu;
        h ^= h >> 32;
    }
    return (uint32_t)h;
}

static datagram *find(const mc_fragments *f, const mc_fragment *p, uint32_t hash)
{
    size_t i;

    for (i = 0; i < f->count; i++) {
        const datagram *g = f->slots[i];

        if (f->hashes[i] == hash && g->id == p->id && g->version == p->version &&
            g->key_protocol == key_protocol(p) && memcmp(g->src, p->src, 16) == 0 &&
            memcmp(g->dst, p->dst, 16) == 0)
            return f->slots[i];
    }
    return NULL;
}

static datagram *start(mc_fragments *f, const mc_fragment *p, uint32_t hash)
{
    datagram *g;

    if (f->count == MC_FRAGMENTS_DATAGRAMS)
        give_up(f, f->oldest);
    g = calloc(1, sizeof *g);
    if (g == NULL)
        return NULL;
    memcpy(g->src, p->src, sizeof g->src);
    memcpy(g->dst, p->dst, sizeof g->dst);
    g->id = p->id;
    g->version = p->version;
    g->key_protocol = key_protocol(p);
    g->protocol = p->protocol;
    g->first_ns = p->time_ns;

    g->slot = f->count;
    f->slots[f->count] = g;
    f->hashes[f->count] = hash;
    f->count++;
    g->older = f->newest;
    if (f->newest != NULL)
        f->newest->newer = g;
    else
        f->oldest = g;
    f->newest = g;
    return g;
}

/* Whether the key's datagram is so old that its identification is in use anew. */
static bool is_stale(const datagram *g, int64_t now_ns)
{
    return now_ns > g->first_ns &&
           (uint64_t)now_ns - (uint64_t)g->first_ns > (uint64_t)MC_FRAGMENTS_NS;
}

/* Makes room for 'need' bytes of 'g', at the cost of older datagrams. */
static bool grow(mc_fragments *f, datagram *g, size_t need)
{
    size_t size = g->size == 0 ? 4096 : g->size;
    uint8_t *bytes;

    if (need <= g->size)
        return true;
    while (size < need)
        size *= 2;
    while (f->bytes - g->size + size > MC_FRAGMENTS_BYTES)
        give_up(f, f->oldest != g ? f->oldest : g->newer);
    bytes = realloc(g->bytes, size);
    if (bytes == NULL)
        return false;
    f->bytes += size - g->size;
    g->bytes = bytes;
    g->size = size;
    return true;
}

/* Copies the units that did not come before. */
static void fill(datagram *g, size_t offset, mc_view data)
{
    size_t unit, n;

    for (unit = offset / UNIT; data.len > 0; unit++) {
        n = data.len < UNIT ? data.len : UNIT;
        if ((g->have[unit / 8] >> (unit % 8) & 1) == 0) {
            memcpy(g->bytes + unit * UNIT, data.p, n);
            g->have[unit / 8] = (uint8_t)(g->have[unit / 8] | 1u << (unit % 8));
            g->held++;
            if (unit * UNIT + n > g->reach)
                g->reach = unit * UNIT + n;
        }
        mc_take(&data, n);
    }
}

bool mc_fragments_add(mc_fragments *f, const mc_fragment *p, mc_datagram *out)
{
    uint32_t hash = hash_of(p);
    datagram *g = find(f, p, hash);
    mc_view data = p->data;
    bool last = !p->more;

    if (p->offset % UNIT != 0 || p->offset + data.len > MC_FRAGMENTS_LENGTH)
        return false;
    if (!last)
        data.len -= data.len % UNIT;             /* RFC 791, 3.2: only the last may be odd */

    if (g != NULL && is_stale(g, p->time_ns)) {
        give_up(f, g);
        g = NULL;
    }
    if (g == NULL)
        g = start(f, p, hash);
    if (g == NULL)
        return false;

    /* Of two ends the first one counts; what lies beyond it is cut off. */
    if (last && !g->have_end && p->offset + data.len >= g->reach) {
        g->have_end = true;
        g->end = p->offset + data.len;
    } else if (last && !g->have_end) {
        return false;
    }
    if (g->have_end && p->offset + data.len > g->end)
        data.len = p->offset < g->end ? g->end - p->offset : 0;
    /* of another last one that ends before it, in the middle of a unit, the rest of that is not known */
    if (last && p->offset + data.len != g->end)
        data.len -= data.len % UNIT;

    if (p->offset == 0)
        g->protocol = p->protocol;
    if (!grow(f, g, p->offset + data.len)) {
        give_up(f, g);
        return false;
    }
    fill(g, p->offset, data);
    if (!g->have_end || g->held < (g->end + UNIT - 1) / UNIT)
        return false;

    take_out(f, g);
    g->older = f->done;
    f->done = g;
    out->data.p = g->bytes;
    out->data.len = g->end;
    out->protocol = g->protocol;
    return true;
}
