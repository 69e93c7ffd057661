/*
 * compare.c: several sessions read in step, and what lies between each two of them.
 */
#include "compare/compare.h"

#include <stdlib.h>

#include "compare/between.h"
#include "compare/places.h"
#include "session/session.h"

#define DEFAULT_BUDGET 8192
#define DEFAULT_WINDOW 262144u
#define TURN           256           /* packets of one capture before another has its turn */

typedef struct point {
    mc_session *session;
    mc_tap tap;
    bool ended;
    uint64_t taken;                  /* segments */
} point;

struct mc_compare {
    uint32_t count;
    point point[MC_COMPARE_POINTS];
    mc_between *between[MC_COMPARE_POINTS][MC_COMPARE_POINTS];   /* [i][j], i < j: side 0 is i; else NULL */
    uint32_t window;
    mc_compare_facts facts;
};

mc_status mc_compare_open(mc_compare **out, const mc_compare_source *sources, size_t count, const mc_options *options,
                          uint32_t window, mc_error *err)
{
    mc_compare_source twice[2];
    mc_compare *c;
    mc_status status = MC_OK;
    mc_places places = { 0 };                    /* of one merged file */
    uint32_t i, k;

    *out = NULL;
    if (count < 1 || count > MC_COMPARE_POINTS)
        return mc_fail(err, MC_INVALID, 0, "from 1 to %u captures can be compared, not %zu", (unsigned)MC_COMPARE_POINTS, count);
    if (count == 1) {
        for (i = 0; i < sources[0].input_count; i++)
            if (sources[0].inputs[i].stream != NULL)
                return mc_fail(err, MC_INVALID, 0, "a stream alone cannot be compared: it can be read only once");
        status = mc_places_find(&sources[0], options, &places, err);
        if (status != MC_OK)
            return status;
        twice[0] = twice[1] = sources[0];
        sources = twice;
        count = 2;
    }
    c = calloc(1, sizeof *c);
    if (c == NULL)
        return mc_fail(err, MC_NOMEM, 0, "out of memory");
    c->window = window > 0 ? window : DEFAULT_WINDOW;
    for (i = 0; i < count && status == MC_OK; i++) {
        point *p = &c->point[i];

        c->count++;
        status = mc_session_open(&p->session, sources[i].inputs, sources[i].input_count, &sources[i].server, options, err);
        if (status == MC_OK) {
            p->session->tap = &p->tap;
            mc_source_read_whole(p->session->source);        /* payloads have digests */
            p->session->part_by = places.by;
            p->session->part = places.by != MC_PART_NONE ? places.part[i] : 0;
            p->session->filtering = p->session->filtering || places.by != MC_PART_NONE;
        }
        for (k = 0; k < i && status == MC_OK; k++)
            status = mc_between_open(&c->between[k][i], p->session->watch.analysis.flows->seed[0], c->window,
                                     options->connections, err);
    }
    if (status != MC_OK) {
        mc_compare_close(c);
        return status;
    }
    *out = c;
    return MC_OK;
}

void mc_compare_close(mc_compare *c)
{
    uint32_t i, k;

    if (c == NULL)
        return;
    for (i = 0; i < c->count; i++) {
        mc_session_close(c->point[i].session);
        mc_tap_free(&c->point[i].tap);
        for (k = 0; k < i; k++)
            mc_between_close(c->between[k][i]);
    }
    free(c);
}

/* ------------------------------------------------------------------ in step */

static mc_between *between_of(const mc_compare *c, uint32_t a, uint32_t b)
{
    return a < b ? c->between[a][b] : c->between[b][a];
}

/* How much of the point's time has been read, by the clock of point 0; false: the clocks are not compared yet. */
static bool position(const mc_compare *c, uint32_t i, int64_t *ns)
{
    const mc_capture_facts *f = &c->point[i].session->capture;
    const mc_between *from_first = c->between[0][i];
    int64_t difference = 0;

    if (from_first != NULL && !mc_between_difference(from_first, &difference))
        return false;
    *ns = f->times_known ? mc_ns_since(f->last_ns, difference) : INT64_MIN;
    return true;
}

static bool waits_much(const mc_compare *c)
{
    uint32_t i, k;

    for (i = 0; i < c->count; i++)
        for (k = 0; k < i; k++)
            if (mc_between_waiting(c->between[k][i]) > c->window / 2)
                return true;
    return false;
}

/*
 * Whose turn it is: of those that are not at their end the one that is furthest behind.  Until it is
 * known how the clocks differ that is the one with the fewest segments; when too many wait, the one
 * with the earliest time as it stands in the capture.
 */
static point *next_point(mc_compare *c)
{
    point *best = NULL;
    int64_t best_ns = 0, ns;
    bool by_time = true, by_clock;
    uint32_t i;

    for (i = 0; i < c->count && by_time; i++)
        by_time = position(c, i, &ns);
    by_clock = !by_time && waits_much(c);
    for (i = 0; i < c->count; i++) {
        point *p = &c->point[i];

        if (p->ended)
            continue;
        if (by_time)
            position(c, i, &ns);
        else if (by_clock)
            ns = p->session->capture.times_known ? p->session->capture.last_ns : INT64_MIN;
        else
            ns = (int64_t)p->taken;
        if (best == NULL || ns < best_ns) {
            best = p;
            best_ns = ns;
        }
    }
    return best;
}

