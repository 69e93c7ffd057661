/*
 * two_points.h: connections, segment by segment, past two points of a path.
 *
 * Side 0 is nearer to the client, the way between them takes 5 ms, and both clocks are the
 * same, unless a test says otherwise.  Times are in milliseconds of where the segment passes
 * first.  Client n begins at 1,000, the server at 5,000.
 */
#ifndef TWO_POINTS_H
#define TWO_POINTS_H

#include "check.h"
#include "compare/between.h"
#include "points/parts.h"

#define C MC_CLIENT_TO_SERVER
#define S MC_SERVER_TO_CLIENT

#define SYN     MC_TH_SYN
#define ACK     MC_TH_ACK
#define FIN     (MC_TH_FIN | MC_TH_ACK)
#define RST     MC_TH_RST
#define SYN_ACK (MC_TH_SYN | MC_TH_ACK)

#define WAY_MS  5
#define WINDOW  262144u
#define ROWS    10u
#define NOWHERE INT64_MIN

static mc_between *between;
static uint64_t frames[2];
static int64_t first_ns[2], last_ns[2];
static int64_t ahead_ms;             /* of the clock at side 1 */
static uint16_t ids;

static inline void begin_with(uint32_t window, uint32_t rows)
{
    mc_error err;

    mc_between_close(between);
    CHECK_EQ(mc_between_open(&between, 1, window, rows, &err), MC_OK);
    frames[0] = frames[1] = 0;
    ahead_ms = 0;
    ids = 0;
}

static inline void begin(void)
{
    begin_with(WINDOW, ROWS);
}

/* What the bytes of a payload are known by. */
static inline void fill(mc_tapped *t, uint32_t content)
{
    mc_seen *s = &t->seen;
    uint32_t digest[MC_DIGESTS] = { 0 };

    mc_tap_digest((const uint8_t *)&content, sizeof content, true, digest);
    s->digest[0] = s->captured >= 16 ? digest[2] + 16 : 0;
    s->digest[1] = s->captured >= 64 ? digest[2] + 64 : 0;
    s->digest[2] = s->captured == s->len && s->len > 0 ? digest[2] : 0;
}

/* A segment of client 'n', which no other one has the identification of. */
static inline mc_tapped segment(unsigned n, unsigned dir, uint8_t flags, uint32_t seq, uint32_t ack, uint32_t len)
{
    mc_tapped t = { .key = { .peer = { n, 0 }, .peer_port = (uint16_t)(40000 + n % 20000), .server_port = 80 },
                    .hash = n * 2654435761u };

    t.seen = (mc_seen){ .seq = seq, .ack = ack, .len = len, .captured = len, .win = 1000, .flags = flags, .ttl = 64,
                        .dir = (uint8_t)dir, .has = MC_HAS_IPID, .ip_id = ++ids };
    fill(&t, seq);
    return t;
}

/* The other end's address and port are not the same behind a translator. */
static inline mc_tapped as_client(mc_tapped t, unsigned n)
{
    t.key.peer[0] = n;
    t.key.peer_port = (uint16_t)(40000 + n % 20000);
    t.hash = n * 2654435761u;
    return t;
}

static inline mc_tapped stamped(mc_tapped t, uint32_t val, uint32_t ecr)
{
    t.seen.has |= MC_HAS_TS;
    t.seen.ts_val = val;
    t.seen.ts_ecr = ecr;
    return t;
}

/* Nothing but time and order tells copies of it apart. */
static inline mc_tapped plain(mc_tapped t)
{
    t.seen.has = 0;
    t.seen.ip_id = 0;
    return t;
}

/* It passes one side, at the time of that side's clock. */
static inline void pass_ns(unsigned side, mc_tapped t, int64_t ns)
{
    t.seen.time_ns = ns;
    t.seen.frame = ++frames[side];
    if (frames[side] == 1)
        first_ns[side] = ns;
    last_ns[side] = ns;
    mc_between_read(between, side, first_ns[side], ns, false);
    CHECK(mc_between_take(between, side, &t, 1));
}

static inline void pass(unsigned side, mc_tapped t, int64_t ms)
{
    pass_ns(side, t, (ms + (side == 1 ? ahead_ms : 0)) * MC_NS_PER_MS);
}

/* It passes both sides, the first at 'ms', and is the second one's segment there. */
static inline void pass_as(mc_tapped at0, mc_tapped at1, int64_t ms)
{
    if (at0.seen.dir == C) {
        pass(0, at0, ms);
        pass(1, at1, ms + WAY_MS);
    } else {
        pass(1, at1, ms);
        pass(0, at0, ms + WAY_MS);
    }
}

static inline void both(mc_tapped t, int64_t ms)
{
    pass_as(t, t, ms);
}

/* Three segments that open a connection, seen at both: at 'ms', 10 later, 20 later. */
static inline void opening(unsigned n, int64_t ms)
{
    both(segment(n, C, SYN, 1000, 0, 0), ms);
    both(segment(n, S, SYN_ACK, 5000, 1001, 0), ms + 10);
    both(segment(n, C, ACK, 1001, 5001, 0), ms + 20);
}

/* Of client 1, and of what answers it. */
static inline mc_tapped data(uint32_t seq, uint32_t len)
{
    return segment(1, C, ACK, seq, 5001, len);
}

static inline mc_tapped ack(uint32_t number)
{
    return segment(1, S, ACK, 5001, number, 0);
}

/* Traffic later than what a test is about: both captures cover it, and have read on. */
static inline void go_on(uint32_t seq, int64_t ms)
{
    both(data(seq, 10), ms);
    both(ack(seq + 10), ms + 20);
}

static inline const mc_between_facts *finish_dropped(uint64_t dropped0, uint64_t dropped1)
{
    const uint64_t dropped[2] = { dropped0, dropped1 };
    const mc_between_facts *f;
    unsigned side;

    for (side = 0; side < 2; side++)
        if (frames[side] > 0)
            mc_between_read(between, side, first_ns[side], last_ns[side], true);
    f = mc_between_finish(between, dropped);
    CHECK(f != NULL);
    return f;
}

static inline const mc_between_facts *finish(void)
{
    return finish_dropped(0, 0);
}

/* So many of a direction were seen at that side alone, and are taken for this. */
static inline uint64_t alone(const mc_between_facts *f, unsigned dir, unsigned side, mc_alone what)
{
    return f->direction[dir].alone[what][side].count;
}

/* All segments that were seen at one side only. */
static inline uint64_t all_alone(const mc_between_facts *f)
{
    uint64_t sum = 0;
    unsigned dir, side, what;

    for (dir = 0; dir < 2; dir++)
        for (side = 0; side < 2; side++)
            for (what = 0; what < MC_ALONES; what++)
                sum += alone(f, dir, side, (mc_alone)what);
    return sum;
}

#endif
