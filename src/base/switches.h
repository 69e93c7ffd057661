/*
 * switches.h: what only this project's own tests and benchmarks choose (mc_options.switches).
 */
#ifndef MC_SWITCHES_H
#define MC_SWITCHES_H

#include <string.h>

/* How the records of a file are read. */
typedef enum mc_reading {
    MC_READING_CHOSEN,               /* the own reader, over a mapped file where that can be */
    MC_READING_PLAIN,                /* the own reader, without mapping */
    MC_READING_LIBPCAP
} mc_reading;

typedef struct mc_switches {
    mc_reading reading;
} mc_switches;

/* By what capture.reader calls it: "read", "libpcap"; all else is chosen. */
static inline mc_reading mc_reading_named(const char *reader)
{
    if (reader == NULL)
        return MC_READING_CHOSEN;
    return strcmp(reader, "read") == 0      ? MC_READING_PLAIN
           : strcmp(reader, "libpcap") == 0 ? MC_READING_LIBPCAP
                                            : MC_READING_CHOSEN;
}

#endif
