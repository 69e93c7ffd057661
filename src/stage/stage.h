/*
 * stage.h: where bytes come from.
 *
 * A stage is pulled: read() fills the caller's memory with what there is.  Stages
 * stack: a decompressor owns the stage below it and closes it.
 *
 * Messages of stages are causes without an object ("No such file or
 * directory"); source.c puts the name of the input in front.
 */
#ifndef MC_STAGE_H
#define MC_STAGE_H

#include "base/base.h"

typedef struct mc_stage mc_stage;

typedef struct mc_stage_ops {
    mc_status (*read)(mc_stage *st, uint8_t *out, size_t size, size_t *got, unsigned wait_ms,
                      mc_error *err);
    void (*close)(mc_stage *st);
    mc_status (*lend)(mc_stage *st, uint8_t **at, size_t *got, mc_error *err);    /* NULL: see mc_stage_lends() */
} mc_stage_ops;

struct mc_stage {
    const mc_stage_ops *ops;
    mc_stage *below;                 /* what a decompressor reads, or NULL */
    const char *format;              /* of a decompressor: "gzip"; else NULL */
    uint64_t done;                   /* bytes taken from file or network; lowest stage only */
    uint64_t total;                  /* of them, 0: not known */
    bool limited;                    /* max_bytes holds: a download or inflated data */
    bool grows;                      /* a file whose end is none: more may be written; lowest stage only */
};

/*
 * Writes up to 'size' (not 0) bytes to 'out' and their number to 'got'.
 *   MC_OK   bytes, or got 0: nothing there yet, or this call's share of work is done
 *   MC_END  the end, in good order; got is 0
 *   other   the stream is broken or cut; got is 0 and 'err' has the cause
 * An idle network or pipe is waited for 'wait_ms' at most; a signal ends the wait.
 */
static inline mc_status mc_stage_read(mc_stage *st, uint8_t *out, size_t size, size_t *got,
                                      unsigned wait_ms, mc_error *err)
{
    return st->ops->read(st, out, size, got, wait_ms, err);
}

/*
 * A stage that lends has its bytes in memory already.  mc_stage_lend() gives what comes next where it lies, as
 * mc_stage_read() would, at 'at', in front of which are MC_STAGE_FRONT bytes to write to.  What was lent stays good until
 * the next but one is lent or read, or the stage is closed.
 */
#define MC_STAGE_FRONT (64u * 1024)

static inline bool mc_stage_lends(const mc_stage *st)
{
    return st->ops->lend != NULL;
}

static inline mc_status mc_stage_lend(mc_stage *st, uint8_t **at, size_t *got, mc_error *err)
{
    return st->ops->lend(st, at, got, err);
}

/* Closes a stage and all below it; accepts NULL. */
static inline void mc_stage_close(mc_stage *st)
{
    if (st != NULL)
        st->ops->close(st);
}

static inline mc_stage *mc_stage_lowest(mc_stage *st)
{
    while (st->below != NULL)
        st = st->below;
    return st;
}

/* Does nothing for so long; a signal ends it. */
void mc_stage_pause(unsigned wait_ms);

/* An errno as an error: the status that fits, the system's words. */
mc_status mc_stage_errno(mc_error *err, int number);

/* ------------------------------------------------------------------ regular files */

/* How a path may be opened: resolved once, used for each input. */
typedef struct mc_roots mc_roots;

/* The folders of options->roots; *out is NULL when there are none. */
mc_status mc_roots_open(mc_roots **out, const mc_options *options, mc_error *err);
void mc_roots_close(mc_roots *roots);

/*
 * Opens a regular file for reading and nothing else: a folder, FIFO, socket,
 * device, "-", or a name that leads to a descriptor of a process (/dev/stdin) is
 * MC_NOT_FILE; outside of the roots MC_DENIED whether it exists or not.
 */
mc_status mc_file_open(int *fd, uint64_t *size, const char *path, const mc_roots *roots,
                       mc_error *err);

/* A stage over an open regular file, which is the stage's from now on, whatever happens. */
mc_status mc_stage_file_take(mc_stage **out, int fd, mc_error *err);

/* A stage over the file; it ends at the size seen now. */
mc_status mc_stage_file_open(mc_stage **out, const char *path, const mc_roots *roots,
                             mc_error *err);

/*
 * Maps the file under a read lease, so that nobody can make it shorter while it
 * is mapped.  Returns false where that cannot be had: go on with read().
 */
bool mc_stage_file_map(mc_stage *st);

/* Gives the mapping and the lease back: mc_stage_read() goes on at 'offset', or the file is mapped again. */
void mc_stage_file_unmap(mc_stage *st, uint64_t offset);

/*
 * The mapped bytes from 'offset' to the end of the file, or NULL when the mapping
 * is gone because somebody wants to write to the file: mc_stage_read() then goes
 * on at 'offset'.  Pages well before 'offset' are given back.  A view stays
 * valid until the next call.
 */
const uint8_t *mc_stage_file_view(mc_stage *st, uint64_t offset, size_t *length);

/* ------------------------------------------------------------------ others */

/* A stage over an open stream, which stays open. */
mc_status mc_stage_handle_open(mc_stage **out, FILE *stream, mc_error *err);

/* A stage over a URL.  Only its text is checked here; the transfer begins with the first read. */
mc_status mc_stage_url_open(mc_stage **out, const char *url, const mc_options *options,
                            mc_error *err);

/* The most that mc_zip_knows() wants to see. */
#define MC_ZIP_MAGIC 12

/*
 * Name of the compression that a stream begins with, or NULL.  MC_UNSUPPORTED
 * for one that this build cannot read, MC_OK otherwise.
 */
mc_status mc_zip_knows(const char **name, const uint8_t *magic, size_t length, mc_error *err);

/*
 * Puts the decompressor for 'name' on top of *st, with 'length' bytes that were already read.
 * On success it owns the stage below and *st is the new top.
 */
mc_status mc_stage_zip_push(mc_stage **st, const char *name, const uint8_t *begin, size_t length,
                            mc_error *err);

#endif
