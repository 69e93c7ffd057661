/*
 * test_session.c: what limits a session, what it leaves out, what carries no time, and one connection
 * of many.
 */
#include "outcomes/outcome.h"
#include "session/connection.h"
#include "session/session.h"
#include "talk.h"

static talk t;
static mc_session *s;
static mc_error err;
static mc_options options;

static void usual(void)
{
    options = (mc_options)MC_OPTIONS_INIT;
    talk_free(&t);
}

static void open_session(void)
{
    const mc_input input = { .path = file_with(t.file.p, t.file.len) };
    const mc_endpoint server = talk_host(SERVER, 80);

    mc_session_close(s);
    s = NULL;
    CHECK_EQ(mc_session_open(&s, &input, 1, &server, &options, &err), MC_OK);
}

static mc_status step_to_end(void)
{
    mc_status status = MC_OK;

    while (s != NULL && status == MC_OK)
        status = mc_session_step(s, 5, 10, &err);
    return status;
}

static const mc_facts *read_all(void)
{
    open_session();
    CHECK_EQ(step_to_end(), MC_END);
    return mc_session_facts(s);
}

/* Ten connections, one a second. */
static void ten(void)
{
    unsigned i;

    for (i = 0; i < 10; i++) {
        t.client_port = 40000 + i;
        talk_opens(&t, 1000.0 * i);
        talk_asks_and_ends(&t, 1000.0 * i + 30, 50);
    }
}

/* Times are what the capture says: the last step of the handshake after thirty years, and what is said then goes in vain. */
static void test_a_way_of_thirty_years(void)
{
    const double years = 1e12;
    const mc_facts *f;
    unsigned times, i;

    for (times = 3; times < 6; times++) {
        usual();
        talk_tcp(&t, 0, CLIENT, SYN, 100, 0, "", 0);
        talk_tcp(&t, 10, SERVER, SYN_ACK, 500, 101, "", 0);
        talk_tcp(&t, years, CLIENT, ACK, 101, 501, "", 0);
        talk_tcp(&t, years + 10, CLIENT, ACK, 101, 501, "who", 3);
        talk_tcp(&t, years + 20, SERVER, ACK, 501, 104, "me", 2);
        for (i = 0; i < times; i++)
            talk_tcp(&t, years + 5000.0 * (i + 1), CLIENT, ACK, 104, 503, "hear me", 7);
        talk_udp(&t, years + 60000, CLIENT, RESOLVER, 1000, 1001, "", 0);
        f = read_all();
        CHECK_EQ(f->connections.total, 1);
        CHECK_EQ(f->connections.completed[MC_CLIENT], 1);
        /* no shorter than the way */
        CHECK_EQ(f->connections.outcomes[MC_O_PEER_GONE][MC_CLIENT].connections, 0);
    }
}

static void test_a_limit_of_packets(void)
{
    const mc_facts *f;

    usual();
    ten();
    options.max_packets = 20;
    f = read_all();
    CHECK_EQ(f->capture.frames, 20);
    CHECK_EQ(f->capture.stopped, MC_LIMIT);
    CHECK_EQ(f->connections.total, 3);
    CHECK_EQ(mc_session_step(s, 5, 10, &err), MC_END);       /* it stays at its end */
    options.max_packets = 80;                    /* no more than there are */
    f = read_all();
    CHECK_EQ(f->capture.frames, 80);
    CHECK_EQ(f->connections.total, 10);
}

static void test_a_limit_in_time(void)
{
    usual();
    ten();
    options.timeout_ms = 1;
    open_session();
    usleep(3000);
    CHECK_EQ(step_to_end(), MC_TIMEOUT);         /* before the first packet: an error */
    options.timeout_ms = 60000;
    open_session();
    CHECK_EQ(mc_session_step(s, 5, 10, &err), MC_OK);
    s->deadline_ns = 1;                          /* long ago */
    CHECK_EQ(mc_session_step(s, 5, 10, NULL), MC_END);       /* after it: what there is so far */
    CHECK_EQ(mc_session_facts(s)->capture.stopped, MC_TIMEOUT);
    CHECK(mc_session_facts(s)->capture.frames >= 5);
    options.timeout_ms = 60000;
    CHECK_EQ(read_all()->capture.frames, 80);
}

