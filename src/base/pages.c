/*
 * pages.c: anonymous mappings, and lists of them.
 */
#include "base/pages.h"

#include <stdlib.h>
#include <sys/mman.h>

#include "base/cputime.h"

#define LARGE_PAGE ((size_t)2 << 20)

#if defined __linux__ && !defined MADV_COLLAPSE
#define MADV_COLLAPSE 25             /* since Linux 6.1, and later in headers; an older kernel refuses */
#endif

/* Beginning on a large page's boundary: only what does can lie in large pages. */
static uint8_t *alloc_aligned(size_t size)
{
    uint8_t *all = mmap(NULL, size + LARGE_PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    size_t before;

    if (all == MAP_FAILED)
        return NULL;
    before = (LARGE_PAGE - (uintptr_t)all % LARGE_PAGE) % LARGE_PAGE;
    if (before > 0)
        munmap(all, before);
    munmap(all + before + size, LARGE_PAGE - before);
    return all + before;
}

void *mc_pages_alloc(size_t size, bool large)
{
    uint8_t *all;

    if (large && size >= LARGE_PAGE) {
        all = alloc_aligned(size);
#ifdef MADV_HUGEPAGE
        if (all != NULL)
            madvise(all, size, MADV_HUGEPAGE);
#endif
        return all;
    }
    all = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    return all != MAP_FAILED ? all : NULL;
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

#define DEAR 32                      /* times the price of small pages: more than what is saved on some packets a connection */
#define AGAIN 4                      /* blocks later large pages are asked for again */
#define SMALL_NS_PER_KIB 600         /* what small pages cost, as long as none were asked for */

void mc_pages_populate(void *pages, size_t size)
{
#ifdef MADV_POPULATE_WRITE
    madvise(pages, size, MADV_POPULATE_WRITE);   /* an older kernel refuses, and they come one by one */
#else
    (void)pages;
    (void)size;
#endif
}

/* The blocks that there are are in use all over: they move into large pages, too. */
static void enlarge(mc_blocks *b, size_t size)
{
#ifdef MADV_COLLAPSE
    uint32_t i;

    for (i = 0; i < b->count; i++)
        madvise(b->at[i], size, MADV_COLLAPSE);
#else
    (void)b;
    (void)size;
#endif
}

/* Large pages that took so long cost more than they may. */
static bool are_dear(const mc_blocks *b, int64_t took, size_t size)
{
    return took > DEAR * (b->small_ns > 0 ? b->small_ns : (int64_t)(size >> 10) * SMALL_NS_PER_KIB);
}

/* The memory of the block that comes next. */
static uint8_t *get_block(mc_blocks *b, size_t size)
{
    const bool large = b->paging == MC_PAGES_LARGE ||
                       (b->paging == MC_PAGES_CHOSEN && b->count >= b->large_from && b->count >= b->small_until);
    uint8_t *block = large                            ? mc_pages_alloc(size, true)
                     : b->paging == MC_PAGES_CHOSEN ? alloc_aligned(size)
                                                    : mc_pages_alloc(size, false);
    int64_t begun, took;

    if (block == NULL || b->count == 0)
        return block;                            /* a small capture touches what it needs of the first one */
    begun = mc_cpu_ns();
    mc_pages_populate(block, size);
    took = mc_cpu_ns() - begun;
    *(large ? &b->large_ns : &b->small_ns) = took;
    b->large += large;
    if (b->paging != MC_PAGES_CHOSEN || !large)
        return block;
    if (are_dear(b, took, size))
        b->small_until = b->count + AGAIN;
    else if (b->count == b->large_from)
        enlarge(b, size);
    return block;
}

void mc_blocks_enlarge(mc_blocks *b, size_t size)
{
    int64_t begun;

    if (b->count == 0 || b->paging != MC_PAGES_CHOSEN)
        return;
    begun = mc_cpu_ns();
    enlarge(b, size);
    b->large_ns = (mc_cpu_ns() - begun) / b->count;
    b->large_from = are_dear(b, b->large_ns, size) ? UINT32_MAX : 0;
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
    b->at[b->count] = get_block(b, size);
    if (b->at[b->count] == NULL)
        return false;
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
