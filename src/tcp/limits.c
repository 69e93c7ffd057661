/*
 * limits.c: one look at a transfer.
 */
#include "tcp/limits.h"

#include "tcp/conn.h"
#include "tcp/seq.h"
#include "tcp/timers.h"

#define STEP_SHARE     6             /* looks in a round trip */
#define LEAST_STEP_NS  (2 * MC_NS_PER_MS)
#define MOST_STEP_NS   (20 * MC_NS_PER_MS)
#define HOST_NS        (2 * MC_NS_PER_MS)    /* that a host, its timers and the capture may add to a delay */
#define KERNEL_NS      (MC_NS_PER_MS / 2)    /* ... where no program has to wake up */
#define TIMEOUT_NS     (150 * MC_NS_PER_MS)  /* shorter silences are no retransmission timeout */
#define QUEUE_MS       2.0           /* a shorter queue is not told from noise */
#define DENSE_LOOKS    160u          /* from here on ... */
#define WINDOW_LOOKS   12u           /* ... so many looks in a row, then none for a while */
#define SKIP_SHARE     10            /* of all the time: that while */

static double to_ms(int64_t ns)
{
    return (double)ns / (double)MC_NS_PER_MS;
}

/* The same of what an endpoint state has in milliseconds. */
static int64_t ns_of(double ms)
{
    return ms < 1e12 ? (int64_t)(ms * (double)MC_NS_PER_MS) : INT64_MAX / 4;
}

void mc_limits_begin(mc_limits *x, int64_t since, uint64_t bytes)
{
    memset(x, 0, sizeof *x);
    x->due_ns = x->begun_ns = x->last_ns = since;
    x->begun_bytes = bytes;
    x->factor = 1;
    x->marks = MC_LM_GROWING;
}

static void give(mc_limits *x, mc_limit reason, int64_t ns)
{
    if (ns > 0)
        x->ms[reason] += (float)to_ms(ns) * x->factor;
}

/* The way from the capture point to side 'dir' and back, the shortest known; false: not known. */
static bool way_to(const mc_conn *c, unsigned dir, int64_t *way)
{
    const mc_endpoint_state *peer = &c->endpoint[!dir];
    int64_t shortest = INT64_MAX;

    if (dir == c->originator ? (c->flags & MC_C_HS_DONE) != 0 : (c->flags & MC_C_HS_SYN_ACK) != 0)
        shortest = dir == c->originator ? c->to_client_ns : c->to_server_ns;
    if (peer->rtt_count > 0 && ns_of(peer->rtt_min_ms) < shortest)
        shortest = ns_of(peer->rtt_min_ms);
    *way = shortest < 0 || shortest == INT64_MAX ? 0 : shortest;
    return shortest != INT64_MAX;
}

int64_t mc_limits_round_trip(const mc_conn *c, unsigned dir)
{
    int64_t way;

    (void)way_to(c, dir, &way);
    return mc_ns_plus(way, ns_of(c->endpoint[dir].rtt_min_ms));
}

/* -------------------------------------------------------------------- window */

/* What the peer allows; false: its scale is not known. */
static bool window_of(const mc_endpoint_state *r, uint32_t *window)
{
    if (r->scale == MC_SCALE_UNKNOWN || (r->known & (MC_KNOWN_ACK | MC_KNOWN_WIN)) != (MC_KNOWN_ACK | MC_KNOWN_WIN))
        return false;
    *window = mc_announced_window(r);
    return true;
}

/* Gives whether the window grows, so that nobody can say where its edge was between two looks. */
static bool note_window(mc_limits *x, const mc_endpoint_state *r)
{
    uint32_t window, edge;
    bool grows;

    if (!window_of(r, &window)) {
        x->marks |= MC_LM_NO_WINDOW;
        return false;
    }
    grows = x->edge_count > 0 && window / 8 > x->window_most / 7;
    if (window > x->window_most)
        x->window_most = x->window_least = window;
    else if (window < x->window_least)
        x->window_least = window;
    edge = r->last_ack + window;
    if (x->edge_count > 0 && !mc_seq_after(edge, x->edge[x->edge_at]))
        return grows;
    x->edge_at = (uint8_t)((x->edge_at + 1) % MC_LIMIT_EDGES);
    x->edge[x->edge_at] = edge;
    x->edge_us[x->edge_at] = (uint32_t)(mc_ns_since(r->seen_ns, x->begun_ns) / 1000);
    if (x->edge_count < MC_LIMIT_EDGES)
        x->edge_count++;
    return grows;
}

void mc_limits_window(mc_limits *x, const mc_conn *c, unsigned dir)
{
    (void)note_window(x, &c->endpoint[!dir]);
}

