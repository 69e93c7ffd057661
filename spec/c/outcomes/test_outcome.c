/*
 * test_outcome.c: each outcome alone, from a connection and a story made by hand, and what
 * must not be taken for it.
 */
#include "outcomes/outcome.h"

#include "check.h"
#include "tcp/attempt.h"

static mc_conn conn;
static mc_story story;

/* A connection that was opened, with a request of the client and the server's answer, all acknowledged. */
static void talked(void)
{
    unsigned i;

    memset(&conn, 0, sizeof conn);
    memset(&story, 0, sizeof story);
    conn.requests = 1;
    conn.begin = 1u << MC_BEGIN_BITS;
    conn.flags = MC_C_SYN | MC_C_SYN_ACK | MC_C_HS_SYN | MC_C_HS_SYN_ACK | MC_C_HS_DONE | MC_C_BEGUN | MC_C_TURN |
                 MC_C_TURN_SERVER;
    for (i = 0; i < 2; i++) {
        mc_endpoint_state *h = &conn.endpoint[i];

        h->once = MC_ONCE_SYN | MC_ONCE_ACK | MC_ONCE_DATA | MC_ONCE_ANY;
        h->known = MC_KNOWN_BASE | MC_KNOWN_NXT | MC_KNOWN_ACK;
        h->base = 1000;
        h->nxt = h->last_ack = 1101;
        h->packets = 3;
        h->payload_bytes = 200;
        h->nxt_ns = h->seen_ns = MC_NS_PER_S;
    }
}

/* ... and then a reset, of which a scene was kept. */
static void reset(mc_reset_phase phase, unsigned by, unsigned says)
{
    talked();
    conn.notes = 1;
    conn.reset_phase = phase & 15;
    conn.reset_by = by & 1;
    conn.at.reset_frame = 9;
    story.reset.says = (uint8_t)(says | MC_RESET_SPOKE | MC_RESET_IN_TURN);
}

static mc_outcome_id outcome(void)
{
    return mc_outcome_of(&conn, &story, 20 * MC_NS_PER_S).id;
}

static void test_names(void)
{
    int id, other;

    for (id = 0; id < MC_O_COUNT; id++) {
        CHECK(mc_outcome_text((mc_outcome_id)id)[0] != '\0');
        for (other = 0; other < id; other++)
            CHECK(strcmp(mc_outcome_code((mc_outcome_id)id), mc_outcome_code((mc_outcome_id)other)) != 0);
    }
}

static void test_without_a_reset(void)
{
    talked();
    CHECK_EQ(outcome(), MC_O_OPEN);
    conn.endpoint[0].once |= MC_ONCE_FIN;
    conn.flags |= MC_C_CLOSER;
    conn.endpoint[0].nxt++;
    CHECK_EQ(outcome(), MC_O_HALF_CLOSED);       /* not acknowledged */
    conn.endpoint[1].last_ack++;
    CHECK_EQ(outcome(), MC_O_CLOSE_WAIT);
    CHECK_EQ(mc_outcome_of(&conn, &story, 20 * MC_NS_PER_S).by, MC_SERVER);
    CHECK_EQ(mc_outcome_of(&conn, &story, 20 * MC_NS_PER_S).ms, 19000);
    CHECK_EQ(mc_outcome_of(&conn, &story, 5 * MC_NS_PER_S).id, MC_O_HALF_CLOSED);     /* too soon to tell */
    conn.flags &= ~(uint32_t)MC_C_TURN_SERVER;
    CHECK_EQ(outcome(), MC_O_HALF_CLOSED);       /* the answer is to come */
    conn.flags |= MC_C_TURN_SERVER;
    conn.endpoint[1].nxt_ns += MC_NS_PER_S;
    CHECK_EQ(outcome(), MC_O_HALF_CLOSED);       /* the server goes on sending */
    conn.endpoint[1].once |= MC_ONCE_FIN;
    CHECK_EQ(outcome(), MC_O_CLOSED);
}

static void test_never_established(void)
{
    talked();
    conn.flags = MC_C_SYN | MC_C_HS_SYN | MC_C_BEGUN;
    conn.endpoint[0].once = MC_ONCE_SYN | MC_ONCE_ANY;
    conn.endpoint[1].once = 0;
    CHECK_EQ(outcome(), MC_O_UNANSWERED);
    conn.endpoint[1].once = MC_ONCE_SYN | MC_ONCE_ANY;
    CHECK_EQ(outcome(), MC_O_HALF_OPEN);
    conn.flags |= MC_C_HS_DONE;
    CHECK_EQ(outcome(), MC_O_OPEN);
}

