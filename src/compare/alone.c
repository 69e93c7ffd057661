/*
 * alone.c: a segment that was seen at one point only: lost, made up, or missed by a capture?
 *
 * What has bytes of the stream leaves traces: if a receiver acknowledges bytes that never came by
 * the capture before it, that capture missed them; if a sender goes on behind bytes that it
 * never sent past the capture behind it, that one did.  What leaves none stays open until it
 * is known whether the other capture missed anything at all.
 */
#include "compare/alone.h"

#include "compare/answers.h"

#define MISSES_EACH    3             /* segments that look lost, of each that the other capture is proven to have missed */
#define COPIES_LEAST   3u            /* of a segment, none of which is at the other point */
#define LOOKED_AT      256           /* segments that wait behind one */
#define SPREAD_MOST_NS (1 * MC_NS_PER_S)

/* How many segments so many bytes are: none is longer than what the receiver takes (where something on the way lowers that
   the sender obeys the lower one), or than one that came by in one piece. */
static uint32_t segments_of(const mc_between *b, const mc_pair *p, unsigned dir, uint32_t bytes)
{
    const uint32_t m0 = mc_trail_at(b, p->trail[0])->way[!dir].mss, m1 = mc_trail_at(b, p->trail[1])->way[!dir].mss;
    const uint32_t offered = m0 == 0 || (m1 > 0 && m1 < m0) ? m1 : m0;
    const uint32_t mss = p->mss > offered ? p->mss : offered > 0 ? offered : 1460;

    return (bytes + mss - 1) / mss;
}

static mc_segment_kind kind_of(const mc_seen *s)
{
    if ((s->flags & MC_TH_RST) != 0)
        return MC_KIND_rst;
    if ((s->flags & MC_TH_SYN) != 0)
        return MC_KIND_syn;
    if (s->len > 0)
        return MC_KIND_data;
    return (s->flags & MC_TH_FIN) != 0 ? MC_KIND_fin : MC_KIND_ack;
}

static void count(mc_alone_facts *f, unsigned side, const mc_seen *s, uint32_t segments, uint32_t bytes)
{
    f->count += segments;
    f->kind[kind_of(s)] += segments;
    f->bytes += bytes;
    mc_note_frames(&f->examples, side == 0 ? s->frame : 0, side == 1 ? s->frame : 0);
}

static void settle(mc_between *b, mc_pair *p, mc_alone what, unsigned side, const mc_seen *s, uint32_t segments,
                   uint32_t bytes)
{
    count(&b->facts.direction[s->dir].alone[what][side], side, s, segments, bytes);
    p->row.alone[s->dir][what] += segments;
}

static void leave_open(mc_between *b, mc_pair *p, unsigned side, const mc_seen *s)
{
    const uint32_t n = side == mc_before(b, s->dir) && s->len > 0 ? segments_of(b, p, s->dir, s->len) : 1;

    count(&b->facts.direction[s->dir].open[side], side, s, n, s->len);
    p->row.open[s->dir][side][kind_of(s) == MC_KIND_rst] += n;
}

/* When would it have come by at the other side?  False: that side's capture does not cover it. */
static bool is_covered(const mc_between *b, unsigned side, const mc_seen *s, int64_t *there_ns)
{
    const mc_side *other = &b->side[!side];
    int64_t difference = 0, spread = 0;

    if (!mc_clock_expected_at(&b->clock, s->dir, b->near, side, s->time_ns, &difference, &spread) &&
        !mc_clock_difference(&b->clock, &difference))
        difference = 0;
    if (spread > SPREAD_MOST_NS)
        spread = SPREAD_MOST_NS;
    *there_ns = mc_ns_plus(s->time_ns, side == 0 ? difference : -difference);
    if (!other->begun || *there_ns < other->first_ns)
        return false;
    if (!other->ended)
        return true;
    /* on its way when the capture ended: later than usual, if it went on to that side */
    return mc_ns_plus(*there_ns, side == mc_before(b, s->dir) ? spread : 0) <= other->read_ns;
}

static bool in_proofs(const mc_trail *t, unsigned dir, mc_stretch r)
{
    return mc_proofs_have(&t->way[dir].missed, r);
}

