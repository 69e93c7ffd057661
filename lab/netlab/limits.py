"""
Draws transfers of which it is known what limits them, and holds what the product says against what the sender's
kernel has counted (TCP_INFO, as `ss -ti` prints it).

A folder holds SEED.pcap and limits.jsonl, a line for each: what was done, and the kernel's counters.
"""

import json
import os
import subprocess
import time

from . import draw, drawn
from .dice import FAR, NEAR
from .hosts import PLANS

TRUTH = "limits.jsonl"
TRIES = 4
SHARES = ("busy", "rwnd_limited", "sndbuf_limited", "at_window", "repairing", "unharmed")
# Congestion controls that pace: the kernel asks for the window only when it is their time, so that rwnd_limited stands
# still until then (tcp_write_xmit).
PACED = ("bbr",)
# How far a share may be from the kernel's.
CLOSE = 0.10


# ------------------------------------------------------------------ the kinds

def moving(d, size, note, **send):
    """One transfer in the direction that the dice chose; gives (sender's options, receiver's, receiver's steps)."""
    out = ["send", size] + ([send["chunk"], send["pause"]] if send else [])
    take = ["recv", size] + ([send["reads"], send["rests"]] if "reads" in send else [])
    out = out[:2] if "reads" in send else out
    if d.way == "down":
        client, server = d.talk([["send", 120], take, ["sleep", 20]], [["recv", 120], ["watch"], out, ["drain", note], ["eof"]])
        return with_room(server), client
    client, server = d.talk([["watch"], out, ["drain", note]], [take, ["eof"]])
    return with_room(client), server


def with_room(sender):
    """A buffer that never limits: without unsent data in it, the kernel does not count a full window."""
    sender["sndbuf"] = 1000000
    return sender


def drip(d, note):
    """the sender has its data in pieces, with pauses"""
    chunk, pause = d.pick(800, 1400, 3000, 6000, 12000), d.pick(15, 40, 80, 150, 250)
    moving(d, chunk * max(16, int(d.pick(2000, 3000) / pause)), note, chunk=chunk, pause=pause)
    return "application", "sender"


def small_buffer(d, note):
    """the receiver reads at once, into a buffer smaller than what the way holds"""
    d.rtt = d.pick(20, 40, 60, 90)
    buffer = d.pick(4000, 8000, 16000, 30000)
    _, receiver = moving(d, int(buffer * d.pick(3000, 4000) / d.rtt), note)
    receiver["rcvbuf"] = buffer
    return "small_window", "receiver"


def slow_reader(d, note):
    """the receiver reads more slowly than data comes"""
    reads, rests = d.pick(2000, 5000, 10000), d.pick(10, 25, 60)
    _, receiver = moving(d, max(400000, int(reads * 4000 / rests)), note, chunk=0, pause=0, reads=reads, rests=rests)
    receiver["rcvbuf"] = d.pick(16000, 40000, 80000)
    # it may take as much as its buffer lets by in a round trip
    fast = reads / rests > 0.8 * receiver["rcvbuf"] / d.rtt
    return "slow_reader small_window" if fast else "slow_reader", "receiver"


def send_buffer(d, note):
    """the sender's socket buffer is smaller than what the way holds"""
    d.rtt = d.pick(20, 40, 60, 90)
    buffer = d.pick(6000, 12000, 25000)
    sender, _ = moving(d, int(buffer * d.pick(3000, 4000) / d.rtt), note)
    sender["sndbuf"] = buffer
    return "sender", "sender"


def rate(d, note):
    """a bottleneck on the way with a queue that is deep enough"""
    mbps = d.pick(1.5, 3, 6)
    d.harm(d.pick(NEAR, FAR), d.way, rate_mbps=mbps, queue_kb=d.pick(128, 256, 512))
    moving(d, int(mbps * 125000 * d.pick(1.5, 2.5)), note)
    return "path", "network"


def shallow(d, note):
    """a bottleneck with a queue too short for the round trip"""
    d.rtt = d.pick(20, 40, 60)
    mbps = d.pick(2, 4, 8)
    d.harm(d.pick(NEAR, FAR), d.way, rate_mbps=mbps, queue_kb=d.pick(12, 20, 30))
    moving(d, int(mbps * 125000 * d.pick(1.5, 2.5)), note)
    return "path loss", "network"


def loss(d, note):
    """segments are lost on the way"""
    d.rtt = d.pick(20, 40, 60)
    share = d.pick(0.01, 0.02, 0.04)
    d.harm(d.pick(NEAR, FAR), d.way, loss=share)
    # Mathis, Semke, Mahdavi, Ott 1997: what a sender makes of such losses, for two or three seconds
    moving(d, int(1460 * 1.2 / share ** 0.5 / d.rtt * d.pick(2000, 3000)), note)
    return "loss", "network"


def start(d, note):
    """over before the sender has found its rate"""
    d.rtt = d.pick(60, 90, 120, 150)
    moving(d, d.pick(120000, 200000, 300000), note)
    return "slow_start", "none"


