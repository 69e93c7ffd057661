/*
 * match.c: one segment seen at both points: what was changed, and how long it took.
 */
#include "compare/match.h"

#include "compare/answers.h"
#include "points/points.h"

#define ORDER_AFTER 256              /* segments by which the order of the points is found */

mc_likeness mc_compare_copies(const mc_between *b, const mc_pair *p, const mc_seen *s0, const mc_seen *s1)
{
    mc_likeness likeness = MC_ALIKE;

    if ((s0->has & s1->has & MC_HAS_TS) != 0) {
        if ((mc_clock_told(p, s0->dir) && s0->ts_val != s1->ts_val) ||
            (mc_clock_told(p, !s0->dir) && s0->ts_ecr != s1->ts_ecr))
            return MC_OTHER_COPY;
        if (mc_clock_told(p, s0->dir))
            likeness = MC_SAME_COPY;
    }
    if (s0->ip_id != 0 && s1->ip_id != 0) {
        if (s0->ip_id == s1->ip_id)
            return MC_SAME_COPY;
        if (mc_ids_kept(b, s0->dir))
            return MC_OTHER_COPY;
    }
    return likeness;
}

/* Do the payloads differ, as far as both were captured? */
static bool payload_differs(const mc_seen *s0, const mc_seen *s1)
{
    const uint32_t captured = s0->captured < s1->captured ? s0->captured : s1->captured;

    if (captured == s0->len)
        return s0->digest[2] != s1->digest[2];
    if (captured >= 64)
        return s0->digest[1] != s1->digest[1];
    return captured >= 16 && s0->digest[0] != s1->digest[0];
}

static void change(mc_between *b, mc_pair *p, mc_change what, const mc_seen *s0, const mc_seen *s1)
{
    mc_change_facts *c = &b->facts.direction[s0->dir].change[what];

    c->packets++;
    if ((p->changed[s0->dir] & 1u << what) == 0) {
        p->changed[s0->dir] |= (uint16_t)(1u << what);
        c->connections++;
        mc_note_frames(&c->examples, s0->frame, s1->frame);
    }
}

static void note_syn_changes(mc_between *b, mc_pair *p, const mc_seen *s0, const mc_seen *s1)
{
    mc_between_direction *d = &b->facts.direction[s0->dir];
    const unsigned differs = s0->has ^ s1->has;

    if (p->shift[s0->dir] != 0)
        change(b, p, MC_CHANGE_sequence_shift, s0, s1);
    if (s0->cut || s1->cut)
        return;                                  /* what was not captured may be there */
    if ((differs & MC_HAS_MSS) != 0 || s0->mss != s1->mss) {
        change(b, p, MC_CHANGE_mss, s0, s1);
        d->mss[0] = s0->mss;
        d->mss[1] = s1->mss;
    }
    if ((differs & MC_HAS_SCALE) != 0 || s0->scale != s1->scale) {
        change(b, p, MC_CHANGE_window_scale, s0, s1);
        d->scale[0] = s0->scale;
        d->scale[1] = s1->scale;
    }
    if ((differs & MC_HAS_SACKOK) != 0)
        change(b, p, MC_CHANGE_sack_permitted, s0, s1);
}

static void note_ttl(mc_between *b, mc_pair *p, const mc_seen *s0, const mc_seen *s1)
{
    mc_between_direction *d = &b->facts.direction[s0->dir];
    const int hops = s0->ttl - s1->ttl;          /* turned round at the end, if need be */

    if (!d->hops_known || hops < d->hops_min)
        d->hops_min = hops;
    if (!d->hops_known || hops > d->hops_max)
        d->hops_max = hops;
    d->hops_known = true;
    if (hops != 0)
        change(b, p, MC_CHANGE_ttl, s0, s1);
}

void mc_note_timestamps(mc_between *b, mc_pair *p, const mc_seen *s0, const mc_seen *s1)
{
    const bool both = (s0->has & s1->has & MC_HAS_TS) != 0;

    /* of options that were not captured nothing is told */
    if (both ? s0->ts_val != s1->ts_val || s0->ts_ecr != s1->ts_ecr : !s0->cut && !s1->cut && ((s0->has ^ s1->has) & MC_HAS_TS) != 0)
        change(b, p, MC_CHANGE_timestamps, s0, s1);
    if ((s0->has & s1->has & MC_HAS_TS) != 0 && s0->ts_val == s1->ts_val)
        p->clock_kept |= (uint8_t)(1u << s0->dir);
}

/* 'anew': another copy, of which only the options are to be compared. */
static void note_changes(mc_between *b, mc_pair *p, const mc_seen *s0, const mc_seen *s1, bool anew)
{
    const unsigned tos = s0->tos ^ s1->tos;

    if ((s0->flags & MC_TH_SYN) != 0)
        note_syn_changes(b, p, s0, s1);
    note_ttl(b, p, s0, s1);
    if (!anew || ((s0->has ^ s1->has) & MC_HAS_TS) != 0)
        mc_note_timestamps(b, p, s0, s1);
    if ((tos & 0xfc) != 0)
        change(b, p, MC_CHANGE_dscp, s0, s1);
    if ((tos & 0x03) != 0)
        change(b, p, MC_CHANGE_ecn, s0, s1);
    if (s0->win != s1->win) {
        change(b, p, MC_CHANGE_window, s0, s1);
        b->win_changed[s0->dir]++;
    } else {
        b->win_kept[s0->dir]++;
    }
    if (((s0->flags ^ s1->flags) & ~(unsigned)MC_TH_PSH) != 0)
        change(b, p, MC_CHANGE_flags, s0, s1);
    if (((s0->has ^ s1->has) & MC_HAS_IPID) == 0) {
        if (s0->ip_id != s1->ip_id) {
            change(b, p, MC_CHANGE_ip_id, s0, s1);
            b->id_changed[s0->dir]++;
        } else if (s0->ip_id != 0) {
            b->id_kept[s0->dir]++;
        }
    }
    if (s0->len > 0 && payload_differs(s0, s1))
        change(b, p, MC_CHANGE_payload, s0, s1);
    if (((s0->has ^ s1->has) & MC_BAD_CHECKSUM) != 0)
        change(b, p, MC_CHANGE_checksum, s0, s1);
}

