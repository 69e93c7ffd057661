"""
Boxes on the way: devices that see both directions and keep state, as plain data.

    { does "forget", idle_ms, then "drop" | "reset", toward, ttl }
                                    a connection that was silent for so long is unknown afterwards
    { does "expire", idle_ms, ttl }         a connection that was silent for so long is reset towards both ends
    { does "block", ports, then "drop" | "reset" | "icmp", code, router, ttl }
                                    SYNs to these ports do not pass
    { does "swallow", from, min_len }   data towards the server does not pass on connections from the nth on
    { does "shift", by }            the server's numbers are rewritten; SACK blocks are not
    { does "strip", kinds, mss }    options are taken off SYNs, or the MSS is lowered
    { does "rebind", idle_ms, by }  a translator that gives a connection another port of the client after a silence
    { does "thin", way, hold_ms, delay_ms }     of the bare acknowledgements that follow each other only the latest goes on
    { does "collide", within_us, every }    of the data that meets what comes the other way each nth is lost, as
                                    where one end of a wire speaks half duplex
    { does "renumber", up, down }   both directions' numbers are rewritten by so much, acknowledgements and SACK blocks too
    { does "translate", net, ports }        clients have other addresses behind it (IPv4; the last byte stays), and
                                    ports that are so much higher
    { does "inject", after, toward, ttl }   with the nth segment with data of a connection comes a reset
    { does "identify", way, how "zero" | "one counter" | "at random" }      the IP identification of what a host sends
    { does "stamp", way, unit_ms }  a host whose timestamps count in longer units; who echoes them is not led astray
    { does "delay_acks", way, hold_ms }     a host that acknowledges every second segment, or later by so much
    { does "chain", boxes }         several in a row, the client's end first

"toward": whom resets are sent to, ["up"] the server, ["down"] the client; default: back to the sender.
"""

import ipaddress

from . import frames

NOP, SACK, STAMP = 1, 5, 8


def connection(way, p):
    """One key for both directions: the client's address and port, then the server's."""
    here, there = (p.src, p.sport), (p.dst, p.dport)
    return (here, there) if way == "up" else (there, here)