KINDS = [drip, drip, small_buffer, small_buffer, slow_reader, slow_reader, send_buffer, rate, rate, shallow, loss, loss, start]


def plan_of(seed, note):
    d = draw.Draw("limits %s" % seed)
    make = KINDS[int(seed) % len(KINDS)]
    d.way = d.pick("down", "up")
    d.background, d.clean = False, False
    d.rtt = d.pick(2, 10, 20, 40)
    d.capture["snaplen"] = d.pick(262144, 128)
    cause, side = make(d, note)
    for host in d.congestion:
        d.congestion[host] = d.pick("cubic", "cubic", "bbr", "reno")
    if side in ("sender", "receiver"):
        side = "server" if (side == "sender") == (d.way == "down") else "client"
    plan = d.plan(make.__name__, {})
    plan["limit_ms"] = 30000
    return plan, {"cause": cause.split(), "side": side, "way": d.way,
                  "congestion": d.congestion["server" if d.way == "down" else "client"]}


# ------------------------------------------------------------------ making them

def one(seed, folder):
    note = os.path.join(folder, "%s.info" % seed)
    for _ in range(TRIES):
        plan, truth = plan_of(seed, note)
        path = os.path.join(folder, "%s.%s" % (seed, plan["capture"]["format"]))
        capture = drawn.open_capture(plan, path)
        try:
            _, _, lag = drawn.play(plan, capture)
        finally:
            capture.close()
        if os.path.exists(note) and lag <= drawn.MOST_LAG_MS * 1e6:
            with open(note) as file:
                kernel = json.load(file)
            os.remove(note)
            return dict(truth, seed=seed, file=os.path.basename(path), ip=PLANS[plan["family"]]["server"], port=plan["port"],
                        kind=plan["kind"], at=plan["at"], rtt_ms=plan["rtt_ms"], kernel=kernel)
        time.sleep(0.5)
    raise RuntimeError("seed %s was disturbed again and again" % seed)


# ------------------------------------------------------------------ holding them against the product

def ask(command, folder, line):
    words = [word.format(file=os.path.join(folder, line["file"]), ip=line["ip"], port=line["port"]) for word in command]
    done = subprocess.run(words, stdout=subprocess.PIPE, text=True, check=False)
    return json.loads(done.stdout)


def also(line, truth):
    """What else the kernel says it was: dice do not always fall as they were meant to."""
    paced = line["congestion"] in PACED
    window = truth["at_window" if paced else "rwnd_limited"]
    half = 0.5 + CLOSE                                  # below that the kernel's own counters may say that nothing took half
    if line["kind"] == "loss":                          # nothing was lost until most had passed, or the sender does not mind
        harmed = 1 - truth["unharmed"] - window
        return ["slow_start"] * (truth["unharmed"] >= 1 - half or paced) + ["sender"] * paced + ["mixed"] * (harmed < half)
    if line["kind"] == "send_buffer":                   # it did not fill for most of the time
        return ["slow_start"] * (truth["sndbuf_limited"] < half)
    if line["kind"] == "rate":                          # more was sent than the queue holds
        return ["loss"] * (truth["repairing"] > 0)
    if line["kind"] in ("small_buffer", "slow_reader"):
        return ["mixed"] * (window < half)
    return []


# Whose an answer is; the sides of "sender" and "receiver" go by the way of the data.
PARTIES = {"application": "sender", "sender": "sender", "small_window": "receiver", "slow_reader": "receiver",
           "loss": "network", "path": "network"}


def names_side(by, causes):
    """Is the side that goes with this limit that of one of the causes?"""
    return by is not None and PARTIES.get(by) in {PARTIES.get(cause) for cause in causes}


def compare(line, result):
    """One row: the shares of both, how far apart they are, and whether cause and side are right."""
    direction = "server_to_client" if line["way"] == "down" else "client_to_server"
    kernel, took = line["kernel"], line["kernel"]["took"]
    rows = [row for row in result["connections"] if row["server_port"] == line["port"]]
    found = (rows or [{}])[0].get(direction, {}).get("limits")
    row = dict(line, found=found, near=None)
    row["truth"] = {name: kernel[name] / took for name in SHARES}
    row["cause"] = line["cause"] + also(line, row["truth"])
    if not found:
        return row
    s = found["shares"]
    row["ours"] = {"busy": 1 - s["other_side"] - s["answering"] - s["pausing"],
                   "rwnd_limited": s["receiver_window"] + s["closed_window"]}
    busy = abs(row["ours"]["busy"] - row["truth"]["busy"]) <= CLOSE
    window = row["truth"]["at_window" if line["congestion"] in PACED else "rwnd_limited"]
    row["near"] = busy and abs(row["ours"]["rwnd_limited"] - window) <= CLOSE
    return row


def sides(result):
    """Who is named by findings about limits."""
    return [(one["id"], one["side"], one["severity"]) for one in result["analysis"]["findings"]
            if one["id"].startswith(("limited_", "paced_", "server_drips"))]