static bool hand_over(mc_compare *c, uint32_t i)
{
    point *p = &c->point[i];
    const mc_capture_facts *f = &p->session->capture;
    uint32_t k;

    for (k = 0; k < c->count; k++) {
        if (k == i)
            continue;
        if (f->times_known)
            mc_between_read(between_of(c, i, k), i > k, f->first_ns, f->last_ns, p->ended);
        if (!mc_between_take(between_of(c, i, k), i > k, p->tap.items, p->tap.count))
            return false;
    }
    p->taken += p->tap.count;
    p->tap.count = 0;
    return !p->tap.no_memory;
}

mc_status mc_compare_step(mc_compare *c, size_t budget, unsigned wait_ms, mc_error *err)
{
    mc_error local;

    if (err == NULL)
        err = &local;
    if (budget == 0)
        budget = DEFAULT_BUDGET;
    while (budget > 0) {
        point *p = next_point(c);
        const size_t turn = budget < TURN ? budget : TURN;
        uint64_t before;
        mc_status status;

        if (p == NULL)
            return MC_END;
        before = p->session->capture.frames + p->session->capture.filtered_frames;
        status = mc_session_step(p->session, turn, wait_ms, err);
        if (status == MC_NOMEM)
            return status;
        if (status != MC_OK && status != MC_END) {               /* one that cannot be read: the others are */
            mc_session_stop(p->session, status, err->msg);
            status = MC_END;
        }
        p->ended = status == MC_END;
        if (!hand_over(c, (uint32_t)(p - c->point)))
            return mc_fail(err, MC_NOMEM, 0, "out of memory");
        if (status == MC_OK && p->session->capture.frames + p->session->capture.filtered_frames == before)
            return MC_OK;                        /* idle */
        budget -= turn;
    }
    return MC_OK;
}

void mc_compare_stop(mc_compare *c, mc_status reason, const char *message)
{
    uint32_t i;

    for (i = 0; i < c->count; i++)
        mc_session_stop(c->point[i].session, reason, message);
}

void mc_compare_progress(const mc_compare *c, uint64_t *done, uint64_t *total)
{
    uint64_t d, t;
    bool known = true;
    uint32_t i;

    *done = *total = 0;
    for (i = 0; i < c->count; i++) {
        mc_session_progress(c->point[i].session, &d, &t);
        *done += d;
        *total += t;
        known = known && t > 0;
    }
    if (!known)
        *total = 0;
}

/* ------------------------------------------------------------------ the end */

/* From the client on: of each two the nearer one first, as far as it is known; else as they were given. */
static void put_in_order(mc_compare *c, const mc_between_facts *facts[MC_COMPARE_POINTS][MC_COMPARE_POINTS])
{
    uint32_t nearer[MC_COMPARE_POINTS] = { 0 }, i, k, at;

    for (i = 0; i < c->count; i++)
        for (k = i + 1; k < c->count; k++)
            nearer[facts[i][k]->near == 0 ? i : k]++;
    for (i = 0; i < c->count; i++) {
        for (at = i; at > 0 && nearer[c->facts.order[at - 1]] < nearer[i]; at--)
            c->facts.order[at] = c->facts.order[at - 1];
        c->facts.order[at] = i;
    }
}

/* What came by at a point further on has passed each one before it. */
static void use_points_further_on(mc_compare *c, const mc_between_facts *facts[MC_COMPARE_POINTS][MC_COMPARE_POINTS])
{
    const uint32_t *order = c->facts.order;
    uint32_t i, k;

    for (i = 0; i + 1 < c->count; i++) {
        for (k = 0; k < c->count; k++) {
            const uint32_t from = k > i ? order[i] : order[i + 1], to = order[k];
            const mc_between_facts *on = facts[from < to ? from : to][from < to ? to : from];

            if (k != i && k != i + 1)
                mc_between_arrived(between_of(c, order[i], order[i + 1]), k > i ? MC_CLIENT_TO_SERVER : MC_SERVER_TO_CLIENT,
                                   on, from > to);
        }
    }
}

const mc_compare_facts *mc_compare_get_facts(mc_compare *c)
{
    const mc_between_facts *facts[MC_COMPARE_POINTS][MC_COMPARE_POINTS] = { 0 };
    mc_compare_facts *f = &c->facts;
    uint32_t i, k;

    f->points = c->count;
    f->window = c->window;
    for (i = 0; i < c->count; i++) {
        f->facts[i] = mc_session_facts(c->point[i].session);
        if (f->facts[i] == NULL)
            return NULL;
        f->unclear[i] = c->point[i].tap.unclear;
    }
    for (i = 0; i < c->count; i++)
        for (k = i + 1; k < c->count; k++) {
            const uint64_t dropped[2] = { f->facts[i]->capture.dropped_reported, f->facts[k]->capture.dropped_reported };

            facts[i][k] = mc_between_finish(c->between[i][k], dropped);
            if (facts[i][k] == NULL)
                return NULL;
        }
    put_in_order(c, facts);
    use_points_further_on(c, facts);
    for (i = 0; i + 1 < c->count; i++) {
        const uint32_t a = f->order[i], b = f->order[i + 1], low = a < b ? a : b, high = a < b ? b : a;

        f->between[i] = facts[low][high];
        f->side[i][0] = low;
        f->side[i][1] = high;
    }
    return f;
}
