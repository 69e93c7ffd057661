/*
 * queue.h: segments that wait for their partners, of one direction of a trail.
 */
#ifndef MC_QUEUE_H
#define MC_QUEUE_H

#include "points/parts.h"

/* Puts record 'number' last. */
static inline void mc_queue_append(mc_between *b, mc_queue *q, uint32_t number)
{
    mc_record_at(b, number)->next = 0;
    if (q->last != 0)
        mc_record_at(b, q->last)->next = number;
    else
        q->first = number;
    q->last = number;
    q->count++;
}

/* The segment waits.  False: no memory. */
bool mc_queue_record(mc_between *b, mc_queue *q, mc_sight s);

/* The record is no longer needed, and is in no queue: the next one that waits has its place. */
static inline void mc_queue_free(mc_between *b, uint32_t number)
{
    mc_record_at(b, number)->next = b->spare;
    b->spare = number;
    b->waiting--;
}

/* Record 'number', which stands behind 'before' (0: first), waits no longer. */
void mc_queue_take_out(mc_between *b, mc_queue *q, uint32_t before, uint32_t number);
void mc_queue_drop(mc_between *b, mc_queue *q);          /* none of them does */

#endif
