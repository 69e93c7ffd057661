/*
 * zip_codecs.c: the compression libraries behind one small interface.
 *
 * zlib is always there.  ISA-L inflates about twice as fast and is used where it is
 * installed; it is looked for at run time, so that nobody needs it.
 */
#include "zip.h"

#include <limits.h>
#include <stdlib.h>
#include <zlib.h>

#ifdef MCPCAP_WITH_ISAL
#include <dlfcn.h>
#include <isa-l/igzip_lib.h>
#include <pthread.h>
#endif
#ifdef MCPCAP_WITH_ZSTD
#include <zstd.h>
#include <zstd_errors.h>
#endif
#ifdef MCPCAP_WITH_LZMA
#include <lzma.h>
#endif
#ifdef MCPCAP_WITH_LZ4
#include <lz4frame.h>
#endif
#ifdef MCPCAP_WITH_BZIP2
#include <bzlib.h>
#endif

/* Libraries count in unsigned int. */
static unsigned in_length(const mc_zip_io *io)
{
    return (unsigned)mc_min_u64((uint64_t)(io->in_end - io->in), UINT_MAX);
}

static unsigned out_length(const mc_zip_io *io)
{
    return (unsigned)mc_min_u64((uint64_t)(io->out_end - io->out), UINT_MAX);
}

/* Libraries take input as plain pointers, and leave it alone. */
static unsigned char *in_pointer(const mc_zip_io *io)
{
    unsigned char *p;

    memcpy(&p, &io->in, sizeof p);
    return p;
}

/* ------------------------------------------------------------------ gzip: zlib */

static void *zlib_open(void)
{
    z_stream *z = calloc(1, sizeof *z);

    /* +16: a gzip header and no other, trailer checked */
    if (z != NULL && inflateInit2(z, MAX_WBITS + 16) != Z_OK) {
        free(z);
        z = NULL;
    }
    return z;
}

static mc_zip_result zlib_run(z_stream *z, mc_zip_io *io)
{
    int status;

    z->next_in = in_pointer(io);
    z->avail_in = in_length(io);
    z->next_out = io->out;
    z->avail_out = out_length(io);
    status = inflate(z, Z_NO_FLUSH);
    io->in = z->next_in;
    io->out = z->next_out;
    io->words = z->msg;
    switch (status) {
    case Z_OK:
    case Z_BUF_ERROR:                /* no progress was possible: not an error */
        return MC_ZIP_MORE;
    case Z_STREAM_END:
        return MC_ZIP_MEMBER;
    case Z_MEM_ERROR:
        return MC_ZIP_NOMEM;
    default:
        return MC_ZIP_BAD;
    }
}

static void zlib_close(z_stream *z)
{
    inflateEnd(z);
    free(z);
}

/* ------------------------------------------------------------------ gzip: ISA-L */

#ifdef MCPCAP_WITH_ISAL
typedef struct isal_table {
    void (*init)(struct inflate_state *);
    int (*inflate)(struct inflate_state *);
} isal_table;

/* Looked up once a process; the library stays loaded. */
static bool isal_find(isal_table *out)
{
    static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
    static isal_table table;
    static bool tried;
    void *library, *init, *run;

    pthread_mutex_lock(&lock);
    if (!tried) {
        tried = true;
        library = dlopen("libisal.so.2", RTLD_NOW | RTLD_LOCAL | RTLD_NODELETE);
        init = library != NULL ? dlsym(library, "isal_inflate_init") : NULL;
        run = library != NULL ? dlsym(library, "isal_inflate") : NULL;
        if (init != NULL && run != NULL) {
            memcpy(&table.init, &init, sizeof init);
            memcpy(&table.inflate, &run, sizeof run);
        }
        if (library != NULL)
            dlclose(library);
    }
    *out = table;
    pthread_mutex_unlock(&lock);
    return out->init != NULL;
}

typedef struct isal_state {
    isal_table table;
    struct inflate_state inflate;
} isal_state;

static void isal_begin(isal_state *s)
{
    s->table.init(&s->inflate);
    s->inflate.crc_flag = ISAL_GZIP;
}

