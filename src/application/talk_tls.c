/*
 * talk_tls.c: a handshake, as far as it is plain.
 */
#include "application/talk_part.h"

#include <stdlib.h>

#include "application/tls.h"

#define SLOW_NS (200 * MC_NS_PER_MS)
#define JOINED  MC_EAR_BYTES
#define BEFORE_CERTIFICATE 10u       /* bytes of its message: type, and the lengths of message, list and certificate */

/* RFC 8446, 4.1.4; 5. */
#define TLS_1_3 0x0304

/* Of a session id; 0: there is none. */
static uint32_t hash_of(mc_view v)
{
    uint64_t h = v.len, word;

    if (v.len == 0)
        return 0;
    for (; v.len >= sizeof word; v.p += sizeof word, v.len -= sizeof word) {
        memcpy(&word, v.p, sizeof word);
        h = (h ^ word) * 0x9e3779b97f4a7c15ull;
        h ^= h >> 32;
    }
    for (; v.len > 0; v.p++, v.len--)
        h = (h ^ *v.p) * 0x9e3779b97f4a7c15ull;
    return (uint32_t)(h >> 32) | 1;
}

static void say_last(mc_talk_tls *s, unsigned dir, uint8_t what)
{
    s->last = what;
    s->last_side = (uint8_t)dir;
}

static void note_client(mc_talks *t, mc_talk *k, const mc_conn *c, const mc_heard *h, const mc_tls_hello *hello)
{
    mc_talk_tls *s = mc_talk_tls_of(t, k);
    mc_tls_facts *f = &t->facts.tls;

    if (s->client)
        return;                                  /* after a retry, which asks for nothing that counts here */
    s->client = true;
    s->side = (uint8_t)h->dir;
    s->client_frame = h->frame;
    s->client_ns = h->now;
    s->timed = h->timed;
    s->offered = (uint16_t)hello->version;
    s->session = hash_of(hello->session);
    s->resumption_offered = hello->resumes || hello->ticket || (hello->version < TLS_1_3 && hello->session.len > 0);
    s->early = hello->early;
    s->ech = hello->encrypted;
    s->sni = mc_names_say(&t->names, hello->sni, MC_NAME_SNI);
    s->alpn_offered = mc_names_say(&t->names, hello->alpn, MC_NAME_OTHER);
    f->client_hellos++;
    f->resumption_offered += s->resumption_offered;
    f->http2_offered += hello->alpn.len == 2 && memcmp(hello->alpn.p, "h2", 2) == 0;
    f->early_data += s->early;
    f->encrypted_hello += s->ech;
    mc_talk_tls_note_greeted(t, k, c, h);
}

/* The server's own time: without the way there and back, where the handshake has told it. */
static void time_server(mc_talks *t, const mc_talk *k, const mc_conn *c, const mc_heard *h)
{
    mc_tls_facts *f = &t->facts.tls;
    int64_t took = h->took >= 0 ? h->took : mc_ns_since(h->now, mc_talk_tls_of(t, k)->client_ns);

    if (!h->timed || !mc_talk_tls_of(t, k)->timed || took < 0)
        return;
    if ((c->flags & MC_C_HS_SYN_ACK) != 0 && c->originator == mc_talk_tls_of(t, k)->side && c->to_server_ns > 0)
        took = took > c->to_server_ns ? took - c->to_server_ns : 0;
    t->no_memory |= !mc_hist_add(&t->server_hello, took);
    if (took < SLOW_NS)
        return;
    f->slow++;
    mc_add_example(&f->slow_hellos, h->frame);
}

static void note_server(mc_talks *t, mc_talk *k, const mc_conn *c, const mc_heard *h, const mc_tls_hello *hello)
{
    mc_talk_tls *s = mc_talk_tls_of(t, k);
    mc_tls_facts *f = &t->facts.tls;

    if (hello->retry) {
        f->retries += !s->retry;
        s->retry = true;
        return;
    }
    if (s->server)
        return;
    if (!s->client)
        s->side = !h->dir;
    s->server = k->greeted = true;
    s->server_frame = h->frame;
    s->server_ns = h->now;
    s->timed = h->timed && (s->timed || !s->client);
    s->version = (uint16_t)hello->version;
    s->resumed = hello->version >= TLS_1_3 ? hello->resumes : s->session != 0 && hash_of(hello->session) == s->session;
    s->alpn = mc_names_say(&t->names, hello->alpn, MC_NAME_ALPN);
    f->server_hellos++;
    f->version[hello->version >= 0x0300 && hello->version <= TLS_1_3 ? hello->version - 0x02ff : 0]++;
    f->resumed += s->resumed;
    if (s->first_len > f->passed_len)
        f->passed_len = s->first_len;
    if (s->client)
        time_server(t, k, c, h);
}