static void test_peer_gone(void)
{
    talked();
    story.vain[1].since_ns = 2 * MC_NS_PER_S;
    story.vain[1].repeats = 3;
    conn.endpoint[1].seen_ns = 6 * MC_NS_PER_S;
    CHECK_EQ(outcome(), MC_O_PEER_GONE);
    conn.endpoint[0].seen_ns = 3 * MC_NS_PER_S;
    CHECK_EQ(outcome(), MC_O_OPEN);              /* it has spoken since */
    conn.endpoint[0].seen_ns = MC_NS_PER_S;
    story.vain[1].repeats = 2;                   /* two do where the first copy has waited for three seconds */
    conn.endpoint[1].seen_ns = 4 * MC_NS_PER_S - 1;
    CHECK_EQ(outcome(), MC_O_OPEN);
    conn.endpoint[1].seen_ns = 4 * MC_NS_PER_S;
    CHECK_EQ(outcome(), MC_O_PEER_GONE);
    story.vain[1].repeats = 1;
    CHECK_EQ(outcome(), MC_O_OPEN);

    reset(MC_RESET_MID_DATA, MC_SERVER, MC_RESET_ACKS);
    story.reset.turn_ms = 14000;
    story.reset.vain_probes = 2;
    story.reset.vain_ms = 1000;
    CHECK_EQ(outcome(), MC_O_PEER_GONE);
    story.reset.vain_ms = 999;
    CHECK_EQ(outcome(), MC_O_IDLE_RESET);        /* it has not waited */
    story.reset.vain_ms = 1000;
    story.reset.vain_probes = 1;
    CHECK_EQ(outcome(), MC_O_IDLE_RESET);
}

static void test_first_data_after_a_silence(void)
{
    talked();
    story.vain[0].since_ns = 2 * MC_NS_PER_S;
    story.vain[0].repeats = 3;
    story.vain[0].silent_ms = 30000;
    conn.endpoint[0].seen_ns = 6 * MC_NS_PER_S;
    CHECK_EQ(outcome(), MC_O_VANISHED_IDLE);
    conn.flags |= MC_C_UNACCEPTED;               /* the server never had it */
    CHECK_EQ(outcome(), MC_O_PEER_GONE);
    conn.flags &= ~(uint32_t)MC_C_UNACCEPTED;
    story.vain[0].silent_ms = 29999;
    CHECK_EQ(outcome(), MC_O_PEER_GONE);
    story.vain[0].silent_ms = 30000;
    story.vain[0].repeats = 0;
    story.vain[0].probes = 3;
    CHECK_EQ(outcome(), MC_O_PEER_GONE);         /* no data */

    reset(MC_RESET_MID_DATA, MC_CLIENT, MC_RESET_ACKS);
    story.vain[0].silent_ms = 30000;
    story.reset.vain_repeats = 2;
    story.reset.vain_ms = 1000;
    CHECK_EQ(outcome(), MC_O_VANISHED_IDLE);
}

