"""Kinds in which the network is at fault: harm on the way, and boxes that forget, filter, reset or rewrite."""

from ..dice import ABOVE, FAR, NEAR, PLACES, PORT, fault

NAMES = {"up": "server", "down": "client"}
# What shows loss; the rest of it says that somebody waited for what was lost.
LOSS = "^(loss_to|syn_retries|data_vanishes|resent_needlessly|not_accepted|half_open|unanswered|tail_loss|outage|silent)"


def harmed(d, ledger="loss", **more):
    """Harm whose traces the link's own ledger tells."""
    d.clean = False
    return fault("network", **dict({"ids": LOSS, "ledger": ledger}, **more))


def impaired(d, truth):
    """Now and then the capture is not whole either, and may be named too."""
    which = d.count(0, 9)
    if which > 3:
        return truth
    if which == 0:
        d.capture["misses"] = d.pick(0.005, 0.02)
    elif which == 1:
        d.capture["start_ms"] = d.count(int(2 * d.rtt) + 1, int(4 * d.rtt) + 30)
    elif which == 2:
        d.capture["stop_ms"] = d.count(int(4 * d.rtt) + 30, int(20 * d.rtt) + 300)
    else:
        d.capture.update(copies=2, copy_gap_us=d.pick(2, 20))
    truth["side"] = truth["side"] + ["capture"]
    return truth


def fields(d, way):
    """Traffic with enough data that way."""
    size = d.scale(60000, 300000)
    which = d.count(0, 2)
    if which == 2:
        client, server = d.exchange(d.count(15, 40), *((900, 200) if way == "up" else (200, 4000)), think=d.pick(0, 10))
        d.talk(client, server, count=d.count(1, 2))
    else:
        d.talk(*(d.download(size) if way == "down" else d.upload(size)), count=1 + which)


def loss(d):
    """Single packets are lost on the way."""
    way, segment = d.pick("up", "down"), d.pick(NEAR, FAR)
    fields(d, way)
    d.harm(segment, way, loss=d.pick(0.01, 0.02, 0.04, 0.07, 0.15))
    return impaired(d, harmed(d))


def loss_both_ways(d):
    """Packets of both directions are lost on the way."""
    segment = d.pick(NEAR, FAR)
    fields(d, d.pick("up", "down"))
    for way in ("up", "down"):
        d.harm(segment, way, loss=d.pick(0.02, 0.05))
    return impaired(d, harmed(d))


def loss_in_bursts(d):
    """Packets are lost in bursts."""
    way, segment = d.pick("up", "down"), d.pick(NEAR, FAR)
    fields(d, way)
    d.harm(segment, way, burst={"enter": d.pick(0.005, 0.01, 0.02), "leave": 0.3, "loss": 0.8})
    return impaired(d, harmed(d))


def loss_of_acknowledgements(d):
    """Only acknowledgements are lost."""
    way = d.pick("up", "down")
    d.talk(*d.bulk("down" if way == "up" else "up"))
    d.harm(d.pick(NEAR, FAR), way, rules=[{"match": "ack", "from": 3, "every": d.pick(3, 5, 9), "do": "drop"}])
    return harmed(d)


