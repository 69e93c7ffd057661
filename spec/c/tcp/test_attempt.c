/*
 * test_attempt.c: how a connection was begun, segment by segment.
 */
#include "exchange.h"

/* Times are counted from here: 0 stands for none. */
#define BEGIN 1000

static unsigned marks(void)
{
    return mc_attempt_marks(&conn);
}

/* A SYN, SYN-ACK or ACK with timestamps. */
static void send_stamped(unsigned dir, uint8_t flags, uint32_t seq, uint32_t ack, uint32_t val, uint32_t ecr, int ms)
{
    mc_segment s = segment(flags, seq, ack, 0, 1000);

    s.has |= MC_HAS_TS;
    s.ts_val = val;
    s.ts_ecr = ecr;
    send_at(dir, &s, ms * MC_NS_PER_MS);
}

static void test_a_handshake_leaves_nothing(void)
{
    handshake();
    CHECK_EQ(marks(), 0);
    CHECK(conn.endpoint[C].detail == NULL && conn.endpoint[S].detail == NULL);
    CHECK_EQ(mc_attempt_isn(&conn, S), 500);
    CHECK(!mc_attempt_is_foreign(&conn, S));
}

static void test_an_older_connection(void)
{
    uint32_t events;

    nothing();
    send(C, SYN, 3000000000u, 0, 0, BEGIN + 0);
    events = send(S, ACK, 99999, 5000, 0, BEGIN + 1);
    CHECK(last.stale == MC_TCP_STALE && (marks() & MC_A_STALE) != 0);
    CHECK_EQ(mc_attempt_explains(&conn, S, &(mc_segment){ .flags = ACK }, events, last.stale), MC_TCP_ACKED_UNSEEN);
    send(C, RST, 5000, 0, 0, BEGIN + 20);
    CHECK(last.stale == MC_TCP_STALE && (marks() & MC_A_STALE_RESET) != 0);
    CHECK_EQ(conn.reset_phase, MC_RESET_NONE);               /* it ends the older one */
    CHECK_EQ(conn.rst_count[C], 1);
    send(C, SYN, 3000000000u, 0, 0, BEGIN + 1020);
    CHECK(last.stale == 0 && conn.syn_count == 2);
    events = send(S, SYN_ACK, 50000, 3000000001u, 0, BEGIN + 1021);
    CHECK((events & MC_TCP_REUSED_PORTS) != 0 && mc_attempt_is_foreign(&conn, S));
    CHECK_EQ(mc_attempt_of(&conn)->waited_ms, 1021);
    send(C, ACK, 3000000001u, 50001, 0, BEGIN + 1041);
    CHECK((conn.flags & MC_C_HS_DONE) != 0);
    CHECK_EQ(mc_attempt_isn(&conn, S), 50000);
    events = send(S, ACK, 50001, 3000000001u, 100, BEGIN + 1100);    /* behind the stray number */
    CHECK((events & MC_TCP_LATE) != 0);
    CHECK(mc_attempt_is_first(&conn, S, &(mc_segment){ .flags = ACK, .seq = 50001, .len = 100 }, &last.news,
                              &(mc_attempt_before){ .base = 50000 }));
    send(S, ACK, 50001, 3000000001u, 100, BEGIN + 1400);             /* this one is a repetition */
    CHECK(!mc_attempt_is_first(&conn, S, &(mc_segment){ .flags = ACK, .seq = 50001, .len = 100 }, &last.news,
                               &(mc_attempt_before){ .base = 50000 }));

    nothing();                                               /* a SYN-ACK that answers another SYN, or this one */
    send(C, SYN, 100, 0, 20, BEGIN + 0);
    send(S, SYN | ACK, 500, 122, 0, BEGIN + 10);
    CHECK_EQ(marks() & (MC_A_STALE | MC_A_OTHER_SYN), MC_A_OTHER_SYN);
    send(C, RST, 122, 0, 0, BEGIN + 20);
    CHECK((marks() & MC_A_STALE) != 0);
    nothing();                                               /* ... and one that the opener takes */
    send(C, SYN, 100, 0, 0, BEGIN + 0);
    send(S, SYN | ACK, 500, 100, 0, BEGIN + 10);
    send(C, ACK, 101, 501, 0, BEGIN + 20);
    send(C, RST | ACK, 101, 501, 0, BEGIN + 30);
    CHECK_EQ(marks() & MC_A_STALE, 0);
    nothing();
    send(C, SYN, 100, 0, 20, BEGIN + 0);
    send(S, SYN | ACK, 500, 121, 0, BEGIN + 10);
    CHECK_EQ(marks() & MC_A_STALE, 0);

    nothing();                                               /* acknowledges the SYN, or its data */
    send(C, SYN, 100, 0, 20, BEGIN + 0);
    send(S, ACK, 501, 101, 0, BEGIN + 10);
    send(S, ACK, 501, 121, 0, BEGIN + 11);
    CHECK_EQ(marks() & MC_A_STALE, 0);
    send(S, ACK, 501, 122, 0, BEGIN + 12);
    CHECK((marks() & MC_A_STALE) != 0);

    handshake();                                             /* later on it is a matter of the rules */
    send(S, ACK, 501, 5000, 0, BEGIN + 30);
    CHECK_EQ(marks(), 0);
}

