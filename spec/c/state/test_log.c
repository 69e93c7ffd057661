/*
 * test_log.c: each segment that is recorded is played as it was, whatever came before it.
 */
#include <stdlib.h>

#include "check.h"
#include "decode_same.h"
#include "state/play.h"
#include "state/record.h"

#define SEGMENTS 20000u

static uint32_t seed = 7;

static uint32_t any(uint32_t most)
{
    return same_random(&seed) % (most + 1);
}

/* One time in 'n'. */
static bool one_in(uint32_t n)
{
    return same_random(&seed) % n == 0;
}

/* Of one of a few connections, often as the one before it in its direction goes on. */
static void draw(mc_logged *l, const mc_logged *before)
{
    static const uint8_t flags[] = { MC_TH_ACK, MC_TH_ACK | MC_TH_PSH, MC_TH_SYN, MC_TH_SYN | MC_TH_ACK, MC_TH_RST, MC_TH_FIN | MC_TH_ACK };
    mc_segment *s = &l->segment;
    const bool four = one_in(2), back = one_in(2);
    unsigned i;

    memset(l, 0, sizeof *l);
    s->ip_version = four ? 4 : 6;
    if (four)
        s->src[10] = s->src[11] = s->dst[10] = s->dst[11] = 0xff;
    s->src[15] = back ? 80 : 7;
    s->dst[15] = back ? 7 : 80;
    s->sport = (uint16_t)(back ? 80 : 40000 + any(3));
    s->dport = (uint16_t)(back ? 40000 + any(3) : 80);
    s->flags = flags[any(MC_ARRAY_LEN(flags) - 1)];
    s->len = one_in(2) ? 0 : one_in(2) ? 1448 : any(70000);
    s->seq = one_in(3) ? same_random(&seed) : before->segment.seq + before->segment.len;
    s->ack = one_in(3) ? same_random(&seed) : before->segment.ack;
    s->win = (uint16_t)(one_in(3) ? any(65535) : before->segment.win);
    s->ip_id = (uint16_t)(before->segment.ip_id + any(2));
    s->ttl = one_in(9) ? (uint8_t)any(255) : 64;
    s->tos = one_in(9) ? (uint8_t)any(255) : 0;
    s->len_known = true;
    if (one_in(2)) {
        s->has |= MC_HAS_TS;
        s->ts_val = before->segment.ts_val + any(20);
        s->ts_ecr = one_in(2) ? before->segment.ts_ecr : same_random(&seed);
    }
    if (one_in(5)) {
        s->has |= MC_HAS_SACK;
        s->sack_count = (uint8_t)(1 + any(MC_MAX_SACK - 1));
        for (i = 0; i < s->sack_count; i++) {
            s->sack[i][0] = same_random(&seed);
            s->sack[i][1] = same_random(&seed);
        }
    } else if (one_in(5)) {
        s->sack_cut = one_in(2) ? MC_SACK_EDGE : MC_SACK_UNSEEN;
        if (s->sack_cut == MC_SACK_EDGE)
            s->sack[0][0] = one_in(2) ? s->ack + any(4000) : same_random(&seed);
    }
    if (one_in(5)) {
        s->mss = (uint16_t)any(65535);
        s->scale = (uint8_t)any(14);
        s->mptcp = (uint8_t)any(8);
        s->mptcp_reset = (uint8_t)any(8);
    }
    s->alert = s->len > 0 && one_in(9);
    s->captured = one_in(3) ? any(s->len) : s->len;
    l->frame = before->frame + 1 + (one_in(4) ? any(1000) : 0);
    l->time_ns = before->time_ns + (one_in(2) ? any(999999) * 1000 : any(1000000000)) - (one_in(9) ? 5000000 : 0);
    l->packet.wirelen = s->len + 66;
    l->packet.caplen = one_in(2) ? l->packet.wirelen : l->packet.wirelen < 96 ? l->packet.wirelen : 96;
}

static bool is_same(const mc_segment *a, const mc_segment *b)
{
    unsigned i;

    for (i = 0; i < a->sack_count; i++)
        if (a->sack[i][0] != b->sack[i][0] || a->sack[i][1] != b->sack[i][1])
            return false;
    return memcmp(a->src, b->src, 16) == 0 && memcmp(a->dst, b->dst, 16) == 0 && a->sport == b->sport && a->dport == b->dport &&
           a->seq == b->seq && a->ack == b->ack && a->len == b->len && a->win == b->win && a->flags == b->flags && a->has == b->has &&
           a->ip_id == b->ip_id && a->ttl == b->ttl && a->tos == b->tos && a->len_known == b->len_known &&
           a->ip_version == b->ip_version && a->scale == b->scale && a->mss == b->mss && a->mptcp == b->mptcp &&
           a->mptcp_reset == b->mptcp_reset && a->alert == b->alert && a->sack_count == b->sack_count && a->sack_cut == b->sack_cut &&
           (a->sack_cut != MC_SACK_EDGE || a->sack[0][0] == b->sack[0][0]) &&
           ((a->has & MC_HAS_TS) == 0 || (a->ts_val == b->ts_val && a->ts_ecr == b->ts_ecr));
}

