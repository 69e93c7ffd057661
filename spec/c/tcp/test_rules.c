/*
 * test_rules.c: each rule of docs/rules.md, section 5, with a segment that it takes and one
 * beside it that it does not.
 */
#include "exchange.h"

static void test_a_handshake_gives_no_flag(void)
{
    handshake();
    CHECK_EQ(conn.irtt_ns, 20 * MC_NS_PER_MS);
    CHECK_EQ(conn.endpoint[C].base, 100);
    CHECK_EQ(conn.endpoint[S].base, 500);
    CHECK_EQ(conn.endpoint[C].scale, MC_SCALE_NONE);
    CHECK((conn.endpoint[C].known & MC_SYN_WINDOW) == 0);
}

/* Rules 1, 2 and 8. */
static void test_zero_windows_and_their_probes(void)
{
    handshake();
    CHECK_EQ(send_window(S, ACK, 501, 101, 0, 30, 0), MC_TCP_ZERO_WINDOW);
    CHECK_EQ(send(C, ACK, 101, 501, 1, 40), MC_TCP_ZERO_WINDOW_PROBE);
    CHECK_EQ(conn.endpoint[C].nxt, 101);                     /* 19: a probe moves nothing */
    CHECK_EQ(send_window(S, ACK, 501, 101, 0, 50, 0), MC_TCP_ZERO_WINDOW | MC_TCP_ZERO_WINDOW_PROBE_ACK);
    CHECK_EQ(send_window(S, ACK, 501, 101, 0, 60, 0), MC_TCP_ZERO_WINDOW | MC_TCP_ZERO_WINDOW_PROBE_ACK);
    CHECK_EQ(send(C, ACK, 101, 501, 2, 70), 0);              /* two bytes are no probe */
    CHECK_EQ(send_window(S, ACK, 501, 101, 0, 80, 0), MC_TCP_ZERO_WINDOW);

    handshake();
    CHECK_EQ(send_window(S, FIN, 501, 101, 0, 30, 0), 0);    /* 2: not with SYN, FIN or RST */
    handshake();
    CHECK_EQ(send_window(S, RST, 501, 101, 0, 30, 0), 0);
}

/* Rule 3. */
static void test_a_gap_is_a_lost_segment(void)
{
    handshake();
    CHECK_EQ(send(C, ACK, 101, 501, 10, 30), 0);
    CHECK_EQ(send(C, ACK, 121, 501, 10, 40), MC_TCP_LOST_SEGMENT);
    CHECK_EQ(conn.endpoint[C].contiguous_end, 111);
    handshake();
    CHECK_EQ(send(C, RST, 121, 0, 0, 30), 0);
}

/* Rules 4 and 7. */
static void test_keep_alives_and_their_acknowledgements(void)
{
    handshake();
    CHECK_EQ(send(C, ACK, 100, 501, 1, 1000), MC_TCP_KEEP_ALIVE);
    CHECK_EQ(send(S, ACK, 501, 101, 0, 1010), MC_TCP_KEEP_ALIVE_ACK);
    CHECK_EQ(send(C, ACK, 100, 501, 0, 2000), MC_TCP_KEEP_ALIVE);
    CHECK_EQ(send(S, ACK, 501, 101, 0, 2010), MC_TCP_KEEP_ALIVE_ACK);
    CHECK_EQ(send(C, ACK, 101, 501, 0, 2020), MC_TCP_DUPLICATE_ACK);
    CHECK_EQ(send(S, ACK, 501, 101, 0, 2030), MC_TCP_DUPLICATE_ACK);     /* the same without one before it */
    CHECK_EQ(send(C, ACK, 100, 501, 2, 3000), 0);            /* two bytes are none, and not behind either (13) */
    CHECK_EQ(send(C, FIN, 101, 501, 0, 3010) & MC_TCP_KEEP_ALIVE, 0);
}

/* Rule 5. */
static void test_a_window_update_repeats_the_acknowledgement(void)
{
    handshake();
    CHECK_EQ(send(C, ACK, 101, 501, 10, 30), 0);
    CHECK_EQ(send(S, ACK, 501, 111, 0, 40), 0);
    CHECK_EQ(send_window(S, ACK, 501, 111, 0, 50, 2000), MC_TCP_WINDOW_UPDATE);
    CHECK_EQ(send_window(S, ACK, 501, 111, 0, 60, 2000), MC_TCP_DUPLICATE_ACK);
    CHECK_EQ(send_window(S, ACK, 501, 101, 0, 70, 3000), 0); /* another acknowledgement */
}

