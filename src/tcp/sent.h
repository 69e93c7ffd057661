/*
 * sent.h: the segments of one side that are not yet acknowledged (rules 18, 22):
 * at most MC_SENT_LIMIT of them, in a ring that grows; one fits into the endpoint state itself.
 *
 * What every data segment and every acknowledgement does is inline; the rest is
 * in sent.c.
 */
#ifndef MC_SENT_H
#define MC_SENT_H

#include "base/pool.h"
#include "tcp/conn.h"
#include "tcp/seq.h"

/* The round-trip sample of one acknowledgement. */
typedef struct mc_rtt_sample {
    bool taken;                      /* there is one */
    bool clear;                      /* of data sent once, not of a SYN (Karn): fit for statistics */
    int64_t ns;
} mc_rtt_sample;

/* Entry 'i' of the list, 0 being the oldest; there must be so many. */
static inline mc_sent *mc_sent_at(mc_endpoint_state *d, unsigned i);
static inline const mc_sent *mc_sent_get(const mc_endpoint_state *d, unsigned i);

/* When it was sent. */
static inline int64_t mc_sent_time(const mc_sent *e);

/* Forgets the oldest; there must be one. */
static inline void mc_sent_drop_first(mc_endpoint_state *d);

/* Makes room for one more entry, by giving up the oldest when there is no memory. */
void mc_sent_make_room(mc_conn *c, mc_endpoint_state *d, mc_pool *pool);

/* A side that goes on sending keeps its ring, as long as all lists take no more than this. */
#define MC_SENT_KEEP ((uint64_t)1 << 20)

/* Empties the list. */
static inline void mc_sent_release(mc_endpoint_state *d, mc_pool *pool);

/* Rule 22 on a list in any order. */
void mc_sent_walk(mc_endpoint_state *r, uint32_t ack, int64_t now, bool parts, mc_rtt_sample *sample);

/* When the segment that begins at 'seq' was first sent; false: it is not on the list. */
bool mc_sent_first(const mc_endpoint_state *d, uint32_t seq, int64_t *when);

/*
 * The entry that holds 'seq', other than one of just [seq, seq + len): where it lies and when it was
 * sent.  False: there is none.
 */
bool mc_sent_holds(const mc_endpoint_state *d, uint32_t seq, uint32_t len, uint32_t *start, uint32_t *end,
                   int64_t *when);

/* Where the segment begins, or what is left of it, that reaches the highest number; false: it is not on the list. */
bool mc_sent_newest(const mc_endpoint_state *d, uint32_t *start);

/* Marks what lies in [start, end) as sent twice: no round-trip sample may come from it. */
void mc_sent_mark(mc_endpoint_state *d, uint32_t start, uint32_t end);

/* Rule 18.  'unclear': no round-trip sample may come from it. */
MC_INLINE void mc_sent_append(mc_conn *c, mc_endpoint_state *d, mc_pool *pool, uint32_t start, uint32_t end,
                              int64_t now, bool unclear);

/* Keeps what is wanted of an entry that is acknowledged and about to go. */
static inline void mc_sent_note_acked(mc_endpoint_state *d, const mc_sent *e);

/* The sample that the acknowledgement of all of an entry gives. */
static inline void mc_sent_sample(mc_rtt_sample *sample, const mc_sent *e, int64_t now);

/* The same of an acknowledgement of a part. */
static inline void mc_sent_sample_part(mc_rtt_sample *sample, const mc_sent *e, int64_t now);

/*
 * Rule 22: what 'ack' says of the segments that 'r' sent; the list is not empty.
 * In an ordered list what is acknowledged stands at its front; where the
 * comparisons wrap around (an acknowledgement far off), the walk decides.  'parts': so
 * does the acknowledgement of a part give a sample, which is fit for no statistics.
 */
MC_INLINE void mc_sent_acknowledge(mc_endpoint_state *r, uint32_t ack, int64_t now, bool parts, mc_pool *pool,
                                   mc_rtt_sample *sample);

/* ------------------------------------------------------------------ bodies */

static inline mc_sent *mc_sent_at(mc_endpoint_state *d, unsigned i)
{
    if (d->ring_bits == 0)
        return &d->sent.single;
    return &d->sent.ring.items[(d->sent.ring.head + i) & d->sent.ring.mask];
}

