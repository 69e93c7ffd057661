/*
 * state.c: endpoint states, history, handshake and reset of one connection.
 *
 * The state machine and the history letters are those of Zeek's conn.log
 * documentation, without what its timers do.
 */
#include "tcp/state.h"

#include "tcp/attempt.h"
#include "tcp/rules.h"

#define IP_ID_STEP 256               /* a larger step forward is out of the run */
#define BOTH_RESET_NS MC_NS_PER_MS   /* resets "from" both sides closer than this */

static const struct {
    const char *code, *text;
} conn_states[MC_CS_COUNT] = {
#define X(id, code, text) [MC_CS_##id] = { code, text },
    MC_CONN_STATE_MAP(X)
#undef X
};

const char *mc_conn_state_code(mc_conn_state s)
{
    return conn_states[s].code;
}

const char *mc_conn_state_text(mc_conn_state s)
{
    return conn_states[s].text;
}

const char *mc_reset_phase_code(mc_reset_phase p)
{
    static const char *const codes[MC_RESET_PHASE_COUNT] = {
        [MC_RESET_NONE] = "none",           [MC_RESET_REFUSED] = "refused",
        [MC_RESET_HALF_OPEN] = "half_open", [MC_RESET_WITHOUT_DATA] = "without_data",
        [MC_RESET_MID_DATA] = "mid_data",   [MC_RESET_HALF_CLOSED] = "half_closed",
        [MC_RESET_LATE] = "late",           [MC_RESET_AFTER_CLOSE] = "after_close",
        [MC_RESET_STRAY] = "stray",
    };

    return codes[p];
}

/* --------------------------------------------------------------- originator */

bool mc_state_is_server_port(uint16_t port)
{
    /* above 1023, where servers commonly listen (IANA service names) */
    static const uint16_t high[] = {
        1080, 1433, 1434, 1521, 1723, 1883, 2049, 2404, 2811, 3128, 3268, 3306, 3389, 5060, 5222, 5223,
        5269, 5432, 5671, 5672, 5900, 5985, 6379, 6666, 6667, 6668, 6669, 8000, 8080, 8443, 8883, 8888,
        9092, 9200, 11211, 20000, 27017, 44818,
    };
    unsigned i;

    if (port < 1024)
        return port != 0;
    for (i = 0; i < MC_ARRAY_LEN(high); i++)
        if (high[i] == port)
            return true;
    return false;
}

bool mc_state_sender_serves(const mc_segment *s)
{
    bool from = mc_state_is_server_port(s->sport), to = mc_state_is_server_port(s->dport);

    if ((s->flags & MC_TH_SYN) != 0)
        return (s->flags & MC_TH_ACK) != 0;
    if (from && to)
        return s->sport < s->dport;
    return from;
}

void mc_state_begin(mc_conn *c, unsigned dir, const mc_segment *s, bool server_named)
{
    bool serves;

    if ((s->flags & MC_TH_SYN) != 0)
        serves = (s->flags & MC_TH_ACK) != 0;
    else if (server_named)
        serves = dir == MC_SERVER;
    else
        serves = mc_state_sender_serves(s);
    c->originator = (serves ? !dir : dir) & 1;
    if ((c->flags & MC_C_SELF) != 0)
        c->originator = dir & 1;
    if (c->originator != dir) {
        c->flags |= MC_C_SWAPPED;
        mc_state_add_letter(c, dir, '^');
    }
    if ((s->flags & (MC_TH_SYN | MC_TH_ACK)) != MC_TH_SYN)
        c->flags |= MC_C_MID_STREAM;
}

/* A SYN on a connection that both sides have ended: the same pair lives again. */
static void begin_again(mc_conn *c, unsigned dir)
{
    unsigned i;

    for (i = 0; i < 2; i++) {
        c->endpoint[i].state = c->endpoint[i].previous_state = MC_ST_INACTIVE;
        c->endpoint[i].once = 0;
    }
    c->originator = dir & 1;
    c->history_len = 0;
    c->flags &= ~(uint32_t)(MC_C_HS_SYN | MC_C_HS_SYN_ACK | MC_C_HS_DONE | MC_C_CLOSER | MC_C_FIN_FIRST |
                            MC_C_SWAPPED | MC_C_HISTORY_FULL | MC_C_TURN | MC_C_BEGUN | MC_C_IDLE_CLOSE |
                            MC_C_ALERT | MC_C_ALERT << 1);
}

