#!/usr/bin/env python3
"""Tests of the laboratory's parts that need neither root nor tshark.

usage: test_netlab.py
"""

import os
import struct
import sys
import tempfile
import unittest

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))

from netlab import cases, contradict, draw, fixtures, frames, judge, ledger, talk, traffic  # noqa: E402
from netlab.boxes import Box  # noqa: E402
from netlab.capture import Capture  # noqa: E402
from netlab.link import Path  # noqa: E402

MACS = bytes.fromhex("020000000050" "02000000000a")


def segment(flags=frames.ACK, payload=b"", src=b"\xc0\x00\x02\x0a", dst=b"\xc0\x00\x02\x50", kind=0x0800):
    """A TCP frame from port 40000 to port 80, sequence number 1000."""
    tcp = struct.pack("!HHIIBBHHH", 40000, 80, 1000, 5000, 5 << 4, flags, 1000, 0, 0) + payload
    family = 4 if kind == 0x0800 else 6
    return MACS + struct.pack("!H", kind) + frames.ip_header(family, src, dst, frames.TCP, len(tcp), 64) + tcp


def path(**what):
    return Path(what, "seed")


def fate(one, frame, now=0):
    """When the frame arrives: a list."""
    p = frames.parse(frame)
    return one.send(frame, p, now, list(one.fired(p, now)))


class Frames(unittest.TestCase):
    def test_reads_through_tags(self):
        frame = segment(payload=b"abc")
        tagged = frames.tag(frame, [10, 20])
        self.assertEqual(len(frame) + 8, len(tagged))
        self.assertEqual(frame, frames.untag(tagged))
        p = frames.parse(tagged)
        self.assertEqual((40000, 80, 1000, 5000, 3), (p.sport, p.dport, p.seq, p.ack, p.len))

    def test_padding_is_no_payload(self):
        self.assertEqual(0, frames.parse(segment() + bytes(6)).len)

    def test_arp_is_no_packet(self):
        self.assertIsNone(frames.parse(MACS + b"\x08\x06" + bytes(28)))

    def test_a_built_reset_has_good_checksums_and_the_way_back(self):
        six = segment(src=bytes(15) + b"\x01", dst=bytes(15) + b"\x02", kind=0x86DD)
        for frame in (segment(), six, frames.tag(segment(), [7])):
            like = frames.parse(frame)
            built = frames.build_tcp(like, True, 7, 8, frames.RST | frames.ACK, 250)
            p = frames.parse(built)
            self.assertEqual((like.dst, like.src, 80, 40000), (p.src, p.dst, p.sport, p.dport))
            self.assertEqual(frame[:6], built[6:12])
            tcp = built[p.l4:]
            self.assertEqual(0, frames.checksum(frames.pseudo_header(p.src, p.dst, 6, len(tcp)) + tcp))
            if p.family == 4:
                self.assertEqual(0, frames.checksum(built[p.ip:p.l4]))

    def test_too_big_quotes_the_packet(self):
        like = frames.parse(segment(payload=bytes(1400)))
        icmp = frames.parse(frames.build_too_big(like, 1300, b"\xc0\x00\x02\x01"))
        body = icmp.frame[icmp.l4:]
        self.assertEqual((3, 4, 1300), (body[0], body[1], int.from_bytes(body[6:8], "big")))
        self.assertEqual(like.frame[like.ip:like.ip + 28], body[8:])
        self.assertEqual(0, frames.checksum(body))


