/*
 * state.h: what a connection went through, in the words of Zeek's conn.log:
 * endpoint states, conn_state, history; its handshake times, and how it ended.
 */
#ifndef MC_STATE_H
#define MC_STATE_H

#include "tcp/conn.h"
#include "tcp/seq.h"

/* A request without any answer for so long is left unanswered. */
#define MC_SILENCE_NS (2 * MC_NS_PER_S)

/* conn_state, in the order of the table in docs/rules.md. */
#define MC_CONN_STATE_MAP(X)                                          \
    X(S0,     "S0",     "attempted, no answer")                       \
    X(S1,     "S1",     "established, not closed")                    \
    X(SF,     "SF",     "closed by both sides")                       \
    X(REJ,    "REJ",    "refused")                                    \
    X(S2,     "S2",     "half closed by the originator")              \
    X(S3,     "S3",     "half closed by the responder")               \
    X(RSTO,   "RSTO",   "reset by the originator")                    \
    X(RSTR,   "RSTR",   "reset by the responder")                     \
    X(RSTOS0, "RSTOS0", "reset by the originator before an answer")   \
    X(RSTRH,  "RSTRH",  "reset by the responder, originator not seen") \
    X(SH,     "SH",     "closed by the originator, responder not seen") \
    X(SHR,    "SHR",    "closed by the responder, originator not seen") \
    X(OTH,    "OTH",    "picked up in mid-stream")

typedef enum mc_conn_state {
#define X(id, code, text) MC_CS_##id,
    MC_CONN_STATE_MAP(X)
#undef X
    MC_CS_COUNT
} mc_conn_state;

const char *mc_conn_state_code(mc_conn_state s);     /* "SF" */
const char *mc_conn_state_text(mc_conn_state s);     /* "closed by both sides" */
const char *mc_reset_phase_code(mc_reset_phase p);   /* "refused" */

/*
 * Takes note of the first segment: who opened the connection.  'server_named' is
 * true when the caller's endpoint matched one end only, which then is the server
 * unless a SYN says otherwise.
 */
void mc_state_begin(mc_conn *c, unsigned dir, const mc_segment *s, bool server_named);

/* Do servers commonly listen on this port? */
bool mc_state_is_server_port(uint16_t port);

/*
 * Who opens a connection whose first segment is 's', when only ports can tell:
 * true if its sender is the server.
 */
bool mc_state_sender_serves(const mc_segment *s);

/*
 * Brings states, history, handshake and ending up to date with one segment.
 * 'events' are its flags, with MC_TCP_COPY where it is a copy, MC_TCP_STALE where it
 * is none of this connection; 'repeated' says that
 * its payload does not pass the highest end seen; 'gap' is the time since the
 * connection's segment before.  Call it after mc_tcp_segment(); 'before' is the
 * sender's endpoint state as it was before that call.
 */
void mc_state_segment(mc_conn *c, unsigned dir, const mc_segment *s, uint32_t events, bool repeated,
                      int64_t now, int64_t gap, uint64_t frame, const mc_endpoint_state *before);

/* In which phase a reset by side 'dir' would come now. */
mc_reset_phase mc_state_reset_phase(const mc_conn *c, unsigned dir);

#define MC_IDLE_CLOSE_MS 1000.0f     /* silences that are worth telling from the pauses of a talk */

/* The first FIN of the connection is here, 'gap' after the segment before. */
static inline void mc_state_note_closer(mc_conn *c, unsigned dir, int64_t gap);

/* A SYN or SYN-ACK 'gap' after the segment before: that one once more, and not sent again?
   Nobody repeats a SYN so soon. */
static inline bool mc_state_is_twice(const mc_conn *c, unsigned dir, bool copy, int64_t gap);

/* One more letter of the history; those of the originator are in upper case. */
static inline void mc_state_add_letter(mc_conn *c, unsigned dir, char letter);

/* The options (MC_OPT_) of a SYN or SYN-ACK that has 'has' and 'flags'. */
static inline uint8_t mc_state_options_of(unsigned has, unsigned flags);

/* The options of this side's SYN or SYN-ACK. */
static inline void mc_state_note_options(mc_endpoint_state *d, const mc_segment *s);

/* The state as it is now. */
mc_conn_state mc_state_of(const mc_conn *c);

/* ------------------------------------------------------------------ bodies */

static inline void mc_state_note_closer(mc_conn *c, unsigned dir, int64_t gap)
{
    const float ms = (float)((double)gap / (double)MC_NS_PER_MS);

    c->flags |= ms >= MC_IDLE_CLOSE_MS && ms >= c->max_idle_ms ? MC_C_CLOSER | MC_C_FIN_FIRST | MC_C_IDLE_CLOSE
                                                               : MC_C_CLOSER | MC_C_FIN_FIRST;
    c->closer = dir & 1;
}

static inline bool mc_state_is_twice(const mc_conn *c, unsigned dir, bool copy, int64_t gap)
{
    return copy || (c->last_dir == dir && (c->endpoint[dir].once & MC_ONCE_SYN) != 0 && gap < MC_NS_PER_MS);
}

static inline void mc_state_add_letter(mc_conn *c, unsigned dir, char letter)
{
    if (letter >= 'A' && letter <= 'Z' && dir != c->originator)
        letter = (char)(letter - 'A' + 'a');
    if (c->history_len < MC_HISTORY_SIZE)
        c->history[c->history_len++] = letter;
    else
        c->flags |= MC_C_HISTORY_FULL;
}

static inline uint8_t mc_state_options_of(unsigned has, unsigned flags)
{
    _Static_assert(((MC_OPT_MSS | MC_OPT_SCALE | MC_OPT_SACK | MC_OPT_TS) & (MC_OPT_ECE | MC_OPT_CWR | MC_OPT_SEEN)) == 0 &&
                       (MC_OPT_ECE | MC_OPT_CWR) < MC_OPT_SEEN, "the bits are those of the segment");

    return (uint8_t)((has & (MC_OPT_MSS | MC_OPT_SCALE | MC_OPT_SACK | MC_OPT_TS)) | (flags >> 2 & (MC_OPT_ECE | MC_OPT_CWR)) |
                     MC_OPT_SEEN);
}

static inline void mc_state_note_options(mc_endpoint_state *d, const mc_segment *s)
{
    if ((s->has & MC_HAS_MSS) != 0)
        d->mss = s->mss;
    if ((s->has & MC_HAS_SCALE) != 0)
        d->shift = s->scale;
    d->options = (uint8_t)((d->options & MC_NXT_BY_ACK) | mc_state_options_of(s->has, s->flags));
    d->initial_window = s->win;
}

/* Does side 'dir' acknowledge the other side's FIN?  Then it needs no room any more. */
static inline bool mc_state_has_all(const mc_conn *c, unsigned dir, uint32_t ack)
{
    const mc_endpoint_state *r = &c->endpoint[!dir];

    return (r->once & MC_ONCE_FIN) != 0 && (r->known & MC_KNOWN_NXT) != 0 && !mc_seq_before(ack, r->nxt);
}

/* Data or a FIN with the number of the SYN itself, as no stack sends it (RFC 9293, 3.4): made by hand. */
static inline bool mc_state_is_numbered_as_syn(const mc_endpoint_state *d, const mc_segment *s)
{
    return (s->flags & MC_TH_SYN) == 0 && (s->len > 1 || (s->flags & MC_TH_FIN) != 0) && (d->once & MC_ONCE_SYN) != 0 &&
           s->seq == d->base;
}

#endif
