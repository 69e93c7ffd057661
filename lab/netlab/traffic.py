"""
The clients and servers of the laboratory, run inside a namespace:

    traffic.py server '[{ "port": 80 }, ...]'       prints "ready", then serves until it is killed
    traffic.py client '{ "server": ADDRESS, "tasks": [{ "does": "fetch", "port": 80, ... }, ...] }'

The server speaks a little HTTP and does what the request says:

    GET /SIZE?wait=MS&chunk=BYTES&pause=MS&abort=BYTES&close=1    answer SIZE bytes, after wait, in
                            chunks with pauses; after abort bytes close with a reset; close at the end
    PUT /SIZE?stall=BYTES&pause=MS&slow=MS&kill=BYTES             read SIZE bytes; after stall bytes
                            stop reading for pause; sleep slow before each read; after kill bytes the
                            process dies, with data unread
    ECHO n                  send each of the next n bytes back at once

A server with "accepts": false listens and never takes a connection; "rcvbuf" is SO_RCVBUF.

Tasks of the client, all started together, each after its at_ms:

    fetch       requests over one connection, think_ms between them; connections in all, parallel at a
                time, gap_ms between; from (source address), rcvbuf, keepalive (seconds), timeout_ms;
                in the answer: stall and pause (stop reading), abort (reset after so many bytes), leave
                (close after so many bytes); half_close after the request; idle_ms before the close;
                close "reset", or "after" (read to the server's FIN, then reset)
    knock       connect to each of ports and close again
    flood       count SYNs from the addresses net.1 to net.250, gap_ms apart
"""

import json
import os
import signal
import socket
import struct
import sys
import threading
import time
from urllib.parse import parse_qs, urlsplit

PATTERN = b"0123456789abcdef" * 4096


def sleep_ms(ms):
    if ms:
        time.sleep(ms / 1000)


def reset(sock):
    """Closes with RST: SO_LINGER with a time of zero."""
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    sock.close()


# ------------------------------------------------------------------ the server

def send_answer(sock, size, ask):
    """Sends head and body; False when the connection was reset on purpose."""
    head = ("HTTP/1.1 200 OK\r\nServer: netlab\r\nContent-Type: text/plain\r\n"
            "Content-Length: %d\r\n\r\n" % size).encode()
    sent, abort = 0, ask.get("abort", size + 1)
    while sent < size:
        count = min(size - sent, ask.get("chunk", 16384))
        sock.sendall(head + PATTERN[:count])
        head = b""
        sent += count
        sleep_ms(ask.get("pause", 0))
        if sent >= abort:
            reset(sock)
            return False
    return True


def take_body(sock, size, ask):
    """Reads an upload as badly as it is asked to."""
    got, stalled = 0, False
    while got < size:
        if got >= ask.get("kill", size + 1):
            os.kill(os.getpid(), signal.SIGKILL)
        if got >= ask.get("stall", size + 1) and not stalled:
            stalled = True
            sleep_ms(ask.get("pause", 0))
        sleep_ms(ask.get("slow", 0))
        data = sock.recv(min(4096, size - got))
        if not data:
            return
        got += len(data)


def read_head(sock, data):
    """The request's head and what came behind it; None at the end of the connection."""
    while b"\r\n\r\n" not in data:
        more = sock.recv(4096)
        if not more:
            return None, b""
        data += more
    head, _, rest = data.partition(b"\r\n\r\n")
    return head.decode(), rest


def serve_connection(sock):
    sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    rest = b""
    while True:
        head, rest = read_head(sock, rest)
        if head is None:
            break
        word, target = head.split()[:2]
        if word == "ECHO":
            for _ in range(int(target)):
                sock.sendall(rest or sock.recv(64))
                rest = b""
            continue
        url = urlsplit(target)
        ask = {name: int(values[0]) for name, values in parse_qs(url.query).items()}
        size = int(url.path[1:])
        if word == "PUT":
            take_body(sock, size - len(rest), ask)
            rest, size = b"", 2
        sleep_ms(ask.get("wait", 0))
        if not send_answer(sock, size, ask):
            return
        if ask.get("close"):
            break
    sock.close()


def serve_quietly(sock):
    try:
        serve_connection(sock)
    except OSError:
        sock.close()                                    # the client went away: the point of a test


def serve(what):
    listeners = []
    for one in what:
        sock = socket.socket(socket.AF_INET6)
        sock.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 0)
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        if "rcvbuf" in one:
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, one["rcvbuf"])
        sock.bind(("::", one["port"]))
        sock.listen(one.get("backlog", 128))
        listeners.append((sock, one))
    print("ready", flush=True)
    for sock, one in listeners:
        if one.get("accepts", True):
            threading.Thread(target=accept, args=(sock,), daemon=True).start()
    signal.pause()


def accept(listener):
    while True:
        sock, _ = listener.accept()
        threading.Thread(target=serve_quietly, args=(sock,), daemon=True).start()


# ------------------------------------------------------------------ the clients

