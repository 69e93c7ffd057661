/*
 * test_pairing.c: which connection at one point is which at the other.
 */
#include "two_points.h"

/* SYN and SYN-ACK with options, as the client's and the server's stack send them. */
static mc_tapped syn(unsigned n, uint32_t isn, uint32_t ts)
{
    mc_tapped t = stamped(segment(n, C, SYN, isn, 0, 0), ts, 0);

    t.seen.has |= MC_HAS_MSS | MC_HAS_SCALE | MC_HAS_SACKOK;
    t.seen.mss = 1460;
    t.seen.scale = 7;
    return t;
}

static mc_tapped syn_ack(unsigned n, uint32_t isn, uint32_t ack, uint32_t ts, uint32_t ecr)
{
    mc_tapped t = stamped(segment(n, S, SYN_ACK, isn, ack, 0), ts, ecr);

    t.seen.has |= MC_HAS_MSS | MC_HAS_SCALE | MC_HAS_SACKOK;
    t.seen.mss = 1460;
    t.seen.scale = 7;
    return t;
}

/* The same segment with other numbers, as behind a device that changes them. */
static mc_tapped shifted(mc_tapped t, uint32_t seq, uint32_t ack)
{
    t.seen.seq += seq;
    if ((t.seen.flags & ACK) != 0)
        t.seen.ack += ack;
    return t;
}

/* ------------------------------------------------------------------ same ends */

static void test_a_connection_with_the_same_ends_is_one(void)
{
    const mc_between_facts *f;

    begin();
    opening(1, 0);
    both(segment(1, C, ACK, 1001, 5001, 100), 30);
    both(segment(1, S, ACK, 5001, 1101, 1000), 60);
    both(segment(1, C, FIN, 1101, 6001, 0), 80);
    both(segment(1, S, FIN, 6001, 1102, 0), 90);
    f = finish();
    CHECK_EQ(f->trails[0], 1);
    CHECK_EQ(f->trails[1], 1);
    CHECK_EQ(f->paired, 1);
    CHECK_EQ(f->translated + f->shifted + f->proxied, 0);
    CHECK_EQ(f->direction[C].at_both, 4);
    CHECK_EQ(f->direction[S].at_both, 3);
    CHECK_EQ(f->direction[S].at_both_bytes, 1000);
    CHECK_EQ(all_alone(f), 0);
    CHECK(f->order_known && f->by_delay && !f->by_ttl);
    CHECK_EQ(f->near, 0);
    CHECK_EQ(f->clock.round_trip_ns, 2 * WAY_MS * MC_NS_PER_MS);
    CHECK_EQ(f->row_count, 1);
    CHECK_EQ(f->rows[0].packets[0], 7);
    CHECK(mc_between_finish(between, (uint64_t[2]){ 0, 0 }) == f);       /* asked again: the same */
}

/* Of one answer the wait is longer at the client's point, by the way there and back. */
static void test_the_wait_for_an_answer_is_known_at_both(void)
{
    const mc_between_facts *f;

    begin();
    opening(1, 0);
    both(segment(1, C, ACK, 1001, 5001, 100), 30);
    both(segment(1, S, ACK, 5001, 1101, 1000), 60);
    both(segment(1, C, ACK, 1101, 6001, 100), 100);
    both(segment(1, S, ACK, 6001, 1201, 1000), 400);
    f = finish();
    CHECK_EQ(f->wait[0].count, 2);
    CHECK_EQ(f->wait[1].count, 2);
    CHECK_EQ(f->wait[0].max_ns, 305 * MC_NS_PER_MS);
    CHECK_EQ(f->wait[1].max_ns, 295 * MC_NS_PER_MS);
    CHECK_EQ(f->wait_between.min_ns, 10 * MC_NS_PER_MS);
    CHECK_EQ(f->rows[0].waits, 2);
    CHECK_EQ(f->rows[0].wait_ns[0], 305 * MC_NS_PER_MS);     /* the longest */
    CHECK_EQ(f->rows[0].wait_ns[1], 295 * MC_NS_PER_MS);
}

