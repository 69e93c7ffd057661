/*
 * story.c: what is noted while segments pass.
 */
#include "tcp/story.h"

#include "tcp/repeats.h"
#include "tcp/rules.h"
#include "tcp/sent.h"
#include "tcp/state.h"
#include "tcp/timers.h"

#define FAR_NUMBER     0x3fffffffu   /* numbers so far apart are none of the same stream */
#define NOTABLE_NS     MC_NS_PER_S   /* a shorter silence explains nothing */
#define LEAST_WAY_NS   MC_NS_PER_MS  /* a shorter way cannot show that something came too soon */
#define OPTIONS_LENGTH 40u           /* full segments are shorter than the MSS by their options (RFC 6691) */
#define TIMESTAMPS_LENGTH 12u        /* ... by these, where the handshake was seen */
#define USUAL_FULL     1200u         /* a segment so long is full where the MSS is not known */

static const mc_story no_story;

void mc_stories_init(mc_stories *t)
{
    memset(t, 0, sizeof *t);
    mc_store_init(&t->store, sizeof(mc_story), MC_STORY_BITS);
}

void mc_stories_destroy(mc_stories *t)
{
    mc_store_destroy(&t->store);
}

mc_story *mc_story_of(mc_stories *t, mc_conn *c)
{
    uint32_t talk, number;

    if (!mc_has_story(c)) {
        talk = mc_story_talk(c, &no_story);
        number = t->store.used < MC_STORY_MEMORY / sizeof(mc_story) ? mc_store_take(&t->store) : 0;
        if (number == 0) {
            t->untold++;
            return NULL;
        }
        c->notes = number;
        mc_story_set_talk(t, c, talk);
    }
    return mc_store_at(&t->store, c->notes);
}

const mc_story *mc_story_look(const mc_stories *t, const mc_conn *c)
{
    return mc_has_story(c) ? mc_store_at(&t->store, c->notes) : &no_story;
}

void mc_story_set_talk(mc_stories *t, mc_conn *c, uint32_t number)
{
    if (mc_has_story(c))
        ((mc_story *)mc_store_at(&t->store, c->notes))->talk = number;
    else
        c->notes = number != 0 ? MC_STORY_NONE_BUT_TALK | number : 0;
}

/* ----------------------------------------------------------------- amounts */

static uint32_t to_ms(int64_t ns)
{
    return ns > 0 ? (uint32_t)mc_min_u64((uint64_t)ns / MC_NS_PER_MS, UINT32_MAX) : 0;
}

/* Bytes of 'h' beyond what 'ack' says has come. */
static uint32_t beyond(const mc_endpoint_state *h, uint32_t ack)
{
    uint32_t open = h->nxt - ack;

    if ((h->known & MC_KNOWN_NXT) == 0 || open > FAR_NUMBER)
        return 0;
    return open > 0 && (h->once & MC_ONCE_FIN) != 0 ? open - 1 : open;
}

/* The same after what 'peer' has acknowledged so far. */
static uint32_t open_bytes(const mc_endpoint_state *h, const mc_endpoint_state *peer)
{
    return beyond(h, (peer->known & MC_KNOWN_ACK) != 0 ? peer->last_ack : h->base + 1);
}

/* When the oldest segment of 'h' that has no acknowledgement was sent; false: there is none. */
static bool oldest_open(const mc_endpoint_state *h, int64_t *when)
{
    unsigned i;

    for (i = 0; i < h->sent_count; i++) {
        int64_t sent = mc_sent_time(mc_sent_get(h, i));

        if (i == 0 || sent < *when)
            *when = sent;
        if ((h->known & MC_SENT_MIXED) == 0)
            break;
    }
    return h->sent_count > 0;
}

/* The way from the capture to side 'dir' and back, at best; 0: not known. */
static int64_t way_to(const mc_conn *c, unsigned dir)
{
    const mc_endpoint_state *peer = &c->endpoint[!dir];
    int64_t way = 0, measured;

    if (dir == c->originator ? (c->flags & MC_C_HS_DONE) != 0 : (c->flags & MC_C_HS_SYN_ACK) != 0)
        way = dir == c->originator ? c->to_client_ns : c->to_server_ns;
    if (peer->rtt_count > 0) {
        measured = mc_ns_of_ms((double)peer->rtt_min_ms);
        if (way <= 0 || measured < way)
            way = measured;
    }
    return way > 0 ? way : 0;
}

/* ----------------------------------------------------------------- vain runs */

static bool is_running(const mc_vain_run *v, const mc_endpoint_state *peer)
{
    return v->probes + v->repeats > 0 && peer->seen_ns < v->since_ns;
}

