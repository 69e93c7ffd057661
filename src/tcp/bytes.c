/*
 * bytes.c: the union of the byte ranges seen in one direction.
 *
 * Sequence numbers are unwrapped to 64 bits around the topmost range, which is
 * nearly always the only one: the low half of its end is mc_endpoint_state.highest_end.  What else
 * there is, with the holes between, is kept in mc_detail.
 */
#include "tcp/bytes.h"

#include "tcp/seq.h"

#define UNWRAP_ORIGIN (1ull << 48)   /* room below the first sequence number */

/* While the scale of a window is not known, and for what the capture misses now and then. */
#define FAR_SCALE_UNKNOWN (16u << 20)
/* Two windows that are not scaled (RFC 7323, 2.2): one is lost, and the next one captured. */
#define FAR_UNSCALED      (2u << 16)

_Static_assert(MC_MAX_RANGES * sizeof(mc_range) <= 1u << MC_POOL_MAX_BITS, "ranges fit a block");

/*
 * Without details everything that was seen followed on, so the range begins
 * 'payload_bytes' below its end.
 */
static uint64_t lowest_of_top(const mc_endpoint_state *d)
{
    return d->detail != NULL ? d->detail->lo : UNWRAP_ORIGIN + d->highest_end - d->payload_bytes;
}

mc_detail *mc_detail_of(mc_endpoint_state *d, mc_pool *pool)
{
    mc_detail *x = d->detail;

    if (x == NULL) {
        x = mc_pool_alloc(pool, mc_pool_bits(sizeof *x));
        if (x == NULL)
            return NULL;
        memset(x, 0, sizeof *x);
        x->highest_end = UNWRAP_ORIGIN + d->highest_end;
        x->lo = x->highest_end - d->payload_bytes;
        x->limits.due_ns = INT64_MAX;
        d->detail = x;
    }
    return x;
}

static void note_opening(mc_opening *o, const mc_segment *s, int64_t now)
{
    o->time_ns = now;
    o->ts_val = s->ts_val;
    o->ip_id = s->ip_id;
    o->has_ts = (s->has & MC_HAS_TS) != 0;
    o->has_ip_id = mc_has_ip_id(s);
}

/* What is sent again later is not older than this. */
static void note_top(mc_detail *x, const mc_segment *s)
{
    if ((s->has & MC_HAS_TS) == 0)
        return;
    x->top_known = true;
    x->top_ts = s->ts_val;
}

uint32_t mc_far_limit(const mc_endpoint_state *receiver)
{
    uint32_t window = (uint32_t)receiver->max_raw_window << (receiver->scale > 0 ? receiver->scale : 0);

    if (receiver->scale == MC_SCALE_UNKNOWN)
        return FAR_SCALE_UNKNOWN;
    if (receiver->scale == MC_SCALE_NONE)
        return FAR_UNSCALED;
    return window > MC_FAR_LEAST ? window : MC_FAR_LEAST;
}

/*
 * Side 'dir' begins at 'start' and not where its SYN says, no SYN-ACK has answered that SYN, and
 * no acknowledgement either unless the stream is far away from it: the SYN is of another attempt,
 * or damaged, and the stream is as one that is picked up midway.
 */
static bool is_syn_of_another(const mc_conn *c, unsigned dir, uint32_t start)
{
    const mc_endpoint_state *d = &c->endpoint[dir], *r = &c->endpoint[!dir];
    const uint32_t first = d->base + 1;

    return dir == c->originator && (d->options & MC_OPT_SEEN) != 0 && (c->flags & (MC_C_SYN_ACK | MC_C_SELF)) == 0 &&
           (d->known & MC_KNOWN_NXT) != 0 &&
           ((r->known & MC_KNOWN_ACK) == 0 || r->last_ack != first || mc_seq_distance(start, first) > mc_far_limit(r));
}

/* True if there is room for one more range below the topmost one. */
static bool has_room(mc_detail *x, mc_pool *pool)
{
    unsigned bits;
    mc_range *bigger;

    if (x->range_count < x->range_room)
        return true;
    if (x->range_room == MC_MAX_RANGES)
        return false;
    bits = mc_pool_bits(sizeof(mc_range) * (x->range_room == 0 ? 2u : x->range_room * 2u));
    bigger = mc_pool_alloc(pool, bits);
    if (bigger == NULL)
        return false;
    if (x->ranges != NULL) {
        memcpy(bigger, x->ranges, x->range_count * sizeof *bigger);
        mc_pool_free(pool, x->ranges, mc_pool_bits(sizeof(mc_range) * x->range_room));
    }
    x->ranges = bigger;
    x->range_room = (uint16_t)((1u << bits) / sizeof(mc_range));
    return true;
}

/*
 * Puts 'r', which touches no other range, in place 'at' of the list, below the topmost one.
 * Where there is no room the lowest hole of all is given up, be it above 'r' or below it:
 * the two ranges beside it count as one, and its bytes stay missing for good.
 */
