/*
 * census.c: the table of all connections, and the servers that come of it.
 */
#include "facts/census.h"

#include <stdlib.h>

#include "base/store.h"
#include "table/flow.h"
#include "tcp/seq.h"
#include "tcp/state.h"

#define CONN_BITS 13
#define SLOW_NS (200 * MC_NS_PER_MS)
#define NOBODY 2                     /* no side */

/* Seen of the connection that the pair has now. */
#define SYN     0x01                 /* of 'opener' */
#define SYN_ACK 0x02
#define OPENED  0x04                 /* more of the opener after it, or data from both */
#define RST     0x08
#define REFUSED 0x10                 /* the RST was the answer to the SYN */
#define OVER    0x20                 /* a FIN of either side */
#define SAID    0x40                 /* side 0 has sent; 0x80: side 1 */

/* Side 0 is whoever sent the first segment. */
typedef struct census_conn {
    uint32_t next_free;              /* of the store; 0 */
    uint32_t packets;
    uint8_t addr[2][16];
    uint16_t port[2];
    uint8_t opener;                  /* a side, or NOBODY */
    uint8_t flags;
    uint8_t turn;                    /* the side of the latest data, or NOBODY */
    uint8_t known;                   /* bits: whose 'next' is known */
    uint32_t next[2];                /* highest end sent */
    uint32_t syn_seq;
    uint16_t begun, refused, unanswered, half_open, reset;       /* of those before this one; saturating */
    uint16_t slow[2];                /* answers of that side */
    uint16_t data_from;              /* bits: sides that have sent data, ever */
    uint32_t again[2];
    uint64_t bytes;
    uint64_t first_frame;
    int64_t turn_ns;
} census_conn;

struct mc_census {
    mc_slots slots;
    mc_store conns;
    uint64_t seed[2];
    uint64_t max, not_kept;
    bool no_memory;
};

mc_census *mc_census_open(uint64_t max_connections)
{
    mc_census *t = calloc(1, sizeof *t);

    if (t == NULL)
        return NULL;
    t->max = mc_min_u64(mc_max_u64(max_connections, 1), MC_MAX_CONNECTIONS);
    mc_store_init(&t->conns, sizeof(census_conn), CONN_BITS);
    mc_flows_seed(t->seed);
    if (!mc_slots_init(&t->slots)) {
        free(t);
        return NULL;
    }
    return t;
}

void mc_census_close(mc_census *t)
{
    if (t == NULL)
        return;
    mc_slots_free(&t->slots);
    mc_store_destroy(&t->conns);
    free(t);
}

uint64_t mc_census_not_kept(const mc_census *t)
{
    return t->not_kept;
}

bool mc_census_is_short(const mc_census *t)
{
    return t->no_memory;
}

uint64_t mc_census_memory(const mc_census *t)
{
    return mc_slots_memory(&t->slots) + mc_store_memory(&t->conns);
}

static uint64_t hash_end(const uint64_t seed[2], const uint64_t addr[2], uint32_t port)
{
    return mc_fold(addr[1] ^ seed[0], (addr[0] ^ port ^ 0xa5c3b10000000000ull) ^ seed[1]);
}

uint32_t mc_census_hash(const mc_census *t, const mc_endpoints *e)
{
    const uint64_t h = hash_end(t->seed, e->src, e->ports >> 16) + hash_end(t->seed, e->dst, e->ports & 0xffff);

    return (uint32_t)(h ^ h >> 32) | 0x80000000u;
}

void mc_census_prefetch(const mc_census *t, uint32_t hash)
{
    mc_slots_prefetch(&t->slots, hash);
}

void mc_census_prefetch_rest(const mc_census *t, uint32_t hash)
{
    const uint32_t ref = mc_slots_guess(&t->slots, hash);

    if (ref != 0) {
        const char *c = mc_store_item(&t->conns, ref, sizeof(census_conn), CONN_BITS);

        MC_PREFETCH(c);
        MC_PREFETCH(c + 64);
    }
}

static bool is_end(const census_conn *c, unsigned side, const uint64_t addr[2], uint32_t port)
{
    return c->port[side] == port && memcmp(c->addr[side], addr, 16) == 0;
}

