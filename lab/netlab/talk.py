"""
What the hosts of a drawn scenario do: both ends of a conversation are lists of steps, plain data.

    ["send", bytes]  ["send", bytes, chunk, pause_ms]   the pause comes behind each chunk but the last
    ["say", text]               as "send", this text
    ["recv", bytes]  ["recv", bytes, chunk, pause_ms]   exactly so many; the pause comes before each read
    ["eof"]                     read until the other side closes
    ["sleep", ms]
    ["close"] ["reset"] ["shutdown"]                    FIN and go, RST, FIN and stay
    ["repeat", times, [steps]]
    ["nagle"]                   from here on small writes wait (the default is TCP_NODELAY)
    ["keepalive", seconds, probes]
    ["vanish"]                  the kernel forgets the connection without a word (TCP_REPAIR)
    ["watch"]                   from here on, see "drain"
    ["drain", path]             wait until all is acknowledged, and write the kernel's own counters there (TCP_INFO)
    ["hold"]                    keep it open to the end of the scenario
    ["die"]                     the process ends here and now

Where the steps end, the connection is closed, and where one fails too.

A listener of the server: { port, steps | turns (a list of steps, one for each connection in turn), other (the
steps for connections of flows that are marked "other"), backlog, accepts (false: it never takes a connection),
accept_ms (the pause before each), rcvbuf, sndbuf, mss, defer_s, fastopen, stop_after }.  A flow of the
client: { at_ms, port, steps | turns, count, gap_ms, connect_ms (gives up), timeout_ms (for each step), rcvbuf, sndbuf,
from (source address), source_port, fastopen (the first send goes with the SYN), raw }.  "raw": { does "syns", net |
from, ports, gap_ms, count }: SYNs by hand; the kernel knows nothing of them and resets what is answered.
"""

import json
import os
import socket
import struct
import threading
import time

PATTERN = b"0123456789abcdef" * 4096
OTHERS = 21000                                          # source ports of the flows that are marked "other"
CA_RECOVERY = 3                                         # tcpi_ca_state, from there on
TCP_REPAIR, TCP_FASTOPEN, TCP_FASTOPEN_CONNECT, TCP_DEFER_ACCEPT = 19, 23, 30, 9


def sleep_ms(ms):
    if ms > 0:
        time.sleep(ms / 1000)


class Over(Exception):
    """The conversation is over: what follows in the steps is not done."""


class Kept(Exception):
    """The connection stays open to the end of the scenario."""


