/*
 * limits.c: from the looks at one side to shares of its time.
 */
#include "outcomes/limits.h"

#define FEW_LOOKS 8                  /* fewer say nothing ... */
#define FEW_GROWING 3                /* ... but of a transfer that is over while it still grows: a look is a round trip there */
#define FULL_SHARE 0.5               /* of its own time: then a transfer is limited by that */

static const char *const names[] = {
#define X(name, key) [MC_LIMITED_##name] = #key,
    MC_LIMITED_MAP(X)
#undef X
};

const char *mc_limited_name(int limited)
{
    return limited >= 0 && limited < MC_LIMITED_COUNT ? names[limited] : NULL;
}

/*
 * The window shrank to less than half of what it had been, or closed; or there was on the way, on an average, less than
 * a third of the greatest: it has been as small as that, wherever between two looks.
 */
static bool is_slow_reader(const mc_limits *x, double own, double on_the_way)
{
    const double window = (double)x->ms[MC_LIMIT_WINDOW] + (double)x->ms[MC_LIMIT_CLOSED];

    return (double)x->ms[MC_LIMIT_CLOSED] >= window / 5 || x->window_least < x->window_most / 2 ||
           on_the_way * own < (double)x->window_most / 3 * window;
}

/* Bytes on the way in a side's own time, by Little's law. */
static double on_the_way(const mc_limits *x, const mc_conn *c, unsigned dir, double own)
{
    const mc_endpoint_state *d = &c->endpoint[dir];
    double round_trip = (double)mc_limits_round_trip(c, dir) / (double)MC_NS_PER_MS;

    if (d->rtt_count > 0)
        round_trip += (double)d->rtt_sum_ms / (double)d->rtt_count - (double)d->rtt_min_ms;
    return own > 0 ? (double)(d->payload_bytes - x->begun_bytes) / own * round_trip : 0;
}

static mc_limited limited_by(const mc_limits *x, const mc_conn *c, unsigned dir, double total)
{
    const double own = total - (double)x->ms[MC_LIMIT_PEER];
    const float *ms = x->ms;
    const double enough = own * FULL_SHARE;
    const bool slow_reader = is_slow_reader(x, own, on_the_way(x, c, dir, own));
    const double window = (double)ms[MC_LIMIT_WINDOW] + (double)ms[MC_LIMIT_CLOSED];
    const double path = (double)ms[MC_LIMIT_PATH] + (double)x->queued_ms;
    const double repair = (double)ms[MC_LIMIT_FAST] + (double)ms[MC_LIMIT_TIMEOUT];
    /* the congestion window is what losses have left of it */
    const double loss = repair + (repair > 0 && (x->marks & MC_LM_LOST) != 0 ? (double)ms[MC_LIMIT_SENDER] : 0);

    if ((double)ms[MC_LIMIT_ANSWER] + (double)ms[MC_LIMIT_PAUSE] + (double)ms[MC_LIMIT_WRITES] >= enough)
        return MC_LIMITED_APPLICATION;
    if (window >= enough)                        /* a queue that never drains: more window would only make it longer */
        return (double)x->queued_ms >= window / 2 && !slow_reader ? MC_LIMITED_PATH
               : slow_reader                                       ? MC_LIMITED_SLOW_READER
                                                                   : MC_LIMITED_SMALL_WINDOW;
    if (path >= enough || loss >= enough || path + loss >= enough)   /* what a queue has no room for is lost */
        return path >= enough || (loss < enough && path >= loss) ? MC_LIMITED_PATH : MC_LIMITED_LOSS;
    if ((double)ms[MC_LIMIT_START] + (double)ms[MC_LIMIT_SENDER] >= enough && ms[MC_LIMIT_START] >= ms[MC_LIMIT_SENDER])
        return MC_LIMITED_START;
    if ((double)ms[MC_LIMIT_START] + (double)ms[MC_LIMIT_SENDER] >= enough && (x->marks & MC_LM_NO_WINDOW) == 0)
        return MC_LIMITED_SENDER;
    return MC_LIMITED_MIXED;
}