/* ------------------------------------------------------------------ history */

/* The first of its kind gives a letter; a later one only if its place differs. */
static void add_once_or_moved(mc_conn *c, unsigned dir, mc_endpoint_state *d, uint8_t once, char letter,
                              uint32_t *memory, uint32_t place)
{
    if ((d->once & once) == 0) {
        d->once |= once;
        *memory = place;
        mc_state_add_letter(c, dir, letter);
    } else if (*memory != place) {
        mc_state_add_letter(c, dir, letter);
    }
}

static void add_once(mc_conn *c, unsigned dir, mc_endpoint_state *d, uint8_t once, char letter)
{
    if ((d->once & once) != 0)
        return;
    d->once |= once;
    mc_state_add_letter(c, dir, letter);
}

static void write_history(mc_conn *c, unsigned dir, const mc_segment *s, uint32_t events)
{
    mc_endpoint_state *d = &c->endpoint[dir];
    unsigned three = s->flags & (MC_TH_SYN | MC_TH_FIN | MC_TH_RST);

    switch (three) {
    case 0:
        if (s->len > 0)
            add_once(c, dir, d, MC_ONCE_DATA, 'D');
        else if ((s->flags & MC_TH_ACK) != 0)
            add_once(c, dir, d, MC_ONCE_ACK, 'A');
        break;
    case MC_TH_SYN:
        if ((d->once & MC_ONCE_SYN) == 0 || (events & MC_TCP_OTHER_NUMBER) != 0)
            mc_state_add_letter(c, dir, (s->flags & MC_TH_ACK) != 0 ? 'H' : 'S');
        d->once |= MC_ONCE_SYN;
        break;
    case MC_TH_FIN:
        /* one memory serves both ends: once this side has reset, it is the reset's */
        if ((d->once & MC_ONCE_RST) != 0)
            add_once(c, dir, d, MC_ONCE_FIN, 'F');
        else
            add_once_or_moved(c, dir, d, MC_ONCE_FIN, 'F', &d->ending, s->seq + s->len);
        break;
    case MC_TH_RST:
        add_once_or_moved(c, dir, d, MC_ONCE_RST, 'R', &d->ending, s->seq);
        break;
    default:
        add_once(c, dir, d, MC_ONCE_MULTI, three == (MC_TH_FIN | MC_TH_RST) ? 'I' : 'Q');
        if ((three & MC_TH_FIN) != 0)
            d->once |= MC_ONCE_FIN;
        if ((three & MC_TH_RST) != 0)
            d->once |= MC_ONCE_RST;
    }
    if (s->len > 0)
        d->once |= MC_ONCE_DATA;
}

/* 1, 10, 100, ...: a letter each time. */
static bool is_power_of_ten(uint32_t n)
{
    while (n >= 10 && n % 10 == 0)
        n /= 10;
    return n == 1;
}

/* ------------------------------------------------------------------- states */

static void change(mc_endpoint_state *e, mc_tcp_state to)
{
    e->previous_state = e->state;
    e->state = (uint8_t)to;
}

static void step_inactive(mc_endpoint_state *e, mc_endpoint_state *p, bool originator, const mc_segment *s)
{
    unsigned f = s->flags;

    if ((f & MC_TH_SYN) != 0) {
        if (originator) {
            change(e, (f & MC_TH_ACK) != 0 ? MC_ST_SYN_ACK_SENT : MC_ST_SYN_SENT);
        } else {
            change(e, MC_ST_ESTABLISHED);
            if (p->state == MC_ST_SYN_SENT)
                change(p, MC_ST_ESTABLISHED);
        }
    }
    if ((f & MC_TH_FIN) != 0)
        change(e, MC_ST_CLOSED);
    if ((f & MC_TH_RST) != 0)
        change(e, MC_ST_RESET);
    if (e->state != MC_ST_INACTIVE)
        return;
    if (!originator && s->len == 0 && p->state == MC_ST_SYN_SENT)
        return;
    change(e, (f & MC_TH_ACK) != 0 && p->state == MC_ST_ESTABLISHED ? MC_ST_ESTABLISHED : MC_ST_PARTIAL);
}