static void test_stopped_by_the_caller(void)
{
    usual();
    ten();
    open_session();
    CHECK_EQ(mc_session_step(s, 5, 10, &err), MC_OK);
    mc_session_stop(s, MC_CANCELLED, "enough");
    mc_session_stop(s, MC_IO, "too late");       /* the first reason counts */
    CHECK_EQ(mc_session_step(s, 5, 10, &err), MC_END);
    CHECK_EQ(mc_session_facts(s)->capture.stopped, MC_CANCELLED);
}

static void test_a_window_in_time(void)
{
    const mc_facts *f;

    usual();
    ten();
    options.has_start = true;
    options.start_ns = (1000 + 2) * MC_NS_PER_S;
    f = read_all();
    CHECK_EQ(f->capture.outside_window_frames, 16);
    CHECK_EQ(f->connections.total, 8);
    options.has_end = true;
    options.end_ns = (1000 + 4) * MC_NS_PER_S;   /* the frame just then is outside */
    f = read_all();
    CHECK_EQ(f->capture.frames, 16);
    CHECK_EQ(f->connections.total, 2);
    options.has_start = false;
    f = read_all();
    CHECK_EQ(f->capture.frames, 32);
}

static void test_a_filter(void)
{
    usual();
    ten();
    options.filter = "tcp port 40003";
    CHECK_EQ(read_all()->capture.frames, 8);
    CHECK_EQ(mc_session_facts(s)->capture.filtered_frames, 72);
    options.has_end = true;
    options.end_ns = 1003 * MC_NS_PER_S;
    CHECK_EQ(read_all()->capture.frames, 0);
}

/* Packets without a time count, and measure nothing. */
static void test_what_carries_no_time(void)
{
    const mc_facts *f;
    unsigned i;

    for (i = 0; i < 2; i++) {
        usual();
        t.pcapng = true;
        t.timeless = i == 0;
        talk_opens(&t, 0);
        t.timeless = true;
        talk_asks_and_ends(&t, 30, 500);
        f = read_all();
        CHECK_EQ(f->capture.frames, 8);
        CHECK_EQ(f->capture.timeless_frames, i == 0 ? 8 : 5);
        CHECK_EQ(f->capture.times_known, i == 1);
        CHECK_EQ(f->connections.total, 1);
        CHECK_EQ(f->direction[MC_CLIENT].counts.payload_bytes, 3);
        CHECK_EQ(f->server_response.count, 0);
        CHECK_EQ(f->handshake_rtt[MC_CLIENT].count, i);
    }
    /* one in the middle: nothing more of its connection is measured, but of others */
    usual();
    t.pcapng = true;
    talk_opens(&t, 0);
    t.timeless = true;
    talk_tcp(&t, 0, SERVER, ACK, 501, 101, "", 0);
    t.timeless = false;
    talk_asks_and_ends(&t, 30, 700);
    t.client_port = 40001;
    talk_opens(&t, 1000);
    talk_asks_and_ends(&t, 1030, 500);
    f = read_all();
    CHECK_EQ(f->capture.timeless_frames, 1);
    CHECK_EQ(f->server_response.count, 1);
    CHECK_EQ(f->server_response.max_ns, 500 * MC_NS_PER_MS);
    /* outside of every window */
    options.has_end = true;
    options.end_ns = INT64_MAX;
    f = read_all();
    CHECK_EQ(f->capture.outside_window_frames, 1);
    CHECK_EQ(f->capture.timeless_frames, 0);
}

/* More kinds of links than are listed. */
static void test_link_types(void)
{
    const mc_facts *f;
    bytes b = { .big = false };
    unsigned i;

    usual();
    t.pcapng = true;
    put_section(&b);
    for (i = 0; i < MC_LINK_TYPES + 3; i++)
        put_interface(&b, 147 + i, 0, -1, 0);
    for (i = 0; i < MC_LINK_TYPES + 3; i++)
        put_enhanced(&b, i, 1000000000 + i, i, 40, 40);
    t.file = b;
    f = read_all();
    CHECK_EQ(f->capture.frames, MC_LINK_TYPES + 3);
    CHECK_EQ(f->capture.link_type_count, MC_LINK_TYPES);
    CHECK_EQ(f->capture.link_type_others, 3);
    CHECK(!f->capture.link_types[0].decoded);
}

