/*
 * dialogue.h: who speaks when, of connections where somebody takes long.
 *
 * TCP does not tell requests from answers.  What it shows is whose data passes, who is
 * silent, and what either side has heard when it speaks again.  Most connections need
 * nothing of this: their answers come soon, and mc_conn counts them.  The first answer
 * that takes long, or the first pause that no acknowledgement explains, begins a record.
 *
 * All records together are bounded (MC_DIALOGUES); a connection past that counts in the
 * sums of mc_speech alone.
 */
#ifndef MC_DIALOGUE_H
#define MC_DIALOGUE_H

#include "base/store.h"
#include "facts/stats.h"
#include "tcp/conn.h"
#include "tcp/timers.h"

/* An answer is slow, and very slow, from so much of the server's own time on. */
#define MC_SLOW_NS      (200 * MC_NS_PER_MS)
#define MC_VERY_SLOW_NS MC_NS_PER_S
/* Who waits so long and asks again at once expects it: a long poll. */
#define MC_PATIENT_NS   (20 * MC_NS_PER_S)
/* So many answers show whether they are even, and that what the client asks is answered. */
#define MC_EVEN_ANSWERS 4u
/* Questions as long as each other, but for so many bytes: the same one, with a counter or a place in a stream. */
#define MC_SAME_BYTES   16u
/* Times as long as the longest, but for so much of it, and from so much on: a timer has ended them. */
#define MC_LIMIT_SHARE  0.01f
#define MC_LIMIT_MS     2000.0f
/* A shorter delay may be the host's own. */
#define MC_ACK_DELAY_NS (20 * MC_NS_PER_MS)
/* Data that follows other data of the same side sooner than this is not looked at. */
#define MC_PAUSE_NS     MC_ACK_DELAY_NS
/* Silence of both sides, nothing outstanding: the next who speaks had nothing to say before. */
#define MC_SILENT_NS    (200 * MC_NS_PER_MS)
/* Small segments of a server that come so long after each other were not there before: it gives its answer in pieces. */
#define MC_PIECE_NS     (50 * MC_NS_PER_MS)
/* ... which is watched from this segment of it on: a head and a body are two. */
#define MC_PIECES_FROM  3u
/* Data that follows what came last so soon had waited for it. */
#define MC_PROMPT_NS    (50 * MC_NS_PER_MS)

#define MC_SLOWEST 3                 /* frames kept of each connection */

/* Pauses of one side in the middle of its turn: all it had sent was acknowledged, and nobody spoke. */
typedef struct mc_pauses {
    float sum_ms, max_ms;
    uint64_t frame;                  /* with which it went on after the longest */
    uint32_t count;
    uint32_t turns;                  /* turns with such pauses */
} mc_pauses;

