/*
 * record.c: from a segment to its record.
 */
#include "state/record.h"

#include <stdlib.h>

#define WAYS 4u

bool mc_record_init(mc_record *r)
{
    memset(r, 0, sizeof *r);
    r->slots = calloc(MC_LOG_SLOTS, sizeof *r->slots);
    r->used = calloc(MC_LOG_SLOTS, sizeof *r->used);
    return r->slots != NULL && r->used != NULL;
}

void mc_record_free(mc_record *r)
{
    unsigned i;

    free(r->slots);
    free(r->used);
    for (i = 0; i < MC_LOG_COLUMNS; i++)
        free(r->column[i].bytes);
    memset(r, 0, sizeof *r);
}

/* ------------------------------------------------------------------- slots */

static uint64_t word(const uint8_t *p)
{
    uint64_t w = 0;
    unsigned i;

    for (i = 0; i < 8; i++)
        w = w << 8 | p[i];
    return w;
}

/* The same for both directions. */
static uint32_t set_of(const mc_segment *s)
{
    const uint64_t a = (word(s->src) * 0x9e3779b97f4a7c15u ^ word(s->src + 8)) * 0xff51afd7ed558ccdu + s->sport;
    const uint64_t b = (word(s->dst) * 0x9e3779b97f4a7c15u ^ word(s->dst + 8)) * 0xff51afd7ed558ccdu + s->dport;
    const uint64_t h = (a ^ a >> 29) * 0xbf58476d1ce4e5b9u + (b ^ b >> 29) * 0xbf58476d1ce4e5b9u;

    return (uint32_t)(h >> 32) % (MC_LOG_SLOTS / WAYS) * WAYS;
}

static bool is_between(const mc_log_ends *e, const mc_segment *s, bool *back)
{
    *back = false;
    if (e->ip_version != s->ip_version)
        return false;
    if (e->first_port == s->sport && e->second_port == s->dport && memcmp(e->first, s->src, 16) == 0 &&
        memcmp(e->second, s->dst, 16) == 0)
        return true;
    *back = e->first_port == s->dport && e->second_port == s->sport && memcmp(e->first, s->dst, 16) == 0 &&
            memcmp(e->second, s->src, 16) == 0;
    return *back;
}

uint32_t mc_record_slot(mc_record *r, const mc_segment *s, bool *known, bool *back)
{
    uint32_t first, i, oldest;

    *known = is_between(&r->slots[r->slot].ends, s, back);
    if (*known)
        return r->slot;
    first = oldest = set_of(s);
    for (i = first; i < first + WAYS; i++) {
        if (is_between(&r->slots[i].ends, s, back)) {
            *known = true;
            return i;
        }
        if (r->used[i] < r->used[oldest])
            oldest = i;
    }
    *back = false;
    return oldest;
}

/* ------------------------------------------------------------------ fields */

static void begin_slot(mc_record *r, uint32_t slot, const mc_segment *s, mc_packer *fields)
{
    mc_log_ends ends = { .first_port = s->sport, .second_port = s->dport, .ip_version = s->ip_version };
    const size_t skip = s->ip_version == 4 ? 12 : 0;

    memcpy(ends.first, s->src, 16);
    memcpy(ends.second, s->dst, 16);
    mc_log_slot_begin(&r->slots[slot], &ends);
    mc_pack(fields, s->ip_version);
    mc_pack_bytes(fields, ends.first + skip, 16 - skip);
    mc_pack_bytes(fields, ends.second + skip, 16 - skip);
    mc_pack(fields, ends.first_port);
    mc_pack(fields, ends.second_port);
}

static unsigned ack_bits(const mc_log_lane *d, const mc_log_lane *peer, const mc_segment *s)
{
    return s->ack == d->ack ? MC_LOG_ACK_SAME : s->ack == peer->next ? MC_LOG_ACK_ALL : 0;
}

static unsigned id_bits(const mc_log_lane *d, const mc_segment *s)
{
    return s->ip_id == d->ip_id ? 0 : s->ip_id == (uint16_t)(d->ip_id + 1) ? MC_LOG_ID_NEXT : MC_LOG_ID_OTHER;
}

static unsigned flag_bits(const mc_segment *s)
{
    return s->flags == MC_TH_ACK ? 0 : s->flags == (MC_TH_ACK | MC_TH_PSH) ? MC_LOG_FLAGS_PUSH : MC_LOG_FLAGS_ALL;
}

static unsigned ts_bits(const mc_log_lane *d, const mc_log_lane *peer, const mc_segment *s)
{
    const bool same = s->ts_val == d->ts_val;

    if ((s->has & MC_HAS_TS) == 0 || (same && s->ts_ecr == d->ts_ecr))
        return 0;
    return s->ts_ecr != peer->ts_val ? MC_LOG_TS_OTHER : same ? MC_LOG_TS_ECHO : MC_LOG_TS_NEXT;
}

static uint32_t least(uint32_t a, uint32_t b)
{
    return a < b ? a : b;
}

