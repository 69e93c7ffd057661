/*
 * prints.c: finds the trail of the same connection at the other point.
 *
 * Each trail gives marks ("prints"): numbers that another connection has by chance only.  The
 * strongest hold both ends and an initial sequence number and pair at once; those that know
 * nothing of the ends, for where addresses are translated, are asked when it is sure that no
 * stronger one comes, and only where each point has one such trail.
 */
#include "points/prints.h"

#include <stdlib.h>

typedef enum print_kind {
    ENDS_NUMBER,                     /* both ends and an initial sequence number */
    ENDS_SEGMENT,                    /* both ends and all numbers of a segment: begun before the capture */
    PAIRS_AT_ONCE,                   /* kinds before this one do */
    BOTH_NUMBERS = PAIRS_AT_ONCE,    /* both initial sequence numbers, of a SYN-ACK */
    NUMBER_OPTIONS,                  /* the client's, its timestamp and options, of a SYN */
    SEGMENT,                         /* all numbers of a data segment */
    PAIRS_BY_NUMBERS,                /* kinds before this one: sequence numbers are the same */
    BOTH_TIMESTAMPS = PAIRS_BY_NUMBERS,          /* of a SYN-ACK */
    TIMESTAMP,                       /* of a SYN */
    ENDS_ID,                         /* both ends, and the IP identification of a SYN */
    TIMES_BYTES,                     /* timestamps and bytes of a data segment */
    NUMBER,                          /* an end's and its window, of its SYN: timestamps were taken out, the other's is rewritten */
    ID_BYTES,                        /* IP identification and the first bytes of a direction */
    BYTES,                           /* the first bytes of a direction */
    FIRST_BYTES,                     /* the same, of a segment of any length: a proxy cuts the stream elsewhere */
    PRINT_KINDS
} print_kind;

#define FIRST_SLOTS 4096u
#define CHAIN_MOST  64
#define ROW_MOST    8                /* connections of the same ends that are looked at */
#define GAP_PARTS   4                /* the distance of two may be so much another at the other point */
#define OPTIONS_MOST 40u             /* bytes of a segment that TCP options may take */

static uint64_t stir(uint64_t h, uint64_t v)
{
    h = (h ^ v) * 0x9e3779b97f4a7c15u;
    return h ^ h >> 29;
}

bool mc_prints_init(mc_between *b)
{
    b->print_mask = FIRST_SLOTS - 1;
    b->print_head = calloc(FIRST_SLOTS, sizeof *b->print_head);
    return b->print_head != NULL;
}

static void grow(mc_between *b)
{
    const uint32_t mask = b->print_mask * 2 + 1;
    uint32_t *head = calloc((size_t)mask + 1, sizeof *head), i, n, next;

    if (head == NULL)
        return;                                  /* slower, but right */
    for (i = 0; i <= b->print_mask; i++)
        for (n = b->print_head[i]; n != 0; n = next) {
            mc_print *p = mc_store_at(&b->prints, n);

            next = p->next;
            p->next = head[p->value & mask];
            head[p->value & mask] = n;
        }
    free(b->print_head);
    b->print_head = head;
    b->print_mask = mask;
}

static void unlink_print(mc_between *b, uint32_t number)
{
    const mc_print *p = mc_store_at(&b->prints, number);
    uint32_t *at = &b->print_head[p->value & b->print_mask];

    while (*at != number)
        at = &((mc_print *)mc_store_at(&b->prints, *at))->next;
    *at = p->next;
    mc_store_give_back(&b->prints, number);
}

void mc_prints_forget(mc_between *b, mc_trail *t)
{
    unsigned i;

    for (i = 0; i < t->print_count; i++)
        unlink_print(b, t->prints[i]);
    t->print_count = 0;
}

/* What is known of the trails that have a print and no partner. */
typedef struct alike {
    uint32_t trail;                  /* at the other side; 0: none */
    const mc_print *print;
    bool several;                    /* there, or here besides the one that asks */
} alike;

static void note_alike(alike *a, bool here, const mc_print *p)
{
    if (here) {
        a->several = true;
    } else if (a->trail == 0) {
        a->trail = p->trail;
        a->print = p;
    } else if (a->trail != p->trail) {
        a->several = true;
    }
}

/* The print of a trail that is the same as 'own'. */
static const mc_print *like_of(const mc_between *b, uint32_t trail, const mc_print *own)
{
    const mc_trail *t = mc_trail_at(b, trail);
    const mc_print *p = NULL;
    unsigned i;

    for (i = 0; i < t->print_count; i++) {
        p = mc_store_at(&b->prints, t->prints[i]);
        if (p->value == own->value)
            break;
    }
    return p;
}

/* Connections of the same two ends, of each side: they follow one another. */
typedef struct row_of {
    uint32_t trail[ROW_MOST];
    unsigned count;                  /* may be more than are kept */
} row_of;

