/*
 * account.c: the rarer parts of the sums.
 */
#include "engine/account.h"

#include "engine/limits.h"

void mc_account_flags(mc_analysis *a, unsigned dir, const mc_segment *s, const mc_frame *frame)
{
    mc_direction_facts *facts = &a->direction[dir];
    mc_counts *n = &facts->counts;
    unsigned f = s->flags;

    if ((f & MC_TH_SYN) != 0) {
        n->syn_count++;
        n->syn_ack_count += (f & MC_TH_ACK) != 0;
        mc_add_example(&facts->examples.syns, frame->number);
    } else {
        n->ece_count += (f & MC_TH_ECE) != 0;
        n->cwr_count += (f & MC_TH_CWR) != 0;
    }
    n->fin_count += (f & MC_TH_FIN) != 0;
    if ((f & MC_TH_RST) != 0) {
        n->rst_count++;
        mc_timeline_at(&a->timeline, frame->time_ns)->value[dir][MC_TL_RESETS]++;
        mc_add_example(&facts->examples.resets, frame->number);
    }
    n->bad_checksums += (s->has & MC_BAD_CHECKSUM) != 0;
}

void mc_account_earlier(mc_direction_facts *facts, const mc_endpoint_state *d, int64_t now)
{
    mc_account_seen(facts, d);
    mc_account_time(facts, now);
}

void mc_account_tiny(mc_direction_facts *facts, uint32_t len, uint64_t frame)
{
    if (len <= MC_TINY_PAYLOAD) {
        facts->counts.tiny_segments++;
        mc_add_example(&facts->examples.tiny_segments, frame);
    }
}

void mc_account_mss(mc_direction_facts *facts, const mc_endpoint_state *peer, uint32_t len, uint64_t frame)
{
    if (len > peer->mss && peer->mss != 0) {
        facts->counts.segments_over_mss++;
        mc_add_example(&facts->examples.segments_over_mss, frame);
    }
}

#define STEPS(jumps) \
    (jumps) | 1, (jumps) | 2, (jumps) | 3, (jumps) | 4, (jumps) | 5, (jumps) | 6, (jumps) | 7, (jumps) | 8, \
    (jumps) | 9, (jumps) | 10, (jumps) | 11, (jumps) | 12, (jumps) | 13, (jumps) | 14, (jumps) | 15, ((jumps) >> 1 & 0x30) | 8

const uint8_t mc_id_run_after[256] = {
    STEPS(0x00), STEPS(0x10), STEPS(0x20), STEPS(0x30), STEPS(0x40), STEPS(0x50), STEPS(0x60), STEPS(0x70),
    STEPS(MC_ID_SKIPS | 0x00), STEPS(MC_ID_SKIPS | 0x10), STEPS(MC_ID_SKIPS | 0x20), STEPS(MC_ID_SKIPS | 0x30),
    STEPS(MC_ID_SKIPS | 0x40), STEPS(MC_ID_SKIPS | 0x50), STEPS(MC_ID_SKIPS | 0x60), STEPS(MC_ID_SKIPS | 0x70),
};

int64_t mc_account_idle(mc_analysis *a, mc_conn *c, int64_t now)
{
    const int64_t gap = mc_ns_since(now, mc_conn_last(c));
    const float ms = (float)((double)gap / (double)MC_NS_PER_MS);

    if (gap <= 0) {
        a->time_regressions++;
        if (mc_ns_since(mc_conn_last(c), now) > a->max_regression_ns)
            a->max_regression_ns = mc_ns_since(mc_conn_last(c), now);
        return gap;
    }
    if (ms > c->max_idle_ms)
        c->max_idle_ms = ms;
    if (gap > a->max_idle_ns)
        a->max_idle_ns = gap;
    if (gap > MC_IDLE_GAP_NS) {
        a->idle_gaps++;
        if (c->idle_gaps < 0xffff)
            c->idle_gaps++;
    }
    return gap;
}

/* Keeps the frames of the slowest answers. */
static void note_slow_answer(mc_analysis *a, int64_t took, uint64_t frame)
{
    mc_examples *e = &a->slow_answers;
    uint32_t i;

    if (e->count == MC_EXAMPLES && took <= a->slow_answer_ns[MC_EXAMPLES - 1])
        return;
    if (e->count < MC_EXAMPLES)
        e->count++;
    for (i = e->count - 1; i > 0 && a->slow_answer_ns[i - 1] < took; i--) {
        a->slow_answer_ns[i] = a->slow_answer_ns[i - 1];
        e->frame[i] = e->frame[i - 1];
    }
    a->slow_answer_ns[i] = took;
    e->frame[i] = frame;
}

/* What mc_speech_turn() does with an answer of a connection that nothing is remembered of. */
static inline void note_quick_answer(mc_conn *c, unsigned dir, int64_t took)
{
    float ms;

    if (dir != MC_SERVER || took < 0)
        return;
    ms = (float)((double)took / (double)MC_NS_PER_MS);
    c->response.sum_ms += ms;
    if (ms > c->response.max_ms)
        c->response.max_ms = ms;
}

