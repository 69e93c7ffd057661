/*
 * lookups.h: what clients asked for a name before they connected: each question for a name with
 * all that belongs to it, however often, of whomever and for whichever kind of address it was put,
 * until an answer names the address that the client then connects to.
 *
 * Bounded: the latest lookups are kept, and the latest answers.
 */
#ifndef MC_LOOKUPS_H
#define MC_LOOKUPS_H

#include "base/base.h"
#include "mcpcap.h"

#define MC_LOOKUPS_MOST  4096
#define MC_LEADS_MOST    4096        /* who was told which address */
#define MC_LOST_MOST     1024        /* lookups that came to nothing */
#define MC_LEAD_NS       (5 * MC_NS_PER_S)       /* an answer older than this led to no connection ... */
#define MC_LEAD_OPEN_NS  (15 * MC_NS_PER_S)      /* ... or than this, while a question of the same lookup is open */

/* Types of records (RFC 1035, 3.2.2; RFC 3596; RFC 9460). */
#define MC_RECORD_A     1
#define MC_RECORD_AAAA  28
#define MC_RECORD_HTTPS 65

/* A lookup that told no address. */
typedef struct mc_lost {
    uint64_t name_hash;
    uint64_t frame;                  /* of the first question */
    mc_name_loss how;
} mc_lost;

/* What a message says of one name. */
typedef struct mc_asked {
    const uint8_t *client;           /* 16 bytes: who asks */
    const uint8_t *name;             /* labels, as in the message */
    size_t name_len;
    unsigned type;
    uint64_t frame;
    int64_t now;
} mc_asked;

/* An answer: its code, whether it was cut short (RFC 1035, 4.1.1), and its records. */
typedef struct mc_reply {
    unsigned code;
    bool cut_short;
    mc_view records;
    unsigned count;
} mc_reply;

/* The lookup that led to a connection. */
typedef struct mc_led {
    const uint8_t *name;             /* borrowed until the next message */
    size_t name_len;
    uint64_t name_hash;
    uint64_t frame;                  /* of the first question */
    int64_t wait_ns;                 /* from there to the latest answer */
    int64_t until_ns;                /* from there to the connection */
    uint32_t again;                  /* questions put once more, without an answer */
    uint32_t failures;               /* answers that were errors */
    bool open;                       /* a question of it has no answer yet */
    bool first;                      /* no connection before was led by it */
} mc_led;

typedef struct mc_lookups mc_lookups;

/* 'only' are 16 bytes, or NULL: answers that name no other address are of no use.  NULL: no memory. */
mc_lookups *mc_lookups_open(const uint8_t *only);
void mc_lookups_close(mc_lookups *t);            /* accepts NULL */

void mc_lookups_ask(mc_lookups *t, const mc_asked *q);

/* An answer to a question that was put. */
void mc_lookups_answer(mc_lookups *t, const mc_asked *q, const mc_reply *reply);

/* A connection of 'client' to 'server' begins at 'now': true if a lookup led to it. */
bool mc_lookups_led(mc_lookups *t, const uint8_t client[16], const uint8_t server[16], int64_t now, mc_led *out);

/* The 'i'th lookup that came to nothing, of a capture that ends at 'last_ns'; false: there are no more, or it is none. */
uint32_t mc_lookups_lost_count(const mc_lookups *t);
bool mc_lookups_lost(const mc_lookups *t, uint32_t i, int64_t last_ns, mc_lost *out);

uint64_t mc_lookups_memory(void);

#endif
