/*
 * zip.h: between stage_zip.c (what every compressed stream needs) and zip_gzip.c and
 * zip_codecs.c (the libraries, each loaded when the first stream of its kind comes).
 */
#ifndef MC_ZIP_H
#define MC_ZIP_H

#include <limits.h>

#include "base/base.h"

typedef enum mc_zip_result {
    MC_ZIP_MORE,                 /* go on: more input, or more room */
    MC_ZIP_MEMBER,               /* a member (frame, stream) is complete and checked */
    MC_ZIP_BAD,                  /* damaged; 'words' may say how */
    MC_ZIP_UNSUPPORTED,          /* sound, but needs what is not given to it; see 'words' */
    MC_ZIP_NOMEM
} mc_zip_result;

/* One run: takes from [in, in_end), writes to [out, out_end), moves both. */
typedef struct mc_zip_io {
    const uint8_t *in, *in_end;
    uint8_t *out, *out_end;
    const char *words;           /* static, of the library; or NULL */
} mc_zip_io;

typedef struct mc_zip_codec {
    const char *name;
    mc_status (*load)(mc_error *err);            /* of the library, before the first open() */
    void *(*open)(void);         /* NULL: no memory */
    mc_zip_result (*run)(void *state, mc_zip_io *io);
    mc_zip_result (*restart)(void *state);       /* for the next member: MC_ZIP_MORE, or what failed */
    void (*close)(void *state);
} mc_zip_codec;

extern const mc_zip_codec mc_zip_gzip, mc_zip_gzip_zlib;

/*
 * The codec of that name ("gzip", "zstd", "xz", "bzip2", "lz4") or NULL when this
 * build has none.  "gzip by zlib" never uses ISA-L, to hold that against.
 */
const mc_zip_codec *mc_zip_codec_find(const char *name);

/* Libraries count in unsigned int. */
static inline unsigned mc_zip_in_length(const mc_zip_io *io)
{
    return (unsigned)mc_min_u64((uint64_t)(io->in_end - io->in), UINT_MAX);
}

static inline unsigned mc_zip_out_length(const mc_zip_io *io)
{
    return (unsigned)mc_min_u64((uint64_t)(io->out_end - io->out), UINT_MAX);
}

/* Libraries take input as plain pointers, and leave it alone. */
static inline unsigned char *mc_zip_in_pointer(const mc_zip_io *io)
{
    unsigned char *p;

    memcpy(&p, &io->in, sizeof p);
    return p;
}

#endif
