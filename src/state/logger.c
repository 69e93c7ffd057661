/*
 * logger.c: which payload is kept, and what is written when.
 */
#include "state/logger.h"

#include <errno.h>
#include <stdlib.h>

#include "engine/analysis.h"
#include "tcp/doubt.h"

mc_logger *mc_logger_open(FILE *spool, bool alone, uint64_t before)
{
    mc_logger *l = calloc(1, sizeof *l);

    if (l == NULL)
        return NULL;
    l->alone = alone;
    l->before = before;
    l->spool.file = spool;
    l->edges = calloc(MC_LOG_SLOTS, sizeof *l->edges);
    l->candidates = mc_candidates_open();
    if (!mc_record_init(&l->record) || l->edges == NULL || l->candidates == NULL) {
        mc_logger_close(l);
        return NULL;
    }
    return l;
}

void mc_logger_close(mc_logger *l)
{
    if (l == NULL)
        return;
    mc_record_free(&l->record);
    mc_candidates_close(l->candidates);
    mc_chunk_writer_free(&l->spool);
    free(l->edges);
    free(l->events.bytes);
    free(l->chunk.bytes);
    free(l);
}

static void write_chunk(mc_logger *l, mc_chunk_kind kind, const mc_packer *k)
{
    l->no_memory |= k->no_memory;
    if (l->failed || l->no_memory || mc_chunk_write(&l->spool, kind, k->bytes, k->count))
        return;
    l->failed = true;
    l->cause = errno;
}

static void write_segments(mc_logger *l)
{
    if (l->record.count == 0)
        return;
    l->chunk.count = 0;
    mc_record_take(&l->record, &l->chunk);
    l->no_memory |= l->record.no_memory;
    write_chunk(l, MC_CHUNK_SEGMENTS, &l->chunk);
}

static void write_events(mc_logger *l)
{
    if (l->events.count == 0 && !l->events.no_memory)
        return;
    write_chunk(l, MC_CHUNK_EVENTS, &l->events);
    l->events.count = 0;
}

bool mc_logger_flush(mc_logger *l)
{
    write_segments(l);
    write_events(l);
    if (!l->failed && fflush(l->spool.file) != 0) {
        l->failed = true;
        l->cause = errno;
    }
    return !l->failed && !l->no_memory;
}

/* ----------------------------------------------------------------- payload */

static uint32_t at_hand(const mc_segment *s)
{
    return (uint32_t)mc_min_u64(mc_min_u64(s->captured, s->len), MC_LOG_CAPTURED);
}

/* What the connection's handshake says, in or before this segment. */
static void note_handshake(mc_log_edge *e, const mc_segment *s)
{
    const unsigned flags = s->flags & (MC_TH_SYN | MC_TH_ACK | MC_TH_RST);

    if (flags == MC_TH_SYN)
        e->handshake |= 1;
    else if (flags == (MC_TH_SYN | MC_TH_ACK) && e->handshake != 0)
        e->handshake |= 2;
}

/* Of a connection whose beginning is not in the piece: what may be asked for. */
static uint32_t kept_of_edge(mc_log_edge *e, const mc_segment *s, unsigned side)
{
    const uint32_t all = at_hand(s);

    if (e->in_turn == 0 || e->side != side) {
        e->side = (uint8_t)side;
        e->in_turn = 0;
    }
    if (e->in_turn < UINT8_MAX)
        e->in_turn++;
    if (e->bytes[side] < MC_LOG_EDGE_BYTES) {
        e->bytes[side] += all;
        return all;
    }
    return e->in_turn <= MC_LOG_EDGE_SEGMENTS ? (uint32_t)mc_min_u64(all, MC_TALK_BEGINNING) : 0;
}

/* How much the analysis asked for just now; 'at' goes on through what was overheard. */
static uint32_t kept_of_heard(const mc_overheard *o, uint32_t *at, const mc_segment *s, uint64_t frame)
{
    if (*at < o->count && o->item[*at].frame == frame && o->item[*at].payload == s->payload)
        return (uint32_t)mc_min_u64(at_hand(s), o->item[(*at)++].needed);
    return 0;
}

/* What another protocol may begin with behind plain words, whoever listens: what is not kept begins none. */
static uint32_t kept_of_beginning(const mc_segment *s)
{
    const uint32_t all = at_hand(s);

    return all > 0 ? (uint32_t)mc_min_u64(all, mc_talks_begins_late(s->payload, all)) : 0;
}

static int64_t time_before(const mc_packet *p, const mc_packet *first, int64_t clock_ns)
{
    while (p > first && p->time_ns == MC_NO_TIME)
        p--;
    return p->time_ns != MC_NO_TIME ? p->time_ns : clock_ns;
}

/* The segment of 'm'; false: it cannot be had. */
static bool segment_of(const mc_match *m, mc_segment *out)
{
    mc_headers headers;

    if (m->segment != NULL) {
        *out = *m->segment;
        return true;
    }
    if (!mc_decode_find(m->packet, &headers))
        return false;
    mc_decode_fill(out, &headers, headers.v6);
    return true;
}