/* The connection of 's' and which side sent it; NULL: none yet. */
MC_INLINE census_conn *find(const mc_census *t, const mc_endpoints *e, uint32_t hash, unsigned *side)
{
    const uint32_t sport = e->ports >> 16, dport = e->ports & 0xffff;
    uint32_t at = hash & t->slots.mask;

    for (;; at = (at + 1) & t->slots.mask) {
        const mc_slot_line *line = &t->slots.lines[at];
        unsigned found = mc_slots_match(line, hash);

        for (; found != 0; found &= found - 1) {
            census_conn *c = mc_store_item(&t->conns, line->ref[__builtin_ctz(found)], sizeof *c, CONN_BITS);

            if (is_end(c, 0, e->src, sport) && is_end(c, 1, e->dst, dport)) {
                *side = 0;
                return c;
            }
            if (is_end(c, 1, e->src, sport) && is_end(c, 0, e->dst, dport)) {
                *side = 1;
                return c;
            }
        }
        if (mc_slots_is_last(line))
            return NULL;
    }
}

static void more(uint16_t *count)
{
    *count = (uint16_t)(*count + (*count < UINT16_MAX));
}

/* How the pair's connection ended, or stands. */
static void settle(const census_conn *c, uint16_t *refused, uint16_t *unanswered, uint16_t *half_open, uint16_t *reset)
{
    const bool answered = c->opener != NOBODY && (c->flags & (SAID << !c->opener)) != 0;

    if ((c->flags & REFUSED) != 0)
        more(refused);
    else if ((c->flags & RST) != 0)
        more(reset);
    else if ((c->flags & SYN) != 0 && !answered)
        more(unanswered);
    else if ((c->flags & (SYN_ACK | OPENED)) == SYN_ACK)
        more(half_open);
}

/* A SYN that does not repeat the one before it: the pair is used again. */
static void begin_again(census_conn *c)
{
    settle(c, &c->refused, &c->unanswered, &c->half_open, &c->reset);
    more(&c->begun);
    c->flags = 0;
    c->known = 0;
    c->turn = NOBODY;
    c->opener = NOBODY;
}

static census_conn *begin(mc_census *t, const mc_endpoints *e, uint32_t hash, uint64_t frame)
{
    census_conn *c;
    uint32_t number;

    if (t->conns.used >= t->max)
        return NULL;
    if (!mc_slots_make_room(&t->slots) || (number = mc_store_take(&t->conns)) == 0) {
        t->no_memory = true;
        return NULL;
    }
    c = mc_store_at(&t->conns, number);
    memcpy(c->addr[0], e->src, 16);
    memcpy(c->addr[1], e->dst, 16);
    c->port[0] = (uint16_t)(e->ports >> 16);
    c->port[1] = (uint16_t)e->ports;
    c->first_frame = frame;
    c->opener = c->turn = NOBODY;
    mc_slots_put(&t->slots, hash, number);
    return c;
}

/* Which side is likely the server's, of a connection of which no SYN was seen. */
static unsigned guess(const uint16_t port[2])
{
    const bool from = mc_state_is_server_port(port[0]), to = mc_state_is_server_port(port[1]);

    if (from != to)
        return to;
    return port[1] <= port[0];
}

static void note_flags(census_conn *c, unsigned side, const mc_census_segment *s)
{
    const unsigned kind = s->flags & (MC_TH_SYN | MC_TH_ACK | MC_TH_RST);

    if (kind == MC_TH_SYN) {
        if ((c->flags & ~(unsigned)(SAID << side)) != 0 && c->syn_seq != s->seq &&
            (c->flags & (SYN_ACK | OPENED | RST | OVER)) != 0)
            begin_again(c);
        c->flags |= SYN;
        c->opener = (uint8_t)side;
        c->syn_seq = s->seq;
    } else if (kind == (MC_TH_SYN | MC_TH_ACK)) {
        c->flags |= SYN_ACK;
        if (c->opener == NOBODY)
            c->opener = !side;
    } else if ((s->flags & MC_TH_RST) != 0) {
        if ((c->flags & (RST | OVER)) == 0)
            c->flags |= (c->flags & (SYN | SYN_ACK)) == SYN && side != c->opener ? RST | REFUSED : RST;
    } else if (side == c->opener && (c->flags & SYN_ACK) != 0) {
        c->flags |= OPENED;
    }
    if ((s->flags & MC_TH_FIN) != 0)
        c->flags |= OVER;
    c->flags |= (uint8_t)(SAID << side);
}

