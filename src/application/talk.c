/*
 * talk.c: who is listened to, and what for.
 */
#include "application/talk_turn.h"

#include <stdlib.h>

#include "application/tls.h"

#define TALKS        MC_TALK_KEPT_MOST
#define TALKS_OF_MANY 512u
#define NAMES_OF_MANY 128u
#define EARS_OF_MANY 2
#define TALK_BITS    11              /* a block of 2,048: each takes calls of the kernel that cost more than hearing does */
#define BITS_OF_MANY 5
#define TRIES_MOST   4               /* turns of a connection whose beginning was not captured */

void mc_talks_init(mc_talks *t, bool wanted, const uint64_t seed[2])
{
    memset(t, 0, sizeof *t);
    t->wanted = wanted;
    t->most = TALKS;
    mc_store_init(&t->store, sizeof(mc_talk), TALK_BITS);
    mc_store_init(&t->seldom, sizeof(mc_talk_seldom), BITS_OF_MANY);
    mc_ears_init(&t->ears, MC_EARS);
    mc_names_init(&t->names, MC_NAMES_MOST, seed);
}

void mc_talks_be_small(mc_talks *t)
{
    t->most = TALKS_OF_MANY;
    mc_store_init(&t->store, sizeof(mc_talk), BITS_OF_MANY);
    mc_ears_init(&t->ears, EARS_OF_MANY);
    t->names.most = NAMES_OF_MANY;
}

void mc_talks_destroy(mc_talks *t)
{
    unsigned i;

    free(t->joined);
    free(t->seen);
    mc_store_destroy(&t->store);
    mc_pages_free(t->more, t->most * sizeof(mc_talk_more));
    mc_pages_free(t->statuses, t->most * sizeof(mc_talk_statuses));
    mc_store_destroy(&t->seldom);
    mc_ears_free(&t->ears);
    mc_names_free(&t->names);
    mc_hist_free(&t->server_hello);
    mc_hist_free(&t->handshake);
    mc_hist_free(&t->first_data);
    for (i = 0; i < MC_HTTP_KINDS; i++)
        mc_hist_free(&t->took[i]);
}

/* --------------------------------------------------------------- listening */

static bool is_word(mc_view v)
{
    size_t i;

    for (i = 0; i < v.len; i++)
        if (v.p[i] < 'A' || v.p[i] > 'Z')
            return false;
    return true;
}

/* What begins here; 'more': that can be said only when more has come. */
static uint8_t recognise(mc_view v, bool *more)
{
    *more = false;
    if (v.p[0] >= MC_TLS_CHANGE_CIPHER && v.p[0] <= MC_TLS_APPLICATION && (v.len < 2 || v.p[1] == 3)) {
        *more = v.len < MC_TLS_RECORD_HEADER;
        return *more || mc_tls_record(v.p) > 0 ? MC_SPEAKS_TLS : MC_SPEAKS_OTHER;
    }
    if (mc_http_is_two(v.p, v.len))
        return MC_SPEAKS_HTTP2;
    if (mc_http_is_request(v.p, v.len) || mc_http_status(v.p, v.len) != 0)
        return MC_SPEAKS_HTTP;
    *more = v.len < 8 && is_word(v);
    return MC_SPEAKS_OTHER;
}

static size_t take_proxy(mc_talks *t, mc_talk *k, mc_view v)
{
    mc_talk_more *more;
    mc_proxy proxy;
    const size_t length = mc_talk_proxy(t, k) == 0 ? mc_proxy_read(&proxy, v.p, v.len) : 0;

    if (length == 0 || !mc_talk_need_more(t, k))
        return 0;
    more = mc_talk_more_of(t, k);
    if (!mc_talk_need_seldom(t, more))
        return 0;
    more->proxy = proxy.version;
    more->seldom->proxy_named = proxy.named;
    memcpy(more->seldom->proxy_client, proxy.client, sizeof proxy.client);
    more->seldom->proxy_port = proxy.port;
    t->facts.proxy.connections[proxy.version - 1]++;
    t->facts.proxy.clients += proxy.named;
    return length;
}

bool mc_talk_tls_begin(mc_talks *t, mc_talk *k)
{
    if (!mc_talk_need_more(t, k))
        return false;
    k->speaks = MC_SPEAKS_TLS;
    t->facts.tls.connections++;
    return true;
}