static mc_attempt_link leave(int ms)
{
    static const mc_segment syn = { .flags = MC_TH_SYN };

    return mc_attempt_leave(&conn, C, &syn, ms * MC_NS_PER_MS, &pool);
}

static void test_a_syn_with_another_number(void)
{
    mc_attempt_link link;

    nothing();
    send(C, SYN, 100, 0, 0, BEGIN + 0);
    link = leave(BEGIN + 1000);
    CHECK(link.goes_on && link.syn_count == 1 && (marks() & MC_A_GOES_ON) != 0);
    memset(&conn, 0, sizeof conn);
    mc_endpoint_state_init(&conn.endpoint[C]);
    mc_endpoint_state_init(&conn.endpoint[S]);
    mc_attempt_join(&conn, &link, &pool);
    frame = 0;
    send(C, SYN, 7777, 0, 0, BEGIN + 1000);
    CHECK_EQ(conn.syn_count, 2);
    CHECK((marks() & (MC_A_CONTINUED | MC_A_GOES_ON)) == MC_A_CONTINUED);
    send(S, SYN_ACK, 500, 7778, 0, BEGIN + 1020);
    CHECK_EQ(mc_attempt_of(&conn)->waited_ms, 1020);         /* since the first of them */

    nothing();
    send(C, SYN, 100, 0, 0, BEGIN + 0);
    CHECK(!leave(BEGIN + 180000).goes_on);                           /* so long after it is another attempt */
    CHECK(leave(BEGIN + 179999).goes_on);
    nothing();                                               /* was refused */
    send(C, SYN, 100, 0, 0, BEGIN + 0);
    send(S, RST | MC_TH_ACK, 0, 101, 0, BEGIN + 1);
    CHECK(!leave(BEGIN + 1000).goes_on);
    nothing();                                               /* had its answer */
    send(C, SYN, 100, 0, 0, BEGIN + 0);
    send(S, SYN_ACK, 500, 101, 0, BEGIN + 1);
    CHECK(leave(BEGIN + 1000).goes_on);
    send(C, RST, 101, 0, 0, BEGIN + 2);
    CHECK(!leave(BEGIN + 1000).goes_on);
    handshake();
    CHECK(!leave(BEGIN + 1000).goes_on);
}

