/*
 * timers.h: how long hosts wait before they say something again, or at all.
 */
#ifndef MC_TIMERS_H
#define MC_TIMERS_H

#include "base/base.h"

/* The smallest retransmission timeout of common stacks. */
#define MC_RTO_NS         (200 * MC_NS_PER_MS)

/* That of a host which has measured no round trip (RFC 6298, 2.1): who wants an answer has repeated by then. */
#define MC_FIRST_RTO_NS   MC_NS_PER_S

/* An acknowledgement may be delayed so long (RFC 9293, 3.8.6.3): a later one did not wait for a timer. */
#define MC_DELAYED_ACK_NS (500 * MC_NS_PER_MS)

/* Common receivers delay it no longer than this. */
#define MC_USUAL_ACK_DELAY_NS (200 * MC_NS_PER_MS)

#endif
