/*
 * test_aggregates.c: what connections say together, each made by hand, and which of them
 * are the most telling.
 */
#include <stdlib.h>

#include "check.h"
#include "tcp/attempt.h"
#include "outcomes/aggregates.h"
#include "outcomes/outcome.h"
#include "outcomes/top_connections.h"
#include "tcp/bytes.h"
#include "tcp/rules.h"
#include "tcp/state.h"

static mc_flows *flows;
static mc_pool pool;
static mc_facts f;
static uint64_t frames;

static void begin(void)
{
    flows = mc_flows_open(1000, true);
    frames = 0;
}

/* The client at 10.0.0.'host', who opened a connection to port 443 from 'port'; what was seen:
   the SYN alone. */
static mc_conn *opened(uint8_t host, uint16_t port)
{
    const uint8_t address[16] = { 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff, 10, 0, 0, host };
    mc_flow_key key = { .peer_port = port, .server_port = 443 };
    mc_conn *c;

    memcpy(key.peer, address, sizeof key.peer);
    c = mc_flows_add(flows, &key, mc_flows_hash(flows, &key), ++frames);
    CHECK(c != NULL);
    if (c == NULL)
        abort();
    c->flags = MC_C_SYN | MC_C_BEGUN;
    c->syn_count = 1;
    c->endpoint[0].state = MC_ST_SYN_SENT;
    c->endpoint[0].once = MC_ONCE_SYN | MC_ONCE_ANY;
    c->endpoint[0].packets = 1;
    c->endpoint[0].byte_count = 74;
    return c;
}

/* The handshake was complete. */
static mc_conn *established(uint8_t host, uint16_t port)
{
    mc_conn *c = opened(host, port);
    unsigned i;

    c->flags |= MC_C_SYN_ACK | MC_C_HS_SYN | MC_C_HS_SYN_ACK | MC_C_HS_DONE;
    for (i = 0; i < 2; i++) {
        c->endpoint[i].state = MC_ST_ESTABLISHED;
        c->endpoint[i].once |= MC_ONCE_ANY | MC_ONCE_ACK | (i == 0 ? MC_ONCE_SYN : 0);
        c->endpoint[i].packets = 2;
    }
    return c;
}

/* Adds up, in a capture that ends after 100 seconds, with the 'top' most telling ones. */
static const mc_connection_facts *add_up(uint32_t top)
{
    static const mc_speech nothing_said;

    memset(&f, 0, sizeof f);
    f.capture.last_ns = 100 * MC_NS_PER_S;
    CHECK(mc_aggregates_fill(flows, &nothing_said, NULL, NULL, top, &f));
    return &f.connections;
}

static void end(void)
{
    mc_facts_free(&f);
    CHECK(f.top_connections == NULL && f.buckets == NULL);
    mc_flows_close(flows);
    mc_pool_destroy(&pool);
}

static void test_nothing_adds_up_to_nothing(void)
{
    begin();
    CHECK_EQ(add_up(10)->total, 0);
    CHECK_EQ(f.top_count, 0);
    end();
}

static void test_clients_and_ports_are_counted_once(void)
{
    begin();
    established(1, 1000);
    established(1, 1001);
    established(2, 1000)->server_port = 80;
    add_up(0);
    CHECK_EQ(f.connections.total, 3);
    CHECK_EQ(f.connections.clients, 2);
    CHECK(f.connections.clients_exact);
    CHECK_EQ(f.connections.server_ports, 2);
    CHECK_EQ(f.connections.opened_by[0], 3);
    CHECK_EQ(f.connections.state[MC_CS_S1], 3);
    CHECK_EQ(f.direction[0].counts.packet_count, 6);
    CHECK_EQ(f.direction[0].counts.byte_count, 3 * 74);
    CHECK_EQ(f.connections.data_less, 3);
    end();
}