/* In order of their begin. */
static void put_in_row(const mc_between *b, row_of *r, uint32_t trail)
{
    unsigned i = r->count++;

    if (i >= ROW_MOST)
        return;
    for (; i > 0 && mc_trail_at(b, r->trail[i - 1])->first_ns > mc_trail_at(b, trail)->first_ns; i--)
        r->trail[i] = r->trail[i - 1];
    r->trail[i] = trail;
}

/*
 * As many at both sides are the same, in turn, if they begin one after the other at the same distances.  The one at the
 * other side that is 'trail'; 0: none.
 */
static uint32_t next_in_turn(const mc_between *b, const row_of row[2], unsigned side, uint32_t trail)
{
    uint32_t found = 0;
    unsigned i;

    if (row[0].count != row[1].count || row[0].count > ROW_MOST)
        return 0;
    for (i = 0; i < row[0].count; i++) {
        if (i > 0) {
            const int64_t gap0 = mc_ns_since(mc_trail_at(b, row[0].trail[i])->first_ns,
                                             mc_trail_at(b, row[0].trail[i - 1])->first_ns);
            const int64_t gap1 = mc_ns_since(mc_trail_at(b, row[1].trail[i])->first_ns,
                                             mc_trail_at(b, row[1].trail[i - 1])->first_ns);

            if (llabs(mc_ns_since(gap1, gap0)) > gap0 / GAP_PARTS)
                return 0;
        }
        if (row[side].trail[i] == trail)
            found = row[!side].trail[i];
    }
    return found;
}

/* The one trail at the other side that has this print and no partner; 0: none, or several, or there are
   others at this side too.  Of several the only one with the same ends is it, or the one in turn. */
static uint32_t find_one(mc_between *b, uint32_t trail, const mc_print *own, const mc_print **its)
{
    const mc_trail *t = mc_trail_at(b, trail);
    alike any = { 0 }, same_ends = { 0 };
    row_of row[2] = { { .count = 0 }, { .count = 0 } };
    unsigned looked = 0;
    uint32_t n;

    for (n = b->print_head[own->value & b->print_mask]; n != 0 && looked < CHAIN_MOST; looked++) {
        const mc_print *p = mc_store_at(&b->prints, n);
        const mc_trail *o = mc_trail_at(b, p->trail);
        const bool here = o->side == t->side;

        n = p->next;
        if (p->value != own->value || p->trail == trail || o->pair != 0 || o->given_up ||
            (here && own->kind < PAIRS_AT_ONCE))
            continue;
        note_alike(&any, here, p);
        if (mc_same_ends(&o->key, &t->key)) {
            note_alike(&same_ends, here, p);
            put_in_row(b, &row[o->side], p->trail);
        }
    }
    if (any.several && n == 0 && same_ends.trail != 0) {
        if (same_ends.several && own->kind >= PAIRS_AT_ONCE) {
            put_in_row(b, &row[t->side], trail);
            same_ends.trail = next_in_turn(b, row, t->side, trail);
            same_ends.several = same_ends.trail == 0;
            same_ends.print = same_ends.several ? NULL : like_of(b, same_ends.trail, own);
        }
        if (!same_ends.several)
            any = same_ends;
    }
    *its = any.print;
    if (any.trail != 0 && any.several)
        mc_trail_at(b, trail)->ambiguous = mc_trail_at(b, any.trail)->ambiguous = true;
    return any.several ? 0 : any.trail;
}

/* The trail's print of a kind and direction; NULL: it has none. */
static const mc_print *print_of(const mc_between *b, const mc_trail *t, print_kind kind, unsigned dir)
{
    unsigned i;

    for (i = 0; i < t->print_count; i++) {
        const mc_print *p = mc_store_at(&b->prints, t->prints[i]);

        if (p->kind == kind && p->dir == dir)
            return p;
    }
    return NULL;
}

/* Bytes of a direction, as far as any came by. */
static uint32_t bytes_of(const mc_way *w)
{
    const uint32_t last = w->cover.count > 0 ? (uint32_t)w->cover.range[w->cover.count - 1].to : 0;

    return w->cover.base + last - w->isn;
}

/*
 * A proxy joins what was written bit by bit, and how much fits into a segment is not the same at both of its sides.  Where a
 * sender that has more filled its segment at both, the first 64 bytes tell, as far as they were captured; else all that it
 * sent must be as long as well.
 */
static bool goes_on_alike(const mc_between *b, const mc_trail *t, const mc_trail *o, unsigned dir)
{
    const mc_print *p = print_of(b, t, FIRST_BYTES, dir), *q = print_of(b, o, FIRST_BYTES, dir);
    const bool known = p != NULL && q != NULL && p->begins != 0 && q->begins != 0;

    if (p == NULL || q == NULL || p->value != q->value || (known && p->begins != q->begins))
        return false;
    return (known && p->filled && q->filled) || bytes_of(&t->way[dir]) == bytes_of(&o->way[dir]);
}

