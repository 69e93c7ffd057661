/*
 * test_frames.c: what every frame adds to, held against the same said plainly, one frame after the other.
 */
#include <stdlib.h>
#include <string.h>

#include "check.h"
#include "session/frames.h"
#include "state/sums.h"

#define FRAMES 64

static uint64_t state = 88172645463325252u;

static uint32_t draw(uint32_t below)
{
    state ^= state << 13;
    state ^= state >> 7;
    state ^= state << 17;
    return (uint32_t)(state >> 32) % below;
}

static void note_plainly(mc_capture_facts *c, const mc_packet *p)
{
    const mc_link_type type = { p->linktype, mc_decode_knows(p->linktype), 1 };

    if (p->linktype != MC_LINKTYPE_RECORD)
        mc_sums_add_link_type(c, &type);
    c->frames++;
    c->timeless_frames += p->time_ns == MC_NO_TIME;
    if (p->wirelen > p->caplen) {
        c->sliced_frames++;
        c->sliced_bytes += p->wirelen - p->caplen;
    }
    if (p->time_ns == MC_NO_TIME)
        return;
    if (!c->times_known || p->time_ns < c->first_ns)
        c->first_ns = p->time_ns;
    if (!c->times_known || p->time_ns > c->last_ns)
        c->last_ns = p->time_ns;
    c->times_known = true;
}

/* A frame as most are, but for one of 'odd' in which something is out of the ordinary. */
static mc_packet some_frame(int64_t now, uint32_t odd)
{
    mc_packet p = { .caplen = 96, .wirelen = 96 + draw(3) * 700, .time_ns = now, .linktype = MC_LINKTYPE_ETHERNET };

    if (odd == 0 || draw(odd) != 0)
        return p;
    switch (draw(7)) {
    case 0:
        p.time_ns = MC_NO_TIME;
        break;
    case 1:
        p.time_ns = now - 1000000 + draw(2000);
        break;
    case 2:
        p.linktype = 101 + draw(3);
        break;
    case 3:
        p.linktype = MC_LINKTYPE_RECORD;
        p.time_ns = MC_NO_TIME;
        break;
    case 4:
        p.wirelen = p.caplen - 1 - draw(90);     /* it claims less than it has */
        break;
    case 5:
        p.wirelen = 0xfffffff0u + draw(16);      /* or more than any has */
        break;
    default:
        p.time_ns = now - (int64_t)draw(50) * 1000000;
        break;
    }
    return p;
}

static void check_same(const mc_capture_facts *a, const mc_capture_facts *b)
{
    uint32_t i;

    CHECK_EQ(a->frames, b->frames);
    CHECK_EQ(a->times_known, b->times_known);
    CHECK_EQ(a->sliced_frames, b->sliced_frames);
    CHECK_EQ(a->sliced_bytes, b->sliced_bytes);
    CHECK_EQ(a->timeless_frames, b->timeless_frames);
    if (b->times_known) {
        CHECK_EQ(a->first_ns, b->first_ns);
        CHECK_EQ(a->last_ns, b->last_ns);
    }
    CHECK_EQ(a->link_type_count, b->link_type_count);
    for (i = 0; i < b->link_type_count; i++) {
        uint32_t k = 0;

        while (k < a->link_type_count && a->link_types[k].number != b->link_types[i].number)
            k++;
        CHECK(k < a->link_type_count && a->link_types[k].frames == b->link_types[i].frames);
    }
}

static void check_frames(uint32_t odd, unsigned rounds)
{
    static mc_capture_facts facts, plain;
    mc_packet p[FRAMES];
    int64_t now = 1700000000000000000;
    unsigned round;

    memset(&facts, 0, sizeof facts);
    memset(&plain, 0, sizeof plain);
    for (round = 0; round < rounds; round++) {
        const uint32_t count = 1 + draw(FRAMES);
        bool taken, usual = true;
        uint32_t i;

        for (i = 0; i < count; i++) {
            p[i] = some_frame(now += draw(3) * 1000, odd);
            note_plainly(&plain, &p[i]);
        }
        taken = mc_frames_note(&facts, p, count);
        for (i = 0; i < count; i++)              /* of the first link, which is Ethernet or raw IP, or of neither */
            usual &= p[i].linktype == facts.link_types[0].number && p[i].linktype <= MC_LINKTYPE_RAW && p[i].time_ns != MC_NO_TIME;
        CHECK_EQ(taken, usual);
        check_same(&facts, &plain);
    }
}

static void test_usual_frames(void)
{
    check_frames(0, 200);
}

static void test_odd_frames(void)
{
    unsigned i;

    for (i = 0; i < 60; i++)
        check_frames(1 + i % 40, 50);
}

/* As before the first packet of a pipe. */
static void test_no_frames(void)
{
    static mc_capture_facts facts;
    mc_packet p[2] = { { .linktype = 0, .time_ns = 5 } };

    CHECK(!mc_frames_note(&facts, p, 0));
    CHECK_EQ(facts.link_type_count, 0);
    CHECK(!facts.times_known);
    p[0] = some_frame(1700000000000000000, 0);
    CHECK(mc_frames_note(&facts, p, 1));
    CHECK_EQ(facts.link_type_count, 1);
    CHECK_EQ(facts.link_types[0].frames, 1);
    CHECK(!mc_frames_note(&facts, p + 1, 0));
    CHECK_EQ(facts.frames, 1);
}

int main(void)
{
    RUN(test_usual_frames);
    RUN(test_odd_frames);
    RUN(test_no_frames);
    return DONE();
}