/* How long ago an edge was announced. */
static int64_t edge_time(const mc_limits *x, unsigned at, int64_t now)
{
    const uint32_t now_us = (uint32_t)(mc_ns_since(now, x->begun_ns) / 1000);

    return (int64_t)(uint32_t)(now_us - x->edge_us[at]) * 1000;
}

/* This segment leaves no room for two more: who paces sends them two at a time, and later than it may. */
static bool fills_window(const mc_limits *x, const mc_limits_look *s)
{
    const uint32_t room = x->edge[x->edge_at] - s->end;

    return x->edge_count > 0 && !mc_seq_before(x->edge[x->edge_at], s->end) && room < 2 * x->longest && room < x->window_most / 2;
}

/*
 * Was this segment sent as soon as the peer allowed it?  That was between two looks: where much
 * was sent between them, what is left of the window tells.
 */
static bool is_at_edge(const mc_limits *x, const mc_limits_look *s, int64_t sent, int64_t within, int64_t round_trip)
{
    const int64_t gap = mc_ns_since(s->now, s->before_ns);
    unsigned i, at = x->edge_at, older = at;
    int64_t since, between;

    if (x->edge_count == 0 || mc_seq_before(x->edge[at], s->end))
        return false;
    for (i = 1; i < x->edge_count; i++) {
        older = (at + MC_LIMIT_EDGES - 1u) % MC_LIMIT_EDGES;
        if (mc_seq_before(x->edge[older], s->end))
            break;
        at = older;
    }
    if (i >= x->edge_count)
        return false;                            /* allowed as long as anybody remembers */
    since = edge_time(x, at, sent);
    between = edge_time(x, older, sent) - since;
    if (between > round_trip / 2 + KERNEL_NS && gap < between / 2)
        return x->edge[x->edge_at] - s->end < x->window_most / 4;
    return since <= within;
}

/* --------------------------------------------------------------------- queue */

/* How much longer than at best a segment takes, up to the receiver and back; 'before' gets what of that
   was on its way to the capture point. */
static double queue_ms(mc_limits *x, const mc_endpoint_state *d, const mc_limits_look *s, double *before)
{
    const uint32_t fresh = d->rtt_count - x->rtt_count;
    double queue = 0;

    *before = 0;
    if (fresh > 0) {
        x->rtt_ms = (d->rtt_sum_ms - x->rtt_sum_ms) / (float)fresh;
        x->rtt_sum_ms = d->rtt_sum_ms;
        x->rtt_count = d->rtt_count;
    }
    if (x->rtt_ms > d->rtt_min_ms)
        queue = (double)(x->rtt_ms - d->rtt_min_ms);
    if (s->ts_val != 0 && (x->marks & MC_LM_TS_UNFIT) == 0) {
        const double passed = to_ms(mc_ns_since(s->now, x->begun_ns));
        double late;

        if (x->ts_first == 0) {
            x->ts_first = s->ts_val;
            x->late_least_ms = (float)passed;
        }
        late = passed - (double)(int32_t)(s->ts_val - x->ts_first);
        if (late < (double)x->late_least_ms)
            x->late_least_ms = (float)late;
        /* a clock of another rate soon runs away; a millisecond is its least step */
        if (late - (double)x->late_least_ms > passed / 2 + 50)
            x->marks |= MC_LM_TS_UNFIT;
        else if (late - (double)x->late_least_ms > 1)
            *before = late - (double)x->late_least_ms - 1;
    }
    return queue + *before;
}

static bool has_queue(mc_limits *x, const mc_endpoint_state *d, const mc_limits_look *s, int64_t way, int64_t *waited)
{
    double before;
    const double queue = queue_ms(x, d, s, &before), least = to_ms(way) + (double)d->rtt_min_ms;

    *waited = ns_of(before);
    if (queue < QUEUE_MS + least / 4) {
        x->queued = 0;
        return false;
    }
    if (x->queued < UINT8_MAX)
        x->queued++;
    return x->queued >= 2;                       /* once may be an acknowledgement that was delayed */
}

/* -------------------------------------------------------------------- rounds */

static void follow_rounds(mc_limits *x, const mc_endpoint_state *d, int64_t gap, int64_t now, int64_t round_trip)
{
    const uint32_t bytes = (uint32_t)d->payload_bytes;
    const int64_t took = mc_ns_since(now, x->round_ns);

    if (x->round_ns != 0 && took < round_trip)
        return;
    /* a flight is counted from its beginning on: half a flight in a round trip would look slow */
    if (x->round_ns == 0 && gap < round_trip / 4 && mc_ns_since(now, x->begun_ns) < round_trip)
        return;
    if (x->round_ns != 0) {
        const float rate = (float)(bytes - x->round_bytes) / (float)to_ms(took);

        x->marks &= (uint8_t)~MC_LM_GROWING;
        if (x->rate == 0 || rate >= x->rate * 1.2f)
            x->marks |= MC_LM_GROWING;
        x->rate = rate;
        if (rate > x->best)
            x->best = rate;
    }
    x->round_ns = now;
    x->round_bytes = bytes;
}

