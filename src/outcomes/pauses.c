/*
 * pauses.c: an even pace, and a beat.
 */
#include "outcomes/dialogue.h"

#define EVEN_PAUSES   4u             /* so many pauses of about the same length are a pace */
#define BEATS         4u             /* so many turns at about the same distance are a beat, if that is ... */
#define BEAT_SPREAD   1.5f           /* ... no more uneven than this, ... */
#define BEAT_ANSWERS  2.0f            /* ... and the answers so many times as much */

bool mc_pauses_are_even(const mc_pauses *p)
{
    return p->count >= EVEN_PAUSES && (double)p->max_ms * (double)p->count <= 1.5 * (double)p->sum_ms;
}

/*
 * An answer follows its question: where one takes longer than the other, what the server says comes
 * later by as much, unless the question came sooner.  Where answers differ widely and the server speaks
 * at an even distance from its own last word all the same, no question has set it going.  Somebody also
 * spoke when it was not his turn: who asks and who answers take turns.
 */
bool mc_dialogue_is_beat(const mc_dialogue *x)
{
    return x->beats >= BEATS && x->beat_most_ms <= BEAT_SPREAD * x->beat_least_ms &&
           x->answer_most_ms - x->answer_least_ms > BEAT_ANSWERS * (x->beat_most_ms - x->beat_least_ms) &&
           (x->client_again > 0 || x->client_went_on > 0 || x->went_on > 0 || x->asked_on.turns > 0 || x->turn.count > 0 ||
            x->drips.turns > 0);
}
