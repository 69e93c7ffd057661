/*
 * outcome.c: the decision; the more particular comes first.
 */
#include "outcomes/outcome.h"

#include "outcomes/begun.h"
#include "outcomes/missing.h"
#include "tcp/attempt.h"
#include "tcp/bytes.h"
#include "tcp/rules.h"
#include "tcp/state.h"

/* Fewer probes or repetitions in vain prove nothing: one may be lost, or its answer. */
#define VAIN_BEFORE_RESET 2u
#define VAIN_BEFORE_END   3u
/* Who gives up sooner has not waited for the other (RFC 6298, 2.4). */
#define LEAST_RTO_MS      1000u
/* So long after the first of them an answer would have come (RFC 6298, 2.4: an RTO is a second at least) ... */
#define VAIN_MS           LEAST_RTO_MS
/* ... where the way there and back is no longer than this part of it. */
#define VAIN_WAYS         4
/* Two are enough where the first copy has waited for so long, that is for two timers in turn (RFC 6298, 2.1 and 5.5),
   and for so many ways. */
#define VAIN_LONG_MS      3000u
#define VAIN_LONG_WAYS    10
/* A process that closes when its peer does takes no longer. */
#define CLOSE_WAIT_MS     5000u
/* A client that waits so long waits in vain (as MC_SILENCE_NS). */
#define WAIT_MS           2000u
/* No timer waits so long before it sends again, but after many times (RFC 6298, 2.4 and 5.5). */
#define STALLED_MS        10000u
/* A silence that ends a talk, and is none of its pauses. */
#define IDLE_MS           1000u
/* A reset without ACK after so long a silence says that nobody knows the connection any more ... */
#define FORGET_BARE_MS    IDLE_MS
/* ... one with it might still be the process's own answer; no process has such a limit and ... */
#define FORGET_MS         30000u
/* ... and what knows nothing of a connection answers at once (RFC 9293, 3.10.7.1): as for resets that refuse. */
#define FORGET_LATE_MS    3000u
/* What ends a session is no longer: an alert (MC_TLS_ALERT_MOST), or two. */
#define GOODBYE_BYTES     128u
/* Answers of so many bytes (several segments) are long. */
#define LONG_BYTES        4096u
/* TTLs so far apart come from different places. */
#define FAR_HOPS          5u
/* Turns of so many bytes are small (MC_TINY_PAYLOAD). */
#define SMALL_BYTES       64u
/* The first line of the shortest request of HTTP/1, with its end. */
#define HTTP_LEAST        16u
/* A silence as long as what boxes on the way allow at least (the shortest of their limits in common use). */
#define BOX_LIMIT_MS      30000u

static const struct {
    const char *code, *text;
} table[MC_O_COUNT] = {
#define X(id, code, text) [MC_O_##id] = { code, text },
    MC_OUTCOME_MAP(X)
#undef X
};

const char *mc_outcome_code(mc_outcome_id id)
{
    return table[id].code;
}

const char *mc_outcome_text(mc_outcome_id id)
{
    return table[id].text;
}

static uint32_t ms_between(int64_t later, int64_t earlier)
{
    int64_t ns = mc_ns_since(later, earlier);

    return ns > 0 ? (uint32_t)mc_min_u64((uint64_t)ns / MC_NS_PER_MS, UINT32_MAX) : 0;
}

static bool has_alerted(const mc_conn *c, unsigned side)
{
    return (c->flags & (uint32_t)MC_C_ALERT << side) != 0;
}

/*
 * The latest data, where there is any, is a request of the client's.  A little data behind an
 * answer is none, but acknowledges or says goodbye: unless all its requests are so short.
 */
static bool is_request(const mc_conn *c)
{
    return (c->flags & MC_C_TURN_SERVER) == 0 &&
           ((c->flags & MC_C_TURN_SMALL) == 0 || !mc_conn_has_sent(c, MC_SERVER, MC_ONCE_DATA) ||
            c->endpoint[MC_CLIENT].payload_bytes <= (uint64_t)SMALL_BYTES * (c->requests + 1u));
}

/* ----------------------------------------------------------------- the reset */

