/*
 * late_segments.c: what late segments add to the sums.
 */
#include "engine/late_segments.h"

#include "tcp/doubt.h"
#include "tcp/late.h"
#include "tcp/recent.h"
#include "tcp/rules.h"
#include "tcp/sent.h"
#include "tcp/state.h"
#include "tcp/timers.h"

/* No retransmission timer of a common stack runs out sooner (RFC 6298 asks for a second). */
#define SHORTEST_TIMER_NS (20 * MC_NS_PER_MS)

/* ------------------------------------------------------------ the rules' counters */

void mc_count_late_events(mc_analysis *a, const mc_taken *t)
{
    mc_direction_facts *facts = &a->direction[t->dir];
    mc_endpoint_state *d = &t->conn->endpoint[t->dir];
    const mc_segment *s = t->segment;
    mc_detail *x = mc_detail_of(d, &a->pool);

    if ((t->events & MC_TCP_OUT_OF_ORDER) != 0) {
        facts->counts.out_of_order++;
        mc_add_example(&facts->examples.out_of_order, t->frame);
        if (x != NULL)
            x->out_of_order++;
    } else {
        facts->counts.retransmissions++;
        facts->counts.fast_retransmissions += (t->events & MC_TCP_FAST) != 0;
        facts->counts.spurious_retransmissions += (t->events & MC_TCP_SPURIOUS) != 0;
        mc_timeline_at(&a->timeline, t->now)->value[t->dir][MC_TL_RETRANSMISSIONS]++;
        mc_add_example(&facts->examples.retransmissions, t->frame);
        if (x != NULL)
            x->retransmissions++;
        if (s->len > 0)
            mc_sent_mark(d, s->seq, s->seq + s->len);
    }
    if (t->copy) {
        facts->counts.capture_duplicates++;
        mc_add_example(&facts->examples.capture_duplicates, t->frame);
    }
}

/* A segment that is sent again and again while the peer's ack stands still. */
static void follow_stuck(mc_analysis *a, mc_endpoint_state *d, const mc_endpoint_state *r, const mc_segment *s,
                         const mc_first_copy *first, uint64_t frame)
{
    mc_detail *x = mc_detail_of(d, &a->pool);
    /* what is sent again may be longer: two segments in one */
    const uint32_t len = first->end != 0 && first->end - s->seq < s->len ? first->end - s->seq : s->len;

    if (x == NULL)
        return;
    if (x->stuck_run > 0 && x->stuck_seq == s->seq &&
        ((r->known & MC_KNOWN_ACK) == 0 || mc_seq_not_after(r->last_ack, s->seq))) {
        x->stuck_run++;
        if (len < x->stuck_len)
            x->stuck_len = len;
    } else {
        x->stuck_run = 1;
        x->stuck_seq = s->seq;
        x->stuck_len = len;
    }
    if (x->stuck_run > x->stuck_max) {
        x->stuck_max = x->stuck_run;
        x->stuck_max_len = x->stuck_len;
        x->stuck_frame = frame;
        x->stuck_df = (s->has & MC_HAS_DF) != 0;
    }
}

/*
 * A FIN that was sent again without need: its acknowledgement had passed here, or it
 * goes along with the acknowledgement of the peer's FIN, as the stacks of BSD descent
 * do when both sides close at once (sooner than any timer).
 */
static bool is_needless_fin(const mc_conn *c, unsigned dir, const mc_segment *s, int64_t now)
{
    const mc_endpoint_state *r = &c->endpoint[!dir];
    int64_t first;

    if ((r->known & MC_KNOWN_ACK) != 0 && mc_seq_after(r->last_ack, s->seq))
        return true;
    return (r->once & MC_ONCE_FIN) != 0 && mc_sent_first(&c->endpoint[dir], s->seq, &first) &&
           mc_ns_since(now, first) < (c->irtt_ns > MC_RTO_NS ? c->irtt_ns : MC_RTO_NS);
}

