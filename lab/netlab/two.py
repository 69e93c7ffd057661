"""
Makes drawn scenarios with two capture points, and holds a comparison of both captures against what the
link knows: each frame has a number, so that what passed one point and not the other is known exactly.

One capture may drop frames, be cut, and its clock be minutes ahead and run 100 ppm fast.
"""

import json
import os
import random
import subprocess

from . import draw, drawn, frames
from .capture import Capture
from .hosts import PLANS

DIRECTIONS = {"up": "client_to_server", "down": "server_to_client"}


class Passed:
    """Not a file: counts how often each numbered frame of the server passed a node, and when."""

    def __init__(self, plan):
        self.times, self.made = {"up": {}, "down": {}}, {"up": [], "down": []}
        self.port, self.server = plan["port"], PLANS[plan["family"]]["server"]

    def add(self, time_ns, way, frame, uid):
        packet = frames.parse(frame)
        if packet is None or not packet.is_tcp or self.port not in (packet.sport, packet.dport):
            return
        if uid:
            self.times[way].setdefault(uid, []).append(time_ns)
        else:
            self.made[way].append(time_ns)


class Shifted(Capture):
    """A capture whose clock is another."""

    def __init__(self, path, offset_ns, drift_ppm, **options):
        super().__init__(path, **options)
        self.offset_ns, self.drift, self.begun = offset_ns, drift_ppm, None

    def write_packet(self, time_ns, frame):
        if self.begun is None:
            self.begun = time_ns
        super().write_packet(time_ns + self.offset_ns + int((time_ns - self.begun) * self.drift / 1e6), frame)


def conditions(seed):
    """What is drawn beside the scenario: the points, the clock, what one capture drops, the snapshot length."""
    dice = random.Random("two %s" % seed)
    nodes = sorted(dice.sample([0, 1, 2, 3, 4], 2))
    return {
        "nodes": nodes, "offset_ms": dice.choice([0, 0, dice.randint(-300000, 300000)]),
        "drift_ppm": dice.choice([0, 0, 100, -100]), "misses": dice.choice([0, 0, 0, 0.01]),
        "misses_at": dice.randrange(2), "snaplen": dice.choice([262144, 262144, 96]),
        "turned": dice.random() < 0.5,
    }


def play(seed, folder):
    """Makes both captures; the truth."""
    plan, how = draw.scenario(seed), conditions(seed)
    name = str(seed).replace(":", "-").replace("@", "-")
    paths = [os.path.join(folder, "%s-%s.pcap" % (name, side)) for side in "ab"]
    captures = [Shifted(path, how["offset_ms"] * 1000000 * i, how["drift_ppm"] * i,
                        misses=how["misses"] if how["misses_at"] == i else 0, seed="%s %d" % (seed, i),
                        snaplen=how["snaplen"] if i else 262144, precision="ns") for i, path in enumerate(paths)]
    passed = [Passed(plan), Passed(plan)]
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
             "files": [os.path.basename(path) for path in paths], "lag_ms": round(lag / 1e6, 1), "conditions": how}
    seen = [{way: {} for way in DIRECTIONS} for _ in captures]
    for i, capture in enumerate(captures):
        for _, way, uid, frame in capture.seen:
            packet = frames.parse(frame)
            if uid and packet is not None and packet.is_tcp and plan["port"] in (packet.sport, packet.dport):
                seen[i][way][uid] = seen[i][way].get(uid, 0) + 1
    last = [max((time for time, _, _, _ in capture.seen), default=0) for capture in captures]
    for way, direction in DIRECTIONS.items():
        before, behind = (0, 1) if way == "up" else (1, 0)
        lost = [times[0] for uid, times in passed[before].times[way].items() if uid not in passed[behind].times[way]]
        doubled = sum(len(times) - len(passed[before].times[way].get(uid, times))
                      for uid, times in passed[behind].times[way].items())
        truth[direction] = {
            "lost": len(lost),
            # sure to be told: the capture behind went on after that
            "lost_inside": sum(1 for time in lost if time < last[behind] - 1000000000),
            "doubled": doubled, "made": len(passed[behind].made[way]) + len(passed[before].made[way]),
            "missed": [sum(1 for uid in passed[i].times[way] if uid not in seen[i][way]) for i in (0, 1)],
        }
    with open(os.path.join(folder, "two.jsonl"), "a") as file:
        file.write(json.dumps(truth) + "\n")
    return truth


def ask(truth, folder, command):
    files = [os.path.join(folder, name) for name in truth["files"]]
    if truth["conditions"]["turned"]:
        files.reverse()
    words = command + ["compare"] + files + [truth["ip"], str(truth["port"]), "--format", "json"]
    return json.loads(subprocess.run(words, stdout=subprocess.PIPE, check=True).stdout)


def judge(truth, result):
    """What is wrong with the comparison: a list of texts, each begins with 'invented' or 'not found'."""
    wrong = []
    if result["status"] == "no_match" and 0 in (one["connections"] for one in result["points"]):
        return []                                       # nothing comes to that point
    if result["status"] != "ok":
        return ["status " + result["status"]]
    exact = not truth["conditions"]["misses"]
    for direction in DIRECTIONS.values():
        known, said = truth[direction], result[direction]
        found = said["lost_between"]
        if found > known["lost"] + known["made"]:
            wrong.append("invented %s: %d lost, of %d" % (direction, found, known["lost"]))
        unproven = said["undecided"]
        if found + unproven + (0 if exact else sum(said["missed_by_capture"].values())) < known["lost_inside"]:
            wrong.append("not found %s: %d lost (%d undecided, %d outside), of %d" % (
                direction, found, said["undecided"], said["outside_capture"], known["lost_inside"]))
        if exact and said["injected_between"] > known["made"] + known["doubled"]:
            wrong.append("invented %s: %d made, of %d" % (direction, said["injected_between"], known["made"]))
        if exact and sum(said["missed_by_capture"].values()):
            wrong.append("invented %s: %s missed" % (direction, said["missed_by_capture"]))
    clock = result["points"][-1].get("clock")
    if clock:
        ahead = truth["conditions"]["offset_ms"]
        if not os.path.basename(result["points"][-1]["file"]).endswith("-b.pcap"):
            ahead = -ahead                              # nothing lies between them that tells the order
        if abs(clock["offset_ms"] - ahead) > clock["uncertainty_ms"] + 1 + 0.1 * abs(truth["conditions"]["drift_ppm"]):
            wrong.append("invented clock: %.3f ms ahead, not %d" % (clock["offset_ms"], ahead))
    return wrong