/* Both captures begin in its midst: a segment with all its numbers tells it. */
static void test_a_connection_that_was_open_before_is_one(void)
{
    const mc_between_facts *f;

    begin();
    pass(0, segment(1, C, ACK, 71000, 5001, 0), 0);          /* before the other capture begins */
    both(segment(1, C, ACK, 71000, 5001, 100), 10);
    both(segment(1, S, ACK, 5001, 71100, 0), 20);
    f = finish();
    CHECK_EQ(f->paired, 1);
    CHECK_EQ(f->direction[C].at_both, 1);
    CHECK_EQ(f->direction[S].at_both, 1);
    CHECK_EQ(alone(f, C, 0, MC_ALONE_outside), 1);
}

/* The same ends, used again: another connection at both, and its segments are not the first one's. */
static void test_ports_that_are_used_again_are_two(void)
{
    const mc_between_facts *f;
    mc_tapped second = segment(1, C, SYN, 90000, 0, 0);

    begin();
    opening(1, 0);
    both(segment(1, C, FIN, 1001, 5001, 0), 30);
    both(segment(1, S, FIN, 5001, 1002, 0), 40);
    both(second, 1000);
    both(segment(1, S, SYN_ACK, 95000, 90001, 0), 1010);
    f = finish();
    CHECK_EQ(f->trails[0], 2);
    CHECK_EQ(f->trails[1], 2);
    CHECK_EQ(f->paired, 2);
    CHECK_EQ(all_alone(f), 0);
}

/* Other ends or another time: none of it is at the other point. */
static void test_what_is_at_one_point_only_has_no_partner(void)
{
    const mc_between_facts *f;

    begin();
    opening(1, 0);
    pass(0, segment(2, C, SYN, 3000, 0, 0), 40);
    pass(0, segment(2, S, SYN_ACK, 8000, 3001, 0), 50);
    both(segment(1, C, ACK, 1001, 5001, 100), 60);
    pass(0, segment(3, C, SYN, 4000, 0, 0), 900);            /* the other capture is over by then */
    pass(0, segment(3, S, SYN_ACK, 8000, 4001, 0), 910);
    f = finish();
    CHECK_EQ(f->trails[0], 3);
    CHECK_EQ(f->trails[1], 1);
    CHECK_EQ(f->unpaired[MC_UNPAIRED_no_partner][0], 1);
    CHECK_EQ(f->unpaired[MC_UNPAIRED_outside][0], 1);
    CHECK_EQ(f->unpaired_examples[MC_UNPAIRED_no_partner].frame[0][0], 4);
    CHECK_EQ(f->unpaired_examples[MC_UNPAIRED_no_partner].frame[0][1], 0);
}

/* ----------------------------------------------------------- unanswered attempts */

/* SYNs of the client at its point, never at the server's: the way between lets them not through. */
static void test_attempts_that_never_arrive_are_lost(void)
{
    const mc_between_facts *f;

    begin();
    opening(1, 0);
    pass(0, segment(2, C, SYN, 3000, 0, 0), 40);
    pass(0, segment(2, C, SYN, 3000, 0, 0), 140);
    pass(0, segment(2, S, RST | ACK, 0, 3001, 0), 150);      /* nor is there who answered */
    both(segment(1, C, ACK, 1001, 5001, 100), 200);
    f = finish();
    CHECK_EQ(f->unpaired[MC_UNPAIRED_unanswered][0], 1);
    CHECK_EQ(alone(f, C, 0, MC_ALONE_lost), 2);
    CHECK_EQ(alone(f, S, 0, MC_ALONE_injected), 1);
}

/* The near misses: at the server's point it is no attempt that was lost, nor is one with an answer, nor one
   where the other point has such as well, which may be it. */