/* A record of handshake messages, and where the last of them ends if that is in a later record. */
typedef struct handshake {
    mc_view rest;                    /* behind the record */
    size_t over;                     /* bytes of later records, headers included, that are done with as a whole */
    uint16_t skip;                   /* bytes of the record behind them that are */
    const uint8_t *begin;            /* of the record's content ... */
    size_t length;                   /* ... all of which need not be there */
    bool whole;                      /* the record is there in full */
    bool final;
} handshake;

/* The server's certificate is that of 'number'. */
static void count_certificate(mc_talks *t, mc_talk *k, const mc_heard *h, uint8_t number)
{
    mc_tls_certificate *x;

    mc_talk_tls_of(t, k)->certificate = number;
    if (number == 0)
        return;
    x = &t->facts.tls.certificate[number - 1];
    x->count++;
    if (h->timed) {
        x->expired += h->now / MC_NS_PER_S > x->not_after;
        x->early += h->now / MC_NS_PER_S < x->not_before;
    }
}

static void note_certificate(mc_talks *t, mc_talk *k, const mc_heard *h, mc_view body)
{
    if (mc_talk_tls_of(t, k)->certificate == 0 && h->dir != mc_talk_tls_of(t, k)->side)
        count_certificate(t, k, h, mc_talk_certificate(t, h, mc_tls_first_certificate(body)));
}

/*
 * 'content' is the beginning of a message of 'length' bytes, which ends in a segment to come.  True: it holds a certificate
 * that was seen lately, as far as that tells, and nothing follows it in its record, so what is to come of it says nothing but
 * that it has come.
 */
static bool is_seen_again(mc_talks *t, mc_talk *k, const mc_heard *h, mc_view content, size_t length, const handshake *r)
{
    mc_talk_tls *s = mc_talk_tls_of(t, k);
    const size_t there = content.len;
    size_t len;

    if (content.p[0] != MC_TLS_CERTIFICATE || there < BEFORE_CERTIFICATE || s->certificate != 0 || s->due != 0 ||
        h->dir == s->side || (size_t)(content.p - r->begin) + length != r->length)
        return false;
    len = (size_t)content.p[7] << 16 | mc_be16(content.p + 8);
    if (length < BEFORE_CERTIFICATE + len)
        return false;
    s->due = mc_talk_certificate_again(t, (mc_view){ content.p + BEFORE_CERTIFICATE, there - BEFORE_CERTIFICATE }, len);
    if (s->due == 0)
        return false;
    s->due_left = (uint32_t)(length - there);
    return true;
}

void mc_talk_tls_take_due(mc_talks *t, mc_talk *k, const mc_heard *h)
{
    mc_talk_tls *s = mc_talk_tls_of(t, k);
    const uint32_t size = s->due_to - s->due_from, at = h->seq - s->due_from;
    const uint32_t from = (int32_t)at > 0 ? at : 0, to = at + h->len;

    if (from >= size || (int32_t)to <= 0)
        return;
    s->due_left -= (uint32_t)mc_min_u64((to < size ? to : size) - from, s->due_left);
    if (s->due_left > 0)
        return;
    if (k->next[h->dir] == s->due_to)
        say_last(s, h->dir, MC_TLS_CERTIFICATE); /* else what follows it has been read */
    count_certificate(t, k, h, s->due);
    s->due = 0;
}

