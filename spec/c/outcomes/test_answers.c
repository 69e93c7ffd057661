/*
 * test_answers.c: whose times they are, from connections and records made by hand, and what must not be
 * taken for it.
 */
#include "outcomes/answers.h"

#include "check.h"
#include "tcp/rules.h"

static mc_speech speech;
static mc_conn conn;
static mc_dialogue *x;
static mc_detail detail[2];
static mc_answer_facts facts;

/* A connection with a handshake, 4 requests and their answers, of whose dialogue there is a record. */
static void talked(void)
{
    unsigned i;

    mc_speech_destroy(&speech);
    mc_speech_init(&speech, (const uint8_t[16]){ [10] = 0xff, [11] = 0xff, 10, 0, 0, 2 });
    memset(&conn, 0, sizeof conn);
    memset(&facts, 0, sizeof facts);
    memset(detail, 0, sizeof detail);
    conn.begin = 3u << MC_BEGIN_BITS;
    conn.originator = MC_CLIENT;
    conn.requests = 4;
    conn.flags = MC_C_SYN | MC_C_SYN_ACK | MC_C_HS_SYN | MC_C_HS_SYN_ACK | MC_C_HS_DONE | MC_C_BEGUN | MC_C_DIALOGUE;
    conn.dialogue = mc_store_take(&speech.dialogues);
    x = mc_dialogue_of(&speech, &conn);
    x->turn_bytes = UINT64_MAX;
    for (i = 0; i < 2; i++) {
        mc_endpoint_state *d = &conn.endpoint[i];

        mc_endpoint_state_init(d);
        d->options = MC_OPT_SEEN | MC_OPT_MSS | MC_OPT_SACK;
        d->mss = 1460;
        d->ttl_min = d->ttl_max = 60;
        d->packets = 50;
        d->data_over = 50u - MC_LIMITS_FROM;
        d->payload_bytes = 40000;
    }
}

static void slow(unsigned count, float ms)
{
    unsigned i;

    x->slow = (uint16_t)count;
    for (i = 0; i < MC_SLOWEST && i < count; i++) {
        x->slow_ms[i] = ms - (float)i;
        x->slow_frame[i] = 10 + i;
    }
    x->response_max_ms = ms;
    x->response_sum_ms = ms * (float)count;
}

static void add(void)
{
    memset(&facts, 0, sizeof facts);
    mc_answers_add(&facts, &speech, &conn);
    mc_answers_finish(&facts, &speech, conn.requests);
}

/* The only kind that has slow answers; MC_ANSWER_KINDS: none. */
static unsigned kind(void)
{
    unsigned k, found = MC_ANSWER_KINDS;

    speech.slow = x->slow;
    add();
    for (k = 0; k < MC_ANSWER_KINDS; k++)
        if (facts.slow[k] > 0) {
            CHECK_EQ(found, MC_ANSWER_KINDS);
            CHECK_EQ(facts.answers[k], conn.requests);
            found = k;
        }
    return found;
}

static mc_pauses pauses(uint32_t count, float sum, float max)
{
    return (mc_pauses){ .sum_ms = sum, .max_ms = max, .frame = 20, .count = count, .turns = 1 };
}

static void test_who_asks_and_who_answers(void)
{
    talked();
    CHECK_EQ(kind(), MC_ANSWER_KINDS);
    slow(3, 500);
    CHECK_EQ(kind(), MC_ANSWERS_ASKED);
    CHECK_EQ(facts.slowest[MC_ANSWERS_ASKED].count, 3);
    CHECK_EQ(facts.slowest[MC_ANSWERS_ASKED].max_ns, 500 * MC_NS_PER_MS);
    CHECK_EQ(facts.slowest[MC_ANSWERS_ASKED].examples.count, 3);
    CHECK_EQ(facts.slowest[MC_ANSWERS_ASKED].examples.frame[0], 10);

    x->went_on = 1;                              /* it speaks of its own accord */
    CHECK_EQ(kind(), MC_ANSWERS_UNASKED);
    x->went_on = 0;
    x->client_went_on_long = 1;
    CHECK_EQ(kind(), MC_ANSWERS_UNASKED);
    x->client_went_on_long = 0;
    x->asked_on = pauses(1, 1000, 1000);
    CHECK_EQ(kind(), MC_ANSWERS_UNASKED);
    x->asked_on = pauses(1, 300, 300);           /* short; but most answers are slow, and it spoke unasked */
    CHECK_EQ(kind(), MC_ANSWERS_UNASKED);
    x->slow = 2;
    CHECK_EQ(kind(), MC_ANSWERS_ASKED);
}

