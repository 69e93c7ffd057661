/*
 * record.c: from a segment to its record.
 */
#include "state/record.h"

#include <stdlib.h>

#include "base/pages.h"

#define LINGER 512u                  /* so many connections that are over keep their slots */

/* All tables, side by side: what is touched of them lies in one large page, where the system gives one. */
typedef struct tables {
    mc_log_set sets[MC_LOG_SLOTS / MC_LOG_WAYS];
    uint16_t over[MC_LOG_SLOTS];
    mc_log_slot slots[MC_LOG_SLOTS];
} tables;

bool mc_record_init(mc_record *r)
{
    tables *t = mc_pages_alloc(sizeof *t, true);

    memset(r, 0, sizeof *r);
    if (t == NULL)
        return false;
    r->sets = t->sets;
    r->over = t->over;
    r->slots = t->slots;
    return true;
}

void mc_record_free(mc_record *r)
{
    unsigned i;

    mc_pages_free(r->sets, sizeof(tables));      /* they begin with these */
    for (i = 0; i < MC_LOG_COLUMNS; i++)
        free(r->column[i].bytes);
    memset(r, 0, sizeof *r);
}

/* ------------------------------------------------------------------- slots */

static inline uint64_t mixed(const uint64_t addr[2], uint32_t port)
{
    const uint64_t w = (addr[0] * 0x9e3779b97f4a7c15u ^ addr[1]) * 0xff51afd7ed558ccdu + port;

    return (w ^ w >> 29) * 0xbf58476d1ce4e5b9u;
}

static mc_log_set *set_of(const mc_record *r, uint64_t hash)
{
    return &r->sets[(uint32_t)(hash >> 32) % (MC_LOG_SLOTS / MC_LOG_WAYS)];
}

/* The same for both directions. */
uint64_t mc_record_hash_ends(const mc_record *r, const mc_endpoints *e)
{
    const uint64_t sum = mixed(e->src, e->ports >> 16) + mixed(e->dst, e->ports & 0xffff), hash = sum ^ sum >> 32;
    const mc_log_set *set = set_of(r, hash);

    MC_PREFETCH(set);
    MC_PREFETCH(set->slot);
    return hash;
}

uint64_t mc_record_hash(const mc_record *r, const mc_segment *s)
{
    const mc_endpoints e = mc_endpoints_of(s);

    return mc_record_hash_ends(r, &e);
}

uint32_t mc_record_prefetch(const mc_record *r, uint64_t hash)
{
    const mc_log_set *set = set_of(r, hash);
    const mc_log_slot *slot;
    uint32_t i;

    for (i = 0; i < MC_LOG_WAYS; i++)
        if (set->mark[i] == (uint32_t)hash && set->used[i] != 0) {
            slot = &r->slots[set->slot[i]];
            MC_PREFETCH(slot);
            MC_PREFETCH(&slot->lane[0].win);
            MC_PREFETCH(&slot->lane[1].win);
            break;
        }
    return i;
}

/* One branch for both directions: which it is nobody can foresee. */
static inline bool is_between(const mc_log_ends *e, const mc_endpoints *s, uint8_t ip_version, bool *back)
{
    uint64_t first[2], second[2];
    uint64_t same, crossed;

    memcpy(first, e->first, sizeof first);
    memcpy(second, e->second, sizeof second);
    same = (first[0] ^ s->src[0]) | (first[1] ^ s->src[1]) | (second[0] ^ s->dst[0]) | (second[1] ^ s->dst[1]) |
           (((uint32_t)e->first_port << 16 | e->second_port) ^ s->ports);
    crossed = (first[0] ^ s->dst[0]) | (first[1] ^ s->dst[1]) | (second[0] ^ s->src[0]) | (second[1] ^ s->src[1]) |
              (((uint32_t)e->second_port << 16 | e->first_port) ^ s->ports);
    *back = same != 0;
    return ((same == 0) | (crossed == 0)) && e->ip_version == ip_version;
}

