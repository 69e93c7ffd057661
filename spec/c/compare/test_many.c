/*
 * test_many.c: more connections and segments than there is room for: what is given up, what is
 * let go, and that nothing else is lost.
 */
#include "two_points.h"

/* A whole connection at both points, over in 60 ms. */
static void whole(unsigned n, int64_t ms)
{
    opening(n, ms);
    both(segment(n, C, ACK, 1001, 5001, 100), ms + 30);
    both(segment(n, S, ACK, 5001, 1101, 200), ms + 40);
    both(segment(n, C, FIN, 1101, 5201, 0), ms + 50);
    both(segment(n, S, FIN, 5201, 1102, 0), ms + 55);
}

/* Tables grow, those that are over make room for others, and every one is counted. */
static void test_ten_thousand_connections(void)
{
    const unsigned n = 10000;
    const mc_between_facts *f;
    unsigned i;

    begin();
    for (i = 0; i < n; i++)
        whole(1 + i, 20 * i);
    CHECK(between->pairs.used <= MC_OVER + 8);               /* no more are kept */
    CHECK_EQ(between->trails.used, 2 * between->pairs.used);
    f = finish();
    CHECK_EQ(f->trails[0], n);
    CHECK_EQ(f->paired, n);
    CHECK_EQ(f->direction[C].at_both, 4 * n);
    CHECK_EQ(f->direction[S].at_both, 3 * n);
    CHECK_EQ(all_alone(f), 0);
    CHECK_EQ(f->row_count, ROWS);
}

/* One that is over and has a segment that waits makes room as soon as that one waits no longer. */
static void test_those_that_are_over_and_wait(void)
{
    const unsigned n = 6000;
    const mc_between_facts *f;
    uint32_t most = 0;
    unsigned i;

    begin();
    for (i = 0; i < n; i++) {
        whole(1 + i, 20 * i);
        pass(0, segment(1 + i, S, ACK, 5202, 1102, 0), 20 * i + 60);     /* at one side only */
        most = between->pairs.used > most ? between->pairs.used : most;
    }
    CHECK(most <= MC_OVER + 5000 / 20 + 2 * 8192 / 15 + 8);  /* for five seconds, and until the next look */
    f = finish();
    CHECK_EQ(f->paired, n);
}

/* A long stream that one point has and the other one has not: what waits is bounded by the window. */
static void test_a_stream_at_one_point_only(void)
{
    const uint32_t window = 4096;
    const mc_between_facts *f;
    uint32_t at_first = 0, most = 0;
    unsigned i, paired;

    for (paired = 0; paired < 2; paired++) {
        begin_with(window, ROWS);
        if (paired == 1)
            opening(1, 0);
        for (i = 0; i < 60000; i++) {
            pass(0, segment(1, C, ACK, 1001 + 100 * i, 5001, 100), 30 + i / 100);
            most = between->waiting > most ? between->waiting : most;
            if (i == 2 * window)
                at_first = between->records.end;
        }
        CHECK(most <= window);
        CHECK(at_first > 0 && between->records.end == at_first);         /* no memory more for the rest of it */
        CHECK_EQ(between->trails.used, paired + 1);
        f = finish();
        CHECK_EQ(f->paired, paired);
        CHECK_EQ(f->direction[C].at_both, 2 * paired);
    }
}

/* Thousands that are open at once are found again, each by its ends. */
static void test_thousands_that_are_open_at_once(void)
{
    const unsigned n = 6000;
    const mc_between_facts *f;
    unsigned i, side;

    begin();
    for (side = 0; side < 2; side++)                         /* none is paired before all are there */
        for (i = 0; i < n; i++)
            pass(side, segment(1 + i, C, SYN, 1000 + 7 * i, 0, 0), WAY_MS * side + 10 * i);
    for (i = 0; i < n; i++)
        both(segment(1 + i, S, SYN_ACK, 5000, 1001 + 7 * i, 0), 10 * n + 10 * i);
    f = finish();
    CHECK_EQ(f->trails[0], n);
    CHECK_EQ(f->trails[1], n);
    CHECK_EQ(f->paired, n);
    CHECK_EQ(f->direction[S].at_both, n);
    CHECK_EQ(f->direction[C].at_both, n);                    /* identifications differ, but each is once at each side */
    CHECK_EQ(all_alone(f), 0);
}

/* Those that are over are let go when a minute has passed at both points; one that is open is not. */
static void test_what_is_over_for_a_minute_is_let_go(void)
{
    const mc_between_facts *f;
    unsigned i;

    begin();
    for (i = 0; i < 10; i++)
        whole(1 + i, 100 * i);
    opening(11, 2000);
    for (i = 0; i < 70000; i++)
        both(segment(11, C, ACK, 1001 + 10 * i, 5001, 10), 3000 + i);
    CHECK_EQ(between->pairs.used, 1);
    f = finish();
    CHECK_EQ(f->paired, 11);
    CHECK_EQ(f->direction[C].at_both, 70000 + 4 * 10 + 2);
    CHECK_EQ(all_alone(f), 0);
    CHECK_EQ(f->row_count, 10);
}

/* A trail without partner that fills the window is given up, and says so; the others are not. */
static void test_the_oldest_without_a_partner_are_given_up(void)
{
    const mc_between_facts *f;
    unsigned i;

    begin_with(100, ROWS);
    opening(1, 0);
    for (i = 0; i < 300; i++)
        pass(0, segment(2, C, ACK, 1 + 10 * i, 1, 10), 100 + i);
    both(segment(1, C, ACK, 1001, 5001, 10), 500);
    pass(0, segment(2, C, ACK, 5001, 1, 10), 510);           /* more of it waits no longer */
    CHECK(mc_between_waiting(between) <= 100);
    f = finish();
    CHECK_EQ(f->unpaired[MC_UNPAIRED_window][0], 1);
    CHECK_EQ(f->given_up, 101);
    CHECK_EQ(f->paired, 1);
    CHECK_EQ(f->direction[C].at_both, 3);
    CHECK_EQ(f->unpaired[MC_UNPAIRED_no_partner][0], 0);     /* counted once */
}

