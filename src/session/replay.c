/*
 * replay.c: from a file to the analysis, past the reading of captures.
 */
#include "session/replay.h"

#include <errno.h>
#include <stdlib.h>

#include "session/take.h"
#include "state/play.h"
#include "tcp/doubt.h"

#define ZEROS_AT 54                  /* Ethernet, IP and TCP headers of the shortest */

typedef enum phase { PHASE_PIECE, PHASE_LOG, PHASE_OVER } phase;

struct mc_replay {
    mc_chunk_reader reader;
    mc_play play;
    mc_series series;
    phase phase;
    bool skipping;                   /* the series ended early; only names are of use */
    uint64_t frames;                 /* of the pieces before this one */
    uint64_t events;                 /* the frame of the event before */
    struct mc_kept kept;
    uint32_t at;                     /* the latest of: */
    mc_logged logged[2 * MC_BATCH];  /* records, in turn; twice as many as wait for the analysis at most */
    uint8_t some[MC_PENDING][MC_HTTP_HEAD_MOST];
    uint8_t none[MC_TALK_BEGINNING];
    uint8_t zeros[MC_MAX_PADDING + 1][ZEROS_AT + MC_MAX_PADDING];
    uint8_t ethernet[MC_PENDING][ZEROS_AT + MC_MAX_PADDING];       /* with hardware addresses */
};

/* ------------------------------------------------------------------- opens */

/* Frames whose payload are zeros, by its length: what tells padding from data looks at them. */
static void make_zeros(mc_replay *r)
{
    unsigned len;

    for (len = 1; len <= MC_MAX_PADDING; len++) {
        uint8_t *p = r->zeros[len];

        p[12] = 0x08;
        p[14] = 0x45;
        p[17] = (uint8_t)(40 + len);
        p[23] = 6;
        p[46] = 5 << 4;
    }
}

mc_status mc_replay_open(mc_replay **out, mc_session *s, const char *path, mc_error *err)
{
    mc_replay *r = calloc(1, sizeof *r);
    mc_looked_at looked_at;
    const char *differs;
    const uint8_t *some;
    mc_status status;

    *out = r;                                    /* closed with the session, whatever happens */
    if (r == NULL || !mc_play_init(&r->play))
        return mc_fail(err, MC_NOMEM, 0, "out of memory");
    status = mc_chunk_open_path(&r->reader, path, err);
    if (status == MC_OK)
        status = mc_looked_at_read(&r->reader, &looked_at, err);
    if (status != MC_OK)
        return status;
    differs = mc_looked_at_differs(&looked_at, &s->saving.looked_at);
    if (differs != NULL)
        return mc_fail(err, MC_INVALID, 0, "%s: made for something else than what is asked for: %s", r->reader.name, differs);
    make_zeros(r);
    some = (const uint8_t *)r->some;
    r->kept = (struct mc_kept){ some, some + sizeof r->some, r->none, NULL, NULL };
    s->watch.analysis.kept = &r->kept;
    return MC_OK;
}

void mc_replay_close(mc_replay *r)
{
    if (r == NULL)
        return;
    mc_chunk_reader_close(&r->reader);
    mc_play_free(&r->play);
    mc_series_free(&r->series);
    free(r);
}

mc_status mc_state_describe(const char *path, mc_state_facts *out, mc_error *err)
{
    mc_chunk_reader r;
    mc_piece_place place = { .kind = MC_PIECE_FIRST };
    mc_chunk chunk;
    mc_status status = mc_chunk_open_path(&r, path, err);

    if (status == MC_OK)
        status = mc_looked_at_read(&r, out, err);
    if (status == MC_OK)
        status = mc_chunk_read(&r, &chunk, err);
    if (status == MC_OK)
        status = mc_piece_place_of(&r, &chunk, &place, err);
    else if (status == MC_END)
        status = mc_chunk_damaged(&r, "no piece is in it", err);
    if (status == MC_OK)
        out->alone = place.kind == MC_PIECE_ALONE;
    mc_chunk_reader_close(&r);
    return status;
}

/* ----------------------------------------------------------------- records */

static mc_status damaged(const mc_replay *r, mc_error *err)
{
    return mc_chunk_damaged(&r->reader, "what is in it cannot be", err);
}

