/*
 * scanners.h: who tries the server's other ports, and whether it answers there.
 *
 * Whoever asks for one port gets the segments of that port alone; that its client tried
 * sixty others says what it was after.  Kept of the latest clients, those with most ports
 * the longest: a fixed amount of memory, and the same in every run.
 */
#ifndef MC_SCANNERS_H
#define MC_SCANNERS_H

#include "base/base.h"
#include "mcpcap.h"

#define MC_SCANNER_SETS  16
#define MC_SCANNER_WAYS  4
#define MC_SCANNER_PORTS 512         /* ports are told apart by so many values: there may be more */
#define MC_SCAN_PORTS    10          /* so many ports are a scan */

typedef struct mc_scanner {
    uint64_t peer[2];                /* the address, as its bytes lie */
    uint64_t ports[MC_SCANNER_PORTS / 64];       /* tried, a bit each */
    uint64_t syns;                   /* 0: the place is free */
    uint64_t latest;                 /* frame of the latest */
    uint32_t port_count;
} mc_scanner;

typedef struct mc_scanners {
    mc_scanner sets[MC_SCANNER_SETS][MC_SCANNER_WAYS];
    uint64_t answers;                /* SYN-ACKs of its other ports */
    mc_examples answer_frames;
} mc_scanners;

static inline unsigned mc_scanners_set(const uint64_t peer[2])
{
    return (unsigned)(((peer[0] ^ peer[1]) * 0x9e3779b97f4a7c15ull) >> 60);
}

/* A SYN of 'peer' to another port of the server than the one that was asked for. */
void mc_scanners_note(mc_scanners *t, const uint64_t peer[2], uint16_t port, uint64_t frame);

/* The server answers a SYN at another port. */
void mc_scanners_note_answer(mc_scanners *t, uint64_t frame);

/* What is kept of 'peer', or NULL; 't' may be NULL. */
const mc_scanner *mc_scanners_find(const mc_scanners *t, const uint64_t peer[2]);

/* Is there anybody who scans? */
bool mc_scanners_any(const mc_scanners *t);

static inline bool mc_scanner_is_one(const mc_scanner *s)
{
    return s != NULL && s->port_count >= MC_SCAN_PORTS;
}

_Static_assert(MC_SCANNER_SETS == 1 << 4, "mc_scanners_set() gives four bits");

#endif
