"""
Two hosts for a drawn scenario: processes, each in a network namespace of its own that has no name and
ends with the last process in it.  No program is started, so that hundreds can be made a minute.

A host is told what to do by its plan, see talk.py.  'sysctl' holds paths under /proc/sys/net with "tap0" as
the device; 'addresses' the host's own, the first one is its main address.
"""

import ctypes
import fcntl
import ipaddress
import os
import selectors
import signal
import socket
import struct
import sys
import threading
import time

from . import talk
from .link import open_tap

CLONE_NEWNET = 0x40000000
PR_SET_PDEATHSIG = 1
SIOCSIFFLAGS, SIOCSIFADDR, SIOCSIFNETMASK, SIOCSIFMTU = 0x8914, 0x8916, 0x891C, 0x8922
SIOCSIFHWADDR, SIOCSIFTXQLEN, SIOCADDRT = 0x8924, 0x8943, 0x890B
IFA_F_TENTATIVE = 0x40
IFF_UP, IFF_MULTICAST, RTF_UP, RTF_GATEWAY = 1, 0x1000, 1, 2

PLANS = {
    4: {"client": "192.0.2.10", "server": "192.0.2.80", "net": "255.255.255.0", "router": "192.0.2.1"},
    6: {"client": "2001:db8::10", "server": "2001:db8::80", "net": 64, "router": "2001:db8::1"},
}
MAC = {"client": "02000000000a", "server": "020000000050"}

libc = ctypes.CDLL(None, use_errno=True)


def possible():
    """Why hosts cannot be made here; None when they can."""
    if not os.path.exists("/dev/net/tun"):
        return "there is no /dev/net/tun"
    child = os.fork()
    if child == 0:
        status = 1
        try:
            apart()
            open_tap("tap0", False)
            status = 0
        except OSError:
            pass
        os._exit(status)
    return "network namespaces or TAP devices are not permitted" if os.waitpid(child, 0)[1] else None


def apart():
    """Puts the process into a network namespace of its own."""
    if libc.unshare(CLONE_NEWNET):
        raise OSError(ctypes.get_errno(), "unshare")


def write(path, value):
    with open("/proc/sys/net/" + path, "w") as file:
        file.write(str(value))


def configure(side, family, addresses, mtu, sysctl):
    """The device of the calling process's namespace: addresses, MTU, up."""
    for where in ("all", "default"):
        write("ipv6/conf/%s/disable_ipv6" % where, int(family == 4))
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as control:
        def ask(request, data, name=b"tap0"):
            fcntl.ioctl(control, request, struct.pack("16s24s", name, data))
        ask(SIOCSIFHWADDR, struct.pack("H6s", 1, bytes.fromhex(MAC[side])))
        ask(SIOCSIFMTU, struct.pack("i", mtu))
        ask(SIOCSIFTXQLEN, struct.pack("i", 10000))
        ask(SIOCSIFFLAGS, struct.pack("H", IFF_UP), b"lo")
        if family == 6:
            for name, value in (("accept_dad", 0), ("dad_transmits", 0), ("router_solicitations", 0)):
                write("ipv6/conf/tap0/" + name, value)
        ask(SIOCSIFFLAGS, struct.pack("H", IFF_UP | IFF_MULTICAST))
        if family == 4:
            mask = socket.inet_aton(PLANS[4]["net"])
            for i, address in enumerate(addresses):
                name = b"tap0:%d" % i if i else b"tap0"
                ask(SIOCSIFADDR, struct.pack("HH4s8x", socket.AF_INET, 0, socket.inet_aton(address)), name)
                ask(SIOCSIFNETMASK, struct.pack("HH4s8x", socket.AF_INET, 0, mask), name)
            # Addresses that nobody has lie behind the other host.
            other = PLANS[4]["server" if side == "client" else "client"]
            route = struct.pack("L16s16s16sHhLPhPLLH", 0, struct.pack("HH4s8x", socket.AF_INET, 0, bytes(4)),
                                struct.pack("HH4s8x", socket.AF_INET, 0, socket.inet_aton(other)),
                                struct.pack("HH4s8x", socket.AF_INET, 0, bytes(4)),
                                RTF_UP | RTF_GATEWAY, 0, 0, 0, 0, 0, 0, 0, 0)
            fcntl.ioctl(control, SIOCADDRT, route)
        else:
            with socket.socket(socket.AF_INET6, socket.SOCK_DGRAM) as six:
                for address in addresses:
                    fcntl.ioctl(six, SIOCSIFADDR, ipaddress.ip_address(address).packed
                                + struct.pack("Ii", PLANS[6]["net"], socket.if_nametoindex("tap0")))
            wait_for_addresses()
    for path, value in sysctl.items():
        write(path, value)