static bool is_acked(const mc_trail *t, unsigned dir, uint32_t end)
{
    return t->way[dir].ack_known && !mc_seq_before(t->way[dir].acked, end);
}

/* Where the segment's bytes lie at the other side. */
static mc_stretch range_there(const mc_pair *p, mc_trail *there, unsigned side, const mc_seen *s, uint32_t *end)
{
    const uint32_t seq = side == 0 ? s->seq + p->shift[s->dir] : s->seq - p->shift[s->dir];
    mc_stretch r;

    r.from = mc_cover_place(&there->way[s->dir].cover, seq);
    r.to = r.from + mc_seen_space(s);
    *end = seq + mc_seen_space(s);
    return r;
}

/* How many that wait behind it in its queue have its bytes once more ('some': or some of them). */
static unsigned count_again(const mc_between *b, const mc_record *r, bool some)
{
    const mc_seen *s = &r->seen;
    unsigned looked = 0, count = 0;
    uint32_t n;

    for (n = r->next; n != 0 && looked++ < LOOKED_AT; n = mc_record_at(b, n)->next) {
        const mc_record *o = mc_record_at(b, n);

        if (o->matched)
            continue;
        if (o->seen.seq == s->seq && o->seen.len == s->len)
            count++;
        else if (some && mc_seq_before(o->seen.seq, s->seq + mc_seen_space(s)) &&
                 mc_seq_before(s->seq, o->seen.seq + mc_seen_space(&o->seen)))
            count++;
    }
    return count;
}

static bool is_sent_again(const mc_between *b, const mc_record *r)
{
    return (r->noted.late & MC_LATE_COVERED) != 0 || count_again(b, r, true) > 0;
}

/* The copies before it, it and those behind it are at this point only, one after the other: no capture that misses few misses
   just these.  Where bytes come in other pieces nobody knows which copy is which. */
static bool none_arrives(const mc_between *b, mc_way *w, const mc_record *r)
{
    const uint64_t *resegmented = b->facts.direction[r->seen.dir].resegmented;

    if (w->alone_copies == 0 || w->alone_seq != r->seen.seq)
        w->alone_copies = 0;
    w->alone_seq = r->seen.seq;
    return ++w->alone_copies + count_again(b, r, false) >= COPIES_LEAST && resegmented[0] + resegmented[1] == 0;
}

/* Past the first point, not at the second. */
static void judge_before(mc_between *b, mc_pair *p, unsigned side, const mc_record *r)
{
    const mc_seen *s = &r->seen;
    mc_trail *here = mc_trail_at(b, p->trail[side]), *there = mc_trail_at(b, p->trail[!side]);
    mc_stretch range;
    uint32_t end;

    /* a mirror gives each packet twice: what became of it the other one says */
    if ((r->noted.late & MC_LATE_TWIN) != 0 && (s->ip_id != 0 || mc_seen_space(s) > 0))
        return;
    if (mc_seen_space(s) == 0 || (s->flags & MC_TH_RST) != 0) {
        leave_open(b, p, side, s);
        return;
    }
    range = range_there(p, there, side, s, &end);
    if (!mc_cover_has(&there->way[s->dir].cover, range)) {
        if (is_acked(there, s->dir, end) || is_acked(here, s->dir, s->seq + mc_seen_space(s)) || in_proofs(there, s->dir, range))
            settle(b, p, MC_ALONE_missed, side, s, 1, s->len);
        else if ((there->way[s->dir].ack_known || here->way[s->dir].ack_known) && is_sent_again(b, r))
            settle(b, p, MC_ALONE_lost, side, s, segments_of(b, p, s->dir, s->len > 0 ? s->len : 1), s->len);
        else
            leave_open(b, p, side, s);
    } else if (in_proofs(there, s->dir, range) || mc_proofs_have(&there->way[s->dir].twice, range)) {
        settle(b, p, MC_ALONE_missed, side, s, 1, s->len);
    } else if ((r->noted.late & MC_LATE_COVERED) == 0 &&
               (is_acked(there, s->dir, end) || is_acked(here, s->dir, s->seq + mc_seen_space(s)))) {
        /* a later copy came, and nobody had it before; what is never acknowledged is sent again if it arrives, too */
        settle(b, p, MC_ALONE_lost, side, s, segments_of(b, p, s->dir, s->len > 0 ? s->len : 1), s->len);
    } else if (none_arrives(b, &here->way[s->dir], r)) {
        settle(b, p, MC_ALONE_lost, side, s, segments_of(b, p, s->dir, s->len > 0 ? s->len : 1), s->len);
    } else {
        leave_open(b, p, side, s);
    }
}

