/*
 * open_file.c: how a path becomes an open regular file: never anything else, never outside of
 * the roots.
 */
#include "stage/stage.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#if defined(__linux__) && defined(SYS_openat2)
#include <linux/openat2.h>
#define HAVE_OPENAT2 1
#endif

/* Opening never waits (a FIFO), never makes a terminal ours, never leaks into children. */
#define OPEN_FLAGS (O_RDONLY | O_NONBLOCK | O_CLOEXEC | O_NOCTTY)

struct mc_roots {
    size_t count;
    struct root {
        char *path;                  /* resolved, no slash at the end ("" is "/") */
        int fd;                      /* the folder, for openat2() */
    } root[];
};

mc_status mc_stage_errno(mc_error *err, int number)
{
    mc_status status = MC_IO;

    switch (number) {
    case ENOENT:
    case ENOTDIR:
        status = MC_NOT_FOUND;
        break;
    case EACCES:
    case EPERM:
        status = MC_DENIED;
        break;
    case EISDIR:
    case ENXIO:
    case ENODEV:
        status = MC_NOT_FILE;
        break;
    case ENOMEM:
        status = MC_NOMEM;
        break;
    default:
        break;
    }
    return mc_fail_errno(err, status, number, NULL);
}

void mc_stage_pause(unsigned wait_ms)
{
    const struct timespec pause = { wait_ms / 1000, (long)(wait_ms % 1000) * 1000000L };

    if (wait_ms > 0)
        nanosleep(&pause, NULL);
}

/* ------------------------------------------------------------------ opening */

#ifdef HAVE_OPENAT2
/* openat2() has no wrapper in the C library of today. */
static int open_resolving(int folder, const char *path, uint64_t resolve)
{
    struct open_how how = { .flags = OPEN_FLAGS, .resolve = resolve };
    long fd;

    do
        fd = syscall(SYS_openat2, folder, path, &how, sizeof how);
    while (fd < 0 && errno == EAGAIN);           /* a rename came in between */
    return (int)fd;
}
#endif

static const char *kind_of(mode_t mode)
{
    if (S_ISDIR(mode))
        return "a folder";
    if (S_ISFIFO(mode))
        return "a FIFO";
    if (S_ISSOCK(mode))
        return "a socket";
    if (S_ISCHR(mode) || S_ISBLK(mode))
        return "a device";
    return "something else";
}

static mc_status not_regular(mc_error *err, mode_t mode)
{
    return mc_fail(err, MC_NOT_FILE, 0, "not a regular file but %s", kind_of(mode));
}

static mc_status not_a_name(mc_error *err)
{
    return mc_fail(err, MC_NOT_FILE, 0,
                   "names an open descriptor, not a file; pass an open file handle instead");
}

/* Names that stand for descriptors, for kernels that cannot tell while opening. */
static bool is_descriptor_name(const char *path)
{
    return strncmp(path, "/dev/std", 8) == 0 || strncmp(path, "/dev/fd", 7) == 0
        || (strncmp(path, "/proc/", 6) == 0 && strstr(path, "/fd/") != NULL);
}

/* Opens without roots.  The file was already seen to be regular, as far as names go. */
static int open_anywhere(const char *path)
{
#ifdef HAVE_OPENAT2
    int fd = open_resolving(AT_FDCWD, path, RESOLVE_NO_MAGICLINKS);

    if (fd >= 0 || (errno != ENOSYS && errno != EPERM))
        return fd;
#endif
    return open(path, OPEN_FLAGS);
}

/* Checks what was opened; takes 'fd' over when that is not wanted. */
static mc_status accept_fd(int *out, uint64_t *size, int fd, mc_error *err)
{
    struct stat st;
    int number;

    if (fstat(fd, &st) != 0) {
        number = errno;
        close(fd);
        return mc_stage_errno(err, number);
    }
    if (!S_ISREG(st.st_mode)) {
        close(fd);
        return not_regular(err, st.st_mode);
    }
    *out = fd;
    *size = (uint64_t)st.st_size;
    return MC_OK;
}

static mc_status denied(mc_error *err)
{
    return mc_fail(err, MC_DENIED, 0, "outside of the allowed folders");
}

/* The root that the resolved 'path' lies in, or NULL. */
static const struct root *find_root(const mc_roots *roots, const char *path)
{
    size_t i, n;

    for (i = 0; i < roots->count; i++) {
        n = strlen(roots->root[i].path);
        /* with the separator: /data is not in /dat */
        if (strncmp(path, roots->root[i].path, n) == 0 && (path[n] == '/' || path[n] == '\0'))
            return &roots->root[i];
    }
    return NULL;
}

/*
 * A path that does not resolve.  "No such file" may only be said about names in
 * the roots, or the answer would tell what exists elsewhere: the longest part
 * of the path that does resolve must lie in one, and what follows must be missing
 * there by itself, not as the end of a link that leads somewhere.
 */