/* What is known of the first copy of the segment in hand, which is not yet among the recent ones. */
static mc_first_copy find_first(const mc_analysis *a, const mc_taken *t)
{
    const mc_endpoint_state *d = &t->conn->endpoint[t->dir];
    const mc_segment *s = t->segment;
    mc_recent_segment earliest, latest;
    mc_first_copy f = { 0 };
    uint32_t start = s->seq, end;
    bool dated;

    if (s->len == 0)
        return f;
    dated = mc_recents_find(a->recents, mc_recent_key_of(t->hash, t->dir, start), t->conn->first_ns, &earliest, &latest);
    if (dated) {
        f = (mc_first_copy){ .known = true, .end = s->seq + earliest.len, .ts_val = earliest.ts_val,
                             .time_ns = earliest.time_ns, .latest_ns = latest.time_ns };
    } else if (mc_sent_holds(d, s->seq, s->len, &start, &end, &f.time_ns)) {
        /* out of the middle of a longer one: its beginning tells the timestamp */
        dated = mc_recents_find(a->recents, mc_recent_key_of(t->hash, t->dir, start), t->conn->first_ns, &earliest, &latest);
        f = (mc_first_copy){ .known = true, .end = end, .ts_val = dated ? earliest.ts_val : mc_piece_clock(d, s), .time_ns = f.time_ns };
        f.older = mc_sent_newest(d, &start) && mc_recents_are_newer(a->recents, mc_recent_key_of(t->hash, t->dir, start), s->ts_val);
    } else if (s->seq + s->len == d->nxt) {
        f = (mc_first_copy){ .known = true, .time_ns = d->nxt_ns };      /* when the highest number was reached */
    }
    f.ts_differs = dated && (s->has & MC_HAS_TS) != 0 && earliest.ts_val != 0 && s->ts_val != earliest.ts_val && s->ts_val != latest.ts_val;
    return f;
}

/* A byte out of the middle of what was acknowledged long ago: nothing but a question. */
static bool is_old_byte(const mc_taken *t, const mc_first_copy *first)
{
    return t->segment->len == 1 && t->news.fresh == 0 && (!first->known || first->end != t->segment->seq + 1);
}

#define USUAL_MSS 1460               /* where the option was not seen */

/*
 * It begins where none did before, or is shorter than the first copy, which was no longer than a
 * segment may be: somebody has asked for smaller packets.
 */
static bool is_cut(const mc_taken *t)
{
    const mc_endpoint_state *d = &t->conn->endpoint[t->dir];
    const mc_segment *s = t->segment;
    const uint32_t mss = t->conn->endpoint[!t->dir].mss;
    uint32_t start, end;
    int64_t when;

    return t->news.fresh == 0 && s->len > 1 && mc_sent_holds(d, s->seq, s->len, &start, &end, &when) &&
           (start != s->seq || mc_seq_before(s->seq + s->len, end)) && end - start <= (mss != 0 ? mss : USUAL_MSS);
}

/* The way to this side is short, and much shorter than to the other: hardly anything is lost between here and its host. */
static bool is_beside(const mc_conn *c, unsigned side)
{
    const int64_t near = mc_way_to(c, side);

    return near > 0 && near < MC_NS_PER_MS && near < mc_way_to(c, !side) / 4;
}

/*
 * All that was outstanding, again before its acknowledgement had to come.  Common receivers delay that by 200 ms at most,
 * and none by 500 ms (RFC 9293, 3.8.6.3); a D-SACK tells whether the first copy had arrived, but who sends SACK need not
 * send that (RFC 2883): beside the receiver a copy that was seen has most likely come.  An echo of its clock would tell.
 */
static bool is_early(const mc_conn *c, unsigned dir, const mc_repeat *r)
{
    const mc_endpoint_state *peer = &c->endpoint[!dir];
    const bool sack = (c->endpoint[0].options & c->endpoint[1].options & MC_OPT_SACK) != 0;

    if ((r->flags & (MC_REPEAT_TAIL | MC_REPEAT_SEEN | MC_REPEAT_ASKED)) != (MC_REPEAT_TAIL | MC_REPEAT_SEEN) ||
        r->since_ns < 0 || ((peer->known & MC_KNOWN_ACK) != 0 && peer->last_ack != r->seq))
        return false;
    if (r->lone && r->ts_val == 0 && is_beside(c, !dir))
        return r->since_ns < MC_DELAYED_ACK_NS;
    return !sack && r->since_ns < MC_USUAL_ACK_DELAY_NS;
}

