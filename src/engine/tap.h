/*
 * tap.h: what a session shows of each segment of the server to who reads along.
 *
 * The segments are noted in order, and stay until the reader takes them: a session calls
 * nobody.  Nothing here points into a packet.
 */
#ifndef MC_TAP_H
#define MC_TAP_H

#include "engine/match.h"
#include "engine/part.h"

#define MC_DIGESTS 3                 /* of the first 16, the first 64, and all bytes of the payload */

/* One segment as it came by. */
typedef struct mc_seen {
    int64_t time_ns;
    uint64_t frame;
    uint32_t seq, ack, len;
    uint32_t ts_val, ts_ecr;
    uint32_t mark;                   /* of timestamps and SACK blocks */
    uint32_t digest[MC_DIGESTS];     /* as far as so many bytes were captured */
    uint32_t captured;               /* payload bytes in the file */
    uint16_t win, ip_id, mss;
    uint8_t flags, has, ttl, tos, scale;
    uint8_t dir;                     /* MC_CLIENT_TO_SERVER, MC_SERVER_TO_CLIENT */
    uint8_t cut;                     /* not all TCP options were captured */
} mc_seen;

/* The same with the connection that it is of. */
typedef struct mc_tapped {
    mc_flow_key key;
    uint32_t hash;                   /* of the key */
    uint32_t part;                   /* mc_part_of() */
    uint32_t sack[2];                /* the first SACK block, the one that its sender got last; both 0: none */
    mc_seen seen;
} mc_tapped;

typedef struct mc_tap {
    mc_tapped *items;                /* the reader sets 'count' to 0 when it has taken them */
    size_t count, room;
    mc_part_by part_by;              /* what 'part' of the segments is of */
    uint64_t unclear;                /* segments without a time, a length or a direction: not noted */
    bool no_memory;
} mc_tap;

void mc_tap_take(mc_tap *t, const mc_match *matches, uint32_t count, const mc_packet *packets, uint64_t first);
void mc_tap_free(mc_tap *t);

/*
 * Digests of the first 16, the first 64 and ('whole': there are no more) all bytes of those that were captured, to be
 * compared with others of the same process.  Those of fewer bytes stay as they are.
 */
void mc_tap_digest(const uint8_t *p, uint32_t captured, bool whole, uint32_t digest[MC_DIGESTS]);

#endif
