/*
 * stage_zip.c: compressed streams: known by their first bytes, inflated on the
 * way, in bounded pieces, never trusted to end where they should.
 */
#include "stage/stage.h"

#include <errno.h>
#include <stdlib.h>

#include "stage/zip.h"

#define INPUT (64u * 1024)

/* What one call swallows at most when nothing comes out of it. */
#define SHARE (1024u * 1024)

typedef struct zip_stage {
    mc_stage base;
    const mc_zip_codec *codec;
    void *state;
    bool between;                    /* a member is complete, the next has not begun */
    bool ended;
    mc_status below_end;             /* MC_OK while bytes come from below */
    mc_error below_error;
    mc_status failed;                /* MC_OK, or the answer from now on */
    mc_error error;
    size_t begin, end;               /* unused input lies in [begin, end) */
    uint8_t *input;
    size_t room;
} zip_stage;

/* ------------------------------------------------------------------ magic */

static const struct magic {
    const char *name;
    uint8_t length;
    uint8_t bytes[8];
} magics[] = {
    { "gzip", 3, { 0x1f, 0x8b, 0x08 } },                         /* RFC 1952, 2.3.1 */
    { "zstd", 4, { 0x28, 0xb5, 0x2f, 0xfd } },                   /* RFC 8878, 3.1.1 */
    { "xz", 6, { 0xfd, '7', 'z', 'X', 'Z', 0x00 } },
    { "lz4", 4, { 0x04, 0x22, 0x4d, 0x18 } },
    { "bzip2", 3, { 'B', 'Z', 'h' } },                           /* and see is_magic() */
    { "legacy lz4", 4, { 0x02, 0x21, 0x4c, 0x18 } },
    { "compress (.Z)", 2, { 0x1f, 0x9d } },
    { "zip", 4, { 'P', 'K', 0x03, 0x04 } },
    { "7z", 6, { '7', 'z', 0xbc, 0xaf, 0x27, 0x1c } },
    { "rar", 4, { 'R', 'a', 'r', '!' } },
};

static bool is_magic(const struct magic *m, const uint8_t *p, size_t length)
{
    if (length < m->length || memcmp(p, m->bytes, m->length) != 0)
        return false;
    /* "BZh" is text: then comes a digit and pi, or the square root of it at the end */
    if (strcmp(m->name, "bzip2") == 0)
        return length >= 10 && p[3] >= '1' && p[3] <= '9'
            && (memcmp(p + 4, "1AY&SY", 6) == 0 || memcmp(p + 4, "\x17\x72\x45\x38\x50\x90", 6) == 0);
    return true;
}

/* Skippable frames (RFC 8878, 3.1.2) may stand before those of zstd and of lz4. */
static bool is_skippable(const uint8_t *p, size_t length)
{
    return length >= 4 && (p[0] & 0xf0) == 0x50 && p[1] == 0x2a && p[2] == 0x4d && p[3] == 0x18;
}

static const char *find_magic(const uint8_t *p, size_t length)
{
    size_t i;

    for (i = 0; i < MC_ARRAY_LEN(magics); i++)
        if (is_magic(&magics[i], p, length))
            return magics[i].name;
    return is_skippable(p, length) ? "zstd" : NULL;
}

mc_status mc_zip_knows(const char **name, const uint8_t *magic, size_t length, mc_error *err)
{
    *name = find_magic(magic, length);
    if (*name != NULL && mc_zip_codec_find(*name) == NULL)
        return mc_fail(err, MC_UNSUPPORTED, 0, "compressed with %s, which is not supported by "
                       "this build", *name);
    return MC_OK;
}

/* ------------------------------------------------------------------ inflating */

static mc_status fail_for_good(zip_stage *st, mc_status status, const char *words, mc_error *err)
{
    st->failed = mc_fail(&st->error, status, 0, "%s", words);
    if (err != NULL)
        *err = st->error;
    return status;
}

/* Asks the stage below for input behind what there is. */
static void refill(zip_stage *st, unsigned wait_ms, size_t *got)
{
    size_t left = st->end - st->begin;

    *got = 0;
    if (st->below_end != MC_OK)
        return;
    if (left > 0 && st->begin > 0)
        memmove(st->input, st->input + st->begin, left);
    st->begin = 0;
    st->end = left;
    if (st->end == st->room)
        return;
    st->below_end = mc_stage_read(st->base.below, st->input + st->end, st->room - st->end, got,
                                  wait_ms, &st->below_error);
    if (st->below_end != MC_OK)
        *got = 0;
    st->end += *got;
}

/*
 * After a member: padding, then the end or another member.  Anything else is no
 * longer this stream, and whether it once was cannot be known, so it is said.
 */
