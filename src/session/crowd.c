/*
 * crowd.c: from a segment to the servers at its two ends.
 */
#include "session/crowd.h"

#include <stdlib.h>

#define SLOTS (4 * MC_CROWD_MOST)

#define AHEAD 16                     /* frames looked at before the first of them is taken */
#define EARLY 64                     /* ends that ICMP errors quoted before they were watched */

/* Who tries which ports of a host; a server that is found there later knows of it, too. */
typedef struct host {
    uint64_t addr[2];
    mc_scanners scanners;
} host;

typedef struct member {
    mc_watch *watch;
    host *host;                      /* where servers are found */
    uint16_t next;                   /* of those with the same hash of the address; 0: the last one, else a number from 1 */
    uint64_t from;                   /* the frame from which on it is watched */
    uint64_t latest;                 /* the latest frame with a segment of it */
} member;

struct mc_crowd {
    member at[MC_CROWD_MOST];
    uint32_t count, room;
    uint16_t slot[SLOTS];            /* by end; 0: empty, else a number from 1 */
    uint16_t watched[1024];          /* by a hash of the address: the latest with it; 0: none, else a number from 1 */
    host *hosts[MC_CROWD_MOST];      /* only where servers are found */
    uint32_t host_count;
    mc_endpoint early[EARLY];
    uint32_t early_count;            /* more than there is room for: all may be */
    uint64_t seed[2];
    mc_census *census;               /* NULL: the servers were given */
    mc_sweeps sweeps;                /* who asks many hosts for one port */
    mc_beside *beside;
    mc_dns *names;                   /* where the servers were given: what clients ask for their names; NULL: nothing yet */
    mc_lookups *lookups;
    mc_options options;              /* of each analysis */
    mc_switches switches;
    bool no_memory, first_of_two;
    const mc_packet *packets;
    uint64_t first;
    int64_t clock_ns;
    mc_prefetcher *prefetcher;
};

static uint64_t hash_host(const mc_crowd *c, const uint64_t addr[2])
{
    return mc_fold(addr[1] ^ c->seed[0], addr[0] ^ c->seed[1]);
}

static uint32_t find_slot(const mc_crowd *c, uint64_t by_host, const uint64_t addr[2], uint32_t port)
{
    const uint64_t h = mc_fold(by_host ^ port, c->seed[1]);
    uint32_t i = (uint32_t)(h ^ h >> 32) % SLOTS;

    for (; c->slot[i] != 0; i = (i + 1) % SLOTS) {
        const mc_analysis *a = &c->at[c->slot[i] - 1].watch->analysis;

        if (a->server.port == port && a->server_addr[0] == addr[0] && a->server_addr[1] == addr[1])
            break;
    }
    return i;
}

/* The number of the one at this end, from 1; 0: none. */
static uint32_t find(const mc_crowd *c, const uint64_t addr[2], uint32_t port)
{
    const uint64_t by_host = hash_host(c, addr);
    uint32_t i;

    if (MC_LIKELY(c->watched[by_host % MC_ARRAY_LEN(c->watched)] == 0))
        return 0;
    i = find_slot(c, by_host, addr, port);
    return c->slot[i];
}

/* The host of that address, new or not; NULL: no memory. */
static host *take_host(mc_crowd *c, const uint64_t addr[2])
{
    host *h;
    uint32_t i;

    for (i = 0; i < c->host_count; i++)
        if (c->hosts[i]->addr[0] == addr[0] && c->hosts[i]->addr[1] == addr[1])
            return c->hosts[i];
    h = calloc(1, sizeof *h);
    if (h != NULL) {
        h->addr[0] = addr[0];
        h->addr[1] = addr[1];
        c->hosts[c->host_count++] = h;
    }
    return h;
}

