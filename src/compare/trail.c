/*
 * trail.c: what one point remembers of a connection.
 */
#include "compare/trail.h"

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
        c->count -= k - i - 1;
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

bool mc_trail_is_new(const mc_trail *t, const mc_seen *s)
{
    if ((s->flags & (MC_TH_SYN | MC_TH_ACK | MC_TH_RST)) != MC_TH_SYN)
        return false;
    if (t->isn_known[s->dir])
        return t->isn[s->dir] != s->seq;
    return t->packets[0] + t->packets[1] > 0;    /* it was in use before its SYN */
}

/* What an acknowledgement tells of the other direction. */
static void take_ack(mc_trail *t, const mc_seen *s)
{
    const unsigned other = !s->dir;

    if ((s->flags & MC_TH_ACK) == 0 || (s->flags & MC_TH_RST) != 0)
        return;
    if (!t->ack_known[other] || mc_seq_before(t->acked[other], s->ack)) {
        t->ack_known[other] = true;
        t->acked[other] = s->ack;
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

/* Is it like one of the latest of its direction? */
static void note_copies(mc_trail *t, const mc_seen *s, mc_record *r)
{
    mc_copy *list = t->latest[s->dir];
    const bool whole = s->len > 0 && s->captured == s->len;
    unsigned i;

    for (i = 0; i < MC_LATEST; i++) {
        const mc_copy *c = &list[i];

        if (c->seq != s->seq || !c->valid || c->len != s->len)
            continue;
        if (whole && c->digest != 0 && c->digest != s->digest[MC_DIGESTS - 1])
            r->late |= MC_LATE_OTHER;
        else if (c->ack == s->ack && c->mark == s->mark && c->flags == s->flags && c->ip_id == s->ip_id &&
                 (s->ip_id != 0 || (s->has & MC_HAS_TS) != 0))
            r->late |= MC_LATE_TWIN;
    }
    list[r->ordinal % MC_LATEST] = (mc_copy){
        .seq = s->seq, .ack = s->ack, .len = s->len, .mark = s->mark, .digest = whole ? s->digest[MC_DIGESTS - 1] : 0,
        .ip_id = s->ip_id, .flags = s->flags, .valid = true,
    };
}

void mc_trail_take(mc_trail *t, const mc_seen *s, mc_record *r)
{
    const unsigned d = s->dir;
    const uint32_t space = mc_seen_space(s);
    mc_stretch range;

    *r = (mc_record){ .seen = *s, .ordinal = ++t->ordinal[d] };
    if (t->packets[0] + t->packets[1] == 0) {
        t->first_ns = s->time_ns;
        t->first_frame = s->frame;
        t->turn = 2;
    }
    t->packets[d]++;
    t->last_ns = s->time_ns;
    if ((s->flags & MC_TH_RST) == 0)
        t->last_dir_ns[d] = s->time_ns;
    if ((s->flags & MC_TH_SYN) != 0 && !t->isn_known[d]) {
        t->isn_known[d] = true;
        t->isn[d] = s->seq;
        t->mss[d] = s->mss;
        if ((s->flags & MC_TH_ACK) == 0 && !t->opened) {
            t->opened = true;
            t->opener = (uint8_t)d;
        }
    }
    if (space > 0 && (s->flags & MC_TH_RST) == 0) {
        range.from = mc_cover_place(&t->cover[d], s->seq);
        range.to = range.from + space;
        if (mc_cover_has(&t->cover[d], range))
            r->late |= MC_LATE_COVERED;
        if (t->ack_known[d] && !mc_seq_before(t->acked[d], s->seq + space)) {
            r->late |= MC_LATE_ACKED;
            if ((r->late & MC_LATE_COVERED) == 0)
                t->proof[d][t->proofs[d]++ % MC_PROOFS] = range;
        }
        mc_cover_add(&t->cover[d], range);
        t->ttl[d] = s->ttl;
        t->ttl_known[d] = true;
        if (s->len > 0) {
            t->payload_packets[d]++;
            if ((r->late & MC_LATE_COVERED) == 0)
                r->wait_us = wait_of(t, s);
        }
    }
    note_copies(t, s, r);
    take_ack(t, s);
    if ((s->flags & MC_TH_FIN) != 0)
        t->fins |= (uint8_t)(1u << d);
    if ((s->flags & MC_TH_RST) != 0)
        t->resets |= (uint8_t)(1u << d);
}
