/*
 * overview_same.h: a server that is watched among others, and a session that keeps a diary of one
 * connection, come to the same as a session of that server alone.
 */
#ifndef OVERVIEW_SAME_H
#define OVERVIEW_SAME_H

#include "session/connection.h"
#include "session/overview.h"
#include "session_same.h"

/* Opens the inputs anew each time. */
typedef struct overview_source {
    mc_input (*open)(void *arg);
    void (*close)(const mc_input *input);
    void *arg;
} overview_source;

static inline void run_to_end(mc_session *s, size_t budget)
{
    mc_error err;

    while (s != NULL && mc_session_step(s, budget, 0, &err) == MC_OK)
        ;
}

/* What the overview says of 'server' is what 'alone' says. */
static inline void compare_watched(mc_session *overview, const mc_census_server *row, mc_session *alone)
{
    bool whole = false, failed = false;
    const mc_facts *watched = mc_overview_server(overview, &row->at, row->first_frame, &whole, &failed), *facts;

    CHECK(!failed);
    if (watched == NULL || !whole || (facts = mc_session_facts(alone)) == NULL)
        return;
    compare_facts(watched, facts);
}

/* The diary of each of the first connections, and what the session that keeps it says otherwise. */
static inline void compare_diary(const overview_source *from, const mc_endpoint *server, const mc_options *options,
                                 mc_session *alone, uint64_t number)
{
    mc_input input = from->open(from->arg);
    mc_session *s = NULL;
    mc_connection_place place;
    mc_connection_told told;
    mc_error err;
    bool found = false;
    uint32_t shown, i, n = 0;
    const mc_diary *d;

    if (mc_session_open(&s, &input, 1, server, options, &err) == MC_OK)
        while (mc_connection_find(s, 0, number, 64, 0, &place, &found, &err) == MC_OK)
            ;
    mc_session_close(s);
    from->close(&input);
    if (!found)
        return;
    input = from->open(from->arg);
    CHECK(mc_connection_open(&s, &input, 1, &place.server, &place.client, options, &err) == MC_OK);
    run_to_end(s, 37);
    if (alone != NULL && place.server.port == server->port)
        compare_sessions(alone, s);
    CHECK(mc_connection_tell(s, place.begin, 0, &told) || mc_diary_size(mc_connection_diary(s)) == 0);
    d = mc_connection_diary(s);
    shown = mc_diary_select(mc_connection_diary(s), told.begin, 0, UINT64_MAX, 20);
    for (i = 0; i < mc_diary_size(d); i++) {
        const mc_diary_entry *e = mc_diary_at(d, i);

        n += e->begin == told.begin && e->shown;
        CHECK(memchr(e->says, 0, sizeof e->says) != NULL);
    }
    CHECK_EQ(n, shown);
    CHECK(n <= 23);
    mc_session_close(s);
    from->close(&input);
}

/* All of it, for the servers that the capture has, at most 'most' of them; 'room': so many are watched. */
static inline void compare_overview(const overview_source *from, const mc_options *options, uint32_t room, uint32_t most)
{
    const mc_crowd_options found = { NULL, room, false };
    mc_input input = from->open(from->arg), again;
    mc_session *overview = NULL, *second = NULL, *alone;
    mc_overview_facts facts;
    mc_error err;
    uint32_t i;

    if (mc_overview_open(&overview, &input, 1, &found, options, &err) != MC_OK) {
        from->close(&input);
        return;
    }
    run_to_end(overview, 61);
    if (mc_overview_get_facts(overview, room, &facts)) {
        for (i = 0; i < facts.count && i < most; i++) {
            const mc_crowd_options given = { &facts.servers[i].at, 1, false };

            if (facts.servers[i].at.port == 0)
                continue;                        /* to a session it is any */
            again = from->open(from->arg);
            alone = NULL;
            CHECK(mc_session_open(&alone, &again, 1, &facts.servers[i].at, options, &err) == MC_OK);
            run_to_end(alone, 53);
            if (facts.connections_not_kept == 0)             /* else one bound holds for all of them */
                compare_watched(overview, &facts.servers[i], alone);
            from->close(&again);
            again = from->open(from->arg);
            CHECK(mc_overview_open(&second, &again, 1, &given, options, &err) == MC_OK);
            run_to_end(second, 47);
            compare_watched(second, &facts.servers[i], alone);
            mc_session_close(second);
            from->close(&again);
            compare_diary(from, &facts.servers[i].at, options, alone, 1);
            compare_diary(from, &facts.servers[i].at, options, alone, 2);
            mc_session_close(alone);
        }
        mc_overview_free(&facts);
    }
    mc_session_close(overview);
    from->close(&input);
}

#endif