static void begin_protocol(mc_talks *t, mc_talk *k, uint8_t speaks)
{
    if (speaks == MC_SPEAKS_HTTP)
        return;                                  /* begin_http() says so */
    k->speaks = speaks;
    t->facts.http.http2 += speaks == MC_SPEAKS_HTTP2;
}

/* Finds out what begins at 'v', and reads it; see read_stream(). */
MC_NOINLINE static size_t read_first(mc_talks *t, mc_talk *k, const mc_conn *c, const mc_heard *h, mc_view v, bool final,
                                     uint32_t *answer)
{
    size_t taken;
    uint8_t speaks;
    bool more;

    taken = take_proxy(t, k, v);
    mc_take(&v, taken);
    if (v.len == 0)
        return taken;
    speaks = recognise(v, &more);
    if (more && !final)
        return taken;
    if (speaks == MC_SPEAKS_TLS && !mc_talk_tls_begin(t, k))
        speaks = MC_SPEAKS_OTHER;
    begin_protocol(t, k, speaks);
    if (speaks == MC_SPEAKS_HTTP)
        *answer = mc_talk_http_turn(t, k, v, h);
    else if (speaks == MC_SPEAKS_TLS)
        return taken + mc_talk_tls_read(t, k, c, h, v, final);
    return taken + v.len;
}

/* Reads what lies at 'v'; returns how much of it is done with.  'answer' is what to do next. */
static inline size_t read_stream(mc_talks *t, mc_talk *k, const mc_conn *c, const mc_heard *h, mc_view v, bool final,
                                 uint32_t *answer)
{
    if (MC_LIKELY(k->speaks == MC_SPEAKS_TLS))
        return mc_talk_tls_read(t, k, c, h, v, final);
    return k->speaks == MC_SPEAKS_UNKNOWN ? read_first(t, k, c, h, v, final, answer) : v.len;
}

static mc_ear *ear_of(mc_talks *t, uint32_t number, unsigned dir)
{
    mc_talk *k = mc_talk_at(t, number);

    if (k->ear[dir] == 0) {
        uint32_t was;
        uint8_t side = 0;

        k->ear[dir] = mc_ears_take(&t->ears, number, (uint8_t)dir, &was, &side);
        if (was != 0) {
            mc_talk_at(t, was)->ear[side] = 0;
            mc_talk_deafen(mc_talk_at(t, was), side);
        }
        t->no_memory |= k->ear[dir] == 0;
    }
    return k->ear[dir] != 0 ? mc_ears_at(&t->ears, k->ear[dir]) : NULL;
}

/* What has come of a message, 'ahead' of what is to come next, until the rest does; 'fresh': it was read a moment ago. */
MC_NOINLINE static void keep(mc_talks *t, uint32_t number, const mc_conn *c, const mc_heard *h, mc_view v, uint32_t ahead,
                             bool fresh, uint32_t *answer)
{
    mc_talk *k = mc_talk_at(t, number);
    const unsigned dir = h->dir;
    const bool cut = h->captured < h->len;
    mc_ear *e = ear_of(t, number, dir);
    uint32_t next;
    size_t taken;

    if (e == NULL)
        return;
    mc_ear_put(e, ahead, v.p, (uint32_t)v.len);
    if (ahead == 0 && fresh && e->filled == v.len)
        return;
    v = (mc_view){ e->bytes, e->filled };
    next = k->next[dir];
    taken = v.len > 0 ? read_stream(t, k, c, h, v, cut || e->filled == MC_EAR_BYTES, answer) : 0;
    k->next[dir] += (uint32_t)taken;
    if (cut || e->filled == MC_EAR_BYTES)
        mc_talk_deafen(k, dir);
    mc_ear_drop(e, k->next[dir] - next);         /* what was passed over may not have come yet */
    if ((e->filled == 0 && e->range_count == 0) || mc_talk_is_deaf(k, dir))
        mc_talk_give_up_ear(t, k, dir);
}

void mc_talk_tls_wait(mc_talks *t, uint32_t number, const mc_conn *c, const mc_heard *h, mc_view v)
{
    uint32_t answer;

    keep(t, number, c, h, v, 0, true, &answer);
}

