/*
 * piece.c: into bytes, and back.
 */
#include "state/piece.h"

#include <stdlib.h>

/* -------------------------------------------------------------- looked at */

bool mc_looked_at_set(mc_looked_at *l, const mc_endpoint *server, const mc_options *options)
{
    memset(l, 0, sizeof *l);
    l->server = *server;
    l->rules = options->rules;
    l->verify_checksums = options->verify_checksums;
    l->application = options->application;
    l->has_start = options->has_start;
    l->has_end = options->has_end;
    l->start_ns = options->has_start ? options->start_ns : 0;
    l->end_ns = options->has_end ? options->end_ns : 0;
    if (options->filter == NULL)
        return true;
    if (strlen(options->filter) >= sizeof l->filter)
        return false;
    memcpy(l->filter, options->filter, strlen(options->filter));
    return true;
}

void mc_looked_at_pack(mc_packer *k, const mc_looked_at *l)
{
    mc_pack_bytes(k, l->server.addr, sizeof l->server.addr);
    mc_pack(k, l->server.port);
    mc_pack_text(k, mc_rules_name(l->rules));
    mc_pack(k, (l->verify_checksums ? 1u : 0u) | (l->application ? 2u : 0u) | (l->has_start ? 4u : 0u) | (l->has_end ? 8u : 0u));
    mc_pack_signed(k, l->start_ns);
    mc_pack_signed(k, l->end_ns);
    mc_pack_text(k, l->filter);
}

static void unpack_looked_at(mc_unpacker *u, mc_looked_at *l)
{
    const uint8_t *addr = mc_unpack_bytes(u, sizeof l->server.addr);
    char rules[64];
    uint64_t bits;

    memset(l, 0, sizeof *l);
    if (addr != NULL)
        memcpy(l->server.addr, addr, sizeof l->server.addr);
    l->server.port = (uint16_t)mc_unpack_most(u, UINT16_MAX);
    mc_unpack_text(u, rules, sizeof rules);
    u->bad |= !mc_rules_parse(&l->rules, rules);
    bits = mc_unpack_most(u, 15);
    l->verify_checksums = (bits & 1) != 0;
    l->application = (bits & 2) != 0;
    l->has_start = (bits & 4) != 0;
    l->has_end = (bits & 8) != 0;
    l->start_ns = mc_unpack_signed(u);
    l->end_ns = mc_unpack_signed(u);
    mc_unpack_text(u, l->filter, sizeof l->filter);
    u->bad |= u->p != u->end;
}

mc_status mc_looked_at_read(mc_chunk_reader *r, mc_looked_at *out, mc_error *err)
{
    mc_chunk chunk;
    mc_unpacker u;
    mc_status status = mc_chunk_read(r, &chunk, err);

    if (status != MC_OK)
        return status == MC_END ? mc_chunk_damaged(r, "nothing is in it", err) : status;
    u = (mc_unpacker){ chunk.bytes, chunk.bytes + chunk.count, chunk.kind != MC_CHUNK_OPTIONS };
    unpack_looked_at(&u, out);
    return u.bad ? mc_chunk_damaged(r, "what was looked at", err) : MC_OK;
}

const char *mc_looked_at_differs(const mc_looked_at *a, const mc_looked_at *b)
{
    return memcmp(a->server.addr, b->server.addr, sizeof a->server.addr) != 0 ? "another server"
           : a->server.port != b->server.port                                 ? "another port"
           : a->rules != b->rules                                             ? "other rules"
           : strcmp(a->filter, b->filter) != 0                                ? "another filter"
           : a->has_start != b->has_start || a->start_ns != b->start_ns || a->has_end != b->has_end || a->end_ns != b->end_ns
               ? "another time window"
           : a->verify_checksums != b->verify_checksums ? "checksums verified in one of both alone"
           : a->application != b->application           ? "what connections say was looked at in one of both alone"
                                                        : NULL;
}

/* ------------------------------------------------------------------- place */

void mc_piece_place_pack(mc_packer *k, const mc_piece_place *p)
{
    mc_pack(k, p->kind);
    mc_pack(k, p->number);
    mc_pack(k, p->of);
}

mc_status mc_piece_place_of(const mc_chunk_reader *r, const mc_chunk *chunk, mc_piece_place *out, mc_error *err)
{
    mc_unpacker u = { chunk->bytes, chunk->bytes + chunk->count, chunk->kind != MC_CHUNK_PIECE };

    out->kind = (mc_piece_kind)mc_unpack_most(&u, MC_PIECE_ALONE);
    out->number = (uint32_t)mc_unpack_most(&u, UINT32_MAX);
    out->of = (uint32_t)mc_unpack_most(&u, UINT32_MAX);
    return u.bad || out->number > out->of || u.p != u.end ? mc_chunk_damaged(r, "where a piece stands", err) : MC_OK;
}