static void test_attempts_of_which_that_is_not_known(void)
{
    const mc_between_facts *f;

    begin();
    opening(1, 0);
    pass(1, segment(2, C, SYN, 3000, 0, 0), 40);
    both(segment(1, C, ACK, 1001, 5001, 100), 200);
    f = finish();
    CHECK_EQ(f->unpaired[MC_UNPAIRED_no_partner][1], 1);
    CHECK_EQ(alone(f, C, 1, MC_ALONE_lost) + alone(f, C, 1, MC_ALONE_injected), 0);

    begin();
    opening(1, 0);
    pass(0, segment(2, C, SYN, 3000, 0, 0), 40);
    pass(0, segment(2, C, ACK, 3001, 1, 0), 60);             /* there was an answer, then */
    pass(0, segment(3, S, ACK, 3001, 1, 10), 70);            /* opened before the capture */
    pass(0, segment(4, C, SYN, 3000, 0, 0), 80);
    pass(0, segment(4, S, ACK, 3001, 1, 0), 90);             /* from a connection that was before */
    both(segment(1, C, ACK, 1001, 5001, 100), 200);
    f = finish();
    CHECK_EQ(f->unpaired[MC_UNPAIRED_no_partner][0], 3);

    begin();
    opening(1, 0);
    pass(0, segment(2, C, SYN, 3000, 0, 0), 40);
    pass(1, segment(3, C, SYN, 7000, 0, 0), 45);
    both(segment(1, C, ACK, 1001, 5001, 100), 200);
    f = finish();
    CHECK_EQ(f->unpaired[MC_UNPAIRED_no_partner][0], 1);
    CHECK_EQ(f->unpaired[MC_UNPAIRED_no_partner][1], 1);
}

/* -------------------------------------------------------------- translated ends */

/* Behind a translator of addresses the numbers are the same. */
static void test_translated_ends_are_found_by_the_numbers(void)
{
    const mc_between_facts *f;
    mc_tapped t[4] = { syn(1, 1000, 77), syn_ack(1, 5000, 1001, 900, 77), segment(1, C, ACK, 1001, 5001, 0),
                       segment(1, C, ACK, 1001, 5001, 100) };
    unsigned i;

    begin();
    for (i = 0; i < 4; i++)
        pass_as(t[i], as_client(t[i], 61), 10 * i);
    f = finish();
    CHECK_EQ(f->paired, 1);
    CHECK_EQ(f->translated, 1);
    CHECK_EQ(f->shifted, 0);
    CHECK_EQ(f->direction[C].at_both, 3);
    CHECK_EQ(f->direction[S].at_both, 1);
    CHECK_EQ(all_alone(f), 0);
    CHECK_EQ(f->rows[0].key[0].peer[0], 1);
    CHECK_EQ(f->rows[0].key[1].peer[0], 61);
}

/* The same in the midst of it: segments with bytes that are the same. */
static void test_translated_ends_are_found_in_the_midst_of_a_connection(void)
{
    const mc_between_facts *f;
    unsigned i;

    begin();
    for (i = 0; i < 30; i++) {
        mc_tapped t = segment(1, C, ACK, 1001 + 100 * i, 5001, 100);

        pass_as(t, as_client(t, 61), 10 * i);
    }
    f = finish();
    CHECK_EQ(f->paired, 1);
    CHECK_EQ(f->translated, 1);
    CHECK_EQ(f->direction[C].at_both, 30);
    CHECK_EQ(all_alone(f), 0);
}

/* Two connections through a translator that begin with the same numbers, at the same time: nobody knows which
   is which. */
static void test_of_two_that_are_alike_none_is_chosen(void)
{
    const mc_between_facts *f;
    unsigned i;

    begin();
    for (i = 0; i < 2; i++) {
        pass(0, syn(1 + i, 1000, 77), i);
        pass(1, syn(61 + i, 1000, 77), WAY_MS + i);
    }
    f = finish();
    CHECK_EQ(f->paired, 0);
    CHECK_EQ(f->unpaired[MC_UNPAIRED_ambiguous][0], 2);
    CHECK_EQ(f->unpaired[MC_UNPAIRED_ambiguous][1], 2);
}

/* ------------------------------------------------------- numbers that are changed */

/* A device that chooses sequence numbers of its own: told by the first ones. */
static void test_changed_numbers_are_known_from_the_handshake(void)
{
    const mc_between_facts *f;
    mc_tapped t[5] = { syn(1, 1000, 77), syn_ack(1, 5000, 1001, 900, 77), segment(1, C, ACK, 1001, 5001, 0),
                       segment(1, C, ACK, 1001, 5001, 100), segment(1, S, ACK, 5001, 1101, 200) };
    unsigned i;

    begin();
    for (i = 0; i < 5; i++)
        pass_as(t[i], t[i].seen.dir == C ? shifted(t[i], 123456, 0) : shifted(t[i], 0, 123456), 10 * i);
    f = finish();
    CHECK_EQ(f->paired, 1);
    CHECK_EQ(f->shifted, 1);
    CHECK_EQ(f->proxied + f->translated, 0);
    CHECK_EQ(f->direction[C].at_both, 3);
    CHECK_EQ(f->direction[S].at_both, 2);
    CHECK_EQ(f->direction[C].change[MC_CHANGE_sequence_shift].packets, 1);
    CHECK_EQ(f->direction[S].change[MC_CHANGE_sequence_shift].packets, 0);
    CHECK_EQ(all_alone(f), 0);
}

