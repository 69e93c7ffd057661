/*
 * talk_http.c: the first line of each turn.
 */
#include "application/talk_turn.h"

#include "application/tls.h"

#define SAYS_SO_MOST 1024u            /* bytes of an answer where it is looked for */
#define LOOKS_MOST 8                 /* segments of an answer that begins with no status line */

/* A fatal alert in plain text is all that begins here: what a server of TLS says to whom does not speak it (RFC 8446, 6). */
static bool is_alert(mc_view v)
{
    return v.len == MC_TLS_RECORD_HEADER + 2 && v.p[0] == MC_TLS_ALERT_RECORD && mc_tls_record(v.p) == 2 && v.p[5] == 2;
}

void mc_talk_list_status(mc_talks *t, mc_talk *k, unsigned status)
{
    const bool begun = k->listed;
    mc_talk_statuses *s;
    uint32_t i = 0;

    if (!mc_talk_need_statuses(t, k))
        return;
    s = mc_talk_statuses_of(t, k);
    if (!begun && k->answers > 0) {
        s->status[0] = k->slowest_status;
        s->count[0] = k->answers;
    }
    while (i < MC_ROW_STATUS && s->status[i] != 0 && s->status[i] != status)
        i++;
    if (i == MC_ROW_STATUS) {
        s->others++;
        return;
    }
    s->status[i] = (uint16_t)status;
    s->count[i]++;
}

uint32_t mc_talk_http_no_answer(mc_talks *t, mc_talk *k, mc_view v, const mc_heard *h, unsigned status)
{
    if (status == 0 && k->looks == 0 && k->pending && k->requests == 1 && k->answers == 0 && is_alert(v)) {
        t->facts.http.to_tls.alerts++;
        mc_add_example(&t->facts.http.to_tls.examples, h->frame);
    }
    if (status == 0 && k->looks <= LOOKS_MOST)
        k->looks++;                              /* an answer whose beginning is not here is one */
    if (status == 0)
        return k->pending && k->looks <= LOOKS_MOST ? MC_TALK_LISTEN : MC_TALK_TURNS;
    mc_talk_begin_http(t, k);
    mc_talk_count_status(t, k, status, false);
    k->looks = 0;
    return k->pending ? MC_TALK_LISTEN : MC_TALK_TURNS;
}

void mc_talk_http_bad_request(mc_talks *t, const mc_talk *k, mc_view v, const mc_heard *h)
{
    static const char *const words[] = {
        "plain HTTP request was sent to HTTPS port",             /* nginx */
        "speaking plain HTTP to an SSL-enabled server port",     /* Apache */
        "HTTP request to an HTTPS server",                       /* Go */
        "combination of host and port requires TLS",             /* Tomcat */
    };
    size_t i;

    if (v.p != h->payload || k->answers != 1)
        return;
    for (i = 0; i < MC_ARRAY_LEN(words); i++) {
        const size_t length = strlen(words[i]);
        const uint8_t *at = memmem(v.p, mc_min_u64(v.len, SAYS_SO_MOST), words[i], length);
        const uint32_t end = at != NULL ? (uint32_t)(at - v.p) + (uint32_t)length : 0;

        if (at == NULL)
            continue;
        t->facts.http.to_tls.told++;
        mc_add_example(&t->facts.http.to_tls.examples, h->frame);
        t->extent = t->extent > end ? t->extent : end;
        return;
    }
}