/* What comes again was acknowledged here before: its sender is not unheard, but hears nothing. */
static bool is_acknowledged(const mc_endpoint_state *peer, const mc_segment *s)
{
    return s->len > 1 && (peer->known & MC_KNOWN_ACK) != 0 && mc_seq_not_after(s->seq + s->len, peer->last_ack);
}

void mc_story_note_vain(mc_stories *t, mc_conn *c, unsigned dir, const mc_segment *s, bool probe, int64_t now, uint64_t frame)
{
    mc_story *story = mc_story_of(t, c);
    const mc_endpoint_state *peer = &c->endpoint[!dir];
    mc_vain_run *v;
    uint16_t *count;
    int64_t first;

    if (story == NULL || is_acknowledged(peer, s))
        return;
    v = &story->vain[dir];
    if (!is_running(v, peer)) {
        v->since_ns = now;
        v->probes = v->repeats = 0;
        v->silent_ms = oldest_open(&c->endpoint[dir], &first) && peer->packets > 0
                           ? to_ms(mc_ns_since(first, peer->seen_ns)) : 0;
    }
    v->frame = frame;
    count = probe ? &v->probes : &v->repeats;
    if (*count < UINT16_MAX)
        ++*count;
}

/* -------------------------------------------------------------------- a FIN */

/* Side 'dir' closes second, and had not yet acknowledged the other's FIN when it sent its last data. */
static bool is_blind(const mc_conn *c, unsigned dir)
{
    const mc_endpoint_state *d = &c->endpoint[dir], *r = &c->endpoint[!dir];

    return (r->once & MC_ONCE_FIN) != 0 && (d->once & MC_ONCE_FIN) == 0 && d->sent_count > 0 &&
           (d->known & MC_KNOWN_ACK) != 0 && mc_seq_before(d->last_ack, r->nxt);
}

bool mc_story_fin_crosses(const mc_conn *c, unsigned dir, uint32_t ack)
{
    const mc_endpoint_state *r = &c->endpoint[!dir];

    if ((r->once & MC_ONCE_FIN) != 0)
        return is_blind(c, dir);
    return r->sent_count > 0 && mc_seq_after(r->nxt, ack);
}

void mc_story_note_fin(mc_stories *t, mc_conn *c, unsigned dir)
{
    const mc_endpoint_state *d = &c->endpoint[dir];
    int64_t when;
    mc_story *story;

    if (is_blind(c, dir)) {
        if ((story = mc_story_of(t, c)) != NULL)
            story->blind |= (uint8_t)(1u << dir);
        return;
    }
    if ((d->once & MC_ONCE_ANY) == 0 || (d->once & MC_ONCE_FIN) != 0 || !oldest_open(&c->endpoint[!dir], &when))
        return;                                  /* of who was not captured before nobody knows how long it was silent */
    if (dir == MC_SERVER && (c->flags & (MC_C_TURN | MC_C_TURN_SERVER)) == (MC_C_TURN | MC_C_TURN_SERVER) &&
        when < c->at.turn_ns && (story = mc_story_of(t, c)) != NULL)
        story->answered_early = true;
    if (mc_ns_since(when, d->seen_ns) < NOTABLE_NS || (story = mc_story_of(t, c)) == NULL)
        return;
    story->crossed_silence_ms = to_ms(mc_ns_since(when, d->seen_ns));
}

/* ------------------------------------------------------------------ a reset */

/* When the first of what side 'r' had sent and nobody had answered was sent; false: all was answered. */
static bool first_unanswered(const mc_story *story, const mc_conn *c, unsigned r, int64_t *when)
{
    const mc_endpoint_state *h = &c->endpoint[r], *peer = &c->endpoint[!r];

    if (oldest_open(h, when))
        return true;
    if (is_running(&story->vain[r], peer)) {
        *when = story->vain[r].since_ns;
        return true;
    }
    *when = h->seen_ns;
    return h->last_events != 0;                  /* a probe */
}

/* Which options each segment of a connection carries, its handshake says; where it was not seen, there may be more. */
static uint32_t most_options(const mc_endpoint_state *r, const mc_endpoint_state *peer)
{
    if ((r->options & peer->options & MC_OPT_SEEN) == 0)
        return OPTIONS_LENGTH;
    return (r->options & peer->options & MC_OPT_TS) != 0 ? TIMESTAMPS_LENGTH : 0;
}

