/*
 * story.h: what is remembered of a connection to which something notable happens.
 *
 * Sums do not know the order of things.  A story does: while segments pass, a connection
 * keeps the few facts that its end will be judged by, when the capture ends: who repeated
 * himself in vain, how things stood when the first reset came.  outcomes/outcome.h makes of
 * them what became of the connection, why, and through whom; findings sum up outcomes.
 *
 * Most connections have no story.  One begins with the first notable segment, which never
 * takes a fast path (paths.h), and is found by its number, mc_conn.notes,
 * as long as the connection is kept, packed or not.  All stories together are bounded
 * (MC_STORY_MEMORY): past that a connection goes without, and its outcome is the plainest
 * one that its state bears.
 *
 * To remember one fact more: a field in the section that it belongs to; all is zero at
 * first.  Set it where take_full() or what it calls meets the segment, by mc_story_of();
 * read it in outcomes/outcome.c.  A segment that a fast path would take must be refused there
 * if its fact matters (spec/c/engine/test_paths.c holds the paths against each other).
 */
#ifndef MC_STORY_H
#define MC_STORY_H

#include "base/store.h"
#include "tcp/conn.h"

/* What one side sent again and again while the other was not heard: probes of an idle
   connection or a closed window, data and FINs sent again.  Such a run begins anew when
   the other side speaks. */
typedef struct mc_vain_run {
    int64_t since_ns;                /* its first segment */
    uint64_t frame;                  /* its latest one */
    uint32_t silent_ms;              /* the other side had been silent so long when what is repeated was first sent */
    uint16_t probes, repeats;        /* saturating */
} mc_vain_run;

/* mc_reset_scene.says */
#define MC_RESET_ACKS      0x01      /* it has the ACK flag; a host that knows nothing of a connection answers without
                                        (RFC 9293, 3.10.7.1) */
#define MC_RESET_FULL_LAST 0x02      /* the latest segment of the other side was as long as its segments may be, or the
                                        server's own, that resets in its turn: more was to come */
#define MC_RESET_ANSWERS   0x04      /* something of the other side had not been answered: data, or a probe */
#define MC_RESET_CROSSED   0x08      /* ... and was sent before its sender could know of the resetting side's FIN */
#define MC_RESET_SOON      0x10      /* it came sooner after that than the way to its sender and back takes; ... */
#define MC_RESET_UNCAUSED  0x80      /* ... and before that nothing can have caused a reset that answers something */
#define MC_RESET_SPOKE     0x20      /* its sender had sent other segments before */
#define MC_RESET_PROMPTED  0x100     /* a segment of the other side had come just before, as an MP_FASTCLOSE does
                                        (RFC 8684, 3.5) */
#define MC_RESET_ODD       0x400     /* it has the flag SYN or FIN as well, as no stack sends it */
#define MC_RESET_KNOWS     0x200     /* it carries its sender's latest window: who knows nothing of a connection has none */
#define MC_RESET_IN_TURN   0x40      /* data had passed: turn_ms is known, MC_C_TURN_SERVER says whose turn it was */
#define MC_RESET_HEARD     0x800     /* its sender had acknowledged data that does not stand before it in the capture */

/* How things stood when the first reset came; of resets within the handshake, after two FINs
   with nothing lost, or of which alone the connection consists nothing is kept. */
typedef struct mc_reset_scene {
    uint32_t after_ms;               /* since the segment before it */
    uint32_t turn_ms;                /* since the latest data of the side whose turn it was */
    uint32_t silent_ms;              /* its sender had been silent so long when the first of what was not answered came */
    uint32_t waited_ms;              /* since that */
    uint32_t unanswered_bytes;       /* data of the other side that nothing before the reset had acknowledged */
    uint32_t open_bytes[2];          /* of each side: sent, and not acknowledged, by the reset itself neither */
    uint32_t vain_ms;                /* its sender's vain run: since its first segment ... */
    uint8_t vain_probes, vain_repeats;           /* ... and what it had sent, saturating */
    uint8_t mptcp;                   /* MP_TCPRST: 1 + its reason (RFC 8684, 3.6) */
    uint16_t says;                   /* MC_RESET_ */
    uint16_t later_data[2];          /* segments of each side with new data, after it; saturating */
} mc_reset_scene;

