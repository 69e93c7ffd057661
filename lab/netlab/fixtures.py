"""The scenarios of the bundled captures: data only.  Small, each with one thing to show."""

CUT = 128          # snap length: the longest headers here (VLAN, IPv6, TCP with options) take 118
CUT4 = 96          # the same for IPv4 without tags: at most 94

NEAR = {"up": {"delay_ms": 2}, "down": {"delay_ms": 2}}          # 4 ms there and back
WAN = {"up": {"delay_ms": 10}, "down": {"delay_ms": 10}}         # 20 ms there and back


def get(*targets, **more):
    """A client that fetches each target over one connection."""
    return dict({"does": "fetch", "port": 80, "requests": ["GET " + t for t in targets]}, **more)


def put(target, **more):
    """A client that sends so much to the server."""
    return dict({"does": "fetch", "port": 80, "requests": ["PUT " + target]}, **more)


SESSION = {
    "name": "web-session",
    "about": "half a minute of three clients and a web server; 5 % of the frames towards the clients"
             " are lost on the way, and a service on port 8443 that one client wants is not running",
    "fault": "network", "side": ["network"], "finding": "loss",
    "snaplen": CUT4,
    "addresses": {"client": ["192.0.2.11/24", "192.0.2.12/24"]},
    "near_client": {"up": {"delay_ms": 14, "jitter_ms": 2},
                    "down": {"delay_ms": 14, "jitter_ms": 2, "loss": 0.05, "rate_mbps": 16}},
    "client": [
        get("/1800", "/24000", "/9000?wait=40", "/31000", think_ms=1500, connections=2),
        get("/1800", "/16000", "/40000", think_ms=2500, at_ms=1200, connections=3, gap_ms=700,
            **{"from": "192.0.2.11"}),
        get("/900?wait=30", "/52000?wait=250", "/700", think_ms=900, at_ms=4000, connections=4, gap_ms=1500,
            **{"from": "192.0.2.12"}),
        {"does": "knock", "ports": [8443] * 4, "gap_ms": 4000, "at_ms": 3000, "from": "192.0.2.12"},
    ],
    "captures": [{"at": "client", "format": "pcapng", "precision": "ns",
                  "say": "a mixed session of half a minute: loss towards the clients, and a refused port 8443"}],
}

