/*
 * listen.c: where the payload lies, and what was said before it.
 */
#include "engine/listen.h"

#include "application/talk_turn.h"
#include "application/tls.h"

/* How much of a payload is there. */
MC_NOINLINE static mc_kept_part part_of(const struct mc_kept *k, const uint8_t *payload)
{
    return payload == NULL            ? MC_KEPT_ALL
           : payload == k->none         ? MC_KEPT_NONE
           : payload >= k->some && payload < k->some_end     ? MC_KEPT_SOME
           : payload >= k->veiled && payload < k->veiled_end ? MC_KEPT_VEILED : MC_KEPT_ALL;
}

MC_NOINLINE static void note_overheard(mc_overheard *o, uint64_t frame, const uint8_t *payload, uint32_t needed)
{
    if (payload == NULL || needed == 0 || o->count == MC_OVERHEARD)
        return;
    o->item[o->count].frame = frame;
    o->item[o->count].payload = payload;
    o->item[o->count++].needed = needed;
}

/* Where a segment is heard: 'late' is a constant, and says that nobody has listened before it. */
MC_INLINE void hear(mc_analysis *a, mc_conn *c, mc_heard *h, bool late)
{
    uint32_t listens;

    h->kept = MC_KEPT_ALL;
    if (MC_UNLIKELY(a->kept != NULL))
        h->kept = part_of(a->kept, h->payload);
    h->turn = !mc_is_in_turn(c, h->dir);
    h->took = h->timed && h->turn && (c->flags & MC_C_TURN) != 0 && c->reset_phase == MC_RESET_NONE
                  ? mc_ns_since(h->now, c->at.turn_ns) : -1;
    listens = late ? mc_talks_hear_late(&a->talks, a->flows, c, h) : mc_talks_hear(&a->talks, a->flows, c, h);
    c->flags = (c->flags & ~(MC_C_HEARD | MC_C_TURNS)) | listens;
    if (MC_UNLIKELY(a->talks.events))
        mc_speech_events(&a->speech, c);
    if (MC_UNLIKELY(a->talks.no_memory | a->talks.names.no_memory))
        a->no_memory = true;
    if (MC_UNLIKELY(a->overheard != NULL))
        note_overheard(a->overheard, h->frame, h->payload, a->talks.needed);
}

/* The client was greeted and has said its first words: what follows them is looked at, whoever's turn it is. */
static inline bool is_awaited(const mc_conn *c)
{
    return (c->flags & (MC_C_HEARD | MC_C_TURNS)) == MC_C_TURNS;
}

static void say_awaited(mc_conn *c, unsigned dir, uint32_t len)
{
    const bool first = dir == MC_CLIENT && len <= MC_LATE_WORDS && c->endpoint[dir].payload_bytes == len &&
                       c->endpoint[!dir].payload_bytes != 0;

    c->flags = (c->flags & ~(MC_C_HEARD | MC_C_TURNS)) | (first ? MC_C_TURNS : MC_C_HEARD);
}

/* Nobody listens: 'h' is heard if another protocol begins with it. */
MC_NOINLINE static void look(mc_analysis *a, mc_conn *c, mc_heard *h)
{
    if (h->payload == NULL || mc_talks_begins_late(h->payload, h->captured) == 0) {
        say_awaited(c, h->dir, h->len);
        return;
    }
    c->flags = (c->flags & ~MC_C_TURNS) | MC_C_HEARD;
    hear(a, c, h, true);
}

/* The full path: is it looked at?  What fills a hole may be what a turn begins with. */
static bool may_begin_late(const mc_conn *c, unsigned dir, const mc_segment *s)
{
    return is_awaited(c) || (mc_is_early(c, dir, s->len) &&
                             (!mc_is_in_turn(c, dir) || c->endpoint[dir].highest_end != s->seq + s->len));
}

void mc_listen(mc_analysis *a, mc_conn *c, unsigned dir, const mc_match *m, const mc_segment *s, int64_t now, bool timed,
               uint64_t frame)
{
    const bool late = is_awaited(c) || !mc_is_listened_to(c, dir);
    mc_heard h;

    if (late && (!a->talks.wanted || !may_begin_late(c, dir, s)))
        return;
    if (late && (s->payload == NULL || s->captured == 0 || !mc_talks_may_begin_late(*s->payload))) {
        say_awaited(c, dir, s->len);
        return;
    }
    h = (mc_heard){ .payload = s->payload, .captured = s->captured < s->len ? s->captured : s->len, .len = s->len,
                    .seq = s->seq + ((s->flags & MC_TH_SYN) != 0), .hash = m->hash, .dir = dir, .timed = timed, .now = now,
                    .frame = frame };
    if (late)
        look(a, c, &h);
    else
        hear(a, c, &h, false);
}

