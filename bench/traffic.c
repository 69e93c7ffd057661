/*
 * traffic.c: what the connections do next.  How that looks on the wire is in frame.c.
 */
#include "traffic.h"

#include <stdlib.h>
#include <string.h>

#include "frame.h"
#include "tls.h"

#define START_NS     1700000000000000000LL
#define MIN_GAP_NS   1000            /* no two frames at a time, in files that count microseconds too */
#define REQUEST_LEN  300
#define DUP_ACKS     3               /* then the sender sends again (RFC 5681, 3.2) */
#define RECORD_MOST  11              /* segments of a record of TLS: 16 KiB */

typedef enum phase { PH_SYN, PH_SYN_ACK, PH_ACK, PH_FLIGHT, PH_REQUEST, PH_ANSWER, PH_NOTIFY, PH_FIN, PH_FIN_BACK,
                     PH_LAST_ACK } phase;

/* A data segment that is not in order: lost, or overtaken by its successor. */
typedef struct late_segment {
    uint32_t seq, ts;
    uint16_t len, id, record;
    uint8_t words;
    bool seen;                       /* the first copy was captured */
} late_segment;

typedef struct flow {
    uint32_t number;                 /* names the client's endpoint */
    uint32_t seq[2];                 /* next one to send, by direction */
    uint32_t ts[2];                  /* latest timestamp of that side */
    uint16_t id[2];
    uint16_t segments;               /* left of this answer */
    uint16_t of_record;              /* left of this record of it */
    uint16_t flight_at;              /* bytes of the flight of TLS that were sent */
    uint8_t flight;
    uint8_t requests;                /* left */
    uint8_t phase;
    uint8_t unacked;                 /* segments since the client's latest acknowledgement */
    uint8_t dup_acks;                /* sent for the hole */
    bool dup_due;
    bool begins;                     /* nothing of this answer was sent */
    bool hole, held;                 /* 'late' is lost, or waits for its turn */
    late_segment late;
} flow;

struct traffic {
    traffic_settings settings;
    traffic_counts sent;
    frame_maker *maker;
    flow *flows;
    uint64_t random;
    int64_t now_ns;
    uint32_t current;                /* flow of the latest packet */
    uint32_t next_number;
};

/* splitmix64 (public domain): small, and the same everywhere. */
static uint64_t draw(traffic *t)
{
    uint64_t z = t->random += 0x9e3779b97f4a7c15ull;

    z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9ull;
    z = (z ^ z >> 27) * 0x94d049bb133111ebull;
    return z ^ z >> 31;
}

/* Uniform from 0 to n - 1. */
static uint32_t draw_below(traffic *t, uint32_t n)
{
    return (uint32_t)((draw(t) >> 32) * n >> 32);
}

static bool draw_chance(traffic *t, uint32_t ppm)
{
    return ppm != 0 && draw_below(t, 1000000) < ppm;
}

traffic *traffic_open(const traffic_settings *settings)
{
    traffic *t = calloc(1, sizeof *t);
    uint32_t i;

    if (t == NULL)
        return NULL;
    t->settings = *settings;
    t->random = settings->seed;
    t->now_ns = START_NS;
    t->maker = frame_maker_open(settings, draw(t));
    t->flows = calloc(settings->live, sizeof *t->flows);
    if (t->maker == NULL || t->flows == NULL) {
        traffic_close(t);
        return NULL;
    }
    for (i = 0; i < settings->live; i++)
        t->flows[i].phase = PH_SYN;
    return t;
}

void traffic_close(traffic *t)
{
    if (t == NULL)
        return;
    frame_maker_close(t->maker);
    free(t->flows);
    free(t);
}

const traffic_counts *traffic_sent(const traffic *t)
{
    return &t->sent;
}

/* ------------------------------------------------------------------ segments */

static uint32_t clock_ms(const traffic *t, const flow *f, int dir)
{
    return (uint32_t)((t->now_ns - START_NS) / 1000000) + f->number * 7919u + (dir ? 1000003u : 1u);
}

/* A segment of 'dir' with the state of the connection filled in. */
static frame_segment segment_of(traffic *t, flow *f, int dir, uint8_t flags)
{
    f->ts[dir] = clock_ms(t, f, dir);
    return (frame_segment){
        .client = f->number, .dir = dir, .flags = flags, .seq = f->seq[dir],
        .ack = (flags & FRAME_ACK) != 0 ? f->seq[!dir] : 0,
        .id = f->id[dir]++, .ts_val = f->ts[dir], .ts_ecr = (flags & FRAME_ACK) != 0 ? f->ts[!dir] : 0,
    };
}

static uint16_t data_length(traffic *t)
{
    uint32_t full = frame_max_payload(t->maker);

    return (uint16_t)(t->settings.size == SIZE_RANDOM ? 1 + draw_below(t, full) : full);
}

