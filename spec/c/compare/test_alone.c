/*
 * test_alone.c: what became of segments that were seen at one point only.
 */
#include "two_points.h"

/* Sent past the first point, sent again, and that copy arrives: the first one was lost between. */
static void test_a_copy_that_never_arrives_is_lost(void)
{
    const mc_between_facts *f;

    begin();
    opening(1, 0);
    pass(0, data(1001, 100), 30);
    both(data(1001, 100), 250);
    go_on(1101, 300);
    f = finish();
    CHECK_EQ(alone(f, C, 0, MC_ALONE_lost), 1);
    CHECK_EQ(f->direction[C].alone[MC_ALONE_lost][0].kind[MC_KIND_data], 1);
    CHECK_EQ(f->direction[C].alone[MC_ALONE_lost][0].bytes, 100);
    CHECK_EQ(f->direction[C].alone[MC_ALONE_lost][0].examples.frame[0][0], 4);
    CHECK_EQ(all_alone(f), 1);
    CHECK_EQ(f->rows[0].alone[C][MC_ALONE_lost], 1);
}

/* The same the other way: the server's, past side 1 first. */
static void test_a_copy_of_the_server_that_never_arrives_is_lost(void)
{
    const mc_between_facts *f;

    begin();
    opening(1, 0);
    pass(1, segment(1, S, ACK, 5001, 1001, 700), 30);
    both(segment(1, S, ACK, 5001, 1001, 700), 250);
    both(segment(1, C, ACK, 1001, 5701, 0), 270);
    f = finish();
    CHECK_EQ(alone(f, S, 1, MC_ALONE_lost), 1);
    CHECK_EQ(all_alone(f), 1);
}

/* A longer one than any that arrives was several on the way. */
static void test_a_long_one_is_lost_as_several(void)
{
    const mc_between_facts *f;

    begin();
    opening(1, 0);
    both(data(1001, 1000), 30);
    pass(0, data(2001, 4000), 40);
    pass(0, data(2001, 1000), 240);
    both(data(2001, 1000), 250);
    both(ack(3001), 260);
    f = finish();
    CHECK_EQ(f->direction[C].alone[MC_ALONE_lost][0].count, 5);
    CHECK_EQ(f->direction[C].alone[MC_ALONE_lost][0].bytes, 5000);
}

/* Not seen at the second point, but acknowledged: that point's capture missed it. */
static void test_what_is_acknowledged_was_missed(void)
{
    const mc_between_facts *f;

    begin();
    opening(1, 0);
    pass(0, data(1001, 100), 30);
    both(ack(1101), 60);
    go_on(1101, 300);
    f = finish();
    CHECK_EQ(alone(f, C, 0, MC_ALONE_missed), 1);
    CHECK_EQ(all_alone(f), 1);
}

/* The second point saw it acknowledged before it first came by: of two copies that capture missed one. */
static void test_an_early_acknowledgement_proves_a_missed_copy(void)
{
    const mc_between_facts *f;

    begin();
    opening(1, 0);
    pass(0, data(1001, 100), 30);
    both(ack(1101), 60);
    both(data(1001, 100), 70);                               /* sent again, for the answer was late */
    go_on(1101, 300);
    f = finish();
    CHECK_EQ(alone(f, C, 0, MC_ALONE_missed), 1);
    CHECK_EQ(all_alone(f), 1);
}

/* At the second point, never past the first, although its sender has gone on behind it: missed there. */
static void test_what_its_sender_has_gone_on_behind_was_missed(void)
{
    const mc_between_facts *f;

    begin();
    opening(1, 0);
    pass(1, data(1001, 100), 35);
    go_on(1101, 300);
    f = finish();
    CHECK_EQ(alone(f, C, 1, MC_ALONE_missed), 1);
    CHECK_EQ(all_alone(f), 1);
}

/* At the second point alone, with other bytes than the one that passed the first: made between. */
static void test_other_bytes_with_the_same_numbers_are_injected(void)
{
    const mc_between_facts *f;
    mc_tapped forged = data(1001, 100);

    begin();
    opening(1, 0);
    both(data(1001, 100), 30);
    fill(&forged, 666);
    pass(1, forged, 36);
    go_on(1101, 300);
    f = finish();
    CHECK_EQ(alone(f, C, 1, MC_ALONE_injected), 1);
    CHECK_EQ(all_alone(f), 1);
}