/* The payload of a segment on a short path, and how much of it there is; NULL: not at hand. */
MC_INLINE const uint8_t *payload_of(const mc_match *m, uint32_t *captured)
{
    const uint32_t len = m->summary.len;

    if (MC_LIKELY(m->segment == NULL))
        return mc_decode_payload(m->packet, len, captured);
    *captured = m->segment->captured < len ? m->segment->captured : len;
    return m->segment->payload;
}

MC_INLINE mc_heard heard_of(const mc_match *m, unsigned dir, const uint8_t *payload, uint32_t captured, int64_t now,
                            uint64_t frame)
{
    mc_heard h;                                  /* what is unknown as yet is not cleared first: there are many of these */

    h.payload = payload;
    h.kept = MC_KEPT_ALL;
    h.captured = captured;
    h.len = m->summary.len;
    h.seq = m->summary.seq;
    h.hash = m->hash;
    h.dir = dir;
    h.turn = false;
    h.timed = true;
    h.now = now;
    h.took = -1;
    h.frame = frame;
    return h;
}

/* What mc_account_goes_on() would have done, but for who listened. */
static void go_on(mc_analysis *a, mc_conn *c, unsigned dir, const mc_match *m, int64_t now, uint64_t frame)
{
    if (mc_is_in_turn(c, dir) && (uint64_t)now - (uint64_t)c->at.turn_ns < (uint64_t)MC_PAUSE_NS)
        c->at.turn_ns = now;
    else
        mc_account_turn_change(a, c, dir, &m->summary, now, frame);
}

/* Most turns begin with what begins nothing else, as their first byte says. */
MC_INLINE void look_at(mc_analysis *a, mc_conn *c, unsigned dir, const mc_match *m, const uint8_t *payload, uint32_t captured,
                       int64_t now, uint64_t frame)
{
    if (payload == NULL || captured == 0 || !mc_talks_may_begin_late(*payload)) {
        say_awaited(c, dir, m->summary.len);
    } else {
        mc_heard h = heard_of(m, dir, payload, captured, now, frame);

        look(a, c, &h);
    }
}

MC_NOINLINE void mc_listen_late(mc_analysis *a, mc_conn *c, unsigned dir, const mc_match *m, int64_t now, uint64_t frame)
{
    if (a->talks.wanted) {
        uint32_t captured = 0;
        const uint8_t *payload = payload_of(m, &captured);

        look_at(a, c, dir, m, payload, captured, now, frame);
    }
    go_on(a, c, dir, m, now, frame);
}

/* Nobody has spoken before, and nothing that is known begins so: what most connections of other protocols are done with at once. */
MC_INLINE bool is_foreign(mc_analysis *a, const mc_conn *c, unsigned dir, const mc_match *m, const uint8_t *first,
                          uint32_t captured, uint64_t frame)
{
    bool foreign;

    if (c->endpoint[dir].payload_bytes != m->summary.len || c->endpoint[!dir].payload_bytes != 0)
        return false;
    foreign = first != NULL && captured > 0 && mc_talks_is_foreign(c, dir, m->summary.seq, *first);
    if (MC_UNLIKELY(a->kept != NULL) && captured > 0)
        a->talks.lacks |= part_of(a->kept, first) == MC_KEPT_NONE;
    if (MC_UNLIKELY(a->overheard != NULL) && foreign)
        note_overheard(a->overheard, frame, first, MC_TALK_BEGINNING);
    return foreign;
}

/* Where the payload of 'm' lies, of which all was captured and the rest is in the packet; NULL: it is not so. */
MC_INLINE const uint8_t *whole_of(const mc_match *m)
{
    uint32_t captured;

    return m->segment == NULL && m->packet->caplen >= m->packet->wirelen
               ? mc_decode_payload(m->packet, m->summary.len, &captured) : NULL;
}

