/*
 * play.c: from a record to its segment.
 */
#include "state/play.h"

#include <stdlib.h>

bool mc_play_init(mc_play *p)
{
    memset(p, 0, sizeof *p);
    p->slots = calloc(MC_LOG_SLOTS, sizeof *p->slots);
    return p->slots != NULL;
}

void mc_play_free(mc_play *p)
{
    free(p->slots);
    p->slots = NULL;
    mc_edges_read_free(&p->edges);
}

void mc_play_begin(mc_play *p)
{
    mc_log_slot *slots = p->slots;
    const mc_edges_read edges = p->edges;
    const bool bad = p->bad || !mc_edges_are_read(&edges);

    memset(slots, 0, p->used * sizeof *slots);
    memset(p, 0, sizeof *p);
    p->slots = slots;
    p->edges = edges;
    p->bad = bad;
}

bool mc_play_edges(mc_play *p, const uint8_t *bytes, size_t count)
{
    p->bad |= !mc_edges_are_read(&p->edges);
    return mc_edges_read_chunk(&p->edges, bytes, count, &p->bad);
}

void mc_play_chunk(mc_play *p, const uint8_t *bytes, size_t count)
{
    mc_unpacker u = { bytes, bytes + count, false };
    uint64_t size[MC_LOG_COLUMNS];
    unsigned i;

    p->left = mc_unpack_most(&u, count);
    for (i = 0; i < MC_LOG_COLUMNS; i++)
        size[i] = mc_unpack_most(&u, count);
    for (i = 0; i < MC_LOG_COLUMNS; i++) {
        const uint8_t *begin = mc_unpack_bytes(&u, (size_t)size[i]);

        p->column[i] = (mc_unpacker){ begin, begin != NULL ? begin + size[i] : NULL, begin == NULL };
    }
    p->bad |= u.bad || u.p != u.end;
}

/* ------------------------------------------------------------------ fields */

static void begin_slot(mc_play *p, mc_log_slot *slot, mc_unpacker *fields)
{
    mc_log_ends ends = { .ip_version = (uint8_t)mc_unpack_most(fields, 6) };
    const size_t skip = ends.ip_version == 4 ? 12 : 0;
    const uint8_t *first = mc_unpack_bytes(fields, 16 - skip), *second = mc_unpack_bytes(fields, 16 - skip);

    if (first == NULL || second == NULL || (ends.ip_version != 4 && ends.ip_version != 6)) {
        p->bad = true;
        return;
    }
    if (skip > 0)
        ends.first[10] = ends.first[11] = ends.second[10] = ends.second[11] = 0xff;
    memcpy(ends.first + skip, first, 16 - skip);
    memcpy(ends.second + skip, second, 16 - skip);
    ends.first_port = (uint16_t)mc_unpack_most(fields, UINT16_MAX);
    ends.second_port = (uint16_t)mc_unpack_most(fields, UINT16_MAX);
    mc_log_slot_begin(slot, &ends);
}

static void unpack_header(mc_unpacker *fields, mc_log_lane *d, bool data)
{
    uint64_t snap;

    d->ttl = (uint8_t)mc_unpack_most(fields, UINT8_MAX);
    d->tos = (uint8_t)mc_unpack_most(fields, UINT8_MAX);
    d->has = (uint8_t)mc_unpack_most(fields, UINT8_MAX);
    d->around[data] = (int32_t)mc_unpack_signed(fields);
    snap = mc_unpack_most(fields, (uint64_t)UINT32_MAX << 1 | 1);
    d->snap = (snap & 1) != 0 ? (uint32_t)(snap >> 1) : UINT32_MAX;
    d->excess = (snap & 1) != 0 ? 0 : (uint32_t)(snap >> 1);
}

static void unpack_options(mc_unpacker *fields, mc_segment *s, uint32_t edges[MC_MAX_SACK][2])
{
    unsigned i;

    s->mss = (uint16_t)mc_unpack_most(fields, UINT16_MAX);
    s->scale = (uint8_t)mc_unpack_most(fields, 14);
    s->mptcp = (uint8_t)mc_unpack_most(fields, UINT8_MAX);
    s->mptcp_reset = (uint8_t)mc_unpack_most(fields, UINT8_MAX);
    s->sack_count = (uint8_t)mc_unpack_most(fields, MC_MAX_SACK + MC_SACK_UNSEEN);
    if (s->sack_count > MC_MAX_SACK) {           /* no block, and which of the two ways to have none */
        s->sack_cut = (uint8_t)(s->sack_count - MC_MAX_SACK);
        s->sack_count = 0;
        if (s->sack_cut == MC_SACK_EDGE)
            edges[0][0] = (uint32_t)mc_unpack_signed(fields);
    }
    for (i = 0; i < s->sack_count; i++) {
        edges[i][0] = (uint32_t)mc_unpack_signed(fields);
        edges[i][1] = (uint32_t)mc_unpack_signed(fields);
    }
}

