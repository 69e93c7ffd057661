/*
 * attempts.c: how connections were begun, summed up.
 */
#include "outcomes/attempts.h"

#include "outcomes/top_connections.h"
#include "tcp/attempt.h"
#include "tcp/timers.h"

/* Closer than any timer (RFC 6298, 2.1) there is no repetition that waits for an answer. */
#define REPEAT_NS (100 * MC_NS_PER_MS)

#define DELAY_NS (200 * MC_NS_PER_MS)
/* What comes so long after a SYN was not there and back for so long: timers wait no longer at first (RFC 1122, 4.2.3.1). */
#define REFUSED_LATE_NS (3 * MC_NS_PER_S)
#define WAYS_LEAST 2u                /* round trips of data */

/* Who checks the port, and how often. */
static void add_check(mc_attempt_sums *x, mc_attempt_facts *a, const mc_conn *c)
{
    if (a->check_count++ == 0) {
        memcpy(a->checker, c->peer, sizeof a->checker);
        a->one_checker = true;
        x->check_first_ns = x->check_last_ns = c->first_ns;
    }
    a->one_checker = a->one_checker && memcmp(a->checker, c->peer, sizeof a->checker) == 0;
    if (c->first_ns < x->check_first_ns)
        x->check_first_ns = c->first_ns;
    if (c->first_ns > x->check_last_ns)
        x->check_last_ns = c->first_ns;
    a->check_span_ns = mc_ns_since(x->check_last_ns, x->check_first_ns);
}

/*
 * The last step came about a round trip after the first of two SYN-ACKs, and much sooner than one after the second, as
 * later data shows: it answers the first, which was late and not lost.  Acknowledgements are delayed by so much at most,
 * by stacks in use.
 */
static bool answers_the_first(const mc_conn *c, const mc_attempt *t)
{
    const mc_endpoint_state *r = &c->endpoint[!c->originator];
    int64_t way, took;

    if (c->syn_count != 2 || t->syn_acks != 2 || t->since_ns == 0 || c->irtt_ns <= 0 ||
        (c->flags & (MC_C_ANSWER_MISSED | MC_C_HS_DONE)) != (MC_C_ANSWER_MISSED | MC_C_HS_DONE) || r->rtt_count < WAYS_LEAST)
        return false;
    way = mc_ns_of_ms((double)r->rtt_min_ms);
    took = mc_ns_since(mc_ns_plus(c->syn_ns, c->irtt_ns), t->since_ns);
    return mc_ns_plus(mc_ns_plus(c->to_client_ns, c->to_client_ns), DELAY_NS) <= way &&
           took <= mc_ns_plus(mc_ns_plus(way, c->to_server_ns), DELAY_NS);
}

static unsigned marks_of(const mc_conn *c, const mc_attempt *t)
{
    return t == NULL ? 0 : t->marks | (answers_the_first(c, t) ? MC_A_LATE_ANSWER : 0u);
}

