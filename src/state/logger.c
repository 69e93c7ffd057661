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
    mc_edges_free(&l->aside);
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
    mc_edges_end_chunk(&l->aside);
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
    mc_edges_settle(&l->aside);
    l->no_memory |= l->aside.no_memory;
    if (!l->failed && fflush(l->spool.file) != 0) {
        l->failed = true;
        l->cause = errno;
    }
    return !l->failed && !l->no_memory;
}

bool mc_logger_write_edges(mc_logger *l, uint32_t i, mc_chunk_writer *w)
{
    l->chunk.count = 0;
    if (!mc_edges_pack(&l->aside, i, &l->chunk))
        return true;
    if (l->chunk.no_memory)
        errno = ENOMEM;
    return !l->chunk.no_memory && mc_chunk_write(w, MC_CHUNK_EDGES, l->chunk.bytes, l->chunk.count);
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
        return (uint32_t)o->item[(*at)++].needed;
    return 0;
}

/* What another protocol may begin with behind plain words, whoever listens: what is not kept begins none.  'edge': where it may be
   a turn of HTTP, nobody knows here whether its head will be read. */
static uint32_t kept_of_beginning(const mc_segment *s, bool edge)
{
    const uint32_t all = at_hand(s), begins = all > 0 ? mc_talks_begins_late(s->payload, all) : 0;

    return (uint32_t)mc_min_u64(all, edge && begins == MC_TALK_BEGINNING ? MC_HTTP_HEAD_MOST : begins);
}

static int64_t time_before(const mc_packet *p, const mc_packet *first, int64_t clock_ns)
{
    while (p > first && p->time_ns == MC_NO_TIME)
        p--;
    return p->time_ns != MC_NO_TIME ? p->time_ns : clock_ns;
}

#define AHEAD 16u                    /* segments whose memory is fetched at the same time */

/* A segment on its way. */
typedef struct ahead {
    const mc_segment *segment;       /* NULL: it lies in its packet, where these are: */
    mc_headers headers;
    mc_endpoints ends;
    uint64_t hash;
    uint32_t way;                    /* likely */
    uint8_t ip_version;
    bool had;                        /* false: it cannot be had */
} ahead;

static void look_ahead(const mc_logger *l, const mc_match *m, ahead *a)
{
    a->segment = m->segment;
    a->had = true;
    if (a->segment != NULL) {
        a->ip_version = a->segment->ip_version;
        a->ends = mc_endpoints_of(a->segment);
        if (a->segment->captured > 0)
            MC_PREFETCH(a->segment->payload);
    } else if (mc_decode_find(m->packet, &a->headers)) {
        a->ip_version = a->headers.v6 ? 6 : 4;
        a->ends = mc_decode_endpoints(&a->headers, a->headers.v6);
        MC_PREFETCH(a->headers.tcp + a->headers.header);
    } else {
        a->had = false;
        return;
    }
    a->hash = mc_record_hash_ends(&l->record, &a->ends);
}

/* Most segments are plain, and nobody listens.  False: there may be more to be said, and nothing is done. */
static bool log_plain(mc_logger *l, const mc_match *m, uint32_t slot, bool back, uint64_t frame, uint32_t heard)
{
    const mc_packet *p = m->packet;
    const uint32_t len = m->summary.len;
    const mc_plain plain = mc_decode_plain(p);
    const uint32_t captured = (uint32_t)mc_min_u64(mc_min_u64(plain.left, len), MC_LOG_CAPTURED);
    const mc_record_plain one = { &m->summary, frame - l->before, p->time_ns, p->wirelen, p->caplen, captured, plain.has, plain.tos };

    if (mc_may_be_padding(len, m->summary.flags))
        return false;
    if (captured > 0 && ((l->alone && l->edges[slot].handshake != 3) || mc_talks_may_begin_late(*plain.payload) ||
                         mc_tls_is_alert(plain.payload, captured, len) ||
                         (heard < l->overheard.count && l->overheard.item[heard].frame == frame)))
        return false;
    return mc_record_brief(&l->record, &one, slot, back);
}