static void test_what_became_of_handshakes(void)
{
    mc_attempt goes_on = { .marks = MC_A_GOES_ON }, answered_twice = { .syn_acks = 2 };
    const mc_connection_facts *n;
    mc_conn *c;

    begin();
    established(1, 1);                                       /* completed */
    c = established(1, 2);                                   /* the SYN-ACK was not captured, an ACK was */
    c->flags &= ~(uint32_t)(MC_C_HS_SYN_ACK | MC_C_HS_DONE);
    c->syn_count = 3;
    opened(1, 3)->syn_count = 2;                             /* unanswered */
    opened(1, 4)->syn_ns = 100 * MC_NS_PER_S - 1;            /* ... but the capture ends at once */
    opened(1, 9);                                            /* ... but the SYN came once, and there was time */
    c = opened(1, 10);                                       /* not one of these: goes on in the next connection */
    mc_detail_of(&c->endpoint[0], &pool)->attempt = &goes_on;
    c = opened(1, 5);                                        /* refused */
    c->reset_phase = MC_RESET_REFUSED;
    c->reset_by = 1;
    c->endpoint[1].once = MC_ONCE_RST | MC_ONCE_ANY;
    c->endpoint[1].state = MC_ST_RESET;
    c = opened(1, 6);                                        /* half open: the SYN-ACK came again */
    c->endpoint[1].once = MC_ONCE_SYN | MC_ONCE_ANY;
    c->endpoint[1].packets = 2;
    mc_detail_of(&c->endpoint[0], &pool)->attempt = &answered_twice;
    c = opened(1, 7);                                        /* half open, but nothing proves it */
    c->endpoint[1].once = MC_ONCE_SYN | MC_ONCE_ANY;
    c->endpoint[1].packets = 1;
    c = established(1, 8);                                   /* not one of these: picked up midway */
    c->flags |= MC_C_MID_STREAM;
    n = add_up(0);
    CHECK_EQ(n->attempted[0], 8);
    CHECK_EQ(n->completed[0], 2);
    CHECK_EQ(n->completed_retried[0], 1);
    CHECK_EQ(n->retried[0], 2);
    CHECK_EQ(n->syn_retransmits[0], 3);
    CHECK_EQ(n->unanswered[0], 3);
    CHECK_EQ(n->unanswered_unproven[0], 2);
    CHECK_EQ(n->attempts.single[0], 1);
    CHECK_EQ(n->attempts.ignored[0], 1);
    CHECK_EQ(n->refused[0], 1);
    CHECK_EQ(n->half_open[0], 2);
    CHECK_EQ(n->half_open_unproven[0], 1);
    CHECK_EQ(n->mid_stream, 1);
    CHECK_EQ(n->attempted[1], 0);
    CHECK_EQ(n->resets[MC_RESET_REFUSED][1], 1);
    end();
}

static void test_resets_by_phase_side_and_sign(void)
{
    const mc_connection_facts *n;
    mc_conn *c;

    begin();
    c = opened(1, 1);                                        /* the handshake was broken off */
    c->endpoint[1].once = MC_ONCE_SYN | MC_ONCE_RST | MC_ONCE_ANY;
    c->endpoint[1].state = MC_ST_RESET;
    c->flags |= MC_C_HS_SYN | MC_C_HS_SYN_ACK;
    c->reset_phase = MC_RESET_HALF_OPEN;
    c->reset_by = 1;
    c->at.reset_frame = 17;
    c->reset_signs = MC_SIGN_TTL | MC_SIGN_SEQUENCE;
    c = established(1, 2);
    c->reset_phase = MC_RESET_MID_DATA;
    c->reset_by = 1;
    c->at.reset_frame = 11;
    c->reset_signs = MC_SIGN_TTL_SAME | MC_SIGN_IP_ID;       /* one sign alone */
    c = established(1, 3);
    c->reset_phase = MC_RESET_AFTER_CLOSE;                   /* benign: its signs do not count */
    c->reset_signs = MC_SIGN_TTL | MC_SIGN_SEQUENCE;
    c->at.reset_frame = 12;
    n = add_up(0);
    CHECK_EQ(n->reset_connections, 3);
    CHECK_EQ(n->resets[MC_RESET_MID_DATA][1], 1);
    CHECK_EQ(n->resets[MC_RESET_HALF_OPEN][1], 1);
    CHECK_EQ(n->resets[MC_RESET_AFTER_CLOSE][0], 1);
    CHECK_EQ(n->sign_ttl[1], 1);
    CHECK_EQ(n->sign_ip_id[1], 1);
    CHECK_EQ(n->sign_sequence[1], 1);
    CHECK_EQ(n->counter_ttl[1], 1);
    CHECK_EQ(n->sign_ttl[0], 0);
    CHECK_EQ(n->sign_two_or_more[1], 1);
    CHECK_EQ(n->suspect_examples[1].count, 1);
    CHECK_EQ(n->suspect_examples[1].frame[0], 17);
    CHECK_EQ(n->reset_examples[MC_RESET_MID_DATA][1].count, 1);
    CHECK_EQ(n->reset_examples[MC_RESET_MID_DATA][1].frame[0], 11);
    end();
}