static void take_raw(mc_replay *r, mc_session *s, const mc_logged *one)
{
    mc_session_flush(s);
    s->packets[0] = one->packet;
    s->first_number = r->frames + one->frame;
    if (one->time_ns != MC_NO_TIME)
        s->clock_ns = one->time_ns;
    s->watch.analysis.clock_ns = s->clock_ns != MC_NO_TIME ? s->clock_ns : 0;
    mc_session_take_frame(s, &s->packets[0]);
    mc_session_flush(s);
}

/* The payload as far as it is kept. */
static void place_payload(mc_replay *r, const mc_session *s, mc_segment *segment, uint32_t kept)
{
    if (segment->captured == 0) {
        segment->payload = r->zeros[0];
    } else if (kept == 0) {
        segment->payload = r->none;
        segment->captured = 1;
    } else if (kept < segment->captured) {
        uint8_t *some = r->some[s->pending];

        kept = (uint32_t)mc_min_u64(kept, MC_HTTP_HEAD_MOST);
        memset(some, 0, MC_TALK_BEGINNING);
        memcpy(some, segment->payload, kept);
        segment->payload = some;
        segment->captured = kept > MC_TALK_BEGINNING ? kept : MC_TALK_BEGINNING;
    }
}

/* What is looked at in the frame besides the segment: zeros that may be padding, and hardware addresses. */
static void place_frame(mc_replay *r, const mc_session *s, const mc_logged *one, mc_packet *p)
{
    const bool zeros = one->zeros && one->segment.len <= MC_MAX_PADDING;
    uint8_t *frame = r->ethernet[s->pending];

    p->linktype = 0;
    p->data = r->zeros[0];
    if (!zeros && !one->has_hardware)
        return;
    p->linktype = MC_LINKTYPE_ETHERNET;
    memcpy(frame, r->zeros[zeros ? one->segment.len : 0], sizeof r->ethernet[0]);
    memcpy(frame, one->hardware, sizeof one->hardware);
    p->data = frame;
}

/* False: it is none of the server's. */
static bool take_segment(mc_replay *r, mc_session *s, mc_logged *one, bool many)
{
    const uint64_t number = r->frames + one->frame;
    mc_segment *const segment = &one->segment;
    mc_match *m;
    mc_packet *p;
    mc_endpoints ends;

    if (s->pending > 0 && (one->timeless || s->pending >= MC_BATCH || number - s->first_number >= MC_BATCH))
        mc_session_flush(s);
    if (s->pending == 0)
        s->first_number = number;
    p = &s->packets[number - s->first_number];
    *p = one->packet;
    place_frame(r, s, one, p);
    m = &s->matches[s->pending];
    place_payload(r, s, segment, one->kept);
    ends = mc_endpoints_of(segment);
    if (!mc_analysis_match(&s->watch.analysis, &ends, m))
        return false;
    if (many)
        mc_flows_prefetch_slot(s->watch.analysis.flows, m->hash);
    mc_match_decoded(m, segment, p);
    s->pending++;
    if (one->timeless) {
        s->watch.analysis.clock_ns = one->time_ns != MC_NO_TIME ? one->time_ns : s->clock_ns != MC_NO_TIME ? s->clock_ns : 0;
        mc_session_flush(s);
    }
    return true;
}

static mc_status play(mc_replay *r, mc_session *s, size_t *budget, mc_error *err)
{
    const mc_flows *flows = s->watch.analysis.flows;
    const bool many = mc_flows_are_many(flows) && !mc_flows_are_scattered(flows);
    mc_logged *one = &r->logged[r->at % MC_ARRAY_LEN(r->logged)];

    while (*budget > 0 && mc_play_next(&r->play, one)) {
        --*budget;
        if (one->raw)
            take_raw(r, s, one);
        else if (!take_segment(r, s, one, many))
            return damaged(r, err);
        one = &r->logged[++r->at % MC_ARRAY_LEN(r->logged)];
    }
    mc_session_flush(s);
    if (r->play.bad)
        return damaged(r, err);
    if (s->watch.analysis.talks.lacks)
        return mc_fail(err, MC_UNSUPPORTED, 0, "%s: behind what came before, more of what connections say would have to be read than this "
                       "part has kept; only the captures have it", r->reader.name);
    return MC_OK;
}

/* ------------------------------------------------------------------ chunks */