/* 'acked_len': of the latest segment, if that was acknowledged. */
static bool is_full(const mc_endpoint_state *r, const mc_endpoint_state *peer, uint32_t acked_len)
{
    const uint32_t options = most_options(r, peer);
    uint32_t len = acked_len;

    if ((r->once & MC_ONCE_FIN) != 0)
        return false;
    if (r->sent_count > 0) {
        const mc_sent *last = mc_sent_get(r, r->sent_count - 1u);

        len = last->end - last->start;
    }
    if (peer->mss <= OPTIONS_LENGTH)
        return len >= USUAL_FULL;
    if (len <= peer->mss)
        return len + options >= peer->mss;
    /* several in one, as before segmentation: the last of them is full if nothing is left over */
    return len % peer->mss == 0 || len % peer->mss + options >= peer->mss ||
           (options < peer->mss && len % (peer->mss - options) == 0);
}

/*
 * The other side's data crossed this side's FIN: it was sent before the FIN came by here, or
 * before its acknowledgement did, or sooner after it than the way there and back takes.
 */
static bool has_crossed(const mc_conn *c, unsigned dir, int64_t sent_ns)
{
    const mc_endpoint_state *d = &c->endpoint[dir], *r = &c->endpoint[!dir];
    const int64_t fin_ns = d->nxt_ns;

    return sent_ns <= fin_ns || (r->known & MC_KNOWN_ACK) == 0 || mc_seq_before(r->last_ack, d->nxt) ||
           mc_ns_since(sent_ns, fin_ns) < way_to(c, !dir);
}

/*
 * It was sent so long before this side's FIN, and was not acknowledged, that it had been lost on its way, or before a process
 * that takes nothing: it did not cross the FIN.
 */
static bool was_lost_before(const mc_conn *c, unsigned dir)
{
    int64_t first;

    return oldest_open(&c->endpoint[!dir], &first) &&
           mc_ns_since(c->endpoint[dir].nxt_ns, first) >= mc_ns_plus(MC_FIRST_RTO_NS, mc_whole_way(c));
}

static void note_unanswered(mc_story *story, mc_conn *c, unsigned dir, int64_t sent_ns, int64_t now)
{
    const mc_endpoint_state *d = &c->endpoint[dir];
    mc_reset_scene *scene = &story->reset;
    int64_t way = way_to(c, dir);

    scene->says |= MC_RESET_ANSWERS;
    scene->waited_ms = to_ms(mc_ns_since(now, sent_ns));
    scene->unanswered_bytes = open_bytes(&c->endpoint[!dir], d);
    if (way >= LEAST_WAY_NS && mc_ns_since(now, sent_ns) < way / 2) {
        int64_t silent = mc_ns_since(now, d->seen_ns);

        scene->says |= MC_RESET_SOON;
        /* what came to its sender before its latest segment did no harm; what this side said to that is long there */
        if ((scene->says & MC_RESET_SPOKE) != 0 && (silent < way / 2 || silent / 2 >= way))
            scene->says |= MC_RESET_UNCAUSED;
    }
    if ((d->once & MC_ONCE_FIN) == 0) {
        scene->silent_ms = (scene->says & MC_RESET_SPOKE) != 0 ? to_ms(mc_ns_since(sent_ns, d->seen_ns)) : 0;
    } else if (was_lost_before(c, dir)) {
        scene->silent_ms = 0;
    } else if (has_crossed(c, dir, sent_ns) || (story->blind & 1u << !dir) != 0) {
        scene->says |= MC_RESET_CROSSED;
        scene->silent_ms = (c->flags & MC_C_IDLE_CLOSE) != 0 ? to_ms(mc_ns_of_ms((double)c->max_idle_ms)) : story->crossed_silence_ms;
    } else {
        scene->silent_ms = to_ms(mc_ns_since(sent_ns, d->nxt_ns));
    }
}

/* The others explain themselves, and a scan or a flood leaves very many of them. */
static bool is_worth_a_scene(const mc_conn *c, unsigned dir, mc_reset_phase phase)
{
    if (phase == MC_RESET_AFTER_CLOSE)           /* data of the other side may have met a closed connection all the same */
        return c->endpoint[!dir].sent_count > 0 && open_bytes(&c->endpoint[!dir], &c->endpoint[dir]) > 0;
    return phase == MC_RESET_WITHOUT_DATA || phase == MC_RESET_MID_DATA || phase == MC_RESET_HALF_CLOSED ||
           phase == MC_RESET_LATE;
}

/*
 * It answers what cannot have come to its sender yet: its number acknowledges that, or it has
 * none, as one that answers a segment, and there is no other segment that it could answer.
 */