/* Rule 6. */
static void test_data_that_fills_the_window(void)
{
    handshake();
    CHECK_EQ(send(C, ACK, 101, 501, 999, 30), 0);
    CHECK_EQ(send(C, ACK, 1100, 501, 1, 30), MC_TCP_WINDOW_FULL);
    CHECK_EQ(send(C, ACK, 1101, 501, 1, 30), 0);             /* beyond it */
}

/* Rules 6 and 24. */
static void test_windows_are_scaled_where_both_sides_scale(void)
{
    mc_segment syn = segment(SYN, 100, 0, 0, 1000), answer = segment(SYN_ACK, 500, 101, 0, 1000);

    syn.has = answer.has = MC_HAS_SCALE;
    syn.scale = 2;
    answer.scale = 3;
    nothing();
    send_at(C, &syn, 0);
    send_at(S, &answer, 1);
    CHECK_EQ(send(C, ACK, 101, 501, 0, 1), 0);
    CHECK_EQ(conn.endpoint[C].scale, 2);
    CHECK_EQ(conn.endpoint[S].scale, 3);
    CHECK_EQ(send(C, ACK, 101, 501, 1000, 2), MC_TCP_WINDOW_FULL);       /* the SYN-ACK's is not scaled */
    CHECK_EQ(send(S, ACK, 501, 1101, 0, 3), 0);
    CHECK_EQ(send(C, ACK, 1101, 501, 1000, 4), 0);
    CHECK_EQ(send(C, ACK, 2101, 501, 7000, 4), MC_TCP_WINDOW_FULL);

    answer.has = 0;                                          /* only one of them offers it */
    nothing();
    send_at(C, &syn, 0);
    send_at(S, &answer, 1);
    CHECK_EQ(conn.endpoint[C].scale, MC_SCALE_NONE);
    CHECK_EQ(conn.endpoint[S].scale, MC_SCALE_NONE);
    syn.has = 0;
    answer.has = MC_HAS_SCALE;
    nothing();
    send_at(C, &syn, 0);
    send_at(S, &answer, 1);
    CHECK_EQ(conn.endpoint[C].scale, MC_SCALE_NONE);
    CHECK_EQ(conn.endpoint[S].scale, MC_SCALE_NONE);

    nothing();                                               /* picked up midway: it is not known */
    CHECK_EQ(send(S, ACK, 501, 101, 0, 0), 0);
    CHECK_EQ(send(C, ACK, 101, 501, 1000, 1), 0);
}

/* Rules 9 and 11. */
static void test_duplicate_acknowledgements_are_counted_in_a_row(void)
{
    handshake();
    CHECK_EQ(send(S, ACK, 501, 101, 0, 30), MC_TCP_DUPLICATE_ACK);
    CHECK_EQ(send(S, ACK, 501, 101, 0, 31), MC_TCP_DUPLICATE_ACK);
    CHECK_EQ(conn.endpoint[S].dup, 2);
    CHECK_EQ(send(S, ACK, 501, 101, 5, 32), 0);              /* with data it is none, and ends no row */
    CHECK_EQ(conn.endpoint[S].dup, 2);
    CHECK_EQ(send(C, ACK, 101, 506, 10, 33), 0);
    CHECK_EQ(send(S, ACK, 506, 111, 0, 34), 0);
    CHECK_EQ(conn.endpoint[S].dup, 0);
    CHECK_EQ(send(S, ACK, 505, 111, 0, 35), MC_TCP_KEEP_ALIVE);          /* not at the next number */
    CHECK_EQ(conn.endpoint[S].dup, 0);
}

/* Rule 12. */
static void test_acknowledgements_of_what_was_not_captured(void)
{
    handshake();
    CHECK_EQ(send(C, ACK, 121, 501, 10, 30), MC_TCP_LOST_SEGMENT);
    CHECK_EQ(send(S, ACK, 501, 131, 0, 40), MC_TCP_ACKED_UNSEEN);        /* with a hole on record */
    CHECK_EQ(conn.endpoint[C].contiguous_end, 131);
    CHECK_EQ(send(S, ACK, 501, 141, 0, 50), MC_TCP_ACKED_UNSEEN);        /* without one: counted once */
    CHECK_EQ(conn.endpoint[C].dup, MC_DUP_POISON);
    CHECK_EQ(send(S, ACK, 501, 151, 0, 60), 0);
    CHECK_EQ(send(C, ACK, 131, 501, 0, 70), MC_TCP_DUPLICATE_ACK);       /* from poisoned to one */
    CHECK_EQ(conn.endpoint[C].dup, 1);
    handshake();
    CHECK_EQ(send(S, ACK, 501, 101, 0, 30), MC_TCP_DUPLICATE_ACK);       /* all of it was seen */
}

