"""Kinds without a fault: nobody may be accused."""

from ..dice import FAR, NEAR, PORT, faultless


def download(d):
    """Downloads on a clean path."""
    d.offload = d.chance(0.3)
    d.talk(*d.bulk("down", 20000), count=d.count(1, 3))
    return faultless()


def upload(d):
    """Uploads on a clean path."""
    d.offload = d.chance(0.3)
    d.talk(*d.bulk("up", 20000), count=d.count(1, 3))
    return faultless()


def exchanges(d):
    """Questions and quick answers."""
    d.talk(*d.exchange(d.count(3, 20)), count=d.count(1, 4), gap_ms=d.pick(0, 50, 200))
    return faultless()


def many_short(d):
    """Many short connections, some at a time."""
    client, server = d.exchange(1, think=0)
    d.talk(client, server, count=d.count(8, 25), gap_ms=d.pick(5, 20, 40))
    for _ in range(d.count(0, 3)):
        d.flows.append(dict(d.flows[0], at_ms=d.count(0, 60)))
    return faultless()


def interactive(d):
    """An interactive session: keys and their echoes."""
    d.talk(*d.exchange(d.count(15, 50), d.count(1, 4), d.count(1, 60), 0, d.pick(20, 60, 120)))
    return faultless()


def push(d):
    """The server pushes at its own pace after a subscription."""
    times, size, pause = d.count(4, 10), d.scale(60, 1400), d.pick(250, 400, 700)
    # A subscriber goes when it likes, and not just when a message has come.
    d.talk([["send", 120], ["recv", 40], ["repeat", times, [["recv", size]]], ["sleep", int(0.7 * pause)]],
           [["recv", 120], ["send", 40], ["repeat", times, [["sleep", pause], ["send", size]]], ["eof"]],
           count=d.count(1, 2))
    return faultless()


def push_acknowledged(d):
    """A consumer acknowledges each message; the server pushes the next when there is one."""
    times, size, pause = d.count(5, 12), d.scale(60, 1400), d.pick(150, 300, 600)
    d.talk([["send", 90], ["recv", 30], ["repeat", times, [["recv", size], ["send", 21]]]],
           [["recv", 90], ["send", 30], ["repeat", times, [["sleep", pause], ["send", size], ["recv", 21]]], ["eof"]])
    return faultless()


def ticker(d):
    """The server speaks first and goes on at an even pace, unasked."""
    times, size, pause = d.count(5, 12), d.scale(40, 900), d.pick(200, 350, 500)
    d.talk([["repeat", times, [["recv", size]]], ["sleep", int(0.7 * pause)]],
           [["repeat", times, [["send", size], ["sleep", pause]]], ["eof"]], count=d.count(1, 2))
    return faultless()


def one_way(d):
    """A stream of log lines: the server only reads."""
    d.talk([["repeat", d.count(8, 20), [["send", d.scale(60, 1200)], ["sleep", d.pick(60, 150, 400)]]]],
           [["eof"]], count=d.count(1, 2))
    return faultless()


def port_check(d):
    """A monitor connects and closes again, at a steady pace."""
    d.talk([["close"]], [["eof"]], count=d.count(5, 12), gap_ms=d.pick(300, 500))
    return faultless()


def port_check_by_reset(d):
    """A monitor connects and ends by reset, at a steady pace."""
    d.talk([["reset"]], [["eof"]], count=d.count(5, 12), gap_ms=d.pick(300, 500))
    return faultless()


def half_open_check(d):
    """A balancer's check: SYN, SYN-ACK, reset, at a steady pace."""
    d.family = 4
    d.talk(*d.exchange(2))
    d.flows.append({"raw": {"does": "syns", "from": "192.0.2.10", "ports": [PORT], "gap_ms": d.pick(300, 500),
                            "count": d.count(5, 12)}})
    return faultless()


def reset_after_answer(d):
    """The client ends by reset after the whole answer."""
    answer = d.scale(200, 20000)
    d.talk([["send", 200], ["recv", answer], ["sleep", d.pick(5, 30)], ["reset"]],
           [["recv", 200], ["send", answer], ["eof"]], count=d.count(3, 10), gap_ms=50)
    return faultless()