static bool are_enough(const mc_limits *x)
{
    float all = 0;
    int i;
    if (x->looks >= FEW_LOOKS || x->looks < FEW_GROWING)
        return x->looks >= FEW_LOOKS;
    for (i = 0; i < MC_LIMIT_COUNT; i++)
        all += x->ms[i];
    return (double)x->ms[MC_LIMIT_START] >= FULL_SHARE * (double)all;
}

static const mc_limits *followed(const mc_conn *c, unsigned dir)
{
    const mc_detail *x = c->endpoint[dir].detail;

    return x != NULL && mc_limits_are_followed(&x->limits) && (c->flags & (MC_C_SELF | MC_C_NO_TIME)) == 0 &&
                   are_enough(&x->limits)
               ? &x->limits
               : NULL;
}

static bool can_be_told(const mc_conn *c, unsigned dir, const mc_limits *x)
{
    return (x->marks & MC_LM_NO_WAY) == 0 && (c->endpoint[!dir].known & MC_KNOWN_ACK) != 0;
}

void mc_limits_of(const mc_conn *c, unsigned dir, mc_limit_shares *out)
{
    const mc_limits *x = followed(c, dir);
    double total = 0;
    int i;

    memset(out, 0, sizeof *out);
    if (x == NULL || !can_be_told(c, dir, x))
        return;
    for (i = 0; i < MC_LIMIT_COUNT; i++)
        total += (double)x->ms[i];
    if (total <= 0 || total > 1e12)
        return;
    for (i = 0; i < MC_LIMIT_COUNT; i++) {
        out->ns[i] = (int64_t)((double)x->ms[i] * (double)MC_NS_PER_MS);
        out->time_ns += out->ns[i];
    }
    out->payload_bytes = c->endpoint[dir].payload_bytes - x->begun_bytes;
    if ((x->marks & MC_LM_NO_WINDOW) == 0) {
        out->window_most = x->window_most;
        out->window_least = x->window_least;
    }
    out->round_trip_ns = mc_limits_round_trip(c, dir);
    out->best_bps = (double)x->best * 8000;
    out->by = limited_by(x, c, dir, total);
}

/* The first frame of 'c', among those with most time. */
static void note(mc_limited_facts *f, uint64_t frame, int64_t ns)
{
    uint32_t i = f->examples.count;

    if (i == MC_EXAMPLES) {
        i--;
        if (ns < f->example_ns[i] || (ns == f->example_ns[i] && frame > f->examples.frame[i]))
            return;
    } else {
        f->examples.count++;
    }
    for (; i > 0 && (f->example_ns[i - 1] < ns || (f->example_ns[i - 1] == ns && f->examples.frame[i - 1] > frame)); i--) {
        f->example_ns[i] = f->example_ns[i - 1];
        f->examples.frame[i] = f->examples.frame[i - 1];
    }
    f->example_ns[i] = ns;
    f->examples.frame[i] = frame;
}

void mc_limits_add(mc_limit_facts *f, const mc_conn *c, unsigned dir)
{
    mc_limit_shares s;
    mc_limited_facts *by;
    int64_t own;
    int i;

    if (followed(c, dir) == NULL)
        return;
    mc_limits_of(c, dir, &s);
    if (s.time_ns == 0) {
        f->undecided++;
        return;
    }
    f->connections++;
    f->time_ns = mc_ns_plus(f->time_ns, s.time_ns);
    f->payload_bytes += s.payload_bytes;
    for (i = 0; i < MC_LIMIT_COUNT; i++)
        f->ns[i] = mc_ns_plus(f->ns[i], s.ns[i]);
    own = s.time_ns - s.ns[MC_LIMIT_PEER];
    by = &f->by[s.by];
    by->connections++;
    by->payload_bytes += s.payload_bytes;
    by->time_ns = mc_ns_plus(by->time_ns, own);
    if (own > by->longest_ns) {
        by->longest_ns = own;
        by->longest = s;
    }
    note(by, mc_conn_first_frame(c), own);
}
