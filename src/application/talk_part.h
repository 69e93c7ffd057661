/*
 * talk_part.h: private: what is kept of one connection.
 */
#ifndef MC_TALK_PART_H
#define MC_TALK_PART_H

#include "application/talk.h"
#include "tcp/seq.h"

/* The last plain message: its type, or one of these. */
#define MC_LAST_NONE      0xff
#define MC_LAST_CHANGE    0xfe
#define MC_LAST_DATA      0xfd       /* an encrypted record */
#define MC_LAST_ALERT     0xfc
#define MC_LAST_ENCRYPTED 0xfb       /* an encrypted handshake message */

#define MC_HEARD_MOST 200            /* segments: a handshake has said all by then */

/* What mc_talks_hear() answers, as long as there is something to be heard. */
#define MC_TALK_LISTEN 0u
#define MC_TALK_TURNS  (MC_C_HEARD | MC_C_TURNS)

/* As well as mc_protocol: it is known to be none of these. */
#define MC_SPEAKS_OTHER (MC_SPEAKS_HTTP2 + 1)

/* What hardly any connection needs. */
typedef struct mc_talk_seldom {
    mc_row_alert alert[MC_ROW_ALERTS];
    uint32_t number;                 /* its own */
    uint16_t proxy_port;
    bool proxy_named;
    uint8_t proxy_client[16];
} mc_talk_seldom;

/* Each handshake touches all of it, so it is small; its beginning first. */
typedef struct mc_talk_tls {
    uint64_t client_frame;
    int64_t client_ns;               /* when its ClientHello was whole */
    uint32_t session;                /* a hash of the session id that the client offers; 0: none */
    uint32_t first_len;              /* of the first segment of a ClientHello */
    uint16_t offered, version;
    uint16_t sni, alpn_offered, alpn;/* of names */
    uint16_t skip[2];                /* bytes of the record in hand that are done with */
    bool encrypted[2];
    uint8_t certificate;             /* from 1; 0: none */
    uint8_t due;                     /* the same of one whose message goes on; 0: none does */
    uint8_t alerts;                  /* saturating */
    uint8_t side;                    /* who is TLS's client */
    uint8_t last, last_side;
    bool client, server, retry, resumption_offered, resumed, early, ech, done, data, timed;
    uint32_t due_from, due_to;       /* valid with due: what is to come of the message that holds it, ... */
    uint32_t due_left;               /* ... and how much of that has not come */
    uint64_t server_frame;
    int64_t server_ns;
    int64_t done_ns, data_ns;        /* valid with done, data */
} mc_talk_tls;

/* What few connections of HTTP need, and each of TLS; valid with mc_talk.more. */
typedef struct mc_talk_more {
    _Alignas(MC_TALK_MORE_BYTES / 2) uint8_t proxy;      /* a version; 0: no such header was heard */
    mc_talk_tls tls;
    mc_talk_seldom *seldom;          /* NULL: it needs nothing of it so far */
} mc_talk_more;

_Static_assert(sizeof(mc_talk_more) == MC_TALK_MORE_BYTES, "two cache lines");

#define MC_DUE_CLIENT 1u
#define MC_DUE_SERVER 2u

/* Of HTTP, which most connections have nothing else of: one cache line, and nothing that each has is anywhere else. */
struct mc_talk {
    uint64_t begin;
    int64_t pending_ns;
    uint64_t asked_frame;            /* of the latest request, whatever came of it; with MC_DUE_SERVER that of its answer */
    int64_t slowest_ns;
    uint32_t requests, answers;
    union {
        uint32_t hash;               /* mc_flows_hash() */
        uint32_t unused;             /* of one that is not in use: the one before */
    };
    uint16_t place;                  /* its number - 1 */
    uint16_t slowest_status;         /* without 'listed' that of all answers */
    union {
        uint32_t next[2];            /* where the stream goes on; valid with placed, until it is HTTP */
        struct {
            uint32_t body, due;      /* the message in hand: where its body begins, and ends, at the least; valid with due_of */
        };
    };
    uint8_t speaks;                  /* mc_protocol */
    uint8_t heard;                   /* segments, while it is listened to */
    uint8_t ear[2];                  /* 0: none */
    uint8_t looks;                   /* segments of an answer without a status line so far */
    uint8_t due_of;                  /* MC_DUE_: whose latest message has told where it ends; 0: nobody's */
    bool pending : 1;
    bool connect : 1;
    bool head : 1;                   /* the latest request is a HEAD */
    bool least : 1;                  /* with due_of: the message is longer than it has told so far */
    bool anew : 1;                   /* heard from the midst: inside of what a CONNECT opened, or kept before and had to go */
    bool greeted : 1;                /* mc_talk_tls.server */
    bool over : 1;                   /* nothing more is heard of it */
    bool more : 1;                   /* it has an mc_talk_more ... */
    uint8_t placed : 2, deaf : 2;    /* a bit for each side */
    bool listed : 1;                 /* ... and an mc_talk_statuses: not all that was answered has one status */
};