/* The very same packet once more, at the second point alone. */
static void test_the_same_packet_again_is_a_duplicate(void)
{
    const mc_between_facts *f;
    const mc_tapped t = data(1001, 100);

    begin();
    opening(1, 0);
    both(t, 30);
    pass(1, t, 36);
    go_on(1101, 300);
    f = finish();
    CHECK_EQ(alone(f, C, 1, MC_ALONE_duplicated), 1);
    CHECK_EQ(all_alone(f), 1);
}

/* What is lost on the way to the server says nothing of an acknowledgement on the way back. */
static void test_losses_of_one_direction_prove_none_of_the_other(void)
{
    const mc_between_facts *f;

    begin();
    opening(1, 0);
    pass(0, data(1001, 100), 30);
    both(data(1001, 100), 250);
    pass(1, segment(1, S, ACK, 5001, 1101, 0), 260);
    both(segment(1, S, ACK, 5001, 1101, 10), 300);
    both(segment(1, C, ACK, 1101, 5011, 0), 330);
    f = finish();
    CHECK_EQ(alone(f, C, 0, MC_ALONE_lost), 1);
    CHECK_EQ(alone(f, S, 1, MC_ALONE_lost), 0);
    CHECK_EQ(alone(f, S, 1, MC_ALONE_undecided), 1);
}

/* A reset without identification twice: of one that came by before it is a copy; of two that were made neither did. */
static void test_a_reset_twice(void)
{
    const mc_between_facts *f;
    mc_tapped t = plain(segment(1, C, RST, 1001, 0, 0));

    begin();
    opening(1, 0);
    both(t, 40);
    pass(1, t, 46);
    opening(2, 60);
    f = finish();
    CHECK_EQ(alone(f, C, 1, MC_ALONE_duplicated), 1);
    CHECK_EQ(all_alone(f), 1);

    begin();
    opening(1, 0);
    t.seen.ttl = 200;
    pass(1, t, 46);
    pass(1, t, 47);
    both(segment(1, S, ACK, 5001, 1001, 50), 60);
    f = finish();
    CHECK_EQ(alone(f, C, 1, MC_ALONE_injected), 2);
    CHECK_EQ(alone(f, C, 1, MC_ALONE_duplicated), 0);
}

/* A capture that missed one segment for sure may have missed some of those that came again; not many more. */
static void test_losses_where_a_capture_missed_others(void)
{
    const mc_between_facts *f;
    unsigned missed, i;

    for (missed = 0; missed < 2; missed++) {
        begin();
        opening(1, 0);
        if (missed == 1)
            pass(0, data(1001, 100), 30);
        else
            both(data(1001, 100), 30);
        both(ack(1101), 50);
        for (i = 0; i < 8; i++) {
            pass(0, data(1101 + 100 * i, 100), 100 + 500 * i);
            both(data(1101 + 100 * i, 100), 350 + 500 * i);
            both(ack(1201 + 100 * i), 370 + 500 * i);
        }
        go_on(1901, 6000);
        f = finish();
        CHECK_EQ(alone(f, C, 0, MC_ALONE_missed), missed);
        CHECK_EQ(alone(f, C, 0, MC_ALONE_lost), missed == 0 ? 8 : 2);
        CHECK_EQ(alone(f, C, 0, MC_ALONE_undecided), missed == 0 ? 0 : 6);
        CHECK_EQ(f->direction[C].alone[MC_ALONE_lost][0].bytes, missed == 0 ? 800 : 200);
    }
}

/* A translator forgets a connection, and gives it other ends: what goes on under these is not lost. */
static void test_what_goes_on_under_other_ends_is_not_lost(void)
{
    const mc_between_facts *f;
    unsigned rebound, i;

    for (rebound = 0; rebound < 2; rebound++) {
        begin();
        opening(1, 0);
        both(data(1001, 100), 30);
        both(ack(1101), 50);
        for (i = 0; i < 2; i++) {
            pass(0, data(1101, 100), 3000 + 300 * i);
            if (rebound == 1)
                pass(1, as_client(data(1101, 100), 7), 3005 + 300 * i);
        }
        both(segment(2, C, SYN, 9000, 0, 0), 9000);
        f = finish();
        CHECK_EQ(alone(f, C, 0, MC_ALONE_lost) > 0, rebound == 0);
        CHECK_EQ(alone(f, C, 0, MC_ALONE_undecided) > 0, rebound == 1);
    }
}

