"""
Habits of hosts, ways and captures that no verdict may depend on, drawn by dice of their own: other round trips,
stacks that are not like Linux, small and large packets, unequal ways, slow links, a capture that is not whole.
"""

import math
import random

from .dice import ABOVE, FAR, HOST_OF_CLIENT, HOST_OF_SERVER, NEAR

# Where the begin of the harm or somebody's patience is told in milliseconds, the way is no longer than this.
LONGEST_MS = {"clean": 600, "capture": 600, "network": 250, "server": 250, "client": 250}
# What one host may do otherwise.
SETTINGS = (
    {"ipv4/tcp_dsack": 0}, {"ipv4/tcp_early_retrans": 0}, {"ipv4/tcp_recovery": 0, "ipv4/tcp_early_retrans": 0},
    {"ipv4/tcp_frto": 0}, {"ipv4/tcp_comp_sack_nr": 0}, {"ipv4/tcp_slow_start_after_idle": 0},
    {"ipv4/tcp_rto_min_us": 300000}, {"ipv4/tcp_rto_min_us": 1000000}, {"ipv4/tcp_autocorking": 0},
    {"ipv4/tcp_ecn": 1}, {"ipv4/tcp_moderate_rcvbuf": 0}, {"ipv4/tcp_rmem": "4096 16384 65536"},
    {"ipv4/tcp_rmem": "4096 60000 65536", "ipv4/tcp_window_scaling": 0}, {"ipv4/tcp_no_metrics_save": 1},
)
# Stacks of other systems, as far as settings make them.
OTHERS = (
    {"ipv4/tcp_timestamps": 0, "ttl": 128},                                                     # Windows
    {"ipv4/tcp_timestamps": 0, "ttl": 128, "ipv4/tcp_dsack": 0, "ipv4/tcp_early_retrans": 0, "ipv4/tcp_rto_min_us": 300000},
    {"ttl": 255, "ipv4/tcp_sack": 0, "ipv4/tcp_timestamps": 0, "ipv4/tcp_window_scaling": 0},   # small devices
    {"ipv4/tcp_early_retrans": 0, "ipv4/tcp_dsack": 0, "ipv4/tcp_rto_min_us": 230000},          # BSD
    {"ttl": 128}, {"ttl": 255}, {"ttl": 60},
)


def before(d, name):
    """What the kind itself may change again."""
    d.habits = random.Random("habits %s" % d.seed)
    dice, family = d.habits, name.partition(":")[0]
    if dice.random() < 0.4:
        d.rtt = round(min(math.exp(dice.uniform(math.log(0.1), math.log(600))), LONGEST_MS[family]), 2)
    for side in ("client", "server"):
        if dice.random() < 0.3:
            d.sysctl[side].update(dice.choice(SETTINGS))
        if dice.random() < 0.25:
            d.sysctl[side].update(dice.choice(OTHERS))


def after(d, name, truth):
    """What fits the plan that the kind has made."""
    dice, family = d.habits, name.partition(":")[0]
    paths = [segment[way] for segment in d.segments for way in ("up", "down")]
    boxes = any("box" in segment for segment in d.segments)
    for side in ("client", "server"):
        ttl = d.sysctl[side].pop("ttl", 64)
        if "ttl" not in repr(d.segments) and ttl != 64:         # some boxes speak with the TTL of a host
            if d.family == 4:
                d.sysctl[side]["ipv4/ip_default_ttl"] = ttl
            else:
                d.sysctl[side]["ipv6/conf/tap0/hop_limit"] = ttl
    narrow = any("mtu" in path for path in paths) or "mss" in repr(d.segments) or "loss_of_tails" in repr(name)
    if not narrow and dice.random() < 0.2:
        d.mtu = dice.choice((576, 1280, 1400, 1492, 9000) if d.family == 4 else (1280, 1400, 1492, 9000))
    if dice.random() < 0.15:
        d.lean = dice.choice((0.1, 0.25, 0.75, 0.9))
    if not any("rate_mbps" in path for path in paths) and not boxes and dice.random() < 0.15:
        rate = dice.choice((20, 50, 100))
        for way in ("up", "down"):
            d.harm(dice.choice((NEAR, FAR)), way, rate_mbps=rate)
    if family in ("clean", "capture") and not boxes and not d.offload and not narrow and dice.random() < 0.15:
        d.offload = True
    hosts(d, family)
    capture(d, family, truth)
    truth.pop("syns_alone", None)


def hosts(d, family):
    """What a stack of another system does otherwise, as a box at its host shows it."""
    dice = d.habits
    for side, segment, way in (("client", HOST_OF_CLIENT, "up"), ("server", HOST_OF_SERVER, "down")):
        if d.offload or "box" in d.segments[segment]:
            continue
        boxes = []
        if d.family == 4 and dice.random() < 0.15:
            boxes.append({"does": "identify", "way": way, "how": dice.choice(("zero", "zero", "one counter", "at random"))})
        if dice.random() < 0.12:
            boxes.append({"does": "stamp", "way": way, "unit_ms": dice.choice((4, 10, 100))})
        if family == "clean" and d.clean and dice.random() < 0.12:
            boxes.append({"does": "delay_acks", "way": way, "hold_ms": dice.choice((100, 160))})
        if boxes:
            d.box(segment, does="chain", boxes=boxes)


def capture(d, family, truth):
    """A capture that is not whole, of what any kind does."""
    dice = d.habits
    if set(d.capture) - {"snaplen", "format", "precision"}:
        return
    what = {}
    if dice.random() < 0.08:
        what["tags"] = dice.choice(({"up": 7, "down": 7}, {"up": 7, "down": 8}))
    if family != "clean":
        if family != "capture" and dice.random() < 0.06:
            what.update(direction=dice.choice(("up", "down")))
            truth["side"], truth["says"] = truth["side"] + ["none", "capture"], ""
            if truth.get("syns_alone") and what["direction"] == "up":
                # A server that does not answer looks the same.
                truth.update(ids="^(unanswered|filtered)", undecided=[("server", "network")], forbid="")
        elif family != "capture" and dice.random() < 0.06:
            what.update(copies=2, copy_gap_us=dice.choice((2, 20)))
            truth["side"] = truth["side"] + ["capture"]
    elif dice.random() < 0.3:
        what.update(dice.choice((
            {"direction": "up"}, {"direction": "down"}, {"misses": 0.01}, {"misses": 0.05}, {"misses": 0.4},
            {"copies": 2, "copy_gap_us": 5}, {"copies": 2, "copy_gap_us": 40, "copies_way": "up"},
            {"start_ms": int(dice.uniform(0.3, 5) * d.rtt) + 20}, {"stop_ms": int(dice.uniform(1, 9) * d.rtt) + 200},
            {"hole_ms": [int(2 * d.rtt) + 30, int(3 * d.rtt) + 90]}, {"swap_us": 150, "swap_way": "up"},
            {"swap_us": 1500, "swap_way": "down"}, {"merge_us": 500, "merge_way": "down"}, {"merge_us": 500, "merge_way": "up"},
            {"keep": "flags"}, {"keep": "data"}, {"most": 8, "most_ms": 3}, {"snaplen": 60 if d.family == 4 else 80},
            {"step": [int(2 * d.rtt) + 40, -300]})))
        truth["side"] = truth["side"] + ["capture"]
        if truth["forbid"] == ABOVE:
            truth["forbid"] = ABOVE + "(client|server|network):"
    d.capture.update(what)
