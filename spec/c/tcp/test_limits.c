/*
 * test_limits.c: what limits a transfer, each reason with what is nearly it.
 *
 * A sender (endpoint 1, the server) and a receiver at a round trip of 40 ms, as the capture point
 * sees them: beside the sender, or beside the receiver.
 */
#include "check.h"
#include "tcp/conn.h"

#define MS  MC_NS_PER_MS
#define RTT (40 * MS)
#define MSS 1000u

static mc_conn conn;
static mc_limits x;
static int64_t way;                  /* from the capture to the sender and back */

static mc_endpoint_state *const d = &conn.endpoint[1], *const r = &conn.endpoint[0];

/* Begins with nothing outstanding, at time 0. */
static void begin(int64_t to_sender, uint32_t window)
{
    memset(&conn, 0, sizeof conn);
    way = to_sender;
    conn.flags = MC_C_HS_SYN_ACK | MC_C_HS_DONE;
    conn.to_server_ns = way;
    conn.to_client_ns = RTT - way;
    d->known = r->known = MC_KNOWN_BASE | MC_KNOWN_NXT | MC_KNOWN_ACK | MC_KNOWN_WIN;
    r->scale = MC_SCALE_NONE;
    r->win = (uint16_t)window;
    d->rtt_count = 1;
    d->rtt_min_ms = d->rtt_sum_ms = (float)(RTT - way) / (float)MS;
    mc_limits_begin(&x, 0, 0);
}

/* The receiver acknowledges all up to 'ack'. */
static void acknowledge(int64_t now, uint32_t ack)
{
    r->last_ack = ack;
    r->seen_ns = now;
    if (d->rtt_count < 1000) {
        d->rtt_count++;
        d->rtt_sum_ms += d->rtt_min_ms;
    }
}

/* The sender sends 'len' bytes. */
static void send(int64_t now, uint32_t len, bool lost)
{
    const mc_limits_look s = { .now = now, .before_ns = d->nxt_ns, .end = d->nxt + len, .len = len,
                               .outstanding = d->nxt != r->last_ack, .tail = MSS, .lost = lost };

    d->payload_bytes += len;
    if (now >= x.due_ns || lost)
        mc_limits_take(&x, &conn, 1, &s);
    if (!lost)
        d->nxt += len;
    d->nxt_ns = now;
}

static double share(mc_limit reason)
{
    double all = 0;
    int i;

    for (i = 0; i < MC_LIMIT_COUNT; i++)
        all += (double)x.ms[i];
    return all > 0 ? (double)x.ms[reason] / all : 0;
}

#define CHECK_NEAR(reason, want) CHECK(share(reason) > (want) - 0.06 && share(reason) < (want) + 0.06)

/* A flight of 'count' segments each round trip, released by the acknowledgement of the one before. */
static void flights(unsigned rounds, unsigned count, unsigned more, int64_t extra)
{
    int64_t now = MS;
    unsigned round, i;

    for (round = 0; round < rounds; round++, count += more) {
        for (i = 0; i < count; i++)
            send(now + i * 20000, MSS, false);
        /* beside the receiver the acknowledgement passes at once */
        acknowledge(now + RTT - way + count * 20000, d->nxt);
        now += RTT + count * 20000 + extra;
    }
}

static void test_pauses_of_the_application(void)
{
    int64_t now = 0, at[] = { 0, RTT };
    unsigned v, i;

    for (v = 0; v < 2; v++) {
        begin(at[v], 60000);
        for (i = 0, now = 0; i < 40; i++, now += 200 * MS) {
            send(now, MSS, false);
            acknowledge(now + RTT - way, d->nxt);
        }
        CHECK_NEAR(MC_LIMIT_PAUSE, 0.8);
        CHECK_NEAR(MC_LIMIT_WRITES, 0.2);
    }
    begin(0, 60000);                                         /* released by the acknowledgement: it was there before */
    flights(40, 5, 0, 0);
    CHECK_NEAR(MC_LIMIT_PAUSE, 0);
    CHECK_NEAR(MC_LIMIT_WRITES, 0);
}

static void test_the_other_sides_turn(void)
{
    int64_t now = 0;
    unsigned i;

    begin(0, 60000);
    for (i = 0; i < 40; i++, now += 400 * MS) {
        send(now, MSS, false);
        acknowledge(now + RTT, d->nxt);
        r->seen_ns = r->nxt_ns = now + 300 * MS;             /* asks again, and waits for 100 ms */
    }
    CHECK_NEAR(MC_LIMIT_PEER, 0.65);
    CHECK_NEAR(MC_LIMIT_ANSWER, 0.25);
    CHECK_NEAR(MC_LIMIT_PAUSE, 0);
}

static void test_a_full_window(void)
{
    int64_t at[] = { 0, RTT };
    unsigned v;

    for (v = 0; v < 2; v++) {
        begin(at[v], 10 * MSS);
        flights(60, 10, 0, 0);
        CHECK(share(MC_LIMIT_WINDOW) > 0.9);
        begin(at[v], 30 * MSS);                              /* the same flights, and there is room */
        flights(60, 10, 0, 0);
        CHECK_NEAR(MC_LIMIT_WINDOW, 0);
        CHECK(share(MC_LIMIT_SENDER) > 0.9);
        CHECK(x.best > 0);
    }
    begin(0, 10 * MSS);                                      /* full, but slow to send what is allowed */
    flights(60, 10, 0, 60 * MS);
    CHECK(share(MC_LIMIT_WINDOW) < 0.1);
    CHECK_NEAR(MC_LIMIT_PAUSE, 0.6);
}

