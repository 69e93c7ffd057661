/*
 * stage_handle.c: an open stream of the caller: a pipe, standard input, a file.
 */
#include "stage/stage.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>
#if defined(__GLIBC__)
#include <stdio.h>
#elif defined(__linux__)
#include <stdio_ext.h>
#endif

typedef struct handle_stage {
    mc_stage base;
    FILE *stream;                    /* borrowed */
    int fd;                          /* -1: a stream without descriptor */
} handle_stage;

/* Bytes that stdio has read already and not given out yet. */
static size_t buffered(FILE *stream)
{
#if defined(__GLIBC__)
    return stream->_IO_read_end > stream->_IO_read_ptr
             ? (size_t)(stream->_IO_read_end - stream->_IO_read_ptr) : 0;
#elif defined(__linux__)
    return __freadahead(stream);
#elif defined(__APPLE__) || defined(__FreeBSD__) || defined(__NetBSD__) || defined(__OpenBSD__)
    return stream->_r > 0 ? (size_t)stream->_r : 0;
#else
#error "how many bytes does a FILE of this system hold?"
#endif
}

static mc_status handle_errno(mc_error *err, int number)
{
    if (number == EBADF)
        return mc_fail(err, MC_IO, number, "closed, or not open for reading");
    return mc_stage_errno(err, number);
}

static mc_status handle_read(mc_stage *base, uint8_t *out, size_t size, size_t *got,
                             unsigned wait_ms, mc_error *err)
{
    handle_stage *st = (handle_stage *)base;
    struct pollfd p = { .fd = st->fd, .events = POLLIN };
    size_t ahead = buffered(st->stream);
    ssize_t n;

    *got = 0;
    /* What lies in the stream's buffer comes first and cannot block. */
    if (ahead > 0 || st->fd < 0) {
        clearerr(st->stream);
        *got = fread(out, 1, st->fd < 0 ? size : (size_t)mc_min_u64(size, ahead), st->stream);
        base->done += *got;
        if (*got == 0 && ferror(st->stream))
            return handle_errno(err, errno);
        return *got == 0 && st->fd < 0 ? MC_END : MC_OK;
    }
    if (base->total != 0 && base->done >= base->total)
        return MC_END;               /* a file that grows ends where it ended at first */
    n = poll(&p, 1, wait_ms > 600000 ? 600000 : (int)wait_ms);
    if (n == 0 || (n < 0 && errno == EINTR))
        return MC_OK;
    if (n < 0)
        return handle_errno(err, errno);
    if (p.revents & POLLNVAL)
        return handle_errno(err, EBADF);
    n = read(st->fd, out, base->total == 0 ? size
                                           : (size_t)mc_min_u64(size, base->total - base->done));
    if (n < 0 && (errno == EINTR || errno == EAGAIN || errno == EWOULDBLOCK))
        return MC_OK;
    if (n < 0)
        return handle_errno(err, errno);
    if (n == 0 && base->total != 0)
        return mc_fail(err, MC_TRUNCATED, 0, "the file became shorter while it was read");
    *got = (size_t)n;
    base->done += (uint64_t)n;
    return n == 0 ? MC_END : MC_OK;
}

static void handle_close(mc_stage *base)
{
    free(base);                      /* the stream is not ours */
}

mc_status mc_stage_handle_open(mc_stage **out, FILE *stream, mc_error *err)
{
    static const mc_stage_ops ops = { handle_read, handle_close, NULL };
    handle_stage *st;
    struct stat now;
    off_t at;
    int fd = fileno(stream);

    if (fd >= 0 && fstat(fd, &now) != 0)
        return handle_errno(err, errno);
    if (fd >= 0 && S_ISDIR(now.st_mode))
        return mc_fail(err, MC_NOT_FILE, 0, "not a file but a folder");
    st = calloc(1, sizeof *st);
    if (st == NULL)
        return mc_stage_errno(err, ENOMEM);
    st->base.ops = &ops;
    st->stream = stream;
    st->fd = fd;
    if (fd >= 0 && S_ISREG(now.st_mode)) {
        at = lseek(fd, 0, SEEK_CUR);
        if (at >= 0 && now.st_size > at)
            st->base.total = (uint64_t)(now.st_size - at) + buffered(stream);
    }
    *out = &st->base;
    return MC_OK;
}