/* All that wait belong to pairs: what has no like by then has none. */
static void test_a_full_window_of_pairs_is_settled(void)
{
    const mc_between_facts *f;
    unsigned i;

    begin_with(100, ROWS);
    opening(1, 0);
    for (i = 0; i < 300; i++)
        pass(0, segment(1, C, ACK, 1001 + 10 * i, 5001, 10), 100 + i);
    CHECK(mc_between_waiting(between) <= 100);
    both(segment(1, C, ACK, 4001, 5001, 10), 600);
    f = finish();
    CHECK_EQ(f->direction[C].at_both, 3);
    CHECK_EQ(all_alone(f), 300);
    CHECK_EQ(f->given_up, 0);
}

/* Rows: the most telling ones first, no more than were asked for. */
static void test_the_most_telling_rows_are_kept(void)
{
    const mc_between_facts *f;
    unsigned i;

    begin_with(WINDOW, 3);
    for (i = 0; i < 8; i++) {
        opening(1 + i, 1000 * i);
        if (i % 2 == 1)                                      /* i copies are lost */
            for (unsigned k = 0; k < i; k++)
                pass(0, segment(1 + i, C, ACK, 1001, 5001, 10), 1000 * i + 50 + k);
        both(segment(1 + i, C, ACK, 1001, 5001, 10), 1000 * i + 300);
    }
    both(segment(1, C, ACK, 1011, 5001, 10), 9000);
    f = finish();
    CHECK_EQ(f->row_count, 3);
    CHECK_EQ(f->rows[0].key[0].peer[0], 8);
    CHECK_EQ(f->rows[1].key[0].peer[0], 6);
    CHECK_EQ(f->rows[2].key[0].peer[0], 4);
    begin_with(WINDOW, 0);
    opening(1, 0);
    CHECK_EQ(finish()->row_count, 0);
}

/* Nothing was read at all. */
static void test_nothing_is_compared_with_nothing(void)
{
    const mc_between_facts *f;

    begin();
    f = finish();
    CHECK_EQ(f->paired, 0);
    CHECK(!f->order_known && !f->same_point && !f->clock.known);
    mc_between_close(NULL);
}

/* ---------------------------------------------------------------------- covers */

/* Random pieces against a bitmap: with no more holes than can be kept both know the same. */
static void test_covers_know_which_bytes_came(void)
{
    static uint8_t map[400];
    uint32_t random = 1, round, i;

    for (round = 0; round < 2000; round++) {
        const uint32_t base = 0xffffff00u;                   /* numbers begin anew in its midst */
        mc_cover c = { 0 };
        uint32_t holes;

        memset(map, 0, sizeof map);
        mc_cover_place(&c, base);
        for (i = 0; i < 12; i++) {
            mc_stretch r;
            int64_t at;
            bool has = true, touches = false;

            random = random * 1664525u + 1013904223u;
            r.from = mc_cover_place(&c, base + (random >> 8) % 300);
            CHECK_EQ(r.from, (random >> 8) % 300);
            r.to = r.from + 1 + (random >> 20) % 80;
            for (at = r.from; at < r.to; at++) {
                has = has && map[at] != 0;
                touches = touches || map[at] != 0;
            }
            CHECK_EQ(mc_cover_has(&c, r), has);
            CHECK_EQ(mc_cover_touches(&c, r), touches);
            for (at = r.from; at < r.to; at++)
                map[at] = 1;
            mc_cover_add(&c, r);
            holes = 0;
            for (at = 1; at < (int64_t)sizeof map; at++)
                holes += map[at] != 0 && map[at - 1] == 0;
            if (holes + (map[0] != 0) > MC_COVER_RANGES)
                break;
            CHECK_EQ(c.count, holes + (map[0] != 0));
        }
    }
}

/* With one hole too many the lowest counts as filled: what is above stays as it is. */
static void test_covers_fill_the_lowest_hole_when_there_are_too_many(void)
{
    mc_cover c = { 0 };
    int i;

    mc_cover_place(&c, 7);
    for (i = 0; i < 6; i++)
        mc_cover_add(&c, (mc_stretch){ 100 * i, 100 * i + 50 });
    CHECK_EQ(c.count, MC_COVER_RANGES);
    CHECK(mc_cover_has(&c, (mc_stretch){ 0, 250 }));
    CHECK(!mc_cover_has(&c, (mc_stretch){ 250, 300 }));
    CHECK(mc_cover_has(&c, (mc_stretch){ 500, 550 }));
    mc_cover_add(&c, (mc_stretch){ 60, 60 });                /* no bytes */
    CHECK_EQ(c.count, MC_COVER_RANGES);
}

int main(void)
{
    RUN(test_ten_thousand_connections);
    RUN(test_those_that_are_over_and_wait);
    RUN(test_a_stream_at_one_point_only);
    RUN(test_thousands_that_are_open_at_once);
    RUN(test_what_is_over_for_a_minute_is_let_go);
    RUN(test_the_oldest_without_a_partner_are_given_up);
    RUN(test_a_full_window_of_pairs_is_settled);
    RUN(test_the_most_telling_rows_are_kept);
    RUN(test_nothing_is_compared_with_nothing);
    RUN(test_covers_know_which_bytes_came);
    RUN(test_covers_fill_the_lowest_hole_when_there_are_too_many);
    mc_between_close(between);
    return DONE();
}
