/*
 * talk.h: what connections say: TLS until it is encrypted, the first line of each turn of HTTP/1.
 *
 * A segment is heard as long as its connection is listened to: from the first byte of data until
 * nothing more is plain (mc_conn.flags has neither MC_C_HEARD nor MC_C_TURNS), or at the beginning of
 * each turn (both).  With MC_C_HEARD alone no segment costs anything.
 *
 * Sums are added up as things happen.  What is kept of a connection is for its row, and for what
 * waits for an answer, and is found by its number, which the connection has (story.h); it is bounded:
 * those that wait for nothing make room for others.
 */
#ifndef MC_TALK_H
#define MC_TALK_H

#include "application/ears.h"
#include "application/names.h"
#include "base/store.h"
#include "facts/stats.h"
#include "table/flow.h"

typedef struct mc_talk mc_talk;

/* What the facts of a certificate rest on (mc_certificate), of the latest ones: most servers have few. */
#define MC_TALK_SEEN 4u
#define MC_TALK_SEEN_BYTES 1024u     /* of one, without its key */

typedef struct mc_talk_seen {
    uint32_t len;                    /* of the whole certificate; 0: none is kept here */
    uint32_t key, key_end, read;     /* kept are its bytes up to 'key', and those from 'key_end' to 'read' */
    uint8_t number;                  /* in facts.tls.certificate, from 1; 0: it cannot be read */
    uint8_t bytes[MC_TALK_SEEN_BYTES];
} mc_talk_seen;

typedef struct mc_talks {
    bool wanted;                     /* the option */
    bool no_memory;
    bool plain;                      /* of a segment of TLS something was read that is not encrypted, or is no record */
    bool lacks;                      /* payload was asked for that is not kept: what is known is not exact */
    uint32_t needed;                 /* bytes of the segment that was heard last */
    uint32_t extent;                 /* bytes of it that the length of its message rests on; 0: nobody asked for it */
    bool events;                     /* it begins a stream of events */
    uint32_t most;                   /* connections kept */
    uint32_t hand;                   /* where the search for one that can go went on to */
    bool reused;                     /* a number was another connection's before, which may still have it */
    uint32_t unused;                 /* the latest of those that were kept and need not be; 0: none */
    mc_store store;                  /* mc_talk */
    uint8_t *more;                   /* 'most' mc_talk_more, by the numbers of 'store'; NULL: none has been needed */
    uint32_t more_ready;             /* so many of these lie in memory that is there */
    uint8_t *statuses;               /* mc_talk_statuses, likewise; memory comes where it is touched */
    mc_store seldom;                 /* mc_talk_seldom */
    mc_ears ears;
    mc_names names;
    uint8_t *joined;                 /* a message that goes over several records; NULL: none has been */
    mc_talk_seen *seen;              /* MC_TALK_SEEN of them; NULL: none has been */
    uint32_t seen_next;              /* which of them makes room */
    mc_application_facts facts;      /* without durations and what is still open */
    mc_hist server_hello, handshake, first_data, took[MC_HTTP_KINDS];
} mc_talks;

void mc_talks_init(mc_talks *t, bool wanted, const uint64_t seed[2]);

/* It is one of many, and is to take little memory; before anything is heard. */
void mc_talks_be_small(mc_talks *t);

void mc_talks_destroy(mc_talks *t);

/* How much of a payload is at hand, of one that a log has kept (state/log.h). */
typedef enum mc_kept_part { MC_KEPT_ALL, MC_KEPT_SOME, MC_KEPT_VEILED, MC_KEPT_NONE } mc_kept_part;

/* Of the segments that are half kept, so much is asked for and no more: what the length of a message rests on. */
#define MC_HTTP_HEAD_MOST 2048u

/* So many bytes at the beginning of a payload say what begins there, unless it is TLS or the PROXY protocol. */
#define MC_TALK_BEGINNING 24u

/* Of a segment of TLS this is asked for where none of its records is plain: where they begin. */
#define MC_TALK_OPAQUE (UINT32_MAX - 1)

/* A segment with data that was not seen before. */
typedef struct mc_heard {
    const uint8_t *payload;          /* NULL: not at hand */
    mc_kept_part kept;               /* MC_KEPT_SOME: MC_TALK_BEGINNING bytes, or as many as were asked for; MC_KEPT_VEILED: that,
                                        and where records of TLS begin, the rest is zeros; MC_KEPT_NONE: none, where some were captured */
    uint32_t captured, len;          /* bytes there; on the wire */
    uint32_t seq;
    uint32_t hash;                   /* of its connection's ends: mc_flows_hash() */
    unsigned dir;
    bool turn;                       /* the first of its side's turn */
    bool timed;
    int64_t now;
    int64_t took;                    /* since the latest data of the other side; -1: there is none */
    uint64_t frame;
} mc_heard;