static void take_events(mc_replay *r, mc_session *s, const mc_chunk *chunk, uint64_t *last)
{
    mc_unpacker u = { chunk->bytes, chunk->bytes + chunk->count, false };
    mc_icmp_quote q;
    const uint8_t *src, *dst, *reporter;
    uint64_t peer[2];

    while (u.p < u.end && !u.bad) {
        const uint64_t kind = mc_unpack_most(&u, MC_EVENT_SYN_ACK);

        *last += mc_unpack_most(&u, UINT64_MAX >> 2);
        u.bad |= *last > UINT64_MAX >> 2;
        if (kind == MC_EVENT_SYN) {
            src = mc_unpack_bytes(&u, sizeof peer);
            if (src != NULL)
                memcpy(peer, src, sizeof peer);
            q.dport = (uint16_t)mc_unpack_most(&u, UINT16_MAX);
            if (!u.bad)
                mc_scanners_note(&s->watch.scanners, peer, q.dport, r->frames + *last);
            continue;
        }
        if (kind == MC_EVENT_SYN_ACK) {
            mc_scanners_note_answer(&s->watch.scanners, r->frames + *last);
            continue;
        }
        memset(&q, 0, sizeof q);
        q.ip_version = (uint8_t)mc_unpack_most(&u, 6);
        src = mc_unpack_bytes(&u, 16);
        dst = mc_unpack_bytes(&u, 16);
        reporter = mc_unpack_bytes(&u, 16);
        q.sport = (uint16_t)mc_unpack_most(&u, UINT16_MAX);
        q.dport = (uint16_t)mc_unpack_most(&u, UINT16_MAX);
        q.type = (uint8_t)mc_unpack_most(&u, UINT8_MAX);
        q.code = (uint8_t)mc_unpack_most(&u, UINT8_MAX);
        q.mtu = (uint16_t)mc_unpack_most(&u, UINT16_MAX);
        if (u.bad || kind != MC_EVENT_ICMP) {
            u.bad = true;
            break;
        }
        memcpy(q.src, src, 16);
        memcpy(q.dst, dst, 16);
        memcpy(q.reporter, reporter, 16);
        mc_watch_note_icmp(&s->watch, &q, r->frames + *last);
    }
    r->play.bad |= u.bad;
}

static bool take_names(mc_session *s, mc_piece_sums *p)
{
    char **more = realloc(s->input_names, (s->input_name_count + p->name_count + 1) * sizeof *more);

    if (more == NULL)
        return false;
    s->input_names = more;
    if (p->name_count > 0)
        memcpy(more + s->input_name_count, p->names, p->name_count * sizeof *more);
    s->input_name_count += p->name_count;
    p->name_count = 0;                           /* they have gone over */
    return true;
}

/* Names of formats live as long as the session. */
static void keep_words(mc_session *s)
{
    mc_capture_facts *c = &s->before;

#define KEEP(name)                                                                          \
    if (c->name != NULL && c->name != s->before_words.name) {                               \
        snprintf(s->before_words.name, sizeof s->before_words.name, "%s", c->name);         \
        c->name = s->before_words.name;                                                     \
    }
    KEEP(format)
    KEEP(compression)
    KEEP(reader)
#undef KEEP
}

static mc_status take_sums(mc_replay *r, mc_session *s, const mc_chunk *chunk, mc_error *err)
{
    mc_unpacker u = { chunk->bytes, chunk->bytes + chunk->count, false };
    mc_status status = MC_OK;
    mc_piece_sums p;
    bool had;

    if (!s->matching && s->candidates == NULL && (s->candidates = mc_candidates_open()) == NULL)
        return mc_fail(err, MC_NOMEM, 0, "out of memory");
    if (mc_session_sweeps(s) == NULL)
        return mc_fail(err, MC_NOMEM, 0, "out of memory");
    had = mc_piece_sums_unpack(&u, &p, s->matching ? NULL : s->candidates, r->skipping ? NULL : s->sweeps) && take_names(s, &p);
    if (!had)
        status = mc_fail(err, MC_NOMEM, 0, "out of memory");
    else if (u.bad)
        status = damaged(r, err);
    else
        status = mc_series_sums(&r->series, &r->reader, &p.sums, err);
    if (status == MC_OK && r->skipping)
        s->before.bytes_total = 0;
    if (status == MC_OK && !r->skipping) {
        mc_sums_join(&s->before, &p.sums);
        keep_words(s);
        s->watch.matched_frames += p.sums.matched_frames;
        if (p.clock_ns != MC_NO_TIME)
            s->clock_ns = p.clock_ns;
        if (p.matched)
            mc_session_begin_matching(s);
        r->skipping = s->before.truncated || s->before.stopped != MC_OK;
    }
    mc_piece_sums_free(&p);
    r->phase = PHASE_PIECE;
    return status;
}

