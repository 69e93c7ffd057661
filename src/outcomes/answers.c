/*
 * answers.c: from what was noted of a connection to whom its times belong.
 */
#include "outcomes/answers.h"

#include "tcp/sent.h"
#include "tcp/timers.h"

#define FEW_SEGMENTS  20u
#define ONE_WAY_LEAST 2u             /* messages after the first */
#define UNHEARD_LEAST 2u
#define UNHEARD_NS (2 * MC_FIRST_RTO_NS)
#define LONG_PAUSE_MS 1000.0f
#define SEVERAL_TURNS 3u
#define LOOPED_LEAST  2u
/* So many answers to the same question, of which one took so many times as long as another, are not the same work. */
#define SAME_LEAST    3u
#define SAME_FACTOR   4

/* --------------------------------------------------------------------- lists */

static void note_longest(mc_long_times *l, float ms, uint64_t frame)
{
    mc_examples *e = &l->examples;
    const int64_t ns = mc_ns_of_ms((double)ms);
    uint32_t i;

    if (ns > l->max_ns)
        l->max_ns = ns;
    if (e->count < MC_EXAMPLES)
        e->count++;
    else if (ns < l->example_ns[MC_EXAMPLES - 1] ||
             (ns == l->example_ns[MC_EXAMPLES - 1] && frame > e->frame[MC_EXAMPLES - 1]))
        return;
    /* of equals the one that came first: connections come in no order */
    for (i = e->count - 1; i > 0 && (l->example_ns[i - 1] < ns ||
                                     (l->example_ns[i - 1] == ns && e->frame[i - 1] > frame)); i--) {
        l->example_ns[i] = l->example_ns[i - 1];
        e->frame[i] = e->frame[i - 1];
    }
    l->example_ns[i] = ns;
    e->frame[i] = frame;
}

static void note_pauses(mc_long_times *l, const mc_pauses *p)
{
    l->count += p->turns;
    l->sum_ns = mc_ns_plus(l->sum_ns, mc_ns_of_ms((double)p->sum_ms));
    note_longest(l, p->max_ms, p->frame);
}

/* The frames of the connections that began first. */
static void note_first(mc_examples *e, uint64_t frame)
{
    uint32_t i;

    if (e->count < MC_EXAMPLES)
        e->count++;
    else if (frame >= e->frame[MC_EXAMPLES - 1])
        return;
    for (i = e->count - 1; i > 0 && e->frame[i - 1] > frame; i--)
        e->frame[i] = e->frame[i - 1];
    e->frame[i] = frame;
}

/* ------------------------------------------------------------ who it is about */

/* Stacks begin with 32, 64, 128 or 255 (RFC 1700 asks for 64). */
static unsigned initial_ttl(uint8_t ttl)
{
    return ttl <= 32 ? 32 : ttl <= 64 ? 64 : ttl <= 128 ? 128 : 255;
}

/* No two ways to one host differ by so many routers. */
#define FAR_APART 32
/* ... and no two of one host that change in the middle by so many. */
#define APART 8

/* A TTL that a process on the same segment sets, as for routing (RFC 5082), or its host. */
static bool is_chosen(uint8_t ttl)
{
    return ttl == 1 || ttl == initial_ttl(ttl);
}

/*
 * A server elsewhere, and no router has passed on what comes in its name (RFC 1812, 5.3.1): it comes from a box on
 * the client's own network, which takes up nothing that the SYN offers, as no ordinary stack does: an address
 * translator that ends connections itself (of a virtual machine), or a proxy.
 */
static bool is_answered_nearby(const mc_speech *t, const mc_conn *c)
{
    const mc_endpoint_state *client = &c->endpoint[MC_CLIENT], *server = &c->endpoint[MC_SERVER];

    return t->server_is_public && (server->options & (MC_OFFERS & ~(unsigned)MC_OPT_MSS)) == 0 &&
           (server->options & MC_OPT_SEEN) != 0 && __builtin_popcount(client->options & MC_OFFERS) >= 3 &&
           server->ttl_min == server->ttl_max && server->ttl_max == initial_ttl(server->ttl_max) &&
           client->ttl_min == client->ttl_max && client->ttl_max == initial_ttl(client->ttl_max) && mc_is_private(c->peer);
}

