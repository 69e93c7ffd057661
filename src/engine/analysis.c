/*
 * analysis.c: what each segment of the server goes through.
 */
#include "engine/analysis.h"

#include <stdlib.h>

#include "base/pages.h"
#include "engine/account.h"
#include "engine/begin.h"
#include "engine/fast_path.h"
#include "engine/late_segments.h"
#include "engine/limits.h"
#include "engine/listen.h"
#include "engine/paths.h"
#include "facts/hardware.h"
#include "tcp/bytes.h"
#include "tcp/attempt.h"
#include "tcp/doubt.h"
#include "tcp/rules.h"
#include "tcp/state.h"
#include "tcp/story.h"

mc_status mc_analysis_init(mc_analysis *a, const mc_endpoint *server, const mc_options *options,
                           mc_error *err)
{
    uint64_t max = options->max_connections, seed[2];
    int dir;

    memset(a, 0, sizeof *a);
    a->server = *server;
    a->rules = options->rules;
    a->sample_parts = mc_rules_sample_parts(options->rules);
    memcpy(a->server_addr, server->addr, sizeof a->server_addr);
    memcpy(&a->server4, server->addr + 12, sizeof a->server4);
    a->is_v4 = a->server_addr[0] == 0 && a->server_addr[1] == mc_mapped_word(a->server4);
    a->port_twice = (uint32_t)server->port << 16 | server->port;
    a->port_mask = server->port != 0 ? 0xffffffff : 0;
    mc_pool_init(&a->pool, MC_DETAIL_MEMORY);
    mc_speech_init(&a->speech, server->addr);
    mc_flows_seed(seed);
    mc_talks_init(&a->talks, options->application, seed);
    for (dir = 0; dir < 2; dir++) {
        a->direction[dir].first_ns = INT64_MAX;
        a->direction[dir].last_ns = INT64_MIN;
    }
    a->flows = mc_flows_open(max > UINT32_MAX / 4 ? UINT32_MAX / 4 : (uint32_t)max, a->is_v4);
    a->copies = mc_pages_alloc(sizeof *a->copies, false);
    a->recents = mc_pages_alloc(sizeof *a->recents, false);
    if (a->flows == NULL || a->copies == NULL || a->recents == NULL ||
        !mc_timeline_init(&a->timeline, options->bucket_ns))
        return mc_fail(err, MC_NOMEM, 0, "out of memory");
    if (options->switches != NULL)
        mc_flows_switch(a->flows, options->switches);
    return MC_OK;
}

void mc_analysis_free(mc_analysis *a)
{
    mc_diary_close(a->diary);
    mc_flows_close(a->flows);
    mc_pool_destroy(&a->pool);
    mc_pages_free(a->copies, sizeof *a->copies);
    mc_pages_free(a->recents, sizeof *a->recents);
    mc_timeline_free(&a->timeline);
    mc_hist_free(&a->to_server);
    mc_hist_free(&a->to_client);
    mc_hist_free(&a->response);
    mc_hist_free(&a->think);
    mc_speech_destroy(&a->speech);
    mc_talks_destroy(&a->talks);
    mc_resolved_free(&a->resolved);
    mc_hist_free(&a->rtt[0]);
    mc_hist_free(&a->rtt[1]);
}

/* ---------------------------------------------------------------- the rules' */