def reset_after_server_fin(d):
    """The server closes after its answer, the client ends by reset."""
    answer = d.scale(200, 20000)
    d.talk([["send", 200], ["recv", answer], ["eof"], ["reset"]],
           [["recv", 200], ["send", answer], ["close"]], count=d.count(3, 10), gap_ms=50)
    return faultless()


def reset_when_idle(d):
    """The client ends idle connections by reset."""
    client, server = d.exchange(d.count(1, 3))
    d.talk(client + [["sleep", d.pick(1500, 2500, 4000)], ["reset"]], server, count=1)
    d.flows += [dict(d.flows[0], at_ms=d.count(20, 600)) for _ in range(d.count(1, 4))]
    return faultless()


def keep_alive(d):
    """Idle connections with keep-alive probes."""
    client, server = d.exchange(2, think=3500)
    d.talk([["keepalive", 1]] + client, server)
    return faultless()


def half_close(d):
    """The client closes its direction first and reads on."""
    size = d.scale(5000, 150000)
    d.talk([["send", 200], ["shutdown"], ["recv", size], ["eof"]],
           [["recv", 200], ["send", size, 8192, d.pick(0, 5, 10)], ["close"]], count=d.count(1, 3))
    return faultless()


def server_closes(d):
    """The server closes after each answer."""
    size = d.scale(200, 60000)
    d.talk([["send", 200], ["recv", size], ["eof"]], [["recv", 200], ["send", size], ["close"]],
           count=d.count(3, 12), gap_ms=d.pick(0, 40))
    return faultless()


def server_ends_idle(d):
    """The server closes idle connections after its limit; nothing is asked at that time."""
    client, server = d.exchange(2)
    d.talk(client + [["eof"]], server[:-1] + [["sleep", d.pick(1500, 3000)], ["close"]], count=1)
    d.flows += [dict(d.flows[0], at_ms=d.count(20, 300)) for _ in range(d.count(1, 3))]
    return faultless()


def fast_open(d):
    """TCP Fast Open: the question goes with the SYN and is taken."""
    client, server = d.exchange(1, think=0)
    for side in ("client", "server"):
        d.sysctl[side]["ipv4/tcp_fastopen"] = 3
    d.talk(client, server, count=d.count(3, 8), gap_ms=60, fastopen=True, listener={"fastopen": True})
    return faultless()


def fast_open_not_taken(d):
    """The client has a cookie of that host, but the server on this port takes no data with the SYN."""
    client, server = d.exchange(1, ask=d.scale(100, 500), think=0)
    for side in ("client", "server"):
        d.sysctl[side]["ipv4/tcp_fastopen"] = 3
    d.talk(client, server, port=8081, count=1, fastopen=True, listener={"fastopen": True})
    d.talk(client, server, count=d.count(2, 6), gap_ms=60, fastopen=True, at_ms=600)
    d.clean = False
    return faultless()


def deferred_accept(d):
    """The server waits for data before it takes the connection; some clients send theirs late."""
    client, server = d.exchange(2, think=20)
    late = [["sleep", d.pick(1300, 2500)]] + client
    d.talk([client, late, client], server, count=3, listener={"defer_s": 6})
    return faultless()


def port_reused(d):
    """The client uses one source port again and again."""
    size = d.scale(200, 20000)
    d.talk([["send", 200], ["recv", size], ["eof"]], [["recv", 200], ["send", size], ["close"]],
           count=d.count(3, 8), gap_ms=d.pick(30, 1200), source_port=40000)
    return faultless()


def path_mtu_told(d):
    """A router tells a smaller MTU, and the transfer goes on."""
    way, segment = d.pick("up", "down"), d.pick(NEAR, FAR)
    d.harm(segment, way, mtu=d.pick(1300, 1400, 1450), too_big="192.0.2.1" if d.family == 4 else "2001:db8::1")
    d.talk(*d.bulk(way, 20000, 150000))
    d.clean = False
    return faultless(ids="")


