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
        x->pending_ns = h->now;
    }
    return MC_TALK_TURNS;
}
