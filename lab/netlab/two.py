"""
Makes drawn scenarios with two or three capture points, and holds a comparison of the captures against what the
link knows: each frame has a number, so that what passed one point and not the other, and what was changed on the
way, is known exactly.

A capture may drop frames, be cut, show what comes in the pieces of segmentation offload, its clock be minutes ahead,
run 100 ppm fast, and be set meanwhile.  Between the points may be a box that translates addresses, rewrites sequence
numbers, takes out options or makes resets, or a proxy.
"""

import collections
import itertools
import json
import os
import random
import subprocess

from . import draw, drawn, frames
from .capture import Capture
from .hosts import PLANS

DIRECTIONS = {"up": "client_to_server", "down": "server_to_client"}
OPTIONS = {"mss": 2, "window_scale": 3, "sack_permitted": 4, "timestamps": 8}
SECOND = 1000000000


class Passed:
    """Not a file: keeps of each numbered frame of the server when it passed a node, and what it looked like."""

    def __init__(self, plan):
        self.times, self.made = {"up": {}, "down": {}}, {"up": [], "down": []}
        self.look = {"up": {}, "down": {}}
        self.begins = {}                                # of each client's end: the first bytes that it sent
        self.port, self.server = plan["port"], PLANS[plan["family"]]["server"]

    def add(self, time_ns, way, frame, uid):
        packet = frames.parse(frame)
        if packet is None or not packet.is_tcp or self.port != (packet.dport if way == "up" else packet.sport):
            return
        if not uid:
            self.made[way].append(packet.flags)
            return
        if way == "up" and packet.len > 0:
            at = packet.l4 + (frame[packet.l4 + 12] >> 4) * 4
            self.begins.setdefault((packet.src, packet.sport), frame[at:packet.ip + packet.ip_len][:16])
        self.times[way].setdefault(uid, []).append(time_ns)
        self.look[way].setdefault(uid, look_of(frame, packet, way))


def look_of(frame, packet, way):
    """What of a frame may be changed on the way."""
    out = {"flags": packet.flags, "bytes": packet.len, "seq": packet.seq,
           "ends": (packet.src, packet.sport) if way == "up" else (packet.dst, packet.dport)}
    have = {kind: frame[at:at + size] for kind, at, size in frames.options(frame, packet)}
    for name, kind in OPTIONS.items():
        if name == "timestamps" or packet.flags & frames.SYN:
            out[name] = have.get(kind)
    return out


class Shifted(Capture):
    """A capture whose clock is another."""

    def __init__(self, path, offset_ns, drift_ppm, step_ns=0, step_after_ns=0, **options):
        super().__init__(path, **options)
        self.offset_ns, self.drift, self.begun = offset_ns, drift_ppm, None
        self.jump_ns, self.jump_after = step_ns, step_after_ns
        self.stepped = 0

    def write_packet(self, time_ns, frame):
        if self.begun is None:
            self.begun = time_ns
        age = time_ns - self.begun
        step = self.jump_ns if self.jump_ns and age > self.jump_after else 0
        self.stepped += step != 0
        super().write_packet(time_ns + self.offset_ns + step + int(age * self.drift / 1e6), frame)


def conditions(seed):
    """What is drawn beside the scenario: the points, the clocks, what a capture drops, the box between them."""
    dice = random.Random("two %s" % seed)
    nodes = sorted(dice.sample([0, 1, 2, 3, 4], 3 if dice.random() < 0.2 else 2))
    how = {
        "nodes": nodes, "offset_ms": dice.choice([0, 0, dice.randint(-300000, 300000)]),
        "drift_ppm": dice.choice([0, 0, 100, -100]), "misses": dice.choice([0, 0, 0, 0.01]),
        "misses_at": dice.randrange(len(nodes)), "snaplen": dice.choice([262144, 262144, 96]),
        "turned": dice.random() < 0.5, "step_ms": 0, "boxes": [],
    }
    if dice.random() < 0.08:
        how["step_ms"], how["step_after_ms"] = dice.choice([-1500, 400, 3000]), dice.choice([800, 2000])
    kinds = dice.choice([(), (), (), ("translate",), ("renumber",), ("strip",), ("inject",), ("translate", "renumber"),
                         ("translate", "strip"), ("renumber", "strip")])
    for kind in kinds:
        how["boxes"].append({
            "translate": {"does": "translate", "net": "203.0.113.0", "ports": dice.choice([0, 1234])},
            "renumber": {"does": "renumber", "up": dice.randrange(1, 2 ** 32), "down": dice.choice([0, 987654321])},
            "strip": dice.choice([{"does": "strip", "mss": 1200}, {"does": "strip", "kinds": [4]},
                                  {"does": "strip", "kinds": [3]}, {"does": "strip", "kinds": [8], "mss": 1380}]),
            "inject": {"does": "inject", "after": dice.choice([2, 3, 6]), "ttl": dice.choice([40, 61, 200]),
                       "toward": dice.choice([["up"], ["down"], ["up", "down"]])},
        }[kind])
    how["merge_us"], how["merge_way"] = dice.choice([0, 0, 0, 0, 0, 200]), dice.choice(["up", "down"])
    how["proxy"] = len(nodes) == 2 and dice.random() < 0.1
    if how["proxy"]:
        how["boxes"] = []
    return how


