/*
 * places.c: looks for two places in the beginning of one capture.
 *
 * Interface, VLAN and link are tried in turn; the first that gives two places which show the same
 * segments is it.  Where numbers or addresses are translated no segment is the same; two places that
 * both show both directions will do then.  The two directions on one interface each are one place.
 */
#include "compare/places.h"

#include <stdlib.h>

#include "session/session.h"

#define LOOKED_AT 50000u             /* segments */
#define TURN      256
#define LATEST    4096u              /* segments, by their numbers */
#define MOST      3u                 /* places; more than two are too many */

typedef struct place {
    uint32_t part;
    uint64_t segments[2];            /* by direction */
} place;

typedef struct latest {
    uint64_t tag;                    /* 0: none */
    uint32_t place;
} latest;

typedef struct look {
    place places[MOST];
    uint32_t count;
    uint64_t shared;                 /* segments that another place has as well */
    latest latest[LATEST];
} look;

static void take(look *l, const mc_tapped *t)
{
    const mc_seen *s = &t->seen;
    const uint64_t tag = ((uint64_t)s->seq << 32 | s->ack) * 0x9e3779b97f4a7c15u + ((uint64_t)s->len << 8 | s->flags) + s->dir;
    latest *known = &l->latest[(tag ^ tag >> 29) % LATEST];
    uint32_t k;

    for (k = 0; k < l->count && l->places[k].part != t->part; k++)
        ;
    if (k == MOST)
        return;
    if (k == l->count)
        l->places[l->count++].part = t->part;
    l->places[k].segments[s->dir]++;
    l->shared += known->tag == tag && known->place != k;
    *known = (latest){ tag, k };
}

static mc_status read_begin(const mc_compare_source *source, const mc_options *options, mc_part_by by, look *l, mc_error *err)
{
    mc_session *s = NULL;
    mc_tap tap = { .part_by = by };
    uint64_t seen = 0;
    size_t i;
    mc_status status = mc_session_open(&s, source->inputs, source->input_count, &source->server, options, err);

    if (status != MC_OK)
        return status;
    s->tap = &tap;
    while (status == MC_OK && seen < LOOKED_AT && l->count < MOST) {
        status = mc_session_step(s, TURN, 100, err);
        seen += tap.count;
        for (i = 0; i < tap.count; i++)
            take(l, &tap.items[i]);
        tap.count = 0;
    }
    mc_session_close(s);
    if (tap.no_memory)
        status = mc_fail(err, MC_NOMEM, 0, "out of memory");
    mc_tap_free(&tap);
    return status == MC_END ? MC_OK : status;
}

static bool has_both(const place *p)
{
    return p->segments[0] > 0 && p->segments[1] > 0;
}

mc_status mc_places_find(const mc_compare_source *source, const mc_options *options, mc_places *out, mc_error *err)
{
    look *l = calloc(1, sizeof *l);
    mc_status status = MC_OK;
    mc_part_by by;
    bool any = false;

    if (l == NULL)
        return mc_fail(err, MC_NOMEM, 0, "out of memory");
    out->by = MC_PART_NONE;
    for (by = MC_PART_INTERFACE; by < MC_PART_WAYS; by++) {
        memset(l, 0, sizeof *l);
        status = read_begin(source, options, by, l, err);
        if (status != MC_OK)
            break;
        any = any || l->count > 0;
        if (l->count != 2 || (l->shared == 0 && (out->by != MC_PART_NONE || !has_both(&l->places[0]) || !has_both(&l->places[1]))))
            continue;
        *out = (mc_places){ by, { l->places[0].part, l->places[1].part } };
        if (l->shared > 0)
            break;
    }
    free(l);
    if (status != MC_OK || out->by != MC_PART_NONE)
        return status;
    return mc_fail(err, MC_INVALID, 0, any ? "one capture alone can be compared only if it holds the server's traffic of two points, "
                   "and neither interface, VLAN nor link tells two apart here" : "the capture holds no traffic of this server");
}
