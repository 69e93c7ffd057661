/*
 * test_copies.c: copies of a segment of which little tells which is which: a window, their number, the clock of another time.
 */
#include "two_points.h"

static mc_tapped with_window(mc_tapped t, uint16_t win)
{
    t.seen.win = win;
    return t;
}

/* ---------------------------------------------------------------------- windows */

/* The same acknowledgement again and again, as a reader makes room: the window tells which is lost. */
static void test_windows_tell_copies(void)
{
    const mc_between_facts *f;
    unsigned i, marked;

    for (marked = 0; marked < 2; marked++) {
        begin();
        opening(1, 0);
        both(data(1001, 100), 30);
        for (i = 0; i < 8; i++) {
            mc_tapped t = with_window(ack(1101), (uint16_t)(100 * i));

            t = marked ? stamped(t, 77, 88) : t;
            t.seen.ip_id = 0;
            if (i == 2)
                pass(1, t, 50 + i);
            else
                both(t, 50 + i);
        }
        go_on(1101, 900);
        f = finish();
        CHECK_EQ(f->direction[S].change[MC_CHANGE_window].packets, 0);
        CHECK_EQ(f->direction[S].at_both, 9);
        CHECK_EQ(all_alone(f), 1);
        CHECK_EQ(f->clock.delay[S].max_ns, 0);
    }
}

/* The near miss: where some windows are changed on the way, one with another window is the same all the same. */
static void test_windows_that_are_changed_tell_nothing(void)
{
    const mc_between_facts *f;
    unsigned i;

    begin();
    opening(1, 0);
    for (i = 0; i < 12; i++) {
        const mc_tapped t = plain(with_window(data(1001 + 100 * i, 100), (uint16_t)(10000 * (i % 6))));

        pass_as(t, t.seen.win > 30000 ? with_window(t, 30000) : t, 100 * i + 100);
    }
    both(ack(2201), 1400);
    f = finish();
    CHECK_EQ(f->direction[C].at_both, 14);
    CHECK_EQ(f->direction[C].change[MC_CHANGE_window].packets, 4);
    CHECK_EQ(all_alone(f), 0);
}

/* ------------------------------------------------------------------- timestamps */

/* SYNs that are sent again, which nobody answers: all at the second point have timestamps that something between wrote. */
static void test_rewritten_timestamps_of_several_copies(void)
{
    const mc_between_facts *f;
    unsigned i;

    begin();
    for (i = 0; i < 3; i++) {
        const mc_tapped t = segment(1, C, SYN, 1000, 0, 0);

        pass_as(stamped(t, 5000 + 1000 * i, 0), stamped(t, 50 + 10 * i, 0), 1000 * i);
    }
    for (i = 0; i < 8; i++)
        both(segment(2, C, ACK, 100 + i, 5000, 1), 10000 + i);
    f = finish();
    CHECK_EQ(f->direction[C].at_both, 11);
    CHECK_EQ(f->direction[C].change[MC_CHANGE_timestamps].packets, 3);
    CHECK_EQ(all_alone(f), 0);
}

/* Both ends' timestamps, and each packet doubled behind the first point. */
static void test_rewritten_timestamps_of_what_is_doubled(void)
{
    const mc_between_facts *f;
    unsigned i;

    begin();
    opening(1, 0);
    for (i = 0; i < 4; i++) {
        const mc_tapped t = data(1001 + 100 * i, 100);

        pass_as(stamped(t, 5000 + i, 7000), stamped(t, 50 + i, 70), 100 + 20 * i);
        pass(1, stamped(t, 50 + i, 70), 106 + 20 * i);
    }
    both(ack(1401), 520);
    f = finish();
    CHECK_EQ(f->direction[C].change[MC_CHANGE_timestamps].packets, 4);
    CHECK_EQ(alone(f, C, 0, MC_ALONE_lost), 0);
    CHECK_EQ(alone(f, C, 1, MC_ALONE_duplicated), 4);
}

/* The near miss: one has its own timestamp at both points, so the others are other copies. */
static void test_copies_of_an_end_whose_timestamps_are_kept(void)
{
    const mc_between_facts *f;

    begin();
    both(stamped(segment(1, C, SYN, 1000, 0, 0), 5000, 0), 0);
    pass(0, stamped(segment(1, C, SYN, 1000, 0, 0), 6000, 0), 1000);
    pass(0, stamped(segment(1, C, SYN, 1000, 0, 0), 8000, 0), 3000);
    pass(1, stamped(segment(1, C, SYN, 1000, 0, 0), 12000, 0), 7000);
    both(segment(2, C, ACK, 100, 5000, 1), 20000);
    f = finish();
    CHECK_EQ(f->direction[C].at_both, 2);
    CHECK_EQ(f->direction[C].change[MC_CHANGE_timestamps].packets, 0);
    CHECK_EQ(all_alone(f), 3);
}

/* ------------------------------------------------------------------------- time */

/* Sent again and again, one of them lost; meanwhile the clock is set, and nothing that came by at both points is later. */
static void test_copies_after_a_clock_was_set(void)
{
    const mc_between_facts *f;
    unsigned i;

    begin();
    opening(1, 0);
    both(data(1001, 100), 30);
    ahead_ms = -20000;
    for (i = 0; i < 5; i++)
        if (i == 2)
            pass(0, plain(data(1101, 100)), 5000 + 1000 * i);
        else
            both(plain(data(1101, 100)), 5000 + 1000 * i);
    f = finish();
    CHECK_EQ(f->direction[C].at_both, 7);
    CHECK_EQ(all_alone(f), 1);                               /* which one is not told, and no time comes of it */
    CHECK(f->clock.delay[C].max_ns < MC_NS_PER_S);
}

