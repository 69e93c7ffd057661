/*
 * edges.c: what goes, and what stays.
 */
#include "state/edges.h"

#include "application/talk.h"
#include "application/tls.h"

/* The rest of a plain message may stand before the first encrypted record: of a ServerHello, which is small. */
#define REST_MOST 1536u

void mc_edges_free(mc_edges *e)
{
    free(e->bytes.bytes);
    free(e->item);
    free(e->side);
    free(e->ends);
    free(e->stream);
    memset(e, 0, sizeof *e);
}

/* Room for one more of 'size' bytes behind 'count' of them. */
static void *one_more(mc_edges *e, void *at, uint32_t count, uint32_t *room, size_t size)
{
    const uint32_t most = *room > 0 ? 2 * *room : 256;
    void *more;

    if (count < *room)
        return at;
    more = realloc(at, most * size);
    if (more == NULL) {
        e->no_memory = true;
        return at;
    }
    *room = most;
    return more;
}

static bool begin_side(mc_edges *e, uint32_t *side, uint32_t seq)
{
    if (*side != 0)
        return true;
    e->side = one_more(e, e->side, e->sides, &e->side_room, sizeof *e->side);
    if (e->no_memory)
        return false;
    e->side[e->sides] = (mc_edge_side){ .next_seq = seq };
    *side = ++e->sides;
    return true;
}

bool mc_edges_add(mc_edges *e, uint32_t *side, const mc_segment *s, uint32_t len, uint8_t in_turn, uint32_t needed)
{
    const uint32_t seq = s->seq + ((s->flags & MC_TH_SYN) != 0);
    mc_edge_side *d;
    mc_edge_item *item;

    if (e->bytes.count + len > MC_EDGES_MOST || e->no_memory || !begin_side(e, side, seq))
        return false;
    e->item = one_more(e, e->item, e->count, &e->room, sizeof *e->item);
    if (e->no_memory || !mc_pack_room(&e->bytes, len)) {
        e->no_memory = true;
        return false;
    }
    item = &e->item[e->count++];
    *item = (mc_edge_item){ .at = e->bytes.count, .len = len, .kept = len, .needed = needed, .in_turn = in_turn };
    mc_pack_bytes(&e->bytes, s->payload, len);
    e->chunk_bytes += len;
    d = &e->side[*side - 1];
    d->torn |= seq != d->next_seq || len != s->len;
    if (d->torn)
        return true;
    if (d->first == 0)
        d->first = e->count;
    else
        e->item[d->last - 1].next = e->count;
    d->last = e->count;
    d->next_seq += len;
    d->bytes += len;
    return true;
}

void mc_edges_end_chunk(mc_edges *e)
{
    e->ends = one_more(e, e->ends, e->chunks, &e->ends_room, sizeof *e->ends);
    if (!e->no_memory)
        e->ends[e->chunks++] = e->count;
    e->chunk_bytes = 0;
}

/* ----------------------------------------------------------------- settles */

/* A record begins at 'p', or may: it is not there to the end of its header. */
static bool is_header(const uint8_t *p, size_t left, size_t *length)
{
    *length = 0;
    if (left < MC_TLS_RECORD_HEADER)
        return true;
    *length = mc_tls_record(p);
    return *length > 0 || ((uint8_t)(p[0] - MC_TLS_CHANGE_CIPHER) <= MC_TLS_APPLICATION - MC_TLS_CHANGE_CIPHER && p[1] == 3 &&
                           p[2] <= 4 && mc_be16(p + 3) == 0);
}

/* 'chained' [i]: records follow one another from 'i' on, as far as there are bytes. */
static void find_chains(const uint8_t *p, size_t count, uint8_t *chained)
{
    size_t at, length, next;

    for (at = count; at-- > 0;) {
        chained[at] = is_header(p + at, count - at, &length);
        next = at + MC_TLS_RECORD_HEADER + length;
        if (chained[at] && next < count)
            chained[at] = chained[next];
    }
}

