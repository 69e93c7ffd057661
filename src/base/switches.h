/*
 * switches.h: what only this project's own tests and benchmarks choose (mc_options.switches).
 */
#ifndef MC_SWITCHES_H
#define MC_SWITCHES_H

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

/* How the records of a file are read. */
typedef enum mc_reading {
    MC_READING_CHOSEN,               /* the own reader, over a mapped file where that can be, as long as it is the faster way */
    MC_READING_MAPPED,               /* ... in any case */
    MC_READING_TURNS,                /* ... and without, in turn */
    MC_READING_PLAIN,                /* the own reader, without mapping */
    MC_READING_LIBPCAP
} mc_reading;

/* In which pages the connections lie. */
typedef enum mc_paging {
    MC_PAGES_SMALL,
    MC_PAGES_CHOSEN,                 /* small ones for the first blocks, then large ones, unless they are dear (pages.h) */
    MC_PAGES_LARGE                   /* from the first on, where the system gives them */
} mc_paging;

/* None of them changes a result but capture.reader. */
typedef struct mc_switches {
    mc_reading reading;
    mc_paging paging;
    bool full_path_only;             /* no segment takes a fast path */
    bool kept_in_full;               /* no connection is kept as a record or packed */
    uint32_t linger;                 /* so many that are over wait to be packed, within what there is room for */
    uint32_t gather_from;            /* so many half-open records are worth gathering */
    uint32_t scattered_from;         /* so many connections that hardly one lies in a page whose translation is
                                        at hand: 6 MiB, 1,536 pages */
} mc_switches;

/* All as usual, but for how records are read. */
#define MC_SWITCHES(how) \
    { .reading = (how), .paging = MC_PAGES_CHOSEN, .linger = UINT32_MAX, .gather_from = 16384, .scattered_from = 16384 }

/* By what capture.reader calls it: "mapped", "read", "libpcap"; or "turns"; all else is chosen. */
static inline mc_reading mc_reading_named(const char *reader)
{
    if (reader == NULL)
        return MC_READING_CHOSEN;
    return strcmp(reader, "read") == 0      ? MC_READING_PLAIN
           : strcmp(reader, "mapped") == 0  ? MC_READING_MAPPED
           : strcmp(reader, "turns") == 0   ? MC_READING_TURNS
           : strcmp(reader, "libpcap") == 0 ? MC_READING_LIBPCAP
                                            : MC_READING_CHOSEN;
}

#endif
