/*
 * names.h: texts of captures, each once, fit to be shown.  Bounded.
 */
#ifndef MC_NAMES_H
#define MC_NAMES_H

#include "base/base.h"

#define MC_NAMES_MOST 4096
#define MC_NAME_MOST  256            /* bytes of a text, and its end */
#define MC_NAMES_RECENT 64u

typedef enum mc_name_kind { MC_NAME_SNI, MC_NAME_ALPN, MC_NAME_OTHER, MC_NAME_KINDS } mc_name_kind;

typedef struct mc_name {
    uint64_t connections[MC_NAME_KINDS];
    uint32_t raw_len;                /* bytes of 'text', if it is as it was in the capture; 0: it is not */
    char text[MC_NAME_MOST];
} mc_name;

typedef struct mc_names {
    mc_name **at;                    /* NULL: there are none yet */
    uint16_t *slot;                  /* by a hash; 0: free */
    uint64_t seed[2];                /* so that a capture cannot choose its collisions */
    uint32_t count, most;
    uint16_t recent[MC_NAME_KINDS][MC_NAMES_RECENT];     /* what was said last, and is likely said again; 0: nothing yet */
    bool no_memory;
} mc_names;

void mc_names_init(mc_names *t, uint32_t most, const uint64_t seed[2]);
void mc_names_free(mc_names *t);
uint64_t mc_names_memory(const mc_names *t);

/* The number of a text, from 1, which a connection more says; 0: it is empty, or there is no room. */
uint16_t mc_names_say(mc_names *t, mc_view text, mc_name_kind kind);

/* NULL for 0. */
static inline const char *mc_names_text(const mc_names *t, uint16_t number)
{
    return number != 0 ? t->at[number - 1]->text : NULL;
}

/* The most frequent of a kind, the most frequent first. */
void mc_names_rank(const mc_names *t, mc_name_kind kind, mc_said out[MC_SAID_MOST]);

#endif