/*
 * Is nothing known that begins with the byte 'first', the first one at 'seq' of side 'dir'?  If it is the first of the
 * connection there is nothing to keep, and nothing to be heard any more.
 */
MC_INLINE bool mc_talks_is_foreign(const mc_conn *c, unsigned dir, uint32_t seq, uint8_t first)
{
    const mc_endpoint_state *d = &c->endpoint[dir];

    return (uint8_t)(first - 'A') > 'Z' - 'A' && (uint8_t)(first - 20) > 3 && first != '\r' &&
           (c->flags & (MC_C_MID_STREAM | MC_C_TURNS)) == 0 && (d->options & MC_OPT_SEEN) != 0 && seq == d->base + 1;
}

/* So many bytes of a side are looked at for what begins behind them ... */
#define MC_LATE_MOST 2048u

/* ... and if the first words of one that was greeted are no more than these, what it says next, whoever's turn it is: MySQL
   asks for TLS and begins it. */
#define MC_LATE_WORDS 64u

/*
 * How many bytes of a segment matter, if another protocol begins with it behind plain words: TLS (RFC 3207, RFC 2595, RFC 4217,
 * RFC 4511 and many more), HTTP in a tunnel (RFC 1928), or its answer to what looks like no request.  0: none does.
 */
uint32_t mc_talks_begins_late(const uint8_t *payload, uint32_t captured);

/* False: with a first byte like this one, none does. */
MC_INLINE bool mc_talks_may_begin_late(uint8_t first)
{
    return first == 22 || (uint8_t)(first - 'A') <= 'Z' - 'A';
}

/* A segment with which it does so, of a connection that is not listened to any more.  Returns the bits as mc_talks_hear(). */
uint32_t mc_talks_hear_late(mc_talks *t, mc_flows *flows, mc_conn *c, const mc_heard *h);

/* Has the memory fetched that it will need for what 'c' says next. */
MC_INLINE void mc_talks_prefetch(const mc_talks *t, const mc_conn *c);

/* The same where it may be TLS. */
MC_INLINE void mc_talks_prefetch_tls(const mc_talks *t, const mc_conn *c);

/* Returns the bits MC_C_HEARD and MC_C_TURNS for mc_conn.flags. */
uint32_t mc_talks_hear(mc_talks *t, mc_flows *flows, mc_conn *c, const mc_heard *h);

/*
 * Up to which of its turns a server's first words may be TLS 1.3's own or its protocol's, and no answer: tickets
 * for the next session, which follow the client's Finished whatever is asked (RFC 8446, 4.6.1), and the settings of HTTP/2
 * (RFC 9113, 3.4).  Encrypted they look like any others.  'speaks_on': what follows such words may be an answer all the same,
 * in the same turn; in TLS 1.2 nothing of its own does.  0: in none.
 */
uint32_t mc_talks_opening_turns(const mc_talks *t, const mc_stories *stories, const mc_conn *c, bool *speaks_on);

/* The sums, of a capture that ends at 'end_ns'. */
void mc_talks_get_facts(const mc_talks *t, const mc_flows *flows, int64_t end_ns, mc_application_facts *out);

/* What is kept as 'number' (mc_story_talk()) of the connection that began as 'begin'. */
void mc_talks_get_row(const mc_talks *t, const mc_flows *flows, uint32_t number, uint64_t begin,
                      const mc_application_facts *facts, mc_row_application *out);

uint64_t mc_talks_memory(const mc_talks *t);

/* ------------------------------------------------------------------ bodies */

#define MC_TALK_BYTES      64u       /* of mc_talk: a cache line */
#define MC_TALK_MORE_BYTES 128u      /* of mc_talk_more: two of them */

MC_INLINE void mc_talks_prefetch(const mc_talks *t, const mc_conn *c)
{
    const uint32_t number = c->notes & ~MC_STORY_NONE_BUT_TALK;

    if ((c->notes & MC_STORY_NONE_BUT_TALK) != 0)
        MC_PREFETCH(mc_store_item(&t->store, number, MC_TALK_BYTES, t->store.bits));
}

MC_INLINE void mc_talks_prefetch_tls(const mc_talks *t, const mc_conn *c)
{
    const uint32_t number = c->notes & ~MC_STORY_NONE_BUT_TALK;
    const uint8_t *more;

    mc_talks_prefetch(t, c);
    if ((c->notes & MC_STORY_NONE_BUT_TALK) == 0 || number > t->more_ready)
        return;
    more = t->more + (size_t)(number - 1) * MC_TALK_MORE_BYTES;
    MC_PREFETCH(more);
    MC_PREFETCH(more + MC_TALK_MORE_BYTES / 2);
}

#endif