static void test_pauses_of_the_turn_in_hand(void)
{
    talked();
    slow(2, 500);
    x->turn = pauses(1, 1200, 1200);
    CHECK_EQ(kind(), MC_ANSWERS_UNASKED);        /* it went on after a silence */
    x->before = 5000;
    x->from = 10000;                             /* ... in the middle of much: it stopped */
    CHECK_EQ(kind(), MC_ANSWERS_ASKED);
    x->turn = pauses(5, 5500, 1200);             /* at an even pace, it beats */
    CHECK_EQ(kind(), MC_ANSWERS_UNASKED);
    x->turn = pauses(1, 900, 900);
    x->before = 0;
    CHECK_EQ(kind(), MC_ANSWERS_ASKED);
}

static void test_a_client_that_waits_for_none(void)
{
    talked();
    slow(2, 500);
    x->client_again = 4;
    CHECK_EQ(kind(), MC_ANSWERS_UNASKED);
    x->client_again = 3;
    CHECK_EQ(kind(), MC_ANSWERS_ASKED);
    conn.requests = 2;                           /* two turns are no habit */
    x->client_again = 2;
    CHECK_EQ(kind(), MC_ANSWERS_ASKED);
}

/* The server goes on after a pause, and then speaks five times at an even distance, each time so long after the client. */
static void beats(const unsigned took_ms[5])
{
    int64_t now = 10 * MC_NS_PER_S;
    unsigned i;

    talked();
    conn.at.turn_ns = now;
    now += 1200 * MC_NS_PER_MS;
    mc_speech_pause(&speech, &conn, MC_SERVER, 100, 0, 0, now, 20);
    for (i = 0; i < 5; i++) {
        const int64_t took = (int64_t)took_ms[i] * MC_NS_PER_MS;

        conn.at.turn_ns = now;
        now += 1200 * MC_NS_PER_MS;
        mc_speech_turn(&speech, &conn, MC_CLIENT, 100, now - took - conn.at.turn_ns, 21 + 2 * i);
        conn.at.turn_ns = now - took;
        mc_speech_turn(&speech, &conn, MC_SERVER, 100, took, 22 + 2 * i);
    }
}

static void test_a_server_that_speaks_at_a_beat(void)
{
    beats((const unsigned[]){ 500, 900, 300, 700, 600 });
    CHECK(mc_dialogue_is_beat(x));               /* whenever the client has asked */
    CHECK_EQ(kind(), MC_ANSWERS_UNASKED);
    beats((const unsigned[]){ 500, 500, 500, 500, 500 });
    CHECK_EQ(x->beats, 5);
    CHECK(!mc_dialogue_is_beat(x));              /* the client asks at a beat, and each answer takes as long */
}

static void test_a_server_that_goes_on_at_its_beat(void)
{
    talked();
    x->beats = 5;
    x->beat_least_ms = 168;
    x->beat_most_ms = 175;
    x->answer_least_ms = 10;
    x->answer_most_ms = 60;
    CHECK(!mc_dialogue_is_beat(x));              /* nobody has spoken out of turn */
    x->drips.turns = 1;
    CHECK(mc_dialogue_is_beat(x));
    x->answer_most_ms = 20;
    CHECK(!mc_dialogue_is_beat(x));
}

/* The server answers, and speaks once more 300 ms later and 'since_peer' after the client's acknowledgement; then the client does. */
static void again(unsigned since_peer, unsigned took)
{
    const int64_t now = 10 * MC_NS_PER_S;

    talked();
    slow(4, 500);
    conn.at.turn_ns = now;
    conn.endpoint[MC_CLIENT].once |= MC_ONCE_ANY;
    conn.endpoint[MC_CLIENT].seen_ns = mc_ns_since(now + 300 * MC_NS_PER_MS, since_peer * MC_NS_PER_MS);
    mc_speech_pause(&speech, &conn, MC_SERVER, 100, 0, 0, now + 300 * MC_NS_PER_MS, 20);
    mc_speech_turn(&speech, &conn, MC_CLIENT, 100, took * MC_NS_PER_MS, 21);
}

static void test_who_speaks_again_and_is_answered_at_once(void)
{
    again(150, 1);
    CHECK_EQ(x->asked_back, 1);
    CHECK_EQ(kind(), MC_ANSWERS_UNASKED);
    again(10, 1);                                /* an acknowledgement has set it going */
    CHECK_EQ(x->asked_back, 0);
    CHECK_EQ(kind(), MC_ANSWERS_ASKED);
    again(150, 90);                              /* the client thinks about what it asks next */
    CHECK_EQ(x->asked_back, 0);
    CHECK(!x->again);
}