/* Answers that begin alike are many: what both directions begin with must be the same. */
static bool begins_alike(const mc_between *b, const mc_trail *t, const mc_trail *o)
{
    unsigned d;

    for (d = 0; d < 2; d++) {
        const mc_print *p = print_of(b, t, BYTES, d), *q = print_of(b, o, BYTES, d);

        if (p != NULL && q != NULL && p->value != q->value && !goes_on_alike(b, t, o, d))
            return false;
    }
    return t->way[0].payload_packets > 0 && o->way[0].payload_packets > 0 &&
           (t->way[1].payload_packets > 0) == (o->way[1].payload_packets > 0);
}

static bool try_print(mc_between *b, uint32_t trail, const mc_print *own, mc_found *found)
{
    const mc_print *its = NULL;
    const uint32_t other = find_one(b, trail, own, &its);
    const mc_trail *t = mc_trail_at(b, trail), *o;
    const bool by_begin = own->kind == BYTES || own->kind == FIRST_BYTES || own->kind == ID_BYTES;
    const bool by_bytes = by_begin || own->kind == TIMES_BYTES;
    /* of a SYN-ACK both numbers */
    const bool tells_shift = by_bytes || own->kind == BOTH_TIMESTAMPS || (own->kind == ENDS_NUMBER && own->ack != 0);

    if (other == 0)
        return false;
    o = mc_trail_at(b, other);
    if (by_begin && !begins_alike(b, t, o))
        return false;
    found->trail[t->side] = trail;
    found->trail[o->side] = other;
    found->print[t->side] = tells_shift ? own : NULL;
    found->print[o->side] = tells_shift ? its : NULL;
    found->by_bytes = by_bytes;
    found->translated = !mc_same_ends(&t->key, &o->key);
    found->by_numbers = own->kind < PAIRS_BY_NUMBERS && own->kind != ENDS_NUMBER && own->kind != NUMBER_OPTIONS;
    return true;
}

/* Of those there are many; of the others a few, from the beginning of a connection. */
static bool is_of_segment(unsigned kind)
{
    return kind == ENDS_SEGMENT || kind == SEGMENT || kind == TIMES_BYTES;
}

/* The oldest print of the segment kind that has most; MC_PRINTS: none. */
static uint32_t oldest_of_most(const mc_between *b, const mc_trail *t)
{
    uint32_t first[PRINT_KINDS], count[PRINT_KINDS] = { 0 }, i, best = MC_PRINTS, most = 0;

    for (i = 0; i < t->print_count; i++) {
        const unsigned kind = ((const mc_print *)mc_store_at(&b->prints, t->prints[i]))->kind;

        if (!is_of_segment(kind))
            continue;
        if (count[kind]++ == 0)
            first[kind] = i;
        if (count[kind] > most) {
            most = count[kind];
            best = first[kind];
        }
    }
    return best;
}

/* It is as long as it may be, or has no PSH, as most stacks give it to the last that there is to send (RFC 9293, 3.9.1). */
static bool is_filled(const mc_trail *t, const mc_seen *s)
{
    const uint16_t mss = t->way[!s->dir].mss;

    return (s->flags & MC_TH_PSH) == 0 || (mss > 0 && s->len + OPTIONS_MOST >= mss);
}

/* Its new print; NULL: it has it already, or there is no room. */
static const mc_print *add(mc_between *b, uint32_t trail, print_kind kind, uint64_t value, const mc_seen *s)
{
    mc_trail *t = mc_trail_at(b, trail);
    uint32_t number, i;
    mc_print *p;

    value = stir(stir(b->seed + (uint64_t)kind, value), s->dir);
    for (i = 0; i < t->print_count; i++) {
        p = mc_store_at(&b->prints, t->prints[i]);
        if (p->value == value)
            return NULL;
    }
    if (t->print_count == MC_PRINTS) {           /* of its segments the latest stay: the other capture may begin later */
        i = oldest_of_most(b, t);
        if (i == MC_PRINTS)
            return NULL;
        unlink_print(b, t->prints[i]);
        memmove(&t->prints[i], &t->prints[i + 1], (MC_PRINTS - 1 - i) * sizeof t->prints[0]);
        t->print_count--;
    }
    number = mc_store_take(&b->prints);
    if (number == 0) {
        b->no_memory = true;
        return NULL;
    }
    p = mc_store_at(&b->prints, number);
    *p = (mc_print){ .value = value, .trail = trail, .kind = (uint8_t)kind, .dir = s->dir, .seq = s->seq, .ack = s->ack,
                     .begins = s->captured < 64 ? 0 : s->digest[1], .filled = is_filled(t, s) };
    t->prints[t->print_count++] = number;
    p->next = b->print_head[value & b->print_mask];
    b->print_head[value & b->print_mask] = number;
    if (b->prints.used > b->print_mask)
        grow(b);
    return p;
}