/* Any segment. */
static void log_segment(mc_logger *l, const mc_match *m, const ahead *a, mc_logged *one, uint32_t slot, bool known, bool back,
                        uint32_t *heard)
{
    const mc_segment *s = &one->segment;
    const uint64_t frame = one->frame + l->before;
    uint32_t kept;
    bool edge;

    if (a->segment != NULL)
        one->segment = *a->segment;
    else
        mc_decode_fill(&one->segment, &a->headers, a->headers.v6);
    one->packet = *m->packet;
    one->raw = one->aside = false;
    one->zeros = mc_analysis_is_zeros(m, s);
    one->has_hardware = m->packet->linktype == MC_LINKTYPE_ETHERNET && m->packet->caplen >= 14;
    if (one->has_hardware && mc_log_has_hardware(s->flags))
        memcpy(one->hardware, m->packet->data, sizeof one->hardware);
    if (!known)
        memset(&l->edges[slot], 0, sizeof l->edges[slot]);
    note_handshake(&l->edges[slot], s);
    edge = l->alone && l->edges[slot].handshake != 3;
    kept = kept_of_beginning(s, edge);
    one->kept = kept_of_heard(&l->overheard, heard, s, frame);
    one->kept = kept > one->kept ? kept : one->kept;
    if (at_hand(s) > 0 && (edge || (l->alone && one->kept >= MC_TALK_OPAQUE))) {
        mc_log_edge *e = &l->edges[slot];

        kept = edge ? kept_of_edge(e, s, back) : 0;
        one->aside = (kept > MC_TALK_BEGINNING || one->kept > MC_TALK_BEGINNING) &&
                     mc_edges_add(&l->aside, &e->aside[back], s, at_hand(s), edge ? e->in_turn : 0, one->kept);
        one->kept = one->aside ? 0 : kept > one->kept ? kept : one->kept;
    }
    one->kept = (uint32_t)mc_min_u64(one->kept, at_hand(s));
    mc_record_segment(&l->record, one, slot, known, back);
}

void mc_logger_segments(mc_logger *l, const mc_match *matches, uint32_t count, const mc_packet *packets, uint64_t first,
                        int64_t clock_ns)
{
    ahead aheads[AHEAD];
    mc_logged one;
    uint32_t from, i, slot, heard = 0;
    bool known, back;

    for (i = 0; i < count; i++) {
        if (matches[i].packet->data == NULL)
            continue;
        MC_PREFETCH(matches[i].packet->data);
        MC_PREFETCH(matches[i].packet->data + 64);
    }
    for (from = 0; from < count && !l->raw; from += AHEAD) {
        const mc_match *m = &matches[from];
        const uint32_t some = count - from < AHEAD ? count - from : AHEAD;

        if (!mc_record_room(&l->record, some)) {
            l->no_memory = true;
            break;
        }
        for (i = 0; i < some; i++)
            look_ahead(l, &m[i], &aheads[i]);
        for (i = 0; i < some; i++)
            if (aheads[i].had)
                aheads[i].way = mc_record_prefetch(&l->record, aheads[i].hash);
        for (i = 0; i < some; i++) {
            const ahead *a = &aheads[i];
            const mc_packet *p = m[i].packet;
            const uint64_t frame = first + (uint64_t)(p - packets);

            if (!a->had)
                continue;
            slot = mc_record_slot_ends(&l->record, &a->ends, a->ip_version, a->hash, a->way, &known, &back);
            if (known && a->segment == NULL && mc_match_is_plain(&m[i]) && p->time_ns != MC_NO_TIME &&
                log_plain(l, &m[i], slot, back, frame, heard)) {
                /* that is all */
            } else {
                one.frame = frame - l->before;
                one.timeless = p->time_ns == MC_NO_TIME;
                one.time_ns = one.timeless ? time_before(p, packets, clock_ns) : p->time_ns;
                log_segment(l, &m[i], a, &one, slot, known, back, &heard);
            }
            if (mc_record_bytes(&l->record) >= MC_CHUNK_BYTES || l->aside.chunk_bytes >= MC_EDGES_CHUNK)
                write_segments(l);
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

void mc_logger_syn_ack(mc_logger *l, uint64_t frame)
{
    if (!l->raw)
        begin_event(l, MC_EVENT_SYN_ACK, frame);
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