/* -------------------------------------------------------------- one of many */

static bool find(uint64_t of, uint64_t number, mc_connection_place *place)
{
    bool found = true;
    mc_status status = MC_OK;

    open_session();
    while (status == MC_OK)
        status = mc_connection_find(s, of, number, 7, 10, place, &found, &err);
    CHECK_EQ(status, MC_END);
    return found;
}

static void test_finding_a_connection_by_a_frame(void)
{
    mc_connection_place place;

    usual();
    ten();
    talk_udp(&t, 20000, CLIENT, RESOLVER, 5000, 5001, "x", 1);
    CHECK(find(1, 0, &place));
    CHECK_EQ(place.client.port, 40000);
    CHECK_EQ(place.server.port, 80);
    CHECK(find(2, 0, &place));                   /* from the server */
    CHECK_EQ(place.client.port, 40000);
    CHECK(find(29, 0, &place));
    CHECK_EQ(place.client.port, 40003);
    CHECK(memcmp(place.client.addr, talk_host(CLIENT, 0).addr, 16) == 0);
    CHECK(find(80, 0, &place));
    CHECK(!find(81, 0, &place));                 /* no TCP */
    CHECK(!find(82, 0, &place));                 /* no such frame */
    CHECK(!find(5000, 0, &place));
}

static void test_finding_a_connection_by_its_number(void)
{
    mc_connection_place place;

    usual();
    ten();
    CHECK(find(0, 1, &place));
    CHECK_EQ(place.client.port, 40000);
    CHECK(find(0, 10, &place));
    CHECK_EQ(place.client.port, 40009);
    CHECK(!find(0, 11, &place));
    CHECK(!find(0, 0, &place));
}

static void open_connection(unsigned port)
{
    const mc_input input = { .path = file_with(t.file.p, t.file.len) };
    const mc_endpoint server = talk_host(SERVER, 80), client = talk_host(CLIENT, port);

    mc_session_close(s);
    s = NULL;
    CHECK_EQ(mc_connection_open(&s, &input, 1, &server, &client, &options, &err), MC_OK);
    CHECK_EQ(step_to_end(), MC_END);
}

static void test_telling_a_connection_of_several_of_its_pair(void)
{
    mc_connection_told told;
    unsigned i, first[12];

    usual();
    for (i = 0; i < 12; i++) {                   /* the same port again and again */
        first[i] = talk_opens(&t, 100000.0 * i);
        talk_asks_and_ends(&t, 100000.0 * i + 30, 50);
    }
    open_connection(40000);
    CHECK(mc_connection_tell(s, 0, 0, &told));
    CHECK_EQ(told.number, 1);
    CHECK_EQ(told.others, 11);
    CHECK_EQ(told.other_frame[0], first[1]);
    CHECK_EQ(told.row.client_port, 40000);
    CHECK(mc_connection_tell(s, 0, first[3] + 2, &told));
    CHECK_EQ(told.number, 4);
    CHECK_EQ(told.other_frame[0], first[0]);
    CHECK_EQ(told.others, 11);
    CHECK(mc_connection_tell(s, 0, 100000, &told));          /* of no connection of the pair: the first one */
    CHECK_EQ(told.number, 1);
    open_connection(40001);
    CHECK(!mc_connection_tell(s, 0, 0, &told));              /* there is none */
    CHECK_EQ(mc_diary_size(mc_connection_diary(s)), 0);
}

