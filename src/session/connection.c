/*
 * connection.c: finds one connection, and tells what became of it.
 */
#include "session/connection.h"

#include <stdlib.h>

#include "session/session.h"
#include "outcomes/top_connections.h"

#define FIND_BUDGET 256              /* packets, while connections are counted */

mc_status mc_connection_open(mc_session **out, const mc_input *inputs, size_t input_count, const mc_endpoint *server,
                             const mc_endpoint *client, const mc_options *options, mc_error *err)
{
    mc_status status = mc_session_open(out, inputs, input_count, server, options, err);
    mc_flow_key key = { .peer_port = client->port, .server_port = server->port };

    if (status != MC_OK)
        return status;
    memcpy(key.peer, client->addr, sizeof key.peer);
    (*out)->watch.analysis.diary = mc_diary_open(&key);
    if ((*out)->watch.analysis.diary == NULL) {
        mc_session_close(*out);
        *out = NULL;
        return mc_fail(err, MC_NOMEM, 0, "out of memory");
    }
    return MC_OK;
}

mc_diary *mc_connection_diary(mc_session *s)
{
    return s->watch.analysis.diary;
}

/* ------------------------------------------------------------------ finding */

static uint64_t frames_read(const mc_session *s)
{
    return s->capture.frames + s->capture.filtered_frames;
}

static void set_place(mc_connection_place *out, const mc_endpoint *server, const uint8_t peer[16], uint16_t peer_port,
                      uint16_t server_port)
{
    memcpy(out->client.addr, peer, sizeof out->client.addr);
    out->client.port = peer_port;
    out->server = *server;
    out->server.port = server_port;
}

/* The next packet is frame 'frame': whose is it? */
static mc_status find_frame(mc_session *s, uint64_t frame, unsigned wait_ms, mc_connection_place *out, bool *found,
                            mc_error *err)
{
    mc_tap tap = { 0 };
    mc_status status;
    size_t i;

    s->tap = &tap;
    status = mc_session_step(s, 1, wait_ms, err);
    s->tap = NULL;
    for (i = 0; i < tap.count && !*found; i++) {
        uint8_t peer[16];

        if (tap.items[i].seen.frame != frame)
            continue;
        *found = true;
        memcpy(peer, tap.items[i].key.peer, sizeof peer);
        set_place(out, &s->watch.analysis.server, peer, tap.items[i].key.peer_port, tap.items[i].key.server_port);
    }
    mc_tap_free(&tap);
    return status == MC_OK && frames_read(s) >= frame ? MC_END : status;
}

/* Every connection of all kinds, by turns: 'ref' is 0 at first; NULL: there are no more. */
static const mc_conn *each(const mc_flows *f, uint32_t *kind, uint32_t *ref, mc_conn *room)
{
    static const uint32_t kinds[] = { MC_REF_FULL, MC_REF_HALF_OPEN, MC_REF_PACKED };

    while (*kind < MC_ARRAY_LEN(kinds)) {
        *ref = mc_flows_next(f, *ref == 0 ? kinds[*kind] : *ref);
        if (*ref != 0)
            return mc_flows_look(f, *ref, room);
        ++*kind;
    }
    return NULL;
}

static int by_begin(const void *x, const void *y)
{
    const uint64_t a = *(const uint64_t *)x, b = *(const uint64_t *)y;

    return (a > b) - (a < b);
}

/* The 'number'th connection to begin, of those that there are. */
static mc_status find_number(mc_session *s, uint64_t number, mc_connection_place *out, bool *found, mc_error *err)
{
    const mc_flows *f = s->watch.analysis.flows;
    uint32_t count = mc_flows_count(f), kind = 0, ref = 0, n = 0;
    uint64_t *begins = malloc((count + 1u) * sizeof *begins);
    const mc_conn *c;
    mc_conn room;

    if (begins == NULL)
        return mc_fail(err, MC_NOMEM, 0, "out of memory");
    while (n < count && (c = each(f, &kind, &ref, &room)) != NULL)
        begins[n++] = c->begin;
    qsort(begins, n, sizeof *begins, by_begin);
    if (number >= 1 && number <= n)
        out->begin = begins[number - 1];
    free(begins);
    for (kind = ref = 0; out->begin != 0 && (c = each(f, &kind, &ref, &room)) != NULL;)
        if (c->begin == out->begin) {
            *found = true;
            set_place(out, &s->watch.analysis.server, c->peer, c->peer_port, c->server_port);
            break;
        }
    return MC_END;
}

