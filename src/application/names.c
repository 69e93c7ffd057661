/*
 * names.c: a table of texts.
 */
#include "application/names.h"

#include <stdlib.h>

#include "base/sanitize.h"

void mc_names_init(mc_names *t, uint32_t most, const uint64_t seed[2])
{
    memset(t, 0, sizeof *t);
    t->most = most < MC_NAMES_MOST ? most : MC_NAMES_MOST;
    memcpy(t->seed, seed, sizeof t->seed);
}

void mc_names_free(mc_names *t)
{
    uint32_t i;

    for (i = 0; i < t->count; i++)
        free(t->at[i]);
    free(t->at);
    free(t->slot);
    t->at = NULL;
    t->slot = NULL;
    t->count = 0;
}

static uint32_t slots_of(const mc_names *t)
{
    return 2 * t->most;
}

uint64_t mc_names_memory(const mc_names *t)
{
    return t->count * sizeof(mc_name) + (t->at != NULL ? t->most * sizeof *t->at : 0) +
           (t->slot != NULL ? slots_of(t) * sizeof *t->slot : 0);
}

static bool begin(mc_names *t)
{
    if (t->at == NULL)
        t->at = calloc(t->most, sizeof(mc_name *));
    if (t->slot == NULL)
        t->slot = calloc(slots_of(t), sizeof *t->slot);
    t->no_memory |= t->at == NULL || t->slot == NULL;
    return t->at != NULL && t->slot != NULL;
}

static uint32_t slot_of(const mc_names *t, const char *text)
{
    uint64_t h = t->seed[0];
    uint32_t i;

    for (i = 0; text[i] != 0; i++)
        h = (h ^ (uint8_t)text[i]) * (t->seed[1] | 1);
    i = (uint32_t)(h >> 32) % slots_of(t);
    while (t->slot[i] != 0 && strcmp(t->at[t->slot[i] - 1]->text, text) != 0)
        i = (i + 1) % slots_of(t);
    return i;
}

/* Where the same name was said last: by some of its bytes, as that is all that it costs to be wrong. */
static inline uint16_t *recent_of(mc_names *t, mc_view v, mc_name_kind kind)
{
    uint64_t first = 0, last = 0;

    if (MC_LIKELY(v.len >= sizeof first)) {
        memcpy(&first, v.p, sizeof first);
        memcpy(&last, v.p + (v.len - sizeof last), sizeof last);
    } else {
        first = (uint64_t)v.p[0] << 8 | v.p[v.len - 1];
    }
    return &t->recent[kind][((first ^ last * 3) * 0x9e3779b97f4a7c15ull >> 58) % MC_NAMES_RECENT];
}

/* 'n' bytes, which are few. */
static inline bool is_same(const void *a, const uint8_t *b, size_t n)
{
    uint64_t from_a[2], from_b[2];

    if (n < sizeof from_a[0] || n > sizeof from_a)
        return memcmp(a, b, n) == 0;
    memcpy(&from_a[0], a, sizeof from_a[0]);
    memcpy(&from_b[0], b, sizeof from_b[0]);
    memcpy(&from_a[1], (const uint8_t *)a + (n - sizeof from_a[1]), sizeof from_a[1]);
    memcpy(&from_b[1], b + (n - sizeof from_b[1]), sizeof from_b[1]);
    return from_a[0] == from_b[0] && from_a[1] == from_b[1];
}

/* One that was not said lately. */
MC_NOINLINE static uint16_t say_anew(mc_names *t, mc_view v, mc_name_kind kind, uint16_t *recent)
{
    char raw[MC_NAME_MOST], text[MC_NAME_MOST];
    uint32_t i, slot;
    mc_name *n;

    if (!begin(t))
        return 0;
    for (i = 0; i < v.len && i + 1 < sizeof raw; i++)
        raw[i] = v.p[i] != 0 ? (char)v.p[i] : '?';
    raw[i] = 0;
    mc_sanitize_text(text, sizeof text, raw);
    slot = slot_of(t, text);
    if (t->slot[slot] == 0) {
        if (t->count == t->most)
            return 0;
        t->at[t->count] = calloc(1, sizeof(mc_name));
        if (t->at[t->count] == NULL) {
            t->no_memory = true;
            return 0;
        }
        memcpy(t->at[t->count]->text, text, sizeof text);
        t->slot[slot] = (uint16_t)++t->count;
    }
    n = t->at[t->slot[slot] - 1];
    n->connections[kind]++;
    n->raw_len = v.len < sizeof text && strlen(text) == v.len && memcmp(text, v.p, v.len) == 0 ? (uint32_t)v.len : 0;
    *recent = t->slot[slot];
    return t->slot[slot];
}

uint16_t mc_names_say(mc_names *t, mc_view v, mc_name_kind kind)
{
    uint16_t *recent;

    if (v.len == 0)
        return 0;
    recent = recent_of(t, v, kind);
    if (*recent != 0) {
        mc_name *n = t->at[*recent - 1];

        if (n->raw_len == v.len && is_same(n->text, v.p, v.len)) {
            n->connections[kind]++;
            return *recent;
        }
    }
    return say_anew(t, v, kind, recent);
}

void mc_names_rank(const mc_names *t, mc_name_kind kind, mc_said out[MC_SAID_MOST])
{
    uint32_t i, k;

    memset(out, 0, MC_SAID_MOST * sizeof *out);
    for (i = 0; i < t->count; i++) {
        const mc_said said = { t->at[i]->text, t->at[i]->connections[kind] };

        if (said.connections <= out[MC_SAID_MOST - 1].connections)
            continue;
        for (k = MC_SAID_MOST - 1; k > 0 && out[k - 1].connections < said.connections; k--)
            out[k] = out[k - 1];
        out[k] = said;
    }
}