uint32_t mc_talk_http_turn(mc_talks *t, mc_talk *k, mc_view v, const mc_heard *h)
{
    return h->dir == MC_SERVER ? mc_talk_http_answer(t, k, v, h)
                               : mc_talk_http_ask(t, k, v, h, mc_http_is_usual_request(v.p, v.len));
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

    if (k->due_of != (side == MC_CLIENT ? MC_DUE_CLIENT : MC_DUE_SERVER) || (c->flags & (MC_C_CLOSER | MC_C_SELF)) != MC_C_CLOSER || c->closer != side ||
        (d->known & MC_KNOWN_NXT) == 0 || was_held_back(c, side))
        return 0;
    end = d->nxt - fin;                          /* a FIN has a number of its own */
    if (!mc_seq_after(k->due, end))
        return 0;
    /* a request is cut short if it was begun, all of that came, and nobody had answered it or said that he would not read on */
    if (side == MC_CLIENT && (!fin || !mc_talk_http_waits(k) || (r->known & MC_KNOWN_ACK) == 0 || r->last_ack != d->nxt ||
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
        if ((c->flags & MC_C_FIN_FIRST) == 0)
            out->reset++;
        else
            out->closed++;
        out->missing_bytes += missing;
        mc_insert_example(&out->examples, k->asked_frame);
    }
}

/* --------------------------------------------------------------------- left */

/* Who gives up after so long has waited in vain. */
#define STALLED_NS (2 * MC_NS_PER_S)

/* Nobody has ended it. */
static bool is_open(const mc_conn *c)
{
    return (c->flags & MC_C_CLOSER) == 0 && !mc_conn_is_over(c);
}

/* How long the server had said nothing in its turn when the client closed, or the capture ended; 0: it is not known. */
static int64_t silence_of(const mc_conn *c, const mc_story *story, int64_t end_ns)
{
    if ((c->flags & (MC_C_TURN_SERVER | MC_C_NO_TIME)) != MC_C_TURN_SERVER)
        return 0;
    if (is_open(c))
        return (c->flags & MC_C_TURN) != 0 ? mc_ns_since(end_ns, c->at.turn_ns) : 0;
    if (c->reset_phase != MC_RESET_NONE)
        return (story->reset.says & MC_RESET_IN_TURN) != 0 ? (int64_t)story->reset.turn_ms * MC_NS_PER_MS : 0;
    return (c->flags & MC_C_TURN) != 0 ? mc_ns_since(c->endpoint[MC_CLIENT].nxt_ns, c->at.turn_ns) : 0;
}

/* The server was free to send: what the client had announced last is room for a full segment. */
static bool had_room(const mc_conn *c)
{
    const mc_endpoint_state *k = &c->endpoint[MC_CLIENT];

    return !was_held_back(c, MC_SERVER) && k->scale != MC_SCALE_UNKNOWN && mc_announced_window(k) >= k->mss;
}

void mc_talk_http_leave(const mc_talk *k, const mc_conn *c, const mc_story *story, int64_t end_ns, mc_http_facts *f)
{
    const mc_endpoint_state *s = &c->endpoint[MC_SERVER], *r = &c->endpoint[MC_CLIENT];
    int64_t silence;
    const bool open = is_open(c);
    uint32_t end;
    bool stalled;
    mc_http_left *out;

    if (k->due_of != MC_DUE_SERVER || k->least || (c->flags & MC_C_SELF) != 0 ||
        (!open && ((c->flags & MC_C_CLOSER) == 0 || c->closer != MC_CLIENT)) || (s->known & MC_KNOWN_NXT) == 0 ||
        (r->known & MC_KNOWN_ACK) == 0)
        return;
    end = s->nxt - ((s->once & MC_ONCE_FIN) != 0);
    if (mc_seq_after(r->last_ack, end + 1u) || !mc_seq_after(k->due, r->last_ack) || !mc_seq_after(r->last_ack, k->body - 1u))
        return;                                  /* some of it is not in the capture; it has all of it; it has nothing */
    if (!mc_seq_after(k->due, end) && story->reset.later_data[MC_SERVER] == 0)
        return;                                  /* all of it was on its way */
    silence = silence_of(c, story, end_ns);
    stalled = silence >= STALLED_NS && mc_seq_not_after(end, r->last_ack) && had_room(c);
    if (open && !stalled)
        return;                                  /* it may come yet */
    out = stalled ? &f->stalled : &f->broken_off;
    out->count++;
    out->open += open;
    out->resets += !open && (c->flags & MC_C_FIN_FIRST) == 0;
    out->taken_bytes += (mc_seq_after(r->last_ack, end) ? end : r->last_ack) - k->body;
    out->whole_bytes += k->due - k->body;
    if (silence > out->longest_ns)
        out->longest_ns = silence;
    mc_insert_example(&out->examples, k->asked_frame);
}
