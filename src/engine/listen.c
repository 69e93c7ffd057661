/*
 * listen.c: where the payload lies, and what was said before it.
 */
#include "engine/listen.h"

#include "engine/account.h"

/* Is a segment of side 'dir' listened to? */
MC_INLINE bool is_listened_to(const mc_conn *c, unsigned dir)
{
    return (c->flags & MC_C_HEARD) == 0 || ((c->flags & MC_C_TURNS) != 0 && !mc_is_in_turn(c, dir));
}

static void hear(mc_analysis *a, mc_conn *c, uint32_t hash, mc_heard *h)
{
    h->turn = !mc_is_in_turn(c, h->dir);
    h->took = h->timed && h->turn && (c->flags & MC_C_TURN) != 0 && c->reset_phase == MC_RESET_NONE
                  ? mc_ns_since(h->now, c->at.turn_ns) : -1;
    c->flags = (c->flags & ~(MC_C_HEARD | MC_C_TURNS)) | mc_talks_hear(&a->talks, c, hash, h);
    a->no_memory |= a->talks.no_memory || a->talks.names.no_memory;
}

void mc_listen(mc_analysis *a, mc_conn *c, unsigned dir, uint32_t hash, const mc_segment *s, int64_t now, bool timed,
               uint64_t frame)
{
    mc_heard h;

    if (!is_listened_to(c, dir))
        return;
    h = (mc_heard){ .payload = s->payload, .captured = s->captured < s->len ? s->captured : s->len, .len = s->len,
                    .seq = s->seq + ((s->flags & MC_TH_SYN) != 0), .dir = dir, .timed = timed, .now = now, .frame = frame };
    hear(a, c, hash, &h);
}

MC_NOINLINE static void hear_match(mc_analysis *a, mc_conn *c, unsigned dir, const mc_match *m, int64_t now, uint64_t frame)
{
    const mc_segment_summary *s = &m->summary;
    mc_heard h = { .len = s->len, .seq = s->seq, .dir = dir, .timed = true, .now = now, .frame = frame };
    mc_headers at;

    if (m->segment != NULL) {
        h.payload = m->segment->payload;
        h.captured = m->segment->captured < s->len ? m->segment->captured : s->len;
    } else if (mc_decode_find(m->packet, &at) && at.left > at.header) {
        h.payload = at.tcp + at.header;
        h.captured = at.left - at.header < s->len ? at.left - at.header : s->len;
    }
    hear(a, c, m->hash, &h);
}

void mc_listen_in_order(mc_analysis *a, mc_conn *c, unsigned dir, const mc_match *m, int64_t now, uint64_t frame)
{
    if (is_listened_to(c, dir)) {
        if (a->talks.wanted)
            hear_match(a, c, dir, m, now, frame);
        else
            c->flags |= MC_C_HEARD;
        if (mc_is_in_turn(c, dir) && (uint64_t)now - (uint64_t)c->at.turn_ns < (uint64_t)MC_PAUSE_NS) {
            c->at.turn_ns = now;                 /* it would have gone on, but for who listened */
            return;
        }
    }
    mc_account_turn_change(a, c, dir, m->summary.len, now, frame);
}