/* Of a server that has said 'before' bytes: in the turn in hand some, 3 s later 'after', and the client speaks 'took' ms behind that. */
static void open_with(uint64_t before, uint32_t after, int64_t took)
{
    talked();
    conn.flags |= MC_C_TURN | MC_C_TURN_SERVER;
    conn.endpoint[MC_SERVER].once = conn.endpoint[MC_CLIENT].once = MC_ONCE_ANY;
    conn.endpoint[MC_SERVER].payload_bytes = before + after;
    conn.at.turn_ns = conn.endpoint[MC_CLIENT].seen_ns = MC_NS_PER_S;
    mc_speech_pause(&speech, &conn, MC_SERVER, after, 0, 0, 4 * MC_NS_PER_S, 20);
    mc_speech_opening(&speech, &conn, true);
    conn.at.turn_ns = 4 * MC_NS_PER_S;
    mc_speech_turn(&speech, &conn, MC_CLIENT, 100, took * MC_NS_PER_MS, 21);
}

static void test_what_follows_the_first_words_of_a_protocol(void)
{
    open_with(3000, 600, 1);
    CHECK_EQ(x->slow, 1);
    CHECK_EQ(x->very_slow, 1);
    CHECK_EQ(x->asked_back, 0);
    CHECK_EQ(x->asked_on.turns, 0);
    CHECK_EQ(x->slow_frame[0], 20);
    CHECK(x->slow_ms[0] > 2900 && x->slow_ms[0] <= 3000);
    CHECK(!x->opening);
    CHECK_EQ(kind(), MC_ANSWERS_ASKED);
    open_with(20000, 600, 1);                    /* more than such words */
    CHECK_EQ(x->slow, 0);
    open_with(3000, 128, 1);                     /* a farewell */
    CHECK_EQ(x->slow, 0);
    CHECK_EQ(x->asked_back, 1);
    open_with(3000, 600, 2900);                  /* nobody has waited */
    CHECK_EQ(x->slow, 0);
    open_with(3000, 600, 1);
    mc_speech_close(&speech, &conn, MC_CLIENT, 0, 5 * MC_NS_PER_S);
    CHECK_EQ(x->slow, 1);                        /* once */
    conn.flags &= ~(uint32_t)MC_C_DIALOGUE;
    mc_speech_opening(&speech, &conn, true);     /* of which there is no record */
}

/* The server acknowledges 'acked' seconds after the beginning what nobody has seen, and goes on after three. */
static void ask_unseen(int64_t acked, uint32_t flags)
{
    talked();
    conn.flags |= flags;
    x->turn = pauses(1, 500, 500);
    conn.at.turn_ns = MC_NS_PER_S;
    mc_speech_unseen(&speech, &conn, MC_SERVER, 0, acked * MC_NS_PER_S);
    mc_speech_pause(&speech, &conn, MC_SERVER, 100, 0, 0, 3 * MC_NS_PER_S, 20);
}

/* The server goes on 3 s after what it had said, with the identification 'id'; its latest before was 200. */
static void go_on_with(uint16_t id, uint8_t id_run)
{
    conn.at.turn_ns = MC_NS_PER_S;
    conn.endpoint[MC_SERVER].ip_id = 200;
    conn.endpoint[MC_SERVER].id_run = id_run;
    mc_speech_pause(&speech, &conn, MC_SERVER, 100, id, 0, 4 * MC_NS_PER_S, 20);
}

static void test_a_pause_in_which_packets_were_lost(void)
{
    talked();
    slow(1, 500);
    go_on_with(201, MC_ID_COUNTS);
    CHECK_EQ(x->turn.count, 1);
    go_on_with(204, MC_ID_COUNTS - 1);                       /* nothing tells that it counts one by one */
    CHECK_EQ(x->turn.count, 2);
    go_on_with(204, MC_ID_COUNTS);
    CHECK_EQ(x->turn.count, 2);
    go_on_with(204, MC_ID_COUNTS | MC_ID_SKIPS);             /* ... which it did before */
    CHECK_EQ(x->turn.count, 2);
    go_on_with(201, MC_ID_COUNTS | MC_ID_SKIPS);
    CHECK_EQ(x->turn.count, 3);
    go_on_with(204, MC_ID_COUNTS | 0x10);                    /* its numbers jump */
    CHECK_EQ(x->turn.count, 4);
    go_on_with(0, MC_ID_COUNTS);
    CHECK_EQ(x->turn.count, 5);
}

static void test_a_question_that_is_not_in_the_capture(void)
{
    ask_unseen(2, MC_C_TURN | MC_C_TURN_SERVER);
    CHECK_EQ(x->turn.count, 0);
    ask_unseen(0, MC_C_TURN | MC_C_TURN_SERVER);             /* what it said then may be the answer */
    CHECK_EQ(x->turn.count, 2);
    ask_unseen(2, MC_C_TURN);                                /* the client has spoken since */
    CHECK_EQ(x->turn.count, 2);
    CHECK_EQ(x->unseen_ns, 0);
}