/* None is watched any more, and none will be. */
static void give_up(mc_crowd *c)
{
    uint32_t i;

    for (i = 0; i < c->count; i++) {
        mc_analysis_free(&c->at[i].watch->analysis);
        free(c->at[i].watch);
    }
    for (i = 0; i < c->host_count; i++)
        free(c->hosts[i]);
    c->count = c->host_count = c->room = 0;
    memset(c->slot, 0, sizeof c->slot);
    memset(c->watched, 0, sizeof c->watched);
}

/* Watches 'server' from frame 'from' on, unless it is watched already or there is no room. */
static bool add(mc_crowd *c, const mc_endpoint *server, uint64_t from, mc_error *err)
{
    uint64_t addr[2], by_host;
    uint16_t *latest;
    uint32_t i;
    mc_watch *w;
    host *h = NULL;

    memcpy(addr, server->addr, sizeof addr);
    by_host = hash_host(c, addr);
    i = find_slot(c, by_host, addr, server->port);
    if (c->slot[i] != 0)
        return true;
    if (c->count == c->room) {
        if (c->first_of_two)
            give_up(c);
        return true;
    }
    w = calloc(1, sizeof *w);
    if (c->census != NULL)
        h = take_host(c, addr);
    if (w == NULL || (c->census != NULL && h == NULL) || mc_analysis_init(&w->analysis, server, &c->options, err) != MC_OK) {
        if (w != NULL)
            mc_analysis_free(&w->analysis);
        free(w);
        mc_fail(err, MC_NOMEM, 0, "out of memory");
        return false;
    }
    mc_talks_be_small(&w->analysis.talks);
    w->analysis.lookups = c->lookups;
    latest = &c->watched[by_host % MC_ARRAY_LEN(c->watched)];
    c->at[c->count] = (member){ .watch = w, .host = h, .next = *latest, .from = from };
    c->slot[i] = *latest = (uint16_t)++c->count;
    if (h != NULL)
        w->scanners = h->scanners;
    return true;
}

mc_status mc_crowd_open(mc_crowd **out, const mc_crowd_options *crowd, const mc_options *options, mc_error *err)
{
    mc_crowd *c = calloc(1, sizeof *c);
    uint32_t i;
    bool ok = c != NULL;

    *out = NULL;
    if (c != NULL) {
        mc_flows_seed(c->seed);
        c->room = crowd->count < MC_CROWD_MOST ? crowd->count : MC_CROWD_MOST;
        c->first_of_two = crowd->first_of_two;
        c->options = (mc_options){ .max_connections = options->max_connections, .rules = options->rules,
                                   .bucket_ns = options->bucket_ns, .application = options->application };
        if (options->switches != NULL) {
            c->switches = *options->switches;
            c->options.switches = &c->switches;
        }
        if (crowd->servers == NULL) {
            c->census = mc_census_open(options->max_connections);
            c->beside = mc_beside_open();
            ok = c->census != NULL && c->beside != NULL;
        } else {
            for (i = 0; ok && i < crowd->count; i++)
                ok = add(c, &crowd->servers[i], 1, err);
        }
    }
    if (!ok) {
        mc_crowd_close(c);
        return mc_fail(err, MC_NOMEM, 0, "out of memory");
    }
    *out = c;
    return MC_OK;
}

void mc_crowd_close(mc_crowd *c)
{
    if (c == NULL)
        return;
    give_up(c);
    mc_census_close(c->census);
    mc_beside_close(c->beside);
    mc_dns_close(c->names);
    free(c);
}

void mc_crowd_begin(mc_crowd *c, const mc_packet *packets, uint64_t first, int64_t clock_ns,
                    mc_prefetcher *prefetcher)
{
    c->packets = packets;
    c->first = first;
    c->clock_ns = clock_ns;
    c->prefetcher = prefetcher;
}

