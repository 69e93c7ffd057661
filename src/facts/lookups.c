/*
 * lookups.c: a table of lookups by who asks for which name, and one of answers by who was told
 * which address.
 */
#include "facts/lookups.h"

#include <stdlib.h>

#include "facts/dns_name.h"

#define WAYS 4
#define GOES_ON_NS       MC_NS_PER_S             /* another kind of address is asked for within this time */
#define AGAIN_NS         (10 * MC_NS_PER_S)      /* nobody waits longer before asking again (resolv.conf: 5 s) */
#define LEAST_AGAIN_NS   (100 * MC_NS_PER_MS)    /* sooner it is a copy, or another server is asked at the same time */
#define LEAST_SILENCE_NS MC_NS_PER_S             /* the capture must go on for so long to say that nothing came */

/* lookup.asked and lookup.open */
enum { ASKS_A = 1, ASKS_AAAA = 2, ASKS_HTTPS = 4 };

typedef struct lookup {
    uint8_t client[16];
    uint64_t hash;                   /* of the name */
    uint64_t frame;                  /* of the first question; 0: the place is free */
    int64_t asked_ns, latest_ns;     /* the first question; the latest message */
    int64_t answered_ns;             /* the latest answer */
    int64_t put_ns[3];               /* the latest question of each kind, by its bit */
    uint32_t number;                 /* no other lookup has it */
    uint32_t again, failures;
    uint8_t asked, open;
    uint8_t code;                    /* of the latest answer that was an error; 0: none */
    bool failed;                     /* the latest answer was one, or of no use */
    bool answered, told, used;       /* told: an address */
    uint8_t name_len;
    uint8_t name[MC_NAME_BYTES];
} lookup;

/* Who was told which address by which lookup. */
typedef struct lead {
    uint8_t client[16], server[16];
    int64_t told_ns;
    lookup *by;                      /* NULL: the place is free */
    uint32_t number;                 /* of the lookup; if that has another one it is forgotten */
} lead;

struct mc_lookups {
    bool only_one;
    uint8_t only[16];
    uint32_t numbers;
    uint32_t losses;                 /* so many were noted */
    lookup lookups[MC_LOOKUPS_MOST / WAYS][WAYS];
    lead leads[MC_LEADS_MOST / WAYS][WAYS];
    mc_lost lost[MC_LOST_MOST];      /* a ring */
};

mc_lookups *mc_lookups_open(const uint8_t *only)
{
    mc_lookups *t = calloc(1, sizeof *t);

    if (t != NULL && only != NULL) {
        t->only_one = true;
        memcpy(t->only, only, sizeof t->only);
    }
    return t;
}

void mc_lookups_close(mc_lookups *t)
{
    free(t);
}

uint64_t mc_lookups_memory(void)
{
    return sizeof(mc_lookups);
}

/* The same in every run: what it finds follows from the capture alone. */
static uint32_t set_of(const uint8_t client[16], uint64_t more, uint32_t sets)
{
    uint64_t a, b;

    memcpy(&a, client, 8);
    memcpy(&b, client + 8, 8);
    a = (a ^ more) * 0x9e3779b97f4a7c15ull;
    a = (a ^ a >> 29 ^ b) * 0xd6e8feb86659fd93ull;
    a = (a ^ a >> 32) * 0x9e3779b97f4a7c15ull;   /* addresses differ in their last bytes */
    return (uint32_t)(a >> 40) % sets;
}

static unsigned kind_of(unsigned type)
{
    return type == MC_RECORD_A ? ASKS_A : type == MC_RECORD_AAAA ? ASKS_AAAA : type == MC_RECORD_HTTPS ? ASKS_HTTPS : 0;
}

