/*
 * resolved.c: names and connections in the order in which they came.
 */
#include "facts/resolved.h"

#include <stdlib.h>

void mc_resolved_free(mc_resolved *t)
{
    mc_hist_free(&t->wait);
    mc_hist_free(&t->until);
    free(t->names);
    free(t->rows);
    memset(t, 0, sizeof *t);
}

/* The number of a name, from 1; 0: there is no room. */
static uint16_t name_of(mc_resolved *t, const mc_led *led)
{
    mc_resolved_name *n;
    uint32_t i;

    for (i = 0; i < t->name_count; i++)
        if (t->names[i].hash == led->name_hash)
            return (uint16_t)(i + 1);
    if (i == MC_RESOLVED_NAMES)
        return 0;
    n = &t->names[t->name_count++];
    n->hash = led->name_hash;
    n->connections = 0;
    mc_dns_spell(n->text, led->name, led->name_len);
    return (uint16_t)(i + 1);
}

static bool make_room(mc_resolved *t)
{
    const uint32_t room = t->row_room == 0 ? 64 : 2 * t->row_room;
    mc_resolved_row *rows;

    if (t->row_count < t->row_room || t->row_room == MC_RESOLVED_ROWS)
        return true;
    rows = realloc(t->rows, room * sizeof *rows);
    if (rows == NULL)
        return false;
    t->rows = rows;
    t->row_room = room;
    return true;
}

static uint16_t small(uint32_t n)
{
    return n < 0xffff ? (uint16_t)n : 0xffff;
}

/* A lookup is counted with the first connection that it led to. */
static bool add_lookup(mc_resolved *t, const mc_led *led, uint16_t name)
{
    mc_name_facts *f = &t->facts;
    const bool half = led->open && led->until_ns >= MC_DNS_SLOW_NS;
    const int64_t took = mc_ns_plus(led->wait_ns, half ? led->until_ns : 0);

    f->lookups++;
    f->again += led->again > 0;
    f->failed += led->failures > 0;
    f->half += half;
    if (took >= MC_DNS_SLOW_NS) {
        f->slow++;
        mc_add_example(&f->slow_examples, led->frame);
        if (took > f->longest_ns) {
            f->longest_ns = took;
            f->longest_frame = led->frame;
            f->longest_name = name != 0 ? t->names[name - 1].text : NULL;
        }
    }
    return mc_hist_add(&t->wait, led->wait_ns) && mc_hist_add(&t->until, led->until_ns);
}

bool mc_resolved_begin(mc_resolved *t, mc_lookups *lookups, const uint8_t client[16], uint16_t port, const uint8_t server[16],
                       uint64_t frame, int64_t now)
{
    uint16_t name;
    mc_led led;

    if (!mc_lookups_led(lookups, client, server, now, &led))
        return true;
    if (t->names == NULL && (t->names = calloc(MC_RESOLVED_NAMES, sizeof *t->names)) == NULL)
        return false;
    name = name_of(t, &led);
    t->facts.connections++;
    if (name != 0)
        t->names[name - 1].connections++;
    if (!make_room(t) || (led.first && !add_lookup(t, &led, name)))
        return false;
    if (t->row_count < t->row_room)
        t->rows[t->row_count++] = (mc_resolved_row){
            .begin = frame, .frame = led.frame, .wait_ns = led.wait_ns, .until_ns = led.until_ns, .port = port, .name = name,
            .again = small(led.again), .failures = small(led.failures), .half = led.open,
        };
    return true;
}

static void rank_names(const mc_resolved *t, mc_said out[MC_SAID_MOST])
{
    uint32_t i, k;

    for (i = 0; i < t->name_count; i++) {
        const mc_said said = { t->names[i].text, t->names[i].connections };

        if (said.connections <= out[MC_SAID_MOST - 1].connections)
            continue;
        for (k = MC_SAID_MOST - 1; k > 0 && out[k - 1].connections < said.connections; k--)
            out[k] = out[k - 1];
        out[k] = said;
    }
}

void mc_resolved_get_facts(const mc_resolved *t, const mc_lookups *lookups, int64_t last_ns, mc_name_facts *out)
{
    uint32_t i, k;
    mc_lost lost;

    *out = t->facts;
    out->wait = mc_hist_durations(&t->wait);
    out->until = mc_hist_durations(&t->until);
    rank_names(t, out->name);
    if (lookups == NULL || t->name_count == 0)
        return;
    for (i = 0; i < mc_lookups_lost_count(lookups); i++) {
        if (!mc_lookups_lost(lookups, i, last_ns, &lost))
            continue;
        for (k = 0; k < t->name_count && t->names[k].hash != lost.name_hash; k++)
            ;
        if (k == t->name_count)
            continue;
        out->lost[lost.how]++;
        mc_insert_example(&out->lost_examples[lost.how], lost.frame);
    }
}

void mc_resolved_get_row(const mc_resolved *t, uint64_t begin, uint16_t port, mc_row_name *out)
{
    uint32_t lo = 0, hi = t->row_count;

    memset(out, 0, sizeof *out);
    while (lo < hi) {
        const uint32_t mid = lo + (hi - lo) / 2;

        if (t->rows[mid].begin < begin)
            lo = mid + 1;
        else
            hi = mid;
    }
    for (; lo < t->row_count && t->rows[lo].begin == begin; lo++) {
        const mc_resolved_row *r = &t->rows[lo];

        if (r->port != port)
            continue;
        *out = (mc_row_name){ r->frame, r->name != 0 ? t->names[r->name - 1].text : NULL, r->wait_ns, r->until_ns,
                              r->again, r->failures, r->half };
        return;
    }
}

uint64_t mc_resolved_memory(const mc_resolved *t)
{
    return t->row_room * sizeof *t->rows + (t->names != NULL ? MC_RESOLVED_NAMES * sizeof *t->names : 0);
}
