"""Kinds in which a server or a client is at fault."""

from ..dice import ABOVE, HOST_OF_CLIENT, HOST_OF_SERVER, OTHER_PORT, PORT, fault, mixes



def later_on(d):
    """Something passes seconds later, so that the capture shows how long nothing else did."""
    client, server = d.exchange(1, think=0)
    at = d.pick(9000, 12000, 16000)
    if d.chance(0.6):
        d.listeners[0]["other"] = server
        d.flows.append({"port": PORT, "other": True, "steps": client, "at_ms": at})
    else:
        d.talk(client, server, port=OTHER_PORT, at_ms=at)
        d.background = False


# ------------------------------------------------------------------ servers


@mixes
def slow(d):
    """The server works long on each answer."""
    work = d.pick(300, 500, 800, 1500)
    d.rtt = min(d.rtt, 60)
    d.talk(*d.exchange(d.count(4, 7), work=work, think=20), count=1)
    d.flows += [dict(d.flows[0], at_ms=d.count(10, 300)) for _ in range(d.count(0, 2))]
    return fault("server", ids="^(slow_server|slow|server_slow|late_answers)")


def slow_remarkable(d):
    """The server works 60 to 150 ms on each answer: noticeable, and no fault to all."""
    d.rtt = min(d.rtt, 10)
    d.talk(*d.exchange(d.count(6, 12), work=d.pick(60, 100, 150), think=20))
    return fault("server", "none", ids="^(slow_server|slow)")


def slow_at_times(d):
    """One answer in ten takes long."""
    d.rtt = min(d.rtt, 40)
    ask, answer, work = 300, d.scale(200, 4000), d.pick(800, 1500)
    client = [["repeat", 30, [["send", ask], ["recv", answer]]]]
    server = [["repeat", 3, [["repeat", 9, [["recv", ask], ["send", answer]]],
                             ["recv", ask], ["sleep", work], ["send", answer]]], ["eof"]]
    d.talk(client, server)
    return fault("server", "none", ids="^slow", says="slow|takes|took|own time")


@mixes
def silent(d):
    """The server takes questions and never answers; the client gives up."""
    wait = d.pick(2500, 4000, 6000)
    end = d.pick("close", "reset")
    client, server = d.exchange(d.count(1, 2), think=0)
    ask = client[0][2][0][1]
    d.talk(client + [["send", ask], ["sleep", wait], [end]], server[:-1] + [["recv", ask], ["eof"]])
    d.flows += [dict(d.flows[0], at_ms=d.count(20, 400)) for _ in range(d.count(1, 4))]
    return fault("server", ids="^(no_answer|silent|slow_server|unanswered|gives_up|gave_up|reset_mid_data)",
                 says="answer")


@mixes
def silent_at_once(d):
    """The server takes the first question of each connection and never answers."""
    wait = d.pick(2500, 4000, 6000)
    d.talk([["send", 300], ["sleep", wait], [d.pick("close", "reset")]], [["recv", 300], ["eof"]])
    d.flows += [dict(d.flows[0], at_ms=d.count(20, 400)) for _ in range(d.count(1, 4))]
    return fault("server", ids="^(no_answer|silent|slow_server|unanswered|gives_up|gave_up)", says="answer")


@mixes
def drips(d):
    """The server gives its answer in drops."""
    size, chunk = d.count(12, 25) * 400, d.pick(200, 400)
    d.talk(*d.download(size, chunk=chunk, pause=d.pick(100, 200, 300)))
    d.flows += [dict(d.flows[0], at_ms=d.count(10, 300)) for _ in range(d.count(0, 1))]
    return fault("server", "none", ids="drip|limit|slow|pace|application|tiny|transfer|halt|pause",
                 says="server.*(drip|piece|paus|stopp|halt|nothing to send|slow|pace|gives)|limited by the server")


def refuses(d):
    """Nobody listens on the port."""
    d.talk([], [["eof"]], count=d.count(3, 8), gap_ms=150, connect_ms=3000)
    d.listeners[0]["port"] = 81
    pair = [] if d.at == "server" else [("server", "network")]
    return fault("server", ids="^refused", undecided=pair)