typedef enum speech { SPEECH_ANY, SPEECH_PLAIN, SPEECH_RECORDS } speech;

/* Where the first record begins, if there is one way only that all are records of TLS from there on; 'chained' has room for 'count'. */
static speech speech_of(const uint8_t *p, size_t count, uint8_t *chained, size_t *first)
{
    size_t at, record = 0, length;                /* 'record': where one of the chain begins, no earlier than the latest find */
    bool any = false;

    find_chains(p, count, chained);
    for (at = 0; at + MC_TLS_RECORD_HEADER < count; at++) {
        if (p[at + 1] != 3 || (uint8_t)(p[at] - MC_TLS_CHANGE_CIPHER) > MC_TLS_APPLICATION - MC_TLS_CHANGE_CIPHER || !chained[at])
            continue;
        if (!any)
            *first = record = at;
        any = true;
        for (; record < at; record += MC_TLS_RECORD_HEADER + length)
            is_header(p + record, count - record, &length);
        if (record != at)
            return SPEECH_ANY;
    }
    /* the rest of a record fits into these */
    return any ? SPEECH_RECORDS : count >= MC_EAR_BYTES ? SPEECH_PLAIN : SPEECH_ANY;
}

static bool is_letter(uint8_t c)
{
    return (uint8_t)((c | 0x20) - 'a') <= 'z' - 'a';
}

/* What somebody might ask for who knows what came before, though nobody did so here: a turn that begins with a word. */
static bool is_wanted(const mc_edge_item *i, const uint8_t *p)
{
    return i->in_turn == 1 && is_letter(*p);
}

static void settle_plain(mc_edges *e, mc_edge_item *i)
{
    const uint8_t *p = e->bytes.bytes + i->at;
    const uint32_t beginning = i->in_turn <= MC_LOG_EDGE_SEGMENTS ? MC_TALK_BEGINNING : 0;
    const uint32_t kept = i->needed > beginning ? i->needed : beginning;

    if (i->len > 0 && !is_wanted(i, p) && kept < i->len)
        i->kept = kept;
}

/* The item lies at 'from' of the stream 'p', whose records begin at 'first'. */
static void settle_record(mc_edges *e, mc_edge_item *i, const uint8_t *p, size_t count, size_t first, size_t from)
{
    uint8_t *bytes = e->bytes.bytes + i->at;
    const size_t to = from + i->len;
    size_t at = first, length;

    if (i->len <= MC_TALK_BEGINNING + MC_TLS_RECORD_HEADER || is_wanted(i, bytes) ||
        (i->needed > MC_TALK_BEGINNING && i->needed != MC_TALK_OPAQUE) || count - first < MC_TLS_RECORD_HEADER ||
        (from < first && (first <= REST_MOST || p[first] != MC_TLS_APPLICATION)))
        return;
    for (; at < to; at += MC_TLS_RECORD_HEADER + length) {
        if (at + MC_TLS_RECORD_HEADER > to)
            return;                              /* its header goes on in the next one */
        is_header(p + at, count - at, &length);
        if (at + MC_TLS_RECORD_HEADER + length > from && p[at] != MC_TLS_APPLICATION)
            return;
    }
    i->veiled = true;
    memset(bytes + MC_TALK_BEGINNING, 0, i->len - MC_TALK_BEGINNING);
    for (at = first; at < to; at += MC_TLS_RECORD_HEADER + length) {
        is_header(p + at, count - at, &length);
        if (at >= from)
            memcpy(bytes + (at - from), p + at, MC_TLS_RECORD_HEADER);
    }
}

