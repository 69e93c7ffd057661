/*
 * test_late.c: what a late segment really was, by each kind of evidence, and what stands
 * beside it.
 */
#include "exchange.h"

#include "decode/decode_fast.h"
#include "tcp/recent.h"

/* Data of the client with a timestamp and an IP identification (0: none), in milliseconds. */
static void data(uint32_t seq, uint32_t len, int ms, uint32_t ts, uint16_t id)
{
    mc_segment s = segment(ACK, seq, 501, len, 1000);

    if (ts != 0) {
        s.has |= MC_HAS_TS;
        s.ts_val = ts;
    }
    if (id != 0) {
        s.has |= MC_HAS_IPID;
        s.ip_id = id;
    }
    send_at(C, &s, ms * MC_NS_PER_MS);
}

static void expect(mc_late_kind kind, mc_late_evidence by)
{
    CHECK((last.events & MC_TCP_LATE) != 0);
    CHECK_EQ(last.kind, kind);
    CHECK_EQ(last.evidence, by);
}

/* 101 to 200 are not there yet, 201 to 300 came at 30 ms. */
static void hole(uint32_t ts, uint16_t id)
{
    handshake();
    data(201, 100, 30, ts, id);
}

static void test_timestamps_tell(void)
{
    hole(1000, 0);
    data(101, 100, 31, 999, 0);
    expect(MC_LATE_REORDERED, MC_BY_TIMESTAMP);
    hole(1000, 0);
    data(101, 100, 31, 1001, 0);
    expect(MC_LATE_RESENT, MC_BY_TIMESTAMP);
    hole(1000, 0);
    data(101, 100, 31, 1000, 0);                             /* the same: they say nothing, the time does */
    expect(MC_LATE_REORDERED, MC_BY_TIME);
    hole(1000, 0);
    data(101, 100, 31, 0, 0);                                /* none on the late one */
    expect(MC_LATE_REORDERED, MC_BY_TIME);
}

static void test_identifications_tell_where_they_count_up(void)
{
    hole(0, 50);
    conn.endpoint[C].id_run = 3;
    data(101, 100, 31, 0, 49);
    expect(MC_LATE_REORDERED, MC_BY_IP_ID);
    hole(0, 50);
    conn.endpoint[C].id_run = 3;
    data(101, 100, 31, 0, 51);
    expect(MC_LATE_RESENT, MC_BY_IP_ID);
    hole(0, 50);
    conn.endpoint[C].id_run = 0x11;                          /* a jump from the SYN-ACK, a step: just behind */
    data(101, 100, 31, 0, 51);
    expect(MC_LATE_RESENT, MC_BY_IP_ID);
    hole(0, 50);
    conn.endpoint[C].id_run = 0x11;
    data(101, 100, 31, 0, 151);                              /* far behind: it may be chance */
    expect(MC_LATE_REORDERED, MC_BY_TIME);
    hole(0, 50);
    conn.endpoint[C].id_run = 0x33;                          /* as many jumps as steps: drawn at random */
    data(101, 100, 31, 0, 51);
    expect(MC_LATE_REORDERED, MC_BY_TIME);
}

static void test_before_the_first_that_was_captured(void)
{
    const mc_bytes_news news = { .fresh = 100, .fills = true };      /* what lies above has lost its beginning */
    const mc_first_copy first = { 0 };
    mc_late_evidence by;
    mc_segment s = segment(ACK, 101, 501, 100, 1000);

    handshake();
    s.has |= MC_HAS_IPID;
    s.ip_id = 49;
    conn.endpoint[C].ip_id = 50;
    CHECK_EQ(mc_late_judge(&conn, C, &s, &news, false, &first, 0, &by), MC_LATE_REORDERED);
    CHECK_EQ(by, MC_BY_IP_ID);
    s.ip_id = 51;
    CHECK_EQ(mc_late_judge(&conn, C, &s, &news, false, &first, 0, &by), MC_LATE_UNDECIDED);
    s.ip_id = 49;
    conn.endpoint[C].ip_id = 0;
    CHECK_EQ(mc_late_judge(&conn, C, &s, &news, false, &first, 0, &by), MC_LATE_UNDECIDED);
}

static void test_sooner_than_any_answer_it_was_overtaken(void)
{
    hole(0, 0);
    data(101, 100, 39, 0, 0);                                /* half of the 20 ms not over */
    expect(MC_LATE_REORDERED, MC_BY_TIME);
    hole(0, 0);
    data(101, 100, 41, 0, 0);
    expect(MC_LATE_UNDECIDED, MC_BY_NOTHING);
}

