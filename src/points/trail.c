/*
 * trail.c: what one point remembers of a connection.
 */
#include "points/trail.h"

/* ------------------------------------------------------------------- covers */

int64_t mc_cover_place(mc_cover *c, uint32_t seq)
{
    int64_t end;

    if (!c->begun) {
        c->begun = true;
        c->base = seq;
        return 0;
    }
    end = c->count > 0 ? c->range[c->count - 1].to : 0;
    return end + (int32_t)(seq - (c->base + (uint32_t)end));
}

bool mc_cover_has(const mc_cover *c, mc_stretch r)
{
    uint32_t i;

    for (i = 0; i < c->count; i++)
        if (c->range[i].from <= r.from && r.to <= c->range[i].to)
            return true;
    return false;
}

bool mc_cover_touches(const mc_cover *c, mc_stretch r)
{
    uint32_t i;

    for (i = 0; i < c->count; i++)
        if (c->range[i].from < r.to && r.from < c->range[i].to)
            return true;
    return false;
}

void mc_cover_add(mc_cover *c, mc_stretch r)
{
    uint32_t i = 0, k;

    if (r.from >= r.to)
        return;
    while (i < c->count && c->range[i].to < r.from)
        i++;
    if (i < c->count && c->range[i].from <= r.to) {          /* one with it, and with those that it reaches */
        if (r.from < c->range[i].from)
            c->range[i].from = r.from;
        for (k = i; k < c->count && c->range[k].from <= r.to; k++)
            if (c->range[k].to > r.to)
                r.to = c->range[k].to;
        c->range[i].to = r.to;
        memmove(&c->range[i + 1], &c->range[k], (c->count - k) * sizeof c->range[0]);
        c->count = (uint8_t)(c->count + i + 1 - k);
        return;
    }
    if (c->count == MC_COVER_RANGES) {
        c->range[1].from = c->range[0].from;
        memmove(&c->range[0], &c->range[1], (MC_COVER_RANGES - 1) * sizeof c->range[0]);
        c->count--;
        mc_cover_add(c, r);
        return;
    }
    memmove(&c->range[i + 1], &c->range[i], (c->count - i) * sizeof c->range[0]);
    c->range[i] = r;
    c->count++;
}

/* ------------------------------------------------------------------- trails */

static unsigned kept(const mc_proofs *p)
{
    return p->count < MC_PROOFS ? p->count : MC_PROOFS;
}

static void add_proof(mc_proofs *p, int64_t from, int64_t to)
{
    const unsigned n = kept(p);
    mc_stretch *oldest = &p->of[p->count % MC_PROOFS];
    unsigned i;

    for (i = 0; i < n; i++)                      /* said again: the ring forgets no other for that */
        if (p->of[i].from <= to && from <= p->of[i].to) {
            p->of[i].from = from < p->of[i].from ? from : p->of[i].from;
            p->of[i].to = to > p->of[i].to ? to : p->of[i].to;
            return;
        }
    if (p->count >= MC_PROOFS && oldest->to > p->forgotten_to)
        p->forgotten_to = oldest->to;
    *oldest = (mc_stretch){ from, to };
    p->count++;
}

bool mc_proofs_have(const mc_proofs *p, mc_stretch r)
{
    unsigned i;

    for (i = 0; i < kept(p); i++)
        if (p->of[i].from <= r.from && r.to <= p->of[i].to)
            return true;
    return false;
}

/* None of 'r', as far as is remembered. */
static bool have_none(const mc_proofs *p, mc_stretch r)
{
    unsigned i;

    for (i = 0; i < kept(p); i++)
        if (p->of[i].from < r.to && r.from < p->of[i].to)
            return false;
    return p->count <= MC_PROOFS || r.from >= p->forgotten_to;
}

void mc_trail_sacked(mc_trail *t, unsigned dir, uint32_t from, uint32_t to)
{
    mc_way *w = &t->way[dir];
    int64_t at, end;
    uint32_t i;

    if (!w->cover.begun || !mc_seq_before(from, to))
        return;
    at = mc_cover_place(&w->cover, from);
    end = at + (int64_t)(uint32_t)(to - from);
    /* RFC 2883: a block at or below the acknowledgement tells what came twice; here it came by once */
    if (w->ack_known && mc_seq_before(from, w->acked)) {
        const mc_stretch twice = { at, end };

        if (mc_cover_has(&w->cover, twice) && have_none(&w->again, twice))
            add_proof(&w->twice, at, end);
        return;
    }
    for (i = 0; i < w->cover.count && at < end; i++) {
        const mc_stretch *r = &w->cover.range[i];

        if (at < r->from)
            add_proof(&w->missed, at, r->from < end ? r->from : end);
        if (at < r->to)
            at = r->to;
    }
    if (at < end)
        add_proof(&w->missed, at, end);
}

bool mc_trail_is_new(const mc_trail *t, const mc_seen *s)
{
    if ((s->flags & (MC_TH_SYN | MC_TH_ACK | MC_TH_RST)) != MC_TH_SYN)
        return false;
    if (t->way[s->dir].isn_known)
        return t->way[s->dir].isn != s->seq;
    return t->begun;                             /* it was in use before its SYN */
}

/* Bytes that are acknowledged and never came by were missed: they leave no hole. */
static void prove_holes(mc_way *w)
{
    const int64_t acked = mc_cover_place(&w->cover, w->acked);

    while (w->cover.count > 1 && w->cover.range[1].from <= acked) {
        const mc_stretch hole = { w->cover.range[0].to, w->cover.range[1].from };

        add_proof(&w->missed, hole.from, hole.to);
        mc_cover_add(&w->cover, hole);
    }
}