mc_status mc_connection_find(mc_session *s, uint64_t frame, uint64_t number, size_t budget, unsigned wait_ms,
                             mc_connection_place *out, bool *found, mc_error *err)
{
    mc_status status = MC_OK;

    *found = false;
    memset(out, 0, sizeof *out);
    if (frame != 0) {
        const uint64_t left = frame - 1 - mc_min_u64(frames_read(s), frame - 1);

        if (left == 0)
            return find_frame(s, frame, wait_ms, out, found, err);
        return mc_session_step(s, (size_t)mc_min_u64(left, budget), wait_ms, err);
    }
    for (; status == MC_OK && mc_flows_count(s->watch.analysis.flows) < number && budget > 0;
         budget -= mc_min_u64(budget, FIND_BUDGET)) {
        const uint64_t before = frames_read(s);

        status = mc_session_step(s, FIND_BUDGET, wait_ms, err);
        if (status == MC_OK && frames_read(s) == before)
            return MC_OK;                        /* idle */
    }
    if (status != MC_OK && status != MC_END)
        return status;
    if (status == MC_OK && mc_flows_count(s->watch.analysis.flows) < number)
        return MC_OK;
    return find_number(s, number, out, found, err);
}

/* ------------------------------------------------------------------ telling */

static void recount(void *arg, const mc_repeat *r, unsigned from)
{
    (void)from;
    mc_diary_recount(arg, r->frame, r->cause);
}

static uint64_t begin_of_frame(const mc_diary *d, uint64_t frame)
{
    const uint32_t i = mc_diary_find(d, frame);

    return i < mc_diary_size(d) && mc_diary_at(d, i)->frame == frame ? mc_diary_at(d, i)->begin : 0;
}

static void tell_one(mc_session *s, const mc_conn *c, mc_connection_told *out)
{
    const mc_analysis *a = &s->watch.analysis;
    unsigned side;

    for (side = 0; side < 2; side++)
        if (c->endpoint[side].detail != NULL && c->endpoint[side].detail->repeats_open > 0)
            mc_repeats_end(c, side, mc_endpoint_is_black_hole(&c->endpoint[side], &c->endpoint[!side]), s->capture.last_ns, recount, a->diary);
    mc_top_connection_fill(&out->row, c, mc_story_look(&a->flows->stories, c), &a->speech, s->capture.last_ns,
                           mc_conn_score(c, &a->speech));
    mc_watch_fill_row(&s->watch, &a->talks.facts, &out->row);
}

bool mc_connection_tell(mc_session *s, uint64_t begin, uint64_t frame, mc_connection_told *out)
{
    const mc_analysis *a = &s->watch.analysis;
    const mc_diary *d = a->diary;
    uint32_t kind = 0, ref = 0, i;
    uint64_t first = 0;
    const mc_conn *c;
    mc_conn room;

    memset(out, 0, sizeof *out);
    if (begin == 0 && frame != 0)
        begin = begin_of_frame(d, frame);
    for (i = 0; i < mc_diary_size(d); i++) {
        const mc_diary_entry *e = mc_diary_at(d, i);

        if (i > 0 && mc_diary_at(d, i - 1)->begin == e->begin)
            continue;
        if (first == 0)
            first = e->begin;
        if (e->begin == (begin != 0 ? begin : first))
            continue;
        if (out->others < MC_EXAMPLES)
            out->other_frame[out->others] = e->frame;
        out->others++;
    }
    out->begin = begin != 0 ? begin : first;
    if (out->begin == 0)
        return false;
    out->number = 1;
    while ((c = each(a->flows, &kind, &ref, &room)) != NULL) {
        out->number += c->begin < out->begin;
        if (c->begin == out->begin)
            tell_one(s, c, out);
    }
    return true;
}