static void test_a_segment_is_played_as_it_was(void)
{
    static mc_logged drawn[SEGMENTS];
    const mc_logged nothing = { .time_ns = 1000 * MC_NS_PER_S };
    mc_packer chunk = { 0 };
    mc_record r;
    mc_play p;
    mc_logged one;
    bool known, back;
    unsigned i;

    CHECK(mc_record_init(&r) && mc_play_init(&p));
    for (i = 0; i < SEGMENTS; i++) {
        const uint32_t slot = (draw(&drawn[i], i > 0 ? &drawn[i - 1] : &nothing), mc_record_slot(&r, &drawn[i].segment, mc_record_hash(&r, &drawn[i].segment), &known, &back));

        mc_record_segment(&r, &drawn[i], slot, known, back);
    }
    CHECK(!r.no_memory);
    mc_record_take(&r, &chunk);
    mc_play_begin(&p);
    mc_play_chunk(&p, chunk.bytes, chunk.count);
    for (i = 0; i < SEGMENTS && check_failures < 5; i++) {
        CHECK(mc_play_next(&p, &one));
        CHECK(is_same(&drawn[i].segment, &one.segment));
        CHECK_EQ(one.frame, drawn[i].frame);
        CHECK_EQ(one.time_ns, drawn[i].time_ns);
        CHECK_EQ(one.packet.wirelen, drawn[i].packet.wirelen);
        CHECK_EQ(one.packet.caplen, drawn[i].packet.caplen);
    }
    CHECK(!mc_play_next(&p, &one) && !p.bad);
    free(chunk.bytes);
    mc_record_free(&r);
    mc_play_free(&p);
}

/* A plain segment, as it is in most captures the one that follows; now and then something is not as before. */
static void draw_plain(mc_logged *l, const mc_logged before[2], mc_log_ends *ends)
{
    mc_segment *s = &l->segment;
    const bool back = one_in(2), four = ends->ip_version == 4;
    const mc_segment *own = &before[back].segment, *peer = &before[!back].segment;

    memset(l, 0, sizeof *l);
    s->ip_version = ends->ip_version;
    memcpy(s->src, back ? ends->second : ends->first, 16);
    memcpy(s->dst, back ? ends->first : ends->second, 16);
    s->sport = back ? ends->second_port : ends->first_port;
    s->dport = back ? ends->first_port : ends->second_port;
    s->flags = one_in(2) ? MC_TH_ACK : MC_TH_ACK | MC_TH_PSH;
    s->len = one_in(2) ? 0 : one_in(2) ? 1448 : 7 + any(3000);
    s->seq = one_in(5) ? same_random(&seed) : own->seq + own->len;
    s->ack = one_in(5) ? same_random(&seed) : one_in(2) ? own->ack : peer->seq + peer->len;
    s->win = one_in(3) ? (uint16_t)any(65535) : own->win;
    s->ip_id = four ? (uint16_t)(own->ip_id + (one_in(5) ? any(65535) : any(1))) : 0;
    s->ttl = one_in(29) ? (uint8_t)any(255) : 64;
    s->tos = one_in(29) ? (uint8_t)any(255) : 0;
    s->has = four ? MC_HAS_IPID | MC_HAS_DF : MC_HAS_DF;
    s->len_known = true;
    if (!one_in(19)) {
        s->has |= MC_HAS_TS;
        s->ts_val = one_in(9) ? same_random(&seed) : own->ts_val + any(2);
        s->ts_ecr = one_in(9) ? same_random(&seed) : one_in(2) ? own->ts_ecr : peer->ts_val;
    }
    l->packet.wirelen = s->len + (one_in(29) ? 70 : 66);
    l->packet.caplen = one_in(29) ? 66 : l->packet.wirelen;
    s->captured = l->packet.caplen == l->packet.wirelen ? s->len : 0;
}