static void count_zero_window(mc_analysis *a, mc_conn *c, unsigned dir, const mc_segment *s, uint32_t events,
                              bool was_open, bool was_zero, int64_t now)
{
    mc_endpoint_state *d = &c->endpoint[dir];
    mc_detail *x = d->detail;

    if ((events & MC_TCP_ZERO_WINDOW) != 0) {
        x = mc_detail_of(d, &a->pool);
        if (x == NULL)
            return;
        x->zero_windows++;
        x->shut_ns = now;
        x->closed |= was_open;
        if (!was_zero && !x->zero_open && !mc_state_has_all(c, dir, s->ack)) {
            x->zero_open = true;
            x->zero_since_ns = now;
        }
    } else if (x != NULL && s->win == 0 && !x->zero_open &&
               (s->flags & (MC_TH_SYN | MC_TH_ACK | MC_TH_RST)) == (MC_TH_SYN | MC_TH_ACK)) {
        /* shut from the first: no event of the rules, but the other side has to wait */
        x->zero_open = true;
        x->zero_since_ns = now;
    } else if (x != NULL && x->zero_open && (s->win != 0 || (s->flags & MC_TH_RST) != 0)) {
        x->zero_open = false;
        if (now > x->zero_since_ns) {
            mc_attempt_window_opens(c, dir, mc_ns_since(now, x->zero_since_ns));
            x->zero_ns = mc_ns_plus(x->zero_ns, mc_ns_since(now, x->zero_since_ns));
        }
    }
}

/* The rarer flags; called when there is one at all. */
static void count_events(mc_analysis *a, const mc_conn *c, unsigned dir, uint32_t events, uint32_t foreign,
                         int64_t now, uint64_t frame)
{
    mc_direction_facts *facts = &a->direction[dir];
    mc_counts *n = &facts->counts;

    if (foreign != 0) {
        n->lost_segments_foreign += (foreign & MC_TCP_LOST_SEGMENT) != 0;
        n->acked_unseen_foreign += (foreign & MC_TCP_ACKED_UNSEEN) != 0;
        n->keep_alives_foreign += (foreign & MC_TCP_KEEP_ALIVE) != 0;
    }

    n->reused_ports += (events & MC_TCP_REUSED_PORTS) != 0;
    n->zero_window_probes += (events & MC_TCP_ZERO_WINDOW_PROBE) != 0;
    n->zero_window_probe_acks += (events & MC_TCP_ZERO_WINDOW_PROBE_ACK) != 0;
    n->window_updates += (events & MC_TCP_WINDOW_UPDATE) != 0;
    n->keep_alive_acks += (events & MC_TCP_KEEP_ALIVE_ACK) != 0;
    if ((events & MC_TCP_KEEP_ALIVE) != 0) {
        n->keep_alives++;
        mc_add_example(&facts->examples.keep_alives, frame);
    }
    if ((events & MC_TCP_ZERO_WINDOW) != 0) {
        n->zero_windows++;
        mc_add_example(&facts->examples.zero_windows, frame);
        mc_timeline_at(&a->timeline, now)->value[dir][MC_TL_ZERO_WINDOWS]++;
    }
    if ((events & MC_TCP_LOST_SEGMENT) != 0) {
        n->lost_segments++;
        mc_add_example(&facts->examples.lost_segments, frame);
    }
    if ((events & MC_TCP_ACKED_UNSEEN) != 0) {
        n->acked_unseen++;
        mc_add_example(&facts->examples.acked_unseen, frame);
    }
    if ((events & MC_TCP_WINDOW_FULL) != 0) {
        n->window_full++;
        mc_add_example(&facts->examples.window_full, frame);
    }
    if ((events & MC_TCP_DUPLICATE_ACK) != 0) {
        n->duplicate_acks++;
        if (c->endpoint[dir].dup > n->max_duplicate_acks)
            n->max_duplicate_acks = c->endpoint[dir].dup;
        mc_add_example(&facts->examples.duplicate_acks, frame);
    }
}

/* -------------------------------------------------------------------- doubts */

bool mc_analysis_is_zeros(const mc_match *m, const mc_segment *s)
{
    return mc_may_be_padding(s->len, s->flags) && mc_decode_is_zeros(m->packet, s, MC_TCP_HEADER + MC_MAX_PADDING);
}