/* Hears a part of the stream, wherever it lies. */
static void listen(mc_talks *t, uint32_t number, const mc_conn *c, const mc_heard *h, uint32_t *answer)
{
    mc_talk *k = mc_talk_at(t, number);
    const unsigned dir = h->dir;
    mc_view v = { h->payload, h->captured };
    const bool cut = h->captured < h->len, fresh = k->ear[dir] == 0;
    uint32_t ahead;
    size_t taken;

    if (!mc_talk_is_placed(k, dir))
        mc_talk_place(k, dir, mc_talk_first_of(k, c, h->dir, h->seq));
    mc_talk_tls_go_on(t, k, h);
    ahead = h->seq - k->next[dir];
    if ((int32_t)ahead < 0) {
        if (mc_take(&v, 0 - ahead) == NULL)
            return;
        ahead = 0;
    }
    if (v.len == 0)
        return;
    if (ahead == 0 && fresh) {
        taken = read_stream(t, k, c, h, v, cut, answer);
        if (k->speaks != MC_SPEAKS_HTTP)
            k->next[dir] += (uint32_t)taken;
        if (cut)
            mc_talk_deafen(k, dir);
        mc_take(&v, taken);
        if (v.len == 0 || mc_talk_is_deaf(k, dir) || *answer != MC_TALK_LISTEN)
            return;
    }
    keep(t, number, c, h, v, ahead, fresh, answer);
}

static uint32_t end(mc_talks *t, mc_talk *k)
{
    mc_talk_give_up_ear(t, k, 0);
    mc_talk_give_up_ear(t, k, 1);
    k->over = true;
    return MC_C_HEARD;
}

uint32_t mc_talk_tls_over(mc_talks *t, mc_talk *k)
{
    end(t, k);
    k->over = !mc_talk_tls_of(t, k)->done;
    return k->over ? MC_C_HEARD : MC_TALK_TURNS;
}

#define FIRST_LINE 512u

/* Something like a request that is none, as "GET/ HTTP/1.1": what the server makes of it its answer tells. */
static bool may_be_request(const mc_heard *h)
{
    return h->dir == MC_CLIENT && h->captured >= 8 && is_word((mc_view){ h->payload, 3 }) &&
           memmem(h->payload, mc_min_u64(h->captured, FIRST_LINE), "HTTP/1.", 7) != NULL;
}

/* Nothing is known yet, and it is the first byte of the segment that may tell. */
static bool begins_with(const mc_talks *t, const mc_talk *k, const mc_conn *c, const mc_heard *h)
{
    return k->ear[h->dir] == 0 && k->speaks == MC_SPEAKS_UNKNOWN && mc_talk_proxy(t, k) == 0 &&
           h->seq == (mc_talk_is_placed(k, h->dir) ? k->next[h->dir] : mc_talk_first_of(k, c, h->dir, h->seq));
}

static uint32_t hear_beginning(mc_talks *t, uint32_t number, const mc_conn *c, const mc_heard *h)
{
    mc_talk *k = mc_talk_at(t, number);
    const bool late = (c->flags & MC_C_MID_STREAM) != 0 && k->speaks == MC_SPEAKS_UNKNOWN;
    uint32_t answer = MC_TALK_LISTEN;

    if (late && !h->turn && k->heard > 0)
        return MC_TALK_TURNS;
    if (!mc_talk_is_deaf(k, h->dir)) {
        const bool fresh = begins_with(t, k, c, h), records = k->speaks == MC_SPEAKS_TLS;

        t->plain = false;
        listen(t, number, c, h, &answer);
        mc_talk_note_need(t, h, fresh && k->ear[h->dir] == 0 && mc_talk_proxy(t, k) == 0 && k->speaks >= MC_SPEAKS_HTTP &&
                               (h->dir == MC_SERVER || mc_talk_does_beginning_tell(h, mc_http_is_usual_request(h->payload, h->captured)))
                            ? MC_TALK_BEGINNING
                            : records && !t->plain && k->ear[h->dir] == 0 ? MC_TALK_OPAQUE : UINT32_MAX);
    }
    k->heard++;
    if (answer != MC_TALK_LISTEN)
        return answer;
    switch (k->speaks) {
    case MC_SPEAKS_OTHER:
        if (late ? k->heard > TRIES_MOST : k->heard > 1 || !may_be_request(h))
            return end(t, k);
        k->speaks = MC_SPEAKS_UNKNOWN;           /* something begins with each turn */
        mc_talk_give_up_ear(t, k, 0);
        mc_talk_give_up_ear(t, k, 1);
        mc_talk_unplace(k);
        return MC_TALK_TURNS;
    case MC_SPEAKS_HTTP2:
        return end(t, k);
    case MC_SPEAKS_TLS:
        if (!mc_talk_tls_is_done(t, k))
            break;
        return mc_talk_tls_over(t, k);
    default:
        break;
    }
    return k->heard < MC_HEARD_MOST ? MC_TALK_LISTEN : end(t, k);
}

