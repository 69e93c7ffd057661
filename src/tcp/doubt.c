/*
 * doubt.c: numbers far from everything, and bytes that no number counts.
 */
#include "tcp/doubt.h"

#include "tcp/seq.h"

#define FAR_AHEAD (MC_FAR_LEAST / 2)

/* Where the bytes of 'd' end that are known; false: nowhere. */
static bool known_end(const mc_endpoint_state *d, uint32_t *end)
{
    if ((d->known & MC_KNOWN_BYTES) != 0)
        *end = d->highest_end;
    else if ((d->options & MC_OPT_SEEN) != 0)
        *end = d->base + 1;
    else
        return false;
    return true;
}

static bool is_padded(const mc_endpoint_state *d)
{
    return d->detail != NULL && d->detail->doubt != NULL && d->detail->doubt->padded > 0;
}

/* The first packet of a side that is captured: what the peer has acknowledged is all that it had sent. */
static bool pads_the_first(const mc_endpoint_state *d, const mc_endpoint_state *r, const mc_segment *s)
{
    return (d->once & MC_ONCE_ANY) == 0 && (r->known & MC_KNOWN_ACK) != 0 && s->seq == r->last_ack;
}

mc_doubt_kind mc_doubt_of(const mc_conn *c, unsigned dir, const mc_segment *s, bool zeros)
{
    const mc_endpoint_state *d = &c->endpoint[dir], *r = &c->endpoint[!dir];
    const uint32_t limit = mc_far_limit(r);
    uint32_t end;

    /* nobody puts zeros into a SYN-ACK, and a SYN with data has a cookie, which leaves no room (RFC 7413, 4.1.1) */
    if (zeros && s->ip_version == 4 && (s->flags & MC_TH_SYN) != 0)
        return MC_DOUBT_OLD_PADDING;
    if ((s->flags & (MC_TH_SYN | MC_TH_RST)) != 0 || (c->flags & MC_C_SELF) != 0)
        return MC_DOUBT_NONE;
    if (!known_end(d, &end))
        return zeros && s->ip_version == 4 && (s->has & (MC_HAS_TS | MC_HAS_SACK)) == 0 && pads_the_first(d, r, s)
                   ? MC_DOUBT_PADDING : MC_DOUBT_NONE;
    if (mc_seq_distance(s->seq, end) > limit &&
        ((r->known & MC_KNOWN_ACK) == 0 || mc_seq_distance(s->seq, r->last_ack) > limit))
        return MC_DOUBT_FAR;
    if (!zeros || s->ip_version != 4 || (s->has & (MC_HAS_TS | MC_HAS_SACK)) != 0)
        return MC_DOUBT_NONE;
    if (s->seq == end)
        return MC_DOUBT_PADDING;
    /* behind its FIN nobody sends (RFC 9293, 3.6) */
    if (s->seq == end + 1 && (d->once & MC_ONCE_FIN) != 0)
        return MC_DOUBT_OLD_PADDING;
    /* a probe repeats one byte (RFC 9293, 3.8.4) */
    return mc_seq_before(s->seq, end) && s->len > 1 && (is_padded(d) || is_padded(r)) ? MC_DOUBT_OLD_PADDING
                                                                                     : MC_DOUBT_NONE;
}

bool mc_doubt_ack(const mc_conn *c, unsigned dir, const mc_segment *s, const uint32_t *ack_before,
                  uint64_t *far_bytes)
{
    const mc_endpoint_state *d = &c->endpoint[dir], *r = &c->endpoint[!dir];
    const uint32_t limit = mc_far_limit(d);
    uint32_t end;

    if ((s->flags & (MC_TH_SYN | MC_TH_RST | MC_TH_ACK)) != MC_TH_ACK || (c->flags & MC_C_SELF) != 0 ||
        !known_end(r, &end))
        return false;
    *far_bytes = mc_seq_distance(s->ack, end);
    return mc_seq_after(s->ack, end) && *far_bytes > limit &&
           (ack_before == NULL || mc_seq_distance(s->ack, *ack_before) > limit);
}

