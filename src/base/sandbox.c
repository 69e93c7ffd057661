/*
 * sandbox.c: Landlock for files and ports, a seccomp filter for programs and sockets.
 *
 * The kernel's numbers stand here, as far as headers of older systems lack them.
 */
#include "base/sandbox.h"

#if defined(__linux__) && (defined(__x86_64__) || defined(__aarch64__))

#include <errno.h>
#include <fcntl.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

/* ---------------------------------------------------------------- Landlock */

enum {
    CREATE_RULESET = 444, ADD_RULE = 445, RESTRICT_SELF = 446,   /* the same on all processors */
    ASK_VERSION = 1, PATH_BENEATH = 1
};

/* Rights to files: bits of the first version, and of later ones. */
#define FS_READ_FILE (1ULL << 2)
#define FS_READ_DIR  (1ULL << 3)
#define FS_FIRST     ((1ULL << 13) - 1)  /* execute, write, read, list, remove, make ... */
#define FS_REFER     (1ULL << 13)        /* version 2: to another folder */
#define FS_TRUNCATE  (1ULL << 14)        /* version 3 */
#define FS_IOCTL     (1ULL << 15)        /* version 5: of devices opened from now on */
#define NET_BIND     (1ULL << 0)         /* version 4 */
#define NET_CONNECT  (1ULL << 1)

typedef struct ruleset_attributes {
    uint64_t fs, net;
} ruleset_attributes;

typedef struct path_rule {
    uint64_t allowed;
    int32_t parent;
} __attribute__((packed)) path_rule;

static mc_status allow_path(int ruleset, const char *path, mc_error *err)
{
    struct stat facts;
    path_rule rule = { FS_READ_FILE | FS_READ_DIR, open(path, O_PATH | O_CLOEXEC) };
    mc_status status = MC_OK;

    if (rule.parent < 0)
        return MC_OK;                    /* not there, so there is nothing to allow */
    if (fstat(rule.parent, &facts) == 0 && !S_ISDIR(facts.st_mode))
        rule.allowed = FS_READ_FILE;
    if (syscall(ADD_RULE, ruleset, PATH_BENEATH, &rule, 0) != 0)
        status = mc_fail(err, MC_UNSUPPORTED, errno, "Landlock takes no rule (error %d)", errno);
    close(rule.parent);
    return status;
}

static long landlock_version(void)
{
    return syscall(CREATE_RULESET, NULL, 0, ASK_VERSION);
}

static mc_status make_ruleset(const mc_sandbox_rules *rules, int *out, mc_error *err)
{
    ruleset_attributes handled = { FS_FIRST, 0 };
    long version = landlock_version();
    mc_status status = MC_OK;

    if (version >= 2)
        handled.fs |= FS_REFER;
    if (version >= 3)
        handled.fs |= FS_TRUNCATE;
    if (version >= 4)
        handled.net = NET_BIND | (rules->sockets ? 0 : NET_CONNECT);
    if (version >= 5)
        handled.fs |= FS_IOCTL;
    *out = (int)syscall(CREATE_RULESET, &handled, sizeof handled, 0);
    if (*out < 0)
        return mc_fail(err, MC_UNSUPPORTED, errno, "Landlock takes no set of rules (error %d)", errno);
    for (size_t i = 0; i < rules->readable_count && status == MC_OK; i++)
        status = allow_path(*out, rules->readable[i], err);
    if (status != MC_OK)
        close(*out);
    return status;
}

/* ----------------------------------------------------------------- seccomp */

#ifdef __x86_64__
#define PROCESSOR AUDIT_ARCH_X86_64
#else
#define PROCESSOR AUDIT_ARCH_AARCH64
#endif

/* Calls of the other conventions of x86-64 have this bit (x32). */
#define OTHER_CALLS 0x40000000u

/* What no reader of captures does; io_uring would get round the rest. */
static const uint32_t never[] = {
    SYS_execve, SYS_execveat, 425 /* io_uring_setup */, SYS_add_key, SYS_request_key, SYS_keyctl, SYS_bpf,
    SYS_perf_event_open, SYS_mount, SYS_unshare, SYS_setns,
};
static const uint32_t of_sockets[] = { SYS_socket, SYS_socketpair };
static const uint32_t of_listening[] = { SYS_listen, SYS_accept, SYS_accept4 };

#define MAX_REFUSED (sizeof never / sizeof never[0] + 3)

static size_t add(uint32_t *to, size_t n, const uint32_t *calls, size_t count)
{
    memcpy(to + n, calls, count * sizeof *calls);
    return n + count;
}

static bool filter_calls(bool sockets)
{
    uint32_t refused[MAX_REFUSED];
    struct sock_filter program[MAX_REFUSED + 7];
    struct sock_fprog filter = { 0, program };
    size_t n = add(refused, 0, never, MC_ARRAY_LEN(never)), at = 0;

    n = sockets ? add(refused, n, of_listening, MC_ARRAY_LEN(of_listening))
                : add(refused, n, of_sockets, MC_ARRAY_LEN(of_sockets));
    /* Another processor's calls, or numbers of another convention: refused. */
    program[at++] = (struct sock_filter)BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, arch));
    program[at++] = (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, PROCESSOR, 0, (uint8_t)(n + 3));
    program[at++] = (struct sock_filter)BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr));
    program[at++] = (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JGE | BPF_K, OTHER_CALLS, (uint8_t)(n + 1), 0);
    for (size_t i = 0; i < n; i++)
        program[at++] = (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, refused[i], (uint8_t)(n - i), 0);
    program[at++] = (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW);
    program[at++] = (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | EPERM);
    filter.len = (unsigned short)at;
    return prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &filter, 0, 0) == 0;
}

/* A kernel that has filters finds that there is no program at NULL. */
static bool has_filters(void)
{
    return prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, NULL, 0, 0) != 0 && errno == EFAULT;
}

mc_status mc_sandbox_available(mc_error *err)
{
    if (!has_filters())
        return mc_fail(err, MC_UNSUPPORTED, errno, "the kernel has no filters of system calls");
    if (landlock_version() < 1)
        return mc_fail(err, MC_UNSUPPORTED, errno, "the kernel has no Landlock");
    return MC_OK;
}

mc_status mc_sandbox_enter(const mc_sandbox_rules *rules, mc_error *err)
{
    int ruleset = -1;
    mc_status status = mc_sandbox_available(err);

    if (status == MC_OK)
        status = make_ruleset(rules, &ruleset, err);
    if (status != MC_OK)
        return status;
    if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0 || syscall(RESTRICT_SELF, ruleset, 0) != 0)
        status = mc_fail(err, MC_UNSUPPORTED, errno, "Landlock does not hold this process (error %d)", errno);
    else if (!filter_calls(rules->sockets))
        status = mc_fail(err, MC_UNSUPPORTED, errno, "the kernel takes no filter of system calls (error %d)", errno);
    close(ruleset);
    return status;
}

#else

mc_status mc_sandbox_available(mc_error *err)
{
    return mc_fail(err, MC_UNSUPPORTED, 0, "there is a sandbox on Linux only, on x86-64 and 64-bit ARM");
}

mc_status mc_sandbox_enter(const mc_sandbox_rules *rules, mc_error *err)
{
    (void)rules;
    return mc_sandbox_available(err);
}

#endif