static void note_alert(mc_talks *t, mc_talk *k, const mc_heard *h, uint8_t level, uint8_t code)
{
    mc_tls_facts *f = &t->facts.tls;
    mc_talk_tls *s = mc_talk_tls_of(t, k);
    const bool before = h->dir != s->side && s->client && !s->server, fatal = level == 2;
    mc_tls_alert *a;
    uint32_t i;

    if (s->alerts < MC_ROW_ALERTS && mc_talk_need_seldom(t, mc_talk_more_of(t, k)))
        mc_talk_more_of(t, k)->seldom->alert[s->alerts] = (mc_row_alert){ .frame = h->frame, .code = code, .side = (uint8_t)h->dir, .fatal = fatal };
    if (s->alerts < 0xff)
        s->alerts++;
    f->alerts++;
    for (i = 0; i < f->alert_count; i++) {
        a = &f->alert[i];
        if (a->code == code && a->side == h->dir && a->fatal == fatal && a->before_hello == before)
            break;
    }
    if (i == MC_TLS_ALERT_KINDS)
        return;
    a = &f->alert[i];
    if (i == f->alert_count) {
        f->alert_count++;
        *a = (mc_tls_alert){ .code = code, .side = (uint8_t)h->dir, .fatal = fatal, .before_hello = before,
                             .sni = mc_names_text(&t->names, s->sni) };
    }
    a->count++;
    mc_add_example(&a->examples, h->frame);
}

/* The last step of the handshake that can be seen. */
static void complete(mc_talks *t, mc_talk *k, const mc_heard *h)
{
    mc_talk_tls *s = mc_talk_tls_of(t, k);

    if (s->done || !s->server)
        return;
    s->done = true;
    s->done_ns = h->now;
    s->timed &= h->timed;
    t->facts.tls.completed++;
    if (s->timed && s->client && !s->early)
        t->no_memory |= !mc_hist_add(&t->handshake, mc_ns_since(h->now, s->client_ns));
}

/* What says more than its type. */
MC_NOINLINE static void take_body(mc_talks *t, mc_talk *k, const mc_conn *c, const mc_heard *h, uint8_t type, mc_view body)
{
    mc_tls_hello hello;

    if (type == MC_TLS_CERTIFICATE)
        note_certificate(t, k, h, body);
    else if (mc_tls_read_hello(&hello, body, type == MC_TLS_CLIENT_HELLO)) {
        if (type == MC_TLS_CLIENT_HELLO)
            note_client(t, k, c, h, &hello);
        else
            note_server(t, k, c, h, &hello);
    }
}

static inline void take_message(mc_talks *t, mc_talk *k, const mc_conn *c, const mc_heard *h, mc_view message)
{
    const uint8_t type = message.p[0];

    say_last(mc_talk_tls_of(t, k), h->dir, type);
    if (type == MC_TLS_CLIENT_HELLO || type == MC_TLS_SERVER_HELLO || type == MC_TLS_CERTIFICATE)
        take_body(t, k, c, h, type, (mc_view){ message.p + 4, message.len - 4 });
}

/* A message of 'length' bytes that begins at 'content' and goes on in the records behind it; what was put together. */
static size_t join(mc_talks *t, mc_view content, mc_view rest, size_t length)
{
    size_t have = content.len;

    if (t->joined == NULL && (t->joined = malloc(JOINED)) == NULL) {
        t->no_memory = true;
        return 0;
    }
    memcpy(t->joined, content.p, have);
    while (have < length && rest.len >= MC_TLS_RECORD_HEADER && rest.p[0] == MC_TLS_HANDSHAKE) {
        const unsigned more = mc_tls_record(rest.p);
        size_t part;

        if (more == 0)
            break;
        mc_take(&rest, MC_TLS_RECORD_HEADER);
        part = more < rest.len ? more : rest.len;
        if (part > length - have)
            part = length - have;
        memcpy(t->joined + have, rest.p, part);
        have += part;
        if (part < more && have < length)
            break;                               /* the record is not all there */
        mc_take(&rest, part);
    }
    return have;
}

/* Where the content that 'used' bytes of a message have taken ends, among the records at 'rest'. */
static void find_end(handshake *r, size_t used)
{
    mc_view rest = r->rest;

    while (rest.len >= MC_TLS_RECORD_HEADER) {
        const unsigned length = mc_tls_record(rest.p);

        if (used < length) {
            r->skip = (uint16_t)used;
            return;
        }
        used -= length;
        r->over += MC_TLS_RECORD_HEADER + length;
        if (used == 0)
            return;
        mc_take(&rest, MC_TLS_RECORD_HEADER);
        if (mc_take(&rest, length) == NULL)
            return;
    }
}