/* Has it come to nothing?  By then nothing more can come of it, or the capture is over. */
static bool is_lost(const lookup *l, int64_t now, mc_lost *out)
{
    if (l->frame == 0 || l->told || (l->asked & (ASKS_A | ASKS_AAAA)) == 0)
        return false;
    *out = (mc_lost){ .name_hash = l->hash, .frame = l->frame };
    if (l->code != 0)
        out->how = l->code == 3 ? MC_NAME_NONE : l->code == 2 ? MC_NAME_FAILED : MC_NAME_REFUSED;
    else if (!l->answered && mc_ns_since(now, l->latest_ns) >= LEAST_SILENCE_NS)
        out->how = MC_NAME_UNANSWERED;
    else
        return false;
    return true;
}

static void end(mc_lookups *t, const lookup *l, int64_t now)
{
    mc_lost lost;

    if (is_lost(l, now, &lost))
        t->lost[t->losses++ % MC_LOST_MOST] = lost;
}

/* The lookup of this client and name, or NULL; then 'oldest' is the one whose place another may take. */
static lookup *find(mc_lookups *t, const mc_asked *q, uint64_t hash, lookup **oldest)
{
    lookup *set = t->lookups[set_of(q->client, hash, MC_LOOKUPS_MOST / WAYS)];
    unsigned i;

    *oldest = set;
    for (i = 0; i < WAYS; i++) {
        lookup *l = &set[i];

        if (l->frame != 0 && l->hash == hash && memcmp(l->client, q->client, 16) == 0 &&
            mc_dns_is_same(l->name, l->name_len, q->name, q->name_len))
            return l;
        if (l->frame == 0 || ((*oldest)->frame != 0 && l->latest_ns < (*oldest)->latest_ns))
            *oldest = l;
    }
    return NULL;
}

/* Does a question belong to this lookup, or does it begin another one? */
static bool goes_on(const lookup *l, unsigned kind, int64_t now)
{
    const int64_t since = mc_ns_since(now, l->latest_ns);

    if (l->used || since > AGAIN_NS)
        return false;
    return l->open != 0 || l->failed || ((l->asked & kind) == 0 && since <= GOES_ON_NS);
}

static void begin(mc_lookups *t, lookup *l, const mc_asked *q, uint64_t hash)
{
    end(t, l, q->now);
    *l = (lookup){ .hash = hash, .frame = q->frame, .asked_ns = q->now, .number = ++t->numbers,
                   .name_len = (uint8_t)q->name_len };
    memcpy(l->client, q->client, 16);
    memcpy(l->name, q->name, q->name_len);
}

void mc_lookups_ask(mc_lookups *t, const mc_asked *q)
{
    const unsigned kind = kind_of(q->type);
    const uint64_t hash = mc_dns_hash(q->name, q->name_len);
    lookup *oldest, *l;

    if (kind == 0)
        return;
    l = find(t, q, hash, &oldest);
    if (l == NULL || !goes_on(l, kind, q->now)) {
        l = l != NULL ? l : oldest;
        begin(t, l, q, hash);
    }
    l->again += (l->open & kind) != 0 && mc_ns_since(q->now, l->put_ns[kind >> 1]) >= LEAST_AGAIN_NS;
    l->put_ns[kind >> 1] = q->now;
    l->asked |= (uint8_t)kind;
    l->open |= (uint8_t)kind;
    l->latest_ns = q->now;
}

/* The place of what this client is told of that address, one that was told longer ago if there is none. */
static lead *place_of(mc_lookups *t, const uint8_t client[16], const uint8_t server[16])
{
    uint64_t a, b;
    lead *set, *oldest;
    unsigned i;

    memcpy(&a, server, 8);
    memcpy(&b, server + 8, 8);
    set = oldest = t->leads[set_of(client, a ^ b * 0x9e3779b97f4a7c15ull, MC_LEADS_MOST / WAYS)];
    for (i = 0; i < WAYS; i++) {
        if (set[i].by != NULL && memcmp(set[i].client, client, 16) == 0 && memcmp(set[i].server, server, 16) == 0)
            return &set[i];
        if (set[i].by == NULL || (oldest->by != NULL && set[i].told_ns < oldest->told_ns))
            oldest = &set[i];
    }
    return oldest;
}