/* The same with both ends' numbers and addresses: the timestamps of the SYN tell it, in order of strength. */
static void test_changed_numbers_and_ends_are_told_by_timestamps(void)
{
    const mc_between_facts *f;
    mc_tapped t[5] = { syn(1, 1000, 77), syn_ack(1, 5000, 1001, 900, 77), segment(1, C, ACK, 1001, 5001, 0),
                       segment(1, C, ACK, 1001, 5001, 100), segment(1, S, ACK, 5001, 1101, 200) };
    unsigned i;

    begin();
    for (i = 0; i < 5; i++)
        pass_as(t[i], as_client(t[i].seen.dir == C ? shifted(t[i], 123456, 654321) : shifted(t[i], 654321, 123456), 61),
                10 * i);
    f = finish();
    CHECK_EQ(f->paired, 1);
    CHECK_EQ(f->translated, 1);
    CHECK_EQ(f->shifted, 1);
    CHECK_EQ(f->proxied, 0);
    CHECK_EQ(f->direction[C].at_both, 3);
    CHECK_EQ(f->direction[S].at_both, 2);
    CHECK_EQ(all_alone(f), 0);
}

/* The SYN-ACK is missed at one point: the first data that are the same tell the server's numbers. */
static void test_changed_numbers_are_guessed_from_the_first_data(void)
{
    const mc_between_facts *f;
    mc_tapped t[6] = { syn(1, 1000, 77), syn_ack(1, 5000, 1001, 900, 77), segment(1, C, ACK, 1001, 5001, 0),
                       segment(1, C, ACK, 1001, 5001, 100), segment(1, S, ACK, 5001, 1101, 8),
                       segment(1, S, ACK, 5009, 1101, 200) };
    unsigned i;

    begin();
    for (i = 0; i < 6; i++) {
        mc_tapped behind = as_client(t[i].seen.dir == C ? shifted(t[i], 0, 654321) : shifted(t[i], 654321, 0), 61);

        if (i == 1)
            pass(1, behind, 10);
        else
            pass_as(t[i], behind, 10 * i);
    }
    f = finish();
    CHECK_EQ(f->paired, 1);
    CHECK_EQ(f->shifted, 1);
    CHECK_EQ(f->direction[C].at_both, 3);
    CHECK_EQ(f->direction[S].at_both, 2);
    CHECK_EQ(alone(f, S, 1, MC_ALONE_missed) + alone(f, S, 1, MC_ALONE_undecided) +
             alone(f, S, 1, MC_ALONE_lost), 1);
}

/* Without data: the same acknowledgement at both points, in the first segment of the direction. */
static const mc_between_facts *short_answers(uint32_t ack_behind)
{
    mc_tapped t[3] = { syn(1, 1000, 77), segment(1, C, ACK, 1001, 5001, 0), segment(1, S, ACK, 5001, 1001, 8) };
    unsigned i;

    begin();
    for (i = 0; i < 3; i++) {
        mc_tapped behind = as_client(t[i].seen.dir == C ? shifted(t[i], 0, 654321) : shifted(t[i], 654321, 0), 61);

        if (i == 2)
            behind.seen.ack = ack_behind;
        pass_as(t[i], behind, 10 * i);
    }
    return finish();
}

static void test_an_acknowledgement_tells_the_numbers_of_its_sender(void)
{
    const mc_between_facts *f = short_answers(1001);

    CHECK_EQ(f->paired, 1);
    CHECK_EQ(f->shifted, 1);
    CHECK_EQ(f->direction[C].at_both, 2);
    CHECK_EQ(f->direction[S].at_both, 1);
}

/* The near miss: another acknowledgement, so the numbers are taken as they are. */
static void test_another_acknowledgement_tells_none(void)
{
    const mc_between_facts *f = short_answers(1002);

    CHECK_EQ(f->paired, 1);
    CHECK_EQ(f->shifted, 0);
    CHECK_EQ(f->direction[C].at_both, 1);                    /* the SYN alone */
    CHECK_EQ(f->direction[S].at_both, 0);
}

