/*
 * limits.c: begins to follow a side, and has its segments looked at.
 */
#include "engine/limits.h"

#include "tcp/bytes.h"
#include "tcp/sent.h"

/* Begins, where there is room for it. */
static void begin(mc_analysis *a, mc_endpoint_state *d, int64_t since, uint32_t bytes)
{
    mc_detail *x;

    if (a->limits_followed >= MC_LIMITS_MAX || (x = mc_detail_of(d, &a->pool)) == NULL) {
        a->limits_untold = true;
        return;
    }
    a->limits_followed++;
    mc_limits_begin(&x->limits, since, d->payload_bytes - bytes);
}

static bool is_followed(const mc_endpoint_state *d)
{
    return d->detail != NULL && mc_limits_are_followed(&d->detail->limits);
}

void mc_limits_pause(mc_analysis *a, mc_conn *c, unsigned dir, int64_t now)
{
    mc_endpoint_state *d = &c->endpoint[dir];

    /* one that is due for its number is begun by its look */
    if (mc_data_packets(d) >= MC_LIMITS_PAUSE && d->data_over != 0 && !is_followed(d) &&
        (c->flags & MC_C_SELF) == 0)
        begin(a, d, now, 0);
}

static void look(mc_analysis *a, mc_conn *c, unsigned dir, const mc_limits_look *s)
{
    mc_endpoint_state *d = &c->endpoint[dir];

    if (!is_followed(d) && d->data_over == 0)
        begin(a, d, s->before_ns, s->len);
    if (is_followed(d))
        mc_limits_take(&d->detail->limits, c, dir, s);
}

static uint32_t tail_of(const mc_endpoint_state *d)
{
    const mc_sent *last;

    if (d->sent_count == 0)
        return 0;
    last = mc_sent_get(d, d->sent_count - 1u);
    return last->end - last->start;
}

void mc_limits_look_at(mc_analysis *a, mc_conn *c, unsigned dir, const mc_segment_summary *s, int64_t now)
{
    const mc_endpoint_state *d = &c->endpoint[dir];
    const mc_limits_look l = { .now = now, .before_ns = d->nxt_ns, .end = s->seq + s->len, .len = s->len,
                               .ts_val = mc_mark_ts_val(s->mark), .outstanding = d->sent_count, .tail = tail_of(d),
                               .pushed = (s->flags & MC_TH_PSH) != 0 };

    look(a, c, dir, &l);
}

void mc_limits_before(const mc_endpoint_state *d, const mc_segment *s, int64_t now, mc_limits_look *l)
{
    *l = (mc_limits_look){ .now = now, .before_ns = d->nxt_ns, .end = s->seq + s->len, .len = s->len, .ts_val = s->ts_val,
                           .outstanding = d->sent_count, .tail = tail_of(d), .pushed = (s->flags & MC_TH_PSH) != 0 };
}

void mc_limits_look_back(mc_analysis *a, mc_conn *c, unsigned dir, mc_limits_look *l)
{
    const mc_endpoint_state *d = &c->endpoint[dir];

    if ((c->flags & MC_C_SELF) == 0 && ((l->lost && is_followed(d)) || mc_limits_are_due(d, l->now)))
        look(a, c, dir, l);
}

void mc_limits_note_window(mc_conn *c, unsigned dir)
{
    if (is_followed(&c->endpoint[dir]) && (c->flags & MC_C_SELF) == 0)
        mc_limits_window(&c->endpoint[dir].detail->limits, c, dir);
}
