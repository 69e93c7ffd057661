"""
What a capture can show of the harm that the link did.  The link tells the fate of each frame, the capture which
frames it holds: together they say which losses have left a trace there.
"""

from . import frames

# Beyond these a finding must speak (docs/findings.md: loss is an error from 1 % and three segments).
MUST_LEAST, MUST_SHARE = 3, 0.012
MUST_REORDERED_SHARE = 0.012


def after(a, b):
    """Is sequence number a at or behind b?"""
    return (a - b) & 0xFFFFFFFF < 0x80000000


class Ledger:
    """The frames of a capture and the fates of the link's frames, by direction."""

    def __init__(self, plan, capture, fates, sent, place, port):
        self.place = place
        self.fates = fates
        self.sent = {}                                  # uid: packet, as it left its host
        for uid, frame in sent.items():
            p = frames.parse(frame)
            if p is not None and p.is_tcp and port in (p.sport, p.dport):
                self.sent[uid] = p
        self.seen = {"up": [], "down": []}              # (order, uid, packet)
        self.held = set()
        for order, (_, way, uid, frame) in enumerate(capture.seen):
            p = frames.parse(frame)
            if p is not None and p.is_tcp and port in (p.sport, p.dport):
                self.seen[way].append((order, uid, p))
                self.held.add(uid)
        self.plan = plan

    def upstream(self, segment, way):
        return self.place <= segment if way == "up" else self.place > segment

    def trace(self, segment, way, uid):
        """Has a lost data segment left a trace in the capture?"""
        p = self.sent[uid]
        flow, end = (p.src, p.sport, p.dst, p.dport), p.seq + p.len
        same = [(order, other, q) for order, other, q in self.seen[way] if (q.src, q.sport, q.dst, q.dport) == flow]
        again = [order for order, other, q in same if q.len > 0 and other > uid and after(p.seq, q.seq)
                 and not after(q.seq, end) and after(q.seq + q.len, p.seq + 1)]
        if self.upstream(segment, way):
            return uid in self.held and bool(again)
        first = min(again, default=None)
        # Bare acknowledgements carry the next number too, and so tell of the hole.
        ahead = [order for order, other, q in same if after(q.seq, end) and (first is None or order < first)]
        return bool(ahead) and first is not None

    def losses(self):
        """Data segments whose loss shows, and the data segments that the capture holds, by direction."""
        lost = {"up": 0, "down": 0}
        for segment, way, uid, fate in self.fates:
            p = self.sent.get(uid)
            if fate == "lost" and p is not None and p.len > 0 and self.trace(segment, way, uid):
                lost[way] += 1
        data = {way: sum(1 for _, _, p in self.seen[way] if p.len > 0) for way in lost}
        return lost, data

    def lost_others(self):
        """SYNs and FINs, and bare acknowledgements that were lost."""
        syns = fins = acks = 0
        for _, _, uid, fate in self.fates:
            p = self.sent.get(uid)
            if fate == "lost" and p is not None:
                syns += bool(p.flags & frames.SYN)
                fins += bool(p.flags & frames.FIN and p.len == 0)
                acks += p.len == 0 and not p.flags & (frames.SYN | frames.FIN)
        return syns, fins, acks

    def overtaken(self):
        """Data segments that stand in the capture behind what was sent after them, and how many were late at all."""
        count = {"up": 0, "down": 0}
        data = {"up": 0, "down": 0}
        for way, list_ in self.seen.items():
            newest = {}
            for _, uid, p in list_:
                if p.len == 0:
                    continue
                data[way] += 1
                flow = (p.src, p.sport, p.dst, p.dport)
                if uid and uid < newest.get(flow, 0):
                    count[way] += 1
                newest[flow] = max(uid, newest.get(flow, 0))
        return count, data

    def repeated(self):
        """Does a host send data again?  On a clean path that means that the machine was disturbed."""
        ends = {}
        for uid in sorted(self.sent):
            p = self.sent[uid]
            flow = (p.src, p.sport, p.dst, p.dport)
            if p.flags & frames.SYN:
                ends[flow] = (p.seq + 1 + p.len) & 0xFFFFFFFF
            elif p.len > 1 and flow in ends:
                if not after(p.seq, ends[flow]):
                    return True
                ends[flow] = (p.seq + p.len) & 0xFFFFFFFF
        return False


def both(counts):
    return "%d up, %d down" % (counts["up"], counts["down"])


def jitter(plan):
    """Does a path give up the order without telling?"""
    return any(segment[way].get("jitter_reorders") for segment in plan["segments"] for way in ("up", "down"))


def also_false(truth, names):
    """Findings above info of these names are false too."""
    more = "(error|warning):network:" + names
    truth["forbid"] = "%s|%s" % (truth["forbid"], more) if truth["forbid"] else more