/* A reset that its sender never sent: another TTL, or a sender that goes on. */
static void test_a_reset_from_between_is_injected(void)
{
    const mc_between_facts *f;
    mc_tapped forged;

    begin();
    opening(1, 0);
    both(segment(1, S, ACK, 5001, 1001, 50), 30);
    forged = segment(1, S, RST, 5051, 0, 0);
    forged.seen.ttl = 200;
    pass(0, forged, 40);
    both(segment(1, C, ACK, 1001, 5051, 0), 60);
    f = finish();
    CHECK_EQ(alone(f, S, 0, MC_ALONE_injected), 1);

    begin();
    opening(1, 0);
    both(data(1001, 50), 25);
    pass(0, segment(1, S, RST, 5001, 0, 0), 40);
    both(ack(1051), 60);                                     /* the server knows nothing of it */
    f = finish();
    CHECK_EQ(alone(f, S, 0, MC_ALONE_injected), 1);
    CHECK_EQ(f->direction[S].alone[MC_ALONE_injected][0].kind[MC_KIND_rst], 1);
    CHECK_EQ(f->rows[0].alone[S][MC_ALONE_injected], 1);
}

/* Nothing proves it, but a capture hardly ever misses just a reset: made between, unless it did miss others. */
static void test_a_reset_without_proof_is_injected_if_the_capture_is_whole(void)
{
    const mc_between_facts *f;

    begin();
    opening(1, 0);
    both(data(1001, 50), 25);
    pass(0, segment(1, S, RST, 5001, 0, 0), 40);
    both(segment(1, C, ACK, 1051, 5001, 0), 60);
    f = finish();
    CHECK_EQ(alone(f, S, 0, MC_ALONE_injected), 1);

    begin();
    opening(1, 0);
    both(data(1001, 50), 25);
    pass(0, segment(1, S, RST, 5001, 0, 0), 40);
    both(segment(1, C, ACK, 1051, 5001, 0), 60);
    f = finish_dropped(0, 3);                                /* side 1 says that it missed some */
    CHECK_EQ(alone(f, S, 0, MC_ALONE_injected), 0);
    CHECK_EQ(alone(f, S, 0, MC_ALONE_undecided), 1);
}

/* A mirror at the first point gives each packet twice: no second one is lost. */
static void test_what_a_mirror_gives_twice_is_not_lost(void)
{
    const mc_between_facts *f;
    unsigned i;

    begin();
    opening(1, 0);
    for (i = 0; i < 4; i++) {
        const mc_tapped t = data(1001 + 100 * i, 100);

        pass(0, t, 100 + 20 * i);
        pass(0, t, 101 + 20 * i);
        if (i != 1)                                          /* one is lost, and sent again */
            pass(1, t, 105 + 20 * i);
    }
    both(data(1101, 100), 500);
    both(ack(1401), 520);
    f = finish();
    CHECK_EQ(f->direction[C].at_both, 6);
    CHECK_EQ(alone(f, C, 0, MC_ALONE_lost), 1);
    CHECK_EQ(all_alone(f), 1);
}

/* A third point, further on, has what never came to the second: its capture missed it. */
static void test_what_came_to_a_point_further_on_was_missed(void)
{
    mc_between_facts on = { .order_known = true, .paired = 1 };
    const mc_between_facts *f;

    begin();
    opening(1, 0);
    pass(0, data(1001, 100), 100);
    pass(0, data(1101, 100), 110);
    both(data(1001, 100), 400);
    both(data(1101, 100), 410);
    both(ack(1201), 430);
    f = finish();
    CHECK_EQ(alone(f, C, 0, MC_ALONE_lost), 2);
    on.direction[C].alone[MC_ALONE_lost][0].kind[MC_KIND_data] = 1;
    mc_between_arrived(between, C, &on, 0);                  /* nothing is known of that direction there */
    CHECK_EQ(alone(f, C, 0, MC_ALONE_lost), 2);
    on.direction[C].at_both = 5;
    on.proxied = 1;
    mc_between_arrived(between, C, &on, 0);
    CHECK_EQ(alone(f, C, 0, MC_ALONE_lost), 2);
    on.proxied = 0;
    mc_between_arrived(between, C, &on, 0);
    CHECK_EQ(alone(f, C, 0, MC_ALONE_lost), 1);
    CHECK_EQ(alone(f, C, 0, MC_ALONE_missed), 1);
    CHECK_EQ(f->direction[C].alone[MC_ALONE_lost][0].bytes, 100);
    CHECK_EQ(f->direction[C].alone[MC_ALONE_missed][0].bytes, 100);
    CHECK_EQ(f->rows[0].alone[C][MC_ALONE_lost], 1);
    mc_between_arrived(between, C, &on, 0);                  /* once is as good as twice */
    CHECK_EQ(alone(f, C, 0, MC_ALONE_lost), 1);
    on.order_known = false;
    on.direction[C].alone[MC_ALONE_lost][0].kind[MC_KIND_data] = 0;
    mc_between_arrived(between, C, &on, 0);
    CHECK_EQ(alone(f, C, 0, MC_ALONE_lost), 1);
}

