/*
 * scanners.c: who tries the server's other ports, and whether it answers there.
 */
#include "table/scanners.h"

static bool is_peer(const mc_scanner *s, const uint64_t peer[2])
{
    return s->syns > 0 && s->peer[0] == peer[0] && s->peer[1] == peer[1];
}

void mc_scanners_note(mc_scanners *t, const uint64_t peer[2], uint16_t port, uint64_t frame)
{
    mc_scanner *set = t->sets[mc_scanners_set(peer)], *s = &set[0];
    uint64_t bit = 1ull << port % 64, *word;
    unsigned i;

    for (i = 0; i < MC_SCANNER_WAYS; i++) {
        if (is_peer(&set[i], peer)) {
            s = &set[i];
            break;
        }
        /* otherwise the one with the fewest ports makes room, of several the one that was silent longest */
        if (set[i].port_count < s->port_count || (set[i].port_count == s->port_count && set[i].latest < s->latest))
            s = &set[i];
    }
    if (i == MC_SCANNER_WAYS) {
        memset(s, 0, sizeof *s);
        s->peer[0] = peer[0];
        s->peer[1] = peer[1];
    }
    s->syns++;
    s->latest = frame;
    word = &s->ports[port % MC_SCANNER_PORTS / 64];
    s->port_count += (*word & bit) == 0;
    *word |= bit;
}

void mc_scanners_note_answer(mc_scanners *t, uint64_t frame)
{
    t->answers++;
    if (t->answer_frames.count < MC_EXAMPLES)
        t->answer_frames.frame[t->answer_frames.count++] = frame;
}

const mc_scanner *mc_scanners_find(const mc_scanners *t, const uint64_t peer[2])
{
    const mc_scanner *set;
    unsigned i;

    if (t == NULL)
        return NULL;
    set = t->sets[mc_scanners_set(peer)];
    for (i = 0; i < MC_SCANNER_WAYS; i++)
        if (is_peer(&set[i], peer))
            return &set[i];
    return NULL;
}

bool mc_scanners_any(const mc_scanners *t)
{
    unsigned i, k;

    for (i = 0; t != NULL && i < MC_SCANNER_SETS; i++)
        for (k = 0; k < MC_SCANNER_WAYS; k++)
            if (mc_scanner_is_one(&t->sets[i][k]))
                return true;
    return false;
}
