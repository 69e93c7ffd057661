/*
 * acknowledged.c: what the peer's acknowledgements, SACK blocks (RFC 2018) and D-SACKs (RFC 2883)
 * say of what was sent again.
 */
#include "engine/late_segments.h"

#include "tcp/doubt.h"
#include "tcp/rules.h"
#include "tcp/state.h"

/* Whose sums and entries change with a cause. */
typedef struct causes {
    mc_cause_sums sums;
    mc_diary *diary;                 /* NULL: none is kept */
} causes;

static causes causes_of(mc_analysis *a, mc_detail *x, unsigned dir)
{
    return (causes){ { &a->direction[dir], &x->lost }, a->diary };
}

/* For repeats.h; 'arg' is a causes. */
static void recount(void *arg, const mc_repeat *r, unsigned from)
{
    causes *o = arg;

    mc_causes_recount(&o->sums, r, from);
    if (o->diary != NULL)
        mc_diary_recount(o->diary, r->frame, r->cause);
}

void mc_judge_acknowledged(mc_analysis *a, const mc_taken *t)
{
    mc_conn *c = t->conn;
    const mc_endpoint_state *sender = &c->endpoint[!t->dir], *d = &c->endpoint[t->dir];
    mc_detail *x = sender->detail;
    unsigned missing;
    causes o;

    if (x == NULL || x->repeat_count == 0 || (c->flags & MC_C_SELF) != 0)
        return;
    /* a device that makes a reset, with a TTL of its own, acknowledges what has never arrived */
    if ((t->segment->flags & MC_TH_RST) != 0 && d->ttl_max != 0 && mc_is_ttl_foreign(d, t->segment->ttl))
        return;
    o = causes_of(a, x, (!t->dir) & 1);
    /* a receiver answers each segment that it has already: as many acknowledgements are missing as came in vain */
    missing = mc_id_missing(&c->endpoint[t->dir], t->segment->ip_id);
    /* so many and no more: what is missing here are these, and its host numbers nobody else's packets */
    if (missing == 0 && mc_id_jumps(d) == 0 && d->ip_id != 0 && t->segment->ip_id != 0 && x->repeats_open > 1 &&
        (uint16_t)(t->segment->ip_id - d->ip_id) == x->repeats_open + 1u)
        missing = x->repeats_open;
    if (missing > 0 && missing == x->repeats_open && mc_seq_after(t->segment->ack, t->ack_before != NULL ? *t->ack_before : t->segment->ack))
        c->endpoint[t->dir].ip_id = (uint16_t)(t->segment->ip_id - 1u);
    mc_repeats_acknowledge(c, (!t->dir) & 1, t->segment, t->ack_before != NULL ? *t->ack_before : t->segment->ack,
                           (t->events & MC_TCP_DUPLICATE_ACK) != 0 && !t->copy &&
                           t->segment->ack == sender->highest_end,
                           (t->events & MC_TCP_LOST_SEGMENT) != 0 || (missing > 0 && missing >= x->repeats_open),
                           t->now, recount, &o);
}

/* Was [lo, hi) never sent?  'd' sends the data that 'receiver' acknowledges with 'ack'. */
static bool is_outside(const mc_endpoint_state *d, const mc_endpoint_state *receiver, uint32_t ack,
                       const uint32_t block[2])
{
    const uint32_t limit = mc_far_limit(receiver);
    const bool from_start = (d->options & MC_OPT_SEEN) != 0;

    if (mc_seq_before(block[0], ack))
        return from_start ? mc_seq_before(block[0], d->base) : ack - block[0] > limit;
    return (d->known & MC_KNOWN_BYTES) != 0 && mc_seq_after(block[1], d->highest_end) &&
           block[1] - d->highest_end > limit;
}

/* Of the first block the snapshot length has left no more than where it begins. */
static void note_cut_sack(mc_analysis *a, const mc_taken *t)
{
    const mc_segment *s = t->segment;
    mc_detail *x = t->conn->endpoint[!t->dir].detail;
    uint32_t end;

    /* RFC 2883: what begins below the ack came twice */
    if (!mc_seq_before(s->sack[0][0], s->ack) || t->copy)
        return;
    a->direction[t->dir].counts.dsack_count++;
    if (x == NULL || (end = mc_repeats_end_of(x, s->sack[0][0])) == s->sack[0][0] || mc_seq_after(end, s->ack))
        return;
    causes o = causes_of(a, x, (!t->dir) & 1);

    o.sums.facts->late.doubled_arrived += mc_repeats_report(x, s->sack[0][0], end, recount, &o);
}

