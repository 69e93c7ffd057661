/*
 * zip_codecs.c: the compression libraries behind one small interface; gzip has a file of
 * its own.
 */
#include "stage/zip.h"

#include <stdlib.h>

#include "base/library.h"

/* The names to load them by, unless the build found others. */
#ifdef MCPCAP_WITH_ZSTD
#include <zstd.h>
#include <zstd_errors.h>
#ifndef MCPCAP_FILE_ZSTD
#define MCPCAP_FILE_ZSTD "libzstd.so.1"
#endif
#endif
#ifdef MCPCAP_WITH_LZMA
#include <lzma.h>
#ifndef MCPCAP_FILE_LZMA
#define MCPCAP_FILE_LZMA "liblzma.so.5"
#endif
#endif
#ifdef MCPCAP_WITH_LZ4
#include <lz4frame.h>
#ifndef MCPCAP_FILE_LZ4
#define MCPCAP_FILE_LZ4 "liblz4.so.1"
#endif
#endif
#ifdef MCPCAP_WITH_BZIP2
#include <bzlib.h>
#ifndef MCPCAP_FILE_BZIP2
#define MCPCAP_FILE_BZIP2 "libbz2.so.1.0", "libbz2.so.1"
#endif
#endif

#if defined(MCPCAP_WITH_ZSTD) || defined(MCPCAP_WITH_LZ4)
/*
 * zstd and lz4 say nothing of what a call has unpacked when it fails: all of it is lost.  So no call gets more than the
 * rest of a block (they ask for that and the header of the next one), and none that still has something to give
 * gets any: what is sound is out before what is not.
 */
typedef struct by_blocks {
    void *decoder;
    size_t header;                   /* of a block, in bytes */
    size_t wants;                    /* bytes of input; 0: it has not said */
    bool full;                       /* there was no room for all that it had */
} by_blocks;

#define FIRST_BYTES 4u               /* the beginning of a frame */

static void *by_blocks_open(void *decoder, size_t header)
{
    by_blocks *s = decoder != NULL ? calloc(1, sizeof *s) : NULL;

    if (s != NULL) {
        s->decoder = decoder;
        s->header = header;
    }
    return s;
}

static void by_blocks_begin(by_blocks *s)
{
    s->wants = 0;
    s->full = false;
}

/* How much of so much input a call may have. */
static size_t by_blocks_share(const by_blocks *s, size_t there)
{
    const size_t wants = s->wants > s->header ? s->wants - s->header : s->wants;

    return s->full ? 0 : mc_min_u64(there, wants > 0 ? wants : FIRST_BYTES);
}

/* After a call that took and made so much, and wants so much more.  True: it was not given any, had nothing, and is to be. */
static bool by_blocks_went(by_blocks *s, mc_zip_io *io, size_t taken, size_t made, size_t wants)
{
    const bool again = s->full && made == 0 && wants > 0;

    s->full = made > 0 && made == (size_t)(io->out_end - io->out);
    s->wants = wants;
    io->in += taken;
    io->out += made;
    return again;
}
#endif

/* ------------------------------------------------------------------ zstd */

#ifdef MCPCAP_WITH_ZSTD
#define ZSTD_FUNCTIONS(X)                                             \
    X(createDStream) X(freeDStream) X(decompressStream) X(DCtx_reset) \
    X(isError) X(getErrorCode) X(getErrorName)

/* Written once, before the first stream of this kind is opened. */
static struct zstd_table {
#define X(name) __typeof__(&ZSTD_##name) name;
    ZSTD_FUNCTIONS(X)
#undef X
} zstd;

