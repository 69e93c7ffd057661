"""
Makes drawn scenarios: one plan is two hosts, a link and a capture; several are made at a time.

A folder holds SEED.pcap for each seed and truth.jsonl, a line for each, which nobody edits.
"""

import fcntl
import json
import os
import signal
import sys
import time

from . import draw, ledger
from .boxes import Box
from .capture import Capture
from .hosts import Host, PLANS, Proxy
from .link import Link, Wire

TRUTH = "truth.jsonl"
TRIES = 6
WORD = 64                                               # bytes of a seed on its way to a worker
# A link that was late by so much has bent the times that the truth speaks of.
MOST_LAG_MS = 40


class Tap:
    """Not a file: keeps each frame as it left its host."""

    def __init__(self, direction, kept):
        self.direction, self.kept = direction, kept

    def add(self, _, direction, frame, uid):
        if direction == self.direction and uid:
            self.kept[uid] = frame


def open_capture(plan, path):
    what = plan["capture"]
    options = {name: what[name] for name in (
        "format", "precision", "snaplen", "direction", "copies", "copy_gap_us", "start_ms", "stop_ms", "misses",
        "swap_us", "swap_way", "copies_way", "copy_share", "keep", "hole_ms", "most", "most_ms", "step", "tags",
        "merge_us", "merge_way") if name in what}
    return Capture(path, seed=plan["seed"], **options)


def hosts_of(plan):
    """What each side is told."""
    addresses = PLANS[plan["family"]]
    both = {}
    for side in ("client", "server"):
        one = plan[side]
        both[side] = dict(one, addresses=[addresses[side]] + one["more"], server=addresses["server"])
    return both


def play(plan, capture, more=()):
    """
    Lets the hosts talk; 'more' are further places and captures there.  Gives the frames as they were sent, their
    fates, and the link's worst lateness.
    """
    both, hosts = hosts_of(plan), {}
    sent, fates = {}, []
    link = proxy = None
    try:
        for side in ("server", "client"):
            hosts[side] = Host(side, both[side], plan["family"], plan["offload"], plan["mtu"])
        segments = [dict(one, box=Box(one["box"])) if "box" in one else one for one in plan["segments"]]
        places = [(draw.PLACES[plan["at"]], capture), (0, Tap("up", sent)), (4, Tap("down", sent))]
        if "also_at" in plan["capture"]:
            places.append((draw.PLACES[plan["capture"]["also_at"]], capture))
        places += more
        seed, cut = "drawn %s" % plan["seed"], plan.get("proxy_at")
        if cut is None:
            wires = [Wire(hosts["client"].tap, hosts["server"].tap, segments, places, seed, (), plan["offload"], fates)]
        else:                                           # what is captured there is captured before the proxy
            proxy = Proxy(plan)
            wires = [Wire(hosts["client"].tap, proxy.near, segments[:cut], [one for one in places if one[0] <= cut],
                          seed, (), plan["offload"]),
                     Wire(proxy.far, hosts["server"].tap, segments[cut:],
                          [(node - cut, to) for node, to in places if node > cut], seed + " far", (), plan["offload"])]
        link = Link(wires)
        link.begin()
        hosts["server"].go()
        if not hosts["server"].wait_for(b"ready", 10):
            raise RuntimeError("the server did not start")
        hosts["client"].go()
        hosts["client"].wait_for(b"done", plan["limit_ms"] / 1000)
        time.sleep(plan["settle_ms"] / 1000)
    finally:
        if link:
            link.stop()
        for host in list(hosts.values()) + ([proxy] if proxy else []):
            host.close()
    return sent, fates, link.lag


def once(plan, path):
    """Makes the capture; the truth's line, and why it does not count (None: it does)."""
    capture = open_capture(plan, path)
    try:
        sent, fates, lag = play(plan, capture)
    finally:
        capture.close()
    book = ledger.Ledger(plan, capture, fates, sent, draw.PLACES[plan["at"]], plan["port"])
    truth = ledger.settle(dict(plan["truth"]), book)
    line = {"seed": plan["seed"], "file": os.path.basename(path), "ip": PLANS[plan["family"]]["server"],
            "port": plan["port"], "at": plan["at"], "rtt_ms": plan["rtt_ms"], "capture": plan["capture"],
            "frames": capture.frames, "lag_ms": round(lag / 1e6, 1)}
    line.update(truth)
    if lag > MOST_LAG_MS * 1e6:
        return line, "the link was %.0f ms late" % (lag / 1e6)
    if plan["clean"] and book.repeated():
        return line, "a host repeated itself on a clean path"
    if not book.held:
        return line, "the capture holds nothing of the server"
    return line, None


def one(seed, folder):
    """Makes the scenario of a seed; the truth's line.  Tries again where the machine was disturbed."""
    for attempt in range(TRIES):
        plan = draw.scenario(seed)
        path = os.path.join(folder, "%s.%s" % (str(seed).replace(":", "-"), plan["capture"]["format"]))
        try:
            line, reason = once(plan, path)
        except (RuntimeError, OSError) as error:
            line, reason = None, repr(error)
        if reason is None:
            return line
    raise RuntimeError("seed %s (%s): %s" % (seed, plan["kind"], reason))


def add_line(folder, line):
    with open(os.path.join(folder, TRUTH), "a") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        file.write(json.dumps(line) + "\n")


def done_already(folder):
    path = os.path.join(folder, TRUTH)
    if not os.path.exists(path):
        return set()
    with open(path) as file:
        return {json.loads(line)["seed"] for line in file}


def hurry():
    """The link's times are the truth: it must not wait for other programs.  Its work is small."""
    try:
        os.sched_setscheduler(0, os.SCHED_RR, os.sched_param(1))
    except OSError:
        pass
    sys.setswitchinterval(0.0005)


def work(queue, folder):
    """A worker: takes seeds until there are no more; its exit status says whether one failed."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    hurry()
    failed = 0
    while True:
        word = os.read(queue, WORD)                     # seeds are padded: one read, one seed
        if not word:
            return failed
        seed = word.decode().strip()
        try:
            add_line(folder, one(seed, folder))
        except RuntimeError as error:
            failed = 1
            print("not made: %s" % error, file=sys.stderr, flush=True)


def make(seeds, folder, several):
    """Makes the scenarios of these seeds, several at a time; those that the folder has are left out."""
    os.makedirs(folder, exist_ok=True)
    have = done_already(folder)
    seeds = [seed for seed in seeds if seed not in have]
    if not seeds:
        return 0
    reading, writing = os.pipe()
    workers = []
    for _ in range(min(several, len(seeds))):
        pid = os.fork()
        if pid == 0:
            os.close(writing)
            status = 1
            try:
                status = work(reading, folder)
            finally:
                os._exit(status)
        workers.append(pid)
    os.close(reading)
    try:
        for seed in seeds:
            os.write(writing, seed.encode().rjust(WORD))
    except BrokenPipeError:
        pass                                            # every worker has ended: their status tells
    finally:
        os.close(writing)
    failed = 0
    try:
        for pid in workers:
            failed |= os.waitpid(pid, 0)[1]
    except BaseException:
        for pid in workers:
            try:
                os.kill(pid, signal.SIGTERM)
            except ProcessLookupError:
                pass
        raise
    return 1 if failed else 0