/*
 * Another host than the one that sends the data has answered the handshake: no option at
 * all, though several were offered (no ordinary stack leaves out even the MSS), or packets
 * of the server's side that began with another TTL.
 */
static bool is_relayed(const mc_speech *t, const mc_conn *c)
{
    const mc_endpoint_state *client = &c->endpoint[MC_CLIENT], *server = &c->endpoint[MC_SERVER];
    const bool bare = (server->options & (MC_OFFERS | MC_OPT_SEEN)) == MC_OPT_SEEN;
    const bool poor = (server->options & (MC_OFFERS & ~(unsigned)MC_OPT_MSS)) == 0 && (server->options & MC_OPT_SEEN) != 0 &&
                      __builtin_popcount(client->options & MC_OFFERS) >= 3;

    if (c->originator != MC_CLIENT || (c->flags & (MC_C_HS_SYN_ACK | MC_C_SELF)) != MC_C_HS_SYN_ACK)
        return false;
    if (!bare && server->ttl_min >= server->ttl_max)
        return is_answered_nearby(t, c);
    return (bare && __builtin_popcount(client->options & MC_OFFERS) >= 2) ||
           (server->ttl_max != 0 &&
            (initial_ttl(server->ttl_min) != initial_ttl(server->ttl_max) ||
             server->ttl_max - server->ttl_min >= (poor ? APART : FAR_APART)) &&
            !(is_chosen(server->ttl_min) && is_chosen(server->ttl_max)));
}

/* The server has spoken unasked: after a pause that nobody waited out. */
static bool went_on(const mc_dialogue *x, const mc_conn *c)
{
    return x->went_on > 0 || x->client_went_on_long > 0 || x->asked_on.max_ms >= LONG_PAUSE_MS ||
           (x->turn.max_ms >= LONG_PAUSE_MS && (mc_pauses_are_even(&x->turn) || !mc_dialogue_is_bulk(x, c)));
}

static bool are_most_slow(const mc_dialogue *x, const mc_conn *c)
{
    return x->slow * 2u > c->requests;
}

/* All of the server's answers take about as long: a pace. */
static bool are_even(const mc_dialogue *x, const mc_conn *c)
{
    return c->requests >= MC_EVEN_ANSWERS && (double)x->response_max_ms * c->requests <= 1.5 * (double)x->response_sum_ms;
}

static bool ends_it(const mc_conn *c, unsigned side)
{
    return (c->flags & MC_C_CLOSER) != 0 && c->closer == side;
}

/* The client speaks several times a turn, at its leisure, or the server at a beat of its own: nobody waits for answers. */
static bool waits_for_none(const mc_dialogue *x, const mc_conn *c)
{
    const uint32_t turns = (uint32_t)c->requests + x->unseen_turns;

    return (turns >= SEVERAL_TURNS && x->client_again >= turns) || mc_dialogue_is_beat(x);
}

static mc_answer_kind kind_of(const mc_speech *t, const mc_dialogue *x, const mc_conn *c)
{
    const bool server_first = (c->flags & MC_C_SERVER_FIRST) != 0;

    if (is_relayed(t, c))
        return MC_ANSWERS_RELAYED;
    if (x->events || went_on(x, c) || waits_for_none(x, c) || mc_dialogue_confirms(x))
        return MC_ANSWERS_UNASKED;
    /* who begins is not known: who answers at once is asked, and who speaks of his own accord asks */
    if ((c->flags & MC_C_MID_STREAM) != 0 && are_most_slow(x, c) &&
        (server_first || x->initiatives * 2u < x->client_turns || x->client_turns == 0))
        return MC_ANSWERS_UNASKED;
    /* who spoke unasked once and was answered at once may be the one that asks; so may who speaks first, and ends the
       talk, while the other never takes the initiative */
    if (are_most_slow(x, c) && (x->asked_on.turns > 0 || x->asked_back > 0 || (server_first && x->first_byte_ms > 0)))
        return MC_ANSWERS_UNASKED;
    if (server_first && x->initiatives == 0 && ends_it(c, MC_SERVER) && (are_most_slow(x, c) || are_even(x, c)))
        return MC_ANSWERS_UNASKED;
    return x->patient >= 2 && x->patient * 2u > x->slow ? MC_ANSWERS_PATIENT : MC_ANSWERS_ASKED;
}