class Box:
    def __init__(self, what):
        self.what = what
        self.known = {}                                 # connection: what the box keeps about it

    def take(self, hand, way, p, frame, now):
        """The frame that goes on, perhaps another; None: it does not."""
        if p is None or not p.is_tcp:
            return frame
        return getattr(self, self.what["does"])(hand, way, p, frame, now)

    def refuse(self, hand, way, p):
        """Resets towards the sender, or towards whom the box is told."""
        back = "down" if way == "up" else "up"
        ttl = self.what.get("ttl", 64)
        for target in self.what.get("toward", [back]):
            if target == back:
                if p.flags & frames.RST:
                    continue
                if p.flags & frames.ACK:
                    made = frames.build_tcp(p, True, p.ack, 0, frames.RST, ttl)
                else:
                    end = p.seq + p.len + (1 if p.flags & (frames.SYN | frames.FIN) else 0)
                    made = frames.build_tcp(p, True, 0, end, frames.RST | frames.ACK, ttl)
            else:
                made = frames.build_tcp(p, False, p.seq, p.ack, frames.RST | frames.ACK, ttl)
            hand.send(target, made)

    def forget(self, hand, way, p, frame, now):
        key = connection(way, p)
        if p.flags & frames.SYN:
            self.known[key] = now
            return frame
        last = self.known.get(key)
        if last is not None and now - last <= self.what["idle_ms"] * 1e6:
            self.known[key] = now
            return frame
        self.known.pop(key, None)
        if self.what["then"] == "reset":
            self.refuse(hand, way, p)
        return None

    def expire(self, hand, way, p, frame, now):
        key = connection(way, p)
        count = self.known[key] = self.known.get(key, 0) + 1
        if p.flags & (frames.FIN | frames.RST):
            self.known[key] = -1                        # it ends by itself
        if count <= 0:
            self.known[key] = -1
            return frame
        end = p.seq + p.len
        ttl = self.what.get("ttl", 64)
        for target in ("up", "down"):
            same = target == way
            made = frames.build_tcp(p, not same, end if same else p.ack, p.ack if same else end,
                                    frames.RST | frames.ACK, ttl)
            hand.send(target, lambda made=made: made if self.known[key] == count else None, self.what["idle_ms"])
        return frame

    def block(self, hand, way, p, frame, now):
        if way != "up" or p.dport not in self.what["ports"] or not p.flags & frames.SYN:
            return frame
        if self.what["then"] == "reset":
            self.refuse(hand, way, p)
        elif self.what["then"] == "icmp":
            router = ipaddress.ip_address(self.what["router"]).packed
            hand.send("down", frames.build_unreachable(p, self.what["code"], router))
        return None

    def swallow(self, hand, way, p, frame, now):
        number = self.known.setdefault(connection(way, p), len(self.known) + 1)
        if way == "up" and p.len >= self.what.get("min_len", 1) and number >= self.what["from"]:
            return None
        return frame

    def shift(self, hand, way, p, frame, now):
        """Another initial number of the server towards the client, as some firewalls choose one."""
        by = self.what["by"] if way == "down" else -self.what["by"]
        if way == "up" and not p.flags & frames.ACK:
            return frame
        at = p.l4 + (4 if way == "down" else 8)
        changed = bytearray(frame)
        number = int.from_bytes(changed[at:at + 4], "big") + by
        changed[at:at + 4] = (number & 0xFFFFFFFF).to_bytes(4, "big")
        return frames.mend(bytes(changed), p)

    def rebind(self, hand, way, p, frame, now):
        key, by = connection(way, p), self.what["by"]
        if way == "down":                               # the answers go back to the port that the client has
            key = ((p.dst, p.dport - by), (p.src, p.sport)) if p.dport - by > 0 else key
            if key not in self.known or not self.known[key][1]:
                return frame
            self.known[key] = (now, True)
            return frames.with_port(p, 2, p.dport - by)
        last, moved = self.known.get(key, (now, False))
        moved = moved or not p.flags & frames.SYN and now - last > self.what["idle_ms"] * 1e6
        self.known[key] = (now, moved)
        return frames.with_port(p, 0, p.sport + by) if moved else frame

    def thin(self, hand, way, p, frame, now):
        if way != self.what["way"]:
            return frame
        key = connection(way, p)
        bare = p.len == 0 and p.flags == frames.ACK and frame[p.l4 + 12] >> 4 <= 8      # without SACK blocks
        waiting = self.known.pop(key, None)
        delay = self.what["delay_ms"]                   # of the segment: what is sent by hand comes out at its end
        if waiting and (not bare or waiting[1] == p.ack):
            hand.send(way, waiting[0], delay)           # the newer one says something else
        if not bare:
            return frame
        self.known[key] = mine = (frame, p.ack)
        hand.send(way, lambda: self.release(key, mine), self.what["hold_ms"] + delay)
        return None

    def release(self, key, mine):
        if self.known.get(key) is not mine:
            return None
        del self.known[key]
        return mine[0]

    def identify(self, hand, way, p, frame, now):
        if way != self.what["way"] or p.family != 4:
            return frame
        count = self.known["count"] = self.known.get("count", 4000) + 1
        number = {"zero": 0, "one counter": count, "at random": count * 40503 + 77 >> 3}[self.what["how"]] & 0xFFFF
        changed = bytearray(frame)
        changed[p.ip + 4:p.ip + 6] = number.to_bytes(2, "big")
        changed[p.ip + 10:p.ip + 12] = b"\0\0"
        changed[p.ip + 10:p.ip + 12] = frames.checksum(bytes(changed[p.ip:p.l4])).to_bytes(2, "big")
        return bytes(changed)

    def stamp(self, hand, way, p, frame, now):
        key, changed = connection(way, p), bytearray(frame)
        for kind, at, size in frames.options(frame, p):
            if kind != STAMP or size != 10:
                continue
            if way == self.what["way"]:
                value = int.from_bytes(frame[at + 2:at + 6], "big")
                unit = value // self.what["unit_ms"]
                self.known[key, unit] = value           # the latest with that number is the one that is echoed
                changed[at + 2:at + 6] = unit.to_bytes(4, "big")
            else:
                unit = int.from_bytes(frame[at + 6:at + 10], "big")
                changed[at + 6:at + 10] = self.known.get((key, unit), unit).to_bytes(4, "big")
        return frames.mend(bytes(changed), p)

    def delay_acks(self, hand, way, p, frame, now):
        if way != self.what["way"]:
            return frame
        key = connection(way, p)
        if p.flags & frames.SYN:
            self.known.pop(key, None)                   # the last step of a handshake never waits
            return frame
        bare = p.len == 0 and p.flags == frames.ACK and frame[p.l4 + 12] >> 4 <= 8      # without SACK blocks
        last, waiting = self.known.get(key, (None, None))
        if not bare or last is None or waiting or p.ack == last:
            self.known[key] = (p.ack, None)             # it holds what the waiting one says
            return frame
        mine = (p.ack, frame)
        self.known[key] = mine
        hand.send(way, lambda: self.late_ack(key, mine), self.what["hold_ms"])
        return None

    def late_ack(self, key, mine):
        if self.known.get(key) is not mine:
            return None
        self.known[key] = (mine[0], None)
        return mine[1]

    def collide(self, hand, way, p, frame, now):
        other = self.known.get("down" if way == "up" else "up", -10 ** 12)
        self.known[way] = now
        if p.len > 0 and now - other < self.what["within_us"] * 1000:
            self.known["met"] = self.known.get("met", 0) + 1
            if self.known["met"] % self.what["every"] == 0:
                return None
        return frame

    def renumber(self, hand, way, p, frame, now):
        """Both sides' numbers are others behind it, as some routers choose better ones."""
        changed = bytearray(frame)
        own = self.what["up"] if way == "up" else -self.what["down"]
        other = self.what["down"] if way == "up" else -self.what["up"]

        def add(at, by):
            number = int.from_bytes(changed[at:at + 4], "big") + by
            changed[at:at + 4] = (number & 0xFFFFFFFF).to_bytes(4, "big")

        add(p.l4 + 4, own)
        if p.flags & frames.ACK:
            add(p.l4 + 8, other)
        for kind, at, size in frames.options(frame, p):
            if kind == SACK:
                for edge in range(at + 2, at + size, 4):
                    add(edge, other)
        return frames.mend(bytes(changed), p)

    def translate(self, hand, way, p, frame, now):
        changed = bytearray(frame)
        size = 4 if p.family == 4 else 16
        at = p.ip + (12 if p.family == 4 else 8)
        if way == "up":
            port, address = (p.sport + self.what["ports"]) & 0xFFFF, p.src
            if p.family == 4:
                address = ipaddress.ip_address(self.what["net"]).packed[:3] + p.src[3:]
            self.known[address, port] = p.src, p.sport
            changed[at:at + size], changed[p.l4:p.l4 + 2] = address, port.to_bytes(2, "big")
        else:
            address, port = self.known.get((p.dst, p.dport), (p.dst, p.dport))
            changed[at + size:at + 2 * size], changed[p.l4 + 2:p.l4 + 4] = address, port.to_bytes(2, "big")
        changed = bytes(changed)
        return frames.mend(changed, frames.parse(changed))

    def inject(self, hand, way, p, frame, now):
        key = connection(way, p)
        if p.len > 0 and self.known.get(key, 0) >= 0:
            self.known[key] = self.known.get(key, 0) + 1
            if self.known[key] == self.what["after"]:
                self.known[key] = -1
                for target in self.what["toward"]:
                    if target == way:
                        made = frames.build_tcp(p, False, p.seq, p.ack, frames.RST | frames.ACK, self.what["ttl"])
                    else:
                        made = frames.build_tcp(p, True, p.ack, p.seq + p.len, frames.RST | frames.ACK,
                                                self.what["ttl"])
                    hand.send(target, made)
        return frame

    def chain(self, hand, way, p, frame, now):
        boxes = self.known.setdefault("boxes", [Box(one) for one in self.what["boxes"]])
        for box in boxes if way == "up" else reversed(boxes):
            frame = box.take(hand, way, frames.parse(frame), frame, now)
            if frame is None:
                return None
        return frame

    def strip(self, hand, way, p, frame, now):
        if not p.flags & frames.SYN:
            return frame
        changed = bytearray(frame)
        at, end = p.l4 + 20, p.l4 + (frame[p.l4 + 12] >> 4) * 4
        while at < end and changed[at] != 0:
            if changed[at] == NOP:
                at += 1
                continue
            kind, size = changed[at], max(2, changed[at + 1])
            if kind in self.what.get("kinds", ()):
                changed[at:at + size] = bytes([NOP]) * size
            elif kind == 2 and "mss" in self.what:
                changed[at + 2:at + 4] = self.what["mss"].to_bytes(2, "big")
            at += size
        return frames.mend(bytes(changed), p)