/* At the second point, not past the first. */
static void judge_behind(mc_between *b, mc_pair *p, unsigned side, const mc_record *r, int64_t there_ns)
{
    const mc_seen *s = &r->seen;
    const unsigned d = s->dir;
    mc_trail *here = mc_trail_at(b, p->trail[side]), *there = mc_trail_at(b, p->trail[!side]);
    const bool other_ttl = here->way[d].ttl_known && here->way[d].ttl != s->ttl;
    mc_stretch range;
    uint32_t end;

    if ((r->noted.late & MC_LATE_OTHER) != 0) {
        settle(b, p, MC_ALONE_injected, side, s, 1, s->len);
        return;
    }
    /* what makes resets may make several alike; of one that its sender made it is a copy */
    if ((r->noted.late & MC_LATE_TWIN) != 0 || ((r->noted.late & MC_LATE_ECHO) != 0 && (p->resets_at_both >> d & 1) != 0)) {
        settle(b, p, MC_ALONE_duplicated, side, s, 1, s->len);
        return;
    }
    if ((s->flags & MC_TH_RST) != 0) {
        if (other_ttl || there->way[d].last_ns > mc_ns_plus(there_ns, MC_NS_PER_MS))
            settle(b, p, MC_ALONE_injected, side, s, 1, 0);
        else
            leave_open(b, p, side, s);
        return;
    }
    if (mc_seen_space(s) == 0) {
        leave_open(b, p, side, s);
        return;
    }
    range = range_there(p, there, side, s, &end);
    if (in_proofs(there, d, range)) {
        settle(b, p, MC_ALONE_missed, side, s, 1, s->len);   /* acknowledged, and never came by */
    } else if (mc_cover_has(&there->way[d].cover, range)) {
        settle(b, p, MC_ALONE_undecided, side, s, 1, s->len); /* a copy of what its sender sent: doubled on the way, or missed there */
    } else if (mc_cover_touches(&there->way[d].cover, range)) {
        leave_open(b, p, side, s);
    } else if (there->way[d].cover.count > 0 && there->way[d].cover.range[there->way[d].cover.count - 1].to > range.to) {
        settle(b, p, MC_ALONE_missed, side, s, 1, s->len);   /* its sender has gone on behind it */
    } else {
        leave_open(b, p, side, s);
    }
}

void mc_alone_note(mc_between *b, mc_pair *p, unsigned side, const mc_record *r)
{
    int64_t there_ns;

    if (mc_answers_is_part(b, p, side, &r->seen))
        return;
    b->near_fixed = true;
    if (!is_covered(b, side, &r->seen, &there_ns))
        settle(b, p, MC_ALONE_outside, side, &r->seen, 1, r->seen.len);
    else if (side == mc_before(b, r->seen.dir))
        judge_before(b, p, side, r);
    else
        judge_behind(b, p, side, r, there_ns);
}

void mc_alone_piece(mc_between *b, mc_pair *p, unsigned side, const mc_record *r, uint32_t from, uint32_t bytes)
{
    mc_record piece = *r;
    int64_t there_ns;

    piece.seen.seq += from;
    piece.seen.len = bytes;
    piece.seen.flags &= (uint8_t)~(MC_TH_FIN | MC_TH_SYN);
    b->near_fixed = true;
    if (side == mc_before(b, r->seen.dir) && is_covered(b, side, &r->seen, &there_ns))
        judge_before(b, p, side, &piece);
}

void mc_alone_queue(mc_between *b, const mc_trail *t, unsigned dir, mc_alone what)
{
    uint32_t n;

    for (n = t->way[dir].queue.first; n != 0; n = mc_record_at(b, n)->next) {
        const mc_seen *s = &mc_record_at(b, n)->seen;

        count(&b->facts.direction[dir].alone[what][t->side], t->side, s, 1, s->len);
    }
}