/* Of what 'h' says nothing can be read, and what follows it cannot, either. */
MC_NOINLINE static uint32_t hear_nothing(mc_talks *t, uint32_t number)
{
    mc_talk *k;

    if (number == 0)
        return MC_C_HEARD;
    k = mc_talk_at(t, number);
    k->pending = false;
    if (k->speaks == MC_SPEAKS_HTTP && !k->over)
        return MC_TALK_TURNS;                    /* but the next turn may */
    return end(t, k);
}

/* Where it is no HTTP so far. */
static uint32_t hear_other(mc_talks *t, mc_flows *flows, uint32_t number, mc_conn *c, const mc_heard *h)
{
    uint32_t answer;
    mc_talk *k;

    if (number == 0) {
        mc_talk_note_need(t, h, MC_TALK_BEGINNING);
        if (mc_talks_is_foreign(c, h->dir, h->seq, h->payload[0]) || (number = mc_talk_keep_of(t, flows, c, h->hash)) == 0)
            return MC_C_HEARD;
    }
    k = mc_talk_at(t, number);
    if (k->speaks == MC_SPEAKS_TLS && mc_talk_tls_of(t, k)->done)
        return mc_talk_tls_turn(t, k, h->dir, h->now, h->timed);
    answer = hear_beginning(t, number, c, h);
    if (k->over && k->speaks == MC_SPEAKS_OTHER && !k->anew && mc_talk_proxy(t, k) == 0) {
        mc_talk_drop(t, number);
        mc_story_set_talk(&flows->stories, c, 0);
    }
    return answer;
}

#define FETCHED 640u                 /* bytes of a payload: a ClientHello, or what stands before a certificate */

/* All at once: whoever reads it waits for one line after the other. */
static inline void fetch(const mc_talks *t, const mc_talk *k, const mc_heard *h)
{
    uint32_t at = k != NULL ? k->next[h->dir] - h->seq : 0;

    if (k != NULL && k->more) {
        MC_PREFETCH(mc_talk_more_of(t, k));
        MC_PREFETCH((const uint8_t *)mc_talk_more_of(t, k) + MC_TALK_MORE_BYTES / 2);
    }
    if (h->payload[0] != MC_TLS_HANDSHAKE) {
        if (at < h->captured)
            MC_PREFETCH(h->payload + at);
        return;
    }
    for (at = 64; at < h->captured && at < FETCHED; at += 64)
        MC_PREFETCH(h->payload + at);
}

MC_NOINLINE static uint32_t hear_rest(mc_talks *t, mc_flows *flows, uint32_t number, mc_conn *c, const mc_heard *h)
{
    if (h->payload == NULL || h->captured == 0)
        return hear_nothing(t, number);
    fetch(t, number != 0 ? mc_talk_at(t, number) : NULL, h);
    return hear_other(t, flows, number, c, h);
}

/* Of a connection that is not kept, these are the first bytes of their side, or are taken for them. */
static inline bool is_at_beginning(const mc_conn *c, const mc_heard *h)
{
    const mc_endpoint_state *d = &c->endpoint[h->dir];

    return (c->flags & MC_C_TURNS) != 0 || (d->options & MC_OPT_SEEN) == 0 || h->seq == d->base + 1;
}