/* False: more must come. */
MC_NOINLINE static bool take_handshake(mc_talks *t, mc_talk *k, const mc_conn *c, const mc_heard *h, mc_view content, handshake *r)
{
    uint16_t *skip = &mc_talk_tls_of(t, k)->skip[h->dir];

    mc_take(&content, *skip < content.len ? *skip : content.len);
    while (content.len > 0) {
        const uint8_t *header = content.len >= 4 ? content.p : NULL;
        size_t length = 4, have;
        mc_view message;

        if (header == NULL && r->whole && join(t, content, r->rest, 4) == 4)
            header = t->joined;
        if (header != NULL) {
            length = 4 + ((size_t)header[1] << 16 | mc_be16(header + 2));
            if (length > JOINED)
                length = JOINED;
            if (!mc_tls_is_message(header[0])) {
                say_last(mc_talk_tls_of(t, k), h->dir, MC_LAST_ENCRYPTED);
                *skip = 0;
                return r->whole || r->final;
            }
        }
        if (content.len >= length) {
            message = (mc_view){ content.p, length };
            take_message(t, k, c, h, message);
            mc_take(&content, length);
            *skip = (uint16_t)(*skip + length);
            continue;
        }
        if (!r->whole || header == NULL) {
            if (!r->final && header != NULL && is_seen_again(t, k, h, content, length, r)) {
                *skip = 0;
                return true;
            }
            if (!r->final)
                return false;
            if (content.len > 4)
                take_message(t, k, c, h, content);
            break;
        }
        have = join(t, content, r->rest, length);
        if (have < length && !r->final)
            return false;
        if (have >= 4)
            take_message(t, k, c, h, (mc_view){ t->joined, have });
        find_end(r, have - content.len);
        break;
    }
    if (!r->whole && !r->final)
        return false;                            /* the next message begins with what is to come */
    *skip = 0;
    return true;
}

static inline void take_record(mc_talks *t, mc_talk *k, const mc_heard *h, uint8_t type, mc_view content, unsigned length)
{
    mc_talk_tls *s = mc_talk_tls_of(t, k);
    const unsigned dir = h->dir;

    switch (type) {
    case MC_TLS_CHANGE_CIPHER:
        if (s->version < TLS_1_3) {
            s->encrypted[dir] = s->server;
            if (s->encrypted[0] && s->encrypted[1])
                complete(t, k, h);
        }
        say_last(s, dir, MC_LAST_CHANGE);
        break;
    case MC_TLS_ALERT_RECORD:
        if (!s->encrypted[dir] && length == 2 && content.len == 2 && (content.p[0] == 1 || content.p[0] == 2))
            note_alert(t, k, h, content.p[0], content.p[1]);
        say_last(s, dir, MC_LAST_ALERT);
        break;
    case MC_TLS_APPLICATION:
        if (s->version >= TLS_1_3 && dir == s->side)
            complete(t, k, h);
        say_last(s, dir, MC_LAST_DATA);
        break;
    default:
        say_last(s, dir, MC_LAST_ENCRYPTED);
        break;
    }
}

/* Where the rest of the message lies: it ends the record, and 'taken' bytes have been taken. */
static void set_due(mc_talks *t, mc_talk *k, unsigned dir, uint32_t taken)
{
    mc_talk_tls *s = mc_talk_tls_of(t, k);

    s->due_to = k->next[dir] + taken;
    s->due_from = s->due_to - s->due_left;
}

static inline void note_first(mc_talk_tls *s, const mc_heard *h, mc_view content)
{
    if (s->first_len == 0 && content.len > 0 && content.p[0] == MC_TLS_CLIENT_HELLO)
        s->first_len = h->len;
}