HEALTHY = [
    {
        "name": "clean-http",
        "about": "two requests over one connection on a quiet link, whole frames",
        "fault": "none",
        "near_client": NEAR,
        "client": [get("/400", "/30000", think_ms=50)],
        "captures": [{"at": "client", "say": "a clean HTTP conversation, nothing to find"}],
    },
    {
        "name": "ipv6",
        "about": "a download over IPv6 on a quiet link",
        "fault": "none", "family": 6, "snaplen": CUT,
        "near_client": NEAR,
        "client": [get("/60000")],
        "captures": [{"at": "client", "format": "pcapng", "precision": "ns",
                      "say": "IPv6; pcapng with nanoseconds"}],
    },
    {
        "name": "vlan",
        "about": "a download inside VLAN 100 on a quiet link",
        "fault": "none", "vlans": [100], "snaplen": CUT,
        "near_client": NEAR,
        "client": [get("/40000")],
        "captures": [{"at": "client", "precision": "ns", "say": "one 802.1Q tag; pcap with nanoseconds"}],
    },
    {
        "name": "qinq",
        "about": "an IPv6 request inside VLAN 20 inside VLAN 10",
        "fault": "none", "family": 6, "vlans": [10, 20], "snaplen": CUT,
        "near_client": NEAR,
        "client": [get("/20000")],
        "captures": [{"at": "client", "say": "two 802.1Q tags in front of IPv6"}],
    },
    {
        "name": "offload",
        "about": "a download with segmentation offload: the sender's stack hands out segments beyond the MSS",
        "fault": "none", "offload": True, "snaplen": CUT,
        "near_client": NEAR,
        "client": [get("/600000")],
        "captures": [{"at": "server", "say": "segments of many times the MSS and unfinished checksums"}],
    },
    {
        "name": "short-connections",
        "about": "forty short connections, four at a time",
        "fault": "none", "snaplen": CUT,
        "near_client": NEAR,
        "client": [get("/600", connections=40, parallel=4)],
        "captures": [{"at": "client", "say": "many clean connections of one request each"}],
    },
    {
        "name": "small-segments",
        "about": "an interactive session: one byte there, one byte back, no Nagle",
        "fault": "none", "snaplen": CUT,
        "near_client": NEAR,
        "client": [{"does": "fetch", "port": 80, "requests": ["ECHO 80"], "think_ms": 15}],
        "captures": [{"at": "client", "say": "small segments, many round trips"}],
    },
    {
        "name": "bare-tcp",
        "about": "a download without SACK, window scaling and timestamps",
        "fault": "none", "snaplen": CUT,
        "sysctl": {"client": {"net.ipv4.tcp_sack": 0, "net.ipv4.tcp_window_scaling": 0,
                              "net.ipv4.tcp_timestamps": 0}},
        "near_client": NEAR,
        "client": [get("/120000")],
        "captures": [{"at": "client", "say": "TCP options: MSS and nothing else"}],
    },
    {
        "name": "keep-alive",
        "about": "an idle connection whose client probes it every second",
        "fault": "none",
        "near_client": NEAR,
        "client": [get("/300", keepalive=1, idle_ms=6500)],
        "captures": [{"at": "client", "say": "keep-alive probes and their answers, which are no retransmissions"}],
    },
    {
        "name": "close-then-reset",
        "about": "both are done, the server closes, the client throws the rest away with a reset",
        "fault": "none",
        "near_client": NEAR,
        "client": [get("/5000?close=1", close="after", connections=4)],
        "captures": [{"at": "client", "say": "a reset after the end of the conversation: benign"}],
    },
    {
        "name": "half-close",
        "about": "the client closes its direction after the request and still reads the answer",
        "fault": "none", "snaplen": CUT,
        "near_client": NEAR,
        "client": [get("/50000?wait=50&chunk=5000&pause=20", half_close=True)],
        "captures": [{"at": "client", "say": "data after the client's FIN, as it should be"}],
    },
    {
        "name": "delay",
        "about": "a download over a path of 200 ms there and back, nothing lost",
        "fault": "none", "side": ["none", "network"], "snaplen": CUT,
        "near_client": {"up": {"delay_ms": 100}, "down": {"delay_ms": 100}},
        "client": [get("/200000")],
        "captures": [{"at": "client", "suffix": "client", "say": "a long path: 200 ms to the server"},
                     {"at": "server", "suffix": "server", "say": "the same path, seen beside the server"}],
    },
]

