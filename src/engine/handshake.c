/*
 * handshake.c: the steps of a connection that goes as it should; see
 * take_full_path() for the full path.
 *
 * For each step there is a condition, under which no rule of rules.c gives a flag (the
 * numbers are those of the rules), and what the rules of rules.c, bytes.c and state.c
 * then leave behind.
 */
#include "engine/paths.h"

#include "tcp/state.h"
#include "tcp/story.h"
#include "engine/fast_path.h"
#include "engine/listen.h"
#include "tcp/rules.h"

#define SYN_ACK (MC_TH_SYN | MC_TH_ACK)
#define FIN_ACK (MC_TH_FIN | MC_TH_ACK)
#define ECN     (MC_TH_ECE | MC_TH_CWR)

/* Marks and options that the full path looks at: on any segment, and on one without SYN. */
#define SPECIAL         (MC_HAS_SACK | MC_BAD_CHECKSUM)
#define SPECIAL_NOT_SYN (SPECIAL | MC_HAS_MSS | MC_HAS_SCALE | MC_HAS_SACKOK)

/* What every segment but the first does; returns the time since the one before. */
MC_INLINE int64_t arrive(mc_analysis *a, const mc_match *m, mc_conn *c, unsigned dir, const mc_frame *frame)
{
    const int64_t gap = mc_account_step_gap(a, c, frame->time_ns);

    if (c->endpoint[dir].packets == 0 || MC_UNLIKELY(frame->time_ns < c->endpoint[dir].seen_ns))
        mc_account_earlier(&a->direction[dir], &c->endpoint[dir], frame->time_ns);
    mc_account_frame(a, c, dir, frame);
    mc_account_ip(&c->endpoint[dir], (uint8_t)m->summary.ttl, m->summary.ip_id);
    c->last_dir = (uint8_t)dir;
    if (MC_UNLIKELY(mc_copies_see(a->copies, m->fingerprint, frame->time_ns)) && (c->flags & MC_C_REPLAYED) == 0)
        mc_account_copy(&a->direction[dir], &c->endpoint[dir], (uint8_t)m->summary.ttl);
    return gap;
}

/* ---------------------------------------------------------------- handshake */

static inline void count_syn(mc_analysis *a, unsigned dir, uint64_t frame)
{
    mc_direction_facts *facts = &a->direction[dir];

    facts->counts.syn_count++;
    mc_add_example(&facts->examples.syns, frame);
}

/*
 * The SYN or SYN-ACK of 'r' is acknowledged (rule 22).  The round trip is counted, and
 * fit for nothing else.
 */
static inline void acknowledge_syn(mc_analysis *a, mc_endpoint_state *r, unsigned dir)
{
    a->direction[!dir].counts.rtt_samples_raw++;
    r->sent_count = 0;
    r->max_acked_len = 1;
}

/* A SYN-ACK that answers the only SYN: that is all that passed so far. */
static inline void answer(mc_analysis *a, mc_conn *c, unsigned dir, const mc_segment *s, int64_t now)
{
    mc_endpoint_state *d = &c->endpoint[dir], *r = &c->endpoint[!dir];

    mc_tcp_begin_endpoint(d, s->seq, s->win, now);
    mc_state_note_options(d, s);
    d->highest_end = (s->has & MC_HAS_TS) != 0 ? s->ts_ecr : 0;
    d->last_ack = s->ack;
    d->known |= MC_KNOWN_ACK;
    d->state = MC_ST_ESTABLISHED;
    mc_tcp_apply_scale(d, r, s);
    acknowledge_syn(a, r, dir);
    r->state = MC_ST_ESTABLISHED;
    r->previous_state = MC_ST_SYN_SENT;
    c->flags |= MC_C_SYN_ACK | MC_C_HS_SYN_ACK;
    c->to_server_ns = mc_ns_since(now, c->to_server_ns);
    c->to_client_ns = now;
    c->completeness |= 2;
    mc_state_add_letter(c, dir, 'H');
    c->fast_path = MC_FAST_HANDSHAKE;
}