/* What was kept when it came, in short. */
typedef struct judged {
    const mc_conn *c;
    const mc_reset_scene *scene;
    unsigned by, other;
    bool acks, spoke, answers, sender_in_turn;   /* the latest data was the resetting side's */
    bool in_turn;
    bool early;                      /* the server answered, and closed, while a request was still coming */
    bool suspect;                    /* it carries signs of another sender */
} judged;

static unsigned initial_ttl(unsigned ttl)
{
    return ttl <= 32 ? 32 : ttl <= 64 ? 64 : ttl <= 128 ? 128 : 255;
}

/* No route changes by so many hops for one packet, and no stack begins with another TTL for it. */
static bool is_far_apart(unsigned ttl, const mc_endpoint_state *h)
{
    return initial_ttl(ttl) != initial_ttl(ttl < h->ttl_min ? h->ttl_min : h->ttl_max) ||
           ttl + FAR_HOPS <= h->ttl_min || ttl >= h->ttl_max + FAR_HOPS;
}

bool mc_reset_is_suspect(const mc_conn *c)
{
    const mc_endpoint_state *h = &c->endpoint[c->reset_by];

    if (c->reset_by == c->originator && mc_attempt_is_trace(c))
        return false;                            /* the tool sends its SYNs with TTLs of its own, the host the reset */
    return __builtin_popcount(c->reset_signs & (unsigned)MC_SIGNS_AGAINST) + c->reset_echoes >= 2 ||
           ((c->reset_signs & MC_SIGN_TTL) != 0 && h->ttl_max != 0 && is_far_apart(c->reset_ttl, h));
}

static mc_outcome reset_outcome(const judged *j, mc_outcome_id id, uint32_t ms, uint64_t bytes)
{
    return (mc_outcome){ .id = id, .by = (uint8_t)j->by, .ms = ms, .bytes = bytes, .frame = j->c->at.reset_frame };
}

static mc_outcome with_detail(mc_outcome o, uint32_t detail)
{
    o.detail = detail;
    return o;
}

/* It had closed, and waited in vain for the server to do so too: a stack gives up some time after the FIN. */
static bool has_waited_for_close(const judged *j)
{
    const mc_endpoint_state *d = &j->c->endpoint[j->by], *r = &j->c->endpoint[j->other];

    return j->other == MC_SERVER && !mc_conn_has_sent(j->c, MC_SERVER, MC_ONCE_FIN) && (r->known & MC_KNOWN_ACK) != 0 &&
           r->last_ack == d->nxt && r->nxt_ns <= d->nxt_ns && j->scene->after_ms >= CLOSE_WAIT_MS;
}

/* After a silence came what is about as long as its sender's requests before, which were answered. */
static bool is_like_before(const judged *j)
{
    const uint64_t bytes = j->scene->unanswered_bytes, all = j->c->endpoint[j->other].payload_bytes;

    return j->scene->silent_ms >= IDLE_MS && j->c->requests > 0 && !has_alerted(j->c, j->other) &&
           4 * bytes * j->c->requests >= 3 * (all - bytes);
}

/* HTTP/1 knows no farewell: with what it says in its turn, a client asks (RFC 9112, 2.1). */
static bool is_http_request(const judged *j)
{
    return j->other == MC_CLIENT && (j->c->flags & (MC_C_HEARD | MC_C_TURNS)) == (MC_C_HEARD | MC_C_TURNS) &&
           (j->c->flags & MC_C_TURN_SERVER) == 0 && !has_alerted(j->c, MC_CLIENT) &&
           j->scene->unanswered_bytes >= HTTP_LEAST;
}

/* What was not answered is no request: it is very short, or short for a request of its sender. */
static bool is_farewell(const judged *j)
{
    const uint32_t bytes = j->scene->unanswered_bytes;

    if (is_http_request(j))
        return false;
    return (bytes <= SMALL_BYTES && !is_like_before(j)) ||
           (bytes <= GOODBYE_BYTES && (has_alerted(j->c, j->other) ||
                                       2ull * bytes * (j->c->requests + 1u) < j->c->endpoint[j->other].payload_bytes));
}