/* The client acknowledges with 'len' bytes, 'since' after the server's latest word, what nobody has seen, and speaks 'later'. */
static void hear_unseen(unsigned since, uint32_t len, unsigned later)
{
    talked();
    conn.flags |= MC_C_TURN | MC_C_TURN_SERVER;
    conn.at.turn_ns = MC_NS_PER_S;
    mc_speech_unseen(&speech, &conn, MC_CLIENT, len, MC_NS_PER_S + since * MC_NS_PER_MS);
    mc_speech_turn(&speech, &conn, MC_CLIENT, 100, (since + later) * MC_NS_PER_MS, 20);
}

static void test_an_answer_that_is_not_in_the_capture(void)
{
    hear_unseen(600, 0, 1);
    CHECK_EQ(x->asked_back, 1);
    CHECK_EQ(x->unseen_turns, 1);
    hear_unseen(499, 0, 1);                      /* the acknowledgement may have been delayed */
    CHECK_EQ(x->asked_back, 0);
    hear_unseen(600, 21, 0);                     /* nobody knows when the client had heard it */
    CHECK_EQ(x->asked_back, 0);
    hear_unseen(600, 0, 90);                     /* it thinks */
    CHECK_EQ(x->asked_back, 0);
    talked();
    conn.flags |= MC_C_TURN;                     /* the client's own turn */
    mc_speech_unseen(&speech, &conn, MC_CLIENT, 0, MC_NS_PER_S);
    CHECK_EQ(x->unseen_turns, 1);
    CHECK(!x->again);
    talked();                                    /* it speaks as it likes: two turns, and one that is not in the capture */
    conn.requests = 2;
    x->client_again = 6;
    slow(2, 500);
    CHECK_EQ(kind(), MC_ANSWERS_ASKED);
    x->unseen_turns = 1;
    CHECK_EQ(kind(), MC_ANSWERS_UNASKED);
    x->client_again = 2;
    CHECK_EQ(kind(), MC_ANSWERS_ASKED);
    talked();                                    /* no record, and not the server's turn */
    conn.flags &= ~(uint32_t)MC_C_DIALOGUE;
    mc_speech_unseen(&speech, &conn, MC_CLIENT, 0, MC_NS_PER_S);
    CHECK_EQ(conn.flags & MC_C_DIALOGUE, 0);
}

static void test_who_asks_where_the_beginning_is_not_known(void)
{
    talked();
    conn.flags = MC_C_BEGUN | MC_C_MID_STREAM | MC_C_DIALOGUE;
    slow(3, 500);
    x->client_turns = 4;
    x->initiatives = 1;
    CHECK_EQ(kind(), MC_ANSWERS_UNASKED);        /* the client speaks at once: it is the one that answers */
    x->initiatives = 2;
    CHECK_EQ(kind(), MC_ANSWERS_ASKED);
    x->client_turns = 0;
    x->initiatives = 0;
    CHECK_EQ(kind(), MC_ANSWERS_UNASKED);
    x->client_turns = x->initiatives = 4;
    conn.flags |= MC_C_SERVER_FIRST;
    CHECK_EQ(kind(), MC_ANSWERS_UNASKED);
    x->slow = 2;                                 /* not most of them */
    CHECK_EQ(kind(), MC_ANSWERS_ASKED);
}

static void test_a_server_that_speaks_first(void)
{
    talked();
    conn.flags |= MC_C_SERVER_FIRST;
    slow(3, 500);
    CHECK_EQ(kind(), MC_ANSWERS_ASKED);
    CHECK_EQ(facts.server_first, 1);
    x->first_byte_ms = 300;
    CHECK_EQ(kind(), MC_ANSWERS_UNASKED);
    x->first_byte_ms = 0;
    conn.flags |= MC_C_CLOSER;                   /* it asks, gets its answers, and ends the talk */
    conn.closer = MC_SERVER;
    CHECK_EQ(kind(), MC_ANSWERS_UNASKED);
    x->initiatives = 1;
    CHECK_EQ(kind(), MC_ANSWERS_ASKED);
    x->initiatives = 0;
    conn.closer = MC_CLIENT;
    CHECK_EQ(kind(), MC_ANSWERS_ASKED);
    conn.closer = MC_SERVER;

    /* few are slow: only an even pace says the same */
    x->slow = 2;
    x->response_sum_ms = 1000;
    x->response_max_ms = 500;
    CHECK_EQ(kind(), MC_ANSWERS_ASKED);
    x->response_max_ms = 300;
    CHECK_EQ(kind(), MC_ANSWERS_UNASKED);
    conn.requests = 3;
    x->slow = 1;
    CHECK_EQ(kind(), MC_ANSWERS_ASKED);
}

static void test_a_long_poll(void)
{
    talked();
    slow(3, 25000);
    x->patient = 2;
    CHECK_EQ(kind(), MC_ANSWERS_PATIENT);
    x->patient = 1;
    CHECK_EQ(kind(), MC_ANSWERS_ASKED);
    slow(4, 25000);
    x->patient = 2;                              /* half of them */
    CHECK_EQ(kind(), MC_ANSWERS_ASKED);
}