def dial(server, task):
    """A connected socket."""
    family = socket.AF_INET6 if ":" in server else socket.AF_INET
    sock = socket.socket(family)
    sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    if "rcvbuf" in task:
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, task["rcvbuf"])
    if "keepalive" in task:
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_KEEPIDLE, task["keepalive"])
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_KEEPINTVL, task["keepalive"])
    sock.settimeout(task.get("timeout_ms", 30000) / 1000)
    if "from" in task:
        sock.bind((task["from"], 0))
    sock.connect((server, task["port"]))
    return sock


def read_answer(sock, task):
    """Reads one answer; stops in the middle of it as the task says.  False: it was aborted."""
    head, data = b"", b""
    while b"\r\n\r\n" not in head:
        more = sock.recv(4096)
        if not more:
            raise EOFError
        head += more
    head, _, data = head.partition(b"\r\n\r\n")
    size = int(head.lower().split(b"content-length:")[1].split()[0])
    got, stalled = len(data), False
    while got < size:
        if got >= task.get("abort", size + 1):
            reset(sock)
            return False
        if got >= task.get("leave", size + 1):
            sock.close()
            return False
        if got >= task.get("stall", size + 1) and not stalled:
            stalled = True
            sleep_ms(task.get("pause", 0))
        data = sock.recv(min(task.get("read", 65536), size - got))
        if not data:
            raise EOFError
        got += len(data)
    return True


def converse(server, task):
    """One connection: each request in turn, then the close that the task wants."""
    sock = dial(server, task)
    for line in task["requests"]:
        word, target = line.split()
        head = "%s %s HTTP/1.1\r\nHost: netlab.example\r\nUser-Agent: netlab\r\n\r\n" % (word, target)
        sock.sendall(head.encode())
        if word == "ECHO":
            for i in range(int(target)):
                sock.sendall(PATTERN[i % 16:i % 16 + 1])
                sock.recv(64)
                sleep_ms(task.get("think_ms", 0))
            continue
        if word == "PUT":
            size = int(target[1:].partition("?")[0])
            for start in range(0, size, 16384):
                sock.sendall(PATTERN[:min(16384, size - start)])
        if task.get("half_close"):
            sock.shutdown(socket.SHUT_WR)
        if not read_answer(sock, task):
            return
        sleep_ms(task.get("think_ms", 0))
    sleep_ms(task.get("idle_ms", 0))
    if task.get("close") == "reset":
        reset(sock)
    elif task.get("close") == "after":                  # reads to the server's FIN, then resets
        while sock.recv(4096):
            pass
        reset(sock)
    else:
        sock.close()


def fetch(server, task):
    """'connections' conversations, one after the other or 'parallel' at a time."""
    def worker(count):
        for _ in range(count):
            try:
                converse(server, task)
            except (OSError, EOFError):
                pass                                    # what the scenario is about
            sleep_ms(task.get("gap_ms", 0))
    total, width = task.get("connections", 1), task.get("parallel", 1)
    threads = [threading.Thread(target=worker, args=(total // width + (i < total % width),))
               for i in range(width)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def knock(server, task):
    """Connects to each port and closes again, whatever comes of it."""
    for port in task["ports"]:
        try:
            dial(server, dict(task, port=port)).close()
        except OSError:
            pass
        sleep_ms(task.get("gap_ms", 0))


def flood(server, task):
    """SYNs from addresses that nobody has: the answers go nowhere."""
    raw = socket.socket(socket.AF_INET, socket.SOCK_RAW, socket.IPPROTO_RAW)
    target = socket.inet_aton(server)
    for i in range(task["count"]):
        source = socket.inet_aton("%s.%d" % (task["net"], 1 + i * 7 % 250))
        options = bytes([2, 4, 5, 180, 4, 2, 1, 1])
        tcp = struct.pack("!HHIIBBHHH", 1024 + i * 977 % 60000, task["port"], i * 2654435761 & 0xFFFFFFFF,
                          0, 7 << 4, 2, 64240, 0, 0) + options
        pseudo = source + target + struct.pack("!BBH", 0, 6, len(tcp))
        words = struct.unpack("!%dH" % ((len(pseudo) + len(tcp)) // 2), pseudo + tcp)
        total = sum(words)
        total = (total & 0xFFFF) + (total >> 16)
        total = ~((total & 0xFFFF) + (total >> 16)) & 0xFFFF
        tcp = tcp[:16] + struct.pack("!H", total) + tcp[18:]
        head = struct.pack("!BBHHHBBH", 0x45, 0, 20 + len(tcp), i + 1, 0, 64, 6, 0) + source + target
        raw.sendto(head + tcp, (server, 0))
        sleep_ms(task.get("gap_ms", 0))
    sleep_ms(task.get("linger_ms", 0))


TASKS = {"fetch": fetch, "knock": knock, "flood": flood}


def play(what):
    def one(task):
        sleep_ms(task.get("at_ms", 0))
        TASKS[task["does"]](task.get("server", what["server"]), task)
    threads = [threading.Thread(target=one, args=(task,)) for task in what["tasks"]]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


if __name__ == "__main__":
    {"server": serve, "client": play}[sys.argv[1]](json.loads(sys.argv[2]))