def jitter(d):
    """The delay varies, the order is kept."""
    d.rtt = max(d.rtt, 10)
    for way in ("up", "down"):
        d.harm(d.pick(NEAR, FAR), way, jitter_ms=d.pick(3, 8, 15))
    d.talk(*d.pick(d.bulk("down", 20000, 150000), d.bulk("up", 20000, 150000), d.exchange(12)))
    return faultless()


def far_away(d):
    """A long way, and nothing wrong with it."""
    d.rtt = d.pick(120, 180, 250)
    d.talk(*d.pick(d.bulk("down", 5000, 60000), d.exchange(4), d.bulk("up", 5000, 60000)))
    return faultless()


def paced_upload(d):
    """The client sends as its source yields, a camera or a sensor."""
    d.talk([["send", d.count(12, 30) * 1200, 1200, d.pick(30, 80, 150)], ["recv", 60]],
           [["eof"]], count=1)
    d.listeners[-1]["steps"] = [["recv", d.flows[-1]["steps"][0][1]], ["send", 60], ["eof"]]
    return faultless()


def small_mss(d):
    """The server's MSS is small."""
    d.talk(*d.bulk(d.pick("up", "down"), 8000, 60000), listener={"mss": d.pick(536, 900, 1200)})
    return faultless()


def server_asks(d):
    """The server asks, the client answers at once; the pauses are the server's own pace."""
    times, pause = d.count(5, 12), d.pick(150, 300, 500)
    d.talk([["repeat", times, [["recv", 60], ["send", 200]]], ["eof"]],
           [["repeat", times, [["send", 60], ["recv", 200], ["sleep", pause]]], ["close"]])
    return faultless()


def race(d):
    """The client opens two connections at once and uses one."""
    client, server = d.exchange(d.count(2, 4))
    d.talk(client, server)
    d.flows.append({"port": PORT, "at_ms": d.pick(2, 30, 200), "steps": [["sleep", d.pick(5, 40)], [d.pick("close", "reset")]]})
    return faultless()


def long_think(d):
    """The client thinks for seconds between its questions."""
    d.talk(*d.exchange(3, think=d.pick(1500, 2500)))
    return faultless()


def many_clients(d):
    """Several addresses, a few connections each."""
    d.family = 4
    d.addresses["client"] = ["192.0.2.%d" % (11 + i) for i in range(d.count(3, 8))]
    client, server = d.exchange(d.count(1, 3), think=10)
    d.talk(client, server)
    for address in d.addresses["client"]:
        d.flows.append(dict(d.flows[0], at_ms=d.count(0, 400), count=d.count(1, 3), gap_ms=30, **{"from": address}))
    return faultless()


def held_open(d):
    """A pool of connections that stay open to the end."""
    client, server = d.exchange(d.count(1, 4), think=20)
    d.talk(client + [["hold"]], server)
    d.flows += [dict(d.flows[0], at_ms=d.count(20, 600)) for _ in range(d.count(1, 4))]
    d.settle_ms = d.pick(300, 1500, 3000)
    return faultless()


def pings(d):
    """The server pings at an even pace, the client answers."""
    times, pause = d.count(4, 9), d.pick(300, 600)
    d.talk([["send", 300], ["recv", 130], ["repeat", times, [["recv", 2], ["send", 6]]]],
           [["recv", 300], ["send", 130], ["repeat", times, [["sleep", pause], ["send", 2], ["recv", 6]]], ["eof"]])
    return faultless()


def secured(d):
    """The shape of TLS: a hello, a long answer, a short one, then questions."""
    client, server = d.exchange(d.count(1, 5))
    d.talk([["send", 517], ["recv", 3100], ["send", 64], ["send", 210], ["recv", 500]] + client,
           [["recv", 517], ["send", 3100], ["recv", 274], ["send", 500]] + server, count=d.count(1, 4))
    return faultless()


def options_stripped(d):
    """A device takes options off the SYNs; everything works."""
    d.box(d.pick(NEAR, FAR), does="strip", kinds=d.pick([3], [4], [8], [3, 4, 8]))
    d.talk(*d.exchange(4))
    return faultless()