static bool is_relayed(void)
{
    add();
    return facts.relayed > 0;
}

static void test_a_handshake_that_another_host_answered(void)
{
    mc_endpoint_state *server;

    talked();
    server = &conn.endpoint[MC_SERVER];
    slow(1, 500);
    CHECK(!is_relayed());
    server->options = MC_OPT_SEEN;               /* none of what was offered */
    CHECK(is_relayed());
    CHECK_EQ(kind(), MC_ANSWERS_RELAYED);
    conn.endpoint[MC_CLIENT].options = MC_OPT_SEEN | MC_OPT_MSS;
    CHECK(!is_relayed());                        /* one offer proves nothing */
    conn.endpoint[MC_CLIENT].options |= MC_OPT_SACK;
    conn.originator = MC_SERVER;
    CHECK(!is_relayed());
    conn.originator = MC_CLIENT;
    conn.flags |= MC_C_SELF;
    CHECK(!is_relayed());

    talked();
    server->ttl_min = 60;
    server->ttl_max = 120;                       /* they began with 64, and with 128 */
    CHECK(is_relayed());
    server->ttl_max = 62;                        /* another way */
    CHECK(!is_relayed());
    server->ttl_min = 130;
    server->ttl_max = 250;                       /* both began with 255, but no way is longer by so much */
    CHECK(is_relayed());
    server->ttl_min = 64;
    server->ttl_max = 255;                       /* as processes choose on the same segment */
    CHECK(!is_relayed());
    server->ttl_min = 1;
    CHECK(!is_relayed());
    server->ttl_min = 20;                        /* one of the two only */
    CHECK(is_relayed());
    server->ttl_min = 30;
    server->ttl_max = 31;
    CHECK(!is_relayed());
}

static void test_first_words_of_the_server(void)
{
    talked();
    conn.flags |= MC_C_SERVER_FIRST;
    x->first_byte_ms = 300;
    x->first_byte_frame = 4;
    add();
    CHECK_EQ(facts.first_bytes.count, 1);
    CHECK_EQ(facts.first_bytes.sum_ns, 300 * MC_NS_PER_MS);
    CHECK_EQ(facts.first_bytes.examples.frame[0], 4);
    slow(3, 500);                                /* its way to speak */
    add();
    CHECK_EQ(facts.first_bytes.count, 0);
    CHECK_EQ(facts.first_pauses.count, 1);
    x->slow = 0;
    conn.requests = 0;
    add();
    CHECK_EQ(facts.first_pauses.count, 1);
    conn.requests = 4;
    x->went_on = 1;
    add();
    CHECK_EQ(facts.first_pauses.count, 1);
}

static void test_answers_that_halt(void)
{
    talked();
    x->halts = pauses(3, 900, 400);
    add();
    CHECK_EQ(facts.halts.connections, 1);
    CHECK_EQ(facts.halts.count, 1);
    CHECK_EQ(facts.halt_pauses, 3);
    CHECK_EQ(facts.halts.max_ns, 400 * MC_NS_PER_MS);
    x->client_again = 4;                         /* nobody waits for it */
    add();
    CHECK_EQ(facts.halts.connections, 0);
    x->client_again = 0;
    x->halts = (mc_pauses){ 0 };

    /* pauses after which the client spoke at once, where all else of the server comes at once */
    x->asked_on = pauses(2, 500, 300);
    add();
    CHECK_EQ(facts.halts.connections, 0);
    x->asked_on.turns = 2;
    add();
    CHECK_EQ(facts.halts.count, 2);
    CHECK_EQ(facts.halt_pauses, 2);
    x->slow = 1;
    add();
    CHECK_EQ(facts.halts.connections, 0);
    x->slow = 0;
    x->asked_on = (mc_pauses){ 0 };

    /* the turn in hand */
    x->turn = pauses(2, 700, 500);
    x->before = 5000;
    x->from = 10000;
    add();
    CHECK_EQ(facts.halts.count, 1);
    CHECK_EQ(facts.halt_pauses, 2);
    x->turn = pauses(5, 2600, 530);              /* an even pace */
    add();
    CHECK_EQ(facts.halts.connections, 0);
}

static void test_answers_in_pieces(void)
{
    talked();
    x->drips = pauses(9, 900, 110);
    x->drips.turns = 2;
    x->drip_bytes = 1800;
    add();
    CHECK_EQ(facts.drips.connections, 1);
    CHECK_EQ(facts.drips.count, 2);
    CHECK_EQ(facts.drip_pieces, 9);
    CHECK_EQ(facts.drip_bytes, 1800);
    x->drips.turns = 1;                          /* once may be chance */
    add();
    CHECK_EQ(facts.drips.connections, 0);
    x->drips_to_the_end = true;
    add();
    CHECK_EQ(facts.drips.connections, 1);
    x->streams = 1;
    add();
    CHECK_EQ(facts.drips.connections, 0);
    x->streams = 0;
    x->went_on = 1;
    add();
    CHECK_EQ(facts.drips.connections, 0);
    x->went_on = 0;
    x->client_again = 4;
    add();
    CHECK_EQ(facts.drips.connections, 0);
    x->client_again = 0;
    conn.requests = 0;
    add();
    CHECK_EQ(facts.drips.connections, 0);
}

