"""The dice of a scenario and the plan that they make; what draw.py and the kinds share."""

import random

PORT, OTHER_PORT = 80, 8443
PLACES = {"client": 1, "middle": 2, "server": 3}        # nodes; the segments are host, near, far, host
HOST_OF_CLIENT, NEAR, FAR, HOST_OF_SERVER = range(4)
ABOVE = "(error|warning):"


class Draw:
    """The dice of one scenario, and the plan that they make."""

    def __init__(self, seed):
        self.random = random.Random("draw %s" % seed)
        self.seed = str(seed)
        pick = self.pick
        self.at = pick("client", "client", "middle", "server", "server")
        self.family = pick(4, 4, 4, 6)
        self.rtt = pick(0.2, 0.6, 2, 5, 10, 20, 20, 40, 60, 90, 150, 300)
        self.split = pick(0.1, 0.3, 0.5, 0.7, 0.9)
        self.lean = 0.5                                 # the share of the way up in the round trip
        self.hops = (pick(0, 0, 1, 2), pick(0, 0, 3, 7))
        self.offload, self.mtu = False, 1500
        self.segments = [{"up": {}, "down": {}} for _ in range(4)]
        self.flows, self.listeners = [], []
        self.sysctl = {"client": {}, "server": {}}
        self.congestion = {"client": None, "server": None}
        self.addresses = {"client": [], "server": []}   # besides the main ones
        self.capture = {"snaplen": pick(262144, 262144, 262144, 96, 128, 256), "format": pick("pcap", "pcap", "pcapng"),
                        "precision": pick("us", "us", "ns")}
        self.settle_ms = 300
        self.limit_ms = 20000
        self.habits = None                              # the dice of habits.py
        self.background = self.chance(0.3)
        self.clean = True                               # whether a repetition means that the machine was disturbed

    # -------------------------------------------------------------- dice

    def pick(self, *what):
        return self.random.choice(what)

    def chance(self, p):
        return self.random.random() < p

    def count(self, least, most):
        return self.random.randint(least, most)

    def scale(self, least, most):
        """A whole number, evenly spread over the orders of magnitude."""
        return int(round(least * (most / least) ** self.random.random()))

    # -------------------------------------------------------------- traffic

    def talk(self, client, server, port=PORT, listener=None, **flow):
        """One flow of the client to a listener of its own; gives both."""
        one = dict({"port": port}, **flow)
        one["turns" if client and isinstance(client[0], list) and client[0]
            and isinstance(client[0][0], list) else "steps"] = client
        other = dict({"port": port}, **(listener or {}))
        other["turns" if server and isinstance(server[0], list) and server[0]
              and isinstance(server[0][0], list) else "steps"] = server
        self.flows.append(one)
        self.listeners.append(other)
        return one, other

    def exchange(self, times=None, ask=None, answer=None, work=None, think=None):
        """Steps of both ends: questions and answers, and the client closes."""
        times = times or self.count(2, 8)
        ask, answer = ask or self.scale(80, 900), answer or self.scale(100, 12000)
        work = self.pick(0, 1, 3, 8) if work is None else work
        think = self.pick(0, 5, 30, 120) if think is None else think
        client = [["repeat", times, [["send", ask], ["recv", answer]] + ([["sleep", think]] if think else [])]]
        server = [["repeat", times, [["recv", ask]] + ([["sleep", work]] if work else []) + [["send", answer]]], ["eof"]]
        return client, server

    def download(self, size, ask=None, **send):
        ask = ask or self.scale(80, 600)
        out = ["send", size] + ([send["chunk"], send["pause"]] if send else [])
        return [["send", ask], ["recv", size]], [["recv", ask], out, ["eof"]]

    def upload(self, size, **send):
        out = ["send", size] + ([send["chunk"], send["pause"]] if send else [])
        return [out, ["recv", 60]], [["recv", size], ["send", 60], ["eof"]]

    def bulk(self, way, least=60000, most=400000):
        """A transfer in that direction: "down" or "up"."""
        return (self.download if way == "down" else self.upload)(self.scale(least, most))

    # -------------------------------------------------------------- the link

    def harm(self, segment, way, **what):
        self.segments[segment][way].update(what)

    def box(self, segment, **what):
        self.segments[segment]["box"] = what

    def upstream(self, segment, way):
        """Whether the capture point comes before the segment, for what goes that way."""
        node = PLACES[self.at]
        return node <= segment if way == "up" else node > segment

    def mix(self):
        """A conversation with the same server that goes well, beside the one that the kind is about."""
        client, server = self.exchange(self.count(1, 3), work=1, think=5)
        if self.listeners[0]["port"] == PORT and "other" not in self.listeners[0]:
            self.listeners[0]["other"] = server
            self.flows.append({"port": PORT, "other": True, "steps": client, "count": self.count(1, 3), "gap_ms": 30,
                               "at_ms": self.pick(0, 0, 300)})

    def plan(self, kind, truth):
        """Everything, as plain data."""
        half = {"up": self.rtt * self.lean, "down": self.rtt * (1 - self.lean)}
        for segment, share, hops in ((NEAR, self.split, self.hops[0]), (FAR, 1 - self.split, self.hops[1])):
            for way in ("up", "down"):
                path = self.segments[segment][way]
                path.setdefault("delay_ms", half[way] * share)
                if hops:
                    path.setdefault("hops", hops)
        if self.background:
            self.flows.append({"port": OTHER_PORT, "count": self.count(2, 6), "gap_ms": 150, "steps": [
                ["send", 300], ["recv", 9000]]})
            self.listeners.append({"port": OTHER_PORT, "steps": [["recv", 300], ["send", 9000], ["eof"]]})
        return {
            "seed": self.seed, "kind": kind, "at": self.at, "family": self.family, "mtu": self.mtu,
            "offload": self.offload, "rtt_ms": self.rtt, "segments": self.segments, "port": PORT,
            "client": {"flows": self.flows, "more": self.addresses["client"], "sysctl": self.sysctl["client"],
                       "congestion": self.congestion["client"]},
            "server": {"listeners": self.listeners, "more": self.addresses["server"],
                       "sysctl": self.sysctl["server"], "congestion": self.congestion["server"]},
            "capture": self.capture, "settle_ms": self.settle_ms + (2 * self.rtt if self.settle_ms else 0), "limit_ms": self.limit_ms + int(20 * self.rtt),
            "clean": self.clean, "truth": truth}