typedef struct mc_dialogue {
    float response_max_ms, response_sum_ms;      /* of mc_conn, whose place this record's number takes */
    uint64_t slow_frame[MC_SLOWEST]; /* the slowest answers, the slowest first */
    float slow_ms[MC_SLOWEST];
    float first_byte_ms;             /* handshake to first byte, of a server that speaks first; only long ones */
    uint64_t first_byte_frame;
    uint16_t slow, very_slow;        /* answers, saturating */
    uint16_t acked_late;             /* ... less than a second, and with them came the first acknowledgement of the request */
    uint16_t patient;                /* of those: MC_PATIENT_NS and more, and the client asks again at once */
    uint16_t went_on;                /* the server spoke unasked, a second or more after its latest data */
    uint16_t client_went_on;         /* the client spoke again, MC_SILENT_NS or more after its latest data ... */
    uint16_t client_went_on_long;    /* ... a second or more */
    uint16_t client_again;           /* ... MC_PIECE_NS or more after its latest data, and no acknowledgement set it going */
    uint16_t client_turns;           /* times that the client spoke after the server ... */
    uint16_t initiatives;            /* ... MC_SILENT_NS or more after it */
    float thought_ms;                /* ... and how long after it in all, without the way */
    uint16_t unheard[2];             /* that side sent new data although what it had sent a second before or more
                                        was not acknowledged */
    uint16_t asked_back;             /* turns of the client at once after the server had spoken again unasked, of its own accord */
    uint16_t crossed;                /* turns of either side that began sooner than the other's latest words can have come there */
    uint16_t words;                  /* turns of the client that began at once with a small segment as long as the one before */
    uint16_t word_bytes;             /* ... which is so long; 0: the latest was no such word */
    uint16_t brief;                  /* turns of the client that began with a segment no longer than such a word */
    uint16_t at_once;                /* turns of the client that began at once ... */
    uint16_t same, same_slow;        /* answers to such a turn, where it was as long as the one before it, the slow ones of them ... */
    float same_least_ms, same_most_ms;           /* ... and how long they took of the server's own */
    uint32_t asked_bytes;            /* with which the client's latest turn began; 0: not known */
    bool asks_same;                  /* that turn is one of these */
    bool again;                      /* it has in the turn in hand */
    bool opening;                    /* what came before the only pause of that turn may be what the protocol begins with */
    bool in_vain;                    /* it had always been answered, waited for an answer longer than all of that had taken, and
                                        asked again as before: nothing has come since */
    bool sent_unseen;                /* the server's identifications left packets out over a pause of its own */
    bool latest_patient;             /* the latest answer may be one of 'patient' ... */
    bool latest_very_slow;           /* ... or of 'looped' */
    bool events;                     /* an answer is a stream of events, as its head says: its pauses are nobody's */
    uint16_t looped;                 /* very slow answers after which the client asked again at once */
    uint16_t at_limit;               /* very slow answers that took as long as the longest ... */
    float limit_ms;                  /* ... which is this one */
    uint16_t as_before;              /* ... that took as long as the very slow one before ... */
    float before_ms;                 /* ... which is this one, or the latest */
    uint16_t beats;                  /* times between what the server says: first words of turns, and after pauses */
    float beat_least_ms, beat_most_ms;
    float answer_least_ms, answer_most_ms;       /* how long its answers took meanwhile; 0: there was none */
    int64_t spoke_ns;                /* when it did so last; 0: not known */
    int64_t unseen_ns;               /* when it last acknowledged data of the client that is not in the capture; 0: never */
    int64_t heard_ns;                /* when the client did so of the server's, which had spoken again by then; 0: never */
    uint32_t unheard_samples;        /* round trips to the client from when on its acknowledgement shows that the server had
                                        spoken again unheard; 0: it had not */
    uint16_t unseen_turns;           /* times that the client did so: each may have been a turn */
    uint64_t client_frame;           /* with which the client went on first */
    uint64_t unheard_frame[2];       /* the first of 'unheard' */

    /* the server's turn in hand */
    mc_pauses turn;
    uint64_t turn_bytes;             /* of its payload when the turn began; UINT64_MAX: not known */
    uint64_t before, from;           /* payload of the turn before its longest pause, of all before it */

    mc_pauses pieces;                /* of the turn in hand, one before each piece that the server had not had before */
    uint64_t pieces_from;            /* payload before the first of them */

    mc_pauses drips;                 /* turns in pieces that somebody waited for: the client spoke or a side closed at once */
    uint64_t drip_bytes;             /* in these pieces */
    uint16_t streams;                /* turns in pieces that nobody waited for */
    bool drips_to_the_end;           /* a side closed behind one of 'drips' */

    mc_pauses halts;                 /* turns in which the server stopped in the middle of something */
    uint16_t loose;                  /* ... of which little had come before the longest pause, and where that was no one of several,
                                        little came behind it */
    mc_pauses asked_on;              /* other turns with pauses after which the client spoke at once */
    uint16_t asked_loose;            /* ... likewise */
} mc_dialogue;

#define MC_DIALOGUES     16384u
#define MC_DIALOGUE_BITS 8           /* a block */

/* Data of a side that goes on: what has waited for an acknowledgement that its receiver delayed. */
typedef struct mc_waits {
    mc_hist delay;                   /* of the acknowledgement */
    uint64_t others;                 /* small segments after such an acknowledgement that did not wait for it */
    mc_examples examples;
} mc_waits;

/* Of all connections of one server. */
typedef struct mc_speech {
    mc_store dialogues;
    uint64_t slow, very_slow;
    mc_waits waits[2];
    mc_hist late_acks;               /* of requests: later than any timer allows, without the way */
    bool no_memory;
    bool server_is_public;           /* its address is in no private network */
} mc_speech;

void mc_speech_init(mc_speech *t, const uint8_t server[16]);
void mc_speech_destroy(mc_speech *t);

/* Outstanding segments are not known: the data does not follow on. */
#define MC_NOT_IN_ORDER UINT32_MAX

/*
 * Side 'dir' goes on with 'len' bytes of new data, MC_PAUSE_NS or more after its latest, when
 * 'outstanding' segments of it were not acknowledged.  Call it before turn_ns moves, and the side's identification to 'ip_id'.
 */
