/*
 * early.h: compressed files that are inflated before their turn, each by a thread.
 *
 * Of files that are read one after the other each thread takes the next one that nobody has, and keeps what
 * comes of it until it is that file's turn, in bounded memory.  What is read of such a file is what would be read
 * of it at its turn, in the same pieces, with the same counts and the same failure at the same place.  A file
 * that is not compressed, or that cannot be opened, is left to its turn.
 */
#ifndef MC_EARLY_H
#define MC_EARLY_H

#include "stage/stage.h"

typedef struct mc_early mc_early;

#define MC_EARLY_THREADS 256u                    /* at most */
#define MC_EARLY_BYTES   ((size_t)128 << 20)     /* of a file, and of two files a thread at most */

/* 'paths', of which those that are NULL are left alone, and 'roots' are borrowed.  NULL: no memory, or no thread. */
mc_early *mc_early_open(const char *const *paths, size_t count, const mc_roots *roots, unsigned threads);

/* Accepts NULL; after all that was taken has been closed. */
void mc_early_close(mc_early *e);

/* A stage over what comes of file 'at', whose 'format' says how it was compressed.  False: open it at its turn.  Of one file
   once, and of files in order. */
bool mc_early_take(mc_early *e, size_t at, mc_stage **out);

#endif