def small_window(d):
    """The client's buffer is small for the way, but it reads what comes."""
    d.rtt = max(d.rtt, 20)
    d.talk(*d.bulk("down", 30000, 120000), rcvbuf=d.pick(16384, 32768))
    return faultless()


def varied_work(d):
    """Answers that take a human's notice never: 5 to 30 ms of work."""
    client, server = d.exchange(d.count(5, 12), work=d.pick(5, 15, 30), think=20)
    d.talk(client, server, count=d.count(1, 3))
    return faultless()


def tiny_writes(d):
    """A client that writes in small pieces, a few at a time."""
    d.talk([["repeat", d.count(10, 30), [["send", 120, 12, 1], ["recv", 20], ["sleep", 20]]]], [], count=1)
    d.listeners[-1]["steps"] = [["repeat", d.flows[-1]["steps"][0][1], [["recv", 120], ["send", 20]]], ["eof"]]
    return faultless()


def both_ways(d):
    """Both sides send much at once: a replication."""
    size = d.scale(20000, 150000)
    d.talk([["send", size], ["recv", size]], [["send", size], ["recv", size], ["eof"]])
    return faultless()


def pipelined(d):
    """Questions that do not wait for the answers before them."""
    times, ask, answer = d.count(4, 10), d.scale(80, 400), d.scale(100, 3000)
    d.talk([["repeat", times, [["send", ask]]], ["recv", times * answer]],
           [["repeat", times, [["recv", ask], ["send", answer]]], ["eof"]], count=d.count(1, 4))
    return faultless()


def server_resets_at_the_end(d):
    """The client closes, and the server ends by reset instead of a FIN."""
    client, server = d.exchange(d.count(1, 3), think=0)
    d.talk(client, server + [["reset"]], count=d.count(3, 8), gap_ms=40)
    return faultless()


def ends_with_question(d):
    """The last question is a farewell that wants no answer, then the client closes."""
    client, server = d.exchange(d.count(2, 4), think=0)
    d.talk(client + [["send", 40]], server[:-1] + [["recv", 40], ["eof"]], count=d.count(2, 6), gap_ms=40)
    return faultless()


def slow_start_after_idle(d):
    """A transfer in parts, seconds apart at the client's wish."""
    client, server = d.exchange(3, answer=d.scale(20000, 90000), think=d.pick(600, 1200))
    d.talk(client, server)
    return faultless()


def batches(d):
    """A radio or a card hands packets over in batches; the order is kept."""
    d.rtt = max(d.rtt, 5)
    d.harm(d.pick(NEAR, FAR), d.pick("up", "down"), batch_ms=d.pick(2, 5, 12))
    d.talk(*d.pick(d.bulk("down", 20000, 150000), d.bulk("up", 20000, 150000), d.exchange(12)))
    return faultless()


def thinned(d):
    """A device lets only the latest of several acknowledgements go on."""
    way = d.pick("up", "down")
    d.rtt = max(d.rtt, 10)
    d.talk(*d.bulk("down" if way == "up" else "up", 30000, 300000))
    segment = d.pick(NEAR, FAR)
    d.box(segment, does="thin", way=way, hold_ms=d.pick(1, 3, 8),
          delay_ms=d.rtt / 2 * (d.split if segment == NEAR else 1 - d.split))
    d.clean = False
    return faultless()


def health_checks(d):
    """A balancer asks for a small page at a steady pace, beside the real traffic."""
    client, server = d.exchange(1, ask=d.count(60, 120), answer=d.count(80, 300), work=0, think=0)
    end = d.pick([], [["reset"]], [["shutdown"], ["eof"]])
    d.talk(client + end, server, count=d.count(5, 12), gap_ms=d.pick(250, 500))
    d.mix()
    return faultless()


def syn_cookies(d):
    """The server answers all SYNs with cookies."""
    d.sysctl["server"]["ipv4/tcp_syncookies"] = 2
    d.talk(*d.exchange(d.count(1, 5)), count=d.count(2, 6), gap_ms=40)
    return faultless()


