/*
 * source_state.h: what a source knows while it reads; for source.c and source_fill.c, which change it,
 * and source_facts.c, which tells of it.
 */
#ifndef MC_SOURCE_STATE_H
#define MC_SOURCE_STATE_H

#include "capture/source.h"

#include "capture/inputs.h"
#include "capture/reader.h"
#include "capture/way.h"
#include "stage/stage.h"

typedef enum phase {
    PHASE_BEGIN,                     /* the next input is to be opened */
    PHASE_SNIFF,
    PHASE_MAPPED,
    PHASE_BUFFER,
    PHASE_LIBPCAP,
    PHASE_OVER                       /* 'verdict' is the answer for ever */
} phase;

struct mc_source {
    phase phase;
    mc_inputs in;
    size_t at;                       /* the current input */
    bool whole;                      /* mc_source_read_whole() */
    bool follow;                     /* more inputs may come; the last one grows */

    mc_stage *stage;
    mc_status stage_end;             /* MC_OK while the stage gives bytes */
    mc_error stage_error;
    mc_reader *reader;
    mc_libpcap *libpcap;
    mc_prefetcher idle_prefetcher;             /* where there is nothing to walk on */
    mc_ways ways;                    /* of a file that could be mapped */
    int depth;

    uint8_t *own;                    /* a buffer of so much room, or NULL */
    size_t room;
    uint8_t *buffer;                 /* that, or what the stage has lent */
    size_t begin, end;               /* unparsed bytes lie in [begin, end) of it */
    uint64_t parsed;                 /* capture bytes of this input done with */
    uint64_t limited_bytes;          /* towards max_bytes, of all inputs */
    uint64_t packets;
    int64_t waited_ns;               /* in reading, of all inputs */

    uint64_t done_before;            /* bytes_done of the inputs before */
    mc_source_facts facts;           /* sums of the inputs before, and what is settled */
    mc_status verdict;
    mc_error error;
};

/*
 * Reads a block behind the unparsed bytes, which move to the front.  MC_OK with
 * 'got' 0: nothing there yet.  The end of the stage is kept in stage_end, so that
 * what came before it is parsed first.  Not MC_OK: no memory.
 */
mc_status mc_source_fill(mc_source *s, size_t most, size_t *got, unsigned wait_ms);

#endif