def settle(truth, ledger):
    """Completes a truth that depends on what the link really did; returns it."""
    kind = truth["ledger"]
    if kind in ("loss", "reorder"):
        lost, data = ledger.losses()
        syns, fins, acks = ledger.lost_others()
        moved, _ = ledger.overtaken()
        truth["did"] = "losses that show: %s; lost SYNs %d, FINs %d, acks %d; overtaken: %s; data: %s" % (
            both(lost), syns, fins, acks, both(moved), both(data))
        harm, least = (lost, MUST_SHARE) if kind == "loss" else (moved, MUST_REORDERED_SHARE)
        must = any(harm[way] >= MUST_LEAST and harm[way] >= least * data[way] for way in harm)
        late = sum(1 for _, _, _, fate in ledger.fates if fate == "late")
        some = any(lost.values()) or any(moved.values()) or syns or fins or acks or late or jitter(ledger.plan)
        if not must:
            also = [side for side in truth["side"] if side == "capture"]
            truth["side"] = (["network", "none"] if some else ["none"]) + also
            if not some:
                truth["forbid"] = "(error|warning):(client|server|network):"
        fates = {fate for _, _, uid, fate in ledger.fates if uid in ledger.sent and ledger.sent[uid].len > 0}
        if "lost" not in fates:
            # Late is not lost; a receiver that sends D-SACK blocks says so even to a capture before the harm.
            also_false(truth, "loss_to")
        if not fates & {"late", "doubled"} and not jitter(ledger.plan):
            also_false(truth, "(reordering|duplicated)_to")
        if kind == "reorder" and any(lost.values()):
            truth["ids"] = ""
        elif kind == "reorder" and not any(moved.values()):
            # Before the harm only the sender's needless repetitions show.
            truth["ids"] = "^(reordering|resent_needlessly)"
        elif kind == "reorder" and must and "none" not in truth["side"]:
            # What a burst puts out of order harms little: a remark that names it is right too.
            truth["side"] = truth["side"] + ["none"]
            truth["says"] = "out of order|reorder|overtak"
    elif kind == "double":
        doubled = sum(1 for _, _, _, fate in ledger.fates if fate == "doubled")
        truth["did"] = "doubled: %d" % doubled
        if doubled == 0:
            truth["side"] = ["none"] + [side for side in truth["side"] if side == "capture" and "capture" not in truth["ids"]]
        also_false(truth, "loss_to")
    elif kind == "race":
        crossed, behind = races(ledger)
        also = [side for side in truth["side"] if side == "capture"]
        truth["did"] = "questions that crossed the server's FIN: %d, that came behind it: %d" % (crossed, behind)
        if behind:
            # The client had the FIN and wrote nevertheless: its own part in it.
            truth["side"] = ["server", "client", "none"] + also
            truth["forbid"] = "(error|warning):network:"
        elif crossed:
            truth["side"] = ["server"] + also
        if not crossed or also:
            truth["says"] = ""
    elif kind == "nagle":
        waits = waits_for_ack(ledger)
        truth["did"] = "second writes that waited: %d" % waits
        if waits < 5:
            truth["says"] = ""
            truth["side"] = ["none"] + truth["side"]
    return truth


def races(ledger):
    """Questions that the server's host answered with a reset because it had closed: those that the client sent
    before the FIN had come, and those that acknowledge it."""
    ends, crossed, behind = {}, set(), set()
    for uid in sorted(ledger.sent):
        p = ledger.sent[uid]
        if p.sport == 80 and p.flags & frames.FIN:
            ends[(p.dst, p.dport)] = (p.seq + p.len + 1) & 0xFFFFFFFF
    for uid in sorted(ledger.sent):
        p = ledger.sent[uid]
        end = ends.get((p.src, p.sport))
        if p.dport == 80 and p.len > 0 and end is not None:
            if p.ack == end:
                behind.add((p.src, p.sport))
            elif p.ack == (end - 1) & 0xFFFFFFFF:
                crossed.add((p.src, p.sport))
    reset = {(p.dst, p.dport) for p in ledger.sent.values() if p.sport == 80 and p.flags & frames.RST}
    return len(crossed & reset), len(behind & reset)


def waits_for_ack(ledger):
    """Small data of one side that leaves behind a bare acknowledgement of that side's data before it."""
    every = [one + (way,) for way, list_ in ledger.seen.items() for one in list_]
    waits, state = 0, {}
    for _, _, p, way in sorted(every, key=lambda one: one[0]):
        key = (p.src, p.sport) if way == "up" else (p.dst, p.dport)
        who, what = state.get(key, (None, None))
        if p.len > 0:
            waits += who == way and what == "acknowledged"
            state[key] = (way, "data")
        elif what == "data" and who != way:
            state[key] = (who, "acknowledged")
    return waits
