/*
 * chunk.c: chunks in and out.
 *
 * Head of a chunk, 24 bytes, all numbers with the least byte first: kind (1), method (1), 0 (2), bytes (4),
 * bytes as they are stored (4), 0 (4), check of the stored bytes (4), check of what stands before (4).
 */
#include "state/chunk.h"

#include <errno.h>
#include <stdlib.h>

#include "base/guard.h"
#include "base/library.h"
#include "base/sanitize.h"
#include "state/check.h"

#ifdef MCPCAP_WITH_ZSTD
#include <zstd.h>
#include <zstd_errors.h>
#ifndef MCPCAP_FILE_ZSTD
#define MCPCAP_FILE_ZSTD "libzstd.so.1"
#endif
#endif

#define HEAD       24u
#define SUMMED     20u               /* of a chunk's head, what its own check sum is of */
#define FILE_HEAD  16u
#define STORED     0
#define ZSTD       1
#define LEVEL      1                 /* the fastest: it is mostly small numbers */

static const uint8_t magic[8] = { 0x89, 'M', 'C', 'P', '\r', '\n', 0x1a, '\n' };

static void put32(uint8_t *p, uint32_t n)
{
    p[0] = (uint8_t)n;
    p[1] = (uint8_t)(n >> 8);
    p[2] = (uint8_t)(n >> 16);
    p[3] = (uint8_t)(n >> 24);
}

uint32_t mc_chunk_sum(uint32_t sum, const uint8_t *head)
{
    return mc_check(sum, head, SUMMED);
}

/* -------------------------------------------------------------------- zstd */

#ifdef MCPCAP_WITH_ZSTD
#define FUNCTIONS(X) X(compress) X(compressBound) X(decompress) X(isError) X(getErrorCode)

static struct packer_table {
#define X(name) __typeof__(&ZSTD_##name) name;
    FUNCTIONS(X)
#undef X
} packer;

static mc_status load_packer(mc_error *err)
{
#define X(name) MC_LIBRARY_FUNCTION(ZSTD_##name, struct packer_table, name),
    static const mc_library_function functions[] = { FUNCTIONS(X) };
#undef X
    static const char *const files[] = { MCPCAP_FILE_ZSTD };
    static const mc_library library = {
        "a compressed state needs", "libzstd", files, MC_ARRAY_LEN(files), functions, MC_ARRAY_LEN(functions),
    };
    static bool loaded;

    return mc_library_load_once(&library, &packer, sizeof packer, &loaded, err);
}
#endif

/* The bytes in fewer, or 0: they stay as they are. */
static size_t shrink(mc_chunk_writer *w, const void *bytes, size_t count)
{
#ifdef MCPCAP_WITH_ZSTD
    size_t bound, got;

    if (count < 64 || load_packer(NULL) != MC_OK)
        return 0;
    bound = packer.compressBound(count);
    if (w->room_bytes < bound) {
        free(w->room);
        w->room = malloc(bound);
        w->room_bytes = w->room != NULL ? bound : 0;
    }
    if (w->room == NULL)
        return 0;
    got = packer.compress(w->room, w->room_bytes, bytes, count, LEVEL);
    return !packer.isError(got) && got < count ? got : 0;
#else
    (void)w;
    (void)bytes;
    (void)count;
    return 0;
#endif
}

/* ----------------------------------------------------------------- writing */

static bool put(mc_chunk_writer *w, const void *bytes, size_t count)
{
    mc_guard guard;
    bool is_done;

    if (count == 0)
        return true;
    mc_guard_begin(&guard, SIGXFSZ);
    is_done = fwrite(bytes, 1, count, w->file) == count;
    mc_guard_end(&guard);
    return is_done;
}

bool mc_chunk_begin(mc_chunk_writer *w, FILE *file)
{
    uint8_t head[FILE_HEAD] = { 0 };

    w->file = file;
    w->chunks = 0;
    w->sum = 0;
    memcpy(head, magic, sizeof magic);
    put32(head + 8, MC_STATE_VERSION);
    put32(head + 12, mc_check(0, head, 12));
    return put(w, head, sizeof head);
}

