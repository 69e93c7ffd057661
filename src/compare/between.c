/*
 * between.c: takes the segments of two points, keeps trails and pairs, and sums up.
 */
#include "compare/parts.h"

#include <stdlib.h>

#define FIRST_HEADS  1024u
#define LOOK_AFTER   8192u           /* segments between two looks through the queues */
#define END_AFTER    16u             /* such looks between two for pairs that are over */
#define AHEAD_MOST   8               /* waiting segments that a new one is compared with at once */
#define WHOLE_LEAST  4096u           /* segments of each side before trails are paired by weak prints, when
                                        nothing else has told how the clocks differ */
#define LEAST_WAY_NS (1 * MC_NS_PER_US)          /* as exactly as most captures tell time */
#define PAIR_AGE_NS  (2 * MC_NS_PER_S)

/* -------------------------------------------------------------------- names */

const char *mc_change_name(mc_change change)
{
#define X(name) #name,
    static const char *const names[] = { MC_CHANGE_MAP(X) };
#undef X
    return names[change];
}

const char *mc_alone_name(mc_alone alone)
{
#define X(name) #name,
    static const char *const names[] = { MC_ALONE_MAP(X) };
#undef X
    return names[alone];
}

const char *mc_unpaired_name(mc_unpaired reason)
{
#define X(name) #name,
    static const char *const names[] = { MC_UNPAIRED_MAP(X) };
#undef X
    return names[reason];
}

const char *mc_segment_kind_name(mc_segment_kind kind)
{
#define X(name) #name,
    static const char *const names[] = { MC_SEGMENT_KIND_MAP(X) };
#undef X
    return names[kind];
}

/* --------------------------------------------------------------- begin and end */

mc_status mc_between_open(mc_between **out, uint64_t seed, uint32_t window, uint32_t rows, mc_error *err)
{
    mc_between *b = calloc(1, sizeof *b);
    bool ok = true;
    unsigned side;

    *out = NULL;
    if (b == NULL)
        return mc_fail(err, MC_NOMEM, 0, "out of memory");
    mc_store_init(&b->trails, sizeof(mc_trail), 6);
    mc_store_init(&b->records, sizeof(mc_record), 8);
    mc_store_init(&b->pairs, sizeof(mc_pair), 6);
    mc_store_init(&b->prints, sizeof(mc_print), 8);
    b->seed = seed;
    b->window = window;
    b->wanted = rows;
    for (side = 0; side < 2; side++) {
        b->side[side].mask = FIRST_HEADS - 1;
        b->side[side].head = calloc(FIRST_HEADS, sizeof *b->side[side].head);
        ok = ok && b->side[side].head != NULL;
    }
    b->rows = calloc((size_t)rows + 1, sizeof *b->rows);
    ok = mc_prints_init(b) && mc_clock_init(&b->clock) && ok && b->rows != NULL;
    if (!ok) {
        mc_between_close(b);
        return mc_fail(err, MC_NOMEM, 0, "out of memory");
    }
    *out = b;
    return MC_OK;
}

void mc_between_close(mc_between *b)
{
    unsigned i;

    if (b == NULL)
        return;
    mc_store_destroy(&b->trails);
    mc_store_destroy(&b->records);
    mc_store_destroy(&b->pairs);
    mc_store_destroy(&b->prints);
    for (i = 0; i < 2; i++) {
        free(b->side[i].head);
        free(b->left[i]);
        mc_hist_free(&b->wait[i]);
    }
    mc_hist_free(&b->wait_between);
    mc_clock_free(&b->clock);
    free(b->print_head);
    free(b->list);
    free(b->slot);
    free(b->chain);
    free(b->rows);
    free(b);
}

/* -------------------------------------------------------------------- trails */

static bool same_key(const mc_flow_key *a, const mc_flow_key *b)
{
    return a->peer[0] == b->peer[0] && a->peer[1] == b->peer[1] && a->peer_port == b->peer_port &&
           a->server_port == b->server_port;
}

static void grow_side(mc_between *b, mc_side *s)
{
    const uint32_t mask = s->mask * 2 + 1;
    uint32_t *head = calloc((size_t)mask + 1, sizeof *head), i, n, next;

    if (head == NULL)
        return;
    for (i = 0; i <= s->mask; i++)
        for (n = s->head[i]; n != 0; n = next) {
            mc_trail *t = mc_trail_at(b, n);

            next = t->next;
            t->next = head[t->hash & mask];
            head[t->hash & mask] = n;
        }
    free(s->head);
    s->head = head;
    s->mask = mask;
}

