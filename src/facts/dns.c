/*
 * dns.c: questions by who asks whom, from which port, and the identification.
 */
#include "facts/dns.h"

#include <stdlib.h>

#include "base/sanitize.h"

#define HEADER 12
#define SETS (MC_DNS_OPEN / WAYS)
#define WAYS 4
#define LEAST_WAIT_NS MC_NS_PER_S    /* the capture must go on for so long to say that nothing came */

typedef struct question {
    uint8_t client[16], server[16];
    uint16_t port, id, type;
    uint8_t name_len;                /* of 'name', which is as in the message; 0: the place is free */
    bool answered;
    uint64_t frame;
    int64_t asked_ns;
    uint8_t name[MC_DNS_NAME - 1];
} question;

struct mc_dns {
    bool follows;
    uint8_t client[16], server[16];
    mc_dns_lookup lookup[MC_DNS_LOOKUPS];        /* a ring */
    uint32_t lookups;                /* so many were noted */
    mc_dns_facts facts;              /* without what is still open */
    mc_hist wait;
    question sets[SETS][WAYS];
};

mc_dns *mc_dns_open(void)
{
    return calloc(1, sizeof(mc_dns));
}

void mc_dns_close(mc_dns *t)
{
    if (t == NULL)
        return;
    mc_hist_free(&t->wait);
    free(t);
}

/* Labels, from 'p' on, up to and with the root's; 0: none, or compressed, which no question needs to be. */
static size_t name_length(const uint8_t *p, size_t left)
{
    size_t at = 0;

    while (at < left && at < MC_DNS_NAME - 1) {
        if (p[at] == 0)
            return at + 1;
        if (p[at] > 63)
            return 0;
        at += 1u + p[at];
    }
    return 0;
}

/* Names are compared without case (RFC 4343). */
static uint8_t lower(uint8_t c)
{
    return c >= 'A' && c <= 'Z' ? (uint8_t)(c + 32) : c;
}

static bool is_same_name(const question *q, const uint8_t *name, size_t len)
{
    size_t i;

    if (q->name_len != len)
        return false;
    for (i = 0; i < len; i++)
        if (lower(q->name[i]) != lower(name[i]))
            return false;
    return true;
}

/* "www.example.org", with what cannot be shown as \xNN. */
static void spell(char out[MC_DNS_NAME], const uint8_t *name, size_t len)
{
    char text[MC_DNS_NAME];
    size_t at = 0, n = 0, i;

    while (at < len && name[at] != 0) {
        if (n > 0)
            text[n++] = '.';
        for (i = 1; i <= name[at]; i++) {
            const uint8_t c = name[at + i];

            text[n++] = c == 0 ? '?' : (char)c;
        }
        at += 1u + name[at];
    }
    text[n] = 0;
    mc_sanitize_text(out, MC_DNS_NAME, n > 0 ? text : ".");
}

static void set_example(mc_dns_example *e, const question *q, int64_t wait_ns)
{
    e->frame = q->frame;
    e->wait_ns = wait_ns;
    memcpy(e->client, q->client, sizeof e->client);
    memcpy(e->server, q->server, sizeof e->server);
    spell(e->name, q->name, q->name_len);
}

static void set_first(mc_dns_example *e, const question *q, int64_t wait_ns)
{
    if (e->frame == 0 || q->frame < e->frame)
        set_example(e, q, wait_ns);
}

/* An open question has given way, or the capture is over. */
static void end(mc_dns_facts *f, const question *q, int64_t last_ns)
{
    if (q->name_len == 0 || q->answered || mc_ns_since(last_ns, q->asked_ns) < LEAST_WAIT_NS)
        return;
    f->unanswered++;
    set_first(&f->first_unanswered, q, mc_ns_since(last_ns, q->asked_ns));
}

/* The question of these, NULL if there is none; with 'make' a free place, or that of the oldest, is its own. */
static question *find(mc_dns *t, const uint8_t client[16], const uint8_t server[16], uint16_t port, uint16_t id,
                      bool make, int64_t now)
{
    uint64_t h = (uint64_t)id << 16 | port, word;
    question *set, *oldest;
    unsigned i;

    for (i = 0; i < 16; i += 8) {
        memcpy(&word, client + i, 8);
        h = (h ^ word) * 0x9e3779b97f4a7c15ull;
        h ^= h >> 29;
        memcpy(&word, server + i, 8);
        h = (h ^ word) * 0xd6e8feb86659fd93ull;
        h ^= h >> 32;
    }
    set = oldest = t->sets[h % SETS];
    for (i = 0; i < WAYS; i++) {
        question *q = &set[i];

        if (q->name_len != 0 && q->port == port && q->id == id && memcmp(q->client, client, 16) == 0 &&
            memcmp(q->server, server, 16) == 0)
            return q;
        if (q->frame < oldest->frame)
            oldest = q;
    }
    if (!make)
        return NULL;
    end(&t->facts, oldest, now);
    memset(oldest, 0, sizeof *oldest);
    memcpy(oldest->client, client, 16);
    memcpy(oldest->server, server, 16);
    oldest->port = port;
    oldest->id = id;
    return oldest;
}

static void take_question(mc_dns *t, const mc_other *o, const uint8_t *name, size_t len, uint16_t type, uint64_t frame,
                          int64_t now)
{
    question *q = find(t, o->src, o->dst, o->sport, mc_be16(o->payload), true, now);

    if (q->name_len != 0 && !q->answered && q->type == type && is_same_name(q, name, len)) {
        t->facts.repeated++;
        return;
    }
    if (q->name_len != 0)
        end(&t->facts, q, now);
    t->facts.questions++;
    memcpy(q->name, name, len);
    q->name_len = (uint8_t)len;
    q->type = type;
    q->answered = false;
    q->frame = frame;
    q->asked_ns = now;
}