/* What has been found about a segment of endpoint 'dir' that was in doubt. */
static void take_doubt_news(mc_analysis *a, mc_conn *c, unsigned dir, const mc_doubt_news *news)
{
    mc_direction_facts *facts = &a->direction[dir];
    mc_endpoint_state *d = &c->endpoint[dir];

    if (news->far_seq || news->far_ack) {
        facts->odd.far_seq += news->far_seq;
        facts->odd.far_ack += news->far_ack;
        if (news->far_seq) {
            mc_add_example(&facts->examples.far_numbers, news->frame);
            facts->odd.far_bytes = mc_max_u64(facts->odd.far_bytes, news->far_bytes);
        }
        if (news->far_ack) {
            mc_add_example(&facts->examples.far_numbers, news->ack_frame);
            facts->odd.far_bytes = mc_max_u64(facts->odd.far_bytes, news->ack_far_bytes);
        }
    }
    if (news->padding) {
        facts->odd.padding++;
        mc_add_example(&facts->examples.padding, news->frame);
    }
    if (news->accepted && news->segment.len > 0) {
        mc_bytes_news brought;

        d->payload_bytes -= news->segment.len;
        d->detail->skipped_bytes -= news->segment.len;
        mc_bytes_add(c, dir, &news->segment, news->time_ns, true, &a->pool, &brought);
    }
}

/* Settles the doubts of both sides that 's' settles, and says whether 's' is in doubt itself. */
static bool is_in_doubt(mc_analysis *a, mc_conn *c, unsigned dir, const mc_match *m, const mc_segment *s,
                        const uint32_t *ack_before, const mc_frame *frame)
{
    mc_direction_facts *facts = &a->direction[dir];
    mc_doubt_kind kind;
    uint64_t far_bytes, number;

    if (mc_doubt_takes_back(c, dir, s, &number)) {
        facts->odd.far_ack++;
        facts->odd.unseen_acks--;
        mc_add_example(&facts->examples.far_numbers, number);
    }
    if (mc_in_doubt(&c->endpoint[dir])) {
        mc_doubt_news news = { 0 };

        mc_doubt_next(c, dir, s, &news);
        take_doubt_news(a, c, dir, &news);
    }
    if (mc_in_doubt(&c->endpoint[!dir]) && (s->flags & MC_TH_ACK) != 0) {
        mc_doubt_news news = { 0 };

        mc_doubt_acknowledged(c, !dir, s->ack, &news);
        take_doubt_news(a, c, !dir, &news);
    }
    if (mc_doubt_ack(c, dir, s, ack_before, &far_bytes))
        mc_doubt_keep_ack(c, dir, s, far_bytes, frame->number, &a->pool);
    kind = mc_doubt_of(c, dir, s, mc_analysis_is_zeros(m, s));
    if (kind == MC_DOUBT_OLD_PADDING) {
        take_doubt_news(a, c, dir, &(mc_doubt_news){ .padding = true, .frame = frame->number });
        return true;
    }
    return kind != MC_DOUBT_NONE && mc_doubt_keep(c, dir, s, kind, frame->time_ns, frame->number, &a->pool);
}

/* An acknowledgement of data that is not in the capture; the rules say so of more. */
static void note_unseen(mc_analysis *a, mc_conn *c, unsigned dir, const mc_segment *s, const uint32_t *ack_before, uint64_t frame)
{
    mc_direction_facts *facts = &a->direction[dir];

    if (mc_in_doubt(&c->endpoint[dir]) || !mc_doubt_acks_unseen(c, dir, s, ack_before, &a->pool))
        return;
    facts->odd.unseen_acks++;
    mc_add_example(&facts->examples.unseen_acks, frame);
    if ((s->flags & (MC_TH_SYN | MC_TH_RST)) == 0)
        mc_doubt_keep_unseen(c, dir, s->ack, frame, &a->pool);
}

/* ------------------------------------------------------------------ attempt */

