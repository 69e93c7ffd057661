/*
 * diary.h: what is said of each segment between one client's port and the server's: the labels
 * of the rules, and the verdict of its own.
 *
 * Segments of that pair take the full path only, which leaves the same behind as the others do.
 * Bounded: segments past MC_DIARY_MOST are counted.
 */
#ifndef MC_DIARY_H
#define MC_DIARY_H

#include "base/store.h"
#include "decode/decode.h"
#include "engine/first_words.h"
#include "outcomes/causes.h"
#include "table/flow.h"
#include "tcp/late.h"

#define MC_DIARY_MOST 500000
#define MC_DIARY_SAYS 120            /* of what the payload begins with, fit to be shown, and its end */

typedef struct mc_diary_entry {
    uint64_t frame;
    int64_t time_ns;                 /* MC_NO_TIME: it carries none */
    uint64_t begin;                  /* mc_conn.begin of its connection */
    uint32_t seq, ack, len;          /* numbers from the side's first one on, as Wireshark shows them */
    uint32_t raw_seq;
    uint32_t events;                 /* MC_TCP_ of rules.h */
    uint32_t dup;                    /* which duplicate acknowledgement of a run it is; 0: none */
    uint32_t window;                 /* scaled, where the scale is known */
    uint32_t ts_val, ts_ecr;
    uint32_t sack[MC_MAX_SACK][2];   /* relative, too */
    int64_t wait_ns;                 /* data after the other side's data: since the latest of that; -1: it is not */
    int64_t since_ns;                /* sent again: since the first copy; -1: not known */
    uint64_t fresh;                  /* payload bytes that were not seen before */
    uint16_t mss;
    uint8_t dir, flags, has, scale, ttl;
    uint8_t verdict;                 /* 1 + mc_late_kind; 0: not late */
    uint8_t by;                      /* mc_late_evidence */
    uint8_t cause;                   /* 1 + mc_resent_cause; 0: none */
    bool copy;                       /* the same packet was captured less than a second before */
    bool shown;                      /* for who selects */
    char says[MC_DIARY_SAYS];        /* "" where nothing is read in it */
} mc_diary_entry;

/* What TLS says of a connection in plain text; the frames are 0 where nothing came. */
#define MC_TLS_ALERTS 4
#define MC_TLS_TOLD   4              /* connections of the pair: the first ones */
typedef struct mc_tls_told {
    uint64_t begin;
    uint64_t client_frame, server_frame, retry_frame, data_frame;    /* data: the server's first */
    int64_t client_ns, server_ns, data_ns;
    mc_first_look client, server;    /* their hellos */
    struct {
        uint64_t frame;
        uint8_t dir;
        const char *name;
        bool fatal;
    } alert[MC_TLS_ALERTS];
    uint32_t alerts;                 /* all of them */
} mc_tls_told;

typedef struct mc_diary {
    mc_tls_told tls[MC_TLS_TOLD];
    uint32_t tls_count;
    mc_flow_key key;                 /* the pair */
    mc_store entries;
    uint64_t count;                  /* of all; those past the bound are not kept */
    int64_t turn_ns;                 /* the latest data, and its side; 2: none */
    uint8_t turn;
    /* a ClientHello that goes on in the next segment of its side */
    uint8_t *hello;                  /* MC_FIRST_WORDS_MOST bytes, or NULL */
    size_t hello_len;                /* 0: none is under way */
    uint32_t hello_next;             /* the sequence number where it goes on */
    uint8_t hello_dir;
    bool no_memory;
} mc_diary;

mc_diary *mc_diary_open(const mc_flow_key *key);         /* NULL: no memory */
void mc_diary_close(mc_diary *d);                /* accepts NULL */

static inline bool mc_diary_is_of(const mc_diary *d, const mc_flow_key *key)
{
    return d != NULL && d->key.peer[0] == key->peer[0] && d->key.peer[1] == key->peer[1] &&
           ((d->key.peer_port == key->peer_port && d->key.server_port == key->server_port) ||
            (key->both && d->key.peer_port == key->server_port && d->key.server_port == key->peer_port));
}

/* What the analysis found out about a segment. */
typedef struct mc_diary_news {
    const mc_conn *conn;
    unsigned dir;
    const mc_segment *segment;
    uint64_t frame;
    int64_t now;
    bool timeless;
    uint32_t events;
    uint64_t fresh;
    bool copy;
    uint8_t verdict, by, cause;      /* as of an entry */
    int64_t since_ns;
} mc_diary_news;

void mc_diary_note(mc_diary *d, const mc_diary_news *n);

/* The first entry of frame 'frame' or one behind it, mc_diary_size() if there is none: frames come in order. */
uint32_t mc_diary_find(const mc_diary *d, uint64_t frame);

/* The cause of what was sent again in frame 'frame' became another one. */
void mc_diary_recount(mc_diary *d, uint64_t frame, unsigned cause);

/* Of the connection 'begin', or NULL. */
const mc_tls_told *mc_diary_tls(const mc_diary *d, uint64_t begin);

static inline uint32_t mc_diary_size(const mc_diary *d)
{
    return d->entries.used;
}

static inline mc_diary_entry *mc_diary_at(const mc_diary *d, uint32_t i)
{
    return mc_store_at(&d->entries, i + 1);
}

/*
 * Selects about 'most' entries of the connection 'begin' with frames from..to: its beginning and its
 * end, and what weighs most in between, each with its neighbours.  Returns how many are selected.
 */
uint32_t mc_diary_select(mc_diary *d, uint64_t begin, uint64_t from, uint64_t to, uint32_t most);

#endif