/* ---------------------------------------------------------------------- proxies */

/* Two connections, one on each side, that carry the same bytes, from other ends and with other numbers. */
static void two_exchanges(mc_tapped syn0, mc_tapped syn1, uint32_t request, uint32_t answer, bool answered_behind)
{
    mc_tapped t = segment(1, S, SYN_ACK, 5000, 1001, 0), behind = segment(61, S, SYN_ACK, 6000000, 8000001, 0);

    if (syn0.seen.ip_id == 0)
        t = plain(t);                            /* so is the server */
    pass(0, syn0, 0);
    pass(0, t, 1);
    pass(0, segment(1, C, ACK, 1001, 5001, 0), 2);
    pass(1, syn1, 5);
    pass(1, syn0.seen.ip_id == 0 ? plain(behind) : behind, 6);
    pass(1, segment(61, C, ACK, 8000001, 6000001, 0), 7);
    pass(0, segment(1, C, ACK, 1001, 5001, 400), 10);
    t = segment(61, C, ACK, 8000001, 6000001, 400);
    fill(&t, request);
    pass(1, t, 15);
    if (answered_behind) {
        t = segment(61, S, ACK, 6000001, 8000401, 900);
        fill(&t, answer);
        pass(1, t, 40);
    }
    pass(0, segment(1, S, ACK, 5001, 1401, 900), 45);
}

/* The proxy's own SYN has timestamps of its own. */
static void exchange_through_proxy(uint32_t request, uint32_t answer, bool answered_behind)
{
    two_exchanges(syn(1, 1000, 77), syn(61, 8000000, 4711), request, answer, answered_behind);
}

static void test_two_connections_with_the_same_bytes_are_a_proxy_s(void)
{
    const mc_between_facts *f;

    begin();
    exchange_through_proxy(1001, 5001, true);
    f = finish();
    CHECK_EQ(f->paired, 1);
    CHECK_EQ(f->proxied, 1);
    CHECK_EQ(f->translated, 0);                              /* of a proxy everything is another's */
    CHECK_EQ(f->direction[C].at_both, 0);                    /* segments are not compared */
    CHECK_EQ(all_alone(f), 0);
    CHECK(f->rows[0].proxied && !f->rows[0].shifted);
}

/* A capture missed the SYN; the server's is the proxy's own as well. */
static void test_a_proxy_is_known_without_the_syn(void)
{
    unsigned i;

    for (i = 0; i < 2; i++) {
        mc_tapped request = segment(61, C, ACK, 8000001, 6000001, 400);

        begin();
        pass(0, syn(1, 1000, 77), 0);
        pass(0, syn_ack(1, 5000, 1001, 900, 77), 1);
        if (i == 1)
            pass(1, syn(61, 8000000, 4711), 5);
        else
            pass(1, syn_ack(61, 6000000, 8000001, 950, 4711), 6);
        pass(0, segment(1, C, ACK, 1001, 5001, 400), 10);
        fill(&request, 1001);
        pass(1, request, 15);
        CHECK_EQ(finish()->proxied, i);                      /* without its SYN the first bytes are not known to be these */
    }
}

/* The near misses: another request, another answer, an answer at one point only. */
static void test_other_bytes_are_no_proxy_s(void)
{
    begin();
    exchange_through_proxy(1002, 5001, true);
    CHECK_EQ(finish()->paired, 0);
    begin();
    exchange_through_proxy(1001, 5002, true);
    CHECK_EQ(finish()->paired, 0);
    begin();
    exchange_through_proxy(1001, 5001, false);
    CHECK_EQ(finish()->paired, 0);
}