MC_INLINE void take_turn(mc_conn *c, unsigned dir, uint32_t len, int64_t now)
{
    c->flags = (c->flags & ~(uint32_t)(MC_C_TURN_SERVER | MC_C_TURN_SMALL)) | mc_turn_of(dir) |
               (len <= MC_TINY_PAYLOAD ? MC_C_TURN_SMALL : 0);
    c->at.turn_ns = now;
}

/* Data of the side whose turn it is not. */
MC_INLINE void change_turn(mc_analysis *a, mc_conn *c, unsigned dir, bool fresh, uint32_t len, int64_t now, uint64_t frame)
{
    if ((c->flags & MC_C_TURN) != 0) {
        int64_t took = mc_ns_since(now, c->at.turn_ns);

        if (!fresh)
            return;                              /* an old answer sent again ends no turn */
        if (!mc_hist_add(dir == MC_SERVER ? &a->response : &a->think, took))
            a->no_memory = true;
        if (dir == MC_SERVER && took >= 0) {
            if (c->requests < 0xffff)
                c->requests++;
            note_slow_answer(a, took, frame);
        }
        if (MC_LIKELY(took < MC_SLOW_NS) && (c->flags & MC_C_DIALOGUE) == 0)
            note_quick_answer(c, dir, took);
        else
            mc_speech_turn(&a->speech, c, dir, len, took, frame);
    } else if (dir == MC_SERVER) {
        mc_speech_begin(&a->speech, c, now, frame);
    }
    take_turn(c, dir, len, now);
}

/* Is there more to a pause than the time that it took?  What waits to be acknowledged is asked about after a while. */
MC_INLINE bool is_told_of(uint32_t outstanding, int64_t pause)
{
    return outstanding == 0 || pause >= MC_PIECE_NS;
}

/* Data of the side whose turn it is. */
MC_INLINE void go_on(mc_analysis *a, mc_conn *c, unsigned dir, uint32_t len, uint16_t ip_id, uint32_t outstanding,
                     int64_t now, uint64_t frame)
{
    const int64_t pause = mc_ns_since(now, c->at.turn_ns);
    bool speaks_on;

    if (pause >= MC_PAUSE_NS) {
        if (is_told_of(outstanding, pause))
            mc_speech_pause(&a->speech, c, dir, len, ip_id, outstanding, now, frame);
        if (dir == MC_SERVER && pause >= MC_SLOW_NS && c->requests > 0 &&
            c->requests <= mc_talks_opening_turns(&a->talks, &a->flows->stories, c, &speaks_on))
            mc_speech_opening(&a->speech, c, speaks_on);
        mc_limits_pause(a, c, dir, now);
    }
    /* a request sent again counts from its latest copy: loss is not the server's slowness */
    c->at.turn_ns = now;
}

void mc_account_turn(mc_analysis *a, mc_conn *c, unsigned dir, bool fresh, uint32_t len, uint16_t ip_id,
                     uint32_t outstanding, int64_t now, uint64_t frame)
{
    if (c->reset_phase != MC_RESET_NONE)
        return;
    if (mc_is_in_turn(c, dir))
        go_on(a, c, dir, len, ip_id, outstanding, now, frame);
    else
        change_turn(a, c, dir, fresh, len, now, frame);
}

/* Both in functions of their own, so that most calls need no registers saved. */
MC_NOINLINE static void change_turn_in_order(mc_analysis *a, mc_conn *c, unsigned dir, uint32_t len, int64_t now,
                                             uint64_t frame)
{
    change_turn(a, c, dir, true, len, now, frame);
}

MC_NOINLINE static void go_on_in_order(mc_analysis *a, mc_conn *c, unsigned dir, const mc_segment_summary *s,
                                       int64_t now, uint64_t frame)
{
    go_on(a, c, dir, s->len, s->ip_id, c->endpoint[dir].sent_count, now, frame);
}

void mc_account_turn_change(mc_analysis *a, mc_conn *c, unsigned dir, const mc_segment_summary *s, int64_t now,
                            uint64_t frame)
{
    const mc_endpoint_state *d = &c->endpoint[dir];
    int64_t pause;

    if (dir == MC_CLIENT && (c->flags & MC_C_TURN) == 0) {
        take_turn(c, dir, s->len, now);          /* it asks first */
        return;
    }
    if (!mc_is_in_turn(c, dir)) {
        change_turn_in_order(a, c, dir, s->len, now, frame);
        return;
    }
    pause = mc_ns_since(now, c->at.turn_ns);
    if (pause < MC_PAUSE_NS || (!is_told_of(d->sent_count, pause) && mc_data_packets(d) < MC_LIMITS_PAUSE))
        c->at.turn_ns = now;
    else
        go_on_in_order(a, c, dir, s, now, frame);
}
