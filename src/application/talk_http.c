/*
 * talk_http.c: the first line of each turn.
 */
#include "application/talk_part.h"

#include "application/http.h"

#define LOOKS_MOST 8                 /* segments of an answer that begins with no status line */

static inline void count_status(mc_talks *t, mc_talk *k, unsigned status)
{
    uint32_t i = 0;

    t->facts.http.status[status - 100]++;
    while (i < MC_ROW_STATUS && k->http.status[i] != 0 && k->http.status[i] != status)
        i++;
    if (i == MC_ROW_STATUS) {
        k->others++;
        return;
    }
    k->http.status[i] = (uint16_t)status;
    k->count[i]++;
}

static inline void note_answer(mc_talks *t, mc_talk *k, unsigned status, const mc_heard *h)
{
    mc_talk_http *x = &k->http;
    mc_http_facts *f = &t->facts.http;
    const mc_http_kind kind = status < 500 ? MC_HTTP_FINE
                              : status >= 502 && status <= 504 ? MC_HTTP_GATEWAY : MC_HTTP_FAILED;
    const int64_t took = x->pending && h->timed && h->took >= 0 ? h->took : -1;

    x->answers++;
    f->answers++;
    f->kind[kind]++;
    if (kind != MC_HTTP_FINE)
        mc_add_example(&f->examples[kind], h->frame);
    if (took >= 0)
        t->no_memory |= !mc_hist_add(&t->took[kind], took);
    if (took > x->slowest_ns || x->slowest_status == 0) {
        x->slowest_ns = took;
        x->slowest_status = (uint16_t)status;
    }
    count_status(t, k, status);
}

/* Where the message ends that begins with the segment 'h', if its head is in it. */
MC_NOINLINE static void note_extent(mc_talks *t, mc_talk *k, mc_view v, const mc_heard *h)
{
    mc_http_extent e;

    if (v.p != h->payload)
        return;                                  /* put together of several: where it lies is not known here */
    if (mc_http_extent_read(&e, v.p, mc_min_u64(v.len, MC_HTTP_HEAD_MOST)) && e.length > h->len) {
        k->http.due_of = h->dir == MC_CLIENT ? MC_DUE_CLIENT : MC_DUE_SERVER;
        k->http.asked_frame = h->frame;
        k->due = h->seq + e.length;
        k->body = h->seq + e.read;
    }
    t->events = e.events;
    /* who gives it again tells by one byte more that it was asked for, whatever came of that */
    t->extent = e.read > MC_TALK_BEGINNING ? e.read : MC_TALK_BEGINNING + 1;
}

static inline void begin_http(mc_talks *t, mc_talk *k)
{
    if (k->speaks == MC_SPEAKS_HTTP)
        return;
    mc_talk_give_up_ear(t, k, 0);
    mc_talk_give_up_ear(t, k, 1);
    k->speaks = MC_SPEAKS_HTTP;
    t->facts.http.connections += !k->anew;       /* it is counted already */
}

uint32_t mc_talk_http_answer(mc_talks *t, mc_talk *k, mc_view v, const mc_heard *h)
{
    mc_talk_http *x = &k->http;
    const unsigned status = mc_http_status(v.p, v.len);

    if (status == 0 && x->looks <= LOOKS_MOST)
        x->looks++;                              /* an answer whose beginning is not here is one */
    if (status == 0)
        return x->pending && x->looks <= LOOKS_MOST ? MC_TALK_LISTEN : MC_TALK_TURNS;
    begin_http(t, k);
    if (status < 200 && status != 101) {
        count_status(t, k, status);
        x->looks = 0;
        return x->pending ? MC_TALK_LISTEN : MC_TALK_TURNS;
    }
    note_answer(t, k, status, h);
    x->due_of = 0;
    if (x->pending && !x->head && !x->connect && status >= 200 && status != 204 && status != 304)
        note_extent(t, k, v, h);
    x->pending = false;
    if (status == 101) {
        k->over = true;
        return MC_C_HEARD;
    }
    return x->connect && status < 300 ? mc_talk_begin_anew(k) : MC_TALK_TURNS;
}

uint32_t mc_talk_http_ask(mc_talks *t, mc_talk *k, mc_view v, const mc_heard *h, bool usual)
{
    mc_talk_http *x = &k->http;

    if (usual || mc_http_is_request(v.p, v.len)) {
        begin_http(t, k);
        t->facts.http.requests++;
        x->requests++;
        x->pending = true;
        x->looks = 0;
        x->connect = v.p[0] == 'C' && mc_http_is_connect(v.p, v.len);
        x->asked_frame = h->frame;
        x->head = v.p[0] == 'H' && mc_http_is_head(v.p, v.len);
        x->due_of = 0;
        if (usual && v.p[0] == 'P')
            note_extent(t, k, v, h);
        x->pending_ns = h->now;
    }
    return MC_TALK_TURNS;
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
