/*
 * pages.c: anonymous mappings.
 */
#include "pages.h"

#include <sys/mman.h>

#define LARGE_PAGE ((size_t)2 << 20)

void *mc_pages_alloc(size_t size, bool large)
{
    size_t extra = large && size >= LARGE_PAGE ? LARGE_PAGE : 0, before;
    uint8_t *all = mmap(NULL, size + extra, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

    if (all == MAP_FAILED)
        return NULL;
    if (extra == 0)
        return all;
    /* only what begins on a large page's boundary can lie in large pages */
    before = (LARGE_PAGE - (uintptr_t)all % LARGE_PAGE) % LARGE_PAGE;
    if (before > 0)
        munmap(all, before);
    if (extra > before)
        munmap(all + before + size, extra - before);
#ifdef MADV_HUGEPAGE
    madvise(all + before, size, MADV_HUGEPAGE);
#endif
    return all + before;
}

void mc_pages_fill(void *pages, size_t size)
{
#ifdef MADV_POPULATE_WRITE
    madvise(pages, size, MADV_POPULATE_WRITE);   /* an older kernel refuses, and they come one by one */
#else
    (void)pages;
    (void)size;
#endif
}

void mc_pages_free(void *pages, size_t size)
{
    if (pages != NULL)
        munmap(pages, size);
}