/* A near miss: all that is another's are the numbers and the ends, and the SYN is the client's own. */
static void test_a_syn_that_is_the_same_is_no_proxy_s(void)
{
    const mc_between_facts *f;
    mc_tapped own = plain(segment(1, C, SYN, 1000, 0, 0)), other = plain(segment(61, C, SYN, 8000000, 0, 0));

    begin();
    two_exchanges(own, other, 1001, 5001, true);
    f = finish();
    CHECK_EQ(f->paired, 1);
    CHECK_EQ(f->proxied, 0);
    CHECK_EQ(f->translated, 1);
    CHECK_EQ(f->shifted, 1);
    CHECK_EQ(f->direction[C].at_both, 3);
    begin();
    own.seen.ip_id = other.seen.ip_id = 4711;                /* timestamps are taken out, and it is the same packet */
    two_exchanges(stamped(own, 77, 0), other, 1001, 5001, true);
    CHECK_EQ(finish()->proxied, 0);
    begin();
    other.seen.ip_id = 815;                                  /* another stack's */
    two_exchanges(stamped(own, 77, 0), other, 1001, 5001, true);
    CHECK_EQ(finish()->proxied, 1);
    begin();
    own.seen.ip_id = other.seen.ip_id = 0;                   /* nothing tells stacks apart: timestamps are one's own */
    two_exchanges(stamped(own, 77, 0), other, 1001, 5001, true);
    CHECK_EQ(finish()->proxied, 1);
    begin();
    two_exchanges(stamped(own, 77, 0), as_client(other, 1), 1001, 5001, true);
    CHECK_EQ(finish()->proxied, 0);                          /* but the ends are the same */
    begin();
    other.seen.has |= MC_HAS_SCALE;                          /* the same, but for an option */
    other.seen.scale = 7;
    two_exchanges(own, other, 1001, 5001, true);
    CHECK_EQ(finish()->proxied, 1);
}

/* More than fits into one segment: the proxy's own ones are of another size. */
static void long_exchange(uint32_t length0, uint32_t length1, uint32_t request, uint32_t rest, bool cut, uint32_t all)
{
    mc_tapped t[2] = { segment(1, C, ACK, 1001, 5001, length0), segment(61, C, ACK, 8000001, 6000001, length1) };

    begin();
    pass(0, syn(1, 1000, 77), 0);
    pass(0, syn_ack(1, 5000, 1001, 900, 77), 1);
    pass(1, syn(61, 8000000, 4711), 5);
    pass(1, syn_ack(61, 6000000, 8000001, 950, 4711), 6);
    fill(&t[0], 1001);
    fill(&t[1], request);
    t[0].seen.flags |= MC_TH_PSH;
    if (length1 < 1448 && !cut)
        t[1].seen.flags |= MC_TH_PSH;
    if (cut) {
        t[1].seen.captured = 30;
        t[1].seen.digest[1] = t[1].seen.digest[2] = 0;
    } else if (rest != 0) {
        t[1].seen.digest[1] = rest;                          /* it begins alike, and goes on otherwise */
    }
    pass(0, t[0], 10);
    pass(0, segment(1, C, ACK, 1001 + length0, 5001, 2000 - length0), 11);
    pass(1, t[1], 15);
    pass(1, segment(61, C, ACK, 8000001 + length1, 6000001, all - length1), 16);
}

static void test_a_proxy_cuts_the_stream_elsewhere(void)
{
    long_exchange(1448, 1460, 1001, 0, false, 1990);         /* the end of it was not captured */
    CHECK_EQ(finish()->proxied, 1);
    long_exchange(900, 1000, 1001, 0, false, 2000);          /* what was written bit by bit is joined */
    CHECK_EQ(finish()->proxied, 1);
    long_exchange(1448, 1460, 1001, 0, true, 2000);                /* so few bytes of it, but all in all as many */
    CHECK_EQ(finish()->proxied, 1);
    long_exchange(1448, 200, 1001, 0, true, 2000);                 /* the path takes less than was said: more follows all the same */
    CHECK_EQ(finish()->proxied, 1);
}

static void test_what_only_begins_alike_is_no_proxy_s(void)
{
    long_exchange(1448, 1460, 1002, 0, false, 2000);
    CHECK_EQ(finish()->paired, 0);
    long_exchange(1448, 1460, 1001, 99, false, 2000);
    CHECK_EQ(finish()->paired, 0);
    long_exchange(1448, 1460, 1001, 0, true, 1990);               /* another length in all */
    CHECK_EQ(finish()->paired, 0);
    long_exchange(900, 1000, 1001, 0, false, 1990);          /* nor had their senders more to say just then */
    CHECK_EQ(finish()->paired, 0);
}