/* The acknowledgement of the SYN-ACK, without data. */
static inline void complete_handshake(mc_analysis *a, mc_conn *c, unsigned dir, int64_t now)
{
    mc_endpoint_state *d = &c->endpoint[dir];

    d->known = (uint8_t)((d->known | MC_KNOWN_ACK) & ~MC_SYN_WINDOW);
    acknowledge_syn(a, &c->endpoint[!dir], dir);
    c->irtt_ns = mc_ns_since(now, c->syn_ns);
    c->to_client_ns = mc_ns_since(now, c->to_client_ns);
    c->flags |= MC_C_HS_DONE;
    if (!mc_hist_add(&a->to_server, c->to_server_ns) || !mc_hist_add(&a->to_client, c->to_client_ns))
        a->no_memory = true;
    c->completeness |= 4;
    d->once |= MC_ONCE_ACK;
    mc_state_add_letter(c, dir, 'A');
    /* a round trip of no time counts as unknown: each acknowledgement may set it */
    c->fast_path = 0;
    if (c->irtt_ns != 0)
        c->fast_path = (uint8_t)(MC_FAST_SETTLED | MC_FAST_SETTLED << 1 | MC_FAST_ACK << dir);
}

/* ------------------------------------------------ beginning and end of a side */

static inline bool is_new_data(const mc_endpoint_state *d, const mc_endpoint_state *r, const mc_segment_summary *s)
{
    return !mc_seq_not_after(s->seq + s->len, r->last_ack) && d->sent_count < MC_SENT_LIMIT;   /* 14 */
}

/* The first data of a side, from the first byte of its stream on. */
static bool is_first_data(const mc_endpoint_state *d, const mc_endpoint_state *r, const mc_segment_summary *s)
{
    return (d->known & MC_KNOWN_BYTES) == 0 && (d->once & MC_ONCE_DATA) == 0 && d->detail == NULL &&
           d->nxt == d->base + 1 && is_new_data(d, r, s) && !mc_fast_path_fills_window(r, s->seq + s->len);
}

MC_INLINE void take_data(mc_analysis *a, mc_conn *c, unsigned dir, const mc_match *m, const mc_frame *frame)
{
    const mc_segment_summary *s = &m->summary;

    c->endpoint[dir].options &= (uint8_t)~MC_NXT_BY_ACK;
    if (mc_account_is_odd_length(&c->endpoint[!dir], s->len)) {
        mc_account_tiny(&a->direction[dir], s->len, frame->number);
        mc_account_mss(&a->direction[dir], &c->endpoint[!dir], s->len, frame->number);
    }
    mc_fast_path_data(a, c, dir, &a->direction[dir], &c->endpoint[dir], s, frame->time_ns,
                      mc_timeline_at(&a->timeline, frame->time_ns)->value[dir]);
    if (!mc_account_goes_on(c, dir, frame->time_ns))
        mc_listen_in_order(a, c, dir, m, frame->time_ns, frame->number);
    mc_recents_note(a->recents, mc_recent_key_of(m->hash, dir, s->seq), s->len, mc_mark_ts_val(s->mark), frame->time_ns);
}

static inline void first_data(mc_analysis *a, mc_conn *c, unsigned dir, const mc_match *m, const mc_frame *frame)
{
    const mc_segment_summary *s = &m->summary;
    mc_endpoint_state *d = &c->endpoint[dir];

    take_data(a, c, dir, m, frame);
    mc_fast_path_advance(a, c, d, s->seq, s->seq + s->len, frame->time_ns);
    d->known |= MC_KNOWN_BYTES;
    d->once |= MC_ONCE_DATA;
    c->completeness |= 8;
    mc_state_add_letter(c, dir, 'D');
    c->fast_path |= (uint8_t)(MC_FAST_DATA << dir);
}

static inline void first_acknowledgement(mc_conn *c, unsigned dir)
{
    mc_endpoint_state *d = &c->endpoint[dir];

    if ((d->once & MC_ONCE_ACK) == 0)
        mc_state_add_letter(c, dir, 'A');
    d->once |= MC_ONCE_ACK;
    c->completeness |= 4;
}

