/*
 * dialogue.c: who speaks in his turn, what is noted of it while segments pass, and answers that took long.
 */
#include "outcomes/dialogue.h"

#include "tcp/seq.h"

#define FULL_SEGMENT  1460u
#define DRIPS         3u             /* so many pauses are an answer in pieces */
#define PIECES        8u             /* so many small ones are an answer that its process writes bit by bit */
#define OPENING_BYTES  8192u         /* of a server: its certificates, two tickets or more, settings */
#define FAREWELL_BYTES 128u          /* that it closes, in HTTP/2 and in TLS: no answer */

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

/* --------------------------------------------------------- pauses of a turn */

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
    /* of several pauses each piece may be a message; of one, what came behind it tells */
    const bool loose = !bulk && (x->turn.count >= DRIPS || !is_much(x, c));

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
        if (loose)
            mc_count_one(&x->loose);
    } else if (prompt) {
        add_turn(&x->asked_on, &x->turn);
        if (loose)
            mc_count_one(&x->asked_loose);
    } else if (x->turn.max_ms >= mc_float_ms(MC_NS_PER_S) || mc_pauses_are_even(&x->turn)) {
        mc_count_one(&x->went_on);                    /* long silence, or a beat */
    }
    x->turn = (mc_pauses){ 0 };
}

/*
 * The server spoke again while its words before were not acknowledged, as what the client said since then shows: the
 * acknowledgement of these came by here behind that, before what the client says now.
 */
static bool has_spoken_unheard(const mc_dialogue *x, const mc_conn *c)
{
    return x->unheard_samples > 0 && c->endpoint[MC_SERVER].rtt_count >= x->unheard_samples;
}