/* Rule 14. */
static void test_data_that_was_acknowledged_is_spurious(void)
{
    handshake();
    send(C, ACK, 101, 501, 10, 30);
    send(C, ACK, 111, 501, 10, 30);
    send(S, ACK, 501, 111, 0, 40);
    CHECK_EQ(send(C, ACK, 101, 501, 10, 50), MC_TCP_SPURIOUS);
    CHECK_EQ(send(C, ACK, 111, 501, 10, 90), MC_TCP_RETRANSMISSION);
    CHECK_EQ(send(C, ACK, 101, 501, 11, 95), MC_TCP_RETRANSMISSION);     /* one byte of it was not */
}

/* Rule 15. */
static void test_a_fast_retransmission_follows_duplicates(void)
{
    unsigned late;

    for (late = 0; late < 3; late++) {
        handshake();
        send(C, ACK, 101, 501, 100, 30);
        send(C, ACK, 201, 501, 100, 30);
        send(S, ACK, 501, 101, 0, 50);
        if (late != 2)
            send(S, ACK, 501, 101, 0, 51);
        /* two duplicates, and less than 20 ms after the second; else rule 17 */
        CHECK_EQ(send(C, ACK, 101, 501, 100, late == 1 ? 71 : 70), late == 0 ? MC_TCP_FAST : MC_TCP_RETRANSMISSION);
    }
    handshake();
    send(C, ACK, 101, 501, 100, 30);
    send(C, ACK, 201, 501, 100, 30);
    send(S, ACK, 501, 101, 0, 50);
    send(S, ACK, 501, 101, 0, 51);
    CHECK_EQ(send(C, ACK, 201, 501, 100, 60), MC_TCP_RETRANSMISSION);    /* not what was asked for */
}

/* Rules 16 and 17. */
static void test_late_is_out_of_order_or_sent_again(void)
{
    handshake();
    send(C, ACK, 201, 501, 100, 30);
    CHECK_EQ(send(C, ACK, 101, 501, 100, 49), MC_TCP_OUT_OF_ORDER);      /* within the initial round trip */
    handshake();
    send(C, ACK, 201, 501, 100, 30);
    CHECK_EQ(send(C, ACK, 101, 501, 100, 50), MC_TCP_RETRANSMISSION);
    handshake();
    send(C, ACK, 101, 501, 100, 30);
    CHECK_EQ(send(C, ACK, 101, 501, 100, 31), MC_TCP_RETRANSMISSION);    /* it ends where the highest ended */
    handshake();
    send(C, ACK, 201, 501, 100, 30);
    CHECK_EQ(send(C, ACK, 101, 501, 100, 29), MC_TCP_RETRANSMISSION);    /* a step back in time is not "within" */

    nothing();                                               /* the round trip is not known: 3 ms */
    send(C, ACK, 201, 501, 100, 30);
    CHECK_EQ(send(C, ACK, 101, 501, 100, 32), MC_TCP_OUT_OF_ORDER);
    nothing();
    send(C, ACK, 201, 501, 100, 30);
    CHECK_EQ(send(C, ACK, 101, 501, 100, 33), MC_TCP_RETRANSMISSION);
    nothing();
    send(C, SYN, 100, 0, 0, 0);
    CHECK_EQ(send(C, SYN, 100, 0, 0, 1), MC_TCP_RETRANSMISSION);
}

