/*
 * test_source_roots.c: local paths stay within the folders that were named.
 */
#include "capture_bytes.h"

#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include "check.h"
#include "temp_folder.h"

static outcome read_rooted(const char *path)
{
    mc_options options = MC_OPTIONS_INIT;
    char root[128];
    const char *list[1] = { root };

    snprintf(root, sizeof root, "%s/data", folder);
    options.roots = list;
    options.root_count = 1;
    return read_path(path, &options);
}

static void test_roots_hold(void)
{
    static const char *const outside[] = {
        "secret", "data/../secret", "data-evil/x", "data/link_out", "data/link_folder/secret",
        "data/link_gone", "none", "data/../none", "data/link_folder/none", "nodir/none", "data-evil/none",
        "data", "data/../data-evil/x", "data/./../secret", "data/sub/../../secret", "data/loop",
        "secret/x", "data/link_out/x",
    };
    bytes b = capture_of(0, 1, 60);
    char cwd[512], message[MC_ERRMSG_SIZE];
    size_t i;
    outcome o;

    mkdir(name_of("data"), 0700);
    mkdir(name_of("data/sub"), 0700);
    mkdir(name_of("data-evil"), 0700);
    write_file("secret", b.p, b.len);
    write_file("data/good", b.p, b.len);
    write_file("data/sub/good", b.p, b.len);
    write_file("data-evil/x", b.p, b.len);
    CHECK_EQ(symlink("../secret", name_of("data/link_out")), 0);
    CHECK_EQ(symlink("..", name_of("data/link_folder")), 0);
    CHECK_EQ(symlink("/nowhere/none", name_of("data/link_gone")), 0);
    CHECK_EQ(symlink("loop", name_of("data/loop")), 0);
    CHECK_EQ(symlink("sub/good", name_of("data/link_in")), 0);
    mkfifo(name_of("data/fifo"), 0600);

    CHECK_EQ(read_rooted(name_of("data/good")).packets, 1);
    CHECK_EQ(read_rooted(name_of("data/sub/good")).packets, 1);
    CHECK_EQ(read_rooted(name_of("data/link_in")).packets, 1);
    CHECK_EQ(read_rooted(name_of("data/sub/../good")).packets, 1);
    CHECK_EQ(read_rooted(name_of("data-evil/../data/good")).packets, 1);
    CHECK_EQ(read_rooted(name_of("data/none")).status, MC_NOT_FOUND);
    CHECK_EQ(read_rooted(name_of("data/sub/no/thing")).status, MC_NOT_FOUND);
    CHECK_EQ(read_rooted(name_of("data/good/x")).status, MC_NOT_FOUND);
    CHECK_EQ(read_rooted(name_of("data/fifo")).status, MC_NOT_FILE);
    CHECK_EQ(read_rooted("/dev/stdin").status, MC_NOT_FILE);
    CHECK(getcwd(cwd, sizeof cwd) != NULL && chdir(folder) == 0);
    CHECK_EQ(read_rooted("data/good").packets, 1);
    CHECK_EQ(read_rooted("secret").status, MC_DENIED);
    CHECK_EQ(chdir(cwd), 0);
    for (i = 0; i < MC_ARRAY_LEN(outside); i++) {
        const char *name = name_of(outside[i]);

        o = read_rooted(name);
        if (strcmp(outside[i], "data") == 0) {
            CHECK_EQ(o.status, MC_NOT_FILE);
            continue;
        }
        /* the same words whether it exists or not */
        snprintf(message, sizeof message, "%s: outside of the allowed folders", name);
        CHECK_EQ(o.status, MC_DENIED);
        CHECK_STR(o.err.msg, message);
    }
    free(b.p);
}

/* A link that is turned from inside to outside all the time never leads out. */
/* What was a file when its path was looked at is a link out of the root when it is opened. */
static void test_a_file_swapped_for_a_link_meanwhile(void)
{
    bytes good = capture_of(0, 1, 60), secret = capture_of(0, 2, 60);
    pid_t child;
    unsigned i;
    outcome o;

    write_file("secret", secret.p, secret.len);
    write_file("data/good", good.p, good.len);
    child = fork();
    if (child == 0)
        for (;;) {
            if (link(name_of("data/good"), name_of("data/aside")) != 0
                || rename(name_of("data/aside"), name_of("data/swapped")) != 0
                || symlink("../secret", name_of("data/aside")) != 0
                || rename(name_of("data/aside"), name_of("data/swapped")) != 0)
                _exit(1);
        }
    for (i = 0; i < 20000; i++) {
        o = read_rooted(name_of("data/swapped"));
        CHECK(o.packets != 2);
        CHECK(o.packets == 1 || o.status == MC_DENIED || o.status == MC_NOT_FOUND);
    }
    kill(child, SIGKILL);
    waitpid(child, NULL, 0);
    free(good.p);
    free(secret.p);
}

static void test_a_link_swapped_meanwhile(void)
{
    bytes good = capture_of(0, 1, 60), secret = capture_of(0, 2, 60);
    pid_t child;
    unsigned i, denied = 0;
    outcome o;

    write_file("secret", secret.p, secret.len);
    write_file("data/good", good.p, good.len);
    child = fork();
    if (child == 0) {
        for (;;) {
            unlink(name_of("data/turning"));
            if (symlink("good", name_of("data/turning")) != 0)
                _exit(1);
            unlink(name_of("data/turning"));
            if (symlink("../secret", name_of("data/turning")) != 0)
                _exit(1);
        }
    }
    for (i = 0; i < 2000; i++) {
        o = read_rooted(name_of("data/turning"));
        CHECK(o.packets != 2);
        CHECK(o.packets == 1 || o.status == MC_DENIED || o.status == MC_NOT_FOUND);
        denied += o.status == MC_DENIED;
    }
    (void)denied;
    kill(child, SIGKILL);
    waitpid(child, NULL, 0);
    free(good.p);
    free(secret.p);
}

int main(void)
{
    int before;

    if (!make_folder())
        return 3;
    before = count_descriptors();
    RUN(test_roots_hold);
    RUN(test_a_link_swapped_meanwhile);
    RUN(test_a_file_swapped_for_a_link_meanwhile);
    CHECK_EQ(count_descriptors(), before);
    remove_folder();
    return DONE();
}