static bool has_options(const mc_segment *s)
{
    return s->mss != 0 || s->scale != 0 || s->sack_count != 0 || s->sack_cut != 0 || s->mptcp != 0 || s->mptcp_reset != 0;
}

static void pack_options(mc_packer *fields, const mc_segment *s)
{
    unsigned i;

    mc_pack(fields, s->mss);
    mc_pack(fields, s->scale);
    mc_pack(fields, s->mptcp);
    mc_pack(fields, s->mptcp_reset);
    if (s->sack_cut != 0 && s->sack_count == 0) {
        mc_pack(fields, MC_MAX_SACK + s->sack_cut);
        if (s->sack_cut == MC_SACK_EDGE)
            mc_pack_signed(fields, (int32_t)(s->sack[0][0] - s->ack));
        return;
    }
    mc_pack(fields, s->sack_count);
    for (i = 0; i < s->sack_count; i++) {
        mc_pack_signed(fields, (int32_t)(s->sack[i][0] - s->ack));
        mc_pack_signed(fields, (int32_t)(s->sack[i][1] - s->sack[i][0]));
    }
}

/* What hardly changes. */
static bool is_header_same(const mc_log_lane *d, const mc_logged *l, int32_t around)
{
    const mc_segment *s = &l->segment;

    return s->ttl == d->ttl && s->tos == d->tos && s->has == d->has && around == d->around[s->len > 0] &&
           l->packet.caplen == least(l->packet.wirelen, d->snap) + d->excess;
}

static void pack_header(mc_packer *fields, mc_log_lane *d, const mc_logged *l, int32_t around)
{
    const mc_segment *s = &l->segment;

    d->ttl = s->ttl;
    d->tos = s->tos;
    d->has = s->has;
    d->around[s->len > 0] = around;
    d->snap = l->packet.caplen >= l->packet.wirelen ? UINT32_MAX : l->packet.caplen;
    d->excess = l->packet.caplen > l->packet.wirelen ? l->packet.caplen - l->packet.wirelen : 0;
    mc_pack(fields, d->ttl);
    mc_pack(fields, d->tos);
    mc_pack(fields, d->has);
    mc_pack_signed(fields, around);
    mc_pack(fields, d->snap == UINT32_MAX ? (uint64_t)d->excess << 1 : (uint64_t)d->snap << 1 | 1);
}

/* Microseconds where that is enough; the least bit says which. */
static void pack_time(mc_record *r, int64_t time_ns)
{
    const int64_t step = (int64_t)((uint64_t)time_ns - (uint64_t)r->time_ns);
    const bool fine = step % 1000 != 0;
    const int64_t n = fine ? step : step / 1000;
    const uint64_t folded = mc_folded(n);

    if (folded >> 63 != 0) {                     /* no room for the bit: from nothing */
        mc_pack(&r->column[MC_LOG_TIMES], 3);
        mc_pack_signed(&r->column[MC_LOG_TIMES], time_ns);
    } else if (fine && folded == 1) {            /* the same code as that */
        mc_pack(&r->column[MC_LOG_TIMES], 3);
        mc_pack_signed(&r->column[MC_LOG_TIMES], time_ns);
    } else {
        mc_pack(&r->column[MC_LOG_TIMES], folded << 1 | fine);
    }
    r->time_ns = time_ns;
}

static void pack_place(mc_record *r, const mc_logged *l, unsigned bits)
{
    uint8_t both[2] = { (uint8_t)bits, (uint8_t)(bits >> 8) };

    mc_pack_bytes(&r->column[MC_LOG_BITS], both, sizeof both);
    if ((bits & MC_LOG_NEXT_FRAME) == 0)
        mc_pack(&r->column[MC_LOG_FIELDS], l->frame - r->frame);
    r->frame = l->frame;
    r->count++;
}

/* ----------------------------------------------------------------- records */

void mc_record_raw(mc_record *r, const mc_logged *l)
{
    mc_packer *fields = &r->column[MC_LOG_FIELDS];

    pack_place(r, l, MC_LOG_RAW | (l->frame == r->frame + 1 ? MC_LOG_NEXT_FRAME : 0));
    mc_pack(fields, (l->timeless ? 1u : 0u) | (l->time_ns != MC_NO_TIME ? 2u : 0u));
    if (l->time_ns != MC_NO_TIME)
        pack_time(r, l->time_ns);
    mc_pack(fields, l->packet.linktype);
    mc_pack(fields, l->packet.wirelen);
    mc_pack(fields, l->packet.caplen);
    mc_pack_bytes(&r->column[MC_LOG_PAYLOADS], l->packet.data, l->packet.caplen);
}

