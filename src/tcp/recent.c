/*
 * recent.c: looks for a segment among the recent ones.
 */
#include "tcp/recent.h"

bool mc_recents_find(const mc_recents *t, uint32_t key, int64_t since, mc_recent_segment *first,
                     mc_recent_segment *last)
{
    const uint32_t fill = t->next < MC_RECENT ? t->next : MC_RECENT, oldest = t->next - fill;
    uint32_t i, k, best_first = UINT32_MAX, best_last = 0;

    for (i = 0; i < (fill + 3) / 4; i++) {
        if (MC_LIKELY(!mc_four_has(t->key[i], key)))
            continue;
        for (k = 0; k < 4; k++) {
            const uint32_t place = i * 4 + k, age = (place - oldest) & (MC_RECENT - 1);

            if (place >= fill || t->key[i][k] != key || t->segment[place].time_ns < since)
                continue;
            if (best_first == UINT32_MAX || age < best_first) {
                best_first = age;
                *first = t->segment[place];
            }
            if (age >= best_last) {
                best_last = age;
                *last = t->segment[place];
            }
        }
    }
    return best_first != UINT32_MAX;
}
