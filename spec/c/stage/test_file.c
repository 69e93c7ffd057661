/*
 * test_file.c: files where the kernel has not, or does not allow, what they are opened and read with.
 */
#include "stage/stage.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/sysmacros.h>

#include "check.h"
#include "temp_folder.h"
#include "refused_call.h"

#define BIG (3u << 20)

/* One file, opened and read in a thread to which a system call is refused. */
typedef struct trial {
    long call;
    int error;                       /* 0: no call is refused */
    bool late;                       /* refused only when the file is open */
    const char *path;
    const char *root;                /* NULL: none */
    bool map;

    mc_status opened, got;
    mc_error err;
    size_t length;
    bool mapped, held;               /* held: nothing was tried, which tried() has said */
} trial;

static void *try_it(void *argument)
{
    trial *t = argument;
    mc_options options = MC_OPTIONS_INIT;
    mc_roots *roots = NULL;
    mc_stage *st = NULL;
    uint8_t into[64];

    options.roots = t->root != NULL ? &t->root : NULL;
    options.root_count = 1;
    CHECK_EQ(mc_roots_open(&roots, &options, &t->err), MC_OK);
    t->held = t->error != 0 && !t->late && !refuse_call(t->call, t->error);
    t->opened = t->held ? MC_OK : mc_stage_file_open(&st, t->path, roots, &t->err);
    if (st != NULL) {
        t->held = t->error != 0 && t->late && !refuse_call(t->call, t->error);
        t->mapped = t->map && mc_stage_file_map(st);
        t->got = mc_stage_read(st, into, sizeof into, &t->length, 0, &t->err);
    }
    mc_stage_close(st);
    mc_roots_close(roots);
    return NULL;
}

static trial tried(trial t)
{
    const int before = count_descriptors();

    apart(try_it, &t);
    CHECK_EQ(count_descriptors(), before);
    if (t.held)
        SKIPPED("no filters of system calls");
    return t;
}

/* As on kernels before 5.6, and in containers that know of no such call. */
static void without_openat2(int error)
{
    trial t = tried((trial){ .call = SYS_openat2, .error = error, .path = name_of("data/good") });

    if (t.held)
        return;
    CHECK_EQ(t.opened, MC_OK);
    CHECK_EQ(t.length, 64);
    t = tried((trial){ .call = SYS_openat2, .error = error, .path = name_of("data/good"), .root = name_of("data") });
    CHECK_EQ(t.opened, MC_OK);
    CHECK_EQ(t.length, 64);
    t = tried((trial){ .call = SYS_openat2, .error = error, .path = name_of("data/link_in"), .root = name_of("data") });
    CHECK_EQ(t.opened, MC_OK);
    t = tried((trial){ .call = SYS_openat2, .error = error, .path = name_of("data/link_out"), .root = name_of("data") });
    CHECK_EQ(t.opened, MC_DENIED);
    t = tried((trial){ .call = SYS_openat2, .error = error, .path = "/dev/stdin" });
    CHECK_EQ(t.opened, MC_NOT_FILE);
    t = tried((trial){ .call = SYS_openat2, .error = error, .path = name_of("data/none"), .root = name_of("data") });
    CHECK_EQ(t.opened, MC_NOT_FOUND);
}

static void test_kernels_that_do_not_resolve(void)
{
    without_openat2(ENOSYS);
    without_openat2(EPERM);
}

static void fails(int error, mc_status status, const char *words)
{
    trial t = tried((trial){ .call = SYS_openat2, .error = error, .path = name_of("data/good") });

    if (t.held)
        return;
    CHECK_EQ(t.opened, status);
    CHECK_STR(t.err.msg, words);
    t = tried((trial){ .call = SYS_openat2, .error = error, .path = name_of("data/good"), .root = name_of("data") });
    CHECK_EQ(t.opened, status);
}