REFUSALS = [
    {
        "name": "refused",
        "about": "nobody listens on the port: the server's kernel answers each SYN with a reset",
        "fault": "server", "side": ["server"], "finding": "refused",
        "near_client": NEAR,
        "port": 8080,
        "client": [{"does": "knock", "ports": [8080] * 5, "gap_ms": 200}],
        "captures": [{"at": "client", "say": "five connection attempts, each refused by the server's host"}],
    },
    {
        "name": "unanswered",
        "about": "a packet filter on the server's host drops each SYN to the port",
        "fault": "server", "finding": "unanswered",
        "near_client": NEAR,
        "port": 8080,
        "sysctl": {"client": {"net.ipv4.tcp_syn_retries": 3}},
        "iptables": {"server": ["-A INPUT -p tcp --dport 8080 -j DROP"]},
        "client": [{"does": "knock", "ports": [8080], "at_ms": t} for t in (0, 100, 200)],
        "captures": [
            {"at": "client", "suffix": "client", "side": ["server", "network"],
             "say": "SYNs and their repetitions, no answer: from here nobody can tell who drops them"},
            {"at": "server", "suffix": "server", "side": ["server"],
             "say": "the same beside the server: the SYNs arrive, the server stays silent"}],
    },
    {
        "name": "half-open-handshake",
        "about": "the server answers each SYN, but no SYN-ACK comes through to the client",
        "fault": "network", "side": ["network"], "finding": "unanswered",
        "sysctl": {"client": {"net.ipv4.tcp_syn_retries": 2}, "server": {"net.ipv4.tcp_synack_retries": 2}},
        "near_client": {"up": {"delay_ms": 2}, "down": {"delay_ms": 2, "rules": [{"match": "synack", "do": "drop"}]}},
        "client": [{"does": "knock", "ports": [80], "at_ms": t} for t in (0, 300)],
        "captures": [{"at": "server", "say": "SYN, SYN-ACK, both repeated, and never the last step"}],
    },
    {
        "name": "syn-flood",
        "about": "150 SYNs in three seconds from addresses that nobody has; the answers go nowhere",
        "fault": "client", "side": ["client"], "finding": "flood",
        "snaplen": CUT,
        "routes": {"server": ["default via 192.0.2.10"]},
        "sysctl": {"server": {"net.ipv4.tcp_synack_retries": 1}},
        "client": [{"does": "flood", "net": "198.51.100", "port": 80, "count": 150, "gap_ms": 20,
                    "linger_ms": 1500}],
        "captures": [{"at": "server", "say": "the shape of a SYN flood: many sources, no handshake ends"}],
    },
    {
        "name": "port-scan",
        "about": "one client knocks at sixty ports; two are open, five are filtered, the rest is refused",
        "fault": "client", "side": ["client"], "finding": "scan", "ask": "any",
        "snaplen": CUT,
        "iptables": {"server": ["-A INPUT -p tcp --dport 100:104 -j DROP"]},
        "server": [{"port": 80}, {"port": 110}],
        "client": [{"does": "knock", "ports": list(range(70, 130)), "timeout_ms": 200, "gap_ms": 10}],
        "captures": [{"at": "client", "say": "the shape of a port scan; ask without a port"}],
    },
    {
        "name": "rejected-by-icmp",
        "about": "a packet filter on the server's host answers SYNs to port 8080 with ICMP"
                 " (administratively prohibited)",
        "fault": "server", "side": ["server", "network"], "finding": "unanswered",
        "near_client": NEAR,
        "port": 8080,
        "iptables": {"server": ["-A INPUT -p tcp --dport 8080 -j REJECT --reject-with icmp-admin-prohibited"]},
        "client": [{"does": "knock", "ports": [8080] * 3, "gap_ms": 100}],
        "captures": [{"at": "client", "say": "SYNs answered by ICMP errors, which quote them"}],
    },
]