/* Of what was left open, the resets, or all but these. */
static void add(mc_alone_facts *to, const mc_alone_facts *from, bool resets)
{
    uint64_t count = resets ? from->kind[MC_KIND_rst] : from->count - from->kind[MC_KIND_rst];
    uint32_t i;

    if (count == 0)
        return;
    to->count += count;
    to->bytes += resets ? 0 : from->bytes;
    for (i = 0; i < MC_KINDS; i++)
        if ((i == MC_KIND_rst) == resets)
            to->kind[i] += from->kind[i];
    for (i = 0; i < from->examples.count; i++)
        mc_note_frames(&to->examples, from->examples.frame[i][0], from->examples.frame[i][1]);
}

/* So many segments of 'side' the other capture is proven to have missed. */
static uint64_t missed_of(const mc_between *b, unsigned side)
{
    const mc_between_direction *d = b->facts.direction;

    return d[0].alone[MC_ALONE_missed][side].count + d[1].alone[MC_ALONE_missed][side].count;
}

/* The other capture is not known to miss any. */
static bool is_whole(const mc_between *b, unsigned side)
{
    return missed_of(b, side) == 0 && b->side[!side].dropped == 0;
}

static bool is_proven(const mc_between_direction *d, mc_alone what)
{
    return d->alone[what][0].count + d->alone[what][1].count > 0;
}

/* Do connections end by resets of that direction that came by at both points, as many as those that only one of them has?  Then the end
   makes resets itself, and one that looks like its own may have been missed. */
static bool resets_itself(const mc_between *b, unsigned dir, uint64_t open)
{
    return open > 0 && b->resets[dir] >= open;
}

/* What is taken for what, of that which one side has. */
typedef struct rule {
    mc_alone before, behind, reset_behind;       /* it passed there first, or at last */
} rule;

/*
 * What leaves no trace of its own is taken for what is proven to happen: lost where other segments of its direction are,
 * if the other capture is not known to miss any; the other way round, or where neither is proven, nobody knows.  A reset
 * is the exception: few connections have one, and a capture hardly ever misses just that.
 */
static void find_rules(const mc_between *b, rule rules[2])
{
    const mc_between_direction *d = b->facts.direction;
    unsigned side;

    for (side = 0; side < 2; side++) {
        const bool whole = is_whole(b, side);
        const unsigned from = side == mc_before(b, 0) ? 0 : 1;               /* the direction that passes it first */
        const bool lost = is_proven(&d[from], MC_ALONE_lost), made = is_proven(&d[!from], MC_ALONE_injected);

        rules[side] = (rule){
            .before = whole && lost ? MC_ALONE_lost : MC_ALONE_undecided,
            .behind = whole && made ? MC_ALONE_injected : MC_ALONE_undecided,
            .reset_behind = whole && b->strays[!side][0] + b->strays[!side][1] == 0 &&
                            !resets_itself(b, !from, d[!from].open[side].kind[MC_KIND_rst]) ? MC_ALONE_injected : MC_ALONE_undecided,
        };
    }
}

/* The same of the connections that are shown. */
static void decide_row(const mc_between *b, mc_pair_row *row, const rule rules[2])
{
    unsigned dir, side;

    for (side = 0; side < 2; side++)
        for (dir = 0; dir < 2; dir++) {
            const bool before = side == mc_before(b, dir);
            const uint64_t *open = row->open[dir][side];

            row->alone[dir][before ? rules[side].before : rules[side].behind] += open[0];
            row->alone[dir][before ? rules[side].before : rules[side].reset_behind] += open[1];
        }
}

/* A capture that has nothing of a direction, and yet acknowledgements of it, says nothing of it. */
static void leave_out(mc_between *b, unsigned side, unsigned dir)
{
    mc_between_direction *d = &b->facts.direction[dir];
    mc_alone_facts *outside = &d->alone[MC_ALONE_outside][side];
    uint32_t i, what;

    for (what = 0; what < MC_ALONES; what++) {
        if (what == MC_ALONE_outside)
            continue;
        add(outside, &d->alone[what][side], false);
        add(outside, &d->alone[what][side], true);
        d->alone[what][side] = (mc_alone_facts){ 0 };
    }
    add(outside, &d->open[side], false);
    add(outside, &d->open[side], true);
    d->open[side] = (mc_alone_facts){ 0 };
    for (i = 0; i < b->row_count; i++) {
        mc_pair_row *row = &b->rows[i];

        for (what = 0; what < MC_ALONES; what++)
            if (what != MC_ALONE_outside) {
                row->alone[dir][MC_ALONE_outside] += row->alone[dir][what];
                row->alone[dir][what] = 0;
            }
        row->alone[dir][MC_ALONE_outside] += row->open[dir][side][0] + row->open[dir][side][1];
        row->open[dir][side][0] = row->open[dir][side][1] = 0;
    }
}