/* mc_attempt_segment(); a frame in which something out of the ordinary is noted first is an example. */
static uint32_t follow_attempt(mc_analysis *a, mc_conn *c, unsigned dir, const mc_segment *s, int64_t now,
                               const mc_attempt_before *was, uint64_t frame)
{
    mc_attempt_examples *e = &a->attempt_examples;
    const unsigned before = mc_attempt_marks(c);
    const uint32_t stale = mc_attempt_segment(c, dir, s, now, was, &a->pool);
    const unsigned fresh = mc_attempt_marks(c) & ~before;

    if (fresh == 0)
        return stale;
    if ((fresh & MC_A_STALE) != 0)
        mc_add_example(&e->stale, frame);
    if ((fresh & (MC_A_HELD | MC_A_SOON)) != 0 && (before & MC_A_SOON) == 0)
        mc_add_example(&e->held, frame);
    if ((fresh & MC_A_TWO_NUMBERS) != 0)
        mc_add_example(&e->syn_acks_differ, frame);
    if ((fresh & MC_A_DEFERRED) != 0)
        mc_add_example(&e->deferred, frame);
    if ((fresh & MC_A_SHUT) != 0)
        mc_add_example(&e->window_shut, frame);
    return stale;
}

/* So many copies, and one of so many segments, and the capture doubles packets. */
#define DOUBLED_LEAST 4u
#define DOUBLED_SHARE 4u

/*
 * So long after a packet comes a copy of it.  Where no identification tells them apart, what is
 * sent again within one tick of the timestamps looks the same; but nobody sends data again before
 * an answer could have come back (RFC 6298, 2; RFC 8985, 7).  Where the capture doubles packets
 * anyway, a copy is the likelier one, and the way that was measured may be that between two points.
 */
static uint32_t copy_ticks(const mc_analysis *a, const mc_conn *c, const mc_segment *s)
{
    const uint64_t copies = a->direction[0].counts.repeated_frames + a->direction[1].counts.repeated_frames;
    const bool doubled = copies >= DOUBLED_LEAST && copies * DOUBLED_SHARE >= a->segments;
    const bool told = s->len == 0 || mc_has_ip_id(s);
    const int64_t whole = told || doubled ? 0 : mc_whole_way(c);

    return whole > 0 && whole < MC_NS_PER_S ? (uint32_t)(whole >> 10) + 1 : MC_COPY_TICKS;
}

/* How long the latest data segment of side 'dir' was, if it is as long as its longest and was acknowledged; or 0. */
static uint32_t acked_length(const mc_analysis *a, const mc_conn *c, uint32_t hash, unsigned dir)
{
    const mc_endpoint_state *d = &c->endpoint[dir];
    mc_recent_segment first, latest;

    if (d->max_acked_len == 0 || d->sent_count > 0 ||
        !mc_recents_find(a->recents, mc_recent_key_of(hash, dir, d->nxt - d->max_acked_len), c->first_ns, &first, &latest))
        return 0;
    return latest.len == d->max_acked_len ? latest.len : 0;
}

/* -------------------------------------------------------------- one segment */

/* A side that sends these has not been answered: if nobody answers at all, it repeats itself in vain, but with new bytes. */
#define IN_VAIN (MC_TCP_KEEP_ALIVE | MC_TCP_ZERO_WINDOW_PROBE | MC_TCP_ANY_RETRANSMISSION)

static void note_in_diary(mc_analysis *a, const mc_taken *t)
{
    mc_diary_news *n = t->told;

    n->conn = t->conn;
    n->dir = t->dir;
    n->events = t->events;
    n->fresh = t->news.fresh;
    n->copy = t->copy;
    mc_diary_note(a->diary, n);
    a->no_memory |= a->diary->no_memory;
}

