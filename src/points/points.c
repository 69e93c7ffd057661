/*
 * points.c: the order of the points, and the time that both have reached.
 */
#include "points/points.h"

#define TOLERANCE_NS (2 * MC_NS_PER_MS)          /* besides the way: nothing is there before it was sent */
#define ORDER_LEAST 3u               /* segments of each direction before what they say stays */

void mc_points_order(mc_between *b)
{
    int64_t way[2], blur;
    unsigned near;

    if (b->order_sure)                           /* a clock that is set later makes it no other */
        return;
    b->by_delay = b->by_ttl = false;
    b->near = 0;
    if (mc_clock_round_trip(&b->clock, 0, &way[0], &blur) && mc_clock_round_trip(&b->clock, 1, &way[1], &blur) &&
        (way[0] > blur + MC_LEAST_WAY_NS || way[1] > blur + MC_LEAST_WAY_NS)) {
        b->by_delay = true;
        b->near = way[1] > way[0];
        b->order_sure = b->clock.count[0] >= ORDER_LEAST && b->clock.count[1] >= ORDER_LEAST;
    } else if (mc_clock_nearer_by_way(&b->clock, &near)) {
        b->by_delay = true;
        b->near = near;
    }
    if (b->hopped > 0 && b->hops != 0) {
        const unsigned by_ttl = b->hops < 0;

        if (!b->by_delay || by_ttl == b->near) {
            b->by_ttl = true;
            b->near = by_ttl;
        }
    }
}

void mc_points_end(mc_between *b)
{
    unsigned near;

    if (!b->near_fixed)
        mc_points_order(b);
    if (!b->by_delay && !b->by_ttl && mc_clock_nearer(&b->clock, &near) && (!b->near_fixed || near == b->near)) {
        b->by_delay = true;
        b->near = near;
    }
}

int64_t mc_points_read(const mc_between *b, unsigned side)
{
    const mc_side *own = &b->side[side], *other = &b->side[!side];
    int64_t difference = 0, there;

    if (other->ended)
        return own->ended ? INT64_MAX : own->read_ns;
    mc_clock_difference(&b->clock, &difference);
    there = mc_ns_plus(other->read_ns, side == 0 ? -difference : difference);
    return own->ended || there < own->read_ns ? there : own->read_ns;
}

int64_t mc_points_tolerance(const mc_between *b)
{
    int64_t way, blur;

    return mc_clock_round_trip(&b->clock, b->near, &way, &blur) && way > 0 ? mc_ns_plus(way, TOLERANCE_NS) : TOLERANCE_NS;
}

bool mc_points_delay_above(const mc_between *b, unsigned dir, int64_t time0, int64_t time1, int64_t *above)
{
    int64_t expected, spread;

    if (!mc_clock_expected(&b->clock, dir, b->near, &expected, &spread))
        return false;
    *above = mc_ns_since(mc_ns_since(time1, time0), expected);
    if (mc_before(b, dir) != 0)
        *above = -*above;
    return true;
}

bool mc_points_tell_apart(const mc_between *b, const mc_seen *s0, const mc_seen *s1)
{
    const mc_clock *c = &b->clock;
    int64_t expected, spread, above;

    if (!mc_points_know_clocks(b) || s0->time_ns > c->until_ns[0] || s1->time_ns > c->until_ns[1] ||
        !mc_clock_expected_at(c, s0->dir, b->near, 0, s0->time_ns, &expected, &spread))
        return false;
    above = mc_ns_since(mc_ns_since(s1->time_ns, s0->time_ns), expected);
    above = mc_before(b, s0->dir) != 0 ? -above : above;
    return above < -mc_points_tolerance(b) || above >= MC_APART_NS;
}
