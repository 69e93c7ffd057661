/*
 * outcome.h: what became of a connection, why, and through whom.
 *
 * One place decides it, when the capture has ended, from what the connection is and from its
 * story (tcp/story.h): every connection has exactly one outcome, so that whatever is odd about
 * it is explained once.  Findings (lua/mcpcap/findings) sum up outcomes.
 *
 * To add one: a line in the table, a branch in outcome.c where the more particular come first,
 * a case in spec/c/outcomes/test_outcome.c, and a row in docs/rules.md.
 */
#ifndef MC_OUTCOME_H
#define MC_OUTCOME_H

#include "tcp/story.h"

/*
 * id, code, what it says.  'Who' is the side named by mc_outcome.by, the 'other' its peer;
 * 'ms', 'bytes' and 'detail' are the fields of mc_outcome, where the text names them.
 */
#define MC_OUTCOME_MAP(X)                                                                            \
    /* how it was begun (tcp/attempt.h) */                                                           \
    X(GOES_ON,          "goes_on",          "who sent the SYN again with another number: the attempt goes on in "  \
                                            "the pair's next connection")                            \
    X(MET_OLD,          "met_old",          "whose SYN the other answered with an acknowledgement of an older "  \
                                            "connection, which never let this one open (RFC 5961, 4; RFC 6191)")  \
    X(WITHDRAWN,        "withdrawn",        "who opened it and reset the SYN-ACK at once: a check, a scan, "  \
                                            "the loser of two tries")                                \
    X(CHECKED,          "checked",          "who opened it and reset it at once, without data: the same")  \
    X(SWALLOWED,        "swallowed",        "who opened it, and sent its first data again and again for ms: no "  \
                                            "packet came back, a repeated SYN-ACK neither")          \
    /* no reset */                                                                                   \
    X(OPEN,             "open",             "was in use when the capture ended")                     \
    X(CLOSED,           "closed",           "both sides closed (RFC 9293, 3.6)")                     \
    X(HALF_CLOSED,      "half_closed",      "who closed; the other may still send")                  \
    X(UNANSWERED,       "unanswered",       "who opened it and was not answered")                    \
    X(HALF_OPEN,        "half_open",        "who opened it; the last step of the handshake is not seen")  \
    X(CLOSE_WAIT,       "close_wait",       "who never closed after the other's FIN, which it had acknowledged, "  \
                                            "for ms (CLOSE-WAIT; RFC 9293, 3.6)")                    \
    /* with a reset or without */                                                                    \
    X(PEER_GONE,        "peer_gone",        "who sent probes or repetitions (detail of them) for ms and was not answered "  \
                                            "any more (RFC 9293, 3.8.3 and 3.8.4); without any (detail 0), who waited "  \
                                            "ms for the rest of the other's data")                   \
    X(VANISHED_IDLE,    "vanished_idle",    "who sent data after ms of silence, again and again (detail times), "  \
                                            "and was not answered any more (RFC 5382, REQ-5)")       \
    /* the first reset; who sent it */                                                               \
    X(REFUSED,          "refused",          "who answered the SYN with a reset (RFC 9293, 3.10.7.1)")  \
    X(BROKEN_HANDSHAKE, "broken_handshake", "who reset before the handshake was complete")           \
    X(ANSWERED_LATE,    "answered_late",    "who had sent its SYN again, ms before, and met a SYN-ACK with a reset: "  \
                                            "it had given the attempt up (RFC 9293, 3.10.7.1)")      \
    X(STRAY_RESET,      "stray_reset",      "nothing but resets is seen of it")                      \
    X(RESET_UNTOLD,     "reset_untold",     "who reset it; how things stood is not known: what went before was "  \
                                            "not captured, or there was no memory to keep it")  \
    X(SUBFLOW_RESET,    "subflow_reset",    "who gave up one path of a Multipath TCP connection; detail is 1 and "  \
                                            "the reason that MP_TCPRST gives (RFC 8684, 3.6)")  \
    X(UNKNOWN_TO,       "unknown_to",       "who answers a running connection with resets and says nothing else: "  \
                                            "its host does not know it any more (RFC 9293, 3.10.7.1)")  \
    X(NOT_MEANT,        "not_meant",        "who reset without the ACK flag, as for a connection that it does not "  \
                                            "know, and yet goes on: the packet that it answers came there as "  \
                                            "another one's (an address not translated)")             \
    X(CROSSED_CLOSE,    "crossed_close",    "who closed, after ms of silence, while bytes of the other's were on "  \
                                            "their way, which were thrown away (RFC 9112, 9.5)")     \
    X(SENT_TOO_LATE,    "sent_too_late",    "who had closed; the other knew it and sent bytes all the same "  \
                                            "(RFC 9293, 3.10.7)")                                    \
    X(RESET_LATE,       "reset_late",       "who had closed, and reset what came then; no data was lost")  \
    X(RESET_CLOSE,      "reset_close",      "who reset after the other's FIN (RFC 9293, 3.9.1.5)")   \
    X(RESET_AFTER_CLOSE,"reset_after_close","who reset after both sides had closed")                 \
    X(FORGOTTEN,        "forgotten",        "who had been silent for ms and answered the first segment after that, "  \
                                            "with bytes of data, with a reset: it had forgotten the connection")  \
    X(DROPPED_ON_WAY,   "dropped_on_way",   "the same, with signs that another device sent the reset "  \
                                            "(RFC 5382, REQ-5; RFC 3360)")                           \
    X(NOT_BY_ENDPOINT,  "not_by_endpoint",  "a reset in whose name, with signs that another device sent it "  \
                                            "(RFC 3360)")                                            \
    X(AFTER_ALERT,      "after_alert",      "who reset after a TLS alert of the other's (RFC 8446, 6)")  \
    X(NO_ANSWER,        "no_answer",        "who gave up after waiting ms for an answer")            \
    X(IDLE_RESET,       "idle_reset",       "who reset after ms of silence, when nothing was on its way")  \
    X(RESET_DONE,       "reset_done",       "who reset when the answer had come as a whole: a way to close")  \
    X(RESET_UNUSED,     "reset_unused",     "who reset after the handshake, before any data")        \
    X(BEFORE_ANSWER,    "before_answer",    "who reset ms after a request that was not answered; detail is the silence "  \
                                            "before that in ms, where it was long, bytes of a client's own were not "  \
                                            "acknowledged")                                          \
    X(CUT_OFF,          "cut_off",          "who reset in the middle of the data, bytes of which were not acknowledged; "  \
                                            "detail is 1 where the reset answers data without ACK "  \
                                            "(RFC 9293, 3.10.7.1), 2 where a full segment of its own was the last, 3 where "  \
                                            "one of the server's was, and nothing else says that more was to come")