/* The other side's data met a reset because this side had closed. */
static mc_outcome after_own_fin(const judged *j)
{
    const mc_reset_scene *s = j->scene;

    if (has_waited_for_close(j))
        return (mc_outcome){ .id = MC_O_CLOSE_WAIT, .by = MC_SERVER, .ms = s->after_ms, .frame = mc_conn_first_frame(j->c) };
    /* the rest of a request that was answered before it was whole */
    if (j->by == MC_SERVER && j->early && s->silent_ms < IDLE_MS)
        return reset_outcome(j, MC_O_RESET_LATE, 0, 0);
    if (!j->answers || s->unanswered_bytes == 0 || (has_alerted(j->c, j->other) && s->unanswered_bytes <= GOODBYE_BYTES))
        return reset_outcome(j, MC_O_RESET_LATE, 0, 0);
    /* who closes first, before it knows of the other's FIN, waits for nothing that the other would have sent */
    if (j->by == MC_SERVER && (j->c->flags & MC_C_FIN_FIRST) != 0 && j->c->closer == MC_CLIENT)
        return reset_outcome(j, MC_O_RESET_LATE, 0, 0);
    if ((s->says & MC_RESET_CROSSED) != 0)
        return with_detail(reset_outcome(j, MC_O_CROSSED_CLOSE, s->silent_ms, s->unanswered_bytes), is_farewell(j));
    /* its host knew of the FIN, but its process had no time to see it */
    if (s->silent_ms < IDLE_MS)
        return reset_outcome(j, MC_O_RESET_LATE, 0, 0);
    return reset_outcome(j, MC_O_SENT_TOO_LATE, s->silent_ms, s->unanswered_bytes);
}

/* What was not answered is an alert of TLS, which ends the session: nobody waits for what is behind it (RFC 5246, 7.2.1). */
static bool is_goodbye(const judged *j)
{
    return !j->suspect && has_alerted(j->c, j->other) && j->scene->unanswered_bytes <= GOODBYE_BYTES;
}

/* It had lived through a silence that was a quarter longer, as no timer's own beat makes it: none has ended it this time. */
static bool has_outlived(const judged *j)
{
    const mc_reset_scene *s = j->scene;

    return s->waited_ms < s->silent_ms && (double)j->c->max_idle_ms >= 1.25 * s->silent_ms;
}

/* The first word after a long silence is a reset. */
static bool is_forgotten(const judged *j)
{
    const mc_reset_scene *s = j->scene;

    if (!j->answers || !j->spoke || s->silent_ms < FORGET_BARE_MS || s->after_ms >= FORGET_LATE_MS || has_outlived(j) ||
        is_goodbye(j))
        return false;
    /* nobody forgets what has never been open: a record that is played again meets no handshake of its own */
    if ((j->c->flags & (MC_C_SYN | MC_C_MID_STREAM | MC_C_HS_DONE)) == MC_C_SYN &&
        !mc_conn_has_sent(j->c, j->by, MC_ONCE_DATA | MC_ONCE_ACK))
        return false;
    return !j->acks ||
           (s->silent_ms >= FORGET_MS && s->open_bytes[j->other] == 0 && (j->suspect || (s->says & MC_RESET_KNOWS) == 0));
}

/* It closed by a reset, after a silence, and data of the other side crossed that. */
static bool has_crossed(const judged *j)
{
    const mc_reset_scene *s = j->scene;

    return j->answers && j->spoke && j->acks && s->silent_ms >= IDLE_MS && (s->says & MC_RESET_SOON) != 0 &&
           s->unanswered_bytes > 0 && s->open_bytes[j->other] == s->unanswered_bytes;
}

/* It was the other side's turn: what it had said by then may stand behind the reset in the capture. */
static bool is_asked(const judged *j)
{
    return j->in_turn && is_request(j->c) && ((j->scene->says & MC_RESET_HEARD) == 0 || mc_missing_answer(j->c));
}

/* The client had asked, and waited. */
static bool has_waited(const judged *j)
{
    return is_asked(j) && j->scene->turn_ms >= WAIT_MS;
}

/* Nothing of the other side was captured: how things stood is not known. */
static bool is_one_sided(const judged *j)
{
    return j->c->endpoint[j->other].packets == 0;
}

/*
 * The resetting side's data that the reset may have overrun: what is not acknowledged to this
 * day.  What was acknowledged later had come, but of a long answer nobody knows that it was whole.
 */
