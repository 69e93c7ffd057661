/*
 * halfopen.h: a connection of which one SYN was seen and nothing else.
 *
 * A flood of SYNs leaves millions of them.  Such a connection has no more to say than
 * its SYN, so that is what is kept, in a tenth of the memory; the connection is built
 * from it when a second segment comes.
 */
#ifndef MC_HALFOPEN_H
#define MC_HALFOPEN_H

#include "tcp/conn.h"

/* Packed, so that one record follows the other: with an IPv4 address all have 36 bytes. */
typedef struct __attribute__((packed, aligned(4))) mc_half_open {
    uint32_t seq;
    uint64_t begin : 48;             /* mc_conn.begin */
    uint64_t win : 16;
    int64_t time_ns;
    union {
        struct {
            uint16_t peer_port, server_port;
        };
        uint32_t ports;
    };
    uint16_t mss, ip_id;
    uint8_t ttl;
    uint8_t options;                 /* MC_OPT_ */
    uint8_t scale;
    uint8_t bytes : 7;               /* mc_endpoint_state.byte_count */
    uint8_t by_server : 1;           /* who sent it */
    uint8_t peer[];                  /* the address, of IPv4 its own four bytes alone */
} mc_half_open;

#define MC_HALF_OPEN_BYTES 127       /* the longest frame that can be kept so */

_Static_assert(sizeof(mc_half_open) == 32, "with the address 36 or 48");

/* Bytes of a record, its address included. */
static inline uint32_t mc_half_open_size(bool ipv4);

/* False: 'peer' is no IPv4 address, and the records have room for no other. */
static inline bool mc_half_open_has_room(const uint64_t peer[2], bool ipv4);

/* The address, for which there must be room. */
static inline void mc_half_open_set_peer(mc_half_open *h, const uint64_t peer[2], bool ipv4);
static inline void mc_half_open_get_peer(const mc_half_open *h, uint64_t peer[2], bool ipv4);

/* True if the connection that begins with a SYN in this frame can be kept as a record.  The
   SYN must be plain: no other flag but ECE and CWR, no payload, no acknowledgement number,
   a window, no SACK blocks, no bad checksum. */
static inline bool mc_half_open_fits(uint64_t frame, uint32_t wirelen);

/*
 * Makes 'c', which must be zero, the connection that it would be if it had been kept in
 * full (spec/c/table/test_store.c holds the one against the other).
 */
void mc_half_open_build(const mc_half_open *h, bool ipv4, mc_conn *c);

/* ------------------------------------------------------------------ bodies */

static inline uint32_t mc_half_open_size(bool ipv4)
{
    return (uint32_t)sizeof(mc_half_open) + (ipv4 ? 4 : 16);
}

static inline bool mc_half_open_has_room(const uint64_t peer[2], bool ipv4)
{
    return !ipv4 || (peer[0] == 0 && peer[1] == mc_mapped_word(mc_word4((const uint8_t *)peer + 12)));
}

static inline void mc_half_open_set_peer(mc_half_open *h, const uint64_t peer[2], bool ipv4)
{
    if (ipv4)
        memcpy(h->peer, (const uint8_t *)peer + 12, 4);
    else
        memcpy(h->peer, peer, 16);
}

static inline void mc_half_open_get_peer(const mc_half_open *h, uint64_t peer[2], bool ipv4)
{
    if (ipv4) {
        peer[0] = 0;
        peer[1] = mc_mapped_word(mc_word4(h->peer));
    } else {
        memcpy(peer, h->peer, 16);
    }
}

static inline bool mc_half_open_fits(uint64_t frame, uint32_t wirelen)
{
    return wirelen <= MC_HALF_OPEN_BYTES && frame <= MC_BEGIN_MASK >> MC_BEGIN_BITS;
}

#endif