/* Where questions for names are kept; those that lead to connections from the first of them on.  NULL: no memory. */
static mc_dns *hear_names(mc_crowd *c)
{
    mc_dns *dns;
    uint32_t i;

    if (c->census == NULL && c->names == NULL)
        c->names = mc_dns_open();
    dns = c->census != NULL ? mc_beside_dns(c->beside) : c->names;
    if (dns != NULL && c->lookups == NULL && c->options.application) {
        c->lookups = mc_dns_lead(dns, NULL);
        if (c->lookups == NULL)
            return NULL;
        for (i = 0; i < c->count; i++)
            c->at[i].watch->analysis.lookups = c->lookups;
    }
    return dns;
}

static bool wants_names(const mc_crowd *c)
{
    return c->census != NULL || c->options.application;
}

static void take_stream(mc_crowd *c, const mc_segment *s, uint64_t frame, int64_t now)
{
    mc_dns *dns;

    if (s->len > 0 && wants_names(c) && ((dns = hear_names(c)) == NULL || !mc_dns_add_stream(dns, s, frame, now)))
        c->no_memory = true;
}

/* The segment is this server's, too. */
static void feed(mc_crowd *c, member *m, const mc_segment *s, const mc_endpoints *ends, const mc_packet *p, uint64_t frame)
{
    mc_analysis *a = &m->watch->analysis;
    mc_match match;

    if (!mc_analysis_match(a, ends, &match))
        return;
    mc_match_decoded(&match, s, p);
    a->clock_ns = c->clock_ns;
    m->watch->matched_frames += m->latest != frame;
    m->latest = frame;
    mc_analysis_segments(a, &match, 1, c->packets, c->first, c->prefetcher);
    c->no_memory |= a->no_memory || a->speech.no_memory;
}

/* A SYN-ACK tells the other servers of its host that it answers. */
static void note_answer(mc_crowd *c, const mc_endpoints *ends, uint64_t frame)
{
    uint32_t i = c->watched[hash_host(c, ends->src) % MC_ARRAY_LEN(c->watched)];
    bool noted = false;

    for (; i != 0; i = c->at[i - 1].next) {
        const member *m = &c->at[i - 1];

        if (!mc_watch_is_other_answer(m->watch, ends->src, ends->dst))
            continue;
        if (!noted && m->host != NULL)
            mc_scanners_note_answer(&m->host->scanners, frame);
        noted = true;
        if (m->watch->analysis.server.port != ends->ports >> 16)
            mc_scanners_note_answer(&m->watch->scanners, frame);
    }
}

/* A SYN to a host tells all its servers that are watched who tries which ports. */
static void note_syn(mc_crowd *c, const mc_endpoints *ends, unsigned flags, uint64_t frame)
{
    const bool itself = ends->src[0] == ends->dst[0] && ends->src[1] == ends->dst[1];
    uint32_t i;
    bool noted = false;

    mc_watch_note_asked(&c->sweeps, ends, flags);
    if (!mc_watch_is_syn(flags)) {
        note_answer(c, ends, frame);
        return;
    }
    i = c->watched[hash_host(c, ends->dst) % MC_ARRAY_LEN(c->watched)];
    for (; i != 0; i = c->at[i - 1].next) {
        const member *m = &c->at[i - 1];
        const mc_analysis *a = &m->watch->analysis;

        if (a->server_addr[0] != ends->dst[0] || a->server_addr[1] != ends->dst[1])
            continue;
        if (!noted && m->host != NULL)
            mc_scanners_note(&m->host->scanners, ends->src, (uint16_t)ends->ports, frame);
        noted = true;
        if (a->server.port != (ends->ports & 0xffff) && !(itself && a->server.port == ends->ports >> 16))
            mc_watch_note_other_port(m->watch, ends->src, ends->dst, ends->ports & 0xffff, frame);
    }
}

/* Counts a segment; true if it has a place there, or there is no census. */
MC_INLINE bool count(mc_crowd *c, const mc_census_segment *s, uint32_t frame_bytes, uint64_t frame, int64_t now)
{
    mc_endpoint server;
    bool begins;
    mc_error err;

    /* what is not kept here nobody else keeps: one bound holds for all */
    if (!mc_census_add(c->census, s, frame_bytes, frame, now, &begins, &server))
        return false;
    if (MC_UNLIKELY(begins) && c->room > 0 && !add(c, &server, frame, &err))
        c->no_memory = true;
    return true;
}