static void test_after_its_own_fin(void)
{
    reset(MC_RESET_LATE, MC_SERVER, MC_RESET_ANSWERS | MC_RESET_CROSSED);
    story.reset.unanswered_bytes = 400;
    story.reset.silent_ms = 5000;
    CHECK_EQ(outcome(), MC_O_CROSSED_CLOSE);
    conn.flags |= MC_C_FIN_FIRST | MC_C_CLOSER;
    conn.closer = MC_SERVER;
    CHECK_EQ(outcome(), MC_O_CROSSED_CLOSE);
    conn.closer = MC_CLIENT;                     /* it did not wait for anything */
    CHECK_EQ(outcome(), MC_O_RESET_LATE);
    conn.closer = MC_SERVER;
    story.reset.says &= (uint8_t)~MC_RESET_CROSSED;
    CHECK_EQ(outcome(), MC_O_SENT_TOO_LATE);
    story.reset.unanswered_bytes = 31;
    conn.flags |= MC_C_ALERT;                    /* the client's */
    CHECK_EQ(outcome(), MC_O_RESET_LATE);
    story.reset.says = MC_RESET_SPOKE;
    CHECK_EQ(outcome(), MC_O_RESET_LATE);

    /* the client closes at once, too, before the reset comes */
    reset(MC_RESET_AFTER_CLOSE, MC_SERVER, MC_RESET_ANSWERS | MC_RESET_CROSSED);
    story.reset.unanswered_bytes = 400;
    CHECK_EQ(outcome(), MC_O_CROSSED_CLOSE);
    story.reset.unanswered_bytes = 100;          /* as long as its first request */
    CHECK_EQ(outcome(), MC_O_CROSSED_CLOSE);
    conn.endpoint[0].payload_bytes = 401;        /* short for it: a farewell */
    CHECK_EQ(outcome(), MC_O_RESET_AFTER_CLOSE);
    conn.endpoint[0].payload_bytes = 200;
    story.reset.unanswered_bytes = 64;
    CHECK_EQ(outcome(), MC_O_RESET_AFTER_CLOSE);
    /* after a silence short ones are requests, if those before were no longer */
    story.reset.silent_ms = 5000;
    CHECK_EQ(outcome(), MC_O_RESET_AFTER_CLOSE); /* none was answered */
    conn.requests = 1;
    CHECK_EQ(outcome(), MC_O_RESET_AFTER_CLOSE);
    conn.endpoint[0].payload_bytes = 128;
    CHECK_EQ(outcome(), MC_O_CROSSED_CLOSE);
    conn.flags |= MC_C_ALERT;
    CHECK_EQ(outcome(), MC_O_RESET_AFTER_CLOSE);
}

static void test_after_a_long_silence(void)
{
    reset(MC_RESET_MID_DATA, MC_SERVER, MC_RESET_ANSWERS);
    story.reset.silent_ms = 2000;
    story.reset.unanswered_bytes = story.reset.open_bytes[0] = 300;
    CHECK_EQ(outcome(), MC_O_FORGOTTEN);
    conn.reset_signs = MC_SIGN_TTL | MC_SIGN_SOON;
    CHECK_EQ(outcome(), MC_O_DROPPED_ON_WAY);
    conn.reset_signs = MC_SIGN_TTL | MC_SIGN_TTL_SAME;
    CHECK_EQ(outcome(), MC_O_FORGOTTEN);
    story.reset.silent_ms = 999;
    CHECK_EQ(outcome(), MC_O_CUT_OFF);
    CHECK_EQ(mc_outcome_of(&conn, &story, 0).detail, 1);
    /* with an acknowledgement it may be the process's own answer */
    story.reset.says |= MC_RESET_ACKS;
    story.reset.open_bytes[0] = 0;
    story.reset.silent_ms = 29000;
    conn.flags &= ~(uint32_t)MC_C_TURN_SERVER;
    CHECK_EQ(outcome(), MC_O_BEFORE_ANSWER);
    story.reset.silent_ms = 30000;
    CHECK_EQ(outcome(), MC_O_FORGOTTEN);
    /* one that does not acknowledge what had no time to come crossed it */
    story.reset.open_bytes[0] = 300;
    story.reset.says |= MC_RESET_SOON;
    CHECK_EQ(outcome(), MC_O_CROSSED_CLOSE);
}

static void test_who_sent_it(void)
{
    reset(MC_RESET_MID_DATA, MC_SERVER, 0);
    conn.reset_signs = MC_SIGN_RACE | MC_SIGN_IP_ID;
    CHECK_EQ(outcome(), MC_O_NOT_BY_ENDPOINT);
    conn.reset_signs = MC_SIGN_TTL;
    conn.endpoint[1].ttl_min = conn.endpoint[1].ttl_max = 60;
    conn.reset_ttl = 250;                        /* another stack's */
    CHECK_EQ(outcome(), MC_O_NOT_BY_ENDPOINT);
    conn.reset_ttl = 55;                         /* another place */
    CHECK_EQ(outcome(), MC_O_NOT_BY_ENDPOINT);
    conn.reset_ttl = 56;                         /* another route, perhaps */
    CHECK_EQ(outcome(), MC_O_RESET_DONE);
    conn.reset_signs = MC_SIGN_RACE | MC_SIGN_TTL_SAME;
    CHECK_EQ(outcome(), MC_O_NOT_MEANT);
    story.reset.says |= MC_RESET_ACKS;
    CHECK_EQ(outcome(), MC_O_RESET_DONE);

    reset(MC_RESET_MID_DATA, MC_CLIENT, 0);
    story.reset.says = MC_RESET_ANSWERS;
    conn.endpoint[0].once = MC_ONCE_RST | MC_ONCE_ANY;
    conn.flags |= MC_C_MID_STREAM;
    CHECK_EQ(outcome(), MC_O_UNKNOWN_TO);
    conn.endpoint[0].once |= MC_ONCE_ACK;
    CHECK(outcome() != MC_O_UNKNOWN_TO);

    reset(MC_RESET_MID_DATA, MC_CLIENT, MC_RESET_ACKS);
    conn.flags |= MC_C_SUBFLOW;
    CHECK_EQ(outcome(), MC_O_SUBFLOW_RESET);
}

