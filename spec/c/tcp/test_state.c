/*
 * test_state.c: what a connection went through: states, history, handshake, completeness,
 * and how it was reset.
 */
#include "exchange.h"

static void expect_state(const char *code, const char *history, unsigned completeness)
{
    CHECK_STR(mc_conn_state_code(mc_state_of(&conn)), code);
    CHECK_EQ(conn.completeness, completeness);
    if (!history_is(history)) {
        fprintf(stderr, "history \"%.*s\", not \"%s\"\n", conn.history_len, conn.history, history);
        CHECK(false);
    }
}

static void expect_reset(const char *phase, unsigned by)
{
    CHECK_STR(mc_reset_phase_code(conn.reset_phase), phase);
    CHECK_EQ(conn.reset_by, by);
}

static void test_names(void)
{
    CHECK_STR(mc_conn_state_code(MC_CS_RSTOS0), "RSTOS0");
    CHECK_STR(mc_conn_state_text(MC_CS_SF), "closed by both sides");
    CHECK_STR(mc_reset_phase_code(MC_RESET_WITHOUT_DATA), "without_data");
}

static void test_open_and_closed_by_both(void)
{
    nothing();
    send(C, SYN, 100, 0, 0, 0);
    expect_state("S0", "S", 1);
    send(S, SYN_ACK, 500, 101, 0, 10);
    expect_state("S1", "Sh", 3);
    send(C, ACK, 101, 501, 0, 30);
    CHECK_EQ(conn.to_server_ns, 10 * MC_NS_PER_MS);
    CHECK_EQ(conn.to_client_ns, 20 * MC_NS_PER_MS);
    send(C, ACK, 101, 501, 10, 40);
    send(S, ACK, 501, 111, 20, 50);
    expect_state("S1", "ShADd", 15);
    send(C, FIN, 111, 521, 0, 60);
    expect_state("S2", "ShADdF", 31);
    CHECK((conn.flags & MC_C_FIN_FIRST) != 0 && conn.closer == C);
    send(S, ACK, 521, 112, 0, 65);
    send(S, FIN, 521, 112, 0, 70);
    expect_state("SF", "ShADdFaf", 31);
    CHECK(mc_conn_is_over(&conn));
    CHECK_EQ(conn.closer, C);
    send(C, SYN, 100, 0, 0, 90);                             /* the same pair lives again */
    CHECK(history_is("S"));
    CHECK((conn.flags & (MC_C_CLOSER | MC_C_FIN_FIRST)) == 0);
}

static void test_half_closed_by_the_responder(void)
{
    handshake();
    send(S, FIN, 501, 101, 0, 60);
    expect_state("S3", "ShAf", 23);
    CHECK_EQ(conn.closer, S);
}

static void test_only_one_side_was_captured(void)
{
    nothing();
    send(C, SYN, 100, 0, 0, 0);
    send(C, FIN, 101, 501, 0, 10);
    expect_state("SH", "SF", 21);
    nothing();
    send(S, SYN_ACK, 500, 101, 0, 0);
    CHECK_EQ(conn.originator, C);
    CHECK((conn.flags & (MC_C_SWAPPED | MC_C_MID_STREAM)) == (MC_C_SWAPPED | MC_C_MID_STREAM));
    expect_state("OTH", "^h", 0);
    send(S, FIN, 501, 101, 0, 10);
    expect_state("SHR", "^hf", 20);
    nothing();
    send(S, SYN_ACK, 500, 101, 0, 0);
    send(S, RST, 501, 0, 0, 10);
    expect_state("RSTRH", "^hr", 32);
}

static void test_picked_up_in_mid_stream(void)
{
    nothing();
    send(S, ACK, 501, 101, 10, 0);
    CHECK_EQ(conn.originator, C);
    expect_state("OTH", "^d", 8);
    send(C, ACK, 101, 511, 0, 10);
    expect_state("OTH", "^dA", 12);
    CHECK((conn.flags & MC_C_MID_STREAM) != 0);
}