static void test_one_way(void)
{
    talked();
    x->client_went_on = 2;
    x->client_frame = 8;
    conn.endpoint[MC_SERVER].payload_bytes = 0;
    add();
    CHECK_EQ(facts.one_way.connections, 1);
    CHECK_EQ(facts.one_way.count, 2);
    CHECK_EQ(facts.one_way.examples.frame[0], 8);
    CHECK(mc_answers_are_unwanted(&speech, &conn));
    conn.endpoint[MC_SERVER].payload_bytes = 1;
    add();
    CHECK_EQ(facts.one_way.connections, 0);
    conn.endpoint[MC_SERVER].payload_bytes = 0;
    conn.endpoint[MC_SERVER].packets = 0;        /* that side is not in the capture */
    add();
    CHECK_EQ(facts.one_way.connections, 0);
    conn.endpoint[MC_SERVER].packets = 50;
    detail[MC_CLIENT].retransmissions = 1;       /* it repeats what nobody acknowledged */
    conn.endpoint[MC_CLIENT].detail = &detail[MC_CLIENT];
    add();
    CHECK_EQ(facts.one_way.connections, 0);
    x->client_went_on = 1;
    CHECK(!mc_answers_are_unwanted(&speech, &conn));
    x->went_on = 1;
    CHECK(mc_answers_are_unwanted(&speech, &conn));
    conn.requests = 0;                           /* who does not ask awaits nothing that could be unwanted */
    CHECK(!mc_answers_are_unwanted(&speech, &conn));
    conn.flags &= ~(uint32_t)MC_C_DIALOGUE;
    CHECK(!mc_answers_are_unwanted(&speech, &conn));
}

static void test_asked_again_in_vain(void)
{
    talked();
    x->client_went_on = 1;
    x->client_went_on_long = 1;
    x->in_vain = true;
    conn.reset_phase = MC_RESET_MID_DATA;
    conn.reset_by = MC_CLIENT;
    add();
    CHECK_EQ(facts.vain_resets, 1);
    x->client_went_on = 2;                       /* it goes on: a stream */
    add();
    CHECK_EQ(facts.vain_resets, 0);
    x->client_went_on = 1;
    x->in_vain = false;
    add();
    CHECK_EQ(facts.vain_resets, 0);
    x->in_vain = true;
    conn.reset_by = MC_SERVER;
    add();
    CHECK_EQ(facts.vain_resets, 0);
    conn.reset_by = MC_CLIENT;
    detail[MC_CLIENT].retransmissions = 1;
    conn.endpoint[MC_CLIENT].detail = &detail[MC_CLIENT];
    add();
    CHECK_EQ(facts.vain_resets, 0);
}

static void test_a_side_that_is_not_heard(void)
{
    talked();
    x->unheard[MC_SERVER] = 2;
    x->unheard_frame[MC_SERVER] = 30;
    add();
    CHECK_EQ(facts.unheard[MC_SERVER], 1);
    CHECK_EQ(facts.unheard[MC_CLIENT], 0);
    CHECK_EQ(facts.unheard_examples[MC_SERVER].frame[0], 30);
    x->unheard[MC_SERVER] = 1;
    x->unheard[MC_CLIENT] = 2;
    x->client_went_on = 5;
    conn.endpoint[MC_SERVER].payload_bytes = 0;
    add();
    CHECK_EQ(facts.unheard[MC_SERVER], 0);
    CHECK_EQ(facts.unheard[MC_CLIENT], 1);
    CHECK_EQ(facts.one_way.connections, 0);      /* once is enough */
    CHECK(mc_answers_are_unwanted(&speech, &conn));
    detail[MC_CLIENT].retransmissions = 1;
    conn.endpoint[MC_CLIENT].detail = &detail[MC_CLIENT];
    add();
    CHECK_EQ(facts.unheard[MC_CLIENT], 0);
}

/* As brief as who confirms, or speaking again unanswered: what looks like slow answers may be none. */
static void test_a_client_that_may_not_ask(void)
{
    talked();
    slow(3, 500);
    CHECK_EQ(kind(), MC_ANSWERS_ASKED);
    CHECK_EQ(facts.unsure, 0);
    x->client_turns = 4;
    x->brief = 2;
    add();
    CHECK_EQ(facts.unsure, 0);
    x->brief = 3;
    add();
    CHECK_EQ(facts.unsure, 3);
    x->brief = 0;
    x->client_again = 1;
    add();
    CHECK_EQ(facts.unsure, 3);
    x->client_again = 0;
    x->client_went_on = 1;
    add();
    CHECK_EQ(facts.unsure, 3);
}