/* Where it is HTTP, as most of what is heard: what else there is, is seen to by hear_rest(). */
uint32_t mc_talks_hear(mc_talks *t, mc_flows *flows, mc_conn *c, const mc_heard *h)
{
    const mc_view v = { h->payload, h->captured };
    const bool there = v.p != NULL && v.len > 0 && t->wanted;
    uint32_t number = mc_talk_number_of(t, &flows->stories, c), answer;
    bool usual;

    t->needed = t->extent = 0;
    t->events = false;
    if (MC_UNLIKELY(!there))
        return t->wanted ? hear_rest(t, flows, number, c, h) : MC_C_HEARD;
    if (h->dir == MC_SERVER) {
        if (number == 0 || mc_talk_at(t, number)->speaks != MC_SPEAKS_HTTP)
            return hear_rest(t, flows, number, c, h);
        answer = mc_talk_http_answer(t, mc_talk_at(t, number), v, h);
        mc_talk_note_need(t, h, MC_TALK_BEGINNING);
        return answer;
    }
    usual = mc_http_is_usual_request(v.p, v.len);
    if (number == 0 && usual && is_at_beginning(c, h)) {
        number = mc_talk_keep_of(t, flows, c, h->hash); /* what hear_rest() would come to */
        if (number == 0)
            return MC_C_HEARD;
    } else if (number == 0 || mc_talk_at(t, number)->speaks != MC_SPEAKS_HTTP) {
        return hear_rest(t, flows, number, c, h);
    }
    answer = mc_talk_http_ask(t, mc_talk_at(t, number), v, h, usual);
    mc_talk_note_need(t, h, mc_talk_does_beginning_tell(h, usual) ? MC_TALK_BEGINNING : UINT32_MAX);
    return answer;
}

uint32_t mc_talks_begins_late(const uint8_t *payload, uint32_t captured)
{
    if (mc_tls_is_client_hello(payload, captured))
        return UINT32_MAX;
    captured = (uint32_t)mc_min_u64(captured, MC_TALK_BEGINNING);
    return mc_http_is_sure_request(payload, captured) || mc_http_status(payload, captured) != 0 ? MC_TALK_BEGINNING : 0;
}

uint32_t mc_talks_hear_late(mc_talks *t, mc_flows *flows, mc_conn *c, const mc_heard *h)
{
    uint32_t number = mc_talk_number_of(t, &flows->stories, c);
    mc_talk *k = number != 0 ? mc_talk_at(t, number) : NULL;

    t->needed = 0;
    t->events = false;
    if (k != NULL && k->speaks < MC_SPEAKS_OTHER && (k->speaks != MC_SPEAKS_HTTP || h->payload[0] != MC_TLS_HANDSHAKE))
        return MC_C_HEARD;                       /* all has been said */
    if (number == 0 && (number = mc_talk_keep_of(t, flows, c, h->hash)) == 0)
        return MC_C_HEARD;
    mc_talk_begin_anew(mc_talk_at(t, number));
    return mc_talks_hear(t, flows, c, h);
}

/* ------------------------------------------------------------------- facts */

/* The connection of 'k', if it is the current one between its ends. */
static const mc_conn *conn_of(const mc_flows *flows, const mc_talk *k, mc_conn *room)
{
    return mc_flows_look_for(flows, k->hash, k->begin, room);
}

static void end_http(const mc_talk *k, const mc_conn *c, int64_t waited, bool over, mc_http_facts *f)
{
    const mc_endpoint_state *d = &c->endpoint[MC_CLIENT], *r = &c->endpoint[MC_SERVER];

    /* who leaves at once did not wait; what did not arrive is the way's affair */
    if ((waited < MC_NS_PER_S && !mc_talk_ended_by(c, MC_SERVER, over)) || (r->known & MC_KNOWN_ACK) == 0 ||
        !mc_seq_not_after(d->highest_end, r->last_ack) || mc_talk_missed(c, MC_SERVER))
        return;
    mc_talk_unanswered(&f->unanswered, c, MC_CLIENT, waited, over, k->asked_frame);
}

#define OPEN_AHEAD 40                /* of which it is asked whether they wait */

/* What waits for something at the end. */
static void add_open(const mc_talks *t, const mc_flows *flows, int64_t end_ns, mc_application_facts *f)
{
    uint32_t number;

    for (number = 1; number <= t->store.end; number++) {
        const mc_talk *k = mc_talk_at(t, number);
        const mc_conn *c;
        mc_conn room;
        bool over, waits;
        int64_t until;

        if (number + OPEN_AHEAD <= t->store.end)
            MC_PREFETCH(mc_talk_at(t, number + OPEN_AHEAD));
        waits = mc_talk_http_waits(k) || (k->speaks == MC_SPEAKS_TLS && !k->greeted);

        if (!waits && k->due_of != MC_DUE_SERVER)
            continue;
        c = conn_of(flows, k, &room);
        if (c == NULL)
            continue;
        mc_talk_http_end(k, c, &f->http);
        mc_talk_http_leave(k, c, mc_story_look(&flows->stories, c), end_ns, &f->http);
        if (!waits || (c->flags & MC_C_NO_TIME) != 0)
            continue;
        over = mc_conn_is_over(c);
        until = over ? mc_conn_last(c) : end_ns;
        if (mc_talk_http_waits(k))
            end_http(k, c, mc_ns_since(until, k->pending_ns), over, &f->http);
        else
            mc_talk_tls_end(t, k, c, mc_ns_since(until, mc_talk_tls_of(t, k)->client ? mc_talk_tls_of(t, k)->client_ns : c->first_ns), over, &f->tls);
    }
}