static void test_ways_to_close(void)
{
    reset(MC_RESET_MID_DATA, MC_CLIENT, MC_RESET_ACKS);
    CHECK_EQ(outcome(), MC_O_RESET_DONE);
    story.reset.turn_ms = 1000;
    CHECK_EQ(outcome(), MC_O_IDLE_RESET);
    story.reset.turn_ms = 0;
    conn.flags |= MC_C_ALERT << 1;
    CHECK_EQ(outcome(), MC_O_AFTER_ALERT);
    conn.flags &= ~((uint32_t)MC_C_ALERT << 1);
    story.reset.later_data[1] = 1;
    CHECK_EQ(outcome(), MC_O_CUT_OFF);           /* the server goes on sending */
    story.reset.later_data[1] = 0;
    story.reset.open_bytes[1] = 1;
    CHECK_EQ(outcome(), MC_O_CUT_OFF);
    story.reset.open_bytes[1] = 0;
    story.reset.says |= MC_RESET_FULL_LAST;
    CHECK_EQ(outcome(), MC_O_CUT_OFF);
    CHECK_EQ(mc_outcome_of(&conn, &story, 0).detail, 3);
    story.reset.open_bytes[1] = 1;
    CHECK_EQ(mc_outcome_of(&conn, &story, 0).detail, 0);

    /* in the middle of its own data, and not of the client's */
    reset(MC_RESET_MID_DATA, MC_SERVER, MC_RESET_ACKS | MC_RESET_FULL_LAST);
    CHECK_EQ(mc_outcome_of(&conn, &story, 0).detail, 2);
    story.reset.open_bytes[0] = 1;
    CHECK_EQ(mc_outcome_of(&conn, &story, 0).detail, 0);
    story.reset.open_bytes[0] = 0;
    story.reset.later_data[0] = 1;
    CHECK_EQ(mc_outcome_of(&conn, &story, 0).detail, 0);
    story.reset.says &= (uint8_t)~MC_RESET_IN_TURN;
    CHECK_EQ(mc_outcome_of(&conn, &story, 0).detail, 0);
}

static void test_a_client_that_waits(void)
{
    reset(MC_RESET_MID_DATA, MC_CLIENT, MC_RESET_ACKS);
    conn.flags &= ~(uint32_t)MC_C_TURN_SERVER;
    story.reset.turn_ms = story.reset.after_ms = 2000;
    CHECK_EQ(outcome(), MC_O_NO_ANSWER);
    conn.flags |= MC_C_TURN_SMALL;               /* little data behind an answer is no question */
    CHECK_EQ(outcome(), MC_O_IDLE_RESET);
    conn.endpoint[0].payload_bytes = 128;        /* unless all its requests are so short */
    CHECK_EQ(outcome(), MC_O_NO_ANSWER);
    conn.endpoint[0].payload_bytes = 200;
    conn.endpoint[1].once &= (uint8_t)~MC_ONCE_DATA;
    CHECK_EQ(outcome(), MC_O_NO_ANSWER);
    story.reset.turn_ms = story.reset.after_ms = 900;
    CHECK_EQ(outcome(), MC_O_BEFORE_ANSWER);
    conn.reset_by = MC_SERVER;
    CHECK_EQ(outcome(), MC_O_BEFORE_ANSWER);
    conn.endpoint[1].once |= MC_ONCE_DATA;       /* it answers a farewell */
    CHECK_EQ(outcome(), MC_O_RESET_DONE);
}

/* ... and closes, after 'ms'; the server's FIN follows. */
static void gives_up(int64_t ms)
{
    talked();
    conn.flags &= ~(uint32_t)MC_C_TURN_SERVER;
    conn.flags |= MC_C_CLOSER | MC_C_FIN_FIRST;
    conn.at.turn_ns = MC_NS_PER_S;
    conn.endpoint[0].nxt_ns = conn.endpoint[0].seen_ns = MC_NS_PER_S + ms * MC_NS_PER_MS;
    conn.endpoint[0].once |= MC_ONCE_FIN;
    conn.endpoint[1].once |= MC_ONCE_FIN;
    conn.endpoint[0].nxt++;
    conn.endpoint[1].nxt++;
    conn.endpoint[1].last_ack++;
}

