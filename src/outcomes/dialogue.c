/*
 * dialogue.c: what is noted while segments pass.
 */
#include "outcomes/dialogue.h"

#include "tcp/seq.h"

#define SMALLEST_MSS  536u           /* where the option is missing (RFC 9293, 3.7.1) */
#define FULL_SEGMENT  1460u
#define TIMESTAMPS_LENGTH 12u
#define DRIPS         3u             /* so many pauses are an answer in pieces */
#define PIECES        8u             /* so many small ones are an answer that its process writes bit by bit */
#define OPENING_BYTES  8192u         /* of a server: its certificates, two tickets or more, settings */
#define FAREWELL_BYTES 128u          /* that it closes, in HTTP/2 and in TLS: no answer */
#define EVEN_BEATS    3u             /* so many that differ by no more than the host's own time ... */
#define EXACTLY_EVEN  32.0f          /* ... a part of them */
#define PROMPT_HOST_NS (5 * MC_NS_PER_MS)    /* what an answer to an acknowledgement takes besides the way */

bool mc_is_private(const uint8_t addr[16])
{
    static const uint8_t mapped[12] = { 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff };
    const uint8_t *v4 = addr + sizeof mapped;

    if (memcmp(addr, mapped, sizeof mapped) != 0)
        return (addr[0] & 0xfe) == 0xfc || (addr[0] == 0xfe && (addr[1] & 0xc0) == 0x80) || addr[0] == 0;
    return v4[0] == 10 || v4[0] == 127 || (v4[0] == 172 && (v4[1] & 0xf0) == 16) || (v4[0] == 192 && v4[1] == 168) ||
           (v4[0] == 169 && v4[1] == 254);
}

void mc_speech_init(mc_speech *t, const uint8_t server[16])
{
    memset(t, 0, sizeof *t);
    t->server_is_public = !mc_is_private(server);
    mc_store_init(&t->dialogues, sizeof(mc_dialogue), MC_DIALOGUE_BITS);
}

void mc_speech_destroy(mc_speech *t)
{
    mc_store_destroy(&t->dialogues);
    mc_hist_free(&t->waits[0].delay);
    mc_hist_free(&t->waits[1].delay);
    mc_hist_free(&t->late_acks);
}

/* The record of 'c', a new one if there is none yet; NULL: no room. */
static mc_dialogue *begin_dialogue(mc_speech *t, mc_conn *c)
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

/* -------------------------------------------------------------------- pauses */

/* The server speaks; what follows much sooner than its words do belongs to the word before. */
static void note_beat(mc_dialogue *x, int64_t now)
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

/* Two segments that are full. */
static uint64_t much_of(const mc_conn *c)
{
    const uint16_t mss = c->endpoint[MC_CLIENT].mss;

    return 2 * (mss != 0 && mss < FULL_SEGMENT ? mss : FULL_SEGMENT);
}

/* The server sent much after the longest pause of its turn in hand. */
static bool is_much(const mc_dialogue *x, const mc_conn *c)
{
    return c->endpoint[MC_SERVER].payload_bytes - x->from >= much_of(c);
}

bool mc_dialogue_is_bulk(const mc_dialogue *x, const mc_conn *c)
{
    return x->before >= much_of(c) && is_much(x, c);
}

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

static void add_turn(mc_pauses *to, const mc_pauses *turn)
{
    to->turns++;
    to->count += turn->count;
    to->sum_ms += turn->sum_ms;
    if (turn->max_ms > to->max_ms) {
        to->max_ms = turn->max_ms;
        to->frame = turn->frame;
    }
}

/*
 * The server's turn was in pieces: who waits for all of an answer goes on as soon as the last one has
 * come, within its host's own time and much less than a pause; who listens to a stream goes on when he
 * likes.  True: it was an answer.
 */
static bool end_pieces(mc_dialogue *x, const mc_conn *c, int64_t own, bool closes)
{
    const mc_pauses p = x->pieces;
    const uint64_t bytes = c->endpoint[MC_SERVER].payload_bytes - x->pieces_from;

    x->pieces = (mc_pauses){ 0 };
    if (p.count < PIECES || bytes >= p.count * much_of(c))
        return false;
    if (own >= MC_ACK_DELAY_NS || mc_float_ms(own) >= p.sum_ms / (float)p.count / 4) {
        mc_count_one(&x->streams);
        return false;
    }
    add_turn(&x->drips, &p);
    x->drip_bytes += bytes;
    x->drips_to_the_end |= closes;
    return true;
}

