/*
 * stage_file.c: regular files, and only those.
 */
#include "stage/stage.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

/* Smaller files gain nothing from a mapping and are spared the lease. */
#define MAP_LEAST (1024 * 1024)

/* Pages behind are given back in pieces of this size. */
#define MAP_PIECE (2 * 1024 * 1024)

/* A lease that somebody waits for lasts lease-break-time, 45 s by default.  It is looked at
   before each so many bytes and after so long a pause; a shorter break time than this is
   not trusted. */
#define LOOK_BYTES (256u * 1024)
#define LOOK_NS (100 * MC_NS_PER_MS)
#define BREAK_TIME_LEAST 5

typedef struct file_stage {
    mc_stage base;
    int fd;
    uint64_t offset;                 /* of the next read() */
    uint8_t *map;                    /* or NULL */
    uint64_t behind;                 /* pages before this offset were given back */
    uint64_t looked_at;              /* offset and time of the last look at the lease */
    int64_t looked_ns;
    bool leased;
    bool followed;                   /* it has been growing, and may have grown since */
} file_stage;

/* ------------------------------------------------------------------ reading */

/* The end of a file that is being written: where it is now, or after a while.  False: it has become shorter. */
static bool look_for_more(file_stage *st, unsigned wait_ms)
{
    struct stat now;

    if (st->offset < st->base.total || fstat(st->fd, &now) != 0)
        return true;
    if ((uint64_t)now.st_size == st->offset) {
        mc_stage_pause(wait_ms);
        if (fstat(st->fd, &now) != 0)
            return true;
    }
    if ((uint64_t)now.st_size > st->base.total)
        st->base.total = (uint64_t)now.st_size;
    return (uint64_t)now.st_size >= st->offset;
}

static mc_status file_read(mc_stage *base, uint8_t *out, size_t size, size_t *got,
                           unsigned wait_ms, mc_error *err)
{
    file_stage *st = (file_stage *)base;
    struct stat now;
    ssize_t n;

    *got = 0;
    st->followed = st->followed || base->grows;
    if (st->followed && !look_for_more(st, base->grows ? wait_ms : 0))
        return mc_fail(err, MC_TRUNCATED, 0, "the file became shorter while it was read");
    /* A file that nobody follows ends where it ended when it was opened. */
    size = (size_t)mc_min_u64(size, st->offset < base->total ? base->total - st->offset : 0);
    if (size == 0)
        return base->grows ? MC_OK : MC_END;
    n = pread(st->fd, out, size, (off_t)st->offset);
    if (n < 0 && (errno == EINTR || errno == EAGAIN))
        return MC_OK;
    if (n < 0)
        return mc_stage_errno(err, errno);
    /* A truncation that comes while this reads shows as zeros up to the end of a page, but
       the size is smaller by then. */
    if (fstat(st->fd, &now) == 0 && (uint64_t)now.st_size < st->offset + (uint64_t)n)
        n = (uint64_t)now.st_size > st->offset ? (ssize_t)((uint64_t)now.st_size - st->offset) : 0;
    if (n == 0)
        return mc_fail(err, MC_TRUNCATED, 0, "the file became shorter while it was read");
    *got = (size_t)n;
    st->offset += (uint64_t)n;
    base->done = st->offset;
    return MC_OK;
}

/* ------------------------------------------------------------------ mapping */

static void unmap(file_stage *st)
{
    if (st->map != NULL)
        munmap(st->map, (size_t)st->base.total);
    st->map = NULL;
#ifdef F_SETLEASE
    if (st->leased)
        fcntl(st->fd, F_SETLEASE, F_UNLCK);
#endif
    st->leased = false;
}

static bool is_leased(const file_stage *st)
{
#ifdef F_SETLEASE
    return st->leased && fcntl(st->fd, F_GETLEASE) == F_RDLCK;
#else
    (void)st;
    return false;
#endif
}

static int64_t coarse_ns(void)
{
#ifdef CLOCK_MONOTONIC_COARSE
    const clockid_t clock = CLOCK_MONOTONIC_COARSE;
#else
    const clockid_t clock = CLOCK_MONOTONIC;
#endif
    struct timespec now;

    clock_gettime(clock, &now);
    return (int64_t)now.tv_sec * MC_NS_PER_S + now.tv_nsec;
}