static void add_marks(mc_attempt_facts *a, const mc_conn *c, unsigned by)
{
    const mc_attempt *t = mc_attempt_of(c);
    unsigned marks = marks_of(c, t);
    bool opened = (c->flags & (MC_C_HS_SYN_ACK | MC_C_HS_DONE)) != 0 && (c->reset_phase != MC_RESET_HALF_OPEN || c->reset_by != by);
    /* who is answered so resets that, and opens nothing before it has sent its SYN again (RFC 9293, 3.10.7.3) */
    const bool stale = (marks & MC_A_STALE) != 0 && (!opened || c->syn_count > 1 || (marks & (MC_A_STALE_RESET | MC_A_CONTINUED)) != 0);

    a->syn_data[by] += c->syn_len > 0;
    a->replayed[by] += (c->flags & (MC_C_REPLAYED | MC_C_MID_STREAM)) == MC_C_REPLAYED;
    if (marks == 0)
        return;
    a->stale[by] += stale;
    a->stale_opened[by] += stale && opened;
    if (stale && opened && t->waited_ms > a->stale_waited_ms[by])
        a->stale_waited_ms[by] = t->waited_ms;
    a->renumbered[by] += (marks & MC_A_CONTINUED) != 0;
    a->held[by] += (marks & MC_A_HELD) != 0;
    a->soon[by] += (marks & (MC_A_HELD | MC_A_SOON)) == MC_A_SOON;
    a->syn_acks_differ[by] += (marks & MC_A_TWO_NUMBERS) != 0;
    a->late_answers[by] += (marks & (MC_A_HELD | MC_A_SOON | MC_A_LATE_ANSWER)) == MC_A_LATE_ANSWER;
    a->deferred[by] += (marks & MC_A_DEFERRED) != 0;
    a->syn_data_left[by] += (marks & MC_A_SYN_AGAIN) != 0 && !t->bare;
    a->syn_data_dropped[by] += (marks & MC_A_SYN_DATA) != 0 && t->bare && opened;
    if ((marks & MC_A_SHUT) != 0) {
        const int64_t shut = t->shut_ms > 0 ? t->shut_ms * MC_NS_PER_MS : mc_conn_zero_window_ns(c, !by);

        a->window_shut[by] += shut >= MC_NS_PER_MS;
        a->window_shut_ns[by] = mc_ns_plus(a->window_shut_ns[by], shut);
    }
}

/* Who gets no answer anywhere is cut off as well as anybody who sweeps. */
static bool is_swept(const mc_attempt_sums *x, mc_attempt_facts *a, const mc_attempt_ends *e, bool near)
{
    const mc_sweep s = mc_sweeps_find(x->elsewhere.sweeps, e->peer, x->server, e->server_port, near);

    if (!mc_sweep_is_one(&s) || (!e->answered && s.answered == 0))
        return false;
    if (s.asked > a->sweep_hosts) {
        a->sweep_hosts = s.asked;
        a->sweep_answered = s.answered;
    }
    return true;
}

bool mc_attempts_is_scanned_by(const mc_attempt_sums *x, mc_attempt_facts *a, const mc_attempt_ends *e)
{
    const mc_scanner *s = x->any_scanner ? mc_scanners_find(x->elsewhere.scanners, e->peer) : NULL;
    bool near, far;

    if (mc_scanner_is_one(s)) {
        if (s->port_count > a->scan_ports)
            a->scan_ports = s->port_count;
        return true;
    }
    if (!x->any_sweep)
        return false;
    near = is_swept(x, a, e, true);
    far = is_swept(x, a, e, false);
    a->swept[MC_CLIENT] += near || far;
    a->swept_near[MC_CLIENT] += near;
    return near || far;
}

/* One that got no answer: what other hosts said to the same client. */
static void add_others(const mc_attempt_sums *x, mc_attempt_facts *a, const mc_conn *c)
{
    uint64_t peer[2];
    mc_sweep s;

    if (!x->tells_others)
        return;
    memcpy(peer, c->peer, sizeof peer);
    s = mc_sweeps_find(x->elsewhere.sweeps, peer, x->server, c->server_port, false);
    a->unanswered_alone[MC_CLIENT] += s.answered > 0;
    if (s.answered > 0 || s.asked < MC_OTHERS_IN_VAIN)
        return;
    a->unanswered_everywhere[MC_CLIENT]++;
    if (s.asked > a->everywhere_hosts)
        a->everywhere_hosts = s.asked;
}