/* What answers SYNs for the server gives it SYNs of its own, and the client answers of its own: nothing is lost of them. */
static void test_a_handshake_made_anew_between(void)
{
    const mc_between_facts *f;
    unsigned i;

    begin();
    opening(2, 0);
    for (i = 0; i < 2; i++) {                                /* each its own identifications, as all of client 2's are kept */
        both(segment(2, C, ACK, 1001 + i, 5001, 1), 40 + i);
        both(segment(2, S, ACK, 5001 + i, 1002, 1), 60 + i);
    }
    pass(0, segment(1, C, SYN, 1000, 0, 0), 100);
    pass(0, segment(1, S, SYN_ACK, 9000, 1001, 0), 101);
    pass(1, segment(1, C, SYN, 1000, 0, 0), 110);
    pass(1, segment(1, S, SYN_ACK, 5000, 1001, 0), 111);
    both(segment(2, C, ACK, 1003, 5003, 1), 20000);
    f = finish();
    CHECK_EQ(f->paired, 2);
    CHECK_EQ(f->shifted, 1);
    CHECK_EQ(f->direction[C].change[MC_CHANGE_ip_id].packets, 1);
    CHECK_EQ(all_alone(f), 0);
    CHECK_EQ(f->clock.steps, 0);                             /* no time comes of it */
}

/* The server ends its connections by resets: one more that looks like these may be its own, and missed. */
static void test_a_reset_of_an_end_that_makes_resets(void)
{
    const mc_between_facts *f;
    unsigned i;

    for (i = 0; i < 2; i++) {
        begin();
        opening(1, 0);
        opening(2, 1);
        both(data(1001, 50), 25);
        both(segment(2, S, RST, 5001, 0, 0), 30);
        pass(0, segment(1, S, RST, 5001, 0, 0), 40);
        if (i == 1) {                                        /* the near miss: more are at one point than at both */
            opening(3, 41);
            pass(0, segment(3, S, RST, 5001, 0, 0), 70);
        }
        both(segment(1, C, ACK, 1051, 5001, 0), 90);
        f = finish();
        CHECK_EQ(alone(f, S, 0, MC_ALONE_injected), 2 * i);
        CHECK_EQ(alone(f, S, 0, MC_ALONE_undecided), !i);
    }
}

/* A pure acknowledgement leaves no trace: it is lost where others are, if the other capture is whole. */
static void test_what_leaves_no_trace_is_taken_for_what_happens(void)
{
    const mc_between_facts *f;
    unsigned round;

    for (round = 0; round < 3; round++) {
        begin();
        opening(1, 0);
        if (round > 0) {
            pass(0, data(1001, 100), 30);
            both(data(1001, 100), 250);
        } else {
            both(data(1001, 100), 250);
        }
        pass(0, data(1101, 0), 255);
        pass(1, data(1101, 0), 256);                         /* one at each, not the same */
        go_on(1101, 300);
        f = finish_dropped(0, round == 2 ? 1 : 0);
        CHECK_EQ(alone(f, C, 0, MC_ALONE_lost), round == 1 ? 1 : 0);     /* of so few segments one may have been missed */
        CHECK_EQ(alone(f, C, 0, MC_ALONE_undecided), round == 2 ? 2 : 1);
        CHECK_EQ(alone(f, C, 1, MC_ALONE_undecided), 1);     /* that others are made between is not proven */
        CHECK_EQ(f->rows[0].alone[C][MC_ALONE_lost], round == 1 ? 1 : 0);
    }
}