static mc_status begin_piece(mc_replay *r, mc_session *s, const mc_chunk *chunk, mc_error *err)
{
    mc_piece_place place;
    mc_status status = mc_piece_place_of(&r->reader, chunk, &place, err);

    if (status != MC_OK)
        return status;
    if (r->series.count == 0 && place.number > 1)
        return mc_fail(err, MC_INVALID, 0, "%s: begins with part %u of %u: part 1 is missing", r->reader.name, (unsigned)place.number,
                       (unsigned)place.of);
    mc_play_begin(&r->play);
    r->frames = s->before.frames + s->before.filtered_frames;
    r->events = 0;
    r->phase = PHASE_LOG;
    return mc_series_piece(&r->series, &r->reader, &place, false, err);
}

static mc_status take_chunk(mc_replay *r, mc_session *s, const mc_chunk *chunk, mc_error *err)
{
    if (r->phase == PHASE_PIECE)
        return begin_piece(r, s, chunk, err);
    mc_series_chunk(&r->series, &r->reader);
    switch (chunk->kind) {
    case MC_CHUNK_SEGMENTS:
        if (!r->skipping)
            mc_play_chunk(&r->play, chunk->bytes, chunk->count);
        break;
    case MC_CHUNK_EDGES:
        if (r->skipping)
            break;
        if (!mc_play_edges(&r->play, chunk->bytes, chunk->count))
            return mc_fail(err, MC_NOMEM, 0, "out of memory");
        r->kept.veiled = r->play.edges.veiled;
        r->kept.veiled_end = r->play.edges.veiled_end;
        break;
    case MC_CHUNK_EVENTS:
        if (!r->skipping)
            take_events(r, s, chunk, &r->events);
        break;
    case MC_CHUNK_SUMS:
        return take_sums(r, s, chunk, err);
    default:
        return damaged(r, err);
    }
    return r->play.bad ? damaged(r, err) : MC_OK;
}

mc_status mc_replay_step(mc_replay *r, mc_session *s, size_t *budget, mc_error *err)
{
    mc_chunk chunk;
    mc_status status;

    s->prefetcher = mc_source_prefetcher(s->source);
    while (r->phase != PHASE_OVER && *budget > 0) {
        if (r->play.left > 0) {
            status = play(r, s, budget, err);
        } else {
            status = mc_chunk_read(&r->reader, &chunk, err);
            if (status == MC_END && r->phase != PHASE_PIECE)
                return mc_chunk_damaged(&r->reader, "a piece has no end", err);
            if (status == MC_END)
                r->phase = PHASE_OVER;
            else if (status == MC_OK)
                status = take_chunk(r, s, &chunk, err);
        }
        if (status != MC_OK && status != MC_END)
            return status;
        if (s->watch.analysis.no_memory)
            return mc_fail(err, MC_NOMEM, 0, "out of memory");
    }
    if (r->phase != PHASE_OVER)
        return MC_OK;
    s->watch.analysis.kept = NULL;
    if (r->series.count == 0)
        return mc_chunk_damaged(&r->reader, "no piece is in it", err);
    status = mc_series_end(&r->series, &r->reader, err);
    return status == MC_OK ? MC_END : status;
}

mc_status mc_replay_copy(mc_replay *r, mc_chunk_writer *w, mc_error *err)
{
    mc_chunk_reader again;
    mc_chunk chunk;
    mc_status status;

    rewind(r->reader.file);
    status = mc_chunk_open(&again, r->reader.file, r->reader.name, false, err);
    while (status == MC_OK) {
        status = mc_chunk_next(&again, &chunk, err);
        if (status == MC_OK && chunk.kind != MC_CHUNK_OPTIONS && !mc_chunk_copy(w, &again))
            status = mc_fail_errno(err, MC_IO, errno, NULL);
    }
    mc_chunk_reader_free(&again);
    return status == MC_END ? MC_OK : status;
}