class Paths(unittest.TestCase):
    def test_rules_count_what_they_match(self):
        one = path(rules=[{"match": "data", "nth": [2], "do": "drop"}])
        data, ack = segment(payload=b"x"), segment()
        self.assertEqual([1, 1, 1, 0, 1], [len(fate(one, f)) for f in (ack, data, ack, data, data)])

    def test_rules_know_from_and_every(self):
        one = path(rules=[{"match": "any", "from": 4, "every": 2, "do": "drop"}])
        self.assertEqual([1, 1, 1, 0, 1, 0], [len(fate(one, segment())) for _ in range(6)])

    def test_rules_hold_and_copy(self):
        one = path(delay_ms=1, rules=[{"match": "data", "min_len": 2, "do": "hold", "ms": 5},
                                      {"match": "fin", "port": 80, "do": "copy"}])
        due = [fate(one, f) for f in (segment(payload=b"x"), segment(payload=b"xx"), segment(),
                                      segment(frames.FIN | frames.ACK))]
        self.assertEqual([[1000000], [6000000], [1000000], [1000000, 1040000]], due)
        self.assertEqual(1, len(fate(path(rules=[{"min_len": 1, "do": "drop"}]), MACS + b"\x08\x06" + bytes(28))))

    def test_a_window_of_time_counts_from_the_first_segment(self):
        one = path(rules=[{"match": "tcp", "after_ms": 10, "until_ms": 20, "do": "drop"}])
        times = (5, 14, 16, 24, 26)
        self.assertEqual([1, 1, 0, 0, 1], [len(fate(one, segment(), ms * 1000000)) for ms in times])

    def test_the_same_seed_loses_the_same_frames(self):
        def run():
            one = path(loss=0.2)
            return [len(fate(one, segment())) for _ in range(500)]
        self.assertEqual(run(), run())
        self.assertTrue(60 < run().count(0) < 140)

    def test_arp_is_never_lost(self):
        one = path(loss=1)
        self.assertEqual(1, len(fate(one, MACS + b"\x08\x06" + bytes(28))))

    def test_keeps_count_of_what_it_did(self):
        one = path(mtu=100, rules=[{"match": "data", "nth": [1], "do": "copy"},
                                    {"match": "data", "nth": [2], "do": "hold", "ms": 1}])
        for frame in (segment(), segment(payload=b"x"), segment(payload=b"x"), segment(payload=bytes(90))):
            fate(one, frame)
        self.assertEqual({"segments": 4, "lost": 1, "lost_acks": 0, "doubled": 1, "late": 1}, one.did)
        one = path(loss=1)
        for flags in (frames.ACK, frames.SYN, frames.FIN | frames.ACK, frames.RST):
            fate(one, segment(flags))
        self.assertEqual({"segments": 4, "lost": 2, "lost_acks": 2, "doubled": 0, "late": 0}, one.did)

    def test_jitter_keeps_the_order_unless_told(self):
        kept = path(jitter_ms=50)
        due = [fate(kept, segment())[0] for _ in range(100)]
        self.assertEqual(sorted(due), due)
        free = path(jitter_ms=50, jitter_reorders=True)
        due = [fate(free, segment())[0] for _ in range(100)]
        self.assertNotEqual(sorted(due), due)

    def test_a_full_queue_drops_its_tail(self):
        one = path(rate_mbps=1, queue_kb=3)
        frame = segment(payload=bytes(960))                  # 1014 bytes: 8.1 ms at 1 Mbit/s
        fates = [len(fate(one, frame)) for _ in range(6)]
        self.assertEqual([1, 1, 1, 1, 0, 0], fates)
        self.assertEqual(1, len(fate(one, frame, 40 * 1000000)))


class Captures(unittest.TestCase):
    def write(self, add, **options):
        with tempfile.TemporaryDirectory() as folder:
            capture = Capture(os.path.join(folder, "x"), **options)
            add(capture)
            capture.close()
            with open(capture.path, "rb") as file:
                return file.read()

    def test_pcap(self):
        def add(capture):
            capture.add(5000001234, "up", b"x" * 10)
            capture.add(5000002234, "down", b"y" * 10)
        data = self.write(add, snaplen=4, direction="up")
        self.assertEqual((0xA1B2C3D4, 2, 4, 0, 0, 4, 1), struct.unpack("<IHHiIII", data[:24]))
        self.assertEqual((5, 1, 4, 10) + (b"xxxx",), struct.unpack("<IIII4s", data[24:]))

    def test_nanoseconds_and_copies(self):
        data = self.write(lambda c: c.add(5000001234, "up", b"xyz"), precision="ns", copies=2)
        self.assertEqual(0xA1B23C4D, struct.unpack("<I", data[:4])[0])
        self.assertEqual((5, 1234, 3, 3), struct.unpack("<IIII", data[24:40]))
        self.assertEqual((5, 4234, 3, 3), struct.unpack("<IIII", data[43:59]))

    def test_pcapng_blocks_are_whole(self):
        data = self.write(lambda c: c.add(5000001234, "up", b"xyz"), format="pcapng", precision="ns")
        kinds, at = [], 0
        while at < len(data):
            kind, size = struct.unpack_from("<II", data, at)
            self.assertEqual(size, struct.unpack_from("<I", data, at + size - 4)[0])
            kinds.append(kind)
            at += size
        self.assertEqual([0x0A0D0D0A, 1, 6], kinds)
        self.assertEqual(len(data), at)


    def records(self, add, **options):
        """(time in microseconds, frame) of a capture."""
        data, at, list_ = self.write(add, **options), 24, []
        while at < len(data):
            second, part, size, _ = struct.unpack_from("<IIII", data, at)
            list_.append((second * 1000000 + part, data[at + 16:at + 16 + size]))
            at += 16 + size
        return list_

    def test_a_filter_a_hole_and_a_full_buffer(self):
        def add(capture):
            for i in range(10):
                capture.add(i * 1000000, "up", segment(payload=b"x" if i % 2 else b""))
        self.assertEqual(5, len(self.records(add, keep="data")))
        self.assertEqual(0, len(self.records(add, keep="flags")))
        self.assertEqual(7, len(self.records(add, hole_ms=[2, 5])))
        self.assertEqual(4, len(self.records(add, most=2, most_ms=5)))

    def test_a_clock_is_set_and_directions_have_tags(self):
        def add(capture):
            capture.add(10 ** 9, "up", segment())
            capture.add(10 ** 9 + 5000000, "down", segment())
        list_ = self.records(add, step=[4, -10], tags={"up": 10, "down": 20})
        self.assertEqual([1000000, 995000], [time for time, _ in list_])
        self.assertEqual([10, 20], [int.from_bytes(frame[14:16], "big") for _, frame in list_])

    def test_merged_segments_hold_both(self):
        first = frames.parse(segment(payload=b"ab"))
        second = bytearray(segment(payload=b"cd"))
        second[first.l4 + 4:first.l4 + 8] = (1002).to_bytes(4, "big")

        def add(capture):
            capture.add(0, "down", first.frame)
            capture.add(100000, "down", bytes(second))
            capture.add(900000000, "down", segment(payload=b"e"))
        merged = [frames.parse(frame) for _, frame in self.records(add, merge_us=200)]
        self.assertEqual([(1000, 4), (1000, 1)], [(p.seq, p.len) for p in merged])
        self.assertEqual(b"abcd", merged[0].frame[-4:])


