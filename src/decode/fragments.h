/*
 * fragments.h: puts IP datagrams together again (RFC 791, 3.2; RFC 8200, 4.5).
 *
 * Bounded: at most MC_FRAGMENTS_DATAGRAMS are open and at most MC_FRAGMENTS_BYTES are
 * held; the oldest is given up first.  A datagram that is still open MC_FRAGMENTS_NS
 * after its first fragment is given up when its key comes again, since by then the
 * identification is in use anew. Where fragments overlap, the bytes that came first stay.
 */
#ifndef MC_FRAGMENTS_H
#define MC_FRAGMENTS_H

#include "base/base.h"

#define MC_FRAGMENTS_DATAGRAMS 256
#define MC_FRAGMENTS_BYTES     (4u << 20)
#define MC_FRAGMENTS_NS        (60 * MC_NS_PER_S)  /* RFC 8200, 4.5 */
#define MC_FRAGMENTS_LENGTH    65535               /* payload of one datagram, at most */

typedef struct mc_fragments mc_fragments;

typedef struct mc_fragment {
    const uint8_t *src, *dst;    /* 16 bytes each, borrowed */
    uint32_t id;
    uint8_t version;             /* 4 or 6 */
    uint8_t protocol;            /* of what the datagram carries, as this fragment says */
    bool more;                   /* more fragments follow */
    uint32_t offset;             /* in bytes, a multiple of 8 */
    mc_view data;                /* all of the fragment's payload, borrowed */
    int64_t time_ns;
} mc_fragment;

/* A datagram that is whole. */
typedef struct mc_datagram {
    mc_view data;                /* good until mc_fragments_release() */
    uint8_t protocol;            /* as its first fragment says */
} mc_datagram;

/*
 * Makes an empty store; NULL when there is no memory.  Nothing else is taken before a
 * fragment comes.
 */
mc_fragments *mc_fragments_open(void);
void mc_fragments_close(mc_fragments *f);            /* accepts NULL */

/*
 * Adds one fragment.  True: it was the last one missing, and 'out' is the datagram.
 * False: it is held, or was of no use (beyond the greatest length, no memory), and its
 * datagram stays incomplete.
 */
bool mc_fragments_add(mc_fragments *f, const mc_fragment *fragment, mc_datagram *out);

/* Frees the datagrams that were handed out. */
void mc_fragments_release(mc_fragments *f);

/* Datagrams given up so far and those still open. */
uint64_t mc_fragments_incomplete(const mc_fragments *f);

/* What is held at the moment. */
size_t mc_fragments_count(const mc_fragments *f);
size_t mc_fragments_bytes(const mc_fragments *f);

#endif