static mc_status check_numbers(const mc_series *s, const mc_chunk_reader *r, const mc_piece_place *p, mc_error *err)
{
    const uint32_t due = s->count == 0 ? p->number : s->last.number + 1;

    if (s->count > 0 && (s->last.of != p->of || (s->last.number == 0) != (p->number == 0)))
        return mc_fail(err, MC_INVALID, 0, "%s: part %u of %u behind part %u of %u: not of one series", r->name, (unsigned)p->number,
                       (unsigned)p->of, (unsigned)s->last.number, (unsigned)s->last.of);
    if (p->number == 0 || p->number == due)
        return MC_OK;
    if (p->number < due)
        return mc_fail(err, MC_INVALID, 0, "%s: part %u of %u stands behind part %u: doubled, or not in order", r->name,
                       (unsigned)p->number, (unsigned)p->of, (unsigned)s->last.number);
    return mc_fail(err, MC_INVALID, 0, "%s: part %u of %u stands behind part %u: part %u is missing", r->name, (unsigned)p->number,
                   (unsigned)p->of, (unsigned)s->last.number, (unsigned)due);
}

mc_status mc_series_piece(mc_series *s, const mc_chunk_reader *r, const mc_piece_place *place, bool first_of_file, mc_error *err)
{
    mc_status status = check_numbers(s, r, place, err);

    if (status != MC_OK)
        return status;
    if (s->count > 0 && place->kind != MC_PIECE_ALONE && (first_of_file || place->kind == MC_PIECE_FIRST))
        return mc_fail(err, MC_INVALID, 0, "%s: a state, made by flow --save-state, can only be the first; \"map\" makes parts that may follow",
                       r->name);
    if (s->count == 0 && place->kind == MC_PIECE_FOLLOWS)
        return mc_chunk_damaged(r, "it has no beginning", err);
    s->count++;
    s->last = *place;
    s->check = 0;
    mc_series_chunk(s, r);
    return MC_OK;
}

void mc_series_chunk(mc_series *s, const mc_chunk_reader *r)
{
    s->check = mc_chunk_sum(s->check, r->head);
}

mc_status mc_series_sums(mc_series *s, const mc_chunk_reader *r, const mc_capture_facts *sums, mc_error *err)
{
    const uint64_t mark = (uint64_t)s->check << 32 ^ sums->frames ^ (uint64_t)sums->first_ns;
    size_t i;

    if (sums->frames == 0)
        return MC_OK;
    for (i = 0; i < s->seen_count; i++)
        if (s->seen[i] == mark)
            return mc_fail(err, MC_INVALID, 0, "%s: its piece %llu is the same as piece %llu: doubled", r->name,
                           (unsigned long long)s->count, (unsigned long long)i + 1);
    if (s->seen_count == s->room) {
        const size_t room = s->room > 0 ? 2 * s->room : 64;
        uint64_t *more = realloc(s->seen, room * sizeof *more);

        if (more == NULL)
            return mc_fail(err, MC_NOMEM, 0, "out of memory");
        s->seen = more;
        s->room = room;
    }
    s->seen[s->seen_count++] = mark;
    return MC_OK;
}

mc_status mc_series_end(const mc_series *s, const mc_chunk_reader *r, mc_error *err)
{
    if (s->count == 0 || s->last.number == s->last.of)
        return MC_OK;
    return mc_fail(err, MC_INVALID, 0, "%s: part %u of %u is missing", r->name, (unsigned)s->last.number + 1, (unsigned)s->last.of);
}

void mc_series_free(mc_series *s)
{
    free(s->seen);
    s->seen = NULL;
}

/* -------------------------------------------------------------------- sums */

static const mc_sweep_slot *slot_at(const mc_sweeps *t, uint32_t i)
{
    return &t->rows[i / MC_SWEEP_SLOTS][i % MC_SWEEP_SLOTS];
}

static bool is_in_use(const mc_sweep_slot *s)
{
    return (s->asked | s->answered) != 0;
}

/* The places that are in use: how many; of each, how far behind the one before, and its bits. */
static void pack_sweeps(mc_packer *k, const mc_sweeps *t)
{
    uint32_t i, used = 0, next = 0;

    for (i = 0; t != NULL && i < MC_SWEEP_ROWS * MC_SWEEP_SLOTS; i++)
        used += is_in_use(slot_at(t, i));
    mc_pack(k, used);
    for (i = 0; used > 0 && i < MC_SWEEP_ROWS * MC_SWEEP_SLOTS; i++) {
        const mc_sweep_slot *s = slot_at(t, i);

        if (!is_in_use(s))
            continue;
        mc_pack(k, i - next);
        mc_pack(k, s->asked);
        mc_pack(k, s->answered);
        next = i + 1;
    }
}

