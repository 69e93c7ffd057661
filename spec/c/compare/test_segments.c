/*
 * test_segments.c: which segment at one point is which at the other, and what was changed on the way.
 */
#include "two_points.h"

/* ---------------------------------------------------------------------- copies */

/* Three copies, of which the second is not there: identifications tell which. */
static void test_identifications_tell_copies(void)
{
    const mc_between_facts *f;
    unsigned i;

    begin();
    opening(1, 0);
    both(data(1001, 100), 30);
    for (i = 0; i < 3; i++)
        if (i == 1)
            pass(0, data(1101, 100), 200 * (i + 1));
        else
            both(data(1101, 100), 200 * (i + 1));
    go_on(1201, 900);
    f = finish();
    CHECK_EQ(f->direction[C].at_both, 6);
    CHECK_EQ(all_alone(f), 1);
    CHECK_EQ(f->direction[C].reordered, 0);
}

/* Where nothing tells copies apart time does: those that are as long under way as others. */
static void test_time_tells_copies_without_marks(void)
{
    const mc_between_facts *f;
    unsigned i;

    begin();
    opening(1, 0);
    for (i = 0; i < 4; i++)
        if (i == 1)
            pass(0, plain(data(1001, 100)), 200 * (i + 1));
        else
            both(plain(data(1001, 100)), 200 * (i + 1));
    both(plain(ack(1101)), 900);
    f = finish();
    CHECK_EQ(f->direction[C].at_both, 5);
    CHECK_EQ(all_alone(f), 1);
    CHECK_EQ(f->clock.delay[C].max_ns, 0);                   /* none was paired with one of another time */
}

/* Nothing but plain segments from the first on: what has its like once at each side tells the clocks. */
static void test_plain_segments_are_paired_by_what_is_likely(void)
{
    const mc_between_facts *f;
    unsigned i;

    begin();
    ahead_ms = 77000;
    both(plain(segment(1, C, SYN, 1000, 0, 0)), 0);
    both(plain(segment(1, S, SYN_ACK, 5000, 1001, 0)), 10);
    for (i = 0; i < 3; i++)
        both(plain(data(1001, 100)), 100 * (i + 1));         /* three at each side: these tell nothing */
    pass(0, plain(data(1101, 100)), 400);
    pass(0, plain(data(1101, 100)), 450);
    both(plain(data(1101, 100)), 500);                       /* several at one side */
    both(plain(ack(1201)), 520);
    f = finish();
    CHECK_EQ(f->direction[C].at_both, 5);
    CHECK_EQ(f->direction[S].at_both, 2);
    CHECK_EQ(all_alone(f), 2);
    CHECK_EQ(f->clock.offset_ns, 77000 * MC_NS_PER_MS);
    CHECK_EQ(f->near, 0);
}

/* Where there are several copies none is at the second point before it was sent, nor half a minute after. */
static void test_a_copy_from_another_time_is_not_it(void)
{
    const mc_between_facts *f;

    begin();
    opening(1, 0);
    both(plain(data(1001, 100)), 30);
    pass(1, plain(data(1101, 100)), 100);                    /* was there long before */
    pass(0, plain(data(1101, 100)), 400);
    pass(0, plain(data(1101, 100)), 600);
    pass(0, plain(data(1201, 100)), 700);
    pass(1, plain(data(1201, 100)), 60000);                  /* was there long after */
    pass(1, plain(data(1201, 100)), 60100);
    go_on(1301, 61000);
    f = finish();
    CHECK_EQ(f->direction[C].at_both, 4);
    CHECK_EQ(all_alone(f), 6);
}

/* Where each point has one that is like it, a clock was set: they are the same. */
static void test_the_only_ones_alike_are_the_same_whenever(void)
{
    const mc_between_facts *f;

    begin();
    opening(1, 0);
    both(plain(data(1001, 100)), 30);
    pass(1, plain(data(1101, 100)), 100);
    pass(0, plain(data(1101, 100)), 400);
    pass(0, plain(data(1201, 100)), 500);
    pass(1, plain(data(1201, 100)), 60000);
    go_on(1301, 61000);
    f = finish();
    CHECK_EQ(f->direction[C].at_both, 6);
    CHECK_EQ(all_alone(f), 0);
}

