/*
 * frames.c: what every frame adds to.
 */
#include "session/frames.h"

#include "decode/decode_fast.h"
#include "state/sums.h"

/* The frames of one call. */
typedef struct frame_sums {
    uint32_t usual;                  /* link type */
    uint64_t others, timeless;
    int64_t first;
} frame_sums;

/* No frame lacks so much: less than nothing was captured of it, in 32 bits. */
#define NO_LESS 0x40000000u

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

/* A frame that is unlike most: of another link type, without a time, or earlier than 'last', the latest; which then is that. */
MC_NOINLINE static int64_t note_odd(mc_capture_facts *c, const mc_packet *p, int64_t last, frame_sums *f)
{
    const int64_t now = p->time_ns;

    if (p->linktype != f->usual) {
        count_link_type(c, p->linktype, 1);
        f->others++;
    }
    if (now >= last)
        return now;
    f->timeless += now == MC_NO_TIME;
    if (now != MC_NO_TIME && now < f->first)
        f->first = now;
    return last;
}

/* What was not captured, where a frame claims to have more than it had, or the difference is beyond any frame. */
static void sum_cut(const mc_packet *p, const mc_packet *end, uint64_t *cut, uint64_t *lost)
{
    for (*cut = *lost = 0; p < end; p++) {
        const uint32_t less = p->wirelen > p->caplen ? p->wirelen - p->caplen : 0;

        *cut += less != 0;
        *lost += less;
    }
}

bool mc_frames_note(mc_capture_facts *c, const mc_packet *p, size_t count)
{
    const mc_packet *const begin = p, *const end = p + count;
    uint64_t cut = 0, lost = 0;
    uint32_t usual, all = 0;
    frame_sums f;
    int64_t last;

    if (MC_UNLIKELY(count == 0))
        return false;
    usual = c->link_type_count > 0 ? c->link_types[0].number : p[0].linktype;
    f = (frame_sums){ .usual = usual };
    if (MC_UNLIKELY(c->link_type_count == 0))
        count_link_type(c, usual, 0);          /* in the order in which they come */
    if (MC_UNLIKELY(!c->times_known)) {
        c->first_ns = c->last_ns = first_time_of(p, count);
        c->times_known = c->first_ns != MC_NO_TIME;
    }
    f.first = c->first_ns;
    last = c->times_known ? c->last_ns : MC_NO_TIME + 1;         /* later than none, which is the least */
    for (; p < end; p++) {
        const uint32_t less = p->wirelen - p->caplen;

        all |= less;
        cut += less != 0;
        lost += less;
        if (MC_LIKELY(p->time_ns >= last) && MC_LIKELY(p->linktype == usual))
            last = p->time_ns;
        else
            last = note_odd(c, p, last, &f);
    }
    if (MC_UNLIKELY(all >= NO_LESS))
        sum_cut(begin, end, &cut, &lost);
    count_link_type(c, usual, count - f.others);
    c->frames += count;
    c->first_ns = f.first;
    if (c->times_known)
        c->last_ns = last;
    c->sliced_frames += cut;
    c->sliced_bytes += lost;
    c->timeless_frames += f.timeless;
    return mc_decode_is_common_link(usual) && f.others == 0 && f.timeless == 0;
}
