"""The scenarios of the matrix: data only.  Each says what is done and who is at fault."""

from .fixtures import get, put

CUT = 128
EVERYWHERE = [{"at": "client", "suffix": "client"}, {"at": "middle", "suffix": "middle"},
              {"at": "server", "suffix": "server"}]


def way(delay_ms=0, **more):
    """Both directions alike, half the link."""
    path = dict({"delay_ms": delay_ms}, **more)
    return {"up": dict(path), "down": dict(path)}


def one_way(direction, delay_ms=0, **more):
    """The harm in one direction only."""
    both = way(delay_ms)
    both[direction].update(more)
    return both


def seen(client, server):
    """Captures at both ends from which not the same can be said."""
    return [dict(EVERYWHERE[0], side=client), dict(EVERYWHERE[2], side=server)]


def clean():
    cases = [
        ("clean-lan", "downloads on a quiet local link",
         {"client": [get("/300000", connections=3)], "near_client": way(0.2)}),
        ("clean-wan", "a download and an upload over 40 ms there and back",
         {"client": [get("/500000"), put("/500000")], "near_client": way(10), "near_server": way(10)}),
        ("clean-ipv6", "a download over IPv6",
         {"client": [get("/500000")], "near_client": way(5), "family": 6}),
        ("clean-vlan", "a download in VLAN 7",
         {"client": [get("/300000")], "near_client": way(5), "vlans": [7]}),
        ("clean-routed", "a download through a router",
         {"client": [get("/300000")], "near_client": way(2), "near_server": way(2), "router": True}),
        ("clean-offload", "a download and an upload with segmentation offload",
         {"client": [get("/2000000"), put("/2000000")], "near_client": way(5), "offload": True}),
        ("clean-many", "three hundred short connections, six at a time",
         {"client": [get("/700", connections=300, parallel=6)], "near_client": way(1)}),
        ("clean-interactive", "an interactive session of single bytes",
         {"client": [{"does": "fetch", "port": 80, "requests": ["ECHO 200"], "think_ms": 20}],
          "near_client": way(5)}),
        ("clean-idle", "a connection that idles with keep-alive probes",
         {"client": [get("/500", "/500", keepalive=1, think_ms=5000)], "near_client": way(5)}),
        ("clean-half-close", "the client closes its direction first and reads on",
         {"client": [get("/200000?chunk=10000&pause=10", half_close=True)], "near_client": way(5)}),
        ("clean-then-reset", "conversations that end with the server's FIN and the client's reset",
         {"client": [get("/5000?close=1", close="after", connections=10)], "near_client": way(5)}),
        ("clean-reset-close", "the client ends each finished conversation with a reset instead of a FIN",
         {"client": [get("/5000", close="reset", think_ms=20, connections=10)], "near_client": way(5),
          "side": ["none", "client"]}),
        ("clean-paced", "the server streams a live feed at its own pace",
         {"client": [get("/120000?chunk=2000&pause=50")], "near_client": way(5)}),
    ]
    for name, about, more in cases:
        yield dict({"name": name, "about": about, "fault": "none", "captures": EVERYWHERE[::2]}, **more)


def losses():
    for percent, size in ((0.5, 3000000), (1, 2000000), (2, 1000000), (5, 500000), (10, 200000)):
        side = ["network", "none"] if percent < 1 else ["network"]
        for target, direction, task in (("client", "down", get("/%d" % size)),
                                        ("server", "up", put("/%d" % size))):
            yield {
                "name": "loss-%g-to-%s" % (percent, target),
                "about": "%g %% of the frames to the %s are lost between middle and server" % (percent, target),
                "fault": "network", "side": side, "finding": "loss",
                "near_client": way(8),
                "near_server": one_way(direction, 2, loss=percent / 100, rate_mbps=40),
                "client": [task], "captures": EVERYWHERE,
            }
    more = [
        ("loss-of-acks", "10 % of the frames to the server are lost during a download: acks only",
         ["network", "none"], {"near_client": one_way("up", 10, loss=0.1), "client": [get("/1000000")]}),
        ("loss-of-syns", "every other SYN is lost",
         ["network"], {"near_client": one_way("up", 5, rules=[
             {"match": "syn", "nth": [1, 3, 5, 7, 9, 11], "do": "drop"}]),
                       "client": [get("/5000", connections=6)],
                       # What is lost before its first arrival leaves no trace at the server.
                       "captures": seen(["network"], ["none"])}),
        ("loss-of-tails", "the last segments of answers are lost: every 8th data segment of small answers",
         ["network"], {"near_client": one_way("down", 10, rules=[{"match": "data", "every": 8, "do": "drop"}]),
                       "client": [get(*["/5000"] * 20)]}),
        ("outage", "nothing passes for two seconds in the middle of a paced download",
         ["network"], {"near_client": way(10, rules=[{"after_ms": 700, "until_ms": 2700, "do": "drop"}]),
                       "client": [get("/600000?chunk=5000&pause=20")],
                       # The client sees silence, then everything in order.
                       "captures": seen(["network", "server", "none"], ["network"])}),
        ("bottleneck", "a bottleneck of 5 Mbit/s with a queue of 10 kB drops at its tail",
         ["network"], {"near_client": way(20), "near_server": one_way("down", 2, rate_mbps=5, queue_kb=10),
                       "client": [get("/1500000")]}),
    ]
    for name, about, side, rest in more:
        yield dict({"name": name, "about": about, "fault": "network", "side": side, "finding": "loss",
                    "captures": EVERYWHERE[::2]}, **rest)


