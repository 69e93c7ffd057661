/*
 * talk_http.c: the first line of each turn.
 */
#include "application/talk_turn.h"

#define LOOKS_MOST 8                 /* segments of an answer that begins with no status line */

uint32_t mc_talk_http_no_answer(mc_talks *t, mc_talk *k, unsigned status)
{
    mc_talk_http *x = &k->http;

    if (status == 0 && x->looks <= LOOKS_MOST)
        x->looks++;                              /* an answer whose beginning is not here is one */
    if (status == 0)
        return x->pending && x->looks <= LOOKS_MOST ? MC_TALK_LISTEN : MC_TALK_TURNS;
    mc_talk_begin_http(t, k);
    mc_talk_count_status(t, k, status);
    x->looks = 0;
    return x->pending ? MC_TALK_LISTEN : MC_TALK_TURNS;
}

uint32_t mc_talk_http_turn(mc_talks *t, mc_talk *k, mc_view v, const mc_heard *h)
{
    return h->dir == MC_SERVER ? mc_talk_http_answer(t, k, v, h)
                               : mc_talk_http_ask(t, k, v, h, mc_http_is_usual_request(v.p, v.len));
}

/* Of a connection that is not kept, these are the first bytes of their side, or are taken for them. */
static inline bool is_at_beginning(const mc_conn *c, const mc_heard *h)
{
    const mc_endpoint_state *d = &c->endpoint[h->dir];

    return (c->flags & MC_C_TURNS) != 0 || (d->options & MC_OPT_SEEN) == 0 || h->seq == d->base + 1;
}

/* Where it is HTTP, as most of what is heard: what else there is, is seen to by mc_talk_hear_other(). */
uint32_t mc_talks_hear(mc_talks *t, mc_stories *stories, mc_conn *c, const mc_heard *h)
{
    const mc_view v = { h->payload, h->captured };
    const bool there = v.p != NULL && v.len > 0 && t->wanted;
    uint32_t number = mc_talk_number_of(t, stories, c), answer;
    bool usual;

    t->needed = t->extent = 0;
    t->events = false;
    if (MC_UNLIKELY(!there))
        return t->wanted ? mc_talk_hear_other(t, stories, number, c, h) : MC_C_HEARD;
    if (h->dir == MC_SERVER) {
        if (number == 0 || mc_talk_at(t, number)->speaks != MC_SPEAKS_HTTP)
            return mc_talk_hear_other(t, stories, number, c, h);
        answer = mc_talk_http_answer(t, mc_talk_at(t, number), v, h);
        mc_talk_note_need(t, h, MC_TALK_BEGINNING);
        return answer;
    }
    usual = mc_http_is_usual_request(v.p, v.len);
    if (number == 0 && usual && is_at_beginning(c, h)) {
        number = mc_talk_keep_of(t, stories, c); /* what mc_talk_hear_other() would come to */
        if (number == 0)
            return MC_C_HEARD;
    } else if (number == 0 || mc_talk_at(t, number)->speaks != MC_SPEAKS_HTTP) {
        return mc_talk_hear_other(t, stories, number, c, h);
    }
    answer = mc_talk_http_ask(t, mc_talk_at(t, number), v, h, usual);
    mc_talk_note_need(t, h, mc_talk_does_beginning_tell(h, usual) ? MC_TALK_BEGINNING : UINT32_MAX);
    return answer;
}

/* ---------------------------------------------------------------- cut short */

/* Side 'dir' was told to wait: its peer's window has been closed. */
static bool was_held_back(const mc_conn *c, unsigned dir)
{
    const mc_detail *peer = c->endpoint[!dir].detail;

    return peer != NULL && (peer->zero_windows > 0 || peer->zero_open);
}

uint32_t mc_talk_http_lacks(const mc_talk *k, const mc_conn *c, unsigned side)
{
    const mc_endpoint_state *d = &c->endpoint[side], *r = &c->endpoint[!side];
    const bool fin = (c->flags & MC_C_FIN_FIRST) != 0;
    uint32_t end;

    if (k->http.due_of != (side == MC_CLIENT ? MC_DUE_CLIENT : MC_DUE_SERVER) || (c->flags & (MC_C_CLOSER | MC_C_SELF)) != MC_C_CLOSER || c->closer != side ||
        (d->known & MC_KNOWN_NXT) == 0 || was_held_back(c, side))
        return 0;
    end = d->nxt - fin;                          /* a FIN has a number of its own */
    if (!mc_seq_after(k->due, end))
        return 0;
    /* a request is cut short if it was begun, all of that came, and nobody had answered it or said that he would not read on */
    if (side == MC_CLIENT && (!fin || !mc_talk_http_waits(&k->http) || (r->known & MC_KNOWN_ACK) == 0 || r->last_ack != d->nxt ||
                              !mc_seq_after(end, k->body)))
        return 0;
    return k->due - end;
}

void mc_talk_http_end(const mc_talk *k, const mc_conn *c, mc_http_facts *f)
{
    unsigned side;

    for (side = 0; side < 2; side++) {
        const uint32_t missing = mc_talk_http_lacks(k, c, side);
        mc_cut_short *out = &f->cut_short[side];

        if (missing == 0)
            continue;
        if ((c->flags & MC_C_FIN_FIRST) == 0) {
            out->reset++;
            continue;
        }
        out->closed++;
        out->missing_bytes += missing;
        mc_insert_example(&out->examples, k->http.asked_frame);
    }
}