static mc_status zstd_load(mc_error *err)
{
#define X(name) MC_LIBRARY_FUNCTION(ZSTD_##name, struct zstd_table, name),
    static const mc_library_function functions[] = { ZSTD_FUNCTIONS(X) };
#undef X
    static const char *const files[] = { MCPCAP_FILE_ZSTD };
    static const mc_library library = {
        "zstd data needs", "libzstd", files, MC_ARRAY_LEN(files), functions, MC_ARRAY_LEN(functions),
    };
    static bool loaded;

    return mc_library_load_once(&library, &zstd, sizeof zstd, &loaded, err);
}

static void *zstd_open(void)
{
    ZSTD_DStream *decoder = zstd.createDStream();
    void *state = by_blocks_open(decoder, 3);      /* RFC 8878, 3.1.1.2 */

    if (state == NULL)
        zstd.freeDStream(decoder);
    return state;
}

static mc_zip_result zstd_run(void *state, mc_zip_io *io)
{
    by_blocks *s = state;
    ZSTD_outBuffer out = { io->out, (size_t)(io->out_end - io->out), 0 };
    ZSTD_inBuffer in;
    size_t status;

    do {
        in = (ZSTD_inBuffer){ io->in, by_blocks_share(s, (size_t)(io->in_end - io->in)), 0 };
        status = zstd.decompressStream(s->decoder, &out, &in);
    } while (!zstd.isError(status) && by_blocks_went(s, io, in.pos, out.pos, status));
    if (zstd.isError(status)) {
        io->words = zstd.getErrorName(status);
        return zstd.getErrorCode(status) == ZSTD_error_memory_allocation ? MC_ZIP_NOMEM
             : zstd.getErrorCode(status) == ZSTD_error_frameParameter_windowTooLarge
                 || zstd.getErrorCode(status) == ZSTD_error_dictionary_wrong
                 ? MC_ZIP_UNSUPPORTED
                 : MC_ZIP_BAD;
    }
    return status == 0 ? MC_ZIP_MEMBER : MC_ZIP_MORE;
}

static mc_zip_result zstd_restart(void *state)
{
    by_blocks *s = state;

    by_blocks_begin(s);
    return zstd.isError(zstd.DCtx_reset(s->decoder, ZSTD_reset_session_only)) ? MC_ZIP_NOMEM : MC_ZIP_MORE;
}

static void zstd_close(void *state)
{
    by_blocks *s = state;

    zstd.freeDStream(s->decoder);
    free(s);
}
#endif

/* ------------------------------------------------------------------ xz */

#ifdef MCPCAP_WITH_LZMA
/* "xz -9" needs 65 MiB. */
#define XZ_MEMORY (192u * 1024 * 1024)

#define XZ_FUNCTIONS(X) X(stream_decoder) X(code) X(end)

/* Written once, before the first stream of this kind is opened. */
static struct xz_table {
#define X(name) __typeof__(&lzma_##name) name;
    XZ_FUNCTIONS(X)
#undef X
} xz;

static mc_status xz_load(mc_error *err)
{
#define X(name) MC_LIBRARY_FUNCTION(lzma_##name, struct xz_table, name),
    static const mc_library_function functions[] = { XZ_FUNCTIONS(X) };
#undef X
    static const char *const files[] = { MCPCAP_FILE_LZMA };
    static const mc_library library = {
        "xz data needs", "liblzma", files, MC_ARRAY_LEN(files), functions, MC_ARRAY_LEN(functions),
    };
    static bool loaded;

    return mc_library_load_once(&library, &xz, sizeof xz, &loaded, err);
}

static mc_zip_result xz_restart(void *state)
{
    return xz.stream_decoder(state, XZ_MEMORY, 0) == LZMA_OK ? MC_ZIP_MORE : MC_ZIP_NOMEM;
}

static void *xz_open(void)
{
    lzma_stream *x = malloc(sizeof *x);

    if (x == NULL)
        return NULL;
    *x = (lzma_stream)LZMA_STREAM_INIT;
    if (xz_restart(x) != MC_ZIP_MORE) {
        free(x);
        return NULL;
    }
    return x;
}