/* More than a few wait before it: still the next look finds the partner. */
static void test_partners_are_found_behind_many_that_wait(void)
{
    const mc_between_facts *f;
    mc_tapped t[200];
    unsigned i;

    begin();
    opening(1, 0);
    for (i = 0; i < 200; i++)
        pass(0, t[i] = data(1001 + 100 * i, 100), 100 + i);
    for (i = 200; i-- > 0;)                                  /* in the reverse order */
        pass(1, t[i], 600 - i);
    CHECK(mc_between_waiting(between) > 100);
    both(ack(21001), 700);
    f = finish();
    CHECK_EQ(f->direction[C].at_both, 202);
    CHECK_EQ(all_alone(f), 0);
    CHECK_EQ(mc_between_waiting(between), 0);
}

/* --------------------------------------------------------------- other pieces */

/* Two at the first point, one of their sum at the second, and the reverse. */
static void test_bytes_in_other_pieces_are_there(void)
{
    const mc_between_facts *f;

    begin();
    opening(1, 0);
    both(data(1001, 1000), 30);
    pass(0, data(2001, 1000), 40);
    pass(0, data(3001, 1000), 40);
    pass(1, data(2001, 2000), 46);
    pass(1, segment(1, S, ACK, 5001, 4001, 3000), 60);
    pass(0, segment(1, S, ACK, 5001, 4001, 1400), 66);
    pass(0, segment(1, S, ACK, 6401, 4001, 1600), 66);
    both(segment(1, C, ACK, 4001, 8001, 0), 90);
    go_on(4001, 300);
    f = finish();
    CHECK_EQ(all_alone(f), 0);
    CHECK_EQ(f->direction[C].resegmented[0], 2);
    CHECK_EQ(f->direction[C].resegmented[1], 1);
    CHECK_EQ(f->direction[S].resegmented[0], 2);
    CHECK_EQ(f->direction[S].resegmented[1], 1);
    CHECK_EQ(f->direction[C].at_both, 7);                    /* SYN, ACK, data, the two, ACK, data */
    CHECK_EQ(f->direction[C].at_both_bytes, 3010);
    CHECK_EQ(f->direction[S].at_both_bytes, 3000);
}

/* Of a long segment a part in the middle and the end are not there. */
static void test_parts_that_are_not_there_are_lost(void)
{
    const mc_between_facts *f;

    begin();
    opening(1, 0);
    both(data(1001, 1000), 30);
    pass(0, data(2001, 4000), 40);
    pass(1, data(2001, 1000), 45);
    pass(1, data(4001, 1000), 45);
    both(ack(3001), 60);
    both(data(3001, 1000), 250);                             /* sent again */
    both(data(5001, 1000), 251);
    both(ack(6001), 270);
    f = finish();
    CHECK_EQ(f->direction[C].resegmented[0], 1);
    CHECK_EQ(f->direction[C].resegmented[1], 2);
    CHECK_EQ(f->direction[C].alone[MC_ALONE_lost][0].count, 2);
    CHECK_EQ(f->direction[C].alone[MC_ALONE_lost][0].bytes, 2000);
    CHECK_EQ(all_alone(f), 2);
}

/* Timestamps tell that a longer one is another transmission. */
static void test_pieces_of_another_time_are_not_it(void)
{
    const mc_between_facts *f;

    begin();
    opening(1, 0);
    both(stamped(data(1001, 1000), 10, 1), 30);
    pass(0, stamped(data(2001, 1000), 11, 1), 40);
    both(stamped(data(2001, 2000), 50, 1), 250);
    both(ack(4001), 270);
    f = finish();
    CHECK_EQ(f->direction[C].resegmented[0], 0);
    CHECK_EQ(alone(f, C, 0, MC_ALONE_lost), 1);

    begin();                                                 /* the same, by the time alone */
    opening(1, 0);
    both(plain(data(1001, 1000)), 30);
    pass(0, plain(data(2001, 1000)), 40);
    pass(1, plain(data(2001, 500)), 1000);
    pass(0, plain(data(3001, 1000)), 1010);
    both(ack(4001), 1270);
    f = finish();
    CHECK_EQ(f->direction[C].resegmented[0], 0);
}