static void settle_side(mc_edges *e, const mc_edge_side *d)
{
    size_t first = 0, from = 0, at;
    speech says;
    uint32_t i;

    if (d->bytes == 0)
        return;
    if (d->bytes > e->stream_room) {
        free(e->stream);
        e->stream = malloc(2 * (size_t)d->bytes);
        e->stream_room = e->stream != NULL ? d->bytes : 0;
        e->no_memory |= e->stream == NULL;
    }
    if (e->no_memory)
        return;
    for (i = d->first, at = 0; i != 0; i = e->item[i - 1].next) {
        memcpy(e->stream + at, e->bytes.bytes + e->item[i - 1].at, e->item[i - 1].len);
        at += e->item[i - 1].len;
    }
    says = speech_of(e->stream, at, e->stream + at, &first);
    for (i = d->first; i != 0; i = e->item[i - 1].next) {
        if (says == SPEECH_PLAIN)
            settle_plain(e, &e->item[i - 1]);
        else if (says == SPEECH_RECORDS)
            settle_record(e, &e->item[i - 1], e->stream, at, first, from);
        from += e->item[i - 1].len;
    }
}

void mc_edges_settle(mc_edges *e)
{
    uint32_t i;

    for (i = 0; i < e->sides && !e->no_memory; i++) {
        settle_side(e, &e->side[i]);
        e->side[i].bytes = 0;                    /* once */
    }
}

/* ------------------------------------------------------------------ chunks */

bool mc_edges_pack(const mc_edges *e, uint32_t i, mc_packer *out)
{
    const uint32_t from = i == 0 || i > e->chunks ? 0 : e->ends[i - 1], to = i < e->chunks ? e->ends[i] : from;
    unsigned veiled;
    uint32_t k;

    mc_pack(out, to - from);
    for (k = from; k < to; k++)
        mc_pack(out, (uint64_t)e->item[k].kept << 1 | e->item[k].veiled);
    for (veiled = 0; veiled < 2; veiled++)
        for (k = from; k < to; k++)
            if (e->item[k].veiled == (veiled != 0))
                mc_pack_bytes(out, e->bytes.bytes + e->item[k].at, e->item[k].kept);
    return to > from;
}

void mc_edges_read_free(mc_edges_read *r)
{
    free(r->bytes);
    memset(r, 0, sizeof *r);
}

bool mc_edges_read_chunk(mc_edges_read *r, const uint8_t *bytes, size_t count, bool *bad)
{
    mc_unpacker u;
    uint64_t items, i, n, whole = 0, veiled = 0;

    if (count > r->room) {
        free(r->bytes);
        r->bytes = malloc(count);
        r->room = r->bytes != NULL ? count : 0;
    }
    r->lens = (mc_unpacker){ r->bytes, r->bytes, false };
    if (count == 0 || r->bytes == NULL) {
        *bad |= count == 0;
        return count == 0;
    }
    memcpy(r->bytes, bytes, count);
    u = (mc_unpacker){ r->bytes, r->bytes + count, false };
    items = mc_unpack_most(&u, count);
    r->lens.p = u.p;
    for (i = 0; i < items && !u.bad; i++) {
        n = mc_unpack_most(&u, (uint64_t)count << 1 | 1);
        whole += (n & 1) == 0 ? n >> 1 : 0;
        veiled += (n & 1) != 0 ? n >> 1 : 0;
    }
    r->lens.end = u.p;
    *bad |= u.bad || whole > count || veiled > count || whole + veiled != (uint64_t)(u.end - u.p);
    if (*bad) {
        r->lens.p = r->lens.end;
        return true;
    }
    r->whole = u.p;
    r->veiled = r->whole_end = u.p + whole;
    r->veiled_end = u.end;
    return true;
}

const uint8_t *mc_edges_read_next(mc_edges_read *r, uint32_t captured, uint32_t *len)
{
    const uint8_t *p;
    uint64_t n;

    if (r->lens.p == r->lens.end)
        return NULL;
    n = mc_unpack(&r->lens);
    *len = (uint32_t)(n >> 1);
    if (n >> 1 > captured || ((n & 1) != 0 && n >> 1 != captured))
        return NULL;
    p = (n & 1) != 0 ? r->veiled : r->whole;
    if ((n & 1) != 0)
        r->veiled += *len;
    else
        r->whole += *len;
    return p;
}