class Conversation:
    """One end of one connection.  'own': its first bytes are like no other's."""

    def __init__(self, sock, timeout_ms, held, own=False):
        self.sock, self.held, self.began = sock, held, None
        self.own = os.urandom(16) if own else b""
        self.watched, self.drained = {"at_window": 0, "repairing": 0, "unharmed": 0}, False
        sock.settimeout(timeout_ms / 1000)
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    def run(self, steps):
        try:
            self.each(steps)
        except Kept:
            return
        except (Over, OSError):
            pass
        self.sock.close()

    def each(self, steps):
        for step in steps:
            getattr(self, "do_" + step[0])(*step[1:])

    def do_send(self, count, chunk=None, pause_ms=0):
        chunk = chunk or count
        self.began = self.began or time.monotonic()
        while count > 0:
            now = min(count, chunk)
            for start in range(0, now, len(PATTERN)):
                first, self.own = self.own, b""
                self.sock.sendall((first + PATTERN[len(first):])[:min(len(PATTERN), now - start)])
            count -= now
            if count > 0:
                sleep_ms(pause_ms)

    def do_say(self, text):
        self.began = self.began or time.monotonic()
        self.sock.sendall(text.encode())

    def do_recv(self, count, chunk=65536, pause_ms=0):
        while count > 0:
            sleep_ms(pause_ms)
            got = len(self.sock.recv(min(count, chunk)))
            if got == 0:
                raise Over
            count -= got

    def do_eof(self):
        while self.sock.recv(65536):
            pass

    def do_sleep(self, ms):
        sleep_ms(ms)

    def do_close(self):
        self.sock.close()
        raise Over

    def do_reset(self):
        self.sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.do_close()

    def do_shutdown(self):
        self.sock.shutdown(socket.SHUT_WR)

    def do_repeat(self, times, steps):
        for _ in range(times):
            self.each(steps)

    def do_nagle(self):
        self.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 0)

    def do_keepalive(self, seconds, probes=9):
        for option, value in ((socket.TCP_KEEPIDLE, seconds), (socket.TCP_KEEPINTVL, seconds),
                              (socket.TCP_KEEPCNT, probes)):
            self.sock.setsockopt(socket.IPPROTO_TCP, option, value)
        self.sock.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)

    def do_vanish(self):
        self.sock.setsockopt(socket.IPPROTO_TCP, TCP_REPAIR, 1)
        self.do_close()

    def do_drain(self, path):
        """
        What `ss -ti` prints of this side, times in milliseconds; "took" since its first data, the others as in watch().
        """
        while True:
            info = self.sock.getsockopt(socket.IPPROTO_TCP, socket.TCP_INFO, 240)
            unacked, = struct.unpack_from("I", info, 24)
            unsent, = struct.unpack_from("I", info, 144)
            if unacked + unsent == 0:
                break
            time.sleep(0.002)
        self.drained = True
        busy, window, buffer = struct.unpack_from("QQQ", info, 168)
        with open(path, "w") as file:
            json.dump({"took": (time.monotonic() - self.began) * 1000, "busy": busy / 1000, "rwnd_limited": window / 1000,
                       "sndbuf_limited": buffer / 1000, "retransmitted": struct.unpack_from("I", info, 100)[0],
                       **{name: s * 1000 for name, s in self.watched.items()},
                       "cwnd": struct.unpack_from("I", info, 80)[0],
                       "segments": struct.unpack_from("I", info, 156)[0]}, file)

    def do_watch(self):
        threading.Thread(target=self.watch, daemon=True).start()

    def watch(self):
        """
        Looks now and then for what no counter says: for how long the receiver's window had no room for what is sent at
        a time (a kernel that paces sends two segments, and asks for the window only when it is their time), was lost
        data under repair, and was nothing sent again yet.
        """
        last, most = time.monotonic(), 2 if self.paces() else 1
        while not self.drained:
            try:
                info = self.sock.getsockopt(socket.IPPROTO_TCP, socket.TCP_INFO, 240)
            except OSError:
                return
            acked, = struct.unpack_from("Q", info, 120)
            sent, again = struct.unpack_from("QQ", info, 200)
            mss, = struct.unpack_from("I", info, 16)
            unsent, = struct.unpack_from("I", info, 144)
            window, = struct.unpack_from("I", info, 228)
            now = time.monotonic()
            full = unsent > 0 and sent - again - max(0, acked - 1) + min(most * mss, unsent) > window
            for name, holds in (("at_window", full), ("repairing", info[1] >= CA_RECOVERY), ("unharmed", again == 0)):
                self.watched[name] += (now - last) * (holds and self.began is not None)
            last = now
            time.sleep(0.003)

    def paces(self):
        return self.sock.getsockopt(socket.IPPROTO_TCP, socket.TCP_CONGESTION, 16).startswith(b"bbr")

    def do_hold(self):
        self.held.append(self.sock)
        raise Kept

    def do_die(self):
        os._exit(0)


def turn(what, number):
    """The steps of connection 'number', counted from 0."""
    return what["turns"][number % len(what["turns"])] if "turns" in what else what["steps"]


# ------------------------------------------------------------------ the server

def listen(plan, what):
    family = socket.AF_INET6 if ":" in plan["addresses"][0] else socket.AF_INET
    sock = socket.socket(family)
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    if plan.get("congestion"):                          # a child of a listener takes over its choice
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_CONGESTION, plan["congestion"].encode())
    if "rcvbuf" in what:
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, what["rcvbuf"])
    if "sndbuf" in what:
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, what["sndbuf"])
    if "mss" in what:
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_MAXSEG, what["mss"])
    sock.bind((plan["addresses"][0], what["port"]))
    if "defer_s" in what:
        sock.setsockopt(socket.IPPROTO_TCP, TCP_DEFER_ACCEPT, what["defer_s"])
    if what.get("fastopen"):
        sock.setsockopt(socket.IPPROTO_TCP, TCP_FASTOPEN, 16)
    sock.listen(what.get("backlog", 128))
    return sock