/* The record that 'v' begins with, of whatever kind; what lies before 'v' is done with.  False: none follows it here. */
MC_NOINLINE static bool take_any(mc_talks *t, mc_talk *k, const mc_conn *c, const mc_heard *h, mc_view *v, const uint8_t *begin,
                                 bool final)
{
    mc_talk_tls *s = mc_talk_tls_of(t, k);
    const unsigned length = mc_tls_record(v->p);
    const uint8_t type = v->p[0];
    mc_view content = { v->p + MC_TLS_RECORD_HEADER, v->len - MC_TLS_RECORD_HEADER };
    handshake r = { .begin = content.p, .length = length, .final = final };

    if (length == 0 && (v->p[1] != 3 || mc_be16(v->p + 3) != 0)) {
        if (v->p == begin)
            mc_talk_tls_note_other(t, k, c, h, *v);
        mc_talk_deafen(k, h->dir);                  /* no records any more */
        return false;
    }
    r.whole = content.len >= length;
    if (r.whole)
        content.len = length;
    r.rest = (mc_view){ content.p + content.len, v->len - MC_TLS_RECORD_HEADER - content.len };
    if (type == MC_TLS_HANDSHAKE && !s->encrypted[h->dir]) {
        note_first(s, h, content);
        if (!take_handshake(t, k, c, h, content, &r))
            return false;
        s->skip[h->dir] = r.skip;
    } else if (type != MC_TLS_ALERT_RECORD || r.whole || final) {
        take_record(t, k, h, type, content, length);             /* its header says enough */
    } else {
        return false;
    }
    if (!r.whole) {
        k->next[h->dir] += length - (uint32_t)content.len;       /* the rest of it says nothing */
        mc_take(v, v->len);
        if (s->due_left > 0 && type == MC_TLS_HANDSHAKE && h->dir != s->side)
            set_due(t, k, h->dir, (uint32_t)(v->p - begin));
        return false;
    }
    mc_take(v, MC_TLS_RECORD_HEADER + length);
    mc_take(v, r.over < v->len ? r.over : v->len);
    return true;
}

/* Is the content of a record, all of which is there, one plain message and nothing else? */
static inline bool is_one_message(const mc_talk_tls *s, unsigned dir, mc_view content)
{
    return content.len >= 4 && content.len <= JOINED && s->skip[dir] == 0 && (mc_be32(content.p) & 0xffffff) + 4 == content.len &&
           mc_tls_is_message(content.p[0]);
}

size_t mc_talk_tls_read(mc_talks *t, mc_talk *k, const mc_conn *c, const mc_heard *h, mc_view v, bool final)
{
    mc_talk_tls *s = mc_talk_tls_of(t, k);
    const uint8_t *const begin = v.p;
    const unsigned dir = h->dir;

    if (mc_talk_is_deaf(k, dir))
        return 0;
    while (v.len >= MC_TLS_RECORD_HEADER) {
        const unsigned length = mc_tls_record(v.p);
        const mc_view content = { v.p + MC_TLS_RECORD_HEADER, length };
        const bool plain = v.p[0] == MC_TLS_HANDSHAKE && !s->encrypted[dir];

        t->plain |= plain || length == 0;
        /* as most of them are: whole, and with one message */
        if (length == 0 || length > v.len - MC_TLS_RECORD_HEADER || (plain && !is_one_message(s, dir, content))) {
            if (!take_any(t, k, c, h, &v, begin, final))
                break;                           /* so it is with one that cannot be followed any more */
            continue;
        }
        if (plain) {
            note_first(s, h, content);
            take_message(t, k, c, h, content);
        } else {
            take_record(t, k, h, v.p[0], content, length);
        }
        mc_take(&v, MC_TLS_RECORD_HEADER + length);
    }
    return (size_t)(v.p - begin);
}

void mc_talk_tls_answer(mc_talks *t, mc_talk *k, int64_t now, bool timed)
{
    mc_talk_tls *s = mc_talk_tls_of(t, k);

    k->over = true;
    if (s->data)
        return;
    s->data = true;
    s->data_ns = now;
    s->timed &= timed;
    if (s->timed && s->done)
        t->no_memory |= !mc_hist_add(&t->first_data, mc_ns_since(now, s->done_ns));
}

/* --------------------------------------------------------------- at the end */

