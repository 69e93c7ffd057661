/*
 * conn_same.h: whether two analyses keep the same of a connection.
 */
#ifndef CONN_SAME_H
#define CONN_SAME_H

#include "sent.h"

static inline bool is_same_detail(const mc_detail *a, const mc_detail *b)
{
    mc_detail x = *a, y = *b;

    if (a->range_count != b->range_count ||
        (a->range_count > 0 && memcmp(a->ranges, b->ranges, a->range_count * sizeof *a->ranges) != 0))
        return false;
    x.ranges = y.ranges = NULL;
    return memcmp(&x, &y, sizeof x) == 0;
}

/* All that is kept, but for which way may be taken next and where lists lie. */
static inline bool is_same_conn(const mc_conn *a, const mc_conn *b)
{
    mc_conn x = *a, y = *b;
    unsigned dir, i;

    for (dir = 0; dir < 2; dir++) {
        const mc_half *p = &a->half[dir], *q = &b->half[dir];

        if (p->sent_count != q->sent_count || (p->detail == NULL) != (q->detail == NULL))
            return false;
        for (i = 0; i < p->sent_count; i++)
            if (memcmp(mc_sent_get(p, i), mc_sent_get(q, i), sizeof(mc_sent)) != 0)
                return false;
        if (p->detail != NULL && !is_same_detail(p->detail, q->detail))
            return false;
        memset(&x.half[dir].sent, 0, sizeof x.half[dir].sent);
        memset(&y.half[dir].sent, 0, sizeof y.half[dir].sent);
        x.half[dir].detail = y.half[dir].detail = NULL;
    }
    x.ready = y.ready = 0;
    return memcmp(&x, &y, sizeof x) == 0;
}

#endif