/* The full path; 'c' is the current connection, or NULL. */
MC_NOINLINE static void take_full_path(mc_analysis *a, mc_conn *c, const mc_match *m, const mc_segment *s,
                                       const mc_frame *frame)
{
    int64_t now = frame->time_ns, gap;
    mc_endpoint_state *d, before;
    mc_diary_news told = { .segment = s, .now = now, .frame = frame->number, .timeless = frame->timeless, .since_ns = -1 };
    mc_taken taken = { .segment = s, .hash = m->hash, .now = now, .frame = frame->number, .told = &told };
    mc_rtt_sample sample;
    unsigned dir;
    mc_attempt_before was;
    mc_limits_look look;
    uint32_t events, nxt, resent, outstanding, ack_before, stale = 0, foreign = 0;
    uint8_t soon = 0;
    bool copy, was_zero, nxt_known, repeated = false, first, begun_anew = false, rst = (s->flags & MC_TH_RST) != 0, done;
    bool was_open, in_doubt, timed;
    uint16_t longest_acked;

    if (c != NULL) {
        dir = mc_match_side(m, c, s->sport);
        if (mc_tcp_begins_anew(&c->endpoint[dir], s)) {
            c = mc_begin_anew(a, c, dir, m, s, frame);
            begun_anew = true;
        } else if (mc_attempt_is_replay(c, dir, s, now)) {
            c = mc_begin_replay(a, c, m, s, frame);
        }
    } else {
        c = mc_begin_connection(a, m, s, frame, false);
    }
    if (c != NULL)
        dir = mc_match_side(m, c, s->sport);
    else
        dir = (m->kind & MC_MATCH_UNDECIDED) != 0 ? mc_state_sender_serves(s) : m->kind & MC_MATCH_FROM_SERVER;
    mc_account_header(a, c, dir, s, frame);
    a->direction[dir].counts.reused_ports += begun_anew;
    if (c == NULL) {
        a->not_kept++;
        a->direction[dir].counts.unanalysed++;
        return;
    }
    d = &c->endpoint[dir];
    if (!s->len_known) {
        a->direction[dir].counts.unanalysed++;
        return;
    }

    if (frame->timeless)
        c->flags |= MC_C_NO_TIME;
    timed = (c->flags & MC_C_NO_TIME) == 0;
    gap = timed ? mc_account_gap(a, c, (c->flags & MC_C_BEGUN) != 0, now) : 0;
    if (rst) {
        before = *d;
        if (c->rst_count[dir] == 0xff)
            mc_detail_of(d, &a->pool);
        soon = mc_story_note_reset(&a->flows->stories, c, dir, s,
                                   (const uint32_t[2]){ acked_length(a, c, m->hash, 0), acked_length(a, c, m->hash, 1) }, now, gap);
    } else if (((s->flags & MC_TH_FIN) != 0 || s->alert) && mc_story_fin_crosses(c, dir, s->ack)) {
        /* who says goodbye by an alert sends its FIN right behind it */
        mc_story_note_fin(&a->flows->stories, c, dir);
    }
    first = (c->flags & MC_C_BEGUN) == 0;
    was_zero = (d->known & MC_KNOWN_WIN) != 0 && d->win == 0;
    was_open = (d->known & MC_KNOWN_WIN) != 0 && d->win != 0;
    done = (c->flags & MC_C_HS_DONE) != 0;
    nxt = d->nxt;
    nxt_known = (d->known & MC_KNOWN_NXT) != 0;
    outstanding = nxt_known && s->seq == nxt ? d->sent_count : MC_NOT_IN_ORDER;
    ack_before = d->last_ack;
    taken.conn = c;
    taken.dir = dir;
    taken.new_ns = d->nxt_ns;
    taken.ack_before = (d->known & MC_KNOWN_ACK) != 0 ? &ack_before : NULL;
    taken.at_window = c->endpoint[!dir].detail != NULL && c->endpoint[!dir].detail->zero_open;
    was = (mc_attempt_before){ d->base, d->once, c->syn_ns, false };
    if (s->len > 0)
        mc_limits_before(d, s, now, &look);
    resent = d->detail != NULL ? d->detail->resent : 0;

    longest_acked = c->endpoint[!dir].max_acked_len;
    events = taken.events = mc_tcp_segment(a->rules, c, dir, s, now, &a->pool, &sample);
    /* without the flag it acknowledges nothing, whatever stands there (RFC 9293, 3.1); the rules take that for a number */
    if (rst && (s->flags & MC_TH_ACK) == 0)
        c->endpoint[!dir].max_acked_len = longest_acked;

    copy = taken.copy = mc_copies_see_within(a->copies, m->fingerprint, now, copy_ticks(a, c, s)) && !mc_attempt_is_replayed(c);
    if (copy)
        mc_account_copy(&a->direction[dir], d, s->ttl);
    if (mc_attempt_is_open(c, dir, s->flags)) {
        was.twice = mc_state_is_twice(c, dir, copy, gap);
        stale = follow_attempt(a, c, dir, s, now, &was, frame->number);
        mc_attempt_hears_echo(c, dir, s, a->recents, mc_recent_key_of(m->hash, !dir, c->endpoint[!dir].base + 1));
    }
    if ((events & (MC_TCP_LOST_SEGMENT | MC_TCP_ACKED_UNSEEN | MC_TCP_KEEP_ALIVE)) != 0)
        foreign = mc_attempt_explains(c, dir, s, events, stale);
    if ((events & ~foreign & MC_TCP_ACKED_UNSEEN) != 0 && stale == 0)
        mc_speech_unseen(&a->speech, c, dir, s->len, now);
    taken.was = &was;
    /* numbers that the attempt explains are in no doubt */
    in_doubt = stale == 0 && (mc_attempt_is_replayed(c) || (!mc_attempt_is_foreign(c, dir) && !mc_attempt_is_foreign(c, !dir))) &&
               is_in_doubt(a, c, dir, m, s, taken.ack_before, frame);
    if (s->len > 0) {
        const bool again = mc_is_repeated_byte(&taken);

        taken.in_stream = !rst && (events & MC_TCP_KEEP_ALIVE) == 0 && !in_doubt;
        mc_bytes_add(c, dir, s, now, taken.in_stream, &a->pool, &taken.news);
        if (again)
            taken.news.fresh = 0;
        if (taken.in_stream && taken.news.fresh > 0 && stale == 0)
            mc_listen(a, c, dir, m, s, now, timed, frame->number);
        /* with its first segment a connection repeats nothing, even if the rules go on with an older one */
        repeated = nxt_known && !first && mc_seq_not_after(s->seq + s->len, nxt);
        if (!(s->alert && mc_account_alert(c, dir, now)) && timed && (taken.in_stream || again) && stale == 0)
            mc_account_turn(a, c, dir, taken.news.fresh > 0, s->len, s->ip_id, outstanding, now, frame->number);
        mc_account_mss(&a->direction[dir], &c->endpoint[!dir], s->len, frame->number);
        a->direction[dir].odd.no_ack += (s->flags & (MC_TH_ACK | MC_TH_SYN | MC_TH_RST)) == 0;
    }
    if ((s->flags & MC_TH_FIN) != 0)
        mc_account_close(a, c, dir, s->ack, s->len, now);
    if (s->win == 0 && !rst)
        mc_detail_of(d, &a->pool);
    if ((events & ~MC_TCP_LATE) != 0)
        count_events(a, c, dir, events, foreign, now, frame->number);
    if (((events & MC_TCP_ZERO_WINDOW) != 0) | (d->detail != NULL))
        count_zero_window(a, c, dir, s, events, was_open, was_zero, now);
    if ((events & MC_TCP_LATE) != 0)
        mc_count_late_events(a, &taken);
    if ((events & IN_VAIN) != 0 && !copy && (s->flags & (MC_TH_SYN | MC_TH_RST)) == 0 && (s->len == 0 || taken.news.fresh < s->len))
        mc_story_note_vain(&a->flows->stories, c, dir, s, (events & MC_TCP_ANY_RETRANSMISSION) == 0, now, frame->number);
    if (taken.news.fresh > 0 && c->reset_phase != MC_RESET_NONE)
        mc_story_note_later_data(&a->flows->stories, c, dir, s);
    if ((events & ~foreign & MC_TCP_ACKED_UNSEEN) != 0)
        note_unseen(a, c, dir, s, taken.ack_before, frame->number);
    if (mc_is_probe(&taken) && (foreign & MC_TCP_KEEP_ALIVE) == 0) {
        a->direction[dir].odd.keep_alives++;
        mc_add_example(&a->direction[dir].examples.probes, frame->number);
    }
    if (!in_doubt)
        mc_judge_late(a, &taken);
    if (taken.in_stream && s->len > 0)
        mc_recents_note(a->recents, mc_recent_key_of(m->hash, dir, s->seq), s->len, s->ts_val, now);
    if (timed && s->len > 0 && taken.in_stream && stale == 0) {
        look.lost = !copy && d->detail != NULL && d->detail->resent != resent;
        if (look.lost || taken.news.fresh > 0 || c->endpoint[dir].data_over == 0)
            mc_limits_look_back(a, c, dir, &look);
    }
    if ((events & MC_TCP_WINDOW_UPDATE) != 0 && timed)
        mc_limits_note_window(c, !dir);
    mc_judge_acknowledged(a, &taken);
    mc_follow_ack_loop(a, &taken);
    if (sample.taken && !timed)
        sample.clear = false;
    if (sample.taken)
        mc_account_rtt(a, &c->endpoint[(c->flags & MC_C_SELF) != 0 ? dir : !dir],
                       (c->flags & MC_C_SELF) != 0 ? dir : !dir, &sample, now);
    if ((s->has & MC_HAS_SACK) != 0 || s->sack_cut)
        mc_note_sack(a, &taken);
    if ((events & MC_TCP_DUPLICATE_ACK) != 0)
        mc_note_duplicate_ack(a, &taken);
    mc_state_segment(c, dir, s, events | stale | (copy ? MC_TCP_COPY : 0), repeated, now, gap, frame->number,
                     rst ? &before : d);
    if (in_doubt && (s->flags & (MC_TH_SYN | MC_TH_ACK)) == MC_TH_SYN)
        c->syn_len = 0;
    c->reset_signs |= soon;
    if (!done && timed && (c->flags & MC_C_HS_DONE) != 0) {
        if (!mc_hist_add(&a->to_server, c->to_server_ns) || !mc_hist_add(&a->to_client, c->to_client_ns))
            a->no_memory = true;
    }
    if (!rst)
        mc_account_ip(d, s->ttl, s->ip_id);
    if ((s->flags & MC_TH_SYN) == 0 && s->win > d->max_raw_window)
        d->max_raw_window = s->win;
    c->last_dir = (uint8_t)dir;
    if (MC_UNLIKELY(mc_diary_is_of(a->diary, &m->key)))
        note_in_diary(a, &taken);
    else if (!a->flows->switches.full_path_only)
        mc_fast_path_prepare(c);
    mc_flows_settle(a->flows, c, m->hash);
}