def mss_clamped(d):
    """A device lowers the MSS of both SYNs, as before a tunnel."""
    d.box(d.pick(NEAR, FAR), does="strip", mss=d.pick(1220, 1360, 1400, 1452))
    d.talk(*d.bulk(d.pick("up", "down"), 20000, 200000))
    return faultless()


def chat(d):
    """Both sides speak when they like, and nobody waits."""
    times, mine, theirs = d.count(6, 15), d.scale(30, 300), d.scale(30, 600)
    d.talk([["repeat", times, [["send", mine], ["sleep", d.pick(70, 130, 270)]]], ["recv", times * theirs]],
           [["repeat", times, [["sleep", d.pick(90, 170, 310)], ["send", theirs]]], ["recv", times * mine], ["eof"]])
    return faultless()


def told_to_go_on(d):
    """The client announces an upload, the server lets it go on (100 Continue) and answers at its end."""
    size = d.scale(5000, 120000)
    d.talk([["send", 250], ["recv", 25], ["send", size], ["recv", 200]],
           [["recv", 250], ["send", 25], ["recv", size], ["send", 200], ["eof"]], count=d.count(1, 3))
    return faultless()


def server_keeps_alive(d):
    """The server probes idle connections, and the clients answer."""
    client, server = d.exchange(2, think=3500)
    d.talk(client, [["keepalive", 1]] + server, count=1)
    d.flows += [dict(d.flows[0], at_ms=d.count(20, 600)) for _ in range(d.count(0, 2))]
    return faultless()


def path_mtu_told_unseen(d):
    """A router tells a smaller MTU, and the capture holds TCP only."""
    truth = path_mtu_told(d)
    d.capture["keep"] = "tcp"
    return truth


def route_changes(d):
    """The way changes: some hops more, and a little longer."""
    d.rtt = max(d.rtt, 20)
    for way in ("up", "down"):
        d.harm(NEAR, way, shift={"after_ms": d.count(100, 400), "by_ms": d.rtt * d.pick(0.05, 0.2)})
    d.talk(*d.exchange(d.count(8, 15), think=40))
    return faultless()


def streaming(d):
    """The client reads a stream as it plays it: paced by its own buffer, on purpose."""
    size = d.count(12, 25) * 4096
    d.talk([["send", 200], ["recv", size]], [["recv", 200], ["send", size, 4096, d.pick(30, 60)], ["eof"]])
    return faultless(side=["none", "server"], forbid="(error|warning):(client|network):|error:")


def closes_by_turns(d):
    """Both sides close at the same time."""
    client, server = d.exchange(d.count(1, 3), think=0)
    pause = 60 + int(d.rtt)
    d.talk(client + [["sleep", pause], ["close"]], server[:-1] + [["sleep", pause + int(d.rtt / 2)], ["close"]],
           count=d.count(2, 6), gap_ms=30)
    return faultless()


def greets(d):
    """The server greets at once, questions and answers follow, and the server takes its leave and closes first."""
    times, hello = d.count(1, 6), d.scale(10, 400)
    ask, answer = d.scale(6, 200), d.scale(10, 2000)
    d.talk([["recv", hello], ["repeat", times, [["send", ask], ["recv", answer]]], ["send", 6], ["recv", 15], ["eof"]],
           [["send", hello], ["repeat", times, [["recv", ask], ["sleep", d.pick(0, 2, 10)], ["send", answer]]], ["recv", 6],
            ["send", 15], ["close"]], count=d.count(1, 6), gap_ms=40)
    return faultless()


def both_greet(d):
    """Both sides send a line as soon as the connection is open, then keys are exchanged."""
    d.talk([["send", 40], ["recv", 42], ["send", 1400], ["recv", 1100], ["send", 48], ["recv", 500], ["send", 64], ["recv", 64]],
           [["send", 42], ["recv", 40], ["send", 1100], ["recv", 1448], ["sleep", 5], ["send", 500], ["recv", 64], ["send", 64], ["eof"]],
           count=d.count(1, 5), gap_ms=30)
    return faultless()