RESETS = [
    {
        "name": "reset-by-server",
        "about": "the server aborts each download after 40 kB",
        "fault": "server", "side": ["server"], "finding": "reset",
        "snaplen": CUT,
        "near_client": NEAR,
        "client": [get("/100000?abort=40000&chunk=5000&pause=5", connections=3)],
        "captures": [{"at": "client", "say": "resets by the server in the middle of the data"}],
    },
    {
        "name": "server-killed",
        "about": "the server's process is killed in the middle of an upload; the next attempts are refused",
        "fault": "server", "side": ["server"], "finding": "reset",
        "snaplen": CUT,
        "near_client": NEAR,
        "client": [put("/200000?slow=2&kill=60000", connections=3, gap_ms=300)],
        "captures": [{"at": "client", "say": "a server that dies in mid-transfer, then refuses"}],
    },
    {
        "name": "reset-by-middlebox",
        "about": "a box on the way resets a download at its 15th data segment, in the name of both ends",
        "fault": "network", "side": ["network"], "finding": "reset",
        "snaplen": CUT,
        "near_client": {"up": {"delay_ms": 2},
                        "down": {"delay_ms": 2, "rules": [
                            {"match": "data", "nth": [15], "do": "reset", "ttl": 250}]}},
        "near_server": {"up": {"delay_ms": 4}, "down": {"delay_ms": 4}},
        "captures": [
            {"at": "client", "suffix": "client", "say": "a reset that claims to be the server's, with another TTL"},
            {"at": "server", "suffix": "server", "say": "the same beside the server: it claims to be the client's"}],
        "client": [get("/60000")],
    },
    {
        "name": "client-abort",
        "about": "the client throws each download away in the middle",
        "fault": "client", "side": ["client"], "finding": "reset",
        "snaplen": CUT,
        "near_client": NEAR,
        "client": [get("/200000?chunk=10000&pause=10", abort=40000, connections=3)],
        "captures": [{"at": "server", "say": "resets by the client in the middle of the data"}],
    },
    {
        "name": "lost-state",
        "about": "the server forgets an idle connection (its own reset is lost); the client's next request"
                 " is answered by a reset",
        "fault": "server", "side": ["server"], "finding": "reset",
        "near_client": {"up": {"delay_ms": 2},
                        "down": {"delay_ms": 2, "rules": [{"match": "rst", "nth": [1], "do": "drop"}]}},
        "client": [get("/3000?abort=3000&pause=100", "/500", think_ms=1500)],
        "captures": [{"at": "client", "say": "a half-open connection: the server no longer knows it"}],
    },
]

HARM = [
    {
        "name": "loss-to-client",
        "about": "4 % of the frames from server to client are dropped on the way",
        "fault": "network", "side": ["network"], "finding": "loss",
        "snaplen": CUT4,
        "near_client": WAN,
        "near_server": {"down": {"loss": 0.04, "rate_mbps": 20}},
        "client": [get("/400000")],
        "captures": [
            {"at": "server", "suffix": "before", "late": {"server_to_client": {"resent": "lost"}},
             "say": "the sender's side: it sends again what nobody sees vanish"},
            {"at": "client", "suffix": "behind", "say": "the receiver's side: holes, duplicate acks, late segments"},
        ],
    },
    {
        "name": "loss-to-server",
        "about": "4 % of the frames from client to server are dropped on the way",
        "fault": "network", "side": ["network"], "finding": "loss",
        "snaplen": CUT4,
        "near_client": {"up": {"loss": 0.04, "rate_mbps": 20}},
        "near_server": WAN,
        "client": [put("/400000")],
        "captures": [
            {"at": "client", "suffix": "before", "late": {"client_to_server": {"resent": "lost"}},
             "say": "an upload, seen beside its sender, before the loss"},
            {"at": "server", "suffix": "behind", "say": "the same beside the server, behind the loss"},
        ],
    },
    {
        "name": "reordering",
        "about": "4 % of the frames from server to client come 4 ms late, past the others; nothing is lost",
        "fault": "network", "side": ["network"], "finding": "reordering",
        "snaplen": CUT4,
        "near_client": WAN,
        "near_server": {"down": {"reorder": 0.04, "reorder_ms": 4, "rate_mbps": 20}},
        "client": [get("/400000")],
        "captures": [{"at": "client", "late": {"server_to_client": {"reordered": "late"}},
                      "say": "late segments that were never sent twice"}],
    },
    {
        "name": "duplicates",
        "about": "5 % of the frames from server to client arrive twice",
        "fault": "network", "side": ["network", "none"], "finding": "duplicates",
        "snaplen": CUT4,
        "near_client": WAN,
        "near_server": {"down": {"duplicate": 0.05, "rate_mbps": 20}},
        "client": [get("/400000")],
        "captures": [{"at": "client", "late": {"server_to_client": {"duplicated": "doubled"}},
                      "say": "a network that doubles frames; the client's DSACKs bear witness"}],
    },
    {
        "name": "zero-window",
        "about": "the client stops reading for three seconds in the middle of a download",
        "fault": "client", "side": ["client"], "finding": "zero_window",
        "snaplen": CUT4,
        "near_client": NEAR,
        "client": [get("/300000", rcvbuf=16384, stall=60000, pause=3000)],
        "captures": [{"at": "server", "say": "a receiver that closes its window, the sender's probes, the opening"}],
    },
    {
        "name": "slow-server",
        "about": "the server takes 800 ms for each of six answers; the network is quick",
        "fault": "server", "side": ["server"], "finding": "slow_server",
        "near_client": NEAR,
        "client": [get(*["/2000?wait=800"] * 6)],
        "captures": [{"at": "client", "say": "a server that thinks for long"}],
    },
    {
        "name": "mtu-black-hole",
        "about": "frames with more than 1300 bytes of IP vanish on the way to the client, without a word",
        "fault": "network", "side": ["network"], "finding": "mtu",
        "snaplen": CUT4,
        "near_client": {"up": {"delay_ms": 5}, "down": {"delay_ms": 5}},
        "near_server": {"down": {"mtu": 1300}},
        "client": [get("/300", "/30000", timeout_ms=7000, connections=2)],
        "captures": [
            {"at": "server", "suffix": "server", "say": "small answers pass, full segments are sent again and again"},
            {"at": "client", "suffix": "client", "say": "small answers pass, then holes only"}],
    },
    {
        "name": "path-mtu",
        "about": "a router with a way out of 1300 bytes tells the server by ICMP; the transfer goes on",
        "fault": "none", "side": ["none", "network"],
        "snaplen": CUT4,
        "near_client": {"up": {"delay_ms": 5}, "down": {"delay_ms": 5}},
        "near_server": {"down": {"mtu": 1300, "too_big": "192.0.2.1"}},
        "client": [get("/60000")],
        "captures": [{"at": "server", "say": "path MTU discovery at work: one lost flight, then smaller segments"}],
    },
]