static void test_several_numbers_of_syn_acks(void)
{
    handshake();                                             /* after the last step */
    send(S, SYN_ACK, 90000, 101, 0, 60);
    CHECK((marks() & (MC_A_TWO_NUMBERS | MC_A_CHOSEN)) == (MC_A_TWO_NUMBERS | MC_A_CHOSEN));
    CHECK_EQ(mc_attempt_isn(&conn, S), 500);
    CHECK_EQ(conn.flags & MC_C_UNACCEPTED, 0);
    nothing();                                               /* before it */
    send(C, SYN, 100, 0, 0, 0);
    send(S, SYN_ACK, 70000, 101, 0, 10);
    send(S, SYN_ACK, 500, 101, 0, 12);
    send(S, SYN_ACK, 90000, 101, 0, 14);
    CHECK_EQ(marks() & MC_A_CHOSEN, 0);
    send(C, ACK, 101, 501, 0, 30);
    CHECK((marks() & MC_A_CHOSEN) != 0 && (conn.flags & MC_C_HS_DONE) != 0);
    CHECK_EQ(mc_attempt_isn(&conn, S), 500);
    nothing();                                               /* a copy of the same */
    send(C, SYN, 100, 0, 0, 0);
    send(S, SYN_ACK, 500, 101, 0, 10);
    send(S, SYN_ACK, 500, 101, 0, 10);
    CHECK_EQ(marks() & MC_A_TWO_NUMBERS, 0);
}

static void test_syns_that_waited(void)
{
    nothing();
    send_stamped(C, SYN, 100, 0, 5003, 0, BEGIN + 0);
    send_stamped(C, SYN, 100, 0, 6000, 0, BEGIN + 26);
    CHECK((marks() & (MC_A_SOON | MC_A_HELD)) == MC_A_SOON);
    send_stamped(S, SYN_ACK, 500, 101, 9000, 5003, BEGIN + 29);      /* answers the first, so 997 lie between them */
    CHECK((marks() & MC_A_HELD) != 0);
    nothing();
    send_stamped(C, SYN, 100, 0, 5003, 0, BEGIN + 0);
    send_stamped(C, SYN, 100, 0, 5053, 0, BEGIN + 50);
    send_stamped(S, SYN_ACK, 500, 101, 9000, 5003, BEGIN + 53);      /* a short timer */
    CHECK_EQ(marks() & (MC_A_SOON | MC_A_HELD), 0);
    nothing();
    send_stamped(C, SYN, 100, 0, 5003, 0, BEGIN + 0);
    send_stamped(C, SYN, 100, 0, 6003, 0, BEGIN + 1000);
    send_stamped(S, SYN_ACK, 500, 101, 9000, 6003, BEGIN + 1010);
    CHECK_EQ(marks() & (MC_A_SOON | MC_A_HELD), 0);
    nothing();                                               /* an answer that has passed tells the first one's */
    send_stamped(C, SYN, 100, 0, 5003, 0, BEGIN + 0);
    send_stamped(S, SYN_ACK, 500, 101, 9000, 5003, BEGIN + 1);
    send_stamped(C, SYN, 100, 0, 6028, 0, BEGIN + 460);
    CHECK((marks() & MC_A_HELD) != 0);
    nothing();
    send_stamped(C, SYN, 100, 0, 5003, 0, BEGIN + 0);
    send_stamped(S, SYN_ACK, 500, 101, 9000, 5003, BEGIN + 1);
    send_stamped(C, SYN, 100, 0, 6004, 0, BEGIN + 1001);
    CHECK_EQ(marks() & (MC_A_SOON | MC_A_HELD), 0);
    nothing();                                               /* the third shows it, against the second */
    send_stamped(C, SYN, 100, 0, 5003, 0, BEGIN + 0);
    send_stamped(C, SYN, 100, 0, 6003, 0, BEGIN + 1000);
    send_stamped(C, SYN, 100, 0, 8003, 0, BEGIN + 1200);
    CHECK((marks() & MC_A_HELD) != 0);
}