/* CO-1 to CO-3. */
static void test_syns_on_a_pair_in_use(void)
{
    mc_segment other = segment(SYN, 900, 0, 0, 1000), same = segment(SYN, 100, 0, 0, 1000),
               answer = segment(SYN_ACK, 900, 0, 0, 1000);

    handshake();
    CHECK(mc_tcp_begins_anew(&conn.endpoint[C], &other));
    CHECK(!mc_tcp_begins_anew(&conn.endpoint[C], &same));
    CHECK(!mc_tcp_begins_anew(&conn.endpoint[C], &answer));
    send(C, RST, 5000, 0, 0, 30);                            /* a stray one moves the next number */
    CHECK_EQ(conn.endpoint[C].nxt, 5000);
    CHECK_EQ(send(C, SYN, 100, 0, 0, 40) & MC_TCP_LOST_SEGMENT, 0);
    CHECK_EQ(conn.endpoint[C].nxt, 101);
    CHECK_EQ(send(S, SYN_ACK, 7000, 101, 0, 50), MC_TCP_REUSED_PORTS | MC_TCP_LOST_SEGMENT | MC_TCP_OTHER_NUMBER);
    CHECK_EQ(conn.endpoint[S].base, 7000);
    nothing();
    CHECK(!mc_tcp_begins_anew(&conn.endpoint[C], &other));
}

/* Rule 19: a reset of sequence number 0 says nothing of its sender's (RFC 9293, 3.10.7.1). */
static void test_a_reset_of_zero_moves_nothing(void)
{
    nothing();
    send(C, SYN, 100, 0, 0, 0);
    CHECK_EQ(send(S, RST | ACK, 0, 101, 0, 1), 0);
    CHECK((conn.endpoint[S].known & MC_KNOWN_NXT) == 0);
    CHECK_EQ(send(S, SYN_ACK, 500, 101, 0, 2) & MC_TCP_LOST_SEGMENT, 0);
    CHECK_EQ(conn.endpoint[S].nxt, 501);
}

/* Rules 18 and 22. */
static void test_round_trips_are_those_of_data_sent_once(void)
{
    handshake();
    send(C, ACK, 101, 501, 100, 30);
    send(C, ACK, 201, 501, 100, 32);
    send(S, ACK, 501, 201, 0, 40);
    CHECK(last.sample.taken && last.sample.clear);
    CHECK_EQ(last.sample.ns, 10 * MC_NS_PER_MS);
    send(S, ACK, 501, 250, 0, 41);                           /* in the middle of one: no sample */
    CHECK(!last.sample.taken);
    CHECK_EQ(conn.endpoint[C].sent_count, 1);
    send(S, ACK, 501, 301, 0, 42);
    CHECK(last.sample.taken);
    CHECK_EQ(conn.endpoint[C].sent_count, 0);

    handshake();
    send(C, ACK, 101, 501, 100, 30);
    send(C, ACK, 101, 501, 100, 300);                        /* sent again: it is not clear which is acknowledged */
    send(S, ACK, 501, 201, 0, 310);
    CHECK(last.sample.taken && !last.sample.clear);

    nothing();
    send(C, SYN, 100, 0, 0, 0);
    send(S, SYN_ACK, 500, 101, 0, 10);
    CHECK(last.sample.taken && !last.sample.clear);          /* of a SYN */
}

static void test_the_list_of_what_was_sent_is_bounded(void)
{
    uint32_t i;

    handshake();
    for (i = 0; i < MC_SENT_LIMIT + 100; i++)
        send(C, ACK, 101 + i, 501, 1, 30);
    CHECK_EQ(conn.endpoint[C].sent_count, MC_SENT_LIMIT);
    CHECK_EQ(conn.endpoint[C].nxt, 101 + MC_SENT_LIMIT + 100);
    send(S, ACK, 501, 101 + MC_SENT_LIMIT + 100, 0, 31);
    CHECK_EQ(conn.endpoint[C].sent_count, 0);

    handshake();                                             /* no memory: samples are given up, and it is said */
    pool.limit = 1;
    for (i = 0; i < 3; i++)
        CHECK_EQ(send(C, ACK, 101 + i, 501, 1, 30), 0);
    CHECK((conn.flags & MC_C_SENT_FULL) != 0);
    pool.limit = 0;
}

static void test_one_endpoint_that_talks_to_itself(void)
{
    nothing();
    conn.flags |= MC_C_SELF;
    CHECK_EQ(send(C, SYN, 100, 0, 0, 0), 0);
    send(C, ACK, 101, 101, 10, 1);
    CHECK_EQ(conn.endpoint[C].nxt, 111);
    CHECK_EQ(conn.endpoint[S].known, 0);
}