static void test_a_client_that_closes_unanswered(void)
{
    gives_up(2000);
    CHECK_EQ(outcome(), MC_O_NO_ANSWER);
    CHECK_EQ(mc_outcome_of(&conn, &story, 0).ms, 2000);
    conn.endpoint[1].last_ack--;                 /* all but the FIN */
    CHECK_EQ(outcome(), MC_O_NO_ANSWER);
    conn.endpoint[1].last_ack--;                 /* not the request either */
    CHECK_EQ(outcome(), MC_O_CLOSED);
    gives_up(1999);
    CHECK_EQ(outcome(), MC_O_CLOSED);
    gives_up(2000);
    conn.endpoint[1].nxt += 201;                 /* an answer that was not captured */
    CHECK_EQ(outcome(), MC_O_CLOSED);
    gives_up(2000);
    conn.flags |= MC_C_TURN_SERVER;
    CHECK_EQ(outcome(), MC_O_CLOSED);
    gives_up(2000);
    conn.flags |= MC_C_SERVER_FIRST;             /* it may be the one that asks */
    CHECK_EQ(outcome(), MC_O_CLOSED);
    gives_up(2000);
    conn.closer = MC_SERVER;
    CHECK_EQ(outcome(), MC_O_CLOSED);
}

static void test_an_answer_with_a_reset_behind_it(void)
{
    reset(MC_RESET_MID_DATA, MC_SERVER, MC_RESET_ACKS);
    story.reset.open_bytes[1] = 21;
    conn.endpoint[0].last_ack -= 21;
    CHECK_EQ(mc_outcome_of(&conn, &story, 0).id, MC_O_RESET_DONE);
    CHECK_EQ(mc_outcome_of(&conn, &story, 0).bytes, 21);
    conn.endpoint[0].last_ack += 21;             /* the acknowledgement comes after the reset */
    CHECK_EQ(mc_outcome_of(&conn, &story, 0).bytes, 0);
    conn.endpoint[1].payload_bytes = 8192;       /* long: perhaps not the whole answer */
    CHECK_EQ(mc_outcome_of(&conn, &story, 0).bytes, 21);
    conn.endpoint[1].payload_bytes = 8191;
    CHECK_EQ(mc_outcome_of(&conn, &story, 0).bytes, 0);
}

static void test_plain_resets(void)
{
    reset(MC_RESET_REFUSED, MC_SERVER, 0);
    CHECK_EQ(outcome(), MC_O_REFUSED);
    reset(MC_RESET_STRAY, MC_SERVER, 0);
    CHECK_EQ(outcome(), MC_O_STRAY_RESET);
    reset(MC_RESET_HALF_OPEN, MC_SERVER, 0);
    CHECK_EQ(outcome(), MC_O_BROKEN_HANDSHAKE);
    conn.flags |= MC_C_SYN_ACK;                  /* the opener acknowledges what was never sent */
    conn.endpoint[0].last_ack = mc_attempt_isn(&conn, MC_SERVER) - 2000;
    CHECK_EQ(outcome(), MC_O_OPEN);
    reset(MC_RESET_AFTER_CLOSE, MC_CLIENT, 0);
    CHECK_EQ(outcome(), MC_O_RESET_AFTER_CLOSE);
    reset(MC_RESET_HALF_CLOSED, MC_CLIENT, 0);
    CHECK_EQ(outcome(), MC_O_RESET_CLOSE);
    reset(MC_RESET_WITHOUT_DATA, MC_CLIENT, MC_RESET_ACKS);
    conn.endpoint[0].once &= (uint8_t)~MC_ONCE_DATA;
    conn.endpoint[1].once &= (uint8_t)~MC_ONCE_DATA;
    story.reset.after_ms = 1000;
    CHECK_EQ(outcome(), MC_O_RESET_UNUSED);
    conn.flags |= MC_C_MID_STREAM;                           /* nobody knows what was before */
    conn.first_ns = MC_NS_PER_S;
    conn.endpoint[MC_CLIENT].seen_ns = 11 * MC_NS_PER_S;
    CHECK_EQ(outcome(), MC_O_IDLE_RESET);
    CHECK_EQ(mc_outcome_of(&conn, &story, 0).ms, 10000);
    conn.endpoint[MC_CLIENT].seen_ns = conn.first_ns;
    CHECK_EQ(outcome(), MC_O_RESET_UNUSED);
    conn.notes = 0;
    CHECK_EQ(outcome(), MC_O_RESET_UNTOLD);
}

