/*
 * pages.h: memory straight from the system: cleared, aligned, and in large pages
 * where the system gives them.  A table that is touched everywhere costs a page
 * walk a touch in small pages; in large ones it does not.
 */
#ifndef MC_PAGES_H
#define MC_PAGES_H

#include "base/base.h"
#include "base/switches.h"

/* 'size' bytes, all zero; NULL without memory.  'large': worth large pages. */
void *mc_pages_alloc(size_t size, bool large);

/* 'bigger' bytes instead of 'size', of which the first are the same and the rest zero; they
   may lie elsewhere.  NULL without memory: then they stay as they are. */
void *mc_pages_grow(void *pages, size_t size, size_t bigger, bool large);

/* Asks for the memory of some of them in one call, instead of a fault a page. */
void mc_pages_populate(void *pages, size_t size);

void mc_pages_free(void *pages, size_t size);    /* accepts NULL */

/*
 * A list of blocks of one size, which never move.
 *
 * What is touched all over, block after block, waits for the translation of small pages, and the longer the deeper
 * the tables are that a host keeps; in large pages it does not.  But a large page can cost its guest ten times what
 * the same memory costs in small ones, where the host has to find it first.  So the first blocks, which are all that
 * most captures need, are small; from 'large_from' on, or when their owner says so, they are large as long as the price is
 * fair, which is measured, and then the first ones follow.
 */
typedef struct mc_blocks {
    uint8_t **at;
    uint32_t count, room;
    mc_paging paging;
    uint32_t large_from;             /* of MC_PAGES_CHOSEN: the first block that large pages are asked for */
    uint32_t small_until;            /* large pages are too dear up to this block */
    uint32_t large;                  /* so many were asked for in large pages */
    int64_t small_ns, large_ns;      /* what a block has cost, the latest of each kind */
} mc_blocks;

/* One block more, of 'size' bytes.  All pages but those of the first block are asked for in
   one call instead of a fault a page.  False: no memory. */
bool mc_blocks_add(mc_blocks *b, size_t size);

/*
 * All blocks that there are are touched all over: they move into large pages, and those that follow are asked for in large
 * pages, if these cost a fair price.  Of MC_PAGES_CHOSEN only.
 */
void mc_blocks_enlarge(mc_blocks *b, size_t size);

/* Gives back all blocks but the first 'count'. */
void mc_blocks_trim(mc_blocks *b, uint32_t count, size_t size);

void mc_blocks_free(mc_blocks *b, size_t size);

#endif