static void step(mc_endpoint_state *e, mc_endpoint_state *p, bool originator, const mc_segment *s)
{
    unsigned f = s->flags;

    switch ((mc_tcp_state)e->state) {
    case MC_ST_INACTIVE:
        step_inactive(e, p, originator, s);
        break;
    case MC_ST_SYN_SENT:
    case MC_ST_SYN_ACK_SENT:
        if ((f & MC_TH_FIN) != 0)
            change(e, MC_ST_CLOSED);
        if ((f & MC_TH_RST) != 0)
            change(e, MC_ST_RESET);
        break;
    case MC_ST_PARTIAL:
    case MC_ST_ESTABLISHED:
        if ((f & (MC_TH_SYN | MC_TH_ACK)) == MC_TH_SYN && e->state == MC_ST_PARTIAL &&
            p->state == MC_ST_INACTIVE)
            change(e, MC_ST_SYN_SENT);
        if ((f & (MC_TH_FIN | MC_TH_RST)) == MC_TH_FIN) {
            change(e, MC_ST_CLOSED);
            if (p->state == MC_ST_RESET && p->previous_state == MC_ST_CLOSED)
                change(p, MC_ST_CLOSED);
        }
        if ((f & MC_TH_RST) != 0)
            change(e, MC_ST_RESET);
        break;
    case MC_ST_CLOSED:
        if ((f & MC_TH_RST) != 0 && p->state != MC_ST_CLOSED)
            change(e, MC_ST_RESET);
        break;
    case MC_ST_RESET:
        break;
    }
}

static bool is_quiet(const mc_endpoint_state *h)
{
    return h->state == MC_ST_INACTIVE || h->state == MC_ST_PARTIAL;
}

/* History is an optional ^, S, and no H A F G I Q before the R. */
static bool resets_own_syn(const mc_conn *c)
{
    unsigned i = 0;

    if (i < c->history_len && c->history[i] == '^')
        i++;
    if (i >= c->history_len || c->history[i] != 'S')
        return false;
    for (i++; i < c->history_len; i++) {
        if (c->history[i] == 'R')
            return true;
        if (memchr("HAFGIQ", c->history[i], 6) != NULL)
            return false;
    }
    return false;
}

mc_conn_state mc_state_of(const mc_conn *c)
{
    const mc_endpoint_state *o = &c->endpoint[c->originator], *r = &c->endpoint[!c->originator];

    if (r->state == MC_ST_RESET) {
        if (o->state == MC_ST_SYN_SENT || o->state == MC_ST_SYN_ACK_SENT ||
            (o->state == MC_ST_RESET && o->payload_bytes == 0 && r->payload_bytes == 0))
            return MC_CS_REJ;
        return is_quiet(o) ? MC_CS_RSTRH : MC_CS_RSTR;
    }
    if (o->state == MC_ST_RESET) {
        if (is_quiet(r))
            return resets_own_syn(c) ? MC_CS_RSTOS0 : MC_CS_OTH;
        return MC_CS_RSTO;
    }
    if (o->state == MC_ST_CLOSED && r->state == MC_ST_CLOSED)
        return MC_CS_SF;
    if (o->state == MC_ST_CLOSED)
        return is_quiet(r) ? MC_CS_SH : MC_CS_S2;
    if (r->state == MC_ST_CLOSED)
        return is_quiet(o) ? MC_CS_SHR : MC_CS_S3;
    if (o->state == MC_ST_SYN_SENT && r->state == MC_ST_INACTIVE)
        return MC_CS_S0;
    if (o->state == MC_ST_ESTABLISHED && r->state == MC_ST_ESTABLISHED)
        return MC_CS_S1;
    return MC_CS_OTH;
}