/* -------------------------------------------------------------------- a look */

typedef struct situation {
    const mc_endpoint_state *d, *r;
    int64_t way, round_trip, slack, delta;
    int64_t least;                   /* the shortest round trip: what a queue adds makes no timer and no host slower */
    bool grows;                      /* the peer's window did, since the latest look */
    int64_t sent;                    /* the time, without what the segment waited on its way to the capture point */
} situation;

static void take_loss(mc_limits *x, const situation *t, const mc_limits_look *s)
{
    const int64_t since_sent = mc_ns_since(s->now, s->before_ns), since_ack = mc_ns_since(s->now, t->r->seen_ns);
    const int64_t quiet = since_ack < since_sent ? since_ack : since_sent;

    x->marks |= MC_LM_LOST;
    if (quiet >= TIMEOUT_NS && quiet > t->round_trip && quiet >= t->delta / 2)
        x->marks |= MC_LM_TIMEOUT;
    else if ((x->marks & MC_LM_RECOVERS) == 0)
        x->marks &= (uint8_t)~MC_LM_TIMEOUT;
    if ((x->marks & MC_LM_RECOVERS) == 0 || mc_seq_after(t->d->nxt, x->recover_to))
        x->recover_to = t->d->nxt;
    x->marks |= MC_LM_RECOVERS;
    give(x, (x->marks & MC_LM_TIMEOUT) != 0 ? MC_LIMIT_TIMEOUT : MC_LIMIT_FAST, t->delta);
}

/* The peer's window was closed since the latest look. */
static bool take_closed(mc_limits *x, const situation *t)
{
    const float all = t->r->detail != NULL ? (float)to_ms(t->r->detail->zero_ns) : 0;
    int64_t closed = ns_of(all - x->zero_ms);

    x->zero_ms = all;
    if (closed < t->delta / 4 || closed <= 0)
        return false;
    if (closed > t->delta)
        closed = t->delta;
    give(x, MC_LIMIT_CLOSED, closed);
    give(x, MC_LIMIT_WINDOW, t->delta - closed);
    return true;
}

/* How soon a segment that waited for the window comes here, after what opened it. */
static int64_t within_of(const situation *t)
{
    return mc_ns_plus(mc_ns_plus(t->way, KERNEL_NS), t->least / 5);
}

/*
 * All was acknowledged, and the window had no room for a segment before it was opened just now: a sender
 * does not fill it in crumbs (RFC 9293, 3.8.6.2.1).
 */
static bool take_narrow(mc_limits *x, const situation *t, const mc_limits_look *s)
{
    const unsigned older = (x->edge_at + MC_LIMIT_EDGES - 1u) % MC_LIMIT_EDGES;
    const uint32_t start = s->end - s->len, room = mc_seq_after(x->edge[older], start) ? x->edge[older] - start : 0;

    if (s->outstanding > 0 || x->edge_count < 2 || mc_seq_before(x->edge[x->edge_at], s->end))
        return false;
    if (!mc_seq_before(x->edge[older], s->end) || edge_time(x, x->edge_at, t->sent) > within_of(t)) {
        if (x->edge[x->edge_at] != s->end || s->len >= x->longest)
            return false;                        /* nor is it the crumb that a timer has had sent at last */
    }
    /* longer than the way takes, and than an acknowledgement may be delayed: the receiver had not read */
    if (mc_ns_since(s->now, s->before_ns) > mc_ns_plus(MC_DELAYED_ACK_NS, mc_ns_plus(t->least, t->least / 2)))
        x->window_least = room < x->window_least ? room : x->window_least;
    give(x, MC_LIMIT_WINDOW, t->delta);
    return true;
}

/*
 * All was acknowledged.  The sender learns that half of 'way' later, and what it then sends
 * takes as long: what is above that, it had nothing to send, and what it had sent before
 * was all there was.
 */
static bool take_idle(mc_limits *x, const situation *t, const mc_limits_look *s)
{
    const bool asked = t->r->nxt_ns > s->before_ns;      /* the peer's data came in between */
    int64_t acked = t->r->seen_ns, idle, peer = 0;

    if (s->outstanding > 0)
        return false;
    if (asked && mc_ns_since(acked, s->before_ns) > ns_of(t->d->rtt_min_ms))
        acked = mc_ns_plus(s->before_ns, ns_of(t->d->rtt_min_ms));
    if (acked < s->before_ns)
        acked = s->before_ns;
    idle = mc_ns_since(t->sent, mc_ns_plus(acked, t->way));
    if (idle <= t->slack)
        return false;
    if (idle > t->delta)
        idle = t->delta;
    if (asked) {
        peer = mc_ns_since(t->r->nxt_ns, acked);
        peer = peer < 0 ? 0 : peer > idle ? idle : peer;
        give(x, MC_LIMIT_PEER, peer);
    }
    give(x, asked ? MC_LIMIT_ANSWER : MC_LIMIT_PAUSE, idle - peer);
    give(x, MC_LIMIT_WRITES, t->delta - idle);
    return true;
}