class Hops(unittest.TestCase):
    def test_a_router_takes_one_off_and_the_checksum_holds(self):
        for count in (1, 7, 200):
            p = frames.parse(segment(payload=b"abc"))
            moved = frames.parse(frames.hop(p, count))
            self.assertEqual(max(1, 64 - count), moved.frame[moved.ip + 8])
            self.assertEqual(0, frames.checksum(moved.frame[moved.ip:moved.l4]))

    def test_mended_checksums_hold(self):
        frame = bytearray(segment(payload=b"abc"))
        frame[14 + 20 + 4] ^= 0x55
        p = frames.parse(frames.mend(bytes(frame), frames.parse(bytes(frame))))
        self.assertEqual(0, frames.checksum(frames.pseudo_header(p.src, p.dst, 6, len(p.frame) - p.l4) + p.frame[p.l4:]))


class Hand:
    """What a box sends, for the tests."""

    def __init__(self):
        self.sent = []

    def send(self, way, frame, after_ms=0):
        self.sent.append((way, frames.parse(frame)))


class Boxes(unittest.TestCase):
    def take(self, box, frame, ms=0, way="up"):
        hand = Hand()
        return box.take(hand, way, frames.parse(frame), frame, ms * 1000000), hand.sent

    def test_a_box_forgets_what_is_silent(self):
        box = Box({"does": "forget", "idle_ms": 100, "then": "reset", "ttl": 250})
        self.assertIsNotNone(self.take(box, segment(frames.SYN))[0])
        self.assertIsNotNone(self.take(box, segment(payload=b"x"), 90)[0])
        passed, sent = self.take(box, segment(payload=b"x"), 300)
        self.assertIsNone(passed)
        self.assertEqual([("down", frames.RST)], [(way, p.flags) for way, p in sent])
        self.assertIsNone(self.take(box, segment(payload=b"x"), 310)[0])
        self.assertIsNotNone(self.take(box, segment(frames.SYN), 320)[0])

    def test_a_box_blocks_ports(self):
        box = Box({"does": "block", "ports": [80], "then": "icmp", "code": 13, "router": "192.0.2.1"})
        passed, sent = self.take(box, segment(frames.SYN))
        self.assertIsNone(passed)
        self.assertEqual((3, 13), tuple(sent[0][1].frame[sent[0][1].l4:sent[0][1].l4 + 2]))
        self.assertIsNotNone(self.take(box, segment())[0])

    def test_a_box_shifts_numbers_both_ways(self):
        box = Box({"does": "shift", "by": 7})
        down = frames.parse(self.take(box, segment(payload=b"x"), way="down")[0])
        up = frames.parse(self.take(box, segment(payload=b"x"), way="up")[0])
        self.assertEqual((1007, 5000, 1000, 4993), (down.seq, down.ack, up.seq, up.ack))


    def test_a_box_gives_another_port_after_a_silence(self):
        box = Box({"does": "rebind", "idle_ms": 100, "by": 3000})
        self.assertEqual(40000, frames.parse(self.take(box, segment(frames.SYN))[0]).sport)
        self.assertEqual(43000, frames.parse(self.take(box, segment(payload=b"x"), 300)[0]).sport)
        self.assertEqual(43000, frames.parse(self.take(box, segment(payload=b"x"), 310)[0]).sport)

    def test_a_box_loses_what_meets_the_other_direction(self):
        box = Box({"does": "collide", "within_us": 500, "every": 1})
        self.assertIsNotNone(self.take(box, segment(payload=b"x"))[0])
        self.assertIsNone(self.take(box, segment(payload=b"x"), way="down")[0])
        self.assertIsNotNone(self.take(box, segment(payload=b"x"), 10)[0])

    def test_a_box_thins_acknowledgements(self):
        box = Box({"does": "thin", "way": "up", "hold_ms": 5, "delay_ms": 1})
        hand = LateHand()
        for ack in (1, 2):
            frame = bytearray(segment())
            frame[14 + 20 + 8:14 + 20 + 12] = ack.to_bytes(4, "big")
            self.assertIsNone(box.take(hand, "up", frames.parse(bytes(frame)), bytes(frame), 0))
        self.assertEqual([None, 2], [made and frames.parse(made).ack for made in (late() for late in hand.late)])

    def test_a_box_gives_other_identifications(self):
        box = Box({"does": "identify", "way": "up", "how": "zero"})
        frame = self.take(box, segment())[0]
        self.assertEqual(b"\0\0", frame[18:20])
        self.assertEqual(0, frames.checksum(frame[14:34]))
        self.assertEqual(segment(), self.take(box, segment(), way="down")[0])

    def test_a_box_delays_every_second_acknowledgement(self):
        box = Box({"does": "delay_acks", "way": "up", "hold_ms": 100})
        hand, passed = LateHand(), []
        for ack in (1, 2, 3, 4):
            frame = bytearray(segment())
            frame[14 + 20 + 8:14 + 20 + 12] = ack.to_bytes(4, "big")
            passed.append(box.take(hand, "up", frames.parse(bytes(frame)), bytes(frame), 0) is not None)
        self.assertEqual([True, False, True, False], passed)
        self.assertEqual([None, 4], [made and frames.parse(made).ack for made in (late() for late in hand.late)])


