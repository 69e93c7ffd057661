/*
 * pauses.c: the record of a dialogue, and what a pause was: the way there and back, a wait for an acknowledgement, a piece of
 * an answer, a pace, a beat.
 */
#include "outcomes/dialogue.h"

#define EVEN_PAUSES   4u             /* so many pauses of about the same length are a pace */
#define BEATS         4u             /* so many turns at about the same distance are a beat, if that is ... */
#define BEAT_SPREAD   1.5f           /* ... no more uneven than this, ... */
#define BEAT_ANSWERS  2.0f            /* ... and the answers so many times as much */
#define EVEN_BEATS    3u             /* so many that differ by no more than the host's own time ... */
#define EXACTLY_EVEN  32.0f          /* ... a part of them */
#define SMALLEST_MSS  536u           /* where the option is missing (RFC 9293, 3.7.1) */
#define TIMESTAMPS_LENGTH 12u
#define PROMPT_HOST_NS (5 * MC_NS_PER_MS)    /* what an answer to an acknowledgement takes besides the way */

mc_dialogue *mc_dialogue_begin(mc_speech *t, mc_conn *c)
{
    mc_dialogue *x = mc_dialogue_of(t, c);
    uint32_t number;

    if (x != NULL || t->dialogues.used >= MC_DIALOGUES || (number = mc_store_take(&t->dialogues)) == 0)
        return x;
    x = mc_store_at(&t->dialogues, number);
    x->response_max_ms = c->response.max_ms;
    x->response_sum_ms = c->response.sum_ms;
    x->turn_bytes = UINT64_MAX;
    memset(&c->response, 0, sizeof c->response);
    c->dialogue = number;
    c->flags |= MC_C_DIALOGUE;
    return x;
}

int64_t mc_conn_way_to(const mc_conn *c, unsigned dir)
{
    const mc_endpoint_state *peer = &c->endpoint[!dir];
    int64_t way = 0;

    if (dir == c->originator ? (c->flags & MC_C_HS_DONE) != 0 : (c->flags & MC_C_HS_SYN_ACK) != 0)
        way = dir == c->originator ? c->to_client_ns : c->to_server_ns;
    else if (peer->rtt_count > 0)
        way = mc_ns_of_ms((double)peer->rtt_min_ms);
    return way > 0 ? way : 0;
}

int64_t mc_conn_shortest_way_to(const mc_conn *c, unsigned dir)
{
    const mc_endpoint_state *peer = &c->endpoint[!dir];
    const int64_t way = mc_conn_way_to(c, dir);
    const int64_t least = mc_ns_of_ms((double)peer->rtt_min_ms);

    return peer->rtt_count > 0 && least < way ? least : way;
}

/* ------------------------------------------------------------ paces, beats */

bool mc_pauses_are_even(const mc_pauses *p)
{
    return p->count >= EVEN_PAUSES && (double)p->max_ms * (double)p->count <= 1.5 * (double)p->sum_ms;
}

/*
 * An answer follows its question: where one takes longer than the other, what the server says comes
 * later by as much, unless the question came sooner.  Where answers differ widely and the server speaks
 * at an even distance from its own last word all the same, no question has set it going.  Somebody also
 * spoke when it was not his turn: who asks and who answers take turns.
 */
bool mc_dialogue_is_beat(const mc_dialogue *x)
{
    return x->beats >= BEATS && x->beat_most_ms <= BEAT_SPREAD * x->beat_least_ms &&
           x->answer_most_ms - x->answer_least_ms > BEAT_ANSWERS * (x->beat_most_ms - x->beat_least_ms) &&
           (x->client_again > 0 || x->client_went_on > 0 || x->went_on > 0 || x->asked_on.turns > 0 || x->turn.count > 0 ||
            x->drips.turns > 0);
}

void mc_dialogue_note_beat(mc_dialogue *x, int64_t now)
{
    const float beat = mc_float_ms(mc_ns_since(now, x->spoke_ns));

    if (x->spoke_ns != 0 && x->beats > 0 && 2 * beat < x->beat_least_ms && mc_ns_since(now, x->spoke_ns) < MC_SILENT_NS)
        return;
    if (x->spoke_ns != 0 && beat > 0) {
        if (x->beats == 0 || beat < x->beat_least_ms)
            x->beat_least_ms = beat;
        if (beat > x->beat_most_ms)
            x->beat_most_ms = beat;
        mc_count_one(&x->beats);
    }
    x->spoke_ns = now;
}

