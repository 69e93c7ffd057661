"""Writes captures: pcap or pcapng, microseconds or nanoseconds, cut at a snap length."""

import random
import struct

from . import frames

LINKTYPE_ETHERNET = 1
FLAGGED = frames.SYN | frames.FIN | frames.RST


def of_that_part(keep, frame):
    """Does a capture filter for that part let the frame pass: "tcp", "flags" (SYN, FIN, RST), "data"?"""
    p = frames.parse(frame)
    if p is None or not p.is_tcp:
        return False
    return keep == "tcp" or bool(p.flags & FLAGGED if keep == "flags" else p.len)


class Capture:
    """
    One capture file at one point of the link.

    options: format "pcap" or "pcapng"; precision "us" or "ns"; snaplen; direction "up" (from the
    client), "down" or None for both; copies (2: a mirror port that sees each frame twice);
    start_ms, stop_ms: the part of the time that is kept, counted from the first frame; misses: the share of
    frames that the capture drops, by the dice of "seed"; swap_us, swap_way: another queue for each
    direction, so that frames stand in an order that differs from that of their passing by so much;
    copies_way, copy_share: only what goes that way is there more than once, and of it only that share;
    keep: the capture filter, see of_that_part(); hole_ms: (from, until), a part of the time that is missing;
    most, most_ms: no more frames than that are written within so many milliseconds; step: (at, by), the clock
    is set by so many milliseconds then; tags: { direction = VLAN }; merge_us, merge_way: what goes that way is
    handed over in pieces as a host that receives with GRO shows it.
    'seen' holds (time, direction, uid, frame) of what was written.
    """

    def __init__(self, path, format="pcap", precision="us", snaplen=262144, direction=None,
                 copies=1, copy_gap_us=3, start_ms=0, stop_ms=None, misses=0, seed=0, swap_us=0, swap_way="up",
                 copies_way=None, copy_share=1, keep=None, hole_ms=None, most=0, most_ms=1, step=None, tags=None,
                 merge_us=0, merge_way="down"):
        self.file = open(path, "wb")
        self.path, self.ng = path, format == "pcapng"
        self.nano = precision == "ns"
        self.snaplen, self.direction = snaplen, direction
        self.copies, self.gap_ns = copies, copy_gap_us * 1000
        self.start_ns = start_ms * 1000000
        self.stop_ns = None if stop_ms is None else stop_ms * 1000000
        self.first_ns = None
        self.frames = 0
        self.misses, self.random = misses, random.Random(seed)
        self.swap_ns, self.swap_way, self.held = swap_us * 1000, swap_way, []
        self.copies_way, self.copy_share, self.keep, self.tags = copies_way, copy_share, keep, tags
        self.hole_ns = [1000000 * one for one in hole_ms] if hole_ms else None
        self.most, self.most_ns, self.lately = most, most_ms * 1000000, []
        self.step_ns = [1000000 * one for one in step] if step else None
        self.merge_ns, self.merge_way, self.pending = merge_us * 1000, merge_way, []
        self.seen = []
        self.write_header()

    def write_header(self):
        if not self.ng:
            magic = 0xA1B23C4D if self.nano else 0xA1B2C3D4
            self.file.write(struct.pack("<IHHiIII", magic, 2, 4, 0, 0, self.snaplen, LINKTYPE_ETHERNET))
            return
        self.write_block(0x0A0D0D0A, struct.pack("<IHHq", 0x1A2B3C4D, 1, 0, -1))
        resolution = struct.pack("<HHBxxxHH", 9, 1, 9 if self.nano else 6, 0, 0)
        self.write_block(1, struct.pack("<HHI", LINKTYPE_ETHERNET, 0, self.snaplen) + resolution)

    def write_block(self, kind, body):
        body += b"\0" * (-len(body) % 4)
        size = struct.pack("<I", 12 + len(body))
        self.file.write(struct.pack("<I", kind) + size + body + size)

    def add(self, time_ns, direction, frame, uid=0):
        """Writes the frame if this capture sees it.  'time_ns' is since 1970."""
        if self.direction and direction != self.direction:
            return
        if self.keep and not of_that_part(self.keep, frame):
            return
        if self.first_ns is None:
            self.first_ns = time_ns
        age = time_ns - self.first_ns
        if age < self.start_ns or self.stop_ns is not None and age > self.stop_ns:
            return
        if self.misses and self.random.random() < self.misses or self.misses_now(age):
            return
        self.seen.append((time_ns, direction, uid, frame))
        if self.step_ns and age >= self.step_ns[0]:
            time_ns += self.step_ns[1]
        if self.tags:
            frame = frames.tag(frame, [self.tags[direction]])
        if self.swap_ns:
            self.hold(time_ns, direction, frame)
        elif self.merge_ns:
            self.gather(time_ns, direction, frame)
        else:
            self.write_copies(time_ns, direction, frame)

    def misses_now(self, age):
        """Is that a time at which the capture loses what comes?"""
        if self.hole_ns and self.hole_ns[0] <= age < self.hole_ns[1]:
            return True
        if not self.most:
            return False
        self.lately = [one for one in self.lately if age - one < self.most_ns]
        if len(self.lately) >= self.most:
            return True
        self.lately.append(age)
        return False

    def write_copies(self, time_ns, direction, frame):
        more = self.copies > 1 and self.copies_way in (None, direction) and (
            self.copy_share >= 1 or self.random.random() < self.copy_share)
        for copy in range(self.copies if more else 1):
            self.write_packet(time_ns + copy * self.gap_ns, frame)

    def gather(self, time_ns, direction, frame):
        """In-order segments of one connection that come close together become one (GRO)."""
        p = frames.parse(frame)
        joins = direction == self.merge_way and p is not None and p.is_tcp and p.len > 0 and not p.flags & FLAGGED
        if self.pending:
            _, size, last, before = self.pending
            if not (joins and time_ns - self.pending[0] < self.merge_ns and frames.follows(before, p, size)
                    and before.ip_len + p.len < 60000):
                self.flush()
        if not joins:
            self.write_packet(time_ns, frame)
            return
        if self.pending:
            merged = frames.joined(self.pending[3], p)
            self.pending = [self.pending[0], self.pending[1], time_ns, merged]
            if p.flags & frames.PSH or p.len < self.pending[1]:
                self.flush()
        elif p.flags & frames.PSH:
            self.write_packet(time_ns, frame)
        else:
            self.pending = [time_ns, p.len, time_ns, p]

    def flush(self):
        if self.pending:
            self.write_packet(self.pending[2], self.pending[3].frame)
            self.pending = []

    def hold(self, time_ns, direction, frame):
        """Two receive queues: what goes one way is handed over a little later than what goes the other."""
        handed = time_ns + (self.swap_ns if direction == self.swap_way else 0)
        while self.held and self.held[0][0] <= handed - self.swap_ns:
            self.write_packet(*self.held.pop(0))
        self.held.append((handed, frame))
        self.held.sort(key=lambda one: one[0])

    def write_packet(self, time_ns, frame):
        data = frame[:self.snaplen]
        units = time_ns if self.nano else time_ns // 1000
        if self.ng:
            head = struct.pack("<IIIII", 0, units >> 32, units & 0xFFFFFFFF, len(data), len(frame))
            self.write_block(6, head + data)
        else:
            second = 1000000000 if self.nano else 1000000
            self.file.write(struct.pack("<IIII", units // second, units % second, len(data), len(frame)))
            self.file.write(data)
        self.frames += 1

    def close(self):
        self.flush()
        for handed, frame in self.held:
            self.write_packet(handed, frame)
        self.file.close()