class LateHand:
    """Keeps what a box makes later."""

    def __init__(self):
        self.late = []

    def send(self, way, frame, after_ms=0):
        self.late.append(frame)


class Drawn(unittest.TestCase):
    def test_a_seed_makes_the_same_scenario(self):
        self.assertEqual(draw.scenario(7), draw.scenario("7"))
        self.assertNotEqual(draw.scenario(7), draw.scenario(8))

    def test_each_kind_has_a_truth_and_known_steps(self):
        known = {name[3:] for name in dir(talk.Conversation) if name.startswith("do_")}

        def check(steps):
            for step in steps:
                self.assertIn(step[0], known)
                if step[0] == "repeat":
                    check(step[2])
        names = [name for _, name, _ in draw.kinds()]
        self.assertEqual(len(names), len(set(names)))
        for name in names:
            for number in range(5):
                plan = draw.scenario("%s@%d" % (name, number))
                truth = plan["truth"]
                self.assertEqual(name, truth["kind"])
                self.assertLessEqual(set(truth["side"]), {"client", "server", "network", "capture", "none"})
                self.assertLess(len(truth["about"]), 200)
                for one in plan["client"]["flows"] + plan["server"]["listeners"]:
                    for steps in one.get("turns", [one.get("steps", [])]):
                        check(steps)
                if truth["faultless"]:
                    self.assertIn("none", truth["side"])

    def test_a_loss_shows_where_it_is_repeated_or_leaves_a_hole(self):
        def made(number, seq, size=100):
            frame = segment(payload=bytes(size))
            frame = bytearray(frame)
            frame[14 + 20 + 4:14 + 20 + 8] = seq.to_bytes(4, "big")
            return number, bytes(frame)
        frames_ = dict(made(*one) for one in ((1, 1000), (2, 1100), (3, 1200), (4, 1100)))

        class Seen:
            def __init__(self, uids):
                self.seen = [(0, "up", uid, frames_[uid]) for uid in uids]
        fates = [(2, "up", 2, "lost")]
        for place, uids, lost in ((1, (1, 2, 3, 4), 1), (3, (1, 3, 4), 1), (1, (1, 2, 3), 0), (3, (1, 4), 0)):
            book = ledger.Ledger({}, Seen(uids), fates, frames_, place, 80)
            self.assertEqual(lost, book.losses()[0]["up"], (place, uids))