/* ----------------------------------------------------------- one connection */

/* The client had waited, and closed: its host refuses the only answer, so this was none that it would have waited for. */
static bool was_given_up(const mc_conn *c, int64_t took)
{
    const int64_t after = mc_ns_since(mc_ns_plus(c->endpoint[MC_CLIENT].nxt_ns, took), c->endpoint[MC_SERVER].nxt_ns);

    return c->reset_phase == MC_RESET_LATE && c->reset_by == MC_CLIENT && after >= MC_NS_PER_S;
}

/* One takes long, and many times as long as another: it is not the work that takes so long. */
static bool are_irregular(float least_ms, float most_ms)
{
    return most_ms >= MC_LIMIT_MS && most_ms >= SAME_FACTOR * least_ms;
}

/* The client asks the same again at once, and the answers come when they like: what ends its wait is an event. */
static void add_same(mc_looped *l, const mc_dialogue *x)
{
    const int64_t least = mc_ns_of_ms((double)x->same_least_ms), most = mc_ns_of_ms((double)x->same_most_ms);

    /* the first of them follows another question */
    if (x->same < SAME_LEAST || (x->same_slow + 1u) * 2u < x->slow || !are_irregular(x->same_least_ms, x->same_most_ms))
        return;
    if (l->same == 0 || least < l->same_least_ns)
        l->same_least_ns = least;
    if (most > l->same_most_ns)
        l->same_most_ns = most;
    l->same++;
    l->same_slow += x->slow;
}

/*
 * Most answers take a second and more, and the client asks again at once: as who asks for what is yet to come does, and
 * who has much to ask of a slow server.
 */
static void add_looped(mc_answer_facts *f, const mc_dialogue *x, const mc_conn *c)
{
    mc_looped *l = &f->looped;
    uint32_t timed;

    add_same(l, x);
    if (c->requests == 1 && x->very_slow == 1) {
        const int64_t took = mc_ns_of_ms((double)x->limit_ms);

        if (was_given_up(c, took))
            return;
        l->single_least_ns = l->single == 0 || took < l->single_least_ns ? took : l->single_least_ns;
        l->single_most_ns = took > l->single_most_ns ? took : l->single_most_ns;
        l->single++;
    }
    if (x->looped < LOOPED_LEAST || x->very_slow * 2u < c->requests)
        return;
    l->connections++;
    l->answers += c->requests;
    l->slow += x->slow;
    timed = x->as_before + 1u > x->at_limit && x->as_before >= LOOPED_LEAST ? x->as_before + 1u : x->at_limit;
    if (x->limit_ms >= MC_LIMIT_MS && timed >= LOOPED_LEAST && timed * 2u >= x->very_slow) {
        l->timed += timed;
        l->timed_slow += x->slow;
        l->timed_ns = mc_ns_of_ms((double)x->limit_ms) > l->timed_ns ? mc_ns_of_ms((double)x->limit_ms) : l->timed_ns;
    }
}

/* The client takes its time before each word, and as much as the server in all: either may be the one that is asked. */
static bool takes_its_time(const mc_dialogue *x, const mc_conn *c)
{
    return are_most_slow(x, c) && x->initiatives >= 2 && x->initiatives * 2u > x->client_turns && x->thought_ms >= x->response_sum_ms;
}