/* With data, or by itself, the byte of a probe comes again that a closed window had kept out (RFC 9293, 3.8.6.1). */
static bool repeats_probe(const mc_taken *t, const mc_first_copy *first)
{
    const mc_endpoint_state *peer = &t->conn->endpoint[!t->dir];
    const mc_segment *s = t->segment;

    return !t->news.fills && s->len - t->news.fresh == 1 && peer->detail != NULL && peer->detail->zero_windows > 0 &&
           (peer->known & MC_KNOWN_ACK) != 0 && s->seq == peer->last_ack &&
           (t->news.fresh > 0 || (first->known && first->end == s->seq + 1));
}

/*
 * After its latest copy had passed, the receiver said that it takes nothing from there on: what comes while the window
 * is closed is not acceptable (RFC 9293, 3.10.7.4), though room for it had been promised (3.8.6: a window that shrinks).
 * Who has taken what lies behind it misses this.
 */
static bool was_shut_out(const mc_taken *t, const mc_first_copy *first)
{
    const mc_endpoint_state *peer = &t->conn->endpoint[!t->dir];
    const mc_detail *x = peer->detail;
    const int64_t latest = first->latest_ns > first->time_ns ? first->latest_ns : first->time_ns;

    return x != NULL && x->zero_windows > 0 && first->known && mc_ns_since(x->shut_ns, latest) >= 0 &&
           (peer->known & MC_KNOWN_ACK) != 0 && mc_seq_not_after(peer->last_ack, t->segment->seq) &&
           (!x->sack_known || mc_seq_not_after(x->sacked_to, t->segment->seq));
}

/*
 * The window has opened again as far as it says now, while the first byte that it had shut out was missing: whatever else had
 * been sent beyond that by then was not acceptable either.
 */
static void note_refused(const mc_taken *t, mc_detail *x)
{
    const mc_endpoint_state *peer = &t->conn->endpoint[!t->dir], *d = &t->conn->endpoint[t->dir];

    /* the first such byte tells */
    if (x->refused_ns > peer->detail->shut_ns || peer->last_ack != t->segment->seq || peer->scale == MC_SCALE_UNKNOWN || (peer->known & MC_KNOWN_WIN) == 0)
        return;
    x->refused_from = peer->last_ack + mc_announced_window(peer);
    x->refused_ns = mc_seq_before(x->refused_from, d->highest_end) ? t->now : 0;
}

/* All copies of it so far came beyond the window. */
static bool was_refused(const mc_taken *t, const mc_detail *x, const mc_first_copy *first)
{
    const mc_segment *s = t->segment;
    const int64_t latest = first->latest_ns > first->time_ns ? first->latest_ns : first->time_ns;

    return x->refused_ns != 0 && first->known && mc_ns_since(x->refused_ns, latest) >= 0 &&
           mc_seq_not_after(x->refused_from, s->seq);
}

/*
 * A loss is repaired when the receiver asks for it, or a timer runs out (RFC 5681, 3; RFC 6298).  Without
 * either nothing tells whether what is repeated had arrived: nobody's timer ran since the sender sent new data.
 */
static bool is_untold(const mc_taken *t, const mc_repeat *r, const mc_first_copy *first)
{
    const mc_endpoint_state *peer = &t->conn->endpoint[!t->dir];
    const mc_segment *s = t->segment;
    const int64_t since_new = mc_ns_since(t->now, t->new_ns);

    if (peer->dup > 1 || (peer->dup == 1 && peer->seen_ns > t->new_ns) ||
        (peer->detail != NULL && peer->detail->sack_known && mc_seq_after(peer->detail->sacked_to, s->seq)))
        return false;
    /* sooner than the way there and back takes, or just behind another copy, of which nothing can be known yet */
    if ((r->flags & MC_REPEAT_SOON) != 0 ||
        (first->latest_ns > first->time_ns && mc_ns_since(t->now, first->latest_ns) < SHORTEST_TIMER_NS))
        return true;
    /* with other borders than before, or more behind it: no probe */
    return (t->news.fresh > 0 || r->since_ns < 0) && since_new >= 0 && since_new < SHORTEST_TIMER_NS;
}

/*
 * Duplicate acknowledgements answer what comes behind a hole (RFC 5681, 3.2).  Where nothing was sent behind
 * this segment, they have answered something else, such as copies of older packets, and tell nothing of it;
 * no timer has run out either.  Several segments in one, as before segmentation, may have had a hole within.
 */