static mc_zip_result xz_run(void *state, mc_zip_io *io)
{
    lzma_stream *x = state;
    lzma_ret status;

    x->next_in = io->in;
    x->avail_in = (size_t)(io->in_end - io->in);
    x->next_out = io->out;
    x->avail_out = (size_t)(io->out_end - io->out);
    status = xz.code(x, LZMA_RUN);
    io->in = x->next_in;
    io->out = x->next_out;
    switch ((int)status) {
    case LZMA_OK:
    case LZMA_BUF_ERROR:             /* no progress was possible */
        return MC_ZIP_MORE;
    case LZMA_STREAM_END:
        return MC_ZIP_MEMBER;
    case LZMA_MEM_ERROR:
        return MC_ZIP_NOMEM;
    case LZMA_MEMLIMIT_ERROR:
        io->words = "needs more than 192 MiB of memory";
        return MC_ZIP_UNSUPPORTED;
    case LZMA_OPTIONS_ERROR:
        io->words = "made with options that are not supported";
        return MC_ZIP_UNSUPPORTED;
    default:
        return MC_ZIP_BAD;
    }
}

static void xz_close(void *state)
{
    xz.end(state);
    free(state);
}
#endif

/* ------------------------------------------------------------------ lz4 */

#ifdef MCPCAP_WITH_LZ4
#define LZ4_FUNCTIONS(X)                                                  \
    X(createDecompressionContext) X(freeDecompressionContext)             \
    X(resetDecompressionContext) X(decompress) X(isError) X(getErrorName)

/* Written once, before the first stream of this kind is opened. */
static struct lz4_table {
#define X(name) __typeof__(&LZ4F_##name) name;
    LZ4_FUNCTIONS(X)
#undef X
} lz4;

static mc_status lz4_load(mc_error *err)
{
#define X(name) MC_LIBRARY_FUNCTION(LZ4F_##name, struct lz4_table, name),
    static const mc_library_function functions[] = { LZ4_FUNCTIONS(X) };
#undef X
    static const char *const files[] = { MCPCAP_FILE_LZ4 };
    static const mc_library library = {
        "lz4 data needs", "liblz4", files, MC_ARRAY_LEN(files), functions, MC_ARRAY_LEN(functions),
    };
    static bool loaded;

    return mc_library_load_once(&library, &lz4, sizeof lz4, &loaded, err);
}

static void *lz4_open(void)
{
    LZ4F_dctx *context = NULL;
    void *state;

    if (lz4.isError(lz4.createDecompressionContext(&context, LZ4F_VERSION)))
        return NULL;
    state = by_blocks_open(context, 4);
    if (state == NULL)
        lz4.freeDecompressionContext(context);
    return state;
}

static mc_zip_result lz4_run(void *state, mc_zip_io *io)
{
    by_blocks *s = state;
    size_t taken, made, status;

    do {
        taken = by_blocks_share(s, (size_t)(io->in_end - io->in));
        made = (size_t)(io->out_end - io->out);
        status = lz4.decompress(s->decoder, io->out, &made, io->in, &taken, NULL);
    } while (!lz4.isError(status) && by_blocks_went(s, io, taken, made, status));
    if (lz4.isError(status)) {
        io->words = lz4.getErrorName(status);    /* its numbers are no part of what it exports */
        return strcmp(io->words, "ERROR_allocation_failed") == 0 ? MC_ZIP_NOMEM : MC_ZIP_BAD;
    }
    return status == 0 ? MC_ZIP_MEMBER : MC_ZIP_MORE;
}

static mc_zip_result lz4_restart(void *state)
{
    by_blocks *s = state;

    by_blocks_begin(s);
    lz4.resetDecompressionContext(s->decoder);
    return MC_ZIP_MORE;
}

static void lz4_close(void *state)
{
    by_blocks *s = state;

    lz4.freeDecompressionContext(s->decoder);
    free(s);
}
#endif

/* ------------------------------------------------------------------ bzip2 */

