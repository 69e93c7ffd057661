/*
 * conn_same.h: whether two analyses keep the same of their connections.
 */
#ifndef CONN_SAME_H
#define CONN_SAME_H

#include <stddef.h>
#include <stdlib.h>

#include "check.h"
#include "outcomes/dialogue.h"
#include "table/flow.h"
#include "tcp/bytes.h"
#include "tcp/doubt.h"
#include "tcp/repeats.h"
#include "tcp/sent.h"

/* All of a repeat but the bits behind its last flag. */
static inline bool is_same_repeat(const mc_repeat *a, const mc_repeat *b)
{
    return memcmp(a, b, offsetof(mc_repeat, named)) == 0 && a->named == b->named && a->cause == b->cause &&
           a->flags == b->flags && a->waits == b->waits && a->followed == b->followed && a->half_told == b->half_told &&
           a->lone == b->lone && a->untold == b->untold && a->old_end == b->old_end;
}

static inline bool is_same_detail(const mc_detail *a, const mc_detail *b)
{
    mc_detail x = *a, y = *b;
    unsigned i;

    if (a->range_count != b->range_count ||
        (a->range_count > 0 && memcmp(a->ranges, b->ranges, a->range_count * sizeof *a->ranges) != 0))
        return false;
    if (a->repeat_count != b->repeat_count || a->repeat_room != b->repeat_room)
        return false;
    for (i = 0; i < a->repeat_count; i++)
        if (!is_same_repeat(&a->repeat_list[i], &b->repeat_list[i]))
            return false;
    if ((a->doubt == NULL) != (b->doubt == NULL) ||
        (a->doubt != NULL && memcmp(a->doubt, b->doubt, sizeof *a->doubt) != 0) ||
        (a->attempt == NULL) != (b->attempt == NULL) ||
        (a->attempt != NULL && memcmp(a->attempt, b->attempt, sizeof *a->attempt) != 0))
        return false;
    x.ranges = y.ranges = NULL;
    x.repeat_list = y.repeat_list = NULL;
    x.doubt = y.doubt = NULL;
    x.attempt = y.attempt = NULL;
    return memcmp(&x, &y, sizeof x) == 0;
}

/* All that is kept, but for which way may be taken next, where lists lie and how the
   connection is kept. */
static inline bool is_same_conn(const mc_conn *a, const mc_conn *b)
{
    mc_conn x = *a, y = *b;
    unsigned dir, i;

    for (dir = 0; dir < 2; dir++) {
        const mc_endpoint_state *p = &a->endpoint[dir], *q = &b->endpoint[dir];

        if (p->sent_count != q->sent_count || (p->detail == NULL) != (q->detail == NULL))
            return false;
        for (i = 0; i < p->sent_count; i++)
            if (memcmp(mc_sent_get(p, i), mc_sent_get(q, i), sizeof(mc_sent)) != 0)
                return false;
        if (p->detail != NULL && !is_same_detail(p->detail, q->detail))
            return false;
        memset(&x.endpoint[dir].sent, 0, sizeof x.endpoint[dir].sent);
        memset(&y.endpoint[dir].sent, 0, sizeof y.endpoint[dir].sent);
        x.endpoint[dir].detail = y.endpoint[dir].detail = NULL;
    }
    x.fast_path = y.fast_path = 0;
    x.flags &= ~(uint32_t)MC_C_WAITS;
    y.flags &= ~(uint32_t)MC_C_WAITS;
    return memcmp(&x, &y, sizeof x) == 0;
}

static inline int by_begin(const void *x, const void *y)
{
    const mc_conn *a = x, *b = y;

    return a->begin < b->begin ? -1 : a->begin > b->begin;
}

/* All connections, in the order in which they began; to be freed. */
static inline mc_conn *all_of(const mc_flows *f)
{
    static const uint32_t kinds[] = { MC_REF_FULL, MC_REF_HALF_OPEN, MC_REF_PACKED };
    mc_conn *all = calloc(mc_flows_count(f) + 1, sizeof *all), room;
    uint32_t count = 0, ref, known = all != NULL ? mc_flows_count(f) : 0;
    size_t k;

    for (k = 0; k < sizeof kinds / sizeof kinds[0]; k++)
        for (ref = mc_flows_next(f, kinds[k]); ref != 0; ref = mc_flows_next(f, ref), count++)
            if (count < known)
                all[count] = *mc_flows_look(f, ref, &room);
    CHECK_EQ(count, known);
    if (all != NULL)
        qsort(all, known, sizeof *all, by_begin);
    return all;
}

static inline bool is_same_story(const mc_flows *a, const mc_conn *x, const mc_flows *b, const mc_conn *y)
{
    return memcmp(mc_story_look(&a->stories, x), mc_story_look(&b->stories, y), sizeof(mc_story)) == 0;
}

/* The ranges lie apart and in order, and what was seen and what is missing make up the whole. */
static inline bool is_sound(const mc_endpoint_state *e)
{
    const mc_detail *x = e->detail;
    uint64_t lowest;
    unsigned i;

    if (x == NULL || (e->known & MC_KNOWN_BYTES) == 0)
        return true;
    if (x->lo > x->highest_end || (uint32_t)x->highest_end != e->highest_end)
        return false;
    lowest = x->range_count > 0 ? x->ranges[0].lo : x->lo;
    for (i = 0; i < x->range_count; i++)
        if (x->ranges[i].lo >= x->ranges[i].hi ||
            x->ranges[i].hi >= (i + 1u < x->range_count ? x->ranges[i + 1].lo : x->lo))
            return false;
    return mc_bytes_unique(e) + mc_bytes_missing(e, false) == x->highest_end - lowest;
}

/* Every connection of 'a' is as it is in 'b'. */
static inline void compare_connections(const mc_flows *a, const mc_flows *b)
{
    mc_conn *x = all_of(a), *y = all_of(b);
    uint32_t i, differ = 0, unsound = 0;

    CHECK_EQ(mc_flows_count(a), mc_flows_count(b));
    for (i = 0; x != NULL && y != NULL && i < mc_flows_count(a) && i < mc_flows_count(b); i++) {
        differ += !is_same_conn(&x[i], &y[i]) || !is_same_story(a, &x[i], b, &y[i]);
        unsound += !is_sound(&x[i].endpoint[0]) || !is_sound(&x[i].endpoint[1]);
    }
    CHECK_EQ(differ, 0);
    CHECK_EQ(unsound, 0);
    free(x);
    free(y);
}

/* Every record of 'a' is as it is in 'b': they are numbered in the order in which they begin. */
static inline void compare_dialogues(const mc_speech *a, const mc_speech *b)
{
    uint32_t i, differ = 0;

    CHECK_EQ(a->dialogues.end, b->dialogues.end);
    for (i = 1; i <= a->dialogues.end && i <= b->dialogues.end; i++)
        differ += memcmp(mc_store_at(&a->dialogues, i), mc_store_at(&b->dialogues, i), sizeof(mc_dialogue)) != 0;
    CHECK_EQ(differ, 0);
    CHECK_EQ(a->slow, b->slow);
    CHECK_EQ(a->very_slow, b->very_slow);
    CHECK_EQ(a->late_acks.count, b->late_acks.count);
    for (i = 0; i < 2; i++) {
        CHECK_EQ(a->waits[i].delay.count, b->waits[i].delay.count);
        CHECK_EQ(a->waits[i].others, b->waits[i].others);
    }
}

#endif