static bool is_asked_in_error(const mc_taken *t, const mc_first_copy *first)
{
    const mc_endpoint_state *peer = &t->conn->endpoint[!t->dir];
    const mc_segment *s = t->segment;

    return t->news.fresh == 0 && first->known && first->end == s->seq + s->len && peer->dup >= MC_FAST_RETRANSMIT &&
           (peer->known & MC_KNOWN_ACK) != 0 && peer->last_ack == s->seq &&
           s->seq + s->len == t->conn->endpoint[t->dir].highest_end &&
           s->len <= (peer->mss != 0 ? peer->mss : USUAL_MSS) && mc_ns_since(t->now, first->time_ns) < MC_RTO_NS &&
           (peer->detail == NULL || !peer->detail->sack_known || mc_seq_not_after(peer->detail->sacked_to, s->seq));
}

/*
 * Its acknowledgement, the latest that the peer has said, passed here sooner before it than the way to the sender and
 * back takes: it was on its way already, and no acknowledgement is late behind here.
 */
static bool has_crossed(const mc_taken *t)
{
    const mc_endpoint_state *peer = &t->conn->endpoint[!t->dir];

    return peer->dup == 0 && mc_ns_since(t->now, peer->seen_ns) < mc_way_to(t->conn, t->dir);
}

/* Of what was acknowledged here before it came. */
static unsigned needless_cause(const mc_taken *t, const mc_repeat *r)
{
    const unsigned cause = mc_repeat_needless(r);

    if (cause != MC_RESENT_acks_missing || !has_crossed(t))
        return cause;
    return (r->flags & MC_REPEAT_TAIL) != 0 ? MC_RESENT_tail_probe : MC_RESENT_arrived;
}

static void count_resent(mc_analysis *a, const mc_taken *t, const mc_first_copy *first)
{
    mc_direction_facts *facts = &a->direction[t->dir];
    mc_conn *c = t->conn;
    mc_endpoint_state *d = &c->endpoint[t->dir], *peer = &c->endpoint[!t->dir];
    const mc_segment *s = t->segment;
    mc_detail *x = mc_detail_of(d, &a->pool);
    const bool unseen = t->news.fresh > 0 && t->news.fills;
    /* of old bytes with new ones behind them the old ones count */
    const uint32_t old_end = s->seq + s->len - (unseen ? 0 : (uint32_t)t->news.fresh);
    const bool acked = (peer->known & MC_KNOWN_ACK) != 0 && mc_seq_not_after(old_end, peer->last_ack);
    mc_repeat r;

    facts->late.resent++;
    if (unseen)
        facts->late.resent_unseen++;
    else
        facts->late.resent_seen++;
    facts->late.resent_needless += acked && s->len > 0;
    facts->late.resent_shorter += is_cut(t);
    facts->late.resent_syns += (s->flags & MC_TH_SYN) != 0;
    if (x != NULL)
        x->resent++;
    if (s->len == 0 && (s->flags & (MC_TH_SYN | MC_TH_FIN)) == MC_TH_FIN) {
        facts->late.resent_fins++;
        mc_add_example(&facts->examples.resent_fins, t->frame);
        facts->late.resent_fins_needless += is_needless_fin(c, t->dir, s, t->now);
    }
    if (s->len == 0 || x == NULL || (s->flags & MC_TH_SYN) != 0)
        return;
    if (first->known && mc_ns_since(t->now, first->time_ns) >= MC_RTO_NS)
        facts->counts.timeout_retransmissions++;
    r = mc_repeat_of(c, t->dir, s, first, !unseen, t->now, t->frame);
    r.old_end = old_end;
    /* it brings new data, or was asked for: no question of its own */
    if (t->news.fresh > 0 || peer->dup > 0 ||
        (peer->detail != NULL && peer->detail->sack_known && mc_seq_after(peer->detail->sacked_to, s->seq)))
        r.flags &= (uint8_t)~MC_REPEAT_TAIL;
    if (is_early(c, t->dir, &r))
        r.flags |= MC_REPEAT_EARLY;
    if (acked && is_old_byte(t, first))
        r.cause = MC_RESENT_probe;
    else if (acked)
        r.cause = (uint8_t)(unseen ? MC_RESENT_arrived : needless_cause(t, &r));
    else if ((peer->once & MC_ONCE_RST) != 0)
        r.cause = MC_RESENT_to_reset;
    else if (was_shut_out(t, first)) {
        r.cause = MC_RESENT_probe;
        note_refused(t, x);
    } else if (t->at_window || repeats_probe(t, first) || was_refused(t, x, first))
        r.cause = MC_RESENT_probe;
    else if (!unseen && (r.flags & MC_REPEAT_HELD) != 0)
        r.cause = MC_RESENT_held_back;
    else if (!unseen && (is_asked_in_error(t, first) || is_untold(t, &r, first)))
        r.cause = MC_RESENT_unsettled;
    else
        r.cause = unseen ? MC_RESENT_lost_before : MC_RESENT_lost_behind;
    if (!mc_is_open_cause(r.cause) || unseen)
        r.flags &= (uint8_t)~MC_REPEAT_OPEN;
    mc_causes_count(&(mc_cause_sums){ &a->direction[t->dir], &x->lost }, &r, r.cause, true);
    t->told->cause = (uint8_t)(1 + r.cause);
    t->told->since_ns = r.since_ns;
    if (mc_is_open_cause(r.cause)) {
        mc_repeats_add(x, &a->pool, &r);
        follow_stuck(a, d, peer, s, first, t->frame);
    }
}