/* What is told in brief is told in the same bytes. */
static void test_brief_records_are_the_same(void)
{
    enum { PAIRS = 3 };
    static mc_logged before[PAIRS][2], drawn[SEGMENTS];
    mc_log_ends ends[PAIRS] = { { .ip_version = 4 }, { .ip_version = 6 }, { .ip_version = 4 } };
    mc_record whole, brief;
    mc_packer chunk = { 0 }, again = { 0 };
    mc_play p;
    mc_logged one;
    uint64_t frame = 0;
    int64_t now = 1000 * MC_NS_PER_S;
    uint32_t i, told = 0;

    CHECK(mc_record_init(&whole) && mc_record_init(&brief));
    for (i = 0; i < PAIRS; i++) {
        ends[i].first[10] = ends[i].first[11] = ends[i].second[10] = ends[i].second[11] = 0xff;
        ends[i].first[15] = (uint8_t)(10 + i);
        ends[i].second[15] = 80;
        ends[i].first_port = (uint16_t)(40000 + i);
        ends[i].second_port = 80;
    }
    for (i = 0; i < SEGMENTS; i++) {
        mc_logged l;
        const uint32_t pair = any(PAIRS - 1);
        bool known, back;
        uint32_t slot;

        draw_plain(&l, before[pair], &ends[pair]);
        frame += 1 + (one_in(9) ? any(1000000) : 0);
        now += one_in(9) ? (int64_t)same_random(&seed) - 500000000 : one_in(2) ? any(300) * 1000 : any(300);
        l.frame = frame;
        l.time_ns = l.packet.time_ns = now;
        slot = mc_record_slot(&whole, &l.segment, mc_record_hash(&whole, &l.segment), &known, &back);
        mc_record_segment(&whole, &l, slot, known, back);
        slot = mc_record_slot(&brief, &l.segment, mc_record_hash(&brief, &l.segment), &known, &back);
        {
            const mc_segment_summary summary = mc_summary_of(&l.segment);
            const mc_record_plain plain = { &summary, l.frame, l.time_ns, l.packet.wirelen, l.packet.caplen, l.segment.captured,
                                            l.segment.has, l.segment.tos };

            CHECK(mc_record_room(&brief, 1));
            if (known && mc_record_brief(&brief, &plain, slot, back))
                told++;
            else
                mc_record_segment(&brief, &l, slot, known, back);
        }
        before[pair][l.segment.sport == 80] = drawn[i] = l;
    }
    CHECK(told > SEGMENTS / 2 && told < SEGMENTS);
    mc_record_take(&whole, &chunk);
    mc_record_take(&brief, &again);
    CHECK_EQ(chunk.count, again.count);
    CHECK(chunk.count == again.count && memcmp(chunk.bytes, again.bytes, chunk.count) == 0);
    CHECK(mc_play_init(&p));
    mc_play_chunk(&p, again.bytes, again.count);
    for (i = 0; i < SEGMENTS && check_failures < 5; i++) {
        CHECK(mc_play_next(&p, &one));
        CHECK(is_same(&drawn[i].segment, &one.segment));
        CHECK(one.frame == drawn[i].frame && one.time_ns == drawn[i].time_ns && one.packet.time_ns == drawn[i].time_ns);
        CHECK(one.packet.wirelen == drawn[i].packet.wirelen && one.packet.caplen == drawn[i].packet.caplen);
        CHECK_EQ(one.segment.captured, drawn[i].segment.captured);
        CHECK(one.kept == 0 && !one.raw && !one.timeless && !one.zeros && !one.has_hardware);
    }
    CHECK(!mc_play_next(&p, &one) && !p.bad);
    mc_play_free(&p);
    free(chunk.bytes);
    free(again.bytes);
    mc_record_free(&whole);
    mc_record_free(&brief);
}

/* More connections than there are slots: whose slot another one took begins anew. */
static void test_more_connections_than_slots(void)
{
    enum { MANY = 3 * MC_LOG_SLOTS / 2 };
    mc_logged l = { .packet = { .wirelen = 66, .caplen = 66 } };
    mc_segment *s = &l.segment;
    mc_packer chunk = { 0 };
    mc_record r;
    mc_play p;
    mc_logged one;
    uint32_t i, new_ones = 0;

    CHECK(mc_record_init(&r) && mc_play_init(&p));
    s->ip_version = 4;
    s->flags = MC_TH_ACK;
    for (i = 0; i < 2 * MANY; i++) {
        const uint32_t n = i % MANY;
        const bool answers = i % 5 == 0;
        uint8_t *client = answers ? s->dst : s->src, *server = answers ? s->src : s->dst;
        bool known, back;
        uint32_t slot;

        memset(client, 0, 16);
        memcpy(client + 12, &n, sizeof n);
        memset(server, 1, 16);
        s->sport = answers ? 80 : 4000;
        s->dport = answers ? 4000 : 80;
        s->seq = i;
        l.frame++;
        slot = mc_record_slot(&r, s, mc_record_hash(&r, s), &known, &back);
        CHECK(slot < MC_LOG_SLOTS);
        CHECK(!back || known);
        new_ones += !known;
        mc_record_segment(&r, &l, slot, known, back);
    }
    CHECK(new_ones > MANY && new_ones < 2 * MANY);
    mc_record_take(&r, &chunk);
    mc_play_begin(&p);
    mc_play_chunk(&p, chunk.bytes, chunk.count);
    for (i = 0; i < 2 * MANY && check_failures < 5; i++) {
        uint32_t n;

        CHECK(mc_play_next(&p, &one));
        memcpy(&n, (i % 5 == 0 ? one.segment.dst : one.segment.src) + 12, sizeof n);
        CHECK_EQ(one.segment.seq, i);
        CHECK_EQ(n, i % MANY);
        CHECK_EQ(one.segment.sport, i % 5 == 0 ? 80 : 4000);
    }
    CHECK(!mc_play_next(&p, &one) && !p.bad);
    free(chunk.bytes);
    mc_record_free(&r);
    mc_play_free(&p);
}

int main(void)
{
    RUN(test_a_segment_is_played_as_it_was);
    RUN(test_brief_records_are_the_same);
    RUN(test_more_connections_than_slots);
    return DONE();
}