static inline void close_side(mc_analysis *a, mc_conn *c, unsigned dir, const mc_match *m, int64_t gap,
                              const mc_frame *frame)
{
    const mc_segment_summary *s = &m->summary;
    mc_endpoint_state *d = &c->endpoint[dir];
    int64_t now = frame->time_ns;

    if (s->len > 0)
        take_data(a, c, dir, m, frame);
    mc_account_close(a, c, dir, s->ack, s->len, now);
    mc_fast_path_advance(a, c, d, s->seq, s->seq + s->len + 1, now);
    c->completeness |= (uint8_t)(s->len > 0 ? 16 | 8 : 16 | 4);
    if ((c->flags & MC_C_CLOSER) == 0)
        mc_state_note_closer(c, dir, gap);
    d->once |= MC_ONCE_FIN;
    d->ending = s->seq + s->len;
    mc_state_add_letter(c, dir, 'F');
    if (d->state != MC_ST_CLOSED) {
        d->previous_state = d->state;
        d->state = MC_ST_CLOSED;
    }
    c->fast_path &= (uint8_t)~(MC_FAST_DATA << dir);
}

/* What is left of rules 11 to 23 after a step other than those of the handshake. */
MC_INLINE void finish(mc_analysis *a, mc_conn *c, unsigned dir, const mc_segment_summary *s, int64_t now)
{
    mc_endpoint_state *d = &c->endpoint[dir], *r = &c->endpoint[!dir];

    if (s->ack != d->last_ack)
        d->dup = 0;                                                                  /* 11 */
    mc_fast_path_note(d, s, now);
    mc_fast_path_acknowledge(a, r, !dir, s->ack, now);
    d->known &= (uint8_t)~MC_SYN_WINDOW;                                             /* 23 */
    if ((d->once & MC_ONCE_ACK) != 0 && (c->completeness & 4) != 0)
        c->fast_path |= (uint8_t)(MC_FAST_ACK << dir);
}

/* ------------------------------------------------------------- which step it is */

/* Rules 3 and 12. */
static inline bool is_due(const mc_conn *c, unsigned dir, const mc_segment_summary *s)
{
    return (c->fast_path & (MC_FAST_SETTLED << dir)) != 0 && s->seq == c->endpoint[dir].nxt &&
           !mc_seq_after(s->ack, c->endpoint[!dir].contiguous_end);
}

/* The last step of the handshake, without data. */
static inline bool is_handshake(const mc_conn *c, unsigned dir, const mc_endpoint_state *d, const mc_endpoint_state *r,
                                const mc_segment_summary *s)
{
    return s->seq == d->nxt && s->ack == r->nxt && s->len == 0 && s->ack != d->last_ack && dir == c->originator;
}

static inline bool is_first(const mc_conn *c, unsigned dir, const mc_endpoint_state *d, const mc_endpoint_state *r,
                            const mc_segment_summary *s)
{
    if (!is_due(c, dir, s))
        return false;
    if (s->len > 0)
        return is_first_data(d, r, s);
    return (c->fast_path & (MC_FAST_ACK << dir)) == 0 && s->ack != d->last_ack;   /* 5, 9 */
}

bool mc_handshake_plain(mc_analysis *a, const mc_match *m, mc_conn *c, const mc_frame *frame)
{
    const mc_segment_summary *s = &m->summary;
    const unsigned dir = mc_match_side(m, c, s->ports >> 16);
    const bool handshake = c->fast_path == MC_FAST_HANDSHAKE;
    mc_endpoint_state *d = &c->endpoint[dir], *r = &c->endpoint[!dir];

    MC_KEEP(d);
    MC_KEEP(r);
    if (s->win == 0 || !(handshake ? is_handshake(c, dir, d, r, s) : is_first(c, dir, d, r, s)) ||
        mc_fast_path_is_odd(m))
        return false;
    arrive(a, m, c, dir, frame);
    if (handshake) {
        complete_handshake(a, c, dir, frame->time_ns);
        mc_fast_path_note(d, s, frame->time_ns);
        return true;
    }
    if (s->len > 0)
        first_data(a, c, dir, m, frame);
    else
        first_acknowledgement(c, dir);
    finish(a, c, dir, s, frame->time_ns);
    return true;
}

/*
 * The SYN that begins a connection: what it adds to the sums is added now, and the rest
 * waits in a record until a second segment comes (halfopen.h).  An acknowledgement number
 * without the flag, which says nothing, is 0 as a rule.
 */
