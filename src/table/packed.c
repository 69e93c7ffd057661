/*
 * packed.c: differences, and where they are kept.
 */
#include "table/packed.h"

#define BLOCK_UNITS (1u << MC_PACKS_BLOCK_BITS)
#define BLOCK_BYTES ((size_t)BLOCK_UNITS * MC_PACKED_UNIT)

_Static_assert(sizeof(mc_conn) % 128 == 0, "whole masks");

/* -------------------------------------------------------------- differences */

/* A connection, and the same as words. */
typedef union image {
    mc_conn conn;
    uint32_t word[MC_CONN_WORDS];
} image;

/* In three parts, which the compiler copies by registers; at once it would take an
   instruction that is slow to begin. */
static inline void copy_image(void *out, const void *from)
{
    enum { PART = sizeof(image) / 3 };
    const uint8_t *f = from;
    uint8_t *o = out;

    memcpy(o, f, PART);
    memcpy(o + PART, f + PART, PART);
    memcpy(o + 2 * PART, f + 2 * PART, PART);
}

static int64_t minus(int64_t a, int64_t b)
{
    return (int64_t)((uint64_t)a - (uint64_t)b);
}

static int64_t plus(int64_t a, int64_t b)
{
    return (int64_t)((uint64_t)a + (uint64_t)b);
}

/* Numbers become their distance from where they usually are: sequence numbers of a
   finished stream follow from its beginning and its length.  All sums wrap around. */
static void fold(mc_conn *c, const mc_packs *t)
{
    uint32_t next[2] = { c->endpoint[0].nxt, c->endpoint[1].nxt };
    unsigned i;

    for (i = 0; i < 2; i++) {
        mc_endpoint_state *h = &c->endpoint[i];

        h->last_ack = next[!i] - h->last_ack;
        h->contiguous_end = h->nxt - h->contiguous_end;
        h->highest_end = h->nxt - h->highest_end;
        h->ending = h->nxt - h->ending;
        h->nxt = h->nxt - h->base - (uint32_t)h->payload_bytes;
        h->byte_count -= h->payload_bytes;
        h->data_over += MC_LIMITS_FROM;
        h->seen_ns = minus(h->seen_ns, h->nxt_ns);
        h->nxt_ns = minus(h->nxt_ns, c->first_ns);
        if (h->sent_count == 0 && h->ring_bits == 0)
            h->sent.single = (mc_sent){ 0, 0, 0 };           /* an empty list */
    }
    c->at.turn_ns = minus(c->at.turn_ns, c->first_ns);
    c->syn_ns = minus(c->syn_ns, c->first_ns);
    c->first_ns = minus(c->first_ns, t->model_ns);
    c->begin -= t->model_begin;
}

static void unfold(mc_conn *c, const mc_packs *t)
{
    unsigned i;

    c->begin += t->model_begin;
    c->first_ns = plus(c->first_ns, t->model_ns);
    c->syn_ns = plus(c->syn_ns, c->first_ns);
    c->at.turn_ns = plus(c->at.turn_ns, c->first_ns);
    for (i = 0; i < 2; i++) {
        mc_endpoint_state *h = &c->endpoint[i];

        h->nxt_ns = plus(h->nxt_ns, c->first_ns);
        h->seen_ns = plus(h->seen_ns, h->nxt_ns);
        h->byte_count += h->payload_bytes;
        h->data_over -= MC_LIMITS_FROM;
        h->nxt = h->nxt + h->base + (uint32_t)h->payload_bytes;
        h->ending = h->nxt - h->ending;
        h->highest_end = h->nxt - h->highest_end;
        h->contiguous_end = h->nxt - h->contiguous_end;
    }
    for (i = 0; i < 2; i++)
        c->endpoint[i].last_ack = c->endpoint[!i].nxt - c->endpoint[i].last_ack;
}

/* What of a connection most others of the same server have too. */
static void copy_common_endpoint(mc_endpoint_state *out, const mc_endpoint_state *h)
{
    out->known = h->known;
    out->scale = h->scale;
    out->once = h->once;
    out->options = h->options;
    out->shift = h->shift;
    out->ttl_min = h->ttl_min;
    out->ttl_max = h->ttl_max;
    out->mss = h->mss;
    out->initial_window = h->initial_window;
    out->max_raw_window = h->max_raw_window;
    out->max_acked_len = h->max_acked_len;
    out->state = h->state;
    out->previous_state = h->previous_state;
}

static void make_model(mc_packs *t, const mc_conn *c)
{
    mc_conn common;

    memset(&common, 0, sizeof common);
    copy_common_endpoint(&common.endpoint[0], &c->endpoint[0]);
    copy_common_endpoint(&common.endpoint[1], &c->endpoint[1]);
    memcpy(common.peer, c->peer, 12);            /* of an IPv4 address what they all have */
    common.flags = c->flags;
    common.completeness = c->completeness;
    common.syn_count = c->syn_count;
    common.history_len = c->history_len;
    memcpy(common.history, c->history, sizeof common.history);
    memcpy(t->model, &common, sizeof t->model);
    t->model_ns = c->first_ns;
    t->model_begin = c->begin;
    t->has_model = true;
}

typedef uint32_t four __attribute__((vector_size(16)));

