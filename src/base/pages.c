/*
 * pages.c: anonymous mappings, and lists of them.
 */
#include "base/pages.h"

#include <stdlib.h>
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

void *mc_pages_grow(void *pages, size_t size, size_t bigger, bool large)
{
    void *all = mc_pages_alloc(bigger, large);

    if (all == NULL)
        return NULL;
#ifdef MREMAP_FIXED
    /* the pages themselves move, so none is cleared that is there already; a few are sooner copied,
       and then lie in a large page too */
    if (size >= LARGE_PAGE) {
        if (mremap(pages, size, size, MREMAP_MAYMOVE | MREMAP_FIXED, all) != MAP_FAILED)
            return all;
        mc_pages_free(all, bigger);              /* part of it may be gone already */
        all = mc_pages_alloc(bigger, large);
        if (all == NULL)
            return NULL;
    }
#endif
    memcpy(all, pages, size);
    mc_pages_free(pages, size);
    return all;
}

void mc_pages_free(void *pages, size_t size)
{
    if (pages != NULL)
        munmap(pages, size);
}

bool mc_blocks_add(mc_blocks *b, size_t size)
{
    if (b->count == b->room) {
        uint32_t room = b->room == 0 ? 16 : b->room * 2;
        uint8_t **bigger = realloc(b->at, room * sizeof(*bigger));

        if (bigger == NULL)
            return false;
        b->at = bigger;
        b->room = room;
    }
    b->at[b->count] = mc_pages_alloc(size, false);
    if (b->at[b->count] == NULL)
        return false;
#ifdef MADV_POPULATE_WRITE
    if (b->count > 0)
        madvise(b->at[b->count], size, MADV_POPULATE_WRITE);   /* an older kernel refuses, and they come one by one */
#endif
    b->count++;
    return true;
}

void mc_blocks_trim(mc_blocks *b, uint32_t count, size_t size)
{
    while (b->count > count)
        mc_pages_free(b->at[--b->count], size);
}

void mc_blocks_free(mc_blocks *b, size_t size)
{
    mc_blocks_trim(b, 0, size);
    free(b->at);
}