#ifdef MCPCAP_WITH_BZIP2
#define BZIP2_FUNCTIONS(X)                                 \
    X(bzDecompressInit) X(bzDecompress) X(bzDecompressEnd)

/* Written once, before the first stream of this kind is opened. */
static struct bzip2_table {
#define X(name) __typeof__(&BZ2_##name) name;
    BZIP2_FUNCTIONS(X)
#undef X
} bzip2;

static mc_status bzip2_load(mc_error *err)
{
#define X(name) MC_LIBRARY_FUNCTION(BZ2_##name, struct bzip2_table, name),
    static const mc_library_function functions[] = { BZIP2_FUNCTIONS(X) };
#undef X
    static const char *const files[] = { MCPCAP_FILE_BZIP2 };
    static const mc_library library = {
        "bzip2 data needs", "libbz2", files, MC_ARRAY_LEN(files), functions, MC_ARRAY_LEN(functions),
    };
    static bool loaded;

    return mc_library_load_once(&library, &bzip2, sizeof bzip2, &loaded, err);
}

static mc_zip_result bzip2_restart(void *state)
{
    bz_stream *b = state;

    bzip2.bzDecompressEnd(b);
    memset(b, 0, sizeof *b);
    return bzip2.bzDecompressInit(b, 0, 0) == BZ_OK ? MC_ZIP_MORE : MC_ZIP_NOMEM;
}

static void *bzip2_open(void)
{
    bz_stream *b = calloc(1, sizeof *b);

    if (b != NULL && bzip2.bzDecompressInit(b, 0, 0) != BZ_OK) {
        free(b);
        b = NULL;
    }
    return b;
}

static mc_zip_result bzip2_run(void *state, mc_zip_io *io)
{
    bz_stream *b = state;
    unsigned in = mc_zip_in_length(io), out = mc_zip_out_length(io);
    int status;

    memcpy(&b->next_in, &(unsigned char *){ mc_zip_in_pointer(io) }, sizeof b->next_in);
    b->avail_in = in;
    memcpy(&b->next_out, &io->out, sizeof b->next_out);
    b->avail_out = out;
    status = bzip2.bzDecompress(b);
    io->in += in - b->avail_in;
    io->out += out - b->avail_out;
    switch (status) {
    case BZ_OK:
        return MC_ZIP_MORE;
    case BZ_STREAM_END:
        return MC_ZIP_MEMBER;
    case BZ_MEM_ERROR:
        return MC_ZIP_NOMEM;
    default:
        return MC_ZIP_BAD;
    }
}

static void bzip2_close(void *state)
{
    bzip2.bzDecompressEnd(state);
    free(state);
}
#endif

/* ------------------------------------------------------------------ the table */

static const mc_zip_codec *const codecs[] = {
    &mc_zip_gzip,
    &mc_zip_gzip_zlib,
#ifdef MCPCAP_WITH_ZSTD
    &(const mc_zip_codec){ "zstd", zstd_load, zstd_open, zstd_run, zstd_restart, zstd_close },
#endif
#ifdef MCPCAP_WITH_LZMA
    &(const mc_zip_codec){ "xz", xz_load, xz_open, xz_run, xz_restart, xz_close },
#endif
#ifdef MCPCAP_WITH_LZ4
    &(const mc_zip_codec){ "lz4", lz4_load, lz4_open, lz4_run, lz4_restart, lz4_close },
#endif
#ifdef MCPCAP_WITH_BZIP2
    &(const mc_zip_codec){ "bzip2", bzip2_load, bzip2_open, bzip2_run, bzip2_restart, bzip2_close },
#endif
};

const mc_zip_codec *mc_zip_codec_find(const char *name)
{
    size_t i;

    for (i = 0; i < MC_ARRAY_LEN(codecs); i++)
        if (strcmp(codecs[i]->name, name) == 0)
            return codecs[i];
    return NULL;
}
