/*
 * sandbox.h: gives up, for good, what a process that reads strangers' captures never needs.
 */
#ifndef MC_SANDBOX_H
#define MC_SANDBOX_H

#include "base/base.h"

/* What stays allowed. */
typedef struct mc_sandbox_rules {
    const char *const *readable;     /* files and folders; what is not there is left out */
    size_t readable_count;
    bool sockets;                    /* for downloads; listening is over in any case */
} mc_sandbox_rules;

/*
 * From here on this thread, and all that it starts, opens no file but the readable ones,
 * and those for reading only; runs no program; and without 'sockets' makes none.  What is
 * open stays open, standard streams too.  Call it before there are other threads: these
 * would not be held.  There is no way back.
 *
 * MC_UNSUPPORTED, with the reason, where the kernel has no Landlock (Linux 5.13, and
 * switched on) or no seccomp filters for this processor: then nothing has changed but, maybe,
 * that the process cannot gain privileges any more.  See landlock(7) and seccomp(2).
 */
mc_status mc_sandbox_enter(const mc_sandbox_rules *rules, mc_error *err);

/* Whether the kernel has what it takes; MC_UNSUPPORTED and the reason where not. */
mc_status mc_sandbox_available(mc_error *err);

#endif
