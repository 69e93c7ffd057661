/*
 * output.c: PATH.part, then PATH.
 */
#include "state/output.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/sanitize.h"

#define ASIDE      16                /* bytes of ".part" and a number */
#define MOST_ASIDE 999u

static mc_status cannot(const char *path, mc_error *err)
{
    const int cause = errno;
    char shown[MC_SANITIZED_SIZE];

    return mc_fail_errno(err, MC_IO, cause, mc_sanitize_text(shown, sizeof shown, path));
}

/*
 * The place that is written: behind a symbolic link that of the file there, so that the link stays.  A device or a FIFO is
 * no place: renaming would put a file in its stead.
 */
static mc_status find_place(char **place, const char *path, mc_error *err)
{
    char shown[MC_SANITIZED_SIZE];
    struct stat st;
    const bool is_there = lstat(path, &st) == 0;

    *place = is_there && S_ISLNK(st.st_mode) ? realpath(path, NULL) : strdup(path);
    if (*place == NULL)
        return errno == ENOMEM ? mc_fail(err, MC_NOMEM, 0, "out of memory") : cannot(path, err);
    if (!is_there || (stat(*place, &st) == 0 && S_ISREG(st.st_mode)))
        return MC_OK;                            /* a folder that is not there shows itself when the file is made */
    free(*place);
    return mc_fail(err, MC_NOT_FILE, 0, "%s: not a regular file", mc_sanitize_text(shown, sizeof shown, path));
}

/* A new file beside its place: PATH.part, or PATH.part1 and so on where that is somebody's. */
static FILE *open_aside(mc_output *o)
{
    const size_t length = strlen(o->path);
    unsigned n = 0;
    int fd;

    memcpy(o->aside, o->path, length);
    memcpy(o->aside + length, ".part", sizeof ".part");
    while ((fd = open(o->aside, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666)) < 0 && errno == EEXIST && n < MOST_ASIDE)
        snprintf(o->aside + length, ASIDE, ".part%u", ++n);
    return fd >= 0 ? fdopen(fd, "wb") : NULL;
}

mc_status mc_output_open(mc_output *o, const char *path, mc_error *err)
{
    mc_status status;
    FILE *file;

    memset(o, 0, sizeof *o);
    status = find_place(&o->path, path, err);
    if (status != MC_OK)
        return status;
    o->aside = malloc(strlen(o->path) + ASIDE);
    if (o->aside == NULL) {
        free(o->path);
        return mc_fail(err, MC_NOMEM, 0, "out of memory");
    }
    file = open_aside(o);
    if (file == NULL) {
        cannot(o->aside, err);
        free(o->path);
        free(o->aside);
        return MC_IO;
    }
    mc_guard_begin(&o->guard, SIGXFSZ);
    mc_chunk_begin(&o->writer, file);            /* a failure shows itself at the end, too */
    return MC_OK;
}

mc_status mc_output_close(mc_output *o, mc_status status, mc_error *err)
{
    FILE *file = o->writer.file;

    if (status == MC_OK && (ferror(file) != 0 || fflush(file) != 0 || fsync(fileno(file)) != 0))
        status = cannot(o->aside, err);
    if (fclose(file) != 0 && status == MC_OK)
        status = cannot(o->aside, err);
    mc_guard_end(&o->guard);
    if (status == MC_OK && rename(o->aside, o->path) != 0)
        status = cannot(o->path, err);
    if (status != MC_OK)
        unlink(o->aside);
    mc_chunk_writer_free(&o->writer);
    free(o->path);
    free(o->aside);
    return status;
}