/* ---------------------------------------------------------------- handshake */

/* 'twice': the same packet captured once more, not sent again. */
static void follow_handshake(mc_conn *c, unsigned dir, const mc_segment *s, int64_t now, bool twice)
{
    unsigned f = s->flags & (MC_TH_SYN | MC_TH_ACK | MC_TH_RST);

    if (f == MC_TH_SYN) {
        if (twice && c->syn_count > 0)
            return;
        if (dir != c->originator && c->syn_count > 0)
            return;                              /* both open at once (RFC 9293, 3.5): nothing is repeated */
        /* no stack opens with a FIN: a probe and a SYN, or two probes, are no repetition */
        if (c->syn_count == 1 && ((s->flags & MC_TH_FIN) != 0 || (c->endpoint[dir].once & MC_ONCE_MULTI) != 0))
            return;
        if (c->syn_count < 0xff)
            c->syn_count++;
        if (c->syn_count > 1 && dir == c->originator && (c->flags & MC_C_SYN_ACK) != 0)
            c->flags |= MC_C_ANSWER_MISSED;
        if ((c->flags & MC_C_HS_SYN_ACK) == 0 && dir == c->originator) {
            c->flags |= MC_C_HS_SYN;
            c->to_server_ns = now;
            c->syn_len = s->len > 0xffff ? 0xffff : (uint16_t)s->len;
        }
        /* its answer stands before it in the capture, which has the beginning all the same */
        if (c->syn_count == 1 && (c->flags & MC_C_SYN_ACK) != 0 && c->endpoint[!dir].packets == 1 &&
            c->endpoint[!dir].last_ack - (s->seq + 1) <= s->len)
            c->flags &= ~(uint32_t)MC_C_MID_STREAM;
    } else if (f == (MC_TH_SYN | MC_TH_ACK)) {
        c->flags |= MC_C_SYN_ACK;
        if (dir == c->originator || (c->flags & MC_C_HS_SYN) == 0)
            return;
        if ((c->flags & MC_C_HS_DONE) != 0)
            return;
        if ((c->flags & MC_C_HS_SYN_ACK) == 0) {
            uint32_t answers = c->endpoint[c->originator].base + 1;

            if (s->ack != answers && s->ack != answers + c->syn_len)
                return;
            c->flags |= MC_C_HS_SYN_ACK;
            c->to_server_ns = mc_ns_since(now, c->to_server_ns);
        }
        c->to_client_ns = now;
    } else if (f == MC_TH_ACK && dir == c->originator && s->ack == mc_attempt_isn(c, !dir) + 1 &&
               (c->flags & (MC_C_HS_SYN_ACK | MC_C_HS_DONE)) == MC_C_HS_SYN_ACK) {
        c->flags |= MC_C_HS_DONE;
        c->to_client_ns = mc_ns_since(now, c->to_client_ns);
    }
}

/* ------------------------------------------------------------------- resets */

/* The opener has acknowledged the other side's SYN, though the steps of the handshake stand in another order in the capture. */
static bool is_complete_anyhow(const mc_conn *c)
{
    const mc_endpoint_state *o = &c->endpoint[c->originator];

    return (c->flags & MC_C_SYN_ACK) != 0 && (o->once & MC_ONCE_ACK) != 0 && (o->known & MC_KNOWN_ACK) != 0 &&
           mc_seq_after(o->last_ack, mc_attempt_isn(c, !c->originator));
}

