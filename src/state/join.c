/*
 * join.c: the pieces of several files in one, as they lie.
 */
#include <errno.h>
#include <stdlib.h>

#include "state/output.h"
#include "state/piece.h"

/* What is being written, and what was read of the files before. */
typedef struct joining {
    mc_output out;
    mc_series series;
    mc_looked_at looked_at;
    bool begun, first_of_file, in_piece;
} joining;

/* The chunk that was read last. */
static mc_status copy(joining *j, const mc_chunk_reader *r, mc_error *err)
{
    return mc_chunk_copy(&j->out.writer, r) ? MC_OK : mc_fail_errno(err, MC_IO, errno, "the output");
}

static mc_status damaged(const mc_chunk_reader *r, mc_error *err)
{
    return mc_chunk_damaged(r, "what is in it cannot be", err);
}

/* Its first chunk: that of the first file is that of all. */
static mc_status take_looked_at(joining *j, mc_chunk_reader *r, mc_error *err)
{
    mc_looked_at l;
    mc_status status = mc_looked_at_read(r, &l, err);
    const char *differs;

    if (status != MC_OK)
        return status;
    if (!j->begun) {
        j->begun = true;
        j->looked_at = l;
        return copy(j, r, err);
    }
    differs = mc_looked_at_differs(&l, &j->looked_at);
    if (differs != NULL)
        return mc_fail(err, MC_INVALID, 0, "%s: not of the same series as the files before it: %s", r->name, differs);
    return MC_OK;
}

static mc_status take_piece(joining *j, const mc_chunk_reader *r, const mc_chunk *chunk, mc_error *err)
{
    mc_piece_place place;
    mc_status status = mc_piece_place_of(r, chunk, &place, err);

    if (status == MC_OK)
        status = mc_series_piece(&j->series, r, &place, j->first_of_file, err);
    j->first_of_file = false;
    j->in_piece = true;
    return status;
}

static mc_status take_sums(joining *j, const mc_chunk_reader *r, const mc_chunk *chunk, mc_error *err)
{
    mc_unpacker u = { chunk->bytes, chunk->bytes + chunk->count, false };
    mc_piece_sums p;
    mc_status status = mc_piece_sums_unpack(&u, &p, NULL, NULL) ? MC_OK : mc_fail(err, MC_NOMEM, 0, "out of memory");

    if (status == MC_OK)
        status = u.bad ? damaged(r, err) : mc_series_sums(&j->series, r, &p.sums, err);
    mc_piece_sums_free(&p);
    j->in_piece = false;
    return status;
}

/* The next chunk; of most nobody looks at what is in it. */
static mc_status take_chunk(joining *j, mc_chunk_reader *r, mc_chunk *chunk, mc_error *err)
{
    mc_status status = MC_OK;

    if (!j->in_piece) {
        status = mc_chunk_unpack(r, chunk, err);
        if (status == MC_OK)
            status = take_piece(j, r, chunk, err);
    } else {
        mc_series_chunk(&j->series, r);
        if (chunk->kind == MC_CHUNK_SUMS)
            status = mc_chunk_unpack(r, chunk, err);
        else if (chunk->kind != MC_CHUNK_SEGMENTS && chunk->kind != MC_CHUNK_EVENTS && chunk->kind != MC_CHUNK_EDGES)
            status = damaged(r, err);
        if (status == MC_OK && chunk->kind == MC_CHUNK_SUMS)
            status = take_sums(j, r, chunk, err);
    }
    return status == MC_OK ? copy(j, r, err) : status;
}

static mc_status take_file(joining *j, const char *path, mc_error *err)
{
    mc_chunk_reader r;
    mc_chunk chunk;
    mc_status status = mc_chunk_open_path(&r, path, err);

    j->first_of_file = true;
    if (status == MC_OK)
        status = take_looked_at(j, &r, err);
    while (status == MC_OK) {
        status = mc_chunk_next(&r, &chunk, err);
        if (status == MC_OK)
            status = take_chunk(j, &r, &chunk, err);
    }
    if (status == MC_END)
        status = j->in_piece || j->first_of_file ? mc_chunk_damaged(&r, "a piece has no end", err) : MC_OK;
    mc_chunk_reader_close(&r);
    return status;
}

mc_status mc_state_join(const char *const *paths, size_t count, const char *output, mc_error *err)
{
    joining *j = calloc(1, sizeof *j);
    mc_status status;
    size_t i;

    if (j == NULL)
        return mc_fail(err, MC_NOMEM, 0, "out of memory");
    status = mc_output_open(&j->out, output, err);
    if (status == MC_OK) {
        for (i = 0; i < count && status == MC_OK; i++)
            status = take_file(j, paths[i], err);
        if (status == MC_OK && !mc_chunk_finish(&j->out.writer))
            status = mc_fail_errno(err, MC_IO, errno, NULL);
        status = mc_output_close(&j->out, status, err);
    }
    mc_series_free(&j->series);
    free(j);
    return status;
}
