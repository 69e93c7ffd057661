/*
 * missing.h: bytes that a side must have sent and that are not in the capture.
 */
#ifndef MC_MISSING_H
#define MC_MISSING_H

#include "facts/stats.h"
#include "tcp/bytes.h"
#include "tcp/conn.h"
#include "tcp/seq.h"

/* Nothing is missing of what 'h' has sent: its bytes go from the SYN to its next number, and the peer acknowledges
   nothing beyond. */
static inline bool mc_missing_is_nothing(const mc_endpoint_state *h, const mc_endpoint_state *r);

/* Not a byte of either side was captured: may there have been some?  What was not captured shows by the numbers of what
   follows, where they are known from the SYNs on. */
bool mc_missing_words(const mc_conn *c);

/* The numbers of the server tell of data that was not captured, an answer among it. */
bool mc_missing_answer(const mc_conn *c);

/* Adds what is missing of endpoint 'i', where something may be. */
void mc_missing_add(mc_facts *f, const mc_conn *c, unsigned i);

/* The other side of 'by', which answers nothing since 'since_ns', is heard on other connections until 10 s behind the last
   repetition. */
bool mc_is_heard_behind(const mc_timeline *timeline, const mc_conn *c, unsigned by, int64_t since_ns);

/*
 * Since 'since_ns' the client repeats itself in vain, and between two of these segments the server spoke on other
 * connections, by the packets that 'timeline' (or NULL) has counted: a host that lives answers each segment that it gets,
 * be it with a reset (RFC 9293, 3.10.7).  An answer to the latest one had the time to come.
 */
bool mc_is_heard_elsewhere(const mc_timeline *timeline, const mc_conn *c, int64_t since_ns, int64_t end_ns);

/* ------------------------------------------------------------------ bodies */

static inline bool mc_missing_is_nothing(const mc_endpoint_state *h, const mc_endpoint_state *r)
{
    const uint32_t sent = (uint32_t)h->payload_bytes, end = h->base + 1 + sent;

    return h->detail == NULL && r->detail == NULL && (h->options & MC_OPT_SEEN) != 0 &&
           (h->known & MC_KNOWN_NXT) != 0 && h->nxt == end + ((h->once & MC_ONCE_FIN) != 0) &&
           ((h->known & MC_KNOWN_BYTES) != 0 ? h->highest_end == end : sent == 0) &&
           ((r->known & MC_KNOWN_ACK) == 0 || !mc_seq_after(r->last_ack, h->nxt));
}

#endif