static uint64_t ends_of(const mc_trail *t)
{
    return stir(stir(stir(1, t->key.peer[0]), t->key.peer[1]), (uint64_t)t->key.peer_port << 16 | t->key.server_port);
}

static uint64_t both(uint32_t a, uint32_t b)
{
    return (uint64_t)a << 32 | b;
}

static bool add_at_once(mc_between *b, uint32_t trail, print_kind kind, uint64_t value, const mc_seen *s, mc_found *found)
{
    const mc_print *own = add(b, trail, kind, value, s);

    return own != NULL && try_print(b, trail, own, found);
}

static bool add_syn(mc_between *b, uint32_t trail, const mc_seen *s, mc_found *found)
{
    const mc_trail *t = mc_trail_at(b, trail);
    const uint64_t options = (uint64_t)(s->has & (MC_HAS_SACKOK | MC_HAS_TS | MC_HAS_SCALE)) << 8 | s->scale;

    if (add_at_once(b, trail, ENDS_NUMBER, stir(ends_of(t), s->seq), s, found))
        return true;
    if ((s->flags & MC_TH_ACK) != 0) {
        add(b, trail, BOTH_NUMBERS, both(s->seq, s->ack), s);
        add(b, trail, NUMBER, both(s->seq, s->win), s);
        if ((s->has & MC_HAS_TS) != 0)
            add(b, trail, BOTH_TIMESTAMPS, both(s->ts_val, s->ts_ecr), s);
    } else if (!s->cut) {
        add(b, trail, NUMBER_OPTIONS, stir(both(s->seq, s->ts_val), options), s);
        if ((s->has & MC_HAS_TS) != 0)
            add(b, trail, TIMESTAMP, s->ts_val, s);
        add(b, trail, NUMBER, both(s->seq, s->win), s);
    }
    if ((s->flags & MC_TH_ACK) == 0 && s->ip_id != 0)
        add(b, trail, ENDS_ID, stir(ends_of(t), s->ip_id), s);
    return false;
}

/* The first data of a direction and one segment of four, the same ones at both points: the highest bits, which all of the
   value moves. */
static bool is_chosen(const mc_way *w, uint64_t value)
{
    return w->payload_packets == 1 || value >> 62 == 0;
}

static void add_data(mc_between *b, uint32_t trail, const mc_seen *s)
{
    const mc_trail *t = mc_trail_at(b, trail);
    const mc_way *w = &t->way[s->dir];
    const uint64_t bytes = both(s->len, s->digest[0]);       /* so many are in captures of any length */

    /* the same segments at both points, wherever the captures begin */
    if (!t->opened && is_chosen(w, stir(both(s->seq, s->ack), s->len)))
        add(b, trail, SEGMENT, stir(both(s->seq, s->ack), s->len), s);
    if (s->captured < 16)
        return;
    if (w->payload_packets == 1 && w->isn_known && s->seq == w->isn + 1) {
        if (s->ip_id != 0)
            add(b, trail, ID_BYTES, stir(both(s->len, s->digest[0]), s->ip_id), s);
        add(b, trail, BYTES, both(s->len, s->digest[0]), s);
        add(b, trail, FIRST_BYTES, s->digest[0], s);
    }
    if ((s->has & MC_HAS_TS) != 0 && is_chosen(w, stir(both(s->ts_val, s->ts_ecr), s->len)))
        add(b, trail, TIMES_BYTES, stir(both(s->ts_val, s->ts_ecr), bytes), s);
}

bool mc_prints_add(mc_between *b, uint32_t trail, const mc_seen *s, mc_found *found)
{
    const mc_trail *t = mc_trail_at(b, trail);

    if ((s->flags & MC_TH_SYN) != 0)
        return add_syn(b, trail, s, found);
    if (!t->opened &&
        add_at_once(b, trail, ENDS_SEGMENT, stir(stir(ends_of(t), both(s->seq, s->ack)), s->len), s, found))
        return true;
    if (s->len > 0)
        add_data(b, trail, s);
    return false;
}

bool mc_prints_search(mc_between *b, uint32_t trail, mc_found *found)
{
    const mc_trail *t = mc_trail_at(b, trail);
    unsigned kind, i;

    for (kind = 0; kind < PRINT_KINDS; kind++)
        for (i = 0; i < t->print_count; i++) {
            const mc_print *p = mc_store_at(&b->prints, t->prints[i]);

            if (p->kind == kind && try_print(b, trail, p, found))
                return true;
        }
    return false;
}