/* Reads TLS of side 'dir', which is to go on with what 'm' brings behind 'passed' bytes. */
MC_INLINE void read_tls(mc_talks *t, mc_conn *c, uint32_t number, mc_talk *k, const mc_heard *h, uint32_t passed)
{
    mc_view v = { h->payload + passed, h->len - passed };
    const size_t taken = mc_talk_tls_read(t, k, c, h, v, false);

    k->next[h->dir] += (uint32_t)taken;
    mc_take(&v, taken);
    if (v.len > 0 && !mc_talk_is_deaf(k, h->dir))
        mc_talk_tls_wait(t, number, c, h, v);
}

/* What follows a segment of TLS, or one that began it. */
MC_INLINE void end_tls(mc_analysis *a, mc_conn *c, mc_talk *k)
{
    mc_talks *const t = &a->talks;

    k->heard++;
    if (MC_UNLIKELY(mc_talk_tls_is_done(t, k) || k->heard >= MC_HEARD_MOST))
        c->flags = (c->flags & ~(MC_C_HEARD | MC_C_TURNS)) | mc_talk_tls_over(t, k);
    a->no_memory |= t->no_memory | t->names.no_memory;
}

/* Where side 'dir' begins to be read, which says something at 'seq'; how much of that is passed over. */
MC_NOINLINE static uint32_t place_tls(mc_talk *k, const mc_conn *c, unsigned dir, uint32_t seq)
{
    mc_talk_place(k, dir, mc_talk_first_of(k, c, dir, seq));
    return k->next[dir] - seq;
}

/* It speaks TLS, and does so in order: there is nothing else to be found out.  False: it is not so, and nothing is done. */
MC_INLINE bool hear_tls(mc_analysis *a, mc_conn *c, unsigned dir, const mc_match *m, int64_t now, uint64_t frame)
{
    mc_talks *const t = &a->talks;
    const uint32_t number = mc_story_talk_of(&a->flows->stories, c);
    mc_talk *const k = number != 0 ? mc_talk_at(t, number) : NULL;
    const uint8_t *payload;
    uint32_t passed;
    mc_heard h;

    if (k == NULL || k->speaks != MC_SPEAKS_TLS || is_awaited(c) || (t->reused && k->begin != c->begin) || a->kept != NULL ||
        a->overheard != NULL || (payload = whole_of(m)) == NULL)
        return false;
    if (mc_talk_tls_of(t, k)->done) {
        c->flags = (c->flags & ~(MC_C_HEARD | MC_C_TURNS)) | mc_talk_tls_turn(t, k, dir, now, true);
        a->no_memory |= t->no_memory;
        return true;
    }
    passed = k->next[dir] - m->summary.seq;
    if (!mc_talk_is_deaf(k, dir)) {
        if (MC_UNLIKELY(!mc_talk_is_placed(k, dir)))
            passed = place_tls(k, c, dir, m->summary.seq);
        if (k->ear[dir] != 0 || (int32_t)passed < 0)
            return false;
        h = heard_of(m, dir, payload, m->summary.len, now, frame);
        mc_talk_tls_go_on(t, k, &h);
        if (passed < h.len) {
            if (!mc_is_in_turn(c, dir))
                h.took = mc_ns_since(now, c->at.turn_ns);
            read_tls(t, c, number, k, &h, passed);
        }
    }
    end_tls(a, c, k);
    return true;
}

/* Nothing was said before, and 'm' brings a record of TLS and the beginning of the stream. */
MC_INLINE bool begin_tls(mc_analysis *a, mc_conn *c, unsigned dir, const mc_match *m, int64_t now, uint64_t frame)
{
    mc_talks *const t = &a->talks;
    const mc_endpoint_state *d = &c->endpoint[dir];
    const uint8_t *const payload = whole_of(m);
    uint32_t number;
    mc_talk *k;
    mc_heard h;

    if (payload == NULL || payload[0] != MC_TLS_HANDSHAKE || m->summary.len < MC_TLS_RECORD_HEADER || mc_tls_record(payload) == 0 ||
        (c->flags & (MC_C_MID_STREAM | MC_C_TURNS | MC_C_HEARD)) != 0 || (d->options & MC_OPT_SEEN) == 0 ||
        m->summary.seq != d->base + 1 || mc_story_talk_of(&a->flows->stories, c) != 0 || a->kept != NULL || a->overheard != NULL)
        return false;
    number = mc_talk_keep_of(t, a->flows, c, m->hash);
    k = number != 0 ? mc_talk_at(t, number) : NULL;
    if (k == NULL || !mc_talk_tls_begin(t, k))
        return false;
    mc_talk_place(k, dir, m->summary.seq);
    h = heard_of(m, dir, payload, m->summary.len, now, frame);
    read_tls(t, c, number, k, &h, 0);
    end_tls(a, c, k);
    return true;
}