_Static_assert(sizeof(struct mc_talk) == MC_TALK_BYTES, "one cache line");

typedef struct mc_talk_statuses {
    uint32_t count[MC_ROW_STATUS], others;
    uint16_t status[MC_ROW_STATUS];
    uint32_t none;                   /* so that it has a power of two */
} mc_talk_statuses;

#define MC_TALK_KEPT_MOST 65536u     /* as mc_talk.place can say */

static inline bool mc_talk_is_placed(const mc_talk *k, unsigned dir)
{
    return (k->placed >> dir & 1) != 0;
}

static inline bool mc_talk_is_deaf(const mc_talk *k, unsigned dir)
{
    return (k->deaf >> dir & 1) != 0;
}

static inline void mc_talk_place(mc_talk *k, unsigned dir, uint32_t next)
{
    k->placed = (k->placed | 1u << dir) & 3u;
    k->next[dir] = next;
}

static inline void mc_talk_deafen(mc_talk *k, unsigned dir)
{
    k->deaf = (k->deaf | 1u << dir) & 3u;
}

/* Where what is read of side 'dir' begins, which says something at 'seq'. */
static inline uint32_t mc_talk_first_of(const mc_talk *k, const mc_conn *c, unsigned dir, uint32_t seq)
{
    const mc_endpoint_state *d = &c->endpoint[dir];

    return !k->anew && (d->options & MC_OPT_SEEN) != 0 ? d->base + 1 : seq;
}

/* Nothing of it has been read. */
static inline void mc_talk_unplace(mc_talk *k)
{
    k->placed = k->deaf = 0;
}

/* Valid with k->more. */
static inline mc_talk_more *mc_talk_more_of(const mc_talks *t, const mc_talk *k)
{
    return (mc_talk_more *)(void *)t->more + k->place;
}

static inline mc_talk_tls *mc_talk_tls_of(const mc_talks *t, const mc_talk *k)
{
    return &mc_talk_more_of(t, k)->tls;
}

/* Valid with k->listed. */
static inline mc_talk_statuses *mc_talk_statuses_of(const mc_talks *t, const mc_talk *k)
{
    return (mc_talk_statuses *)(void *)t->statuses + k->place;
}

static inline mc_talk *mc_talk_at(const mc_talks *t, uint32_t number)
{
    return mc_store_item(&t->store, number, sizeof(mc_talk), t->store.bits);
}

/* 'number', if it is still that of the connection which began as 'begin', and else 0. */
static inline uint32_t mc_talk_if_kept(const mc_talks *t, uint32_t number, uint64_t begin)
{
    return number != 0 && mc_talk_at(t, number)->begin == begin ? number : 0;
}

/* Keeps 'c', of which nothing is known yet, and of whose ends 'hash' is; 0: no memory. */
uint32_t mc_talk_keep(mc_talks *t, const mc_conn *c, uint32_t hash);

/* The same, and the connection has its number. */
static inline uint32_t mc_talk_keep_of(mc_talks *t, mc_flows *flows, mc_conn *c, uint32_t hash)
{
    const uint32_t number = mc_talk_keep(t, c, hash);

    mc_story_set_talk(&flows->stories, c, number);
    return number;
}

/* The number of what is kept of 'c'; 0: nothing is. */
static inline uint32_t mc_talk_number_of(const mc_talks *t, const mc_stories *stories, const mc_conn *c)
{
    return mc_talk_if_kept(t, mc_story_talk_of(stories, c), c->begin);
}

