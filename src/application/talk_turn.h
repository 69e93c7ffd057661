/*
 * talk_turn.h: a turn of HTTP, for who hears most of them: inline, as there is one with each few segments.
 */
#ifndef MC_TALK_TURN_H
#define MC_TALK_TURN_H

#include "application/http.h"
#include "application/talk_part.h"

/* The number of what is kept of 'c', if it is HTTP; NULL: it is not. */
MC_INLINE mc_talk *mc_talk_of_http(const mc_talks *t, const mc_stories *stories, const mc_conn *c);

/* The beginning of a turn of the server ... */
MC_INLINE uint32_t mc_talk_http_answer(mc_talks *t, mc_talk *k, mc_view v, const mc_heard *h);

/* ... and of the client; 'usual' is mc_http_is_usual_request(). */
MC_INLINE uint32_t mc_talk_http_ask(mc_talks *t, mc_talk *k, mc_view v, const mc_heard *h, bool usual);

/* A status that is not that of all answers before it, or of none. */
void mc_talk_list_status(mc_talks *t, mc_talk *k, unsigned status);

/* What begins with no status, or with one that another will follow. */
uint32_t mc_talk_http_no_answer(mc_talks *t, mc_talk *k, mc_view v, const mc_heard *h, unsigned status);

/* The server takes the request for none, and may say that it is to be asked by TLS. */
void mc_talk_http_bad_request(mc_talks *t, const mc_talk *k, mc_view v, const mc_heard *h);

/* ------------------------------------------------------------------ bodies */

MC_INLINE mc_talk *mc_talk_of_http(const mc_talks *t, const mc_stories *stories, const mc_conn *c)
{
    const uint32_t number = mc_story_talk_of(stories, c);
    mc_talk *k = number != 0 ? mc_talk_at(t, number) : NULL;

    return k != NULL && (!t->reused || k->begin == c->begin) && k->speaks == MC_SPEAKS_HTTP ? k : NULL;
}

/* Before what it is the status of is counted. */
MC_INLINE void mc_talk_count_status(mc_talks *t, mc_talk *k, unsigned status, bool answer)
{
    t->facts.http.status[status - 100]++;
    if (MC_UNLIKELY(k->listed || !answer || (k->slowest_status != status && k->answers > 0)))
        mc_talk_list_status(t, k, status);
}

MC_INLINE void mc_talk_note_answer(mc_talks *t, mc_talk *k, unsigned status, const mc_heard *h)
{
    mc_http_facts *f = &t->facts.http;
    const mc_http_kind kind = status < 500 ? MC_HTTP_FINE
                              : status >= 502 && status <= 504 ? MC_HTTP_GATEWAY : MC_HTTP_FAILED;
    const int64_t took = k->pending && h->timed && h->took >= 0 ? h->took : -1;

    mc_talk_count_status(t, k, status, true);
    k->answers++;
    f->answers++;
    f->kind[kind]++;
    if (kind != MC_HTTP_FINE)
        mc_add_example(&f->examples[kind], h->frame);
    if (took >= 0)
        t->no_memory |= !mc_hist_add(&t->took[kind], took);
    if (took > k->slowest_ns || k->slowest_status == 0) {
        k->slowest_ns = took;
        k->slowest_status = (uint16_t)status;
    }
}

/* Where the message ends that begins with the segment 'h', if its head is in it. */
MC_INLINE void mc_talk_note_extent(mc_talks *t, mc_talk *k, mc_view v, const mc_heard *h)
{
    mc_http_extent e;

    if (v.p != h->payload)
        return;                                  /* put together of several: where it lies is not known here */
    if (mc_http_extent_read(&e, v.p, mc_min_u64(v.len, MC_HTTP_HEAD_MOST)) && e.length > h->len) {
        k->due_of = h->dir == MC_CLIENT ? MC_DUE_CLIENT : MC_DUE_SERVER;
        k->asked_frame = h->frame;
        k->least = e.least;
        k->due = h->seq + e.length;
        k->body = h->seq + e.read;
    }
    t->events = e.events;
    t->facts.http.open_ended += h->dir == MC_SERVER && e.open;
    /* who gives it again tells by one byte more that it was asked for, whatever came of that */
    t->extent = e.read > MC_TALK_BEGINNING ? e.read : MC_TALK_BEGINNING + 1;
}

MC_INLINE void mc_talk_begin_http(mc_talks *t, mc_talk *k)
{
    if (k->speaks == MC_SPEAKS_HTTP)
        return;
    mc_talk_give_up_ear(t, k, 0);
    mc_talk_give_up_ear(t, k, 1);
    k->speaks = MC_SPEAKS_HTTP;
    t->facts.http.connections += !k->anew;       /* it is counted already */
}

MC_INLINE uint32_t mc_talk_http_answer(mc_talks *t, mc_talk *k, mc_view v, const mc_heard *h)
{
    const unsigned status = mc_http_status(v.p, v.len);
    bool connected;

    if (MC_UNLIKELY(status < 200) && status != 101)
        return mc_talk_http_no_answer(t, k, v, h, status);
    mc_talk_begin_http(t, k);
    mc_talk_note_answer(t, k, status, h);
    connected = k->connect && status < 300;
    k->due_of = 0;
    if (k->pending && !k->head && !k->connect && status >= 200 && status != 204 && status != 304)
        mc_talk_note_extent(t, k, v, h);
    if (MC_UNLIKELY(status == 400) && k->pending)
        mc_talk_http_bad_request(t, k, v, h);
    k->pending = false;
    if (MC_UNLIKELY(status == 101)) {
        k->over = true;
        return MC_C_HEARD;
    }
    return MC_UNLIKELY(connected) ? mc_talk_begin_anew(k) : MC_TALK_TURNS;
}

MC_INLINE uint32_t mc_talk_http_ask(mc_talks *t, mc_talk *k, mc_view v, const mc_heard *h, bool usual)
{
    if (!usual && !mc_http_is_request(v.p, v.len))
        return MC_TALK_TURNS;
    mc_talk_begin_http(t, k);
    t->facts.http.requests++;
    k->requests++;
    k->pending = true;
    k->looks = 0;
    k->connect = v.p[0] == 'C' && mc_http_is_connect(v.p, v.len);
    k->asked_frame = h->frame;
    k->head = v.p[0] == 'H' && mc_http_is_head(v.p, v.len);
    k->due_of = 0;
    if (usual && v.p[0] == 'P')
        mc_talk_note_extent(t, k, v, h);
    k->pending_ns = h->now;
    return MC_TALK_TURNS;
}

#endif