static bool write_as(mc_chunk_writer *w, mc_chunk_kind kind, size_t count, const void *stored,
                     size_t stored_count, uint8_t method)
{
    uint8_t head[HEAD] = { (uint8_t)kind, method };

    put32(head + 4, (uint32_t)count);
    put32(head + 8, (uint32_t)stored_count);
    put32(head + 16, mc_check(0, stored, stored_count));
    put32(head + SUMMED, mc_check(0, head, SUMMED));
    w->chunks++;
    w->sum = mc_chunk_sum(w->sum, head);
    return put(w, head, sizeof head) && put(w, stored, stored_count);
}

bool mc_chunk_write(mc_chunk_writer *w, mc_chunk_kind kind, const void *bytes, size_t count)
{
    size_t packed;

    if (count > MC_CHUNK_MOST) {
        errno = EFBIG;
        return false;
    }
    packed = shrink(w, bytes, count);
    return packed > 0 ? write_as(w, kind, count, w->room, packed, ZSTD)
                      : write_as(w, kind, count, bytes, count, STORED);
}

bool mc_chunk_finish(mc_chunk_writer *w)
{
    uint8_t bytes[12];

    put32(bytes, (uint32_t)w->chunks);
    put32(bytes + 4, (uint32_t)(w->chunks >> 32));
    put32(bytes + 8, w->sum);
    return write_as(w, MC_CHUNK_END, sizeof bytes, bytes, sizeof bytes, STORED);
}

void mc_chunk_writer_free(mc_chunk_writer *w)
{
    free(w->room);
    w->room = NULL;
    w->room_bytes = 0;
}

/* ----------------------------------------------------------------- reading */

mc_status mc_chunk_damaged(const mc_chunk_reader *r, const char *what, mc_error *err)
{
    return mc_fail(err, MC_FORMAT, 0, "%s: damaged: %s (part %llu of the file)", r->name, what, (unsigned long long)r->chunks);
}

mc_status mc_chunk_open(mc_chunk_reader *r, FILE *file, const char *name, bool spool, mc_error *err)
{
    uint8_t head[FILE_HEAD];
    size_t got;

    memset(r, 0, sizeof *r);
    r->file = file;
    r->spool = spool;
    mc_sanitize_text(r->name, sizeof r->name, name);
    if (spool)
        return MC_OK;
    got = fread(head, 1, sizeof head, file);
    if (ferror(file))
        return mc_fail_errno(err, MC_IO, errno, r->name);
    if (got < sizeof magic || memcmp(head, magic, sizeof magic) != 0)
        return mc_fail(err, MC_FORMAT, 0, "%s: no state and no part of mcpcap", r->name);
    if (got < sizeof head || mc_le32(head + 12) != mc_check(0, head, 12))
        return mc_chunk_damaged(r, "its head is not what was written", err);
    if (mc_le32(head + 8) != MC_STATE_VERSION)
        return mc_fail(err, MC_UNSUPPORTED, 0, "%s: written in version %u of the format; this mcpcap reads version %u", r->name,
                       (unsigned)mc_le32(head + 8), MC_STATE_VERSION);
    return MC_OK;
}

mc_status mc_chunk_open_path(mc_chunk_reader *r, const char *path, mc_error *err)
{
    FILE *file = fopen(path, "rbe");
    const int cause = errno;
    char shown[MC_SANITIZED_SIZE];

    if (file != NULL)
        return mc_chunk_open(r, file, path, false, err);
    memset(r, 0, sizeof *r);
    return mc_fail_errno(err, cause == ENOENT ? MC_NOT_FOUND : MC_IO, cause, mc_sanitize_text(shown, sizeof shown, path));
}

/* Room for 'count' bytes at '*at'. */
static bool make_room(uint8_t **at, size_t *room, size_t count)
{
    uint8_t *more;

    if (*room >= count && *at != NULL)
        return true;
    more = realloc(*at, count + 1);
    if (more == NULL)
        return false;
    *at = more;
    *room = count;
    return true;
}

static mc_status unpack(mc_chunk_reader *r, uint8_t method, uint32_t count, uint32_t stored, mc_error *err)
{
#ifdef MCPCAP_WITH_ZSTD
    mc_error why;

    if (method == ZSTD) {
        size_t got;

        if (load_packer(&why) != MC_OK)
            return mc_fail(err, MC_UNSUPPORTED, 0, "%s: %.200s", r->name, why.msg);
        if (!make_room(&r->bytes, &r->bytes_room, count))
            return mc_fail(err, MC_NOMEM, 0, "out of memory");
        got = packer.decompress(r->bytes, count, r->stored, stored);
        if (packer.isError(got) && packer.getErrorCode(got) == ZSTD_error_memory_allocation)
            return mc_fail(err, MC_NOMEM, 0, "out of memory");
        return !packer.isError(got) && got == count ? MC_OK : mc_chunk_damaged(r, "what was compressed", err);
    }
#else
    if (method == ZSTD)
        return mc_fail(err, MC_UNSUPPORTED, 0, "%s: compressed by zstd, which this build of mcpcap has not", r->name);
#endif
    if (method != STORED || count != stored)
        return mc_chunk_damaged(r, "a method that there is not", err);
    return MC_OK;
}

