/*
 * halfopen.h: a connection of which one SYN was seen and nothing else.
 *
 * A flood of SYNs leaves millions of them.  Such a connection has no more to say than
 * its SYN, so that is what is kept, in an eighth of the memory; the connection is built
 * from it when a second segment comes.
 */
#ifndef MC_HALFOPEN_H
#define MC_HALFOPEN_H

#include "conn.h"

typedef struct mc_half_open {
    uint8_t peer[16];
    uint64_t begin : 48;             /* mc_conn.begin */
    uint64_t win : 16;
    int64_t time_ns;
    uint32_t seq;
    uint16_t peer_port, server_port;
    uint16_t mss, ip_id;
    uint8_t ttl;
    uint8_t options;                 /* MC_OPT_ */
    uint8_t scale;
    uint8_t bytes : 7;               /* mc_half.byte_count */
    uint8_t by_server : 1;           /* who sent it */
} mc_half_open;

#define MC_HALF_OPEN_BYTES 127       /* the longest frame that can be kept so */

_Static_assert(sizeof(mc_half_open) == 48, "one or two cache lines");

/* True if the connection that begins with a SYN in this frame can be kept as a record.  The
   SYN must be plain: no other flag but ECE and CWR, no payload, no acknowledgement number,
   a window, no SACK blocks, no bad checksum. */
static inline bool mc_half_open_fits(uint64_t frame, uint32_t wirelen)
{
    return wirelen <= MC_HALF_OPEN_BYTES && frame <= MC_BEGIN_MASK >> MC_BEGIN_BITS;
}

/*
 * Makes 'c', which must be zero, the connection that it would be if it had been kept in
 * full (spec/c/test_store.c holds the one against the other).
 */
void mc_half_open_build(const mc_half_open *h, mc_conn *c);

#endif