/* A segment between two ends, of which one may be watched, or both. */
static void feed_both(mc_crowd *c, uint32_t from, uint32_t to, const mc_segment *s, const mc_endpoints *ends,
                      const mc_packet *p, uint64_t frame)
{
    if (to != 0)
        feed(c, &c->at[to - 1], s, ends, p, frame);
    if (from != 0 && from != to)
        feed(c, &c->at[from - 1], s, ends, p, frame);
}

void mc_crowd_segments(mc_crowd *c, const mc_segment *segments, size_t n, const mc_packet *p)
{
    const uint64_t frame = c->first + (uint64_t)(p - c->packets);
    size_t i;

    for (i = 0; i < n; i++) {
        const mc_segment *s = &segments[i];
        const mc_endpoints ends = mc_endpoints_of(s);
        uint32_t from, to;

        if (c->census != NULL) {
            const mc_census_segment seen = { &ends, mc_census_hash(c->census, &ends), s->seq, s->len_known ? s->len : 0, s->flags };

            if (!count(c, &seen, i == 0 ? p->wirelen : 0, frame, p->time_ns))
                continue;
        }
        from = find(c, ends.src, ends.ports >> 16);
        to = find(c, ends.dst, ends.ports & 0xffff);
        feed_both(c, from, to, s, &ends, p, frame);
        if (mc_watch_has_syn(s->flags))
            note_syn(c, &ends, s->flags, frame);
        else if (MC_UNLIKELY(mc_dns_is_port(ends.ports)))
            take_stream(c, s, frame, p->time_ns);
    }
}

/* Frames of the common shape on their way: looked at, then fetched for, then taken. */
typedef struct ahead {
    mc_headers headers;
    mc_endpoints ends;
    uint32_t hash;
} ahead;

/* False: not of the common shape. */
static bool look(const mc_crowd *c, ahead *a, const mc_packet *p)
{
    if (!mc_decode_find(p, &a->headers))
        return false;
    a->ends = mc_decode_endpoints(&a->headers, a->headers.v6);
    if (c->census != NULL) {
        a->hash = mc_census_hash(c->census, &a->ends);
        mc_census_prefetch(c->census, a->hash);
    }
    return true;
}

static void take(mc_crowd *c, const ahead *a, const mc_packet *p)
{
    const uint64_t frame = c->first + (uint64_t)(p - c->packets);
    const uint8_t *tcp = a->headers.tcp;
    mc_segment s;
    uint32_t from, to;

    if (c->census != NULL) {
        const mc_census_segment seen = { &a->ends, a->hash, mc_be32(tcp + 4), a->headers.wire - a->headers.header, tcp[13] };

        if (!count(c, &seen, p->wirelen, frame, p->time_ns))
            return;
    }
    from = find(c, a->ends.src, a->ends.ports >> 16);
    to = find(c, a->ends.dst, a->ends.ports & 0xffff);
    if (MC_UNLIKELY((from | to) != 0)) {
        mc_decode_fill(&s, &a->headers, a->headers.v6);
        feed_both(c, from, to, &s, &a->ends, p, frame);
    }
    if (MC_UNLIKELY(mc_watch_has_syn(tcp[13]))) {
        note_syn(c, &a->ends, tcp[13], frame);
    } else if (MC_UNLIKELY(mc_dns_is_port(a->ends.ports))) {
        mc_decode_fill(&s, &a->headers, a->headers.v6);
        take_stream(c, &s, frame, p->time_ns);
    }
}

size_t mc_crowd_common(mc_crowd *c, const mc_packet *p, size_t n)
{
    ahead a[AHEAD];
    size_t i, k;

    n = n < AHEAD ? n : AHEAD;
    for (k = 0; k < n && look(c, &a[k], &p[k]); k++)
        ;
    for (i = 0; c->census != NULL && i < k; i++)
        mc_census_prefetch_rest(c->census, a[i].hash);
    for (i = 0; i < k; i++)
        take(c, &a[i], &p[i]);
    return k;
}

