/*
 * begin.c: the first segment of a connection.
 */
#include "engine/begin.h"

#include "engine/listen.h"
#include "tcp/attempt.h"
#include "tcp/state.h"

mc_conn *mc_begin_connection(mc_analysis *a, const mc_match *m, const mc_segment *s,
                             const mc_frame *frame, bool reused)
{
    mc_flow_key key = m->key;
    mc_conn *c;
    unsigned dir;

    if ((m->kind & MC_MATCH_UNDECIDED) != 0 && mc_state_sender_serves(s)) {
        key.ports = mc_turned_ports(m->key.ports);
    }
    c = mc_flows_add(a->flows, &key, m->hash, frame->number);
    if (c == NULL)
        return NULL;
    c->first_ns = frame->time_ns;
    if ((m->kind & MC_MATCH_SELF) != 0)
        c->flags |= MC_C_SELF;
    if (reused)
        c->flags |= MC_C_REUSED;
    dir = mc_match_side(m, c, s->sport);
    mc_state_begin(c, dir, s, (m->kind & (MC_MATCH_UNDECIDED | MC_MATCH_SELF)) == 0);
    if (dir == MC_CLIENT && (s->flags & (MC_TH_SYN | MC_TH_ACK | MC_TH_RST)) == MC_TH_SYN && !frame->timeless &&
        (m->kind & (MC_MATCH_UNDECIDED | MC_MATCH_SELF)) == 0)
        mc_listen_begin(a, &key, frame->time_ns, frame->number);
    return c;
}

mc_conn *mc_begin_anew(mc_analysis *a, mc_conn *c, unsigned dir, const mc_match *m, const mc_segment *s,
                       const mc_frame *frame)
{
    const mc_attempt_link link = mc_attempt_leave(c, dir, s, frame->time_ns, &a->pool);

    c = mc_begin_connection(a, m, s, frame, true);
    if (c != NULL)
        mc_attempt_join(c, &link, &a->pool);
    return c;
}

mc_conn *mc_begin_replay(mc_analysis *a, mc_conn *c, const mc_match *m, const mc_segment *s, const mc_frame *frame)
{
    mc_conn old = *c, *begun;
    unsigned i;

    for (i = 0; i < 2; i++)
        c->endpoint[i].sent_count = c->endpoint[i].ring_bits = 0;
    begun = mc_begin_connection(a, m, s, frame, false);
    if (begun == NULL) {
        for (i = 0; i < 2; i++) {
            c->endpoint[i].sent_count = old.endpoint[i].sent_count;
            c->endpoint[i].ring_bits = old.endpoint[i].ring_bits;
        }
        return c;
    }
    mc_attempt_replay(begun, &old, &a->pool);
    if ((s->flags & MC_TH_ACK) == 0)
        mc_add_example(&a->attempt_examples.replayed, frame->number);
    return begun;
}