static void count_reordered(mc_analysis *a, const mc_taken *t)
{
    mc_direction_facts *facts = &a->direction[t->dir];
    mc_detail *x = mc_detail_of(&t->conn->endpoint[t->dir], &a->pool);
    const int64_t whole = mc_whole_way(t->conn);

    facts->late.reordered++;
    mc_add_example(&facts->examples.reordered, t->frame);
    if (x == NULL)
        return;
    /* what is in flight at a time is one burst */
    if (x->reordered == 0 || mc_ns_since(t->now, x->reordered_ns) > (whole > 0 ? whole : MC_RTO_NS))
        facts->late.reordered_bursts++;
    x->reordered++;
    x->reordered_ns = t->now;
}

/* A packet that came twice: the receiver may say so. */
static void count_duplicated(mc_analysis *a, const mc_taken *t, const mc_first_copy *first)
{
    mc_detail *x = mc_detail_of(&t->conn->endpoint[t->dir], &a->pool);
    mc_repeat r;

    a->direction[t->dir].late.duplicated++;
    if (x != NULL)
        x->duplicated++;
    if (x == NULL || t->segment->len == 0)
        return;
    mc_note_piece(x, t->segment);
    r = mc_repeat_of(t->conn, t->dir, t->segment, first, true, t->now, t->frame);
    r.flags = MC_REPEAT_COPY | MC_REPEAT_SEEN;
    r.cause = MC_RESENT_CAUSES;
    mc_repeats_add(x, &a->pool, &r);
}

bool mc_is_repeated_byte(const mc_taken *t)
{
    const mc_endpoint_state *peer = &t->conn->endpoint[!t->dir];
    const mc_segment *s = t->segment;

    return (t->events & MC_TCP_KEEP_ALIVE) != 0 && s->len == 1 && (peer->known & MC_KNOWN_ACK) != 0 &&
           mc_seq_not_after(peer->last_ack, s->seq) && (t->conn->endpoint[t->dir].known & MC_KNOWN_BYTES) != 0 &&
           s->seq + 1 == t->conn->endpoint[t->dir].highest_end;
}

/* One byte that was acknowledged before, and nothing of this side had been seen: what it had sent came before the capture. */
static bool is_first_probe(const mc_taken *t)
{
    const mc_endpoint_state *d = &t->conn->endpoint[t->dir], *peer = &t->conn->endpoint[!t->dir];
    const uint32_t end = t->segment->seq + 1;

    return (t->events & MC_TCP_SPURIOUS) != 0 && t->segment->len == 1 && (t->conn->flags & MC_C_MID_STREAM) != 0 &&
           (peer->known & MC_KNOWN_ACK) != 0 && peer->last_ack == end && d->highest_end == end && t->news.fresh == 1;
}

