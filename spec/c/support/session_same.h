/*
 * session_same.h: ways that an analysis can go, and whether two of them came to the same.
 */
#ifndef SESSION_SAME_H
#define SESSION_SAME_H

#include "check.h"
#include "conn_same.h"
#include "session/session.h"

/* Ways that must make no difference. */
typedef enum way {
    ORDINARY,
    FULL_PATH_ONLY,                    /* no segment goes the fast path */
    IN_FULL,                         /* no connection is kept in short */
    AT_ONCE,                         /* each is packed as soon as it is over */
    WAYS
} way;

/* Call it before the first step. */
static inline void go_this_way(mc_session *s, way how)
{
    s->watch.analysis.flows->switches.full_path_only = how == FULL_PATH_ONLY;
    s->watch.analysis.flows->switches.kept_in_full = how == IN_FULL;
    if (how == AT_ONCE) {
        s->watch.analysis.flows->switches.linger = 0;
        s->watch.analysis.flows->switches.gather_from = 2;
        s->watch.analysis.flows->switches.scattered_from = 0;
    }
}

static inline bool is_same_text(const char **a, const char **b)
{
    const bool same = *a == NULL || *b == NULL ? *a == *b : strcmp(*a, *b) == 0;

    *a = *b = NULL;
    return same;
}

/* All of two rows; texts by what they say, for each session has its own. */
static inline bool is_same_row(const mc_top_connection *a, const mc_top_connection *b)
{
    mc_top_connection x = *a, y = *b;
    mc_row_tls *p = &x.application.tls, *q = &y.application.tls;
    bool same = is_same_text(&x.ecn, &y.ecn);

    same &= is_same_text(&p->sni, &q->sni);
    same &= is_same_text(&p->alpn, &q->alpn);
    same &= is_same_text(&p->alpn_offered, &q->alpn_offered);
    same &= is_same_text(&p->last_message, &q->last_message);
    same &= is_same_text(&x.application.asked.name, &y.application.asked.name);

    same &= (p->certificate == NULL) == (q->certificate == NULL);
    if (p->certificate != NULL && q->certificate != NULL) {
        mc_tls_certificate c = *p->certificate, d = *q->certificate;

        same &= is_same_text(&c.subject, &d.subject);
        same &= is_same_text(&c.issuer, &d.issuer);
        same &= is_same_text(&c.name, &d.name);
        same &= memcmp(&c, &d, sizeof c) == 0;
    }
    p->certificate = q->certificate = NULL;
    return same && memcmp(&x, &y, sizeof x) == 0;
}

static inline void compare_facts(const mc_facts *x, const mc_facts *y)
{
    uint32_t i;
    int dir;

    for (dir = 0; dir < 2; dir++)
        CHECK(memcmp(&x->direction[dir], &y->direction[dir], sizeof x->direction[dir]) == 0);
    CHECK(memcmp(&x->connections, &y->connections, sizeof x->connections) == 0);
    CHECK(memcmp(x->handshake_rtt, y->handshake_rtt, sizeof x->handshake_rtt) == 0);
    CHECK(memcmp(&x->server_response, &y->server_response, sizeof x->server_response) == 0);
    CHECK(memcmp(&x->client_think, &y->client_think, sizeof x->client_think) == 0);
    CHECK(memcmp(&x->slow_answers, &y->slow_answers, sizeof x->slow_answers) == 0);
    CHECK(memcmp(&x->answers, &y->answers, sizeof x->answers) == 0);
    CHECK_EQ(x->capture.frames, y->capture.frames);
    CHECK_EQ(x->capture.matched_frames, y->capture.matched_frames);
    CHECK_EQ(x->capture.time_regressions, y->capture.time_regressions);
    CHECK_EQ(x->top_count, y->top_count);
    for (i = 0; i < x->top_count && i < y->top_count; i++)
        CHECK(is_same_row(&x->top_connections[i], &y->top_connections[i]));
    CHECK_EQ(x->bucket_count, y->bucket_count);
    CHECK(x->bucket_count == 0 || memcmp(x->buckets, y->buckets, x->bucket_count * sizeof *x->buckets) == 0);
}

/* No count of bytes exceeds what was sent: a hole that one segment leaves is less than 2^31 long. */
static inline void check_byte_counts(uint64_t packets, uint64_t payload, uint64_t unique, uint64_t again,
                                     uint64_t missing)
{
    CHECK(unique <= payload);
    CHECK(again <= payload);
    CHECK(unique + again <= payload);
    CHECK(missing <= packets << 31);
}

static inline void check_bytes(const mc_facts *f)
{
    uint32_t i;
    int dir;

    for (dir = 0; dir < 2; dir++) {
        const mc_counts *n = &f->direction[dir].counts;

        check_byte_counts(n->packet_count, n->payload_bytes, n->unique_bytes, n->retransmitted_bytes, n->missing_bytes);
        for (i = 0; i < f->top_count; i++) {
            const mc_top_endpoint *e = &f->top_connections[i].endpoint[dir];

            check_byte_counts(e->packet_count, e->payload_bytes, e->unique_bytes, e->retransmitted_bytes,
                              e->missing_bytes);
        }
    }
}

/* All that is kept, and all that is said. */
static inline void compare_sessions(mc_session *a, mc_session *b)
{
    const mc_facts *x = mc_session_facts(a), *y = mc_session_facts(b);

    CHECK((x == NULL) == (y == NULL));
    if (x != NULL && y != NULL) {
        check_bytes(x);
        compare_facts(x, y);
        compare_connections(a->watch.analysis.flows, b->watch.analysis.flows);
        compare_dialogues(&a->watch.analysis.speech, &b->watch.analysis.speech);
    }
}

#endif