static mc_zip_result isal_run(isal_state *s, mc_zip_io *io)
{
    int status;

    s->inflate.next_in = in_pointer(io);
    s->inflate.avail_in = in_length(io);
    s->inflate.next_out = io->out;
    s->inflate.avail_out = out_length(io);
    status = s->table.inflate(&s->inflate);
    io->in = s->inflate.next_in;
    io->out = s->inflate.next_out;
    switch (status) {
    case ISAL_DECOMP_OK:
    case ISAL_END_INPUT:
    case ISAL_OUT_OVERFLOW:
        return s->inflate.block_state == ISAL_BLOCK_FINISH ? MC_ZIP_MEMBER : MC_ZIP_MORE;
    /* zlib's words, so that nobody meets two sets of them */
    case ISAL_INVALID_WRAPPER:
        io->words = "incorrect header check";
        break;
    case ISAL_UNSUPPORTED_METHOD:
        io->words = "unknown compression method";
        break;
    case ISAL_INCORRECT_CHECKSUM:
        io->words = "incorrect data check";
        break;
    case ISAL_INVALID_LOOKBACK:
        io->words = "invalid distance too far back";
        break;
    case ISAL_INVALID_SYMBOL:
        io->words = "invalid code";
        break;
    case ISAL_INVALID_BLOCK:
        io->words = "invalid block";
        break;
    default:
        break;
    }
    return MC_ZIP_BAD;
}
#endif

/* ------------------------------------------------------------------ gzip: either */

typedef struct gzip_state {
    z_stream *zlib;
#ifdef MCPCAP_WITH_ISAL
    isal_state *isal;
#endif
} gzip_state;

static void *gzip_open_by(bool fast)
{
    gzip_state *s = calloc(1, sizeof *s);

    if (s == NULL)
        return NULL;
#ifdef MCPCAP_WITH_ISAL
    isal_table table;

    if (fast && isal_find(&table)) {
        s->isal = malloc(sizeof *s->isal);
        if (s->isal == NULL) {
            free(s);
            return NULL;
        }
        memset(s->isal, 0, sizeof *s->isal);
        s->isal->table = table;
        isal_begin(s->isal);
        return s;
    }
#else
    (void)fast;
#endif
    s->zlib = zlib_open();
    if (s->zlib == NULL) {
        free(s);
        return NULL;
    }
    return s;
}

static void *gzip_open(void)
{
    return gzip_open_by(true);
}

static void *gzip_open_zlib(void)
{
    return gzip_open_by(false);
}

static mc_zip_result gzip_run(void *state, mc_zip_io *io)
{
    gzip_state *s = state;

#ifdef MCPCAP_WITH_ISAL
    if (s->isal != NULL)
        return isal_run(s->isal, io);
#endif
    return zlib_run(s->zlib, io);
}

static mc_zip_result gzip_restart(void *state)
{
    gzip_state *s = state;

#ifdef MCPCAP_WITH_ISAL
    if (s->isal != NULL) {
        isal_begin(s->isal);
        return MC_ZIP_MORE;
    }
#endif
    return inflateReset(s->zlib) == Z_OK ? MC_ZIP_MORE : MC_ZIP_NOMEM;
}

static void gzip_close(void *state)
{
    gzip_state *s = state;

#ifdef MCPCAP_WITH_ISAL
    free(s->isal);
#endif
    if (s->zlib != NULL)
        zlib_close(s->zlib);
    free(s);
}

/* ------------------------------------------------------------------ zstd */

#ifdef MCPCAP_WITH_ZSTD
static void *zstd_open(void)
{
    return ZSTD_createDStream();
}

static mc_zip_result zstd_run(void *state, mc_zip_io *io)
{
    ZSTD_inBuffer in = { io->in, (size_t)(io->in_end - io->in), 0 };
    ZSTD_outBuffer out = { io->out, (size_t)(io->out_end - io->out), 0 };
    size_t status = ZSTD_decompressStream(state, &out, &in);

    io->in += in.pos;
    io->out += out.pos;
    if (ZSTD_isError(status)) {
        io->words = ZSTD_getErrorName(status);
        return ZSTD_getErrorCode(status) == ZSTD_error_memory_allocation ? MC_ZIP_NOMEM
             : ZSTD_getErrorCode(status) == ZSTD_error_frameParameter_windowTooLarge
                 || ZSTD_getErrorCode(status) == ZSTD_error_dictionary_wrong
                 ? MC_ZIP_UNSUPPORTED
                 : MC_ZIP_BAD;
    }
    return status == 0 ? MC_ZIP_MEMBER : MC_ZIP_MORE;
}