static void test_what_the_receiver_asked_for(void)
{
    mc_segment sack = segment(ACK, 501, 101, 0, 1000);

    hole(0, 0);
    send(S, ACK, 501, 101, 0, 31);
    send(S, ACK, 501, 101, 0, 32);
    data(101, 100, 60, 0, 0);
    expect(MC_LATE_RESENT, MC_BY_ACK);
    hole(0, 0);
    send(S, ACK, 501, 101, 0, 31);                           /* once is not twice */
    data(101, 100, 60, 0, 0);
    expect(MC_LATE_UNDECIDED, MC_BY_NOTHING);
    hole(0, 0);                                              /* SACK above the hole */
    send_at(S, &sack, 31 * MC_NS_PER_MS);
    CHECK(mc_detail_of(&conn.endpoint[S], &pool) != NULL);
    conn.endpoint[S].detail->sack_known = true;
    conn.endpoint[S].detail->sacked_to = 301;
    data(101, 100, 60, 0, 0);
    expect(MC_LATE_RESENT, MC_BY_ACK);
}

static void test_after_a_timeout_it_was_sent_again(void)
{
    hole(0, 0);
    data(101, 100, 230, 0, 0);
    expect(MC_LATE_RESENT, MC_BY_TIME);
    hole(0, 0);
    data(101, 100, 229, 0, 0);
    expect(MC_LATE_UNDECIDED, MC_BY_NOTHING);
    hole(0, 0);
    conn.irtt_ns = 300 * MC_NS_PER_MS;                       /* longer than the shortest timeout */
    data(101, 100, 240, 0, 0);
    expect(MC_LATE_UNDECIDED, MC_BY_NOTHING);
}

static void test_a_clock_that_stands_still(void)
{
    const mc_bytes_news news = { .fresh = 0 };
    mc_first_copy first = { .known = true, .end = 201, .ts_val = 1000, .time_ns = 30 * MC_NS_PER_MS };
    mc_late_evidence by;
    mc_segment s = segment(ACK, 101, 501, 100, 1000);

    handshake();
    s.has |= MC_HAS_TS;
    s.ts_val = 1000;
    /* a clock of timestamps may tick once a second, and not more seldom: a record that stands there again */
    CHECK_EQ(mc_late_judge(&conn, C, &s, &news, false, &first, 1029 * MC_NS_PER_MS, &by), MC_LATE_RESENT);
    CHECK_EQ(mc_late_judge(&conn, C, &s, &news, false, &first, 1030 * MC_NS_PER_MS, &by), MC_LATE_UNDECIDED);
    CHECK_EQ(by, MC_BY_NOTHING);
    s.ts_val = 2000;
    first.ts_differs = true;
    CHECK_EQ(mc_late_judge(&conn, C, &s, &news, false, &first, 1030 * MC_NS_PER_MS, &by), MC_LATE_RESENT);
}

static void test_bytes_seen_before_were_sent_again(void)
{
    handshake();
    data(101, 100, 30, 0, 7);
    data(101, 100, 300, 0, 8);
    expect(MC_LATE_RESENT, MC_BY_REPETITION);
    data(101, 150, 600, 0, 9);                               /* old and new */
    expect(MC_LATE_RESENT, MC_BY_REPETITION);
    handshake();
    data(101, 100, 30, 0, 0);
    data(101, 100, 30, 0, 0);                                /* too soon to be sent again */
    expect(MC_LATE_DUPLICATED, MC_BY_TIME);
    handshake();
    conn.irtt_ns = 0;
    conn.flags &= ~(uint32_t)MC_C_SYN;
    data(101, 100, 30, 0, 0);
    data(101, 100, 30, 0, 0);                                /* ... but nothing to compare it with */
    expect(MC_LATE_UNDECIDED, MC_BY_NOTHING);
    conn.endpoint[C].rtt_count = conn.endpoint[S].rtt_count = 1;
    conn.endpoint[C].rtt_min_ms = conn.endpoint[S].rtt_min_ms = 5;       /* ... until both halves of the way are known */
    data(101, 100, 30, 0, 0);
    expect(MC_LATE_DUPLICATED, MC_BY_TIME);
}

/* Times of a file may lie centuries apart: as milliseconds they fit no more into nanoseconds. */
static void test_ways_of_centuries(void)
{
    handshake();
    conn.irtt_ns = 0;
    conn.flags &= ~(uint32_t)MC_C_SYN;
    conn.endpoint[C].rtt_count = conn.endpoint[S].rtt_count = 1;
    conn.endpoint[C].rtt_min_ms = conn.endpoint[S].rtt_min_ms = 9.2e12f;
    data(101, 100, 30, 0, 0);
    data(101, 100, 400, 0, 0);
    expect(MC_LATE_RESENT, MC_BY_REPETITION);
    CHECK(mc_ns_of_ms(9.3e12) == INT64_MAX && mc_ns_of_ms(1.5) == 1500000 && mc_ns_of_ms(0) == 0);
}