static mc_status missing(const char *path, const mc_roots *roots, mc_error *err)
{
    char *part = strdup(path), *folder, *slash;
    struct stat st;
    bool inside = false;

    if (part == NULL)
        return mc_stage_errno(err, ENOMEM);
    for (;;) {
        if (lstat(part, &st) == 0 || (errno != ENOENT && errno != ENOTDIR))
            break;                   /* it is there, yet it does not resolve: a link */
        slash = strrchr(part, '/');
        while (slash != NULL && slash > part && slash[1] == '\0') {
            *slash = '\0';
            slash = strrchr(part, '/');
        }
        if (slash == NULL || slash == part)
            folder = realpath(slash == NULL ? "." : "/", NULL);
        else {
            *slash = '\0';
            folder = realpath(part, NULL);
        }
        if (folder != NULL) {
            inside = find_root(roots, folder) != NULL;
            free(folder);
            break;
        }
        if (slash == NULL || slash == part)
            break;
    }
    free(part);
    return inside ? mc_stage_errno(err, ENOENT) : denied(err);
}

#ifdef __linux__
/* Where the kernel says that an open file is. */
static bool fd_is_in(int fd, const mc_roots *roots)
{
    char name[64], where[PATH_MAX];
    ssize_t n;

    snprintf(name, sizeof name, "/proc/self/fd/%d", fd);
    n = readlink(name, where, sizeof where - 1);
    if (n <= 0 || where[0] != '/')
        return false;
    where[n] = '\0';
    return find_root(roots, where) != NULL;
}
#endif

/*
 * Opens the resolved 'path' below 'root'.  It has no links left in it; one
 * that is met now was put there meanwhile, and is refused.
 */
static int open_below(const struct root *root, const char *path, const mc_roots *roots)
{
    const char *relative = path + strlen(root->path);
    int fd;

    while (*relative == '/')
        relative++;
#ifdef HAVE_OPENAT2
    fd = open_resolving(root->fd, *relative == '\0' ? "." : relative,
                        RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS | RESOLVE_NO_MAGICLINKS);
    if (fd >= 0 || (errno != ENOSYS && errno != EPERM))
        return fd;
#endif
    fd = open(path, OPEN_FLAGS | O_NOFOLLOW);
#ifdef __linux__
    if (fd >= 0 && !fd_is_in(fd, roots)) {
        close(fd);
        fd = -1;
        errno = ELOOP;
    }
#else
    (void)roots;
#endif
    return fd;
}

static mc_status open_in_roots(int *out, uint64_t *size, const char *path, const mc_roots *roots,
                               mc_error *err)
{
    const struct root *root;
    char *resolved = realpath(path, NULL);
    struct stat st;
    int fd, number;

    if (resolved == NULL) {
        if (errno == ENOMEM)
            return mc_stage_errno(err, ENOMEM);
        return errno == ENOENT || errno == ENOTDIR ? missing(path, roots, err) : denied(err);
    }
    root = find_root(roots, resolved);
    if (root == NULL) {
        free(resolved);
        return denied(err);
    }
    /* No open of what is seen to be a FIFO or a device: that alone has effects. */
    if (stat(resolved, &st) == 0 && !S_ISREG(st.st_mode)) {
        free(resolved);
        return not_regular(err, st.st_mode);
    }
    fd = open_below(root, resolved, roots);
    number = errno;
    free(resolved);
    if (fd < 0)
        return number == ELOOP || number == EXDEV ? denied(err) : mc_stage_errno(err, number);
    return accept_fd(out, size, fd, err);
}

mc_status mc_file_open(int *fd, uint64_t *size, const char *path, const mc_roots *roots,
                       mc_error *err)
{
    struct stat st;
    int opened, number;

    if (strcmp(path, "-") == 0)
        return mc_fail(err, MC_NOT_FILE, 0,
                       "standard input is read through an open file handle, never by name");
    if (is_descriptor_name(path))
        return not_a_name(err);
    if (roots != NULL)
        return open_in_roots(fd, size, path, roots, err);

    if (stat(path, &st) != 0)
        return mc_stage_errno(err, errno);
    if (!S_ISREG(st.st_mode))
        return not_regular(err, st.st_mode);
    opened = open_anywhere(path);
    if (opened < 0) {
        number = errno;
        /* Magic links fail like link loops, but only loops have no stat(). */
        if (number == ELOOP && stat(path, &st) == 0)
            return not_a_name(err);
        return mc_stage_errno(err, number);
    }
    return accept_fd(fd, size, opened, err);
}

/* ------------------------------------------------------------------ roots */

mc_status mc_roots_open(mc_roots **out, const mc_options *options, mc_error *err)
{
    mc_roots *roots;
    size_t i, n;
    int number;

    *out = NULL;
    if (options->roots == NULL)
        return MC_OK;
    roots = calloc(1, sizeof *roots + options->root_count * sizeof roots->root[0]);
    if (roots == NULL)
        return mc_stage_errno(err, ENOMEM);
    for (i = 0; i < options->root_count; i++) {
        struct root *root = &roots->root[i];

        root->path = realpath(options->roots[i], NULL);
        root->fd = root->path == NULL ? -1
                 : open(root->path, O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
        if (root->fd < 0) {
            number = errno;
            free(root->path);        /* not counted yet */
            root->path = NULL;
            mc_roots_close(roots);
            return mc_stage_errno(err, number);
        }
        n = strlen(root->path);
        if (n > 0 && root->path[n - 1] == '/')
            root->path[n - 1] = '\0';
        roots->count++;
    }
    *out = roots;
    return MC_OK;
}

void mc_roots_close(mc_roots *roots)
{
    size_t i;

    if (roots == NULL)
        return;
    for (i = 0; i < roots->count; i++) {
        close(roots->root[i].fd);
        free(roots->root[i].path);
    }
    free(roots);
}