/* All that is not TLS in order. */
MC_NOINLINE static void listen_to_any(mc_analysis *a, mc_conn *c, unsigned dir, const mc_match *m, int64_t now, uint64_t frame)
{
    uint32_t captured = 0;
    const uint8_t *payload;

    if (!a->talks.wanted) {
        c->flags |= MC_C_HEARD;
        go_on(a, c, dir, m, now, frame);
        return;
    }
    payload = payload_of(m, &captured);
    if ((c->flags & MC_C_TURN) == 0 && is_foreign(a, c, dir, m, payload, captured, frame)) {
        c->flags |= MC_C_HEARD;                  /* it is the first turn */
        mc_account_turn_change(a, c, dir, &m->summary, now, frame);
        return;
    }
    if (is_awaited(c)) {
        look_at(a, c, dir, m, payload, captured, now, frame);
    } else {
        mc_heard h = heard_of(m, dir, payload, captured, now, frame);

        hear(a, c, &h, false);
    }
    go_on(a, c, dir, m, now, frame);
}

void mc_listen_first(mc_analysis *a, mc_conn *c, unsigned dir, const mc_match *m, int64_t now, uint64_t frame)
{
    if (a->talks.wanted && ((c->flags & MC_C_TURN) != 0 ? hear_tls(a, c, dir, m, now, frame) : begin_tls(a, c, dir, m, now, frame)))
        go_on(a, c, dir, m, now, frame);
    else
        listen_to_any(a, c, dir, m, now, frame);
}

/* A turn of HTTP; 'dir' is a constant, and the rest of what there is to be said of either side is in no register. */
MC_INLINE void hear_turn(mc_analysis *a, mc_conn *c, unsigned dir, const mc_match *m, int64_t now, uint64_t frame)
{
    mc_talks *const t = &a->talks;
    mc_talk *const k = mc_talk_of_http(t, &a->flows->stories, c);
    uint32_t captured = 0, listens;
    const uint8_t *const payload = payload_of(m, &captured);
    const mc_view v = { payload, captured };
    mc_heard h;

    if (MC_UNLIKELY(k == NULL || captured == 0 || a->kept != NULL || a->overheard != NULL)) {
        mc_listen_first(a, c, dir, m, now, frame);
        return;
    }
    h = heard_of(m, dir, payload, captured, now, frame);
    h.turn = true;
    h.took = mc_ns_since(now, c->at.turn_ns);
    t->events = false;
    listens = dir == MC_CLIENT ? mc_talk_http_ask(t, k, v, &h, mc_http_is_usual_request(payload, captured))
                               : mc_talk_http_answer(t, k, v, &h);
    if (MC_UNLIKELY(listens != MC_TALK_TURNS))
        c->flags = (c->flags & ~(MC_C_HEARD | MC_C_TURNS)) | listens;
    if (MC_UNLIKELY(t->events))
        mc_speech_events(&a->speech, c);
    a->no_memory |= t->no_memory;
    mc_account_turn_change(a, c, dir, &m->summary, now, frame);
}

void mc_listen_request(mc_analysis *a, mc_conn *c, const mc_match *m, int64_t now, uint64_t frame)
{
    hear_turn(a, c, MC_CLIENT, m, now, frame);
}

void mc_listen_answer(mc_analysis *a, mc_conn *c, const mc_match *m, int64_t now, uint64_t frame)
{
    hear_turn(a, c, MC_SERVER, m, now, frame);
}

MC_NOINLINE void mc_listen_lookup(mc_analysis *a, const mc_flow_key *key, int64_t now, uint64_t frame)
{
    uint8_t client[16];

    memcpy(client, key->peer, sizeof client);
    a->no_memory |= !mc_resolved_begin(&a->resolved, a->lookups, client, key->peer_port, a->server.addr, frame, now);
}
