/*
 * queue.c: segments that wait for their partners.
 */
#include "compare/queue.h"

bool mc_queue_record(mc_between *b, mc_queue *q, const mc_record *r)
{
    const uint32_t n = mc_store_take(&b->records);

    if (n == 0) {
        b->no_memory = true;
        return false;
    }
    *mc_record_at(b, n) = *r;
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