/* It speaks at once whenever the server has spoken, and more than that: it may be the one that is asked, when the other likes. */
static bool may_be_asked(const mc_dialogue *x, const mc_conn *c)
{
    return x->client_turns >= MC_EVEN_ANSWERS && x->at_once >= x->client_turns && are_irregular(x->answer_least_ms, x->answer_most_ms) &&
           c->endpoint[MC_CLIENT].payload_bytes > c->endpoint[MC_SERVER].payload_bytes;
}

/* Nothing but its words tell whether it asks, and it has few, or does not wait for an answer to each. */
static bool is_unsure(const mc_dialogue *x, const mc_conn *c)
{
    return x->client_turns > 0 && (x->brief * 2u > x->client_turns || x->client_again > 0 || x->client_went_on > 0 || takes_its_time(x, c) ||
                                    may_be_asked(x, c));
}

static void add_slow(mc_answer_facts *f, const mc_speech *t, const mc_dialogue *x, const mc_conn *c)
{
    const mc_answer_kind kind = kind_of(t, x, c);
    mc_long_times *l = &f->slowest[kind];
    unsigned i;

    if (kind != MC_ANSWERS_ASKED)
        f->answers[kind] += c->requests;
    else
        add_looped(f, x, c);
    if (x->slow == 0)
        return;
    f->slow[kind] += x->slow;
    f->very_slow[kind] += x->very_slow;
    f->acked_late[kind] += x->acked_late;
    if (kind == MC_ANSWERS_ASKED && is_unsure(x, c))
        f->unsure += x->slow;
    l->connections++;
    l->count += x->slow;
    for (i = 0; i < MC_SLOWEST && x->slow_ms[i] > 0; i++)
        note_longest(l, x->slow_ms[i], x->slow_frame[i]);
}

static void add_first_byte(mc_answer_facts *f, const mc_dialogue *x, const mc_conn *c)
{
    mc_long_times *l;

    if (x->first_byte_ms <= 0)
        return;
    l = c->requests > 0 && !are_most_slow(x, c) && x->went_on == 0 ? &f->first_bytes : &f->first_pauses;
    l->connections++;
    l->count++;
    l->sum_ns = mc_ns_plus(l->sum_ns, mc_ns_of_ms((double)x->first_byte_ms));
    note_longest(l, x->first_byte_ms, x->first_byte_frame);
}

static void add_halts(mc_answer_facts *f, const mc_dialogue *x, const mc_conn *c)
{
    /* where what the server says next always begins at once, its pauses are not those of one who has nothing to say */
    const bool answers = x->slow == 0 && x->went_on == 0 && (c->flags & (MC_C_SERVER_FIRST | MC_C_MID_STREAM)) == 0;
    mc_pauses open = x->turn;
    const bool asked_on = answers && x->asked_on.turns >= 2;
    const bool is_open = open.count > 0 && mc_dialogue_is_bulk(x, c) && !mc_pauses_are_even(&open);

    open.turns = 1;
    if ((x->halts.turns == 0 && !asked_on && !is_open) || x->events || waits_for_none(x, c))
        return;
    f->halts.connections++;
    f->halt_pauses += x->halts.count + (asked_on ? x->asked_on.count : 0) + (is_open ? open.count : 0);
    f->loose_halts += (uint64_t)x->loose + (asked_on ? x->asked_loose : 0u);
    if (x->halts.turns > 0)
        note_pauses(&f->halts, &x->halts);
    if (asked_on)
        note_pauses(&f->halts, &x->asked_on);
    if (is_open)
        note_pauses(&f->halts, &open);
}

/* Once it may be chance that somebody went on just then; where a connection also ends so, it is not.  A client that
   asked half as often as there are pieces may have had an answer to each. */
