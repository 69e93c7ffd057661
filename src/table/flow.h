/*
 * flow.h: the table of connections of one server address.
 *
 * One end of every connection is the server's address, so a key is the other
 * end's address and both ports.  The hash table holds references; what they refer
 * to lies in stores whose memory never moves: connections, the short records of those
 * of which only one SYN was seen (halfopen.h), and the packed ones, which are over
 * (packed.h).  What is not kept in full is made a full connection again when one more
 * segment of it comes; which kind a connection is changes no result.
 *
 * The hash is keyed by a random seed, so that a capture cannot choose its collisions.
 */
#ifndef MC_FLOW_H
#define MC_FLOW_H

#include "base/switches.h"
#include "tcp/conn.h"
#include "table/halfopen.h"
#include "table/packed.h"
#include "table/slots.h"
#include "base/store.h"
#include "tcp/story.h"

/* Both ends of one segment, seen from the server. */
typedef struct mc_flow_key {
    uint64_t peer[2];                /* the address, as its bytes lie */
    union {
        struct {
            uint16_t peer_port, server_port;
        };
        uint32_t ports;              /* both of them, as they lie */
    };
    bool both;                       /* both ends are the server's address: ports in either order */
} mc_flow_key;

/*
 * A reference: its kind in the two highest bits, below them a number counted from 1.
 * 0: none.  A connection's reference is its number alone.
 */
#define MC_REF_KIND      0xc0000000u
#define MC_REF_FULL      0x00000000u /* mc_conn */
#define MC_REF_HALF_OPEN 0x40000000u /* mc_half_open */
#define MC_REF_PACKED    0x80000000u /* mc_packed */

/*
 * So many connections that are over wait before the one that was over first is packed:
 * the last acknowledgements and repetitions find it as it was.  Counted, not timed, so
 * that the same capture takes the same memory everywhere.
 */
#define MC_FLOWS_LINGER 256

typedef struct mc_flows {
    mc_slots slots;
    uint32_t count, max;             /* connections of all kinds */
    mc_store conns;                  /* mc_conn */
    mc_store half_opens;             /* mc_half_open */
    mc_packs packs;
    mc_stories stories;
    struct {
        uint32_t hash, ref;
    } over[MC_FLOWS_LINGER];         /* connections that are over; a ring */
    uint32_t over_first, over_count;
    mc_switches switches;
    uint64_t seed[2];
    uint64_t latest;                 /* mc_conn.begin of the latest */
    bool no_memory;                  /* once: nothing more is kept */
    bool ipv4;                       /* half-open records have room for an IPv4 address only */
    mc_conn no_conn;                 /* no connection, for which nothing is ready */
} mc_flows;

#define MC_CONN_BITS      14         /* connections a block: 6 MiB */
#define MC_HALF_OPEN_BITS 14         /* records a block: 576 KiB, of IPv6 768 */

/* The full connection of reference 'ref'. */
MC_INLINE mc_conn *mc_flows_conn(const mc_flows *f, uint32_t ref);

/* The record of reference 'ref', with its kind or without. */
MC_INLINE mc_half_open *mc_flows_half_open(const mc_flows *f, uint32_t ref);

/* 'max' connections at most, and never more than MC_MAX_CONNECTIONS; 'ipv4': of a server that
   has such an address, as nearly all its peers then do.  NULL: no memory. */
#define MC_MAX_CONNECTIONS (MC_REF_HALF_OPEN - 1)
mc_flows *mc_flows_open(uint32_t max, bool ipv4);
void mc_flows_close(mc_flows *f);                /* accepts NULL */

/* Before the first connection. */
void mc_flows_switch(mc_flows *f, const mc_switches *switches);

/* What hashes are keyed by, so that a capture cannot choose its collisions. */
void mc_flows_seed(uint64_t seed[2]);

/* How many connections there are, in all kinds. */
static inline uint32_t mc_flows_count(const mc_flows *f);

/*
 * The reference after 'ref' of that kind (first: the kind alone); 0: it was the last.
 * They are in no order; mc_conn.begin says which connection came first.
 */