typedef struct mc_story {
    mc_vain_run vain[2];             /* by the side that repeats itself */
    mc_reset_scene reset;            /* valid with mc_conn.reset_phase */
    uint32_t crossed_silence_ms;     /* a FIN crossed data: its sender had been silent so long when that data came */
    uint32_t talk;                   /* number of what it says (application/talk.h); 0: nothing of that is kept */
    uint8_t blind;                   /* bit i: side i closed second, and sent its last data before it knew of the other's FIN */
    bool answered_early;             /* the server's FIN crossed data that had been sent before its latest answer */
} mc_story;

#define MC_STORY_BITS   10           /* stories a block */
#define MC_STORY_MEMORY ((uint64_t)64 << 20)

typedef struct mc_stories {
    mc_store store;
    uint64_t untold;                 /* times that there was no room for one */
} mc_stories;

void mc_stories_init(mc_stories *t);
void mc_stories_destroy(mc_stories *t);

/* Bytes of memory taken. */
static inline uint64_t mc_stories_memory(const mc_stories *t)
{
    return mc_store_memory(&t->store);
}

static inline bool mc_has_story(const mc_conn *c)
{
    return (int32_t)c->notes > 0;
}

/* The story of 'c', a new one if there is none yet; NULL: no room. */
mc_story *mc_story_of(mc_stories *t, mc_conn *c);

/* The story of 'c', of which all is zero if there is none. */
const mc_story *mc_story_look(const mc_stories *t, const mc_conn *c);

/* The number of what 'c' says, whose story is 'story' (mc_story_look()); 0: nothing is kept. */
static inline uint32_t mc_story_talk(const mc_conn *c, const mc_story *story)
{
    return (c->notes & MC_STORY_NONE_BUT_TALK) != 0 ? c->notes & ~MC_STORY_NONE_BUT_TALK : story->talk;
}

/* The same of a connection whose story nobody has looked for. */
static inline uint32_t mc_story_talk_of(const mc_stories *t, const mc_conn *c)
{
    if (MC_LIKELY(!mc_has_story(c)))
        return c->notes & ~MC_STORY_NONE_BUT_TALK;
    return ((const mc_story *)mc_store_at(&t->store, c->notes))->talk;
}

void mc_story_set_talk(mc_stories *t, mc_conn *c, uint32_t number);

/* -------------------------------------------------------------- what is noted */

/* Side 'dir' sends a probe, or sends something again, which is 's'. */
void mc_story_note_vain(mc_stories *t, mc_conn *c, unsigned dir, const mc_segment *s, bool probe, int64_t now, uint64_t frame);

/* Side 'dir' is about to send its FIN, or the TLS alert before it: has data of the other side crossed it?  True if there is
   something to note, which mc_story_note_fin() then does; call both before the rules. */
bool mc_story_fin_crosses(const mc_conn *c, unsigned dir, uint32_t ack);
void mc_story_note_fin(mc_stories *t, mc_conn *c, unsigned dir);

/*
 * Side 'dir' sends the reset 's', 'gap' after the connection's segment before.  Call it before
 * the rules see the segment.  'acked_len': the length of each side's latest data segment, where
 * that was acknowledged and is known, or 0.  Returns the sign against its sender (MC_SIGN_SOON) that only
 * the scene shows.
 */
uint8_t mc_story_note_reset(mc_stories *t, mc_conn *c, unsigned dir, const mc_segment *s, const uint32_t acked_len[2],
                            int64_t now, int64_t gap);

/* 's', new data that stand behind the first reset: they came after it, unless the other side had acknowledged them before. */
void mc_story_note_later_data(mc_stories *t, mc_conn *c, unsigned dir, const mc_segment *s);

#endif