static inline const mc_sent *mc_sent_get(const mc_endpoint_state *d, unsigned i)
{
    if (d->ring_bits == 0)
        return &d->sent.single;
    return &d->sent.ring.items[(d->sent.ring.head + i) & d->sent.ring.mask];
}

static inline int64_t mc_sent_time(const mc_sent *e)
{
    return (int64_t)e->stamp >> 1;
}

static inline void mc_sent_drop_first(mc_endpoint_state *d)
{
    if (d->ring_bits != 0)
        d->sent.ring.head = (uint16_t)((d->sent.ring.head + 1) & d->sent.ring.mask);
    d->sent_count--;
}

static inline void mc_sent_release(mc_endpoint_state *d, mc_pool *pool)
{
    d->known &= (uint8_t)~MC_SENT_MIXED;
    d->sent_count = 0;
    if (d->ring_bits != 0 && (d->state >= MC_ST_CLOSED || pool->used > MC_SENT_KEEP)) {
        mc_pool_free(pool, d->sent.ring.items, d->ring_bits + 4u);
        d->ring_bits = 0;
    }
}

MC_INLINE void mc_sent_append(mc_conn *c, mc_endpoint_state *d, mc_pool *pool, uint32_t start, uint32_t end,
                              int64_t now, bool unclear)
{
    mc_sent *e;

    if (d->sent_count > 0) {
        const mc_sent *last = mc_sent_at(d, d->sent_count - 1u), *first = mc_sent_at(d, 0);

        /* In order, and all of it well within half the sequence space? */
        if (mc_seq_before(start, last->end) || (uint32_t)(end - first->start) > 0x3fffffffu)
            d->known |= MC_SENT_MIXED;
    }
    if (d->sent_count == 1u << d->ring_bits)
        mc_sent_make_room(c, d, pool);
    e = mc_sent_at(d, d->sent_count++);
    e->start = start;
    e->end = end;
    e->stamp = (uint64_t)now << 1 | unclear;
}

static inline void mc_sent_note_acked(mc_endpoint_state *d, const mc_sent *e)
{
    uint32_t len = e->end - e->start;

    if (len > d->max_acked_len)
        d->max_acked_len = len > 0xffff ? 0xffff : (uint16_t)len;
}

static inline void mc_sent_sample(mc_rtt_sample *sample, const mc_sent *e, int64_t now)
{
    sample->taken = true;
    sample->clear = (e->stamp & 1) == 0;
    sample->ns = (int64_t)((uint64_t)now - (uint64_t)mc_sent_time(e));
}

static inline void mc_sent_sample_part(mc_rtt_sample *sample, const mc_sent *e, int64_t now)
{
    mc_sent_sample(sample, e, now);
    sample->clear = false;
}

MC_INLINE void mc_sent_acknowledge(mc_endpoint_state *r, uint32_t ack, int64_t now, bool parts, mc_pool *pool,
                                   mc_rtt_sample *sample)
{
    const mc_sent *first = mc_sent_at(r, 0), *last = mc_sent_at(r, r->sent_count - 1u);
    bool last_kept = mc_seq_after(last->end, ack);

    if ((r->known & MC_SENT_MIXED) != 0 || (!last_kept && mc_seq_after(first->end, ack))) {
        mc_sent_walk(r, ack, now, parts, sample);
    } else if (!last_kept) {
        if (last->end == ack)
            mc_sent_sample(sample, last, now);
        mc_sent_note_acked(r, first);            /* of a flight all but the last are of one length */
        mc_sent_note_acked(r, last);
        r->sent_count = 0;
    } else {
        while (!mc_seq_after(first->end, ack)) {
            if (first->end == ack)
                mc_sent_sample(sample, first, now);
            mc_sent_note_acked(r, first);
            mc_sent_drop_first(r);
            first = mc_sent_at(r, 0);
        }
        if (mc_seq_before(first->start, ack)) {
            if (parts)
                mc_sent_sample_part(sample, first, now);
            mc_sent_at(r, 0)->start = ack;
        }
    }
    if (r->sent_count == 0)
        mc_sent_release(r, pool);
}

#endif