def paths():
    for ms in (5, 20, 50, 100, 200):
        yield {
            "name": "delay-%d" % ms,
            "about": "%d ms there and back, nothing lost" % ms,
            "fault": "none" if ms < 100 else "network",
            "side": ["none"] if ms < 100 else ["none", "network"], "finding": "delay",
            "near_client": way(ms / 4), "near_server": way(ms / 4),
            "client": [get("/100000", "/2000", "/2000")], "captures": EVERYWHERE,
        }
    cases = [
        ("jitter", "0 to 30 ms of jitter, order kept", ["none", "network"],
         {"near_client": way(10, jitter_ms=30), "client": [get("/300000")]}),
        ("jitter-reorders", "0 to 8 ms of jitter, order not kept", [],
         {"near_client": one_way("down", 10, jitter_ms=8, jitter_reorders=True, rate_mbps=20),
          "client": [get("/500000")]}),
        ("reorder-1", "1 % of the frames to the client come 5 ms late", ["network", "none"],
         {"near_client": one_way("down", 10, reorder=0.01, reorder_ms=5, rate_mbps=20), "client": [get("/1000000")]}),
        ("reorder-5", "5 % of the frames to the client come 5 ms late", [],
         {"near_client": one_way("down", 10, reorder=0.05, reorder_ms=5, rate_mbps=20), "client": [get("/1000000")]}),
        ("duplicates", "3 % of the frames to the client arrive twice", ["network", "none"],
         {"near_client": one_way("down", 10, duplicate=0.03, rate_mbps=20), "client": [get("/1000000")]}),
    ]
    for name, about, side, more in cases:
        # A sender that sees the duplicate acks of a reordering hardly sends anything again.
        captures = EVERYWHERE[::2] if side else seen(["network"], ["network", "none"])
        yield dict({"name": name, "about": about, "fault": "network", "side": side, "finding": name.split("-")[0],
                    "captures": captures}, **more)


