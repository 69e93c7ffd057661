"""The scenarios of the bundled captures: data only.  Small, each with one thing to show."""

CUT = 128          # snap length: the longest headers here (VLAN, IPv6, TCP with options) take 118

WEB = [{"port": 80}]


def get(*targets, **more):
    """A client that fetches each target over one connection."""
    return dict({"does": "fetch", "port": 80, "requests": ["GET " + t for t in targets]}, **more)


SCENARIOS = [
    {
        "name": "clean-http",
        "about": "two requests over one connection on a quiet link, whole frames",
        "fault": "none",
        "near_client": {"up": {"delay_ms": 2}, "down": {"delay_ms": 2}},
        "client": [get("/400", "/30000", think_ms=50)],
        "captures": [{"at": "client", "say": "a clean HTTP conversation, nothing to find"}],
    },
    {
        "name": "refused",
        "about": "nobody listens on the port: the server's kernel answers each SYN with a reset",
        "fault": "server", "side": ["server"], "finding": "refused",
        "near_client": {"up": {"delay_ms": 2}, "down": {"delay_ms": 2}},
        "port": 8080,
        "client": [{"does": "knock", "ports": [8080] * 5, "gap_ms": 200}],
        "captures": [{"at": "client", "say": "five connection attempts, each refused by the server's host"}],
    },
    {
        "name": "loss-to-client",
        "about": "4 % of the frames from server to client are dropped in the middle of the link",
        "fault": "network", "side": ["network"], "finding": "loss",
        "snaplen": CUT,
        "near_client": {"up": {"delay_ms": 10}, "down": {"delay_ms": 10}},
        "near_server": {"down": {"loss": 0.04, "rate_mbps": 20}},
        "client": [get("/400000")],
        "captures": [
            {"at": "server", "suffix": "before", "say": "the sender's side: it sends again what nobody sees vanish"},
            {"at": "client", "suffix": "behind", "say": "the receiver's side: holes, duplicate acks, late segments"},
        ],
    },
]
