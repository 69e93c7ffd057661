/*
 * zip_gzip.c: gzip, by zlib or by ISA-L, which inflates about twice as fast and is used
 * where it is installed.
 */
#include "stage/zip.h"

#include <stdlib.h>
#include <zlib.h>

#include "base/library.h"

#ifdef MCPCAP_WITH_ISAL
#include <isa-l/igzip_lib.h>
#endif
#ifndef MCPCAP_FILE_ZLIB             /* the library's name to load it by, as the build found it */
#define MCPCAP_FILE_ZLIB "libz.so.1"
#endif

/* ------------------------------------------------------------------ gzip: zlib */

#define ZLIB_FUNCTIONS(X)                                     \
    X(inflateInit2_) X(inflate) X(inflateReset) X(inflateEnd)

/* Written once, before the first stream of this kind is opened. */
static struct zlib_table {
#define X(name) __typeof__(&name) name;
    ZLIB_FUNCTIONS(X)
#undef X
} zlib;

static mc_status zlib_load(mc_error *err)
{
#define X(name) MC_LIBRARY_FUNCTION(name, struct zlib_table, name),
    static const mc_library_function functions[] = { ZLIB_FUNCTIONS(X) };
#undef X
    static const char *const files[] = { MCPCAP_FILE_ZLIB };
    static const mc_library library = {
        "gzip data needs", "zlib", files, MC_ARRAY_LEN(files), functions, MC_ARRAY_LEN(functions),
    };
    static bool loaded;

    return mc_library_load_once(&library, &zlib, sizeof zlib, &loaded, err);
}

static void *zlib_open(void)
{
    z_stream *z = calloc(1, sizeof *z);

    /* +16: a gzip header and no other, trailer checked */
    if (z != NULL && zlib.inflateInit2_(z, MAX_WBITS + 16, ZLIB_VERSION, (int)sizeof *z) != Z_OK) {
        free(z);
        z = NULL;
    }
    return z;
}

static mc_zip_result zlib_run(z_stream *z, mc_zip_io *io)
{
    int status;

    z->next_in = mc_zip_in_pointer(io);
    z->avail_in = mc_zip_in_length(io);
    z->next_out = io->out;
    z->avail_out = mc_zip_out_length(io);
    status = zlib.inflate(z, Z_NO_FLUSH);
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
    zlib.inflateEnd(z);
    free(z);
}

/* ------------------------------------------------------------------ gzip: ISA-L */

#ifdef MCPCAP_WITH_ISAL
#define ISAL_FUNCTIONS(X) X(inflate_init) X(inflate)

/* Written once, before the first stream of this kind is opened. */
static struct isal_table {
#define X(name) __typeof__(&isal_##name) name;
    ISAL_FUNCTIONS(X)
#undef X
} isal;

static mc_status isal_load(mc_error *err)
{
#define X(name) MC_LIBRARY_FUNCTION(isal_##name, struct isal_table, name),
    static const mc_library_function functions[] = { ISAL_FUNCTIONS(X) };
#undef X
    static const char *const files[] = { "libisal.so.2" };
    static const mc_library library = {
        "gzip data needs", "ISA-L", files, MC_ARRAY_LEN(files), functions, MC_ARRAY_LEN(functions),
    };
    static bool loaded;

    return mc_library_load_once(&library, &isal, sizeof isal, &loaded, err);
}

static void isal_begin(struct inflate_state *s)
{
    isal.inflate_init(s);
    s->crc_flag = ISAL_GZIP;
}

static mc_zip_result isal_run(struct inflate_state *s, mc_zip_io *io)
{
    int status;

    s->next_in = mc_zip_in_pointer(io);
    s->avail_in = mc_zip_in_length(io);
    s->next_out = io->out;
    s->avail_out = mc_zip_out_length(io);
    status = isal.inflate(s);
    io->in = s->next_in;
    io->out = s->next_out;
    switch (status) {
    case ISAL_DECOMP_OK:
    case ISAL_END_INPUT:
    case ISAL_OUT_OVERFLOW:
        return s->block_state == ISAL_BLOCK_FINISH ? MC_ZIP_MEMBER : MC_ZIP_MORE;
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
    struct inflate_state *isal;
    bool begun;                      /* the member in hand; its header is looked at before */
    bool by_zlib;                    /* it is zlib's, though there is ISA-L */
#endif
} gzip_state;

static void *gzip_open_by(bool fast)
{
    gzip_state *s = calloc(1, sizeof *s);

    if (s == NULL)
        return NULL;
#ifdef MCPCAP_WITH_ISAL
    if (fast && isal_load(NULL) == MC_OK) {
        s->isal = malloc(sizeof *s->isal);
        if (s->isal == NULL) {
            free(s);
            return NULL;
        }
        memset(s->isal, 0, sizeof *s->isal);
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

/* ISA-L, or zlib: one of them is enough. */
static mc_status gzip_load(mc_error *err)
{
#ifdef MCPCAP_WITH_ISAL
    if (isal_load(NULL) == MC_OK)
        return MC_OK;
#endif
    return zlib_load(err);
}

static void *gzip_open(void)
{
    return gzip_open_by(true);
}

static void *gzip_open_zlib(void)
{
    return gzip_open_by(false);
}

#ifdef MCPCAP_WITH_ISAL
#define FLAGS 3
#define FHCRC 0x02                   /* RFC 1952, 2.3.1: the header has a sum of its own */

/* ISA-L 2.30 takes the sum of a header that comes in two pieces for wrong. */
static bool begin_member(gzip_state *s, const mc_zip_io *io)
{
    s->by_zlib = (io->in[FLAGS] & FHCRC) != 0 && zlib_load(NULL) == MC_OK;
    s->begun = true;
    if (!s->by_zlib)
        return true;
    if (s->zlib != NULL)
        return zlib.inflateReset(s->zlib) == Z_OK;
    s->zlib = zlib_open();
    return s->zlib != NULL;
}
#endif

static mc_zip_result gzip_run(void *state, mc_zip_io *io)
{
    gzip_state *s = state;

#ifdef MCPCAP_WITH_ISAL
    if (s->isal != NULL && !s->begun) {
        if (io->in_end - io->in <= FLAGS)
            return MC_ZIP_MORE;                  /* of input */
        if (!begin_member(s, io))
            return MC_ZIP_NOMEM;
    }
    if (s->isal != NULL && !s->by_zlib)
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
        s->begun = false;
        return MC_ZIP_MORE;
    }
#endif
    return zlib.inflateReset(s->zlib) == Z_OK ? MC_ZIP_MORE : MC_ZIP_NOMEM;
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

const mc_zip_codec mc_zip_gzip = {
    "gzip", gzip_load, gzip_open, gzip_run, gzip_restart, gzip_close,
};
const mc_zip_codec mc_zip_gzip_zlib = {
    "gzip by zlib", zlib_load, gzip_open_zlib, gzip_run, gzip_restart, gzip_close,
};