void mc_talks_get_facts(const mc_talks *t, const mc_flows *flows, int64_t end_ns, mc_application_facts *out)
{
    unsigned i;

    *out = t->facts;
    out->tls.server_hello = mc_hist_durations(&t->server_hello);
    out->tls.handshake = mc_hist_durations(&t->handshake);
    out->tls.first_data = mc_hist_durations(&t->first_data);
    for (i = 0; i < MC_HTTP_KINDS; i++)
        out->http.took[i] = mc_hist_durations(&t->took[i]);
    mc_names_rank(&t->names, MC_NAME_SNI, out->tls.sni);
    mc_names_rank(&t->names, MC_NAME_ALPN, out->tls.alpn);
    add_open(t, flows, end_ns, out);
}

static mc_row_http http_row(const mc_talks *t, const mc_talk *k)
{
    mc_row_http row = { .requests = k->requests, .answers = k->answers, .slowest_ns = k->slowest_ns,
                        .slowest_status = k->slowest_status, .unanswered = mc_talk_http_waits(k) };

    if (k->listed) {
        const mc_talk_statuses *s = mc_talk_statuses_of(t, k);

        memcpy(row.status, s->status, sizeof row.status);
        memcpy(row.count, s->count, sizeof row.count);
        row.others = s->others;
    } else if (k->answers > 0) {
        row.status[0] = k->slowest_status;
        row.count[0] = k->answers;
    }
    row.unanswered_frame = row.unanswered ? k->asked_frame : 0;
    return row;
}

static void set_row_lacks(const mc_flows *flows, const mc_talk *k, mc_row_http *out)
{
    mc_conn room;
    const mc_conn *c = k->due_of != 0 ? conn_of(flows, k, &room) : NULL;
    unsigned side;

    for (side = 0; c != NULL && side < 2; side++)
        out->missing_bytes[side] = mc_talk_http_lacks(k, c, side);
    out->cut_frame = k->asked_frame;
}

void mc_talks_get_row(const mc_talks *t, const mc_flows *flows, uint32_t number, uint64_t begin,
                      const mc_application_facts *facts, mc_row_application *out)
{
    const mc_talk *k;

    memset(out, 0, sizeof *out);
    number = mc_talk_if_kept(t, number, begin);
    if (number == 0)
        return;
    k = mc_talk_at(t, number);
    out->speaks = k->speaks < MC_SPEAKS_OTHER ? (mc_protocol)k->speaks : MC_SPEAKS_UNKNOWN;
    if (mc_talk_proxy(t, k) != 0) {
        const mc_talk_seldom *s = mc_talk_more_of(t, k)->seldom;

        out->proxy = mc_talk_proxy(t, k);
        out->proxy_named = s->proxy_named;
        memcpy(out->proxy_client, s->proxy_client, sizeof out->proxy_client);
        out->proxy_port = s->proxy_port;
    }
    if (k->speaks == MC_SPEAKS_TLS)
        mc_talk_tls_row(t, k, facts, &out->tls);
    out->http = http_row(t, k);
    set_row_lacks(flows, k, &out->http);
}

uint64_t mc_talks_memory(const mc_talks *t)
{
    return mc_store_memory(&t->store) + t->more_ready * sizeof(mc_talk_more) +
           (t->statuses != NULL ? t->store.end * sizeof(mc_talk_statuses) : 0) + mc_store_memory(&t->seldom) +
           (t->joined != NULL ? MC_EAR_BYTES : 0) +
           (t->seen != NULL ? MC_TALK_SEEN * sizeof *t->seen : 0) + mc_names_memory(&t->names) + mc_ears_memory(&t->ears);
}
