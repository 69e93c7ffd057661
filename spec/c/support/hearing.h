/*
 * hearing.h: connections whose segments are heard one by one, through application/talk.h alone.
 *
 * The client's data begins at 101, the server's at 501; both SYNs were seen.  Frames count up, times are in
 * milliseconds from 1,000 s on, 10 ms from one segment to the next.
 */
#ifndef HEARING_H
#define HEARING_H

#include "application/talk.h"
#include "check.h"
#include "says.h"
#include "tcp/rules.h"

#ifndef HEARING_MOST
#define HEARING_MOST 100000          /* connections */
#endif

#define C MC_CLIENT
#define S MC_SERVER

#define NOTHING MC_C_HEARD                       /* is heard any more */
#define TURNS   (MC_C_HEARD | MC_C_TURNS)        /* alone are */
#define ALL     0u

static mc_talks talks;
static mc_flows *flows;
static mc_flow_key key;
static mc_conn *conn;
static uint64_t frame;
static int64_t now_ns;
static uint32_t seq[2], flags;
static int last_dir;
static bool untimed;
static said said_now;

__attribute__((unused)) static mc_application_facts facts;
__attribute__((unused)) static mc_row_application row;

static inline mc_flow_key hearing_key(unsigned number)
{
    static const uint8_t address[16] = { 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff, 192, 0, 2, 10 };
    mc_flow_key k = { .peer_port = (uint16_t)(1024 + number), .server_port = 443 };

    memcpy(k.peer, address, sizeof k.peer);
    return k;
}

static inline void stop_hearing(void)
{
    mc_talks_destroy(&talks);
    mc_flows_close(flows);
    flows = NULL;
}

/* Nothing was heard yet; 'small': it is one of many. */
static inline void begin_hearing(bool small)
{
    static const uint64_t seed[2] = { 1, 2 };

    if (flows != NULL)
        stop_hearing();
    mc_talks_init(&talks, true, seed);
    if (small)
        mc_talks_be_small(&talks);
    flows = mc_flows_open(HEARING_MOST, true);
    if (flows == NULL)
        abort();
    frame = 0;
    now_ns = 1000 * MC_NS_PER_S;
    untimed = false;
}

/* Connection 'number' is the one that is heard from here on, from its beginning. */
static inline void hear_connection(unsigned number)
{
    unsigned dir;

    key = hearing_key(number);
    conn = mc_flows_add(flows, &key, mc_flows_hash(flows, &key), frame + 1);
    if (conn == NULL)
        abort();
    for (dir = 0; dir < 2; dir++) {
        mc_endpoint_state_init(&conn->endpoint[dir]);
        conn->endpoint[dir].base = dir == C ? 100 : 500;
        conn->endpoint[dir].options = MC_OPT_SEEN;
        seq[dir] = conn->endpoint[dir].base + 1;
    }
    flags = ALL;
    last_dir = -1;
}

/* The same, of which no SYN was seen. */
static inline void hear_middle(unsigned number)
{
    hear_connection(number);
    conn->flags |= MC_C_MID_STREAM;
    conn->endpoint[C].options = conn->endpoint[S].options = 0;
    seq[C] = 70000;
}

/* A capture of one connection begins. */
static inline void hear_one(void)
{
    begin_hearing(false);
    hear_connection(1);
}

/* One that goes on. */
static inline void hear_again(unsigned number, uint32_t client, uint32_t server)
{
    key = hearing_key(number);
    conn = mc_flows_find(flows, &key, mc_flows_hash(flows, &key));
    CHECK(conn != NULL);
    seq[C] = client;
    seq[S] = server;
    last_dir = -1;
}

/* 'captured' bytes of a segment of 'len' at 'at'; the flags that it leaves. */
static inline uint32_t hear_at(unsigned dir, uint32_t at, const void *p, uint32_t captured, uint32_t len)
{
    uint8_t *copy = says_copy(p, captured);
    const mc_heard h = { .payload = copy, .captured = captured, .len = len, .seq = at, .hash = mc_flows_hash(flows, &key), .dir = dir,
                         .turn = last_dir != (int)dir, .timed = !untimed, .now = now_ns,
                         .took = last_dir >= 0 && last_dir != (int)dir && !untimed ? 10 * MC_NS_PER_MS : -1,
                         .frame = ++frame };

    flags = mc_talks_hear(&talks, flows, conn, &h);
    conn->flags = (conn->flags & ~TURNS) | flags;
    last_dir = (int)dir;
    now_ns += 10 * MC_NS_PER_MS;
    free(copy);
    return flags;
}

/* The next bytes of side 'dir', in segments of 'most'. */
static inline uint32_t hear_in(unsigned dir, const void *p, size_t len, size_t most)
{
    size_t at, part;

    for (at = 0; at < len; at += part) {
        part = len - at < most ? len - at : most;
        hear_at(dir, seq[dir], (const uint8_t *)p + at, (uint32_t)part, (uint32_t)part);
        seq[dir] += (uint32_t)part;
    }
    return flags;
}

static inline uint32_t hear(unsigned dir, const void *p, size_t len)
{
    return hear_in(dir, p, len, SAID_MOST);
}

static inline uint32_t hear_text(unsigned dir, const char *text)
{
    return hear(dir, text, strlen(text));
}

/* A segment without its payload. */
static inline uint32_t hear_nothing(unsigned dir, uint32_t len)
{
    const mc_heard h = { .len = len, .seq = seq[dir], .hash = mc_flows_hash(flows, &key), .dir = dir, .turn = true, .timed = true,
                         .now = now_ns, .took = -1, .frame = ++frame };

    return flags = mc_talks_hear(&talks, flows, conn, &h);
}

/* What 'words' says to said_now, from side 'dir'. */
#define HEAR(dir, words)                                                        \
    (said_now.len = 0, (words), hear((dir), said_now.p, said_now.len))

/* ------------------------------------------------------------------ handshakes */

#define NAME "www.example"

/* TLS 1.3: hello, hello, the client's last step, and the server's first data. */
static inline void hear_13(hello client, hello server)
{
    client.tls13 = server.tls13 = true;
    HEAR(C, says_hello(&said_now, client));
    HEAR(S, (says_server_hello(&said_now, server), says_change(&said_now), says_sealed(&said_now, 23, 900)));
    HEAR(C, (says_change(&said_now), says_sealed(&said_now, 23, 60)));
}

/* TLS 1.2, up to the server's first flight. */
static inline void hear_12(hello client, hello server, certificate c)
{
    HEAR(C, says_hello(&said_now, client));
    HEAR(S, says_flight(&said_now, server, c));
}

/* A message alone in a record of type 22. */
static inline void says_one(said *s, uint8_t type, size_t len)
{
    const size_t at = says_record(s, 22), message = says_message(s, type);

    say_many(s, 0, len);
    says_end(s, message, 3);
    says_end(s, at, 2);
}

/* -------------------------------------------------------------- what came of it */

static inline void tell(void)
{
    mc_talks_get_facts(&talks, flows, now_ns, &facts);
    mc_talks_get_row(&talks, flows, mc_story_talk(conn, mc_story_look(&flows->stories, conn)), conn->begin, &facts, &row);
}

#endif