static uint64_t overrun_bytes(const judged *j)
{
    const mc_endpoint_state *d = &j->c->endpoint[j->by], *r = &j->c->endpoint[j->other];

    if ((r->known & MC_KNOWN_ACK) != 0 && r->last_ack == d->nxt && d->payload_bytes < (uint64_t)LONG_BYTES * (j->c->requests + 1u))
        return 0;
    return j->scene->open_bytes[j->by];
}

static mc_outcome no_answer(const judged *j)
{
    mc_outcome o = reset_outcome(j, MC_O_NO_ANSWER, j->scene->turn_ms, 0);

    o.by = MC_CLIENT;
    return o;
}

/* It answers data without an acknowledgement, as a host does that knows nothing of the connection. */
static bool is_bare(const judged *j)
{
    return !j->acks && j->answers && j->scene->unanswered_bytes > 0;
}

/* Nothing of the other side's is open: a full segment of its own was the last. */
static bool is_own_data(const judged *j)
{
    return j->in_turn && j->sender_in_turn && j->scene->open_bytes[j->other] == 0 && j->scene->later_data[j->other] == 0;
}

/* The only sign that the server had more to send is that its last segment was a full one. */
static bool is_guessed(const judged *j)
{
    return j->by == MC_CLIENT && j->scene->open_bytes[MC_SERVER] == 0 && j->scene->later_data[MC_SERVER] == 0;
}

static bool is_cut_off(const judged *j)
{
    const mc_reset_scene *s = j->scene;

    return s->open_bytes[j->other] > 0 || (s->says & MC_RESET_FULL_LAST) != 0 || s->later_data[j->other] > 0;
}

/* What every host must take in one segment (RFC 9293, 3.7.1). */
#define LEAST_SEGMENT 536u

/*
 * A short answer, and a round trip later nothing more of it: the client's reset says nothing of what it had taken, and comes too
 * late to answer that segment.  Who closes with an answer unread resets, too (RFC 9293, 3.10.4; RFC 1122, 4.2.2.13).
 */
static bool has_brief_answer(const judged *j)
{
    const mc_reset_scene *s = j->scene;
    const uint64_t open = s->open_bytes[MC_SERVER];

    return j->by == MC_CLIENT && !j->acks && j->in_turn && !is_asked(j) && open > 0 && open <= LEAST_SEGMENT &&
           s->later_data[MC_SERVER] == 0 && (s->says & MC_RESET_FULL_LAST) == 0 && j->c->irtt_ns > 0 &&
           (int64_t)s->after_ms * MC_NS_PER_MS > j->c->irtt_ns;
}

/*
 * The other side's data has a hole, and long after any timer of its own would have filled that it
 * has sent nothing: who resets then had only waited.  A shut window keeps the other side from it.
 */
static bool has_stalled(const judged *j)
{
    const mc_endpoint_state *d = &j->c->endpoint[j->by], *r = &j->c->endpoint[j->other];

    return j->acks && j->scene->after_ms >= STALLED_MS && j->scene->open_bytes[j->other] > 0 &&
           mc_bytes_missing(r, (r->options & MC_OPT_SEEN) != 0) > 0 && (d->detail == NULL || !d->detail->zero_open);
}

/*
 * Both sides' data is open, and either has sent its own again: the way fails in both directions, and the reset of who gives
 * up first only says so.
 */
static bool hears_neither(const mc_reset_scene *s, const mc_story *story)
{
    return s->open_bytes[0] > 0 && s->open_bytes[1] > 0 && story->vain[0].repeats > 0 && story->vain[1].repeats > 0;
}

/* A probe that was not answered went before it: it may say as well that nobody is there any more. */
static mc_outcome idle(const judged *j, uint32_t ms)
{
    return with_detail(reset_outcome(j, MC_O_IDLE_RESET, ms, 0), (uint32_t)j->scene->vain_probes + j->scene->vain_repeats);
}

/* Of what was under way a byte of each side's at most was captured: a keep-alive may bear it (RFC 9293, 3.8.4). */
static bool has_probed_alone(const mc_conn *c)
{
    return (c->flags & MC_C_MID_STREAM) != 0 && mc_bytes_unique(&c->endpoint[0]) <= 1 && mc_bytes_unique(&c->endpoint[1]) <= 1;
}

