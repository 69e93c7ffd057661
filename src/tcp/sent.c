/*
 * sent.c: the list of unacknowledged segments where it is not plain.
 */
#include "tcp/sent.h"

_Static_assert(sizeof(mc_sent) == 16, "an entry is 1 << 4 bytes");

static bool grow(mc_endpoint_state *d, mc_pool *pool)
{
    unsigned bits = d->ring_bits + 1u, i;
    mc_sent *items = mc_pool_alloc(pool, bits + 4);

    if (items == NULL)
        return false;
    for (i = 0; i < d->sent_count; i++)
        items[i] = *mc_sent_at(d, i);
    mc_pool_free(pool, d->sent.ring.items, d->ring_bits + 4u);
    d->sent.ring.items = items;
    d->sent.ring.head = 0;
    d->sent.ring.mask = (uint16_t)((1u << bits) - 1);
    d->ring_bits = (uint8_t)bits;
    return true;
}

/* The second entry: nearly every flight of more than one segment comes by here. */
static bool begin_ring(mc_endpoint_state *d, mc_pool *pool)
{
    mc_sent *items = mc_pool_alloc(pool, 2 + 4);

    if (items == NULL)
        return false;
    items[0] = d->sent.single;
    d->sent.ring.items = items;
    d->sent.ring.head = 0;
    d->sent.ring.mask = 3;
    d->ring_bits = 2;
    return true;
}

void mc_sent_make_room(mc_conn *c, mc_endpoint_state *d, mc_pool *pool)
{
    if (d->ring_bits == 0 ? begin_ring(d, pool) : grow(d, pool))
        return;
    c->flags |= MC_C_SENT_FULL;
    mc_sent_drop_first(d);
}

/* Oldest to newest; of several that end at the ack the oldest gives the sample. */
void mc_sent_walk(mc_endpoint_state *r, uint32_t ack, int64_t now, bool parts, mc_rtt_sample *sample)
{
    unsigned i, kept = 0;
    bool mixed = false;

    for (i = 0; i < r->sent_count; i++) {
        mc_sent e = *mc_sent_at(r, i);

        if (e.end == ack) {
            if (!sample->taken)
                mc_sent_sample(sample, &e, now);
            mc_sent_note_acked(r, &e);
            continue;
        }
        if (mc_seq_before(e.start, ack) && mc_seq_before(ack, e.end)) {
            if (parts && !sample->taken)
                mc_sent_sample_part(sample, &e, now);
            e.start = ack;
        } else if (!mc_seq_after(e.end, ack)) {
            mc_sent_note_acked(r, &e);
            continue;
        }
        if (kept > 0 && mc_seq_before(e.start, mc_sent_at(r, kept - 1)->end))
            mixed = true;
        *mc_sent_at(r, kept++) = e;
    }
    r->sent_count = (uint16_t)kept;
    if (!mixed)
        r->known &= (uint8_t)~MC_SENT_MIXED;
}

bool mc_sent_first(const mc_endpoint_state *d, uint32_t seq, int64_t *when)
{
    unsigned i;

    for (i = 0; i < d->sent_count; i++) {
        const mc_sent *e = mc_sent_get(d, i);

        if (e->start == seq) {
            *when = mc_sent_time(e);
            return true;
        }
    }
    return false;
}

bool mc_sent_holds(const mc_endpoint_state *d, uint32_t seq, uint32_t len, uint32_t *start, uint32_t *end,
                   int64_t *when)
{
    unsigned i;

    /* the newest entry is the segment in hand, if the list has room for it */
    for (i = 0; i < d->sent_count; i++) {
        const mc_sent *e = mc_sent_get(d, i);

        if (i + 1u == d->sent_count && e->start == seq && e->end - e->start >= len)
            break;
        if (mc_seq_not_after(e->start, seq) && mc_seq_before(seq, e->end)) {
            *start = e->start;
            *end = e->end;
            *when = mc_sent_time(e);
            return true;
        }
    }
    return false;
}

bool mc_sent_newest(const mc_endpoint_state *d, uint32_t *start)
{
    unsigned i;

    for (i = 0; i < d->sent_count; i++) {
        const mc_sent *e = mc_sent_get(d, i);

        if (e->end == d->nxt) {
            *start = e->start;
            return true;
        }
    }
    return false;
}

void mc_sent_mark(mc_endpoint_state *d, uint32_t start, uint32_t end)
{
    unsigned i;

    for (i = 0; i < d->sent_count; i++) {
        mc_sent *e = mc_sent_at(d, i);

        if (mc_seq_before(e->start, end) && mc_seq_before(start, e->end))
            e->stamp |= 1;
    }
}
