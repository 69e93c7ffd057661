/*
 * doubt.h: segments that may not be what they seem.
 *
 * A sequence or acknowledgement number far from everything that was sent is a damaged
 * packet, one of another connection, or the work of a device that rewrites numbers;
 * only when the next segment of the same side goes on there, the capture has missed
 * what lies between (RFC 9293, 3.4: nobody sends beyond the window).  And one to six
 * bytes at the end of an acknowledgement may be the padding of the shortest Ethernet
 * frame, which a device has written into the IP length: the numbers do not count them.
 * The same at the end of a SYN is padding for sure.
 * Such a segment is kept out of the stream until the next one tells.
 */
#ifndef MC_DOUBT_H
#define MC_DOUBT_H

#include "base/pool.h"
#include "tcp/bytes.h"
#include "tcp/conn.h"

#define MC_MAX_PADDING 6                 /* 46 bytes of an Ethernet frame, less 40 of headers */

typedef enum mc_doubt_kind {
    MC_DOUBT_NONE,
    MC_DOUBT_FAR,
    MC_DOUBT_PADDING,
    MC_DOUBT_OLD_PADDING                 /* no doubt: below what was sent, where padding has been found */
} mc_doubt_kind;

typedef struct mc_doubt {
    uint8_t kind;                        /* of the segment in question; mc_doubt_kind */
    bool ack_far;                        /* an acknowledgement number is in question */
    uint16_t flags;
    uint32_t seq, len;
    mc_opening opening;
    uint64_t frame;
    uint64_t far_bytes;                  /* how far it is */
    uint32_t ack;
    uint64_t ack_frame, ack_far_bytes;
    bool unseen;                         /* this side acknowledged what nobody has seen, up to ... */
    uint32_t unseen_ack;
    uint64_t unseen_frame;
    uint32_t padded;                     /* segments of this side that were padding */
    uint32_t before;                     /* bytes that were sent before the capture, as this side's first acknowledgement says */
} mc_doubt;

/* What was found about a segment that was in doubt. */
typedef struct mc_doubt_news {
    bool far_seq, far_ack, padding;      /* it is what it was suspected of ... */
    bool accepted;                       /* ... or the segment below belongs to the stream */
    mc_segment segment;
    int64_t time_ns;
    uint64_t frame, far_bytes, ack_frame, ack_far_bytes;
} mc_doubt_news;

/* True if a segment with these flags and so much payload may be padded: the fast paths leave it alone. */
static inline bool mc_may_be_padding(uint32_t len, unsigned flags);

/*
 * Whether 's' of endpoint 'dir' is in doubt.  'ack_before' is this side's acknowledgement number
 * before it, where known; 'zeros': its bytes may be padding, as they are all zero.
 */
mc_doubt_kind mc_doubt_of(const mc_conn *c, unsigned dir, const mc_segment *s, bool zeros);
bool mc_doubt_ack(const mc_conn *c, unsigned dir, const mc_segment *s, const uint32_t *ack_before,
                  uint64_t *far_bytes);

/* Keeps it in mind; without memory the segment is taken as it is: false. */
bool mc_doubt_keep(mc_conn *c, unsigned dir, const mc_segment *s, mc_doubt_kind kind, int64_t now, uint64_t frame,
                   mc_pool *pool);
void mc_doubt_keep_ack(mc_conn *c, unsigned dir, const mc_segment *s, uint64_t far_bytes, uint64_t frame,
                       mc_pool *pool);

/* What 's' of the same side says of the one in doubt ... */
void mc_doubt_next(mc_conn *c, unsigned dir, const mc_segment *s, mc_doubt_news *news);

/* ... and what an acknowledgement of the other side does. */
void mc_doubt_acknowledged(mc_conn *c, unsigned dir, uint32_t ack, mc_doubt_news *news);

/*
 * Whether 's' of side 'dir' acknowledges what is not in the capture.  Keeps how much of it was sent before the capture
 * began: what lies behind the first packet of a stream that was picked up midway, as the first acknowledgement says.
 */
bool mc_doubt_acks_unseen(mc_conn *c, unsigned dir, const mc_segment *s, const uint32_t *ack_before, mc_pool *pool);

/* Keeps in mind that side 'dir' acknowledged what nobody has seen ... */
void mc_doubt_keep_unseen(mc_conn *c, unsigned dir, uint32_t ack, uint64_t frame, mc_pool *pool);

/* ... and whether its next acknowledgement 's' takes that back, with nothing sent so far: then nothing was
   acknowledged (RFC 9293, 3.4: acknowledgements are cumulative), and the number was damaged. */
bool mc_doubt_takes_back(mc_conn *c, unsigned dir, const mc_segment *s, uint64_t *frame);

/* The rules' highest number, or the end of what they take for whole, lies far from the bytes that were seen. */
bool mc_is_far_ahead(const mc_endpoint_state *d);

/* Is a doubt about this side open? */
static inline bool mc_in_doubt(const mc_endpoint_state *d);

/* The next acknowledgement of this side may take back the one before. */
static inline bool mc_doubt_is_unseen(const mc_endpoint_state *d);

/* So many acknowledgements in a row, each an answer to the one before, are a loop. */
#define MC_ACK_LOOP_LEAST 10u

/* The numbers that this side acknowledges are those of a loop, and prove nothing. */
static inline bool mc_is_in_ack_loop(const mc_endpoint_state *d);

/* ------------------------------------------------------------------ bodies */

static inline bool mc_may_be_padding(uint32_t len, unsigned flags)
{
    const unsigned meant = flags & ~(unsigned)((flags & MC_TH_SYN) != 0 ? MC_TH_ECE | MC_TH_CWR : 0);

    return len - 1 < MC_MAX_PADDING &&
           (meant == MC_TH_SYN || (meant & ~(unsigned)(MC_TH_FIN | MC_TH_SYN)) == MC_TH_ACK);
}

static inline bool mc_in_doubt(const mc_endpoint_state *d)
{
    return d->detail != NULL && d->detail->doubt != NULL &&
           (d->detail->doubt->kind != MC_DOUBT_NONE || d->detail->doubt->ack_far);
}

static inline bool mc_doubt_is_unseen(const mc_endpoint_state *d)
{
    return d->detail != NULL && d->detail->doubt != NULL && d->detail->doubt->unseen;
}

static inline bool mc_is_in_ack_loop(const mc_endpoint_state *d)
{
    return d->detail != NULL && d->detail->loop_run >= MC_ACK_LOOP_LEAST;
}

#endif