/* Of many segments the capture missed none, so of a few acknowledgements it missed one at most. */
static void test_a_capture_that_is_whole_misses_few_acknowledgements(void)
{
    const mc_between_facts *f;
    unsigned i;

    begin();
    opening(1, 0);
    pass(0, data(1001, 100), 30);
    both(data(1001, 100), 250);
    for (i = 0; i < 30; i++)
        both(segment(1, S, ACK, 5001 + 100 * i, 1101, 100), 300 + 10 * i);
    for (i = 0; i < 4; i++)
        pass(0, segment(1, C, ACK, 1101, 5401 + 100 * i, 0), 700 + 10 * i);
    both(segment(1, C, ACK, 1101, 8001, 10), 800);
    both(segment(1, S, ACK, 8001, 1111, 0), 820);
    f = finish();
    CHECK_EQ(alone(f, C, 0, MC_ALONE_lost), 4);              /* one of data, three of four acknowledgements */
    CHECK_EQ(alone(f, C, 0, MC_ALONE_undecided), 1);
    CHECK_EQ(f->rows[0].alone[C][MC_ALONE_lost], 4);
}

/* Without any acknowledgement nobody knows what became of it. */
static void test_data_that_nobody_acknowledges_stay_open(void)
{
    const mc_between_facts *f;
    unsigned i;

    begin();
    for (i = 0; i < 3; i++) {                                /* one direction of the traffic, as a mirror may show it */
        mc_tapped t = segment(1, C, 0, 1001 + 100 * i, 0, 100);

        if (i == 1)
            pass(0, t, 10);
        else
            both(t, 10 * i);
    }
    f = finish();
    CHECK_EQ(f->paired, 1);
    CHECK_EQ(alone(f, C, 0, MC_ALONE_undecided), 1);
}

/* Before the other capture began, and after it ended. */
static void test_what_the_other_capture_does_not_cover_is_outside(void)
{
    const mc_between_facts *f;

    begin();
    pass(0, data(1001, 100), 0);
    pass(0, data(1101, 100), 10);
    both(data(1201, 100), 100);
    both(ack(1301), 120);
    pass(0, data(1301, 100), 200);
    f = finish();
    CHECK_EQ(alone(f, C, 0, MC_ALONE_outside), 3);
    CHECK_EQ(all_alone(f), 3);
}

/* Lost soon after the captures began, and the clock of the point behind is set forward before that is known. */
static void test_what_was_lost_before_a_clock_was_set(void)
{
    const mc_between_facts *f;
    unsigned i;

    begin();
    opening(1, 0);
    both(segment(1, S, ACK, 5001, 1001, 100), 100);
    pass(1, segment(1, S, ACK, 5101, 1001, 100), 200);
    both(segment(1, S, ACK, 5201, 1001, 100), 210);
    both(segment(1, C, ACK, 1001, 5101, 0), 230);
    both(segment(1, S, ACK, 5101, 1001, 100), 500);
    both(segment(1, C, ACK, 1001, 5301, 0), 530);
    ahead_ms = 3000;
    for (i = 0; i < 20; i++)
        go_on(1001 + 10 * i, 1000 + 500 * i);
    f = finish();
    CHECK_EQ(alone(f, S, 1, MC_ALONE_lost), 1);
    CHECK_EQ(all_alone(f), 1);
    CHECK_EQ(f->clock.steps, 1);
}

int main(void)
{
    RUN(test_what_was_lost_before_a_clock_was_set);
    RUN(test_a_copy_that_never_arrives_is_lost);
    RUN(test_a_copy_of_the_server_that_never_arrives_is_lost);
    RUN(test_a_long_one_is_lost_as_several);
    RUN(test_what_is_acknowledged_was_missed);
    RUN(test_an_early_acknowledgement_proves_a_missed_copy);
    RUN(test_what_its_sender_has_gone_on_behind_was_missed);
    RUN(test_other_bytes_with_the_same_numbers_are_injected);
    RUN(test_the_same_packet_again_is_a_duplicate);
    RUN(test_losses_of_one_direction_prove_none_of_the_other);
    RUN(test_a_reset_twice);
    RUN(test_losses_where_a_capture_missed_others);
    RUN(test_what_goes_on_under_other_ends_is_not_lost);
    RUN(test_a_reset_from_between_is_injected);
    RUN(test_a_reset_without_proof_is_injected_if_the_capture_is_whole);
    RUN(test_what_a_mirror_gives_twice_is_not_lost);
    RUN(test_what_came_to_a_point_further_on_was_missed);
    RUN(test_a_handshake_made_anew_between);
    RUN(test_a_reset_of_an_end_that_makes_resets);
    RUN(test_what_leaves_no_trace_is_taken_for_what_happens);
    RUN(test_a_capture_that_is_whole_misses_few_acknowledgements);
    RUN(test_data_that_nobody_acknowledges_stay_open);
    RUN(test_what_the_other_capture_does_not_cover_is_outside);
    mc_between_close(between);
    return DONE();
}