/* Who opened it, when only ports can tell. */
static void test_the_side_that_serves(void)
{
    static const struct {
        uint16_t from, to;
        uint8_t flags;
        bool serves;
    } cases[] = {
        { 40000, 80, ACK, false }, { 80, 40000, ACK, true },   { 3306, 40000, ACK, true },
        { 40000, 40001, ACK, false }, { 80, 443, ACK, true },  { 443, 80, ACK, false },
        { 0, 40000, ACK, false },  { 80, 40000, SYN, false },  { 40000, 80, SYN_ACK, true },
    };
    unsigned i;

    for (i = 0; i < MC_ARRAY_LEN(cases); i++) {
        const mc_segment s = { .sport = cases[i].from, .dport = cases[i].to, .flags = cases[i].flags };

        CHECK_EQ(mc_state_sender_serves(&s), cases[i].serves);
    }
    nothing();
    mc_state_begin(&conn, C, &(mc_segment){ .sport = 80, .dport = 40000, .flags = ACK }, false);
    CHECK_EQ(conn.originator, S);
    nothing();
    mc_state_begin(&conn, C, &(mc_segment){ .sport = 80, .dport = 40000, .flags = ACK }, true);
    CHECK_EQ(conn.originator, C);
    nothing();
    conn.flags = MC_C_SELF;
    mc_state_begin(&conn, S, &(mc_segment){ .sport = 80, .dport = 80, .flags = SYN_ACK }, false);
    CHECK_EQ(conn.originator, S);
}

static void test_phases_of_a_reset(void)
{
    nothing();
    send(C, SYN, 100, 0, 0, 0);
    send(S, RST | ACK, 0, 101, 0, 10);
    expect_reset("refused", S);
    expect_state("REJ", "Sr", 37);
    CHECK_EQ(conn.at.reset_frame, 2);

    nothing();
    send(C, SYN, 100, 0, 0, 0);
    send(C, RST, 101, 0, 0, 10);
    expect_reset("half_open", C);
    expect_state("RSTOS0", "SR", 33);

    nothing();
    send(C, SYN, 100, 0, 0, 0);
    send(S, SYN_ACK, 500, 101, 0, 10);
    send(C, RST, 101, 0, 0, 20);
    expect_reset("half_open", C);
    expect_state("RSTO", "ShR", 35);

    handshake();
    send(S, RST, 501, 0, 0, 40);
    expect_reset("without_data", S);
    expect_state("RSTR", "ShAr", 39);

    handshake();
    send(C, ACK, 101, 501, 10, 30);
    send(S, RST, 501, 0, 0, 40);
    expect_reset("mid_data", S);
    CHECK_EQ(conn.rst_count[S], 1);
    CHECK((conn.flags & MC_C_CLOSER) != 0 && (conn.flags & MC_C_FIN_FIRST) == 0);

    handshake();
    send(C, FIN, 101, 501, 0, 30);
    send(S, RST, 501, 0, 0, 40);
    expect_reset("half_closed", S);

    handshake();
    send(C, FIN, 101, 501, 0, 30);
    send(S, ACK, 501, 102, 10, 35);
    send(C, RST, 102, 0, 0, 40);
    expect_reset("late", C);

    handshake();
    send(C, FIN, 101, 501, 0, 30);
    send(S, FIN, 501, 102, 0, 35);
    send(C, RST, 102, 0, 0, 40);
    expect_reset("after_close", C);
    expect_state("SF", "ShAFfR", 55);

    nothing();
    send(S, RST, 501, 0, 0, 40);
    expect_reset("stray", S);
}