static inline uint32_t mc_flows_next(const mc_flows *f, uint32_t ref);

/* What 'ref' refers to: the connection itself, or built in 'room'. */
const mc_conn *mc_flows_look(const mc_flows *f, uint32_t ref, mc_conn *room);

/* 'ports' in the other order. */
static inline uint32_t mc_turned_ports(uint32_t ports)
{
    return ports << 16 | ports >> 16;
}

/* Both halves of the product. */
MC_INLINE uint64_t mc_fold(uint64_t a, uint64_t b);

/* Never 0; the same in both orders where both ends are the server's. */
MC_INLINE uint32_t mc_flows_hash(const mc_flows *f, const mc_flow_key *key);

/* Are these the ends of 'key', in its order? */
MC_INLINE bool mc_flows_is_between(const uint8_t address[16], uint32_t ports, const mc_flow_key *key);

/* Or in the other order, where both are the server's? */
static inline bool mc_flows_is_of(const uint8_t address[16], uint32_t ports, const mc_flow_key *key);

/* The same of what is not kept in full. */
bool mc_flows_is_record_of(const mc_flows *f, uint32_t ref, const mc_flow_key *key);

/* The reference of 'key', or NULL; '*c' is the connection if it is kept in full, else NULL. */
MC_INLINE uint32_t *mc_flows_find_ref(const mc_flows *f, const mc_flow_key *key, uint32_t hash, mc_conn **c);

/* The current connection between the ends whose hash this is that began as 'begin', or NULL; 'room' as in mc_flows_look(). */
const mc_conn *mc_flows_look_for(const mc_flows *f, uint32_t hash, uint64_t begin, mc_conn *room);

/* Makes a full connection of the record that '*ref' refers to; NULL: no memory. */
mc_conn *mc_flows_make_full(mc_flows *f, uint32_t *ref);

/* The current connection of 'key', or NULL. */
MC_INLINE mc_conn *mc_flows_find(mc_flows *f, const mc_flow_key *key, uint32_t hash);

/* Too many for the caches: fetching ahead pays. */
static inline bool mc_flows_are_many(const mc_flows *f);

/* So many that hardly one lies in a page whose translation is at hand. */
static inline bool mc_flows_are_scattered(const mc_flows *f);

/* Fetches the table's line ahead of use.  Inline at any rate: gcc takes a function that only
   fetches for one without effect, and drops the call. */
MC_INLINE void mc_flows_prefetch_slot(const mc_flows *f, uint32_t hash);

/* Fetches the first line of what is kept of a connection ahead of use.  Returns the connection
   of that hash if it is kept in full, which is likely the one that is meant, or f->no_conn. */
MC_INLINE mc_conn *mc_flows_guess(mc_flows *f, uint32_t hash);

/* Fetches the other lines of a connection. */
MC_INLINE void mc_flows_prefetch_rest(const mc_conn *conn);

/* mc_conn.begin of a connection that begins in frame 'frame'. */
MC_INLINE uint64_t mc_flows_begin(mc_flows *f, uint64_t frame);

/*
 * A new connection of 'key', cleared but for its ends and 'begin', which takes the place
 * of the current one, if any; that one stays among all.  NULL: the bound is reached or
 * there is no memory; mc_flows_is_full() tells.
 */
mc_conn *mc_flows_add(mc_flows *f, const mc_flow_key *key, uint32_t hash, uint64_t frame);

/* A record for a connection of which there is none yet (mc_flows_find() gave NULL), all of
   it for the caller to fill in but its ends and 'begin', which are set.  NULL: as above, or
   such a connection must be kept in full. */
MC_INLINE mc_half_open *mc_flows_add_half_open(mc_flows *f, const mc_flow_key *key, uint32_t hash, uint64_t frame);

/* The number of a record more, where that is not at hand; 0: it must be kept in full, or there is no room. */
uint32_t mc_flows_take_half_open_seldom(mc_flows *f);

/* 'c' is over, and has not been said to be. */
void mc_flows_over(mc_flows *f, mc_conn *c, uint32_t hash);

