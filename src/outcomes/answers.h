/*
 * answers.h: what the connections say of who answers, who waits and who pauses.
 */
#ifndef MC_ANSWERS_H
#define MC_ANSWERS_H

#include "outcomes/dialogue.h"

#define MC_LEAST_MSS 536u            /* a host must take so much without being asked (RFC 9293, 3.7.1) */
#define MC_OFFERS    (MC_OPT_MSS | MC_OPT_SCALE | MC_OPT_SACK | MC_OPT_TS)

/* A connection that has nothing to say: no record, the client speaks first, the handshake's options, TTL and MSS are
   as usual. */
static inline bool mc_answers_are_usual(const mc_conn *c)
{
    const mc_endpoint_state *client = &c->endpoint[MC_CLIENT], *server = &c->endpoint[MC_SERVER];

    return (c->flags & (MC_C_DIALOGUE | MC_C_SERVER_FIRST)) == 0 &&
           (server->options & (MC_OFFERS & ~(unsigned)MC_OPT_MSS)) != 0 &&
           server->ttl_min >= server->ttl_max && client->mss >= MC_LEAST_MSS && server->mss >= MC_LEAST_MSS;
}

/* Of a connection without any data. */
void mc_answers_add_unspoken(mc_answer_facts *f, const mc_conn *c);

void mc_answers_add_told(mc_answer_facts *f, const mc_speech *t, const mc_conn *c);

/* Adds what one connection says. */
static inline void mc_answers_add(mc_answer_facts *f, const mc_speech *t, const mc_conn *c)
{
    if (!mc_answers_are_usual(c))
        mc_answers_add_told(f, t, c);
    if (c->endpoint[0].payload_bytes + c->endpoint[1].payload_bytes == 0)
        mc_answers_add_unspoken(f, c);
}

/* Adds what all say together; 'answers' of them were measured. */
void mc_answers_finish(mc_answer_facts *f, const mc_speech *t, uint64_t answers);

/* The client does not wait for an answer, or nothing that the server sends is in the capture. */
bool mc_answers_are_unwanted(const mc_speech *t, const mc_conn *c);

#endif