/* "www" is 192.0.2.80. */
static void look_up(double ms, unsigned whom, unsigned id)
{
    uint8_t m[64] = { 0, (uint8_t)id, 1, 0, 0, 1, 0, 0, 0, 0, 0, 0, 3, 'w', 'w', 'w', 0, 0, 1, 0, 1 };
    const uint8_t record[] = { 0xc0, 12, 0, 1, 0, 1, 0, 0, 0, 60, 0, 4, 192, 0, 2, SERVER };

    talk_udp(&t, ms, whom, RESOLVER, 5353, 53, m, 21);
    m[2] = 0x81;
    m[3] = 0x80;
    m[7] = 1;
    memcpy(m + 21, record, sizeof record);
    talk_udp(&t, ms + 5, RESOLVER, whom, 53, 5353, m, 21 + sizeof record);
}

static void test_the_name_that_led_to_the_server(void)
{
    mc_connection_told told;

    usual();
    look_up(0, CLIENT, 1);
    talk_opens(&t, 1000);
    talk_asks_and_ends(&t, 1030, 50);
    open_connection(40000);
    CHECK(mc_connection_tell(s, 0, 0, &told));
    CHECK(told.row.application.asked.name != NULL && strcmp(told.row.application.asked.name, "www") == 0);
    CHECK_EQ(told.row.application.asked.frame, 1);

    usual();
    look_up(0, CLIENT, 1);                       /* long before */
    look_up(11000, CLIENT, 2);                   /* afterwards */
    talk_opens(&t, 10000);
    open_connection(40000);
    CHECK(mc_connection_tell(s, 0, 0, &told));
    CHECK_EQ(told.row.application.asked.frame, 0);

    usual();
    look_up(0, CLIENT + 1, 1);                   /* somebody else */
    talk_opens(&t, 100);
    open_connection(40000);
    CHECK(mc_connection_tell(s, 0, 0, &told));
    CHECK_EQ(told.row.application.asked.frame, 0);

    usual();                                     /* it began before the capture */
    look_up(0, CLIENT, 1);
    talk_asks_and_ends(&t, 100, 50);
    open_connection(40000);
    CHECK(mc_connection_tell(s, 0, 0, &told));
    CHECK_EQ(told.row.application.asked.frame, 0);
}

/* ------------------------------------------------------------------- padding */

/* Six zeros behind a bare acknowledgement, counted by the IP header and by no number. */
static void test_padding_that_counts_as_bytes(void)
{
    const mc_facts *f;
    unsigned i;

    usual();
    talk_opens(&t, 0);
    for (i = 0; i < 3; i++) {
        talk_tcp(&t, 100 + 100 * i, CLIENT, ACK, 101 + 3 * i, 501 + 4 * i, "GET", 3);
        talk_tcp(&t, 110 + 100 * i, SERVER, ACK, 501 + 4 * i, 104 + 3 * i, "here", 4);
        talk_tcp(&t, 120 + 100 * i, CLIENT, ACK, 104 + 3 * i, 505 + 4 * i, "\0\0\0\0\0", 6);
    }
    talk_tcp(&t, 500, CLIENT, FIN, 110, 513, "", 0);
    talk_tcp(&t, 510, SERVER, FIN, 513, 111, "", 0);
    talk_tcp(&t, 520, CLIENT, ACK, 111, 514, "\0\0\0\0\0", 6);
    f = read_all();
    CHECK_EQ(f->direction[MC_CLIENT].counts.unique_bytes, 9);
    CHECK_EQ(f->direction[MC_CLIENT].counts.missing_bytes, 0);
    CHECK_EQ(f->direction[MC_SERVER].counts.unique_bytes, 12);

    /* the same bytes, and the numbers count them: data */
    usual();
    talk_opens(&t, 0);
    talk_tcp(&t, 100, CLIENT, ACK, 101, 501, "\0\0\0\0\0", 6);
    talk_tcp(&t, 110, SERVER, ACK, 501, 107, "", 0);
    talk_tcp(&t, 120, CLIENT, ACK, 107, 501, "GET", 3);
    f = read_all();
    CHECK_EQ(f->direction[MC_CLIENT].counts.unique_bytes, 9);
}

/* --------------------------------------------------------------------- names */