@mixes
def crashes(d):
    """The server's process dies in the middle; later connections are refused."""
    size = d.count(60000, 120000)
    after = d.pick(2, 4)
    d.talk([["send", 40000, 4000, 30], ["recv", 60]], [["repeat", after, [["recv", 3000], ["sleep", 60]]], ["die"]],
           count=d.count(3, 5), gap_ms=200)
    return fault("server", ids="^(reset_mid_data|refused|reset|crash)")


@mixes
def aborts(d):
    """The server resets in the middle of its answers, with or without data on its way."""
    size, hasty = d.count(20000, 60000), d.chance(0.7)
    end = [["send", size // 2, 4000, 5]] + ([] if hasty else [["sleep", 30 + int(2 * d.rtt)]]) + [["reset"]]
    d.talk([["send", 200], ["recv", size]], [["recv", 200]] + end, count=d.count(2, 6), gap_ms=100)
    # Where all that was sent had been acknowledged, nobody can know that there should have been more; beside the client
    # it is acknowledged at once.
    return fault("server", *([] if hasty and d.rtt >= 2 and d.at != "client" else ["none"]), ids="^(reset|aborts)", says="server.*reset")


@mixes
def resets_at_once(d):
    """The server takes connections and resets them before any data."""
    d.talk([["sleep", int(2 * d.rtt) + 60], ["send", 200], ["recv", 60]], [["sleep", 5], ["reset"]], count=d.count(3, 8), gap_ms=100)
    return fault("server", ids="^(reset|not_accepted)")


@mixes
def resets_requests(d):
    """The server answers requests with a reset."""
    d.talk([["send", 200], ["recv", 600]], [["recv", 200], ["sleep", d.pick(1, 20)], ["reset"]], count=d.count(3, 8), gap_ms=100)
    return fault("server", ids="^reset")


@mixes
def resets_idle(d):
    """The server resets connections that were idle."""
    client, server = d.exchange(2, think=0)
    d.talk(client + [["eof"]], server[:-1] + [["sleep", d.pick(1500, 3000)], ["reset"]])
    d.flows += [dict(d.flows[0], at_ms=d.count(20, 300)) for _ in range(d.count(1, 3))]
    return fault("server", "none", ids="^(reset|idle)")


@mixes
def forgets(d):
    """The server's host has forgotten its connections (a restart) and resets the next request."""
    idle = d.pick(300, 1500, 3000)
    client, server = d.exchange(2, think=0)
    d.talk(client + [["sleep", idle + 300]] + client, server[:-1] + [["sleep", idle], ["vanish"]])
    d.flows += [dict(d.flows[0], at_ms=d.count(20, 300)) for _ in range(d.count(1, 3))]
    return fault("server", ids="^(reset|forg|idle|unknown|stale)", undecided=[] if d.at == "server" or idle < 1000 else [("server", "network")])


def host_gone(d):
    """The server's host falls silent."""
    begin = d.count(500, 1200)
    client, server = d.exchange(40, work=5, think=60)
    d.talk(client, server, count=2, timeout_ms=4000, connect_ms=3000)
    for way in ("up", "down"):
        d.harm(HOST_OF_SERVER, way, rules=[{"match": "tcp", "after_ms": begin, "do": "drop"}])
    d.clean = False
    pair = [] if d.at == "server" else [("server", "network")]
    return fault("server", "network", ids="silen|gone|unanswered|no_answer|loss_to_server|vanish|fell",
                 undecided=pair, forbid=ABOVE + "client:")


@mixes
def not_reading(d):
    """The server does not read what comes."""
    d.talk([["send", 400000], ["recv", 60]], [["recv", 4096], ["sleep", d.pick(1500, 3000)], ["recv", 395904], ["send", 60], ["eof"]],
           listener={"rcvbuf": d.pick(8192, 16384)})
    d.clean = False                                     # window probes and cut segments repeat data
    return fault("server", ids="^(server_not_reading|zero|window|limited_by_server)")


@mixes
def reads_slowly(d):
    """The server reads slower than the client sends."""
    d.talk([["send", 120000], ["recv", 60]], [["recv", 120000, 4096, d.pick(40, 80)], ["send", 60], ["eof"]],
           listener={"rcvbuf": 8192})
    d.rtt = min(d.rtt, 20)
    d.clean = False                                     # window probes and cut segments repeat data
    return fault("server", "none", ids="^(server_not_reading|zero|window|limited|reads)", says="server.*(window|read)")


@mixes
def never_closes(d):
    """The server never closes its side after the client's FIN."""
    client, server = d.exchange(d.count(1, 2), think=0)
    d.talk(client, server[:-1] + [["hold"]])
    d.flows += [dict(d.flows[0], at_ms=d.count(20, 900)) for _ in range(d.count(2, 5))]
    later_on(d)
    return fault("server", "none", ids="clos|fin", says="clos")


def never_accepts(d):
    """The server never takes its connections: the queue is full after a few."""
    d.talk([["send", 200], ["recv", 600]], [], count=1, timeout_ms=3500, connect_ms=3500,
           listener={"accepts": False, "backlog": 1})
    d.flows += [dict(d.flows[0], at_ms=30 * i) for i in range(1, d.count(6, 9))]
    d.clean = False
    pair = [] if d.at == "server" else [("server", "network")]
    return fault("server", ids="^(not_accepted|unanswered|syn_retries|no_answer|accept|backlog|data_swallowed|swallow)", undecided=pair)


@mixes
def late_greeting(d):
    """The server speaks first, and late."""
    wait = d.pick(2000, 3000, 6000)
    client, server = d.exchange(3, work=1, think=5)
    d.talk([["recv", 60]] + client, [["sleep", wait], ["send", 60]] + server)
    d.flows += [dict(d.flows[0], at_ms=d.count(10, 300)) for _ in range(d.count(1, 4))]
    return fault("server", ids="greet|first|late|slow_server|silent", says="first byte|greet|speaks first|before its first")


@mixes
def idle_race(d):
    """The server's idle limit ends connections just when the client asks again."""
    idle = d.pick(1000, 2000, 4000)
    d.rtt = d.pick(20, 40, 60, 90)
    ask = d.scale(100, 800)
    client, server = d.exchange(1, ask=ask, work=0, think=0)
    # The next question leaves while the FIN is on its way: later than the FIN, sooner than its arrival.
    d.talk(client + [["sleep", idle + int(d.rtt * 0.2)], ["send", ask], ["recv", 100]],
           server[:-1] + [["sleep", idle + int(d.rtt * 0.45)], ["close"]])
    d.flows += [dict(d.flows[0], at_ms=d.count(20, 400)) for _ in range(d.count(2, 5))]
    return fault("server", "none", ids="idle|keep|race|cross|reset|after_close", says="idle|keep|cross",
                 forbid=ABOVE + "(client|network):", ledger="race")


def waits_for_acknowledgement(d):
    """The server writes its answer in two small pieces, with Nagle's rule: the second waits for an acknowledgement."""
    ask, first, second = 200, d.count(80, 250), d.count(100, 900)
    times = d.count(15, 30)
    d.rtt = d.pick(0.6, 2, 5)
    client = [["repeat", times, [["send", ask], ["recv", first + second]]]]
    server = [["nagle"], ["repeat", times, [["recv", ask], ["send", first], ["send", second]]], ["eof"]]
    d.talk(client, server)
    return fault("server", "none", ids="delayed|nagle|wait|slow_server", says="delayed|nagle", ledger="nagle")


def client_waits_for_acknowledgement(d):
    """The client writes its questions in two small pieces, with Nagle's rule."""
    first, second, answer = d.count(80, 250), d.count(100, 900), d.scale(100, 900)
    times = d.count(15, 30)
    d.rtt = d.pick(0.6, 2, 5)
    client = [["nagle"], ["repeat", times, [["send", first], ["send", second], ["recv", answer]]]]
    server = [["repeat", times, [["recv", first + second], ["send", answer]]], ["eof"]]
    d.talk(client, server)
    return fault("client", "none", ids="delayed|nagle|wait", says="delayed|nagle", ledger="nagle")


def closes_unanswered(d):
    """The server takes the question and closes without a word."""
    d.talk([["send", 200], ["recv", 600]], [["recv", 200], ["sleep", d.pick(1, 200)], ["close"]], count=d.count(3, 8), gap_ms=60)
    return fault("server", "none", ids="answer|clos|reset")


def stops_listening(d):
    """The server's process ends after some connections; later ones are refused."""
    client, server = d.exchange(1, think=0)
    d.talk(client, server, count=d.count(6, 10), gap_ms=60, listener={"stop_after": d.count(2, 4)})
    return fault("server", ids="^refused")


def short_timer(d):
    """The server repeats itself sooner than an acknowledgement may be delayed."""
    d.sysctl["server"]["ipv4/tcp_rto_min_us"] = 5000
    d.rtt = d.pick(0.6, 2, 5, 10)
    ask, answer = 100, d.count(100, 900)
    times = d.count(8, 20)
    d.talk([["repeat", times, [["send", ask], ["recv", answer], ["sleep", 30]]]],
           [["repeat", times, [["recv", ask], ["send", answer]]], ["eof"]])
    d.clean = False
    return fault("server", "none", ids="timer|needless|early|repeat", forbid=ABOVE + "(client|network):")


def server_gone_while_idle(d):
    """The server's host vanishes; the client's keep-alive probes stay without answer and it resets."""
    client, server = d.exchange(2, think=0)
    d.talk(client + [["keepalive", 1, 3], ["recv", 10]], server[:-1] + [["hold"]])
    begin = 60 * len(d.flows) + int(6 * d.rtt) + 300
    for way in ("up", "down"):
        d.harm(HOST_OF_SERVER, way, rules=[{"match": "tcp", "after_ms": begin, "do": "drop"}])
    d.clean = False
    pair = [] if d.at == "server" else [("server", "network")]
    return fault("server", ids="keep|probe|silen|gone|vanish", says="keep-alive|probe", undecided=pair,
                 forbid=ABOVE + "client:")


def client_gone_while_idle(d):
    """The client's host vanishes; the server's keep-alive probes stay without answer and it resets."""
    client, server = d.exchange(2, think=0)
    d.talk(client + [["hold"]], server[:-1] + [["keepalive", 1, 3], ["recv", 10]])
    begin = int(6 * d.rtt) + 300
    for way in ("up", "down"):
        d.harm(HOST_OF_CLIENT, way, rules=[{"match": "tcp", "after_ms": begin, "do": "drop"}])
    d.settle_ms = 6000 + begin
    d.clean = False
    pair = [] if d.at == "client" else [("client", "network")]
    return fault("client", ids="keep|probe|silen|gone|vanish", says="keep-alive|probe", undecided=pair,
                 forbid=ABOVE + "server:")


def stale_connection(d):
    """The client's host has forgotten a connection that the server still has, and opens another from the same port."""
    client, server = d.exchange(2, think=0)
    d.talk([client + [["vanish"]], client], server, count=2, gap_ms=d.pick(50, 500), source_port=40000)
    d.clean = False
    return fault("client", "server", "network", "none", ids="stale|challenge|syn_retries|reset", says="stale|old connection|earlier|previous|challenge",
                 forbid=":(loss_|duplicated_|capture_gaps|data_vanishes)")


# ------------------------------------------------------------------ clients


@mixes
def client_stalls(d):
    """The client stops reading a download."""
    d.talk([["send", 200], ["recv", 20000], ["sleep", d.pick(1500, 2500)], ["recv", 380000]],
           [["recv", 200], ["send", 400000], ["eof"]], rcvbuf=d.pick(8192, 16384))
    d.clean = False                                     # window probes and cut segments repeat data
    return fault("client", ids="^(client_not_reading|zero|window|limited_by_client)")


@mixes
def client_reads_slowly(d):
    """The client reads slower than the server sends."""
    d.rtt = min(d.rtt, 20)
    d.talk([["send", 200], ["recv", 120000, 4096, d.pick(40, 80)]], [["recv", 200], ["send", 120000], ["eof"]], rcvbuf=8192)
    d.clean = False                                     # window probes and cut segments repeat data
    return fault("client", "none", ids="^(client_not_reading|zero|window|limited|reads)", says="client.*(window|read)")


@mixes
def client_aborts(d):
    """The client resets in the middle of a download."""
    size = d.count(60000, 120000)
    d.talk([["send", 200], ["recv", size // 3], ["reset"]], [["recv", 200], ["send", size, 4000, 12], ["eof"]],
           count=d.count(2, 5), gap_ms=50)
    # Between two pieces nothing is on its way, and nobody can know that there should have been more.
    return fault("client", "none", ids="^(reset|aborts|client_)", says="client.*reset")


@mixes
def client_leaves(d):
    """The client closes while the server is still sending."""
    size = d.count(60000, 120000)
    d.talk([["send", 200], ["recv", size // 3], ["close"]], [["recv", 200], ["send", size, 4000, 12], ["eof"]],
           count=d.count(2, 5), gap_ms=50)
    return fault("client", "none", ids="^(reset|aborts|client_|leaves)", says="client.*(reset|closed|left)")


def client_gone(d):
    """The client's host vanishes during a download."""
    size = d.count(100000, 200000)
    d.talk(*d.download(size, chunk=4000, pause=40))
    begin = d.count(300, 700)
    for way in ("up", "down"):
        d.harm(HOST_OF_CLIENT, way, rules=[{"match": "tcp", "after_ms": begin, "do": "drop"}])
    d.limit_ms, d.settle_ms = 6000, 0
    d.clean = False
    return fault("client", "network", ids="silen|gone|vanish|loss_to_client|fell",
                 undecided=[("client", "network")], forbid=ABOVE + "server:")


@mixes
def client_never_closes(d):
    """The client never closes after the server's FIN."""
    size = d.scale(200, 5000)
    d.talk([["send", 200], ["recv", size], ["hold"]], [["recv", 200], ["send", size], ["close"]])
    d.flows += [dict(d.flows[0], at_ms=d.count(20, 900)) for _ in range(d.count(2, 5))]
    later_on(d)
    return fault("client", "none", ids="clos|fin", says="clos")


@mixes
def client_drips(d):
    """The client sends its question in drops."""
    d.talk([["send", d.count(12, 25) * 200, 200, d.pick(100, 200)], ["recv", 60]], [], count=1)
    d.listeners[-1]["steps"] = [["recv", d.flows[-1]["steps"][0][1]], ["send", 60], ["eof"]]
    return fault("client", "none", ids="drip|limit|slow|pace|application|tiny|transfer|halt|pause", forbid=ABOVE + "(server|network):")


@mixes
def client_says_nothing(d):
    """Clients connect and say nothing; the server ends them."""
    d.talk([["eof"]], [["sleep", d.pick(2000, 4000)], ["close"]])
    d.flows += [dict(d.flows[0], at_ms=d.count(20, 400)) for _ in range(d.count(1, 5))]
    return fault("client", "none", ids="", forbid=ABOVE + "(server|network):")


def ignores_answers(d):
    """The client's host drops the SYN-ACKs that come for it."""
    d.talk(*d.exchange(1), count=1, connect_ms=d.pick(2500, 4500))
    d.flows += [dict(d.flows[0], at_ms=d.count(20, 400)) for _ in range(d.count(1, 4))]
    d.harm(HOST_OF_CLIENT, "down", rules=[{"match": "synack", "port": PORT, "do": "drop"}])
    d.clean = False
    # Where a handshake is never complete, a capture does not show how far away the client is.
    truth = fault("client", ids="^(half_open|syn_retries|not_accepted|ignored)", undecided=[("client", "network")],
                  forbid=ABOVE + "server:")
    return dict(truth, syns_alone=True)


def syn_flood(d):
    """SYNs from addresses that nobody has."""
    d.family = 4
    d.talk(*d.exchange(2))
    d.sysctl["server"]["ipv4/tcp_synack_retries"] = d.pick(1, 2)
    d.flows.append({"raw": {"does": "syns", "net": "198.51.100", "ports": [PORT], "gap_ms": d.pick(2, 5, 10),
                            "count": d.count(120, 300)}})
    # The kernel of the client forwards nothing: what comes for these addresses ends there.
    return fault("client", ids="^syn_flood|flood")


def scan(d):
    """A client tries many ports, the one asked for among them, and goes no further."""
    d.family = 4
    ports = list(range(70, 70 + d.count(25, 60)))
    d.talk(*d.exchange(2))
    d.flows.append({"at_ms": 200, "raw": {"does": "syns", "from": "192.0.2.10", "ports": ports, "gap_ms": d.pick(2, 10),
                                          "count": len(ports)}})
    return fault("client", "none", ids="scan|reset_half_open|half_open", forbid=ABOVE + "(network|server):")


def gives_up_early(d):
    """The client's patience with its connects is shorter than the way."""
    d.rtt = d.pick(120, 200)
    d.talk([["send", 200], ["recv", 100]], [["recv", 200], ["send", 100], ["eof"]], connect_ms=int(d.rtt * 0.6),
           count=d.count(3, 6), gap_ms=200)
    return fault("client", "none", "network", ids="", forbid=ABOVE + "server:|error:network:")


def queue_overflows(d):
    """A burst of clients for whom the server's queue is too short; it takes them slowly."""
    client, server = d.exchange(1, think=0)
    d.talk(client, server, listener={"backlog": 1, "accept_ms": d.pick(150, 300)}, connect_ms=8000, timeout_ms=8000)
    d.flows += [dict(d.flows[0], at_ms=d.count(0, 40)) for _ in range(d.count(5, 9))]
    d.clean = False
    pair = [] if d.at == "server" else [("server", "network")]
    return fault("server", *([] if pair else ["none"]), ids="^(not_accepted|unanswered|syn_retries|slow|accept|backlog|data_swallowed|no_answer)",
                 undecided=pair)


def asks_after_close(d):
    """The server closes idle connections at its limit; the client has the FIN and asks nevertheless, later."""
    idle = d.pick(800, 1500, 3000)
    client, server = d.exchange(d.count(1, 2), think=0)
    again = d.pick(300, 900) + int(2 * d.rtt)
    d.talk(client + [["sleep", idle + again], ["send", 200], ["recv", 100]], server[:-1] + [["sleep", idle], ["close"]])
    d.flows += [dict(d.flows[0], at_ms=d.count(20, 400)) for _ in range(d.count(1, 4))]
    # Its FIN follows at once: what was lost may have been a farewell.
    return fault("client", "server", "none", ids="close|idle|reset|keep", says="close|its own FIN", forbid=ABOVE + "network:")


def slow_at_first(d):
    """The server is slow with the first answer of each connection only: it opens one of its own behind it."""
    work = d.pick(400, 900)
    client, server = d.exchange(d.count(3, 5), ask=200, answer=d.scale(200, 3000), work=1, think=10)
    d.rtt = min(d.rtt, 60)
    d.talk([["send", 200], ["recv", 300]] + client, [["recv", 200], ["sleep", work], ["send", 300]] + server, count=1)
    d.flows += [dict(d.flows[0], at_ms=d.count(20, 400)) for _ in range(d.count(1, 3))]
    return fault("server", "none", ids="^slow", says="slow|takes|took|own time")


KINDS = [(2, "server:" + one.__name__.replace("server_", "", 1).replace("_", "-"), one) for one in (
    slow, slow_remarkable, slow_at_times, silent, silent_at_once, drips, refuses, crashes, aborts, resets_at_once,
    resets_requests, resets_idle, forgets, host_gone, not_reading, reads_slowly, never_closes, never_accepts,
    late_greeting, idle_race, waits_for_acknowledgement, closes_unanswered, stops_listening, short_timer, server_gone_while_idle, stale_connection,
    queue_overflows, slow_at_first)] + [
    (2, "client:" + one.__name__.replace("client_", "", 1).replace("_", "-"), one) for one in (
        client_gone_while_idle, ignores_answers,
        client_waits_for_acknowledgement, client_stalls, client_reads_slowly, client_aborts, client_leaves, client_gone,
        client_never_closes, client_drips, client_says_nothing, syn_flood, scan, gives_up_early, asks_after_close)]