static void test_options_of_both_sides(void)
{
    const mc_connection_facts *n;
    mc_conn *c;

    begin();
    c = established(1, 1);
    c->endpoint[0].options = MC_OPT_SEEN | MC_OPT_MSS | MC_OPT_SCALE | MC_OPT_SACK | MC_OPT_TS | MC_OPT_ECE | MC_OPT_CWR;
    c->endpoint[1].options = MC_OPT_SEEN | MC_OPT_MSS | MC_OPT_SACK | MC_OPT_ECE;
    c->endpoint[0].mss = 1460;
    c->endpoint[1].mss = 1300;
    c->endpoint[0].shift = 7;
    c->endpoint[0].initial_window = 65535;
    c = established(1, 2);                                   /* only one side was seen */
    c->endpoint[0].options = MC_OPT_SEEN | MC_OPT_MSS | MC_OPT_SCALE;
    c->endpoint[0].mss = 536;
    c->endpoint[0].shift = 2;
    c->endpoint[0].initial_window = 1000;
    n = add_up(0);
    CHECK_EQ(n->both_syns, 1);
    CHECK_EQ(n->scale_offered, 1);
    CHECK_EQ(n->scale_agreed, 0);
    CHECK_EQ(n->sack_agreed, 1);
    CHECK_EQ(n->ts_offered, 1);
    CHECK_EQ(n->ts_agreed, 0);
    CHECK_EQ(n->ecn_offered, 1);
    CHECK_EQ(n->ecn_agreed, 1);
    CHECK_EQ(n->mss_min[0], 536);
    CHECK_EQ(n->mss_max[0], 1460);
    CHECK_EQ(n->mss_min[1], 1300);
    CHECK_EQ(n->scale_min[0], 2);
    CHECK_EQ(n->scale_max[0], 7);
    CHECK_EQ(n->syns_seen[0], 2);
    CHECK_EQ(n->initial_window_min[0], 1000);
    CHECK_EQ(n->initial_window_max[0], 65535);
    end();
}

static void test_one_sided_and_reused(void)
{
    const mc_connection_facts *n;
    mc_conn *c;

    begin();
    c = established(1, 1);
    c->endpoint[1].packets = 0;
    c->endpoint[0].packets = 2;
    c->endpoint[0].known |= MC_KNOWN_ACK;
    c = established(1, 5);                                   /* one packet says nothing of the other side */
    c->endpoint[1].packets = 0;
    c->endpoint[0].packets = 1;
    c->endpoint[0].known |= MC_KNOWN_ACK;
    opened(1, 2);                                            /* a SYN alone neither */
    c = established(1, 3);
    c->endpoint[1].packets = 0;
    c->flags |= MC_C_SELF | MC_C_REUSED;                     /* one endpoint holds everything */
    c = established(1, 4);
    c->flags |= MC_C_RANGES_FULL | MC_C_SENT_FULL | MC_C_HISTORY_FULL;
    n = add_up(0);
    CHECK_EQ(n->one_sided[0], 1);
    CHECK_EQ(n->one_sided[1], 0);
    CHECK_EQ(n->port_reuses, 1);
    end();
}