static void test_names_of_numbers(void)
{
    static const char *const signs[] = { "ttl", "ip_id", "sequence", "race", "both", "against_ttl", "soon", "against_ip_id" };
    mc_rules rules = MC_RULES_NEWEST;
    unsigned i, known = 0, sign;
    size_t n;

    CHECK(mc_conn_state_name(-1, false) == NULL && mc_conn_state_name(MC_CONN_STATE_COUNT, true) == NULL);
    CHECK(mc_conn_state_name(0, false) != NULL && mc_conn_state_name(0, true) != NULL);
    CHECK(mc_reset_phase_name(-1) == NULL && mc_reset_phase_name(MC_RESET_PHASE_COUNT) == NULL);
    CHECK(mc_outcome_name(-1, false) == NULL && mc_outcome_name(MC_OUTCOME_COUNT, true) == NULL);
    CHECK(mc_limited_name(-1) == NULL && mc_limited_name(MC_LIMITED_COUNT) == NULL);
    for (sign = 1; sign != 0; sign <<= 1) {
        const char *name = mc_reset_sign_name(sign);

        if (name == NULL)
            continue;
        known++;
        for (n = 0; n < MC_ARRAY_LEN(signs) && strcmp(signs[n], name) != 0; n++)
            ;
        CHECK(n < MC_ARRAY_LEN(signs));
    }
    CHECK_EQ(known, MC_ARRAY_LEN(signs));
    CHECK(mc_reset_sign_name(3) == NULL);
    for (i = 0; i < MC_RULES_COUNT; i++) {
        CHECK(mc_rules_parse(&rules, mc_rules_name((mc_rules)i)));
        CHECK_EQ(rules, i);
    }
    CHECK(!mc_rules_parse(&rules, "wireshark-1.0"));
    CHECK_STR(mc_rules_name((mc_rules)77), mc_rules_name(MC_RULES_NEWEST));
}

/* Whoever has had enough stops; what was read stays, and nothing more is taken. */
static void test_an_end_that_is_asked_for(void)
{
    const mc_input more = { .path = "/nonexistent/capture" };

    usual();
    ten();
    open_session();
    CHECK_EQ(mc_session_step(s, 5, 10, &err), MC_OK);
    mc_session_stop(s, MC_CANCELLED, "enough");
    mc_session_stop(s, MC_IO, "too late");
    CHECK_EQ(step_to_end(), MC_END);
    CHECK_STR(mc_session_facts(s)->capture.stopped_reason, "enough");
    CHECK_EQ(mc_session_facts(s)->capture.stopped, MC_CANCELLED);
    CHECK(mc_session_facts(s)->capture.frames > 0);
    CHECK_EQ(mc_session_add(s, &more, NULL), MC_INVALID);
}

/* An input that is added while others are followed is read behind them. */
static void test_inputs_that_are_added(void)
{
    mc_input more;

    usual();
    ten();
    options.follow = true;
    open_session();
    CHECK_EQ(mc_session_inputs(s), 1);
    more = (mc_input){ .path = FIXTURES "/clean-http.pcap" };
    CHECK_EQ(mc_session_add(s, &more, &err), MC_OK);
    mc_session_last(s);
    CHECK_EQ(step_to_end(), MC_END);
    CHECK_EQ(mc_session_inputs(s), 2);
    CHECK(mc_session_facts(s)->capture.frames > t.frames);
}

int main(void)
{
    RUN(test_a_limit_of_packets);
    RUN(test_a_limit_in_time);
    RUN(test_stopped_by_the_caller);
    RUN(test_a_window_in_time);
    RUN(test_a_filter);
    RUN(test_what_carries_no_time);
    RUN(test_link_types);
    RUN(test_finding_a_connection_by_a_frame);
    RUN(test_finding_a_connection_by_its_number);
    RUN(test_telling_a_connection_of_several_of_its_pair);
    RUN(test_the_name_that_led_to_the_server);
    RUN(test_padding_that_counts_as_bytes);
    RUN(test_names_of_numbers);
    RUN(test_an_end_that_is_asked_for);
    RUN(test_inputs_that_are_added);
    RUN(test_a_way_of_thirty_years);
    mc_session_close(s);
    talk_free(&t);
    drop_file();
    return DONE();
}