/* Options are cut off, behind data that was sent again: one may have said that it came twice (RFC 2883). */
static void note_unseen_sack(mc_analysis *a, const mc_taken *t)
{
    const mc_endpoint_state *d = &t->conn->endpoint[t->dir], *sender = &t->conn->endpoint[!t->dir];
    /* who uses options has agreed on them: they are cut off its SYN as well */
    const bool agreed = (d->options & sender->options & MC_OPT_SEEN) == 0 || (d->options & sender->options & MC_OPT_SACK) != 0 ||
                        (d->options & (MC_OPT_MSS | MC_OPT_SCALE | MC_OPT_SACK | MC_OPT_TS)) == 0;

    if (agreed && !t->copy && sender->detail != NULL && mc_repeats_is_acknowledged(sender->detail, t->segment->ack))
        a->direction[!t->dir].late.dsacks_unseen++;
}

void mc_note_sack(mc_analysis *a, const mc_taken *t)
{
    mc_direction_facts *facts = &a->direction[t->dir];
    mc_conn *c = t->conn;
    mc_endpoint_state *sender = &c->endpoint[!t->dir];
    const mc_segment *s = t->segment;
    mc_detail *x;
    unsigned i = 0;

    if (s->sack_cut == MC_SACK_UNSEEN)
        note_unseen_sack(a, t);
    else if (s->sack_cut == MC_SACK_EDGE && s->sack_count == 0)
        note_cut_sack(a, t);
    if (s->sack_count == 0)
        return;
    /* RFC 2883: a first block at or below the ack, or inside the second, is a D-SACK */
    if (mc_seq_not_after(s->sack[0][1], s->ack) ||
        (s->sack_count > 1 && mc_seq_not_after(s->sack[1][0], s->sack[0][0]) &&
         mc_seq_not_after(s->sack[0][1], s->sack[1][1]))) {
        facts->counts.dsack_count++;
        i = 1;
    }
    if (is_outside(sender, &c->endpoint[t->dir], s->ack, s->sack[0])) {
        facts->odd.sack_outside++;
        mc_add_example(&facts->examples.sack_outside, t->frame);
        return;
    }
    if (i == 1 && sender->detail != NULL && sender->detail->repeat_count > 0 && !t->copy) {
        causes o = causes_of(a, sender->detail, (!t->dir) & 1);

        o.sums.facts->late.doubled_arrived += mc_repeats_report(sender->detail, s->sack[0][0], s->sack[0][1], recount, &o);
    }
    if (i >= s->sack_count || (x = mc_detail_of(&c->endpoint[t->dir], &a->pool)) == NULL)
        return;
    for (; i < s->sack_count; i++)
        if (!x->sack_known || mc_seq_after(s->sack[i][1], x->sacked_to)) {
            x->sack_known = true;
            x->sacked_to = s->sack[i][1];
        }
    if (mc_seq_before(s->ack, x->sacked_to))
        mc_repeats_asked(x, s->ack, x->sacked_to, t->now);
}

void mc_note_duplicate_ack(mc_analysis *a, const mc_taken *t)
{
    mc_endpoint_state *d = &t->conn->endpoint[t->dir];
    const mc_endpoint_state *sender = &t->conn->endpoint[!t->dir];
    const uint32_t ack = t->segment->ack;
    mc_detail *x;

    /* where the snapshot length has cut what it has, there may be more holes above */
    if (d->dup >= MC_FAST_RETRANSMIT && (x = mc_detail_of(d, &a->pool)) != NULL)
        mc_repeats_asked(x, ack, t->segment->sack_cut != 0 && mc_seq_before(ack, sender->highest_end) ? sender->highest_end : ack + 1,
                         t->now);
}

void mc_follow_ack_loop(mc_analysis *a, const mc_taken *t)
{
    mc_conn *c = t->conn;
    mc_endpoint_state *d = &c->endpoint[t->dir], *r = &c->endpoint[!t->dir];
    mc_direction_facts *facts = &a->direction[t->dir];
    mc_detail *x;
    uint16_t run;

    if ((t->events & MC_TCP_DUPLICATE_ACK) == 0 || t->copy || c->last_dir == t->dir ||
        (r->known & (MC_KNOWN_ACK | MC_KNOWN_NXT)) != (MC_KNOWN_ACK | MC_KNOWN_NXT) ||
        t->segment->seq == r->last_ack || r->nxt == t->segment->ack)
        return;
    x = mc_detail_of(d, &a->pool);
    if (x == NULL)
        return;
    run = r->detail != NULL && r->detail->loop_packet == r->packets ? r->detail->loop_run : 0;
    x->loop_run = run < UINT16_MAX ? (uint16_t)(run + 1u) : run;
    x->loop_packet = d->packets;
    if (x->loop_run < MC_ACK_LOOP_LEAST)
        return;
    facts->odd.ack_loop++;
    mc_add_example(&facts->examples.ack_loop, t->frame);
}