/* Nothing had closed, and the connection was in use. */
static mc_outcome in_use(const judged *j)
{
    const mc_reset_scene *s = j->scene;
    const mc_conn *c = j->c;
    const uint32_t silence = j->in_turn ? s->turn_ms : s->after_ms;      /* keep-alives are no talk */

    if (is_forgotten(j))
        return reset_outcome(j, j->suspect ? MC_O_DROPPED_ON_WAY : MC_O_FORGOTTEN, s->silent_ms, s->unanswered_bytes);
    if (has_crossed(j))
        return reset_outcome(j, MC_O_CROSSED_CLOSE, s->silent_ms, s->unanswered_bytes);
    if (j->suspect)
        return reset_outcome(j, MC_O_NOT_BY_ENDPOINT, s->after_ms, 0);
    if (!j->acks && (c->reset_signs & MC_SIGN_RACE) != 0)
        return reset_outcome(j, MC_O_NOT_MEANT, s->after_ms, 0);
    if (has_alerted(c, j->other))
        return reset_outcome(j, MC_O_AFTER_ALERT, s->after_ms, 0);
    if ((!mc_conn_has_sent(c, 0, MC_ONCE_DATA) && !mc_conn_has_sent(c, 1, MC_ONCE_DATA)) || has_probed_alone(c)) {
        /* of one that was picked up midway nobody knows that it was not used; it was silent since then */
        const uint32_t known = (c->flags & MC_C_MID_STREAM) != 0 ? ms_between(c->endpoint[j->by].seen_ns, c->first_ns) : 0;

        if (known >= IDLE_MS)
            return idle(j, known);
        return mc_missing_words(c) ? reset_outcome(j, MC_O_RESET_UNTOLD, 0, 0) : reset_outcome(j, MC_O_RESET_UNUSED, s->after_ms, 0);
    }
    if (is_asked(j) && mc_missing_answer(c))
        return reset_outcome(j, MC_O_RESET_UNTOLD, 0, 0);
    if (j->by == MC_CLIENT && has_waited(j))
        return no_answer(j);
    /* who resets in answer to an acknowledgement does not do it for the silence */
    if (silence >= IDLE_MS && s->open_bytes[0] + s->open_bytes[1] == 0 && !is_asked(j) &&
        (s->says & MC_RESET_PROMPTED) == 0)
        return idle(j, silence);
    if (has_stalled(j))
        return reset_outcome(j, MC_O_PEER_GONE, s->after_ms, s->open_bytes[j->by]);
    if (has_brief_answer(j))
        return reset_outcome(j, MC_O_RESET_DONE, s->after_ms, overrun_bytes(j));
    if (is_cut_off(j))
        return with_detail(reset_outcome(j, MC_O_CUT_OFF, s->after_ms, s->open_bytes[j->other]),
                           is_own_data(j) ? 2 : is_guessed(j) ? 3 : is_bare(j));
    /* the client has its answer, or the server has given it */
    if (!is_asked(j) || has_alerted(c, j->by))
        return reset_outcome(j, MC_O_RESET_DONE, s->after_ms, overrun_bytes(j));
    return with_detail(reset_outcome(j, MC_O_BEFORE_ANSWER, s->turn_ms, j->by == MC_CLIENT ? s->open_bytes[MC_CLIENT] : 0),
                       s->silent_ms >= BOX_LIMIT_MS && !has_outlived(j) ? s->silent_ms : 0);
}

/* All that this side has sent is acknowledged but for its FIN: nothing is asked, and nobody waits. */
static bool has_closed_only(const mc_conn *c, unsigned side)
{
    const mc_endpoint_state *d = &c->endpoint[side], *r = &c->endpoint[!side];

    return (d->once & MC_ONCE_FIN) != 0 && (r->known & MC_KNOWN_ACK) != 0 && d->nxt == r->last_ack + 1u;
}

/* Nobody on the way forgets a connection that the other side has never taken: it goes on with the handshake (RFC 9293, 3.5). */
static bool is_lost_idle(const mc_conn *c, const mc_vain_run *v, unsigned side)
{
    return v->silent_ms >= BOX_LIMIT_MS && (c->flags & MC_C_UNACCEPTED) == 0 && !has_closed_only(c, side);
}

