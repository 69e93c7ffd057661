/*
 * begun.c: what became of one that was begun in another way than usual.
 */
#include "outcomes/begun.h"

#include "tcp/attempt.h"
#include "tcp/seq.h"

/* Who checks a port is done with it at once. */
#define CHECK_MS 1000
/* A server that misses the last step repeats its SYN-ACK after a second (RFC 6298, 2.1): longer
   without one, and the step has arrived. */
#define SWALLOWED_NS MC_NS_PER_S

/* The opener resets in answer to the SYN-ACK; one that had repeated its SYN had waited for it. */
static bool is_withdrawn(const mc_conn *c)
{
    return c->reset_phase == MC_RESET_HALF_OPEN && c->reset_by == c->originator && (c->syn_count <= 1 || mc_attempt_is_trace(c)) &&
           mc_conn_has_sent(c, !c->originator, MC_ONCE_SYN) && (c->flags & MC_C_SUBFLOW) == 0;
}

static bool is_checked(const mc_conn *c, const mc_story *story)
{
    return c->reset_phase == MC_RESET_WITHOUT_DATA && c->reset_by == c->originator && mc_has_story(c) &&
           story->reset.after_ms < CHECK_MS && (c->flags & MC_C_SUBFLOW) == 0 &&
           (c->flags & (MC_C_MID_STREAM | MC_C_SYN_ACK)) != MC_C_MID_STREAM &&      /* a SYN alone may be missing */
           c->endpoint[0].payload_bytes + c->endpoint[1].payload_bytes == 0;
}

/* How long the opener has sent since the handshake. */
static int64_t sent_for(const mc_conn *c)
{
    return mc_ns_since(c->endpoint[c->originator].seen_ns, mc_ns_plus(c->syn_ns, c->irtt_ns));
}

/* No reset came, or one that acknowledges nothing either, when the opener had closed: of a host that has forgotten it. */
static bool is_unreset(const mc_conn *c)
{
    return !mc_conn_has_sent(c, !c->originator, MC_ONCE_RST) ||
           ((c->endpoint[c->originator].once & MC_ONCE_FIN) != 0 && c->reset_by != c->originator);
}

/* The handshake passed, and then data was sent again in vain. */
static bool is_swallowed(const mc_conn *c)
{
    const mc_endpoint_state *o = &c->endpoint[c->originator];

    return o->detail != NULL && (c->flags & (MC_C_HS_DONE | MC_C_UNACCEPTED)) == MC_C_HS_DONE && c->irtt_ns > 0 &&
           !mc_conn_has_sent(c, !c->originator, MC_ONCE_ACK | MC_ONCE_DATA | MC_ONCE_FIN) && is_unreset(c) &&
           (mc_attempt_marks(c) & (MC_A_DEFERRED | MC_A_LATE_ANSWER)) == 0 && o->detail->stuck_max >= 2 &&
           sent_for(c) >= SWALLOWED_NS;
}

mc_outcome mc_outcome_of_opening(const mc_conn *c, const mc_story *story)
{
    const unsigned marks = mc_attempt_marks(c), opener = c->originator;
    const mc_endpoint_state *o = &c->endpoint[opener];

    if ((marks & MC_A_GOES_ON) != 0)
        return mc_outcome_plain(MC_O_GOES_ON, opener);
    if ((marks & MC_A_STALE) != 0 && (!mc_conn_has_sent(c, !opener, MC_ONCE_SYN) ||
                                      (c->reset_phase == MC_RESET_HALF_OPEN && c->reset_by == opener)))
        return mc_outcome_plain(MC_O_MET_OLD, opener);
    if (is_withdrawn(c))
        return (mc_outcome){ .id = MC_O_WITHDRAWN, .by = (uint8_t)opener, .frame = c->at.reset_frame };
    if (is_checked(c, story))
        return (mc_outcome){ .id = MC_O_CHECKED, .by = (uint8_t)opener, .ms = story->reset.after_ms,
                             .frame = c->at.reset_frame };
    if (is_swallowed(c))
        return (mc_outcome){ .id = MC_O_SWALLOWED, .by = (uint8_t)opener,
                             .ms = (uint32_t)mc_min_u64((uint64_t)sent_for(c) / MC_NS_PER_MS, UINT32_MAX),
                             .bytes = o->payload_bytes, .frame = o->detail->stuck_frame };
    return mc_outcome_plain(MC_O_COUNT, opener);
}

bool mc_acks_other_numbers(const mc_conn *c)
{
    const mc_endpoint_state *o = &c->endpoint[c->originator];

    return c->reset_by != c->originator && (c->flags & MC_C_SYN_ACK) != 0 && (o->known & MC_KNOWN_ACK) != 0 &&
           (o->once & MC_ONCE_ACK) != 0 && !mc_seq_after(o->last_ack, mc_attempt_isn(c, !c->originator));
}

bool mc_reset_answers_other_numbers(const mc_conn *c, const mc_story *story)
{
    const mc_endpoint_state *o = &c->endpoint[c->originator], *peer = &c->endpoint[!c->originator];

    return c->reset_phase == MC_RESET_WITHOUT_DATA && c->reset_by != c->originator && mc_has_story(c) &&
           (story->reset.says & MC_RESET_ACKS) == 0 && (c->flags & MC_C_MID_STREAM) == 0 &&
           (o->known & peer->known & MC_KNOWN_ACK) != 0 && (peer->known & MC_KNOWN_BYTES) != 0 &&
           peer->payload_bytes > 0 && mc_seq_before(peer->highest_end, peer->ending) &&
           mc_seq_after(o->last_ack, peer->base + 1u) && mc_seq_before(o->last_ack, peer->ending) &&
           o->payload_bytes > 0 && mc_seq_after(peer->last_ack, o->base + 1u);
}