/* A slot for a way that has none: of a connection that has been over for a while, or one that nobody had. */
static uint16_t free_slot(mc_record *r)
{
    while (r->over_count > LINGER || (r->given == MC_LOG_SLOTS && r->over_count > 0)) {
        const uint32_t at = r->over[r->over_first];
        mc_log_set *set = &r->sets[at / MC_LOG_WAYS];
        const uint32_t way = at % MC_LOG_WAYS;

        r->over_first = (r->over_first + 1) % MC_LOG_SLOTS;
        r->over_count--;
        if (set->used[way] == 0 || (r->slots[set->slot[way]].over & MC_LOG_OVER) == 0)
            continue;                            /* its ends have begun anew */
        set->used[way] = 0;
        return set->slot[way];
    }
    return (uint16_t)r->given++;
}

uint32_t mc_record_slot(mc_record *r, const mc_segment *s, uint64_t hash, bool *known, bool *back)
{
    const mc_endpoints e = mc_endpoints_of(s);

    return mc_record_slot_ends(r, &e, s->ip_version, hash, MC_LOG_WAYS, known, back);
}

/* The way 'i' of the set is that of 'e'. */
static inline bool is_way_of(const mc_record *r, uint32_t i, const mc_endpoints *e, uint8_t ip_version, uint32_t mark, bool *back)
{
    const mc_log_set *const set = r->set;

    return set->mark[i] == mark && set->used[i] != 0 && is_between(&r->slots[set->slot[i]].ends, e, ip_version, back);
}

uint32_t mc_record_slot_ends(mc_record *r, const mc_endpoints *e, uint8_t ip_version, uint64_t hash, uint32_t likely, bool *known,
                             bool *back)
{
    mc_log_set *const set = r->set = set_of(r, hash);
    const uint32_t mark = (uint32_t)hash;
    uint32_t i, oldest = 0;

    *known = true;
    if (MC_LIKELY(likely < MC_LOG_WAYS && is_way_of(r, likely, e, ip_version, mark, back))) {
        r->way = likely;
        return set->slot[likely];
    }
    for (i = 0; i < MC_LOG_WAYS; i++) {
        if (is_way_of(r, i, e, ip_version, mark, back)) {
            r->way = i;
            return set->slot[i];
        }
        if (set->used[i] < set->used[oldest])
            oldest = i;
    }
    *known = *back = false;
    if (set->used[oldest] == 0)
        set->slot[oldest] = free_slot(r);
    set->mark[oldest] = mark;
    r->way = oldest;
    return set->slot[oldest];
}

/* The slot of a connection that is over may be another's soon, but not before what comes late. */
static void note_over(mc_record *r, mc_log_slot *slot, unsigned flags, bool back)
{
    if ((flags & MC_TH_SYN) != 0)
        slot->over = 0;
    if ((flags & MC_TH_FIN) != 0)
        slot->over |= (uint8_t)(1u << back);
    if ((slot->over & MC_LOG_OVER) != 0 || ((flags & MC_TH_RST) == 0 && slot->over != 3) || r->over_count == MC_LOG_SLOTS)
        return;
    slot->over |= MC_LOG_OVER;
    r->over[(r->over_first + r->over_count++) % MC_LOG_SLOTS] = (uint16_t)((uint32_t)(r->set - r->sets) * MC_LOG_WAYS + r->way);
}

/* ------------------------------------------------------------------ fields */

/* Fields of a segment's record take at most so many bytes: a dozen numbers, both addresses, eight edges. */
#define FIELDS 512u

