/*
 * saved.h: a session that reads pieces of a capture, saves what it has learnt, and goes on from it.
 */
#ifndef SAVED_H
#define SAVED_H

#include <stdio.h>
#include <string.h>

#include "mcpcap.h"

#define PIECES 3

static mc_error failure;
static mc_endpoint target;
static mc_options usual;

/* NULL: it could not be read to its end. */
static mc_session *read_of(const char *const *paths, size_t count, const mc_options *options)
{
    mc_input inputs[PIECES];
    mc_session *s = NULL;
    mc_status status;
    size_t i;

    memset(inputs, 0, sizeof inputs);
    for (i = 0; i < count; i++)
        inputs[i].path = paths[i];
    status = mc_session_open(&s, inputs, count, &target, options, &failure);
    while (status == MC_OK)
        status = mc_session_step(s, 100, 0, &failure);
    if (status != MC_END) {
        mc_session_close(s);
        return NULL;
    }
    return s;
}

/* Reads, and saves what was learnt. */
static bool save_of(const char *const *paths, size_t count, mc_options options, const char *to)
{
    mc_session *s;
    bool saved;

    options.spool = tmpfile();
    s = read_of(paths, count, &options);
    saved = s != NULL && mc_session_save(s, to, &failure) == MC_OK;
    mc_session_close(s);
    if (options.spool != NULL)
        fclose(options.spool);
    return saved;
}

static bool save_part(const char *path, unsigned number, unsigned of, const char *to)
{
    mc_options options = usual;

    options.alone = true;
    options.piece = number;
    options.pieces = of;
    return save_of(&path, 1, options, to);
}

static mc_session *go_on(const char *state, const char *const *paths, size_t count)
{
    mc_options options = usual;

    options.state = state;
    return read_of(paths, count, &options);
}

#endif
