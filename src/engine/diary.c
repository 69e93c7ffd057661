/*
 * diary.c: entries, and which of many tell most.
 */
#include "engine/diary.h"

#include <stdlib.h>

#include "tcp/rules.h"

#define ENTRY_BITS 10
#define ENDS 10                      /* entries shown of the beginning, and of the end */
#define WAIT_NS (200 * MC_NS_PER_MS) /* a wait or a silence of so long is worth showing */
#define NOBODY 2
#define WEIGHTS 8

mc_diary *mc_diary_open(const mc_flow_key *key)
{
    mc_diary *d = calloc(1, sizeof *d);

    if (d == NULL)
        return NULL;
    d->key = *key;
    d->turn = NOBODY;
    mc_store_init(&d->entries, sizeof(mc_diary_entry), ENTRY_BITS);
    return d;
}

void mc_diary_close(mc_diary *d)
{
    if (d == NULL)
        return;
    mc_store_destroy(&d->entries);
    free(d->hello);
    free(d);
}

static void set_wait(mc_diary *d, mc_diary_entry *e, const mc_diary_news *n)
{
    e->wait_ns = -1;
    if (n->segment->len == 0 || n->timeless || n->fresh == 0)
        return;
    if (d->turn == !n->dir)
        e->wait_ns = mc_ns_since(n->now, d->turn_ns);
    d->turn = (uint8_t)n->dir;
    d->turn_ns = n->now;
}

/* The place of the connection 'begin', or the one behind all. */
static uint32_t find_tls(const mc_diary *d, uint64_t begin)
{
    uint32_t i;

    for (i = 0; i < d->tls_count && d->tls[i].begin != begin; i++)
        ;
    return i;
}

const mc_tls_told *mc_diary_tls(const mc_diary *d, uint64_t begin)
{
    const uint32_t i = find_tls(d, begin);

    return i < d->tls_count ? &d->tls[i] : NULL;
}

static mc_tls_told *take_tls(mc_diary *d, uint64_t begin)
{
    const uint32_t i = find_tls(d, begin);

    if (i == MC_TLS_TOLD)
        return NULL;
    if (i == d->tls_count)
        d->tls[d->tls_count++].begin = begin;
    return &d->tls[i];
}

static void note_tls(mc_diary *d, const mc_diary_news *n, const mc_first_look *look)
{
    mc_tls_told *t = look->kind != MC_FIRST_OTHER ? take_tls(d, n->conn->begin) : NULL;

    if (t == NULL)
        return;
    switch (look->kind) {
    case MC_FIRST_CLIENT_HELLO:
        if (t->client_frame != 0)
            return;
        t->client_frame = n->frame;
        t->client_ns = n->now;
        t->client = *look;
        return;
    case MC_FIRST_SERVER_HELLO:
        if (t->server_frame != 0)
            return;
        t->server_frame = n->frame;
        t->server_ns = n->now;
        t->server = *look;
        return;
    case MC_FIRST_RETRY:
        if (t->retry_frame == 0)
            t->retry_frame = n->frame;
        return;
    case MC_FIRST_ALERT:
        if (t->alerts < MC_TLS_ALERTS) {
            t->alert[t->alerts].frame = n->frame;
            t->alert[t->alerts].dir = (uint8_t)n->dir;
            t->alert[t->alerts].name = look->alert;
            t->alert[t->alerts].fatal = look->fatal;
        }
        t->alerts++;
        return;
    case MC_FIRST_TLS_DATA:
        if (t->data_frame == 0 && n->dir == MC_SERVER && t->server_frame != 0) {
            t->data_frame = n->frame;
            t->data_ns = n->now;
        }
        return;
    case MC_FIRST_OTHER:
        return;
    }
}