static bool is_too_soon(const mc_reset_scene *scene, unsigned other)
{
    if ((scene->says & MC_RESET_SOON) == 0)
        return false;
    if ((scene->says & MC_RESET_ACKS) != 0)
        return scene->unanswered_bytes > 0 && scene->open_bytes[other] == 0;
    return (scene->says & MC_RESET_UNCAUSED) != 0;
}

/* 'd' has acknowledged data of 'r' that does not stand before this: more than a FIN takes. */
static bool has_heard_more(const mc_endpoint_state *d, const mc_endpoint_state *r)
{
    return (d->known & MC_KNOWN_ACK) != 0 && (r->known & MC_KNOWN_NXT) != 0 && mc_seq_after(d->last_ack, r->nxt + 1);
}

uint8_t mc_story_note_reset(mc_stories *t, mc_conn *c, unsigned dir, const mc_segment *s, const uint32_t acked_len[2],
                            int64_t now, int64_t gap)
{
    const mc_endpoint_state *d = &c->endpoint[dir], *r = &c->endpoint[!dir];
    const mc_reset_phase phase = mc_state_reset_phase(c, dir);
    mc_reset_scene *scene;
    mc_story *story;
    int64_t sent_ns;

    if ((c->flags & MC_C_SELF) != 0 || c->reset_phase != MC_RESET_NONE ||
        (!is_worth_a_scene(c, dir, phase) && s->mptcp_reset == 0) || (story = mc_story_of(t, c)) == NULL)
        return 0;
    scene = &story->reset;
    scene->after_ms = to_ms(gap);
    scene->mptcp = s->mptcp_reset;
    if ((s->flags & MC_TH_ACK) != 0)
        scene->says |= MC_RESET_ACKS;
    if ((s->flags & (MC_TH_SYN | MC_TH_FIN)) != 0)
        scene->says |= MC_RESET_ODD;
    if ((d->once & MC_ONCE_ANY) != 0)
        scene->says |= MC_RESET_SPOKE;
    if (s->win != 0 && (d->known & MC_KNOWN_WIN) != 0 && s->win == d->win)
        scene->says |= MC_RESET_KNOWS;
    if (is_full(r, d, acked_len[!dir]) ||
        (dir == MC_SERVER && (c->flags & (MC_C_TURN | MC_C_TURN_SERVER)) == (MC_C_TURN | MC_C_TURN_SERVER) &&
         is_full(d, r, acked_len[dir])))
        scene->says |= MC_RESET_FULL_LAST;
    if (c->last_dir != dir && gap < MC_RTO_NS)
        scene->says |= MC_RESET_PROMPTED;
    if (has_heard_more(d, r))
        scene->says |= MC_RESET_HEARD;
    if ((c->flags & MC_C_TURN) != 0) {
        scene->says |= MC_RESET_IN_TURN;
        scene->turn_ms = to_ms(mc_ns_since(now, c->at.turn_ns));
    }
    /* it acknowledges what is not in the capture, and that may have acknowledged all of this */
    scene->open_bytes[dir] = (s->flags & MC_TH_ACK) != 0 && mc_seq_after(s->ack, r->nxt) ? 0 : open_bytes(d, r);
    scene->open_bytes[!dir] = open_bytes(r, d);
    if ((s->flags & MC_TH_ACK) != 0 && beyond(r, s->ack) < scene->open_bytes[!dir])
        scene->open_bytes[!dir] = beyond(r, s->ack);
    if (is_running(&story->vain[dir], r)) {
        scene->vain_ms = to_ms(mc_ns_since(now, story->vain[dir].since_ns));
        scene->vain_probes = (uint8_t)mc_min_u64(story->vain[dir].probes, UINT8_MAX);
        scene->vain_repeats = (uint8_t)mc_min_u64(story->vain[dir].repeats, UINT8_MAX);
    }
    if (first_unanswered(story, c, !dir, &sent_ns))
        note_unanswered(story, c, dir, sent_ns, now);
    return is_too_soon(scene, !dir) ? MC_SIGN_SOON : 0;
}

void mc_story_note_later_data(mc_stories *t, mc_conn *c, unsigned dir, const mc_segment *s)
{
    mc_story *story = mc_has_story(c) ? mc_story_of(t, c) : NULL;
    const mc_endpoint_state *r = &c->endpoint[!dir];

    if (story != NULL && story->reset.later_data[dir] < UINT16_MAX &&
        ((r->known & MC_KNOWN_ACK) == 0 || mc_seq_after(s->seq + s->len, r->last_ack)))
        story->reset.later_data[dir]++;
}