/* The server speaks just when its words before, which waited for nothing, let expect it. */
static bool keeps_its_beat(const mc_dialogue *x, int64_t now)
{
    const float beat = x != NULL && x->spoke_ns != 0 ? mc_float_ms(mc_ns_since(now, x->spoke_ns)) : 0;

    return x != NULL && x->beats >= EVEN_BEATS && beat >= mc_float_ms(MC_PIECE_NS) &&
           EXACTLY_EVEN * (x->beat_most_ms - x->beat_least_ms) <= x->beat_least_ms &&
           EXACTLY_EVEN * (beat - x->beat_least_ms) <= x->beat_least_ms && EXACTLY_EVEN * (x->beat_most_ms - beat) <= x->beat_least_ms;
}

/* -------------------------------------------------------------------- pauses */

static void note_pause(mc_dialogue *x, const mc_conn *c, uint32_t len, float ms, uint64_t frame)
{
    const uint64_t sent = c->endpoint[MC_SERVER].payload_bytes - len;

    x->turn.count++;
    x->turn.sum_ms += ms;
    if (ms <= x->turn.max_ms)
        return;
    x->turn.max_ms = ms;
    x->turn.frame = frame;
    x->from = sent;
    /* of a turn whose beginning was not noted all is known only if it is the first */
    x->before = x->turn_bytes <= sent ? sent - x->turn_bytes : c->requests <= 1 ? sent : 0;
}

/* A full segment of side 'dir': timestamps take their bytes from it (RFC 6691). */
static uint32_t full_of(const mc_conn *c, unsigned dir)
{
    const mc_endpoint_state *r = &c->endpoint[!dir];

    return (r->mss != 0 ? r->mss : SMALLEST_MSS) -
           ((c->endpoint[dir].options & r->options & MC_OPT_TS) != 0 ? TIMESTAMPS_LENGTH : 0);
}

/* The peer delayed its acknowledgement, and this small segment follows on that acknowledgement:
   Nagle's rule (RFC 9293, 3.7.4) held it back.  False: it is another pause. */
static bool has_waited(mc_speech *t, const mc_conn *c, unsigned dir, uint32_t len, int64_t waited, int64_t since_peer,
                       int64_t now, uint64_t frame)
{
    const int64_t way = mc_conn_shortest_way_to(c, dir), delay = mc_ns_since(waited, mc_conn_way_to(c, !dir));
    mc_waits *w = &t->waits[dir];

    /* a full segment is never held back */
    if (len >= full_of(c, dir) || delay >= MC_DELAYED_ACK_NS)
        return false;
    if (delay < MC_ACK_DELAY_NS) {               /* a pace of its own */
        w->others++;
        return false;
    }
    /* nor can it have come there yet */
    if (since_peer > mc_ns_plus(mc_ns_plus(way, way / 2), PROMPT_HOST_NS) ||
        mc_ns_plus(since_peer, MC_NS_PER_MS) < way - way / 4) {
        w->others++;
        return false;
    }
    if (dir == MC_SERVER && keeps_its_beat(mc_dialogue_of(t, c), now)) {
        w->others++;
        return false;
    }
    if (!mc_hist_add(&w->delay, delay))
        t->no_memory = true;
    mc_add_example(&w->examples, frame);
    return true;
}

/*
 * Data of the server after a pause in its turn.  A sender fills its segments as long as it has data, and
 * the window here is open: a small one is all that there was.  Where the window never holds two of them, halves of it are
 * what a sender fills (RFC 9293, 3.8.6.2.1).  So is data that comes later than the way
 * after the last acknowledgement.
 */
