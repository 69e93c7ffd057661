/*
 * attempts.h: how connections were begun, summed up.
 */
#ifndef MC_ATTEMPTS_H
#define MC_ATTEMPTS_H

#include "base/base.h"
#include "outcomes/outcome.h"
#include "table/scanners.h"
#include "tcp/conn.h"

/* What a walk over the connections needs besides what it fills in. */
typedef struct mc_attempt_sums {
    const mc_scanners *scanners;     /* who tried the server's other ports */
    bool any_scanner;
    int64_t check_first_ns, check_last_ns;
} mc_attempt_sums;

/* One SYN, its answer and the last step, and nothing out of the ordinary: what most connections are. */
static inline bool mc_attempts_is_usual(const mc_conn *c)
{
    return (c->flags & (MC_C_SYN | MC_C_HS_DONE | MC_C_MID_STREAM | MC_C_REPLAYED)) == (MC_C_SYN | MC_C_HS_DONE) &&
           c->endpoint[c->originator].detail == NULL && c->syn_count <= 1 && c->syn_len == 0 &&
           c->reset_phase == MC_RESET_NONE;
}

/* mc_attempts_add() of any other. */
void mc_attempts_add_unusual(mc_attempt_sums *x, mc_connection_facts *f, const mc_conn *c, mc_outcome_id outcome,
                             int64_t end_ns);

/* Adds the handshake of one connection, whose outcome is 'outcome'; the capture ends at 'end_ns'. */
static inline void mc_attempts_add(mc_attempt_sums *x, mc_connection_facts *f, const mc_conn *c, mc_outcome_id outcome,
                                   int64_t end_ns)
{
    if (!mc_attempts_is_usual(c) || x->any_scanner) {
        mc_attempts_add_unusual(x, f, c, outcome, end_ns);
        return;
    }
    f->attempted[c->originator]++;
    f->completed[c->originator]++;
    f->data_less += c->endpoint[0].payload_bytes + c->endpoint[1].payload_bytes == 0;
}

/* Whether it is one of a scan; 'peer' is its client's address. */
static inline bool mc_attempts_is_scanned(const mc_attempt_sums *x, mc_attempt_facts *a, const void *peer)
{
    const mc_scanner *s;
    uint64_t address[2];

    if (!x->any_scanner)
        return false;
    memcpy(address, peer, sizeof address);
    s = mc_scanners_find(x->scanners, address);
    if (!mc_scanner_is_one(s))
        return false;
    if (s->port_count > a->scan_ports)
        a->scan_ports = s->port_count;
    return true;
}

#endif
