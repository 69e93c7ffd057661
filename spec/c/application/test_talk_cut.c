/*
 * test_talk_cut.c: HTTP messages that end before the length that they told, and who left them.
 */
#include "application/talk_part.h"

#include "check.h"

enum { C = MC_CLIENT, S = MC_SERVER };

static mc_conn conn;
static mc_detail detail;
static mc_talk talk;
static mc_story story;
static mc_http_facts facts;
static int64_t end_ns;

/* Of a body of 1000 bytes 'side' has sent 500, and then closed. */
static void begin_cut(unsigned side)
{
    memset(&conn, 0, sizeof conn);
    memset(&detail, 0, sizeof detail);
    talk = (mc_talk){ .body = 101, .due = 1101, .due_of = side == C ? MC_DUE_CLIENT : MC_DUE_SERVER, .asked_frame = 7, .pending = side == C };
    conn.flags = MC_C_CLOSER | MC_C_FIN_FIRST;
    conn.closer = side & 1u;
    conn.endpoint[side].known = MC_KNOWN_NXT;
    conn.endpoint[side].nxt = 602;               /* a FIN behind 601 */
    conn.endpoint[!side].known = MC_KNOWN_ACK;
    conn.endpoint[!side].last_ack = 602;
}

static uint32_t lacks(unsigned side)
{
    return mc_talk_http_lacks(&talk, &conn, side);
}

static void test_answers_cut_short(void)
{
    begin_cut(S);
    CHECK_EQ(lacks(S), 500);
    CHECK_EQ(lacks(C), 0);                       /* the other side has no message in hand */
    conn.endpoint[C].detail = &detail;
    CHECK_EQ(lacks(S), 500);
    detail.zero_windows = 1;                     /* it could not go on */
    CHECK_EQ(lacks(S), 0);
    detail.zero_windows = 0;
    detail.zero_open = true;
    CHECK_EQ(lacks(S), 0);

    begin_cut(S);
    conn.flags = MC_C_CLOSER;                    /* by a reset, which has no number of its own */
    CHECK_EQ(lacks(S), 499);
    conn.flags |= MC_C_SELF;
    CHECK_EQ(lacks(S), 0);
    conn.flags = 0;                              /* nobody has closed */
    CHECK_EQ(lacks(S), 0);

    begin_cut(S);
    conn.closer = C;
    CHECK_EQ(lacks(S), 0);
    begin_cut(S);
    conn.endpoint[S].known = 0;
    CHECK_EQ(lacks(S), 0);
    begin_cut(S);
    talk.due = 601;                              /* it is whole */
    CHECK_EQ(lacks(S), 0);
    talk.due = 602;
    CHECK_EQ(lacks(S), 1);
}

static void test_requests_cut_short(void)
{
    begin_cut(C);
    CHECK_EQ(lacks(C), 500);
    conn.flags = MC_C_CLOSER;                    /* who resets may have been told */
    CHECK_EQ(lacks(C), 0);
    begin_cut(C);
    talk.pending = false;                        /* answered */
    CHECK_EQ(lacks(C), 0);
    begin_cut(C);
    talk.looks = 1;                              /* something came, though no status line */
    CHECK_EQ(lacks(C), 0);
    begin_cut(C);
    conn.endpoint[S].known = 0;
    CHECK_EQ(lacks(C), 0);
    begin_cut(C);
    conn.endpoint[S].last_ack = 601;             /* the FIN has not come */
    CHECK_EQ(lacks(C), 0);
    begin_cut(C);
    talk.body = 601;                             /* not a byte of the body was sent: the server was asked first */
    CHECK_EQ(lacks(C), 0);
}

static void test_sums_of_what_was_cut_short(void)
{
    memset(&facts, 0, sizeof facts);
    begin_cut(S);
    mc_talk_http_end(&talk, &conn, &facts);
    conn.flags = MC_C_CLOSER;
    mc_talk_http_end(&talk, &conn, &facts);
    begin_cut(C);
    mc_talk_http_end(&talk, &conn, &facts);
    talk.due = 601;
    mc_talk_http_end(&talk, &conn, &facts);
    CHECK_EQ(facts.cut_short[S].closed, 1);
    CHECK_EQ(facts.cut_short[S].reset, 1);
    CHECK_EQ(facts.cut_short[S].missing_bytes, 999);
    CHECK_EQ(facts.cut_short[S].examples.frame[0], 7);
    CHECK_EQ(facts.cut_short[C].closed, 1);
    CHECK_EQ(facts.cut_short[C].reset, 0);
    CHECK_EQ(facts.cut_short[C].missing_bytes, 500);
}

/* Of an answer of 1000 bytes 500 have come and are acknowledged, then nothing for 5 s, and the client closes. */
static void begin_left(void)
{
    memset(&conn, 0, sizeof conn);
    memset(&detail, 0, sizeof detail);
    memset(&story, 0, sizeof story);
    talk = (mc_talk){ .body = 101, .due = 1101, .due_of = MC_DUE_SERVER, .asked_frame = 7 };
    conn.flags = MC_C_CLOSER | MC_C_FIN_FIRST | MC_C_TURN | MC_C_TURN_SERVER;
    conn.closer = C;
    conn.at.turn_ns = 0;
    conn.endpoint[S].known = MC_KNOWN_NXT;
    conn.endpoint[S].nxt = 601;
    conn.endpoint[C].known = MC_KNOWN_ACK;
    conn.endpoint[C].last_ack = 601;
    conn.endpoint[C].nxt_ns = 5 * MC_NS_PER_S;
    conn.endpoint[C].win = 1460;
    conn.endpoint[C].mss = 1460;
    end_ns = 9 * MC_NS_PER_S;
}

typedef enum { NEITHER, BROKEN_OFF, STALLED } left;