/* What the payload begins with, or the ClientHello that ends in it. */
static void set_words(mc_diary *d, mc_diary_entry *e, const mc_diary_news *n)
{
    const mc_segment *s = n->segment;
    const size_t len = s->captured < s->len ? s->captured : s->len;
    const bool goes_on = d->hello_len > 0 && d->hello_dir == n->dir && d->hello_next == s->seq;

    mc_first_look look;

    if (s->len == 0 || s->payload == NULL || n->copy || n->fresh == 0)
        return;
    if (!goes_on) {
        if (!mc_first_words(e->says, sizeof e->says, s->payload, len, &look)) {
            note_tls(d, n, &look);
            return;
        }
        d->hello_len = 0;
    }
    if (d->hello == NULL && (d->hello = malloc(MC_FIRST_WORDS_MOST)) == NULL) {
        d->no_memory = true;
        return;
    }
    if (len < s->len || len > MC_FIRST_WORDS_MOST - d->hello_len) {
        d->hello_len = 0;                        /* the rest of it was not captured, or is too long */
        return;
    }
    memcpy(d->hello + d->hello_len, s->payload, len);
    d->hello_len += len;
    d->hello_next = s->seq + s->len;
    d->hello_dir = (uint8_t)n->dir;
    if (goes_on && !mc_first_words(e->says, sizeof e->says, d->hello, d->hello_len, &look)) {
        d->hello_len = 0;
        note_tls(d, n, &look);
    } else if (goes_on) {
        snprintf(e->says, sizeof e->says, "TLS ClientHello goes on");
    }
}

void mc_diary_note(mc_diary *d, const mc_diary_news *n)
{
    const mc_segment *s = n->segment;
    const mc_endpoint_state *from = &n->conn->endpoint[n->dir], *to = &n->conn->endpoint[!n->dir];
    mc_diary_entry *e;
    uint32_t number;
    unsigned i;

    if (d->count++ >= MC_DIARY_MOST)
        return;
    number = mc_store_take(&d->entries);
    if (number == 0) {
        d->no_memory = true;
        return;
    }
    e = mc_store_at(&d->entries, number);
    if (number > 1 && mc_diary_at(d, number - 2)->begin != n->conn->begin) {
        d->turn = NOBODY;
        d->hello_len = 0;
    }
    e->frame = n->frame;
    e->time_ns = n->timeless ? MC_NO_TIME : n->now;
    e->begin = n->conn->begin;
    e->raw_seq = s->seq;
    e->seq = s->seq - from->base;
    e->ack = (s->flags & MC_TH_ACK) != 0 ? s->ack - to->base : 0;
    e->len = s->len;
    e->events = n->events;
    e->dup = (n->events & MC_TCP_DUPLICATE_ACK) != 0 ? from->dup : 0;
    e->window = (s->flags & MC_TH_SYN) != 0 || from->scale < 0 ? s->win : (uint32_t)s->win << from->scale;
    e->flags = s->flags;
    e->has = s->has;
    e->dir = (uint8_t)n->dir;
    e->mss = (s->has & MC_HAS_MSS) != 0 ? s->mss : 0;
    e->scale = s->scale;
    e->ttl = s->ttl;
    if ((s->has & MC_HAS_TS) != 0) {
        e->ts_val = s->ts_val;
        e->ts_ecr = s->ts_ecr;
    }
    if ((s->has & MC_HAS_SACK) != 0)
        for (i = 0; i < s->sack_count; i++) {
            e->sack[i][0] = s->sack[i][0] - to->base;
            e->sack[i][1] = s->sack[i][1] - to->base;
        }
    e->verdict = n->verdict;
    e->by = n->by;
    e->cause = n->cause;
    e->since_ns = n->verdict != 0 ? n->since_ns : -1;
    e->copy = n->copy;
    e->fresh = n->fresh;
    set_wait(d, e, n);
    set_words(d, e, n);
}

uint32_t mc_diary_find(const mc_diary *d, uint64_t frame)
{
    uint32_t low = 0, high = mc_diary_size(d);

    while (low < high) {
        const uint32_t mid = low + (high - low) / 2;

        if (mc_diary_at(d, mid)->frame < frame)
            low = mid + 1;
        else
            high = mid;
    }
    return low;
}