static void test_a_copy_is_no_repetition(void)
{
    const mc_segment s = segment(ACK, 101, 501, 100, 1000);
    mc_late_evidence by;

    handshake();
    data(101, 100, 30, 0, 7);
    CHECK_EQ(mc_late_judge(&conn, C, &s, &(mc_bytes_news){ 0 }, true, &(mc_first_copy){ 0 }, 31 * MC_NS_PER_MS,
                           &by), MC_LATE_DUPLICATED);
    CHECK_EQ(mc_late_judge(&conn, C, &s, &(mc_bytes_news){ 0 }, true, &(mc_first_copy){ .known = true, .ts_differs = true },
                           31 * MC_NS_PER_MS, &by), MC_LATE_RESENT);
    CHECK_EQ(by, MC_BY_REPETITION);
    CHECK_EQ(mc_late_judge(&conn, C, &s, &(mc_bytes_news){ 0 }, true, &(mc_first_copy){ .known = true }, 31 * MC_NS_PER_MS,
                           &by), MC_LATE_DUPLICATED);
    CHECK_EQ(by, MC_BY_COPY);
}

/* A FIN without data has no bytes: whether it was seen before decides. */
/* The bytes of one that was captured at another point, cut anew, with a TTL that tells of one router more. */
static void test_a_copy_that_was_cut(void)
{
    mc_segment s = segment(ACK, 101, 501, 100, 1000);
    mc_late_evidence by;

    handshake();
    data(101, 200, 30, 0, 50);
    s.has |= MC_HAS_IPID;
    s.ip_id = 51;
    conn.endpoint[C].ttl_min = 63;
    conn.endpoint[C].ttl_max = 64;
    conn.irtt_ns = 20 * MC_NS_PER_MS;
    s.ttl = 63;
    CHECK_EQ(mc_late_judge(&conn, C, &s, &(mc_bytes_news){ 0 }, false, &(mc_first_copy){ 0 }, 30 * MC_NS_PER_MS + 5000, &by),
             MC_LATE_DUPLICATED);
    CHECK_EQ(by, MC_BY_COPY);
    CHECK_EQ(mc_late_judge(&conn, C, &s, &(mc_bytes_news){ 0 }, false, &(mc_first_copy){ .known = true, .ts_differs = true },
                           30 * MC_NS_PER_MS + 5000, &by), MC_LATE_RESENT);
    CHECK_EQ(mc_late_judge(&conn, C, &s, &(mc_bytes_news){ 0 }, false, &(mc_first_copy){ 0 }, 32 * MC_NS_PER_MS, &by),
             MC_LATE_RESENT);                    /* by then it may have been asked for */
    s.has |= MC_HAS_TS;                          /* ... with a clock of its own */
    s.ts_val = 1000;
    CHECK_EQ(mc_late_judge(&conn, C, &s, &(mc_bytes_news){ 0 }, false,
                           &(mc_first_copy){ .known = true, .ts_val = 1000, .time_ns = 30 * MC_NS_PER_MS }, 50 * MC_NS_PER_MS, &by),
             MC_LATE_DUPLICATED);
    CHECK_EQ(mc_late_judge(&conn, C, &s, &(mc_bytes_news){ 0 }, false,
                           &(mc_first_copy){ .known = true, .ts_val = 980, .ts_differs = true, .time_ns = 30 * MC_NS_PER_MS },
                           50 * MC_NS_PER_MS, &by), MC_LATE_RESENT);
    CHECK_EQ(mc_late_judge(&conn, C, &s, &(mc_bytes_news){ 0 }, false,
                           &(mc_first_copy){ .known = true, .ts_val = 1000, .time_ns = 30 * MC_NS_PER_MS }, 90 * MC_NS_PER_MS, &by),
             MC_LATE_RESENT);                    /* no way between two points is so long */
    conn.irtt_ns = 80 * MC_NS_PER_MS;            /* ... but where the way there and back is longer */
    CHECK_EQ(mc_late_judge(&conn, C, &s, &(mc_bytes_news){ 0 }, false,
                           &(mc_first_copy){ .known = true, .ts_val = 1000, .time_ns = 30 * MC_NS_PER_MS }, 90 * MC_NS_PER_MS, &by),
             MC_LATE_DUPLICATED);
    CHECK_EQ(mc_late_judge(&conn, C, &s, &(mc_bytes_news){ 0 }, false,
                           &(mc_first_copy){ .known = true, .ts_val = 1000, .time_ns = 30 * MC_NS_PER_MS }, 200 * MC_NS_PER_MS, &by),
             MC_LATE_RESENT);
    conn.irtt_ns = 20 * MC_NS_PER_MS;
    CHECK_EQ(mc_late_judge(&conn, C, &s, &(mc_bytes_news){ 0 }, false,
                           &(mc_first_copy){ .known = true, .older = true, .time_ns = 30 * MC_NS_PER_MS }, 50 * MC_NS_PER_MS, &by),
             MC_LATE_DUPLICATED);                /* what is sent again is not older than what is sent before */
    s.ttl = 64;
    CHECK_EQ(mc_late_judge(&conn, C, &s, &(mc_bytes_news){ 0 }, false,
                           &(mc_first_copy){ .known = true, .ts_val = 1000, .time_ns = 30 * MC_NS_PER_MS }, 50 * MC_NS_PER_MS, &by),
             MC_LATE_RESENT);
    CHECK_EQ(mc_late_judge(&conn, C, &s, &(mc_bytes_news){ 0 }, false, &(mc_first_copy){ 0 }, 30 * MC_NS_PER_MS + 5000, &by),
             MC_LATE_RESENT);
}

