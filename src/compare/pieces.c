/*
 * pieces.c: bytes that came in other pieces at one point: segmentation offload, coalescing, a path that cuts segments.
 */
#include "compare/pieces.h"

#include <stdlib.h>

#include "compare/alone.h"
#include "compare/match.h"
#include "points/points.h"

#define LONGEST_PIECE 65536

typedef struct piece {
    int32_t from;                    /* relative to the first of all */
    uint32_t len;
    uint32_t number;                 /* of the record */
    bool used;
} piece;

static int by_place(const void *a, const void *b)
{
    const piece *x = a, *y = b;

    return x->from != y->from ? (x->from > y->from) - (x->from < y->from) : (x->number > y->number) - (x->number < y->number);
}

/* Those left at 'side' that came by before 'until', in order of their bytes; NULL: out of memory. */
static piece *pieces_of(const mc_between *b, const mc_pair *p, unsigned side, uint32_t base, int64_t until, uint32_t *count)
{
    piece *list = malloc((b->left_count[side] + 1) * sizeof *list);
    uint32_t i, n = 0;

    for (i = 0; list != NULL && i < b->left_count[side]; i++) {
        const mc_record *r = mc_record_at(b, b->left[side][i]);

        if (r->matched || r->seen.time_ns >= until || r->seen.len == 0 || (r->seen.flags & (MC_TH_RST | MC_TH_SYN)) != 0)
            continue;
        list[n++] = (piece){ (int32_t)(mc_seq_at0(p, side, r->seen.dir, r->seen.seq) - base), r->seen.len,
                             b->left[side][i], false };
    }
    if (n > 1)
        qsort(list, n, sizeof *list, by_place);
    *count = n;
    return list;
}

/* May 's', at the first point, be what 'other' is a part of, or the reverse? */
static bool may_be_of(const mc_between *b, const mc_pair *p, unsigned first, const mc_seen *s, const mc_seen *other,
                      bool any_time)
{
    int64_t above;

    if ((s->has & other->has & MC_HAS_TS) != 0 && mc_clock_told(p, s->dir))
        return s->ts_val == other->ts_val;
    if (any_time)
        return !mc_points_tell_apart(b, first == 0 ? s : other, first == 0 ? other : s);
    if (!mc_points_delay_above(b, s->dir, first == 0 ? s->time_ns : other->time_ns,
                               first == 0 ? other->time_ns : s->time_ns, &above))
        return true;
    return above >= -mc_points_tolerance(b) && above < MC_APART_NS;
}

typedef struct gap {
    uint32_t from, bytes;
} gap;

#define GAPS_MOST 64

/* One segment of the first point: which of its bytes are in pieces at the second?  True: some are. */
static bool match_piece(mc_between *b, mc_pair *p, unsigned first, const piece *u, piece *d, uint32_t count,
                        uint32_t *begin, bool any_time)
{
    mc_record *r = mc_record_at(b, u->number);
    const int64_t end = (int64_t)u->from + u->len;
    int64_t at = u->from;
    gap gaps[GAPS_MOST];
    uint32_t i, n = 0, used = 0, covered = 0;

    while (*begin < count && (int64_t)d[*begin].from + LONGEST_PIECE < u->from)
        (*begin)++;
    for (i = *begin; i < count && d[i].from < end; i++) {
        const int64_t to = (int64_t)d[i].from + d[i].len;
        mc_record *other = mc_record_at(b, d[i].number);

        if (to <= u->from || !may_be_of(b, p, first, &r->seen, &other->seen, any_time))
            continue;
        if (d[i].from > at && n < GAPS_MOST)
            gaps[n++] = (gap){ (uint32_t)(at - u->from), (uint32_t)(d[i].from - at) };
        if (to > at) {
            covered += (uint32_t)((to < end ? to : end) - (d[i].from > at ? d[i].from : at));
            at = to;
        }
        if (used++ == 0 && d[i].from == u->from)
            mc_clock_add(&b->clock, r->seen.dir, first == 0 ? r->seen.time_ns : other->seen.time_ns,
                         first == 0 ? other->seen.time_ns : r->seen.time_ns);
        if (p->clock_rewritten != 0)
            mc_note_timestamps(b, p, first == 0 ? &r->seen : &other->seen, first == 0 ? &other->seen : &r->seen);
        d[i].used = true;
        other->matched = true;
    }
    if (covered == 0)
        return false;
    if (at < end && n < GAPS_MOST)
        gaps[n++] = (gap){ (uint32_t)(at - u->from), (uint32_t)(end - at) };
    r->matched = true;
    b->facts.direction[r->seen.dir].resegmented[first]++;
    b->facts.direction[r->seen.dir].at_both_bytes += covered;
    for (i = 0; i < n; i++)
        mc_alone_piece(b, p, first, r, gaps[i].from, gaps[i].bytes);
    return true;
}

static void keep_longest(mc_between *b, mc_pair *p, const piece *list, uint32_t count)
{
    uint32_t i;

    for (i = 0; i < count; i++) {
        const uint32_t len = mc_record_at(b, list[i].number)->seen.len;

        if (len > p->mss && len < 9000)
            p->mss = (uint16_t)len;
    }
}

bool mc_match_pieces(mc_between *b, mc_pair *p, unsigned dir, const int64_t until[2], bool any_time)
{
    mc_between_direction *sums = &b->facts.direction[dir];
    const unsigned first = mc_before(b, dir);
    uint32_t n, m, i, begin = 0, before, behind = 0;
    int64_t taken = INT64_MIN;                   /* whatever the clocks say, each byte is taken once */
    piece *u, *d;
    uint32_t base;

    if (b->left_count[0] == 0 || b->left_count[1] == 0)
        return true;
    base = mc_seq_at0(p, first, dir, mc_record_at(b, b->left[first][0])->seen.seq);
    u = pieces_of(b, p, first, base, until[first], &n);
    d = pieces_of(b, p, !first, base, any_time ? until[!first] : INT64_MAX, &m);
    if (u == NULL || d == NULL) {
        free(u);
        free(d);
        return false;
    }
    before = (uint32_t)sums->resegmented[first];
    keep_longest(b, p, d, m);
    for (i = 0; i < n && m > 0; i++)
        if ((!any_time || u[i].from >= taken) && match_piece(b, p, first, &u[i], d, m, &begin, any_time))
            taken = (int64_t)u[i].from + u[i].len;
    for (i = 0; i < m; i++)
        behind += d[i].used;
    before = (uint32_t)sums->resegmented[first] - before;
    sums->resegmented[!first] += behind;
    sums->at_both += before > behind ? before : behind;
    p->at_both[dir] += before > behind ? before : behind;
    free(u);
    free(d);
    return true;
}