static void test_accepted_or_not(void)
{
    handshake();                                             /* a second later, and nothing else to answer */
    send(S, SYN_ACK, 500, 101, 0, 1000);
    CHECK((conn.flags & MC_C_UNACCEPTED) != 0);
    handshake();                                             /* it had left before the last step came */
    send(S, SYN_ACK, 500, 101, 0, 29);
    CHECK_EQ(conn.flags & MC_C_UNACCEPTED, 0);
    handshake();                                             /* a copy of the first */
    conn.last_dir = S;
    conn.endpoint[S].seen_ns = 20 * MC_NS_PER_MS;
    send(S, SYN_ACK, 500, 101, 0, 20);
    CHECK_EQ(conn.flags & MC_C_UNACCEPTED, 0);
    nothing();                                               /* one for each SYN */
    send(C, SYN, 100, 0, 0, 0);
    send(C, SYN, 100, 0, 0, 1000);
    send(S, SYN_ACK, 500, 101, 0, 1010);
    send(C, ACK, 101, 501, 0, 1020);
    send(S, SYN_ACK, 500, 101, 0, 1500);
    CHECK_EQ(conn.flags & MC_C_UNACCEPTED, 0);
    CHECK((marks() & MC_A_LATE_ANSWER) != 0);
    send(S, SYN_ACK, 500, 101, 0, 2500);
    CHECK((conn.flags & MC_C_UNACCEPTED) != 0);
    nothing();                                               /* the last step passes before the second SYN's answer */
    send(C, SYN, 100, 0, 0, 0);
    send(S, SYN_ACK, 500, 101, 0, 353);
    send(C, SYN, 100, 0, 0, 705);
    send(C, ACK, 101, 501, 0, 706);
    CHECK_EQ(marks() & MC_A_LATE_ANSWER, 0);
    send(S, SYN_ACK, 500, 101, 0, 707);
    CHECK((marks() & MC_A_LATE_ANSWER) != 0);
    nothing();                                               /* it may answer the second SYN-ACK */
    send(C, SYN, 100, 0, 0, 0);
    send(S, SYN_ACK, 500, 101, 0, 1);
    send(C, SYN, 100, 0, 0, 1000);
    send(S, SYN_ACK, 500, 101, 0, 1001);
    send(C, ACK, 101, 501, 0, 1010);
    CHECK_EQ(marks() & MC_A_LATE_ANSWER, 0);

    nothing();                                               /* it echoes the last step */
    send_stamped(C, SYN, 100, 0, 5000, 0, 0);
    send_stamped(S, SYN_ACK, 500, 101, 9000, 5000, 10);
    send_stamped(C, ACK, 101, 501, 5020, 9000, 20);
    send_stamped(S, SYN_ACK, 500, 101, 10000, 5020, 1010);
    CHECK((marks() & MC_A_DEFERRED) != 0 && (conn.flags & MC_C_UNACCEPTED) == 0);
    nothing();                                               /* it echoes the SYN */
    send_stamped(C, SYN, 100, 0, 5000, 0, 0);
    send_stamped(S, SYN_ACK, 500, 101, 9000, 5000, 10);
    send_stamped(C, ACK, 101, 501, 5020, 9000, 20);
    send_stamped(S, SYN_ACK, 500, 101, 10000, 5000, 1010);
    CHECK((marks() & MC_A_DEFERRED) == 0 && (conn.flags & MC_C_UNACCEPTED) != 0);
}

static void test_data_of_the_syn(void)
{
    const mc_segment again = segment(ACK, 101, 501, 20, 1000);

    nothing();
    send(C, SYN, 100, 0, 20, 0);
    send(S, SYN_ACK, 500, 101, 0, 10);
    CHECK((marks() & MC_A_SYN_DATA) != 0);
    CHECK(mc_attempt_repeats_syn_data(&conn, C, &again));
    CHECK(!mc_attempt_repeats_syn_data(&conn, C, &again));   /* once */
    CHECK((marks() & MC_A_SYN_AGAIN) != 0);
    nothing();                                               /* it got no answer, and the SYN comes again without */
    send(C, SYN, 100, 0, 20, 0);
    send(C, SYN, 100, 0, 0, 1000);
    send(S, SYN_ACK, 500, 101, 0, 1010);
    CHECK((marks() & MC_A_SYN_DATA) != 0 && mc_attempt_of(&conn)->bare);
    CHECK(mc_attempt_repeats_syn_data(&conn, C, &again));
    nothing();                                               /* it was taken */
    send(C, SYN, 100, 0, 20, 0);
    send(S, SYN_ACK, 500, 121, 0, 10);
    CHECK_EQ(marks(), 0);
    CHECK(!mc_attempt_repeats_syn_data(&conn, C, &again));
}

