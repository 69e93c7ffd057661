/*
 * frames.c: what every frame adds to.
 */
#include "session/frames.h"

#include "state/sums.h"

static void count_link_type(mc_capture_facts *c, uint32_t number, uint64_t frames)
{
    if (number != MC_LINKTYPE_RECORD)
        mc_sums_add_link_type(c, &(mc_link_type){ number, mc_decode_knows(number), frames });
}

/* What carries no time is not part of the first and the last one. */
static int64_t first_time_of(const mc_packet *p, size_t count)
{
    size_t i;

    for (i = 0; i < count; i++)
        if (p[i].time_ns != MC_NO_TIME)
            return p[i].time_ns;
    return MC_NO_TIME;
}

bool mc_frames_note(mc_capture_facts *c, const mc_packet *p, size_t count)
{
    uint32_t usual = c->link_type_count > 0 ? c->link_types[0].number : p[0].linktype;
    uint64_t cut = 0, lost = 0, others = 0, timeless = 0;
    const mc_packet *const end = p + count;
    int64_t first, last;

    if (MC_UNLIKELY(c->link_type_count == 0))
        count_link_type(c, usual, 0);            /* in the order in which they come */
    if (MC_UNLIKELY(!c->times_known)) {
        c->first_ns = c->last_ns = first_time_of(p, count);
        c->times_known = c->first_ns != MC_NO_TIME;
    }
    first = c->first_ns;
    last = c->times_known ? c->last_ns : MC_NO_TIME + 1;         /* later than none, which is the least */
    for (; p < end; p++) {
        int64_t now = p->time_ns;
        uint32_t less = p->wirelen - p->caplen;

        if (MC_UNLIKELY(p->wirelen < p->caplen))
            less = 0;
        if (MC_LIKELY(now >= last))
            last = now;
        else if (now == MC_NO_TIME)
            timeless++;
        else if (now < first)
            first = now;
        cut += less != 0;
        lost += less;
        if (MC_UNLIKELY(p->linktype != usual)) {
            count_link_type(c, p->linktype, 1);
            others++;
        }
    }
    count_link_type(c, usual, count - others);
    c->frames += count;
    c->first_ns = first;
    if (c->times_known)
        c->last_ns = last;
    c->sliced_frames += cut;
    c->sliced_bytes += lost;
    c->timeless_frames += timeless;
    return usual == MC_LINKTYPE_ETHERNET && others == 0 && timeless == 0;
}