void mc_speech_unseen(mc_speech *t, mc_conn *c, unsigned dir, uint32_t len, int64_t now)
{
    const bool is_servers_turn = (c->flags & (MC_C_TURN | MC_C_TURN_SERVER | MC_C_SELF)) == (MC_C_TURN | MC_C_TURN_SERVER);
    mc_dialogue *x = is_servers_turn ? mc_dialogue_begin(t, c) : mc_dialogue_of(t, c);

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

/* --------------------------------------------------------------------- turns */

void mc_speech_begin(mc_speech *t, mc_conn *c, int64_t now, uint64_t frame)
{
    mc_dialogue *x;
    int64_t took;

    c->flags |= MC_C_SERVER_FIRST;
    if ((c->flags & (MC_C_HS_DONE | MC_C_MID_STREAM | MC_C_SELF)) != MC_C_HS_DONE || c->originator != MC_CLIENT)
        return;
    took = mc_ns_since(mc_ns_since(mc_ns_since(now, c->syn_ns), c->irtt_ns), mc_conn_way_to(c, MC_SERVER));
    if (took < MC_SLOW_NS || (x = mc_dialogue_begin(t, c)) == NULL)
        return;
    x->first_byte_ms = mc_float_ms(took);
    x->first_byte_frame = frame;
}

void mc_speech_events(mc_speech *t, mc_conn *c)
{
    mc_dialogue *x = (c->flags & MC_C_SELF) != 0 ? NULL : mc_dialogue_begin(t, c);

    if (x != NULL)
        x->events = true;
}

static void note_slowest(mc_dialogue *x, float ms, uint64_t frame)
{
    unsigned i;

    if (ms <= x->slow_ms[MC_SLOWEST - 1])
        return;
    for (i = MC_SLOWEST - 1; i > 0 && x->slow_ms[i - 1] < ms; i--) {
        x->slow_ms[i] = x->slow_ms[i - 1];
        x->slow_frame[i] = x->slow_frame[i - 1];
    }
    x->slow_ms[i] = ms;
    x->slow_frame[i] = frame;
}

/* A very slow answer: has it taken as long as the longest, or as the one before? */
static void note_limit(mc_dialogue *x, float ms)
{
    const bool longer = ms > x->limit_ms * (1 + MC_LIMIT_SHARE);

    if (ms <= x->before_ms * (1 + MC_LIMIT_SHARE) && ms >= x->before_ms * (1 - MC_LIMIT_SHARE))
        mc_count_one(&x->as_before);
    x->before_ms = ms;
    if (longer)
        x->at_limit = 0;
    if (longer || ms >= x->limit_ms * (1 - MC_LIMIT_SHARE))
        mc_count_one(&x->at_limit);
    if (ms > x->limit_ms)
        x->limit_ms = ms;
}

static void note_slow(mc_dialogue *x, int64_t own, uint64_t frame)
{
    mc_count_one(&x->slow);
    if (own >= MC_VERY_SLOW_NS) {
        mc_count_one(&x->very_slow);
        note_limit(x, mc_float_ms(own));
    }
    note_slowest(x, mc_float_ms(own), frame);
}

static void count_slow(mc_speech *t, int64_t own)
{
    t->slow++;
    t->very_slow += own >= MC_VERY_SLOW_NS;
}

void mc_speech_opening(mc_speech *t, mc_conn *c, bool speaks_on)
{
    mc_dialogue *x = mc_dialogue_of(t, c);

    if (x == NULL)
        return;
    x->opening = speaks_on && x->turn.count == 1 && x->from <= OPENING_BYTES;
    /* what came before its turn is no more than that */
    if (x->turn_bytes == UINT64_MAX && x->before == 0 && x->turn.count > 0 && x->from > OPENING_BYTES)
        x->before = x->from - OPENING_BYTES;
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
    note_slow(x, own, x->turn.frame);
    x->latest_patient = own >= MC_PATIENT_NS;
    x->latest_very_slow = own >= MC_VERY_SLOW_NS;
    x->turn = x->pieces = (mc_pauses){ 0 };
    x->again = false;
    return true;
}

/* The client speaks, 'prompt' or at its leisure: is it what it said before? */
static void note_question(mc_dialogue *x, uint32_t len, bool prompt)
{
    const uint32_t before = x->asked_bytes;

    x->asks_same = prompt && before != 0 && (len > before ? len - before : before - len) <= MC_SAME_BYTES;
    x->asked_bytes = len;
    if (prompt)
        mc_count_one(&x->at_once);
}

/* An answer: how much do those to the same question differ? */
static void note_same(mc_dialogue *x, float ms)
{
    if (!x->asks_same)
        return;
    if (x->same == 0 || ms < x->same_least_ms)
        x->same_least_ms = ms;
    if (ms > x->same_most_ms)
        x->same_most_ms = ms;
    mc_count_one(&x->same);
    if (ms >= mc_float_ms(MC_SLOW_NS))
        mc_count_one(&x->same_slow);
}

static void note_answer(mc_speech *t, mc_conn *c, uint32_t len, int64_t took, uint64_t frame)
{
    const int64_t own = mc_ns_since(took, mc_conn_way_to(c, MC_SERVER));
    mc_dialogue *x = own >= MC_SLOW_NS ? mc_dialogue_begin(t, c) : mc_dialogue_of(t, c);
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
    mc_dialogue_note_beat(x, mc_ns_plus(c->at.turn_ns, took));
    x->in_vain = false;
    x->turn_bytes = c->endpoint[MC_SERVER].payload_bytes - len;
    mc_dialogue_note_crossing(x, c, MC_SERVER, took);
    x->latest_patient = own >= MC_PATIENT_NS;
    x->latest_very_slow = own >= MC_VERY_SLOW_NS;
    note_same(x, mc_float_ms(own));
    if (own >= MC_SLOW_NS)
        note_slow(x, own, frame);
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
    note_question(x, len, is_prompt(c, took));
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
    x->thought_ms += mc_float_ms(mc_ns_since(took, mc_conn_way_to(c, MC_CLIENT)));
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