static void add_drips(mc_answer_facts *f, const mc_dialogue *x, const mc_conn *c)
{
    if (x->drips.turns == 0 || x->events || waits_for_none(x, c) || x->streams > 0 || x->went_on > 0 ||
        x->client_again * 2u >= x->drips.count || c->requests == 0 || (!x->drips_to_the_end && x->drips.turns < 2))
        return;
    f->drips.connections++;
    note_pauses(&f->drips, &x->drips);
    f->drip_pieces += x->drips.count;
    f->drip_bytes += x->drip_bytes;
}

static bool repeats_itself(const mc_endpoint_state *h)
{
    return h->detail != NULL && h->detail->retransmissions > 0;
}

/*
 * The side has sent new data until so long after the oldest of it that is not acknowledged that its timer, which waits
 * for a second where the way is much shorter (RFC 6298, 2.4), would have sent that again.
 */
static bool outlives_its_timer(const mc_conn *c, unsigned dir)
{
    const mc_endpoint_state *h = &c->endpoint[dir], *r = &c->endpoint[!dir];

    return h->sent_count > 1 && (c->flags & (MC_C_HS_DONE | MC_C_MID_STREAM | MC_C_SELF | MC_C_NO_TIME)) == MC_C_HS_DONE &&
           r->win != 0 && c->irtt_ns < MC_FIRST_RTO_NS / 4 && h->nxt_ns > mc_sent_time(mc_sent_get(h, 0)) &&
           mc_ns_since(h->nxt_ns, mc_sent_time(mc_sent_get(h, 0))) >= UNHEARD_NS;
}

static bool is_unheard(const mc_dialogue *x, const mc_conn *c, unsigned dir)
{
    return ((x != NULL && x->unheard[dir] >= UNHEARD_LEAST) || outlives_its_timer(c, dir)) && !repeats_itself(&c->endpoint[dir]);
}

bool mc_answers_are_unwanted(const mc_speech *t, const mc_conn *c)
{
    const mc_dialogue *x = mc_dialogue_of(t, c);

    return x != NULL && (is_unheard(x, c, MC_CLIENT) || x->client_went_on >= ONE_WAY_LEAST ||
                         (c->requests > 0 && kind_of(t, x, c) == MC_ANSWERS_UNASKED));
}

static void add_one_way(mc_answer_facts *f, const mc_dialogue *x, const mc_conn *c)
{
    unsigned dir;

    f->vain_resets += x != NULL && x->in_vain && x->client_went_on == 1 && !repeats_itself(&c->endpoint[MC_CLIENT]) &&
                      c->reset_phase == MC_RESET_MID_DATA && c->reset_by == MC_CLIENT;
    for (dir = 0; dir < 2; dir++)
        if (is_unheard(x, c, dir)) {
            f->unheard[dir]++;
            note_first(&f->unheard_examples[dir], x != NULL && x->unheard_frame[dir] != 0 ? x->unheard_frame[dir]
                                                                                          : mc_conn_first_frame(c));
        }
    if (x == NULL || x->client_went_on < ONE_WAY_LEAST || is_unheard(x, c, MC_CLIENT) || repeats_itself(&c->endpoint[MC_CLIENT]) ||
        c->endpoint[MC_SERVER].payload_bytes > 0 || c->endpoint[MC_SERVER].packets == 0)
        return;
    f->one_way.connections++;
    f->one_way.count += x->client_went_on;
    f->one_way_resets += c->reset_phase == MC_RESET_MID_DATA && c->reset_by == MC_CLIENT;
    note_first(&f->one_way.examples, x->client_frame);
}

/* What side 'dir' asks for, and the other then sends. */
static void add_small_mss(mc_answer_facts *f, const mc_conn *c, unsigned dir)
{
    const mc_endpoint_state *asks = &c->endpoint[dir], *sends = &c->endpoint[!dir];

    if ((asks->options & MC_OPT_MSS) == 0 || asks->mss == 0 || asks->mss >= MC_LEAST_MSS ||
        mc_data_packets(sends) < FEW_SEGMENTS || sends->payload_bytes * 10 < (uint64_t)mc_data_packets(sends) * asks->mss * 6)
        return;
    if (f->small_mss[dir]++ == 0 || asks->mss < f->small_mss_least[dir])
        f->small_mss_least[dir] = asks->mss;
    f->small_mss_segments[dir] += mc_data_packets(sends);
    f->small_mss_bytes[dir] += sends->payload_bytes;
    if (dir == c->originator && (c->flags & MC_C_MID_STREAM) == 0)
        note_first(&f->small_mss_examples[dir], mc_conn_first_frame(c));     /* its SYN */
}