/* ---------------------------------------------------------------------- order */

/* RFC 4737: the one that was sent before, and is there after, is late; once, whomever it was overtaken by. */
static void test_the_one_that_is_overtaken_is_late(void)
{
    const mc_between_facts *f;
    mc_tapped t[4];
    unsigned i;

    begin();
    opening(1, 0);
    for (i = 0; i < 4; i++)
        pass(0, t[i] = data(1001 + 100 * i, 100), 30 + i);
    pass(1, t[1], 36);
    pass(1, t[2], 37);
    pass(1, t[0], 38);                                       /* behind two */
    pass(1, t[3], 39);
    both(ack(1401), 60);
    f = finish();
    CHECK_EQ(f->direction[C].reordered, 1);
    CHECK_EQ(f->direction[C].reordered_examples.frame[0][0], 4);
    CHECK_EQ(f->direction[C].reordered_examples.frame[0][1], 6);
    CHECK_EQ(all_alone(f), 0);
}

/* --------------------------------------------------------------------- changes */

static void set_nothing(mc_seen *s) { (void)s; }
static void set_mss(mc_seen *s) { s->mss = 1380; }
static void set_no_scale(mc_seen *s) { s->has &= (uint8_t)~MC_HAS_SCALE; s->scale = 0; }
static void set_scale(mc_seen *s) { s->scale = 2; }
static void set_no_sack(mc_seen *s) { s->has &= (uint8_t)~MC_HAS_SACKOK; }
static void set_no_timestamps(mc_seen *s) { s->has &= (uint8_t)~MC_HAS_TS; s->ts_val = 0; }
static void set_dscp(mc_seen *s) { s->tos = 0x20; }
static void set_ecn(mc_seen *s) { s->tos = 3; }
static void set_window(mc_seen *s) { s->win = 99; }
static void set_flags(mc_seen *s) { s->flags |= 0x40; }
static void set_push(mc_seen *s) { s->flags |= 0x08; }
static void set_checksum(mc_seen *s) { s->has |= MC_BAD_CHECKSUM; }
static void set_id(mc_seen *s) { s->ip_id = (uint16_t)(s->ip_id + 5000); }

/* Each change of a SYN by itself, and what passes as it is. */
static void test_each_change_is_told_with_its_frames(void)
{
    static const struct {
        void (*set)(mc_seen *s);
        int what;
    } kinds[] = {
        { set_nothing, -1 }, { set_push, -1 }, { set_mss, MC_CHANGE_mss }, { set_no_scale, MC_CHANGE_window_scale },
        { set_scale, MC_CHANGE_window_scale }, { set_no_sack, MC_CHANGE_sack_permitted },
        { set_no_timestamps, MC_CHANGE_timestamps }, { set_dscp, MC_CHANGE_dscp }, { set_ecn, MC_CHANGE_ecn },
        { set_window, MC_CHANGE_window }, { set_flags, MC_CHANGE_flags }, { set_checksum, MC_CHANGE_checksum },
        { set_id, MC_CHANGE_ip_id },
    };
    size_t i;
    int what;

    for (i = 0; i < sizeof kinds / sizeof kinds[0]; i++) {
        const mc_between_facts *f;
        mc_tapped t, changed;

        begin();
        t = stamped(segment(1, C, SYN, 1000, 0, 0), 10, 0);
        t.seen.has |= MC_HAS_MSS | MC_HAS_SCALE | MC_HAS_SACKOK;
        t.seen.mss = 1460;
        t.seen.scale = 7;
        changed = t;
        kinds[i].set(&changed.seen);
        pass_as(t, changed, 0);
        both(segment(1, S, SYN_ACK, 5000, 1001, 0), 10);
        f = finish();
        CHECK_EQ(f->direction[C].at_both, 1);
        for (what = 0; what < MC_CHANGES; what++) {
            const mc_change_facts *c = &f->direction[C].change[what];

            CHECK_EQ(c->packets, what == kinds[i].what);
            CHECK_EQ(c->connections, what == kinds[i].what);
            if (what == kinds[i].what)
                CHECK(c->examples.frame[0][0] == 1 && c->examples.frame[0][1] == 1);
        }
    }
}

