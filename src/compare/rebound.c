/*
 * rebound.c: a translator forgets a connection that was silent, and gives what comes then another address or port.
 *
 * At one point it goes on; at the other it stops, and one begins in the midst.  Segments with data that wait at the first in vain, and
 * are the same in all their numbers as those of the second, show that.
 */
#include "compare/rebound.h"

#include "compare/match.h"
#include "points/queue.h"
#include "points/trails.h"

#define LOOKED_AT   8                /* segments of the trail, and of each pair */
#define PAIRS_MOST  1024u

/* A segment with data of the trail that waits in the pair's other trail; NULL: none does. */
static const mc_seen *common(const mc_between *b, const mc_pair *p, const mc_trail *t)
{
    const mc_trail *there = mc_trail_at(b, p->trail[!t->side]);
    unsigned d, i, k;
    uint32_t n, m;

    for (d = 0; d < 2; d++)
        for (n = t->way[d].queue.first, i = 0; n != 0 && i < LOOKED_AT; n = mc_record_at(b, n)->next, i++) {
            const mc_seen *s = &mc_record_at(b, n)->seen;

            for (m = there->way[d].queue.first, k = 0; s->len > 0 && m != 0 && k < LOOKED_AT; m = mc_record_at(b, m)->next, k++) {
                const mc_seen *o = &mc_record_at(b, m)->seen;

                if (mc_same_place(p, t->side, s, o) &&
                    mc_compare_copies(b, p, t->side == 0 ? s : o, t->side == 0 ? o : s) != MC_OTHER_COPY)
                    return o;
            }
        }
    return NULL;
}

/* The only pair whose old end is silent since, and that has such a segment; 0: none, or several. */
static uint32_t pair_of(const mc_between *b, const mc_trail *t, const mc_seen **its)
{
    uint32_t i, found = 0;

    for (i = 0; i < b->listed && i < PAIRS_MOST; i++) {
        const mc_pair *p = mc_pair_at(b, b->list[i].pair);
        const mc_seen *o;

        if (p->proxied || !p->shift_known[0] || !p->shift_known[1] || mc_trail_at(b, p->trail[t->side])->last_ns > t->first_ns ||
            (o = common(b, p, t)) == NULL)
            continue;
        if (found != 0)
            return 0;
        found = b->list[i].pair;
        *its = o;
    }
    return found;
}

/* What waits of trail 'from' is of trail 'to', in order of time. */
static void move_segments(mc_between *b, mc_trail *from, mc_trail *to)
{
    for (;;) {
        const uint32_t n0 = from->way[0].queue.first, n1 = from->way[1].queue.first;
        const unsigned d = n0 == 0 || (n1 != 0 && mc_record_at(b, n1)->seen.time_ns < mc_record_at(b, n0)->seen.time_ns);
        mc_queue *q = &from->way[d].queue;
        const uint32_t n = q->first;
        mc_record *r;

        if (n == 0)
            break;
        r = mc_record_at(b, n);
        q->first = r->next;
        if (--q->count == 0)
            q->last = 0;
        mc_trail_take(to, &r->seen, &r->noted);
        mc_queue_append(b, &to->way[d].queue, n);
    }
    from->way[0].queue = from->way[1].queue = (mc_queue){ 0 };
}

void mc_rebound_find(mc_between *b, uint32_t trail)
{
    mc_trail *t = mc_trail_at(b, trail), *to;
    const mc_seen *its = NULL;
    const uint32_t number = t->opened ? 0 : pair_of(b, t, &its);
    int64_t silent;
    mc_pair *p;

    if (number == 0)
        return;
    p = mc_pair_at(b, number);
    to = mc_trail_at(b, p->trail[t->side]);
    silent = mc_ns_since(t->first_ns, to->last_ns);
    if (b->facts.rebound++ == 0 || silent < b->facts.rebound_ns)
        b->facts.rebound_ns = silent;
    mc_note_frames(&b->facts.rebound_examples, t->side == 0 ? t->first_frame : its->frame, t->side == 1 ? t->first_frame : its->frame);
    b->facts.translated += !p->row.translated;
    p->row.translated = p->row.rebound = true;
    move_segments(b, t, to);
    mc_trails_rename(b, trail, p->trail[t->side]);
    b->list[p->listed - 1].due_ns[0] = b->list[p->listed - 1].due_ns[1] = INT64_MIN;
}

void mc_rebound_find_all(mc_between *b)
{
    uint32_t n;

    for (n = 1; n <= b->trails.end && b->single > 0; n++) {
        const mc_trail *t = mc_trail_at(b, n);

        if (t->side != MC_NO_SIDE && t->pair == 0 && !t->given_up)
            mc_rebound_find(b, n);
    }
}