static void note_piece(mc_speech *t, mc_conn *c, uint32_t len, uint32_t outstanding, int64_t pause, int64_t since_peer,
                       int64_t now, uint64_t frame)
{
    const mc_endpoint_state *r = &c->endpoint[MC_CLIENT];
    const uint64_t room = r->scale != MC_SCALE_UNKNOWN ? mc_announced_window(r) : UINT64_MAX;
    uint32_t full;
    int64_t way;
    mc_dialogue *x = mc_dialogue_of(t, c);

    if (x != NULL && pause >= MC_PIECE_NS)
        mc_dialogue_note_beat(x, now);
    if (pause < MC_PIECE_NS || mc_data_packets(&c->endpoint[MC_SERVER]) < MC_PIECES_FROM ||
        (c->flags & (MC_C_SERVER_FIRST | MC_C_MID_STREAM)) != 0)
        return;
    full = full_of(c, MC_SERVER);
    way = mc_conn_way_to(c, MC_SERVER);
    if (len >= full || len >= room / 2 ? outstanding > 0 || since_peer < mc_ns_plus(MC_PIECE_NS, mc_ns_plus(way, way / 4))
                                       : room < full)
        return;
    if ((x = mc_dialogue_begin(t, c)) == NULL)
        return;
    if (x->pieces.count++ == 0)
        x->pieces_from = c->endpoint[MC_SERVER].payload_bytes - len;
    x->pieces.sum_ms += mc_float_ms(pause);
    if (mc_float_ms(pause) > x->pieces.max_ms) {
        x->pieces.max_ms = mc_float_ms(pause);
        x->pieces.frame = frame;
    }
}

/*
 * Side 'dir' speaks so long after the latest packet of the other that it has not waited for it: an acknowledgement would
 * have set it going a way there and back later (RFC 9293, 3.7.4), within its host's own time.
 */
static bool waited_for_none(const mc_conn *c, unsigned dir, int64_t since_peer, int64_t own)
{
    const int64_t way = mc_conn_way_to(c, dir);

    return since_peer >= mc_ns_plus(own, mc_ns_plus(way, way / 4));
}

/*
 * The server speaks again, and nothing acknowledges what it had said: sooner than any acknowledgement can be back, or
 * later than one that is not in the capture would have set it going.
 */
static bool speaks_unheard(const mc_conn *c, int64_t pause, int64_t since_peer)
{
    const int64_t way = mc_conn_way_to(c, MC_CLIENT);

    return pause < way || since_peer >= mc_ns_plus(MC_DELAYED_ACK_NS, mc_ns_plus(way, mc_conn_way_to(c, MC_SERVER)));
}

/* The client speaks again of its own accord. */
static void note_client_again(mc_speech *t, mc_conn *c, int64_t pause, int64_t since_peer)
{
    mc_dialogue *x;

    if (pause >= MC_PIECE_NS && (c->flags & MC_C_MID_STREAM) == 0 && (x = mc_dialogue_begin(t, c)) != NULL &&
        waited_for_none(c, MC_CLIENT, since_peer, MC_ACK_DELAY_NS))
        mc_count_one(&x->client_again);
}

/* The server may answer a question that is not in the capture, and what its turn before was, nobody knows. */
static bool may_be_asked(const mc_speech *t, const mc_conn *c)
{
    mc_dialogue *x = mc_dialogue_of(t, c);

    if (x == NULL || x->unseen_ns == 0 || x->unseen_ns < c->at.turn_ns)
        return false;
    x->turn = x->pieces = (mc_pauses){ 0 };
    x->turn_bytes = UINT64_MAX;
    x->again = false;
    return true;
}

/*
 * The server's identifications, which counted each packet of the connection, have left some out over the pause: what it
 * sent meanwhile was lost before it came by here, as a segment is that is sent again and again (RFC 6298, 5.5).
 */
static bool has_sent_unseen(mc_dialogue *x, const mc_conn *c, uint16_t ip_id)
{
    const mc_endpoint_state *h = &c->endpoint[MC_SERVER];

    x->sent_unseen = x->sent_unseen || mc_id_missing(h, ip_id) > 0;
    return x->sent_unseen && ip_id != 0 && (uint16_t)(ip_id - h->ip_id) > 1 && mc_id_jumps(h) == 0;
}

/*
 * What the client waits for has not come for longer than the whole talk had lasted until then, in which the server had
 * answered often; and it says as much as it has said each time: who asks in vain, and asks once more.  Who reports had
 * not said the same until then, or says it at his own pace.
 */
static bool asks_in_vain(const mc_conn *c, uint32_t len, int64_t pause)
{
    const mc_endpoint_state *h = &c->endpoint[MC_CLIENT];
    const uint64_t before = mc_data_packets(h) > 1 ? (h->payload_bytes - len) / (mc_data_packets(h) - 1) : 0;

    return c->requests >= MC_EVEN_ANSWERS && c->originator == MC_CLIENT && (c->flags & MC_C_SERVER_FIRST) == 0 &&
           (c->flags & (MC_C_HS_DONE | MC_C_MID_STREAM)) == MC_C_HS_DONE && pause > mc_ns_since(c->at.turn_ns, c->syn_ns) &&
           (len > before ? len - before : before - len) <= MC_SAME_BYTES;
}