/* What an acknowledgement tells of the other direction. */
static void take_ack(mc_trail *t, const mc_seen *s)
{
    mc_way *other = &t->way[!s->dir];

    if ((s->flags & (MC_TH_ACK | MC_TH_RST)) == MC_TH_ACK && (!other->ack_known || mc_seq_before(other->acked, s->ack))) {
        other->ack_known = true;
        other->acked = s->ack;
        if (MC_UNLIKELY(other->cover.count > 1))
            prove_holes(other);
    }
}

/* The time from the last byte of a question to the first of its answer. */
static uint32_t wait_of(mc_trail *t, const mc_seen *s)
{
    int64_t wait = 0;

    if (s->dir == MC_SERVER_TO_CLIENT && t->turn == MC_CLIENT_TO_SERVER)
        wait = mc_ns_since(s->time_ns, t->asked_ns) / MC_NS_PER_US;
    if (s->dir == MC_CLIENT_TO_SERVER)
        t->asked_ns = s->time_ns;
    t->turn = s->dir;
    return wait <= 0 ? 0 : wait > UINT32_MAX ? UINT32_MAX : (uint32_t)wait;
}

/* Is it like one of the latest of its direction?  'fresh': its bytes come behind all of these. */
static void note_copies(mc_way *w, const mc_seen *s, bool fresh, mc_noted *noted)
{
    const bool whole = s->len > 0 && s->captured == s->len;
    unsigned i;

    for (i = 0; i < MC_LATEST && !fresh; i++) {
        const mc_copy *c = &w->latest[i];

        if (c->seq != s->seq || c->ttl == 0 || c->len != s->len)
            continue;
        if (whole && c->digest != 0 && c->digest != s->digest[MC_DIGESTS - 1])
            noted->late |= MC_LATE_OTHER;
        else if (c->ack != s->ack || c->mark != s->mark || c->flags != s->flags || c->ip_id != s->ip_id)
            continue;
        else if (s->ip_id != 0 || (s->has & MC_HAS_TS) != 0)
            noted->late |= MC_LATE_TWIN;
        else if ((s->flags & MC_TH_RST) != 0 && c->ttl == s->ttl)
            noted->late |= MC_LATE_ECHO;
    }
    w->latest[noted->ordinal % MC_LATEST] = (mc_copy){
        .seq = s->seq, .ack = s->ack, .len = s->len, .mark = s->mark, .digest = whole ? s->digest[MC_DIGESTS - 1] : 0,
        .ip_id = s->ip_id, .flags = s->flags, .ttl = s->ttl,
    };
}

static void take_syn(mc_trail *t, const mc_seen *s)
{
    mc_way *w = &t->way[s->dir];

    if (w->isn_known)
        return;
    w->isn_known = true;
    w->isn = s->seq;
    w->mss = s->mss;
    if ((s->flags & MC_TH_ACK) == 0 && !t->opened) {
        t->opened = true;
        t->opener = s->dir;
    }
}

/* Bytes of the stream come by.  True: behind all that did before. */
static bool take_bytes(mc_trail *t, const mc_seen *s, uint32_t space, mc_noted *noted)
{
    mc_way *w = &t->way[s->dir];
    mc_stretch *last = w->cover.count > 0 ? &w->cover.range[w->cover.count - 1] : NULL;
    const bool acked = w->ack_known && !mc_seq_before(w->acked, s->seq + space);
    bool fresh = true;

    if (MC_LIKELY(last != NULL && s->seq == w->cover.base + (uint32_t)last->to && !acked)) {
        last->to += space;                       /* the usual case: it is the next one */
    } else {
        mc_stretch range = { mc_cover_place(&w->cover, s->seq), 0 };

        range.to = range.from + space;
        fresh = last == NULL || range.from >= last->to;
        if (mc_cover_has(&w->cover, range))
            noted->late |= MC_LATE_COVERED;
        if (mc_cover_touches(&w->cover, range))
            add_proof(&w->again, range.from, range.to);
        if (acked) {
            noted->late |= MC_LATE_ACKED;
            if ((noted->late & MC_LATE_COVERED) == 0)
                add_proof(&w->missed, range.from, range.to);
        }
        mc_cover_add(&w->cover, range);
    }
    w->ttl = s->ttl;
    w->ttl_known = true;
    if (s->len > 0) {
        if (w->payload_packets < UINT8_MAX)
            w->payload_packets++;
        if ((noted->late & MC_LATE_COVERED) == 0)
            noted->wait_us = wait_of(t, s);
    }
    return fresh;
}

void mc_trail_take(mc_trail *t, const mc_seen *s, mc_noted *noted)
{
    mc_way *w = &t->way[s->dir];
    const uint32_t space = mc_seen_space(s);
    bool fresh = false;

    *noted = (mc_noted){ .ordinal = ++w->packets };
    if (MC_UNLIKELY(!t->begun)) {
        t->begun = true;
        t->first_ns = s->time_ns;
        t->first_frame = s->frame;
        t->turn = 2;
    }
    t->last_ns = s->time_ns;
    if (MC_UNLIKELY((s->flags & MC_TH_SYN) != 0))
        take_syn(t, s);
    if ((s->flags & MC_TH_RST) == 0) {
        w->last_ns = s->time_ns;
        if (space > 0)
            fresh = take_bytes(t, s, space, noted);
    }
    note_copies(w, s, fresh, noted);
    take_ack(t, s);
    if (MC_UNLIKELY((s->flags & (MC_TH_FIN | MC_TH_RST)) != 0)) {
        t->fins |= (uint8_t)((unsigned)((s->flags & MC_TH_FIN) != 0) << s->dir);
        t->resets |= (uint8_t)((unsigned)((s->flags & MC_TH_RST) != 0) << s->dir);
    }
}