def put_boxes(plan, how):
    """Between the first two points that have room; where nothing is free, there is none."""
    for index in range(how["nodes"][0], how["nodes"][-1]):
        if how["boxes"] and "box" not in plan["segments"][index]:
            plan["segments"][index]["box"] = {"does": "chain", "boxes": how["boxes"]}
            return index
    how["boxes"] = []
    return None


def changes(before, behind, way):
    """What is changed of the frames that passed both: name, frames."""
    out = collections.Counter()
    for uid, look in before.look[way].items():
        other = behind.look[way].get(uid)
        if other is None:
            continue
        copies = min(len(before.times[way][uid]), len(behind.times[way][uid]))
        out["translated"] += look["ends"] != other["ends"]
        if look["flags"] & frames.SYN:
            out["sequence_shift"] += copies * (look["seq"] != other["seq"])
        for name in OPTIONS:
            out[name] += copies * (look.get(name) != other.get(name))
    return {name: count for name, count in out.items() if count}


def truth_between(near, far, last, seen):
    """Of both directions between two points; 'last': until when each captured; 'seen': what each capture has."""
    out, passed = {}, (near, far)
    for way, direction in DIRECTIONS.items():
        before, behind = (0, 1) if way == "up" else (1, 0)
        first, second = passed[before], passed[behind]
        lost = [uid for uid in first.times[way] if uid not in second.times[way]]
        shown = [uid for uid in lost if seen[before][way][uid]]          # which the first capture did not miss
        made = [collections.Counter(one.made[way]) for one in (first, second)]
        out[direction] = {
            "lost": len(lost) + sum((made[0] - made[1]).values()),
            "lost_bytes": sum(first.look[way][uid]["bytes"] for uid in lost),
            # sure to be told: the capture behind went on after that
            "lost_inside": sum(1 for uid in shown if first.times[way][uid][0] < last[behind] - SECOND),
            # what has a place in the stream leaves traces
            "lost_traced": sum(1 for uid in shown if first.times[way][uid][0] < last[behind] - SECOND and (
                first.look[way][uid]["bytes"] or first.look[way][uid]["flags"] & (frames.SYN | frames.FIN))),
            "doubled": sum(max(0, len(times) - len(first.times[way].get(uid, times)))
                           for uid, times in second.times[way].items()),
            "made": sum((made[1] - made[0]).values()),
            # by devices before the first point: of these no change is known
            "made_before": sum((made[0] & made[1]).values()),
            "missed": [sum(1 for uid in passed[i].times[way] if uid not in seen[i][way]) for i in (0, 1)],
            "changed": changes(first, second, way),
        }
    return out


def symmetric(plan, near, far):
    """The round trip between two nodes in ms; None: the ways there and back differ."""
    total = 0
    for segment in plan["segments"][near:far]:
        up, down = segment.get("up", {}), segment.get("down", {})
        if up.get("delay_ms", 0) != down.get("delay_ms", 0) or any(
                name in one for one in (up, down) for name in ("rate_mbps",)):
            return None
        total += up.get("delay_ms", 0) + down.get("delay_ms", 0)
    return total


def after_step(captures, passed):
    """Frames that show that the second capture's clock was set: another one has them too."""
    one = captures[1]
    others = {uid for i, capture in enumerate(captures) if i != 1 for _, way, uid, _ in capture.seen
              if uid in passed[i].times[way]}
    return sum(1 for time, _, uid, _ in one.seen
               if one.jump_ns and time - one.begun > one.jump_after and uid in others)


