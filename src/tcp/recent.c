/*
 * recent.c: looks for a segment among the recent ones, and for a packet among them.
 */
#include "tcp/recent.h"

#include "tcp/seq.h"

#define TOGETHER 16u                 /* keys that are looked at together */

/* Is one of so many 'wanted'? */
static inline bool is_among(const uint32_t *keys, uint32_t wanted)
{
    const mc_four all = { wanted, wanted, wanted, wanted };
    mc_four four[4];

    memcpy(four, keys, sizeof four);
    return mc_four_has((mc_four)((four[0] == all) | (four[1] == all) | (four[2] == all) | (four[3] == all)), UINT32_MAX);
}

bool mc_recents_find(const mc_recents *t, mc_recent_key k, int64_t since, mc_recent_segment *first,
                     mc_recent_segment *last)
{
    const uint32_t ring = mc_recent_ring(k), oldest = t->next[ring];
    const uint32_t *keys = &t->key[ring * MC_RECENT];
    const mc_recent_segment *segments = &t->segment[ring * MC_RECENT];
    uint32_t i, n, best_first = UINT32_MAX, best_last = 0;

    for (i = 0; i < MC_RECENT; i += TOGETHER) {
        if (MC_LIKELY(!is_among(keys + i, k.key)))
            continue;
        for (n = 0; n < TOGETHER; n++) {
            const uint32_t place = i + n, age = (place - oldest) & (MC_RECENT - 1);

            if (keys[place] != k.key || segments[place].len == 0 || segments[place].time_ns < since)
                continue;
            if (best_first == UINT32_MAX || age < best_first) {
                best_first = age;
                *first = segments[place];
            }
            if (age >= best_last) {
                best_last = age;
                *last = segments[place];
            }
        }
    }
    return best_first != UINT32_MAX;
}

bool mc_recents_are_newer(const mc_recents *t, mc_recent_key k, uint32_t ts_val)
{
    mc_recent_segment first, last;

    return ts_val != 0 && mc_recents_find(t, k, INT64_MIN, &first, &last) && last.ts_val != 0 && mc_seq_before(ts_val, last.ts_val);
}

/* A copy may bear an earlier time: two queues, or two clocks. */
#define BACK_TICKS ((uint32_t)(10 * MC_NS_PER_MS >> 10))

bool mc_copies_find(const mc_copy_set *set, uint32_t tag, uint32_t time, uint32_t within)
{
    const uint32_t back = within < BACK_TICKS ? within : BACK_TICKS;
    bool seen = false;
    unsigned i;

    for (i = 0; i < MC_COPY_WAYS; i++)
        seen |= set->tag[i] == tag && time - set->time[i] + back < within + back;
    return seen;
}