/*
 * Call it after a segment that may have ended 'c': when MC_FLOWS_LINGER others are over
 * too it is packed.  What points to any connection is no longer good afterwards.
 */
static inline void mc_flows_settle(mc_flows *f, mc_conn *c, uint32_t hash);

bool mc_flows_is_full(const mc_flows *f);

/* It is memory that is short, not the bound that is reached. */
bool mc_flows_is_short(const mc_flows *f);

/* Bytes of memory that the table and its connections take. */
uint64_t mc_flows_memory(const mc_flows *f);

/* ------------------------------------------------------------------ bodies */

MC_INLINE mc_conn *mc_flows_conn(const mc_flows *f, uint32_t ref)
{
    return mc_store_item(&f->conns, ref, sizeof(mc_conn), MC_CONN_BITS);
}

MC_INLINE mc_half_open *mc_flows_half_open(const mc_flows *f, uint32_t ref)
{
    return mc_store_item(&f->half_opens, ref & ~MC_REF_KIND, f->half_opens.size, MC_HALF_OPEN_BITS);
}

static inline uint32_t mc_flows_count(const mc_flows *f)
{
    return f->count;
}

static inline uint32_t mc_flows_next(const mc_flows *f, uint32_t ref)
{
    uint32_t kind = ref & MC_REF_KIND, number = ref & ~MC_REF_KIND;

    if (kind == MC_REF_PACKED) {
        number = mc_packs_next(&f->packs, number);
        return number != 0 ? number | kind : 0;
    }
    if (kind == MC_REF_HALF_OPEN) {
        while (++number <= f->half_opens.end)
            if (mc_flows_half_open(f, number)->begin != 0)
                return number | kind;
        return 0;
    }
    while (++number <= f->conns.end)
        if (mc_flows_conn(f, number)->begin != 0)
            return number;
    return 0;
}

MC_INLINE uint64_t mc_fold(uint64_t a, uint64_t b)
{
    __extension__ typedef unsigned __int128 u128;
    u128 product = (u128)a * b;

    return (uint64_t)product ^ (uint64_t)(product >> 64);
}

MC_INLINE uint32_t mc_flows_hash(const mc_flows *f, const mc_flow_key *key)
{
    uint64_t h = key->peer[1];
    uint32_t ports = key->ports;

    if (MC_UNLIKELY(key->both) && key->peer_port > key->server_port)
        ports = mc_turned_ports(ports);
    if (key->peer[0] != 0)                       /* not of IPv4 */
        h = mc_fold(h ^ f->seed[1], key->peer[0] ^ f->seed[0]);
    /* a product alone takes addresses in a row to places in a row, under some seeds all of them to few lines */
    h = mc_fold(h ^ f->seed[0], ports ^ f->seed[1]);
    return (uint32_t)(((h ^ h >> 32) * 0x9e3779b97f4a7c15ull) >> 32) | 0x80000000u;  /* never 0 */
}

MC_INLINE bool mc_flows_is_between(const uint8_t address[16], uint32_t ports, const mc_flow_key *key)
{
    return memcmp(address, key->peer, sizeof key->peer) == 0 && ports == key->ports;
}

static inline bool mc_flows_is_of(const uint8_t address[16], uint32_t ports, const mc_flow_key *key)
{
    return mc_flows_is_between(address, ports, key) ||
           (key->both && mc_flows_is_between(address, mc_turned_ports(ports), key));
}

MC_INLINE uint32_t *mc_flows_find_ref(const mc_flows *f, const mc_flow_key *key, uint32_t hash, mc_conn **c)
{
    uint32_t at = hash & f->slots.mask;

    *c = NULL;
    for (;; at = (at + 1) & f->slots.mask) {
        mc_slot_line *line = &f->slots.lines[at];
        unsigned found = mc_slots_match(line, hash);

        for (; found != 0; found &= found - 1) {
            uint32_t *ref = &line->ref[__builtin_ctz(found)];

            if (MC_LIKELY(*ref < MC_REF_HALF_OPEN)) {
                *c = mc_flows_conn(f, *ref);
                if (MC_LIKELY(mc_flows_is_of((*c)->peer, (*c)->ports, key)))
                    return ref;
                *c = NULL;
            } else if (mc_flows_is_record_of(f, *ref, key)) {
                return ref;
            }
        }
        if (mc_slots_is_last(line))
            return NULL;
    }
}