/* The other side was not heard any more, and the reset only says so. */
static mc_outcome gone(const judged *j, const mc_vain_run *v)
{
    const mc_reset_scene *s = j->scene;
    const bool idle = s->vain_repeats > 0 && is_lost_idle(j->c, v, j->by);

    return with_detail(reset_outcome(j, idle ? MC_O_VANISHED_IDLE : MC_O_PEER_GONE, idle ? v->silent_ms : s->vain_ms,
                                     s->open_bytes[j->by]), (uint32_t)s->vain_probes + s->vain_repeats);
}

/* Who resets an attempt gives it up: it got no answer to its SYN, or has sent its SYN-ACK again. */
static bool has_tried_in_vain(const mc_conn *c)
{
    const mc_attempt *t = mc_attempt_of(c);

    if (c->reset_by == c->originator)
        return !mc_conn_has_sent(c, !c->originator, MC_ONCE_ANY);
    return t != NULL && t->syn_acks > 1;
}

/*
 * Who sends a reset, and who takes one, is closed (RFC 9293, 3.10.7.4): where the one goes on with new data, the
 * other acknowledges it and sends some as well, neither did, wherever the reset came from.
 */
static bool was_not_taken(const judged *j)
{
    const mc_endpoint_state *d = &j->c->endpoint[j->by], *r = &j->c->endpoint[j->other];

    return j->acks && j->scene->later_data[j->by] > 0 && j->scene->later_data[j->other] > 0 &&
           (r->known & MC_KNOWN_ACK) != 0 && mc_seq_after(r->last_ack, d->ending);
}

static mc_outcome by_reset(const mc_conn *c, const mc_story *story)
{
    const mc_reset_scene *s = &story->reset;
    const judged j = {
        .c = c, .scene = s, .by = c->reset_by, .other = !c->reset_by,
        .acks = (s->says & MC_RESET_ACKS) != 0, .spoke = (s->says & MC_RESET_SPOKE) != 0,
        .answers = (s->says & MC_RESET_ANSWERS) != 0, .in_turn = (s->says & MC_RESET_IN_TURN) != 0,
        .sender_in_turn = ((c->flags & MC_C_TURN_SERVER) != 0) == (c->reset_by == MC_SERVER),
        .suspect = mc_reset_is_suspect(c), .early = story->answered_early,
    };

    switch ((mc_reset_phase)c->reset_phase) {
    case MC_RESET_REFUSED:
        return reset_outcome(&j, MC_O_REFUSED, 0, 0);
    case MC_RESET_STRAY:
        return reset_outcome(&j, MC_O_STRAY_RESET, 0, 0);
    case MC_RESET_AFTER_CLOSE:
        /* a request that met a closed connection, whose sender then closed as well */
        if (mc_has_story(c) && j.answers && !is_farewell(&j))
            return after_own_fin(&j);
        return reset_outcome(&j, MC_O_RESET_AFTER_CLOSE, 0, 0);
    case MC_RESET_HALF_OPEN:
        if (has_tried_in_vain(c))
            return (mc_outcome){ .id = j.by == c->originator ? MC_O_UNANSWERED : MC_O_HALF_OPEN, .by = c->originator,
                                 .frame = mc_conn_first_frame(c) };
        if (mc_attempt_was_given_up(c))
            return reset_outcome(&j, MC_O_ANSWERED_LATE, ms_between(c->endpoint[j.by].seen_ns, mc_attempt_of(c)->since_ns), 0);
        if (mc_acks_other_numbers(c))
            return (mc_outcome){ .id = MC_O_OPEN, .by = c->originator };
        return reset_outcome(&j, (c->flags & MC_C_SUBFLOW) != 0 ? MC_O_SUBFLOW_RESET : MC_O_BROKEN_HANDSHAKE, 0, 0);
    default:
        break;
    }
    /* a damaged packet: no stack sends these flags, and its sender goes on */
    if (((s->says & MC_RESET_ODD) != 0 && (c->reset_signs & MC_SIGN_RACE) != 0) || was_not_taken(&j) ||
        (!j.suspect && mc_reset_answers_other_numbers(c, story)))
        return (mc_outcome){ .id = MC_O_OPEN, .by = c->originator };
    if (j.by == c->originator && mc_attempt_says_nothing_taken(c))
        return reset_outcome(&j, MC_O_BROKEN_HANDSHAKE, 0, 0);
    if (!mc_has_story(c) || is_one_sided(&j))
        return reset_outcome(&j, j.suspect ? MC_O_NOT_BY_ENDPOINT : MC_O_RESET_UNTOLD, 0, 0);
    if ((c->flags & MC_C_SUBFLOW) != 0 || s->mptcp != 0)
        return with_detail(reset_outcome(&j, MC_O_SUBFLOW_RESET, s->after_ms, 0), s->mptcp);
    if ((c->flags & MC_C_MID_STREAM) != 0 && !j.spoke && !mc_conn_has_sent(c, j.by, MC_ONCE_DATA | MC_ONCE_ACK))
        return reset_outcome(&j, MC_O_UNKNOWN_TO, s->waited_ms, s->unanswered_bytes);
    if (s->vain_probes + s->vain_repeats >= (int)VAIN_BEFORE_RESET && s->vain_ms >= LEAST_RTO_MS)
        return gone(&j, &story->vain[j.by]);
    if (hears_neither(s, story) && s->vain_repeats > 0)
        return with_detail(reset_outcome(&j, MC_O_PEER_GONE, s->vain_ms, s->open_bytes[j.by]), s->vain_repeats);
    if (c->reset_phase == MC_RESET_LATE)
        return after_own_fin(&j);
    /* the server's reset answers the FIN of a client that has waited */
    if (c->reset_phase == MC_RESET_HALF_CLOSED && j.by == MC_SERVER && has_waited(&j) && !mc_missing_answer(c))
        return no_answer(&j);
    if (c->reset_phase == MC_RESET_HALF_CLOSED)
        return reset_outcome(&j, MC_O_RESET_CLOSE, s->after_ms, s->open_bytes[j.other]);
    return in_use(&j);
}

