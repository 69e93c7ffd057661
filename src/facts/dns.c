/*
 * dns.c: questions by who asks whom, from which port, and the identification.
 */
#include "facts/dns.h"

#include <stdlib.h>

#define HEADER 12
#define SETS (MC_DNS_OPEN / WAYS)
#define WAYS 4
#define LEAST_FULL 500               /* a segment so long may end within a message */
#define LEAST_WAIT_NS MC_NS_PER_S    /* the capture must go on for so long to say that nothing came */

typedef struct question {
    uint8_t client[16], server[16];
    uint16_t port, id, type;
    uint8_t name_len;                /* of 'name', which is as in the message; 0: the place is free */
    bool answered;
    uint64_t frame;
    int64_t asked_ns;
    uint8_t name[MC_NAME_BYTES];
} question;

struct mc_dns {
    mc_lookups *lookups;             /* NULL: they are not wanted */
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
    mc_lookups_close(t->lookups);
    free(t);
}

mc_lookups *mc_dns_lead(mc_dns *t, const uint8_t *only)
{
    if (t->lookups == NULL)
        t->lookups = mc_lookups_open(only);
    return t->lookups;
}

static void set_example(mc_dns_example *e, const question *q, int64_t wait_ns)
{
    e->frame = q->frame;
    e->wait_ns = wait_ns;
    memcpy(e->client, q->client, sizeof e->client);
    memcpy(e->server, q->server, sizeof e->server);
    mc_dns_spell(e->name, q->name, q->name_len);
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

    if (t->lookups != NULL && type != 0)
        mc_lookups_ask(t->lookups, &(mc_asked){ o->src, name, len, type, frame, now });
    if (q->name_len != 0 && !q->answered && q->type == type && mc_dns_is_same(q->name, q->name_len, name, len)) {
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

static void answer_lookup(mc_dns *t, const mc_other *o, const uint8_t *name, size_t len, uint16_t type, int64_t now)
{
    const size_t at = HEADER + len + 4;
    const mc_reply reply = { o->payload[3] & 0x0f, (o->payload[2] & 0x02) != 0, { o->payload + at, o->captured - at },
                             mc_be16(o->payload + 6) };

    mc_lookups_answer(t->lookups, &(mc_asked){ o->dst, name, len, type, 0, now }, &reply);
}

/* Of what is cut, type 0, as much as both have. */
static bool is_question(const question *q, const uint8_t *name, size_t len, uint16_t type)
{
    const size_t both = len < q->name_len ? len : q->name_len;

    if (q->type == 0 || type == 0)
        return mc_dns_is_same(q->name, both, name, both);
    return q->type == type && mc_dns_is_same(q->name, q->name_len, name, len);
}

static bool take_answer(mc_dns *t, const mc_other *o, const uint8_t *name, size_t len, uint16_t type, int64_t now)
{
    const unsigned code = o->payload[3] & 0x0f;
    question *q = find(t, o->dst, o->src, o->dport, mc_be16(o->payload), false, now);
    mc_dns_facts *f = &t->facts;
    int64_t wait;

    if (q == NULL || q->answered || !is_question(q, name, len, type))
        return true;
    q->answered = true;
    if (t->lookups != NULL && type != 0)
        answer_lookup(t, o, name, len, type, now);
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

/*
 * Header: identification (2), flags (2), four counts; then the question: name, type, class.  Where the capture has
 * cut it, what is there of the name stands for it, in the answer too, and the type is 0, which is none.
 */
bool mc_dns_add(mc_dns *t, const mc_other *o, uint64_t frame, int64_t now)
{
    const uint8_t *p = o->payload;
    size_t len;
    uint16_t type = 0;

    if (p == NULL || o->captured < HEADER || now == MC_NO_TIME || (p[2] & 0x78) != 0 || mc_be16(p + 4) != 1)
        return true;                             /* of another kind than a query (opcode 0) */
    len = mc_dns_name_length(p + HEADER, o->captured - HEADER);
    if (len == 0 && o->is_cut)
        len = mc_dns_name_begin(p + HEADER, o->captured - HEADER);
    else if (len > 0 && o->captured >= HEADER + len + 4)
        type = mc_be16(p + HEADER + len);
    else if (!o->is_cut)
        return true;
    if (len == 0)
        return true;
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

/* A message with one question begins here. */
static bool is_message(const uint8_t *p, size_t len)
{
    return len > HEADER && (p[2] & 0x78) == 0 && mc_be16(p + 4) == 1 && mc_dns_name_length(p + HEADER, len - HEADER) > 0;
}

/*
 * A message stands behind two bytes of length (RFC 1035, 4.2.2), which some send by themselves, and some the first of them.
 * How many of them begin 'v'; '*length': of the message behind them.
 */
static unsigned length_bytes(const mc_view *v, const mc_segment *s, size_t *length)
{
    *length = mc_be16(v->p);
    if (*length >= HEADER && (*length + 2 <= v->len || s->captured < s->len || s->len >= LEAST_FULL))
        return 2;
    if (!is_message(v->p, v->len) && v->p[0] >= HEADER && is_message(v->p + 1, v->len - 1)) {
        *length = (v->len - 1) % 256 == v->p[0] ? v->len - 1 : v->p[0];      /* its upper byte is not known */
        return 1;
    }
    *length = v->len;
    return 0;
}

bool mc_dns_add_stream(mc_dns *t, const mc_segment *s, uint64_t frame, int64_t now)
{
    mc_other o = { .kind = MC_OTHER_UDP, .ip_version = s->ip_version, .sport = s->sport, .dport = s->dport };
    mc_view v = { s->payload, s->payload != NULL ? mc_min_u64(s->captured, s->len) : 0 };

    memcpy(o.src, s->src, sizeof o.src);
    memcpy(o.dst, s->dst, sizeof o.dst);
    while (v.len > HEADER) {
        size_t length;

        mc_take(&v, length_bytes(&v, s, &length));
        o.payload = v.p;
        o.captured = (uint32_t)mc_min_u64(length, v.len);
        if (!mc_dns_add(t, &o, frame, now))
            return false;
        mc_take(&v, o.captured);
    }
    return true;
}