MC_INLINE mc_conn *mc_flows_find(mc_flows *f, const mc_flow_key *key, uint32_t hash)
{
    mc_conn *c;
    uint32_t *ref = mc_flows_find_ref(f, key, hash, &c);

    return MC_LIKELY(c != NULL) || ref == NULL ? c : mc_flows_make_full(f, ref);
}

static inline bool mc_flows_are_many(const mc_flows *f)
{
    return f->count >= 1024;         /* 384 KiB: a good part of a second-level cache */
}

static inline bool mc_flows_are_scattered(const mc_flows *f)
{
    return f->conns.used >= f->switches.scattered_from;
}

MC_INLINE void mc_flows_prefetch_slot(const mc_flows *f, uint32_t hash)
{
    mc_slots_prefetch(&f->slots, hash);
}

MC_INLINE mc_conn *mc_flows_guess(mc_flows *f, uint32_t hash)
{
    const uint32_t ref = mc_slots_guess(&f->slots, hash);
    mc_conn *full;
    const char *c;
    size_t line;

    if (MC_LIKELY(ref - 1 < MC_REF_HALF_OPEN - 1)) {
        full = mc_flows_conn(f, ref);
        MC_PREFETCH(full);
        return full;
    }
    if (ref == 0)
        return &f->no_conn;
    if (ref < MC_REF_PACKED) {
        c = (const char *)mc_flows_half_open(f, ref);
        MC_PREFETCH(c);
        MC_PREFETCH(c + f->half_opens.size - 1);
    } else {
        c = (const char *)mc_packs_at(&f->packs, ref & ~MC_REF_KIND);
        for (line = 0; line < 256; line += 64)
            MC_PREFETCH(c + line);
    }
    return &f->no_conn;
}

MC_INLINE void mc_flows_prefetch_rest(const mc_conn *conn)
{
    const char *c = (const char *)conn;

    MC_PREFETCH(c + 64);
    MC_PREFETCH(c + 128);
    MC_PREFETCH(c + 192);
    MC_PREFETCH(c + 256);
    MC_PREFETCH(c + 320);
}

MC_INLINE uint64_t mc_flows_begin(mc_flows *f, uint64_t frame)
{
    const uint64_t begin = frame << MC_BEGIN_BITS;

    return f->latest = MC_LIKELY(f->latest < begin) ? begin : f->latest + 1;
}

MC_INLINE mc_half_open *mc_flows_add_half_open(mc_flows *f, const mc_flow_key *key, uint32_t hash, uint64_t frame)
{
    mc_half_open *h;
    uint32_t number;

    if (MC_UNLIKELY(!mc_half_open_has_room(key->peer, f->ipv4)))
        return NULL;
    if (MC_LIKELY(!f->switches.kept_in_full && !f->no_memory && f->count < f->max && f->slots.used < f->slots.limit &&
                  mc_store_is_ready(&f->half_opens)))
        number = mc_store_take_ready(&f->half_opens);
    else if ((number = mc_flows_take_half_open_seldom(f)) == 0)
        return NULL;
    h = mc_flows_half_open(f, number);
    h->begin = mc_flows_begin(f, frame) & MC_BEGIN_MASK;
    h->ports = key->ports;
    mc_half_open_set_peer(h, key->peer, f->ipv4);
    mc_slots_put(&f->slots, hash, number | MC_REF_HALF_OPEN);
    f->count++;
    return h;
}

static inline void mc_flows_settle(mc_flows *f, mc_conn *c, uint32_t hash)
{
    if (mc_conn_is_over(c) && (c->flags & MC_C_WAITS) == 0)
        mc_flows_over(f, c, hash);
}

#endif