/* --------------------------------------------------------------- without one */

static mc_outcome in_vain(const mc_conn *c, const mc_vain_run *v, unsigned side)
{
    const bool idle = v->repeats > 0 && is_lost_idle(c, v, side);

    return (mc_outcome){ .id = idle ? MC_O_VANISHED_IDLE : MC_O_PEER_GONE, .by = (uint8_t)side, .frame = v->frame,
                         .ms = idle ? v->silent_ms : ms_between(c->endpoint[side].seen_ns, v->since_ns),
                         .detail = (uint32_t)v->probes + v->repeats };
}

static bool is_in_vain(const mc_conn *c, const mc_story *story, unsigned side, int64_t end_ns)
{
    const mc_vain_run *v = &story->vain[side];
    const mc_endpoint_state *peer = &c->endpoint[!side];
    const int64_t lasted = mc_ns_since(c->endpoint[side].seen_ns, v->since_ns);
    /* when the first of what is repeated was sent */
    const int64_t first = mc_ns_plus(peer->seen_ns, (int64_t)v->silent_ms * MC_NS_PER_MS);
    const int64_t waited = mc_ns_since(c->endpoint[side].seen_ns, first);
    const int tries = v->probes + v->repeats;
    const bool few = tries == (int)VAIN_BEFORE_END - 1 && v->repeats == tries && first < v->since_ns &&
                     waited >= VAIN_LONG_MS * MC_NS_PER_MS && waited / VAIN_LONG_WAYS >= c->irtt_ns &&
                     mc_ns_since(end_ns, c->endpoint[side].seen_ns) >= MC_NS_PER_S;   /* time for an answer to the last */

    /* it acknowledges more than is captured of the other side: it has heard that */
    if ((c->endpoint[side].known & MC_KNOWN_ACK) != 0 && (peer->known & MC_KNOWN_NXT) != 0 && mc_seq_after(c->endpoint[side].last_ack, peer->nxt))
        return false;
    return (few || tries >= (int)VAIN_BEFORE_END) && peer->packets > 0 && peer->seen_ns < v->since_ns &&
           ms_between(c->endpoint[side].seen_ns, v->since_ns) >= VAIN_MS && lasted / VAIN_WAYS >= c->irtt_ns;
}