/* The time behind 'before'. */
static inline int64_t time_of(mc_unpacker *times, int64_t before)
{
    const uint64_t code = mc_unpack_few(times), folded = code >> 1, step = folded >> 1 ^ (0 - (folded & 1));

    return MC_UNLIKELY(code == 3) ? mc_unpack_signed(times) : (int64_t)((uint64_t)before + step * ((code & 1) == 0 ? 1000 : 1));
}

static void unpack_time(mc_play *p)
{
    p->time_ns = time_of(&p->column[MC_LOG_TIMES], p->time_ns);
}

/* ----------------------------------------------------------------- records */

static void take_raw(mc_play *p, mc_logged *out)
{
    mc_unpacker *fields = &p->column[MC_LOG_FIELDS];

    const uint64_t timed = mc_unpack_most(fields, 3);

    out->raw = true;
    out->timeless = (timed & 1) != 0;
    out->time_ns = MC_NO_TIME;
    if ((timed & 2) != 0) {
        unpack_time(p);
        out->time_ns = p->time_ns;
        p->bad |= p->time_ns == MC_NO_TIME;
    }
    p->bad |= timed == 0;
    out->packet.time_ns = out->timeless ? MC_NO_TIME : out->time_ns;
    out->packet.linktype = (uint32_t)mc_unpack_most(fields, UINT32_MAX);
    out->packet.wirelen = (uint32_t)mc_unpack_most(fields, UINT32_MAX);
    out->packet.caplen = (uint32_t)mc_unpack_most(fields, UINT32_MAX);
    out->packet.data = mc_unpack_bytes(&p->column[MC_LOG_PAYLOADS], out->packet.caplen);
    p->bad |= out->packet.linktype == MC_LINKTYPE_RECORD;
}

/* The eight bits more, and what they announce. */
static unsigned take_more(mc_play *p, mc_log_slot *slot, mc_segment *s, unsigned bits, uint32_t edges[MC_MAX_SACK][2])
{
    mc_unpacker *fields = &p->column[MC_LOG_FIELDS];
    const unsigned more = (bits & MC_LOG_MORE) != 0 ? (unsigned)mc_unpack_most(fields, UINT8_MAX) : 0;

    if ((more & MC_LOG_KEY) != 0) {
        p->used = p->slot >= p->used ? p->slot + 1 : p->used;
        begin_slot(p, slot, fields);
    }
    if ((more & MC_LOG_HEADER) != 0)
        unpack_header(fields, &slot->lane[(bits & MC_LOG_BACK) != 0], (bits & MC_LOG_LEN) != 0);
    if ((more & MC_LOG_OPTIONS) != 0)
        unpack_options(fields, s, edges);
    return more;
}

static inline void take_ends(mc_segment *s, const mc_log_ends *e, bool back)
{
    const uint8_t *src = back ? e->second : e->first, *dst = back ? e->first : e->second;

    memcpy(s->src, src, 16);
    memcpy(s->dst, dst, 16);
    s->sport = back ? e->second_port : e->first_port;
    s->dport = back ? e->first_port : e->second_port;
    s->ip_version = e->ip_version;
}

static void take_times(mc_play *p, mc_logged *out, unsigned more)
{
    out->timeless = (more & MC_LOG_TIMELESS) != 0;
    if (out->timeless && mc_unpack_most(&p->column[MC_LOG_FIELDS], 1) == 0) {
        out->time_ns = MC_NO_TIME;
    } else {
        unpack_time(p);
        out->time_ns = p->time_ns;
        p->bad |= p->time_ns == MC_NO_TIME;
    }
    out->packet.time_ns = out->timeless ? MC_NO_TIME : out->time_ns;
}

