/*
 * test_talk_kept.c: what is kept of a connection beside its own line, and that nothing of it is left for who has it next.
 */
#include "hearing.h"

static void ask_and_answer(unsigned status)
{
    char text[64];

    snprintf(text, sizeof text, "HTTP/1.1 %u Reason\r\n\r\n", status);
    hear_text(C, GET);
    hear_text(S, text);
}

static void test_one_status_and_more(void)
{
    hear_one();
    ask_and_answer(404);
    ask_and_answer(404);
    tell();
    CHECK_EQ(row.http.status[0], 404);
    CHECK_EQ(row.http.count[0], 2);
    CHECK_EQ(row.http.status[1], 0);
    ask_and_answer(200);
    ask_and_answer(404);
    ask_and_answer(200);
    tell();
    CHECK_EQ(row.http.status[0], 404);           /* in the order in which they came */
    CHECK_EQ(row.http.count[0], 3);
    CHECK_EQ(row.http.status[1], 200);
    CHECK_EQ(row.http.count[1], 2);
    CHECK_EQ(row.http.status[2], 0);
    CHECK_EQ(row.http.others, 0);
    CHECK_EQ(row.http.answers, 5);
}

/* One that is no answer is a status of the connection, and no answer. */
static void test_interim_status_first_and_later(void)
{
    hear_one();
    hear_text(C, GET);
    hear_text(S, "HTTP/1.1 100 Continue\r\n\r\n");
    hear_text(S, "HTTP/1.1 200 Reason\r\n\r\n");
    tell();
    CHECK_EQ(row.http.status[0], 100);
    CHECK_EQ(row.http.count[0], 1);
    CHECK_EQ(row.http.status[1], 200);
    CHECK_EQ(row.http.count[1], 1);
    CHECK_EQ(row.http.answers, 1);
    hear_one();
    ask_and_answer(200);
    ask_and_answer(200);
    hear_text(C, GET);
    hear_text(S, "HTTP/1.1 100 Continue\r\n\r\n");
    tell();
    CHECK_EQ(row.http.status[0], 200);
    CHECK_EQ(row.http.count[0], 2);
    CHECK_EQ(row.http.status[1], 100);
    CHECK_EQ(row.http.count[1], 1);
    CHECK_EQ(row.http.answers, 2);
}

/* Of the small ones 512 are kept; the first two of them make room, and those that have their places begin with nothing. */
static void test_nothing_is_left_for_the_next(void)
{
    unsigned i;

    begin_hearing(true);
    hear_connection(1);
    ask_and_answer(200);
    ask_and_answer(503);
    hear_connection(2);
    hear_13((hello){ .name = NAME }, (hello){ 0 });
    hear_text(S, "an answer");                   /* nothing more is heard of it */
    for (i = 3; i <= 512; i++) {
        hear_connection(i);
        hear_text(C, GET);
    }
    hear_connection(513);
    ask_and_answer(404);
    tell();
    CHECK_EQ(row.http.status[0], 404);
    CHECK_EQ(row.http.count[0], 1);
    CHECK_EQ(row.http.status[1], 0);
    hear_connection(514);
    HEAR(C, says_hello(&said_now, (hello){ .tls13 = true }));
    tell();
    CHECK_EQ(facts.untold, 0);
    CHECK(row.tls.sni == NULL);
    CHECK_EQ(row.tls.server_frame, 0);
    CHECK_EQ(row.tls.handshake_ns, -1);
    CHECK_STR(row.tls.last_message, "ClientHello");
}

static void test_looked_for_by_hash_and_beginning(void)
{
    mc_conn room;
    unsigned i;
    uint64_t begin[40];
    uint32_t hash[40];

    begin_hearing(false);
    for (i = 0; i < 40; i++) {
        frame++;
        hear_connection(i + 1);
        hash[i] = mc_flows_hash(flows, &key);
        begin[i] = conn->begin;
    }
    for (i = 0; i < 40; i++) {
        const mc_conn *c = mc_flows_look_for(flows, hash[i], begin[i], &room);

        CHECK(c != NULL && c->begin == begin[i]);
        CHECK(mc_flows_look_for(flows, hash[i], begin[(i + 1) % 40], &room) == NULL);
    }
    hear_connection(7);                          /* another one between the same ends */
    CHECK(mc_flows_look_for(flows, hash[6], begin[6], &room) == NULL);
    CHECK(mc_flows_look_for(flows, hash[6], conn->begin, &room) == conn);
}

int main(void)
{
    RUN(test_one_status_and_more);
    RUN(test_interim_status_first_and_later);
    RUN(test_nothing_is_left_for_the_next);
    RUN(test_looked_for_by_hash_and_beginning);
    stop_hearing();
    return DONE();
}
