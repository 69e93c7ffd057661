/*
 * failing_memory.h: malloc() and friends for a test that wants them to fail.
 *
 * The program is linked with -Wl,--wrap=malloc,--wrap=calloc,--wrap=realloc,--wrap=free,--wrap=mmap,
 * so that what the core asks for goes through here; the libraries below are spared, and files that are
 * mapped are.
 * The n-th request fails, once or for good, and what is not given back is known.
 */
#ifndef FAILING_MEMORY_H
#define FAILING_MEMORY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/mman.h>

#define LIVE_MAX 4096

typedef struct failing_memory {
    bool on;                         /* count and fail */
    bool for_good;                   /* all after the n-th fail too */
    long n;                          /* which one fails; 0: none */
    long asked;
    long failed;
    size_t live_count;               /* blocks of the core that are not freed */
    void *live[LIVE_MAX];
} failing_memory;

static failing_memory memory;

void *__real_malloc(size_t size);
void *__real_calloc(size_t n, size_t size);
void *__real_realloc(void *p, size_t size);
void __real_free(void *p);
void *__wrap_malloc(size_t size);
void *__wrap_calloc(size_t n, size_t size);
void *__wrap_realloc(void *p, size_t size);
void __wrap_free(void *p);
void *__real_mmap(void *at, size_t size, int protection, int flags, int fd, off_t offset);
void *__wrap_mmap(void *at, size_t size, int protection, int flags, int fd, off_t offset);

/* The n-th request fails from here on, and with 'for_good' all after it. */
static void begin_failing(long n, bool for_good)
{
    memory.on = true;
    memory.for_good = for_good;
    memory.n = n;
    memory.asked = memory.failed = 0;
}

static bool must_fail(void)
{
    if (!memory.on)
        return false;
    memory.asked++;
    if (memory.n == 0 || memory.asked < memory.n || (memory.asked > memory.n && !memory.for_good))
        return false;
    memory.failed++;
    return true;
}

static void *keep(void *p)
{
    if (p != NULL && memory.live_count < LIVE_MAX)
        memory.live[memory.live_count++] = p;
    return p;
}

/* What a library below has allocated and the core frees is not in the list. */
static void forget(const void *p)
{
    size_t i = memory.live_count;

    while (i-- > 0) {
        if (memory.live[i] == p) {
            memory.live[i] = memory.live[--memory.live_count];
            return;
        }
    }
}

void *__wrap_malloc(size_t size)
{
    return must_fail() ? NULL : keep(__real_malloc(size));
}

void *__wrap_calloc(size_t n, size_t size)
{
    return must_fail() ? NULL : keep(__real_calloc(n, size));
}

void *__wrap_realloc(void *p, size_t size)
{
    void *more;
    size_t i = memory.live_count;

    if (must_fail())
        return NULL;
    while (i > 0 && memory.live[i - 1] != p)     /* found before 'p' is gone */
        i--;
    more = __real_realloc(p, size);
    if (more == NULL)
        return NULL;
    if (p != NULL && i > 0)
        memory.live[i - 1] = more;
    else
        keep(more);
    return more;
}

void __wrap_free(void *p)
{
    forget(p);
    __real_free(p);
}

void *__wrap_mmap(void *at, size_t size, int protection, int flags, int fd, off_t offset)
{
    return (flags & MAP_ANONYMOUS) != 0 && must_fail() ? MAP_FAILED : __real_mmap(at, size, protection, flags, fd, offset);
}

#endif
