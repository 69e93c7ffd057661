/*
 * in_order.c: the fast path; see take_full_path() for the full path.
 */
#include "engine/paths.h"

#include "engine/fast_path.h"
#include "engine/listen.h"

/*
 * True if no rule gives a flag and no state changes, for a plain segment (see
 * decode_fast.h); the numbers are those of the rules in rules.c.  What is part of being
 * ready, and what the fast path keeps so: that the next sequence number is also the end
 * of what followed on without a hole, and that neither window is closed.
 */
MC_INLINE bool is_in_order(const mc_conn *c, unsigned dir, const mc_endpoint_state *d, const mc_endpoint_state *r,
                           const mc_segment_summary *s)
{
    if (s->seq != d->nxt ||                                                          /* 3, 4, 7, 8 */
        mc_seq_after(s->ack, r->contiguous_end) ||                                           /* 12 */
        s->win == 0)                                                                 /* 1, 2 */
        return false;
    if (s->len == 0)
        return (c->fast_path & (MC_FAST_ACK << dir)) != 0 && s->ack != d->last_ack;                 /* 5, 9 */
    if ((c->fast_path & (MC_FAST_DATA << dir)) == 0 || mc_seq_not_after(s->seq + s->len, r->last_ack) || /* 14 */
        d->sent_count >= MC_SENT_LIMIT)
        return false;
    return !mc_fast_path_fills_window(r, s->seq + s->len);                              /* 6 */
}

/* Takes the plain segment of 'm' and returns true, or returns false and changes nothing. */
MC_INLINE bool take(mc_analysis *a, const mc_match *m, mc_conn *c, const mc_run *run)
{
    const mc_segment_summary *s = &m->summary;
    const mc_packet *p = m->packet;
    const unsigned dir = m->kind;                /* of a plain one it says no more */
    const int64_t now = p->time_ns;
    mc_endpoint_state *d = &c->endpoint[dir], *r = &c->endpoint[dir ^ 1];
    mc_direction_facts *facts = &a->direction[dir];
    uint64_t *row;

    MC_KEEP(d);
    MC_KEEP(r);
    if (!is_in_order(c, dir, d, r, s) || mc_fast_path_is_odd(m))
        return false;
    MC_KEEP(facts);
    mc_account_gap(a, c, true, now);
    if (MC_UNLIKELY(now < d->seen_ns))
        mc_account_earlier(facts, d, now);
    row = mc_account_arrival(a, dir, now)->value[dir];
    d->packets++;
    if (MC_LIKELY(m->segment == NULL) || mc_account_is_first(a, dir, mc_run_frame(run, m))) {
        facts->counts.captured_bytes += p->caplen;
        d->byte_count += p->wirelen;
    }
    if (s->len == 0 || s->ack != d->last_ack)
        d->dup = 0;                                                                  /* 11 */
    if (s->len > 0) {
        if (mc_is_heard_at_all(c))
            mc_talks_prefetch(&a->talks, c);     /* it is asked for when this has been accounted for */
        if (mc_account_is_odd_length(r, s->len)) {
            mc_account_tiny(facts, s->len, mc_run_frame(run, m));
            mc_account_mss(facts, r, s->len, mc_run_frame(run, m));
        }
        mc_fast_path_data(a, c, dir, facts, d, s, now, row);
        if (!mc_account_goes_on(c, dir, now))
            mc_listen_in_order(a, c, dir, m, now, mc_run_frame(run, m));
        mc_recents_note(a->recents, mc_recent_key_of(m->hash, dir, s->seq), s->len, mc_mark_ts_val(s->mark), now);
        mc_fast_path_advance(a, c, d, s->seq, s->seq + s->len, now);
    }
    mc_fast_path_note(d, s, now);
    c->last_dir = (uint8_t)dir;
    mc_account_ip(d, (uint8_t)s->ttl, s->ip_id);
    if (MC_UNLIKELY(mc_copies_see(a->copies, m->fingerprint, now)) && (c->flags & MC_C_REPLAYED) == 0)
        mc_account_copy(facts, d, (uint8_t)s->ttl);
    mc_fast_path_acknowledge(a, r, (unsigned)(r - c->endpoint), s->ack, now);
    return true;
}

