/*
 * listen.c: where the payload lies, and what was said before it.
 */
#include "engine/listen.h"

/* How much of a payload is there. */
static mc_kept_part part_of(const struct mc_kept *k, const uint8_t *payload)
{
    return k == NULL || payload == NULL ? MC_KEPT_ALL
           : payload == k->none         ? MC_KEPT_NONE
           : payload >= k->some && payload < k->some_end ? MC_KEPT_SOME : MC_KEPT_ALL;
}

static void note_overheard(mc_overheard *o, uint64_t frame, const uint8_t *payload, uint32_t needed)
{
    if (payload == NULL || needed == 0 || o->count == MC_OVERHEARD)
        return;
    o->item[o->count].frame = frame;
    o->item[o->count].payload = payload;
    o->item[o->count++].needed = needed;
}

static void hear(mc_analysis *a, mc_conn *c, uint32_t hash, mc_heard *h)
{
    h->kept = part_of(a->kept, h->payload);
    h->turn = !mc_is_in_turn(c, h->dir);
    h->took = h->timed && h->turn && (c->flags & MC_C_TURN) != 0 && c->reset_phase == MC_RESET_NONE
                  ? mc_ns_since(h->now, c->at.turn_ns) : -1;
    c->flags = (c->flags & ~(MC_C_HEARD | MC_C_TURNS)) | mc_talks_hear(&a->talks, c, hash, h);
    a->no_memory |= a->talks.no_memory || a->talks.names.no_memory;
    if (MC_UNLIKELY(a->overheard != NULL))
        note_overheard(a->overheard, h->frame, h->payload, a->talks.needed);
}

void mc_listen(mc_analysis *a, mc_conn *c, unsigned dir, uint32_t hash, const mc_segment *s, int64_t now, bool timed,
               uint64_t frame)
{
    mc_heard h;

    if (!mc_is_listened_to(c, dir))
        return;
    h = (mc_heard){ .payload = s->payload, .captured = s->captured < s->len ? s->captured : s->len, .len = s->len,
                    .seq = s->seq + ((s->flags & MC_TH_SYN) != 0), .dir = dir, .timed = timed, .now = now, .frame = frame };
    hear(a, c, hash, &h);
}

/* The payload of a segment on a short path, and how much of it there is; NULL: not at hand. */
MC_INLINE const uint8_t *payload_of(const mc_match *m, uint32_t *captured)
{
    const uint32_t len = m->summary.len;
    mc_headers at;

    if (m->segment != NULL) {
        *captured = m->segment->captured < len ? m->segment->captured : len;
        return m->segment->payload;
    }
    if (!mc_decode_find(m->packet, &at) || at.left <= at.header)
        return NULL;
    *captured = at.left - at.header < len ? at.left - at.header : len;
    return at.tcp + at.header;
}

MC_NOINLINE static void hear_match(mc_analysis *a, mc_conn *c, unsigned dir, const mc_match *m, int64_t now, uint64_t frame)
{
    const mc_segment_summary *s = &m->summary;
    mc_heard h = { .len = s->len, .seq = s->seq, .dir = dir, .timed = true, .now = now, .frame = frame };

    h.payload = payload_of(m, &h.captured);
    hear(a, c, m->hash, &h);
}

/* Nobody has spoken before, and nothing that is known begins so: what most connections of other protocols are done with at once. */
MC_INLINE bool is_foreign(mc_analysis *a, const mc_conn *c, unsigned dir, const mc_match *m, uint64_t frame)
{
    bool foreign;
    const uint8_t *first;
    uint32_t captured = 0;

    if (c->endpoint[dir].payload_bytes != m->summary.len || c->endpoint[!dir].payload_bytes != 0)
        return false;
    first = payload_of(m, &captured);
    foreign = first != NULL && captured > 0 && mc_talks_is_foreign(c, dir, m->summary.seq, *first);
    if (MC_UNLIKELY(a->kept != NULL) && captured > 0)
        a->talks.lacks |= part_of(a->kept, first) == MC_KEPT_NONE;
    if (MC_UNLIKELY(a->overheard != NULL) && foreign)
        note_overheard(a->overheard, frame, first, MC_TALK_BEGINNING);
    return foreign;
}

void mc_listen_first(mc_analysis *a, mc_conn *c, unsigned dir, const mc_match *m, int64_t now, uint64_t frame)
{
    if (a->talks.wanted && is_foreign(a, c, dir, m, frame)) {
        c->flags |= MC_C_HEARD;
        mc_account_turn_change(a, c, dir, m->summary.len, now, frame);
        return;                                  /* it is the first turn */
    }
    if (a->talks.wanted)
        hear_match(a, c, dir, m, now, frame);
    else
        c->flags |= MC_C_HEARD;
    if (mc_is_in_turn(c, dir) && (uint64_t)now - (uint64_t)c->at.turn_ns < (uint64_t)MC_PAUSE_NS)
        c->at.turn_ns = now;                     /* it would have gone on, but for who listened */
    else
        mc_account_turn_change(a, c, dir, m->summary.len, now, frame);
}

MC_NOINLINE void mc_listen_lookup(mc_analysis *a, const mc_flow_key *key, int64_t now, uint64_t frame)
{
    uint8_t client[16];

    memcpy(client, key->peer, sizeof client);
    a->no_memory |= !mc_resolved_begin(&a->resolved, a->lookups, client, key->peer_port, a->server.addr, frame, now);
}