def translated(d):
    """A translator on the way: the clients have other addresses and ports behind it."""
    d.family = 4
    d.addresses["client"] = ["192.0.2.%d" % (11 + i) for i in range(d.count(0, 3))]
    client, server = d.exchange(d.count(1, 4))
    d.talk(client, server, count=d.count(1, 4), gap_ms=20)
    for address in d.addresses["client"]:
        d.flows.append(dict(d.flows[0], at_ms=d.count(0, 300), **{"from": address}))
    d.box(NEAR, does="translate", net="203.0.113.0", ports=d.count(0, 20000))
    return faultless()


def renumbered(d):
    """A device chooses better numbers for both sides, and says so in SACK blocks too."""
    d.talk(*d.pick(d.bulk("down", 20000, 200000), d.bulk("up", 20000, 200000), d.exchange(8)))
    d.box(d.pick(NEAR, FAR), does="renumber", up=d.count(1, 1 << 31), down=d.count(1, 1 << 31))
    return faultless()


def tiny_buffers(d):
    """Hosts with little memory: a window of a few segments, read at once."""
    way = d.pick("down", "up")
    small = d.pick(2920, 4096, 6000, 8192)
    d.talk(*d.bulk(way, 8000, 60000), **({"rcvbuf": small} if way == "down" else {"listener": {"rcvbuf": small}}))
    d.clean = False                                     # window probes repeat data
    receiver = "client" if way == "down" else "server"
    return faultless(side=["none", receiver], forbid="(error|warning):(%s|network):|error:" % ("server" if way == "down" else "client"))


def pages(d):
    """Pages and their parts by HTTP, in plain text, one question behind the other."""
    times, size = d.count(1, 8), d.scale(100, 30000)
    ask = "GET /part HTTP/1.1\r\nHost: www.example.net\r\nUser-Agent: lab\r\nAccept: */*\r\n\r\n"
    head = "HTTP/1.1 200 OK\r\nServer: lab\r\nContent-Type: text/plain\r\nContent-Length: %d\r\n\r\n" % size
    d.talk([["repeat", times, [["say", ask], ["recv", len(head) + size], ["sleep", d.pick(0, 10, 60)]]]],
           [["repeat", times, [["recv", len(ask)], ["sleep", d.pick(0, 2, 15)], ["say", head], ["send", size]]], d.pick(["eof"], ["close"])],
           count=d.count(1, 5), gap_ms=30)
    return faultless()


def not_modified(d):
    """A poll by HTTP: a client asks again and again, and there is nothing new."""
    ask = "GET /new HTTP/1.1\r\nHost: www.example.net\r\nIf-None-Match: \"1\"\r\n\r\n"
    head = "HTTP/1.1 304 Not Modified\r\nETag: \"1\"\r\n\r\n"
    d.talk([["repeat", d.count(5, 15), [["say", ask], ["recv", len(head)], ["sleep", d.pick(100, 300)]]]], [], count=d.count(1, 3))
    d.listeners[-1]["steps"] = [["repeat", d.flows[-1]["steps"][0][1], [["recv", len(ask)], ["say", head]]], ["eof"]]
    return faultless()


KINDS = [(3 if one in (download, upload, exchanges, many_short) else 2, "clean:" + one.__name__.replace("_", "-"), one)
         for one in (download, upload, exchanges, many_short, interactive, push, push_acknowledged, ticker, one_way,
                     port_check, port_check_by_reset, half_open_check, reset_after_answer, reset_after_server_fin,
                     reset_when_idle, keep_alive, half_close, server_closes, server_ends_idle, fast_open,
                     fast_open_not_taken, deferred_accept, port_reused, path_mtu_told, jitter, far_away, paced_upload,
                     small_mss, server_asks, race, long_think, many_clients, held_open, pings, secured,
                     options_stripped, small_window, varied_work, tiny_writes, both_ways, pipelined, server_resets_at_the_end,
                     ends_with_question, slow_start_after_idle, batches, thinned, health_checks, syn_cookies, mss_clamped,
                     chat, told_to_go_on, server_keeps_alive, path_mtu_told_unseen, route_changes, streaming, closes_by_turns, greets, both_greet,
                     translated, renumbered, tiny_buffers, pages, not_modified)]