static void test_why_a_file_is_not_opened(void)
{
    trial t;

    fails(EACCES, MC_DENIED, "Permission denied");
    fails(ENOENT, MC_NOT_FOUND, "No such file or directory");
    fails(EISDIR, MC_NOT_FILE, "Is a directory");
    fails(ENXIO, MC_NOT_FILE, "No such device or address");
    fails(ENOMEM, MC_NOMEM, "Cannot allocate memory");
    fails(EMFILE, MC_IO, "Too many open files");
    /* the name was a file's and leads over a descriptor now */
    t = tried((trial){ .call = SYS_openat2, .error = ELOOP, .path = name_of("data/good") });
    CHECK(t.held || t.opened == MC_NOT_FILE);
    t = tried((trial){ .call = SYS_openat2, .error = ELOOP, .path = name_of("data/good"), .root = name_of("data") });
    CHECK(t.held || t.opened == MC_DENIED);
    t = tried((trial){ .call = SYS_openat2, .error = EXDEV, .path = name_of("data/good"), .root = name_of("data") });
    CHECK(t.held || t.opened == MC_DENIED);
}

static void test_names_with_slashes_at_the_end(void)
{
    trial t = tried((trial){ .path = name_of("data/none//"), .root = name_of("data") });

    CHECK_EQ(t.opened, MC_NOT_FOUND);
    t = tried((trial){ .path = name_of("none/"), .root = name_of("data") });
    CHECK_EQ(t.opened, MC_DENIED);
    t = tried((trial){ .path = "/nowhere-at-all", .root = name_of("data") });
    CHECK_EQ(t.opened, MC_DENIED);
    t = tried((trial){ .path = "/nowhere-at-all", .root = "/" });
    CHECK_EQ(t.opened, MC_NOT_FOUND);
    t = tried((trial){ .path = "nowhere-at-all/too", .root = name_of("data") });
    CHECK_EQ(t.opened, MC_DENIED);
    t = tried((trial){ .path = "/nowhere-at-all/too", .root = "/" });
    CHECK_EQ(t.opened, MC_NOT_FOUND);
    t = tried((trial){ .path = name_of("data/good"), .root = "/" });
    CHECK_EQ(t.opened, MC_OK);
}

static void test_devices_in_a_folder(void)
{
    trial t;

    if (mknod(name_of("data/null"), S_IFCHR | 0600, makedev(1, 3)) != 0) {
        SKIPPED("no device can be made");
        return;
    }
    t = tried((trial){ .path = name_of("data/null"), .root = name_of("data") });
    CHECK_EQ(t.opened, MC_NOT_FILE);
    CHECK(strstr(t.err.msg, "a device") != NULL);
    if (mknod(name_of("data/disk"), S_IFBLK | 0600, makedev(7, 250)) != 0) {
        SKIPPED("no block device can be made");
        return;
    }
    t = tried((trial){ .path = name_of("data/disk") });
    CHECK_EQ(t.opened, MC_NOT_FILE);
}

static void test_reading_that_fails(void)
{
    trial t = tried((trial){ .call = SYS_pread64, .error = EIO, .path = name_of("data/good") });

    if (t.held)
        return;
    CHECK_EQ(t.got, MC_IO);
    CHECK_STR(t.err.msg, "Input/output error");
    t = tried((trial){ .call = SYS_pread64, .error = EINTR, .path = name_of("data/good") });
    CHECK_EQ(t.got, MC_OK);                      /* a signal: nothing yet */
    CHECK_EQ(t.length, 0);
    t = tried((trial){ .call = SYS_pread64, .error = EAGAIN, .path = name_of("data/good") });
    CHECK_EQ(t.got, MC_OK);
}

/* What cannot be mapped is read. */
static void test_mapping_that_is_refused(void)
{
    trial t = tried((trial){ .path = name_of("data/big"), .map = true });
    const bool can = t.mapped;

    CHECK_EQ(t.length, 64);
    if (!can)
        SKIPPED("no file is mapped on this file system");
    t = tried((trial){ .call = SYS_fcntl, .error = EAGAIN, .path = name_of("data/big"), .map = true, .late = true });
    CHECK(t.held || (!t.mapped && t.length == 64));
    t = tried((trial){ .call = SYS_mmap, .error = ENODEV, .path = name_of("data/big"), .map = true, .late = true });
    CHECK(t.held || (!t.mapped && t.length == 64));
    /* how long a lease lasts is not to be read: as long as by default */
    t = tried((trial){ .call = SYS_openat, .error = ENOENT, .path = name_of("data/big"), .map = true, .late = true });
    CHECK(t.held || (t.mapped == can && t.length == 64));
    t = tried((trial){ .call = SYS_read, .error = EIO, .path = name_of("data/big"), .map = true, .late = true });
    CHECK(t.held || (!t.mapped && t.length == 64));
    t = tried((trial){ .path = name_of("data/good"), .map = true });
    CHECK(!t.mapped);                            /* small */
}