def ends():
    for ms in (50, 200, 500, 1000):
        yield {
            "name": "slow-server-%d" % ms,
            "about": "the server takes %d ms for each of ten answers" % ms,
            "fault": "server", "side": ["server", "none"] if ms < 200 else ["server"], "finding": "slow_server",
            "near_client": way(5),
            "client": [get(*["/3000?wait=%d" % ms] * 10)], "captures": EVERYWHERE[::2],
        }
    cases = [
        ("slow-reader", "client", "the client stops reading a download for 2.5 s", "zero_window",
         {"client": [get("/600000", rcvbuf=8192, stall=50000, pause=2500)]}),
        ("slow-upload-reader", "server", "the server stops reading an upload for 2.5 s", "zero_window",
         {"server": [{"port": 80, "rcvbuf": 16384}], "client": [put("/600000?stall=50000&pause=2500")]}),
        ("server-abort", "server", "the server aborts downloads in the middle", "reset",
         {"client": [get("/300000?abort=60000&chunk=10000&pause=10", connections=4)]}),
        ("server-killed", "server", "the server's process is killed in the middle of an upload", "reset",
         {"client": [put("/400000?slow=1&kill=100000", connections=3, gap_ms=200)]}),
        ("client-abort", "client", "the client aborts downloads in the middle", "reset",
         {"client": [get("/300000?chunk=10000&pause=10", abort=60000, connections=4)]}),
        ("client-leaves", "client", "the client closes while the server is still sending", "reset",
         {"client": [get("/300000?chunk=10000&pause=10", leave=60000, connections=4)]}),
        ("client-gives-up", "server", "the server does not answer for 20 s; the client gives up after 2 s",
         "slow_server",
         {"client": [get("/2000?wait=20000", timeout_ms=2000, connections=4)]}),
        ("full-backlog", "server", "the server never takes its connections: the backlog is full after two",
         "unanswered",
         {"server": [{"port": 80, "accepts": False, "backlog": 1}],
          "client": [get("/2000", timeout_ms=5000, connections=8, parallel=8)],
          "captures": seen(["server", "network"], ["server"])}),
        ("lost-state", "server", "the server has forgotten an idle connection and resets the next request", "reset",
         {"near_client": one_way("down", 2, rules=[{"match": "rst", "nth": [1], "do": "drop"}]),
          "client": [get("/3000?abort=3000&pause=100", "/500", think_ms=1500)]}),
    ]
    for name, fault, about, finding, more in cases:
        yield dict({"name": name, "about": about, "fault": fault, "side": [fault], "finding": finding,
                    "near_client": way(5), "captures": EVERYWHERE[::2]}, **more)
    yield {
        "name": "port-scan", "about": "one client knocks at a hundred ports; one is open",
        "fault": "client", "side": ["client"], "finding": "scan", "ask": "any",
        "client": [{"does": "knock", "ports": list(range(20, 120)), "timeout_ms": 200, "gap_ms": 5}],
        "captures": EVERYWHERE[::2],
    }
    yield {
        "name": "syn-flood", "about": "a thousand SYNs in four seconds from addresses that nobody has",
        "fault": "client", "side": ["client"], "finding": "flood",
        "routes": {"server": ["default via 192.0.2.10"]},
        "sysctl": {"server": {"net.ipv4.tcp_synack_retries": 1}},
        "client": [{"does": "flood", "net": "198.51.100", "port": 80, "count": 1000, "gap_ms": 4, "linger_ms": 1500}],
        "captures": EVERYWHERE[::2],
    }


def refusals():
    knocks = [{"does": "knock", "ports": [8080] * 4, "gap_ms": 200, "timeout_ms": 4000}]
    yield {
        "name": "refused", "about": "nobody listens on port 8080",
        "fault": "server", "side": ["server"], "finding": "refused",
        "port": 8080, "near_client": way(5), "client": knocks, "captures": EVERYWHERE[::2],
    }
    targets = [("drop", "DROP", "unanswered"),
               ("port-unreachable", "REJECT --reject-with icmp-port-unreachable", "unanswered"),
               ("admin-prohibited", "REJECT --reject-with icmp-admin-prohibited", "unanswered"),
               ("tcp-reset", "REJECT --reject-with tcp-reset", "refused")]
    for word, target, finding in targets:
        yield {
            "name": "server-" + word,
            "about": "a packet filter on the server's host: " + target,
            "fault": "server", "finding": finding,
            "port": 8080, "near_client": way(5), "client": knocks,
            "iptables": {"server": ["-A INPUT -p tcp --dport 8080 -j " + target]},
            "captures": [{"at": "client", "suffix": "client", "side": ["server", "network"]},
                         {"at": "server", "suffix": "server", "side": ["server"]}],
        }
        # From the client alone a router's refusal and the server's look nearly the same.
        yield {
            "name": "router-" + word,
            "about": "a packet filter on the router: %s; port 80 passes" % target,
            "fault": "network", "side": ["server", "network"], "finding": finding,
            "port": 8080, "near_client": way(3), "near_server": way(3), "router": True,
            "server": [{"port": 80}],
            "iptables": {"router": ["-A FORWARD -p tcp --dport 8080 -j " + target]},
            "client": [get("/3000")] + knocks, "captures": [{"at": "client"}],
        }


