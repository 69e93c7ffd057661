/*
 * inputs.h: what a source keeps of its caller's inputs and options.
 */
#ifndef MC_INPUTS_H
#define MC_INPUTS_H

#include "base/base.h"
#include "base/switches.h"
#include "stage/early.h"
#include "stage/stage.h"

/* One input. */
typedef struct mc_kept {
    char *path;                      /* or NULL */
    FILE *stream;                    /* borrowed */
    char *shown;                     /* fit to stand in a message */
    uint64_t total;                  /* bytes, when known */
    bool total_known;
    bool is_held;                    /* 'fd' is the file, open already: its name may be gone by its turn */
    int fd;
} mc_kept;

typedef struct mc_inputs {
    mc_kept *list;
    size_t count;
    mc_options options;              /* its strings are copies; no filter, no roots, no switches */
    mc_switches switches;
    mc_roots *roots;                 /* options.roots, resolved; or NULL */
    mc_early *early;                 /* NULL, or who inflates files before their turn */
} mc_inputs;

/*
 * Copies inputs and options into 'in' (all zeros), and resolves the roots.  After a
 * failure, too, 'in' is to be dropped.
 */
mc_status mc_inputs_keep(mc_inputs *in, const mc_input *inputs, size_t count,
                         const mc_options *options, mc_error *err);
/* Puts one more behind them, a file held open from now on; a failure changes nothing. */
mc_status mc_inputs_add(mc_inputs *in, const mc_input *input, mc_error *err);

void mc_inputs_drop(mc_inputs *in);

/*
 * Looks at one input without reading it: a name that is misspelt or not allowed is an error
 * before the work begins, and not a capture that ends early.  Learns its size.
 * The error has no object.
 */
mc_status mc_inputs_check(mc_inputs *in, size_t at, mc_error *cause);

/* From now on as many threads as options.jobs says inflate files before their turn.  No input may be added. */
void mc_inputs_inflate_early(mc_inputs *in);

/* The stage of one input, whose turn it is; 'inflated': it hands on what comes of a compressed file.  The error has no object. */
mc_status mc_inputs_open(mc_inputs *in, size_t at, mc_stage **out, bool *inflated, mc_error *cause);

#endif