static void begin_flow(traffic *t, flow *f)
{
    *f = (flow){ .number = t->next_number++, .requests = (uint8_t)t->settings.requests, .phase = PH_SYN };
    f->seq[0] = (uint32_t)draw(t);
    f->seq[1] = (uint32_t)draw(t);
    f->id[0] = (uint16_t)draw(t);
    f->id[1] = (uint16_t)draw(t);
    t->sent.connections++;
}

/* The client acknowledges; what lies behind a hole is told with SACK (RFC 2018). */
static frame_segment acknowledge(traffic *t, flow *f)
{
    frame_segment s = segment_of(t, f, 0, FRAME_ACK);

    if (f->hole) {
        s.ack = f->late.seq;
        s.sack[0] = f->late.seq + f->late.len;
        s.sack[1] = f->seq[1];
        s.has_sack = true;
        f->dup_acks++;
    }
    f->unacked = 0;
    f->dup_due = false;
    return s;
}

/* The late segment at last: sent again with a new id and timestamp, or only overtaken. */
static frame_segment send_late(traffic *t, flow *f)
{
    uint32_t ts = f->ts[1];
    frame_segment s = segment_of(t, f, 1, FRAME_ACK);

    s.seq = f->late.seq;
    s.len = f->late.len;
    s.words = f->late.words;
    s.record = f->late.record;
    if (f->held) {                   /* it left earlier than what overtook it */
        f->id[1]--;
        f->ts[1] = ts;
        s.id = f->late.id;
        s.ts_val = f->late.ts;
        t->sent.reordered[1]++;
        f->unacked++;
    } else {
        t->sent.resent[1]++;
        t->sent.resent_seen[1] += f->late.seen;
        f->unacked = 2;
    }
    if (!f->held && f->late.seen)
        t->sent.unique_bytes[1] -= s.len;    /* added again when it is counted */
    f->held = f->hole = false;
    f->dup_acks = 0;
    return s;
}

/* A segment with which a record of 'segments' full ones begins. */
static void begin_record(frame_segment *s, unsigned segments)
{
    s->words = FRAME_RECORD;
    s->record = (uint16_t)(s->len * segments - TLS_RECORD_HEADER);
}

/* Takes the next data segment of the answer out of the sender's hands. */
static frame_segment next_data(traffic *t, flow *f)
{
    frame_segment s = segment_of(t, f, 1, FRAME_ACK);

    s.len = data_length(t);
    s.words = f->begins && t->settings.http ? FRAME_STATUS : FRAME_TEXT;
    if (t->settings.tls != 0 && f->of_record == 0) {
        f->of_record = f->segments < RECORD_MOST ? f->segments : RECORD_MOST;
        begin_record(&s, f->of_record);
    }
    f->of_record = (uint16_t)(f->of_record - (t->settings.tls != 0));
    f->begins = false;
    f->seq[1] += s.len;
    if (--f->segments == 0)
        s.flags |= FRAME_PSH;
    return s;
}

static late_segment late_of(const frame_segment *s, bool seen)
{
    return (late_segment){ .seq = s->seq, .ts = s->ts_val, .len = s->len, .id = s->id, .words = s->words,
                           .record = s->record, .seen = seen };
}

static frame_segment send_data(traffic *t, flow *f)
{
    frame_segment s = next_data(t, f);

    /* enough must follow for the loss to be noticed */
    if (!f->hole && f->segments >= DUP_ACKS + 1 && draw_chance(t, t->settings.loss_ppm)) {
        bool seen = (draw(t) & 1) != 0;

        f->hole = true;
        f->late = late_of(&s, seen);
        if (seen)
            return s;
        s = next_data(t, f);
    } else if (!f->hole && f->segments >= 1 && draw_chance(t, t->settings.reorder_ppm)) {
        f->held = true;
        f->late = late_of(&s, true);
        s = next_data(t, f);
    }
    if (f->hole)
        f->dup_due = true;
    else
        f->unacked++;
    return s;
}

/* One packet of an answer; what is left to do decides which. */
static frame_segment answer(traffic *t, flow *f)
{
    frame_segment s;

    if (f->held || (f->hole && !f->dup_due && (f->dup_acks >= DUP_ACKS || f->segments == 0)))
        return send_late(t, f);
    if (f->unacked >= 2 || f->dup_due || f->segments == 0) {
        s = acknowledge(t, f);
        if (f->segments == 0 && !f->hole)
            f->phase = --f->requests > 0 ? PH_REQUEST : t->settings.tls != 0 ? PH_NOTIFY : PH_FIN;
        return s;
    }
    return send_data(t, f);
}