bool mc_is_far_ahead(const mc_endpoint_state *d)
{
    uint32_t end;

    return known_end(d, &end) &&
           (((d->known & MC_KNOWN_NXT) != 0 && mc_seq_distance(d->nxt, end) > FAR_AHEAD) ||
            ((d->known & MC_KNOWN_CONTIGUOUS) != 0 && mc_seq_distance(d->contiguous_end, end) > FAR_AHEAD));
}

static mc_doubt *doubt_of(mc_endpoint_state *d, mc_pool *pool)
{
    mc_detail *x = mc_detail_of(d, pool);

    if (x == NULL)
        return NULL;
    if (x->doubt == NULL) {
        x->doubt = mc_pool_alloc(pool, mc_pool_bits(sizeof *x->doubt));
        if (x->doubt != NULL)
            memset(x->doubt, 0, sizeof *x->doubt);
    }
    return x->doubt;
}

bool mc_doubt_keep(mc_conn *c, unsigned dir, const mc_segment *s, mc_doubt_kind kind, int64_t now, uint64_t frame,
                   mc_pool *pool)
{
    mc_endpoint_state *d = &c->endpoint[dir];
    mc_doubt *q = doubt_of(d, pool);
    uint32_t end = 0;

    if (q == NULL)
        return false;
    known_end(d, &end);
    q->kind = (uint8_t)kind;
    q->seq = s->seq;
    q->len = s->len;
    q->flags = s->flags;
    q->frame = frame;
    q->far_bytes = mc_seq_distance(s->seq, end);
    q->opening.time_ns = now;
    q->opening.ts_val = s->ts_val;
    q->opening.ip_id = s->ip_id;
    q->opening.has_ts = (s->has & MC_HAS_TS) != 0;
    q->opening.has_ip_id = mc_has_ip_id(s);
    return true;
}

void mc_doubt_keep_ack(mc_conn *c, unsigned dir, const mc_segment *s, uint64_t far_bytes, uint64_t frame,
                       mc_pool *pool)
{
    mc_doubt *q = doubt_of(&c->endpoint[dir], pool);

    if (q == NULL)
        return;
    q->ack_far = true;
    q->ack = s->ack;
    q->ack_frame = frame;
    q->ack_far_bytes = far_bytes;
}

void mc_doubt_keep_unseen(mc_conn *c, unsigned dir, uint32_t ack, uint64_t frame, mc_pool *pool)
{
    mc_doubt *q = doubt_of(&c->endpoint[dir], pool);

    if (q == NULL)
        return;
    q->unseen = true;
    q->unseen_ack = ack;
    q->unseen_frame = frame;
}

bool mc_doubt_acks_unseen(mc_conn *c, unsigned dir, const mc_segment *s, const uint32_t *ack_before, mc_pool *pool)
{
    const mc_endpoint_state *r = &c->endpoint[!dir];
    const bool syn = (r->options & MC_OPT_SEEN) != 0;
    const uint64_t missing = mc_bytes_missing_below(r, syn, s->ack);
    mc_doubt *q;

    /* behind a segment that came again, or an old acknowledgement */
    if (missing == 0 || (c->flags & MC_C_MID_STREAM) == 0 || syn || r->packets != 1 ||
        (ack_before == NULL ? (r->known & MC_KNOWN_BYTES) == 0 : *ack_before != s->ack))
        return missing > 0;
    q = doubt_of(&c->endpoint[dir], pool);
    if (q != NULL)
        q->before = (uint32_t)mc_min_u64(missing, UINT32_MAX);
    return false;
}