def boxes():
    cases = [
        ("middlebox-resets-both", "a box resets downloads at the 20th data segment, in the name of both ends",
         {"near_client": one_way("down", 3, rules=[{"match": "data", "nth": [20], "do": "reset", "ttl": 250}])}),
        ("middlebox-resets-client", "a box resets the client only, in the server's name",
         {"near_client": one_way("down", 3, rules=[
             {"match": "data", "nth": [20], "do": "reset", "ttl": 48, "toward": ["down"]}])}),
        ("middlebox-resets-server", "a box resets the server only, in the client's name",
         {"near_client": one_way("down", 3, rules=[
             {"match": "data", "nth": [20], "do": "reset", "ttl": 250, "toward": ["up"]}])}),
    ]
    for name, about, more in cases:
        told = more["near_client"]["down"]["rules"][0].get("toward", ("up", "down"))
        captures = [one for one, direction in ((EVERYWHERE[0], "down"), (EVERYWHERE[2], "up")) if direction in told]
        yield dict({"name": name, "about": about, "fault": "network", "side": ["network"], "finding": "reset",
                    "near_server": way(4), "client": [get("/300000")], "captures": captures}, **more)
    yield {
        "name": "router-resets-download",
        "about": "the router's packet filter answers one of the client's acks with a reset, in the server's name;"
        " the answer is paced, so that the reset's number still fits when it comes (RFC 5961)",
        "fault": "network", "side": ["network"], "finding": "reset",
        "near_client": way(3), "near_server": way(3), "router": True,
        "iptables": {"router": ["-A FORWARD -p tcp --dport 80 --tcp-flags SYN,ACK ACK -m statistic --mode nth"
                                " --every 100000 --packet 30 -j REJECT --reject-with tcp-reset"]},
        "client": [get("/60000?chunk=1000&pause=60")], "captures": [{"at": "client"}],
    }
    yield {
        "name": "nat-forgets",
        "about": "a box forgets an idle connection: the client's later requests vanish",
        "fault": "network", "side": ["network", "server"], "finding": "unanswered",
        "near_client": one_way("up", 5, rules=[{"match": "tcp", "after_ms": 1500, "do": "drop"}]),
        "client": [get("/3000", "/3000", think_ms=2500, timeout_ms=6000)], "captures": [{"at": "client"}],
    }
    # What never arrives leaves little trace at its receiver: of an upload, a request and silence.
    for target, direction, task, views in (
            ("client", "down", get("/300", "/60000", timeout_ms=6000, connections=2),
             seen(["network"], ["network"])),
            ("server", "up", put("/60000", timeout_ms=6000, connections=2),
             seen(["network"], ["network", "client", "none"]))):
        yield {
            "name": "mtu-black-hole-to-" + target,
            "about": "packets beyond 1400 bytes vanish on the way to the " + target,
            "fault": "network", "side": ["network"], "finding": "mtu",
            "near_client": way(5), "near_server": one_way(direction, 5, mtu=1400),
            "client": [task], "captures": views,
        }
    yield {
        "name": "path-mtu",
        "about": "a router tells the server of a way of 1400 bytes; the transfer goes on",
        "fault": "none", "side": ["none", "network"],
        "near_client": way(5), "near_server": one_way("down", 5, mtu=1400, too_big="192.0.2.1"),
        "client": [get("/300000")], "captures": EVERYWHERE[::2],
    }


def captures():
    views = [("one-sided-up", {"direction": "up"}, "only what the client sent", ["capture"]),
             ("one-sided-down", {"direction": "down"}, "only what the server sent", ["capture"]),
             ("mirrored", {"copies": 2}, "each frame twice", ["capture"]),
             ("mid-stream", {"start_ms": 110}, "no handshake, the end only", ["none"]),
             ("cut-off", {"stop_ms": 110}, "the beginning only", ["none"])]
    for name, options, say, side in views:
        yield {
            "name": name, "about": "a clean download; the capture has " + say,
            "fault": "none", "side": side, "finding": name,
            "near_client": way(5), "near_server": way(5),
            "client": [get("/400000?chunk=20000&pause=5")],
            "captures": [dict({"at": "middle"}, **options)],
        }
    yield {
        "name": "mirrored-routed", "about": "a clean download; the capture has each frame in front of the router"
        " and behind it, with another TTL and other link addresses",
        "fault": "none", "side": ["capture"], "finding": "mirrored", "router": True,
        "near_client": way(5), "near_server": way(5),
        "client": [get("/300000?chunk=20000&pause=5")],
        "captures": [{"at": ["middle", "behind"]}],
    }


def scenarios():
    for family in (clean, losses, paths, ends, refusals, boxes, captures):
        for one in family():
            one.setdefault("snaplen", CUT)
            yield one


SCENARIOS = list(scenarios())