/* Data was on the way, and no acknowledgement released this segment: it was not there before. */
static bool is_written_late(const mc_limits *x, const situation *t, const mc_limits_look *s)
{
    const int64_t gap = mc_ns_since(s->now, s->before_ns);
    const bool prompt = mc_ns_since(t->sent, t->r->seen_ns) <= mc_ns_plus(t->way, t->slack);

    if (prompt || s->outstanding == 0)
        return false;
    return gap > t->round_trip / 2 ||
           (gap > mc_ns_plus(t->round_trip / 16, HOST_NS) && (s->tail < x->longest || s->pushed));
}

static void take_rest(mc_limits *x, const situation *t, const mc_limits_look *s, bool queue)
{
    const bool filled = fills_window(x, s);

    if (!queue && !filled && is_written_late(x, t, s)) {
        give(x, MC_LIMIT_WRITES, t->delta);
        return;
    }
    if (filled || (!t->grows && is_at_edge(x, s, t->sent, within_of(t), t->round_trip))) {
        const float before = x->ms[MC_LIMIT_WINDOW];

        give(x, MC_LIMIT_WINDOW, t->delta);
        if (queue)
            x->queued_ms += x->ms[MC_LIMIT_WINDOW] - before;
    } else if (queue) {
        give(x, MC_LIMIT_PATH, t->delta);
    } else if ((x->marks & (MC_LM_GROWING | MC_LM_LOST)) == MC_LM_GROWING) {
        give(x, MC_LIMIT_START, t->delta);
    } else {
        give(x, MC_LIMIT_SENDER, t->delta);
    }
}

/* When to look next.  A long transfer is looked at in windows, and the rest of it taken to be alike. */
static void plan(mc_limits *x, const situation *t, int64_t now)
{
    int64_t step = t->round_trip / STEP_SHARE, skip = mc_ns_since(now, x->begun_ns) / SKIP_SHARE;

    step = step < LEAST_STEP_NS ? LEAST_STEP_NS : step > MOST_STEP_NS ? MOST_STEP_NS : step;
    x->last_ns = now;
    x->window_ms += (float)to_ms(t->delta);
    x->due_ns = mc_ns_plus(now, step);
    if (++x->looks < DENSE_LOOKS || x->looks % WINDOW_LOOKS != 0)
        return;
    x->factor = 1;
    if (skip > 4 * step) {
        x->due_ns = x->last_ns = mc_ns_plus(now, skip);
        x->factor = 1 + (float)to_ms(skip) / x->window_ms;
        x->edge_count = 0;
    }
    x->window_ms = 0;
}

void mc_limits_take(mc_limits *x, const mc_conn *c, unsigned dir, const mc_limits_look *s)
{
    situation t = { .d = &c->endpoint[dir], .r = &c->endpoint[!dir] };
    int64_t waited;
    bool queue;

    t.delta = mc_ns_since(s->now, x->last_ns);
    if (t.delta <= 0)
        return;
    if (!way_to(c, dir, &t.way))
        x->marks |= MC_LM_NO_WAY;
    t.round_trip = mc_ns_plus(t.way, ns_of(x->rtt_ms > t.d->rtt_min_ms ? x->rtt_ms : t.d->rtt_min_ms));
    t.least = mc_ns_plus(t.way, ns_of(t.d->rtt_min_ms));
    t.slack = HOST_NS + t.way / 4;
    t.grows = note_window(x, t.r);
    queue = has_queue(x, t.d, s, t.way, &waited);
    t.sent = mc_ns_since(s->now, waited);
    follow_rounds(x, t.d, mc_ns_since(s->now, s->before_ns), s->now, t.round_trip > MC_NS_PER_MS ? t.round_trip : MC_NS_PER_MS);
    if (s->len > x->longest)
        x->longest = s->len;
    if ((x->marks & MC_LM_RECOVERS) != 0 && !mc_seq_before(t.r->last_ack, x->recover_to))
        x->marks &= (uint8_t)~MC_LM_RECOVERS;
    if (s->lost)
        take_loss(x, &t, s);
    else if ((x->marks & MC_LM_RECOVERS) != 0)
        give(x, (x->marks & MC_LM_TIMEOUT) != 0 ? MC_LIMIT_TIMEOUT : MC_LIMIT_FAST, t.delta);
    else if (!take_closed(x, &t) && !take_narrow(x, &t, s) && !take_idle(x, &t, s))
        take_rest(x, &t, s, queue);
    plan(x, &t, s->now);
}