void mc_record_segment(mc_record *r, const mc_logged *l, uint32_t slot, bool known, bool back)
{
    const mc_segment *s = &l->segment;
    mc_packer *fields = &r->column[MC_LOG_FIELDS];
    const int32_t around = (int32_t)(l->packet.wirelen - s->len);
    mc_log_lane *d, *peer;
    unsigned bits, more;
    const uint32_t captured = least(least(s->captured, s->len), MC_LOG_CAPTURED);
    mc_log_lane fresh = { .snap = UINT32_MAX, .held = UINT32_MAX };

    d = known ? &r->slots[slot].lane[back] : &fresh;
    peer = known ? &r->slots[slot].lane[!back] : &fresh;
    more = (known ? 0 : MC_LOG_KEY) | (is_header_same(d, l, around) ? 0 : MC_LOG_HEADER) | (has_options(s) ? MC_LOG_OPTIONS : 0) |
           (s->alert ? MC_LOG_ALERT : 0) | (l->zeros ? MC_LOG_ZEROS : 0) | (l->kept > 0 ? MC_LOG_PAYLOAD : 0) |
           (l->timeless ? MC_LOG_TIMELESS : 0) | (captured == least(s->len, d->held) ? 0 : MC_LOG_CAPTURED_OTHER);
    bits = (slot == r->slot ? MC_LOG_SAME_SLOT : 0) | (back ? MC_LOG_BACK : 0) | (l->frame == r->frame + 1 ? MC_LOG_NEXT_FRAME : 0) |
           (s->seq == d->next ? MC_LOG_NEXT_SEQ : 0) | ack_bits(d, peer, s) |
           (s->len == 0 ? 0 : s->len == d->len ? MC_LOG_LEN_SAME : MC_LOG_LEN_OTHER) | (s->win == d->win ? MC_LOG_SAME_WIN : 0) |
           id_bits(d, s) | flag_bits(s) | ts_bits(d, peer, s) | (more != 0 ? MC_LOG_MORE : 0);
    pack_place(r, l, bits);
    if (slot != r->slot)
        mc_pack(fields, slot);
    if (more != 0) {
        mc_pack(fields, more);
        if (!known) {
            begin_slot(r, slot, s, fields);
            d = &r->slots[slot].lane[0];
            peer = &r->slots[slot].lane[1];
        }
        if ((more & MC_LOG_HEADER) != 0)
            pack_header(fields, d, l, around);
        if ((more & MC_LOG_OPTIONS) != 0)
            pack_options(fields, s);
    }
    if (l->timeless)
        mc_pack(fields, l->time_ns != MC_NO_TIME);
    if (l->time_ns != MC_NO_TIME)
        pack_time(r, l->time_ns);
    if ((bits & MC_LOG_NEXT_SEQ) == 0)
        mc_pack_signed(fields, (int32_t)(s->seq - d->next));
    if ((bits & MC_LOG_ACK) == 0)
        mc_pack_signed(fields, (int32_t)(s->ack - d->ack));
    if ((bits & MC_LOG_LEN) == MC_LOG_LEN_OTHER)
        mc_pack(fields, s->len);
    if ((bits & MC_LOG_SAME_WIN) == 0)
        mc_pack_signed(fields, s->win - d->win);
    if ((bits & MC_LOG_ID) == MC_LOG_ID_OTHER)
        mc_pack_signed(fields, (int16_t)(s->ip_id - d->ip_id));
    if ((bits & MC_LOG_FLAGS) == MC_LOG_FLAGS_ALL)
        mc_pack(fields, s->flags);
    if ((bits & MC_LOG_TS) == MC_LOG_TS_NEXT || (bits & MC_LOG_TS) == MC_LOG_TS_OTHER)
        mc_pack_signed(fields, (int32_t)(s->ts_val - d->ts_val));
    if ((bits & MC_LOG_TS) == MC_LOG_TS_OTHER)
        mc_pack_signed(fields, (int32_t)(s->ts_ecr - d->ts_ecr));
    if ((more & MC_LOG_CAPTURED_OTHER) != 0) {
        d->held = captured;
        mc_pack(fields, captured);
    }
    if ((more & MC_LOG_PAYLOAD) != 0) {
        mc_pack(fields, l->kept);
        mc_pack_bytes(&r->column[MC_LOG_PAYLOADS], s->payload, l->kept);
    }
    if (mc_log_has_hardware(s->flags)) {
        mc_pack(fields, l->has_hardware);
        mc_pack_bytes(fields, l->hardware, l->has_hardware ? sizeof l->hardware : 0);
    }
    mc_log_lane_note(d, s);
    r->slot = slot;
    r->used[slot] = ++r->clock;
}

/* ------------------------------------------------------------------ chunks */

size_t mc_record_bytes(const mc_record *r)
{
    size_t bytes = 0;
    unsigned i;

    for (i = 0; i < MC_LOG_COLUMNS; i++)
        bytes += r->column[i].count;
    return bytes;
}

void mc_record_take(mc_record *r, mc_packer *out)
{
    unsigned i;

    mc_pack(out, r->count);
    for (i = 0; i < MC_LOG_COLUMNS; i++)
        mc_pack(out, r->column[i].count);
    for (i = 0; i < MC_LOG_COLUMNS; i++) {
        mc_pack_bytes(out, r->column[i].bytes, r->column[i].count);
        r->no_memory |= r->column[i].no_memory;
        r->column[i].count = 0;
    }
    r->count = 0;
    r->no_memory |= out->no_memory;
}
