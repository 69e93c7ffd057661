/*
 * answers.c: SYN-ACKs under other numbers at each point.
 *
 * Many devices choose another number for the server.  One that answers SYNs itself (a SYN proxy) does so too, and what tells it is the
 * time: its answer is at the client's side before the server has sent one.  No clock need be known for that: the clocks' difference is at
 * most that of what goes on from the first point to the second, and at least that of what comes back (which of the points is the first
 * these two tell as well).  Until this is known the times of these SYN-ACKs tell nothing of the clocks.
 */
#include "compare/answers.h"

#define MARGIN_NS   (1 * MC_NS_PER_MS)           /* captures stamp what they see late by less */
#define DRIFT_PARTS 1000             /* of a time: clocks run apart by less */
#define FORTH_LEAST 2u               /* one may be another copy of its segment */

bool mc_answers_hold(mc_pair *p, const mc_seen *s0, const mc_seen *s1, bool other)
{
    const bool told = (s0->has & s1->has & MC_HAS_TS) != 0 || (s0->ip_id != 0 && s1->ip_id != 0);

    if (p->answer.state != MC_ANSWER_NONE || s0->dir != MC_SERVER_TO_CLIENT || (s0->flags & (MC_TH_SYN | MC_TH_ACK)) != (MC_TH_SYN | MC_TH_ACK) ||
        p->shift[MC_SERVER_TO_CLIENT] == 0 || (told && !other))
        return false;
    p->answer.state = MC_ANSWER_HELD;
    p->answer.other = other;
    p->answer.time_ns[0] = s0->time_ns;
    p->answer.time_ns[1] = s1->time_ns;
    p->answer.frame[0] = s0->frame;
    p->answer.frame[1] = s1->frame;
    return true;
}

void mc_answers_note(const mc_between *b, mc_pair *p, const mc_seen *s0, const mc_seen *s1)
{
    mc_answer *a = &p->answer;
    const int64_t difference = mc_ns_since(s1->time_ns, s0->time_ns);
    const int64_t drift = mc_ns_since(s0->time_ns, mc_trail_at(b, p->trail[0])->first_ns) / DRIFT_PARTS;

    if ((s0->flags & (MC_TH_SYN | MC_TH_RST)) != 0)
        return;
    if (s0->dir == MC_SERVER_TO_CLIENT) {
        a->back_low = a->back == 0 || difference < a->back_low ? difference : a->back_low;
        a->back_high = a->back == 0 || difference > a->back_high ? difference : a->back_high;
        a->back++;
        return;
    }
    a->forth_low = a->forth == 0 || difference + drift < a->forth_low ? difference + drift : a->forth_low;
    a->forth_high = a->forth == 0 || difference - drift > a->forth_high ? difference - drift : a->forth_high;
    a->forth++;
}

/* Was the answer at the client's side before it was at the server's? */
static bool is_made_between(const mc_answer *a)
{
    const int64_t difference = mc_ns_since(a->time_ns[1], a->time_ns[0]);

    if (a->back_high < a->forth_low)             /* side 0 is nearer to the client */
        return difference > mc_ns_plus(a->forth_low, MARGIN_NS);
    return a->back_low > a->forth_high && difference < mc_ns_plus(a->forth_high, -MARGIN_NS);
}

void mc_answers_settle(mc_between *b, mc_pair *p, bool final)
{
    mc_answer *a = &p->answer;

    if (a->state != MC_ANSWER_HELD || (!final && (a->forth < FORTH_LEAST || a->back == 0)))
        return;
    if (a->forth > 0 && a->back > 0 && is_made_between(a)) {
        a->state = MC_ANSWER_MADE;
        p->row.answered = true;
        b->facts.answered++;
        mc_note_frames(&b->facts.answered_examples, a->frame[0], a->frame[1]);
        return;
    }
    a->state = MC_ANSWER_OWN;
    /* where nothing bears it out it tells the clocks only if nothing else does */
    if (!a->other && ((a->forth > 0 && a->back > 0) || b->clock.count[MC_SERVER_TO_CLIENT] == 0))
        mc_clock_add(&b->clock, MC_SERVER_TO_CLIENT, a->time_ns[0], a->time_ns[1]);
}

bool mc_answers_is_part(const mc_between *b, const mc_pair *p, unsigned side, const mc_seen *s)
{
    const mc_trail *t = mc_trail_at(b, p->trail[side]);

    if (p->answer.state != MC_ANSWER_MADE)
        return false;
    if ((s->flags & MC_TH_SYN) != 0)
        return true;
    /* the last step of the handshake, and what opens the window after it */
    return mc_seen_space(s) == 0 && (s->flags & (MC_TH_RST | MC_TH_ACK)) == MC_TH_ACK && t->way[0].isn_known && t->way[1].isn_known &&
           s->seq == t->way[s->dir].isn + 1 && s->ack == t->way[!s->dir].isn + 1;
}