static void test_a_window_shut_from_the_first(void)
{
    nothing();
    send(C, SYN, 100, 0, 0, 0);
    send_window(S, SYN_ACK, 500, 101, 0, 10, 0);
    CHECK((marks() & MC_A_SHUT) != 0);
    mc_attempt_window_opens(&conn, C, 700 * MC_NS_PER_MS);   /* the other side's */
    CHECK_EQ(mc_attempt_of(&conn)->shut_ms, 0);
    mc_attempt_window_opens(&conn, S, 700 * MC_NS_PER_MS);
    mc_attempt_window_opens(&conn, S, 300 * MC_NS_PER_MS);   /* closed once more later */
    CHECK_EQ(mc_attempt_of(&conn)->shut_ms, 700);
}

static void test_refused_with_a_number(void)
{
    nothing();
    send(C, SYN, 100, 0, 0, 0);
    send(S, RST | MC_TH_ACK, 1234, 101, 0, 1);
    CHECK((marks() & MC_A_NUMBERED) != 0);
    nothing();
    send(C, SYN, 100, 0, 0, 0);
    send(S, RST | MC_TH_ACK, 0, 101, 0, 1);
    CHECK_EQ(marks(), 0);
}

static bool again(void)
{
    const mc_segment s = segment(SYN, 100, 0, 0, 1000);

    return mc_attempt_is_replay(&conn, C, &s, 0);
}

static void test_the_same_connection_again(void)
{
    mc_conn old;
    mc_segment s = segment(SYN, 100, 0, 0, 1000);

    handshake();
    CHECK(!again());
    send(C, FIN, 101, 501, 0, 30);
    CHECK(!again());
    send(S, FIN, 501, 102, 0, 40);
    CHECK(again());
    s.ttl = 63;                                              /* a copy from another place */
    CHECK(!mc_attempt_is_replay(&conn, C, &s, 0));
    s.ttl = 64;
    s.flags = SYN_ACK;
    CHECK(!mc_attempt_is_replay(&conn, C, &s, 0));

    old = conn;
    memset(&conn, 0, sizeof conn);
    mc_endpoint_state_init(&conn.endpoint[C]);
    mc_endpoint_state_init(&conn.endpoint[S]);
    mc_attempt_replay(&conn, &old, &pool);
    CHECK(mc_attempt_is_replayed(&conn) && mc_attempt_is_foreign(&conn, C) && mc_attempt_is_foreign(&conn, S));
    CHECK_EQ(conn.endpoint[C].nxt, old.endpoint[C].nxt);
    frame = 0;
    CHECK((send(C, SYN, 100, 0, 0, 5000) & MC_TCP_LATE) != 0);   /* the rules go on with the old one */
    CHECK_EQ(conn.syn_count, 1);

    handshake();                                             /* a reset ends both sides */
    send(S, RST, 501, 0, 0, 30);
    CHECK(again());
    nothing();                                               /* ... but a refusal is one of several tries */
    send(C, SYN, 100, 0, 0, 0);
    send(S, RST | MC_TH_ACK, 0, 101, 0, 1);
    CHECK(!again());
}

int main(void)
{
    RUN(test_a_handshake_leaves_nothing);
    RUN(test_an_older_connection);
    RUN(test_a_syn_with_another_number);
    RUN(test_several_numbers_of_syn_acks);
    RUN(test_syns_that_waited);
    RUN(test_accepted_or_not);
    RUN(test_data_of_the_syn);
    RUN(test_a_window_shut_from_the_first);
    RUN(test_refused_with_a_number);
    RUN(test_the_same_connection_again);
    nothing();
    return DONE();
}