class Judge(unittest.TestCase):
    def word(self, truth, *findings):
        made = [{"severity": s, "side": side, "id": name, "confidence": "high", "text": text} for s, side, name, text in findings]
        return judge.verdict(truth, made)[0]

    def test_words(self):
        clean, slow = draw.faultless(), draw.fault("server", ids="^slow")
        pair = draw.fault("network", ids="^unanswered", undecided=[("server", "network")])
        self.assertEqual("right", self.word(clean, ("info", "client", "tiny", "")))
        self.assertEqual("wrong", self.word(clean, ("warning", "client", "tiny", "")))
        self.assertEqual("right", self.word(slow, ("error", "server", "slow_server", "")))
        self.assertEqual("wrong", self.word(slow, ("error", "server", "refused", "")))
        self.assertEqual("wrong", self.word(slow, ("error", "server", "slow_server", ""), ("warning", "client", "x", "")))
        self.assertEqual("missed", self.word(slow))
        self.assertEqual("undecided", self.word(pair, ("error", "server", "unanswered", "the server, or a filter on the way")))
        self.assertEqual("overstated", self.word(pair, ("error", "server", "unanswered", "the server is silent")))


class Contradictions(unittest.TestCase):
    def kinds(self, before=(), behind=(), said=(), status="ok", proxied=0, **down):
        nothing = {"lost_kinds": {"data": 0}, "injected_kinds": {"rst": 0}, "undecided": 0, "outside_capture": 0}
        result = {"status": status, "connections": {"proxied": proxied}, "client_to_server": nothing,
                  "server_to_client": dict(nothing, **down), "analysis": {"findings": [{"id": one} for one in said]},
                  "points": [{"findings": [dict(zip(("id", "side"), one.split(":"))) for one in alone]}
                             for alone in (behind, before)]}          # the server's point is passed first
        return [kind for kind, _ in contradict.contradictions(result)]

    def test_losses(self):
        lost = {"lost_kinds": {"data": 2}}
        self.assertEqual(["loss alone, none compared"], self.kinds(["loss_to_client"]))
        self.assertEqual([], self.kinds(["loss_to_client"], said=["lost_behind_to_client"]))
        self.assertEqual([], self.kinds(["loss_to_client"], said=["missed_by_capture"]))
        self.assertEqual([], self.kinds(["loss_to_client"], undecided=1))
        self.assertEqual([], self.kinds(["loss_to_client"], proxied=1))
        self.assertEqual([], self.kinds(["loss_to_client"], status="not_paired"))
        self.assertEqual([], self.kinds(["loss_to_client"], said=["lost_between_to_client"], **lost))
        self.assertEqual(["loss compared, none alone"], self.kinds([], ["loss_to_client"], **lost))
        self.assertEqual([], self.kinds(["mtu_black_hole_to_client"], **lost))

    def test_resets(self):
        made = {"injected_kinds": {"rst": 1}}
        self.assertEqual(["end accused of a reset made between"], self.kinds([], ["reset_idle:server"], **made))
        self.assertEqual([], self.kinds([], ["reset_not_by_endpoint:network"], **made))
        self.assertEqual([], self.kinds([], ["reset_idle:server"]))
        self.assertEqual(["reset by a box, at one point only"], self.kinds([], ["reset_not_by_endpoint"]))
        self.assertEqual([], self.kinds(["reset_not_by_endpoint"], ["reset_not_by_endpoint"]))


class Scenarios(unittest.TestCase):
    def test_each_is_complete_and_has_a_name_of_its_own(self):
        for every in (fixtures.SCENARIOS, cases.SCENARIOS):
            names = [one["name"] for one in every]
            self.assertEqual(len(names), len(set(names)))
            for one in every:
                self.assertIn(one["fault"], ("client", "server", "network", "none"), one["name"])
                sides = [one.get("side", ["none"])] + [c["side"] for c in one["captures"] if "side" in c]
                for side in sides:
                    self.assertLessEqual(set(side), {"client", "server", "network", "capture", "none"}, one["name"])
                self.assertLessEqual({task["does"] for task in one["client"]}, set(traffic.TASKS), one["name"])

    def test_no_two_captures_share_a_file(self):
        for every in (fixtures.SCENARIOS, cases.SCENARIOS):
            files = [(one["name"], c.get("suffix")) for one in every for c in one["captures"]]
            self.assertEqual(len(files), len(set(files)))


if __name__ == "__main__":
    unittest.main()