/* A request without any answer, and what only looks like one. */
static void test_silence(void)
{
    const mc_connection_facts *n;
    mc_conn *c;
    unsigned i;

    begin();
    for (i = 0; i < 4; i++) {
        c = established(1, (uint16_t)(1 + i));
        c->flags |= MC_C_TURN;
        c->endpoint[0].payload_bytes = 100;
        c->endpoint[0].once |= MC_ONCE_DATA;
        c->at.turn_ns = MC_NS_PER_S;
        c->endpoint[0].seen_ns = c->endpoint[1].seen_ns = (i == 1 ? 2 : 6) * MC_NS_PER_S;    /* the second: too short */
        c->endpoint[1].known = MC_KNOWN_BASE | MC_KNOWN_NXT;
        c->endpoint[1].base = 500;
        c->endpoint[1].nxt = i == 2 ? 600 : 501;             /* the third: an answer that was not captured */
    }
    c->endpoint[1].once |= MC_ONCE_FIN;                      /* the fourth: it has closed by then */
    c->endpoint[1].nxt = 502;
    c->endpoint[1].nxt_ns = 2 * MC_NS_PER_S;
    n = add_up(0);
    CHECK_EQ(n->silent_answers, 1);
    CHECK_EQ(n->max_silence_ns, 5 * MC_NS_PER_S);
    CHECK_EQ(n->silent_examples.count, 1);
    CHECK_EQ(n->silent_examples.frame[0], 1);
    CHECK_EQ(n->with_data, 4);
    end();
}

static void test_long_segments_in_vain(void)
{
    const mc_connection_facts *n;
    mc_conn *c;
    mc_detail *x;
    unsigned i;

    begin();
    for (i = 0; i < 2; i++) {
        c = established(1, (uint16_t)(1 + i));
        x = mc_detail_of(&c->endpoint[1], &pool);
        CHECK(x != NULL);
        x->stuck_max = 5;
        x->stuck_max_len = 1460;
        x->stuck_frame = 30 + i;
        x->resent = x->lost = 5;
        c->endpoint[1].max_acked_len = i == 0 ? 500 : 1460;  /* the second: as long ones passed before */
    }
    n = add_up(5);
    CHECK_EQ(n->black_holes[1], 1);
    CHECK_EQ(n->sure_black_holes[1], 1);
    CHECK_EQ(n->black_hole_len[1], 1460);
    CHECK_EQ(n->lossy_connections[1], 2);
    CHECK_EQ(f.top_count, 2);
    CHECK_EQ(f.top_connections[0].client_port, 1);           /* more telling */
    end();
}

/* A reset that cuts off long segments sent in vain: with these marks, and 'ms' behind the segment before it. */
static uint64_t cut_off(uint8_t says, uint32_t ms, uint16_t acked_len)
{
    const mc_connection_facts *n;
    mc_story *story;
    mc_conn *c;
    mc_detail *x;

    begin();
    c = established(1, 1);
    c->endpoint[0].once |= MC_ONCE_DATA;
    c->endpoint[1].once |= MC_ONCE_DATA;
    x = mc_detail_of(&c->endpoint[1], &pool);
    story = mc_story_of(&flows->stories, c);
    CHECK(x != NULL && story != NULL);
    x->stuck_max = 5;
    x->stuck_max_len = 1460;
    c->endpoint[1].max_acked_len = acked_len;
    c->reset_phase = MC_RESET_MID_DATA;
    c->reset_by = 0;
    story->reset.says = says;
    story->reset.after_ms = ms;
    story->reset.open_bytes[1] = story->reset.unanswered_bytes = 1460;
    n = add_up(0);
    CHECK_EQ(n->outcomes[MC_O_CUT_OFF][0].connections, 1);
    CHECK_EQ(n->black_hole_resets[0], 0);
    CHECK_EQ(n->sure_black_holes[1], n->black_hole_resets[1]);
    return n->black_hole_resets[1];
}

