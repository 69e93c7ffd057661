/*
 * words.c: the way to a side, answers that took long, and a client that only confirms what it is told.
 */
#include "outcomes/dialogue.h"

#define WORD_BYTES    64u            /* who confirms is as brief (MC_TINY_PAYLOAD) */
#define CROSSED_LEAST 2u

int64_t mc_conn_way_to(const mc_conn *c, unsigned dir)
{
    const mc_endpoint_state *peer = &c->endpoint[!dir];
    int64_t way = 0;

    if (dir == c->originator ? (c->flags & MC_C_HS_DONE) != 0 : (c->flags & MC_C_HS_SYN_ACK) != 0)
        way = dir == c->originator ? c->to_client_ns : c->to_server_ns;
    else if (peer->rtt_count > 0)
        way = mc_ns_of_ms((double)peer->rtt_min_ms);
    return way > 0 ? way : 0;
}

/* Who answers the handshake may be further away than who acknowledges. */
int64_t mc_conn_shortest_way_to(const mc_conn *c, unsigned dir)
{
    const mc_endpoint_state *peer = &c->endpoint[!dir];
    const int64_t way = mc_conn_way_to(c, dir);
    const int64_t least = mc_ns_of_ms((double)peer->rtt_min_ms);

    return peer->rtt_count > 0 && least < way ? least : way;
}

/* What was said last, 'took' before, cannot have come to side 'dir' yet, and be answered here, in the shortest time known. */
void mc_dialogue_note_crossing(mc_dialogue *x, const mc_conn *c, unsigned dir, int64_t took)
{
    const int64_t way = mc_conn_shortest_way_to(c, dir);

    if (way >= MC_NS_PER_MS && c->endpoint[!dir].rtt_count > 0 && took < way - way / 4)
        mc_count_one(&x->crossed);
}

/* ------------------------------------------------------------- slow answers */

static void note_slowest(mc_dialogue *x, float ms, uint64_t frame)
{
    unsigned i;

    if (ms <= x->slow_ms[MC_SLOWEST - 1])
        return;
    for (i = MC_SLOWEST - 1; i > 0 && x->slow_ms[i - 1] < ms; i--) {
        x->slow_ms[i] = x->slow_ms[i - 1];
        x->slow_frame[i] = x->slow_frame[i - 1];
    }
    x->slow_ms[i] = ms;
    x->slow_frame[i] = frame;
}

/* A very slow answer: has it taken as long as the longest, or as the one before? */
static void note_limit(mc_dialogue *x, float ms)
{
    const bool longer = ms > x->limit_ms * (1 + MC_LIMIT_SHARE);

    if (ms <= x->before_ms * (1 + MC_LIMIT_SHARE) && ms >= x->before_ms * (1 - MC_LIMIT_SHARE))
        mc_count_one(&x->as_before);
    x->before_ms = ms;
    if (longer)
        x->at_limit = 0;
    if (longer || ms >= x->limit_ms * (1 - MC_LIMIT_SHARE))
        mc_count_one(&x->at_limit);
    if (ms > x->limit_ms)
        x->limit_ms = ms;
}

void mc_dialogue_note_slow(mc_dialogue *x, int64_t own, uint64_t frame)
{
    mc_count_one(&x->slow);
    if (own >= MC_VERY_SLOW_NS) {
        mc_count_one(&x->very_slow);
        note_limit(x, mc_float_ms(own));
    }
    note_slowest(x, mc_float_ms(own), frame);
}

/* -------------------------------------------------------------------- words */

/* The client speaks: at once, and as briefly as before? */
void mc_dialogue_note_word(mc_dialogue *x, uint32_t len, bool prompt)
{
    if (len <= WORD_BYTES)
        mc_count_one(&x->brief);
    if (len > WORD_BYTES || !prompt) {
        x->word_bytes = 0;
        return;
    }
    if (len == x->word_bytes)
        mc_count_one(&x->words);
    x->word_bytes = (uint16_t)len;
}

/* The server does not wait for such words: it speaks on, more than once, before they can have come there. */
bool mc_dialogue_confirms(const mc_dialogue *x)
{
    return x->crossed >= CROSSED_LEAST && x->words >= CROSSED_LEAST && 4u * x->words >= 3u * x->client_turns;
}