/* The opener ends it itself: a check, a scan, a race. */
static void test_tries(void)
{
    reset(MC_RESET_HALF_OPEN, MC_CLIENT, 0);
    conn.syn_count = 1;
    CHECK_EQ(outcome(), MC_O_WITHDRAWN);
    conn.syn_count = 2;                          /* it had waited */
    CHECK_EQ(outcome(), MC_O_BROKEN_HANDSHAKE);
    conn.syn_count = 1;
    conn.endpoint[1].once = 0;                   /* nobody had answered */
    CHECK_EQ(outcome(), MC_O_UNANSWERED);
    reset(MC_RESET_WITHOUT_DATA, MC_CLIENT, MC_RESET_ACKS);
    conn.endpoint[0].payload_bytes = conn.endpoint[1].payload_bytes = 0;
    story.reset.after_ms = 999;
    CHECK_EQ(outcome(), MC_O_CHECKED);
    conn.reset_by = MC_SERVER;
    CHECK(outcome() != MC_O_CHECKED);
}

static void test_attempts(void)
{
    mc_attempt attempt = { 0 };
    mc_detail x;

    memset(&x, 0, sizeof x);
    talked();
    conn.flags &= ~(uint32_t)(MC_C_HS_SYN_ACK | MC_C_HS_DONE | MC_C_TURN);
    conn.endpoint[0].once = MC_ONCE_SYN | MC_ONCE_ANY;
    conn.endpoint[1].once = MC_ONCE_ACK | MC_ONCE_ANY;
    conn.endpoint[0].detail = &x;
    CHECK_EQ(outcome(), MC_O_HALF_OPEN);
    x.attempt = &attempt;
    CHECK_EQ(outcome(), MC_O_HALF_OPEN);
    attempt.marks = MC_A_STALE;
    CHECK_EQ(outcome(), MC_O_MET_OLD);
    conn.endpoint[1].once |= MC_ONCE_SYN;        /* but it opened at last */
    CHECK_EQ(outcome(), MC_O_HALF_OPEN);
    attempt.marks = MC_A_GOES_ON;
    CHECK_EQ(outcome(), MC_O_GOES_ON);
}

static void test_data_in_vain(void)
{
    mc_detail x;

    memset(&x, 0, sizeof x);
    talked();
    conn.irtt_ns = 20 * MC_NS_PER_MS;
    conn.endpoint[1].once = MC_ONCE_SYN | MC_ONCE_ANY;
    conn.endpoint[0].detail = &x;
    conn.endpoint[0].seen_ns = 2 * MC_NS_PER_S;
    x.stuck_max = 2;
    CHECK_EQ(outcome(), MC_O_SWALLOWED);
    conn.endpoint[0].seen_ns = MC_NS_PER_S;      /* a SYN-ACK might still come again */
    CHECK(outcome() != MC_O_SWALLOWED);
    conn.endpoint[0].seen_ns = 2 * MC_NS_PER_S;
    conn.flags |= MC_C_UNACCEPTED;
    CHECK(outcome() != MC_O_SWALLOWED);
    conn.flags &= ~(uint32_t)MC_C_UNACCEPTED;
    conn.endpoint[1].once |= MC_ONCE_ACK;        /* somebody is there */
    CHECK(outcome() != MC_O_SWALLOWED);
}

int main(void)
{
    RUN(test_tries);
    RUN(test_attempts);
    RUN(test_data_in_vain);
    RUN(test_names);
    RUN(test_without_a_reset);
    RUN(test_never_established);
    RUN(test_peer_gone);
    RUN(test_first_data_after_a_silence);
    RUN(test_after_its_own_fin);
    RUN(test_after_a_long_silence);
    RUN(test_who_sent_it);
    RUN(test_ways_to_close);
    RUN(test_a_client_that_waits);
    RUN(test_a_client_that_closes_unanswered);
    RUN(test_an_answer_with_a_reset_behind_it);
    RUN(test_plain_resets);
    return DONE();
}