static void unlist(mc_between *b, uint32_t trail)
{
    mc_trail *t = mc_trail_at(b, trail);
    mc_side *s = &b->side[t->side];
    uint32_t *at = &s->head[t->hash & s->mask];

    if (!t->listed)
        return;
    while (*at != trail)
        at = &mc_trail_at(b, *at)->next;
    *at = t->next;
    t->listed = false;
    s->count--;
}

/* The trail of a segment: that of its ends, or a new one.  0: no memory. */
static uint32_t trail_of(mc_between *b, unsigned side, const mc_tapped *segment)
{
    mc_side *s = &b->side[side];
    uint32_t n = s->head[segment->hash & s->mask];
    mc_trail *t;

    while (n != 0 && !same_key(&mc_trail_at(b, n)->key, &segment->key))
        n = mc_trail_at(b, n)->next;
    if (n != 0) {
        if (!mc_trail_is_new(mc_trail_at(b, n), &segment->seen))
            return n;
        unlist(b, n);
    }
    n = mc_store_take(&b->trails);
    if (n == 0)
        return 0;
    t = mc_trail_at(b, n);
    memset(t, 0, sizeof *t);
    t->key = segment->key;
    t->hash = segment->hash;
    t->side = (uint8_t)side;
    t->listed = true;
    t->next = s->head[t->hash & s->mask];
    s->head[t->hash & s->mask] = n;
    s->count++;
    b->facts.trails[side]++;
    b->single++;
    if (s->count > s->mask)
        grow_side(b, s);
    return n;
}

static void drop_queue(mc_between *b, mc_queue *q)
{
    uint32_t n, next;

    for (n = q->first; n != 0; n = next) {
        next = mc_record_at(b, n)->next;
        mc_store_give_back(&b->records, n);
        b->waiting--;
    }
    *q = (mc_queue){ 0 };
}

static void free_trail(mc_between *b, uint32_t trail)
{
    mc_trail *t = mc_trail_at(b, trail);

    b->single -= t->pair == 0;
    mc_prints_forget(b, t);
    unlist(b, trail);
    drop_queue(b, &t->queue[0]);
    drop_queue(b, &t->queue[1]);
    t->side = 2;                                 /* not in use */
    mc_store_give_back(&b->trails, trail);
    mc_trail_at(b, trail)->side = 2;
}

/* --------------------------------------------------------------------- pairs */

static bool list_pair(mc_between *b, uint32_t pair)
{
    mc_pair *p = mc_pair_at(b, pair);

    if (p->waiting)
        return true;
    if (b->listed == b->list_room) {
        const uint32_t room = b->list_room > 0 ? b->list_room * 2 : 256;
        uint32_t *list = realloc(b->list, room * sizeof *list);

        if (list == NULL) {
            b->no_memory = true;
            return false;
        }
        b->list = list;
        b->list_room = room;
    }
    p->waiting = true;
    b->list[b->listed++] = pair;
    return true;
}

/* Same data, but another connection: what the ends agreed on in the handshake is not what was agreed
   on at the other point, although no one segment's way explains it. */
static bool is_proxied(const mc_trail *t0, const mc_trail *t1, const mc_print *print0, const mc_print *print1)
{
    if (print0->kind != print1->kind || !t0->opened || !t1->opened)
        return false;
    return t0->isn_known[0] && t1->isn_known[0] && t0->isn_known[1] && t1->isn_known[1] &&
           t0->isn[0] != t1->isn[0] && t0->isn[1] != t1->isn[1];
}

/* Do the SYNs carry the same timestamps? */
static const mc_seen *syn_of(const mc_between *b, const mc_trail *t, unsigned dir)
{
    const uint32_t n = t->queue[dir].first;

    return n != 0 && (mc_record_at(b, n)->seen.flags & MC_TH_SYN) != 0 ? &mc_record_at(b, n)->seen : NULL;
}