/* The frame of 'm'. */
MC_INLINE mc_frame frame_of(const mc_analysis *a, const mc_match *m, const mc_run *run)
{
    const mc_packet *p = m->packet;
    mc_frame f = { mc_run_frame(run, m), p->time_ns, false, p->wirelen, p->caplen };

    if (MC_LIKELY(p->time_ns != MC_NO_TIME))
        return f;
    f.timeless = true;
    while (p > run->packets && p->time_ns == MC_NO_TIME)
        p--;
    f.time_ns = p->time_ns != MC_NO_TIME ? p->time_ns : a->clock_ns;
    return f;
}

/* True if the handshake path has taken the segment of 'm'; 'c' is the current connection, or NULL. */
static bool take_handshake(mc_analysis *a, mc_conn *c, const mc_match *m, const mc_frame *frame)
{
    if (c != NULL ? c->fast_path == 0 : a->flows->switches.full_path_only || mc_diary_is_of(a->diary, &m->key))
        return false;
    if (mc_match_is_plain(m) || (mc_match_is_nearly_plain(m) && c != NULL && !mc_may_report(c, MC_SACK_UNSEEN)))
        return c != NULL && mc_handshake_plain(a, m, c, frame);
    if (m->segment != NULL)
        return mc_handshake_marked(a, m, c, m->segment, frame);
    return c == NULL && mc_handshake_syn(a, m, &m->syn_options, frame->number);
}