/* An ICMP error about an end that is not watched, or not yet. */
static void note_early(mc_crowd *c, const uint8_t addr[16], uint16_t port)
{
    uint32_t i;

    if (c->census == NULL || c->early_count > EARLY)
        return;
    for (i = 0; i < c->early_count; i++)
        if (c->early[i].port == port && memcmp(c->early[i].addr, addr, 16) == 0)
            return;
    if (c->early_count < EARLY) {
        memcpy(c->early[i].addr, addr, 16);
        c->early[i].port = port;
    }
    c->early_count++;
}

static bool is_early(const mc_crowd *c, const mc_endpoint *server)
{
    uint32_t i;

    for (i = 0; i < c->early_count && i < EARLY; i++)
        if (c->early[i].port == server->port && memcmp(c->early[i].addr, server->addr, 16) == 0)
            return true;
    return c->early_count > EARLY;
}

/* Of servers that are found mc_beside_claims() tells. */
static void note_claim(mc_crowd *c, const mc_other *claim, uint64_t frame)
{
    uint64_t addr[2];
    uint32_t i;

    memcpy(addr, claim->claimed, sizeof addr);
    for (i = c->watched[hash_host(c, addr) % MC_ARRAY_LEN(c->watched)]; i != 0; i = c->at[i - 1].next)
        mc_watch_note_claim(c->at[i - 1].watch, claim, frame);
}

void mc_crowd_other(mc_crowd *c, const mc_other *other, const mc_icmp_quote *quote, const mc_packet *p)
{
    const uint64_t frame = c->first + (uint64_t)(p - c->packets);
    uint64_t addr[2];
    uint32_t from, to;

    if (other->kind == MC_OTHER_UDP && mc_dns_is_port((uint32_t)other->sport << 16 | other->dport) && wants_names(c)) {
        mc_dns *dns = hear_names(c);

        c->no_memory |= dns == NULL || (c->census == NULL && !mc_dns_add(dns, other, frame, p->time_ns));
    }
    if (mc_other_claims(other) && c->census == NULL)
        note_claim(c, other, frame);
    if (c->beside != NULL && !mc_beside_add(c->beside, other, frame, p->time_ns))
        c->no_memory = true;
    if (quote == NULL)
        return;
    memcpy(addr, quote->src, sizeof addr);
    from = find(c, addr, quote->sport);
    memcpy(addr, quote->dst, sizeof addr);
    to = find(c, addr, quote->dport);
    if (to != 0)
        mc_watch_note_icmp(c->at[to - 1].watch, quote, frame);
    else
        note_early(c, quote->dst, quote->dport);
    if (from == 0)
        note_early(c, quote->src, quote->sport);
    else if (from != to)
        mc_watch_note_icmp(c->at[from - 1].watch, quote, frame);
}

bool mc_crowd_no_memory(const mc_crowd *c)
{
    return c->no_memory;
}

const mc_watch *mc_crowd_find(const mc_crowd *c, const mc_endpoint *server, uint64_t first,
                             bool *whole)
{
    uint64_t addr[2];
    uint32_t number;
    const member *m;

    memcpy(addr, server->addr, sizeof addr);
    number = find(c, addr, server->port);
    if (number == 0)
        return NULL;
    m = &c->at[number - 1];
    *whole = c->census == NULL || (m->from <= first && !is_early(c, server));
    return m->watch;
}

const mc_census *mc_crowd_census(const mc_crowd *c)
{
    return c->census;
}

const mc_beside *mc_crowd_beside(const mc_crowd *c)
{
    return c->beside;
}

const mc_sweeps *mc_crowd_sweeps(const mc_crowd *c)
{
    return &c->sweeps;
}