mc_reset_phase mc_state_reset_phase(const mc_conn *c, unsigned dir)
{
    const mc_endpoint_state *d = &c->endpoint[dir], *r = &c->endpoint[!dir];
    bool data = ((d->once | r->once) & MC_ONCE_DATA) != 0;

    if ((c->flags & MC_C_BEGUN) == 0)
        return MC_RESET_STRAY;
    if ((d->once & MC_ONCE_FIN) != 0)
        return (r->once & MC_ONCE_FIN) != 0 ? MC_RESET_AFTER_CLOSE : MC_RESET_LATE;
    if ((r->once & MC_ONCE_FIN) != 0)
        return MC_RESET_HALF_CLOSED;
    if ((c->flags & MC_C_HS_SYN) != 0 && (c->flags & MC_C_HS_SYN_ACK) == 0 && (r->once & MC_ONCE_ANY) != 0 &&
        (d->once & (MC_ONCE_ACK | MC_ONCE_DATA)) == 0 && dir != c->originator)
        return MC_RESET_REFUSED;
    if (data)
        return MC_RESET_MID_DATA;
    if ((c->flags & MC_C_HS_SYN) != 0 && (c->flags & MC_C_HS_DONE) == 0 && !is_complete_anyhow(c))
        return MC_RESET_HALF_OPEN;
    return MC_RESET_WITHOUT_DATA;
}

/* Is it one that this side could have sent?  Its next sequence number, one that
   the peer asked for, or 0 in answer to a SYN (RFC 9293, 3.10.7.1). */
static bool is_expected_sequence(const mc_endpoint_state *before, const mc_endpoint_state *r, const mc_segment *s)
{
    if ((before->known & MC_KNOWN_NXT) == 0)
        return true;
    if (s->seq == before->nxt || ((r->known & MC_KNOWN_ACK) != 0 && s->seq == r->last_ack))
        return true;
    return (r->known & MC_KNOWN_ACK) != 0 && mc_seq_not_after(r->last_ack, s->seq) &&
           mc_seq_not_after(s->seq, before->nxt);
}

/* So near to what a side sends is its own number; two sides' numbers are further apart, where no person has chosen them. */
#define OWN_NUMBERS 0x10000u
#define APART (16u * OWN_NUMBERS)

/* A device that has no number of the other side's to give takes that of the segment which it answers. */
static bool is_echo(const mc_endpoint_state *before, const mc_endpoint_state *r, const mc_segment *s)
{
    return (before->known & r->known & MC_KNOWN_NXT) != 0 && r->nxt - s->seq < OWN_NUMBERS &&
           s->seq - before->nxt > APART && before->nxt - s->seq > APART;
}

static uint8_t signs_of(const mc_endpoint_state *before, const mc_endpoint_state *r, const mc_segment *s)
{
    uint8_t signs = 0;

    if (before->ttl_max != 0)
        signs |= mc_is_ttl_foreign(before, s->ttl) ? MC_SIGN_TTL : MC_SIGN_TTL_SAME;
    if (mc_has_ip_id(s) && mc_id_steps(before) >= 2 &&
        mc_id_steps(before) > 4 * mc_id_jumps(before)) {
        uint16_t step_by = (uint16_t)(s->ip_id - before->ip_id);

        signs |= step_by >= 1 && step_by <= IP_ID_STEP ? MC_SIGN_ID_NEXT : MC_SIGN_IP_ID;
    }
    if (!is_expected_sequence(before, r, s))
        signs |= MC_SIGN_SEQUENCE;
    return signs;
}

static void follow_reset(mc_conn *c, unsigned dir, const mc_segment *s, bool stale, int64_t since, uint64_t frame,
                         const mc_endpoint_state *before)
{
    const mc_endpoint_state *r = &c->endpoint[!dir];

    if (c->rst_count[dir] < 0xff)
        c->rst_count[dir]++;
    else if (c->endpoint[dir].detail != NULL)
        c->endpoint[dir].detail->more_rsts++;
    if (stale)
        return;                                  /* it ends an older connection, not this one */
    if (c->reset_phase != MC_RESET_NONE) {
        if (c->reset_by != dir && since >= 0 && since < BOTH_RESET_NS &&
            c->reset_phase == MC_RESET_MID_DATA)
            c->reset_signs |= MC_SIGN_BOTH;
        /* its own resets carry its own TTL, and say that it had not sent the first one */
        if (c->reset_by == dir && c->reset_phase == MC_RESET_MID_DATA && (c->reset_signs & MC_SIGN_TTL) != 0 &&
            !mc_is_ttl_foreign(before, s->ttl))
            c->reset_signs |= MC_SIGN_RACE;
        return;
    }
    c->reset_phase = mc_state_reset_phase(c, dir) & 15;
    c->reset_by = dir & 1;
    c->flags &= ~(uint32_t)MC_C_TURN;
    c->at.reset_frame = frame;
    c->reset_ttl = s->ttl;
    c->reset_signs = signs_of(before, r, s);
    c->reset_echoes = is_echo(before, r, s);
}

