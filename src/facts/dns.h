/*
 * dns.h: questions for names and their answers (RFC 1035), as far as the time that a client
 * waits for them goes.  Bounded: of the questions that are open the latest are kept.
 */
#ifndef MC_DNS_H
#define MC_DNS_H

#include "decode/decode.h"
#include "facts/dns_name.h"
#include "facts/lookups.h"
#include "facts/stats.h"
#include "mcpcap.h"

#define MC_DNS_PORT 53
#define MC_DNS_OPEN 4096             /* questions that wait for their answer */
#define MC_DNS_SLOW_NS (200 * MC_NS_PER_MS)      /* a client may wait for a name as for an answer */

/* The longest wait, or the first question of a kind. */
typedef struct mc_dns_example {
    uint64_t frame;                  /* of the question; 0: none */
    int64_t wait_ns;
    uint8_t client[16], server[16];
    char name[MC_DNS_NAME];
} mc_dns_example;

typedef struct mc_dns_facts {
    uint64_t questions, answers;     /* each once; messages that no question was seen for are no answers */
    uint64_t repeated;               /* the same question again, without an answer */
    uint64_t unanswered;             /* nothing came, though the capture goes on for a second at least */
    uint64_t no_name, failed, refused, other_errors;     /* NXDOMAIN, SERVFAIL, REFUSED, and all else but success */
    uint64_t slow;                   /* answers that took MC_DNS_SLOW_NS and more */
    mc_durations wait;               /* from the first time that the question was put */
    mc_dns_example slowest, first_unanswered, first_no_name, first_failed;
} mc_dns_facts;

typedef struct mc_dns mc_dns;

mc_dns *mc_dns_open(void);                       /* NULL: no memory */
void mc_dns_close(mc_dns *t);                    /* accepts NULL */

/* Lookups are kept from now on, see mc_lookups_open().  NULL: no memory. */
mc_lookups *mc_dns_lead(mc_dns *t, const uint8_t *only);

/* A datagram of which one port is MC_DNS_PORT.  False: no memory. */
bool mc_dns_add(mc_dns *t, const mc_other *datagram, uint64_t frame, int64_t now);

/* Ports, source and destination, of a segment that may hold messages. */
static inline bool mc_dns_is_port(uint32_t ports)
{
    return ports >> 16 == MC_DNS_PORT || (ports & 0xffff) == MC_DNS_PORT;
}

/* The same of a segment: of the messages that begin with it. */
bool mc_dns_add_stream(mc_dns *t, const mc_segment *s, uint64_t frame, int64_t now);

/* So far, of a capture that ends at 'last_ns'. */
void mc_dns_get_facts(const mc_dns *t, int64_t last_ns, mc_dns_facts *out);

#endif