static void test_sequence_numbers_wrap(void)
{
    CHECK(mc_seq_before(0xffffffff, 0) && mc_seq_after(0, 0xffffffff));
    CHECK(!mc_seq_before(0, 0xffffffff));
    CHECK(mc_seq_not_after(5, 5) && mc_seq_not_after(4, 5) && !mc_seq_not_after(6, 5));
    CHECK(mc_seq_before(0, 0x80000000) && mc_seq_before(0x80000000, 0));     /* as in the reference */

    nothing();
    send(C, SYN, 0xfffffffe, 0, 0, 0);
    send(S, SYN_ACK, 0xfffffffe, 0xffffffff, 0, 10);
    CHECK_EQ(send(C, ACK, 0xffffffff, 0xffffffff, 0, 20), 0);
    CHECK_EQ(send(C, ACK, 0xffffffff, 0xffffffff, 10, 30), 0);
    CHECK_EQ(conn.endpoint[C].nxt, 9);
    CHECK_EQ(send(S, ACK, 0xffffffff, 9, 0, 40), 0);
    CHECK_EQ(send(C, ACK, 0xffffffff, 0xffffffff, 10, 50), MC_TCP_SPURIOUS);
}

/* ---------------------------------------------------------- what later versions have */

/* What each version says of the last segment of one exchange. */
#define CHECK_EACH(exchange, in_4_0, in_4_4, in_4_6)                                        \
    do {                                                                                    \
        static const uint32_t wanted[MC_RULES_COUNT] = { in_4_0, in_4_4, in_4_6 };          \
        for (rules = 0; rules < MC_RULES_COUNT; rules++)                                    \
            CHECK_EQ(exchange(), wanted[rules]);                                            \
        rules = MC_RULES_WIRESHARK_4_0;                                                     \
    } while (0)

static uint32_t syn_again_after_a_reset(void)
{
    handshake();
    send(C, RST, 101, 0, 0, 30);
    return send(C, SYN, 100, 0, 0, 1000);
}

static uint32_t syn_again(void)
{
    handshake();
    return send(C, SYN, 100, 0, 0, 1000);
}

static uint32_t syn_ack_with_another_number(void)
{
    handshake();
    return send(S, SYN_ACK, 9000, 101, 0, 30);
}

static uint32_t data_behind_another_syn_ack(void)
{
    syn_ack_with_another_number();
    return send(S, ACK, 9001, 101, 10, 40);
}

static void test_pairs_that_are_used_anew(void)
{
    CHECK_EACH(syn_again_after_a_reset, MC_TCP_RETRANSMISSION, MC_TCP_REUSED_PORTS, MC_TCP_REUSED_PORTS);
    CHECK_EACH(syn_again, MC_TCP_RETRANSMISSION, MC_TCP_RETRANSMISSION, MC_TCP_RETRANSMISSION);
    CHECK_EACH(syn_ack_with_another_number, MC_TCP_REUSED_PORTS | MC_TCP_LOST_SEGMENT | MC_TCP_OTHER_NUMBER,
               MC_TCP_REUSED_PORTS | MC_TCP_OTHER_NUMBER, MC_TCP_REUSED_PORTS | MC_TCP_OTHER_NUMBER);
    CHECK_EACH(data_behind_another_syn_ack, 0, 0, 0);
    rules = MC_RULES_NEWEST;
    syn_ack_with_another_number();
    CHECK_EQ(conn.completeness, 2);
    CHECK(!mc_tcp_awaits_round_trip(&conn) && conn.irtt_ns == 0);
    syn_again_after_a_reset();
    CHECK_EQ(conn.completeness, 1);
    CHECK(mc_tcp_awaits_round_trip(&conn));
    rules = MC_RULES_WIRESHARK_4_0;
}

/* Rule 12: again and again; up to the end of what is known to have been sent. */
static uint32_t unseen_twice(void)
{
    handshake();
    send(S, ACK, 501, 201, 0, 30);
    return send(S, ACK, 501, 301, 0, 40);
}

static uint32_t unseen_up_to_a_run(void)
{
    handshake();
    send(C, ACK, 201, 501, 100, 30);                         /* 101 to 200 is missing */
    send(S, ACK, 501, 201, 0, 40);
    return send(S, ACK, 501, 301, 0, 50);
}

static void test_acknowledgements_of_what_was_not_seen(void)
{
    CHECK_EACH(unseen_twice, 0, MC_TCP_ACKED_UNSEEN, MC_TCP_ACKED_UNSEEN);
    CHECK_EACH(unseen_up_to_a_run, 0, 0, 0);
}

