"""Kinds in which the capture itself is the only thing that is wrong."""

from ..dice import faultless


def traffic(d):
    """Something to see, long enough that a part of it can be missing."""
    which = d.count(0, 3)
    if which == 0:
        d.talk(*d.bulk("down", 60000, 300000), count=d.count(1, 3))
    elif which == 1:
        d.talk(*d.bulk("up", 60000, 300000), count=d.count(1, 3))
    elif which == 2:
        d.talk(*d.exchange(d.count(8, 20), think=d.pick(20, 60)), count=d.count(1, 3))
    else:
        d.talk(*d.exchange(1, think=0), count=d.count(10, 25), gap_ms=20)


def of_the_capture(**more):
    """Only the capture may be named."""
    return faultless(**dict({"side": ["none", "capture"], "forbid": "(error|warning):(client|server|network):"}, **more))


def drops(d):
    """The capture drops packets, singly."""
    traffic(d)
    d.capture["misses"] = d.pick(0.005, 0.01, 0.03, 0.08)
    return of_the_capture()


def cut_beginning(d):
    """The capture begins when the connections are under way."""
    traffic(d)
    d.capture["start_ms"] = d.count(int(1.5 * d.rtt) + 1, int(3.5 * d.rtt) + 30)
    return of_the_capture()


def cut_end(d):
    """The capture ends early."""
    traffic(d)
    d.capture["stop_ms"] = d.count(int(0.4 * d.rtt) + 1, int(3.5 * d.rtt) + 40)
    return of_the_capture()


def cut_both(d):
    """A piece from the middle, as of a ring of files."""
    traffic(d)
    d.capture["start_ms"] = d.count(int(1.5 * d.rtt) + 1, int(2.5 * d.rtt) + 20)
    d.capture["stop_ms"] = d.capture["start_ms"] + d.count(int(2 * d.rtt) + 10, int(4 * d.rtt) + 100)
    return of_the_capture()


def copies(d):
    """A mirror port that gives each packet twice or three times."""
    traffic(d)
    d.capture.update(copies=d.pick(2, 2, 3), copy_gap_us=d.pick(2, 10, 60))
    return of_the_capture()


def two_points(d):
    """Two points of the path in one file."""
    traffic(d)
    d.rtt = max(d.rtt, 2)
    d.capture["also_at"] = d.pick(*[place for place in ("client", "middle", "server") if place != d.at])
    if d.chance(0.7):
        d.hops = (1, 2)
    return of_the_capture()


def one_direction(d):
    """Only one direction was captured."""
    traffic(d)
    d.capture["direction"] = d.pick("up", "down")
    return of_the_capture()


def order(d):
    """Two receive queues: the order of what crosses is wrong by microseconds."""
    traffic(d)
    d.at = d.pick("client", "server")
    d.capture.update(swap_us=d.pick(60, 150, 400), swap_way="down" if d.at == "client" else "up")
    return of_the_capture()


def short_snaplen(d):
    """The snapshot length leaves the headers only."""
    traffic(d)
    d.capture["snaplen"] = 96
    return of_the_capture()


def tiny_snaplen(d):
    """The snapshot length cuts into the headers' options, as old programs do by default."""
    traffic(d)
    d.capture["snaplen"] = d.pick(54, 60, 64, 68) if d.family == 4 else d.pick(74, 80, 94)
    return of_the_capture()


def merged(d):
    """The capture shows merged segments, as beside a host that receives with GRO."""
    traffic(d)
    d.at = d.pick("client", "server")
    d.capture.update(merge_us=d.pick(200, 1000), merge_way="down" if d.at == "client" else "up")
    return of_the_capture()


def tagged(d):
    """Each direction has a VLAN of its own."""
    traffic(d)
    d.capture["tags"] = d.pick({"up": 10, "down": 10}, {"up": 10, "down": 20})
    return of_the_capture()


def drops_under_load(d):
    """The capture loses what comes too fast."""
    d.talk(*d.bulk(d.pick("down", "up"), 100000, 400000), count=d.count(1, 2))
    d.capture.update(most=d.pick(4, 8, 15), most_ms=d.pick(2, 5))
    return of_the_capture()


def hole(d):
    """A part of the time is missing in the capture."""
    traffic(d)
    begin = int(d.rtt * d.pick(1.2, 2.5, 4)) + d.count(5, 60)
    d.capture["hole_ms"] = [begin, begin + d.scale(5, 400)]
    return of_the_capture()


def clock_set_back(d):
    """The capture's clock is set back while it runs."""
    traffic(d)
    d.capture["step"] = [int(d.rtt * d.pick(1.2, 2.5)) + d.count(5, 80), -d.scale(1, 3000)]
    return of_the_capture()


def two_taps(d):
    """Two taps, one for each direction, whose clocks differ by milliseconds."""
    traffic(d)
    d.rtt = max(d.rtt, 10)
    d.capture.update(swap_us=d.pick(1000, 2000, 4000), swap_way=d.pick("up", "down"))
    return of_the_capture()


def one_way_copies(d):
    """A mirror port that gives some packets twice, or all of one direction."""
    traffic(d)
    d.capture.update(copies=2, copy_gap_us=d.pick(2, 30, 300), copies_way=d.pick("up", "down", None),
                     copy_share=d.pick(0.3, 0.6, 1))
    return of_the_capture()


def flags_only(d):
    """The capture filter keeps SYN, FIN and RST only."""
    traffic(d)
    d.capture["keep"] = "flags"
    return of_the_capture()


def data_only(d):
    """The capture filter keeps segments with data only."""
    traffic(d)
    d.capture["keep"] = "data"
    return of_the_capture()


def sampled(d):
    """Most packets are not in the capture: one in so many is kept."""
    traffic(d)
    d.capture["misses"] = d.pick(0.3, 0.6, 0.9)
    return of_the_capture()


KINDS = [(2, "capture:" + one.__name__.replace("_", "-"), one)
         for one in (drops, cut_beginning, cut_end, cut_both, copies, two_points, one_direction, order, short_snaplen,
                     tiny_snaplen, merged, tagged, drops_under_load, hole, clock_set_back, two_taps, one_way_copies,
                     flags_only, data_only, sampled)]
