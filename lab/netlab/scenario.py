"""
Runs a scenario, which is plain data, and writes its captures and what is known about them.

    name, about             what is done to the traffic, in words; finding: a word for what is wrong
    fault                   who is to blame: "client", "server", "network", or "none"
    family 4 or 6, router, offload, mtu, vlans
    client, server          tasks and listeners, see traffic.py
    near_client, near_server    the two halves of the link: { up = path, down = path }, see link.py
    sysctl, iptables, routes, addresses     { side = ... }, inside the namespaces
    captures                list of { at "client" | "middle" | "server" (with a router also "behind"
                            it) or a list of these, suffix, say, side, finding,
                            and the options of capture.py }; say: what the capture shows;
                            side: the sides of which one must be that of the product's top finding
                            ("none": there may be no finding of weight); port: another than the
                            first; ask: "any" when the question is about the whole server;
                            late: { direction = { field of late_segments = entry of the link's ledger
                            that it must equal } } }
    settle_ms               how long to go on after the client has ended
"""

import json
import os
import time

from . import expect
from .capture import Capture
from .link import Link, Wire
from .net import Net

DEFAULT_CAPTURES = [{"at": "client"}]


def places(one):
    """Where a capture is taken: one point, or several at once."""
    return one["at"] if isinstance(one["at"], list) else [one["at"]]


def build_wires(scenario, net, captures):
    """One wire with two segments, or two wires with one each when a router stands between."""
    near = scenario.get("near_client", {})
    far = scenario.get("near_server", {})
    seed = scenario.get("seed", scenario["name"])
    vlans, offload = scenario.get("vlans", ()), net.offload

    def at(*where):
        return [(where.index(place), capture) for one, capture in captures
                for place in places(one) if place in where]

    if not net.router:
        return [Wire(net.taps["client"], net.taps["server"], [near, far],
                     at("client", "middle", "server"), seed, vlans, offload)]
    return [Wire(net.taps["client"], net.taps["router-client"], [near],
                 at("client", "middle"), "%s:near" % seed, vlans, offload),
            Wire(net.taps["router-server"], net.taps["server"], [far],
                 at("behind", "server"), "%s:far" % seed, vlans, offload)]


def capture_path(scenario, one, folder):
    name = scenario["name"] + ("-" + one["suffix"] if "suffix" in one else "")
    return os.path.join(folder, name + (".pcapng" if one.get("format") == "pcapng" else ".pcap"))


def open_captures(scenario, folder):
    known = ("format", "precision", "snaplen", "direction", "copies", "copy_gap_us", "start_ms", "stop_ms")
    opened = []
    for one in scenario.get("captures", DEFAULT_CAPTURES):
        options = {"snaplen": scenario.get("snaplen", 262144)}
        options.update((name, one[name]) for name in known if name in one)
        opened.append((one, Capture(capture_path(scenario, one, folder), **options)))
    return opened


def play(scenario, net, captures):
    """Lets client and server talk over the link until the client has ended; what the link did."""
    for side, values in scenario.get("sysctl", {}).items():
        net.sysctl(side, values)
    for side, rules in scenario.get("iptables", {}).items():
        for rule in rules:
            net.iptables(side, rule)
    for what, command in (("routes", "route add %s"), ("addresses", "address add %s dev tap0")):
        for side, lines in scenario.get(what, {}).items():
            for line in lines:
                net.ip(side, (command % line).split())
    link = Link(build_wires(scenario, net, captures))
    link.begin()
    try:
        server = net.program("server", "server", scenario.get("server", [{"port": 80}]))
        if server.stdout.readline() != "ready\n":
            raise RuntimeError(scenario["name"] + ": the server did not start")
        what = {"server": net.address["server"], "tasks": scenario["client"]}
        client = net.program("client", "client", what)
        client.wait(timeout=scenario.get("limit_s", 120))
        time.sleep(scenario.get("settle_ms", 300) / 1000)
    finally:
        link.stop()
    if client.returncode:
        raise RuntimeError("%s: the client ended with %d" % (scenario["name"], client.returncode))
    return link.did()


def truth(scenario, one):
    """What is known about a capture because we made it so."""
    words = {"client": "beside the client", "server": "beside the server",
             "middle": "between client and server", "behind": "behind the router"}
    where = " and ".join(words[place] for place in places(one))
    known = {"shows": one.get("say", scenario["about"]), "done": scenario["about"],
             "fault": scenario["fault"], "captured": where,
             "side": one.get("side", scenario.get("side", ["none"]))}
    for name in ("finding", "ask"):
        value = one.get(name, scenario.get(name))
        if value:
            known[name] = value
    return known


def run(scenario, folder):
    """Makes the captures of a scenario in 'folder', each with NAME.expected.json; gives their paths."""
    captures = open_captures(scenario, folder)
    try:
        with Net(scenario.get("family", 4), scenario.get("router", False), scenario.get("offload", False),
                 scenario.get("mtu", 1500)) as net:
            did = play(scenario, net, captures)
            address = net.address["server"]
    except BaseException:
        for _, capture in captures:
            capture.close()
            os.unlink(capture.path)                     # half a capture would look like a whole one
        raise
    paths = []
    for one, capture in captures:
        capture.close()
        port = one.get("port", scenario.get("port", scenario.get("server", [{"port": 80}])[0]["port"]))
        result = expect.read(capture.path, address, port)
        result["snaplen"] = capture.snaplen
        result["truth"] = truth(scenario, one)
        result["truth"]["link"] = did
        if "late" in one:
            result["truth"]["late_segments"] = {
                way: {ours: did[way][name] for ours, name in fields.items()} for way, fields in one["late"].items()}
        with open(expect.beside(capture.path), "w") as file:
            json.dump(result, file, indent=2)
            file.write("\n")
        paths.append(capture.path)
    return paths