/* Rules 8 and 12: the byte of a probe is taken. */
static uint32_t probe_taken(void)
{
    handshake();
    send_window(S, ACK, 501, 101, 0, 30, 0);
    send(C, ACK, 101, 501, 1, 40);
    return send_window(S, ACK, 501, 102, 0, 50, 0);
}

static uint32_t probe_taken_by_an_open_window(void)
{
    handshake();
    send_window(S, ACK, 501, 101, 0, 30, 0);
    send(C, ACK, 101, 501, 1, 40);
    return send(S, ACK, 501, 102, 0, 50);
}

static void test_probes_whose_byte_is_taken(void)
{
    CHECK_EACH(probe_taken, MC_TCP_ZERO_WINDOW | MC_TCP_ACKED_UNSEEN, MC_TCP_ZERO_WINDOW | MC_TCP_ZERO_WINDOW_PROBE_ACK,
               MC_TCP_ZERO_WINDOW | MC_TCP_ZERO_WINDOW_PROBE_ACK);
    CHECK_EACH(probe_taken_by_an_open_window, MC_TCP_ACKED_UNSEEN, MC_TCP_WINDOW_UPDATE, MC_TCP_WINDOW_UPDATE);
}

/* Rule 16: what is on the list was sent again; a bare segment ahead moves the end without data. */
static uint32_t soon_again(void)
{
    handshake();
    send(C, ACK, 101, 501, 100, 30);
    send(C, ACK, 201, 501, 100, 31);
    return send(C, ACK, 101, 501, 100, 32);
}

static uint32_t up_to_the_end_behind_a_bare_one(void)
{
    handshake();
    send(S, ACK, 501, 101, 0, 29);
    send(C, ACK, 201, 501, 0, 30);
    return send(C, ACK, 101, 501, 100, 31);
}

/* ... and its time is that of the other side's latest segment. */
static uint32_t while_the_other_side_is_silent(void)
{
    handshake();
    send(S, ACK, 501, 101, 0, 30);
    send(C, ACK, 201, 501, 100, 100);
    return send(C, ACK, 101, 501, 50, 101);
}

static uint32_t before_the_other_side_in_time(void)
{
    handshake();
    send(C, ACK, 201, 501, 100, 30);
    send(S, ACK, 501, 101, 0, 40);
    return send(C, ACK, 101, 501, 50, 39);
}

/* The clock of the capture was not set: of a side that is silent Wireshark has the time 0. */
static uint32_t at_the_beginning_of_time(void)
{
    nothing();
    send(C, ACK, 101, 501, 100, 0);
    return send(C, ACK, 51, 501, 20, 0);
}

static uint32_t beside_a_silent_side(void)
{
    nothing();
    send(C, ACK, 101, 501, 100, 10);
    return send(C, ACK, 51, 501, 20, 10);
}

static uint32_t fin_below_the_end(void)
{
    handshake();
    send_window(S, ACK, 501, 101, 0, 30, 0);
    return send(C, FIN, 100, 501, 0, 35);
}

static uint32_t fin_below_the_end_behind_a_probe(void)
{
    handshake();
    send_window(S, ACK, 501, 101, 0, 30, 0);
    send(C, ACK, 101, 501, 1, 31);
    return send(C, FIN, 100, 501, 0, 35);
}

static void test_late_in_later_versions(void)
{
    CHECK_EACH(fin_below_the_end, MC_TCP_RETRANSMISSION, MC_TCP_RETRANSMISSION, MC_TCP_OUT_OF_ORDER);
    CHECK_EACH(fin_below_the_end_behind_a_probe, MC_TCP_RETRANSMISSION, MC_TCP_RETRANSMISSION, MC_TCP_RETRANSMISSION);
    CHECK_EACH(at_the_beginning_of_time, MC_TCP_OUT_OF_ORDER, MC_TCP_OUT_OF_ORDER, MC_TCP_OUT_OF_ORDER);
    CHECK_EACH(beside_a_silent_side, MC_TCP_OUT_OF_ORDER, MC_TCP_OUT_OF_ORDER, MC_TCP_RETRANSMISSION);
    CHECK_EACH(soon_again, MC_TCP_OUT_OF_ORDER, MC_TCP_RETRANSMISSION, MC_TCP_RETRANSMISSION);
    CHECK_EACH(up_to_the_end_behind_a_bare_one, MC_TCP_RETRANSMISSION, MC_TCP_OUT_OF_ORDER, MC_TCP_OUT_OF_ORDER);
    CHECK_EACH(while_the_other_side_is_silent, MC_TCP_OUT_OF_ORDER, MC_TCP_OUT_OF_ORDER, MC_TCP_RETRANSMISSION);
    CHECK_EACH(before_the_other_side_in_time, MC_TCP_OUT_OF_ORDER, MC_TCP_OUT_OF_ORDER, MC_TCP_OUT_OF_ORDER);
}