/* Between two looks the window grew with the flights: where its edge was meanwhile, nobody can say. */
static void test_a_window_that_grows(void)
{
    unsigned i;

    begin(0, 10 * MSS);
    for (i = 0; i < 3; i++) {
        flights(1, 10, 0, 0);
        r->win = (uint16_t)(r->win + 8 * MSS);
    }
    flights(60, 10, 0, 0);
    CHECK(share(MC_LIMIT_WINDOW) < 0.1);
}

/* A sender that paces sends what fills the window later than the acknowledgement that made room for it. */
static void test_a_window_that_is_filled_late(void)
{
    unsigned window, i, n;

    for (window = 10; window <= 20; window += 10) {
        int64_t now = RTT;

        begin(0, window * MSS);
        for (i = 0; i < 10; i++)
            send(0, MSS, false);
        for (i = 0; i < 200; i++, now += RTT / 5) {          /* two at a time, 5 ms behind what allows them */
            acknowledge(now, d->nxt - 8 * MSS);
            for (n = 0; n < 2; n++) {
                const mc_limits_look s = { .now = now + 5 * MS, .before_ns = d->nxt_ns, .end = d->nxt + MSS, .len = MSS,
                                           .outstanding = 8, .tail = MSS, .pushed = true };

                d->payload_bytes += MSS;
                if (s.now >= x.due_ns)
                    mc_limits_take(&x, &conn, 1, &s);
                d->nxt += MSS;
                d->nxt_ns = s.now;
            }
        }
        if (window == 10)
            CHECK(share(MC_LIMIT_WINDOW) > 0.9);
        else                                                 /* there was room all the time */
            CHECK_NEAR(MC_LIMIT_WINDOW, 0);
    }
}

static void test_an_unknown_scale_hides_the_window(void)
{
    begin(0, 10 * MSS);
    r->scale = MC_SCALE_UNKNOWN;
    flights(60, 10, 0, 0);
    CHECK_NEAR(MC_LIMIT_WINDOW, 0);
    CHECK((x.marks & MC_LM_NO_WINDOW) != 0);
}

static void test_growing_flights(void)
{
    begin(0, 65535);
    flights(8, 4, 4, 0);
    CHECK(share(MC_LIMIT_START) > share(MC_LIMIT_SENDER));
    begin(0, 65535);
    flights(30, 10, 0, 0);
    CHECK(share(MC_LIMIT_START) < 0.2);
}

static void test_a_closed_window(void)
{
    static mc_detail detail;
    unsigned i;
    int64_t now = 0;

    begin(0, 4 * MSS);
    memset(&detail, 0, sizeof detail);
    r->detail = &detail;
    for (i = 0; i < 20; i++, now += 200 * MS) {
        send(now, MSS, false);
        detail.zero_ns += 150 * MS;
        acknowledge(now + 199 * MS, d->nxt);
    }
    CHECK_NEAR(MC_LIMIT_CLOSED, 0.75);
    CHECK_NEAR(MC_LIMIT_WINDOW, 0.25);
}

static void test_repair(void)
{
    begin(0, 65535);
    flights(5, 10, 0, 0);
    send(d->nxt_ns + RTT, MSS, true);                        /* sooner than any timer */
    CHECK(x.ms[MC_LIMIT_FAST] > 0);
    CHECK(x.ms[MC_LIMIT_TIMEOUT] == 0.0f);
    send(d->nxt_ns + 10 * MS, MSS, false);
    CHECK(x.ms[MC_LIMIT_FAST] > 9);
    begin(0, 65535);
    flights(5, 10, 0, 0);
    send(d->nxt_ns + 250 * MS, MSS, true);
    CHECK(x.ms[MC_LIMIT_TIMEOUT] > 200);
    CHECK(x.ms[MC_LIMIT_FAST] == 0.0f);
}

/* A segment each 5 ms, its acknowledgement so much later than at best. */
static void stream(double queue_ms)
{
    int64_t now = 0;
    unsigned i;

    begin(0, 65535);
    for (i = 0; i < 400; i++, now += 5 * MS) {
        send(now, MSS, false);
        if (i < 8)
            continue;
        r->last_ack += MSS;
        r->seen_ns = now + 5 * MS;
        d->rtt_count++;
        d->rtt_sum_ms += d->rtt_min_ms + (float)queue_ms;
    }
}

static void test_a_queue_on_the_way(void)
{
    stream(60);
    CHECK(share(MC_LIMIT_PATH) > 0.8);
    stream(3);                                               /* noise */
    CHECK_NEAR(MC_LIMIT_PATH, 0);
}

static void test_long_transfers_are_looked_at_less(void)
{
    begin(0, 30 * MSS);
    flights(20000, 10, 0, 0);
    CHECK(x.looks < 2000);
    CHECK(share(MC_LIMIT_SENDER) > 0.9);
}

int main(void)
{
    RUN(test_pauses_of_the_application);
    RUN(test_the_other_sides_turn);
    RUN(test_a_full_window);
    RUN(test_a_window_that_grows);
    RUN(test_a_window_that_is_filled_late);
    RUN(test_an_unknown_scale_hides_the_window);
    RUN(test_growing_flights);
    RUN(test_a_closed_window);
    RUN(test_repair);
    RUN(test_a_queue_on_the_way);
    RUN(test_long_transfers_are_looked_at_less);
    return DONE();
}