/* Somebody speaks 'since' after the server's latest data: at once.  The way to the client and back is no time of its own. */
static bool is_prompt(const mc_conn *c, int64_t since)
{
    const int64_t way = mc_conn_way_to(c, MC_CLIENT);

    return since < mc_ns_plus(mc_ns_plus(MC_PROMPT_NS, way), way / 2);
}

/* ... and it was waited for: that took much less than the longest pause of the turn. */
static bool is_waited_for(const mc_dialogue *x, const mc_conn *c, int64_t since)
{
    return is_prompt(c, since) && mc_float_ms(mc_ns_since(since, mc_conn_way_to(c, MC_CLIENT))) < x->turn.max_ms / 2;
}

/* What the pauses of the server's turn were, now that it is over: 'since' after its latest data side
   'dir' spoke or closed. */
static void end_turn(mc_dialogue *x, const mc_conn *c, unsigned dir, int64_t since, bool closes)
{
    const int64_t way = mc_conn_way_to(c, MC_CLIENT);
    const bool prompt = is_waited_for(x, c, since);
    const bool even = mc_pauses_are_even(&x->turn), bulk = mc_dialogue_is_bulk(x, c);

    if (x->pieces.count > 0 && end_pieces(x, c, dir == MC_CLIENT ? mc_ns_since(since, way) : since, closes)) {
        x->turn = (mc_pauses){ 0 };
        return;
    }
    if (x->turn.count == 0)
        return;
    /* one small piece and the end may be a server that says that it has waited too long for a request */
    if ((prompt && closes && x->turn.count >= DRIPS && !(even && bulk)) ||
        (!even && (bulk || (prompt && closes && is_much(x, c))))) {
        add_turn(&x->halts, &x->turn);
        if (!bulk && !is_much(x, c))
            mc_count_one(&x->loose);
    } else if (prompt) {
        add_turn(&x->asked_on, &x->turn);
    } else if (x->turn.max_ms >= mc_float_ms(MC_NS_PER_S) || mc_pauses_are_even(&x->turn)) {
        mc_count_one(&x->went_on);                    /* long silence, or a beat */
    }
    x->turn = (mc_pauses){ 0 };
}

/* A full segment of side 'dir': timestamps take their bytes from it (RFC 6691). */
static uint32_t full_of(const mc_conn *c, unsigned dir)
{
    const mc_endpoint_state *r = &c->endpoint[!dir];

    return (r->mss != 0 ? r->mss : SMALLEST_MSS) -
           ((c->endpoint[dir].options & r->options & MC_OPT_TS) != 0 ? TIMESTAMPS_LENGTH : 0);
}

