/*
 * stage_file.c: regular files, and only those.
 */
#include "stage/stage.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/mman.h>
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
} file_stage;

struct mc_roots {
    size_t count;
    struct root {
        char *path;                  /* resolved, no slash at the end ("" is "/") */
        int fd;                      /* the folder, for openat2() */
    } root[];
};

mc_status mc_stage_errno(mc_error *err, int number)
{
    char buffer[128];
    const char *words = strerror_r(number, buffer, sizeof buffer);
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
    return mc_fail(err, status, number, "%s", words);
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

/* ------------------------------------------------------------------ reading */

static mc_status file_read(mc_stage *base, uint8_t *out, size_t size, size_t *got,
                           unsigned wait_ms, mc_error *err)
{
    file_stage *st = (file_stage *)base;
    struct stat now;
    ssize_t n;

    (void)wait_ms;
    *got = 0;
    /* A file that grows ends where it ended when it was opened. */
    size = (size_t)mc_min_u64(size, st->offset < base->total ? base->total - st->offset : 0);
    if (size == 0)
        return MC_END;
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

mc_status mc_stage_file_open(mc_stage **out, const char *path, const mc_roots *roots,
                             mc_error *err)
{
    static const mc_stage_ops ops = { file_read, file_close };
    file_stage *st = calloc(1, sizeof *st);
    mc_status status;

    if (st == NULL)
        return mc_stage_errno(err, ENOMEM);
    status = mc_file_open(&st->fd, &st->base.total, path, roots, err);
    if (status != MC_OK) {
        free(st);
        return status;
    }
    st->base.ops = &ops;
    *out = &st->base;
    return MC_OK;
}
