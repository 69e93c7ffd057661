/*
 * sweeps.h: who asks many hosts for one port.
 *
 * Whoever asks for one server gets its segments alone; that its client asked sixty other hosts for the same port, of
 * which hardly one answers, says what it was after.  Kept as bits by hashes of client and port, in a fixed amount of
 * memory: what two pieces of a capture know together is one OR.  Hosts can share a bit, so that there may be more of
 * them than bits; clients can share a place, in all rows only where most places are in use, and then nothing is said.
 */
#ifndef MC_SWEEPS_H
#define MC_SWEEPS_H

#include "base/base.h"

#define MC_SWEEP_ROWS  3
#define MC_SWEEP_SLOTS 1024
#define MC_SWEEP_HOSTS 16            /* so many hosts are a sweep, ... */
#define MC_SWEEP_SHARE 4             /* ... where not more than each so manieth answers */

typedef struct mc_sweep_slot {
    uint64_t asked, answered;        /* hosts, a bit each */
} mc_sweep_slot;

typedef struct mc_sweeps {
    mc_sweep_slot rows[MC_SWEEP_ROWS][MC_SWEEP_SLOTS];
} mc_sweeps;

/* Of a client and a port: hosts besides one server, at least. */
typedef struct mc_sweep {
    uint32_t asked, answered;
} mc_sweep;

/* A SYN of 'client' to 'port' of 'host', or the answer to one. */
void mc_sweeps_note(mc_sweeps *t, const uint64_t client[2], const uint64_t host[2], uint16_t port, bool answer);

/* Is there anybody who sweeps, and is there room to tell who?  't' may be NULL. */
bool mc_sweeps_any(const mc_sweeps *t);

/* Are so few places in use that what stands in three of them is one client's, as good as surely?  't' may be NULL. */
bool mc_sweeps_tell(const mc_sweeps *t);

/* What 'client' asked for 'port' of other hosts than 'server'; 'near': of those in its network, as far as an address
   tells (the first 24 bits of IPv4, 64 of IPv6). */
mc_sweep mc_sweeps_find(const mc_sweeps *t, const uint64_t client[2], const uint64_t server[2], uint16_t port, bool near);

static inline bool mc_sweep_is_one(const mc_sweep *s)
{
    return s->asked >= MC_SWEEP_HOSTS && s->answered * MC_SWEEP_SHARE <= s->asked;
}

#endif
