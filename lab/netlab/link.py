"""
The user-space link: forwards frames between two TAP devices and harms them on the way.

A wire has nodes in a row, the client's end first, and a segment between each two:

    client --segment 0-- middle --segment 1-- server        (no router: one wire)
    client --segment 0-- middle   middle --segment 0-- server  (with a router: two wires)

"up" is from the client to the server, "down" the other way.  Each segment has a path for each
direction, and what a path does is plain data:

    delay_ms, jitter_ms        one way; jitter keeps the order unless jitter_reorders is set
    loss, duplicate            probability for each TCP frame
    burst                      { enter, leave, loss }: loss that comes in bursts, in the manner of Gilbert and
                               Elliott: probabilities for each TCP frame of a burst's begin, of its end, of loss in it
    hops                       routers on the way: each takes one off the TTL
    reorder, reorder_ms        probability that a TCP frame comes late by so much, past the others
    rate_mbps, queue_kb        a bottleneck with a queue that drops at its tail
    batch_ms                   frames come out only at multiples of so much (radio, interrupt moderation)
    stall                      { every_ms, for_ms }: now and then nothing comes out for so long, then all of it
    shift                      { after_ms, by_ms }: from then on the way is longer, as after a change of route
    mtu, too_big               IP packets beyond mtu are dropped; too_big: address of the router that
                               tells the sender by ICMP (its absence makes the black hole)
    rules                      list of { match, nth, from, every, port, min_len, after_ms, until_ms, do, ... }:
                               match "any", "tcp", "syn", "synack", "data", "ack", "fin", "rst",
                               "icmp"; nth and from count matches from 1; after_ms and until_ms count
                               from the path's first TCP frame; do "drop", "hold" (ms), "copy", or
                               "reset" (a middlebox: RST to both ends with ttl; drop says whether
                               the frame itself is stopped)

Rules and probabilities are tried where the frame enters the segment.  Randomness is by seed.
A segment may hold a box that sees both directions, see boxes.py.
"""

import fcntl
import heapq
import ipaddress
import os
import random
import select
import struct
import threading
import time

from . import frames

TUNSETIFF, TUNSETOFFLOAD, TUNSETVNETHDRSZ = 0x400454CA, 0x400454D0, 0x400454D8
IFF_TAP, IFF_NO_PI, IFF_VNET_HDR = 0x0002, 0x1000, 0x4000
TUN_F_CSUM, TUN_F_TSO4, TUN_F_TSO6 = 1, 2, 4
VNET_HEADER = 10


def open_tap(name, offload):
    """Opens a TAP device in the network namespace of the calling thread."""
    fd = os.open("/dev/net/tun", os.O_RDWR | os.O_NONBLOCK)
    flags = IFF_TAP | IFF_NO_PI | (IFF_VNET_HDR if offload else 0)
    fcntl.ioctl(fd, TUNSETIFF, struct.pack("16sH22x", name.encode(), flags))
    if offload:
        fcntl.ioctl(fd, TUNSETVNETHDRSZ, struct.pack("i", VNET_HEADER))
        fcntl.ioctl(fd, TUNSETOFFLOAD, TUN_F_CSUM | TUN_F_TSO4 | TUN_F_TSO6)
    return fd


def matches(kind, p):
    """Does the packet (None: not IP) belong to the class of that name?"""
    if kind == "any":
        return True
    if p is None:
        return False
    if kind == "icmp":
        return p.proto in (frames.ICMP, frames.ICMPV6)
    if not p.is_tcp:
        return False
    syn, ack = p.flags & frames.SYN, p.flags & frames.ACK
    return {
        "tcp": True,
        "syn": bool(syn and not ack),
        "synack": bool(syn and ack),
        "data": p.len > 0,
        "ack": p.len == 0 and not p.flags & (frames.SYN | frames.FIN | frames.RST),
        "fin": bool(p.flags & frames.FIN),
        "rst": bool(p.flags & frames.RST),
    }[kind]


