/*
 * unpaired.c: trails without a partner.
 */
#include "compare/unpaired.h"

#include "compare/alone.h"
#include "points/prints.h"
#include "points/queue.h"

static bool is_unpaired(const mc_trail *t)
{
    return t->side != MC_NO_SIDE && t->pair == 0 && !t->given_up;
}

static void note(mc_between *b, mc_unpaired reason, const mc_trail *t)
{
    b->facts.unpaired[reason][t->side]++;
    mc_note_frames(&b->facts.unpaired_examples[reason], t->side == 0 ? t->first_frame : 0,
                   t->side == 1 ? t->first_frame : 0);
}

void mc_unpaired_give_up(mc_between *b, uint32_t most)
{
    uint32_t n;

    for (n = 1; n <= b->trails.end && b->waiting > most; n++) {
        mc_trail *t = mc_trail_at(b, n);
        const uint32_t count = t->way[0].queue.count + t->way[1].queue.count;

        if (!is_unpaired(t) || count == 0)
            continue;
        b->facts.given_up += count;
        mc_queue_drop(b, &t->way[0].queue);
        mc_queue_drop(b, &t->way[1].queue);
        note(b, MC_UNPAIRED_window, t);
        mc_prints_forget(b, t);
        t->given_up = true;
    }
}

/* Does the other capture cover any of the trail's time? */
static bool is_within(const mc_between *b, const mc_trail *t)
{
    const mc_side *other = &b->side[!t->side];
    int64_t difference = 0;

    mc_clock_difference(&b->clock, &difference);
    if (t->side == 1)
        difference = -difference;
    return other->begun && mc_ns_plus(t->last_ns, difference) >= other->first_ns &&
           mc_ns_plus(t->first_ns, difference) <= other->read_ns;
}

/* Nothing of it but SYNs of the client, and what may have been made in answer on the way. */
static bool is_attempt(const mc_between *b, const mc_trail *t)
{
    uint32_t n;

    if (!t->opened || t->opener != MC_CLIENT_TO_SERVER || t->way[MC_SERVER_TO_CLIENT].isn_known)
        return false;
    for (n = t->way[0].queue.first; n != 0; n = mc_record_at(b, n)->next)
        if ((mc_record_at(b, n)->seen.flags & MC_TH_SYN) == 0)
            return false;
    for (n = t->way[1].queue.first; n != 0; n = mc_record_at(b, n)->next)
        if ((mc_record_at(b, n)->seen.flags & MC_TH_RST) == 0)
            return false;
    return true;
}

void mc_unpaired_rest(mc_between *b)
{
    uint64_t opened[2] = { 0, 0 };               /* without a partner, and within the other's time */
    uint32_t n;

    for (n = 1; n <= b->trails.end; n++) {
        const mc_trail *t = mc_trail_at(b, n);

        if (is_unpaired(t) && is_within(b, t))
            opened[t->side]++;
    }
    for (n = 1; n <= b->trails.end; n++) {
        const mc_trail *t = mc_trail_at(b, n);

        if (!is_unpaired(t))
            continue;
        if (t->ambiguous) {
            note(b, MC_UNPAIRED_ambiguous, t);
        } else if (!is_within(b, t)) {
            note(b, MC_UNPAIRED_outside, t);
        } else if (t->side == b->near && b->facts.paired > 0 && opened[!t->side] == 0 && is_attempt(b, t)) {
            note(b, MC_UNPAIRED_unanswered, t);
            mc_alone_queue(b, t, MC_CLIENT_TO_SERVER, MC_ALONE_lost);
            mc_alone_queue(b, t, MC_SERVER_TO_CLIENT, MC_ALONE_injected);
        } else {
            note(b, MC_UNPAIRED_no_partner, t);
            if (!t->opened) {
                b->strays[t->side][0] += t->way[0].packets;
                b->strays[t->side][1] += t->way[1].packets;
            }
        }
    }
}