/* Which of 32 words are not zero, a bit each. */
static uint32_t mask_of(const uint32_t *word)
{
    const four zero = { 0, 0, 0, 0 };
    four bit = { 1, 2, 4, 8 }, mask = zero;
    unsigned i;

    for (i = 0; i < 32; i += 4) {
        four v;

        memcpy(&v, word + i, sizeof v);
        mask |= (four)(v != zero) & bit;
        bit <<= 4;
    }
    return mask[0] | mask[1] | mask[2] | mask[3];
}

/* Makes 'all' what is kept of 'c', and says which of its words are not zero; returns their number. */
static uint32_t differences(const mc_packs *t, const mc_conn *c, image *all, uint32_t *mask)
{
    uint32_t count = 0, g, i;

    copy_image(all, c);
    fold(&all->conn, t);
    for (i = 0; i < MC_CONN_WORDS; i++)
        all->word[i] ^= t->model[i];
    for (g = 0; g < MC_CONN_WORDS / 32; g++) {
        mask[g] = mask_of(all->word + g * 32);
        count += (uint32_t)__builtin_popcount(mask[g]);
    }
    return count;
}

static void pack(mc_packed *p, const image *all, const uint32_t *mask)
{
    uint32_t *word = p->word, g;

    for (g = 0; g < MC_CONN_WORDS / 32; g++) {
        uint32_t left = mask[g];

        p->mask[g] = left;
        for (; left != 0; left &= left - 1)
            *word++ = all->word[g * 32 + (uint32_t)__builtin_ctz(left)];
    }
}

static void unpack(const mc_packs *t, const mc_packed *p, mc_conn *c)
{
    const uint32_t *word = p->word;
    uint8_t *out = (uint8_t *)c;
    uint32_t g;

    copy_image(c, t->model);
    for (g = 0; g < MC_CONN_WORDS / 32; g++) {
        uint32_t left = p->mask[g];

        for (; left != 0; left &= left - 1) {
            uint8_t *at = out + 4 * (g * 32 + (uint32_t)__builtin_ctz(left));
            uint32_t v;

            memcpy(&v, at, sizeof v);
            v ^= *word++;
            memcpy(at, &v, sizeof v);
        }
    }
    unfold(c, t);
}

/* ------------------------------------------------------------------- places */

void mc_packs_init(mc_packs *t)
{
    memset(t, 0, sizeof *t);
}

void mc_packs_destroy(mc_packs *t)
{
    mc_blocks_free(&t->blocks, BLOCK_BYTES);
}

static bool add_block(mc_packs *t, uint64_t limit)
{
    if (mc_packs_memory(t) > limit || t->blocks.count >= 1u << (30 - MC_PACKS_BLOCK_BITS) ||
        !mc_blocks_add(&t->blocks, BLOCK_BYTES))
        return false;
    t->fill = 0;
    return true;
}

static uint32_t take_place(mc_packs *t, uint32_t units, uint64_t limit)
{
    uint32_t number = t->free[units];

    if (number != 0) {
        t->free[units] = mc_packs_at(t, number)->word[0];
        return number;
    }
    if ((t->blocks.count == 0 || t->fill + units > BLOCK_UNITS) && !add_block(t, limit))
        return 0;
    number = ((t->blocks.count - 1) << MC_PACKS_BLOCK_BITS) + t->fill + 1;
    t->fill += units;
    return number;
}

uint32_t mc_packs_add(mc_packs *t, const mc_conn *c, uint64_t limit)
{
    uint32_t mask[MC_CONN_WORDS / 32], count, number, units;
    mc_packed *p;
    image all;

    if (!t->has_model)
        make_model(t, c);
    count = differences(t, c, &all, mask);
    /* a free place needs one word */
    units = (uint32_t)((sizeof *p + (count > 0 ? count : 1) * sizeof *p->word + MC_PACKED_UNIT - 1) / MC_PACKED_UNIT);
    number = take_place(t, units, limit);
    if (number == 0)
        return 0;
    p = mc_packs_at(t, number);
    p->units = (uint16_t)units;
    p->used = 1;
    pack(p, &all, mask);
    return number;
}

void mc_packs_get(const mc_packs *t, uint32_t number, mc_conn *c)
{
    unpack(t, mc_packs_at(t, number), c);
}

void mc_packs_remove(mc_packs *t, uint32_t number)
{
    mc_packed *p = mc_packs_at(t, number);

    p->used = 0;
    p->word[0] = t->free[p->units];
    t->free[p->units] = number;
}

uint32_t mc_packs_next(const mc_packs *t, uint32_t number)
{
    uint32_t i = number != 0 ? number - 1 + mc_packs_at(t, number)->units : 0;

    while (i >> MC_PACKS_BLOCK_BITS < t->blocks.count) {
        const mc_packed *p = mc_packs_at(t, i + 1);

        if (p->units == 0)                       /* the end of this block */
            i = ((i >> MC_PACKS_BLOCK_BITS) + 1) << MC_PACKS_BLOCK_BITS;
        else if (p->used == 0)
            i += p->units;
        else
            return i + 1;
    }
    return 0;
}

uint64_t mc_packs_memory(const mc_packs *t)
{
    return (uint64_t)t->blocks.count * BLOCK_BYTES;
}