static bool same_syns(const mc_between *b, const mc_trail *t0, const mc_trail *t1)
{
    unsigned d;

    for (d = 0; d < 2; d++) {
        const mc_seen *s0 = syn_of(b, t0, d), *s1 = syn_of(b, t1, d);

        if (s0 == NULL || s1 == NULL)
            continue;
        if ((s0->has & s1->has & MC_HAS_TS) != 0 && s0->ts_val != s1->ts_val)
            return false;
        if (((s0->has ^ s1->has) & (MC_HAS_SACKOK | MC_HAS_SCALE)) != 0 || s0->scale != s1->scale)
            return false;
    }
    return true;
}

void mc_pair_up(mc_between *b, uint32_t trail0, uint32_t trail1, bool translated, bool by_data, const mc_print *print0,
                const mc_print *print1)
{
    mc_trail *t0 = mc_trail_at(b, trail0), *t1 = mc_trail_at(b, trail1);
    const uint32_t number = mc_store_take(&b->pairs);
    unsigned d;
    mc_pair *p;

    if (number == 0) {
        b->no_memory = true;
        return;
    }
    p = mc_pair_at(b, number);
    memset(p, 0, sizeof *p);
    p->trail[0] = trail0;
    p->trail[1] = trail1;
    for (d = 0; d < 2; d++)
        if (t0->isn_known[d] && t1->isn_known[d]) {
            p->shift[d] = t1->isn[d] - t0->isn[d];
            p->shift_known[d] = true;
        } else if (print0 != NULL) {
            p->shift[d] = print0->dir == d ? print1->seq - print0->seq : print1->ack - print0->ack;
            p->shift_known[d] = true;
        } else if (!by_data && !(t0->opened && t1->opened)) {
            p->shift_known[d] = true;            /* paired by the numbers themselves */
        }
    if (by_data && print0 != NULL)
        p->proxied = is_proxied(t0, t1, print0, print1) && !same_syns(b, t0, t1);
    translated = translated && !p->proxied;      /* of a proxy everything is another's */
    p->row.translated = translated;
    p->row.proxied = p->proxied;
    p->row.key[0] = t0->key;
    p->row.key[1] = t1->key;
    p->row.first_ns = t0->first_ns;
    t0->pair = t1->pair = number;
    b->single -= 2;
    mc_prints_forget(b, t0);
    mc_prints_forget(b, t1);
    b->facts.paired++;
    b->facts.translated += translated;
    b->facts.proxied += p->proxied;
    if (p->proxied) {
        for (d = 0; d < 2; d++) {
            drop_queue(b, &t0->queue[d]);
            drop_queue(b, &t1->queue[d]);
        }
        return;
    }
    if (t0->queue[0].count + t0->queue[1].count + t1->queue[0].count + t1->queue[1].count > 0)
        list_pair(b, number);
}

/* More telling pairs push out others. */
static void offer_row(mc_between *b, mc_pair *p)
{
    mc_pair_row *row = &p->row;
    uint32_t i, at;
    unsigned d;

    row->score = 0;
    for (d = 0; d < 2; d++) {
        row->score += 10.0 * (double)(row->alone[d][MC_ALONE_lost] + row->alone[d][MC_ALONE_injected]);
        row->score += 3.0 * (double)(row->open[d][0][0] + row->open[d][1][0] + row->open[d][0][1] +
                                    row->open[d][1][1] + row->alone[d][MC_ALONE_missed]);
        row->score += 1e-6 * (double)row->at_both[d];
    }
    row->score += (double)(row->wait_ns[b->near] / MC_NS_PER_MS) / 100.0;
    row->shifted = !p->proxied && (p->shift[0] != 0 || p->shift[1] != 0);
    for (d = 0; d < 2; d++) {
        const mc_trail *t = mc_trail_at(b, p->trail[d]);

        row->first_frame[d] = t->first_frame;
        row->packets[d] = (uint64_t)t->packets[0] + t->packets[1];
    }
    for (at = b->row_count; at > 0 && b->rows[at - 1].score < row->score; at--)
        ;
    if (at >= b->wanted)
        return;
    if (b->row_count < b->wanted)
        b->row_count++;
    for (i = b->row_count - 1; i > at; i--)
        b->rows[i] = b->rows[i - 1];
    b->rows[at] = *row;
}