/* Payload is compared as far as both captures have it. */
static void test_changed_payload_is_seen_as_far_as_it_was_captured(void)
{
    static const uint32_t captured[] = { 200, 100, 20, 10 };
    size_t i;

    for (i = 0; i < sizeof captured / sizeof captured[0]; i++) {
        const mc_between_facts *f;
        mc_tapped t, changed;

        begin();
        opening(1, 0);
        t = data(1001, 200);
        changed = t;
        changed.seen.captured = captured[i];
        fill(&changed, 1001);
        pass_as(t, changed, 30);                             /* the same bytes, cut */
        t = data(1201, 200);
        changed = t;
        changed.seen.captured = captured[i];
        fill(&changed, 4711);
        pass_as(t, changed, 40);                             /* others */
        f = finish();
        CHECK_EQ(f->direction[C].at_both, 4);
        CHECK_EQ(f->direction[C].change[MC_CHANGE_payload].packets, captured[i] >= 16);
    }
}

/* Timestamps that both captures have are compared, whatever was cut behind them; that there are none only where all options are. */
static void test_timestamps_are_compared_as_far_as_they_were_captured(void)
{
    unsigned i;

    for (i = 0; i < 2; i++) {
        mc_tapped t, changed;

        begin();
        opening(1, 0);
        t = stamped(data(1001, 100), 7, 9);
        changed = i == 0 ? stamped(t, 7000, 9) : t;
        changed.seen.has &= (uint8_t)(i == 0 ? 0xff : ~MC_HAS_TS);
        changed.seen.cut = true;
        pass_as(t, changed, 30);
        CHECK_EQ(finish()->direction[C].change[MC_CHANGE_timestamps].packets, i == 0);
    }
}

/* --------------------------------------------------------------------- the order */

/* The TTL falls on the way: it tells the order where no delay does, and not against a delay. */
static void test_the_order_of_the_points_is_told_by_ttl_too(void)
{
    const mc_between_facts *f;
    mc_tapped t, lower;

    begin();
    t = segment(1, C, SYN, 1000, 0, 0);
    lower = t;
    lower.seen.ttl = 60;
    pass(0, lower, 0);                                       /* side 1 is nearer to the client */
    pass(1, t, 0);
    f = finish();
    CHECK(f->order_known && f->by_ttl && !f->by_delay);
    CHECK_EQ(f->near, 1);
    CHECK_EQ(f->direction[C].hops_min, 4);
    CHECK_EQ(f->direction[C].hops_max, 4);
    CHECK(!f->same_point);

    begin();
    opening(1, 0);
    t = data(1001, 100);
    lower = t;
    lower.seen.ttl = 70;                                     /* a device that sets it */
    pass_as(t, lower, 30);
    f = finish();
    CHECK(f->order_known && f->by_delay && !f->by_ttl);
    CHECK_EQ(f->near, 0);
    CHECK_EQ(f->direction[C].hops_min, -6);
}

/* No delay and no hop: it is the same point. */
static void test_the_same_point_twice(void)
{
    const mc_between_facts *f;
    const mc_tapped t[3] = { segment(1, C, SYN, 1000, 0, 0), segment(1, S, SYN_ACK, 5000, 1001, 0),
                             segment(1, C, ACK, 1001, 5001, 0) };
    unsigned i;

    begin();
    for (i = 0; i < 3; i++) {
        pass(0, t[i], 10 * i);
        pass(1, t[i], 10 * i);
    }
    f = finish();
    CHECK(f->same_point && !f->order_known);
}

/* ------------------------------------------------------------------ timestamps */