static void test_segments_shorter_than_any_host_must_take(void)
{
    mc_endpoint_state *client;

    talked();
    client = &conn.endpoint[MC_CLIENT];
    client->mss = 200;
    conn.endpoint[MC_SERVER].payload_bytes = 50 * 200;
    add();
    CHECK_EQ(facts.small_mss[MC_CLIENT], 1);
    CHECK_EQ(facts.small_mss[MC_SERVER], 0);
    CHECK_EQ(facts.small_mss_segments[MC_CLIENT], 50);
    CHECK_EQ(facts.small_mss_least[MC_CLIENT], 200);
    CHECK_EQ(facts.small_mss_bytes[MC_CLIENT], 10000);
    CHECK_EQ(facts.small_mss_examples[MC_CLIENT].frame[0], mc_conn_first_frame(&conn));
    client->mss = 100;
    mc_answers_add(&facts, &speech, &conn);
    CHECK_EQ(facts.small_mss_least[MC_CLIENT], 100);
    client->mss = 300;
    conn.endpoint[MC_SERVER].payload_bytes = 50 * 300;
    mc_answers_add(&facts, &speech, &conn);
    CHECK_EQ(facts.small_mss_least[MC_CLIENT], 100);
    CHECK_EQ(facts.small_mss[MC_CLIENT], 3);
    conn.endpoint[MC_SERVER].data_over = 19u - MC_LIMITS_FROM;        /* too few to tell */
    add();
    CHECK_EQ(facts.small_mss[MC_CLIENT], 0);
    conn.endpoint[MC_SERVER].data_over = 50u - MC_LIMITS_FROM;
    client->mss = 0;                             /* no value that anybody could ask for */
    add();
    CHECK_EQ(facts.small_mss[MC_CLIENT], 0);
    client->mss = MC_LEAST_MSS;
    add();
    CHECK_EQ(facts.small_mss[MC_CLIENT], 0);
    client->mss = 200;
    conn.endpoint[MC_SERVER].payload_bytes = 50 * 100;       /* it has no more to say in one */
    add();
    CHECK_EQ(facts.small_mss[MC_CLIENT], 0);
    conn.endpoint[MC_SERVER].payload_bytes = 50 * 200;
    client->options &= (uint8_t)~MC_OPT_MSS;
    add();
    CHECK_EQ(facts.small_mss[MC_CLIENT], 0);
    client->options |= MC_OPT_MSS;
    conn.flags |= MC_C_MID_STREAM;               /* no SYN to show */
    conn.flags &= ~(uint32_t)(MC_C_SYN | MC_C_HS_SYN);
    add();
    CHECK_EQ(facts.small_mss_examples[MC_CLIENT].count, 0);
}

/* Ended by the client 5 s after the handshake, and nobody has sent a byte. */
static void unspoken(uint32_t flags)
{
    unsigned i;

    talked();
    conn.flags = (conn.flags | flags) & ~(uint32_t)MC_C_DIALOGUE;
    conn.irtt_ns = 20 * MC_NS_PER_MS;
    for (i = 0; i < 2; i++)
        conn.endpoint[i].payload_bytes = 0;
    conn.endpoint[MC_SERVER].base = 5000;
    conn.endpoint[MC_SERVER].nxt = 5001;
    conn.endpoint[MC_CLIENT].once |= MC_ONCE_FIN;
    conn.endpoint[MC_CLIENT].nxt_ns = conn.endpoint[MC_CLIENT].seen_ns = 5020 * MC_NS_PER_MS;
    conn.closer = MC_CLIENT;
}

static uint64_t are_unspoken(void)
{
    memset(&facts, 0, sizeof facts);
    mc_answers_add(&facts, &speech, &conn);
    return facts.unspoken.connections;
}