static void end_pair(mc_between *b, uint32_t pair)
{
    mc_pair *p = mc_pair_at(b, pair);

    offer_row(b, p);
    b->facts.shifted += p->row.shifted;
    free_trail(b, p->trail[0]);
    free_trail(b, p->trail[1]);
    p->trail[0] = 0;
    mc_store_give_back(&b->pairs, pair);
    mc_pair_at(b, pair)->trail[0] = 0;
}

/* ----------------------------------------------------------------- the points */

void mc_find_near(mc_between *b)
{
    int64_t way[2], blur;

    b->by_delay = b->by_ttl = false;
    b->near = 0;
    if (mc_clock_round_trip(&b->clock, 0, &way[0], &blur) && mc_clock_round_trip(&b->clock, 1, &way[1], &blur) &&
        (way[0] > blur + LEAST_WAY_NS || way[1] > blur + LEAST_WAY_NS)) {
        b->by_delay = true;
        b->near = way[1] > way[0];
    }
    if (b->hopped > 0 && b->hops != 0) {
        const unsigned by_ttl = b->hops < 0;

        if (!b->by_delay || by_ttl == b->near) {
            b->by_ttl = true;
            b->near = by_ttl;
        }
    }
}

/* Up to when has the other side, too, been read?  In the time of 'side'. */
static int64_t read_at(const mc_between *b, unsigned side)
{
    const mc_side *own = &b->side[side], *other = &b->side[!side];
    int64_t difference = 0, there;

    if (other->ended)
        return own->ended ? INT64_MAX : own->read_ns;
    mc_clock_difference(&b->clock, &difference);
    there = mc_ns_plus(other->read_ns, side == 0 ? -difference : difference);
    return own->ended || there < own->read_ns ? there : own->read_ns;
}

static bool knows_clocks(const mc_between *b)
{
    return b->clock.count[0] + b->clock.count[1] > 0;
}

/* What waits is compared; pairs that are over and settled go. */
static void look_through(mc_between *b, bool final)
{
    const bool known = knows_clocks(b) || final;
    int64_t now[2];
    uint32_t i, kept = 0;

    if (!b->near_fixed && (b->clock.count[0] == 0 || b->clock.count[1] == 0))
        for (i = 0; i < b->listed; i++)
            mc_align_likely(b, mc_pair_at(b, b->list[i]));
    now[0] = known ? read_at(b, 0) : INT64_MIN;
    now[1] = known ? read_at(b, 1) : INT64_MIN;
    for (i = 0; i < b->listed; i++) {
        const uint32_t number = b->list[i];
        mc_pair *p = mc_pair_at(b, number);
        const mc_trail *t0 = mc_trail_at(b, p->trail[0]), *t1 = mc_trail_at(b, p->trail[1]);
        unsigned d;

        for (d = 0; d < 2; d++)
            if (t0->queue[d].count + t1->queue[d].count > 0)
                mc_align(b, p, d, now, final);
        if (t0->queue[0].count + t0->queue[1].count + t1->queue[0].count + t1->queue[1].count == 0)
            p->waiting = false;
        else
            b->list[kept++] = number;
    }
    b->listed = kept;
}

static bool is_old(const mc_trail *t, const int64_t now[2])
{
    return t->first_ns < mc_ns_plus(now[t->side], -PAIR_AGE_NS);
}

/* Trails without a partner look for one once more, with what they have. */
static void pair_rest(mc_between *b, bool final)
{
    const bool known = knows_clocks(b);
    int64_t now[2];
    uint32_t n;

    if (!known && !final && ((b->side[0].taken < WHOLE_LEAST && !b->side[0].ended) ||
                             (b->side[1].taken < WHOLE_LEAST && !b->side[1].ended)))
        return;
    now[0] = known && !final ? read_at(b, 0) : INT64_MAX;
    now[1] = known && !final ? read_at(b, 1) : INT64_MAX;
    for (n = 1; n <= b->trails.end; n++) {
        const mc_trail *t = mc_trail_at(b, n);

        if (t->side < 2 && t->pair == 0 && !t->given_up && t->print_count > 0 && is_old(t, now))
            mc_prints_search(b, n);
    }
}

