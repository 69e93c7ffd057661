/*
 * guard.h: a signal that a call in this thread may raise is held back meanwhile, and taken away.
 *
 * A TLS library writes to a connection that the other side has reset and raises SIGPIPE; a file that grows beyond what the
 * process may write (ulimit -f) raises SIGXFSZ.  Either would end the host, which is told by an error instead.
 */
#ifndef MC_GUARD_H
#define MC_GUARD_H

#include <signal.h>
#include <stdbool.h>

typedef struct mc_guard {
    sigset_t before;
    int number;
    bool pending;                /* there was one before: it is somebody's */
} mc_guard;

void mc_guard_begin(mc_guard *g, int number);

/* Leaves errno as it is. */
void mc_guard_end(mc_guard *g);

#endif