def play(seed, folder):
    """Makes the captures; the truth."""
    plan, how = draw.scenario(seed), conditions(seed)
    put_boxes(plan, how)
    if how["proxy"]:
        plan["proxy_at"] = how["nodes"][0]              # right behind the first point
        plan["client"]["own_bytes"] = plan["server"]["own_bytes"] = True
    name = str(seed).replace(":", "-").replace("@", "-")
    paths = [os.path.join(folder, "%s-%s.pcap" % (name, "abc"[i])) for i in range(len(how["nodes"]))]
    # the clock of the second one is another, and what is odd about it is so as well
    captures = [Shifted(path, how["offset_ms"] * 1000000 * (i == 1), how["drift_ppm"] * (i == 1),
                        how["step_ms"] * 1000000 * (i == 1), how.get("step_after_ms", 0) * 1000000,
                        misses=how["misses"] if how["misses_at"] == i else 0, seed="%s %d" % (seed, i),
                        snaplen=how["snaplen"] if i == 1 else 262144, precision="ns",
                        merge_us=how["merge_us"] * (i == 0), merge_way=how["merge_way"]) for i, path in enumerate(paths)]
    passed = [Passed(plan) for _ in paths]
    more = []
    for i, node in enumerate(how["nodes"]):
        more += [(node, captures[i]), (node, passed[i])]
    # the plan's own capture is not wanted
    quiet = drawn.Tap(None, {})
    try:
        _, _, lag = drawn.play(plan, quiet, more)
    finally:
        for capture in captures:
            capture.close()
    truth = {"seed": seed, "kind": plan["kind"], "ip": PLANS[plan["family"]]["server"], "port": plan["port"],
             "files": [os.path.basename(path) for path in paths], "lag_ms": round(lag / 1e6, 1), "conditions": how,
             "offload": plan["offload"], "mtu": plan["mtu"], "stretches": [], "stepped": captures[1].stepped > 0,
             "seconds": max((one.seen[-1][0] - one.seen[0][0] for one in captures if one.seen), default=0) / 1e9}
    seen = [{way: collections.Counter() for way in DIRECTIONS} for _ in captures]
    for i, capture in enumerate(captures):
        for _, way, uid, _ in capture.seen:
            seen[i][way][uid] += 1
    truth["after_step"] = after_step(captures, passed)
    last = [max((time for time, _, _, _ in capture.seen), default=0) for capture in captures]
    for i, k in itertools.combinations(range(len(paths)), 2):
        one = truth_between(passed[i], passed[k], (last[i], last[k]), (seen[i], seen[k]))
        one["round_trip_ms"] = symmetric(plan, how["nodes"][i], how["nodes"][k])
        one["misses"] = bool(how["misses"]) and how["misses_at"] in (i, k)
        one["points"] = [i, k]
        if how["proxy"]:
            one["proxied"] = len({head for head in passed[i].begins.values() if len(head) == 16} &
                                 set(passed[k].begins.values()))
        truth["stretches"].append(one)
    with open(os.path.join(folder, "two.jsonl"), "a") as file:
        file.write(json.dumps(truth) + "\n")
    return truth


def ask(truth, folder, command):
    files = [os.path.join(folder, name) for name in truth["files"]]
    if truth["conditions"]["turned"]:
        files.reverse()
    words = command + ["compare"] + files + [truth["ip"], str(truth["port"]), "--format", "json"]
    return json.loads(subprocess.run(words, stdout=subprocess.PIPE, check=True).stdout)


def judge_direction(direction, known, said, misses):
    """What is wrong in one direction."""
    wrong = []
    found = said["lost_between"]
    missed = sum(said["missed_by_capture"].values())
    # an acknowledgement that was held back and sent again is the same one at both points
    held = min(known["made"], known["lost"] - known["lost_traced"])
    unknown = known.get("made_before", 0)
    if found > known["lost"]:
        wrong.append("invented-loss %s: %d lost, of %d" % (direction, found, known["lost"]))
    if found + said["undecided"] + (missed if misses else 0) + held < known["lost_inside"]:
        wrong.append("unfound-loss %s: %d lost (%d undecided, %d outside), of %d" % (
            direction, found, said["undecided"], said["outside_capture"], known["lost_inside"]))
    if not misses and found + said["undecided"] == known["lost_inside"] and found < known["lost_traced"]:
        wrong.append("undecided-loss %s: %d lost, of %d with traces" % (direction, found, known["lost_traced"]))
    made = said["injected_between"]
    if made > known["made"] + (known["doubled"] if misses else 0):
        wrong.append("invented-made %s: %d made, of %d" % (direction, made, known["made"]))
    if made + said["undecided"] + said["outside_capture"] + held < known["made"]:
        wrong.append("unfound-made %s: %d made, of %d" % (direction, made, known["made"]))
    if not misses and missed:
        wrong.append("invented-missed %s: %s" % (direction, said["missed_by_capture"]))
    for name in list(OPTIONS) + ["sequence_shift", "payload", "dscp", "checksum", "window"]:
        n, of = said["changed"].get(name, {}).get("packets", 0), known["changed"].get(name, 0)
        if n > of + (held + unknown if name == "timestamps" else 0):
            wrong.append("invented-change %s: %s of %d, of %d" % (direction, name, n, of))
        elif n < of and not misses:
            wrong.append("unfound-change %s: %s of %d, of %d" % (direction, name, n, of))
    return wrong