/* There is nothing to be kept of it. */
void mc_talk_drop(mc_talks *t, uint32_t number);

/* Room for what few connections need, and for the rest; false: no memory. */
bool mc_talk_need_more(mc_talks *t, mc_talk *k);
bool mc_talk_need_statuses(mc_talks *t, mc_talk *k);
bool mc_talk_need_seldom(mc_talks *t, mc_talk_more *more);

/* Of one that has it, or of one that has nothing. */
static inline uint8_t mc_talk_proxy(const mc_talks *t, const mc_talk *k)
{
    return k->more ? mc_talk_more_of(t, k)->proxy : 0;
}

static inline void mc_talk_give_up_ear(mc_talks *t, mc_talk *k, unsigned dir)
{
    if (k->ear[dir] != 0)
        mc_ears_give_back(&t->ears, k->ear[dir]);
    k->ear[dir] = 0;
}

/* Inside of a tunnel, or after words in plain text, another protocol begins. */
static inline uint32_t mc_talk_begin_anew(mc_talk *k)
{
    k->speaks = MC_SPEAKS_UNKNOWN;
    k->anew = true;
    k->due_of = 0;
    k->over = false;
    mc_talk_unplace(k);
    k->heard = 0;
    return MC_TALK_LISTEN;
}

/* The beginning of a turn of HTTP, or what may be one. */
uint32_t mc_talk_http_turn(mc_talks *t, mc_talk *k, mc_view v, const mc_heard *h);

/* What was made of the segment rests on so many bytes of it, and on those that the length of a message was read from. */
static inline void mc_talk_note_need(mc_talks *t, const mc_heard *h, uint32_t bytes);

/* The first bytes of a client say what it is; a request of a method that nobody knows is told by the end of its line. */
static inline bool mc_talk_does_beginning_tell(const mc_heard *h, bool usual)
{
    return usual || h->payload[0] < 'A' || h->payload[0] > 'Z';
}

/* What of its messages is cut short, of a connection that has ended. */
void mc_talk_http_end(const mc_talk *k, const mc_conn *c, mc_http_facts *f);

/* The message of 'side' in hand is cut short: so many bytes of it are missing at the least; 0: it is not. */
uint32_t mc_talk_http_lacks(const mc_talk *k, const mc_conn *c, unsigned side);

/* The client has left the answer in hand before it was whole, or waits for the rest when the capture ends, at 'end_ns'; 'story'
   is its connection's. */
void mc_talk_http_leave(const mc_talk *k, const mc_conn *c, const mc_story *story, int64_t end_ns, mc_http_facts *f);

/* The last request, if nothing followed it. */
static inline bool mc_talk_http_waits(const mc_talk *k)
{
    return k->pending && k->looks == 0;
}

/*
 * Reads TLS of side h->dir from 'v', which begins with a record.  Returns how many bytes are done with.
 * 'final': nothing more will follow these.
 */
size_t mc_talk_tls_read(mc_talks *t, mc_talk *k, const mc_conn *c, const mc_heard *h, mc_view v, bool final);

/* The number of a certificate in facts.tls.certificate, from 1; 0: it cannot be read, or there is no room.  What came lately need
   not be read again. */
uint8_t mc_talk_certificate(mc_talks *t, const mc_heard *h, mc_view der);

/* The same of one of 'len' bytes that begins with 'der', if it came lately and what tells that is there; 0: it is not so. */
uint8_t mc_talk_certificate_again(const mc_talks *t, mc_view der, size_t len);

/*
 * The first bytes that are read of a side are no record: a server that has been sent a ClientHello speaks something else.  Of
 * what was greeted in plain text, and of tunnels, this says nothing.
 */
void mc_talk_tls_note_other(mc_talks *t, const mc_talk *k, const mc_conn *c, const mc_heard *h, mc_view v);

/*
 * A ClientHello: who was greeted in plain text asks so for TLS (RFC 3207, 2595, 4217), and if this is the first that its client
 * says, nobody has.
 */
void mc_talk_tls_note_greeted(mc_talks *t, const mc_talk *k, const mc_conn *c, const mc_heard *h);

