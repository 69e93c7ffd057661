/*
 * state.c: what is saved is a log of what the analysis was given; going on is giving it that once more.
 */
#include "session/state.h"

#include <errno.h>
#include <stdlib.h>

#include "session/replay.h"
#include "session/session.h"
#include "state/output.h"

static mc_status no_memory(mc_error *err)
{
    return mc_fail(err, MC_NOMEM, 0, "out of memory");
}

/* ------------------------------------------------------------------ begins */

static void get_sums(const mc_session *s, mc_capture_facts *c)
{
    mc_session_own_capture(s, c);
    c->matched_frames = s->watch.matched_frames;
}

/* What is kept from here on. */
static mc_status begin_piece(mc_session *s, mc_error *err)
{
    mc_saving *v = &s->saving;

    if (v->spool == NULL)
        return MC_OK;
    get_sums(s, &v->begun);
    v->begun.bytes_done = v->begun.inflated_bytes = v->begun.dropped_reported = 0;
    s->logger = mc_logger_open(v->spool, v->place.kind == MC_PIECE_ALONE, s->before.frames + s->before.filtered_frames);
    if (s->logger == NULL)
        return no_memory(err);
    s->watch.analysis.overheard = &s->logger->overheard;
    return MC_OK;
}

mc_status mc_saving_inherit(mc_saving *v, mc_options *options, mc_error *err)
{
    mc_state_facts *f = &v->inherited;
    const mc_status status = mc_state_describe(options->state, f, err);

    if (status != MC_OK)
        return status;
    if (options->filter == NULL && f->filter[0] != 0)
        options->filter = f->filter;
    if (!options->has_start && !options->has_end) {
        options->has_start = f->has_start;
        options->has_end = f->has_end;
        options->start_ns = f->start_ns;
        options->end_ns = f->end_ns;
    }
    if (options->rules == MC_RULES_NEWEST)
        options->rules = f->rules;
    options->verify_checksums |= f->verify_checksums;
    options->application &= f->application;
    return MC_OK;
}

mc_status mc_saving_open(mc_session *s, const mc_endpoint *server, const mc_options *options, mc_error *err)
{
    mc_saving *v = &s->saving;
    mc_status status;

    if (!mc_looked_at_set(&v->looked_at, server, options))
        return mc_fail(err, MC_INVALID, 0, "a filter of more than %d bytes is kept in no state", (int)sizeof v->looked_at.filter - 1);
    v->spool = options->spool;
    v->place = (mc_piece_place){ options->alone ? MC_PIECE_ALONE : options->state != NULL ? MC_PIECE_FOLLOWS : MC_PIECE_FIRST,
                                 options->piece, options->pieces };
    if (options->alone)                          /* whoever is heard behind others must be heard here */
        mc_ears_init(&s->watch.analysis.talks.ears, MC_EARS_MOST);
    if (options->state != NULL) {
        status = mc_replay_open(&v->replay, s, options->state, err);
        if (status != MC_OK)
            return status;
        return MC_OK;
    }
    return begin_piece(s, err);
}

void mc_saving_close(mc_session *s)
{
    size_t i;

    for (i = 0; i < s->input_name_count; i++)
        free(s->input_names[i]);
    free(s->input_names);
    mc_replay_close(s->saving.replay);
    mc_logger_close(s->logger);
}

mc_status mc_saving_step(mc_session *s, size_t *budget, mc_error *err)
{
    mc_saving *v = &s->saving;
    mc_status status = mc_replay_step(v->replay, s, budget, err);

    if (status != MC_END)
        return status;
    v->replayed = true;
    if (s->before.truncated || s->before.stopped != MC_OK)
        s->ended = true;
    if (s->before.frames > 0)
        mc_source_follows(s->source);
    status = begin_piece(s, err);
    return status == MC_OK ? MC_END : status;
}

/* ------------------------------------------------------------------- saved */