void mc_attempts_add_unusual(mc_attempt_sums *x, mc_connection_facts *f, const mc_conn *c, mc_outcome_id outcome,
                             int64_t end_ns)
{
    const mc_attempt *t = mc_attempt_of(c);
    const unsigned by = c->originator, marks = marks_of(c, t);
    const mc_endpoint_state *r = &c->endpoint[!by];
    const bool broken_off = (c->reset_phase == MC_RESET_HALF_OPEN && c->reset_by == by) || (marks & MC_A_STALE) != 0;
    mc_attempt_facts *a = &f->attempts;
    bool scanned;

    if ((c->flags & MC_C_SYN) == 0 || (c->flags & MC_C_MID_STREAM) != 0 || (marks & MC_A_GOES_ON) != 0)
        return;
    f->attempted[by]++;
    scanned = by == MC_CLIENT && mc_attempts_is_scanned(x, a, c->peer, c->server_port, (r->once & MC_ONCE_ANY) != 0);
    a->scanned[by] += scanned;
    if (c->syn_count > 1) {
        f->retried[by]++;
        f->syn_retransmits[by] += c->syn_count - 1u;
    }
    if (outcome == MC_O_WITHDRAWN || outcome == MC_O_CHECKED) {
        a->withdrawn[by] += outcome == MC_O_WITHDRAWN;
        a->checked[by] += outcome == MC_O_CHECKED;
        if (by == MC_CLIENT)
            add_check(x, a, c);
    }
    add_marks(a, c, by);
    if (c->reset_phase == MC_RESET_REFUSED && (c->syn_count > 1 || (r->once & MC_ONCE_SYN) == 0)) {
        f->refused[by]++;
        a->scanned_refused[by] += scanned;
        a->refused_numbered[by] += (marks & MC_A_NUMBERED) != 0;
        a->refused_bare[by] += t != NULL && t->bare_reset;
        a->refused_late[by] += c->syn_ns >= c->first_ns && (c->flags & MC_C_NO_TIME) == 0 &&
                               mc_ns_since(r->seen_ns, c->syn_ns) >= REFUSED_LATE_NS;
    } else if ((c->flags & MC_C_HS_DONE) != 0 || mc_attempt_goes_on(c)) {
        /* the opener's acknowledgement proves the SYN-ACK, captured or not */
        const bool sent_again = c->syn_count > 1 && (marks & (MC_A_STALE | MC_A_HELD | MC_A_SOON | MC_A_LATE_ANSWER)) == 0;

        f->completed[by]++;
        f->completed_retried[by] += sent_again;
        f->answers_missed[by] += sent_again && (c->flags & MC_C_ANSWER_MISSED) != 0;
        if (c->endpoint[0].payload_bytes + c->endpoint[1].payload_bytes == 0)
            f->data_less++;
    } else if ((r->once & MC_ONCE_ANY) == 0) {
        /* whoever wants an answer repeats its SYN, and not at once: that is a copy */
        const bool single = c->syn_count <= 1 || (t != NULL && t->since_ns != 0 && c->syn_ns >= t->since_ns &&
                                                  mc_ns_since(c->syn_ns, t->since_ns) < REPEAT_NS);

        f->unanswered[by]++;
        /* one that gave up after it had repeated its SYN has waited for an answer */
        f->unanswered_unproven[by] += single || (marks & MC_A_STALE) != 0;
        a->single[by] += !broken_off && single && mc_ns_since(end_ns, c->syn_ns) >= MC_FIRST_RTO_NS;
        a->scanned_unanswered[by] += scanned && !single && (marks & MC_A_STALE) == 0;
        if (by == MC_CLIENT && !scanned && !single && (marks & MC_A_STALE) == 0)
            add_others(x, a, c);
    } else {
        /* a server that misses the last step repeats its SYN-ACK; an opener that misses the SYN-ACK
           repeats its SYN, once the SYN-ACK has passed here */
        const bool repeated = t != NULL && t->syn_acks > 1, again = (c->flags & MC_C_ANSWER_MISSED) != 0;
        const bool proven = !broken_off && (repeated || again);

        f->half_open[by]++;
        f->half_open_unproven[by] += !proven;
        a->ignored[by] += proven && !again && !scanned;
        a->scanned_half_open[by] += scanned && proven;
        a->young[by] += !proven && !broken_off && mc_ns_since(end_ns, r->seen_ns) < MC_FIRST_RTO_NS;
    }
}