/* A client that expects to be greeted waits so long at least. */
#define UNSPOKEN_NS (2 * MC_NS_PER_S)

void mc_answers_add_unspoken(mc_answer_facts *f, const mc_conn *c)
{
    const mc_endpoint_state *client = &c->endpoint[MC_CLIENT], *server = &c->endpoint[MC_SERVER];
    const bool reset = c->reset_phase == MC_RESET_WITHOUT_DATA && c->reset_by == MC_CLIENT;
    const bool closed = ends_it(c, MC_CLIENT) && (client->once & MC_ONCE_FIN) != 0;
    int64_t waited;

    /* the server's number has not moved either, but by its own FIN: nothing that it said is missing here */
    if ((!reset && !closed) || (c->flags & (MC_C_HS_DONE | MC_C_MID_STREAM)) != MC_C_HS_DONE ||
        c->originator != MC_CLIENT || server->nxt - (server->base + 1) > 1)
        return;
    waited = mc_ns_since(closed ? client->nxt_ns : mc_conn_last(c), mc_ns_plus(c->syn_ns, c->irtt_ns));
    if (waited < UNSPOKEN_NS)
        return;
    f->unspoken.connections++;
    f->unspoken.count++;
    f->unspoken.sum_ns += waited;
    note_longest(&f->unspoken, (float)((double)waited / (double)MC_NS_PER_MS), mc_conn_first_frame(c));
}

void mc_answers_add_told(mc_answer_facts *f, const mc_speech *t, const mc_conn *c)
{
    const mc_dialogue *x = mc_dialogue_of(t, c);

    if ((c->flags & (MC_C_SERVER_FIRST | MC_C_HS_DONE | MC_C_MID_STREAM)) == (MC_C_SERVER_FIRST | MC_C_HS_DONE) &&
        c->originator == MC_CLIENT)
        f->server_first++;
    f->relayed += is_relayed(t, c);
    add_small_mss(f, c, MC_CLIENT);
    add_small_mss(f, c, MC_SERVER);
    add_one_way(f, x, c);
    if (x == NULL)
        return;
    add_slow(f, t, x, c);
    add_first_byte(f, x, c);
    add_halts(f, x, c);
    add_drips(f, x, c);
}

void mc_answers_finish(mc_answer_facts *f, const mc_speech *t, uint64_t answers)
{
    uint64_t others = 0, slow = 0, very_slow = 0;
    unsigned kind, i;

    for (kind = MC_ANSWERS_ASKED + 1; kind < MC_ANSWER_KINDS; kind++) {
        others += f->answers[kind];
        slow += f->slow[kind];
        very_slow += f->very_slow[kind];
    }
    /* with those of the connections that found no place for a record */
    f->answers[MC_ANSWERS_ASKED] = answers > others ? answers - others : 0;
    f->slow[MC_ANSWERS_ASKED] = t->slow > slow ? t->slow - slow : 0;
    f->very_slow[MC_ANSWERS_ASKED] = t->very_slow > very_slow ? t->very_slow - very_slow : 0;
    f->slowest[MC_ANSWERS_ASKED].count = f->slow[MC_ANSWERS_ASKED];
    f->late_acks = mc_hist_durations(&t->late_acks);
    for (i = 0; i < 2; i++) {
        f->waits[i] = mc_hist_durations(&t->waits[i].delay);
        f->waits_not[i] = t->waits[i].others;
        f->wait_examples[i] = t->waits[i].examples;
    }
}