/* Pairs that have been over for a while make room. */
static void end_old(mc_between *b)
{
    const int64_t now[2] = { read_at(b, 0), read_at(b, 1) };
    uint32_t n;

    for (n = 1; n <= b->pairs.end; n++) {
        mc_pair *p = mc_pair_at(b, n);
        const mc_trail *t0, *t1;

        if (p->trail[0] == 0 || p->waiting)
            continue;
        t0 = mc_trail_at(b, p->trail[0]);
        t1 = mc_trail_at(b, p->trail[1]);
        if ((mc_trail_is_over(t0) || !t0->listed) && (mc_trail_is_over(t1) || !t1->listed) &&
            t0->last_ns < mc_ns_plus(now[0], -MC_LINGER_NS) && t1->last_ns < mc_ns_plus(now[1], -MC_LINGER_NS))
            end_pair(b, n);
    }
}

/* One more is over; the one that was so longest makes room, if nothing of it waits. */
static void note_over(mc_between *b, uint32_t pair)
{
    uint32_t *at = &b->ring[b->over_count++ % MC_OVER];
    const uint32_t old = *at;

    mc_pair_at(b, pair)->over = true;
    *at = pair;
    if (old != 0 && old != pair && mc_pair_at(b, old)->trail[0] != 0 && mc_pair_at(b, old)->over &&
        !mc_pair_at(b, old)->waiting)
        end_pair(b, old);
}

static void count_unpaired(mc_between *b, mc_unpaired reason, const mc_trail *t)
{
    b->facts.unpaired[reason][t->side]++;
    mc_note_frames(&b->facts.unpaired_examples[reason], t->side == 0 ? t->first_frame : 0,
                   t->side == 1 ? t->first_frame : 0);
}

/* Too many segments wait: the oldest trails without a partner are given up, until half the room is free. */
static void make_window(mc_between *b)
{
    uint32_t n;

    pair_rest(b, true);                          /* with what there is: later it will be gone */
    look_through(b, false);
    for (n = 1; n <= b->trails.end && b->waiting > b->window / 2; n++) {
        mc_trail *t = mc_trail_at(b, n);
        const uint32_t count = t->queue[0].count + t->queue[1].count;

        if (t->side > 1 || t->pair != 0 || t->given_up || count == 0)
            continue;
        b->facts.given_up += count;
        drop_queue(b, &t->queue[0]);
        drop_queue(b, &t->queue[1]);
        if (!t->given_up)
            count_unpaired(b, MC_UNPAIRED_window, t);
        mc_prints_forget(b, t);
        t->given_up = true;
    }
    if (b->waiting > b->window / 2)
        look_through(b, true);                   /* all that wait are in pairs: they wait no longer */
}

static void look(mc_between *b)
{
    b->since = 0;
    if (b->single > 0)
        pair_rest(b, false);
    if (knows_clocks(b) || b->listed > 0)
        look_through(b, false);
    if (knows_clocks(b) && ++b->looks % END_AFTER == 0)
        end_old(b);
}

/* ------------------------------------------------------------------- segments */

static void take_out(mc_between *b, mc_queue *q, uint32_t before, uint32_t number)
{
    const uint32_t next = mc_record_at(b, number)->next;

    if (before != 0)
        mc_record_at(b, before)->next = next;
    else
        q->first = next;
    if (q->last == number)
        q->last = before;
    q->count--;
    b->waiting--;
    mc_store_give_back(&b->records, number);
}

/* The usual case: it is the next one, or nearly, of those that wait at the other side. */
static bool match_at_once(mc_between *b, mc_pair *p, unsigned side, const mc_record *r)
{
    mc_queue *q = &mc_trail_at(b, p->trail[!side])->queue[r->seen.dir];
    uint32_t n, before = 0, i;

    for (n = q->first, i = 0; n != 0 && i < AHEAD_MOST; before = n, n = mc_record_at(b, n)->next, i++) {
        const mc_record *o = mc_record_at(b, n);

        if (!mc_same_place(p, side, &r->seen, &o->seen) ||
            mc_compare_copies(b, p, side == 0 ? &r->seen : &o->seen, side == 0 ? &o->seen : &r->seen) != MC_SAME_COPY)
            continue;
        mc_matched(b, p, side == 0 ? r : o, side == 0 ? o : r);
        take_out(b, q, before, n);
        return true;
    }
    return false;
}

