/*
 * between_facts.c: names and examples of what lies between two points.
 */
#include "points/between_facts.h"

void mc_note_frames(mc_frame_pairs *e, uint64_t frame0, uint64_t frame1)
{
    if (e->count == MC_EXAMPLES)
        return;
    e->frame[e->count][0] = frame0;
    e->frame[e->count][1] = frame1;
    e->count++;
}

const char *mc_change_name(mc_change change)
{
#define X(name) #name,
    static const char *const names[] = { MC_CHANGE_MAP(X) };
#undef X
    return names[change];
}

const char *mc_alone_name(mc_alone alone)
{
#define X(name) #name,
    static const char *const names[] = { MC_ALONE_MAP(X) };
#undef X
    return names[alone];
}

const char *mc_unpaired_name(mc_unpaired reason)
{
#define X(name) #name,
    static const char *const names[] = { MC_UNPAIRED_MAP(X) };
#undef X
    return names[reason];
}

const char *mc_segment_kind_name(mc_segment_kind kind)
{
#define X(name) #name,
    static const char *const names[] = { MC_SEGMENT_KIND_MAP(X) };
#undef X
    return names[kind];
}