def clock_error(truth, result):
    """(error, most) in ms where the way is symmetric; None: it is not, or nothing is said."""
    clock = result["points"][1].get("clock")
    turned = os.path.basename(result["points"][0]["file"]) != truth["files"][0]
    trip = truth["stretches"][0]["round_trip_ms"]
    if truth["conditions"].get("proxy") or not clock or turned or trip is None or truth["stepped"] or os.path.basename(
            result["points"][1]["file"]) != truth["files"][1]:
        return None
    drift = truth["conditions"]["drift_ppm"] / 1e6 * truth["seconds"] * 1000
    ahead = clock["offset_ms"] - truth["conditions"]["offset_ms"]
    return max(0, min(0, drift) - ahead, ahead - max(0, drift)), max(0.05, 0.1 * trip)


def judge_proxy(truth, result):
    """Nothing of the segments is the same at both points; of the connections, what the clients sent."""
    wrong, known = [], truth["stretches"][0]
    for direction in DIRECTIONS.values():
        said = result[direction]
        for name in ("lost_between", "injected_between", "undecided"):
            if said[name]:
                wrong.append("invented-%s %s: %d" % (name, direction, said[name]))
    shown, missed = result["connections"]["proxied"], known["misses"]
    if result["connections"]["paired"] != shown:
        wrong.append("paired through a proxy: %d" % result["connections"]["paired"])
    # who writes less than 16 bytes at first may be found by what follows; of IPv6 96 bytes hold too few of the stream
    if shown > min(one["connections"] for one in result["points"]) or shown < known["proxied"] and not missed and (
            truth["conditions"]["snaplen"] > 96 or ":" not in truth["ip"]):
        wrong.append("proxied %d, of %d" % (shown, known["proxied"]))
    return wrong


def step_is_open(truth, result):
    """Seen in one segment, or where it looks like a longer way of the only direction that shows it, and nothing is said to be sure."""
    clock = result["points"][1].get("clock")
    if not clock:
        return True                                     # no offset is told at all
    return truth.get("after_step", 2) < 2 or clock.get("uncertainty_ms", 0) > 0.9 * abs(truth["conditions"]["step_ms"])


def judge(truth, result):
    """What is wrong with the comparison: a list of texts, each begins with what it is."""
    wrong = []
    if result["status"] in ("no_match", "no_tcp") and 0 in (one["connections"] for one in result["points"]):
        return []                                       # nothing comes to that point
    if truth["conditions"].get("proxy"):
        return judge_proxy(truth, result)
    if result["status"] != "ok":
        return ["status " + result["status"]]
    order = [truth["files"].index(os.path.basename(one["file"])) for one in result["points"]]
    said = result.get("stretches") or [result]
    known_of = {tuple(one.get("points", (i, i + 1))): one for i, one in enumerate(truth["stretches"])}
    for i, pair in enumerate(zip(order, order[1:])):
        if pair[0] > pair[1] and said[i]["order_by"]:
            wrong.append("order %s" % order)
        known = known_of.get(pair)
        if not known:
            continue                                    # nothing lies between them that tells the order
        for direction in DIRECTIONS.values():
            wrong += ["%s%s" % ("" if len(said) == 1 else "%d: " % i, text) for text in judge_direction(
                direction, known[direction], said[i][direction], known["misses"])]
        nat = bool(known["client_to_server"]["changed"].get("translated"))
        translated, paired = said[i]["connections"]["translated"], said[i]["connections"]["paired"]
        if translated != (paired if nat else 0):
            wrong.append("translated %d, of %d" % (translated, paired if nat else 0))
    if truth["stepped"] and not any(one["clock_steps"] for one in said) and not step_is_open(truth, result):
        wrong.append("step not found")
    elif not truth["stepped"] and any(one["clock_steps"] for one in said):
        wrong.append("step invented")
    clock = result["points"][1].get("clock")
    if clock and not truth["stepped"] and order[:2] == [0, 1]:
        off = abs(clock["offset_ms"] - truth["conditions"]["offset_ms"])
        drift = abs(truth["conditions"]["drift_ppm"] / 1e3 * truth["seconds"])
        if off > clock["uncertainty_ms"] + 1 + drift:
            wrong.append("clock %.3f ms off" % off)
    return wrong