/* The server speaks just when its words before, which waited for nothing, let expect it. */
static bool keeps_its_beat(const mc_dialogue *x, int64_t now)
{
    const float beat = x != NULL && x->spoke_ns != 0 ? mc_float_ms(mc_ns_since(now, x->spoke_ns)) : 0;

    return x != NULL && x->beats >= EVEN_BEATS && beat >= mc_float_ms(MC_PIECE_NS) &&
           EXACTLY_EVEN * (x->beat_most_ms - x->beat_least_ms) <= x->beat_least_ms &&
           EXACTLY_EVEN * (beat - x->beat_least_ms) <= x->beat_least_ms && EXACTLY_EVEN * (x->beat_most_ms - beat) <= x->beat_least_ms;
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
 * the window here is open: a small one is all that there was.  So is data that comes later than the way
 * after the last acknowledgement.
 */
static void note_piece(mc_speech *t, mc_conn *c, uint32_t len, uint32_t outstanding, int64_t pause, int64_t since_peer,
                       int64_t now, uint64_t frame)
{
    const mc_endpoint_state *r = &c->endpoint[MC_CLIENT];
    uint32_t full;
    int64_t way;
    mc_dialogue *x = mc_dialogue_of(t, c);

    if (x != NULL && pause >= MC_PIECE_NS)
        note_beat(x, now);
    if (pause < MC_PIECE_NS || mc_data_packets(&c->endpoint[MC_SERVER]) < MC_PIECES_FROM ||
        (c->flags & (MC_C_SERVER_FIRST | MC_C_MID_STREAM)) != 0)
        return;
    full = full_of(c, MC_SERVER);
    way = mc_conn_way_to(c, MC_SERVER);
    if (len >= full ? outstanding > 0 || since_peer < mc_ns_plus(MC_PIECE_NS, mc_ns_plus(way, way / 4))
                    : r->scale != MC_SCALE_UNKNOWN && mc_announced_window(r) < full)
        return;
    if ((x = begin_dialogue(t, c)) == NULL)
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

/*
 * The server spoke again while its words before were not acknowledged, as what the client said since then shows: the
 * acknowledgement of these came by here behind that, before what the client says now.
 */
static bool has_spoken_unheard(const mc_dialogue *x, const mc_conn *c)
{
    return x->unheard_samples > 0 && c->endpoint[MC_SERVER].rtt_count >= x->unheard_samples;
}

/* The client speaks again of its own accord. */
static void note_client_again(mc_speech *t, mc_conn *c, int64_t pause, int64_t since_peer)
{
    mc_dialogue *x;

    if (pause >= MC_PIECE_NS && (c->flags & MC_C_MID_STREAM) == 0 && (x = begin_dialogue(t, c)) != NULL &&
        waited_for_none(c, MC_CLIENT, since_peer, MC_ACK_DELAY_NS))
        mc_count_one(&x->client_again);
}

void mc_speech_unseen(mc_speech *t, mc_conn *c, unsigned dir, uint32_t len, int64_t now)
{
    const bool is_servers_turn = (c->flags & (MC_C_TURN | MC_C_TURN_SERVER | MC_C_SELF)) == (MC_C_TURN | MC_C_TURN_SERVER);
    mc_dialogue *x = is_servers_turn ? begin_dialogue(t, c) : mc_dialogue_of(t, c);

    if (x == NULL)
        return;
    if (dir == MC_CLIENT) {
        mc_count_one(&x->unseen_turns);
        /* a bare acknowledgement is delayed by no more (RFC 9293, 3.8.6.3): the server has spoken again since */
        if (is_servers_turn && len == 0 && mc_ns_since(now, c->at.turn_ns) >= mc_ns_plus(MC_DELAYED_ACK_NS, mc_conn_way_to(c, MC_CLIENT))) {
            x->again = true;
            x->heard_ns = now;
        }
    } else if (is_servers_turn) {
        x->unseen_ns = now;
    }
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
            if (pause >= MC_SILENT_NS && waited_for_none(c, MC_SERVER, since_peer, MC_PIECE_NS) && (x = begin_dialogue(t, c)) != NULL) {
                x->again = x->again || speaks_unheard(c, pause, since_peer);
                x->unheard_samples = c->endpoint[MC_SERVER].rtt_count + 1;
            }
        } else {
            note_client_again(t, c, pause, since_peer);
        }
        /* a closed window is asked by a byte that nobody need acknowledge (RFC 9293, 3.8.6.1) */
        if (pause >= MC_NS_PER_S && since_peer >= MC_NS_PER_S && c->endpoint[!dir].win != 0 && (x = begin_dialogue(t, c)) != NULL) {
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
    if (dir == MC_SERVER && pause >= MC_SILENT_NS && since_peer < mc_conn_shortest_way_to(c, dir) && (x = begin_dialogue(t, c)) != NULL)
        x->again = true;
    if (since_peer < pause && has_waited(t, c, dir, len, pause - since_peer, since_peer, now, frame))
        return;
    if (dir == MC_SERVER) {
        note_piece(t, c, len, outstanding, pause, since_peer, now, frame);
        if (pause >= MC_SILENT_NS && waited_for_none(c, MC_SERVER, since_peer, MC_PIECE_NS) &&
            (x = begin_dialogue(t, c)) != NULL)
            x->again = true;
    } else {
        note_client_again(t, c, pause, since_peer);
    }
    if (pause < MC_SILENT_NS || since_peer < MC_SILENT_NS || (x = begin_dialogue(t, c)) == NULL)
        return;
    if (dir == MC_SERVER) {
        const int64_t known = mc_conn_way_to(c, MC_SERVER), took = pause < since_peer ? pause : since_peer;
        /* where the way is not known, as of a connection under way, it may be as long as any */
        const int64_t way = known == 0 && (c->flags & MC_C_MID_STREAM) != 0 ? MC_FIRST_RTO_NS : known;

        if (x->spoke_ns != now)
            note_beat(x, now);
        /* the client's acknowledgement has to get there, and what it allows to come back (RFC 5681, 3.1) */
        if (took >= mc_ns_plus(way, way / 2 > MC_SILENT_NS ? way / 2 : MC_SILENT_NS) && !has_sent_unseen(x, c, ip_id))
            note_pause(x, c, len, mc_float_ms(took), frame);
        return;
    }
    if (x->client_went_on == 0)
        x->client_frame = frame;
    mc_count_one(&x->client_went_on);
    if (pause >= MC_NS_PER_S && since_peer >= MC_NS_PER_S)
        mc_count_one(&x->client_went_on_long);
}

/* --------------------------------------------------------------------- turns */

void mc_speech_begin(mc_speech *t, mc_conn *c, int64_t now, uint64_t frame)
{
    mc_dialogue *x;
    int64_t took;

    c->flags |= MC_C_SERVER_FIRST;
    if ((c->flags & (MC_C_HS_DONE | MC_C_MID_STREAM | MC_C_SELF)) != MC_C_HS_DONE || c->originator != MC_CLIENT)
        return;
    took = mc_ns_since(mc_ns_since(mc_ns_since(now, c->syn_ns), c->irtt_ns), mc_conn_way_to(c, MC_SERVER));
    if (took < MC_SLOW_NS || (x = begin_dialogue(t, c)) == NULL)
        return;
    x->first_byte_ms = mc_float_ms(took);
    x->first_byte_frame = frame;
}

void mc_speech_events(mc_speech *t, mc_conn *c)
{
    mc_dialogue *x = (c->flags & MC_C_SELF) != 0 ? NULL : begin_dialogue(t, c);

    if (x != NULL)
        x->events = true;
}

static void count_slow(mc_speech *t, int64_t own)
{
    t->slow++;
    t->very_slow += own >= MC_VERY_SLOW_NS;
}

void mc_speech_opening(mc_speech *t, mc_conn *c)
{
    mc_dialogue *x = mc_dialogue_of(t, c);

    if (x != NULL)
        x->opening = x->turn.count == 1 && x->from <= OPENING_BYTES;
}

/*
 * The server's turn is over, 'since' after its latest data, and the words before its only pause may have been what the
 * protocol begins with: then what came behind it, and was waited for, is the answer, and took as long as the pause.
 */
static bool was_answered_late(mc_speech *t, mc_dialogue *x, const mc_conn *c, int64_t since)
{
    const int64_t own = mc_ns_of_ms((double)x->turn.max_ms);
    const bool opening = x->opening;

    x->opening = false;
    if (!opening || x->turn.count != 1 || x->pieces.count >= PIECES || !is_waited_for(x, c, since) ||
        c->endpoint[MC_SERVER].payload_bytes - x->from <= FAREWELL_BYTES)
        return false;
    count_slow(t, own);
    mc_dialogue_note_slow(x, own, x->turn.frame);
    x->latest_patient = own >= MC_PATIENT_NS;
    x->latest_very_slow = own >= MC_VERY_SLOW_NS;
    x->turn = x->pieces = (mc_pauses){ 0 };
    x->again = false;
    return true;
}

static void note_answer(mc_speech *t, mc_conn *c, uint32_t len, int64_t took, uint64_t frame)
{
    const int64_t own = mc_ns_since(took, mc_conn_way_to(c, MC_SERVER));
    mc_dialogue *x = own >= MC_SLOW_NS ? begin_dialogue(t, c) : mc_dialogue_of(t, c);
    float ms = mc_float_ms(took);

    if (own >= MC_SLOW_NS)
        count_slow(t, own);
    if (x == NULL) {
        c->response.sum_ms += ms;
        if (ms > c->response.max_ms)
            c->response.max_ms = ms;
        return;
    }
    x->response_sum_ms += ms;
    if (ms > x->response_max_ms)
        x->response_max_ms = ms;
    if (x->answer_most_ms == 0 || ms < x->answer_least_ms)
        x->answer_least_ms = ms;
    if (ms > x->answer_most_ms)
        x->answer_most_ms = ms;
    note_beat(x, mc_ns_plus(c->at.turn_ns, took));
    x->turn_bytes = c->endpoint[MC_SERVER].payload_bytes - len;
    mc_dialogue_note_crossing(x, c, MC_SERVER, took);
    x->latest_patient = own >= MC_PATIENT_NS;
    x->latest_very_slow = own >= MC_VERY_SLOW_NS;
    if (own >= MC_SLOW_NS)
        mc_dialogue_note_slow(x, own, frame);
}

void mc_speech_turn(mc_speech *t, mc_conn *c, unsigned dir, uint32_t len, int64_t took, uint64_t frame)
{
    mc_dialogue *x;

    if (took < 0)
        return;
    if (dir == MC_SERVER) {
        note_answer(t, c, len, took, frame);
        return;
    }
    x = mc_dialogue_of(t, c);
    if (x == NULL)
        return;
    mc_dialogue_note_crossing(x, c, MC_CLIENT, took);
    mc_dialogue_note_word(x, len, is_prompt(c, took));
    x->again = x->again || has_spoken_unheard(x, c);
    x->unheard_samples = 0;
    if (!was_answered_late(t, x, c, took)) {
        if (x->again && (is_prompt(c, took) ||
                         (x->heard_ns > c->at.turn_ns && is_prompt(c, mc_ns_since(mc_ns_plus(c->at.turn_ns, took), x->heard_ns)))))
            mc_count_one(&x->asked_back);
        x->again = false;
        end_turn(x, c, dir, took, false);
    }
    mc_count_one(&x->client_turns);
    /* without a handshake the shortest round trip may hold the time that the client thought */
    if (took >= mc_ns_plus(MC_SILENT_NS, (c->flags & MC_C_HS_DONE) != 0 ? mc_conn_way_to(c, MC_CLIENT) : 0))
        mc_count_one(&x->initiatives);
    if (x->latest_patient && took < MC_NS_PER_S)
        mc_count_one(&x->patient);
    if (x->latest_very_slow && took < MC_NS_PER_S)
        mc_count_one(&x->looped);
    x->latest_patient = x->latest_very_slow = false;
}

void mc_speech_close(mc_speech *t, mc_conn *c, unsigned dir, uint32_t ack, int64_t now)
{
    const mc_endpoint_state *r = &c->endpoint[!dir];
    mc_dialogue *x = mc_dialogue_of(t, c);
    int64_t since;

    if (x == NULL || (c->flags & (MC_C_TURN | MC_C_TURN_SERVER)) != (MC_C_TURN | MC_C_TURN_SERVER) ||
        c->reset_phase != MC_RESET_NONE)
        return;
    /* who has not seen the latest words has not waited for them */
    since = mc_seq_before(ack, r->nxt) ? INT64_MAX / 2 : mc_ns_since(now, c->at.turn_ns);
    if (!was_answered_late(t, x, c, since))
        end_turn(x, c, dir, since, true);
}

void mc_speech_late_ack(mc_speech *t, mc_conn *c, int64_t took, int64_t now)
{
    const int64_t own = mc_ns_since(took, mc_conn_way_to(c, MC_SERVER)), late = mc_ns_since(own, MC_DELAYED_ACK_NS);
    mc_dialogue *x = mc_dialogue_of(t, c);

    /* after a second its sender would have repeated it (RFC 6298, 2.1) */
    if (late >= 0 && own < MC_FIRST_RTO_NS && x != NULL && x->spoke_ns == now && c->endpoint[MC_CLIENT].sent_count == 0 &&
        (c->flags & (MC_C_TURN | MC_C_TURN_SERVER)) == (MC_C_TURN | MC_C_TURN_SERVER))
        mc_count_one(&x->acked_late);
    if (late < 0 || c->endpoint[MC_CLIENT].sent_count > 0 || c->reset_phase != MC_RESET_NONE ||
        (c->flags & (MC_C_TURN | MC_C_TURN_SERVER | MC_C_SELF)) != MC_C_TURN)
        return;
    if (!mc_hist_add(&t->late_acks, mc_ns_since(took, mc_conn_way_to(c, MC_SERVER))))
        t->no_memory = true;
    c->at.turn_ns = now;
}