#define AHEAD 16u                    /* segments whose memory is fetched at the same time */

/* One segment; 'one' has it already, and all else but hardware addresses where there are none is set here. */
static void log_segment(mc_logger *l, const mc_match *m, mc_logged *one, uint64_t hash, uint64_t frame, uint32_t *heard)
{
    const mc_segment *s = &one->segment;
    bool known, back;
    uint32_t slot, kept;

    one->packet = *m->packet;
    one->frame = frame - l->before;
    one->raw = false;
    one->zeros = mc_analysis_is_zeros(m, s);
    one->has_hardware = m->packet->linktype == MC_LINKTYPE_ETHERNET && m->packet->caplen >= 14;
    if (one->has_hardware && mc_log_has_hardware(s->flags))
        memcpy(one->hardware, m->packet->data, sizeof one->hardware);
    slot = mc_record_slot(&l->record, s, hash, &known, &back);
    if (!known)
        memset(&l->edges[slot], 0, sizeof l->edges[slot]);
    note_handshake(&l->edges[slot], s);
    kept = kept_of_beginning(s);
    one->kept = kept_of_heard(&l->overheard, heard, s, frame);
    one->kept = kept > one->kept ? kept : one->kept;
    if (l->alone && l->edges[slot].handshake != 3 && at_hand(s) > 0) {
        kept = kept_of_edge(&l->edges[slot], s, back);
        one->kept = kept > one->kept ? kept : one->kept;
    }
    mc_record_segment(&l->record, one, slot, known, back);
    if (mc_record_bytes(&l->record) >= MC_CHUNK_BYTES)
        write_segments(l);
}

void mc_logger_segments(mc_logger *l, const mc_match *matches, uint32_t count, const mc_packet *packets, uint64_t first,
                        int64_t clock_ns)
{
    mc_logged ahead[AHEAD];
    uint64_t hash[AHEAD];
    uint32_t from, i, heard = 0;

    for (from = 0; from < count && !l->raw; from += AHEAD) {
        const mc_match *m = &matches[from];
        const uint32_t some = count - from < AHEAD ? count - from : AHEAD;

        for (i = 0; i < some; i++) {
            ahead[i].raw = !segment_of(&m[i], &ahead[i].segment);
            hash[i] = ahead[i].raw ? 0 : mc_record_hash(&l->record, &ahead[i].segment);
            if (!ahead[i].raw && ahead[i].segment.captured > 0)
                MC_PREFETCH(ahead[i].segment.payload);
        }
        for (i = 0; i < some; i++)
            mc_record_prefetch(&l->record, hash[i]);
        for (i = 0; i < some; i++) {
            const mc_packet *p = m[i].packet;

            if (ahead[i].raw)
                continue;                        /* it cannot be had */
            ahead[i].timeless = p->time_ns == MC_NO_TIME;
            ahead[i].time_ns = ahead[i].timeless ? time_before(p, packets, clock_ns) : p->time_ns;
            log_segment(l, &m[i], &ahead[i], hash[i], first + (uint64_t)(p - packets), &heard);
        }
    }
    l->overheard.count = 0;
}

void mc_logger_frame(mc_logger *l, const mc_packet *p, const mc_packet *packets, uint64_t first, int64_t clock_ns)
{
    const mc_logged one = {
        .packet = *p, .frame = first + (uint64_t)(p - packets) - l->before, .raw = true, .timeless = p->time_ns == MC_NO_TIME,
        .time_ns = time_before(p, packets, clock_ns),
    };

    if (mc_record_bytes(&l->record) + p->caplen >= MC_CHUNK_BYTES)
        write_segments(l);
    mc_record_raw(&l->record, &one);
}

/* ------------------------------------------------------------------ events */

static void begin_event(mc_logger *l, mc_log_event event, uint64_t frame)
{
    if (l->events.count >= MC_CHUNK_BYTES)
        write_events(l);
    mc_pack(&l->events, event);
    mc_pack(&l->events, frame - l->before - l->event_frame);
    l->event_frame = frame - l->before;
}

void mc_logger_syn(mc_logger *l, const uint64_t peer[2], uint16_t port, uint64_t frame)
{
    if (l->raw)
        return;
    begin_event(l, MC_EVENT_SYN, frame);
    mc_pack_bytes(&l->events, peer, 16);
    mc_pack(&l->events, port);
}

void mc_logger_icmp(mc_logger *l, const mc_icmp_quote *q, uint64_t frame)
{
    if (l->raw)
        return;
    begin_event(l, MC_EVENT_ICMP, frame);
    mc_pack(&l->events, q->ip_version);
    mc_pack_bytes(&l->events, q->src, 16);
    mc_pack_bytes(&l->events, q->dst, 16);
    mc_pack_bytes(&l->events, q->reporter, 16);
    mc_pack(&l->events, q->sport);
    mc_pack(&l->events, q->dport);
    mc_pack(&l->events, q->type);
    mc_pack(&l->events, q->code);
    mc_pack(&l->events, q->mtu);
}
