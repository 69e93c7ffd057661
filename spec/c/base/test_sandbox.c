/*
 * test_sandbox.c: what a thread in the sandbox may still do, and kernels that have not what it takes.
 */
#include "base/sandbox.h"

#include <fcntl.h>
#include <stdint.h>
#include <sys/socket.h>
#include <unistd.h>

#include "check.h"
#include "temp_folder.h"
#include "refused_call.h"

/* How a thread in the sandbox fared. */
typedef struct trial {
    bool sockets;
    const char *readable[3];
    mc_status status;
    mc_error err;
    int readable_error, other_error, write_error, program_error, socket_error, listen_error;
    char first;                      /* byte of what was open before */
} trial;

static int error_of(long result)
{
    const int number = errno;

    if (result >= 0)
        close((int)result);
    return result >= 0 ? 0 : number;
}

static void *enter(void *argument)
{
    trial *t = argument;
    const mc_sandbox_rules rules = { t->readable, 3, t->sockets };
    const int before = open(name_of("other"), O_RDONLY), listens = socket(AF_INET, SOCK_STREAM, 0);
    char *const none[] = { NULL };

    t->status = mc_sandbox_enter(&rules, &t->err);
    t->readable_error = error_of(open(name_of("in/capture"), O_RDONLY));
    t->other_error = error_of(open(name_of("other"), O_RDONLY));
    t->write_error = error_of(open(name_of("in/capture"), O_WRONLY));
    t->program_error = error_of(syscall(SYS_execve, "/nonexistent/program", none, none));   /* without what coverage adds */
    t->socket_error = error_of(socket(AF_INET, SOCK_STREAM, 0));
    t->listen_error = listen(listens, 1) == 0 ? 0 : errno;
    CHECK_EQ(read(before, &t->first, 1), 1);
    close(before);
    close(listens);
    return NULL;
}

static bool is_available(void)
{
    mc_error err;

    if (mc_sandbox_available(&err) == MC_OK)
        return true;
    CHECK(strstr(err.msg, "kernel") != NULL || strstr(err.msg, "Linux") != NULL);
    SKIPPED(err.msg);
    return false;
}

static trial in_sandbox(bool sockets)
{
    trial t = { .sockets = sockets, .readable = { name_of("in"), name_of("single"), "/nonexistent/folder" } };

    apart(enter, &t);
    return t;
}

static void test_what_stays_allowed_without_sockets(void)
{
    trial t;

    if (!is_available())
        return;
    t = in_sandbox(false);
    CHECK_EQ(t.status, MC_OK);
    CHECK_EQ(t.readable_error, 0);
    CHECK_EQ(t.other_error, EACCES);
    CHECK_EQ(t.write_error, EACCES);
    CHECK_EQ(t.program_error, EPERM);
    CHECK_EQ(t.socket_error, EPERM);
    CHECK_EQ(t.first, 'o');                      /* what is open stays open */
}

static void test_what_stays_allowed_with_sockets(void)
{
    trial t;

    if (!is_available())
        return;
    t = in_sandbox(true);
    CHECK_EQ(t.status, MC_OK);
    CHECK_EQ(t.readable_error, 0);
    CHECK_EQ(t.other_error, EACCES);
    CHECK_EQ(t.program_error, EPERM);
    CHECK_EQ(t.socket_error, 0);                 /* for downloads */
    CHECK_EQ(t.listen_error, EPERM);
}

static void test_the_other_threads_are_free(void)
{
    if (!is_available())
        return;
    in_sandbox(false);
    CHECK_EQ(error_of(open(name_of("other"), O_RDONLY)), 0);
    CHECK_EQ(error_of(socket(AF_INET, SOCK_STREAM, 0)), 0);
}

/* A kernel without one of the calls. */
typedef struct lack {
    long call;
    int error;
    mc_status available, entered;
    mc_error available_err, err;
    int other_error;
    bool refused;                    /* false: this kernel has no filters of calls at all */
} lack;

static void *enter_without(void *argument)
{
    lack *l = argument;
    const char *const readable[] = { folder };
    const mc_sandbox_rules rules = { readable, 1, false };

    l->refused = refuse_call(l->call, l->error);
    l->available = mc_sandbox_available(&l->available_err);
    l->entered = mc_sandbox_enter(&rules, &l->err);
    l->other_error = error_of(open("/etc/passwd", O_RDONLY));
    return NULL;
}

static lack without(long call, int error)
{
    lack l = { .call = call, .error = error };

    apart(enter_without, &l);
    return l;
}

static void expect_lack(long call, int error, mc_status available, const char *words)
{
    const lack l = without(call, error);

    if (!l.refused) {
        SKIPPED("no filters of system calls");
        return;
    }
    CHECK_EQ(l.available, available);
    CHECK_EQ(l.entered, MC_UNSUPPORTED);
    CHECK(strstr(l.err.msg, words) != NULL);
    CHECK_EQ(l.other_error, 0);                  /* nothing is given up half */
}

static void test_kernels_that_lack_something(void)
{
    if (!is_available())
        return;
    expect_lack(444, ENOSYS, MC_UNSUPPORTED, "no Landlock");
    expect_lack(444, EOPNOTSUPP, MC_UNSUPPORTED, "no Landlock");
    expect_lack(445, EINVAL, MC_OK, "takes no rule (error 22)");
    expect_lack(446, E2BIG, MC_OK, "does not hold this process (error 7)");
    expect_lack(SYS_prctl, EINVAL, MC_UNSUPPORTED, "no filters of system calls");
}

int main(void)
{
    if (!make_folder())
        return 1;
    CHECK_EQ(mkdir(name_of("in"), 0700), 0);
    write_file("in/capture", "i", 1);
    write_file("single", "s", 1);
    write_file("other", "o", 1);
    RUN(test_what_stays_allowed_without_sockets);
    RUN(test_what_stays_allowed_with_sockets);
    RUN(test_the_other_threads_are_free);
    RUN(test_kernels_that_lack_something);
    remove_folder();
    return DONE();
}