/* The last chunk: is it what was read, and does nothing follow? */
static mc_status check_end(mc_chunk_reader *r, uint32_t sum, const uint8_t *p, uint32_t count, mc_error *err)
{
    if (count != 12 || mc_le32(p + 8) != sum || ((uint64_t)mc_le32(p + 4) << 32 | mc_le32(p)) != r->chunks - 1)
        return mc_chunk_damaged(r, "its parts are not those that were written", err);
    if (fgetc(r->file) != EOF)
        return mc_chunk_damaged(r, "something follows its end", err);
    r->ended = true;
    return MC_END;
}

mc_status mc_chunk_unpack(mc_chunk_reader *r, mc_chunk *out, mc_error *err)
{
    const mc_status status = unpack(r, r->head[1], out->count, mc_le32(r->head + 8), err);

    out->bytes = r->head[1] == ZSTD ? r->bytes : r->stored;
    return status;
}

mc_status mc_chunk_next(mc_chunk_reader *r, mc_chunk *out, mc_error *err)
{
    const uint32_t before = r->sum;
    size_t got;
    uint32_t count, stored;
    mc_status status;

    if (r->ended)
        return MC_END;
    got = fread(r->head, 1, HEAD, r->file);
    if (ferror(r->file))
        return mc_fail_errno(err, MC_IO, errno, r->name);
    if (got == 0 && r->spool)
        return MC_END;
    r->chunks++;
    if (got < HEAD)
        return mc_chunk_damaged(r, "it ends early", err);
    if (mc_le32(r->head + SUMMED) != mc_check(0, r->head, SUMMED))
        return mc_chunk_damaged(r, "a head is not what was written", err);
    count = mc_le32(r->head + 4);
    stored = mc_le32(r->head + 8);
    if (r->head[0] == 0 || r->head[0] >= MC_CHUNK_KINDS || count > MC_CHUNK_MOST || stored > MC_CHUNK_MOST)
        return mc_chunk_damaged(r, "a head that cannot be", err);
    if (!make_room(&r->stored, &r->stored_room, stored))
        return mc_fail(err, MC_NOMEM, 0, "out of memory");
    if (fread(r->stored, 1, stored, r->file) != stored)
        return ferror(r->file) ? mc_fail_errno(err, MC_IO, errno, r->name)
                               : mc_chunk_damaged(r, "it ends early", err);
    if (mc_le32(r->head + 16) != mc_check(0, r->stored, stored))
        return mc_chunk_damaged(r, "the bytes are not those that were written", err);
    r->sum = mc_chunk_sum(r->sum, r->head);
    *out = (mc_chunk){ .kind = (mc_chunk_kind)r->head[0], .count = count };
    if (out->kind != MC_CHUNK_END)
        return MC_OK;
    status = mc_chunk_unpack(r, out, err);
    return status == MC_OK ? check_end(r, before, out->bytes, count, err) : status;
}

mc_status mc_chunk_read(mc_chunk_reader *r, mc_chunk *out, mc_error *err)
{
    const mc_status status = mc_chunk_next(r, out, err);

    return status == MC_OK ? mc_chunk_unpack(r, out, err) : status;
}

bool mc_chunk_copy(mc_chunk_writer *w, const mc_chunk_reader *r)
{
    w->chunks++;
    w->sum = mc_chunk_sum(w->sum, r->head);
    return put(w, r->head, HEAD) && put(w, r->stored, mc_le32(r->head + 8));
}

void mc_chunk_reader_free(mc_chunk_reader *r)
{
    free(r->stored);
    free(r->bytes);
    r->stored = r->bytes = NULL;
}

void mc_chunk_reader_close(mc_chunk_reader *r)
{
    mc_chunk_reader_free(r);
    if (r->file != NULL)
        fclose(r->file);
    r->file = NULL;
}
