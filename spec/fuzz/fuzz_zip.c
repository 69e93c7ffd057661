/*
 * fuzz_zip.c: any bytes as what was packed, to every decompressor: what comes out, and how it ends, must not depend on the
 * pieces in which the bytes come or are asked for.  Of a damaged stream one may be a few bytes ahead of the other;
 * of bzip2 and xz by more, as they find damage late.
 *
 * An input is a piece's size (1 byte), then the packed bytes.
 *
 * Built with MCPCAP_FUZZ_REPLAY it has a main() of its own: replay_zip [-n N] changes packed captures; -w FOLDER writes them.
 */
#include <stdlib.h>
#include <string.h>

#include "stage/stage.h"

#ifdef MCPCAP_FUZZ_REPLAY
#include "packed_captures.h"
#include "replay.h"
#endif

#define MOST  (1u << 18)             /* a bomb is no find */
#define AHEAD 300u                   /* the longest match of deflate, and a few bytes */

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

typedef struct piecewise {
    mc_stage base;
    const uint8_t *p;
    size_t left, piece;
} piecewise;

typedef struct unpacked {
    mc_status status;
    size_t size;
    uint8_t *p;
} unpacked;

static mc_status read_piece(mc_stage *st, uint8_t *out, size_t size, size_t *got, unsigned wait_ms, mc_error *err)
{
    piecewise *s = (piecewise *)st;

    (void)wait_ms;
    (void)err;
    *got = 0;
    if (s->left == 0)
        return MC_END;
    *got = mc_min_u64(mc_min_u64(size, s->piece), s->left);
    memcpy(out, s->p, *got);
    s->p += *got;
    s->left -= *got;
    s->base.done += *got;
    return MC_OK;
}

static void close_pieces(mc_stage *st)
{
    (void)st;
}

static const mc_stage_ops piece_ops = { read_piece, close_pieces, NULL };

static unpacked unpack(const char *name, const uint8_t *p, size_t size, size_t piece, size_t room)
{
    const size_t begin = mc_min_u64(MC_ZIP_MAGIC, size);
    piecewise from = { .base = { .ops = &piece_ops }, .p = p + begin, .left = size - begin, .piece = piece };
    mc_stage *st = &from.base;
    unpacked u = { .status = MC_OK, .p = malloc(MOST) };
    mc_error err;
    size_t got;

    if (u.p == NULL)
        abort();
    u.status = mc_stage_zip_push(&st, name, p, begin, &err);
    while (u.status == MC_OK && u.size < MOST) {
        u.status = mc_stage_read(st, u.p + u.size, mc_min_u64(room, MOST - u.size), &got, 0, &err);
        if (got > room || (u.status != MC_OK && got != 0))
            abort();
        u.size += got;
    }
    if (u.status != MC_OK && u.status != MC_END && memchr(err.msg, '\0', sizeof err.msg) == NULL)
        abort();
    mc_stage_close(st);
    return u;
}

/* Of what is damaged and short, one may meet the damage first and the other the end. */
static bool is_sound(const unpacked *u)
{
    return u->status == MC_OK || u->status == MC_END;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const char *name = NULL;
    unpacked whole, pieces;
    mc_error err;

    if (size < 2 || mc_zip_knows(&name, data + 1, mc_min_u64(MC_ZIP_MAGIC, size - 1), &err) != MC_OK || name == NULL)
        return 0;
    whole = unpack(name, data + 1, size - 1, size, 65536);
    pieces = unpack(name, data + 1, size - 1, 1u + data[0] % 61, 1 + (size_t)data[0] * 17);
    if (is_sound(&whole) != is_sound(&pieces) || memcmp(whole.p, pieces.p, mc_min_u64(whole.size, pieces.size)) != 0)
        abort();
    if (is_sound(&whole) ? whole.size != pieces.size
                         : strcmp(name, "bzip2") != 0 && strcmp(name, "xz") != 0 &&
                               (whole.size > pieces.size + AHEAD || pieces.size > whole.size + AHEAD))
        abort();
    free(whole.p);
    free(pieces.p);
    return 0;
}

#ifdef MCPCAP_FUZZ_REPLAY
static const struct {
    const uint8_t *p;
    size_t size;
} packed[] = {
    { packed_gzip, sizeof packed_gzip }, { packed_zstd, sizeof packed_zstd }, { packed_xz, sizeof packed_xz },
    { packed_lz4, sizeof packed_lz4 },   { packed_bzip2, sizeof packed_bzip2 },
};

static mc_view seed(unsigned number)
{
    static uint8_t input[1u << 16];

    input[0] = (uint8_t)(number * 50);
    memcpy(input + 1, packed[number].p, packed[number].size);
    return (mc_view){ input, packed[number].size + 1 };
}

int main(int argc, char **argv)
{
    return replay_seeds(argc, argv, MC_ARRAY_LEN(packed), seed);
}
#endif