/* A SYN-ACK after a refusal of the same SYN: two machines answer. */
static void test_refused_and_accepted(void)
{
    mc_segment answer = segment(SYN_ACK, 500, 101, 0, 1000);

    nothing();
    send(C, SYN, 100, 0, 0, 0);
    send(S, RST | ACK, 0, 101, 0, 10);
    answer.ttl = 50;
    send_at(S, &answer, 20 * MC_NS_PER_MS);
    CHECK((conn.reset_signs & (MC_SIGN_RACE | MC_SIGN_TTL)) == (MC_SIGN_RACE | MC_SIGN_TTL));
    nothing();                                               /* the SYN was repeated: one answer to each */
    send(C, SYN, 100, 0, 0, 0);
    send(S, RST | ACK, 0, 101, 0, 10);
    send(C, SYN, 100, 0, 0, 1000);
    send_at(S, &answer, 1010 * MC_NS_PER_MS);
    CHECK((conn.reset_signs & MC_SIGN_RACE) == 0);
}

/* Signs that a reset was not its sender's, and the signs against that. */
static void test_signs_of_a_forged_reset(void)
{
    mc_segment s;
    uint16_t id;

    handshake();
    send(C, ACK, 101, 501, 10, 30);
    for (id = 1; id < 6; id++) {
        s = segment(ACK, 501 + (id - 1) * 10u, 111, 10, 1000);
        s.has = MC_HAS_IPID;
        s.ip_id = id;
        send_at(S, &s, (30 + id) * MC_NS_PER_MS);
        conn.endpoint[S].id_run = (uint8_t)(id - 1u);                  /* so many small steps */
    }
    s = segment(RST, 551, 0, 0, 0);
    s.has = MC_HAS_IPID;
    s.ip_id = 6;
    {
        const mc_conn kept = conn;

        send_at(S, &s, 40 * MC_NS_PER_MS);
        CHECK_EQ(conn.reset_signs, MC_SIGN_TTL_SAME | MC_SIGN_ID_NEXT);
        conn = kept;
        s.ttl = 70;
        s.ip_id = 40000;
        s.seq = 9000;
        send_at(S, &s, 40 * MC_NS_PER_MS);
        CHECK_EQ(conn.reset_signs, MC_SIGN_TTL | MC_SIGN_IP_ID | MC_SIGN_SEQUENCE);
        send(S, ACK, 551, 111, 5, 41);                       /* and it goes on sending */
        CHECK((conn.reset_signs & MC_SIGN_RACE) != 0);
        conn = kept;
        s.seq = 541;                                         /* one that the peer may ask for */
        s.ip_id = 0;                                         /* says nothing */
        send_at(S, &s, 40 * MC_NS_PER_MS);
        CHECK_EQ(conn.reset_signs, MC_SIGN_TTL);
        send(C, RST, 111, 0, 0, 40);                         /* "from" both within a millisecond */
        CHECK((conn.reset_signs & MC_SIGN_BOTH) != 0);
        conn = kept;
        send_at(S, &s, 40 * MC_NS_PER_MS);
        send(C, RST, 111, 0, 0, 42);
        CHECK((conn.reset_signs & MC_SIGN_BOTH) == 0);
    }
}

static void test_more_resets_than_a_byte_holds(void)
{
    unsigned i;

    handshake();
    for (i = 0; i < 300; i++) {
        if (conn.rst_count[S] == 0xff)
            mc_detail_of(&conn.endpoint[S], &pool);
        send(S, RST, 501, 0, 0, 30);
    }
    CHECK_EQ(conn.rst_count[S] + conn.endpoint[S].detail->more_rsts, 300);
}

/* A SYN again although it was answered. */
static void test_steps_of_the_handshake_that_were_missed(void)
{
    nothing();
    send(C, SYN, 100, 0, 0, 0);
    send(S, SYN_ACK, 500, 101, 0, 10);
    send(C, SYN, 100, 0, 0, 1000);
    CHECK_EQ(conn.syn_count, 2);
    CHECK((conn.flags & MC_C_ANSWER_MISSED) != 0);
    CHECK_EQ(conn.to_server_ns, 10 * MC_NS_PER_MS);          /* the first answer counts */

    nothing();
    send(C, SYN, 100, 0, 0, 0);
    send(S, SYN_ACK, 500, 777, 0, 10);                       /* answers another SYN */
    CHECK((conn.flags & MC_C_HS_SYN_ACK) == 0);
    nothing();
    send(C, SYN, 100, 0, 30, 0);                             /* TCP fast open: data on the SYN */
    send(S, SYN_ACK, 500, 131, 0, 10);
    CHECK((conn.flags & MC_C_HS_SYN_ACK) != 0);
}

