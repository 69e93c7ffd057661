/*
 * late.h: what a late segment really was: sent again, overtaken on its way, or
 * the same packet twice.  The reference's labels (retransmission, out of order)
 * hang on one time limit; here the packet's own evidence decides.
 */
#ifndef MC_LATE_H
#define MC_LATE_H

#include "bytes.h"
#include "tcp.h"

typedef enum mc_late_kind {
    MC_LATE_RESENT,
    MC_LATE_REORDERED,
    MC_LATE_DUPLICATED,
    MC_LATE_UNDECIDED
} mc_late_kind;

typedef enum mc_late_evidence {
    MC_BY_NOTHING,
    MC_BY_REPETITION,                /* all of its bytes were seen before */
    MC_BY_COPY,                      /* the same header, IP identification included, a moment ago */
    MC_BY_TIMESTAMP,                 /* TCP timestamp older or newer than that of the data above the hole */
    MC_BY_IP_ID,                     /* the same for the IP identification, where it counts up */
    MC_BY_ACK,                       /* the receiver had asked for it (duplicate acks, SACK) */
    MC_BY_TIME                       /* sooner than any answer could be, or after a retransmission timeout */
} mc_late_evidence;

#define MC_RTO_NS (200 * MC_NS_PER_MS)   /* smallest retransmission timeout of common stacks */

/* 'copy': an identical packet was seen less than a second before. */
mc_late_kind mc_late_judge(const mc_conn *c, unsigned dir, const mc_segment *s, const mc_bytes_news *news,
                           bool copy, int64_t now, mc_late_evidence *evidence);

/*
 * Packets seen twice.  Recent fingerprints in 4,096 sets, the latest four of each:
 * in practice the last 10,000 packets, up to a second old.
 */
#define MC_COPY_SETS 4096
#define MC_COPY_WAYS 4

typedef struct mc_copies {
    struct {
        uint32_t tag[MC_COPY_WAYS];
        uint32_t time[MC_COPY_WAYS];
    } sets[MC_COPY_SETS];
} mc_copies;

/*
 * What a copy has in common with its original; 0: it cannot be told from others.
 * It is the same in every run, and so is what it finds.
 */
static inline uint64_t mc_copies_fingerprint(const mc_segment *s)
{
    __extension__ typedef unsigned __int128 u128;
    uint64_t a = (uint64_t)s->win << 48 | (uint64_t)s->ip_id << 32 | s->len;
    uint64_t b = (uint64_t)s->seq << 32 | s->ack, ends[2];
    u128 product;

    if ((s->has & MC_HAS_IPID) == 0 || s->ip_id == 0)
        return 0;
    memcpy(&ends[0], s->src + 8, 8);
    memcpy(&ends[1], s->dst + 8, 8);
    a ^= ((uint64_t)s->sport << 40 | (uint64_t)s->dport << 16 | s->flags) * 0x9e3779b97f4a7c15ull;
    a ^= (ends[0] ^ ends[1] * 0xff51afd7ed558ccdull) * 0xc4ceb9fe1a85ec53ull;
    product = (u128)(a ^ 0x2545f4914f6cdd1dull) * (b ^ 0xd6e8feb86659fd93ull);
    return ((uint64_t)product ^ (uint64_t)(product >> 64)) | 1;
}

static inline void mc_copies_prefetch(const mc_copies *t, uint64_t fingerprint)
{
    MC_PREFETCH(&t->sets[fingerprint >> 52]);
}

/* True if the fingerprint was seen less than a second before; notes it for the next. */
static inline bool mc_copies_see(mc_copies *t, uint64_t fingerprint, int64_t now)
{
    uint32_t *tags = t->sets[fingerprint >> 52].tag, *times = t->sets[fingerprint >> 52].time;
    uint32_t tag = (uint32_t)fingerprint, time = (uint32_t)((uint64_t)now >> 10);  /* about a microsecond a tick */
    bool seen;

    _Static_assert(MC_COPY_SETS == 1 << 12 && MC_COPY_WAYS == 4, "as written out here");
    if (fingerprint == 0)
        return false;
    seen = tags[0] == tag || tags[1] == tag || tags[2] == tag || tags[3] == tag;
    if (MC_UNLIKELY(seen)) {
        unsigned i;

        seen = false;
        for (i = 0; i < MC_COPY_WAYS; i++)
            seen |= tags[i] == tag && time - times[i] < (uint32_t)(MC_NS_PER_S >> 10);
    }
    tags[3] = tags[2];
    tags[2] = tags[1];
    tags[1] = tags[0];
    tags[0] = tag;
    times[3] = times[2];
    times[2] = times[1];
    times[1] = times[0];
    times[0] = time;
    return seen;
}

#endif