def serve(listener, what, held, own):
    number = 0
    while number < what.get("stop_after", 1 << 30):
        sleep_ms(what.get("accept_ms", 0))
        sock, peer = listener.accept()
        other = "other" in what and OTHERS <= peer[1] < OTHERS + 1000
        talker = Conversation(sock, what.get("timeout_ms", 60000), held, own)
        steps = what["other"] if other else turn(what, number)
        threading.Thread(target=talker.run, args=(steps,), daemon=True).start()
        number += not other
    listener.close()


# ------------------------------------------------------------------ the clients

def dial(plan, flow, number):
    family = socket.AF_INET6 if ":" in plan["server"] else socket.AF_INET
    sock = socket.socket(family)
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    if plan.get("congestion"):                          # a child of a listener takes over its choice
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_CONGESTION, plan["congestion"].encode())
    if "rcvbuf" in flow:
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, flow["rcvbuf"])
    if "sndbuf" in flow:
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, flow["sndbuf"])
    if "mss" in flow:
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_MAXSEG, flow["mss"])
    if "from" in flow or "source_port" in flow or "other" in flow or family == socket.AF_INET6:
        port = OTHERS + number if flow.get("other") else flow.get("source_port", 0)
        sock.bind((flow.get("from", plan["addresses"][0]), port))
    if flow.get("fastopen"):
        sock.setsockopt(socket.IPPROTO_TCP, TCP_FASTOPEN_CONNECT, 1)
    sock.settimeout(flow.get("connect_ms", 30000) / 1000)
    try:
        sock.connect((plan["server"], flow["port"]))
    except OSError:
        sock.close()
        raise
    return sock


def flow_of(plan, flow, held):
    sleep_ms(flow.get("at_ms", 0))
    if "raw" in flow:
        syns(plan, flow["raw"])
        return
    for number in range(flow.get("count", 1)):
        try:
            sock = dial(plan, flow, number)
        except OSError:
            sock = None
        if sock:
            own = plan.get("own_bytes", False)
            Conversation(sock, flow.get("timeout_ms", 30000), held, own).run(turn(flow, number))
        sleep_ms(flow.get("gap_ms", 0))


def syns(plan, what):
    """SYNs by hand, from addresses of 'net' that nobody has or from the client's own."""
    raw = socket.socket(socket.AF_INET, socket.SOCK_RAW, socket.IPPROTO_RAW)
    target = socket.inet_aton(plan["server"])
    for i in range(what["count"]):
        address = what.get("from") or "%s.%d" % (what["net"], 1 + i * 7 % 250)
        source = socket.inet_aton(address)
        options = bytes([2, 4, 5, 180, 4, 2, 1, 1])
        tcp = struct.pack("!HHIIBBHHH", 1024 + i * 977 % 60000, what["ports"][i % len(what["ports"])],
                          i * 2654435761 + 12345 & 0xFFFFFFFF, 0, 7 << 4, 2, 64240, 0, 0) + options
        pseudo = source + target + struct.pack("!BBH", 0, 6, len(tcp))
        total = sum(struct.unpack("!%dH" % ((len(pseudo) + len(tcp)) // 2), pseudo + tcp))
        total = (total & 0xFFFF) + (total >> 16)
        total = ~((total & 0xFFFF) + (total >> 16)) & 0xFFFF
        tcp = tcp[:16] + struct.pack("!H", total) + tcp[18:]
        head = struct.pack("!BBHHHBBH", 0x45, 0, 20 + len(tcp), i + 1, 0, 64, 6, 0) + source + target
        raw.sendto(head + tcp, (plan["server"], 0))
        sleep_ms(what.get("gap_ms", 0))


def play(side, plan, say):
    """Does what the plan says; tells "ready" (the server) or "done" (the client), then waits to be ended."""
    held = []
    if side == "server":
        listeners = [(listen(plan, what), what) for what in plan["listeners"]]
        for sock, what in listeners:
            if what.get("accepts", True):
                threading.Thread(target=serve, args=(sock, what, held, plan.get("own_bytes", False)),
                                 daemon=True).start()
        say(b"ready")
    else:
        threads = [threading.Thread(target=flow_of, args=(plan, flow, held), daemon=True) for flow in plan["flows"]]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        say(b"done")
    time.sleep(3600)