/* One packet of TLS's handshake: the first two flights are acknowledged, the others by what follows them. */
static frame_segment say_flight(traffic *t, flow *f)
{
    const int dir = f->flight & 1;
    const uint32_t whole = frame_flight_length(t->maker, f->flight), full = frame_max_payload(t->maker);
    const uint32_t left = whole - f->flight_at;
    frame_segment s;

    if (f->unacked >= 2 || left == 0) {
        s = segment_of(t, f, !dir, FRAME_ACK);
        f->unacked = 0;
    } else {
        s = segment_of(t, f, dir, left <= full ? FRAME_PSH | FRAME_ACK : FRAME_ACK);
        s.len = (uint16_t)(left < full ? left : full);
        s.words = FRAME_FLIGHT;
        s.flight = f->flight;
        s.at = f->flight_at;
        f->seq[dir] += s.len;
        f->flight_at = (uint16_t)(f->flight_at + s.len);
        f->unacked++;
    }
    if (f->flight_at == whole && (f->unacked == 0 || f->flight >= 2)) {
        f->unacked = 0;
        f->flight_at = 0;
        if (++f->flight == TLS_FLIGHTS)
            f->phase = PH_REQUEST;
    }
    return s;
}

static frame_segment next_segment(traffic *t, flow *f)
{
    frame_segment s;

    switch ((phase)f->phase) {
    case PH_SYN:
        begin_flow(t, f);
        s = segment_of(t, f, 0, FRAME_SYN);
        f->seq[0]++;
        f->phase = PH_SYN_ACK;
        return s;
    case PH_SYN_ACK:
        s = segment_of(t, f, 1, FRAME_SYN | FRAME_ACK);
        f->seq[1]++;
        f->phase = PH_ACK;
        return s;
    case PH_ACK:
        f->phase = t->settings.tls != 0 ? PH_FLIGHT : PH_REQUEST;
        return segment_of(t, f, 0, FRAME_ACK);
    case PH_FLIGHT:
        return say_flight(t, f);
    case PH_REQUEST:
        s = segment_of(t, f, 0, FRAME_PSH | FRAME_ACK);
        s.len = (uint16_t)(t->settings.size == SIZE_FULL ? REQUEST_LEN : data_length(t));
        s.words = t->settings.http ? FRAME_REQUEST : FRAME_TEXT;
        if (t->settings.tls != 0)
            begin_record(&s, 1);
        f->begins = true;
        f->seq[0] += s.len;
        f->segments = (uint16_t)(1 + draw_below(t, 2 * t->settings.answer - 1));
        f->phase = PH_ANSWER;
        return s;
    case PH_ANSWER:
        return answer(t, f);
    case PH_NOTIFY:
        s = segment_of(t, f, 0, FRAME_PSH | FRAME_ACK);
        s.words = FRAME_NOTIFY;
        s.len = (uint16_t)frame_notify_length(t->maker);
        f->seq[0] += s.len;
        f->phase = PH_FIN;
        return s;
    case PH_FIN:
    case PH_FIN_BACK:
        s = segment_of(t, f, f->phase == PH_FIN_BACK, FRAME_FIN | FRAME_ACK);
        f->seq[s.dir]++;
        f->phase++;
        return s;
    case PH_LAST_ACK:
        break;
    }
    f->phase = PH_SYN;
    return segment_of(t, f, 0, FRAME_ACK);
}

/* -------------------------------------------------------------------- frames */

static void count(traffic *t, const frame_segment *s, uint32_t length)
{
    traffic_counts *c = &t->sent;

    c->packets[s->dir]++;
    c->wire_bytes[s->dir] += length;
    c->payload_bytes[s->dir] += s->len;
    c->unique_bytes[s->dir] += s->len;
    c->data_packets[s->dir] += s->len > 0;
    c->syns[s->dir] += (s->flags & FRAME_SYN) != 0;
    c->syn_acks[s->dir] += (s->flags & (FRAME_SYN | FRAME_ACK)) == (FRAME_SYN | FRAME_ACK);
    c->fins[s->dir] += (s->flags & FRAME_FIN) != 0;
}

static frame_segment next_of_flood(traffic *t)
{
    flow *f = &t->flows[0];

    begin_flow(t, f);
    return segment_of(t, f, 0, FRAME_SYN);
}

uint32_t traffic_next(traffic *t, uint8_t *frame, int64_t *time_ns)
{
    const traffic_settings *settings = &t->settings;
    frame_segment s;
    uint32_t length;

    t->now_ns += MIN_GAP_NS + draw_below(t, 2 * (settings->gap_ns - MIN_GAP_NS) + 1);
    *time_ns = t->now_ns;
    if (draw_chance(t, settings->noise * 10000)) {
        t->sent.noise++;
        return frame_make_noise(t->maker, frame, draw(t));
    }
    if (settings->flood) {
        s = next_of_flood(t);
    } else {
        if (!draw_chance(t, settings->burst * 10000))
            t->current = draw_below(t, settings->live);
        s = next_segment(t, &t->flows[t->current]);
    }
    length = frame_make(t->maker, frame, &s);
    count(t, &s, length);
    return length;
}

const char *traffic_server(const traffic_settings *settings)
{
    return settings->ipv6 ? "2001:db8::1" : "10.0.0.1";
}