/* 'h' may bring what is to come of a certificate's message; before it is read. */
static inline void mc_talk_tls_go_on(mc_talks *t, mc_talk *k, const mc_heard *h);
void mc_talk_tls_take_due(mc_talks *t, mc_talk *k, const mc_heard *h);

/* What 'v' holds of side h->dir is read when more has come. */
void mc_talk_tls_wait(mc_talks *t, uint32_t number, const mc_conn *c, const mc_heard *h, mc_view v);

/* What TLS says next is encrypted, or cannot be followed.  Returns the bits as mc_talks_hear(). */
uint32_t mc_talk_tls_over(mc_talks *t, mc_talk *k);

/* 'k', of which nothing is known yet, begins with TLS.  False: no memory. */
bool mc_talk_tls_begin(mc_talks *t, mc_talk *k);

/* Nothing more of the handshake is to be heard. */
static inline bool mc_talk_tls_is_done(const mc_talks *t, const mc_talk *k)
{
    return mc_talk_tls_of(t, k)->done || k->deaf == 3;
}

/* A turn of side 'dir' begins, after that.  Returns the bits as mc_talks_hear(). */
static inline uint32_t mc_talk_tls_turn(mc_talks *t, mc_talk *k, unsigned dir, int64_t now, bool timed);

/* The first one of the server. */
void mc_talk_tls_answer(mc_talks *t, mc_talk *k, int64_t now, bool timed);

/* Data of side 'dir' was acknowledged and is not in the capture. */
static inline bool mc_talk_missed(const mc_conn *c, unsigned dir)
{
    const mc_endpoint_state *d = &c->endpoint[dir], *r = &c->endpoint[!dir];

    return (r->known & MC_KNOWN_ACK) != 0 && (d->known & MC_KNOWN_NXT) != 0 && mc_seq_after(r->last_ack, d->nxt);
}

/* 'c' is over, and 'side' has ended it. */
static inline bool mc_talk_ended_by(const mc_conn *c, unsigned side, bool over)
{
    return over && (c->flags & MC_C_CLOSER) != 0 && c->closer == side;
}

/* What side 'asker' had said in 'frame' was answered with nothing for 'waited' ns. */
static inline void mc_talk_unanswered(mc_unanswered *u, const mc_conn *c, unsigned asker, int64_t waited, bool over,
                                      uint64_t frame)
{
    u->count++;
    u->longest_ns = waited > u->longest_ns ? waited : u->longest_ns;
    mc_insert_example(&u->examples, frame);
    u->closed += mc_talk_ended_by(c, !asker, over);
    u->left += mc_talk_ended_by(c, asker, over);
}

/* What is still open about a handshake, of a connection that waits since 'waited' ns; 'over': it has ended. */
void mc_talk_tls_end(const mc_talks *t, const mc_talk *k, const mc_conn *c, int64_t waited, bool over, mc_tls_facts *f);

void mc_talk_tls_row(const mc_talks *t, const mc_talk *k, const mc_application_facts *facts, mc_row_tls *out);

static inline void mc_talk_tls_go_on(mc_talks *t, mc_talk *k, const mc_heard *h)
{
    if (k->speaks == MC_SPEAKS_TLS && mc_talk_tls_of(t, k)->due != 0 && h->dir != mc_talk_tls_of(t, k)->side)
        mc_talk_tls_take_due(t, k, h);
}

static inline uint32_t mc_talk_tls_turn(mc_talks *t, mc_talk *k, unsigned dir, int64_t now, bool timed)
{
    if (dir == mc_talk_tls_of(t, k)->side)
        return MC_TALK_TURNS;
    mc_talk_tls_answer(t, k, now, timed);
    return MC_C_HEARD;
}

static inline void mc_talk_note_need(mc_talks *t, const mc_heard *h, uint32_t bytes)
{
    t->needed = t->extent > bytes ? t->extent : bytes;
    if (MC_UNLIKELY(h->kept != MC_KEPT_ALL))
        t->lacks |= h->kept == MC_KEPT_NONE ||
                    (bytes > MC_TALK_BEGINNING && (h->kept != MC_KEPT_VEILED || bytes != MC_TALK_OPAQUE)) ||
                    (t->extent > 0 && (h->kept == MC_KEPT_VEILED || h->captured <= MC_TALK_BEGINNING));
}

#endif
