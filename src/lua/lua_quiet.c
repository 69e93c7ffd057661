/*
 * lua_quiet.c: whether facts give no rule anything to say.
 *
 * It is asked before the groups of rules are (groups_for() in lua/mcpcap/findings/init.lua), because Lua would have
 * to compile those, and what they go by, for a capture that has nothing of it.  It may say no where every rule would
 * be silent, but never yes where one would speak: specs ask all rules about each capture.
 */
#include "lua/lua_push.h"

#include "outcomes/outcome.h"

static bool is_late(const mc_late_facts *l)
{
    uint64_t causes = 0;
    int i;

    for (i = 0; i < MC_RESENT_CAUSES; i++)
        causes |= l->cause[i];
    return (l->resent | l->reordered | l->duplicated | l->undecided | l->resent_fins | l->resent_needless | causes) != 0;
}

static bool is_odd(const mc_odd_facts *o)
{
    return (o->padding | o->far_seq | o->far_ack | o->sack_outside | o->ack_loop | o->unseen_acks | o->unseen_bytes
            | o->keep_alives | o->no_ack) != 0;
}

static bool direction_speaks(const mc_direction_facts *d)
{
    const mc_counts *n = &d->counts;

    return is_late(&d->late) || is_odd(&d->odd) || d->limits.connections > 0 || d->limits.undecided > 0
        || (n->repeated_frames | n->spurious_retransmissions | n->lost_segments | n->zero_windows | n->window_full
            | n->segments_over_mss) != 0
        || n->tiny_segments >= 25 || (d->rtt.count > 0 && d->rtt.p95_ns >= 99 * MC_NS_PER_MS);
}

static bool attempts_speak(const mc_attempt_facts *a)
{
    uint64_t any = a->check_count;
    int by;

    for (by = 0; by < 2; by++) {
#define X(name) any |= a->name[by];
        MC_ATTEMPT_MAP(X)
#undef X
        any |= a->first_lost[by] | a->first_lost_segments[by] | a->unaccepted_resent[by];
    }
    return any != 0;
}

static bool side_speaks(const mc_connection_facts *c, int side)
{
    return (c->refused[side] | c->unanswered[side] | c->unanswered_unproven[side] | c->half_open[side]
            | c->half_open_unproven[side] | c->completed_retried[side] | c->sign_two_or_more[side] | c->vanished_bytes[side]
            | c->black_holes[side] | c->one_sided[side] | c->outcomes[MC_O_PEER_GONE][side].connections
            | c->outcomes[MC_O_VANISHED_IDLE][side].connections
            | c->outcomes[MC_O_CLOSE_WAIT][side].connections) != 0;
}

static bool connections_speak(const mc_connection_facts *c)
{
    return side_speaks(c, MC_CLIENT) || side_speaks(c, MC_SERVER) || attempts_speak(&c->attempts)
        || (c->attempted[MC_SERVER] | c->unaccepted | c->reset_connections | c->strays | c->silent_answers | c->mid_stream
            | c->with_approximate_bytes | c->with_approximate_rtt) != 0
        || c->server_ports >= 10 || c->scale_offered != c->scale_agreed || c->sack_offered != c->sack_agreed;
}

static bool answers_speak(const mc_answer_facts *f)
{
    uint64_t slow = 0;
    int i;

    for (i = 0; i < MC_ANSWER_KINDS; i++)
        slow |= f->slow[i];
    return (slow | f->relayed | f->late_acks.count | f->first_bytes.connections | f->first_pauses.connections
            | f->halts.connections | f->drips.connections | f->unspoken.connections | f->one_way.connections
            | f->unheard[0] | f->unheard[1] | f->small_mss[0] | f->small_mss[1]) != 0
        || f->waits[0].count >= 3 || f->waits[1].count >= 3;
}

static bool application_speaks(const mc_application_facts *a)
{
    const mc_tls_facts *t = &a->tls;
    const mc_http_facts *h = &a->http;
    const mc_name_facts *n = &a->names;
    uint64_t lost = 0;
    int i;

    for (i = 0; i < MC_NAME_LOSSES; i++)
        lost |= n->lost[i];
    for (i = 0; i < 2; i++)
        lost |= h->cut_short[i].closed | h->cut_short[i].reset;
    return (t->unanswered.count | t->not_spoken.count | t->hellos_cut | t->alerts | t->certificate_count | t->slow | h->to_tls.alerts
            | h->to_tls.told | h->kind[MC_HTTP_FAILED] | h->kind[MC_HTTP_GATEWAY] | h->unanswered.count | h->stalled.count | n->slow | lost) != 0;
}

static bool capture_speaks(const mc_capture_facts *c)
{
    return c->truncated || c->stopped != MC_OK
        || (c->dropped_reported | c->timeless_frames | c->time_regressions | c->undecoded_frames | c->sliced_header_frames
            | c->sliced_frames | c->inner_length_frames | c->overlong_ip_frames | c->connections_not_kept) != 0;
}

bool mc_facts_quiet(const mc_facts *f)
{
    const mc_durations *to_client = &f->handshake_rtt[MC_CLIENT], *to_server = &f->handshake_rtt[MC_SERVER];
    const int64_t round_trip = (to_client->count > 0 ? to_client->median_ns : 0)
        + (to_server->count > 0 ? to_server->median_ns : 0);
    const mc_hardware_facts *h = &f->hardware;

    return f->capture.matched_segments > 0 && f->icmp_count == 0 && round_trip < 99 * MC_NS_PER_MS
        && (f->server_response.count == 0 || f->server_response.median_ns < 39 * MC_NS_PER_MS)
        && (h->from.switches | h->to.switches | h->claims.switches) == 0
        && !direction_speaks(&f->direction[0]) && !direction_speaks(&f->direction[1])
        && !connections_speak(&f->connections) && !answers_speak(&f->answers) && !application_speaks(&f->application)
        && !capture_speaks(&f->capture);
}