static void insert_range(mc_conn *c, mc_detail *x, unsigned at, mc_range r, mc_pool *pool)
{
    if (has_room(x, pool)) {
        memmove(x->ranges + at + 1, x->ranges + at, (x->range_count - at) * sizeof *x->ranges);
        x->ranges[at] = r;
        x->range_count++;
        return;
    }
    c->flags |= MC_C_RANGES_FULL;
    if (x->range_count == 0) {                   /* no memory for even one */
        x->closed_holes += x->lo - r.hi;
        x->lo = r.lo;
    } else if (at == 0) {
        x->closed_holes += x->ranges[0].lo - r.hi;
        x->ranges[0].lo = r.lo;
    } else if (at == 1) {
        x->closed_holes += r.lo - x->ranges[0].hi;
        r.lo = x->ranges[0].lo;
        x->ranges[0] = r;
    } else {
        x->closed_holes += x->ranges[1].lo - x->ranges[0].hi;
        x->ranges[1].lo = x->ranges[0].lo;
        memmove(x->ranges, x->ranges + 1, (at - 1u) * sizeof *x->ranges);
        x->ranges[at - 1] = r;
    }
}

/* [lo, hi) becomes the topmost range; the one that was goes down into the list. */
static void open_above(mc_conn *c, mc_endpoint_state *d, mc_detail *x, uint64_t lo, uint64_t hi,
                       const mc_segment *s, int64_t now, mc_pool *pool)
{
    const mc_range below = { x->lo, x->highest_end, x->opening };

    x->lo = lo;
    x->highest_end = hi;
    d->highest_end = (uint32_t)hi;
    note_opening(&x->opening, s, now);
    note_top(x, s);
    insert_range(c, x, x->range_count, below, pool);
}

/*
 * Puts [lo, hi), all of it below the topmost range, among the ranges; returns how many of
 * its bytes are new.
 */
static uint64_t fill_below(mc_conn *c, mc_detail *x, uint64_t lo, uint64_t hi,
                           const mc_segment *s, int64_t now, mc_pool *pool, mc_bytes_news *news)
{
    uint64_t fresh = 0, low = lo;
    mc_range merged = { lo, hi, { 0 } };
    unsigned i, first, last;

    note_opening(&merged.opening, s, now);
    /* the ranges that [lo, hi) overlaps or touches are first .. last - 1 */
    for (first = 0; first < x->range_count && x->ranges[first].hi < lo; first++)
        ;
    for (last = first; last < x->range_count && x->ranges[last].lo <= hi; last++) {
        if (x->ranges[last].lo > low)
            fresh += x->ranges[last].lo - low;
        if (x->ranges[last].hi > low)
            low = x->ranges[last].hi;
    }
    if (low < hi && low < x->lo)
        fresh += (hi < x->lo ? hi : x->lo) - low;
    if (fresh == 0)
        return 0;
    news->fills = true;
    /* the range above the hole that gets smaller */
    for (i = first; i < x->range_count && x->ranges[i].lo < lo; i++)
        ;
    news->above = i < x->range_count ? x->ranges[i].opening : x->opening;

    if (last > first) {
        if (x->ranges[first].lo < merged.lo) {
            merged.lo = x->ranges[first].lo;
            merged.opening = x->ranges[first].opening;
        }
        if (x->ranges[last - 1].hi > merged.hi)
            merged.hi = x->ranges[last - 1].hi;
    }
    if (merged.hi >= x->lo) {
        /* grown together with the topmost range */
        if (merged.lo < x->lo) {
            x->lo = merged.lo;
            x->opening = merged.opening;
        }
        if (last > first) {
            memmove(x->ranges + first, x->ranges + last, (x->range_count - last) * sizeof *x->ranges);
            x->range_count = (uint16_t)(x->range_count - (last - first));
        }
        return fresh;
    }
    if (last == first) {
        insert_range(c, x, first, merged, pool);
        return fresh;
    }
    memmove(x->ranges + first + 1, x->ranges + last, (x->range_count - last) * sizeof *x->ranges);
    x->range_count = (uint16_t)(x->range_count - (last - first - 1));
    x->ranges[first] = merged;
    return fresh;
}

