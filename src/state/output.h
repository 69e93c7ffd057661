/*
 * output.h: a state is written beside its place, and takes it when it is complete and on the disk.
 */
#ifndef MC_OUTPUT_H
#define MC_OUTPUT_H

#include "base/guard.h"
#include "state/chunk.h"

typedef struct mc_output {
    mc_chunk_writer writer;
    char *path, *aside;
    mc_guard guard;
} mc_output;

/* Begins a new file beside PATH, head included.  Until it is closed no write ends the process for its length. */
mc_status mc_output_open(mc_output *o, const char *path, mc_error *err);

/* MC_OK: what was written is PATH from now on.  Else it is removed; 'status' is given back, with the name in front. */
mc_status mc_output_close(mc_output *o, mc_status status, mc_error *err);

#endif