static uint8_t *begin_slot(mc_record *r, uint32_t slot, const mc_segment *s, uint8_t *p)
{
    mc_log_ends ends = { .first_port = s->sport, .second_port = s->dport, .ip_version = s->ip_version };
    const size_t skip = s->ip_version == 4 ? 12 : 0;

    memcpy(ends.first, s->src, 16);
    memcpy(ends.second, s->dst, 16);
    mc_log_slot_begin(&r->slots[slot], &ends);
    p = mc_put(p, s->ip_version);
    p = mc_put_bytes(p, ends.first + skip, 16 - skip);
    p = mc_put_bytes(p, ends.second + skip, 16 - skip);
    p = mc_put(p, ends.first_port);
    return mc_put(p, ends.second_port);
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

static uint8_t *put_options(uint8_t *p, const mc_segment *s)
{
    unsigned i;

    p = mc_put(p, s->mss);
    p = mc_put(p, s->scale);
    p = mc_put(p, s->mptcp);
    p = mc_put(p, s->mptcp_reset);
    if (s->sack_cut != 0 && s->sack_count == 0) {
        p = mc_put(p, MC_MAX_SACK + s->sack_cut);
        return s->sack_cut == MC_SACK_EDGE ? mc_put_signed(p, (int32_t)(s->sack[0][0] - s->ack)) : p;
    }
    p = mc_put(p, s->sack_count);
    for (i = 0; i < s->sack_count; i++) {
        p = mc_put_signed(p, (int32_t)(s->sack[i][0] - s->ack));
        p = mc_put_signed(p, (int32_t)(s->sack[i][1] - s->sack[i][0]));
    }
    return p;
}

/* What hardly changes. */
static bool is_header_same(const mc_log_lane *d, const mc_logged *l, int32_t around)
{
    const mc_segment *s = &l->segment;

    return s->ttl == d->ttl && s->tos == d->tos && s->has == d->has && around == d->around[s->len > 0] &&
           l->packet.caplen == least(l->packet.wirelen, d->snap) + d->excess;
}

static uint8_t *put_header(uint8_t *p, mc_log_lane *d, const mc_logged *l, int32_t around)
{
    const mc_segment *s = &l->segment;

    d->ttl = s->ttl;
    d->tos = s->tos;
    d->has = s->has;
    d->around[s->len > 0] = around;
    d->snap = l->packet.caplen >= l->packet.wirelen ? UINT32_MAX : l->packet.caplen;
    d->excess = l->packet.caplen > l->packet.wirelen ? l->packet.caplen - l->packet.wirelen : 0;
    p = mc_put(p, d->ttl);
    p = mc_put(p, d->tos);
    p = mc_put(p, d->has);
    p = mc_put_signed(p, around);
    return mc_put(p, d->snap == UINT32_MAX ? (uint64_t)d->excess << 1 : (uint64_t)d->snap << 1 | 1);
}

/* Microseconds where that is enough; the least bit says which.  At 'p', where there is room; returns what is behind. */
static inline uint8_t *put_time(mc_record *r, uint8_t *p, int64_t time_ns)
{
    const int64_t step = (int64_t)((uint64_t)time_ns - (uint64_t)r->time_ns);
    const bool fine = step % 1000 != 0;
    const int64_t n = fine ? step : step / 1000;
    const uint64_t folded = mc_folded(n);

    r->time_ns = time_ns;
    if (MC_UNLIKELY(folded >> 63 != 0 || (fine && folded == 1)))     /* no room for the bit, or the code of what follows: from nothing */
        return mc_put_signed(mc_put(p, 3), time_ns);
    return mc_put(p, folded << 1 | fine);
}

#define TIME (2 * MC_PACKED_NUMBER)

static void pack_time(mc_record *r, int64_t time_ns)
{
    mc_packer *times = &r->column[MC_LOG_TIMES];

    if (mc_pack_room(times, TIME))
        times->count = (size_t)(put_time(r, times->bytes + times->count, time_ns) - times->bytes);
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

static inline void used(mc_record *r, uint32_t slot)
{
    r->slot = slot;
    r->clock += r->clock < UINT32_MAX ? 1 : 2;   /* never 0 */
    r->set->used[r->way] = r->clock;
}

void mc_record_segment(mc_record *r, const mc_logged *l, uint32_t slot, bool known, bool back)
{
    const mc_segment *s = &l->segment;
    mc_packer *fields = &r->column[MC_LOG_FIELDS];
    const int32_t around = (int32_t)(l->packet.wirelen - s->len);
    mc_log_lane *d, *peer;
    unsigned bits, more;
    uint8_t *p;
    const uint32_t captured = least(least(s->captured, s->len), MC_LOG_CAPTURED);
    mc_log_lane fresh = { .snap = UINT32_MAX, .held = UINT32_MAX };

    d = known ? &r->slots[slot].lane[back] : &fresh;
    peer = known ? &r->slots[slot].lane[!back] : &fresh;
    more = (known ? 0 : MC_LOG_KEY) | (is_header_same(d, l, around) ? 0 : MC_LOG_HEADER) | (has_options(s) ? MC_LOG_OPTIONS : 0) |
           (s->alert ? MC_LOG_ALERT : 0) | (l->zeros ? MC_LOG_ZEROS : 0) | (l->kept > 0 || l->aside ? MC_LOG_PAYLOAD : 0) |
           (l->timeless ? MC_LOG_TIMELESS : 0) | (captured == least(s->len, d->held) ? 0 : MC_LOG_CAPTURED_OTHER);
    bits = (slot == r->slot ? MC_LOG_SAME_SLOT : 0) | (back ? MC_LOG_BACK : 0) | (l->frame == r->frame + 1 ? MC_LOG_NEXT_FRAME : 0) |
           (s->seq == d->next ? MC_LOG_NEXT_SEQ : 0) | ack_bits(d, peer, s) |
           (s->len == 0 ? 0 : s->len == d->len ? MC_LOG_LEN_SAME : MC_LOG_LEN_OTHER) | (s->win == d->win ? MC_LOG_SAME_WIN : 0) |
           id_bits(d, s) | flag_bits(s) | ts_bits(d, peer, s) | (more != 0 ? MC_LOG_MORE : 0);
    pack_place(r, l, bits);
    if (!mc_pack_room(fields, FIELDS))
        return;
    p = fields->bytes + fields->count;
    if (slot != r->slot)
        p = mc_put(p, slot);
    if (more != 0) {
        p = mc_put(p, more);
        if (!known) {
            p = begin_slot(r, slot, s, p);
            d = &r->slots[slot].lane[0];
        }
        if ((more & MC_LOG_HEADER) != 0)
            p = put_header(p, d, l, around);
        if ((more & MC_LOG_OPTIONS) != 0)
            p = put_options(p, s);
    }
    if (l->timeless)
        p = mc_put(p, l->time_ns != MC_NO_TIME);
    if (l->time_ns != MC_NO_TIME)
        pack_time(r, l->time_ns);
    if ((bits & MC_LOG_NEXT_SEQ) == 0)
        p = mc_put_signed(p, (int32_t)(s->seq - d->next));
    if ((bits & MC_LOG_ACK) == 0)
        p = mc_put_signed(p, (int32_t)(s->ack - d->ack));
    if ((bits & MC_LOG_LEN) == MC_LOG_LEN_OTHER)
        p = mc_put(p, s->len);
    if ((bits & MC_LOG_SAME_WIN) == 0)
        p = mc_put_signed(p, s->win - d->win);
    if ((bits & MC_LOG_ID) == MC_LOG_ID_OTHER)
        p = mc_put_signed(p, (int16_t)(s->ip_id - d->ip_id));
    if ((bits & MC_LOG_FLAGS) == MC_LOG_FLAGS_ALL)
        p = mc_put(p, s->flags);
    if ((bits & MC_LOG_TS) == MC_LOG_TS_NEXT || (bits & MC_LOG_TS) == MC_LOG_TS_OTHER)
        p = mc_put_signed(p, (int32_t)(s->ts_val - d->ts_val));
    if ((bits & MC_LOG_TS) == MC_LOG_TS_OTHER)
        p = mc_put_signed(p, (int32_t)(s->ts_ecr - d->ts_ecr));
    if ((more & MC_LOG_CAPTURED_OTHER) != 0) {
        d->held = captured;
        p = mc_put(p, captured);
    }
    if ((more & MC_LOG_PAYLOAD) != 0) {
        p = mc_put(p, l->kept);                  /* 0: aside */
        mc_pack_bytes(&r->column[MC_LOG_PAYLOADS], s->payload, l->kept);
    }
    if (mc_log_has_hardware(s->flags)) {
        p = mc_put(p, l->has_hardware);
        p = mc_put_bytes(p, l->hardware, l->has_hardware ? sizeof l->hardware : 0);
    }
    fields->count = (size_t)(p - fields->bytes);
    mc_log_lane_note(d, s);
    if ((s->flags & (MC_TH_SYN | MC_TH_FIN | MC_TH_RST)) != 0)
        note_over(r, &r->slots[slot], s->flags, back);
    used(r, slot);
}

bool mc_record_room(mc_record *r, uint32_t count)
{
    return mc_pack_room(&r->column[MC_LOG_BITS], 2 * (size_t)count) && mc_pack_room(&r->column[MC_LOG_TIMES], TIME * (size_t)count) &&
           mc_pack_room(&r->column[MC_LOG_FIELDS], FIELDS * (size_t)count);
}

bool mc_record_brief(mc_record *r, const mc_record_plain *l, uint32_t slot, bool back)
{
    const mc_segment_summary *s = l->summary;
    mc_packer *const all = &r->column[MC_LOG_BITS], *const times = &r->column[MC_LOG_TIMES], *const fields = &r->column[MC_LOG_FIELDS];
    mc_log_lane *const d = &r->slots[slot].lane[back], *const peer = &r->slots[slot].lane[!back];
    const bool timed = (l->has & MC_HAS_TS) != 0;
    const uint32_t len = s->len, ts_val = mc_mark_ts_val(s->mark), ts_ecr = (uint32_t)s->mark;
    unsigned bits, ack, id, ts = 0;
    uint8_t *p;

    if (s->ttl != d->ttl || l->tos != d->tos || l->has != d->has || (int32_t)(l->wirelen - len) != d->around[len > 0] ||
        l->caplen != least(l->wirelen, d->snap) + d->excess || l->captured != least(len, d->held))
        return false;
    ack = s->ack == d->ack ? MC_LOG_ACK_SAME : s->ack == peer->next ? MC_LOG_ACK_ALL : 0;
    id = s->ip_id == d->ip_id ? 0 : s->ip_id == (uint16_t)(d->ip_id + 1) ? MC_LOG_ID_NEXT : MC_LOG_ID_OTHER;
    if (timed && (ts_val != d->ts_val || ts_ecr != d->ts_ecr))
        ts = ts_ecr != peer->ts_val ? MC_LOG_TS_OTHER : ts_val == d->ts_val ? MC_LOG_TS_ECHO : MC_LOG_TS_NEXT;
    bits = (slot == r->slot ? MC_LOG_SAME_SLOT : 0) | (back ? MC_LOG_BACK : 0) | (l->frame == r->frame + 1 ? MC_LOG_NEXT_FRAME : 0) |
           (s->seq == d->next ? MC_LOG_NEXT_SEQ : 0) | ack |
           (len == 0 ? 0 : len == d->len ? MC_LOG_LEN_SAME : MC_LOG_LEN_OTHER) | (s->win == d->win ? MC_LOG_SAME_WIN : 0) | id |
           (s->flags == MC_TH_ACK ? 0 : MC_LOG_FLAGS_PUSH) | ts;
    all->bytes[all->count++] = (uint8_t)bits;
    all->bytes[all->count++] = (uint8_t)(bits >> 8);
    times->count = (size_t)(put_time(r, times->bytes + times->count, l->time_ns) - times->bytes);
    p = fields->bytes + fields->count;
    if ((bits & MC_LOG_NEXT_FRAME) == 0)
        p = mc_put(p, l->frame - r->frame);
    if ((bits & MC_LOG_SAME_SLOT) == 0)
        p = mc_put(p, slot);
    if ((bits & MC_LOG_NEXT_SEQ) == 0)
        p = mc_put_signed(p, (int32_t)(s->seq - d->next));
    if (ack == 0)
        p = mc_put_signed(p, (int32_t)(s->ack - d->ack));
    if ((bits & MC_LOG_LEN) == MC_LOG_LEN_OTHER)
        p = mc_put(p, len);
    if ((bits & MC_LOG_SAME_WIN) == 0)
        p = mc_put_signed(p, s->win - d->win);
    if (id == MC_LOG_ID_OTHER)
        p = mc_put_signed(p, (int16_t)(s->ip_id - d->ip_id));
    if (ts == MC_LOG_TS_NEXT || ts == MC_LOG_TS_OTHER)
        p = mc_put_signed(p, (int32_t)(ts_val - d->ts_val));
    if (ts == MC_LOG_TS_OTHER)
        p = mc_put_signed(p, (int32_t)(ts_ecr - d->ts_ecr));
    fields->count = (size_t)(p - fields->bytes);
    r->frame = l->frame;
    r->count++;
    d->next = s->seq + len;
    d->ack = s->ack;
    d->len = len > 0 ? len : d->len;
    d->win = s->win;
    d->ip_id = s->ip_id;
    d->ts_val = timed ? ts_val : d->ts_val;
    d->ts_ecr = timed ? ts_ecr : d->ts_ecr;
    used(r, slot);
    return true;
}

/* ------------------------------------------------------------------ chunks */

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