/* Of 'from' so many segments, those of the stream first, are of 'to'. */
static void move(mc_alone_facts *from, mc_alone_facts *to, uint64_t most)
{
    static const mc_segment_kind order[MC_KINDS] = { MC_KIND_data, MC_KIND_fin, MC_KIND_ack, MC_KIND_rst, MC_KIND_syn };
    const uint64_t data = from->kind[MC_KIND_data], bytes = from->bytes;
    uint32_t i;

    for (i = 0; i < MC_KINDS && most > 0; i++) {
        const uint64_t n = from->kind[order[i]] < most ? from->kind[order[i]] : most;

        from->kind[order[i]] -= n;
        to->kind[order[i]] += n;
        from->count -= n;
        to->count += n;
        most -= n;
    }
    if (data > 0) {
        from->bytes = (uint64_t)((double)bytes * (double)from->kind[MC_KIND_data] / (double)data);
        to->bytes += bytes - from->bytes;
    }
    for (i = from->examples.count; i > 0 && to->examples.count < to->count; i--)
        mc_note_frames(&to->examples, from->examples.frame[i - 1][0], from->examples.frame[i - 1][1]);
    if (from->examples.count > from->count)
        from->examples.count = (uint32_t)from->count;
}

/*
 * A capture that is known to miss segments has missed others as well, which were sent again and so look like lost ones:
 * as long as less than half of all is sent again these are fewer than those that it is proven to have missed, and by
 * chance hardly more than MISSES_EACH times as many.  And what goes on under other addresses (a translator forgot
 * the connection) is neither lost nor made.
 */
static uint64_t doubtful(const mc_between *b, unsigned side, unsigned dir, mc_alone what)
{
    const bool chance = what == MC_ALONE_lost && !is_whole(b, side);

    return b->strays[!side][dir] + (chance ? MISSES_EACH * (missed_of(b, side) + 1) : 0);
}

/*
 * Of acknowledgements, which leave no trace, how many may a capture have missed that is not known to miss any?  Of n segments each of
 * which it would be known of, none was missed: so with 95 % certainty it misses at most 3 of n.
 */
static uint64_t unnoticed(const mc_between *b, unsigned dir, uint64_t open)
{
    const uint64_t n = b->with_bytes > 0 ? b->with_bytes : 1, all = b->bare[dir] + open;
    const uint64_t most = (3 * all + n - 1) / n;

    return most < open ? most : open;
}

/* So many of the acknowledgements stay undecided, whatever the rule says. */
static void leave_some(mc_between *b, unsigned side, unsigned dir, mc_alone what)
{
    mc_between_direction *d = &b->facts.direction[dir];
    mc_alone_facts *open = &d->open[side], *left = &d->alone[MC_ALONE_undecided][side];
    const uint64_t most = unnoticed(b, dir, open->kind[MC_KIND_ack]);
    uint32_t i;

    if (what == MC_ALONE_undecided || most == 0)
        return;
    open->kind[MC_KIND_ack] -= most;
    open->count -= most;
    left->kind[MC_KIND_ack] += most;
    left->count += most;
    for (i = open->examples.count; i > 0 && left->examples.count < left->count; i--)
        mc_note_frames(&left->examples, open->examples.frame[i - 1][0], open->examples.frame[i - 1][1]);
    if (open->examples.count > open->count)
        open->examples.count = (uint32_t)open->count;
    for (i = 0; i < b->row_count; i++) {
        uint64_t *of = &b->rows[i].open[dir][side][0];
        const uint64_t n = *of < most ? *of : most;

        *of -= n;
        b->rows[i].alone[dir][MC_ALONE_undecided] += n;
    }
}