def faultless(**more):
    return dict({"faultless": True, "side": ["none"], "ids": "", "says": "", "undecided": [], "ledger": "none",
                 "forbid": ABOVE}, **more)


def fault(*side, ids="", says="", undecided=(), forbid="", ledger=""):
    """A fault of these sides; whoever is not named may not be accused."""
    named = set(side) | {one for pair in undecided for one in pair}
    innocent = [one for one in ("client", "server", "network") if one not in named]
    if not forbid and innocent:
        forbid = ABOVE + "(%s):" % "|".join(innocent)
    return {"faultless": False, "side": list(side), "ids": ids, "says": says,
            "undecided": [list(pair) for pair in undecided], "ledger": ledger, "forbid": forbid}


def mixes(make):
    """Marks a kind beside which other conversations with the same server may go well."""
    make.mixes = True
    return make


def stack(d):
    """Habits of the hosts that no verdict may depend on."""
    for side in ("client", "server"):
        d.congestion[side] = d.congestion[side] or d.pick("cubic", "cubic", "bbr", "reno")
        if d.chance(0.12):
            d.sysctl[side]["ipv4/tcp_timestamps"] = 0
        if d.chance(0.05):
            d.sysctl[side]["ipv4/tcp_sack"] = 0
        if d.chance(0.04):
            d.sysctl[side]["ipv4/tcp_window_scaling"] = 0