def packet_too_big(p, what):
    """Is the way too narrow for the packet?"""
    return p is not None and p.ip_len > what.get("mtu", 65535)


class Path:
    """One direction of one segment: decides what becomes of a frame."""

    def __init__(self, what, seed):
        self.what = what
        self.random = random.Random(seed)
        self.seen = [0] * len(what.get("rules", ()))
        self.did = dict.fromkeys(("segments", "lost", "lost_acks", "doubled", "late"), 0)
        self.first = None                               # when the first TCP frame came
        self.last_due = 0
        self.free_at = 0
        self.in_burst = False

    def spared(self):
        """The dice of the loss: does this frame go on?"""
        what, dice = self.what, self.random.random
        if "burst" in what:
            burst = what["burst"]
            if dice() < (burst["leave"] if self.in_burst else burst["enter"]):
                self.in_burst = not self.in_burst
            if self.in_burst and dice() < burst["loss"]:
                return False
        return dice() >= what.get("loss", 0)

    def fired(self, p, now):
        """The rules that apply to this frame, each counted once."""
        if self.first is None and p is not None and p.is_tcp:
            self.first = now
        age_ms = 0 if self.first is None else (now - self.first) / 1e6
        for i, rule in enumerate(self.what.get("rules", ())):
            if not matches(rule.get("match", "any"), p):
                continue
            if "min_len" in rule and (p is None or p.len < rule["min_len"]):
                continue
            if "port" in rule and (p is None or rule["port"] not in (p.sport, p.dport)):
                continue
            if age_ms < rule.get("after_ms", 0) or age_ms > rule.get("until_ms", float("inf")):
                continue
            self.seen[i] += 1
            if "nth" in rule and self.seen[i] not in rule["nth"]:
                continue
            if self.seen[i] < rule.get("from", 1):
                continue
            if "every" in rule and self.seen[i] % rule["every"]:
                continue
            yield rule

    def send(self, frame, p, now, rules):
        """As decide(), and keeps count of what became of TCP segments."""
        due, late = self.decide(frame, p, now, rules)
        if p is not None and p.is_tcp:
            self.did["segments"] += 1
            # A bare ack or reset that is lost is never sent again: it takes no sequence number.
            numbered = p.len > 0 or p.flags & (frames.SYN | frames.FIN)
            self.did["lost" if numbered else "lost_acks"] += not due
            self.did["doubled"] += len(due) > 1
            self.did["late"] += bool(due) and late
        return due

    def decide(self, frame, p, now, rules):
        """
        When the frame arrives at the other node: a list of due times, empty when it is lost; and
        whether others may overtake it.
        """
        what, dice = self.what, self.random.random
        late = copies = 0
        for rule in rules:
            if rule["do"] == "drop" or rule["do"] == "reset" and rule.get("drop"):
                return [], False
            if rule["do"] == "hold":
                late = rule["ms"]
            elif rule["do"] == "copy":
                copies = 1
        tcp = p is not None and p.is_tcp
        if packet_too_big(p, what) or tcp and not self.spared():
            return [], False
        if "rate_mbps" in what:
            rate = what["rate_mbps"] / 8e3              # bytes per nanosecond
            waiting = max(0, self.free_at - now) * rate
            if waiting > what.get("queue_kb", float("inf")) * 1024:
                return [], False
            self.free_at = max(now, self.free_at) + int(len(frame) / rate)
            now = self.free_at
        due = now + int(1e6 * (what.get("delay_ms", 0) + dice() * what.get("jitter_ms", 0)))
        due = self.held_until(due, now)
        if not what.get("jitter_reorders"):
            due = self.last_due = max(due, self.last_due)
        if tcp and dice() < what.get("reorder", 0):
            late = what["reorder_ms"]
        due += int(late * 1e6)
        if copies or tcp and dice() < what.get("duplicate", 0):
            return [due, due + 40000], late > 0
        return [due], late > 0


    def held_until(self, due, now):
        """Until when what is due then waits: a longer way, a stall, a batch."""
        what = self.what
        if "shift" in what and self.first is not None and now - self.first >= what["shift"]["after_ms"] * 1e6:
            due += int(what["shift"]["by_ms"] * 1e6)
        if "stall" in what:
            every, span = what["stall"]["every_ms"] * 1e6, what["stall"]["for_ms"] * 1e6
            into = due % every
            if into < span:
                due += int(span - into)
        if "batch_ms" in what:
            batch = int(what["batch_ms"] * 1e6)
            due = -(-due // batch) * batch
        return due


class Wire:
    """
    Nodes and segments between two TAP devices; 'captures' lists (node, Capture).  'fates', when it is
    a list, gets (segment, way, uid, "lost" | "late" | "doubled") for each frame that was harmed.
    """

    def __init__(self, client_fd, server_fd, segments, captures, seed, vlans, offload, fates=None):
        self.fds = {"down": client_fd, "up": server_fd}     # where a direction ends
        self.segments = [
            {way: Path(segment.get(way, {}), "%s:%d:%s" % (seed, i, way)) for way in ("up", "down")}
            for i, segment in enumerate(segments)]
        self.boxes = [segment.get("box") for segment in segments]
        self.last = len(segments)
        self.captures, self.fates = captures, fates
        self.vlans, self.offload = vlans, offload


class Link:
    """Runs the wires in a thread until stop()."""

    def __init__(self, wires):
        self.wires = wires
        self.heap, self.order, self.uid = [], 0, 0
        self.lag = 0                                    # the worst lateness of a delivery, in nanoseconds
        self.start = time.monotonic_ns()
        self.epoch = time.time_ns() - self.start
        self.stopping = False
        self.error = None
        self.thread = threading.Thread(target=self.run, daemon=True)

    def begin(self):
        self.thread.start()

    def stop(self):
        """Ends the thread; an error in it comes out here."""
        self.stopping = True
        self.thread.join()
        if self.error:
            raise self.error

    def did(self):
        """What was done to the TCP segments of each direction, over all wires; call it after stop()."""
        total = {}
        for way, name in (("up", "client_to_server"), ("down", "server_to_client")):
            paths = [segment[way].did for wire in self.wires for segment in wire.segments]
            total[name] = {what: sum(did[what] for did in paths) for what in paths[0]}
            total[name]["segments"] = paths[0 if way == "up" else -1]["segments"]      # those sent
        return total

    def run(self):
        try:
            self.loop()
        except Exception as error:                      # shown by stop(), in the main thread
            self.error = error

    def loop(self):
        sources = {}
        for wire in self.wires:
            sources[wire.fds["down"]] = (wire, "up", 0)
            sources[wire.fds["up"]] = (wire, "down", wire.last)
        while not self.stopping:
            wait = 0.05
            if self.heap:
                wait = min(wait, max(0, (self.heap[0][0] - time.monotonic_ns()) / 1e9))
            ready, _, _ = select.select(list(sources), [], [], wait)
            self.deliver_due()
            for fd in ready:
                self.read_some(fd, *sources[fd])

    def read_some(self, fd, wire, way, node):
        for _ in range(16):
            try:
                frame = os.read(fd, 70000)
            except BlockingIOError:
                return
            except OSError:
                return                                  # the device is down: not yet, or no more
            header = b""
            if wire.offload:
                header, frame = frame[:VNET_HEADER], frame[VNET_HEADER:]
            if wire.vlans:
                frame = frames.tag(frame, wire.vlans)
            self.uid += 1
            self.pass_node(wire, node, way, header, frame, self.uid)

    def deliver_due(self):
        now = time.monotonic_ns()
        while self.heap and self.heap[0][0] <= now:
            due, _, wire, node, way, header, frame, uid = heapq.heappop(self.heap)
            self.lag = max(self.lag, now - due)
            if callable(frame):                         # made when it is due, or not at all
                frame = frame()
                if frame is None:
                    continue
            self.pass_node(wire, node, way, header, frame, uid)
            now = time.monotonic_ns()

    def pass_node(self, wire, node, way, header, frame, uid=0):
        """
        The frame is at a node: capture it there, then send it on or hand it to the stack.  'uid' is
        its number among those that hosts sent; 0: made on the way.
        """
        now = time.monotonic_ns()
        for place, capture in wire.captures:
            if place == node:
                capture.add(self.epoch + now, way, frame, uid)
        if node == (wire.last if way == "up" else 0):
            if wire.vlans:
                frame = frames.untag(frame)
            try:
                os.write(wire.fds[way], header + frame)
            except OSError:
                pass                                    # the device is down: the frame is lost
            return
        index = node if way == "up" else node - 1
        path, box = wire.segments[index][way], wire.boxes[index]
        onward = node + 1 if way == "up" else node - 1
        if box is None and not path.what:
            self.pass_node(wire, onward, way, header, frame, uid)
            return
        packet = frames.parse(frame)
        if box is not None:
            frame = box.take(Hand(self, wire, index, header), way, packet, frame, now - self.start)
            if frame is None:
                self.tell(wire, index, way, uid, "lost")
                return
            packet = frames.parse(frame)
        if "hops" in path.what and packet is not None and packet.is_tcp:
            frame = frames.hop(packet, path.what["hops"])
            packet = frames.parse(frame)
        if packet_too_big(packet, path.what) and path.what.get("too_big"):
            self.too_big(wire, node, way, packet, path.what)
        rules = list(path.fired(packet, now - self.start))
        late = path.did["late"]
        dues = path.send(frame, packet, now - self.start, rules)
        if wire.fates is not None and (len(dues) != 1 or path.did["late"] > late):
            self.tell(wire, index, way, uid, "late" if len(dues) == 1 else "doubled" if dues else "lost")
        for due in dues:
            self.later(due, wire, onward, way, header, frame, uid)
        for rule in rules:
            if rule["do"] == "reset":
                self.reset(wire, node, way, packet, rule)

    def later(self, due, wire, node, way, header, frame, uid=0):
        """Hands a frame to a node at that time, in nanoseconds since the link began."""
        self.order += 1
        heapq.heappush(self.heap, (self.start + due, self.order, wire, node, way, header, frame, uid))

    def tell(self, wire, index, way, uid, fate):
        if wire.fates is not None:
            wire.fates.append((index, way, uid, fate))

    def too_big(self, wire, node, way, packet, what):
        """A router at this node says how narrow its way out is."""
        router = ipaddress.ip_address(what["too_big"]).packed
        back = "down" if way == "up" else "up"
        header = bytes(VNET_HEADER) if wire.offload else b""
        self.pass_node(wire, node, back, header, frames.build_too_big(packet, what["mtu"], router))

    def reset(self, wire, node, way, packet, rule):
        """A box at this node resets the connection towards both ends, in the name of the other."""
        header = bytes(VNET_HEADER) if wire.offload else b""
        end = packet.seq + packet.len
        ahead = packet.seq if rule.get("drop") else end
        ttl, toward = rule.get("ttl", 250), rule.get("toward", ("up", "down"))
        back = "down" if way == "up" else "up"
        if way in toward:
            self.pass_node(wire, node, way, header, frames.build_tcp(
                packet, False, ahead, packet.ack, frames.RST | frames.ACK, ttl))
        if back in toward:
            self.pass_node(wire, node, back, header, frames.build_tcp(
                packet, True, packet.ack, end, frames.RST | frames.ACK, ttl))


class Hand:
    """What a box may do besides its answer: send a frame of its own out of its segment."""

    def __init__(self, link, wire, index, header):
        self.link, self.wire, self.index, self.header = link, wire, index, header

    def send(self, way, frame, after_ms=0):
        """Towards the server ("up") or the client ("down")."""
        header = bytes(VNET_HEADER) if self.wire.offload else b""
        node = self.index + 1 if way == "up" else self.index
        due = time.monotonic_ns() - self.link.start + int(after_ms * 1e6)
        self.link.later(due, self.wire, node, way, header, frame)