/* Of 'what' as many as are doubtful are undecided, in the sums and in each row. */
static void take_back(mc_between *b, unsigned side, unsigned dir, mc_alone what)
{
    mc_between_direction *d = &b->facts.direction[dir];
    const uint64_t most = doubtful(b, side, dir, what);
    uint32_t i;

    if (most == 0 || d->alone[what][side].count == 0)
        return;
    move(&d->alone[what][side], &d->alone[MC_ALONE_undecided][side], most);
    for (i = 0; i < b->row_count; i++) {
        uint64_t *alone = b->rows[i].alone[dir];
        const uint64_t n = alone[what] < most ? alone[what] : most;

        alone[what] -= n;
        alone[MC_ALONE_undecided] += n;
    }
}

void mc_alone_decide(mc_between *b)
{
    mc_between_direction *d = b->facts.direction;
    rule rules[2];
    unsigned dir, side;
    uint32_t i;

    for (side = 0; side < 2; side++)
        for (dir = 0; dir < 2; dir++)
            if (b->facts.paired > 0 && b->side[!side].taken[dir] == 0 && b->side[side].taken[dir] > 0 &&
                b->side[!side].acked[dir])
                leave_out(b, side, dir);
    for (dir = 0; dir < 2; dir++) {
        take_back(b, mc_before(b, dir), dir, MC_ALONE_lost);
        take_back(b, !mc_before(b, dir), dir, MC_ALONE_injected);
    }
    find_rules(b, rules);
    for (side = 0; side < 2; side++)
        for (dir = 0; dir < 2; dir++)
            leave_some(b, side, dir, side == mc_before(b, dir) ? rules[side].before : rules[side].behind);
    for (i = 0; i < b->row_count; i++)
        decide_row(b, &b->rows[i], rules);
    for (side = 0; side < 2; side++)
        for (dir = 0; dir < 2; dir++) {
            const bool before = side == mc_before(b, dir);

            add(&d[dir].alone[before ? rules[side].before : rules[side].behind][side], &d[dir].open[side], false);
            add(&d[dir].alone[before ? rules[side].before : rules[side].reset_behind][side], &d[dir].open[side], true);
        }
}

/* So many of a kind are of 'to'. */
static void move_kind(mc_alone_facts *from, mc_alone_facts *to, mc_segment_kind kind, uint64_t count)
{
    mc_alone_facts only = { 0 };
    const uint64_t others = from->count - from->kind[kind];
    const uint32_t left = from->examples.count;

    only.kind[kind] = only.count = from->kind[kind];
    only.bytes = kind == MC_KIND_data ? from->bytes : 0;
    only.examples = from->examples;
    from->bytes -= only.bytes;
    move(&only, to, count);
    from->kind[kind] = only.kind[kind];
    from->count = others + only.kind[kind];
    from->bytes += only.bytes;
    from->examples.count = from->count < left ? (uint32_t)from->count : left;
}

void mc_alone_arrived(mc_between *b, unsigned dir, const mc_between_facts *on, unsigned on_side)
{
    const unsigned side = mc_before(b, dir);
    mc_alone_facts(*alone)[2] = b->facts.direction[dir].alone;
    const mc_alone_facts(*there)[2] = on->direction[dir].alone;
    uint32_t k, i;

    if (on->paired < b->facts.paired || on->proxied + b->facts.proxied + on->given_up > 0 || on->direction[dir].at_both == 0)
        return;
    for (k = 0; k < MC_KINDS; k++) {
        const uint64_t most = there[MC_ALONE_lost][on_side].kind[k] + there[MC_ALONE_undecided][on_side].kind[k] +
                              there[MC_ALONE_outside][on_side].kind[k];
        const uint64_t lost = alone[MC_ALONE_lost][side].kind[k];

        if (lost <= most)
            continue;
        move_kind(&alone[MC_ALONE_lost][side], &alone[MC_ALONE_missed][side], (mc_segment_kind)k, lost - most);
        for (i = 0; i < b->row_count; i++) {
            uint64_t *row = b->rows[i].alone[dir];
            const uint64_t n = row[MC_ALONE_lost] < lost - most ? row[MC_ALONE_lost] : lost - most;

            row[MC_ALONE_lost] -= n;
            row[MC_ALONE_missed] += n;
        }
    }
}