/* The same of a SYN in one of the usual forms, of a pair without a connection, as a flood has them. */
MC_INLINE bool take_syn(mc_analysis *a, const mc_conn *c, const mc_match *m, const mc_run *run)
{
    return c == NULL && m->segment == NULL && !mc_match_is_plain(m) && a->diary == NULL && !a->flows->switches.full_path_only &&
           mc_handshake_syn(a, m, &m->syn_options, mc_run_frame(run, m));
}

/* Which hardware the server's answers come from: of those only, so that other segments cost nothing. */
MC_NOINLINE static void note_hardware(mc_analysis *a, const mc_match *m, const mc_segment *s, const mc_frame *frame)
{
    const bool reset = (s->flags & MC_TH_RST) != 0;

    if (reset || (s->flags & MC_TH_ACK) != 0)
        mc_hardware_note(&a->hardware, m->packet, s->dst, reset, frame->number);
}

/* A segment that is not in order; 'c' is the current connection, or NULL. */
static void take_slower(mc_analysis *a, mc_conn *c, const mc_match *m, const mc_run *run)
{
    const mc_packet *p = m->packet;
    const mc_frame frame = frame_of(a, m, run);
    const mc_segment *s = m->segment;
    mc_segment decoded;

    if (s != NULL && (s->flags & (MC_TH_SYN | MC_TH_RST)) != 0 && (m->kind & MC_MATCH_FROM_SERVER) != 0)
        note_hardware(a, m, s, &frame);
    if (MC_UNLIKELY(frame.timeless)) {
        if (s != NULL)
            take_full_path(a, c, m, s, &frame);
        return;                                  /* one is always decoded: see session.c */
    }
    if (take_handshake(a, c, m, &frame))
        return;
    if (s == NULL) {
        if (!mc_decode_fast(p, &decoded))
            return;                              /* never: its headers were found before */
        s = &decoded;
    }
    take_full_path(a, c, m, s, &frame);
}

