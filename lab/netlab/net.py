"""Two or three network namespaces, joined by TAP devices whose other ends the link program holds."""

import ctypes
import json
import os
import subprocess
import sys

from .link import open_tap

HERE = os.path.dirname(os.path.abspath(__file__))
CLONE_NEWNET = 0x40000000

# Addresses for documentation: RFC 5737 and RFC 3849.
PLANS = {
    (4, False): {"client": "192.0.2.10/24", "server": "192.0.2.80/24"},
    (6, False): {"client": "2001:db8::10/64", "server": "2001:db8::80/64"},
    (4, True): {"client": "192.0.2.10/24", "router": ("192.0.2.1/24", "198.51.100.1/24"),
                "server": "198.51.100.80/24"},
    (6, True): {"client": "2001:db8:1::10/64", "router": ("2001:db8:1::1/64", "2001:db8:2::1/64"),
                "server": "2001:db8:2::80/64"},
}


def run(words, **more):
    """Runs a command; its words and what it said come out when it fails."""
    done = subprocess.run(words, capture_output=True, text=True, **more)
    if done.returncode:
        raise RuntimeError("%s: %s" % (" ".join(words), done.stderr.strip() or done.returncode))
    return done.stdout


def setns(path):
    """Moves the calling thread into a network namespace."""
    libc = ctypes.CDLL(None, use_errno=True)
    fd = os.open(path, os.O_RDONLY)
    try:
        if libc.setns(fd, CLONE_NEWNET):
            raise OSError(ctypes.get_errno(), "setns " + path)
    finally:
        os.close(fd)


class Net:
    """
    A context manager.  After entering it: 'taps' maps "client", "server" and, with a router,
    "router-client", "router-server" to file descriptors; 'address' maps "client" and "server" to
    text.  Everything is gone after leaving it, since the namespaces are.
    """

    def __init__(self, family=4, router=False, offload=False, mtu=1500):
        self.family, self.router, self.offload, self.mtu = family, router, offload, mtu
        self.plan = PLANS[family, router]
        self.names = {}
        self.taps = {}
        self.processes = []
        self.address = {side: self.plan[side].split("/")[0] for side in ("client", "server")}

    def __enter__(self):
        try:
            self.build()
        except BaseException:
            self.__exit__()
            raise
        return self

    def build(self):
        for side in ("client", "router", "server") if self.router else ("client", "server"):
            name = "netlab-%d-%s" % (os.getpid(), side)
            run(["ip", "netns", "add", name])
            self.names[side] = name
            self.sysctl(side, {"net.ipv6.conf.all.disable_ipv6": int(self.family == 4),
                               "net.ipv6.conf.default.disable_ipv6": int(self.family == 4),
                               "net.ipv6.conf.default.accept_dad": 0,
                               "net.ipv6.conf.default.router_solicitations": 0})
        self.device("client", "client", "tap0", "02:00:00:00:00:0a", self.plan["client"])
        self.device("server", "server", "tap0", "02:00:00:00:00:50", self.plan["server"])
        if not self.router:
            return
        near, far = self.plan["router"]
        self.device("router-client", "router", "tap0", "02:00:00:00:00:01", near)
        self.device("router-server", "router", "tap1", "02:00:00:00:00:02", far)
        self.sysctl("router", {"net.ipv4.ip_forward": 1} if self.family == 4
                    else {"net.ipv6.conf.all.forwarding": 1})
        for side, gateway in (("client", near), ("server", far)):
            self.ip(side, ["route", "add", "default", "via", gateway.split("/")[0]])

    def device(self, key, side, name, mac, address):
        home = os.open("/proc/thread-self/ns/net", os.O_RDONLY)
        try:
            setns("/run/netns/" + self.names[side])
            self.taps[key] = open_tap(name, self.offload)
        finally:
            setns("/proc/self/fd/%d" % home)
            os.close(home)
        run(["ip", "-n", self.names[side], "-batch", "-"], input="\n".join([
            "link set lo up",
            "link set %s address %s mtu %d txqueuelen 10000" % (name, mac, self.mtu),
            "address add %s dev %s%s" % (address, name, " nodad" if self.family == 6 else ""),
            "link set %s up" % name, ""]))

    def command(self, side, words):
        return ["ip", "netns", "exec", self.names[side]] + words

    def sysctl(self, side, values):
        words = ["%s=%s" % pair for pair in values.items()]
        run(self.command(side, ["sysctl", "-qw"] + words))

    def ip(self, side, words):
        run(["ip", "-n", self.names[side]] + words)

    def iptables(self, side, rule):
        program = "iptables" if self.family == 4 else "ip6tables"
        run(self.command(side, [program, "-w"] + rule.split()))

    def program(self, side, role, what):
        """Starts traffic.py on one side.  'what' is plain data; its output is a pipe."""
        words = [sys.executable, "-I", os.path.join(HERE, "traffic.py"), role, json.dumps(what)]
        process = subprocess.Popen(self.command(side, words), stdout=subprocess.PIPE, text=True)
        self.processes.append(process)
        return process

    def __exit__(self, *_):
        for process in self.processes:
            if process.poll() is None:
                process.kill()
            process.wait()
            process.stdout.close()
        for fd in self.taps.values():
            os.close(fd)
        for name in self.names.values():
            subprocess.run(["ip", "netns", "del", name], capture_output=True)