/* Side 'side' has acknowledged the other's FIN, owes nothing, and does not close. */
static bool is_close_wait(const mc_conn *c, unsigned side, int64_t end_ns)
{
    const mc_endpoint_state *d = &c->endpoint[side], *r = &c->endpoint[!side];

    return (r->once & MC_ONCE_FIN) != 0 && (d->once & MC_ONCE_FIN) == 0 && (d->known & MC_KNOWN_ACK) != 0 &&
           d->last_ack == r->nxt && d->nxt_ns <= r->nxt_ns && ms_between(end_ns, r->nxt_ns) >= CLOSE_WAIT_MS &&
           /* a client keeps idle connections in store, and notices with its next request that one is closed */
           (side == MC_SERVER || (c->flags & MC_C_IDLE_CLOSE) == 0) &&
           /* a client that has asked and closes its half waits for the answer */
           (side == MC_CLIENT || (c->flags & (MC_C_TURN | MC_C_TURN_SERVER)) != MC_C_TURN);
}

/*
 * The client has asked once more, as it had before and was answered, and closes when it has
 * waited long.  A server that speaks first may be the one that asks.  Nothing that the server has said is missing: its numbers tell of no more.
 */
static bool has_given_up(const mc_conn *c)
{
    const mc_endpoint_state *k = &c->endpoint[MC_CLIENT], *s = &c->endpoint[MC_SERVER];

    return (c->flags & (MC_C_TURN | MC_C_FIN_FIRST | MC_C_CLOSER | MC_C_MID_STREAM | MC_C_SERVER_FIRST)) ==
               (MC_C_TURN | MC_C_FIN_FIRST | MC_C_CLOSER) &&
           c->closer == MC_CLIENT && c->requests > 0 && is_request(c) &&
           (k->once & s->once & MC_ONCE_DATA) != 0 && ms_between(k->nxt_ns, c->at.turn_ns) >= WAIT_MS &&
           (s->known & MC_KNOWN_ACK) != 0 && s->last_ack + 1u - k->nxt <= 1u && (s->known & MC_KNOWN_BASE) != 0 &&
           s->nxt - s->base <= s->payload_bytes + 1u + ((s->once & MC_ONCE_FIN) != 0);
}

static mc_outcome without_reset(const mc_conn *c, const mc_story *story, int64_t end_ns)
{
    const unsigned opener = c->originator;
    unsigned i;

    if ((c->flags & MC_C_SYN) != 0 && (c->flags & (MC_C_HS_DONE | MC_C_MID_STREAM)) == 0 && !mc_attempt_goes_on(c))
        return (mc_outcome){ .id = mc_conn_has_sent(c, !opener, MC_ONCE_ANY) ? MC_O_HALF_OPEN : MC_O_UNANSWERED,
                             .by = (uint8_t)opener, .frame = mc_conn_first_frame(c) };
    if (has_given_up(c))
        return (mc_outcome){ .id = MC_O_NO_ANSWER, .by = MC_CLIENT, .frame = mc_conn_first_frame(c),
                             .ms = ms_between(c->endpoint[MC_CLIENT].nxt_ns, c->at.turn_ns) };
    if (mc_conn_has_sent(c, 0, MC_ONCE_FIN) && mc_conn_has_sent(c, 1, MC_ONCE_FIN))
        return mc_outcome_plain(MC_O_CLOSED, c->closer);
    for (i = 0; i < 2; i++)
        if (is_in_vain(c, story, i, end_ns))
            return in_vain(c, &story->vain[i], i);
    for (i = 0; i < 2; i++)
        if (is_close_wait(c, i, end_ns))
            return (mc_outcome){ .id = MC_O_CLOSE_WAIT, .by = (uint8_t)i, .frame = mc_conn_first_frame(c),
                                 .ms = ms_between(end_ns, c->endpoint[!i].nxt_ns) };
    return mc_outcome_plain((c->flags & MC_C_CLOSER) != 0 ? MC_O_HALF_CLOSED : MC_O_OPEN,
                         (c->flags & MC_C_CLOSER) != 0 ? c->closer : opener);
}

mc_outcome mc_outcome_of(const mc_conn *c, const mc_story *story, int64_t end_ns)
{
    /* only details and resets say that it was begun in another way than usual */
    if (c->endpoint[c->originator].detail != NULL || c->reset_phase != MC_RESET_NONE) {
        const mc_outcome begun = mc_outcome_of_opening(c, story);

        if (begun.id != MC_O_COUNT)
            return begun;
    }
    return c->reset_phase != MC_RESET_NONE ? by_reset(c, story) : without_reset(c, story, end_ns);
}
