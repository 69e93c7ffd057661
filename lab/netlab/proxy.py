"""
A host between client and server that ends TCP: it has the server's address towards the client, and the client's
towards the server; what it reads at one side it writes at the other.  A process with two network namespaces; a socket
stays in the one that it was made in.
"""

import os
import selectors
import signal
import socket
import struct
import sys
import threading

from . import hosts
from .link import open_tap

PIECE = 65536


class Proxy:
    """'near' and 'far' are the ends of its devices, towards the client and towards the server."""

    def __init__(self, plan):
        ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        sys.stdout.flush()
        self.pid = os.fork()
        if self.pid == 0:
            try:
                ours.close()
                hosts.libc.prctl(hosts.PR_SET_PDEATHSIG, signal.SIGKILL)
                signal.signal(signal.SIGINT, signal.SIG_IGN)
                run(plan, theirs)
            except BaseException as error:              # the parent tells it
                theirs.send(("!proxy: %r" % error).encode()[:400])
            finally:
                os._exit(0)
        theirs.close()
        ours.settimeout(20)
        word, fds, _, _ = socket.recv_fds(ours, 400, 2)
        if not fds:
            raise RuntimeError(word.decode() or "the proxy did not start")
        self.near, self.far = fds
        self.control = ours
        for tap in fds:
            os.set_blocking(tap, False)

    def close(self):
        os.kill(self.pid, signal.SIGKILL)
        os.waitpid(self.pid, 0)
        for fd in (self.near, self.far):
            os.close(fd)
        self.control.close()


def run(plan, control):
    taps, family = [], plan["family"]
    both = {side: [hosts.PLANS[family][side]] + plan[side]["more"] for side in ("client", "server")}
    listeners = []
    for side in ("server", "client"):                   # as whom it stands there
        hosts.apart()
        taps.append(open_tap("tap0", plan["offload"]))
        hosts.configure(side, family, both[side], plan["mtu"], {})
        if side == "server":
            for port in {what["port"] for what in plan["server"]["listeners"]}:
                sock = socket.socket(socket.AF_INET6 if family == 6 else socket.AF_INET)
                sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
                sock.bind((both["server"][0], port))
                sock.listen(128)
                listeners.append((sock, port))
    for sock, port in listeners:
        threading.Thread(target=serve, args=(sock, (both["server"][0], port)), daemon=True).start()
    socket.send_fds(control, [b"t"], taps)
    signal.pause()


def serve(listener, server):
    while True:
        near, _ = listener.accept()
        threading.Thread(target=relay, args=(near, server), daemon=True).start()


def break_off(sock):
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    sock.close()


def relay(near, server):
    try:
        far = socket.create_connection(server, 20)
    except OSError:
        break_off(near)
        return
    far.settimeout(None)
    other, watch = {near: far, far: near}, selectors.DefaultSelector()
    for sock in other:
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        watch.register(sock, selectors.EVENT_READ)
    try:
        while watch.get_map():
            for key, _ in watch.select():
                data = key.fileobj.recv(PIECE)
                if data:
                    other[key.fileobj].sendall(data)
                else:
                    watch.unregister(key.fileobj)
                    other[key.fileobj].shutdown(socket.SHUT_WR)
        near.close()
        far.close()
    except OSError:
        break_off(near)
        break_off(far)