static void test_the_clock_of_a_piece(void)
{
    mc_detail x = { 0 };
    const mc_endpoint_state d = { .detail = &x }, without = { 0 };
    mc_segment piece = { .seq = 100, .len = 50, .has = MC_HAS_TS, .ts_val = 7 }, next = { .seq = 150, .len = 50 };

    CHECK_EQ(mc_piece_clock(&without, &next), 0);
    CHECK_EQ(mc_piece_clock(&d, &next), 0);
    mc_note_piece(&x, &piece);
    CHECK_EQ(mc_piece_clock(&d, &next), 7);
    next.seq = 151;                              /* it does not go on there */
    CHECK_EQ(mc_piece_clock(&d, &next), 0);
    next.seq = 150;
    piece.has = 0;                               /* it had none */
    mc_note_piece(&x, &piece);
    CHECK_EQ(mc_piece_clock(&d, &next), 0);
}

static void test_a_late_fin(void)
{
    mc_segment fin = segment(FIN, 151, 501, 0, 1000);

    handshake();
    send(C, FIN, 101, 501, 0, 30);
    send(C, FIN, 101, 501, 0, 300);
    expect(MC_LATE_RESENT, MC_BY_REPETITION);
    handshake();
    data(201, 100, 30, 0, 0);
    send_at(C, &fin, 35 * MC_NS_PER_MS);
    expect(MC_LATE_REORDERED, MC_BY_TIME);
    handshake();
    data(201, 100, 30, 0, 0);
    send_at(C, &fin, 300 * MC_NS_PER_MS);
    expect(MC_LATE_UNDECIDED, MC_BY_NOTHING);
    fin.has = MC_HAS_IPID;
    handshake();
    data(201, 100, 30, 0, 50);
    conn.endpoint[C].id_run = 3;
    fin.ip_id = 51;
    send_at(C, &fin, 31 * MC_NS_PER_MS);
    expect(MC_LATE_RESENT, MC_BY_IP_ID);
    handshake();
    data(201, 100, 30, 0, 50);
    conn.endpoint[C].id_run = 3;
    fin.ip_id = 49;
    send_at(C, &fin, 300 * MC_NS_PER_MS);
    expect(MC_LATE_REORDERED, MC_BY_IP_ID);
}