static void tell(mc_lookups *t, lookup *l, const uint8_t server[16], int64_t now)
{
    lead *w;

    l->told = true;
    if (t->only_one && memcmp(server, t->only, 16) != 0)
        return;
    w = place_of(t, l->client, server);
    memcpy(w->client, l->client, 16);
    memcpy(w->server, server, 16);
    w->told_ns = now;
    w->by = l;
    w->number = l->number;
}

/* The addresses among the records of an answer: name, type (2), class (2), time to live (4), length (2), data. */
static void read_addresses(mc_lookups *t, lookup *l, mc_view v, unsigned count, int64_t now)
{
    uint8_t mapped[16] = { [10] = 0xff, [11] = 0xff };       /* an IPv4 address, as all addresses are kept */

    for (; count > 0 && mc_dns_skip_name(&v); count--) {
        const uint8_t *h = mc_take(&v, 10), *data;
        unsigned type, length;

        if (h == NULL)
            return;
        type = mc_be16(h);
        length = mc_be16(h + 8);
        data = mc_take(&v, length);
        if (data == NULL)
            return;
        if (type == MC_RECORD_A && length == 4) {
            memcpy(mapped + 12, data, 4);
            tell(t, l, mapped, now);
        } else if (type == MC_RECORD_AAAA && length == 16) {
            tell(t, l, data, now);
        }
    }
}

void mc_lookups_answer(mc_lookups *t, const mc_asked *q, const mc_reply *reply)
{
    const unsigned kind = kind_of(q->type);
    lookup *oldest, *l = kind != 0 ? find(t, q, mc_dns_hash(q->name, q->name_len), &oldest) : NULL;

    if (l == NULL || (l->open & kind) == 0)
        return;
    l->open &= (uint8_t)~kind;
    l->latest_ns = q->now;
    l->failed = reply->code != 0 || reply->cut_short;
    if (reply->code != 0 && kind != ASKS_HTTPS) {
        l->failures++;
        l->code = (uint8_t)reply->code;
    }
    if (reply->cut_short)
        return;                                  /* the client asks once more, over TCP (RFC 7766, 5) */
    l->answered = true;
    l->answered_ns = q->now;
    if (reply->code == 0) {
        l->code = 0;
        read_addresses(t, l, reply->records, reply->count, q->now);
    }
}

bool mc_lookups_led(mc_lookups *t, const uint8_t client[16], const uint8_t server[16], int64_t now, mc_led *out)
{
    lead *w = place_of(t, client, server);
    lookup *l = w->by;
    int64_t since;

    if (l == NULL || l->number != w->number || memcmp(w->client, client, 16) != 0 || memcmp(w->server, server, 16) != 0)
        return false;
    since = mc_ns_since(now, l->answered_ns);
    if (since < 0 || since > (l->open != 0 ? MC_LEAD_OPEN_NS : MC_LEAD_NS))
        return false;
    *out = (mc_led){ .name = l->name, .name_len = l->name_len, .name_hash = l->hash, .frame = l->frame,
                     .wait_ns = mc_ns_since(l->answered_ns, l->asked_ns), .until_ns = since, .again = l->again,
                     .failures = l->failures, .open = (l->open & (ASKS_A | ASKS_AAAA)) != 0, .first = !l->used };
    l->used = true;
    return true;
}

uint32_t mc_lookups_lost_count(const mc_lookups *t)
{
    return (t->losses < MC_LOST_MOST ? t->losses : MC_LOST_MOST) + MC_LOOKUPS_MOST;
}

bool mc_lookups_lost(const mc_lookups *t, uint32_t i, int64_t last_ns, mc_lost *out)
{
    const uint32_t noted = t->losses < MC_LOST_MOST ? t->losses : MC_LOST_MOST;

    if (i >= noted)
        return is_lost(&t->lookups[(i - noted) / WAYS][(i - noted) % WAYS], last_ns, out);
    *out = t->lost[i];
    return true;
}