/* As many at both points: they are paired in order, and tell that the clock was set. */
static void test_as_many_copies_after_a_clock_was_set(void)
{
    const mc_between_facts *f;
    unsigned i;

    begin();
    opening(1, 0);
    both(data(1001, 100), 30);
    ahead_ms = -1500;
    for (i = 0; i < 4; i++)
        both(plain(data(1101, 100)), 5000 + 1000 * i);
    f = finish();
    CHECK_EQ(f->direction[C].at_both, 7);
    CHECK_EQ(all_alone(f), 0);
    CHECK_EQ(f->clock.steps, 1);
}

/* The same of bytes that came in other pieces. */
static void test_pieces_after_a_clock_was_set(void)
{
    const mc_between_facts *f;
    unsigned i;

    begin();
    opening(1, 0);
    both(data(1001, 100), 30);
    ahead_ms = 3000;
    for (i = 0; i < 4; i++) {
        pass(0, plain(data(1101 + 2000 * i, 2000)), 5000 + 10 * i);
        pass(1, plain(data(1101 + 2000 * i, 1000)), 5005 + 10 * i);
        pass(1, plain(data(2101 + 2000 * i, 1000)), 5005 + 10 * i);
    }
    pass(0, plain(data(1101, 2000)), 5100);                  /* a copy that is lost: each byte is taken once */
    f = finish();
    CHECK_EQ(f->direction[C].resegmented[0], 4);
    CHECK_EQ(f->direction[C].resegmented[1], 8);
    CHECK_EQ(all_alone(f), 1);
}

/* The first that came by was slow: one that is a little quicker is likelier the same than one a second later. */
static void test_a_little_early_is_likelier_than_far_too_late(void)
{
    const mc_between_facts *f;
    unsigned i;

    begin();
    for (i = 0; i < 5; i++) {
        const mc_tapped t = plain(segment(1, C, SYN, 1000, 0, 0));

        pass(0, t, 1000 * i);
        pass(1, t, 1000 * i + (i == 0 ? 15 : 5));
    }
    f = finish();
    CHECK_EQ(f->direction[C].at_both, 5);
    CHECK_EQ(all_alone(f), 0);
    CHECK(f->clock.delay[C].max_ns <= 10 * MC_NS_PER_MS);
}

/* ------------------------------------------------------------------------- loss */

/* What arrives and is not acknowledged is sent again as well: that it is sent again proves no loss. */
static void test_what_is_never_acknowledged_is_sent_again_anyhow(void)
{
    const mc_between_facts *f;
    unsigned answered;

    for (answered = 0; answered < 2; answered++) {
        begin();
        opening(2, 0);
        both(segment(2, C, ACK, 1001, 5001, 100), 100);
        pass(0, segment(1, C, SYN, 1000, 0, 0), 200);
        both(segment(1, C, SYN, 1000, 0, 0), 1200);
        if (answered)                                        /* the near miss: the server answers what comes */
            both(segment(1, S, SYN_ACK, 5000, 1001, 0), 1210);
        both(segment(1, C, SYN, 1000, 0, 0), 3200);
        both(segment(2, C, ACK, 1101, 5001, 100), 20000);
        f = finish();
        CHECK_EQ(alone(f, C, 0, MC_ALONE_lost), answered);
        CHECK_EQ(alone(f, C, 0, MC_ALONE_undecided), !answered);
    }
}

/* Past side 1, and 40 us later past side 0: over seconds a drift may be as much. */
static void hardly_behind(mc_tapped t, int64_t ms)
{
    const unsigned first = t.seen.dir == C;

    pass_ns(first, plain(t), ms * MC_NS_PER_MS);
    pass_ns(!first, plain(t), ms * MC_NS_PER_MS + 40 * MC_NS_PER_US);
}

/* Nothing tells the order of the points until both directions have come by: what is sent again long after is no late copy. */
static void test_copies_before_the_order_is_known(void)
{
    const mc_between_facts *f;
    unsigned i;

    begin();
    hardly_behind(segment(1, C, SYN, 1000, 0, 0), 0);        /* side 1 is nearer to the client */
    hardly_behind(segment(1, S, SYN_ACK, 5000, 1001, 0), 1);
    for (i = 0; i < 3; i++)
        hardly_behind(segment(1, C, ACK, 1001 + 100 * i, 5001, 100), 100 + 100 * i);
    pass(0, plain(segment(1, S, ACK, 5001, 1301, 100)), 500);
    hardly_behind(segment(1, S, ACK, 5001, 1301, 100), 1900);
    hardly_behind(segment(1, C, ACK, 1301, 5101, 0), 1950);
    f = finish();
    CHECK_EQ(f->near, 1);
    CHECK_EQ(f->direction[S].at_both, 2);
    CHECK_EQ(alone(f, S, 0, MC_ALONE_lost), 1);
    CHECK_EQ(all_alone(f), 1);
    CHECK(f->clock.delay[S].max_ns < MC_NS_PER_S);
}

int main(void)
{
    RUN(test_windows_tell_copies);
    RUN(test_windows_that_are_changed_tell_nothing);
    RUN(test_rewritten_timestamps_of_several_copies);
    RUN(test_rewritten_timestamps_of_what_is_doubled);
    RUN(test_copies_of_an_end_whose_timestamps_are_kept);
    RUN(test_copies_after_a_clock_was_set);
    RUN(test_as_many_copies_after_a_clock_was_set);
    RUN(test_pieces_after_a_clock_was_set);
    RUN(test_copies_before_the_order_is_known);
    RUN(test_a_little_early_is_likelier_than_far_too_late);
    RUN(test_what_is_never_acknowledged_is_sent_again_anyhow);
    mc_between_close(between);
    return DONE();
}