/* Up to here there is time, from 'm' on, before more is to be fetched. */
static inline const mc_match *go_ahead_at(const mc_run *run, const mc_match *m)
{
    if (run->ahead == run->end)
        return run->end;
    return run->ahead - m > MC_IN_ORDER_AHEAD / 2 ? run->ahead - MC_IN_ORDER_AHEAD / 2 : m;
}

#define WORDS_FIRST  576u             /* bytes of a packet: most of a ClientHello ... */
#define WORDS_SERVER 832u             /* ... what tells a certificate ... */
#define WORDS_NEXT   320u             /* ... and headers of records */

/* Where there is TLS: what those say that are listened to, and whose connections have been fetched before.  Lines that were
   fetched to be decoded were fetched for once. */
MC_INLINE void fetch_words(const mc_talks *t, const mc_match *m, const mc_match *end)
{
    const mc_match *const last = end - m > MC_IN_ORDER_AHEAD / 2 ? m + MC_IN_ORDER_AHEAD / 2 : end;

    for (; m < last; m++) {
        const mc_conn *c = m->guess;
        uint32_t at, most;

        if (m->summary.len == 0 || (c->flags & MC_C_HEARD) != 0)
            continue;
        most = WORDS_FIRST;
        if ((c->flags & MC_C_TURN) != 0) {
            mc_talks_prefetch_tls(t, c);
            most = m->kind == MC_MATCH_FROM_SERVER && !mc_is_in_turn(c, MC_SERVER) ? WORDS_SERVER : WORDS_NEXT;
        }
        for (at = 0; at < m->packet->caplen && at < most; at += 64)
            MC_PREFETCH(m->packet->data + at);
    }
}

/* 'guessed' is a constant. */
MC_INLINE void fetch(mc_analysis *a, mc_run *run, mc_match *m, bool guessed)
{
    mc_match *const end = run->end - m > MC_IN_ORDER_AHEAD ? m + MC_IN_ORDER_AHEAD : run->end, *ahead = run->ahead;
    mc_flows *const flows = a->flows;
    mc_copies *const copies = a->copies;

    for (; ahead < end; ahead++) {
        if (!guessed)
            ahead->guess = mc_flows_guess(flows, ahead->hash);
        mc_flows_prefetch_rest(ahead->guess);
        ahead->fingerprint = mc_copies_fingerprint(&ahead->summary, ahead->key.peer);
        mc_copies_prefetch(copies, ahead->fingerprint);
    }
    run->ahead = ahead;
    if (a->talks.facts.tls.connections > 0)
        fetch_words(&a->talks, m, end);
}

/* Has the memory fetched that the segments up to MC_IN_ORDER_AHEAD behind 'm' will need. */
MC_NOINLINE static void go_ahead(mc_analysis *a, mc_run *run, mc_match *m)
{
    if (run->guessed)
        fetch(a, run, m, true);
    else
        fetch(a, run, m, false);
}

/* A segment of 'c' whose options are cut off, where they cannot tell anything: it is plain then. */
MC_NOINLINE static bool tells_nothing(mc_match *m, const mc_conn *c)
{
    if (!mc_match_is_nearly_plain(m) || (c->fast_path & MC_FAST_IN_ORDER) == 0 ||
        !mc_flows_is_between(c->peer, c->ports, &m->key) || mc_may_report(c, MC_SACK_UNSEEN))
        return false;
    m->kind &= (uint8_t)~MC_MATCH_UNSEEN;
    return true;
}

bool mc_in_order_run(mc_analysis *a, mc_run *run)
{
    mc_match *m = run->next, *const end = run->end;
    const mc_match *then = go_ahead_at(run, m);
    mc_prefetcher *const prefetcher = run->prefetcher;

    for (; m < end; m++) {
        mc_conn *c;

        if (MC_UNLIKELY(m == then)) {
            go_ahead(a, run, m);
            then = go_ahead_at(run, m);
        }
        mc_prefetcher_step(prefetcher);
        c = m->guess;
        /* of one that is ready: it is the current one between its ends */
        if ((MC_UNLIKELY(!mc_match_is_plain(m)) && !tells_nothing(m, c)) || MC_UNLIKELY((c->fast_path & MC_FAST_IN_ORDER) == 0) ||
            MC_UNLIKELY(!mc_flows_is_between(c->peer, c->ports, &m->key)) ||
            !take(a, m, c, run))
            break;
    }
    a->segments += (uint64_t)(m - run->next);
    run->next = m;
    return m < end;
}