/* Captures of one segment: it is the only one that can tell. */
static void test_one_segment_tells_translated_ends(void)
{
    const mc_tapped t = plain(segment(1, S, ACK, 5001, 1001, 50));
    unsigned i;

    for (i = 0; i < 8; i++) {
        mc_tapped moved = t;

        moved.seen.seq += i;
        moved.seen.ack += 3 * i;
        begin();
        pass_as(moved, as_client(moved, 61), 0);
        CHECK_EQ(finish()->translated, 1);
        begin();
        pass_as(moved, as_client(plain(segment(1, S, ACK, 5101, 1001, 50)), 61), 0);
        CHECK_EQ(finish()->paired, 0);
    }
}

/* Nothing but its number and window is left of a SYN without an answer, and that is enough. */
static void test_a_translated_attempt_is_found_without_its_options(void)
{
    const mc_between_facts *f;
    unsigned i;

    begin();
    for (i = 0; i < 2; i++) {
        const mc_tapped t = syn(1 + i, 1000 + 77 * i, 77);

        pass_as(t, as_client(segment(1, C, SYN, t.seen.seq, 0, 0), 61 + i), 10 * i);
    }
    f = finish();
    CHECK_EQ(f->paired, 2);
    CHECK_EQ(f->translated, 2);
    CHECK_EQ(f->direction[C].change[MC_CHANGE_timestamps].packets, 2);
    begin();
    pass_as(syn(1, 1000, 77), as_client(segment(1, C, SYN, 1001, 0, 0), 61), 0);             /* another one */
    CHECK_EQ(finish()->paired, 0);
}

/* More of it comes by after it was found: it is not compared, and waits for nothing. */
static void test_later_segments_of_a_proxy_are_not_compared(void)
{
    const mc_between_facts *f;
    unsigned i;

    begin_with(200, ROWS);
    exchange_through_proxy(1001, 5001, true);
    for (i = 0; i < 300; i++)                                /* until the window is full, and all is paired that can be */
        pass(0, segment(2, C, ACK, 1 + 10 * i, 1, 10), 100 + i);
    CHECK_EQ(between->facts.proxied, 1);
    pass(0, segment(1, C, ACK, 1401, 5901, 400), 500);
    pass(1, segment(61, C, ACK, 8000401, 6000901, 400), 505);
    pass(1, segment(61, C, FIN, 8000801, 6000901, 0), 510);
    f = finish();
    CHECK_EQ(f->proxied, 1);
    CHECK_EQ(f->direction[C].at_both, 0);
    CHECK_EQ(f->rows[0].packets[0], 6);
    CHECK_EQ(f->rows[0].packets[1], 7);
}

int main(void)
{
    RUN(test_a_connection_with_the_same_ends_is_one);
    RUN(test_the_wait_for_an_answer_is_known_at_both);
    RUN(test_a_connection_that_was_open_before_is_one);
    RUN(test_ports_that_are_used_again_are_two);
    RUN(test_what_is_at_one_point_only_has_no_partner);
    RUN(test_attempts_that_never_arrive_are_lost);
    RUN(test_attempts_of_which_that_is_not_known);
    RUN(test_translated_ends_are_found_by_the_numbers);
    RUN(test_translated_ends_are_found_in_the_midst_of_a_connection);
    RUN(test_of_two_that_are_alike_none_is_chosen);
    RUN(test_changed_numbers_are_known_from_the_handshake);
    RUN(test_changed_numbers_and_ends_are_told_by_timestamps);
    RUN(test_changed_numbers_are_guessed_from_the_first_data);
    RUN(test_an_acknowledgement_tells_the_numbers_of_its_sender);
    RUN(test_another_acknowledgement_tells_none);
    RUN(test_two_connections_with_the_same_bytes_are_a_proxy_s);
    RUN(test_a_proxy_is_known_without_the_syn);
    RUN(test_other_bytes_are_no_proxy_s);
    RUN(test_a_syn_that_is_the_same_is_no_proxy_s);
    RUN(test_a_proxy_cuts_the_stream_elsewhere);
    RUN(test_what_only_begins_alike_is_no_proxy_s);
    RUN(test_one_segment_tells_translated_ends);
    RUN(test_a_translated_attempt_is_found_without_its_options);
    RUN(test_later_segments_of_a_proxy_are_not_compared);
    mc_between_close(between);
    return DONE();
}