static void note_data(census_conn *c, unsigned side, const mc_census_segment *s, int64_t now)
{
    const uint32_t end = s->seq + s->len;

    c->data_from |= (uint16_t)(1u << side);
    if ((c->known & 1u << side) != 0 && mc_seq_not_after(end, c->next[side])) {
        c->again[side] += s->len > 1;            /* a single byte is as likely a keep-alive */
    } else {
        c->next[side] = end;
        c->known |= (uint8_t)(1u << side);
    }
    if (c->turn == !side && mc_ns_since(now, c->turn_ns) >= SLOW_NS)
        more(&c->slow[side]);
    c->turn = (uint8_t)side;
    c->turn_ns = now;
}

bool mc_census_add(mc_census *t, const mc_census_segment *s, uint32_t frame_bytes, uint64_t frame, int64_t now, bool *begins,
                   mc_endpoint *server)
{
    unsigned side, serves;
    census_conn *c = find(t, s->ends, s->hash, &side);

    *begins = c == NULL;
    if (c == NULL) {
        side = 0;
        c = begin(t, s->ends, s->hash, frame);
        if (c == NULL) {
            t->not_kept++;
            *begins = false;
            return false;
        }
    }
    c->packets += c->packets < UINT32_MAX;
    c->bytes += frame_bytes;
    note_flags(c, side, s);
    if (s->len > 0 && now != MC_NO_TIME)
        note_data(c, side, s, now);
    if (*begins) {
        serves = c->opener != NOBODY ? !c->opener : guess(c->port);
        memcpy(server->addr, c->addr[serves], sizeof server->addr);
        server->port = c->port[serves];
    }
    return true;
}

/* ------------------------------------------------------------------ servers */

/* Servers by their ends, or all ends of some connections. */
typedef struct ends {
    mc_census_server *at;
    uint32_t *slot;                  /* by hash; 0: empty, else a number from 1 */
    uint32_t count, room, mask;
    uint64_t seed[2];
} ends;

static bool ends_init(ends *e, const uint64_t seed[2])
{
    *e = (ends){ .room = 256, .mask = 1023, .seed = { seed[0], seed[1] } };
    e->at = malloc(e->room * sizeof *e->at);
    e->slot = calloc(e->mask + 1u, sizeof *e->slot);
    return e->at != NULL && e->slot != NULL;
}


static uint32_t *slot_of(const ends *e, const uint8_t addr[16], uint16_t port)
{
    uint64_t words[2], h;
    uint32_t i;

    memcpy(words, addr, sizeof words);
    h = hash_end(e->seed, words, port);
    i = (uint32_t)(h ^ h >> 32) & e->mask;

    while (e->slot[i] != 0) {
        const mc_endpoint *at = &e->at[e->slot[i] - 1].at;

        if (at->port == port && memcmp(at->addr, addr, 16) == 0)
            break;
        i = (i + 1) & e->mask;
    }
    return &e->slot[i];
}

static mc_census_server *ends_find(const ends *e, const uint8_t addr[16], uint16_t port)
{
    uint32_t number = *slot_of(e, addr, port);

    return number != 0 ? &e->at[number - 1] : NULL;
}

static bool ends_grow(ends *e)
{
    mc_census_server *at = realloc(e->at, 2u * e->room * sizeof *at);
    uint32_t *slot, i;

    if (at == NULL)
        return false;
    e->at = at;
    slot = calloc(2u * (e->mask + 1u), sizeof *slot);
    if (slot == NULL)
        return false;
    free(e->slot);
    e->slot = slot;
    e->room *= 2;
    e->mask = 2 * e->mask + 1;
    for (i = 0; i < e->count; i++)
        *slot_of(e, e->at[i].at.addr, e->at[i].at.port) = i + 1;
    return true;
}

/* The end, new or not.  NULL: there is no room for one more, or no memory, which 'failed' tells. */
static mc_census_server *ends_take(ends *e, const uint8_t addr[16], uint16_t port, uint32_t most, bool *failed)
{
    uint32_t *slot = slot_of(e, addr, port);
    mc_census_server *s;

    if (*slot != 0)
        return &e->at[*slot - 1];
    if (e->count >= most)
        return NULL;
    if (e->count == e->room) {
        if (!ends_grow(e)) {
            *failed = true;
            return NULL;
        }
        slot = slot_of(e, addr, port);
    }
    *slot = ++e->count;
    s = &e->at[e->count - 1];
    memset(s, 0, sizeof *s);
    memcpy(s->at.addr, addr, 16);
    s->at.port = port;
    s->guessed = true;
    s->first_frame = UINT64_MAX;
    return s;
}

