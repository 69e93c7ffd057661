/*
 * pages.h: memory straight from the system: cleared, aligned, and in large pages
 * where the system gives them.  A table that is touched everywhere costs a page
 * walk a touch in small pages; in large ones it does not.
 */
#ifndef MC_PAGES_H
#define MC_PAGES_H

#include "base.h"

/* 'size' bytes, all zero; NULL without memory.  'large': worth large pages. */
void *mc_pages_alloc(size_t size, bool large);

/* Has the system give all of them now, in one call instead of a fault a page: for memory
   that is soon written from front to back. */
void mc_pages_fill(void *pages, size_t size);

void mc_pages_free(void *pages, size_t size);    /* accepts NULL */

#endif