/* An answer that was waited for at both points; what lies between them is the difference. */
static void note_wait(mc_between *b, mc_pair *p, mc_sight at0, mc_sight at1)
{
    const int64_t wait0 = at0.noted->wait_us * MC_NS_PER_US, wait1 = at1.noted->wait_us * MC_NS_PER_US;
    const unsigned near = b->near;
    const int64_t at_near = near == 0 ? wait0 : wait1, at_far = near == 0 ? wait1 : wait0;
    mc_pair_row *row = &p->row;

    if (!mc_hist_add(&b->wait[0], wait0) || !mc_hist_add(&b->wait[1], wait1) ||
        !mc_hist_add(&b->wait_between, at_near > at_far ? at_near - at_far : 0))
        b->no_memory = true;
    row->waits++;
    if (at_near > row->wait_ns[near]) {
        row->wait_ns[0] = wait0;
        row->wait_ns[1] = wait1;
        row->wait_frame[0] = at0.seen->frame;
        row->wait_frame[1] = at1.seen->frame;
    }
}

/*
 * RFC 4737, 3.3: a packet is late if one that was sent after it has come before it.  Matches come in no
 * order of their own, so a later match may show that an earlier one was late.
 */
static void note_order(mc_between *b, mc_pair *p, mc_sight at0, mc_sight at1)
{
    const unsigned d = at0.seen->dir, first = mc_before(b, d);
    mc_between_direction *sums = &b->facts.direction[d];
    const uint32_t at[2] = { at0.noted->ordinal, at1.noted->ordinal };
    const uint64_t frame[2] = { at0.seen->frame, at1.seen->frame };
    mc_passed *slot;
    bool is_late = false;
    unsigned i;

    if (MC_UNLIKELY(at[0] < p->highest[d][0] || at[1] < p->highest[d][1]))
        for (i = 0; i < MC_PASSED; i++) {
            mc_passed *o = &p->passed[d][i];
            const bool other = o->at[first] < at[first];             /* that one was sent before, and is there after */

            if (o->at[0] == 0 || (o->at[0] < at[0]) == (o->at[1] < at[1]) || (other ? o->late : is_late))
                continue;
            *(other ? &o->late : &is_late) = true;
            sums->reordered++;
            mc_note_frames(&sums->reordered_examples, other ? o->frame[0] : frame[0], other ? o->frame[1] : frame[1]);
        }
    for (i = 0; i < 2; i++)
        if (at[i] > p->highest[d][i])
            p->highest[d][i] = at[i];
    slot = &p->passed[d][p->passed_at[d]++ % MC_PASSED];
    for (i = 0; i < 2; i++) {                    /* each member by itself: a copy of all would wait for them */
        slot->at[i] = at[i];
        slot->frame[i] = frame[i];
    }
    slot->late = is_late;
}

/* It came by at both points: all but when it did. */
static void add_up(mc_between *b, mc_pair *p, const mc_seen *s0, const mc_seen *s1, bool anew)
{
    const unsigned d = s0->dir;
    mc_between_direction *sums = &b->facts.direction[d];

    sums->at_both++;
    sums->at_both_bytes += s0->len;
    p->at_both[d]++;
    if (mc_seen_space(s0) > 0)
        b->with_bytes++;
    else
        b->bare[d]++;
    if (MC_UNLIKELY((s0->flags & MC_TH_RST) != 0)) {
        p->resets_at_both |= (uint8_t)(1u << d);
        b->resets[d]++;
    }
    if ((s0->flags & MC_TH_SYN) != 0)
        p->syns_at_both |= (uint8_t)(1u << d);
    if (s0->len > p->mss && s0->len < 9000)
        p->mss = (uint16_t)s0->len;
    b->hops += d == MC_CLIENT_TO_SERVER ? s0->ttl - s1->ttl : s1->ttl - s0->ttl;
    note_changes(b, p, s0, s1, anew);
}

void mc_matched(mc_between *b, mc_pair *p, mc_sight at0, mc_sight at1)
{
    add_up(b, p, at0.seen, at1.seen, false);
    if (MC_LIKELY((at0.seen->flags & MC_TH_SYN) == 0 || !mc_answers_hold(p, at0.seen, at1.seen, false)))
        mc_clock_add(&b->clock, at0.seen->dir, at0.seen->time_ns, at1.seen->time_ns);
    if (MC_UNLIKELY(p->shift[MC_SERVER_TO_CLIENT] != 0 && p->answer.state <= MC_ANSWER_HELD)) {
        mc_answers_note(b, p, at0.seen, at1.seen);
        mc_answers_settle(b, p, false);
    }
    if (!b->near_fixed && b->hopped++ < ORDER_AFTER)
        mc_points_order(b);
    note_order(b, p, at0, at1);
    if (at0.noted->wait_us > 0 && at1.noted->wait_us > 0)
        note_wait(b, p, at0, at1);
}

void mc_matched_somehow(mc_between *b, mc_pair *p, mc_sight at0, mc_sight at1)
{
    add_up(b, p, at0.seen, at1.seen, false);
}

void mc_matched_anew(mc_between *b, mc_pair *p, const mc_seen *s0, const mc_seen *s1)
{
    add_up(b, p, s0, s1, true);
    (void)mc_answers_hold(p, s0, s1, true);
}