bool mc_is_probe(const mc_taken *t)
{
    const mc_endpoint_state *d = &t->conn->endpoint[t->dir];
    uint32_t end = d->nxt;

    if (is_first_probe(t))
        return true;
    if ((t->events & MC_TCP_KEEP_ALIVE) == 0 || mc_is_repeated_byte(t))
        return false;
    if ((d->known & MC_KNOWN_BYTES) != 0)
        end = d->highest_end + ((d->once & MC_ONCE_FIN) != 0);
    return t->segment->seq == end - 1;
}

/*
 * The latest segment of this side was short, and the padding of its frame had been written into its length: its
 * receiver has taken less, and this one goes on there.
 */
static bool follows_padding(const mc_taken *t)
{
    const mc_endpoint_state *d = &t->conn->endpoint[t->dir], *peer = &t->conn->endpoint[!t->dir];

    return d->detail != NULL && d->detail->doubt != NULL && d->detail->doubt->padded > 0 &&
           (peer->known & MC_KNOWN_ACK) != 0 && peer->last_ack == t->segment->seq && !t->news.fills && t->news.fresh > 0 &&
           t->segment->len - t->news.fresh < MC_MAX_PADDING;
}

static bool is_late(const mc_taken *t)
{
    const mc_segment *s = t->segment;
    const mc_endpoint_state *d = &t->conn->endpoint[t->dir];

    if (s->len > 0)
        return t->in_stream ? t->news.fresh < s->len || t->news.fills : mc_is_repeated_byte(t);
    if ((t->events & MC_TCP_LATE) == 0)
        return false;
    if ((s->flags & (MC_TH_SYN | MC_TH_FIN)) != MC_TH_FIN || (d->once & MC_ONCE_FIN) != 0 ||
        (d->known & MC_KNOWN_BYTES) == 0 || s->seq != d->highest_end)
        return true;
    /* a FIN for the first time, where all that was sent ends: overtaken by what comes just behind it, or
       the rules' number is beyond it for another reason */
    return d->nxt == s->seq + 1 && (d->detail == NULL || d->detail->doubt == NULL || d->detail->doubt->padded == 0);
}

void mc_judge_late(mc_analysis *a, const mc_taken *t)
{
    mc_late_facts *late = &a->direction[t->dir].late;
    mc_late_evidence by;
    mc_late_kind kind;
    mc_first_copy first;

    if (!is_late(t))
        return;
    /* each probe of a closed window brings the same byte */
    if ((t->events & MC_TCP_ZERO_WINDOW_PROBE) != 0)
        return;
    if (mc_attempt_repeats_syn_data(t->conn, t->dir, t->segment)) {
        mc_add_example(&a->attempt_examples.syn_data_left, t->frame);
        late->not_late++;
        t->told->verdict = 1 + MC_LATE_NOT;
        return;
    }
    if (follows_padding(t) || mc_state_is_numbered_as_syn(&t->conn->endpoint[t->dir], t->segment) ||
        mc_attempt_is_first(t->conn, t->dir, t->segment, &t->news, t->was)) {
        late->not_late++;
        t->told->verdict = 1 + MC_LATE_NOT;
        return;
    }
    if ((t->segment->flags & (MC_TH_SYN | MC_TH_ACK)) == MC_TH_SYN)
        mc_add_example(&a->direction[t->dir].examples.syn_retransmits, t->frame);
    first = find_first(a, t);
    kind = mc_late_judge(t->conn, t->dir, t->segment, &t->news, t->copy, &first, t->now, &by);
    t->told->verdict = (uint8_t)(1 + kind);
    t->told->by = (uint8_t)by;
    t->told->since_ns = first.known ? mc_ns_since(t->now, first.time_ns) : -1;
    switch (kind) {
    case MC_LATE_RESENT:
        count_resent(a, t, &first);
        break;
    case MC_LATE_REORDERED:
        count_reordered(a, t);
        break;
    case MC_LATE_DUPLICATED:
        count_duplicated(a, t, &first);
        break;
    case MC_LATE_UNDECIDED:
        late->undecided++;
        break;
    case MC_LATE_NOT:
        break;
    }
    late->by_repetition += by == MC_BY_REPETITION;
    late->by_copy += by == MC_BY_COPY;
    late->by_timestamp += by == MC_BY_TIMESTAMP;
    late->by_ip_id += by == MC_BY_IP_ID;
    late->by_ack += by == MC_BY_ACK;
    late->by_time += by == MC_BY_TIME;
}