void mc_speech_pause(mc_speech *t, mc_conn *c, unsigned dir, uint32_t len, uint16_t ip_id, uint32_t outstanding,
                     int64_t now, uint64_t frame);

/* What the server had said before this pause may be what its protocol begins with; 'speaks_on': in this turn as well, before its answer. */
void mc_speech_opening(mc_speech *t, mc_conn *c, bool speaks_on);

/* Side 'dir' acknowledges, with 'len' bytes of its own, data of the other that has not come by here. */
void mc_speech_unseen(mc_speech *t, mc_conn *c, unsigned dir, uint32_t len, int64_t now);

/* The first data of the connection is the server's. */
void mc_speech_begin(mc_speech *t, mc_conn *c, int64_t now, uint64_t frame);

/* What the server says now begins a stream of events. */
void mc_speech_events(mc_speech *t, mc_conn *c);

/* Side 'dir' speaks after the other, which had spoken last 'took' before; its 'len' bytes and the
   answer are counted.  An answer that took less than MC_SLOW_NS may be left out where there is no record. */
void mc_speech_turn(mc_speech *t, mc_conn *c, unsigned dir, uint32_t len, int64_t took, uint64_t frame);

/* Side 'dir' closes, and acknowledges up to 'ack'; call it before its FIN moves turn_ns. */
void mc_speech_close(mc_speech *t, mc_conn *c, unsigned dir, uint32_t ack, int64_t now);

/* The data of the client that is all acknowledged now had been sent 'took' before: if that is far too
   long for a timer, it came to the server only now; where an answer acknowledges it, nobody knows when it came. */
void mc_speech_late_ack(mc_speech *t, mc_conn *c, int64_t took, int64_t now);

/* The record of 'c'; NULL: there is none. */
static inline mc_dialogue *mc_dialogue_of(const mc_speech *t, const mc_conn *c)
{
    return (c->flags & MC_C_DIALOGUE) != 0 ? mc_store_at(&t->dialogues, c->dialogue) : NULL;
}

static inline float mc_response_max_ms(const mc_speech *t, const mc_conn *c)
{
    const mc_dialogue *x = mc_dialogue_of(t, c);

    return x != NULL ? x->response_max_ms : c->response.max_ms;
}

static inline float mc_response_sum_ms(const mc_speech *t, const mc_conn *c)
{
    const mc_dialogue *x = mc_dialogue_of(t, c);

    return x != NULL ? x->response_sum_ms : c->response.sum_ms;
}

/* An address of a private network (RFC 1918, RFC 4193), or one that holds on one link only. */
bool mc_is_private(const uint8_t addr[16]);

/* The way from the capture to side 'dir' and back, by the handshake, or else the shortest that was measured; 0: not known. */
int64_t mc_conn_way_to(const mc_conn *c, unsigned dir);

/* The pauses of the turn in hand are no more than an even pace. */
bool mc_pauses_are_even(const mc_pauses *p);

/* The server speaks at a beat of its own, whenever the client may have spoken. */
bool mc_dialogue_is_beat(const mc_dialogue *x);

static inline void mc_count_one(uint16_t *count)
{
    if (*count < UINT16_MAX)
        ++*count;
}

static inline float mc_float_ms(int64_t ns)
{
    return (float)((double)ns / (double)MC_NS_PER_MS);
}

/* Between the files of a dialogue. */

/* The record of 'c', a new one if there is none yet; NULL: no room. */
mc_dialogue *mc_dialogue_begin(mc_speech *t, mc_conn *c);

/* Who answers the handshake may be further away than who acknowledges. */
int64_t mc_conn_shortest_way_to(const mc_conn *c, unsigned dir);

/* The server speaks; what follows much sooner than its words do belongs to the word before. */
void mc_dialogue_note_beat(mc_dialogue *x, int64_t now);

void mc_dialogue_note_crossing(mc_dialogue *x, const mc_conn *c, unsigned dir, int64_t took);
void mc_dialogue_note_word(mc_dialogue *x, uint32_t len, bool prompt);

/* The client confirms what it is told: at once, with a small segment of always the same length. */
bool mc_dialogue_confirms(const mc_dialogue *x);

/* The server sent much before the longest pause of its turn in hand, and much after. */
bool mc_dialogue_is_bulk(const mc_dialogue *x, const mc_conn *c);

#endif