typedef enum mc_outcome_id {
#define X(id, code, text) MC_O_##id,
    MC_OUTCOME_MAP(X)
#undef X
    MC_O_COUNT
} mc_outcome_id;

typedef struct mc_outcome {
    mc_outcome_id id;
    uint8_t by;                      /* MC_CLIENT, MC_SERVER */
    uint32_t ms;
    uint64_t bytes;
    uint64_t frame;                  /* that shows it; 0: none */
    uint32_t detail;                 /* what else the text names */
} mc_outcome;

/* One of which nothing is told but whose it is. */
static inline mc_outcome mc_outcome_plain(mc_outcome_id id, unsigned by)
{
    return (mc_outcome){ .id = id, .by = (uint8_t)by };
}

/* Side 'side' has sent one of 'once', MC_ONCE_. */
static inline bool mc_conn_has_sent(const mc_conn *c, unsigned side, unsigned once)
{
    return (c->endpoint[side].once & once) != 0;
}

const char *mc_outcome_code(mc_outcome_id id);       /* "closed" */
const char *mc_outcome_text(mc_outcome_id id);

/* The first reset carries signs of another sender than its endpoint: two of them, or a TTL from another place. */
bool mc_reset_is_suspect(const mc_conn *c);

/* What became of 'c', whose story is 'story' (mc_story_look()), in a capture that ends at 'end_ns'. */
mc_outcome mc_outcome_of(const mc_conn *c, const mc_story *story, int64_t end_ns);

/* The same of one of which nothing notable is known, and that both sides have closed, or neither: MC_O_CLOSED,
   MC_O_OPEN.  MC_O_COUNT: ask mc_outcome_of(). */
static inline mc_outcome_id mc_outcome_of_plain(const mc_conn *c)
{
    const unsigned once[2] = { c->endpoint[0].once & (MC_ONCE_FIN | MC_ONCE_RST),
                               c->endpoint[1].once & (MC_ONCE_FIN | MC_ONCE_RST) };

    if (mc_has_story(c) || c->reset_phase != MC_RESET_NONE || c->endpoint[c->originator].detail != NULL ||
        (c->flags & (MC_C_SYN | MC_C_HS_DONE)) != (MC_C_SYN | MC_C_HS_DONE) || once[0] != once[1] ||
        (once[0] != 0 && (c->flags & (MC_C_TURN | MC_C_TURN_SERVER)) == MC_C_TURN))       /* or who closes has given up */
        return MC_O_COUNT;
    return once[0] == 0 && (c->flags & MC_C_CLOSER) == 0 ? MC_O_OPEN : once[0] == MC_ONCE_FIN ? MC_O_CLOSED : MC_O_COUNT;
}

#endif