static bool pack_names(mc_session *s, mc_piece_sums *p)
{
    char name[4096];
    size_t i;

    for (i = 0; mc_source_name(s->source, i, name, sizeof name); i++) {
        char **more = realloc(p->names, (i + 1) * sizeof *more);

        if (more == NULL)
            return false;
        p->names = more;
        p->names[i] = strdup(name);
        if (p->names[i] == NULL)
            return false;
        p->name_count++;
    }
    return true;
}

/* What was read adds up to this. */
static bool pack_sums(mc_session *s, mc_packer *k)
{
    static const mc_capture_facts nothing;
    mc_piece_sums p = { .matched = s->matching, .clock_ns = s->piece_clock_ns };
    bool kept;

    get_sums(s, &p.sums);
    mc_sums_less(&p.sums, &s->saving.begun, &nothing);
    mc_sums_less(&p.sums, &s->saving.apart, &nothing);
    kept = pack_names(s, &p);
    if (kept)
        mc_piece_sums_pack(k, &p, s->logger->candidates, s->sweeps);
    mc_piece_sums_free(&p);
    return kept && !k->no_memory;
}

static mc_status copy_spool(mc_session *s, mc_chunk_writer *w, mc_error *err)
{
    FILE *spool = s->saving.spool;
    mc_chunk_reader r;
    mc_chunk chunk;
    mc_status status;
    uint32_t segments = 0;

    if (!mc_logger_flush(s->logger))
        return s->logger->failed ? mc_fail_errno(err, MC_IO, s->logger->cause, "what is kept for the state cannot be written")
                                 : no_memory(err);
    rewind(spool);
    status = mc_chunk_open(&r, spool, "what is kept for the state", true, err);
    while (status == MC_OK) {
        status = mc_chunk_next(&r, &chunk, err);
        if (status == MC_OK && ((chunk.kind == MC_CHUNK_SEGMENTS && !mc_logger_write_edges(s->logger, segments++, w)) ||
                                !mc_chunk_copy(w, &r)))
            status = mc_fail_errno(err, MC_IO, errno, NULL);
    }
    mc_chunk_reader_free(&r);
    if (fseek(spool, 0, SEEK_END) != 0 && status == MC_END)
        status = mc_fail_errno(err, MC_IO, errno, "what is kept for the state");
    return status == MC_END ? MC_OK : status;
}

static mc_status write_state(mc_session *s, mc_chunk_writer *w, mc_error *err)
{
    mc_packer k = { 0 };
    mc_status status = MC_OK;
    bool written;

    mc_looked_at_pack(&k, &s->saving.looked_at);
    written = !k.no_memory && mc_chunk_write(w, MC_CHUNK_OPTIONS, k.bytes, k.count);
    if (written && s->saving.replay != NULL)
        status = mc_replay_copy(s->saving.replay, w, err);
    k.count = 0;
    mc_piece_place_pack(&k, &s->saving.place);
    written = written && mc_chunk_write(w, MC_CHUNK_PIECE, k.bytes, k.count);
    if (written && status == MC_OK)
        status = copy_spool(s, w, err);
    k.count = 0;
    if (!pack_sums(s, &k) && status == MC_OK)
        status = no_memory(err);
    written = written && mc_chunk_write(w, MC_CHUNK_SUMS, k.bytes, k.count) && mc_chunk_finish(w);
    free(k.bytes);
    return status != MC_OK ? status : written ? MC_OK : mc_fail_errno(err, MC_IO, errno, NULL);
}

mc_status mc_session_save(mc_session *s, const char *path, mc_error *err)
{
    mc_output out;
    mc_status status;

    if (s->saving.spool == NULL)
        return mc_fail(err, MC_INVALID, 0, "the session was not opened for being saved");
    if (s->logger == NULL)
        return mc_fail(err, MC_INVALID, 0, "the state that the session began with is not read to its end");
    status = mc_output_open(&out, path, err);
    if (status != MC_OK)
        return status;
    status = write_state(s, &out.writer, err);
    return mc_output_close(&out, status, err);
}

const char *mc_session_name(const mc_session *s, size_t i)
{
    return i < s->input_name_count ? s->input_names[i] : NULL;
}