static void test_resets_behind_long_segments_in_vain(void)
{
    CHECK_EQ(cut_off(MC_RESET_ACKS, 1, 500), 1);
    end();
    CHECK_EQ(cut_off(MC_RESET_ACKS, 1, 1460), 0);            /* as long ones passed before */
    end();
    CHECK_EQ(cut_off(MC_RESET_ANSWERS, 999, 500), 0);        /* it answers one of them, which has come */
    end();
    CHECK_EQ(cut_off(MC_RESET_ANSWERS, 1000, 500), 1);       /* too late for an answer */
    end();
}

/* The last step 'step' ms behind the second of two SYN-ACKs, where data takes 'way' and the SYNs are 'apart'. */
static uint64_t late_answers(int64_t step, float way, int64_t apart)
{
    mc_conn *c;
    mc_attempt *t;

    begin();
    c = established(1, 1);
    mc_detail_of(&c->endpoint[0], &pool);
    t = mc_pool_alloc(&pool, mc_pool_bits(sizeof *t));
    if (t == NULL)
        abort();
    memset(t, 0, sizeof *t);
    c->endpoint[0].detail->attempt = t;
    t->since_ns = MC_NS_PER_S;
    t->syn_acks = c->syn_count = 2;
    c->flags |= MC_C_SYN | MC_C_HS_SYN | MC_C_HS_SYN_ACK | MC_C_HS_DONE | MC_C_ANSWER_MISSED;
    c->syn_ns = MC_NS_PER_S + apart * MC_NS_PER_MS;
    c->irtt_ns = c->to_client_ns = step * MC_NS_PER_MS;
    c->to_server_ns = 0;
    c->endpoint[1].rtt_count = way > 0 ? 2 : 0;
    c->endpoint[1].rtt_min_ms = way;
    return add_up(0)->attempts.late_answers[0];
}

static void test_a_last_step_that_answers_the_first(void)
{
    CHECK_EQ(late_answers(60, 528, 468), 1);
    end();
    CHECK_EQ(late_answers(60, 60, 468), 0);
    end();
    CHECK_EQ(late_answers(60, 528, 1000), 0);
    end();
    CHECK_EQ(late_answers(60, 0, 468), 0);                   /* nothing shows the way */
    end();
}

/* The first of 'long_ones' is sent again twice, and none is answered; the peer was there 'before' ms before them. */
static const mc_connection_facts *flight(unsigned long_ones, uint32_t len, int64_t before)
{
    const mc_connection_facts *n;
    mc_endpoint_state *d;
    mc_conn *c;
    mc_detail *x;
    unsigned i;

    begin();
    c = established(1, 1);
    d = &c->endpoint[1];
    x = mc_detail_of(d, &pool);
    CHECK(x != NULL);
    x->stuck_max = 2;
    x->stuck_seq = 1000;
    x->stuck_max_len = 1460;
    d->max_acked_len = 500;
    for (i = 0; i < long_ones; i++)
        mc_sent_append(c, d, &pool, 1000 + 1460 * i, 1000 + 1460 * i + len, 10 * MC_NS_PER_S, false);
    c->endpoint[0].seen_ns = 10 * MC_NS_PER_S - before * MC_NS_PER_MS;
    n = add_up(5);
    CHECK_EQ(n->sure_black_holes[1], 0);
    return n;
}

static void test_a_flight_of_long_segments_in_vain(void)
{
    CHECK_EQ(flight(4, 1460, 3)->black_holes[1], 1);
    end();
    CHECK_EQ(flight(3, 1460, 3)->black_holes[1], 0);         /* three may be lost by chance */
    end();
    CHECK_EQ(flight(4, 1100, 3)->black_holes[1], 0);         /* they pass any link */
    end();
    CHECK_EQ(flight(4, 1460, 1001)->black_holes[1], 0);      /* the peer may have gone meanwhile */
    end();
    CHECK_EQ(flight(4, 1460, -3)->black_holes[1], 0);        /* it was heard of since */
    end();
}

