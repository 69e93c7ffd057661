/*
 * record.h: frames in, a capture file out: classic pcap in its dialects, and pcapng.
 */
#ifndef BENCH_RECORD_H
#define BENCH_RECORD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

typedef struct record_format {
    const char *name;                /* "us", "ns", "swapped", ... */
    bool nanoseconds, swapped, pcapng;
} record_format;

typedef struct recorder {
    FILE *out;
    const record_format *format;
    uint32_t snaplen;
    uint64_t frames, wire_bytes;
    bool failed;                     /* a write failed; what follows is not written */
} recorder;

/* NULL when there is no such format. */
const record_format *record_format_named(const char *name);

/* Writes the file header.  'out' is borrowed. */
void recorder_begin(recorder *r, FILE *out, const record_format *format, uint32_t snaplen);

/* Writes one frame, cut to the snapshot length; returns the bytes kept of it. */
uint32_t recorder_add(recorder *r, int64_t time_ns, const uint8_t *frame, uint32_t length);

#endif