def wait_for_addresses():
    """Until no IPv6 address is tentative any more; the kernel sees to that in its own time."""
    for _ in range(400):
        with open("/proc/net/if_inet6") as file:
            if not any(int(line.split()[4], 16) & IFA_F_TENTATIVE for line in file):
                return
        time.sleep(0.005)
    raise RuntimeError("an address stays tentative")


class Process:
    """A child 'name' that does work(its end of the control) and ends with its parent; what goes wrong there it says with "!"."""

    def __init__(self, name, taps, work):
        self.control, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        sys.stdout.flush()
        self.pid = os.fork()
        if self.pid == 0:
            try:
                self.control.close()
                libc.prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
                signal.signal(signal.SIGINT, signal.SIG_IGN)
                work(theirs)
            except BaseException as error:              # the parent tells it
                try:
                    theirs.send(("!%s: %r" % (name, error)).encode()[:400])
                except OSError:
                    pass
            finally:
                os._exit(0)
        theirs.close()
        self.control.settimeout(20)
        word, self.fds, _, _ = socket.recv_fds(self.control, 400, taps)
        if not self.fds:
            raise RuntimeError(word.decode() or name + " did not start")
        for tap in self.fds:
            os.set_blocking(tap, False)

    def close(self):
        try:
            os.kill(self.pid, signal.SIGKILL)
        except ProcessLookupError:
            pass
        os.waitpid(self.pid, 0)
        for fd in self.fds:
            os.close(fd)
        self.control.close()


class Host(Process):
    """
    A process that waits for go().  'tap' is the other end of its device, 'wait_for()' says how far its plan
    is, 'close()' ends it whatever it does.
    """

    def __init__(self, side, plan, family, offload, mtu):
        def work(control):
            apart()
            tap = open_tap("tap0", offload)
            configure(side, family, plan["addresses"], mtu, plan.get("sysctl", {}))
            socket.send_fds(control, [b"t"], [tap])
            os.close(tap)
            if control.recv(1) == b"g":
                talk.play(side, plan, lambda word: control.send(word))

        super().__init__(side, 1, work)
        self.tap = self.fds[0]
        self.space = os.open("/proc/%d/ns/net" % self.pid, os.O_RDONLY)     # outlives a server that dies
        self.fds.append(self.space)

    def go(self):
        self.control.send(b"g")

    def wait_for(self, word, limit_s):
        """Waits until the host says so; False when it has not, or when it has died."""
        self.control.settimeout(max(0.001, limit_s))
        begin = time.monotonic()
        while time.monotonic() - begin < limit_s:
            try:
                said = self.control.recv(400)
            except socket.timeout:
                return False
            if said[:1] == b"!":
                raise RuntimeError(said[1:].decode())
            if not said:
                return False
            if said == word:
                return True
        return False


class Proxy(Process):
    """
    A host between client and server that ends TCP: it has the server's address towards the client, and the client's
    towards the server; what it reads at one side it writes at the other.  A process with two network namespaces; a socket
    stays in the one that it was made in.  'near' and 'far' are the ends of its devices, towards the client and towards
    the server.
    """

    def __init__(self, plan):
        super().__init__("the proxy", 2, lambda control: stand_between(plan, control))
        self.near, self.far = self.fds


def stand_between(plan, control):
    taps, family = [], plan["family"]
    both = {side: [PLANS[family][side]] + plan[side]["more"] for side in ("client", "server")}
    listeners = []
    for side in ("server", "client"):                   # as whom it stands there
        apart()
        taps.append(open_tap("tap0", plan["offload"]))
        configure(side, family, both[side], plan["mtu"], {})
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
                data = key.fileobj.recv(65536)
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