static bool is_probing(const mc_conn *c, unsigned dir, uint32_t len)
{
    const mc_endpoint_state *r = &c->endpoint[!dir];

    return len == 1 && r->win == 0 && (r->once & MC_ONCE_ANY) != 0;
}

void mc_speech_pause(mc_speech *t, mc_conn *c, unsigned dir, uint32_t len, uint16_t ip_id, uint32_t outstanding,
                     int64_t now, uint64_t frame)
{
    const mc_endpoint_state *r = &c->endpoint[!dir];
    const int64_t pause = mc_ns_since(now, c->at.turn_ns);
    const int64_t since_peer = (r->once & MC_ONCE_ANY) != 0 ? mc_ns_since(now, r->seen_ns) : pause;
    mc_dialogue *x;

    if (pause < MC_PAUSE_NS || since_peer < 0 || outstanding == MC_NOT_IN_ORDER || (c->flags & MC_C_SELF) != 0)
        return;
    if (dir == MC_SERVER && may_be_asked(t, c))
        return;
    if (outstanding > 0) {
        if (dir == MC_SERVER) {
            note_piece(t, c, len, outstanding, pause, since_peer, now, frame);
            if (pause >= MC_SILENT_NS && waited_for_none(c, MC_SERVER, since_peer, MC_PIECE_NS) && (x = mc_dialogue_begin(t, c)) != NULL) {
                x->again = x->again || speaks_unheard(c, pause, since_peer);
                x->unheard_samples = c->endpoint[MC_SERVER].rtt_count + 1;
            }
        } else {
            note_client_again(t, c, pause, since_peer);
        }
        /* a closed window is asked by a byte that nobody need acknowledge (RFC 9293, 3.8.6.1) */
        if (pause >= MC_NS_PER_S && since_peer >= MC_NS_PER_S && c->endpoint[!dir].win != 0 && (x = mc_dialogue_begin(t, c)) != NULL) {
            if (x->unheard[dir] == 0)
                x->unheard_frame[dir] = frame;
            mc_count_one(&x->unheard[dir]);
        }
        return;
    }
    /* a closed window is asked by a byte in between (RFC 9293, 3.8.6.1): that is a pause of who has closed it */
    if (is_probing(c, dir, len))
        return;
    /* what the other side said last cannot have come there yet: it was not waited for */
    if (dir == MC_SERVER && pause >= MC_SILENT_NS && since_peer < mc_conn_shortest_way_to(c, dir) && (x = mc_dialogue_begin(t, c)) != NULL)
        x->again = true;
    if (since_peer < pause && has_waited(t, c, dir, len, pause - since_peer, since_peer, now, frame))
        return;
    if (dir == MC_SERVER) {
        note_piece(t, c, len, outstanding, pause, since_peer, now, frame);
        if (pause >= MC_SILENT_NS && waited_for_none(c, MC_SERVER, since_peer, MC_PIECE_NS) &&
            (x = mc_dialogue_begin(t, c)) != NULL)
            x->again = true;
    } else {
        note_client_again(t, c, pause, since_peer);
    }
    if (pause < MC_SILENT_NS || since_peer < MC_SILENT_NS || (x = mc_dialogue_begin(t, c)) == NULL)
        return;
    if (dir == MC_SERVER) {
        const int64_t known = mc_conn_way_to(c, MC_SERVER), took = pause < since_peer ? pause : since_peer;
        /* where the way is not known, as of a connection under way, it may be as long as any */
        const int64_t way = known == 0 && (c->flags & MC_C_MID_STREAM) != 0 ? MC_FIRST_RTO_NS : known;

        if (x->spoke_ns != now)
            mc_dialogue_note_beat(x, now);
        /* the client's acknowledgement has to get there, and what it allows to come back (RFC 5681, 3.1) */
        if (took >= mc_ns_plus(way, way / 2 > MC_SILENT_NS ? way / 2 : MC_SILENT_NS) && !has_sent_unseen(x, c, ip_id))
            note_pause(x, c, len, mc_float_ms(took), frame);
        return;
    }
    if (x->client_went_on == 0)
        x->client_frame = frame;
    mc_count_one(&x->client_went_on);
    if (pause < MC_NS_PER_S || since_peer < MC_NS_PER_S)
        return;
    x->in_vain = x->client_went_on == 1 && asks_in_vain(c, len, pause);
    mc_count_one(&x->client_went_on_long);
}