/* The same packet seen twice within a second. */
static void test_copies_are_found_by_their_fingerprints(void)
{
    static mc_copies copies;
    const uint64_t peer[2] = { 0, 42 };
    mc_segment_summary s = { .seq = 1, .ack = 2, .len = 3, .ports = 4, .win = 5, .ip_id = 6, .flags = ACK, .ttl = 64 };
    const uint64_t print = mc_copies_fingerprint(&s, peer);
    unsigned i;

    CHECK(!mc_copies_see(&copies, print, MC_NS_PER_S));
    CHECK(mc_copies_see(&copies, print, MC_NS_PER_S + 1000));
    CHECK(!mc_copies_see_within(&copies, print, 3 * MC_NS_PER_S, 1000));
    CHECK(mc_copies_see_within(&copies, print, 3 * MC_NS_PER_S + 999 * 1024, 1000));
    CHECK(!mc_copies_see_within(&copies, print, 3 * MC_NS_PER_S + 1999 * 1024, 1000));      /* as late as an answer */
    s.ttl = 60;                                              /* another hop: still the same packet */
    CHECK_EQ(mc_copies_fingerprint(&s, peer), print);
    s.win = 6;
    CHECK(mc_copies_fingerprint(&s, peer) != print);
    s.mark = mc_timestamp_mark(7, 8);                        /* sent at another time */
    CHECK(mc_copies_fingerprint(&s, peer) != mc_copies_fingerprint(&(mc_segment_summary){ .seq = 1, .ack = 2, .len = 3,
          .ports = 4, .win = 6, .ip_id = 6, .flags = ACK, .mark = mc_timestamp_mark(7, 9) }, peer));
    s.ip_id = 0;
    CHECK(mc_copies_fingerprint(&s, peer) != 0);
    s.mark = 0;                                              /* cannot be told from others */
    CHECK_EQ(mc_copies_fingerprint(&s, peer), 0);
    CHECK(!mc_copies_see(&copies, 0, 1) && !mc_copies_see(&copies, 0, 1));
    /* four others of the same set push it out */
    CHECK(mc_copies_see(&copies, print, 3 * MC_NS_PER_S));
    for (i = 1; i <= MC_COPY_WAYS; i++)
        mc_copies_see(&copies, print + i * 2, 3 * MC_NS_PER_S);
    CHECK(!mc_copies_see(&copies, print, 3 * MC_NS_PER_S));
}

/* The first and the latest of a segment's copies are found, until as many others of its ring have passed. */
static void test_recent_segments(void)
{
    static mc_recents recents;
    const mc_recent_key key = mc_recent_key_of(7, C, 1000);
    mc_recent_segment first, latest;
    uint32_t i;

    CHECK(!mc_recents_find(&recents, key, 0, &first, &latest));
    mc_recents_note(&recents, key, 100, 11, 1);
    mc_recents_note(&recents, mc_recent_key_of(7, S, 1000), 9, 99, 2);
    mc_recents_note(&recents, mc_recent_key_of(8, C, 1000), 9, 99, 2);
    mc_recents_note(&recents, mc_recent_key_of(7, C, 1001), 9, 99, 2);
    mc_recents_note(&recents, key, 50, 12, 3);
    CHECK(mc_recents_find(&recents, key, 0, &first, &latest));
    CHECK(first.time_ns == 1 && first.len == 100 && first.ts_val == 11);
    CHECK(latest.time_ns == 3 && latest.len == 50 && latest.ts_val == 12);
    CHECK(mc_recents_are_newer(&recents, key, 11) && !mc_recents_are_newer(&recents, key, 12));
    CHECK(!mc_recents_are_newer(&recents, key, 0) && !mc_recents_are_newer(&recents, mc_recent_key_of(9, C, 1000), 11));
    CHECK(mc_recents_find(&recents, key, 2, &first, &latest));       /* the one before is another connection's */
    CHECK_EQ(first.time_ns, 3);
    CHECK(!mc_recents_find(&recents, key, 4, &first, &latest));
    /* others of the same number, hence of the same ring */
    for (i = 0; i < MC_RECENT - 1; i++)
        mc_recents_note(&recents, mc_recent_key_of(100 + i, C, 1000), 1, 0, 10);
    CHECK(mc_recents_find(&recents, key, 0, &first, &latest));
    CHECK(first.time_ns == 3 && latest.time_ns == 3);
    mc_recents_note(&recents, mc_recent_key_of(99, C, 1000), 1, 0, 10);
    CHECK(!mc_recents_find(&recents, key, 0, &first, &latest));
}

int main(void)
{
    RUN(test_timestamps_tell);
    RUN(test_identifications_tell_where_they_count_up);
    RUN(test_before_the_first_that_was_captured);
    RUN(test_sooner_than_any_answer_it_was_overtaken);
    RUN(test_what_the_receiver_asked_for);
    RUN(test_after_a_timeout_it_was_sent_again);
    RUN(test_a_clock_that_stands_still);
    RUN(test_bytes_seen_before_were_sent_again);
    RUN(test_ways_of_centuries);
    RUN(test_a_copy_is_no_repetition);
    RUN(test_a_copy_that_was_cut);
    RUN(test_the_clock_of_a_piece);
    RUN(test_a_late_fin);
    RUN(test_copies_are_found_by_their_fingerprints);
    RUN(test_recent_segments);
    mc_pool_destroy(&pool);
    return DONE();
}
