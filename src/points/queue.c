/*
 * queue.c: segments that wait for their partners.
 */
#include "points/queue.h"

bool mc_queue_record(mc_between *b, mc_queue *q, mc_sight s)
{
    const uint32_t n = b->spare != 0 ? b->spare : mc_store_take(&b->records);
    mc_record *r;

    if (n == 0) {
        b->no_memory = true;
        return false;
    }
    r = mc_record_at(b, n);
    if (n == b->spare)
        b->spare = r->next;
    r->matched = false;
    r->noted = *s.noted;
    r->seen = *s.seen;
    mc_queue_append(b, q, n);
    b->waiting++;
    return true;
}

void mc_queue_take_out(mc_between *b, mc_queue *q, uint32_t before, uint32_t number)
{
    const uint32_t next = mc_record_at(b, number)->next;

    if (before != 0)
        mc_record_at(b, before)->next = next;
    else
        q->first = next;
    if (q->last == number)
        q->last = before;
    if (q->after == number)
        q->after = before;
    q->count--;
    mc_queue_free(b, number);
}

void mc_queue_drop(mc_between *b, mc_queue *q)
{
    uint32_t n, next;

    for (n = q->first; n != 0; n = next) {
        next = mc_record_at(b, n)->next;
        mc_queue_free(b, n);
    }
    *q = (mc_queue){ 0 };
}