void mc_analysis_segments(mc_analysis *a, mc_match *matches, uint32_t count, const mc_packet *packets,
                          uint64_t first, mc_prefetcher *prefetcher)
{
    mc_run run = { matches, matches + count, matches, packets, first, prefetcher, mc_flows_are_scattered(a->flows) };
    uint32_t i;

    /* A processor waits for the translation of a page even if it only fetches ahead; but for
       several at a time if they follow closely. */
    if (run.guessed) {
        for (i = 0; i < count; i++)
            mc_flows_prefetch_slot(a->flows, matches[i].hash);
        for (i = 0; i < count; i++)
            matches[i].guess = mc_flows_guess(a->flows, matches[i].hash);
    }
    while (mc_in_order_run(a, &run)) {
        do {
            mc_match *m = run.next;
            mc_conn *c = m->guess;

            /* of one that is ready for any fast path: it is the current one between its ends */
            if (c->fast_path == 0 || !mc_flows_is_between(c->peer, c->ports, &m->key))
                c = mc_flows_find(a->flows, &m->key, m->hash);
            if (c != NULL && c != m->guess && (c->fast_path & MC_FAST_IN_ORDER) != 0) {
                m->guess = c;                    /* it began a moment ago: once more */
                break;
            }
            a->segments++;
            if (!take_syn(a, c, m, &run))
                take_slower(a, c, m, &run);
            run.next++;
        } while (run.ahead > run.next + MC_IN_ORDER_AHEAD / 2 && !mc_match_is_nearly_plain(run.next));
    }
}