#ifdef F_SETLEASE
/* Whether a lease lasts long enough to be looked at in time. */
static bool breaks_slowly(void)
{
    int fd = open("/proc/sys/fs/lease-break-time", O_RDONLY | O_CLOEXEC);
    char digits[16];
    ssize_t n = fd < 0 ? 0 : read(fd, digits, sizeof digits - 1);

    if (fd >= 0)
        close(fd);
    if (n <= 0)
        return fd < 0;               /* no /proc: the default then */
    digits[n] = '\0';
    return strtol(digits, NULL, 10) >= BREAK_TIME_LEAST;
}
#endif

/*
 * A lease makes truncate() and open-for-writing by anybody wait until it is given
 * back, so no page of the mapping can vanish (SIGBUS) before the look at
 * F_GETLEASE that precedes each window.  It is refused where somebody writes to the
 * file already, on files of other owners, and on some file systems.
 */
bool mc_stage_file_map(mc_stage *base)
{
#ifdef F_SETLEASE
    file_stage *st = (file_stage *)base;
    struct stat now;
    void *map;

    if (base->total < MAP_LEAST || base->total > SIZE_MAX / 2 || st->map != NULL
        || !breaks_slowly())
        return false;
    /* The kernel tells of a break by signal: one that is ignored unless somebody wants
       it.  It is not needed, since each window asks. */
    if (fcntl(st->fd, F_SETSIG, SIGURG) != 0 || fcntl(st->fd, F_SETLEASE, F_RDLCK) != 0)
        return false;
    st->leased = true;
    if (fstat(st->fd, &now) != 0 || (uint64_t)now.st_size < base->total) {
        unmap(st);
        return false;
    }
    map = mmap(NULL, (size_t)base->total, PROT_READ, MAP_SHARED, st->fd, 0);
    if (map == MAP_FAILED) {
        unmap(st);
        return false;
    }
    st->map = map;
    st->behind = st->offset / MAP_PIECE * MAP_PIECE;
    st->looked_ns = INT64_MIN / 2;
    return true;
#else
    (void)base;
    return false;
#endif
}

void mc_stage_file_unmap(mc_stage *base, uint64_t offset)
{
    file_stage *st = (file_stage *)base;

    st->offset = base->done = offset;
    unmap(st);
}

const uint8_t *mc_stage_file_view(mc_stage *base, uint64_t offset, size_t *length)
{
    file_stage *st = (file_stage *)base;
    const int64_t now = coarse_ns();
    struct stat size;
    uint64_t until;

    st->offset = offset;
    base->done = offset;
    if (st->map == NULL)
        return NULL;
    if (offset - st->looked_at >= LOOK_BYTES || now - st->looked_ns >= LOOK_NS) {
        if (!is_leased(st) || fstat(st->fd, &size) != 0
            || (uint64_t)size.st_size < base->total) {
            unmap(st);
            return NULL;
        }
        st->looked_at = offset;
        st->looked_ns = now;
    }
    until = offset / MAP_PIECE * MAP_PIECE;
    if (until > st->behind) {
        madvise(st->map + st->behind, (size_t)(until - st->behind), MADV_DONTNEED);
        st->behind = until;
    }
    *length = (size_t)(base->total - offset);
    return st->map + offset;
}

static void file_close(mc_stage *base)
{
    file_stage *st = (file_stage *)base;

    unmap(st);
    close(st->fd);
    free(st);
}

static const mc_stage_ops file_ops = { file_read, file_close, NULL };

mc_status mc_stage_file_take(mc_stage **out, int fd, mc_error *err)
{
    file_stage *st = calloc(1, sizeof *st);
    struct stat now;

    if (st == NULL || fstat(fd, &now) != 0) {
        const int number = st == NULL ? ENOMEM : errno;

        free(st);
        close(fd);
        return mc_stage_errno(err, number);
    }
    st->fd = fd;
    st->base.total = (uint64_t)now.st_size;
    st->base.ops = &file_ops;
    *out = &st->base;
    return MC_OK;
}

mc_status mc_stage_file_open(mc_stage **out, const char *path, const mc_roots *roots,
                             mc_error *err)
{
    uint64_t size;
    int fd;
    mc_status status = mc_file_open(&fd, &size, path, roots, err);

    return status != MC_OK ? status : mc_stage_file_take(out, fd, err);
}