static bool enqueue(mc_between *b, mc_trail *t, const mc_record *r)
{
    mc_queue *q = &t->queue[r->seen.dir];
    const uint32_t n = mc_store_take(&b->records);

    if (n == 0) {
        b->no_memory = true;
        return false;
    }
    *mc_record_at(b, n) = *r;
    mc_record_at(b, n)->next = 0;
    if (q->last != 0)
        mc_record_at(b, q->last)->next = n;
    else
        q->first = n;
    q->last = n;
    q->count++;
    b->waiting++;
    return true;
}

static void complete_shift(const mc_between *b, mc_pair *p, unsigned dir)
{
    const mc_trail *t0 = mc_trail_at(b, p->trail[0]), *t1 = mc_trail_at(b, p->trail[1]);

    if (t0->isn_known[dir] && t1->isn_known[dir]) {
        p->shift[dir] = t1->isn[dir] - t0->isn[dir];
        p->shift_known[dir] = true;
    }
}

bool mc_between_take(mc_between *b, unsigned side, const mc_tapped *segment)
{
    const uint32_t n = trail_of(b, side, segment);
    mc_record r;
    mc_trail *t;
    mc_pair *p;

    if (n == 0 || b->no_memory)
        return false;
    t = mc_trail_at(b, n);
    b->side[side].taken++;
    mc_trail_take(t, &segment->seen, &r);
    if (t->given_up)
        return true;
    if (t->pair == 0)
        mc_prints_add(b, n, &segment->seen);
    if (t->pair == 0) {
        enqueue(b, t, &r);
    } else {
        p = mc_pair_at(b, t->pair);
        if (!p->over && mc_trail_is_over(t) && mc_trail_is_over(mc_trail_at(b, p->trail[!side])))
            note_over(b, t->pair);
        if (p->proxied)
            return true;
        if (MC_UNLIKELY(!p->shift_known[r.seen.dir]))
            complete_shift(b, p, r.seen.dir);
        if (MC_UNLIKELY(!p->shift_known[0] || !p->shift_known[1]) &&
            (!p->shift_known[r.seen.dir] || (r.seen.flags & MC_TH_ACK) != 0)) {
            if (enqueue(b, t, &r))
                list_pair(b, t->pair);
        } else if (!match_at_once(b, p, side, &r)) {
            if (enqueue(b, t, &r))
                list_pair(b, t->pair);
        }
    }
    if (++b->since >= LOOK_AFTER)
        look(b);
    if (b->waiting > b->window)
        make_window(b);
    return !b->no_memory;
}

void mc_between_read(mc_between *b, unsigned side, int64_t first_ns, int64_t ns, bool ended)
{
    mc_side *s = &b->side[side];

    s->begun = true;
    s->first_ns = first_ns;
    s->read_ns = ns;
    s->ended = ended;
}

bool mc_between_difference(const mc_between *b, int64_t *ns)
{
    return mc_clock_difference(&b->clock, ns);
}

uint32_t mc_between_waiting(const mc_between *b)
{
    return b->waiting;
}

/* --------------------------------------------------------------------- the end */

/* Does the other capture cover any of the trail's time? */
static bool is_within(const mc_between *b, const mc_trail *t)
{
    const mc_side *other = &b->side[!t->side];
    int64_t difference = 0;

    mc_clock_difference(&b->clock, &difference);
    if (t->side == 1)
        difference = -difference;
    return other->begun && mc_ns_plus(t->last_ns, difference) >= other->first_ns &&
           mc_ns_plus(t->first_ns, difference) <= other->read_ns;
}

/* Nothing of it but SYNs of the client, and what may have been made in answer on the way. */
static bool is_attempt(const mc_between *b, const mc_trail *t)
{
    uint32_t n;

    if (!t->opened || t->opener != MC_CLIENT_TO_SERVER || t->isn_known[MC_SERVER_TO_CLIENT])
        return false;
    for (n = t->queue[0].first; n != 0; n = mc_record_at(b, n)->next)
        if ((mc_record_at(b, n)->seen.flags & MC_TH_SYN) == 0)
            return false;
    for (n = t->queue[1].first; n != 0; n = mc_record_at(b, n)->next)
        if ((mc_record_at(b, n)->seen.flags & MC_TH_RST) == 0)
            return false;
    return true;
}