static mc_status next_member(zip_stage *st, bool *wants, mc_error *err)
{
    const char *name = st->codec->name;
    char words[96];
    mc_zip_result result;
    const char *found;

    while (st->begin < st->end && st->input[st->begin] == 0)
        st->begin++;
    if (st->end - st->begin < MC_ZIP_MAGIC && st->below_end == MC_OK) {
        *wants = true;
        return MC_OK;
    }
    if (st->begin == st->end) {
        if (st->below_end != MC_END) {
            *err = st->below_error;
            return st->below_end;
        }
        st->ended = true;
        return MC_END;
    }
    found = find_magic(st->input + st->begin, st->end - st->begin);
    if (found == NULL || (strcmp(found, name) != 0
                          && !is_skippable(st->input + st->begin, st->end - st->begin))) {
        snprintf(words, sizeof words, "after the end of the %s data come bytes that are no %s",
                 name, name);
        return fail_for_good(st, MC_FORMAT, words, err);
    }
    result = st->codec->restart(st->state);
    if (result == MC_ZIP_NOMEM)
        return fail_for_good(st, MC_NOMEM, mc_status_text(MC_NOMEM), err);
    st->between = false;
    return MC_OK;
}

/* Runs the codec over the input there is. */
static mc_status inflate_some(zip_stage *st, uint8_t *out, size_t size, size_t *got,
                              mc_error *err)
{
    mc_zip_io io = { st->input + st->begin, st->input + st->end, out, out + size, NULL };
    mc_zip_result result = st->codec->run(st->state, &io);
    char words[160];

    st->begin = (size_t)(io.in - st->input);
    *got = (size_t)(io.out - out);
    switch (result) {
    case MC_ZIP_MORE:
        return MC_OK;
    case MC_ZIP_MEMBER:
        st->between = true;
        return MC_OK;
    case MC_ZIP_NOMEM:
        return fail_for_good(st, MC_NOMEM, mc_status_text(MC_NOMEM), err);
    case MC_ZIP_BAD:
    case MC_ZIP_UNSUPPORTED:
        break;
    }
    if (result == MC_ZIP_UNSUPPORTED)
        snprintf(words, sizeof words, "%s data: %s", st->codec->name, io.words);
    else
        snprintf(words, sizeof words, "damaged %s data%s%s", st->codec->name,
                 io.words != NULL ? ": " : "", io.words != NULL ? io.words : "");
    return fail_for_good(st, result == MC_ZIP_BAD ? MC_FORMAT : MC_UNSUPPORTED, words, err);
}

static mc_status zip_read(mc_stage *base, uint8_t *out, size_t size, size_t *got,
                          unsigned wait_ms, mc_error *err)
{
    zip_stage *st = (zip_stage *)base;
    size_t share = 0, fresh, before, taken;
    mc_status status;
    char words[64];
    bool wants;

    *got = 0;
    if (st->failed != MC_OK) {
        *err = st->error;
        return st->failed;
    }
    if (st->ended)
        return MC_END;
    while (share < SHARE) {
        wants = false;
        if (st->between) {
            status = next_member(st, &wants, err);
            if (status != MC_OK)
                return status;
        }
        if (!st->between) {
            before = st->end - st->begin;
            status = inflate_some(st, out, size, got, err);
            if (*got > 0)            /* a failure comes again by itself */
                return MC_OK;
            if (status != MC_OK)
                return status;
            taken = before - (st->end - st->begin);
            share += taken + 1;
            wants = !st->between && (taken == 0 || st->begin == st->end);
        }
        if (!wants)
            continue;
        if (st->below_end == MC_OK) {
            refill(st, wait_ms, &fresh);
            share += fresh;
            if (fresh == 0 && st->below_end == MC_OK)
                return MC_OK;
            continue;
        }
        if (st->between)
            continue;
        if (st->below_end != MC_END) {
            *err = st->below_error;
            return st->below_end;
        }
        snprintf(words, sizeof words, "the %s data ends early", st->codec->name);
        return fail_for_good(st, MC_TRUNCATED, words, err);
    }
    return MC_OK;
}

/* ------------------------------------------------------------------ open, close */

static void zip_close(mc_stage *base)
{
    zip_stage *st = (zip_stage *)base;

    mc_stage_close(base->below);
    if (st->state != NULL)
        st->codec->close(st->state);
    free(st->input);
    free(st);
}

mc_status mc_stage_zip_push(mc_stage **top, const char *name, const uint8_t *begin, size_t length,
                            mc_error *err)
{
    static const mc_stage_ops ops = { zip_read, zip_close, NULL };
    const mc_zip_codec *codec = mc_zip_codec_find(name);
    mc_status status = codec->load(err);
    zip_stage *st;

    if (status != MC_OK)
        return status;
    st = calloc(1, sizeof *st);
    if (st == NULL)
        return mc_stage_errno(err, ENOMEM);
    st->base.ops = &ops;
    st->codec = codec;
    st->room = length > INPUT ? length : INPUT;
    st->input = malloc(st->room);
    st->state = st->input != NULL ? st->codec->open() : NULL;
    if (st->state == NULL) {
        zip_close(&st->base);
        return mc_stage_errno(err, ENOMEM);      /* cppcheck-suppress memleak ; closed, by its first member */
    }
    memcpy(st->input, begin, length);
    st->end = length;
    st->base.below = *top;
    st->base.format = st->codec->name;
    st->base.limited = true;
    *top = &st->base;
    return MC_OK;
}
