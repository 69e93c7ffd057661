/*
 * output.c: PATH.part, then PATH.
 */
#include "state/output.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
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
    FILE *file;

    memset(o, 0, sizeof *o);
    o->path = strdup(path);
    o->aside = malloc(strlen(path) + ASIDE);
    if (o->path == NULL || o->aside == NULL) {
        free(o->path);
        free(o->aside);
        return mc_fail(err, MC_NOMEM, 0, "out of memory");
    }
    file = open_aside(o);
    if (file == NULL) {
        cannot(o->aside, err);
        free(o->path);
        free(o->aside);
        return MC_IO;
    }
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
    if (status == MC_OK && rename(o->aside, o->path) != 0)
        status = cannot(o->path, err);
    if (status != MC_OK)
        unlink(o->aside);
    mc_chunk_writer_free(&o->writer);
    free(o->path);
    free(o->aside);
    return status;
}