static void count_alone(mc_between *b, mc_trail *t, unsigned dir, mc_alone what)
{
    mc_alone_facts *f = &b->facts.direction[dir].alone[what][t->side];
    uint32_t n;

    for (n = t->queue[dir].first; n != 0; n = mc_record_at(b, n)->next) {
        const mc_seen *s = &mc_record_at(b, n)->seen;

        f->count++;
        f->kind[mc_kind_of(s)]++;
        f->bytes += s->len;
        mc_note_frames(&f->examples, t->side == 0 ? s->frame : 0, t->side == 1 ? s->frame : 0);
    }
}

static void count_rest(mc_between *b)
{
    uint64_t opened[2] = { 0, 0 };               /* without a partner, and within the other's time */
    uint32_t n;

    for (n = 1; n <= b->trails.end; n++) {
        const mc_trail *t = mc_trail_at(b, n);

        if (t->side < 2 && t->pair == 0 && !t->given_up && is_within(b, t))
            opened[t->side]++;
    }
    for (n = 1; n <= b->trails.end; n++) {
        mc_trail *t = mc_trail_at(b, n);

        if (t->side > 1 || t->pair != 0 || t->given_up)
            continue;
        if (t->ambiguous) {
            count_unpaired(b, MC_UNPAIRED_ambiguous, t);
        } else if (!is_within(b, t)) {
            count_unpaired(b, MC_UNPAIRED_outside, t);
        } else if (t->side == b->near && b->facts.paired > 0 && opened[!t->side] == 0 && is_attempt(b, t)) {
            count_unpaired(b, MC_UNPAIRED_unanswered, t);
            count_alone(b, t, MC_CLIENT_TO_SERVER, MC_ALONE_lost);
            count_alone(b, t, MC_SERVER_TO_CLIENT, MC_ALONE_injected);
        } else {
            count_unpaired(b, MC_UNPAIRED_no_partner, t);
        }
    }
}

/* What was without proof is what the captures let it be. */
static void decide_rows(mc_between *b)
{
    mc_alone_rule rule[2];
    uint32_t i;
    unsigned dir, side;

    mc_alone_rules(b, rule);
    for (i = 0; i < b->row_count; i++)
        for (side = 0; side < 2; side++)
            for (dir = 0; dir < 2; dir++) {
                const bool before = side == mc_before(b, dir);
                uint64_t *alone = b->rows[i].alone[dir], *open = b->rows[i].open[dir][side];

                alone[before ? rule[side].before : rule[side].behind] += open[0];
                alone[before ? rule[side].before : rule[side].reset_behind] += open[1];
            }
}

const mc_between_facts *mc_between_finish(mc_between *b, const uint64_t dropped[2])
{
    mc_between_facts *f = &b->facts;
    int64_t way, blur;
    unsigned side;
    uint32_t n;

    for (side = 0; side < 2; side++) {
        b->side[side].dropped = dropped[side];
        b->side[side].ended = true;
    }
    if (!b->finishing) {
        b->finishing = true;
        look_through(b, false);                  /* what is sure tells the clocks' difference, which pairs the rest */
        pair_rest(b, true);
        look_through(b, true);
        if (!b->near_fixed)
            mc_find_near(b);
        count_rest(b);
        for (n = 1; n <= b->pairs.end; n++)
            if (mc_pair_at(b, n)->trail[0] != 0)
                end_pair(b, n);
        decide_rows(b);
        mc_alone_decide(b);
    }
    if (b->no_memory)
        return NULL;
    if (!b->turned)
        for (side = 0; side < 2; side++) {
            mc_between_direction *d = &f->direction[side];
            const int least = d->hops_min;

            if (mc_before(b, side) == 0)
                continue;
            d->hops_min = -d->hops_max;
            d->hops_max = -least;
        }
    b->turned = true;
    f->near = (int)b->near;
    f->by_delay = b->by_delay;
    f->by_ttl = b->by_ttl;
    f->order_known = b->by_delay || b->by_ttl;
    f->same_point = !f->order_known && f->paired > 0 && mc_clock_round_trip(&b->clock, 0, &way, &blur) &&
                    way < LEAST_WAY_NS && way > -LEAST_WAY_NS;
    mc_clock_fill(&b->clock, b->near, &f->clock);
    for (side = 0; side < 2; side++)
        f->wait[side] = mc_hist_durations(&b->wait[side]);
    f->wait_between = mc_hist_durations(&b->wait_between);
    f->rows = b->rows;
    f->row_count = b->row_count;
    return f;
}
