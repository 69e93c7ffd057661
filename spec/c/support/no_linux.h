/*
 * no_linux.h: what a system without Linux's calls has, as far as a compiler can tell: its
 * headers are read first, then what only Linux has is taken away.  tools/lint-c includes it
 * in front of every source.
 */
#ifndef NO_LINUX_H
#define NO_LINUX_H

#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <sched.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#undef CLOCK_MONOTONIC_COARSE
#undef F_GETLEASE
#undef F_SETLEASE
#undef F_SETSIG
#undef MADV_COLLAPSE
#undef MADV_HUGEPAGE
#undef MADV_POPULATE_WRITE
#undef MAP_POPULATE
#undef MREMAP_FIXED
#undef MREMAP_MAYMOVE
#undef O_PATH
#undef O_TMPFILE
#undef SYS_openat2

#pragma GCC poison clock_nanosleep copy_file_range epoll_create1 fallocate gettid mempcpy mremap pipe2
#pragma GCC poison posix_fadvise prctl pthread_condattr_setclock pthread_setname_np qsort_r secure_getenv
#pragma GCC poison sigtimedwait splice strchrnul syncfs sync_file_range syscall

#endif
