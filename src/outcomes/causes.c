/*
 * causes.c: sums by cause.
 */
#include "outcomes/causes.h"

#include "facts/stats.h"
#include "tcp/timers.h"

static void remove_example(mc_examples *e, uint64_t frame)
{
    uint32_t i;

    for (i = 0; i < e->count; i++)
        if (e->frame[i] == frame) {
            e->count--;
            memmove(e->frame + i, e->frame + i + 1, (e->count - i) * sizeof *e->frame);
            e->frame[e->count] = 0;
            return;
        }
}

void mc_causes_count(const mc_cause_sums *s, const mc_repeat *r, unsigned cause, bool more)
{
    mc_late_facts *late = &s->facts->late;
    const uint64_t by = more ? 1 : UINT64_MAX;   /* sums wrap around */

    late->cause[cause] += by;
    (more ? mc_insert_example : remove_example)(&s->facts->cause_examples[cause], r->frame);
    if (mc_is_loss(cause)) {
        *s->lost += (uint32_t)by;
        if (r->since_ns >= MC_RTO_NS)
            late->lost_after_timeout += by;
        if ((r->flags & MC_REPEAT_EARLY) != 0)
            late->lost_early += by;
        late->lost_untold += r->untold ? by : 0;
    }
}

void mc_causes_recount(void *arg, const mc_repeat *r, unsigned from)
{
    mc_causes_count(arg, r, from, false);
    mc_causes_count(arg, r, r->cause, true);
}

void mc_causes_end(mc_direction_facts *facts, const mc_conn *c, unsigned dir, bool black_hole, int64_t end_ns,
                   uint32_t *lost)
{
    const mc_detail *x = c->endpoint[dir].detail;
    mc_cause_sums s = { facts, lost };

    *lost = x->lost;
    if (x->repeats_open > 0)
        mc_repeats_end(c, dir, black_hole, end_ns, mc_causes_recount, &s);
}