static mc_zip_result zstd_restart(void *state)
{
    return ZSTD_isError(ZSTD_DCtx_reset(state, ZSTD_reset_session_only)) ? MC_ZIP_NOMEM
                                                                         : MC_ZIP_MORE;
}

static void zstd_close(void *state)
{
    ZSTD_freeDStream(state);
}
#endif

/* ------------------------------------------------------------------ xz */

#ifdef MCPCAP_WITH_LZMA
/* "xz -9" needs 65 MiB. */
#define XZ_MEMORY (192u * 1024 * 1024)

static mc_zip_result xz_restart(void *state)
{
    return lzma_stream_decoder(state, XZ_MEMORY, 0) == LZMA_OK ? MC_ZIP_MORE : MC_ZIP_NOMEM;
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
    status = lzma_code(x, LZMA_RUN);
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
    lzma_end(state);
    free(state);
}
#endif

/* ------------------------------------------------------------------ lz4 */

#ifdef MCPCAP_WITH_LZ4
static void *lz4_open(void)
{
    LZ4F_dctx *context = NULL;

    return LZ4F_isError(LZ4F_createDecompressionContext(&context, LZ4F_VERSION)) ? NULL : context;
}

static mc_zip_result lz4_run(void *state, mc_zip_io *io)
{
    size_t taken = (size_t)(io->in_end - io->in), made = (size_t)(io->out_end - io->out);
    size_t status = LZ4F_decompress(state, io->out, &made, io->in, &taken, NULL);

    if (LZ4F_isError(status)) {
        io->words = LZ4F_getErrorName(status);
        return MC_ZIP_BAD;
    }
    io->in += taken;
    io->out += made;
    return status == 0 ? MC_ZIP_MEMBER : MC_ZIP_MORE;
}

static mc_zip_result lz4_restart(void *state)
{
    LZ4F_resetDecompressionContext(state);
    return MC_ZIP_MORE;
}

static void lz4_close(void *state)
{
    LZ4F_freeDecompressionContext(state);
}
#endif

/* ------------------------------------------------------------------ bzip2 */

#ifdef MCPCAP_WITH_BZIP2
static mc_zip_result bzip2_restart(void *state)
{
    bz_stream *b = state;

    BZ2_bzDecompressEnd(b);
    memset(b, 0, sizeof *b);
    return BZ2_bzDecompressInit(b, 0, 0) == BZ_OK ? MC_ZIP_MORE : MC_ZIP_NOMEM;
}

static void *bzip2_open(void)
{
    bz_stream *b = calloc(1, sizeof *b);

    if (b != NULL && BZ2_bzDecompressInit(b, 0, 0) != BZ_OK) {
        free(b);
        b = NULL;
    }
    return b;
}

static mc_zip_result bzip2_run(void *state, mc_zip_io *io)
{
    bz_stream *b = state;
    unsigned in = in_length(io), out = out_length(io);
    int status;

    memcpy(&b->next_in, &(unsigned char *){ in_pointer(io) }, sizeof b->next_in);
    b->avail_in = in;
    memcpy(&b->next_out, &io->out, sizeof b->next_out);
    b->avail_out = out;
    status = BZ2_bzDecompress(b);
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
    BZ2_bzDecompressEnd(state);
    free(state);
}
#endif

/* ------------------------------------------------------------------ the table */

static const mc_zip_codec codecs[] = {
    { "gzip", gzip_open, gzip_run, gzip_restart, gzip_close },
    { "gzip by zlib", gzip_open_zlib, gzip_run, gzip_restart, gzip_close },
#ifdef MCPCAP_WITH_ZSTD
    { "zstd", zstd_open, zstd_run, zstd_restart, zstd_close },
#endif
#ifdef MCPCAP_WITH_LZMA
    { "xz", xz_open, xz_run, xz_restart, xz_close },
#endif
#ifdef MCPCAP_WITH_LZ4
    { "lz4", lz4_open, lz4_run, lz4_restart, lz4_close },
#endif
#ifdef MCPCAP_WITH_BZIP2
    { "bzip2", bzip2_open, bzip2_run, bzip2_restart, bzip2_close },
#endif
};

const mc_zip_codec *mc_zip_codec_find(const char *name)
{
    size_t i;

    for (i = 0; i < MC_ARRAY_LEN(codecs); i++)
        if (strcmp(codecs[i].name, name) == 0)
            return &codecs[i];
    return NULL;
}