MC_INLINE void take_numbers(mc_unpacker *fields, mc_segment *s, const mc_log_lane *d, const mc_log_lane *peer, unsigned bits)
{
    s->seq = d->next;
    if ((bits & MC_LOG_NEXT_SEQ) == 0)
        s->seq += (uint32_t)mc_unpack_few_signed(fields);
    s->ack = (bits & MC_LOG_ACK) == MC_LOG_ACK_ALL ? peer->next : d->ack;
    if ((bits & MC_LOG_ACK) == 0)
        s->ack += (uint32_t)mc_unpack_few_signed(fields);
    s->len = (bits & MC_LOG_LEN) == 0                  ? 0
             : (bits & MC_LOG_LEN) == MC_LOG_LEN_SAME  ? d->len
             : (bits & MC_LOG_LEN) == MC_LOG_LEN_OTHER ? (uint32_t)mc_unpack_most(fields, UINT32_MAX)
                                                       : 0;
    s->win = d->win;
    if ((bits & MC_LOG_SAME_WIN) == 0)
        s->win = (uint16_t)(s->win + (uint64_t)mc_unpack_few_signed(fields));
    s->ip_id = d->ip_id;
    if ((bits & MC_LOG_ID) == MC_LOG_ID_OTHER)
        s->ip_id = (uint16_t)(s->ip_id + (uint64_t)mc_unpack_few_signed(fields));
    else if ((bits & MC_LOG_ID) == MC_LOG_ID_NEXT)
        s->ip_id++;
    s->flags = (bits & MC_LOG_FLAGS) == 0                   ? MC_TH_ACK
               : (bits & MC_LOG_FLAGS) == MC_LOG_FLAGS_PUSH ? MC_TH_ACK | MC_TH_PSH
                                                            : (uint8_t)mc_unpack_most(fields, UINT8_MAX);
    if ((s->has & MC_HAS_TS) == 0)
        return;
    s->ts_val = d->ts_val;
    if ((bits & MC_LOG_TS) == MC_LOG_TS_NEXT || (bits & MC_LOG_TS) == MC_LOG_TS_OTHER)
        s->ts_val += (uint32_t)mc_unpack_few_signed(fields);
    s->ts_ecr = (bits & MC_LOG_TS) == MC_LOG_TS_NEXT || (bits & MC_LOG_TS) == MC_LOG_TS_ECHO ? peer->ts_val : d->ts_ecr;
    if ((bits & MC_LOG_TS) == MC_LOG_TS_OTHER)
        s->ts_ecr += (uint32_t)mc_unpack_few_signed(fields);
}

static void take_payload(mc_play *p, mc_logged *out, mc_log_lane *d, unsigned more)
{
    mc_segment *s = &out->segment;
    mc_unpacker *fields = &p->column[MC_LOG_FIELDS];

    if ((more & MC_LOG_CAPTURED_OTHER) != 0)
        d->held = (uint32_t)mc_unpack_most(fields, MC_LOG_CAPTURED);
    s->captured = (uint32_t)mc_min_u64(mc_min_u64(s->len, d->held), MC_LOG_CAPTURED);
    if ((more & MC_LOG_PAYLOAD) != 0) {
        out->kept = (uint32_t)mc_unpack_most(fields, s->captured);
        if (out->kept > 0)
            s->payload = mc_unpack_bytes(&p->column[MC_LOG_PAYLOADS], out->kept);
        else if ((s->payload = mc_edges_read_next(&p->edges, s->captured, &out->kept)) == NULL)
            p->bad = true;
    }
    s->alert = (more & MC_LOG_ALERT) != 0;
    out->zeros = (more & MC_LOG_ZEROS) != 0;
}

static void take_hardware(mc_unpacker *fields, mc_logged *out)
{
    const uint8_t *both;

    if (!mc_log_has_hardware(out->segment.flags) || mc_unpack_most(fields, 1) == 0)
        return;
    both = mc_unpack_bytes(fields, sizeof out->hardware);
    out->has_hardware = both != NULL;
    if (both != NULL)
        memcpy(out->hardware, both, sizeof out->hardware);
}

static void take_segment(mc_play *p, mc_logged *out, unsigned bits)
{
    mc_unpacker *fields = &p->column[MC_LOG_FIELDS];
    const bool back = (bits & MC_LOG_BACK) != 0;
    mc_segment *s = &out->segment;
    uint32_t edges[MC_MAX_SACK][2] = { { 0 } };
    mc_log_slot *slot;
    mc_log_lane *d;
    int64_t wirelen;
    unsigned more, i;

    if ((bits & MC_LOG_SAME_SLOT) == 0)
        p->slot = (uint32_t)mc_unpack_most(fields, MC_LOG_SLOTS - 1);
    slot = &p->slots[p->slot];
    more = take_more(p, slot, s, bits, edges);
    if (slot->ends.ip_version == 0) {
        p->bad = true;
        return;
    }
    d = &slot->lane[back];
    take_ends(s, &slot->ends, back);
    take_times(p, out, more);
    s->len_known = true;
    s->ttl = d->ttl;
    s->tos = d->tos;
    s->has = d->has;
    take_numbers(fields, s, d, &slot->lane[!back], bits);
    if (s->sack_cut == MC_SACK_EDGE)
        s->sack[0][0] = s->ack + edges[0][0];
    for (i = 0; i < s->sack_count; i++) {
        s->sack[i][0] = s->ack + edges[i][0];
        s->sack[i][1] = s->sack[i][0] + edges[i][1];
    }
    take_payload(p, out, d, more);
    take_hardware(fields, out);
    wirelen = (int64_t)s->len + d->around[s->len > 0];
    p->bad |= wirelen < 0 || wirelen > UINT32_MAX;
    out->packet.wirelen = (uint32_t)wirelen;
    out->packet.caplen = (uint32_t)mc_min_u64(mc_min_u64(out->packet.wirelen, d->snap) + d->excess, UINT32_MAX);
    mc_log_lane_note(d, s);
}