static void test_the_most_telling_come_first(void)
{
    mc_conn *c;
    uint16_t port;

    begin();
    for (port = 1; port <= 20; port++)
        established(1, port)->endpoint[0].byte_count = 100;
    c = established(1, 30);
    c->reset_phase = MC_RESET_MID_DATA;
    c->endpoint[1].state = MC_ST_RESET;
    established(1, 31)->endpoint[0].byte_count = 1000000;
    add_up(4);
    CHECK_EQ(f.top_count, 4);
    CHECK_EQ(f.top_connections[0].client_port, 30);
    CHECK_EQ(f.top_connections[1].client_port, 31);
    CHECK_EQ(f.top_connections[2].client_port, 1);           /* of equals those that began first */
    CHECK_EQ(f.top_connections[3].client_port, 2);
    CHECK(f.top_connections[0].score > f.top_connections[1].score);
    CHECK_EQ(f.top_connections[0].first_frame, 21);
    end();
}

/* Half-open records say what full connections of the same SYN would. */
static void test_records_say_the_same(void)
{
    static mc_facts full;
    unsigned kept;
    uint16_t port;

    for (kept = 0; kept < 2; kept++) {
        begin();
        for (port = 1; port <= 30; port++) {
            const uint8_t address[16] = { 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff, 10, 0, 0, (uint8_t)(port % 7) };
            mc_flow_key key = { .peer_port = port, .server_port = port % 2 != 0 ? 443 : 80 };
            mc_half_open *h;
            uint32_t hash;

            memcpy(key.peer, address, sizeof key.peer);
            hash = mc_flows_hash(flows, &key);
            h = mc_flows_add_half_open(flows, &key, hash, port);
            CHECK(h != NULL);
            if (h == NULL)
                abort();
            h->seq = port;
            h->win = port * 100;
            h->time_ns = port % 5 == 0 ? 100 * MC_NS_PER_S : MC_NS_PER_S;
            h->mss = port % 4 == 0 ? 0 : (uint16_t)(500 + port);
            h->ip_id = 0;
            h->ttl = (uint8_t)(50 + port % 3);
            h->options = (uint8_t)(MC_OPT_SEEN | (port % 4 == 0 ? 0 : MC_OPT_MSS) | (port % 3 == 0 ? MC_OPT_SCALE : 0) |
                                   (port % 2 == 0 ? MC_OPT_SACK : MC_OPT_TS));
            h->scale = port % 3 == 0 ? (uint8_t)(port % 15) : 0;
            h->bytes = (60u + port % 20u) & MC_HALF_OPEN_BYTES;
            h->by_server = 0;
            if (kept == 1)
                CHECK(mc_flows_find(flows, &key, hash) != NULL);     /* makes it a full one */
        }
        add_up(8);
        if (kept == 0) {
            full = f;
            mc_flows_close(flows);
        }
    }
    CHECK_EQ(f.connections.unanswered_unproven[0], 30);
    CHECK_EQ(f.connections.attempts.single[0], 24);
    CHECK(memcmp(&full.connections, &f.connections, sizeof f.connections) == 0);
    full.direction[0].last_ns = f.direction[0].last_ns;      /* of a record it is known since its SYN came */
    CHECK(memcmp(full.direction, f.direction, sizeof f.direction) == 0);
    CHECK_EQ(full.top_count, f.top_count);
    CHECK(full.top_count == f.top_count &&
          memcmp(full.top_connections, f.top_connections, f.top_count * sizeof *f.top_connections) == 0);
    mc_facts_free(&full);
    end();
}

int main(void)
{
    RUN(test_nothing_adds_up_to_nothing);
    RUN(test_clients_and_ports_are_counted_once);
    RUN(test_what_became_of_handshakes);
    RUN(test_resets_by_phase_side_and_sign);
    RUN(test_options_of_both_sides);
    RUN(test_one_sided_and_reused);
    RUN(test_silence);
    RUN(test_a_last_step_that_answers_the_first);
    RUN(test_long_segments_in_vain);
    RUN(test_resets_behind_long_segments_in_vain);
    RUN(test_a_flight_of_long_segments_in_vain);
    RUN(test_the_most_telling_come_first);
    RUN(test_records_say_the_same);
    return DONE();
}
