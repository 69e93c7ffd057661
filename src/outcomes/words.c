/*
 * words.c: a client that only confirms what it is told.
 */
#include "outcomes/dialogue.h"

#define WORD_BYTES    64u            /* who confirms is as brief (MC_TINY_PAYLOAD) */
#define CROSSED_LEAST 2u

/* What was said last, 'took' before, cannot have come to side 'dir' yet, and be answered here, in the shortest time known. */
void mc_dialogue_note_crossing(mc_dialogue *x, const mc_conn *c, unsigned dir, int64_t took)
{
    const int64_t way = mc_conn_shortest_way_to(c, dir);

    if (way >= MC_NS_PER_MS && c->endpoint[!dir].rtt_count > 0 && took < way - way / 4)
        mc_count_one(&x->crossed);
}

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
