/*
 * talk_other.c: a ClientHello, and a server that speaks something else.
 */
#include "application/http.h"
#include "application/talk_part.h"

static void note(mc_tls_not_spoken *n, const mc_heard *h, bool http)
{
    n->count++;
    n->http += http;
    mc_add_example(&n->examples, h->frame);
}

/* What is read now of side h->dir is the first that it says. */
static bool is_first_word(const mc_talk *k, const mc_conn *c, const mc_heard *h)
{
    const mc_endpoint_state *d = &c->endpoint[h->dir];

    return (d->options & MC_OPT_SEEN) != 0 && k->next[h->dir] == d->base + 1;
}

void mc_talk_tls_note_other(mc_talks *t, const mc_talk *k, const mc_conn *c, const mc_heard *h, mc_view v)
{
    const mc_talk_tls *s = mc_talk_tls_of(t, k);

    if (h->dir == MC_SERVER && s->client && s->side == MC_CLIENT && !s->server && !k->anew && is_first_word(k, c, h))
        note(&t->facts.tls.not_spoken, h, mc_http_status(v.p, v.len) != 0);
}

void mc_talk_tls_note_greeted(mc_talks *t, const mc_talk *k, const mc_conn *c, const mc_heard *h)
{
    if (k->anew && h->dir == MC_CLIENT && is_first_word(k, c, h) && (c->endpoint[MC_SERVER].once & MC_ONCE_DATA) != 0)
        note(&t->facts.tls.not_spoken, h, false);
}
