/*
 * guard.c: holding a signal back in this thread.
 */
#include "base/guard.h"

#include <errno.h>
#include <pthread.h>
#include <time.h>

/* Takes away one that waits. */
static void take(int number)
{
    sigset_t set;
#if defined(__APPLE__) || defined(__OpenBSD__)   /* have no sigtimedwait() */
    int taken;

    sigemptyset(&set);
    if (sigpending(&set) == 0 && sigismember(&set, number) == 1) {
        sigemptyset(&set);
        sigaddset(&set, number);
        sigwait(&set, &taken);
    }
#else
    const struct timespec at_once = { .tv_sec = 0 };

    sigemptyset(&set);
    sigaddset(&set, number);
    while (sigtimedwait(&set, NULL, &at_once) < 0 && errno == EINTR)
        ;
#endif
}

void mc_guard_begin(mc_guard *g, int number)
{
    sigset_t set;

    g->number = number;
    sigemptyset(&set);
    sigpending(&set);
    g->pending = sigismember(&set, number) == 1;
    sigemptyset(&set);
    sigaddset(&set, number);
    pthread_sigmask(SIG_BLOCK, &set, &g->before);
}

void mc_guard_end(mc_guard *g)
{
    const int error = errno;

    if (!g->pending)
        take(g->number);
    pthread_sigmask(SIG_SETMASK, &g->before, NULL);
    errno = error;
}