static void test_letters_for_what_recurs(void)
{
    unsigned i;

    handshake();
    for (i = 0; i < 12; i++)
        send_window(S, ACK, 501, 101, 0, 30 + (int)i, 0);
    CHECK(history_is("ShAaww"));                             /* the first and the tenth */
    handshake();
    send(C, ACK, 101, 501, 10, 30);
    for (i = 0; i < 12; i++)
        send(C, ACK, 101, 501, 10, 300 + (int)i);
    CHECK(history_is("ShADTT"));

    handshake();
    send(C, FIN, 101, 501, 0, 30);
    send(C, FIN, 101, 501, 0, 300);                          /* the same one */
    CHECK(history_is("ShAF"));
    send(C, FIN, 111, 501, 0, 400);                          /* in another place */
    CHECK(history_is("ShAFF"));
    send(C, RST, 112, 0, 0, 500);
    send(C, FIN, 121, 501, 0, 600);
    CHECK(history_is("ShAFFR"));

    handshake();
    send(C, SYN | MC_TH_FIN, 100, 0, 0, 30);
    send(C, MC_TH_FIN | RST, 101, 0, 0, 40);
    CHECK(history_is("ShAQ"));                               /* one letter for all that have more than one flag */
    handshake();
    send(C, MC_TH_FIN | RST, 101, 0, 0, 40);
    CHECK(history_is("ShAI"));
}

static void test_a_bad_checksum_and_a_full_history(void)
{
    mc_segment s = segment(ACK, 101, 501, 10, 1000);
    unsigned i;

    s.has = MC_BAD_CHECKSUM;
    handshake();
    send_at(C, &s, 30 * MC_NS_PER_MS);
    send_at(C, &s, 300 * MC_NS_PER_MS);
    CHECK(history_is("ShADCT"));
    for (i = 0; i < 20; i++)
        send(C, RST, 1000 + i, 0, 0, 400);
    CHECK_EQ(conn.history_len, MC_HISTORY_SIZE);
    CHECK((conn.flags & MC_C_HISTORY_FULL) != 0);
}

static void test_options_of_a_syn(void)
{
    mc_segment s = segment(SYN | MC_TH_ECE | MC_TH_CWR, 100, 0, 0, 7000);

    s.has = MC_HAS_MSS | MC_HAS_SCALE | MC_HAS_SACKOK | MC_HAS_TS;
    s.mss = 1460;
    s.scale = 7;
    nothing();
    send_at(C, &s, 0);
    CHECK_EQ(conn.endpoint[C].options & ~(unsigned)MC_NXT_BY_ACK, MC_OPT_SEEN | MC_OPT_SACK | MC_OPT_TS | MC_OPT_SCALE | MC_OPT_ECE | MC_OPT_CWR |
             MC_OPT_MSS);
    CHECK_EQ(conn.endpoint[C].mss, 1460);
    CHECK_EQ(conn.endpoint[C].shift, 7);
    CHECK_EQ(conn.endpoint[C].initial_window, 7000);
}

int main(void)
{
    RUN(test_names);
    RUN(test_open_and_closed_by_both);
    RUN(test_half_closed_by_the_responder);
    RUN(test_only_one_side_was_captured);
    RUN(test_picked_up_in_mid_stream);
    RUN(test_the_side_that_serves);
    RUN(test_phases_of_a_reset);
    RUN(test_refused_and_accepted);
    RUN(test_signs_of_a_forged_reset);
    RUN(test_more_resets_than_a_byte_holds);
    RUN(test_steps_of_the_handshake_that_were_missed);
    RUN(test_letters_for_what_recurs);
    RUN(test_a_bad_checksum_and_a_full_history);
    RUN(test_options_of_a_syn);
    mc_pool_destroy(&pool);
    return DONE();
}