/* Something between gives the server's timestamps values of its own, and takes them back where the client echoes them. */
static void exchange_with_other_times(unsigned from, unsigned to)
{
    unsigned i;

    for (i = from; i < to; i++) {
        const mc_tapped up = data(1001 + 100 * i, 100), down = ack(1101 + 100 * i);
        const uint32_t mine = 77 + 10 * i, its = 90000 + 10 * i;

        pass_as(stamped(up, mine, its / 10), stamped(up, mine, its), 100 * i);
        pass_as(stamped(down, its / 10, mine), stamped(down, its, mine), 100 * i + 50);
    }
}

static void test_timestamps_that_are_rewritten_tell_no_copies(void)
{
    const mc_between_facts *f;
    const mc_tapped again = data(3001, 100);

    begin();
    exchange_with_other_times(0, 20);
    pass(0, stamped(again, 280, 9020), 2000);                /* the first copy is lost */
    pass_as(stamped(again, 290, 9020), stamped(again, 290, 90200), 2300);
    exchange_with_other_times(24, 90);                       /* the client's own still do */
    f = finish();
    CHECK_EQ(f->direction[C].at_both, 87);
    CHECK_EQ(f->direction[S].at_both, 86);
    CHECK_EQ(alone(f, C, 0, MC_ALONE_lost), 1);
    CHECK_EQ(all_alone(f), 1);
    CHECK_EQ(f->direction[C].change[MC_CHANGE_timestamps].packets, 87);
    CHECK_EQ(f->direction[S].change[MC_CHANGE_timestamps].packets, 86);

    begin();
    exchange_with_other_times(0, 1);                         /* one segment each way */
    f = finish();
    CHECK_EQ(f->direction[C].at_both + f->direction[S].at_both, 2);
    CHECK_EQ(all_alone(f), 0);
}

/* The near miss: the same timestamps before, and copies of which each point has another one. */
static void test_other_timestamps_are_other_copies(void)
{
    const mc_between_facts *f;
    unsigned i;

    begin();
    both(stamped(data(1001, 100), 77, 900), 0);
    both(stamped(ack(1101), 901, 77), 50);
    for (i = 0; i < 3; i++) {                                /* the first copy of each vanishes, a capture misses the second */
        pass(0, stamped(data(1101 + 100 * i, 100), 80 + i, 901), 100 + 10 * i);
        pass(1, stamped(data(1101 + 100 * i, 100), 300 + i, 901), 400 + 10 * i);
    }
    both(stamped(ack(1401), 950, 302), 500);
    both(stamped(data(1401, 10), 330, 950), 600);
    f = finish();
    CHECK_EQ(f->direction[C].at_both, 2);
    CHECK_EQ(f->direction[C].change[MC_CHANGE_timestamps].packets, 0);
    CHECK_EQ(alone(f, C, 0, MC_ALONE_lost), 3);
}

int main(void)
{
    RUN(test_timestamps_that_are_rewritten_tell_no_copies);
    RUN(test_other_timestamps_are_other_copies);
    RUN(test_identifications_tell_copies);
    RUN(test_time_tells_copies_without_marks);
    RUN(test_plain_segments_are_paired_by_what_is_likely);
    RUN(test_a_copy_from_another_time_is_not_it);
    RUN(test_the_only_ones_alike_are_the_same_whenever);
    RUN(test_partners_are_found_behind_many_that_wait);
    RUN(test_bytes_in_other_pieces_are_there);
    RUN(test_parts_that_are_not_there_are_lost);
    RUN(test_pieces_of_another_time_are_not_it);
    RUN(test_the_one_that_is_overtaken_is_late);
    RUN(test_each_change_is_told_with_its_frames);
    RUN(test_changed_payload_is_seen_as_far_as_it_was_captured);
    RUN(test_timestamps_are_compared_as_far_as_they_were_captured);
    RUN(test_the_order_of_the_points_is_told_by_ttl_too);
    RUN(test_the_same_point_twice);
    mc_between_close(between);
    return DONE();
}