bool mc_handshake_syn(mc_analysis *a, const mc_match *m, const mc_syn_options *syn_options, uint64_t number)
{
    const mc_segment_summary *s = &m->summary;
    const mc_packet *p = m->packet;
    const unsigned dir = m->kind & MC_MATCH_FROM_SERVER;
    const int64_t now = p->time_ns;
    mc_direction_facts *facts = &a->direction[dir];
    mc_half_open *h;
    bool counts;

    if (MC_UNLIKELY((m->kind & (MC_MATCH_UNDECIDED | MC_MATCH_SELF)) != 0 || !mc_half_open_fits(number, p->wirelen)) ||
        (h = mc_flows_add_half_open(a->flows, &m->key, m->hash, number)) == NULL)
        return false;
    MC_KEEP(facts);
    mc_account_time(facts, now);
    mc_account_arrival(a, dir, now);
    counts = mc_account_is_first(a, dir, number);
    if (MC_LIKELY(counts))
        facts->counts.captured_bytes += p->caplen;
    if (MC_UNLIKELY(mc_copies_see(a->copies, m->fingerprint, now)))
        facts->counts.repeated_frames++;
    count_syn(a, dir, number);
    h->win = s->win;
    h->time_ns = now;
    h->seq = s->seq;
    h->mss = syn_options->mss;
    h->ip_id = s->ip_id;
    h->ttl = (uint8_t)s->ttl;
    h->options = mc_state_options_of(syn_options->has, s->flags);
    h->scale = syn_options->scale;
    h->bytes = (counts ? p->wirelen : 0) & MC_HALF_OPEN_BYTES;
    h->by_server = dir & 1;
    if (dir == MC_CLIENT)
        mc_listen_begin(a, &m->key, now, number);
    return true;
}

static bool take_syn_ack(mc_analysis *a, const mc_match *m, mc_conn *c, const mc_segment *s, const mc_frame *frame)
{
    const unsigned dir = mc_match_side(m, c, s->sport);

    if (c->fast_path != MC_FAST_SYN_ACK || dir == c->originator || s->len != 0 || s->ack != c->endpoint[!dir].nxt ||
        (s->has & SPECIAL) != 0 || mc_may_report(c, s->sack_cut))
        return false;
    arrive(a, m, c, dir, frame);
    count_syn(a, dir, frame->number);
    a->direction[dir].counts.syn_ack_count++;
    answer(a, c, dir, s, frame->time_ns);
    return true;
}

static bool take_fin(mc_analysis *a, const mc_match *m, mc_conn *c, const mc_segment *s, const mc_frame *frame)
{
    const mc_segment_summary *b = &m->summary;
    const unsigned dir = mc_match_side(m, c, s->sport);
    mc_endpoint_state *d = &c->endpoint[dir], *r = &c->endpoint[!dir];
    int64_t gap;

    if (!is_due(c, dir, b) || (d->once & MC_ONCE_FIN) != 0 || d->sent_count >= MC_SENT_LIMIT ||
        (s->has & SPECIAL_NOT_SYN) != 0 || mc_may_report(c, s->sack_cut) || mc_story_fin_crosses(c, dir, s->ack))
        return false;
    if (mc_fast_path_is_odd(m))
        return false;
    if (s->len > 0 && ((c->fast_path & (MC_FAST_DATA << dir)) == 0 || !is_new_data(d, r, b)))
        return false;
    gap = arrive(a, m, c, dir, frame);
    a->direction[dir].counts.fin_count++;
    close_side(a, c, dir, m, gap, frame);
    finish(a, c, dir, b, frame->time_ns);
    mc_flows_settle(a->flows, c, m->hash);
    return true;
}

bool mc_handshake_marked(mc_analysis *a, const mc_match *m, mc_conn *c, const mc_segment *s, const mc_frame *frame)
{
    const unsigned flags = s->flags & (unsigned)~MC_TH_PSH;

    if (!s->len_known || s->win == 0)
        return false;
    if (c == NULL) {
        const mc_syn_options syn_options = mc_syn_options_of(s);

        return (s->flags & (uint8_t)~ECN) == MC_TH_SYN && s->len == 0 && s->ack == 0 && (s->has & SPECIAL) == 0 &&
               s->sack_cut != MC_SACK_EDGE && s->mptcp == 0 &&
               mc_handshake_syn(a, m, &syn_options, frame->number);
    }
    if (flags == FIN_ACK)
        return take_fin(a, m, c, s, frame);
    return (flags & (unsigned)~MC_TH_ECE) == SYN_ACK && take_syn_ack(a, m, c, s, frame);
}