static left leave(void)
{
    memset(&facts, 0, sizeof facts);
    mc_talk_http_leave(&talk, &conn, &story, end_ns, &facts);
    CHECK(facts.stalled.count + facts.broken_off.count <= 1);
    return facts.stalled.count > 0 ? STALLED : facts.broken_off.count > 0 ? BROKEN_OFF : NEITHER;
}

static void test_an_answer_that_stops(void)
{
    begin_left();
    CHECK_EQ(leave(), STALLED);
    CHECK_EQ(facts.stalled.resets, 0);
    CHECK_EQ(facts.stalled.open, 0);
    CHECK_EQ(facts.stalled.taken_bytes, 500);
    CHECK_EQ(facts.stalled.whole_bytes, 1000);
    CHECK_EQ(facts.stalled.longest_ns, 5 * MC_NS_PER_S);
    CHECK_EQ(facts.stalled.examples.frame[0], 7);
    conn.endpoint[S].once = MC_ONCE_FIN;         /* the server closed too: its FIN is none of the body */
    conn.endpoint[S].nxt = conn.endpoint[C].last_ack = 602;
    CHECK_EQ(leave(), STALLED);
    CHECK_EQ(facts.stalled.taken_bytes, 500);

    begin_left();
    conn.flags = MC_C_TURN | MC_C_TURN_SERVER;   /* nobody had ended it when the capture did */
    CHECK_EQ(leave(), STALLED);
    CHECK_EQ(facts.stalled.open, 1);
    CHECK_EQ(facts.stalled.longest_ns, 9 * MC_NS_PER_S);
    end_ns = MC_NS_PER_S;                        /* it may come yet */
    CHECK_EQ(leave(), NEITHER);
    conn.flags = MC_C_TURN_SERVER;               /* since when is not known */
    CHECK_EQ(leave(), NEITHER);

    begin_left();
    conn.flags &= ~(uint32_t)MC_C_FIN_FIRST;
    conn.reset_phase = MC_RESET_MID_DATA;
    story.reset.says = MC_RESET_IN_TURN;
    story.reset.turn_ms = 3000;
    CHECK_EQ(leave(), STALLED);
    CHECK_EQ(facts.stalled.resets, 1);
    CHECK_EQ(facts.stalled.longest_ns, 3 * MC_NS_PER_S);
    story.reset.says = 0;
    CHECK_EQ(leave(), BROKEN_OFF);
}

static void test_an_answer_that_is_broken_off(void)
{
    begin_left();
    conn.endpoint[C].nxt_ns = MC_NS_PER_S;       /* it had come a second ago */
    CHECK_EQ(leave(), BROKEN_OFF);
    begin_left();
    conn.flags &= ~(uint32_t)MC_C_TURN;
    CHECK_EQ(leave(), BROKEN_OFF);
    begin_left();
    conn.flags |= MC_C_NO_TIME;
    CHECK_EQ(leave(), BROKEN_OFF);
    begin_left();
    conn.endpoint[S].nxt = 701;                  /* more was on its way */
    CHECK_EQ(leave(), BROKEN_OFF);
    CHECK_EQ(facts.broken_off.taken_bytes, 500);
    begin_left();
    conn.endpoint[C].win = 1459;                 /* no room for a full segment */
    CHECK_EQ(leave(), BROKEN_OFF);
    begin_left();
    conn.endpoint[C].scale = MC_SCALE_UNKNOWN;
    CHECK_EQ(leave(), BROKEN_OFF);
    begin_left();
    conn.endpoint[C].detail = &detail;
    CHECK_EQ(leave(), STALLED);
    detail.zero_windows = 1;
    CHECK_EQ(leave(), BROKEN_OFF);
    begin_left();
    conn.endpoint[S].nxt = 1201;                 /* all of it was on its way ... */
    CHECK_EQ(leave(), NEITHER);
    story.reset.later_data[S] = 1;               /* ... and the server had not heard of the end */
    CHECK_EQ(leave(), BROKEN_OFF);
}

static void test_an_answer_that_nobody_left(void)
{
    begin_left();
    talk.due_of = MC_DUE_CLIENT;
    CHECK_EQ(leave(), NEITHER);
    begin_left();
    talk.least = true;                           /* where it ends is not known */
    CHECK_EQ(leave(), NEITHER);
    begin_left();
    conn.flags |= MC_C_SELF;
    CHECK_EQ(leave(), NEITHER);
    begin_left();
    conn.closer = S;
    CHECK_EQ(leave(), NEITHER);
    begin_left();
    conn.flags &= ~(uint32_t)MC_C_CLOSER;        /* over, and not by anybody's word */
    conn.endpoint[C].state = MC_ST_RESET;
    CHECK_EQ(leave(), NEITHER);
    begin_left();
    conn.endpoint[S].known = 0;
    CHECK_EQ(leave(), NEITHER);
    begin_left();
    conn.endpoint[C].known = 0;
    CHECK_EQ(leave(), NEITHER);
    begin_left();
    conn.endpoint[C].last_ack = 603;             /* some of it is not in the capture */
    CHECK_EQ(leave(), NEITHER);
    begin_left();
    talk.due = 601;                              /* it has all of it */
    CHECK_EQ(leave(), NEITHER);
    begin_left();
    conn.endpoint[C].last_ack = 100;             /* it has not all of the head */
    CHECK_EQ(leave(), NEITHER);
}

int main(void)
{
    RUN(test_answers_cut_short);
    RUN(test_requests_cut_short);
    RUN(test_sums_of_what_was_cut_short);
    RUN(test_an_answer_that_stops);
    RUN(test_an_answer_that_is_broken_off);
    RUN(test_an_answer_that_nobody_left);
    return DONE();
}
