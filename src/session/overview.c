/*
 * overview.c: which servers are worth a closer look.
 */
#include "session/overview.h"

#include <stdlib.h>

#include "session/session.h"

mc_status mc_overview_open(mc_session **out, const mc_input *inputs, size_t input_count,
                           const mc_crowd_options *crowd, const mc_options *options, mc_error *err)
{
    static const mc_endpoint nobody = { { 0 }, 0 };
    mc_options own = *options;
    mc_status status;

    own.max_connections = 1;
    status = mc_session_open(out, inputs, input_count, &nobody, &own, err);
    if (status == MC_OK)
        status = mc_crowd_open(&(*out)->crowd, crowd, options, err);
    if (status != MC_OK) {
        mc_session_close(*out);
        *out = NULL;
    }
    return status;
}

static uint64_t trouble_of(const mc_census_server *s)
{
    return s->refused + s->unanswered + s->half_open + s->reset + s->again + s->slow;
}

static int compare_counts(uint64_t a, uint64_t b)
{
    return (a > b) - (a < b);
}

/* The same in every run, whatever order they come in. */
static int by_address(const void *x, const void *y)
{
    const mc_census_server *a = x, *b = y;
    int order = memcmp(a->at.addr, b->at.addr, sizeof a->at.addr);

    return order != 0 ? order : (int)a->at.port - (int)b->at.port;
}

static int by_trouble(const void *x, const void *y)
{
    const mc_census_server *a = x, *b = y;
    int order = compare_counts(trouble_of(b), trouble_of(a));

    if (order == 0)
        order = compare_counts(b->packets, a->packets);
    return order != 0 ? order : by_address(x, y);
}

static int by_traffic(const void *x, const void *y)
{
    const mc_census_server *a = x, *b = y;
    int order = compare_counts(b->packets, a->packets);

    return order != 0 ? order : by_address(x, y);
}

static bool is_closed(const mc_census_server *s)
{
    return !s->listens && s->refused + s->unanswered == s->connections;
}

static void keep_closed(mc_overview_facts *f, const mc_closed_host *host)
{
    uint32_t at = f->closed_count < MC_OVERVIEW_CLOSED_HOSTS ? f->closed_count++ : MC_OVERVIEW_CLOSED_HOSTS;

    f->closed_hosts++;
    for (; at > 0 && host->ports > f->closed[at - 1].ports; at--)
        if (at < MC_OVERVIEW_CLOSED_HOSTS)
            f->closed[at] = f->closed[at - 1];
    if (at < MC_OVERVIEW_CLOSED_HOSTS)
        f->closed[at] = *host;
}

/* Takes the closed ports of hosts that have many of them out of the servers. */
static void gather_closed(mc_overview_facts *f)
{
    mc_census_server *s = f->servers;
    uint32_t i, end, kept = 0;

    qsort(s, f->count, sizeof *s, by_address);
    for (i = 0; i < f->count; i = end) {
        mc_closed_host host = { .ports = 0 };
        uint32_t k;

        memcpy(host.addr, s[i].at.addr, sizeof host.addr);
        for (end = i; end < f->count && memcmp(s[end].at.addr, host.addr, sizeof host.addr) == 0; end++) {
            if (!is_closed(&s[end]))
                continue;
            host.ports++;
            host.connections += s[end].connections;
            host.refused += s[end].refused;
            host.unanswered += s[end].unanswered;
        }
        for (k = i; k < end; k++)
            if (host.ports < MC_OVERVIEW_CLOSED_PORTS || !is_closed(&s[k]))
                s[kept++] = s[k];
        if (host.ports >= MC_OVERVIEW_CLOSED_PORTS)
            keep_closed(f, &host);
    }
    f->count = kept;
}

/*
 * Half of those worth a closer look are the ones with most trouble, the others those with most
 * traffic: what a census cannot see is likelier where much goes on.
 */
static void choose(mc_overview_facts *f, uint32_t most)
{
    uint32_t half = most / 2 + most % 2;

    if (f->count == 0)
        return;
    qsort(f->servers, f->count, sizeof *f->servers, by_trouble);
    if (f->count > most) {
        qsort(f->servers + half, f->count - half, sizeof *f->servers, by_traffic);
        qsort(f->servers + most, f->count - most, sizeof *f->servers, by_trouble);
    }
    f->chosen = f->count < most ? f->count : most;
}

bool mc_overview_get_facts(mc_session *s, uint32_t most, mc_overview_facts *out)
{
    const mc_census *census = mc_crowd_census(s->crowd);

    memset(out, 0, sizeof *out);
    mc_session_capture(s, &out->capture);
    if (census == NULL)
        return true;
    out->servers = mc_census_servers(census, &out->count, &out->others);
    if (out->servers == NULL)
        return false;
    out->connections_not_kept = mc_census_not_kept(census);
    out->capture.short_of_memory = mc_census_is_short(census);
    out->memory_bytes = mc_census_memory(census);
    mc_beside_get_facts(mc_crowd_beside(s->crowd), out->capture.last_ns, &out->beside);
    gather_closed(out);
    choose(out, most);
    return true;
}

void mc_overview_free(mc_overview_facts *f)
{
    free(f->servers);
    f->servers = NULL;
}

const mc_facts *mc_overview_server(mc_session *s, const mc_endpoint *server, uint64_t first, bool *whole, bool *failed)
{
    const mc_watch *w = mc_crowd_find(s->crowd, server, first, whole);
    const mc_hardware_claims *claims;
    mc_capture_facts capture;

    *failed = false;
    if (w == NULL)
        return NULL;
    mc_session_capture(s, &capture);
    *failed = !mc_watch_fill(w, mc_crowd_sweeps(s->crowd), &capture, s->top_wanted, s->buckets_wanted, &s->facts);
    if (*failed)
        return NULL;
    claims = mc_crowd_beside(s->crowd) != NULL ? mc_beside_claims(mc_crowd_beside(s->crowd), server->addr) : NULL;
    if (claims != NULL)
        s->facts.hardware.claims = *claims;
    return &s->facts;
}

const mc_datagram_end *mc_overview_datagrams(const mc_session *s, const mc_endpoint *at)
{
    const mc_beside *b = mc_crowd_beside(s->crowd);

    return b != NULL ? mc_beside_find(b, at) : NULL;
}
