/*
 * attempts.h: how connections were begun, summed up.
 */
#ifndef MC_ATTEMPTS_H
#define MC_ATTEMPTS_H

#include "base/base.h"
#include "outcomes/outcome.h"
#include "table/scanners.h"
#include "table/sweeps.h"
#include "tcp/conn.h"

#define MC_OTHERS_IN_VAIN 2          /* other hosts that are asked in vain: it is not the server alone */

/* What clients do besides; NULL: not known. */
typedef struct mc_elsewhere {
    const mc_scanners *scanners;     /* who tried the server's other ports */
    const mc_sweeps *sweeps;         /* who asked other hosts for the same port */
} mc_elsewhere;

/* What a walk over the connections needs besides what it fills in. */
typedef struct mc_attempt_sums {
    mc_elsewhere elsewhere;
    bool any_scanner, any_sweep, any; /* 'any': either of them */
    bool tells_others;               /* what other hosts said to a client can be told */
    uint64_t server[2];              /* its address */
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
    if (!mc_attempts_is_usual(c) || x->any) {
        mc_attempts_add_unusual(x, f, c, outcome, end_ns);
        return;
    }
    f->attempted[c->originator]++;
    f->completed[c->originator]++;
    f->data_less += c->endpoint[0].payload_bytes + c->endpoint[1].payload_bytes == 0;
}

/* One attempt of a client: where it asked, and whether anything came back. */
typedef struct mc_attempt_ends {
    uint64_t peer[2];                /* the client's address */
    uint16_t server_port;
    bool answered;
} mc_attempt_ends;

/* mc_attempts_is_scanned() where there is a scan, or a sweep. */
bool mc_attempts_is_scanned_by(const mc_attempt_sums *x, mc_attempt_facts *a, const mc_attempt_ends *e);

/* Whether it is one of a scan; those of sweeps are counted. */
static inline bool mc_attempts_is_scanned(const mc_attempt_sums *x, mc_attempt_facts *a, const void *peer, uint16_t server_port,
                                          bool answered)
{
    mc_attempt_ends e;

    if (MC_LIKELY(!x->any))
        return false;
    e = (mc_attempt_ends){ { 0, 0 }, server_port, answered };
    memcpy(e.peer, peer, sizeof e.peer);
    return mc_attempts_is_scanned_by(x, a, &e);
}

#endif