static void test_a_file_that_became_shorter(void)
{
    mc_stage *st = NULL;
    mc_error err;
    const uint8_t hundred[100] = { 1 };
    uint8_t into[64];
    size_t length;
    int i;

    for (i = 0; i < 2; i++) {
        write_file("shrinks", hundred, 100);
        CHECK_EQ(mc_stage_file_open(&st, name_of("shrinks"), NULL, &err), MC_OK);
        CHECK_EQ(mc_stage_read(st, into, 50, &length, 0, &err), MC_OK);
        CHECK_EQ(truncate(name_of("shrinks"), i == 0 ? 50 : 20), 0);
        CHECK_EQ(mc_stage_read(st, into, 50, &length, 0, &err), MC_TRUNCATED);
        mc_stage_close(st);
    }
    write_file("shrinks", hundred, 100);
    CHECK_EQ(mc_stage_file_open(&st, name_of("shrinks"), NULL, &err), MC_OK);
    CHECK_EQ(truncate(name_of("shrinks"), 200), 0);          /* what grows ends where it ended */
    CHECK_EQ(mc_stage_read(st, into, 64, &length, 0, &err), MC_OK);
    CHECK_EQ(mc_stage_read(st, into, 64, &length, 0, &err), MC_OK);
    CHECK_EQ(length, 36);
    CHECK_EQ(mc_stage_read(st, into, 64, &length, 0, &err), MC_END);
    mc_stage_close(st);
}

/* A mapping ends where somebody else wants to write, or where its bytes were read otherwise. */
static void test_views(void)
{
    mc_stage *st = NULL;
    mc_error err;
    size_t length;
    const uint8_t *p;
    int fd;

    CHECK_EQ(mc_stage_file_open(&st, name_of("data/big"), NULL, &err), MC_OK);
    CHECK(mc_stage_file_view(st, 0, &length) == NULL);       /* not mapped */
    if (mc_stage_file_map(st)) {
        CHECK(!mc_stage_file_map(st));           /* once is enough */
        p = mc_stage_file_view(st, 5, &length);
        CHECK(p != NULL && p[0] == 5);
        CHECK_EQ(length, BIG - 5);
        p = mc_stage_file_view(st, BIG - 1, &length);
        CHECK(p != NULL && p[0] == (uint8_t)(BIG - 1));
        fd = open(name_of("data/big"), O_WRONLY | O_NONBLOCK);
        CHECK(fd < 0 && errno == EWOULDBLOCK);   /* held back until the lease is given up, which is asked for now */
        CHECK(mc_stage_file_view(st, 0, &length) == NULL);
        fd = open(name_of("data/big"), O_WRONLY | O_NONBLOCK);
        CHECK(fd >= 0);
        close(fd);
    } else {
        SKIPPED("no file is mapped on this file system");
    }
    mc_stage_close(st);
}

int main(void)
{
    static uint8_t big[BIG];
    size_t i;

    for (i = 0; i < BIG; i++)
        big[i] = (uint8_t)i;
    if (!make_folder())
        return 1;
    CHECK_EQ(mkdir(name_of("data"), 0700), 0);
    write_file("secret", big, 100);
    write_file("data/good", big, 100);
    write_file("data/big", big, BIG);
    CHECK_EQ(symlink("../secret", name_of("data/link_out")), 0);
    CHECK_EQ(symlink("good", name_of("data/link_in")), 0);
    RUN(test_kernels_that_do_not_resolve);
    RUN(test_why_a_file_is_not_opened);
    RUN(test_names_with_slashes_at_the_end);
    RUN(test_devices_in_a_folder);
    RUN(test_reading_that_fails);
    RUN(test_mapping_that_is_refused);
    RUN(test_a_file_that_became_shorter);
    RUN(test_views);
    remove_folder();
    return DONE();
}