static void unpack_sweeps(mc_unpacker *u, mc_sweeps *t)
{
    uint64_t used = mc_unpack_most(u, MC_SWEEP_ROWS * MC_SWEEP_SLOTS);
    uint32_t i = 0;

    for (; used > 0 && !u->bad; used--, i++) {
        mc_sweep_slot more;

        i += (uint32_t)mc_unpack_most(u, MC_SWEEP_ROWS * MC_SWEEP_SLOTS);
        more.asked = mc_unpack(u);
        more.answered = mc_unpack(u);
        u->bad |= i >= MC_SWEEP_ROWS * MC_SWEEP_SLOTS;
        if (t == NULL || u->bad)
            continue;
        t->rows[i / MC_SWEEP_SLOTS][i % MC_SWEEP_SLOTS].asked |= more.asked;
        t->rows[i / MC_SWEEP_SLOTS][i % MC_SWEEP_SLOTS].answered |= more.answered;
    }
}

void mc_piece_sums_pack(mc_packer *k, const mc_piece_sums *p, const mc_candidates *candidates, const mc_sweeps *sweeps)
{
    uint32_t i, count = 0;

    mc_sums_pack(k, &p->sums);
    mc_pack(k, p->matched);
    mc_pack_signed(k, p->clock_ns);
    mc_pack(k, p->name_count);
    for (i = 0; i < p->name_count; i++)
        mc_pack_text(k, p->names[i]);
    for (i = 0; candidates != NULL && !p->matched && i < MC_CANDIDATE_ROOM; i++)
        count += mc_candidates_at(candidates, i) != NULL;
    mc_pack(k, count);
    for (i = 0; count > 0 && i < MC_CANDIDATE_ROOM; i++) {
        const mc_candidate *c = mc_candidates_at(candidates, i);

        if (c == NULL)
            continue;
        mc_pack_bytes(k, c->addr, sizeof c->addr);
        mc_pack(k, c->port);
        mc_pack(k, c->packets);
        mc_pack(k, c->bytes);
        mc_pack(k, c->syns);
        mc_pack(k, c->syn_acks);
        mc_pack(k, c->serves);
    }
    pack_sweeps(k, sweeps);
}

static bool unpack_names(mc_unpacker *u, mc_piece_sums *p)
{
    const uint32_t count = (uint32_t)mc_unpack_most(u, mc_min_u64(MC_PIECE_NAMES, (uint64_t)(u->end - u->p)));
    char name[4096];

    p->names = calloc(count + 1u, sizeof *p->names);
    if (p->names == NULL)
        return false;
    for (; p->name_count < count && !u->bad; p->name_count++) {
        mc_unpack_text(u, name, sizeof name);
        p->names[p->name_count] = strdup(name);
        if (p->names[p->name_count] == NULL)
            return false;
    }
    return true;
}

static void unpack_candidates(mc_unpacker *u, mc_candidates *candidates)
{
    uint64_t count = mc_unpack_most(u, MC_CANDIDATE_ROOM);
    mc_candidate c;

    for (; count > 0 && !u->bad; count--) {
        const uint8_t *addr = mc_unpack_bytes(u, sizeof c.addr);

        memset(&c, 0, sizeof c);
        if (addr != NULL)
            memcpy(c.addr, addr, sizeof c.addr);
        c.port = (uint16_t)mc_unpack_most(u, UINT16_MAX);
        c.packets = mc_unpack_most(u, UINT64_MAX >> 16);
        c.bytes = mc_unpack_most(u, UINT64_MAX >> 16);
        c.syns = mc_unpack_most(u, UINT64_MAX >> 16);
        c.syn_acks = mc_unpack_most(u, UINT64_MAX >> 16);
        c.serves = mc_unpack_most(u, 1) != 0;
        u->bad |= c.packets == 0;
        if (candidates != NULL && !u->bad)
            mc_candidates_join(candidates, &c);
    }
}

bool mc_piece_sums_unpack(mc_unpacker *u, mc_piece_sums *p, mc_candidates *candidates, mc_sweeps *sweeps)
{
    memset(p, 0, sizeof *p);
    mc_sums_unpack(u, &p->sums, &p->words);
    p->matched = mc_unpack_most(u, 1) != 0;
    p->clock_ns = mc_unpack_signed(u);
    if (!unpack_names(u, p))
        return false;
    unpack_candidates(u, candidates);
    unpack_sweeps(u, sweeps);
    u->bad |= u->p != u->end;
    return true;
}

void mc_piece_sums_free(mc_piece_sums *p)
{
    uint32_t i;

    for (i = 0; p->names != NULL && i < p->name_count; i++)
        free(p->names[i]);
    free(p->names);
    p->names = NULL;
    p->name_count = 0;
}