/* Rules 5, 9 and 15: what SACK adds. */
static mc_segment with_block(uint32_t left, uint32_t right, uint16_t win)
{
    mc_segment s = segment(ACK, 501, 101, 0, win);

    s.has |= MC_HAS_SACK;
    s.sack_count = 1;
    s.sack[0][0] = left;
    s.sack[0][1] = right;
    return s;
}

static uint32_t window_update_with_a_block(void)
{
    const mc_segment s = with_block(201, 301, 2000);

    handshake();
    send(S, ACK, 501, 101, 0, 25);
    send(C, ACK, 201, 501, 100, 30);
    return send_at(S, &s, 40 * MC_NS_PER_MS);
}

static uint32_t hole_above_the_acknowledgement(void)
{
    const mc_segment s = with_block(401, 501, 1000);

    handshake();
    send(S, ACK, 501, 101, 0, 22);
    send(C, ACK, 101, 501, 100, 25);
    send(C, ACK, 201, 501, 100, 25);
    send(C, ACK, 301, 501, 100, 25);
    send_at(S, &s, 60 * MC_NS_PER_MS);
    send_at(S, &s, 61 * MC_NS_PER_MS);
    return send(C, ACK, 201, 501, 100, 70);
}

static void test_what_blocks_say(void)
{
    CHECK_EACH(window_update_with_a_block, MC_TCP_WINDOW_UPDATE, MC_TCP_DUPLICATE_ACK, MC_TCP_DUPLICATE_ACK);
    CHECK_EACH(hole_above_the_acknowledgement, MC_TCP_RETRANSMISSION, MC_TCP_FAST, MC_TCP_FAST);
}

/* Rule 22: a part of a segment. */
static void test_round_trips_of_parts(void)
{
    handshake();
    send(C, ACK, 101, 501, 100, 30);
    send(S, ACK, 501, 151, 0, 60);
    CHECK(!last.sample.taken);
    rules = MC_RULES_WIRESHARK_4_4;
    handshake();
    send(C, ACK, 101, 501, 100, 30);
    send(S, ACK, 501, 151, 0, 60);
    CHECK(last.sample.taken && !last.sample.clear);          /* shown, and fit for no statistics */
    CHECK_EQ(last.sample.ns, 30 * MC_NS_PER_MS);
    rules = MC_RULES_WIRESHARK_4_0;
}

int main(void)
{
    RUN(test_a_handshake_gives_no_flag);
    RUN(test_zero_windows_and_their_probes);
    RUN(test_a_gap_is_a_lost_segment);
    RUN(test_keep_alives_and_their_acknowledgements);
    RUN(test_a_window_update_repeats_the_acknowledgement);
    RUN(test_data_that_fills_the_window);
    RUN(test_windows_are_scaled_where_both_sides_scale);
    RUN(test_duplicate_acknowledgements_are_counted_in_a_row);
    RUN(test_acknowledgements_of_what_was_not_captured);
    RUN(test_data_that_was_acknowledged_is_spurious);
    RUN(test_a_fast_retransmission_follows_duplicates);
    RUN(test_late_is_out_of_order_or_sent_again);
    RUN(test_syns_on_a_pair_in_use);
    RUN(test_a_reset_of_zero_moves_nothing);
    RUN(test_round_trips_are_those_of_data_sent_once);
    RUN(test_the_list_of_what_was_sent_is_bounded);
    RUN(test_one_endpoint_that_talks_to_itself);
    RUN(test_sequence_numbers_wrap);
    RUN(test_pairs_that_are_used_anew);
    RUN(test_acknowledgements_of_what_was_not_seen);
    RUN(test_probes_whose_byte_is_taken);
    RUN(test_late_in_later_versions);
    RUN(test_what_blocks_say);
    RUN(test_round_trips_of_parts);
    mc_pool_destroy(&pool);
    return DONE();
}