/* Neither a raw frame nor flags or eight bits more. */
static inline bool is_brief(unsigned bits)
{
    return (bits & (MC_LOG_MORE | MC_LOG_FLAGS_ALL)) == 0 && (bits & MC_LOG_RAW) != MC_LOG_RAW;
}

/* The same as take_segment(), for the records that most are. */
static bool take_brief(mc_play *p, mc_logged *out, unsigned bits)
{
    mc_unpacker fields = p->column[MC_LOG_FIELDS];
    const bool back = (bits & MC_LOG_BACK) != 0;
    mc_segment *s = &out->segment;
    mc_log_slot *slot;
    mc_log_lane *d;
    uint64_t number;
    int64_t wirelen;
    uint32_t whole;

    p->frame += (bits & MC_LOG_NEXT_FRAME) != 0 ? 1 : mc_unpack_most(&fields, UINT64_MAX >> 1);
    if ((bits & MC_LOG_SAME_SLOT) == 0) {
        number = mc_unpack_few(&fields);
        fields.bad |= number >= MC_LOG_SLOTS;
        p->slot = (uint32_t)number % MC_LOG_SLOTS;
    }
    slot = &p->slots[p->slot];
    d = &slot->lane[back];
    if (slot->ends.ip_version == 0 || p->frame == 0 || p->frame > UINT64_MAX >> 2)
        return false;
    take_ends(s, &slot->ends, back);
    p->time_ns = time_of(&p->column[MC_LOG_TIMES], p->time_ns);
    s->reassembled = s->scale = s->sack_count = s->mptcp = s->mptcp_reset = s->sack_cut = 0;
    s->len_known = true;
    s->alert = false;
    s->mss = 0;
    s->ts_val = s->ts_ecr = 0;
    s->ttl = d->ttl;
    s->tos = d->tos;
    s->has = d->has;
    take_numbers(&fields, s, d, &slot->lane[!back], bits);
    p->column[MC_LOG_FIELDS] = fields;
    whole = s->len < d->held ? s->len : d->held;
    s->captured = whole < MC_LOG_CAPTURED ? whole : MC_LOG_CAPTURED;
    s->payload = NULL;
    wirelen = (int64_t)s->len + d->around[s->len > 0];
    if (fields.bad || p->column[MC_LOG_TIMES].bad || p->time_ns == MC_NO_TIME || wirelen < 0 || wirelen > UINT32_MAX)
        return false;
    whole = (uint32_t)wirelen < d->snap ? (uint32_t)wirelen : d->snap;
    out->packet = (mc_packet){ .time_ns = p->time_ns, .wirelen = (uint32_t)wirelen,
                               .caplen = (uint32_t)mc_min_u64((uint64_t)whole + d->excess, UINT32_MAX) };
    out->frame = p->frame;
    out->time_ns = p->time_ns;
    out->raw = out->timeless = out->zeros = out->has_hardware = false;
    out->kept = 0;
    mc_log_lane_note(d, s);
    return true;
}

bool mc_play_next(mc_play *p, mc_logged *out)
{
    const uint8_t *both;
    uint64_t step;
    unsigned bits, i;

    if (p->left == 0 || p->bad)
        return false;
    p->left--;
    both = mc_unpack_bytes(&p->column[MC_LOG_BITS], 2);
    if (both == NULL) {
        p->bad = true;
        return false;
    }
    bits = mc_le16(both);
    if (MC_LIKELY(is_brief(bits))) {
        p->bad |= !take_brief(p, out, bits);
        return !p->bad;
    }
    memset(out, 0, sizeof *out);
    step = (bits & MC_LOG_NEXT_FRAME) != 0 ? 1 : mc_unpack_most(&p->column[MC_LOG_FIELDS], UINT64_MAX >> 1);
    p->frame += step;
    out->frame = p->frame;
    if (p->frame == 0 || p->frame > UINT64_MAX >> 2)
        p->bad = true;
    else if ((bits & MC_LOG_RAW) == MC_LOG_RAW)
        take_raw(p, out);
    else
        take_segment(p, out, bits);
    for (i = 0; i < MC_LOG_COLUMNS; i++)
        p->bad |= p->column[i].bad;
    return !p->bad;
}
