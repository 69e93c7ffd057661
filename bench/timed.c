/*
 * timed.c: runs a command and says what it took: wall, user and system time in
 * microseconds and the greatest resident memory in KiB, on one line.
 *
 *     timed [-i FILE] COMMAND [ARGUMENT ...]
 *
 * The command reads FILE as its standard input; what it prints is thrown away.  It is small, so
 * that the memory of a larger parent is not taken for the child's (the kernel
 * counts from the fork on).
 */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static long long microseconds(const struct timeval *t)
{
    return t->tv_sec * 1000000LL + t->tv_usec;
}

static void run_child(const char *input, char **argv)
{
    int null = open("/dev/null", O_RDWR), in = input != NULL ? open(input, O_RDONLY) : null;

    if (null < 0 || in < 0 || dup2(in, 0) < 0 || dup2(null, 1) < 0)
        _exit(126);
    execvp(argv[0], argv);
    _exit(127);
}

int main(int argc, char **argv)
{
    const char *input = NULL;
    struct timespec begin, end;
    struct rusage usage;
    pid_t pid;
    int status, first = 1;

    if (argc > 2 && strcmp(argv[1], "-i") == 0) {
        input = argv[2];
        first = 3;
    }
    if (first >= argc) {
        fputs("usage: timed [-i FILE] COMMAND [ARGUMENT ...]\n", stderr);
        return 2;
    }
    clock_gettime(CLOCK_MONOTONIC, &begin);
    pid = fork();
    if (pid == 0)
        run_child(input, argv + first);
    if (pid < 0 || wait4(pid, &status, 0, &usage) != pid) {
        perror("timed");
        return 1;
    }
    clock_gettime(CLOCK_MONOTONIC, &end);
    printf("%lld %lld %lld %ld\n",
           (end.tv_sec - begin.tv_sec) * 1000000LL + (end.tv_nsec - begin.tv_nsec) / 1000,
           microseconds(&usage.ru_utime), microseconds(&usage.ru_stime), usage.ru_maxrss);
    return WIFEXITED(status) ? WEXITSTATUS(status) : 125;
}