static void test_nobody_speaks(void)
{
    unspoken(MC_C_CLOSER);
    CHECK_EQ(are_unspoken(), 1);
    CHECK_EQ(facts.unspoken.max_ns, 5 * MC_NS_PER_S);
    conn.endpoint[MC_SERVER].nxt = 5101;         /* it said something that is not here */
    CHECK_EQ(are_unspoken(), 0);
    unspoken(MC_C_CLOSER);
    conn.endpoint[MC_CLIENT].nxt_ns = 1900 * MC_NS_PER_MS;
    CHECK_EQ(are_unspoken(), 0);
    unspoken(MC_C_CLOSER);
    conn.endpoint[MC_CLIENT].payload_bytes = 1;
    CHECK_EQ(are_unspoken(), 0);
    unspoken(MC_C_CLOSER);
    conn.closer = MC_SERVER;
    CHECK_EQ(are_unspoken(), 0);
    unspoken(MC_C_CLOSER | MC_C_MID_STREAM);
    CHECK_EQ(are_unspoken(), 0);
    unspoken(MC_C_CLOSER);
    conn.originator = MC_SERVER;
    CHECK_EQ(are_unspoken(), 0);
    unspoken(MC_C_CLOSER);
    conn.endpoint[MC_CLIENT].once = 0;           /* its FIN is not here */
    CHECK_EQ(are_unspoken(), 0);
    unspoken(0);
    CHECK_EQ(are_unspoken(), 0);
    conn.reset_phase = MC_RESET_WITHOUT_DATA;
    conn.reset_by = MC_CLIENT;
    CHECK_EQ(are_unspoken(), 1);
    conn.reset_by = MC_SERVER;
    CHECK_EQ(are_unspoken(), 0);
}

/* The first frame of connection 'n' of many. */
static void test_examples_are_those_of_the_first_or_the_longest(void)
{
    unsigned i;

    talked();
    slow(1, 500);
    x->unheard[MC_SERVER] = 2;
    for (i = 0; i < MC_EXAMPLES + 3; i++) {      /* in no order */
        x->unheard_frame[MC_SERVER] = 100 - 10 * (i % 4) + i;
        x->slow_ms[0] = 300 + 50 * (float)(i % 3);
        x->slow_frame[0] = 50 - i;
        mc_answers_add(&facts, &speech, &conn);
    }
    for (i = 1; i < MC_EXAMPLES; i++) {
        const mc_long_times *l = &facts.slowest[MC_ANSWERS_ASKED];

        CHECK(facts.unheard_examples[MC_SERVER].frame[i - 1] < facts.unheard_examples[MC_SERVER].frame[i]);
        CHECK(l->example_ns[i - 1] > l->example_ns[i] ||
              (l->example_ns[i - 1] == l->example_ns[i] && l->examples.frame[i - 1] < l->examples.frame[i]));
    }
    CHECK_EQ(facts.slowest[MC_ANSWERS_ASKED].max_ns, 400 * MC_NS_PER_MS);
    CHECK_EQ(facts.unheard_examples[MC_SERVER].count, MC_EXAMPLES);
    CHECK_EQ(facts.unheard[MC_SERVER], MC_EXAMPLES + 3);
}

/* Records are bounded: what found no place is in the sums. */
static void test_answers_without_a_record(void)
{
    talked();
    slow(1, 500);
    speech.slow = 10;
    speech.very_slow = 4;
    mc_answers_add(&facts, &speech, &conn);
    mc_answers_finish(&facts, &speech, 100);
    CHECK_EQ(facts.answers[MC_ANSWERS_ASKED], 100);
    CHECK_EQ(facts.slow[MC_ANSWERS_ASKED], 10);
    CHECK_EQ(facts.very_slow[MC_ANSWERS_ASKED], 4);
    memset(&facts, 0, sizeof facts);
    x->went_on = 1;
    mc_answers_add(&facts, &speech, &conn);
    mc_answers_finish(&facts, &speech, 100);
    CHECK_EQ(facts.answers[MC_ANSWERS_ASKED], 96);
    CHECK_EQ(facts.slow[MC_ANSWERS_ASKED], 9);
}

int main(void)
{
    RUN(test_who_asks_and_who_answers);
    RUN(test_pauses_of_the_turn_in_hand);
    RUN(test_a_client_that_waits_for_none);
    RUN(test_a_server_that_speaks_at_a_beat);
    RUN(test_a_server_that_goes_on_at_its_beat);
    RUN(test_who_speaks_again_and_is_answered_at_once);
    RUN(test_what_follows_the_first_words_of_a_protocol);
    RUN(test_a_pause_in_which_packets_were_lost);
    RUN(test_a_question_that_is_not_in_the_capture);
    RUN(test_an_answer_that_is_not_in_the_capture);
    RUN(test_who_asks_where_the_beginning_is_not_known);
    RUN(test_a_server_that_speaks_first);
    RUN(test_a_long_poll);
    RUN(test_a_handshake_that_another_host_answered);
    RUN(test_first_words_of_the_server);
    RUN(test_answers_that_halt);
    RUN(test_answers_in_pieces);
    RUN(test_one_way);
    RUN(test_asked_again_in_vain);
    RUN(test_a_side_that_is_not_heard);
    RUN(test_segments_shorter_than_any_host_must_take);
    RUN(test_a_client_that_may_not_ask);
    RUN(test_nobody_speaks);
    RUN(test_examples_are_those_of_the_first_or_the_longest);
    RUN(test_answers_without_a_record);
    mc_speech_destroy(&speech);
    return DONE();
}