void mc_dns_follow(mc_dns *t, const uint8_t client[16], const uint8_t server[16])
{
    t->follows = true;
    memcpy(t->client, client, sizeof t->client);
    memcpy(t->server, server, sizeof t->server);
}

const mc_dns_lookup *mc_dns_lookup_before(const mc_dns *t, int64_t until_ns)
{
    const mc_dns_lookup *best = NULL;
    uint32_t i;

    for (i = 0; i < MC_DNS_LOOKUPS && i < t->lookups; i++)
        if (t->lookup[i].answered_ns <= until_ns && (best == NULL || t->lookup[i].answered_ns > best->answered_ns))
            best = &t->lookup[i];
    return best;
}

/* Skips a name in a record: labels, up to the root's or a pointer (RFC 1035, 4.1.4).  False: it is cut off. */
static bool skip_name(mc_view *v)
{
    const uint8_t *p;

    for (;;) {
        p = mc_take(v, 1);
        if (p == NULL)
            return false;
        if (p[0] == 0)
            return true;
        if (p[0] >= 0xc0)
            return mc_take(v, 1) != NULL;
        if (p[0] > 63 || mc_take(v, p[0]) == NULL)
            return false;
    }
}

/* Do the 'count' records at 'v' name 'server'?  Name, type (2), class (2), time to live (4), length (2), data. */
static bool names_server(mc_view v, unsigned count, const uint8_t server[16])
{
    uint8_t mapped[16] = { [10] = 0xff, [11] = 0xff };       /* an IPv4 address, as all addresses are kept */

    for (; count > 0 && skip_name(&v); count--) {
        const uint8_t *h = mc_take(&v, 10), *data;
        unsigned type, length;

        if (h == NULL)
            return false;
        type = mc_be16(h);
        length = mc_be16(h + 8);
        data = mc_take(&v, length);
        if (data == NULL)
            return false;
        if (type == 1 && length == 4) {
            memcpy(mapped + 12, data, 4);
            if (memcmp(server, mapped, 16) == 0)
                return true;
        }
        if (type == 28 && length == 16 && memcmp(server, data, 16) == 0)
            return true;
    }
    return false;
}

static void note_lookup(mc_dns *t, const mc_other *o, const question *q, size_t question_end, int64_t now)
{
    const mc_view records = { o->payload + question_end, o->captured - question_end };
    mc_dns_lookup *l;

    if (memcmp(o->dst, t->client, sizeof t->client) != 0 || !names_server(records, mc_be16(o->payload + 6), t->server))
        return;
    l = &t->lookup[t->lookups++ % MC_DNS_LOOKUPS];
    l->frame = q->frame;
    l->asked_ns = q->asked_ns;
    l->answered_ns = now;
    spell(l->name, q->name, q->name_len);
}

static bool take_answer(mc_dns *t, const mc_other *o, const uint8_t *name, size_t len, uint16_t type, int64_t now)
{
    const unsigned code = o->payload[3] & 0x0f;
    question *q = find(t, o->dst, o->src, o->dport, mc_be16(o->payload), false, now);
    mc_dns_facts *f = &t->facts;
    int64_t wait;

    if (q == NULL || q->answered || q->type != type || !is_same_name(q, name, len))
        return true;
    q->answered = true;
    if (t->follows && code == 0)
        note_lookup(t, o, q, HEADER + len + 4, now);
    wait = mc_ns_since(now, q->asked_ns);
    f->answers++;
    f->no_name += code == 3;
    f->failed += code == 2;
    f->refused += code == 5;
    f->other_errors += code != 0 && code != 2 && code != 3 && code != 5;
    if (code == 3)
        set_first(&f->first_no_name, q, wait);
    if (code == 2)
        set_first(&f->first_failed, q, wait);
    if (wait >= MC_DNS_SLOW_NS)
        f->slow++;
    if (wait > f->slowest.wait_ns)
        set_example(&f->slowest, q, wait);
    return mc_hist_add(&t->wait, wait);
}

/* Header: identification (2), flags (2), four counts; then the question: name, type, class. */
bool mc_dns_add(mc_dns *t, const mc_other *o, uint64_t frame, int64_t now)
{
    const uint8_t *p = o->payload;
    size_t len;
    uint16_t type;

    if (p == NULL || o->captured < HEADER || now == MC_NO_TIME || (p[2] & 0x78) != 0 || mc_be16(p + 4) != 1)
        return true;                             /* of another kind than a query (opcode 0) */
    len = name_length(p + HEADER, o->captured - HEADER);
    if (len == 0 || o->captured < HEADER + len + 4)
        return true;
    type = mc_be16(p + HEADER + len);
    if ((p[2] & 0x80) != 0)
        return o->sport != MC_DNS_PORT || take_answer(t, o, p + HEADER, len, type, now);
    if (o->dport == MC_DNS_PORT)
        take_question(t, o, p + HEADER, len, type, frame, now);
    return true;
}

void mc_dns_get_facts(const mc_dns *t, int64_t last_ns, mc_dns_facts *out)
{
    unsigned set, way;

    *out = t->facts;
    out->wait = mc_hist_durations(&t->wait);
    for (set = 0; set < SETS; set++)
        for (way = 0; way < WAYS; way++)
            end(out, &t->sets[set][way], last_ns);
}