bool mc_doubt_takes_back(mc_conn *c, unsigned dir, const mc_segment *s, uint64_t *frame)
{
    const mc_detail *x = c->endpoint[dir].detail;
    mc_doubt *q = x != NULL ? x->doubt : NULL;
    uint32_t end;

    if (q == NULL || !q->unseen || (s->flags & (MC_TH_SYN | MC_TH_RST | MC_TH_ACK)) != MC_TH_ACK)
        return false;
    q->unseen = false;
    *frame = q->unseen_frame;
    return mc_seq_before(s->ack, q->unseen_ack) && known_end(&c->endpoint[!dir], &end) && mc_seq_before(end, q->unseen_ack);
}

/* The segment in doubt belongs to the stream. */
static void accept(mc_doubt *q, mc_doubt_news *news)
{
    mc_segment *s = &news->segment;

    memset(s, 0, sizeof *s);
    s->seq = q->seq;
    s->len = q->len;
    s->flags = (uint8_t)q->flags;
    s->len_known = true;
    s->ts_val = q->opening.ts_val;
    s->ip_id = q->opening.ip_id;
    s->has = (uint8_t)((q->opening.has_ts ? MC_HAS_TS : 0) | (q->opening.has_ip_id ? MC_HAS_IPID : 0));
    news->time_ns = q->opening.time_ns;
    news->accepted = true;
    q->kind = MC_DOUBT_NONE;
}

void mc_doubt_next(mc_conn *c, unsigned dir, const mc_segment *s, mc_doubt_news *news)
{
    mc_endpoint_state *d = &c->endpoint[dir];
    mc_doubt *q = d->detail->doubt;
    const uint32_t limit = mc_far_limit(&c->endpoint[!dir]);

    if ((s->flags & (MC_TH_SYN | MC_TH_RST)) != 0)
        return;
    if (q->ack_far && (s->flags & MC_TH_ACK) != 0) {
        news->far_ack = mc_seq_distance(s->ack, q->ack) > mc_far_limit(d);
        news->ack_frame = q->ack_frame;
        news->ack_far_bytes = q->ack_far_bytes;
        q->ack_far = false;
    }
    news->frame = q->frame;
    news->far_bytes = q->far_bytes;
    if (q->kind == MC_DOUBT_FAR) {
        if (mc_seq_distance(s->seq, q->seq + q->len) <= limit) {
            accept(q, news);
        } else {
            uint32_t end;

            /* what follows leaves just its place free: these are its bytes, with a wrong number */
            news->far_seq = true;
            if (q->len > 0 && known_end(d, &end) && s->seq == end + q->len) {
                q->seq = end;
                accept(q, news);
            }
            q->kind = MC_DOUBT_NONE;
        }
    } else if (q->kind == MC_DOUBT_PADDING) {
        if (s->seq == q->seq + ((q->flags & MC_TH_FIN) != 0)) {
            news->padding = true;
            q->padded++;
            q->kind = MC_DOUBT_NONE;
        } else if (!mc_seq_before(s->seq, q->seq)) {
            accept(q, news);
        }
    }
}

void mc_doubt_acknowledged(mc_conn *c, unsigned dir, uint32_t ack, mc_doubt_news *news)
{
    mc_endpoint_state *d = &c->endpoint[dir];
    mc_doubt *q = d->detail->doubt;
    uint32_t end;

    /* the peer has got just its bytes, with the right number */
    if (q->kind == MC_DOUBT_FAR && q->len > 0 && known_end(d, &end) && ack == end + q->len) {
        news->far_seq = true;
        news->frame = q->frame;
        news->far_bytes = q->far_bytes;
        q->seq = end;
        accept(q, news);
        return;
    }
    if (q->kind == MC_DOUBT_PADDING && (q->flags & MC_TH_FIN) != 0 && ack == q->seq + 1) {
        news->padding = true;
        news->frame = q->frame;
        q->padded++;
        q->kind = MC_DOUBT_NONE;
        return;
    }
    if (q->kind == MC_DOUBT_PADDING ? mc_seq_after(ack, q->seq)
                                    : q->kind == MC_DOUBT_FAR && q->len > 0 && ack == q->seq + q->len)
        accept(q, news);
}