/* Which side is the server's, of a connection whose opener is not known: the one that others
   were seen to open, else by its port, else the end that more of them share. */
static unsigned decide(const census_conn *c, const ends *servers, const ends *all)
{
    const mc_census_server *a = ends_find(servers, c->addr[0], c->port[0]);
    const mc_census_server *b = ends_find(servers, c->addr[1], c->port[1]);
    const bool from = mc_state_is_server_port(c->port[0]), to = mc_state_is_server_port(c->port[1]);

    if ((a != NULL && !a->guessed) != (b != NULL && !b->guessed))
        return b != NULL && !b->guessed;
    if (from != to)
        return to;
    a = ends_find(all, c->addr[0], c->port[0]);
    b = ends_find(all, c->addr[1], c->port[1]);
    if (a != NULL && b != NULL && a->connections != b->connections)
        return b->connections > a->connections;
    return guess(c->port);
}

static void add_to(mc_census_server *s, const census_conn *c, unsigned side)
{
    uint16_t refused = c->refused, unanswered = c->unanswered, half_open = c->half_open, reset = c->reset;

    settle(c, &refused, &unanswered, &half_open, &reset);
    s->connections += 1u + c->begun;
    s->packets += c->packets;
    s->bytes += c->bytes;
    s->refused += refused;
    s->unanswered += unanswered;
    s->half_open += half_open;
    s->reset += reset;
    s->again += c->again[0] + (uint64_t)c->again[1];
    s->slow += c->slow[side];
    s->listens |= (c->flags & SYN_ACK) != 0 || (c->data_from >> side & 1) != 0;
    s->guessed &= c->opener == NOBODY;
}

static void note_first(const ends *servers, const census_conn *c)
{
    unsigned side;

    for (side = 0; side < 2; side++) {
        mc_census_server *s = ends_find(servers, c->addr[side], c->port[side]);

        if (s != NULL && c->first_frame < s->first_frame)
            s->first_frame = c->first_frame;
    }
}

/* All ends of the connections whose opener is not known; what finds no room is not shared by many. */
static bool gather_ends(const mc_census *t, ends *all)
{
    bool failed = false;
    uint32_t i;
    unsigned side;

    for (i = 1; i <= t->conns.end; i++) {
        const census_conn *c = mc_store_item(&t->conns, i, sizeof *c, CONN_BITS);

        for (side = 0; c->opener == NOBODY && side < 2 && !failed; side++) {
            mc_census_server *e = ends_take(all, c->addr[side], c->port[side], 2 * MC_CENSUS_SERVERS, &failed);

            if (e != NULL)
                e->connections++;
        }
    }
    return !failed;
}

mc_census_server *mc_census_servers(const mc_census *t, uint32_t *count, uint64_t *others)
{
    ends servers, all = { 0 };
    bool failed = !ends_init(&servers, t->seed) || !ends_init(&all, t->seed) || !gather_ends(t, &all);
    uint32_t i;
    unsigned round;

    *others = 0;
    for (round = 0; round < 2; round++) {        /* first those whose opener is known, which tell of the rest */
        for (i = 1; !failed && i <= t->conns.end; i++) {
            const census_conn *c = mc_store_item(&t->conns, i, sizeof *c, CONN_BITS);
            mc_census_server *s;
            unsigned side;

            if ((c->opener == NOBODY) != round)
                continue;
            side = round == 0 ? !c->opener : decide(c, &servers, &all);
            s = ends_take(&servers, c->addr[side], c->port[side], MC_CENSUS_SERVERS, &failed);
            if (s != NULL)
                add_to(s, c, side);
            else
                *others += 1u + c->begun;
        }
    }
    for (i = 1; !failed && i <= t->conns.end; i++)
        note_first(&servers, mc_store_item(&t->conns, i, sizeof(census_conn), CONN_BITS));
    free(all.at);
    free(all.slot);
    free(servers.slot);
    if (failed) {
        free(servers.at);
        return NULL;
    }
    *count = servers.count;
    return servers.at;
}