CAPTURES = [
    {
        "name": "one-sided",
        "about": "a clean download; the capture sees one direction only",
        "fault": "none", "side": ["capture"], "finding": "one_sided",
        "snaplen": CUT4,
        "near_client": NEAR,
        "client": [get("/150000")],
        "captures": [
            {"at": "middle", "suffix": "up", "direction": "up", "say": "only what the client sent"},
            {"at": "middle", "suffix": "down", "direction": "down", "say": "only what the server sent"}],
    },
    {
        "name": "mirrored",
        "about": "a clean download; the capture has each frame twice, as a mirror port of two ports gives them",
        "fault": "none", "side": ["capture"], "finding": "capture_duplicates",
        "snaplen": CUT4,
        "near_client": NEAR,
        "client": [get("/150000")],
        "captures": [{"at": "middle", "copies": 2, "format": "pcapng", "say": "each frame twice, microseconds apart"}],
    },
    {
        "name": "mirrored-routed",
        "about": "a clean download through a router; the capture has each frame in front of the router and behind it",
        "fault": "none", "side": ["capture"], "finding": "capture_duplicates",
        "snaplen": CUT4, "router": True,
        "near_client": NEAR, "near_server": NEAR,
        "client": [get("/100000")],
        "captures": [{"at": ["middle", "behind"], "precision": "ns",
                      "say": "each frame twice, the copy with another TTL and other link addresses"}],
    },
    {
        "name": "mid-stream",
        "about": "a clean download; the capture starts in the middle of it",
        "fault": "none",
        "snaplen": CUT4,
        "near_client": NEAR,
        "client": [get("/200000?chunk=10000&pause=10")],
        "captures": [{"at": "middle", "start_ms": 100, "say": "no handshake in the capture"}],
    },
]

SCENARIOS = [SESSION] + HEALTHY + REFUSALS + RESETS + HARM + CAPTURES