void mc_state_segment(mc_conn *c, unsigned dir, const mc_segment *s, uint32_t events, bool repeated,
                      int64_t now, int64_t gap, uint64_t frame, const mc_endpoint_state *before)
{
    mc_endpoint_state *e = &c->endpoint[dir];
    mc_endpoint_state *p = (c->flags & MC_C_SELF) != 0 ? e : &c->endpoint[!dir];
    unsigned f = s->flags;

    if ((f & (MC_TH_SYN | MC_TH_ACK)) == MC_TH_SYN && e->state >= MC_ST_CLOSED && p->state >= MC_ST_CLOSED)
        begin_again(c, dir);
    if ((f & MC_TH_SYN) != 0)
        mc_state_note_options(e, s);
    if ((f & MC_TH_SYN) != 0 && s->mptcp == MC_MPTCP_JOIN + 1)
        c->flags |= MC_C_SUBFLOW;
    if ((f & (MC_TH_SYN | MC_TH_RST)) != 0 || (c->flags & (MC_C_HS_SYN_ACK | MC_C_HS_DONE)) == MC_C_HS_SYN_ACK)
        follow_handshake(c, dir, s, now, mc_state_is_twice(c, dir, (events & MC_TCP_COPY) != 0, gap));
    if ((f & MC_TH_RST) != 0)
        follow_reset(c, dir, s, (events & MC_TCP_STALE) != 0, gap, frame, before);
    else if ((e->once & MC_ONCE_RST) != 0 && (f & MC_TH_SYN) == 0 && c->reset_by == dir &&
             c->reset_phase == MC_RESET_MID_DATA)
        c->reset_signs |= MC_SIGN_RACE;
    else if (c->reset_phase == MC_RESET_REFUSED && (f & (MC_TH_SYN | MC_TH_ACK)) == (MC_TH_SYN | MC_TH_ACK) &&
             c->reset_by == dir && c->syn_count == 1)                /* refuses and accepts the same SYN */
        c->reset_signs |= s->ttl != c->reset_ttl ? MC_SIGN_RACE | MC_SIGN_TTL : MC_SIGN_RACE;
    if ((f & (MC_TH_FIN | MC_TH_RST)) != 0 && (c->flags & MC_C_CLOSER) == 0 && (events & MC_TCP_STALE) == 0) {
        if ((f & MC_TH_RST) == 0)
            mc_state_note_closer(c, dir, gap);
        c->flags |= MC_C_CLOSER;
        c->closer = dir & 1;
    }

    write_history(c, dir, s, events);
    if (s->win == 0 && (f & MC_TH_RST) == 0 && p->state != MC_ST_CLOSED && e->state != MC_ST_RESET) {
        mc_detail *x = e->detail;

        if (x != NULL && is_power_of_ten(++x->zero_letters))
            mc_state_add_letter(c, dir, 'W');
    }
    e->once |= MC_ONCE_ANY;
    step(e, p, dir == c->originator, s);
    if (repeated && e->detail != NULL && is_power_of_ten(++e->detail->repeats))
        mc_state_add_letter(c, dir, 'T');
    if ((s->has & MC_BAD_CHECKSUM) != 0 && (e->once & MC_ONCE_CHECKSUM) == 0) {
        e->once |= MC_ONCE_CHECKSUM;
        mc_state_add_letter(c, dir, 'C');
    }
    c->flags |= MC_C_BEGUN;
}