def loss_of_tails(d):
    """The last segments of answers are lost."""
    answer = d.pick(3000, 5000)
    client, server = d.exchange(d.count(8, 16), answer=answer, think=10)
    d.talk(client, server)
    d.harm(d.pick(NEAR, FAR), "down", rules=[{"match": "data", "from": 3, "every": -(-answer // 1448) * 2, "do": "drop"}])
    return harmed(d)


def loss_of_syns(d):
    """SYNs or their answers are lost."""
    client, server = d.exchange(1, think=0)
    d.talk(client, server, count=1)
    d.flows += [dict(d.flows[0], at_ms=40 * i) for i in range(1, d.count(4, 8))]
    which, segment = d.pick("syn", "synack"), d.pick(NEAR, FAR)
    way = "up" if which == "syn" else "down"
    d.harm(segment, way, rules=[{"match": which, "port": PORT, "nth": [2, 3], "do": "drop"}])
    d.clean = False
    if d.upstream(segment, way):
        if which == "synack" or d.at == "client" or d.at == "middle":
            # From before the harm a SYN that is lost and one that the server's queue drops look the same.
            return fault("network", ids="^(syn_retries|loss_to|not_accepted|half_open)",
                         undecided=[("server", "network")] if which == "syn" else ())
        return fault("network", "server", "none", ids="^(syn_retries)")
    if which == "syn":
        return fault("none")
    return fault("network", ids="^(syn_retries)", undecided=[("server", "network")])


def outage(d):
    """Nothing passes for a while."""
    way, segment = d.pick("up", "down"), d.pick(NEAR, FAR)
    size = d.scale(60000, 200000)
    d.talk(*(d.download(size, chunk=size // 60, pause=25) if way == "down" else d.upload(size, chunk=size // 60, pause=25)))
    begin = d.count(400, 900)
    span = d.pick(600, 1200, 2000)
    for one in ("up", "down"):
        d.harm(segment, one, rules=[{"after_ms": begin, "until_ms": begin + span, "do": "drop"}])
    return harmed(d)


def reordering(d):
    """Some packets come late and are overtaken; nothing is lost."""
    way, segment = d.pick("up", "down"), d.pick(NEAR, FAR)
    d.rtt = max(d.rtt, 5)
    size = d.scale(60000, 300000)
    d.talk(*(d.download(size) if way == "down" else d.upload(size)))
    d.harm(segment, way, reorder=d.pick(0.02, 0.05, 0.1), reorder_ms=d.pick(1, 2, 4), rate_mbps=d.pick(20, 50))
    return harmed(d, ledger="reorder", ids="^reordering_to")


def free_jitter(d):
    """The delay varies and the order is not kept."""
    way, segment = d.pick("up", "down"), d.pick(NEAR, FAR)
    d.rtt = max(d.rtt, 10)
    size = d.scale(60000, 300000)
    d.talk(*(d.download(size) if way == "down" else d.upload(size)))
    d.harm(segment, way, jitter_ms=d.pick(2, 5, 8), jitter_reorders=True, rate_mbps=d.pick(20, 50))
    return harmed(d, ledger="reorder", ids="^reordering_to")


def doubling(d):
    """Some packets arrive twice."""
    way, segment = d.pick("up", "down"), d.pick(NEAR, FAR)
    fields(d, way)
    d.harm(segment, way, duplicate=d.pick(0.02, 0.05, 0.1))
    d.clean = False
    return fault("network", "none", ids="^duplicated_to", ledger="double")


def deep_queue(d):
    """A bottleneck with a deep queue: the round trip grows with the load."""
    way, segment = d.pick("up", "down"), d.pick(NEAR, FAR)
    d.rtt = d.pick(5, 10, 20)
    size = d.count(300000, 600000)
    d.talk(*(d.download(size) if way == "down" else d.upload(size)))
    for side in ("client", "server"):
        d.congestion[side] = "cubic"
    d.harm(segment, way, rate_mbps=d.pick(1.5, 2, 3), queue_kb=1000)
    d.clean = False
    # Behind the queue all packets come at the bottleneck's pace, and the round trip from there does not hold it.
    seen = "queue|bottleneck|rate of the (path|way)|path's own rate" if d.upstream(segment, way) else ""
    return fault("network", "none", ids="queue|rate|path|bottleneck|limited", says=seen)


def shallow_queue(d):
    """A bottleneck with a shallow queue drops at its tail."""
    way, segment = d.pick("up", "down"), d.pick(NEAR, FAR)
    size = d.count(150000, 500000)
    d.talk(*(d.download(size) if way == "down" else d.upload(size)))
    d.harm(segment, way, rate_mbps=d.pick(3, 5, 8), queue_kb=d.pick(6, 12, 20))
    d.rtt = max(d.rtt, 10)
    return harmed(d, ids=LOSS + "|queue|bottleneck|rate|^limited")


def mtu_hole(d):
    """Long packets vanish on the way and nobody tells the sender."""
    way, segment = d.pick("up", "down"), d.pick(NEAR, FAR)
    size = d.count(8000, 30000)
    client, server = (d.download if way == "down" else d.upload)(size)
    before, after = d.exchange(1, 200, 300, think=0)
    d.talk(before + client, after[:-1] + server, count=d.count(1, 3), timeout_ms=5000)
    d.harm(segment, way, mtu=d.pick(1280, 1400, 1450))
    d.clean = False
    if d.upstream(segment, way):
        return fault("network", ids="^(mtu_|black_hole|path_mtu)", says="mtu|long (packets|segments)")
    # Behind it a receiver sees a gap that is never filled, or nothing at all where all that is sent is long.
    return fault("network", "none", "server" if way == "down" else "client",
                 ids="^(data_vanishes|mtu_|no_answer|slow_server|silent)", forbid="error:%s:" % NAMES[way])


def box_resets(d):
    """A device resets the connections in mid-transfer, in the name of both ends."""
    segment = d.pick(NEAR, FAR)
    way = d.pick("up", "down")
    size = d.count(60000, 120000)
    d.talk(*(d.download(size, chunk=4000, pause=12) if way == "down" else d.upload(size, chunk=4000, pause=12)), count=d.count(1, 3))
    told = d.pick(["up", "down"], ["up", "down"], ["down"], ["up"])
    d.harm(segment, way, rules=[{"match": "data", "from": d.count(8, 20), "nth": [], "do": "reset"}])
    rule = d.segments[segment][way]["rules"][0]
    first = rule.pop("from")
    rule.update(nth=[first + 30 * i for i in range(3)], ttl=d.pick(250, 250, 120, 48), toward=told)
    d.clean = False
    # The reset is seen where it passes: behind the segment's entry on its way, before its exit on the way back.
    names = {"up": "client", "down": "server"}
    seen = [one for one in told if passes(d, segment, way, one)]
    if not seen:
        # Only the end that was reset shows it, by its own bare resets to what still comes.
        return fault("network", "client", "server", "none", ids="")
    others = [("network", names[one]) for one in seen]
    return fault("network", ids="^reset|^injected|^device", undecided=[] if rule["ttl"] != 64 else others)


def passes(d, segment, way, told):
    """Does a reset that a box at the entry of the segment makes pass the capture point?"""
    node = PLACES[d.at]
    made_at = segment if way == "up" else segment + 1
    return node >= made_at if told == "up" else node <= made_at


def box_forgets(d):
    """A device forgets silent connections and drops what comes then."""
    return forgetting(d, "drop")


def box_forgets_and_resets(d):
    """A device forgets silent connections and resets what comes then."""
    return forgetting(d, "reset")


def forgetting(d, then):
    segment = d.pick(NEAR, FAR)
    silence = d.pick(1800, 2500, 4000)
    client, server = d.exchange(2, think=0)
    d.talk(client + [["sleep", silence]] + client, server[:-1] + server, count=1, timeout_ms=d.pick(3000, 5000))
    d.flows += [dict(d.flows[0], at_ms=d.count(50, 900)) for _ in range(d.count(1, 3))]
    d.box(segment, does="forget", idle_ms=silence - d.pick(400, 900), then=then, ttl=d.pick(64, 64, 250))
    d.clean = False
    before = d.upstream(segment, "up")
    ids = "forg|idle|silen|reset|no_answer|vanish|gone|unanswered|loss_to_server"
    if not before:
        # Behind the box there is only silence, and in the end perhaps a FIN without answer.
        return fault("none", "client", "network", forbid=ABOVE + "server:", ids="")
    says = "idle|silen|forgot|no longer"
    if then == "drop":
        return fault("network", ids=ids, says=says + "|vanish|in vain|no answer|not answered|without answer|unanswered",
                     undecided=[("server", "network")])
    return fault("network", ids=ids, says=says, undecided=[("server", "network")],
                 forbid=ABOVE + "client:|(error):server:reset_mid_data")


def box_expires(d):
    """A device ends silent connections by resets to both ends; nothing is outstanding."""
    segment = d.pick(NEAR, FAR)
    client, server = d.exchange(2, think=0)
    d.talk(client + [["sleep", 4000]], server)
    d.flows += [dict(d.flows[0], at_ms=d.count(50, 900)) for _ in range(d.count(1, 3))]
    d.box(segment, does="expire", idle_ms=d.pick(1000, 2000), ttl=d.pick(64, 64, 250))
    d.clean = False
    return fault("network", "server", "client", "none", ids="idle|reset|silen", forbid="error:(client|server):")


def filter_drops_syns(d):
    """A packet filter on the way drops SYNs to the port."""
    return filtered(d, "drop")


def answers_filtered(d):
    """SYN-ACKs do not come back: a filter, or a way back that leads elsewhere."""
    segment = d.pick(NEAR, FAR)
    d.talk(*d.exchange(1), count=1, connect_ms=d.pick(2500, 4500))
    d.flows += [dict(d.flows[0], at_ms=d.count(20, 400)) for _ in range(d.count(1, 4))]
    d.harm(segment, "down", rules=[{"match": "synack", "port": PORT, "do": "drop"}])
    d.clean = False
    if d.upstream(segment, "down"):
        truth = fault("network", ids="^(half_open|syn_retries|not_accepted|lost)", undecided=[("client", "network")])
        return dict(truth, syns_alone=True)
    return fault("network", ids="^(unanswered|filtered)", undecided=[("server", "network")])


def filter_rejects_by_icmp(d):
    """A router on the way rejects SYNs to the port by ICMP."""
    return filtered(d, "icmp")


def filter_rejects_by_reset(d):
    """A packet filter on the way resets SYNs to the port."""
    return filtered(d, "reset")


def filtered(d, then):
    segment = d.pick(NEAR, FAR)
    d.at = "client" if segment == NEAR else d.pick("client", "middle")
    d.talk([], [["eof"]], count=d.count(3, 5), gap_ms=300, connect_ms=2200)
    if then == "drop":
        d.flows += [dict(d.flows[0], at_ms=100 * i, count=2) for i in range(1, 3)]
    code = {4: d.pick(1, 9, 10, 13), 6: d.pick(0, 1, 6)}[d.family]
    d.box(segment, does="block", ports=[PORT], then=then, code=code, ttl=d.pick(64, 250),
          router="192.0.2.1" if d.family == 4 else "2001:db8::1")
    d.clean = False
    if then == "icmp":
        return fault("network", ids="^rejected_by_icmp")
    return fault("network", ids="^(unanswered|refused|filtered|rejected)", undecided=[("server", "network")])


def swallowed(d):
    """Handshakes pass, and data towards the server vanishes: a filter that looks at content."""
    segment = d.pick(NEAR, FAR)
    client, server = d.exchange(2)
    d.talk(client, server, count=d.count(2, 3), gap_ms=20, timeout_ms=3500)
    first = d.pick(1, len(d.flows) + 1)
    d.flows[0]["count"] += 1
    d.flows += [dict(d.flows[0], at_ms=60 * i, count=2) for i in range(1, 3)]
    d.box(segment, does="swallow", **{"from": first})
    d.background = False
    d.clean = False
    if not d.upstream(segment, "up"):
        return fault("none", "client", "network", ids="", forbid=ABOVE + "server:")
    return fault("network", undecided=[("server", "network")], ids="swallow|silen|filter|unacknowledged|no_answer|data",
                 says="swallow|filter|never acknowledged|not acknowledged|no packet of the server|in vain|content")


def numbers_rewritten(d):
    """A device rewrites the server's sequence numbers and not the SACK blocks, and the path loses packets."""
    d.family = 4
    d.offload = False
    d.sysctl["client"]["ipv4/tcp_sack"] = d.sysctl["server"]["ipv4/tcp_sack"] = 1
    d.at = d.pick("middle", "server")
    d.talk(*d.download(d.count(120000, 250000)))
    d.box(NEAR, does="shift", by=d.count(100000, 900000000))
    d.harm(NEAR, "down", loss=0.03)
    d.clean = False
    return harmed(d, ids=LOSS + "|sack|rewrit", ledger="loss")


def syns_doubled(d):
    """A routing fault doubles all packets of one direction."""
    way = d.pick("up", "down")
    d.talk(*d.exchange(6), count=2)
    d.harm(d.pick(NEAR, FAR), way, duplicate=1.0)
    d.clean = False
    return fault("network", "none", "capture", ids="^(duplicated_to|capture_mirrored|capture_)", ledger="double")


def stalls(d):
    """Now and then nothing passes for a moment, and then all of it: a radio, a busy device; nothing is lost."""
    way, segment = d.pick("up", "down"), d.pick(NEAR, FAR)
    d.rtt = max(d.rtt, 5)
    size = d.scale(60000, 250000)
    d.talk(*(d.download(size, chunk=size // 40, pause=20) if way == "down" else d.upload(size, chunk=size // 40, pause=20)))
    d.harm(segment, way, stall={"every_ms": d.pick(400, 700), "for_ms": d.pick(80, 150, 300)})
    return harmed(d, ids="")


def one_way_outage(d):
    """Nothing passes one way for a while."""
    way, segment = d.pick("up", "down"), d.pick(NEAR, FAR)
    size = d.scale(60000, 200000)
    d.talk(*(d.download(size, chunk=size // 60, pause=25) if way == "down" else d.upload(size, chunk=size // 60, pause=25)))
    begin = d.count(400, 900)
    d.harm(segment, d.pick("up", "down"), rules=[{"after_ms": begin, "until_ms": begin + d.pick(500, 1000), "do": "drop"}])
    return harmed(d)


def half_duplex(d):
    """One end of a wire speaks half duplex: what meets the other direction is lost."""
    size = d.scale(60000, 250000)
    d.talk([["send", size], ["recv", size]], [["send", size], ["recv", size], ["eof"]])
    d.box(d.pick(NEAR, FAR), does="collide", within_us=d.pick(200, 800), every=d.pick(5, 9, 15))
    return harmed(d)


def longer_route(d):
    """The way becomes much longer in the middle: what is under way is late, nothing is lost."""
    way, segment = d.pick("up", "down"), d.pick(NEAR, FAR)
    size = d.scale(60000, 200000)
    d.talk(*(d.download(size, chunk=size // 60, pause=25) if way == "down" else d.upload(size, chunk=size // 60, pause=25)))
    d.harm(segment, d.pick("up", "down"), shift={"after_ms": d.count(300, 900), "by_ms": d.pick(100, 250, 400)})
    return harmed(d, ids="")


def rebinds(d):
    """A translator gives silent connections another port; the server resets what it does not know."""
    segment = d.pick(NEAR, FAR)
    silence = d.pick(1800, 2500, 4000)
    client, server = d.exchange(2, think=0)
    d.talk(client + [["sleep", silence]] + client, server[:-1] + server, count=1, timeout_ms=4000)
    d.flows += [dict(d.flows[0], at_ms=d.count(50, 900)) for _ in range(d.count(1, 3))]
    d.box(segment, does="rebind", idle_ms=silence - d.pick(400, 900), by=3000)
    d.clean = False
    if not d.upstream(segment, "up"):
        # Here there are segments of connections that nobody opened, and the server's resets of them.
        return fault("none", "client", "network", "server", ids="", forbid="error:(client|server):")
    return fault("network", ids="forg|idle|silen|reset", says="idle|silen|forgot|no longer", undecided=[("server", "network")],
                 forbid=ABOVE + "client:|(error):server:reset_mid_data")


def resets_alike(d):
    """A device resets the connections in mid-transfer, with the TTL of the host in whose name it speaks."""
    segment, way = d.pick(NEAR, FAR), d.pick("up", "down")
    size = d.count(60000, 120000)
    d.hops = (0, 0)
    d.talk(*(d.download(size, chunk=4000, pause=12) if way == "down" else d.upload(size, chunk=4000, pause=12)), count=d.count(1, 3))
    told = d.pick(["up", "down"], ["down"], ["up"])
    first = d.count(8, 20)
    d.harm(segment, way, rules=[{"match": "data", "nth": [first + 30 * i for i in range(3)], "do": "reset", "ttl": 64, "toward": told}])
    d.clean = False
    return fault("network", "client", "server", "none", ids="", forbid=ABOVE + "network:(loss|reorder|dupl|mtu)")


def clamped_wrong(d):
    """A device lowers the MSS to next to nothing."""
    way = d.pick("up", "down")
    d.talk(*(d.download if way == "down" else d.upload)(d.scale(6000, 40000)))
    segment = d.pick(NEAR, FAR)
    d.box(segment, does="strip", mss=d.pick(100, 200, 300))
    # Before the box the option of the receiver's SYN is whole.
    seen = not d.upstream(segment, "up" if way == "down" else "down")
    return fault("network", "client", "server", "none", ids="tiny|small|mss|segment", says="small|tiny|mss|segments of" if seen else "",
                 forbid=ABOVE + "network:(loss|mtu)|error:")


KINDS = [(5 if one in (loss,) else 3 if one in (loss_in_bursts, reordering, box_forgets, shallow_queue, deep_queue) else 2,
          "network:" + one.__name__.replace("_", "-"), one)
         for one in (loss, loss_both_ways, loss_in_bursts, loss_of_acknowledgements, loss_of_tails, loss_of_syns, outage,
                     reordering, free_jitter, doubling, deep_queue, shallow_queue, mtu_hole, box_resets, box_forgets,
                     box_forgets_and_resets, box_expires, filter_drops_syns, answers_filtered, filter_rejects_by_icmp, filter_rejects_by_reset,
                     swallowed, numbers_rewritten, syns_doubled, stalls, one_way_outage, half_duplex, longer_route, rebinds,
                     resets_alike, clamped_wrong)]