void mc_diary_recount(mc_diary *d, uint64_t frame, unsigned cause)
{
    uint32_t i = mc_diary_find(d, frame);

    for (; i < mc_diary_size(d) && mc_diary_at(d, i)->frame == frame; i++)
        if (mc_diary_at(d, i)->cause != 0)
            mc_diary_at(d, i)->cause = (uint8_t)(1 + cause);
}

/* What an entry tells, 0 (nothing out of the ordinary) to WEIGHTS - 1. */
static unsigned weight_of(const mc_diary_entry *e, int64_t gap_ns)
{
    if ((e->flags & (MC_TH_SYN | MC_TH_RST)) != 0)
        return 7;
    if ((e->flags & MC_TH_FIN) != 0)
        return 6;
    if (e->cause != 0 && e->cause - 1 <= MC_RESENT_lost_behind)
        return 5;
    if (e->wait_ns >= WAIT_NS || gap_ns >= 5 * WAIT_NS || (e->events & (MC_TCP_ZERO_WINDOW | MC_TCP_WINDOW_FULL)) != 0)
        return 5;
    if (e->verdict != 0)
        return 4;
    if ((e->events & (MC_TCP_LOST_SEGMENT | MC_TCP_ACKED_UNSEEN | MC_TCP_ANY_RETRANSMISSION | MC_TCP_OUT_OF_ORDER)) != 0)
        return 4;
    if (e->says[0] != 0)
        return 3;
    if (gap_ns >= WAIT_NS)
        return 2;
    return e->events != 0 || e->copy;
}

static bool is_in(const mc_diary_entry *e, uint64_t begin, uint64_t from, uint64_t to)
{
    return e->begin == begin && e->frame >= from && e->frame <= to;
}

static void show(mc_diary *d, uint32_t i, uint64_t begin, uint64_t from, uint64_t to, uint32_t *shown)
{
    mc_diary_entry *e;

    if (i >= mc_diary_size(d))
        return;
    e = mc_diary_at(d, i);
    if (!e->shown && is_in(e, begin, from, to)) {
        e->shown = true;
        ++*shown;
    }
}

/* The time since the entry before, of the same connection. */
static int64_t gap_before(const mc_diary *d, uint32_t i)
{
    const mc_diary_entry *e = mc_diary_at(d, i), *p;

    if (i == 0)
        return 0;
    p = mc_diary_at(d, i - 1);
    return p->begin == e->begin && p->time_ns != MC_NO_TIME && e->time_ns != MC_NO_TIME ? mc_ns_since(e->time_ns, p->time_ns)
                                                                                        : 0;
}

uint32_t mc_diary_select(mc_diary *d, uint64_t begin, uint64_t from, uint64_t to, uint32_t most)
{
    const uint32_t size = mc_diary_size(d);
    uint32_t first = size, last = 0, all = 0, shown = 0, i, ends = ENDS;
    unsigned weight;

    for (i = 0; i < size; i++) {
        mc_diary_entry *e = mc_diary_at(d, i);

        e->shown = false;
        if (!is_in(e, begin, from, to))
            continue;
        if (all++ == 0)
            first = i;
        last = i;
    }
    if (all <= most)
        ends = all;
    else if (most < 4 * ENDS)
        ends = most / 4 + 1;
    for (i = first; i < size && i < first + ends; i++)
        show(d, i, begin, from, to, &shown);
    for (i = last; all > 0 && i + ends > last && i > first; i--)
        show(d, i, begin, from, to, &shown);
    for (weight = WEIGHTS - 1; weight > 0 && shown < most; weight--)
        for (i = first; i < size && i <= last && shown < most; i++) {
            if (!is_in(mc_diary_at(d, i), begin, from, to) || weight_of(mc_diary_at(d, i), gap_before(d, i)) != weight)
                continue;
            show(d, i, begin, from, to, &shown);
            if (weight >= 4 && shown < most) {
                if (i > 0)
                    show(d, i - 1, begin, from, to, &shown);
                show(d, i + 1, begin, from, to, &shown);
            }
        }
    return shown;
}