void mc_talk_tls_end(const mc_talks *t, const mc_talk *k, const mc_conn *c, int64_t waited, bool over, mc_tls_facts *f)
{
    const mc_talk_tls *s = mc_talk_tls_of(t, k);
    const mc_endpoint_state *d = &c->endpoint[s->side], *r = &c->endpoint[!s->side];
    const uint32_t first = d->base + 1;

    if (s->first_len == 0 || s->server || (r->once & MC_ONCE_DATA) != 0 || (d->options & MC_OPT_SEEN) == 0 ||
        (r->known & MC_KNOWN_ACK) == 0 || mc_talk_missed(c, !s->side) || (!over && waited < MC_NS_PER_S))
        return;
    /* a reset acknowledges whatever it answers (RFC 9293, 3.10.7.1): what came again had not been taken before */
    if (c->reset_phase != MC_RESET_NONE && c->reset_by != s->side && d->detail != NULL && d->detail->resent > 0)
        return;
    if (s->client && mc_talk_is_placed(k, s->side) && mc_seq_not_after(k->next[s->side], r->last_ack)) {
        if ((waited < MC_NS_PER_S && !mc_talk_ended_by(c, !s->side, over)) || s->alerts > 0)
            return;                              /* who leaves at once did not wait */
        mc_talk_unanswered(&f->unanswered, c, s->side, waited, over, s->client_frame);
    } else if (!s->client && s->alerts == 0 && waited >= MC_NS_PER_S && mc_seq_after(r->last_ack, first) &&
               mc_seq_not_after(d->highest_end, r->last_ack)) {
        f->hellos_cut++;
        mc_insert_example(&f->cut_examples, mc_conn_first_frame(c));
    } else if (mc_seq_not_after(r->last_ack, first) && d->detail != NULL && d->detail->resent > 0) {
        f->hellos_lost++;
        if (f->lost_len == 0 || s->first_len < f->lost_len)
            f->lost_len = s->first_len;
        mc_insert_example(&f->lost_examples, mc_conn_first_frame(c));
    }
}

static const char *last_name(uint8_t last)
{
    switch (last) {
    case MC_LAST_CHANGE:
        return "ChangeCipherSpec";
    case MC_LAST_DATA:
        return "encrypted data";
    case MC_LAST_ALERT:
        return "alert";
    case MC_LAST_ENCRYPTED:
        return "encrypted handshake message";
    default:
        return mc_tls_message_name(last);
    }
}

/* The answer to its ClientHello, that to its Finished, and that to the settings of HTTP/2. */
#define OPENING_TURNS 3u

uint32_t mc_talks_opening_turns(const mc_talks *t, const mc_stories *stories, const mc_conn *c, bool *speaks_on)
{
    const uint32_t number = mc_talk_number_of(t, stories, c);
    const mc_talk *k = number != 0 ? mc_talk_at(t, number) : NULL;
    const mc_talk_tls *s = k != NULL && k->more ? mc_talk_tls_of(t, k) : NULL;
    const char *alpn;

    *speaks_on = false;
    if (s == NULL || !s->server || s->side != MC_CLIENT)
        return 0;
    alpn = mc_names_text(&t->names, s->alpn);
    *speaks_on = s->version >= TLS_1_3 || (alpn != NULL && strcmp(alpn, "h2") == 0);
    return OPENING_TURNS + s->retry;
}

void mc_talk_tls_row(const mc_talks *t, const mc_talk *k, const mc_application_facts *facts, mc_row_tls *out)
{
    const mc_talk_tls *s = mc_talk_tls_of(t, k);

    out->offered = s->offered;
    out->version = s->version;
    out->sni = mc_names_text(&t->names, s->sni);
    out->alpn_offered = mc_names_text(&t->names, s->alpn_offered);
    out->alpn = mc_names_text(&t->names, s->alpn);
    out->retry = s->retry;
    out->resumption_offered = s->resumption_offered;
    out->resumed = s->resumed;
    out->early_data = s->early;
    out->encrypted_hello = s->ech;
    out->client_frame = s->client_frame;
    out->server_frame = s->server_frame;
    out->server_hello_ns = s->timed && s->client && s->server ? mc_ns_since(s->server_ns, s->client_ns) : -1;
    out->handshake_ns = s->timed && s->client && s->done ? mc_ns_since(s->done_ns, s->client_ns) : -1;
    out->first_data_ns = s->timed && s->done && s->data ? mc_ns_since(s->data_ns, s->done_ns) : -1;
    out->alerts = s->alerts;
    if (mc_talk_more_of(t, k)->seldom != NULL)
        memcpy(out->alert, mc_talk_more_of(t, k)->seldom->alert, sizeof out->alert);
    out->certificate = s->certificate != 0 ? &facts->tls.certificate[s->certificate - 1] : NULL;
    out->ended_behind = -1;
    if (!s->done && s->last != MC_LAST_NONE) {
        out->ended_behind = s->last_side;
        out->last_message = last_name(s->last);
    }
}