void mc_bytes_add(mc_conn *c, unsigned dir, const mc_segment *s, int64_t now, bool in_stream,
                  mc_pool *pool, mc_bytes_news *news)
{
    mc_endpoint_state *d = &c->endpoint[dir];
    uint32_t start = s->seq + ((s->flags & MC_TH_SYN) != 0);
    mc_detail *x;
    uint64_t lo, hi;

    news->fresh = s->len;
    news->fills = false;
    if (!in_stream) {
        x = mc_detail_of(d, pool);
        d->payload_bytes += s->len;
        if (x == NULL) {
            c->flags |= MC_C_RANGES_FULL;
            return;
        }
        x->skipped_bytes += s->len;
        return;
    }
    if ((d->known & MC_KNOWN_BYTES) == 0) {
        d->known |= MC_KNOWN_BYTES;
        d->highest_end = start + s->len;
        d->payload_bytes += s->len;
        /* the stream begins with a hole: what fills it will be compared with this segment */
        if (start != d->base + 1) {
            mc_detail_of(d, pool);
            if (is_syn_of_another(c, dir, start))
                d->options &= (uint8_t)~MC_OPT_SEEN;
        }
        if (d->detail != NULL) {
            d->detail->highest_end = UNWRAP_ORIGIN + d->highest_end;
            d->detail->lo = d->detail->highest_end - s->len;
            note_opening(&d->detail->opening, s, now);
        }
        return;
    }
    if (start == d->highest_end) {
        d->highest_end += s->len;
        d->payload_bytes += s->len;
        if (d->detail != NULL) {
            d->detail->highest_end += s->len;
            /* where nothing is missing, nobody asks */
            if (d->detail->range_count > 0 && d->contiguous_end != d->nxt)
                note_top(d->detail, s);
        }
        return;
    }
    x = mc_detail_of(d, pool);
    d->payload_bytes += s->len;
    if (x == NULL) {
        c->flags |= MC_C_RANGES_FULL;
        return;
    }
    /* the nearest 64-bit place for the 32-bit number */
    lo = x->highest_end + (uint64_t)(int64_t)(int32_t)(start - d->highest_end);
    hi = lo + s->len;
    if (lo > x->highest_end) {
        open_above(c, d, x, lo, hi, s, now, pool);
        return;
    }
    news->fresh = 0;
    if (hi > x->highest_end) {
        news->fresh = hi - x->highest_end;
        hi = x->highest_end;
        x->highest_end += news->fresh;
        d->highest_end = (uint32_t)x->highest_end;
    }
    if (lo < x->lo)
        news->fresh += fill_below(c, x, lo, hi < x->lo ? hi : x->lo, s, now, pool, news);
    x->retransmitted_bytes += s->len - news->fresh;
}

uint64_t mc_bytes_retransmitted(const mc_endpoint_state *d)
{
    return d->detail != NULL ? d->detail->retransmitted_bytes : 0;
}

uint64_t mc_bytes_unique(const mc_endpoint_state *d)
{
    if (d->detail == NULL)
        return d->payload_bytes;
    return d->payload_bytes - d->detail->retransmitted_bytes - d->detail->skipped_bytes;
}

uint64_t mc_bytes_missing_from(const mc_endpoint_state *d, uint32_t isn, bool syn_seen)
{
    uint64_t missing = 0, first;
    const mc_detail *x = d->detail;
    unsigned i;

    if ((d->known & MC_KNOWN_BYTES) == 0)
        return 0;
    first = lowest_of_top(d);
    if (x != NULL) {
        missing = x->closed_holes;
        for (i = 0; i < x->range_count; i++)
            missing += (i + 1u < x->range_count ? x->ranges[i + 1].lo : x->lo) - x->ranges[i].hi;
        if (x->range_count > 0)
            first = x->ranges[0].lo;
    }
    if (syn_seen) {
        int32_t gap = (int32_t)((uint32_t)first - (isn + 1));

        if (gap > 0)
            missing += (uint32_t)gap;
    }
    return missing;
}

/* The sum of the holes between ranges, as far as they lie below 'limit'. */
static uint64_t holes_below(const mc_detail *x, uint64_t limit)
{
    uint64_t sum = x->closed_holes;
    unsigned i;

    for (i = 0; i < x->range_count; i++) {
        const uint64_t lo = x->ranges[i].hi, hi = i + 1u < x->range_count ? x->ranges[i + 1].lo : x->lo;

        if (lo < limit)
            sum += (hi < limit ? hi : limit) - lo;
    }
    return sum;
}

uint64_t mc_bytes_missing_below(const mc_endpoint_state *d, bool syn_seen, uint32_t ack)
{
    const mc_detail *x = d->detail;
    const bool fin = (d->once & MC_ONCE_FIN) != 0;
    uint64_t missing = 0;
    uint32_t first = d->base + 1, end;
    int32_t beyond;

    if ((d->known & MC_KNOWN_BYTES) != 0) {
        end = d->highest_end;
        first = (uint32_t)(x != NULL && x->range_count > 0 ? x->ranges[0].lo : lowest_of_top(d));
        if (x != NULL)
            missing = holes_below(x, x->highest_end + (uint64_t)(int64_t)(int32_t)(ack - end));
    } else if (syn_seen) {
        end = first;
    } else if ((d->known & MC_KNOWN_NXT) != 0) {
        end = first = d->nxt;
    } else {
        return 0;
    }
    /* a hole at the very beginning, as far as it is acknowledged */
    if (mc_seq_after(first, ack))
        first = ack;
    if (syn_seen && (int32_t)(first - (d->base + 1)) > 0)
        missing += first - (d->base + 1);
    beyond = (int32_t)(ack - end) - (fin ? 1 : 0);
    /* of a stream picked up midway nothing but a probe was seen, whose number lies one below (RFC 9293, 3.8.4) */
    if (!syn_seen && (d->known & MC_KNOWN_BYTES) == 0 && beyond == 1)
        return 0;
    return missing + (beyond > 0 ? (uint32_t)beyond : 0);
}
