/*
 * queue.h: segments that wait for their partners, of one direction of a trail.
 */
#ifndef MC_QUEUE_H
#define MC_QUEUE_H

#include "compare/parts.h"

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

/* A copy of 'r' waits.  False: no memory. */
bool mc_queue_record(mc_between *b, mc_queue *q, const mc_record *r);

/* The record is no longer needed, and is in no queue. */
static inline void mc_queue_free(mc_between *b, uint32_t number)
{
    mc_store_give_back(&b->records, number);
    b->waiting--;
}

/* Record 'number', which stands behind 'before' (0: first), waits no longer. */
void mc_queue_take_out(mc_between *b, mc_queue *q, uint32_t before, uint32_t number);
void mc_queue_drop(mc_between *b, mc_queue *q);          /* none of them does */

#endif
